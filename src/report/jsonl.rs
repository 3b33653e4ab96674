//! `--format jsonl`: an object a line; findings, then problems, then the summary.

use std::io;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::finding::Scan;
use crate::finding::Summary;

use super::FindingRecord;
use super::ProblemRecord;
use super::finding;
use super::harmless;
use super::problem;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Finding(FindingRecord<'a>),
    Problem(ProblemRecord<'a>),
    Summary(&'a Summary),
}

/// Writes a scan, its paths as seen from `cwd`.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, scan: &Scan, cwd: &Path) -> io::Result<()> {
    for found in &scan.findings {
        write_line(out, &Line::Finding(finding(found, cwd)))?;
    }
    for found in &scan.problems {
        write_line(out, &Line::Problem(problem(found, cwd)))?;
    }
    write_line(out, &Line::Summary(&scan.summary))
}

fn write_line(out: &mut dyn Write, line: &Line<'_>) -> io::Result<()> {
    writeln!(out, "{}", harmless(&serde_json::to_string(line)?))
}
