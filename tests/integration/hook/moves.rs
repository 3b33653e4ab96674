//! An old bypass is not new for having been moved, reindented or renamed with its file; a second equal one is.

use std::fs;

use super::Guarded;
use super::bypass;
use super::module;

#[test]
fn a_renamed_file_brings_nothing_new() {
    let guarded = Guarded::new();
    guarded.done(&["mv", "app/old.py", "app/renamed.py"]);
    let said = guarded.git(&["commit", "--message", "rename"]);
    said.passes();
    said.says("1 old finding");
}

#[test]
fn a_renamed_and_edited_file_brings_what_was_added() {
    let guarded = Guarded::new();
    let long: String = (0..40).map(|line| format!("value_{line} = {line}\n")).collect();
    guarded.write("app/long.py", module(&[("old", "timeout=1")]) + &long);
    guarded.done(&["add", "--all"]);
    guarded.done(&["commit", "--no-verify", "--message", "long"]);
    guarded.done(&["mv", "app/long.py", "lengthy.py"]);
    guarded.write("lengthy.py", module(&[("old", "timeout=1")]) + &long + "limit = 1\n");
    guarded.commit().passes();
    guarded.done(&["mv", "lengthy.py", "app/long.py"]);
    guarded.write("app/long.py", module(&[("old", "timeout=1"), ("new", "timeout=2")]) + &long);
    guarded.commit().refuses(&["app/long.py:9"]);
}

#[test]
fn a_rename_that_git_does_not_see_brings_nothing_new() {
    let guarded = Guarded::new();
    let filler: String = (0..200).map(|line| format!("value_{line} = {line}\n")).collect();
    guarded.remove("app/old.py");
    guarded.write("app/elsewhere.py", module(&[("old", "timeout=1")]) + &filler);
    guarded.commit().passes();
}

#[test]
fn a_copied_file_brings_its_bypasses_once_more() {
    let guarded = Guarded::new();
    fs::copy(guarded.repository.path("app/old.py"), guarded.repository.path("app/copy.py")).unwrap();
    guarded.commit().refuses(&["app/copy.py:5"]);
    guarded.done(&["config", "diff.renames", "copies"]);
    guarded.write("app/old.py", module(&[("old", "timeout=1")]) + "limit = 1\n");
    guarded.commit().refuses(&["app/copy.py:5"]);
}

#[test]
fn a_function_that_moves_to_another_file_is_not_new() {
    let guarded = Guarded::new();
    guarded.write("app/old.py", "limit = 1\n");
    guarded.write("app/llm.py", module(&[("old", "timeout=1")]));
    guarded.commit().passes();
}

#[test]
fn a_function_that_moves_and_stays_too_is_new() {
    let guarded = Guarded::new();
    guarded.write("app/old.py", module(&[("old", "timeout=1")]) + "limit = 1\n");
    guarded.write("app/llm.py", module(&[("old", "timeout=1")]));
    guarded.commit().refuses(&["app/llm.py:5"]);
}

#[test]
fn a_function_that_moves_within_its_file_is_not_new() {
    let guarded = Guarded::new();
    guarded.write(
        "app/old.py",
        format!("from openai import OpenAI\n\n\ndef other():\n    ...\n\n\n{}", bypass("old", "timeout=1")),
    );
    guarded.commit().passes();
}

#[test]
fn a_call_that_is_reindented_or_wrapped_is_not_new() {
    let guarded = Guarded::new();
    guarded.write(
        "app/old.py",
        "from openai import OpenAI\n\n\ndef old(workspace_id):\n    if workspace_id:\n        return OpenAI(\n            \
         timeout=1\n        )\n",
    );
    guarded.commit().passes();
}

#[test]
fn a_second_equal_call_is_new() {
    let guarded = Guarded::new();
    guarded.write("app/old.py", module(&[("old", "timeout=1")]) + "    return OpenAI(timeout=1)\n");
    guarded.commit().refuses(&["app/old.py:6"]);
}

#[test]
fn a_swap_is_new() {
    let guarded = Guarded::new();
    guarded.write("app/old.py", module(&[("fresh", "timeout=9")]));
    let said = guarded.commit();
    said.refuses(&["app/old.py:5"]);
    assert!(!said.text.contains("passed over"), "{}", said.text);
}

#[test]
fn line_ends_change_nothing() {
    let guarded = Guarded::new();
    guarded.write("app/old.py", module(&[("old", "timeout=1")]).replace('\n', "\r\n"));
    guarded.commit().passes();
    guarded.write("app/old.py", module(&[("old", "timeout=1"), ("new", "")]).replace('\n', "\r\n"));
    guarded.commit().refuses(&["app/old.py:9"]);
}

#[test]
fn two_files_that_trade_their_places_bring_nothing_new() {
    let guarded = Guarded::new();
    guarded.write("app/other.py", "limit = 1\n");
    guarded.commit().passes();
    let (old, other) = (guarded.repository.read("app/old.py"), guarded.repository.read("app/other.py"));
    guarded.write("app/old.py", other);
    guarded.write("app/other.py", old);
    guarded.commit().passes();
}

#[test]
fn a_folder_that_is_renamed_brings_nothing_new() {
    let guarded = Guarded::new();
    guarded.done(&["mv", "app", "service"]);
    guarded.commit().passes();
}

#[test]
fn a_bypass_that_a_formatter_has_rewritten_is_old() {
    let guarded = Guarded::new();
    guarded
        .write("app/llm.py", "from openai import OpenAI\n\n\ndef make():\n    return OpenAI(api_key='k', timeout=3)\n");
    guarded.done(&["add", "--all"]);
    guarded.done(&["commit", "--no-verify", "--message", "old"]);
    let formatted = "from openai import OpenAI\n\n\ndef make():\n    return OpenAI(\n        api_key=\"k\",\n        timeout=3,\n    )\n";
    guarded.write("app/llm.py", formatted);
    guarded.commit().passes();
    guarded.write("app/llm.py", formatted.replace("timeout=3", "timeout=4"));
    guarded.commit().refuses(&["app/llm.py:5"]);
}
