//! What `fix` has written, and what stood there before: enough to take it back.
//!
//! An entry is a folder that appears under its name only when all of it is on the disk:
//!
//! ```text
//! journal/
//! ├── lock                    held by the run that writes
//! └── 20261121-231502-1/
//!     ├── manifest.json       files, modes, hashes
//!     ├── bytes               what the files held before, one after the other
//!     ├── settled             no temporary file of this entry is left in the work tree
//!     └── undone              it was taken back
//! ```

mod id;
mod manifest;

use std::fs;
use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::time::SystemTime;

use super::StoreError;
use super::base;
use super::folder;
use super::sync_folder;
use super::write_synced;

use id::Id;
use manifest::Manifest;

/// Older entries go when there are more.
const KEPT: usize = 50;

/// What stops the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Its folder is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be read.
    #[error("cannot read the journal `{}`", path.display())]
    Read {
        /// What was read.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write the journal `{}`", path.display())]
    Write {
        /// What was written.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another run is writing.
    #[error("another qmigrate is writing in this project")]
    Busy,
    /// What is kept of a file is not what the manifest says.
    #[error("the journal's copy of `{}` is damaged", .0.display())]
    Damaged(PathBuf),
}

/// The runs of `fix` on one project.
#[derive(Clone, Debug)]
pub struct Journal {
    folder: PathBuf,
    base: PathBuf,
    root: PathBuf,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was, in UTC, and which of that second: `20261121-231502-1`.
    pub id: String,
    /// What it changes.
    pub files: Vec<Record>,
    /// Whether no temporary file of it is left in the work tree.
    pub settled: bool,
    /// Whether it was taken back.
    pub undone: bool,
}

/// One file of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The file, as an absolute path without links.
    pub path: PathBuf,
    /// Its permissions, where the system has them.
    pub mode: Option<u32>,
    /// The [`hash`] of what it held, or [`ABSENT`].
    pub before: String,
    /// The [`hash`] of what it was to hold, or [`ABSENT`].
    pub after: String,
}

/// What a run is about to write.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// The file, as an absolute path without links.
    pub path: &'a Path,
    /// Its permissions, where the system has them.
    pub mode: Option<u32>,
    /// What it holds; `None` where there is no such file.
    pub before: Option<&'a [u8]>,
    /// What it is to hold; `None` where it is to go.
    pub after: Option<&'a [u8]>,
}

/// An entry that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// Its id.
    pub id: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What the journal holds, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The entries.
    pub entries: Vec<Entry>,
    /// The entries that cannot be read.
    pub damaged: Vec<Damaged>,
}

/// Keeps other runs from writing for as long as it lives.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would not do: a process that is just being started may still share it.
        let _ = self.file.unlock();
    }
}

/// What stands in the place of a hash where there is no file.
pub const ABSENT: &str = "absent";

/// Returns what tells one text from another.
pub fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

impl Journal {
    /// Returns the journal of the project at `root`. Nothing is written before there is something to write.
    ///
    /// # Errors
    ///
    /// When it is not known where the journal belongs.
    pub fn at(root: &Path) -> Result<Self, JournalError> {
        let folder = folder(root)?.join("journal");
        let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
        Ok(Self { folder, base: base(&root), root })
    }

    /// The project, without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Waits for nobody: either this run may write, or another one does.
    ///
    /// # Errors
    ///
    /// When another run writes, or the journal's folder cannot be made.
    pub fn lock(&self) -> Result<Lock, JournalError> {
        let path = self.folder.join("lock");
        let failed = |source| JournalError::Write { path: path.clone(), source };
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let file = File::options().write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { file }),
            Err(TryLockError::WouldBlock) => Err(JournalError::Busy),
            // Some network file systems know no locks; the checks on every file still hold.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(Lock { file }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Lists the runs on this project.
    ///
    /// # Errors
    ///
    /// When the journal's folder is there, but cannot be read.
    pub fn list(&self) -> Result<Listing, JournalError> {
        let mut listing = Listing::default();
        for id in self.ids()?.iter().rev() {
            let id = id.to_string();
            let folder = self.folder.join(&id);
            let manifest = match Manifest::read(&folder) {
                Ok(manifest) => manifest,
                Err(reason) => {
                    listing.damaged.push(Damaged { id, reason });
                    continue;
                }
            };
            if manifest.project(&self.base) != self.root {
                continue;
            }
            let (settled, undone) = (folder.join(SETTLED).is_file(), folder.join(UNDONE).is_file());
            listing.entries.push(Entry { id, files: manifest.records(&self.base), settled, undone });
        }
        Ok(listing)
    }

    /// Writes an entry, and returns when the disk has it.
    ///
    /// # Errors
    ///
    /// When it cannot be written; nothing is left of it then.
    pub fn write(&self, drafts: &[Draft<'_>], _lock: &Lock) -> Result<Entry, JournalError> {
        let ids = self.ids()?;
        let id = Id::after(ids.last(), SystemTime::now()).to_string();
        let folder = self.folder.join(&id);
        let manifest = Manifest::new(&self.root, &self.base, drafts);
        self.write_folder(&manifest, drafts, &folder).map_err(|source| JournalError::Write { path: folder, source })?;
        let old = ids.len().saturating_sub(KEPT - 1);
        for id in ids.iter().take(old) {
            // An old entry that cannot be removed is in nobody's way.
            let _ = fs::remove_dir_all(self.folder.join(id.to_string()));
        }
        let files = manifest.records(&self.base);
        Ok(Entry { id, files, settled: false, undone: false })
    }

    fn write_folder(&self, manifest: &Manifest, drafts: &[Draft<'_>], folder: &Path) -> io::Result<()> {
        let unfinished = self.folder.join(".new");
        if unfinished.is_dir() {
            fs::remove_dir_all(&unfinished)?;
        }
        fs::create_dir_all(&unfinished)?;
        let bytes: Vec<u8> = drafts.iter().filter_map(|draft| draft.before).flatten().copied().collect();
        write_synced(&unfinished.join(BYTES), &bytes)?;
        manifest.write(&unfinished)?;
        sync_folder(&unfinished);
        fs::rename(&unfinished, folder)?;
        sync_folder(&self.folder);
        Ok(())
    }

    /// Returns what each file of an entry held before the run, in the order of its files; nothing for one that was not there.
    ///
    /// # Errors
    ///
    /// When it cannot be read. A copy that is not what it was is an error in its place.
    pub fn before(&self, entry: &Entry) -> Result<Vec<Result<Vec<u8>, JournalError>>, JournalError> {
        let folder = self.folder.join(&entry.id);
        let path = folder.join(BYTES);
        let bytes = fs::read(&path).map_err(|source| JournalError::Read { path, source })?;
        let manifest = Manifest::read(&folder).map_err(|_| JournalError::Damaged(folder))?;
        let kept = manifest.ranges().into_iter().zip(&entry.files).map(|(range, record)| {
            let is_whole = |kept: &&[u8]| record.before == ABSENT || hash(kept) == record.before;
            let kept = bytes.get(range).filter(is_whole);
            kept.map(<[u8]>::to_vec).ok_or_else(|| JournalError::Damaged(record.path.clone()))
        });
        Ok(kept.collect())
    }

    /// Notes that no temporary file of an entry is left in the work tree.
    ///
    /// # Errors
    ///
    /// When the entry's folder cannot be written.
    pub fn settle(&self, entry: &Entry) -> Result<(), JournalError> {
        self.mark(entry, SETTLED)
    }

    /// Notes that temporary files of an entry may be in the work tree.
    ///
    /// # Errors
    ///
    /// When the entry's folder cannot be written.
    pub fn unsettle(&self, entry: &Entry) -> Result<(), JournalError> {
        let path = self.folder.join(&entry.id).join(SETTLED);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(JournalError::Write { path, source }),
            _ => Ok(()),
        }
    }

    /// Notes that an entry was taken back.
    ///
    /// # Errors
    ///
    /// When the entry's folder cannot be written.
    pub fn mark_undone(&self, entry: &Entry) -> Result<(), JournalError> {
        self.mark(entry, UNDONE)
    }

    /// Forgets an entry, of which nothing was done.
    ///
    /// # Errors
    ///
    /// When the entry's folder cannot be written.
    pub fn discard(&self, entry: &Entry) -> Result<(), JournalError> {
        let path = self.folder.join(&entry.id);
        fs::remove_dir_all(&path).map_err(|source| JournalError::Write { path, source })
    }

    fn mark(&self, entry: &Entry, name: &str) -> Result<(), JournalError> {
        let folder = self.folder.join(&entry.id);
        let path = folder.join(name);
        match write_synced(&path, b"") {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            written => written.map_err(|source| JournalError::Write { path, source })?,
        }
        sync_folder(&folder);
        Ok(())
    }

    /// The ids of all entries, damaged ones and those of other projects included, oldest first.
    fn ids(&self) -> Result<Vec<Id>, JournalError> {
        let failed = |source| JournalError::Read { path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            ids.extend(name.to_str().and_then(Id::parse));
        }
        ids.sort_unstable();
        Ok(ids)
    }
}

const BYTES: &str = "bytes";
const SETTLED: &str = "settled";
const UNDONE: &str = "undone";
