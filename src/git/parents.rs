#![expect(clippy::disallowed_methods, reason = "a process costs more than a look at a small file of git's")]
//! The commits that the next one joins with the current one.

use std::env;
use std::fs;
use std::path::PathBuf;

use super::Repository;
use super::os_string;

/// What `git merge` calls the variables in which it tells its hooks what it merges: each ends with a hash.
const MERGED: &str = "GITHEAD_";

impl Repository {
    /// Returns the hashes of the commits that are being merged: none, unless a merge is under way.
    ///
    /// `git merge` tells its own hooks so in variables, and writes a file only when it leaves the rest to `git commit`.
    pub fn merged(&self) -> Vec<String> {
        let written = self.folder().and_then(|folder| fs::read_to_string(folder.join("MERGE_HEAD")).ok());
        let mut merged: Vec<String> = match written {
            Some(text) => text.lines().map(|line| line.trim().to_owned()).collect(),
            None => {
                env::vars_os().filter_map(|(name, _)| Some(name.to_str()?.strip_prefix(MERGED)?.to_owned())).collect()
            }
        };
        merged.retain(|hash| hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        merged.sort();
        merged.dedup();
        merged
    }

    /// Git's own folder for this work tree.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        if let Some(folder) = env::var_os("GIT_DIR") {
            return Some(self.root().join(folder));
        }
        let found = self.root().join(".git");
        if found.is_dir() {
            return Some(found);
        }
        let text = fs::read(&found).ok()?;
        let path = text.strip_prefix(b"gitdir:")?.trim_ascii();
        Some(self.root().join(os_string(path)?))
    }
}
