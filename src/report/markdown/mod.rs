//! `--format markdown`: a comment for a pull request.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::io::Write;
use std::path::Path;

use crate::finding::Finding;
use crate::finding::Problem;
use crate::finding::Scan;

use super::Setting;
use super::count;
use super::relative;
use super::remark;
use super::standing;

use super::prose::cell;
use super::prose::code;
use super::prose::prose;

/// GitHub takes 65,536 characters. What comes after the cut, and whatever a bot puts around it, fits into the rest.
const MAX_CHARACTERS: usize = 60_000;

/// A table of so many rules is as long as anyone reads.
const MAX_RULES: usize = 100;

/// Writes what stands as new: sums, a table by rule, and, unless only sums are asked for, the findings by file.
///
/// What does not fit into a comment is cut, and counted.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, scan: &Scan, setting: &Setting<'_>, sums_only: bool) -> io::Result<()> {
    let findings: Vec<&Finding> = standing(scan).collect();
    let mut page = Page::default();
    page.add(&head(scan, &findings));
    if !sums_only {
        let mut files: BTreeMap<&Path, Vec<&Finding>> = BTreeMap::new();
        for finding in &findings {
            files.entry(&finding.path).or_default().push(finding);
        }
        for (path, findings) in files {
            page.add_file(&relative(path, setting.base), &findings);
        }
        page.add_problems(&scan.problems, setting);
        page.add_cut();
    }
    out.write_all(page.text.as_bytes())
}

fn head(scan: &Scan, findings: &[&Finding]) -> String {
    let files: BTreeSet<&Path> = findings.iter().map(|finding| &*finding.path).collect();
    let mut text = match findings.len() {
        0 => "### qmigrate: nothing new\n\n".to_owned(),
        number => {
            let (findings, files) = (count(number, "finding"), count(files.len(), "file"));
            format!("### qmigrate: {findings} in {files}\n\n")
        }
    };
    let mut rules: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for finding in findings {
        let (found, fixable) = rules.entry(&finding.rule).or_default();
        *found += 1;
        *fixable += usize::from(finding.fix.is_some());
    }
    if !rules.is_empty() {
        text.push_str("| rule | findings | fixable |\n| --- | ---: | ---: |\n");
        for (rule, (found, fixable)) in rules.iter().take(MAX_RULES) {
            let _ = writeln!(text, "| {} | {found} | {fixable} |", cell(rule));
        }
        text.push('\n');
    }
    let summary = &scan.summary;
    let parts = [
        (summary.files_scanned, "files scanned"),
        (summary.baselined, "in the baseline"),
        (summary.suppressed, "suppressed"),
        (summary.migrated_sites, "migrated already"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, what)| format!("{number} {what}")).collect();
    if !parts.is_empty() {
        let _ = writeln!(text, "{}.", parts.join(", "));
    }
    text
}

/// A page that takes only what fits.
#[derive(Default)]
struct Page {
    text: String,
    characters: usize,
    is_full: bool,
    cut_findings: usize,
    cut_files: usize,
    cut_problems: usize,
}

impl Page {
    /// Adds a text if it fits, and nothing after the first that does not.
    fn add(&mut self, text: &str) -> bool {
        let characters = text.chars().count();
        self.is_full |= self.characters + characters > MAX_CHARACTERS;
        if !self.is_full {
            self.text.push_str(text);
            self.characters += characters;
        }
        !self.is_full
    }

    fn add_file(&mut self, path: &str, findings: &[&Finding]) {
        let mut shown = 0;
        for finding in findings {
            let head = if shown == 0 { format!("\n#### {}\n\n", code(path)) } else { String::new() };
            if !self.add(&format!("{head}{}", item(finding))) {
                break;
            }
            shown += 1;
        }
        self.cut_findings += findings.len() - shown;
        self.cut_files += usize::from(shown < findings.len());
    }

    fn add_problems(&mut self, problems: &[Problem], setting: &Setting<'_>) {
        for (index, problem) in problems.iter().enumerate() {
            let head = if index == 0 { "\n#### Could not be read in full\n\n" } else { "" };
            let (path, line) = (code(&relative(&problem.path, setting.base)), problem.position.line);
            let (kind, message) = (problem.kind.name(), code(&problem.message));
            if !self.add(&format!("{head}- {path}, line {line}: {kind}: {message}\n")) {
                self.cut_problems = problems.len() - index;
                break;
            }
        }
    }

    /// Says what was cut.
    fn add_cut(&mut self) {
        if self.cut_findings > 0 {
            let (findings, files) = (count(self.cut_findings, "more finding"), count(self.cut_files, "file"));
            let _ = writeln!(self.text, "\n_Cut here: {findings} in {files}. `qmigrate scan` lists them all._");
        }
        if self.cut_problems > 0 {
            let problems = count(self.cut_problems, "more problem");
            let _ = writeln!(self.text, "\n_Cut here: {problems}._");
        }
    }
}

fn item(finding: &Finding) -> String {
    let (start, severity, rule) = (finding.start, finding.severity.name(), code(&finding.rule));
    let cell = finding.cell.map_or_else(String::new, |cell| format!("cell {cell}, "));
    let message = prose(&finding.message);
    let remark = remark(finding).map_or_else(String::new, |remark| format!("<br>{}", prose(&remark)));
    format!("- {cell}line {}: {severity} {rule}: {message}{remark}\n", start.line)
}
