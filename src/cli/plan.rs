//! `qmigrate plan`: the work that is left, in batches, critical path first.

use anyhow::Result;

use crate::cli::args::PlanArgs;
use crate::cli::args::PlanFormat;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::session::batch;
use crate::engine;
use crate::report;
use crate::schedule::Batch;

/// Prints the batches.
pub(crate) fn plan(session: &Session, args: &PlanArgs) -> Result<Exit> {
    let config = session.config()?;
    let rules = session.rules(&config, &args.selection)?;
    let options = session.options(&args.selection);
    let progress = Progress::new(session);
    let (scan, mut schedule) = engine::schedule(&config, &rules, &options, &|| progress.tick())?;
    drop(progress);
    for warning in &scan.warnings {
        session.warn(warning);
    }
    if let Some(name) = &args.batch {
        schedule.batches = vec![batch(schedule.batches, name)?];
    }
    if let Some(count) = args.next {
        schedule.batches = first(schedule.batches, usize::from(count));
    }
    let style = session.style(&config);
    output::print(|out| match args.format {
        PlanFormat::Text => report::schedule::text(out, &schedule, &style),
        PlanFormat::Markdown => report::schedule::markdown(out, &schedule, &session.cwd),
        PlanFormat::Json => report::schedule::json(out, &schedule, &session.cwd),
    })?;
    Ok(if scan.problems.is_empty() { Exit::Success } else { Exit::Incomplete })
}

/// The batches that hold the next files, with these files alone.
fn first(batches: Vec<Batch>, count: usize) -> Vec<Batch> {
    let mut left = count;
    let mut first = Vec::new();
    for mut batch in batches {
        batch.tasks.truncate(left);
        left -= batch.tasks.len();
        if !batch.tasks.is_empty() {
            first.push(batch);
        }
    }
    first
}
