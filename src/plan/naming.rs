//! Under what name a file calls the factory's function, and how the name gets there.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::language;
use crate::language::ImportChange;
use crate::language::NewImport;
use crate::layout::FileId;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::ImportId;
use crate::outline::Member;
use crate::outline::Outline;
use crate::outline::Reference;
use crate::outline::Role;
use crate::outline::ScopeId;
use crate::resolve::Entity;
use crate::rule::Replacement;

use super::Planner;
use super::Proposal;

/// A way to call the factory's function.
#[derive(Debug, Default)]
pub(super) struct Naming {
    /// What stands in the call.
    pub(super) callee: String,
    /// The name by which a patch of the module reaches the call.
    pub(super) module_name: Option<String>,
    /// Members of imports that the callee reads, where it is reached by a name that the file has already.
    pub(super) reads: Vec<(ImportId, u32)>,
    /// An import that is extended, with the name and its alias.
    extend: Option<(ImportId, (String, Option<String>))>,
    /// An import that is added, beside or in the place of these.
    add: Vec<(ImportId, NewImport)>,
}

impl Naming {
    /// Notes what must happen to a file's imports.
    pub(super) fn record(&self, changes: &mut BTreeMap<ImportId, ImportChange>) {
        let mut change = |import: ImportId, edit: &mut dyn FnMut(&mut ImportChange)| {
            let change = changes.entry(import).or_insert_with(|| ImportChange { import, ..ImportChange::default() });
            edit(change);
        };
        if let Some((import, name)) = &self.extend {
            change(*import, &mut |change| {
                if !change.extend.contains(name) {
                    change.extend.push(name.clone());
                }
            });
        }
        for (import, new) in &self.add {
            change(*import, &mut |change| {
                if !change.add.contains(new) {
                    change.add.push(new.clone());
                }
            });
        }
    }
}

/// For a scope and a function: the first import of the scope that always runs, and in whose place the function's
/// import may come.
///
/// Where calls in one scope would need both an import of their own and the module's, the module's serves both: a name
/// that a function imports is local to all of it.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    first: BTreeMap<(FileId, ScopeId, Replacement), ImportId>,
    /// Scopes from which the module's import is used.
    outer: BTreeSet<(FileId, ScopeId, Replacement)>,
}

impl Anchors {
    /// The import in whose place the function's import comes, for a call whose class comes from `import`.
    fn home(&self, outline: &Outline, proposal: &Proposal, id: ImportId, deferred: bool) -> ImportId {
        let Some(import) = outline.imports.get(id as usize) else { return id };
        let key = |scope: ScopeId| (proposal.file, scope, proposal.replacement.clone());
        let module = self.first.get(&key(0));
        match module {
            Some(&module) if deferred && self.outer.contains(&key(import.scope)) => module,
            _ => self.first.get(&key(import.scope)).map_or(id, |&first| first.min(id)),
        }
    }
}

impl Planner<'_> {
    /// Finds the anchors of a set of proposals.
    pub(super) fn anchors(&self, proposals: &[&Proposal]) -> Anchors {
        let mut anchors = Anchors::default();
        for proposal in proposals {
            let Some(outline) = self.resolver.project().outline(proposal.file) else { continue };
            let Some(reference) = outline.references.get(proposal.reference as usize) else { continue };
            for (id, _) in self.resolver.imports_behind(proposal.file, &reference.roots) {
                let Some(import) = outline.imports.get(id as usize) else { continue };
                if import.typing || !import.unconditional {
                    continue;
                }
                let key = (proposal.file, import.scope, proposal.replacement.clone());
                let anchor = anchors.first.entry(key).or_insert(id);
                *anchor = (*anchor).min(id);
                if import.scope == 0 {
                    let mut scope = Some(reference.scope);
                    while let Some(id) = scope.filter(|&id| id != 0) {
                        anchors.outer.insert((proposal.file, id, proposal.replacement.clone()));
                        scope = outline.scopes.get(id as usize).and_then(|scope| scope.parent);
                    }
                }
            }
        }
        anchors
    }

    /// Finds a name for a proposal's call; `None` where there is none.
    pub(super) fn name(&self, proposal: &Proposal, anchors: &Anchors) -> Option<Naming> {
        let project = self.resolver.project();
        let file = project.file(proposal.file)?;
        let outline = file.outline.as_ref()?;
        let reference = outline.references.get(proposal.reference as usize)?;
        let (Role::Called(call) | Role::HandedOver(call)) = &reference.role else { return None };
        let function = &proposal.replacement.function;
        let (place, factory) = self.factory(proposal.file, &proposal.replacement)?;
        let module = self.request_for(proposal.file, &place).ok()?;
        if language::by_id(file.language)?.calls_by_path() {
            let callee = language::by_id(file.language)?.path(&module, function);
            return Some(Naming { callee, ..Naming::default() });
        }
        let factory = factory.file;
        for (name, roots) in &call.detail().visible {
            if let Some(callee) = self.existing(proposal.file, outline, name, roots, factory, &module, function) {
                let reads = roots.iter().flat_map(|&root| outline.layers(root));
                let reads = reads.filter_map(|root| outline.member(root)).collect();
                return Some(Naming { module_name: Some(callee.clone()), callee, reads, ..Naming::default() });
            }
        }
        let sources = self.resolver.imports_behind(proposal.file, &reference.roots);
        let sources: Vec<ImportId> = sources.into_iter().map(|(import, _)| import).collect();
        let usable = |id: &ImportId| outline.imports.get(*id as usize).is_some_and(|import| !import.typing);
        let mut sources: Vec<ImportId> = sources.into_iter().filter(usable).collect();
        sources.dedup();
        let extended = (0..)
            .zip(&outline.imports)
            .find(|(_, import)| self.is_extensible(proposal.file, import, reference, factory, &module));
        // One import serves all calls of its scope where it surely runs before theirs would.
        let mut places: Vec<ImportId> =
            sources.iter().map(|&id| anchors.home(outline, proposal, id, reference.deferred)).collect();
        places.sort_unstable();
        places.dedup();
        let homes: Vec<ScopeId> = match &extended {
            Some((_, import)) => vec![import.scope],
            None => places.iter().filter_map(|&id| Some(outline.imports.get(id as usize)?.scope)).collect(),
        };
        let alias = self.alias(proposal.file, outline, function, &homes);
        let callee = alias.clone().unwrap_or_else(|| function.clone());
        let in_module = homes.iter().all(|&scope| scope == 0);
        let module_name = in_module.then(|| callee.clone());
        if let Some((id, _)) = extended {
            let extend = Some((id, (function.clone(), alias)));
            return Some(Naming { callee, module_name, extend, ..Naming::default() });
        }
        let new = NewImport { module, name: function.clone(), alias };
        let add: Vec<_> = places.into_iter().map(|id| (id, new.clone())).collect();
        (!add.is_empty()).then_some(Naming { callee, module_name, add, ..Naming::default() })
    }

    /// How a name that is visible at the call leads to the function.
    #[expect(clippy::too_many_arguments, reason = "all of it is the question")]
    fn existing(
        &self,
        file: FileId,
        outline: &Outline,
        name: &str,
        roots: &[BindingId],
        factory: Option<FileId>,
        module: &str,
        function: &str,
    ) -> Option<String> {
        let mut callee: Option<String> = None;
        for &root in roots {
            let binding = outline.bindings.get(root as usize)?;
            if matches!(binding.kind, BindingKind::Star(_)) && self.resolver.bound(file, root, name).is_empty() {
                continue;
            }
            let BindingKind::Import(import, member) = binding.kind else { return None };
            if binding.typing {
                return None;
            }
            let import = outline.imports.get(import as usize)?;
            let member = import.members.get(member as usize)?;
            let found = match (import.form, factory) {
                (ImportForm::From, _) if self.is_module(file, &import.module, factory, module) => match &*member.name {
                    Member::NAMESPACE | Member::WHOLE => Some(format!("{name}.{function}")),
                    brought => (*brought == *function).then(|| name.to_owned()),
                },
                (ImportForm::From, Some(factory)) => {
                    let resolved = self.resolver.bound(file, root, name);
                    let leads = |entity: &Entity| self.resolver.file(entity) == Some(factory);
                    match &*resolved {
                        [only] if leads(&only.entity) => Some(format!("{name}.{function}")),
                        [only] if self.is_factory_function(&only.entity, factory, function) => Some(name.to_owned()),
                        _ => None,
                    }
                }
                (ImportForm::From, None) => {
                    let full = format!("{}.{}", import.module, member.name);
                    (full == module).then(|| format!("{name}.{function}"))
                }
                (ImportForm::Module, _) if self.is_module(file, &member.name, factory, module) => match &member.alias {
                    Some(alias) => Some(format!("{alias}.{function}")),
                    None => Some(format!("{}.{function}", member.name)),
                },
                _ => None,
            };
            // `import a` and `import a.factory` bind one name: either may be what is meant.
            match found {
                Some(found) => callee = Some(found),
                None if import.form == ImportForm::Module && member.alias.is_none() => {}
                None => return None,
            }
        }
        callee
    }

    fn is_module(&self, file: FileId, request: &str, factory: Option<FileId>, module: &str) -> bool {
        match factory {
            Some(factory) => self.resolver.file(&self.resolver.request(file, request)) == Some(factory),
            None => request == module,
        }
    }

    /// Whether an import of the factory may be extended for a call.
    fn is_extensible(
        &self,
        file: FileId,
        import: &Import,
        reference: &Reference,
        factory: Option<FileId>,
        module: &str,
    ) -> bool {
        let runs_before = import.span.end <= reference.span.start;
        let reaches = (import.scope == 0 && (reference.deferred || runs_before))
            || (import.scope == reference.scope && runs_before);
        let source = self.source_of(file).zip(language::by_id(self.resolver.language(file)));
        import.form == ImportForm::From
            && source.is_none_or(|(source, language)| language.can_extend(source, import))
            && import.unconditional
            && !import.typing
            && reaches
            && self.is_module(file, &import.module, factory, module)
    }

    /// Another name for a function where its own is taken anywhere that a call of it may stand.
    fn alias(&self, file: FileId, outline: &Outline, function: &str, homes: &[ScopeId]) -> Option<String> {
        let mut scopes: Vec<ScopeId> = homes.to_vec();
        for proposal in self.proposals.iter().filter(|p| p.file == file && p.replacement.function == function) {
            let reference = outline.references.get(proposal.reference as usize);
            let mut scope = reference.map(|reference| reference.scope);
            let mut inner = true;
            while let Some(id) = scope {
                let Some(found) = outline.scopes.get(id as usize) else { break };
                // A class body's names are seen by the class body alone.
                if !found.is_class || inner {
                    scopes.push(id);
                }
                inner = false;
                scope = found.parent;
            }
        }
        let starred = |name: &str| {
            let stars = outline.exports.get("*").into_iter().flatten();
            stars.into_iter().any(|&star| !self.resolver.bound(file, star, name).is_empty())
        };
        let taken = |name: &str| {
            starred(name)
                || scopes
                    .iter()
                    .filter_map(|&id| outline.scopes.get(id as usize))
                    .any(|scope| scope.watched.contains(name))
                || outline.unbound.contains(name)
        };
        if !taken(function) {
            return None;
        }
        let alias = format!("factory_{function}");
        let numbered = (2..).map(|number| format!("{alias}_{number}"));
        std::iter::once(alias.clone()).chain(numbered).take(1000).find(|name| !taken(name))
    }
}
