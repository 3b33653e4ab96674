#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! What `docs/` says is what the program does.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use qmigrate::rule::Matchers;
use qmigrate::rule::ReportRole;
use qmigrate::rule::Rule;
use qmigrate::rule::load::builtin;
use qmigrate::source::LanguageId;

use crate::support::Project;

const HEAD: &str = "\
<!-- Written by `just docs` from rules/*.toml; edit those. -->

# The rules

`qmigrate rule explain RULE` prints the same. The severity of each can be set under `[rule.RULE]` in `qmigrate.toml`.

| rule | severity | finds |
| --- | --- | --- |
";

#[test]
fn the_reference_of_rules_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let current = reference(&builtin().unwrap());
    if env::var_os("QMIGRATE_WRITE_DOCS").is_some() {
        fs::write(&path, &current).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == current, "docs/rules.md is not what rules/*.toml say: run `just docs`");
}

#[test]
fn the_example_of_json_is_what_a_scan_of_the_demo_gives() {
    let text = include_str!("../../docs/formats.md");
    let example: Value = serde_json::from_str(block(text, "json")).unwrap();
    let scanned = Project::copy_of("demo").run("scan --format json");
    let scanned: Value = serde_json::from_str(&scanned.out).unwrap();
    for key in ["schema", "tool", "summary"] {
        assert_eq!(example[key], scanned[key], "{key}");
    }
    let finding = &example["findings"][0];
    assert!(scanned["findings"].as_array().unwrap().contains(finding), "{finding}");
}

#[test]
fn the_rule_of_ten_lines_scans_fixes_and_tests() {
    let text = include_str!("../../docs/own-rules.md");
    let rule = text.split("In ten lines").nth(1).map(|text| block(text, "toml")).unwrap();
    assert!(rule.lines().filter(|line| !line.is_empty()).count() <= 10);

    let project = Project::git();
    project.write("qmigrate.toml", "rules = ['tools/qmigrate-rules']\n");
    project.write("tools/qmigrate-rules/anthropic-client.toml", rule);
    project
        .write("utils/anthropic_factory.py", "def get_anthropic_client(*, workspace_id=None, **options):\n    ...\n");
    let before = "import anthropic\n\n\ndef ask(workspace_id):\n    return anthropic.Anthropic(timeout=3)\n";
    let after = "\
from utils.anthropic_factory import get_anthropic_client


def ask(workspace_id):
    return get_anthropic_client(timeout=3, workspace_id=workspace_id)
";
    let fixture = |name: &str| format!("tools/qmigrate-rules/fixtures/anthropic-client/python/{name}.py");
    project.write(&fixture("before"), before);
    project.write(&fixture("after"), after);
    project.write(&fixture("clean"), "from elsewhere import Anthropic\n\nAnthropic()\n");
    let run = project.run("rule test anthropic-client");
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);

    project.write("app.py", before);
    project.commit();
    assert!(project.run("scan app.py").out.contains("error[anthropic-client]"));
    let run = project.run("fix app.py");
    assert_eq!((run.code, project.read("app.py").as_str()), (0, after), "{}{}", run.out, run.err);
}

#[test]
fn the_commands_of_the_page_on_ci_are_understood() {
    let page = include_str!("../../docs/ci.md");
    let commands = page.lines().map(|line| line.trim().trim_start_matches("- ").trim_start_matches("run: "));
    let commands: Vec<&str> = commands.filter(|line| line.starts_with("qmigrate ")).collect();
    assert!(commands.len() > 6, "{commands:?}");
    for command in commands {
        let project = Project::copy_of("demo");
        if command.contains("--prune") {
            project.shell("qmigrate baseline");
        }
        let run = project.shell(command);
        assert!(run.code < 2, "{command}: {}", run.err);
    }
}

/// The first block of code in this language.
fn block<'a>(text: &'a str, language: &str) -> &'a str {
    let start = text.split(&format!("```{language}\n")).nth(1).unwrap();
    start.split("```").next().unwrap()
}

fn reference(rules: &[Rule]) -> String {
    let mut page = HEAD.to_owned();
    for rule in rules {
        writeln!(page, "| [`{0}`](#{0}) | {1} | {2} |", rule.id, rule.severity.name(), rule.summary).unwrap();
    }
    for rule in rules {
        write!(page, "\n## {}\n\n{}\n", rule.id, rule.why).unwrap();
        if let Some(matchers) = rule.languages.get(&LanguageId::Python) {
            page.push_str(&names(matchers));
        }
    }
    page
}

fn names(matchers: &Matchers) -> String {
    let mut text = String::new();
    if !matchers.construct.is_empty() {
        text.push_str("\n| instead of a construction of | call |\n| --- | --- |\n");
        for construct in &matchers.construct {
            let module = construct.replace.module.as_deref().unwrap_or("{factory}");
            writeln!(text, "| {} | `{module}.{}` |", list(&construct.symbols), construct.replace.function).unwrap();
        }
    }
    for report in &matchers.report {
        let (role, _) = ReportRole::NAMES.into_iter().find(|(_, role)| *role == report.role).unwrap();
        write!(text, "\nReports, in the role `{role}`: {}.\n", list(&report.symbols)).unwrap();
    }
    if let Some(endpoint) = &matchers.endpoint {
        write!(text, "\nHosts for a literal `{}`: {}.\n", endpoint.argument, list(&endpoint.hosts)).unwrap();
    }
    text
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
