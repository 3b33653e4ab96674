//! A history as data.

use serde::Serialize;

use crate::history::Point;
use crate::history::pace::Outlook;
use crate::history::pace::outlook;
use crate::history::pace::pace;
use crate::sums::Sums;

use crate::report::ToolRecord;
use crate::report::day;
use crate::report::tool;

use super::Page;

const SCHEMA: u32 = 1;

/// A history, schema 1.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    schema: u32,
    tool: ToolRecord,
    /// The day that weeks are counted back from.
    date: String,
    every: usize,
    commits: Vec<CommitRecord<'a>>,
    pace: Option<PaceRecord>,
    forecast: ForecastRecord,
}

#[derive(Debug, Serialize)]
struct CommitRecord<'a> {
    commit: &'a str,
    date: String,
    time: i64,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    sums: Option<&'a Sums>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct PaceRecord {
    weeks: usize,
    sites_a_week: f64,
    slow: f64,
    fast: f64,
}

#[derive(Debug, Serialize)]
struct ForecastRecord {
    state: &'static str,
    earliest: Option<String>,
    latest: Option<String>,
}

/// Returns a history as data.
pub fn document<'a>(page: &Page<'a>) -> Document<'a> {
    let marks = page.marks();
    let pace = pace(&marks, page.now).map(|pace| PaceRecord {
        weeks: pace.weeks,
        sites_a_week: rounded(pace.velocity),
        slow: rounded(pace.slow),
        fast: rounded(pace.fast),
    });
    Document {
        schema: SCHEMA,
        tool: tool(),
        date: day(page.now),
        every: page.every,
        commits: page.points.iter().map(commit).collect(),
        pace,
        forecast: forecast(outlook(&marks, page.now)),
    }
}

fn commit(point: &Point) -> CommitRecord<'_> {
    CommitRecord {
        commit: &point.commit,
        date: day(point.time),
        time: point.time,
        sums: point.sums.as_ref().ok(),
        error: point.sums.as_ref().err().map(String::as_str),
    }
}

fn forecast(outlook: Outlook) -> ForecastRecord {
    let state = match outlook {
        Outlook::Done => "done",
        Outlook::TooEarly => "not-enough-data",
        Outlook::NoEnd => "no-end",
        Outlook::Then(_) => "forecast",
    };
    let Outlook::Then(then) = outlook else { return ForecastRecord { state, earliest: None, latest: None } };
    ForecastRecord { state, earliest: Some(day(then.earliest)), latest: then.latest.map(day) }
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
