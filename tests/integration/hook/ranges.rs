//! Commits that are there already, and files that are named with nothing staged.

use std::process::Command;

use super::Guarded;
use super::Said;
use super::module;

fn between(guarded: &Guarded, from: &str, to: &str, files: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qmigrate"));
    command.env("PRE_COMMIT_FROM_REF", from).env("PRE_COMMIT_TO_REF", to);
    guarded.run(command.args(["hook", "run"]).args(files))
}

#[test]
fn a_range_of_commits_is_judged_as_it_was_committed() {
    let guarded = Guarded::without_hook();
    guarded.write("app/old.py", module(&[("old", "timeout=1")]) + "limit = 1\n");
    guarded.repository.commit();
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.repository.commit();
    guarded.remove("app/llm.py");
    between(&guarded, "HEAD~2", "HEAD", &[]).refuses(&["app/llm.py:5"]);
    between(&guarded, "HEAD~2", "HEAD~1", &[]).passes();
    between(&guarded, "HEAD~2", "HEAD", &["app/old.py"]).passes();
    between(&guarded, "HEAD~2", "HEAD", &["app/old.py", "app/llm.py"]).refuses(&["app/llm.py:5"]);
}

#[test]
fn a_factory_deep_in_other_folders_is_seen_in_a_range() {
    let guarded = Guarded::empty();
    guarded.write("services/api/backend/utils/openai_client_factory.py", crate::support::FACTORY);
    guarded.write("services/api/backend/clients.py", "from openai import OpenAI as LLM\n");
    guarded.repository.commit();
    guarded.write("tests/unit/test_use.py", "from clients import LLM\n\nclient = LLM()\n");
    guarded.repository.commit();
    guarded.done(&["rm", "--quiet", "-r", "services"]);
    between(&guarded, "HEAD~1", "HEAD", &[]).refuses(&["tests/unit/test_use.py:3"]);
}

#[test]
fn what_others_fixed_in_the_meantime_is_not_new_in_a_range() {
    let guarded = Guarded::without_hook();
    guarded.done(&["checkout", "--quiet", "-b", "topic"]);
    guarded.write("app/old.py", module(&[("old", "timeout=1")]) + "limit = 1\n");
    guarded.repository.commit();
    guarded.done(&["checkout", "--quiet", "-"]);
    guarded.write("app/old.py", "limit = 2\n");
    guarded.repository.commit();
    between(&guarded, "HEAD", "topic", &[]).passes();
}

#[test]
fn files_that_are_named_with_nothing_staged_are_judged_as_they_lie_there() {
    let guarded = Guarded::without_hook();
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.write("app/fine.py", "limit = 1\n");
    guarded.qmigrate(&["hook", "run"]).passes();
    guarded.qmigrate(&["hook", "run", "app/fine.py"]).passes();
    guarded.qmigrate(&["hook", "run", "app/fine.py", "app/llm.py"]).refuses(&["app/llm.py:5"]);
}

#[test]
fn what_the_baseline_knows_is_not_new() {
    let guarded = Guarded::new();
    guarded.qmigrate(&["baseline"]).passes();
    guarded.commit().passes();
    guarded.qmigrate(&["hook", "run", "app/old.py"]).passes();
    guarded.write("app/old.py", "limit = 1\n");
    guarded.commit().passes();
    // It comes back, and the baseline that is committed still knows it; the one in the work tree does not count.
    guarded.write("app/old.py", module(&[("old", "timeout=1"), ("new", "timeout=2")]));
    guarded.done(&["add", "app/old.py"]);
    guarded.remove("qmigrate-baseline.txt");
    guarded.git(&["commit", "--message", "x"]).refuses(&["app/old.py:9"]);
}

#[test]
fn a_range_that_does_not_exist_is_an_error() {
    let guarded = Guarded::without_hook();
    let said = between(&guarded, "nowhere", "HEAD", &[]);
    assert_eq!(said.code, 2, "{}", said.text);
    said.says("nowhere");
}

#[test]
fn outside_a_repository_there_is_nothing_to_judge() {
    let guarded = Guarded::empty();
    let folder = guarded.root().parent().unwrap();
    let said = guarded.run(Command::new(env!("CARGO_BIN_EXE_qmigrate")).args(["hook", "run"]).current_dir(folder));
    assert_eq!(said.code, 2);
    said.says("no git repository");
}

#[test]
fn a_name_that_comes_to_mean_the_client_in_a_range_is_reported_where_it_is_used() {
    let guarded = Guarded::without_hook();
    guarded.write("app/clients.py", "class LLM:\n    pass\n");
    guarded.write("app/use file.py", "from app.clients import LLM\n\nclient = LLM()\n");
    guarded.repository.commit();
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    guarded.repository.commit();
    // What lies elsewhere by now says nothing of the range.
    guarded.write("app/use file.py", "limit = 1\n");
    guarded.done(&["add", "--all"]);
    between(&guarded, "HEAD~1", "HEAD", &[]).refuses(&["app/use file.py:3"]);
    guarded.repository.commit();
    between(&guarded, "HEAD~2", "HEAD", &[]).passes();
}
