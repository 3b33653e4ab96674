//! `qmigrate scan`: reports what bypasses the factory.

mod since;

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
use crate::cli::later;
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::engine;
use crate::finding::Scan;
use crate::finding::Standing;
use crate::report;
use crate::report::Style;

/// Scans, reports, and says whether there was anything that counts.
pub(crate) fn scan(session: &Session, args: &ScanArgs) -> Result<Exit> {
    refuse_later(args)?;
    let config = session.config()?;
    let rules = session.rules(&config, &args.selection)?;
    let mut options = session.options(&args.selection);
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
    match &args.output {
        Some(path) => {
            let style = session.plain_style(&config);
            output::save(&session.absolute(path), |out| write(out, &scan, args, &style))?;
        }
        None => output::print(|out| write(out, &scan, args, &session.style(&config)))?,
    }
    Ok(exit(&scan, args))
}

fn refuse_later(args: &ScanArgs) -> Result<()> {
    let comes = [
        ("--baseline", args.baseline.is_some()),
        ("--add-suppressions", args.add_suppressions),
        ("--format sarif", args.format == ScanFormat::Sarif),
        ("--format github", args.format == ScanFormat::Github),
        ("--format gitlab", args.format == ScanFormat::Gitlab),
        ("--format junit", args.format == ScanFormat::Junit),
        ("--format markdown", args.format == ScanFormat::Markdown),
    ];
    comes.iter().find(|(_, is_given)| *is_given).map_or(Ok(()), |(what, _)| later(what))
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

fn write(out: &mut dyn Write, scan: &Scan, args: &ScanArgs, style: &Style) -> io::Result<()> {
    match args.format {
        ScanFormat::Json => report::json::write(out, scan, &style.cwd),
        ScanFormat::Jsonl => report::jsonl::write(out, scan, &style.cwd),
        _ if args.statistics => report::statistics::write(out, scan),
        _ => report::text::write(out, scan, style),
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
