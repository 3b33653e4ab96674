#![expect(clippy::disallowed_methods, reason = "files of the project are written here, and nowhere else")]
//! Writes a plan, and takes it back.
//!
//! Every file is replaced whole, by rename, so that at any moment it is either old or new. What it held is in the
//! journal, on the disk, before the first one is replaced.

mod file;
mod guard;
mod parallel;
mod undo;
mod unit;
mod whole;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use crate::edit::Change;
use crate::edit::Plan;
use crate::git::GitError;
use crate::store;
use crate::store::journal::Draft;
use crate::store::journal::Journal;
use crate::store::journal::JournalError;
use crate::store::journal::Lock;

pub use file::is_temporary;
pub use guard::guard;
pub use guard::hold;
pub use guard::resolve;
pub use undo::FileUndone;
pub use undo::UndoStatus;
pub use undo::Undone;
pub use undo::undo;
pub use whole::replace;

use unit::Unit;

/// What stops a run before it writes anything.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// git does not say which files are clean.
    #[error("cannot tell which files have uncommitted changes")]
    Git(#[from] GitError),
    /// What was there before cannot be kept, or not be found.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A file is not what it should be, or cannot be written; all files are as they were.
    #[error("`{}` {reason}", path.display())]
    Stopped {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There is no run left to take back.
    #[error("nothing to undo")]
    NothingToUndo,
    /// No run has this id.
    #[error("no run of `fix` has the id `{0}`")]
    UnknownId(String),
    /// The run with this id cannot be taken back.
    #[error("the journal's entry `{id}` cannot be used: {reason}")]
    DamagedEntry {
        /// Its id.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// What a run has written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The journal's id; `None` where nothing was written.
    pub id: Option<String>,
    /// Sorted by path.
    pub files: Vec<FileOutcome>,
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileOutcome {
    /// The file, as an absolute path.
    pub path: PathBuf,
    /// What became of it.
    pub status: FileStatus,
    /// Why, where it was not changed.
    pub reason: Option<String>,
}

/// What became of a file that a fix wanted to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileStatus {
    /// It is new.
    Changed,
    /// It was left alone on purpose.
    HeldBack,
    /// It could not be written, and is old.
    Failed,
}

impl FileStatus {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::HeldBack => "held-back",
            Self::Failed => "failed",
        }
    }
}

/// Writes what the plan changes, unit by unit: all files of one, or none.
///
/// # Errors
///
/// When the journal cannot be written, or another run is writing; then nothing is changed. What goes wrong with a unit
/// is in its files' outcomes.
pub fn apply(plan: &Plan, journal: &Journal) -> Result<Applied, ApplyError> {
    let held = plan.held.iter().map(|held| FileOutcome {
        path: held.path.clone(),
        status: FileStatus::HeldBack,
        reason: Some(held.reason.clone()),
    });
    let mut files: Vec<FileOutcome> = held.collect();
    let mut ready = Vec::new();
    let mut targets = BTreeSet::new();
    for changes in units(plan).into_values() {
        match Unit::check(&changes, journal.root(), &mut targets) {
            Ok(unit) => ready.push(unit),
            Err(failure) => files.extend(failure.outcomes(&changes, journal.root())),
        }
    }
    let mut id = None;
    if !ready.is_empty() {
        let lock = journal.lock()?;
        file::clean(journal)?;
        id = write(&ready, journal, &lock, &mut files)?;
    }
    files.sort();
    Ok(Applied { id, files })
}

/// Writes the units, and gives back the journal's id if anything is new.
fn write(
    units: &[Unit<'_>],
    journal: &Journal,
    lock: &Lock,
    files: &mut Vec<FileOutcome>,
) -> Result<Option<String>, ApplyError> {
    let drafts: Vec<Draft<'_>> = units.iter().flat_map(Unit::drafts).collect();
    let entry = journal.write(&drafts, lock)?;
    let written = parallel::each(units, |unit| unit.write(&entry));
    sync_folders(drafts.iter().map(|draft| draft.path));
    let mut is_changed = false;
    for (unit, written) in units.iter().zip(written) {
        match written {
            Ok(()) => {
                is_changed = true;
                files.extend(unit.changed());
            }
            Err(failure) => {
                is_changed |= !failure.stuck.is_empty();
                files.extend(failure.outcomes(&unit.changes(), journal.root()));
            }
        }
    }
    // Whether this works or not, the files are what they are, and the next run does it.
    let _ = if is_changed { journal.settle(&entry) } else { journal.discard(&entry) };
    Ok(is_changed.then_some(entry.id))
}

/// The changes that land together, by unit.
fn units(plan: &Plan) -> BTreeMap<usize, Vec<&Change>> {
    let mut units: BTreeMap<usize, Vec<&Change>> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.before != change.after) {
        units.entry(change.unit).or_default().push(change);
    }
    units
}

/// Makes sure of the names of files.
fn sync_folders<'a>(paths: impl Iterator<Item = &'a Path>) {
    let folders: BTreeSet<&Path> = paths.filter_map(Path::parent).collect();
    let folders: Vec<&Path> = folders.into_iter().collect();
    parallel::each(&folders, |folder| store::sync_folder(folder));
}
