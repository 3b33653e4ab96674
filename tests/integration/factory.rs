#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! `qmigrate init --factory`, `--check` and `--update`, as a process.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use qmigrate::lock::Lock;
use qmigrate::lock::fingerprint;
use qmigrate::scaffold;
use walkdir::WalkDir;

use crate::support::Project;
use crate::support::Run;

const SEAM: &str = "openai_runtime/_seam.py";
const FACTORY: &str = "utils/openai_client_factory.py";

/// A repository without a factory, committed.
fn project() -> Project {
    let project = Project::git();
    project.write("app.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    project.commit();
    project
}

/// The same with a factory, committed too.
fn with_factory() -> Project {
    let project = project();
    done(project.run("init --factory python --write"));
    project.commit();
    project
}

/// How many files the factory has.
fn count() -> usize {
    scaffold::python("utils.openai_client_factory").len()
}

fn done(run: Run) -> Run {
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    run
}

fn status(project: &Project) -> String {
    project.run_git(&["status", "--porcelain", "--untracked-files=all"]).out
}

/// Makes the factory look as if an earlier version had written it, with another text of one file.
fn age(project: &Project, name: &str, text: &str) {
    project.write(name, text);
    let mut lock = Lock::parse(&project.read("QMIGRATE.lock")).unwrap();
    let factory = &mut lock.factories[0];
    "0.0.9".clone_into(&mut factory.version);
    factory.files.insert(name.to_owned(), fingerprint(text.as_bytes()));
    project.write("QMIGRATE.lock", &lock.render());
    project.commit();
}

#[test]
fn the_files_on_disk_are_those_in_the_binary() {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime/python");
    let mut on_disk = BTreeSet::new();
    for folder in ["src", "scaffold"] {
        let entries = WalkDir::new(runtime.join(folder)).into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file());
        let files = files.filter(|entry| !entry.path().components().any(|part| part.as_os_str() == "__pycache__"));
        for entry in files {
            let name = entry.path().strip_prefix(runtime.join(folder)).unwrap().to_str().unwrap().to_owned();
            on_disk.insert((name, fs::read_to_string(entry.path()).unwrap()));
        }
    }
    let pieces = scaffold::python("utils.openai_client_factory").into_iter();
    assert_eq!(pieces.map(|piece| (piece.path, piece.text.to_owned())).collect::<BTreeSet<_>>(), on_disk);
}

#[test]
fn the_patch_is_what_is_written_and_undo_takes_all_of_it_back() {
    let project = project();
    let shown = done(project.run("init --factory python"));
    assert!(shown.err.contains("nothing was written"), "{}", shown.err);
    assert_eq!(status(&project), "");
    project.run_git_with(&["apply"], &shown.out);
    project.run_git(&["add", "--all"]);
    let applied = project.run_git(&["write-tree"]).out;
    project.run_git(&["reset", "--quiet", "--hard"]);

    let written = done(project.run("init --factory python --write"));
    // With the lock, and a package for the two modules.
    let said = format!("Wrote {} files: the factory `utils.openai_client_factory`, in `.`.", count() + 2);
    assert!(written.out.starts_with(&said), "{}", written.out);
    project.run_git(&["add", "--all"]);
    assert_eq!(project.run_git(&["write-tree"]).out, applied);
    project.run_git(&["reset", "--quiet"]);
    assert_eq!(project.read("utils/__init__.py"), "");
    project.refuses("init --factory python", "`QMIGRATE.lock` lists a factory in `.` already");

    done(project.run("undo"));
    assert_eq!(status(&project), "");
    assert!(!project.path("openai_runtime").exists() && !project.path("utils").exists());
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let project = project();
    project.write("openai_runtime/types.py", "mine = 1\n");
    project.write("openai_runtime/_seam.py/x", "");
    let message =
        "nothing is overwritten, and there is something already: `openai_runtime/_seam.py`, `openai_runtime/types.py`";
    project.refuses("init --factory python --write", message);
    assert_eq!(project.read("openai_runtime/types.py"), "mine = 1\n");
}

#[test]
fn a_factory_that_the_new_one_stands_in_for_is_replaced_and_comes_back() {
    let project = Project::demo();
    let old = project.read(FACTORY);
    let shown = done(project.run("init --factory python"));
    assert!(shown.out.contains("-def get_openai_client("), "{}", shown.out);
    assert_eq!(status(&project), "");
    let written = done(project.run("init --factory python --write"));
    assert!(written.err.contains("`utils/openai_client_factory.py` is replaced"), "{}", written.err);
    assert!(project.read(FACTORY).contains("from openai_runtime import"));
    done(project.run("init --check"));
    done(project.run("undo"));
    assert_eq!(project.read(FACTORY), old);
    assert_eq!(status(&project), "");
}

#[test]
fn a_factory_that_has_more_or_is_not_committed_stays() {
    let project = Project::demo();
    let error = "error: the project has a factory: `utils/openai_client_factory.py`";
    let old = project.read(FACTORY);
    project.write("app/limits.py", "from utils.openai_client_factory import LIMIT\n");
    project.refuses("init --factory python", "it would not have `LIMIT`, which `app/limits.py` takes from it");
    for (user, name) in [
        ("import utils.openai_client_factory\nutils.openai_client_factory.OpenAI()\n", "OpenAI"),
        ("import utils.openai_client_factory as f\n\n\ndef use():\n    return f.OpenAI\n", "OpenAI"),
        ("from utils import openai_client_factory\nopenai_client_factory.REGION\n", "REGION"),
        ("from utils.openai_client_factory import *\n", "*"),
        ("@patch('utils.openai_client_factory.OpenAI')\ndef test(client):\n    pass\n", "OpenAI"),
    ] {
        project.write("app/limits.py", &format!("from unittest.mock import patch\n{user}"));
        project.refuses("init --factory python", &format!("it would not have `{name}`, which `app/limits.py`"));
    }
    project.write("app/limits.py", "from utils.openai_client_factory import LIMIT\n");
    for (text, why) in [
        (format!("{old}\n\nclass Ours:\n    pass\n"), "it would not have `Ours`"),
        (format!("{old}\nLIMIT = 3\n"), "it would not have `LIMIT`"),
        (format!("{old}\ndef broken(:\n"), "it does not parse"),
        (format!("{old}\n# A change.\n"), "changes that git does not know"),
    ] {
        project.write(FACTORY, &text);
        if why.contains("changes") {
            project.write("app/limits.py", "");
        }
        project.refuses("init --factory python --write", error);
        project.refuses("init --factory python --write", why);
        assert_eq!(project.read(FACTORY), text);
    }
}

#[test]
fn the_configuration_says_where_it_goes() {
    let project = project();
    project.write("qmigrate.toml", "roots = ['backend']\n[factory]\npython = 'acme.llm.clients'\n");
    project.write("backend/acme/x.py", "");
    done(project.run("init --factory python --write --verbose"));
    let lock = Lock::parse(&project.read("QMIGRATE.lock")).unwrap();
    assert_eq!((lock.factories[0].dest.as_str(), lock.factories[0].module.as_str()), ("backend", "acme.llm.clients"));
    for name in ["acme/llm/clients.py", "acme/llm/ai_usage_context.py", "acme/llm/__init__.py", "openai_runtime/cli.py"]
    {
        assert!(project.path(&format!("backend/{name}")).is_file(), "{name}");
    }
    assert!(!project.path("backend/acme/__init__.py").exists(), "a folder that is there stays as it is");

    project.write("qmigrate.toml", "roots = ['backend', 'tools']\n");
    project.write("tools/x.py", "");
    project.refuses("init --factory python", "say where the factory belongs: `--dest backend` or `--dest tools`");
    project.refuses("init --factory python --dest ..", "lies outside the project");
    done(project.run("init --factory python --write --dest tools"));
    assert_eq!(Lock::parse(&project.read("QMIGRATE.lock")).unwrap().factories.len(), 2);
}

#[test]
fn without_a_word_it_goes_where_imports_start() {
    let packaged = Project::git();
    packaged.write("src/app/__init__.py", "import openai\n");
    packaged.write("tests/test_app.py", "import openai\n");
    assert!(done(packaged.run("init --factory python")).out.contains("+++ b/src/utils/openai_client_factory.py"));
    let plain = Project::git();
    plain.write("backend/app/__init__.py", "");
    plain.write("backend/app/llm.py", "import openai\n");
    plain.write("tests/test_app.py", "import openai\n");
    assert!(done(plain.run("init --factory python")).out.contains("+++ b/backend/utils/openai_client_factory.py"));
}

#[test]
fn versions_that_the_factory_does_not_work_with_are_named() {
    let project = project();
    project.write("pyproject.toml", "[project]\nrequires-python = '>=3.8'\n");
    project.write("backend/uv.lock", "[[package]]\nname = 'openai'\nversion = '0.28.1'\n");
    let run = done(project.run("init --factory python --dest backend"));
    let works = "the factory works with 1.40 and newer, up to 3.x";
    assert!(run.err.contains(&format!("warning: `backend/uv.lock` has openai 0.28.1, and {works}\n")), "{}", run.err);
    let python = "warning: `pyproject.toml` allows Python >=3.8, and the factory needs 3.9 or newer\n";
    assert!(run.err.contains(python), "{}", run.err);
    done(project.run("init --factory python --dest backend --write"));
    assert!(done(project.run("init --update")).err.contains(python));
    assert!(!done(project.run("init --factory python --dest .")).err.contains("0.28.1"));
}

#[test]
fn what_the_lock_lists_is_never_a_finding() {
    let project = with_factory();
    let found = project.run("scan");
    assert!(found.out.contains("app.py:3") && !found.out.contains("openai_runtime"), "{}", found.out);
    project.write(SEAM, "import openai\n\nopenai.OpenAI()\nopenai.api_key = 'k'\n\nclass Own(openai.OpenAI): ...\n");
    project.run_git(&["add", "--all"]);
    done(project.run("hook run"));
    done(project.run("scan openai_runtime"));
    project.write("sub/x.py", "");
    // The same project seen from a folder above it.
    let above = Project::git();
    for name in project.run_git(&["ls-files"]).out.lines() {
        above.write(&format!("sub/{name}"), &project.read(name));
    }
    let found = above.run("scan");
    assert!(found.out.contains("sub/app.py:3") && !found.out.contains("openai_runtime"), "{}", found.out);

    fs::remove_file(project.path("QMIGRATE.lock")).unwrap();
    let found = project.run("scan openai_runtime");
    assert!(found.out.contains("openai_runtime/_seam.py:3"), "{}", found.out);
}

#[test]
fn a_damaged_lock_stops_every_command() {
    let project = with_factory();
    let text = project.read("QMIGRATE.lock").replace("[[factory]]", "<<<<<<< HEAD\n[[factory]]");
    project.write("QMIGRATE.lock", &text);
    for command in ["scan", "fix", "init --check", "init --update"] {
        project.refuses(command, "error: QMIGRATE.lock:6: a merge has left its conflict here");
    }
}

#[test]
fn a_checkout_with_other_line_ends_is_brought_up_to_date_in_its_own() {
    let project = with_factory();
    age(&project, SEAM, "old = 1\n");
    for name in project.run_git(&["ls-files"]).out.lines() {
        project.write(name, &project.read(name).replace('\n', "\r\n"));
    }
    project.commit();
    done(project.run("init --check"));
    done(project.run("init --update --write"));
    assert!(!project.read(SEAM).contains("old = 1"));
    for name in [SEAM, "QMIGRATE.lock"] {
        let text = project.read(name);
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{name}");
    }
    project.commit();
    assert_eq!(done(project.run("init --update")).out, "The factory is that of qmigrate 0.1.0.\n");
}

#[test]
fn an_update_brings_back_a_folder_that_is_gone() {
    let project = with_factory();
    let whole = project.run_git(&["rev-parse", "HEAD^{tree}"]).out;
    fs::remove_dir_all(project.path("utils")).unwrap();
    done(project.run("init --update --write"));
    project.run_git(&["add", "--all"]);
    assert_eq!(project.run_git(&["write-tree"]).out, whole);
    fs::remove_file(project.path("utils/__init__.py")).unwrap();
    assert_eq!(done(project.run("init --update")).out, "The factory is that of qmigrate 0.1.0.\n");
}

#[test]
fn check_names_what_was_changed() {
    let project = with_factory();
    let all = format!("All {} files of the factory are as they were written.\n", count());
    assert_eq!(done(project.run("init --check")).out, all);
    // As a checkout on Windows may have it.
    project.write(SEAM, &project.read(SEAM).replace('\n', "\r\n"));
    done(project.run("init --check"));
    project.write(SEAM, "mine = 1\n");
    fs::remove_file(project.path("openai_runtime/redis.py")).unwrap();
    let run = project.run("init --check");
    assert_eq!(run.code, 1);
    let drifted = "openai_runtime/_seam.py: changed\nopenai_runtime/redis.py: missing\n";
    assert_eq!(run.out, format!("{drifted}2 of {} files of the factory are not as they were written.\n", count()));
    Project::git().refuses("init --check", "no `QMIGRATE.lock` lists files of a factory");
}

#[test]
fn an_update_writes_what_nobody_changed_and_brings_back_what_is_missing() {
    let project = with_factory();
    let current = project.run_git(&["rev-parse", "HEAD^{tree}"]).out;
    assert_eq!(done(project.run("init --update")).out, "The factory is that of qmigrate 0.1.0.\n");
    age(&project, SEAM, "old = 1\n");
    fs::remove_file(project.path("openai_runtime/redis.py")).unwrap();
    let shown = done(project.run("init --update"));
    assert!(shown.out.contains("-old = 1"), "{}", shown.out);
    assert_eq!(project.read(SEAM), "old = 1\n");
    let run = done(project.run("init --update --write"));
    assert!(run.out.starts_with("Wrote 3 files: the factory is that of qmigrate 0.1.0."), "{}", run.out);
    project.run_git(&["add", "--all"]);
    assert_eq!(project.run_git(&["write-tree"]).out, current);
    done(project.run("undo"));
    assert_eq!(project.read(SEAM), "old = 1\n");
}

#[test]
fn an_update_removes_what_is_no_longer_part_of_the_factory() {
    let project = with_factory();
    age(&project, "openai_runtime/_gone.py", "old = 1\n");
    done(project.run("init --update --write"));
    assert!(!project.path("openai_runtime/_gone.py").exists());
    done(project.run("undo"));
    assert_eq!(project.read("openai_runtime/_gone.py"), "old = 1\n");
}

#[test]
fn changes_of_the_project_stop_an_update_or_are_merged() {
    let project = with_factory();
    let new = project.read(SEAM);
    // The earlier version lacked the last line.
    let old: String = new.lines().take(new.lines().count() - 1).flat_map(|line| [line, "\n"]).collect();
    age(&project, SEAM, &old);
    project.write(SEAM, &format!("# mine\n{old}"));
    project.commit();
    let message = "these files have changes of your own: `openai_runtime/_seam.py`";
    project.refuses("init --update", message);
    project.refuses("init --update --write", message);
    done(project.run("init --update --force"));
    assert_eq!(project.read(SEAM), format!("# mine\n{old}"));
    done(project.run("init --update --force --write"));
    assert_eq!(project.read(SEAM), format!("# mine\n{new}"));
    assert_eq!(project.run("init --check").out.lines().next(), Some("openai_runtime/_seam.py: changed"));
}

#[test]
fn changes_that_contradict_each_other_leave_all_files_alone() {
    let project = with_factory();
    let new = project.read(FACTORY);
    age(&project, FACTORY, &new.replace("only door", "old door"));
    age(&project, SEAM, "old = 1\n");
    project.write(FACTORY, &new.replace("only door", "back door"));
    let message = "`utils/openai_client_factory.py` is changed here where the new version changes it too";
    project.refuses("init --update --force --write", message);
    assert_eq!(project.read(SEAM), "old = 1\n");
    // Without the commits nobody knows what was written.
    fs::remove_dir_all(project.path(".git")).unwrap();
    project.refuses("init --update --force --write", "no commit has it as it was written");
}

#[test]
fn a_newer_factory_is_not_taken_back_to_an_older_one() {
    let project = with_factory();
    project.write("QMIGRATE.lock", &project.read("QMIGRATE.lock").replace("\"0.1.0\"", "\"9.0.0\""));
    project.refuses("init --update --write", "the factory in `.` is newer: of qmigrate 9.0.0, and this is 0.1.0");
}
