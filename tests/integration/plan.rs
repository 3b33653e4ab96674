#![expect(clippy::indexing_slicing, reason = "tests may stop at the first surprise")]
//! `qmigrate plan` and `qmigrate fix --batch`: the work that is left, and one part of it.

use serde_json::Value;

use crate::support::Project;

const CLIENT: &str = "from openai import OpenAI\n\n\ndef connect(workspace_id):\n    return OpenAI()\n";

/// A project in which `main.py` and `job.py` import `deep.py` through `middle.py`, and `lone.py` is imported by nobody.
fn project() -> Project {
    let project = Project::demo();
    project.write("deep.py", CLIENT);
    project.write("middle.py", "import deep\n");
    project.write("main.py", &format!("import middle\n{CLIENT}"));
    project.write("job.py", "import middle\n");
    project.write("lone.py", "from openai import OpenAI\n\n\nclass Mine(OpenAI): ...\n");
    project.commit();
    project
}

fn json(project: &Project, arguments: &str) -> Value {
    let run = project.run(&format!("plan --format json {arguments}"));
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    serde_json::from_str(&run.out).unwrap_or_default()
}

fn names(batch: &Value) -> Vec<&str> {
    let files = batch["files"].as_array().into_iter().flatten();
    files.filter_map(|file| file["path"].as_str()).collect()
}

#[test]
fn what_most_entry_points_depend_on_comes_first_and_what_waits_comes_later() {
    let plan = json(&project(), "");
    let batches = plan["batches"].as_array().cloned().unwrap_or_default();
    assert_eq!(batches.len(), 2, "{plan:#}");
    assert_eq!(names(&batches[0]), ["deep.py", "app/llm.py", "lone.py"]);
    assert_eq!(names(&batches[1]), ["main.py"]);
    let deep = &batches[0]["files"][0];
    assert_eq!((&deep["dependents"], &deep["entry_points"]), (&Value::from(3), &Value::from(2)));
    assert_eq!(batches[1]["files"][0]["waits_for"], Value::from(vec!["deep.py"]));
    assert_eq!(batches[0]["files"][2]["confidence"], "manual");
}

#[test]
fn batches_of_the_configuration_are_measured() {
    let project = project();
    project.write(
        "qmigrate.toml",
        "[[batch]]\nname = 'app'\npaths = ['app/**']\ndue = 2026-12-24\n[[batch]]\nname = 'jobs'\npaths = ['job.py']\n",
    );
    project.write(
        "tests/test_llm.py",
        "from unittest.mock import patch\n\n\n@patch('app.llm.OpenAI')\ndef test_connect(client): ...\n",
    );
    project.commit();
    let plan = json(&project, "");
    let names: Vec<&str> =
        plan["batches"].as_array().into_iter().flatten().filter_map(|batch| batch["name"].as_str()).collect();
    assert_eq!(names, ["app", "jobs", "rest"]);
    let app = &plan["batches"][0];
    assert_eq!((&app["due"], &app["done"]), (&Value::from("2026-12-24"), &Value::from(false)));
    assert_eq!((&app["criteria"]["fixable"], &app["criteria"]["patches_left"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(plan["batches"][1]["done"], true);

    let run = project.run("fix --batch app");
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(project.read("app/llm.py").contains("get_openai_client(timeout=30, workspace_id=workspace_id)"));
    assert!(project.read("deep.py").contains("OpenAI()"), "only the batch is fixed");
    let app = &json(&project, "")["batches"][0];
    assert_eq!(app["done"], true, "{app:#}");
    assert_eq!(
        (&app["criteria"]["migrated_sites"], &app["criteria"]["patches_migrated"]),
        (&Value::from(1), &Value::from(1))
    );
    let again = project.run("fix --batch app");
    assert_eq!((again.code, again.out.as_str()), (0, ""));
    assert_eq!(again.err, "warning: nothing is left in the batch `app`\n");
}

#[test]
fn a_plan_is_for_people_and_for_pages_too() {
    let project = project();
    insta::assert_snapshot!("text", project.run("plan").out);
    insta::assert_snapshot!("markdown", project.run("plan --format markdown").out);
    let next = project.run("plan --next 1 --quiet").out;
    assert!(next.contains("deep.py") && !next.contains("lone.py"), "{next}");
    project.refuses("plan --batch bach-1", "hint: did you mean `batch-1`?");
}
