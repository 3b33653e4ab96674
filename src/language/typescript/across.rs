//! A factory in a package of the workspaces: which file a package's name means, and how other packages ask for it.

use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;

use crate::language::Ground;
use crate::layout::Layout;

use super::aliases;
use super::locate;
use super::places;
use super::workspaces::parsed;

/// Folders that hold a package's sources, by custom.
const SOURCES: [&str; 4] = ["src", "", "lib", "source"];
const DEPENDENCIES: [&str; 4] = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

/// The folder of the package that a factory's module names, and that of the project: every package may import it.
pub(super) fn packages(module: &str, layout: &Layout) -> Vec<(PathBuf, PathBuf)> {
    if !may_be_package(module) {
        return Vec::new();
    }
    let folder = locate::package_named(locate::split(module).0, layout);
    folder.map(|folder| (folder, layout.top().to_path_buf())).into_iter().collect()
}

/// The files that the package in a folder may mean by a request, best first; none if it is another package's name.
pub(super) fn files(request: &str, folder: &Path, ground: &Ground<'_>) -> Vec<PathBuf> {
    let Some(manifest) = (ground.read)(&folder.join("package.json")).and_then(|text| parsed(&text)) else {
        return Vec::new();
    };
    let (name, inner) = locate::split(request);
    if manifest.get("name").and_then(Value::as_str) != Some(name) {
        return Vec::new();
    }
    let mut told = Vec::new();
    if inner.is_empty() {
        told.extend(["source", "module", "main", "types"].iter().filter_map(|field| manifest.get(field)));
    }
    let key = if inner.is_empty() { ".".to_owned() } else { format!("./{inner}") };
    let exported = match manifest.get("exports") {
        Some(Value::Object(map)) if map.keys().any(|key| key.starts_with('.')) => aliases::value(map, &key),
        Some(whole) if inner.is_empty() => Some((whole, String::new())),
        _ => None,
    };
    let mut targets = Vec::new();
    for (value, rest) in exported.into_iter().chain(told.into_iter().map(|value| (value, String::new()))) {
        let mut texts = Vec::new();
        aliases::texts(value, &mut texts);
        targets.extend(texts.into_iter().map(|text| text.replace('*', &rest)));
    }
    let bare = |path: &Path| places::candidates(&places::without_ending(&places::normal(path)));
    let mut found: Vec<PathBuf> = targets.iter().flat_map(|target| bare(&folder.join(target))).collect();
    for start in SOURCES {
        found.extend(bare(&folder.join(start).join(if inner.is_empty() { "index" } else { inner })));
    }
    found
}

/// How a file in one package asks for a file in another; `None` where both lie in one, or either lies in none.
pub(super) fn request(
    from: &Path,
    file: &Path,
    requests: &[String],
    layout: &Layout,
) -> Option<Result<String, String>> {
    let (_, own) = locate::package_of(from, layout)?;
    let (name, folder) = locate::package_of(file, layout)?;
    if own == folder {
        return None;
    }
    let inner = places::without_ending(file.strip_prefix(&folder).ok()?);
    let inner = inner.to_str()?.replace('\\', "/");
    let mut ways = vec![name.clone()];
    ways.extend(exports(&folder, layout).into_iter().flatten().map(|key| name.clone() + key.trim_start_matches('.')));
    for start in SOURCES {
        let rest = inner.strip_prefix(start).map(|rest| rest.trim_start_matches('/'));
        let rest = rest.map(|rest| rest.strip_suffix("/index").unwrap_or(rest));
        ways.extend(rest.map(|rest| format!("{name}/{rest}")));
    }
    let is_right = |way: &&String| locate::exactly(from, way, layout).is_some_and(|found| found.file == file);
    let Some(way) = ways.iter().find(is_right) else {
        let shown = file.strip_prefix(layout.top()).unwrap_or(file).display().to_string();
        return Some(Err(format!(
            "`{name}` does not export `{shown}`: name the module in `[factory]` by which other packages import it"
        )));
    };
    let imports = requests.iter().any(|request| locate::split(request).0 == name);
    if !imports && !depends(from, &name, layout) {
        return Some(Err(format!(
            "the package does not depend on `{name}`, where the factory is: add it to `package.json`"
        )));
    }
    Some(Ok(way.clone()))
}

/// The names that a package exports, as its manifest has them and without patterns; `None` where it does not limit them.
pub(super) fn exports(folder: &Path, layout: &Layout) -> Option<Vec<String>> {
    let manifest = parsed(&layout.text(&folder.join("package.json"))?)?;
    let names = match manifest.get("exports")? {
        Value::Object(map) => map.keys().filter(|key| key.starts_with("./") && !key.contains('*')).cloned().collect(),
        _ => Vec::new(),
    };
    Some(names)
}

/// Whether a manifest around a file says that it needs a package.
fn depends(from: &Path, name: &str, layout: &Layout) -> bool {
    let folders = from.ancestors().skip(1).take_while(|folder| folder.starts_with(layout.top()));
    let manifests = folders.filter_map(|folder| parsed(&layout.text(&folder.join("package.json"))?));
    manifests.into_iter().any(|manifest| {
        DEPENDENCIES.iter().any(|kind| manifest.get(kind).is_some_and(|listed| listed.get(name).is_some()))
    })
}

/// Whether a configured module may be a package's name and not a path: `@acme/llm/client`, `llm`.
pub(super) fn may_be_package(module: &str) -> bool {
    let is_scoped = module.starts_with('@') && !module.starts_with("@/");
    is_scoped || !module.contains(['/', '.', '~', '#', '$'])
}
