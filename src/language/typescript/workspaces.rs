//! The packages of a project's workspaces, as its manifests list them.

use std::path::Path;
use std::path::PathBuf;

use globset::GlobBuilder;
use globset::GlobSet;
use globset::GlobSetBuilder;
use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::layout::Layout;

/// The folders of packages, by name.
pub(super) fn packages(layout: &Layout) -> FxHashMap<String, PathBuf> {
    let mut found = FxHashMap::default();
    let top = layout.top();
    // The root of the workspaces lies at the top, or one level below it.
    let mut roots: Vec<PathBuf> = vec![top.to_path_buf()];
    roots.extend(layout.folders().filter(|folder| folder.parent() == Some(top)).map(Path::to_path_buf));
    for root in roots {
        let Some(globs) = globs(&root, layout) else { continue };
        for folder in layout.folders() {
            let Ok(within) = folder.strip_prefix(&root) else { continue };
            if globs.is_match(within)
                && let Some(name) = name(folder, layout)
            {
                found.entry(name).or_insert_with(|| folder.to_path_buf());
            }
        }
    }
    found
}

/// The name in a folder's `package.json`.
pub(super) fn name(folder: &Path, layout: &Layout) -> Option<String> {
    name_in(&layout.text(&folder.join("package.json"))?)
}

/// The name in the text of a `package.json`.
pub(super) fn name_in(manifest: &str) -> Option<String> {
    Some(parsed(manifest)?.get("name")?.as_str()?.to_owned())
}

/// The text of a `package.json`, as JSON.
pub(super) fn parsed(manifest: &str) -> Option<Value> {
    serde_json::from_str(manifest.trim_start_matches('\u{feff}')).ok()
}

/// What `workspaces` of `package.json`, or `packages` of `pnpm-workspace.yaml`, matches.
fn globs(root: &Path, layout: &Layout) -> Option<GlobSet> {
    let mut patterns: Vec<String> = Vec::new();
    if let Some(text) = layout.text(&root.join("package.json"))
        && let Some(manifest) = parsed(&text)
        && let Some(listed) = manifest.get("workspaces")
    {
        let listed = listed.get("packages").unwrap_or(listed);
        patterns.extend(listed.as_array().into_iter().flatten().filter_map(|glob| glob.as_str()).map(str::to_owned));
    }
    if let Some(text) = layout.text(&root.join("pnpm-workspace.yaml")) {
        patterns.extend(listed(&text));
    }
    if patterns.is_empty() {
        return None;
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns.iter().filter(|pattern| !pattern.starts_with('!')) {
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        if let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() {
            set.add(glob);
        }
    }
    set.build().ok()
}

/// The items below `packages:`.
fn listed(yaml: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in yaml.lines() {
        let item = line.trim();
        if !line.starts_with([' ', '-', '\t']) && !item.is_empty() && !item.starts_with('#') {
            inside = item.starts_with("packages:");
        }
        if let Some(item) = item.strip_prefix('-').filter(|_| inside) {
            let item = item.split(" #").next().unwrap_or_default();
            found.push(item.trim().trim_matches(['"', '\'']).to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn lists_of_a_workspace_are_read() {
        let yaml = "packages:\n  - 'apps/*'\n  # more\n  - \"packages/**\" # all\ncatalog:\n  - x\n";
        assert_eq!(super::listed(yaml), ["apps/*", "packages/**"]);
    }
}
