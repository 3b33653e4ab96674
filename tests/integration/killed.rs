#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! Runs in processes of their own: killed at any moment, and outside git.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use qmigrate::apply;
use qmigrate::edit::Change;
use qmigrate::edit::Plan;
use qmigrate::store::journal::Journal;

use crate::repository::Repository;
use crate::support::Project;

fn error(repository: &Repository) -> String {
    apply::undo(&repository.journal(), None).unwrap_err().to_string()
}

/// Set for a process of its own: the project to work in.
const VICTIM: &str = "QMIGRATE_TEST_VICTIM";

/// Set where that process is to take back its last run.
const VICTIM_UNDOES: &str = "QMIGRATE_TEST_VICTIM_UNDOES";

const UNITS: usize = 150;

fn old(number: usize) -> Vec<u8> {
    format!("old {number}\n").repeat(50).into_bytes()
}

fn new(number: usize) -> Vec<u8> {
    format!("new {number}\n").repeat(60).into_bytes()
}

fn file(root: &Path, number: usize) -> PathBuf {
    root.join(format!("folder-{}/{number}.py", number % 7))
}

fn large_plan(root: &Path) -> Plan {
    let change =
        |number| Change { path: file(root, number), before: old(number), after: new(number), unit: number / 2 };
    Plan { changes: (0..UNITS * 2).map(change).collect(), held: Vec::new() }
}

/// Not a test of its own: what the tests run in a process of its own.
#[test]
fn victim() {
    let Some(root) = env::var_os(VICTIM).map(PathBuf::from) else { return };
    let journal = Journal::at(&root).unwrap();
    match env::var_os(VICTIM_UNDOES) {
        Some(_) => drop(apply::undo(&journal, None).unwrap()),
        None => drop(apply::apply(&large_plan(&root), &journal).unwrap()),
    }
}

fn process(root: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "killed::victim"]).env(VICTIM, root).stdout(Stdio::null());
    command
}

/// Starts a process, kills it after this long, and says whether it had ended before.
fn kill_after(command: &mut Command, wait: Duration) -> bool {
    let mut child = command.spawn().unwrap();
    thread::sleep(wait);
    let ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    ended
}

/// A repository with the files of [`large_plan`], as they are before it.
fn large_repository() -> Repository {
    let repository = Repository::new();
    for number in 0..UNITS * 2 {
        let name = file(Path::new(""), number).to_string_lossy().into_owned();
        repository.write(name, old(number));
    }
    repository.commit();
    repository
}

/// How many files are new; the others are old, and none is anything else.
fn count_new(repository: &Repository) -> usize {
    let is_new = |number: &usize| {
        let bytes = fs::read(file(&repository.root, *number)).unwrap();
        assert!(bytes == new(*number) || bytes == old(*number), "{number} is neither");
        bytes == new(*number)
    };
    (0..UNITS * 2).filter(is_new).count()
}

fn is_clean(repository: &Repository) -> bool {
    repository.git(&["status", "--porcelain", "--ignored"]).is_empty()
}

#[test]
fn a_run_that_is_killed_is_taken_back() {
    let repository = large_repository();
    let mut in_the_middle = 0;
    let mut wait = Duration::from_millis(2);
    for _ in 0..200 {
        let ended = kill_after(&mut process(&repository.root), wait);
        let news = count_new(&repository);
        in_the_middle += usize::from(news > 0 && news < UNITS * 2);
        if news > 0 {
            apply::undo(&repository.journal(), None).unwrap();
        } else {
            // Nothing was done, so there is nothing to undo; looking cleans up all the same.
            assert_eq!(error(&repository), "nothing to undo");
        }
        assert!(is_clean(&repository));
        match (ended, in_the_middle) {
            (true, 1..) => break,
            // Every kill came before the first file or after the last, so once more.
            (true, 0) => wait /= 2,
            (false, _) => wait = wait * 6 / 5,
        }
    }
    assert!(in_the_middle > 0, "no run was killed in the middle");
}

/// The files of a project, without git's.
fn files(project: &Project) -> BTreeMap<String, Vec<u8>> {
    let listed = project.run_git(&["ls-files", "--cached", "--others"]).out;
    listed
        .lines()
        .filter(|name| project.path(name).is_file())
        .map(|name| (name.into(), project.read_bytes(name)))
        .collect()
}

#[test]
fn a_factory_whose_writing_is_killed_is_whole_after_the_next_run() {
    let whole = Project::git();
    let before = files(&whole);
    whole.run("init --factory python --write");
    let after = files(&whole);
    let mut in_the_middle = 0;
    let mut wait = Duration::from_millis(4);
    for _ in 0..200 {
        let project = Project::git();
        let mut command = project.command();
        let command = command.args(["init", "--factory", "python", "--write"]);
        let ended = kill_after(command.stdout(Stdio::null()).stderr(Stdio::null()), wait);
        let found = files(&project);
        let is_torn = |(name, bytes): (&String, &Vec<u8>)| after.get(name).is_some_and(|expected| expected != bytes);
        assert!(!found.iter().any(is_torn), "a file is half written");
        if found.contains_key("QMIGRATE.lock") {
            assert_eq!(found, after);
        } else {
            in_the_middle += usize::from(found != before);
            let run = project.run("init --factory python --write");
            assert_eq!((run.code, files(&project)), (0, after.clone()), "{}", run.err);
        }
        match (ended, in_the_middle) {
            (true, 3..) => break,
            (true, _) => wait = wait * 2 / 3,
            (false, _) => wait = wait * 9 / 8,
        }
    }
    assert!(in_the_middle > 0, "no run was killed in the middle");
}

#[test]
fn an_undo_that_is_killed_is_done_again() {
    let repository = large_repository();
    let mut wait = Duration::from_millis(5);
    loop {
        apply::apply(&large_plan(&repository.root), &repository.journal()).unwrap();
        let mut command = process(&repository.root);
        let ended = kill_after(command.env(VICTIM_UNDOES, "1"), wait);
        if count_new(&repository) > 0 {
            apply::undo(&repository.journal(), None).unwrap();
        } else {
            // The last file may be back before the entry says so.
            let _ = apply::undo(&repository.journal(), None);
        }
        assert_eq!(count_new(&repository), 0);
        assert!(is_clean(&repository));
        assert_eq!(error(&repository), "nothing to undo");
        if ended {
            break;
        }
        wait = wait * 3 / 2;
    }
}

#[test]
fn outside_git_the_journal_lies_among_the_users_state() {
    let folder = tempfile::TempDir::new().unwrap();
    let (root, state) = (folder.path().join("project"), folder.path().join("state"));
    for number in 0..UNITS * 2 {
        let path = file(&root, number);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, old(number)).unwrap();
    }
    let files = || walkdir::WalkDir::new(&root).into_iter().count();
    let before = files();
    let run = |command: &mut Command| {
        assert!(command.env("XDG_STATE_HOME", &state).status().unwrap().success());
        assert_eq!(files(), before);
        fs::read(file(&root, 5)).unwrap()
    };
    assert_eq!(run(&mut process(&root)), new(5));
    let projects: Vec<_> = fs::read_dir(state.join("qmigrate")).unwrap().collect();
    assert_eq!(projects.len(), 1);
    assert_eq!(run(process(&root).env(VICTIM_UNDOES, "1")), old(5));
}
