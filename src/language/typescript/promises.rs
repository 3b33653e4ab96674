//! Promises of modules: `import("x")`, names that hold one, and functions that give one back.

use oxc_ast::ast::ArrayExpression;
use oxc_ast::ast::BindingPattern;
use oxc_ast::ast::CallExpression;
use oxc_ast::ast::Expression;
use oxc_ast::ast::IdentifierReference;
use oxc_semantic::Scoping;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::FxHashMap;

use super::chain;
use super::chain::plain;
use super::chain::text;

/// How many names are looked through for the module that a promise is of.
const MAX_NAMES: u32 = 8;

/// What a promise is of, as far as its expression tells.
#[derive(Clone, Copy)]
pub(super) enum Promise<'e, 'a> {
    /// `import("x")`
    Module(&'e str),
    /// A name that holds a promise, or a function that gives one back.
    Name(&'e IdentifierReference<'a>),
}

/// What an expression promises, through what is called when it is kept or broken.
pub(super) fn promise<'e, 'a>(expression: &'e Expression<'a>) -> Option<Promise<'e, 'a>> {
    match plain(expression) {
        Expression::ImportExpression(import) => Some(Promise::Module(text(&import.source)?)),
        Expression::Identifier(identifier) => Some(Promise::Name(identifier)),
        Expression::AwaitExpression(awaited) => promise(&awaited.argument),
        Expression::AssignmentExpression(assignment) => promise(&assignment.right),
        Expression::LogicalExpression(logical) => promise(&logical.right),
        Expression::CallExpression(call) => match plain(&call.callee) {
            Expression::Identifier(function) => Some(Promise::Name(function)),
            Expression::StaticMemberExpression(member)
                if matches!(member.property.name.as_str(), "finally" | "catch") =>
            {
                promise(&member.object)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The module that `await import("x")` gives, or the name that what is awaited goes by.
pub(super) fn awaited<'e, 'a>(expression: &'e Expression<'a>) -> Option<Promise<'e, 'a>> {
    match plain(expression) {
        Expression::AwaitExpression(awaited) => promise(&awaited.argument),
        _ => None,
    }
}

/// In `import("x").then(…)`: what is waited for.
pub(super) fn then_promise<'e, 'a>(call: &'e CallExpression<'a>) -> Option<Promise<'e, 'a>> {
    let Expression::StaticMemberExpression(member) = plain(&call.callee) else { return None };
    (member.property.name == "then").then(|| promise(&member.object)).flatten()
}

/// Whether it is a promise of the module itself that is waited for.
pub(super) fn is_direct(call: &CallExpression<'_>) -> bool {
    let Expression::StaticMemberExpression(member) = plain(&call.callee) else { return false };
    matches!(plain(&member.object), Expression::ImportExpression(_))
}

/// In `Promise.all([…]).then(…)`: the promises.
pub(super) fn then_together<'e, 'a>(call: &'e CallExpression<'a>) -> Option<&'e ArrayExpression<'a>> {
    let Expression::StaticMemberExpression(member) = plain(&call.callee) else { return None };
    (member.property.name == "then").then(|| together(&member.object)).flatten()
}

/// In `Promise.all([…])`: the promises.
pub(super) fn together<'e, 'a>(expression: &'e Expression<'a>) -> Option<&'e ArrayExpression<'a>> {
    let Expression::CallExpression(call) = plain(expression) else { return None };
    let Expression::StaticMemberExpression(member) = plain(&call.callee) else { return None };
    let is_all = matches!(&member.object, Expression::Identifier(name) if name.name == "Promise");
    match call.arguments.first()?.as_expression().map(plain)? {
        Expression::ArrayExpression(values) if is_all && member.property.name == "all" => Some(values),
        _ => None,
    }
}

/// In `import("x").then((parameter) => …)`: the parameter.
pub(super) fn then_parameter<'e, 'a>(call: &'e CallExpression<'a>) -> Option<&'e BindingPattern<'a>> {
    let Expression::StaticMemberExpression(member) = plain(&call.callee) else { return None };
    if member.property.name != "then" {
        return None;
    }
    let parameters = match call.arguments.first()?.as_expression().map(plain)? {
        Expression::ArrowFunctionExpression(arrow) => &arrow.params,
        Expression::FunctionExpression(function) => &function.params,
        _ => return None,
    };
    Some(&parameters.items.first()?.pattern)
}

/// What names promise.
#[derive(Default)]
pub(super) struct Promises<'a>(FxHashMap<SymbolId, Promised<'a>>);

#[derive(Clone, Copy)]
enum Promised<'a> {
    Module(&'a str),
    Name(SymbolId),
}

impl<'a> Promises<'a> {
    /// Notes what a name holds, or gives back when it is called.
    pub(super) fn say(&mut self, symbol: SymbolId, value: &'a Expression<'a>, scoping: &Scoping) {
        let promised = match promise(chain::given_back(value).unwrap_or(value)) {
            Some(Promise::Module(module)) => Some(Promised::Module(module)),
            Some(Promise::Name(name)) => symbol_of(name, scoping).map(Promised::Name),
            None => None,
        };
        if let Some(promised) = promised {
            self.0.entry(symbol).or_insert(promised);
        }
    }

    /// The module that is promised.
    pub(super) fn module<'e>(&self, promise: Promise<'e, 'a>, scoping: &Scoping) -> Option<&'e str>
    where
        'a: 'e,
    {
        let mut symbol = match promise {
            Promise::Module(module) => return Some(module),
            Promise::Name(name) => symbol_of(name, scoping)?,
        };
        for _ in 0..MAX_NAMES {
            match *self.0.get(&symbol)? {
                Promised::Module(module) => return Some(module),
                Promised::Name(next) => symbol = next,
            }
        }
        None
    }
}

fn symbol_of(name: &IdentifierReference<'_>, scoping: &Scoping) -> Option<SymbolId> {
    scoping.get_reference(name.reference_id.get()?).symbol_id()
}
