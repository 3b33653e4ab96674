//! The burn-down: how many sites were left, commit by commit.

use crate::config::Config;

/// What the tab shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BurnDown {
    /// Days and what was left on them, oldest first.
    pub points: Vec<Point>,
    /// When nothing may be left, earliest and latest, as `YYYY-MM-DD`; `None` without enough data.
    pub forecast: Option<(String, String)>,
}

/// What was left on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The day, as `YYYY-MM-DD`.
    pub day: String,
    /// Sites that were migrated.
    pub migrated: usize,
    /// Sites that were not.
    pub left: usize,
}

impl BurnDown {
    /// What the history of a project tells: nothing yet, as it is not read in this release.
    pub fn of(_config: &Config) -> Self {
        Self::default()
    }
}
