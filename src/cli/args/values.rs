//! The words that flags take.

use clap::ValueEnum;
use clap::builder::PossibleValue;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;

use crate::finding::Severity;
use crate::source::LanguageId;

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The forms of a scan's report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// For people
    Text,
    /// One object
    Json,
    /// One object a line
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab's report of code quality
    Gitlab,
    /// A test suite
    Junit,
    /// A comment for a pull request
    Markdown,
}

/// The forms of a fix's report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FixFormat {
    /// For people
    Text,
    /// One object
    Json,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// One file that needs nothing else
    Html,
    /// A page for an issue or a wiki
    Markdown,
    /// One object
    Json,
}

/// The forms of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HistoryFormat {
    /// A table of the commits at which a number changed
    Text,
    /// One object
    Json,
    /// A line for each commit
    Csv,
    /// A chart
    Svg,
}

/// The forms of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// For people
    Text,
    /// A page
    Markdown,
    /// One object
    Json,
}

/// The least severity that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors only
    Error,
    /// Warnings too
    Warning,
    /// Every finding
    Info,
}

impl FailOn {
    /// The severity itself.
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
        }
    }
}

/// Reads a language's name.
pub(crate) fn language() -> impl TypedValueParser<Value = LanguageId> {
    let values = LanguageId::ALL.map(|language| {
        let value = PossibleValue::new(language.name());
        match language {
            LanguageId::Python => value.alias("py"),
            LanguageId::Typescript => value.aliases(["ts", "javascript", "js"]),
            LanguageId::Rust => value.alias("rs"),
        }
    });
    PossibleValuesParser::new(values).map(|name| match name.as_str() {
        "typescript" | "ts" | "javascript" | "js" => LanguageId::Typescript,
        "rust" | "rs" => LanguageId::Rust,
        _ => LanguageId::Python,
    })
}
