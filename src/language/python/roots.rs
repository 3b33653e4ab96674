//! Where absolute imports start, when the configuration does not say.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::language::Ground;
use crate::layout::Layout;

use super::is_identifier;

/// Adds to a layout the folders at which absolute imports start.
pub(super) fn find(ground: &Ground<'_>, files: &[Arc<Path>], layout: &mut Layout) {
    layout.insert_root(ground.root.to_path_buf());
    let src = ground.root.join("src");
    if (ground.is_folder)(&src) {
        layout.insert_root(src);
    }
    for root in configured(ground) {
        layout.insert_root(root);
    }
    let mut folders: BTreeSet<&Path> = BTreeSet::new();
    for file in files {
        if let Some(folder) = file.parent() {
            folders.insert(folder);
        }
    }
    for folder in folders {
        of_folder(folder, ground.root, layout);
    }
}

fn of_folder(folder: &Path, project: &Path, layout: &mut Layout) {
    // The parent of a topmost package.
    let mut package = folder;
    let mut inside = false;
    while layout.has_file(&package.join("__init__.py")) {
        inside = true;
        let Some(parent) = package.parent() else { break };
        package = parent;
    }
    if inside {
        layout.insert_root(package.to_path_buf());
    }
    // A folder whose name could not stand in an import.
    let mut current = folder;
    while current.starts_with(project) && current != project {
        let name = current.file_name().and_then(|name| name.to_str());
        if !name.is_some_and(is_identifier) {
            layout.insert_root(current.to_path_buf());
        }
        let Some(parent) = current.parent() else { break };
        current = parent;
    }
}

/// The package folders that `pyproject.toml` and `setup.cfg` name.
fn configured(ground: &Ground<'_>) -> Vec<PathBuf> {
    let project = ground.root;
    let mut roots = Vec::new();
    if let Some(text) = (ground.read)(&project.join("pyproject.toml"))
        && let Ok(table) = text.parse::<toml::Table>()
    {
        let get = |path: &[&str]| {
            let mut keys = path.iter();
            let first = table.get(*keys.next()?)?;
            keys.try_fold(first, |value, key| value.get(key))
        };
        let setuptools = get(&["tool", "setuptools", "packages", "find", "where"]);
        let texts = setuptools.and_then(|value| value.as_array()).into_iter().flatten();
        roots.extend(texts.filter_map(|value| value.as_str()).map(|folder| project.join(folder)));
        if let Some(dirs) = get(&["tool", "setuptools", "package-dir"]).and_then(|value| value.as_table()) {
            roots.extend(dirs.get("").and_then(|value| value.as_str()).map(|folder| project.join(folder)));
        }
        let poetry = get(&["tool", "poetry", "packages"]).and_then(|value| value.as_array()).into_iter().flatten();
        roots.extend(poetry.filter_map(|package| package.get("from")?.as_str()).map(|folder| project.join(folder)));
        let hatch = get(&["tool", "hatch", "build", "targets", "wheel", "packages"]);
        let packages = hatch.and_then(|value| value.as_array()).into_iter().flatten().filter_map(|v| v.as_str());
        roots.extend(packages.filter_map(|package| Some(project.join(package).parent()?.to_path_buf())));
        let pytest = get(&["tool", "pytest", "ini_options", "pythonpath"]);
        let paths = pytest.map(|value| {
            if let Some(text) = value.as_str() {
                return text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            }
            let list = value.as_array().into_iter().flatten();
            list.filter_map(|value| value.as_str()).map(str::to_owned).collect()
        });
        roots.extend(paths.into_iter().flatten().map(|folder| project.join(folder)));
    }
    if let Some(text) = (ground.read)(&project.join("setup.cfg")) {
        let mut section = "";
        let mut key = "";
        for line in text.lines() {
            if let Some(name) = line.trim().strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                section = name;
                continue;
            }
            let value = match line.split_once('=') {
                Some((name, value)) if !line.starts_with(char::is_whitespace) => {
                    key = name.trim();
                    value
                }
                _ => line,
            };
            let folder = match (section, key) {
                ("options.packages.find", "where") => Some(value.trim()),
                ("options", "package_dir") => value.trim().strip_prefix('=').map(str::trim),
                _ => None,
            };
            roots.extend(folder.filter(|folder| !folder.is_empty()).map(|folder| project.join(folder)));
        }
    }
    roots.into_iter().map(|root| root.components().collect()).collect()
}
