//! `--format junit`: a suite for each file, a failed test for each finding that stands as new.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::io::Write;
use std::path::Path;

use crate::finding::Finding;
use crate::finding::Problem;
use crate::finding::Scan;
use crate::finding::Standing;

use super::Setting;
use super::message;
use super::relative;
use super::remark;

/// What was found in one file.
#[derive(Default)]
struct Suite<'a> {
    findings: Vec<&'a Finding>,
    problems: Vec<&'a Problem>,
}

/// Writes the report. What is suppressed or in the baseline is a skipped test, a problem an error; a scan that has
/// nothing to say is one test that passes.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, scan: &Scan, setting: &Setting<'_>) -> io::Result<()> {
    let mut suites: BTreeMap<&Path, Suite<'_>> = BTreeMap::new();
    for finding in &scan.findings {
        suites.entry(&finding.path).or_default().findings.push(finding);
    }
    for problem in &scan.problems {
        suites.entry(&problem.path).or_default().problems.push(problem);
    }
    let failures = scan.findings.iter().filter(|finding| finding.standing == Standing::New).count();
    let (tests, errors) = (scan.findings.len() + scan.problems.len(), scan.problems.len());
    let tests = tests.max(1);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"qmigrate\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">")?;
    if suites.is_empty() {
        writeln!(out, "  <testsuite name=\"qmigrate\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">")?;
        writeln!(out, "    <testcase name=\"scan\" classname=\"qmigrate\"/>")?;
        writeln!(out, "  </testsuite>")?;
    }
    for (path, suite) in &suites {
        write_suite(out, &xml(&relative(path, setting.base)), suite)?;
    }
    writeln!(out, "</testsuites>")
}

fn write_suite(out: &mut dyn Write, path: &str, suite: &Suite<'_>) -> io::Result<()> {
    let failures = suite.findings.iter().filter(|finding| finding.standing == Standing::New).count();
    let (skipped, errors) = (suite.findings.len() - failures, suite.problems.len());
    let tests = suite.findings.len() + errors;
    write!(out, "  <testsuite name=\"{path}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"")?;
    writeln!(out, " skipped=\"{skipped}\">")?;
    for finding in &suite.findings {
        write_finding(out, path, finding)?;
    }
    for problem in &suite.problems {
        let (kind, message, start) = (problem.kind.name(), xml(&problem.message), problem.position);
        let place = format!("{path}:{}:{}", start.line, start.column);
        writeln!(out, "    <testcase name=\"{kind} at {}:{}\" classname=\"{path}\">", start.line, start.column)?;
        writeln!(out, "      <error type=\"{kind}\" message=\"{message}\">{place}: {message}</error>")?;
        writeln!(out, "    </testcase>")?;
    }
    writeln!(out, "  </testsuite>")
}

fn write_finding(out: &mut dyn Write, path: &str, finding: &Finding) -> io::Result<()> {
    let (rule, severity, start) = (xml(&finding.rule), finding.severity.name(), finding.start);
    let cell = finding.cell.map_or_else(String::new, |cell| format!("cell {cell}:"));
    let place = format!("{cell}{}:{}", start.line, start.column);
    writeln!(out, "    <testcase name=\"{rule} at {place}\" classname=\"{path}\">")?;
    match &finding.standing {
        Standing::New => {
            let shown = message(finding);
            let message = xml(&shown);
            let remark = remark(finding).map_or_else(String::new, |remark| format!("\n{}", xml(&remark)));
            write!(out, "      <failure type=\"{severity}\" message=\"{message}\">")?;
            writeln!(out, "{path}:{place}: {severity}[{rule}] {message}{remark}</failure>")?;
        }
        Standing::Baselined => writeln!(out, "      <skipped message=\"in the baseline\"/>")?,
        Standing::Suppressed { reason } => {
            writeln!(out, "      <skipped message=\"suppressed: {}\"/>", xml(reason))?;
        }
    }
    writeln!(out, "    </testcase>")
}

/// Escapes text for XML, in elements and in attributes. What XML 1.0 cannot hold, and what a terminal would obey, is
/// spelled out.
fn xml(text: &str) -> String {
    let text: Cow<'_, str> = super::escape(text);
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_hold_is_spelled_out() {
        assert_eq!(xml("a<b>&\"'\u{1b}\0\n\u{ffff}é"), "a&lt;b&gt;&amp;&quot;&apos;\\u{1b}\\u{0}\\n\u{fffd}é");
    }
}
