//! What differs between two states of a repository, by `git diff --raw`.

use std::io::Read;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;

use super::GitError;
use super::ObjectId;
use super::Repository;
use super::Running;
use super::os_string;

/// How much of git's answer is read at once.
const BUFFER: usize = 64 * 1024;

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
        self.finish_each(&mut |_| {})
    }

    /// The same; `arrived` is shown what differs as git writes it, which it does some time before it ends.
    ///
    /// # Errors
    ///
    /// As for [`Changing::finish`].
    pub fn finish_each(mut self, arrived: &mut dyn FnMut(&[Change])) -> Result<Vec<Change>, GitError> {
        let mut changes = Vec::new();
        let (stdout, stderr) = (self.running.child.stdout.take(), self.running.child.stderr.take());
        let (rest, errors) = thread::scope(|scope| {
            // Whoever cannot write his warnings does not go on.
            let errors = scope.spawn(|| read_all(stderr));
            let mut rest = Vec::new();
            let mut buffer = vec![0; BUFFER];
            let mut stdout = stdout;
            while let Some(Ok(read @ 1..)) = stdout.as_mut().map(|stdout| stdout.read(&mut buffer)) {
                rest.extend_from_slice(buffer.get(..read).unwrap_or_default());
                let before = changes.len();
                let taken = self.repository.parse(&rest, &mut changes);
                rest.drain(..taken);
                arrived(changes.get(before..).unwrap_or_default());
            }
            (rest, errors.join().unwrap_or_default())
        });
        self.running.end(&errors)?;
        if !rest.is_empty() {
            return Err(GitError::Output { command: "diff" });
        }
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

    /// Reads `:MODE MODE HASH HASH LETTER`, and one or two paths, each ended by a NUL, as far as they are there; gives
    /// back how many bytes that was.
    fn parse(&self, output: &[u8], changes: &mut Vec<Change>) -> usize {
        let mut fields = Fields(output);
        let mut taken = 0;
        while let Some(field) = fields.next()
            && let Some(change) = self.change(field, &mut fields)
        {
            taken = output.len() - fields.0.len();
            // What is in the middle of a merge has no state of its own.
            if !field.ends_with(b" U") {
                changes.push(change);
            }
        }
        taken
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

/// What is ended by a NUL each.
struct Fields<'o>(&'o [u8]);

impl<'o> Iterator for Fields<'o> {
    type Item = &'o [u8];

    fn next(&mut self) -> Option<&'o [u8]> {
        let end = memchr::memchr(0, self.0)?;
        let field = self.0.get(..end)?;
        self.0 = self.0.get(end + 1..)?;
        Some(field)
    }
}

/// All that can be read.
fn read_all(source: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What is missing from a message is no error of its own.
    let _ = source.map(|mut source| source.read_to_end(&mut bytes));
    bytes
}

fn blob(mode: &[u8], id: &[u8]) -> Option<Blob> {
    if id.iter().all(|&digit| digit == b'0') {
        return None;
    }
    Some(Blob { mode: Mode::parse(mode), id: std::str::from_utf8(id).ok()?.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_two_parts_says_what_the_whole_says() {
        let (old, new, none) = ("1".repeat(40), "2".repeat(40), "0".repeat(40));
        let answer = format!(
            ":100644 100644 {old} {new} M\0a b.py\0:100644 000000 {old} {none} D\0c.py\0\
             :100644 100755 {old} {new} R086\0d.py\0e\n.py\0:000000 000000 {none} {none} U\0f.py\0\
             :100644 100644 {old} {new} C100\0a b.py\0g.py\0"
        );
        let repository = Repository { root: PathBuf::from("/p") };
        let mut whole = Vec::new();
        assert_eq!(repository.parse(answer.as_bytes(), &mut whole), answer.len());
        let paths: Vec<_> = whole.iter().map(|change| change.path.to_str().unwrap()).collect();
        assert_eq!(paths, ["/p/a b.py", "/p/c.py", "/p/e\n.py", "/p/g.py"]);
        for at in 0..=answer.len() {
            let mut parts = Vec::new();
            let taken = repository.parse(&answer.as_bytes()[..at], &mut parts);
            let rest = repository.parse(&answer.as_bytes()[taken..], &mut parts);
            assert_eq!((parts, taken + rest), (whole.clone(), answer.len()), "parted at {at}");
        }
    }
}
