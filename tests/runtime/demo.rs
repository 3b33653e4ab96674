//! The demo gets the factory, is migrated, and runs: each of its calls is in the report.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::Failed;
use serde_json::Value;

use crate::environment::Environment;
use crate::finish;
use crate::runtime;
use crate::support::Project;

/// Runs the whole way, from a factory that counts nothing to the report.
pub(crate) fn run(environment: &Environment) -> Result<(), Failed> {
    let project = Project::copy_of("demo");
    for command in ["init --factory python --write", "fix"] {
        let run = project.run(command);
        assert_eq!(run.code, 0, "{command}: {}{}", run.out, run.err);
    }
    assert_eq!(project.run("init --check").code, 0);

    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runtime/demo.py");
    let database = project.path("../usage.sqlite3");
    let backend = project.path("backend");
    let mut command = environment.python();
    command.arg(driver).arg(runtime().join("tests")).current_dir(&backend);
    command.env("PYTHONPATH", &backend).env("QUOTA_DB", &database);
    let said = finish(&mut command)?;
    // What the server was asked, by workspace and model, as the driver has it from the server's own log.
    let asked: BTreeMap<String, u64> = serde_json::from_str(said.lines().last().unwrap_or_default())?;
    assert!(asked.values().sum::<u64>() >= 10, "{asked:?}");

    let mut command = environment.python();
    command.args(["-m", "openai_runtime", "report", "--json", "--by", "workspace,model", "--db"]).arg(&database);
    let report: Value = serde_json::from_str(&finish(command.current_dir(&backend))?)?;
    let rows = report["rows"].as_array().unwrap();
    let name =
        |row: &Value| format!("{} {}", row["workspace"].as_str().unwrap_or("-"), row["model"].as_str().unwrap_or("-"));
    let reported: BTreeMap<String, u64> =
        rows.iter().map(|row| (name(row), row["requests"].as_u64().unwrap())).collect();
    assert_eq!(reported, asked);
    for row in rows {
        // Moderations are free, and have no usage.
        let is_free = name(row).ends_with("omni-moderation-latest");
        assert_eq!(row["errors"], 0, "{row}");
        assert_eq!(row["input_tokens"].as_u64() > Some(0), !is_free, "{row}");
        assert_eq!(row["cost_nano"].as_u64() > Some(0), !is_free, "{row}");
    }

    let mut tests = environment.python();
    tests.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]).current_dir(project.path(""));
    finish(tests.env("OPENAI_API_KEY", "k").env("QUOTA_DB", "memory:"))?;
    Ok(())
}
