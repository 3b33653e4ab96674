//! Whether a source of the context holds a value at a call, on every path.

use crate::outline::Availability;
use crate::outline::BindingId;
use crate::outline::BindingKind;

use super::flow::At;
use super::flow::Flow;
use super::scopes::BASE_INIT;
use super::scopes::Home;
use super::scopes::ScopeKind;
use super::scopes::UNBOUND;

impl Flow<'_> {
    /// Whether a configured source holds a value where the flow stands.
    pub(super) fn availability(&self, source: &str) -> Availability {
        match source.split_once('.') {
            None => self.name_availability(source),
            Some((object, _)) => self.attribute_availability(object, source),
        }
    }

    fn name_availability(&self, name: &str) -> Availability {
        let Some(At { frame, table, entry, .. }) = self.homes(name).next() else { return Availability::Never };
        if table.kind == ScopeKind::Class {
            return Availability::Perhaps;
        }
        let Some(slot) = entry.slot else { return Availability::Perhaps };
        let set = frame.slots.get(slot as usize).copied().unwrap_or(UNBOUND);
        let members = self.sets.get(set);
        let unbinds = |binding: &BindingId| {
            self.tables.bindings.get(*binding as usize).is_some_and(|b| b.kind == BindingKind::Unbound)
        };
        let since = frame.since.unwrap_or(u32::MAX);
        let mut later = entry.bindings.iter().filter(|&&b| self.offset(b) > since);
        if members.contains(&UNBOUND) || later.any(unbinds) || entry.remote.iter().any(unbinds) {
            return Availability::Perhaps;
        }
        let later = entry.bindings.iter().filter(|&&b| self.offset(b) > since);
        let all: Vec<BindingId> = members.iter().chain(later).chain(&entry.remote).copied().collect();
        self.holds_value(&all)
    }

    /// Whether bindings hold values, rather than functions, classes or modules.
    fn holds_value(&self, bindings: &[BindingId]) -> Availability {
        let mut imported = None;
        for &id in bindings {
            let Some(binding) = self.tables.bindings.get(id as usize) else { return Availability::Perhaps };
            if binding.typing {
                return Availability::Perhaps;
            }
            match binding.kind {
                BindingKind::Value | BindingKind::Nothing | BindingKind::Text(_) | BindingKind::Alias { .. } => {}
                BindingKind::Import(..) => imported = Some(id),
                _ => return Availability::Never,
            }
        }
        match imported {
            Some(id) if bindings.len() == 1 => Availability::Imported(id),
            Some(_) => Availability::Perhaps,
            None => Availability::Always,
        }
    }

    /// `self.workspace_id`: set in this method before, or always there in objects of the class.
    fn attribute_availability(&self, object: &str, source: &str) -> Availability {
        for (index, frame) in self.frames.iter().enumerate().rev() {
            let Some(table) = self.tables.scopes.get(frame.scope as usize) else { continue };
            let is_top = self.is_top(index);
            if table.kind == ScopeKind::Class && !is_top {
                continue;
            }
            let Some(entry) = table.names.get(object) else { continue };
            if entry.home != Home::Here {
                continue;
            }
            let Some(class) = self.receiver_class(&entry.bindings) else { return Availability::Never };
            let set = |name: &str| {
                let slot = table.names.get(name)?.slot?;
                frame.slots.get(slot as usize).copied()
            };
            let Some(own) = set(source) else { return Availability::Never };
            let deleted_here = table.names.get(source).is_some_and(|entry| {
                let mut kinds = entry.bindings.iter().filter_map(|&b| self.tables.bindings.get(b as usize));
                kinds.any(|binding| binding.kind == BindingKind::Unbound)
            });
            if !deleted_here && !self.sets.may_be_unbound(own) {
                return Availability::Always;
            }
            if self.is_receiver(object) && frame.since.is_none() {
                let base_ran = set(BASE_INIT).is_some_and(|set| !self.sets.may_be_unbound(set));
                return if base_ran { Availability::MemberOfBase(class) } else { Availability::InClass(class) };
            }
            if self.is_property(class, source) {
                return Availability::Never;
            }
            return Availability::Member(class);
        }
        Availability::Never
    }

    /// The class whose method this is, if the only binding of the name is its receiver.
    fn receiver_class(&self, bindings: &[BindingId]) -> Option<u32> {
        let [only] = bindings else { return None };
        match self.tables.bindings.get(*only as usize)?.kind {
            BindingKind::Receiver(class) => Some(class),
            _ => None,
        }
    }

    /// Whether the running function is the property itself.
    fn is_property(&self, class: u32, source: &str) -> bool {
        let Some((_, attribute)) = source.split_once('.') else { return false };
        let class = self.outline.definitions.get(class as usize).map_or("", |class| &class.name);
        // `Class.attribute` itself, one in an outer definition, or a definition inside it.
        let is_here = |definition: &str| {
            let outer = definition.strip_suffix(attribute).and_then(|rest| rest.strip_suffix('.')?.strip_suffix(class));
            outer.is_some_and(|outer| outer.is_empty() || outer.ends_with('.'))
        };
        let inside = || self.definition.strip_prefix(class)?.strip_prefix('.')?.strip_prefix(attribute);
        is_here(&self.definition) || inside().is_some_and(|rest| rest.starts_with('.'))
    }
}
