//! First pass: which scopes a module has, and which events bind which name in them.

mod collect;

use std::collections::BTreeSet;

use ruff_python_ast as ast;
use ruff_python_ast::Expr;
use ruff_text_size::TextRange;
use rustc_hash::FxHashMap;

use crate::language::Watch;
use crate::outline::Binding;
use crate::outline::BindingId;
use crate::outline::Scope;
use crate::outline::ScopeId;

use super::shared::Shared;

/// The pseudo-name that stands for “the base's initialiser has run”.
pub(super) const BASE_INIT: &str = "super()";

pub(super) use crate::language::sets::UNBOUND;
pub(super) use collect::collect;

/// What a scope belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ScopeKind {
    Module,
    Class,
    Function,
    Lambda,
    Comprehension,
    /// The type parameters of a function, a class or an alias, around all that they are in scope of.
    TypeParams,
}

/// One scope and its names.
#[derive(Debug)]
pub(super) struct Table<'a> {
    pub(super) parent: Option<ScopeId>,
    pub(super) kind: ScopeKind,
    pub(super) names: FxHashMap<&'a str, Entry>,
    /// Offset, slot and binding of each event that matters, by offset.
    pub(super) events: Vec<(u32, u32, BindingId)>,
    pub(super) slots: u32,
    /// Names defined by `def`, for classes.
    pub(super) methods: BTreeSet<&'a str>,
}

/// What a scope knows of a name.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) home: Home,
    /// Where the flow keeps what it is bound to; `None` where it never matters.
    pub(super) slot: Option<u32>,
    pub(super) bindings: Vec<BindingId>,
    /// Bindings made by functions that declare the name `global` or `nonlocal`.
    pub(super) remote: Vec<BindingId>,
}

/// Where a name that a scope mentions lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Home {
    #[default]
    Here,
    Global,
    Nonlocal,
}

/// All scopes of a module.
#[derive(Debug)]
pub(super) struct Tables<'a> {
    pub(super) scopes: Vec<Table<'a>>,
    pub(super) by_node: FxHashMap<(ScopeKind, u32), ScopeId>,
    pub(super) bindings: Vec<Binding>,
    pub(super) at: FxHashMap<u32, BindingId>,
    /// Star imports of the module: offset and binding.
    pub(super) stars: Vec<(u32, BindingId)>,
    /// Names that imports bind and that may be the factory's.
    pub(super) near: Vec<&'a str>,
    /// Names under which functions that look up by a string are imported.
    pub(super) lookups: BTreeSet<&'a str>,
    /// Whether anything that replaces names is imported.
    pub(super) mocks: bool,
    /// Where `global` statements name what: scope and name.
    pub(super) globals: FxHashMap<(ScopeId, &'a str), TextRange>,
    /// Names, each stored once.
    pub(super) shared: Shared,
}

impl Tables<'_> {
    /// The watched names of each scope, for the outline.
    pub(super) fn outline_scopes(&self, watch: &Watch) -> Vec<Scope> {
        let scopes = self.scopes.iter().map(|table| {
            let names = table.names.iter().filter(|(_, entry)| entry.home == Home::Here);
            let watched = names
                .map(|(name, _)| *name)
                .filter(|name| watch.functions.iter().any(|function| name.contains(function.as_str())))
                .map(Box::from)
                .collect();
            Scope { parent: table.parent, is_class: table.kind == ScopeKind::Class, watched }
        });
        scopes.collect()
    }
}

fn is_lookup(name: &str) -> bool {
    matches!(name, "import_module" | "__import__" | "getattr")
}

/// Whether a call may be `import_module("…")` or `getattr(…, "…")`, given the names under which these are imported.
pub(super) fn is_dynamic(call: &ast::ExprCall, lookups: &BTreeSet<&str>) -> bool {
    let looks_up = match &*call.func {
        Expr::Name(name) => is_lookup(name.id.as_str()) || lookups.contains(name.id.as_str()),
        Expr::Attribute(attribute) => is_lookup(attribute.attr.as_str()),
        _ => false,
    };
    looks_up && call.arguments.args.iter().any(Expr::is_string_literal_expr)
}

/// The configured source that `object.attribute` spells.
pub(super) fn source_of<'w>(watch: &'w Watch, object: &str, attribute: &str) -> Option<&'w str> {
    let mut sources = watch.sources.iter().map(String::as_str);
    sources.find(|source| source.split_once('.') == Some((object, attribute)))
}

/// Whether a test is true for type checkers alone.
pub(super) fn is_type_checking(test: &Expr) -> bool {
    match test {
        Expr::Name(name) => name.id.as_str() == "TYPE_CHECKING",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "TYPE_CHECKING",
        _ => false,
    }
}

/// Whether a test is false for type checkers alone.
pub(super) fn is_not_type_checking(test: &Expr) -> bool {
    matches!(test, Expr::UnaryOp(not) if not.op == ast::UnaryOp::Not && is_type_checking(&not.operand))
}

/// The name of the parameter that receives the object: a method's first, unless it is static or a class method.
pub(super) fn receiver(function: &ast::StmtFunctionDef) -> Option<&str> {
    let is_special = |decorator: &ast::Decorator| {
        let name = match &decorator.expression {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return false,
        };
        matches!(name, "staticmethod" | "classmethod")
    };
    if function.decorator_list.iter().any(is_special) || function.name.as_str() == "__new__" {
        return None;
    }
    let parameters = &function.parameters;
    let first = parameters.posonlyargs.first().or_else(|| parameters.args.first())?;
    Some(first.parameter.name.as_str())
}
