//! Files that a commit leaves alone, and in which a name comes to mean what a rule names.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Result;

use crate::engine::Handed;
use crate::language;
use crate::source::LanguageId;

use super::commit::Commit;
use super::commit::Parent;
use super::judge::Judge;

/// Files that are called as the folder that they lie in, where they are imported.
const UNNAMED: [&str; 5] = ["__init__", "index", "mod", "lib", "main"];

/// Names of exports that whoever imports them calls as he likes.
const ANY: [&str; 3] = ["default", "export=", "*"];

/// Takes away what a parent's files hand on already.
pub(super) fn lose(gained: &mut Handed, earlier: &Handed, parent: &Parent) {
    for (path, names) in earlier {
        let path = parent.renamed(path);
        if let Some(gained) = gained.get_mut(&path) {
            gained.retain(|name| !names.contains(name));
        }
    }
    gained.retain(|_, names| !names.is_empty());
}

/// The files that may import what others have come to hand on, directly or through others; none that are staged.
///
/// Only where there is such a thing, `git grep` looks through the index: a process for each name.
pub(super) fn files(judge: &Judge<'_>, commit: &Commit, gained: Handed) -> Result<BTreeSet<PathBuf>> {
    let mut affected = BTreeSet::new();
    let Some(repository) = &commit.index else { return Ok(affected) };
    let staged: BTreeSet<PathBuf> = commit.parents.iter().flat_map(Parent::changed).collect();
    let mut open = gained;
    while let Some((path, names)) = open.pop_first() {
        let patterns = patterns(&path);
        let mut fresh = BTreeSet::new();
        for name in names {
            let found = repository.mentioning(&words(&path, &name), &patterns)?;
            fresh.extend(found.into_iter().filter(|path| !staged.contains(path) && !affected.contains(path)));
        }
        affected.extend(fresh.iter().cloned());
        let mut handed = judge.find(&commit.files, judge.judged(&commit.files, &fresh))?.handed;
        let through: BTreeSet<PathBuf> = handed.keys().cloned().collect();
        for parent in &commit.parents {
            let earlier = judge.find(&parent.files, judge.judged(&parent.files, &through))?;
            lose(&mut handed, &earlier.handed, parent);
        }
        open.extend(handed);
    }
    Ok(affected)
}

/// What a file must hold that imports a name from another: the name, and the other's own.
fn words<'n>(path: &'n Path, name: &'n str) -> Vec<&'n str> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| !UNNAMED.contains(stem));
    let folder = || path.parent()?.file_name()?.to_str();
    let is_any = ANY.contains(&name);
    let own = stem.or_else(|| if is_any { folder() } else { None });
    own.into_iter().chain(Some(name).filter(|_| !is_any)).collect()
}

/// Patterns for the names of files that may import another.
fn patterns(path: &Path) -> Vec<String> {
    let Some(language) = language::by_path(path) else { return Vec::new() };
    let notebooks = if language.id() == LanguageId::Python { &["ipynb"][..] } else { &[] };
    language.extensions().iter().chain(notebooks).map(|ending| format!("*.{ending}")).collect()
}
