//! Before the first look: which files there are, where imports start, what is the SDK, and where the factory lies.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;
use crate::discover;
use crate::language;
use crate::language::Ground;
use crate::language::Language;
use crate::language::PackedSketch;
use crate::language::Vendored;
use crate::language::Watch;
use crate::layout::FileId;
use crate::lock;
use crate::lock::Lock;
use crate::outline::Import;
use crate::project::Factory;
use crate::project::File;
use crate::project::Project;
use crate::project::Sdk;
use crate::resolve::Entity;
use crate::resolve::Resolver;
use crate::rule::Rule;
use crate::source::LanguageId;
use crate::source::is_notebook;
use crate::symbol;

use super::Depth;
use super::Gathered;
use super::Looked;
use super::Reader;
use super::Request;
use super::lazily;
use super::surround::follow;
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

/// What to look for in each language.
pub fn watches(config: &Config, rules: &[Rule]) -> Vec<(LanguageId, Watch)> {
    let watch = |id: LanguageId| {
        let mut watch = Watch::default();
        let mut packages = BTreeSet::new();
        let mut classes: BTreeSet<&str> = BTreeSet::new();
        let mut functions = BTreeSet::new();
        let mut modules = BTreeSet::new();
        modules.extend(config.factory.get(&id).cloned());
        for matchers in rules.iter().filter_map(|rule| rule.languages.get(&id)) {
            for construct in &matchers.construct {
                classes.extend(construct.symbols.iter().map(|symbol| symbol::tail(id, symbol)));
                functions.insert(construct.replace.function.clone());
                modules.extend(construct.replace.module.clone());
            }
            let constructed = matchers.construct.iter().flat_map(|construct| &construct.symbols);
            let reported = matchers.report.iter().flat_map(|report| &report.symbols);
            for symbol in constructed.chain(reported) {
                let whole = symbol::whole(id, symbol);
                watch.wholes.extend(whole.map(str::to_owned));
                let name = whole.unwrap_or(symbol);
                packages.insert(symbol::package(id, name).to_owned());
                watch.symbols.insert(name.to_owned());
                watch.symbols.extend(symbol::parents(id, name).map(str::to_owned));
            }
            for class in matchers.endpoint.iter().flat_map(|endpoint| &endpoint.classes) {
                watch.symbols.insert(class.clone());
                watch.symbols.extend(symbol::parents(id, class).map(str::to_owned));
            }
            watch.endpoints.extend(matchers.endpoint.iter().map(|endpoint| endpoint.argument.clone()));
        }
        // `AsyncOpenAI` is found wherever `OpenAI` is.
        let covered = |class: &str| classes.iter().any(|other| *other != class && class.contains(other));
        watch.classes = classes.iter().filter(|class| !covered(class)).map(|class| (*class).to_owned()).collect();
        watch.packages = packages.into_iter().collect();
        watch.functions = functions.into_iter().collect();
        watch.modules = modules.into_iter().collect();
        watch.sources = config.context.get(&id).map(|context| context.sources.clone()).unwrap_or_default();
        (id, watch)
    };
    language::all().iter().map(|language| watch(language.id())).collect()
}

/// What to look for, with the names that the project itself gives to packages.
pub(super) fn with_aliases(request: &Request<'_>, project: &Project) -> Vec<(LanguageId, Watch)> {
    let mut watches = request.watches.to_vec();
    for (id, watch) in &mut watches {
        let Some(language) = language::by_id(*id) else { continue };
        let own = project.files.iter().filter(|file| file.language == *id);
        let own: Vec<Arc<Path>> = own.map(|file| Arc::clone(&file.path)).collect();
        if !own.is_empty() {
            let aliases = request.on_ground(|ground| language.aliases(ground, &own, &watch.packages));
            if aliases != watch.aliases {
                watch.aliases = aliases;
                watch.literals = language::Literals::default();
            }
        }
    }
    watches
}

/// Lists the files, and finds roots, copies of the SDK, and factories.
pub(super) fn project(request: &Request<'_>) -> Result<Gathered, Ambiguous> {
    let config = request.config;
    let mut paths = request.paths.to_vec();
    if request.whole && !paths.contains(&config.root) {
        paths.push(config.root.clone());
    }
    if let Some((given, _)) = request.given {
        paths.retain(|path| path != given);
    }
    let walked = request.walk(&paths);
    let mut gathered = Gathered { problems: walked.problems, ..Gathered::default() };
    let project = &mut gathered.project;
    project.root.clone_from(&config.root);
    match request.shelf {
        Some(shelf) => project.layout.read_from(Arc::clone(shelf)),
        None => project.layout.read_with(discover::read_text),
    }
    project.layout.set_top(&config.root);
    let languages = request.languages;
    let wanted = |path: &Path| {
        let language = language_of(path)?;
        // Only reading a notebook tells its language.
        let is_wanted = languages.is_empty() || languages.contains(&language) || is_notebook(path);
        is_wanted.then_some(language)
    };
    let given = request.given.map(|(path, _)| path.clone());
    project.files.reserve(walked.files.len() + 1);
    for path in walked.files.into_iter().chain(given) {
        let Some(language) = wanted(&path) else { continue };
        let reported = request.given.is_some_and(|(given, _)| *given == path)
            || request.paths.iter().any(|shown| is_below(&path, shown));
        add(project, path, language, reported);
    }
    project.packages = request.watches.iter().map(|(id, watch)| (*id, watch.packages.clone())).collect();
    project.symbols = request.watches.iter().flat_map(|(_, watch)| watch.symbols.iter().cloned()).collect();
    let named: Vec<FileId> = (0..).take(project.files.len()).collect();
    if !request.whole {
        add_factories(request, project);
    }
    if !request.whole && !request.is_lazy() {
        follow(request, project);
    }
    let files: Vec<Arc<Path>> = project.files.iter().map(|file| Arc::clone(&file.path)).collect();
    if request.looks.is_some() {
        project.layout.note_questions();
    }
    find_roots(request, project);
    factories(request, project, &files)?;
    settle(request, project);
    if request.is_lazy() {
        let (_, others) = lazily::parted(project, &named);
        surround(request, project, &others);
    }
    Ok(gathered)
}

/// The language that a file is taken for before it is read.
pub(super) fn language_of(path: &Path) -> Option<LanguageId> {
    language::by_path(path).or_else(|| language::all().first().copied()).map(Language::id)
}

/// Forgets what was read in files, and keeps which there are.
pub(super) fn unread(project: &mut Project) {
    for file in &mut project.files {
        file.outline = None;
        file.source = None;
        file.digest = None;
        file.sketch = PackedSketch::default();
        file.skipped_cells = 0;
        if is_notebook(&file.path) {
            // Only reading it has told the language.
            file.language = language_of(&file.path).unwrap_or(file.language);
        }
    }
    for factory in &mut project.factories {
        factory.runs.clear();
        for id in factory.behind.drain(..) {
            if let Some(file) = project.files.get_mut(id as usize) {
                file.exempt = false;
            }
        }
    }
}

/// Takes stock of the files that are known.
pub(super) fn settle(request: &Request<'_>, project: &mut Project) {
    project.layout.seal();
    project.sdks = sdks(request, project);
    exempt(request, project);
}

/// Adds a file, unread, unless it is known already.
pub(super) fn add(project: &mut Project, path: PathBuf, language: LanguageId, reported: bool) -> Option<FileId> {
    if project.layout.has_file(&path) {
        return None;
    }
    let id = FileId::try_from(project.files.len()).ok()?;
    let path: Arc<Path> = path.into();
    project.layout.insert(&path, id);
    project.files.push(File {
        path,
        language,
        outline: None,
        source: None,
        digest: None,
        sketch: PackedSketch::default(),
        skipped_cells: 0,
        reported,
        exempt: false,
    });
    Some(id)
}

/// What languages may know of the project's folders.
pub(super) fn ground(config: &Config) -> Ground<'_> {
    Ground {
        root: &config.root,
        roots: config.roots.as_deref().unwrap_or_default(),
        read: &discover::read_text,
        is_folder: &discover::is_folder,
        may_hold: &|_, _| true,
        elsewhere: &|_| Vec::new(),
        package: &|_| None,
        asks: &|_| true,
    }
}

/// Adds the folders at which imports start.
pub(super) fn find_roots(request: &Request<'_>, project: &mut Project) {
    let config = request.config;
    for language in language::all() {
        let own = project.files.iter().filter(|file| file.language == language.id());
        let own: Vec<Arc<Path>> = own.map(|file| Arc::clone(&file.path)).collect();
        if own.is_empty() {
            continue;
        }
        request.on_ground(|ground| {
            language.packages(ground, &own, &mut project.layout);
            if config.roots.is_none() {
                language.roots(ground, &own, &mut project.layout);
            }
        });
    }
    for root in config.roots.iter().flatten() {
        project.layout.insert_root(root.clone());
    }
}

/// Adds the files of the factories.
fn add_factories(request: &Request<'_>, project: &mut Project) {
    for (id, module, _) in modules(request.config, request.rules) {
        for file in shallow(request, id, &module) {
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

/// Whether a path is `folder`, or lies below it; both are absolute and plain.
fn is_below(path: &Path, folder: &Path) -> bool {
    let rest = path.as_os_str().as_encoded_bytes().strip_prefix(folder.as_os_str().as_encoded_bytes());
    match rest {
        Some([] | [b'/', ..]) => true,
        Some(_) | None => path.starts_with(folder),
    }
}

/// The files of a module below the project and two levels of its folders.
fn shallow(request: &Request<'_>, id: LanguageId, module: &str) -> Vec<PathBuf> {
    let config = request.config;
    let mut folders = vec![config.root.clone()];
    let first = request.inner_folders(&config.root);
    if request.is_lazy() {
        let around = lazily::folders_around(request);
        request.prepare_folders(around.iter().map(|folder| folder.join("_")).collect::<Vec<_>>().iter());
        folders.extend(around);
    } else {
        folders.extend(first.iter().flat_map(|folder| request.inner_folders(folder)));
    }
    folders.extend(first);
    folders.extend(config.roots.iter().flatten().cloned());
    let Some(language) = language::by_id(id) else { return Vec::new() };
    let ends = language.factory_files(module);
    let usual = folders.iter().flat_map(|folder| ends.iter().map(|end| folder.join(end)));
    let told =
        folders.iter().flat_map(|folder| request.on_ground(|ground| language.factory_in(module, folder, ground)));
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

fn factories(request: &Request<'_>, project: &mut Project, files: &[Arc<Path>]) -> Result<(), Ambiguous> {
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
pub(super) fn may_be_factory(request: &Request<'_>, path: &Path) -> bool {
    let modules = modules(request.config, request.rules);
    let mut ends =
        modules.iter().filter_map(|(id, module, _)| Some(language::by_id(*id)?.factory_files(module))).flatten();
    ends.any(|end| path.ends_with(end))
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

/// Copies of the SDK in the tree.
fn sdks(request: &Request<'_>, project: &Project) -> Vec<Sdk> {
    let mut found: Vec<Sdk> = Vec::new();
    for (&id, packages) in &project.packages {
        let Some(language) = language::by_id(id) else { continue };
        for package in packages {
            let matchers = request.rules.iter().filter_map(|rule| rule.languages.get(&id));
            let symbols: Vec<&str> = matchers
                .flat_map(|matchers| &matchers.construct)
                .flat_map(|construct| &construct.symbols)
                .map(String::as_str)
                .filter(|symbol| symbol::package(id, symbol) == package)
                .collect();
            let vendored = Vendored { package, symbols: &symbols };
            for file in project.files.iter().filter(|file| file.language == id) {
                let copy = request.on_ground(|ground| language.copy_of(&file.path, &vendored, ground, &project.layout));
                if let Some(module) = copy.filter(|module| !found.iter().any(|sdk| sdk.module == *module)) {
                    found.push(Sdk { module, package: package.clone() });
                }
            }
        }
    }
    found
}

fn exempt(request: &Request<'_>, project: &mut Project) {
    let config = request.config;
    let own = discover::globs(&config.own);
    let vendored = vendored(request, project);
    let factories: Vec<(PathBuf, Option<PathBuf>)> = project
        .factories
        .iter()
        .filter_map(|factory| {
            let path = project.file(factory.file?)?.path.to_path_buf();
            let folder = language::by_id(factory.language)?.factory_folder(&factory.module, &path);
            Some((path, folder))
        })
        .collect();
    if own.is_empty() && vendored.is_empty() && factories.is_empty() {
        return;
    }
    for file in &mut project.files {
        let below = file.path.strip_prefix(&config.root).unwrap_or(&file.path);
        file.exempt = own.is_match(below)
            || vendored.contains(&*file.path)
            || factories
                .iter()
                .any(|(path, folder)| *path == *file.path || folder.as_ref().is_some_and(|f| file.path.starts_with(f)));
    }
}

/// The files that locks list: the project's own, and those of projects within it that a factory belongs to.
fn vendored(request: &Request<'_>, project: &Project) -> BTreeSet<PathBuf> {
    let config = request.config;
    let mut found = config.vendored.clone();
    let factories = project.factories.iter().filter_map(|factory| project.file(factory.file?));
    let within = |folder: &&Path| folder.starts_with(&config.root) && **folder != *config.root;
    let folders: BTreeSet<&Path> = factories.flat_map(|file| file.path.ancestors().skip(1).filter(within)).collect();
    for folder in folders {
        let path = folder.join(lock::NAME);
        if !request.is_regular(&path) {
            continue;
        }
        // One that is damaged lists nothing: then there are findings, which nobody overlooks.
        let text = request.bytes(&path).and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
        let lock = text.and_then(|text| Lock::parse(&text).ok()).unwrap_or_default();
        found.extend(lock.files(folder));
    }
    found
}

/// Outlines the factories and all that importing them runs.
pub(super) fn factory_closure(gathered: &mut Gathered, reader: &Reader<'_>) {
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
