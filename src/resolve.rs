//! What a name means, across files: the full name behind each local one.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::language;
use crate::layout::FileId;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::DefinitionId;
use crate::outline::DynamicTarget;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::ImportId;
use crate::outline::Outline;
use crate::outline::Reference;
use crate::project::Project;
use crate::source::LanguageId;
use crate::symbol;

/// What a name leads to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entity {
    /// Something outside the project, by its full name: `openai.OpenAI`.
    External(Rc<str>),
    /// A module of the project, by its path without ending.
    Module(Rc<Path>),
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
}

impl From<Entity> for Resolved {
    fn from(entity: Entity) -> Self {
        Self { entity, dynamic: false, typing: false }
    }
}

type Key = (FileId, BindingId, Box<str>);

/// A module, and a name in it.
pub type Place = (FileId, String);

/// Follows names through a project.
#[derive(Debug)]
pub struct Resolver<'p> {
    project: &'p Project,
    memo: RefCell<FxHashMap<Key, Rc<[Resolved]>>>,
    requests: RefCell<FxHashMap<FileId, FxHashMap<Box<str>, Entity>>>,
    missed: RefCell<BTreeSet<Place>>,
}

impl<'p> Resolver<'p> {
    /// A resolver for a project as it stands.
    pub fn new(project: &'p Project) -> Self {
        Self { project, memo: RefCell::default(), requests: RefCell::default(), missed: RefCell::default() }
    }

    /// The project that names are followed through.
    pub fn project(&self) -> &'p Project {
        self.project
    }

    /// The names that were asked of files which are not outlined.
    pub fn missed(&self) -> Vec<Place> {
        self.missed.borrow().iter().cloned().collect()
    }

    /// The outline of the module that a name is asked of.
    fn asked(&self, module: FileId, name: &str) -> Option<&'p Outline> {
        let outline = self.project.outline(module);
        if outline.is_none() {
            self.missed.borrow_mut().insert((module, name.to_owned()));
        }
        outline
    }

    /// All that a reference may lead to, sorted.
    pub fn reference(&self, file: FileId, reference: &Reference) -> Vec<Resolved> {
        self.reference_with(file, reference, &mut FxHashSet::default())
    }

    fn reference_with(&self, file: FileId, reference: &Reference, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        let mut found = Vec::new();
        let language = self.language(file);
        let since = self.overridden(file, reference, seen);
        for &root in &reference.roots {
            if self.offset(file, root).is_none_or(|offset| offset >= since) {
                found.extend(self.binding(file, root, &reference.name, seen).iter().cloned());
            }
        }
        for attribute in &reference.attributes {
            let before = std::mem::take(&mut found);
            for resolved in before {
                found.extend(self.attribute(language, &resolved, attribute, seen));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Where the last star import stands that surely brings a reference's first name, and so takes over from what was
    /// bound before; 0 where there is none.
    fn overridden(&self, file: FileId, reference: &Reference, seen: &mut FxHashSet<Key>) -> u32 {
        let Some(outline) = self.project.outline(file) else { return 0 };
        let mut since = 0;
        for &root in &reference.roots {
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
        self.binding(file, binding, name, &mut FxHashSet::default())
    }

    fn binding(&self, file: FileId, id: BindingId, name: &str, seen: &mut FxHashSet<Key>) -> Rc<[Resolved]> {
        let none = || Rc::from(Vec::new());
        let Some(outline) = self.project.outline(file) else { return none() };
        let Some(binding) = outline.bindings.get(id as usize) else { return none() };
        let name = if matches!(binding.kind, BindingKind::Star(_)) { name } else { "" };
        let key = (file, id, Box::from(name));
        if let Some(known) = self.memo.borrow().get(&key) {
            return Rc::clone(known);
        }
        if !seen.insert(key.clone()) {
            return none();
        }
        let is_outermost = seen.len() == 1;
        let mut found = match &binding.kind {
            BindingKind::Unbound => vec![Entity::Unbound.into()],
            BindingKind::Nothing => vec![Entity::Nothing.into()],
            BindingKind::Text(_) | BindingKind::Value | BindingKind::Receiver(_) => vec![Entity::Other.into()],
            BindingKind::Definition(definition) => vec![Entity::Definition(file, *definition).into()],
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
            BindingKind::Dynamic(dynamic) => {
                let target = outline.dynamic.get(*dynamic as usize).map(|dynamic| &dynamic.target);
                target.map_or_else(Vec::new, |target| self.dynamic_with(file, target, seen))
            }
        };
        if binding.typing {
            for resolved in &mut found {
                resolved.typing = true;
            }
        }
        seen.remove(&key);
        let found: Rc<[Resolved]> = found.into();
        if is_outermost {
            self.memo.borrow_mut().insert(key, Rc::clone(&found));
        }
        found
    }

    /// What a dynamic access gives.
    pub fn dynamic(&self, file: FileId, target: &DynamicTarget) -> Vec<Resolved> {
        self.dynamic_with(file, target, &mut FxHashSet::default())
    }

    fn dynamic_with(&self, file: FileId, target: &DynamicTarget, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        let mut found = match target {
            DynamicTarget::Module(request) => vec![self.request(file, request).into()],
            DynamicTarget::Attribute(object, name) => {
                let outline = self.project.outline(file);
                let object = outline.and_then(|outline| outline.references.get(*object as usize));
                let objects = object.map_or_else(Vec::new, |object| self.reference_with(file, object, seen));
                objects.iter().flat_map(|object| self.attribute(self.language(file), object, name, seen)).collect()
            }
        };
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
        let module = self.request(file, &import.module).into();
        self.attribute(self.language(file), &module, &member.name, seen)
    }

    fn star(&self, file: FileId, import: ImportId, name: &str, seen: &mut FxHashSet<Key>) -> Vec<Resolved> {
        let outline = self.project.outline(file);
        let Some(import) = outline.and_then(|outline| outline.imports.get(import as usize)) else { return Vec::new() };
        match self.request(file, &import.module) {
            Entity::External(module) => {
                // What else the SDK brings is not known, and does not matter.
                let full = symbol::join(self.language(file), &module, name);
                if self.project.symbols.contains(&full) {
                    vec![Entity::External(full.into()).into()]
                } else {
                    Vec::new()
                }
            }
            Entity::Module(module) => {
                let Some(id) = self.file_of(&module) else { return Vec::new() };
                let Some(target) = self.asked(id, name) else { return Vec::new() };
                let public = target.public.as_ref().map_or(!name.starts_with('_'), |public| public.contains(name));
                if public { self.exported(id, name, seen) } else { Vec::new() }
            }
            _ => Vec::new(),
        }
    }

    /// What a module's name may lead to, for those who import it.
    pub fn export(&self, module: FileId, name: &str) -> Vec<Resolved> {
        self.exported(module, name, &mut FxHashSet::default())
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
            Entity::Unbound => vec![Entity::Unbound.into()],
            Entity::Definition(..) | Entity::Nothing | Entity::Other => vec![Entity::Other.into()],
        };
        for resolved in &mut found {
            resolved.dynamic |= object.dynamic;
            resolved.typing |= object.typing;
        }
        found
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
        let layout = &self.project.layout;
        let inner = language::by_id(language).and_then(|language| language.submodule(module, name, layout));
        vec![inner.map_or(Entity::Other, |inner| self.in_tree(language, inner)).into()]
    }

    fn file_of(&self, module: &Path) -> Option<FileId> {
        let mut candidates = language::all().iter().flat_map(|language| language.module_files(module));
        candidates.find_map(|path| self.project.layout.file(&path))
    }

    /// What an import request leads to.
    pub fn request(&self, file: FileId, request: &str) -> Entity {
        if let Some(known) = self.requests.borrow().get(&file).and_then(|known| known.get(request)) {
            return known.clone();
        }
        let found = self.locate(file, request);
        self.requests.borrow_mut().entry(file).or_default().insert(request.into(), found.clone());
        found
    }

    fn locate(&self, file: FileId, request: &str) -> Entity {
        let Some(from) = self.project.file(file) else { return Entity::Other };
        let Some(language) = language::by_id(from.language) else { return Entity::Other };
        if let Some(full) = language.canonical(request, self.project.packages(from.language)) {
            return Entity::External(full.into());
        }
        match language.locate(&from.path, request, &self.project.layout) {
            Some(module) => self.in_tree(from.language, module),
            None if request.starts_with('.') => Entity::Other,
            None => Entity::External(request.into()),
        }
    }

    /// A module in the tree: the project's own, or a copy of the SDK.
    fn in_tree(&self, language: LanguageId, module: PathBuf) -> Entity {
        for sdk in &self.project.sdks {
            if let Ok(rest) = module.strip_prefix(&sdk.module) {
                let mut full = sdk.package.clone();
                for part in rest {
                    full = symbol::join(language, &full, &part.to_string_lossy());
                }
                return Entity::External(full.into());
            }
        }
        Entity::Module(module.into())
    }

    /// The file of a module of the project.
    pub fn file(&self, entity: &Entity) -> Option<FileId> {
        match entity {
            Entity::Module(module) => self.file_of(module),
            _ => None,
        }
    }

    /// The import members through which a reference's first name comes into its file.
    pub fn imports_behind(&self, file: FileId, roots: &[BindingId]) -> Vec<(ImportId, u32)> {
        let mut found = Vec::new();
        let mut seen = FxHashSet::default();
        let mut open = roots.to_vec();
        let Some(outline) = self.project.outline(file) else { return found };
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            match outline.bindings.get(id as usize).map(|binding| &binding.kind) {
                Some(BindingKind::Import(import, member)) => found.push((*import, *member)),
                Some(BindingKind::Star(import)) => found.push((*import, 0)),
                Some(BindingKind::Alias { references, .. }) => {
                    let references = references.iter().filter_map(|&r| outline.references.get(r as usize));
                    open.extend(references.flat_map(|reference| reference.roots.iter().copied()));
                }
                _ => {}
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The dotted path in a patch: what it replaces, and the module and name that it replaces there.
    pub fn patched(&self, file: FileId, path: &str) -> Option<(Vec<Resolved>, Option<Place>)> {
        let language = self.language(file);
        let parts: Vec<&str> = path.split('.').collect();
        for split in (1..parts.len()).rev() {
            let module = parts.get(..split)?.join(".");
            let entity = self.request(file, &module);
            let rest = parts.get(split..)?;
            match &entity {
                Entity::Module(_) => {}
                Entity::External(full) if split == 1 || self.is_sdk(language, full) => {
                    if !self.is_sdk(language, full) {
                        return None;
                    }
                    let full = format!("{full}.{}", rest.join("."));
                    return Some((vec![Entity::External(full.into()).into()], None));
                }
                _ => continue,
            }
            let owner = self.file(&entity).zip(rest.first()).map(|(id, name)| (id, (*name).to_owned()));
            let mut found: Vec<Resolved> = vec![entity.into()];
            for name in rest {
                found =
                    found.iter().flat_map(|r| self.attribute(language, r, name, &mut FxHashSet::default())).collect();
            }
            return Some((found, owner));
        }
        None
    }

    fn is_sdk(&self, language: LanguageId, full: &str) -> bool {
        let package = symbol::package(language, full);
        self.project.packages(language).iter().any(|known| known == package)
    }

    /// The language of a file.
    pub fn language(&self, file: FileId) -> LanguageId {
        self.project.file(file).map_or(LanguageId::ALL[0], |file| file.language)
    }
}
