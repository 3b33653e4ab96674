//! Colours: the terminal's own sixteen, or none. Whatever a colour says is also said by a word or a sign.

use ratatui::style::Color;
use ratatui::style::Modifier;
use ratatui::style::Style;

use crate::monitor::snapshot::Progress;
use crate::monitor::state::Weight;

/// Whether to colour. Without colours, no cell may have any: some terminals take that for a reset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Theme {
    pub(super) color: bool,
}

#[expect(clippy::unused_self, reason = "all styles are asked of the theme")]
impl Theme {
    pub(super) fn plain(self) -> Style {
        Style::new()
    }

    fn colored(self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    pub(super) fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is of less interest.
    pub(super) fn quiet(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// What is selected.
    pub(super) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub(super) fn good(self) -> Style {
        self.colored(Color::Green)
    }

    pub(super) fn open(self) -> Style {
        self.colored(Color::Yellow)
    }

    pub(super) fn bad(self) -> Style {
        self.colored(Color::Red)
    }

    pub(super) fn accent(self) -> Style {
        self.colored(Color::Cyan)
    }

    pub(super) fn weight(self, weight: Weight) -> Style {
        match weight {
            Weight::Plain => self.plain(),
            Weight::Good => self.good(),
            Weight::Bad => self.bad(),
        }
    }

    pub(super) fn progress(self, progress: Progress) -> Style {
        match progress {
            Progress::Pending => self.open(),
            Progress::Held => self.bad(),
            Progress::Warned => self.accent(),
            Progress::Suppressed => self.quiet(),
            Progress::Done => self.good(),
        }
    }
}
