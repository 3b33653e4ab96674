#![expect(clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! `qmigrate history`: at every commit, what a scan of its checkout says.

use std::process::Command;

use serde_json::Value;
use serde_json::json;

use crate::support::FACTORY;
use crate::support::Project;
use crate::support::Run;

const CLIENT: &str = "from openai import OpenAI\n\n\ndef connect(workspace_id):\n    return OpenAI(timeout=30)\n";

/// A project whose history is told day by day.
struct Diary {
    project: Project,
    day: i64,
}

impl Diary {
    fn new() -> Self {
        Self { project: Project::git(), day: 0 }
    }

    /// Commits what was done, a day after the last commit.
    fn commit(&mut self, what: &str) {
        self.project.run_git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", what]);
    }

    fn git(&mut self, arguments: &[&str]) -> Run {
        self.day += 1;
        let mut command = Command::new("git");
        let time = self.time();
        command.env("GIT_AUTHOR_DATE", format!("{time} +0000")).env("GIT_COMMITTER_DATE", format!("{time} +0000"));
        command.args(["-c", "user.name=test", "-c", "user.email=test@example.com"]).args(arguments);
        let run = self.project.finish(&mut command, "");
        assert_eq!(run.code, 0, "git {arguments:?}: {}", run.err);
        run
    }

    fn time(&self) -> i64 {
        1_700_000_000 + self.day * 86_400
    }

    fn run(&self, arguments: &str) -> Run {
        let mut command = self.project.command();
        command.arg("history").args(arguments.split_whitespace()).env("SOURCE_DATE_EPOCH", self.time().to_string());
        self.project.finish(&mut command, "")
    }

    fn history(&self, arguments: &str) -> Value {
        let run = self.run(&format!("--format json {arguments}"));
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        serde_json::from_str(&run.out).unwrap_or_default()
    }

    /// Compares the history with a scan of a checkout of each commit, and returns it.
    fn check(&self) -> Value {
        let history = self.history("");
        let log = self.project.run_git(&["log", "--first-parent", "--reverse", "--format=%H"]).out;
        let commits = history["commits"].as_array().cloned().unwrap_or_default();
        let names: Vec<&str> = commits.iter().filter_map(|commit| commit["commit"].as_str()).collect();
        assert_eq!(names, log.lines().collect::<Vec<_>>());
        self.project.run_git(&["worktree", "add", "--quiet", "--detach", "../checkout"]);
        for commit in &commits {
            let name = commit["commit"].as_str().unwrap_or_default();
            self.project.run_git(&["-C", "../checkout", "checkout", "--quiet", "--force", name]);
            let mut command = self.project.command();
            command.args(["scan", "--format", "json", "--no-baseline"]).current_dir(self.project.path("../checkout"));
            let run = self.project.finish(&mut command, "");
            let said = self.project.run_git(&["log", "-1", "--format=%s", name]).out;
            if run.code == 2 {
                assert!(commit["error"].is_string(), "{said}: {}", run.err);
                continue;
            }
            assert_eq!(numbers(commit), sums(&serde_json::from_str(&run.out).unwrap_or_default()), "{said}");
        }
        self.project.run_git(&["worktree", "remove", "--force", "../checkout"]);
        history
    }
}

/// The numbers that a history has of a commit.
fn numbers(commit: &Value) -> Value {
    let names = ["migrated", "pending", "held_back", "suppressed", "warnings", "problems", "by_rule"];
    Value::Object(names.into_iter().map(|name| (name.to_owned(), commit[name].clone())).collect())
}

/// The same numbers of a scan.
fn sums(scan: &Value) -> Value {
    let findings = scan["findings"].as_array().cloned().unwrap_or_default();
    let (mut pending, mut held_back, mut suppressed, mut warnings) = (0, 0, 0, 0);
    for finding in &findings {
        if finding["standing"] == "suppressed" {
            suppressed += 1;
        } else if finding["severity"] != "error" {
            warnings += 1;
        } else if finding["fix"].is_null() {
            held_back += 1;
        } else {
            pending += 1;
        }
    }
    json!({
        "migrated": scan["summary"]["migrated_sites"], "pending": pending, "held_back": held_back,
        "suppressed": suppressed, "warnings": warnings,
        "problems": scan["problems"].as_array().map(Vec::len), "by_rule": scan["summary"]["by_rule"],
    })
}

/// A history in which files mean something else because of others.
fn eventful() -> Diary {
    let mut diary = Diary::new();
    diary.commit("nothing yet");
    diary.project.write("app/llm.py", CLIENT);
    diary.project.write("app/__init__.py", "");
    diary.project.write("notes.md", "notes\n");
    diary.commit("one client, no factory");
    diary.project.write("app/clients.py", "from os import path as LLM\n");
    diary
        .project
        .write("app/service.py", "from app.clients import LLM\n\n\ndef make(workspace_id):\n    return LLM()\n");
    diary.commit("a name that means nothing");
    diary.project.write(
        "app/early.py",
        "import openai\nfrom app.later import Later\n\n\ndef make(workspace_id):\n    openai.OpenAI()\n    return Later()\n",
    );
    diary.commit("a file that imports what is not there");
    diary.project.write("app/later.py", "from openai import OpenAI as Later\n");
    diary.commit("now it is there");
    diary.project.write("notes.md", "more\n");
    diary.commit("notes only");
    diary.project.write("app/clients.py", "from openai import OpenAI as LLM\n");
    diary.commit("a re-export gives the other file a meaning");
    diary.project.write("app/other.py", "import os\n\n\ndef unrelated():\n    return os\n");
    diary.commit("an unrelated file");
    diary.project.write("app/other.py", "import os\n\n\ndef unrelated():\n    return os.path\n");
    diary.commit("its body changes");
    diary.project.write("app/other.py", "import os\nfrom app.clients import LLM\n\n\nclass Mine(LLM):\n    pass\n");
    diary.commit("its imports change");
    diary.project.write("utils/__init__.py", "");
    diary.project.write("utils/openai_client_factory.py", "def get_openai_client(**kwargs): ...\n");
    diary.commit("a factory without the context appears");
    diary.project.write("utils/openai_client_factory.py", FACTORY);
    diary.commit("it takes the context");
    diary.project.write(
        "app/llm.py",
        "from utils.openai_client_factory import get_openai_client\n\n\ndef connect(workspace_id):\n    return get_openai_client(timeout=30, workspace_id=workspace_id)\n",
    );
    diary.commit("one site is migrated");
    diary.project.run_git(&["mv", "app", "backend"]);
    diary.commit("the folder is renamed, its imports are not");
    diary.project.run_git(&["mv", "backend", "app"]);
    diary.commit("and back");
    diary.project.write("pyproject.toml", "[tool.setuptools.packages.find]\nwhere = [\"lib\"]\n");
    diary.project.write("lib/core/clients.py", "from openai import AsyncOpenAI\n");
    diary.project.write("job.py", "from core.clients import AsyncOpenAI\n\nclient = AsyncOpenAI()\n");
    diary.commit("a manifest names a root");
    diary.project.write("pyproject.toml", "[tool.setuptools.packages.find]\nwhere = [\"elsewhere\"]\n");
    diary.commit("the manifest names another");
    diary.git(&["checkout", "--quiet", "-b", "side", "HEAD~3"]);
    diary.project.write("app/side.py", &format!("{CLIENT}\n\nbroken = OpenAI(  # no end\n"));
    diary.commit("a broken file on the side");
    diary
        .project
        .write("app/side.py", &format!("{CLIENT}\n\nkept = OpenAI()  # qmigrate: ignore[direct-client] stays\n"));
    diary.commit("mended, and suppressed");
    diary.git(&["checkout", "--quiet", "-"]);
    diary.git(&["merge", "--quiet", "--no-ff", "--message", "merge the side", "side"]);
    diary.project.write(".gitignore", "side.py\n");
    diary.commit("a file that git knows is to be ignored");
    diary.project.write(".ignore", "!side.py\n!.hidden/\n");
    diary.project.write(".hidden/a.py", CLIENT);
    diary.commit("and shown again, with what is hidden");
    diary.project.write("app/broken.py", &format!("{CLIENT}\n\nbroken = OpenAI(  # qmigrate: ignore[direct-client]\n"));
    diary.project.write("app/unused.py", "x = 1  # qmigrate: ignore[direct-client] for nothing\n");
    diary.commit("a broken file, and a suppression of nothing");
    diary.project.write(
        "web/tsconfig.json",
        "{\"compilerOptions\": {\"baseUrl\": \".\", \"paths\": {\"@llm/*\": [\"./one/*\"]}}}\n",
    );
    diary.project.write("web/one/client.ts", "export const Client = Map;\n");
    diary.project.write("web/two/client.ts", "export { default as Client } from 'openai';\n");
    diary.project.write("web/use.ts", "import { Client } from '@llm/client';\nexport const client = new Client();\n");
    diary.commit("typescript");
    diary.project.write(
        "web/tsconfig.json",
        "{\"compilerOptions\": {\"baseUrl\": \".\", \"paths\": {\"@llm/*\": [\"./two/*\"]}}}\n",
    );
    diary.commit("an alias leads to the other file");
    diary.project.write(
        "tests/test_llm.py",
        "from unittest.mock import patch\n\n\n@patch('app.service.LLM')\ndef test_it(client): ...\n",
    );
    diary.commit("a test patches a name");
    diary.project.write("twice/utils/openai_client_factory.py", FACTORY);
    diary.commit("the factory is there twice");
    diary.project.write("notes.md", "twice\n");
    diary.commit("still twice");
    diary.project.run_git(&["rm", "--quiet", "-r", "twice"]);
    diary.commit("and once again");
    diary.project.run_git(&["rm", "--quiet", "utils/openai_client_factory.py"]);
    diary.commit("and not at all");
    diary.project.run_git(&["revert", "--no-commit", "HEAD"]);
    diary.commit("and again");
    diary.project.run_git(&["rm", "--quiet", "app/clients.py"]);
    diary.commit("the re-export is gone");
    diary
}

#[test]
fn the_numbers_of_each_commit_are_those_of_a_scan_of_its_checkout() {
    let diary = eventful();
    let history = diary.check();
    let commits = history["commits"].as_array().cloned().unwrap_or_default();
    assert!(commits.len() > 20);
    let some = |name: &str| commits.iter().any(|commit| commit[name].as_u64().is_some_and(|number| number > 0));
    for name in ["migrated", "pending", "held_back", "suppressed", "warnings", "problems"] {
        assert!(some(name), "there is never any {name}: {history:#}");
    }
}

/// A history in which files come and go that mean nothing by themselves.
fn comings_and_goings() -> Diary {
    let mut diary = Diary::new();
    let add = |diary: &mut Diary, path: &str, text: &str| {
        diary.project.write(path, text);
        diary.commit(path);
    };
    let remove = |diary: &mut Diary, path: &str| {
        diary.project.run_git(&["rm", "--quiet", "--force", path]);
        diary.commit(path);
    };
    let idle = "def idle():\n    return 1\n";
    let use_of = |from: &str, name: &str| {
        format!("import openai\nfrom {from} import {name}\n\n\ndef make(workspace_id):\n    return {name}()\n")
    };
    add(&mut diary, "app/llm.py", CLIENT);
    add(&mut diary, "app/clients.py", "from openai import OpenAI as LLM\n");
    for (folder, ending) in [("app", "md"), ("app", "py"), ("odd-name", "md"), ("web", "ts"), ("web", "md")] {
        add(&mut diary, &format!("{folder}/idle.{ending}"), "");
    }
    // Nobody asks for these, until somebody imports what they become.
    add(&mut diary, "app/quiet.py", idle);
    add(&mut diary, "app/quiet.py", "from app.clients import LLM\n\n\ndef make(workspace_id):\n    return LLM()\n");
    remove(&mut diary, "app/quiet.py");
    add(&mut diary, "app/quiet.py", idle);
    // Somebody asks for these, by a module, a name in a package, a star, and without a package.
    add(&mut diary, "app/late.py", &use_of("app.coming", "Client"));
    add(&mut diary, "app/coming.py", idle);
    add(&mut diary, "app/coming.py", "from openai import OpenAI as Client\n");
    remove(&mut diary, "app/coming.py");
    add(&mut diary, "app/star.py", "from openai import *\nfrom app.shadow import *\n\nclient = OpenAI()\n");
    add(&mut diary, "app/shadow.py", "OpenAI = dict\n");
    remove(&mut diary, "app/shadow.py");
    add(&mut diary, "app/part.py", "from openai import OpenAI\nfrom . import inner\n\nclient = inner.LLM()\n");
    add(&mut diary, "app/inner.py", "LLM = dict\n");
    add(&mut diary, "app/inner.py", "from openai import OpenAI as LLM\n");
    add(&mut diary, "app/script.py", &use_of("neighbour", "LLM"));
    add(&mut diary, "app/neighbour.py", "from openai import OpenAI as LLM\n");
    remove(&mut diary, "app/neighbour.py");
    // The first of its language in a folder at which imports start for that reason, and the last.
    add(&mut diary, "job.py", &use_of("x", "LLM"));
    add(&mut diary, "odd-name/y.py", idle);
    add(&mut diary, "odd-name/x.py", "from openai import OpenAI as LLM\n");
    remove(&mut diary, "odd-name/y.py");
    remove(&mut diary, "odd-name/x.py");
    // A package, a namesake of the SDK, a factory.
    add(&mut diary, "app/__init__.py", "");
    add(&mut diary, "openai.py", "class OpenAI: ...\n");
    remove(&mut diary, "openai.py");
    add(&mut diary, "utils/idle.py", idle);
    add(&mut diary, "utils/openai_client_factory.py", FACTORY);
    add(&mut diary, "utils/more.py", "from openai import OpenAI\n");
    remove(&mut diary, "utils/openai_client_factory.py");
    // An ending that is stronger, and an index.
    add(
        &mut diary,
        "web/use.ts",
        "import OpenAI from 'openai';\nimport { A } from './a';\nexport const a = new A();\n",
    );
    add(&mut diary, "web/a.js", "export { default as A } from 'openai';\n");
    add(&mut diary, "web/a.ts", "export const A = Map;\n");
    remove(&mut diary, "web/a.ts");
    add(&mut diary, "web/b.ts", "export const B = Map;\n");
    add(
        &mut diary,
        "web/use.ts",
        "import OpenAI from 'openai';\nimport { B } from './b';\nexport const b = new B();\n",
    );
    remove(&mut diary, "web/b.ts");
    diary
}

#[test]
fn files_that_come_and_go_are_passed_over_only_where_nobody_asks_for_them() {
    let history = comings_and_goings().check();
    let commits = history["commits"].as_array().cloned().unwrap_or_default();
    let changes = commits.windows(2).filter(|pair| numbers(&pair[0]) != numbers(&pair[1])).count();
    assert!(changes > 12, "{changes} of {}: {history:#}", commits.len());
}

#[test]
fn a_second_run_and_one_that_goes_on_say_the_same_as_a_first_one() {
    let mut diary = eventful();
    diary.git(&["checkout", "--quiet", "--detach", "HEAD~8"]);
    diary.history("");
    diary.git(&["checkout", "--quiet", "-"]);
    diary.history("--every 3");
    let history = diary.check();
    assert_eq!(diary.history(""), history);
    let every = diary.history("--every 4");
    let all = history["commits"].as_array().cloned().unwrap_or_default();
    let mut expected: Vec<Value> = all.iter().step_by(4).cloned().collect();
    if (all.len() - 1) % 4 != 0 {
        expected.extend(all.last().cloned());
    }
    assert_eq!(every["commits"], Value::from(expected));
}

#[test]
fn what_was_learnt_holds_for_one_configuration_only() {
    let mut diary = Diary::new();
    diary.project.write("app/llm.py", CLIENT);
    diary.commit("one");
    assert_eq!(diary.history("")["commits"][0]["pending"], 1);
    diary.project.write("qmigrate.toml", "exclude = ['app/**']\n");
    assert_eq!(diary.history("")["commits"][0]["pending"], 0);
    diary.project.write("qmigrate.toml", "");
    assert_eq!(diary.history("")["commits"][0]["pending"], 1);
}

#[test]
fn a_repository_without_commits_has_no_history_and_a_folder_without_one_is_refused() {
    let run = Project::git().run("history");
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "qmigrate: no commits.\n", ""));
    Project::new().refuses("history", "is in no git repository");
}

/// Ten clients, of which one or two are migrated each week.
fn steady() -> Diary {
    let mut diary = Diary::new();
    diary.project.write("utils/__init__.py", "");
    diary.project.write("utils/openai_client_factory.py", FACTORY);
    for number in 0..10 {
        diary.project.write(&format!("app/a{number}.py"), CLIENT);
    }
    diary.commit("start");
    for number in 0..6 {
        diary.day += if number % 2 == 0 { 6 } else { 3 };
        let fixed = "from utils.openai_client_factory import get_openai_client\n\n\ndef connect(workspace_id):\n    return get_openai_client(timeout=30, workspace_id=workspace_id)\n";
        diary.project.write(&format!("app/a{number}.py"), fixed);
        diary.commit("one more");
    }
    diary
}

#[test]
fn the_pace_and_the_forecast_follow_from_the_weeks() {
    let diary = steady();
    let history = diary.history("");
    assert_eq!(history["pace"]["weeks"], 3, "{history:#}");
    assert_eq!(history["forecast"]["state"], "forecast");
    insta::assert_snapshot!("history_text", scrub(&diary.run("").out));
    insta::assert_snapshot!("history_csv", scrub(&diary.run("--format csv").out));
    let svg = diary.run("--format svg --output burn.svg");
    assert_eq!((svg.code, svg.out.as_str(), svg.err.as_str()), (0, "", ""));
    insta::assert_snapshot!("history_svg", diary.project.read("burn.svg"));
}

/// Commits have other names each time, as their parents' trees hold what git itself may write.
fn scrub(text: &str) -> String {
    let names = regex::Regex::new("[0-9a-f]{10,40}");
    names.map_or_else(|_| text.to_owned(), |names| names.replace_all(text, "[COMMIT]").into_owned())
}
