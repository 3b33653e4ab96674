//! Files that are made, replaced or removed as a whole: all of them, or none.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::edit::Whole;
use crate::store::journal::Draft;
use crate::store::journal::Entry;
use crate::store::journal::Journal;

use super::ApplyError;
use super::UndoStatus;
use super::file;
use super::file::Staged;
use super::guard;
use super::parallel;
use super::sync_folders;
use super::undo;

/// One of the files, and where it really lies.
struct Target<'a> {
    whole: &'a Whole,
    real: PathBuf,
    mode: Option<u32>,
}

/// Writes all files, and returns the journal's id; `None` where nothing changes.
///
/// # Errors
///
/// When a file is not what it was, cannot be written, or another run is writing. All files are then as they were.
pub fn replace(files: &[Whole], journal: &Journal) -> Result<Option<String>, ApplyError> {
    let changed = files.iter().filter(|whole| whole.before != whole.after);
    let targets = changed.map(|whole| Target::check(whole, journal.root())).collect::<Result<Vec<_>, _>>()?;
    if targets.is_empty() {
        return Ok(None);
    }
    let lock = journal.lock()?;
    file::clean(journal)?;
    let drafts: Vec<Draft<'_>> = targets.iter().map(Target::draft).collect();
    let entry = journal.write(&drafts, &lock)?;
    let written = write(&targets, &entry);
    if let Err(error) = written {
        return Err(take_back(&targets, &entry, journal, error));
    }
    sync_folders(targets.iter().map(|target| target.real.as_path()));
    // Whether this works or not, the files are what they are, and the next run does it.
    let _ = journal.settle(&entry);
    Ok(Some(entry.id))
}

impl<'a> Target<'a> {
    /// Checks that a file is still what it was.
    fn check(whole: &'a Whole, root: &Path) -> Result<Self, ApplyError> {
        let stopped = |reason| ApplyError::Stopped { path: whole.path.clone(), reason };
        let real = guard::real_or_new(&whole.path, root).map_err(stopped)?;
        let Some(before) = &whole.before else {
            file::check_absent(&real).map_err(stopped)?;
            return Ok(Self { whole, real, mode: None });
        };
        file::check(&real, before).map_err(stopped)?;
        let metadata = fs::metadata(&real).map_err(|error| stopped(format!("cannot be read: {error}")))?;
        Ok(Self { whole, real, mode: file::mode(&metadata) })
    }

    fn draft(&self) -> Draft<'_> {
        let Whole { before, after, .. } = self.whole;
        Draft { path: &self.real, mode: self.mode, before: before.as_deref(), after: after.as_deref() }
    }

    fn stage(&self, entry: &Entry, index: usize) -> std::io::Result<Option<Staged>> {
        let Some(after) = &self.whole.after else { return Ok(None) };
        let temporary = file::temporary(&self.real, entry, index);
        if self.whole.before.is_some() {
            return Staged::write(&self.real, temporary, after, self.mode).map(Some);
        }
        if let Some(folder) = self.real.parent() {
            fs::create_dir_all(folder)?;
        }
        Staged::create(&self.real, temporary, after, None).map(Some)
    }
}

/// Writes every file beside its place, then puts each in place.
fn write(targets: &[Target<'_>], entry: &Entry) -> Result<(), ApplyError> {
    let stopped = |target: &Target<'_>, error: std::io::Error| ApplyError::Stopped {
        path: target.whole.path.clone(),
        reason: format!("cannot be written: {error}"),
    };
    let numbered: Vec<(usize, &Target<'_>)> = targets.iter().enumerate().collect();
    let staged = parallel::each(&numbered, |(index, target)| target.stage(entry, *index));
    let staged: Result<Vec<_>, _> = staged
        .into_iter()
        .zip(targets)
        .map(|(staged, target)| staged.map_err(|error| stopped(target, error)))
        .collect();
    for (staged, target) in staged?.into_iter().zip(targets) {
        let put = match staged {
            Some(staged) => staged.put(),
            None => fs::remove_file(&target.real),
        };
        put.map_err(|error| stopped(target, error))?;
    }
    Ok(())
}

/// Makes every file what it was, and forgets the entry; where that fails, `undo` can try again.
fn take_back(targets: &[Target<'_>], entry: &Entry, journal: &Journal, error: ApplyError) -> ApplyError {
    let mut is_whole = true;
    for (index, (record, target)) in entry.files.iter().zip(targets).enumerate() {
        let before = target.whole.before.as_deref().unwrap_or_default();
        let (status, _) = undo::put_back(entry, index, record, Ok(before));
        is_whole &= status != UndoStatus::Failed;
    }
    undo::remove_empty_folders(entry, journal.root());
    // What stays of it is taken care of by the next run.
    let _ = if is_whole { journal.discard(entry) } else { journal.settle(entry) };
    match error {
        ApplyError::Stopped { path, reason } if !is_whole => {
            ApplyError::Stopped { path, reason: format!("{reason}; `qmigrate undo` puts back what is left") }
        }
        error => error,
    }
}
