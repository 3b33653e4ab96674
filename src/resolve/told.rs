//! What classes are told besides the arguments of calls: by the text of a reference, and by the aliases on its way.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::layout::FileId;
use crate::outline::Call;
use crate::outline::Reference;
use crate::outline::Told;
use crate::outline::TypeArgument;
use crate::symbol;

use super::Entity;
use super::Key;
use super::Resolver;

/// One thing that a class is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generic {
    /// A class, by what its name leads to.
    Class(Entity),
    /// What an alias is told at this place, and what it says itself.
    Parameter(u32, Option<Box<Generic>>),
    /// Nothing: it is inferred.
    Open,
    /// Something that is not followed.
    Unseen,
}

impl Generic {
    /// Whether somebody else decides what it is.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open | Self::Parameter(..))
    }
}

impl Resolver<'_> {
    /// What a class is told in the end: what it was told by an alias, with what the alias itself is told.
    pub(super) fn told(
        &self,
        file: FileId,
        told: &Told,
        before: Option<Rc<[Generic]>>,
        seen: &mut FxHashSet<Key>,
    ) -> Option<Rc<[Generic]>> {
        let given: Vec<Generic> = told.arguments.iter().map(|argument| self.generic(file, argument, seen)).collect();
        let Some(before) = before else {
            return (!given.is_empty()).then(|| given.into());
        };
        let filled = before.iter().map(|generic| match generic {
            Generic::Parameter(index, default) => match (given.get(*index as usize), default) {
                (Some(given), _) => given.clone(),
                (None, _) if given.is_empty() && !told.is_type => Generic::Open,
                (None, Some(default)) if told.is_type => Generic::clone(default),
                (None, _) => Generic::Unseen,
            },
            other => other.clone(),
        });
        Some(filled.collect())
    }

    fn generic(&self, file: FileId, argument: &TypeArgument, seen: &mut FxHashSet<Key>) -> Generic {
        match argument {
            TypeArgument::Open => Generic::Open,
            TypeArgument::Unseen => Generic::Unseen,
            TypeArgument::Parameter(index, default) => {
                Generic::Parameter(*index, default.as_ref().map(|default| Box::new(self.generic(file, default, seen))))
            }
            TypeArgument::Class(reference) => {
                let outline = self.project.outline(file);
                let reference = outline.and_then(|outline| outline.references.get(*reference as usize));
                let resolved = reference.map_or_else(Vec::new, |reference| self.reference_with(file, reference, seen));
                match resolved.as_slice() {
                    [only] if matches!(only.entity, Entity::External(_) | Entity::Definition(..)) => {
                        Generic::Class(only.entity.clone())
                    }
                    _ => Generic::Unseen,
                }
            }
        }
    }
}

impl Resolver<'_> {
    /// What the class of a call is told, by the callee or by what the call must give; empty where nothing is.
    pub fn told_to(&self, file: FileId, reference: &Reference, call: &Call) -> Vec<Generic> {
        let decides = |told: &&Rc<[Generic]>| told.iter().any(|generic| !generic.is_open());
        let callees = self.reference(file, reference);
        if let Some(told) = callees.iter().filter_map(|callee| callee.told.as_ref()).find(decides) {
            return told.to_vec();
        }
        let outline = self.project.outline(file);
        let expected = call.detail().expected.and_then(|expected| outline?.references.get(expected as usize));
        let Some(expected) = expected else { return Vec::new() };
        let language = self.language(file);
        let classes: Vec<&str> = callees
            .iter()
            .filter_map(|callee| match &callee.entity {
                Entity::External(full) => symbol::split(language, full).map(|(class, _)| class),
                _ => None,
            })
            .collect();
        let expected = self.reference(file, expected);
        let same = expected.iter().filter(|resolved| match &resolved.entity {
            Entity::External(full) => classes.contains(&&**full),
            _ => false,
        });
        let told: Vec<&Rc<[Generic]>> = same.filter_map(|resolved| resolved.told.as_ref()).filter(decides).collect();
        match told.as_slice() {
            [only] => only.to_vec(),
            _ => Vec::new(),
        }
    }
}
