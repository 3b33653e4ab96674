//! Looks through all that is staged.

use std::ffi::OsString;
use std::path::MAIN_SEPARATOR;
use std::path::PathBuf;

use super::GitError;
use super::Repository;
use super::os_string;

/// What all of these begin with.
fn common(ends: &[PathBuf]) -> &[u8] {
    let mut ends = ends.iter().map(|end| end.as_os_str().as_encoded_bytes());
    let first = ends.next().unwrap_or_default();
    let same = |end: &[u8]| first.iter().zip(end).take_while(|(one, other)| one == other).count();
    let length = ends.map(same).min().unwrap_or(first.len());
    // Not within a character.
    let length = (0..=length).rev().find(|&at| std::str::from_utf8(first.get(..at).unwrap_or_default()).is_ok());
    first.get(..length.unwrap_or(0)).unwrap_or_default()
}

impl Repository {
    /// Returns the files of a commit, or of the index, whose names match one of some patterns and whose text holds every
    /// word, by `git grep`: it reads all of them.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails.
    pub fn mentioning(
        &self,
        commit: Option<&str>,
        words: &[&str],
        patterns: &[String],
    ) -> Result<Vec<PathBuf>, GitError> {
        let options = ["grep", "--files-with-matches", "-z", "-I", "--no-color", "--fixed-strings", "--full-name"];
        let mut arguments = options.to_vec();
        arguments.push("--all-match");
        arguments.extend(words.iter().flat_map(|word| ["-e", word]));
        arguments.push(commit.unwrap_or("--cached"));
        arguments.push("--");
        let patterns: Vec<OsString> = patterns.iter().map(OsString::from).collect();
        let output = match self.run_with("grep", &arguments, &patterns, b"") {
            Ok(output) => output,
            Err(GitError::Failed { code: Some(1), .. }) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        // In a commit, each is named after it.
        let prefix = commit.map(|commit| format!("{commit}:")).unwrap_or_default();
        let names = output.split_inclusive(|&byte| byte == 0);
        let names = names.map(|name| name.strip_prefix(prefix.as_bytes()).unwrap_or(name));
        Ok(self.paths(&names.collect::<Vec<_>>().concat()))
    }

    /// Returns the files of a commit, or of the index, in whatever folder, whose paths end like one of these.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails.
    pub fn ending_in(&self, commit: Option<&str>, ends: &[PathBuf]) -> Result<Vec<PathBuf>, GitError> {
        let mut found = match commit {
            Some(commit) => {
                let arguments = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit];
                self.paths(&self.run("ls-tree", &arguments, &[])?)
            }
            None => self.staged_like(ends)?,
        };
        found.retain(|path| ends.iter().any(|end| path.ends_with(end)));
        Ok(found)
    }

    /// The files of the index with paths that hold what all of these begin with.
    fn staged_like(&self, ends: &[PathBuf]) -> Result<Vec<PathBuf>, GitError> {
        // git takes its time over each pattern: it is asked for what all ends begin with.
        let mut pattern = b":(top)*".to_vec();
        for &byte in common(ends) {
            match char::from(byte) {
                MAIN_SEPARATOR => pattern.push(b'/'),
                '*' | '?' | '[' | '\\' => pattern.extend([b'\\', byte]),
                _ => pattern.push(byte),
            }
        }
        pattern.push(b'*');
        let Some(pattern) = os_string(&pattern) else { return Ok(Vec::new()) };
        let arguments = ["ls-files", "-z", "--cached", "--"];
        Ok(self.paths(&self.run_with("ls-files", &arguments, &[pattern], b"")?))
    }

    /// The paths that git lists, each ended by a NUL.
    fn paths(&self, output: &[u8]) -> Vec<PathBuf> {
        let names = output.split(|&byte| byte == 0).filter(|name| !name.is_empty());
        names.filter_map(|name| Some(self.root().join(os_string(name)?))).collect()
    }
}
