//! Notebooks of every style, read and edited at random; what comes out is compared with what `serde_json` makes of it.

use std::fmt::Write as _;

use serde_json::Value;

use super::Cell;
use super::Notebook;
use super::Span;

/// A small generator: the same seed gives the same notebook and the same edits.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

/// Writes a JSON string in a manner of its own: some characters as escapes that need none.
fn string(text: &str, dice: &mut Dice, is_odd: bool) -> String {
    let mut raw = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => raw.push_str("\\\""),
            '\\' => raw.push_str("\\\\"),
            '\n' => raw.push_str("\\n"),
            '\r' => raw.push_str("\\r"),
            '/' if is_odd && dice.roll(2) == 0 => raw.push_str("\\/"),
            _ if (!character.is_ascii() || is_odd) && dice.roll(3) == 0 => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(raw, "\\u{unit:04X}");
                }
            }
            _ => raw.push(character),
        }
    }
    raw + "\""
}

/// A notebook of some cells, and the code of each.
fn notebook(dice: &mut Dice) -> (String, Vec<String>) {
    let lines = ["x = 1", "é = '🦀'", "", "from openai import OpenAI", "print(\"\\\\ / \")", "    y = 2  # ü"];
    let end = dice.pick(&["\n", "\n", "\r\n"]);
    let (is_odd, is_list) = (dice.roll(3) == 0, dice.roll(4) > 0);
    let (gap, indent) = [("", ""), (" ", ""), ("\n", "\t"), ("\r\n", "    ")][dice.roll(4)];
    let mut sources = Vec::new();
    let mut cells = Vec::new();
    for _ in 0..=dice.roll(4) {
        let mut code: Vec<String> = (0..dice.roll(5)).map(|_| format!("{}{end}", dice.pick(&lines))).collect();
        if dice.roll(4) > 0
            && let Some(last) = code.last_mut()
        {
            last.truncate(last.len() - end.len());
            if last.is_empty() {
                code.pop();
            }
        }
        let text = code.concat();
        let source = if is_list {
            let elements: Vec<String> = code.iter().map(|line| string(line, dice, is_odd)).collect();
            let inner = elements.join(&format!(",{gap}{indent}"));
            if inner.is_empty() { "[]".to_owned() } else { format!("[{gap}{indent}{inner}{gap}]") }
        } else {
            string(&text, dice, is_odd)
        };
        let outputs = "[{\"text\": [\"from openai\\n\", NaN, -Infinity]}]";
        cells.push(format!("{{\"outputs\":{outputs},{gap}\"source\" :{source}, \"cell_type\":\"code\"}}"));
        sources.push(text);
    }
    let mark = dice.pick(&["", "\u{feff}"]);
    (format!("{mark}{{\"nbformat\":4,\"cells\":[{gap}{}]{gap}}}{gap}", cells.join(",")), sources)
}

/// The code of a cell.
fn code_of<'t>(text: &'t str, cell: &Cell) -> &'t str {
    text.get(cell.span.range()).unwrap()
}

/// Random edits within cells, sorted, none touching another.
fn edits(dice: &mut Dice, text: &str, notebook: &Notebook) -> Vec<(Span, String)> {
    let new = ["", "z", "\n", "from a import b\n", "\nfrom a import b", "a\n\nb", "é\"\\", "# 🦀\r\n"];
    let mut edits = Vec::new();
    for cell in notebook.cells.iter().filter(|cell| cell.span.start < cell.span.end) {
        let code = code_of(text, cell);
        let mut places: Vec<usize> = (0..2 * (dice.roll(3) + 1)).map(|_| dice.roll(code.len() + 1)).collect();
        for at in &mut places {
            *at = code.floor_char_boundary(*at);
        }
        places.sort_unstable();
        places.dedup();
        for pair in places.chunks_exact(2) {
            let span = Span::new(super::offset(pair[0]), super::offset(pair[1]));
            let span = Span::new(span.start + cell.span.start, span.end + cell.span.start);
            let span = if dice.roll(3) == 0 { Span::at(span.start) } else { span };
            edits.push((span, dice.pick(&new).to_owned()));
        }
    }
    edits
}

/// The code of each cell of a notebook, and its strings, as another reader finds them.
fn sources(raw: &str) -> Vec<(String, Vec<String>)> {
    let plain = raw.trim_start_matches('\u{feff}').replace("-Infinity", "0").replace("NaN", "0");
    let document: Value = serde_json::from_str(&plain).unwrap();
    let cells = document["cells"].as_array().unwrap().iter();
    let strings = |source: &Value| match source {
        Value::Array(parts) => parts.iter().map(|part| part.as_str().unwrap().to_owned()).collect::<Vec<_>>(),
        other => vec![other.as_str().unwrap().to_owned()],
    };
    cells.map(|cell| strings(&cell["source"])).map(|parts| (parts.concat(), parts)).collect()
}

#[test]
fn edits_of_the_text_are_edits_of_the_strings() {
    for seed in 1..4000 {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let (raw, codes) = notebook(&mut dice);
        let (notebook, text) = Notebook::read(raw.as_bytes()).unwrap();
        let read: Vec<&str> = notebook.cells.iter().map(|cell| code_of(&text, cell)).collect();
        assert_eq!(read, codes, "seed {seed}: {raw}");

        let edits = edits(&mut dice, &text, &notebook);
        let spliced = notebook.splice(raw.as_bytes(), &text, &edits);
        let spliced = String::from_utf8(spliced.unwrap_or_else(|| panic!("seed {seed}: {edits:?}\n{raw}"))).unwrap();
        let local = notebook.localise(&text, &edits).unwrap();
        let after = sources(&spliced);
        for (cell, (new, parts)) in notebook.cells.iter().zip(&after) {
            let mut expected = code_of(&text, cell).to_owned();
            for edit in local.iter().filter(|edit| edit.cell == cell.number).rev() {
                expected.replace_range(edit.span.range(), &edit.text);
            }
            assert_eq!(*new, expected, "seed {seed}: {edits:?}\n{raw}\n{spliced}");
            let is_list = cell.list.is_some();
            let lines: Vec<&str> = new.split_inclusive('\n').collect();
            assert!(!is_list || *parts == lines, "seed {seed}: {edits:?}\n{raw}\n{spliced}");
        }
        assert_outside_stays(&raw, &spliced);
        assert_eq!(notebook.splice(raw.as_bytes(), &text, &[]).unwrap(), raw.as_bytes());
    }
}

/// Checks that all but the values of `source` is what it was, byte for byte.
fn assert_outside_stays(before: &str, after: &str) {
    let outside = |raw: &str| {
        let parts = raw.split("\"source\" :").enumerate();
        let parts = parts.map(|(index, part)| {
            let end = part.find(", \"cell_type\"").filter(|_| index > 0).unwrap_or(0);
            part.get(end..).unwrap().to_owned()
        });
        parts.collect::<Vec<_>>()
    };
    assert_eq!(outside(before), outside(after));
}

/// Edits a notebook with one code cell whose `source` is `before`.
fn check(before: &str, edit: (Span, &str), after: &str) {
    let raw = |source: &str| format!("{{\"cells\": [{{\"cell_type\": \"code\", \"source\": {source}}}]}}");
    let (notebook, text) = Notebook::read(raw(before).as_bytes()).unwrap();
    let spliced = notebook.splice(raw(before).as_bytes(), &text, &[(edit.0, edit.1.to_owned())]);
    assert_eq!(spliced.map(|bytes| String::from_utf8(bytes).unwrap()), Some(raw(after)));
}

#[test]
fn lines_come_and_go_as_elements() {
    let before = "[\n \"a\\n\",\n \"b\\n\",\n \"c\"\n]";
    check(before, (Span::new(0, 2), ""), "[\n \"b\\n\",\n \"c\"\n]");
    check(before, (Span::new(2, 4), ""), "[\n \"a\\n\",\n \"c\"\n]");
    check(before, (Span::at(1), "\nx"), "[\n \"a\\n\",\n \"x\\n\",\n \"b\\n\",\n \"c\"\n]");
    check(before, (Span::at(5), "\nx"), "[\n \"a\\n\",\n \"b\\n\",\n \"c\\n\",\n \"x\"\n]");
    check(before, (Span::new(0, 5), ""), "[]");
    check("[\"a\"]", (Span::at(1), "\nx"), "[\"a\\n\", \"x\"]");
    check("\"a\\nb\"", (Span::at(1), "\nx"), "\"a\\nx\\nb\"");
    check("[\"a\\nb\"]", (Span::at(1), "\nx"), "[\"a\\nx\\nb\"]");
}

#[test]
fn the_last_line_takes_the_end_of_the_line_before_with_it() {
    check("[\"a\\n\", \"b\"]", (Span::new(2, 4), ""), "[\"a\"]");
    check("\"a\\r\\nb\"", (Span::new(3, 6), ""), "\"a\"");
    check("[\"a\\n\", \"b\"]", (Span::new(2, 4), "c\n"), "[\"a\\n\", \"c\"]");
    check("[\"a\"]", (Span::new(0, 2), ""), "[]");
}

#[test]
fn an_edit_keeps_within_its_cell() {
    let raw = r#"{"cells": [{"cell_type": "code", "source": "a"}, {"cell_type": "code", "source": "b"}]}"#;
    let (notebook, text) = Notebook::read(raw.as_bytes()).unwrap();
    assert_eq!(text, "a\n\nb\n\n");
    for span in [Span::new(0, 3), Span::new(1, 4), Span::at(2), Span::new(0, 9)] {
        assert_eq!(notebook.splice(raw.as_bytes(), &text, &[(span, String::new())]), None, "{span:?}");
    }
    let overlapping = [(Span::new(0, 1), String::new()), (Span::new(0, 1), "x".to_owned())];
    assert_eq!(notebook.splice(raw.as_bytes(), &text, &overlapping), None);
}

#[test]
fn escapes_beside_an_edit_stay_and_new_text_follows_them() {
    let (before, after) = (r#""\u00e9 \/ \"a\" b""#, r#""\u00e9 \/ \"\u00e9\" b""#);
    check(before, (Span::new(6, 7), "é"), after);
    check(r#""é \u0041a""#, (Span::new(4, 5), "ü"), r#""é \u0041ü""#);
}

/// The language, the numbers of the cells that count, and how many do not.
fn read(raw: &str) -> (Option<&'static str>, Vec<u32>, u32) {
    let (notebook, _) = Notebook::read(raw.as_bytes()).unwrap();
    let numbers = notebook.cells.iter().map(|cell| cell.number).collect();
    (notebook.language.map(super::LanguageId::name), numbers, notebook.skipped)
}

#[test]
fn cells_are_chosen_by_kernel_and_by_their_own_language() {
    let cells = r#"[{"cell_type": "markdown", "source": "x"}, {"cell_type": "code", "source": "y"},
        {"cell_type": "code", "source": "z", "metadata": {"vscode": {"languageId": "javascript"}}},
        {"cell_type": "code", "source": null}, {"cell_type": "code"}, {"cell_type": "code", "source": ["a", 1]},
        {"cell_type": "code", "source": [1], "source": ["b"]}]"#;
    let with = |metadata: &str| read(&format!("{{\"cells\": {cells}, \"metadata\": {metadata}}}"));
    assert_eq!(with("{}"), (Some("python"), vec![2, 7], 4));
    assert_eq!(with("null"), (Some("python"), vec![2, 7], 4));
    assert_eq!(with(r#"{"kernelspec": {"name": "my-env"}}"#), (Some("python"), vec![2, 7], 4));
    assert_eq!(with(r#"{"kernelspec": {"name": "deno"}}"#), (Some("typescript"), vec![2, 3, 7], 3));
    assert_eq!(with(r#"{"kernelspec": {"language": "R"}}"#), (None, vec![], 6));
    assert_eq!(with(r#"{"language_info": {"name": "julia"}}"#), (None, vec![], 6));
}

#[test]
fn the_third_format_is_read_as_well() {
    let raw = r#"{"worksheets": [{"cells": [{"cell_type": "heading", "source": "t"},
        {"cell_type": "code", "language": "python", "input": ["a\n", "b"]}]},
        {"cells": [{"cell_type": "code", "language": "ruby", "input": "c"}]}], "nbformat": 3}"#;
    assert_eq!(read(raw), (Some("python"), vec![2], 1));
}

#[test]
fn what_is_no_notebook_is_told_with_its_place() {
    let trouble = |raw: &[u8]| Notebook::read(raw).map(|_| ()).unwrap_err();
    let told = trouble(b"{\"cells\": [\n<<<<<<< HEAD\n]}");
    assert_eq!((told.offset, &*told.message), (12, "not a notebook: expected value"));
    assert_eq!(&*trouble(b"{\"metadata\": {}}").message, "not a notebook: it holds no list of cells");
    assert_eq!(trouble(b"{\"cells\": [\"\xff\"]}").offset, 12);
    assert!(trouble(b"").message.starts_with("not a notebook: EOF"));
    let deep = format!("{{\"cells\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Notebook::read(deep.as_bytes()).is_err());
    let deep = format!("{{\"x\": {}{}, \"cells\": []}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Notebook::read(deep.as_bytes()).is_ok());
}
