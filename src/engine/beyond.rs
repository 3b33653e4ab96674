//! Which findings of one state lie beyond those of another.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Standing;
use crate::tally::Mark;
use crate::tally::Tally;

/// The findings of an earlier state that no comment suppresses. `renamed` tells where a file lies now.
pub fn tally(scan: &Scan, renamed: &dyn Fn(&Path) -> PathBuf) -> Tally {
    standing(scan).map(|finding| Mark { path: renamed(&finding.path), ..mark(finding) }).collect()
}

/// Tells of each finding whether an earlier state has it; those that do not stand, or lie in a file that did not
/// change, are taken for known. What moved is known too, from files of which `may_move` says that it may have.
pub fn known(
    scan: &Scan,
    earlier: &Tally,
    has_changed: &dyn Fn(&Path) -> bool,
    may_move: &dyn Fn(&Path) -> bool,
) -> Vec<bool> {
    let counts = |finding: &Finding| is_standing(finding) && has_changed(&finding.path);
    let marks: Vec<Mark> = scan.findings.iter().filter(|finding| counts(finding)).map(mark).collect();
    let mut known = earlier.compare(&marks, may_move).known.into_iter();
    let is_known = |finding: &Finding| !counts(finding) || known.next().unwrap_or_default();
    scan.findings.iter().map(is_known).collect()
}

/// Drops the findings that stand and are known; returns how many they are.
pub fn pass_over(scan: &mut Scan, known: &[bool]) -> usize {
    let mut known = known.iter();
    let before = scan.findings.len();
    scan.findings.retain(|finding| {
        let is_known = known.next().copied().unwrap_or_default();
        !(is_known && is_standing(finding))
    });
    before - scan.findings.len()
}

/// The findings that neither a comment nor a baseline answers for.
pub fn standing(scan: &Scan) -> impl Iterator<Item = &Finding> {
    scan.findings.iter().filter(|finding| is_standing(finding))
}

fn is_standing(finding: &Finding) -> bool {
    finding.standing == Standing::New
}

fn mark(finding: &Finding) -> Mark {
    Mark { path: finding.path.to_path_buf(), rule: Arc::clone(&finding.rule), fingerprint: finding.fingerprint.clone() }
}
