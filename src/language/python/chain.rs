//! Names with attributes: `a.b.c`, what their first name may mean, and how they are used.

use std::sync::Arc;

use ruff_python_ast::Expr;
use ruff_text_size::Ranged;
use smallvec::SmallVec;

use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::Role;

use super::builtins::is_builtin;
use super::flow::Flow;
use super::flow::Found;

/// What evaluating a chain gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chain {
    /// It leads to an import or a definition.
    Reference(ReferenceId),
    /// It leads to nothing that matters.
    Other,
}

/// The first name of `a.b.c`, and its attributes.
pub(super) fn parts(expr: &Expr) -> Option<(&str, SmallVec<[&str; 4]>)> {
    let mut attributes = SmallVec::new();
    let mut expr = expr;
    loop {
        match expr {
            Expr::Attribute(attribute) => {
                attributes.push(attribute.attr.as_str());
                expr = &attribute.value;
            }
            Expr::Name(name) => {
                attributes.reverse();
                return Some((name.id.as_str(), attributes));
            }
            _ => return None,
        }
    }
}

impl<'a> Flow<'a> {
    /// Evaluates a chain in a role; any other expression as a value.
    pub(super) fn chain_or_value(&mut self, expr: &'a Expr, role: Role) -> Chain {
        if parts(expr).is_some() || expr.is_attribute_expr() {
            return self.chain(expr, role);
        }
        self.value(expr);
        Chain::Other
    }

    /// Evaluates a chain in a role.
    pub(super) fn chain(&mut self, expr: &'a Expr, role: Role) -> Chain {
        let Some((name, attributes)) = parts(expr) else {
            if let Expr::Attribute(attribute) = expr {
                return self.attribute_of_call(attribute);
            }
            self.value(expr);
            return Chain::Other;
        };
        self.watch_receiver(name, &attributes, &role);
        let roots = match self.lookup(name) {
            Found::Opaque => return Chain::Other,
            Found::Free => {
                if !is_builtin(name) {
                    self.outline.unbound.insert(name.into());
                }
                return Chain::Other;
            }
            Found::Bound(roots) => roots,
        };
        self.counts(&roots);
        if !self.matters(&roots, &role) {
            return Chain::Other;
        }
        let id = u32::try_from(self.outline.references.len()).unwrap_or(u32::MAX);
        let attributes = attributes.into_iter().map(|attribute| self.tables.shared.text(attribute)).collect();
        self.outline.references.push(Reference {
            span: Self::span(expr.range()),
            name: self.tables.shared.text(name),
            roots: self.tables.shared.bindings(&roots),
            attributes,
            role,
            scope: self.frames.last().map_or(0, |frame| frame.scope),
            definition: Arc::clone(&self.definition),
            statement: self.statement,
            typing: self.typing,
            deferred: self.is_deferred(),
            told: None,
        });
        Chain::Reference(id)
    }

    /// `import_module("x").Name` and its like: the call is reported by itself.
    fn attribute_of_call(&mut self, attribute: &'a ruff_python_ast::ExprAttribute) -> Chain {
        self.value(&attribute.value);
        Chain::Other
    }

    fn matters(&self, roots: &[BindingId], role: &Role) -> bool {
        roots.iter().any(|&root| {
            let Some(binding) = self.tables.bindings.get(root as usize) else { return false };
            match binding.kind {
                BindingKind::Import(..)
                | BindingKind::Star(_)
                | BindingKind::Alias { .. }
                | BindingKind::Dynamic(_) => true,
                BindingKind::Definition(_) => matches!(role, Role::Base(_) | Role::Aliased),
                _ => false,
            }
        })
    }

    /// The dotted name that a chain has if its import means what it says: `functools.partial`.
    pub(super) fn imported_name(&self, expr: &Expr) -> Option<String> {
        let (name, attributes) = parts(expr)?;
        let Found::Bound(roots) = self.lookup(name) else { return None };
        self.full_name(&roots, name, attributes)
    }

    /// The dotted name of attributes of an import.
    pub(super) fn full_name<'n>(
        &self,
        roots: &[BindingId],
        name: &str,
        attributes: impl IntoIterator<Item = &'n str>,
    ) -> Option<String> {
        let import = roots.iter().rev().find_map(|&root| match self.tables.bindings.get(root as usize)?.kind {
            BindingKind::Import(import, member) => Some((import, member)),
            _ => None,
        });
        let (import, member) = import?;
        let import = self.outline.imports.get(import as usize)?;
        let member = import.members.get(member as usize)?;
        let mut text = if import.module.is_empty() {
            if member.alias.is_some() { member.name.to_string() } else { name.to_owned() }
        } else {
            format!("{}.{}", import.module, member.name)
        };
        for attribute in attributes {
            text.push('.');
            text.push_str(attribute);
        }
        Some(text)
    }

    /// Whether a name is a builtin here: bound nowhere in the module. Star imports bring other names.
    pub(super) fn is_free(&self, name: &str) -> bool {
        let is_star = |root: &BindingId| {
            let kind = self.tables.bindings.get(*root as usize).map(|binding| &binding.kind);
            matches!(kind, Some(BindingKind::Star(_)))
        };
        match self.lookup(name) {
            Found::Free => true,
            Found::Bound(roots) => is_builtin(name) && roots.iter().all(is_star),
            Found::Opaque => false,
        }
    }
}
