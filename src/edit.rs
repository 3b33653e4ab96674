//! What changes: edits, the fixes they add up to, and the plan for a whole run.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::source::Span;

/// One replacement of bytes in one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// The file.
    pub path: Arc<Path>,
    /// The notebook's cell, from 1, in whose source the span counts.
    pub cell: Option<u32>,
    /// The bytes that go.
    pub span: Span,
    /// What comes in their place.
    pub text: String,
}

/// How far a fix may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Same behaviour, apart from going through the factory.
    Safe,
    /// Likely right, but needs a look.
    Unsafe,
}

/// The edits that mend one finding; they land together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// How far it may be trusted.
    pub applicability: Applicability,
    /// What it does, for a person.
    pub title: String,
    /// Sorted by path, then span.
    pub edits: Vec<Edit>,
}

/// One file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file, as an absolute path.
    pub path: PathBuf,
    /// Its bytes as they were read.
    pub before: Vec<u8>,
    /// Its bytes as they shall be.
    pub after: Vec<u8>,
    /// Changes of one unit carry the same number and land together or not at all.
    pub unit: usize,
}

/// One file that is made, replaced or removed as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The file, as an absolute path.
    pub path: PathBuf,
    /// Its bytes as they were read; `None` where there is no such file.
    pub before: Option<Vec<u8>>,
    /// Its bytes as they shall be; `None` where it is to go.
    pub after: Option<Vec<u8>>,
}

/// A file that a run leaves alone although a fix wanted it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The file, as an absolute path.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// What a run of `fix` writes; the preview and the run read the same plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Sorted by path.
    pub changes: Vec<Change>,
    /// Sorted by path.
    pub held: Vec<Held>,
}

/// Puts edits into bytes. Equal edits count once; edits that overlap or lie outside give `None`.
pub fn splice<'a>(bytes: &[u8], edits: impl IntoIterator<Item = (Span, &'a str)>) -> Option<Vec<u8>> {
    let mut edits: Vec<(Span, &str)> = edits.into_iter().collect();
    edits.sort_unstable();
    edits.dedup();
    let mut spliced = Vec::with_capacity(bytes.len() + 128);
    let mut done = 0;
    for (span, text) in edits {
        let kept = bytes.get(done..span.start as usize)?;
        bytes.get(span.range())?;
        spliced.extend_from_slice(kept);
        spliced.extend_from_slice(text.as_bytes());
        done = span.end as usize;
    }
    spliced.extend_from_slice(bytes.get(done..)?);
    Some(spliced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_edits_merge_and_overlapping_ones_are_refused() {
        let edits = [(Span::new(0, 1), "x"), (Span::new(0, 1), "x"), (Span::at(2), "!")];
        assert_eq!(splice(b"abc", edits), Some(b"xb!c".to_vec()));
        assert_eq!(splice(b"abc", [(Span::new(0, 2), "x"), (Span::new(1, 3), "y")]), None);
        assert_eq!(splice(b"abc", [(Span::new(2, 9), "x")]), None);
    }
}
