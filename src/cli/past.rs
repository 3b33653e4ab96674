//! The history of the project, as far as commands share it.

use std::env;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use anyhow::Result;

use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::config::Config;
use crate::git::Repository;
use crate::history;
use crate::history::History;
use crate::rule::Rule;

/// Reads one of so many commits, and keeps what was learnt for the next run.
pub(crate) fn read(
    session: &Session,
    config: &Config,
    rules: &[Rule],
    repository: &Repository,
    every: usize,
) -> Result<History> {
    let request = history::Request { config, rules, repository, every, threads: session.threads };
    let progress = Progress::of(session, "commits");
    let (history, kept) = history::read(&request, &|_| progress.tick())?;
    drop(progress);
    if let Err(error) = kept {
        session.warn(&format!("what was learnt cannot be kept for the next run: {error}"));
    }
    Ok(history)
}

/// The time that weeks are counted back from, in seconds since 1970.
pub(crate) fn now() -> i64 {
    let told = env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| since.as_secs().try_into().ok());
    told.or_else(clock).unwrap_or(0)
}
