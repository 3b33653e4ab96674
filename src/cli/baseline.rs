//! `qmigrate baseline`: records today's findings, so that only new ones fail.

use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Result;

use crate::cli::args::BaselineArgs;
use crate::cli::error::Hinted;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::config::Config;
use crate::engine;
use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Standing;
use crate::report::count;
use crate::report::escape;
use crate::report::relative;
use crate::store::baseline;
use crate::store::baseline::Baseline;
use crate::tally::Tally;
use crate::triage;

/// So many new findings are named when the baseline would grow.
const NAMED: usize = 5;

/// Scans, and writes what is known; what is new goes in only where there was no baseline, or where it is asked for.
pub(crate) fn baseline(session: &Session, args: &BaselineArgs) -> Result<Exit> {
    if args.selection.paths.iter().any(|path| path == Path::new("-")) {
        return Err(Hinted::new("`baseline` does not record standard input").into());
    }
    let config = session.config()?;
    let rules = session.rules(&config, &args.selection)?;
    let path = session.baseline_path(&config, args.baseline.as_deref());
    let old = baseline::read(&path)?;
    if args.prune && old.is_none() {
        let error = Hinted::new(format!("there is no baseline `{}`", relative(&path, &session.cwd)));
        return Err(error.hint("`qmigrate baseline` writes it").into());
    }
    let mut options = session.options(&args.selection);
    options.baseline = Some(old.as_ref().map(|old| old.tally.clone()).unwrap_or_default());
    let progress = Progress::new(session);
    let scan = engine::scan(&config, &rules, &options, &|| progress.tick())?;
    drop(progress);
    let grows = old.is_some() && scan.summary.new > 0;
    if grows && !args.prune && !args.accept_new {
        return Err(refusal(&scan, &path, session));
    }
    let tally = recorded(&scan, &config, args.prune && !args.accept_new);
    let new = old.clone().unwrap_or_default().with(tally);
    if old.as_ref() != Some(&new) {
        output::save(&path, |out| out.write_all(new.text().as_bytes()))?;
    }
    let outcome = Outcome { scan: &scan, path: &path, old: old.as_ref(), new: &new, args };
    output::print(|out| outcome.write(out, session))?;
    for problem in &scan.problems {
        let path = relative(&problem.path, &session.cwd);
        session.tell(&format!("{path}:{}: {}; its entries stay", problem.position.line, problem.message));
    }
    Ok(if scan.problems.is_empty() { Exit::Success } else { Exit::Incomplete })
}

/// What the baseline shall hold: what it knows and what is still found, what was not looked for, and what is new.
fn recorded(scan: &Scan, config: &Config, only_known: bool) -> Tally {
    let is_kept = |finding: &&Finding| match finding.standing {
        Standing::Baselined => true,
        Standing::New => !only_known,
        Standing::Suppressed { .. } => false,
    };
    let kept = scan.findings.iter().filter(is_kept);
    let mut tally: Tally = kept.map(|finding| triage::mark(finding, &config.root)).collect();
    if let Some(remainder) = &scan.baseline {
        for (mark, count) in remainder.unseen.iter() {
            tally.add(mark.clone(), count);
        }
    }
    tally
}

fn refusal(scan: &Scan, path: &Path, session: &Session) -> anyhow::Error {
    let new: Vec<&Finding> = scan.findings.iter().filter(|finding| finding.standing == Standing::New).collect();
    let (findings, are) = (count(new.len(), "finding"), if new.len() == 1 { "is" } else { "are" });
    let path = relative(path, &session.cwd);
    let mut error = Hinted::new(format!("{findings} {are} not in the baseline `{path}`, which was not changed"));
    for finding in new.iter().take(NAMED) {
        let (path, start) = (relative(&finding.path, &session.cwd), finding.start);
        error = error.hint(format!("new: {path}:{}:{}: {}", start.line, start.column, finding.rule));
    }
    if new.len() > NAMED {
        error = error.hint(format!("and {} more, which `qmigrate scan` shows", new.len() - NAMED));
    }
    let advice = "fix or suppress them; `--prune` drops what is gone and adds nothing, `--accept-new` records them too";
    error.hint(advice).into()
}

/// What there is to say in the end.
struct Outcome<'a> {
    scan: &'a Scan,
    path: &'a PathBuf,
    old: Option<&'a Baseline>,
    new: &'a Baseline,
    args: &'a BaselineArgs,
}

impl Outcome<'_> {
    fn write(&self, out: &mut dyn Write, session: &Session) -> io::Result<()> {
        if session.quiet {
            return Ok(());
        }
        let path = relative(self.path, &session.cwd);
        let path = escape(&path);
        let (holds, outdated) = (count(self.new.tally.total(), "finding"), self.outdated());
        match self.old {
            None => writeln!(out, "Recorded {holds} in `{path}`."),
            Some(old) if old == self.new => writeln!(out, "`{path}` is as it should be: {holds}."),
            Some(_) => {
                let parts = [(outdated, "dropped"), (self.added(), "added")];
                let parts = parts.into_iter().filter(|(number, _)| *number > 0);
                let parts: Vec<String> = parts.map(|(number, what)| format!("{number} {what}")).collect();
                let parts = if parts.is_empty() { "paths brought up to date".to_owned() } else { parts.join(", ") };
                writeln!(out, "Wrote `{path}`: {parts}; it holds {holds}.")
            }
        }?;
        if self.args.prune && !self.args.accept_new && self.scan.summary.new > 0 {
            let new = count(self.scan.summary.new, "finding");
            writeln!(out, "Not added: {new} not in the baseline, which `qmigrate scan` shows.")?;
        }
        Ok(())
    }

    fn outdated(&self) -> usize {
        self.scan.baseline.as_ref().map_or(0, |remainder| remainder.outdated.total())
    }

    fn added(&self) -> usize {
        if self.args.accept_new { self.scan.summary.new } else { 0 }
    }
}
