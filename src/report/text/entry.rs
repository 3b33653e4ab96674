//! One finding, or one problem.

use std::io;
use std::io::Write;
use std::sync::Arc;

use anstyle::AnsiColor;

use crate::edit::Applicability;
use crate::finding::Finding;
use crate::finding::Problem;
use crate::finding::ProblemKind;
use crate::finding::Severity;
use crate::finding::Standing;
use crate::source::SourceFile;
use crate::tally::Tally;

use super::Style;
use super::escape;
use super::frame;

/// Writes where a finding is, what it is, its source, and what can be done; then an empty line.
pub(super) fn write_finding(
    out: &mut dyn Write,
    finding: &Finding,
    source: Option<&Arc<SourceFile>>,
    style: &Style,
) -> io::Result<()> {
    let accent = style.paint(match finding.severity {
        Severity::Error => AnsiColor::Red.on_default().bold(),
        Severity::Warning => AnsiColor::Yellow.on_default().bold(),
        Severity::Info | Severity::Off => AnsiColor::Cyan.on_default().bold(),
    });
    let bold = style.paint(anstyle::Style::new().bold());
    let path = style.show(&finding.path);
    let cell = finding.cell.map_or_else(String::new, |cell| format!(":cell {cell}"));
    let (line, column) = (finding.start.line, finding.start.column);
    let (severity, rule) = (finding.severity.name(), escape(&finding.rule));
    let message = escape(&finding.message);
    write!(out, "{bold}{path}{bold:#}{cell}:{line}:{column}: ")?;
    writeln!(out, "{accent}{severity}[{rule}]{accent:#} {message}")?;
    if let Some(source) = source {
        let span = source.within_text(finding.cell, finding.span);
        out.write_all(frame(source, span, accent, style).as_bytes())?;
    }
    let indent = finding.end.line.to_string().len();
    for Remark { label, color, text } in remarks(finding) {
        let (label_style, text) = (style.paint(color.on_default().bold()), escape(&text).into_owned());
        writeln!(out, "{:indent$} = {label_style}{label}{label_style:#}: {text}", "")?;
    }
    writeln!(out)
}

/// A line below a source frame.
struct Remark {
    label: &'static str,
    color: AnsiColor,
    text: String,
}

fn remarks(finding: &Finding) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut remark = |label, color, text: &str| {
        remarks.push(Remark { label, color, text: text.to_owned() });
    };
    match &finding.standing {
        Standing::Suppressed { reason } => remark("suppressed", AnsiColor::Cyan, reason),
        Standing::Baselined => {
            remark("baselined", AnsiColor::Cyan, "known since the baseline was taken");
        }
        Standing::New => {}
    }
    if let Some(fix) = &finding.fix {
        match fix.applicability {
            Applicability::Safe => remark("fix", AnsiColor::Green, &fix.title),
            Applicability::Unsafe => remark("unsafe fix", AnsiColor::Yellow, &fix.title),
        }
    }
    if let Some(reason) = &finding.held_back {
        remark("held back", AnsiColor::Yellow, reason);
    }
    // A fix's title says what its note does.
    let is_told = |note: &String| finding.fix.as_ref().is_some_and(|fix| fix.title.contains(note.as_str()));
    if let Some(note) = finding.note.as_ref().filter(|note| !is_told(note)) {
        remark("note", AnsiColor::Cyan, note);
    }
    remarks
}

/// Writes the entries of the baseline that match nothing, a line each; then an empty line.
pub(super) fn write_outdated(out: &mut dyn Write, outdated: &Tally, style: &Style) -> io::Result<()> {
    let bold = style.paint(anstyle::Style::new().bold());
    for (mark, count) in outdated.iter() {
        let path = style.show(&style.root.join(&mark.path));
        let (rule, times) = (escape(&mark.rule), if count > 1 { format!(" ({count} times)") } else { String::new() });
        writeln!(out, "{bold}{path}{bold:#}: in the baseline, and gone: {rule}{times}")?;
    }
    if outdated.is_empty() { Ok(()) } else { writeln!(out) }
}

/// Writes what is wrong with a file, and where where that is known; then an empty line.
pub(super) fn write_problem(out: &mut dyn Write, problem: &Problem, style: &Style) -> io::Result<()> {
    let bold = style.paint(anstyle::Style::new().bold());
    let accent = style.paint(AnsiColor::Magenta.on_default().bold());
    let path = style.show(&problem.path);
    let place = match problem.kind {
        ProblemKind::Syntax | ProblemKind::Encoding => {
            format!(":{}:{}", problem.position.line, problem.position.column)
        }
        ProblemKind::Unreadable | ProblemKind::TooLarge | ProblemKind::TooDeep => String::new(),
    };
    let (kind, message) = (problem.kind.name(), escape(&problem.message));
    writeln!(out, "{bold}{path}{bold:#}{place}: {accent}problem[{kind}]{accent:#} {message}\n")
}
