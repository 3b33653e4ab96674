//! The files that a text may import, told without parsing it.

use std::ffi::OsString;
use std::path::MAIN_SEPARATOR_STR;
use std::path::Path;
use std::path::PathBuf;

use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::language::Ground;

use super::module_files;
use super::sketch;

/// Every place where a file may lie that `text`, the text of `from`, imports; and the packages around `from`.
///
/// Paths are put together as text: there are thousands of them, and taking a path apart takes long.
pub(super) fn files(from: &Path, text: &[u8], ground: &Ground<'_>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut starts: Vec<OsString> = vec![ground.root.into(), below(ground.root.as_os_str().to_owned(), "src")];
    starts.extend(ground.roots.iter().map(|root| root.clone().into_os_string()));
    for folder in from.ancestors().skip(1).take_while(|folder| folder.starts_with(ground.root)) {
        starts.push(folder.into());
        files.push(folder.join("__init__.py"));
    }
    starts.sort_unstable();
    starts.dedup();
    let mut is_folder: FxHashMap<OsString, bool> = FxHashMap::default();
    let mut seen: FxHashSet<OsString> = FxHashSet::default();
    let mut requests = sketch::requests(text);
    requests.retain(|request| (ground.asks)(request));
    requests.sort_unstable();
    requests.dedup();
    // What lies next to one another starts with the same name, mostly.
    let mut known: Option<(String, Vec<OsString>)> = None;
    for request in requests {
        let name = request.trim_start_matches('.');
        let level = request.len() - name.len();
        let own: Vec<OsString> =
            from.ancestors().nth(level).filter(|_| level > 0).map(OsString::from).into_iter().collect();
        // A package of another project in the same repository: its folder may be a root.
        let first = name.split('.').next().filter(|_| level == 0).unwrap_or_default();
        let may_hold = |base: &OsString, first: &str| (ground.may_hold)(Path::new(base), first);
        if level == 0 && known.as_ref().is_none_or(|(known, _)| known != first) {
            // Most modules lie in none of the folders.
            let elsewhere = (ground.elsewhere)(first).into_iter().map(PathBuf::into_os_string);
            let elsewhere = elsewhere.filter(|folder| !starts.contains(folder)).filter(|base| may_hold(base, first));
            let near = starts.iter().filter(|base| may_hold(base, first)).cloned();
            known = Some((first.to_owned(), near.chain(elsewhere).collect()));
        }
        let bases = known.as_ref().filter(|_| level == 0).map_or(&own, |(_, bases)| bases);
        for base in bases {
            let mut parts = name.split('.').filter(|part| !part.is_empty()).peekable();
            match parts.peek() {
                Some(first) if level > 0 && !may_hold(base, first) => continue,
                Some(_) => {}
                None => files.extend(module_files(Path::new(base))),
            }
            let mut module = base.clone();
            while let Some(part) = parts.next() {
                module = below(module, part);
                if seen.insert(module.clone()) {
                    files.extend(module_files(Path::new(&module)));
                }
                // Where there is no such package there is nothing below it.
                let mut is_missing = || {
                    let ask = || (ground.is_folder)(Path::new(&module));
                    !*is_folder.entry(module.clone()).or_insert_with(ask)
                };
                if parts.peek().is_some() && is_missing() {
                    break;
                }
            }
        }
    }
    files
}

fn below(mut folder: OsString, name: &str) -> OsString {
    folder.push(MAIN_SEPARATOR_STR);
    folder.push(name);
    folder
}
