//! Reads TOML strictly: every value has a line, and every key must be expected.

use std::path::Path;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;
use toml::value::Datetime;

use crate::config::nearest::advice;

/// What is wrong with a TOML file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {message}", file.display())]
pub struct Flaw {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

impl Flaw {
    /// The same, with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A TOML file that parses.
#[derive(Debug)]
pub struct Document<'a> {
    file: &'a Path,
    text: &'a str,
    root: DeTable<'a>,
}

impl<'a> Document<'a> {
    /// Parses the text of a file.
    ///
    /// # Errors
    ///
    /// When the text is no TOML.
    pub fn parse(file: &'a Path, text: &'a str) -> Result<Self, Flaw> {
        let root = DeTable::parse(text).map_err(|error| Flaw {
            file: file.to_path_buf(),
            line: line(text, error.span().map_or(0, |span| span.start)),
            message: error.message().replace('\n', ", "),
            hint: None,
        })?;
        Ok(Self { file, text, root: root.into_inner() })
    }

    /// The table that is the whole document.
    pub fn root(&self) -> Table<'_> {
        Table { file: self.file, text: self.text, name: String::new(), start: 0, entries: &self.root }
    }
}

/// A string of a TOML file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// The string.
    pub text: &'a str,
    /// Its line, from 1.
    pub line: usize,
}

/// One table of a TOML file.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    file: &'a Path,
    text: &'a str,
    name: String,
    start: usize,
    entries: &'a DeTable<'a>,
}

impl<'a> Table<'a> {
    /// The line at which the table starts, from 1.
    pub fn line(&self) -> usize {
        line(self.text, self.start)
    }

    /// Something wrong with this table, at one of its lines.
    pub fn flaw(&self, line: usize, message: impl Into<String>) -> Flaw {
        Flaw { file: self.file.to_path_buf(), line, message: message.into(), hint: None }
    }

    /// Refuses every key that is not among those known.
    ///
    /// # Errors
    ///
    /// Names the first unknown key, and the known one that is most like it.
    pub fn only(&self, known: &[&str]) -> Result<(), Flaw> {
        let unknown = self.entries.keys().filter(|key| !known.contains(&key.get_ref().as_ref()));
        let Some(key) = unknown.min_by_key(|key| key.span().start) else { return Ok(()) };
        let place = if self.name.is_empty() { String::new() } else { format!(" in `{}`", self.name) };
        let message = format!("unknown key `{}`{place}", key.get_ref());
        let hint = advice(key.get_ref(), "known keys", known.iter().copied());
        Err(self.flaw(line(self.text, key.span().start), message).hint(hint))
    }

    /// The string of a key.
    ///
    /// # Errors
    ///
    /// When the value is no string.
    pub fn string(&self, key: &str) -> Result<Option<Text<'a>>, Flaw> {
        let Some(value) = self.entries.get(key) else { return Ok(None) };
        let wrong = || self.mismatch(key, value, "a string");
        self.as_string(value).map(Some).ok_or_else(wrong)
    }

    /// The string of a key that must be there and hold something.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub fn required(&self, key: &str) -> Result<Text<'a>, Flaw> {
        let Some(text) = self.string(key)? else { return Err(self.missing(key)) };
        if text.text.trim().is_empty() {
            return Err(self.flaw(text.line, format!("`{key}` is empty")));
        }
        Ok(text)
    }

    /// The strings of a key.
    ///
    /// # Errors
    ///
    /// When the value is no array, or holds anything but strings.
    pub fn strings(&self, key: &str) -> Result<Option<Vec<Text<'a>>>, Flaw> {
        let Some(value) = self.entries.get(key) else { return Ok(None) };
        let wrong = |value| self.mismatch(key, value, "an array of strings");
        let DeValue::Array(array) = value.get_ref() else { return Err(wrong(value)) };
        let texts = array.iter().map(|item| self.as_string(item).ok_or_else(|| wrong(item)));
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// The strings of a key that must be there and hold at least one.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub fn required_strings(&self, key: &str) -> Result<Vec<Text<'a>>, Flaw> {
        let Some(texts) = self.strings(key)? else { return Err(self.missing(key)) };
        let blank = texts.iter().find(|text| text.text.trim().is_empty());
        if texts.is_empty() || blank.is_some() {
            let line = blank.map_or_else(|| self.line_of(key), |text| text.line);
            return Err(self.flaw(line, format!("`{key}` is empty")));
        }
        Ok(texts)
    }

    /// Whether a key is `true`.
    ///
    /// # Errors
    ///
    /// When it is neither `true` nor `false`.
    pub fn boolean(&self, key: &str) -> Result<Option<bool>, Flaw> {
        let Some(value) = self.entries.get(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::Boolean(is_true) => Ok(Some(*is_true)),
            _ => Err(self.mismatch(key, value, "`true` or `false`")),
        }
    }

    /// The day of a key, as `YYYY-MM-DD`, written with or without quotes.
    ///
    /// # Errors
    ///
    /// When it is no day.
    pub fn date(&self, key: &str) -> Result<Option<String>, Flaw> {
        let Some(value) = self.entries.get(key) else { return Ok(None) };
        let datetime = match value.get_ref() {
            DeValue::Datetime(datetime) => Some(*datetime),
            DeValue::String(text) => text.parse::<Datetime>().ok(),
            _ => None,
        };
        if let Some(Datetime { date: Some(date), time: None, offset: None }) = datetime {
            return Ok(Some(date.to_string()));
        }
        let line = line(self.text, value.span().start);
        let flaw = self.flaw(line, format!("`{key}` is no date"));
        Err(flaw.hint("write a day such as `2025-09-06`"))
    }

    /// The table of a key.
    ///
    /// # Errors
    ///
    /// When the value is no table.
    pub fn table(&self, key: &str) -> Result<Option<Table<'a>>, Flaw> {
        let Some(value) = self.entries.get(key) else { return Ok(None) };
        let name = format!("[{}]", self.path(key));
        match self.as_table(name, value) {
            Some(table) => Ok(Some(table)),
            None => Err(self.mismatch(key, value, "a table")),
        }
    }

    /// The tables of a key, written `[[key]]`.
    ///
    /// # Errors
    ///
    /// When the value is no array of tables.
    pub fn tables(&self, key: &str) -> Result<Vec<Table<'a>>, Flaw> {
        let Some(value) = self.entries.get(key) else { return Ok(Vec::new()) };
        let name = format!("[[{}]]", self.path(key));
        let wrong = |value| {
            let hint = format!("write `{name}` above its keys");
            self.mismatch(key, value, "an array of tables").hint(hint)
        };
        let DeValue::Array(array) = value.get_ref() else { return Err(wrong(value)) };
        let tables = array.iter().map(|item| self.as_table(name.clone(), item).ok_or_else(|| wrong(item)));
        tables.collect()
    }

    /// Every key with its table, in the order of the file.
    ///
    /// # Errors
    ///
    /// When one of the values is no table.
    pub fn entries(&self) -> Result<Vec<(Text<'a>, Table<'a>)>, Flaw> {
        let mut entries = Vec::new();
        for key in self.entries.keys() {
            let text = Text { text: key.get_ref().as_ref(), line: line(self.text, key.span().start) };
            if let Some(table) = self.table(text.text)? {
                entries.push((text, table));
            }
        }
        entries.sort_by_key(|(text, _)| text.line);
        Ok(entries)
    }

    /// The line of a key; the table's own if it has none.
    pub fn line_of(&self, key: &str) -> usize {
        let found = self.entries.get_key_value(key);
        found.map_or_else(|| self.line(), |(key, _)| line(self.text, key.span().start))
    }

    fn missing(&self, key: &str) -> Flaw {
        let place = if self.name.is_empty() { String::new() } else { format!(" in `{}`", self.name) };
        self.flaw(self.line(), format!("`{key}` is missing{place}"))
    }

    fn mismatch(&self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) -> Flaw {
        let found = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        let line = line(self.text, value.span().start);
        self.flaw(line, format!("`{}` must be {expected}, and here is {found}", self.path(key)))
    }

    fn path(&self, key: &str) -> String {
        let parent = self.name.trim_start_matches('[').trim_end_matches(']');
        if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") }
    }

    fn as_string(&self, value: &'a Spanned<DeValue<'a>>) -> Option<Text<'a>> {
        let DeValue::String(text) = value.get_ref() else { return None };
        Some(Text { text, line: line(self.text, value.span().start) })
    }

    fn as_table(&self, name: String, value: &'a Spanned<DeValue<'a>>) -> Option<Table<'a>> {
        let DeValue::Table(entries) = value.get_ref() else { return None };
        Some(Table { file: self.file, text: self.text, name, start: value.span().start, entries })
    }
}

fn line(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    memchr::memchr_iter(b'\n', before).count() + 1
}
