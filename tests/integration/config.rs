//! What a configuration may say, and what it is told otherwise.

use crate::support::Project;

fn check(text: &str, expected: &str) {
    let project = Project::new();
    project.write("qmigrate.toml", text);
    let run = project.run("rule list");
    assert_eq!((run.code, run.err.as_str()), (2, expected), "{text}");
}

#[test]
fn wrong_words_are_named_with_file_line_and_the_nearest_right_one() {
    check(
        "[factory]\npyhton = 'a'\n",
        "error: qmigrate.toml:2: unknown key `pyhton` in `[factory]`\nhint: did you mean `python`?\n",
    );
    check(
        "\n[rule.direct-clients]\nseverity = 'off'\n",
        "error: qmigrate.toml:2: unknown rule `direct-clients`\nhint: did you mean `direct-client`?\n",
    );
    check(
        "[rule.legacy-api]\nseverity = 'errror'\n",
        "error: qmigrate.toml:2: unknown severity `errror`\nhint: did you mean `error`?\n",
    );
    check(
        "rules = ['tools']\n",
        "error: qmigrate.toml:1: no such folder: `tools`\nhint: paths in `rules` are relative to the file that they stand in\n",
    );
    check(
        "[rule.stale-patch]\nopenai-hosts = ['a.example']\n",
        "error: qmigrate.toml:1: `openai-hosts` means nothing to the rule `stale-patch`\nhint: it belongs to rules with an endpoint, such as `direct-client`\n",
    );
    check(
        "[rule.direct-client]\nopenai-hosts = ['https://a.example']\n",
        "error: qmigrate.toml:2: `https://a.example` is no host\nhint: write only the name, such as `llm-gateway.example.com` or `*.example.com`\n",
    );
}

#[test]
fn broken_toml_is_named_with_its_line() {
    let project = Project::new();
    project.write("qmigrate.toml", "include = [\n  'a',\n  b\n]\n");
    project.refuses("scan", "error: qmigrate.toml:3: ");
    project.write("qmigrate.toml", "[factory\n");
    project.refuses("scan", "error: qmigrate.toml:1: ");
    project.write("qmigrate.toml", "include = []\ninclude = []\n");
    project.refuses("scan", "error: qmigrate.toml:2: duplicate key");
}

#[test]
fn a_configuration_may_stand_in_pyproject_toml() {
    let project = Project::new();
    project.write("pyproject.toml", "[tool.qmigrate]\nexclud = []\n");
    project.refuses("scan", "error: pyproject.toml:2: unknown key `exclud` in `[tool.qmigrate]`");
    project.write("qmigrate.toml", "");
    assert_eq!(project.run("rule list").code, 0, "qmigrate.toml goes first");
}

#[test]
fn a_named_file_is_read_and_paths_are_relative_to_it() {
    let project = Project::new();
    project.write("conf/own.toml", "rules = ['mine']\n");
    project.write(
        "conf/mine/odd-client.toml",
        "summary = 'odd'\n[[python.construct]]\nsymbols = ['odd.Client']\nreplace = '{factory}.get_odd'\n",
    );
    let run = project.run("rule list --config conf/own.toml");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("odd (conf/mine/odd-client.toml)"), "{}", run.out);
    project.refuses("rule list --config conf/none.toml", "cannot read the configuration `conf/none.toml`");
    project.write("pyproject.toml", "[project]\nname = 'x'\n");
    project.refuses("scan --config pyproject.toml", "`pyproject.toml` has no table `[tool.qmigrate]`");
}

#[test]
fn the_configuration_of_a_folder_above_holds() {
    let project = Project::new();
    project.write("qmigrate.toml", "[rule.legacy-api]\nseverity = 'off'\n");
    project.write("deep/er/x.py", "");
    let mut command = project.command();
    command.current_dir(project.path("deep/er")).args(["rule", "list"]);
    let run = project.finish(&mut command, "");
    assert!(run.out.contains("legacy-api          off "), "{}", run.out);
}

#[test]
fn control_characters_of_a_configuration_are_escaped() {
    let project = Project::new();
    project.write("qmigrate.toml", "\"\\u001b[31mred\" = 1\n");
    let run = project.run("scan");
    assert_eq!(run.code, 2);
    assert!(!run.err.contains('\u{1b}') && run.err.contains("\\u{1b}[31mred"), "{}", run.err);
}
