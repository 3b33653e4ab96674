//! Source frames: the lines of a span, with their numbers, and carets below.

use std::fmt::Write as _;
use std::ops::Range;

use anstyle::AnsiColor;
use unicode_width::UnicodeWidthChar as _;

use crate::source::SourceFile;
use crate::source::Span;

use super::Style;
use super::escape::is_obeyed;

/// Columns of source text that a frame shows; longer lines are clipped around the span.
const WIDTH: usize = 100;

/// Columns shown before the span where a line is clipped.
const LEAD: usize = 30;

/// Bytes looked at on either side of a span: a line of a minified file may be millions long.
const REACH: usize = 1_000;

/// A span over more lines than this shows only its first and its last.
const MOST_LINES: u32 = 7;

/// How many first ones then.
const HEAD: u32 = 4;

/// How many last ones then.
const TAIL: u32 = 2;

/// Draws the lines of `span` and carets in `accent` below, between two empty lines of the gutter.
pub(super) fn frame(source: &SourceFile, span: Span, accent: anstyle::Style, style: &Style) -> String {
    let first = source.line(span.start);
    let last = source.line(span.end.saturating_sub(1).max(span.start));
    let gutter = style.paint(AnsiColor::Blue.on_default().bold());
    let above = source.lines_above(span.start);
    let number_width = (last - above).to_string().len();
    let mut frame = Frame { source, span, above, accent, gutter, number_width, drawn: String::new() };
    frame.row("", "");
    if first == last {
        frame.draw_line(first);
    } else {
        frame.draw_lines(first, last);
    }
    frame.row("", "");
    frame.drawn
}

struct Frame<'a> {
    source: &'a SourceFile,
    span: Span,
    /// Lines that are not counted: those of the cells above.
    above: u32,
    accent: anstyle::Style,
    gutter: anstyle::Style,
    number_width: usize,
    drawn: String,
}

impl Frame<'_> {
    fn row(&mut self, number: &str, text: &str) {
        let (gutter, width) = (self.gutter, self.number_width);
        let text = text.trim_end();
        let space = if text.is_empty() { "" } else { " " };
        let _ = writeln!(self.drawn, "{gutter}{number:>width$} |{gutter:#}{space}{text}");
    }

    fn number(&self, line: u32) -> String {
        (line - self.above).to_string()
    }

    fn draw_line(&mut self, line: u32) {
        let Row { text, focus } = self.row_of(line, self.span);
        let accent = self.accent;
        let carets = "^".repeat(focus.len().max(1));
        self.row(&self.number(line), &text);
        self.row("", &format!("{}{accent}{carets}{accent:#}", " ".repeat(focus.start)));
    }

    /// Draws a span over several lines, with a bar at its left from the first to the last.
    fn draw_lines(&mut self, first: u32, last: u32) {
        let (accent, span) = (self.accent, self.span);
        let Row { text, focus } = self.row_of(first, Span::at(span.start));
        if text.chars().take(focus.start).all(char::is_whitespace) {
            self.row(&self.number(first), &format!("{accent}/{accent:#} {text}"));
        } else {
            self.row(&self.number(first), &format!("  {text}"));
            let line = "_".repeat(focus.start + 1);
            self.row("", &format!(" {accent}{line}^{accent:#}"));
        }
        let elided = last - first >= MOST_LINES;
        let mut line = first + 1;
        while line <= last {
            if elided && line == first + HEAD {
                self.draw_elision();
                line = last + 1 - TAIL;
            }
            let start = self.source.line_span(line).start;
            let at = if line == last { span.end } else { start };
            let Row { text, focus } = self.row_of(line, Span::at(at));
            self.row(&self.number(line), &format!("{accent}|{accent:#} {text}"));
            if line == last {
                let line = "_".repeat(focus.start.max(1));
                self.row("", &format!("{accent}|{line}^{accent:#}"));
            }
            line += 1;
        }
    }

    fn draw_elision(&mut self) {
        let (accent, gutter, width) = (self.accent, self.gutter, self.number_width + 3);
        let _ = writeln!(self.drawn, "{gutter}{:<width$}{gutter:#}{accent}|{accent:#}", "...");
    }

    /// Lays out one line around the part of `focus` that lies in it.
    fn row_of(&self, line: u32, focus: Span) -> Row {
        let span = self.source.line_span(line);
        let text = self.source.slice(span);
        let from = (focus.start.saturating_sub(span.start) as usize).min(text.len());
        let to = (focus.end.saturating_sub(span.start) as usize).clamp(from, text.len());
        let near = text.floor_char_boundary(from.saturating_sub(REACH))
            ..text.ceil_char_boundary(to.min(from + REACH).saturating_add(REACH));
        let is_cut = Range { start: near.start > 0, end: near.end < text.len() };
        let cells = cells(text.get(near.clone()).unwrap_or_default(), near.start, span.start == 0);
        clip(&cells, from..to, is_cut)
    }
}

/// One line as it is shown, and the columns of the part that matters.
struct Row {
    text: String,
    focus: Range<usize>,
}

/// One character as it is shown.
struct Cell {
    at: usize,
    text: String,
    column: usize,
    width: usize,
}

/// Turns text into what a terminal shows of it, tabs expanded and control characters escaped.
fn cells(text: &str, offset: usize, first_line: bool) -> Vec<Cell> {
    let mut column = 0;
    let mut cells = Vec::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let at = at + offset;
        let text = match character {
            '\u{feff}' if at == 0 && first_line => continue,
            '\t' => " ".repeat(4 - column % 4),
            _ if is_obeyed(character) => character.escape_default().to_string(),
            _ => character.to_string(),
        };
        let is_written_out = character == '\t' || is_obeyed(character);
        let width = if is_written_out { text.len() } else { character.width().unwrap_or(0) };
        cells.push(Cell { at, text, column, width });
        column += width;
    }
    cells
}

/// Cuts a line to [`WIDTH`] columns around the bytes of `focus`.
fn clip(cells: &[Cell], focus: Range<usize>, is_cut: Range<bool>) -> Row {
    let total = cells.last().map_or(0, |cell| cell.column + cell.width);
    let column = |byte: usize| {
        let index = cells.partition_point(|cell| cell.at < byte);
        cells.get(index).map_or(total, |cell| cell.column)
    };
    let (start, end) = (column(focus.start), column(focus.end));
    if total <= WIDTH && !is_cut.start && !is_cut.end {
        return Row { text: cells.iter().map(|cell| cell.text.as_str()).collect(), focus: start..end };
    }
    let fits = end <= WIDTH && !is_cut.start;
    let left = if fits { 0 } else { start.saturating_sub(LEAD).min(total.saturating_sub(WIDTH)) };
    let right = left + WIDTH;
    let shown = cells.iter().filter(|cell| cell.column >= left && cell.column + cell.width <= right);
    let shown: Vec<&Cell> = shown.collect();
    let mut text = String::new();
    let mut shift = 0;
    if left > 0 || is_cut.start {
        text.push('…');
        shift = 1;
    }
    let left = shown.first().map_or(left, |cell| cell.column);
    text.extend(shown.iter().map(|cell| cell.text.as_str()));
    let right = shown.last().map_or(left, |cell| cell.column + cell.width);
    if right < total || is_cut.end {
        text.push('…');
    }
    let place = |column: usize| column.clamp(left, right) - left + shift;
    Row { text, focus: place(start)..place(end) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::LanguageId;

    /// Draws what lies between `«` and `»`.
    fn draw(marked: &str) -> String {
        let start = marked.find('«').unwrap();
        let end = marked.replace('«', "").find('»').unwrap();
        let text = marked.replace(['«', '»'], "");
        let source = SourceFile::from_bytes("a.py".into(), LanguageId::Python, text.into_bytes());
        let span = Span::new(u32::try_from(start).unwrap(), u32::try_from(end).unwrap());
        frame(&source, span, anstyle::Style::new(), &Style::default())
    }

    fn check(marked: &str, drawn: &[&str]) {
        let expected: Vec<&str> = std::iter::once("|").chain(drawn.iter().copied()).collect();
        let actual = draw(marked);
        let actual: Vec<&str> = actual.lines().collect();
        let (closing, actual) = actual.split_last().unwrap();
        assert_eq!(closing.trim(), "|");
        let width = closing.len();
        let opening = format!("{:>width$}", expected[0]);
        assert_eq!(actual[0], opening);
        assert_eq!(actual[1..], expected[1..], "\n{}", actual.join("\n"));
    }

    #[test]
    fn carets_stand_under_the_span() {
        check("a = 1\nb = «f(a)»  # c\n", &["2 | b = f(a)  # c", "  |     ^^^^"]);
    }

    #[test]
    fn an_empty_span_has_one_caret() {
        check("ab«»c\n", &["1 | abc", "  |   ^"]);
        check("abc«»", &["1 | abc", "  |    ^"]);
    }

    #[test]
    fn wide_characters_and_tabs_take_the_columns_that_they_show() {
        check("\t日本 = «f('é')»\n", &["1 |     日本 = f('é')", "  |            ^^^^^^"]);
        check("a\t= «f()»\n", &["1 | a   = f()", "  |       ^^^"]);
    }

    #[test]
    fn control_characters_are_shown_and_counted() {
        check("'\x1b[0m' «f()»\n", &["1 | '\\u{1b}[0m' f()", "  |             ^^^"]);
        check("'\u{202e}' «f()»\n", &["1 | '\\u{202e}' f()", "  |            ^^^"]);
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        check("\u{feff}«f()»\n", &["1 | f()", "  | ^^^"]);
    }

    #[test]
    fn a_span_over_lines_has_a_bar() {
        check(
            "    «f(\r\n        1,\r\n    )»\r\n",
            &["1 | /     f(", "2 | |         1,", "3 | |     )", "  | |_____^"],
        );
        check("a = «f(\n  1\n)» + 1\n", &["1 |   a = f(", "  |  _____^", "2 | |   1", "3 | | ) + 1", "  | |_^"]);
    }

    #[test]
    fn a_long_span_shows_its_first_and_last_lines() {
        let lines = "  1,\n".repeat(20);
        check(
            &format!("«f(\n{lines})»\n"),
            &[
                " 1 | / f(",
                " 2 | |   1,",
                " 3 | |   1,",
                " 4 | |   1,",
                "...  |",
                "21 | |   1,",
                "22 | | )",
                "   | |_^",
            ],
        );
    }

    #[test]
    fn a_long_line_is_clipped_around_the_span() {
        let drawn = draw(&format!("{}«f()»{}\n", "a".repeat(5_000), "b".repeat(5_000)));
        let lines: Vec<&str> = drawn.lines().collect();
        let shown = format!("1 | …{}f(){}…", "a".repeat(LEAD), "b".repeat(WIDTH - LEAD - 3));
        assert_eq!(lines[1], shown);
        assert_eq!(lines[2], format!("  | {}^^^", " ".repeat(LEAD + 1)));
    }

    #[test]
    fn a_span_wider_than_the_frame_is_clipped_at_its_end() {
        let drawn = draw(&format!("x = «f('{}')»\n", "é".repeat(3_000)));
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(lines[1], format!("1 | x = f('{}…", "é".repeat(WIDTH - 7)));
        assert_eq!(lines[2], format!("  |     {}", "^".repeat(WIDTH - 4)));
    }

    #[test]
    fn any_span_of_any_text_can_be_drawn() {
        let wide = "日".repeat(90);
        let text = format!("\u{feff}a\r\n\té\u{301}\u{1f980}\r\r\n\n{wide}f(\x1b\u{202e}\n)\u{2028}b");
        let length = u32::try_from(text.len()).unwrap();
        let source = SourceFile::from_bytes("a.py".into(), LanguageId::Python, text.into_bytes());
        for start in 0..length + 2 {
            for end in start..(start + 40).min(length + 4) {
                let drawn = frame(&source, Span::new(start, end), anstyle::Style::new(), &Style::default());
                assert!(drawn.contains('^'), "{start}..{end}");
                for line in drawn.lines() {
                    assert!(!line.contains(is_obeyed), "{start}..{end}: {line:?}");
                    let width: usize = line.chars().filter_map(char::width).sum();
                    assert!(width <= WIDTH + 12, "{start}..{end}: {width} columns");
                }
            }
        }
    }
}
