//! The burn-down as a picture: what is left, what is migrated, and where that is going.

use std::fmt::Write;

use crate::history::pace;
use crate::history::pace::Forecast;
use crate::history::pace::Mark;
use crate::history::pace::Outlook;

use super::day;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 300.0;

/// The part of the picture that the lines are drawn in.
const LEFT: f64 = 48.0;
const RIGHT: f64 = 612.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 262.0;

/// Colours for light and dark, with a contrast of 3:1 and better against the background of either.
const STYLE: &str = "\
.qm-chart{font:12px system-ui,sans-serif;--ink:#24292f;--faint:#d0d7de;--open:#b3400f;--done:#0b6b57}\
@media screen and (prefers-color-scheme:dark){.qm-chart{--ink:#e6edf3;--faint:#3d444d;--open:#ff9d66;--done:#4fd1b5}}\
.qm-chart text{fill:var(--ink)}.qm-grid{stroke:var(--faint)}\
.qm-open{fill:none;stroke:var(--open);stroke-width:2.5}.qm-done{fill:none;stroke:var(--done);stroke-width:2.5;stroke-dasharray:7 3}\
.qm-then{fill:var(--open);opacity:.22}.qm-chart .qm-open-name{fill:var(--open)}.qm-chart .qm-done-name{fill:var(--done)}";

/// Draws marks, oldest first, and the forecast from `now` on.
pub fn svg(marks: &[Mark], outlook: Outlook, now: i64) -> String {
    let scale = Scale::new(marks, outlook, now);
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = draw(&mut out, marks, outlook, &scale);
    out
}

fn draw(out: &mut String, marks: &[Mark], outlook: Outlook, scale: &Scale) -> std::fmt::Result {
    let last = marks.last().copied().unwrap_or(Mark { time: scale.now, left: 0, migrated: 0 });
    write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" class=\"qm-chart\" role=\"img\" \
         aria-label=\"Burn-down: {} sites left and {} migrated on {}\"><style>{STYLE}</style>",
        last.left,
        last.migrated,
        day(last.time)
    )?;
    for count in ticks(scale.most) {
        let y = scale.y(count);
        write!(out, "<path class=\"qm-grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>")?;
        write!(out, "<text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{count}</text>", LEFT - 8.0, y + 4.0)?;
    }
    let mut before = String::new();
    for quarter in 0..=4 {
        let time = scale.start + (scale.end - scale.start) * quarter / 4;
        let day = day(time);
        if day == before {
            continue;
        }
        write!(
            out,
            "<text x=\"{:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
            scale.x(time),
            BOTTOM + 20.0,
            day
        )?;
        before = day;
    }
    if marks.is_empty() {
        return write!(out, "</svg>");
    }
    if let Outlook::Then(Forecast { earliest, latest }) = outlook {
        let (x, y, floor) = (scale.x(scale.now), scale.y(last.left), scale.y(0));
        let (early_x, early_y) = scale.towards(last.left, Some(earliest));
        let (late_x, late_y) = scale.towards(last.left, latest);
        let corner = if early_x < RIGHT && late_x >= RIGHT { format!("L{RIGHT} {floor:.1}") } else { String::new() };
        write!(
            out,
            "<path class=\"qm-then\" d=\"M{x:.1} {y:.1}L{early_x:.1} {early_y:.1}{corner}L{late_x:.1} {late_y:.1}Z\"/>"
        )?;
    }
    line(out, "qm-done", marks, scale, |mark| mark.migrated)?;
    line(out, "qm-open", marks, scale, |mark| mark.left)?;
    let (open, done) = apart(scale.y(last.left), scale.y(last.migrated));
    let x = RIGHT + 8.0;
    write!(out, "<text class=\"qm-open-name\" x=\"{x}\" y=\"{open:.1}\">{} left</text>", last.left)?;
    write!(out, "<text class=\"qm-done-name\" x=\"{x}\" y=\"{done:.1}\">{} migrated</text>", last.migrated)?;
    write!(out, "</svg>")
}

/// A line of steps: a number holds from its commit to the next.
fn line(
    out: &mut String,
    class: &str,
    marks: &[Mark],
    scale: &Scale,
    count: impl Fn(&Mark) -> usize,
) -> std::fmt::Result {
    let mut before = None;
    write!(out, "<path class=\"{class}\" d=\"")?;
    for mark in marks {
        let now = count(mark);
        match before {
            None => write!(out, "M{:.1} {:.1}", scale.x(mark.time), scale.y(now))?,
            Some(before) if before != now => write!(out, "H{:.1}V{:.1}", scale.x(mark.time), scale.y(now))?,
            Some(_) => {}
        }
        before = Some(now);
    }
    write!(out, "H{:.1}\"/>", scale.x(scale.now))
}

/// Two heights of text, far enough from each other to be read.
fn apart(one: f64, other: f64) -> (f64, f64) {
    let shift = 4.0;
    let lack = (16.0 - (one - other).abs()).max(0.0) / 2.0;
    if one > other { (one + lack + shift, other - lack + shift) } else { (one - lack + shift, other + lack + shift) }
}

/// Up to six round numbers from 0 on, of which the last is the most or beyond.
pub fn ticks(most: usize) -> Vec<usize> {
    let mut step = 1;
    while step * 5 < most {
        step = match step.to_string().chars().next() {
            Some('2') => step / 2 * 5,
            _ => step * 2,
        };
    }
    (0..=most.div_ceil(step).max(1)).map(|tick| tick * step).collect()
}

/// Where times and numbers lie in the picture.
#[derive(Debug)]
struct Scale {
    start: i64,
    end: i64,
    now: i64,
    most: usize,
    top: usize,
}

impl Scale {
    fn new(marks: &[Mark], outlook: Outlook, now: i64) -> Self {
        let start = marks.iter().map(|mark| mark.time).min().unwrap_or(now);
        let now = marks.iter().map(|mark| mark.time).max().unwrap_or(now).max(now);
        let most = marks.iter().map(|mark| mark.left.max(mark.migrated)).max().unwrap_or(0);
        let end = pace::end(outlook, start, now);
        let top = ticks(most).last().copied().unwrap_or(1).max(1);
        Self { start, end, now, most, top }
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture has fewer places than that")]
    fn x(&self, time: i64) -> f64 {
        let part = (time - self.start) as f64 / (self.end - self.start) as f64;
        LEFT + part.clamp(0.0, 1.0) * (RIGHT - LEFT)
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture has fewer places than that")]
    fn y(&self, count: usize) -> f64 {
        self.height(count as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture has fewer places than that")]
    fn height(&self, count: f64) -> f64 {
        BOTTOM - count / self.top as f64 * (BOTTOM - TOP)
    }

    /// Where the straight way from what is left now to nothing at a later time ends, or leaves the picture.
    fn towards(&self, left: usize, then: Option<i64>) -> (f64, f64) {
        let (time, rest) = pace::way_out(left, then, self.now, self.end);
        (self.x(time), self.height(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        for (most, last, count) in
            [(0, 1, 2), (1, 1, 2), (5, 5, 6), (6, 6, 4), (63, 80, 5), (1234, 1500, 4), (99_999, 100_000, 6)]
        {
            let ticks = ticks(most);
            assert_eq!((ticks.last().copied(), ticks.len()), (Some(last), count), "{most}: {ticks:?}");
        }
    }

    #[test]
    fn nothing_is_drawn_outside_of_the_picture() {
        let marks: Vec<Mark> = (0..50).map(|i| Mark { time: i64::from(i) * 86_400, left: 70, migrated: 3 }).collect();
        let far = Outlook::Then(Forecast { earliest: 90 * 86_400, latest: Some(9_000 * 86_400) });
        for outlook in [Outlook::Done, far] {
            let svg = svg(&marks, outlook, 50 * 86_400);
            let drawn = svg.split("</style>").last().unwrap_or_default();
            let words = drawn.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'));
            for number in words.filter(|word| word.contains('.')).map(|word| word.parse::<f64>().unwrap()) {
                assert!((0.0..=WIDTH).contains(&number), "{number} in {svg}");
            }
        }
        assert!(svg(&[], Outlook::Done, 0).ends_with("</svg>"));
    }
}
