//! The configuration that will be committed rules.

use std::fs;

use super::Guarded;
use super::module;

#[test]
fn the_staged_configuration_rules_and_not_the_one_in_the_work_tree() {
    let guarded = Guarded::new();
    guarded.write("qmigrate.toml", "[rule.direct-client]\nseverity = 'warning'\n");
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.done(&["add", "--all"]);
    guarded.write("qmigrate.toml", "[rule.direct-client]\nseverity = 'error'\n");
    let said = guarded.git(&["commit", "--message", "x"]);
    assert_eq!(said.code, 0, "{}", said.text);
    said.says("warning[direct-client]");
    guarded.done(&["add", "--all"]);
    guarded.write("qmigrate.toml", "[rule.direct-client]\nseverity = 'off'\n");
    guarded.write("app/more.py", module(&[("connect", "")]));
    guarded.done(&["add", "app/more.py"]);
    guarded.git(&["commit", "--message", "x"]).refuses(&["app/more.py:5"]);
}

#[test]
fn a_configuration_that_git_does_not_know_rules_where_there_is_no_other() {
    let guarded = Guarded::new();
    guarded.write("qmigrate.toml", "exclude = ['app/**']\n");
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.done(&["add", "app/llm.py"]);
    guarded.git(&["commit", "--message", "x"]).passes();
}

#[test]
fn a_rule_that_is_turned_on_makes_nothing_new() {
    let guarded = Guarded::new();
    guarded.write("qmigrate.toml", "[rule.direct-client]\nseverity = 'off'\n");
    guarded.write("app/llm.py", module(&[("connect", "")]));
    guarded.commit().passes();
    guarded.remove("qmigrate.toml");
    guarded.write("app/llm.py", module(&[("connect", "")]) + "limit = 1\n");
    guarded.commit().passes();
}

#[test]
fn a_broken_configuration_stops_the_commit_with_its_line() {
    let guarded = Guarded::new();
    guarded.write("qmigrate.toml", "\nexcldue = []\n");
    guarded.write("app/fine.py", "limit = 1\n");
    let said = guarded.commit();
    assert_ne!(said.code, 0);
    said.says("qmigrate.toml:2: unknown key `excldue`");
}

#[test]
fn the_staged_rules_hold_and_not_those_in_the_work_tree() {
    let rule = |symbol: &str| {
        format!(
            "summary = \"a queue made directly\"\nseverity = \"error\"\nwhy = \"it is counted\"\n\n[python]\n\
             [[python.construct]]\nsymbols = [\"{symbol}\"]\nreplace = \"{{factory}}.get_openai_client\"\n"
        )
    };
    let guarded = Guarded::new();
    guarded.write("qmigrate.toml", "rules = ['rules']\n");
    guarded.write("rules/direct-queue.toml", rule("queues.Queue"));
    guarded.commit().passes();
    guarded.write("app/queue.py", "from queues import Queue\n\nqueue = Queue()\n");
    guarded.done(&["add", "--all"]);
    let commit = ["commit", "--message", "x"];
    guarded.write("rules/direct-queue.toml", rule("queues.Other"));
    guarded.git(&commit).refuses(&["app/queue.py:3"]);
    fs::remove_dir_all(guarded.root().join("rules")).unwrap();
    guarded.git(&commit).refuses(&["app/queue.py:3"]);
    // What is staged of them holds at once.
    guarded.write("rules/direct-queue.toml", rule("queues.Other"));
    guarded.done(&["add", "rules"]);
    guarded.git(&commit).passes();
}
