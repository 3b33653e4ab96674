#![expect(
    clippy::disallowed_methods,
    reason = "files of the project are written here, and nowhere else"
)]
//! Writes a plan, and takes it back.
//!
//! Every file is replaced whole, by rename, so that at any moment it is either old or new. What it held is in the
//! journal, on the disk, before the first one is replaced.

mod file;
mod guard;
mod undo;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::edit::Change;
use crate::edit::Plan;
use crate::git::GitError;
use crate::store;
use crate::store::journal::Draft;
use crate::store::journal::Entry;
use crate::store::journal::Journal;
use crate::store::journal::JournalError;
use crate::store::journal::Lock;

pub use guard::guard;
pub use guard::resolve;
pub use undo::FileUndone;
pub use undo::UndoStatus;
pub use undo::Undone;
pub use undo::undo;

use file::Staged;

/// What stops a run before it writes anything.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// git does not say which files are clean.
    #[error("cannot tell which files have uncommitted changes")]
    Git(#[from] GitError),
    /// What was there before cannot be kept, or not be found.
    #[error(transparent)]
    Journal(#[from] JournalError),
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
    for changes in units(plan).into_values() {
        match Unit::check(&changes, journal.root()) {
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
    let mut first = 0;
    let mut is_changed = false;
    for unit in units {
        match unit.write(&entry, first) {
            Ok(()) => {
                is_changed = true;
                files.extend(unit.changed());
            }
            Err(failure) => {
                is_changed |= !failure.stuck.is_empty();
                files.extend(failure.outcomes(&unit.changes(), journal.root()));
            }
        }
        first += unit.targets.len();
    }
    if !is_changed {
        journal.discard(&entry)?;
        return Ok(None);
    }
    journal.settle(&entry)?;
    Ok(Some(entry.id))
}

/// The changes that land together, by unit.
fn units(plan: &Plan) -> BTreeMap<usize, Vec<&Change>> {
    let mut units: BTreeMap<usize, Vec<&Change>> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| change.before != change.after) {
        units.entry(change.unit).or_default().push(change);
    }
    units
}

/// Changes that land together, each with the file that it leads to.
struct Unit<'a> {
    targets: Vec<Target<'a>>,
}

struct Target<'a> {
    change: &'a Change,
    /// The file itself, where the change's path is a link.
    real: PathBuf,
    mode: Option<u32>,
}

/// Why a unit is not written.
struct Failure {
    /// The file on which it failed.
    path: PathBuf,
    reason: String,
    /// Files that are new and could not be put back.
    stuck: Vec<(PathBuf, String)>,
}

impl<'a> Unit<'a> {
    /// Checks that every file is there, and still what it was.
    fn check(changes: &[&'a Change], root: &Path) -> Result<Self, Failure> {
        let mut targets = Vec::new();
        for &change in changes {
            let failed = |reason| Failure { path: change.path.clone(), reason, stuck: Vec::new() };
            let real = guard::real(&change.path, root).map_err(failed)?;
            file::check(&real, &change.before).map_err(failed)?;
            let metadata =
                fs::metadata(&real).map_err(|error| failed(format!("cannot be read: {error}")))?;
            targets.push(Target { change, real, mode: file::mode(&metadata) });
        }
        Ok(Self { targets })
    }

    fn drafts(&self) -> impl Iterator<Item = Draft<'_>> {
        self.targets.iter().map(|target| Draft {
            path: &target.real,
            mode: target.mode,
            before: &target.change.before,
            after: &target.change.after,
        })
    }

    fn changes(&self) -> Vec<&'a Change> {
        self.targets.iter().map(|target| target.change).collect()
    }

    fn changed(&self) -> impl Iterator<Item = FileOutcome> {
        let status = FileStatus::Changed;
        let paths = self.targets.iter().map(|target| target.change.path.clone());
        paths.map(move |path| FileOutcome { path, status, reason: None })
    }

    /// Writes all files of the unit; `first` is the number of its first file in the entry.
    fn write(&self, entry: &Entry, first: usize) -> Result<(), Failure> {
        let staged = self.stage(entry, first)?;
        self.put(staged, entry, first)
    }

    /// Writes all files beside their targets.
    fn stage(&self, entry: &Entry, first: usize) -> Result<Vec<Staged>, Failure> {
        let mut staged = Vec::new();
        for (index, target) in self.targets.iter().enumerate() {
            let failed =
                |reason| Failure { path: target.change.path.clone(), reason, stuck: Vec::new() };
            file::check(&target.real, &target.change.before).map_err(failed)?;
            let temporary = file::temporary(&target.real, entry, first + index);
            let written = Staged::write(&target.real, temporary, &target.change.after, target.mode);
            staged.push(written.map_err(|error| failed(format!("cannot be written: {error}")))?);
        }
        Ok(staged)
    }

    /// Puts all files in place, or none.
    fn put(&self, staged: Vec<Staged>, entry: &Entry, first: usize) -> Result<(), Failure> {
        for (index, (staged, target)) in staged.into_iter().zip(&self.targets).enumerate() {
            if let Err(error) = staged.put() {
                let path = target.change.path.clone();
                let stuck = self.put_back(index, entry, first);
                return Err(Failure {
                    path,
                    reason: format!("cannot be replaced: {error}"),
                    stuck,
                });
            }
        }
        self.sync();
        Ok(())
    }

    /// Puts the first `count` files back, and names those that stay new.
    fn put_back(&self, count: usize, entry: &Entry, first: usize) -> Vec<(PathBuf, String)> {
        let mut stuck = Vec::new();
        for (index, target) in self.targets.iter().take(count).enumerate() {
            let temporary = file::temporary(&target.real, entry, first + index);
            let staged = Staged::write(&target.real, temporary, &target.change.before, target.mode);
            if let Err(error) = staged.and_then(Staged::put) {
                stuck.push((target.change.path.clone(), error.to_string()));
            }
        }
        stuck
    }

    fn sync(&self) {
        let mut folders: Vec<&Path> =
            self.targets.iter().filter_map(|target| target.real.parent()).collect();
        folders.sort_unstable();
        folders.dedup();
        for folder in folders {
            store::sync_folder(folder);
        }
    }
}

impl Failure {
    /// The outcomes for all files of the unit.
    fn outcomes(&self, changes: &[&Change], root: &Path) -> Vec<FileOutcome> {
        let outcome = |change: &&Change| {
            let path = change.path.clone();
            if path == self.path {
                return FileOutcome {
                    path,
                    status: FileStatus::Failed,
                    reason: Some(self.reason.clone()),
                };
            }
            if let Some((_, error)) = self.stuck.iter().find(|(stuck, _)| *stuck == path) {
                let reason =
                    format!("is changed and cannot be put back ({error}); `qmigrate undo` does it");
                return FileOutcome { path, status: FileStatus::Failed, reason: Some(reason) };
            }
            let reason = guard::belongs(&self.path, &self.reason, root);
            FileOutcome { path, status: FileStatus::HeldBack, reason: Some(reason) }
        };
        changes.iter().map(outcome).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A unit of two files in a folder, and an entry for it.
    fn unit(folder: &Path) -> (Vec<Change>, Entry) {
        let change = |name: &str| {
            let path = folder.join(name);
            fs::write(&path, "old").unwrap();
            Change { path, before: b"old".to_vec(), after: b"new".to_vec(), unit: 0 }
        };
        let changes = vec![change("a.py"), change("b.py"), change("c.py")];
        let id = "20261121-231502-1".to_owned();
        (changes, Entry { id, files: Vec::new(), settled: false, undone: false })
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().canonicalize().unwrap();
        (folder, path)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn statuses(failure: &Failure, changes: &[Change], root: &Path) -> Vec<FileStatus> {
        let changes: Vec<&Change> = changes.iter().collect();
        failure.outcomes(&changes, root).into_iter().map(|outcome| outcome.status).collect()
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_its_unit_old() {
        let (_guard, folder) = folder();
        let (changes, entry) = unit(&folder);
        let changes: Vec<&Change> = changes.iter().collect();
        let unit = Unit::check(&changes, &folder).ok().unwrap();
        // Something is in the way of the second file's temporary one.
        let taken = file::temporary(&changes[1].path, &entry, 8);
        fs::create_dir(&taken).unwrap();
        let failure = unit.write(&entry, 7).unwrap_err();
        assert_eq!(failure.path, changes[1].path);
        fs::remove_dir(&taken).unwrap();
        assert_eq!(names(&folder), ["a.py", "b.py", "c.py"]);
        assert!(changes.iter().all(|change| fs::read(&change.path).unwrap() == b"old"));
    }

    #[test]
    fn files_already_in_place_are_put_back_when_the_next_cannot_be() {
        let (_guard, folder) = folder();
        let (owned, entry) = unit(&folder);
        let changes: Vec<&Change> = owned.iter().collect();
        let unit = Unit::check(&changes, &folder).ok().unwrap();
        let staged = unit.stage(&entry, 0).ok().unwrap();
        fs::remove_file(file::temporary(&owned[1].path, &entry, 1)).unwrap();
        let failure = unit.put(staged, &entry, 0).unwrap_err();
        assert!(failure.reason.starts_with("cannot be replaced: "), "{}", failure.reason);
        let expected = [FileStatus::HeldBack, FileStatus::Failed, FileStatus::HeldBack];
        assert_eq!(statuses(&failure, &owned, &folder), expected);
        assert_eq!(names(&folder), ["a.py", "b.py", "c.py"]);
        assert!(changes.iter().all(|change| fs::read(&change.path).unwrap() == b"old"));
    }

    #[test]
    fn a_file_that_cannot_be_put_back_is_named() {
        let (_guard, folder) = folder();
        let (owned, entry) = unit(&folder);
        let changes: Vec<&Change> = owned.iter().collect();
        let unit = Unit::check(&changes, &folder).ok().unwrap();
        let staged = unit.stage(&entry, 0).ok().unwrap();
        fs::remove_file(file::temporary(&owned[2].path, &entry, 2)).unwrap();
        let taken = file::temporary(&owned[0].path, &entry, 0);
        let mut staged = staged.into_iter();
        staged.next().unwrap().put().unwrap();
        fs::create_dir(&taken).unwrap();
        let stuck = unit.put_back(1, &entry, 0);
        assert_eq!(stuck[0].0, owned[0].path);
        let failure = Failure { path: owned[2].path.clone(), reason: String::new(), stuck };
        let expected = [FileStatus::Failed, FileStatus::HeldBack, FileStatus::Failed];
        assert_eq!(statuses(&failure, &owned, &folder), expected);
    }
}
