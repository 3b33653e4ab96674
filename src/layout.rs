//! Which files and folders there are, and where imports start.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

/// Index of a file in a run.
pub type FileId = u32;

/// The files of a project, and the folders at which absolute imports start.
#[derive(Debug, Default)]
pub struct Layout {
    files: FxHashMap<Arc<Path>, FileId>,
    folders: FxHashSet<PathBuf>,
    roots: BTreeSet<PathBuf>,
}

impl Layout {
    /// Adds a file, and the folders above it.
    pub fn insert(&mut self, path: Arc<Path>, id: FileId) {
        let mut folder = path.parent();
        while let Some(parent) = folder {
            if !self.folders.insert(parent.to_path_buf()) {
                break;
            }
            folder = parent.parent();
        }
        self.files.insert(path, id);
    }

    /// Adds a folder at which absolute imports start.
    pub fn insert_root(&mut self, root: PathBuf) {
        self.roots.insert(root);
    }

    /// The file's index.
    pub fn file(&self, path: &Path) -> Option<FileId> {
        self.files.get(path).copied()
    }

    /// Whether there is such a file.
    pub fn has_file(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    /// Whether there is such a folder, with files below it.
    pub fn has_folder(&self, path: &Path) -> bool {
        self.folders.contains(path)
    }

    /// Whether absolute imports start at a folder.
    pub fn is_root(&self, folder: &Path) -> bool {
        self.roots.contains(folder)
    }

    /// The folders at which absolute imports start, sorted.
    pub fn roots(&self) -> impl Iterator<Item = &Path> {
        self.roots.iter().map(PathBuf::as_path)
    }
}
