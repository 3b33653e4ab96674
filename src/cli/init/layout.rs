//! Where a project's absolute imports start, as its packaging says.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use toml::Table;
use toml::Value;

/// The folders, relative to the project, that packages lie in; empty where that is the project itself.
pub(crate) fn roots(root: &Path) -> Vec<String> {
    let mut roots = pyproject(root).unwrap_or_default();
    roots.extend(setup_cfg(root).unwrap_or_default());
    roots.push("src".to_owned());
    let mut known = Vec::new();
    for folder in roots {
        let folder = folder.trim_start_matches("./").trim_end_matches('/').to_owned();
        if !folder.is_empty() && folder != "." && !known.contains(&folder) && root.join(&folder).is_dir() {
            known.push(folder);
        }
    }
    known
}

/// The folder that the absolute name of a file starts from.
pub(crate) fn start(file: &Path, root: &Path, roots: &[String]) -> PathBuf {
    if let Some(found) = roots.iter().map(|folder| root.join(folder)).find(|start| file.starts_with(start)) {
        return found;
    }
    let mut folder = file.parent().unwrap_or(root);
    while folder != root && folder.join("__init__.py").is_file() {
        folder = folder.parent().unwrap_or(root);
    }
    // A file beside which there is no `__init__.py` is a namespace's, which starts at the project.
    if file.parent() == Some(folder) { root.to_path_buf() } else { folder.to_path_buf() }
}

/// What setuptools, Poetry and Hatch are told.
fn pyproject(root: &Path) -> Option<Vec<String>> {
    let text = fs::read_to_string(root.join("pyproject.toml")).ok()?;
    let tool = text.parse::<Table>().ok()?.remove("tool")?;
    let mut roots = Vec::new();
    let setuptools = tool.get("setuptools");
    let where_ = at(setuptools, &["packages", "find", "where"]).and_then(Value::as_array);
    roots.extend(where_.into_iter().flatten().filter_map(text_of));
    let folder = at(setuptools, &["package-dir", ""]);
    roots.extend(folder.and_then(text_of));
    let packages = at(tool.get("poetry"), &["packages"]).and_then(Value::as_array);
    roots.extend(packages.into_iter().flatten().filter_map(|package| text_of(package.get("from")?)));
    let packages = at(tool.get("hatch"), &["build", "targets", "wheel", "packages"]);
    let packages = packages.and_then(Value::as_array).into_iter().flatten().filter_map(text_of);
    roots.extend(packages.filter_map(|package| Some(package.rsplit_once('/')?.0.to_owned())));
    Some(roots)
}

fn at<'a>(value: Option<&'a Value>, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().try_fold(value?, |value, key| value.get(key))
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// `package_dir` and `where` of `setup.cfg`.
fn setup_cfg(root: &Path) -> Option<Vec<String>> {
    let text = fs::read_to_string(root.join("setup.cfg")).ok()?;
    let mut roots = Vec::new();
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        match (section, key.trim()) {
            ("[options.packages.find]", "where") | ("[options]", "") => {
                roots.push(value.trim().to_owned());
            }
            // `package_dir` may stand on one line with its value.
            ("[options]", "package_dir") => {
                roots.extend(value.split_once('=').map(|(_, folder)| folder.trim().to_owned()));
            }
            _ => {}
        }
    }
    Some(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("lib/app")).unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        assert_eq!(roots(folder.path()), expected, "{text}");
    }

    #[test]
    fn packaging_says_where_imports_start() {
        check("pyproject.toml", "[tool.setuptools.packages.find]\nwhere = ['lib']", &["lib"]);
        check("pyproject.toml", "[tool.setuptools.package-dir]\n'' = 'lib'", &["lib"]);
        check("pyproject.toml", "[tool.poetry]\npackages = [{include = 'app', from = 'lib'}]", &["lib"]);
        check("pyproject.toml", "[tool.hatch.build.targets.wheel]\npackages = ['lib/app']", &["lib"]);
        check("setup.cfg", "[options]\npackage_dir =\n    = lib\n", &["lib"]);
        check("setup.cfg", "[options.packages.find]\nwhere = lib\n", &["lib"]);
        check("setup.cfg", "[metadata]\nname = x\n", &[]);
    }
}
