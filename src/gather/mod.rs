#![expect(clippy::disallowed_methods, reason = "files are read here, each once")]
//! Reads the files of a project and outlines those that can matter; no file is parsed twice.
//!
//! The first look is at bytes: a file that holds no literal of a rule leaves only a sketch of its imports. Whatever
//! imports from a module that hands on a class of the rules is outlined in a second look.

mod compact;
mod imports;
mod interest;
mod lazily;
mod notebook;
mod reach;
mod setup;

use std::fs::File as Handle;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use crate::config::Config;
use crate::finding::Problem;
use crate::finding::ProblemKind;
use crate::language;
use crate::language::Language;
use crate::language::Sketch;
use crate::language::Watch;
use crate::layout::FileId;
use crate::outline::BindingKind;
use crate::outline::Outline;
use crate::outline::Reference;
use crate::outline::Role;
use crate::project::File;
use crate::project::Project;
use crate::rule::Rule;
use crate::shelf::Shelf;
use crate::source::LanguageId;
use crate::source::MAX_BYTES;
use crate::source::Position;
use crate::source::SourceFile;
use crate::source::is_notebook;

pub use imports::Imports;
pub use setup::Ambiguous;
pub use setup::watches;

/// Bytes of stack for a thread that parses; committed only as far as they are used.
pub const STACK: usize = 256 * 1024 * 1024;

/// Bytes from which a file counts as large.
const LARGE: usize = 128 * 1024;

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
    /// Whether the whole project is read, whatever is reported on.
    pub whole: bool,
    /// Languages to look at; empty for all.
    pub languages: &'a [LanguageId],
    /// How many threads.
    pub threads: usize,
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
}

/// Reads a project.
///
/// # Errors
///
/// When a factory's module is found twice.
pub fn gather(request: &Request<'_>, progress: &(dyn Fn() + Sync)) -> Result<Gathered, Ambiguous> {
    let mut gathered = setup::project(request)?;
    let reader = Reader { request, large: Mutex::new(()), progress };
    // The factory first: its signatures are kept, and whatever it imports must not import it.
    setup::factory_closure(&mut gathered, &reader);
    let open = |project: &Project| -> Vec<FileId> {
        let numbered = (0..).zip(&project.files);
        numbered.filter(|(_, file)| file.outline.is_none() && !is_sdk(project, &file.path)).map(|(id, _)| id).collect()
    };
    let mut dismissed = lazily::Dismissed::default();
    if request.is_lazy() {
        let reported = |id: &FileId| gathered.project.file(*id).is_some_and(|file| file.reported);
        let first: Vec<FileId> = open(&gathered.project).into_iter().filter(reported).collect();
        let looked = reader.look(&gathered.project, &first, Depth::Outline);
        take(&mut gathered, looked);
    } else {
        let first = open(&gathered.project);
        let looked = reader.look(&gathered.project, &first, Depth::Glance);
        take(&mut gathered, looked);
    }
    let mut interest = interest::Interest::default();
    loop {
        let mut wanted = interest.wanted(&gathered.project, request.rules);
        if request.is_lazy() {
            wanted.extend(dismissed.wanted(request, &gathered.project));
            wanted.sort_unstable();
            wanted.dedup();
            setup::surround(request, &mut gathered.project, &wanted);
        }
        if wanted.is_empty() {
            break;
        }
        let looked = reader.look(&gathered.project, &wanted, Depth::Outline);
        take(&mut gathered, looked);
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
    let is_module = |module: &Path| !is_notebook(path) && path.with_extension("") == *module;
    project.sdks.iter().any(|sdk| path.starts_with(&sdk.module) || is_module(&sdk.module))
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
}

/// What a look at one file gave.
enum Looked {
    Sketched(Sketch),
    /// A notebook in a language that is not built in: how many cells it has.
    Foreign(u32),
    Outlined(Box<Outline>, Text),
    Failed(Problem),
}

/// The text of an outlined file, or what is left of it.
enum Text {
    Kept(Arc<SourceFile>),
    Dropped(LanguageId, [u8; 32]),
}

fn take(gathered: &mut Gathered, looked: Vec<(FileId, Looked)>) {
    for (id, looked) in looked {
        let Some(file) = gathered.project.files.get_mut(id as usize) else { continue };
        match looked {
            Looked::Sketched(sketch) => file.sketch = sketch,
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
                file.sketch = Sketch::default();
                file.outline = Some(*outline);
                file.source = source;
                file.digest = digest;
            }
            Looked::Failed(problem) => {
                // It shall not be looked at again.
                file.outline = Some(Outline::default());
                gathered.problems.push(problem);
            }
        }
    }
}

/// Says that a text is larger than what is read.
fn too_large(size: usize) -> String {
    let limit = MAX_BYTES / (1024 * 1024);
    format!("{} MiB are more than the {limit} MiB that are read", size / (1024 * 1024))
}

/// Whether a file's text is likely to be asked for: it uses what a rule names, or speaks to somebody.
fn is_likely_asked(outline: &Outline, language: &dyn Language, watch: &Watch) -> bool {
    let names_package = |request: &str| language.canonical(request, &watch.packages).is_some();
    let leads = |import: u32| {
        outline.imports.get(import as usize).is_some_and(|import| {
            names_package(&import.module)
                || import.members.iter().any(|m| import.module.is_empty() && names_package(&m.name))
        })
    };
    let used = |reference: &Reference| {
        !matches!(reference.role, Role::Annotation | Role::Test)
            && reference.roots.iter().any(|&root| {
                matches!(
                    outline.bindings.get(root as usize).map(|binding| &binding.kind),
                    Some(BindingKind::Import(import, _) | BindingKind::Star(import)) if leads(*import)
                )
            })
    };
    !outline.problems.is_empty()
        || !outline.suppressions.is_empty()
        || !outline.patches.is_empty()
        || outline.references.iter().any(used)
}

/// Reads again the texts of files that were outlined and turned out to be asked for.
pub fn reload(project: &mut Project, files: &[FileId], shelf: Option<&Arc<dyn Shelf>>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for &id in files {
        let Some(file) = project.files.get_mut(id as usize) else { continue };
        let (None, Some(digest)) = (&file.source, file.digest) else { continue };
        let shelved = shelf.and_then(|shelf| shelf.read(&file.path));
        let read = match shelved {
            Some(bytes) => Ok(SourceFile::from_bytes(file.path.to_path_buf(), file.language, bytes.to_vec())),
            None => SourceFile::read(&file.path, file.language),
        };
        let failure = match read {
            Ok(source) if *blake3::hash(source.bytes()).as_bytes() == digest => {
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
    /// Held by the thread that parses a large file.
    large: Mutex<()>,
    progress: &'a (dyn Fn() + Sync),
}

impl Reader<'_> {
    /// Looks at files on all threads.
    fn look(&self, project: &Project, ids: &[FileId], depth: Depth) -> Vec<(FileId, Looked)> {
        let next = AtomicUsize::new(0);
        let threads = self.request.threads.max(1).min(ids.len().max(1));
        let mut all = Vec::with_capacity(ids.len());
        std::thread::scope(|scope| {
            let work = || {
                let mut buffer = Vec::new();
                let mut found = Vec::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&id) = ids.get(index) else { return found };
                    let Some(file) = project.file(id) else { continue };
                    found.push((id, self.look_at(project, file, depth, &mut buffer)));
                    (self.progress)();
                }
            };
            let handles: Vec<_> = (0..threads)
                .filter_map(|_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).ok())
                .collect();
            for handle in handles {
                all.extend(handle.join().unwrap_or_default());
            }
        });
        all
    }

    fn look_at(&self, project: &Project, file: &File, depth: Depth, buffer: &mut Vec<u8>) -> Looked {
        let fail = |kind: ProblemKind, message: String| {
            let position = Position { line: 1, column: 1 };
            Looked::Failed(Problem { path: file.path.to_path_buf(), position, kind, message })
        };
        if is_notebook(&file.path) {
            return self.look_at_notebook(project, file, depth, buffer);
        }
        let Some((language, watch)) = self.language(file.language) else {
            return Looked::Sketched(Sketch::default());
        };
        buffer.clear();
        match self.read(&file.path, buffer) {
            Ok(true) => {}
            Ok(false) => {
                let matters = language.glance(buffer, watch).matters;
                let size = buffer.len();
                *buffer = Vec::new();
                if !matters {
                    return Looked::Sketched(Sketch::default());
                }
                return fail(ProblemKind::TooLarge, too_large(size));
            }
            Err(error) => return fail(ProblemKind::Unreadable, error.to_string()),
        }
        if depth == Depth::Glance {
            let glance = language.glance(buffer, watch);
            if !glance.matters {
                return Looked::Sketched(glance.sketch);
            }
        }
        let source = SourceFile::from_bytes(file.path.to_path_buf(), file.language, buffer.clone());
        self.outline(project, source, (language, watch), depth)
    }

    /// The language with this id, and what to look for in it.
    fn language(&self, id: LanguageId) -> Option<(&'static dyn Language, &Watch)> {
        let (_, watch) = self.request.watches.iter().find(|(known, _)| *known == id)?;
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
        // A syntax tree is forty times its text: large ones are grown one at a time.
        let _turn = (source.text().len() > LARGE).then(|| self.large.lock());
        let mut outline = language::outline(language, &source, watch);
        compact::compact(&mut outline, language, source.path(), project, depth == Depth::Signatures);
        let text = if is_likely_asked(&outline, language, watch) {
            Text::Kept(Arc::new(source))
        } else {
            Text::Dropped(source.language(), *blake3::hash(source.bytes()).as_bytes())
        };
        Looked::Outlined(Box::new(outline), text)
    }

    /// Reads a file; `false` where it is larger than what is read.
    fn read(&self, path: &Path, buffer: &mut Vec<u8>) -> std::io::Result<bool> {
        if let Some((given, bytes)) = self.request.given
            && given == path
        {
            buffer.extend_from_slice(bytes);
            return Ok(u64::try_from(bytes.len()).unwrap_or(u64::MAX) <= MAX_BYTES);
        }
        if let Some(shelf) = self.request.shelf {
            let bytes = shelf.read(path).ok_or(std::io::ErrorKind::NotFound)?;
            buffer.extend_from_slice(&bytes);
            return Ok(u64::try_from(bytes.len()).unwrap_or(u64::MAX) <= MAX_BYTES);
        }
        let mut handle = Handle::open(path)?;
        let length = handle.metadata()?.len();
        buffer.reserve(usize::try_from(length.min(1 << 30)).unwrap_or(0) + 1);
        handle.read_to_end(buffer)?;
        Ok(u64::try_from(buffer.len()).unwrap_or(u64::MAX) <= MAX_BYTES)
    }
}
