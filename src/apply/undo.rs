//! Takes back a run.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::store::journal::ABSENT;
use crate::store::journal::Damaged;
use crate::store::journal::Entry;
use crate::store::journal::Journal;
use crate::store::journal::JournalError;
use crate::store::journal::Listing;
use crate::store::journal::Record;
use crate::store::journal::hash;

use super::ApplyError;
use super::file;
use super::file::Staged;
use super::parallel;
use super::sync_folders;

/// What was taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// The run's id.
    pub id: String,
    /// Sorted by path.
    pub files: Vec<FileUndone>,
    /// Later runs that were passed over because the journal cannot read them.
    pub damaged: Vec<Damaged>,
}

/// What became of one file of the run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileUndone {
    /// The file, as an absolute path.
    pub path: PathBuf,
    /// What became of it.
    pub status: UndoStatus,
    /// Why, where it was not put back.
    pub reason: Option<String>,
}

/// What became of a file that was to be put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UndoStatus {
    /// It is what it was before the run.
    Restored,
    /// It was that already.
    Unchanged,
    /// It is neither what it was before the run nor after it, so it was left alone.
    Refused,
    /// It could not be written.
    Failed,
}

impl UndoStatus {
    /// The name for people and programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// Takes back the run with this id, or the last one that was not taken back yet.
///
/// A run that was interrupted is taken back as far as it got. A run that is named is tried again even if it was taken
/// back before: there may be files that were refused then.
///
/// # Errors
///
/// When there is no such run, its entry is damaged, or another run is writing; then nothing is changed.
pub fn undo(journal: &Journal, id: Option<&str>) -> Result<Undone, ApplyError> {
    let listing = journal.list()?;
    if listing.entries.is_empty() && listing.damaged.is_empty() {
        return Err(id.map_or(ApplyError::NothingToUndo, |id| ApplyError::UnknownId(id.to_owned())));
    }
    let _lock = journal.lock()?;
    file::clean(journal)?;
    let (entry, damaged) = choose(journal.list()?, id)?;
    let kept = journal.before(&entry)?;
    journal.unsettle(&entry)?;
    let work: Vec<_> = entry.files.iter().zip(kept).enumerate().collect();
    let mut files = parallel::each(&work, |(index, (record, before))| {
        let (status, reason) = put_back(&entry, *index, record, before.as_deref());
        FileUndone { path: record.path.clone(), status, reason }
    });
    remove_empty_folders(&entry, journal.root());
    sync_folders(entry.files.iter().map(|record| record.path.as_path()));
    // Whether these notes can be written or not, the files are what they are, and to undo again does no harm.
    let _ = journal.settle(&entry);
    let has = |status| files.iter().any(|file: &FileUndone| file.status == status);
    if !has(UndoStatus::Failed) && (has(UndoStatus::Restored) || has(UndoStatus::Unchanged)) {
        let _ = journal.mark_undone(&entry);
    }
    files.sort();
    Ok(Undone { id: entry.id, files, damaged })
}

/// Picks the entry to take back, and names the damaged ones that are passed over.
fn choose(listing: Listing, id: Option<&str>) -> Result<(Entry, Vec<Damaged>), ApplyError> {
    let Listing { entries, mut damaged } = listing;
    let Some(id) = id else {
        let entry = entries.into_iter().find(|entry| !entry.undone).ok_or(ApplyError::NothingToUndo)?;
        damaged.retain(|damaged| damaged.id > entry.id);
        return Ok((entry, damaged));
    };
    if let Some(Damaged { id, reason }) = damaged.into_iter().find(|damaged| damaged.id == id) {
        return Err(ApplyError::DamagedEntry { id, reason });
    }
    let entry = entries.into_iter().find(|entry| entry.id == id);
    Ok((entry.ok_or_else(|| ApplyError::UnknownId(id.to_owned()))?, Vec::new()))
}

/// Makes a file what it was before a run, if it is what the run made of it.
pub(super) fn put_back(
    entry: &Entry,
    index: usize,
    record: &Record,
    before: Result<&[u8], &JournalError>,
) -> (UndoStatus, Option<String>) {
    let refused = |reason: &str| (UndoStatus::Refused, Some(reason.to_owned()));
    let failed = |reason: String| (UndoStatus::Failed, Some(reason));
    let (was_absent, is_removed) = (record.before == ABSENT, record.after == ABSENT);
    // A link that has taken the file's place leads to something else.
    match fs::symlink_metadata(&record.path) {
        Ok(metadata) if !metadata.is_file() => return refused("is no longer a regular file"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return match before {
                _ if was_absent => (UndoStatus::Unchanged, None),
                _ if !is_removed => refused("has gone since"),
                Err(error) => failed(error.to_string()),
                Ok(before) => {
                    let temporary = file::temporary(&record.path, entry, index);
                    restored(make(&record.path, temporary, before, record.mode))
                }
            };
        }
        _ => {}
    }
    let now = match fs::read(&record.path) {
        Ok(bytes) => hash(&bytes),
        Err(error) => return failed(format!("cannot be read: {error}")),
    };
    if now == record.before {
        return (UndoStatus::Unchanged, None);
    }
    if now != record.after {
        return refused("has changed since");
    }
    let before = match before {
        Ok(before) => before,
        Err(error) => return failed(error.to_string()),
    };
    if was_absent {
        return restored(fs::remove_file(&record.path));
    }
    let temporary = file::temporary(&record.path, entry, index);
    restored(Staged::write(&record.path, temporary, before, record.mode).and_then(Staged::put))
}

fn restored(written: io::Result<()>) -> (UndoStatus, Option<String>) {
    match written {
        Ok(()) => (UndoStatus::Restored, None),
        Err(error) => (UndoStatus::Failed, Some(format!("cannot be written: {error}"))),
    }
}

/// Makes a file that was removed again, and its folder.
fn make(path: &Path, temporary: PathBuf, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Staged::create(path, temporary, bytes, mode)?.put()
}

/// Removes the folders that files made by a run lay in, where nothing else does.
pub(super) fn remove_empty_folders(entry: &Entry, root: &Path) {
    for record in entry.files.iter().filter(|record| record.before == ABSENT) {
        let folders = record.path.ancestors().skip(1).take_while(|folder| *folder != root && folder.starts_with(root));
        for folder in folders {
            // One that holds anything stays, and so do those above it.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}
