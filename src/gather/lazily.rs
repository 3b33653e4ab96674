//! A look at a few files in a large project: others are read only where a name in those few leads to them.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::language;
use crate::layout::FileId;
use crate::project::Project;
use crate::resolve::Resolver;
use crate::shelf::Entry;
use crate::source::LanguageId;

use super::Request;

/// Modules that names were looked up in, and need not be read for that.
#[derive(Debug, Default)]
pub(super) struct Dismissed(FxHashSet<(FileId, String)>);

impl Dismissed {
    /// The files that names in reported ones lead to, and that nobody has outlined.
    pub(super) fn wanted(&mut self, request: &Request<'_>, project: &Project) -> Vec<FileId> {
        let resolver = Resolver::noting(project);
        for (id, _, outline) in project.outlines().filter(|(_, file, _)| file.reported) {
            for reference in &outline.references {
                resolver.reference(id, reference);
            }
            for dynamic in &outline.dynamic {
                resolver.dynamic(id, &dynamic.target);
            }
        }
        let mut missed = resolver.missed();
        missed.retain(|missed| !self.0.contains(missed));
        let paths = missed.iter().filter_map(|(id, _)| project.file(*id)).map(|file| file.path.to_path_buf());
        request.prepare(&paths.collect::<Vec<_>>());
        let mut wanted = Vec::new();
        for (id, name) in missed {
            if wanted.contains(&id) {
                continue;
            }
            if may_hand_on(request, project, id, &name) {
                wanted.push(id);
            } else {
                self.0.insert((id, name));
            }
        }
        wanted
    }
}

/// How many folders in the project's folders are looked into: in a project with more, each look would cost too much.
const MAX_FOLDERS: usize = 500;

/// The folders in the project's folder, those in them, and their `src`, by the names of what they hold.
#[derive(Debug, Default)]
pub(super) struct Shallow(FxHashMap<String, Vec<PathBuf>>);

impl Shallow {
    /// Looks into the folders, a level at a time.
    pub(super) fn of(request: &Request<'_>) -> Self {
        let read = |folders: &[PathBuf]| {
            let within: Vec<PathBuf> = folders.iter().map(|folder| folder.join("_")).collect();
            request.prepare_folders(within.iter());
        };
        let mut folders = request.inner_folders(&request.config.root);
        read(&folders);
        let second: Vec<PathBuf> = folders.iter().flat_map(|folder| request.inner_folders(folder)).collect();
        if second.len() <= MAX_FOLDERS {
            read(&second);
            folders.extend(second);
        }
        let sources = folders.iter().map(|folder| folder.join("src"));
        let sources: Vec<PathBuf> = sources.filter(|source| request.is_folder(source)).collect();
        read(&sources);
        folders.extend(sources);
        let mut shallow = Self::default();
        for folder in folders {
            for name in request.names(&folder) {
                let Some(name) = name.to_str().and_then(|name| name.split('.').next()) else { continue };
                let folders = shallow.0.entry(name.to_owned()).or_default();
                if folders.last() != Some(&folder) {
                    folders.push(folder.clone());
                }
            }
        }
        shallow
    }

    /// The folders that hold something called so.
    pub(super) fn holding(&self, name: &str) -> &[PathBuf] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The folders of the packages in a project's folders, by the names that manifests give them.
#[derive(Debug, Default)]
pub(super) struct Packages(FxHashMap<String, PathBuf>);

impl Packages {
    /// Reads the manifests in the folders that a shallow look found.
    pub(super) fn of(request: &Request<'_>, near: &Shallow) -> Self {
        let mut packages = Self::default();
        for language in language::all() {
            let Some(manifest) = language.manifest() else { continue };
            let stem = manifest.split('.').next().unwrap_or(manifest);
            let found: Vec<PathBuf> = near.holding(stem).iter().map(|folder| folder.join(manifest)).collect();
            request.prepare(&found);
            for path in found {
                let name = request.text(&path).and_then(|text| language.package_name(&text));
                if let (Some(name), Some(folder)) = (name, path.parent()) {
                    packages.0.entry(name).or_insert_with(|| folder.to_path_buf());
                }
            }
        }
        packages
    }

    /// The folder of a package.
    pub(super) fn folder(&self, name: &str) -> Option<&Path> {
        self.0.get(name).map(PathBuf::as_path)
    }
}

/// Texts of manifests and settings. In a part of a project, many files ask for the same ones.
#[derive(Debug, Default)]
pub(super) struct Manifests(Mutex<FxHashMap<PathBuf, Option<String>>>);

impl Manifests {
    /// The text at a path; `read` is asked for it once.
    pub(super) fn text(&self, path: &Path, read: impl FnOnce() -> Option<String>) -> Option<String> {
        let Ok(mut known) = self.0.lock() else { return read() };
        if let Some(text) = known.get(path) {
            return text.clone();
        }
        known.entry(path.to_path_buf()).or_insert_with(read).clone()
    }
}

fn may_hand_on(request: &Request<'_>, project: &Project, id: FileId, name: &str) -> bool {
    let Some(file) = project.file(id) else { return false };
    let watch = request.watches.iter().find(|(language, _)| *language == file.language);
    let (Some(language), Some((_, watch))) = (language::by_id(file.language), watch) else { return false };
    let Some(text) = request.bytes(&file.path) else { return false };
    language.glance(&text, watch).matters || language.may_hand_on(&text, name)
}

/// The folders that reported files lie in, up to the project's.
pub(super) fn folders_around(request: &Request<'_>) -> BTreeSet<PathBuf> {
    let above = request.paths.iter().flat_map(|path| path.ancestors().skip(1));
    above.filter(|folder| folder.starts_with(&request.config.root)).map(Path::to_path_buf).collect()
}

/// The files below a package that is called as one that rules name: they tell whether it is a copy of that.
pub(super) fn parts_of_copy(
    request: &Request<'_>,
    project: &Project,
    language: LanguageId,
    file: &Path,
) -> Vec<PathBuf> {
    let (Some(shelf), Some(language)) = (request.shelf, language::by_id(language)) else { return Vec::new() };
    if language.folder_of(file).is_none() {
        return Vec::new();
    }
    let Some(folder) = file.parent() else { return Vec::new() };
    let name = folder.file_name().unwrap_or_default();
    if !project.packages(language.id()).iter().any(|package| name == package.as_str()) {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let mut open = vec![(folder.to_path_buf(), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in shelf.entries(&folder) {
            match entry {
                Entry::Folder(folder) if depth < 2 => open.push((folder, depth + 1)),
                Entry::File(path) if language::by_path(&path).is_some_and(|own| own.id() == language.id()) => {
                    parts.push(path);
                }
                Entry::Folder(_) | Entry::File(_) => {}
            }
        }
    }
    parts
}
