//! What any language reduces a file to. Below this type there are parsers; above it there is no language at all.
//!
//! An outline says which names a file binds, what each name may be bound to where it is read, and how it is used there.
//! It never says what an imported name means: that takes the other files, and is the work of [`crate::resolve`].

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::finding::ProblemKind;
use crate::source::SourceFile;
use crate::source::Span;

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

/// An import statement.
#[derive(Clone, Debug)]
pub struct Import {
    /// The whole statement.
    pub span: Span,
    /// The scope it binds names in.
    pub scope: ScopeId,
    /// The module, with leading dots where it is relative; empty for `import a, b`.
    pub module: Arc<str>,
    /// The form.
    pub form: ImportForm,
    /// What it brings.
    pub members: Vec<Member>,
    /// Whether only type checkers run it.
    pub typing: bool,
    /// Whether it leads out of the project, to a package that no rule names.
    pub external: bool,
    /// Whether it runs whenever its scope does: not in a branch, a loop or a `try`.
    pub unconditional: bool,
    /// The block it stands in, by the offset of the block's first statement.
    pub block: u32,
    /// How many statements that block has; 0 for the module, which may be empty.
    pub block_length: u32,
    /// Why no other import can take its place.
    pub obstacle: Option<&'static str>,
}

/// The form of an import statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportForm {
    /// `import a, b.c as d`
    Module,
    /// `from a import b, c as d`
    From,
    /// `from a import *`
    Star,
    /// `use a::{b::C, d}`: each member has a path of its own.
    Path,
}

/// One name of an import statement.
#[derive(Clone, Debug)]
pub struct Member {
    /// The name with its alias.
    pub span: Span,
    /// The name as imported: dotted in `import a.b`.
    pub name: Arc<str>,
    /// The alias.
    pub alias: Option<Arc<str>>,
    /// The binding it makes.
    pub binding: BindingId,
    /// The name in the statement that declares it to be another scope's, where there is one.
    pub declared: Option<Span>,
    /// How often the name is read, in any role.
    pub reads: u32,
    /// What it leads to, in an import of the form [`ImportForm::Path`] and in a star import by path.
    pub path: Option<ReferenceId>,
    /// The request that such a path starts with; `None` where it starts with a name of the file.
    pub module: Option<Box<str>>,
    /// How often only type checkers read it.
    pub typing_reads: u32,
}

impl Member {
    /// The name of a member of [`ImportForm::From`] that is the module itself.
    pub const NAMESPACE: &'static str = "*";
    /// The name of a member that is what the module exports in place of itself, else the module itself.
    pub const WHOLE: &'static str = "export=";

    /// In an import of the form [`ImportForm::Module`]: the module that the name is bound to, `a` in `import a.b`.
    pub fn request(&self) -> &str {
        match self.alias {
            Some(_) => &self.name,
            None => self.name.split('.').next().unwrap_or_default(),
        }
    }

    /// The name that it binds.
    pub fn bound(&self, form: ImportForm) -> &str {
        match (&self.alias, form) {
            (Some(alias), _) => alias,
            (None, ImportForm::Module) => self.name.split('.').next().unwrap_or_default(),
            (None, _) => &self.name,
        }
    }
}

/// A use of a name, with the attributes read from it: `a.b.c`.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The whole chain.
    pub span: Span,
    /// The first name.
    pub name: Arc<str>,
    /// What the first name may be bound to.
    pub roots: Arc<[BindingId]>,
    /// The attributes after the first name.
    pub attributes: Box<[Arc<str>]>,
    /// How it is used.
    pub role: Role,
    /// The scope it is read in.
    pub scope: ScopeId,
    /// The name of the definition around it, for fingerprints.
    pub definition: Arc<str>,
    /// The first and last byte of the statement around it.
    pub statement: Span,
    /// Whether only type checkers read it.
    pub typing: bool,
    /// Whether it is read once the module has run, each time anew.
    pub deferred: bool,
    /// What the text tells the class that it names: `Azure` in `Client::<Azure>::default`.
    pub told: Option<Box<Told>>,
}

/// The arguments that a class is told besides those of a call, in a language that has such.
#[derive(Clone, Debug)]
pub struct Told {
    /// Them, in order.
    pub arguments: Box<[TypeArgument]>,
    /// Whether those that are left out are what the class says itself, and are not inferred.
    pub is_type: bool,
}

/// One of them.
#[derive(Clone, Debug)]
pub enum TypeArgument {
    /// A class.
    Class(ReferenceId),
    /// What the alias around is told at this place, and what it says itself where it is told nothing.
    Parameter(u32, Option<Box<TypeArgument>>),
    /// Left to be inferred.
    Open,
    /// Something that is not followed.
    Unseen,
}

/// How a name is used.
#[derive(Clone, Debug)]
pub enum Role {
    /// Called.
    Called(Box<Call>),
    /// Handed over to be called with further arguments, as in `partial(Name, …)`.
    HandedOver(Box<Call>),
    /// Called as one outcome of an expression: `(A if x else B)()`.
    CalledInExpression(Span),
    /// A base of this class.
    Base(DefinitionId),
    /// In an annotation, also inside a string.
    Annotation,
    /// Compared, tested, named in `except`: seen, and not used.
    Test,
    /// Assigned to a name that is followed further.
    Aliased,
    /// Assigned to: `a.b = …`.
    Store,
    /// Named by this member of an import.
    Imported(ImportId, u32),
    /// The class of an argument, see [`Argument::kind`].
    Kind,
    /// Stored, passed, returned: its use cannot be seen.
    Value,
}

/// A call's shape. There are many of them: what few calls have lies in [`Detail`].
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The whole call.
    pub span: Span,
    /// How many positional arguments it has.
    pub positional: u32,
    /// Whether it has `*args`.
    pub starred: bool,
    /// Whether it has `**kwargs`.
    pub double_starred: bool,
    /// Whether it is a function's call in a language that constructs objects in another way.
    pub bare: bool,
    /// The names of its keyword arguments.
    pub keywords: Arc<[Arc<str>]>,
    /// For each configured source of the context, whether it holds a value here on every path.
    pub context: Arc<[Availability]>,
    /// Texts that add an argument, each in the place of a span, mostly an empty one; `{}` stands for the argument.
    /// They take the place of what [`Detail::mend`] has at the same spans.
    pub append: Vec<(Span, String)>,
    /// Why its callee may not be rewritten.
    pub obstacle: Option<&'static str>,
    /// What few calls have; [`Call::detail`] reads it.
    pub detail: Option<Box<Detail>>,
}

impl Call {
    /// What few calls have; empty where this one has nothing of it.
    pub fn detail(&self) -> &Detail {
        static NOTHING: Detail = Detail::new();
        self.detail.as_deref().unwrap_or(&NOTHING)
    }

    /// The same, to be filled in.
    pub fn detail_mut(&mut self) -> &mut Detail {
        self.detail.get_or_insert_default()
    }

    /// The same, where there is anything.
    pub fn some_detail_mut(&mut self) -> Option<&mut Detail> {
        self.detail.as_deref_mut()
    }
}

/// What few calls have, or those of some languages only.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// Literals in the values of keyword arguments: the keyword and the text.
    pub literals: Vec<(Box<str>, Box<str>)>,
    /// What the factory's function takes the place of, where that is not just the name: `new OpenAI`.
    pub callee: Option<Span>,
    /// What else must change for the call to become a plain one: `()` after `new OpenAI`.
    pub mend: Vec<(Span, String)>,
    /// Its arguments, in a language that knows them by their places alone.
    pub places: Option<Places>,
    /// The type of what it must give where it stands, if that can be seen.
    pub expected: Option<ReferenceId>,
    /// Bindings that the callee reads besides its first name.
    pub gone: Vec<BindingId>,
    /// For each configured source of the context: what is known of its value, where places matter.
    pub held: Vec<Held>,
    /// What each watched name means where the call stands.
    pub visible: Vec<(Box<str>, Box<[BindingId]>)>,
}

impl Detail {
    const fn new() -> Self {
        Self {
            literals: Vec::new(),
            callee: None,
            mend: Vec::new(),
            places: None,
            expected: None,
            gone: Vec::new(),
            held: Vec::new(),
            visible: Vec::new(),
        }
    }
}

/// Arguments that are known by their places.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Them, in order; `None` where somebody else gives them.
    pub arguments: Option<Vec<Argument>>,
    /// For each place, and the one after the last: where a further argument goes, and with what around it.
    pub slots: Vec<(Span, String)>,
}

/// One argument of a call.
#[derive(Clone, Debug, Default)]
pub struct Argument {
    /// The name of its class, where that can be seen.
    pub kind: Option<ReferenceId>,
    /// Whether its class may follow from what the callee takes.
    pub inferred: bool,
}

/// What is known of the value that a source of the context holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Its type, as the text has it.
    pub kind: Option<Box<str>>,
    /// Whether it may be given away: nobody uses it later.
    pub spare: bool,
}

/// Whether a source of the context holds a value at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Availability {
    /// On every path.
    Always,
    /// If the objects of this class always have the attribute.
    Member(DefinitionId),
    /// If the class itself has the attribute: its initialiser has not set it yet.
    InClass(DefinitionId),
    /// If the class itself has the attribute, or its base's initialiser, which has run, sets it.
    MemberOfBase(DefinitionId),
    /// If this import brings a value, and not a class, a function or a module.
    Imported(BindingId),
    /// If the class that this names declares the attribute, with a type.
    Declared(ReferenceId),
    /// Bound, but perhaps not yet, or not on every path.
    Perhaps,
    /// Not at all.
    Never,
}

/// A class or a function.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name.
    pub name: Box<str>,
    /// The scope it is bound in.
    pub scope: ScopeId,
    /// What it is.
    pub kind: DefinitionKind,
}

/// What a definition is.
#[derive(Clone, Debug)]
pub enum DefinitionKind {
    /// A function; its signature is `None` where a decorator may change it.
    Function(Option<Box<Signature>>),
    /// A class.
    Class(Box<Class>),
}

/// What a function takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Whether calling it gives a coroutine.
    pub is_async: bool,
    /// Parameters that can only be given by position.
    pub positional_only: Vec<Parameter>,
    /// Parameters that can be given either way.
    pub regular: Vec<Parameter>,
    /// Parameters that can only be given by name.
    pub keyword_only: Vec<Parameter>,
    /// Whether it takes further positional arguments.
    pub rest: bool,
    /// Whether it takes further keyword arguments.
    pub keywords: bool,
    /// What it gives, in a language that says so.
    pub returns: Option<Returned>,
    /// Who can call it.
    pub reach: Reach,
    /// Whether it cannot be called without any named argument.
    pub insists: bool,
}

/// What a function gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The type, as the text has it.
    pub text: Box<str>,
    /// What the type's name leads to.
    pub reference: Option<ReferenceId>,
}

/// Who can see a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Everybody.
    #[default]
    Everywhere,
    /// The package that it lies in.
    Package,
    /// Only its own module.
    Module,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: Box<str>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Its type, as the text has it; `None` where any type will do.
    pub kind: Option<Box<str>>,
}

/// What matters of a class: whether its objects always have an attribute.
#[derive(Clone, Debug, Default)]
pub struct Class {
    /// Its bases.
    pub bases: Vec<Base>,
    /// Its own initialiser, if it has one.
    pub init: Option<Init>,
    /// Whether a decorator writes an initialiser that sets the annotated fields.
    pub generated_init: bool,
    /// Whether it intercepts attribute access.
    pub intercepts: bool,
    /// Whether it makes its objects itself, and others may see them before they are initialised.
    pub creates: bool,
    /// For each configured source that is an attribute: whether the class itself has it.
    pub attributes: Vec<Attribute>,
    /// The attributes that it declares with types, in a language whose objects have no others; those that may matter.
    pub fields: Vec<Field>,
}

impl Class {
    /// Starts the last part of a reference that means what an attribute holds, and not a name in the class.
    pub const FIELD: &'static str = ".";

    /// An attribute that it declares.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| *field.name == *name)
    }
}

/// An attribute that is declared with a type.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: Box<str>,
    /// The type, as the text has it.
    pub kind: Box<str>,
    /// What the type's name leads to.
    pub class: Option<ReferenceId>,
}

/// A base of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// A name that leads to an import or a definition.
    Reference(ReferenceId),
    /// A base whose instances get annotated fields set: `pydantic.BaseModel` and alike.
    Fields,
    /// `object`, `abc.ABC` and other bases without an initialiser.
    Plain,
    /// Anything else.
    Unknown,
}

/// What an initialiser does before anyone else can see the object.
#[derive(Clone, Debug, Default)]
pub struct Init {
    /// Whether it calls its base's initialiser on every path.
    pub calls_base: bool,
    /// Whether it hands out the object before that.
    pub leaks_before_base: bool,
    /// Whether it ever hands out the object.
    pub leaks: bool,
}

/// Whether a class has an attribute.
#[derive(Clone, Debug, Default)]
pub struct Attribute {
    /// As a class-level value, or a property.
    pub in_class: bool,
    /// As an annotated field.
    pub field: bool,
    /// Set on every path of the initialiser.
    pub set_by_init: bool,
    /// The object was handed out before it was set.
    pub leaked_before: bool,
    /// The base's initialiser ran before it was set.
    pub base_before: bool,
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
