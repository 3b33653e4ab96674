#![expect(
    clippy::disallowed_methods,
    reason = "git is started here, and nowhere else; its folder is looked for without it"
)]
//! Every call to git.
//!
//! git runs in the work tree's root with the environment that we were given, so that a hook's index is the index here.

mod blame;
mod changes;
mod index;
mod listing;
mod log;
mod objects;
mod parents;
mod past;
mod search;
mod stems;
mod tree;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;

pub use changes::Blob;
pub use changes::Change;
pub use changes::Changing;
pub use changes::Mode;
pub use log::Commit;
pub use objects::Object;
pub use objects::ObjectId;
pub use objects::Objects;
pub use tree::Tree;

/// Arguments longer than this in all are not passed: some systems allow no more than 32 KB.
const MAX_ARGUMENTS: usize = 24 * 1024;

/// How patterns for paths are read, which the user may have said for a command of his own.
const PATTERNS: [&str; 4] =
    ["GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"];

/// What stops a call to git.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It cannot be started.
    #[error("cannot run git")]
    Start(#[source] io::Error),
    /// It failed, and said this.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// What it was asked.
        command: &'static str,
        /// The first line of what it wrote to standard error.
        message: String,
        /// Its exit code, unless a signal ended it.
        code: Option<i32>,
    },
    /// It answered something that it should not.
    #[error("cannot read the output of `git {command}`")]
    Output {
        /// What it was asked.
        command: &'static str,
    },
}

/// How a file stands between the last commit, the index and the work tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As committed.
    Clean,
    /// Differs from the index.
    Modified,
    /// Differs from the last commit, and is as it was added to the index.
    Staged,
    /// Not known to git.
    Untracked,
    /// Not known to git, and not to be.
    Ignored,
    /// In the middle of a merge.
    Conflicted,
}

/// A work tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repository {
    root: PathBuf,
}

impl Repository {
    /// Finds the work tree that a folder lies in, by walking up; no process is started.
    pub fn find(folder: &Path) -> Option<Self> {
        let folder = folder.canonicalize().ok()?;
        let root = folder.ancestors().find(|folder| is_root(folder))?;
        Some(Self { root: root.to_path_buf() })
    }

    /// Finds the work tree that git means for a command started in a folder, as it tells its hooks in variables.
    pub fn current(folder: &Path) -> Option<Self> {
        let named = std::env::var_os("GIT_WORK_TREE").map(|tree| folder.join(tree));
        let is_named = std::env::var_os("GIT_DIR").is_some();
        match named {
            Some(root) if is_named => Some(Self { root: root.canonicalize().ok()? }),
            _ => Self::find(folder)
                .or_else(|| is_named.then(|| folder.canonicalize().ok()).flatten().map(|root| Self { root })),
        }
    }

    /// The root of the work tree: absolute, and without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns where a file of git's own folder belongs, in the manner of `git rev-parse --git-path`.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails.
    pub fn path(&self, name: &str) -> Result<PathBuf, GitError> {
        let output = self.run("rev-parse", &["rev-parse", "--git-path", name], &[])?;
        let output = output.strip_suffix(b"\n").unwrap_or(&output);
        let output = output.strip_suffix(b"\r").unwrap_or(output);
        let path = os_string(output).ok_or(GitError::Output { command: "rev-parse" })?;
        // git answers relative to the folder it runs in, or with an absolute path, which `join` leaves as it is.
        Ok(self.root.join(path))
    }

    /// Returns the folder of the hooks: absolute.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails.
    pub fn hooks(&self) -> Result<PathBuf, GitError> {
        self.path("hooks")
    }

    /// Returns in which configuration a variable is set, as git calls it: `local`, `global`, `system` and others.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails.
    pub fn scope_of(&self, variable: &str) -> Result<Option<String>, GitError> {
        let output = match self.run("config", &["config", "--show-scope", "--get", variable], &[]) {
            Ok(output) => output,
            Err(GitError::Failed { code: Some(1), .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let scope = output.split(|&byte| byte == b'\t').next().unwrap_or_default();
        Ok(Some(String::from_utf8_lossy(scope).into_owned()))
    }

    /// Returns the last commit that two have in common, if they have any.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or does not know one of them.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<Option<String>, GitError> {
        match self.run("merge-base", &["merge-base", one, other], &[]) {
            Ok(output) => Ok(Some(String::from_utf8_lossy(output.trim_ascii()).into_owned())),
            Err(GitError::Failed { code: Some(1), .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the state of each path, which must be absolute, without links, and in this work tree.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails.
    pub fn status(&self, paths: &[PathBuf]) -> Result<BTreeMap<PathBuf, State>, GitError> {
        if paths.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut arguments = vec!["--literal-pathspecs", "status", "--porcelain=v2", "-z", "--no-renames"];
        arguments.extend(["--untracked-files=all", "--ignored=matching", "--ignore-submodules=all", "--"]);
        let length: usize = paths.iter().map(|path| path.as_os_str().len() + 1).sum();
        let limits = if length <= MAX_ARGUMENTS { paths } else { &[] };
        let output = self.run("status", &arguments, limits)?;
        let listed = entries(&output).ok_or(GitError::Output { command: "status" })?;
        let state = |path: &PathBuf| (path.clone(), listed.state(&self.name(path)));
        Ok(paths.iter().map(state).collect())
    }

    /// A path as git names it: from the root, with `/`.
    fn name(&self, path: &Path) -> Vec<u8> {
        let within = path.strip_prefix(&self.root).unwrap_or(path);
        let parts = within.iter().map(std::ffi::OsStr::as_encoded_bytes);
        parts.collect::<Vec<_>>().join(&b'/')
    }

    fn run(&self, command: &'static str, arguments: &[&str], paths: &[PathBuf]) -> Result<Vec<u8>, GitError> {
        let paths: Vec<OsString> = paths.iter().map(OsString::from).collect();
        self.run_with(command, arguments, &paths, b"")
    }

    /// The same, with something on standard input.
    fn run_with(
        &self,
        command: &'static str,
        arguments: &[&str],
        more: &[OsString],
        input: &[u8],
    ) -> Result<Vec<u8>, GitError> {
        let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
        let mut running = self.start(command, arguments, more, stdin)?;
        // What git does not read it does not want; then it says why.
        let _ = running.child.stdin.take().map(|mut stdin| stdin.write_all(input));
        running.finish()
    }

    fn start(
        &self,
        command: &'static str,
        arguments: &[&str],
        more: &[OsString],
        stdin: Stdio,
    ) -> Result<Running, GitError> {
        let mut git = Command::new("git");
        for manner in PATTERNS {
            git.env_remove(manner);
        }
        let child = git
            .current_dir(&self.root)
            // Looking must not take the lock that a commit in another window needs.
            .env("GIT_OPTIONAL_LOCKS", "0")
            .args(arguments)
            .args(more)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(GitError::Start)?;
        Ok(Running { command, child })
    }
}

/// A git that is at work.
#[derive(Debug)]
struct Running {
    command: &'static str,
    child: Child,
}

impl Running {
    /// Waits for what it answers.
    fn finish(self) -> Result<Vec<u8>, GitError> {
        let output = self.child.wait_with_output().map_err(GitError::Start)?;
        judge(self.command, output.status, &output.stderr)?;
        Ok(output.stdout)
    }

    /// Waits until it ends, where all that it writes is read already.
    fn end(mut self, errors: &[u8]) -> Result<(), GitError> {
        let status = self.child.wait().map_err(GitError::Start)?;
        judge(self.command, status, errors)
    }
}

/// Tells whether a command failed, and what it said.
fn judge(command: &'static str, status: ExitStatus, errors: &[u8]) -> Result<(), GitError> {
    if status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(errors);
    let message = message.lines().find(|line| !line.trim().is_empty());
    let message = message.map_or_else(|| status.to_string(), str::to_owned);
    Err(GitError::Failed { command, message, code: status.code() })
}

/// Whether a folder is the root of a work tree. A linked work tree and a submodule have a file in place of the folder.
fn is_root(folder: &Path) -> bool {
    let git = folder.join(".git");
    git.is_file() || git.join("HEAD").symlink_metadata().is_ok()
}

/// What `git status` lists.
#[derive(Default)]
struct Entries<'a> {
    files: BTreeMap<&'a [u8], State>,
    /// Folders that stand for all that lies in them, each with its `/`.
    folders: Vec<(&'a [u8], State)>,
}

impl Entries<'_> {
    fn state(&self, name: &[u8]) -> State {
        if let Some(state) = self.files.get(name) {
            return *state;
        }
        let folder = self.folders.iter().find(|(folder, _)| name.starts_with(folder));
        folder.map_or(State::Clean, |(_, state)| *state)
    }
}

/// Reads `--porcelain=v2 -z`: entries that end with a NUL, of which the first byte tells the kind.
fn entries(output: &[u8]) -> Option<Entries<'_>> {
    let mut entries = Entries::default();
    for entry in output.split(|&byte| byte == 0).filter(|entry| !entry.is_empty()) {
        let rest = |index: usize| entry.splitn(index + 1, |&byte| byte == b' ').nth(index);
        let (name, state) = match entry.first()? {
            b'1' => (rest(8)?, changed(entry.get(2..4)?)?),
            b'u' => (rest(10)?, State::Conflicted),
            b'?' => (rest(1)?, State::Untracked),
            b'!' => (rest(1)?, State::Ignored),
            b'#' => continue,
            _ => return None,
        };
        if name.ends_with(b"/") {
            entries.folders.push((name, state));
        } else {
            entries.files.insert(name, state);
        }
    }
    Some(entries)
}

/// Reads the two letters for the index and the work tree.
fn changed(letters: &[u8]) -> Option<State> {
    let [_, work_tree] = letters else { return None };
    Some(if *work_tree == b'.' { State::Staged } else { State::Modified })
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere, a name has to be UTF-8")]
fn os_string(bytes: &[u8]) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt;

    Some(OsString::from_vec(bytes.to_vec()))
}

#[cfg(not(unix))]
fn os_string(bytes: &[u8]) -> Option<OsString> {
    String::from_utf8(bytes.to_vec()).ok().map(OsString::from)
}
