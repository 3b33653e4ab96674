//! The names that tests replace, and how a patch follows a call to the factory.

use rustc_hash::FxHashMap;

use crate::layout::FileId;
use crate::outline::Outline;
use crate::outline::PatchTarget;
use crate::outline::ReferenceId;
use crate::resolve::Entity;
use crate::resolve::Resolver;
use crate::source::Span;

use super::Planner;
use super::Proposal;

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
    /// Patches of a class of the SDK through a module's name: `app.openai.OpenAI`.
    through: FxHashMap<(FileId, Box<str>, Box<str>), Vec<PlacedPatch>>,
}

impl Patches {
    pub(super) fn new(resolver: &Resolver<'_>) -> Self {
        let mut patches = Self::default();
        for (file, _, outline) in resolver.project().outlines() {
            for (index, patch) in (0..).zip(&outline.patches) {
                if let PatchTarget::Path(path) = &patch.target
                    && let Some((resolved, Some((module, name)))) = resolver.patched(file, path)
                    && let [only] = resolved.as_slice()
                    && let Entity::External(_) = &only.entity
                    && let Some((_, class)) = path.split_once(&format!(".{name}."))
                    && let Some(whole) = whole_name(resolver, file, patch.name, &format!("{name}."))
                {
                    let placed = PlacedPatch { file, index, name: Some(whole), at: patch.span.start };
                    patches.through.entry((module, name.into(), class.into())).or_default().push(placed);
                    continue;
                }
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
                    PatchTarget::Module(_) => None,
                };
                let Some((module, name)) = owner else { continue };
                let placed = PlacedPatch { file, index, name: patch.name, at: patch.span.start };
                patches.by_name.entry((module, name.into())).or_default().push(placed);
            }
        }
        patches
    }

    /// The patches of a class through a module's name for its package.
    pub(super) fn through(&self, module: FileId, name: &str, class: &str) -> &[PlacedPatch] {
        self.through.get(&(module, name.into(), class.into())).map_or(&[], Vec::as_slice)
    }

    /// The patches of a module's name.
    pub(super) fn of(&self, name: &(FileId, Box<str>)) -> Option<&[PlacedPatch]> {
        self.by_name.get(name).map(Vec::as_slice)
    }
}

/// The span of a patched name together with what stands before it, where the text says just that.
fn whole_name(resolver: &Resolver<'_>, file: FileId, name: Option<Span>, before: &str) -> Option<Span> {
    let source = resolver.project().file(file)?.source.as_ref()?;
    let name = name?;
    let start = name.start.checked_sub(u32::try_from(before.len()).ok()?)?;
    (source.slice(Span::new(start, name.start)) == before).then_some(Span::new(start, name.end))
}

impl Planner<'_> {
    /// The patches that reach a proposal's call through its module's name for the package, and nothing else.
    pub(super) fn seen_through(&self, proposal: &Proposal) -> Vec<PlacedPatch> {
        self.through_of(proposal.file, proposal.reference)
            .filter(|key| self.only_here.contains(key))
            .map(|(module, name, class)| self.patches.through(module, &name, &class).to_vec())
            .unwrap_or_default()
    }

    /// The module, its name for a package, and the class of it that a reference reads each time it runs.
    pub(super) fn through_of(&self, file: FileId, reference: ReferenceId) -> Option<(FileId, Box<str>, Box<str>)> {
        let outline = self.resolver.project().outline(file)?;
        let reference = outline.references.get(reference as usize)?;
        let root = outline.bindings.get(reference.roots.first().copied()? as usize)?;
        (root.scope == 0 && !reference.attributes.is_empty())
            .then(|| (file, (&*reference.name).into(), reference.attributes.join(".").into()))
    }

    /// Whether a patch can be made to name something else.
    pub(super) fn can_rewrite(&self, patch: &PlacedPatch) -> bool {
        let file = self.resolver.project().file(patch.file);
        patch.name.is_some()
            && file.is_some_and(|file| !file.exempt && file.outline.as_deref().is_some_and(Outline::is_sound))
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
