//! `manifest.json`: what an entry says about its files.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;

use super::ABSENT;
use super::Draft;
use super::Record;
use super::hash;
use super::write_synced;

/// What `version` says. A manifest of another version is not read.
const VERSION: u32 = 1;

const NAME: &str = "manifest.json";

#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    version: u32,
    project: Name,
    files: Vec<Item>,
}

#[derive(Serialize, Deserialize)]
struct Item {
    path: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<u32>,
    before: String,
    after: String,
    /// How many of the kept bytes are this file's.
    length: usize,
}

/// A path: from git's root or the project's where it lies below, so that both may be moved; else absolute.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    /// Not UTF-8.
    Bytes(Vec<u8>),
}

/// Only the part of every manifest that never changes.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Manifest {
    pub(super) fn new(root: &Path, base: &Path, drafts: &[Draft<'_>]) -> Self {
        let item = |draft: &Draft<'_>| Item {
            path: Name::of(draft.path, base),
            mode: draft.mode,
            before: draft.before.map_or_else(|| ABSENT.to_owned(), hash),
            after: draft.after.map_or_else(|| ABSENT.to_owned(), hash),
            length: draft.before.map_or(0, <[u8]>::len),
        };
        let files = drafts.iter().map(item).collect();
        Self { version: VERSION, project: Name::of(root, base), files }
    }

    /// Reads the manifest of an entry, or says why it cannot be used.
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let bytes = fs::read(folder.join(NAME)).map_err(|error| format!("cannot read its manifest: {error}"))?;
        let damaged = |error: serde_json::Error| format!("its manifest is damaged: {error}");
        let Version { version } = serde_json::from_slice(&bytes).map_err(damaged)?;
        if version != VERSION {
            return Err(format!("its manifest has version {version}; this qmigrate knows {VERSION}"));
        }
        serde_json::from_slice(&bytes).map_err(damaged)
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        write_synced(&folder.join(NAME), &text)
    }

    pub(super) fn project(&self, base: &Path) -> PathBuf {
        self.project.path(base)
    }

    pub(super) fn records(&self, base: &Path) -> Vec<Record> {
        let record = |item: &Item| Record {
            path: item.path.path(base),
            mode: item.mode,
            before: item.before.clone(),
            after: item.after.clone(),
        };
        self.files.iter().map(record).collect()
    }

    /// Where each file's bytes are among those that are kept.
    pub(super) fn ranges(&self) -> Vec<Range<usize>> {
        let mut start = 0_usize;
        let range = |item: &Item| {
            let end = start.saturating_add(item.length);
            std::mem::replace(&mut start, end)..end
        };
        self.files.iter().map(range).collect()
    }
}

impl Name {
    #[cfg(unix)]
    fn of(path: &Path, base: &Path) -> Self {
        use std::os::unix::ffi::OsStrExt;

        let path = path.strip_prefix(base).unwrap_or(path);
        match path.to_str() {
            Some(path) => Self::Text(path.to_owned()),
            None => Self::Bytes(path.as_os_str().as_bytes().to_vec()),
        }
    }

    #[cfg(not(unix))]
    fn of(path: &Path, base: &Path) -> Self {
        Self::Text(path.strip_prefix(base).unwrap_or(path).to_string_lossy().into_owned())
    }

    fn path(&self, base: &Path) -> PathBuf {
        match self {
            // Joining nothing would add a slash.
            Self::Text(name) if name.is_empty() => base.to_path_buf(),
            Self::Text(name) => base.join(name),
            Self::Bytes(bytes) => base.join(from_bytes(bytes)),
        }
    }
}

#[cfg(unix)]
fn from_bytes(bytes: &[u8]) -> PathBuf {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    PathBuf::from(OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn from_bytes(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
