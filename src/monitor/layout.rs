//! Which part of the screen is whose; a pure function of its size.

use ratatui::layout::Rect;

/// The least size that is drawn on.
pub const LEAST: (u16, u16) = (60, 15);

/// Where things go on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// Name, folder and badges.
    pub title: Rect,
    /// The sums.
    pub sums: Rect,
    /// The gauge.
    pub gauge: Rect,
    /// The tabs.
    pub tabs: Rect,
    /// The names of columns.
    pub head: Rect,
    /// The rows.
    pub body: Rect,
    /// What was said last, or the filter.
    pub notice: Rect,
    /// The keys.
    pub keys: Rect,
}

/// Divides a screen of at least [`LEAST`].
pub fn areas(size: (u16, u16)) -> Areas {
    let (width, height) = size;
    let line = |y: u16| Rect::new(0, y, width, 1);
    let body = page(size);
    let body = u16::try_from(body).unwrap_or(u16::MAX);
    Areas {
        title: line(0),
        sums: line(1),
        gauge: line(2),
        tabs: line(3),
        head: line(4),
        body: Rect::new(0, 5, width, body),
        notice: line(height.saturating_sub(2)),
        keys: line(height.saturating_sub(1)),
    }
}

/// How many rows of a list are shown on a screen of this size.
pub fn page((_, height): (u16, u16)) -> usize {
    usize::from(height.saturating_sub(7))
}
