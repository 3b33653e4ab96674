//! What a module gives to others: `export` in every form, `module.exports`, and what compilers make of them.

use oxc_ast::ast::AssignmentExpression;
use oxc_ast::ast::AssignmentTarget;
use oxc_ast::ast::CallExpression;
use oxc_ast::ast::Declaration;
use oxc_ast::ast::ExportAllDeclaration;
use oxc_ast::ast::ExportDeclaration;
use oxc_ast::ast::ExportDefaultDeclaration;
use oxc_ast::ast::ExportDefaultDeclarationKind;
use oxc_ast::ast::ExportFromDeclaration;
use oxc_ast::ast::ExportNamedDeclaration;
use oxc_ast::ast::Expression;
use oxc_ast::ast::ModuleExportName;
use oxc_ast::ast::ObjectExpression;
use oxc_ast::ast::ObjectPropertyKind;
use oxc_ast_visit::Visit;
use oxc_span::GetSpan;
use oxc_syntax::operator::AssignmentOperator;

use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::ImportId;
use crate::outline::Member;
use crate::outline::Role;
use crate::source::Span;

use super::chain;
use super::chain::Root;
use super::flow::Flow;
use super::flow::This;

impl<'a> Flow<'a, '_> {
    /// `export { a, b as c }`
    pub(super) fn export_names(&mut self, export: &ExportNamedDeclaration<'a>) {
        for specifier in &export.specifiers {
            let ModuleExportName::IdentifierReference(local) = &specifier.local else { continue };
            if let Some(symbol) = self.symbol(local) {
                self.exported.push((specifier.exported.name().as_str().into(), symbol));
            }
        }
    }

    /// `export { a as b } from "x"`
    pub(super) fn export_from(&mut self, export: &ExportFromDeclaration<'a>) {
        let outer = self.type_only(export.export_kind.is_type());
        for specifier in &export.specifiers {
            let outer = self.type_only(specifier.export_kind.is_type());
            let binding = self.hand_on(
                export.source.value.as_str(),
                specifier.local.name().as_str(),
                Self::span(export.span),
                Self::span(specifier.span),
            );
            self.export_binding(specifier.exported.name().as_str(), binding);
            self.typing = outer;
        }
        self.typing = outer;
    }

    /// An import without a name of its own, for others alone.
    fn hand_on(&mut self, module: &str, name: &str, span: Span, member: Span) -> BindingId {
        let id = ImportId::try_from(self.outline.imports.len()).unwrap_or(ImportId::MAX);
        let is_star = name.is_empty();
        let kind = if is_star { BindingKind::Star(id) } else { BindingKind::Import(id, 0) };
        let root = self.scoping.root_scope_id();
        let binding = self.push_binding(if is_star { "*" } else { name }, member.start, kind, root);
        self.outline.imports.push(Import {
            span,
            scope: 0,
            module: module.into(),
            form: if is_star { ImportForm::Star } else { ImportForm::From },
            members: vec![Member {
                span: member,
                name: if is_star { "*".into() } else { name.into() },
                alias: None,
                binding,
                declared: None,
                reads: u32::MAX / 2,
                typing_reads: 0,
                path: None,
                module: None,
            }],
            typing: self.typing,
            external: false,
            unconditional: true,
            block: 0,
            block_length: 0,
            obstacle: Some("it is only handed on here"),
        });
        binding
    }

    fn export_binding(&mut self, name: &str, binding: BindingId) {
        self.outline.exports.entry(name.into()).or_default().push(binding);
    }

    /// `export * from "x"`, `export * as a from "x"`
    pub(super) fn export_all(&mut self, export: &ExportAllDeclaration<'a>) {
        let outer = self.type_only(export.export_kind.is_type());
        let module = export.source.value.as_str();
        let span = Self::span(export.span);
        if let Some(name) = &export.exported {
            let binding = self.hand_on(module, Member::NAMESPACE, span, span);
            self.export_binding(name.name().as_str(), binding);
        } else {
            let binding = self.hand_on(module, "", span, span);
            self.export_binding("*", binding);
        }
        self.typing = outer;
    }

    /// `export const a = …`
    pub(super) fn export_declared(&mut self, export: &ExportDeclaration<'a>) {
        let symbols = match &export.declaration {
            Declaration::VariableDeclaration(declaration) => {
                declaration.declarations.iter().flat_map(|declarator| declarator.id.get_binding_identifiers()).collect()
            }
            Declaration::FunctionDeclaration(function) => function.id.iter().collect(),
            Declaration::ClassDeclaration(class) => class.id.iter().collect(),
            Declaration::TSImportEqualsDeclaration(import) => vec![&import.id],
            _ => Vec::new(),
        };
        for identifier in symbols {
            if let Some(symbol) = identifier.symbol_id.get() {
                self.exported.push((identifier.name.as_str().into(), symbol));
            }
        }
        self.visit_declaration(&export.declaration);
    }

    /// `export default …`
    pub(super) fn export_default(&mut self, export: &ExportDefaultDeclaration<'a>) {
        match &export.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                if let Some(id) = &function.id {
                    self.exported.extend(id.symbol_id.get().map(|symbol| ("default".into(), symbol)));
                    self.visit_function(function, oxc_syntax::scope::ScopeFlags::Function);
                } else {
                    let signature = self.function_signature(function);
                    let kind = crate::outline::DefinitionKind::Function(Some(Box::new(signature)));
                    let id = self.define("default", kind);
                    self.export_kind("default", function.span.start, BindingKind::Definition(id));
                    self.function_body(function, This::Other, Some("default"));
                }
            }
            ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                if let Some(id) = &class.id {
                    self.exported.extend(id.symbol_id.get().map(|symbol| ("default".into(), symbol)));
                    self.visit_class(class);
                } else {
                    let id = self.class(class, Some("default"));
                    self.export_kind("default", class.span.start, BindingKind::Definition(id));
                }
            }
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => {}
            other => {
                if let Some(expression) = other.as_expression() {
                    self.export_expression("default", expression);
                }
            }
        }
    }

    /// `export = …`, `module.exports = …`
    pub(super) fn export_whole(&mut self, value: &Expression<'a>) {
        match chain::plain(value) {
            Expression::ObjectExpression(object) => self.export_object(object),
            _ => self.export_expression(Member::WHOLE, value),
        }
        // An import of such a module's default gets all that it exports.
        if let Some(whole) = self.outline.exports.get(Member::WHOLE).cloned() {
            self.outline.exports.entry("default".into()).or_insert(whole);
        }
    }

    fn export_kind(&mut self, name: &str, offset: u32, kind: BindingKind) {
        let root = self.scoping.root_scope_id();
        let binding = self.push_binding(name, offset, kind, root);
        self.outline.exports.insert(name.into(), vec![binding]);
    }

    fn export_expression(&mut self, name: &str, value: &Expression<'a>) {
        let start = value.span().start;
        let kind = match self.named(name, value) {
            Some(kind) => kind,
            None => self.alias(value).unwrap_or(BindingKind::Value),
        };
        self.export_kind(name, start, kind);
    }

    /// `module.exports = { a, b: c, ...require("x") }`
    fn export_object(&mut self, object: &ObjectExpression<'a>) {
        for property in &object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => match property.key.static_name() {
                    Some(name) if !property.method => self.export_expression(&name.clone(), &property.value),
                    _ => self.value(&property.value),
                },
                ObjectPropertyKind::SpreadProperty(spread) => match self.parts(&spread.argument) {
                    Some((Root::Request(_, request), attributes)) if attributes.is_empty() => {
                        let span = Self::span(spread.span);
                        let binding = self.hand_on(request.module, "", span, span);
                        self.export_binding("*", binding);
                    }
                    _ => self.value(&spread.argument),
                },
            }
        }
    }

    /// `module.exports = …`, `module.exports.a = …`, `exports.a = …`. Gives whether it was that.
    pub(super) fn exports_by_assignment(&mut self, assignment: &AssignmentExpression<'a>) -> bool {
        if assignment.operator != AssignmentOperator::Assign || self.is_deferred() {
            return false;
        }
        let AssignmentTarget::StaticMemberExpression(member) = &assignment.left else { return false };
        let name = member.property.name.as_str();
        if self.is_exports(&member.object) {
            // `exports.a = exports.b = void 0`
            let value = chain::plain(&assignment.right);
            if let Expression::AssignmentExpression(inner) = value {
                return self.exports_by_assignment(inner);
            }
            if !matches!(value, Expression::UnaryExpression(_)) {
                self.export_expression(name, &assignment.right);
            }
            return true;
        }
        let is_module = matches!(chain::plain(&member.object), Expression::Identifier(object)
            if object.name == "module" && self.symbol(object).is_none());
        if is_module && name == "exports" {
            let value = chain::plain(&assignment.right);
            // `exports = module.exports = X`, `module.exports = exports = X`
            if let Expression::AssignmentExpression(inner) = value {
                self.export_whole(&inner.right);
            } else {
                self.export_whole(&assignment.right);
            }
            return true;
        }
        false
    }

    fn is_exports(&self, object: &Expression<'a>) -> bool {
        match self.parts(object) {
            Some((Root::Name(name), attributes)) if self.symbol(name).is_none() => match name.name.as_str() {
                "exports" => attributes.is_empty(),
                "module" => attributes.len() == 1 && attributes.first().is_some_and(|attribute| attribute == "exports"),
                _ => false,
            },
            _ => false,
        }
    }

    /// `Object.defineProperty(exports, "a", { get: () => b })`, `__exportStar(require("x"), exports)`: what compilers
    /// make of re-exports. Gives whether it was that.
    pub(super) fn exports_by_call(&mut self, call: &CallExpression<'a>) -> bool {
        let Some((Root::Name(_), _)) = self.parts(&call.callee) else { return false };
        let arguments: Vec<&Expression<'a>> =
            call.arguments.iter().filter_map(|argument| argument.as_expression()).collect();
        let callee =
            self.text.get(call.callee.span().start as usize..call.callee.span().end as usize).unwrap_or_default();
        if callee.ends_with("__exportStar") || callee.ends_with("_export_star") {
            if let Some((Root::Request(_, request), attributes)) = arguments.first().and_then(|first| self.parts(first))
                && attributes.is_empty()
            {
                let span = Self::span(call.span);
                let binding = self.hand_on(request.module, "", span, span);
                self.export_binding("*", binding);
                return true;
            }
            return false;
        }
        if callee != "Object.defineProperty" {
            return false;
        }
        let [object, name, Expression::ObjectExpression(descriptor)] = arguments.as_slice() else { return false };
        let (true, Some(name)) = (self.is_exports(object), chain::text(name)) else { return false };
        for property in &descriptor.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
            if property.key.static_name().as_deref() == Some("get")
                && let Some(value) = chain::returned(&property.value)
            {
                let start = value.span().start;
                if let Some(id) = self.reference(value, Role::Aliased) {
                    self.export_kind(name, start, BindingKind::Alias { references: vec![id], or_value: false });
                }
                return true;
            }
        }
        false
    }
}
