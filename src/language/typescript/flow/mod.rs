//! Second pass: runs the program in the mind, and keeps for every name the set of bindings that may reach each use.
//!
//! Scopes and what name belongs to which are oxc's; this says which of a name's values may be meant. Bodies of functions
//! are run where they stand, and see of the functions around them what was bound by then and all that is bound later;
//! functions that are hoisted may run as soon as anybody can call them.

mod lookup;
mod statements;
mod visit;

use std::rc::Rc;

use oxc_ast::ast::Program;
use oxc_ast::ast::Statement;
use oxc_semantic::Scoping;
use oxc_span::GetSpan;
use oxc_syntax::scope::ScopeId;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::language::Watch;
use crate::language::sets::SetId;
use crate::language::sets::Sets;
use crate::language::sets::Slots;
use crate::language::sets::UNBOUND;
use crate::outline::Binding;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::DefinitionId;
use crate::outline::Outline;
use crate::outline::Scope;
use crate::source::SourceFile;
use crate::source::Span;

use super::classes::InitTrack;
use super::survey;
use super::survey::Survey;

/// A name that can matter.
#[derive(Debug)]
pub(super) struct Tracked {
    /// Where the flow keeps what it is bound to; `None` where it has one meaning only.
    pub(super) slot: Option<u32>,
    pub(super) bindings: Vec<BindingId>,
    /// Bindings that other functions make than the one it belongs to.
    pub(super) remote: Vec<BindingId>,
    /// The function that it belongs to; `None` for the module.
    pub(super) owner: Option<ScopeId>,
}

/// Whose `this` is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum This {
    /// An object of this class.
    Object(DefinitionId),
    Other,
}

/// A function that runs, or in which the running one was defined.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) scope: Option<ScopeId>,
    /// Where it is defined, or from where on it may be called.
    pub(super) since: u32,
    pub(super) hoisted: bool,
    pub(super) this: This,
}

/// All that may have happened in a `try` body when an exception leaves it.
struct Guard {
    depth: usize,
    slots: Slots,
}

/// What can be left by `break`: the label, and the states in which it is left.
struct Breakable<'a> {
    labels: Vec<&'a str>,
    is_plain: bool,
    breaks: Vec<Slots>,
}

/// The state of the pass.
pub(super) struct Flow<'a, 's> {
    pub(super) source: &'s SourceFile,
    /// The text that was parsed.
    pub(super) text: &'a str,
    pub(super) watch: &'s Watch,
    pub(super) scoping: &'s Scoping,
    pub(super) survey: Survey<'a>,
    pub(super) tracked: FxHashMap<SymbolId, Tracked>,
    /// Bindings by the offset of their name.
    pub(super) at: FxHashMap<u32, BindingId>,
    /// The names that bindings belong to.
    symbols: FxHashMap<BindingId, SymbolId>,
    /// Events by offset: offset, slot, binding, and the function that the name belongs to.
    events: Vec<(u32, u32, BindingId, Option<ScopeId>)>,
    pub(super) outline: Outline,
    pub(super) sets: Sets,
    slots: Slots,
    /// The slots of the sources that are attributes.
    pub(super) attribute_slots: Vec<u32>,
    pub(super) frames: Vec<Frame>,
    pub(super) scopes: Vec<ScopeId>,
    guards: Vec<Guard>,
    breakables: Vec<Breakable<'a>>,
    labels: Vec<&'a str>,
    /// Where the outermost loop of each running function starts.
    loops: Vec<u32>,
    live: bool,
    /// How many branches and loops surround the current statement in its function.
    pub(super) depth: u32,
    pub(super) typing: bool,
    pub(super) definition: Vec<Box<str>>,
    pub(super) statement: Span,
    pub(super) block: (u32, u32),
    pub(super) obstacle: Option<&'static str>,
    pub(super) init: Option<InitTrack>,
    /// Names of imports that may be the factory's.
    pub(super) near: Vec<(&'a str, SymbolId)>,
    /// Names that are exported: the exported one, and the symbol.
    pub(super) exported: Vec<(Box<str>, SymbolId)>,
    /// Comments, by where they start.
    pub(super) comments: Vec<(u32, u32)>,
}

/// Runs a program and gives back its outline, without suppressions and problems.
pub(super) fn run<'a, 's>(
    source: &'s SourceFile,
    text: &'a str,
    program: &Program<'a>,
    scoping: &'s Scoping,
    watch: &'s Watch,
) -> Outline {
    let survey = survey::survey(program, scoping, watch);
    let mut flow = Flow {
        source,
        text,
        watch,
        scoping,
        survey,
        tracked: FxHashMap::default(),
        at: FxHashMap::default(),
        symbols: FxHashMap::default(),
        events: Vec::new(),
        outline: Outline::default(),
        sets: Sets::default(),
        slots: Rc::default(),
        attribute_slots: Vec::new(),
        frames: vec![Frame { scope: None, since: 0, hoisted: false, this: This::Other }],
        scopes: Vec::new(),
        guards: Vec::new(),
        breakables: Vec::new(),
        labels: Vec::new(),
        loops: Vec::new(),
        live: true,
        depth: 0,
        typing: super::parse::is_declaration(source.path()),
        definition: Vec::new(),
        statement: Span::default(),
        block: (0, 0),
        obstacle: None,
        init: None,
        near: Vec::new(),
        exported: Vec::new(),
        comments: program.comments.iter().map(|comment| (comment.span.start, comment.span.end)).collect(),
    };
    flow.prepare();
    flow.hoist_imports(&program.body);
    flow.scopes.push(scoping.root_scope_id());
    flow.run_statements(&program.body);
    flow.export();
    flow.settle();
    flow.outline
}

impl<'a> Flow<'a, '_> {
    /// Gives every event of a name that can matter a binding, and names with several of them a slot.
    fn prepare(&mut self) {
        let mut counts: FxHashMap<SymbolId, u32> = FxHashMap::default();
        let events = std::mem::take(&mut self.survey.events);
        for (symbol, _) in &events {
            if self.survey.tracked.contains(symbol) {
                *counts.entry(*symbol).or_default() += 1;
            }
        }
        self.push_binding("", 0, BindingKind::Unbound, self.scoping.root_scope_id());
        let mut slots = 0;
        for (symbol, offset) in events {
            let Some(&count) = counts.get(&symbol) else { continue };
            let name = self.scoping.symbol_name(symbol);
            let scope = self.scoping.symbol_scope_id(symbol);
            let binding = self.push_binding(name, offset, BindingKind::Value, scope);
            let is_source = self.watch.sources.iter().any(|source| source == name);
            let owner = survey::owner(self.scoping, symbol);
            let tracked = self.tracked.entry(symbol).or_insert_with(|| {
                let slot = (count > 1 || is_source).then_some(slots);
                slots += u32::from(slot.is_some());
                Tracked { slot, bindings: Vec::new(), remote: Vec::new(), owner }
            });
            tracked.bindings.push(binding);
            if let Some(slot) = tracked.slot {
                self.events.push((offset, slot, binding, owner));
            }
            self.at.insert(offset, binding);
            self.symbols.insert(binding, symbol);
        }
        for _ in self.watch.sources.iter().filter(|source| source.contains('.')) {
            self.attribute_slots.push(slots);
            slots += 1;
        }
        self.slots = Rc::new(vec![UNBOUND; slots as usize]);
    }

    pub(super) fn push_binding(&mut self, name: &str, offset: u32, kind: BindingKind, scope: ScopeId) -> BindingId {
        let id = BindingId::try_from(self.outline.bindings.len()).unwrap_or(BindingId::MAX);
        let scope = u32::try_from(scope.index()).unwrap_or(0);
        self.outline.bindings.push(Binding { name: name.into(), scope, offset, kind, typing: self.typing });
        id
    }

    /// What other files may import, once the module has run.
    fn export(&mut self) {
        for (name, symbol) in std::mem::take(&mut self.exported) {
            let mut roots = self.roots_of(symbol).unwrap_or_default();
            roots.retain(|&root| root != UNBOUND);
            if !roots.is_empty() {
                self.outline.exports.insert(name, roots);
            }
        }
    }

    /// Counts reads, and lists scopes and names that are bound nowhere.
    fn settle(&mut self) {
        let documented = self.documented();
        for index in 0..self.outline.imports.len() {
            let count = self.outline.imports.get(index).map_or(0, |import| import.members.len());
            for member in 0..count {
                let Some(binding) = self.outline.imports.get(index).and_then(|i| Some(i.members.get(member)?.binding))
                else {
                    continue;
                };
                let Some((reads, typing)) = self.reads(binding, &documented) else { continue };
                if let Some(member) = self.outline.imports.get_mut(index).and_then(|i| i.members.get_mut(member)) {
                    member.reads = reads;
                    member.typing_reads = typing;
                }
            }
        }
        self.outline.unbound =
            self.scoping.root_unresolved_references().keys().map(|name| Box::from(name.as_str())).collect();
        self.outline.scopes = self.list_scopes();
    }

    /// How often the name of a binding is read, and how often by type checkers alone.
    fn reads(&self, binding: BindingId, documented: &FxHashSet<&str>) -> Option<(u32, u32)> {
        let symbol = *self.symbols.get(&binding)?;
        let (mut reads, mut typing) = (0, 0);
        for reference in self.scoping.get_resolved_references(symbol) {
            let flags = reference.flags();
            if flags.is_write_only() {
                continue;
            }
            reads += 1;
            typing += u32::from(!flags.is_value() || flags.is_value_as_type());
        }
        reads += u32::from(documented.contains(self.scoping.symbol_name(symbol)));
        Some((reads, typing))
    }

    /// The words in types that the comments of a file without types tell: `/** @type {Name} */`.
    fn documented(&self) -> FxHashSet<&'a str> {
        if super::parse::has_types(self.source.path()) {
            return FxHashSet::default();
        }
        let texts = self.comments.iter().filter_map(|&(start, end)| self.text.get(start as usize..end as usize));
        let types = texts.filter(|text| text.starts_with("/**")).flat_map(|text| text.split('{').skip(1));
        let types = types.filter_map(|rest| rest.split('}').next());
        types.flat_map(|kind| kind.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$'))).collect()
    }

    fn list_scopes(&self) -> Vec<Scope> {
        let mut scopes: Vec<Scope> = (0..self.scoping.scopes_len())
            .map(|index| {
                let parent = self.scoping.scope_parent_id(ScopeId::from_usize(index));
                let parent = parent.and_then(|parent| u32::try_from(parent.index()).ok());
                Scope { parent, is_class: false, watched: std::collections::BTreeSet::default() }
            })
            .collect();
        for symbol in self.scoping.symbol_ids() {
            let name = self.scoping.symbol_name(symbol);
            if self.watch.functions.iter().any(|function| name.contains(function.as_str()))
                && let Some(scope) = scopes.get_mut(self.scoping.symbol_scope_id(symbol).index())
            {
                scope.watched.insert(name.into());
            }
        }
        scopes
    }

    /// Runs statements, and knows their block.
    pub(super) fn run_statements(&mut self, statements: &[Statement<'a>]) {
        let start = statements.first().map_or(0, |statement| statement.span().start);
        let outer = std::mem::replace(&mut self.block, (start, 0));
        for statement in statements {
            self.run_statement(statement);
        }
        self.block = outer;
    }

    pub(super) fn slots(&self) -> Slots {
        Rc::clone(&self.slots)
    }

    pub(super) fn set_slots(&mut self, slots: Slots) {
        self.slots = slots;
    }

    pub(super) fn slot(&self, slot: u32) -> SetId {
        self.slots.get(slot as usize).copied().unwrap_or(UNBOUND)
    }

    /// Joins states, of which those that never get here are `None`.
    pub(super) fn meet(&mut self, states: impl IntoIterator<Item = Option<Slots>>) {
        let joined = self.sets.meet(states);
        self.live = joined.is_some();
        if let Some(slots) = joined {
            self.slots = slots;
        }
    }

    pub(super) fn end_state(&self) -> Option<Slots> {
        self.live.then(|| self.slots())
    }

    pub(super) fn set_kind(&mut self, offset: u32, kind: BindingKind) {
        if let Some(&id) = self.at.get(&offset)
            && let Some(binding) = self.outline.bindings.get_mut(id as usize)
        {
            binding.kind = kind;
            binding.typing |= self.typing;
        }
    }

    /// Performs the event at an offset, if the flow follows that name.
    pub(super) fn bind(&mut self, symbol: SymbolId, offset: u32) {
        let Some(&id) = self.at.get(&offset) else { return };
        let owner_frame = self.owner_frame(symbol);
        let current = self.frames.len() - 1;
        let Some(tracked) = self.tracked.get_mut(&symbol) else { return };
        if owner_frame != current && !tracked.remote.contains(&id) {
            tracked.remote.push(id);
        }
        let Some(slot) = tracked.slot else { return };
        let set = match self.outline.bindings.get(id as usize).map(|binding| &binding.kind) {
            Some(BindingKind::Unbound) => UNBOUND,
            _ => self.sets.single(id),
        };
        self.assign(slot, set);
    }

    /// The name that a binding belongs to.
    pub(super) fn symbol_of(&self, binding: BindingId) -> Option<SymbolId> {
        self.symbols.get(&binding).copied()
    }

    /// Binds a name to any of these.
    pub(super) fn bind_all(&mut self, symbol: SymbolId, bindings: impl Iterator<Item = BindingId>) {
        let Some(slot) = self.tracked.get(&symbol).and_then(|tracked| tracked.slot) else { return };
        let all = bindings.map(|id| self.sets.single(id)).collect::<Vec<_>>();
        if let Some(set) = all.into_iter().reduce(|a, b| self.sets.union(a, b)) {
            self.assign(slot, set);
        }
    }

    /// Binds a slot where the flow stands.
    pub(super) fn assign(&mut self, slot: u32, set: SetId) {
        if let Some(place) = Rc::make_mut(&mut self.slots).get_mut(slot as usize) {
            *place = set;
        }
        let depth = self.frames.len();
        for guard in self.guards.iter_mut().filter(|guard| guard.depth == depth) {
            if let Some(place) = Rc::make_mut(&mut guard.slots).get_mut(slot as usize) {
                *place = self.sets.union(*place, set);
            }
        }
    }

    /// Runs a body that an exception may leave; gives back all that may have happened by then.
    fn guarded(&mut self, body: impl FnOnce(&mut Self)) -> Slots {
        let slots = self.slots();
        self.guards.push(Guard { depth: self.frames.len(), slots });
        body(self);
        self.guards.pop().map(|guard| guard.slots).unwrap_or_default()
    }

    /// Adds to the current state all that a range of code binds in the running function.
    fn seed(&mut self, start: u32, end: u32) {
        let owner = self.frames.last().and_then(|frame| frame.scope);
        let first = self.events.partition_point(|event| event.0 < start);
        let events = self.events.iter().skip(first).take_while(|event| event.0 < end);
        let events: Vec<(u32, BindingId)> =
            events.filter(|event| event.3 == owner).map(|&(_, slot, id, _)| (slot, id)).collect();
        if events.is_empty() {
            return;
        }
        let mut slots = self.slots();
        let places = Rc::make_mut(&mut slots);
        for (slot, id) in events {
            let set = self.sets.single(id);
            if let Some(place) = places.get_mut(slot as usize) {
                *place = self.sets.union(*place, set);
            }
        }
        self.slots = slots;
    }

    /// Runs what may not run.
    pub(super) fn perhaps(&mut self, visit: impl FnOnce(&mut Self)) {
        let before = self.slots();
        self.depth += 1;
        visit(self);
        self.depth -= 1;
        let after = self.slots();
        self.slots = self.sets.join(&before, &after);
    }

    /// Runs the body of a function where it stands, as something that happens later.
    pub(super) fn in_function(&mut self, frame: Frame, visit: impl FnOnce(&mut Self)) {
        let mut frame = frame;
        // In a loop, the next round makes everything again.
        if let Some(&start) = self.loops.first() {
            frame.since = frame.since.min(start);
        }
        let slots = self.slots();
        let is_new_this = frame.this != self.this() || frame.scope.is_none();
        let outer = (
            std::mem::take(&mut self.guards),
            std::mem::take(&mut self.breakables),
            std::mem::take(&mut self.loops),
            std::mem::take(&mut self.labels),
        );
        let outer_flags = (self.live, self.depth, self.statement);
        self.frames.push(frame);
        if is_new_this {
            for index in 0..self.attribute_slots.len() {
                let slot = self.attribute_slots.get(index).copied().unwrap_or(0);
                self.assign(slot, UNBOUND);
            }
        }
        (self.live, self.depth) = (true, 0);
        visit(self);
        self.frames.pop();
        (self.guards, self.breakables, self.loops, self.labels) = outer;
        (self.live, self.depth, self.statement) = outer_flags;
        self.slots = slots;
    }

    /// From here on everything is for type checkers alone, if it is; gives whether it was before.
    pub(super) fn type_only(&mut self, is_type: bool) -> bool {
        let outer = self.typing;
        self.typing |= is_type;
        outer
    }

    pub(super) fn this(&self) -> This {
        self.frames.last().map_or(This::Other, |frame| frame.this)
    }

    pub(super) fn is_live(&self) -> bool {
        self.live
    }

    pub(super) fn is_deferred(&self) -> bool {
        self.frames.len() > 1
    }

    pub(super) fn scope(&self) -> ScopeId {
        self.scopes.last().copied().unwrap_or_else(|| self.scoping.root_scope_id())
    }

    pub(super) fn definition_name(&self) -> Box<str> {
        self.definition.join(".").into()
    }

    pub(super) fn span(span: oxc_span::Span) -> Span {
        Span::new(span.start, span.end)
    }
}
