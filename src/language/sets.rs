//! Interned sets of bindings, so that a state is a list of small numbers.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::outline::BindingId;

/// The binding that means “not bound”.
pub(super) const UNBOUND: BindingId = 0;

/// A set of bindings; 0 is the set that holds “unbound” alone.
pub(super) type SetId = u32;

/// What each slot of a scope may be bound to.
pub(super) type Slots = Rc<Vec<SetId>>;

/// All sets of a module.
#[derive(Debug)]
pub(super) struct Sets {
    all: Vec<Box<[BindingId]>>,
    ids: FxHashMap<Box<[BindingId]>, SetId>,
    unions: FxHashMap<(SetId, SetId), SetId>,
}

impl Default for Sets {
    fn default() -> Self {
        let mut sets = Self { all: Vec::new(), ids: FxHashMap::default(), unions: FxHashMap::default() };
        sets.intern(vec![UNBOUND]);
        sets
    }
}

impl Sets {
    /// The members of a set, sorted.
    pub(super) fn get(&self, set: SetId) -> &[BindingId] {
        self.all.get(set as usize).map_or(&[], |set| set)
    }

    /// Whether a set says that the name may be unbound.
    pub(super) fn may_be_unbound(&self, set: SetId) -> bool {
        self.get(set).contains(&UNBOUND)
    }

    /// The set of one binding.
    pub(super) fn single(&mut self, binding: BindingId) -> SetId {
        self.intern(vec![binding])
    }

    /// The set with these members.
    pub(super) fn intern(&mut self, mut members: Vec<BindingId>) -> SetId {
        members.sort_unstable();
        members.dedup();
        if let Some(&id) = self.ids.get(members.as_slice()) {
            return id;
        }
        let id = SetId::try_from(self.all.len()).unwrap_or(SetId::MAX);
        let members = members.into_boxed_slice();
        self.all.push(members.clone());
        self.ids.insert(members, id);
        id
    }

    /// The set with the members of both.
    pub(super) fn union(&mut self, a: SetId, b: SetId) -> SetId {
        if a == b {
            return a;
        }
        let key = (a.min(b), a.max(b));
        if let Some(&id) = self.unions.get(&key) {
            return id;
        }
        let mut members = self.get(a).to_vec();
        members.extend_from_slice(self.get(b));
        let id = self.intern(members);
        self.unions.insert(key, id);
        id
    }

    /// What the slots may be bound to where two paths meet.
    pub(super) fn join(&mut self, a: &Slots, b: &Slots) -> Slots {
        if Rc::ptr_eq(a, b) || a == b {
            return Rc::clone(a);
        }
        Rc::new(a.iter().zip(b.iter()).map(|(&a, &b)| self.union(a, b)).collect())
    }

    /// The same for any number of paths, of which those that never get there are `None`.
    pub(super) fn meet(&mut self, states: impl IntoIterator<Item = Option<Slots>>) -> Option<Slots> {
        states.into_iter().flatten().reduce(|before, state| self.join(&before, &state))
    }
}
