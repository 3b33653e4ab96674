//! Counts the calls that go through the factory already.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::language::Watch;
use crate::layout::FileId;
use crate::outline::BindingKind;
use crate::outline::ImportForm;
use crate::outline::Outline;
use crate::outline::Reference;
use crate::outline::Role;
use crate::project::Factory;
use crate::resolve::Entity;
use crate::resolve::Resolver;
use crate::source::LanguageId;
use crate::symbol;

/// Calls of the factories' functions, or of the functions handed over, outside the factories' own code; by file.
pub(super) fn count(resolver: &Resolver<'_>, watches: &[(LanguageId, Watch)]) -> BTreeMap<FileId, usize> {
    let mut migrated = BTreeMap::new();
    for (id, file, outline) in resolver.project().outlines().filter(|(_, file, _)| file.reported && !file.exempt) {
        let Some((_, watch)) = watches.iter().find(|(language, _)| *language == file.language) else { continue };
        let functions: BTreeSet<&str> = watch.functions.iter().map(String::as_str).collect();
        let factories: Vec<&Factory> =
            resolver.project().factories.iter().filter(|factory| factory.language == file.language).collect();
        let targets = targets(resolver, &factories, &functions);
        let calls = outline
            .references
            .iter()
            .filter(|reference| matches!(reference.role, Role::Called(_) | Role::HandedOver(_)));
        let calls = calls.filter(|reference| {
            is_imported(resolver, id, outline, reference, &factories, &functions)
                || resolver.reference(id, reference).iter().any(|r| targets.contains(&r.entity))
        });
        let count = calls.count();
        if count > 0 {
            migrated.insert(id, count);
        }
    }
    migrated
}

/// What the factories' functions resolve to.
fn targets(resolver: &Resolver<'_>, factories: &[&Factory], functions: &BTreeSet<&str>) -> BTreeSet<Entity> {
    let mut targets = BTreeSet::new();
    for factory in factories {
        for function in functions {
            targets.insert(Entity::External(symbol::join(factory.language, &factory.module, function).into()));
            let Some(file) = factory.file else { continue };
            let exported = resolver.export(file, function).into_iter().map(|resolved| resolved.entity);
            targets.extend(exported.filter(|entity| matches!(entity, Entity::Definition(..))));
        }
    }
    targets
}

/// Whether a reference names a function in an import of the factory's module, whatever that function turns out to be.
fn is_imported(
    resolver: &Resolver<'_>,
    file: FileId,
    outline: &Outline,
    reference: &Reference,
    factories: &[&Factory],
    functions: &BTreeSet<&str>,
) -> bool {
    let leads = |entity: &Entity| {
        factories.iter().any(|factory| match entity {
            Entity::External(full) => **full == *factory.module,
            module => factory.file.is_some() && resolver.file(module) == factory.file,
        })
    };
    if let Some((last, before)) = reference.attributes.split_last() {
        let joint = symbol::joint(resolver.language(file));
        let path = std::iter::once(&reference.name).chain(before).map(|part| &**part).collect::<Vec<_>>().join(joint);
        if functions.contains(&**last) && factories.iter().any(|factory| factory.module == path) {
            return true;
        }
        let object = Reference { attributes: before.into(), ..reference.clone() };
        return functions.contains(&**last) && resolver.reference(file, &object).iter().any(|r| leads(&r.entity));
    }
    reference.roots.iter().any(|&root| {
        let Some(BindingKind::Import(import, member)) = outline.bindings.get(root as usize).map(|b| &b.kind) else {
            return false;
        };
        let Some(import) = outline.imports.get(*import as usize) else { return false };
        let Some(member) = import.members.get(*member as usize) else { return false };
        import.form == ImportForm::From
            && functions.contains(&*member.name)
            && leads(&resolver.request(file, &import.module))
    })
}
