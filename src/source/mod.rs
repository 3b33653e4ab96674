#![expect(clippy::disallowed_methods, reason = "a source file is read from disk here, and nowhere else")]
//! The text of one file, exactly as its bytes are, and where its lines start.

mod decode;
mod depth;
mod notebook;

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use serde::Serialize;

use crate::edit::splice;
use crate::outline::Trouble;

pub use decode::Encoding;
pub use depth::MAX_DEPTH;
pub use depth::is_too_deep;
pub use notebook::Cell;
pub use notebook::ENDING as NOTEBOOK;
pub use notebook::Local;
pub use notebook::Notebook;
pub use notebook::is_notebook;

/// A text larger than this many bytes is a problem, not a source. Of a notebook, only the code counts.
pub const MAX_BYTES: u64 = 5 * 1024 * 1024;

/// The languages that qmigrate reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LanguageId {
    /// Python source.
    Python,
    /// TypeScript, JavaScript, and what embeds them.
    Typescript,
    /// Rust source.
    Rust,
}

impl LanguageId {
    /// Every language, in the order of reports.
    pub const ALL: [Self; 3] = [Self::Python, Self::Typescript, Self::Rust];

    /// The name in configuration, rules and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Typescript => "typescript",
            Self::Rust => "rust",
        }
    }
}

/// A range of bytes in a file: `start` belongs to it, `end` does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte, from 0.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range from `start` up to `end`.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The empty range at `offset`.
    pub fn at(offset: u32) -> Self {
        Self { start: offset, end: offset }
    }

    /// Whether `other` lies within this range.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The range as indices into a string or a slice.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One file, as it was read.
///
/// Parsers see `text`. Where the bytes are not UTF-8, each byte that is not ASCII stands as one `_` in `text`, so that
/// offsets into one are offsets into the other; edits always go to the bytes.
///
/// Of a notebook, `text` is its code, cell after cell, and `bytes` its file; see [`Notebook`].
#[derive(Debug)]
pub struct SourceFile {
    path: PathBuf,
    language: LanguageId,
    text: String,
    original: Option<Vec<u8>>,
    encoding: Encoding,
    notebook: Option<Box<Notebook>>,
    damage: Option<Trouble>,
    line_starts: std::sync::OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// The operating system's, when the file cannot be read.
    pub fn read(path: &Path, language: LanguageId) -> io::Result<Self> {
        Ok(Self::from_bytes(path.to_path_buf(), language, fs::read(path)?))
    }

    /// Takes the bytes of a file that was read elsewhere. A notebook may name another language than `language`.
    pub fn from_bytes(path: PathBuf, language: LanguageId, bytes: Vec<u8>) -> Self {
        let line_starts = std::sync::OnceLock::new();
        let mut damage = None;
        if is_notebook(&path) {
            match Notebook::read(&bytes) {
                Ok((notebook, text)) => {
                    let language = notebook.language.unwrap_or(language);
                    let (original, notebook) = (Some(bytes), Some(Box::new(notebook)));
                    let encoding = Encoding::Utf8;
                    return Self { path, language, text, original, encoding, notebook, damage, line_starts };
                }
                Err(trouble) => damage = Some(trouble),
            }
        }
        let decode::Decoded { text, original, encoding } = decode::decode(bytes);
        Self { path, language, text, original, encoding, notebook: None, damage, line_starts }
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The language it is written in.
    pub fn language(&self) -> LanguageId {
        self.language
    }

    /// The cells, where the file is a notebook.
    pub fn notebook(&self) -> Option<&Notebook> {
        self.notebook.as_deref()
    }

    /// What is wrong with a notebook that cannot be read; its text is then that of the file.
    pub fn damage(&self) -> Option<&Trouble> {
        self.damage.as_ref()
    }

    /// What parsers read: as long as the bytes, and equal to them where they are ASCII or UTF-8.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The file's bytes.
    pub fn bytes(&self) -> &[u8] {
        self.original.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// How the bytes are encoded.
    pub fn encoding(&self) -> &Encoding {
        &self.encoding
    }

    /// The text of a span; empty where the span does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// Offsets at which lines start. Lines end with `\n`, `\r\n` or `\r`.
    pub fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| line_starts(self.text.as_bytes()))
    }

    /// The line of an offset, from 1.
    pub fn line(&self, offset: u32) -> u32 {
        let index = self.line_starts().partition_point(|&start| start <= offset);
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// Line and column of an offset, within its cell in a notebook.
    pub fn position(&self, offset: u32) -> Position {
        let Position { line, column } = self.position_in_text(offset);
        Position { line: line - self.lines_above(offset), column }
    }

    /// The notebook's cell in which an offset lies.
    pub fn cell(&self, offset: u32) -> Option<&Cell> {
        self.notebook()?.cell(offset)
    }

    /// A span of the text as one of its cell's source; the same where there are no cells.
    pub fn within_cell(&self, span: Span) -> Span {
        let start = self.cell(span.start).map_or(0, |cell| cell.span.start);
        Span::new(span.start - start, span.end - start)
    }

    /// The opposite of [`SourceFile::within_cell`].
    pub fn within_text(&self, cell: Option<u32>, span: Span) -> Span {
        let cells = self.notebook().map_or(&[][..], |notebook| &notebook.cells);
        let start = cells.iter().find(|known| Some(known.number) == cell).map_or(0, |cell| cell.span.start);
        Span::new(start.saturating_add(span.start), start.saturating_add(span.end))
    }

    /// How many lines of the text stand above the cell of an offset.
    pub fn lines_above(&self, offset: u32) -> u32 {
        self.cell(offset).map_or(0, |cell| self.line(cell.span.start) - 1)
    }

    /// The bytes with edits of the text in them. Equal edits count once; edits that overlap, lie outside, or cross the
    /// border of a notebook's cell give `None`.
    pub fn edited(&self, edits: &[(Span, String)]) -> Option<Vec<u8>> {
        match self.notebook() {
            Some(notebook) => notebook.splice(self.bytes(), &self.text, edits),
            None => splice(self.bytes(), edits.iter().map(|(span, text)| (*span, text.as_str()))),
        }
    }

    fn position_in_text(&self, offset: u32) -> Position {
        let line = self.line(offset);
        let start = self.line_span(line).start;
        let before = self.slice(Span::new(start, offset));
        let before = if start == 0 { before.trim_start_matches('\u{feff}') } else { before };
        let column = u32::try_from(before.chars().count()).unwrap_or(u32::MAX).saturating_add(1);
        Position { line, column }
    }

    /// The span of a line (counted from 1), without its end.
    pub fn line_span(&self, line: u32) -> Span {
        let starts = self.line_starts();
        let index = line.saturating_sub(1) as usize;
        let start = starts.get(index).copied().unwrap_or(0);
        let length = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let end = starts.get(index + 1).copied().unwrap_or(length);
        let text = self.slice(Span::new(start, end));
        let trimmed = text.strip_suffix("\r\n").or_else(|| text.strip_suffix(['\n', '\r']));
        let kept = trimmed.unwrap_or(text).len();
        Span::new(start, start + u32::try_from(kept).unwrap_or(0))
    }

    /// Where the line of an offset starts; the same as from [`SourceFile::line_span`], without counting all lines.
    pub fn line_start(&self, offset: u32) -> u32 {
        let before = self.slice(Span::new(0, offset));
        let end = memchr::memrchr2(b'\n', b'\r', before.as_bytes());
        end.map_or(0, |end| u32::try_from(end + 1).unwrap_or(u32::MAX))
    }

    /// The line end that the file uses first; `\n` where it has none.
    pub fn newline(&self) -> &'static str {
        if let Some(notebook) = self.notebook() {
            return notebook.newline();
        }
        let Some(at) = memchr::memchr2(b'\n', b'\r', self.text.as_bytes()) else { return "\n" };
        match self.text.as_bytes().get(at..at + 2) {
            Some(b"\r\n") => "\r\n",
            _ if self.text.as_bytes().get(at) == Some(&b'\r') => "\r",
            _ => "\n",
        }
    }
}

fn line_starts(bytes: &[u8]) -> Vec<u32> {
    let mut starts = vec![0];
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        if bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n') {
            continue;
        }
        starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> SourceFile {
        SourceFile::from_bytes("a.py".into(), LanguageId::Python, text.as_bytes().to_vec())
    }

    #[test]
    fn columns_count_characters_and_not_the_byte_order_mark() {
        let source = source("\u{feff}é = OpenAI()\r\nx = 1\r\n");
        let offset = u32::try_from(source.text().find("OpenAI").unwrap_or(0)).unwrap_or(0);
        assert_eq!(source.position(offset), Position { line: 1, column: 5 });
        assert_eq!(source.line_span(2), Span::new(18, 23));
    }

    #[test]
    fn a_lone_carriage_return_ends_a_line() {
        let source = source("a\rb\r\nc\n");
        assert_eq!(source.line_starts(), [0, 2, 5, 7]);
        assert_eq!([0, 1, 2, 3, 5, 6].map(|offset| source.line_start(offset)), [0, 0, 2, 2, 5, 5]);
    }
}
