//! What is configured in the state that is judged.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::Result;

use crate::cli::session::Session;
use crate::config;
use crate::config::Config;
use crate::git::Tree;
use crate::lock;
use crate::rule::Rule;
use crate::store::baseline;
use crate::tally::Tally;

/// The configuration, and what it leads to.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) rules: Vec<Rule>,
    pub(super) baseline: Option<Tally>,
}

impl Settings {
    /// Reads what holds for a state of the files at `root`.
    pub(super) fn read(session: &Session, root: &Path, files: &Tree) -> Result<Self> {
        let config = session.config_from(root, files)?;
        let rules = session.rules_from(&config, files)?;
        let baseline = session.baseline_from(&config, files)?;
        Ok(Self { config, rules, baseline })
    }

    /// Whether a file may have a part in them.
    pub(super) fn may_lie_in(&self, path: &Path) -> bool {
        let is_known =
            |name: &OsStr| config::FILES.iter().chain(&[lock::NAME, baseline::NAME]).any(|known| name == *known);
        path.file_name().is_some_and(is_known) || self.config.rules.iter().any(|folder| path.starts_with(folder))
    }
}
