//! The objects of the JSON formats, field by field in the contract's order.

use std::fmt::Write as _;
use std::path::Path;

use serde::Serialize;

use crate::edit::Applicability;
use crate::edit::Edit;
use crate::finding::Finding;
use crate::finding::Problem;
use crate::finding::ProblemKind;
use crate::finding::Severity;
use crate::finding::Standing;
use crate::source::LanguageId;

use super::escape::is_obeyed;
use super::relative;

#[derive(Debug, Serialize)]
pub(super) struct ToolRecord {
    name: &'static str,
    version: &'static str,
}

/// Names this program.
pub(super) fn tool() -> ToolRecord {
    ToolRecord { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
}

#[derive(Serialize)]
pub(super) struct FindingRecord<'a> {
    rule: &'a str,
    severity: Severity,
    language: LanguageId,
    path: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    start: u32,
    end: u32,
    cell: Option<u32>,
    symbol: &'a str,
    message: &'a str,
    standing: &'static str,
    reason: Option<&'a str>,
    fingerprint: &'a str,
    fix: Option<FixRecord<'a>>,
    held_back: Option<&'a str>,
}

#[derive(Serialize)]
struct FixRecord<'a> {
    applicability: Applicability,
    title: &'a str,
    edits: Vec<EditRecord<'a>>,
}

#[derive(Serialize)]
struct EditRecord<'a> {
    path: String,
    cell: Option<u32>,
    start: u32,
    end: u32,
    text: &'a str,
}

/// Lays out a finding, its paths as seen from `cwd`.
pub(super) fn finding<'a>(finding: &'a Finding, cwd: &Path) -> FindingRecord<'a> {
    let edit = |edit: &'a Edit| EditRecord {
        path: relative(&edit.path, cwd),
        cell: edit.cell,
        start: edit.span.start,
        end: edit.span.end,
        text: &edit.text,
    };
    FindingRecord {
        rule: &finding.rule,
        severity: finding.severity,
        language: finding.language,
        path: relative(&finding.path, cwd),
        line: finding.start.line,
        column: finding.start.column,
        end_line: finding.end.line,
        end_column: finding.end.column,
        start: finding.span.start,
        end: finding.span.end,
        cell: finding.cell,
        symbol: &finding.symbol,
        message: &finding.message,
        standing: finding.standing.name(),
        reason: match &finding.standing {
            Standing::Suppressed { reason } => Some(reason),
            Standing::New | Standing::Baselined => None,
        },
        fingerprint: &finding.fingerprint,
        fix: finding.fix.as_ref().map(|fix| FixRecord {
            applicability: fix.applicability,
            title: &fix.title,
            edits: fix.edits.iter().map(edit).collect(),
        }),
        held_back: finding.held_back.as_deref(),
    }
}

#[derive(Serialize)]
pub(super) struct ProblemRecord<'a> {
    path: String,
    line: u32,
    column: u32,
    kind: ProblemKind,
    message: &'a str,
}

/// Lays out a problem, its path as seen from `cwd`.
pub(super) fn problem<'a>(problem: &'a Problem, cwd: &Path) -> ProblemRecord<'a> {
    ProblemRecord {
        path: relative(&problem.path, cwd),
        line: problem.position.line,
        column: problem.position.column,
        kind: problem.kind,
        message: &problem.message,
    }
}

/// Writes what a terminal would obey as JSON escapes; all of it stands in strings, so the value stays the same.
pub(super) fn harmless(json: &str) -> String {
    let mut written = String::with_capacity(json.len());
    for character in json.chars() {
        if character != '\n' && is_obeyed(character) {
            let _ = write!(written, "\\u{:04x}", u32::from(character));
        } else {
            written.push(character);
        }
    }
    written
}
