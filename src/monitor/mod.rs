//! The live dashboard: `Message` → `update` → `view`, with threads around one channel.
//!
//! [`update::update`] and [`view::view`] are pure. What takes time or touches the world is an [`message::Effect`], which
//! the loop here performs, or a [`message::Job`], which the worker does. Nothing is drawn unless something happened, and
//! nobody wakes up to look whether something did.

pub mod burndown;
mod editor;
mod historian;
mod input;
pub mod layout;
pub mod message;
pub mod once;
mod signals;
pub mod snapshot;
pub mod state;
mod terminal;
pub mod update;
pub mod view;
mod watch;
pub mod work;
mod worker;

use std::io;
use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;
use std::time::Instant;

use crate::config::Config;
use crate::engine::Options;
use crate::finding::Scan;
use crate::rule::Rule;

use message::Effect;
use message::Message;
use state::State;
use terminal::Screen;
use terminal::Slips;
use worker::Order;

/// Reads the configuration, the rules and what the options hold of files again, or says why they cannot be read.
pub type Load = Box<dyn Fn() -> Result<(Config, Vec<Rule>, Options), String> + Send>;

/// Writes a scan to a file, and tells which one.
pub type Export = Box<dyn Fn(&Scan) -> Result<PathBuf, String> + Send>;

/// What the dashboard works with.
pub struct Setup {
    /// The configuration.
    pub config: Config,
    /// The rules.
    pub rules: Vec<Rule>,
    /// What is looked at.
    pub options: Options,
    /// Whether fixes are applied too that need a look.
    pub unsafe_fixes: bool,
    /// Tells the time, in seconds since 1970.
    pub now: fn() -> i64,
    /// Whether to colour.
    pub color: bool,
    /// Whether to take the mouse.
    pub mouse: bool,
    /// Whether to look at the files again and again, although the system would tell.
    pub poll: bool,
    /// Reads the configuration again.
    pub load: Load,
    /// Writes a scan to a file.
    pub export: Export,
}

/// Shows the dashboard until the user has seen enough.
///
/// # Errors
///
/// Those of the terminal.
pub fn run(setup: Setup) -> io::Result<()> {
    let start = Instant::now();
    let slips = Slips::default();
    let (outbox, inbox) = mpsc::channel();
    let (color, mouse) = (setup.color, setup.mouse);
    // Signals are caught before the terminal is changed, so that none can end the program in between.
    let signals = signals::listen(outbox.clone())?;
    let mut screen = Screen::enter(mouse, &slips)?;
    let mut state = State { color, ..State::new(terminal::size()?, &setup.config.root) };
    screen.draw(|frame| view::view(&state, frame))?;
    let orders = worker::start(setup, outbox.clone(), slips);
    let gate = input::listen(outbox);
    let mut dashboard = Dashboard { state: &mut state, screen: &mut screen, orders, gate, start };
    let ended = dashboard.run(&inbox);
    drop(screen);
    signals.end_as_told();
    ended
}

/// In debug builds, panics where the environment asks for it, so that tests see what becomes of the terminal.
fn fault(place: &str) {
    let is_asked = || std::env::var("QMIGRATE_FAULT").is_ok_and(|asked| asked == place);
    assert!(!cfg!(debug_assertions) || !is_asked(), "a fault was asked for");
}

struct Dashboard<'a> {
    state: &'a mut State,
    screen: &'a mut Screen,
    orders: Sender<Order>,
    gate: Sender<()>,
    start: Instant,
}

impl Dashboard<'_> {
    fn run(&mut self, inbox: &Receiver<Message>) -> io::Result<()> {
        while let Ok(message) = inbox.recv() {
            let mut next = Some(message);
            while let Some(message) = next {
                if matches!(message, Message::Key(_)) {
                    fault("screen");
                }
                if !self.take(message)? {
                    self.finish(inbox);
                    return Ok(());
                }
                next = inbox.try_recv().ok();
            }
            let state = &*self.state;
            self.screen.draw(|frame| view::view(state, frame))?;
        }
        Ok(())
    }

    /// Takes a message in; `false` once the program shall end.
    fn take(&mut self, message: Message) -> io::Result<bool> {
        let is_input = matches!(message, Message::Key(_) | Message::Wheel(_) | Message::Click(_) | Message::Resize(..));
        if let Message::Resize(columns, rows) = message {
            self.screen.resize((columns, rows))?;
        }
        self.state.now = self.start.elapsed();
        for effect in update::update(self.state, message) {
            match effect {
                Effect::Quit => return Ok(false),
                Effect::Suspend => self.suspend()?,
                Effect::Restore => {
                    self.screen.leave();
                    self.enter()?;
                }
                Effect::Edit(path, line) => self.edit(&path, line)?,
                Effect::Work(job) => drop(self.orders.send(Order::Job(job))),
            }
        }
        if is_input {
            // Only now the next key is read: an editor, or the shell while we are stopped, reads its own.
            let _ = self.gate.send(());
        }
        Ok(true)
    }

    /// Gives the terminal back and stops, as Ctrl-Z does to any program.
    fn suspend(&mut self) -> io::Result<()> {
        self.screen.leave();
        signals::stop();
        self.enter()
    }

    fn edit(&mut self, path: &std::path::Path, line: u32) -> io::Result<()> {
        self.screen.leave();
        let edited = editor::open(path, line);
        self.enter()?;
        update::update(self.state, Message::Edited(edited));
        Ok(())
    }

    fn enter(&mut self) -> io::Result<()> {
        self.screen.enter_again()?;
        let (columns, rows) = terminal::size()?;
        update::update(self.state, Message::Resize(columns, rows));
        Ok(())
    }

    /// Waits until files are written that are being written.
    fn finish(&mut self, inbox: &Receiver<Message>) {
        while self.state.busy.is_some() {
            let Ok(message) = inbox.recv() else { return };
            if matches!(message, Message::Applied(_) | Message::Undone(_) | Message::Panicked(_)) {
                update::update(self.state, message);
            }
        }
    }
}
