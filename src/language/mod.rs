//! What a language must tell of itself. Each parser stays behind its language's door.

use std::any::Any;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::OnceLock;

use crate::layout::Layout;
use crate::outline::Held;
use crate::outline::Import;
use crate::outline::ImportId;
use crate::outline::Member;
use crate::outline::Outline;
use crate::outline::Parameter;
use crate::source::LanguageId;
use crate::source::SourceFile;
use crate::source::Span;
use crate::source::is_notebook;
use crate::symbol;

mod packed;
pub mod python;
pub mod rust;
mod sets;
pub mod typescript;
mod words;

pub use packed::PackedSketch;
pub use words::Words;

/// A source language. Parsing never fails: damage becomes a problem in the outline.
pub trait Language: Sync {
    /// Which language this is.
    fn id(&self) -> LanguageId;
    /// The endings of its files' names.
    fn extensions(&self) -> &'static [&'static str];
    /// Looks at a text without parsing it: whether it can hold anything that matters, and what it imports. May hold
    /// more than there is, and nothing less.
    fn glance(&self, text: &[u8], watch: &Watch) -> Glance;
    /// Whether a module's text may bind a name to something of another file's; `false` only where it surely defines the
    /// name itself, or has no such name.
    fn may_hand_on(&self, _text: &[u8], _name: &str) -> bool {
        true
    }
    /// The files that a text may import, without parsing it: places where they may lie, whether or not they do.
    fn outward(&self, from: &Path, text: &[u8], ground: &Ground<'_>) -> Vec<PathBuf>;
    /// Whether [`Language::outward`] heeds [`Ground::asks`], and all that an outline depends on is the text.
    fn heeds_asks(&self) -> bool {
        false
    }
    /// Adds to a layout the folders at which imports start. `files` are the language's own.
    fn roots(&self, ground: &Ground<'_>, files: &[Arc<Path>], layout: &mut Layout);
    /// The names of a file, and how they are used.
    fn outline(&self, source: &SourceFile, watch: &Watch) -> Outline;
    /// The edits that change one import statement.
    fn edit_import(&self, source: &SourceFile, outline: &Outline, change: &ImportChange) -> Vec<(Span, String)>;
    /// Whether an import statement of the form [`crate::outline::ImportForm::From`] can bring further names.
    fn can_extend(&self, source: &SourceFile, import: &Import) -> bool;
    /// An argument as it is written in a call.
    fn argument(&self, name: &str, value: &str) -> String;
    /// What starts a comment that ends with its line.
    fn comment(&self) -> &'static str;
    /// Whether a comment at this offset is one for every version of the language.
    fn takes_comment(&self, _source: &SourceFile, _offset: u32) -> bool {
        true
    }
    /// How a value of the context is handed to a parameter that is known by its place; the error says why it cannot be.
    ///
    /// # Errors
    ///
    /// Why it cannot be handed over.
    fn pass(&self, source: &str, held: &Held, parameter: &Parameter) -> Result<String, String> {
        let _ = (held, parameter);
        Ok(source.to_owned())
    }
    /// What stands for nothing in the place of an optional argument.
    fn nothing(&self) -> &'static str {
        ""
    }
    /// A request for one of `packages`, however it is spelled, as rules spell it; `None` for any other request.
    fn canonical(&self, from: &Path, request: &str, packages: &[String], layout: &Layout) -> Option<String>;
    /// Where a request leads: the path of a module, as [`Language::module_of`] gives it, if the layout knows it.
    fn locate(&self, from: &Path, request: &str, layout: &Layout) -> Option<PathBuf>;
    /// The modules that an import statement runs, as requests.
    fn requests_of(&self, import: &Import) -> Vec<String>;
    /// A module that is reached as a name of another one without being bound there.
    fn submodule(&self, module: &Path, name: &str, layout: &Layout) -> Option<PathBuf>;
    /// Whether a star import brings a name, where the module does not list what it gives.
    fn is_starred(&self, name: &str) -> bool;
    /// The files that a module's path may stand for, best first.
    fn module_files(&self, module: &Path) -> Vec<PathBuf>;
    /// The path of the module that a file is.
    fn module_of(&self, file: &Path) -> PathBuf;
    /// The last names under which imports may ask for the module that a file is. An import that hides them (a folder
    /// above the file, as in `from . import x`) asks for any module.
    fn module_tails(&self, file: &Path, layout: &Layout) -> Vec<String>;
    /// The folder whose modules belong to the module that a file is.
    fn folder_of(&self, file: &Path) -> Option<PathBuf>;
    /// Whether a file is called as the folder that it lies in, where it is imported.
    fn is_gateway(&self, file: &Path) -> bool {
        self.folder_of(file).is_some_and(|folder| file.parent() == Some(&folder))
    }
    /// What stands in every file that imports all names of a module.
    fn star_import(&self) -> &'static str;
    /// What stands in files of a module's own folder that import from it without naming it.
    fn outer_module(&self) -> Option<&'static str> {
        None
    }
    /// Whether importers call what is exported under this name as they like.
    fn is_nameless(&self, export: &str) -> bool {
        export == Member::NAMESPACE
    }
    /// Other names that the project gives to `packages`, in its manifests.
    fn aliases(&self, ground: &Ground<'_>, files: &[Arc<Path>], packages: &[String]) -> Vec<String> {
        let _ = (ground, files, packages);
        Vec::new()
    }
    /// The files that run before a module does, because it lies below them.
    fn runs_before(&self, file: &Path, layout: &Layout) -> Vec<PathBuf>;
    /// The module that is a copy of a package that rules name, if a file lies in one.
    fn copy_of(&self, file: &Path, package: &Vendored<'_>, ground: &Ground<'_>, layout: &Layout) -> Option<PathBuf>;
    /// The full name of a module at this path within a copy of a package.
    fn name_in_copy(&self, package: &str, within: &Path) -> String;
    /// What manifests are called that name a package, where imports start with that name.
    fn manifest(&self) -> Option<&'static str> {
        None
    }
    /// The name that the text of such a manifest gives to the package in its folder.
    fn package_name(&self, manifest: &str) -> Option<String> {
        let _ = manifest;
        None
    }
    /// Notes which packages the project has, and where.
    fn packages(&self, ground: &Ground<'_>, files: &[Arc<Path>], layout: &mut Layout) {
        let _ = (ground, files, layout);
    }
    /// The folders of packages that the factory's module may belong to, each with the folder below which it is the nearest.
    fn factory_packages(&self, module: &str, layout: &Layout) -> Vec<(PathBuf, PathBuf)> {
        let _ = module;
        layout.packages().map(|folder| (folder.to_path_buf(), folder.to_path_buf())).collect()
    }
    /// The files that may be the factory's module if it belongs to the package of this folder, best first; empty where the
    /// folder has no manifest that tells.
    fn factory_in(&self, module: &str, folder: &Path, ground: &Ground<'_>) -> Vec<PathBuf> {
        let _ = (module, folder, ground);
        Vec::new()
    }
    /// The folder whose files are the factory's own if its module is this file.
    fn factory_folder(&self, module: &str, file: &Path) -> Option<PathBuf> {
        let _ = module;
        self.folder_of(file)
    }
    /// The ends of the paths that the factory's module may lie at, best first.
    fn factory_files(&self, module: &str) -> Vec<PathBuf>;
    /// Whether a project may have several factories, of which the nearest counts.
    fn has_many_factories(&self) -> bool;
    /// How a file asks for the factory's module, or why it cannot. `place` is the factory's file, if there is one, and its
    /// module and root.
    ///
    /// # Errors
    ///
    /// The reason, for whoever has to make it possible.
    fn factory_request(&self, from: &Path, place: &FactoryPlace<'_>, layout: &Layout) -> Result<String, String>;
    /// Whether a call names the factory's function by its whole path, so that no import is added.
    fn calls_by_path(&self) -> bool;
    /// The whole path of a name in a module, as a call has it.
    fn path(&self, module: &str, name: &str) -> String {
        symbol::join(self.id(), module, name)
    }
    /// Whether a request, as [`Language::factory_request`] gives it, leads to another package.
    fn is_outside(&self, request: &str) -> bool {
        let _ = request;
        false
    }
    /// The files of a factory's module with these functions, each taking `argument` and all else, for trying out a rule.
    /// Paths are relative to the project.
    fn stub(&self, module: &str, functions: &BTreeSet<String>, argument: &str) -> Vec<(PathBuf, String)>;
    /// Where a file with this ending lies in a project that tries out a rule, relative to it.
    fn trial_file(&self, extension: &str) -> PathBuf;
}

/// What languages may know of a project's folders.
pub struct Ground<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// Folders that the configuration names as roots.
    pub roots: &'a [PathBuf],
    /// Reads a file's text.
    pub read: &'a dyn Fn(&Path) -> Option<String>,
    /// Whether there is such a folder.
    pub is_folder: &'a dyn Fn(&Path) -> bool,
    /// Whether anything in a folder may be called so, with or without an ending.
    pub may_hold: &'a dyn Fn(&Path, &str) -> bool,
    /// Folders further away, of which some may be roots, that hold something called so.
    pub elsewhere: &'a dyn Fn(&str) -> Vec<PathBuf>,
    /// The folder of the package with this name, if it lies near the project's own and a manifest says so.
    pub package: &'a dyn Fn(&str) -> Option<PathBuf>,
    /// Whether anybody asks where a request leads.
    pub asks: &'a dyn Fn(&str) -> bool,
}

/// A package that rules name, and that may lie in the tree as a copy.
#[derive(Debug)]
pub struct Vendored<'a> {
    /// Its name.
    pub package: &'a str,
    /// The symbols in it whose construction rules replace.
    pub symbols: &'a [&'a str],
}

/// Where a factory lies.
#[derive(Debug)]
pub struct FactoryPlace<'a> {
    /// Its module, as it is configured.
    pub module: &'a str,
    /// Its file, where there is one.
    pub file: Option<&'a Path>,
    /// Where imports of it start.
    pub root: &'a Path,
}

/// Every language.
pub fn all() -> &'static [&'static dyn Language] {
    &[&python::Python, &typescript::Typescript, &rust::Rust]
}

/// The language with this id, where it is built in.
pub fn by_id(id: LanguageId) -> Option<&'static dyn Language> {
    all().iter().copied().find(|language| language.id() == id)
}

/// The language that a path's ending names. A notebook is taken for Python's, until its kernel says something else.
pub fn by_path(path: &Path) -> Option<&'static dyn Language> {
    if is_notebook(path) {
        return by_id(LanguageId::Python);
    }
    let extension = path.extension()?.to_str()?;
    all().iter().copied().find(|language| language.extensions().contains(&extension))
}

/// The names of a file, and how they are used; of a notebook that cannot be read, only what is wrong with it.
pub fn outline(language: &dyn Language, source: &SourceFile, watch: &Watch) -> Outline {
    match source.damage() {
        Some(damage) => Outline { problems: vec![damage.clone()], ..Outline::default() },
        None => language.outline(source, watch),
    }
}

/// What a language makes of a [`Watch`] for its searches, made when it is first asked for.
#[derive(Clone, Default)]
pub struct Literals(Arc<OnceLock<Box<dyn Any + Send + Sync>>>);

impl Literals {
    /// What `make` made when this was first called. Each language calls it with a type of its own.
    pub fn get<T: Any + Send + Sync>(&self, make: impl Fn() -> T) -> Option<&T> {
        self.0.get_or_init(|| Box::new(make())).downcast_ref()
    }
}

impl std::fmt::Debug for Literals {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Literals")
    }
}

/// What a run looks for in one language, so that outlines need not hold everything.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// First parts of the symbols that rules name: `openai`.
    pub packages: Vec<String>,
    /// Other names that the project gives to them.
    pub aliases: Vec<String>,
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
    pub literals: Literals,
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
    /// Members that stay for type checkers only, by index.
    pub typing: Vec<u32>,
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
