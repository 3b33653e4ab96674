//! How far the migration was at each commit.
//!
//! The numbers of a commit are those of a scan of its checkout, with the configuration and the rules of today. One state
//! becomes the next by what a commit changed; where that cannot change a number, the numbers are carried over, and
//! otherwise only texts are read that no state before had.

pub mod pace;
mod snapshot;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;
use crate::discover::Sieve;
use crate::engine;
use crate::engine::EngineError;
use crate::engine::Options;
use crate::engine::Replay;
use crate::git::Change;
use crate::git::Commit;
use crate::git::GitError;
use crate::git::ObjectId;
use crate::git::Objects;
use crate::git::Repository;
use crate::rule::Rule;
use crate::store::StoreError;
use crate::store::history::Known;
use crate::sums::Sums;

use snapshot::Snapshot;
use snapshot::Step;

/// Where git's own folder says which files are to be ignored.
const EXCLUDE: &str = "info/exclude";

/// A thread is worth its start for so many commits.
const COMMITS_FOR_A_THREAD: usize = 200;

/// What is to be read.
#[derive(Debug)]
pub struct Request<'a> {
    /// Today's configuration.
    pub config: &'a Config,
    /// Today's rules.
    pub rules: &'a [Rule],
    /// The repository that the project lies in.
    pub repository: &'a Repository,
    /// Take one of so many commits; the last one is always among them.
    pub every: usize,
    /// How many threads; 0 for as many as there are cores.
    pub threads: usize,
}

/// The numbers of the commits that first parents lead to, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// One for each commit that was asked for.
    pub points: Vec<Point>,
    /// How many of them had to be read; what was known of the others suffices.
    pub read: usize,
}

/// How far the migration was at one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The commit.
    pub commit: ObjectId,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    /// Its numbers; the error says why a scan of it ends without any.
    pub sums: Result<Sums, String>,
}

/// What stops the reading.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// git cannot be asked.
    #[error(transparent)]
    Git(#[from] GitError),
    /// git knows the project's folder by another path, as through a link.
    #[error("git knows `{}` by another path, in `{}`", .project.display(), .repository.display())]
    Elsewhere {
        /// The project.
        project: PathBuf,
        /// The repository, as git knows it.
        repository: PathBuf,
    },
    /// No state of the project can be scanned.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// There is no place for what is learnt.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads the history, and keeps what this run learns for the next one. `progress` is told of every commit that was read,
/// and how many of them there are; the error in what comes back says why nothing could be kept.
///
/// # Errors
///
/// When git fails.
pub fn read(
    request: &Request<'_>,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<(History, io::Result<()>), HistoryError> {
    let key = key(request.config, request.rules, request.repository)?;
    let mut known = Known::open(&request.config.root, &key)?;
    let history = read_further(request, &mut known, progress)?;
    Ok((history, known.save()))
}

/// What the numbers of a commit depend on besides the commit itself. Numbers that hold for one key hold for no other.
fn key(config: &Config, rules: &[Rule], repository: &Repository) -> Result<String, GitError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    hasher.update(format!("{config:?}{rules:?}").as_bytes());
    hasher.update(&Sieve::said_outside(&repository.path(EXCLUDE)?));
    Ok(hasher.finalize().to_hex().chars().take(16).collect())
}

/// Reads the history. `known` is what earlier runs learnt, and learns what this one does.
fn read_further(
    request: &Request<'_>,
    known: &mut Known,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<History, HistoryError> {
    let repository = request.repository;
    let project = &request.config.root;
    if !project.starts_with(repository.root()) {
        return Err(HistoryError::Elsewhere { project: project.clone(), repository: repository.root().to_path_buf() });
    }
    let Some(head) = repository.commit("HEAD")? else { return Ok(History::default()) };
    let commits = if known.is_empty() {
        repository.first_parents_with_changes(&head, None)?
    } else {
        repository.first_parents(&head)?
    };
    let last = commits.len().saturating_sub(1);
    let is_asked_for = |index: usize| index.is_multiple_of(request.every.max(1)) || index == last;
    let is_open = |(index, commit): &(usize, &Commit)| is_asked_for(*index) && known.get(&commit.id).is_none();
    let mut read = BTreeMap::new();
    if let Some((first, _)) = commits.iter().enumerate().find(is_open) {
        let open = Open::new(request, known, &commits, first)?;
        let count = (first..commits.len()).filter(|index| is_asked_for(*index)).count();
        read = open.read(&is_asked_for, &|| progress(count))?;
    }
    let mut history = History { read: read.len(), ..History::default() };
    for (commit, sums) in read {
        known.learn(commit, sums);
    }
    for (_, commit) in commits.iter().enumerate().filter(|(index, _)| is_asked_for(*index)) {
        let Some(sums) = known.get(&commit.id).cloned() else { continue };
        history.points.push(Point { commit: Arc::clone(&commit.id), time: commit.time, sums });
    }
    Ok(history)
}

/// The commits from the first one on that nothing is known of.
struct Open<'a> {
    request: &'a Request<'a>,
    known: &'a Known,
    /// The files before these commits.
    before: Vec<Change>,
    /// The commits, each with its changes.
    commits: Vec<Commit>,
    /// How many commits there are before.
    first: usize,
    objects: Arc<Objects>,
    exclude: PathBuf,
}

type Read = BTreeMap<ObjectId, Result<Sums, String>>;

impl<'a> Open<'a> {
    fn new(request: &'a Request<'a>, known: &'a Known, commits: &[Commit], first: usize) -> Result<Self, HistoryError> {
        let repository = request.repository;
        let parent = first.checked_sub(1).and_then(|before| commits.get(before)).map(|commit| &*commit.id);
        let before = parent.map_or(Ok(Vec::new()), |parent| repository.files_of(parent))?;
        let last = commits.last().map_or("HEAD", |commit| &*commit.id);
        let is_told = commits.iter().any(|commit| !commit.changes.is_empty());
        let commits = if is_told {
            commits.iter().skip(first).cloned().collect()
        } else {
            repository.first_parents_with_changes(last, parent)?
        };
        let objects = Arc::new(repository.objects()?);
        let exclude = repository.path(EXCLUDE)?;
        Ok(Self { request, known, before, commits, first, objects, exclude })
    }

    /// Reads them on all threads, each of which goes through a part of the time.
    fn read(
        &self,
        is_asked_for: &(dyn Fn(usize) -> bool + Sync),
        progress: &(dyn Fn() + Sync),
    ) -> Result<Read, HistoryError> {
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let threads = if self.request.threads == 0 { cores() } else { self.request.threads };
        let parts = threads.min(self.commits.len() / COMMITS_FOR_A_THREAD).max(1);
        let bounds = bounds(self.commits.len(), parts);
        let work = |(start, end): (usize, usize)| self.part(start, end, threads / parts, is_asked_for, progress);
        let parts: Vec<Result<Read, HistoryError>> = std::thread::scope(|scope| {
            let handles: Vec<_> = bounds.into_iter().map(|bounds| scope.spawn(move || work(bounds))).collect();
            let join = |handle: std::thread::ScopedJoinHandle<'_, _>| match handle.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            handles.into_iter().map(join).collect()
        });
        let mut read = Read::new();
        for part in parts {
            read.extend(part?);
        }
        Ok(read)
    }

    fn part(
        &self,
        start: usize,
        end: usize,
        threads: usize,
        is_asked_for: &(dyn Fn(usize) -> bool + Sync),
        progress: &(dyn Fn() + Sync),
    ) -> Result<Read, HistoryError> {
        let config = self.request.config;
        let sieve = Sieve::new(config, self.request.repository.root(), &self.exclude);
        let snapshot = Arc::new(Snapshot::new(Arc::clone(&self.objects), sieve));
        let options = Options {
            cwd: config.root.clone(),
            shelf: Some(Arc::clone(&snapshot) as Arc<dyn crate::shelf::Shelf>),
            threads,
            ..Options::default()
        };
        snapshot.apply(&self.before, &mut Step::default());
        let read = engine::replay(config, self.request.rules, &options, |replay| {
            let mut read = Read::new();
            let mut walk = Walk { replay, snapshot: &snapshot, step: Step::default(), lists: false, last: None };
            for (index, commit) in self.commits.iter().enumerate().take(end) {
                snapshot.apply(&commit.changes, &mut walk.step);
                if index < start || !is_asked_for(self.first + index) {
                    continue;
                }
                if self.known.get(&commit.id).is_none() {
                    read.insert(Arc::clone(&commit.id), walk.sums());
                }
                progress();
            }
            read
        });
        Ok(read?)
    }
}

/// Goes from one state to the next.
struct Walk<'a> {
    replay: &'a Replay<'a>,
    snapshot: &'a Snapshot,
    /// What has changed since the last scan.
    step: Step,
    /// Whether other files are looked at than in the last scan.
    lists: bool,
    last: Option<Result<Sums, String>>,
}

impl Walk<'_> {
    /// The numbers of the state as it is now.
    fn sums(&mut self) -> Result<Sums, String> {
        let changed: Vec<&Path> = self.step.changed.iter().map(PathBuf::as_path).collect();
        self.lists |= self.step.lists;
        if !self.step.moves
            && let Some(last) = &self.last
            && self.replay.is_alike(&changed)
        {
            self.step = Step::default();
            return last.clone();
        }
        if std::mem::take(&mut self.lists) || self.step.moves {
            self.replay.forget_files();
            self.snapshot.forget_asked();
        }
        self.step = Step::default();
        let sums = self.replay.scan().map(|scan| Sums::of(&scan)).map_err(|error| error.to_string());
        self.last = Some(sums.clone());
        sums
    }
}

/// Parts of so many commits that take about as long: the later a commit, the more files it has.
fn bounds(commits: usize, parts: usize) -> Vec<(usize, usize)> {
    let bound = |part: usize| {
        let square = commits.saturating_mul(commits).saturating_mul(part) / parts.max(1);
        square.isqrt().min(commits)
    };
    (0..parts).map(|part| (bound(part), bound(part + 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_cover_everything() {
        assert_eq!(bounds(1000, 2), [(0, 707), (707, 1000)]);
        assert_eq!(bounds(0, 1), [(0, 0)]);
        let parts = bounds(12_345, 7);
        assert!(parts.windows(2).all(|pair| pair[0].1 == pair[1].0));
        assert_eq!((parts[0].0, parts[6].1), (0, 12_345));
    }
}
