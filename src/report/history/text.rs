//! A history for people: the commits at which a number changed, the pace, and the forecast.

use std::io;
use std::io::Write;

use anstyle::AnsiColor;

use crate::history::Point;
use crate::history::pace::Outlook;
use crate::history::pace::Pace;
use crate::history::pace::outlook;
use crate::history::pace::pace;
use crate::report::Style;
use crate::report::day;
use crate::report::escape;
use crate::sums::Sums;

use super::Page;

/// How many digits of a commit's name are shown.
const DIGITS: usize = 10;

/// Writes a table, and what is to be expected.
///
/// # Errors
///
/// Those of `out`.
pub fn text(out: &mut dyn Write, page: &Page<'_>, style: &Style) -> io::Result<()> {
    let bold = style.paint(anstyle::Style::new().bold());
    let red = style.paint(AnsiColor::Red.on_default());
    if page.points.is_empty() {
        return writeln!(out, "qmigrate: no commits.");
    }
    let [date, commit, sums @ ..] = ["date", "commit", "migrated", "to fix", "held back", "suppressed", "warnings"];
    write!(out, "{bold}{date:<10}  {commit:<DIGITS$}")?;
    for name in sums {
        write!(out, "  {name:>10}")?;
    }
    writeln!(out, "{bold:#}")?;
    let mut last: Option<&Result<Sums, String>> = None;
    for point in page.points.iter().filter(|point| last.replace(&point.sums) != Some(&point.sums)) {
        write!(out, "{:<10}  {:<DIGITS$}", day(point.time), point.commit.get(..DIGITS).unwrap_or(&point.commit))?;
        match &point.sums {
            Ok(sums) => {
                for number in [sums.migrated, sums.pending, sums.held_back, sums.suppressed, sums.warnings] {
                    write!(out, "  {number:>10}")?;
                }
                writeln!(out)?;
            }
            Err(why) => writeln!(out, "  {red}{}{red:#}", escape(why))?,
        }
    }
    if style.quiet {
        return Ok(());
    }
    let Some(sums) = page.points.iter().rev().find_map(|point: &Point| point.sums.as_ref().ok()) else {
        return Ok(());
    };
    let marks = page.marks();
    writeln!(out)?;
    writeln!(out, "{} of {} sites migrated, {} left.", sums.migrated, sums.sites(), sums.left())?;
    if let Some(pace) = pace(&marks, page.now) {
        writeln!(out, "{}", spoken(&pace))?;
    }
    match outlook(&marks, page.now) {
        Outlook::Done => writeln!(out, "Nothing is left."),
        Outlook::TooEarly => {
            writeln!(out, "Not enough data for a forecast: it takes three weeks since the first migrated site.")
        }
        Outlook::NoEnd => writeln!(out, "At this pace it does not end."),
        Outlook::Then(then) => match then.latest {
            Some(latest) => writeln!(out, "Done between {} and {}, at this pace.", day(then.earliest), day(latest)),
            None => {
                writeln!(out, "Done on {} at the earliest; at the pace of the slower weeks, never.", day(then.earliest))
            }
        },
    }
}

fn spoken(pace: &Pace) -> String {
    let Pace { weeks, velocity, slow, fast } = pace;
    format!(
        "{velocity:.1} sites a week over the last {weeks} weeks: fewer than {slow:.1} in a quarter of them, more than {fast:.1} in another."
    )
}
