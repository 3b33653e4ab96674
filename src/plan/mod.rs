//! From findings to what each file becomes.
//!
//! A proposal is a call that may become a call of the factory. Proposals that a test's patch ties together land
//! together. [`Planner::edits`] says what a set of them changes, applied alone; the whole plan is the set of them all,
//! outlined again and refused where it breaks something.

mod context;
mod factory;
mod groups;
mod naming;
mod needs;
mod patches;
mod propose;
pub mod suppress;
mod verify;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::candidate::Candidate;
use crate::candidate::Remedy;
use crate::config::Context;
use crate::edit::Applicability;
use crate::edit::Change;
use crate::edit::Edit;
use crate::edit::Fix;
use crate::edit::Held;
use crate::edit::Plan;
use crate::find::Matcher;
use crate::finding::Standing;
use crate::language;
use crate::language::ImportChange;
use crate::language::Watch;
use crate::layout::FileId;
use crate::outline::ImportId;
use crate::outline::Outline;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::resolve::Entity;
use crate::resolve::Resolver;
use crate::rule::Replacement;
use crate::source::LanguageId;
use crate::source::SourceFile;
use crate::source::Span;

use context::Classes;
use needs::Needs;
use patches::Patches;

/// A call that may become a call of the factory.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The candidate, by its place in the list.
    pub candidate: usize,
    /// The file.
    pub file: FileId,
    /// The name that is called.
    pub reference: ReferenceId,
    /// What is called instead.
    pub replacement: Replacement,
    /// What the factory is told: the expression.
    pub source: Option<String>,
    /// The place of that argument, in a language that knows arguments by their places.
    pub place: Option<usize>,
    /// How far the call may be trusted to work.
    pub applicability: Applicability,
    /// What a reader should know.
    pub note: Option<String>,
}

/// The edits of a set of proposals, by file.
pub type Edits = BTreeMap<FileId, Vec<(Span, String)>>;

/// Everything that planning needs to know.
#[derive(Debug)]
pub struct Planner<'a> {
    resolver: &'a Resolver<'a>,
    contexts: &'a BTreeMap<LanguageId, Context>,
    classes: Classes<'a>,
    needs: Needs,
    patches: Patches,
    proposals: Vec<Proposal>,
    /// For each candidate: its proposal, or why there is none.
    outcomes: Vec<Result<usize, String>>,
    /// For each proposal: those that land with it, itself included.
    groups: Vec<Vec<usize>>,
    /// Names of packages through which only fixable calls of one module read a class each time they run.
    only_here: BTreeSet<(FileId, Box<str>, Box<str>)>,
    /// Candidates that have no fix for want of a factory.
    pub without_factory: usize,
}

impl<'a> Planner<'a> {
    /// Judges which candidates can be fixed. Where a factory is missing, `assume` says to plan as if it were there.
    pub fn new(
        resolver: &'a Resolver<'a>,
        matcher: &Matcher<'_>,
        contexts: &'a BTreeMap<LanguageId, Context>,
        candidates: &[Candidate],
        standings: &[Standing],
        assume: bool,
    ) -> Self {
        let mut planner = Self {
            resolver,
            contexts,
            classes: Classes::new(resolver),
            needs: Needs::new(resolver),
            patches: Patches::new(resolver),
            proposals: Vec::new(),
            outcomes: Vec::new(),
            groups: Vec::new(),
            only_here: BTreeSet::new(),
            without_factory: 0,
        };
        for (index, candidate) in candidates.iter().enumerate() {
            let outcome = match (&candidate.remedy, standings.get(index)) {
                (Remedy::Report(why), _) => Err(why.clone()),
                (_, Some(Standing::Suppressed { .. })) => Err("suppressed by a comment".to_owned()),
                (Remedy::Replace(reference, replacement), _) => {
                    planner.propose(index, candidate, *reference, replacement, assume)
                }
            };
            let outcome = outcome.map(|proposal| {
                planner.proposals.push(proposal);
                planner.proposals.len() - 1
            });
            planner.outcomes.push(outcome);
        }
        planner.group(candidates);
        planner.group_through(matcher);
        planner
    }

    /// What has become of a candidate: its proposal.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn outcome(&self, candidate: usize) -> Result<&Proposal, &str> {
        match self.outcomes.get(candidate) {
            Some(Ok(proposal)) => self.proposals.get(*proposal).ok_or("it was dropped"),
            Some(Err(why)) => Err(why),
            None => Err("it was not judged"),
        }
    }

    /// The fix of one candidate, which may carry others that cannot land without it.
    pub fn fix(&self, candidate: usize) -> Option<Fix> {
        let Ok(&index) = self.outcomes.get(candidate)?.as_ref() else { return None };
        let proposal = self.proposals.get(index)?;
        let group = self.groups.get(index)?;
        let edits = self.edits(group)?;
        let applicability = group.iter().filter_map(|&p| Some(self.proposals.get(p)?.applicability)).max();
        let edits: Option<Vec<Vec<Edit>>> = edits.into_iter().map(|(file, edits)| self.shown(file, edits)).collect();
        let mut edits: Vec<Edit> = edits?.into_iter().flatten().collect();
        edits.sort();
        edits.dedup();
        let title = match &proposal.source {
            Some(source) => format!("call `{}` with `{source}`", proposal.replacement.function),
            None => format!("call `{}`", proposal.replacement.function),
        };
        let title = match &proposal.note {
            Some(note) => format!("{title}; {note}"),
            None => title,
        };
        Some(Fix { applicability: applicability.unwrap_or(proposal.applicability), title, edits })
    }

    /// Edits of a file as a reader sees them: in a notebook, by cell.
    fn shown(&self, file: FileId, edits: Vec<(Span, String)>) -> Option<Vec<Edit>> {
        let path = &self.resolver.project().file(file)?.path;
        let edit = |cell: Option<u32>, span: Span, text: String| Edit { path: Arc::clone(path), cell, span, text };
        let source = self.source_of(file)?;
        let Some(notebook) = source.notebook() else {
            return Some(edits.into_iter().map(|(span, text)| edit(None, span, text)).collect());
        };
        let edits = notebook.localise(source.text(), &edits)?;
        Some(edits.into_iter().map(|local| edit(Some(local.cell), local.span, local.text)).collect())
    }

    /// Plans all fixes in force; `agrees`, if there is one, is shown each by itself and may decline it; drops what breaks a file, with the reason.
    pub fn plan(
        &mut self,
        unsafe_fixes: bool,
        in_scope: &dyn Fn(usize) -> bool,
        agrees: Option<&mut (dyn FnMut(&Plan) -> bool + Send)>,
        watches: &[(LanguageId, Watch)],
    ) -> Plan {
        if let Some(agrees) = agrees {
            self.decline(unsafe_fixes, in_scope, agrees, watches);
        }
        let mut held = BTreeMap::new();
        for _ in 0..16 {
            let chosen = self.chosen(unsafe_fixes, in_scope);
            let Some(edits) = self.edits(&chosen) else { return Plan::default() };
            let (changes, refused) = verify::changes(self.resolver, &edits, watches);
            if refused.is_empty() {
                let units = self.units(&chosen, &edits);
                return finish(changes, &units, held);
            }
            for (file, reason) in refused {
                self.drop_file(file, &reason);
                if let Some(file) = self.resolver.project().file(file) {
                    held.insert(file.path.to_path_buf(), reason);
                }
            }
        }
        Plan::default()
    }

    /// Shows each group of proposals by itself, and drops those that are declined.
    fn decline(
        &mut self,
        unsafe_fixes: bool,
        in_scope: &dyn Fn(usize) -> bool,
        agrees: &mut (dyn FnMut(&Plan) -> bool + Send),
        watches: &[(LanguageId, Watch)],
    ) {
        let mut seen = BTreeSet::new();
        for index in self.chosen(unsafe_fixes, in_scope) {
            let group = self.groups.get(index).cloned().unwrap_or_default();
            if !seen.insert(group.clone()) {
                continue;
            }
            let Some(edits) = self.edits(&group) else { continue };
            let (changes, refused) = verify::changes(self.resolver, &edits, watches);
            if refused.is_empty() && agrees(&finish(changes, &BTreeMap::new(), BTreeMap::new())) {
                continue;
            }
            for member in group.iter().filter_map(|&member| self.proposals.get(member)) {
                if let Some(outcome) = self.outcomes.get_mut(member.candidate).filter(|_| refused.is_empty()) {
                    *outcome = Err("not chosen".to_owned());
                }
            }
        }
    }

    fn chosen(&self, unsafe_fixes: bool, in_scope: &dyn Fn(usize) -> bool) -> Vec<usize> {
        let wanted = |proposal: &Proposal| unsafe_fixes || proposal.applicability == Applicability::Safe;
        let alive = |index: usize| {
            self.proposals.get(index).is_some_and(|proposal| {
                wanted(proposal) && self.outcomes.get(proposal.candidate).is_some_and(Result::is_ok)
            })
        };
        let groups = self.groups.iter().enumerate();
        let chosen = groups.filter(|(_, group)| {
            group.iter().all(|&member| alive(member))
                && group.iter().any(|&member| self.proposals.get(member).is_some_and(|p| in_scope(p.candidate)))
        });
        chosen.map(|(index, _)| index).collect()
    }

    /// Drops every proposal that touches a file.
    fn drop_file(&mut self, file: FileId, reason: &str) {
        for index in 0..self.proposals.len() {
            let group = self.groups.get(index).cloned().unwrap_or_default();
            let touches = self.edits(&group).is_none_or(|edits| edits.contains_key(&file));
            let Some(proposal) = self.proposals.get(index) else { continue };
            if touches && let Some(outcome) = self.outcomes.get_mut(proposal.candidate) {
                *outcome = Err(reason.to_owned());
            }
        }
    }

    /// The files that must land together: those of one fix, and so on through shared files.
    fn units(&self, chosen: &[usize], edits: &Edits) -> BTreeMap<FileId, usize> {
        let mut units: BTreeMap<FileId, usize> = edits.keys().copied().zip(0..).collect();
        for &index in chosen {
            let group = self.groups.get(index).map_or(&[][..], Vec::as_slice);
            let Some(own) = self.edits(group).filter(|own| own.len() > 1) else { continue };
            let members: Vec<usize> = own.keys().filter_map(|file| units.get(file).copied()).collect();
            let Some(&least) = members.iter().min() else { continue };
            for unit in units.values_mut().filter(|unit| members.contains(unit)) {
                *unit = least;
            }
        }
        units
    }

    /// What a set of proposals changes; `None` where its edits contradict each other.
    pub fn edits(&self, chosen: &[usize]) -> Option<Edits> {
        let proposals: Vec<&Proposal> = chosen.iter().filter_map(|&index| self.proposals.get(index)).collect();
        let anchors = self.anchors(&proposals);
        let mut edits: Edits = BTreeMap::new();
        let mut changes: BTreeMap<FileId, BTreeMap<ImportId, ImportChange>> = BTreeMap::new();
        let mut kept = BTreeSet::new();
        for proposal in &proposals {
            let naming = self.name(proposal, &anchors)?;
            let file = self.resolver.project().file(proposal.file)?;
            let outline = file.outline.as_ref()?;
            let reference = outline.references.get(proposal.reference as usize)?;
            let own = edits.entry(proposal.file).or_default();
            let (Role::Called(call) | Role::HandedOver(call)) = &reference.role else { return None };
            own.push((call.detail().callee.unwrap_or(reference.span), naming.callee.clone()));
            let adds = proposal.source.is_some();
            let replaced = |span: &Span| adds && call.append.iter().any(|(other, _)| other == span);
            own.extend(call.detail().mend.iter().filter(|(span, _)| !replaced(span)).cloned());
            if let (Role::Called(_), Some(source)) = (&reference.role, &proposal.source) {
                let language = language::by_id(file.language)?;
                let name = self.contexts.get(&file.language).map_or("", |context| context.argument.as_str());
                let argument = language.argument(name, source);
                let slots = call.detail().places.as_ref().map_or(&[][..], |places| &places.slots);
                let slot = proposal.place.and_then(|place| slots.get(place)).or(slots.last());
                let added = call.append.iter().chain(slot);
                own.extend(added.map(|(span, text)| (*span, text.replace("{}", &argument))));
            }
            let changes = changes.entry(proposal.file).or_default();
            naming.record(changes);
            kept.extend(naming.reads.iter().map(|&(import, member)| (proposal.file, import, member)));
            if let Some(name) = &naming.module_name
                && let Some(old) = self.patched_name_of(proposal)
            {
                for patch in self.patches.of(&old).unwrap_or_default() {
                    edits.entry(patch.file).or_default().push((patch.name?, name.clone()));
                }
            }
            if let Some(name) = &naming.module_name {
                for patch in self.seen_through(proposal) {
                    edits.entry(patch.file).or_default().push((patch.name?, name.clone()));
                }
            }
        }
        self.remove_unneeded(&proposals, &kept, &mut changes);
        for (id, changes) in changes {
            let file = self.resolver.project().file(id)?;
            let (outline, source) = (file.outline.as_ref()?, file.source.as_deref()?);
            let language = language::by_id(file.language)?;
            let own = edits.entry(id).or_default();
            for change in keep_blocks(outline, changes) {
                own.extend(language.edit_import(source, outline, &change));
            }
        }
        for edits in edits.values_mut() {
            edits.sort();
            edits.dedup();
        }
        edits.retain(|_, edits| !edits.is_empty());
        Some(edits)
    }

    fn source_of(&self, file: FileId) -> Option<&Arc<SourceFile>> {
        self.resolver.project().file(file)?.source.as_ref()
    }

    /// Whether a name leads to this file's function of the factory.
    fn is_factory_function(&self, entity: &Entity, factory: FileId, function: &str) -> bool {
        let exported = self.resolver.export(factory, function);
        exported.iter().any(|resolved| resolved.entity == *entity)
    }
}

/// Marks the deletion that would leave a block empty.
fn keep_blocks(outline: &Outline, changes: BTreeMap<ImportId, ImportChange>) -> Vec<ImportChange> {
    let mut gone: BTreeMap<u32, u32> = BTreeMap::new();
    let mut changes: Vec<ImportChange> = changes.into_values().collect();
    for change in &mut changes {
        let Some(import) = outline.imports.get(change.import as usize) else { continue };
        let deleted = change.remove.len() == import.members.len() && change.add.is_empty() && change.extend.is_empty();
        if !deleted || import.block_length == 0 {
            continue;
        }
        let count = gone.entry(import.block).or_default();
        *count += 1;
        change.keeps_block = *count >= import.block_length;
    }
    changes
}

fn finish(
    changes: Vec<(FileId, std::path::PathBuf, Vec<u8>, Vec<u8>)>,
    units: &BTreeMap<FileId, usize>,
    held: BTreeMap<std::path::PathBuf, String>,
) -> Plan {
    let mut changes: Vec<Change> = changes
        .into_iter()
        .map(|(file, path, before, after)| Change { path, before, after, unit: units.get(&file).copied().unwrap_or(0) })
        .collect();
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    let held = held.into_iter().map(|(path, reason)| Held { path, reason }).collect();
    Plan { changes, held }
}
