#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests may stop at the first surprise, and say what they leave out"
)]
//! The factory in Python, with one major version of the SDK: its own tests, and the demo after its migration.
//!
//! They need Python with `venv`, and a package index for the first time. Where these are missing the tests are listed as
//! ignored, and the reason is printed; with `QMIGRATE_TEST_RUNTIME=required` they fail.

mod demo;
mod environment;
#[path = "../integration/support.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod support;

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use libtest_mimic::Arguments;
use libtest_mimic::Failed;
use libtest_mimic::Trial;

use environment::Environment;

/// A test, given the Python to run.
type Test = Box<dyn FnOnce(&Environment) -> Result<(), Failed> + Send>;

fn main() {
    let arguments = Arguments::from_args();
    let tests = tests();
    let is_wanted = tests.iter().any(|(name, _)| selects(&arguments, name)) && !arguments.list;
    let environment = if is_wanted { Environment::build() } else { Err("it is not needed".to_owned()) };
    let is_required = std::env::var_os("QMIGRATE_TEST_RUNTIME").is_some_and(|value| value == "required");
    if let (true, Err(reason)) = (is_wanted, &environment) {
        eprintln!("\nthe tests of the runtime cannot run: {reason}");
    }
    let environment = Arc::new(environment);
    // Some of them measure time, or start many processes: one at a time.
    let turn = Arc::new(Mutex::new(()));
    let trials = tests.into_iter().map(|(name, test)| {
        let (environment, turn) = (Arc::clone(&environment), Arc::clone(&turn));
        let is_ignored = environment.is_err() && !is_required;
        let run = move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            match &*environment {
                Ok(environment) => test(environment),
                Err(reason) => Err(reason.into()),
            }
        };
        Trial::test(name, run).with_ignored_flag(is_ignored)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

/// Whether the command line asks for a test of this name.
fn selects(arguments: &Arguments, name: &str) -> bool {
    let is_match = |filter: &String| if arguments.exact { name == filter } else { name.contains(filter.as_str()) };
    arguments.filter.as_ref().is_none_or(is_match) && !arguments.skip.iter().any(is_match)
}

/// One for each file of the runtime's tests, one for its types, and the demo.
fn tests() -> Vec<(String, Test)> {
    let mut tests: Vec<(String, Test)> = vec![
        ("runtime::types".to_owned(), Box::new(types)),
        ("demo::every_call_of_the_migrated_demo_is_reported".to_owned(), Box::new(demo::run)),
    ];
    for file in files() {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        tests.push((format!("runtime::{name}"), Box::new(move |environment| pytest(environment, &file))));
    }
    tests
}

fn runtime() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime/python")
}

fn files() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(runtime().join("tests")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with("test_"));
    files.sort();
    files
}

/// Runs one file of tests, and prints what it skips.
fn pytest(environment: &Environment, file: &Path) -> Result<(), Failed> {
    let mut command = environment.python();
    command.args(["-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "--color=no"]).arg(file);
    let said = finish(command.current_dir(runtime()))?;
    for line in said.lines().filter(|line| line.starts_with("SKIPPED")) {
        eprintln!("{line}");
    }
    Ok(())
}

fn types(environment: &Environment) -> Result<(), Failed> {
    let cache = environment.folder().join("mypy");
    let mut command = environment.python();
    command.args(["-m", "mypy", "--cache-dir"]).arg(cache);
    finish(command.current_dir(runtime())).map(|_| ())
}

/// Runs a program to its end, and returns what it said; a failure says it too.
fn finish(command: &mut Command) -> Result<String, Failed> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(said) } else { Err(format!("{command:?}: {}\n{said}", output.status).into()) }
}
