#![expect(clippy::disallowed_methods, reason = "whether a file is still what was read is asked of the disk")]
//! What a session keeps between two runs: the look at each file, and which files there are.
//!
//! A look is a function of a file's bytes, of what is looked for, and, where it was outlined, of the project around it
//! ([`super::compact`]). So it is kept until one of these changes; all else is worked out anew by each run, in the same
//! way as without a memory.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::hash::Hash;
use std::hash::Hasher;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::SystemTime;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use rustc_hash::FxHasher;

use crate::finding::Problem;
use crate::language::Watch;
use crate::layout::FileId;
use crate::project::Project;
use crate::source::LanguageId;
use crate::source::SourceFile;

use super::Depth;
use super::Gathered;
use super::Looked;
use super::Text;
use super::setup;
use super::setup::language_of;

/// A file that was written this shortly before it was read may be written again without a sign of it.
const RACE: Duration = Duration::from_secs(2);

/// What earlier runs of a session learnt.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// By path; its bytes are hashed much faster than its parts.
    files: FxHashMap<Arc<OsStr>, Known>,
    /// The files of the last run, where they lie, and what could not be walked.
    project: Option<Project>,
    walked: Vec<Problem>,
    /// What each file of the project imports, where it is known.
    imports: Vec<Option<Vec<FileId>>>,
    /// Hashes of what was looked for, and of the project that outlines were compacted for.
    watched: Option<u64>,
    context: Option<u64>,
    /// Files whose texts say where imports lead, and so what outlines were compacted to.
    leant_on: FxHashSet<PathBuf>,
}

/// What is known of one file.
#[derive(Debug)]
struct Known {
    stamp: Stamp,
    /// By depth.
    looks: [Option<Looked>; 3],
}

/// Tells one state of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    written: Option<SystemTime>,
    /// The file's number, and when that was last given to other bytes; only where there are such things.
    inode: (u64, i64, i64),
    /// Whether it was old enough when it was read that another write would show.
    is_settled: bool,
}

impl Stamp {
    /// The stamp of a file as it is now; `None` where there is no file.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok().filter(Metadata::is_file)?;
        let written = metadata.modified().ok();
        let age = written.and_then(|written| SystemTime::now().duration_since(written).ok());
        Some(Self {
            length: metadata.len(),
            written,
            inode: inode(&metadata),
            is_settled: age.is_some_and(|age| age > RACE),
        })
    }
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> (u64, i64, i64) {
    use std::os::unix::fs::MetadataExt;

    (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> (u64, i64, i64) {
    (0, 0, 0)
}

impl Memory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a path is a file of the last run's project.
    pub fn has_file(&self, path: &Path) -> bool {
        self.inner().project.as_ref().is_some_and(|project| project.layout.has_file(path))
    }

    /// Whether files of the last run's project lie below a path.
    pub fn has_folder(&self, path: &Path) -> bool {
        self.inner().project.as_ref().is_some_and(|project| project.layout.has_folder(path))
    }

    /// Whether the last run asked for the text of a manifest at this path, or below it.
    pub fn has_asked_below(&self, path: &Path) -> bool {
        self.inner().project.as_ref().is_some_and(|project| project.layout.has_asked_below(path))
    }

    /// Whether the last run left its files here.
    pub fn has_project(&self) -> bool {
        self.inner().project.is_some()
    }

    /// Forgets what is known of a file.
    pub fn forget(&self, path: &Path) {
        self.inner().forget(path);
    }

    /// Forgets everything.
    pub fn forget_all(&self) {
        *self.inner() = Inner::default();
    }

    /// Forgets which files there are.
    pub fn forget_project(&self) {
        let mut inner = self.inner();
        inner.project = None;
        // Other files may lie where their imports lead.
        inner.imports.clear();
    }

    /// Forgets every file that is not on the disk as it was read.
    pub fn forget_changed(&self) {
        let mut inner = self.inner();
        let is_same = |path: &OsStr, known: &Known| {
            known.stamp.is_settled && Stamp::of(Path::new(path)).is_some_and(|stamp| stamp == known.stamp)
        };
        let changed = inner.files.iter().filter(|(path, known)| !is_same(path, known));
        let changed: Vec<Arc<OsStr>> = changed.map(|(path, _)| Arc::clone(path)).collect();
        for path in changed {
            inner.forget(Path::new(&path));
        }
    }

    /// Takes back the files of a run, for the next one.
    pub fn keep(&self, project: Project) {
        let mut inner = self.inner();
        for file in &project.files {
            // What a run has read again need not be read by the next one.
            if let (Some(source), Some(_)) = (&file.source, file.digest)
                && let Some(known) = inner.files.get_mut(file.path.as_os_str())
            {
                known.take_text(source);
            }
        }
        inner.project = Some(project);
    }

    /// What each file of the project imports, where it is known.
    pub(super) fn imports(&self) -> Vec<Option<Vec<FileId>>> {
        self.inner().imports.clone()
    }

    /// Keeps what each file of the project imports.
    pub(super) fn keep_imports(&self, imports: Vec<Option<Vec<FileId>>>) {
        self.inner().imports = imports;
    }

    /// Which files there are, if they are as in the last run; nothing in them is known yet.
    pub(super) fn project(&self) -> Option<Gathered> {
        let mut inner = self.inner();
        let mut project = inner.project.take()?;
        setup::unread(&mut project);
        project.layout.ask_anew();
        Some(Gathered { project, problems: inner.walked.clone(), ..Gathered::default() })
    }

    /// Learns which files there are and what is looked for, and drops looks that are not true of these.
    pub(super) fn enter(&self, gathered: &Gathered, watches: &[(LanguageId, Watch)]) {
        let mut inner = self.inner();
        let watched = watched(watches);
        if inner.watched != Some(watched) {
            inner.files.clear();
        }
        let context = context(&gathered.project);
        if inner.context != Some(context) {
            inner.forget_outlines(None);
        }
        inner.watched = Some(watched);
        inner.context = Some(context);
        inner.walked.clone_from(&gathered.problems);
    }

    /// Learns what the looks of a run lean on besides, once they are done.
    pub(super) fn leave(&self, project: &Project) {
        self.inner().leant_on.extend(project.layout.asked());
    }

    /// What is known of files, and which files must be read.
    pub(super) fn recall(
        &self,
        project: &Project,
        ids: &[FileId],
        depth: Depth,
    ) -> (Vec<(FileId, Looked)>, Vec<FileId>) {
        let inner = self.inner();
        let (mut recalled, mut unknown) = (Vec::with_capacity(ids.len()), Vec::new());
        for &id in ids {
            let known = project.file(id).and_then(|file| inner.files.get(file.path.as_os_str()));
            match known.and_then(|known| known.looks.get(depth as usize)?.clone()) {
                Some(looked) => recalled.push((id, looked)),
                None => unknown.push(id),
            }
        }
        (recalled, unknown)
    }

    /// Notes what a look at a file gave, and the file's stamp from before it.
    pub(super) fn learn(&self, path: &Path, stamp: Option<Stamp>, depth: Depth, looked: &Looked) {
        let mut inner = self.inner();
        let Some(stamp) = stamp else {
            inner.files.remove(path.as_os_str());
            return;
        };
        let fresh = || Known { stamp, looks: [None, None, None] };
        if !inner.files.contains_key(path.as_os_str()) {
            inner.files.insert(path.as_os_str().into(), fresh());
        }
        let Some(known) = inner.files.get_mut(path.as_os_str()) else { return };
        if known.stamp != stamp {
            *known = fresh();
        }
        if let Some(look) = known.looks.get_mut(depth as usize) {
            *look = Some(looked.clone());
        }
    }
}

impl Inner {
    fn forget(&mut self, path: &Path) {
        self.files.remove(path.as_os_str());
        if let Some(project) = &mut self.project {
            project.layout.forget_text(path);
            if let Some(own) = project.layout.file(path).and_then(|id| self.imports.get_mut(id as usize)) {
                *own = None;
            }
        }
        if self.leant_on.contains(path) {
            self.forget_outlines(language_of(path));
        }
    }

    /// Forgets what was compacted, of one language or of all.
    fn forget_outlines(&mut self, language: Option<LanguageId>) {
        for (path, known) in &mut self.files {
            if language.is_none() || language == language_of(Path::new(path)) {
                for look in &mut known.looks {
                    look.take_if(|look| !matches!(look, Looked::Sketched(_) | Looked::Matters(_)));
                }
            }
        }
        if language.is_none() {
            self.leant_on.clear();
        }
    }
}

impl Known {
    /// Keeps the text that was dropped after the file was outlined.
    fn take_text(&mut self, source: &Arc<SourceFile>) {
        for look in self.looks.iter_mut().flatten() {
            if let Looked::Outlined(_, text @ Text::Dropped(..)) = look {
                *text = Text::Kept(Arc::clone(source));
            }
        }
    }
}

/// A hash of what is looked for: the project itself may give names to packages.
fn watched(watches: &[(LanguageId, Watch)]) -> u64 {
    let mut hasher = FxHasher::default();
    for (language, watch) in watches {
        (language, &watch.aliases).hash(&mut hasher);
    }
    hasher.finish()
}

/// A hash of all that compacting may ask of a project: its files, the factories, and copies of the SDK.
fn context(project: &Project) -> u64 {
    let mut hasher = FxHasher::default();
    for file in &project.files {
        (file.path.as_os_str(), file.language, file.exempt).hash(&mut hasher);
    }
    project.layout.roots().hash(&mut hasher);
    for factory in &project.factories {
        let file = factory.file.and_then(|file| project.file(file)).map(|file| file.path.as_os_str());
        (factory.language, &factory.module, file, &factory.root).hash(&mut hasher);
    }
    for sdk in &project.sdks {
        (&sdk.module, &sdk.package).hash(&mut hasher);
    }
    hasher.finish()
}
