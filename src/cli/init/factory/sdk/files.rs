//! The files in which projects say what they use.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value as Json;
use toml::Table;
use toml::Value;

use super::range::Range;

/// The SDK's name among packages.
const PACKAGE: &str = "openai";

/// What a file says.
pub(super) struct Said {
    pub(super) file: PathBuf,
    pub(super) ranges: Vec<Range>,
}

impl Said {
    fn new(file: PathBuf, ranges: Vec<Range>) -> Option<Self> {
        (!ranges.is_empty()).then_some(Self { file, ranges })
    }
}

/// The versions of the SDK that a folder's lock has: more than one where they depend on the platform.
pub(super) fn locked(folder: &Path) -> Option<Said> {
    let by_table = ["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"].into_iter().find_map(|name| {
        let file = folder.join(name);
        let table = table(&file)?;
        Said::new(file, packages(&table))
    });
    by_table.or_else(|| pipfile(folder)).or_else(|| requirements(folder))
}

/// The versions of the SDK that a folder's `pyproject.toml` asks for.
pub(super) fn asked(folder: &Path) -> Option<Said> {
    let file = folder.join("pyproject.toml");
    let table = table(&file)?;
    let project = table.get("project");
    let groups = [project.and_then(|project| project.get("optional-dependencies")), table.get("dependency-groups")];
    let groups = groups.into_iter().flatten().filter_map(Value::as_table).flat_map(Table::values);
    let lists = project.and_then(|project| project.get("dependencies")).into_iter().chain(groups);
    let texts = lists.filter_map(Value::as_array).flatten().filter_map(Value::as_str);
    let mut ranges: Vec<Range> = texts.filter_map(requirement).collect();
    ranges.extend(poetry(&table, PACKAGE));
    Said::new(file, ranges)
}

/// The versions of Python that a folder's files speak of.
pub(super) fn python(folder: &Path) -> Option<Said> {
    let file = folder.join("pyproject.toml");
    if let Some(table) = table(&file) {
        let text = table.get("project").and_then(|project| project.get("requires-python")).and_then(Value::as_str);
        let range = text.and_then(Range::read).or_else(|| poetry(&table, "python"));
        if let Some(range) = range {
            return Said::new(file, vec![range]);
        }
    }
    let file = folder.join("setup.cfg");
    if let Some(text) = read(&file) {
        let values = text.lines().filter_map(|line| line.split_once('='));
        let mut values = values.filter(|(key, _)| key.trim() == "python_requires");
        if let Some(range) = values.find_map(|(_, value)| Range::read(value)) {
            return Said::new(file, vec![range]);
        }
    }
    let file = folder.join("uv.lock");
    let text = table(&file).and_then(|table| Some(table.get("requires-python")?.as_str()?.to_owned()));
    if let Some(range) = text.as_deref().and_then(Range::read) {
        return Said::new(file, vec![range]);
    }
    let file = folder.join("Pipfile.lock");
    let lock: Json = serde_json::from_str(&read(&file)?).ok()?;
    let version = lock.pointer("/_meta/requires/python_version")?.as_str()?;
    Said::new(file, Range::read(version).into_iter().collect())
}

fn read(file: &Path) -> Option<String> {
    fs::metadata(file).ok().filter(fs::Metadata::is_file)?;
    fs::read_to_string(file).ok()
}

fn table(file: &Path) -> Option<Table> {
    read(file)?.parse().ok()
}

/// The versions that `[[package]]` tables have.
fn packages(table: &Table) -> Vec<Range> {
    let lists = ["package", "packages"].into_iter().filter_map(|key| table.get(key)?.as_array());
    let own = lists.flatten().filter(|package| package.get("name").and_then(Value::as_str) == Some(PACKAGE));
    own.filter_map(|package| Range::of_lock(package.get("version")?.as_str()?)).collect()
}

fn pipfile(folder: &Path) -> Option<Said> {
    let file = folder.join("Pipfile.lock");
    let lock: Json = serde_json::from_str(&read(&file)?).ok()?;
    let groups = ["default", "develop"].into_iter().filter_map(|group| lock.get(group)?.get(PACKAGE)?.get("version"));
    let ranges = groups.filter_map(|version| Range::of_lock(version.as_str()?)).collect();
    Said::new(file, ranges)
}

/// The first of `requirements*.txt` and `requirements/*.txt` that pins the SDK.
fn requirements(folder: &Path) -> Option<Said> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
        files.sort();
        files
    };
    let is_named =
        |file: &PathBuf| file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"requirements"));
    let files = list(folder).into_iter().filter(is_named).chain(list(&folder.join("requirements")));
    files.into_iter().find_map(|file| {
        let text = read(&file)?;
        let ranges = text.lines().filter_map(requirement).filter(|range| range.pinned().is_some());
        let locked = ranges.filter_map(|range| Range::of_lock(&range.pinned()?.to_string()));
        Said::new(file, locked.collect())
    })
}

/// The versions that a requirement asks for, if it is one of the SDK: `openai[datalib]>=1.40 ; python_version > "3.8"`.
fn requirement(text: &str) -> Option<Range> {
    let text = text.split(['#', ';', '\\']).next().unwrap_or_default();
    let text = text.split(" --").next().unwrap_or_default().trim();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    let rest = rest.trim_start();
    let rest = if rest.starts_with('[') { rest.split_once(']')?.1 } else { rest };
    if name.eq_ignore_ascii_case(PACKAGE) { Range::read(rest) } else { None }
}

/// What Poetry's table of dependencies asks for.
fn poetry(table: &Table, name: &str) -> Option<Range> {
    let dependency = table.get("tool")?.get("poetry")?.get("dependencies")?.get(name)?;
    let text = dependency.as_str().or_else(|| dependency.get("version")?.as_str())?;
    Range::read(text)
}
