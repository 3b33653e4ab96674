//! All that a run knows: its files, their outlines, and where things lie.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::language::PackedSketch;
use crate::layout::FileId;
use crate::layout::Layout;
use crate::outline::Outline;
use crate::source::LanguageId;
use crate::source::SourceFile;

/// One file of a run.
#[derive(Debug)]
pub struct File {
    /// Where it lies, absolute.
    pub path: Arc<Path>,
    /// Its language.
    pub language: LanguageId,
    /// Its names, where it had to be parsed.
    pub outline: Option<Arc<Outline>>,
    /// Its text, where somebody is likely to need it.
    pub source: Option<Arc<SourceFile>>,
    /// The hash of its bytes, where its text was dropped. Tells whether it changed by the time it is read again.
    pub digest: Option<u64>,
    /// What it imports, where it was not parsed; dropped once no file is looked at any more.
    pub sketch: PackedSketch,
    /// How many of a notebook's cells were passed over.
    pub skipped_cells: u32,
    /// Whether findings in it are reported.
    pub reported: bool,
    /// Whether it belongs to the factory, or to the SDK itself.
    pub exempt: bool,
}

/// A module of the SDK that lies in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sdk {
    /// The module's path, without ending.
    pub module: PathBuf,
    /// The name by which rules know it.
    pub package: String,
}

/// The factory of one language.
#[derive(Clone, Debug)]
pub struct Factory {
    /// The language.
    pub language: LanguageId,
    /// Its module, as it is imported.
    pub module: String,
    /// Its file, where there is one.
    pub file: Option<FileId>,
    /// Where imports of it start.
    pub root: PathBuf,
    /// The files that importing it runs, itself included, and whether they are known to.
    pub runs: Vec<FileId>,
    /// The files that its functions lie in, where it is the entry of a package and hands them on.
    pub behind: Vec<FileId>,
}

impl File {
    /// A file that nobody has read yet.
    pub fn unread(path: Arc<Path>, language: LanguageId, reported: bool) -> Self {
        let (sketch, exempt) = (PackedSketch::default(), false);
        Self { path, language, outline: None, source: None, digest: None, sketch, skipped_cells: 0, reported, exempt }
    }
}

/// All that a run knows.
#[derive(Debug, Default)]
pub struct Project {
    /// Its folder, absolute.
    pub root: PathBuf,
    /// Its files.
    pub files: Vec<File>,
    /// Where they lie.
    pub layout: Layout,
    /// Copies of the SDK in the tree.
    pub sdks: Vec<Sdk>,
    /// Packages that rules name: whoever imports them gets the SDK.
    pub packages: BTreeMap<LanguageId, Vec<String>>,
    /// The symbols that rules name, and the modules that they lie in.
    pub symbols: BTreeSet<String>,
    /// The factories that rules lead to.
    pub factories: Vec<Factory>,
}

impl Project {
    /// The file with this index.
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id as usize)
    }

    /// The outline of a file, if it was parsed.
    pub fn outline(&self, id: FileId) -> Option<&Outline> {
        self.file(id)?.outline.as_deref()
    }

    /// Every parsed file.
    pub fn outlines(&self) -> impl Iterator<Item = (FileId, &File, &Outline)> {
        let numbered = (0..).zip(&self.files);
        numbered.filter_map(|(id, file)| Some((id, file, file.outline.as_deref()?)))
    }

    /// The factory that a rule's replacement leads to, for a file at `path`: the nearest, where there are several.
    pub fn factory(&self, language: LanguageId, module: &str, path: &Path) -> Option<&Factory> {
        let found = self.factories.iter().filter(|factory| factory.language == language && factory.module == module);
        found.rev().max_by_key(|factory| {
            let is_above = path.starts_with(&factory.root);
            (is_above, if is_above { factory.root.as_os_str().len() } else { 0 })
        })
    }

    /// Packages that rules name in a language.
    pub fn packages(&self, language: LanguageId) -> &[String] {
        self.packages.get(&language).map_or(&[], Vec::as_slice)
    }
}
