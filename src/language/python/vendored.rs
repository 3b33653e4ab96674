//! Copies of a package that rules name, in the tree.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use crate::language::Ground;
use crate::language::Vendored;
use crate::layout::Layout;

use super::is_identifier;
use super::locate;
use super::module_of;

/// The package folder (or the module) of this name that a file is the top of, if it is a copy and not a namesake.
pub(super) fn copy_of(file: &Path, vendored: &Vendored<'_>, ground: &Ground<'_>, layout: &Layout) -> Option<PathBuf> {
    memchr::memmem::find(file.as_os_str().as_encoded_bytes(), vendored.package.as_bytes())?;
    let module = module_of(file);
    if module.file_name().is_none_or(|name| name != vendored.package) {
        return None;
    }
    let parent = module.parent()?;
    let text = (ground.read)(file)?;
    let direct = || {
        let inner =
            vendored.symbols.iter().filter_map(|symbol| symbol.strip_prefix(vendored.package)?.strip_prefix('.'));
        inner.filter(|name| !name.contains('.'))
    };
    let named = direct().filter(|name| text.contains(*name)).count();
    // Namespace packages make many a folder of that name look topmost; the SDK's copy has the SDK's modules.
    let is_topmost = *parent == *ground.root
        || (layout.is_root(parent)
            && parent
                .file_name()
                .and_then(|name| name.to_str())
                .is_none_or(|name| name == "src" || !is_identifier(name)));
    let modules: BTreeSet<&str> =
        vendored.symbols.iter().filter_map(|symbol| symbol.rsplit_once('.')).map(|(module, _)| module).collect();
    let inner: Vec<&&str> = modules.iter().filter(|module| module.contains('.')).collect();
    // Older versions have fewer modules and classes than rules name.
    let has_modules = || match inner.as_slice() {
        [] => named == direct().count(),
        inner => inner.iter().any(|module| has_module(layout, parent, module)),
    };
    (named > 0 && (is_topmost || has_modules())).then_some(module)
}

fn has_module(layout: &Layout, parent: &Path, module: &str) -> bool {
    locate::exists(&parent.join(module.split('.').collect::<PathBuf>()), layout)
}
