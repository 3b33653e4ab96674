//! What must not be written: files that git could not bring back, and what links lead to outside the project.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use crate::edit::Change;
use crate::edit::Held;
use crate::edit::Plan;
use crate::git::Repository;
use crate::git::State;

use super::ApplyError;

/// Why files are held back, by the path of their change.
type Reasons = BTreeMap<PathBuf, String>;

/// Holds back what touches a file with changes that are not committed, or one that git does not know.
///
/// Links are followed, as in [`resolve`]. A file outside every git repository is let through: the journal suffices.
///
/// # Errors
///
/// When git cannot be run, or fails.
pub fn guard(plan: Plan, root: &Path) -> Result<Plan, ApplyError> {
    let plan = resolve(plan, root);
    let mut reasons = Reasons::new();
    for (repository, paths) in repositories(&plan) {
        for (path, state) in repository.status(&paths)? {
            reasons.extend(reason(state).map(|reason| (path, reason.to_owned())));
        }
    }
    Ok(hold(plan, &reasons, root))
}

/// Follows links to the files that they lead to, and holds back what leads out of the project at `root`.
pub fn resolve(mut plan: Plan, root: &Path) -> Plan {
    let mut reasons = Reasons::new();
    let mut first: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for index in 0..plan.changes.len() {
        let Some(change) = plan.changes.get(index) else { continue };
        let real = match real(&change.path, root) {
            Ok(real) => real,
            Err(reason) => {
                reasons.insert(change.path.clone(), reason);
                continue;
            }
        };
        if let Some(&first) = first.get(&real) {
            merge(&mut plan, first, index, &mut reasons);
            continue;
        }
        first.insert(real.clone(), index);
        if let Some(change) = plan.changes.get_mut(index) {
            change.path = real;
        }
    }
    let mut plan = hold(plan, &reasons, root);
    plan.changes.sort_by(|one, other| one.path.cmp(&other.path));
    plan.changes.dedup_by(|one, other| one.path == other.path);
    plan
}

/// Joins two changes of one file that was found under two names.
fn merge(plan: &mut Plan, first: usize, second: usize, reasons: &mut Reasons) {
    let (Some(one), Some(other)) = (plan.changes.get(first), plan.changes.get(second)) else {
        return;
    };
    if one.after != other.after {
        let reason = "is reached under two names, and would be changed in two ways";
        reasons.insert(one.path.clone(), reason.to_owned());
        reasons.insert(other.path.clone(), reason.to_owned());
        return;
    }
    let (path, unit, joined) = (one.path.clone(), one.unit, other.unit);
    for change in plan.changes.iter_mut().filter(|change| change.unit == joined) {
        change.unit = unit;
    }
    if let Some(change) = plan.changes.get_mut(second) {
        change.path = path;
    }
}

/// Follows a path to its file. A link within the project must not lead out of it.
pub(super) fn real(path: &Path, root: &Path) -> Result<PathBuf, String> {
    let real = path.canonicalize().map_err(|error| format!("cannot be found: {error}"))?;
    let real_root = root.canonicalize().unwrap_or_else(|_| root.to_path_buf());
    let is_within = path.starts_with(root) || path.starts_with(&real_root);
    if is_within && !real.starts_with(&real_root) {
        return Err("is reached through a link that leads out of the project".to_owned());
    }
    Ok(real)
}

/// The same for a file that may not be there yet: its nearest folder is followed.
pub(super) fn real_or_new(path: &Path, root: &Path) -> Result<PathBuf, String> {
    if path.symlink_metadata().is_ok() {
        return real(path, root);
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err("has no folder".to_owned());
    };
    Ok(real_or_new(folder, root)?.join(name))
}

/// The changed files by the work tree that they lie in, which may be a submodule's.
fn repositories(plan: &Plan) -> BTreeMap<Repository, Vec<PathBuf>> {
    let mut folders: BTreeMap<&Path, Option<Repository>> = BTreeMap::new();
    let mut repositories: BTreeMap<Repository, Vec<PathBuf>> = BTreeMap::new();
    for path in plan.changes.iter().map(|change| &change.path) {
        let Some(folder) = path.parent() else { continue };
        let found = folders.entry(folder).or_insert_with(|| Repository::find(folder));
        if let Some(repository) = found {
            repositories.entry(repository.clone()).or_default().push(path.clone());
        }
    }
    repositories
}

fn reason(state: State) -> Option<&'static str> {
    match state {
        State::Clean => None,
        State::Modified => Some("has uncommitted changes"),
        State::Staged => Some("has staged changes that are not committed"),
        State::Untracked => Some("is not tracked by git"),
        State::Ignored => Some("is ignored by git"),
        State::Conflicted => Some("is in the middle of a merge"),
    }
}

/// Moves every unit with a file that has a reason from the changes to what is held back.
pub fn hold(plan: Plan, reasons: &BTreeMap<PathBuf, String>, root: &Path) -> Plan {
    let Plan { changes, mut held } = plan;
    let mut culprits: BTreeMap<usize, (PathBuf, String)> = BTreeMap::new();
    for Change { path, unit, .. } in &changes {
        if let Some(reason) = reasons.get(path) {
            culprits.entry(*unit).or_insert_with(|| (path.clone(), reason.clone()));
        }
    }
    let is_held = |change: &Change| culprits.contains_key(&change.unit);
    let (stopped, changes): (Vec<Change>, Vec<Change>) = changes.into_iter().partition(is_held);
    for Change { path, unit, .. } in stopped {
        let Some((culprit, why)) = culprits.get(&unit) else { continue };
        let own = reasons.get(&path).cloned();
        let reason = own.unwrap_or_else(|| belongs(culprit, why, root));
        held.push(Held { path, reason });
    }
    let known: BTreeSet<(PathBuf, String)> = held.into_iter().map(|Held { path, reason }| (path, reason)).collect();
    let held = known.into_iter().map(|(path, reason)| Held { path, reason }).collect();
    Plan { changes, held }
}

/// Why a file is left alone that nothing is wrong with.
pub(super) fn belongs(culprit: &Path, reason: &str, root: &Path) -> String {
    let culprit = culprit.strip_prefix(root).unwrap_or(culprit).display();
    format!("belongs to the same fix as `{culprit}`, which {reason}")
}
