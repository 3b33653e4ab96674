#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! The reports for other programs, held to their published schemas.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::Project;

/// A project with a finding of every standing, problems, and names that no format takes as they are.
fn odd() -> Project {
    let project = Project::demo();
    project.write("README.md", "a file that is no source\n");
    project.run("baseline --quiet");
    let new = "from openai import AsyncOpenAI\n\n\ndef ask():\n    return AsyncOpenAI(\n        timeout=3,\n    )\n";
    project.write("sub dir/a,b:c%d|e`f<g>&'h'#i.py", new);
    project.write(
        "line\nbreak\r\u{1b}[31m\u{202e}é.py",
        &format!("\u{feff}é = 1; {}", "import openai; openai.OpenAI()\n"),
    );
    project.write("broken.py", "from openai import OpenAI\nOpenAI(\n");
    let cell =
        "{\"cell_type\": \"code\", \"source\": \"import openai\\nopenai.OpenAI()\", \"metadata\": {}, \"outputs\": []}";
    project.write(
        "b.ipynb",
        &format!("{{\"cells\": [{cell}], \"metadata\": {{}}, \"nbformat\": 4, \"nbformat_minor\": 5}}"),
    );
    let suppressed = "OpenAI()  # qmigrate: ignore[direct-client] <\"why\"> & 'so' % ]]>\n";
    project.write("kept.py", &format!("from openai import OpenAI\n{suppressed}"));
    let client = "class C(OpenAI): ...\nbase = OpenAI(base_url=\"https://`evil`|<b>.example/\")\n";
    project.write("held.py", &format!("from openai import OpenAI\n{client}"));
    project
}

fn report(project: &Project, format: &str) -> String {
    let run = project.run(&format!("scan --format {format}"));
    assert_eq!(run.code, 3, "{}", run.err);
    assert_eq!(run.out, project.run(&format!("scan --threads 1 --format {format}")).out, "the same bytes again");
    let is_obeyed = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
    assert!(!run.out.contains(is_obeyed), "{format}: {}", run.out.escape_debug());
    run.out
}

/// Reads a report of SARIF, with a folder where the project's was scrubbed.
fn sarif(report: &str) -> Value {
    let log = serde_json::from_str(&report.replace("[PROJECT]", "/project")).unwrap();
    holds(&log, "sarif-2.1.0.json");
    log
}

/// Checks a document against a schema of this repository.
fn holds(document: &Value, schema: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(schema);
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    // The published pattern of languages has a bracket too many, and no report names one.
    for place in ["run", "toolComponent"] {
        if let Some(language) = schema.pointer_mut(&format!("/definitions/{place}/properties/language")) {
            language.as_object_mut().unwrap().remove("pattern");
        }
    }
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn sarif_is_valid_and_says_everything() {
    let project = odd();
    let log = sarif(&report(&project, "sarif"));

    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let states: Vec<&str> = results.iter().map(|result| result["baselineState"].as_str().unwrap()).collect();
    assert_eq!(states.iter().filter(|state| **state == "unchanged").count(), 1);
    let suppressed = results.iter().find(|result| !result["suppressions"].is_null()).unwrap();
    assert_eq!(suppressed["suppressions"][0]["justification"], "<\"why\"> & 'so' % ]]>");
    let uris: Vec<&str> = results
        .iter()
        .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
        .collect();
    assert!(uris.contains(&"sub%20dir/a%2Cb%3Ac%25d%7Ce%60f%3Cg%3E%26%27h%27%23i.py"), "{uris:?}");
    assert!(uris.contains(&"line%0Abreak%0D%1B%5B31m%E2%80%AE%C3%A9.py"), "{uris:?}");
    assert!(run["originalUriBaseIds"]["SRCROOT"]["uri"].as_str().unwrap().ends_with('/'));
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"][0]["descriptor"]["id"], "syntax");
    let ids: Vec<&Value> = results.iter().map(|result| &result["ruleId"]).collect();
    for (result, id) in results.iter().zip(ids) {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], *id);
    }

    // A place in a cell is none in the file.
    let cell = results.iter().find(|result| result["locations"][0].to_string().contains("b.ipynb")).unwrap();
    assert!(cell["locations"][0]["physicalLocation"]["region"].is_null() && cell["fixes"].is_null(), "{cell}");
    assert_eq!(cell["locations"][0]["logicalLocations"][0]["name"], "cell 1");

    // The byte-order mark is no column, and a character is one.
    let marked = results.iter().find(|result| result["locations"][0].to_string().contains("break")).unwrap();
    let region = &marked["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&Value::from(1), &Value::from(23)));
}

#[test]
fn the_fixes_of_sarif_are_those_of_the_patch() {
    let project = Project::copy_of("demo");
    let log = sarif(&project.run("scan --format sarif").out);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let is_fixed = |result: &&Value| result["ruleId"] == "direct-client" && !result["fixes"].is_null();
    let summaries = |result: &&Value| result["locations"][0].to_string().contains("services/summaries.py");
    let result = results.iter().filter(is_fixed).find(summaries).unwrap();
    let fix = &result["fixes"][0];
    let mut files = Vec::new();
    for change in fix["artifactChanges"].as_array().unwrap() {
        let uri = change["artifactLocation"]["uri"].as_str().unwrap();
        let mut lines: Vec<String> = project.read(uri).split_inclusive('\n').map(str::to_owned).collect();
        let mut replacements: Vec<&Value> = change["replacements"].as_array().unwrap().iter().collect();
        // From the last one, so that places stay.
        replacements.reverse();
        for replacement in replacements {
            let at = |key: &str| usize::try_from(replacement["deletedRegion"][key].as_u64().unwrap()).unwrap() - 1;
            let text = replacement["insertedContent"]["text"].as_str().unwrap();
            let (start, end) = (at("startLine"), at("endLine"));
            let before: String = lines[start].chars().take(at("startColumn")).collect();
            let after: String =
                lines.get(end).map(|line| line.chars().skip(at("endColumn")).collect()).unwrap_or_default();
            lines[start] = format!("{before}{text}{after}");
            lines.drain(start + 1..(end + 1).min(lines.len()).max(start + 1));
        }
        files.push((uri.to_owned(), lines.concat()));
    }
    assert_eq!(files.len(), 2, "the test that patches the class comes along: {files:?}");
    assert_eq!(project.run("fix backend/services/summaries.py").code, 0);
    for (file, text) in files {
        assert_eq!(project.read(&file), text, "{file}");
    }
}

#[test]
fn gitlab_has_unique_fingerprints_and_paths_from_the_repositorys_root() {
    let project = odd();
    project.write("twice.py", "from openai import OpenAI\nOpenAI()\nOpenAI()\n");
    let issues: Value = serde_json::from_str(&report(&project, "gitlab")).unwrap();
    holds(&issues, "gitlab-code-quality.json");
    let issues = issues.as_array().unwrap();
    let mut fingerprints: Vec<&str> = issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    let count = fingerprints.len();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), count);
    assert!(!issues.iter().any(|issue| issue["location"]["path"] == "kept.py"), "it is suppressed");
    assert!(!issues.iter().any(|issue| issue["location"]["path"] == "app/llm.py"), "the baseline knows it");

    // Moved down by some lines, an issue is the same issue.
    project.write("twice.py", "from openai import OpenAI\n\n\nOpenAI()\nOpenAI()\n");
    let later: Value = serde_json::from_str(&report(&project, "gitlab")).unwrap();
    let later: Vec<&str> =
        later.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert!(later.iter().all(|fingerprint| fingerprints.contains(fingerprint)));

    let mut command = project.command();
    let inner = project.finish(command.args(["scan", "--format", "gitlab"]).current_dir(project.path("sub dir")), "");
    assert!(inner.out.contains("\"path\": \"sub dir/a,b"), "{}", inner.out);
}

#[test]
fn junit_is_valid() {
    let project = odd();
    valid_junit(&project, &report(&project, "junit"));
    let clean = Project::git();
    clean.write("a.py", "x = 1\n");
    let run = clean.run("scan --format junit");
    assert_eq!(run.code, 0);
    valid_junit(&clean, &run.out);
}

/// Asks `xmllint` whether a report is valid; without it, only on one's own machine, nothing is asked.
fn valid_junit(project: &Project, report: &str) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/junit-10.xsd");
    let mut command = Command::new("xmllint");
    command.args([
        OsStr::new("--noout"),
        OsStr::new("--nonet"),
        OsStr::new("--schema"),
        schema.as_os_str(),
        OsStr::new("-"),
    ]);
    let is_there = Command::new("xmllint").arg("--version").output().is_ok();
    assert!(is_there || std::env::var_os("CI").is_none(), "CI needs xmllint: see `.ci/run`");
    if is_there {
        let run = project.finish(&mut command, report);
        assert_eq!(run.code, 0, "{}\n{report}", run.err);
    }
}

#[test]
fn annotations_are_escaped() {
    let report = report(&odd(), "github");
    for line in report.lines() {
        let (properties, data) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (command, properties) = properties.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&command), "{line}");
        assert!(!data.is_empty(), "{line}");
        for property in properties.split(',') {
            let (key, value) = property.split_once('=').unwrap();
            assert!(["title", "file", "line", "endLine", "col", "endColumn"].contains(&key), "{line}");
            assert!(!value.contains(':'), "{line}");
        }
    }
    assert!(report.contains(",file=sub dir/a%2Cb%3Ac%25d|e`f<g>&'h'#i.py,line=5,endLine=7::"), "{report}");
    assert!(
        report.contains(",file=line%0Abreak%0D\\u{1b}[31m\\u{202e}é.py,line=1,endLine=1,col=23,endColumn=38::"),
        "{report}"
    );
    assert!(report.contains("::error title=qmigrate (problem%3A syntax),file=broken.py,line="), "{report}");
}

#[test]
fn a_comment_holds_no_markup_but_its_own() {
    let report = report(&odd(), "markdown");
    insta::assert_snapshot!(report);
}

#[test]
fn a_comment_is_cut_where_github_would_refuse_it() {
    let project = Project::git();
    for file in 0..40 {
        let calls = "OpenAI(base_url=\"https://another-vendor.example.com/v1\")\n".repeat(20);
        project.write(&format!("some/folder/module_{file}.py"), &format!("from openai import OpenAI\n{calls}"));
    }
    let run = project.run("scan --format markdown");
    let characters = run.out.chars().count();
    assert!((50_000..65_536).contains(&characters), "{characters}");
    let shown = run.out.lines().filter(|line| line.starts_with("- line")).count();
    assert!(run.out.contains(&format!("_Cut here: {} more findings in", 800 - shown)), "{shown}");
    let sums = project.run("scan --format markdown --statistics").out;
    assert!(sums.contains("| `direct-client` | 800 | 0 |") && !sums.contains("- line"), "{sums}");
}

#[test]
fn sums_are_refused_where_the_format_has_no_place_for_them() {
    let project = Project::demo();
    for format in ["sarif", "github", "gitlab", "junit"] {
        project.refuses(&format!("scan --statistics --format {format}"), "has no form for `--statistics`");
    }
}

#[test]
fn an_output_file_holds_what_would_be_printed() {
    let project = Project::demo();
    for format in ["sarif", "github", "gitlab", "junit", "markdown"] {
        let printed = project.run(&format!("scan --format {format} --exit-zero"));
        let run = project.run(&format!("scan --format {format} --output report.txt"));
        assert_eq!((printed.code, run.code, run.out.as_str()), (0, 1, ""), "{}", run.err);
        assert_eq!(project.read("report.txt").replace(&*project.path("").to_string_lossy(), "[PROJECT]/"), printed.out);
    }
}
