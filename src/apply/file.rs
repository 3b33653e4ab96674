//! One file: checked, written beside itself, and put in place.

use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use crate::store;
use crate::store::journal::ABSENT;
use crate::store::journal::Entry;
use crate::store::journal::Journal;
use crate::store::journal::JournalError;
use crate::store::journal::Record;
use crate::store::journal::hash;

/// What the name of a file begins with until it is put in its place.
const TEMPORARY: &str = ".qmigrate-";

/// A file that is written and not yet in place. Dropped, it goes.
pub(super) struct Staged {
    target: PathBuf,
    temporary: Option<PathBuf>,
    /// Whether there must be no such file when it is put in place.
    is_new: bool,
}

impl Staged {
    /// Writes `bytes` beside `target`, with its owner and the given mode, and returns when the disk has them.
    pub(super) fn write(target: &Path, temporary: PathBuf, bytes: &[u8], mode: Option<u32>) -> io::Result<Self> {
        let metadata = fs::metadata(target)?;
        let mut file = store::create(&temporary)?;
        let staged = Self { target: target.to_path_buf(), temporary: Some(temporary), is_new: false };
        file.write_all(bytes)?;
        keep_owner(&file, &metadata);
        set_mode(&file, &metadata, mode)?;
        file.sync_all()?;
        Ok(staged)
    }

    /// The same for a file that is not there yet, with the mode that new files have, or the given one.
    pub(super) fn create(target: &Path, temporary: PathBuf, bytes: &[u8], mode: Option<u32>) -> io::Result<Self> {
        let mut file = File::create_new(&temporary)?;
        let staged = Self { target: target.to_path_buf(), temporary: Some(temporary), is_new: true };
        file.write_all(bytes)?;
        if mode.is_some() {
            set_mode(&file, &file.metadata()?, mode)?;
        }
        file.sync_all()?;
        Ok(staged)
    }

    /// Replaces the target, or takes its place where there was none.
    pub(super) fn put(mut self) -> io::Result<()> {
        let Some(temporary) = &self.temporary else { return Ok(()) };
        if self.is_new {
            // Unlike renaming, a second name is refused where somebody made the file meanwhile.
            match fs::hard_link(temporary, &self.target) {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
                // Not every file system knows second names.
                Err(_) => {}
            }
        }
        fs::rename(temporary, &self.target)?;
        self.temporary = None;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // What cannot be removed now is removed by the next run: the journal names it.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Checks that a file is regular, and byte for byte what it was.
pub(super) fn check(path: &Path, before: &[u8]) -> Result<(), String> {
    let unreadable = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "has gone since it was scanned".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    if bytes == before { Ok(()) } else { Err("has changed since it was scanned".to_owned()) }
}

/// Checks that there is nothing at a path.
pub(super) fn check_absent(path: &Path) -> Result<(), String> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(format!("cannot be looked at: {error}")),
        Ok(_) => Err("is there already".to_owned()),
    }
}

/// Where a file is written before it replaces `target`; no other run, and no other file, has the same.
pub(super) fn temporary(target: &Path, entry: &Entry, index: usize) -> PathBuf {
    target.with_file_name(format!("{TEMPORARY}{}-{index}", entry.id))
}

/// Whether a file is named as those are that `temporary` names: a killed run has left it.
pub fn is_temporary(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(TEMPORARY))
}

/// Removes what killed runs have left in the work tree, and the entries of those that had changed nothing yet.
pub(super) fn clean(journal: &Journal) -> Result<(), JournalError> {
    for entry in journal.list()?.entries.iter().filter(|entry| !entry.settled) {
        clean_entry(entry);
        let is_old = |record: &Record| match record.before.as_str() {
            ABSENT => check_absent(&record.path).is_ok(),
            before => fs::read(&record.path).is_ok_and(|now| hash(&now) == before),
        };
        if !entry.undone && entry.files.iter().all(is_old) {
            journal.discard(entry)?;
        } else {
            journal.settle(entry)?;
        }
    }
    Ok(())
}

/// Removes what a killed run has left of one entry.
fn clean_entry(entry: &Entry) {
    for (index, record) in entry.files.iter().enumerate() {
        // Nearly always there is none.
        let _ = fs::remove_file(temporary(&record.path, entry, index));
    }
}

/// The permissions of a file.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere, files have none")]
pub(super) fn mode(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;

    Some(metadata.permissions().mode() & 0o7777)
}

/// The permissions of a file.
#[cfg(not(unix))]
pub(super) fn mode(_metadata: &Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
fn set_mode(file: &File, metadata: &Metadata, mode: Option<u32>) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mode = mode.unwrap_or_else(|| metadata.permissions().mode());
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_file: &File, _metadata: &Metadata, _mode: Option<u32>) -> io::Result<()> {
    Ok(())
}

/// Gives a file to the owner of the one that it replaces, where that is allowed. Comes before the mode, which it resets.
#[cfg(unix)]
fn keep_owner(file: &File, metadata: &Metadata) {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::fs::fchown;

    let is_same = file.metadata().is_ok_and(|new| (new.uid(), new.gid()) == (metadata.uid(), metadata.gid()));
    if !is_same && fchown(file, Some(metadata.uid()), Some(metadata.gid())).is_err() {
        let _ = fchown(file, None, Some(metadata.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _metadata: &Metadata) {}
