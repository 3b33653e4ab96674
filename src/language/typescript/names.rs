//! Names with attributes: `a.b.c`, what their first name may mean, and how they are used.

use std::borrow::Cow;

use oxc_ast::ast::AssignmentTargetMaybeDefault;
use oxc_ast::ast::AssignmentTargetProperty;
use oxc_ast::ast::BindingPattern;
use oxc_ast::ast::Expression;
use oxc_ast::ast::IdentifierReference;
use oxc_ast::ast::MemberExpression;
use oxc_ast::ast::ObjectAssignmentTarget;
use oxc_ast::ast::ObjectPattern;
use oxc_ast_visit::Visit;
use oxc_ast_visit::walk;
use oxc_span::GetSpan;

use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::source::Span;

use super::chain;
use super::chain::Root;
use super::flow::Flow;
use super::imports::IN_PASSING;
use super::promises;

impl<'a> Flow<'a, '_> {
    /// Evaluates a chain in a role.
    pub(super) fn chain(&mut self, expression: &Expression<'a>, role: Role) {
        self.reference(expression, role);
    }

    /// A chain's root and attributes, if what looks like a request for a module is one.
    pub(super) fn parts<'e>(&self, expression: &'e Expression<'a>) -> Option<chain::Parts<'e, 'a>> {
        let parts = chain::parts_by(expression, |other| self.asked(other))?;
        if let Root::Request(Expression::CallExpression(call), _) = parts.0
            && let Expression::Identifier(require) = chain::plain(&call.callee)
            && let Some(symbol) = self.symbol(require)
            && !self.survey.requires.contains(&symbol)
        {
            // A function of the file's own.
            return None;
        }
        Some(parts)
    }

    /// The module that an expression gives by way of a name: `await promised`, `require("x")` under another name.
    fn asked<'e>(&self, expression: &'e Expression<'a>) -> Option<chain::Request<'e>> {
        match expression {
            Expression::AwaitExpression(_) => {
                let module = self.survey.promises.module(promises::awaited(expression)?, self.scoping)?;
                Some(chain::Request { module, is_namespace: true })
            }
            Expression::CallExpression(call) => {
                let Expression::Identifier(name) = chain::plain(&call.callee) else { return None };
                let is_ours = self.symbol(name).is_some_and(|symbol| self.survey.requires.contains(&symbol));
                let module = chain::text(call.arguments.first()?.as_expression()?)?;
                is_ours.then_some(chain::Request { module, is_namespace: false })
            }
            _ => None,
        }
    }

    /// Evaluates a chain in a role; gives the reference, if it leads to something that matters.
    pub(super) fn reference(&mut self, expression: &Expression<'a>, role: Role) -> Option<ReferenceId> {
        let Some((root, attributes)) = self.parts(expression) else {
            self.value(expression);
            return None;
        };
        let span = chain::span(expression);
        match root {
            Root::Name(identifier) => self.name(identifier, &attributes, role, span),
            Root::This => {
                self.read_this(&attributes, &role);
                None
            }
            Root::Request(request, asked) => {
                // What a name is bound to in passing would be left behind.
                let is_in_passing = matches!(role, Role::Aliased) || !chain::is_direct(request);
                let obstacle = is_in_passing.then_some(IN_PASSING);
                let binding = self.inline_import(asked, Self::span(request.span()), obstacle);
                Some(self.push_reference(&[binding], asked.module, &attributes, role, span))
            }
        }
    }

    /// Evaluates a name with attributes in a role.
    pub(super) fn name(
        &mut self,
        identifier: &IdentifierReference<'a>,
        attributes: &[Cow<'_, str>],
        role: Role,
        span: Span,
    ) -> Option<ReferenceId> {
        let roots = self.roots_of(self.symbol(identifier)?)?;
        if !self.matters(&roots, &role) {
            return None;
        }
        Some(self.push_reference(&roots, identifier.name.as_str(), attributes, role, span))
    }

    pub(super) fn push_reference(
        &mut self,
        roots: &[BindingId],
        name: &str,
        attributes: &[Cow<'_, str>],
        role: Role,
        span: Span,
    ) -> ReferenceId {
        let id = ReferenceId::try_from(self.outline.references.len()).unwrap_or(ReferenceId::MAX);
        let typing = self.typing || matches!(role, Role::Annotation);
        self.outline.references.push(Reference {
            span,
            name: name.into(),
            roots: roots.into(),
            attributes: attributes.iter().map(|attribute| attribute.as_ref().into()).collect(),
            role,
            scope: u32::try_from(self.scope().index()).unwrap_or(0),
            definition: self.definition_name().into(),
            statement: self.statement,
            typing,
            deferred: self.is_deferred(),
            told: None,
        });
        id
    }

    fn matters(&self, roots: &[BindingId], role: &Role) -> bool {
        roots.iter().any(|&root| match self.outline.bindings.get(root as usize).map(|binding| &binding.kind) {
            Some(BindingKind::Import(..) | BindingKind::Alias { .. } | BindingKind::Dynamic(_)) => true,
            Some(BindingKind::Definition(_)) => matches!(role, Role::Base(_) | Role::Aliased | Role::Called(_)),
            // What is bound further down, and seen from a function.
            Some(BindingKind::Value) => self.is_deferred() && self.offset_after(root),
            _ => false,
        })
    }

    /// Whether a binding stands behind the running statement, so that its kind is not known yet.
    fn offset_after(&self, binding: BindingId) -> bool {
        self.offset(binding) > self.statement.start
    }

    /// Evaluates a value that a name is bound to; gives the binding's kind where it can be followed.
    pub(super) fn alias(&mut self, value: &Expression<'a>) -> Option<BindingKind> {
        if let Some(text) = chain::text(value) {
            return Some(BindingKind::Text(text.into()));
        }
        match chain::plain(value) {
            Expression::NullLiteral(_) => return Some(BindingKind::Nothing),
            Expression::Identifier(identifier) if identifier.name == "undefined" => return Some(BindingKind::Nothing),
            _ => {}
        }
        let mut references = Vec::new();
        let mut or_value = false;
        self.alias_parts(value, &mut references, &mut or_value);
        (!references.is_empty()).then_some(BindingKind::Alias { references, or_value })
    }

    fn alias_parts(&mut self, value: &Expression<'a>, references: &mut Vec<ReferenceId>, or_value: &mut bool) {
        match chain::plain(value) {
            Expression::ConditionalExpression(conditional) => {
                self.test(&conditional.test);
                self.perhaps(|flow| flow.alias_parts(&conditional.consequent, references, or_value));
                self.perhaps(|flow| flow.alias_parts(&conditional.alternate, references, or_value));
            }
            Expression::LogicalExpression(logical) => {
                if chain::keeps_left(logical.operator) {
                    self.alias_parts(&logical.left, references, or_value);
                } else {
                    self.test(&logical.left);
                }
                self.perhaps(|flow| flow.alias_parts(&logical.right, references, or_value));
            }
            other if self.parts(other).is_some() => match self.reference(value, Role::Aliased) {
                Some(id) => references.push(id),
                None => *or_value = true,
            },
            _ => {
                self.value(value);
                *or_value = true;
            }
        }
    }

    /// Binds a pattern that has a default.
    pub(super) fn default(&mut self, pattern: &BindingPattern<'a>, default: &Expression<'a>) {
        match pattern {
            BindingPattern::BindingIdentifier(identifier) if self.at.contains_key(&identifier.span.start) => {
                let mut kind = None;
                self.perhaps(|flow| kind = flow.alias(default));
                if let Some(BindingKind::Alias { references, .. }) = kind {
                    self.set_kind(identifier.span.start, BindingKind::Alias { references, or_value: true });
                }
            }
            BindingPattern::ObjectPattern(object) => self.perhaps(|flow| {
                if !flow.destructures(object, default) {
                    return flow.value(default);
                }
                for identifier in pattern.get_binding_identifiers() {
                    flow.may_be_another(identifier.span.start);
                }
            }),
            _ => self.perhaps(|flow| flow.value(default)),
        }
        self.visit_binding_pattern(pattern);
    }

    /// Notes that what a name is made from is only one of the things that it may be.
    fn may_be_another(&mut self, offset: u32) {
        let Some(&id) = self.at.get(&offset) else { return };
        if let Some(BindingKind::Alias { or_value, .. }) =
            self.outline.bindings.get_mut(id as usize).map(|binding| &mut binding.kind)
        {
            *or_value = true;
        }
    }

    /// `const { Name, other: Alias } = object`: each name is what the object holds. Gives whether it was that.
    pub(super) fn destructures(&mut self, object: &ObjectPattern<'a>, value: &Expression<'a>) -> bool {
        let Some((Root::Name(identifier), attributes)) = self.parts(value) else { return false };
        let Some(roots) = self.symbol(identifier).and_then(|symbol| self.roots_of(symbol)) else { return false };
        if !self.matters(&roots, &Role::Aliased) {
            return false;
        }
        for property in &object.properties {
            let (Some(key), BindingPattern::BindingIdentifier(target)) = (property.key.static_name(), &property.value)
            else {
                self.push_reference(&roots, identifier.name.as_str(), &attributes, Role::Value, chain::span(value));
                continue;
            };
            let mut path: Vec<Cow<'_, str>> = attributes.clone();
            path.push(key);
            let span = Self::span(property.span);
            let id = self.push_reference(&roots, identifier.name.as_str(), &path, Role::Aliased, span);
            let kind = BindingKind::Alias { references: vec![id], or_value: false };
            self.set_kind(target.span.start, kind);
        }
        if object.rest.is_some() {
            self.push_reference(&roots, identifier.name.as_str(), &attributes, Role::Value, chain::span(value));
        }
        true
    }

    /// `({ Name } = object)`, where the object matters. Gives whether it was that.
    pub(super) fn assigns_members(&mut self, object: &ObjectAssignmentTarget<'a>, value: &Expression<'a>) -> bool {
        let (base, attributes, name) = match self.parts(value) {
            Some((Root::Name(identifier), attributes)) => {
                let Some(roots) = self.symbol(identifier).and_then(|symbol| self.roots_of(symbol)) else {
                    return false;
                };
                if !self.matters(&roots, &Role::Aliased) {
                    return false;
                }
                (roots, attributes, identifier.name.as_str())
            }
            Some((Root::Request(request, asked), attributes)) => {
                let binding = self.inline_import(asked, Self::span(request.span()), Some(IN_PASSING));
                (vec![binding], attributes, asked.module)
            }
            _ => return false,
        };
        for property in &object.properties {
            let (key, target) = match property {
                AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(property) => {
                    (Some(Cow::Borrowed(property.binding.name.as_str())), Some(&property.binding))
                }
                AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => {
                    let target = match &property.binding {
                        AssignmentTargetMaybeDefault::AssignmentTargetIdentifier(identifier) => Some(&**identifier),
                        _ => None,
                    };
                    (property.name.static_name(), target)
                }
            };
            let (Some(key), Some(target)) = (key, target) else {
                walk::walk_assignment_target_property(self, property);
                continue;
            };
            let mut path = attributes.clone();
            path.push(key);
            let id = self.push_reference(&base, name, &path, Role::Aliased, Self::span(property.span()));
            self.set_kind(target.span.start, BindingKind::Alias { references: vec![id], or_value: false });
            if let Some(symbol) = self.symbol(target) {
                self.bind(symbol, target.span.start);
            }
        }
        true
    }

    /// `a.b = …`
    pub(super) fn store_member(&mut self, member: &MemberExpression<'a>) {
        let object = member.object();
        let name = match member {
            MemberExpression::PrivateFieldExpression(private) => Some(Cow::Owned(format!("#{}", private.field.name))),
            other => other.static_property_name().map(Cow::Borrowed),
        };
        if let MemberExpression::ComputedMemberExpression(computed) = member {
            self.value(&computed.expression);
        }
        match (chain::parts(object), name) {
            (Some((Root::This, attributes)), Some(name)) if attributes.is_empty() => self.store_this(&name),
            (Some((Root::Name(identifier), mut attributes)), Some(name)) => {
                attributes.push(name);
                self.name(identifier, &attributes, Role::Store, Self::span(member.span()));
            }
            _ => self.value(object),
        }
    }
}
