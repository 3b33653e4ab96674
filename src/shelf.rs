//! Where files are read from when it is not the work tree: a state of the project that something else holds.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Debug;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// A state of a project's files. Paths are absolute, as they would be in the work tree.
pub trait Shelf: Debug + Send + Sync {
    /// The bytes of a regular file; `None` where there is none.
    fn read(&self, path: &Path) -> Option<Arc<[u8]>>;
    /// A name that stands for the bytes of a file, and for no others; `None` where there is no file, or no such name.
    fn identity(&self, _path: &Path) -> Option<Arc<str>> {
        None
    }
    /// The files that a walk of the whole project would come to, sorted, where the shelf itself knows them.
    fn walked(&self) -> Option<Vec<PathBuf>> {
        None
    }
    /// The bytes of a regular file, for one who tells by their [`Shelf::identity`] whether they are others next time.
    fn peek(&self, path: &Path) -> Option<Arc<[u8]>> {
        self.read(path)
    }
    /// Whether there is such a regular file.
    fn has_file(&self, path: &Path) -> bool;
    /// Whether there is such a folder.
    fn has_folder(&self, path: &Path) -> bool;
    /// The same, where that can be told without reading anything.
    fn tells_folder(&self, path: &Path) -> Option<bool> {
        Some(self.has_folder(path))
    }
    /// Whether anything in a folder may be called so, with or without an ending, as far as that can be told without
    /// reading anything.
    fn may_hold(&self, _folder: &Path, _name: &str) -> bool {
        true
    }
    /// Whether anything that lies in a folder of the root, or deeper, may be called so, with or without an ending, as far
    /// as that can be told without reading all folders.
    fn may_hold_below(&self, _name: &str) -> bool {
        true
    }
    /// Whether the path of anything below the root may end so, but for an end of one part at the root itself; as far as
    /// that can be told without reading all folders.
    fn may_lie_below(&self, end: &Path) -> bool {
        let parts = end.components().count();
        // The first of several parts may lie at the root. A name that is no text cannot be asked for.
        let mut within = end.iter().skip(usize::from(parts > 1));
        within.all(|part| part.to_str().is_none_or(|part| self.may_hold_below(part)))
    }
    /// The names of what lies directly in a folder, of whatever kind.
    fn names(&self, _folder: &Path) -> Vec<OsString> {
        Vec::new()
    }
    /// What lies directly in a folder: regular files and folders, sorted.
    fn entries(&self, folder: &Path) -> Vec<Entry>;
    /// The files anywhere below the shelf's root whose paths end like one of these, if it can tell without reading all
    /// folders; none where it cannot.
    fn ending_in(&self, _ends: &[PathBuf]) -> Vec<PathBuf> {
        Vec::new()
    }
    /// Makes ready what is read next, which is quicker than one by one.
    fn prepare(&self, paths: &[PathBuf]);
    /// Makes ready the folders of what is asked for next.
    fn prepare_folders(&self, paths: &[PathBuf]);
}

/// A state that another one comes from.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Its files.
    pub shelf: Arc<dyn Shelf>,
    /// Where files lay that lie elsewhere now.
    pub moved: BTreeMap<PathBuf, PathBuf>,
}

impl Earlier {
    /// The bytes that a file had.
    pub fn read(&self, path: &Path) -> Option<Arc<[u8]>> {
        self.shelf.read(self.moved.get(path).map_or(path, PathBuf::as_path))
    }
}

/// What lies in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entry {
    /// A regular file.
    File(PathBuf),
    /// A folder.
    Folder(PathBuf),
}
