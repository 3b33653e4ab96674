//! Whether a state of a project means the same as an earlier one, told without looking at all of it.
//!
//! A scan is a function of the files that were outlined, and of what was asked about the others: whether they are there,
//! and whether they import something of interest. So a change of files in which nothing matters changes no answer, as
//! long as nobody asked whether they are there, and nobody hands on what they import.

use std::path::Path;
use std::sync::OnceLock;

use rustc_hash::FxHashSet;

use crate::language;
use crate::language::PackedSketch;
use crate::layout::FileId;
use crate::project::Project;
use crate::shelf::Entry;
use crate::shelf::Shelf;
use crate::source::LanguageId;

use super::Depth;
use super::Looked;
use super::Reader;
use super::Request;
use super::Turns;
use super::factories;
use super::interest::Index;
use super::setup;
use super::setup::language_of;

/// The last state that was scanned.
#[derive(Debug)]
pub(super) struct Scanned {
    pub(super) project: Project,
    /// What files that were not outlined may import to be of interest.
    pub(super) index: Index,
    /// Where files of a language lie.
    grounds: OnceLock<FxHashSet<(Box<[u8]>, LanguageId)>>,
}

impl Scanned {
    /// A state after a scan of it.
    pub(super) fn new(project: Project, index: Index) -> Self {
        Self { project, index, grounds: OnceLock::new() }
    }

    /// Whether files of a language lie in the folder of a path.
    fn has_ground(&self, path: &Path, language: LanguageId) -> bool {
        let ground = |path: &Path| Some((folder(path).into(), language_of(path)?));
        let files = || self.project.files.iter().filter_map(|file| ground(&file.path)).collect();
        self.grounds.get_or_init(files).contains(&(folder(path).into(), language))
    }
}

/// Whether a scan would find what the last one found, where only the files at these paths have come, gone, or got other
/// texts since, and no folder has come or gone.
pub fn is_alike(request: &Request<'_>, paths: &[&Path]) -> bool {
    let (Some(looks), Some(shelf)) = (request.looks, request.shelf) else { return false };
    let Some((scanned, watches)) = looks.lend() else { return false };
    let reader = Reader { request, watches, turns: Turns::default(), progress: &|| () };
    let is_alike = paths.iter().all(|path| mattered_not(request, shelf.as_ref(), &scanned, path))
        && matter_not(&reader, shelf.as_ref(), &scanned, paths);
    looks.take_back(scanned);
    is_alike
}

/// Whether nothing in a file mattered in the last state, and nobody asked whether it is there if that is another now.
fn mattered_not(request: &Request<'_>, shelf: &dyn Shelf, scanned: &Scanned, path: &Path) -> bool {
    let project = &scanned.project;
    let before = project.layout.peek(path).and_then(|id| project.file(id));
    let is_there = shelf.identity(path).is_some();
    let Some(language) = language_of(path) else { return false };
    if before.is_some_and(|file| file.outline.is_some()) {
        return false;
    }
    if before.is_some() == is_there && is_there {
        return true;
    }
    // The folders that hold files of a language say where manifests are looked for, and where imports start.
    let has_ground = if is_there {
        scanned.has_ground(path, language)
    } else {
        let entries = path.parent().map(|folder| shelf.entries(folder)).unwrap_or_default();
        entries.iter().any(|entry| matches!(entry, Entry::File(other) if language_of(other) == Some(language)))
    };
    has_ground && is_ordinary(request, project, path) && !project.layout.is_asked_for(path)
}

/// Whether a file can be no factory, no copy of the SDK, and no start of anything.
fn is_ordinary(request: &Request<'_>, project: &Project, path: &Path) -> bool {
    let is_gateway = language::by_path(path).is_none_or(|language| language.is_gateway(path));
    let bytes = path.as_os_str().as_encoded_bytes();
    let is_named = |package: &String| memchr::memmem::find(bytes, package.as_bytes()).is_some();
    !is_gateway && !project.packages.values().flatten().any(is_named) && !factories::may_be(request, path)
}

/// Whether nothing in these files matters as they are now.
fn matter_not(reader: &Reader<'_>, shelf: &dyn Shelf, scanned: &Scanned, paths: &[&Path]) -> bool {
    let mut changed = Project::default();
    for path in paths.iter().filter(|path| shelf.identity(path).is_some()) {
        let Some(language) = language_of(path) else { return false };
        setup::add(&mut changed, path.to_path_buf(), language, true);
    }
    let ids: Vec<FileId> = (0..).take(changed.files.len()).collect();
    let looked = reader.look(&changed, &ids, Depth::Glance);
    let project = &scanned.project;
    let is_same = |path: &Path, sketch: &PackedSketch| {
        let before = project.layout.peek(path).and_then(|id| project.file(id));
        before.is_some_and(|file| file.sketch == *sketch)
    };
    looked.len() == ids.len()
        && looked.iter().all(|(id, looked)| {
            let (Some(file), Looked::Sketched(sketch)) = (changed.file(*id), looked) else { return false };
            is_same(&file.path, sketch) || !scanned.index.wants(&file.path, sketch)
        })
}

/// The folder that a file lies in. As bytes: paths are taken apart part by part, and there are many.
fn folder(path: &Path) -> &[u8] {
    let bytes = path.as_os_str().as_encoded_bytes();
    memchr::memrchr2(b'/', b'\\', bytes).and_then(|end| bytes.get(..end)).unwrap_or_default()
}
