//! `qmigrate init`, as a process.

use crate::support::FACTORY;
use crate::support::Project;

#[test]
fn an_empty_project_gets_the_defaults_and_the_names_of_the_functions() {
    insta::assert_snapshot!(Project::git().run("init").out);
}

#[test]
fn what_is_written_fits_the_project_and_is_read_again() {
    let project = Project::git();
    project.write("backend/llm/__init__.py", "");
    project.write("backend/llm/clients.py", &FACTORY.replace("workspace_id", "tenant_id"));
    project.write("backend/app.py", "import openai\nfrom llm.clients import get_openai_client\n");
    project.write("vendor/x.py", "import openai\n");
    let run = project.run("init");
    assert_eq!(run.code, 0, "{}", run.err);
    let written = project.read("qmigrate.toml");
    assert!(run.out.contains("Wrote `qmigrate.toml`:"), "{}", run.out);
    let table: toml::Table = written.parse().unwrap();
    assert_eq!(table["factory"]["python"].as_str(), Some("llm.clients"));
    assert_eq!(table["context"]["argument"].as_str(), Some("tenant_id"));
    assert_eq!(table["exclude"][0].as_str(), Some("vendor/**"));
    assert!(written.contains("# include = [\"backend/**\"]"), "{written}");
    assert_eq!(project.run("rule list").code, 0);
}

#[test]
fn every_line_that_is_commented_out_is_a_known_key_too() {
    let project = Project::git();
    project.run("init");
    project.write("tools/qmigrate-rules/x", "");
    project.write("src/x", "");
    let text = project.read("qmigrate.toml");
    let uncommented: Vec<&str> = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") => rest,
            _ => line,
        })
        .collect();
    project.write("qmigrate.toml", &uncommented.join("\n"));
    let run = project.run("rule list");
    assert_eq!(run.code, 0, "{}", run.err);
}

#[test]
fn nothing_is_overwritten() {
    let project = Project::git();
    project.write("qmigrate.toml", "include = ['a']\n");
    project.refuses("init", "error: the project has a configuration: `qmigrate.toml`\nhint: ");
    assert_eq!(project.read("qmigrate.toml"), "include = ['a']\n");
    let other = Project::git();
    other.write("pyproject.toml", "[tool.qmigrate]\n");
    other.refuses("init", "error: the project has a configuration: `pyproject.toml`");
    other.write("sub/x.py", "");
    let mut command = other.command();
    command.current_dir(other.path("sub")).arg("init");
    assert_eq!(other.finish(&mut command, "").code, 2);
}

#[test]
fn it_is_written_to_the_root_of_the_repository() {
    let project = Project::git();
    project.write("sub/x.py", "");
    let mut command = project.command();
    command.current_dir(project.path("sub")).arg("init");
    let run = project.finish(&mut command, "");
    assert!(run.out.starts_with("Wrote `../qmigrate.toml`:"), "{}", run.out);
}

#[test]
fn projects_in_other_languages_get_what_fits_them() {
    let project = Project::git();
    project.write("web/src/ai.ts", "import OpenAI from 'openai';\nexport function getOpenAIClient({ tenantId, ...rest }: any) { return new OpenAI(rest); }\n");
    project.write("core/Cargo.toml", "[package]\nname = \"core\"\n");
    project.write("core/src/llm.rs", "use async_openai::Client;\npub fn f() { Client::new(); }\n");
    project.write(".gitignore", "node_modules\n");
    let run = project.run("init");
    assert_eq!(run.code, 0, "{}", run.err);
    let written = project.read("qmigrate.toml");
    let table: toml::Table = written.parse().unwrap();
    assert_eq!(table["factory"]["typescript"].as_str(), Some("web/src/ai"));
    assert_eq!(table["context"]["argument"].as_str(), Some("tenant_id"));
    assert!(written.contains("# rust = \"crate::openai_client\"   # not found in the project yet"), "{written}");
    assert!(written.contains("# include = [\"core/**\", \"web/**\"]"), "{written}");
    assert!(!written.to_lowercase().contains("python"), "{written}");
    assert!(run.out.contains("There is no factory in Rust yet."), "{}", run.out);
    assert!(!run.out.contains("get_openai_client"), "{}", run.out);
    project.commit();
    let scan = project.run("scan");
    assert_eq!((scan.code, scan.out.contains("web/src/ai.ts")), (1, false), "{}{}", scan.out, scan.err);
}
