#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! What a run wrote is taken back.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use qmigrate::apply;
use qmigrate::apply::UndoStatus;
use qmigrate::edit::Change;
use qmigrate::edit::Plan;
use qmigrate::store::journal::Journal;

use crate::repository::Repository;

fn repository(names: &[&str]) -> Repository {
    let repository = Repository::new();
    for name in names {
        repository.write(name, name);
    }
    repository.commit();
    repository
}

fn apply(repository: &Repository, changes: &[(&str, &str, usize)]) -> String {
    let plan = repository.plan(changes);
    apply::apply(&plan, &repository.journal()).unwrap().id.unwrap()
}

/// Takes a run back, and returns its id and what became of each file.
fn undo(repository: &Repository, id: Option<&str>) -> (String, Vec<(String, UndoStatus, String)>) {
    let undone = apply::undo(&repository.journal(), id).unwrap();
    let outcome = |file: apply::FileUndone| {
        let name = file.path.strip_prefix(&repository.root).unwrap().to_owned();
        (name.to_string_lossy().into_owned(), file.status, file.reason.unwrap_or_default())
    };
    (undone.id, undone.files.into_iter().map(outcome).collect())
}

fn restored(name: &str) -> (String, UndoStatus, String) {
    (name.to_owned(), UndoStatus::Restored, String::new())
}

fn unchanged(name: &str) -> (String, UndoStatus, String) {
    (name.to_owned(), UndoStatus::Unchanged, String::new())
}

fn refused(name: &str, reason: &str) -> (String, UndoStatus, String) {
    (name.to_owned(), UndoStatus::Refused, reason.to_owned())
}

fn error(repository: &Repository, id: Option<&str>) -> String {
    apply::undo(&repository.journal(), id).unwrap_err().to_string()
}

#[test]
fn bytes_and_mode_come_back() {
    let repository = Repository::new();
    let bytes = b"\xef\xbb\xbfa\r\nb\rc\xff\0";
    let path = repository.write("a.py", bytes);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o751)).unwrap();
    repository.write("empty.py", "");
    repository.commit();
    let id = apply(&repository, &[("a.py", "new", 0), ("empty.py", "new", 0)]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let expected = (id, vec![restored("a.py"), restored("empty.py")]);
    assert_eq!(undo(&repository, None), expected);
    assert_eq!(repository.read("a.py"), bytes);
    assert_eq!(repository.read("empty.py"), b"");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o751);
    assert_eq!(repository.unknown_files(), [""; 0]);
}

#[test]
fn undo_again_takes_the_run_before() {
    let repository = repository(&["a.py"]);
    let first = apply(&repository, &[("a.py", "1", 0)]);
    let second = apply(&repository, &[("a.py", "2", 0)]);
    assert!(first < second);
    assert_eq!(undo(&repository, None), (second, vec![restored("a.py")]));
    assert_eq!(undo(&repository, None), (first, vec![restored("a.py")]));
    assert_eq!(error(&repository, None), "nothing to undo");
    assert_eq!(repository.read("a.py"), b"a.py");
}

#[test]
fn files_that_changed_since_are_left_and_the_rest_comes_back() {
    let repository = repository(&["a.py", "b.py", "c.py", "d.py", "e.py"]);
    let changes = [("a.py", "A", 0), ("b.py", "B", 0), ("c.py", "C", 0), ("d.py", "D", 0), ("e.py", "E", 0)];
    let id = apply(&repository, &changes);
    repository.write("b.py", "mine");
    repository.write("c.py", "c.py");
    fs::remove_file(repository.path("d.py")).unwrap();
    fs::remove_file(repository.path("e.py")).unwrap();
    std::os::unix::fs::symlink("a.py", repository.path("e.py")).unwrap();
    let expected = vec![
        restored("a.py"),
        refused("b.py", "has changed since"),
        unchanged("c.py"),
        refused("d.py", "has gone since"),
        refused("e.py", "is no longer a regular file"),
    ];
    assert_eq!(undo(&repository, None), (id.clone(), expected));
    assert_eq!(repository.read("b.py"), b"mine");
    // The run counts as undone, but may be named again when the file is what the run made of it.
    assert_eq!(error(&repository, None), "nothing to undo");
    repository.write("b.py", "B");
    let (_, files) = undo(&repository, Some(&id));
    assert_eq!(files[1], restored("b.py"));
}

#[test]
fn where_nothing_could_be_put_back_the_run_stays_to_be_undone() {
    let repository = repository(&["a.py"]);
    let id = apply(&repository, &[("a.py", "A", 0)]);
    repository.write("a.py", "mine");
    let expected = (id.clone(), vec![refused("a.py", "has changed since")]);
    assert_eq!(undo(&repository, None), expected);
    repository.write("a.py", "A");
    assert_eq!(undo(&repository, None), (id, vec![restored("a.py")]));
}

#[test]
fn an_unknown_run_is_named() {
    let repository = repository(&["a.py"]);
    assert_eq!(error(&repository, None), "nothing to undo");
    assert_eq!(error(&repository, Some("x")), "no run of `fix` has the id `x`");
    apply(&repository, &[("a.py", "A", 0)]);
    assert_eq!(error(&repository, Some("x")), "no run of `fix` has the id `x`");
}

#[test]
fn a_damaged_entry_is_named_and_passed_over() {
    let repository = repository(&["a.py", "b.py"]);
    let journal = repository.path(".git/qmigrate/journal");
    let good = apply(&repository, &[("a.py", "A", 0)]);
    let damaged = apply(&repository, &[("b.py", "B", 0)]);
    let manifest = journal.join(&damaged).join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    for broken in ["", "{", "{\"version\": 1}", "[]", &text.replace("\"version\": 1", "\"version\": 2")] {
        fs::write(&manifest, broken).unwrap();
        let listing = repository.journal().list().unwrap();
        assert_eq!(listing.entries.len(), 1, "{broken}");
        assert_eq!(listing.damaged[0].id, damaged, "{broken}");
        assert!(error(&repository, Some(&damaged)).contains(&damaged));
    }
    let undone = apply::undo(&repository.journal(), None).unwrap();
    assert_eq!(undone.id, good);
    assert_eq!(undone.damaged[0].reason, "its manifest has version 2; this qmigrate knows 1");
    assert_eq!(repository.read("b.py"), b"B");
}

#[test]
fn a_copy_that_is_not_what_it_was_is_not_put_back() {
    let repository = repository(&["a.py", "b.py"]);
    let id = apply(&repository, &[("a.py", "A", 0), ("b.py", "B", 0)]);
    let bytes = repository.path(".git/qmigrate/journal").join(&id).join("bytes");
    let mut kept = fs::read(&bytes).unwrap();
    kept[5] ^= 1;
    fs::write(&bytes, kept).unwrap();
    let (_, files) = undo(&repository, None);
    assert_eq!(files[0], restored("a.py"));
    assert_eq!(files[1].1, UndoStatus::Failed);
    assert_eq!(repository.read("b.py"), b"B");
}

#[test]
fn only_so_many_runs_are_kept() {
    let repository = repository(&["a.py"]);
    let ids: Vec<String> = (0..53).map(|run| apply(&repository, &[("a.py", &run.to_string(), 0)])).collect();
    let listing = repository.journal().list().unwrap();
    let kept: Vec<String> = listing.entries.into_iter().map(|entry| entry.id).collect();
    let expected: Vec<String> = ids.into_iter().skip(3).rev().collect();
    assert_eq!(kept, expected);
}

#[test]
fn a_project_knows_only_its_own_runs_and_may_be_moved() {
    let repository = repository(&["one/a.py", "two/b.py"]);
    let (one, two) = (repository.path("one"), repository.path("two"));
    let journal = Journal::at(&one).unwrap();
    let plan = repository.plan(&[("one/a.py", "A", 0)]);
    apply::apply(&plan, &journal).unwrap();
    let error = apply::undo(&Journal::at(&two).unwrap(), None).unwrap_err();
    assert_eq!(error.to_string(), "nothing to undo");
    let moved = repository.root.with_file_name("moved");
    fs::rename(&repository.root, &moved).unwrap();
    apply::undo(&Journal::at(&moved.join("one")).unwrap(), None).unwrap();
    assert_eq!(fs::read(moved.join("one/a.py")).unwrap(), b"one/a.py");
}

#[test]
fn names_that_are_not_utf8_come_back() {
    let repository = Repository::new();
    let path = repository.write(b"caf\xe9\n.py", "old");
    repository.commit();
    let change = Change { path, before: b"old".to_vec(), after: b"new".to_vec(), unit: 0 };
    let plan = Plan { changes: vec![change], held: Vec::new() };
    apply::apply(&plan, &repository.journal()).unwrap();
    assert_eq!(repository.read(b"caf\xe9\n.py"), b"new");
    apply::undo(&repository.journal(), None).unwrap();
    assert_eq!(repository.read(b"caf\xe9\n.py"), b"old");
}

#[test]
fn what_a_killed_run_left_is_cleaned_by_the_next_one() {
    let repository = repository(&["a.py", "b.py"]);
    let id = apply(&repository, &[("a.py", "A", 0), ("b.py", "B", 0)]);
    let entry = repository.path(".git/qmigrate/journal").join(&id);
    fs::remove_file(entry.join("settled")).unwrap();
    repository.write(format!(".qmigrate-{id}-1"), "half");
    repository.write(".git/qmigrate/journal/.new/bytes", "half");
    apply(&repository, &[("a.py", "AA", 0)]);
    assert_eq!(repository.unknown_files(), [""; 0]);
    assert!(!repository.path(".git/qmigrate/journal/.new").exists());
    assert_eq!(undo(&repository, None).1, [restored("a.py")]);
    assert_eq!(undo(&repository, None).1, [restored("a.py"), restored("b.py")]);
}

#[test]
fn nobody_else_may_read_what_is_kept() {
    let repository = repository(&["a.py"]);
    fs::set_permissions(repository.path("a.py"), fs::Permissions::from_mode(0o600)).unwrap();
    let id = apply(&repository, &[("a.py", "A", 0)]);
    for name in ["bytes", "manifest.json"] {
        let path = repository.path(".git/qmigrate/journal").join(&id).join(name);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
