//! One page for people who don't run the program: HTML that needs nothing else, Markdown, and the data of both.
//!
//! Both pages are made of the document that the JSON is, and of nothing else but the chart.

mod facts;
mod record;
mod template;

use std::io;
use std::io::Write;

use serde_json::Value;

use crate::history::pace::outlook;

use super::chart;
use super::day;
use super::harmless;

pub use facts::Facts;
pub use facts::Rollback;
pub use record::document;

/// Writes the data.
///
/// # Errors
///
/// Those of `out`.
pub fn json(out: &mut dyn Write, document: &Value) -> io::Result<()> {
    writeln!(out, "{}", harmless(&serde_json::to_string_pretty(document)?))
}

/// Writes the page in HTML. Facts give the chart.
///
/// # Errors
///
/// Those of `out`.
pub fn html(out: &mut dyn Write, document: &Value, facts: &Facts<'_>) -> io::Result<()> {
    let chart = facts.history.as_ref().map(|page| {
        let marks = page.marks();
        chart::svg(&marks, outlook(&marks, page.now), page.now)
    });
    out.write_all(template::html(document, chart)?.as_bytes())
}

/// Writes the page in Markdown.
///
/// # Errors
///
/// Those of `out`.
pub fn markdown(out: &mut dyn Write, document: &Value) -> io::Result<()> {
    out.write_all(template::markdown(document)?.as_bytes())
}

/// The day of a time, as pages write it.
pub fn today(now: i64) -> String {
    day(now)
}
