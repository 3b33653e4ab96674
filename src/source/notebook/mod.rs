//! A notebook is a container, not a language: its cells become one text, with a map back to the bytes of the file.
//!
//! The text holds the code cells in the notebook's language, one after the other, with an empty line between two of
//! them. Only the `source` strings that an edit touches are written anew (`splice.rs`).

mod json;
mod literal;
mod splice;
#[cfg(test)]
mod tests;

use std::path::Path;

use serde_json::value::RawValue;

use crate::finding::ProblemKind;
use crate::outline::Trouble;

use super::LanguageId;
use super::Span;

pub use splice::Local;

/// How the name of a notebook ends.
pub const ENDING: &str = "ipynb";

/// Whether a path names a notebook.
pub fn is_notebook(path: &Path) -> bool {
    // Most are none, and paths are taken apart part by part.
    path.as_os_str().as_encoded_bytes().ends_with(ENDING.as_bytes())
        && path.extension().is_some_and(|extension| extension == ENDING)
}

/// The code cells of a notebook, and where their text stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notebook {
    /// The language of its kernel; `None` for one that qmigrate does not know.
    pub language: Option<LanguageId>,
    /// The cells whose code is in the text.
    pub cells: Vec<Cell>,
    /// How many code cells are not: they are in another language, or their `source` is no text.
    pub skipped: u32,
    /// Whether what is not ASCII is written as escapes.
    ascii: bool,
    /// What ends lines in its cells.
    newline: &'static str,
}

/// One code cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its place among all cells of the notebook, from 1.
    pub number: u32,
    /// Its code in the text.
    pub span: Span,
    /// The strings that its code is written as: one, or one for each line.
    parts: Vec<Part>,
    /// Where the list of strings stands in the file, with its brackets; `None` for a single string.
    list: Option<Span>,
}

/// One string of a cell's `source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    /// Its code in the text.
    text: Span,
    /// What stands between its quotes in the file.
    raw: Span,
}

impl Notebook {
    /// Takes a notebook apart: its cells, and their text.
    ///
    /// # Errors
    ///
    /// What is wrong with it, where it is not UTF-8, not JSON, or not a notebook; the offset is one in `bytes`.
    pub(super) fn read(bytes: &[u8]) -> Result<(Self, String), Trouble> {
        let text = str::from_utf8(bytes).map_err(|error| Trouble {
            offset: offset(error.valid_up_to()),
            kind: ProblemKind::Encoding,
            message: "not valid UTF-8: an unexpected byte".to_owned(),
        })?;
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let base = text.len() - body.len();
        let found = json::parse(body, |parsed, document| find(text, parsed, base, document));
        let trouble = |at: usize, message: &str| Trouble {
            offset: offset(base + at),
            kind: ProblemKind::Syntax,
            message: format!("not a notebook: {message}"),
        };
        match found {
            Ok(Some((language, found))) => Ok(join(text, language, &found)),
            Ok(None) => Err(trouble(0, "it holds no list of cells")),
            Err(error) => {
                let message = error.to_string();
                let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
                Err(trouble(place(body, error.line(), error.column()), message))
            }
        }
    }

    /// What ends lines in the cells.
    pub(super) fn newline(&self) -> &'static str {
        self.newline
    }

    /// The cell in whose code, or at whose end, an offset of the text lies.
    pub fn cell(&self, offset: u32) -> Option<&Cell> {
        let after = self.cells.partition_point(|cell| cell.span.start <= offset);
        self.cells.get(after.checked_sub(1)?).filter(|cell| offset <= cell.span.end)
    }
}

/// A cell as it stands in the file.
struct Found {
    number: u32,
    /// `None` where the code is not for us.
    source: Option<Source>,
}

struct Source {
    /// The strings, without their quotes.
    strings: Vec<Span>,
    list: Option<Span>,
}

/// Finds the code cells, and the language of the kernel; `None` where there is no list of cells.
fn find(
    text: &str,
    parsed: &str,
    base: usize,
    document: &json::Document<'_>,
) -> Option<(Option<LanguageId>, Vec<Found>)> {
    let sheets = document.worksheets.iter().flatten().map(|sheet| &sheet.0);
    let lists: Vec<_> = match &document.cells {
        Some(cells) => vec![cells],
        None => sheets.filter_map(|sheet| sheet.cells.as_ref()).collect(),
    };
    if document.cells.is_none() && document.worksheets.is_none() {
        return None;
    }
    let is_code = |cell: &json::Cell<'_>| cell.kind.is_some_and(|kind| kind.get() == "\"code\"");
    let cells = || (1..).zip(lists.iter().copied().flatten()).filter(|(_, cell)| is_code(&cell.0));
    // Before format 4, the cells name their language, and nothing else does.
    let by_cell = || cells().find_map(|(_, cell)| plain(cell.0.language?));
    let language = language(kernel(document.metadata).or_else(by_cell).as_deref());
    let found = cells().map(|(number, cell)| {
        let own = cell.0.metadata.and_then(cell_language).or_else(|| plain(cell.0.language?));
        let is_ours = own.is_none_or(|own| self::language(Some(&own)) == language);
        let place = |value: &RawValue| {
            let start = value.get().as_ptr().addr().saturating_sub(parsed.as_ptr().addr()) + base;
            Span::new(offset(start), offset(start + value.get().len()))
        };
        let source = cell.0.source.filter(|_| is_ours && language.is_some());
        Found { number, source: source.and_then(|source| strings(text, source, &place)) }
    });
    Some((language, found.collect()))
}

/// The strings of a `source`; `None` where it is neither a string nor a list of strings.
fn strings(text: &str, source: &RawValue, place: &dyn Fn(&RawValue) -> Span) -> Option<Source> {
    let is_string = |span: Span| text.as_bytes().get(span.start as usize) == Some(&b'"');
    let inner = |span: Span| Span::new(span.start + 1, span.end - 1);
    let whole = place(source);
    if is_string(whole) {
        return Some(Source { strings: vec![inner(whole)], list: None });
    }
    let parts: Vec<&RawValue> = serde_json::from_str(source.get()).ok()?;
    let parts: Vec<Span> = parts.into_iter().map(place).collect();
    let all = parts.iter().all(|part| is_string(*part));
    all.then(|| Source { strings: parts.into_iter().map(inner).collect(), list: Some(whole) })
}

/// Joins cells to one text.
fn join(raw: &str, language: Option<LanguageId>, found: &[Found]) -> (Notebook, String) {
    let slice = |span: Span| raw.get(span.range()).unwrap_or_default();
    let sources = || found.iter().filter_map(|found| Some((found.number, found.source.as_ref()?)));
    let strings = || sources().flat_map(|(_, source)| &source.strings).map(|span| slice(*span));
    let newline = match strings().find_map(|string| Some(string.get(..string.find("\\n")?)?.ends_with("\\r"))) {
        Some(true) => "\r\n",
        _ => "\n",
    };
    let escapes = || strings().any(|string| memchr::memmem::find(string.as_bytes(), b"\\u").is_some());
    let ascii = strings().all(str::is_ascii) && escapes();
    let mut text = String::new();
    let mut cells = Vec::new();
    for (number, source) in sources() {
        let start = offset(text.len());
        let part = |raw: &Span| {
            let start = offset(text.len());
            literal::decode(slice(*raw), &mut text);
            Part { text: Span::new(start, offset(text.len())), raw: *raw }
        };
        let parts = source.strings.iter().map(part).collect();
        cells.push(Cell { number, span: Span::new(start, offset(text.len())), parts, list: source.list });
        // One ends the last line. The other keeps a comment above a cell's end from speaking for the next cell.
        text.push_str(newline);
        text.push_str(newline);
    }
    let skipped = found.iter().filter(|found| found.source.is_none()).count();
    (Notebook { language, cells, skipped: offset(skipped), ascii, newline }, text)
}

/// The language that a kernel or a cell names; Python where it names none.
fn language(name: Option<&str>) -> Option<LanguageId> {
    match name.map(str::to_ascii_lowercase).as_deref() {
        None | Some("python" | "python3" | "ipython" | "ipython3" | "pyspark") => Some(LanguageId::Python),
        Some("typescript" | "javascript" | "deno" | "tslab" | "jslab" | "node" | "nodejs") => {
            Some(LanguageId::Typescript)
        }
        Some(_) => None,
    }
}

/// The name of the kernel's language.
fn kernel(metadata: Option<&RawValue>) -> Option<String> {
    let json::Keyed(metadata) = serde_json::from_str::<json::Keyed<json::Metadata<'_>>>(metadata?.get()).ok()?;
    let name = |group: Option<&RawValue>, key: &str| {
        let group = group.and_then(value)?;
        let name = group.get(key)?.as_str()?;
        (!name.is_empty()).then(|| name.to_owned())
    };
    name(metadata.kernelspec, "language").or_else(|| name(metadata.language_info, "name")).or_else(|| {
        // A kernel may be called anything; only some names tell the language.
        let kernel = name(metadata.kernelspec, "name")?;
        language(Some(&kernel)).map(|language| language.name().to_owned())
    })
}

/// The name of the language that an editor has noted for a cell.
fn cell_language(metadata: &RawValue) -> Option<String> {
    let metadata = value(metadata)?;
    let editors = [("vscode", "languageId"), ("dotnet_interactive", "language"), ("polyglot_notebook", "kernelName")];
    let mut names = editors.into_iter().filter_map(|(editor, key)| metadata.get(editor)?.get(key)?.as_str());
    names.next().map(str::to_owned)
}

/// A small value; what nests too deep for it is nothing that is asked for here.
fn value(raw: &RawValue) -> Option<serde_json::Value> {
    serde_json::from_str(raw.get()).ok()
}

fn plain(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// The offset of a line and a column as `serde_json` counts them.
fn place(text: &str, line: usize, column: usize) -> usize {
    let ends = memchr::memchr_iter(b'\n', text.as_bytes());
    let start = line.checked_sub(2).and_then(|before| ends.clone().nth(before)).map_or(0, |end| end + 1);
    text.floor_char_boundary((start + column.saturating_sub(1)).min(text.len()))
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
