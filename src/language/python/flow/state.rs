//! What names may be bound to at a point of the run: read, set, joined where branches meet, kept where exceptions leave.

use std::rc::Rc;

use ruff_text_size::TextRange;

use crate::language::python::scopes::BASE_INIT;
use crate::language::python::scopes::ScopeKind;
use crate::language::python::scopes::UNBOUND;
use crate::language::sets::SetId;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::ImportForm;
use crate::outline::ScopeId;

use super::Flow;
use super::Frame;
use super::Guard;
use super::Slots;

impl Flow<'_> {
    pub(in crate::language::python) fn slots(&self) -> Slots {
        self.frames.last().map(|frame| Rc::clone(&frame.slots)).unwrap_or_default()
    }

    pub(in crate::language::python) fn set_slots(&mut self, slots: Slots) {
        if let Some(frame) = self.frames.last_mut() {
            frame.slots = slots;
        }
    }

    /// Joins states, of which those that never get here are `None`.
    pub(super) fn meet(&mut self, states: impl IntoIterator<Item = Option<Slots>>) {
        let joined = self.sets.meet(states);
        self.live = joined.is_some();
        if let Some(slots) = joined {
            self.set_slots(slots);
        }
    }

    /// Joins the current state to those at which other branches ended.
    pub(super) fn end_at(&mut self, ends: &mut Option<Slots>) {
        let end = self.end_state();
        *ends = self.join_ends(ends.take(), end);
    }

    pub(super) fn join_ends(&mut self, a: Option<Slots>, b: Option<Slots>) -> Option<Slots> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.sets.join(&a, &b)),
            (a, b) => a.or(b),
        }
    }

    pub(super) fn end_state(&self) -> Option<Slots> {
        self.live.then(|| self.slots())
    }

    pub(in crate::language::python) fn set_kind(&mut self, offset: u32, kind: BindingKind) {
        if let Some(&id) = self.tables.at.get(&offset)
            && let Some(binding) = self.tables.bindings.get_mut(id as usize)
        {
            binding.kind = kind;
        }
    }

    /// Performs the event at an offset, if the flow follows that name.
    pub(in crate::language::python) fn bind(&mut self, offset: u32) {
        let Some(&id) = self.tables.at.get(&offset) else { return };
        let Some(binding) = self.tables.bindings.get(id as usize) else { return };
        let scope = binding.scope;
        let Some(slot) = self.slot(scope, &binding.name) else { return };
        let set = match binding.kind {
            BindingKind::Unbound => UNBOUND,
            BindingKind::Import(import, member) => {
                let single = self.sets.single(id);
                if self.is_submodule(import, member) {
                    let before = self.current(scope, slot);
                    let kept: Vec<_> = self.sets.get(before).iter().copied().filter(|&b| self.is_module(b)).collect();
                    let kept = self.sets.intern(kept);
                    self.sets.union(single, kept)
                } else {
                    single
                }
            }
            _ => self.sets.single(id),
        };
        self.assign(scope, slot, set);
    }

    /// Whether an import member is `import a.b`, which adds to what `a` is already.
    pub(super) fn is_submodule(&self, import: u32, member: u32) -> bool {
        let Some(import) = self.outline.imports.get(import as usize) else { return false };
        let Some(member) = import.members.get(member as usize) else { return false };
        import.module.is_empty() && member.alias.is_none() && import.form == ImportForm::Module
    }

    pub(super) fn is_module(&self, binding: BindingId) -> bool {
        match self.tables.bindings.get(binding as usize).map(|binding| &binding.kind) {
            Some(BindingKind::Import(import, member)) => self.is_submodule(*import, *member),
            _ => false,
        }
    }

    pub(super) fn current(&self, scope: ScopeId, slot: u32) -> SetId {
        let frame = self.frames.iter().rev().find(|frame| frame.scope == scope);
        frame.and_then(|frame| frame.slots.get(slot as usize).copied()).unwrap_or(UNBOUND)
    }

    pub(super) fn slot(&self, scope: ScopeId, name: &str) -> Option<u32> {
        self.tables.scopes.get(scope as usize)?.names.get(name)?.slot
    }

    /// Binds a slot of a running scope; scopes that ran before are not changed by this one.
    pub(in crate::language::python) fn assign(&mut self, scope: ScopeId, slot: u32, set: SetId) {
        let Some(depth) = self.frames.iter().rposition(|f| f.scope == scope && f.since.is_none()) else { return };
        if let Some(frame) = self.frames.get_mut(depth)
            && let Some(place) = Rc::make_mut(&mut frame.slots).get_mut(slot as usize)
        {
            *place = set;
        }
        for guard in self.guards.iter_mut().filter(|guard| guard.depth == depth) {
            if let Some(place) = Rc::make_mut(&mut guard.slots).get_mut(slot as usize) {
                *place = self.sets.union(*place, set);
            }
        }
    }

    /// Binds the pseudo-name of an initialiser: its base has run.
    pub(in crate::language::python) fn base_has_run(&mut self) {
        let Some(scope) = self.frames.last().map(|frame| frame.scope) else { return };
        if let Some(slot) = self.slot(scope, BASE_INIT) {
            let set = self.sets.single(BindingId::MAX);
            self.assign(scope, slot, set);
        }
    }

    /// The set of a pseudo-name of the running function.
    pub(in crate::language::python) fn pseudo(&self, name: &str) -> Option<SetId> {
        let frame = self.frames.last()?;
        let slot = self.slot(frame.scope, name)?;
        frame.slots.get(slot as usize).copied()
    }

    /// Runs a body that an exception may leave; gives back all that may have happened by then.
    pub(super) fn guarded(&mut self, body: impl FnOnce(&mut Self)) -> Slots {
        let depth = self.frames.len().saturating_sub(1);
        let slots = self.slots();
        self.guards.push(Guard { depth, slots });
        body(self);
        self.guards.pop().map(|guard| guard.slots).unwrap_or_default()
    }

    /// Adds to the current state all that a range of code binds in the running scope.
    pub(super) fn seed(&mut self, range: TextRange) {
        let Some(frame) = self.frames.last() else { return };
        let Some(table) = self.tables.scopes.get(frame.scope as usize) else { return };
        let (start, end) = (range.start().to_u32(), range.end().to_u32());
        let first = table.events.partition_point(|event| event.0 < start);
        // A clause at the end of the range takes its name back right there.
        let events = table.events.iter().skip(first).take_while(|event| event.0 <= end);
        let events: Vec<(u32, BindingId)> = events.map(|&(_, slot, id)| (slot, id)).collect();
        if events.is_empty() {
            return;
        }
        let mut slots = self.slots();
        let places = Rc::make_mut(&mut slots);
        for (slot, id) in events {
            let unbinds = self.tables.bindings.get(id as usize).is_some_and(|b| b.kind == BindingKind::Unbound);
            let set = if unbinds { UNBOUND } else { self.sets.single(id) };
            if let Some(place) = places.get_mut(slot as usize) {
                *place = self.sets.union(*place, set);
            }
        }
        self.set_slots(slots);
    }

    /// Whether an expression binds anything outside itself.
    pub(in crate::language::python) fn binds_in(&self, range: TextRange) -> bool {
        self.frames.get(self.owner()..).unwrap_or_default().iter().any(|frame| {
            let Some(table) = self.tables.scopes.get(frame.scope as usize) else { return false };
            let first = table.events.partition_point(|event| event.0 < range.start().to_u32());
            table.events.get(first).is_some_and(|event| event.0 < range.end().to_u32())
        })
    }

    /// The frame in which a walrus binds its name: the innermost one that is no comprehension.
    pub(super) fn owner(&self) -> usize {
        self.frames.iter().rposition(|frame| self.kind(frame) != Some(ScopeKind::Comprehension)).unwrap_or(0)
    }

    pub(super) fn kind(&self, frame: &Frame) -> Option<ScopeKind> {
        self.tables.scopes.get(frame.scope as usize).map(|table| table.kind)
    }
}
