//! What will be committed, and what it is compared with.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::git::Change;
use crate::git::GitError;
use crate::git::Mode;
use crate::git::Repository;
use crate::git::Tree;
use crate::shelf::Earlier;

use super::settings::Settings;

/// A commit to be, or one that is there already, and its parents.
pub(super) struct Commit {
    /// Its files.
    pub(super) files: Arc<Tree>,
    /// What it is compared with: one state, or several in a merge.
    pub(super) parents: Vec<Parent>,
    repository: Repository,
    /// Its name, unless it is what the index will become.
    name: Option<String>,
}

/// Who looks at a state, and at what differs from it.
type Meanwhile<'m> = dyn FnMut(&Tree, &[Change]) + 'm;

/// A state that a commit is compared with.
pub(super) struct Parent {
    /// Its files.
    pub(super) files: Arc<Tree>,
    /// What leads from it to the commit.
    pub(super) changes: Vec<Change>,
}

impl Commit {
    /// The commit that the index will become; or, where pre-commit says so, what lies between two commits. While git
    /// compares, `meanwhile` may look at what the commit will be compared with; it is called again with whatever of the
    /// changes is known.
    pub(super) fn find(repository: &Repository, meanwhile: &mut Meanwhile<'_>) -> Result<Self, GitError> {
        let variable = |name| env::var(name).ok().filter(|value: &String| !value.is_empty());
        match (variable("PRE_COMMIT_FROM_REF"), variable("PRE_COMMIT_TO_REF")) {
            (Some(from), Some(to)) => Self::between(repository, &from, &to),
            _ => Self::of_index(repository, meanwhile),
        }
    }

    fn of_index(repository: &Repository, meanwhile: &mut Meanwhile<'_>) -> Result<Self, GitError> {
        let changing = repository.staging(None)?;
        let objects = Arc::new(repository.objects()?);
        let tree = |commit: &str| Tree::of_commit(repository.root(), Arc::clone(&objects), commit);
        let current = tree("HEAD").listed_by(repository, None);
        meanwhile(&current, &[]);
        let changes = changing.finish_each(&mut |changes| meanwhile(&current, changes))?;
        let files = Arc::new(current.with(&changes));
        let current = current.told(&changes);
        let mut parents = vec![Parent { files: Arc::new(current), changes }];
        for hash in repository.merged() {
            let changes = repository.staged(Some(&hash))?;
            let files = tree(&hash).listed_by(repository, Some(&hash));
            parents.push(Parent { files: Arc::new(files), changes });
        }
        Ok(Self { files, parents, repository: repository.clone(), name: None })
    }

    fn between(repository: &Repository, from: &str, to: &str) -> Result<Self, GitError> {
        let objects = Arc::new(repository.objects()?);
        let tree = |commit: &str| {
            let files = Tree::of_commit(repository.root(), Arc::clone(&objects), commit);
            Arc::new(files.listed_by(repository, Some(commit)))
        };
        // What others have added to `from` in the meantime is not taken back by `to`.
        let base = repository.merge_base(from, to)?.unwrap_or_else(|| from.to_owned());
        let changes = repository.between(&base, to)?;
        let parents = vec![Parent { files: tree(&base), changes }];
        Ok(Self { files: tree(to), parents, repository: repository.clone(), name: Some(to.to_owned()) })
    }

    /// Its files whose names match one of some patterns and whose text holds every word.
    pub(super) fn mentioning(&self, words: &[&str], patterns: &[String]) -> Result<Vec<PathBuf>, GitError> {
        self.repository.mentioning(self.name.as_deref(), words, patterns)
    }

    /// Whether it changes anything that these settings are made of.
    pub(super) fn configures(&self, settings: &Settings) -> bool {
        let changes = self.parents.iter().flat_map(|parent| &parent.changes);
        let mut paths = changes.flat_map(|change| [&change.path, change.source()]);
        paths.any(|path| settings.may_lie_in(path))
    }

    /// Whether there is anything to judge.
    pub(super) fn is_empty(&self) -> bool {
        self.parents.iter().all(|parent| parent.changed().is_empty())
    }

    /// The regular files that are new or different in comparison with every parent.
    pub(super) fn changed(&self) -> BTreeSet<PathBuf> {
        let mut parents = self.parents.iter().map(Parent::changed);
        let first = parents.next().unwrap_or_default();
        parents.fold(first, |common, changed| common.intersection(&changed).cloned().collect())
    }
}

impl Parent {
    /// The regular files that the commit has, and this state has otherwise or not at all.
    pub(super) fn changed(&self) -> BTreeSet<PathBuf> {
        self.changes.iter().filter(|change| is_file(change.after.as_ref())).map(|change| change.path.clone()).collect()
    }

    /// The regular files of this state that the commit has otherwise, elsewhere or not at all, and of which it is asked
    /// by the path that they have in the commit.
    pub(super) fn sources(&self, is_asked: &dyn Fn(&Path) -> bool) -> BTreeSet<PathBuf> {
        let before = self.changes.iter().filter(|change| is_file(change.before.as_ref()) && is_asked(&change.path));
        before.map(|change| change.source().clone()).collect()
    }

    /// This state, for one who asks what the commit's files were in it.
    pub(super) fn earlier(&self) -> Earlier {
        let moved = self.changes.iter().filter_map(|change| Some((change.path.clone(), change.from.clone()?)));
        Earlier { shelf: Arc::<Tree>::clone(&self.files), moved: moved.collect() }
    }

    /// Where a file of this state lies in the commit, or would lie.
    pub(super) fn renamed(&self, path: &Path) -> PathBuf {
        let renamed = self.changes.iter().find(|change| change.from.as_deref() == Some(path));
        renamed.map_or_else(|| path.to_path_buf(), |change| change.path.clone())
    }
}

fn is_file(blob: Option<&crate::git::Blob>) -> bool {
    blob.is_some_and(|blob| matches!(blob.mode, Mode::File { .. }))
}
