//! The tab whose data comes from the history.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use crate::monitor::burndown::BurnDown;
use crate::monitor::layout::Areas;

use super::text::put;
use super::text::rows;
use super::theme::Theme;

/// Draws what was left, day by day.
pub(super) fn burndown(burndown: &BurnDown, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    if burndown.points.is_empty() {
        put(
            buffer,
            areas.body,
            &Line::styled("  `qmigrate history` shows it; it is not drawn here yet.", theme.quiet()),
        );
        return;
    }
    put(buffer, areas.head, &Line::styled("  Day         Migrated    Left", theme.bold()));
    let first = burndown.points.len().saturating_sub(usize::from(areas.body.height));
    for (area, point) in rows(areas.body).zip(burndown.points.iter().skip(first)) {
        let text = format!("  {:<10}  {:>8}  {:>6}", point.day, point.migrated, point.left);
        put(buffer, area, &Line::styled(text, theme.plain()));
    }
}
