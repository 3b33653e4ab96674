//! Imports in every form: `import`, `import x = require()`, `require` and `await import()` of a declaration or on the spot.

use oxc_ast::ast::ArrayExpression;
use oxc_ast::ast::ArrayExpressionElement;
use oxc_ast::ast::ArrayPattern;
use oxc_ast::ast::BindingIdentifier;
use oxc_ast::ast::BindingPattern;
use oxc_ast::ast::Expression;
use oxc_ast::ast::ImportDeclaration;
use oxc_ast::ast::ImportDeclarationSpecifier;
use oxc_ast::ast::Statement;
use oxc_ast::ast::TSImportEqualsDeclaration;
use oxc_ast::ast::TSModuleReference;
use oxc_ast::ast::TSTypeName;
use oxc_ast::ast::VariableDeclaration;
use oxc_ast::ast::VariableDeclarator;
use oxc_ast_visit::Visit;
use oxc_span::GetSpan;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::FxHashMap;

use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::ImportId;
use crate::outline::Member;
use crate::outline::Role;
use crate::source::Span;

use super::chain;
use super::chain::Request;
use super::chain::Root;
use super::flow::Flow;
use super::promises;

/// Why a name that is awaited in a list is not replaced.
const TOGETHER: &str = "it is awaited together with others; await the factory's module instead";

/// Why a name that an expression takes from a module is not replaced.
pub(super) const IN_PASSING: &str = "it is taken from its module in passing; import the factory by name";

/// Read so often that nobody takes it for unneeded.
const ALWAYS_READ: u32 = u32::MAX / 2;

/// A member before its statement is complete.
pub(super) struct Brought<'n> {
    pub(super) name: &'n str,
    pub(super) local: &'n str,
    pub(super) span: oxc_span::Span,
    /// Where the local name stands.
    pub(super) offset: u32,
    pub(super) typing: bool,
}

/// An import statement before its members are known.
pub(super) struct Statementlike<'n> {
    pub(super) span: Span,
    pub(super) module: &'n str,
    pub(super) scope: u32,
    pub(super) unconditional: bool,
    pub(super) obstacle: Option<&'static str>,
}

impl<'a> Flow<'a, '_> {
    /// Lowers the imports of a module, which run before all else.
    pub(super) fn hoist_imports(&mut self, body: &[Statement<'a>]) {
        for statement in body {
            if let Statement::ImportDeclaration(import) = statement {
                self.statement = Self::span(import.span);
                self.import(import);
            }
        }
        self.bind_twice_imported();
    }

    /// Each script of an Astro file is a module of its own, and may import what another one does under the same name.
    fn bind_twice_imported(&mut self) {
        let mut known: FxHashMap<SymbolId, Vec<(usize, BindingId)>> = FxHashMap::default();
        for (index, import) in self.outline.imports.iter().enumerate() {
            for binding in import.members.iter().map(|member| member.binding) {
                if let Some(symbol) = self.symbol_of(binding) {
                    known.entry(symbol).or_default().push((index, binding));
                }
            }
        }
        for (symbol, imports) in known.into_iter().filter(|(_, imports)| imports.len() > 1) {
            self.bind_all(symbol, imports.iter().map(|(_, binding)| *binding));
            for (index, _) in imports {
                if let Some(import) = self.outline.imports.get_mut(index) {
                    import.obstacle =
                        Some("it is imported more than once; move one of its scripts to a file of its own");
                }
            }
        }
    }

    fn import(&mut self, import: &ImportDeclaration<'a>) {
        let mut members = Vec::new();
        let is_type = import.import_kind.is_type();
        for specifier in import.specifiers.iter().flatten() {
            let (local, span, typing) = (specifier.local(), specifier.span(), is_type);
            let (name, typing) = match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(specifier) => {
                    (specifier.imported.name().as_str(), typing || specifier.import_kind.is_type())
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(_) => ("default", typing),
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(_) => (Member::NAMESPACE, typing),
            };
            members.push(brought(name, local, span, typing));
        }
        let statement = Statementlike {
            span: Self::span(import.span),
            module: import.source.value.as_str(),
            scope: 0,
            unconditional: true,
            obstacle: None,
        };
        let outer = self.type_only(is_type);
        self.push_import(&statement, &members);
        self.typing = outer;
    }

    /// Adds an import, and gives its names their meaning.
    pub(super) fn push_import(&mut self, statement: &Statementlike<'_>, brought: &[Brought<'_>]) -> ImportId {
        let id = ImportId::try_from(self.outline.imports.len()).unwrap_or(ImportId::MAX);
        let mut members = Vec::with_capacity(brought.len());
        for (index, member) in (0..).zip(brought) {
            let outer = self.type_only(member.typing);
            self.set_kind(member.offset, BindingKind::Import(id, index));
            self.typing = outer;
            members.push(Member {
                span: Self::span(member.span),
                name: member.name.into(),
                alias: (member.local != member.name).then(|| member.local.into()),
                binding: self.at.get(&member.offset).copied().unwrap_or(0),
                declared: None,
                reads: ALWAYS_READ,
                typing_reads: 0,
                path: None,
                module: None,
            });
            if let Some(symbol) = self.find(member.local)
                && self.is_near(member.name, statement.module)
            {
                let name = self.name_at(member.offset);
                self.near.push((name, symbol));
            }
        }
        self.outline.imports.push(Import {
            span: statement.span,
            scope: statement.scope,
            module: statement.module.into(),
            form: ImportForm::From,
            members,
            typing: self.typing,
            external: false,
            unconditional: statement.unconditional,
            block: self.block.0,
            block_length: self.block.1,
            obstacle: statement.obstacle,
        });
        id
    }

    /// The name that stands at an offset of the text.
    fn name_at(&self, offset: u32) -> &'a str {
        let rest = self.text.get(offset as usize..).unwrap_or_default();
        let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$')).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    /// Whether an import may bring the factory's function, or its module.
    fn is_near(&self, name: &str, module: &str) -> bool {
        let tail = |path: &str| super::sketch::tail(path).to_owned();
        self.watch.functions.iter().any(|function| function == name)
            || self.watch.modules.iter().any(|known| tail(known) == tail(module))
            || module.starts_with('#')
    }

    /// A module that is asked for on the spot: an import without a statement of its own.
    pub(super) fn inline_import(
        &mut self,
        request: Request<'_>,
        span: Span,
        obstacle: Option<&'static str>,
    ) -> BindingId {
        let module = request.module;
        let name = if request.is_namespace { Member::NAMESPACE } else { Member::WHOLE };
        let id = ImportId::try_from(self.outline.imports.len()).unwrap_or(ImportId::MAX);
        let root = self.scoping.root_scope_id();
        let binding = self.push_binding(module, span.start, BindingKind::Import(id, 0), root);
        self.outline.imports.push(Import {
            span,
            scope: 0,
            module: module.into(),
            form: ImportForm::From,
            members: vec![Member {
                span,
                name: name.into(),
                alias: Some(module.into()),
                binding,
                declared: None,
                reads: ALWAYS_READ,
                typing_reads: 0,
                path: None,
                module: None,
            }],
            typing: self.typing,
            external: false,
            unconditional: true,
            block: 0,
            block_length: 0,
            obstacle,
        });
        binding
    }

    /// `const … = require("x")` and its like. Gives whether it was that.
    pub(super) fn declares_import(
        &mut self,
        declaration: &VariableDeclaration<'a>,
        declarator: &VariableDeclarator<'a>,
    ) -> bool {
        let Some(init) = &declarator.init else { return false };
        if let (BindingPattern::ArrayPattern(names), Some(values)) = (&declarator.id, chain::awaited_together(init)) {
            self.import_together(names, values);
            for value in &values.elements {
                if self.promised_module(value).is_none() {
                    self.visit_array_expression_element(value);
                }
            }
            return true;
        }
        let Some((Root::Request(asked, request), attributes)) = self.parts(init) else { return false };
        let mut members = Vec::new();
        match (&declarator.id, attributes.as_slice()) {
            (BindingPattern::BindingIdentifier(local), []) => {
                let name = if request.is_namespace { Member::NAMESPACE } else { Member::WHOLE };
                members.push(brought(name, local, declarator.span, false));
            }
            (BindingPattern::BindingIdentifier(local), [name]) => {
                members.push(brought(name.as_ref(), local, declarator.span, false));
            }
            (BindingPattern::ObjectPattern(object), []) if object.rest.is_none() => {
                for property in &object.properties {
                    let (Some(key), BindingPattern::BindingIdentifier(local)) =
                        (property.key.static_name(), &property.value)
                    else {
                        return self.destructures_request(object, init);
                    };
                    let local: &BindingIdentifier<'a> = local;
                    members.push(Brought {
                        name: self.intern(&key),
                        local: local.name.as_str(),
                        span: property.span,
                        offset: local.span.start,
                        typing: false,
                    });
                }
            }
            (BindingPattern::ObjectPattern(object), _) => return self.destructures_request(object, init),
            _ => return false,
        }
        let is_alone = declaration.declarations.len() == 1;
        let in_branch = declaration.kind.is_var() && self.depth > 0;
        let obstacle = in_branch.then_some("its import stands in a branch; call the factory in each branch");
        let scope = members
            .first()
            .and_then(|member| self.find(member.local))
            .map(|symbol| self.scoping.symbol_scope_id(symbol));
        let scope = scope.and_then(|scope| u32::try_from(scope.index()).ok()).unwrap_or(0);
        let is_exported = self.text.get(self.statement.range()).is_some_and(|text| text.starts_with("export"));
        let statement = Statementlike {
            // One of several goes by itself.
            span: Self::span(if is_alone { declaration.span } else { declarator.span }),
            module: request.module,
            scope,
            unconditional: !in_branch,
            obstacle: obstacle
                .or(is_exported.then_some("its import is exported"))
                .or((!chain::is_direct(asked)).then_some(IN_PASSING)),
        };
        self.push_import(&statement, &members);
        true
    }

    /// `const [{ Name }] = await Promise.all([import("x")])`: the names that come from modules.
    pub(super) fn import_together(&mut self, names: &ArrayPattern<'a>, values: &ArrayExpression<'a>) {
        for (name, value) in names.elements.iter().zip(&values.elements) {
            if let (Some(name), Some((module, span))) = (name, self.promised_module(value)) {
                self.then_import(module, span, name, Some(TOGETHER));
            }
        }
    }

    fn promised_module<'e>(&self, value: &'e ArrayExpressionElement<'a>) -> Option<(&'e str, Span)> {
        let value = value.as_expression()?;
        let module = self.survey.promises.module(promises::promise(value)?, self.scoping)?;
        Some((module, Self::span(value.span())))
    }

    /// A name that lives as long as the text: property names are written in it.
    fn intern(&self, key: &str) -> &'a str {
        self.text.find(key).and_then(|at| self.text.get(at..at + key.len())).unwrap_or_default()
    }

    /// `const { a: { b } } = require("x")`: what is not simple is followed as far as it can be.
    fn destructures_request(&mut self, object: &oxc_ast::ast::ObjectPattern<'a>, init: &Expression<'a>) -> bool {
        let Some((Root::Request(asked, request), attributes)) = self.parts(init) else { return false };
        let binding = self.inline_import(request, Self::span(asked.span()), Some(IN_PASSING));
        for property in &object.properties {
            let target = match &property.value {
                BindingPattern::BindingIdentifier(target) => Some(target),
                BindingPattern::AssignmentPattern(pattern) => match &pattern.left {
                    BindingPattern::BindingIdentifier(target) => Some(target),
                    _ => None,
                },
                _ => None,
            };
            let (Some(key), Some(target)) = (property.key.static_name(), target) else { continue };
            let mut path = attributes.clone();
            path.push(key);
            let id = self.push_reference(&[binding], request.module, &path, Role::Aliased, Self::span(property.span));
            self.set_kind(target.span.start, BindingKind::Alias { references: vec![id], or_value: false });
        }
        true
    }

    /// `import("x").then(({ Name }) => …)`: the parameter's names come from the module.
    pub(super) fn then_import(
        &mut self,
        module: &str,
        span: Span,
        parameter: &BindingPattern<'a>,
        obstacle: Option<&'static str>,
    ) {
        let before = self.outline.imports.len();
        self.promised_names(module, span, parameter);
        for import in self.outline.imports.iter_mut().skip(before).filter(|_| obstacle.is_some()) {
            import.obstacle = obstacle;
        }
    }

    fn promised_names(&mut self, module: &str, span: Span, parameter: &BindingPattern<'a>) {
        match parameter {
            BindingPattern::BindingIdentifier(local) => {
                let statement = self.promised(module, span);
                self.push_import(&statement, &[brought(Member::NAMESPACE, local, local.span, false)]);
            }
            BindingPattern::ObjectPattern(object) => {
                let mut members = Vec::new();
                let mut is_simple = object.rest.is_none() && object.properties.len() == 1;
                for property in &object.properties {
                    let local = match &property.value {
                        BindingPattern::AssignmentPattern(pattern) => {
                            is_simple = false;
                            &pattern.left
                        }
                        other => other,
                    };
                    let (Some(key), BindingPattern::BindingIdentifier(local)) = (property.key.static_name(), local)
                    else {
                        is_simple = false;
                        continue;
                    };
                    let name = self.intern(&key);
                    let local: &BindingIdentifier<'a> = local;
                    members.push(Brought {
                        name,
                        local: local.name.as_str(),
                        span: property.span,
                        offset: local.span.start,
                        typing: false,
                    });
                }
                // The factory's module has nothing else of what is taken.
                let obstacle = self.promised(module, span).obstacle.filter(|_| !is_simple);
                let span = Span::new(span.start, object.span.end);
                let statement = Statementlike { span, obstacle, ..self.promised(module, span) };
                self.push_import(&statement, &members);
            }
            _ => {}
        }
    }

    fn promised<'n>(&self, module: &'n str, span: Span) -> Statementlike<'n> {
        Statementlike {
            span,
            module,
            scope: u32::try_from(self.scope().index()).unwrap_or(0),
            unconditional: false,
            obstacle: Some("it comes from a promise of its module; await the factory's module instead"),
        }
    }

    /// `import x = require("y")`, and `import X = y.Z`.
    pub(super) fn import_equals(&mut self, import: &TSImportEqualsDeclaration<'a>) {
        let offset = import.id.span.start;
        match &import.module_reference {
            TSModuleReference::ExternalModuleReference(external) => {
                let typing = import.import_kind.is_type();
                let is_exported = self.text.get(self.statement.range()).is_some_and(|text| text.starts_with("export"));
                let statement = Statementlike {
                    span: Self::span(import.span),
                    module: external.expression.value.as_str(),
                    scope: u32::try_from(self.scope().index()).unwrap_or(0),
                    unconditional: true,
                    obstacle: is_exported.then_some("its import is exported"),
                };
                let outer = self.type_only(typing);
                self.push_import(&statement, &[brought(Member::WHOLE, &import.id, import.span, typing)]);
                self.typing = outer;
            }
            TSModuleReference::QualifiedName(name) => {
                let mut attributes = vec![std::borrow::Cow::Borrowed(name.right.name.as_str())];
                let mut left = &name.left;
                loop {
                    match left {
                        TSTypeName::QualifiedName(inner) => {
                            attributes.push(std::borrow::Cow::Borrowed(inner.right.name.as_str()));
                            left = &inner.left;
                        }
                        TSTypeName::IdentifierReference(root) => {
                            attributes.reverse();
                            let id = self.name(root, &attributes, Role::Aliased, Self::span(name.span));
                            if let Some(id) = id {
                                self.set_kind(offset, BindingKind::Alias { references: vec![id], or_value: false });
                            }
                            break;
                        }
                        TSTypeName::ThisExpression(_) => break,
                    }
                }
            }
            TSModuleReference::IdentifierReference(root) => {
                if let Some(id) = self.name(root, &[], Role::Aliased, Self::span(root.span)) {
                    self.set_kind(offset, BindingKind::Alias { references: vec![id], or_value: false });
                }
            }
        }
        self.visit_binding_identifier(&import.id);
    }
}

pub(super) fn brought<'n>(
    name: &'n str,
    local: &'n BindingIdentifier<'_>,
    span: oxc_span::Span,
    typing: bool,
) -> Brought<'n> {
    Brought { name, local: local.name.as_str(), span, offset: local.span.start, typing }
}
