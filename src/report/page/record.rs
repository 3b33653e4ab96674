//! The data of a page.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use serde_json::json;

use crate::edit::Applicability;
use crate::finding::Finding;
use crate::finding::Severity;
use crate::finding::Standing;
use crate::report::day;
use crate::report::history;
use crate::report::relative;
use crate::report::schedule;
use crate::report::tool;
use crate::sums::Sums;

use super::Facts;

const SCHEMA: u32 = 1;

/// How many lines of a construction are shown.
const SNIPPET: u32 = 8;

/// How many files are named as the next ones.
const NEXT: usize = 5;

/// How many files a fix that can be taken back names.
const NAMED: usize = 20;

const DAY: i64 = 24 * 60 * 60;

/// Returns everything that a page tells, as one JSON object.
///
/// # Errors
///
/// When it cannot be written as JSON, which no fact can cause.
pub fn document(facts: &Facts<'_>) -> serde_json::Result<Value> {
    let sums = Sums::of(facts.scan);
    let batches = schedule::records(facts.schedule, facts.root);
    let history = facts.history.as_ref().map(|page| serde_json::to_value(history::document(page))).transpose()?;
    let next: Vec<&Value> =
        batches.iter().filter_map(|batch| batch.get("files")?.as_array()).flatten().take(NEXT).collect();
    Ok(json!({
        "schema": SCHEMA,
        "tool": tool(),
        "project": facts.name,
        "date": day(facts.now),
        "totals": totals(&sums),
        "last": facts.last.map(|told| json!({"date": told.day, "totals": totals(&told.sums), "change": change(&told.sums, &sums)})),
        "rules": groups(facts, |finding| vec![finding.rule.to_string()], |_| Vec::new()),
        "directories": groups(facts, |finding| vec![directory(&finding.path, facts.root)], |path| vec![directory(path, facts.root)]),
        "owners": if facts.owners.is_empty() { Value::Null } else {
            Value::from(groups(facts, |finding| owners(&finding.path, facts), |path| owners(path, facts)))
        },
        "next": next,
        "plan": batches,
        "manual": facts.scan.findings.iter().filter(|finding| is_manual(finding)).map(|finding| manual(finding, facts)).collect::<Vec<_>>(),
        "suppressions": facts.scan.findings.iter().filter_map(|finding| suppression(finding, facts)).collect::<Vec<_>>(),
        "rollbacks": facts.rollbacks.iter().map(|rollback| json!({
            "id": rollback.id,
            "files": rollback.files.len(),
            "paths": rollback.files.iter().take(NAMED).map(|path| relative(path, facts.root)).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "problems": facts.scan.problems.iter().map(|problem| json!({
            "path": relative(&problem.path, facts.root),
            "line": problem.position.line,
            "kind": problem.kind.name(),
            "message": problem.message,
        })).collect::<Vec<_>>(),
        "history": history,
    }))
}

fn totals(sums: &Sums) -> Value {
    json!({
        "sites": sums.sites(),
        "migrated": sums.migrated,
        "left": sums.left(),
        "pending": sums.pending,
        "held_back": sums.held_back,
        "suppressed": sums.suppressed,
        "warnings": sums.warnings,
        "permille": (sums.migrated * 1000).checked_div(sums.sites()).unwrap_or(1000),
    })
}

fn change(before: &Sums, now: &Sums) -> Value {
    let less = |now: usize, before: usize| i64::try_from(now).unwrap_or(0) - i64::try_from(before).unwrap_or(0);
    json!({
        "migrated": less(now.migrated, before.migrated),
        "left": less(now.left(), before.left()),
        "held_back": less(now.held_back, before.held_back),
        "suppressed": less(now.suppressed, before.suppressed),
    })
}

/// Findings and migrated calls by what a finding or a file belongs to, most work first.
fn groups(
    facts: &Facts<'_>,
    of_finding: impl Fn(&Finding) -> Vec<String>,
    of_file: impl Fn(&Path) -> Vec<String>,
) -> Vec<Value> {
    let mut groups: BTreeMap<String, [usize; 5]> = BTreeMap::new();
    let mut add = |names: Vec<String>, place: usize, count: usize| {
        for name in names {
            if let Some(sum) = groups.entry(name).or_default().get_mut(place) {
                *sum += count;
            }
        }
    };
    for (path, count) in &facts.schedule.migrated {
        add(of_file(path), 0, *count);
    }
    for finding in &facts.scan.findings {
        add(of_finding(finding), column(finding), 1);
    }
    let mut groups: Vec<(String, [usize; 5])> = groups.into_iter().collect();
    groups.sort_by_key(|(_, [_, pending, held_back, ..])| std::cmp::Reverse(pending + held_back));
    let record = |(name, [migrated, pending, held_back, suppressed, warnings]): (String, [usize; 5])| {
        json!({
            "name": name, "migrated": migrated, "pending": pending, "held_back": held_back, "suppressed": suppressed,
            "warnings": warnings,
        })
    };
    groups.into_iter().map(record).collect()
}

/// Where among the numbers of a group a finding counts.
fn column(finding: &Finding) -> usize {
    match finding.standing {
        Standing::Suppressed { .. } => 3,
        _ if finding.severity != Severity::Error => 4,
        _ if finding.fix.is_some() => 1,
        _ => 2,
    }
}

/// The first folder of a path, below the project.
fn directory(path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let mut parts = below.components();
    let first = parts.next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    if parts.next().is_some() { first.unwrap_or_default() } else { ".".to_owned() }
}

fn owners(path: &Path, facts: &Facts<'_>) -> Vec<String> {
    match facts.owners.of(path) {
        [] => vec!["nobody".to_owned()],
        owners => owners.to_vec(),
    }
}

fn is_manual(finding: &Finding) -> bool {
    let is_unsafe = finding.fix.as_ref().is_some_and(|fix| fix.applicability == Applicability::Unsafe);
    column(finding) == 2 || (column(finding) == 1 && is_unsafe)
}

fn manual(finding: &Finding, facts: &Facts<'_>) -> Value {
    json!({
        "path": relative(&finding.path, facts.root),
        "line": finding.start.line,
        "cell": finding.cell,
        "rule": &*finding.rule,
        "symbol": finding.symbol,
        "message": finding.message,
        "is_unsafe": finding.fix.is_some(),
        "reason": finding.held_back.as_ref().or(finding.note.as_ref()),
        "snippet": snippet(finding, facts),
    })
}

/// The lines that a finding spans.
fn snippet(finding: &Finding, facts: &Facts<'_>) -> Vec<Value> {
    let Some(source) = facts.scan.sources.get(&finding.path) else { return Vec::new() };
    let first = source.line(source.within_text(finding.cell, finding.span).start);
    let count = (finding.end.line - finding.start.line + 1).min(SNIPPET);
    let texts = (first..first + count).map(|line| source.slice(source.line_span(line)).trim_end());
    (finding.start.line..).zip(texts).map(|(line, text)| json!({"line": line, "text": text})).collect()
}

fn suppression(finding: &Finding, facts: &Facts<'_>) -> Option<Value> {
    let Standing::Suppressed { reason } = &finding.standing else { return None };
    let since = facts.since.get(&(Arc::clone(&finding.path), finding.start.line)).copied();
    Some(json!({
        "path": relative(&finding.path, facts.root),
        "line": finding.start.line,
        "rule": &*finding.rule,
        "reason": reason,
        "since": since.map(day),
        "days": since.map(|since| (facts.now - since).max(0) / DAY),
    }))
}
