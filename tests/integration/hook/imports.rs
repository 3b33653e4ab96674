//! What a name means is told by other files, as they will be committed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use walkdir::WalkDir;

use super::Guarded;
use super::module;

const USE: &str = "from app.clients import LLM\n\nclient = LLM()\n";

#[test]
fn a_class_that_another_file_hands_on_is_known() {
    let guarded = Guarded::new();
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    guarded.commit().passes();
    guarded.write("app/use.py", USE);
    guarded.commit().refuses(&["app/use.py:3"]);
}

#[test]
fn a_chain_of_files_that_hand_on_a_class_is_followed() {
    let guarded = Guarded::new();
    guarded.write("app/base.py", "import openai\n\nBase = openai.OpenAI\n");
    guarded.write("app/inner/__init__.py", "from ..base import *\n");
    guarded.write("app/middle.py", "from app import inner\n\nMiddle = inner.Base\n");
    guarded.write("app/clients.py", "from .middle import Middle as LLM\n");
    guarded.commit().passes();
    guarded.write("app/use.py", USE);
    guarded.commit().refuses(&["app/use.py:3"]);
}

#[test]
fn imports_are_followed_through_the_index_and_not_the_work_tree() {
    let guarded = Guarded::new();
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    guarded.write("app/use.py", USE);
    guarded.done(&["add", "--all"]);
    guarded.write("app/clients.py", "from utils.openai_client_factory import get_openai_client as LLM\n");
    guarded.git(&["commit", "--message", "x"]).refuses(&["app/use.py:3"]);
    guarded.done(&["add", "--all"]);
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    guarded.git(&["commit", "--message", "x"]).passes();
}

#[test]
fn a_name_that_meant_the_same_before_is_old() {
    let guarded = Guarded::new();
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    guarded.write("app/use.py", USE);
    guarded.done(&["add", "--all"]);
    guarded.done(&["commit", "--no-verify", "--message", "old"]);
    guarded.write("app/use.py", USE.to_owned() + "limit = 1\n");
    guarded.commit().passes();
    // The class stays the same, by another way.
    guarded.write("app/clients.py", "from app.vendor import LLM\n");
    guarded.write("app/vendor.py", "from openai import OpenAI as LLM\n");
    guarded.write("app/use.py", USE.to_owned() + "limit = 2\n");
    guarded.commit().passes();
}

#[test]
fn a_project_module_called_as_the_package_is_not_the_package() {
    let guarded = Guarded::new();
    guarded.write("app/openai.py", "class OpenAI:\n    pass\n");
    guarded.commit().passes();
    guarded.write("app/use.py", module(&[("connect", "")]).replace("openai", ".openai"));
    guarded.commit().passes();
}

#[test]
fn a_copy_of_the_package_in_the_tree_is_the_package() {
    let guarded = Guarded::new();
    guarded.write("third_party/openai/__init__.py", "from ._client import OpenAI, AsyncOpenAI\n");
    guarded.write("third_party/openai/_client.py", "class OpenAI:\n    pass\n\n\nclass AsyncOpenAI:\n    pass\n");
    guarded.write("third_party/openai/lib/__init__.py", "");
    guarded.write("third_party/openai/lib/azure.py", "class AzureOpenAI:\n    pass\n");
    guarded.commit().passes();
    guarded.write("third_party/use.py", "from third_party.openai import OpenAI\n\nclient = OpenAI()\n");
    guarded.commit().refuses(&["third_party/use.py:3"]);
}

#[test]
fn imports_start_at_the_folder_of_the_factory() {
    let guarded = Guarded::empty();
    guarded.write("backend/utils/openai_client_factory.py", crate::support::FACTORY);
    guarded.write("backend/clients.py", "from openai import OpenAI as LLM\n");
    guarded.write("backend/services/deep/keep.py", "");
    guarded.repository.commit();
    guarded.install();
    guarded.write("backend/services/deep/use.py", "from clients import LLM\n\nclient = LLM()\n");
    guarded.commit().refuses(&["backend/services/deep/use.py:3"]);
    guarded.done(&["reset", "--quiet", "--hard"]);
    guarded.write("tests/unit/test_use.py", "from clients import LLM\n\nclient = LLM()\n");
    guarded.commit().refuses(&["tests/unit/test_use.py:3"]);
}

#[test]
fn a_factory_deep_in_other_folders_is_seen() {
    let guarded = Guarded::empty();
    guarded.write("services/api/backend/utils/openai_client_factory.py", crate::support::FACTORY);
    guarded.write("services/api/backend/clients.py", "from openai import OpenAI as LLM\n");
    guarded.repository.commit();
    guarded.install();
    guarded.write("tests/unit/test_use.py", "from clients import LLM\n\nclient = LLM()\n");
    guarded.commit().refuses(&["tests/unit/test_use.py:3"]);
}

#[test]
fn packages_of_other_projects_in_the_repository_are_known() {
    for folder in ["packages/py-common", "packages/py-common/src", "libs"] {
        let guarded = Guarded::new();
        guarded.write(format!("{folder}/common/__init__.py"), "");
        guarded.write(format!("{folder}/common/clients.py"), "from openai import OpenAI as LLM\n");
        guarded.repository.commit();
        guarded.write("services/web-api/main.py", "from common.clients import LLM\n\nclient = LLM()\n");
        guarded.qmigrate(&["scan", "--select", "direct-client", "services"]).refuses(&["services/web-api/main.py:3"]);
        guarded.commit().refuses(&["services/web-api/main.py:3"]);
    }
}

#[test]
fn what_lies_in_one_of_many_folders_is_known_however_the_index_is_kept() {
    let ways: [&[&[&str]]; 4] = [
        &[],
        &[&["update-index", "--index-version", "4"]],
        &[&["update-index", "--split-index"]],
        &[&["sparse-checkout", "set", "--sparse-index", "services"]],
    ];
    for way in ways {
        let guarded = Guarded::empty();
        guarded.write("part07/deep/utils/openai_client_factory.py", crate::support::FACTORY);
        // The fourth version spells out only what differs from the path before.
        guarded.write("libs/alpha/__init__.py", "");
        guarded.write("libs/common/__init__.py", "");
        guarded.write("libs/common/clients.py", "from openai import OpenAI as LLM\n");
        for number in 0..70 {
            guarded.write(format!("part{number:02}/keep.py"), "");
        }
        guarded.write("services/web/keep.py", "");
        guarded.repository.commit();
        guarded.install();
        for command in way {
            guarded.done(command);
        }
        guarded.write("services/web/main.py", "from common.clients import LLM\n\nclient = LLM()\n");
        guarded.done(&["add", "services"]);
        let said = guarded.git(&["commit", "--message", "test"]);
        said.refuses(&["services/web/main.py:3"]);
        said.says("can only be imported below `part07/deep`");
    }
}

#[test]
fn imports_start_where_the_committed_manifest_says() {
    let guarded = Guarded::new();
    guarded.write("pyproject.toml", "[tool.setuptools.packages.find]\nwhere = ['lib']\n");
    guarded.write("lib/clients.py", "from openai import OpenAI as LLM\n");
    guarded.write("scripts/use.py", "from clients import LLM\n\nclient = LLM()\n");
    guarded.commit().refuses(&["scripts/use.py:3"]);
}

#[test]
fn a_function_of_the_same_name_is_no_bypass() {
    let guarded = Guarded::new();
    guarded
        .write("app/clients.py", "import os\n\n\ndef LLM(**kwargs):\n    return kwargs\n\n\nclass OpenAI:\n    pass\n");
    guarded.write("app/use.py", "from app.clients import LLM, OpenAI\n\nclient = LLM()\nother = OpenAI()\n");
    guarded.commit().passes();
}

/// Copies `fixtures/projects/NAME`.
fn copied(name: &str) -> Guarded {
    let guarded = Guarded::empty();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects").join(name);
    for entry in WalkDir::new(&from).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file()) {
        let name = entry.path().strip_prefix(&from).unwrap();
        guarded.write(name.to_str().unwrap(), fs::read(entry.path()).unwrap());
    }
    guarded.repository.commit();
    guarded
}

#[test]
fn a_file_that_is_judged_alone_has_the_findings_of_a_whole_scan() {
    let mut count = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects")).unwrap() {
        let guarded = copied(entry.unwrap().file_name().to_str().unwrap());
        let scanned = guarded.qmigrate(&["scan", "--format", "json"]);
        let scanned: Value = serde_json::from_str(&scanned.text).unwrap();
        let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for finding in scanned["findings"].as_array().unwrap() {
            if finding["severity"] == "error" && finding["standing"] == "new" {
                let path = finding["path"].as_str().unwrap();
                let cell = finding["cell"].as_u64().map_or_else(String::new, |cell| format!(":cell {cell}"));
                found.entry(path).or_default().push(format!("{path}{cell}:{}", finding["line"]));
            }
        }
        for (path, places) in found {
            guarded.done(&["rm", "--quiet", "--cached", path]);
            guarded.done(&["commit", "--quiet", "--message", "without"]);
            guarded.done(&["add", "--", path]);
            let places: Vec<&str> = places.iter().map(String::as_str).collect();
            guarded.qmigrate(&["hook", "run"]).refuses(&places);
            guarded.done(&["commit", "--quiet", "--message", "with"]);
            count += places.len();
        }
    }
    assert!(count > 10, "{count} findings are too few to tell anything");
}

/// A project in which `app/clients.py` hands on something harmless to `app/api.py`, and that to `app/use.py`.
fn handing_on() -> Guarded {
    let guarded = Guarded::new();
    guarded.write("app/clients.py", "class LLM:\n    pass\n");
    guarded.write("app/api.py", "from app.clients import LLM as Model\n");
    guarded.write("app/use.py", "from app.api import Model\n\nclient = Model()\n");
    guarded.write("app/near.py", "from app import clients\n\nclient = clients.LLM()\n");
    guarded.write("app/apart.py", "from app.other import LLM\n\nclient = LLM()\n");
    guarded.commit().passes();
    guarded
}

#[test]
fn a_file_that_is_left_alone_is_judged_where_a_name_in_it_comes_to_mean_the_client() {
    let guarded = handing_on();
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    let said = guarded.commit();
    said.refuses(&["app/near.py:3", "app/use.py:3"]);
    said.says("`app/use.py` is not staged, but a name that it imports comes to mean what is found there");
    guarded.done(&["commit", "--no-verify", "--message", "x"]);
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\nlimit = 1\n");
    guarded.commit().passes();
}

#[test]
fn packages_that_hand_on_what_a_module_in_them_does_are_followed_to_their_users() {
    for import in ["LLM", "*"] {
        let guarded = Guarded::new();
        guarded.write("app/base/inner.py", "class LLM:\n    pass\n");
        guarded.write("app/base/__init__.py", format!("from .inner import {import}\n"));
        guarded.write("app/api.py", format!("from .base import {import}\n"));
        guarded.write("app/use.py", format!("from app.api import {import}\n\nclient = LLM()\n"));
        guarded.commit().passes();
        guarded.write("app/base/inner.py", "from openai import OpenAI as LLM\n");
        guarded.done(&["add", "--all"]);
        let literally = ["--literal-pathspecs", "commit", "--message", "x"];
        guarded.git(&literally).refuses(&["app/use.py:3"]);
    }
}

#[test]
fn a_file_that_is_left_alone_and_has_the_finding_already_is_no_reason() {
    let guarded = handing_on();
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    guarded.done(&["add", "--all"]);
    guarded.done(&["commit", "--no-verify", "--message", "old"]);
    // Another class, by the same name.
    guarded.write("app/clients.py", "from openai import OpenAI as LLM, OpenAI as Other\n");
    guarded.commit().passes();
    guarded.write("app/more.py", "from app.clients import Other\n\nclient = Other()\n");
    guarded.commit().refuses(&["app/more.py:3"]);
}

#[test]
fn a_default_export_that_comes_to_mean_the_client_is_followed_by_the_name_of_its_file() {
    let guarded = Guarded::new();
    guarded.write("web/lib/llm.ts", "export default class {}\n");
    guarded.write("web/use.ts", "import Model from \"./lib/llm\";\n\nexport const client = new Model();\n");
    guarded.commit().passes();
    guarded.write("web/lib/llm.ts", "export { OpenAI as default } from \"openai\";\n");
    guarded.commit().refuses(&["web/use.ts:3"]);
}

#[test]
fn a_suppression_holds_in_a_file_that_is_left_alone() {
    let guarded = handing_on();
    guarded.write("app/api.py", "");
    guarded.write("app/use.py", "");
    let suppressed = "from app import clients\n\nclient = clients.LLM()  # qmigrate: ignore[direct-client] a test\n";
    guarded.write("app/near.py", suppressed);
    guarded.commit();
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    guarded.commit().passes();
}

#[test]
fn what_is_newly_handed_on_from_a_file_that_is_left_alone_is_followed_to_its_users() {
    let imports = [
        ("from app.deep import LLM", "from app.api import LLM\n\nclient = LLM()\n"),
        ("from app.deep import (\n    LLM,\n)", "from app import api\n\nclient = api.LLM()\n"),
        ("from app.deep import *", "from app.api import LLM\n\nclient = LLM()\n"),
        ("from app import deep as made", "from app.api import made\n\nclient = made.LLM()\n"),
        ("import app.deep as made", "import app.api as api\n\nclient = api.made.LLM()\n"),
    ];
    for (import, user) in imports {
        let guarded = Guarded::new();
        guarded.write("app/deep.py", "from openai import OpenAI as LLM\n");
        guarded.write("app/plain.py", "class LLM:\n    pass\n");
        guarded.write("app/api.py", import.replace("deep", "plain") + "\n");
        guarded.write("app/use.py", user);
        guarded.commit().passes();
        guarded.write("app/api.py", format!("{import}\n"));
        guarded.commit().refuses(&["app/use.py:3"]);
    }
    let guarded = Guarded::new();
    guarded.write("web/deep.ts", "export { OpenAI as Model } from \"openai\";\n");
    guarded.write("web/plain.ts", "export class Model {}\n");
    guarded.write("web/api.ts", "export { Model } from \"./plain\";\n");
    guarded.write("web/use.ts", "import { Model } from \"./api\";\n\nexport const client = new Model();\n");
    guarded.commit().passes();
    guarded.write("web/api.ts", "export { Model } from \"./deep\";\n");
    guarded.commit().refuses(&["web/use.ts:3"]);
}

#[test]
fn what_was_handed_on_before_in_other_words_is_old() {
    let guarded = Guarded::new();
    guarded.write("app/deep.py", "from openai import OpenAI as LLM\n");
    guarded.write("app/api.py", "from app.deep import LLM\n");
    guarded.write("app/use.py", "from app.api import LLM\n\nclient = LLM()\n");
    guarded.done(&["add", "--all"]);
    guarded.done(&["commit", "--no-verify", "--message", "old"]);
    guarded.write("app/api.py", "from app.deep import (\n    LLM,\n)\n");
    guarded.commit().passes();
}

#[test]
fn modules_below_another_are_followed_though_they_do_not_name_it() {
    for import in ["super::*", "super::Client", "super::{Client}"] {
        let guarded = Guarded::new();
        guarded.write("Cargo.toml", "[package]\nname = \"kit\"\nversion = \"0.1.0\"\n");
        guarded.write("src/lib.rs", "mod llm;\n");
        let own = "pub struct Client;\nimpl Client { pub fn new() -> Self { Self } }\n";
        guarded.write("src/llm.rs", format!("mod inner;\n{own}"));
        guarded.write("src/llm/inner.rs", format!("use {import};\n\npub fn make() {{ let _ = Client::new(); }}\n"));
        guarded.commit().passes();
        guarded.write("src/llm.rs", "mod inner;\npub use async_openai::Client;\n");
        guarded.commit().refuses(&["src/llm/inner.rs:3"]);
    }
}

#[test]
fn stars_of_a_crate_are_followed_by_the_name_of_its_library() {
    let manifest = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
    let guarded = Guarded::new();
    guarded.write("Cargo.toml", "[workspace]\nmembers = [\"llm-kit\", \"app\"]\n");
    guarded.write("llm-kit/Cargo.toml", manifest("llm-kit"));
    let own = "pub struct Client;\nimpl Client { pub fn new() -> Self { Self } }\n";
    guarded.write("llm-kit/src/lib.rs", format!("mod own;\n{own}"));
    guarded.write("llm-kit/src/own.rs", "use crate::*;\n\npub fn make() { let _ = Client::new(); }\n");
    guarded.write("app/Cargo.toml", manifest("app") + "[dependencies]\nllm-kit = { path = \"../llm-kit\" }\n");
    guarded.write("app/src/main.rs", "use llm_kit::*;\n\nfn main() { let _ = Client::new(); }\n");
    guarded.commit().passes();
    guarded.write("llm-kit/src/lib.rs", "mod own;\npub use async_openai::Client;\n");
    guarded.commit().refuses(&["app/src/main.rs:3", "llm-kit/src/own.rs:3"]);
}
