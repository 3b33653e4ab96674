//! Before the first look: which files there are, where imports start, what is the SDK, and what is never a finding.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashSet;

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
use crate::project::File;
use crate::project::Project;
use crate::project::Sdk;
use crate::rule::Rule;
use crate::source::LanguageId;
use crate::source::is_notebook;
use crate::symbol;

use super::Gathered;
use super::Request;
use super::factories;
use super::factories::Ambiguous;
use super::lazily;
use super::surround::follow;
use super::surround::surround;

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
    let is_shown = shown(request.paths);
    for path in walked.files.into_iter().chain(given) {
        let Some(language) = wanted(&path) else { continue };
        let reported = request.given.is_some_and(|(given, _)| *given == path) || is_shown(&path);
        add(project, path, language, reported);
    }
    project.packages = request.watches.iter().map(|(id, watch)| (*id, watch.packages.clone())).collect();
    project.symbols = request.watches.iter().flat_map(|(_, watch)| watch.symbols.iter().cloned()).collect();
    let named: Vec<FileId> = (0..).take(project.files.len()).collect();
    if !request.whole {
        factories::add_shallow(request, project);
    }
    if !request.whole && !request.is_lazy() {
        follow(request, project);
    }
    let files: Vec<Arc<Path>> = project.files.iter().map(|file| Arc::clone(&file.path)).collect();
    if request.looks.is_some() {
        project.layout.note_questions();
    }
    find_roots(request, project);
    factories::find(request, project, &files)?;
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
    project.files.push(File::unread(path, language, reported));
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

/// How many paths each file is compared with.
const FEW: usize = 8;

/// Tells whether a path is one of these, or lies below one.
fn shown(paths: &[PathBuf]) -> impl Fn(&Path) -> bool {
    // A commit may have more of them than can be compared with every file.
    let many: FxHashSet<&Path> = paths.iter().filter(|_| paths.len() > FEW).map(PathBuf::as_path).collect();
    move |path| {
        if many.is_empty() {
            paths.iter().any(|shown| is_below(path, shown))
        } else {
            path.ancestors().any(|above| many.contains(above))
        }
    }
}

/// Whether a path is `folder`, or lies below it; both are absolute and plain.
fn is_below(path: &Path, folder: &Path) -> bool {
    let rest = path.as_os_str().as_encoded_bytes().strip_prefix(folder.as_os_str().as_encoded_bytes());
    match rest {
        Some([] | [b'/', ..]) => true,
        Some(_) | None => path.starts_with(folder),
    }
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
