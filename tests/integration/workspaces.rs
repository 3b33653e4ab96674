#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! Rust projects that the compiler is asked about by `tests/behaviour/rust/check.py`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::Project;

#[test]
fn each_line_of_the_workspaces_becomes_what_its_mark_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/behaviour/rust/workspaces");
    let mut count = 0;
    for case in fs::read_dir(folder).unwrap() {
        let case = case.unwrap().path();
        let project = Project::git();
        let texts = sources(&case);
        for (path, text) in &texts {
            project.write(path, text);
        }
        if !texts.iter().any(|(path, _)| path == "qmigrate.toml") {
            project.write("qmigrate.toml", "");
        }
        project.commit();
        let run = project.run("fix");
        assert_eq!(run.code, 0, "{case:?}: {}{}", run.out, run.err);
        let run = project.run("scan --format json --exit-zero");
        let scan: serde_json::Value = serde_json::from_str(&run.out).unwrap();
        let left = scan["findings"].as_array().unwrap().iter();
        let left: BTreeSet<(String, u64)> = left
            .map(|finding| (finding["path"].as_str().unwrap().to_owned(), finding["line"].as_u64().unwrap()))
            .collect();
        let mut held = BTreeSet::new();
        for (path, _) in texts.iter().filter(|(path, _)| Path::new(path).extension().is_some_and(|end| end == "rs")) {
            for (line, text) in (1..).zip(project.read(path).lines()) {
                let Some((code, mark)) = text.rsplit_once(" // ") else { continue };
                if mark == "held" {
                    held.insert((path.clone(), line));
                }
                if let Some(wanted) = mark.strip_prefix("gives ") {
                    assert!(code.contains(wanted), "{case:?}: {text}");
                }
            }
        }
        assert_eq!(left, held, "{case:?}: {}", run.out);
        count += 1;
    }
    assert!(count > 9);
}

/// The files of a folder, with their paths in it.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        if next.is_dir() {
            for entry in fs::read_dir(next).unwrap() {
                open.push(entry.unwrap().path());
            }
        } else {
            let path = next.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            found.push((path, fs::read_to_string(next).unwrap()));
        }
    }
    found
}
