//! Which proposals land together, because a test replaces the name that they share.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::candidate::Candidate;
use crate::candidate::Remedy;
use crate::find;
use crate::find::Matcher;
use crate::layout::FileId;
use crate::outline::Outline;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::resolve::Entity;

use super::Planner;
use super::Proposal;

impl Planner<'_> {
    /// Ties together what a test's patch ties together, and holds back what it cannot follow.
    pub(super) fn group(&mut self, candidates: &[Candidate]) {
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
    pub(super) fn group_through(&mut self, matcher: &Matcher<'_>) {
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

    /// The module's name that a proposal's call reads, if a patch of that name would reach it.
    pub(super) fn patched_name_of(&self, proposal: &Proposal) -> Option<(FileId, Box<str>)> {
        let outline = self.resolver.project().outline(proposal.file)?;
        module_name(outline, proposal.file, outline.references.get(proposal.reference as usize)?)
    }
}

/// The module's name that a reference is, if it is nothing but that.
fn module_name(outline: &Outline, file: FileId, reference: &Reference) -> Option<(FileId, Box<str>)> {
    let root = outline.bindings.get(reference.roots.first().copied()? as usize)?;
    (root.scope == 0 && reference.attributes.is_empty()).then(|| (file, (&*reference.name).into()))
}
