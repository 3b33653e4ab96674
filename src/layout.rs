//! Which files and folders there are, and where imports start.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::shelf::Shelf;

/// Index of a file in a run.
pub type FileId = u32;

/// The files of a project, and the folders at which absolute imports start.
///
/// Paths are compared byte for byte: all of them are absolute and were put together from one root.
#[derive(Debug, Default)]
pub struct Layout {
    files: FxHashMap<Arc<OsStr>, FileId>,
    folders: FxHashSet<OsString>,
    roots: FxHashSet<OsString>,
    /// For the first name of an absolute import: the roots that have it, sorted.
    tops: FxHashMap<OsString, Vec<PathBuf>>,
    /// The names of all files without their ending, and of all folders.
    names: FxHashSet<OsString>,
    /// Manifests and settings that were asked for.
    texts: Texts,
}

/// Reads the text of a file.
pub type ReadText = fn(&Path) -> Option<String>;

/// Small files that languages ask for, such as `package.json`: each is read once, when it is first asked for.
#[derive(Debug, Default)]
struct Texts {
    read: Option<ReadText>,
    shelf: Option<Arc<dyn Shelf>>,
    known: Mutex<FxHashMap<PathBuf, Option<Arc<str>>>>,
}

impl Layout {
    /// Adds a file, and the folders above it.
    pub fn insert(&mut self, path: &Path, id: FileId) {
        self.names.extend(path.file_stem().map(OsStr::to_owned));
        let mut folder = path.parent();
        while let Some(parent) = folder {
            if !self.folders.insert(parent.as_os_str().to_owned()) {
                break;
            }
            self.names.extend(parent.file_name().map(OsStr::to_owned));
            folder = parent.parent();
        }
        self.files.insert(path.as_os_str().into(), id);
    }

    /// Adds a folder at which absolute imports start. [`Layout::seal`] must follow before anyone asks.
    pub fn insert_root(&mut self, root: PathBuf) {
        self.roots.insert(root.into_os_string());
    }

    /// Tells how manifests and settings are read.
    pub fn read_with(&mut self, read: ReadText) {
        self.texts.read = Some(read);
    }

    /// Tells where manifests and settings are read from instead of the work tree.
    pub fn read_from(&mut self, shelf: Arc<dyn Shelf>) {
        self.texts.shelf = Some(shelf);
    }

    /// The text of a manifest or of settings, whether or not it is one of the project's files; `None` where there is no
    /// such file.
    pub fn text(&self, path: &Path) -> Option<Arc<str>> {
        let Ok(mut known) = self.texts.known.lock() else { return None };
        if let Some(text) = known.get(path) {
            return text.clone();
        }
        let text = match &self.texts.shelf {
            Some(shelf) => shelf.read(path).and_then(|bytes| std::str::from_utf8(&bytes).ok().map(Arc::from)),
            None => self.texts.read.and_then(|read| read(path)).map(Arc::from),
        };
        known.insert(path.to_path_buf(), text.clone());
        text
    }

    /// Learns which names lie directly below a root.
    pub fn seal(&mut self) {
        self.tops.clear();
        let paths = self.files.keys().map(|file| &**file).chain(self.folders.iter().map(OsString::as_os_str));
        for path in paths.map(Path::new) {
            let (Some(parent), Some(name)) = (path.parent(), path.file_stem()) else { continue };
            if self.roots.contains(parent.as_os_str()) {
                self.tops.entry(name.to_owned()).or_default().push(parent.to_path_buf());
            }
        }
        for roots in self.tops.values_mut() {
            roots.sort();
            roots.dedup();
        }
    }

    /// The file's index.
    pub fn file(&self, path: &Path) -> Option<FileId> {
        self.files.get(path.as_os_str()).copied()
    }

    /// Whether there is such a file.
    pub fn has_file(&self, path: &Path) -> bool {
        self.files.contains_key(path.as_os_str())
    }

    /// Whether there is such a folder, with files below it.
    pub fn has_folder(&self, path: &Path) -> bool {
        self.folders.contains(path.as_os_str())
    }

    /// Whether any file (without its ending) or folder has this name.
    pub fn has_name(&self, name: &str) -> bool {
        self.names.contains(OsStr::new(name))
    }

    /// Whether absolute imports start at a folder.
    pub fn is_root(&self, folder: &Path) -> bool {
        self.roots.contains(folder.as_os_str())
    }

    /// The folders at which absolute imports start, sorted.
    pub fn roots(&self) -> Vec<PathBuf> {
        let mut roots: Vec<PathBuf> = self.roots.iter().map(PathBuf::from).collect();
        roots.sort();
        roots
    }

    /// The roots that have a module or package of this name, sorted.
    pub fn roots_of(&self, name: &str) -> &[PathBuf] {
        self.tops.get(OsStr::new(name)).map_or(&[], Vec::as_slice)
    }
}
