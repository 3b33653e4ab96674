//! A second look: files are outlined again as they would be written.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::language;
use crate::language::Watch;
use crate::layout::FileId;
use crate::outline::ImportForm;
use crate::outline::Outline;
use crate::resolve::Resolver;
use crate::source::LanguageId;
use crate::source::SourceFile;

use super::Edits;

type Changed = (FileId, PathBuf, Vec<u8>, Vec<u8>);

/// What files become, and which must not become that, and why.
pub(super) fn changes(
    resolver: &Resolver<'_>,
    edits: &Edits,
    watches: &[(LanguageId, Watch)],
) -> (Vec<Changed>, BTreeMap<FileId, String>) {
    let mut changed = Vec::new();
    let mut refused = BTreeMap::new();
    for (&id, edits) in edits {
        let Some(file) = resolver.project().file(id) else { continue };
        let (Some(before), Some(source)) = (&file.outline, &file.source) else { continue };
        let Some(after) = source.edited(edits) else {
            refused.insert(id, "its fixes overlap".to_owned());
            continue;
        };
        let watch = watches.iter().find(|(language, _)| *language == file.language);
        let (Some(language), Some((_, watch))) = (language::by_id(file.language), watch) else { continue };
        let fresh = SourceFile::from_bytes(file.path.to_path_buf(), file.language, after.clone());
        match objection(before, &language::outline(language, &fresh, watch)) {
            Some(reason) => {
                refused.insert(id, reason);
            }
            None => changed.push((id, file.path.to_path_buf(), source.bytes().to_vec(), after)),
        }
    }
    (changed, refused)
}

/// What speaks against a file's new text.
fn objection(before: &Outline, after: &Outline) -> Option<String> {
    if !before.is_sound() {
        return Some("it has problems and is not edited".to_owned());
    }
    if let Some(problem) = after.problems.first() {
        return Some(format!("the fix would leave it broken: {}", problem.message));
    }
    if after.skipped_cells != before.skipped_cells {
        return Some("the fix would leave a cell broken".to_owned());
    }
    if let Some(name) = after.unbound.difference(&before.unbound).next() {
        return Some(format!("the fix would leave `{name}` unbound"));
    }
    let unused_before = unused(before);
    let mut unused_after = unused(after).into_iter();
    let name = unused_after.find(|name| !unused_before.contains(name))?;
    Some(format!("the fix would leave the import of `{name}` unused"))
}

/// Names that are imported and never read.
fn unused(outline: &Outline) -> BTreeSet<&str> {
    let mut unused = BTreeSet::new();
    for import in outline.imports.iter().filter(|import| import.form != ImportForm::Star) {
        let in_class = outline.scopes.get(import.scope as usize).is_some_and(|scope| scope.is_class);
        if in_class || &*import.module == "__future__" {
            continue;
        }
        for member in import.members.iter().filter(|member| member.reads == 0) {
            if outline.offered.contains(&member.binding) {
                continue;
            }
            let name = member.bound(import.form);
            let is_redundant = member.alias.as_ref().is_some_and(|alias| *alias == member.name);
            let is_public = outline.public.as_ref().is_some_and(|public| public.contains(name));
            if !is_redundant && !is_public && !outline.named.contains(name) {
                unused.insert(name);
            }
        }
    }
    unused
}
