//! What was learned of texts, for whoever reads one state of a project after the other.
//!
//! A look at a file is a function of its path, its bytes, of what is looked for, and, where it was outlined, of which of
//! its requests lead to something ([`super::compact::Leads`]). So it is taken again wherever all of these are the same;
//! everything else is worked out anew for each state, in the same way as without looks.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use rustc_hash::FxHashMap;

use crate::language;
use crate::language::Watch;
use crate::layout::FileId;
use crate::project::Project;
use crate::shelf::Shelf;
use crate::source::LanguageId;
use crate::source::SourceFile;

use super::Depth;
use super::Looked;
use super::alike::Scanned;
use super::compact::Leads;
use super::compact::Requests;
use super::interest::Index;
use super::setup;

/// How many files are read at once; their bytes are held meanwhile.
pub(super) const AT_ONCE: usize = 2048;

/// After so many states, what none of them had is forgotten.
const STATES_KEPT: u32 = 512;

/// Looks at the texts of earlier states.
#[derive(Debug, Default)]
pub struct Looks(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// By the name of the bytes: one for each path and depth.
    known: FxHashMap<Arc<str>, Vec<Known>>,
    /// The last state, and what was looked for.
    scanned: Option<Scanned>,
    /// What is of interest in the state that is being scanned.
    index: Option<Index>,
    watches: Vec<(LanguageId, Watch)>,
    /// How many states there were.
    state: u32,
}

/// A look at one text.
#[derive(Debug)]
struct Known {
    path: Arc<Path>,
    depth: Depth,
    look: Look,
    /// The last state that had it.
    state: u32,
}

impl Known {
    /// Whether it is of a path. Compared as bytes: paths are compared part by part, and there are many.
    fn is_at(&self, path: &Path, depth: Depth) -> bool {
        self.depth == depth && self.path.as_os_str() == path.as_os_str()
    }
}

#[derive(Debug)]
enum Look {
    /// Whatever the project around it is.
    Plain(Looked),
    Outlined {
        source: Arc<SourceFile>,
        requests: Requests,
        /// By what the requests led to.
        versions: Vec<(Leads, Looked)>,
    },
}

impl Looks {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the files of a state for the next one.
    pub fn keep(&self, project: Project) {
        let mut inner = self.inner();
        inner.scanned = inner.index.take().map(|index| Scanned::new(project, index));
    }

    /// Forgets which files there are, and what manifests say.
    pub fn forget_files(&self) {
        self.inner().scanned = None;
    }

    /// Whether the next state starts from the files of the last one.
    pub fn has_files(&self) -> bool {
        self.inner().scanned.is_some()
    }

    /// The files of the last state and what is looked for in them, if the files are the same; nothing else is known of
    /// them yet.
    pub(super) fn start_again(&self) -> Option<(Project, Vec<(LanguageId, Watch)>)> {
        let mut inner = self.inner();
        let mut project = inner.scanned.take()?.project;
        setup::unread(&mut project);
        Some((project, inner.watches.clone()))
    }

    /// Learns what is looked for; forgets all where that is not what it was. What languages made of it is kept else.
    pub(super) fn watch(&self, watches: Vec<(LanguageId, Watch)>) -> Vec<(LanguageId, Watch)> {
        let mut inner = self.inner();
        inner.state += 1;
        if inner.state.is_multiple_of(STATES_KEPT) {
            let oldest = inner.state - STATES_KEPT;
            inner.known.retain(|_, known| {
                known.retain(|known| known.state >= oldest);
                !known.is_empty()
            });
        }
        let is_same = watches.len() == inner.watches.len()
            && watches
                .iter()
                .zip(&inner.watches)
                .all(|(one, other)| one.0 == other.0 && one.1.aliases == other.1.aliases);
        if !is_same {
            inner.known.clear();
            inner.watches = watches;
        }
        inner.watches.clone()
    }

    /// Looks that were taken before, and files that must be looked at.
    pub(super) fn recall(
        &self,
        shelf: &dyn Shelf,
        project: &Project,
        ids: &[FileId],
        depth: Depth,
    ) -> (Vec<(FileId, Looked)>, Vec<FileId>) {
        let mut inner = self.inner();
        let (mut recalled, mut unknown) = (Vec::with_capacity(ids.len()), Vec::new());
        for &id in ids {
            let path = project.file(id).map(|file| &file.path);
            let found = path.and_then(|path| inner.recall(&shelf.identity(path)?, path, depth, project));
            match found {
                Some(looked) => recalled.push((id, looked)),
                None => unknown.push(id),
            }
        }
        (recalled, unknown)
    }

    /// Notes what a look gave; outlines are noted by [`Looks::learn_outline`].
    pub(super) fn learn(&self, shelf: &dyn Shelf, project: &Project, id: FileId, depth: Depth, looked: &Looked) {
        let Some(path) = project.file(id).map(|file| &file.path) else { return };
        let (Some(identity), false) = (shelf.identity(path), matches!(looked, Looked::Outlined(..))) else { return };
        let mut inner = self.inner();
        let state = inner.state;
        let look = Look::Plain(looked.clone());
        inner.known.entry(identity).or_default().push(Known { path: Arc::clone(path), depth, look, state });
    }

    /// Notes what outlining gave.
    pub(super) fn learn_outline(
        &self,
        shelf: &dyn Shelf,
        source: &Arc<SourceFile>,
        depth: Depth,
        (requests, leads): (Requests, Leads),
        looked: &Looked,
    ) {
        let Some(identity) = shelf.identity(source.path()) else { return };
        let mut inner = self.inner();
        let state = inner.state;
        let known = inner.known.entry(identity).or_default();
        let version = (leads, looked.clone());
        let same = known.iter_mut().find(|known| known.is_at(source.path(), depth));
        if let Some(Known { look: Look::Outlined { versions, .. }, .. }) = same {
            versions.push(version);
            return;
        }
        let look = Look::Outlined { source: Arc::clone(source), requests, versions: vec![version] };
        known.push(Known { path: source.path().into(), depth, look, state });
    }

    /// The text of a file that was outlined.
    pub(super) fn source(&self, shelf: &dyn Shelf, path: &Path) -> Option<Arc<SourceFile>> {
        let identity = shelf.identity(path)?;
        let inner = self.inner();
        inner.known.get(&identity)?.iter().find_map(|known| match &known.look {
            Look::Outlined { source, .. } if known.path.as_os_str() == path.as_os_str() => Some(Arc::clone(source)),
            _ => None,
        })
    }

    /// What is of interest in the state that is being scanned.
    pub(super) fn learn_index(&self, index: Index) {
        self.inner().index = Some(index);
    }

    /// The last state, and what was looked for in it; to be taken back.
    pub(super) fn lend(&self) -> Option<(Scanned, Vec<(LanguageId, Watch)>)> {
        let mut inner = self.inner();
        Some((inner.scanned.take()?, inner.watches.clone()))
    }

    /// Takes back what was lent.
    pub(super) fn take_back(&self, scanned: Scanned) {
        self.inner().scanned = Some(scanned);
    }
}

impl Inner {
    fn recall(&mut self, identity: &str, path: &Path, depth: Depth, project: &Project) -> Option<Looked> {
        let known = self.known.get_mut(identity)?;
        let known = known.iter_mut().find(|known| known.is_at(path, depth))?;
        known.state = self.state;
        match &known.look {
            Look::Plain(looked) => Some(looked.clone()),
            Look::Outlined { source, requests, versions } => {
                let leads = requests.judge(language::by_id(source.language())?, path, project);
                versions.iter().find(|(known, _)| *known == leads).map(|(_, looked)| looked.clone())
            }
        }
    }
}
