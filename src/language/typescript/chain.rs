//! Shapes of expressions: `a.b.c`, `require("x").y`, `await import("x")`, and what stands for them.

use std::borrow::Cow;

use oxc_ast::ast::ArrayExpression;
use oxc_ast::ast::ArrowFunctionBody;
use oxc_ast::ast::AssignmentTarget;
use oxc_ast::ast::AssignmentTargetMaybeDefault;
use oxc_ast::ast::AssignmentTargetProperty;
use oxc_ast::ast::CallExpression;
use oxc_ast::ast::ChainElement;
use oxc_ast::ast::Expression;
use oxc_ast::ast::IdentifierReference;
use oxc_ast::ast::Statement;
use oxc_ast::ast::StaticMemberExpression;
use oxc_span::GetSpan;
use oxc_syntax::operator::LogicalOperator;

/// What a chain of attributes starts with.
#[derive(Clone, Copy)]
pub(super) enum Root<'e, 'a> {
    Name(&'e IdentifierReference<'a>),
    This,
    /// A module that is asked for on the spot.
    Request(&'e Expression<'a>, Request<'e>),
}

/// A module that is asked for in an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request<'e> {
    pub(super) module: &'e str,
    /// Whether it comes as the object of its names, and not as what it exports in place of itself.
    pub(super) is_namespace: bool,
}

/// A chain: its root, and its attributes.
pub(super) type Parts<'e, 'a> = (Root<'e, 'a>, Vec<Cow<'e, str>>);

/// Takes a chain of attributes apart, through parentheses, types, and optional links.
pub(super) fn parts<'e, 'a>(expression: &'e Expression<'a>) -> Option<Parts<'e, 'a>> {
    parts_by(expression, |_| None)
}

/// The same; `asks` may know of further expressions which module they give.
pub(super) fn parts_by<'e, 'a>(
    expression: &'e Expression<'a>,
    asks: impl Fn(&'e Expression<'a>) -> Option<Request<'e>>,
) -> Option<Parts<'e, 'a>> {
    let mut attributes = Vec::new();
    let mut expression = expression;
    loop {
        expression = plain(expression);
        match expression {
            Expression::StaticMemberExpression(member) => {
                attributes.push(Cow::Borrowed(member.property.name.as_str()));
                expression = &member.object;
            }
            Expression::ComputedMemberExpression(member) => {
                attributes.push(Cow::Borrowed(text(&member.expression)?));
                expression = &member.object;
            }
            Expression::PrivateFieldExpression(member) => {
                attributes.push(Cow::Owned(format!("#{}", member.field.name)));
                expression = &member.object;
            }
            Expression::ChainExpression(chain) => {
                let object = match &chain.expression {
                    ChainElement::StaticMemberExpression(member) => {
                        attributes.push(Cow::Borrowed(member.property.name.as_str()));
                        &member.object
                    }
                    ChainElement::ComputedMemberExpression(member) => {
                        attributes.push(Cow::Borrowed(text(&member.expression)?));
                        &member.object
                    }
                    ChainElement::TSNonNullExpression(inner) => &inner.expression,
                    _ => return None,
                };
                expression = object;
            }
            Expression::Identifier(identifier) => {
                attributes.reverse();
                return Some((Root::Name(identifier), attributes));
            }
            Expression::ThisExpression(_) => {
                attributes.reverse();
                return Some((Root::This, attributes));
            }
            Expression::CallExpression(call) if helped(call).is_some() => expression = helped(call)?,
            other => {
                let request = request(other).or_else(|| asks(other))?;
                attributes.reverse();
                return Some((Root::Request(other, request), attributes));
            }
        }
    }
}

/// An expression without parentheses, types, and `(0, x)`.
pub(super) fn plain<'e, 'a>(expression: &'e Expression<'a>) -> &'e Expression<'a> {
    let mut expression = expression;
    loop {
        expression = match expression {
            Expression::ParenthesizedExpression(inner) => &inner.expression,
            Expression::TSAsExpression(inner) => &inner.expression,
            Expression::TSSatisfiesExpression(inner) => &inner.expression,
            Expression::TSTypeAssertion(inner) => &inner.expression,
            Expression::TSNonNullExpression(inner) => &inner.expression,
            Expression::TSInstantiationExpression(inner) => &inner.expression,
            Expression::SequenceExpression(sequence) => match sequence.expressions.as_slice() {
                [Expression::NumericLiteral(_), last] => last,
                _ => return expression,
            },
            other => return other,
        };
    }
}

/// The module that `require("x")` or `await import("x")` asks for.
fn request<'e>(expression: &'e Expression<'_>) -> Option<Request<'e>> {
    match expression {
        Expression::AwaitExpression(awaited) => match plain(&awaited.argument) {
            Expression::ImportExpression(import) => Some(Request { module: text(&import.source)?, is_namespace: true }),
            Expression::CallExpression(call) => Some(Request { module: promised_actual(call)?, is_namespace: true }),
            _ => None,
        },
        Expression::CallExpression(call) => called_request(call),
        _ => None,
    }
}

/// Whether a request names its module and how it asks for it: `require("x")`, `await import("x")`.
pub(super) fn is_direct(request: &Expression<'_>) -> bool {
    match request {
        Expression::AwaitExpression(awaited) => matches!(plain(&awaited.argument), Expression::ImportExpression(_)),
        Expression::CallExpression(call) => match plain(&call.callee) {
            Expression::Identifier(name) => name.name == "require",
            Expression::StaticMemberExpression(member) => is_asker(member, &[("module", "require")]),
            _ => false,
        },
        _ => false,
    }
}

/// Helpers of compilers around what `require` gives.
const HELPERS: [&str; 9] = [
    "__importDefault",
    "__importStar",
    "_interopRequireDefault",
    "_interopRequireWildcard",
    "_interop_require_default",
    "_interop_require_wildcard",
    "__toESM",
    "_interopDefault",
    "interopDefault",
];

fn called_request<'e>(call: &'e CallExpression<'_>) -> Option<Request<'e>> {
    let asks = match plain(&call.callee) {
        Expression::Identifier(identifier) => identifier.name == "require",
        // `createRequire(import.meta.url)("x")`
        made @ Expression::CallExpression(_) => is_called(made, "createRequire"),
        Expression::StaticMemberExpression(member) => {
            is_asker(member, &[("module", "require"), ("jest", "requireActual")])
        }
        _ => false,
    };
    let module = text(call.arguments.first().filter(|_| asks)?.as_expression()?)?;
    Some(Request { module, is_namespace: false })
}

/// Whether `object.method` is one of these.
fn is_asker(member: &StaticMemberExpression<'_>, askers: &[(&str, &str)]) -> bool {
    let Expression::Identifier(object) = plain(&member.object) else { return false };
    askers.contains(&(object.name.as_str(), member.property.name.as_str()))
}

/// In `vi.importActual("x")`: the module that it promises.
pub(super) fn promised_actual<'e>(call: &'e CallExpression<'_>) -> Option<&'e str> {
    let Expression::StaticMemberExpression(member) = plain(&call.callee) else { return None };
    let asks = is_asker(member, &[("vi", "importActual"), ("vitest", "importActual")]);
    text(call.arguments.first().filter(|_| asks)?.as_expression()?)
}

/// The value that a compiler's helper is called with, which has the names of what it gives.
fn helped<'e, 'a>(call: &'e CallExpression<'a>) -> Option<&'e Expression<'a>> {
    let name = match plain(&call.callee) {
        Expression::Identifier(identifier) => identifier.name.as_str(),
        // `tslib_1.__importDefault(…)`
        Expression::StaticMemberExpression(member) if matches!(plain(&member.object), Expression::Identifier(_)) => {
            member.property.name.as_str()
        }
        _ => return None,
    };
    HELPERS.contains(&name).then(|| call.arguments.first()?.as_expression()).flatten()
}

/// Whether an expression calls a function, or a method, of this name.
pub(super) fn is_called(expression: &Expression<'_>, name: &str) -> bool {
    let Expression::CallExpression(call) = plain(expression) else { return false };
    match plain(&call.callee) {
        Expression::Identifier(identifier) => identifier.name == name,
        Expression::StaticMemberExpression(member) => member.property.name == name,
        _ => false,
    }
}

/// The text of a literal.
pub(super) fn text<'e>(expression: &'e Expression<'_>) -> Option<&'e str> {
    match plain(expression) {
        Expression::StringLiteral(literal) => Some(literal.value.as_str()),
        Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
            template.quasis.first()?.value.cooked.as_ref().map(oxc_ast::ast::Str::as_str)
        }
        _ => None,
    }
}

/// The function of which `f.bind`, `f.call` or `f.apply` is asked.
pub(super) fn adjusted<'e, 'a>(callee: &'e Expression<'a>) -> Option<&'e Expression<'a>> {
    let Expression::StaticMemberExpression(member) = plain(callee) else { return None };
    let is_own = matches!(member.property.name.as_str(), "bind" | "call" | "apply");
    (is_own && !matches!(member.object, Expression::Super(_))).then_some(&member.object)
}

/// What a chain of attributes starts with, whatever that is.
pub(super) fn start<'e, 'a>(expression: &'e Expression<'a>) -> &'e Expression<'a> {
    let mut expression = plain(expression);
    loop {
        expression = match expression {
            Expression::StaticMemberExpression(member) => plain(&member.object),
            Expression::ComputedMemberExpression(member) => plain(&member.object),
            other => return other,
        };
    }
}

/// Whether an expression is a function or a class.
pub(super) fn is_callable(expression: &Expression<'_>) -> bool {
    matches!(
        plain(expression),
        Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) | Expression::ClassExpression(_)
    )
}

/// The names that an expression may hand on; tells whether it may be a module, too.
pub(super) fn roots<'e, 'a>(expression: &'e Expression<'a>, found: &mut Vec<&'e IdentifierReference<'a>>) -> bool {
    match plain(expression) {
        Expression::ConditionalExpression(conditional) => {
            let consequent = roots(&conditional.consequent, found);
            roots(&conditional.alternate, found) || consequent
        }
        Expression::LogicalExpression(logical) => {
            let left = roots(&logical.left, found);
            roots(&logical.right, found) || left
        }
        Expression::AssignmentExpression(assignment) => roots(&assignment.right, found),
        other => match parts(other) {
            Some((Root::Name(identifier), _)) => {
                found.push(identifier);
                false
            }
            Some((Root::Request(..), _)) => true,
            Some((Root::This, _)) | None => false,
        },
    }
}

/// Whether a logical operator hands on its left side as well as its right one.
pub(super) fn keeps_left(operator: LogicalOperator) -> bool {
    operator != LogicalOperator::And
}

/// The names that an assignment writes to.
pub(super) fn assigned<'e, 'a>(target: &'e AssignmentTarget<'a>, found: &mut Vec<&'e IdentifierReference<'a>>) {
    match target {
        AssignmentTarget::AssignmentTargetIdentifier(identifier) => found.push(identifier),
        AssignmentTarget::ObjectAssignmentTarget(object) => {
            for property in &object.properties {
                match property {
                    AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(property) => {
                        found.push(&property.binding);
                    }
                    AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => match &property.binding {
                        AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(inner) => {
                            assigned(&inner.binding, found);
                        }
                        AssignmentTargetMaybeDefault::AssignmentTargetIdentifier(identifier) => found.push(identifier),
                        _ => {}
                    },
                }
            }
        }
        _ => {}
    }
}

/// In `await Promise.all([…])`: the promises.
pub(super) fn awaited_together<'e, 'a>(expression: &'e Expression<'a>) -> Option<&'e ArrayExpression<'a>> {
    match plain(expression) {
        Expression::AwaitExpression(awaited) => super::promises::together(&awaited.argument),
        _ => None,
    }
}

/// The one expression that a function gives back, if it does nothing else.
pub(super) fn returned<'e, 'a>(expression: &'e Expression<'a>) -> Option<&'e Expression<'a>> {
    match body(expression)? {
        Ok(statements) if statements.len() > 1 => None,
        Ok(statements) => last_return(statements),
        Err(value) => Some(value),
    }
}

/// The expression that a function gives back at its end.
pub(super) fn given_back<'e, 'a>(expression: &'e Expression<'a>) -> Option<&'e Expression<'a>> {
    match body(expression)? {
        Ok(statements) => last_return(statements),
        Err(value) => Some(value),
    }
}

/// The statements of a function, or the expression that is all it has.
fn body<'e, 'a>(expression: &'e Expression<'a>) -> Option<Result<&'e [Statement<'a>], &'e Expression<'a>>> {
    match plain(expression) {
        Expression::ArrowFunctionExpression(arrow) => match &arrow.body {
            ArrowFunctionBody::FunctionBody(body) => Some(Ok(&body.statements)),
            body => body.as_expression().map(Err),
        },
        Expression::FunctionExpression(function) => Some(Ok(&function.body.as_ref()?.statements)),
        _ => None,
    }
}

/// What is given back at the end of a body.
pub(super) fn last_return<'e, 'a>(statements: &'e [Statement<'a>]) -> Option<&'e Expression<'a>> {
    match statements.last()? {
        Statement::ReturnStatement(statement) => statement.argument.as_ref(),
        _ => None,
    }
}

/// Where an expression starts and ends.
pub(super) fn span(expression: &Expression<'_>) -> crate::source::Span {
    let span = expression.span();
    crate::source::Span::new(span.start, span.end)
}
