//! A run after another: only what changed is read again, and the answer is that of a fresh scan.
//!
//! [`Memory`] keeps the look at each file; everything that follows from looks is worked out anew, on the same way as in
//! [`super::scan`]. What a changed path may mean beyond its own text decides how much of the memory is dropped.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;
use crate::discover;
use crate::finding::Scan;
use crate::gather::Memory;
use crate::language;
use crate::layout::FileId;
use crate::resolve::Resolver;
use crate::rule::Rule;
use crate::schedule::Schedule;

use super::EngineError;
use super::Fixing;
use super::Mode;
use super::Options;
use super::Place;
use super::Run;
use super::Scanned;
use super::on_large_stack;

/// Names of files that say where imports start or lead, whether or not a language has asked for them yet.
const MANIFESTS: [&str; 9] = [
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "package.json",
    "tsconfig.json",
    "jsconfig.json",
    "deno.json",
    "pnpm-workspace.yaml",
    "Cargo.toml",
];

/// Names of files that say which files are looked at, and which of them belong to the factory.
const SIEVES: [&str; 5] = [".gitignore", ".ignore", ".rgignore", "exclude", "QMIGRATE.lock"];

/// A project that is scanned again and again.
#[derive(Debug)]
pub struct Session {
    config: Config,
    rules: Vec<Rule>,
    options: Options,
    memory: Memory,
    /// What plans have learnt, which see the whole project, where scans see a part of it.
    wider: Memory,
}

/// What may have changed since the last run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Paths at which something was written, made, moved or removed; absolute.
    pub paths: BTreeSet<PathBuf>,
    /// Whether there may be more than these.
    pub more: bool,
}

/// What a run of a session gives.
#[derive(Debug, Default)]
pub struct Survey {
    /// What a fresh scan would say.
    pub scan: Scan,
    /// Files with findings or migrated sites, sorted by path.
    pub files: Vec<Surveyed>,
}

/// One file of a survey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surveyed {
    /// The file, as an absolute path.
    pub path: Arc<Path>,
    /// Its calls of the factory.
    pub migrated: usize,
    /// How many of the parsed files import it.
    pub dependents: usize,
}

/// How far a change reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// It is none of the project's business.
    Nothing,
    /// One file says something else.
    Text,
    /// There may be other files.
    Files,
    /// Imports may lead elsewhere.
    Everything,
}

impl Session {
    /// A session that knows nothing yet.
    pub fn new(config: Config, rules: Vec<Rule>, options: Options) -> Self {
        Self { config, rules, options, memory: Memory::default(), wider: Memory::default() }
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The rules in force.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What the session looks at.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        self.memory = Memory::default();
        self.wider = Memory::default();
    }

    /// Drops what these changes may make untrue, and tells how far they reach.
    pub fn note(&mut self, changes: &Changes) -> Reach {
        if self.wider.has_project() {
            self.drop_untrue(&self.wider, true, changes);
        } else {
            self.wider = Memory::default();
        }
        self.drop_untrue(&self.memory, self.is_whole(), changes)
    }

    /// The same of one memory; `is_whole` says whether it is of the whole project.
    fn drop_untrue(&self, memory: &Memory, is_whole: bool, changes: &Changes) -> Reach {
        let reach = changes.paths.iter().map(|path| self.reach(memory, is_whole, path)).max();
        // A manifest may be among what nobody could tell of.
        let reach = if changes.more { Reach::Everything } else { reach.unwrap_or(Reach::Nothing) };
        match reach {
            Reach::Nothing => return reach,
            Reach::Text => {}
            Reach::Files => {
                memory.forget_project();
                memory.forget_changed();
            }
            Reach::Everything => memory.forget_all(),
        }
        for path in &changes.paths {
            memory.forget(path);
        }
        reach
    }

    fn reach(&self, memory: &Memory, is_whole: bool, path: &Path) -> Reach {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Reach::Files };
        if MANIFESTS.contains(&name) {
            return Reach::Everything;
        }
        let is_file = discover::is_regular(path);
        if memory.has_file(path) {
            return if is_file && is_whole && self.is_plain(path) { Reach::Text } else { Reach::Files };
        }
        if memory.has_asked_below(path) {
            return Reach::Everything;
        }
        // The baseline may know of a file that is not looked at.
        let may_be_source = language::by_path(path).is_some() && (is_file || self.options.baseline.is_some());
        let is_folder = memory.has_folder(path) || discover::is_folder(path);
        if may_be_source || is_folder || SIEVES.contains(&name) || !memory.has_project() {
            return Reach::Files;
        }
        Reach::Nothing
    }

    /// Whether a file's text has no say in which files there are, where the project is read as a whole rather than from
    /// import to import: it lies in no copy of an SDK.
    fn is_plain(&self, path: &Path) -> bool {
        let symbols = self.rules.iter().flat_map(|rule| &rule.languages).flat_map(|(&id, matchers)| {
            let constructs = matchers.construct.iter().flat_map(|construct| &construct.symbols);
            constructs.map(move |symbol| crate::symbol::package(id, symbol))
        });
        let packages: BTreeSet<&str> = symbols.collect();
        let is_of_package = path.components().any(|part| {
            let part = Path::new(part.as_os_str());
            part.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| packages.contains(stem))
        });
        !is_of_package
    }

    /// Whether a scan reads the whole project.
    fn is_whole(&self) -> bool {
        let root = &self.config.root;
        let paths = &self.options.paths;
        if paths.is_empty() {
            root.starts_with(&self.options.cwd)
        } else {
            paths.iter().any(|path| root.starts_with(path))
        }
    }

    /// Scans. `progress` is told of every file that was read.
    ///
    /// # Errors
    ///
    /// As for [`super::scan`].
    pub fn scan(&mut self, progress: &(dyn Fn() + Sync)) -> Result<Survey, EngineError> {
        let scanned = on_large_stack(|| {
            let mut run = Run::new(&self.config, &self.rules, &self.options, false)?;
            run.memory = self.memory();
            let scanned = run.scan(progress)?;
            let files = survey(&scanned);
            let Scanned { scan, gathered, .. } = scanned;
            if let Some(memory) = self.memory() {
                memory.keep(gathered.project);
            }
            Ok(Survey { scan, files })
        });
        if scanned.is_err() {
            self.forget();
        }
        scanned
    }

    /// Plans what `fix` would write, starting from the findings at these places.
    ///
    /// # Errors
    ///
    /// As for [`super::fix`].
    pub fn fix(
        &mut self,
        mode: Mode,
        only: &BTreeSet<Place>,
        progress: &(dyn Fn() + Sync),
    ) -> Result<Fixing, EngineError> {
        let planned = on_large_stack(|| {
            let mut run = Run::new(&self.config, &self.rules, &self.options, true)?;
            let memory = self.memory_of_all();
            run.memory = memory;
            let (fixing, gathered) = run.fix(mode, Some(only), None, progress)?;
            if let Some(memory) = memory {
                memory.keep(gathered.project);
            }
            Ok(fixing)
        });
        if planned.is_err() {
            self.forget();
        }
        planned
    }

    /// Scans the whole project, and puts what is left into batches.
    ///
    /// # Errors
    ///
    /// As for [`super::schedule`].
    pub fn schedule(&mut self, progress: &(dyn Fn() + Sync)) -> Result<Schedule, EngineError> {
        let scheduled = on_large_stack(|| {
            let mut run = Run::new(&self.config, &self.rules, &self.options, true)?;
            let memory = self.memory_of_all();
            run.memory = memory;
            let (_, schedule, gathered) = run.schedule(progress)?;
            if let Some(memory) = memory {
                memory.keep(gathered.project);
            }
            Ok(schedule)
        });
        if scheduled.is_err() {
            self.forget();
        }
        scheduled
    }

    /// What is known of the work tree; nothing where files are read from elsewhere.
    fn memory(&self) -> Option<&Memory> {
        (self.options.shelf.is_none() && self.options.stdin.is_none()).then_some(&self.memory)
    }

    /// The same for a run that sees the whole project.
    fn memory_of_all(&self) -> Option<&Memory> {
        self.memory().map(|memory| if self.is_whole() { memory } else { &self.wider })
    }
}

/// The files that a survey lists.
fn survey(scanned: &Scanned) -> Vec<Surveyed> {
    let project = &scanned.gathered.project;
    let dependents = dependents(scanned);
    let mut listed: BTreeSet<FileId> = scanned.sites.keys().copied().collect();
    listed.extend(scanned.scan.findings.iter().filter_map(|finding| project.layout.file(&finding.path)));
    let surveyed = |id: FileId| {
        Some(Surveyed {
            path: Arc::clone(&project.file(id)?.path),
            migrated: scanned.sites.get(&id).copied().unwrap_or(0),
            dependents: dependents.get(&id).copied().unwrap_or(0),
        })
    };
    let mut files: Vec<Surveyed> = listed.into_iter().filter_map(surveyed).collect();
    files.sort_by(|one, other| one.path.as_os_str().cmp(other.path.as_os_str()));
    files
}

/// How many of the parsed files import a file.
fn dependents(scanned: &Scanned) -> BTreeMap<FileId, usize> {
    let project = &scanned.gathered.project;
    let resolver = Resolver::new(project);
    let mut dependents: BTreeMap<FileId, usize> = BTreeMap::new();
    for (id, file, outline) in project.outlines() {
        let Some(language) = language::by_id(file.language) else { continue };
        let requests = outline.imports.iter().filter(|import| !import.external);
        let requests = requests.flat_map(|import| language.requests_of(import));
        let targets: BTreeSet<FileId> =
            requests.filter_map(|request| resolver.file(&resolver.request(id, &request))).collect();
        for target in targets.into_iter().filter(|target| *target != id) {
            *dependents.entry(target).or_default() += 1;
        }
    }
    dependents
}
