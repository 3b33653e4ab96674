//! A scan that ends in comments.

use crate::config::Config;
use crate::edit::Plan;
use crate::finding::Scan;
use crate::finding::Standing;
use crate::plan::suppress;
use crate::plan::suppress::Wanted;
use crate::rule::Rule;
use crate::triage;

use super::EngineError;
use super::Options;
use super::Run;
use super::on_large_stack;

/// What a scan with suppressions in mind gives.
#[derive(Debug, Default)]
pub struct Suppressing {
    /// The scan as it is now.
    pub scan: Scan,
    /// What would be written.
    pub plan: Plan,
    /// Findings that stand as new and cannot be suppressed, by their place in the scan, and why.
    pub refused: Vec<(usize, String)>,
}

/// Scans, and plans comments that suppress what stands as new, each with this reason.
///
/// # Errors
///
/// As for [`super::scan`].
pub fn suppress(
    config: &Config,
    rules: &[Rule],
    options: &Options,
    reason: &str,
    progress: &(dyn Fn() + Sync),
) -> Result<Suppressing, EngineError> {
    on_large_stack(|| suppress_here(config, rules, options, reason, progress))
}

fn suppress_here(
    config: &Config,
    rules: &[Rule],
    options: &Options,
    reason: &str,
    progress: &(dyn Fn() + Sync),
) -> Result<Suppressing, EngineError> {
    let run = Run::new(config, rules, options, false)?;
    let ((mut scan, places), gathered, judged) =
        run.prepared(true, progress, |ready| run.report(ready.gathered, ready.judged, Some(&ready.planner)))?;
    run.settle(&mut scan);
    let mut chosen = Vec::new();
    let mut refused = Vec::new();
    for (index, (finding, candidate)) in scan.findings.iter().zip(places).enumerate() {
        let Some(candidate) = judged.candidates.get(candidate).filter(|_| finding.standing == Standing::New) else {
            continue;
        };
        if &*finding.rule == triage::UNUSED {
            let why = "a comment that suppresses nothing is removed by hand".to_owned();
            refused.push((index, why, (candidate.file, candidate.span.start)));
            continue;
        }
        chosen.push(Wanted { index, rule: &finding.rule, candidate });
    }
    let planned = suppress::plan(&gathered.project, &chosen, reason, &run.watches);
    refused.retain(|(_, _, place)| !planned.extended.contains(place));
    let mut refused: Vec<(usize, String)> = refused.into_iter().map(|(index, why, _)| (index, why)).collect();
    refused.extend(planned.refused);
    refused.sort();
    Ok(Suppressing { plan: planned.plan, scan, refused })
}
