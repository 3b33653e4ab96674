//! What the formats for other programs share: where paths start, what is said of a finding, and by what it is known.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use crate::edit::Applicability;
use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Standing;
use crate::rule::Rule;

/// What formats for other programs need beside a scan.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The rules in force.
    pub rules: &'a [Rule],
    /// Where paths start: the repository's root, else the project's. Absolute.
    pub base: &'a Path,
}

/// The findings that stand as new: what a run that fails fails for.
pub(super) fn standing(scan: &Scan) -> impl Iterator<Item = &Finding> {
    scan.findings.iter().filter(|finding| finding.standing == Standing::New)
}

/// What is wrong, for a person; in a notebook, with its cell.
pub(super) fn message(finding: &Finding) -> Cow<'_, str> {
    match finding.cell {
        Some(cell) => Cow::Owned(format!("cell {cell}: {}", finding.message)),
        None => Cow::Borrowed(&finding.message),
    }
}

/// What can be done about a finding, or why nothing can.
pub(super) fn remark(finding: &Finding) -> Option<String> {
    if let Some(fix) = &finding.fix {
        return Some(match fix.applicability {
            Applicability::Safe => format!("fix: {}", fix.title),
            Applicability::Unsafe => format!("unsafe fix: {}", fix.title),
        });
    }
    finding.held_back.as_ref().map(|reason| format!("held back: {reason}"))
}

/// Which of several findings with one fingerprint in one file each finding is, from 1.
pub(super) fn numbers(findings: &[Finding]) -> Vec<usize> {
    let mut counts: BTreeMap<(&Path, &str), usize> = BTreeMap::new();
    let number = |finding| {
        let Finding { path, fingerprint, .. }: &Finding = finding;
        let count = counts.entry((path, fingerprint)).or_default();
        *count += 1;
        *count
    };
    findings.iter().map(number).collect()
}
