//! How many sites were left at each commit, how fast that goes, and when none may be left.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::Line;
use ratatui::text::Span;
use ratatui::widgets::Axis;
use ratatui::widgets::Chart;
use ratatui::widgets::Dataset;
use ratatui::widgets::GraphType;
use ratatui::widgets::Widget;

use crate::history::pace;
use crate::history::pace::Forecast;
use crate::history::pace::Mark;
use crate::history::pace::Outlook;
use crate::monitor::burndown::BurnDown;
use crate::monitor::layout::Areas;
use crate::monitor::state::Stage;
use crate::monitor::state::State;
use crate::report::chart::ticks;
use crate::report::day;

use super::text::put;
use super::text::rows;
use super::text::span;
use super::text::width;
use super::theme::Theme;
use crate::report::count;
use crate::report::grouped;

/// Signs of the lines: they are told apart without colours too.
const MIGRATED: char = '•';
const FORECAST: char = '·';

/// A chart takes at least so many rows.
const LEAST: u16 = 5;

/// Draws what the history tells, or how far reading it is.
pub(super) fn draw(state: &State, theme: Theme, areas: Areas, buffer: &mut Buffer) {
    let is_reading = matches!(state.remembering, Stage::Asked { .. });
    let burndown = match &state.burndown {
        Some(Ok(burndown)) => burndown,
        Some(Err(why)) if !is_reading => {
            said(&[format!("There is no burn-down: {why}.")], theme, areas, buffer);
            return;
        }
        _ => {
            said(&reading(state), theme, areas, buffer);
            return;
        }
    };
    let Some(mark) = burndown.marks.last() else {
        let why = burndown.trouble.as_ref().map(|why| format!("The last one cannot be scanned: {why}."));
        let none = if burndown.commits == 0 { "There are no commits yet." } else { "No commit has any numbers." };
        let lines: Vec<String> = std::iter::once(none.to_owned()).chain(why).collect();
        said(&lines, theme, areas, buffer);
        return;
    };
    put(buffer, areas.head, &legend(burndown, *mark, theme));
    let source = if is_reading { reading(state).concat() } else { source(burndown) };
    let column = usize::from(areas.head.width).saturating_sub(width(&source) + 2);
    if column > legend(burndown, *mark, theme).width() {
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        let area = Rect { x: areas.head.x + column, width: areas.head.width - column, ..areas.head };
        put(buffer, area, &Line::styled(source, theme.quiet()));
    }
    let mut lines = vec![
        Line::from(vec![span("  Pace      ", theme.bold()), span(speed(burndown), theme.plain())]),
        Line::from(vec![span("  Forecast  ", theme.bold()), span(forecast(burndown.outlook), theme.plain())]),
    ];
    if let Some(why) = &burndown.trouble {
        lines.push(Line::styled(format!("  Later commits cannot be scanned: {why}"), theme.bad()));
    }
    for (area, line) in rows(areas.body).zip(&lines) {
        put(buffer, area, line);
    }
    let taken = u16::try_from(lines.len()).unwrap_or(0);
    let area = Rect { y: areas.body.y + taken, height: areas.body.height.saturating_sub(taken), ..areas.body };
    if area.height >= LEAST {
        chart(burndown, *mark, theme, area.intersection(buffer.area), buffer);
    }
}

fn said(lines: &[String], theme: Theme, areas: Areas, buffer: &mut Buffer) {
    for (area, line) in rows(areas.body).zip(lines) {
        put(buffer, area, &Line::styled(format!("  {line}"), theme.quiet()));
    }
}

fn reading(state: &State) -> Vec<String> {
    let text = match state.remembered {
        Some((done, of)) => format!("Reading commits … {} of {}", grouped(done), grouped(of)),
        None => "Reading commits …".to_owned(),
    };
    vec![text]
}

/// What the lines stand for.
fn legend(burndown: &BurnDown, mark: Mark, theme: Theme) -> Line<'static> {
    let mut spans = vec![
        span(format!("  ⣀ {} left", grouped(mark.left)), theme.open()),
        span(format!("  {MIGRATED} {} migrated", grouped(mark.migrated)), theme.good()),
    ];
    if matches!(burndown.outlook, Outlook::Then(_)) {
        spans.push(span(format!("  {FORECAST} forecast"), theme.accent()));
    }
    Line::from(spans)
}

/// What was read.
fn source(burndown: &BurnDown) -> String {
    let commits = count(burndown.commits, "commit");
    let last = burndown.last.as_ref().map(|(id, day)| format!(" to {id}, {day}"));
    format!("{commits}{}", last.unwrap_or_default())
}

fn speed(burndown: &BurnDown) -> String {
    let Some(pace) = burndown.pace else { return "not enough data".to_owned() };
    let (velocity, slow, fast) = (pace.velocity, pace.slow, pace.fast);
    format!("{velocity:.1} sites a week in {} weeks, mostly {slow:.1} to {fast:.1}", pace.weeks)
}

fn forecast(outlook: Outlook) -> String {
    match outlook {
        Outlook::Done => "nothing is left".to_owned(),
        Outlook::TooEarly => "not enough data before three weeks of work".to_owned(),
        Outlook::NoEnd => "at this pace it does not end".to_owned(),
        Outlook::Then(Forecast { earliest, latest: Some(latest) }) => {
            format!("done between {} and {}", day(earliest), day(latest))
        }
        Outlook::Then(Forecast { earliest, latest: None }) => {
            format!("done on {} at the earliest; in slow weeks, never", day(earliest))
        }
    }
}

fn chart(burndown: &BurnDown, mark: Mark, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let start = burndown.marks.first().map_or(burndown.now, |mark| mark.time);
    let end = pace::end(burndown.outlook, start, burndown.now);
    let most = burndown.marks.iter().map(|mark| mark.left.max(mark.migrated)).max().unwrap_or(0);
    let ticks = ticks(most);
    let top = ticks.last().copied().unwrap_or(1).max(1);
    let dots = 2 * i64::from(area.width);
    let times = (0..=dots).map(|dot| start + (end - start) * dot / dots).filter(|time| *time <= burndown.now);
    let seen: Vec<(i64, Mark)> = times.filter_map(|time| Some((time, *burndown.at(time)?))).collect();
    let (left, migrated) = (steps(&seen, |mark| mark.left), steps(&seen, |mark| mark.migrated));
    let (early, late) = match burndown.outlook {
        Outlook::Then(Forecast { earliest, latest }) => {
            (wedge(burndown.now, end, mark.left, Some(earliest)), wedge(burndown.now, end, mark.left, latest))
        }
        _ => (Vec::new(), Vec::new()),
    };
    let sets = vec![
        dataset(&early, Marker::Custom(FORECAST), theme.accent()),
        dataset(&late, Marker::Custom(FORECAST), theme.accent()),
        dataset(&migrated, Marker::Custom(MIGRATED), theme.good()),
        dataset(&left, Marker::Braille, theme.open()),
    ];
    // An axis with a row for each of its numbers; else only the first and the last.
    let numbers = if usize::from(area.height) > 2 * ticks.len() { ticks } else { vec![0, top] };
    let numbers = numbers.into_iter().map(|tick| format!("{:>6}", grouped(tick)));
    let days = [start, start + (end - start) / 2, end].map(day);
    let axis = |bounds: [f64; 2]| Axis::default().bounds(bounds).style(theme.quiet());
    Chart::new(sets)
        .x_axis(axis([real(start), real(end)]).labels(days.map(Span::raw)))
        .y_axis(axis([0.0, float(top)]).labels(numbers.map(Span::raw).collect::<Vec<_>>()))
        .legend_position(None)
        .render(area, buffer);
}

/// A line of steps: a number holds until there is another.
fn steps(seen: &[(i64, Mark)], count: impl Fn(&Mark) -> usize) -> Vec<(f64, f64)> {
    let mut line = Vec::with_capacity(seen.len());
    let mut before = None;
    for (time, mark) in seen {
        let (x, now) = (real(*time), count(mark));
        let edge = before.replace(now).filter(|before| *before != now);
        line.extend(edge.map(|before| (x, float(before))));
        line.push((x, float(now)));
    }
    line
}

fn dataset(points: &[(f64, f64)], marker: Marker, style: Style) -> Dataset<'_> {
    Dataset::default().data(points).marker(marker).graph_type(GraphType::Line).style(style)
}

/// The straight way from what is left now to nothing at a later time, as far as the picture goes.
fn wedge(now: i64, end: i64, left: usize, then: Option<i64>) -> Vec<(f64, f64)> {
    let (time, rest) = pace::way_out(left, then, now, end);
    vec![(real(now), float(left)), (real(time), rest)]
}

#[expect(clippy::cast_precision_loss, reason = "a screen has fewer places than that")]
fn real(time: i64) -> f64 {
    time as f64
}

#[expect(clippy::cast_precision_loss, reason = "a screen has fewer places than that")]
fn float(count: usize) -> f64 {
    count as f64
}
