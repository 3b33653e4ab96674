//! Changes that land together: checked, written beside their files, and put in place; or put back.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::edit::Change;
use crate::store::journal::Draft;
use crate::store::journal::Entry;

use super::FileOutcome;
use super::FileStatus;
use super::file;
use super::file::Staged;
use super::guard;

/// Changes that land together, each with the file that it leads to.
pub(super) struct Unit<'a> {
    targets: Vec<Target<'a>>,
}

struct Target<'a> {
    change: &'a Change,
    /// The file itself, where the change's path is a link.
    real: PathBuf,
    mode: Option<u32>,
    /// Which file of the journal's entry it is.
    number: usize,
}

/// Why a unit is not written.
pub(super) struct Failure {
    /// The file on which it failed.
    path: PathBuf,
    reason: String,
    /// Files that are new and could not be put back.
    pub(super) stuck: Vec<(PathBuf, String)>,
}

impl<'a> Unit<'a> {
    /// Checks that every file is there, still what it was, and not yet among `taken`, which are those of earlier units.
    pub(super) fn check(changes: &[&'a Change], root: &Path, taken: &mut BTreeSet<PathBuf>) -> Result<Self, Failure> {
        let mut targets = Vec::new();
        let mut own = BTreeSet::new();
        for &change in changes {
            let failed = |reason| Failure { path: change.path.clone(), reason, stuck: Vec::new() };
            let real = guard::real(&change.path, root).map_err(failed)?;
            file::check(&real, &change.before).map_err(failed)?;
            let metadata = fs::metadata(&real).map_err(|error| failed(format!("cannot be read: {error}")))?;
            if taken.contains(&real) || !own.insert(real.clone()) {
                return Err(failed("is changed twice".to_owned()));
            }
            let number = taken.len() + targets.len();
            targets.push(Target { change, real, mode: file::mode(&metadata), number });
        }
        taken.append(&mut own);
        Ok(Self { targets })
    }

    pub(super) fn drafts(&self) -> impl Iterator<Item = Draft<'_>> {
        self.targets.iter().map(|target| Draft {
            path: &target.real,
            mode: target.mode,
            before: Some(&target.change.before),
            after: Some(&target.change.after),
        })
    }

    pub(super) fn changes(&self) -> Vec<&'a Change> {
        self.targets.iter().map(|target| target.change).collect()
    }

    pub(super) fn changed(&self) -> impl Iterator<Item = FileOutcome> {
        let status = FileStatus::Changed;
        let paths = self.targets.iter().map(|target| target.change.path.clone());
        paths.map(move |path| FileOutcome { path, status, reason: None })
    }

    pub(super) fn write(&self, entry: &Entry) -> Result<(), Failure> {
        let staged = self.stage(entry)?;
        self.put(staged, entry)
    }

    /// Writes all files beside their targets.
    fn stage(&self, entry: &Entry) -> Result<Vec<Staged>, Failure> {
        let mut staged = Vec::new();
        for target in &self.targets {
            let failed = |reason| Failure { path: target.change.path.clone(), reason, stuck: Vec::new() };
            file::check(&target.real, &target.change.before).map_err(failed)?;
            let temporary = file::temporary(&target.real, entry, target.number);
            let written = Staged::write(&target.real, temporary, &target.change.after, target.mode);
            staged.push(written.map_err(|error| failed(format!("cannot be written: {error}")))?);
        }
        Ok(staged)
    }

    /// Puts all files in place, or none.
    fn put(&self, staged: Vec<Staged>, entry: &Entry) -> Result<(), Failure> {
        for (index, (staged, target)) in staged.into_iter().zip(&self.targets).enumerate() {
            if let Err(error) = staged.put() {
                let path = target.change.path.clone();
                let stuck = self.put_back(index, entry);
                return Err(Failure { path, reason: format!("cannot be replaced: {error}"), stuck });
            }
        }
        Ok(())
    }

    /// Puts the first `count` files back, and names those that stay new.
    fn put_back(&self, count: usize, entry: &Entry) -> Vec<(PathBuf, String)> {
        let mut stuck = Vec::new();
        for target in self.targets.iter().take(count) {
            let temporary = file::temporary(&target.real, entry, target.number);
            let staged = Staged::write(&target.real, temporary, &target.change.before, target.mode);
            if let Err(error) = staged.and_then(Staged::put) {
                stuck.push((target.change.path.clone(), error.to_string()));
            }
        }
        stuck
    }
}

impl Failure {
    /// The outcomes for all files of the unit.
    pub(super) fn outcomes(&self, changes: &[&Change], root: &Path) -> Vec<FileOutcome> {
        let outcome = |change: &&Change| {
            let path = change.path.clone();
            if path == self.path {
                return FileOutcome { path, status: FileStatus::Failed, reason: Some(self.reason.clone()) };
            }
            if let Some((_, error)) = self.stuck.iter().find(|(stuck, _)| *stuck == path) {
                let reason = format!("is changed and cannot be put back ({error}); `qmigrate undo` does it");
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

    /// A checked unit, whose files have the numbers from 1.
    fn check<'a>(changes: &[&'a Change], folder: &Path) -> Unit<'a> {
        let mut taken = BTreeSet::from([folder.join("earlier.py")]);
        Unit::check(changes, folder, &mut taken).ok().unwrap()
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().canonicalize().unwrap();
        (folder, path)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
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
        let unit = check(&changes, &folder);
        // Something is in the way of the second file's temporary one.
        let taken = file::temporary(&changes[1].path, &entry, 2);
        fs::create_dir(&taken).unwrap();
        let failure = unit.write(&entry).unwrap_err();
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
        let unit = check(&changes, &folder);
        let staged = unit.stage(&entry).ok().unwrap();
        fs::remove_file(file::temporary(&owned[1].path, &entry, 2)).unwrap();
        let failure = unit.put(staged, &entry).unwrap_err();
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
        let unit = check(&changes, &folder);
        let staged = unit.stage(&entry).ok().unwrap();
        fs::remove_file(file::temporary(&owned[2].path, &entry, 3)).unwrap();
        let taken = file::temporary(&owned[0].path, &entry, 1);
        let mut staged = staged.into_iter();
        staged.next().unwrap().put().unwrap();
        fs::create_dir(&taken).unwrap();
        let stuck = unit.put_back(1, &entry);
        assert_eq!(stuck[0].0, owned[0].path);
        let failure = Failure { path: owned[2].path.clone(), reason: String::new(), stuck };
        let expected = [FileStatus::Failed, FileStatus::HeldBack, FileStatus::Failed];
        assert_eq!(statuses(&failure, &owned, &folder), expected);
    }
}
