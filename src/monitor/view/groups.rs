//! Rules, directories and batches.

use ratatui::buffer::Buffer;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::monitor::layout::Areas;
use crate::monitor::snapshot::Group;
use crate::monitor::snapshot::GroupKind;
use crate::monitor::state::State;

use super::text::count;
use super::text::left;
use super::text::put;
use super::text::right;
use super::text::rows;
use super::text::span;
use super::text::tail;
use super::theme::Theme;

const KIND: usize = 12;
const NUMBER: usize = 7;
const BAR: usize = 20;
const DUE: usize = 11;

/// Draws the names of the columns and the rows.
pub(super) fn draw(state: &State, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    let width = usize::from(areas.body.width);
    let bar = if width >= 100 { BAR + DUE + 6 } else { 0 };
    let name = width.saturating_sub(2 + KIND + 4 * NUMBER + bar);
    let mut head = format!("  {}{}", left("", KIND), left("Name", name));
    for title in ["Pend.", "Held", "Migr.", "Suppr."] {
        head.push_str(&right(title, NUMBER));
    }
    if bar > 0 {
        head.push_str("  ");
        head.push_str(&left("Done", BAR + 4));
        head.push_str(&left("Due", DUE));
    }
    put(buffer, areas.head, &Line::styled(head, theme.bold()));
    let groups = &state.snapshot.groups;
    if groups.is_empty() && state.is_surveyed {
        put(buffer, areas.body, &Line::styled("  No sites.", theme.quiet()));
    }
    let shown = groups.iter().enumerate().skip(state.groups.offset);
    for (area, (place, group)) in rows(areas.body).zip(shown) {
        let before = place.checked_sub(1).and_then(|before| groups.get(before)).map(|group| group.kind);
        let is_first = place == state.groups.offset || before != Some(group.kind);
        let mut line = line(group, name, bar > 0, is_first, theme);
        if place == state.groups.selected {
            line = line.patch_style(theme.selected());
        }
        put(buffer, area, &line);
    }
}

fn line(group: &Group, name: usize, has_bar: bool, is_first: bool, theme: Theme) -> Line<'static> {
    let kind = match group.kind {
        GroupKind::Rule => "Rules",
        GroupKind::Directory => "Directories",
        GroupKind::Batch => "Batches",
    };
    let counts = group.counts;
    let mut spans = vec![
        Span::raw("  "),
        span(left(if is_first { kind } else { "" }, KIND), theme.quiet()),
        span(tail(&group.name, name), theme.plain()),
        span(count(counts.pending, NUMBER), theme.open()),
        span(count(counts.held, NUMBER), theme.bad()),
    ];
    // Which rule a migrated call once broke is not known.
    let has_migrated = group.kind != GroupKind::Rule;
    spans.push(span(if has_migrated { count(counts.migrated, NUMBER) } else { left("", NUMBER) }, theme.good()));
    spans.push(span(count(counts.suppressed, NUMBER), theme.plain()));
    if has_bar && has_migrated && counts.sites() > 0 {
        let done = counts.migrated * BAR / counts.sites();
        let share = counts.permille() / 10;
        spans.push(Span::raw("  "));
        spans.push(span("█".repeat(done), theme.good()));
        spans.push(span("░".repeat(BAR - done), theme.quiet()));
        spans.push(span(format!("{share:>3}%"), theme.plain()));
    } else if has_bar {
        spans.push(span(left("", BAR + 6), theme.plain()));
    }
    if has_bar {
        spans.push(span(left(group.due.as_deref().unwrap_or_default(), DUE), theme.plain()));
    }
    Line::from(spans)
}
