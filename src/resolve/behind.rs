//! What stands behind names: the imports and the modules that they came through, and what a test replaces by a path.

use rustc_hash::FxHashSet;

use crate::layout::FileId;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::ImportForm;
use crate::outline::ImportId;
use crate::outline::Reference;

use super::Entity;
use super::Place;
use super::Resolved;
use super::Resolver;

impl Resolver<'_> {
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
                Some(BindingKind::First(layers)) => open.extend(layers),
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

    /// The files from which a module hands names on by path.
    pub fn origins(&self, file: FileId) -> Vec<FileId> {
        let Some(outline) = self.project.outline(file) else { return Vec::new() };
        let mut found = Vec::new();
        for import in &outline.imports {
            for member in import.members.iter().filter(|member| !outline.private.contains(&member.binding)) {
                let Some(path) = member.path.and_then(|path| outline.references.get(path as usize)) else { continue };
                let before = match path.attributes.split_last() {
                    Some((_, before)) if import.form == ImportForm::Path => before,
                    _ => &*path.attributes,
                };
                let module = Reference { attributes: before.into(), ..path.clone() };
                found.extend(self.reference(file, &module).iter().filter_map(|resolved| self.file(&resolved.entity)));
            }
        }
        found
    }

    /// The modules that a reference by path goes through, also by re-exports of modules that were read.
    pub fn modules_behind(&self, file: FileId, reference: &Reference) -> Vec<FileId> {
        let mut found = Vec::new();
        let mut open = vec![(file, reference.clone())];
        let mut left = 32;
        while let Some((file, reference)) = open.pop() {
            left -= 1;
            let Some(outline) = self.project.outline(file).filter(|_| left > 0) else { continue };
            for root in reference.roots.iter().flat_map(|&root| outline.layers(root)) {
                let path = match outline.bindings.get(root as usize).map(|binding| &binding.kind) {
                    Some(BindingKind::Import(import, member)) => {
                        let import = outline.imports.get(*import as usize);
                        import.and_then(|import| import.members.get(*member as usize)?.path)
                    }
                    Some(BindingKind::Alias { references, .. }) => references.first().copied(),
                    _ => None,
                };
                open.extend(path.and_then(|path| Some((file, outline.references.get(path as usize)?.clone()))));
            }
            let Some((name, before)) = reference.attributes.split_last() else { continue };
            let module = Reference { attributes: before.into(), ..reference.clone() };
            for target in self.reference(file, &module).iter().filter_map(|resolved| self.file(&resolved.entity)) {
                self.asks(file, target);
                found.push(target);
                let Some(exports) = self.project.outline(target).map(|outline| &outline.exports) else { continue };
                let roots = exports.get(&**name).into_iter().flatten().copied().collect();
                open.push((target, Reference { roots, attributes: Box::default(), ..reference.clone() }));
            }
        }
        found
    }

    /// The dotted path in a patch: what it replaces, and the module and name that it replaces there.
    pub fn patched(&self, file: FileId, path: &str) -> Option<(Vec<Resolved>, Option<Place>)> {
        self.asker.set(file);
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
                    found.iter().flat_map(|r| self.following(|seen| self.attribute(language, r, name, seen))).collect();
            }
            return Some((found, owner));
        }
        None
    }
}
