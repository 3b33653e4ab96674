//! Where a file mentions names, and what it calls.

use std::sync::Arc;

use crate::source::Span;

use super::BindingId;
use super::DefinitionId;
use super::ImportId;
use super::ReferenceId;
use super::ScopeId;

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
