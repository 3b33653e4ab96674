//! Names that settings and manifests give to files: `paths` of `tsconfig.json`, `imports` and `exports` of `package.json`.

use std::path::Path;

use oxc_resolver::TsConfig;

use crate::layout::Layout;

use super::sketch;

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
    for extended in aliases.extended.iter().filter(|extended| extended.starts_with('.')) {
        let path = super::places::normal(&folder.join(extended));
        let is_named = path.extension().is_some_and(|ending| ending == "json");
        let path = if is_named { path } else { super::places::with_ending(&path, "json") };
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
    let extended = match read.extends {
        None => Vec::new(),
        Some(oxc_resolver::ExtendsField::Single(one)) => vec![one],
        Some(oxc_resolver::ExtendsField::Multiple(many)) => many,
    };
    Some(Aliases { own: own.collect(), extended })
}

fn manifest(text: &str) -> Option<Aliases> {
    let read: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let maps = ["imports", "exports"].into_iter().filter_map(|key| read.get(key)?.as_object()).flatten();
    let own = maps.filter_map(|(name, targets)| {
        let mut found = Vec::new();
        texts(targets, &mut found);
        alias(name, found.into_iter())
    });
    Some(Aliases { own: own.collect(), extended: Vec::new() })
}

/// The texts in a value, however deep.
fn texts<'v>(value: &'v serde_json::Value, found: &mut Vec<&'v str>) {
    match value {
        serde_json::Value::String(text) => found.push(text),
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        serde_json::Value::Object(entries) => entries.values().for_each(|entry| texts(entry, found)),
        _ => {}
    }
}
