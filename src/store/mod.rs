#![expect(clippy::disallowed_methods, reason = "what outlives a run is kept on disk here")]
//! What outlives a run. Nothing of it lies in the work tree but the baseline, which people commit.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use crate::git::GitError;
use crate::git::Repository;

pub mod baseline;
pub mod history;
pub mod journal;
pub mod report;

/// What stops us from finding the folder.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// git does not say where its own folder is.
    #[error("cannot ask git where its folder is")]
    Git(#[from] GitError),
    /// No variable of the environment says where state is kept.
    #[error("neither `XDG_STATE_HOME` nor `HOME` says where state is kept")]
    NoHome,
}

/// Returns the folder for what outlives a run on the project at `root`. It need not exist yet.
///
/// It lies in git's own folder; outside git among the user's state, under a hash of the project's path.
///
/// # Errors
///
/// When git fails, or no home is known.
pub fn folder(root: &Path) -> Result<PathBuf, StoreError> {
    if let Some(repository) = Repository::find(root) {
        return Ok(repository.path("qmigrate")?);
    }
    let state = state_home(env::var_os("XDG_STATE_HOME"), home()).ok_or(StoreError::NoHome)?;
    let root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let hash = blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex();
    Ok(state.join("qmigrate").join(hash.chars().take(16).collect::<String>()))
}

/// The folder that paths in the store count from: git's root, else the project's; without links.
fn base(root: &Path) -> PathBuf {
    match Repository::find(root) {
        Some(repository) => repository.root().to_path_buf(),
        None => root.canonicalize().unwrap_or_else(|_| root.to_path_buf()),
    }
}

/// Writes a new file that nobody else may read, and returns when the disk has it.
fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a new file that nobody else may read, and opens it for writing. A link in its place is not followed.
#[cfg(unix)]
pub(crate) fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    File::options().write(true).create_new(true).mode(0o600).open(path)
}

/// Makes a new file, and opens it for writing.
#[cfg(not(unix))]
pub(crate) fn create(path: &Path) -> io::Result<File> {
    File::create_new(path)
}

/// Returns when the disk has the names in a folder, as far as the system can tell.
pub(crate) fn sync_folder(folder: &Path) {
    // Not every system can open a folder, and not every file system syncs one; the names are then as safe as they get.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn home() -> Option<OsString> {
    if cfg!(windows) { env::var_os("LOCALAPPDATA") } else { env::var_os("HOME") }
}

/// The user's folder for state. The standard has relative paths ignored.
fn state_home(given: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let is_usable = |path: &PathBuf| path.is_absolute();
    if let Some(given) = given.map(PathBuf::from).filter(is_usable) {
        return Some(given);
    }
    let home = home.map(PathBuf::from).filter(is_usable)?;
    Some(if cfg!(windows) { home } else { home.join(".local").join("state") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: Option<&str>, home: Option<&str>, folder: Option<&str>) {
        let found = state_home(given.map(OsString::from), home.map(OsString::from));
        assert_eq!(found, folder.map(PathBuf::from));
    }

    #[cfg(unix)]
    #[test]
    fn state_is_kept_where_the_environment_says() {
        check(Some("/state"), Some("/home/me"), Some("/state"));
        check(Some("state"), Some("/home/me"), Some("/home/me/.local/state"));
        check(None, Some("/home/me"), Some("/home/me/.local/state"));
        check(Some(""), Some(""), None);
        check(None, None, None);
    }
}
