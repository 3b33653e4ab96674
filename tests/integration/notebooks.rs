#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "tests may stop at the first surprise"
)]
//! Notebooks, scanned and fixed as a user would.

use serde_json::Value;
use serde_json::json;

use crate::support::FACTORY;
use crate::support::Project;

/// A notebook with these code cells.
fn notebook(cells: &[&str]) -> String {
    let cell = |source: &&str| {
        let lines: Vec<&str> = source.split_inclusive('\n').collect();
        json!({"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": lines})
    };
    let cells: Vec<Value> = cells.iter().map(cell).collect();
    let notebook = json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4});
    serde_json::to_string_pretty(&notebook).unwrap() + "\n"
}

/// The code of a notebook's code cells.
fn sources(text: &str) -> Vec<String> {
    let notebook: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    let cells = notebook["cells"].as_array().unwrap().iter();
    let text = |source: &Value| match source {
        Value::Array(lines) => lines.iter().map(|line| line.as_str().unwrap()).collect(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    cells.map(|cell| text(&cell["source"])).collect()
}

/// A project with a factory and one notebook.
fn project(cells: &[&str]) -> Project {
    let project = Project::git();
    project.write("utils/openai_client_factory.py", FACTORY);
    project.write("a.ipynb", &notebook(cells));
    project.commit();
    project
}

fn scan(project: &Project) -> Value {
    serde_json::from_str(&project.run("scan --format json").out).unwrap()
}

/// Fixes a notebook with these cells, and compares them with what is expected.
fn check(before: &[&str], after: &[&str]) {
    let project = project(before);
    let run = project.run("fix");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(project.read("a.ipynb"), notebook(after), "{}", run.out);
}

#[test]
fn the_fixture_reads_well_and_is_fixed_as_a_careful_person_would() {
    let project = Project::copy_of("notebooks");
    insta::assert_snapshot!("notebooks_scan", project.run("scan").out);
    insta::assert_snapshot!("notebooks_patch", project.run("fix --dry-run").out);
    let names = ["complaints.ipynb", "studies/tone.ipynb", "windows.ipynb", "old.ipynb", "statistics.ipynb"];
    let before = names.map(|name| project.read_bytes(name));
    assert_eq!(project.run("fix").code, 0);
    project.commit();
    assert!(project.run("fix").out.starts_with("Nothing to fix.\n"), "a second fix changes something");
    let after = names.map(|name| project.read_bytes(name));
    assert_eq!(project.run("undo").code, 0);
    assert_eq!(names.map(|name| project.read_bytes(name)), before);
    project.commit();
    let apply = project.shell("qmigrate fix --dry-run | git apply");
    assert_eq!((apply.code, apply.err.as_str()), (0, ""));
    assert_eq!(names.map(|name| project.read_bytes(name)), after);
}

#[test]
fn places_and_edits_count_within_the_cell() {
    let project = Project::copy_of("notebooks");
    let report = scan(&project);
    for finding in report["findings"].as_array().unwrap() {
        let path = finding["path"].as_str().unwrap();
        let Some(cell) = finding["cell"].as_u64() else { continue };
        if path == "old.ipynb" {
            continue;
        }
        let mut sources = sources(&String::from_utf8(project.read_bytes(path)).unwrap());
        let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
        let source = &sources[usize::try_from(cell).unwrap() - 1];
        let before = &source[..number(&finding["start"])];
        assert!(source[before.len()..].contains('('), "{finding}");
        assert_eq!(number(&finding["line"]), before.matches('\n').count() + 1, "{finding}");
        let last = before.rsplit('\n').next().unwrap();
        assert_eq!(number(&finding["column"]), last.chars().count() + 1, "{finding}");
        // The edits of one fix, applied alone from the last to the first, leave what calls the factory.
        let Some(edits) = finding["fix"]["edits"].as_array() else { continue };
        for edit in edits.iter().rev() {
            let source = &mut sources[number(&edit["cell"]) - 1];
            source.replace_range(number(&edit["start"])..number(&edit["end"]), edit["text"].as_str().unwrap());
        }
        let all = sources.join("\n");
        assert!(all.contains("openai_client_factory import get_") && all.contains("openai_client("), "{all}");
    }
    assert_eq!(report["summary"]["cells_skipped"], 4);
}

#[test]
fn the_import_goes_where_the_import_was() {
    check(
        &["from openai import OpenAI", "x = 1", "a = OpenAI()", "b = OpenAI()"],
        &[
            "from utils.openai_client_factory import get_openai_client",
            "x = 1",
            "a = get_openai_client()",
            "b = get_openai_client()",
        ],
    );
    check(
        &["import openai, os\n", "os\nopenai.OpenAI()"],
        &["import os\nfrom utils.openai_client_factory import get_openai_client\n", "os\nget_openai_client()"],
    );
}

#[test]
fn the_last_line_of_a_cell_goes_with_the_end_of_the_line_before() {
    check(
        &[
            "from utils.openai_client_factory import get_openai_client",
            "import os\nfrom openai import OpenAI",
            "os, OpenAI()",
        ],
        &["from utils.openai_client_factory import get_openai_client", "import os", "os, get_openai_client()"],
    );
}

#[test]
fn what_magics_name_keeps_its_import() {
    for magic in ["%timeit OpenAI()", "OpenAI?", "!echo {OpenAI.__name__}", "%%timeit\nOpenAI()", "%%unknown\nOpenAI()"]
    {
        let import = "from openai import OpenAI\nfrom utils.openai_client_factory import get_openai_client";
        check(&["from openai import OpenAI", magic, "OpenAI()"], &[import, magic, "get_openai_client()"]);
    }
    for magic in ["!pip install openai", "%pip install openai", "%%bash\npip install openai", "%%writefile a\nopenai"] {
        let import = "from utils.openai_client_factory import get_openai_client";
        check(&["import openai", magic, "openai.OpenAI()"], &[import, magic, "get_openai_client()"]);
    }
}

#[test]
fn cells_do_not_hide_one_another() {
    let import = "from openai import OpenAI";
    let factory = "from utils.openai_client_factory import get_openai_client";
    for between in [
        "raise SystemExit",
        "def f(:",
        "print 'x'",
        "x = (",
        "x = 1 \\",
        "'''",
        "exit()",
        "return",
        "%%html\n<b>",
        "await x()",
    ] {
        check(&[import, between, "OpenAI()"], &[factory, between, "get_openai_client()"]);
    }
    let guarded = "try:\n    from openai import OpenAI\nexcept ImportError:\n    OpenAI = None";
    let report = scan(&project(&["raise SystemExit", guarded, "OpenAI()"]));
    assert_eq!(report["summary"]["by_rule"], json!({"direct-client": 1}));
    check(
        &["    from openai import OpenAI\n    x = 1", "  OpenAI(\n  )"],
        &["    from utils.openai_client_factory import get_openai_client\n    x = 1", "  get_openai_client(\n  )"],
    );
}

#[test]
fn suppressions_speak_for_their_cell() {
    let import = "from openai import OpenAI";
    let comment = "# qmigrate: ignore[direct-client] a demonstration";
    let standings = |cells: &[&str]| {
        let report = scan(&project(cells));
        let findings = report["findings"].as_array().unwrap().iter();
        let direct = findings.filter(|finding| finding["rule"] == "direct-client");
        direct.map(|finding| finding["standing"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(standings(&[import, &format!("{comment}\nOpenAI()"), "OpenAI()"]), ["suppressed", "new"]);
    assert_eq!(standings(&[import, comment, "OpenAI()"]), ["new"]);
    let whole = "# qmigrate: ignore-file[direct-client] a demonstration";
    assert_eq!(standings(&[&format!("{whole}\n{import}"), "OpenAI()"]), ["suppressed"]);
    assert_eq!(standings(&[import, &format!("{whole}\nx = 1\nOpenAI()")]), ["new"]);
}

#[test]
fn only_the_size_of_the_code_counts() {
    let project = project(&["from openai import OpenAI", "OpenAI()"]);
    let large = "A".repeat(6 * 1024 * 1024);
    let outputs = format!("\"outputs\": [{{\"data\": {{\"image/png\": \"{large}\"}}}}]");
    project.write("a.ipynb", &project.read("a.ipynb").replacen("\"outputs\": []", &outputs, 1));
    project.write("b.ipynb", &notebook(&[&format!("from openai import OpenAI\nx = '{large}'")]));
    project.commit();
    let run = project.run("fix");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("b.ipynb:1:1: too-large: 6 MiB"), "{}", run.out);
    let fixed = project.read("a.ipynb");
    assert!(fixed.contains(&outputs) && fixed.contains("get_openai_client()"));
}

#[test]
fn broken_notebooks_are_problems_with_their_place() {
    let project = project(&["from openai import OpenAI", "OpenAI()"]);
    let text = project.read("a.ipynb");
    project.write("conflict.ipynb", &text.replacen("  \"nbformat\"", "<<<<<<< HEAD\n  \"nbformat\"", 1));
    project.write("cut.ipynb", &text[..text.len() / 2]);
    project.write("list.ipynb", "[\"openai\"]");
    project.write("none.ipynb", "{\"cells\": \"import openai\"}");
    project.write("stranger.ipynb", "{\"cells\": [");
    std::fs::write(project.path("latin.ipynb"), b"{\"cells\": [\"openai \xe9\"]}").unwrap();
    let run = project.run("scan --format json");
    assert_eq!(run.code, 3);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let problems = report["problems"].as_array().unwrap().iter();
    let problems = problems.map(|problem| (problem["path"].as_str().unwrap(), problem["kind"].as_str().unwrap()));
    let expected =
        [("conflict", "syntax"), ("cut", "syntax"), ("latin", "encoding"), ("list", "syntax"), ("none", "syntax")];
    assert_eq!(problems.map(|(path, kind)| (path.trim_end_matches(".ipynb"), kind)).collect::<Vec<_>>(), expected);
    let conflict = report["problems"].as_array().unwrap().first().unwrap();
    let line = project.read("conflict.ipynb").lines().position(|line| line.starts_with("<<<")).unwrap() + 1;
    assert_eq!((&conflict["line"], &conflict["column"]), (&json!(line), &json!(1)), "{conflict}");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_notebook_is_read_from_standard_input() {
    let project = project(&["x = 1"]);
    let text = notebook(&["from openai import OpenAI", "OpenAI()"]);
    let run = project.run_with("scan - --stdin-filename notes/new.ipynb --format json", &text);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["findings"][0]["cell"], 2, "{}", run.out);
    assert_eq!(report["findings"][0]["fix"]["edits"][0]["cell"], 1, "{}", run.out);
}

#[test]
fn nothing_imports_a_notebook() {
    let project = project(&["x = 1"]);
    // Its name must not make it a copy of the SDK, nor a module.
    project.write("openai.ipynb", &notebook(&["from openai import OpenAI, AzureOpenAI", "OpenAI()"]));
    project.write("openai/__init__.py", "class OpenAI: ...\n");
    project.write("openai/examples/a.ipynb", &notebook(&["from openai import OpenAI", "OpenAI()"]));
    project.write("llm.ipynb", &notebook(&["from openai import OpenAI"]));
    project.write("app.py", "from llm import OpenAI\n\nOpenAI()\n");
    let report = scan(&project);
    let findings = report["findings"].as_array().unwrap().iter();
    assert_eq!(findings.map(|finding| finding["path"].as_str().unwrap()).collect::<Vec<_>>(), ["openai.ipynb"]);
}

#[test]
fn an_answer_of_no_leaves_a_notebook_as_it_is() {
    let project = project(&["from openai import OpenAI", "a = OpenAI()", "b = OpenAI()"]);
    let run = project.run_with("fix --interactive", "n\ny\n");
    assert_eq!(run.code, 0, "{}", run.err);
    let import = "from openai import OpenAI\nfrom utils.openai_client_factory import get_openai_client";
    assert_eq!(sources(&project.read("a.ipynb")), [import, "a = OpenAI()", "b = get_openai_client()"]);
}

#[test]
fn a_broken_cell_of_typescript_hides_no_other() {
    let kernel =
        json!({"kernelspec": {"name": "tslab", "language": "typescript"}, "language_info": {"name": "typescript"}});
    let typed = |cells: &[&str]| {
        let mut notebook: Value = serde_json::from_str(&notebook(cells)).unwrap();
        notebook["metadata"] = kernel.clone();
        serde_json::to_string_pretty(&notebook).unwrap() + "\n"
    };
    let run = |before: &[&str]| {
        let project = Project::git();
        project.write("lib/ai/openai-client.ts", "export function getOpenAIClient(options: any = {}) {}\n");
        project.write("a.ipynb", &typed(before));
        project.commit();
        let scan: Value = serde_json::from_str(&project.run("scan --format json").out).unwrap();
        assert_eq!(scan["problems"], json!([]), "{scan}");
        project.run("fix");
        (sources(&project.read("a.ipynb")), scan["summary"]["cells_skipped"].clone())
    };
    let (after, skipped) =
        run(&["import OpenAI from 'openai';", "%%html\n<b>", "let x = ;", "const llm = new OpenAI()"]);
    assert_eq!(after[0], "import { getOpenAIClient } from './lib/ai/openai-client';");
    assert_eq!(after[3], "const llm = getOpenAIClient()");
    assert_eq!(skipped, 2);
    let (after, _) = run(&["import OpenAI from 'openai';", "new OpenAI() +;", "new OpenAI()", "(await x)"]);
    assert!(after[0].starts_with("import OpenAI from 'openai';\n"), "a cell that may read the name: {after:?}");
    assert_eq!(after[2], "getOpenAIClient()");
}
