//! Drops from an outline what no other stage will ask for: uses of names that lead out of the project.

use std::path::Path;

use crate::language::Language;
use crate::outline::Base;
use crate::outline::BindingKind;
use crate::outline::DefinitionKind;
use crate::outline::DynamicTarget;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::Outline;
use crate::outline::PatchTarget;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::project::Project;
use crate::symbol;

/// Compacts an outline in place.
///
/// `signatures` tells whether anybody may ask what its functions take.
pub(super) fn compact(
    outline: &mut Outline,
    language: &dyn Language,
    path: &Path,
    project: &Project,
    signatures: bool,
) {
    let matters: Vec<Vec<bool>> =
        outline.imports.iter().map(|import| import_matters(import, language, path, project)).collect();
    for (import, members) in outline.imports.iter_mut().zip(&matters) {
        import.external = !members.contains(&true);
    }
    if !signatures {
        for definition in &mut outline.definitions {
            if let DefinitionKind::Function(signature) = &mut definition.kind {
                *signature = None;
            }
        }
    }
    let import_counts = |import: u32, member: u32| {
        matters.get(import as usize).and_then(|members| members.get(member as usize)).copied().unwrap_or(true)
    };
    // References may lead to one another through aliases; whatever leads to one that stays must stay.
    let mut keep: Vec<bool> = vec![false; outline.references.len()];
    loop {
        let mut changed = false;
        for (index, reference) in outline.references.iter().enumerate() {
            if keep.get(index).copied().unwrap_or(true) {
                continue;
            }
            let counts = reference.roots.iter().any(|&root| {
                match outline.bindings.get(root as usize).map(|binding| &binding.kind) {
                    Some(BindingKind::Import(import, member)) => import_counts(*import, *member),
                    Some(BindingKind::Star(import)) => import_counts(*import, 0),
                    Some(BindingKind::Alias { references, .. }) => {
                        references.iter().any(|&r| keep.get(r as usize).copied().unwrap_or(true))
                    }
                    Some(BindingKind::Dynamic(_)) => true,
                    Some(BindingKind::Definition(_)) => matches!(reference.role, Role::Base(_)),
                    _ => false,
                }
            });
            if counts && let Some(place) = keep.get_mut(index) {
                *place = true;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    retain(outline, &keep);
}

fn import_matters(import: &Import, language: &dyn Language, path: &Path, project: &Project) -> Vec<bool> {
    let leads = |request: &str| {
        let is_factory = project
            .factories
            .iter()
            .filter(|factory| factory.language == language.id())
            .any(|factory| symbol::is_within(language.id(), &factory.module, request));
        language.canonical(request, project.packages(language.id())).is_some()
            || is_factory
            || language.locate(path, request, &project.layout).is_some()
    };
    match import.form {
        ImportForm::Module => import.members.iter().map(|member| leads(member.request())).collect(),
        ImportForm::From | ImportForm::Star => {
            let counts = leads(&import.module);
            vec![counts; import.members.len()]
        }
    }
}

fn retain(outline: &mut Outline, keep: &[bool]) {
    let mut places: Vec<Option<ReferenceId>> = Vec::with_capacity(keep.len());
    let mut next = 0;
    for &kept in keep {
        places.push(kept.then_some(next));
        next += u32::from(kept);
    }
    let place = |id: ReferenceId| places.get(id as usize).copied().flatten();
    let mut index = 0;
    outline.references.retain(|_| {
        index += 1;
        keep.get(index - 1).copied().unwrap_or(true)
    });
    outline.references.shrink_to_fit();
    for binding in &mut outline.bindings {
        if let BindingKind::Alias { references, or_value } = &mut binding.kind {
            let before = references.len();
            *references = references.iter().filter_map(|&id| place(id)).collect();
            *or_value |= references.len() < before;
            if references.is_empty() {
                binding.kind = BindingKind::Value;
            }
        }
    }
    for definition in &mut outline.definitions {
        if let DefinitionKind::Class(class) = &mut definition.kind {
            for base in &mut class.bases {
                if let Base::Reference(id) = base {
                    *base = place(*id).map_or(Base::Unknown, Base::Reference);
                }
            }
        }
    }
    outline.patches.retain_mut(|patch| match &mut patch.target {
        PatchTarget::Path(_) | PatchTarget::Module(_) => true,
        PatchTarget::Attribute(id, _) => match place(*id) {
            Some(new) => {
                *id = new;
                true
            }
            None => false,
        },
    });
    // Dynamic accesses are named by bindings, so they keep their places.
    for dynamic in &mut outline.dynamic {
        if let DynamicTarget::Attribute(id, _) = &mut dynamic.target {
            match place(*id) {
                Some(new) => *id = new,
                None => dynamic.target = DynamicTarget::Module(Box::default()),
            }
        }
    }
}
