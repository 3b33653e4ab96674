//! Names that settings and manifests give to files: `paths` of `tsconfig.json`, `imports` and `exports` of `package.json`.

use std::path::Path;
use std::path::PathBuf;

use oxc_resolver::TsConfig;

use crate::language::Ground;
use crate::layout::Layout;

use super::sketch;
use super::workspaces::parsed;

/// Settings that may stand in a folder.
const SETTINGS: [&str; 3] = ["tsconfig.json", "tsconfig.base.json", "jsconfig.json"];

/// How far settings are followed that extend others.
const MAX_EXTENDED: usize = 4;

/// The last part of an alias, and the last parts of what it stands for.
struct Alias {
    name: String,
    targets: Vec<String>,
}

struct Aliases {
    own: Vec<Alias>,
    extended: Vec<String>,
}

/// The last parts of the names that a file may be imported by, besides its own.
pub(super) fn tails(file: &Path, own: &[String], layout: &Layout) -> Vec<String> {
    let mut found = Vec::new();
    let folders = file.ancestors().skip(1).take_while(|folder| folder.starts_with(layout.top()));
    for folder in folders {
        if let Some(aliases) = layout.read_as(&folder.join("package.json"), manifest) {
            collect(&aliases.own, own, &mut found);
        }
        for settings in SETTINGS {
            follow(&folder.join(settings), own, layout, MAX_EXTENDED, &mut found);
        }
    }
    found
}

fn follow(path: &Path, own: &[String], layout: &Layout, left: usize, found: &mut Vec<String>) {
    let Some(aliases) = layout.read_as(path, |text| settings(path, text)) else { return };
    collect(&aliases.own, own, found);
    let Some(folder) = path.parent().filter(|_| left > 0) else { return };
    for path in aliases.extended.iter().filter_map(|extended| beside(folder, extended)) {
        follow(&path, own, layout, left - 1, found);
    }
}

fn collect(aliases: &[Alias], own: &[String], found: &mut Vec<String>) {
    // `*` in what an alias stands for may be any file.
    let leads = |target: &String| target.contains('*') || own.contains(target);
    let leading = aliases.iter().filter(|alias| alias.targets.iter().any(leads));
    found.extend(leading.map(|alias| alias.name.clone()));
}

fn alias<'t>(name: &str, targets: impl Iterator<Item = &'t str>) -> Option<Alias> {
    let name = sketch::tail(name);
    // What `*` stands for is the same on both sides.
    let is_fixed = !name.is_empty() && !name.contains('*');
    is_fixed.then(|| Alias {
        name: name.to_owned(),
        targets: targets.map(|target| sketch::tail(target).to_owned()).collect(),
    })
}

fn settings(path: &Path, text: &str) -> Option<Aliases> {
    let read = TsConfig::parse(true, path, path, text.to_owned()).ok()?;
    let paths = read.compiler_options.paths.iter().flatten();
    let own = paths.filter_map(|(name, targets)| alias(name, targets.iter().filter_map(|target| target.to_str())));
    let own = own.collect();
    Some(Aliases { own, extended: extended(read.extends) })
}

fn manifest(text: &str) -> Option<Aliases> {
    let read = parsed(text)?;
    let maps = ["imports", "exports"].into_iter().filter_map(|key| read.get(key)?.as_object()).flatten();
    let own = maps.filter_map(|(name, targets)| {
        let mut found = Vec::new();
        texts(targets, &mut found);
        alias(name, found.into_iter())
    });
    Some(Aliases { own: own.collect(), extended: Vec::new() })
}

/// The value of a key in `imports` or `exports`, and what `*` in it stands for.
pub(super) fn value<'m>(
    map: &'m serde_json::Map<String, serde_json::Value>,
    key: &str,
) -> Option<(&'m serde_json::Value, String)> {
    if let Some(value) = map.get(key) {
        return Some((value, String::new()));
    }
    let matched = map.iter().filter_map(|(pattern, value)| Some((pattern, value, starred(pattern, key)?)));
    // The longest beginning counts, as in Node.
    let (_, value, rest) = matched.max_by_key(|(pattern, ..)| pattern.find('*'))?;
    Some((value, rest.to_owned()))
}

/// What `*` in a pattern stands for where the pattern is `name`.
fn starred<'n>(pattern: &str, name: &'n str) -> Option<&'n str> {
    let (before, after) = pattern.split_once('*')?;
    name.strip_prefix(before)?.strip_suffix(after)
}

/// The paths, with or without endings, that settings and manifests around a file may mean by what it asks for.
pub(super) fn meant(from: &Path, requests: &[String], ground: &Ground<'_>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if requests.is_empty() {
        return found;
    }
    let inner: Vec<&String> = requests.iter().filter(|request| request.starts_with('#')).collect();
    for folder in from.ancestors().skip(1).take_while(|folder| folder.starts_with(ground.root)) {
        let imports = if inner.is_empty() { None } else { imports(folder, ground) };
        for (value, rest) in imports.iter().flat_map(|map| inner.iter().filter_map(|request| value(map, request))) {
            let mut targets = Vec::new();
            texts(value, &mut targets);
            found.extend(targets.into_iter().map(|target| folder.join(target.replace('*', &rest))));
        }
        for settings in SETTINGS {
            by_settings(&folder.join(settings), requests, ground, MAX_EXTENDED, &mut found);
        }
    }
    found
}

/// What `imports` in the manifest of a folder says.
fn imports(folder: &Path, ground: &Ground<'_>) -> Option<serde_json::Map<String, serde_json::Value>> {
    let read = parsed(&(ground.read)(&folder.join("package.json"))?)?;
    read.get("imports")?.as_object().cloned()
}

fn by_settings(path: &Path, requests: &[String], ground: &Ground<'_>, left: usize, found: &mut Vec<PathBuf>) {
    let Some(folder) = path.parent().filter(|_| left > 0) else { return };
    let Some(read) = (ground.read)(path).and_then(|text| TsConfig::parse(true, path, path, text).ok()) else { return };
    let options = &read.compiler_options;
    let base = options.base_url.as_ref().map_or_else(|| folder.to_path_buf(), |base| folder.join(base));
    for request in requests {
        if options.base_url.is_some() {
            found.push(base.join(request));
        }
        for (pattern, targets) in options.paths.iter().flatten() {
            let rest = if pattern == request { Some("") } else { starred(pattern, request) };
            let Some(rest) = rest else { continue };
            let targets = targets.iter().filter_map(|target| target.to_str());
            found.extend(targets.map(|target| base.join(target.replace('*', rest))));
        }
    }
    for path in extended(read.extends).iter().filter_map(|extended| beside(folder, extended)) {
        by_settings(&path, requests, ground, left - 1, found);
    }
}

/// The settings that a text in `extends` names, if they are the project's own.
fn beside(folder: &Path, extended: &str) -> Option<PathBuf> {
    let path = super::places::normal(&folder.join(extended));
    let is_named = path.extension().is_some_and(|ending| ending == "json");
    extended.starts_with('.').then(|| if is_named { path } else { super::places::with_ending(&path, "json") })
}

fn extended(field: Option<oxc_resolver::ExtendsField>) -> Vec<String> {
    match field {
        None => Vec::new(),
        Some(oxc_resolver::ExtendsField::Single(one)) => vec![one],
        Some(oxc_resolver::ExtendsField::Multiple(many)) => many,
    }
}

/// The texts in a value, however deep.
pub(super) fn texts<'v>(value: &'v serde_json::Value, found: &mut Vec<&'v str>) {
    match value {
        serde_json::Value::String(text) => found.push(text),
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        serde_json::Value::Object(entries) => entries.values().for_each(|entry| texts(entry, found)),
        _ => {}
    }
}
