//! What a name means, across files: the full name behind each local one.

mod behind;
mod locate;
mod told;

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::language;
use crate::layout::FileId;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Class;
use crate::outline::DefinitionId;
use crate::outline::DynamicTarget;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::ImportId;
use crate::outline::Member;
use crate::outline::Outline;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::ScopeId;
use crate::project::Project;
use crate::source::LanguageId;
use crate::symbol;

pub use told::Generic;

/// What a name leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// Something outside the project, by its full name: `openai.OpenAI`.
    External(Rc<str>),
    /// A module of the project, by its path without ending.
    Module(Rc<Path>),
    /// A module inside of a file of the project.
    Inner(FileId, ScopeId),
    /// A class or function of the project.
    Definition(FileId, DefinitionId),
    /// `None`.
    Nothing,
    /// Nothing at all.
    Unbound,
    /// A value that cannot be followed.
    Other,
}

/// What a name may lead to, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resolved {
    /// What it leads to.
    pub entity: Entity,
    /// Whether a string was looked up on the way.
    pub dynamic: bool,
    /// Whether only type checkers see it.
    pub typing: bool,
    /// What it is told besides a call's arguments, in a language that has such.
    pub told: Option<Rc<[Generic]>>,
}

impl From<Entity> for Resolved {
    fn from(entity: Entity) -> Self {
        Self { entity, dynamic: false, typing: false, told: None }
    }
}

/// A binding; and the name that is asked of it, where it brings several.
type Key = (FileId, BindingId, Box<str>);

/// All that a name may lead to.
type All = Rc<[Resolved]>;

/// A module, and a name in it.
pub type Place = (FileId, String);

/// Follows names through a project.
#[derive(Debug)]
pub struct Resolver<'p> {
    project: &'p Project,
    /// What bindings lead to; of those that bring several names, what each name leads to.
    memo: RefCell<FxHashMap<(FileId, BindingId), All>>,
    named: RefCell<FxHashMap<Key, All>>,
    /// What most names lead to.
    other: All,
    /// The bindings that are being followed; empty in between.
    seen: RefCell<FxHashSet<Key>>,
    /// The file whose names are being followed.
    asker: Cell<FileId>,
    known: RefCell<Known>,
    missed: Option<RefCell<BTreeSet<Place>>>,
}

/// What resolvers of a project learn, whatever is outlined by then. Holds as long as the files, roots and SDKs stay.
#[derive(Debug, Default)]
pub struct Known {
    /// What imports lead to.
    requests: FxHashMap<FileId, FxHashMap<Box<str>, Entity>>,
    /// The files of modules.
    modules: FxHashMap<OsString, Option<FileId>>,
    /// Where imports lead, once somebody asked for what they bring.
    targets: FxHashMap<(FileId, ImportId), Target>,
    /// For each file that a name was asked of, outlined or not: the files that asked.
    askers: FxHashMap<FileId, FxHashSet<FileId>>,
}

impl Known {
    /// These files, and all whose names may mean something else once these have been outlined: they asked one of these
    /// for a name, directly or through others.
    pub fn leaning_on(&self, files: &[FileId]) -> FxHashSet<FileId> {
        let mut found = FxHashSet::default();
        let mut open = files.to_vec();
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(self.askers.get(&id).into_iter().flatten());
            }
        }
        found
    }
}

/// Where an import leads.
#[derive(Clone, Copy, Debug)]
enum Target {
    /// To names of a module of the project.
    File(FileId),
    /// Anywhere else.
    Any,
}

impl<'p> Resolver<'p> {
    /// A resolver for a project as it stands.
    pub fn new(project: &'p Project) -> Self {
        Self::knowing(project, Known::default())
    }

    /// A resolver that goes on from what another one of this project learned.
    pub fn knowing(project: &'p Project, known: Known) -> Self {
        Self {
            project,
            memo: RefCell::default(),
            named: RefCell::default(),
            other: Rc::from([Entity::Other.into()]),
            seen: RefCell::default(),
            asker: Cell::default(),
            known: RefCell::new(known),
            missed: None,
        }
    }

    /// A resolver that notes the names which are asked of files that are not outlined.
    pub fn noting(project: &'p Project) -> Self {
        Self { missed: Some(RefCell::default()), ..Self::new(project) }
    }

    /// What the next resolver can go on from.
    pub fn into_known(self) -> Known {
        self.known.into_inner()
    }

    /// The project that names are followed through.
    pub fn project(&self) -> &'p Project {
        self.project
    }

    /// The names that were asked of files which are not outlined, where they are noted.
    pub fn missed(&self) -> Vec<Place> {
        self.missed.iter().flat_map(|missed| missed.borrow().iter().cloned().collect::<Vec<_>>()).collect()
    }

    /// The outline of the module that a name is asked of.
    fn asked(&self, module: FileId, name: &str) -> Option<&'p Outline> {
        self.asks(self.asker.get(), module);
        let outline = self.project.outline(module);
        if outline.is_none()
            && let Some(missed) = &self.missed
        {
            missed.borrow_mut().insert((module, name.to_owned()));
        }
        outline
    }

    /// Notes that names of a file depend on what another one has.
    pub fn asks(&self, file: FileId, module: FileId) {
        if file != module {
            self.known.borrow_mut().askers.entry(module).or_default().insert(file);
        }
    }

    /// All that a reference may lead to, sorted.
    pub fn reference(&self, file: FileId, reference: &Reference) -> Vec<Resolved> {
        self.following(|seen| self.reference_with(file, reference, seen))
    }

    /// Follows names from a fresh start.
    fn following<T>(&self, work: impl FnOnce(&mut FxHashSet<Key>) -> T) -> T {
        let mut seen = self.seen.take();
        let done = work(&mut seen);
        self.seen.replace(seen);
        done
    }

    fn reference_with(&self, file: FileId, reference: &Reference, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        let asker = self.asker.replace(file);
        let mut found = Vec::new();
        let language = self.language(file);
        let since = self.overridden(file, reference, seen);
        for &root in reference.roots.iter() {
            if self.offset(file, root).is_none_or(|offset| offset >= since) {
                found.extend(self.binding(file, root, &reference.name, seen).iter().cloned());
            }
        }
        for attribute in &reference.attributes {
            // What an attribute of it is cannot be followed either.
            if found.iter().all(|resolved: &Resolved| resolved.entity == Entity::Other) {
                break;
            }
            let before = std::mem::take(&mut found);
            for resolved in before {
                found.extend(self.attribute(language, &resolved, attribute, seen));
            }
        }
        if let Some(told) = &reference.told {
            for resolved in &mut found {
                resolved.told = self.told(file, told, resolved.told.take(), seen);
            }
        }
        self.asker.set(asker);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Where the last star import stands that surely brings a reference's first name, and so takes over from what was
    /// bound before; 0 where there is none.
    fn overridden(&self, file: FileId, reference: &Reference, seen: &mut FxHashSet<Key>) -> u32 {
        let Some(outline) = self.project.outline(file) else { return 0 };
        let mut since = 0;
        for &root in reference.roots.iter() {
            let Some(binding) = outline.bindings.get(root as usize) else { continue };
            let BindingKind::Star(import) = binding.kind else { continue };
            let runs = outline.imports.get(import as usize).is_some_and(|i| i.unconditional && !i.typing);
            if runs && binding.offset > since && !self.binding(file, root, &reference.name, seen).is_empty() {
                since = binding.offset;
            }
        }
        since
    }

    fn offset(&self, file: FileId, binding: BindingId) -> Option<u32> {
        Some(self.project.outline(file)?.bindings.get(binding as usize)?.offset)
    }

    /// All that a name that a binding makes may lead to.
    pub fn bound(&self, file: FileId, binding: BindingId, name: &str) -> Rc<[Resolved]> {
        self.following(|seen| self.binding(file, binding, name, seen))
    }

    fn binding(&self, file: FileId, id: BindingId, name: &str, seen: &mut FxHashSet<Key>) -> Rc<[Resolved]> {
        let none = || Rc::from(Vec::new());
        let Some(outline) = self.project.outline(file) else { return none() };
        let Some(binding) = outline.bindings.get(id as usize) else { return none() };
        let plain = at_once(file, &binding.kind).or_else(|| self.unread(file, outline, &binding.kind));
        if let Some(mut found) = plain {
            if found.entity == Entity::Other && !binding.typing {
                return Rc::clone(&self.other);
            }
            found.typing = binding.typing;
            return Rc::from([found]);
        }
        let is_named = matches!(binding.kind, BindingKind::Star(_) | BindingKind::First(_));
        if !is_named && let Some(known) = self.memo.borrow().get(&(file, id)) {
            return Rc::clone(known);
        }
        let key = (file, id, Box::from(if is_named { name } else { "" }));
        if is_named && let Some(known) = self.named.borrow().get(&key) {
            return Rc::clone(known);
        }
        if !seen.insert(key.clone()) {
            return none();
        }
        let is_outermost = seen.len() == 1;
        let asker = self.asker.replace(file);
        let mut found = match &binding.kind {
            BindingKind::Import(import, member) => outline
                .imports
                .get(*import as usize)
                .map_or_else(Vec::new, |import| self.member(file, import, *member as usize, seen)),
            BindingKind::Star(import) => self.star(file, *import, name, seen),
            BindingKind::Alias { references, or_value } => {
                let mut found: Vec<Resolved> = if *or_value { vec![Entity::Other.into()] } else { Vec::new() };
                for &reference in references {
                    if let Some(reference) = outline.references.get(reference as usize) {
                        found.extend(self.reference_with(file, reference, seen));
                    }
                }
                found
            }
            BindingKind::Module(request) => vec![self.request(file, request).into()],
            BindingKind::First(layers) => {
                let mut layers = layers.iter().map(|&layer| self.binding(file, layer, name, seen).to_vec());
                layers.find(|found| !found.is_empty()).unwrap_or_default()
            }
            BindingKind::Dynamic(dynamic) => {
                let target = outline.dynamic.get(*dynamic as usize).map(|dynamic| &dynamic.target);
                target.map_or_else(Vec::new, |target| self.dynamic_with(file, target, seen))
            }
            plain => at_once(file, plain).into_iter().collect(),
        };
        self.asker.set(asker);
        if binding.typing {
            for resolved in &mut found {
                resolved.typing = true;
            }
        }
        seen.remove(&key);
        let found: Rc<[Resolved]> = found.into();
        if is_outermost && is_named {
            self.named.borrow_mut().insert(key, Rc::clone(&found));
        } else if is_outermost {
            self.memo.borrow_mut().insert((file, id), Rc::clone(&found));
        }
        found
    }

    /// What a dynamic access gives.
    pub fn dynamic(&self, file: FileId, target: &DynamicTarget) -> Vec<Resolved> {
        self.following(|seen| self.dynamic_with(file, target, seen))
    }

    fn dynamic_with(&self, file: FileId, target: &DynamicTarget, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        let asker = self.asker.replace(file);
        let mut found = match target {
            DynamicTarget::Module(request) => vec![self.request(file, request).into()],
            DynamicTarget::Attribute(object, name) => {
                let outline = self.project.outline(file);
                let object = outline.and_then(|outline| outline.references.get(*object as usize));
                let objects = object.map_or_else(Vec::new, |object| self.reference_with(file, object, seen));
                objects.iter().flat_map(|object| self.attribute(self.language(file), object, name, seen)).collect()
            }
        };
        self.asker.set(asker);
        for resolved in &mut found {
            resolved.dynamic = true;
        }
        found
    }

    fn member(&self, file: FileId, import: &Import, index: usize, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        let Some(member) = import.members.get(index) else { return Vec::new() };
        if import.form == ImportForm::Module {
            return vec![self.request(file, member.request()).into()];
        }
        if let Some(path) = member.path {
            return self.path(file, path, seen);
        }
        let module = self.request(file, &import.module);
        match &*member.name {
            Member::NAMESPACE => vec![module.into()],
            Member::WHOLE => self.whole(file, module, seen),
            name => self.attribute(self.language(file), &module.into(), name, seen),
        }
    }

    /// What a module exports in place of itself, else the module itself.
    fn whole(&self, file: FileId, module: Entity, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        if let Entity::External(full) = &module
            && let Some(whole) = symbol::whole_module(self.language(file), full)
        {
            return vec![Entity::External(whole.into()).into()];
        }
        let exported = self.file(&module).map(|id| self.exported(id, Member::WHOLE, seen)).unwrap_or_default();
        if exported.is_empty() { vec![module.into()] } else { exported }
    }

    fn star(&self, file: FileId, import: ImportId, name: &str, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        let outline = self.project.outline(file);
        let Some(import) = outline.and_then(|outline| outline.imports.get(import as usize)) else { return Vec::new() };
        let path = import.members.first().and_then(|member| member.path);
        let targets = match path {
            Some(path) => self.path(file, path, seen).into_iter().map(|resolved| resolved.entity).collect(),
            None => vec![self.request(file, &import.module)],
        };
        let brought = targets.iter().flat_map(|target| self.brought((file, import.scope), target, name, seen));
        brought.collect()
    }

    /// The module that a star import names.
    pub fn starred(&self, file: FileId, import: &Import) -> Entity {
        match import.members.first().and_then(|member| member.path) {
            Some(path) => {
                let found = self.following(|seen| self.path(file, path, seen));
                found.into_iter().next().map_or(Entity::Other, |resolved| resolved.entity)
            }
            None => self.request(file, &import.module),
        }
    }

    /// What the reference that a member of an import is leads to.
    fn path(&self, file: FileId, path: ReferenceId, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        let outline = self.project.outline(file);
        let reference = outline.and_then(|outline| outline.references.get(path as usize));
        reference.map_or_else(Vec::new, |reference| self.reference_with(file, reference, seen))
    }

    /// What a star import of `target` brings under a name.
    fn brought(
        &self,
        (file, from): (FileId, ScopeId),
        target: &Entity,
        name: &str,
        seen: &mut FxHashSet<Key>,
    ) -> Vec<Resolved> {
        let language = language::by_id(self.language(file));
        let starred = language.is_none_or(|language| language.is_starred(name));
        match target {
            Entity::External(module) => {
                // What else the SDK brings is not known, and does not matter.
                let full = symbol::join(self.language(file), module, name);
                if starred && self.project.symbols.contains(&full) {
                    vec![Entity::External(full.into()).into()]
                } else {
                    Vec::new()
                }
            }
            Entity::Module(module) => {
                let Some(id) = self.file_of(module) else { return Vec::new() };
                let Some(target) = self.asked(id, name) else { return Vec::new() };
                let public = target.public.as_ref().map_or(starred, |public| public.contains(name));
                let shown = public && (self.is_inside(file, id) || !hides(target, &target.exports, name));
                if shown { self.exported(id, name, seen) } else { Vec::new() }
            }
            Entity::Inner(id, scope) => {
                let Some(target) = self.project.outline(*id) else { return Vec::new() };
                let within = *id == file && scopes_around(target, from).any(|around| around == *scope);
                let shown = within || target.inner.get(scope).is_some_and(|names| !hides(target, names, name));
                if shown { self.inside(*id, *scope, name, seen) } else { Vec::new() }
            }
            _ => Vec::new(),
        }
    }

    /// Whether a file is a module, or lies within it.
    fn is_inside(&self, file: FileId, module: FileId) -> bool {
        let (Some(own), Some(outer)) = (self.project.file(file), self.project.file(module)) else { return false };
        let folder = language::by_id(outer.language).and_then(|language| language.folder_of(&outer.path));
        file == module || folder.is_some_and(|folder| own.path.starts_with(folder))
    }

    /// What a name of a module inside of a file may lead to.
    fn inside(&self, file: FileId, scope: ScopeId, name: &str, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        self.asks(self.asker.get(), file);
        let names = self.project.outline(file).and_then(|outline| outline.inner.get(&scope));
        let own = names.and_then(|names| names.get(name).or_else(|| names.get("*")));
        let bindings = own.into_iter().flatten();
        bindings.flat_map(|&binding| self.binding(file, binding, name, seen).to_vec()).collect()
    }

    /// What a module's name may lead to, for those who import it.
    pub fn export(&self, module: FileId, name: &str) -> Vec<Resolved> {
        self.asker.set(module);
        self.following(|seen| self.exported(module, name, seen))
    }

    fn exported(&self, module: FileId, name: &str, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        let Some(outline) = self.asked(module, name) else { return Vec::new() };
        let mut found = Vec::new();
        if let Some(bindings) = outline.exports.get(name) {
            for &binding in bindings {
                found.extend(self.binding(module, binding, name, seen).iter().cloned());
            }
        } else if let Some(stars) = outline.exports.get("*") {
            for &star in stars {
                found.extend(self.binding(module, star, name, seen).iter().cloned());
            }
        }
        found
    }

    fn attribute(
        &self,
        language: LanguageId,
        object: &Resolved,
        name: &str,
        seen: &mut FxHashSet<Key>,
    ) -> Vec<Resolved> {
        let mut found = match &object.entity {
            Entity::External(full) => {
                vec![Entity::External(symbol::join(language, full, name).into()).into()]
            }
            Entity::Module(module) => self.module_attribute(language, module, name, seen),
            Entity::Inner(file, scope) => self.inside(*file, *scope, name, seen),
            Entity::Unbound => vec![Entity::Unbound.into()],
            Entity::Definition(file, id) if name.starts_with(Class::FIELD) => self.field(*file, *id, name, seen),
            Entity::Definition(..) | Entity::Nothing | Entity::Other => vec![Entity::Other.into()],
        };
        for resolved in &mut found {
            resolved.dynamic |= object.dynamic;
            resolved.typing |= object.typing;
            resolved.told = resolved.told.take().or_else(|| object.told.clone());
        }
        found
    }

    /// The class of what an attribute holds that a class declares.
    fn field(&self, file: FileId, class: DefinitionId, name: &str, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        let outline = self.project.outline(file);
        let class = outline.and_then(|outline| outline.class(class));
        let field = class.and_then(|class| class.field(name.strip_prefix(Class::FIELD)?));
        let reference = field.and_then(|field| outline?.references.get(field.class? as usize));
        let found = reference.map_or_else(Vec::new, |reference| self.reference_with(file, reference, seen));
        if found.is_empty() { vec![Entity::Other.into()] } else { found }
    }

    fn module_attribute(
        &self,
        language: LanguageId,
        module: &Path,
        name: &str,
        seen: &mut FxHashSet<Key>,
    ) -> Vec<Resolved> {
        if let Some(file) = self.file_of(module) {
            let found = self.exported(file, name, seen);
            if !found.is_empty() {
                return found;
            }
        }
        let inside = self.inside_parent(language, module, seen);
        if !inside.is_empty() {
            return inside.iter().flat_map(|inner| self.attribute(language, inner, name, seen)).collect();
        }
        let layout = &self.project.layout;
        let inner = language::by_id(language).and_then(|language| language.submodule(module, name, layout));
        vec![inner.map_or(Entity::Other, |inner| self.in_tree(language, inner)).into()]
    }

    /// A module without a file that stands inside of its parent's file.
    fn inside_parent(&self, language: LanguageId, module: &Path, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        let around = module.parent().zip(module.file_name().and_then(|name| name.to_str()));
        let Some((parent, own)) = around.filter(|_| self.file_of(module).is_none()) else { return Vec::new() };
        let found = if let Some(file) = self.file_of(parent) {
            self.exported(file, own, seen)
        } else {
            let around = self.inside_parent(language, parent, seen);
            around.iter().flat_map(|around| self.attribute(language, around, own, seen)).collect()
        };
        found.into_iter().filter(|resolved| matches!(resolved.entity, Entity::Inner(..))).collect()
    }
}

/// Whether all that a name is bound to is private.
fn hides(outline: &Outline, names: &BTreeMap<Box<str>, Vec<BindingId>>, name: &str) -> bool {
    let bindings = names.get(name);
    bindings.is_some_and(|bindings| bindings.iter().all(|binding| outline.private.contains(binding)))
}

/// A scope and those around it.
fn scopes_around(outline: &Outline, scope: ScopeId) -> impl Iterator<Item = ScopeId> {
    std::iter::successors(Some(scope), |&scope| outline.scopes.get(scope as usize)?.parent)
}

/// What a binding leads to, where that takes no other name.
fn at_once(file: FileId, kind: &BindingKind) -> Option<Resolved> {
    let entity = match kind {
        BindingKind::Unbound => Entity::Unbound,
        BindingKind::Nothing => Entity::Nothing,
        BindingKind::Text(_) | BindingKind::Value | BindingKind::Receiver(_) => Entity::Other,
        BindingKind::Definition(definition) => Entity::Definition(file, *definition),
        BindingKind::Inner(scope) => Entity::Inner(file, *scope),
        _ => return None,
    };
    Some(entity.into())
}
