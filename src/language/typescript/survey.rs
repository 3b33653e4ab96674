//! First pass: which names can matter, and every event that gives one of them a meaning.
//!
//! A name can matter if it is imported, may hold the context or stand for a function of the factory, is a class or a
//! function, or is made from a name that can matter.

use std::cell::Cell;

use std::borrow::Cow;

use oxc_ast::ast::ArrowFunctionExpression;
use oxc_ast::ast::AssignmentExpression;
use oxc_ast::ast::AssignmentPattern;
use oxc_ast::ast::AssignmentTarget;
use oxc_ast::ast::BindingIdentifier;
use oxc_ast::ast::BindingPattern;
use oxc_ast::ast::BindingProperty;
use oxc_ast::ast::Class;
use oxc_ast::ast::Expression;
use oxc_ast::ast::FormalParameter;
use oxc_ast::ast::Function;
use oxc_ast::ast::IdentifierReference;
use oxc_ast::ast::ObjectExpression;
use oxc_ast::ast::Program;
use oxc_ast::ast::PropertyDefinition;
use oxc_ast::ast::StaticMemberExpression;
use oxc_ast::ast::TSInterfaceDeclaration;
use oxc_ast::ast::TSType;
use oxc_ast::ast::TSTypeAliasDeclaration;
use oxc_ast::ast::VariableDeclarator;
use oxc_ast_visit::Visit;
use oxc_ast_visit::walk;
use oxc_semantic::Scoping;
use oxc_syntax::scope::ScopeFlags;
use oxc_syntax::scope::ScopeId;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::language::Watch;

use super::chain;
use super::endpoints::Endpoints;
use super::promises;
use super::promises::Promises;

/// More than all the times that a method is taken from its object.
const MANY: i32 = 1 << 20;

/// A type that a file declares.
#[derive(Clone, Copy)]
pub(super) enum Shape<'a> {
    Interface(&'a TSInterfaceDeclaration<'a>),
    Alias(&'a TSType<'a>),
}

/// What the first pass learned.
#[derive(Default)]
pub(super) struct Survey<'a> {
    /// Names that can matter.
    pub(super) tracked: FxHashSet<SymbolId>,
    /// Events of all names: symbol and offset, in order of the text.
    pub(super) events: Vec<(SymbolId, u32)>,
    /// What texts may say of where clients connect to.
    pub(super) endpoints: Endpoints<'a>,
    /// Objects that names always hold.
    pub(super) objects: FxHashMap<SymbolId, &'a ObjectExpression<'a>>,
    /// What names promise.
    pub(super) promises: Promises<'a>,
    /// Names of functions that `createRequire` made.
    pub(super) requires: FxHashSet<SymbolId>,
    /// Declared types by name.
    pub(super) shapes: FxHashMap<&'a str, Shape<'a>>,
    /// How often attributes of a name are read other than to be called: a method loses its object so.
    pub(super) taken: FxHashMap<&'a str, i32>,
    /// For each declared function: from where on it may run.
    pub(super) activations: FxHashMap<SymbolId, u32>,
}

/// Surveys a program.
pub(super) fn survey<'a>(program: &Program<'a>, scoping: &Scoping, watch: &Watch) -> Survey<'a> {
    let mut pass = Pass {
        scoping,
        watch,
        promises: memchr::memmem::find(program.source_text.as_bytes(), b"import(").is_some(),
        survey: Survey::default(),
        edges: FxHashMap::default(),
        functions: Vec::new(),
        declared: FxHashSet::default(),
        uses: FxHashMap::default(),
    };
    pass.visit_program(program);
    let mut open: Vec<SymbolId> = pass.survey.tracked.iter().copied().collect();
    while let Some(symbol) = open.pop() {
        for &target in pass.edges.get(&symbol).into_iter().flatten() {
            if pass.survey.tracked.insert(target) {
                open.push(target);
            }
        }
    }
    let declared: Vec<SymbolId> = pass.declared.iter().copied().collect();
    for symbol in declared {
        let activation = pass.activation(symbol, &mut FxHashSet::default());
        pass.survey.activations.insert(symbol, activation);
    }
    pass.survey.events.sort_unstable_by_key(|event| event.1);
    pass.survey.events.dedup();
    pass.survey
}

/// A function around a use: what it is called, if it is hoisted, and where it starts.
#[derive(Clone, Copy)]
struct Around {
    hoisted: Option<SymbolId>,
    scope: Option<ScopeId>,
    start: u32,
}

struct Pass<'a, 's> {
    scoping: &'s Scoping,
    watch: &'s Watch,
    /// Whether anything is imported by a promise.
    promises: bool,
    survey: Survey<'a>,
    edges: FxHashMap<SymbolId, Vec<SymbolId>>,
    functions: Vec<Around>,
    /// Functions that are declared, and so hoisted.
    declared: FxHashSet<SymbolId>,
    /// Uses of names: the offset, and the functions around it.
    uses: FxHashMap<SymbolId, Vec<(u32, Vec<Around>)>>,
}

impl<'a> Pass<'a, '_> {
    fn symbol(&self, identifier: &IdentifierReference<'a>) -> Option<SymbolId> {
        self.scoping.get_reference(identifier.reference_id.get()?).symbol_id()
    }

    fn event(&mut self, symbol: Option<SymbolId>, offset: u32) {
        if let Some(symbol) = symbol {
            self.survey.events.push((symbol, offset));
        }
    }

    /// Notes that names may be made from what an expression gives.
    fn derives(&mut self, targets: &[SymbolId], value: &Expression<'a>) {
        let mut roots = Vec::new();
        let requests = chain::roots(value, &mut roots);
        if requests || self.asks_by_name(value) {
            self.survey.tracked.extend(targets);
        }
        for root in roots {
            let Some(symbol) = self.symbol(root) else { continue };
            self.edges.entry(symbol).or_default().extend(targets);
        }
    }

    fn take(&mut self, member: &StaticMemberExpression<'a>, times: i32) {
        *self.survey.taken.entry(member.property.name.as_str()).or_default() += times;
    }

    /// Whether an expression may give a module by way of a name.
    fn asks_by_name(&self, value: &Expression<'a>) -> bool {
        match chain::start(value) {
            awaited @ Expression::AwaitExpression(_) => self.promises && promises::awaited(awaited).is_some(),
            Expression::CallExpression(call) => match chain::plain(&call.callee) {
                Expression::Identifier(name) => {
                    self.symbol(name).is_some_and(|symbol| self.survey.requires.contains(&symbol))
                }
                _ => false,
            },
            Expression::AssignmentExpression(assignment) => self.asks_by_name(&assignment.right),
            Expression::LogicalExpression(logical) => self.asks_by_name(&logical.right),
            _ => false,
        }
    }

    /// From where on a declared function may be called.
    fn activation(&self, symbol: SymbolId, seen: &mut FxHashSet<SymbolId>) -> u32 {
        if !seen.insert(symbol) {
            return u32::MAX;
        }
        let owner = self.owner(symbol);
        let uses = self.uses.get(&symbol).into_iter().flatten();
        let times = uses.map(|(offset, around)| {
            // The outermost function that lies within the one that declares it.
            let inner = match around.iter().rposition(|function| function.scope == owner) {
                Some(at) => around.get(at + 1),
                None => around.first(),
            };
            match inner {
                None => *offset,
                Some(function) => match function.hoisted {
                    Some(outer) => self.activation(outer, seen),
                    None => function.start,
                },
            }
        });
        times.min().unwrap_or(u32::MAX)
    }

    /// The function whose names a symbol is among; `None` for the module.
    fn owner(&self, symbol: SymbolId) -> Option<ScopeId> {
        owner(self.scoping, symbol)
    }
}

/// The function whose names a symbol is among; `None` for the module.
pub(super) fn owner(scoping: &Scoping, symbol: SymbolId) -> Option<ScopeId> {
    let scopes = scoping.scope_ancestors(scoping.symbol_scope_id(symbol));
    let mut functions = scopes.filter(|&scope| {
        let flags = scoping.scope_flags(scope);
        flags.is_function() || flags.is_class_static_block()
    });
    functions.next()
}

/// The names that a pattern binds.
pub(super) fn bound(pattern: &BindingPattern<'_>) -> Vec<SymbolId> {
    pattern.get_binding_identifiers().iter().filter_map(|identifier| identifier.symbol_id.get()).collect()
}

impl<'a> Visit<'a> for Pass<'a, '_> {
    fn visit_binding_identifier(&mut self, it: &BindingIdentifier<'a>) {
        let Some(symbol) = it.symbol_id.get() else { return };
        self.event(Some(symbol), it.span.start);
        let flags = self.scoping.symbol_flags(symbol);
        let name = it.name.as_str();
        let watched = self.watch.sources.iter().any(|source| source.split('.').next() == Some(name))
            || self.watch.functions.iter().any(|function| name.contains(function.as_str()));
        if watched || flags.is_import() || flags.is_class() || flags.is_function() {
            self.survey.tracked.insert(symbol);
        }
    }

    fn visit_identifier_reference(&mut self, it: &IdentifierReference<'a>) {
        let Some(id) = it.reference_id.get() else { return };
        let reference = self.scoping.get_reference(id);
        let Some(symbol) = reference.symbol_id() else { return };
        if reference.is_write() {
            self.event(Some(symbol), it.span.start);
        }
        if self.scoping.symbol_flags(symbol).is_function() {
            self.uses.entry(symbol).or_default().push((it.span.start, self.functions.clone()));
        }
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if let Some(init) = &it.init {
            let targets = bound(&it.id);
            self.derives(&targets, init);
            if let BindingPattern::BindingIdentifier(identifier) = &it.id {
                self.survey.endpoints.hold(identifier.name.as_str(), init);
            }
            if let ([symbol], BindingPattern::BindingIdentifier(_)) = (targets.as_slice(), &it.id) {
                self.survey.endpoints.say(*symbol, init);
            }
            if let ([symbol], BindingPattern::BindingIdentifier(_), Expression::ObjectExpression(object)) =
                (targets.as_slice(), &it.id, chain::plain(init))
                && !self.scoping.symbol_is_mutated(*symbol)
            {
                let object = self.alloc(&**object);
                self.survey.objects.insert(*symbol, object);
            }
            if chain::awaited_together(init).is_some() {
                self.survey.tracked.extend(&targets);
            }
            if chain::is_called(init, "createRequire") {
                self.survey.requires.extend(&targets);
            }
            if let ([symbol], BindingPattern::BindingIdentifier(_), true) = (targets.as_slice(), &it.id, self.promises)
            {
                let init = self.alloc(init);
                self.survey.promises.say(*symbol, init, self.scoping);
            }
            if chain::is_callable(init) {
                self.survey.tracked.extend(targets);
            }
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_assignment_expression(&mut self, it: &AssignmentExpression<'a>) {
        if let AssignmentTarget::StaticMemberExpression(member) = &it.left {
            self.take(member, -1);
        }
        let mut targets = Vec::new();
        chain::assigned(&it.left, &mut targets);
        let targets: Vec<SymbolId> = targets.into_iter().filter_map(|target| self.symbol(target)).collect();
        if !targets.is_empty() {
            self.derives(&targets, &it.right);
        }
        let value = self.alloc(&it.right);
        self.survey.endpoints.assign(it, value, &self.watch.endpoints);
        if let ([symbol], AssignmentTarget::AssignmentTargetIdentifier(_)) = (targets.as_slice(), &it.left) {
            self.survey.endpoints.say(*symbol, &it.right);
            if self.promises {
                self.survey.promises.say(*symbol, value, self.scoping);
            }
        }
        if let AssignmentTarget::AssignmentTargetIdentifier(_) = &it.left
            && matches!(it.right.get_inner_expression(), Expression::ClassExpression(_))
        {
            self.survey.tracked.extend(targets);
        }
        walk::walk_assignment_expression(self, it);
    }

    fn visit_assignment_pattern(&mut self, it: &AssignmentPattern<'a>) {
        let targets = bound(&it.left);
        self.derives(&targets, &it.right);
        if let [symbol] = targets.as_slice() {
            self.survey.endpoints.say(*symbol, &it.right);
        }
        walk::walk_assignment_pattern(self, it);
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        if let Some(initializer) = &it.initializer {
            let targets = bound(&it.pattern);
            self.derives(&targets, initializer);
            if let ([symbol], BindingPattern::BindingIdentifier(_)) = (targets.as_slice(), &it.pattern) {
                self.survey.endpoints.say(*symbol, initializer);
            }
        }
        walk::walk_formal_parameter(self, it);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        if let (Some(value), Some(Cow::Borrowed(name))) = (&it.value, self.alloc(it).key.name()) {
            self.survey.endpoints.hold(name, value);
        }
        walk::walk_property_definition(self, it);
    }

    fn visit_static_member_expression(&mut self, it: &StaticMemberExpression<'a>) {
        if let ("bind" | "call" | "apply", Expression::StaticMemberExpression(method)) =
            (it.property.name.as_str(), chain::plain(&it.object))
        {
            // `this.method = this.method.bind(this)` is for all who take it later.
            let is_own = it.property.name == "bind" && matches!(method.object, Expression::ThisExpression(_));
            self.take(method, if is_own { -MANY } else { -1 });
        }
        self.take(it, 1);
        walk::walk_static_member_expression(self, it);
    }

    fn visit_binding_property(&mut self, it: &BindingProperty<'a>) {
        if let Some(Cow::Borrowed(name)) = self.alloc(it).key.name() {
            *self.survey.taken.entry(name).or_default() += 1;
        }
        walk::walk_binding_property(self, it);
    }

    fn visit_call_expression(&mut self, it: &oxc_ast::ast::CallExpression<'a>) {
        if let Expression::StaticMemberExpression(method) = chain::plain(&it.callee) {
            self.take(method, -1);
        }
        if self.promises
            && let Some(parameter) = promises::then_parameter(it)
        {
            self.survey.tracked.extend(bound(parameter));
        }
        walk::walk_call_expression(self, it);
    }

    fn visit_function(&mut self, it: &Function<'a>, flags: ScopeFlags) {
        let hoisted = it.is_function_declaration().then(|| it.id.as_ref()?.symbol_id.get()).flatten();
        self.declared.extend(hoisted);
        if let (Some(symbol), true) = (hoisted, self.promises)
            && let Some(value) = self.alloc(it).body.as_ref().and_then(|body| chain::last_return(&body.statements))
        {
            self.survey.promises.say(symbol, value, self.scoping);
        }
        self.functions.push(Around { hoisted, scope: it.scope_id.get(), start: it.span.start });
        walk::walk_function(self, it, flags);
        self.functions.pop();
    }

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.functions.push(Around { hoisted: None, scope: it.scope_id.get(), start: it.span.start });
        walk::walk_arrow_function_expression(self, it);
        self.functions.pop();
    }

    fn visit_class(&mut self, it: &Class<'a>) {
        self.functions.push(Around { hoisted: None, scope: None, start: it.span.start });
        walk::walk_class(self, it);
        self.functions.pop();
    }

    fn visit_ts_interface_declaration(&mut self, it: &TSInterfaceDeclaration<'a>) {
        let declaration = self.alloc(it);
        self.survey.shapes.insert(declaration.id.name.as_str(), Shape::Interface(declaration));
        walk::walk_ts_interface_declaration(self, it);
    }

    fn visit_ts_type_alias_declaration(&mut self, it: &TSTypeAliasDeclaration<'a>) {
        let declaration = self.alloc(it);
        self.survey.shapes.insert(declaration.id.name.as_str(), Shape::Alias(&declaration.type_annotation));
        walk::walk_ts_type_alias_declaration(self, it);
    }

    fn enter_scope(&mut self, _: ScopeFlags, _: &Cell<Option<ScopeId>>) {}
}
