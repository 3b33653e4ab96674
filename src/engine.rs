//! The order of the stages.

use std::path::PathBuf;

use crate::config::Config;
use crate::edit::Plan;
use crate::finding::Scan;
use crate::rule::Rule;
use crate::source::LanguageId;

/// What a run looks at.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where relative paths start. Absolute.
    pub cwd: PathBuf,
    /// What is reported on, and where fixes start; empty for `cwd`. Absolute.
    pub paths: Vec<PathBuf>,
    /// A file whose text comes from standard input: its (absolute) path, and its bytes.
    pub stdin: Option<(PathBuf, Vec<u8>)>,
    /// Rules to look for; empty for all.
    pub select: Vec<String>,
    /// Rules not to look for.
    pub ignore: Vec<String>,
    /// Languages to look at; empty for all.
    pub languages: Vec<LanguageId>,
    /// Threads to use; 0 for as many as there are cores.
    pub threads: usize,
}

/// What a scan with `fix` in mind gives: all that a scan says, and what would be written.
#[derive(Debug, Default)]
pub struct Fixing {
    /// The scan, with fixes as they are in the plan.
    pub scan: Scan,
    /// What would be written.
    pub plan: Plan,
    /// Findings that the plan leaves because their language has no factory.
    pub without_factory: usize,
}

/// What stops a run before it starts.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A path that does not exist.
    #[error("no such file or folder: `{}`", .0.display())]
    Missing(PathBuf),
    /// The factory's module exists twice.
    #[error("the factory `{module}` is found twice: `{}` and `{}`", .first.display(), .second.display())]
    AmbiguousFactory {
        /// Its name.
        module: String,
        /// The first place.
        first: PathBuf,
        /// The second place.
        second: PathBuf,
    },
}

/// Scans, and says what was found. `progress` is told of every file that was looked at.
///
/// # Errors
///
/// When a path does not exist, or the factory's module is found twice.
pub fn scan(
    config: &Config,
    rules: &[Rule],
    options: &Options,
    progress: &(dyn Fn() + Sync),
) -> Result<Scan, EngineError> {
    let _ = (config, rules, options, progress);
    Ok(Scan::default())
}

/// Scans, and plans what `fix` would write: safe fixes, and unsafe ones too if `unsafe_fixes` says so.
///
/// # Errors
///
/// As for [`scan`].
pub fn fix(
    config: &Config,
    rules: &[Rule],
    options: &Options,
    unsafe_fixes: bool,
    progress: &(dyn Fn() + Sync),
) -> Result<Fixing, EngineError> {
    let _ = (config, rules, options, unsafe_fixes, progress);
    Ok(Fixing::default())
}
