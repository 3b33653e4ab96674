//! From findings to what each file becomes.
//!
//! A proposal is a call that may become a call of the factory. Proposals that a test's patch ties together land
//! together. [`Planner::edits`] says what a set of them changes, applied alone; the whole plan is the set of them all,
//! outlined again and refused where it breaks something.

mod context;
mod factory;
mod naming;
mod needs;
mod patches;
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
use crate::edit::splice;
use crate::find;
use crate::find::Matcher;
use crate::finding::Standing;
use crate::language;
use crate::language::FactoryPlace;
use crate::language::ImportChange;
use crate::language::Language;
use crate::language::Watch;
use crate::layout::FileId;
use crate::outline::Call;
use crate::outline::ImportId;
use crate::outline::Outline;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::project::Factory;
use crate::resolve::Entity;
use crate::resolve::Resolver;
use crate::rule::Replacement;
use crate::source::LanguageId;
use crate::source::SourceFile;
use crate::source::Span;

use context::Absence;
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

    fn propose(
        &mut self,
        index: usize,
        candidate: &Candidate,
        reference_id: ReferenceId,
        replacement: &Replacement,
        assume: bool,
    ) -> Result<Proposal, String> {
        let missing = || "the place was not read".to_owned();
        let file = self.resolver.project().file(candidate.file).ok_or_else(missing)?;
        let outline = file.outline.as_ref().ok_or_else(missing)?;
        let reference = outline.references.get(reference_id as usize).ok_or_else(missing)?;
        let (Role::Called(call) | Role::HandedOver(call)) = &reference.role else { return Err(missing()) };
        let context = self.contexts.get(&file.language);
        let argument = context.map_or("", |context| context.argument.as_str());
        let verdict = self.ask_factory(candidate.file, replacement, call, argument, assume)?;
        let imports = self.resolver.imports_behind(candidate.file, &reference.roots);
        let usable =
            |(import, _): &(ImportId, u32)| outline.imports.get(*import as usize).is_some_and(|import| !import.typing);
        let by_path = language::by_id(file.language).is_some_and(Language::calls_by_path);
        if !by_path && !imports.iter().any(usable) {
            return Err(format!("`{}` does not come from an import of this file", reference.name));
        }
        let mut note = verdict.note;
        let mut source = None;
        let handed_over = matches!(reference.role, Role::HandedOver(_));
        if handed_over {
            if verdict.needs_context {
                return Err(format!("`{}` needs `{argument}`, which is not given here", replacement.function));
            }
        } else if verdict.takes_context
            && let Some(context) = context
            && !call.keywords.iter().any(|keyword| **keyword == *argument)
        {
            match self.classes.source(candidate.file, call, &context.sources) {
                Ok(found) => source = Some(found.to_owned()),
                Err(_) if verdict.needs_context => {
                    return Err(format!(
                        "`{}` needs `{argument}`, and nothing here is sure to hold it",
                        replacement.function
                    ));
                }
                Err(Absence::Perhaps(name)) => {
                    note.get_or_insert(format!("no `{argument}` is passed: `{name}` might not be set here"));
                }
                Err(Absence::Never) => {
                    note.get_or_insert(format!("no `{argument}` is passed: none is in scope here"));
                }
            }
        }
        Ok(Proposal {
            candidate: index,
            file: candidate.file,
            reference: reference_id,
            replacement: replacement.clone(),
            source,
            applicability: verdict.applicability,
            note,
        })
    }

    fn ask_factory(
        &mut self,
        file: FileId,
        replacement: &Replacement,
        call: &Call,
        argument: &str,
        assume: bool,
    ) -> Result<factory::Verdict, String> {
        let project = self.resolver.project();
        let missing = || "no factory is configured for this language".to_owned();
        let (place, factory) = self.factory(file, replacement).ok_or_else(missing)?;
        let module = place.module;
        let Some(factory_file) = factory.file else {
            if replacement.module.is_some() {
                let mut verdict = factory::Verdict::assumed();
                verdict.applicability = Applicability::Unsafe;
                verdict.note = Some(format!("`{module}` is not in this project, so its signature cannot be read"));
                return Ok(verdict);
            }
            if assume {
                return Ok(factory::Verdict::assumed());
            }
            self.without_factory += 1;
            return Err(format!("no factory `{module}` in this project; run `qmigrate init`"));
        };
        if factory.runs.contains(&file) {
            return Err(format!("`{module}` imports this module, so importing it here would be circular"));
        }
        let below = project.file(file).is_some_and(|file| file.path.starts_with(&factory.root));
        if self.request_for(file, &place).is_none() || (!below && !self.imports_factory(file, factory_file)) {
            let root = factory.root.strip_prefix(&project.root).unwrap_or(&factory.root);
            return Err(format!("`{module}` can only be imported below `{}`", root.display()));
        }
        factory::ask(self.resolver, factory, factory_file, &replacement.function, call, argument)
    }

    /// The factory that a replacement in a file leads to, and where it lies.
    fn factory(&self, file: FileId, replacement: &Replacement) -> Option<(FactoryPlace<'a>, &'a Factory)> {
        let project = self.resolver.project();
        let from = project.file(file)?;
        let own = || project.factories.iter().find(|factory| factory.language == from.language);
        let module = match &replacement.module {
            Some(module) => module,
            None => &own()?.module,
        };
        let factory = project.factory(from.language, module, &from.path)?;
        let file = factory.file.and_then(|file| Some(&*project.file(file)?.path));
        Some((FactoryPlace { module: &factory.module, file, root: &factory.root }, factory))
    }

    /// How a file asks for the factory's module.
    fn request_for(&self, file: FileId, place: &FactoryPlace<'_>) -> Option<String> {
        let project = self.resolver.project();
        let file = project.file(file)?;
        language::by_id(file.language)?.factory_request(&file.path, place, &project.layout)
    }

    fn imports_factory(&self, file: FileId, factory: FileId) -> bool {
        let Some(outline) = self.resolver.project().outline(file) else { return false };
        outline.imports.iter().any(|import| {
            let mut requests = vec![import.module.to_string()];
            requests.extend(import.members.iter().map(|member| {
                if import.module.is_empty() {
                    member.name.to_string()
                } else {
                    format!("{}.{}", import.module, member.name)
                }
            }));
            let mut entities = requests.iter().filter(|r| !r.is_empty()).map(|r| self.resolver.request(file, r));
            entities.any(|entity| self.resolver.file(&entity) == Some(factory))
        })
    }

    /// Ties together what a test's patch ties together, and holds back what it cannot follow.
    fn group(&mut self, candidates: &[Candidate]) {
        let mut by_name: BTreeMap<(FileId, Box<str>), Vec<usize>> = BTreeMap::new();
        for (index, candidate) in candidates.iter().enumerate() {
            if let Some(name) = self.patched_name(candidate) {
                by_name.entry(name).or_default().push(index);
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (name, members) in by_name {
            let Some(patches) = self.patches.of(&name) else { continue };
            let patches = patches.to_vec();
            let fixable: Option<Vec<usize>> = members
                .iter()
                .map(|&index| self.outcomes.get(index).and_then(|outcome| outcome.as_ref().ok().copied()))
                .collect();
            let functions: BTreeSet<_> = members
                .iter()
                .filter_map(|&index| self.outcomes.get(index)?.as_ref().ok())
                .filter_map(|&proposal| Some(&self.proposals.get(proposal)?.replacement))
                .collect();
            let place = patches.first().map(|patch| self.describe(patch)).unwrap_or_default();
            let refusal = if fixable.is_none() {
                Some(format!("a test replaces `{}` here ({place}), and not every call of it can be fixed", name.1))
            } else if functions.len() > 1 {
                Some(format!("a test replaces `{}` here ({place}), and its calls need different functions", name.1))
            } else {
                patches.iter().find(|patch| !self.can_rewrite(patch)).map(|patch| {
                    format!(
                        "a test replaces `{}` here in a way that cannot be rewritten ({})",
                        name.1,
                        self.describe(patch)
                    )
                })
            };
            if let Some(why) = refusal {
                for index in members {
                    if let Some(outcome) = self.outcomes.get_mut(index)
                        && outcome.is_ok()
                    {
                        *outcome = Err(why.clone());
                    }
                }
                continue;
            }
            let group = fixable.unwrap_or_default();
            for &proposal in &group {
                groups.insert(proposal, group.clone());
            }
        }
        self.groups =
            (0..self.proposals.len()).map(|index| groups.remove(&index).unwrap_or_else(|| vec![index])).collect();
    }

    /// Ties together the calls of a module that a patch of the SDK's class through that module's name reaches, where it
    /// reaches nothing else: neither the factory nor any other construction looks the class up.
    fn group_through(&mut self, matcher: &Matcher<'_>) {
        let mut by_name: BTreeMap<(FileId, Box<str>, Box<str>), Vec<usize>> = BTreeMap::new();
        for (index, proposal) in self.proposals.iter().enumerate() {
            let alive = self.outcomes.get(proposal.candidate).is_some_and(Result::is_ok);
            if let Some(key) = self.through_of(proposal.file, proposal.reference).filter(|_| alive)
                && !self.patches.through(key.0, &key.1, &key.2).is_empty()
            {
                by_name.entry(key).or_default().push(index);
            }
        }
        for (key, group) in by_name {
            let own: BTreeSet<(FileId, ReferenceId)> =
                group.iter().filter_map(|&index| self.proposals.get(index)).map(|p| (p.file, p.reference)).collect();
            let functions: BTreeSet<_> =
                group.iter().filter_map(|&index| self.proposals.get(index)).map(|p| &p.replacement).collect();
            let symbols: BTreeSet<String> = own
                .iter()
                .filter_map(|&(file, reference)| {
                    let outline = self.resolver.project().outline(file)?;
                    Some(self.resolver.reference(file, outline.references.get(reference as usize)?))
                })
                .flatten()
                .filter_map(|resolved| match resolved.entity {
                    Entity::External(symbol) => Some(symbol.to_string()),
                    _ => None,
                })
                .collect();
            let others = |file: FileId, reference: ReferenceId| !own.contains(&(file, reference));
            let elsewhere = find::looked_up(self.resolver, matcher, &others);
            let rewritable = self.patches.through(key.0, &key.1, &key.2).iter().all(|patch| self.can_rewrite(patch));
            if functions.len() > 1 || !rewritable || symbols.iter().any(|symbol| elsewhere.contains(symbol)) {
                continue;
            }
            for &index in &group {
                if let Some(place) = self.groups.get_mut(index) {
                    place.extend(&group);
                    place.sort_unstable();
                    place.dedup();
                }
            }
            self.only_here.insert(key);
        }
    }

    /// The module's name that a candidate calls, if a patch of that name would reach the call.
    fn patched_name(&self, candidate: &Candidate) -> Option<(FileId, Box<str>)> {
        let outline = self.resolver.project().outline(candidate.file)?;
        let reference = match &candidate.remedy {
            Remedy::Replace(reference, _) => outline.references.get(*reference as usize)?,
            Remedy::Report(_) => outline.references.iter().find(|reference| match &reference.role {
                Role::Called(call) => call.span == candidate.span,
                Role::CalledInExpression(span) => *span == candidate.span,
                Role::HandedOver(_) => reference.span == candidate.span,
                _ => false,
            })?,
        };
        module_name(outline, candidate.file, reference)
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
        let edits = edits.into_iter().flat_map(|(file, edits)| {
            let path = self.resolver.project().file(file).map(|file| Arc::clone(&file.path));
            edits.into_iter().filter_map(move |(span, text)| Some(Edit { path: path.clone()?, span, text }))
        });
        let mut edits: Vec<Edit> = edits.collect();
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
        for proposal in &proposals {
            let naming = self.name(proposal, &anchors)?;
            let file = self.resolver.project().file(proposal.file)?;
            let outline = file.outline.as_ref()?;
            let reference = outline.references.get(proposal.reference as usize)?;
            let own = edits.entry(proposal.file).or_default();
            let (Role::Called(call) | Role::HandedOver(call)) = &reference.role else { return None };
            own.push((call.callee.unwrap_or(reference.span), naming.callee.clone()));
            own.extend(call.mend.iter().cloned());
            if let (Role::Called(_), Some(source)) = (&reference.role, &proposal.source) {
                let language = language::by_id(file.language)?;
                let name = self.contexts.get(&file.language).map_or("", |context| context.argument.as_str());
                let argument = language.argument(name, source);
                let added = call.append.iter();
                own.extend(added.map(|(span, text)| (*span, text.replace("{}", &argument))));
            }
            let changes = changes.entry(proposal.file).or_default();
            naming.record(changes);
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
        self.remove_unneeded(&proposals, &mut changes);
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

    /// The module's name that a proposal's call reads, if a patch of that name would reach it.
    fn patched_name_of(&self, proposal: &Proposal) -> Option<(FileId, Box<str>)> {
        let outline = self.resolver.project().outline(proposal.file)?;
        module_name(outline, proposal.file, outline.references.get(proposal.reference as usize)?)
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

/// The module's name that a reference is, if it is nothing but that.
fn module_name(outline: &Outline, file: FileId, reference: &Reference) -> Option<(FileId, Box<str>)> {
    let root = outline.bindings.get(reference.roots.first().copied()? as usize)?;
    (root.scope == 0 && reference.attributes.is_empty()).then(|| (file, reference.name.clone()))
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

/// The bytes of a file with edits.
fn edited(source: &SourceFile, edits: &[(Span, String)]) -> Option<Vec<u8>> {
    splice(source.bytes(), edits.iter().map(|(span, text)| (*span, text.as_str())))
}
