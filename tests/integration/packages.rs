#![expect(clippy::unwrap_used, reason = "tests may stop at the first surprise")]
//! Workspaces of packages in TypeScript: a factory in one of them, and clients that one hands on to another.

use std::collections::BTreeSet;

use crate::support::Project;

const FACTORY: &str = "import OpenAI, { type ClientOptions } from 'openai';\n\n\
    export function getOpenAIClient(options: ClientOptions & { workspaceId?: string } = {}): OpenAI {\n  \
    const { workspaceId, ...rest } = options;\n  return new OpenAI({ ...rest, project: workspaceId });\n}\n";
const CALL: &str = "import OpenAI from 'openai';\nexport const a = new OpenAI();\n";

/// Two packages, one of which holds the factory; `exports` is what its manifest says of it.
fn workspaces(exports: &str, module: &str) -> Project {
    let project = Project::git();
    project.write("package.json", r#"{ "private": true, "workspaces": ["apps/*", "packages/*"] }"#);
    project.write("packages/llm/package.json", &format!(r#"{{ "name": "@acme/llm", {exports} }}"#));
    project.write("packages/llm/src/factory.ts", FACTORY);
    project.write("packages/llm/src/inner.ts", CALL);
    project.write("packages/llm/src/index.ts", "export { getOpenAIClient } from './factory';\n");
    project.write("apps/web/package.json", r#"{ "name": "web", "dependencies": { "@acme/llm": "workspace:*" } }"#);
    project.write("apps/web/src/a.ts", CALL);
    project.write("qmigrate.toml", &format!("[factory]\ntypescript = \"{module}\"\n"));
    project.commit();
    project
}

#[test]
fn a_factory_in_another_package_is_asked_for_by_a_name_that_the_package_exports() {
    let cases = [
        (r#""exports": { "./ai": "./src/factory.ts" }"#, "packages/llm/src/factory", "@acme/llm/ai"),
        (r#""exports": { "./*": "./src/*.ts" }"#, "packages/llm/src/factory", "@acme/llm/factory"),
        (r#""exports": { "./*": { "import": "./dist/*.js" } }"#, "packages/llm/src/factory", "@acme/llm/factory"),
        (r#""exports": "./src/factory.ts""#, "packages/llm/src/factory", "@acme/llm"),
        (r#""main": "./src/factory.ts""#, "packages/llm/src/factory", "@acme/llm"),
        (r#""main": "./src/index.ts""#, "packages/llm/src/factory", "@acme/llm/src/factory"),
        (r#""main": "./dist/index.js""#, "@acme/llm", "@acme/llm"),
        (r#""exports": { ".": { "import": "./dist/index.js" } }"#, "@acme/llm", "@acme/llm"),
        (r#""exports": { "./ai": "./src/factory.ts" }"#, "@acme/llm/ai", "@acme/llm/ai"),
    ];
    for (exports, module, request) in cases {
        let project = workspaces(exports, module);
        let run = project.run("fix apps");
        assert_eq!(run.code, 0, "{exports}: {}{}", run.out, run.err);
        let wanted = format!("import {{ getOpenAIClient }} from '{request}';\nexport const a = getOpenAIClient();\n");
        assert_eq!(project.read("apps/web/src/a.ts"), wanted, "{exports}");
    }
}

#[test]
fn within_its_package_a_factory_is_asked_for_by_its_path() {
    let project = workspaces(r#""exports": { "./ai": "./src/factory.ts" }"#, "@acme/llm/ai");
    let run = project.run("fix packages");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let text = project.read("packages/llm/src/inner.ts");
    assert!(text.contains("from './factory'"), "{text}{}", run.out);
}

#[test]
fn a_factory_that_its_package_keeps_to_itself_is_not_imported_by_others() {
    let project = workspaces(r#""exports": { ".": "./src/index.ts" }"#, "packages/llm/src/factory");
    let run = project.run("fix apps");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("`@acme/llm` does not export `packages/llm/src/factory.ts`"), "{}", run.out);
    assert_eq!(project.read("apps/web/src/a.ts"), CALL);
}

#[test]
fn a_package_that_does_not_depend_on_that_of_the_factory_is_told_to() {
    let project = workspaces(r#""main": "./src/index.ts""#, "@acme/llm");
    project.write("apps/web/package.json", r#"{ "name": "web" }"#);
    project.commit();
    let run = project.run("fix apps");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("does not depend on `@acme/llm`"), "{}", run.out);
    assert_eq!(project.read("apps/web/src/a.ts"), CALL);
}

#[test]
fn a_package_is_no_factory_because_its_entry_hands_one_on() {
    let project = workspaces(r#""main": "./src/index.ts""#, "@acme/llm");
    assert_eq!(found(&project, ""), ["apps/web/src/a.ts:2", "packages/llm/src/inner.ts:2"].map(str::to_owned).into());
}

/// The places that a scan finds.
fn found(project: &Project, paths: &str) -> BTreeSet<String> {
    let run = project.run(&format!("scan --format json --exit-zero {paths}"));
    let scan: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let findings = scan["findings"].as_array().unwrap().iter();
    findings.map(|finding| format!("{}:{}", finding["path"].as_str().unwrap(), finding["line"])).collect()
}

#[test]
fn clients_that_settings_and_manifests_lead_to_are_found_in_a_part_of_the_project_too() {
    let project = workspaces(r#""exports": { "./hidden": "./src/deep/clients.ts" }"#, "packages/llm/src/factory");
    project.write("packages/llm/src/deep/clients.ts", "export { OpenAI as Client } from 'openai';\n");
    project.write("packages/odd/entry.ts", "export { AzureOpenAI as Odd } from 'openai';\n");
    project.write("apps/web/src/deep/in/x.ts", "export { OpenAI as X } from 'openai';\n");
    project.write(
        "tsconfig.base.json",
        r#"{ "compilerOptions": { "baseUrl": ".", "paths": { "~odd": ["packages/odd/entry.ts"] } } }"#,
    );
    project.write("apps/web/tsconfig.json", r#"{ "extends": "../../tsconfig.base.json" }"#);
    project.write(
        "apps/web/package.json",
        r##"{ "name": "web", "imports": { "#in/*": "./src/deep/in/*.ts" }, "dependencies": { "@acme/llm": "*" } }"##,
    );
    project.commit();
    for (name, request, class) in
        [("package", "@acme/llm/hidden", "Client"), ("settings", "~odd", "Odd"), ("imports", "#in/x", "X")]
    {
        let text = format!("import {{ {class} }} from '{request}';\nexport const b = new {class}();\n");
        let path = format!("apps/web/src/{name}.ts");
        project.write(&path, &text);
        let wanted = BTreeSet::from([format!("{path}:2")]);
        assert_eq!(found(&project, &path), wanted, "{request}");
        assert!(found(&project, "").is_superset(&wanted), "{request}");
        project.run_git(&["add", "--all"]);
        let run = project.run("hook run");
        assert_eq!(run.code, 1, "{request}: {}{}", run.out, run.err);
        assert!(run.out.contains(&format!("{path}:2")) || run.err.contains(&format!("{path}:2")), "{}", run.out);
        project.commit();
    }
}

#[test]
fn the_hook_follows_a_client_from_package_to_package() {
    let project = workspaces(r#""main": "./src/index.ts""#, "@acme/llm");
    for (package, text) in [
        ("a", "export * from '@acme/b/x';\n"),
        ("b", "export * from '@acme/c';\n"),
        ("c", "export { OpenAI as Chat } from 'openai';\n"),
    ] {
        let exports = r#""exports": { ".": "./src/entry.ts", "./x": "./src/entry.ts" }"#;
        project.write(
            &format!("packages/{package}/package.json"),
            &format!(r#"{{ "name": "@acme/{package}", {exports} }}"#),
        );
        project.write(&format!("packages/{package}/src/entry.ts"), text);
    }
    project.commit();
    project.write("apps/web/src/chain.ts", "import { Chat } from '@acme/a';\nexport const b = new Chat();\n");
    project.run_git(&["add", "--all"]);
    let run = project.run("hook run");
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("apps/web/src/chain.ts:2") || run.err.contains("apps/web/src/chain.ts:2"), "{}", run.out);
}
