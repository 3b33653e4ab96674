//! Walks a module and collects its scopes and the events that bind names in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use ruff_python_ast as ast;
use ruff_python_ast::Expr;
use ruff_python_ast::Stmt;
use ruff_python_ast::visitor;
use ruff_python_ast::visitor::Visitor;
use ruff_text_size::Ranged;
use ruff_text_size::TextRange;
use rustc_hash::FxHashMap;

use crate::language::Watch;
use crate::language::python::shared::Shared;
use crate::outline::Binding;
use crate::outline::BindingKind;
use crate::outline::ImportId;
use crate::outline::ScopeId;

use super::BASE_INIT;
use super::Entry;
use super::Home;
use super::ScopeKind;
use super::Table;
use super::Tables;
use super::is_dynamic;
use super::is_lookup;
use super::is_not_type_checking;
use super::is_type_checking;
use super::receiver;
use super::source_of;

/// Stands for an import statement that has not run.
const LATER: ImportId = ImportId::MAX;

/// Roughly how many bytes of text there are for each event.
const BYTES_AN_EVENT: usize = 40;

struct Event<'a> {
    scope: ScopeId,
    name: &'a str,
    offset: u32,
    /// Where [`Tables::at`] has it, if not at its offset.
    key: Option<u32>,
    kind: BindingKind,
    typing: bool,
    matters: bool,
}

/// Collects the scopes and bindings of a module.
pub(in crate::language::python) fn collect<'a>(suite: &'a [Stmt], watch: &'a Watch) -> Tables<'a> {
    let length = suite.last().map_or(0, |stmt| stmt.range().end().to_usize());
    let mut collector = Collector {
        watch,
        tables: Vec::new(),
        by_node: FxHashMap::default(),
        events: Vec::with_capacity(length / BYTES_AN_EVENT),
        stack: Vec::new(),
        typing: false,
        near: BTreeSet::new(),
        lookups: BTreeSet::new(),
        mocks: false,
        globals: FxHashMap::default(),
        receivers: FxHashMap::default(),
    };
    collector.open(ScopeKind::Module, 0);
    collector.visit_body(suite);
    collector.finish()
}

struct Collector<'a> {
    watch: &'a Watch,
    tables: Vec<Table<'a>>,
    by_node: FxHashMap<(ScopeKind, u32), ScopeId>,
    events: Vec<Event<'a>>,
    stack: Vec<ScopeId>,
    typing: bool,
    near: BTreeSet<&'a str>,
    lookups: BTreeSet<&'a str>,
    mocks: bool,
    globals: FxHashMap<(ScopeId, &'a str), TextRange>,
    /// Methods: the name of their first parameter.
    receivers: FxHashMap<ScopeId, &'a str>,
}

impl<'a> Collector<'a> {
    /// What an assigned value makes of a name, and whether the flow must follow it.
    fn classify(&self, value: &Expr) -> (BindingKind, bool) {
        match value {
            Expr::NoneLiteral(_) => (BindingKind::Nothing, false),
            Expr::StringLiteral(text) if text.value.len() <= 512 => {
                (BindingKind::Text(text.value.to_str().into()), false)
            }
            Expr::Name(_) | Expr::Attribute(_) | Expr::If(_) | Expr::BoolOp(_) | Expr::Named(_) => {
                (BindingKind::Value, true)
            }
            Expr::Call(call) => (BindingKind::Value, is_dynamic(call, &self.lookups)),
            _ => (BindingKind::Value, false),
        }
    }

    fn open(&mut self, kind: ScopeKind, start: u32) {
        let id = u32::try_from(self.tables.len()).unwrap_or(u32::MAX);
        let parent = self.stack.last().copied();
        self.tables.push(Table {
            parent,
            kind,
            names: FxHashMap::default(),
            events: Vec::new(),
            slots: 0,
            methods: BTreeSet::new(),
        });
        self.by_node.insert((kind, start), id);
        self.stack.push(id);
    }

    fn close(&mut self) {
        self.stack.pop();
    }

    fn scope(&self) -> ScopeId {
        self.stack.last().copied().unwrap_or(0)
    }

    fn table(&mut self, scope: ScopeId) -> Option<&mut Table<'a>> {
        self.tables.get_mut(scope as usize)
    }

    fn bind(&mut self, name: &'a str, offset: u32, kind: BindingKind, matters: bool) {
        let scope = self.scope();
        self.bind_in(scope, name, offset, kind, matters);
    }

    fn bind_in(&mut self, scope: ScopeId, name: &'a str, offset: u32, kind: BindingKind, matters: bool) {
        if let Some(table) = self.table(scope) {
            table.names.entry(name).or_default();
        }
        self.events.push(Event { scope, name, offset, key: None, kind, typing: self.typing, matters });
    }

    /// The scope that a walrus in this place binds in: comprehensions let it through.
    fn walrus_scope(&self) -> ScopeId {
        let outside = self.stack.iter().rev().copied();
        let mut outside = outside
            .filter(|&id| self.tables.get(id as usize).is_none_or(|table| table.kind != ScopeKind::Comprehension));
        outside.next().unwrap_or(0)
    }

    fn target(&mut self, target: &'a Expr, value: Option<&'a Expr>) {
        match target {
            Expr::Name(name) => {
                let (kind, matters) = value.map_or((BindingKind::Value, false), |value| self.classify(value));
                self.bind(name.id.as_str(), name.range.start().to_u32(), kind, matters);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                let values = value.and_then(elements).filter(|values| values.len() == elts.len());
                for (index, element) in elts.iter().enumerate() {
                    self.target(element, values.and_then(|values| values.get(index)));
                }
            }
            Expr::Starred(starred) => self.target(&starred.value, None),
            Expr::Attribute(attribute) => {
                self.receiver_attribute(attribute, BindingKind::Value);
                self.visit_expr(&attribute.value);
            }
            other => self.visit_expr(other),
        }
    }

    /// Binds `self.workspace_id` where that is a source of the context.
    fn receiver_attribute(&mut self, attribute: &'a ast::ExprAttribute, kind: BindingKind) {
        let Expr::Name(object) = &*attribute.value else { return };
        let Some(source) = source_of(self.watch, object.id.as_str(), attribute.attr.as_str()) else { return };
        let owner = self
            .stack
            .iter()
            .rev()
            .copied()
            .find(|scope| self.receivers.get(scope).is_some_and(|receiver| *receiver == object.id.as_str()));
        if let Some(owner) = owner {
            self.bind_in(owner, source, attribute.attr.range.start().to_u32(), kind, true);
        }
    }

    fn parameters(&mut self, parameters: &'a ast::Parameters) {
        for parameter in parameters {
            let name = parameter.name();
            self.bind(name.as_str(), name.range.start().to_u32(), BindingKind::Value, false);
        }
    }

    fn import(&mut self, alias: &'a ast::Alias, bound: &'a str, module: &str) {
        let watch = self.watch;
        let tail = |text: &str| {
            let last = text.rsplit('.').next().unwrap_or_default();
            watch.modules.iter().any(|m| m.rsplit('.').next().unwrap_or_default() == last)
        };
        let name = alias.name.as_str();
        if tail(module) || tail(name) || watch.functions.iter().any(|function| function == name) {
            self.near.insert(bound);
        }
        self.mocks |= name == "patch" || name.ends_with("mock") || module.ends_with("mock");
        if is_lookup(name) {
            self.lookups.insert(bound);
        }
        self.bind(bound, alias.range.start().to_u32(), BindingKind::Import(LATER, 0), true);
    }

    fn finish(mut self) -> Tables<'a> {
        self.events.sort_by_key(|event| event.offset);
        let sources = &self.watch.sources;
        let mut shared = Shared::default();
        let mut stars = Vec::new();
        let mut bindings =
            vec![Binding { name: Arc::default(), scope: 0, offset: 0, kind: BindingKind::Unbound, typing: false }];
        let mut at = FxHashMap::default();
        // A name matters in a scope when one of its events does, wherever that event stands.
        let homes: Vec<ScopeId> = self.events.iter().map(|event| home(&self.tables, event)).collect();
        for (event, &scope) in self.events.iter().zip(&homes) {
            let is_source = sources.iter().any(|source| source.split('.').any(|part| part == event.name));
            // What a factory's file assigns is asked for by name.
            let is_function = event.scope == 0 && self.watch.functions.iter().any(|function| function == event.name);
            if !event.matters && !is_source && !is_function {
                continue;
            }
            let Some(table) = self.tables.get_mut(scope as usize) else { continue };
            let slots = table.slots;
            let entry = table.names.entry(event.name).or_default();
            if entry.slot.is_none() {
                entry.slot = Some(slots);
                table.slots += 1;
            }
        }
        for (event, &scope) in self.events.into_iter().zip(&homes) {
            let Some(table) = self.tables.get_mut(scope as usize) else { continue };
            let is_star = matches!(event.kind, BindingKind::Star(_));
            let Some(entry) = table.names.get_mut(event.name) else { continue };
            let Some(slot) = entry.slot else { continue };
            let id = u32::try_from(bindings.len()).unwrap_or(u32::MAX);
            bindings.push(Binding {
                name: shared.text(event.name),
                scope,
                offset: event.offset,
                kind: event.kind,
                typing: event.typing,
            });
            at.insert(event.key.unwrap_or(event.offset), id);
            if is_star {
                stars.push((event.offset, id));
            } else if scope == event.scope {
                entry.bindings.push(id);
                table.events.push((event.offset, slot, id));
            } else {
                entry.remote.push(id);
            }
        }
        let near = self.near.into_iter().collect();
        Tables {
            scopes: self.tables,
            by_node: self.by_node,
            bindings,
            at,
            stars,
            near,
            lookups: self.lookups,
            mocks: self.mocks,
            globals: self.globals,
            shared,
        }
    }
}

/// The scope in which an event's name lives, following `global` and `nonlocal`.
fn home(tables: &[Table<'_>], event: &Event<'_>) -> ScopeId {
    let mut scope = event.scope;
    loop {
        let Some(table) = tables.get(scope as usize) else { return 0 };
        match table.names.get(event.name).map(|entry| entry.home) {
            Some(Home::Global) => return 0,
            Some(Home::Here) if scope == event.scope || table.kind != ScopeKind::Class => return scope,
            _ => {}
        }
        match table.parent {
            Some(parent) => scope = parent,
            None => return scope,
        }
    }
}

fn elements(value: &Expr) -> Option<&[Expr]> {
    let elements: &[Expr] = match value {
        Expr::Tuple(tuple) => &tuple.elts,
        Expr::List(list) => &list.elts,
        _ => return None,
    };
    (!elements.iter().any(Expr::is_starred_expr)).then_some(elements)
}

impl<'a> Visitor<'a> for Collector<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => {
                for decorator in &class.decorator_list {
                    self.visit_decorator(decorator);
                }
                let offset = class.name.range.start().to_u32();
                self.bind(class.name.as_str(), offset, BindingKind::Definition(0), true);
                self.open_type_params(class.type_params.as_deref(), class.range);
                if let Some(arguments) = &class.arguments {
                    self.visit_arguments(arguments);
                }
                self.open(ScopeKind::Class, class.range.start().to_u32());
                self.visit_body(&class.body);
                self.close();
                self.close_type_params(class.type_params.as_deref());
            }
            Stmt::Assign(assign) => {
                self.visit_expr(&assign.value);
                for target in &assign.targets {
                    self.target(target, Some(&assign.value));
                }
            }
            Stmt::AnnAssign(assign) => {
                self.visit_annotation(&assign.annotation);
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                    self.target(&assign.target, Some(value));
                } else if let Expr::Name(name) = &*assign.target {
                    let scope = self.scope();
                    if let Some(table) = self.table(scope) {
                        table.names.entry(name.id.as_str()).or_default();
                    }
                }
            }
            Stmt::AugAssign(assign) => {
                self.visit_expr(&assign.value);
                self.target(&assign.target, None);
            }
            Stmt::For(for_stmt) => {
                self.visit_expr(&for_stmt.iter);
                self.target(&for_stmt.target, None);
                self.visit_body(&for_stmt.body);
                self.visit_body(&for_stmt.orelse);
            }
            Stmt::With(with) => {
                for item in &with.items {
                    self.visit_expr(&item.context_expr);
                    if let Some(target) = &item.optional_vars {
                        self.target(target, None);
                    }
                }
                self.visit_body(&with.body);
            }
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    self.deleted(target);
                }
            }
            Stmt::If(if_stmt) => self.if_stmt(if_stmt),
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.name.as_str();
                    let bound = alias
                        .asname
                        .as_ref()
                        .map_or_else(|| name.split('.').next().unwrap_or_default(), |asname| asname.as_str());
                    self.import(alias, bound, name);
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    if alias.name.as_str() == "*" {
                        self.mocks |= module.ends_with("mock");
                        self.bind("*", alias.range.start().to_u32(), BindingKind::Star(0), true);
                    } else {
                        let bound = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                        self.import(alias, bound, module);
                    }
                }
            }
            Stmt::Global(global) => self.declare(&global.names, Home::Global),
            Stmt::Nonlocal(nonlocal) => self.declare(&nonlocal.names, Home::Nonlocal),
            Stmt::TypeAlias(alias) => {
                self.open_type_params(alias.type_params.as_deref(), alias.range);
                self.visit_expr(&alias.value);
                self.close_type_params(alias.type_params.as_deref());
                self.target(&alias.name, None);
            }
            other => visitor::walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    for default in parameters.iter().filter_map(ast::AnyParameterRef::default) {
                        self.visit_expr(default);
                    }
                }
                self.open(ScopeKind::Lambda, lambda.range.start().to_u32());
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters);
                }
                self.visit_expr(&lambda.body);
                self.close();
            }
            Expr::ListComp(comp) => self.comprehension(expr, &comp.generators, &[&comp.elt]),
            Expr::SetComp(comp) => self.comprehension(expr, &comp.generators, &[&comp.elt]),
            Expr::Generator(comp) => self.comprehension(expr, &comp.generators, &[&comp.elt]),
            Expr::DictComp(comp) => match &comp.key {
                Some(key) => self.comprehension(expr, &comp.generators, &[key, &comp.value]),
                None => self.comprehension(expr, &comp.generators, &[&comp.value]),
            },
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                if let Expr::Name(name) = &*named.target {
                    let scope = self.walrus_scope();
                    let (kind, matters) = self.classify(&named.value);
                    self.bind_in(scope, name.id.as_str(), name.range.start().to_u32(), kind, matters);
                }
            }
            other => visitor::walk_expr(self, other),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(type_) = &handler.type_ {
            self.visit_expr(type_);
        }
        if let Some(name) = &handler.name {
            self.bind(name.as_str(), name.range.start().to_u32(), BindingKind::Value, false);
            // The clause deletes its name when it ends. Clauses may end together, and each has its own start.
            let end = handler.range.end().to_u32();
            self.bind(name.as_str(), end, BindingKind::Unbound, false);
            if let Some(event) = self.events.last_mut() {
                event.key = Some(handler.range.start().to_u32());
            }
        }
        self.visit_body(&handler.body);
    }

    fn visit_pattern(&mut self, pattern: &'a ast::Pattern) {
        let captured = match pattern {
            ast::Pattern::MatchAs(capture) => capture.name.as_ref(),
            ast::Pattern::MatchStar(capture) => capture.name.as_ref(),
            ast::Pattern::MatchMapping(mapping) => mapping.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = captured {
            self.bind(name.as_str(), name.range.start().to_u32(), BindingKind::Value, false);
        }
        visitor::walk_pattern(self, pattern);
    }
}

impl<'a> Collector<'a> {
    /// Opens the scope of type parameters, where there are any.
    fn open_type_params(&mut self, params: Option<&'a ast::TypeParams>, range: TextRange) {
        let Some(params) = params else { return };
        self.open(ScopeKind::TypeParams, range.start().to_u32());
        for param in &params.type_params {
            let name = param.name();
            self.bind(name.as_str(), name.range.start().to_u32(), BindingKind::Value, false);
        }
        visitor::walk_type_params(self, params);
    }

    fn close_type_params(&mut self, params: Option<&ast::TypeParams>) {
        if params.is_some() {
            self.close();
        }
    }

    fn function(&mut self, function: &'a ast::StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.visit_decorator(decorator);
        }
        for default in function.parameters.iter().filter_map(ast::AnyParameterRef::default) {
            self.visit_expr(default);
        }
        let in_class = self.tables.get(self.scope() as usize).is_some_and(|t| t.kind == ScopeKind::Class);
        let offset = function.name.range.start().to_u32();
        let name = function.name.as_str();
        self.bind(name, offset, BindingKind::Definition(0), !in_class || name == "__init__");
        if in_class {
            let scope = self.scope();
            if let Some(table) = self.table(scope) {
                table.methods.insert(function.name.as_str());
            }
        }
        self.open_type_params(function.type_params.as_deref(), function.range);
        for annotation in function.parameters.iter().filter_map(ast::AnyParameterRef::annotation) {
            self.visit_annotation(annotation);
        }
        if let Some(returns) = &function.returns {
            self.visit_annotation(returns);
        }
        self.open(ScopeKind::Function, function.range.start().to_u32());
        let scope = self.scope();
        if in_class && let Some(receiver) = receiver(function) {
            self.receivers.insert(scope, receiver);
            let attributes = self.watch.sources.iter().map(String::as_str);
            let pseudo = attributes.filter(|s| s.split_once('.').is_some_and(|(object, _)| object == receiver));
            let names: Vec<&'a str> = pseudo.chain(std::iter::once(BASE_INIT)).collect();
            if let Some(table) = self.table(scope) {
                for name in names {
                    let slot = table.slots;
                    table.slots += 1;
                    table.names.insert(name, Entry { slot: Some(slot), ..Entry::default() });
                }
            }
        }
        self.parameters(&function.parameters);
        self.visit_body(&function.body);
        self.close();
        self.close_type_params(function.type_params.as_deref());
    }

    fn comprehension(&mut self, expr: &'a Expr, generators: &'a [ast::Comprehension], elements: &[&'a Expr]) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        self.open(ScopeKind::Comprehension, expr.range().start().to_u32());
        for (index, generator) in generators.iter().enumerate() {
            if index > 0 {
                self.visit_expr(&generator.iter);
            }
            self.target(&generator.target, None);
            for test in &generator.ifs {
                self.visit_expr(test);
            }
        }
        for element in elements {
            self.visit_expr(element);
        }
        self.close();
    }

    fn if_stmt(&mut self, if_stmt: &'a ast::StmtIf) {
        let outer = self.typing;
        self.visit_expr(&if_stmt.test);
        self.typing = outer || is_type_checking(&if_stmt.test);
        self.visit_body(&if_stmt.body);
        let rest = outer || is_not_type_checking(&if_stmt.test);
        for clause in &if_stmt.elif_else_clauses {
            self.typing = outer;
            if let Some(test) = &clause.test {
                self.visit_expr(test);
            }
            self.typing = rest || clause.test.as_ref().is_some_and(is_type_checking);
            self.visit_body(&clause.body);
        }
        self.typing = outer;
    }

    fn deleted(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) => {
                self.bind(name.id.as_str(), name.range.start().to_u32(), BindingKind::Unbound, false);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                for element in elts {
                    self.deleted(element);
                }
            }
            Expr::Attribute(attribute) => {
                self.receiver_attribute(attribute, BindingKind::Unbound);
                self.visit_expr(&attribute.value);
            }
            other => self.visit_expr(other),
        }
    }

    fn declare(&mut self, names: &'a [ast::Identifier], home: Home) {
        let scope = self.scope();
        if scope == 0 {
            return;
        }
        if let Some(table) = self.table(scope) {
            for name in names {
                table.names.entry(name.as_str()).or_default().home = home;
            }
        }
        if home == Home::Global {
            for name in names {
                self.globals.insert((scope, name.as_str()), name.range);
                if let Some(module) = self.table(0) {
                    module.names.entry(name.as_str()).or_default();
                }
            }
        }
    }
}
