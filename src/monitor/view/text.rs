//! Texts in columns of a certain width.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::text::Span;
use unicode_width::UnicodeWidthChar;
use unicode_width::UnicodeWidthStr;

/// Writes a line into an area of one row; what does not fit is cut.
pub(super) fn put(buffer: &mut Buffer, area: Rect, line: &Line<'_>) {
    let area = area.intersection(buffer.area);
    if area.width > 0 && area.height > 0 {
        buffer.set_line(area.x, area.y, line, area.width);
    }
}

/// The rows of an area, from the top.
pub(super) fn rows(area: Rect) -> impl Iterator<Item = Rect> {
    (area.y..area.y.saturating_add(area.height)).map(move |y| Rect::new(area.x, y, area.width, 1))
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The start of a text in exactly `columns`, with an ellipsis where some of it is cut.
pub(super) fn left(text: &str, columns: usize) -> String {
    let taken = width(text);
    if taken <= columns {
        return format!("{text}{:rest$}", "", rest = columns - taken);
    }
    let mut cut = String::new();
    let mut taken = 0;
    for character in text.chars() {
        let next = character.width().unwrap_or(0);
        if taken + next + 1 > columns {
            break;
        }
        taken += next;
        cut.push(character);
    }
    if columns > 0 {
        cut.push('…');
        taken += 1;
    }
    format!("{cut}{:rest$}", "", rest = columns.saturating_sub(taken))
}

/// The end of a text in exactly `columns`: of a path, it tells the most.
pub(super) fn tail(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return left(text, columns);
    }
    let mut kept = Vec::new();
    let mut taken = 1;
    for character in text.chars().rev() {
        let next = character.width().unwrap_or(0);
        if taken + next > columns {
            break;
        }
        taken += next;
        kept.push(character);
    }
    let kept: String = kept.into_iter().rev().collect();
    if columns == 0 { String::new() } else { left(&format!("…{kept}"), columns) }
}

/// A short text at the right of `columns`.
pub(super) fn right(text: &str, columns: usize) -> String {
    let rest = columns.saturating_sub(width(text));
    format!("{:rest$}{text}", "")
}

/// A number at the right of `columns`; nothing for none.
pub(super) fn count(number: usize, columns: usize) -> String {
    if number == 0 { format!("{:>columns$}", "·") } else { left(&format!("{number:>columns$}"), columns) }
}

/// A piece of a line.
pub(super) fn span(text: impl Into<String>, style: Style) -> Span<'static> {
    Span::styled(text.into(), style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_take_exactly_their_columns() {
        for text in ["", "a", "backend/services/chat.py", "日本語/ファイル.py"] {
            for columns in 0..30 {
                assert_eq!(width(&left(text, columns)), columns, "{text} in {columns}");
                assert_eq!(width(&tail(text, columns)), columns, "{text} in {columns}");
            }
        }
        assert_eq!(tail("backend/services/chat.py", 10), "…s/chat.py");
        assert_eq!(left("backend/services/chat.py", 10), "backend/s…");
    }
}
