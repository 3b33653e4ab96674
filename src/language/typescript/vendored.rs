//! Copies of a package that rules name, in the tree.

use std::path::Path;
use std::path::PathBuf;

use crate::language::Ground;
use crate::language::Vendored;
use crate::layout::Layout;

use super::places;
use super::workspaces;

/// The folder of the package, if a file is the index of a copy.
pub(super) fn copy_of(file: &Path, vendored: &Vendored<'_>, ground: &Ground<'_>, layout: &Layout) -> Option<PathBuf> {
    if !places::is_index(file) {
        return None;
    }
    let folders = file.ancestors().skip(1).take(3).take_while(|folder| folder.starts_with(ground.root));
    // The index of a package lies in its folder, or in one for sources.
    let near = folders
        .enumerate()
        .filter(|(depth, folder)| *depth == 0 || folder.components().count() + depth == file.components().count() - 1);
    near.map(|(_, folder)| folder)
        .find(|folder| workspaces::name(folder, layout).is_some_and(|name| name == vendored.package))
        .map(Path::to_path_buf)
}
