//! Writing to the index, and what git makes of a file on its way there and back.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::Path;

use super::Blob;
use super::GitError;
use super::Mode;
use super::ObjectId;
use super::Repository;
use super::os_string;

impl Repository {
    /// Stores bytes as they are, and returns the name of the object.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails.
    pub fn store(&self, bytes: &[u8]) -> Result<ObjectId, GitError> {
        id(&self.run_with("hash-object", &["hash-object", "-w", "--stdin"], &[], bytes)?)
    }

    /// Stores the bytes of a file as `git add` would: with line ends and encoding converted, and filters run.
    ///
    /// # Errors
    ///
    /// As for [`Repository::store`].
    pub fn store_cleaned(&self, path: &Path, bytes: &[u8]) -> Result<ObjectId, GitError> {
        let name = self.option("--path=", path)?;
        id(&self.run_with("hash-object", &["hash-object", "-w", "--stdin"], &[name], bytes)?)
    }

    /// Returns the bytes that an object would have as a file in the work tree.
    ///
    /// # Errors
    ///
    /// As for [`Repository::store`].
    pub fn smudged(&self, path: &Path, id: &ObjectId) -> Result<Vec<u8>, GitError> {
        let name = self.option("--path=", path)?;
        self.run_with("cat-file", &["cat-file", "--filters"], &[name, OsString::from(&**id)], b"")
    }

    /// Puts objects into the index, each under a path that is there already or is new.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails, as it does while somebody else writes the index; then nothing is changed.
    pub fn stage<'a>(&self, entries: impl IntoIterator<Item = (&'a Path, Blob)>) -> Result<(), GitError> {
        let mut input = Vec::new();
        for (path, blob) in entries {
            let mode = if blob.mode == (Mode::File { executable: true }) { "100755" } else { "100644" };
            input.extend_from_slice(format!("{mode} {}\t", blob.id).as_bytes());
            input.extend_from_slice(&self.name(path));
            input.push(0);
        }
        self.run_with("update-index", &["update-index", "-z", "--index-info"], &[], &input)?;
        Ok(())
    }

    fn option(&self, option: &str, path: &Path) -> Result<OsString, GitError> {
        let name = os_string(&self.name(path)).ok_or(GitError::Output { command: "hash-object" })?;
        let mut joined = OsString::from(option);
        joined.push::<&OsStr>(&name);
        Ok(joined)
    }
}

fn id(output: &[u8]) -> Result<ObjectId, GitError> {
    let text = std::str::from_utf8(output.trim_ascii()).ok().filter(|text| !text.is_empty());
    Ok(text.ok_or(GitError::Output { command: "hash-object" })?.into())
}
