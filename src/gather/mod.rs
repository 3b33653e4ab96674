#![expect(clippy::disallowed_methods, reason = "files are read here, each once")]
//! Reads the files of a project and outlines those that can matter; no file is parsed twice.
//!
//! The first look is at bytes: a file that holds no literal of a rule leaves only a sketch of its imports. Whatever
//! imports from a module that hands on a class of the rules is outlined in a second look.

mod ahead;
mod alike;
mod compact;
mod exports;
mod factories;
mod imports;
mod interest;
mod lazily;
mod looks;
mod memory;
mod notebook;
mod reach;
mod setup;
mod surround;
mod turns;

use std::fs::File as Handle;
use std::hash::BuildHasher;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use rustc_hash::FxBuildHasher;

use crate::config::Config;
use crate::finding::Problem;
use crate::finding::ProblemKind;
use crate::language;
use crate::language::Language;
use crate::language::PackedSketch;
use crate::language::Watch;
use crate::layout::FileId;
use crate::outline::Outline;
use crate::project::File;
use crate::project::Project;
use crate::project::Sdk;
use crate::resolve::Known;
use crate::rule::Rule;
use crate::shelf::Earlier;
use crate::shelf::Shelf;
use crate::source::LanguageId;
use crate::source::MAX_BYTES;
use crate::source::Position;
use crate::source::SourceFile;
use crate::source::is_notebook;

pub use ahead::Ahead;
pub use alike::is_alike;
pub use factories::Ambiguous;
pub use imports::Imports;
pub use lazily::warm;
pub use looks::Looks;
pub use memory::Memory;
pub use setup::watches;

use ahead::Made;
use memory::Stamp;
use turns::Turns;

/// Bytes of stack for a thread that parses; committed only as far as they are used.
pub const STACK: usize = 256 * 1024 * 1024;

/// How large the buffer is that files are read into; it grows for larger ones.
const BUFFER: usize = 128 * 1024;

/// How large that buffer may stay.
const MAX_KEPT: usize = 2 * 1024 * 1024;

/// What is to be read.
#[derive(Debug)]
pub struct Request<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The rules.
    pub rules: &'a [Rule],
    /// What to look for, by language.
    pub watches: &'a [(LanguageId, Watch)],
    /// What is reported on, absolute.
    pub paths: &'a [PathBuf],
    /// A file whose text is given.
    pub given: Option<&'a (PathBuf, Vec<u8>)>,
    /// Where files are read from instead of the work tree.
    pub shelf: Option<&'a Arc<dyn Shelf>>,
    /// What was learned of texts on the shelf before, where one state after the other is read.
    pub looks: Option<&'a Looks>,
    /// Whether the whole project is read, whatever is reported on.
    pub whole: bool,
    /// Languages to look at; empty for all.
    pub languages: &'a [LanguageId],
    /// How many threads.
    pub threads: usize,
    /// What earlier runs learnt, where there are any.
    pub memory: Option<&'a Memory>,
    /// What lies near the project's root, once somebody asks.
    pub shallow: Near,
    /// Which names others may import from the files reported on, where not everything is read.
    pub exports: &'a Exports,
    /// Who outlines ahead, where anybody does.
    pub ahead: Option<&'a Ahead>,
}

/// Names that are followed though the file itself does not use them: others may import them from it.
#[derive(Clone, Debug, Default)]
pub enum Exports {
    /// None.
    #[default]
    Unasked,
    /// Those of imports that some earlier state of the file does not have in the same words.
    New(Vec<Earlier>),
    /// All.
    All,
}

/// Which folders near the project's root hold what.
#[derive(Debug, Default)]
pub struct Near {
    folders: OnceLock<lazily::Shallow>,
    packages: OnceLock<lazily::Packages>,
    manifests: lazily::Manifests,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The project.
    pub project: Project,
    /// What could not be read or parsed.
    pub problems: Vec<Problem>,
    /// How many files were looked at among those reported on.
    pub scanned: usize,
    /// How many were parsed among those reported on.
    pub parsed: usize,
    /// How many cells of notebooks were passed over among those reported on.
    pub cells_skipped: usize,
    /// What was learned on the way of where imports lead.
    pub known: Known,
}

/// Reads a project.
///
/// # Errors
///
/// When a factory's module is found twice.
pub fn gather(request: &Request<'_>, progress: &(dyn Fn() + Sync)) -> Result<Gathered, Ambiguous> {
    let (mut gathered, watches) = if let Some((project, watches)) = request.looks.and_then(Looks::start_again) {
        (Gathered { project, ..Gathered::default() }, watches)
    } else {
        let known = request.memory.and_then(Memory::project);
        let gathered = if let Some(known) = known { known } else { setup::project(request)? };
        let watches = setup::with_aliases(request, &gathered.project);
        (gathered, watches)
    };
    let watches = match request.looks {
        Some(looks) => looks.watch(watches),
        None => watches,
    };
    if let Some(memory) = request.memory {
        memory.enter(&gathered, &watches);
    }
    let reader = Reader { request, watches, turns: Turns::default(), progress };
    // The factory first: its signatures are kept, and whatever it imports must not import it.
    factories::closure(&mut gathered, &reader);
    let open = |project: &Project| -> Vec<FileId> {
        let numbered = (0..).zip(&project.files);
        numbered.filter(|(_, file)| file.outline.is_none() && !is_sdk(project, &file.path)).map(|(id, _)| id).collect()
    };
    let mut dismissed = lazily::Dismissed::default();
    if request.is_lazy() {
        let reported = |id: &FileId| gathered.project.file(*id).is_some_and(|file| file.reported);
        let first: Vec<FileId> = open(&gathered.project).into_iter().filter(reported).collect();
        let (own, others) = lazily::parted(&gathered.project, &first);
        let looked = reader.look(&gathered.project, &others, Depth::Outline);
        take(&mut gathered, looked);
        let looked = reader.look(&gathered.project, &own, Depth::Uncut);
        take(&mut gathered, looked);
        lazily::surround_early(request, &mut gathered.project, &own);
    } else {
        let first = open(&gathered.project);
        let looked = reader.look(&gathered.project, &first, Depth::Glance);
        let mut matter = take(&mut gathered, looked);
        // The largest first: their syntax trees are gone before there are many outlines.
        matter.sort_unstable_by_key(|&(id, size)| (std::cmp::Reverse(size), id));
        let matter: Vec<FileId> = matter.into_iter().map(|(id, _)| id).collect();
        let looked = reader.look(&gathered.project, &matter, Depth::Outline);
        take(&mut gathered, looked);
    }
    let mut interest = interest::Interest::new(request.is_lazy());
    loop {
        let mut wanted = interest.wanted(&gathered.project, request.rules);
        if request.is_lazy() {
            wanted.extend(dismissed.wanted(request, &gathered.project));
            wanted.sort_unstable();
            wanted.dedup();
            surround::surround(request, &mut gathered.project, &wanted);
            interest.start_again();
        }
        if wanted.is_empty() {
            break;
        }
        let looked = reader.look(&gathered.project, &wanted, Depth::Outline);
        take(&mut gathered, looked);
    }
    gathered.known = interest.take_known();
    if let Some(looks) = request.looks {
        looks.learn_index(interest.into_index(&gathered.project));
    }
    if let Some(memory) = request.memory {
        memory.leave(&gathered.project);
    }
    for file in gathered.project.files.iter_mut().filter(|_| request.looks.is_none()) {
        file.sketch = PackedSketch::default();
    }
    let reported = gathered.project.files.iter().filter(|file| file.reported);
    gathered.scanned = reported.clone().count();
    gathered.parsed = reported.clone().filter(|file| file.outline.is_some()).count();
    gathered.cells_skipped = reported.map(|file| file.skipped_cells as usize).sum();
    gathered.problems.retain(|problem| {
        gathered
            .project
            .layout
            .file(&problem.path)
            .is_none_or(|id| gathered.project.file(id).is_some_and(|file| file.reported))
    });
    gathered.problems.sort();
    gathered.problems.dedup();
    Ok(gathered)
}

fn is_sdk(project: &Project, path: &Path) -> bool {
    let may_be = |sdk: &Sdk| {
        let module = sdk.module.as_os_str().as_encoded_bytes();
        path.as_os_str().as_encoded_bytes().starts_with(module)
    };
    let is_module = |module: &Path| !is_notebook(path) && path.with_extension("") == *module;
    let mut sdks = project.sdks.iter().filter(|sdk| may_be(sdk));
    sdks.any(|sdk| path.starts_with(&sdk.module) || is_module(&sdk.module))
}

/// How much of a file is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// Its names, if it holds anything that matters.
    Glance,
    /// Its names.
    Outline,
    /// Its names, and what its functions take.
    Signatures,
    /// Its names, with those that lead out of the project: nobody knows yet which do. No memory keeps it.
    Uncut,
}

/// What a look at one file gave.
#[derive(Clone, Debug)]
enum Looked {
    Sketched(PackedSketch),
    /// It must be outlined; how large it is.
    Matters(usize),
    /// A notebook in a language that is not built in: how many cells it has.
    Foreign(u32),
    Outlined(Arc<Outline>, Text),
    Failed(Box<Problem>),
}

/// The text of an outlined file, or what is left of it.
#[derive(Clone, Debug)]
enum Text {
    Kept(Arc<SourceFile>),
    Dropped(LanguageId, u64),
}

/// Takes what was learned; gives back the files that must be outlined, and how large they are.
fn take(gathered: &mut Gathered, looked: Vec<(FileId, Looked)>) -> Vec<(FileId, usize)> {
    let mut matter = Vec::new();
    for (id, looked) in looked {
        let Some(file) = gathered.project.files.get_mut(id as usize) else { continue };
        match looked {
            Looked::Sketched(sketch) => file.sketch = sketch,
            Looked::Matters(size) => matter.push((id, size)),
            Looked::Foreign(cells) => file.skipped_cells = cells,
            Looked::Outlined(outline, text) => {
                let (language, source, digest) = match text {
                    Text::Kept(source) => (source.language(), Some(source), None),
                    Text::Dropped(language, digest) => (language, None, Some(digest)),
                };
                for trouble in &outline.problems {
                    let position = source.as_ref().map(|source| source.position(trouble.offset));
                    gathered.problems.push(Problem {
                        path: file.path.to_path_buf(),
                        position: position.unwrap_or(Position { line: 1, column: 1 }),
                        kind: trouble.kind,
                        message: trouble.message.clone(),
                    });
                }
                file.language = language;
                file.skipped_cells = outline.skipped_cells;
                file.sketch = PackedSketch::default();
                file.outline = Some(outline);
                file.source = source;
                file.digest = digest;
            }
            Looked::Failed(problem) => {
                // It shall not be looked at again.
                file.outline = Some(Arc::default());
                gathered.problems.push(*problem);
            }
        }
    }
    matter
}

/// Says that a text is larger than what is read.
fn too_large(size: usize) -> String {
    let limit = MAX_BYTES / (1024 * 1024);
    format!("{} MiB are more than the {limit} MiB that are read", size / (1024 * 1024))
}

/// Whether a file's text is asked for even where nothing is found in it. That of others is read again when it must be:
/// all of them together take more memory than all outlines.
fn is_surely_asked(outline: &Outline) -> bool {
    !outline.problems.is_empty() || !outline.suppressions.is_empty() || !outline.patches.is_empty()
}

/// An outline, and its text if that is surely asked for.
fn outlined(outline: Outline, source: SourceFile, is_given: bool) -> Looked {
    let is_kept = is_given || is_surely_asked(&outline);
    let text = if is_kept { None } else { Some(Text::Dropped(source.language(), digest(&source))) };
    Looked::Outlined(Arc::new(outline), text.unwrap_or_else(|| Text::Kept(Arc::new(source))))
}

/// A buffer of this size with what it holds already.
fn grown(mut buffer: Vec<u8>, size: usize) -> Vec<u8> {
    buffer.reserve_exact(size - buffer.len());
    buffer.resize(size, 0);
    buffer
}

fn digest(source: &SourceFile) -> u64 {
    FxBuildHasher.hash_one(source.bytes())
}

/// Reads again the texts of files that were outlined and turned out to be asked for.
pub fn reload(
    project: &mut Project,
    files: &[FileId],
    shelf: Option<&Arc<dyn Shelf>>,
    looks: Option<&Looks>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for &id in files {
        let Some(file) = project.files.get_mut(id as usize) else { continue };
        let (None, Some(before)) = (&file.source, file.digest) else { continue };
        if let (Some(shelf), Some(looks)) = (shelf, looks)
            && let Some(source) = looks.source(shelf.as_ref(), &file.path)
        {
            file.source = Some(source);
            continue;
        }
        let shelved = shelf.and_then(|shelf| shelf.read(&file.path));
        let read = match shelved {
            Some(bytes) => Ok(SourceFile::from_bytes(file.path.to_path_buf(), file.language, bytes.to_vec())),
            None => SourceFile::read(&file.path, file.language),
        };
        let failure = match read {
            Ok(source) if digest(&source) == before => {
                file.source = Some(Arc::new(source));
                continue;
            }
            Ok(_) => "it changed while it was being read; run again".to_owned(),
            Err(error) => error.to_string(),
        };
        let position = Position { line: 1, column: 1 };
        let path = file.path.to_path_buf();
        problems.push(Problem { path, position, kind: ProblemKind::Unreadable, message: failure });
    }
    problems
}

/// Reads and outlines files.
struct Reader<'a> {
    request: &'a Request<'a>,
    watches: Vec<(LanguageId, Watch)>,
    turns: Turns,
    progress: &'a (dyn Fn() + Sync),
}

impl Reader<'_> {
    /// Looks at files on all threads, save those that were looked at before.
    fn look(&self, project: &Project, ids: &[FileId], depth: Depth) -> Vec<(FileId, Looked)> {
        if let Some(memory) = self.request.memory {
            let (mut all, unknown) = memory.recall(project, ids, depth);
            if !unknown.is_empty() {
                all.extend(self.read_all(project, &unknown, depth));
            }
            return all;
        }
        let (Some(looks), Some(shelf)) = (self.request.looks, self.request.shelf) else {
            return self.read_all(project, ids, depth);
        };
        let (mut all, unknown) = looks.recall(shelf.as_ref(), project, ids, depth);
        for ids in unknown.chunks(looks::AT_ONCE) {
            let paths = ids.iter().filter_map(|&id| project.file(id)).map(|file| file.path.to_path_buf());
            shelf.prepare(&paths.collect::<Vec<_>>());
            let looked = self.read_all(project, ids, depth);
            for (id, looked) in &looked {
                looks.learn(shelf.as_ref(), project, *id, depth, looked);
            }
            all.extend(looked);
        }
        all
    }

    fn read_all(&self, project: &Project, ids: &[FileId], depth: Depth) -> Vec<(FileId, Looked)> {
        if ids.is_empty() {
            return Vec::new();
        }
        let next = AtomicUsize::new(0);
        let threads = self.request.threads.max(1).min(ids.len().max(1));
        let mut all = Vec::with_capacity(ids.len());
        thread::scope(|scope| {
            let work = || {
                let mut buffer = Vec::new();
                let mut found = Vec::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&id) = ids.get(index) else { return found };
                    let Some(file) = project.file(id) else { continue };
                    let stamp = self.request.memory.and_then(|_| Stamp::of(&file.path));
                    let looked = self.look_at(project, file, depth, &mut buffer);
                    if let Some(memory) = self.request.memory {
                        memory.learn(&file.path, stamp, depth, &looked);
                    }
                    // What matters is looked at once more.
                    if !matches!(looked, Looked::Matters(_)) {
                        (self.progress)();
                    }
                    found.push((id, looked));
                    if buffer.len() > MAX_KEPT {
                        buffer = Vec::new();
                    }
                }
            };
            // Whoever reads from a shelf has a stack for it.
            let is_enough = self.request.is_lazy() || (threads == 1 && self.request.looks.is_some());
            let handles: Vec<_> = (usize::from(is_enough)..threads)
                .filter_map(|_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok())
                .collect();
            if is_enough {
                all = work();
            }
            for handle in handles {
                all.extend(handle.join().unwrap_or_default());
            }
        });
        all
    }

    fn look_at(&self, project: &Project, file: &File, depth: Depth, buffer: &mut Vec<u8>) -> Looked {
        let fail = |kind: ProblemKind, message: String| {
            let position = Position { line: 1, column: 1 };
            Looked::Failed(Box::new(Problem { path: file.path.to_path_buf(), position, kind, message }))
        };
        if is_notebook(&file.path) {
            return self.look_at_notebook(project, file, depth, buffer);
        }
        let Some((language, watch)) = self.language(file.language) else {
            return Looked::Sketched(PackedSketch::default());
        };
        let size = match self.read(&file.path, buffer) {
            Ok(size) => size,
            Err(error) => return fail(ProblemKind::Unreadable, error.to_string()),
        };
        let bytes = buffer.get(..size).unwrap_or_default();
        if u64::try_from(size).unwrap_or(u64::MAX) > MAX_BYTES {
            if !language.glance(bytes, watch).matters {
                return Looked::Sketched(PackedSketch::default());
            }
            return fail(ProblemKind::TooLarge, too_large(size));
        }
        if depth == Depth::Glance {
            let glance = language.glance(bytes, watch);
            if glance.matters {
                return Looked::Matters(size);
            }
            return Looked::Sketched(PackedSketch::from(&glance.sketch));
        }
        let made = self.request.ahead.and_then(|ahead| ahead.take(&file.path, bytes, watch));
        if let Some(made) = made {
            return self.settle(project, made, language, depth);
        }
        let source = SourceFile::from_bytes(file.path.to_path_buf(), file.language, bytes.to_vec());
        self.outline(project, source, (language, watch), depth)
    }

    /// The language with this id, and what to look for in it.
    fn language(&self, id: LanguageId) -> Option<(&'static dyn Language, &Watch)> {
        let (_, watch) = self.watches.iter().find(|(known, _)| *known == id)?;
        Some((language::by_id(id)?, watch))
    }

    /// Outlines a file.
    fn outline(
        &self,
        project: &Project,
        source: SourceFile,
        (language, watch): (&dyn Language, &Watch),
        depth: Depth,
    ) -> Looked {
        let _turn = self.turns.take(source.text().len());
        let outline = language::outline(language, &source, watch);
        self.settle(project, (outline, source), language, depth)
    }

    /// Drops from an outline what this project has no use for.
    fn settle(&self, project: &Project, (mut outline, source): Made, language: &dyn Language, depth: Depth) -> Looked {
        let is_given = self.request.given.is_some_and(|(given, _)| **given == *source.path());
        if depth == Depth::Uncut && self.request.looks.is_none() {
            return outlined(outline, source, is_given);
        }
        let requests = self.request.looks.map(|_| compact::Requests::of(&outline));
        let leads = compact::Leads::of(&outline, language, source.path(), project);
        if depth != Depth::Uncut {
            compact::compact(&mut outline, &leads, depth == Depth::Signatures);
        }
        let (Some(looks), Some(shelf), Some(requests)) = (self.request.looks, self.request.shelf, requests) else {
            return outlined(outline, source, is_given);
        };
        let is_kept = is_given || is_surely_asked(&outline);
        let outline = Arc::new(outline);
        let source = Arc::new(source);
        let text =
            if is_kept { Text::Kept(Arc::clone(&source)) } else { Text::Dropped(source.language(), digest(&source)) };
        let looked = Looked::Outlined(outline, text);
        looks.learn_outline(shelf.as_ref(), &source, depth, (requests, leads), &looked);
        looked
    }

    /// Reads a file into a buffer that the next file will use again, and gives back how long it is; what follows in the
    /// buffer is of other files.
    fn read(&self, path: &Path, buffer: &mut Vec<u8>) -> io::Result<usize> {
        if let Some((given, bytes)) = self.request.given
            && given == path
        {
            buffer.clone_from(bytes);
            return Ok(bytes.len());
        }
        if let Some(shelf) = self.request.shelf {
            *buffer = shelf.peek(path).ok_or(io::ErrorKind::NotFound)?.to_vec();
            return Ok(buffer.len());
        }
        let mut handle = Handle::open(path)?;
        let mut length = 0;
        loop {
            if length == buffer.len() {
                // Only a large file's size is asked for: its buffer shall not be twice as large.
                let size = if length == 0 { 0 } else { handle.metadata()?.len() };
                let size = usize::try_from(size).unwrap_or(0) + 1;
                *buffer = grown(std::mem::take(buffer), size.max(length + BUFFER));
            }
            match handle.read(buffer.get_mut(length..).unwrap_or_default()) {
                Ok(0) => return Ok(length),
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}
