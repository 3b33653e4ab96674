//! Where an import leads.

use std::path::Path;
use std::path::PathBuf;

use crate::layout::Layout;
use crate::source::is_notebook;

/// Finds the module that a request means, as a path without ending: a file, a package, or a folder of packages.
pub(super) fn locate(from: &Path, request: &str, layout: &Layout) -> Option<PathBuf> {
    let level = request.chars().take_while(|&c| c == '.').count();
    let name = request.get(level..)?;
    let parts = || name.split('.').filter(|part| !part.is_empty()).collect::<PathBuf>();
    if level > 0 {
        let mut folder = from.parent()?;
        for _ in 1..level {
            folder = folder.parent()?;
        }
        let module = if name.is_empty() { folder.to_path_buf() } else { folder.join(parts()) };
        return exists(&module, layout).then_some(module);
    }
    let first = name.split('.').next()?;
    if !layout.has_name(first) {
        return None;
    }
    let parts = parts();
    // A notebook runs in its own folder, which comes before all else.
    let own = from.parent().filter(|_| is_notebook(from)).map(|folder| folder.join(&parts));
    if let Some(own) = own.filter(|own| is_file(own, layout)) {
        return Some(own);
    }
    let roots = layout.roots_of(first);
    // The nearest root above the file wins, as the interpreter's path would have it.
    let (above, elsewhere): (Vec<&PathBuf>, Vec<&PathBuf>) = roots.iter().partition(|root| from.starts_with(root));
    let mut above: Vec<&Path> = above.into_iter().map(PathBuf::as_path).collect();
    above.sort_by_key(|root| std::cmp::Reverse(root.as_os_str().len()));
    if let Some(module) = above.iter().map(|root| root.join(&parts)).find(|module| exists(module, layout)) {
        return Some(module);
    }
    let mut found = elsewhere.iter().map(|root| root.join(&parts)).filter(|module| exists(module, layout));
    if let Some(module) = found.next() {
        // Found below two roots, neither of them above the file: not for us to choose.
        return found.next().is_none().then_some(module);
    }
    // A script finds its neighbours.
    let folder = from.parent()?;
    let is_package = layout.has_file(&folder.join("__init__.py"));
    let module = folder.join(&parts);
    (!is_package && is_file(&module, layout)).then_some(module)
}

pub(super) fn exists(module: &Path, layout: &Layout) -> bool {
    layout.has_folder(module) || is_file(module, layout)
}

fn is_file(module: &Path, layout: &Layout) -> bool {
    let mut file = module.as_os_str().to_owned();
    file.push(".py");
    layout.has_file(Path::new(&file)) || layout.has_file(&module.join("__init__.py"))
}
