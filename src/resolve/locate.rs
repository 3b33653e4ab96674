//! Where requests lead, and which file a module is.

use std::path::Path;
use std::path::PathBuf;

use crate::language;
use crate::layout::FileId;
use crate::outline::BindingKind;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::ImportId;
use crate::outline::Member;
use crate::outline::Outline;
use crate::source::LanguageId;
use crate::symbol;

use super::Entity;
use super::Resolved;
use super::Resolver;
use super::Target;

impl Resolver<'_> {
    /// What an import's member leads to where its module was not outlined and the name is no module either: that is what
    /// most imports of a project are.
    pub(super) fn unread(&self, file: FileId, outline: &Outline, kind: &BindingKind) -> Option<Resolved> {
        let (BindingKind::Import(import, _), None) = (kind, &self.missed) else { return None };
        let Target::File(module) = self.target(file, outline, *import)? else { return None };
        self.project.outline(module).is_none().then(|| Entity::Other.into())
    }

    /// Where an import of a file leads.
    fn target(&self, file: FileId, outline: &Outline, import: ImportId) -> Option<Target> {
        if let Some(known) = self.known.borrow().targets.get(&(file, import)) {
            return Some(*known);
        }
        let target = self.find_target(file, outline.imports.get(import as usize)?);
        if let Target::File(module) = target {
            self.asks(file, module);
        }
        self.known.borrow_mut().targets.insert((file, import), target);
        Some(target)
    }

    fn find_target(&self, file: FileId, import: &Import) -> Target {
        let is_plain =
            |member: &Member| member.path.is_none() && !matches!(&*member.name, Member::NAMESPACE | Member::WHOLE);
        let (ImportForm::From, Some(language)) = (import.form, language::by_id(self.language(file))) else {
            return Target::Any;
        };
        let Entity::Module(module) = self.request(file, &import.module) else { return Target::Any };
        let Some(target) = self.file_of(&module) else { return Target::Any };
        let layout = &self.project.layout;
        let is_name = |member: &Member| is_plain(member) && language.submodule(&module, &member.name, layout).is_none();
        if import.members.iter().all(is_name) { Target::File(target) } else { Target::Any }
    }

    /// What an import request leads to.
    pub fn request(&self, file: FileId, request: &str) -> Entity {
        if let Some(known) = self.known.borrow().requests.get(&file).and_then(|known| known.get(request)) {
            return known.clone();
        }
        let found = self.locate(file, request);
        self.known.borrow_mut().requests.entry(file).or_default().insert(request.into(), found.clone());
        found
    }

    pub(super) fn locate(&self, file: FileId, request: &str) -> Entity {
        let Some(from) = self.project.file(file) else { return Entity::Other };
        let Some(language) = language::by_id(from.language) else { return Entity::Other };
        if let Some(full) =
            language.canonical(&from.path, request, self.project.packages(from.language), &self.project.layout)
        {
            return Entity::External(full.into());
        }
        match language.locate(&from.path, request, &self.project.layout) {
            Some(module) => self.in_tree(from.language, module),
            None if request.starts_with('.') => Entity::Other,
            None => Entity::External(request.into()),
        }
    }

    /// A module in the tree: the project's own, or a copy of the SDK.
    pub(super) fn in_tree(&self, language: LanguageId, module: PathBuf) -> Entity {
        for sdk in &self.project.sdks {
            if let Ok(rest) = module.strip_prefix(&sdk.module) {
                let full = language::by_id(language).map(|language| language.name_in_copy(&sdk.package, rest));
                return Entity::External(full.unwrap_or_else(|| sdk.package.clone()).into());
            }
        }
        Entity::Module(module.into())
    }

    pub(super) fn file_of(&self, module: &Path) -> Option<FileId> {
        if let Some(known) = self.known.borrow().modules.get(module.as_os_str()) {
            return *known;
        }
        let mut candidates = language::all().iter().flat_map(|language| language.module_files(module));
        let found = candidates.find_map(|path| self.project.layout.file(&path));
        self.known.borrow_mut().modules.insert(module.as_os_str().to_owned(), found);
        found
    }

    /// The file of a module of the project.
    pub fn file(&self, entity: &Entity) -> Option<FileId> {
        match entity {
            Entity::Module(module) => self.file_of(module),
            _ => None,
        }
    }

    pub(super) fn is_sdk(&self, language: LanguageId, full: &str) -> bool {
        let package = symbol::package(language, full);
        self.project.packages(language).iter().any(|known| known == package)
    }

    /// The language of a file.
    pub fn language(&self, file: FileId) -> LanguageId {
        self.project.file(file).map_or(LanguageId::ALL[0], |file| file.language)
    }
}
