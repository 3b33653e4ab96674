//! The work that is left: for people, for a page, for programs.

use std::io;
use std::io::Write;
use std::path::Path;

use anstyle::AnsiColor;
use serde::Serialize;

use crate::schedule::Batch;
use crate::schedule::Confidence;
use crate::schedule::Criteria;
use crate::schedule::Schedule;
use crate::schedule::Task;

use super::Style;
use super::ToolRecord;
use super::count;
use super::escape;
use super::relative;
use super::tool;

const SCHEMA: u32 = 1;

/// How many files each batch shows, unless all are asked for.
const SHOWN: usize = 10;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    tool: ToolRecord,
    batches: Vec<BatchRecord<'a>>,
}

#[derive(Serialize)]
struct BatchRecord<'a> {
    name: &'a str,
    due: Option<&'a str>,
    done: bool,
    criteria: CriteriaRecord,
    files: Vec<TaskRecord<'a>>,
}

#[derive(Serialize)]
struct CriteriaRecord {
    migrated_sites: usize,
    fixable: usize,
    held_back: usize,
    patches_migrated: usize,
    patches_left: usize,
}

#[derive(Serialize)]
struct TaskRecord<'a> {
    path: String,
    language: &'static str,
    confidence: &'static str,
    dependents: usize,
    entry_points: usize,
    waits_for: Vec<String>,
    sites: Vec<PlaceRecord<'a>>,
}

#[derive(Serialize)]
struct PlaceRecord<'a> {
    line: u32,
    rule: &'a str,
    confidence: &'static str,
    reason: Option<&'a str>,
}

/// Writes one JSON object; paths are as seen from `cwd`.
///
/// # Errors
///
/// Those of `out`.
pub fn json(out: &mut dyn Write, schedule: &Schedule, cwd: &Path) -> io::Result<()> {
    let batches = schedule.batches.iter().map(|batch| record(batch, cwd)).collect();
    serde_json::to_writer_pretty(&mut *out, &Document { schema: SCHEMA, tool: tool(), batches })?;
    writeln!(out)
}

/// Returns the batches as data; paths are as seen from `base`.
pub fn records(schedule: &Schedule, base: &Path) -> Vec<serde_json::Value> {
    let records = schedule.batches.iter().map(|batch| serde_json::to_value(record(batch, base)));
    records.filter_map(Result::ok).collect()
}

fn record<'a>(batch: &'a Batch, cwd: &Path) -> BatchRecord<'a> {
    let Criteria { migrated, fixable, held_back, patches_migrated, patches_left } = batch.criteria;
    let files = batch.tasks.iter().map(|task| TaskRecord {
        path: relative(&task.path, cwd),
        language: task.language.name(),
        confidence: task.confidence().name(),
        dependents: task.dependents,
        entry_points: task.entry_points,
        waits_for: task.waits_for.iter().map(|path| relative(path, cwd)).collect(),
        sites: task
            .places
            .iter()
            .map(|place| PlaceRecord {
                line: place.line,
                rule: &place.rule,
                confidence: place.confidence.name(),
                reason: place.reason.as_deref(),
            })
            .collect(),
    });
    BatchRecord {
        name: &batch.name,
        due: batch.due.as_deref(),
        done: batch.criteria.are_met(),
        criteria: CriteriaRecord { migrated_sites: migrated, fixable, held_back, patches_migrated, patches_left },
        files: files.collect(),
    }
}

/// Writes for a person.
///
/// # Errors
///
/// Those of `out`.
pub fn text(out: &mut dyn Write, schedule: &Schedule, style: &Style) -> io::Result<()> {
    let (bold, dim) = (style.paint(anstyle::Style::new().bold()), style.paint(anstyle::Style::new().dimmed()));
    if schedule.batches.is_empty() {
        return writeln!(out, "Nothing is left to do.");
    }
    for batch in &schedule.batches {
        let due = batch.due.as_ref().map_or(String::new(), |due| format!(", due {due}"));
        writeln!(out, "{bold}{}{bold:#}{}", escape(&batch.name), escape(&due))?;
        for (met, what) in criteria(batch.criteria) {
            let color = if met { AnsiColor::Green } else { AnsiColor::Yellow };
            let paint = style.paint(color.on_default());
            writeln!(out, "  {paint}{}{paint:#} {what}", if met { "done" } else { "open" })?;
        }
        let shown = if style.verbose { batch.tasks.len() } else { SHOWN };
        let width =
            batch.tasks.iter().take(shown).map(|task| style.show(&task.path).chars().count()).max().unwrap_or(0);
        for task in batch.tasks.iter().take(shown) {
            let path = style.show(&task.path);
            let told = told(task);
            writeln!(out, "  {path:width$}  {}  {dim}{told}{dim:#}", sites(task))?;
            for place in task.places.iter().filter(|place| place.confidence != Confidence::Safe && style.verbose) {
                let reason = place.reason.as_deref().unwrap_or_default();
                writeln!(out, "      line {}: {}: {}", place.line, place.rule, escape(reason))?;
            }
            if !task.waits_for.is_empty() {
                let others: Vec<String> = task.waits_for.iter().map(|path| style.show(path)).collect();
                writeln!(out, "      {dim}after {}{dim:#}", few(&others))?;
            }
        }
        let hidden = batch.tasks.len().saturating_sub(shown);
        if hidden > 0 {
            writeln!(out, "  {dim}… and {hidden} more files (`--verbose` shows them){dim:#}")?;
        }
        writeln!(out)?;
    }
    if style.quiet {
        return Ok(());
    }
    let next = schedule.batches.iter().find(|batch| batch.criteria.fixable > 0);
    match next {
        Some(batch) => writeln!(out, "hint: `qmigrate fix --batch {}` does the next one", escape(&batch.name)),
        None => writeln!(out, "hint: what is left is for a person; `qmigrate scan` says why"),
    }
}

/// Writes a page in Markdown.
///
/// # Errors
///
/// Those of `out`.
pub fn markdown(out: &mut dyn Write, schedule: &Schedule, cwd: &Path) -> io::Result<()> {
    writeln!(out, "# The work that is left")?;
    for batch in &schedule.batches {
        let due = batch.due.as_ref().map_or(String::new(), |due| format!(" (due {due})"));
        writeln!(out, "\n## {}{}\n", plain(&batch.name), plain(&due))?;
        for (met, what) in criteria(batch.criteria) {
            writeln!(out, "- [{}] {what}", if met { "x" } else { " " })?;
        }
        if batch.tasks.is_empty() {
            continue;
        }
        writeln!(out, "\n| file | sites | confidence | dependents | waits for |\n| --- | ---: | --- | ---: | --- |")?;
        for task in &batch.tasks {
            let path = plain(&relative(&task.path, cwd));
            let waits: Vec<String> = task.waits_for.iter().map(|path| plain(&relative(path, cwd))).collect();
            let (count, confidence) = (task.places.len(), task.confidence().name());
            writeln!(out, "| {path} | {count} | {confidence} | {} | {} |", task.dependents, waits.join(", "))?;
        }
    }
    Ok(())
}

/// What is measured, and whether it is as it should be.
pub fn criteria(criteria: Criteria) -> [(bool, String); 3] {
    let Criteria { migrated, fixable, held_back, patches_migrated, patches_left } = criteria;
    let all = migrated + fixable + held_back;
    let held = match held_back {
        0 => "no site is held back".to_owned(),
        1 => "1 site is held back".to_owned(),
        more => format!("{more} sites are held back"),
    };
    let patched = match patches_migrated + patches_left {
        0 => "no test patches a client here".to_owned(),
        all => format!("{patches_migrated} of {all} patches in tests replace the factory's function"),
    };
    [
        (fixable == 0 && held_back == 0, format!("{migrated} of {all} sites go through the factory")),
        (held_back == 0, held),
        (patches_left == 0, patched),
    ]
}

fn sites(task: &Task) -> String {
    count(task.places.len(), "site")
}

fn told(task: &Task) -> String {
    let mut told = vec![task.confidence().name().to_owned()];
    if task.dependents > 0 {
        told.push(format!("{}, {} of them entry points", count(task.dependents, "dependent"), task.entry_points));
    }
    told.join(", ")
}

/// The first names of a list, and how many more there are.
pub fn few(names: &[String]) -> String {
    const FEW: usize = 3;
    let shown = names.iter().take(FEW).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(FEW) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Text that Markdown shows as it is, on one line.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in escape(text).chars() {
        if character.is_ascii_punctuation() && !matches!(character, '/' | '.' | '-' | ',' | ':' | '(' | ')' | ' ') {
            plain.push('\\');
        }
        plain.push(character);
    }
    plain
}
