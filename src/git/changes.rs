//! What differs between two states of a repository, by `git diff --raw`.

use std::path::PathBuf;
use std::process::Stdio;

use super::GitError;
use super::ObjectId;
use super::Repository;
use super::Running;
use super::os_string;

/// One path that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where the file lies afterwards, absolute.
    pub path: PathBuf,
    /// Where it lay before, if it was renamed.
    pub from: Option<PathBuf>,
    /// What was there before, of whatever kind.
    pub before: Option<Blob>,
    /// What is there afterwards.
    pub after: Option<Blob>,
}

impl Change {
    /// Where the file lay before.
    pub fn source(&self) -> &PathBuf {
        self.from.as_ref().unwrap_or(&self.path)
    }
}

/// What a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// What kind of thing.
    pub mode: Mode,
    /// Its object.
    pub id: ObjectId,
}

/// What kind of thing an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A regular file, perhaps executable.
    File {
        /// Whether it is.
        executable: bool,
    },
    /// A folder.
    Folder,
    /// A symbolic link, a submodule, or what else there may be.
    Other,
}

impl Mode {
    /// Reads octal digits.
    pub(super) fn parse(digits: &[u8]) -> Self {
        match digits {
            b"100644" | b"100664" => Self::File { executable: false },
            b"100755" => Self::File { executable: true },
            b"40000" | b"040000" => Self::Folder,
            _ => Self::Other,
        }
    }
}

/// A comparison under way.
#[derive(Debug)]
pub struct Changing<'r> {
    repository: &'r Repository,
    running: Running,
}

impl Changing<'_> {
    /// Waits for what differs, sorted by path.
    ///
    /// # Errors
    ///
    /// When git fails, as it does where a commit is not known.
    pub fn finish(self) -> Result<Vec<Change>, GitError> {
        let output = self.running.finish()?;
        let mut changes = self.repository.parse(&output).ok_or(GitError::Output { command: "diff" })?;
        changes.sort_by(|one, other| one.path.as_os_str().cmp(other.path.as_os_str()));
        Ok(changes)
    }
}

impl Repository {
    /// Returns what differs between a commit (the current one, if none is named) and the index, sorted by path.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails, as it does where the commit is not known.
    pub fn staged(&self, since: Option<&str>) -> Result<Vec<Change>, GitError> {
        self.staging(since)?.finish()
    }

    /// The same, while one does something else.
    ///
    /// # Errors
    ///
    /// When git cannot be run.
    pub fn staging(&self, since: Option<&str>) -> Result<Changing<'_>, GitError> {
        let mut arguments = vec!["--cached"];
        arguments.extend(since);
        self.changing(&arguments)
    }

    /// Returns what differs between two commits, sorted by path.
    ///
    /// # Errors
    ///
    /// As for [`Repository::staged`].
    pub fn between(&self, before: &str, after: &str) -> Result<Vec<Change>, GitError> {
        self.changing(&[before, after])?.finish()
    }

    fn changing(&self, states: &[&str]) -> Result<Changing<'_>, GitError> {
        let mut arguments = vec!["diff", "--raw", "-z", "--no-abbrev", "--find-renames", "--no-ext-diff", "--no-color"];
        arguments.extend(["--ignore-submodules=none"]);
        arguments.extend(states);
        arguments.push("--");
        Ok(Changing { repository: self, running: self.start("diff", &arguments, &[], Stdio::null())? })
    }

    /// Reads `:MODE MODE HASH HASH LETTER`, and one or two paths, each ended by a NUL.
    fn parse(&self, output: &[u8]) -> Option<Vec<Change>> {
        let mut changes = Vec::new();
        let mut fields = output.split(|&byte| byte == 0);
        while let Some(field) = fields.next().filter(|field| !field.is_empty()) {
            let change = self.change(field, &mut fields)?;
            // What is in the middle of a merge has no state of its own.
            if !field.ends_with(b" U") {
                changes.push(change);
            }
        }
        Some(changes)
    }

    /// Reads one of them.
    pub(super) fn change<'o>(&self, field: &[u8], fields: &mut impl Iterator<Item = &'o [u8]>) -> Option<Change> {
        let words: Vec<&[u8]> = field.strip_prefix(b":")?.split(|&byte| byte == b' ').collect();
        let [mode_before, mode_after, before, after, letter] = words.as_slice() else { return None };
        let mut path = || Some(self.root().join(os_string(fields.next()?)?));
        let first = path()?;
        let (from, path) = match letter.first()? {
            b'R' => (Some(first), path()?),
            // A copy is a new file beside the old one.
            b'C' => (None, path()?),
            _ => (None, first),
        };
        let before = if letter.first() == Some(&b'C') { None } else { blob(mode_before, before) };
        let after = blob(mode_after, after);
        Some(Change { path, from, before, after })
    }
}

fn blob(mode: &[u8], id: &[u8]) -> Option<Blob> {
    if id.iter().all(|&digit| digit == b'0') {
        return None;
    }
    Some(Blob { mode: Mode::parse(mode), id: std::str::from_utf8(id).ok()?.into() })
}
