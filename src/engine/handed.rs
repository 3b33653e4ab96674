//! Which names files hand on that mean what rules name.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::layout::FileId;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Outline;
use crate::resolve::Entity;
use crate::resolve::Resolver;
use crate::rule::Rule;
use crate::source::LanguageId;
use crate::symbol;

/// Names by the files that hand them on.
pub type Handed = BTreeMap<PathBuf, BTreeSet<String>>;

/// The names under which the files reported on hand on what rules name.
pub(super) fn on(resolver: &Resolver<'_>, rules: &[Rule]) -> Handed {
    let project = resolver.project();
    let mut handed = Handed::new();
    let files = || project.outlines().filter(|(_, file, _)| file.reported && !file.exempt);
    for (id, file, outline) in files() {
        let names = own_names(outline).filter(|name| matters(resolver, id, name));
        let names: BTreeSet<String> = names.map(str::to_owned).collect();
        if !names.is_empty() {
            handed.insert(file.path.to_path_buf(), names);
        }
    }
    // A star brings whatever these files call their own, and what rules name.
    let known: BTreeSet<String> = handed.values().flatten().cloned().collect();
    for (id, file, _) in files().filter(|(_, _, outline)| outline.exports.contains_key("*")) {
        let names = known.iter().map(String::as_str).chain(named(file.language, rules));
        let names: BTreeSet<String> = names.filter(|name| matters(resolver, id, name)).map(str::to_owned).collect();
        if !names.is_empty() {
            handed.entry(file.path.to_path_buf()).or_default().extend(names);
        }
    }
    handed
}

fn matters(resolver: &Resolver<'_>, file: FileId, name: &str) -> bool {
    let symbols = &resolver.project().symbols;
    let resolved = resolver.export(file, name);
    resolved.iter().any(|resolved| matches!(&resolved.entity, Entity::External(full) if symbols.contains(&**full)))
}

/// The names that a file may hand on, but for those that a star brings.
fn own_names(outline: &Outline) -> impl Iterator<Item = &str> {
    let is_handed = |binding: &BindingId| {
        let kind = outline.bindings.get(*binding as usize).map(|binding| &binding.kind);
        !matches!(kind, None | Some(BindingKind::Value | BindingKind::Definition(_)))
    };
    let names = outline.exports.iter().filter(|(name, _)| &***name != "*");
    names.filter(move |(_, bindings)| bindings.iter().any(is_handed)).map(|(name, _)| &**name)
}

/// The last names of what rules replace.
fn named(language: LanguageId, rules: &[Rule]) -> impl Iterator<Item = &str> {
    let matchers = rules.iter().filter_map(move |rule| rule.languages.get(&language));
    let symbols = matchers.flat_map(|matchers| &matchers.construct).flat_map(|construct| &construct.symbols);
    symbols.map(move |symbol| symbol::tail(language, symbol))
}
