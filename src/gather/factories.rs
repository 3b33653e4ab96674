//! Which files the factories are, what importing them runs, and where their functions lie.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;
use crate::language;
use crate::language::Language;
use crate::layout::FileId;
use crate::outline::Import;
use crate::project::Factory;
use crate::project::Project;
use crate::resolve::Entity;
use crate::resolve::Resolver;
use crate::rule::Rule;
use crate::source::LanguageId;
use crate::source::is_notebook;

use super::Depth;
use super::Gathered;
use super::Looked;
use super::Reader;
use super::Request;
use super::lazily;
use super::setup::add;
use super::setup::language_of;
use super::surround::surround;

/// A factory's module that is found twice.
#[derive(Debug)]
pub struct Ambiguous {
    /// The module.
    pub module: String,
    /// The first place.
    pub first: PathBuf,
    /// The second place.
    pub second: PathBuf,
}

/// Adds the files of the factories.
pub(super) fn add_shallow(request: &Request<'_>, project: &mut Project) {
    let mut modules = modules(request.config, request.rules);
    if request.is_lazy() {
        // Whether a notebook is in another language is told by reading it.
        let is_asked =
            |id: LanguageId| request.paths.iter().any(|path| is_notebook(path) || language_of(path) == Some(id));
        modules.retain(|(id, ..)| is_asked(*id));
    }
    if modules.is_empty() {
        return;
    }
    let folders = near_folders(request);
    for (id, module, _) in modules {
        for file in shallow(request, id, &module, &folders) {
            add(project, file, id, false);
        }
    }
}

/// The factories that rules lead to: language, module, and whether it is the configured one.
fn modules(config: &Config, rules: &[Rule]) -> Vec<(LanguageId, String, bool)> {
    let mut found = Vec::new();
    for (&language, module) in &config.factory {
        found.push((language, module.clone(), true));
    }
    for rule in rules {
        for (&language, matchers) in &rule.languages {
            for module in matchers.construct.iter().filter_map(|construct| construct.replace.module.as_ref()) {
                if !found.iter().any(|(l, known, _)| *l == language && known == module) {
                    found.push((language, module.clone(), false));
                }
            }
        }
    }
    found
}

/// The folders that a factory's path may start in, besides the project's: two levels of its folders, and its roots. Where
/// not everything is read, those around the files reported on, and one level, if it has no more than [`lazily::MAX_NEAR`].
fn near_folders(request: &Request<'_>) -> BTreeSet<PathBuf> {
    let config = request.config;
    let mut folders: BTreeSet<PathBuf> = config.roots.iter().flatten().cloned().collect();
    let first = request.inner_folders(&config.root);
    if request.is_lazy() {
        folders.extend(lazily::folders_around(request));
        if first.len() > lazily::MAX_NEAR {
            return folders;
        }
    } else {
        folders.extend(first.iter().flat_map(|folder| request.inner_folders(folder)));
    }
    folders.extend(first);
    folders
}

/// The files of a module below the project's folder and others.
fn shallow(request: &Request<'_>, id: LanguageId, module: &str, folders: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
    let Some(language) = language::by_id(id) else { return Vec::new() };
    let ends = language.factory_files(module);
    let below = |path: &Path| request.shelf.is_none_or(|shelf| shelf.may_lie_below(path));
    let may_lie_below = ends.iter().any(|end| below(end));
    let is_told_below = language.manifest().is_some_and(|manifest| below(Path::new(manifest)));
    let root = &request.config.root;
    let others = || folders.iter().filter(|folder| *folder != root);
    if request.is_lazy() && (may_lie_below || is_told_below) {
        request.prepare_folders(others().map(|folder| folder.join("_")).collect::<Vec<_>>().iter());
    }
    let usual = std::iter::once(root).chain(others().filter(|_| may_lie_below));
    let usual = usual.flat_map(|folder| ends.iter().map(|end| folder.join(end)));
    let told = std::iter::once(root).chain(others().filter(|_| is_told_below));
    let told = told.flat_map(|folder| request.on_ground(|ground| language.factory_in(module, folder, ground)));
    let mut files: Vec<PathBuf> = usual.chain(told).filter(|file| request.is_regular(file)).collect();
    let is_asked = || request.paths.iter().any(|path| language_of(path) == Some(id));
    if files.is_empty() && request.is_lazy() && is_asked() {
        // It lies deep in other folders, or there is none.
        files.extend(request.shelf.into_iter().flat_map(|shelf| shelf.ending_in(&ends)));
    }
    files.sort();
    files.dedup();
    files
}

/// Finds the factories among the files that are known.
pub(super) fn find(request: &Request<'_>, project: &mut Project, files: &[Arc<Path>]) -> Result<(), Ambiguous> {
    for (id, module, is_own) in modules(request.config, request.rules) {
        let Some(language) = language::by_id(id) else { continue };
        let mut found = told_by_manifests(request, project, language, &module);
        if found.is_empty() {
            found = ending_in(&language.factory_files(&module), files);
        }
        let found: Vec<_> = match &request.config.roots {
            Some(roots) if !language.has_many_factories() => {
                found.into_iter().filter(|(_, root)| roots.contains(root)).collect()
            }
            _ => found,
        };
        if found.is_empty() {
            let root = request.config.root.clone();
            project.factories.push(Factory {
                language: id,
                module,
                file: None,
                root,
                runs: Vec::new(),
                behind: Vec::new(),
            });
            continue;
        }
        if let [(first, _), (second, _), ..] = found.as_slice()
            && is_own
            && !language.has_many_factories()
        {
            return Err(Ambiguous { module, first: first.to_path_buf(), second: second.to_path_buf() });
        }
        let count = if language.has_many_factories() { found.len() } else { 1 };
        for (file, root) in found.into_iter().take(count) {
            if request.config.roots.is_none() {
                project.layout.insert_root(root.clone());
            }
            let file = project.layout.file(&file);
            project.factories.push(Factory {
                language: id,
                module: module.clone(),
                file,
                root,
                runs: Vec::new(),
                behind: Vec::new(),
            });
        }
    }
    Ok(())
}

/// Whether a file's path is one that a factory's may be.
pub(super) fn may_be(request: &Request<'_>, path: &Path) -> bool {
    ends(request.config, request.rules).iter().any(|end| path.ends_with(end))
}

/// What the paths of the factories' files may end with.
pub(super) fn ends(config: &Config, rules: &[Rule]) -> Vec<PathBuf> {
    let modules = modules(config, rules);
    modules.iter().filter_map(|(id, module, _)| Some(language::by_id(*id)?.factory_files(module))).flatten().collect()
}

/// The files that manifests say are a factory's module, each with the folder below which it counts.
fn told_by_manifests(
    request: &Request<'_>,
    project: &Project,
    language: &dyn Language,
    module: &str,
) -> Vec<(Arc<Path>, PathBuf)> {
    let mut found = Vec::new();
    for (folder, root) in language.factory_packages(module, &project.layout) {
        let files = request.on_ground(|ground| language.factory_in(module, &folder, ground));
        let there = files.into_iter().find(|file| project.layout.file(file).is_some());
        found.extend(there.map(|file| (Arc::from(file), root)));
    }
    found.sort();
    found
}

/// The files whose paths end like one of `ends`, each with the folder before that end.
fn ending_in(ends: &[PathBuf], files: &[Arc<Path>]) -> Vec<(Arc<Path>, PathBuf)> {
    let mut found = Vec::new();
    for end in ends {
        let tail = end.as_os_str().as_encoded_bytes();
        // Comparing bytes first: paths are compared part by part, and there are many.
        let files = files.iter().filter(|file| file.as_os_str().as_encoded_bytes().ends_with(tail));
        for file in files.filter(|file| file.ends_with(end)) {
            let root = file.ancestors().nth(end.components().count());
            found.extend(root.map(|root| (Arc::clone(file), root.to_path_buf())));
        }
    }
    found.sort();
    found
}

/// Outlines the factories and all that importing them runs.
pub(super) fn closure(gathered: &mut Gathered, reader: &Reader<'_>) {
    for index in 0..gathered.project.factories.len() {
        let Some(file) = gathered.project.factories.get(index).and_then(|factory| factory.file) else { continue };
        let mut runs: BTreeSet<FileId> = BTreeSet::new();
        let mut open = vec![file];
        open.extend(packages_around(&gathered.project, file));
        while !open.is_empty() {
            let fresh: Vec<FileId> = open.drain(..).filter(|id| runs.insert(*id)).collect();
            let unread: Vec<FileId> = fresh
                .iter()
                .copied()
                .filter(|&id| gathered.project.outline(id).is_none())
                .filter(|&id| {
                    gathered.project.file(id).is_some_and(|file| !super::is_sdk(&gathered.project, &file.path))
                })
                .collect();
            if reader.request.is_lazy() {
                surround(reader.request, &mut gathered.project, &unread);
            }
            let looked: Vec<(FileId, Looked)> = reader.look(&gathered.project, &unread, Depth::Signatures);
            _ = super::take(gathered, looked);
            let resolver = Resolver::new(&gathered.project);
            for id in fresh {
                let Some(outline) = gathered.project.outline(id) else { continue };
                for import in outline.imports.iter().filter(|import| !import.typing) {
                    open.extend(imported(&resolver, id, import));
                }
            }
        }
        take_from(gathered, reader, file);
        // The factory does not import itself, but files beside it in its package run with it.
        let behind = behind_entry(&gathered.project, reader.request.rules, index);
        for &id in &behind {
            if let Some(file) = gathered.project.files.get_mut(id as usize) {
                file.exempt = true;
            }
        }
        if let Some(factory) = gathered.project.factories.get_mut(index) {
            factory.runs = runs.into_iter().collect();
            factory.behind = behind;
        }
    }
}

/// The files, not yet the factory's own, that its functions lie in, if its module is the entry of a whole package.
fn behind_entry(project: &Project, rules: &[Rule], index: usize) -> Vec<FileId> {
    let entry = || {
        let factory = project.factories.get(index)?;
        let (language, id) = (language::by_id(factory.language)?, factory.file?);
        let path = &project.file(id)?.path;
        let is_entry = language.folder_of(path).is_some() && language.factory_folder(&factory.module, path).is_none();
        is_entry.then_some((factory, id))
    };
    let Some((factory, id)) = entry() else { return Vec::new() };
    let resolver = Resolver::new(project);
    let constructs = rules.iter().filter_map(|rule| rule.languages.get(&factory.language)).flat_map(|m| &m.construct);
    let own = constructs.filter(|construct| construct.replace.module.as_ref().is_none_or(|m| *m == factory.module));
    let functions: BTreeSet<&str> = own.map(|construct| construct.replace.function.as_str()).collect();
    let exported = functions.into_iter().flat_map(|function| resolver.export(id, function));
    let files: BTreeSet<FileId> = exported
        .filter_map(|resolved| match resolved.entity {
            Entity::Definition(file, _) => Some(file),
            _ => None,
        })
        .collect();
    files.into_iter().filter(|&id| project.file(id).is_some_and(|file| !file.exempt)).collect()
}

/// Outlines the files that a factory's module hands functions on from, where nothing runs by being imported.
fn take_from(gathered: &mut Gathered, reader: &Reader<'_>, file: FileId) {
    let mut seen: BTreeSet<FileId> = BTreeSet::from([file]);
    let mut open = vec![file];
    while !open.is_empty() {
        let resolver = Resolver::new(&gathered.project);
        let found: BTreeSet<FileId> = open.iter().flat_map(|&id| resolver.origins(id)).collect();
        open = found.into_iter().filter(|&id| seen.insert(id)).collect();
        let unread = open.iter().copied().filter(|&id| gathered.project.outline(id).is_none()).collect::<Vec<_>>();
        if reader.request.is_lazy() {
            surround(reader.request, &mut gathered.project, &unread);
        }
        let looked: Vec<(FileId, Looked)> = reader.look(&gathered.project, &unread, Depth::Signatures);
        _ = super::take(gathered, looked);
    }
}

/// The files that an import runs.
fn imported(resolver: &Resolver<'_>, file: FileId, import: &Import) -> Vec<FileId> {
    let own = resolver.project().file(file).and_then(|file| language::by_id(file.language));
    let mut found = Vec::new();
    for request in own.map_or_else(Vec::new, |language| language.requests_of(import)) {
        if let Some(id) = resolver.file(&resolver.request(file, &request)) {
            found.push(id);
            found.extend(packages_around(resolver.project(), id));
        }
    }
    found
}

/// The files that run before a module does, because it lies below them.
fn packages_around(project: &Project, file: FileId) -> Vec<FileId> {
    let Some(own) = project.file(file) else { return Vec::new() };
    let Some(language) = language::by_id(own.language) else { return Vec::new() };
    let around = language.runs_before(&own.path, &project.layout);
    around.iter().filter_map(|path| project.layout.file(path)).collect()
}
