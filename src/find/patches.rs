//! Patches of tests: what they replace, and whether anything still looks it up.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::candidate::Candidate;
use crate::candidate::Remedy;
use crate::layout::FileId;
use crate::outline::Patch;
use crate::outline::PatchTarget;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::resolve::Entity;
use crate::resolve::Resolved;
use crate::resolve::Resolver;
use crate::rule::ReportRole;
use crate::symbol;

use super::Matcher;

/// Patches of tests that can no longer reach anything that looks the name up while it runs.
///
/// `remaining` tells which references of the project still construct a client.
pub fn stale_patches(
    resolver: &Resolver<'_>,
    matcher: &Matcher<'_>,
    remaining: &dyn Fn(FileId, ReferenceId) -> bool,
) -> Vec<Candidate> {
    let mut patches = Vec::new();
    let mut modules = Vec::new();
    for (id, file, outline) in resolver.project().outlines() {
        if file.exempt {
            continue;
        }
        for patch in &outline.patches {
            let (resolved, owner) = match &patch.target {
                PatchTarget::Path(path) => match resolver.patched(id, path) {
                    Some(found) => found,
                    None => continue,
                },
                PatchTarget::Attribute(object, name) => {
                    let Some(object) = outline.references.get(*object as usize) else { continue };
                    patched_attribute(resolver, id, object, name)
                }
                PatchTarget::Module(request) => {
                    modules.extend(stale_module(resolver, matcher, id, patch, request, remaining));
                    continue;
                }
            };
            let symbols = resolved.iter().filter_map(|resolved| match &resolved.entity {
                Entity::External(symbol) => Some(symbol),
                _ => None,
            });
            let mut rules = symbols.filter_map(|symbol| {
                Some((matcher.report(file.language, ReportRole::StalePatch, symbol)?, symbol.to_string()))
            });
            if let Some((rule, symbol)) = rules.next() {
                patches.push((id, patch, rule, symbol, owner));
            }
        }
    }
    if patches.is_empty() {
        return modules;
    }
    let lookups = lookups(resolver, matcher, remaining);
    let stale = patches.into_iter().filter(|(_, _, _, symbol, owner)| {
        let direct = owner.as_ref().is_none_or(|(module, name)| {
            resolver.export(*module, name).iter().any(|r| matches!(&r.entity, Entity::External(s) if **s != **symbol))
        });
        if direct {
            !lookups.by_symbol.contains(symbol)
        } else {
            !owner.as_ref().is_some_and(|o| lookups.by_owner.contains(o))
        }
    });
    let candidates = stale.map(|(file, patch, rule, symbol, _)| Candidate {
        rule,
        file,
        span: patch.span,
        statement: patch.statement,
        definition: patch.definition.clone(),
        message: matcher.message(rule, &symbol),
        symbol,
        remedy: Remedy::Report("nothing looks this name up any more; patch the factory's function instead".to_owned()),
    });
    modules.into_iter().chain(candidates).collect()
}

/// A patch of a whole module of the SDK, where what the test reaches asks the factory instead.
fn stale_module(
    resolver: &Resolver<'_>,
    matcher: &Matcher<'_>,
    file: FileId,
    patch: &Patch,
    request: &str,
    remaining: &dyn Fn(FileId, ReferenceId) -> bool,
) -> Option<Candidate> {
    let language = resolver.language(file);
    let Entity::External(module) = resolver.request(file, request) else { return None };
    let rule = matcher.any_below(language, ReportRole::StalePatch, &module)?;
    let reached = reached(resolver, file);
    let project = resolver.project();
    let asks_factory = reached.iter().any(|&id| project.factories.iter().any(|factory| factory.file == Some(id)));
    let constructs = |id: FileId| {
        let outline = project.outline(id).filter(|_| project.file(id).is_some_and(|file| !file.exempt));
        let references = outline.map_or(&[][..], |outline| &outline.references);
        (0..).zip(references).any(|(reference_id, reference)| {
            matches!(
                reference.role,
                Role::Called(_) | Role::HandedOver(_) | Role::CalledInExpression(_) | Role::Base(_)
            ) && remaining(id, reference_id)
                && resolver.reference(id, reference).iter().any(|resolved| match &resolved.entity {
                    Entity::External(symbol) => {
                        matcher.construct(language, symbol).is_some()
                            && symbol::package(language, symbol) == symbol::package(language, &module)
                    }
                    _ => false,
                })
        })
    };
    if !asks_factory || reached.iter().any(|&id| constructs(id)) {
        return None;
    }
    Some(Candidate {
        rule,
        file,
        span: patch.span,
        statement: patch.statement,
        definition: patch.definition.clone(),
        message: matcher.message(rule, &module),
        symbol: module.to_string(),
        remedy: Remedy::Report("what is tested asks the factory now; replace the factory's module instead".to_owned()),
    })
}

/// The files that a file's imports lead to, directly or through others, itself included.
fn reached(resolver: &Resolver<'_>, file: FileId) -> FxHashSet<FileId> {
    let mut reached = FxHashSet::default();
    let mut open = vec![file];
    while let Some(id) = open.pop() {
        if !reached.insert(id) {
            continue;
        }
        let imports = resolver.project().outline(id).map_or(&[][..], |outline| &outline.imports);
        let runtime = imports.iter().filter(|import| !import.typing && !import.module.is_empty());
        open.extend(runtime.filter_map(|import| resolver.file(&resolver.request(id, &import.module))));
    }
    reached
}

/// What `patch.object(object, name)` replaces, and the module's name that it replaces.
pub fn patched_attribute(
    resolver: &Resolver<'_>,
    file: FileId,
    object: &Reference,
    name: &str,
) -> (Vec<Resolved>, Option<(FileId, String)>) {
    let objects = resolver.reference(file, object);
    let mut owner = None;
    let mut found = Vec::new();
    for object in &objects {
        match &object.entity {
            Entity::External(full) => {
                let full = symbol::join(resolver.language(file), full, name);
                found.push(Entity::External(full.into()).into());
            }
            module => {
                if let Some(id) = resolver.file(module) {
                    owner = Some((id, name.to_owned()));
                    found.extend(resolver.export(id, name));
                }
            }
        }
    }
    (found, owner)
}

/// What constructions look up while they run.
#[derive(Debug, Default)]
struct Lookups {
    /// Symbols that are looked up in the SDK each time.
    by_symbol: BTreeSet<String>,
    /// Names of modules that are looked up each time.
    by_owner: BTreeSet<(FileId, String)>,
}

/// The symbols that constructions look up in the SDK each time they run.
pub fn looked_up(
    resolver: &Resolver<'_>,
    matcher: &Matcher<'_>,
    remaining: &dyn Fn(FileId, ReferenceId) -> bool,
) -> BTreeSet<String> {
    lookups(resolver, matcher, remaining).by_symbol
}

fn lookups(resolver: &Resolver<'_>, matcher: &Matcher<'_>, remaining: &dyn Fn(FileId, ReferenceId) -> bool) -> Lookups {
    let mut lookups = Lookups::default();
    for (id, file, outline) in resolver.project().outlines() {
        for (reference_id, reference) in (0..).zip(&outline.references) {
            if !matches!(reference.role, Role::Called(_) | Role::HandedOver(_) | Role::CalledInExpression(_)) {
                continue;
            }
            if !remaining(id, reference_id) {
                continue;
            }
            for resolved in resolver.reference(id, reference) {
                let Entity::External(symbol) = &resolved.entity else { continue };
                if matcher.construct(file.language, symbol).is_none() {
                    continue;
                }
                let local = outline.bindings.get(reference.roots.first().copied().unwrap_or(0) as usize);
                let in_module = local.is_some_and(|binding| binding.scope == 0);
                if !reference.attributes.is_empty() || !in_module {
                    lookups.by_symbol.insert(symbol.to_string());
                }
                if in_module {
                    lookups.by_owner.insert((id, reference.name.to_string()));
                }
                // `c.OpenAI()` looks `OpenAI` up in the module `c`.
                if let Some((last, before)) = reference.attributes.split_last() {
                    let object = Reference { attributes: before.into(), ..reference.clone() };
                    for owner in resolver.reference(id, &object) {
                        if let Some(module) = resolver.file(&owner.entity) {
                            lookups.by_owner.insert((module, last.to_string()));
                        }
                    }
                }
            }
        }
    }
    lookups
}
