//! Which files and folders there are, and where imports start.

use std::any::Any;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::shelf::Shelf;
use crate::source::LanguageId;

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
    /// Folders of the project's packages by their names, for languages whose manifests say them.
    packages: FxHashMap<String, Vec<PathBuf>>,
    /// The project's folder.
    top: PathBuf,
    /// Manifests and settings that were asked for.
    texts: Texts,
    /// What languages made of all this.
    kept: [Kept; LanguageId::ALL.len()],
}

/// Something that a language made of a layout.
#[derive(Default)]
struct Kept(OnceLock<Box<dyn Any + Send + Sync>>);

impl std::fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Kept")
    }
}

type Made = Arc<dyn Any + Send + Sync>;

/// Reads the text of a file.
pub type ReadText = fn(&Path) -> Option<String>;

/// Where the texts of small files are read from; without anything to read from, there are none.
#[derive(Clone, Debug, Default)]
pub struct TextSource {
    read: Option<ReadText>,
    shelf: Option<Arc<dyn Shelf>>,
}

impl TextSource {
    /// The text of a file; `None` where there is no such file, or it is no UTF-8.
    pub fn read(&self, path: &Path) -> Option<String> {
        match &self.shelf {
            Some(shelf) => String::from_utf8(shelf.read(path)?.to_vec()).ok(),
            None => self.read.and_then(|read| read(path)),
        }
    }
}

/// Small files that languages ask for, such as `package.json`: each is read once, when it is first asked for.
#[derive(Debug, Default)]
struct Texts {
    source: TextSource,
    known: Mutex<FxHashMap<PathBuf, Option<Arc<str>>>>,
    /// What languages made of them.
    made: Mutex<FxHashMap<PathBuf, Option<Made>>>,
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
        self.texts.source.read = Some(read);
    }

    /// Tells where manifests and settings are read from instead of the work tree.
    pub fn read_from(&mut self, shelf: Arc<dyn Shelf>) {
        self.texts.source.shelf = Some(shelf);
    }

    /// The project's folder.
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// Tells which folder is the project's.
    pub fn set_top(&mut self, top: &Path) {
        self.top = top.to_path_buf();
    }

    /// Where manifests and settings are read from.
    pub fn texts(&self) -> TextSource {
        self.texts.source.clone()
    }

    /// Every file.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.keys().map(|file| Path::new(&**file))
    }

    /// Every folder with files below it.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.folders.iter().map(Path::new)
    }

    /// What a language made of this layout, once all files are known. Each language calls it with a type of its own.
    pub fn keep<T: Any + Send + Sync>(&self, language: LanguageId, make: impl FnOnce() -> T) -> Option<&T> {
        let place = self.kept.get(language as usize)?;
        place.0.get_or_init(|| Box::new(make())).downcast_ref()
    }

    /// The text of a manifest or of settings, whether or not it is one of the project's files; `None` where there is no
    /// such file.
    pub fn text(&self, path: &Path) -> Option<Arc<str>> {
        let Ok(mut known) = self.texts.known.lock() else { return None };
        if let Some(text) = known.get(path) {
            return text.clone();
        }
        let text = self.texts.source.read(path).map(Arc::from);
        known.insert(path.to_path_buf(), text.clone());
        text
    }

    /// What `make` makes of a manifest's text, made once; each file is read as one type only. `None` where there is no
    /// such file, or nothing can be made of it.
    pub fn read_as<T: Any + Send + Sync>(&self, path: &Path, make: impl Fn(&str) -> Option<T>) -> Option<Arc<T>> {
        if let Ok(made) = self.texts.made.lock()
            && let Some(known) = made.get(path)
        {
            return Arc::clone(known.as_ref()?).downcast().ok();
        }
        let fresh = self.text(path).and_then(|text| make(&text)).map(Arc::new);
        if let Ok(mut made) = self.texts.made.lock() {
            made.insert(path.to_path_buf(), fresh.clone().map(|fresh| fresh as Made));
        }
        fresh
    }

    /// Adds the folder of a package.
    pub fn insert_package(&mut self, name: String, folder: PathBuf) {
        self.packages.entry(name).or_default().push(folder);
    }

    /// The folders of the packages with a name.
    pub fn packages_of(&self, name: &str) -> &[PathBuf] {
        self.packages.get(name).map_or(&[], Vec::as_slice)
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
