#![expect(clippy::unwrap_used, reason = "tests may stop at the first surprise")]
//! The README is true: each command of its tour is run, and prints what the README shows.

use std::path::PathBuf;

use regex::Regex;

use crate::support::Project;

const README: &str = include_str!("../../README.md");

/// A command of the tour.
#[derive(Default)]
struct Step {
    command: String,
    code: i32,
    /// What it prints; `…` stands for anything, alone on a line for any lines.
    output: Vec<String>,
}

#[test]
fn the_tour_goes_as_the_readme_says() {
    let project = Project::clone_with_demo();
    let mut folder = PathBuf::from(".");
    let steps = steps(README);
    assert!(steps.len() > 8, "the tour is read wrongly");
    for step in steps {
        if let Some(to) = step.command.strip_prefix("cd ") {
            folder.push(to);
            continue;
        }
        let run = project.shell(&format!("cd '{}' && exec 2>&1 && {}", folder.display(), step.command));
        assert_eq!(run.code, step.code, "$ {}\n{}", step.command, run.out);
        assert!(
            pattern(&step.output).is_match(&run.out),
            "$ {}\nthe README shows:\n{}\nit prints:\n{}",
            step.command,
            step.output.join("\n"),
            run.out
        );
    }
}

#[test]
fn the_command_for_a_fresh_clone_shows_findings() {
    let project = Project::clone_with_demo();
    let line = README.lines().find_map(|line| line.strip_prefix("cargo run --release -- ")).unwrap_or_default();
    let run = project.run(line);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.contains("Found 9 findings"), "{}", run.out);
    assert!(README.contains("\ncargo test\n"));
}

#[test]
fn every_file_that_the_readme_names_is_there() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    for target in README.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(root.join(target).try_exists().is_ok_and(|exists| exists), "{target}");
    }
}

/// The commands in blocks of the console.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            _ if line.starts_with("```") => is_inside = line == "```console",
            _ if !is_inside => {}
            (Some(typed), _) => {
                let (command, code) = typed.split_once("# exits with ").unwrap_or((typed, "0"));
                let code = code.trim().parse().unwrap_or(-1);
                steps.push(Step { command: command.trim().to_owned(), code, output: Vec::new() });
            }
            (None, Some(step)) => step.output.push(line.to_owned()),
            (None, None) => {}
        }
    }
    steps
}

fn pattern(output: &[String]) -> Regex {
    let line = |line: &String| match line.as_str() {
        "…" => "(?s:.*)".to_owned(),
        line => regex::escape(line).replace('…', ".*") + "\n",
    };
    let lines: String = output.iter().map(line).collect();
    Regex::new(&format!("^{lines}$")).unwrap()
}
