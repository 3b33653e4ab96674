//! The files that a text may import, told without parsing it.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;

use rustc_hash::FxHashMap;

use crate::language::Ground;

use super::module_files;
use super::sketch;

/// Every place where a file may lie that `text`, the text of `from`, imports; and the packages around `from`.
pub(super) fn files(from: &Path, text: &[u8], ground: &Ground<'_>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let known: RefCell<FxHashMap<OsString, bool>> = RefCell::default();
    let is_folder = |path: &Path| {
        let mut known = known.borrow_mut();
        known.get(path.as_os_str()).copied().unwrap_or_else(|| {
            let is_folder = (ground.is_folder)(path);
            known.insert(path.as_os_str().to_owned(), is_folder);
            is_folder
        })
    };
    let mut starts: Vec<PathBuf> = vec![ground.root.to_path_buf(), ground.root.join("src")];
    starts.extend(ground.roots.iter().cloned());
    for folder in from.ancestors().skip(1).take_while(|folder| folder.starts_with(ground.root)) {
        starts.push(folder.to_path_buf());
        files.push(folder.join("__init__.py"));
    }
    starts.sort_unstable_by(|one, other| one.as_os_str().cmp(other.as_os_str()));
    starts.dedup_by(|one, other| one.as_os_str() == other.as_os_str());
    for request in sketch::requests(text) {
        let level = request.chars().take_while(|&c| c == '.').count();
        let below: PathBuf = request.split('.').filter(|part| !part.is_empty()).collect();
        let own = (level > 0).then(|| from.ancestors().nth(level)).flatten().map(Path::to_path_buf);
        let bases = if level == 0 { starts.as_slice() } else { own.as_slice() };
        let first = below.iter().next();
        for base in bases {
            // Where there is no such package there is nothing below it.
            if let Some(first) = first
                && below.as_os_str() != first
                && !is_folder(&base.join(first))
            {
                files.extend(module_files(&base.join(first)).into_iter().skip(1));
                continue;
            }
            let module = base.join(&below);
            files.extend(module_files(&module));
            let above = module.ancestors().skip(1).take_while(|above| above.starts_with(base) && above != base);
            files.extend(above.flat_map(module_files));
        }
    }
    files
}
