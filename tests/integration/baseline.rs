#![expect(clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! `qmigrate baseline`, `scan --baseline`, and what git makes of the file.

use crate::support::FACTORY;
use crate::support::Project;

const FILE: &str = "qmigrate-baseline.txt";

/// A committed project with a construction in each of these modules, and a committed baseline of them.
fn known(modules: &[&str]) -> Project {
    let project = Project::git();
    project.write("utils/__init__.py", "");
    project.write("utils/openai_client_factory.py", FACTORY);
    for module in modules {
        project.write(&format!("app/{module}.py"), &calls(&["30"]));
    }
    let run = project.run("baseline");
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    project.commit();
    project
}

/// A module that constructs a client with each of these timeouts.
fn calls(timeouts: &[&str]) -> String {
    let calls = timeouts.iter().map(|timeout| format!("    OpenAI(timeout={timeout})\n"));
    format!("from openai import OpenAI\n\n\ndef connect():\n{}", calls.collect::<String>())
}

#[test]
fn known_findings_do_not_fail_and_new_ones_do() {
    let project = known(&["a", "b"]);
    let run = project.run("scan");
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("(plus 2 in the baseline)"), "{}", run.out);
    let json = project.run("scan --format json").out;
    assert!(json.contains("\"new\": 0,\n    \"baselined\": 2,"), "{json}");
    assert!(json.contains("\"standing\": \"baselined\""), "{json}");
    assert_eq!(project.run("scan --no-baseline").code, 1);

    project.write("app/a.py", &calls(&["30", "60"]));
    let run = project.run("scan");
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.out.contains("app/a.py:6:5") && !run.out.contains("app/a.py:5:5"), "{}", run.out);
    assert_eq!(project.run("scan app/b.py").code, 0);
}

#[test]
fn a_second_equal_call_is_new() {
    let project = known(&["a"]);
    project.write("app/a.py", &calls(&["30", "30"]));
    assert_eq!(project.run("scan").code, 1);
    assert_eq!(project.run("baseline --accept-new").code, 0);
    assert!(project.read(FILE).contains("app/a.py direct-client 2 "), "{}", project.read(FILE));
    assert_eq!(project.run("scan").code, 0);
    project.write("app/a.py", &calls(&["30"]));
    assert!(project.run("scan").err.contains("1 entry of the baseline matches nothing any more"));
}

#[test]
fn to_fix_one_and_add_one_of_the_same_rule_in_the_same_file_fails() {
    let project = known(&["a"]);
    project.write("app/a.py", &calls(&["31"]));
    let run = project.run("scan");
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.out.contains("1 outdated entry in the baseline"), "{}", run.out);
    project.refuses("baseline", "1 finding is not in the baseline");
    assert_eq!(project.run("baseline --prune").code, 0);
    assert_eq!(project.run("scan").code, 1, "pruning accepts nothing");
}

#[test]
fn what_moves_or_is_laid_out_anew_is_known() {
    let project = known(&["a", "b"]);
    let text = "from openai import OpenAI\n\n# more\n\n\ndef connect():\n    OpenAI(\n        timeout=30\n    )\n";
    project.write("app/a.py", text);
    project.run_git(&["mv", "app/b.py", "app/c.py"]);
    let run = project.run("scan");
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    let run = project.run("baseline");
    assert!(run.out.contains("paths brought up to date"), "{}", run.out);
    assert!(project.read(FILE).contains("\napp/c.py direct-client 1 "), "{}", project.read(FILE));
    assert!(!project.read(FILE).contains("\napp/b.py "), "{}", project.read(FILE));
    // A copy is not a move.
    project.write("app/d.py", &calls(&["30"]));
    assert_eq!(project.run("scan").code, 1);
}

#[test]
fn a_baseline_grows_only_when_told_to() {
    let project = known(&["a"]);
    let before = project.read(FILE);
    project.write("app/b.py", &calls(&["30"]));
    project.refuses("baseline", "hint: new: app/b.py:5:5: direct-client");
    assert_eq!(project.read(FILE), before);
    let run = project.run("baseline --prune");
    assert_eq!((run.code, project.read(FILE)), (0, before), "{}", run.err);
    assert!(run.out.contains("Not added: 1 finding not in the baseline"), "{}", run.out);
    let run = project.run("baseline --accept-new");
    assert_eq!((run.code, run.out.as_str()), (0, "Wrote `qmigrate-baseline.txt`: 1 added; it holds 2 findings.\n"));
    assert_eq!(project.run("scan").code, 0);
    let again = project.run("baseline");
    assert_eq!(again.out, "`qmigrate-baseline.txt` is as it should be: 2 findings.\n");
}

#[test]
fn entries_that_match_nothing_are_told_and_dropped() {
    let project = known(&["a", "b", "c"]);
    assert_eq!(project.run("fix app/a.py").code, 0);
    project.write("app/b.py", "");
    let run = project.run("scan --verbose");
    assert_eq!(run.code, 0);
    assert!(run.out.contains("app/a.py: in the baseline, and gone: direct-client\n"), "{}", run.out);
    assert!(run.out.contains("(plus 1 in the baseline, 2 outdated entries in the baseline)"), "{}", run.out);
    // What is not looked at is not gone.
    for other in ["scan app/c.py", "scan --select module-client", "scan --language rust"] {
        let run = project.run(other);
        assert!(!run.err.contains("nothing any more"), "{other}: {}", run.err);
    }
    let run = project.run("baseline --prune app/a.py");
    assert_eq!(run.out, "Wrote `qmigrate-baseline.txt`: 1 dropped; it holds 2 findings.\n", "{}", run.err);
    let run = project.run("baseline --prune");
    assert_eq!(run.out, "Wrote `qmigrate-baseline.txt`: 1 dropped; it holds 1 finding.\n");
    assert!(!project.run("scan").err.contains("nothing any more"));
}

#[test]
fn a_file_that_cannot_be_read_keeps_its_entries() {
    let project = known(&["a", "b"]);
    let before = project.read(FILE);
    project.write("app/a.py", "from openai import OpenAI\ndef (:\n");
    let run = project.run("baseline --prune");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.err.contains("app/a.py:2: "), "{}", run.err);
    assert_eq!(project.read(FILE), before);
}

#[test]
fn fixing_works_on_known_findings_too() {
    let project = known(&["a"]);
    let run = project.run("fix --format json");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("\"standing\": \"baselined\""), "{}", run.out);
    assert!(project.read("app/a.py").contains("get_openai_client"));
}

#[test]
fn a_suppressed_finding_needs_no_entry() {
    let project = Project::git();
    project.write("a.py", "from openai import OpenAI\nOpenAI()  # qmigrate: ignore[direct-client] a test\n");
    assert_eq!(project.run("baseline").out, "Recorded 0 findings in `qmigrate-baseline.txt`.\n");
    assert!(!project.read(FILE).contains("a.py"));
}

#[test]
fn the_baseline_may_lie_elsewhere() {
    let project = Project::demo();
    project.write("config/empty", "");
    project.refuses("scan --baseline config/known.txt", "there is no baseline `config/known.txt`");
    project.refuses("baseline --prune", "there is no baseline `qmigrate-baseline.txt`");
    assert_eq!(project.run("baseline --baseline config/known.txt").code, 0);
    assert_eq!(project.run("scan").code, 1);
    assert_eq!(project.run("scan --baseline config/known.txt").code, 0);
    project.refuses("scan --baseline config/known.txt --no-baseline", "cannot be used with");
    // Paths count from the project, wherever one stands.
    let mut command = project.command();
    let run = project
        .finish(command.args(["scan", "--baseline", "../config/known.txt"]).current_dir(project.path("app")), "");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn a_broken_baseline_stops_the_run_before_it_starts() {
    let project = known(&["a", "b"]);
    let text = project.read(FILE);
    let broken = [
        (text.replace("\n## app/b.py", "\n<<<<<<< HEAD\n## app/b.py"), "broken at line 9: an unfinished merge"),
        (
            text.replace("# qmigrate baseline 1", "# qmigrate baseline 7"),
            "broken at line 1: a format that this version",
        ),
        (text.replace(" 1 ", " one "), "broken at line 7: no path, rule, number and fingerprint"),
        (String::new(), "broken at line 1: it does not start with"),
    ];
    for (text, message) in broken {
        project.write(FILE, &text);
        for command in ["scan", "scan --format json", "fix", "baseline", "baseline --prune"] {
            project.refuses(command, message);
            assert!(project.run(command).err.contains("hint: "), "{command}");
        }
        assert_eq!(project.read(FILE), text);
        assert_eq!(project.run("scan --no-baseline").code, 1);
    }
}

#[test]
fn two_branches_that_fix_different_files_merge() {
    let modules = ["a", "b", "c", "d", "e", "f"];
    for (ours, theirs) in [(&["a"][..], &["b"][..]), (&["b", "c"], &["d"]), (&["a", "c", "e"], &["b", "d", "f"])] {
        let project = known(&modules);
        project.run_git(&["branch", "--quiet", "theirs"]);
        migrate(&project, ours, "baseline --prune");
        project.run_git(&["checkout", "--quiet", "theirs"]);
        migrate(&project, theirs, "baseline");
        project.run_git(&["merge", "--quiet", "--no-edit", "-"]);

        let run = project.run("scan");
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
        let left = modules.len() - ours.len() - theirs.len();
        let merged = project.read(FILE);
        assert_eq!(merged.lines().filter(|line| line.contains(" direct-client 1 ")).count(), left, "{merged}");
        // What the merge made is what the program would write, unless nothing is left and the headings go.
        let run = project.run("baseline");
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(left == 0 || project.read(FILE) == merged, "{merged}");
    }
}

#[test]
fn a_branch_that_grows_merges_with_one_that_shrinks() {
    let project = known(&["a", "b", "d"]);
    project.run_git(&["branch", "--quiet", "theirs"]);
    migrate(&project, &["b"], "baseline --prune");
    project.run_git(&["checkout", "--quiet", "theirs"]);
    project.write("app/c.py", &calls(&["30"]));
    assert_eq!(project.run("baseline --accept-new").code, 0);
    project.commit();
    project.run_git(&["merge", "--quiet", "--no-edit", "-"]);
    let run = project.run("scan");
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert_eq!(project.run("baseline").out, "`qmigrate-baseline.txt` is as it should be: 3 findings.\n");
}

/// Fixes some modules, brings the baseline up to date, and commits.
fn migrate(project: &Project, modules: &[&str], command: &str) {
    for module in modules {
        assert_eq!(project.run(&format!("fix app/{module}.py")).code, 0);
    }
    let run = project.run(command);
    assert_eq!(run.code, 0, "{}", run.err);
    project.commit();
}

#[cfg(unix)]
#[test]
fn odd_names_are_known_again() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let project = Project::git();
    for name in ["a b.py", "#c.py", "line\nbreak.py", "50%.py", "<<<<<<< x.py", " lead.py"] {
        project.write(name, &calls(&["30"]));
    }
    std::fs::write(project.path("").join(OsStr::from_bytes(b"caf\xe9.py")), calls(&["30"])).unwrap();
    assert_eq!(project.run("baseline").code, 0);
    let run = project.run("scan");
    assert_eq!(run.code, 0, "{}{}", run.out, project.read(FILE));
    assert!(!run.err.contains("nothing any more"), "{}", run.err);
    assert_eq!(project.read(FILE).lines().filter(|line| line.contains(" direct-client 1 ")).count(), 7);
    let before = project.read(FILE);
    assert_eq!(project.run("baseline").code, 0);
    assert_eq!(project.read(FILE), before);
}
