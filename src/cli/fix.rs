//! `qmigrate fix`: rewrites what can be rewritten safely.

mod interactive;
mod staged;
mod summary;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Result;

use crate::apply;
use crate::apply::Applied;
use crate::apply::FileOutcome;
use crate::apply::FileStatus;
use crate::cli::args::FixArgs;
use crate::cli::args::FixFormat;
use crate::cli::error::Hinted;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::session::batch;
use crate::config::Config;
use crate::edit::Plan;
use crate::engine;
use crate::engine::Fixing;
use crate::engine::Mode;
use crate::finding::Problem;
use crate::git::Repository;
use crate::report;
use crate::source::LanguageId;
use crate::store::journal::Journal;

use staged::Staged;

/// Plans, writes (or shows) the plan, and says what was left and why.
pub(crate) fn fix(session: &Session, args: &FixArgs) -> Result<Exit> {
    refuse(args)?;
    let staged = if args.staged { Some(Staged::find(session)?) } else { None };
    let config = staged.as_ref().map_or_else(|| session.config(), |staged| staged.config(session))?;
    let rules = session.rules(&config, &args.selection)?;
    let mut options = session.options(&args.selection);
    options.baseline = session.baseline(&config, None)?;
    if let Some(staged) = &staged {
        options = staged.options(&config, options);
        if options.paths.is_empty() {
            session.warn("nothing is staged that could be fixed");
            return Ok(Exit::Success);
        }
    }
    let progress = Progress::new(session);
    if let Some(name) = &args.batch {
        let (_, schedule) = engine::schedule(&config, &rules, &options, &|| progress.tick())?;
        let chosen = batch(schedule.batches, name)?;
        options.paths = chosen.tasks.iter().map(|task| task.path.to_path_buf()).collect();
        if options.paths.is_empty() {
            drop(progress);
            session.warn(&format!("nothing is left in the batch `{name}`"));
            return Ok(Exit::Success);
        }
    }
    let mode = Mode { unsafe_fixes: args.r#unsafe, assume_factory: args.dry_run };
    let (base, style) = (base(&config), session.style(&config));
    let mut asker = interactive::Asker::new(&base, &style);
    let mut agrees = |fix: &Plan| asker.agrees(fix);
    let agrees: Option<&mut (dyn FnMut(&Plan) -> bool + Send)> =
        if args.interactive { Some(&mut agrees) } else { None };
    let fixing = engine::fix(&config, &rules, &options, mode, agrees, &|| progress.tick())?;
    asker.finish()?;
    drop(progress);
    if fixing.is_without_factory() {
        return Err(without_factory(&fixing, &config));
    }
    let Fixing { scan, plan, .. } = fixing;
    for warning in &scan.warnings {
        session.warn(warning);
    }
    let (plan, beside) = match &staged {
        Some(staged) => staged.guard(plan, &config, &rules, &options, mode)?,
        None if args.allow_dirty => (apply::resolve(plan, &config.root), BTreeMap::new()),
        None => (apply::guard(plan, &config.root)?, BTreeMap::new()),
    };
    let applied = match &staged {
        _ if args.dry_run || args.check => preview(&plan),
        Some(staged) => staged.apply(&plan, beside, &Journal::at(&config.root)?)?,
        None => apply::apply(&plan, &Journal::at(&config.root)?)?,
    };
    let summary = summary::Summary { scan: &scan, applied: &applied, paths: &options.paths, args };
    if args.format == FixFormat::Json {
        let (id, files) = (applied.id.as_deref(), applied.files.as_slice());
        output::print(|out| report::json::write_fix(out, &scan, &session.cwd, id, files))?;
    } else if args.dry_run {
        output::print(|out| report::diff::write(out, &plan, &base, &style))?;
        summary.warn(session);
    } else {
        output::print(|out| summary.write(out, &style))?;
    }
    Ok(exit(&scan.problems, &applied.files, args))
}

fn refuse(args: &FixArgs) -> Result<()> {
    if args.interactive && args.format == FixFormat::Json {
        return Err(Hinted::new("`--interactive` and `--format json` exclude each other").into());
    }
    if args.selection.paths.iter().any(|path| path == Path::new("-")) {
        let error = Hinted::new("`fix` does not rewrite standard input");
        return Err(error.hint("a file of that name is `./-`").into());
    }
    Ok(())
}

fn without_factory(fixing: &Fixing, config: &Config) -> anyhow::Error {
    let languages: BTreeSet<LanguageId> = fixing.scan.findings.iter().map(|finding| finding.language).collect();
    let modules = languages.iter().filter_map(|language| config.factory.get(language));
    let modules: Vec<String> = modules.map(|module| format!("`{module}`")).collect();
    let message = format!("nothing can be fixed: the project has no factory {}", modules.join(" or "));
    let advice = config.way_to_factory();
    let error = Hinted::new(message).hint(advice);
    let scaffolds = languages.contains(&LanguageId::Python);
    let error = if scaffolds { error.hint("`qmigrate init --factory python` has one to begin with") } else { error };
    error.into()
}

/// Where names in a patch start: git's root, else the project's.
fn base(config: &Config) -> PathBuf {
    let root = || config.root.canonicalize().unwrap_or_else(|_| config.root.clone());
    Repository::find(&config.root).map_or_else(root, |repository| repository.root().to_path_buf())
}

/// What `apply` would say if all went well.
fn preview(plan: &Plan) -> Applied {
    let changed = plan.changes.iter().map(|change| FileOutcome {
        path: change.path.clone(),
        status: FileStatus::Changed,
        reason: None,
    });
    let held = plan.held.iter().map(|held| FileOutcome {
        path: held.path.clone(),
        status: FileStatus::HeldBack,
        reason: Some(held.reason.clone()),
    });
    let mut files: Vec<FileOutcome> = changed.chain(held).collect();
    files.sort();
    Applied { id: None, files }
}

fn exit(problems: &[Problem], files: &[FileOutcome], args: &FixArgs) -> Exit {
    let has_changed = files.iter().any(|file| file.status == FileStatus::Changed);
    let is_whole = files.iter().all(|file| file.status == FileStatus::Changed);
    if !problems.is_empty() || !is_whole {
        Exit::Incomplete
    } else if args.check && has_changed {
        Exit::Findings
    } else {
        Exit::Success
    }
}
