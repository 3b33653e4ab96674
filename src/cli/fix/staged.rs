//! `fix --staged`: fixes what git has staged, and the work tree with it where that is the same.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;

use crate::apply;
use crate::apply::Applied;
use crate::apply::FileOutcome;
use crate::apply::FileStatus;
use crate::carry::carry;
use crate::cli::error::Hinted;
use crate::cli::session::Session;
use crate::config::Config;
use crate::discover;
use crate::edit::Change;
use crate::edit::Plan;
use crate::engine;
use crate::engine::Mode;
use crate::engine::Options;
use crate::git::Blob;
use crate::git::Repository;
use crate::git::Tree;
use crate::rule::Rule;
use crate::shelf::Shelf;
use crate::store::journal::Journal;

/// What is staged.
pub(super) struct Staged {
    repository: Repository,
    index: Arc<Tree>,
    changed: Vec<PathBuf>,
}

/// What a file of the work tree becomes, where it is there.
type Beside = BTreeMap<PathBuf, Change>;

impl Staged {
    /// Asks git.
    pub(super) fn find(session: &Session) -> Result<Self> {
        let Some(repository) = Repository::current(&session.cwd) else {
            let error = Hinted::new("no git repository here");
            return Err(error.hint("without `--staged`, `fix` needs none").into());
        };
        let objects = Arc::new(repository.objects()?);
        let changes = repository.staged(None)?;
        let changed = changes.iter().filter(|change| change.after.is_some()).map(|change| change.path.clone());
        let changed = changed.collect();
        let index = Arc::new(Tree::of_commit(repository.root(), objects, "HEAD").with(&changes));
        Ok(Self { repository, index, changed })
    }

    /// The configuration that is staged.
    pub(super) fn config(&self, session: &Session) -> Result<Config> {
        session.config_from(self.repository.root(), self.index.as_ref())
    }

    /// What is looked at: the staged files, within the paths that the user named.
    pub(super) fn options(&self, config: &Config, options: Options) -> Options {
        let is_named = |path: &PathBuf| options.paths.is_empty() || options.paths.iter().any(|p| path.starts_with(p));
        let paths: Vec<PathBuf> = self.changed.iter().filter(|path| is_named(path)).cloned().collect();
        let mut paths = discover::listed(config, paths);
        paths.retain(|path| self.index.has_file(path));
        let shelf: Arc<dyn Shelf> = Arc::<Tree>::clone(&self.index);
        Options { paths, shelf: Some(shelf), ..options }
    }

    /// Holds back what cannot be fixed in the index and in the work tree alike; returns what the work tree becomes.
    pub(super) fn guard(
        &self,
        plan: Plan,
        config: &Config,
        rules: &[Rule],
        options: &Options,
        mode: Mode,
    ) -> Result<(Plan, Beside)> {
        let mut beside = Beside::new();
        let mut reasons = BTreeMap::new();
        let mut halves = Vec::new();
        for change in &plan.changes {
            match self.beside(change)? {
                Work::Absent => {}
                Work::Same(own) => {
                    beside.insert(change.path.clone(), own);
                }
                Work::Carried(own) => {
                    halves.push(change.path.clone());
                    beside.insert(change.path.clone(), own);
                }
                Work::Different => {
                    let reason = "has changes that are not staged in the same place";
                    reasons.insert(change.path.clone(), reason.to_owned());
                }
            }
        }
        if !halves.is_empty() {
            // What is not staged may need what the fix takes away, or have more to be fixed.
            let options = Options { paths: halves.clone(), shelf: None, ..options.clone() };
            let own = engine::fix(config, rules, &options, mode, None, &|| ())?.plan;
            for path in halves {
                let wanted = own.changes.iter().find(|change| change.path == path);
                if wanted.map(|change| &change.after) != beside.get(&path).map(|change| &change.after) {
                    let reason = "has changes that are not staged, with which its fix would be another one";
                    reasons.insert(path, reason.to_owned());
                }
            }
        }
        let plan = apply::hold(plan, &reasons, &config.root);
        let kept: BTreeSet<&PathBuf> = plan.changes.iter().map(|change| &change.path).collect();
        beside.retain(|path, _| kept.contains(path));
        Ok((plan, beside))
    }

    /// What a change of the index means for the file in the work tree.
    fn beside(&self, change: &Change) -> Result<Work> {
        let Change { path, before, after, unit } = change;
        let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
        let Ok(bytes) = fs::read(path) else { return Ok(Work::Absent) };
        if !is_file {
            return Ok(Work::Different);
        }
        let own = |after: Vec<u8>| Change { path: path.clone(), before: bytes.clone(), after, unit: *unit };
        if bytes == *before {
            return Ok(Work::Same(own(after.clone())));
        }
        let cleaned_id = self.repository.store_cleaned(path, &bytes)?;
        let cleaned = self.repository.objects()?.get(&cleaned_id)?.map(|object| object.bytes);
        let cleaned = cleaned.as_deref().unwrap_or(&bytes);
        let Some(fixed) = carry(before, after, cleaned) else { return Ok(Work::Different) };
        let is_same = cleaned == before.as_slice();
        let fixed = if cleaned == bytes.as_slice() {
            fixed
        } else {
            // Line ends, encoding or a filter stand between the index and the work tree.
            self.repository.smudged(path, &self.repository.store(&fixed)?)?
        };
        Ok(if is_same { Work::Same(own(fixed)) } else { Work::Carried(own(fixed)) })
    }

    /// Writes the work tree, then the index; units of which a file cannot be written are left out.
    pub(super) fn apply(&self, plan: &Plan, beside: Beside, journal: &Journal) -> Result<Applied> {
        let work_tree = Plan { changes: beside.into_values().collect(), held: plan.held.clone() };
        let mut applied = apply::apply(&work_tree, journal)?;
        let is_failed =
            |path: &Path| applied.files.iter().any(|file| file.path == path && file.status != FileStatus::Changed);
        let failed: BTreeSet<usize> =
            plan.changes.iter().filter(|change| is_failed(&change.path)).map(|change| change.unit).collect();
        let mut entries = Vec::new();
        for change in plan.changes.iter().filter(|change| !failed.contains(&change.unit)) {
            let Some(Blob { mode, .. }) = self.index.entry(&change.path) else { continue };
            entries.push((change.path.as_path(), Blob { mode, id: self.repository.store(&change.after)? }));
        }
        let paths: Vec<PathBuf> = entries.iter().map(|(path, _)| path.to_path_buf()).collect();
        if let Err(error) = if entries.is_empty() { Ok(()) } else { self.repository.stage(entries) } {
            // Fixed in one place only would be worse than not at all.
            if let Some(id) = &applied.id {
                apply::undo(journal, Some(id))?;
            }
            return Err(anyhow::Error::new(error).context("cannot write the index; the work tree is as it was"));
        }
        let known: BTreeSet<PathBuf> = applied.files.iter().map(|file| file.path.clone()).collect();
        let more = paths.into_iter().filter(|path| !known.contains(path));
        applied.files.extend(more.map(|path| FileOutcome { path, status: FileStatus::Changed, reason: None }));
        applied.files.sort();
        Ok(applied)
    }
}

/// A file in the work tree, beside the one in the index.
enum Work {
    /// It is not there.
    Absent,
    /// It is what is staged.
    Same(Change),
    /// It is something else, and the same change fits.
    Carried(Change),
    /// It is something else where the change would be.
    Different,
}
