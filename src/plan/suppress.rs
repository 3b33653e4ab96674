//! Comments that suppress findings, put where a comment is one.
//!
//! Whether text at some place would be a comment is for the parser to say, so each place is tried: the file is outlined
//! with the comment in it, and the place is taken if nothing has changed but the comment.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::candidate::Candidate;
use crate::edit::Change;
use crate::edit::Plan;
use crate::language;
use crate::language::Language;
use crate::language::Watch;
use crate::layout::FileId;
use crate::outline::Outline;
use crate::outline::Suppression;
use crate::project::Project;
use crate::source::Encoding;
use crate::source::LanguageId;
use crate::source::SourceFile;
use crate::source::Span;

/// A finding that is to be suppressed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Its place in the scan.
    pub index: usize,
    /// Its rule's id.
    pub rule: &'a str,
    /// Where it is.
    pub candidate: &'a Candidate,
}

/// What becomes of findings that are to be suppressed.
#[derive(Debug, Default)]
pub struct Planned {
    /// The files with their comments.
    pub plan: Plan,
    /// Findings that no comment can suppress.
    pub refused: Refused,
    /// The comments that were there and are extended: their files, and where they start.
    pub extended: BTreeSet<(FileId, u32)>,
}

/// Plans a comment for each finding; findings on one line share one, and a comment that is there already is extended.
pub fn plan(project: &Project, wanted: &[Wanted<'_>], reason: &str, watches: &[(LanguageId, Watch)]) -> Planned {
    let mut files: BTreeMap<FileId, Vec<Wanted<'_>>> = BTreeMap::new();
    for one in wanted {
        files.entry(one.candidate.file).or_default().push(*one);
    }
    let mut planned = Planned::default();
    for (unit, (id, wanted)) in files.into_iter().enumerate() {
        let page = Page::open(project, id, reason, watches);
        match page.and_then(|page| page.write(&wanted, unit)) {
            Ok(Written { change, refused, extended }) => {
                planned.refused.extend(refused);
                planned.extended.extend(extended.into_iter().map(|start| (id, start)));
                planned.plan.changes.push(change);
            }
            Err(why) => planned.refused.extend(wanted.iter().map(|one| (one.index, why.to_owned()))),
        }
    }
    planned.plan.changes.retain(|change| change.before != change.after);
    planned.plan.changes.sort_by(|one, other| one.path.cmp(&other.path));
    planned
}

/// Where a comment may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// In place of the suppression with this index.
    Existing(usize),
    /// At the end of this line.
    End(u32),
    /// Alone above this line.
    Above(u32),
}

/// A comment: the bytes that it replaces, its text, and where in that text it starts.
struct Comment {
    span: Span,
    text: String,
    lead: u32,
}

/// A file with its comments.
struct Written {
    change: Change,
    refused: Refused,
    extended: Vec<u32>,
}

/// A file that comments are put into.
struct Page<'a> {
    source: &'a SourceFile,
    language: &'static dyn Language,
    watch: &'a Watch,
    before: Outline,
    reason: &'a str,
}

/// What no comment can suppress, by its place in the scan, and why.
pub type Refused = Vec<(usize, String)>;

impl<'a> Page<'a> {
    fn open(
        project: &'a Project,
        id: FileId,
        reason: &'a str,
        watches: &'a [(LanguageId, Watch)],
    ) -> Result<Self, &'static str> {
        let file = project.file(id).ok_or("the file was not read")?;
        let source = file.source.as_deref().ok_or("the file was not read")?;
        let language = language::by_id(file.language).ok_or("its language is not built in")?;
        let watch = watches.iter().find(|(language, _)| *language == file.language);
        let (_, watch) = watch.ok_or("its language is not built in")?;
        if *source.encoding() != Encoding::Utf8 && !reason.is_ascii() {
            return Err("the reason cannot be written in the file's encoding");
        }
        // The outline at hand holds only what other stages ask for.
        let before = language::outline(language, source, watch);
        if !before.is_sound() {
            return Err("the file has problems and is not edited");
        }
        Ok(Self { source, language, watch, before, reason })
    }

    fn write(&self, wanted: &[Wanted<'_>], unit: usize) -> Result<Written, &'static str> {
        let mut comments: BTreeMap<Place, BTreeSet<&str>> = BTreeMap::new();
        let mut refused = Vec::new();
        for one in wanted {
            match self.place(one) {
                Some(place) => {
                    comments.entry(place).or_default().insert(one.rule);
                }
                None => refused.push((one.index, "there is no place for a comment".to_owned())),
            }
        }
        let existing = comments.keys().filter_map(|place| match place {
            Place::Existing(index) => Some(self.before.suppressions.get(*index)?.span.start),
            Place::End(_) | Place::Above(_) => None,
        });
        let extended: Vec<u32> = existing.collect();
        let comments: Vec<Comment> = comments.iter().filter_map(|(place, rules)| self.comment(*place, rules)).collect();
        let after = self.splice(&comments).ok_or("its comments would overlap")?;
        if !comments.is_empty() && !self.is_same(&self.outline(&after)) {
            return Err("its comments would change more than comments");
        }
        let (path, before) = (self.source.path().to_path_buf(), self.source.bytes().to_vec());
        Ok(Written { change: Change { path, before, after, unit }, refused, extended })
    }

    /// The best place for a comment on a finding.
    fn place(&self, wanted: &Wanted<'_>) -> Option<Place> {
        let Candidate { span, statement, .. } = wanted.candidate;
        let source = self.source;
        let (first, last) = (source.line(span.start), source.line(span.end.saturating_sub(1)));
        let mut places: Vec<Place> = Vec::new();
        for (index, suppression) in self.before.suppressions.iter().enumerate() {
            if !suppression.whole_file && suppression.speaks_for(source, *span, *statement) {
                places.push(Place::Existing(index));
            }
        }
        places.extend([Place::End(last), Place::End(first), Place::Above(source.line(statement.start))]);
        places.into_iter().find(|place| self.fits(*place, wanted.rule))
    }

    /// Whether a comment at a place is one, and changes nothing else.
    fn fits(&self, place: Place, rule: &str) -> bool {
        let Some(comment) = self.comment(place, &BTreeSet::from([rule])) else { return false };
        if !self.language.takes_comment(self.source, comment.span.start) {
            return false;
        }
        let Some(bytes) = self.splice(std::slice::from_ref(&comment)) else { return false };
        let after = self.outline(&bytes);
        let start = comment.span.start + comment.lead;
        let is_it = |found: &Suppression| {
            let is_placed = match place {
                Place::Existing(_) => true,
                Place::End(_) => !found.own_line,
                Place::Above(_) => found.own_line,
            };
            is_placed && found.span.start == start && found.rules.iter().any(|known| known == rule)
        };
        self.is_same(&after) && after.suppressions.iter().any(is_it)
    }

    fn comment(&self, place: Place, rules: &BTreeSet<&str>) -> Option<Comment> {
        let (source, mark) = (self.source, self.language.comment());
        let text = |rules: &[&str], reason: &str| format!("{mark} qmigrate: ignore[{}] {reason}", rules.join(", "));
        let names: Vec<&str> = rules.iter().copied().collect();
        Some(match place {
            Place::Existing(index) => {
                let old = self.before.suppressions.get(index)?;
                let mut names: Vec<&str> = old.rules.iter().map(String::as_str).collect();
                names.extend(rules.iter().filter(|rule| !old.rules.iter().any(|known| known == *rule)));
                Comment { span: old.span, text: text(&names, &joined(&old.reason, self.reason)), lead: 0 }
            }
            Place::End(line) => {
                let span = source.line_span(line);
                let kept = source.slice(span).trim_end().len();
                let start = span.start + u32::try_from(kept).ok()?;
                Comment { span: Span::new(start, span.end), text: format!("  {}", text(&names, self.reason)), lead: 2 }
            }
            Place::Above(line) => {
                let span = source.line_span(line);
                let line = source.slice(span);
                let unmarked = line.trim_start_matches('\u{feff}');
                let start = span.start + u32::try_from(line.len() - unmarked.len()).ok()?;
                let indent: String = unmarked.chars().take_while(|character| character.is_whitespace()).collect();
                let lead = u32::try_from(indent.len()).ok()?;
                let text = format!("{indent}{}{}", text(&names, self.reason), source.newline());
                Comment { span: Span::at(start), text, lead }
            }
        })
    }

    fn splice(&self, comments: &[Comment]) -> Option<Vec<u8>> {
        let edits: Vec<(Span, String)> = comments.iter().map(|comment| (comment.span, comment.text.clone())).collect();
        self.source.edited(&edits)
    }

    fn outline(&self, bytes: &[u8]) -> Outline {
        let (path, language) = (self.source.path().to_path_buf(), self.source.language());
        language::outline(self.language, &SourceFile::from_bytes(path, language, bytes.to_vec()), self.watch)
    }

    /// Whether an outline says the same of the file, apart from comments.
    fn is_same(&self, after: &Outline) -> bool {
        let before = &self.before;
        after.is_sound()
            && after.references.len() == before.references.len()
            && after.bindings.len() == before.bindings.len()
            && after.imports.len() == before.imports.len()
            && after.definitions.len() == before.definitions.len()
            && after.patches.len() == before.patches.len()
            && after.dynamic.len() == before.dynamic.len()
            && after.unbound == before.unbound
            && after.skipped_cells == before.skipped_cells
    }
}

/// Two reasons as one.
fn joined(old: &str, new: &str) -> String {
    match old {
        "" => new.to_owned(),
        _ if old.contains(new) => old.to_owned(),
        _ => format!("{old}; {new}"),
    }
}
