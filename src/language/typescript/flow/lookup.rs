//! What a name may be bound to where the flow stands, and whether a source of the context holds a value there.

use oxc_ast::ast::IdentifierReference;
use oxc_syntax::symbol::SymbolId;

use crate::language::sets::UNBOUND;
use crate::outline::Availability;
use crate::outline::BindingId;
use crate::outline::BindingKind;

use super::Flow;
use super::This;

impl Flow<'_, '_> {
    /// The symbol that an identifier names.
    pub(in crate::language::typescript) fn symbol(&self, identifier: &IdentifierReference<'_>) -> Option<SymbolId> {
        self.scoping.get_reference(identifier.reference_id.get()?).symbol_id()
    }

    /// The symbol that a name means where the flow stands.
    pub(in crate::language::typescript) fn find(&self, name: &str) -> Option<SymbolId> {
        self.scoping.find_binding(self.scope(), name.into())
    }

    /// The running function, or one around it, that a name belongs to.
    pub(super) fn owner_frame(&self, symbol: SymbolId) -> usize {
        let owner = self.tracked.get(&symbol).and_then(|tracked| tracked.owner);
        match owner {
            None => 0,
            Some(_) => self.frames.iter().rposition(|frame| frame.scope == owner).unwrap_or(0),
        }
    }

    /// All that a name may be bound to here; `None` where it never matters.
    pub(in crate::language::typescript) fn roots_of(&self, symbol: SymbolId) -> Option<Vec<BindingId>> {
        let tracked = self.tracked.get(&symbol)?;
        let Some(slot) = tracked.slot else { return Some(tracked.bindings.clone()) };
        let inner = self.frames.get(self.owner_frame(symbol) + 1);
        let mut found = match inner {
            // Whoever may be called at any time sees anything.
            Some(frame) if frame.hoisted => tracked.bindings.clone(),
            _ => self.sets.get(self.slot(slot)).to_vec(),
        };
        if let Some(frame) = inner {
            found.extend(tracked.bindings.iter().filter(|&&binding| self.offset(binding) > frame.since));
        }
        found.extend(&tracked.remote);
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    pub(in crate::language::typescript) fn offset(&self, binding: BindingId) -> u32 {
        self.outline.bindings.get(binding as usize).map_or(0, |binding| binding.offset)
    }

    /// Whether a configured source holds a value where the flow stands.
    pub(in crate::language::typescript) fn availability(&self, source: &str, index: usize) -> Availability {
        match source.split_once('.') {
            None => self.name_availability(source),
            Some(("this", _)) => self.attribute_availability(source, index),
            Some((object, _)) => match self.find(object) {
                // Attributes of other objects are not followed.
                Some(_) => Availability::Perhaps,
                None => Availability::Never,
            },
        }
    }

    fn name_availability(&self, name: &str) -> Availability {
        let Some(symbol) = self.find(name) else { return Availability::Never };
        let flags = self.scoping.symbol_flags(symbol);
        // A type, or what is only declared to be somewhere.
        if flags.is_ambient() || (flags.is_type() && !flags.is_value()) {
            return Availability::Never;
        }
        let Some(tracked) = self.tracked.get(&symbol) else { return Availability::Never };
        let Some(slot) = tracked.slot else { return self.holds_value(&tracked.bindings) };
        let is_undone = |binding: &BindingId| {
            self.outline.bindings.get(*binding as usize).is_some_and(|binding| binding.kind == BindingKind::Unbound)
        };
        let mut all = match self.frames.get(self.owner_frame(symbol) + 1) {
            Some(frame) if frame.hoisted => {
                let is_late = |binding: &BindingId| self.offset(*binding) > frame.since;
                if tracked.bindings.iter().any(|binding| is_late(binding) || is_undone(binding)) {
                    return Availability::Perhaps;
                }
                tracked.bindings.clone()
            }
            inner => {
                let mut members = self.sets.get(self.slot(slot)).to_vec();
                let since = inner.map_or(u32::MAX, |frame| frame.since);
                members.extend(tracked.bindings.iter().filter(|&&binding| self.offset(binding) > since));
                members
            }
        };
        all.extend(&tracked.remote);
        if all.is_empty() || all.contains(&UNBOUND) || all.iter().any(is_undone) {
            return Availability::Perhaps;
        }
        self.holds_value(&all)
    }

    /// Whether bindings hold values, rather than functions, classes or modules.
    fn holds_value(&self, bindings: &[BindingId]) -> Availability {
        let mut imported = None;
        for &id in bindings {
            let Some(binding) = self.outline.bindings.get(id as usize) else { return Availability::Perhaps };
            if binding.typing {
                return Availability::Never;
            }
            match binding.kind {
                BindingKind::Value | BindingKind::Nothing | BindingKind::Text(_) | BindingKind::Alias { .. } => {}
                BindingKind::Import(..) => imported = Some(id),
                BindingKind::Unbound => return Availability::Perhaps,
                _ => return Availability::Never,
            }
        }
        match imported {
            Some(id) if bindings.len() == 1 => Availability::Imported(id),
            Some(_) => Availability::Perhaps,
            None => Availability::Always,
        }
    }

    /// `this.workspaceId`: set in this method before, or always there in objects of the class.
    fn attribute_availability(&self, source: &str, index: usize) -> Availability {
        let This::Object(class) = self.this() else { return Availability::Never };
        let Some(&slot) = self.attribute_slots.get(index) else { return Availability::Never };
        if self.init.as_ref().is_some_and(|init| init.class == class && init.is_before(self.statement.start)) {
            return Availability::Perhaps;
        }
        if !self.sets.may_be_unbound(self.slot(slot)) {
            return Availability::Always;
        }
        if let Some(init) = self.init.as_ref().filter(|init| init.class == class && init.is_running(self.frames.len()))
        {
            return if init.has_base { Availability::MemberOfBase(class) } else { Availability::InClass(class) };
        }
        if self.is_accessor(source) {
            return Availability::Never;
        }
        Availability::Member(class)
    }

    /// Whether the running function is the accessor itself.
    fn is_accessor(&self, source: &str) -> bool {
        let Some((_, attribute)) = source.split_once('.') else { return false };
        self.definition.iter().any(|name| name.strip_prefix("get ") == Some(attribute))
    }
}
