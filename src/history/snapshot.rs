//! One state of a repository's files, which becomes the next one by what a commit changed.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::RwLockReadGuard;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::discover;
use crate::discover::Sieve;
use crate::git::Change;
use crate::git::Mode;
use crate::git::ObjectId;
use crate::git::Objects;
use crate::shelf::Entry;
use crate::shelf::Shelf;

/// A state, and what was asked about it.
#[derive(Debug)]
pub(super) struct Snapshot {
    objects: Arc<Objects>,
    state: RwLock<State>,
    /// Paths whose bytes or presence somebody asked for, apart from looks at files.
    asked: Mutex<FxHashSet<OsString>>,
}

#[derive(Debug)]
struct State {
    /// Every entry by its path.
    entries: FxHashMap<OsString, Held>,
    /// Every folder, and what lies directly in it.
    folders: FxHashMap<OsString, BTreeSet<OsString>>,
    /// The files that are looked at, sorted.
    looked_at: BTreeSet<OsString>,
    sieve: Sieve,
}

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Held {
    /// A regular file.
    File(ObjectId),
    /// A link, or another repository.
    Other,
}

impl Held {
    fn file(&self) -> Option<&ObjectId> {
        match self {
            Self::File(id) => Some(id),
            Self::Other => None,
        }
    }
}

/// What a change of the state means.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// Whether there are other folders, others are passed over, or something that was asked for is another.
    pub(super) moves: bool,
    /// Whether other files are looked at.
    pub(super) lists: bool,
    /// The files that are looked at, or were, and have come, gone, or got other texts.
    pub(super) changed: BTreeSet<PathBuf>,
}

impl Snapshot {
    /// A state without files.
    pub(super) fn new(objects: Arc<Objects>, sieve: Sieve) -> Self {
        let state =
            State { entries: FxHashMap::default(), folders: FxHashMap::default(), looked_at: BTreeSet::new(), sieve };
        Self { objects, state: RwLock::new(state), asked: Mutex::default() }
    }

    /// Makes it the next state.
    pub(super) fn apply(&self, changes: &[Change], step: &mut Step) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sifts = false;
        for change in changes {
            let after = change.after.as_ref().map(|blob| match blob.mode {
                Mode::File { .. } => Held::File(Arc::clone(&blob.id)),
                Mode::Folder | Mode::Other => Held::Other,
            });
            if discover::is_ignore_file(&change.path) {
                let text = after.as_ref().and_then(Held::file).and_then(|id| self.objects.get(id).ok().flatten());
                state.sieve.learn(&change.path, text.as_ref().map(|object| &*object.bytes));
                sifts = true;
            }
            step.moves |= asked.contains(change.path.as_os_str());
            let was_looked_at = state.looked_at.contains(change.path.as_os_str());
            step.moves |= state.set(&change.path, after);
            let is_looked_at = state.looked_at.contains(change.path.as_os_str());
            step.lists |= is_looked_at != was_looked_at;
            if was_looked_at || is_looked_at {
                step.changed.insert(change.path.clone());
            }
        }
        if sifts {
            step.moves |= state.sift();
        }
    }

    /// Forgets what was asked: the next scan asks anew.
    pub(super) fn forget_asked(&self) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, path: &Path) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if !asked.contains(path.as_os_str()) {
            asked.insert(path.as_os_str().to_owned());
        }
    }
}

impl State {
    /// Puts an entry at a path, or takes it away; tells whether other folders are there.
    fn set(&mut self, path: &Path, entry: Option<Held>) -> bool {
        let is_file = matches!(entry, Some(Held::File(_)));
        let before = match entry {
            Some(entry) => self.entries.insert(path.as_os_str().to_owned(), entry),
            None => self.entries.remove(path.as_os_str()),
        };
        let is_there = self.entries.contains_key(path.as_os_str());
        let moves = match (before.is_some(), is_there) {
            (false, true) => self.enter(path),
            (true, false) => self.leave(path),
            _ => false,
        };
        let was_looked_at = self.looked_at.contains(path.as_os_str());
        let is_looked_at = is_file && if was_looked_at { true } else { self.sieve.passes(path) };
        if is_looked_at != was_looked_at {
            if is_looked_at {
                self.looked_at.insert(path.as_os_str().to_owned());
            } else {
                self.looked_at.remove(path.as_os_str());
            }
        }
        moves
    }

    fn enter(&mut self, path: &Path) -> bool {
        let mut inner = path;
        for folder in path.ancestors().skip(1) {
            let entries = self.folders.entry(folder.as_os_str().to_owned()).or_default();
            entries.insert(inner.as_os_str().to_owned());
            if entries.len() > 1 {
                return inner != path;
            }
            inner = folder;
        }
        true
    }

    fn leave(&mut self, path: &Path) -> bool {
        let mut inner = path;
        for folder in path.ancestors().skip(1) {
            let Some(entries) = self.folders.get_mut(folder.as_os_str()) else { break };
            entries.remove(inner.as_os_str());
            if !entries.is_empty() {
                return inner != path;
            }
            self.folders.remove(folder.as_os_str());
            inner = folder;
        }
        true
    }

    /// Asks of every file whether it is looked at; tells whether others are than before.
    fn sift(&mut self) -> bool {
        let files = self.entries.iter().filter(|(_, entry)| entry.file().is_some()).map(|(path, _)| path);
        let passing = files.filter(|path| self.sieve.passes(Path::new(path))).cloned();
        let before = std::mem::replace(&mut self.looked_at, passing.collect());
        before != self.looked_at
    }

    fn blob(&self, path: &OsStr) -> Option<&ObjectId> {
        self.entries.get(path)?.file()
    }
}

impl Shelf for Snapshot {
    fn read(&self, path: &Path) -> Option<Arc<[u8]>> {
        self.ask(path);
        self.peek(path)
    }

    fn peek(&self, path: &Path) -> Option<Arc<[u8]>> {
        let id = self.identity(path)?;
        Some(self.objects.get(&id).ok()??.bytes)
    }

    fn identity(&self, path: &Path) -> Option<Arc<str>> {
        self.state().blob(path.as_os_str()).cloned()
    }

    fn walked(&self) -> Option<Vec<PathBuf>> {
        Some(self.state().looked_at.iter().map(PathBuf::from).collect())
    }

    fn has_file(&self, path: &Path) -> bool {
        self.ask(path);
        self.state().blob(path.as_os_str()).is_some()
    }

    fn has_folder(&self, path: &Path) -> bool {
        self.state().folders.contains_key(path.as_os_str())
    }

    /// Folders, and the files that are looked at: what cannot come or go without notice.
    fn entries(&self, folder: &Path) -> Vec<Entry> {
        let state = self.state();
        let inner = state.folders.get(folder.as_os_str()).into_iter().flatten();
        let entry = |path: &OsString| {
            if state.folders.contains_key(path) {
                return Some(Entry::Folder(path.into()));
            }
            state.looked_at.contains(path).then(|| Entry::File(path.into()))
        };
        inner.filter_map(entry).collect()
    }

    fn prepare(&self, paths: &[PathBuf]) {
        self.objects.forget();
        let state = self.state();
        let ids: Vec<&str> = paths.iter().filter_map(|path| state.blob(path.as_os_str())).map(|id| &**id).collect();
        // What cannot be read now cannot be read later, and is told then.
        let _ = self.objects.fetch(&ids);
    }

    fn prepare_folders(&self, _: &[PathBuf]) {}
}
