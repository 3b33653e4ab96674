//! `scan --add-suppressions`: writes a comment for each finding that stands as new.

use std::collections::BTreeSet;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Result;

use crate::apply;
use crate::apply::Applied;
use crate::apply::FileStatus;
use crate::cli::args::ScanArgs;
use crate::cli::args::ScanFormat;
use crate::cli::error::Hinted;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::config::Config;
use crate::engine;
use crate::engine::Options;
use crate::engine::Suppressing;
use crate::finding::Finding;
use crate::finding::Standing;
use crate::report::count;
use crate::report::escape;
use crate::report::relative;
use crate::rule::Rule;
use crate::store::journal::Journal;

/// Plans the comments, writes them, and says what is left.
pub(crate) fn suppress(
    session: &Session,
    args: &ScanArgs,
    config: &Config,
    rules: &[Rule],
    options: &Options,
) -> Result<Exit> {
    let reason = reason(args)?;
    let progress = Progress::new(session);
    let Suppressing { scan, plan, refused } = engine::suppress(config, rules, options, reason, &|| progress.tick())?;
    drop(progress);
    let applied = apply::apply(&apply::guard(plan, &config.root)?, &Journal::at(&config.root)?)?;
    let refused: Vec<(&Finding, &str)> =
        refused.iter().filter_map(|(index, why)| Some((scan.findings.get(*index)?, why.as_str()))).collect();
    output::print(|out| write(out, &scan.findings, &refused, &applied, session))?;
    for problem in &scan.problems {
        let path = relative(&problem.path, &session.cwd);
        session.tell(&format!("{path}:{}: {}", problem.position.line, problem.message));
    }
    let is_whole = refused.is_empty() && applied.files.iter().all(|file| file.status == FileStatus::Changed);
    Ok(if is_whole && scan.problems.is_empty() { Exit::Success } else { Exit::Incomplete })
}

fn reason(args: &ScanArgs) -> Result<&str> {
    let reason = args.reason.as_deref().unwrap_or_default().trim();
    if args.format != ScanFormat::Text || args.output.is_some() || args.statistics {
        return Err(Hinted::new("`--add-suppressions` writes comments, and no report").into());
    }
    if args.selection.paths.iter().any(|path| path == Path::new("-")) {
        let error = Hinted::new("`--add-suppressions` does not rewrite standard input");
        return Err(error.hint("a file of that name is `./-`").into());
    }
    if reason.is_empty() {
        let error = Hinted::new("a suppression without a reason suppresses nothing");
        return Err(error.hint("say why: `--reason \"talks to the local test server only\"`").into());
    }
    if reason.chars().any(|character| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')) {
        return Err(Hinted::new("a reason is one line of text").into());
    }
    Ok(reason)
}

fn write(
    out: &mut dyn Write,
    findings: &[Finding],
    refused: &[(&Finding, &str)],
    applied: &Applied,
    session: &Session,
) -> io::Result<()> {
    let changed = applied.files.iter().filter(|file| file.status == FileStatus::Changed);
    let changed: BTreeSet<&PathBuf> = changed.map(|file| &file.path).collect();
    let is_changed = |finding: &Finding| {
        changed.contains(&finding.path.to_path_buf())
            || finding.path.canonicalize().is_ok_and(|path| changed.contains(&path))
    };
    let standing = findings.iter().filter(|finding| finding.standing == Standing::New && is_changed(finding));
    let done = standing.count() - refused.iter().filter(|(finding, _)| is_changed(finding)).count();
    let show = |path: &Path| escape(&relative(path, &session.cwd)).into_owned();
    if !session.quiet {
        match done {
            0 => writeln!(out, "Nothing suppressed.")?,
            _ => writeln!(out, "Suppressed {} in {}.", count(done, "finding"), count(changed.len(), "file"))?,
        }
        for path in &changed {
            writeln!(out, "  {}", show(path))?;
        }
    }
    let held = applied.files.iter().filter(|file| file.status != FileStatus::Changed);
    let mut left: Vec<String> = Vec::new();
    left.extend(refused.iter().map(|(finding, why)| {
        let (path, start) = (show(&finding.path), finding.start);
        format!("{path}:{}:{}: {}: {}", start.line, start.column, escape(&finding.rule), escape(why))
    }));
    left.extend(held.map(|file| {
        let reason = file.reason.as_deref().unwrap_or_default();
        format!("{}: {}", show(&file.path), escape(reason))
    }));
    if !left.is_empty() {
        writeln!(out, "Left alone:")?;
    }
    for line in left {
        writeln!(out, "  {line}")?;
    }
    if applied.id.is_some() && !session.quiet {
        writeln!(out, "hint: `qmigrate undo` takes this back")?;
    }
    Ok(())
}
