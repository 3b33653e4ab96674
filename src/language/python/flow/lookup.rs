//! What a name may be bound to where the flow stands.

use smallvec::SmallVec;

use crate::language::python::scopes::Entry;
use crate::language::python::scopes::Home;
use crate::language::python::scopes::ScopeKind;
use crate::language::python::scopes::Table;
use crate::language::python::scopes::UNBOUND;
use crate::outline::BindingId;
use crate::outline::ScopeId;

use super::Flow;
use super::Frame;

impl Flow<'_> {
    /// Finds what a name may be bound to where the flow stands.
    pub(in crate::language::python) fn lookup(&self, name: &str) -> Found {
        let mut partial = Bindings::new();
        for At { is_module, frame, table, entry } in self.homes(name) {
            let Some(slot) = entry.slot else {
                if !partial.is_empty() {
                    return Found::Bound(partial);
                }
                return Found::Opaque;
            };
            let set = frame.slots.get(slot as usize).copied().unwrap_or(UNBOUND);
            let mut found = Bindings::from_slice(self.sets.get(set));
            if let Some(since) = frame.since {
                found.extend(entry.bindings.iter().copied().filter(|&b| self.offset(b) > since));
            }
            found.extend_from_slice(&entry.remote);
            if is_module {
                let latest = found.iter().map(|&b| self.offset(b)).max().unwrap_or(0);
                found.extend(self.stars(frame).filter(|&(at, _)| at > latest).map(|(_, b)| b));
            }
            found.append(&mut partial);
            found.sort_unstable();
            found.dedup();
            // A name that a class body binds on some paths only is looked up in the module on the others.
            if table.kind == ScopeKind::Class && found.contains(&UNBOUND) {
                found.retain(|binding| *binding != UNBOUND);
                partial = found;
                continue;
            }
            return Found::Bound(found);
        }
        if let Some(module) = self.frames.first() {
            partial.extend(self.stars(module).map(|(_, binding)| binding));
        }
        if partial.is_empty() { Found::Free } else { Found::Bound(partial) }
    }

    /// The star imports that may have run.
    pub(super) fn stars(&self, module: &Frame) -> impl Iterator<Item = (u32, BindingId)> {
        let here = if module.since.is_some() { u32::MAX } else { self.statement.end };
        self.tables.stars.iter().copied().filter(move |&(at, _)| at < here)
    }

    pub(in crate::language::python) fn is_live(&self) -> bool {
        self.live
    }

    pub(in crate::language::python) fn offset(&self, binding: BindingId) -> u32 {
        self.tables.bindings.get(binding as usize).map_or(0, |binding| binding.offset)
    }

    /// The scopes in which a name may live, innermost first: that of a class only while its body runs.
    pub(in crate::language::python) fn homes(&self, name: &str) -> impl Iterator<Item = At<'_>> {
        let mut to_module = false;
        self.frames.iter().enumerate().rev().filter_map(move |(index, frame)| {
            let table = self.tables.scopes.get(frame.scope as usize)?;
            let is_module = index == 0;
            if (to_module && !is_module) || (table.kind == ScopeKind::Class && !self.is_top(index)) {
                return None;
            }
            let entry = table.names.get(name)?;
            to_module |= entry.home == Home::Global;
            (entry.home == Home::Here).then_some(At { is_module, frame, table, entry })
        })
    }

    /// Whether the running code runs once the module is complete.
    pub(in crate::language::python) fn is_deferred(&self) -> bool {
        self.deferred
    }

    /// Whether a frame is the innermost, but for type parameters.
    pub(in crate::language::python) fn is_top(&self, index: usize) -> bool {
        let mut inner = self.frames.iter().skip(index + 1);
        inner.all(|frame| self.kind(frame) == Some(ScopeKind::TypeParams))
    }

    pub(in crate::language::python) fn scope_kind(&self) -> Option<ScopeKind> {
        self.tables.scopes.get(self.scope() as usize).map(|table| table.kind)
    }

    /// The scope that the running code binds names in.
    pub(in crate::language::python) fn scope(&self) -> ScopeId {
        let frame = self.frames.iter().rev().find(|frame| self.kind(frame) != Some(ScopeKind::TypeParams));
        frame.map_or(0, |frame| frame.scope)
    }
}

/// A scope that knows a name.
pub(in crate::language::python) struct At<'f> {
    pub(in crate::language::python) is_module: bool,
    pub(in crate::language::python) frame: &'f Frame,
    pub(in crate::language::python) table: &'f Table<'f>,
    pub(in crate::language::python) entry: &'f Entry,
}

/// A few bindings.
pub(in crate::language::python) type Bindings = SmallVec<[BindingId; 4]>;

/// What a look-up gives.
#[derive(Debug)]
pub(in crate::language::python) enum Found {
    /// Bound to something that never matters.
    Opaque,
    /// Bound nowhere in the module.
    Free,
    /// Bound to one of these, sorted.
    Bound(Bindings),
}
