//! The files that `hook run` is given by name, as pre-commit does.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::cli::session::Session;

use super::commit::Commit;
use super::commit::Parent;

/// Files that were named.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Those that the commit changes.
    pub(super) staged: BTreeSet<PathBuf>,
    /// The others: they are judged as they lie in the work tree.
    pub(super) others: Vec<PathBuf>,
}

/// Parts the files that were named by whether the commit changes them.
pub(super) fn split(session: &Session, commit: &Commit, files: &[PathBuf]) -> Named {
    let changed: BTreeSet<PathBuf> = commit.parents.iter().flat_map(Parent::changed).collect();
    let mut named = Named::default();
    for path in files.iter().map(|path| session.absolute(path)) {
        if changed.contains(&path) {
            named.staged.insert(path);
        } else {
            named.others.push(path);
        }
    }
    named
}
