//! Where absolute imports start, when the configuration does not say.

use std::ffi::OsStr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashSet;

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
    let mut seen: FxHashSet<&OsStr> = FxHashSet::default();
    for file in files {
        for folder in file.ancestors().skip(1) {
            // Whoever was here before went on to all folders above.
            if !seen.insert(folder.as_os_str()) {
                break;
            }
            of_folder(folder, ground.root, layout);
        }
    }
}

fn of_folder(folder: &Path, project: &Path, layout: &mut Layout) {
    let is_package = |folder: &Path| layout.has_file(&folder.join("__init__.py"));
    // The parent of a topmost package.
    if is_package(folder) {
        let parent = folder.parent().unwrap_or(folder);
        if parent == folder || !is_package(parent) {
            layout.insert_root(parent.to_path_buf());
        }
    }
    // A folder whose name could not stand in an import.
    let name = folder.file_name().and_then(|name| name.to_str());
    if !name.is_some_and(is_identifier) && folder != project && folder.starts_with(project) {
        layout.insert_root(folder.to_path_buf());
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
