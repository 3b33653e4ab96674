//! Where the factory lies, and how a file asks for it: by a relative path with or without an ending, or by an alias.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::language::FactoryPlace;
use crate::layout::Layout;

use super::across;
use super::locate;
use super::places;
use super::sketch;
use super::workspaces::parsed;

/// The ends of the paths at which a module may lie.
pub(super) fn files(module: &str) -> Vec<PathBuf> {
    let path = within(module);
    places::candidates(&places::without_ending(Path::new(path)))
}

/// A configured module without what names the root or an alias of it.
fn within(module: &str) -> &str {
    let module = module.trim_start_matches("./");
    if let Some(rest) = ["@/", "~/", "#/", "$lib/", "~~/", "@@/"].iter().find_map(|alias| module.strip_prefix(alias)) {
        return rest;
    }
    // `@app/lib/x`, `#lib/x`
    match module.split_once('/') {
        Some((first, rest)) if first.starts_with(['@', '~']) => rest,
        _ => module.trim_start_matches('#'),
    }
}

/// How `from` asks for the factory.
pub(super) fn request(from: &Path, place: &FactoryPlace<'_>, layout: &Layout) -> Result<String, String> {
    let is_alias = place.module.starts_with(['@', '~', '#', '$']);
    let nameless = || format!("no import can name the way to `{}`", place.module);
    let Some(file) = place.file else {
        if is_alias {
            return Ok(place.module.to_owned());
        }
        let path = places::without_ending(&place.root.join(within(place.module)));
        return from.parent().and_then(|folder| places::relative(folder, &path)).ok_or_else(nameless);
    };
    let text = layout.text(from);
    let requests = text.as_deref().map(|text| sketch::requests(text.as_bytes())).unwrap_or_default();
    let by_settings = |request: &str| {
        let found = locate::exactly(from, request, layout);
        found.is_some_and(|found| !found.is_package && found.file == file)
    };
    if is_alias && by_settings(place.module) {
        return Ok(place.module.to_owned());
    }
    if let Some(request) = by_alias(from, file, &requests, layout, &by_settings) {
        return Ok(request);
    }
    if let Some(request) = across::request(from, file, &requests, layout) {
        return request;
    }
    let ending = ending(from, file, &requests, layout);
    let mut target = places::without_ending(file);
    if ending.is_none() && places::is_index(file) {
        target.pop();
    }
    let path = from.parent().and_then(|folder| places::relative(folder, &target)).ok_or_else(nameless)?;
    Ok(ending.map_or(path.clone(), |ending| format!("{path}.{ending}")))
}

/// The way by the alias that a file uses, if it leads to the factory.
fn by_alias(
    from: &Path,
    file: &Path,
    requests: &[String],
    layout: &Layout,
    is_right: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let mut prefixes: BTreeSet<&str> = BTreeSet::new();
    for request in requests.iter().filter(|request| !request.starts_with('.')) {
        let found = locate::locate(from, request, layout);
        if found.is_some()
            && let Some((first, _)) = request.split_once('/')
        {
            prefixes.insert(first);
        }
    }
    let target = places::without_ending(file);
    for prefix in prefixes {
        // The alias stands for some folder above the factory: the request names the rest.
        let parts: Vec<&str> = target.components().filter_map(|part| part.as_os_str().to_str()).collect();
        for start in (1..parts.len()).rev() {
            let rest = parts.get(start..)?.join("/");
            let request = format!("{prefix}/{rest}");
            if is_right(&request) {
                let short = request.strip_suffix("/index").unwrap_or(&request);
                return Some(short.to_owned());
            }
        }
    }
    None
}

/// The ending that a file's relative imports have, if they have one.
fn ending(from: &Path, file: &Path, requests: &[String], layout: &Layout) -> Option<&'static str> {
    let own = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let built = match own {
        "mts" | "mjs" => "mjs",
        "cts" | "cjs" => "cjs",
        _ => "js",
    };
    let relative: Vec<&str> = requests.iter().map(String::as_str).filter(|request| request.starts_with('.')).collect();
    let ending = |request: &str| Path::new(request).extension().and_then(|ending| ending.to_str()).map(str::to_owned);
    let endings: Vec<String> = relative.iter().filter_map(|request| ending(request)).collect();
    if endings.iter().any(|ending| matches!(ending.as_str(), "ts" | "tsx" | "mts" | "cts")) {
        return places::SCRIPTS.iter().copied().find(|ending| *ending == own);
    }
    if endings.iter().any(|ending| matches!(ending.as_str(), "js" | "jsx" | "mjs" | "cjs")) {
        return Some(built);
    }
    // Without an ending, nobody looks for a file that says what kind of module it is.
    let is_told = matches!(own, "mts" | "mjs" | "cts" | "cjs");
    (is_told || (relative.is_empty() && needs_ending(from, layout))).then_some(built)
}

/// Whether Node itself resolves a file's imports, and so insists on endings.
fn needs_ending(from: &Path, layout: &Layout) -> bool {
    let own = from.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if matches!(own, "mjs" | "mts") {
        return true;
    }
    let mut folders = from.ancestors().skip(1);
    let settings = folders.clone().find_map(|folder| layout.text(&folder.join("tsconfig.json")));
    if let Some(settings) = settings.filter(|_| matches!(own, "ts" | "tsx")) {
        let plain: String = settings.to_lowercase().split_whitespace().collect();
        return ["nodenext", "node16", "node18", "node20"].iter().any(|mode| {
            plain.contains(&format!("\"module\":\"{mode}\""))
                || plain.contains(&format!("\"moduleresolution\":\"{mode}\""))
        }) && is_module(&mut folders, layout);
    }
    matches!(own, "js" | "ts") && is_module(&mut folders, layout) && own == "js"
}

/// Whether the nearest manifest says that its files are modules.
fn is_module<'p>(folders: &mut impl Iterator<Item = &'p Path>, layout: &Layout) -> bool {
    let manifest = folders.find_map(|folder| layout.text(&folder.join("package.json")));
    let manifest = manifest.and_then(|text| parsed(&text));
    manifest.is_some_and(|manifest| manifest.get("type").and_then(|kind| kind.as_str()) == Some("module"))
}

/// A module with these functions, each taking all there is.
pub(super) fn stub(module: &str, functions: &BTreeSet<String>) -> (PathBuf, String) {
    let mut text = String::new();
    for function in functions {
        let _ = write!(text, "export function {function}(options: any = {{}}): any {{\n  return options;\n}}\n\n");
    }
    (places::with_ending(&places::without_ending(Path::new(within(module))), "ts"), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_module_is_a_path_or_an_alias_of_one() {
        for module in
            ["lib/ai/openai-client", "@/lib/ai/openai-client", "~/lib/ai/openai-client.ts", "./lib/ai/openai-client"]
        {
            assert_eq!(
                files(module).first().map(PathBuf::as_path),
                Some(Path::new("lib/ai/openai-client.ts")),
                "{module}"
            );
        }
        assert!(files("lib/ai").contains(&PathBuf::from("lib/ai/index.ts")));
    }
}
