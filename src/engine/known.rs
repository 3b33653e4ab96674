//! What the baseline knows is not new.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::discover;
use crate::finding::Scan;
use crate::finding::Standing;
use crate::language;
use crate::tally::Mark;
use crate::triage;

use super::Run;

impl Run<'_> {
    /// Compares what stands as new with the baseline.
    pub(super) fn settle(&self, scan: &mut Scan) {
        let Some(baseline) = &self.options.baseline else { return };
        let root = &self.config.root;
        let broken: BTreeSet<&Path> = scan.problems.iter().map(|problem| &*problem.path).collect();
        let is_gone = |path: &Path| !discover::exists(&root.join(path));
        let is_seen = |mark: &Mark| self.is_seen(mark) && !broken.contains(&*root.join(&mark.path));
        let remainder = triage::settle(&mut scan.findings, baseline, root, is_gone, is_seen);
        let baselined = scan.findings.iter().filter(|finding| finding.standing == Standing::Baselined).count();
        scan.summary.baselined = baselined;
        scan.summary.new -= baselined;
        let outdated = remainder.outdated.total();
        if outdated > 0 {
            let (entries, s) = if outdated == 1 { ("entry", "es") } else { ("entries", "") };
            scan.warnings.push(format!(
                "{outdated} {entries} of the baseline match{s} nothing any more: `qmigrate baseline --prune` drops what is outdated"
            ));
        }
        scan.baseline = Some(remainder);
    }

    /// Whether a finding with this mark would be among the findings of this run.
    fn is_seen(&self, mark: &Mark) -> bool {
        let path = self.config.root.join(&mark.path);
        let is_rule = |id: &Arc<str>| *id == mark.rule;
        let is_looked_for = self.rules.iter().any(|rule| is_rule(&rule.id)) || !self.known.iter().any(is_rule);
        let languages = &self.options.languages;
        let is_read =
            languages.is_empty() || language::by_path(&path).is_some_and(|language| languages.contains(&language.id()));
        is_looked_for && is_read && self.paths.iter().any(|start| path.starts_with(start))
    }
}
