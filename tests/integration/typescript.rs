#![expect(clippy::unwrap_used, reason = "tests may stop at the first surprise")]
//! TypeScript projects: files that do not parse, forms of imports, and what leads from one file to another.

use crate::support::Project;

const FACTORY: &str =
    "export function getOpenAIClient(options: { workspaceId?: string } = {}) {\n  return options;\n}\n";

/// A project with a factory and further files.
fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::git();
    project.write("lib/ai/openai-client.ts", FACTORY);
    for (path, text) in files {
        project.write(path, text);
    }
    project.commit();
    project
}

/// The places that a scan finds, as `path:line`, and whether each is held back.
fn found(project: &Project) -> Vec<(String, bool)> {
    let run = project.run("scan --format json --exit-zero");
    let scan: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let findings = scan["findings"].as_array().unwrap().iter();
    let place = |finding: &serde_json::Value| format!("{}:{}", finding["path"].as_str().unwrap(), finding["line"]);
    findings.map(|finding| (place(finding), !finding["held_back"].is_null())).collect()
}

#[test]
fn what_is_found_in_a_file_that_does_not_parse_is_held_back() {
    let cases = [
        ("import OpenAI from 'openai';\nconst = 3;\nexport const a = new OpenAI();\n", "a.ts:3"),
        ("import OpenAI from 'openai';\nfunction f() {\n  const = 3;\n  return new OpenAI();\n}\n", "a.ts:4"),
        ("import OpenAI from 'openai';\nfunction f() {\n  return new OpenAI();\n", "a.ts:3"),
        (
            "import OpenAI from 'openai';\n<<<<<<< HEAD\nexport const a = new OpenAI();\n=======\n>>>>>>> main\n",
            "a.ts:3",
        ),
        ("import { OpenAI as C } from 'openai';\nconst a = {\n  b: : 1,\n};\nexport const d = new C();\n", "a.ts:5"),
    ];
    for (text, expected) in cases {
        let project = project(&[("a.ts", text)]);
        assert_eq!(found(&project), [(expected.to_owned(), true)], "{text}");
        let run = project.run("fix");
        assert_eq!(run.code, 3, "{text}\n{}{}", run.out, run.err);
        assert_eq!(project.read("a.ts"), text);
    }
}

#[test]
fn what_shadows_a_class_in_a_file_that_does_not_parse_still_does() {
    let text = "import OpenAI from 'openai';\nfunction f(OpenAI) {\n  const = 3;\n  return new OpenAI();\n}\n";
    assert_eq!(found(&project(&[("a.ts", text)])), []);
}

#[test]
fn a_factory_that_does_not_parse_is_not_trusted() {
    let call = "import OpenAI from 'openai';\nexport const a = new OpenAI();\n";
    let factory = format!("{FACTORY}const = 3;\n");
    let project = project(&[("a.ts", call), ("lib/ai/openai-client.ts", &factory)]);
    assert_eq!(project.run("fix").code, 3);
    assert_eq!(project.read("a.ts"), call);
}
