//! What a scan reports: findings, problems, and the sums.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::edit::Fix;
use crate::source::LanguageId;
use crate::source::Position;
use crate::source::SourceFile;
use crate::source::Span;
use crate::tally::Tally;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not looked for.
    Off,
    /// Worth knowing.
    Info,
    /// Counts with `--fail-on warning`.
    Warning,
    /// Fails a scan.
    Error,
}

impl Severity {
    /// The name in configuration, rules and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Where a finding stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    New,
    /// The baseline knows it.
    Baselined,
    /// A comment suppresses it, and says why.
    Suppressed {
        /// The comment's reason.
        reason: String,
    },
}

impl Standing {
    /// The name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Baselined => "baselined",
            Self::Suppressed { .. } => "suppressed",
        }
    }
}

/// One place that a rule objects to.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: Arc<str>,
    /// The severity in force.
    pub severity: Severity,
    /// The language of the place.
    pub language: LanguageId,
    /// The file, as an absolute path.
    pub path: Arc<Path>,
    /// The whole construction, in the text of the file or of the cell.
    pub span: Span,
    /// Where it starts.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// The notebook cell, from 1.
    pub cell: Option<u32>,
    /// The full name behind the place, such as `openai.OpenAI`.
    pub symbol: String,
    /// What is wrong, for a person.
    pub message: String,
    /// Where it stands.
    pub standing: Standing,
    /// See [`fingerprint`].
    pub fingerprint: String,
    /// The fix, where there is one.
    pub fix: Option<Fix>,
    /// Why there is no fix, in one sentence; also what a reader of the fix should know is absent.
    pub held_back: Option<String>,
    /// What a reader of the fix should know, such as that no context was in scope.
    pub note: Option<String>,
}

/// Returns a hash of rule, enclosing definition and the tokens of the place.
///
/// It holds neither path nor line, so it survives moves and reformatting. Equal places have equal fingerprints:
/// whoever compares two states counts them (see [`crate::tally`]).
pub fn fingerprint(rule: &str, definition: &str, tokens: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [rule, definition, tokens] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.finalize().to_hex().chars().take(16).collect()
}

/// Returns the tokens of a place as a fingerprint has them: without what formatters change, which are white space, the
/// comma before a closing bracket, and the kind of quotes.
pub fn tokens(text: &str) -> String {
    let mut tokens = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
        if matches!(letter, ')' | ']' | '}') && tokens.ends_with(',') {
            tokens.pop();
        }
        tokens.push(if letter == '\'' { '"' } else { letter });
    }
    tokens
}

/// What went wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// It does not parse.
    Syntax,
    /// Its bytes are not what its encoding says.
    Encoding,
    /// It cannot be read.
    Unreadable,
    /// It is larger than [`crate::source::MAX_BYTES`].
    TooLarge,
    /// It nests deeper than any parser should follow.
    TooDeep,
}

impl ProblemKind {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Encoding => "encoding",
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too-large",
            Self::TooDeep => "too-deep",
        }
    }
}

/// A file that could not be read or parsed, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as an absolute path.
    pub path: PathBuf,
    /// Where in it; 1:1 where the whole file is meant.
    pub position: Position,
    /// What kind.
    pub kind: ProblemKind,
    /// What is wrong, for a person.
    pub message: String,
}

/// The sums of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Files looked at.
    pub files_scanned: usize,
    /// Files that had to be parsed.
    pub files_parsed: usize,
    /// Files with at least one finding.
    pub files_with_findings: usize,
    /// All findings, whatever their standing.
    pub findings: usize,
    /// Findings with a fix, not suppressed.
    pub fixable: usize,
    /// Findings that stand as new.
    pub new: usize,
    /// Findings that the baseline knows.
    pub baselined: usize,
    /// Findings that a comment suppresses.
    pub suppressed: usize,
    /// Cells of notebooks that were passed over: in another language, or broken.
    pub cells_skipped: usize,
    /// Calls of the factory outside its own code.
    pub migrated_sites: usize,
    /// Findings by rule.
    pub by_rule: BTreeMap<String, usize>,
}

impl Summary {
    /// Counts findings anew; what was counted of files, cells and migrated calls stays.
    pub fn count(&mut self, findings: &[Finding]) {
        self.findings = findings.len();
        self.by_rule.clear();
        for sum in
            [&mut self.files_with_findings, &mut self.fixable, &mut self.new, &mut self.baselined, &mut self.suppressed]
        {
            *sum = 0;
        }
        let mut last = None;
        for finding in findings {
            *self.by_rule.entry(finding.rule.to_string()).or_default() += 1;
            self.fixable += usize::from(finding.fix.is_some());
            match finding.standing {
                Standing::New => self.new += 1,
                Standing::Baselined => self.baselined += 1,
                Standing::Suppressed { .. } => self.suppressed += 1,
            }
            if last != Some(&finding.path) {
                self.files_with_findings += 1;
                last = Some(&finding.path);
            }
        }
    }
}

/// What of a baseline no finding matched. Paths are relative to the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remainder {
    /// What was looked for, and is not there any more.
    pub outdated: Tally,
    /// What was not looked for: other paths, other rules, files that could not be read in full.
    pub unseen: Tally,
}

/// Everything that a scan has to say.
#[derive(Debug, Default)]
pub struct Scan {
    /// Sorted by path, then position.
    pub findings: Vec<Finding>,
    /// Sorted by path, then position.
    pub problems: Vec<Problem>,
    /// The sums.
    pub summary: Summary,
    /// What concerns the run as a whole, such as that no factory was found.
    pub warnings: Vec<String>,
    /// What is left of the baseline, where there is one.
    pub baseline: Option<Remainder>,
    /// The files that findings and fixes lie in, by absolute path, for source frames.
    pub sources: BTreeMap<Arc<Path>, Arc<SourceFile>>,
}
