//! Tests that replace a name: `patch("app.svc.OpenAI")`, `patch.object(svc, "OpenAI")`, `monkeypatch.setattr(…)`.

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
use super::flow::Flow;
use super::flow::Found;

impl<'a> Flow<'a> {
    /// Notes what a call replaces, if it is a call that replaces names.
    pub(super) fn patch(&mut self, call: &'a ast::ExprCall, tail: &str) {
        let arguments = &call.arguments;
        let argument = |index: usize, name: &str| {
            let by_name = || arguments.keywords.iter().find(|k| k.arg.as_ref().is_some_and(|a| a.as_str() == name));
            arguments.args.get(index).or_else(|| by_name().map(|keyword| &keyword.value))
        };
        match tail {
            "patch" => {
                if let Some(target) = argument(0, "target") {
                    self.path_patch(call, target);
                }
            }
            "setattr" | "delattr" => {
                let is_builtin = call.func.is_name_expr();
                match (argument(0, "target"), argument(1, "name")) {
                    (Some(target @ (Expr::StringLiteral(_) | Expr::FString(_))), _) if !is_builtin => {
                        self.path_patch(call, target);
                    }
                    (Some(object), Some(name)) => self.attribute_patch(call, object, name),
                    _ => {}
                }
            }
            "object" | "spy" => {
                if let (Some(object), Some(name)) = (argument(0, "target"), argument(1, "attribute")) {
                    self.attribute_patch(call, object, name);
                }
            }
            "multiple" => {
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
            _ => {}
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
        super::chain::parts(object)?;
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
            definition: self.definition.as_str().into(),
            statement: self.statement,
        });
    }
}
