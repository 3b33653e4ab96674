//! The thread that reads keys.

use std::sync::mpsc;
use std::sync::mpsc::Sender;
use std::thread;

use ratatui::crossterm::event;
use ratatui::crossterm::event::Event;
use ratatui::crossterm::event::MouseButton;
use ratatui::crossterm::event::MouseEventKind;

use super::message::Message;

/// Rows that one notch of the wheel moves.
const NOTCH: isize = 3;

/// Reads what the terminal sends, one at a time: each next one is read only when the returned gate is told that the last
/// one is dealt with. So nothing is taken from whoever else reads the terminal meanwhile.
pub(super) fn listen(outbox: Sender<Message>) -> Sender<()> {
    let (gate, opened) = mpsc::channel();
    let read = move || {
        loop {
            let Ok(event) = event::read() else {
                drop(outbox.send(Message::Stop));
                return;
            };
            let Some(message) = message(&event) else { continue };
            if outbox.send(message).is_err() || opened.recv().is_err() {
                return;
            }
        }
    };
    drop(thread::Builder::new().name("keys".to_owned()).spawn(read));
    gate
}

fn message(event: &Event) -> Option<Message> {
    match event {
        Event::Key(key) => Some(Message::Key(*key)),
        Event::Resize(columns, rows) => Some(Message::Resize(*columns, *rows)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollDown => Some(Message::Wheel(NOTCH)),
            MouseEventKind::ScrollUp => Some(Message::Wheel(-NOTCH)),
            MouseEventKind::Down(MouseButton::Left) => Some(Message::Click(mouse.row)),
            _ => None,
        },
        Event::FocusGained | Event::FocusLost | Event::Paste(_) => None,
    }
}
