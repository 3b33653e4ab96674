//! Expressions and declarations, in order of evaluation.

use std::cell::Cell;

use oxc_ast::ast::ArrowFunctionExpression;
use oxc_ast::ast::AssignmentExpression;
use oxc_ast::ast::AssignmentPattern;
use oxc_ast::ast::AssignmentTarget;
use oxc_ast::ast::BinaryExpression;
use oxc_ast::ast::BindingIdentifier;
use oxc_ast::ast::BindingPattern;
use oxc_ast::ast::CallExpression;
use oxc_ast::ast::Class;
use oxc_ast::ast::ConditionalExpression;
use oxc_ast::ast::ExportAllDeclaration;
use oxc_ast::ast::ExportDeclaration;
use oxc_ast::ast::ExportDefaultDeclaration;
use oxc_ast::ast::ExportFromDeclaration;
use oxc_ast::ast::ExportNamedDeclaration;
use oxc_ast::ast::Expression;
use oxc_ast::ast::FormalParameter;
use oxc_ast::ast::Function;
use oxc_ast::ast::FunctionBody;
use oxc_ast::ast::IdentifierReference;
use oxc_ast::ast::ImportDeclaration;
use oxc_ast::ast::LogicalExpression;
use oxc_ast::ast::NewExpression;
use oxc_ast::ast::SimpleAssignmentTarget;
use oxc_ast::ast::StaticBlock;
use oxc_ast::ast::TSExportAssignment;
use oxc_ast::ast::TSExternalModuleDeclaration;
use oxc_ast::ast::TSImportEqualsDeclaration;
use oxc_ast::ast::TSModuleBlock;
use oxc_ast::ast::UnaryExpression;
use oxc_ast::ast::VariableDeclaration;
use oxc_ast_visit::Visit;
use oxc_ast_visit::walk;
use oxc_syntax::operator::AssignmentOperator;
use oxc_syntax::operator::BinaryOperator;
use oxc_syntax::operator::UnaryOperator;
use oxc_syntax::scope::ScopeFlags;
use oxc_syntax::scope::ScopeId;

use crate::language::typescript::chain;
use crate::outline::BindingKind;
use crate::outline::DefinitionKind;
use crate::outline::Role;
use crate::outline::Signature;

use super::Flow;
use super::Frame;
use super::This;

impl<'a> Flow<'a, '_> {
    /// Evaluates an expression whose value goes somewhere.
    pub(in crate::language::typescript) fn value(&mut self, expression: &Expression<'a>) {
        self.visit_expression(expression);
    }

    /// Evaluates an expression whose value is only looked at.
    pub(in crate::language::typescript) fn test(&mut self, expression: &Expression<'a>) {
        match chain::plain(expression) {
            Expression::LogicalExpression(logical) => {
                self.test(&logical.left);
                self.perhaps(|flow| flow.test(&logical.right));
            }
            Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::LogicalNot => {
                self.test(&unary.argument);
            }
            _ if self.parts(expression).is_some() => self.chain(expression, Role::Test),
            _ => self.value(expression),
        }
    }

    /// Evaluates an expression for what it does.
    pub(super) fn effect(&mut self, expression: &Expression<'a>) {
        if self.parts(expression).is_some_and(|(root, _)| matches!(root, chain::Root::Name(_))) {
            self.chain(expression, Role::Test);
        } else {
            self.value(expression);
        }
    }

    fn type_name(&self, identifier: &IdentifierReference<'a>) -> bool {
        let Some(id) = identifier.reference_id.get() else { return false };
        let flags = self.scoping.get_reference(id).flags();
        !flags.is_value() || flags.is_value_as_type()
    }

    /// Runs the body of a function where it stands; `name` stands in fingerprints.
    pub(in crate::language::typescript) fn function_body(
        &mut self,
        function: &Function<'a>,
        this: This,
        name: Option<&str>,
    ) {
        let symbol = function.id.as_ref().and_then(|id| id.symbol_id.get());
        let activation = symbol
            .filter(|_| function.is_function_declaration())
            .and_then(|symbol| self.survey.activations.get(&symbol).copied());
        let frame = Frame {
            scope: function.scope_id.get(),
            since: activation.unwrap_or(function.span.start),
            hoisted: activation.is_some(),
            this,
        };
        let init = self.init.take();
        self.definition.extend(name.map(Box::from));
        self.in_function(frame, |flow| {
            flow.enter_scope(ScopeFlags::Function, &function.scope_id);
            flow.visit_formal_parameters(&function.params);
            function.type_parameters.iter().for_each(|types| flow.visit_ts_type_parameter_declaration(types));
            function.return_type.iter().for_each(|types| flow.visit_ts_type_annotation(types));
            function.body.iter().for_each(|body| flow.visit_function_body(body));
            flow.leave_scope();
        });
        if name.is_some() {
            self.definition.pop();
        }
        self.init = init;
    }

    fn arrow(&mut self, arrow: &ArrowFunctionExpression<'a>, name: Option<&str>) {
        let this = self.this();
        let frame = Frame { scope: arrow.scope_id.get(), since: arrow.span.start, hoisted: false, this };
        self.definition.extend(name.map(Box::from));
        self.in_function(frame, |flow| {
            flow.enter_scope(ScopeFlags::Function, &arrow.scope_id);
            flow.visit_formal_parameters(&arrow.params);
            arrow.type_parameters.iter().for_each(|types| flow.visit_ts_type_parameter_declaration(types));
            arrow.return_type.iter().for_each(|types| flow.visit_ts_type_annotation(types));
            match arrow.body.as_expression() {
                Some(expression) => flow.value(expression),
                None => flow.visit_arrow_function_body(&arrow.body),
            }
            flow.leave_scope();
        });
        if name.is_some() {
            self.definition.pop();
        }
    }

    /// Evaluates a function or a class that gets a name; gives its kind where it can be followed.
    pub(in crate::language::typescript) fn named(&mut self, name: &str, value: &Expression<'a>) -> Option<BindingKind> {
        match chain::plain(value) {
            Expression::ArrowFunctionExpression(arrow) => {
                let signature = self.signature_of(&arrow.params, arrow.r#async, arrow.return_type.as_deref());
                let id = self.define(name, DefinitionKind::Function(Some(Box::new(signature))));
                self.arrow(arrow, Some(name));
                Some(BindingKind::Definition(id))
            }
            Expression::FunctionExpression(function) => {
                let signature = self.function_signature(function);
                let id = self.define(name, DefinitionKind::Function(Some(Box::new(signature))));
                self.function_body(function, This::Other, Some(name));
                Some(BindingKind::Definition(id))
            }
            Expression::ClassExpression(class) => Some(BindingKind::Definition(self.class(class, Some(name)))),
            _ => None,
        }
    }

    pub(in crate::language::typescript) fn function_signature(&self, function: &Function<'a>) -> Signature {
        let is_async = function.r#async || function.generator;
        self.signature_of(&function.params, is_async, function.return_type.as_deref())
    }

    /// Writes to what stands on the left of an assignment.
    fn store(&mut self, target: &AssignmentTarget<'a>) {
        match target {
            AssignmentTarget::StaticMemberExpression(_)
            | AssignmentTarget::ComputedMemberExpression(_)
            | AssignmentTarget::PrivateFieldExpression(_) => {
                if let Some(member) = target.as_member_expression() {
                    self.store_member(member);
                }
            }
            other => self.visit_assignment_target(other),
        }
    }

    /// Binds the names of a pattern to what a value gives.
    pub(in crate::language::typescript) fn bind_pattern(
        &mut self,
        pattern: &BindingPattern<'a>,
        value: &Expression<'a>,
    ) {
        match pattern {
            BindingPattern::BindingIdentifier(identifier) => {
                let kind = match self.named(identifier.name.as_str(), value) {
                    Some(kind) => Some(kind),
                    None if self.is_tracked(identifier) => self.alias(value),
                    None => {
                        self.value(value);
                        None
                    }
                };
                if let Some(kind) = kind {
                    self.set_kind(identifier.span.start, kind);
                }
            }
            BindingPattern::ObjectPattern(object) if self.destructures(object, value) => {}
            _ => self.value(value),
        }
        self.visit_binding_pattern(pattern);
    }

    fn is_tracked(&self, identifier: &BindingIdentifier<'a>) -> bool {
        self.at.contains_key(&identifier.span.start)
    }
}

impl<'a> Visit<'a> for Flow<'a, '_> {
    fn enter_scope(&mut self, _: ScopeFlags, scope_id: &Cell<Option<ScopeId>>) {
        let scope = scope_id.get().unwrap_or_else(|| self.scope());
        self.scopes.push(scope);
    }

    fn leave_scope(&mut self) {
        self.scopes.pop();
    }

    fn visit_statement(&mut self, it: &oxc_ast::ast::Statement<'a>) {
        walk::walk_statement(self, it);
    }

    fn visit_function_body(&mut self, it: &FunctionBody<'a>) {
        self.run_statements(&it.statements);
    }

    fn visit_ts_module_block(&mut self, it: &TSModuleBlock<'a>) {
        self.run_statements(&it.body);
    }

    fn visit_ts_external_module_declaration(&mut self, it: &TSExternalModuleDeclaration<'a>) {
        let outer = std::mem::replace(&mut self.typing, true);
        walk::walk_ts_external_module_declaration(self, it);
        self.typing = outer;
    }

    fn visit_binding_identifier(&mut self, it: &BindingIdentifier<'a>) {
        if let Some(symbol) = it.symbol_id.get() {
            self.bind(symbol, it.span.start);
        }
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        let Some(id) = it.reference_id.get() else { return };
        let reference = self.scoping.get_reference(id);
        let (symbol, reads, writes) = (reference.symbol_id(), !reference.flags().is_write_only(), reference.is_write());
        if reads {
            let role = if self.type_name(it) { Role::Annotation } else { Role::Value };
            self.name(it, &[], role, Self::span(it.span));
        }
        if let Some(symbol) = symbol.filter(|_| writes) {
            self.bind(symbol, it.span.start);
        }
    }

    fn visit_expression(&mut self, it: &Expression<'a>) {
        match it {
            Expression::StaticMemberExpression(_)
            | Expression::ComputedMemberExpression(_)
            | Expression::PrivateFieldExpression(_)
            | Expression::ChainExpression(_)
                if self.parts(it).is_some() =>
            {
                self.chain(it, Role::Value);
            }
            Expression::ThisExpression(_) => self.leak(),
            Expression::AwaitExpression(_) | Expression::CallExpression(_)
                if matches!(self.parts(it), Some((chain::Root::Request(..), _))) =>
            {
                self.chain(it, Role::Value);
            }
            _ => walk::walk_expression(self, it),
        }
    }

    fn visit_variable_declaration(&mut self, it: &VariableDeclaration<'a>) {
        if it.declare {
            let outer = std::mem::replace(&mut self.typing, true);
            walk::walk_variable_declaration(self, it);
            self.typing = outer;
            return;
        }
        for declarator in &it.declarations {
            declarator.type_annotation.iter().for_each(|types| self.visit_ts_type_annotation(types));
            match &declarator.init {
                Some(_) if self.declares_import(it, declarator) => self.visit_binding_pattern(&declarator.id),
                Some(init) => self.bind_pattern(&declarator.id, init),
                None => {
                    // A `let` holds nothing from here on; a `var` keeps what it has.
                    for identifier in declarator.id.get_binding_identifiers() {
                        self.set_kind(identifier.span.start, BindingKind::Unbound);
                        if !it.kind.is_var() {
                            self.visit_binding_identifier(identifier);
                        }
                    }
                }
            }
        }
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        if self.exports_by_assignment(it) {
            return;
        }
        if let AssignmentTarget::AssignmentTargetIdentifier(target) = &it.left {
            let offset = target.span.start;
            let tracked = self.at.contains_key(&offset);
            let kind = match it.operator {
                AssignmentOperator::Assign if tracked => {
                    let named = self.named(target.name.as_str(), &it.right);
                    named.or_else(|| self.alias(&it.right))
                }
                _ if tracked && it.operator.is_logical() => {
                    let mut kind = None;
                    self.perhaps(|flow| kind = flow.alias(&it.right));
                    let symbol = self.symbol(target);
                    if let Some(kind) = kind {
                        self.set_kind(offset, kind);
                    }
                    self.perhaps(|flow| {
                        if let Some(symbol) = symbol {
                            flow.bind(symbol, offset);
                        }
                    });
                    return;
                }
                _ => {
                    self.value(&it.right);
                    None
                }
            };
            if let Some(kind) = kind {
                self.set_kind(offset, kind);
            }
            if let Some(symbol) = self.symbol(target) {
                self.bind(symbol, offset);
            }
            return;
        }
        if let AssignmentTarget::ObjectAssignmentTarget(object) = &it.left
            && self.assigns_members(object, &it.right)
        {
            return;
        }
        let quiet = self.binds_method(it);
        if !quiet {
            self.value(&it.right);
        }
        self.store(&it.left);
    }

    fn visit_simple_assignment_target(&mut self, it: &SimpleAssignmentTarget<'a>) {
        match it.as_member_expression() {
            Some(member) => self.store_member(member),
            None => walk::walk_simple_assignment_target(self, it),
        }
    }

    fn visit_assignment_pattern(&mut self, it: &AssignmentPattern<'a>) {
        self.default(&it.left, &it.right);
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        // It runs with the class, where neither `this` nor a parameter is what it is inside.
        let outer = self.obstacle.replace("it stands in the decorator of a parameter");
        self.visit_decorators(&it.decorators);
        self.obstacle = outer;
        it.type_annotation.iter().for_each(|types| self.visit_ts_type_annotation(types));
        match &it.initializer {
            Some(initializer) => self.default(&it.pattern, initializer),
            None => self.visit_binding_pattern(&it.pattern),
        }
    }

    fn visit_conditional_expression(&mut self, it: &ConditionalExpression<'a>) {
        self.test(&it.test);
        let before = self.slots();
        self.value(&it.consequent);
        let after = self.slots();
        self.set_slots(before);
        self.value(&it.alternate);
        let other = self.slots();
        let joined = self.sets.join(&after, &other);
        self.set_slots(joined);
    }

    fn visit_logical_expression(&mut self, it: &LogicalExpression<'a>) {
        if chain::keeps_left(it.operator) {
            self.value(&it.left);
        } else {
            self.test(&it.left);
        }
        self.perhaps(|flow| flow.value(&it.right));
    }

    fn visit_binary_expression(&mut self, it: &BinaryExpression<'a>) {
        let looks = it.operator.is_equality() || it.operator.is_compare() || it.operator == BinaryOperator::Instanceof;
        if looks || it.operator == BinaryOperator::In {
            self.test(&it.left);
            self.test(&it.right);
        } else {
            walk::walk_binary_expression(self, it);
        }
    }

    fn visit_unary_expression(&mut self, it: &UnaryExpression<'a>) {
        if it.operator == UnaryOperator::Delete
            && let Some((_, attributes)) = self.parts(&it.argument)
            && let Some(last) = attributes.last()
        {
            self.outline.deleted.insert(last.as_ref().into());
        }
        self.test(&it.argument);
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        self.construction(it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        self.call(it);
    }

    fn visit_function(&mut self, it: &Function<'a>, _: ScopeFlags) {
        let Some(id) = it.id.as_ref().filter(|_| it.is_function_declaration() || it.is_ts_declare_function()) else {
            self.function_body(it, This::Other, it.id.as_ref().map(|id| id.name.as_str()));
            return;
        };
        let signature = self.function_signature(it);
        let definition = self.define(id.name.as_str(), DefinitionKind::Function(Some(Box::new(signature))));
        self.set_kind(id.span.start, BindingKind::Definition(definition));
        self.visit_binding_identifier(id);
        self.function_body(it, This::Other, Some(id.name.as_str()));
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.leak_if_mentioned(it);
        self.arrow(it, None);
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        let statement = self.statement;
        let definition = self.class(it, None);
        if let Some(id) = &it.id {
            self.set_kind(id.span.start, BindingKind::Definition(definition));
            self.visit_binding_identifier(id);
        }
        self.statement = statement;
    }

    fn visit_static_block(&mut self, it: &StaticBlock<'a>) {
        let frame = Frame { scope: it.scope_id.get(), since: it.span.start, hoisted: false, this: This::Other };
        let init = self.init.take();
        self.in_function(frame, |flow| {
            flow.enter_scope(ScopeFlags::ClassStaticBlock, &it.scope_id);
            flow.run_statements(&it.body);
            flow.leave_scope();
        });
        self.init = init;
    }

    fn visit_jsx_expression_container(&mut self, it: &oxc_ast::ast::JSXExpressionContainer<'a>) {
        // A comment above it speaks for what stands in the braces.
        let outer = std::mem::replace(&mut self.statement, Self::span(it.span));
        walk::walk_jsx_expression_container(self, it);
        self.statement = outer;
    }

    fn visit_import_declaration(&mut self, _: &ImportDeclaration<'a>) {
        // Imports run before all else.
    }

    fn visit_ts_import_equals_declaration(&mut self, it: &TSImportEqualsDeclaration<'a>) {
        self.import_equals(it);
    }

    fn visit_export_named_declaration(&mut self, it: &ExportNamedDeclaration<'a>) {
        self.export_names(it);
    }

    fn visit_export_from_declaration(&mut self, it: &ExportFromDeclaration<'a>) {
        self.export_from(it);
    }

    fn visit_export_all_declaration(&mut self, it: &ExportAllDeclaration<'a>) {
        self.export_all(it);
    }

    fn visit_export_declaration(&mut self, it: &ExportDeclaration<'a>) {
        self.export_declared(it);
    }

    fn visit_export_default_declaration(&mut self, it: &ExportDefaultDeclaration<'a>) {
        self.export_default(it);
    }

    fn visit_ts_export_assignment(&mut self, it: &TSExportAssignment<'a>) {
        self.export_whole(&it.expression);
    }
}
