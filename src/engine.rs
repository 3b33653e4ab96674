//! The order of the stages.

pub mod beyond;
mod handed;
mod known;
mod migrated;
mod replay;
mod scheduled;
pub mod session;
mod suppress;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::candidate::Candidate;
use crate::config::Config;
use crate::edit::Plan;
use crate::find;
use crate::find::Matcher;
use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Severity;
use crate::finding::Standing;
use crate::finding::Summary;
use crate::finding::fingerprint;
use crate::finding::tokens;
use crate::gather;
use crate::gather::Gathered;
use crate::gather::Looks;
use crate::gather::Memory;
use crate::language::Watch;
use crate::layout::FileId;
use crate::outline::ReferenceId;
use crate::plan::Planner;
use crate::project::Project;
use crate::resolve::Resolver;
use crate::rule::Rule;
use crate::shelf::Shelf;
use crate::source::LanguageId;
use crate::source::Position;
use crate::source::SourceFile;
use crate::tally::Tally;
use crate::triage;

pub use crate::gather::Ahead;
pub use crate::gather::Exports;
pub use handed::Handed;
pub use replay::Replay;
pub use replay::replay;
pub use scheduled::schedule;
pub use suppress::Suppressing;
pub use suppress::suppress;

/// What a run looks at.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where relative paths start. Absolute.
    pub cwd: PathBuf,
    /// What is reported on, and where fixes start; empty for `cwd`. Absolute.
    pub paths: Vec<PathBuf>,
    /// A file whose text comes from standard input: its (absolute) path, and its bytes.
    pub stdin: Option<(PathBuf, Vec<u8>)>,
    /// Rules to look for; empty for all.
    pub select: Vec<String>,
    /// Rules not to look for.
    pub ignore: Vec<String>,
    /// Languages to look at; empty for all.
    pub languages: Vec<LanguageId>,
    /// Findings that are known already, their paths relative to the project; `None` where there is no baseline.
    pub baseline: Option<Tally>,
    /// Where files are read from instead of the work tree.
    pub shelf: Option<Arc<dyn Shelf>>,
    /// Threads to use; 0 for as many as there are cores.
    pub threads: usize,
    /// What [`watches`] gave, where several runs share it.
    pub watches: Option<Watches>,
    /// Which names others may import from the files reported on, where the whole project is not read.
    pub exports: Exports,
    /// Who outlines the files reported on ahead, where anybody does.
    pub ahead: Option<Arc<Ahead>>,
}

/// What to look for in the texts of each language.
pub type Watches = Arc<[(LanguageId, Watch)]>;

/// What these rules look for, for runs that share it.
pub fn watches(config: &Config, rules: &[Rule]) -> Watches {
    gather::watches(config, rules).into()
}

/// How `fix` goes about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// Whether unsafe fixes are wanted too.
    pub unsafe_fixes: bool,
    /// Whether to plan as if a missing factory were there.
    pub assume_factory: bool,
}

/// What a scan with `fix` in mind gives: all that a scan says, and what would be written.
#[derive(Debug, Default)]
pub struct Fixing {
    /// The scan, with fixes as they are in the plan.
    pub scan: Scan,
    /// What would be written.
    pub plan: Plan,
    /// Findings that the plan leaves because their language has no factory.
    pub without_factory: usize,
}

impl Fixing {
    /// Whether nothing at all could be fixed because there is no factory.
    pub fn is_without_factory(&self) -> bool {
        self.without_factory > 0 && self.plan.changes.is_empty() && self.plan.held.is_empty()
    }
}

/// What stops a run before it starts.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A path that does not exist.
    #[error("no such file or folder: `{}`", .0.display())]
    Missing(PathBuf),
    /// The factory's module exists twice.
    #[error("the factory `{module}` is found twice: `{}` and `{}`", .first.display(), .second.display())]
    AmbiguousFactory {
        /// Its name.
        module: String,
        /// The first place.
        first: PathBuf,
        /// The second place.
        second: PathBuf,
    },
}

/// How many threads are used where so many are asked for; 0 asks for as many as there are cores.
pub fn threads(asked: usize) -> usize {
    match asked {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
        threads => threads,
    }
}

/// Scans, and says what was found. `progress` is told of every file that was looked at.
///
/// # Errors
///
/// When a path does not exist, or the factory's module is found twice.
pub fn scan(
    config: &Config,
    rules: &[Rule],
    options: &Options,
    progress: &(dyn Fn() + Sync),
) -> Result<Scan, EngineError> {
    on_large_stack(|| scan_here(config, rules, options, progress))
}

/// Finds, and says what was found, but not how to fix it: findings have no fix, and no reason for that.
///
/// # Errors
///
/// As for [`scan`].
pub fn find(config: &Config, rules: &[Rule], options: &Options) -> Result<Scan, EngineError> {
    found(config, rules, options, |_, _| ()).map(|(scan, ())| scan)
}

/// The same, and what the files reported on hand on to others.
///
/// # Errors
///
/// As for [`scan`].
pub fn find_handed(config: &Config, rules: &[Rule], options: &Options) -> Result<(Scan, Handed), EngineError> {
    found(config, rules, options, handed::on)
}

fn found<T: Send>(
    config: &Config,
    rules: &[Rule],
    options: &Options,
    more: impl FnOnce(&Resolver<'_>, &[Rule]) -> T + Send,
) -> Result<(Scan, T), EngineError> {
    on_large_stack(|| {
        let run = Run::new(config, rules, options, false)?;
        let mut gathered = run.gather(&|| ())?;
        let judged = run.judge(&mut gathered);
        let (scan, _) = run.report(&gathered, &judged, None);
        let resolver = Resolver::knowing(&gathered.project, std::mem::take(&mut gathered.known));
        Ok((scan, more(&resolver, &run.rules)))
    })
}

thread_local! {
    /// Whether this thread has a large stack.
    static IS_LARGE: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` where long chains of re-exports can be followed: on a thread of its own, unless this is such a one.
pub(crate) fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if IS_LARGE.get() {
        return work();
    }
    beside(work, || ()).0
}

/// Runs `work` as [`on_large_stack`] does, on a thread of its own, and `own` meanwhile on this one.
pub(crate) fn beside<T: Send, O>(work: impl FnOnce() -> T + Send, own: impl FnOnce() -> O) -> (T, O) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(gather::STACK);
        let work = || {
            IS_LARGE.set(true);
            work()
        };
        let running = thread.spawn_scoped(scope, work).unwrap_or_else(|error| {
            let error: Box<dyn std::any::Any + Send> = Box::new(format!("cannot start a thread: {error}"));
            std::panic::resume_unwind(error)
        });
        let own = own();
        (running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), own)
    })
}

fn scan_here(
    config: &Config,
    rules: &[Rule],
    options: &Options,
    progress: &(dyn Fn() + Sync),
) -> Result<Scan, EngineError> {
    let scanned = Run::new(config, rules, options, false)?.scan(progress)?;
    Ok(scanned.scan)
}

/// Scans, and plans what `fix` would write. `agrees`, if there is one, is shown each fix by itself, and may
/// decline it.
///
/// # Errors
///
/// As for [`scan`].
pub fn fix(
    config: &Config,
    rules: &[Rule],
    options: &Options,
    mode: Mode,
    agrees: Option<&mut (dyn FnMut(&Plan) -> bool + Send)>,
    progress: &(dyn Fn() + Sync),
) -> Result<Fixing, EngineError> {
    on_large_stack(|| fix_here(config, rules, options, mode, agrees, progress))
}

fn fix_here(
    config: &Config,
    rules: &[Rule],
    options: &Options,
    mode: Mode,
    agrees: Option<&mut (dyn FnMut(&Plan) -> bool + Send)>,
    progress: &(dyn Fn() + Sync),
) -> Result<Fixing, EngineError> {
    let run = Run::new(config, rules, options, true)?;
    let (fixing, _) = run.fix(mode, None, agrees, progress)?;
    Ok(fixing)
}

/// What the stages share.
struct Run<'a> {
    config: &'a Config,
    rules: Cow<'a, [Rule]>,
    known: Vec<Arc<str>>,
    options: &'a Options,
    paths: Vec<PathBuf>,
    watches: Watches,
    whole: bool,
    looks: Option<&'a Looks>,
    memory: Option<&'a Memory>,
}

/// Where a finding starts, which tells it from others: an absolute path, a notebook's cell, and the position in it.
pub type Place = (PathBuf, Option<u32>, Position);

/// The place of a finding.
pub fn place(finding: &Finding) -> Place {
    (finding.path.to_path_buf(), finding.cell, finding.start)
}

/// A scan, and what it was made from.
struct Scanned {
    scan: Scan,
    gathered: Gathered,
    /// The calls of the factory, by file.
    sites: BTreeMap<FileId, usize>,
}

/// Candidates and where they stand, one standing each.
struct Judged {
    candidates: Vec<Candidate>,
    standings: Vec<Standing>,
    /// Calls that are migrated, by file.
    migrated: BTreeMap<FileId, usize>,
}

/// What was gathered and judged, and what plans fixes of it.
struct Prepared<'r> {
    gathered: &'r Gathered,
    judged: &'r Judged,
    resolver: &'r Resolver<'r>,
    matcher: &'r Matcher<'r>,
    planner: Planner<'r>,
}

impl<'a> Run<'a> {
    fn new(config: &'a Config, rules: &'a [Rule], options: &'a Options, whole: bool) -> Result<Self, EngineError> {
        let mut paths = options.paths.clone();
        if paths.is_empty() && options.stdin.is_none() {
            paths.push(options.cwd.clone());
        }
        let is_given = |path: &PathBuf| options.stdin.as_ref().is_some_and(|(given, _)| given == path);
        let is_there = |path: &PathBuf| options.shelf.is_some() || crate::discover::exists(path);
        if let Some(missing) = paths.iter().find(|path| !is_given(path) && !is_there(path)) {
            return Err(EngineError::Missing(missing.clone()));
        }
        let selected = |rule: &Rule| {
            let named = |list: &[String]| list.iter().any(|id| **id == *rule.id);
            (options.select.is_empty() || named(&options.select))
                && !named(&options.ignore)
                && rule.severity != Severity::Off
        };
        let known = rules.iter().map(|rule| Arc::clone(&rule.id)).collect();
        let watches = options.watches.clone().unwrap_or_else(|| watches(config, rules));
        let rules = if rules.iter().all(selected) {
            Cow::Borrowed(rules)
        } else {
            rules.iter().filter(|rule| selected(rule)).cloned().collect()
        };
        let whole = whole || paths.iter().any(|path| config.root.starts_with(path));
        Ok(Self { config, rules, known, options, paths, watches, whole, looks: None, memory: None })
    }

    /// Gathers and judges, and lets `work` plan; gives back all that there was to plan with.
    fn prepared<T>(
        &self,
        assume_factory: bool,
        progress: &(dyn Fn() + Sync),
        work: impl FnOnce(Prepared<'_>) -> T,
    ) -> Result<(T, Gathered, Judged), EngineError> {
        let mut gathered = self.gather(progress)?;
        let judged = self.judge(&mut gathered);
        let known = std::mem::take(&mut gathered.known);
        let resolver = Resolver::knowing(&gathered.project, known);
        let matcher = Matcher::new(&self.rules);
        let Judged { candidates, standings, .. } = &judged;
        let planner = Planner::new(&resolver, &matcher, &self.config.context, candidates, standings, assume_factory);
        let ready = Prepared { gathered: &gathered, judged: &judged, resolver: &resolver, matcher: &matcher, planner };
        let done = work(ready);
        drop(resolver);
        Ok((done, gathered, judged))
    }

    /// Scans.
    fn scan(&self, progress: &(dyn Fn() + Sync)) -> Result<Scanned, EngineError> {
        let (mut scan, gathered, judged) = self.prepared(true, progress, |ready| {
            let (scan, _) = self.report(ready.gathered, ready.judged, Some(&ready.planner));
            scan
        })?;
        self.settle(&mut scan);
        Ok(Scanned { scan, gathered, sites: judged.migrated })
    }

    /// Scans, and plans what `fix` would write, starting from the findings at some places, or from all.
    fn fix(
        &self,
        mode: Mode,
        only: Option<&BTreeSet<Place>>,
        agrees: Option<&mut (dyn FnMut(&Plan) -> bool + Send)>,
        progress: &(dyn Fn() + Sync),
    ) -> Result<(Fixing, Gathered), EngineError> {
        let (fixing, gathered, _) = self.prepared(mode.assume_factory, progress, |ready| {
            let Prepared { gathered, judged, mut planner, .. } = ready;
            let in_scope = |index: usize| {
                let Some(candidate) = judged.candidates.get(index) else { return false };
                let Some(file) = gathered.project.file(candidate.file).filter(|file| file.reported) else {
                    return false;
                };
                let place = || {
                    let (source, start) = (file.source.as_ref()?, candidate.span.start);
                    let cell = source.cell(start).map(|cell| cell.number);
                    Some((file.path.to_path_buf(), cell, source.position(start)))
                };
                only.is_none_or(|only| place().is_some_and(|place| only.contains(&place)))
            };
            let plan = planner.plan(mode.unsafe_fixes, &in_scope, agrees, &self.watches);
            let (mut scan, _) = self.report(gathered, judged, Some(&planner));
            self.settle(&mut scan);
            Fixing { scan, plan, without_factory: planner.without_factory }
        })?;
        Ok((fixing, gathered))
    }

    fn request(&self) -> gather::Request<'_> {
        gather::Request {
            config: self.config,
            rules: &self.rules,
            watches: &self.watches,
            paths: &self.paths,
            given: self.options.stdin.as_ref(),
            shelf: self.options.shelf.as_ref(),
            looks: self.looks,
            whole: self.whole,
            languages: &self.options.languages,
            threads: threads(self.options.threads),
            memory: self.memory,
            shallow: gather::Near::default(),
            exports: &self.options.exports,
            ahead: self.options.ahead.as_deref(),
        }
    }

    fn gather(&self, progress: &(dyn Fn() + Sync)) -> Result<Gathered, EngineError> {
        let gathered = gather::gather(&self.request(), progress);
        gathered.map_err(|gather::Ambiguous { module, first, second }| EngineError::AmbiguousFactory {
            module,
            first,
            second,
        })
    }

    /// Finds and judges.
    fn judge(&self, gathered: &mut Gathered) -> Judged {
        let resolver = Resolver::knowing(&gathered.project, std::mem::take(&mut gathered.known));
        let (mut candidates, migrated) = self.find(&resolver);
        gathered.known = resolver.into_known();
        let files: Vec<FileId> = candidates.iter().map(|candidate| candidate.file).collect();
        gathered.problems.extend(gather::reload(
            &mut gathered.project,
            &files,
            self.options.shelf.as_ref(),
            self.looks,
        ));
        let is_known = |id: &str| self.known.iter().any(|known| **known == *id);
        let standings = triage::judge(&gathered.project, &self.rules, &mut candidates, &is_known);
        Judged { candidates, standings, migrated }
    }

    /// Finds what rules object to, and counts the calls that are migrated.
    fn find(&self, resolver: &Resolver<'_>) -> (Vec<Candidate>, BTreeMap<FileId, usize>) {
        let matcher = Matcher::new(&self.rules);
        let mut candidates = find::candidates(resolver, &matcher);
        let migrated = migrated::count(resolver, &self.watches);
        if !migrated.is_empty() {
            let everything = |_: FileId, _: ReferenceId| true;
            candidates.extend(find::stale_patches(resolver, &matcher, &everything));
        }
        (candidates, migrated)
    }

    /// Turns candidates into findings, sorted by path and position; says of each which candidate it was.
    fn report(&self, gathered: &Gathered, judged: &Judged, planner: Option<&Planner<'_>>) -> (Scan, Vec<usize>) {
        let project = &gathered.project;
        let mut scan = Scan::default();
        let mut places = Vec::new();
        let mut order: Vec<usize> = (0..judged.candidates.len()).collect();
        let key = |index: &usize| {
            let candidate = judged.candidates.get(*index)?;
            Some((project.file(candidate.file)?.path.to_path_buf(), candidate.span, candidate.rule))
        };
        order.sort_by_cached_key(key);
        for index in order {
            let Some(candidate) = judged.candidates.get(index) else { continue };
            let Some(file) = project.file(candidate.file).filter(|file| file.reported) else { continue };
            let Some(source) = &file.source else { continue };
            let Some(rule) = self.rules.get(candidate.rule) else { continue };
            let standing = judged.standings.get(index).cloned().unwrap_or(Standing::New);
            let tokens = tokens(source.slice(candidate.span));
            let is_suppressed = matches!(standing, Standing::Suppressed { .. });
            let (fix, held_back, note) = match planner.map(|planner| (planner, planner.outcome(index))) {
                Some((planner, Ok(proposal))) => match planner.fix(index) {
                    Some(fix) => (Some(fix), None, proposal.note.clone()),
                    None => (None, Some("its edits contradict each other".to_owned()), None),
                },
                Some((_, Err(why))) => (None, Some(why.to_owned()), None),
                None => (None, None, None),
            };
            places.push(index);
            scan.findings.push(Finding {
                rule: Arc::clone(&rule.id),
                severity: rule.severity,
                language: file.language,
                path: Arc::clone(&file.path),
                span: source.within_cell(candidate.span),
                start: source.position(candidate.span.start),
                end: source.position(candidate.span.end),
                cell: source.cell(candidate.span.start).map(|cell| cell.number),
                symbol: candidate.symbol.clone(),
                message: candidate.message.clone(),
                standing,
                fingerprint: fingerprint(&rule.id, &candidate.definition, &tokens),
                fix: fix.filter(|_| !is_suppressed),
                held_back,
                note,
            });
            scan.sources.entry(Arc::clone(&file.path)).or_insert_with(|| Arc::<SourceFile>::clone(source));
        }
        scan.summary = summary(gathered, judged, &scan.findings);
        scan.warnings = self.warnings(project, &scan.findings);
        scan.problems.clone_from(&gathered.problems);
        add_sources(&mut scan, project);
        (scan, places)
    }

    fn warnings(&self, project: &Project, findings: &[Finding]) -> Vec<String> {
        let mut warnings = Vec::new();
        for factory in project.factories.iter().filter(|factory| factory.file.is_none()) {
            let is_own = self.config.factory.get(&factory.language) == Some(&factory.module);
            let has_fix = findings.iter().any(|finding| finding.language == factory.language && finding.fix.is_some());
            if is_own && has_fix {
                let (module, way) = (&factory.module, self.config.way_to_factory());
                warnings.push(format!(
                    "no factory `{module}` in this project: fixes are shown as if it had the default functions; {way}"
                ));
            }
        }
        warnings
    }
}

/// Adds the files that fixes lie in to those that findings lie in.
fn add_sources(scan: &mut Scan, project: &Project) {
    let edits = scan.findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits);
    let mut wanted: Vec<FileId> = edits.filter_map(|edit| project.layout.file(&edit.path)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    for file in wanted.into_iter().filter_map(|id| project.file(id)) {
        if let Some(source) = &file.source {
            scan.sources.entry(Arc::clone(&file.path)).or_insert_with(|| Arc::<SourceFile>::clone(source));
        }
    }
}

/// The sums of a scan.
fn summary(gathered: &Gathered, judged: &Judged, findings: &[Finding]) -> Summary {
    let mut summary = Summary {
        files_scanned: gathered.scanned,
        files_parsed: gathered.parsed,
        cells_skipped: gathered.cells_skipped,
        migrated_sites: judged.migrated.values().sum(),
        ..Summary::default()
    };
    summary.count(findings);
    summary
}
