//! How fast the work goes, and when it may be done: arithmetic over what was left at which time.

/// Seconds of a week.
const WEEK: i64 = 7 * 24 * 60 * 60;

/// The weeks that count, up to the last one.
const WINDOW: usize = 12;

/// Fewer whole weeks than this tell nothing.
const LEAST: usize = 3;

/// A forecast further away than this many weeks says no more than that the work does not end at this pace.
const HORIZON: f64 = 520.0;

/// What was left at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// In seconds since 1970.
    pub time: i64,
    /// Sites that were left.
    pub left: usize,
    /// Sites that were migrated.
    pub migrated: usize,
}

/// How fast the work goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// How many weeks were looked at.
    pub weeks: usize,
    /// Sites a week that are left no more, on average; fewer than none where more come than go.
    pub velocity: f64,
    /// What a quarter of the weeks did not reach.
    pub slow: f64,
    /// What a quarter of the weeks went beyond.
    pub fast: f64,
}

/// When the work may be done, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// At the pace of the faster weeks.
    pub earliest: i64,
    /// At the pace of the slower weeks; `None` where it does not end at that pace.
    pub latest: Option<i64>,
}

/// What is to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// Nothing is left.
    Done,
    /// The work has not gone on for long enough to tell.
    TooEarly,
    /// Even at the pace of the faster weeks, the work does not end.
    NoEnd,
    /// It may be done then.
    Then(Forecast),
}

/// The pace of the last whole weeks before `now`; `None` where there are too few since the work began. `marks` are in the
/// order of commits; the work began with the first migrated site, or else when less was left than before.
pub fn pace(marks: &[Mark], now: i64) -> Option<Pace> {
    let start = start(marks)?;
    let weeks = usize::try_from((now - start) / WEEK).ok()?.min(WINDOW);
    if weeks < LEAST {
        return None;
    }
    let mut burnt: Vec<f64> = (0..weeks).map(|week| burnt(marks, now - ago(week + 1), now - ago(week))).collect();
    burnt.sort_by(f64::total_cmp);
    let velocity = burnt.iter().sum::<f64>() / float(weeks);
    Some(Pace { weeks, velocity, slow: quantile(&burnt, 0.25), fast: quantile(&burnt, 0.75) })
}

/// When the work may be done.
pub fn outlook(marks: &[Mark], now: i64) -> Outlook {
    let left = marks.last().map_or(0, |mark| mark.left);
    if left == 0 {
        return Outlook::Done;
    }
    let Some(pace) = pace(marks, now) else { return Outlook::TooEarly };
    let end = |velocity: f64| {
        let weeks = float(left) / velocity;
        if velocity <= 0.0 || weeks > HORIZON {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the horizon keeps it small")]
        let seconds = (weeks * 604_800.0).ceil() as i64;
        Some(now + seconds)
    };
    end(pace.fast).map_or(Outlook::NoEnd, |earliest| Outlook::Then(Forecast { earliest, latest: end(pace.slow) }))
}

/// Where a picture from `start` on ends: what is to come takes no more room than what was.
pub fn end(outlook: Outlook, start: i64, now: i64) -> i64 {
    let then = match outlook {
        Outlook::Then(Forecast { earliest, latest }) => latest.unwrap_or(i64::MAX).max(earliest),
        _ => now,
    };
    then.min(now.saturating_add(now - start)).max(start + 1)
}

/// Where the straight way from what is left `now` to nothing at `then` (`None` where that is never) leaves a picture: a
/// time, and what is left by it.
pub fn way_out(left: usize, then: Option<i64>, now: i64, end: i64) -> (i64, f64) {
    match then {
        Some(then) if then <= end => (then, 0.0),
        #[expect(clippy::cast_precision_loss, reason = "seconds of some years")]
        Some(then) => (end, float(left) * (1.0 - (end - now) as f64 / (then - now).max(1) as f64)),
        None => (end, float(left)),
    }
}

fn start(marks: &[Mark]) -> Option<i64> {
    let first = marks.iter().find(|mark| mark.migrated > 0);
    let falling = || marks.windows(2).find(|pair| matches!(pair, [one, other] if other.left < one.left))?.last();
    first.or_else(falling).map(|mark| mark.time)
}

/// How many sites fewer were left at `end` than at `start`.
fn burnt(marks: &[Mark], start: i64, end: i64) -> f64 {
    float(left_at(marks, start)) - float(left_at(marks, end))
}

/// What was left at a time: as the last commit until then has it, and as the first one has it before.
fn left_at(marks: &[Mark], time: i64) -> usize {
    let last = marks.iter().rev().find(|mark| mark.time <= time);
    last.or(marks.first()).map_or(0, |mark| mark.left)
}

fn ago(weeks: usize) -> i64 {
    i64::try_from(weeks).unwrap_or(0) * WEEK
}

/// The value below which a part of sorted values lies, between two of them in proportion.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * float(sorted.len().saturating_sub(1));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is an index of the list")]
    let below = place.floor() as usize;
    let value = |index: usize| sorted.get(index).or(sorted.last()).copied().unwrap_or(0.0);
    value(below) + (value(below + 1) - value(below)) * (place - place.floor())
}

#[expect(clippy::cast_precision_loss, reason = "nobody has that many call sites")]
fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One mark at the end of each week, the first at time 0; and the time of the last.
    fn weekly(left: &[usize]) -> (Vec<Mark>, i64) {
        let most = left.iter().max().copied().unwrap_or(0);
        let marks: Vec<Mark> =
            (0..).zip(left).map(|(week, &left)| Mark { time: week * WEEK, left, migrated: most - left }).collect();
        let now = marks.last().map_or(0, |mark| mark.time);
        (marks, now)
    }

    #[test]
    fn steady_work_ends_when_it_should() {
        let (marks, now) = weekly(&[50, 40, 30, 20, 10]);
        assert_eq!(pace(&marks, now), Some(Pace { weeks: 3, velocity: 10.0, slow: 10.0, fast: 10.0 }));
        let then = now + WEEK;
        assert_eq!(outlook(&marks, now), Outlook::Then(Forecast { earliest: then, latest: Some(then) }));
    }

    #[test]
    fn uneven_weeks_give_a_range() {
        let (marks, now) = weekly(&[101, 100, 100, 96, 88, 76]);
        let pace = pace(&marks, now).unwrap();
        assert_eq!((pace.weeks, pace.velocity, pace.slow, pace.fast), (4, 6.0, 3.0, 9.0));
        let Outlook::Then(forecast) = outlook(&marks, now) else { panic!("there is a forecast") };
        assert_eq!(forecast.earliest, now + (76 * WEEK).div_ceil_of(9));
        assert_eq!(forecast.latest, Some(now + (76 * WEEK).div_ceil_of(3)));
    }

    trait DivCeil {
        fn div_ceil_of(self, by: i64) -> i64;
    }

    impl DivCeil for i64 {
        fn div_ceil_of(self, by: i64) -> i64 {
            (self + by - 1) / by
        }
    }

    #[test]
    fn a_slow_quarter_may_never_end() {
        let (marks, now) = weekly(&[21, 20, 20, 20, 10, 9]);
        let Outlook::Then(forecast) = outlook(&marks, now) else { panic!("there is a forecast") };
        assert_eq!(forecast.latest, None);
    }

    #[test]
    fn growing_work_has_no_end() {
        let (mut marks, now) = weekly(&[9, 8, 12, 14, 17, 20]);
        assert_eq!(outlook(&marks, now), Outlook::NoEnd);
        assert!(pace(&marks, now).unwrap().velocity < 0.0);
        for mark in &mut marks {
            mark.migrated = 0;
        }
        assert_eq!(pace(&marks, now).unwrap().weeks, 4, "less was left in the first week");
    }

    #[test]
    fn too_little_tells_nothing() {
        let (marks, now) = weekly(&[5, 4, 3]);
        assert_eq!(outlook(&marks, now), Outlook::TooEarly);
        assert_eq!(
            outlook(&marks, now + 2 * WEEK),
            Outlook::Then(Forecast { earliest: now + 2 * WEEK + 3 * WEEK * 2, latest: None })
        );
        let (marks, now) = weekly(&[5, 5, 5, 5, 5, 5]);
        assert_eq!(outlook(&marks, now), Outlook::TooEarly, "nothing was migrated yet");
        assert_eq!(outlook(&[], 0), Outlook::Done);
    }

    #[test]
    fn old_weeks_do_not_count_and_weeks_without_commits_do() {
        let (mut marks, now) = weekly(&[1000, 500, 100]);
        marks.push(Mark { time: now + 20 * WEEK, left: 76, migrated: 1 });
        let pace = pace(&marks, now + 20 * WEEK).unwrap();
        assert_eq!((pace.weeks, pace.velocity, pace.slow, pace.fast), (12, 2.0, 0.0, 0.0));
    }

    #[test]
    fn nothing_left_is_done() {
        let (marks, now) = weekly(&[3, 2, 1, 0]);
        assert_eq!(outlook(&marks, now), Outlook::Done);
    }
}
