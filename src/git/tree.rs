//! A commit's files, or the index's: a tree with what differs laid over it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::shelf::Entry;
use crate::shelf::Shelf;

use super::Blob;
use super::Change;
use super::Mode;
use super::ObjectId;
use super::Objects;
use super::os_string;

/// A state of a repository's files. Folders are read as they are asked for.
#[derive(Debug)]
pub struct Tree {
    root: PathBuf,
    objects: Arc<Objects>,
    /// The name of the tree, such as `HEAD^{tree}`; there may be no such thing.
    name: String,
    laid_over: BTreeMap<PathBuf, Option<Blob>>,
    /// Folders that files laid over lie in.
    folders: BTreeSet<PathBuf>,
    listings: Mutex<FxHashMap<PathBuf, Listing>>,
}

/// What a folder of the tree holds, before anything is laid over it.
type Listing = Arc<BTreeMap<OsString, Blob>>;

impl Tree {
    /// The files of a commit, where paths start at `root`.
    pub fn of_commit(root: &Path, objects: Arc<Objects>, commit: &str) -> Self {
        Self {
            root: root.to_path_buf(),
            objects,
            name: format!("{commit}^{{tree}}"),
            laid_over: BTreeMap::new(),
            folders: BTreeSet::new(),
            listings: Mutex::default(),
        }
    }

    /// The same with changes, such as those that lead from a commit to the index.
    #[must_use]
    pub fn with(mut self, changes: &[Change]) -> Self {
        for change in changes {
            self.laid_over.extend(change.from.clone().map(|from| (from, None)));
        }
        for change in changes {
            self.laid_over.insert(change.path.clone(), change.after.clone());
            if change.after.is_some() {
                let folders = change.path.ancestors().skip(1).take_while(|folder| *folder != self.root);
                self.folders.extend(folders.map(Path::to_path_buf));
            }
        }
        self
    }

    /// What a path names.
    pub fn entry(&self, path: &Path) -> Option<Blob> {
        if let Some(laid_over) = self.laid_over.get(path) {
            return laid_over.clone();
        }
        self.listing(path.parent()?)?.get(path.file_name()?).cloned()
    }

    fn listing(&self, folder: &Path) -> Option<Listing> {
        if !folder.starts_with(&self.root) {
            return None;
        }
        let known = self.listings.lock().unwrap_or_else(PoisonError::into_inner).get(folder).cloned();
        if known.is_some() {
            return known;
        }
        let listing = Arc::new(self.read_listing(folder).unwrap_or_default());
        let mut listings = self.listings.lock().unwrap_or_else(PoisonError::into_inner);
        listings.insert(folder.to_path_buf(), Arc::clone(&listing));
        Some(listing)
    }

    fn read_listing(&self, folder: &Path) -> Option<BTreeMap<OsString, Blob>> {
        let object = if folder == self.root {
            self.objects.get(&self.name).ok()??
        } else {
            let above = self.listing(folder.parent()?)?;
            let blob = above.get(folder.file_name()?).filter(|blob| blob.mode == Mode::Folder)?;
            self.objects.get(&blob.id).ok()??
        };
        entries(&object.bytes, object.id.len() / 2)
    }

    fn fetch(&self, ids: &[ObjectId]) {
        // What cannot be read now cannot be read later, and is told then.
        let _ = self.objects.fetch(&ids.iter().map(|id| &**id).collect::<Vec<_>>());
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
        self.blob(path).is_some()
    }

    fn has_folder(&self, path: &Path) -> bool {
        path == self.root
            || self.folders.contains(path)
            || self.entry(path).is_some_and(|blob| blob.mode == Mode::Folder)
    }

    fn entries(&self, folder: &Path) -> Vec<Entry> {
        let mut names: BTreeSet<OsString> =
            self.listing(folder).map(|listing| listing.keys().cloned().collect()).unwrap_or_default();
        let below = |path: &&PathBuf| path.parent() == Some(folder);
        let laid_over = self.laid_over.range(folder.to_path_buf()..).map(|(path, _)| path);
        let laid_over = laid_over.take_while(|path| path.starts_with(folder)).filter(below);
        let folders = self.folders.range(folder.to_path_buf()..).take_while(|path| path.starts_with(folder));
        let more = laid_over.chain(folders.filter(below)).filter_map(|path| path.file_name());
        names.extend(more.map(OsStr::to_owned));
        let entry = |name: OsString| {
            let path = folder.join(name);
            if self.has_file(&path) {
                Some(Entry::File(path))
            } else {
                self.has_folder(&path).then_some(Entry::Folder(path))
            }
        };
        names.into_iter().filter_map(entry).collect()
    }

    fn prepare_folders(&self, paths: &[PathBuf]) {
        let mut levels: BTreeMap<usize, Vec<&Path>> = BTreeMap::new();
        let mut seen: FxHashSet<&Path> = FxHashSet::default();
        for path in paths.iter().filter(|path| path.starts_with(&self.root)) {
            let above = path.ancestors().skip(1).take_while(|folder| *folder != self.root);
            for folder in above.take_while(|folder| seen.insert(folder)) {
                levels.entry(folder.components().count()).or_default().push(folder);
            }
        }
        // The names of one level are told by the level above it.
        for folders in levels.values() {
            let id = |folder: &&Path| {
                let above = self.listing(folder.parent()?)?;
                Some(above.get(folder.file_name()?).filter(|blob| blob.mode == Mode::Folder)?.id.clone())
            };
            let ids: Vec<ObjectId> = folders.iter().filter_map(id).collect();
            self.fetch(&ids);
        }
    }

    fn prepare(&self, paths: &[PathBuf]) {
        self.prepare_folders(paths);
        let ids: Vec<ObjectId> = paths.iter().filter_map(|path| self.blob(path)).collect();
        self.fetch(&ids);
    }
}

/// Reads a tree object: `MODE NAME`, a NUL, and the bytes of a hash.
fn entries(mut bytes: &[u8], hash: usize) -> Option<BTreeMap<OsString, Blob>> {
    let mut entries = BTreeMap::new();
    while !bytes.is_empty() {
        let end = memchr::memchr(0, bytes)?;
        let (head, rest) = (bytes.get(..end)?, bytes.get(end + 1..)?);
        let space = memchr::memchr(b' ', head)?;
        let (mode, name) = (head.get(..space)?, head.get(space + 1..)?);
        let (id, rest) = rest.split_at_checked(hash)?;
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        entries.insert(os_string(name)?, Blob { mode: Mode::parse(mode), id: id.into() });
        bytes = rest;
    }
    Some(entries)
}
