//! `scan --since`: leaves out what a commit has already.

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
    let tree: Arc<dyn Shelf> = Arc::new(Tree::of_commit(repository.root(), objects, &commit.id));
    let before =
        Options { paths: vec![config.root.clone()], stdin: None, baseline: None, shelf: Some(tree), ..options.clone() };
    let earlier = engine::scan(config, rules, &before, &|| ())?;
    let tally = beyond::tally(&earlier, &Path::to_path_buf);
    // What still stands in a file that is not looked at has not moved from there.
    let scope: &[PathBuf] = if options.paths.is_empty() { std::slice::from_ref(&options.cwd) } else { &options.paths };
    let may_move = |path: &Path| scope.iter().any(|scope| path.starts_with(scope)) || !discover::exists(path);
    let known = beyond::known(scan, &tally, &|_| true, &may_move);
    let passed_over = beyond::pass_over(scan, &known);
    scan.summary.count(&scan.findings);
    scan.summary.baselined += passed_over;
    Ok(())
}
