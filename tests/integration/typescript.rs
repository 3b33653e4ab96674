#![expect(clippy::unwrap_used, reason = "tests may stop at the first surprise")]
//! TypeScript projects: files that do not parse, forms of imports, and what leads from one file to another.

use crate::support::Project;

const FACTORY: &str = "export function getOpenAIClient(options: Options = {}) {\n  return options;\n}\n";

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

/// What a file becomes; what is held back keeps it as it is.
fn fixed(name: &str, text: &str) -> String {
    let project = project(&[(name, text)]);
    let run = project.run("fix");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let after = project.read(name);
    project.run("fix --allow-dirty");
    assert_eq!(project.read(name), after, "a second fix changes something");
    after
}

#[test]
fn one_of_several_in_a_declaration_goes_by_itself() {
    let cases = [
        (
            "const fs = require('fs'), { OpenAI } = require('openai'), x = 1;\nnew OpenAI();\nfs(x);\n",
            "const fs = require('fs'), { getOpenAIClient } = require('./lib/ai/openai-client'), x = 1;\ngetOpenAIClient();\nfs(x);\n",
        ),
        (
            "var OpenAI = require('openai'),\n    fs = require('fs');\nnew OpenAI();\nfs();\n",
            "var { getOpenAIClient } = require('./lib/ai/openai-client'),\n    fs = require('fs');\ngetOpenAIClient();\nfs();\n",
        ),
        (
            "const { OpenAI, toFile } = require('openai'), fs = require('fs');\nnew OpenAI();\nfs(toFile);\n",
            "const { toFile } = require('openai'), { getOpenAIClient } = require('./lib/ai/openai-client'), fs = require('fs');\ngetOpenAIClient();\nfs(toFile);\n",
        ),
        (
            "const { getOpenAIClient } = require('./lib/ai/openai-client'), OpenAI = require('openai');\nnew OpenAI(), getOpenAIClient();\n",
            "const { getOpenAIClient } = require('./lib/ai/openai-client');\ngetOpenAIClient(), getOpenAIClient();\n",
        ),
        (
            "const OpenAI = require('openai'), // the SDK\n  { getOpenAIClient } = require('./lib/ai/openai-client');\nnew OpenAI(), getOpenAIClient();\n",
            "const // the SDK\n  { getOpenAIClient } = require('./lib/ai/openai-client');\ngetOpenAIClient(), getOpenAIClient();\n",
        ),
    ];
    for (before, after) in cases {
        assert_eq!(fixed("a.cjs", before), after);
    }
}

#[test]
fn what_a_promise_of_the_module_brings_is_asked_of_the_factory() {
    let cases = [
        (
            "export const a = import('openai').then(({ OpenAI }) => new OpenAI());\n",
            "export const a = import('./lib/ai/openai-client.js').then(({ getOpenAIClient }) => getOpenAIClient());\n",
        ),
        (
            "export const a = (workspaceId) => import(\"openai\").then(async ({ default: C }) => new C({ ...x }));\n",
            "export const a = (workspaceId) => import(\"./lib/ai/openai-client.js\").then(async ({ getOpenAIClient }) => getOpenAIClient({ ...x, workspaceId }));\n",
        ),
        (
            "export const a = import('openai').then(function ({OpenAI}) {\n  return [new OpenAI(), new OpenAI()];\n});\n",
            "export const a = import('./lib/ai/openai-client.js').then(function ({getOpenAIClient}) {\n  return [getOpenAIClient(), getOpenAIClient()];\n});\n",
        ),
    ];
    for (before, after) in cases {
        assert_eq!(fixed("a.mjs", before), after);
    }
    for stays in [
        "export const a = import('openai').then(({ OpenAI, toFile }) => [new OpenAI(), toFile]);\n",
        "export const a = import('openai').then(({ OpenAI = null }) => new OpenAI());\n",
        "export const a = import('openai').then(({ OpenAI, ...rest }) => [new OpenAI(), rest]);\n",
        "export const a = import('openai').then((m) => new m.OpenAI());\n",
    ] {
        assert_eq!(fixed("a.mjs", stays), stays);
        assert_eq!(found(&project(&[("a.mjs", stays)])).len(), 1, "{stays}");
    }
}

#[test]
fn files_that_import_through_the_exact_name_of_an_alias_are_looked_at() {
    let settings = "{\n  // aliases\n  \"extends\": \"./config/base\",\n  \"compilerOptions\": { \"paths\": { \"@llm\": [\"./src/clients.ts\"], }, },\n}\n";
    let base = "{ \"compilerOptions\": { \"paths\": { \"~sdk\": [\"../src/index.ts\"] } } }\n";
    let manifest = "{ \"name\": \"app\", \"imports\": { \"#openai-sdk\": { \"node\": \"./src/clients.ts\" } } }\n";
    let cases = ["@llm", "#openai-sdk", "./src/clients", "./src"];
    for request in cases {
        let user = format!("import {{ Llm }} from '{request}';\nexport const a = new Llm();\n");
        let project = project(&[
            ("src/clients.ts", "export { OpenAI as Llm } from 'openai';\n"),
            ("src/index.ts", "export * from './clients';\n"),
            ("tsconfig.json", settings),
            ("config/base.json", base),
            ("package.json", manifest),
            ("user.ts", &user),
        ]);
        assert_eq!(found(&project), [("user.ts:2".to_owned(), false)], "{request}");
    }
}

#[test]
fn comments_beside_names_stay_with_them() {
    let before = "import {\n  toFile, // files\n  OpenAI, // the client\n} from 'openai'\nexport const c = [new OpenAI(), toFile]\n";
    let after = "import {\n  toFile, // files\n   // the client\n} from 'openai'\nimport { getOpenAIClient } from './lib/ai/openai-client.js'\nexport const c = [getOpenAIClient(), toFile]\n";
    assert_eq!(fixed("a.mjs", before), after);
}

#[test]
fn an_object_of_options_tells_where_its_client_connects_to() {
    let options = "const base = { baseURL: 'http://localhost:11434/v1' };\nconst all = { ...base, timeout: 3 };\n";
    for call in
        ["new OpenAI(base)", "new OpenAI(all)", "new OpenAI({ ...all, apiKey })", "new OpenAI(apiKey ? all : {})"]
    {
        let text = format!("import OpenAI from 'openai';\n{options}export const make = (apiKey) => {call};\n");
        assert_eq!(fixed("a.mjs", &text), text);
        assert_eq!(found(&project(&[("a.mjs", &text)])).len(), 1, "{text}");
    }
    let own = "import OpenAI from 'openai';\nconst o = { timeout: 3, ...o };\nexport const c = new OpenAI(o);\n";
    assert!(fixed("a.mjs", own).contains("getOpenAIClient(o)"));
}

#[test]
fn what_is_said_of_an_address_elsewhere_holds_a_client_back() {
    let import = "import OpenAI from 'openai';\n";
    for text in [
        "export const c: any = new OpenAI({ apiKey: k });\nc.baseURL = 'https://api.groq.com/openai/v1';\n",
        "class A {\n  c: any = new OpenAI();\n  f() {\n    this.c['baseURL'] = 'http://localhost:11434/v1';\n  }\n}\n",
        "const o: any = {};\no.baseURL = 'http://localhost:11434/v1';\nexport const c = new OpenAI(o);\n",
        "export const f = (baseURL = 'http://localhost:11434/v1') => new OpenAI({ baseURL });\n",
        "let u = process.env.URL ?? 'http://localhost:11434/v1';\nexport const c = new OpenAI({ baseURL: u });\n",
        "let u;\nif (k) u = 'http://localhost:11434/v1';\nexport const c = new OpenAI({ baseURL: u });\n",
    ] {
        let project = project(&[("a.ts", &format!("{import}{text}"))]);
        let found = found(&project);
        assert!(matches!(found.as_slice(), [(_, true)]), "{found:?} in {text}");
    }
    let text = "const d: any = {};\nd.baseURL = 'http://localhost:1/v1';\nexport const c = new OpenAI({});\n";
    assert!(fixed("a.ts", &format!("{import}{text}")).contains("getOpenAIClient({})"));
}

#[test]
fn what_does_not_run_in_an_object_does_not_ask_it_for_the_context() {
    let text = "import OpenAI from 'openai';
class Base {
  workspaceId = 'w';
}
class A extends Base {
  workspaceId = 'w';
  @given(() => new OpenAI({ timeout: 1 })) field: any;
  [String(new OpenAI({ timeout: 2 }))] = 1;
  constructor() {
    super(new OpenAI({ timeout: 3 }));
    this.last = new OpenAI({ timeout: 4 });
  }
}
";
    let fixed = fixed("a.ts", text);
    for place in ["({ timeout: 1 })", "({ timeout: 2 })", "({ timeout: 3 })", "4, workspaceId: this.workspaceId })"] {
        assert!(fixed.contains(place), "{place} in {fixed}");
    }
}

#[test]
fn a_star_does_not_need_what_a_module_does_not_export() {
    let compiled =
        "\"use strict\";\nObject.defineProperty(exports, \"__esModule\", { value: true });\nexports.A = void 0;
const openai_1 = require(\"openai\");\nclass A { make() { return new openai_1.OpenAI({}); } }\nexports.A = A;\n";
    let index = "\"use strict\";\n__exportStar(require(\"./a\"), exports);\n";
    let module = "import OpenAI from 'openai';\nexport const c = new OpenAI({});\n";
    let project =
        project(&[("a.js", compiled), ("index.js", index), ("b.ts", module), ("all.ts", "export * from './b';\n")]);
    let run = project.run("fix");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    for path in ["a.js", "b.ts"] {
        assert!(!project.read(path).contains("openai\""), "{}", project.read(path));
        assert!(!project.read(path).contains("'openai'"), "{}", project.read(path));
    }
}

#[test]
fn a_type_or_a_mere_declaration_holds_no_context() {
    for before in ["type workspaceId = string;\n", "declare const workspaceId: string;\n", "interface workspaceId {}\n"]
    {
        let text = format!("import OpenAI from 'openai';\n{before}export const c = new OpenAI({{}});\n");
        assert!(fixed("a.ts", &text).ends_with("getOpenAIClient({});\n"), "{before}");
    }
}

#[test]
fn what_is_awaited_in_a_list_is_found_and_held_back() {
    let text = "const [fs, { OpenAI }] = await Promise.all([import('node:fs'), import('openai')]);
export const c = new OpenAI({});\n";
    assert_eq!(found(&project(&[("a.mts", text)])), [("a.mts:2".to_owned(), true)]);
}

#[test]
fn what_goes_by_a_name_before_it_is_a_module_is_found_and_held_back() {
    let loads = [
        "const load = () => import('openai');\nconst { OpenAI } = await load();\n",
        "let m; async function load() { if (!m) m = await import('openai'); return m; }\nconst { OpenAI } = await load();\n",
        "const promised = import('openai').catch(console.error);\nconst { OpenAI } = await promised;\n",
        "import { createRequire as make, createRequire } from 'node:module';\nconst { OpenAI } = createRequire('.')('openai');\n",
        "const { OpenAI } = jest.requireActual('openai');\n\n",
        "\nconst { OpenAI } = await vi.importActual<typeof import('openai')>('openai');\n",
        "\nimport { OpenAI } from '\\x6fpenai'; import { OpenAI } from 'openai';\n",
    ];
    for load in loads {
        let project = project(&[("a.mts", &format!("{load}export const c = new OpenAI({{}});\n"))]);
        assert_eq!(found(&project), [("a.mts:3".to_owned(), true)], "{load}");
    }
}

#[test]
fn scripts_of_one_file_may_import_the_same() {
    let text = "---\nimport OpenAI from 'openai';\nconst c = new OpenAI();\n---\n<p>{c}</p>\n<script>\n  import OpenAI from 'openai';\n  new OpenAI();\n</script>\n";
    let project = project(&[("a.astro", text)]);
    assert_eq!(found(&project), [("a.astro:3".to_owned(), true), ("a.astro:8".to_owned(), true)]);
}

#[test]
fn a_file_that_says_what_kind_of_module_it_is_is_asked_for_by_its_whole_name() {
    let call = "import { b } from './b';\nimport OpenAI from 'openai';\nexport const c = [b, new OpenAI()];\n";
    let project = Project::git();
    project.write("lib/ai/openai-client.mts", FACTORY);
    project.write("src/a.ts", call);
    project.commit();
    project.run("fix");
    let fixed = project.read("src/a.ts");
    assert!(fixed.contains("from '../lib/ai/openai-client.mjs'"), "{fixed}");
}

#[test]
fn a_type_in_a_comment_of_a_script_keeps_its_import() {
    let text = "import OpenAI from 'openai';\n/** @type {OpenAI | null} */\nexport const c = new OpenAI();\n";
    assert!(fixed("a.js", text).starts_with("import OpenAI from 'openai';\nimport {"));
    let prose = text.replace("@type {OpenAI | null}", "OpenAI");
    assert!(!fixed("a.js", &prose).contains("'openai'"));
}

#[test]
fn a_file_may_be_called_like_the_ending_of_declarations() {
    let text = "import OpenAI from 'openai';\nexport const c = new OpenAI();\n";
    let project = project(&[("d.ts", text), ("e.d.ts", text), ("f.d.json.ts", text)]);
    assert_eq!(found(&project), [("d.ts:2".to_owned(), false)]);
}

#[test]
fn a_default_goes_from_beside_a_namespace_and_the_other_way_round() {
    let cases = [
        ("new OpenAI(); all.toFile;", "import * as all from 'openai';\n"),
        ("new all.OpenAI(); OpenAI.toFile;", "import OpenAI from 'openai';\n"),
        ("new OpenAI() as all.OpenAI;", "import * as all from 'openai';\n"),
        ("new all.OpenAI() as OpenAI;", "import OpenAI from 'openai';\n"),
        ("new OpenAI() as all.OpenAI as OpenAI;", "import OpenAI, * as all from 'openai';\n"),
    ];
    for (code, expected) in cases {
        let fixed = fixed("a.ts", &format!("import OpenAI, * as all from 'openai';\nexport const c = {code}\n"));
        assert!(fixed.starts_with(expected), "{fixed}");
    }
}

/// A project with `a.ts`, and another factory than usual.
fn project_with(text: &str, factory: &str) -> Project {
    let project = project(&[("a.ts", text)]);
    project.write("lib/ai/openai-client.ts", factory);
    project.commit();
    project
}

#[test]
fn what_the_factory_itself_hands_on_gives_its_place_to_the_function() {
    let factory =
        format!("import Own from 'openai';\nexport {{ default, OpenAI, AzureOpenAI }} from 'openai';\n{FACTORY}");
    let made = "export const a = getOpenAIClient();\n";
    let call = "export const a = new OpenAI();\n";
    let cases = [
        (
            "import { OpenAI } from './lib/ai/openai-client';\n",
            "import { getOpenAIClient } from './lib/ai/openai-client';\n",
        ),
        ("import {OpenAI} from './lib/ai/openai-client'\n", "import {getOpenAIClient} from './lib/ai/openai-client'\n"),
        (
            "import OpenAI from './lib/ai/openai-client';\n",
            "import { getOpenAIClient } from './lib/ai/openai-client';\n",
        ),
        (
            "import {\n  OpenAI, // the client\n} from './lib/ai/openai-client';\n",
            "import {\n  getOpenAIClient, // the client\n} from './lib/ai/openai-client';\n",
        ),
        (
            "import Unused, { OpenAI } from './lib/ai/openai-client';\nexport { Unused };\n",
            "import Unused, { getOpenAIClient } from './lib/ai/openai-client';\nexport { Unused };\n",
        ),
        (
            "import OpenAI, { AzureOpenAI } from './lib/ai/openai-client';\nexport { AzureOpenAI };\n",
            "import { AzureOpenAI, getOpenAIClient } from './lib/ai/openai-client';\nexport { AzureOpenAI };\n",
        ),
    ];
    let whole = "import * as f from './lib/ai/openai-client';\nexport const a = new f.OpenAI();\n";
    let project = project_with(whole, &factory);
    assert_eq!(project.run("fix").code, 0);
    assert_eq!(project.read("a.ts"), whole.replace("new f.OpenAI", "f.getOpenAIClient"));
    for (before, after) in cases {
        let project = project_with(&format!("{before}{call}"), &factory);
        let run = project.run("fix");
        assert_eq!(run.code, 0, "{before}{}{}", run.out, run.err);
        assert_eq!(project.read("a.ts"), format!("{after}{made}"), "{}", run.err);
    }
}
