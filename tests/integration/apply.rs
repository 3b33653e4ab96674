#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! A plan is written unit by unit, whole or not at all.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::fs::symlink;

use qmigrate::apply;
use qmigrate::apply::FileStatus;
use qmigrate::edit::Held;
use qmigrate::edit::Plan;
use qmigrate::edit::Whole;

use crate::repository::Repository;

/// A repository with these files committed, each holding its name.
fn repository(names: &[&str]) -> Repository {
    let repository = Repository::new();
    for name in names {
        repository.write(name, name);
    }
    repository.commit();
    repository
}

/// Applies the plan, and returns what became of each file.
fn outcomes(repository: &Repository, plan: &Plan) -> Vec<(String, FileStatus, String)> {
    let applied = apply::apply(plan, &repository.journal()).unwrap();
    let outcome = |file: apply::FileOutcome| {
        let name = file.path.strip_prefix(&repository.root).unwrap_or(&file.path).to_owned();
        (name.to_string_lossy().into_owned(), file.status, file.reason.unwrap_or_default())
    };
    applied.files.into_iter().map(outcome).collect()
}

fn changed(name: &str) -> (String, FileStatus, String) {
    (name.to_owned(), FileStatus::Changed, String::new())
}

fn held(name: &str, reason: &str) -> (String, FileStatus, String) {
    (name.to_owned(), FileStatus::HeldBack, reason.to_owned())
}

fn failed(name: &str, reason: &str) -> (String, FileStatus, String) {
    (name.to_owned(), FileStatus::Failed, reason.to_owned())
}

/// What the guard holds back, by name.
fn guarded(repository: &Repository, plan: Plan) -> (Vec<String>, Vec<(String, String)>) {
    let plan = apply::guard(plan, &repository.root).unwrap();
    let name = |path: &std::path::Path| path.strip_prefix(&repository.root).unwrap().to_string_lossy().into_owned();
    let changes = plan.changes.iter().map(|change| name(&change.path)).collect();
    let held = plan.held.iter().map(|held| (name(&held.path), held.reason.clone())).collect();
    (changes, held)
}

#[test]
fn every_file_is_written_and_nothing_else_is_left() {
    let repository = repository(&["a.py", "deep/b.py", "c.py"]);
    let plan = repository.plan(&[("a.py", "A", 0), ("deep/b.py", "B", 0), ("c.py", "C", 1)]);
    let expected = [changed("a.py"), changed("c.py"), changed("deep/b.py")];
    assert_eq!(outcomes(&repository, &plan), expected);
    assert_eq!(repository.read("a.py"), b"A");
    assert_eq!(repository.read("deep/b.py"), b"B");
    assert_eq!(repository.read("c.py"), b"C");
    assert_eq!(repository.unknown_files(), [""; 0]);
}

#[test]
fn a_unit_with_a_file_that_changed_since_is_left_alone_and_the_rest_is_done() {
    let repository = repository(&["a.py", "b.py", "c.py", "d.py"]);
    let plan = repository.plan(&[("a.py", "A", 0), ("b.py", "B", 0), ("c.py", "C", 1), ("d.py", "D", 2)]);
    repository.write("b.py", "mine");
    fs::remove_file(repository.path("d.py")).unwrap();
    let expected = [
        held("a.py", "belongs to the same fix as `b.py`, which has changed since it was scanned"),
        failed("b.py", "has changed since it was scanned"),
        changed("c.py"),
        failed("d.py", "cannot be found: No such file or directory (os error 2)"),
    ];
    assert_eq!(outcomes(&repository, &plan), expected);
    assert_eq!(repository.read("a.py"), b"a.py");
    assert_eq!(repository.read("b.py"), b"mine");
}

#[test]
fn what_the_plan_holds_is_an_outcome_and_what_changes_nothing_is_none() {
    let repository = repository(&["a.py", "b.py"]);
    let mut plan = repository.plan(&[("a.py", "a.py", 0)]);
    plan.held.push(Held { path: repository.path("b.py"), reason: "because".to_owned() });
    assert_eq!(outcomes(&repository, &plan), [held("b.py", "because")]);
    let applied = apply::apply(&plan, &repository.journal()).unwrap();
    assert_eq!(applied.id, None);
    assert!(!repository.path(".git/qmigrate").exists());
}

#[test]
fn mode_and_owner_are_kept() {
    let repository = repository(&["a.py", "b.py", "c.py"]);
    let modes = [("a.py", 0o755), ("b.py", 0o640), ("c.py", 0o444)];
    for (name, mode) in modes {
        fs::set_permissions(repository.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    // Only root may give files away; everybody else's keep their owner in any case.
    let _ = std::os::unix::fs::chown(repository.path("a.py"), Some(12_345), Some(23_456));
    let before = fs::metadata(repository.path("a.py")).unwrap();
    let plan = repository.plan(&[("a.py", "A", 0), ("b.py", "B", 1), ("c.py", "C", 2)]);
    assert_eq!(outcomes(&repository, &plan), [changed("a.py"), changed("b.py"), changed("c.py")]);
    for (name, mode) in modes {
        let metadata = fs::metadata(repository.path(name)).unwrap();
        assert_eq!(metadata.mode() & 0o7777, mode, "{name}");
    }
    let after = fs::metadata(repository.path("a.py")).unwrap();
    assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
}

#[test]
fn links_are_followed_but_not_out_of_the_project() {
    let repository = repository(&["real.py", "deep/b.py", "c.py"]);
    let outside = repository.root.with_file_name("outside.py");
    fs::write(&outside, "outside").unwrap();
    symlink("real.py", repository.path("link.py")).unwrap();
    symlink("deep", repository.path("linked")).unwrap();
    symlink(&outside, repository.path("out.py")).unwrap();
    let changes = [("link.py", "A", 0), ("linked/b.py", "B", 1), ("out.py", "no", 2), ("c.py", "no", 2)];
    let plan = repository.plan(&changes);
    let reason = "is reached through a link that leads out of the project";
    let expected = [
        held("c.py", &format!("belongs to the same fix as `out.py`, which {reason}")),
        changed("link.py"),
        changed("linked/b.py"),
        failed("out.py", reason),
    ];
    assert_eq!(outcomes(&repository, &plan), expected);
    assert_eq!(repository.read("real.py"), b"A");
    assert_eq!(repository.read("deep/b.py"), b"B");
    assert_eq!(fs::read(&outside).unwrap(), b"outside");
    assert!(fs::symlink_metadata(repository.path("link.py")).unwrap().is_symlink());
}

#[test]
fn a_file_under_two_names_is_one_file() {
    let repository = repository(&["real.py", "b.py", "c.py"]);
    symlink("real.py", repository.path("link.py")).unwrap();
    repository.commit();
    let changes = [("link.py", "A", 0), ("b.py", "B", 0), ("real.py", "A", 1), ("c.py", "C", 1)];
    let plan = repository.plan(&changes);
    let plan = apply::guard(plan, &repository.root).unwrap();
    // What shared the file with two units is one unit now.
    repository.write("c.py", "mine");
    let reason = "belongs to the same fix as `c.py`, which has changed since it was scanned";
    let expected = [held("b.py", reason), failed("c.py", "has changed since it was scanned"), held("real.py", reason)];
    assert_eq!(outcomes(&repository, &plan), expected);
    repository.write("c.py", "c.py");
    let expected = [changed("b.py"), changed("c.py"), changed("real.py")];
    assert_eq!(outcomes(&repository, &plan), expected);
    let plan = repository.plan(&[("link.py", "1", 0), ("b.py", "2", 0), ("real.py", "3", 1)]);
    let plan = apply::resolve(plan, &repository.root);
    let reason = "is reached under two names, and would be changed in two ways";
    let expected =
        [held("b.py", &format!("belongs to the same fix as `real.py`, which {reason}")), held("real.py", reason)];
    assert_eq!(outcomes(&repository, &plan), expected);
}

#[test]
fn what_git_could_not_bring_back_is_held_back_with_its_unit() {
    let repository = repository(&["a.py", "b.py", "c.py", "d.py"]);
    repository.write(".gitignore", "ignored.py\n");
    repository.write("ignored.py", "i");
    repository.write("untracked.py", "u");
    repository.write("b.py", "dirty");
    repository.write("c.py", "staged");
    repository.git(&["add", "c.py"]);
    let plan = repository.plan(&[
        ("a.py", "A", 0),
        ("b.py", "B", 0),
        ("c.py", "C", 1),
        ("d.py", "D", 2),
        ("ignored.py", "I", 3),
        ("untracked.py", "U", 4),
    ]);
    let (changes, held) = guarded(&repository, plan);
    let held: Vec<(&str, &str)> = held.iter().map(|(name, why)| (name.as_str(), why.as_str())).collect();
    assert_eq!(changes, ["d.py"]);
    let expected = [
        ("a.py", "belongs to the same fix as `b.py`, which has uncommitted changes"),
        ("b.py", "has uncommitted changes"),
        ("c.py", "has staged changes that are not committed"),
        ("ignored.py", "is ignored by git"),
        ("untracked.py", "is not tracked by git"),
    ];
    assert_eq!(held, expected);
}

#[test]
fn files_of_a_submodule_are_judged_by_its_own_git() {
    let inner = repository(&["a.py", "b.py"]);
    let repository = repository(&["c.py"]);
    let url = inner.root.to_str().unwrap();
    let allowed = "protocol.file.allow=always";
    repository.git(&["-c", allowed, "submodule", "--quiet", "add", url, "inner"]);
    repository.commit();
    repository.write("inner/b.py", "dirty");
    let plan = repository.plan(&[("inner/a.py", "A", 0), ("inner/b.py", "B", 1), ("c.py", "C", 2)]);
    let (changes, held) = guarded(&repository, plan);
    assert_eq!(changes, ["c.py", "inner/a.py"]);
    assert_eq!(held, [("inner/b.py".to_owned(), "has uncommitted changes".to_owned())]);
}

#[test]
fn outside_git_nothing_is_guarded() {
    let folder = tempfile::TempDir::new().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let path = root.join("a.py");
    fs::write(&path, "a").unwrap();
    let change = qmigrate::edit::Change { path, before: b"a".to_vec(), after: b"b".to_vec(), unit: 0 };
    let plan = Plan { changes: vec![change], held: Vec::new() };
    assert_eq!(apply::guard(plan.clone(), &root).unwrap(), plan);
}

#[test]
fn a_second_run_at_the_same_time_is_refused() {
    let repository = repository(&["a.py"]);
    let journal = repository.journal();
    let plan = repository.plan(&[("a.py", "A", 0)]);
    let lock = journal.lock().unwrap();
    let error = apply::apply(&plan, &journal).unwrap_err();
    assert_eq!(error.to_string(), "another qmigrate is writing in this project");
    assert_eq!(repository.read("a.py"), b"a.py");
    drop(lock);
    assert_eq!(outcomes(&repository, &plan), [changed("a.py")]);
}

#[test]
fn a_file_that_two_units_change_is_changed_once() {
    let repository = repository(&["a.py", "b.py"]);
    let plan = repository.plan(&[("a.py", "1", 0), ("a.py", "2", 1), ("b.py", "B", 1)]);
    let expected = [
        changed("a.py"),
        failed("a.py", "is changed twice"),
        held("b.py", "belongs to the same fix as `a.py`, which is changed twice"),
    ];
    assert_eq!(outcomes(&repository, &plan), expected);
    assert_eq!(repository.read("a.py"), b"1");
}

fn whole(repository: &Repository, name: &str, before: Option<&str>, after: Option<&str>) -> Whole {
    let bytes = |text: &str| text.as_bytes().to_vec();
    Whole { path: repository.path(name), before: before.map(bytes), after: after.map(bytes) }
}

#[test]
fn whole_files_are_made_replaced_and_removed_together() {
    let repository = repository(&["a.py", "deep/b.py"]);
    let files = [
        whole(&repository, "a.py", Some("a.py"), Some("A")),
        whole(&repository, "deep/b.py", Some("deep/b.py"), None),
        whole(&repository, "new/er/c.py", None, Some("C")),
    ];
    let id = apply::replace(&files, &repository.journal()).unwrap();
    assert_eq!((repository.read("a.py"), repository.read("new/er/c.py")), (b"A".to_vec(), b"C".to_vec()));
    assert!(!repository.path("deep/b.py").exists());
    assert_ne!(fs::metadata(repository.path("new/er/c.py")).unwrap().mode() & 0o044, 0, "others may read new files");
    repository.git(&["clean", "--dry-run", "-d"]);
    let undone = apply::undo(&repository.journal(), id.as_deref()).unwrap();
    assert!(undone.files.iter().all(|file| file.status == apply::UndoStatus::Restored), "{undone:?}");
    assert_eq!(repository.git(&["status", "--porcelain"]), b"");
    assert!(!repository.path("new").exists());
}

#[test]
fn where_one_whole_file_cannot_be_written_none_is() {
    let repository = repository(&["a.py", "new"]);
    let replaced = whole(&repository, "a.py", Some("a.py"), Some("A"));
    let first = whole(&repository, "folder/b.py", None, Some("B"));
    let cases = [
        (whole(&repository, "new", None, Some("C")), "is there already"),
        (whole(&repository, "new/c.py", None, Some("C")), "cannot be"),
        (whole(&repository, "gone.py", Some("C"), None), "has gone since"),
        // Found out only when some files are in place: the folder of one is to be the other.
        (whole(&repository, "folder", None, Some("C")), "cannot be written"),
        (whole(&repository, "new", Some("other"), None), "has changed"),
    ];
    for (other, reason) in cases {
        let files = [replaced.clone(), first.clone(), other];
        let error = apply::replace(&files, &repository.journal()).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert_eq!(repository.read("a.py"), b"a.py");
        assert_eq!(repository.unknown_files(), [""; 0]);
        assert!(!repository.path("folder").exists());
        assert_eq!(repository.journal().list().unwrap().entries, []);
    }
    let outside = tempfile::tempdir().unwrap();
    symlink(outside.path(), repository.path("link")).unwrap();
    let files = [whole(&repository, "link/c.py", None, Some("C"))];
    let error = apply::replace(&files, &repository.journal()).unwrap_err().to_string();
    assert!(error.contains("leads out of the project"), "{error}");
}
