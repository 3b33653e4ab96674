//! What is judged is what will be committed, however it is staged.

use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::process::Stdio;

use super::Guarded;
use super::module;

#[test]
fn a_new_bypass_is_refused_with_place_rule_and_what_to_write_instead() {
    let guarded = Guarded::new();
    guarded.write("app/llm.py", module(&[("connect", "timeout=30")]));
    let said = guarded.commit();
    said.refuses(&["app/llm.py:5"]);
    said.says("error[direct-client]");
    said.says("call `get_openai_client` with `workspace_id`");
    said.says("qmigrate fix --staged");
    said.says("--no-verify");
    assert_eq!(guarded.commits(), 1);
    guarded.done(&["commit", "--no-verify", "--message", "skipped"]);
    assert_eq!(guarded.commits(), 2);
}

#[test]
fn an_old_bypass_in_a_file_that_changes_is_passed_over() {
    let guarded = Guarded::new();
    guarded.write("app/old.py", module(&[("old", "timeout=1")]) + "\n\nlimit = 3\n");
    let said = guarded.commit();
    said.passes();
    said.says("1 old finding in the same files is passed over");
}

#[test]
fn a_new_bypass_beside_an_old_one_is_refused_alone() {
    let guarded = Guarded::new();
    guarded.write("app/old.py", module(&[("new", "timeout=1"), ("old", "timeout=1")]));
    let said = guarded.commit();
    said.refuses(&["app/old.py:5"]);
    said.says("1 new finding; 1 old finding in the same files is passed over");
}

#[test]
fn a_commit_without_python_passes() {
    let guarded = Guarded::new();
    guarded.write("notes.txt", "OpenAI()\n");
    guarded.commit().passes();
    guarded.done(&["commit", "--allow-empty", "--message", "empty"]);
}

#[test]
fn what_is_not_staged_is_not_judged() {
    let guarded = Guarded::new();
    guarded.write("app/llm.py", "import openai\n");
    guarded.done(&["add", "--all"]);
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.write("app/untracked.py", module(&[("connect", "")]));
    guarded.git(&["commit", "--message", "clean half"]).passes();
}

#[test]
fn what_is_staged_is_judged_though_the_work_tree_is_clean_again() {
    let guarded = Guarded::new();
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.done(&["add", "--all"]);
    guarded.write("app/llm.py", "");
    guarded.git(&["commit", "--message", "bad half"]).refuses(&["app/llm.py:5"]);
    guarded.remove("app/llm.py");
    guarded.git(&["commit", "--message", "bad half"]).refuses(&["app/llm.py:5"]);
}

/// Answers the questions of `git add -p`.
fn add_hunks(guarded: &Guarded, answers: &str) {
    let mut command = Command::new("git");
    command.args(["add", "--patch"]).current_dir(guarded.root());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn hunks_are_judged_as_they_are_picked() {
    let guarded = Guarded::new();
    let middle = "\n\n# a\n# b\n# c\n# d\n# e\n# f\n# g\n# h\n";
    let text = format!("from openai import OpenAI\n{middle}\nlimit = 1\n");
    guarded.write("app/llm.py", &text);
    guarded.commit().passes();
    guarded.write("app/llm.py", format!("from openai import OpenAI\nclient = OpenAI()\n{middle}\nlimit = 2\n"));
    add_hunks(&guarded, "n\ny\n");
    guarded.git(&["commit", "--message", "the harmless hunk"]).passes();
    add_hunks(&guarded, "y\n");
    guarded.git(&["commit", "--message", "the other hunk"]).refuses(&["app/llm.py:2"]);
}

#[test]
fn commit_all_is_judged_by_its_own_index() {
    let guarded = Guarded::new();
    guarded.write("app/old.py", module(&[("old", "timeout=1"), ("new", "timeout=2")]));
    guarded.git(&["commit", "--all", "--message", "all"]).refuses(&["app/old.py:9"]);
    guarded.git(&["commit", "--message", "nothing"]).says("no changes added");
}

#[test]
fn a_commit_of_named_files_is_judged_by_its_own_index() {
    let guarded = Guarded::new();
    guarded.write("app/one.py", "import os\n");
    guarded.write("app/two.py", "import os\n");
    guarded.commit().passes();
    guarded.write("app/one.py", module(&[("connect", "")]));
    guarded.write("app/two.py", "import sys\n");
    guarded.done(&["add", "app/one.py"]);
    guarded.git(&["commit", "--message", "two", "app/two.py"]).passes();
    guarded.git(&["commit", "--message", "one", "app/one.py"]).refuses(&["app/one.py:5"]);
    guarded.git(&["commit", "--message", "one", "--include", "app/one.py"]).refuses(&["app/one.py:5"]);
}

#[test]
fn a_commit_from_a_folder_below_is_judged_whole() {
    let guarded = Guarded::new();
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.write("deep/er/notes.txt", "");
    guarded.done(&["add", "--all"]);
    let folder = guarded.repository.path("deep/er");
    guarded.run(Command::new("git").args(["commit", "-m", "x"]).current_dir(folder)).refuses(&["app/llm.py:5"]);
}

#[test]
fn amending_is_judged_against_what_is_amended() {
    let guarded = Guarded::new();
    guarded.write("notes.txt", "a\n");
    guarded.commit().passes();
    guarded.git(&["commit", "--amend", "--message", "better words"]).passes();
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.done(&["add", "--all"]);
    guarded.git(&["commit", "--amend", "--no-edit"]).refuses(&["app/llm.py:5"]);
}

#[test]
fn the_first_commit_of_all_is_judged() {
    let guarded = Guarded::empty();
    guarded.install();
    guarded.write("llm.py", module(&[("connect", "")]));
    guarded.commit().refuses(&["llm.py:5"]);
    guarded.write("llm.py", "import openai\n");
    guarded.commit().passes();
}

#[test]
fn a_commit_on_an_orphan_branch_is_judged_as_a_first_one() {
    let guarded = Guarded::new();
    guarded.done(&["checkout", "--quiet", "--orphan", "fresh"]);
    guarded.git(&["commit", "--message", "all anew"]).refuses(&["app/old.py:5"]);
}

#[test]
fn what_is_only_meant_to_be_added_is_not_judged() {
    let guarded = Guarded::new();
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.done(&["add", "--intent-to-add", "app/llm.py"]);
    guarded.write("notes.txt", "a\n");
    guarded.done(&["add", "notes.txt"]);
    guarded.git(&["commit", "--message", "notes"]).passes();
    guarded.git(&["commit", "--all", "--message", "all"]).refuses(&["app/llm.py:5"]);
}

#[test]
fn flags_of_the_index_hide_nothing_that_is_committed() {
    let guarded = Guarded::new();
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.write("app/more.py", module(&[("connect", "")]));
    guarded.done(&["add", "--all"]);
    guarded.done(&["update-index", "--assume-unchanged", "app/llm.py"]);
    guarded.done(&["update-index", "--skip-worktree", "app/more.py"]);
    guarded.remove("app/llm.py");
    guarded.git(&["commit", "--message", "hidden"]).refuses(&["app/llm.py:5", "app/more.py:5"]);
}

#[test]
fn a_suppressed_bypass_passes_and_one_whose_suppression_goes_is_new() {
    let guarded = Guarded::new();
    let suppressed = "from openai import OpenAI\n\n# qmigrate: ignore[direct-client] the probe needs no factory\n\
                      client = OpenAI()\n";
    guarded.write("app/probe.py", suppressed);
    guarded.commit().passes();
    guarded.write("app/probe.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    guarded.commit().refuses(&["app/probe.py:3"]);
}

#[test]
fn fixing_and_removing_bypasses_passes() {
    let guarded = Guarded::new();
    guarded.write("app/old.py", "from utils.openai_client_factory import get_openai_client\n");
    guarded.commit().passes();
    guarded.remove("app/old.py");
    guarded.commit().passes();
}

#[test]
fn the_stash_and_the_work_tree_are_left_alone() {
    let guarded = Guarded::new();
    guarded.write("notes.txt", "a\n");
    guarded.commit().passes();
    guarded.write("notes.txt", "b\n");
    guarded.done(&["stash"]);
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.done(&["add", "--all"]);
    guarded.write("app/llm.py", "half = 1\n");
    let index = guarded.done(&["ls-files", "--stage"]);
    guarded.git(&["commit", "--message", "x"]).refuses(&["app/llm.py:5"]);
    assert_eq!(guarded.done(&["ls-files", "--stage"]), index);
    assert_eq!(fs::read_to_string(guarded.repository.path("app/llm.py")).unwrap(), "half = 1\n");
    assert_eq!(guarded.done(&["stash", "list"]).lines().count(), 1);
    assert_eq!(guarded.repository.unknown_files(), Vec::<String>::new());
}

#[test]
fn a_file_that_does_not_parse_is_a_warning_and_its_bypass_counts() {
    let guarded = Guarded::new();
    guarded.write("app/broken.py", "def broken(:\n");
    let said = guarded.commit();
    said.passes();
    said.says("`app/broken.py` is judged in part only");
    guarded.write("app/worse.py", "from openai import OpenAI\nclient = OpenAI()\ndef broken(:\n");
    guarded.commit().refuses(&["app/worse.py:2"]);
}

#[test]
fn files_that_scans_leave_out_are_left_out() {
    let guarded = Guarded::new();
    guarded.write("qmigrate.toml", "exclude = ['vendor/**']\n");
    guarded.write("vendor/llm.py", module(&[("connect", "")]));
    guarded.write(".hidden/llm.py", module(&[("connect", "")]));
    guarded.write(
        "utils/openai_client_factory.py",
        "from openai import OpenAI\n\n\ndef get_openai_client(**kwargs):\n    return OpenAI(**kwargs)\n",
    );
    guarded.commit().passes();
}
