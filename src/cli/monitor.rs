//! `qmigrate monitor`: the live dashboard, or its numbers.

use std::io;
use std::io::IsTerminal;

use anyhow::Context;
use anyhow::Result;

use crate::cli::args::FixFormat;
use crate::cli::args::MonitorArgs;
use crate::cli::args::Selection;
use crate::cli::error::Hinted;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::past;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::config::Config;
use crate::engine::Options;
use crate::engine::session;
use crate::finding::Scan;
use crate::monitor;
use crate::monitor::Setup;
use crate::monitor::once;
use crate::monitor::snapshot::Snapshot;
use crate::report;
use crate::rule::Rule;

/// Shows the dashboard, or prints its numbers once.
pub(crate) fn monitor(session: &Session, args: &MonitorArgs) -> Result<Exit> {
    if args.selection.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(Hinted::new("`monitor` does not read standard input").hint("a file of that name is `./-`").into());
    }
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if !args.once && !is_terminal {
        let error = Hinted::new("`monitor` needs a terminal");
        return Err(error.hint("`qmigrate monitor --once` prints the same numbers as text").into());
    }
    let config = session.config()?;
    let rules = session.rules(&config, &args.selection)?;
    if args.once { print(session, args, config, rules) } else { show(session, args, config, rules) }
}

/// What `scan` would look at, with the project's baseline.
fn options(session: &Session, selection: &Selection, config: &Config) -> Result<Options> {
    Ok(Options { baseline: session.baseline(config, None)?, ..session.options(selection) })
}

fn print(session: &Session, args: &MonitorArgs, config: Config, rules: Vec<Rule>) -> Result<Exit> {
    let progress = Progress::new(session);
    let options = options(session, &args.selection, &config)?;
    let mut run = session::Session::new(config, rules, options);
    let survey = run.scan(&|| progress.tick())?;
    drop(progress);
    for warning in &survey.scan.warnings {
        session.warn(warning);
    }
    let snapshot = Snapshot::new(survey, run.config(), &session.cwd);
    output::print(|out| match args.format {
        FixFormat::Text => once::write_text(out, &snapshot),
        FixFormat::Json => once::write_json(out, &snapshot),
    })?;
    Ok(if snapshot.scan.problems.is_empty() { Exit::Success } else { Exit::Incomplete })
}

fn show(session: &Session, args: &MonitorArgs, config: Config, rules: Vec<Rule>) -> Result<Exit> {
    let style = session.style(&config);
    let selection = args.selection.clone();
    // Nothing may be printed over the screen.
    let again = session.silent();
    let load = move || {
        let config = again.config().map_err(|error| format!("{error:#}"))?;
        let rules = again.rules(&config, &selection).map_err(|error| format!("{error:#}"))?;
        let options = options(&again, &selection, &config).map_err(|error| format!("{error:#}"))?;
        Ok((config, rules, options))
    };
    let (cwd, target) = (session.cwd.clone(), session.absolute(&args.export));
    let export = move |scan: &Scan| {
        let saved = output::save(&target, |out| report::json::write(out, scan, &cwd));
        saved.map(|()| target.clone()).map_err(|error| format!("{error:#}"))
    };
    let options = options(session, &args.selection, &config)?;
    let setup = Setup {
        config,
        rules,
        options,
        unsafe_fixes: args.r#unsafe,
        now: past::now,
        color: style.color,
        mouse: args.mouse,
        poll: args.poll,
        load: Box::new(load),
        export: Box::new(export),
    };
    monitor::run(setup).context("the terminal cannot be used")?;
    Ok(Exit::Success)
}
