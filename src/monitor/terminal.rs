//! The only raw mode.
//!
//! The terminal is given back however the program ends: when a [`Screen`] goes, and when the thread that owns it panics.

use std::io;
use std::io::BufWriter;
use std::io::Stdout;
use std::io::Write;
use std::panic;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;

use ratatui::Frame;
use ratatui::Terminal;
use ratatui::TerminalOptions;
use ratatui::Viewport;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor;
use ratatui::crossterm::event;
use ratatui::crossterm::execute;
use ratatui::crossterm::style;
use ratatui::crossterm::terminal;
use ratatui::layout::Rect;

/// What threads said when they panicked; the hook must not print it over the screen.
#[derive(Clone, Debug, Default)]
pub(super) struct Slips(Arc<Mutex<Vec<String>>>);

impl Slips {
    fn add(&self, said: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(said);
    }

    /// Takes what was said.
    pub(super) fn take(&self) -> String {
        let said = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if said.is_empty() { "it is not known where".to_owned() } else { said.join("; ") }
    }
}

type Output = BufWriter<Stdout>;

/// The terminal while it is ours.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Output>>,
    mouse: bool,
    is_ours: bool,
}

impl Screen {
    /// Takes the terminal.
    pub(super) fn enter(mouse: bool, slips: &Slips) -> io::Result<Self> {
        guard_panics(slips.clone());
        // Whether to colour is decided by the state alone.
        style::force_color_output(true);
        let terminal = take(mouse)?;
        Ok(Self { terminal, mouse, is_ours: true })
    }

    /// Takes the terminal again after [`Screen::leave`].
    pub(super) fn enter_again(&mut self) -> io::Result<()> {
        self.terminal = take(self.mouse)?;
        self.is_ours = true;
        Ok(())
    }

    /// Gives the terminal back. Whether that works or not, nothing more can be done.
    pub(super) fn leave(&mut self) {
        if self.is_ours {
            self.is_ours = false;
            give_back();
        }
    }

    /// Follows a change of the terminal's size: all is drawn anew.
    pub(super) fn resize(&mut self, size: (u16, u16)) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), terminal::Clear(terminal::ClearType::All))?;
        self.terminal = fresh(size)?;
        Ok(())
    }

    /// Draws a frame: only cells that changed are written.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw).map(drop)
    }
}

/// The terminal's columns and rows.
pub(super) fn size() -> io::Result<(u16, u16)> {
    terminal::size()
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

fn take(mouse: bool) -> io::Result<Terminal<CrosstermBackend<Output>>> {
    terminal::enable_raw_mode()?;
    let taken = enter_screen(mouse).and_then(|()| fresh(terminal::size()?));
    if taken.is_err() {
        give_back();
    }
    taken
}

fn enter_screen(mouse: bool) -> io::Result<()> {
    let mut out = io::stdout();
    execute!(out, terminal::EnterAlternateScreen, terminal::Clear(terminal::ClearType::All), cursor::Hide)?;
    if mouse {
        execute!(out, event::EnableMouseCapture)?;
    }
    Ok(())
}

/// A terminal of a fixed size, on which nothing is drawn yet.
///
/// One that follows its size by itself would ask the terminal where the cursor is when it changes, and wait for an answer
/// that the thread which reads keys has taken.
fn fresh((columns, rows): (u16, u16)) -> io::Result<Terminal<CrosstermBackend<Output>>> {
    let backend = CrosstermBackend::new(BufWriter::with_capacity(1 << 16, io::stdout()));
    let viewport = Viewport::Fixed(Rect::new(0, 0, columns, rows));
    Terminal::with_options(backend, TerminalOptions { viewport })
}

/// Puts the terminal into the state that it was found in, cursor included.
fn give_back() {
    let mut out = io::stdout();
    drop(execute!(out, event::DisableMouseCapture, style::ResetColor, terminal::LeaveAlternateScreen, cursor::Show));
    drop(out.flush());
    drop(terminal::disable_raw_mode());
}

/// The hook for panics is the process's: where the screen's own thread panics, the terminal is given back before
/// anything is printed; what others say is kept for the screen.
fn guard_panics(slips: Slips) {
    let owner = thread::current().id();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == owner {
            give_back();
            before(info);
        } else {
            let said = info.payload_as_str().unwrap_or("a panic without words");
            let place = info.location().map(|place| format!(" at {}:{}", place.file(), place.line()));
            slips.add(format!("{said}{}", place.unwrap_or_default()));
        }
    }));
}
