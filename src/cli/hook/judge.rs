//! Judges files of a state, and compares what is found with other states.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;

use anyhow::Result;

use crate::cli::args::Selection;
use crate::cli::session::Session;
use crate::discover;
use crate::engine;
use crate::engine::Ahead;
use crate::engine::Exports;
use crate::engine::Handed;
use crate::engine::Options;
use crate::engine::Watches;
use crate::engine::beyond;
use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Severity;
use crate::finding::Standing;
use crate::git::Change;
use crate::git::Tree;
use crate::language;
use crate::shelf::Shelf;
use crate::source::Span;

use super::affected;
use super::commit::Commit;
use super::commit::Parent;
use super::settings::Settings;

/// What a pointer of git's extension for large files begins with: the file itself is elsewhere.
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// What is new, and how much is not.
#[derive(Default)]
pub(super) struct Verdict {
    pub(super) scan: Scan,
    /// How many findings in the same files are old.
    pub(super) passed_over: usize,
    /// The files that were judged though the commit leaves them alone.
    pub(super) elsewhere: BTreeSet<PathBuf>,
}

impl Verdict {
    /// Adds what was found in other files.
    pub(super) fn add(&mut self, other: Scan) {
        self.scan.findings.extend(other.findings);
        self.scan.problems.extend(other.problems);
        self.scan.sources.extend(other.sources);
    }
}

/// Judges files of a state.
pub(super) struct Judge<'a> {
    session: &'a Session,
    settings: Settings,
    watches: Watches,
    threads: usize,
    ahead: Arc<Ahead>,
}

impl<'a> Judge<'a> {
    /// Whoever judges by these settings.
    pub(super) fn new(session: &'a Session, settings: Settings) -> Self {
        let watches = engine::watches(&settings.config, &settings.rules);
        let threads = engine::threads(session.threads);
        // The two who judge outline too; before them, git has both of two cores.
        let ahead = Ahead::new(Arc::clone(&watches), threads.saturating_sub(2));
        Self { session, settings, watches, threads, ahead: Arc::new(ahead) }
    }

    /// The settings.
    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Reads what will be asked for where some changes will be in the commit; `base` is what they are made to.
    pub(super) fn expect(&self, base: &Tree, changes: &[Change]) {
        let listed = |paths: &mut dyn Iterator<Item = &PathBuf>| {
            discover::listed(&self.settings.config, paths.cloned().collect())
        };
        let (before, after) = (base.with(&[]).told(changes), base.with(changes));
        let own = changes.iter().filter(|change| change.after.is_some());
        let mut likely = BTreeSet::new();
        after.prepare_each(&listed(&mut own.map(|change| &change.path)), &mut |path, bytes| {
            self.ahead.add(path, bytes);
            if self.matters(path, bytes) {
                likely.insert(path.to_path_buf());
            }
        });
        let is_likely = |source: &Path| {
            let change = changes.iter().find(|change| change.source() == source);
            change.is_some_and(|change| likely.contains(&change.path))
        };
        let sources = changes.iter().filter(|change| change.before.is_some() && change.after.is_some());
        let sources = listed(&mut sources.map(Change::source));
        before.prepare_each(&sources, &mut |path, bytes| {
            if is_likely(path) {
                self.ahead.add(path, bytes);
            }
        });
        before.prepare_folders(&sources);
    }

    /// Judges a commit's own files, and compares what is found with each parent.
    pub(super) fn commit(&self, commit: &Commit) -> Result<Verdict> {
        let (own, found, mut guessed) = self.both(commit)?;
        let Found { scan, mut handed } = found;
        if commit.parents.len() > 1 {
            // What one branch uses may get its meaning from another.
            handed = self.handed(&commit.files, &all_changed(commit))?;
        }
        let suspects = paths(scan.findings.iter().filter(|finding| finding.standing == Standing::New));
        if suspects.is_empty() && handed.is_empty() {
            return Ok(Verdict { scan, ..Verdict::default() });
        }
        // First each file by itself, which mostly suffices.
        let mut known = vec![false; scan.findings.len()];
        let mut gained = Vec::new();
        for parent in &commit.parents {
            let changed = parent.changed();
            let mut own = handed.clone();
            own.retain(|path, _| changed.contains(path));
            let sources = parent.sources(&|path| suspects.contains(path) || own.contains_key(path));
            let earlier = match guessed.take_if(|(guess, _)| sources.is_subset(guess)) {
                Some((_, found)) => found,
                None => self.find(&parent.files, self.judged(&parent.files, &sources))?,
            };
            let compared = Compared { parent, changed: &changed, may_move: &|_| false };
            compared.know(&scan, &earlier, &mut known);
            affected::lose(&mut own, &earlier.handed, parent);
            gained.push(own);
        }
        let mut old = Vec::new();
        let new = split(&scan, &known, &mut old);
        // Whoever is refused anyway is told of other files when he tries again.
        let is_refused = new.iter().any(|(.., severity)| *severity >= Severity::Error);
        let elsewhere = if is_refused { BTreeSet::new() } else { self.elsewhere(commit, gained)? };
        if new.is_empty() && elsewhere.is_empty() {
            let scan = Scan { findings: settled(&scan), ..scan };
            return Ok(Verdict { scan, passed_over: old.len(), ..Verdict::default() });
        }
        let scan_of =
            |files: &BTreeSet<PathBuf>| self.scan(Some(commit.files.clone()), files.iter().cloned().collect());
        let seemingly = files(&new);
        let together = || self.together(commit, &scan, &elsewhere);
        let (together, guessed) = engine::beside(together, || elsewhere.is_empty().then(|| scan_of(&seemingly)));
        let (whole, known) = together?;
        let whole = whole.as_ref().unwrap_or(&scan);
        let is_own: BTreeSet<&PathBuf> = own.iter().collect();
        let mut old = Vec::new();
        let mut new = split(whole, &known, &mut old);
        new.retain(|(path, ..)| is_own.contains(path) || elsewhere.contains(path));
        old.retain(|(path, ..)| is_own.contains(path));
        // How to fix it is asked only of what is new.
        let files = files(&new);
        let mut shown = match guessed {
            Some(guessed) if files == seemingly => guessed?,
            _ => scan_of(&files)?,
        };
        shown.findings.retain(|finding| new.contains(&place(finding)));
        shown.problems = scan.problems;
        let baselined = shown.findings.iter().filter(|finding| finding.standing == Standing::Baselined).count();
        Ok(Verdict { scan: shown, passed_over: old.len() + baselined, elsewhere })
    }

    /// Judges all files together, given what was found in a commit's own: what moved within a merged branch is told only
    /// by all that it changed. Gives back what is found, unless that is the same, and of each whether a parent has it.
    fn together(
        &self,
        commit: &Commit,
        own: &Scan,
        elsewhere: &BTreeSet<PathBuf>,
    ) -> Result<(Option<Scan>, Vec<bool>)> {
        let mut all = all_changed(commit);
        all.extend(elsewhere.iter().cloned());
        let whole = if all == commit.changed() {
            None
        } else {
            Some(self.find(&commit.files, self.judged(&commit.files, &all))?.scan)
        };
        let found = whole.as_ref().unwrap_or(own);
        let mut known = vec![false; found.findings.len()];
        for parent in &commit.parents {
            let with = |mut paths: BTreeSet<PathBuf>| {
                paths.extend(elsewhere.iter().cloned());
                paths
            };
            let sources = with(parent.sources(&|_| true));
            let earlier = self.find(&parent.files, self.judged(&parent.files, &sources))?;
            let compared = Compared { parent, changed: &with(parent.changed()), may_move: &|_| true };
            compared.know(found, &earlier, &mut known);
        }
        Ok((whole, known))
    }

    /// The files in which names mean something that they mean in no parent, given what has come to be handed on since
    /// each: those that are different or mean something else in comparison with every parent, but for a commit's own.
    fn elsewhere(&self, commit: &Commit, gained: Vec<Handed>) -> Result<BTreeSet<PathBuf>> {
        let mut elsewhere: Option<BTreeSet<PathBuf>> = None;
        if gained.iter().all(Handed::is_empty) {
            return Ok(BTreeSet::new());
        }
        for (parent, gained) in commit.parents.iter().zip(gained) {
            let mut own = affected::files(self, commit, parent, gained)?;
            own.extend(parent.changed());
            elsewhere = Some(match elsewhere {
                Some(others) => own.intersection(&others).cloned().collect(),
                None => own,
            });
        }
        let changed = commit.changed();
        let mut elsewhere = elsewhere.unwrap_or_default();
        elsewhere.retain(|path| !changed.contains(path));
        Ok(elsewhere)
    }

    /// What has come to be handed on since a parent, of what seems to have.
    pub(super) fn gained(&self, parent: &Parent, mut gained: Handed) -> Result<Handed> {
        if !gained.is_empty() {
            let sources = parent.sources(&|path| gained.contains_key(path));
            affected::lose(&mut gained, &self.handed(&parent.files, &sources)?, parent);
        }
        Ok(gained)
    }

    /// What files hand on to others.
    pub(super) fn handed(&self, files: &Arc<Tree>, paths: &BTreeSet<PathBuf>) -> Result<Handed> {
        let paths = self.judged(files, paths);
        let options = Options { exports: Exports::All, ..self.options(Some(Arc::clone(files)), paths) };
        Ok(self.find_with(&options)?.handed)
    }

    /// Finds in a commit's own files, and meanwhile in those files of its only parent that will probably be asked for.
    fn both(&self, commit: &Commit) -> Result<(Vec<PathBuf>, Found, Option<Guess>)> {
        let [parent] = commit.parents.as_slice() else {
            let own = self.judged(&commit.files, &commit.changed());
            // Nobody else is at work meanwhile.
            let options = self.options(Some(Arc::clone(&commit.files)), own.clone());
            let found = self.find_with(&Options { threads: self.threads, ..options })?;
            return Ok((own, found, None));
        };
        let sources = OnceLock::new();
        let earlier = || {
            self.ahead.work_until(&|| sources.get().is_some());
            let Some(sources) = sources.get() else { return Ok(Found::default()) };
            let paths = self.judged(&parent.files, sources);
            // All at once: the others are asked what they imported.
            let asked = parent.sources(&|_| true).into_iter().collect();
            parent.files.prepare(&discover::listed(&self.settings.config, asked));
            self.find_with(&self.options(Some(Arc::clone(&parent.files)), paths))
        };
        let (earlier, (own, found)) = engine::beside(earlier, || {
            let own = self.judged(&commit.files, &commit.changed());
            _ = sources.set(self.likely(commit, parent, &own));
            self.ahead.wake();
            let exports = Exports::New(vec![parent.earlier()]);
            let options = Options { exports, ..self.options(Some(Arc::clone(&commit.files)), own.clone()) };
            (own, self.find_with(&options))
        });
        Ok((own, found?, Some((sources.into_inner().unwrap_or_default(), earlier?))))
    }

    /// The files of a parent that will probably be asked for: those of files in which something may be found.
    fn likely(&self, commit: &Commit, parent: &Parent, own: &[PathBuf]) -> BTreeSet<PathBuf> {
        let matters = |path: &Path| commit.files.read(path).is_some_and(|bytes| self.matters(path, &bytes));
        let likely: BTreeSet<&Path> = own.iter().map(PathBuf::as_path).filter(|path| matters(path)).collect();
        parent.sources(&|path| likely.contains(path))
    }

    /// Whether something may be found in a text.
    fn matters(&self, path: &Path, text: &[u8]) -> bool {
        let Some(language) = language::by_path(path) else { return false };
        let watch = self.watches.iter().find(|(id, _)| *id == language.id()).map(|(_, watch)| watch);
        watch.is_some_and(|watch| language.glance(text, watch).matters)
    }

    /// The files that this program looks at.
    pub(super) fn judged(&self, files: &Arc<Tree>, paths: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
        let mut judged = discover::listed(&self.settings.config, paths.iter().cloned().collect());
        files.prepare_each(&judged, &mut |path, bytes| self.ahead.add(path, bytes));
        judged.retain(|path| !files.read(path).is_some_and(|bytes| bytes.starts_with(POINTER)));
        judged
    }

    /// Judges files as they lie in the work tree.
    pub(super) fn work_tree(&self, paths: &[PathBuf]) -> Result<Scan> {
        self.scan(None, discover::listed(&self.settings.config, paths.to_vec()))
    }

    /// Finds, and tells how to fix it.
    fn scan(&self, files: Option<Arc<Tree>>, paths: Vec<PathBuf>) -> Result<Scan> {
        if paths.is_empty() {
            return Ok(Scan::default());
        }
        let options = Options { baseline: self.settings.baseline.clone(), ..self.options(files, paths) };
        Ok(engine::scan(&self.settings.config, &self.settings.rules, &options, &|| ())?)
    }

    /// Finds.
    pub(super) fn find(&self, files: &Arc<Tree>, paths: Vec<PathBuf>) -> Result<Found> {
        self.find_with(&self.options(Some(Arc::clone(files)), paths))
    }

    fn find_with(&self, options: &Options) -> Result<Found> {
        if options.paths.is_empty() {
            return Ok(Found::default());
        }
        let (scan, handed) = engine::find_handed(&self.settings.config, &self.settings.rules, options)?;
        Ok(Found { scan, handed })
    }

    fn options(&self, files: Option<Arc<Tree>>, paths: Vec<PathBuf>) -> Options {
        let shelf = files.map(|files| -> Arc<dyn Shelf> { files });
        let watches = Some(Arc::clone(&self.watches));
        let ahead = Some(Arc::clone(&self.ahead));
        // Two of these run at the same time.
        let threads = self.threads.div_ceil(2);
        Options { paths, shelf, threads, watches, ahead, ..self.session.options(&Selection::default()) }
    }
}

/// What is found in files, and what they hand on to others.
#[derive(Default)]
pub(super) struct Found {
    scan: Scan,
    pub(super) handed: Handed,
}

/// Files of a parent, and what is found in them.
type Guess = (BTreeSet<PathBuf>, Found);

/// A parent that findings are compared with.
struct Compared<'a> {
    parent: &'a Parent,
    /// The files that findings may be new in.
    changed: &'a BTreeSet<PathBuf>,
    /// Whether what a file of the parent has may have moved to another.
    may_move: &'a dyn Fn(&Path) -> bool,
}

impl Compared<'_> {
    /// Notes which findings the parent has.
    fn know(&self, scan: &Scan, earlier: &Found, known: &mut [bool]) {
        let tally = beyond::tally(&earlier.scan, &|path| self.parent.renamed(path));
        let now = beyond::known(scan, &tally, &|path| self.changed.contains(path), self.may_move);
        for (known, now) in known.iter_mut().zip(now) {
            *known |= now;
        }
    }
}

/// Where a finding is, and what.
type Place = (PathBuf, Span, Arc<str>, Severity);

/// The files that are new or different in comparison with some parent.
fn all_changed(commit: &Commit) -> BTreeSet<PathBuf> {
    commit.parents.iter().flat_map(Parent::changed).collect()
}

fn place(finding: &Finding) -> Place {
    (finding.path.to_path_buf(), finding.span, Arc::clone(&finding.rule), finding.severity)
}

fn paths<'a>(findings: impl Iterator<Item = &'a Finding>) -> BTreeSet<PathBuf> {
    findings.map(|finding| finding.path.to_path_buf()).collect()
}

/// The files that places lie in.
fn files(places: &[Place]) -> BTreeSet<PathBuf> {
    places.iter().map(|(path, ..)| path.clone()).collect()
}

/// Returns where the findings are that stand and are not known; those that are known go to `old`.
fn split(scan: &Scan, known: &[bool], old: &mut Vec<Place>) -> Vec<Place> {
    let mut new = Vec::new();
    for (finding, known) in scan.findings.iter().zip(known).filter(|(finding, _)| finding.standing == Standing::New) {
        if *known { old.push(place(finding)) } else { new.push(place(finding)) }
    }
    new
}

/// The findings that do not stand.
fn settled(scan: &Scan) -> Vec<Finding> {
    scan.findings.iter().filter(|finding| finding.standing != Standing::New).cloned().collect()
}
