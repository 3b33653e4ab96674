//! Where a client connects to: the texts that an option may be, also where it is set after the client was made.

use oxc_ast::ast::AssignmentExpression;
use oxc_ast::ast::AssignmentTarget;
use oxc_ast::ast::Expression;
use oxc_ast::ast::IdentifierReference;
use oxc_ast::ast::StringLiteral;
use oxc_ast::ast::TemplateLiteral;
use oxc_ast_visit::Visit;
use oxc_ast_visit::walk;
use oxc_syntax::reference::ReferenceId;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::outline::Call;

use super::chain;
use super::flow::Flow;

/// How many names are looked through for a text.
const MAX_NAMES: usize = 32;

/// What a file says of texts, and of options that are set later.
#[derive(Default)]
pub(super) struct Endpoints<'a> {
    /// What names may hold.
    said: FxHashMap<SymbolId, Literals>,
    /// The names that hold what is constructed, by where the construction starts.
    holders: FxHashMap<u32, &'a str>,
    /// `name.option = value`: the name, the option and the value.
    stores: Vec<(&'a str, Box<str>, &'a Expression<'a>)>,
}

impl<'a> Endpoints<'a> {
    /// Notes what a name may hold.
    pub(super) fn say(&mut self, symbol: SymbolId, value: &Expression<'a>) {
        let is_text = matches!(
            chain::plain(value),
            Expression::StringLiteral(_)
                | Expression::TemplateLiteral(_)
                | Expression::ConditionalExpression(_)
                | Expression::LogicalExpression(_)
                | Expression::BinaryExpression(_)
                | Expression::Identifier(_)
        );
        if is_text {
            self.said.entry(symbol).or_default().visit_expression(value);
        }
    }

    /// Notes that a name holds what an expression constructs.
    pub(super) fn hold(&mut self, name: &'a str, value: &Expression<'a>) {
        match chain::plain(value) {
            Expression::NewExpression(new) => {
                self.holders.insert(new.span.start, name);
            }
            Expression::LogicalExpression(logical) => {
                self.hold(name, &logical.left);
                self.hold(name, &logical.right);
            }
            Expression::ConditionalExpression(conditional) => {
                self.hold(name, &conditional.consequent);
                self.hold(name, &conditional.alternate);
            }
            Expression::AssignmentExpression(inner) => self.hold(name, &inner.right),
            _ => {}
        }
    }

    /// Notes what an assignment says, of a name or of an option; `value` is its right side.
    pub(super) fn assign(&mut self, it: &AssignmentExpression<'a>, value: &'a Expression<'a>, options: &[String]) {
        let Some(member) = it.left.as_member_expression() else {
            if let AssignmentTarget::AssignmentTargetIdentifier(identifier) = &it.left {
                self.hold(identifier.name.as_str(), value);
            }
            return;
        };
        let Some(property) = member.static_property_name() else { return };
        if options.iter().any(|option| **option == *property)
            && let Some(object) = name_of(member.object())
        {
            self.stores.push((object, property.into(), value));
        }
        self.hold(property, value);
    }

    fn stored<'n>(&'n self, name: &'n str) -> impl Iterator<Item = (&'n str, &'a Expression<'a>)> + 'n {
        let own = self.stores.iter().filter(move |(object, ..)| *object == name);
        own.map(|(_, option, value)| (&**option, *value))
    }
}

/// The last name of `client` and `this.client`.
fn name_of<'a>(object: &Expression<'a>) -> Option<&'a str> {
    match chain::plain(object) {
        Expression::Identifier(identifier) => Some(identifier.name.as_str()),
        Expression::StaticMemberExpression(member) => Some(member.property.name.as_str()),
        Expression::PrivateFieldExpression(member) => Some(member.field.name.as_str()),
        _ => None,
    }
}

impl<'a> Flow<'a, '_> {
    /// The texts that a value may be, or hold.
    pub(super) fn literals(&self, value: &Expression<'a>) -> Vec<Box<str>> {
        let mut literals = Literals::default();
        literals.visit_expression(value);
        let Literals { mut texts, names: mut open } = literals;
        let mut seen: FxHashSet<SymbolId> = FxHashSet::default();
        while let Some(reference) = open.pop() {
            let Some(symbol) = self.scoping.get_reference(reference).symbol_id() else { continue };
            if seen.len() < MAX_NAMES
                && seen.insert(symbol)
                && let Some(said) = self.survey.endpoints.said.get(&symbol)
            {
                texts.extend(said.texts.iter().cloned());
                open.extend(&said.names);
            }
        }
        texts
    }

    /// Adds what is said of a client after it was made.
    pub(super) fn told_later(&self, start: u32, shape: &mut Call) {
        if let Some(name) = self.survey.endpoints.holders.get(&start) {
            self.told_of(name, shape);
        }
    }

    /// Adds what is set on the object that a name holds.
    pub(super) fn told_of(&self, name: &str, shape: &mut Call) {
        for (option, value) in self.survey.endpoints.stored(name) {
            let texts = self.literals(value).into_iter().map(|text| (Box::from(option), text));
            shape.detail_mut().literals.extend(texts);
        }
    }
}

/// The texts in an expression, and the names that may stand for one.
#[derive(Default)]
struct Literals {
    texts: Vec<Box<str>>,
    names: Vec<ReferenceId>,
}

impl<'a> Visit<'a> for Literals {
    fn visit_string_literal(&mut self, it: &StringLiteral<'a>) {
        self.texts.push(it.value.as_str().into());
    }

    fn visit_template_literal(&mut self, it: &TemplateLiteral<'a>) {
        let mut text = String::new();
        for (index, quasi) in it.quasis.iter().enumerate() {
            if index > 0 {
                text.push('\u{fffd}');
            }
            text.push_str(quasi.value.cooked.as_ref().map_or("", |cooked| cooked.as_str()));
        }
        self.texts.push(text.into());
        if it.expressions.is_empty() {
            return;
        }
        // `${BASE}/v1` starts with what the constant holds.
        walk::walk_expressions(self, &it.expressions);
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        self.names.extend(it.reference_id.get());
    }
}
