//! Whether what a client is told by its type lets the factory make it.

use crate::outline::Call;
use crate::outline::Reference;
use crate::resolve::Entity;
use crate::resolve::Generic;
use crate::rule::Construct;
use crate::symbol;

use super::Finder;

impl Finder<'_> {
    /// Why the factory may make another client than this call does, if it may.
    pub(super) fn told_otherwise(
        &self,
        (rule, construct): (usize, &Construct),
        reference: &Reference,
        call: &Call,
    ) -> Option<String> {
        let language = self.file.language;
        let told = self.resolver.told_to(self.id, reference, call);
        let endpoint = self.matcher.endpoint(language, rule).map_or(&[][..], |endpoint| &endpoint.classes);
        let wanted = &construct.replace.classes;
        let mut is_seen = false;
        for generic in told.iter().filter(|generic| !generic.is_open()) {
            match generic {
                Generic::Class(Entity::External(full)) => {
                    let is = |classes: &[String]| classes.iter().any(|class| **class == **full);
                    let name = symbol::tail(language, full);
                    if !endpoint.is_empty() && self.is_configuration(full) && !is(endpoint) {
                        return Some(format!("this client is configured with `{name}`, not with the vendor's own"));
                    }
                    if !wanted.is_empty() && !is(wanted) {
                        let function = &construct.replace.function;
                        return Some(format!(
                            "this client is configured with `{name}`, and `{function}` makes another"
                        ));
                    }
                    is_seen = true;
                }
                Generic::Class(_) if !endpoint.is_empty() || !wanted.is_empty() => {
                    return Some("this client is configured with a class that is not the vendor's own".to_owned());
                }
                _ if !wanted.is_empty() => {
                    return Some("what this client is configured with cannot be seen here".to_owned());
                }
                _ => {}
            }
        }
        if construct.inferred && !is_seen {
            return Some("what this client is configured with is inferred, and cannot be seen here".to_owned());
        }
        let mut arguments = call.detail().places.iter().filter_map(|places| places.arguments.as_ref()).flatten();
        // The factory is not told, so that such an argument would have no type.
        let is_lost = !told.is_empty() && arguments.any(|argument| argument.inferred && argument.kind.is_none());
        is_lost
            .then(|| "the type of an argument follows from what the class is told, which the factory is not".to_owned())
    }
}
