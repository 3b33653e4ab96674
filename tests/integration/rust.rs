//! Rust projects: crates, workspaces, the factory's signature, and what the context is.

use crate::support::Project;

const MANIFEST: &str = "[package]\nname = \"my-app\"\nedition = \"2024\"\n\n[dependencies]\nasync-openai = \"0.30\"\n";

const FACTORY: &str = "\
use async_openai::{Client, config::{Config, OpenAIConfig}};

pub fn client(workspace_id: &str) -> Client<OpenAIConfig> {
    Client::new()
}

pub fn client_with_config<C: Config>(config: C) -> Client<C> {
    Client::with_config(config)
}
";

/// A crate with a library, a factory, and further files.
fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::git();
    project.write("Cargo.toml", MANIFEST);
    project.write("src/openai_client.rs", FACTORY);
    for (path, text) in files {
        project.write(path, text);
    }
    project.commit();
    project
}

/// What the first line with `client` of a body becomes; the reason, where it stays.
fn fixed(body: &str) -> String {
    let text = format!("use async_openai::Client;\n\n{body}\n");
    let project = project(&[("src/lib.rs", "pub mod openai_client;\nmod app;\n"), ("src/app.rs", &text)]);
    let run = project.run("fix");
    let after = project.read("src/app.rs");
    if after == text {
        let run = project.run("scan --format json");
        let held = run.out.split("\"held_back\": \"").nth(1).and_then(|rest| rest.split('"').next());
        return held.map_or_else(|| format!("{}{}", run.out, run.err), str::to_owned);
    }
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let call = after.lines().find(|line| line.contains("openai_client::")).unwrap_or_default();
    let (_, call) = call.split_once("crate::").unwrap_or_default();
    call.trim_end_matches([';', ' ', '}', ')']).to_owned()
}

#[test]
fn a_source_of_the_context_is_handed_over_as_its_type_asks() {
    let cases = [
        ("fn f(workspace_id: &str) { Client::new(); }", "openai_client::client(workspace_id"),
        ("fn f(workspace_id: String) { Client::new(); }", "openai_client::client(&workspace_id"),
        ("fn f() { let workspace_id = load().to_string(); Client::new(); }", "openai_client::client(&workspace_id"),
        ("fn f(Path(workspace_id): Path<String>) { Client::new(); }", "openai_client::client(&workspace_id"),
        (
            "struct S { workspace_id: String }\nimpl S { fn f(&self) { Client::new(); } }",
            "openai_client::client(&self.workspace_id",
        ),
        (
            "struct S { workspace_id: String }\nimpl S { fn f(&self, workspace_id: &str) { Client::new(); } }",
            "openai_client::client(workspace_id",
        ),
        (
            "struct S { workspace_id: String }\nimpl S { fn f(&mut self) { let i = &mut self.items; Client::new(); i.clear() } }",
            "openai_client::client(&self.workspace_id); i.clear(",
        ),
        (
            "struct S { workspace_id: String }\nimpl S { fn n(&mut self) -> u8 { 1 } fn f(&mut self) { let n = self.n(); Client::new(); n } }",
            "openai_client::client(&self.workspace_id); n",
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(fixed(body), expected, "{body}");
    }
}

#[test]
fn what_is_not_sure_to_hold_the_context_is_not_handed_over() {
    let unsure = "`client` needs `workspace_id`, and nothing here is sure to hold it";
    let cases = [
        "fn f() { Client::new(); }",
        "fn f(workspace_id: String) { consume(workspace_id); Client::new(); }",
        "fn f(workspace_id: String) { loop { Client::new(); consume(workspace_id); } }",
        "fn f() { let workspace_id; if late() { workspace_id = \"a\"; } Client::new(); }",
        "fn f() { { let workspace_id = \"a\"; } Client::new(); }",
        "fn f(workspace_id: &str) { fn g() { Client::new(); } }",
        "fn f(workspace_id: String) { spawn(async move { Client::new(); }); }",
        "struct S { other: String }\nimpl S { fn f(&self) { Client::new(); } }",
        "struct S { workspace_id: String }\nimpl S { fn f() { Client::new(); } }",
        "fn f(mut workspace_id: String) { let w = &mut workspace_id; Client::new(); w.clear(); }",
        "struct S { workspace_id: String }\nimpl S { fn f(&mut self) { for i in self.all_mut() { Client::new(); } } }",
        "struct S { workspace_id: String }\nimpl S { fn f(&mut self) { let me = self; Client::new(); me.go(); } }",
    ];
    for body in cases {
        assert_eq!(fixed(body), unsure, "{body}");
    }
    let uuid = "fn f(workspace_id: Uuid) { Client::new(); }";
    assert_eq!(fixed(uuid), "`workspace_id` is a `Uuid`, and `workspace_id` takes `&str`");
    let unseen = "fn f() { let workspace_id = load(); Client::new(); }";
    assert_eq!(fixed(unseen), "the type of `workspace_id` cannot be seen here, so it is not handed to `workspace_id`");
    let handed = "fn f(client: Option<Llm>) { client.unwrap_or_else(Client::new); }";
    assert_eq!(fixed(handed), "`client` needs `workspace_id`, which is not given here");
}

/// What becomes of `Client::new()` and `Client::with_config(OpenAIConfig::new())` under a factory.
fn under(factory: &str, call: &str) -> String {
    let text = format!("use async_openai::{{Client, config::*}};\n\nfn f(config: OpenAIConfig) {{\n    {call};\n}}\n");
    let project = project(&[
        ("src/lib.rs", "mod openai_client;\nmod app;\n"),
        ("src/openai_client.rs", factory),
        ("src/app.rs", &text),
    ]);
    project.run("fix");
    let after = project.read("src/app.rs");
    if after != text {
        return after.lines().find(|line| line.contains("openai_client")).unwrap_or_default().trim().to_owned();
    }
    let run = project.run("scan --format json");
    let held = run.out.split("\"held_back\": \"").nth(1).and_then(|rest| rest.split('"').next());
    held.or(run.out.split("\"applicability\": \"").nth(1).and_then(|rest| rest.split('"').next()))
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn the_signature_of_the_factory_decides() {
    let head = "use async_openai::{Client, config::*};\n";
    let check = |factory: &str, call: &str, expected: &str| {
        assert_eq!(under(&format!("{head}{factory}"), call), expected, "{factory}");
    };
    let new = "Client::new()";
    check("pub fn client() -> Client<OpenAIConfig> {}", new, "crate::openai_client::client();");
    check("type Llm = Client<OpenAIConfig>;\npub(crate) fn client() -> Llm {}", new, "crate::openai_client::client();");
    check(
        "pub fn client(workspace_id: Option<&str>) -> Client<OpenAIConfig> {}",
        new,
        "crate::openai_client::client(None);",
    );
    check(
        "pub fn client() -> Result<Client<OpenAIConfig>, E> {}",
        new,
        "`client` gives `Result<Client<OpenAIConfig>,E>`, not `Client`",
    );
    check(
        "pub fn client() -> Arc<Client<OpenAIConfig>> {}",
        new,
        "`client` gives `Arc<Client<OpenAIConfig>>`, not `Client`",
    );
    check(
        "pub async fn client() -> Client<OpenAIConfig> {}",
        new,
        "`client` is asynchronous, so a call gives no client yet",
    );
    check("fn client() -> Client<OpenAIConfig> {}", new, "`client` is private, and cannot be called from here");
    check("pub fn other() {}", new, "`crate::openai_client` has no `client`");
    check(
        "pub fn client(key: &str) -> Client<OpenAIConfig> {}",
        new,
        "`client` takes 1 arguments besides `workspace_id`, and 0 are given here",
    );
    let typed = "pub fn client_with_config(config: OpenAIConfig) -> Client<OpenAIConfig> {}";
    check(typed, "Client::with_config(config)", "crate::openai_client::client_with_config(config);");
    check(
        typed,
        "Client::with_config(AzureConfig::new())",
        "`client_with_config` takes a `OpenAIConfig`, and something else is given here",
    );
    check(typed, "Client::with_config(load())", "unsafe");
    let open = "pub fn client_with_config<C: Config>(config: C) -> Client<C> {}";
    check(
        open,
        "Client::with_config(AzureConfig::new())",
        "crate::openai_client::client_with_config(AzureConfig::new());",
    );
}

#[test]
fn the_factory_is_named_from_where_the_call_stands() {
    let call =
        "use async_openai::{Client, config::OpenAIConfig};\nfn f(c: OpenAIConfig) {\n    Client::with_config(c);\n}\n";
    let project = project(&[
        ("src/lib.rs", "pub mod openai_client;\npub mod deep;\n"),
        ("src/deep/mod.rs", "mod inner;\n"),
        ("src/deep/inner.rs", call),
        ("src/main.rs", call),
        ("src/bin/tool.rs", call),
        ("examples/show.rs", call),
        ("tests/all/main.rs", call),
    ]);
    assert_eq!(project.run("fix").code, 0);
    let name = |path: &str| {
        let text = project.read(path);
        text.split("::client_with_config")
            .next()
            .and_then(|before| before.split_whitespace().last())
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(name("src/deep/inner.rs"), "crate::openai_client");
    for path in ["src/main.rs", "src/bin/tool.rs", "examples/show.rs", "tests/all/main.rs"] {
        assert_eq!(name(path), "my_app::openai_client", "{path}");
    }
    project.commit();
    assert_eq!(project.run("scan").code, 0);
    assert_eq!(project.run("fix").out, "Nothing to fix.\n");
    let migrated = project.run("scan --format json").out;
    assert!(migrated.contains("\"migrated_sites\": 5"), "{migrated}");
    assert_eq!(project.run("undo").code, 0);
    assert_eq!(project.read("src/main.rs"), call);
}

#[test]
fn crates_of_a_workspace_are_followed_by_their_names() {
    let project = Project::git();
    let member = |name: &str, dependencies: &str| {
        let text = format!("[package]\nname = \"{name}\"\nedition.workspace = true\n\n[dependencies]\n{dependencies}");
        project.write(&format!("crates/{name}/Cargo.toml"), &text);
    };
    project.write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n[workspace.dependencies]\nllm = { package = \"async-openai\", version = \"0.30\" }\n[workspace.package]\nedition = \"2024\"\n");
    member("llm-core", "async-openai = \"0.30\"\n");
    project.write("crates/llm-core/src/lib.rs", "pub mod openai_client;\npub mod prelude;\n");
    project.write("crates/llm-core/src/openai_client.rs", &FACTORY.replace("workspace_id: &str", ""));
    project.write("crates/llm-core/src/prelude.rs", "pub use async_openai::Client as Llm;\n");
    member("app", "core-of-it = { package = \"llm-core\", path = \"../llm-core\" }\n");
    project.write("crates/app/src/main.rs", "use core_of_it::prelude::*;\nfn main() {\n    Llm::new();\n}\n");
    member("other", "openai = { package = \"async-openai\", version = \"0.30\" }\n");
    project.write("crates/other/src/lib.rs", "use openai::Client;\npub fn f() {\n    Client::new();\n}\n");
    member("third", "llm.workspace = true\n");
    project.write("crates/third/src/lib.rs", "pub fn f() { llm::Client::new(); }\n");
    project.commit();
    let run = project.run("fix");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let app = project.read("crates/app/src/main.rs");
    assert!(app.contains("    core_of_it::openai_client::client();\n"), "{app}");
    let scan = project.run("scan");
    assert_eq!(scan.code, 1);
    assert!(scan.out.contains("crates/other/src/lib.rs:3:5"), "{}", scan.out);
    assert!(scan.out.contains("crates/third/src/lib.rs:1:14"), "{}", scan.out);
    assert!(scan.out.contains("`crate::openai_client` cannot be named from this file"), "{}", scan.out);
}

#[test]
fn re_exports_are_followed_through_modules_and_globs() {
    let project = project(&[
        (
            "src/lib.rs",
            "pub mod openai_client;\nmod llm;\nmod user;\nmod http;\nmod prelude;\n#[path = \"odd/place.rs\"]\nmod placed;\n",
        ),
        ("src/llm.rs", "pub use async_openai::Client;\nmod inner;\n"),
        ("src/llm/inner.rs", "use super::*;\nfn f(c: C) {\n    Client::with_config(c);\n}\n"),
        ("src/prelude.rs", "pub use crate::llm::*;\npub use crate::placed::Renamed;\n"),
        (
            "src/user.rs",
            "use crate::prelude::*;\nuse crate::{llm as l};\nfn f(c: C) {\n    Client::with_config(c);\n    l::Client::with_config(c);\n    Renamed::with_config(c);\n}\n",
        ),
        ("src/odd/place.rs", "pub type Renamed = async_openai::Client<async_openai::config::OpenAIConfig>;\n"),
        (
            "src/http.rs",
            "use reqwest::Client;\nfn f() {\n    Client::new();\n}\nmod t {\n    use super::*;\n    fn g() { Client::new(); }\n}\n",
        ),
    ]);
    let run = project.run("scan --format json");
    let places: Vec<&str> = run.out.split("\"path\": \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let named: Vec<&&str> = places.iter().filter(|path| path.starts_with("src/")).collect();
    let count = |path: &str| named.iter().filter(|named| ***named == path).count();
    assert!(count("src/llm/inner.rs") > 0, "{}", run.out);
    assert!(run.out.contains("\"findings\": 4"), "{}", run.out);
    assert_eq!(count("src/http.rs"), 0);
}

#[test]
fn a_file_that_is_no_rust_is_a_problem_and_what_it_holds_is_reported() {
    let project = project(&[
        ("src/lib.rs", "pub mod openai_client;\n"),
        ("src/broken.rs", "use async_openai::Client;\nfn f() {\n    let = Client::new();\n}\n"),
        ("src/unclosed.rs", "use async_openai::Client;\nfn f() { Client::new();\n"),
        (
            "src/deep.rs",
            &format!("use async_openai::Client;\nconst A: i32 = {}1{};\n", "(".repeat(3000), ")".repeat(3000)),
        ),
        (
            "src/sound.rs",
            "\u{feff}#!/usr/bin/env cargo\r\nuse async_openai::Client;\r\nfn f(é: C) {\r\n    /* é */ Client::with_config(é);\r\n}\r\n",
        ),
    ]);
    let run = project.run("fix");
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    assert_eq!(
        project.read("src/sound.rs"),
        "\u{feff}#!/usr/bin/env cargo\r\nfn f(é: C) {\r\n    /* é */ crate::openai_client::client_with_config(é);\r\n}\r\n"
    );
    let scan = project.run("scan --format json");
    assert_eq!(scan.code, 3, "{}", scan.out);
    assert!(scan.out.contains("\"path\": \"src/broken.rs\",\n      \"line\": 3"), "{}", scan.out);
    for kind in ["\"kind\": \"syntax\"", "\"kind\": \"too-deep\""] {
        assert!(scan.out.contains(kind), "{}", scan.out);
    }
    assert!(scan.out.contains("this file is not edited"), "{}", scan.out);
}

#[test]
fn a_rule_for_another_sdk_needs_no_rust() {
    let project = project(&[
        ("qmigrate.toml", "rules = [\"rules\"]\n"),
        (
            "rules/other-client.toml",
            "summary = \"another client\"\n[[rust.construct]]\nsymbols = [\"other_sdk::Api::connect\"]\nreplace = \"{factory}::api\"\n",
        ),
        (
            "src/lib.rs",
            "pub mod openai_client;\nuse other_sdk::{Api, Key};\nfn f(key: Key) {\n    Api::connect(key);\n}\n",
        ),
        ("src/openai_client.rs", "pub fn api(key: other_sdk::Key) -> other_sdk::Api {}\n"),
    ]);
    let run = project.run("fix --unsafe");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let after = project.read("src/lib.rs");
    assert_eq!(
        after,
        "pub mod openai_client;\nuse other_sdk::Key;\nfn f(key: Key) {\n    crate::openai_client::api(key);\n}\n"
    );
}

/// What `expression` becomes in a file that knows aliases of its own and of other files; the reason, where it stays.
fn configured(item: &str, factory: &str) -> String {
    let project = project(&[
        ("src/lib.rs", "pub mod openai_client;\nmod llm;\nmod again;\nmod app;\n"),
        ("src/openai_client.rs", factory),
        (
            "src/llm.rs",
            "use async_openai::{Client, config::*};\npub type Azure = Client<AzureConfig>;\npub type Own = Client<OpenAIConfig>;\npub type Open<C = OpenAIConfig> = Client<C>;\n",
        ),
        (
            "src/again.rs",
            "pub use crate::llm::{Azure as Renamed, *};\npub type Twice = crate::llm::Open<Settings>;\ntype Settings = async_openai::config::AzureConfig;\n",
        ),
        ("src/app.rs", &format!("use crate::again::*;\nuse async_openai::{{Client, config}};\n{item}\n")),
    ]);
    project.run("fix");
    let after = project.read("src/app.rs");
    if after.contains("crate::openai_client::client") {
        return "fixed".to_owned();
    }
    let run = project.run("scan --format json");
    let held = run.out.split("\"held_back\": \"").nth(1).and_then(|rest| rest.split('"').next());
    held.unwrap_or("not found").to_owned()
}

#[test]
fn what_a_type_says_of_the_configuration_decides() {
    let factory = "pub fn client() -> async_openai::Client<async_openai::config::OpenAIConfig> {}\n";
    let azure = "this client is configured with `AzureConfig`, and `client` makes another";
    let inferred = "what this client is configured with is inferred, and cannot be seen here";
    let cases = [
        ("fn f() { Azure::default(); }", azure),
        ("fn f() { Renamed::new(); }", azure),
        ("fn f() { Twice::default(); }", azure),
        ("fn f() { Own::default(); }", "fixed"),
        ("fn f() { <Own as Default>::default(); }", "fixed"),
        ("fn f() { Open::default(); }", inferred),
        ("fn f() { <Open>::default(); }", "fixed"),
        ("fn f() { Open::<config::AzureConfig>::default(); }", azure),
        ("fn f() -> Own { Client::default() }", "fixed"),
        ("fn f() -> Open { Client::default() }", "fixed"),
        ("fn f() -> Result<Twice, ()> { Ok(Client::default()) }", azure),
        ("fn f() { let client: Renamed = Client::default(); }", azure),
        ("fn f() { let client: Own = Client::default(); }", "fixed"),
        ("fn f() { let client = Client::default(); }", inferred),
        ("fn f() { let client = Client::new(); }", "fixed"),
        ("fn f() { Client::<config::AzureConfig>::default(); }", azure),
        ("fn f<C>() -> Client<C> { Client::default() }", "what this client is configured with cannot be seen here"),
        ("struct S { client: Azure }\nimpl S { fn new() -> Self { Self { client: Client::default() } } }", azure),
        ("struct S { client: Own }\nimpl S { fn new() -> Self { S { client: Client::default() } } }", "fixed"),
        (
            "struct S { client: Azure }\nfn f() -> S { S { client: Default::default() } }",
            "the class is named by a type alone; call the factory instead",
        ),
    ];
    for (item, expected) in cases {
        assert_eq!(configured(item, factory), expected, "{item}");
    }
}

#[test]
fn the_factory_must_make_a_client_of_the_same_configuration() {
    let factory = |returned: &str| {
        format!(
            "use async_openai::{{Client, config::*}};\ntype Kept = Client<OpenAIConfig>;\npub fn client{returned} {{}}\n"
        )
    };
    let cases = [
        ("() -> Kept", "Client::new()", "fixed"),
        (
            "() -> Client<AzureConfig>",
            "Client::new()",
            "`client` gives `Client<AzureConfig>`, and another is made here",
        ),
        ("<C: Config>() -> Client<C>", "Client::new()", "`client` gives `Client<C>`, and nothing here says which"),
        ("<C: Config>() -> Client<C>", "let own: Own = Client::default()", "fixed"),
    ];
    for (returned, call, expected) in cases {
        assert_eq!(configured(&format!("fn f() {{ {call}; }}"), &factory(returned)), expected, "{returned} {call}");
    }
}

#[test]
fn a_scan_of_one_file_follows_its_paths_outward() {
    let project = project(&[
        ("src/lib.rs", "pub mod openai_client;\nmod llm;\nmod app;\n"),
        ("src/llm/mod.rs", "mod clients;\npub use self::clients::*;\n"),
        ("src/llm/clients.rs", "pub use async_openai::Client as Llm;\n"),
        ("src/app/mod.rs", "mod inner;\n"),
        (
            "src/app/inner.rs",
            "use crate::{llm::Llm};\nfn f() { Llm::new(); }\nfn g() { super::super::llm::Llm::new(); }\n",
        ),
    ]);
    let run = project.run("scan src/app/inner.rs");
    assert!(run.out.contains("src/app/inner.rs:2:10") && run.out.contains("src/app/inner.rs:3:10"), "{}", run.out);
    assert!(!run.out.contains("openai_client.rs:"), "{}", run.out);
}
