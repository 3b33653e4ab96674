//! A look at a few files in a large project: others are read only where a name in those few leads to them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::config::Config;
use crate::discover;
use crate::language;
use crate::language::Language;
use crate::layout::FileId;
use crate::outline::BindingKind;
use crate::project::Project;
use crate::resolve::Resolver;
use crate::rule::Rule;
use crate::shelf::Entry;
use crate::shelf::Shelf;
use crate::source::LanguageId;
use crate::source::is_notebook;

use super::Request;
use super::compact::Leads;
use super::compact::compact;
use super::exports;
use super::factories;
use super::surround;

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
        let mut wanted = exports::wanted(request, &resolver);
        let mut missed = resolver.missed();
        missed.retain(|missed| !self.0.contains(missed));
        let paths = missed.iter().filter_map(|(id, _)| project.file(*id)).map(|file| file.path.to_path_buf());
        request.prepare(&paths.collect::<Vec<_>>());
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

/// Parts files into those that only imports which they use are looked for of, and the others.
pub(super) fn parted(project: &Project, files: &[FileId]) -> (Vec<FileId>, Vec<FileId>) {
    let heeds_asks = |path: &Path| language::by_path(path).is_some_and(Language::heeds_asks) && !is_notebook(path);
    files.iter().partition(|&&id| project.file(id).is_some_and(|file| heeds_asks(&file.path)))
}

/// Adds the files that outlined ones may import, as far as their names are used, and drops from their outlines what
/// leads nowhere.
///
/// A file that another one of them imports is asked for whatever it imports itself.
pub(super) fn surround_early(request: &Request<'_>, project: &mut Project, files: &[FileId]) {
    let mut asked: FxHashMap<FileId, Option<FxHashSet<String>>> =
        files.iter().map(|&id| (id, asked(request, project, id))).collect();
    let mut open = files.to_vec();
    while !open.is_empty() {
        let asks = |id: FileId, request: &str| match asked.get(&id) {
            Some(Some(requests)) => requests.contains(request),
            _ => true,
        };
        let places = surround::surround_where(request, project, &open, &asks);
        let imported = places.iter().filter_map(|place| project.layout.file(place));
        let imported = imported.filter(|id| asked.get(id).is_some_and(Option::is_some));
        open = imported.collect::<BTreeSet<FileId>>().into_iter().collect();
        asked.extend(open.iter().map(|&id| (id, None)));
    }
    for &id in files {
        let Some(file) = project.file(id) else { continue };
        let (Some(language), Some(outline)) = (language::by_id(file.language), &file.outline) else { continue };
        let leads = Leads::of(outline, language, &file.path, project);
        let own = project.files.get_mut(id as usize).and_then(|file| file.outline.as_mut());
        if let Some(outline) = own.and_then(Arc::get_mut) {
            compact(outline, &leads, false);
        }
    }
}

/// The requests of an outlined file that lead to what it uses, to what others may come to import from it, or to packages
/// that rules name; `None` where others may be asked for too.
fn asked(request: &Request<'_>, project: &Project, id: FileId) -> Option<FxHashSet<String>> {
    let file = project.file(id)?;
    let (language, outline) = (language::by_id(file.language)?, file.outline.as_ref()?);
    if !outline.dynamic.is_empty() || !outline.patches.is_empty() {
        return None;
    }
    let mut is_used = vec![false; outline.imports.len()];
    let mut requests = FxHashSet::default();
    let roots = outline.references.iter().flat_map(|reference| reference.roots.iter());
    for layer in roots.flat_map(|&root| outline.layers(root)) {
        match outline.bindings.get(layer as usize).map(|binding| &binding.kind) {
            Some(BindingKind::Import(import, _) | BindingKind::Star(import)) => {
                if let Some(is_used) = is_used.get_mut(*import as usize) {
                    *is_used = true;
                }
            }
            Some(BindingKind::Module(request)) => {
                requests.insert(request.to_string());
            }
            _ => {}
        }
    }
    let packages = project.packages(file.language);
    let names_package = |request: &String| packages.iter().any(|package| request.split('.').next() == Some(package));
    for (import, is_used) in outline.imports.iter().zip(is_used) {
        let own = language.requests_of(import);
        if is_used || own.iter().any(names_package) || exports::asks(request, file, import) {
            requests.extend(own);
        }
    }
    Some(requests)
}

/// How many folders in the project's folders are looked into: in a project with more, each look would cost too much.
const MAX_FOLDERS: usize = 500;

/// How many folders are read for a factory that may lie in any of them: where there are more, git's index is asked.
pub(super) const MAX_NEAR: usize = 64;

/// Reads what will probably be asked for, while there is nothing else to do: folders near the project's root, and the
/// factories in them.
pub fn warm(config: &Config, rules: &[Rule], shelf: &dyn Shelf) {
    let inner = |folder: &Path| -> Vec<PathBuf> {
        let entries = shelf.entries(folder).into_iter();
        let folders = entries.filter_map(|entry| if let Entry::Folder(folder) = entry { Some(folder) } else { None });
        folders.filter(|folder| discover::may_enter(folder)).collect()
    };
    let mut near = vec![config.root.clone()];
    let mut folders = inner(&config.root);
    for _ in 0..2 {
        if folders.len() > MAX_NEAR {
            break;
        }
        shelf.prepare_folders(&folders.iter().map(|folder| folder.join("_")).collect::<Vec<_>>());
        let within = folders.iter().flat_map(|folder| inner(folder)).collect();
        near.append(&mut std::mem::replace(&mut folders, within));
    }
    let ends = factories::ends(config, rules);
    let below: Vec<&PathBuf> = ends.iter().filter(|end| shelf.may_lie_below(end)).collect();
    let mut files: Vec<PathBuf> = ends.iter().map(|end| config.root.join(end)).collect();
    files.extend(near.iter().skip(1).flat_map(|folder| below.iter().map(|end| folder.join(end))));
    shelf.prepare_folders(&files);
    files.retain(|file| shelf.has_file(file));
    shelf.prepare(&files);
}

/// The folders in the project's folder, those in them, and their `src`.
#[derive(Debug, Default)]
pub(super) struct Shallow {
    folders: Vec<PathBuf>,
    /// Those that hold something called so; where a shelf tells, as far as it was asked.
    by_name: Mutex<FxHashMap<String, Vec<PathBuf>>>,
}

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
        let mut by_name: FxHashMap<String, Vec<PathBuf>> = FxHashMap::default();
        for folder in folders.iter().filter(|_| request.shelf.is_none()) {
            for name in request.names(folder) {
                let Some(name) = name.to_str().and_then(|name| name.split('.').next()) else { continue };
                let folders = by_name.entry(name.to_owned()).or_default();
                if folders.last() != Some(folder) {
                    folders.push(folder.clone());
                }
            }
        }
        Self { folders, by_name: Mutex::new(by_name) }
    }

    /// The folders that hold something called so.
    fn holding(&self, request: &Request<'_>, name: &str) -> Vec<PathBuf> {
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = by_name.get(name) {
            return known.clone();
        }
        let Some(shelf) = request.shelf else { return Vec::new() };
        let found: Vec<PathBuf> = self.folders.iter().filter(|folder| shelf.may_hold(folder, name)).cloned().collect();
        by_name.insert(name.to_owned(), found.clone());
        found
    }
}

/// The folders near the project's root that hold something called so.
pub(super) fn holding(request: &Request<'_>, name: &str) -> Vec<PathBuf> {
    if !request.shelf.is_none_or(|shelf| shelf.may_hold_below(name)) {
        return Vec::new();
    }
    request.shallow.folders.get_or_init(|| Shallow::of(request)).holding(request, name)
}

/// The folders of the packages in a project's folders, by the names that manifests give them.
#[derive(Debug, Default)]
pub(super) struct Packages(FxHashMap<String, PathBuf>);

impl Packages {
    /// Reads the manifests in the folders that a shallow look found.
    pub(super) fn of(request: &Request<'_>) -> Self {
        let mut packages = Self::default();
        for language in language::all() {
            let Some(manifest) = language.manifest() else { continue };
            let stem = manifest.split('.').next().unwrap_or(manifest);
            let found: Vec<PathBuf> = holding(request, stem).iter().map(|folder| folder.join(manifest)).collect();
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
    let mut seen: FxHashSet<&OsStr> = FxHashSet::default();
    let mut above: Vec<&Path> = Vec::new();
    for path in request.paths {
        // Whoever was here before went on to all folders above.
        above.extend(path.ancestors().skip(1).take_while(|folder| seen.insert(folder.as_os_str())));
    }
    above.retain(|folder| folder.starts_with(&request.config.root));
    above.into_iter().map(Path::to_path_buf).collect()
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
