//! Who needs an imported name besides the calls that change.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::language::ImportChange;
use crate::layout::FileId;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::ImportId;
use crate::outline::Member;
use crate::outline::Outline;
use crate::outline::PatchTarget;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::outline::ScopeId;
use crate::resolve::Entity;
use crate::resolve::Resolver;

use super::Planner;
use super::Proposal;

/// A name of a module.
type Name = (FileId, ScopeId, Arc<str>);

/// What makes other files need a module's name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Need {
    /// An import's member.
    Import(FileId, ImportId, u32),
    /// Reading it as an attribute of the module.
    Attribute(FileId, ReferenceId),
    /// A test's patch, by its place in the file.
    Patch(FileId, u32),
    /// Something that never goes away.
    Always,
}

/// Who needs which name of which module.
#[derive(Debug, Default)]
pub(super) struct Needs {
    by_name: FxHashMap<Name, Vec<Need>>,
    /// Modules that are imported with a star.
    starred: BTreeSet<(FileId, ScopeId)>,
}

impl Needs {
    pub(super) fn new(resolver: &Resolver<'_>) -> Self {
        let mut needs = Self::default();
        for (file, _, outline) in resolver.project().outlines() {
            needs.imports(resolver, file, outline);
            needs.attributes(resolver, file, outline);
            for (index, patch) in (0..).zip(&outline.patches) {
                let owner = match &patch.target {
                    PatchTarget::Path(path) => resolver.patched(file, path).and_then(|(_, owner)| owner),
                    PatchTarget::Attribute(object, name) => {
                        let object = outline.references.get(*object as usize);
                        let objects = object.map_or_else(Vec::new, |object| resolver.reference(file, object));
                        let mut modules = objects.iter().filter_map(|object| resolver.file(&object.entity));
                        modules.next().map(|module| (module, name.to_string()))
                    }
                    PatchTarget::Module(_) => None,
                };
                if let Some((module, name)) = owner {
                    needs.add((module, 0), name.into(), Need::Patch(file, index));
                }
            }
        }
        needs
    }

    fn add(&mut self, (module, scope): (FileId, ScopeId), name: Arc<str>, need: Need) {
        self.by_name.entry((module, scope, name)).or_default().push(need);
    }

    fn imports(&mut self, resolver: &Resolver<'_>, file: FileId, outline: &Outline) {
        for (id, import) in (0..).zip(&outline.imports) {
            if import.form == ImportForm::Module {
                continue;
            }
            // Paths are references, and are followed as such.
            if import.members.iter().any(|member| member.path.is_some()) || import.form == ImportForm::Path {
                continue;
            }
            if import.form == ImportForm::Star {
                self.starred.extend(module_of(resolver, &resolver.starred(file, import)));
                continue;
            }
            let Some(module) = resolver.file(&resolver.request(file, &import.module)) else { continue };
            let named = (0..).zip(&import.members).filter(|(_, member)| *member.name != *Member::NAMESPACE);
            for (index, member) in named {
                self.add((module, 0), Arc::clone(&member.name), Need::Import(file, id, index));
            }
        }
    }

    /// Notes that a name is read through a star import by path, and through those behind it.
    fn through_star(
        &mut self,
        resolver: &Resolver<'_>,
        (file, root): (FileId, BindingId),
        name: &str,
        need: &Need,
        depth: u32,
    ) {
        let Some(outline) = resolver.project().outline(file) else { return };
        let Some(BindingKind::Star(import)) = outline.bindings.get(root as usize).map(|b| &b.kind) else { return };
        let Some(import) = outline.imports.get(*import as usize) else { return };
        if depth > 16 || import.members.iter().all(|member| member.path.is_none()) {
            return;
        }
        let Some((module, scope)) = module_of(resolver, &resolver.starred(file, import)) else { return };
        if resolver.bound(file, root, name).is_empty() {
            return;
        }
        self.add((module, scope), name.into(), need.clone());
        let Some(target) = resolver.project().outline(module) else { return };
        let names = if scope == 0 { Some(&target.exports) } else { target.inner.get(&scope) };
        for &star in names.and_then(|names| names.get("*")).into_iter().flatten() {
            self.through_star(resolver, (module, star), name, need, depth + 1);
        }
    }

    fn attributes(&mut self, resolver: &Resolver<'_>, file: FileId, outline: &Outline) {
        for (id, reference) in (0..).zip(&outline.references) {
            for root in reference.roots.iter().flat_map(|&root| outline.layers(root)) {
                let need = match reference.role {
                    Role::Imported(import, member) => Need::Import(file, import, member),
                    _ => Need::Attribute(file, id),
                };
                self.through_star(resolver, (file, root), &reference.name, &need, 0);
            }
            if reference.attributes.is_empty() {
                continue;
            }
            for length in 0..reference.attributes.len() {
                let (Some(before), Some(name)) = (reference.attributes.get(..length), reference.attributes.get(length))
                else {
                    break;
                };
                let object = crate::outline::Reference { attributes: before.into(), ..reference.clone() };
                let modules = resolver.reference(file, &object);
                let mut modules =
                    modules.iter().filter_map(|resolved| module_of(resolver, &resolved.entity)).peekable();
                if modules.peek().is_none() {
                    break;
                }
                for module in modules {
                    let need = match reference.role {
                        Role::Imported(import, member) => Need::Import(file, import, member),
                        _ => Need::Attribute(file, id),
                    };
                    self.add(module, Arc::clone(name), need);
                }
            }
        }
        for dynamic in &outline.dynamic {
            if let crate::outline::DynamicTarget::Attribute(object, name) = &dynamic.target
                && let Some(object) = outline.references.get(*object as usize)
            {
                for resolved in resolver.reference(file, object) {
                    if let Some(module) = resolver.file(&resolved.entity) {
                        self.add((module, 0), (&**name).into(), Need::Always);
                    }
                }
            }
        }
    }
}

impl Planner<'_> {
    /// Notes which members of imports nothing needs once these proposals have landed. What is `kept` is read by their
    /// new calls.
    pub(super) fn remove_unneeded(
        &self,
        proposals: &[&Proposal],
        kept: &BTreeSet<(FileId, ImportId, u32)>,
        changes: &mut BTreeMap<FileId, BTreeMap<ImportId, ImportChange>>,
    ) {
        let mut fixed: FxHashMap<(FileId, ImportId, u32), u32> = FxHashMap::default();
        let mut rewritten: BTreeSet<(FileId, u32)> = BTreeSet::new();
        let landed: BTreeSet<(FileId, ReferenceId)> = proposals.iter().map(|p| (p.file, p.reference)).collect();
        for proposal in proposals {
            let Some(outline) = self.resolver.project().outline(proposal.file) else { continue };
            let Some(reference) = outline.references.get(proposal.reference as usize) else { continue };
            let gone = match &reference.role {
                Role::Called(call) | Role::HandedOver(call) => call.detail().gone.as_slice(),
                _ => &[],
            };
            let roots = reference.roots.iter().chain(gone).flat_map(|&root| outline.layers(root));
            for root in roots {
                if let Some((import, member)) = outline.member(root) {
                    *fixed.entry((proposal.file, import, member)).or_default() += 1;
                }
            }
            if let Some(name) = self.patched_name_of(proposal) {
                rewritten.extend(self.patches.of(&name).unwrap_or_default().iter().map(|p| (p.file, p.index)));
            }
            rewritten.extend(self.seen_through(proposal).iter().map(|p| (p.file, p.index)));
        }
        fixed.retain(|member, _| !kept.contains(member));
        // Each removal may free a name in another module, until nothing more goes.
        let mut removed: BTreeSet<(FileId, ImportId, u32)> = BTreeSet::new();
        loop {
            let before = removed.len();
            for (&(file, import, member), &count) in &fixed {
                let Some(outline) = self.resolver.project().outline(file) else { continue };
                let Some(statement) = outline.imports.get(import as usize) else { continue };
                let unread = statement.members.get(member as usize).is_some_and(|member| member.reads <= count);
                let others = self.others(file, outline, statement, member, &|need| match need {
                    Need::Import(file, import, member) => !removed.contains(&(*file, *import, *member)),
                    Need::Attribute(file, reference) => !landed.contains(&(*file, *reference)),
                    Need::Patch(file, index) => !rewritten.contains(&(*file, *index)),
                    Need::Always => true,
                });
                if unread && others == Others::None {
                    removed.insert((file, import, member));
                }
            }
            if removed.len() == before {
                break;
            }
        }
        let mut unread_twins = Vec::new();
        for (&(file, import, member), &count) in &fixed {
            let Some(outline) = self.resolver.project().outline(file) else { continue };
            let Some(statement) = outline.imports.get(import as usize) else { continue };
            let Some(named) = statement.members.get(member as usize) else { continue };
            let unread = named.reads <= count;
            let typed = !unread && named.reads <= count.saturating_add(named.typing_reads);
            if !unread && !typed {
                continue;
            }
            let change = || ImportChange { import, ..ImportChange::default() };
            let change = changes.entry(file).or_default().entry(import).or_insert_with(change);
            if typed {
                change.typing.push(member);
            } else if removed.contains(&(file, import, member)) {
                change.remove.push(member);
                unread_twins.extend(twins(file, outline, import, member));
            } else if self.others(file, outline, statement, member, &|_| true) == Others::Implicit {
                change.reexport.push(member);
            }
        }
        for (file, import, member) in unread_twins {
            let change = || ImportChange { import, ..ImportChange::default() };
            changes.entry(file).or_default().entry(import).or_insert_with(change).remove.push(member);
        }
        for change in changes.values_mut().flat_map(BTreeMap::values_mut) {
            change.remove.sort_unstable();
            change.remove.dedup();
            change.reexport.sort_unstable();
        }
    }

    fn others(
        &self,
        file: FileId,
        outline: &Outline,
        import: &Import,
        member: u32,
        counts: &dyn Fn(&Need) -> bool,
    ) -> Others {
        let Some(member) = import.members.get(member as usize) else { return Others::Explicit };
        let name = member.bound(import.form);
        let in_class = outline.scopes.get(import.scope as usize).is_some_and(|scope| scope.is_class);
        let is_redundant = member.alias.as_ref().is_some_and(|alias| *alias == member.name);
        let is_public = outline.public.as_ref().is_some_and(|public| public.contains(name));
        if in_class || is_redundant || (import.scope == 0 && is_public) {
            return Others::Explicit;
        }
        if outline.named.contains(name) {
            return Others::Implicit;
        }
        if outline.offered.contains(&member.binding) {
            return Others::Explicit;
        }
        if !outline.is_module(import.scope) {
            return Others::None;
        }
        // A star brings what the module exports, and in some languages that is not every name of it.
        let starred = self.needs.starred.contains(&(file, import.scope))
            && outline.public.is_none()
            && !name.starts_with('_')
            && (import.scope != 0 || outline.exports.contains_key(name));
        // Others get what the name is once the module has run.
        let is_exported = outline.exports.get(name).is_none_or(|bindings| bindings.contains(&member.binding));
        let needs = self.needs.by_name.get(&(file, import.scope, Arc::from(name)));
        let needs = needs.filter(|_| import.scope != 0 || is_exported);
        if starred || needs.is_some_and(|needs| needs.iter().any(counts)) { Others::Implicit } else { Others::None }
    }
}

/// Members of other statements that import the same into the same scope, and that nobody reads.
fn twins(file: FileId, outline: &Outline, import: ImportId, member: u32) -> Vec<(FileId, ImportId, u32)> {
    let Some(own) = outline.imports.get(import as usize) else { return Vec::new() };
    let Some(name) = own.members.get(member as usize) else { return Vec::new() };
    let mut twins = Vec::new();
    for (id, other) in (0..).zip(&outline.imports) {
        if id == import || (other.scope, other.form, &other.module) != (own.scope, own.form, &own.module) {
            continue;
        }
        for (index, twin) in (0..).zip(&other.members) {
            if twin.reads == 0 && twin.name == name.name && twin.alias == name.alias {
                twins.push((file, id, index));
            }
        }
    }
    twins
}

/// Who else needs a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    /// Nobody.
    None,
    /// Other files, and the statement does not say so.
    Implicit,
    /// Other files or objects, as the file itself says.
    Explicit,
}

/// The module that an entity is: a file's, or one inside of a file.
fn module_of(resolver: &Resolver<'_>, entity: &Entity) -> Option<(FileId, ScopeId)> {
    match entity {
        Entity::Inner(file, scope) => Some((*file, *scope)),
        module => Some((resolver.file(module)?, 0)),
    }
}
