//! Files that a commit leaves alone, and in which a name comes to mean what a rule names.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;

use crate::engine::Handed;
use crate::git::Tree;
use crate::language;
use crate::language::Language;
use crate::layout::Layout;
use crate::source::NOTEBOOK;

use super::commit::Commit;
use super::commit::Parent;
use super::judge::Judge;

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

/// The files that may import what others have come to hand on since a parent, directly or through others; none that are
/// different from that parent's.
///
/// Only where there is such a thing, `git grep` looks through the commit: a process for each name, and one for those who
/// import all names.
pub(super) fn files(judge: &Judge<'_>, commit: &Commit, parent: &Parent, gained: Handed) -> Result<BTreeSet<PathBuf>> {
    let mut affected = BTreeSet::new();
    let staged = parent.changed();
    let mut open = judge.gained(parent, gained)?;
    // Those that hand something on; what a file hands on is known as far as the files before it in the chain are.
    let mut chain = BTreeSet::new();
    while let Some((path, names)) = open.pop_first() {
        chain.insert(path.clone());
        let Some(language) = language::by_path(&path) else { continue };
        let patterns = patterns(language);
        let mut found = Vec::new();
        for name in &names {
            found.extend(commit.mentioning(&words(language, &path, name), &patterns)?);
        }
        for own in tails(language, &path, commit) {
            found.extend(commit.mentioning(&[&own, language.star_import()], &patterns)?);
        }
        if let (Some(outer), Some(folder)) = (language.outer_module(), language.folder_of(&path)) {
            for name in names.iter().map(String::as_str).chain([language.star_import()]) {
                let mut within = commit.mentioning(&[outer, name], &patterns)?;
                within.retain(|found| found.starts_with(&folder));
                found.extend(within);
            }
        }
        let is_fresh = |path: &PathBuf| !staged.contains(path) && !affected.contains(path);
        let fresh: BTreeSet<PathBuf> = found.into_iter().filter(is_fresh).collect();
        affected.extend(fresh.iter().cloned());
        let asked: BTreeSet<PathBuf> = chain.union(&fresh).cloned().collect();
        let mut handed = judge.handed(&commit.files, &asked)?;
        handed.retain(|path, _| fresh.contains(path));
        let through: BTreeSet<PathBuf> = chain.iter().chain(handed.keys()).cloned().collect();
        lose(&mut handed, &judge.handed(&parent.files, &through)?, parent);
        open.extend(handed);
    }
    Ok(affected)
}

/// What a file must hold that imports a name from another: the name, and the other's own.
fn words<'n>(language: &dyn Language, path: &'n Path, name: &'n str) -> Vec<&'n str> {
    let is_nameless = language.is_nameless(name);
    let own = if is_nameless { own_name(language, path) } else { stem(path).filter(|_| !language.is_gateway(path)) };
    own.into_iter().chain(Some(name).filter(|_| !is_nameless)).collect()
}

/// What a file may be called where all names are imported from it.
fn tails(language: &dyn Language, path: &Path, commit: &Commit) -> BTreeSet<String> {
    let mut layout = Layout::default();
    layout.read_from(Arc::<Tree>::clone(&commit.files));
    layout.insert(&Arc::from(path), 0);
    let tails = language.module_tails(path, &layout).into_iter();
    tails.chain(own_name(language, path).map(str::to_owned)).filter(|tail| !tail.is_empty()).collect()
}

/// What a file is called where it is imported.
fn own_name<'n>(language: &dyn Language, path: &'n Path) -> Option<&'n str> {
    if language.is_gateway(path) { path.parent()?.file_name()?.to_str() } else { stem(path) }
}

fn stem(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()
}

/// Patterns for the names of files that may import modules of a language.
fn patterns(language: &dyn Language) -> Vec<String> {
    language.extensions().iter().chain([&NOTEBOOK]).map(|ending| format!("*.{ending}")).collect()
}
