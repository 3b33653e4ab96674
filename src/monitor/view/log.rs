//! What happened, the latest last.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use crate::monitor::layout::Areas;
use crate::monitor::state::State;

use super::text::put;
use super::text::rows;
use super::text::span;
use super::theme::Theme;

/// Draws the log's end, or what precedes it.
pub(super) fn draw(state: &State, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    put(buffer, areas.head, &Line::styled("  After     What", theme.bold()));
    let page = usize::from(areas.body.height);
    let end = state.log.len().saturating_sub(state.log_offset);
    let shown = state.log.range(end.saturating_sub(page)..end);
    for (area, entry) in rows(areas.body).zip(shown) {
        let seconds = entry.at.as_secs();
        let at = format!("  {:02}:{:02}:{:02}  ", seconds / 3600, seconds / 60 % 60, seconds % 60);
        let spans = vec![span(at, theme.quiet()), span(entry.text.clone(), theme.weight(entry.weight))];
        put(buffer, area, &Line::from(spans));
    }
}
