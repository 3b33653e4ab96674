#![expect(clippy::disallowed_methods, reason = "the SDK's copies are told from other folders by a look at one file")]
//! Before the first look: which files there are, where imports start, what is the SDK, and where the factory lies.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::config::Config;
use crate::discover;
use crate::language;
use crate::language::Watch;
use crate::language::python::is_identifier;
use crate::layout::FileId;
use crate::layout::Layout;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::project::Factory;
use crate::project::File;
use crate::project::Project;
use crate::project::Sdk;
use crate::resolve::Resolver;
use crate::roots;
use crate::rule::Rule;
use crate::source::LanguageId;

use super::Depth;
use super::Gathered;
use super::Looked;
use super::Reader;
use super::Request;

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
                for symbol in &construct.symbols {
                    packages.extend(symbol.split('.').next().map(str::to_owned));
                    classes.extend(symbol.rsplit('.').next());
                }
                functions.insert(construct.replace.function.clone());
                modules.extend(construct.replace.module.clone());
            }
            let constructed = matchers.construct.iter().flat_map(|construct| &construct.symbols);
            let reported = matchers.report.iter().flat_map(|report| &report.symbols);
            for symbol in constructed.chain(reported) {
                watch.wholes.extend(symbol.strip_suffix(".*").map(str::to_owned));
                let mut name = symbol.strip_suffix(".*").unwrap_or(symbol);
                watch.symbols.insert(name.to_owned());
                while let Some((parent, _)) = name.rsplit_once('.') {
                    watch.symbols.insert(parent.to_owned());
                    name = parent;
                }
            }
            for symbol in matchers.report.iter().flat_map(|report| &report.symbols) {
                packages.extend(symbol.split('.').next().map(str::to_owned));
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
    let walked = discover::walk(config, &paths, request.threads);
    let mut gathered = Gathered { problems: walked.problems, ..Gathered::default() };
    let project = &mut gathered.project;
    project.root.clone_from(&config.root);
    let languages = request.languages;
    let wanted = |path: &Path| {
        let language = language::by_path(path).or_else(|| language::by_id(LanguageId::Python))?;
        (languages.is_empty() || languages.contains(&language.id())).then(|| language.id())
    };
    let given = request.given.map(|(path, _)| path.clone());
    for path in walked.files.into_iter().chain(given) {
        let Some(language) = wanted(&path) else { continue };
        let reported = request.given.is_some_and(|(given, _)| *given == path)
            || request.paths.iter().any(|shown| is_below(&path, shown));
        add(project, path, language, reported);
    }
    let packages: BTreeSet<String> = request.watches.iter().flat_map(|(_, watch)| watch.packages.clone()).collect();
    project.packages = packages.into_iter().collect();
    project.symbols = request.watches.iter().flat_map(|(_, watch)| watch.symbols.iter().cloned()).collect();
    if !request.whole {
        follow(request, project);
    }
    let files: Vec<Arc<Path>> = project.files.iter().map(|file| Arc::clone(&file.path)).collect();
    roots::find(config, &files, &mut project.layout);
    factories(request, project, &files)?;
    project.layout.seal();
    project.sdks = sdks(project, request.rules);
    exempt(config, project);
    Ok(gathered)
}

fn add(project: &mut Project, path: PathBuf, language: LanguageId, reported: bool) -> Option<FileId> {
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
        sketch: language::Sketch::default(),
        reported,
        exempt: false,
    });
    Some(id)
}

/// Adds the files that the reported ones import, directly or through others, and the factory.
fn follow(request: &Request<'_>, project: &mut Project) {
    let config = request.config;
    for (_, module, _) in modules(config, request.rules) {
        for file in shallow(config, &module) {
            add(project, file, LanguageId::Python, false);
        }
    }
    let mut open: Vec<FileId> = (0..).take(project.files.len()).collect();
    let mut seen: FxHashSet<PathBuf> = FxHashSet::default();
    while let Some(id) = open.pop() {
        let Some(file) = project.file(id) else { continue };
        let (path, language_id) = (Arc::clone(&file.path), file.language);
        let Some(language) = language::by_id(language_id) else { continue };
        let text = match request.given {
            Some((given, bytes)) if **given == *path => Some(bytes.clone()),
            _ => fs::read(&path).ok(),
        };
        let Some(text) = text else { continue };
        // The packages around a file, so that roots are found.
        let mut folder = path.parent();
        let mut starts: Vec<PathBuf> = vec![config.root.clone(), config.root.join("src")];
        starts.extend(config.roots.iter().flatten().cloned());
        while let Some(current) = folder.filter(|folder| folder.starts_with(&config.root)) {
            starts.push(current.to_path_buf());
            let init = current.join("__init__.py");
            if discover::is_regular(&init) {
                open.extend(add(project, init, language_id, false));
            }
            folder = current.parent();
        }
        for asked in language.requests(&text) {
            let level = asked.chars().take_while(|&c| c == '.').count();
            let below: PathBuf = asked.split('.').filter(|part| !part.is_empty()).collect();
            let bases: Vec<PathBuf> = match level {
                0 => starts.clone(),
                level => path.ancestors().nth(level).map(Path::to_path_buf).into_iter().collect(),
            };
            for base in bases {
                let module = base.join(&below);
                let mut modules = vec![module.clone()];
                modules.extend(
                    module
                        .ancestors()
                        .skip(1)
                        .take_while(|m| m.starts_with(&base) && *m != base)
                        .map(Path::to_path_buf),
                );
                for module in modules {
                    if !seen.insert(module.clone()) {
                        continue;
                    }
                    for file in language.module_files(&module) {
                        if discover::is_regular(&file) {
                            open.extend(add(project, file, language_id, false));
                        }
                    }
                }
            }
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
fn shallow(config: &Config, module: &str) -> Vec<PathBuf> {
    let below: PathBuf = module.split('.').collect();
    let mut folders = vec![config.root.clone()];
    let first = discover::inner_folders(&config.root);
    folders.extend(first.iter().flat_map(|folder| discover::inner_folders(folder)));
    folders.extend(first);
    folders.extend(config.roots.iter().flatten().cloned());
    let Some(language) = language::by_id(LanguageId::Python) else { return Vec::new() };
    let files = folders.iter().flat_map(|folder| language.module_files(&folder.join(&below)));
    let mut files: Vec<PathBuf> = files.filter(|file| discover::is_regular(file)).collect();
    files.sort();
    files.dedup();
    files
}

fn factories(request: &Request<'_>, project: &mut Project, files: &[Arc<Path>]) -> Result<(), Ambiguous> {
    for (id, module, is_own) in modules(request.config, request.rules) {
        let Some(language) = language::by_id(id) else { continue };
        let below: PathBuf = module.split('.').collect();
        let candidates = language.module_files(&below);
        let found = roots::factories(&candidates, files);
        let found: Vec<_> = match &request.config.roots {
            Some(roots) => found.into_iter().filter(|(_, root)| roots.contains(root)).collect(),
            None => found,
        };
        if let [(first, _), (second, _), ..] = found.as_slice()
            && is_own
        {
            return Err(Ambiguous { module, first: first.to_path_buf(), second: second.to_path_buf() });
        }
        let (file, root) = match found.into_iter().next() {
            Some((file, root)) => {
                if request.config.roots.is_none() {
                    project.layout.insert_root(root.clone());
                }
                (project.layout.file(&file), root)
            }
            None => (None, request.config.root.clone()),
        };
        project.factories.push(Factory { language: id, module, file, root, runs: Vec::new() });
    }
    Ok(())
}

/// Copies of the SDK: packages with the name that rules give it, and its classes' names in them.
fn sdks(project: &Project, rules: &[Rule]) -> Vec<Sdk> {
    let mut found = Vec::new();
    let Some(language) = language::by_id(LanguageId::Python) else { return found };
    for package in &project.packages {
        let symbols = rules.iter().filter_map(|rule| rule.languages.get(&LanguageId::Python));
        let symbols: Vec<&str> = symbols
            .flat_map(|matchers| &matchers.construct)
            .flat_map(|construct| &construct.symbols)
            .map(String::as_str)
            .filter(|symbol| symbol.split('.').next() == Some(package))
            .collect();
        let direct: Vec<&str> = symbols
            .iter()
            .filter_map(|symbol| symbol.strip_prefix(&format!("{package}.")))
            .filter(|s| !s.contains('.'))
            .collect();
        let needle = package.as_bytes();
        for file in &project.files {
            if memchr::memmem::find(file.path.as_os_str().as_encoded_bytes(), needle).is_none() {
                continue;
            }
            let module = language.module_of(&file.path);
            if module.file_name().is_none_or(|name| name != package.as_str())
                || found.iter().any(|sdk: &Sdk| sdk.module == module)
            {
                continue;
            }
            let Some(parent) = module.parent() else { continue };
            let Some(text) = discover::read_text(&file.path) else { continue };
            let named = direct.iter().filter(|name| text.contains(*name)).count();
            // Namespace packages make many a folder of that name look topmost; the SDK's copy has the SDK's modules.
            let is_topmost = *parent == project.root
                || (project.layout.is_root(parent)
                    && parent
                        .file_name()
                        .and_then(|name| name.to_str())
                        .is_none_or(|name| name == "src" || !is_identifier(name)));
            let modules: BTreeSet<&str> =
                symbols.iter().filter_map(|symbol| symbol.rsplit_once('.')).map(|(module, _)| module).collect();
            let inner: Vec<&&str> = modules.iter().filter(|module| module.contains('.')).collect();
            // Older versions have fewer modules and classes than rules name.
            let has_modules = || match inner.as_slice() {
                [] => named == direct.len(),
                inner => inner.iter().any(|module| has_module(&project.layout, parent, module)),
            };
            let is_copy = named > 0 && (is_topmost || has_modules());
            if is_copy {
                found.push(Sdk { module, package: package.clone() });
            }
        }
    }
    found
}

fn has_module(layout: &Layout, parent: &Path, module: &str) -> bool {
    let module = parent.join(module.split('.').collect::<PathBuf>());
    layout.has_folder(&module) || layout.has_file(&module.with_extension("py"))
}

fn exempt(config: &Config, project: &mut Project) {
    let own = discover::globs(&config.own);
    let factories: Vec<(PathBuf, bool)> = project
        .factories
        .iter()
        .filter_map(|factory| {
            let path = project.file(factory.file?)?.path.to_path_buf();
            let is_package = path.file_name().is_some_and(|name| name == "__init__.py");
            Some(if is_package { (path.parent()?.to_path_buf(), true) } else { (path, false) })
        })
        .collect();
    if own.is_empty() && factories.is_empty() {
        return;
    }
    for file in &mut project.files {
        let below = file.path.strip_prefix(&config.root).unwrap_or(&file.path);
        file.exempt = own.is_match(below)
            || factories
                .iter()
                .any(|(path, folder)| if *folder { file.path.starts_with(path) } else { *path == *file.path });
    }
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
            let looked: Vec<(FileId, Looked)> = reader.look(&gathered.project, &unread, Depth::Signatures);
            super::take(gathered, looked);
            let resolver = Resolver::new(&gathered.project);
            for id in fresh {
                let Some(outline) = gathered.project.outline(id) else { continue };
                for import in outline.imports.iter().filter(|import| !import.typing) {
                    open.extend(imported(&resolver, id, import));
                }
            }
        }
        // The factory does not import itself, but files beside it in its package run with it.
        if let Some(factory) = gathered.project.factories.get_mut(index) {
            factory.runs = runs.into_iter().collect();
        }
    }
}

/// The files that an import runs.
fn imported(resolver: &Resolver<'_>, file: FileId, import: &Import) -> Vec<FileId> {
    let mut requests: Vec<String> = Vec::new();
    for member in &import.members {
        match import.form {
            ImportForm::Module => requests.push(member.name.to_string()),
            ImportForm::From | ImportForm::Star => {
                requests.push(import.module.to_string());
                let dot = if import.module.ends_with('.') { "" } else { "." };
                requests.push(format!("{}{dot}{}", import.module, member.name));
            }
        }
    }
    let mut found = Vec::new();
    for request in requests {
        let mut request = request.as_str();
        loop {
            if let Some(id) = resolver.file(&resolver.request(file, request)) {
                found.push(id);
                found.extend(packages_around(resolver.project(), id));
            }
            match request.rsplit_once('.') {
                Some((parent, _)) if !parent.is_empty() && !parent.ends_with('.') => request = parent,
                _ => break,
            }
        }
    }
    found
}

/// The `__init__.py` of every package that a file lies in.
fn packages_around(project: &Project, file: FileId) -> Vec<FileId> {
    let mut found = Vec::new();
    let Some(path) = project.file(file).map(|file| Arc::clone(&file.path)) else { return found };
    for folder in path.ancestors().skip(1) {
        match project.layout.file(&folder.join("__init__.py")) {
            Some(id) if id != file => found.push(id),
            Some(_) => {}
            None => break,
        }
        if project.layout.is_root(folder) && !project.layout.has_file(&folder.join("__init__.py")) {
            break;
        }
    }
    found
}
