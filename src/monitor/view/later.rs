//! Tabs whose data comes from the history and the plan.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use crate::monitor::burndown::BurnDown;
use crate::monitor::layout::Areas;
use crate::monitor::work::Work;

use super::text::put;
use super::text::rows;
use super::theme::Theme;

/// Draws what was left, day by day.
pub(super) fn burndown(burndown: &BurnDown, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    if burndown.points.is_empty() {
        put(buffer, areas.body, &Line::styled("  No data yet.", theme.quiet()));
        return;
    }
    put(buffer, areas.head, &Line::styled("  Day         Migrated    Left", theme.bold()));
    let first = burndown.points.len().saturating_sub(usize::from(areas.body.height));
    for (area, point) in rows(areas.body).zip(burndown.points.iter().skip(first)) {
        let text = format!("  {:<10}  {:>8}  {:>6}", point.day, point.migrated, point.left);
        put(buffer, area, &Line::styled(text, theme.plain()));
    }
}

/// Draws the batches and the next files.
pub(super) fn work(work: &Work, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    if work.batches.is_empty() && work.next.is_empty() {
        put(buffer, areas.body, &Line::styled("  No data yet.", theme.quiet()));
        return;
    }
    let mut lines = Vec::new();
    for batch in &work.batches {
        let due = batch.due.as_ref().map(|due| format!(", due {due}")).unwrap_or_default();
        lines.push(Line::styled(format!("  {}{due}", batch.name), theme.bold()));
        for (criterion, holds) in &batch.criteria {
            let sign = if *holds { "✓" } else { "·" };
            lines.push(Line::styled(format!("    {sign} {criterion}"), theme.plain()));
        }
    }
    lines.extend(work.next.iter().map(|file| Line::styled(format!("  → {file}"), theme.accent())));
    for (area, line) in rows(areas.body).zip(&lines) {
        put(buffer, area, line);
    }
}
