//! `qmigrate history`: how far the migration was at each commit, and where it is going.

use std::io;
use std::io::Write;

use anyhow::Result;

use crate::cli::args::HistoryArgs;
use crate::cli::args::HistoryFormat;
use crate::cli::args::Selection;
use crate::cli::error::Hinted;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::past;
use crate::cli::session::Session;
use crate::git::Repository;
use crate::report;
use crate::report::Style;
use crate::report::history::Page;

/// Prints the history.
pub(crate) fn history(session: &Session, args: &HistoryArgs) -> Result<Exit> {
    let config = session.config()?;
    let rules = session.rules(&config, &Selection::default())?;
    let repository = Repository::find(&config.root)
        .ok_or_else(|| Hinted::new(format!("`{}` is in no git repository", config.root.display())))?;
    let history = past::read(session, &config, &rules, &repository, args.every.get())?;
    let page = Page { points: &history.points, every: args.every.get(), now: past::now() };
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
