//! The keys, and what the words mean.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::monitor::layout::Areas;

use super::text::left;
use super::text::put;
use super::text::rows;
use super::text::span;
use super::theme::Theme;

/// Key and meaning; a heading where the key is empty.
const HELP: [(&str, &str); 36] = [
    ("", "Moving"),
    ("j k ↓ ↑", "down, up"),
    ("PgDn PgUp", "a page; Ctrl-D and Ctrl-U half of one"),
    ("g G", "first, last"),
    ("1 … 5, Tab", "tabs"),
    ("Enter", "open; on a rule or directory: its files"),
    ("← →", "the file's other findings"),
    ("Esc", "back; drop the filter; drop the marks"),
    ("", "Files"),
    ("/", "filter: words that path, rule, batch or state hold"),
    ("s S", "sort by the next column; turn around"),
    ("Space", "mark"),
    ("", "Doing"),
    ("a", "apply the fix that is open, or all of the marked files,"),
    ("", ""),
    ("u", "take back what was applied here last"),
    ("o", "open in $VISUAL or $EDITOR"),
    ("e", "export what `scan --format json` says"),
    ("p", "pause: leave changes alone, or follow them again"),
    ("r", "read everything again"),
    ("q, Ctrl-C", "quit; Ctrl-Z suspends"),
    ("", "Words"),
    ("migrated", "a resolved call of the factory"),
    ("pending", "a site with a fix"),
    ("held back", "a site that needs a person; the finding says why"),
    ("suppressed", "a comment in the source keeps it, and says why"),
    ("to look at", "a warning: no site, and worth a look"),
    ("used by", "how many of the files that were parsed import it"),
    ("", "Badges"),
    ("live", "the system tells of changes"),
    ("polling", "it cannot; files are looked at every two seconds"),
    ("paused", "changes are left alone"),
    ("", "Applying"),
    ("", ""),
    ("", ""),
    ("", ""),
];

/// What is said about applying at the end.
const APPLYING: [&str; 3] = [
    "is `qmigrate fix` for the findings meant: the same plan, the same",
    "checks, the same journal. Files with changes that git does not know",
    "are left alone. `qmigrate undo` takes it back as well as `u` does.",
];

/// How many lines there are.
pub const LINES: usize = HELP.len();

/// Draws the help, from line `offset`.
pub(super) fn draw(offset: usize, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    let area = Rect::new(0, areas.head.y, areas.body.width, areas.body.height + 1);
    let offset = offset.min(LINES.saturating_sub(usize::from(area.height)));
    let mut applying = APPLYING.iter();
    let lines: Vec<Line<'static>> = HELP
        .iter()
        .enumerate()
        .map(|(index, (key, text))| match (*key, *text) {
            ("", "") if index < LINES / 2 => {
                Line::from(format!("  {}of the selected file, the rule, the directory or the batch", left("", 13)))
            }
            ("", "") => Line::from(format!("  {}", applying.next().unwrap_or(&""))),
            ("", heading) => Line::styled(format!(" {heading}"), theme.bold()),
            (key, text) => {
                Line::from(vec![span(format!("  {}", left(key, 13)), theme.accent()), span(text, theme.plain())])
            }
        })
        .collect();
    for (area, line) in rows(area).zip(lines.iter().skip(offset)) {
        put(buffer, area, line);
    }
}
