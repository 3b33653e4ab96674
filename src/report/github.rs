//! `--format github`: workflow commands, which GitHub Actions shows beside the lines of a pull request.

use std::io;
use std::io::Write;

use crate::finding::Finding;
use crate::finding::Problem;
use crate::finding::Scan;
use crate::finding::Severity;

use super::Setting;
use super::escape;
use super::message;
use super::relative;
use super::remark;
use super::standing;

/// Writes a command for each finding that stands as new, and for each problem.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, scan: &Scan, setting: &Setting<'_>) -> io::Result<()> {
    for finding in standing(scan) {
        write_finding(out, finding, setting)?;
    }
    for problem in &scan.problems {
        write_problem(out, problem, setting)?;
    }
    Ok(())
}

fn write_finding(out: &mut dyn Write, finding: &Finding, setting: &Setting<'_>) -> io::Result<()> {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Off => "notice",
    };
    let title = property(&format!("qmigrate ({})", finding.rule));
    let file = property(&relative(&finding.path, setting.base));
    write!(out, "::{command} title={title},file={file}")?;
    // A position within a cell is none in the file.
    if finding.cell.is_none() {
        let (start, end) = (finding.start, finding.end);
        write!(out, ",line={},endLine={}", start.line, end.line)?;
        // GitHub takes columns only where the lines are the same.
        if start.line == end.line {
            write!(out, ",col={},endColumn={}", start.column, end.column)?;
        }
    }
    let remark = remark(finding).map_or_else(String::new, |remark| format!("%0A{}", data(&remark)));
    writeln!(out, "::{}{remark}", data(&message(finding)))
}

fn write_problem(out: &mut dyn Write, problem: &Problem, setting: &Setting<'_>) -> io::Result<()> {
    let title = property(&format!("qmigrate (problem: {})", problem.kind.name()));
    let file = property(&relative(&problem.path, setting.base));
    let line = problem.position.line;
    writeln!(out, "::error title={title},file={file},line={line}::{}", data(&problem.message))
}

/// Text after the command. What a terminal would obey is spelled out, as logs are read on terminals too.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace("\r\n", "%0A").replace('\r', "%0D").replace('\n', "%0A");
    escape(&text).into_owned()
}

/// The value of a property, which also ends at `,` and may not hold `:`.
fn property(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    escape(&text.replace(':', "%3A").replace(',', "%2C")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_runner_would_read_is_escaped() {
        assert_eq!(data("100%, \"a\": b\r\nc\rd"), "100%25, \"a\": b%0Ac%0Dd");
        assert_eq!(property("a:b,c%\r\n::error::"), "a%3Ab%2Cc%25%0D%0A%3A%3Aerror%3A%3A");
        assert_eq!(property("\u{1b}[2J"), "\\u{1b}[2J");
    }
}
