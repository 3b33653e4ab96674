#![expect(clippy::disallowed_methods, reason = "the tree is walked here, and files are looked up on the way")]
//! From a root or a list of paths to the files worth reading.

mod sieve;

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;

use globset::Glob;
use globset::GlobSet;
use globset::GlobSetBuilder;
use ignore::WalkBuilder;
use ignore::WalkState;

use crate::config::Config;
use crate::finding::Problem;
use crate::finding::ProblemKind;
use crate::language;
use crate::shelf::Entry;
use crate::shelf::Shelf;
use crate::source::Position;

pub use sieve::Sieve;
pub use sieve::is_ignore_file;

/// What a walk found.
#[derive(Debug, Default)]
pub struct Walked {
    /// Files of a known language, absolute, sorted.
    pub files: Vec<PathBuf>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Walks folders and takes files, as ripgrep would; a path that is named is always read.
pub fn walk(config: &Config, paths: &[PathBuf], threads: usize) -> Walked {
    let filter = Filter::new(config);
    let (folders, named): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(|path| path.is_dir());
    let mut walked = Walked::default();
    let mut files = Vec::new();
    for path in named {
        if is_regular(path) {
            files.push(path.clone());
        } else {
            walked.problems.push(unreadable(path, "not a regular file"));
        }
    }
    let Some((first, others)) = folders.split_first() else {
        walked.files = sorted(files);
        return walked;
    };
    let mut builder = WalkBuilder::new(first);
    for folder in others {
        builder.add(folder);
    }
    builder.threads(threads).follow_links(false);
    let found = Mutex::new((Vec::new(), Vec::new()));
    builder.build_parallel().run(|| {
        let mut local = Local { files: Vec::new(), problems: Vec::new(), found: &found };
        let filter = &filter;
        Box::new(move |entry| {
            match entry {
                Ok(entry) => {
                    let path = entry.path();
                    let is_named = entry.depth() == 0;
                    if !is_named && filter.excludes(path) {
                        return WalkState::Skip;
                    }
                    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                    if is_file && language::by_path(path).is_some() && filter.includes(path) {
                        local.files.push(entry.into_path());
                    }
                }
                Err(error) => local.problems.extend(problem(&error)),
            }
            WalkState::Continue
        })
    });
    let (walked_files, problems) = found.into_inner().unwrap_or_default();
    files.extend(walked_files);
    walked.problems.extend(problems);
    walked.problems.sort();
    walked.files = sorted(files);
    walked
}

/// The folders that a walk of these paths enters, and those of named files: whatever a walk may find lies directly in
/// one of them.
pub fn folders(config: &Config, paths: &[PathBuf], threads: usize) -> Vec<PathBuf> {
    let filter = Filter::new(config);
    let (folders, named): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.iter().partition(|path| path.is_dir());
    let mut found: Vec<PathBuf> = named.iter().filter_map(|path| Some(path.parent()?.to_path_buf())).collect();
    let Some((first, others)) = folders.split_first() else { return sorted(found) };
    let mut builder = WalkBuilder::new(first);
    for folder in others {
        builder.add(folder);
    }
    builder.threads(threads).follow_links(false);
    let walked = Mutex::new((Vec::new(), Vec::new()));
    builder.build_parallel().run(|| {
        let mut local = Local { files: Vec::new(), problems: Vec::new(), found: &walked };
        let filter = &filter;
        Box::new(move |entry| {
            let Ok(entry) = entry else { return WalkState::Continue };
            if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
                return WalkState::Continue;
            }
            if entry.depth() > 0 && filter.excludes(entry.path()) {
                return WalkState::Skip;
            }
            local.files.push(entry.into_path());
            WalkState::Continue
        })
    });
    found.extend(walked.into_inner().unwrap_or_default().0);
    sorted(found)
}

/// Lists the files on a shelf, by the same rules; those that git knows are listed though it is told to ignore them.
pub fn walk_shelf(config: &Config, paths: &[PathBuf], shelf: &dyn Shelf) -> Walked {
    if let Some(files) = shelf.walked() {
        return Walked { files, problems: Vec::new() };
    }
    let filter = Filter::new(config);
    let mut files = Vec::new();
    let mut open: Vec<PathBuf> = Vec::new();
    for path in paths {
        if shelf.has_file(path) {
            files.push(path.clone());
        } else {
            open.push(path.clone());
        }
    }
    while let Some(folder) = open.pop() {
        for entry in shelf.entries(&folder) {
            let (Entry::File(path) | Entry::Folder(path)) = &entry;
            if is_hidden(path) || filter.excludes(path) {
                continue;
            }
            match entry {
                Entry::Folder(folder) => open.push(folder),
                Entry::File(path) if language::by_path(&path).is_some() && filter.includes(&path) => files.push(path),
                Entry::File(_) => {}
            }
        }
    }
    Walked { files: sorted(files), problems: Vec::new() }
}

/// The files among these that a walk of the project would have come to, as far as their names tell.
pub fn listed(config: &Config, paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let filter = Filter::new(config);
    let is_listed = |path: &PathBuf| {
        let Ok(below) = path.strip_prefix(&config.root) else { return false };
        language::by_path(path).is_some()
            && !below.ancestors().any(is_hidden)
            && !path.ancestors().take_while(|path| **path != config.root).any(|path| filter.excludes(path))
            && filter.includes(path)
    };
    paths.into_iter().filter(is_listed).collect()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Sorts paths by their bytes, which is much faster than part by part.
fn sorted(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    files.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
    files.dedup();
    files
}

type Found = (Vec<PathBuf>, Vec<Problem>);

/// One thread's share, handed over when the thread is done.
struct Local<'f> {
    files: Vec<PathBuf>,
    problems: Vec<Problem>,
    found: &'f Mutex<Found>,
}

impl Drop for Local<'_> {
    fn drop(&mut self) {
        if let Ok(mut found) = self.found.lock() {
            found.0.append(&mut self.files);
            found.1.append(&mut self.problems);
        }
    }
}

/// Whether a path leads to a regular file, through links too.
pub fn is_regular(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// Whether there is a folder.
pub fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether there is anything at a path.
pub fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// The text of a small file, if there is one.
pub fn read_text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// The folders in a folder that a shallow search may enter: neither hidden nor full of others' code.
pub fn inner_folders(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.path()).filter(|folder| may_enter(folder)).collect();
    folders.sort();
    folders
}

/// Whether a shallow search may enter a folder of this name.
pub fn may_enter(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.') && !matches!(&*name, "node_modules" | "target" | "venv" | "site-packages")
}

fn unreadable(path: &Path, message: &str) -> Problem {
    Problem {
        path: path.to_path_buf(),
        position: Position { line: 1, column: 1 },
        kind: ProblemKind::Unreadable,
        message: message.to_owned(),
    }
}

fn problem(error: &ignore::Error) -> Option<Problem> {
    let (path, error) = match error {
        ignore::Error::WithPath { path, err } => (path.clone(), err.as_ref()),
        ignore::Error::WithDepth { err, .. } => return problem(err),
        _ => return None,
    };
    let message = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    Some(unreadable(&path, &message))
}

/// `include`, `exclude` and the like, as one question.
#[derive(Debug)]
struct Filter {
    root: PathBuf,
    include: GlobSet,
    has_include: bool,
    exclude: GlobSet,
}

impl Filter {
    fn new(config: &Config) -> Self {
        Self {
            root: config.root.clone(),
            include: globs(&config.include),
            has_include: !config.include.is_empty(),
            exclude: globs(&config.exclude),
        }
    }

    fn excludes(&self, path: &Path) -> bool {
        !self.exclude.is_empty() && path.strip_prefix(&self.root).is_ok_and(|path| self.exclude.is_match(path))
    }

    fn includes(&self, path: &Path) -> bool {
        !self.has_include || path.strip_prefix(&self.root).is_ok_and(|path| self.include.is_match(path))
    }
}

/// Globs of the configuration, which has checked them; `dir/**` and a plain folder both mean all below.
pub fn globs(patterns: &[String]) -> GlobSet {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        for pattern in [pattern.to_owned(), format!("{pattern}/**")] {
            if let Ok(glob) = Glob::new(&pattern) {
                builder.add(glob);
            }
        }
    }
    builder.build().unwrap_or_default()
}
