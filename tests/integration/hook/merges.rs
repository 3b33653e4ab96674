//! In a merge, new is what no parent has.

use super::Guarded;
use super::module;

/// A repository whose branch `other` has a bypass that the hook never saw, and a checked-out branch of its own.
fn branched() -> Guarded {
    let guarded = Guarded::new();
    guarded.done(&["branch", "other"]);
    guarded.write("app/ours.py", "limit = 1\n");
    guarded.commit().passes();
    guarded.done(&["checkout", "--quiet", "other"]);
    guarded.write("app/theirs.py", module(&[("theirs", "timeout=2")]));
    guarded.write("app/shared.py", "limit = 1\n");
    guarded.done(&["add", "--all"]);
    guarded.done(&["commit", "--no-verify", "--message", "theirs"]);
    guarded.done(&["checkout", "--quiet", "-"]);
    guarded
}

#[test]
fn what_the_other_branch_brings_is_not_new() {
    let guarded = branched();
    guarded.git(&["merge", "--no-edit", "other"]).passes();
    assert_eq!(guarded.done(&["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 3);
}

#[test]
fn a_merge_that_is_finished_by_hand_is_judged_against_both() {
    let guarded = branched();
    guarded.done(&["merge", "--no-commit", "other"]);
    guarded.write("app/theirs.py", module(&[("theirs", "timeout=2"), ("evil", "timeout=3")]));
    guarded.done(&["add", "--all"]);
    guarded.git(&["commit", "--no-edit"]).refuses(&["app/theirs.py:9"]);
    guarded.write("app/theirs.py", module(&[("theirs", "timeout=2")]) + "limit = 1\n");
    guarded.commit().passes();
}

#[test]
fn a_conflict_that_is_solved_brings_nothing_new() {
    let guarded = branched();
    guarded.write("app/theirs.py", "from openai import OpenAI\n\nours = OpenAI(timeout=4)\n");
    guarded.done(&["add", "--all"]);
    guarded.done(&["commit", "--no-verify", "--message", "ours"]);
    assert_eq!(guarded.git(&["merge", "other"]).code, 1);
    guarded.write("app/theirs.py", module(&[("theirs", "timeout=2")]) + "\n\nours = OpenAI(timeout=4)\n");
    guarded.commit().passes();
}

#[test]
fn a_rename_on_one_side_and_a_bypass_on_the_other_are_not_new_together() {
    let guarded = Guarded::new();
    let long: String = (0..40).map(|line| format!("value_{line} = {line}\n")).collect();
    guarded.write("app/long.py", format!("{long}limit = 1\n"));
    guarded.commit().passes();
    guarded.done(&["branch", "other"]);
    guarded.done(&["mv", "app/long.py", "app/lengthy.py"]);
    guarded.commit().passes();
    guarded.done(&["checkout", "--quiet", "other"]);
    guarded.write("app/long.py", format!("from openai import OpenAI\nclient = OpenAI()\n{long}limit = 1\n"));
    guarded.done(&["commit", "--no-verify", "--all", "--message", "theirs"]);
    guarded.done(&["checkout", "--quiet", "-"]);
    guarded.git(&["merge", "--no-edit", "other"]).passes();
}

#[test]
fn a_function_that_moved_on_the_other_branch_is_not_new() {
    let guarded = branched();
    guarded.done(&["checkout", "--quiet", "other"]);
    guarded.write("app/theirs.py", "limit = 2\n");
    guarded.write("app/shared.py", module(&[("theirs", "timeout=2")]));
    guarded.commit().passes();
    guarded.done(&["checkout", "--quiet", "-"]);
    guarded.git(&["merge", "--no-edit", "other"]).passes();
}

#[test]
fn a_merge_of_many_is_judged_against_all() {
    let guarded = branched();
    guarded.done(&["checkout", "--quiet", "-b", "third", "HEAD~1"]);
    guarded.write("app/third.py", module(&[("third", "timeout=5")]));
    guarded.done(&["add", "--all"]);
    guarded.done(&["commit", "--no-verify", "--message", "third"]);
    guarded.done(&["checkout", "--quiet", "-"]);
    guarded.git(&["merge", "--no-edit", "other", "third"]).passes();
}

#[test]
fn a_squashed_branch_is_judged_as_ones_own() {
    let guarded = branched();
    guarded.done(&["merge", "--squash", "other"]);
    guarded.git(&["commit", "--no-edit"]).refuses(&["app/theirs.py:5"]);
}

#[test]
fn a_commit_that_is_picked_or_reverted_with_a_conflict_is_judged_against_the_current_one() {
    let guarded = branched();
    guarded.write("app/shared.py", "limit = 3\n");
    guarded.commit().passes();
    assert_eq!(guarded.git(&["cherry-pick", "other"]).code, 1);
    guarded.write("app/shared.py", "limit = 1\n");
    guarded.commit().refuses(&["app/theirs.py:5"]);
    guarded.done(&["cherry-pick", "--abort"]);
    guarded.write("app/old.py", "limit = 1\n");
    guarded.commit().passes();
    guarded.done(&["revert", "--no-commit", "HEAD"]);
    guarded.git(&["commit", "--no-edit"]).refuses(&["app/old.py:5"]);
}

#[test]
fn a_rebase_that_stops_is_judged_against_where_it_stands() {
    let guarded = branched();
    guarded.write("app/shared.py", "limit = 3\n");
    guarded.commit().passes();
    assert_eq!(guarded.git(&["rebase", "other"]).code, 1);
    guarded.write("app/shared.py", "limit = 1\n");
    guarded.write("app/theirs.py", module(&[("theirs", "timeout=2")]) + "limit = 1\n");
    guarded.done(&["add", "--all"]);
    guarded.git(&["rebase", "--continue"]).passes();
}

#[test]
fn a_name_of_one_branch_that_gets_its_meaning_from_the_other_is_new() {
    for import in ["LLM", "*"] {
        let (using, handing) = (
            ("app/use.py", format!("from app.clients import {import}\n\nclient = LLM()\n")),
            ("app/clients.py", "from openai import OpenAI as LLM\n".to_owned()),
        );
        for [ours, theirs] in [[&using, &handing], [&handing, &using]] {
            let guarded = Guarded::new();
            guarded.write("app/clients.py", "class LLM:\n    pass\n");
            guarded.commit().passes();
            guarded.done(&["branch", "other"]);
            guarded.write(ours.0, &ours.1);
            guarded.commit().passes();
            guarded.done(&["checkout", "--quiet", "other"]);
            guarded.write(theirs.0, &theirs.1);
            guarded.commit().passes();
            guarded.done(&["checkout", "--quiet", "-"]);
            guarded.git(&["merge", "--no-edit", "other"]).refuses(&["app/use.py:3"]);
        }
    }
}

#[test]
fn a_name_that_means_the_client_in_one_branch_is_not_new() {
    let guarded = Guarded::new();
    guarded.write("app/clients.py", "class LLM:\n    pass\n");
    guarded.write("app/use.py", "from app.clients import LLM\n\nclient = LLM()\n");
    guarded.commit().passes();
    guarded.done(&["checkout", "--quiet", "-b", "other"]);
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    guarded.done(&["commit", "--all", "--no-verify", "--message", "theirs"]);
    guarded.done(&["checkout", "--quiet", "-"]);
    guarded.write("app/use.py", "from app.clients import LLM\n\nclient = LLM()\nlimit = 1\n");
    guarded.commit().passes();
    guarded.git(&["merge", "--no-edit", "other"]).passes();
}
