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
    for (id, file, outline) in files().filter(|(_, _, outline)| outline.exports.contains_key("*")) {
        let names = known.iter().map(String::as_str).chain(named(file.language, rules));
        let names = names.chain(starred(resolver, id, outline));
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
    resolved.iter().any(|resolved| match &resolved.entity {
        Entity::External(full) => symbols.contains(&**full),
        module => resolver.file(module).is_some_and(|module| module != file && has_any(resolver, module)),
    })
}

/// Whether a module that is handed on as a whole hands on something itself.
fn has_any(resolver: &Resolver<'_>, module: FileId) -> bool {
    let symbols = &resolver.project().symbols;
    let is_named = |entity: &Entity| matches!(entity, Entity::External(full) if symbols.contains(&**full));
    let outline = resolver.project().outline(module);
    let mut names = outline.into_iter().flat_map(own_names);
    names.any(|name| resolver.export(module, name).iter().any(|resolved| is_named(&resolved.entity)))
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

/// The names that a file's stars may bring from files that are outlined.
fn starred<'p>(resolver: &Resolver<'p>, file: FileId, outline: &Outline) -> Vec<&'p str> {
    let bindings = outline.exports.get("*").into_iter().flatten();
    let stars = bindings.filter_map(|binding| match outline.bindings.get(*binding as usize)?.kind {
        BindingKind::Star(import) => outline.imports.get(import as usize),
        _ => None,
    });
    let modules = stars.filter_map(|import| resolver.file(&resolver.starred(file, import)));
    modules.filter_map(|module| resolver.project().outline(module)).flat_map(own_names).collect()
}

/// The last names of what rules replace.
fn named(language: LanguageId, rules: &[Rule]) -> impl Iterator<Item = &str> {
    let matchers = rules.iter().filter_map(move |rule| rule.languages.get(&language));
    let symbols = matchers.flat_map(|matchers| &matchers.construct).flat_map(|construct| &construct.symbols);
    symbols.map(move |symbol| symbol::tail(language, symbol))
}
