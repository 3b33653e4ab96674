//! Which source of the context, if any, holds a value at a call.

use std::cell::RefCell;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::layout::FileId;
use crate::outline::Availability;
use crate::outline::Base;
use crate::outline::Call;
use crate::outline::Class;
use crate::outline::DefinitionId;
use crate::outline::DefinitionKind;
use crate::outline::Held;
use crate::outline::ReferenceId;
use crate::resolve::Entity;
use crate::resolve::Resolver;

type ClassId = (FileId, DefinitionId);

/// The classes of a project, and who inherits from whom.
#[derive(Debug)]
pub(super) struct Classes<'a> {
    resolver: &'a Resolver<'a>,
    children: FxHashMap<ClassId, Vec<ClassId>>,
    deleted: FxHashSet<&'a str>,
    known: RefCell<FxHashMap<(ClassId, usize), bool>>,
}

impl<'a> Classes<'a> {
    pub(super) fn new(resolver: &'a Resolver<'a>) -> Self {
        let mut children: FxHashMap<ClassId, Vec<ClassId>> = FxHashMap::default();
        let mut deleted = FxHashSet::default();
        for (file, _, outline) in resolver.project().outlines() {
            deleted.extend(outline.deleted.iter().map(|name| &**name));
            for (id, definition) in (0..).zip(&outline.definitions) {
                let DefinitionKind::Class(class) = &definition.kind else { continue };
                for base in bases(resolver, file, class).into_iter().flatten() {
                    children.entry(base).or_default().push((file, id));
                }
            }
        }
        Self { resolver, children, deleted, known: RefCell::default() }
    }

    fn class(&self, (file, id): ClassId) -> Option<&'a Class> {
        match &self.resolver.project().outline(file)?.definitions.get(id as usize)?.kind {
            DefinitionKind::Class(class) => Some(class),
            DefinitionKind::Function(_) => None,
        }
    }

    /// Whether objects of a class always have the attribute that the `source`th source names, `name`.
    fn has(&self, id: ClassId, source: usize, name: &str) -> bool {
        if self.deleted.contains(name) {
            return false;
        }
        if let Some(&known) = self.known.borrow().get(&(id, source)) {
            return known;
        }
        // A class that inherits from itself has nothing.
        self.known.borrow_mut().insert((id, source), false);
        let has = self.own(id, source, name) && self.subclasses_keep(id, source, &mut FxHashSet::default());
        self.known.borrow_mut().insert((id, source), has);
        has
    }

    fn own(&self, id: ClassId, source: usize, name: &str) -> bool {
        let Some(class) = self.class(id) else { return false };
        let Some(attribute) = class.attributes.get(source) else { return false };
        if class.intercepts {
            return false;
        }
        if attribute.in_class {
            return true;
        }
        if !self.is_plainly_made(id, 0) {
            return false;
        }
        let by_fields = attribute.field && self.has_fields(id, 0);
        let Some(init) = &class.init else {
            return by_fields || self.inherits(id, source, name);
        };
        let quiet = !attribute.base_before || self.bases_are_quiet(id, 0);
        if attribute.set_by_init && !attribute.leaked_before && quiet {
            return true;
        }
        let base_sets = by_fields || self.inherits(id, source, name);
        init.calls_base && !init.leaks_before_base && base_sets
    }

    /// Whether nobody sees the objects of a class before they are initialised.
    fn is_plainly_made(&self, id: ClassId, depth: u32) -> bool {
        let Some(class) = self.class(id) else { return false };
        let mut bases = bases(self.resolver, id.0, class).into_iter().flatten();
        !class.creates && depth < 32 && bases.all(|base| self.is_plainly_made(base, depth + 1))
    }

    /// Whether an initialiser made from the annotated fields runs.
    fn has_fields(&self, id: ClassId, depth: u32) -> bool {
        let Some(class) = self.class(id) else { return false };
        class.generated_init
            || (depth < 32
                && bases(self.resolver, id.0, class).into_iter().flatten().any(|base| self.has_fields(base, depth + 1)))
    }

    /// Whether the initialiser that a class inherits sets the attribute.
    fn inherits(&self, id: ClassId, source: usize, name: &str) -> bool {
        let Some(class) = self.class(id) else { return false };
        for (base, resolved) in class.bases.iter().zip(bases(self.resolver, id.0, class)) {
            match (base, resolved) {
                (Base::Plain, _) => {}
                (_, Some(base)) => {
                    if self.has(base, source, name) {
                        return true;
                    }
                    if self.class(base).is_none_or(|class| class.init.is_some()) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
        false
    }

    /// Whether no initialiser of the bases hands out the object.
    fn bases_are_quiet(&self, id: ClassId, depth: u32) -> bool {
        let Some(class) = self.class(id) else { return false };
        class.bases.iter().zip(bases(self.resolver, id.0, class)).all(|(base, resolved)| match (base, resolved) {
            (Base::Plain, _) => true,
            (_, Some(base)) if depth < 32 => {
                let quiet = self.class(base).is_some_and(|class| {
                    !class.intercepts && !class.generated_init && class.init.as_ref().is_none_or(|init| !init.leaks)
                });
                quiet && self.bases_are_quiet(base, depth + 1)
            }
            _ => false,
        })
    }

    /// Whether every subclass runs the initialiser of this class before anyone sees the object.
    fn subclasses_keep(&self, id: ClassId, source: usize, seen: &mut FxHashSet<ClassId>) -> bool {
        if self.class(id).and_then(|class| class.attributes.get(source)).is_some_and(|a| a.in_class) {
            return true;
        }
        let Some(children) = self.children.get(&id) else { return true };
        children.iter().all(|&child| {
            if !seen.insert(child) {
                return true;
            }
            let Some(class) = self.class(child) else { return false };
            let keeps = match &class.init {
                Some(init) => init.calls_base && !init.leaks_before_base,
                None => !class.generated_init || self.has_fields(id, 0),
            };
            let first = bases(self.resolver, child.0, class).into_iter().next().flatten() == Some(id);
            let others_quiet = first || self.class(child).is_some_and(|class| class.init.is_some()) || {
                let mut before = bases(self.resolver, child.0, class).into_iter().take_while(|base| *base != Some(id));
                before.all(|base| {
                    base.is_none_or(|base| {
                        self.class(base).is_some_and(|c| {
                            c.init.as_ref().is_none_or(|init| init.calls_base && !init.leaks_before_base)
                        })
                    })
                })
            };
            keeps && !class.creates && !class.intercepts && others_quiet && self.subclasses_keep(child, source, seen)
        })
    }

    /// The type of an attribute that a class of the project declares.
    fn declared(&self, file: FileId, class: ReferenceId, name: &str) -> Option<Box<str>> {
        let reference = self.resolver.project().outline(file)?.references.get(class as usize)?;
        let resolved = self.resolver.reference(file, reference);
        let [only] = resolved.as_slice() else { return None };
        let Entity::Definition(file, id) = only.entity else { return None };
        self.class((file, id))?.field(name).map(|field| field.kind.clone())
    }

    /// The first source that holds a value at a call, and why the others do not.
    pub(super) fn source<'s>(
        &self,
        file: FileId,
        call: &Call,
        sources: &'s [String],
    ) -> Result<(&'s str, Option<Held>), Absence> {
        let mut absence = Absence::Never;
        let mut attribute_index = 0;
        for (source, availability) in sources.iter().zip(&*call.context) {
            let (index, name) = match source.split_once('.') {
                Some((_, name)) => {
                    attribute_index += 1;
                    (attribute_index - 1, name)
                }
                None => (0, source.as_str()),
            };
            let has = match *availability {
                Availability::Always => true,
                Availability::Member(class) => self.has((file, class), index, name),
                Availability::InClass(class) => self
                    .class((file, class))
                    .and_then(|class| class.attributes.get(index))
                    .is_some_and(|attribute| attribute.in_class),
                Availability::MemberOfBase(class) => {
                    let attributes = self.class((file, class)).and_then(|class| class.attributes.get(index));
                    attributes.is_some_and(|attribute| attribute.in_class) || self.inherits((file, class), index, name)
                }
                Availability::Imported(binding) => {
                    let resolved = self.resolver.bound(file, binding, name);
                    !resolved.is_empty() && resolved.iter().all(|r| r.entity == Entity::Other && !r.typing)
                }
                Availability::Declared(class) => {
                    if let Some(kind) = self.declared(file, class, name) {
                        return Ok((source, Some(Held { kind: Some(kind), spare: false })));
                    }
                    false
                }
                Availability::Perhaps | Availability::Never => false,
            };
            if has {
                return Ok((source, None));
            }
            if *availability != Availability::Never && absence == Absence::Never {
                absence = Absence::Perhaps(source.clone());
            }
        }
        Err(absence)
    }
}

/// Why no source holds a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Absence {
    /// None is in scope.
    Never,
    /// This one is, but perhaps without a value.
    Perhaps(String),
}

/// The project's classes that a class inherits from, in order; `None` for others.
fn bases(resolver: &Resolver<'_>, file: FileId, class: &Class) -> Vec<Option<ClassId>> {
    let outline = resolver.project().outline(file);
    let resolve = |base: &Base| {
        let Base::Reference(reference) = base else { return None };
        let reference = outline?.references.get(*reference as usize)?;
        let resolved = resolver.reference(file, reference);
        match resolved.as_slice() {
            [only] => match only.entity {
                Entity::Definition(file, id) => Some((file, id)),
                _ => None,
            },
            _ => None,
        }
    };
    class.bases.iter().map(resolve).collect()
}
