//! The batches of the plan, what is measured of them, and the files that come next.

use ratatui::buffer::Buffer;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::monitor::layout::Areas;
use crate::monitor::state::State;
use crate::monitor::work::File;
use crate::monitor::work::Item;
use crate::monitor::work::Work;
use crate::schedule::Confidence;

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
    name: usize,
    dependents: usize,
    after: usize,
}

const INDENT: usize = 4;
const SITES: usize = 7;
const CONFIDENCE: usize = 10;

impl Columns {
    fn of(width: usize) -> Self {
        let (dependents, after) = if width >= 110 {
            (9, width / 3)
        } else if width >= 80 {
            (9, 0)
        } else {
            (0, 0)
        };
        Self { name: width.saturating_sub(INDENT + SITES + CONFIDENCE + dependents + after), dependents, after }
    }
}

/// Draws the names of the columns and the lines.
pub(super) fn draw(state: &State, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    let columns = Columns::of(usize::from(areas.body.width));
    let Some(work) = &state.work else {
        let text = if state.is_surveyed { "  Reading who imports whom …" } else { "" };
        put(buffer, areas.body, &Line::styled(text, theme.quiet()));
        return;
    };
    if work.items.is_empty() {
        put(buffer, areas.body, &Line::styled("  Nothing is left to do.", theme.quiet()));
        return;
    }
    head(&columns, theme, areas, buffer);
    let shown = work.items.iter().enumerate().skip(state.plan.offset);
    for (area, (place, &item)) in rows(areas.body).zip(shown) {
        let mut line = line(work, item, &columns, theme);
        if place == state.plan.selected {
            // The whole row, not only the words in it.
            line.spans.push(Span::raw(left("", usize::from(area.width).saturating_sub(line.width()))));
            line = line.patch_style(theme.selected());
        }
        put(buffer, area, &line);
    }
}

fn head(columns: &Columns, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    let mut text = format!("{}{}{}", left("", INDENT), left("File", columns.name), right("Sites", SITES));
    text.push_str(&left("  Fix", CONFIDENCE));
    if columns.dependents > 0 {
        text.push_str(&right("Used by", columns.dependents));
    }
    if columns.after > 0 {
        text.push_str(&left("  After", columns.after));
    }
    put(buffer, areas.head, &Line::styled(text, theme.bold()));
}

fn line(work: &Work, item: Item, columns: &Columns, theme: Theme) -> Line<'static> {
    let nothing = Line::default;
    match item {
        Item::Next => Line::styled("  Next", theme.bold()),
        Item::Batch(index) => work.batches.get(index).map_or_else(nothing, |batch| {
            let due = batch.due.as_ref().map_or_else(String::new, |due| format!("  due {due}"));
            let state = if batch.is_done { span("  done", theme.good()) } else { Span::raw("") };
            Line::from(vec![span(format!("  {}", batch.name), theme.bold()), span(due, theme.accent()), state])
        }),
        Item::Criterion(index, criterion) => {
            let found = work.batches.get(index).and_then(|batch| batch.criteria.get(criterion));
            found.map_or_else(nothing, |(holds, what)| {
                let sign = if *holds { span("    ✓ ", theme.good()) } else { span("    · ", theme.open()) };
                Line::from(vec![sign, span(what.clone(), theme.plain())])
            })
        }
        Item::NextFile(_) | Item::File(_) => work.file(item).map_or_else(nothing, |file| row(file, columns, theme)),
    }
}

fn row(file: &File, columns: &Columns, theme: Theme) -> Line<'static> {
    let style = match file.confidence {
        Confidence::Safe => theme.good(),
        Confidence::Unsafe => theme.open(),
        Confidence::Manual => theme.bad(),
    };
    let mut spans = vec![
        Span::raw(left("", INDENT)),
        span(tail(&file.name, columns.name), theme.plain()),
        span(count(file.sites, SITES), theme.plain()),
        span(left(&format!("  {}", file.confidence.name()), CONFIDENCE), style),
    ];
    if columns.dependents > 0 {
        spans.push(span(count(file.dependents, columns.dependents), theme.plain()));
    }
    if columns.after > 0 {
        spans.push(span(left(&format!("  {}", file.after), columns.after), theme.quiet()));
    }
    Line::from(spans)
}
