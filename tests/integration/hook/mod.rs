#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! The git hook, in real repositories with real commits.

mod config;
mod fixing;
mod imports;
mod install;
mod kinds;
mod managers;
mod merges;
mod moves;
mod names;
mod older;
mod ranges;
mod since;
mod staging;

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::repository::Repository;
use crate::support::FACTORY;

/// A repository with a factory, an old bypass in `app/old.py` and the hook, all committed but the last.
pub(super) struct Guarded {
    pub(super) repository: Repository,
}

/// What git said to a command.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) code: i32,
    pub(super) text: String,
}

/// A function that bypasses the factory.
pub(super) fn bypass(name: &str, arguments: &str) -> String {
    format!("def {name}(workspace_id):\n    return OpenAI({arguments})\n")
}

/// A module with functions that bypass the factory: name and arguments of each.
pub(super) fn module(functions: &[(&str, &str)]) -> String {
    let functions = functions.iter().map(|(name, arguments)| format!("\n\n{}", bypass(name, arguments)));
    format!("from openai import OpenAI\n{}", functions.collect::<String>())
}

impl Guarded {
    pub(super) fn new() -> Self {
        let guarded = Self::without_hook();
        guarded.install();
        guarded
    }

    pub(super) fn without_hook() -> Self {
        let guarded = Self::empty();
        guarded.write("utils/__init__.py", "");
        guarded.write("utils/openai_client_factory.py", FACTORY);
        guarded.write("app/__init__.py", "");
        guarded.write("app/old.py", module(&[("old", "timeout=1")]));
        guarded.repository.commit();
        guarded
    }

    /// A repository without a commit.
    pub(super) fn empty() -> Self {
        Self { repository: Repository::new() }
    }

    pub(super) fn install(&self) {
        let said = self.qmigrate(&["hook", "install"]);
        assert_eq!(said.code, 0, "{}", said.text);
        assert!(said.text.contains("Installed"), "{}", said.text);
    }

    pub(super) fn root(&self) -> &Path {
        &self.repository.root
    }

    pub(super) fn write(&self, name: impl AsRef<[u8]>, text: impl AsRef<[u8]>) -> PathBuf {
        self.repository.write(name, text)
    }

    /// Runs git and says what came of it.
    pub(super) fn git(&self, arguments: &[&str]) -> Said {
        self.run(Command::new("git").args(arguments))
    }

    /// Runs git, which must not fail.
    pub(super) fn done(&self, arguments: &[&str]) -> String {
        let said = self.git(arguments);
        assert_eq!(said.code, 0, "git {arguments:?}: {}", said.text);
        said.text
    }

    /// Stages everything and commits.
    pub(super) fn commit(&self) -> Said {
        self.done(&["add", "--all"]);
        self.git(&["commit", "--message", "test"])
    }

    pub(super) fn qmigrate(&self, arguments: &[&str]) -> Said {
        self.run(Command::new(env!("CARGO_BIN_EXE_qmigrate")).args(arguments))
    }

    pub(super) fn run(&self, command: &mut Command) -> Said {
        if command.get_current_dir().is_none() {
            command.current_dir(self.root());
        }
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "test").env(format!("GIT_{role}_EMAIL"), "test@example.com");
        }
        for (name, value) in [("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_EDITOR", "true"), ("NO_COLOR", "1")] {
            command.env(name, value);
        }
        if !command.get_envs().any(|(name, _)| name == "GIT_CONFIG_GLOBAL") {
            command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        }
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).replace(&*self.root().to_string_lossy(), "[ROOT]");
        Said { code: output.status.code().unwrap_or(-1), text }
    }

    /// How many commits there are.
    pub(super) fn commits(&self) -> usize {
        let said = self.git(&["rev-list", "--count", "HEAD"]);
        said.text.trim().parse().unwrap_or_default()
    }

    pub(super) fn remove(&self, name: &str) {
        fs::remove_file(self.repository.path(name)).unwrap();
    }
}

impl Said {
    /// Checks that a commit was refused for the bypasses at these places (`app/llm.py:5`), and no others.
    pub(super) fn refuses(&self, places: &[&str]) {
        assert_ne!(self.code, 0, "it was let through:\n{}", self.text);
        let found: Vec<&str> = self.places();
        assert_eq!(found, places, "{}", self.text);
    }

    /// Checks that a commit was let through.
    pub(super) fn passes(&self) {
        assert_eq!(self.code, 0, "{}", self.text);
        assert_eq!(self.places(), Vec::<&str>::new(), "{}", self.text);
    }

    /// Checks that something was said.
    pub(super) fn says(&self, words: &str) {
        assert!(self.text.contains(words), "expected: {words}\n{}", self.text);
    }

    fn places(&self) -> Vec<&str> {
        let found = self.text.lines().filter_map(|line| line.split_once(": error["));
        found.filter_map(|(place, _)| Some(place.trim_start().rsplit_once(':')?.0)).collect()
    }
}

/// A folder with nothing but the programs that these names stand for.
pub(super) fn bare_path(folder: &Path, programs: &[&str]) -> PathBuf {
    let bare = folder.join("bare");
    fs::create_dir_all(&bare).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    for program in programs {
        let mut found = std::env::split_paths(&path).map(|folder| folder.join(program));
        let found = found.find(|path| path.is_file()).unwrap();
        std::os::unix::fs::symlink(found, bare.join(program)).unwrap();
    }
    bare
}

/// The name of the folder that a path lies in, and its own.
pub(super) fn os(name: &[u8]) -> &OsStr {
    use std::os::unix::ffi::OsStrExt;

    OsStr::from_bytes(name)
}
