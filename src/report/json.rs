//! `--format json`: one object, schema 1.

use std::io;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::apply::FileOutcome;
use crate::finding::Scan;
use crate::finding::Summary;

use super::FindingRecord;
use super::ProblemRecord;
use super::ToolRecord;
use super::finding;
use super::harmless;
use super::problem;
use super::relative;
use super::tool;

/// What `schema` says: fields may be added to it, but none goes or changes its meaning.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: ToolRecord,
    summary: &'a Summary,
    findings: Vec<FindingRecord<'a>>,
    problems: Vec<ProblemRecord<'a>>,
}

#[derive(Serialize)]
struct FixDocument<'a> {
    #[serde(flatten)]
    scan: Document<'a>,
    undo: Option<&'a str>,
    files: Vec<FileRecord<'a>>,
}

#[derive(Serialize)]
struct FileRecord<'a> {
    path: String,
    status: &'static str,
    reason: Option<&'a str>,
}

/// Writes a scan, its paths as seen from `cwd`.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, scan: &Scan, cwd: &Path) -> io::Result<()> {
    write_pretty(out, &document(scan, cwd))
}

/// Writes a scan and what `fix` did about it; `undo` is the journal's id, where anything was written.
///
/// # Errors
///
/// Those of `out`.
pub fn write_fix(
    out: &mut dyn Write,
    scan: &Scan,
    cwd: &Path,
    undo: Option<&str>,
    files: &[FileOutcome],
) -> io::Result<()> {
    let files = files.iter().map(|file| FileRecord {
        path: relative(&file.path, cwd),
        status: file.status.name(),
        reason: file.reason.as_deref(),
    });
    let files = files.collect();
    write_pretty(out, &FixDocument { scan: document(scan, cwd), undo, files })
}

fn document<'a>(scan: &'a Scan, cwd: &Path) -> Document<'a> {
    Document {
        schema: SCHEMA,
        tool: tool(),
        summary: &scan.summary,
        findings: scan.findings.iter().map(|found| finding(found, cwd)).collect(),
        problems: scan.problems.iter().map(|found| problem(found, cwd)).collect(),
    }
}

fn write_pretty(out: &mut dyn Write, document: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_string_pretty(document)?;
    writeln!(out, "{}", harmless(&text))
}
