//! The files that others may import, told without parsing them.

use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;

use rustc_hash::FxHashSet;

use crate::language;
use crate::language::Ground;
use crate::layout::FileId;
use crate::project::Project;
use crate::source::LanguageId;

use super::Request;
use super::lazily;
use super::notebook;
use super::setup;

/// Adds the files that these may import, unread.
pub(super) fn surround(request: &Request<'_>, project: &mut Project, files: &[FileId]) {
    surround_where(request, project, files, &|_, _| true);
}

/// Adds the files that the requests of these which anybody asks about may lead to, unread; gives back the places where
/// such files may lie.
pub(super) fn surround_where(
    request: &Request<'_>,
    project: &mut Project,
    files: &[FileId],
    asks: &dyn Fn(FileId, &str) -> bool,
) -> Vec<PathBuf> {
    if files.is_empty() {
        return Vec::new();
    }
    let before = project.files.len();
    let roots = project.layout.roots();
    let paths: Vec<PathBuf> =
        files.iter().filter_map(|&id| project.file(id)).map(|file| file.path.to_path_buf()).collect();
    request.prepare(&paths);
    // Compared as bytes: paths are compared part by part, and there are many.
    let mut seen: FxHashSet<OsString> = FxHashSet::default();
    let found = request.asking_together(files, |id, is_folder| {
        let asked = Asked { is_folder, asks: &|request| asks(id, request) };
        outward_where(request, project, id, &roots, asked)
    });
    let mut outward: Vec<(LanguageId, PathBuf)> = found.into_iter().flatten().collect();
    outward.retain(|(_, path)| seen.insert(path.clone().into_os_string()));
    request.prepare_folders(outward.iter().map(|(_, path)| path));
    for (language, path) in &outward {
        if request.is_regular(path) {
            let parts = lazily::parts_of_copy(request, project, *language, path);
            for path in parts.into_iter().chain([path.clone()]) {
                setup::add(project, path, *language, false);
            }
        }
    }
    if project.files.len() > before {
        setup::find_roots(request, project);
        setup::settle(request, project);
    }
    outward.into_iter().map(|(_, path)| path).collect()
}

/// Adds the files that the reported ones import, directly or through others.
pub(super) fn follow(request: &Request<'_>, project: &mut Project) {
    let mut open: Vec<FileId> = (0..).take(project.files.len()).collect();
    let mut seen: FxHashSet<PathBuf> = FxHashSet::default();
    while let Some(id) = open.pop() {
        for (language, file) in outward(request, project, id, &[]) {
            if seen.insert(file.clone()) && request.is_regular(&file) {
                open.extend(setup::add(project, file, language, false));
            }
        }
    }
}

/// The places where files may lie that one imports, and their language.
fn outward(request: &Request<'_>, project: &Project, id: FileId, roots: &[PathBuf]) -> Vec<(LanguageId, PathBuf)> {
    request.on_ground(|ground| {
        let asked = Asked { is_folder: ground.is_folder, asks: ground.asks };
        outward_where(request, project, id, roots, asked)
    })
}

/// Who tells what folders there are, and which requests matter.
#[derive(Clone, Copy)]
struct Asked<'a> {
    is_folder: &'a dyn Fn(&Path) -> bool,
    asks: &'a dyn Fn(&str) -> bool,
}

/// The same, as far as it is asked.
fn outward_where(
    request: &Request<'_>,
    project: &Project,
    id: FileId,
    roots: &[PathBuf],
    Asked { is_folder, asks }: Asked<'_>,
) -> Vec<(LanguageId, PathBuf)> {
    let Some(file) = project.file(id) else { return Vec::new() };
    let Some(text) = request.bytes(&file.path) else { return Vec::new() };
    let (language, text) = notebook::code(&file.path, file.language, text.to_vec());
    let Some(language) = language::by_id(language) else { return Vec::new() };
    let found = request.on_ground(|ground| {
        let roots: Vec<PathBuf> = ground.roots.iter().chain(roots).cloned().collect();
        language.outward(&file.path, &text, &Ground { roots: &roots, is_folder, asks, ..*ground })
    });
    found.into_iter().map(|path| (language.id(), path)).collect()
}
