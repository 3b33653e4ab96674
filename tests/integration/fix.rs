//! `qmigrate fix` and `qmigrate undo`, as processes.

use serde_json::Value;

use crate::support::Project;

const FIXED: &str = "\
from utils.openai_client_factory import get_openai_client


def connect(workspace_id):
    return get_openai_client(timeout=30, workspace_id=workspace_id)
";

#[test]
fn a_fix_is_written_and_undone() {
    let project = Project::demo();
    let before = project.read("app/llm.py");
    let run = project.run("fix");
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.starts_with("Fixed 1 finding in 1 file.\n  app/llm.py\n"), "{}", run.out);
    assert!(run.out.ends_with("hint: `qmigrate undo` takes this back\n"), "{}", run.out);
    assert_eq!(project.read("app/llm.py"), FIXED);
    assert_eq!(project.run("scan").code, 0);
    project.commit();
    assert_eq!(project.run("fix").out, "Nothing to fix.\n");
    assert!(project.run("undo --list").out.contains("  1 file\n"));
    let run = project.run("undo");
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(project.read("app/llm.py"), before);
    project.refuses("undo", "error: nothing to undo");
}

#[test]
fn the_patch_of_a_dry_run_is_what_fix_writes() {
    let project = Project::demo();
    let before = project.read("app/llm.py");
    let run = project.run("fix --dry-run");
    assert_eq!((run.code, project.read("app/llm.py")), (0, before));
    project.run_git_with(&["apply", "-"], &run.out);
    assert_eq!(project.read("app/llm.py"), FIXED);
}

#[test]
fn a_check_writes_nothing_and_fails_if_something_would_change() {
    let project = Project::demo();
    let before = project.read("app/llm.py");
    let run = project.run("fix --check");
    assert_eq!((run.code, project.read("app/llm.py")), (1, before));
    assert!(run.out.starts_with("Would fix 1 finding in 1 file.\n"), "{}", run.out);
    assert_eq!(project.run("fix --check --ignore direct-client").code, 0);
}

#[test]
fn files_that_git_does_not_know_are_left_alone_unless_allowed() {
    let project = Project::demo();
    project.write("app/new.py", "import openai\nclient = openai.OpenAI()\n");
    let run = project.run("fix");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("  app/new.py: is not tracked by git\n"), "{}", run.out);
    assert!(run.out.contains("--allow-dirty"), "{}", run.out);
    assert_eq!(project.read("app/llm.py"), FIXED);
    assert_eq!(project.run("fix --allow-dirty app/new.py").code, 0);
    assert!(project.read("app/new.py").contains("get_openai_client()"));
}

#[test]
fn json_says_what_became_of_each_file() {
    let project = Project::demo();
    let run = project.run("fix --format json");
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.code, report["schema"].as_u64()), (0, Some(1)));
    assert_eq!(report["files"][0]["path"], "app/llm.py");
    assert_eq!(report["files"][0]["status"], "changed");
    let id = report["undo"].as_str().unwrap();
    assert_eq!(project.run(&format!("undo {id}")).code, 0);
}

#[test]
fn an_interactive_fix_asks_and_heeds_the_answer() {
    let project = Project::demo();
    let before = project.read("app/llm.py");
    let run = project.run_with("fix --interactive", "n\n");
    assert_eq!((run.code, project.read("app/llm.py")), (0, before.clone()));
    assert!(run.out.contains("+    return get_openai_client("), "{}", run.out);
    assert!(run.out.contains("Apply this change? [y]es, [n]o, [a]ll in this file, [q]uit: "));
    assert!(run.out.contains("direct-client: not chosen\n"), "{}", run.out);
    project.run_with("fix --interactive", "");
    assert_eq!(project.read("app/llm.py"), before);
    project.run_with("fix --interactive", "y\n");
    assert_eq!(project.read("app/llm.py"), FIXED);
}

#[test]
fn what_is_left_says_why() {
    let project = Project::demo();
    project.write("app/sub.py", "import openai\n\n\nclass Own(openai.OpenAI):\n    pass\n");
    project.commit();
    let run = project.run("fix");
    assert_eq!(run.code, 0);
    assert!(run.out.contains("1 finding left:\n  app/sub.py:4:"), "{}", run.out);
}

#[test]
fn without_a_factory_nothing_is_fixed_and_init_is_advised() {
    let project = Project::git();
    project.write("app.py", "import openai\nclient = openai.OpenAI()\n");
    project.commit();
    project.refuses("fix", "hint: run `qmigrate init`");
    let run = project.run("fix --dry-run");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("+client = get_openai_client()"), "{}", run.out);
}

#[test]
fn flags_that_exclude_each_other_are_refused() {
    let project = Project::new();
    project.refuses("fix --interactive --dry-run", "cannot be used with");
    project.refuses("fix --interactive --check", "cannot be used with");
    project.refuses("fix --interactive --format json", "exclude each other");
    project.refuses("fix -", "`fix` does not rewrite standard input");
    project.refuses("fix --unsaf", "a similar argument exists: '--unsafe'");
    project.refuses("undo --list 1", "cannot be used with");
    project.refuses("undo 1", "no run of `fix` has the id `1`");
}

#[test]
fn a_class_that_the_factory_itself_hands_on_gives_its_place_to_the_function() {
    let factory = "import openai\nfrom openai import OpenAI\n\n\n\
                   def get_openai_client(workspace_id=None, **options):\n    return OpenAI(**options)\n";
    let module = "utils.openai_client_factory";
    let cases = [
        ("from M import OpenAI\nc = OpenAI()\n", "from M import get_openai_client\nc = get_openai_client()\n"),
        ("from M import OpenAI as X\nc = X()\n", "from M import get_openai_client\nc = get_openai_client()\n"),
        (
            "from M import (\n    OpenAI,  # which\n)\nc = OpenAI()\n",
            "from M import (\n    get_openai_client,  # which\n)\nc = get_openai_client()\n",
        ),
        ("import M as f\nc = f.OpenAI()\n", "import M as f\nc = f.get_openai_client()\n"),
        ("import M\nc = M.OpenAI()\n", "import M\nc = M.get_openai_client()\n"),
        (
            "from utils import openai_client_factory as f\nc = f.OpenAI()\n",
            "from utils import openai_client_factory as f\nc = f.get_openai_client()\n",
        ),
        ("import M as f\nc = f.openai.OpenAI()\n", "import M as f\nc = f.get_openai_client()\n"),
    ];
    for (before, after) in cases {
        let project = Project::git();
        project.write("utils/openai_client_factory.py", factory);
        project.write("a.py", &before.replace('M', module));
        project.commit();
        let run = project.run("fix");
        assert_eq!(run.code, 0, "{before}{}{}", run.out, run.err);
        assert_eq!(project.read("a.py"), after.replace('M', module), "{}", run.err);
    }
}
