//! The baseline: a text file of known findings, which people commit and branches merge.
//!
//! git refuses to merge changes of neighbouring lines, so no entry of one file neighbours an entry of another: between
//! them stand an empty line and a heading. The heading stays when its entries go; only so does that hold for what two
//! branches take away.

mod line;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::tally::Mark;
use crate::tally::Tally;

/// The name of the file, unless another is given.
pub const NAME: &str = "qmigrate-baseline.txt";

/// The first line; the number is the format's.
const HEAD: &str = "# qmigrate baseline 1";

const PREFACE: &str = "\
# Known findings, so that only new ones fail: path, rule, how many, fingerprint.
# Written by `qmigrate baseline`; after a fix, `qmigrate baseline --prune` drops what is gone. Commit this file.
# A heading stays when its findings are gone: so branches that fix different files merge.
";

/// What starts a heading.
const HEADING: &str = "## ";

/// A baseline as it lies on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The known findings. Paths are relative to the project.
    pub tally: Tally,
    /// The files that have or had known findings.
    headings: BTreeSet<PathBuf>,
}

/// What is wrong with a baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It cannot be read.
    #[error("cannot read the baseline `{}`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of it is not what it should be.
    #[error("the baseline `{}` is broken at line {line}: {what}", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
        /// What to do about it.
        advice: &'static str,
    },
}

const ANEW: &str = "take it from the last commit, or delete it and run `qmigrate baseline`";
const MERGE: &str = "finish the merge, keep either side of each conflict, then run `qmigrate baseline --prune`";

/// Reads the baseline at `path`; `None` where there is no such file.
///
/// # Errors
///
/// When it cannot be read, or is broken.
pub fn read(path: &Path) -> Result<Option<Baseline>, BaselineError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(BaselineError::Read { path: path.to_path_buf(), source }),
    };
    from_bytes(path, &bytes).map(Some)
}

/// Reads a baseline that was read elsewhere; the path is for errors.
///
/// # Errors
///
/// When it says something that no baseline says.
pub fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Baseline, BaselineError> {
    parse(&String::from_utf8_lossy(bytes)).map_err(|Flaw { line, what, advice }| {
        let path = path.to_path_buf();
        BaselineError::Broken { path, line, what, advice }
    })
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
struct Flaw {
    line: usize,
    what: String,
    advice: &'static str,
}

fn parse(text: &str) -> Result<Baseline, Flaw> {
    let mut baseline = Baseline::default();
    let mut lines = (1..).zip(text.lines());
    let flaw = |line, what: String, advice| Err(Flaw { line, what, advice });
    match lines.next() {
        Some((_, HEAD)) => {}
        Some((line, text)) if is_conflict(text) => return flaw(line, "an unfinished merge".to_owned(), MERGE),
        Some((line, text)) if text.starts_with("# qmigrate baseline ") => {
            return flaw(line, "a format that this version does not know".to_owned(), "use a newer qmigrate");
        }
        _ => return flaw(1, format!("it does not start with `{HEAD}`"), ANEW),
    }
    for (number, text) in lines {
        if is_conflict(text) {
            return flaw(number, "an unfinished merge".to_owned(), MERGE);
        }
        if let Some(heading) = text.strip_prefix(HEADING) {
            let Some(path) = line::path(heading) else {
                return flaw(number, "a heading without a path".to_owned(), ANEW);
            };
            baseline.headings.insert(path);
            continue;
        }
        if text.starts_with('#') || text.trim().is_empty() {
            continue;
        }
        let Some((mark, count)) = line::entry(text) else {
            return flaw(number, "no path, rule, number and fingerprint".to_owned(), ANEW);
        };
        if baseline.tally.count(&mark) > 0 {
            return flaw(number, "this finding stands in an earlier line, too".to_owned(), MERGE);
        }
        baseline.tally.add(mark, count);
    }
    Ok(baseline)
}

/// Whether a line is what git puts into a file that it could not merge.
fn is_conflict(line: &str) -> bool {
    ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark))
}

impl Baseline {
    /// The same file with other findings: its headings stay, unless nothing is left at all.
    #[must_use]
    pub fn with(&self, tally: Tally) -> Self {
        let mut headings: BTreeSet<PathBuf> = tally.iter().map(|(mark, _)| mark.path.clone()).collect();
        if !headings.is_empty() {
            headings.extend(self.headings.iter().cloned());
        }
        Self { tally, headings }
    }

    /// Its text: sorted, and the same for the same findings.
    pub fn text(&self) -> String {
        let mut text = format!("{HEAD}\n{PREFACE}");
        let entries: Vec<(&Mark, usize)> = self.tally.iter().collect();
        for heading in &self.headings {
            let _ = write!(text, "\n{HEADING}{}\n", line::show(heading));
            // Both are sorted by path.
            let start = entries.partition_point(|(mark, _)| mark.path < *heading);
            let own = entries.iter().skip(start).take_while(|(mark, _)| mark.path == *heading);
            text.extend(own.map(|(mark, count)| line::write(mark, *count)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(path: &str, fingerprint: &str) -> Mark {
        Mark { path: path.into(), rule: "direct-client".into(), fingerprint: fingerprint.to_owned() }
    }

    fn broken(text: &str, line: usize, what: &str) {
        let flaw = parse(text).err();
        assert!(flaw.as_ref().is_some_and(|flaw| flaw.line == line && flaw.what.contains(what)), "{text}: {flaw:?}");
    }

    #[test]
    fn what_is_written_is_read() {
        let mut tally = Tally::default();
        tally.add(mark("b.py", "01"), 2);
        tally.add(mark("a dir/#\n%é.py", "02"), 1);
        tally.add(mark("a dir/b.py", "ff"), 1);
        let baseline = Baseline::default().with(tally);
        let text = baseline.text();
        assert_eq!(parse(&text), Ok(baseline.clone()));
        assert_eq!(parse(&text.replace('\n', "\r\n")), Ok(baseline));
        assert!(text.ends_with("\n## b.py\nb.py direct-client 2 01\n"), "{text}");
    }

    #[test]
    fn headings_stay_until_nothing_is_left() {
        let mut tally = Tally::default();
        tally.add(mark("a.py", "01"), 1);
        let both = Baseline::default().with(tally.clone());
        let mut other = Tally::default();
        other.add(mark("b.py", "01"), 1);
        let later = both.with(other);
        assert!(later.text().ends_with("\n## a.py\n\n## b.py\nb.py direct-client 1 01\n"), "{}", later.text());
        assert_eq!(later.with(Tally::default()).text(), format!("{HEAD}\n{PREFACE}"));
    }

    #[test]
    fn broken_lines_are_named() {
        broken("", 1, "does not start");
        broken("# qmigrate baseline 2\n", 1, "a format");
        broken("# qmigrate baseline 1\na.py direct-client 1\n", 2, "no path");
        broken("# qmigrate baseline 1\n\na.py direct-client x 01\n", 3, "no path");
        broken("# qmigrate baseline 1\n<<<<<<< HEAD\n", 2, "unfinished");
        broken("# qmigrate baseline 1\na.py r 1 01\na.py r 2 01\n", 3, "earlier");
        broken("# qmigrate baseline 1\na.py r 0 01\n", 2, "no path");
        broken("# qmigrate baseline 1\n## \n", 2, "heading");
    }
}
