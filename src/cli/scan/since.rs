//! `scan --since`: leaves out what a commit has already.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;

use crate::cli::error::Hinted;
use crate::config::Config;
use crate::discover;
use crate::engine;
use crate::engine::Options;
use crate::engine::beyond;
use crate::finding::Scan;
use crate::git::Repository;
use crate::git::Tree;
use crate::rule::Rule;
use crate::shelf::Shelf;

/// So many files are looked at by themselves before all are: each takes as long as hundreds in a scan of all.
const FEW: usize = 20;

/// Drops the findings that a commit has, by the configuration and the rules of today, and counts them as baselined.
pub(super) fn pass_over(
    scan: &mut Scan,
    revision: &str,
    config: &Config,
    rules: &[Rule],
    options: &Options,
) -> Result<()> {
    let repository = Repository::find(&config.root)
        .ok_or_else(|| Hinted::new(format!("`{}` is in no git repository", config.root.display())))?;
    let objects = Arc::new(repository.objects()?);
    let commit = if revision.contains('\n') { None } else { objects.get(&format!("{revision}^{{commit}}"))? };
    let commit = commit.ok_or_else(|| {
        let error = Hinted::new(format!("no commit is called `{revision}`"));
        error.hint("a shallow clone has only its last commits: `git fetch --unshallow`, or `git fetch origin REV`")
    })?;
    let tree = Arc::new(Tree::of_commit(repository.root(), objects, &commit.id));
    let find = |paths: Vec<PathBuf>| {
        let shelf: Arc<dyn Shelf> = Arc::<Tree>::clone(&tree);
        let before = Options { paths, stdin: None, baseline: None, shelf: Some(shelf), ..options.clone() };
        let earlier = engine::find(config, rules, &before)?;
        anyhow::Ok(beyond::tally(&earlier, &Path::to_path_buf))
    };
    // First the files that have findings, which mostly suffices where they are few.
    let suspects: BTreeSet<&Arc<Path>> = beyond::standing(scan).map(|finding| &finding.path).collect();
    let suspects: Vec<PathBuf> = suspects.into_iter().map(|path| path.to_path_buf()).collect();
    if suspects.is_empty() {
        return Ok(());
    }
    let are_few = suspects.len() <= FEW;
    let there: Vec<PathBuf> = suspects.into_iter().filter(|path| are_few && tree.has_file(path)).collect();
    let mut known = Vec::new();
    if !there.is_empty() {
        known = beyond::known(scan, &find(there)?, &|_| true, &|_| false);
    }
    if known.is_empty() || known.contains(&false) {
        // What still stands in a file that is not looked at has not moved from there.
        let scope: &[PathBuf] =
            if options.paths.is_empty() { std::slice::from_ref(&options.cwd) } else { &options.paths };
        let may_move = |path: &Path| scope.iter().any(|scope| path.starts_with(scope)) || !discover::exists(path);
        known = beyond::known(scan, &find(vec![config.root.clone()])?, &|_| true, &may_move);
    }
    let passed_over = beyond::pass_over(scan, &known);
    scan.summary.count(&scan.findings);
    scan.summary.baselined += passed_over;
    Ok(())
}
