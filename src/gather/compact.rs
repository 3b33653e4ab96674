//! Drops from an outline what no other stage will ask for: uses of names that lead out of the project.

use std::path::Path;

use crate::language::Language;
use crate::outline::Availability;
use crate::outline::Base;
use crate::outline::BindingKind;
use crate::outline::Call;
use crate::outline::DefinitionKind;
use crate::outline::DynamicTarget;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::Member;
use crate::outline::Outline;
use crate::outline::PatchTarget;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::outline::TypeArgument;
use crate::project::Project;
use crate::symbol;

/// What an outline asks of other files: all that tells what is left of it.
#[derive(Debug)]
pub(super) struct Requests {
    imports: Vec<Import>,
    /// Modules that names are bound to without an import.
    modules: Vec<Box<str>>,
}

/// Which of those lead to something that matters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Leads {
    /// For each import, its members.
    members: Vec<Vec<bool>>,
    modules: Vec<Box<str>>,
}

impl Requests {
    /// What an outline asks before it is compacted.
    pub(super) fn of(outline: &Outline) -> Self {
        Self { imports: outline.imports.clone(), modules: modules(outline).cloned().collect() }
    }

    /// Asks a project.
    pub(super) fn judge(&self, language: &dyn Language, path: &Path, project: &Project) -> Leads {
        leads(&self.imports, self.modules.iter(), (language, path), project)
    }
}

impl Leads {
    /// What an outline asks of a project, and what comes of it.
    pub(super) fn of(outline: &Outline, language: &dyn Language, path: &Path, project: &Project) -> Self {
        leads(&outline.imports, modules(outline), (language, path), project)
    }
}

fn modules(outline: &Outline) -> impl Iterator<Item = &Box<str>> {
    outline.bindings.iter().filter_map(|binding| match &binding.kind {
        BindingKind::Module(request) => Some(request),
        _ => None,
    })
}

fn leads<'m>(
    imports: &[Import],
    modules: impl Iterator<Item = &'m Box<str>>,
    (language, path): (&dyn Language, &Path),
    project: &Project,
) -> Leads {
    let members = imports.iter().map(|import| import_matters(import, language, path, project));
    let modules = modules.filter(|request| module_matters(request, language, path, project));
    Leads { members: members.collect(), modules: modules.cloned().collect() }
}

/// Compacts an outline in place.
///
/// `signatures` tells whether anybody may ask what its functions take.
pub(super) fn compact(outline: &mut Outline, leads: &Leads, signatures: bool) {
    let Leads { members: matters, modules } = leads;
    for (import, members) in outline.imports.iter_mut().zip(matters) {
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
    let module_counts = |request: &str| modules.iter().any(|module| **module == *request);
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
                    Some(BindingKind::Dynamic(_) | BindingKind::Inner(_)) => true,
                    Some(BindingKind::Module(request)) => module_counts(request),
                    Some(BindingKind::First(_)) => outline.layers(root).iter().any(|&layer| {
                        match outline.bindings.get(layer as usize).map(|binding| &binding.kind) {
                            Some(BindingKind::Import(import, member)) => import_counts(*import, *member),
                            Some(BindingKind::Star(import)) => import_counts(*import, 0),
                            Some(BindingKind::Module(request)) => module_counts(request),
                            Some(BindingKind::Value | BindingKind::Definition(_)) => false,
                            _ => true,
                        }
                    }),
                    Some(BindingKind::Definition(_)) => matches!(reference.role, Role::Base(_)),
                    _ => false,
                }
            });
            // The classes of a call's arguments are asked for wherever the call is.
            let mut open: Vec<ReferenceId> = match &reference.role {
                Role::Called(call) | Role::HandedOver(call) if counts => kinds(call).collect(),
                _ => Vec::new(),
            };
            if counts {
                open.extend(told(reference));
            }
            while let Some(kind) = open.pop() {
                if let Some(place) = keep.get_mut(kind as usize).filter(|place| !**place) {
                    *place = true;
                    open.extend(outline.references.get(kind as usize).into_iter().flat_map(told));
                }
            }
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
    shrink(outline);
}

/// Gives back what lists were given to grow.
fn shrink(outline: &mut Outline) {
    outline.scopes.shrink_to_fit();
    outline.bindings.shrink_to_fit();
    outline.imports.shrink_to_fit();
    outline.references.shrink_to_fit();
    outline.definitions.shrink_to_fit();
    outline.patches.shrink_to_fit();
    outline.dynamic.shrink_to_fit();
    for bindings in outline.exports.values_mut() {
        bindings.shrink_to_fit();
    }
}

/// Whether a request leads to the SDK, the factory, or anything of the project.
fn module_matters(request: &str, language: &dyn Language, path: &Path, project: &Project) -> bool {
    let is_factory = project
        .factories
        .iter()
        .filter(|factory| factory.language == language.id())
        .any(|factory| symbol::is_within(language.id(), &factory.module, request));
    language.canonical(path, request, project.packages(language.id()), &project.layout).is_some()
        || is_factory
        || language.locate(path, request, &project.layout).is_some()
}

fn import_matters(import: &Import, language: &dyn Language, path: &Path, project: &Project) -> Vec<bool> {
    let leads = |request: &str| module_matters(request, language, path, project);
    match import.form {
        ImportForm::Module => import.members.iter().map(|member| leads(member.request())).collect(),
        ImportForm::Path => import.members.iter().map(|member| leads_by_path(member, &leads)).collect(),
        ImportForm::Star if import.members.iter().any(|member| member.path.is_some()) => {
            import.members.iter().map(|member| leads_by_path(member, &leads)).collect()
        }
        ImportForm::From | ImportForm::Star => {
            let counts = leads(&import.module);
            vec![counts; import.members.len()]
        }
    }
}

/// Whether the path of a member starts with a module that matters, or with a name of the file.
fn leads_by_path(member: &Member, leads: &dyn Fn(&str) -> bool) -> bool {
    member.module.as_deref().is_none_or(leads)
}

/// The classes of a call's arguments, of what it must give, and of the objects that may hold the context.
fn kinds(call: &Call) -> impl Iterator<Item = ReferenceId> {
    let arguments = call.detail().places.iter().filter_map(|places| places.arguments.as_ref()).flatten();
    let declared = call.context.iter().filter_map(|availability| match availability {
        Availability::Declared(class) => Some(*class),
        _ => None,
    });
    arguments.filter_map(|argument| argument.kind).chain(call.detail().expected).chain(declared)
}

/// The classes that a reference's own is told.
fn told(reference: &Reference) -> Vec<ReferenceId> {
    let mut found = Vec::new();
    for argument in reference.told.iter().flat_map(|told| &*told.arguments) {
        let mut argument = Some(argument);
        while let Some(own) = argument.take() {
            match own {
                TypeArgument::Class(class) => found.push(*class),
                TypeArgument::Parameter(_, default) => argument = default.as_deref(),
                TypeArgument::Open | TypeArgument::Unseen => {}
            }
        }
    }
    found
}

/// A class that a reference is told, where references have moved.
fn moved(argument: &mut TypeArgument, place: &impl Fn(ReferenceId) -> Option<ReferenceId>) {
    match argument {
        TypeArgument::Class(class) => *argument = place(*class).map_or(TypeArgument::Unseen, TypeArgument::Class),
        TypeArgument::Parameter(_, Some(default)) => moved(default, place),
        TypeArgument::Parameter(_, None) | TypeArgument::Open | TypeArgument::Unseen => {}
    }
}

/// Puts references in the context of a call right, where references have moved.
fn declared_anew(call: &mut Call, place: &impl Fn(ReferenceId) -> Option<ReferenceId>) {
    if !call.context.iter().any(|availability| matches!(availability, Availability::Declared(_))) {
        return;
    }
    let anew = call.context.iter().map(|availability| match availability {
        Availability::Declared(class) => place(*class).map_or(Availability::Perhaps, Availability::Declared),
        other => *other,
    });
    call.context = anew.collect();
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
    for reference in &mut outline.references {
        if let Role::Called(call) | Role::HandedOver(call) = &mut reference.role {
            declared_anew(call, &place);
        }
        if let Role::Called(call) | Role::HandedOver(call) = &mut reference.role
            && let Some(detail) = call.some_detail_mut()
        {
            let arguments = detail.places.iter_mut().filter_map(|places| places.arguments.as_mut()).flatten();
            for argument in arguments {
                argument.kind = argument.kind.and_then(place);
            }
            detail.expected = detail.expected.and_then(place);
        }
        for argument in reference.told.iter_mut().flat_map(|told| &mut told.arguments) {
            moved(argument, &place);
        }
    }
    for member in outline.imports.iter_mut().flat_map(|import| &mut import.members) {
        member.path = member.path.and_then(place);
    }
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
        if let DefinitionKind::Function(Some(signature)) = &mut definition.kind
            && let Some(returned) = &mut signature.returns
        {
            returned.reference = returned.reference.and_then(place);
        }
        if let DefinitionKind::Class(class) = &mut definition.kind {
            for field in &mut class.fields {
                field.class = field.class.and_then(place);
            }
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
