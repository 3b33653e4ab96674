//! What an outline says many times over, stored once: names, and what they may be bound to.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::outline::Availability;
use crate::outline::BindingId;

/// The texts and lists of one outline.
#[derive(Debug, Default)]
pub(super) struct Shared {
    texts: FxHashSet<Arc<str>>,
    bindings: FxHashSet<Arc<[BindingId]>>,
    contexts: FxHashSet<Arc<[Availability]>>,
    keywords: FxHashSet<Arc<[Arc<str>]>>,
}

impl Shared {
    /// The one copy of a text.
    pub(super) fn text(&mut self, text: &str) -> Arc<str> {
        once(&mut self.texts, text)
    }

    /// The one copy of a list of bindings.
    pub(super) fn bindings(&mut self, bindings: &[BindingId]) -> Arc<[BindingId]> {
        once(&mut self.bindings, bindings)
    }

    /// The one copy of the names of a call's keyword arguments.
    pub(super) fn keywords(&mut self, keywords: &[Arc<str>]) -> Arc<[Arc<str>]> {
        once(&mut self.keywords, keywords)
    }

    /// The one copy of what is known of each source of the context.
    pub(super) fn context(&mut self, context: &[Availability]) -> Arc<[Availability]> {
        once(&mut self.contexts, context)
    }
}

fn once<T: Eq + Hash + ?Sized>(all: &mut FxHashSet<Arc<T>>, value: &T) -> Arc<T>
where
    Arc<T>: Borrow<T> + for<'v> From<&'v T>,
{
    if let Some(known) = all.get(value) {
        return Arc::clone(known);
    }
    let new: Arc<T> = Arc::from(value);
    all.insert(Arc::clone(&new));
    new
}
