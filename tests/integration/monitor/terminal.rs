//! The program in a terminal: what a person does, and what is left of the terminal afterwards.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::tty::Tty;
use crate::support::Project;

/// A terminal in which the dashboard is open; what `stty` said before lies in `../before`.
fn open(project: &Project, arguments: &str, variables: &[(&str, &str)]) -> Tty {
    let mut tty = Tty::start(project, variables);
    tty.run("stty -a > ../before");
    tty.send(&format!("sh -c 'echo $$ > ../pid; exec qmigrate monitor {arguments}'; echo \"ended\" $?\n"));
    tty.wait("the first scan", |screen| screen.contents().contains("direct-client"));
    tty
}

/// Checks that the program has ended, and that the terminal is as it was.
fn closed(project: &Project, tty: &mut Tty, code: i32) -> String {
    let shown = tty.wait_for(&format!("ended {code}"));
    assert!(!tty.screen().alternate_screen(), "the shell's own screen is back");
    assert!(!tty.screen().hide_cursor(), "the cursor is back");
    tty.run("stty -a > ../after");
    assert_eq!(project.read("../before"), project.read("../after"));
    shown
}

fn signal(project: &Project, name: &str) {
    let run = project.shell(&format!("kill -{name} $(cat ../pid)"));
    assert_eq!(run.code, 0, "{}", run.err);
}

#[test]
fn a_change_is_seen_and_a_fix_is_applied_and_taken_back() {
    let project = Project::demo();
    let before = project.read("app/llm.py");
    let mut tty = open(&project, "", &[]);
    tty.wait_for("[live]");

    project.write("app/more.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    tty.wait_for("app/more.py");
    fs::remove_file(project.path("app/more.py")).unwrap();
    tty.wait("the file gone", |screen| !screen.contents().contains("app/more.py"));

    tty.send("/nothing\r");
    tty.wait_for("No file passes the filter");
    tty.send("\x1b");
    tty.wait_for("app/llm.py");

    tty.send("\r");
    tty.wait_for("+    return get_openai_client(timeout=30, workspace_id=workspace_id)");
    tty.send("a");
    tty.wait_for("applied to 1 file");
    assert_ne!(project.read("app/llm.py"), before);
    tty.wait_for(" 1 migrated");
    tty.send("u");
    tty.wait_for("took back 1 file");
    assert_eq!(project.read("app/llm.py"), before);
    tty.wait_for(" 0 migrated");

    tty.send("\x1be");
    tty.wait_for("wrote the scan to qmigrate-scan.json");
    assert_eq!(project.read("qmigrate-scan.json"), project.run("scan --format json").out);
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn the_plan_follows_what_is_saved_and_what_is_applied() {
    let project = Project::demo();
    project.write("qmigrate.toml", "[[batch]]\nname = \"agents\"\npaths = [\"app/**\"]\ndue = 2026-12-24\n");
    project.commit();
    let mut tty = open(&project, "", &[]);
    tty.send("4");
    tty.wait_for("agents  due 2026-12-24");
    tty.wait_for("0 of 1 sites go through the factory");
    project.write("app/more.py", "from app import llm\nfrom openai import OpenAI\n\nclient = OpenAI()\n");
    tty.wait_for("0 of 2 sites go through the factory");
    tty.wait_for("app/more.py");

    // A diff is worked out for what there is, though what is shown is older: the pause ends with what there is.
    tty.send("1gp");
    tty.wait_for("[paused]");
    fs::remove_file(project.path("app/more.py")).unwrap();
    tty.send("\r");
    tty.wait_for("+    return get_openai_client");
    tty.send("\x1b");
    tty.wait_for("app/more.py");
    tty.send("p");
    tty.wait("the file gone", |screen| !screen.contents().contains("app/more.py"));

    tty.send("4gja");
    tty.wait_for("applied to 1 file");
    tty.wait_for("1 of 1 sites go through the factory");
    tty.wait_for("done");
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn the_burn_down_is_read_when_it_is_looked_at_and_follows_commits() {
    let project = Project::demo();
    let mut tty = open(&project, "", &[]);
    tty.send("2");
    tty.wait_for("1 commit to");
    tty.wait_for("⣀ 1 left  • 0 migrated");
    tty.wait_for("Forecast  not enough data");

    project.write("app/more.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    project.commit();
    tty.wait_for("2 commits to");
    tty.wait_for("⣀ 2 left  • 0 migrated");

    // Another branch has another history; and what is only saved has none.
    project.run_git(&["checkout", "--quiet", "-b", "other", "HEAD~1"]);
    tty.wait_for("1 commit to");
    project.write("app/llm.py", "");
    tty.wait_for("no sites");
    tty.wait_for("⣀ 1 left  • 0 migrated");
    project.commit();
    tty.wait_for("2 commits to");
    tty.wait_for("⣀ 0 left  • 0 migrated");
    tty.wait_for("Forecast  nothing is left");

    // What was read here is known to the command, with the same numbers.
    let history: serde_json::Value = serde_json::from_str(&project.run("history --format json").out).unwrap();
    assert_eq!(history["commits"].as_array().unwrap().len(), 2);
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn without_git_there_is_no_burn_down_until_there_is() {
    let project = Project::new();
    project.write("app.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    let mut tty = open(&project, "", &[]);
    tty.send("2");
    tty.wait_for("There is no burn-down: the project is in no git repository.");
    project.run_git(&["init", "--quiet"]);
    tty.send("r");
    tty.wait_for("There are no commits yet.");
    project.commit();
    tty.wait_for("1 commit to");
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn a_fault_while_the_history_is_read_is_shown_and_survived() {
    let project = Project::demo();
    let mut tty = open(&project, "", &[("QMIGRATE_FAULT", "historian")]);
    tty.send("2");
    tty.wait_for("a fault of qmigrate itself: a fault was asked for");
    tty.send("1");
    tty.wait_for("app/llm.py");
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn a_committed_baseline_is_counted_as_scan_counts_it() {
    let project = Project::demo();
    assert_eq!(project.run("baseline").code, 0);
    project.write("app/more.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    project.commit();
    let agrees = || {
        let scan: serde_json::Value = serde_json::from_str(&project.run("scan --format json").out).unwrap();
        let once: serde_json::Value = serde_json::from_str(&project.run("monitor --once --format json").out).unwrap();
        let (summary, totals) = (&scan["summary"], &once["totals"]);
        let all = ["pending", "held_back", "warnings", "suppressed"].iter().filter_map(|name| totals[*name].as_u64());
        assert_eq!(summary["findings"], all.sum::<u64>());
        for (ours, theirs) in [("baselined", "baselined"), ("suppressed", "suppressed"), ("migrated", "migrated_sites")]
        {
            assert_eq!(totals[ours], summary[theirs], "{ours}");
        }
        totals["baselined"].as_u64().unwrap()
    };
    assert_eq!(agrees(), 1);
    let mut tty = open(&project, "", &[]);
    tty.wait_for("1 in the baseline");
    tty.send("e");
    tty.wait_for("wrote the scan");
    assert_eq!(project.read("qmigrate-scan.json"), project.run("scan --format json").out);
    assert_eq!(project.run("baseline --accept-new").code, 0);
    tty.wait_for("2 in the baseline");
    assert_eq!(agrees(), 2);
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn a_file_with_changes_that_git_does_not_know_is_left_alone() {
    let project = Project::demo();
    project.write("app/llm.py", &format!("{}\n# mine\n", project.read("app/llm.py")));
    let mut tty = open(&project, "", &[]);
    tty.send("a");
    tty.wait_for("nothing was applied: app/llm.py has uncommitted changes");
    assert!(project.read("app/llm.py").contains("return OpenAI(timeout=30)"));
    tty.send("\x03");
    closed(&project, &mut tty, 0);
}

#[test]
fn a_checkout_of_another_branch_is_followed() {
    let project = Project::demo();
    project.run_git(&["checkout", "--quiet", "-b", "other"]);
    for number in 0..200 {
        project.write(&format!("more/m{number}.py"), "from openai import OpenAI\n\nclient = OpenAI()\n");
    }
    project.commit();
    project.run_git(&["checkout", "--quiet", "-"]);
    let mut tty = open(&project, "", &[]);
    tty.wait_for("1 pending");
    project.run_git(&["checkout", "--quiet", "other"]);
    tty.wait_for("201 pending");
    project.run_git(&["checkout", "--quiet", "-"]);
    tty.wait("all gone", |screen| screen.contents().contains(" 1 pending"));
    tty.send("e");
    tty.wait_for("wrote the scan");
    assert_eq!(project.read("qmigrate-scan.json"), project.run("scan --format json").out);
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn a_folder_that_a_checkout_makes_anew_is_watched_though_the_configuration_changes_too() {
    let project = Project::demo();
    project.write("qmigrate.toml", "");
    project.write("odd/first.py", "x = 1\n");
    project.commit();
    project.run_git(&["checkout", "--quiet", "-b", "other"]);
    project.run_git(&["rm", "--quiet", "odd/first.py"]);
    project.write("odd/second.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    project.write("qmigrate.toml", "# another\n");
    project.commit();
    project.run_git(&["checkout", "--quiet", "-"]);
    let mut tty = open(&project, "", &[]);
    tty.wait_for("[live]");
    project.run_git(&["checkout", "--quiet", "other"]);
    tty.wait_for("odd/second.py");
    project.write("odd/third.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    tty.wait_for("odd/third.py");
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() {
    let project = Project::demo();
    let mut tty = Tty::start(&project, &[]);
    tty.run("stty -a > ../before");
    tty.send("qmigrate monitor; echo \"ended\" $?\n");
    tty.wait_for("[live]");
    tty.send("\x1a");
    tty.wait("the shell", |screen| !screen.alternate_screen() && screen.contents().contains("Stopped"));
    assert!(!tty.screen().hide_cursor(), "the cursor is back");
    tty.run("stty -a > ../stopped");
    assert_eq!(project.read("../before"), project.read("../stopped"));
    tty.send("clear; fg; echo \"ended\" $?\n");
    tty.wait("the dashboard", |screen| screen.alternate_screen() && screen.contents().contains("[live]"));
    tty.send("jkq");
    closed(&project, &mut tty, 0);
}

#[test]
fn the_screen_follows_the_terminals_size() {
    let project = Project::demo();
    let mut tty = open(&project, "", &[]);
    tty.resize(40, 10);
    tty.wait_for("needs 60×15");
    tty.resize(80, 24);
    tty.wait_for("[live]");
    tty.resize(200, 50);
    tty.wait_for("Used by");
    tty.resize(120, 30);
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn signals_that_end_the_program_give_the_terminal_back() {
    for (name, code) in [("TERM", 143), ("HUP", 129)] {
        let project = Project::demo();
        let mut tty = open(&project, "", &[]);
        signal(&project, name);
        closed(&project, &mut tty, code);
    }
}

#[test]
fn a_stop_that_cannot_be_caught_is_survived() {
    let project = Project::demo();
    let mut tty = open(&project, "", &[]);
    tty.wait_for("[live]");
    signal(&project, "STOP");
    tty.wait_for("Stopped");
    tty.send("clear; fg; echo \"ended\" $?\n");
    tty.wait("the dashboard", |screen| screen.alternate_screen() && screen.contents().contains("[live]"));
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let project = Project::demo();
    let mut tty = open(&project, "", &[("QMIGRATE_FAULT", "screen")]);
    tty.send("j");
    let shown = closed(&project, &mut tty, 101);
    assert!(shown.contains("a fault was asked for"), "{shown}");
}

#[test]
fn a_panic_of_the_worker_is_shown_and_survived() {
    let project = Project::demo();
    let mut tty = open(&project, "", &[("QMIGRATE_FAULT", "worker")]);
    tty.send("r");
    tty.wait_for("a fault of qmigrate itself: a fault was asked for");
    project.write("app/more.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    tty.wait_for("app/more.py");
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn the_editor_has_the_terminal_to_itself() {
    let project = Project::demo();
    project.write("../editor", "#!/bin/sh\necho \"editing $@\"\nread line\necho \"$line\" > \"$HOME/typed\"\n");
    fs::set_permissions(project.path("../editor"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut tty = open(&project, "", &[("VISUAL", "../editor --wait")]);
    tty.wait_for("[live]");
    tty.send("o");
    tty.wait("the editor", |screen| {
        !screen.alternate_screen() && screen.contents().contains("editing --wait +5 ") && !screen.hide_cursor()
    });
    tty.send("quick fox\n");
    tty.wait("the dashboard", |screen| screen.alternate_screen() && screen.contents().contains("[live]"));
    assert_eq!(project.read("../typed"), "quick fox\n");
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn polling_is_shown_and_sees_changes_too() {
    let project = Project::demo();
    let mut tty = open(&project, "--poll", &[]);
    tty.wait_for("[polling]");
    project.write("app/more.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    tty.wait_for("app/more.py");
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn what_changes_during_a_pause_is_seen_after_it() {
    let project = Project::demo();
    let mut tty = open(&project, "", &[]);
    tty.send("p");
    tty.wait_for("[paused]");
    project.write("app/more.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    tty.send("5");
    tty.wait_for("[5 Log]");
    tty.send("1");
    let shown = tty.wait_for("[1 Files]");
    assert!(!shown.contains("app/more.py"));
    tty.send("p");
    tty.wait_for("app/more.py");
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn the_configuration_is_followed() {
    let project = Project::demo();
    let mut tty = open(&project, "", &[]);
    project.write("qmigrate.toml", "exclude = ['app/**']\n");
    tty.wait_for("Nothing bypasses the factory");
    project.write("qmigrate.toml", "exclude = 3\n");
    tty.wait_for("`exclude` must be an array of strings");
    project.write("qmigrate.toml", "");
    tty.wait_for("app/llm.py");
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn without_colours_the_selected_row_is_reversed_as_a_whole() {
    let project = Project::demo();
    let mut tty = open(&project, "", &[("NO_COLOR", "1")]);
    tty.wait("the row", |screen| screen.cell(5, 2).is_some_and(|cell| cell.contents() == "p" && cell.inverse()));
    for row in 0..30 {
        for column in 0..120 {
            let cell = tty.screen().cell(row, column).unwrap();
            assert_eq!((cell.fgcolor(), cell.bgcolor()), (vt100::Color::Default, vt100::Color::Default));
            assert!(row != 5 || column > 80 || cell.inverse(), "column {column}");
        }
    }
    tty.send("q");
    closed(&project, &mut tty, 0);
}

#[test]
fn without_a_terminal_it_says_so_and_prints_the_numbers_when_asked() {
    let project = Project::copy_of("demo");
    project.refuses("monitor", "`monitor` needs a terminal");
    let text = project.run("monitor --once");
    assert_eq!(text.code, 0, "{}", text.err);
    assert!(text.out.starts_with("1 of 10 sites migrated (10.0%)\n1 migrated, 6 pending, 3 held back"), "{}", text.out);
    let json: serde_json::Value = serde_json::from_str(&project.run("monitor --once --format json").out).unwrap();
    assert_eq!(json["totals"]["pending"], 6);
    assert_eq!(json["files"].as_array().unwrap().len(), 10);
    project.refuses("monitor --format json", "--once");
}
