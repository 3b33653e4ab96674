#![expect(clippy::disallowed_methods, reason = "files are read here before they are outlined: for what they import")]
//! Where a run's files are read from: the work tree, or a shelf.

use std::cell::RefCell;
use std::ffi::OsString;
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
use super::lazily;
use super::lazily::Packages;

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

    /// Whether there is such a folder.
    pub(super) fn is_folder(&self, path: &Path) -> bool {
        self.shelf.map_or_else(|| discover::is_folder(path), |shelf| shelf.has_folder(path))
    }

    /// The names of what lies directly in a folder.
    pub(super) fn names(&self, folder: &Path) -> Vec<OsString> {
        if let Some(shelf) = self.shelf {
            return shelf.names(folder);
        }
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name()).collect()
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

    /// What `work` makes of each item, asking which folders there are. Where it asks of folders that were not read, it is
    /// called again: those of all items are read together.
    pub(super) fn asking_together<I: Copy, T>(
        &self,
        items: &[I],
        work: impl Fn(I, &dyn Fn(&Path) -> bool) -> T,
    ) -> Vec<T> {
        let is_folder =
            |path: &Path| self.shelf.map_or_else(|| Some(discover::is_folder(path)), |shelf| shelf.tells_folder(path));
        let mut done: Vec<Option<T>> = items.iter().map(|_| None).collect();
        // At first whatever is not known is taken to be there, so that all is asked for that may lie in it.
        let mut otherwise = true;
        loop {
            let unread = RefCell::new(Vec::new());
            for (item, done) in items.iter().zip(&mut done).filter(|(_, done)| done.is_none()) {
                let before = unread.borrow().len();
                let made = work(*item, &|path| {
                    is_folder(path).unwrap_or_else(|| {
                        unread.borrow_mut().push(path.to_path_buf());
                        otherwise
                    })
                });
                *done = (unread.borrow().len() == before).then_some(made);
            }
            let unread = unread.into_inner();
            if unread.is_empty() {
                return done.into_iter().flatten().collect();
            }
            self.prepare_folders(unread.iter());
            otherwise = false;
        }
    }

    /// Lets `work` ask what languages may know of the project's folders.
    pub(super) fn on_ground<T>(&self, work: impl FnOnce(&Ground<'_>) -> T) -> T {
        work(&Ground {
            root: &self.config.root,
            roots: self.config.roots.as_deref().unwrap_or_default(),
            read: &|path| {
                let read = || self.text(path);
                if self.whole { read() } else { self.shallow.manifests.text(path, read) }
            },
            is_folder: &|path| self.is_folder(path),
            elsewhere: &|name| lazily::holding(self, name),
            package: &|name| {
                let packages = self.shallow.packages.get_or_init(|| Packages::of(self));
                packages.folder(name).map(Path::to_path_buf)
            },
            may_hold: &|folder, name| self.shelf.is_none_or(|shelf| shelf.may_hold(folder, name)),
            asks: &|_| true,
        })
    }
}

/// The text of a file on a shelf, if it is UTF-8.
pub(super) fn read_text(shelf: &dyn Shelf, path: &Path) -> Option<String> {
    String::from_utf8(shelf.read(path)?.to_vec()).ok()
}
