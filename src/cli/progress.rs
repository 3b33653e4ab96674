//! A line on the terminal that tells how far a long run is.

use std::io;
use std::io::IsTerminal;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;

use crate::cli::session::Session;

/// A run that is over before this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// Counts files or the like, and shows the count on a terminal once the run takes long. It clears its line when it goes.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    start: Instant,
    files: AtomicU64,
}

impl Progress {
    /// Starts to count; where standard error is no terminal, nothing is ever shown.
    pub(crate) fn new(session: &Session) -> Self {
        Self::of(session, "files")
    }

    /// The same for other things than files.
    pub(crate) fn of(session: &Session, what: &str) -> Self {
        let shown = !session.quiet && io::stderr().is_terminal();
        let bar = shown.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            let style = ProgressStyle::with_template(&format!("{{spinner}} {{human_pos}} {what}, {{elapsed}}"));
            style.map_or(bar.clone(), |style| bar.with_style(style))
        });
        Self { bar, start: Instant::now(), files: AtomicU64::new(0) }
    }

    /// Counts one more file.
    pub(crate) fn tick(&self) {
        let Some(bar) = &self.bar else { return };
        let files = self.files.fetch_add(1, Ordering::Relaxed) + 1;
        if self.start.elapsed() < PATIENCE {
            return;
        }
        if bar.is_hidden() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        bar.set_position(files);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
