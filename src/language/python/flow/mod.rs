//! Second pass: runs the module in the mind, and keeps for every name the set of bindings that may reach each use.
//!
//! Branches join, loops are seeded with all that their body binds, and whatever a `try` or `with` body binds may or may
//! not have happened when an exception leaves it. Bodies of functions run later: they see what was bound when they were
//! defined, and all that is bound after.

mod branches;
mod conditions;
mod lookup;
mod state;

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use ruff_python_ast as ast;
use ruff_python_ast::Stmt;
use ruff_python_ast::token::Tokens;
use ruff_text_size::Ranged;
use ruff_text_size::TextRange;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::language::Watch;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::DefinitionId;
use crate::outline::Outline;
use crate::outline::ScopeId;
use crate::source::SourceFile;
use crate::source::Span;

use super::classes::InitTrack;
use super::scopes::ScopeKind;
use super::scopes::Tables;
use super::scopes::UNBOUND;
use super::scopes::receiver;
use crate::language::sets::Sets;
use crate::language::sets::Slots;

pub(super) use lookup::At;
pub(super) use lookup::Found;

/// A scope that runs, or one that ran when the running function was defined.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) scope: ScopeId,
    pub(super) slots: Slots,
    /// Where the running function was defined in this scope; `None` while the scope itself runs.
    pub(super) since: Option<u32>,
}

/// All that may have happened in a `try` or `with` body when an exception leaves it.
struct Guard {
    depth: usize,
    slots: Slots,
}

struct Loop {
    breaks: Vec<Slots>,
    /// How many `except … as` clauses surround the loop.
    handlers: usize,
    /// Where what it runs again and again begins.
    start: u32,
}

/// The slots of the running frames that an expression can bind names in, outermost first.
type State = Vec<Slots>;

/// A body that runs later.
struct Deferred<'a> {
    body: Body<'a>,
    frames: Vec<Frame>,
    definition: Arc<str>,
    typing: bool,
    obstacle: Option<&'static str>,
    statement: Span,
    class: Option<DefinitionId>,
}

enum Body<'a> {
    Function(&'a ast::StmtFunctionDef),
    Lambda(&'a ast::ExprLambda),
}

/// The state of the pass.
pub(super) struct Flow<'a> {
    pub(super) source: &'a SourceFile,
    pub(super) tokens: &'a Tokens,
    pub(super) watch: &'a Watch,
    pub(super) tables: Tables<'a>,
    pub(super) outline: Outline,
    pub(super) sets: Sets,
    pub(super) frames: Vec<Frame>,
    guards: Vec<Guard>,
    loops: Vec<Loop>,
    /// The `except … as` clauses around the current statement, by the keys of the events that end them.
    handlers: Vec<u32>,
    queue: VecDeque<Deferred<'a>>,
    live: bool,
    /// Whether the running code runs once the module is complete.
    deferred: bool,
    /// How many branches, loops and handlers surround the current statement in its scope.
    depth: u32,
    /// The current block: the offset of its first statement, and how many it has.
    pub(super) block: (u32, u32),
    pub(super) typing: bool,
    pub(super) definition: Arc<str>,
    pub(super) statement: Span,
    pub(super) obstacle: Option<&'static str>,
    pub(super) class: Option<DefinitionId>,
    pub(super) init: Option<InitTrack<'a>>,
    /// The initialisers that no decorator may have changed, by the offset of their name.
    pub(super) plain_inits: FxHashSet<u32>,
    /// Which initialiser each class ends up with.
    pub(super) inits: FxHashMap<DefinitionId, u32>,
    /// How often the names of imports are read.
    pub(super) reads: FxHashMap<BindingId, u32>,
}

/// Runs a module and gives back its outline, without comments and problems.
pub(super) fn run<'a>(
    source: &'a SourceFile,
    suite: &'a [Stmt],
    tokens: &'a Tokens,
    tables: Tables<'a>,
    watch: &'a Watch,
) -> Outline {
    let mut flow = Flow {
        source,
        tokens,
        watch,
        tables,
        outline: Outline::default(),
        sets: Sets::default(),
        frames: Vec::new(),
        guards: Vec::new(),
        loops: Vec::new(),
        handlers: Vec::new(),
        queue: VecDeque::new(),
        live: true,
        deferred: false,
        depth: 0,
        block: (0, 0),
        typing: false,
        definition: Arc::default(),
        statement: Span::default(),
        obstacle: None,
        class: None,
        init: None,
        plain_inits: FxHashSet::default(),
        inits: FxHashMap::default(),
        reads: FxHashMap::default(),
    };
    flow.push_frame(0);
    for cell in cells(source, suite) {
        // A cell runs whether or not an earlier one was left early.
        flow.live = true;
        flow.run_block(cell);
    }
    flow.export();
    flow.deferred = true;
    while let Some(deferred) = flow.queue.pop_front() {
        flow.run_deferred(deferred);
    }
    flow.settle_reads();
    flow.outline.scopes = flow.tables.outline_scopes(watch);
    flow.outline.bindings = std::mem::take(&mut flow.tables.bindings);
    flow.outline
}

/// The statements of a notebook cell by cell; of any other file, all at once.
fn cells<'a>(source: &SourceFile, suite: &'a [Stmt]) -> Vec<&'a [Stmt]> {
    let number = |stmt: &Stmt| source.cell(stmt.range().start().to_u32()).map(|cell| cell.number);
    suite.chunk_by(|one, other| number(one) == number(other)).collect()
}

impl<'a> Flow<'a> {
    fn push_frame(&mut self, scope: ScopeId) {
        let slots = self.tables.scopes.get(scope as usize).map_or(0, |table| table.slots);
        let slots = Rc::new(vec![UNBOUND; slots as usize]);
        self.frames.push(Frame { scope, slots, since: None });
    }

    /// What the module's names are once it has run.
    fn export(&mut self) {
        let Some(frame) = self.frames.first() else { return };
        let Some(table) = self.tables.scopes.get(frame.scope as usize) else { return };
        for (name, entry) in &table.names {
            let Some(slot) = entry.slot else { continue };
            let set = frame.slots.get(slot as usize).copied().unwrap_or(UNBOUND);
            let mut bindings = self.sets.get(set).to_vec();
            bindings.extend(&entry.remote);
            bindings.retain(|&binding| binding != UNBOUND);
            if !bindings.is_empty() && *name != "*" {
                self.outline.exports.insert((*name).into(), bindings);
            }
        }
        for &(_, binding) in &self.tables.stars {
            self.outline.exports.entry("*".into()).or_default().push(binding);
        }
    }

    fn run_deferred(&mut self, deferred: Deferred<'a>) {
        self.frames = deferred.frames;
        self.definition = deferred.definition;
        self.typing = deferred.typing;
        self.obstacle = deferred.obstacle;
        self.statement = deferred.statement;
        self.class = None;
        self.guards.clear();
        self.loops.clear();
        self.handlers.clear();
        self.live = true;
        self.depth = 0;
        self.init = None;
        match deferred.body {
            Body::Function(function) => {
                let start = function.range.start().to_u32();
                let Some(&scope) = self.tables.by_node.get(&(ScopeKind::Function, start)) else { return };
                self.push_frame(scope);
                let receiver = deferred.class.and_then(|class| Some((class, receiver(function)?)));
                self.bind_parameters(&function.parameters, receiver);
                if let Some((class, name)) = receiver
                    && self.inits.get(&class) == Some(&function.name.range.start().to_u32())
                {
                    self.init = Some(InitTrack::new(class, name, self.watch));
                }
                self.run_block(&function.body);
                if self.live {
                    self.leave_init();
                }
                self.finish_init();
            }
            Body::Lambda(lambda) => {
                let start = lambda.range.start().to_u32();
                let Some(&scope) = self.tables.by_node.get(&(ScopeKind::Lambda, start)) else { return };
                self.push_frame(scope);
                if let Some(parameters) = &lambda.parameters {
                    self.bind_parameters(parameters, None);
                }
                self.value(&lambda.body);
            }
        }
    }

    fn bind_parameters(&mut self, parameters: &'a ast::Parameters, receiver: Option<(DefinitionId, &str)>) {
        for parameter in parameters {
            let name = parameter.name();
            let offset = name.range.start().to_u32();
            if let Some((class, receiver)) = receiver
                && name.as_str() == receiver
            {
                self.set_kind(offset, BindingKind::Receiver(class));
            }
            self.bind(offset);
        }
    }

    /// Runs a block of statements.
    pub(super) fn run_block(&mut self, body: &'a [Stmt]) {
        let start = body.first().map_or(0, |stmt| stmt.range().start().to_u32());
        let is_module = self.frames.len() == 1 && self.depth == 0 && self.frames.iter().all(|f| f.since.is_none());
        let length = if is_module { 0 } else { u32::try_from(body.len()).unwrap_or(u32::MAX) };
        for stmt in body {
            self.block = (start, length);
            self.stmt(stmt);
        }
    }

    /// Runs a block that may not run.
    fn branch(&mut self, body: &'a [Stmt]) {
        self.depth += 1;
        self.run_block(body);
        self.depth -= 1;
    }

    /// Whether the current statement runs whenever its scope does.
    pub(super) fn is_unconditional(&self) -> bool {
        self.depth == 0
    }

    /// Enters the scope of type parameters, where there are any; gives whether it did.
    fn enter_type_params(&mut self, params: Option<&'a ast::TypeParams>, range: TextRange) -> bool {
        let key = (ScopeKind::TypeParams, range.start().to_u32());
        let scope = self.tables.by_node.get(&key).copied();
        let (Some(params), Some(scope)) = (params, scope) else { return false };
        self.push_frame(scope);
        for param in &params.type_params {
            self.bind(param.name().range.start().to_u32());
        }
        self.type_params(params);
        true
    }

    fn leave_type_params(&mut self, entered: bool) {
        if entered {
            self.frames.pop();
        }
    }

    /// From where on bindings may happen after what stands here: in a loop, the next round makes them all again.
    fn since(&self, at: u32) -> u32 {
        self.loops.first().map_or(at, |outermost| outermost.start.min(at))
    }

    fn defer(&mut self, body: Body<'a>, at: u32, definition: Arc<str>) {
        let at = self.since(at);
        let mut frames = self.frames.clone();
        for frame in &mut frames {
            frame.since.get_or_insert(at);
        }
        self.queue.push_back(Deferred {
            body,
            frames,
            definition,
            typing: self.typing,
            obstacle: self.obstacle,
            statement: self.statement,
            class: self.class,
        });
    }

    pub(super) fn defer_lambda(&mut self, lambda: &'a ast::ExprLambda) {
        self.defer(Body::Lambda(lambda), lambda.range.start().to_u32(), Arc::clone(&self.definition));
    }

    fn qualified(&self, name: &str) -> Arc<str> {
        if self.definition.is_empty() { name.into() } else { format!("{}.{name}", self.definition).into() }
    }

    pub(super) fn span(range: TextRange) -> Span {
        Span::new(range.start().to_u32(), range.end().to_u32())
    }

    /// The statement's span: for a compound one, up to its first inner statement.
    fn enter(&mut self, stmt: &Stmt) {
        let body: Option<&[Stmt]> = match stmt {
            Stmt::FunctionDef(def) => Some(&def.body),
            Stmt::ClassDef(class) => Some(&class.body),
            Stmt::If(if_stmt) => Some(&if_stmt.body),
            Stmt::For(for_stmt) => Some(&for_stmt.body),
            Stmt::While(while_stmt) => Some(&while_stmt.body),
            Stmt::With(with) => Some(&with.body),
            Stmt::Try(try_stmt) => Some(&try_stmt.body),
            Stmt::Match(match_stmt) => match_stmt.cases.first().map(|case| &*case.body),
            _ => None,
        };
        let span = Self::span(stmt.range());
        let end = body.and_then(|body| body.first()).map_or(span.end, |first| first.range().start().to_u32());
        self.statement = Span::new(span.start, end);
    }

    fn stmt(&mut self, stmt: &'a Stmt) {
        self.enter(stmt);
        match stmt {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class_def(class),
            Stmt::Return(ret) => {
                if let Some(value) = &ret.value {
                    self.value(value);
                }
                self.leave_init();
                self.live = false;
            }
            Stmt::Delete(delete) => delete.targets.iter().for_each(|target| self.delete(target)),
            Stmt::TypeAlias(alias) => {
                let entered = self.enter_type_params(alias.type_params.as_deref(), alias.range);
                self.annotation(&alias.value);
                self.leave_type_params(entered);
                self.bind(alias.name.range().start().to_u32());
            }
            Stmt::Assign(assign) => self.assign_stmt(assign),
            Stmt::AugAssign(assign) => {
                self.value(&assign.value);
                self.value(&assign.target);
                self.read_extension(assign);
                self.store(&assign.target);
            }
            Stmt::AnnAssign(assign) => {
                self.annotation(&assign.annotation);
                if let Some(value) = &assign.value {
                    self.assigned(&assign.target, value);
                    self.store(&assign.target);
                }
            }
            Stmt::For(for_stmt) => self.for_stmt(for_stmt),
            Stmt::While(while_stmt) => self.while_stmt(while_stmt),
            Stmt::If(if_stmt) => self.if_stmt(if_stmt),
            Stmt::With(with) => self.with_stmt(with),
            Stmt::Match(match_stmt) => self.match_stmt(match_stmt),
            Stmt::Raise(raise) => {
                raise.exc.iter().chain(&raise.cause).for_each(|expr| self.value(expr));
                self.live = false;
            }
            Stmt::Try(try_stmt) => self.try_stmt(try_stmt),
            Stmt::Assert(assert) => {
                let failed = self.go_on_if(&assert.test);
                let held = self.state();
                // The message is the last that this path does.
                self.set_state(failed);
                assert.msg.iter().for_each(|message| self.value(message));
                self.set_state(held);
            }
            Stmt::Import(import) => self.import_stmt(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Expr(expr) => self.value(&expr.value),
            Stmt::Break(_) => {
                let outside = self.loops.last().map_or(0, |current| current.handlers);
                let ended = self.handlers.get(outside..).unwrap_or_default().to_vec();
                for key in ended {
                    self.bind(key);
                }
                let slots = self.slots();
                if self.live
                    && let Some(current) = self.loops.last_mut()
                {
                    current.breaks.push(slots);
                }
                self.live = false;
            }
            Stmt::Continue(_) => self.live = false,
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    fn function(&mut self, function: &'a ast::StmtFunctionDef) {
        for decorator in &function.decorator_list {
            self.value(&decorator.expression);
        }
        for default in function.parameters.iter().filter_map(ast::AnyParameterRef::default) {
            self.value(default);
        }
        let entered = self.enter_type_params(function.type_params.as_deref(), function.range);
        for annotation in function.parameters.iter().filter_map(ast::AnyParameterRef::annotation) {
            self.annotation(annotation);
        }
        function.returns.iter().for_each(|returns| self.annotation(returns));
        let id = self.define_function(function);
        let offset = function.name.range.start().to_u32();
        self.set_kind(offset, BindingKind::Definition(id));
        self.leak_if_mentioned(function.range);
        // The body sees its own name.
        self.bind(offset);
        let definition = self.qualified(function.name.as_str());
        self.defer(Body::Function(function), function.range.start().to_u32(), definition);
        self.leave_type_params(entered);
    }

    fn class_def(&mut self, class: &'a ast::StmtClassDef) {
        let statement = self.statement;
        for decorator in &class.decorator_list {
            self.value(&decorator.expression);
        }
        self.leak_if_mentioned(class.range);
        let entered = self.enter_type_params(class.type_params.as_deref(), class.range);
        let id = self.define_class(class);
        let start = class.range.start().to_u32();
        if let Some(&scope) = self.tables.by_node.get(&(ScopeKind::Class, start)) {
            let outer = (self.class.replace(id), std::mem::replace(&mut self.depth, 0), self.init.take(), self.live);
            let definition = self.qualified(class.name.as_str());
            let definition = std::mem::replace(&mut self.definition, definition);
            self.push_frame(scope);
            self.run_block(&class.body);
            self.finish_class(id, class);
            self.frames.pop();
            self.definition = definition;
            (self.class, self.depth, self.init, self.live) = outer;
        }
        self.leave_type_params(entered);
        self.statement = statement;
        let offset = class.name.range.start().to_u32();
        self.set_kind(offset, BindingKind::Definition(id));
        self.bind(offset);
    }
}
