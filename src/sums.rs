//! How far a state of the project is, in numbers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Severity;
use crate::finding::Standing;

/// Sites by what has become of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Calls of the factory outside its own code.
    pub migrated: usize,
    /// Sites that `fix` can rewrite, perhaps with `--unsafe`.
    pub pending: usize,
    /// Sites that wait for a person.
    pub held_back: usize,
    /// Findings that a comment suppresses.
    pub suppressed: usize,
    /// Findings whose rule is no error: worth a look.
    pub warnings: usize,
    /// Files that could not be read or parsed.
    pub problems: usize,
    /// All findings by rule, whatever their standing.
    pub by_rule: BTreeMap<String, usize>,
}

impl Sums {
    /// The numbers of a scan; what the baseline knows counts as any other site.
    pub fn of(scan: &Scan) -> Self {
        let mut sums = Self {
            migrated: scan.summary.migrated_sites,
            problems: scan.problems.len(),
            by_rule: scan.summary.by_rule.clone(),
            ..Self::default()
        };
        for finding in &scan.findings {
            *sums.place(finding) += 1;
        }
        sums
    }

    fn place(&mut self, finding: &Finding) -> &mut usize {
        match finding.standing {
            Standing::Suppressed { .. } => &mut self.suppressed,
            _ if finding.severity != Severity::Error => &mut self.warnings,
            _ if finding.fix.is_some() => &mut self.pending,
            _ => &mut self.held_back,
        }
    }

    /// What is left to do.
    pub fn left(&self) -> usize {
        self.pending + self.held_back
    }

    /// Sites that are migrated or shall be.
    pub fn sites(&self) -> usize {
        self.migrated + self.left()
    }
}
