//! The last lines of a report: what was counted, how far the migration is, and what to do next.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::io::Write;
use std::path::Path;

use anstyle::AnsiColor;

use crate::edit::Applicability;
use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Severity;
use crate::finding::Standing;

use super::Style;
use super::count;
use super::escape;
use super::grouped;

/// Writes the sums of a scan, and a hint.
pub(super) fn write(out: &mut dyn Write, scan: &Scan, style: &Style) -> io::Result<()> {
    let bold = style.paint(anstyle::Style::new().bold());
    let tally = Tally::of(scan);
    let summary = &scan.summary;
    let files = count(summary.files_scanned, "file");
    if tally.standing == 0 {
        writeln!(out, "{bold}No findings{bold:#} in {files}{}.", others(scan))?;
    } else {
        let findings = count(tally.standing, "finding");
        let within = grouped(tally.files);
        let others = others(scan);
        writeln!(out, "{bold}Found {findings}{bold:#} in {within} of {files}: {}{others}.", tally.parts())?;
    }
    if let Some(progress) = progress(scan) {
        writeln!(out, "{progress}")?;
    }
    let broken: BTreeSet<&Path> = scan.problems.iter().map(|problem| &*problem.path).collect();
    if !broken.is_empty() {
        let (files, are) = (count(broken.len(), "file"), if broken.len() == 1 { "is" } else { "are" });
        writeln!(out, "{files} could not be read in full and {are} never edited.")?;
    }
    if scan.summary.cells_skipped > 0 {
        let is_one = scan.summary.cells_skipped == 1;
        let cells = plural(scan.summary.cells_skipped, "cell of a notebook", "cells of notebooks");
        let why = if is_one { "was passed over: it is" } else { "were passed over: they are" };
        writeln!(out, "{cells} {why} in another language, or broken.")?;
    }
    if let Some(hint) = tally.hint() {
        let cyan = style.paint(AnsiColor::Cyan.on_default().bold());
        writeln!(out, "{cyan}hint{cyan:#}: {hint}")?;
    }
    Ok(())
}

fn plural(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// The findings that stand, by what can be done about them.
#[derive(Default)]
struct Tally {
    standing: usize,
    files: usize,
    safe: usize,
    r#unsafe: usize,
    held_back: BTreeMap<String, usize>,
}

impl Tally {
    fn of(scan: &Scan) -> Self {
        let mut tally = Self::default();
        let mut files: BTreeSet<&Path> = BTreeSet::new();
        for finding in scan.findings.iter().filter(|finding| finding.standing == Standing::New) {
            tally.standing += 1;
            files.insert(&finding.path);
            match finding.fix.as_ref().map(|fix| fix.applicability) {
                Some(Applicability::Safe) => tally.safe += 1,
                Some(Applicability::Unsafe) => tally.r#unsafe += 1,
                None => *tally.held_back.entry(finding.rule.to_string()).or_default() += 1,
            }
        }
        tally.files = files.len();
        tally
    }

    fn parts(&self) -> String {
        let held_back = self.held_back.values().sum();
        let parts = [(self.safe, "fixable"), (self.r#unsafe, "fixable with --unsafe"), (held_back, "held back")];
        let parts = parts.into_iter().filter(|(number, _)| *number > 0);
        let parts: Vec<String> = parts.map(|(number, what)| format!("{} {what}", grouped(number))).collect();
        parts.join(", ")
    }

    fn hint(&self) -> Option<String> {
        if self.safe > 0 {
            return Some("`qmigrate fix --dry-run` shows the changes, `qmigrate fix` makes them".to_owned());
        }
        if self.r#unsafe > 0 {
            return Some("`qmigrate fix --unsafe --dry-run` shows the changes, which need a look".to_owned());
        }
        let (rule, _) = self.held_back.iter().max_by_key(|(_, number)| **number)?;
        Some(format!("`qmigrate rule explain {}` says what to do by hand", escape(rule)))
    }
}

/// What is not among the findings that stand.
fn others(scan: &Scan) -> String {
    let outdated = scan.baseline.as_ref().map_or(0, |remainder| remainder.outdated.total());
    let outdated_what =
        if outdated == 1 { "outdated entry in the baseline" } else { "outdated entries in the baseline" };
    let others = [
        (scan.summary.baselined, "in the baseline"),
        (scan.summary.suppressed, "suppressed"),
        (outdated, outdated_what),
    ];
    let others = others.into_iter().filter(|(number, _)| *number > 0);
    let others: Vec<String> = others.map(|(number, what)| format!("{} {what}", grouped(number))).collect();
    if others.is_empty() { String::new() } else { format!(" (plus {})", others.join(", ")) }
}

/// How many of the known sites go through the factory; nothing where there are none at all.
fn progress(scan: &Scan) -> Option<String> {
    let migrated = scan.summary.migrated_sites;
    let left = scan.findings.iter().filter(|finding| is_site(finding)).count();
    let sites = migrated + left;
    if sites == 0 {
        return None;
    }
    if left == 0 {
        let sites = plural(sites, "known site goes", "known sites go");
        let all = if migrated == 1 { "The" } else { "All" };
        return Some(format!("{all} {sites} through the factory."));
    }
    // Rounded down, so that 100% means all.
    let permille = migrated * 1000 / sites;
    let share = format!("{}.{}%", permille / 10, permille % 10);
    let sites = count(sites, "site");
    Some(format!("{} of {sites} migrated ({share}).", grouped(migrated)))
}

/// Whether a finding is a place that has yet to be migrated: one that is wrong, not one that is merely worth a look.
fn is_site(finding: &Finding) -> bool {
    let is_suppressed = matches!(finding.standing, Standing::Suppressed { .. });
    finding.severity == Severity::Error && !is_suppressed
}
