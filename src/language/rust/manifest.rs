//! `Cargo.toml`: what a package is called, which targets it has, and what it depends on.

use std::path::Path;
use std::path::PathBuf;

use toml::Table;
use toml::Value;

use crate::layout::Layout;

/// The package that a file belongs to.
#[derive(Debug)]
pub(super) struct Package {
    /// Its folder.
    pub(super) folder: PathBuf,
    table: Table,
}

/// Another crate that a package may name.
#[derive(Debug)]
pub(super) struct Dependency {
    /// The name it has in paths.
    pub(super) name: String,
    /// The name of its package, as a crate.
    pub(super) package: String,
}

/// The nearest package around a file.
pub(super) fn around(file: &Path, layout: &Layout) -> Option<Package> {
    file.ancestors().skip(1).find_map(|folder| {
        let table = layout.text(&folder.join("Cargo.toml"))?.parse::<Table>().ok()?;
        table.contains_key("package").then(|| Package { folder: folder.to_path_buf(), table })
    })
}

impl Package {
    /// A package from its manifest's text.
    pub(super) fn read(folder: &Path, text: &str) -> Option<Self> {
        let table = text.parse::<Table>().ok()?;
        Some(Self { folder: folder.to_path_buf(), table })
    }

    /// Its name, as its manifest has it.
    pub(super) fn name(&self) -> &str {
        self.table.get("package").and_then(|package| package.get("name")).and_then(Value::as_str).unwrap_or_default()
    }

    /// The name of its library in paths.
    pub(super) fn library(&self) -> String {
        let own = self.table.get("lib").and_then(|lib| lib.get("name")).and_then(Value::as_str);
        own.map_or_else(|| identifier(self.name()), str::to_owned)
    }

    /// The file of its library, where it has one.
    pub(super) fn library_file(&self, layout: &Layout) -> Option<PathBuf> {
        let own = self.table.get("lib").and_then(|lib| lib.get("path")).and_then(Value::as_str);
        let file = self.folder.join(own.unwrap_or("src/lib.rs"));
        layout.has_file(&file).then_some(file)
    }

    /// The files of targets that the manifest names.
    pub(super) fn targets(&self) -> Vec<PathBuf> {
        let kinds = ["bin", "example", "test", "bench"];
        let all = kinds.iter().filter_map(|kind| self.table.get(*kind)?.as_array()).flatten();
        all.filter_map(|target| Some(self.folder.join(target.get("path")?.as_str()?))).collect()
    }

    /// Whether its paths are those of the first edition.
    pub(super) fn is_of_2015(&self) -> bool {
        let edition = self.table.get("package").and_then(|package| package.get("edition"));
        // A table says that the workspace's edition holds.
        edition.is_none_or(|edition| edition.as_str() == Some("2015"))
    }

    /// What it depends on, in whichever way, also for some platforms only.
    pub(super) fn dependencies(&self) -> Vec<Dependency> {
        let mut found = Vec::new();
        dependencies_in(&self.table, &mut found);
        for target in self.table.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values) {
            target.as_table().into_iter().for_each(|table| dependencies_in(table, &mut found));
        }
        if let Some(workspace) = self.table.get("workspace").and_then(Value::as_table) {
            dependencies_in(workspace, &mut found);
        }
        found
    }
}

fn dependencies_in(table: &Table, found: &mut Vec<Dependency>) {
    for key in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for (name, value) in table.get(key).and_then(Value::as_table).into_iter().flatten() {
            let package = value.get("package").and_then(Value::as_str).unwrap_or(name);
            found.push(Dependency { name: identifier(name), package: identifier(package) });
        }
    }
}

/// A package's name as paths have it.
pub(super) fn identifier(name: &str) -> String {
    name.replace('-', "_")
}
