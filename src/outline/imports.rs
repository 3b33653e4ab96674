//! What a file imports.

use std::sync::Arc;

use crate::source::Span;

use super::BindingId;
use super::ReferenceId;
use super::ScopeId;

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
