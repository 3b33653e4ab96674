//! The small repositories in `fixtures/projects/`, scanned and fixed whole.

use serde_json::Value;

use crate::support::Project;
use crate::support::Run;

/// Fixes a project, and checks what holds of every fix: a second one changes nothing, and `undo` takes all back.
fn fix(project: &Project) -> Run {
    let run = project.run("fix");
    project.commit();
    assert!(project.run("fix").out.starts_with("Nothing to fix.\n"), "a second fix changes something");
    assert_eq!(project.run("undo").code, 0);
    assert_eq!(project.run_git(&["diff", "HEAD~1"]).out, "", "`undo` leaves something");
    project.commit();
    let apply = project.shell("qmigrate fix --dry-run | git apply");
    assert_eq!((apply.code, apply.err.as_str()), (0, ""));
    assert_eq!(project.run_git(&["diff", "HEAD~1"]).out, "", "the patch of a dry run is another");
    run
}

#[test]
fn the_findings_of_the_demo_read_well() {
    let project = Project::copy_of("demo");
    let run = project.run("scan");
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    insta::assert_snapshot!("demo_scan", run.out);
}

#[test]
fn the_demo_is_fixed_as_a_careful_person_would() {
    let project = Project::copy_of("demo");
    insta::assert_snapshot!("demo_patch", project.run("fix --dry-run").out);
    let run = fix(&project);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    insta::assert_snapshot!("demo_fix", run.out);
}

#[test]
fn a_monorepo_is_read_across_its_packages() {
    let project = Project::copy_of("monorepo");
    let report: Value = serde_json::from_str(&project.run("scan --format json").out).unwrap();
    assert_eq!(report["summary"]["migrated_sites"], 1);
    let run = fix(&project);
    assert_eq!(run.code, 0, "{}", run.err);
    let forecast = project.read("packages/billing/billing/forecast.py");
    assert!(forecast.contains("client = get_openai_client(timeout=30, workspace_id=workspace_id)"), "{forecast}");
    assert!(
        run.out.contains("routes.py:5:12: direct-client: `utils.openai_client_factory` can only be"),
        "{}",
        run.out
    );
}

#[test]
fn line_ends_marks_and_encodings_stay() {
    let project = Project::copy_of("crlf");
    let names = ["windows.py", "marked.py", "latin.py", "mixed.py"];
    let before = names.map(|name| project.read_bytes(name));
    let run = fix(&project);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    for (name, before) in names.iter().zip(before) {
        let after = project.read_bytes(name);
        let count = |text: &[u8], byte: u8| text.split(|&b| b == byte).count();
        let added = usize::from(*name == "windows.py");
        assert_eq!(count(&after, b'\n'), count(&before, b'\n') + added, "{name}");
        assert_eq!(count(&after, b'\r'), count(&before, b'\r') + added, "{name}");
        let foreign = |text: &[u8]| text.iter().copied().filter(|byte| !byte.is_ascii()).collect::<Vec<u8>>();
        assert_eq!(foreign(&after), foreign(&before), "{name}");
        assert!(after.windows(17).any(|text| text == b"get_openai_client"), "{name}");
    }
    assert!(project.read_bytes("marked.py").ends_with(b"# no line end follows"));
}

#[test]
fn broken_neighbours_are_named_and_the_rest_is_fixed() {
    let project = Project::copy_of("broken");
    let run = project.run("scan --format json");
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(run.code, 3);
    let kinds = [
        ("cookie.py", "encoding"),
        ("deep.py", "too-deep"),
        ("encoding.py", "encoding"),
        ("nul-byte.py", "encoding"),
        ("syntax.py", "syntax"),
    ];
    for (path, kind) in kinds {
        let mut problems = report["problems"].as_array().unwrap().iter();
        assert!(problems.any(|problem| problem["path"] == path && problem["kind"] == kind), "{path}: {}", run.out);
    }
    for finding in report["findings"].as_array().unwrap() {
        let is_sound = finding["path"] == "sound.py";
        assert_eq!((finding["fix"].is_object(), finding["held_back"].is_string()), (is_sound, !is_sound), "{finding}");
    }
    let run = project.run("fix");
    assert_eq!(run.code, 3);
    assert_eq!(project.run_git(&["diff", "--name-only"]).out, "sound.py\n");
}

#[test]
fn a_star_hands_on_what_has_another_name_where_it_comes_from() {
    let project = Project::git();
    project.write("a/__init__.py", "from .clients import *\n");
    project.write("a/clients.py", "from openai import OpenAI as Llm\n");
    project.write("b.py", "from a import *\n");
    project.write("user.py", "from b import Llm\nx = Llm()\n");
    project.write("src/clients.ts", "export { OpenAI as Llm } from 'openai';\n");
    project.write("src/index.ts", "export * from './clients';\n");
    project.write("user.ts", "import { Llm } from './src';\nnew Llm();\n");
    project.write("Cargo.toml", "[package]\nname = \"x\"\n[dependencies]\nasync-openai = \"0.30\"\n");
    project.write("src/lib.rs", "mod clients;\nmod index;\nmod user;\n");
    project.write("src/clients.rs", "pub use async_openai::Client as Llm;\n");
    project.write("src/index.rs", "pub use crate::clients::*;\n");
    project.write("src/user.rs", "use crate::index::Llm;\nfn f() { Llm::new(); }\n");
    project.commit();
    let run = project.run("scan");
    for place in ["user.py:2:5", "user.ts:2:1", "src/user.rs:2:10"] {
        assert!(run.out.contains(&format!("{place}: error[direct-client]")), "{place}\n{}", run.out);
    }
}
