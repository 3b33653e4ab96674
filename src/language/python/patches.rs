//! Tests that replace a name: `patch("app.svc.OpenAI")`, `patch.object(svc, "OpenAI")`, `monkeypatch.setattr(…)`.

use std::sync::Arc;

use ruff_python_ast as ast;
use ruff_python_ast::Expr;
use ruff_text_size::Ranged;

use crate::outline::BindingKind;
use crate::outline::Patch;
use crate::outline::PatchTarget;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::source::Span;

use super::chain::Chain;
use super::chain::parts;
use super::flow::Flow;
use super::flow::Found;

/// How a call that replaces names says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patcher {
    /// By a dotted path.
    Path,
    /// By an object and a name.
    Attribute,
    /// By one or the other.
    Either,
    /// By an object or a path, and keywords.
    Several,
}

impl<'a> Flow<'a> {
    /// What a callee replaces, by what it was imported as; objects that tests are given go by the method's name.
    pub(super) fn patcher(&self, callee: &Expr, full: Option<&str>, tail: &str) -> Option<Patcher> {
        let is_usual = matches!(tail, "patch" | "object" | "multiple" | "setattr" | "delattr" | "spy");
        if !is_usual && !self.tables.mocks {
            return None;
        }
        let aliased = if full.is_none() { self.aliased_name(callee) } else { None };
        if let Some(full) = full.or(aliased.as_deref()) {
            let (before, last) = full.rsplit_once('.')?;
            return match last {
                "patch" => Some(Patcher::Path),
                "object" if before.ends_with("patch") => Some(Patcher::Attribute),
                "multiple" if before.ends_with("patch") => Some(Patcher::Several),
                "setattr" | "delattr" if before == "builtins" => Some(Patcher::Attribute),
                _ => None,
            };
        }
        let Expr::Attribute(method) = callee else {
            let is_free = matches!(tail, "setattr" | "delattr") && self.is_free(tail);
            return is_free.then_some(Patcher::Attribute);
        };
        if parts(callee).is_some_and(|(name, _)| self.is_definition(name)) {
            return None;
        }
        let is_patch = |expr: &Expr| matches!(expr, Expr::Attribute(inner) if inner.attr.as_str() == "patch");
        match tail {
            "patch" => Some(Patcher::Path),
            "setattr" | "delattr" => Some(Patcher::Either),
            "spy" => Some(Patcher::Attribute),
            "object" if is_patch(&method.value) => Some(Patcher::Attribute),
            "multiple" if is_patch(&method.value) => Some(Patcher::Several),
            _ => None,
        }
    }

    /// The imported name that a callee is another name of: `p` after `p = mock.patch`, or after a star import.
    fn aliased_name(&self, callee: &Expr) -> Option<String> {
        let (name, attributes) = parts(callee)?;
        let Found::Bound(roots) = self.lookup(name) else { return None };
        let mut full = roots.iter().find_map(|&root| match &self.tables.bindings.get(root as usize)?.kind {
            BindingKind::Alias { references, .. } => {
                let reference = self.outline.references.get(*references.first()? as usize)?;
                let attributes = reference.attributes.iter().map(|attribute| &**attribute);
                self.full_name(&reference.roots, &reference.name, attributes)
            }
            BindingKind::Star(import) => {
                let module = &self.outline.imports.get(*import as usize)?.module;
                matches!(&**module, "unittest.mock" | "mock").then(|| format!("{module}.{name}"))
            }
            _ => None,
        })?;
        for attribute in attributes {
            full.push('.');
            full.push_str(attribute);
        }
        Some(full)
    }

    /// Whether a name is a class or a function of this file.
    fn is_definition(&self, name: &str) -> bool {
        let Found::Bound(roots) = self.lookup(name) else { return false };
        roots.iter().any(|&root| {
            let kind = self.tables.bindings.get(root as usize).map(|binding| &binding.kind);
            matches!(kind, Some(BindingKind::Definition(_)))
        })
    }

    /// Notes what a call replaces.
    pub(super) fn patch(&mut self, call: &'a ast::ExprCall, patcher: Patcher) {
        let arguments = &call.arguments;
        let argument = |index: usize, name: &str| {
            let by_name = || arguments.keywords.iter().find(|k| k.arg.as_ref().is_some_and(|a| a.as_str() == name));
            arguments.args.get(index).or_else(|| by_name().map(|keyword| &keyword.value))
        };
        let attribute = || argument(1, "attribute").or_else(|| argument(1, "name"));
        match patcher {
            Patcher::Path => {
                if let Some(target) = argument(0, "target") {
                    self.path_patch(call, target);
                }
            }
            Patcher::Either => match (argument(0, "target"), attribute()) {
                (Some(target @ (Expr::StringLiteral(_) | Expr::FString(_))), _) => self.path_patch(call, target),
                (Some(object), Some(name)) => self.attribute_patch(call, object, name),
                _ => {}
            },
            Patcher::Attribute => {
                if let (Some(object), Some(name)) = (argument(0, "target"), attribute()) {
                    self.attribute_patch(call, object, name);
                }
            }
            Patcher::Several => {
                let Some(target) = argument(0, "target") else { return };
                for keyword in &arguments.keywords {
                    let Some(name) = keyword.arg.as_ref().filter(|name| name.as_str() != "target") else { continue };
                    match target {
                        Expr::StringLiteral(module) => {
                            let path = format!("{}.{}", module.value.to_str(), name.as_str());
                            self.push_patch(call, PatchTarget::Path(path.into()), Some(Self::span(name.range)));
                        }
                        object => {
                            if let Some(object) = self.patched_object(object) {
                                let target = PatchTarget::Attribute(object, name.as_str().into());
                                self.push_patch(call, target, Some(Self::span(name.range)));
                            }
                        }
                    }
                }
            }
        }
    }

    fn path_patch(&mut self, call: &ast::ExprCall, target: &Expr) {
        let Some((path, last)) = self.path_text(target) else { return };
        if !path.contains('.') || path.chars().any(|c| !(c.is_alphanumeric() || c == '.' || c == '_')) {
            return;
        }
        let name = path.rsplit('.').next().unwrap_or_default();
        // The name stands at the end of the last piece of text.
        let text = self.source.slice(last);
        let written = text.rfind(name).and_then(|at| {
            let closes = text.get(at + name.len()..)?.chars().all(|c| c == '"' || c == '\'');
            let opens = at == 0 || text.get(..at)?.ends_with(['.', '"', '\'']);
            let start = last.start + u32::try_from(at).ok()?;
            let end = start + u32::try_from(name.len()).ok()?;
            (closes && opens).then_some(Span::new(start, end))
        });
        self.push_patch(call, PatchTarget::Path(path.as_str().into()), written);
    }

    /// The text of a string, or of one put together from names that are bound to texts; and its last piece.
    fn path_text(&self, target: &Expr) -> Option<(String, Span)> {
        match target {
            Expr::StringLiteral(text) => {
                let last = text.value.iter().last()?;
                Some((text.value.to_str().to_owned(), Self::span(last.range())))
            }
            Expr::FString(string) => {
                let mut path = String::new();
                let mut last = None;
                for element in string.value.elements() {
                    match element {
                        ast::InterpolatedStringElement::Literal(literal) => {
                            path.push_str(&literal.value);
                            last = Some(Self::span(literal.range()));
                        }
                        ast::InterpolatedStringElement::Interpolation(interpolation) => {
                            path.push_str(&self.text_of(&interpolation.expression)?);
                            last = None;
                        }
                    }
                }
                Some((path, last.unwrap_or_default()))
            }
            Expr::BinOp(operation) if operation.op == ast::Operator::Add => {
                let (left, _) = self.path_text(&operation.left)?;
                let (right, last) = self.path_text(&operation.right)?;
                Some((left + &right, last))
            }
            Expr::Name(_) => Some((self.text_of(target)?, Span::default())),
            _ => None,
        }
    }

    /// The only text that a name may be bound to.
    fn text_of(&self, expr: &Expr) -> Option<String> {
        let Expr::Name(name) = expr else { return None };
        let Found::Bound(roots) = self.lookup(name.id.as_str()) else { return None };
        let mut texts = roots.iter().filter_map(|&root| {
            let binding = self.tables.bindings.get(root as usize)?;
            match &binding.kind {
                BindingKind::Text(text) => Some(text.to_string()),
                _ => None,
            }
        });
        let text = texts.next()?;
        (texts.next().is_none() && roots.len() == 1).then_some(text)
    }

    fn attribute_patch(&mut self, call: &ast::ExprCall, object: &'a Expr, name: &Expr) {
        let Expr::StringLiteral(text) = name else { return };
        let Some(object) = self.patched_object(object) else { return };
        let quoted = Self::span(text.range);
        let value = text.value.to_str();
        let written = self.source.slice(quoted).find(value).filter(|_| !text.value.is_implicit_concatenated());
        let written = written.and_then(|at| {
            let start = quoted.start + u32::try_from(at).ok()?;
            Some(Span::new(start, start + u32::try_from(value.len()).ok()?))
        });
        self.push_patch(call, PatchTarget::Attribute(object, value.into()), written);
    }

    fn patched_object(&mut self, object: &'a Expr) -> Option<ReferenceId> {
        parts(object)?;
        match self.chain(object, Role::Test) {
            Chain::Reference(id) => Some(id),
            Chain::Other => None,
        }
    }

    fn push_patch(&mut self, call: &ast::ExprCall, target: PatchTarget, name: Option<Span>) {
        self.outline.patches.push(Patch {
            span: Self::span(call.range()),
            target,
            name,
            definition: Arc::clone(&self.definition),
            statement: self.statement,
        });
    }
}
