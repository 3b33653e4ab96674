//! A commit's files, or the index's: a tree with what differs laid over it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::MAIN_SEPARATOR;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::shelf::Entry;
use crate::shelf::Shelf;

use super::Blob;
use super::Change;
use super::Mode;
use super::Object;
use super::ObjectId;
use super::Objects;
use super::Repository;
use super::listing::Listing;
use super::os_string;
use super::stems::Stems;
use super::stems::stem;

/// A state of a repository's files. Folders are read as they are asked for.
///
/// Within, files and folders go by the names that git gives them: bytes, from the root, with `/`. The root is empty.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    objects: Arc<Objects>,
    /// The name of the tree, such as `HEAD^{tree}`; there may be no such thing.
    name: String,
    laid_over: FxHashMap<Vec<u8>, Option<Blob>>,
    /// Names laid over, files and folders, by the folder that they lie in.
    within: FxHashMap<Vec<u8>, BTreeSet<Vec<u8>>>,
    /// The same names up to their first dot, wherever they lie.
    stems: FxHashSet<Vec<u8>>,
    /// Folders of the tree, before anything is laid over them.
    listings: Arc<Mutex<FxHashMap<Vec<u8>, Arc<Listing>>>>,
    /// Who lists about the same files, and what it was asked for.
    index: Option<Arc<Index>>,
}

/// Asks an index, or a commit, once for each question.
#[derive(Debug)]
struct Index {
    repository: Repository,
    commit: Option<String>,
    known: Mutex<FxHashMap<Vec<PathBuf>, Vec<PathBuf>>>,
    stems: OnceLock<Option<Stems>>,
}

impl Index {
    /// Whether anything that lies in a folder may be called so, with or without an ending.
    fn may_hold(&self, name: &str) -> bool {
        let read = || if self.commit.is_none() { Stems::read(&self.repository) } else { None };
        let stems = self.stems.get_or_init(read);
        stems.as_ref().is_none_or(|stems| stems.may_hold(name))
    }

    fn ending_in(&self, ends: &[PathBuf]) -> Vec<PathBuf> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(ends) {
            return known.clone();
        }
        // What cannot be listed is not found, as in any folder that is not looked at.
        let found = self.repository.ending_in(self.commit.as_deref(), ends).unwrap_or_default();
        known.insert(ends.to_vec(), found.clone());
        found
    }
}

impl Tree {
    /// The files of a commit, where paths start at `root`.
    pub fn of_commit(root: &Path, objects: Arc<Objects>, commit: &str) -> Self {
        Self {
            root: root.to_path_buf(),
            objects,
            name: format!("{commit}^{{tree}}"),
            laid_over: FxHashMap::default(),
            within: FxHashMap::default(),
            stems: FxHashSet::default(),
            listings: Arc::default(),
            index: None,
        }
    }

    /// The same, where a commit of the repository, or its index, lists about the same files.
    #[must_use]
    pub fn listed_by(self, repository: &Repository, commit: Option<&str>) -> Self {
        let (repository, commit) = (repository.clone(), commit.map(str::to_owned));
        let index = Index { repository, commit, known: Mutex::default(), stems: OnceLock::new() };
        Self { index: Some(Arc::new(index)), ..self }
    }

    /// The same with changes, such as those that lead from a commit to the index.
    #[must_use]
    pub fn with(&self, changes: &[Change]) -> Self {
        let mut tree = Self {
            root: self.root.clone(),
            objects: Arc::clone(&self.objects),
            name: self.name.clone(),
            laid_over: self.laid_over.clone(),
            within: self.within.clone(),
            stems: self.stems.clone(),
            listings: Arc::clone(&self.listings),
            index: self.index.clone(),
        };
        for from in changes.iter().filter_map(|change| change.from.as_deref()) {
            tree.lay(from, None);
        }
        for change in changes {
            tree.lay(&change.path, change.after.clone());
        }
        tree
    }

    /// The same, told what changes from it to another state: what these say need not be read.
    #[must_use]
    pub fn told(mut self, changes: &[Change]) -> Self {
        for change in changes {
            self.lay(change.source(), change.before.clone());
        }
        self
    }

    fn lay(&mut self, path: &Path, blob: Option<Blob>) {
        let Some(name) = self.name(path).map(Cow::into_owned) else { return };
        if blob.is_some() {
            let mut rest = name.as_slice();
            while !rest.is_empty() {
                let (folder, last) = part(rest);
                if !self.within.entry(folder.to_vec()).or_default().insert(last.to_vec()) {
                    break;
                }
                self.stems.insert(stem(last).to_vec());
                rest = folder;
            }
        }
        self.laid_over.insert(name, blob);
    }

    /// The objects that it is read from.
    pub fn objects(&self) -> &Objects {
        &self.objects
    }

    /// What a path names.
    pub fn entry(&self, path: &Path) -> Option<Blob> {
        let name = self.name(path)?;
        if let Some(laid_over) = self.laid_over.get(&*name) {
            return laid_over.clone();
        }
        let (folder, last) = part(&name);
        self.listing(folder).get(last)
    }

    fn mode(&self, name: &[u8]) -> Option<Mode> {
        if let Some(laid_over) = self.laid_over.get(name) {
            return laid_over.as_ref().map(|blob| blob.mode);
        }
        let (folder, last) = part(name);
        self.listing(folder).mode(last)
    }

    /// A path as git names it; `None` outside the root.
    fn name<'p>(&self, path: &'p Path) -> Option<Cow<'p, [u8]>> {
        let below = path.as_os_str().as_encoded_bytes().strip_prefix(self.root.as_os_str().as_encoded_bytes())?;
        let below = match below.split_first() {
            None => below,
            Some((&first, rest)) if char::from(first) == MAIN_SEPARATOR => rest,
            Some(_) => return None,
        };
        if MAIN_SEPARATOR == '/' {
            return Some(Cow::Borrowed(below));
        }
        let slash = |&byte: &u8| if char::from(byte) == MAIN_SEPARATOR { b'/' } else { byte };
        Some(Cow::Owned(below.iter().map(slash).collect()))
    }

    /// Whether a name is that of a folder, as far as listings tell that were read.
    fn tells(&self, name: &[u8]) -> Option<bool> {
        if name.is_empty() || self.within.contains_key(name) {
            return Some(true);
        }
        if let Some(laid_over) = self.laid_over.get(name) {
            return Some(laid_over.as_ref().is_some_and(|blob| blob.mode == Mode::Folder));
        }
        let (folder, last) = part(name);
        match self.known_listing(folder) {
            Some(listing) => Some(listing.mode(last) == Some(Mode::Folder)),
            None => self.tells(folder).filter(|is_folder| !is_folder),
        }
    }

    fn known_listing(&self, folder: &[u8]) -> Option<Arc<Listing>> {
        self.listings.lock().unwrap_or_else(PoisonError::into_inner).get(folder).cloned()
    }

    fn listing(&self, folder: &[u8]) -> Arc<Listing> {
        if let Some(known) = self.known_listing(folder) {
            return known;
        }
        let listing = Arc::new(self.read_listing(folder).unwrap_or_else(Listing::empty));
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        listings.insert(folder.to_vec(), Arc::clone(&listing));
        listing
    }

    fn read_listing(&self, folder: &[u8]) -> Option<Listing> {
        let object = if folder.is_empty() {
            self.objects.get(&self.name).ok()??
        } else {
            self.objects.get(&self.folder_id(folder)?).ok()??
        };
        Listing::read(object.bytes, object.id.len() / 2)
    }

    fn folder_id(&self, folder: &[u8]) -> Option<ObjectId> {
        let (above, last) = part(folder);
        let above = self.listing(above);
        if above.mode(last)? != Mode::Folder {
            return None;
        }
        Some(above.get(last)?.id)
    }

    fn fetch(&self, ids: &[ObjectId], arrived: &mut dyn FnMut(usize, &Object)) {
        // What cannot be read now cannot be read later, and is told then.
        let _ = self.objects.fetch_each(&ids.iter().map(|id| &**id).collect::<Vec<_>>(), arrived);
    }

    /// Makes ready what is read next, as [`Shelf::prepare`] does; `arrived` is shown each text that was not known as soon
    /// as it is there.
    pub fn prepare_each(&self, paths: &[PathBuf], arrived: &mut dyn FnMut(&Path, &Arc<[u8]>)) {
        let is_known = |path: &Path| self.name(path).is_some_and(|name| self.laid_over.contains_key(&*name));
        let unknown: Vec<PathBuf> = paths.iter().filter(|path| !is_known(path)).cloned().collect();
        self.prepare_folders(&unknown);
        let (paths, ids): (Vec<&PathBuf>, Vec<ObjectId>) =
            paths.iter().filter_map(|path| Some((path, self.blob(path)?))).unzip();
        self.fetch(&ids, &mut |place, object| {
            if let Some(path) = paths.get(place) {
                arrived(path, &object.bytes);
            }
        });
    }

    fn blob(&self, path: &Path) -> Option<ObjectId> {
        self.entry(path).filter(|blob| matches!(blob.mode, Mode::File { .. })).map(|blob| blob.id)
    }
}

impl Shelf for Tree {
    fn read(&self, path: &Path) -> Option<Arc<[u8]>> {
        Some(self.objects.get(&self.blob(path)?).ok()??.bytes)
    }

    fn has_file(&self, path: &Path) -> bool {
        let mode = self.name(path).and_then(|name| self.mode(&name));
        matches!(mode, Some(Mode::File { .. }))
    }

    fn has_folder(&self, path: &Path) -> bool {
        let Some(name) = self.name(path) else { return false };
        name.is_empty() || self.within.contains_key(&*name) || self.mode(&name) == Some(Mode::Folder)
    }

    fn tells_folder(&self, path: &Path) -> Option<bool> {
        self.name(path).map_or(Some(false), |name| self.tells(&name))
    }

    fn may_hold(&self, folder: &Path, name: &str) -> bool {
        let Some(folder) = self.name(folder) else { return false };
        let is_laid_over = || {
            let names = self.within.get(&*folder);
            names.is_some_and(|names| names.iter().any(|own| is_called(own, name)))
        };
        match self.known_listing(&folder) {
            Some(listing) => listing.may_hold(name.as_bytes()) || is_laid_over(),
            None => self.tells(&folder) != Some(false),
        }
    }

    fn may_hold_below(&self, name: &str) -> bool {
        let is_laid_over = || self.stems.contains(stem(name.as_bytes()));
        self.index.as_ref().is_none_or(|index| index.may_hold(name)) || is_laid_over()
    }

    fn names(&self, folder: &Path) -> Vec<OsString> {
        let Some(folder) = self.name(folder) else { return Vec::new() };
        let listing = self.listing(&folder);
        let laid_over = self.within.get(&*folder).into_iter().flatten().map(Vec::as_slice);
        listing.names().chain(laid_over).filter_map(os_string).collect()
    }

    fn entries(&self, folder: &Path) -> Vec<Entry> {
        let Some(name) = self.name(folder) else { return Vec::new() };
        let listing = self.listing(&name);
        if self.laid_over.is_empty() {
            let entries = listing.modes().filter_map(|(name, mode)| match mode {
                Mode::File { .. } => Some(Entry::File(folder.join(os_string(name)?))),
                Mode::Folder => Some(Entry::Folder(folder.join(os_string(name)?))),
                Mode::Other => None,
            });
            return entries.collect();
        }
        let mut names: BTreeSet<&[u8]> = listing.names().collect();
        names.extend(self.within.get(&*name).into_iter().flatten().map(Vec::as_slice));
        let entry = |name: &[u8]| {
            let path = folder.join(os_string(name)?);
            if self.has_file(&path) {
                Some(Entry::File(path))
            } else {
                self.has_folder(&path).then_some(Entry::Folder(path))
            }
        };
        names.into_iter().filter_map(entry).collect()
    }

    fn ending_in(&self, ends: &[PathBuf]) -> Vec<PathBuf> {
        let likely = ends.iter().filter(|end| self.may_lie_below(end));
        let likely: Vec<PathBuf> = likely.cloned().collect();
        if likely.is_empty() {
            return Vec::new();
        }
        let found = self.index.as_ref().map(|index| index.ending_in(&likely)).unwrap_or_default();
        self.prepare_folders(&found);
        found.into_iter().filter(|path| self.has_file(path)).collect()
    }

    fn prepare_folders(&self, paths: &[PathBuf]) {
        let names: Vec<Cow<'_, [u8]>> = paths.iter().filter_map(|path| self.name(path)).collect();
        let mut levels: BTreeMap<usize, Vec<&[u8]>> = BTreeMap::new();
        let mut seen: FxHashSet<&[u8]> = FxHashSet::default();
        for name in &names {
            let (mut folder, _) = part(name);
            // Whoever was here before went on to all folders above.
            while !folder.is_empty() && seen.insert(folder) {
                let level = memchr::memchr_iter(b'/', folder).count();
                levels.entry(level).or_default().push(folder);
                (folder, _) = part(folder);
            }
        }
        // The names of one level are told by the level above it.
        for mut folders in levels.into_values() {
            folders.retain(|folder| self.known_listing(folder).is_none());
            let ids: Vec<ObjectId> = folders.iter().filter_map(|folder| self.folder_id(folder)).collect();
            self.fetch(&ids, &mut |_, _| {});
            for folder in folders {
                self.listing(folder);
            }
        }
    }

    fn prepare(&self, paths: &[PathBuf]) {
        self.prepare_each(paths, &mut |_, _| {});
    }
}

/// Whether a file or folder is called so, with or without an ending.
fn is_called(own: &[u8], name: &str) -> bool {
    own.strip_prefix(name.as_bytes()).is_some_and(|rest| matches!(rest, [] | [b'.', ..]))
}

/// A name's folder and its last part.
fn part(name: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memrchr(b'/', name) {
        Some(at) => (name.get(..at).unwrap_or_default(), name.get(at + 1..).unwrap_or_default()),
        None => (&[], name),
    }
}
