//! The real pre-commit and the real prek, with the manifest of this repository.
//!
//! `QMIGRATE_TEST_MANAGERS` names the folder that holds both programs. `.ci/run` sets it; where it is not set there is
//! nothing to try.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use super::Guarded;
use super::Said;
use super::module;
use crate::repository::Repository;

/// A repository whose hooks one of the two manages, and the folder of both.
struct Managed {
    guarded: Guarded,
    manager: &'static str,
    programs: PathBuf,
    /// What the manifest is fetched from.
    _source: Repository,
}

impl Managed {
    fn new(manager: &'static str, programs: &Path) -> Self {
        let source = Repository::new();
        let manifest = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).unwrap();
        source.write(".pre-commit-hooks.yaml", manifest);
        source.commit();
        source.git(&["tag", "v0.1.0"]);
        let guarded = Guarded::without_hook();
        let url = source.root.display();
        let config = format!("repos:\n  - repo: '{url}'\n    rev: v0.1.0\n    hooks:\n      - id: qmigrate-system\n");
        guarded.write(".pre-commit-config.yaml", config);
        guarded.repository.commit();
        let managed = Self { guarded, manager, programs: programs.to_path_buf(), _source: source };
        let said = managed.manage(&["install", "--hook-type", "pre-commit", "--hook-type", "pre-merge-commit"]);
        assert_eq!(said.code, 0, "{}", said.text);
        managed.guarded.qmigrate(&["hook", "install"]).says("pre-commit manages the hooks here");
        managed
    }

    fn manage(&self, arguments: &[&str]) -> Said {
        self.run(Command::new(self.programs.join(self.manager)).args(arguments))
    }

    fn git(&self, arguments: &[&str]) -> Said {
        self.run(Command::new("git").args(arguments))
    }

    fn commit(&self) -> Said {
        self.guarded.done(&["add", "--all"]);
        self.git(&["commit", "--message", "test"])
    }

    fn run(&self, command: &mut Command) -> Said {
        let own = Path::new(env!("CARGO_BIN_EXE_qmigrate")).parent().unwrap().to_path_buf();
        let path: OsString = env::var_os("PATH").unwrap();
        let folders = [own, self.programs.clone()].into_iter().chain(env::split_paths(&path));
        let home = self.guarded.root().with_file_name("home");
        command.env("PATH", env::join_paths(folders).unwrap());
        for variable in ["PRE_COMMIT_HOME", "PREK_HOME", "HOME"] {
            command.env(variable, &home);
        }
        self.guarded.run(command)
    }
}

fn with_each(check: impl Fn(&Managed)) {
    let Some(programs) = env::var_os("QMIGRATE_TEST_MANAGERS") else { return };
    for manager in ["pre-commit", "prek"] {
        check(&Managed::new(manager, Path::new(&programs)));
    }
}

#[test]
fn new_bypasses_are_refused_and_old_ones_passed_over() {
    with_each(|managed| {
        let guarded = &managed.guarded;
        guarded.write("app/llm.py", module(&[("connect", "")]));
        guarded.write("notes with spaces.py", "limit = 1\n");
        managed.commit().refuses(&["app/llm.py:5"]);
        guarded.write("app/llm.py", "limit = 1\n");
        guarded.write("app/old.py", module(&[("old", "timeout=1")]) + "limit = 1\n");
        managed.commit().passes();
        assert_eq!(guarded.commits(), 3);
    });
}

#[test]
fn files_are_judged_as_they_are_staged() {
    with_each(|managed| {
        let guarded = &managed.guarded;
        guarded.write("app/llm.py", "limit = 1\n");
        guarded.done(&["add", "--all"]);
        guarded.write("app/llm.py", module(&[("connect", "")]));
        managed.git(&["commit", "--message", "the clean half"]).passes();
        assert!(guarded.repository.read("app/llm.py").starts_with(b"from openai"));
        guarded.done(&["add", "--all"]);
        guarded.write("app/llm.py", "");
        managed.git(&["commit", "--message", "the other half"]).refuses(&["app/llm.py:5"]);
    });
}

#[test]
fn all_files_are_judged_as_they_lie_there() {
    with_each(|managed| {
        let guarded = &managed.guarded;
        let said = managed.manage(&["run", "--all-files"]);
        said.refuses(&["app/old.py:5"]);
        guarded.write("app/old.py", "limit = 1\n");
        managed.commit().passes();
        managed.manage(&["run", "--all-files"]).passes();
    });
}

#[test]
fn a_range_is_judged_by_what_it_adds() {
    with_each(|managed| {
        let guarded = &managed.guarded;
        guarded.write("app/old.py", module(&[("old", "timeout=1")]) + "limit = 1\n");
        managed.commit().passes();
        managed.manage(&["run", "--from-ref", "HEAD~1", "--to-ref", "HEAD"]).passes();
        guarded.write("app/llm.py", module(&[("connect", "")]));
        guarded.done(&["add", "--all"]);
        guarded.done(&["commit", "--no-verify", "--message", "skipped"]);
        managed.manage(&["run", "--from-ref", "HEAD~2", "--to-ref", "HEAD"]).refuses(&["app/llm.py:5"]);
    });
}

#[test]
fn a_merge_brings_in_what_the_other_branch_has() {
    with_each(|managed| {
        let guarded = &managed.guarded;
        guarded.done(&["checkout", "--quiet", "-b", "other"]);
        guarded.write("app/theirs.py", module(&[("theirs", "")]));
        guarded.done(&["add", "--all"]);
        guarded.done(&["commit", "--no-verify", "--message", "theirs"]);
        guarded.done(&["checkout", "--quiet", "-"]);
        guarded.write("app/ours.py", "limit = 1\n");
        managed.commit().passes();
        managed.git(&["merge", "--no-edit", "other"]).passes();
    });
}
