//! `qmigrate history`: how far the migration was at each commit, and where it is going.

use std::env;
use std::io;
use std::io::Write;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

use anyhow::Result;

use crate::cli::args::HistoryArgs;
use crate::cli::args::HistoryFormat;
use crate::cli::args::Selection;
use crate::cli::error::Hinted;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::git::Repository;
use crate::history;
use crate::report;
use crate::report::Style;
use crate::report::history::Page;
use crate::store::history::Known;

/// Prints the history.
pub(crate) fn history(session: &Session, args: &HistoryArgs) -> Result<Exit> {
    let config = session.config()?;
    let rules = session.rules(&config, &Selection::default())?;
    let repository = Repository::find(&config.root)
        .ok_or_else(|| Hinted::new(format!("`{}` is in no git repository", config.root.display())))?;
    let key = history::key(&config, &rules, &repository)?;
    let mut known = Known::open(&config.root, &key)?;
    let request = history::Request {
        config: &config,
        rules: &rules,
        repository: &repository,
        every: args.every.get(),
        threads: session.threads,
    };
    let progress = Progress::of(session, "commits");
    let history = history::read(&request, &mut known, &|| progress.tick())?;
    drop(progress);
    if let Err(error) = known.save() {
        session.warn(&format!("what was learnt cannot be kept for the next run: {error}"));
    }
    let page = Page { points: &history.points, every: args.every.get(), now: now() };
    match &args.output {
        Some(path) => {
            let style = session.plain_style(&config);
            output::save(&session.absolute(path), |out| write(out, &page, args.format, &style))?;
        }
        None => output::print(|out| write(out, &page, args.format, &session.style(&config)))?,
    }
    Ok(Exit::Success)
}

fn write(out: &mut dyn Write, page: &Page<'_>, format: HistoryFormat, style: &Style) -> io::Result<()> {
    match format {
        HistoryFormat::Text => report::history::text(out, page, style),
        HistoryFormat::Json => report::history::json(out, page),
        HistoryFormat::Csv => report::history::csv(out, page),
        HistoryFormat::Svg => report::history::svg(out, page),
    }
}

/// The time that weeks are counted back from, in seconds since 1970.
fn now() -> i64 {
    let told = env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| since.as_secs().try_into().ok());
    told.or_else(clock).unwrap_or(0)
}
