//! The same of a project in all languages, whose manifests say where imports lead.

use std::fs;

use super::Pair;
use crate::support::FACTORY;
use crate::support::Project;

/// Files, and the texts that each may hold; what a text means depends on others.
const SCENE: [(&str, &[&str]); 27] = [
    ("tsconfig.json", &["{\"extends\": \"./config/base.json\"}", "{\"compilerOptions\": {\"paths\": {}}}", "{"]),
    ("config/base.json", &[PATHS_TO_WEB, PATHS_TO_OTHER, "{}"]),
    ("package.json", &["{\"workspaces\": [\"packages/*\"]}", "{\"type\": \"module\"}"]),
    ("packages/llm/package.json", &["{\"name\": \"@acme/llm\"}", "{\"name\": \"llm\"}"]),
    ("packages/llm/src/index.ts", &["export { OpenAI as LLM } from \"openai\";\n", "export const LLM = 1;\n"]),
    ("lib/ai/openai-client.ts", &[SCRIPT_FACTORY, "export const getOpenAIClient = 1;\n", ""]),
    (
        "web/clients.ts",
        &["export { default as LLM } from \"openai\";\n", "export class LLM {}\n", "export * from \"openai\";\n"],
    ),
    (
        "other/clients.ts",
        &["import OpenAI from \"openai\";\nexport class LLM extends OpenAI {}\n", "export const LLM = 1;\n"],
    ),
    ("web/a.ts", &SCRIPTS),
    ("web/b.ts", &SCRIPTS),
    ("web/deep/c.mjs", &SCRIPTS),
    ("other/d.ts", &SCRIPTS),
    (
        "web/e.vue",
        &[
            "<script setup lang=\"ts\">\nimport { LLM } from \"@/clients\";\nconst llm = new LLM();\n</script>\n",
            "<template/>\n",
        ],
    ),
    ("Cargo.toml", &[CRATE, CRATE_WITH_ALIAS]),
    (
        "src/lib.rs",
        &["pub mod openai_client;\nmod app;\nmod llm;\n", "mod llm;\npub mod openai_client;\n", "mod app;\n"],
    ),
    ("src/main.rs", &["mod app;\nmod llm;\nfn main() {}\n", "fn main() {}\n"]),
    ("src/app.rs", &CODE),
    ("src/user.rs", &CODE),
    (
        "src/llm.rs",
        &["pub use async_openai::Client as Llm;\n", "pub struct Llm;\n", "pub use openai::Client as Llm;\n"],
    ),
    ("src/openai_client.rs", &[CODE_FACTORY, "pub fn client() -> u8 {}\n"]),
    ("crates/other/Cargo.toml", &[CRATE_WITH_ALIAS, CRATE]),
    ("crates/other/src/lib.rs", &["fn f() {}\n", "use sdk::Client;\nfn f() { Client::new(); }\n"]),
    ("utils/openai_client_factory.py", &[FACTORY, ""]),
    ("clients.py", &["from openai import OpenAI as LLM\n", "class LLM:\n    pass\n"]),
    ("notes/a.ipynb", &[NOTEBOOK, NOTEBOOK_OF_DENO, NOTEBOOK_OF_R, NOTEBOOK_OF_NOBODY, "{\"cells\": [openai"]),
    ("notes/b.ipynb", &[NOTEBOOK_OF_HELPER, NOTEBOOK]),
    (".gitignore", &["", "web/\n", "src/llm.rs\n*.ipynb\n"]),
];

const PATHS_TO_WEB: &str = "{\"compilerOptions\": {\"baseUrl\": \"..\", \"paths\": {\"@/*\": [\"web/*\"]}}}";
const PATHS_TO_OTHER: &str = "{\"compilerOptions\": {\"baseUrl\": \"..\", \"paths\": {\"@/*\": [\"other/*\"]}}}";

const SCRIPT_FACTORY: &str =
    "export function getOpenAIClient(options: { workspaceId: string }): any {\n  return options;\n}\n";

const SCRIPTS: [&str; 7] = [
    "import OpenAI from \"openai\";\n\nexport function f(workspaceId: string) {\n  return new OpenAI({ timeout: 3 });\n}\n",
    "import { LLM } from \"@/clients\";\n\nexport function f(workspaceId: string) {\n  return new LLM();\n}\n",
    "import { LLM } from \"@acme/llm\";\n\nexport const llm = new LLM();\n",
    "import * as clients from \"../web/clients\";\n\nexport const llm = new clients.OpenAI();\n",
    "import { getOpenAIClient } from \"../lib/ai/openai-client\";\n\nexport const llm = getOpenAIClient({ workspaceId: \"1\" });\n",
    "export * from \"./clients\";\n// qmigrate: ignore[direct-client] nothing\n",
    "import OpenAI from \"openai\n",
];

const CRATE: &str =
    "[package]\nname = \"my-app\"\nedition = \"2024\"\n\n[dependencies]\nasync-openai = \"0.30\"\nopenai = \"1\"\n";
const CRATE_WITH_ALIAS: &str = "[package]\nname = \"my-app\"\nedition = \"2024\"\n\n[dependencies]\nsdk = { package = \"async-openai\", version = \"0.30\" }\nopenai = { package = \"async-openai\", version = \"0.30\" }\n";

const CODE_FACTORY: &str = "use async_openai::{Client, config::OpenAIConfig};\n\npub fn client(workspace_id: &str) -> Client<OpenAIConfig> {\n    Client::new()\n}\n";

const CODE: [&str; 6] = [
    "use async_openai::Client;\n\nfn f(workspace_id: &str) {\n    Client::new();\n}\n",
    "use crate::llm::Llm;\n\nfn f(workspace_id: &str) {\n    Llm::new();\n}\n",
    "use openai::Client;\n\nfn f(workspace_id: &str) {\n    Client::new();\n}\n",
    "fn f(workspace_id: &str) {\n    crate::openai_client::client(workspace_id);\n}\n",
    "use sdk::Client;\n\nfn f(workspace_id: &str) {\n    Client::new();\n}\n",
    "fn f( { async_openai\n",
];

const NOTEBOOK: &str = r#"{"cells": [
 {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": ["from openai import OpenAI\n"]},
 {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": ["workspace_id = 1\n", "OpenAI()"]}
], "metadata": {"kernelspec": {"name": "python3", "language": "python"}}, "nbformat": 4, "nbformat_minor": 5}
"#;
const NOTEBOOK_OF_NOBODY: &str = r#"{"cells": [
 {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": ["import openai\n", "openai.OpenAI()"]}
], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
"#;
const NOTEBOOK_OF_HELPER: &str = r#"{"cells": [
 {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": ["from clients import LLM\n", "LLM()"]}
], "metadata": {"kernelspec": {"name": "python3", "language": "python"}}, "nbformat": 4, "nbformat_minor": 5}
"#;
const NOTEBOOK_OF_DENO: &str = r#"{"cells": [
 {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": ["import OpenAI from \"openai\";\n", "new OpenAI();"]}
], "metadata": {"kernelspec": {"name": "deno", "language": "typescript"}}, "nbformat": 4, "nbformat_minor": 5}
"#;
const NOTEBOOK_OF_R: &str = r#"{"cells": [
 {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": ["library(openai)\n"]}
], "metadata": {"kernelspec": {"name": "ir", "language": "R"}}, "nbformat": 4, "nbformat_minor": 5}
"#;

/// A project in which every file holds the first of its texts.
fn scene(seed: u64) -> Pair {
    let mut pair = Pair::of(Project::git(), seed, &[]);
    for (name, texts) in SCENE {
        pair.write(name, texts[0]);
    }
    pair.project.commit();
    let names: Vec<&str> = SCENE.iter().map(|(name, _)| *name).collect();
    pair.tell(&names, "all of it is new");
    pair
}

impl Pair {
    fn save(&mut self, name: &str, text: &str) {
        self.write(name, text);
        self.tell(&[name], &format!("{name} written: {text}"));
    }

    /// How many findings there are below a folder, in a session that agrees with a fresh scan.
    fn found(&mut self, folder: &str) -> usize {
        let folder = self.options.cwd.join(folder);
        let scan = self.session.scan(&|| ()).unwrap().scan;
        scan.findings.iter().filter(|finding| finding.path.starts_with(&folder)).count()
    }

    fn step_in_scene(&mut self) {
        let (name, texts) = self.numbers.pick(&SCENE);
        match self.numbers.below(8) {
            0 => {
                let _ = fs::remove_file(self.project.path(name));
                self.tell(&[name], &format!("{name} removed"));
            }
            1 => {
                let (from, to) =
                    self.numbers.pick(&[("config", "settings"), ("settings", "config"), ("web", "other/web")]);
                let _ = fs::rename(self.project.path(from), self.project.path(to));
                self.tell(&[from, to], &format!("{from} moved to {to}"));
            }
            _ => {
                let text = self.numbers.pick(texts);
                self.save(name, text);
            }
        }
    }
}

#[test]
fn a_session_over_all_languages_says_what_a_fresh_scan_says() {
    for seed in [0x2545_F491, 0x9E37_79B9] {
        let mut pair = scene(seed);
        for _ in 0..80 {
            pair.step_in_scene();
        }
    }
}

#[test]
fn settings_of_any_name_say_where_imports_lead() {
    let mut pair = scene(1);
    pair.save("web/a.ts", SCRIPTS[1]);
    pair.save("other/clients.ts", "export const LLM = 1;\n");
    assert_eq!(pair.found("web/a.ts"), 1);
    pair.save("config/base.json", PATHS_TO_OTHER);
    assert_eq!(pair.found("web/a.ts"), 0, "the alias leads elsewhere");
    pair.save("config/base.json", PATHS_TO_WEB);
    assert_eq!(pair.found("web/a.ts"), 1);
    fs::rename(pair.project.path("config"), pair.project.path("settings")).unwrap();
    pair.tell(&["config", "settings"], "the folder of the settings is another one");
    assert_eq!(pair.found("web/a.ts"), 0, "there are no settings");
    pair.save("web/a.ts", &format!("import \"openai\";\n{}", SCRIPTS[1]));
    fs::rename(pair.project.path("settings"), pair.project.path("config")).unwrap();
    pair.tell(&["config", "settings"], "the folder of the settings is back");
    assert_eq!(pair.found("web/a.ts"), 1);
}

#[test]
fn a_source_that_says_where_modules_lie_is_followed() {
    let mut pair = scene(1);
    // In the first edition, paths of `use` start at the crate's root: the library's folder, or the program's.
    pair.save(
        "Cargo.toml",
        "[package]\nname = \"my-app\"\n[lib]\npath = \"lib/lib.rs\"\n[dependencies]\nasync-openai = \"0.30\"\n",
    );
    pair.save("lib/lib.rs", "mod app;\nmod other;\n");
    pair.save("src/app.rs", "use llm::Llm;\n\nfn f() {\n    Llm::new();\n}\n");
    assert_eq!(pair.found("src/app.rs"), 0);
    pair.save("lib/lib.rs", "mod other;\n");
    assert_eq!(pair.found("src/app.rs"), 1, "only the program declares the module");
    pair.save("lib/lib.rs", "mod app;\n");
    assert_eq!(pair.found("src/app.rs"), 0);
}

#[test]
fn a_notebook_may_be_in_another_language_the_next_time() {
    let mut pair = scene(1);
    for text in [NOTEBOOK_OF_DENO, NOTEBOOK_OF_NOBODY, NOTEBOOK_OF_R, NOTEBOOK] {
        pair.save("notes/a.ipynb", text);
    }
    assert_eq!(pair.found("notes/a.ipynb"), 1);
}

#[test]
fn a_file_that_comes_brings_the_names_of_its_package() {
    let mut pair = scene(1);
    fs::remove_file(pair.project.path("crates/other/src/lib.rs")).unwrap();
    pair.tell(&["crates/other/src/lib.rs"], "a package is empty");
    pair.save("src/app.rs", CODE[4]);
    pair.save("crates/other/src/lib.rs", "fn f() {}\n");
}

#[test]
fn what_is_saved_again_and_again_is_not_all_read_again() {
    let mut pair = scene(1);
    for name in ["web/a.ts", "src/lib.rs", "notes/a.ipynb"] {
        let read = std::sync::atomic::AtomicUsize::new(0);
        let count = || {
            read.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        };
        pair.session.scan(&count).unwrap();
        let text = pair.project.read(name);
        pair.write(name, &text);
        pair.session.note(&super::Changes { paths: [pair.options.cwd.join(name)].into(), more: false });
        pair.session.scan(&count).unwrap();
        assert!((1..SCENE.len() / 2).contains(&read.into_inner()), "{name}");
    }
}
