//! Scans of one state of a project after the other, each as if it were the only one.

use std::path::Path;

use crate::config::Config;
use crate::finding::Scan;
use crate::gather;
use crate::gather::Looks;
use crate::rule::Rule;

use super::EngineError;
use super::Options;
use super::Run;
use super::on_large_stack;

/// A project on a shelf whose state changes between two scans.
pub struct Replay<'a> {
    run: Run<'a>,
    looks: &'a Looks,
}

/// Lets `work` scan state after state of the whole project on the shelf that `options` name.
///
/// # Errors
///
/// As for [`super::scan`].
pub fn replay<T: Send>(
    config: &Config,
    rules: &[Rule],
    options: &Options,
    work: impl FnOnce(&Replay<'_>) -> T + Send,
) -> Result<T, EngineError> {
    on_large_stack(|| {
        let looks = Looks::default();
        let run = Run { looks: Some(&looks), ..Run::new(config, rules, options, true)? };
        Ok(work(&Replay { run, looks: &looks }))
    })
}

impl Replay<'_> {
    /// Says that other files are there than at the last scan, or that a file which is asked for beside them has another
    /// text.
    pub fn forget_files(&self) {
        self.looks.forget_files();
    }

    /// Whether a scan would find what the last one found, where only the files at these paths have come, gone, or got
    /// other texts since.
    pub fn is_alike(&self, changed: &[&Path]) -> bool {
        self.looks.has_files() && (changed.is_empty() || gather::is_alike(&self.run.request(), changed))
    }

    /// What a scan of the shelf's state says, apart from what a baseline would.
    ///
    /// # Errors
    ///
    /// As for [`super::scan`].
    pub fn scan(&self) -> Result<Scan, EngineError> {
        let ((scan, _), gathered, _) = self
            .run
            .prepared(true, &|| (), |ready| self.run.report(ready.gathered, ready.judged, Some(&ready.planner)))?;
        self.looks.keep(gathered.project);
        Ok(scan)
    }
}
