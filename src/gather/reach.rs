#![expect(clippy::disallowed_methods, reason = "files are read here before they are outlined: for what they import")]
//! Where a run's files are read from: the work tree, or a shelf.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::discover;
use crate::discover::Walked;
use crate::language::Ground;
use crate::shelf::Entry;
use crate::shelf::Shelf;

use super::Request;

impl Request<'_> {
    /// Whether files other than those reported on are read only where a name leads to them.
    pub(super) fn is_lazy(&self) -> bool {
        self.shelf.is_some() && !self.whole
    }

    /// Lists the files of the project that are looked at.
    pub(super) fn walk(&self, paths: &[PathBuf]) -> Walked {
        match self.shelf {
            Some(shelf) => discover::walk_shelf(self.config, paths, shelf.as_ref()),
            None => discover::walk(self.config, paths, self.threads),
        }
    }

    /// The bytes of a file.
    pub(super) fn bytes(&self, path: &Path) -> Option<Arc<[u8]>> {
        match (self.given, self.shelf) {
            (Some((given, bytes)), _) if given == path => Some(bytes.as_slice().into()),
            (_, Some(shelf)) => shelf.read(path),
            (_, None) => fs::read(path).ok().map(Arc::from),
        }
    }

    /// Makes ready what is read next.
    pub(super) fn prepare(&self, paths: &[PathBuf]) {
        if let Some(shelf) = self.shelf {
            shelf.prepare(paths);
        }
    }

    /// Makes ready the folders of what is asked for next.
    pub(super) fn prepare_folders<'p>(&self, paths: impl Iterator<Item = &'p PathBuf>) {
        if let Some(shelf) = self.shelf {
            shelf.prepare_folders(&paths.cloned().collect::<Vec<_>>());
        }
    }

    /// The text of a small file, such as a manifest.
    pub(super) fn text(&self, path: &Path) -> Option<String> {
        match self.shelf {
            Some(shelf) => read_text(shelf.as_ref(), path),
            None => discover::read_text(path),
        }
    }

    /// Whether there is such a file.
    pub(super) fn is_regular(&self, path: &Path) -> bool {
        self.shelf.map_or_else(|| discover::is_regular(path), |shelf| shelf.has_file(path))
    }

    /// The folders in a folder that a shallow search may enter.
    pub(super) fn inner_folders(&self, folder: &Path) -> Vec<PathBuf> {
        let Some(shelf) = self.shelf else { return discover::inner_folders(folder) };
        let folders = shelf.entries(folder).into_iter().filter_map(|entry| match entry {
            Entry::Folder(folder) => Some(folder),
            Entry::File(_) => None,
        });
        folders.filter(|folder| discover::may_enter(folder)).collect()
    }

    /// Lets `work` ask what languages may know of the project's folders.
    pub(super) fn on_ground<T>(&self, work: impl FnOnce(&Ground<'_>) -> T) -> T {
        let is_folder =
            |path: &Path| self.shelf.map_or_else(|| discover::is_folder(path), |shelf| shelf.has_folder(path));
        work(&Ground {
            root: &self.config.root,
            roots: self.config.roots.as_deref().unwrap_or_default(),
            read: &|path| self.text(path),
            is_folder: &is_folder,
        })
    }
}

/// The text of a file on a shelf, if it is UTF-8.
pub(super) fn read_text(shelf: &dyn Shelf, path: &Path) -> Option<String> {
    String::from_utf8(shelf.read(path)?.to_vec()).ok()
}
