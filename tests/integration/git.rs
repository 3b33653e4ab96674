#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! What git says about files, whatever they are called.

use std::fs;
use std::path::PathBuf;

use qmigrate::git;
use qmigrate::git::State;

use crate::repository::Repository;

fn states(repository: &Repository, names: &[&[u8]]) -> Vec<State> {
    let found = git::Repository::find(&repository.root).unwrap();
    let paths: Vec<PathBuf> = names.iter().map(|name| repository.path(name)).collect();
    let states = found.status(&paths).unwrap();
    paths.iter().map(|path| states[path]).collect()
}

#[test]
fn every_state_is_told_from_the_others() {
    let repository = Repository::new();
    repository.write(".gitignore", "ignored.py\nbuild/\n");
    for name in ["clean.py", "modified.py", "staged.py", "both.py", "conflicted.py", "removed.py"] {
        repository.write(name, "a\n");
    }
    repository.commit();
    repository.git(&["checkout", "--quiet", "-b", "other"]);
    repository.write("conflicted.py", "b\n");
    repository.commit();
    repository.git(&["checkout", "--quiet", "-"]);
    repository.write("conflicted.py", "c\n");
    repository.commit();
    // The merge stops at the conflict, so the command fails.
    let merge = std::process::Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "merge", "other"])
        .current_dir(&repository.root)
        .output();
    assert!(!merge.unwrap().status.success());
    repository.write("modified.py", "b\n");
    repository.write("staged.py", "b\n");
    repository.write("both.py", "b\n");
    repository.write("added.py", "b\n");
    repository.git(&["add", "staged.py", "both.py", "added.py"]);
    repository.write("both.py", "c\n");
    repository.write("intended.py", "b\n");
    repository.git(&["add", "--intent-to-add", "intended.py"]);
    repository.write("untracked.py", "b\n");
    repository.write("new/folder/untracked.py", "b\n");
    repository.write("ignored.py", "b\n");
    repository.write("build/deep/ignored.py", "b\n");
    let expected: [(&[u8], State); 11] = [
        (b"clean.py", State::Clean),
        (b"modified.py", State::Modified),
        (b"staged.py", State::Staged),
        (b"both.py", State::Modified),
        (b"added.py", State::Staged),
        (b"intended.py", State::Modified),
        (b"untracked.py", State::Untracked),
        (b"new/folder/untracked.py", State::Untracked),
        (b"ignored.py", State::Ignored),
        (b"build/deep/ignored.py", State::Ignored),
        (b"conflicted.py", State::Conflicted),
    ];
    let names: Vec<&[u8]> = expected.iter().map(|(name, _)| *name).collect();
    let found: Vec<(&[u8], State)> = names.iter().copied().zip(states(&repository, &names)).collect();
    assert_eq!(found, expected);
}

#[test]
fn names_are_taken_literally() {
    let repository = Repository::new();
    let names: [&[u8]; 9] = [
        b"*.py",
        b"a b.py",
        b"\"q\".py",
        b"new\nline.py",
        b"caf\xe9.py",
        b":(top)x.py",
        b"[a].py",
        b"-x.py",
        b"back\\slash.py",
    ];
    for name in names {
        repository.write(name, "a\n");
    }
    repository.write("a.py", "a\n");
    repository.commit();
    assert_eq!(states(&repository, &names), [State::Clean; 9]);
    for name in names {
        repository.write(name, "b\n");
    }
    assert_eq!(states(&repository, &names), [State::Modified; 9]);
    assert_eq!(states(&repository, &[b"a.py"]), [State::Clean]);
}

#[test]
fn more_files_than_fit_a_command_line_are_told_apart_too() {
    let repository = Repository::new();
    repository.write(".gitignore", "node_modules/\n");
    let names: Vec<String> = (0..500).map(|number| format!("{}/{number}.py", "long".repeat(20))).collect();
    for name in &names {
        repository.write(name, "a\n");
    }
    repository.commit();
    repository.write(&names[7], "b\n");
    repository.write("new/a.py", "b\n");
    repository.write("node_modules/a/b.py", "b\n");
    let mut all: Vec<&[u8]> = names.iter().map(String::as_bytes).collect();
    all.extend([&b"new/a.py"[..], b"node_modules/a/b.py"]);
    let mut expected = vec![State::Clean; 500];
    expected[7] = State::Modified;
    expected.extend([State::Untracked, State::Ignored]);
    assert_eq!(states(&repository, &all), expected);
}

#[test]
fn a_work_tree_is_found_from_below_and_from_a_linked_one() {
    let repository = Repository::new();
    repository.write("deep/er/a.py", "a\n");
    repository.commit();
    let found = git::Repository::find(&repository.path("deep/er")).unwrap();
    assert_eq!(found.root(), repository.root);
    assert_eq!(found.path("qmigrate").unwrap(), repository.path(".git/qmigrate"));
    repository.git(&["worktree", "add", "--quiet", "../linked"]);
    let linked = repository.root.with_file_name("linked");
    let found = git::Repository::find(&linked.join("deep")).unwrap();
    assert_eq!(found.root(), linked);
    assert_eq!(found.path("qmigrate").unwrap(), repository.path(".git/worktrees/linked/qmigrate"));
}

#[test]
fn a_folder_that_is_merely_called_git_is_no_work_tree() {
    let folder = tempfile::TempDir::new().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    assert_eq!(git::Repository::find(folder.path()), None);
}

#[test]
fn what_git_says_when_it_fails_is_passed_on() {
    let repository = Repository::new();
    fs::write(repository.path(".git/config"), "[broken\n").unwrap();
    let found = git::Repository::find(&repository.root).unwrap();
    let error = found.status(&[repository.path("a.py")]).unwrap_err().to_string();
    assert!(error.contains("git status") && error.contains("config"), "{error}");
}
