//! What a page is made from.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::finding::Scan;
use crate::owners::Owners;
use crate::report::history::Page;
use crate::schedule::Schedule;
use crate::store::report::Told;

/// Everything that a page tells.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The project's name, for the title.
    pub name: String,
    /// Where paths start: the project. Absolute.
    pub root: &'a Path,
    /// When it is told, in seconds since 1970.
    pub now: i64,
    /// What a scan of the whole project found.
    pub scan: &'a Scan,
    /// What is left to do.
    pub schedule: &'a Schedule,
    /// How far it was at each commit; `None` outside git.
    pub history: Option<Page<'a>>,
    /// What the last report of an earlier day said.
    pub last: Option<&'a Told>,
    /// Who owns what.
    pub owners: &'a Owners,
    /// Since when suppressed findings have been so, by file and line of the finding; in seconds since 1970.
    pub since: &'a BTreeMap<(Arc<Path>, u32), i64>,
    /// Fixes that can be taken back, newest first.
    pub rollbacks: &'a [Rollback],
}

/// A fix that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollback {
    /// Its id, for `qmigrate undo`.
    pub id: String,
    /// The files it changed, absolute.
    pub files: Vec<PathBuf>,
}
