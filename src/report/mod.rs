//! What a run found or would write, in the forms that people and programs read.
//!
//! Each format is a file here and none imports another; what they share is named in this one.

use std::path::Component;
use std::path::MAIN_SEPARATOR;
use std::path::Path;
use std::path::PathBuf;

pub mod chart;
pub mod diff;
pub mod github;
pub mod gitlab;
pub mod history;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod markdown;
pub mod page;
pub mod sarif;
pub mod schedule;
pub mod statistics;
pub mod text;

mod amount;
mod annotation;
mod day;
mod escape;
mod frame;
mod prose;
mod record;

pub use amount::count;
pub use amount::grouped;
pub use annotation::Setting;
pub use day::day;
pub use escape::escape;

use annotation::message;
use annotation::numbers;
use annotation::remark;
use annotation::standing;
use frame::frame;
use record::FindingRecord;
use record::ProblemRecord;
use record::ToolRecord;
use record::finding;
use record::harmless;
use record::problem;
use record::tool;

/// How a report for people looks, and where its paths start.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// Whether to colour.
    pub color: bool,
    /// The working directory, which paths are shown relative to. Absolute.
    pub cwd: PathBuf,
    /// The project. Absolute.
    pub root: PathBuf,
    /// Whether to show what is only counted otherwise.
    pub verbose: bool,
    /// Whether to show findings and nothing else.
    pub quiet: bool,
    /// Whether a terminal reads it, so that nothing may reach it raw.
    pub terminal: bool,
}

impl Style {
    /// Returns `style` where the report is coloured, else no style at all.
    fn paint(&self, style: anstyle::Style) -> anstyle::Style {
        if self.color { style } else { anstyle::Style::new() }
    }

    /// Shows a path to a person: relative to the working directory, and escaped.
    fn show(&self, path: &Path) -> String {
        escape(&relative(path, &self.cwd)).into_owned()
    }
}

/// Shows a path as seen from `base`: with `/`, without a leading `./`, with `..` where it lies outside.
///
/// A name that is not UTF-8 is shown with replacement characters.
pub fn relative(path: &Path, base: &Path) -> String {
    let shown = below(path, base);
    let shown = shown.to_string_lossy();
    if MAIN_SEPARATOR == '/' { shown.into_owned() } else { shown.replace(MAIN_SEPARATOR, "/") }
}

fn below(path: &Path, base: &Path) -> PathBuf {
    let mut ours = path.components().peekable();
    let mut theirs = base.components().peekable();
    let mut shared = false;
    while let (Some(one), Some(other)) = (ours.peek(), theirs.peek())
        && one == other
    {
        shared = true;
        ours.next();
        theirs.next();
    }
    if !shared {
        return path.to_path_buf();
    }
    let mut shown: PathBuf = theirs.map(|_| Component::ParentDir).collect();
    shown.extend(ours);
    if shown.as_os_str().is_empty() { PathBuf::from(".") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, base: &str, shown: &str) {
        assert_eq!(relative(Path::new(path), Path::new(base)), shown);
    }

    #[test]
    fn paths_are_shown_as_seen_from_the_working_directory() {
        check("/srv/app/llm.py", "/srv", "app/llm.py");
        check("/srv/app/llm.py", "/srv/app/deep/er", "../../llm.py");
        check("/other/llm.py", "/srv", "../other/llm.py");
        check("/srv", "/srv", ".");
        check("/srv-2/a.py", "/srv", "../srv-2/a.py");
    }

    #[test]
    fn a_path_that_shares_nothing_with_the_base_is_shown_whole() {
        check("llm.py", "/srv", "llm.py");
        check("-", "/srv", "-");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_are_shown_with_replacement_characters() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        let path = Path::new("/srv").join(OsStr::from_bytes(b"caf\xe9.py"));
        assert_eq!(relative(&path, Path::new("/srv")), "caf\u{fffd}.py");
    }
}
