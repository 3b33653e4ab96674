//! The names that tests replace, and how a patch follows a call to the factory.

use rustc_hash::FxHashMap;

use crate::layout::FileId;
use crate::outline::Outline;
use crate::outline::PatchTarget;
use crate::resolve::Entity;
use crate::resolve::Resolver;
use crate::source::Span;

use super::Planner;

/// A patch of a module's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlacedPatch {
    /// The test's file.
    pub(super) file: FileId,
    /// Its place among the file's patches.
    pub(super) index: u32,
    /// Where the name stands, if it can be rewritten.
    pub(super) name: Option<Span>,
    /// Where the call starts, for messages.
    at: u32,
}

/// The patches of a project, by the module's name that they replace.
#[derive(Debug, Default)]
pub(super) struct Patches {
    by_name: FxHashMap<(FileId, Box<str>), Vec<PlacedPatch>>,
}

impl Patches {
    pub(super) fn new(resolver: &Resolver<'_>) -> Self {
        let mut patches = Self::default();
        for (file, _, outline) in resolver.project().outlines() {
            for (index, patch) in (0..).zip(&outline.patches) {
                let owner = match &patch.target {
                    PatchTarget::Path(path) => match resolver.patched(file, path) {
                        // Deeper paths, such as `app.openai.OpenAI`, replace a name of something else.
                        Some((_, Some((module, name)))) if path.ends_with(&format!(".{name}")) => Some((module, name)),
                        _ => None,
                    },
                    PatchTarget::Attribute(object, name) => {
                        let object = outline.references.get(*object as usize);
                        let objects = object.map_or_else(Vec::new, |object| resolver.reference(file, object));
                        let modules = objects.iter().filter(|object| matches!(object.entity, Entity::Module(_)));
                        let mut modules = modules.filter_map(|object| resolver.file(&object.entity));
                        modules.next().map(|module| (module, name.to_string()))
                    }
                };
                let Some((module, name)) = owner else { continue };
                let placed = PlacedPatch { file, index, name: patch.name, at: patch.span.start };
                patches.by_name.entry((module, name.into())).or_default().push(placed);
            }
        }
        patches
    }

    /// The patches of a module's name.
    pub(super) fn of(&self, name: &(FileId, Box<str>)) -> Option<&[PlacedPatch]> {
        self.by_name.get(name).map(Vec::as_slice)
    }
}

impl Planner<'_> {
    /// Whether a patch can be made to name something else.
    pub(super) fn can_rewrite(&self, patch: &PlacedPatch) -> bool {
        let file = self.resolver.project().file(patch.file);
        patch.name.is_some()
            && file.is_some_and(|file| !file.exempt && file.outline.as_ref().is_some_and(Outline::is_sound))
    }

    /// Where a patch stands, for a message.
    pub(super) fn describe(&self, patch: &PlacedPatch) -> String {
        let project = self.resolver.project();
        let Some(file) = project.file(patch.file) else { return String::new() };
        let path = file.path.strip_prefix(&project.root).unwrap_or(&file.path).display().to_string();
        match self.source_of(patch.file) {
            Some(source) => format!("{path}:{}", source.line(patch.at)),
            None => path,
        }
    }
}
