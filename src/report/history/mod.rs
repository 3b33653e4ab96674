//! The history of a migration: for people, for programs, for spreadsheets, and as a chart.

mod record;
mod text;

use std::io;
use std::io::Write;

use crate::history::Point;
use crate::history::pace::Mark;
use crate::history::pace::outlook;

use super::chart;
use super::day;

pub use record::Document;
pub use record::document;
pub use text::text;

/// A history, and the time that it is told at.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// Its commits, oldest first.
    pub points: &'a [Point],
    /// One of how many commits they are.
    pub every: usize,
    /// In seconds since 1970.
    pub now: i64,
}

impl Page<'_> {
    /// What was left at each commit that has numbers.
    pub fn marks(&self) -> Vec<Mark> {
        let mark = |point: &Point| {
            let sums = point.sums.as_ref().ok()?;
            Some(Mark { time: point.time, left: sums.left(), migrated: sums.migrated })
        };
        self.points.iter().filter_map(mark).collect()
    }
}

/// Writes one JSON object.
///
/// # Errors
///
/// Those of `out`.
pub fn json(out: &mut dyn Write, page: &Page<'_>) -> io::Result<()> {
    writeln!(out, "{}", serde_json::to_string_pretty(&document(page))?)
}

/// Writes a chart.
///
/// # Errors
///
/// Those of `out`.
pub fn svg(out: &mut dyn Write, page: &Page<'_>) -> io::Result<()> {
    let marks = page.marks();
    writeln!(out, "{}", chart::svg(&marks, outlook(&marks, page.now), page.now))
}

/// Writes a line for each commit that has numbers, in the form of RFC 4180.
///
/// # Errors
///
/// Those of `out`.
pub fn csv(out: &mut dyn Write, page: &Page<'_>) -> io::Result<()> {
    let sums = || page.points.iter().filter_map(|point| Some((point, point.sums.as_ref().ok()?)));
    let mut rules: Vec<&str> = sums().flat_map(|(_, sums)| sums.by_rule.keys()).map(String::as_str).collect();
    rules.sort_unstable();
    rules.dedup();
    write!(out, "commit,date,migrated,pending,held_back,suppressed,warnings,problems")?;
    // The name of a rule is the name of a file, which may hold anything but its ending.
    for rule in &rules {
        write!(out, ",\"{}\"", rule.replace('"', "\"\""))?;
    }
    write!(out, "\r\n")?;
    for (point, sums) in sums() {
        let numbers = [sums.migrated, sums.pending, sums.held_back, sums.suppressed, sums.warnings, sums.problems];
        write!(out, "{},{}", point.commit, day(point.time))?;
        let by_rule = rules.iter().map(|rule| sums.by_rule.get(*rule).copied().unwrap_or(0));
        for number in numbers.into_iter().chain(by_rule) {
            write!(out, ",{number}")?;
        }
        write!(out, "\r\n")?;
    }
    Ok(())
}
