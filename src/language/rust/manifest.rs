//! `Cargo.toml`: what a package is called, which targets it has, and what it depends on.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use toml::Table;
use toml::Value;

use crate::layout::Layout;

use super::locate::module_files;

/// A package, as its manifest describes it.
#[derive(Debug)]
pub(super) struct Package {
    /// Its folder.
    pub(super) folder: PathBuf,
    /// Its name, as its manifest has it.
    pub(super) name: String,
    /// The name of its library in paths.
    pub(super) library: String,
    library_path: String,
    /// The files of targets that the manifest names.
    pub(super) targets: Vec<PathBuf>,
    /// Whether its paths are those of the first edition.
    pub(super) is_of_2015: bool,
    /// What it depends on, in whichever way, also for some platforms only.
    pub(super) dependencies: Vec<Dependency>,
    /// What the packages of its workspace may inherit.
    inherited: Vec<Dependency>,
}

/// Another crate that a package may name.
#[derive(Clone, Debug)]
pub(super) struct Dependency {
    /// The name it has in paths.
    pub(super) name: String,
    /// The name of its package, as a crate.
    pub(super) package: String,
    /// Whether the workspace says what it is.
    inherits: bool,
}

/// The nearest package around a file.
pub(super) fn around(file: &Path, layout: &Layout) -> Option<Arc<Package>> {
    file.ancestors().skip(1).find_map(|folder| at(folder, layout))
}

/// The package of a folder.
pub(super) fn at(folder: &Path, layout: &Layout) -> Option<Arc<Package>> {
    let manifest = layout.read_as(&folder.join("Cargo.toml"), |text| Package::read(folder, text))?;
    (!manifest.name.is_empty()).then_some(manifest)
}

/// The names that the project's manifests give to a package where they depend on it.
pub(super) fn names_of(package: &str, layout: &Layout) -> Vec<String> {
    let package = identifier(package);
    let mut names = Vec::new();
    for folder in layout.packages() {
        let manifest = layout.read_as(&folder.join("Cargo.toml"), |text| Package::read(folder, text));
        let named = manifest.iter().flat_map(|manifest| manifest.dependencies.iter().chain(&manifest.inherited));
        names.extend(named.filter(|known| known.package == package && !known.inherits).map(|known| known.name.clone()));
    }
    names.sort_unstable();
    names.dedup();
    names
}

impl Package {
    /// All that it names, for itself and for its workspace.
    pub(super) fn named(self) -> impl Iterator<Item = Dependency> {
        self.dependencies.into_iter().chain(self.inherited)
    }

    /// A package from its manifest's text; without a name where the manifest is only a workspace's.
    pub(super) fn read(folder: &Path, text: &str) -> Option<Self> {
        let table = text.parse::<Table>().ok()?;
        let in_table = |table: &str, key: &str, all: &Table| Some(all.get(table)?.get(key)?.as_str()?.to_owned());
        let name = in_table("package", "name", &table).unwrap_or_default();
        let kinds = ["bin", "example", "test", "bench"];
        let targets = kinds.iter().filter_map(|kind| table.get(*kind)?.as_array()).flatten();
        let edition = table.get("package").and_then(|package| package.get("edition"));
        Some(Self {
            folder: folder.to_path_buf(),
            library: in_table("lib", "name", &table).unwrap_or_else(|| identifier(&name)),
            library_path: in_table("lib", "path", &table).unwrap_or_else(|| "src/lib.rs".to_owned()),
            targets: targets.filter_map(|target| Some(folder.join(target.get("path")?.as_str()?))).collect(),
            // A table says that the workspace's edition holds.
            is_of_2015: edition.is_none_or(|edition| edition.as_str() == Some("2015")),
            dependencies: dependencies(&table),
            inherited: table.get("workspace").and_then(Value::as_table).map(dependencies).unwrap_or_default(),
            name,
        })
    }

    /// What a dependency is, by the name that it has in paths.
    pub(super) fn dependency(&self, name: &str, layout: &Layout) -> Option<Dependency> {
        let own = self.dependencies.iter().find(|dependency| dependency.name == name)?;
        Some(self.resolved(own, layout))
    }

    /// The name in paths of a package that this one depends on.
    pub(super) fn name_of(&self, package: &str, layout: &Layout) -> Option<String> {
        let mut all = self.dependencies.iter().map(|own| self.resolved(own, layout));
        all.find(|dependency| dependency.package == package).map(|dependency| dependency.name)
    }

    /// A dependency as the workspace says it, where it does.
    fn resolved(&self, own: &Dependency, layout: &Layout) -> Dependency {
        let around = self.folder.ancestors().filter(|_| own.inherits).find_map(|folder| {
            let manifest = layout.read_as(&folder.join("Cargo.toml"), |text| Self::read(folder, text))?;
            manifest.inherited.iter().find(|dependency| dependency.name == own.name).cloned()
        });
        around.unwrap_or_else(|| own.clone())
    }

    /// The files that a module may be if it is this package's: `crate::a::b`, or `name::a::b` in its library.
    pub(super) fn files_of(&self, module: &str) -> Vec<PathBuf> {
        let (first, rest) = module.split_once("::").unwrap_or((module, ""));
        let library = self.folder.join(&self.library_path);
        let roots = match first {
            _ if self.name.is_empty() => Vec::new(),
            "crate" => {
                let main = self.folder.join("src/main.rs");
                [library, main].into_iter().chain(self.targets.iter().cloned()).collect()
            }
            name if name == self.library => vec![library],
            _ => Vec::new(),
        };
        let below = rest.split("::").collect::<PathBuf>();
        let files = roots.into_iter().flat_map(|root| match root.parent() {
            Some(folder) if !rest.is_empty() => module_files(&folder.join(&below)),
            _ => vec![root],
        });
        files.collect()
    }

    /// The file of its library, where it has one.
    pub(super) fn library_file(&self, layout: &Layout) -> Option<PathBuf> {
        let file = self.folder.join(&self.library_path);
        layout.has_file(&file).then_some(file)
    }
}

fn dependencies(table: &Table) -> Vec<Dependency> {
    let mut found = Vec::new();
    dependencies_in(table, &mut found);
    for target in table.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values) {
        target.as_table().into_iter().for_each(|table| dependencies_in(table, &mut found));
    }
    found
}

fn dependencies_in(table: &Table, found: &mut Vec<Dependency>) {
    for key in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for (name, value) in table.get(key).and_then(Value::as_table).into_iter().flatten() {
            let package = value.get("package").and_then(Value::as_str).unwrap_or(name);
            let inherits = value.get("workspace").and_then(Value::as_bool).unwrap_or(false);
            found.push(Dependency { name: identifier(name), package: identifier(package), inherits });
        }
    }
}

/// A package's name as paths have it.
pub(super) fn identifier(name: &str) -> String {
    name.replace('-', "_")
}
