//! The files that a text may import, told without parsing it.

use std::path::Path;
use std::path::PathBuf;

use crate::language::Ground;

use super::across;
use super::aliases;
use super::locate;
use super::places;
use super::sketch;

/// Every place where a file may lie that `text`, the text of `from`, imports.
pub(super) fn files(from: &Path, text: &[u8], ground: &Ground<'_>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Some(folder) = from.parent() else { return files };
    let (near, far): (Vec<String>, Vec<String>) = sketch::requests(text)
        .into_iter()
        .filter(|request| !locate::is_foreign(request))
        .partition(|request| request.starts_with('.'));
    files.extend(near.iter().flat_map(|request| at(&folder.join(request))));
    files.extend(aliases::meant(from, &far, ground).iter().flat_map(|path| at(path)));
    for request in far {
        let package = (ground.package)(locate::split(&request).0);
        files.extend(package.into_iter().flat_map(|folder| across::files(&request, &folder, ground)));
        // `@/lib/x`, `~/lib/x`, `#lib/x`, `src/lib/x`: below any folder around the file, or its `src`.
        let rest = request.trim_start_matches(['@', '~', '#', '$']).trim_start_matches('/');
        let is_alias = rest.len() < request.len();
        let below = if request.starts_with('@') && !request.starts_with("@/") {
            // The first part may be an alias, or the scope of a package.
            rest.split_once('/').map(|(_, rest)| rest)
        } else {
            (is_alias || request.starts_with("src/") || request.contains('/')).then_some(rest)
        };
        let Some(below) = below else { continue };
        for above in from.ancestors().skip(1).take_while(|above| above.starts_with(ground.root)) {
            files.extend(at(&above.join(below)));
            if above.join("src").as_path() != folder {
                files.extend(at(&above.join("src").join(below)));
            }
        }
    }
    files
}

/// The files that a path in a request may stand for.
fn at(path: &Path) -> Vec<PathBuf> {
    let path = places::normal(path);
    let mut files = Vec::new();
    files.extend(super::is_script(&path).then(|| path.clone()));
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    files.extend(places::sources(ending).iter().map(|source| path.with_extension(source)));
    files.extend(places::candidates(&path));
    files
}
