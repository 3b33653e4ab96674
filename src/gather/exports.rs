//! Names that others may import from the files reported on, and that these do not use themselves.

use std::collections::BTreeSet;

use memchr::memmem;

use crate::language;
use crate::layout::FileId;
use crate::outline::BindingKind;
use crate::outline::Import;
use crate::outline::ImportId;
use crate::project::File;
use crate::resolve::Resolver;

use super::Exports;
use super::Request;

/// Asks where such names lead; gives back the modules that are handed on as a whole, and that nobody has outlined.
pub(super) fn wanted(request: &Request<'_>, resolver: &Resolver<'_>) -> Vec<FileId> {
    let project = resolver.project();
    let mut wanted = BTreeSet::new();
    if matches!(request.exports, Exports::Unasked) {
        return Vec::new();
    }
    for (id, file, outline) in project.outlines().filter(|(_, file, _)| file.reported && !file.exempt) {
        let asks = |import: &ImportId| {
            let import = outline.imports.get(*import as usize);
            import.is_some_and(|import| !import.external && asks(request, file, import))
        };
        let kind = |binding: &u32| outline.bindings.get(*binding as usize).map(|binding| &binding.kind);
        for (name, bindings) in &outline.exports {
            for binding in bindings {
                match kind(binding) {
                    Some(BindingKind::Import(import, _)) if asks(import) => {
                        let found = resolver.bound(id, *binding, name);
                        wanted.extend(found.iter().filter_map(|resolved| resolver.file(&resolved.entity)));
                    }
                    Some(BindingKind::Star(import)) if asks(import) => {
                        let module = outline.imports.get(*import as usize).map(|import| resolver.starred(id, import));
                        wanted.extend(module.and_then(|module| resolver.file(&module)));
                    }
                    _ => {}
                }
            }
        }
    }
    wanted.into_iter().filter(|&id| project.outline(id).is_none()).collect()
}

/// Whether it is asked what others may import through an import of a file.
pub(super) fn asks(request: &Request<'_>, file: &File, import: &Import) -> bool {
    let earlier = match request.exports {
        Exports::Unasked => return false,
        Exports::All => return true,
        Exports::New(earlier) => earlier,
    };
    // What a file hands on is said expressly in other languages, and seldom.
    if !language::by_id(file.language).is_some_and(language::Language::heeds_asks) {
        return true;
    }
    let text = request.bytes(&file.path);
    let statement = text.as_ref().and_then(|text| text.get(import.span.range()));
    let Some(statement) = statement else { return true };
    let had = |text: &[u8]| memmem::find(text, statement).is_some();
    !earlier.iter().all(|earlier| earlier.read(&file.path).is_some_and(|text| had(&text)))
}
