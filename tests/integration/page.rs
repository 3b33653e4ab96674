#![expect(clippy::indexing_slicing, reason = "tests may stop at the first surprise")]
//! `qmigrate report`: the page, its data, and that nothing in it is obeyed.

use serde_json::Value;

use crate::support::Project;
use crate::support::Run;

/// A day, in seconds since 1970.
const DAY: u64 = 1_800_000_000;

fn run(project: &Project, day: u64, arguments: &str) -> Run {
    let mut command = project.command();
    command.arg("report").args(arguments.split_whitespace());
    command.env("SOURCE_DATE_EPOCH", (DAY + day * 86_400).to_string());
    let run = project.finish(&mut command, "");
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    run
}

fn json(project: &Project, day: u64) -> Value {
    serde_json::from_str(&run(project, day, "--format json").out).unwrap_or_default()
}

#[test]
fn the_page_tells_what_scan_and_plan_say() {
    let project = Project::copy_of("demo");
    project.write(".github/CODEOWNERS", "* @org/all\n/backend/services/ @org/ai @lead\n");
    project.commit();
    let report = json(&project, 0);
    let scan: Value = serde_json::from_str(&project.run("scan --format json").out).unwrap_or_default();
    let findings = scan["findings"].as_array().cloned().unwrap_or_default();
    let held = findings.iter().filter(|finding| finding["fix"].is_null() && finding["standing"] == "new").count();
    assert_eq!(report["totals"]["held_back"], held);
    assert_eq!(report["totals"]["migrated"], scan["summary"]["migrated_sites"]);
    assert_eq!(report["totals"]["suppressed"], scan["summary"]["suppressed"]);
    let plan: Value = serde_json::from_str(&project.run("plan --format json").out).unwrap_or_default();
    assert_eq!(report["plan"], plan["batches"]);
    let of_owner = |name: &str| {
        let owners = report["owners"].as_array().cloned().unwrap_or_default();
        owners.iter().find(|owner| owner["name"] == name).map(|owner| owner["pending"].clone())
    };
    assert_eq!(of_owner("@org/ai"), of_owner("@lead"));
    assert!(of_owner("@org/all").is_some() && of_owner("nobody").is_none());
    assert_eq!(report["suppressions"][0]["reason"], "tests the key itself, for no workspace");
    assert!(report["suppressions"][0]["since"].is_string());
    assert_eq!(report["history"]["commits"].as_array().map(Vec::len), Some(2));
    insta::assert_snapshot!(
        "report_markdown",
        run(&project, 0, "--format markdown").out.replace(&since(&report), "[SINCE]")
    );
}

/// When the suppression was committed, and how long ago: today's clock made the commit.
fn since(report: &Value) -> String {
    let place = &report["suppressions"][0];
    format!("{} ({} days)", place["since"].as_str().unwrap_or_default(), place["days"])
}

#[test]
fn a_later_report_tells_what_changed_and_how_to_take_a_fix_back() {
    let project = Project::copy_of("demo");
    let first = json(&project, 0);
    assert_eq!(first["last"], Value::Null);
    assert_eq!(project.run("fix").code, 0);
    project.commit();
    assert_eq!(json(&project, 0)["last"], Value::Null, "a report of the same day is not an earlier one");
    let later = json(&project, 3);
    let (left, now) = (first["totals"]["left"].as_i64(), later["totals"]["left"].as_i64());
    assert!(now < left);
    assert_eq!(json(&project, 3)["last"], later["last"]);
    let id = later["rollbacks"][0]["id"].as_str().unwrap_or_default().to_owned();
    let page = run(&project, 3, "").out;
    assert!(page.contains(&format!("qmigrate undo {id}")), "{page}");
    let undone = project.run(&format!("undo {id}"));
    assert_eq!(undone.code, 0, "{}", undone.err);
    assert_eq!(json(&project, 3)["rollbacks"], Value::from(Vec::<Value>::new()));
}

#[test]
fn nothing_of_a_file_is_obeyed_by_the_page() {
    let project = Project::git();
    let name = "a<script>alert(1)<|script>\u{202e}\"'&/x`y|z.py".replace('|', "!");
    project.write(
        &name,
        "from openai import OpenAI\n\n\nclass Mine(OpenAI): title = '</pre><img src=x onerror=alert(1)>'  # [a](javascript:b)\n\n\nclient = OpenAI()  # qmigrate: ignore[direct-client] <b>|bold|</b>\n",
    );
    project.commit();
    let html = run(&project, 0, "").out;
    for hostile in ["<script", "<img", "<b>", "\u{202e}"] {
        assert!(!html.contains(hostile), "{hostile} in {html}");
    }
    assert!(html.contains("&lt;&#x2f;pre&gt;&lt;img") && html.contains("\\u{202e}"), "{html}");
    let markdown = run(&project, 0, "--format markdown").out;
    assert!(markdown.contains("&lt;b&gt;\\|bold\\|"), "{markdown}");
    assert!(!markdown.contains('\u{202e}'));
    let data = run(&project, 0, "--format json").out;
    assert!(!data.contains('\u{202e}'));
    let data: Value = serde_json::from_str(&data).unwrap_or_default();
    assert!(data["manual"][0]["path"].as_str().is_some_and(|path| path.contains('\u{202e}')), "{data:#}");
}

#[test]
fn a_page_needs_nothing_else() {
    let project = Project::copy_of("demo");
    let html = run(&project, 0, "--output page.html");
    assert_eq!(html.out, "");
    let html = project.read("page.html");
    let own = html.replace("http://www.w3.org/2000/svg", "");
    for way in ["http://", "https://", " src=", " href=", "<link", "<script", "@import", "url("] {
        assert!(!own.contains(way), "{way}");
    }
}

#[test]
fn outside_git_a_page_has_no_history() {
    let project = Project::new();
    project.write("a.py", "from openai import OpenAI\nclient = OpenAI()\n");
    let mut command = project.command();
    command.args(["report", "--format", "json"]).env("XDG_STATE_HOME", project.path("../state"));
    let run = project.finish(&mut command, "");
    assert_eq!(run.code, 0, "{}", run.err);
    let report: Value = serde_json::from_str(&run.out).unwrap_or_default();
    assert_eq!((&report["history"], &report["totals"]["left"]), (&Value::Null, &Value::from(1)));
    let mut command = project.command();
    command.arg("report").env("XDG_STATE_HOME", project.path("../state"));
    assert!(project.finish(&mut command, "").out.contains("Not enough data for a forecast."));
}
