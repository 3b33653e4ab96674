//! `qmigrate hook run`: judges what will be committed.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use anyhow::Result;

use crate::cli::args::RunArgs;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::Session;
use crate::engine;
use crate::finding::Scan;
use crate::finding::Severity;
use crate::finding::Standing;
use crate::gather;
use crate::git::Tree;
use crate::language;
use crate::language::Language;
use crate::report;
use crate::report::Style;

use super::commit::Commit;
use super::judge::Judge;
use super::judge::Verdict;
use super::named;
use super::settings::Settings;

/// Judges what will be committed, reports what is new, and says whether the commit may go on.
pub(crate) fn run(session: &Session, args: &RunArgs) -> Result<Exit> {
    let repository = super::repository(session)?;
    let judge = |files: &Tree| -> Result<Judge<'_>> {
        Ok(Judge::new(session, Settings::read(session, repository.root(), files)?))
    };
    // Mostly the same as before; what goes wrong here goes wrong again below, or is mended by the commit.
    let mut earlier: Option<Judge<'_>> = None;
    let commit = Commit::find(&repository, &mut |files, changes| match &earlier {
        Some(judge) => judge.expect(files, changes),
        None if changes.is_empty() => {
            earlier = judge(files).ok();
            if let Some(judge) = &earlier {
                let Settings { config, rules, .. } = judge.settings();
                gather::warm(config, rules, files);
            }
        }
        None => {}
    })?;
    if commit.is_empty() && args.files.is_empty() {
        return Ok(Exit::Success);
    }
    let judge = match earlier.filter(|judge| !commit.configures(judge.settings())) {
        Some(judge) => judge,
        None => judge(&commit.files)?,
    };
    let named = named::split(session, &commit, &args.files);
    let mut verdict = engine::on_large_stack(|| judge.commit(&commit))?;
    if !args.files.is_empty() {
        let is_other = |path: &Path| named.others.iter().any(|other| other == path);
        let is_asked =
            |path: &Path| named.staged.contains(path) || (verdict.elsewhere.contains(path) && !is_other(path));
        verdict.scan.findings.retain(|finding| is_asked(&finding.path));
        verdict.add(judge.work_tree(&named.others)?);
    }
    commit.files.objects().close();
    for problem in &verdict.scan.problems {
        let path = report::relative(&problem.path, &session.cwd);
        session.warn(&format!("`{path}` is judged in part only: {}", problem.message));
    }
    let style = session.style(&judge.settings().config);
    output::print(|out| write(out, &verdict, &style))?;
    let counts = |scan: &Scan| {
        scan.findings.iter().any(|finding| finding.standing == Standing::New && finding.severity >= Severity::Error)
    };
    let exit = if counts(&verdict.scan) { Exit::Findings } else { Exit::Success };
    // The program ends: nobody shall wait until it has given back piece by piece what it has read.
    std::mem::forget((judge, commit, verdict));
    Ok(exit)
}

fn write(out: &mut dyn Write, verdict: &Verdict, style: &Style) -> std::io::Result<()> {
    let Verdict { scan, passed_over, elsewhere } = verdict;
    let findings = Style { quiet: true, verbose: false, ..style.clone() };
    let new: Vec<_> = scan.findings.iter().filter(|finding| finding.standing == Standing::New).collect();
    report::text::write(out, &shown(scan), &findings)?;
    if style.quiet {
        return Ok(());
    }
    let old = match passed_over {
        0 => String::new(),
        1 => "; 1 old finding in the same files is passed over".to_owned(),
        old => format!("; {old} old findings in the same files are passed over"),
    };
    if new.is_empty() {
        return if *passed_over == 0 { Ok(()) } else { writeln!(out, "qmigrate: nothing new{old}.") };
    }
    let findings = report::count(new.len(), "new finding");
    writeln!(out, "qmigrate: {findings}{old}.")?;
    let unstaged: BTreeSet<_> =
        new.iter().map(|finding| &finding.path).filter(|path| elsewhere.contains(&***path)).collect();
    for path in unstaged {
        let path = report::relative(path, &style.cwd);
        writeln!(out, "note: `{path}` is not staged, but a name that it imports comes to mean what is found there")?;
    }
    let first = new.iter().min_by_key(|finding| &finding.rule);
    let rule = first.map(|finding| &*finding.rule).unwrap_or_default();
    let mark = first.and_then(|finding| language::by_id(finding.language)).map_or("#", Language::comment);
    if new.iter().any(|finding| finding.fix.is_some()) {
        writeln!(out, "hint: `qmigrate fix --staged` rewrites what can be rewritten safely, and stages it")?;
    }
    writeln!(out, "hint: `qmigrate rule explain {rule}` tells why, and what to write instead")?;
    writeln!(
        out,
        "hint: to keep one, write `{mark} qmigrate: ignore[{rule}] reason` above it; to skip the hook once, \
         `git commit --no-verify`"
    )
}

fn shown(scan: &Scan) -> Scan {
    Scan {
        findings: scan.findings.clone(),
        problems: Vec::new(),
        summary: scan.summary.clone(),
        warnings: Vec::new(),
        sources: scan.sources.clone(),
        baseline: None,
    }
}
