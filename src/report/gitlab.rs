//! `--format gitlab`: GitLab's report of code quality, one object for each finding that stands as new and each problem.

use std::io;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::finding::Finding;
use crate::finding::Problem;
use crate::finding::Scan;
use crate::finding::Severity;
use crate::finding::Standing;

use super::Setting;
use super::harmless;
use super::message;
use super::numbers;
use super::relative;
use super::remark;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes the report.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, scan: &Scan, setting: &Setting<'_>) -> io::Result<()> {
    let numbered = scan.findings.iter().zip(numbers(&scan.findings));
    let standing = numbered.filter(|(finding, _)| finding.standing == Standing::New);
    let mut issues: Vec<Issue> = standing.map(|(finding, number)| issue(finding, number, setting)).collect();
    issues.extend(scan.problems.iter().map(|problem| of_problem(problem, setting)));
    writeln!(out, "{}", harmless(&serde_json::to_string_pretty(&issues)?))
}

fn issue(finding: &Finding, number: usize, setting: &Setting<'_>) -> Issue {
    let remark = remark(finding).map_or_else(String::new, |remark| format!(" ({remark})"));
    let severity = match finding.severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Info | Severity::Off => "info",
    };
    // A line within a cell is none in the file.
    let (begin, end) = if finding.cell.is_some() { (1, 1) } else { (finding.start.line, finding.end.line) };
    Issue {
        description: format!("{}{remark}", message(finding)),
        check_name: finding.rule.to_string(),
        fingerprint: identity(&finding.path, setting, &[&finding.fingerprint, &number.to_string()]),
        severity,
        location: Location { path: relative(&finding.path, setting.base), lines: Lines { begin, end } },
    }
}

fn of_problem(problem: &Problem, setting: &Setting<'_>) -> Issue {
    let (kind, line) = (problem.kind.name(), problem.position.line);
    Issue {
        description: format!("qmigrate cannot read all of this file: {}", problem.message),
        check_name: kind.to_owned(),
        fingerprint: identity(&problem.path, setting, &[kind, &problem.message, &line.to_string()]),
        severity: "major",
        location: Location { path: relative(&problem.path, setting.base), lines: Lines { begin: line, end: line } },
    }
}

/// GitLab takes two issues with one fingerprint for one, so the file belongs to it.
fn identity(path: &Path, setting: &Setting<'_>, parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    let path = path.strip_prefix(setting.base).unwrap_or(path);
    hasher.update(path.as_os_str().as_encoded_bytes());
    for part in parts {
        hasher.update(&[0]);
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().chars().take(32).collect()
}
