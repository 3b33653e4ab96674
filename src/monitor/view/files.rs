//! The list of files.

use ratatui::buffer::Buffer;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::monitor::layout::Areas;
use crate::monitor::snapshot::Row;
use crate::monitor::state::Sort;
use crate::monitor::state::State;

use super::text::count;
use super::text::left;
use super::text::put;
use super::text::right;
use super::text::rows;
use super::text::span;
use super::text::tail;
use super::theme::Theme;

/// How wide the columns are; 0 for those that are left out.
struct Columns {
    path: usize,
    number: usize,
    suppressed: usize,
    rule: usize,
    batch: usize,
    dependents: usize,
}

/// Columns for marks and states.
const SIGN: usize = 2;
const PROGRESS: usize = 11;

impl Columns {
    fn of(width: u16) -> Self {
        let mut columns = Self { path: 0, number: 7, suppressed: 0, rule: 0, batch: 0, dependents: 0 };
        if width >= 80 {
            columns.rule = 17;
        }
        if width >= 110 {
            (columns.suppressed, columns.rule, columns.batch, columns.dependents) = (7, 20, 14, 8);
        }
        let others = SIGN + PROGRESS + 3 * columns.number;
        let others = others + columns.suppressed + columns.rule + columns.batch + columns.dependents;
        columns.path = usize::from(width).saturating_sub(others);
        columns
    }
}

/// Draws the names of the columns and the rows.
pub(super) fn draw(state: &State, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    let columns = Columns::of(areas.body.width);
    head(state, &columns, theme, areas, buffer);
    let files = &state.files;
    if files.order.is_empty() {
        let text = match () {
            () if !state.is_surveyed => "",
            () if state.snapshot.rows.is_empty() => "  Nothing bypasses the factory, and nothing calls it.",
            () => "  No file passes the filter; Esc drops it.",
        };
        put(buffer, areas.body, &Line::styled(text, theme.quiet()));
        return;
    }
    let shown = files.order.iter().enumerate().skip(files.cursor.offset);
    for (area, (place, &index)) in rows(areas.body).zip(shown) {
        let Some(row) = state.snapshot.rows.get(index as usize) else { continue };
        let is_selected = place == files.cursor.selected;
        let is_marked = files.marks.contains(&row.path);
        let mut line = line(row, &columns, is_marked, theme);
        if is_selected {
            line = line.patch_style(theme.selected());
        }
        put(buffer, area, &line);
    }
}

fn head(state: &State, columns: &Columns, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    let sort = state.files.sort;
    let arrow = if state.files.reversed { "▴" } else { "▾" };
    let name = |name: &str, by: Sort| if sort == by { format!("{name}{arrow}") } else { name.to_owned() };
    let mut text = String::new();
    text.push_str(&left("", SIGN));
    text.push_str(&left(&name("State", Sort::Progress), PROGRESS));
    text.push_str(&left(&name("File", Sort::Path), columns.path));
    text.push_str(&right(&name("Pend.", Sort::Sites), columns.number));
    text.push_str(&right("Held", columns.number));
    text.push_str(&right("Migr.", columns.number));
    if columns.suppressed > 0 {
        text.push_str(&right("Suppr.", columns.suppressed));
    }
    if columns.rule > 0 {
        text.push_str(&left(&format!(" {}", name("Rule", Sort::Rule)), columns.rule));
    }
    if columns.batch > 0 {
        text.push_str(&left(&format!(" {}", name("Batch", Sort::Batch)), columns.batch));
        text.push_str(&right(&name("Used by", Sort::Dependents), columns.dependents));
    }
    put(buffer, areas.head, &Line::styled(text, theme.bold()));
}

fn line(row: &Row, columns: &Columns, is_marked: bool, theme: Theme) -> Line<'static> {
    let number = |number: usize, style| span(count(number, columns.number), style);
    let mut spans = vec![
        span(if is_marked { "* " } else { "  " }, theme.accent()),
        span(left(row.progress.name(), PROGRESS), theme.progress(row.progress)),
        span(tail(&row.name, columns.path), theme.plain()),
        number(row.counts.pending, theme.open()),
        number(row.counts.held, theme.bad()),
        number(row.counts.migrated, theme.good()),
    ];
    if columns.suppressed > 0 {
        spans.push(span(count(row.counts.suppressed, columns.suppressed), theme.plain()));
    }
    if columns.rule > 0 {
        spans.push(Span::raw(" "));
        spans.push(span(left(&row.rules, columns.rule - 1), theme.plain()));
    }
    if columns.batch > 0 {
        spans.push(Span::raw(" "));
        spans.push(span(left(row.batch.as_deref().unwrap_or_default(), columns.batch - 1), theme.plain()));
        spans.push(span(count(row.dependents, columns.dependents), theme.plain()));
    }
    Line::from(spans)
}
