//! The plan: which files come next, batch by batch.

use crate::config::Config;

/// What the tab shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Batches, the most urgent first.
    pub batches: Vec<Batch>,
    /// The next files, as they are shown.
    pub next: Vec<String>,
}

/// One batch, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its name.
    pub name: String,
    /// The day it is due, as `YYYY-MM-DD`.
    pub due: Option<String>,
    /// What must hold, and whether it does.
    pub criteria: Vec<(String, bool)>,
}

impl Work {
    /// What the plan of a project says: nothing yet, as there is none in this release.
    pub fn of(_config: &Config) -> Self {
        Self::default()
    }
}
