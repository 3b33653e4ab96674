//! An older git, which lacks what this program asks for first.

use std::fs;
use std::process::Command;

use super::Guarded;
use super::bare_path;
use super::module;

/// A git that knows no `cat-file --batch-command`, as before 2.36, and notes how it is called.
const OLDER: &str = r#"#!/bin/sh
printf '%s\n' "$*" >> "$CALLS"
case "$*" in *--batch-command*) echo "usage: git cat-file" >&2; exit 129 ;; esac
exec "$GIT" "$@"
"#;

const NEWER: &str = r#"#!/bin/sh
printf '%s\n' "$*" >> "$CALLS"
exec "$GIT" "$@"
"#;

/// Stages twenty files, runs the hook with this git, and says how often git was called.
fn calls(script: &str) -> usize {
    let guarded = Guarded::without_hook();
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    guarded.repository.commit();
    let name = |index: usize| format!("app/file{index:02}.py");
    for index in 0..19 {
        guarded.write(name(index), "from app.clients import LLM\n\nmodel = LLM\n");
    }
    guarded.write(name(19), module(&[("connect", "")]));
    guarded.done(&["add", "--all"]);
    let folder = tempfile::tempdir().unwrap();
    let path = bare_path(folder.path(), &["git"]);
    let git = fs::canonicalize(path.join("git")).unwrap();
    fs::remove_file(path.join("git")).unwrap();
    // By another process: a file that this one has open for writing cannot be run by what other tests start meanwhile.
    let mut write = Command::new("sh");
    write.args(["-c", "printf %s \"$1\" > git && chmod +x git", "sh", script]).current_dir(&path);
    assert!(write.status().unwrap().success());
    let noted = folder.path().join("calls");
    let mut hook = Command::new(env!("CARGO_BIN_EXE_qmigrate"));
    hook.args(["hook", "run"]).env("PATH", format!("{}:/usr/bin:/bin", path.display()));
    let said = guarded.run(hook.env("GIT", git).env("CALLS", &noted));
    said.refuses(&["app/file19.py:5"]);
    fs::read_to_string(noted).unwrap().lines().count()
}

#[test]
fn two_processes_serve_any_number_of_files() {
    assert_eq!(calls(NEWER), 2);
}

#[test]
fn an_older_git_is_asked_in_its_own_way() {
    assert_eq!(calls(OLDER), 3);
}
