//! `qmigrate scan`: reports what bypasses the factory.

mod since;
mod suppress;

use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::Result;

use crate::cli::args::ScanArgs;
use crate::cli::args::ScanFormat;
use crate::cli::error::Hinted;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::session::base;
use crate::engine;
use crate::finding::Scan;
use crate::finding::Standing;
use crate::report;
use crate::report::Setting;
use crate::report::Style;

/// Scans, reports, and says whether there was anything that counts.
pub(crate) fn scan(session: &Session, args: &ScanArgs) -> Result<Exit> {
    refuse_statistics(args)?;
    let config = session.config()?;
    let rules = session.rules(&config, &args.selection)?;
    let mut options = session.options(&args.selection);
    if !args.no_baseline {
        options.baseline = session.baseline(&config, args.baseline.as_deref())?;
    }
    if args.add_suppressions {
        return suppress::suppress(session, args, &config, &rules, &options);
    }
    if let Some(path) = stdin_path(session, args)? {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        options.paths = vec![path.clone()];
        options.stdin = Some((path, bytes));
    }
    let progress = Progress::new(session);
    let mut scan = engine::scan(&config, &rules, &options, &|| progress.tick())?;
    if let Some(revision) = &args.since {
        since::pass_over(&mut scan, revision, &config, &rules, &options)?;
    }
    drop(progress);
    for warning in &scan.warnings {
        session.warn(warning);
    }
    let base = base(&config);
    let setting = Setting { rules: &rules, base: &base };
    match &args.output {
        Some(path) => {
            let style = session.plain_style(&config);
            output::save(&session.absolute(path), |out| write(out, &scan, args, &style, &setting))?;
        }
        None => output::print(|out| write(out, &scan, args, &session.style(&config), &setting))?,
    }
    Ok(exit(&scan, args))
}

/// Refuses sums where they would not be the format that was asked for.
fn refuse_statistics(args: &ScanArgs) -> Result<()> {
    match args.format {
        ScanFormat::Sarif | ScanFormat::Github | ScanFormat::Gitlab | ScanFormat::Junit if args.statistics => {
            let error = Hinted::new("this format has no form for `--statistics`");
            Err(error.hint("text and markdown do; json has the sums in `summary`").into())
        }
        _ => Ok(()),
    }
}

/// The name of the file on standard input, if one is to be read there.
fn stdin_path(session: &Session, args: &ScanArgs) -> Result<Option<PathBuf>> {
    let paths = &args.selection.paths;
    let is_named = paths.iter().any(|path| path == Path::new("-"));
    match &args.stdin_filename {
        None if !is_named => Ok(None),
        Some(name) if is_named && paths.len() == 1 => Ok(Some(session.absolute(name))),
        Some(_) if is_named => {
            let error = Hinted::new("`-` cannot be scanned together with other paths");
            Err(error.hint("a file of that name is `./-`").into())
        }
        Some(_) => {
            let error = Hinted::new("`--stdin-filename` is of use only with the path `-`");
            Err(error.hint("write `qmigrate scan - --stdin-filename NAME`").into())
        }
        None => {
            let error = Hinted::new("the path `-` needs `--stdin-filename`");
            Err(error.hint("its language and its imports follow from its name").into())
        }
    }
}

fn write(out: &mut dyn Write, scan: &Scan, args: &ScanArgs, style: &Style, setting: &Setting<'_>) -> io::Result<()> {
    match args.format {
        ScanFormat::Json => report::json::write(out, scan, &style.cwd),
        ScanFormat::Jsonl => report::jsonl::write(out, scan, &style.cwd),
        ScanFormat::Sarif => report::sarif::write(out, scan, setting),
        ScanFormat::Github => report::github::write(out, scan, setting),
        ScanFormat::Gitlab => report::gitlab::write(out, scan, setting),
        ScanFormat::Junit => report::junit::write(out, scan, setting),
        ScanFormat::Markdown => report::markdown::write(out, scan, setting, args.statistics),
        ScanFormat::Text if args.statistics => report::statistics::write(out, scan),
        ScanFormat::Text => report::text::write(out, scan, style),
    }
}

fn exit(scan: &Scan, args: &ScanArgs) -> Exit {
    let least = args.fail_on.severity();
    let counts = scan.findings.iter().any(|finding| finding.standing == Standing::New && finding.severity >= least);
    if !scan.problems.is_empty() {
        Exit::Incomplete
    } else if counts && !args.exit_zero {
        Exit::Findings
    } else {
        Exit::Success
    }
}
