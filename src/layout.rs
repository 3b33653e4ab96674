//! Which files and folders there are, and where imports start.

use std::any::Any;
use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::hash::BuildHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;

use rustc_hash::FxBuildHasher;
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
    places: Places,
    roots: FxHashSet<OsString>,
    /// For the first name of an absolute import: the roots that have it, sorted.
    tops: FxHashMap<OsString, Vec<PathBuf>>,
    /// Hashes of the names of all files, with and without their ending, and of all folders.
    names: FxHashSet<u64>,
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
    /// What was read, or would have been; copies share it.
    asked: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl TextSource {
    /// The text of a file; `None` where there is no such file, or it is no UTF-8.
    pub fn read(&self, path: &Path) -> Option<String> {
        if let Ok(mut asked) = self.asked.lock() {
            asked.insert(path.to_path_buf());
        }
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
    known: Mutex<FxHashMap<PathBuf, Asked>>,
    /// What languages made of them.
    made: Mutex<FxHashMap<PathBuf, Option<Made>>>,
}

/// A text that somebody asked for.
#[derive(Debug, Default)]
struct Asked {
    text: Option<Arc<str>>,
    /// Whether somebody did since [`Layout::ask_anew`].
    is_recent: bool,
}

/// The files and folders of a layout; copies share them.
#[derive(Clone, Debug, Default)]
pub struct Places {
    files: Arc<FxHashMap<Key, FileId>>,
    folders: Arc<FxHashSet<OsString>>,
    questions: Option<Arc<Questions>>,
}

/// Hashes of the paths and names that somebody asked for.
#[derive(Debug, Default)]
struct Questions(Mutex<FxHashSet<u64>>);

impl Places {
    /// Whether there is such a file.
    pub fn has_file(&self, path: &Path) -> bool {
        self.file(path).is_some()
    }

    fn file(&self, path: &Path) -> Option<FileId> {
        self.note(path.as_os_str());
        self.files.get(path.as_os_str()).copied()
    }

    /// Whether there is such a folder, with files below it.
    pub fn has_folder(&self, path: &Path) -> bool {
        self.folders.contains(path.as_os_str())
    }

    fn note(&self, asked: &OsStr) {
        if let Some(Ok(mut questions)) = self.questions.as_ref().map(|questions| questions.0.lock()) {
            questions.insert(hash(asked.as_encoded_bytes()));
        }
    }
}

/// A path that is shared, hashed and compared by its bytes.
#[derive(Clone, Debug)]
struct Key(Arc<Path>);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_os_str().hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_os_str() == other.0.as_os_str()
    }
}

impl Eq for Key {}

impl Borrow<OsStr> for Key {
    fn borrow(&self) -> &OsStr {
        self.0.as_os_str()
    }
}

fn hash(name: &[u8]) -> u64 {
    FxBuildHasher.hash_one(name)
}

/// The names by which a file may be asked for, without its ending: `a.d.ts` is both `a.d` and `a`.
fn names(path: &Path) -> impl Iterator<Item = &[u8]> {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    let whole = (!name.contains(&b'.')).then_some(name);
    memchr::memchr_iter(b'.', name).filter_map(|dot| name.get(..dot)).chain(whole)
}

impl Layout {
    /// Adds a file, and the folders above it.
    pub fn insert(&mut self, path: &Arc<Path>, id: FileId) {
        // What languages made of the files so far does not know this one.
        self.kept = Default::default();
        self.names.extend(names(path).map(hash));
        let folders = Arc::make_mut(&mut self.places.folders);
        for folder in path.ancestors().skip(1) {
            if folders.contains(folder.as_os_str()) {
                break;
            }
            folders.insert(folder.as_os_str().to_owned());
            self.names.extend(folder.file_name().map(|name| hash(name.as_encoded_bytes())));
        }
        Arc::make_mut(&mut self.places.files).insert(Key(Arc::clone(path)), id);
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

    /// Every file and folder, as they are now.
    pub fn places(&self) -> Places {
        self.places.clone()
    }

    /// Every folder with files below it.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.places.folders.iter().map(Path::new)
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
        if let Some(asked) = known.get_mut(path) {
            asked.is_recent = true;
            return asked.text.clone();
        }
        let text: Option<Arc<str>> = self.texts.source.read(path).map(Arc::from);
        known.insert(path.to_path_buf(), Asked { text: text.clone(), is_recent: true });
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

    /// The folders of all packages.
    pub fn packages(&self) -> impl Iterator<Item = &Path> {
        self.packages.values().flatten().map(PathBuf::as_path)
    }

    /// The folders of the packages with a name.
    pub fn packages_of(&self, name: &str) -> &[PathBuf] {
        self.packages.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether anyone asked for a text at a path, or below it, that is none of the project's files, and so whether it
    /// matters what is there.
    pub fn has_asked_below(&self, path: &Path) -> bool {
        let Ok(asked) = self.texts.source.asked.lock() else { return true };
        let mut below = asked.range(path.to_path_buf()..).take_while(|asked| asked.starts_with(path));
        below.any(|asked| !self.has_file(asked))
    }

    /// Forgets who asked for texts, but not what they say.
    pub fn ask_anew(&mut self) {
        if let Ok(known) = self.texts.known.get_mut() {
            for asked in known.values_mut() {
                asked.is_recent = false;
            }
        }
    }

    /// The project's own files whose texts were asked for since [`Layout::ask_anew`].
    pub fn asked(&self) -> Vec<PathBuf> {
        let Ok(known) = self.texts.known.lock() else { return Vec::new() };
        let recent = known.iter().filter(|(_, asked)| asked.is_recent).map(|(path, _)| path);
        recent.filter(|path| self.has_file(path)).cloned().collect()
    }

    /// Forgets what a file of the project says.
    pub fn forget_text(&mut self, path: &Path) {
        if let Ok(known) = self.texts.known.get_mut() {
            known.remove(path);
        }
    }

    /// Learns which names lie directly below a root.
    pub fn seal(&mut self) {
        self.tops.clear();
        let paths = self
            .places
            .files
            .keys()
            .map(|file| file.0.as_os_str())
            .chain(self.places.folders.iter().map(OsString::as_os_str));
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

    /// From here on, notes what is asked of files; not of folders.
    pub fn note_questions(&mut self) {
        self.places.questions = Some(Arc::default());
    }

    /// Whether somebody has asked something whose answer may be another if a file comes to a path or goes, and no folder
    /// does. Errs towards `true`.
    pub fn is_asked_for(&self, path: &Path) -> bool {
        let Some(Ok(questions)) = self.places.questions.as_ref().map(|questions| questions.0.lock()) else {
            return true;
        };
        questions.contains(&hash(path.as_os_str().as_encoded_bytes()))
            || names(path).any(|name| questions.contains(&hash(name)))
    }

    /// The file's index, for whoever does not care whether it is there.
    pub fn peek(&self, path: &Path) -> Option<FileId> {
        self.places.files.get(path.as_os_str()).copied()
    }

    /// The file's index.
    pub fn file(&self, path: &Path) -> Option<FileId> {
        self.places.file(path)
    }

    /// Whether there is such a file.
    pub fn has_file(&self, path: &Path) -> bool {
        self.places.has_file(path)
    }

    /// Whether there is such a folder, with files below it.
    pub fn has_folder(&self, path: &Path) -> bool {
        self.places.has_folder(path)
    }

    /// Whether any file (without its ending) or folder has this name. Errs towards `true`.
    pub fn has_name(&self, name: &str) -> bool {
        self.places.note(OsStr::new(name));
        self.names.contains(&hash(name.as_bytes()))
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
        self.places.note(OsStr::new(name));
        self.tops.get(OsStr::new(name)).map_or(&[], Vec::as_slice)
    }
}
