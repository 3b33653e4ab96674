//! What a file defines: functions, and classes.

use super::ReferenceId;
use super::ScopeId;

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
