//! `monitor --once`: the numbers of the dashboard, without the dashboard.

use std::io;
use std::io::Write;

use serde::Serialize;

use crate::report::relative;

use super::snapshot::Counts;
use super::snapshot::Group;
use super::snapshot::GroupKind;
use super::snapshot::Snapshot;

/// What `schema` says: fields may be added to it, but none goes or changes its meaning.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    totals: CountsRecord,
    files_scanned: usize,
    files: Vec<FileRecord<'a>>,
    rules: Vec<GroupRecord<'a>>,
    directories: Vec<GroupRecord<'a>>,
    batches: Vec<GroupRecord<'a>>,
}

#[derive(Serialize)]
struct CountsRecord {
    migrated: usize,
    pending: usize,
    held_back: usize,
    suppressed: usize,
    warnings: usize,
    baselined: usize,
}

#[derive(Serialize)]
struct FileRecord<'a> {
    path: String,
    state: &'static str,
    #[serde(flatten)]
    counts: CountsRecord,
    rules: Vec<&'a str>,
    batch: Option<&'a str>,
    dependents: usize,
}

#[derive(Serialize)]
struct GroupRecord<'a> {
    name: &'a str,
    #[serde(flatten)]
    counts: CountsRecord,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<&'a str>,
}

impl From<Counts> for CountsRecord {
    fn from(counts: Counts) -> Self {
        let Counts { migrated, pending, held, suppressed, warnings, baselined } = counts;
        Self { migrated, pending, held_back: held, suppressed, warnings, baselined }
    }
}

/// Writes the numbers for programs.
///
/// # Errors
///
/// Those of `out`.
pub fn write_json(out: &mut dyn Write, snapshot: &Snapshot) -> io::Result<()> {
    let groups = |kind: GroupKind| {
        let groups = snapshot.groups.iter().filter(move |group| group.kind == kind);
        groups.map(record).collect::<Vec<_>>()
    };
    let files = snapshot.rows.iter().map(|row| FileRecord {
        path: relative(&row.path, &snapshot.cwd),
        state: row.progress.name(),
        counts: row.counts.into(),
        rules: row.rules.split(", ").filter(|rule| !rule.is_empty()).collect(),
        batch: row.batch.as_deref(),
        dependents: row.dependents,
    });
    let document = Document {
        schema: SCHEMA,
        totals: snapshot.totals.into(),
        files_scanned: snapshot.scan.summary.files_scanned,
        files: files.collect(),
        rules: groups(GroupKind::Rule),
        directories: groups(GroupKind::Directory),
        batches: groups(GroupKind::Batch),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn record(group: &Group) -> GroupRecord<'_> {
    GroupRecord { name: &group.name, counts: group.counts.into(), due: group.due.as_deref() }
}

/// Writes the numbers for people.
///
/// # Errors
///
/// Those of `out`.
pub fn write_text(out: &mut dyn Write, snapshot: &Snapshot) -> io::Result<()> {
    let totals = snapshot.totals;
    let permille = totals.permille();
    writeln!(out, "{} of {} sites migrated ({}.{}%)", totals.migrated, totals.sites(), permille / 10, permille % 10)?;
    writeln!(out, "{}", numbers(totals))?;
    let files = snapshot.rows.len();
    writeln!(out, "{files} of {} files have sites", snapshot.scan.summary.files_scanned)?;
    let parts = [(GroupKind::Rule, "Rules"), (GroupKind::Directory, "Directories"), (GroupKind::Batch, "Batches")];
    for (kind, title) in parts {
        let mut groups = snapshot.groups.iter().filter(|group| group.kind == kind).peekable();
        if groups.peek().is_some() {
            writeln!(out, "\n{title}")?;
        }
        for group in groups {
            let due = group.due.as_ref().map(|due| format!(", due {due}")).unwrap_or_default();
            writeln!(out, "  {}: {}{due}", group.name, numbers(group.counts))?;
        }
    }
    if files > 0 {
        writeln!(out, "\nFiles")?;
    }
    for row in &snapshot.rows {
        writeln!(out, "  {}: {}", row.name, numbers(row.counts))?;
    }
    Ok(())
}

/// What there is some of.
fn numbers(counts: Counts) -> String {
    let kinds = [
        (counts.migrated, "migrated"),
        (counts.pending, "pending"),
        (counts.held, "held back"),
        (counts.suppressed, "suppressed"),
        (counts.warnings, "to look at"),
        (counts.baselined, "of these in the baseline"),
    ];
    let some = kinds.into_iter().filter(|(number, _)| *number > 0);
    let shown: Vec<String> = some.map(|(number, name)| format!("{number} {name}")).collect();
    if shown.is_empty() { "nothing left".to_owned() } else { shown.join(", ") }
}
