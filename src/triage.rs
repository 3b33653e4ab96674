//! Where each candidate stands: whether a comment suppresses it, which comments suppress nothing, and what the baseline knows.

use std::path::Path;
use std::sync::Arc;

use crate::candidate::Candidate;
use crate::candidate::Remedy;
use crate::finding::Finding;
use crate::finding::Remainder;
use crate::finding::Standing;
use crate::layout::FileId;
use crate::outline::Suppression;
use crate::project::Project;
use crate::rule::Rule;
use crate::source::SourceFile;
use crate::source::Span;
use crate::tally::Mark;
use crate::tally::Tally;

/// The rule that reports comments which suppress nothing.
pub const UNUSED: &str = "unused-suppression";

/// Judges candidates, one standing each; adds a candidate for every suppression that is unused.
///
/// `is_known` tells whether a rule exists at all, selected or not.
pub fn judge(
    project: &Project,
    rules: &[Rule],
    candidates: &mut Vec<Candidate>,
    is_known: &dyn Fn(&str) -> bool,
) -> Vec<Standing> {
    let mut standings = Vec::with_capacity(candidates.len());
    let mut used: Vec<(FileId, Span, Arc<str>)> = Vec::new();
    for candidate in candidates.iter() {
        let rule = rules.get(candidate.rule).map(|rule| Arc::clone(&rule.id));
        let suppression = rule.as_ref().and_then(|rule| suppression(project, candidate, rule));
        standings.push(match (suppression, rule) {
            (Some(suppression), Some(rule)) => {
                used.push((candidate.file, suppression.span, rule));
                Standing::Suppressed { reason: suppression.reason.clone() }
            }
            _ => Standing::New,
        });
    }
    let Some(unused) = rules.iter().position(|rule| &*rule.id == UNUSED) else { return standings };
    let mut found = Vec::new();
    for (file, known, outline) in project.outlines() {
        for suppression in &outline.suppressions {
            let was_used =
                |rule: &str| used.iter().any(|(f, s, r)| *f == file && *s == suppression.span && **r == *rule);
            let active = |rule: &str| rules.iter().any(|known| &*known.id == rule);
            let idle = suppression
                .rules
                .iter()
                .find(|rule| if is_known(rule) { active(rule) && !was_used(rule) } else { true });
            let message = if suppression.rules.is_empty() {
                "a suppression names no rule: write `qmigrate: ignore[rule] reason`".to_owned()
            } else if suppression.reason.is_empty() {
                "a suppression without a reason suppresses nothing: write why after the bracket".to_owned()
            } else if let Some(rule) = idle {
                if is_known(rule) && !known.exempt {
                    format!("nothing here is suppressed by `{rule}`: remove it")
                } else if is_known(rule) {
                    continue;
                } else {
                    format!("there is no rule `{rule}`")
                }
            } else {
                continue;
            };
            found.push(Candidate {
                rule: unused,
                file,
                span: suppression.span,
                statement: suppression.span,
                definition: Arc::default(),
                symbol: suppression.rules.join(","),
                message,
                remedy: Remedy::Report("a comment is for a person to write".to_owned()),
            });
        }
    }
    standings.extend(found.iter().map(|_| Standing::New));
    candidates.append(&mut found);
    standings
}

/// The comment that suppresses a candidate: on the first or last line of the construction, alone on the line above
/// its statement, or among the file's first comments.
fn suppression<'p>(project: &'p Project, candidate: &Candidate, rule: &str) -> Option<&'p Suppression> {
    let file = project.file(candidate.file)?;
    let source: &SourceFile = file.source.as_deref()?;
    let mut suppressions = file.outline.as_ref()?.suppressions.iter();
    suppressions.find(|suppression| {
        suppression.speaks_for(source, candidate.span, candidate.statement)
            && !suppression.reason.is_empty()
            && suppression.rules.iter().any(|named| named == rule)
    })
}

/// Gives every finding that the baseline knows its standing, and returns what of the baseline is left.
///
/// `root` is where the baseline's paths start. An entry whose file `is_gone` may vouch for a finding elsewhere; one that
/// nothing matched is outdated if `is_seen` says that it was looked for.
pub fn settle(
    findings: &mut [Finding],
    baseline: &Tally,
    root: &Path,
    is_gone: impl Fn(&Path) -> bool,
    is_seen: impl Fn(&Mark) -> bool,
) -> Remainder {
    let standing: Vec<&mut Finding> = findings.iter_mut().filter(|finding| finding.standing == Standing::New).collect();
    let marks: Vec<Mark> = standing.iter().map(|finding| mark(finding, root)).collect();
    let compared = baseline.compare(&marks, is_gone);
    for (finding, is_known) in standing.into_iter().zip(compared.known) {
        if is_known {
            finding.standing = Standing::Baselined;
        }
    }
    let mut remainder = Remainder::default();
    for (mark, count) in compared.left.iter() {
        let place = if is_seen(mark) { &mut remainder.outdated } else { &mut remainder.unseen };
        place.add(mark.clone(), count);
    }
    remainder
}

/// By what a baseline knows a finding again. Its path is relative to `root`, where it lies below it.
pub fn mark(finding: &Finding, root: &Path) -> Mark {
    Mark {
        path: finding.path.strip_prefix(root).unwrap_or(&finding.path).to_path_buf(),
        rule: Arc::clone(&finding.rule),
        fingerprint: finding.fingerprint.clone(),
    }
}
