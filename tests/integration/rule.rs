#![expect(clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! `qmigrate rule`, as a process: the built-in rules, and a user's own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

use qmigrate::rule::builtin;

use crate::support::Project;

/// A rule as somebody writes it who reads the contract and nothing else.
const ANTHROPIC: &str = r#"
summary = "Anthropic client constructed directly"

[python]
[[python.construct]]
symbols = ["anthropic.Anthropic"]
replace = "{factory}.get_anthropic_client"
"#;

fn with_rule(text: &str) -> Project {
    let project = Project::git();
    project.write("qmigrate.toml", "rules = ['tools/rules']\n");
    project.write("tools/rules/anthropic-client.toml", text);
    project
}

#[test]
fn rules_are_listed_with_their_severities() {
    insta::assert_snapshot!(Project::new().run("rule list").out);
}

#[test]
fn a_rule_is_explained_with_what_to_write_instead() {
    insta::assert_snapshot!(Project::new().run("rule explain direct-client").out);
}

#[test]
fn every_built_in_rule_says_why_and_names_no_unknown_rule() {
    let project = Project::new();
    for rule in builtin::RULES {
        let run = project.run(&format!("rule explain {}", rule.id));
        assert_eq!(run.code, 0);
        assert!(run.out.contains("```python") || run.out.contains("| --- |"), "{}", rule.id);
    }
    project.refuses("rule explain direct-clent", "hint: did you mean `direct-client`?");
    project.refuses("rule test direct-clent", "hint: did you mean `direct-client`?");
}

#[test]
fn colour_is_only_where_it_is_asked_for() {
    let project = Project::new();
    assert!(!project.run("rule list").out.contains('\u{1b}'));
    assert!(project.run("rule list --color always").out.contains('\u{1b}'));
    assert!(!project.run("--color never rule list").out.contains('\u{1b}'));
}

#[test]
fn the_fixtures_on_disk_are_those_in_the_binary() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for rule in builtin::RULES {
        let embedded: BTreeSet<String> = rule.fixtures.iter().map(|fixture| fixture.name.to_owned()).collect();
        let folder = fixtures.join(rule.id);
        let files = WalkDir::new(&folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file());
        let on_disk: BTreeSet<String> =
            files.map(|entry| entry.path().strip_prefix(&folder).unwrap().display().to_string()).collect();
        assert_eq!(on_disk, embedded, "{}", rule.id);
    }
    let rules = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")).unwrap();
    assert_eq!(rules.count(), builtin::RULES.len());
}

#[test]
fn every_built_in_rule_holds_on_its_fixtures() {
    let run = Project::new().run("rule test");
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.ends_with(" passed, 0 failed\n"), "{}", run.out);
}

#[test]
fn a_users_rule_scans_fixes_and_tests() {
    let project = with_rule(ANTHROPIC);
    let before = "import anthropic\n\n\ndef connect(workspace_id):\n    return anthropic.Anthropic(timeout=3)\n";
    let after = "from utils.openai_client_factory import get_anthropic_client\n\n\ndef connect(workspace_id):\n    return get_anthropic_client(timeout=3, workspace_id=workspace_id)\n";
    project.write("tools/rules/fixtures/anthropic-client/python/before.py", before);
    project.write("tools/rules/fixtures/anthropic-client/python/after.py", after);
    project.write("tools/fixtures/anthropic-client/python/clean.py", "anthropic = None\n");
    let run = project.run("rule test anthropic-client");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(
        run.out,
        "ok    anthropic-client python/before\nok    anthropic-client python/clean\n2 passed, 0 failed\n"
    );
    project.write(
        "utils/openai_client_factory.py",
        "def get_anthropic_client(*, workspace_id=None, **kwargs):\n    ...\n",
    );
    project.write("app.py", before);
    project.commit();
    assert_eq!(project.run("scan app.py").code, 1);
    assert_eq!(project.run("fix app.py").code, 0);
    assert_eq!(project.read("app.py"), after);
}

#[test]
fn ten_lines_for_another_sdk_hold_in_every_language() {
    let rule = "\
summary = \"Anthropic client constructed directly\"
[[python.construct]]
symbols = [\"anthropic.Anthropic\"]
replace = \"{factory}.get_anthropic\"
[[typescript.construct]]
symbols = [\"@anthropic-ai/sdk#default\", \"@anthropic-ai/sdk#Anthropic\"]
replace = \"{factory}#getAnthropic\"
[[rust.construct]]
symbols = [\"anthropic_sdk::Client::new\"]
replace = \"{factory}::anthropic\"
";
    assert_eq!(rule.lines().count(), 10);
    // The file in its language's folder of fixtures, where it lies in a project, before, and after.
    let cases = [
        (
            "python/before.py",
            "app.py",
            "from anthropic import Anthropic as Claude\n\n\ndef connect(workspace_id):\n    return Claude(timeout=3)\n",
            "from utils.openai_client_factory import get_anthropic\n\n\ndef connect(workspace_id):\n    return get_anthropic(timeout=3, workspace_id=workspace_id)\n",
        ),
        (
            "python/cells.before.ipynb",
            "app.ipynb",
            r#"{"cells": [{"cell_type": "code", "source": ["import anthropic\n", "c = anthropic.Anthropic()"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}"#,
            r#"{"cells": [{"cell_type": "code", "source": ["from utils.openai_client_factory import get_anthropic\n", "c = get_anthropic()"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}"#,
        ),
        (
            "typescript/before.ts",
            "app.ts",
            "import Anthropic from '@anthropic-ai/sdk';\n\nexport const make = (workspaceId: string) => new Anthropic({ apiKey: 'k' });\n",
            "import { getAnthropic } from './lib/ai/openai-client';\n\nexport const make = (workspaceId: string) => getAnthropic({ apiKey: 'k', workspaceId });\n",
        ),
        (
            "typescript/required.before.cjs",
            "app.cjs",
            "const { Anthropic: Claude } = require('@anthropic-ai/sdk')\nmodule.exports = new Claude()\n",
            "const { getAnthropic } = require('./lib/ai/openai-client')\nmodule.exports = getAnthropic()\n",
        ),
        (
            "rust/before.rs",
            "src/lib.rs",
            "mod openai_client;\nuse anthropic_sdk::{Client, Key};\nfn f(key: Key) {\n    Client::new(key);\n}\n",
            "mod openai_client;\nuse anthropic_sdk::Key;\nfn f(key: Key) {\n    crate::openai_client::anthropic(key);\n}\n",
        ),
    ];
    let project = with_rule(rule);
    project.write("utils/openai_client_factory.py", "def get_anthropic(*, workspace_id=None, **kwargs): ...\n");
    project.write("lib/ai/openai-client.ts", "export function getAnthropic(options: any = {}) {}\n");
    project.write("Cargo.toml", "[package]\nname = \"app\"\n[dependencies]\nanthropic-sdk = \"1\"\n");
    project.write("src/openai_client.rs", "pub fn anthropic(key: anthropic_sdk::Key) -> anthropic_sdk::Client {}\n");
    for (fixture, path, before, after) in cases {
        project.write(&format!("tools/rules/fixtures/anthropic-client/{fixture}"), before);
        project.write(&format!("tools/rules/fixtures/anthropic-client/{}", fixture.replace("before", "after")), after);
        project.write(path, before);
    }
    project.commit();
    let run = project.run("rule test anthropic-client");
    assert!(run.out.ends_with("5 passed, 0 failed\n"), "{}{}", run.out, run.err);
    let run = project.run("scan");
    for (_, path, ..) in cases {
        assert!(run.out.contains(&format!("{path}:")), "{path}\n{}", run.out);
    }
    let run = project.run("fix");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    for (_, path, _, after) in cases {
        assert_eq!(project.read(path), after, "{path}");
    }
    project.commit();
    assert_eq!(project.run("scan").code, 0);
}

#[test]
fn a_fixture_that_does_not_hold_fails_and_shows_the_difference() {
    let project = with_rule(ANTHROPIC);
    let folder = "tools/rules/fixtures/anthropic-client/python";
    project.write(&format!("{folder}/clean.py"), "import anthropic\nanthropic.Anthropic()\n");
    project.write(&format!("{folder}/lone.before.py"), "import anthropic\nanthropic.Anthropic()\n");
    project.write(&format!("{folder}/a.before.py"), "import anthropic\n\nx = anthropic.Anthropic()\n");
    project.write(&format!("{folder}/a.after.py"), "import anthropic\n\nx = 1\n");
    let run = project.run("rule test anthropic-client");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.out.contains("python/clean: found: line 2; expected: nothing"), "{}", run.out);
    assert!(run.out.contains("python/lone.before: there is no `lone.after.py`"), "{}", run.out);
    assert!(run.out.contains("python/a: the fix differs from `after`\n"), "{}", run.out);
    assert!(run.out.contains("      -x = 1\n      +x = get_anthropic_client()\n"), "{}", run.out);
    assert!(run.out.ends_with("0 passed, 3 failed\n"), "{}", run.out);
}

#[test]
fn a_rule_without_fixtures_is_told_and_fails_only_if_named() {
    let project = with_rule(ANTHROPIC);
    let run = project.run("rule test anthropic-client");
    assert_eq!(run.code, 1);
    assert!(run.err.contains("warning: the rule `anthropic-client` has no fixtures; looked in `tools/rules/fixtures/anthropic-client/python`"), "{}", run.err);
    assert!(project.run("rule test").err.contains("`anthropic-client` has no fixtures"));
}

#[test]
fn a_broken_rule_is_refused_with_file_line_and_the_nearest_right_word() {
    let file = "error: tools/rules/anthropic-client.toml";
    let check = |text: &str, expected: &str| {
        let run = with_rule(text).run("scan");
        assert_eq!((run.code, run.err), (2, format!("{file}{expected}\n")), "{text}");
    };
    check("sumary = 'x'\n", ":1: unknown key `sumary`\nhint: did you mean `summary`?");
    check("[python]\n", ":1: `summary` is missing");
    check(
        "summary = 'x'\n",
        ":1: the rule looks for nothing\nhint: add a table such as `[[python.construct]]` with `symbols` and `replace`",
    );
    check(
        "summary = 'x'\n[python.endpoint]\nargument = 'a'\nhosts = ['b.example']\n",
        ":2: `[python]` looks for nothing\nhint: add `[[python.construct]]` or `[[python.report]]`",
    );
    check(
        "summary = 'x'\n[[python.report]]\nrole = 'vallue'\nsymbols = ['a.b']\n",
        ":3: unknown role `vallue`\nhint: did you mean `value`?",
    );
    check(
        "summary = 'x'\n[[python.construct]]\nsymbols = ['a.*']\nreplace = '{factory}.b'\n",
        ":3: `a.*` stands for many classes\nhint: a construct names each class in full",
    );
    check(
        "summary = 'x'\n[[python.construct]]\nsymbols = ['a.B', 'a.B']\nreplace = '{factory}.b'\n",
        ":3: `a.B` is already constructed on line 3",
    );
}

#[test]
fn a_rule_with_a_bad_or_taken_name_is_refused() {
    let project = with_rule(ANTHROPIC);
    project.write("tools/rules/Bad_Name.toml", ANTHROPIC);
    project.refuses("scan", "error: tools/rules/Bad_Name.toml:1: the file's name is the rule's id");
    fs::remove_file(project.path("tools/rules/Bad_Name.toml")).unwrap();
    project.write("tools/rules/direct-client.toml", ANTHROPIC);
    project.refuses(
        "scan",
        "error: `tools/rules/direct-client.toml`: there is already a rule `direct-client`, which is built in\nhint: ",
    );
}
