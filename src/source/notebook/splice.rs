//! Edits of a notebook's text, taken back to the strings that it is written as.

use super::Cell;
use super::Notebook;
use super::Part;
use super::Span;
use super::literal;

/// An edit of one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The cell, from 1 among all cells.
    pub cell: u32,
    /// What goes, within the cell's source.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

/// An edit of the text that keeps within one cell.
#[derive(Clone, Debug)]
struct Within<'n> {
    cell: &'n Cell,
    span: Span,
    text: String,
}

/// A replacement of bytes of the file.
type Replacement = (Span, String);

impl Notebook {
    /// The edits by cell. Equal edits count once; edits that overlap, or cross the border of a cell, give `None`.
    pub fn localise(&self, text: &str, edits: &[(Span, String)]) -> Option<Vec<Local>> {
        let local = |edit: Within<'_>| Local {
            cell: edit.cell.number,
            span: Span::new(edit.span.start - edit.cell.span.start, edit.span.end - edit.cell.span.start),
            text: edit.text,
        };
        Some(self.within(text, edits)?.into_iter().map(local).collect())
    }

    /// Puts edits of the text into the file; `None` as for [`Notebook::localise`].
    pub fn splice(&self, raw: &[u8], text: &str, edits: &[(Span, String)]) -> Option<Vec<u8>> {
        let raw = str::from_utf8(raw).ok()?;
        let edits: Vec<Within<'_>> =
            self.within(text, edits)?.into_iter().filter_map(|edit| shrink(text, &edit)).collect();
        let mut spliced = String::with_capacity(raw.len() + 256);
        let mut done = 0;
        for edits in edits.chunk_by(|one, other| one.cell.number == other.cell.number) {
            let cell = edits.first()?.cell;
            let writer = Writer { raw, text, cell, ascii: self.ascii };
            let replacements = if cell.list.is_some() { writer.list(edits)? } else { writer.string(edits)? };
            for (span, new) in replacements {
                spliced.push_str(raw.get(done..span.start as usize)?);
                spliced.push_str(&new);
                done = span.end as usize;
            }
        }
        spliced.push_str(raw.get(done..)?);
        Some(spliced.into_bytes())
    }

    /// Sorts edits, and fits each into its cell.
    fn within(&self, text: &str, edits: &[(Span, String)]) -> Option<Vec<Within<'_>>> {
        let mut edits: Vec<&(Span, String)> = edits.iter().collect();
        edits.sort_unstable();
        edits.dedup();
        let mut fitted: Vec<Within<'_>> = Vec::new();
        for (span, new) in edits {
            if fitted.last().is_some_and(|before| span.start < before.span.end) {
                return None;
            }
            let mut edit = self.fit(text, *span, new)?;
            // Of what is deleted, one piece is made, so that its end is seen.
            if let Some(before) = fitted.last()
                && before.span.end == edit.span.start
                && before.cell.number == edit.cell.number
                && before.text.is_empty()
                && edit.text.is_empty()
            {
                edit.span.start = before.span.start;
                fitted.pop();
            }
            let is_free = |at: u32| fitted.last().is_none_or(|before| before.span.end <= at);
            if let Some(start) = line_end_before(text, &edit).filter(|at| is_free(*at)) {
                edit.span.start = start;
            }
            fitted.push(edit);
        }
        Some(fitted)
    }

    /// Finds the cell of an edit. An edit may take the end of the cell's last line, which is not in the file.
    fn fit(&self, text: &str, span: Span, new: &str) -> Option<Within<'_>> {
        let cell = self.cell(span.start)?;
        text.get(span.range())?;
        if span.end <= cell.span.end {
            return Some(Within { cell, span, text: new.to_owned() });
        }
        let beyond = text.get(cell.span.end as usize..span.end as usize)?;
        let kept = if new.is_empty() { Some(new) } else { new.strip_suffix(self.newline) };
        let kept = kept.filter(|_| beyond == self.newline)?;
        Some(Within { cell, span: Span::new(span.start, cell.span.end), text: kept.to_owned() })
    }
}

/// Where the line before starts to end, if an edit deletes the last lines of a cell whose last line has no end.
fn line_end_before(text: &str, edit: &Within<'_>) -> Option<u32> {
    let deletes = edit.text.is_empty() && edit.span.start < edit.span.end && edit.span.end == edit.cell.span.end;
    let gone = text.get(edit.span.range())?;
    let before = text.get(edit.cell.span.start as usize..edit.span.start as usize)?;
    let kept = before.strip_suffix('\n').filter(|_| deletes && !gone.ends_with('\n'))?;
    let kept = kept.strip_suffix('\r').unwrap_or(kept);
    u32::try_from(kept.len()).ok().map(|length| edit.cell.span.start + length)
}

/// Leaves out of an edit what it does not change.
fn shrink<'n>(text: &str, edit: &Within<'n>) -> Option<Within<'n>> {
    let old = text.get(edit.span.range())?;
    let same = |(one, other): &(char, char)| one == other;
    let length = |characters: &mut dyn Iterator<Item = (char, char)>| -> usize {
        characters.map(|(one, _)| one.len_utf8()).sum()
    };
    let head = length(&mut old.chars().zip(edit.text.chars()).take_while(same));
    let (old, new) = (old.get(head..)?, edit.text.get(head..)?);
    let tail = length(&mut old.chars().rev().zip(new.chars().rev()).take_while(same));
    let new = new.get(..new.len() - tail)?;
    let start = edit.span.start + u32::try_from(head).ok()?;
    let span = Span::new(start, edit.span.end - u32::try_from(tail).ok()?);
    let is_change = span.start < span.end || !new.is_empty();
    is_change.then(|| Within { cell: edit.cell, span, text: new.to_owned() })
}

/// Writes the source of one cell.
struct Writer<'n> {
    raw: &'n str,
    text: &'n str,
    cell: &'n Cell,
    ascii: bool,
}

impl Writer<'_> {
    /// Edits in a single string.
    fn string(&self, edits: &[Within<'_>]) -> Option<Vec<Replacement>> {
        let part = self.cell.parts.first()?;
        let replacement = |edit: &Within<'_>| {
            let span = Span::new(self.raw_offset(part, edit.span.start)?, self.raw_offset(part, edit.span.end)?);
            Some((span, self.encoded(&edit.text)))
        };
        edits.iter().map(replacement).collect()
    }

    /// Edits in a list of strings: those that are touched are written anew.
    fn list(&self, edits: &[Within<'_>]) -> Option<Vec<Replacement>> {
        let parts = &self.cell.parts;
        let mut replacements = Vec::new();
        let mut rest = edits;
        while let Some(edit) = rest.first() {
            let first = self.part_at(edit.span.start)?;
            let mut last = first;
            let mut count = 0;
            let elements = loop {
                while let Some(next) = rest.get(count)
                    && self.part_at(next.span.start)? <= last
                {
                    last = last.max(self.last_part(next)?);
                    count += 1;
                }
                let elements = self.elements(first, last, rest.get(..count)?)?;
                let is_cut = elements.last().is_some_and(|element| !element.ends_line) && self.ends_line(last);
                if !is_cut || last + 1 >= parts.len() {
                    break elements;
                }
                last += 1;
            };
            rest = rest.get(count..)?;
            replacements.push(self.replacement(first, last, &elements)?);
        }
        Some(replacements)
    }

    /// The element that an offset lies in; one at a border belongs to what follows, if anything does.
    fn part_at(&self, offset: u32) -> Option<usize> {
        let parts = &self.cell.parts;
        let after = parts.partition_point(|part| part.text.end <= offset);
        if after < parts.len() { Some(after) } else { parts.len().checked_sub(1) }
    }

    fn last_part(&self, edit: &Within<'_>) -> Option<usize> {
        if edit.span.start == edit.span.end { self.part_at(edit.span.start) } else { self.part_at(edit.span.end - 1) }
    }

    /// What the elements from `first` to `last` become.
    fn elements(&self, first: usize, last: usize, edits: &[Within<'_>]) -> Option<Vec<Element>> {
        let mut elements = Vec::new();
        let mut element = Element::default();
        let mut edits = edits.iter().peekable();
        let mut done = 0;
        for (index, part) in (first..).zip(self.cell.parts.get(first..=last)?) {
            let mut is_touched = done > part.text.start;
            while let Some(edit) = edits.next_if(|edit| self.part_at(edit.span.start) == Some(index)) {
                is_touched = true;
                self.copy(part, done, edit.span.start, &mut element)?;
                done = edit.span.end;
                self.insert(part, &edit.text, &mut element, &mut elements);
            }
            self.copy(part, done, part.text.end, &mut element)?;
            // What has lost the end of its line goes on in the next element.
            if !is_touched || element.ends_line {
                elements.push(std::mem::take(&mut element));
            }
        }
        if !element.raw.is_empty() {
            elements.push(element);
        }
        Some(elements)
    }

    /// Copies what stands in the file for the text between two offsets, as far as it lies in an element.
    fn copy(&self, part: &Part, from: u32, to: u32, element: &mut Element) -> Option<()> {
        let (from, to) = (from.max(part.text.start), to.min(part.text.end));
        if from < to {
            let span = Span::new(self.raw_offset(part, from)?, self.raw_offset(part, to)?);
            element.raw.push_str(self.raw.get(span.range())?);
            element.ends_line = self.text.get(from as usize..to as usize)?.ends_with('\n');
        }
        Some(())
    }

    /// Adds new text; where elements are lines, each of its lines becomes one.
    fn insert(&self, part: &Part, new: &str, element: &mut Element, elements: &mut Vec<Element>) {
        let old = self.text.get(part.text.range()).unwrap_or_default();
        let is_line = !old.strip_suffix('\n').unwrap_or(old).contains('\n');
        for line in new.split_inclusive('\n') {
            if is_line && element.ends_line {
                elements.push(std::mem::take(element));
            }
            element.raw.push_str(&self.encoded(line));
            element.ends_line = line.ends_with('\n');
        }
        if is_line && element.ends_line {
            elements.push(std::mem::take(element));
        }
    }

    fn ends_line(&self, part: usize) -> bool {
        let part = self.cell.parts.get(part).and_then(|part| self.text.get(part.text.range()));
        part.is_some_and(|text| text.ends_with('\n'))
    }

    /// Writes elements in the place of others, parted as the list parts them.
    fn replacement(&self, first: usize, last: usize, elements: &[Element]) -> Option<Replacement> {
        let parts = &self.cell.parts;
        let quoted = |index: usize| parts.get(index).map(|part| Span::new(part.raw.start - 1, part.raw.end + 1));
        let (start, end) = (quoted(first)?.start, quoted(last)?.end);
        if !elements.is_empty() {
            let elements: Vec<String> = elements.iter().map(|element| format!("\"{}\"", element.raw)).collect();
            return Some((Span::new(start, end), elements.join(&self.separator()?)));
        }
        // Nothing is left of them: what parted them from their neighbours goes as well.
        let span = match (quoted(last + 1), first.checked_sub(1).and_then(quoted)) {
            (Some(next), _) => Span::new(start, next.start),
            (None, Some(before)) => Span::new(before.end, end),
            (None, None) => self.cell.list.map(|list| Span::new(list.start + 1, list.end - 1))?,
        };
        Some((span, String::new()))
    }

    /// What stands between two elements of the list; before a lone one stands the same without its comma.
    fn separator(&self) -> Option<String> {
        let (first, list) = (self.cell.parts.first()?, self.cell.list?);
        if let Some(second) = self.cell.parts.get(1) {
            return Some(self.raw.get(first.raw.end as usize + 1..second.raw.start as usize - 1)?.to_owned());
        }
        let before = self.raw.get(list.start as usize + 1..first.raw.start as usize - 1)?;
        Some(if before.is_empty() { ", ".to_owned() } else { format!(",{before}") })
    }

    fn raw_offset(&self, part: &Part, offset: u32) -> Option<u32> {
        let raw = self.raw.get(part.raw.range())?;
        let inner = literal::offset(raw, offset.checked_sub(part.text.start)? as usize)?;
        Some(part.raw.start + u32::try_from(inner).ok()?)
    }

    fn encoded(&self, text: &str) -> String {
        let mut raw = String::with_capacity(text.len() + 8);
        literal::encode(text, self.ascii, &mut raw);
        raw
    }
}

/// One string of a list, as it will stand in the file.
#[derive(Debug, Default)]
struct Element {
    raw: String,
    /// Whether its text ends a line.
    ends_line: bool,
}
