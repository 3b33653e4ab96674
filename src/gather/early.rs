//! Outlines that need nothing but their texts: they are made while others still ask which files there are.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::Scope;

use crate::language;
use crate::language::Language;
use crate::layout::FileId;
use crate::project::File;
use crate::project::Project;
use crate::source::is_notebook;

use super::Depth;
use super::Looked;
use super::Reader;
use super::Request;
use super::STACK;
use super::turns::Turns;

/// Reported files whose outlines depend on nothing but their texts, and what came of those that were looked at.
#[derive(Debug)]
pub(super) struct Early {
    paths: Vec<PathBuf>,
    next: AtomicUsize,
    found: Mutex<BTreeMap<PathBuf, Looked>>,
}

/// Whether a file's outline depends on nothing but its text.
pub(super) fn is_early(path: &Path) -> bool {
    !is_notebook(path) && language::by_path(path).is_some_and(Language::heeds_asks)
}

impl Early {
    /// The files that can be looked at early.
    pub(super) fn of(request: &Request<'_>) -> Self {
        let is_wanted = |path: &&PathBuf| {
            let language = language::by_path(path).map(Language::id);
            is_early(path) && language.is_some_and(|id| request.languages.is_empty() || request.languages.contains(&id))
        };
        let paths = request.paths.iter().filter(|_| request.is_lazy()).filter(is_wanted);
        Self { paths: paths.cloned().collect(), next: AtomicUsize::new(0), found: Mutex::default() }
    }

    /// Starts to look at them, with all threads but this one.
    pub(super) fn start<'s, 'e: 's>(
        &'e self,
        scope: &'s Scope<'s, 'e>,
        request: &'e Request<'e>,
        progress: &'e (dyn Fn() + Sync),
    ) -> Helpers<'s> {
        let threads = request.threads.min(self.paths.len());
        let start = |_| {
            let work = || {
                let (watches, turns) = (request.watches.to_vec(), Turns::default());
                self.work(&Reader { request, watches, turns, progress });
            };
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok()
        };
        Helpers((1..threads).filter_map(start).collect())
    }

    /// Looks at those that nobody else looks at.
    fn work(&self, reader: &Reader<'_>) {
        let mut buffer = Vec::new();
        let project = Project::default();
        while let Some(path) = self.paths.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let Some(language) = language::by_path(path).map(Language::id) else { continue };
            let file = File::unread(path.as_path().into(), language, true);
            let looked = reader.look_at(&project, &file, Depth::Uncut, &mut buffer);
            self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), looked);
        }
    }

    /// Looks at the rest, and gives back what came of these files.
    pub(super) fn finish(
        &self,
        helpers: Helpers<'_>,
        reader: &Reader<'_>,
        project: &Project,
        ids: &[FileId],
    ) -> Vec<(FileId, Looked)> {
        self.work(reader);
        for helper in helpers.0 {
            helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
        let mut found = std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner));
        let mut unknown = Vec::new();
        let mut all = Vec::with_capacity(ids.len());
        for &id in ids {
            match project.file(id).and_then(|file| found.remove(&*file.path)) {
                Some(looked) => all.push((id, looked)),
                None => unknown.push(id),
            }
        }
        all.extend(reader.look(project, &unknown, Depth::Uncut));
        all
    }
}

/// Threads that look at files.
#[derive(Debug)]
pub(super) struct Helpers<'s>(Vec<thread::ScopedJoinHandle<'s, ()>>);
