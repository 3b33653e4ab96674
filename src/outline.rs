//! What any language reduces a file to. Below this type there are parsers; above it there is no language at all.
//!
//! An outline says which names a file binds, what each name may be bound to where it is read, and how it is used there.
//! It never says what an imported name means: that takes the other files, and is the work of [`crate::resolve`].

mod calls;
mod definitions;
mod imports;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::finding::ProblemKind;
use crate::source::SourceFile;
use crate::source::Span;

pub use calls::Argument;
pub use calls::Availability;
pub use calls::Call;
pub use calls::Detail;
pub use calls::Held;
pub use calls::Places;
pub use calls::Reference;
pub use calls::Role;
pub use calls::Told;
pub use calls::TypeArgument;
pub use definitions::Attribute;
pub use definitions::Base;
pub use definitions::Class;
pub use definitions::Definition;
pub use definitions::DefinitionKind;
pub use definitions::Field;
pub use definitions::Init;
pub use definitions::Parameter;
pub use definitions::Reach;
pub use definitions::Returned;
pub use definitions::Signature;
pub use imports::Import;
pub use imports::ImportForm;
pub use imports::Member;

/// Index into [`Outline::scopes`].
pub type ScopeId = u32;
/// Index into [`Outline::bindings`].
pub type BindingId = u32;
/// Index into [`Outline::references`].
pub type ReferenceId = u32;
/// Index into [`Outline::imports`].
pub type ImportId = u32;
/// Index into [`Outline::definitions`].
pub type DefinitionId = u32;

/// One file, reduced to its names.
#[derive(Debug, Default)]
pub struct Outline {
    /// What is wrong with the file; any of these forbids edits.
    pub problems: Vec<Trouble>,
    /// The file's scopes; the first is the module.
    pub scopes: Vec<Scope>,
    /// What names are bound to.
    pub bindings: Vec<Binding>,
    /// Import statements, in order.
    pub imports: Vec<Import>,
    /// Uses of names that lead to an import, in order of evaluation.
    pub references: Vec<Reference>,
    /// Classes and functions.
    pub definitions: Vec<Definition>,
    /// What each name of the module may be bound to once the module has run.
    pub exports: BTreeMap<Box<str>, Vec<BindingId>>,
    /// Modules inside of this file, by their scopes: what each of their names may be bound to.
    pub inner: BTreeMap<ScopeId, BTreeMap<Box<str>, Vec<BindingId>>>,
    /// Bindings that a star import from elsewhere does not bring.
    pub private: BTreeSet<BindingId>,
    /// Bindings that are there for others, as the file itself says.
    pub offered: BTreeSet<BindingId>,
    /// `__all__`, where the module has one that can be read.
    pub public: Option<BTreeSet<Box<str>>>,
    /// Replacements of names by tests.
    pub patches: Vec<Patch>,
    /// Comments that speak to qmigrate.
    pub suppressions: Vec<Suppression>,
    /// Names that are read and bound nowhere.
    pub unbound: BTreeSet<Box<str>>,
    /// Names that are looked up by a string, such as `globals()["OpenAI"]`.
    pub named: BTreeSet<Box<str>>,
    /// Attributes that are deleted somewhere, on whatever object.
    pub deleted: BTreeSet<Box<str>>,
    /// Dynamic access to modules and attributes, in order.
    pub dynamic: Vec<Dynamic>,
    /// How many cells of a notebook were left out, because they do not parse or are in another language.
    pub skipped_cells: u32,
}

/// Something wrong with a file's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Where.
    pub offset: u32,
    /// What kind.
    pub kind: ProblemKind,
    /// What, for a person.
    pub message: String,
}

/// A region in which names live.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The scope around it; `None` for the module.
    pub parent: Option<ScopeId>,
    /// Whether it is a class body, whose names scopes inside it do not see.
    pub is_class: bool,
    /// The watched names (see [`crate::language::Watch`]) that it binds.
    pub watched: BTreeSet<Box<str>>,
}

/// One event that gives a name a meaning.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The name.
    pub name: Arc<str>,
    /// The scope it lives in.
    pub scope: ScopeId,
    /// Where the name stands.
    pub offset: u32,
    /// What it is bound to.
    pub kind: BindingKind,
    /// Whether only type checkers run it.
    pub typing: bool,
}

/// What a name is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BindingKind {
    /// Nothing yet, or not any more.
    Unbound,
    /// An import's member.
    Import(ImportId, u32),
    /// Any name that a star import brings.
    Star(ImportId),
    /// One of these references, and perhaps something else.
    Alias {
        /// What it may hold.
        references: Vec<ReferenceId>,
        /// Whether it may also hold a value that is none of them.
        or_value: bool,
    },
    /// `None`.
    Nothing,
    /// A text.
    Text(Box<str>),
    /// A class or a function.
    Definition(DefinitionId),
    /// The object whose method this is: the first parameter of a method of this class.
    Receiver(DefinitionId),
    /// A module or attribute that is looked up by a string.
    Dynamic(u32),
    /// A module, by the request that leads to it.
    Module(Box<str>),
    /// A module inside of this file.
    Inner(ScopeId),
    /// The first of these that has the name: what star imports bring, then what a scope further out has.
    First(Box<[BindingId]>),
    /// Any other value.
    Value,
}

/// A test's replacement of a name.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The whole call.
    pub span: Span,
    /// What is replaced.
    pub target: PatchTarget,
    /// Where the replaced name stands, for rewriting; `None` where it is put together.
    pub name: Option<Span>,
    /// The name of the definition around it.
    pub definition: Arc<str>,
    /// The statement around it.
    pub statement: Span,
}

/// What a patch replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatchTarget {
    /// A dotted path in a string.
    Path(Box<str>),
    /// An attribute of what a reference leads to.
    Attribute(ReferenceId, Box<str>),
    /// A whole module, by the request for it.
    Module(Box<str>),
}

/// Access to a module or an attribute by a string.
#[derive(Clone, Debug)]
pub struct Dynamic {
    /// The whole call.
    pub span: Span,
    /// What it gives.
    pub target: DynamicTarget,
    /// The name of the definition around it.
    pub definition: Arc<str>,
    /// The statement around it.
    pub statement: Span,
}

/// What a dynamic access gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DynamicTarget {
    /// A module, with leading dots where it is relative.
    Module(Box<str>),
    /// An attribute of what a reference leads to.
    Attribute(ReferenceId, Box<str>),
}

/// A comment that speaks to qmigrate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The comment.
    pub span: Span,
    /// The rules it names.
    pub rules: Vec<String>,
    /// Its reason; empty where there is none.
    pub reason: String,
    /// Whether it speaks for the whole file.
    pub whole_file: bool,
    /// Whether it stands alone on its line.
    pub own_line: bool,
}

impl Suppression {
    /// Whether it stands where it speaks for a construction: on its first or last line, alone on the line above its
    /// statement, or among the file's first comments.
    pub fn speaks_for(&self, source: &SourceFile, construction: Span, statement: Span) -> bool {
        let first = source.line(construction.start);
        let last = source.line(construction.end.saturating_sub(1));
        let above = source.line(statement.start).saturating_sub(1);
        let line = source.line(self.span.start);
        let beside = !self.own_line && (line == first || line == last);
        self.whole_file || beside || (self.own_line && line == above)
    }
}

impl Outline {
    /// Whether the file may be edited at all.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    /// Whether a scope is a module's, whose names other modules can ask for.
    pub fn is_module(&self, scope: ScopeId) -> bool {
        scope == 0 || self.inner.contains_key(&scope)
    }

    /// A definition, where it is a class.
    pub fn class(&self, id: DefinitionId) -> Option<&Class> {
        match &self.definitions.get(id as usize)?.kind {
            DefinitionKind::Class(class) => Some(class),
            DefinitionKind::Function(_) => None,
        }
    }

    /// A binding, or those that it stands for.
    pub fn layers(&self, binding: BindingId) -> Vec<BindingId> {
        match self.bindings.get(binding as usize).map(|binding| &binding.kind) {
            Some(BindingKind::First(layers)) => layers.to_vec(),
            _ => vec![binding],
        }
    }

    /// The import's member that a binding comes from.
    pub fn member(&self, binding: BindingId) -> Option<(ImportId, u32)> {
        match self.bindings.get(binding as usize)?.kind {
            BindingKind::Import(import, member) => Some((import, member)),
            _ => None,
        }
    }
}
