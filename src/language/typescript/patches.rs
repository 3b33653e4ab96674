//! Replacements of modules and names by tests.

use oxc_ast::ast::Argument;
use oxc_ast::ast::CallExpression;
use oxc_ast::ast::Expression;
use oxc_ast::ast::ObjectPropertyKind;
use oxc_ast_visit::Visit;

use crate::outline::Patch;
use crate::outline::PatchTarget;
use crate::outline::Role;

use super::chain;
use super::chain::Root;
use super::flow::Flow;

/// Objects of test tools, and what they call the replacement of a module.
const MODULES: [(&[&str], &[&str]); 3] = [
    (&["jest", "vi", "vitest"], &["mock", "doMock", "setMock", "unstable_mockModule"]),
    (&["mock"], &["module"]),
    (&["td", "testdouble"], &["replace", "replaceEsm", "replaceCjs"]),
];

/// Objects of test tools, and what they call the replacement of an attribute.
const ATTRIBUTES: [(&[&str], &[&str]); 2] = [
    (&["jest", "vi", "vitest"], &["spyOn", "replaceProperty"]),
    (&["sinon", "sandbox", "mock"], &["stub", "replace", "spy", "method"]),
];

impl<'a> Flow<'a, '_> {
    /// Notes what a call replaces. Gives whether it was such a call, and is done with.
    pub(super) fn patches(&mut self, call: &CallExpression<'a>) -> bool {
        let Some((Root::Name(root), attributes)) = chain::parts(&call.callee) else { return false };
        let (object, method) = (root.name.as_str(), attributes.first().map_or("", AsRef::as_ref));
        let is_one = |table: &[(&[&str], &[&str])]| {
            attributes.len() == 1
                && table.iter().any(|(objects, methods)| objects.contains(&object) && methods.contains(&method))
        };
        if is_one(&MODULES)
            && let Some(module) = call.arguments.first().and_then(requested)
        {
            self.push_patch(call, PatchTarget::Module(module.into()));
            call.arguments.iter().skip(1).for_each(|argument| self.visit_argument(argument));
            return true;
        }
        if is_one(&ATTRIBUTES)
            && let [first, second, ..] = call.arguments.as_slice()
            && let (Some(first), Some(name)) = (first.as_expression(), second.as_expression().and_then(chain::text))
        {
            if let Some(reference) = self.reference(first, Role::Test) {
                self.push_patch(call, PatchTarget::Attribute(reference, name.into()));
            }
            call.arguments.iter().skip(2).for_each(|argument| self.visit_argument(argument));
            return true;
        }
        if object.starts_with("proxyquire")
            && let [_, replacements, ..] = call.arguments.as_slice()
            && let Some(Expression::ObjectExpression(replacements)) = replacements.as_expression()
        {
            for property in &replacements.properties {
                if let ObjectPropertyKind::ObjectProperty(property) = property
                    && let Some(module) = property.key.static_name()
                {
                    self.push_patch(call, PatchTarget::Module(module.as_ref().into()));
                }
            }
        }
        false
    }

    fn push_patch(&mut self, call: &CallExpression<'a>, target: PatchTarget) {
        self.outline.patches.push(Patch {
            span: Self::span(call.span),
            target,
            name: None,
            definition: self.definition_name().into(),
            statement: self.statement,
        });
    }
}

/// The module that `mock("x")` or `mock(import("x"))` names.
fn requested<'e>(argument: &'e Argument<'_>) -> Option<&'e str> {
    let expression = argument.as_expression()?;
    match chain::plain(expression) {
        Expression::ImportExpression(import) => chain::text(&import.source),
        other => chain::text(other),
    }
}
