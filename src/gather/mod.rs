#![expect(clippy::disallowed_methods, reason = "files are read here, each once")]
//! Reads the files of a project and outlines those that can matter; no file is parsed twice.
//!
//! The first look is at bytes: a file that holds no literal of a rule leaves only a sketch of its imports. Whatever
//! imports from a module that hands on a class of the rules is outlined in a second look.

mod compact;
mod interest;
mod setup;

use std::fs::File as Handle;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use crate::config::Config;
use crate::finding::Problem;
use crate::finding::ProblemKind;
use crate::language;
use crate::language::Sketch;
use crate::language::Watch;
use crate::layout::FileId;
use crate::outline::Outline;
use crate::project::File;
use crate::project::Project;
use crate::rule::Rule;
use crate::source::LanguageId;
use crate::source::MAX_BYTES;
use crate::source::Position;
use crate::source::SourceFile;

pub use setup::Ambiguous;
pub use setup::watches;

/// Bytes of stack for a thread that parses; committed only as far as they are used.
const STACK: usize = 256 * 1024 * 1024;

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
}

/// Reads a project.
///
/// # Errors
///
/// When a factory's module is found twice.
pub fn gather(request: &Request<'_>, progress: &(dyn Fn() + Sync)) -> Result<Gathered, Ambiguous> {
    let mut gathered = setup::project(request)?;
    let reader = Reader { request, progress };
    // The factory first: its signatures are kept, and whatever it imports must not import it.
    setup::factory_closure(&mut gathered, &reader);
    let open = |project: &Project| -> Vec<FileId> {
        let numbered = (0..).zip(&project.files);
        numbered.filter(|(_, file)| file.outline.is_none() && !is_sdk(project, &file.path)).map(|(id, _)| id).collect()
    };
    let first = open(&gathered.project);
    let looked = reader.look(&gathered.project, &first, false);
    take(&mut gathered, looked);
    loop {
        let wanted = interest::wanted(&gathered.project, request.rules);
        if wanted.is_empty() {
            break;
        }
        let looked = reader.look(&gathered.project, &wanted, true);
        take(&mut gathered, looked);
    }
    let reported = gathered.project.files.iter().filter(|file| file.reported);
    gathered.scanned = reported.clone().count();
    gathered.parsed = reported.filter(|file| file.outline.is_some()).count();
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
    project.sdks.iter().any(|sdk| path.starts_with(&sdk.module) || path.with_extension("") == sdk.module)
}

/// What a look at one file gave.
enum Looked {
    Sketched(Sketch),
    Outlined(Box<Outline>, Option<Arc<SourceFile>>),
    Failed(Problem),
}

fn take(gathered: &mut Gathered, looked: Vec<(FileId, Looked)>) {
    for (id, looked) in looked {
        let Some(file) = gathered.project.files.get_mut(id as usize) else { continue };
        match looked {
            Looked::Sketched(sketch) => file.sketch = sketch,
            Looked::Outlined(outline, source) => {
                for trouble in &outline.problems {
                    let position = source.as_ref().map(|source| source.position(trouble.offset));
                    gathered.problems.push(Problem {
                        path: file.path.to_path_buf(),
                        position: position.unwrap_or(Position { line: 1, column: 1 }),
                        kind: trouble.kind,
                        message: trouble.message.clone(),
                    });
                }
                file.sketch = Sketch::default();
                file.outline = Some(*outline);
                file.source = source;
            }
            Looked::Failed(problem) => {
                // It shall not be looked at again.
                file.outline = Some(Outline::default());
                gathered.problems.push(problem);
            }
        }
    }
}

/// Reads and outlines files.
struct Reader<'a> {
    request: &'a Request<'a>,
    progress: &'a (dyn Fn() + Sync),
}

impl Reader<'_> {
    /// Looks at files on all threads. `parse` outlines each, whatever it holds.
    fn look(&self, project: &Project, ids: &[FileId], parse: bool) -> Vec<(FileId, Looked)> {
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
                    found.push((id, self.look_at(project, file, parse, &mut buffer)));
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

    fn look_at(&self, project: &Project, file: &File, parse: bool, buffer: &mut Vec<u8>) -> Looked {
        let fail = |kind: ProblemKind, message: String| {
            let position = Position { line: 1, column: 1 };
            Looked::Failed(Problem { path: file.path.to_path_buf(), position, kind, message })
        };
        let watch = self.request.watches.iter().find(|(language, _)| *language == file.language);
        let (Some(language), Some((_, watch))) = (language::by_id(file.language), watch) else {
            return Looked::Sketched(Sketch::default());
        };
        buffer.clear();
        match self.read(&file.path, buffer) {
            Ok(true) => {}
            Ok(false) => {
                let matters = language.can_match(buffer, watch);
                let size = buffer.len();
                *buffer = Vec::new();
                if !matters {
                    return Looked::Sketched(Sketch::default());
                }
                let limit = MAX_BYTES / (1024 * 1024);
                return fail(
                    ProblemKind::TooLarge,
                    format!("{} MiB are more than the {limit} MiB that are read", size / (1024 * 1024)),
                );
            }
            Err(error) => return fail(ProblemKind::Unreadable, error.to_string()),
        }
        if !parse && !language.can_match(buffer, watch) {
            let mut sketch = language.sketch(buffer);
            sketch.names_class =
                watch.classes.iter().any(|class| memchr::memmem::find(buffer, class.as_bytes()).is_some());
            return Looked::Sketched(sketch);
        }
        let source = SourceFile::from_bytes(file.path.to_path_buf(), file.language, buffer.clone());
        let mut outline = language.outline(&source, watch);
        compact::compact(&mut outline, language, &file.path, project);
        let keep = !outline.references.is_empty()
            || !outline.suppressions.is_empty()
            || !outline.problems.is_empty()
            || !outline.dynamic.is_empty()
            || !outline.patches.is_empty();
        Looked::Outlined(Box::new(outline), keep.then(|| Arc::new(source)))
    }

    /// Reads a file; `false` where it is larger than what is read.
    fn read(&self, path: &Path, buffer: &mut Vec<u8>) -> std::io::Result<bool> {
        if let Some((given, bytes)) = self.request.given
            && given == path
        {
            buffer.extend_from_slice(bytes);
            return Ok(u64::try_from(bytes.len()).unwrap_or(u64::MAX) <= MAX_BYTES);
        }
        let mut handle = Handle::open(path)?;
        let length = handle.metadata()?.len();
        buffer.reserve(usize::try_from(length.min(1 << 30)).unwrap_or(0) + 1);
        handle.read_to_end(buffer)?;
        Ok(u64::try_from(buffer.len()).unwrap_or(u64::MAX) <= MAX_BYTES)
    }
}
