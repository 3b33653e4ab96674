#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! A temporary git repository, in which a plan is laid out file by file.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use qmigrate::edit::Change;
use qmigrate::edit::Plan;
use qmigrate::store::journal::Journal;
use tempfile::TempDir;

pub(crate) struct Repository {
    _folder: TempDir,
    pub(crate) root: PathBuf,
}

impl Repository {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        // A name that has to be kept apart from its options and arguments.
        let root = folder.path().canonicalize().unwrap().join("a project");
        fs::create_dir(&root).unwrap();
        let repository = Self { _folder: folder, root };
        repository.git(&["init", "--quiet"]);
        repository
    }

    pub(crate) fn path(&self, name: impl AsRef<[u8]>) -> PathBuf {
        self.root.join(OsStr::from_bytes(name.as_ref()))
    }

    pub(crate) fn write(&self, name: impl AsRef<[u8]>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn read(&self, name: impl AsRef<[u8]>) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> Vec<u8> {
        self.git_with(arguments, b"")
    }

    /// Runs git, without the configuration of whoever runs the tests.
    pub(crate) fn git_with(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = Command::new("git")
            .current_dir(&self.root)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .args(["-c", "user.name=test", "-c", "user.email=test@example.com"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {errors}");
        output.stdout
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "--all", "--force"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "test"]);
    }

    /// Plans that each file, which is there already, holds something else; the numbers are their units.
    pub(crate) fn plan(&self, changes: &[(&str, &str, usize)]) -> Plan {
        let changes = changes.iter().map(|(name, after, unit)| Change {
            path: self.path(name),
            before: self.read(name),
            after: after.as_bytes().to_vec(),
            unit: *unit,
        });
        Plan { changes: changes.collect(), held: Vec::new() }
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::at(&self.root).unwrap()
    }

    /// The names of all files that git does not know, ignored ones included.
    pub(crate) fn unknown_files(&self) -> Vec<String> {
        let output = self.git(&["ls-files", "--others"]);
        String::from_utf8_lossy(&output).lines().map(str::to_owned).collect()
    }
}
