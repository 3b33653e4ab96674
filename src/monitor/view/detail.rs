//! One finding: what is wrong, where, and the diff of its fix.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::engine;
use crate::finding::Finding;
use crate::finding::Standing;
use crate::monitor::layout::Areas;
use crate::monitor::snapshot::Row;
use crate::monitor::state::Detail;
use crate::monitor::state::Over;
use crate::monitor::state::State;
use crate::report::count;
use crate::report::escape;
use crate::source::SourceFile;

use super::text::left;
use super::text::put;
use super::text::rows;
use super::text::span;
use super::theme::Theme;

/// Lines of source around a finding.
const AROUND: u32 = 4;

/// The last line that the text may start with on the screen, so that the screen stays full.
pub fn last(state: &State) -> usize {
    let Over::Detail(detail) = &state.over else { return 0 };
    let lines = lines(state, detail, Theme { color: false }).len();
    lines.saturating_sub(state.page() + 1)
}

/// Draws the finding that is looked at.
pub(super) fn draw(state: &State, detail: &Detail, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    let area = Rect::new(0, areas.head.y, areas.body.width, areas.body.height + 1);
    let lines = lines(state, detail, theme);
    for (area, line) in rows(area).zip(lines.iter().skip(detail.offset)) {
        put(buffer, area, line);
    }
}

fn lines(state: &State, detail: &Detail, theme: Theme) -> Vec<Line<'static>> {
    let Some(row) = state.snapshot.row(&detail.path) else { return Vec::new() };
    let findings = state.snapshot.findings(row);
    let Some(finding) = findings.get(detail.index) else { return migrated(row, theme) };
    let width = usize::from(state.size.0);
    let cell = finding.cell.map_or_else(String::new, |cell| format!(" cell {cell},"));
    let place = format!(" {}:{cell}{}:{}", row.name, finding.start.line, finding.start.column);
    let which = format!("  finding {} of {}", detail.index + 1, findings.len());
    let mut lines = vec![Line::from(vec![span(place, theme.bold()), span(which, theme.quiet())])];
    let rule = format!(" {}[{}] ", finding.severity.name(), finding.rule);
    let room = width.saturating_sub(super::text::width(&rule));
    let mut parts = wrap(&escape(&finding.message), room).into_iter();
    let message = parts.next().unwrap_or_default();
    lines.push(Line::from(vec![span(rule, theme.open()), span(message, theme.plain())]));
    lines.extend(parts.map(|part| Line::styled(format!(" {part}"), theme.plain())));
    for text in verdict(finding) {
        for part in wrap(&text, width.saturating_sub(2)) {
            lines.push(Line::styled(format!(" {part}"), theme.accent()));
        }
    }
    lines.push(Line::default());
    if let Some(source) = state.snapshot.scan.sources.get(&finding.path) {
        source_lines(source, finding, theme, &mut lines);
    }
    lines.push(Line::default());
    diff_lines(detail, finding, theme, &mut lines);
    lines
}

fn migrated(row: &Row, theme: Theme) -> Vec<Line<'static>> {
    let text = format!("  {} of the factory, and nothing to fix.", count(row.counts.migrated, "call"));
    vec![Line::styled(format!(" {}", row.name), theme.bold()), Line::default(), Line::styled(text, theme.good())]
}

/// What can be done about a finding, or why nothing can.
fn verdict(finding: &Finding) -> Vec<String> {
    let mut said = Vec::new();
    match &finding.standing {
        Standing::Suppressed { reason } => said.push(format!("suppressed: {reason}")),
        Standing::Baselined => said.push("known to the baseline".to_owned()),
        Standing::New => {}
    }
    if let Some(fix) = &finding.fix {
        let is_unsafe = fix.applicability == crate::edit::Applicability::Unsafe;
        let kind = if is_unsafe { "unsafe fix (`qmigrate fix --unsafe`)" } else { "fix" };
        said.push(format!("{kind}: {}", fix.title));
    } else if let Some(why) = &finding.held_back
        && !matches!(finding.standing, Standing::Suppressed { .. })
    {
        said.push(format!("held back: {why}"));
    }
    said.iter().map(|text| escape(text).into_owned()).collect()
}

/// Breaks a text at spaces into lines of at most `width` characters.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && super::text::width(&line) + super::text::width(word) + 1 > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

fn source_lines(source: &SourceFile, finding: &Finding, theme: Theme, lines: &mut Vec<Line<'static>>) {
    let (first, last) = (finding.start.line, finding.end.line);
    let shown = first.saturating_sub(AROUND).max(1) as usize..=(last.saturating_add(AROUND)) as usize;
    let start = source.within_text(finding.cell, finding.span).start;
    // Lines of a notebook are counted within their cell.
    let text = source.cell(start).map_or(source.text(), |cell| source.slice(cell.span));
    let text = text.lines().enumerate().skip(*shown.start() - 1).take(shown.end() + 1 - shown.start());
    for (index, text) in text {
        let number = index + 1;
        let is_meant = (first as usize..=last as usize).contains(&number);
        let sign = if is_meant { ">" } else { " " };
        let style = if is_meant { theme.bold() } else { theme.plain() };
        let gutter = format!(" {sign}{} │ ", format_args!("{number:>5}"));
        lines.push(Line::from(vec![span(gutter, theme.quiet()), span(show(text), style)]));
    }
}

fn diff_lines(detail: &Detail, finding: &Finding, theme: Theme, lines: &mut Vec<Line<'static>>) {
    if finding.fix.is_none() {
        return;
    }
    let place = engine::place(finding);
    let Some((_, diff)) = detail.diff.as_ref().filter(|(shown, _)| *shown == place) else {
        lines.push(Line::styled(" working out the diff …", theme.quiet()));
        return;
    };
    match diff {
        Err(reason) => lines.push(Line::styled(format!(" no diff: {}", escape(reason)), theme.bad())),
        Ok(diff) => {
            for text in diff {
                let style = match text.as_bytes() {
                    [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] | [b'd', ..] => theme.bold(),
                    [b'+', ..] => theme.good(),
                    [b'-', ..] => theme.bad(),
                    [b'@', ..] => theme.accent(),
                    _ => theme.plain(),
                };
                lines.push(Line::styled(format!(" {}", show(text)), style));
            }
        }
    }
}

/// A line of source, harmless, its tabs as spaces.
fn show(text: &str) -> String {
    let mut shown = String::new();
    for (index, part) in text.split('\t').enumerate() {
        if index > 0 {
            let rest = 4 - super::text::width(&shown) % 4;
            shown.push_str(&left("", rest));
        }
        shown.push_str(&escape(part));
    }
    shown
}
