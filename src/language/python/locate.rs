//! Where an import leads.

use std::path::Path;
use std::path::PathBuf;

use crate::layout::Layout;

/// Finds the module that a request means, as a path without ending: a file, a package, or a folder of packages.
pub(super) fn locate(from: &Path, request: &str, layout: &Layout) -> Option<PathBuf> {
    let level = request.chars().take_while(|&c| c == '.').count();
    let name = request.get(level..)?;
    let parts: PathBuf = name.split('.').filter(|part| !part.is_empty()).collect();
    if level > 0 {
        let mut folder = from.parent()?;
        for _ in 1..level {
            folder = folder.parent()?;
        }
        let module = folder.join(parts);
        return exists(&module, layout).then_some(module);
    }
    if parts.as_os_str().is_empty() {
        return None;
    }
    // The nearest root above the file wins, as the interpreter's path would have it.
    for folder in from.ancestors().skip(1).filter(|folder| layout.is_root(folder)) {
        let module = folder.join(&parts);
        if exists(&module, layout) {
            return Some(module);
        }
    }
    let mut elsewhere = None;
    for root in layout.roots().filter(|root| !from.starts_with(root)) {
        let module = root.join(&parts);
        if exists(&module, layout) {
            // Found below two roots, neither of them above the file: not for us to choose.
            if elsewhere.is_some() {
                return None;
            }
            elsewhere = Some(module);
        }
    }
    if elsewhere.is_some() {
        return elsewhere;
    }
    // A script finds its neighbours.
    let folder = from.parent()?;
    let module = folder.join(&parts);
    let is_package = layout.has_file(&folder.join("__init__.py"));
    (!is_package && is_file(&module, layout)).then_some(module)
}

fn exists(module: &Path, layout: &Layout) -> bool {
    is_file(module, layout) || layout.has_folder(module)
}

fn is_file(module: &Path, layout: &Layout) -> bool {
    let mut file = module.as_os_str().to_owned();
    file.push(".py");
    layout.has_file(Path::new(&file)) || layout.has_file(&module.join("__init__.py"))
}
