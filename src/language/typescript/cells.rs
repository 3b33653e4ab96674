//! The cells of a notebook, made into a text that parses: a cell that does not, must not hide the others.

use std::borrow::Cow;
use std::collections::BTreeSet;

use oxc_allocator::Allocator;

use crate::outline::Outline;
use crate::source::SourceFile;

use super::guard;
use super::parse;
use super::scripts;

/// The text that is parsed of a file.
pub(super) struct Cells<'s> {
    pub(super) text: Cow<'s, str>,
    /// How many cells of a notebook are not in it.
    pub(super) skipped: u32,
    /// Words in those.
    words: BTreeSet<String>,
}

/// Reads the cells of a notebook; of any other file, its scripts.
pub(super) fn read(source: &SourceFile) -> Cells<'_> {
    let (skipped, words) = (0, BTreeSet::new());
    let Some(notebook) = source.notebook() else {
        return Cells { text: scripts::script_text(source.path(), source.text()), skipped, words };
    };
    let mut cells = Cells { text: Cow::Borrowed(""), skipped: notebook.skipped, words };
    let mut text = String::with_capacity(source.text().len());
    for cell in &notebook.cells {
        let code = source.slice(cell.span);
        let between = source.text().get(text.len()..cell.span.start as usize).unwrap_or_default();
        // A statement ends with its cell, whatever the next one starts with.
        let goes_on = code.trim_start().starts_with(['(', '[', '`', '+', '-', '*', '/', '.', ',']);
        match between.strip_prefix('\n').filter(|_| goes_on) {
            Some(rest) => text.extend([";", rest]),
            None => text.push_str(between),
        }
        if is_whole(source, code) {
            text.push_str(code);
        } else {
            cells.skipped += 1;
            let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
            let words = code.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
            cells.words.extend(words.map(str::to_owned));
            text.extend(code.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' }));
        }
    }
    text.push_str(source.text().get(text.len()..).unwrap_or_default());
    cells.text = Cow::Owned(text);
    cells
}

/// Whether a cell parses on its own.
fn is_whole(source: &SourceFile, code: &str) -> bool {
    if guard::is_too_deep(code) {
        // The whole text is then, and says so.
        return true;
    }
    let allocator = Allocator::default();
    let dialects = parse::dialects(source.path());
    dialects.into_iter().any(|dialect| parse::run(&allocator, dialect, code).diagnostics.is_empty())
}

impl Cells<'_> {
    /// Counts each import of the module as read once more where a cell that is not in the text may read it.
    pub(super) fn count_reads(&self, outline: &mut Outline) {
        for import in outline.imports.iter_mut().filter(|import| import.scope == 0) {
            let form = import.form;
            for member in &mut import.members {
                if self.words.contains(member.bound(form)) {
                    member.reads = member.reads.saturating_add(1);
                }
            }
        }
    }
}
