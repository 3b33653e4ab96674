//! The commits that led to the current one, by their first parents, and what each of them changed.

use super::Blob;
use super::Change;
use super::GitError;
use super::Mode;
use super::ObjectId;
use super::Repository;
use super::os_string;

/// What starts the line of a commit: no change begins so.
const MARK: u8 = 1;

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub id: ObjectId,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// What it changed, as its first parent has it; empty where nobody asked for it.
    pub changes: Vec<Change>,
}

impl Repository {
    /// Returns the commit that a name means, if there is one.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails.
    pub fn commit(&self, name: &str) -> Result<Option<ObjectId>, GitError> {
        let name = format!("{name}^{{commit}}");
        match self.run("rev-parse", &["rev-parse", "--quiet", "--verify", &name], &[]) {
            Ok(output) => Ok(std::str::from_utf8(output.trim_ascii()).ok().map(ObjectId::from)),
            Err(GitError::Failed { code: Some(1), .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the commits that first parents lead to from a commit, oldest first.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails.
    pub fn first_parents(&self, from: &str) -> Result<Vec<Commit>, GitError> {
        self.log(&["--no-patch", from])
    }

    /// Returns the same commits with what each of them changed; of those that came after `since`, if one is named.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails.
    pub fn first_parents_with_changes(&self, from: &str, since: Option<&str>) -> Result<Vec<Commit>, GitError> {
        let range = since.map_or_else(|| from.to_owned(), |since| format!("{since}..{from}"));
        // Everything that a root commit has is a change of it.
        self.log(&["--raw", "--no-renames", "--no-abbrev", "--diff-merges=first-parent", &range])
    }

    fn log(&self, arguments: &[&str]) -> Result<Vec<Commit>, GitError> {
        let mut all =
            vec!["-c", "log.showRoot=true", "-c", "log.showSignature=false", "log", "--first-parent", "--reverse"];
        all.extend(["-z", "--no-color", "--no-ext-diff", "--ignore-submodules=none", "--format=%x01%H %ct"]);
        all.extend(arguments);
        all.push("--");
        let output = self.run("log", &all, &[])?;
        self.commits(&output).ok_or(GitError::Output { command: "log" })
    }

    fn commits(&self, output: &[u8]) -> Option<Vec<Commit>> {
        let mut commits: Vec<Commit> = Vec::new();
        let mut fields = output.split(|&byte| byte == 0);
        while let Some(field) = fields.next() {
            let field = field.trim_ascii_start();
            match field.split_first() {
                None => {}
                Some((&MARK, line)) => {
                    let (id, time) = std::str::from_utf8(line).ok()?.trim_end().split_once(' ')?;
                    commits.push(Commit { id: id.into(), time: time.parse().ok()?, changes: Vec::new() });
                }
                Some(_) => {
                    let change = self.change(field, &mut fields)?;
                    commits.last_mut()?.changes.push(change);
                }
            }
        }
        Some(commits)
    }

    /// Returns every file of a commit, as if the commit had added it.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails.
    pub fn files_of(&self, commit: &str) -> Result<Vec<Change>, GitError> {
        let output = self.run("ls-tree", &["ls-tree", "-r", "-z", "--full-tree", commit], &[])?;
        let entry = |entry: &[u8]| {
            // `MODE KIND HASH`, a tabulator, and the name.
            let tab = memchr::memchr(b'\t', entry)?;
            let mut words = entry.get(..tab)?.split(|&byte| byte == b' ');
            let (mode, id) = (Mode::parse(words.next()?), std::str::from_utf8(words.nth(1)?).ok()?);
            let path = self.root().join(os_string(entry.get(tab + 1..)?)?);
            Some(Change { path, from: None, before: None, after: Some(Blob { mode, id: id.into() }) })
        };
        let entries = output.split(|&byte| byte == 0).filter(|entry| !entry.is_empty()).map(entry);
        entries.collect::<Option<Vec<Change>>>().ok_or(GitError::Output { command: "ls-tree" })
    }
}
