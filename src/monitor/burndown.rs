//! The burn-down: how many sites were left, commit by commit, and when none may be.

use crate::history::History;
use crate::history::pace::Mark;
use crate::history::pace::Outlook;
use crate::history::pace::Pace;
use crate::history::pace::outlook;
use crate::history::pace::pace;
use crate::report;
use crate::report::escape;

/// How many digits of a commit's name are shown.
const DIGITS: usize = 10;

/// What the tab shows.
#[derive(Clone, Debug, PartialEq)]
pub struct BurnDown {
    /// What was left, oldest first; no time is before an earlier one.
    pub marks: Vec<Mark>,
    /// How many commits there are.
    pub commits: usize,
    /// The last commit with numbers, and its day.
    pub last: Option<(String, String)>,
    /// Why a later commit has none.
    pub trouble: Option<String>,
    /// How fast the work goes, if there is enough data.
    pub pace: Option<Pace>,
    /// What is to be expected.
    pub outlook: Outlook,
    /// The time that weeks are counted back from, in seconds since 1970.
    pub now: i64,
}

impl BurnDown {
    /// What a history tells at a time.
    pub fn new(history: &History, now: i64) -> Self {
        let page = report::history::Page { points: &history.points, every: 1, now };
        let mut marks = page.marks();
        let (pace, outlook) = (pace(&marks, now), outlook(&marks, now));
        let last = history.points.iter().rev().find(|point| point.sums.is_ok()).map(|point| {
            let id = point.commit.get(..DIGITS).unwrap_or(&point.commit).to_owned();
            (id, report::day(point.time))
        });
        let trouble = history.points.last().and_then(|point| point.sums.as_ref().err());
        let trouble = trouble.map(|why| escape(why).into_owned());
        // Clocks of those who commit differ.
        let mut latest = i64::MIN;
        for mark in &mut marks {
            latest = latest.max(mark.time);
            mark.time = latest;
        }
        Self { marks, commits: history.points.len(), last, trouble, pace, outlook, now: now.max(latest) }
    }

    /// What held at a time: as the last commit until then has it.
    pub fn at(&self, time: i64) -> Option<&Mark> {
        let after = self.marks.partition_point(|mark| mark.time <= time);
        self.marks.get(after.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Point;
    use crate::sums::Sums;

    fn history(points: &[(i64, usize)]) -> History {
        let point = |&(time, pending): &(i64, usize)| Point {
            commit: "0123456789abcdef".into(),
            time,
            sums: Ok(Sums { pending, ..Sums::default() }),
        };
        History { points: points.iter().map(point).collect(), read: 0 }
    }

    #[test]
    fn a_number_holds_from_its_commit_to_the_next() {
        let burndown = BurnDown::new(&history(&[(10, 5), (30, 4), (20, 3), (40, 2)]), 50);
        let at = |time| burndown.at(time).map(|mark| mark.left);
        assert_eq!([9, 10, 29, 30, 39, 40, 99].map(at), [None, Some(5), Some(5), Some(3), Some(3), Some(2), Some(2)]);
    }

    #[test]
    fn a_commit_from_the_future_moves_the_end_of_the_picture() {
        assert_eq!(BurnDown::new(&history(&[(10, 5), (90, 4)]), 50).now, 90);
        assert_eq!(BurnDown::new(&History::default(), 50).now, 50);
    }
}
