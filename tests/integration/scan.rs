#![expect(clippy::unwrap_used, reason = "tests may stop at the first surprise")]
//! `qmigrate scan`, as a process.

use std::process::Stdio;

use serde_json::Value;

use crate::support::Project;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn findings_are_shown_with_their_source_and_fail_the_run() {
    let project = Project::demo();
    let run = project.run("scan");
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    assert!(run.out.contains("app/llm.py:5:12: error[direct-client]"), "{}", run.out);
    assert!(run.out.contains("return OpenAI(timeout=30)"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}'), "no colour in a pipe: {}", run.out);
}

#[test]
fn json_is_schema_1_and_the_same_each_time() {
    let project = Project::demo();
    let run = project.run("scan --format json");
    let report = json(&run.out);
    assert_eq!((run.code, report["schema"].as_u64()), (1, Some(1)));
    let finding = &report["findings"][0];
    assert_eq!(finding["path"], "app/llm.py");
    assert_eq!((finding["line"].as_u64(), finding["column"].as_u64()), (Some(5), Some(12)));
    assert_eq!(finding["symbol"], "openai.OpenAI");
    assert_eq!(finding["fix"]["applicability"], "safe");
    assert_eq!(project.run("scan --format json --threads 1").out, run.out);
}

#[test]
fn paths_are_relative_to_the_working_directory() {
    let project = Project::demo();
    let mut command = project.command();
    command.current_dir(project.path("utils")).args(["scan", "../app", "--format", "json"]);
    let run = project.finish(&mut command, "");
    assert_eq!(json(&run.out)["findings"][0]["path"], "../app/llm.py");
}

#[test]
fn a_report_goes_to_a_file_whole() {
    let project = Project::demo();
    project.write("report.jsonl", "old");
    let run = project.run("scan --format jsonl --output report.jsonl");
    assert_eq!((run.code, run.out.as_str()), (1, ""));
    let report = project.read("report.jsonl");
    assert_eq!(json(report.lines().next().unwrap())["type"], "finding");
    assert_eq!(json(report.lines().last().unwrap())["type"], "summary");
}

#[test]
fn severity_and_flags_decide_the_exit_code() {
    let project = Project::demo();
    assert_eq!(project.run("scan --exit-zero").code, 0);
    assert_eq!(project.run("scan --ignore direct-client").code, 0);
    assert_eq!(project.run("scan --select client-subclass,stale-patch").code, 0);
    assert_eq!(project.run("scan --language rust").code, 0);
    assert_eq!(project.run("scan --no-baseline").code, 1);
    project.write("qmigrate.toml", "[rule.direct-client]\nseverity = 'warning'\n");
    assert_eq!(project.run("scan").code, 0);
    assert_eq!(project.run("scan --fail-on warning").code, 1);
}

#[test]
fn standard_input_is_read_under_the_name_given() {
    let project = Project::demo();
    let text = "import openai\nclient = openai.AsyncOpenAI()\n";
    let run = project.run_with("scan - --stdin-filename app/new.py --format json", text);
    let report = json(&run.out);
    assert_eq!((run.code, report["findings"].as_array().unwrap().len()), (1, 1));
    assert_eq!(report["findings"][0]["path"], "app/new.py");
}

#[test]
fn a_broken_file_is_named_and_the_rest_is_done() {
    let project = Project::demo();
    project.write("app/broken.py", "from openai import OpenAI\nOpenAI(\n");
    let run = project.run("scan --format json");
    let report = json(&run.out);
    assert_eq!(run.code, 3);
    assert_eq!(report["problems"][0]["path"], "app/broken.py");
    assert_eq!(report["problems"][0]["kind"], "syntax");
    let paths: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"app/llm.py"), "{paths:?}");
    assert_eq!(project.run("scan --exit-zero").code, 3);
}

#[test]
fn a_missing_path_is_refused_with_its_neighbour() {
    let project = Project::demo();
    project.refuses("scan ap", "error: no such file or folder: `ap`\nhint: did you mean `app`?");
}

#[test]
fn wrong_words_are_refused_with_the_nearest_right_one() {
    let project = Project::new();
    project.refuses("scan --select direct_client", "hint: did you mean `direct-client`?");
    project.refuses("scan --ignore legacy", "error: unknown rule `legacy`");
    project.refuses("scan --language pyton", "a similar value exists: 'python'");
    project.refuses("scan --format jsn", "a similar value exists: 'json'");
    project.refuses("scan --fail-on warn", "a similar value exists: 'warning'");
    project.refuses("scan --exit-zer", "a similar argument exists: '--exit-zero'");
    project.refuses("scna", "a similar subcommand exists: 'scan'");
    project.refuses("scan --threads 0", "0 is not in 1..=1024");
    project.refuses("scan -q -v", "cannot be used with");
    project.refuses("scan --output no/such/folder/x", "error: cannot write `no/such/folder/x`");
}

#[test]
fn standard_input_needs_a_name_and_a_name_needs_standard_input() {
    let project = Project::new();
    project.refuses("scan -", "the path `-` needs `--stdin-filename`");
    project.refuses("scan --stdin-filename a.py", "of use only with the path `-`");
    project.refuses("scan - app --stdin-filename a.py", "together with other paths");
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let project = Project::new();
    let mut command = project.command();
    command.args(["completions", "zsh"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn help_is_short_or_long_and_goes_to_standard_output() {
    let project = Project::new();
    let (short, long) = (project.run("scan -h"), project.run("scan --help"));
    assert_eq!((short.code, long.code), (0, 0));
    assert!(!short.out.contains("Examples:") && long.out.contains("Examples:"));
    assert!(project.run("--version").out.starts_with("qmigrate "));
    assert!(project.run("completions bash").out.contains("qmigrate"));
}
