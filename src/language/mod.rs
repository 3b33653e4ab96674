//! What a language must tell of itself. Each parser stays behind its language's door.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;

use crate::layout::Layout;
use crate::outline::ImportId;
use crate::outline::Outline;
use crate::source::LanguageId;
use crate::source::SourceFile;
use crate::source::Span;

pub mod python;

/// A source language. Parsing never fails: damage becomes a problem in the outline.
pub trait Language: Sync {
    /// Which language this is.
    fn id(&self) -> LanguageId;
    /// The endings of its files' names.
    fn extensions(&self) -> &'static [&'static str];
    /// Looks at a text without parsing it: whether it can hold anything that matters, and what it imports. May hold
    /// more than there is, and nothing less.
    fn glance(&self, text: &[u8], watch: &Watch) -> Glance;
    /// The modules that a text may import, without parsing it.
    fn requests(&self, text: &[u8]) -> Vec<String>;
    /// The names of a file, and how they are used.
    fn outline(&self, source: &SourceFile, watch: &Watch) -> Outline;
    /// The edits that change one import statement.
    fn edit_import(&self, source: &SourceFile, outline: &Outline, change: &ImportChange) -> Vec<(Span, String)>;
    /// An argument as it is written in a call.
    fn argument(&self, name: &str, value: &str) -> String;
    /// Where a request leads: the path of a module without its ending, if `exists` knows it.
    fn locate(&self, from: &Path, request: &str, layout: &Layout) -> Option<PathBuf>;
    /// The files that a module's path may stand for, best first.
    fn module_files(&self, module: &Path) -> Vec<PathBuf>;
    /// The path of the module that a file is, without its ending.
    fn module_of(&self, file: &Path) -> PathBuf;
    /// The name by which a file imports a module of the project that lies below `root`.
    fn module_name(&self, below_root: &Path) -> Option<String>;
}

/// Every language.
pub fn all() -> &'static [&'static dyn Language] {
    &[&python::Python]
}

/// The language with this id, where it is built in.
pub fn by_id(id: LanguageId) -> Option<&'static dyn Language> {
    all().iter().copied().find(|language| language.id() == id)
}

/// The language that a path's ending names.
pub fn by_path(path: &Path) -> Option<&'static dyn Language> {
    let extension = path.extension()?.to_str()?;
    all().iter().copied().find(|language| language.extensions().contains(&extension))
}

/// What a run looks for in one language, so that outlines need not hold everything.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// First parts of the symbols that rules name: `openai`.
    pub packages: Vec<String>,
    /// The symbols that rules name, and the modules that they lie in.
    pub symbols: BTreeSet<String>,
    /// Modules of which rules name everything: `openai.error` for `openai.error.*`.
    pub wholes: BTreeSet<String>,
    /// Last parts of the symbols that constructions name: `OpenAI`.
    pub classes: Vec<String>,
    /// Functions of the factories.
    pub functions: Vec<String>,
    /// Modules of the factories.
    pub modules: Vec<String>,
    /// Sources of the context: a name, or a name and an attribute.
    pub sources: Vec<String>,
    /// Arguments that say where a client connects to.
    pub endpoints: Vec<String>,
    /// What the language makes of all this for its searches, made when it is first needed.
    pub literals: Arc<OnceLock<python::Literals>>,
}

/// A file's imports, hashed: enough to tell whether it may import a name from a file.
#[derive(Clone, Debug, Default)]
pub struct Sketch {
    /// Each statement: the hash of the module's last part, and how many hashes of names follow in `names`.
    pub statements: Vec<(u32, u32)>,
    /// Hashes of the imported names, statement after statement.
    pub names: Vec<u32>,
    /// Hashes of `a` and `B` for each `a.B` whose `B` is a watched class or package.
    pub attributes: Vec<(u32, u32)>,
}

/// What a look at unparsed text gives.
#[derive(Debug)]
pub struct Glance {
    /// Whether the text must be outlined.
    pub matters: bool,
    /// What it imports; empty where it matters anyway.
    pub sketch: Sketch,
}

/// What changes in one import statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportChange {
    /// The statement.
    pub import: ImportId,
    /// Whether the block around it would be empty without it.
    pub keeps_block: bool,
    /// Members that go, by index.
    pub remove: Vec<u32>,
    /// Members that stay for other files only, and say so.
    pub reexport: Vec<u32>,
    /// Names that this statement shall bring as well: name and alias.
    pub extend: Vec<(String, Option<String>)>,
    /// Imports that come in its place or beside it: module, name and alias.
    pub add: Vec<NewImport>,
}

/// An import that a fix adds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewImport {
    /// The module.
    pub module: String,
    /// The name in it.
    pub name: String,
    /// The name it gets here.
    pub alias: Option<String>,
}

/// The hash that stands for a star import among the names of a [`Sketch`].
pub fn hash_star() -> u32 {
    hash_name(b"*")
}

/// Hashes a name for a [`Sketch`] (FNV-1a, 32 bits).
pub fn hash_name(name: &[u8]) -> u32 {
    name.iter().fold(0x811c_9dc5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
