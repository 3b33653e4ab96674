//! What surrounds every tab: title, sums, gauge, tabs, notice and keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;

use crate::monitor::message::Watching;
use crate::monitor::state::Over;
use crate::monitor::state::State;
use crate::monitor::state::Tab;

use super::text::put;
use super::text::span;
use super::text::tail;
use super::text::width;
use super::theme::Theme;
use crate::report::grouped;

/// Name and folder, and at the right what the program is doing.
pub(super) fn title(state: &State, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let badges = badges(state, theme);
    let badges_width: usize = badges.iter().map(|badge| width(&badge.content)).sum();
    let name = " qmigrate monitor  ";
    let room = usize::from(area.width).saturating_sub(width(name) + badges_width + 1);
    let mut spans = vec![span(name, theme.bold()), span(tail(&state.place, room), theme.quiet()), Span::raw(" ")];
    spans.extend(badges);
    put(buffer, area, &Line::from(spans));
}

fn badges(state: &State, theme: Theme) -> Vec<Span<'static>> {
    let mut badges = Vec::new();
    let mut add = |text: String, style: Style| badges.push(span(format!("[{text}] "), style));
    if let Some(busy) = state.busy {
        add(busy.to_owned(), theme.accent());
    }
    if let Some(files) = state.scanning {
        let files = grouped(usize::try_from(files).unwrap_or(usize::MAX));
        add(format!("scanning, {files} files read"), theme.accent());
    }
    if state.paused {
        add("paused".to_owned(), theme.open());
    }
    match &state.watching {
        Watching::Told if state.paused || state.scanning.is_some() => {}
        Watching::Told => add("live".to_owned(), theme.good()),
        Watching::Polling(_) => add("polling".to_owned(), theme.open()),
        Watching::Not(_) => add("not watching".to_owned(), theme.bad()),
    }
    badges
}

/// What has become of how many sites.
pub(super) fn sums(state: &State, theme: Theme, area: Rect, buffer: &mut Buffer) {
    if !state.is_surveyed {
        return;
    }
    let totals = state.snapshot.totals;
    let files = state.snapshot.rows.len();
    let kinds = [
        (totals.migrated, "migrated", "migrated", theme.good()),
        (totals.pending, "pending", "pending", theme.open()),
        (totals.held, "held back", "held", theme.bad()),
        (totals.suppressed, "suppressed", "suppr.", theme.plain()),
        (totals.warnings, "to look at", "look", theme.plain()),
        (totals.baselined, "in the baseline", "known", theme.quiet()),
    ];
    let is_wide = area.width >= 100;
    let mut spans = vec![Span::raw(" ")];
    for (index, (number, long, short, style)) in kinds.into_iter().enumerate() {
        if index > 2 && number == 0 {
            continue;
        }
        let name = if is_wide { long } else { short };
        spans.push(span(grouped(number), style.patch(theme.bold())));
        spans.push(span(format!(" {name}"), theme.plain()));
        spans.push(span(if is_wide { "  ·  " } else { "  " }, theme.quiet()));
    }
    let scanned = state.snapshot.scan.summary.files_scanned;
    let files = if is_wide {
        format!("{} of {} files", grouped(files), grouped(scanned))
    } else {
        format!("{} files", grouped(files))
    };
    spans.push(span(files, theme.plain()));
    put(buffer, area, &Line::from(spans));
}

/// A bar of all sites: migrated, pending, held back.
pub(super) fn gauge(state: &State, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let totals = state.snapshot.totals;
    let sites = totals.sites();
    if !state.is_surveyed || sites == 0 {
        let text = match (state.is_surveyed, state.scanning) {
            (true, _) => " no sites",
            (false, Some(_)) => " scanning …",
            (false, None) => " no scan has come to its end; `r` scans again",
        };
        put(buffer, area, &Line::styled(text, theme.quiet()));
        return;
    }
    let permille = totals.permille();
    let share = format!(" {}.{} % of {} sites ", permille / 10, permille % 10, grouped(sites));
    let room = usize::from(area.width).saturating_sub(width(&share) + 2);
    let part = |count: usize| count * room / sites;
    let (migrated, pending) = (part(totals.migrated), part(totals.migrated + totals.pending));
    let line = Line::from(vec![
        Span::raw(" "),
        span("█".repeat(migrated), theme.good()),
        span("▒".repeat(pending - migrated), theme.open()),
        span("░".repeat(room - pending), theme.bad()),
        span(share, theme.bold()),
    ]);
    put(buffer, area, &line);
}

/// The names of the tabs.
pub(super) fn tabs(state: &State, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let mut spans = Vec::new();
    for (number, tab) in (1..).zip(Tab::ALL) {
        let (long, short) = tab.name();
        let name = if area.width >= 70 { long } else { short };
        let is_open = state.tab == tab;
        let text = if is_open { format!("[{number} {name}]") } else { format!(" {number} {name} ") };
        spans.push(span(text, if is_open { theme.bold() } else { theme.quiet() }));
    }
    put(buffer, area, &Line::from(spans));
}

/// The filter while it is typed, what was said last, or how the list is arranged.
pub(super) fn notice(state: &State, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let files = &state.files;
    let line = if files.editing.is_some() {
        Line::from(vec![span(" /", theme.accent()), span(files.filter.clone(), theme.bold())])
    } else if let Some(notice) = &state.notice {
        Line::styled(format!(" {}", notice.text), theme.weight(notice.weight))
    } else if state.tab == Tab::Files && state.over == Over::Nothing {
        let mut parts = Vec::new();
        if !files.marks.is_empty() {
            parts.push(format!("{} marked", grouped(files.marks.len())));
        }
        if !files.filter.is_empty() {
            let (shown, all) = (grouped(files.order.len()), grouped(state.snapshot.rows.len()));
            parts.push(format!("filter “{}”: {shown} of {all} files", files.filter));
        }
        let reversed = if files.reversed { ", reversed" } else { "" };
        parts.push(format!("by {}{reversed}", files.sort.name()));
        Line::styled(format!(" {}", parts.join(" · ")), theme.quiet())
    } else {
        Line::default()
    };
    put(buffer, area, &line);
}

/// The keys that are of use here.
pub(super) fn keys(state: &State, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let keys: &[(&str, &str)] = if state.files.editing.is_some() {
        &[("Enter", "keep"), ("Esc", "drop"), ("Ctrl-U", "empty"), ("↑↓", "move")]
    } else {
        match (&state.over, state.tab) {
            (Over::Help { .. }, _) => &[("Esc", "back"), ("j/k", "scroll"), ("q", "quit")],
            (Over::Detail(_), _) => &[
                ("Esc", "back"),
                ("a", "apply"),
                ("u", "undo"),
                ("←→", "finding"),
                ("o", "editor"),
                ("j/k", "scroll"),
                ("?", "help"),
                ("q", "quit"),
            ],
            (_, Tab::Files) => &[
                ("?", "help"),
                ("q", "quit"),
                ("Enter", "open"),
                ("a", "apply"),
                ("u", "undo"),
                ("/", "filter"),
                ("s", "sort"),
                ("Space", "mark"),
                ("o", "editor"),
                ("p", "pause"),
                ("r", "rescan"),
                ("e", "export"),
            ],
            (_, Tab::Groups) => &[
                ("?", "help"),
                ("q", "quit"),
                ("Enter", "files"),
                ("a", "apply"),
                ("u", "undo"),
                ("j/k", "move"),
                ("Tab", "next"),
            ],
            (_, Tab::Plan) => &[
                ("?", "help"),
                ("q", "quit"),
                ("Enter", "open"),
                ("a", "apply"),
                ("u", "undo"),
                ("o", "editor"),
                ("j/k", "move"),
                ("Tab", "next"),
            ],
            (_, Tab::BurnDown) => &[("?", "help"), ("1–5", "tabs"), ("u", "undo"), ("r", "rescan"), ("q", "quit")],
            _ => &[("?", "help"), ("1–5", "tabs"), ("u", "undo"), ("j/k", "scroll"), ("r", "rescan"), ("q", "quit")],
        }
    };
    let mut spans = Vec::new();
    let mut taken = 0;
    for (key, does) in keys {
        taken += width(key) + width(does) + 3;
        if taken > usize::from(area.width) {
            break;
        }
        spans.push(span(format!(" {key}"), theme.bold()));
        spans.push(span(format!(" {does} "), theme.quiet()));
    }
    put(buffer, area, &Line::from(spans));
}
