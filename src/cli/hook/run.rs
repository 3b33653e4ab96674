//! `qmigrate hook run`: judges what will be committed.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;

use crate::cli::args::RunArgs;
use crate::cli::args::Selection;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::Session;
use crate::config::Config;
use crate::discover;
use crate::engine;
use crate::engine::Options;
use crate::engine::beyond;
use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Severity;
use crate::finding::Standing;
use crate::git::Tree;
use crate::report;
use crate::report::Style;
use crate::rule::Rule;
use crate::shelf::Shelf;
use crate::source::Span;
use crate::tally::Tally;

use super::commit::Commit;
use super::commit::Parent;
use super::named;

/// What a pointer of git's extension for large files begins with: the file itself is elsewhere.
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Judges what will be committed, reports what is new, and says whether the commit may go on.
pub(crate) fn run(session: &Session, args: &RunArgs) -> Result<Exit> {
    let repository = super::repository(session)?;
    let commit = Commit::find(&repository)?;
    let changed = commit.changed();
    if changed.is_empty() && args.files.is_empty() {
        return Ok(Exit::Success);
    }
    let config = session.config_from(repository.root(), commit.files.as_ref())?;
    let rules = session.rules(&config, &Selection::default())?;
    let baseline = session.baseline_from(&config, commit.files.as_ref())?;
    let judge = Judge { session, config: &config, rules: &rules, baseline };
    let named = named::split(session, &commit, &args.files);
    let mut verdict = judge.commit(&commit, &changed)?;
    if !args.files.is_empty() {
        verdict.scan.findings.retain(|finding| named.staged.contains(&*finding.path));
        verdict.add(judge.work_tree(&named.others)?);
    }
    for problem in &verdict.scan.problems {
        let path = report::relative(&problem.path, &session.cwd);
        session.warn(&format!("`{path}` is judged in part only: {}", problem.message));
    }
    let style = session.style(&config);
    output::print(|out| write(out, &verdict, &style))?;
    let counts = |scan: &Scan| {
        scan.findings.iter().any(|finding| finding.standing == Standing::New && finding.severity >= Severity::Error)
    };
    Ok(if counts(&verdict.scan) { Exit::Findings } else { Exit::Success })
}

/// What is new, and how much is not.
#[derive(Default)]
struct Verdict {
    scan: Scan,
    passed_over: usize,
}

impl Verdict {
    fn add(&mut self, other: Scan) {
        self.scan.findings.extend(other.findings);
        self.scan.problems.extend(other.problems);
        self.scan.sources.extend(other.sources);
    }
}

/// Judges files of a state.
struct Judge<'a> {
    session: &'a Session,
    config: &'a Config,
    rules: &'a [Rule],
    baseline: Option<Tally>,
}

impl Judge<'_> {
    /// Judges a commit's own files, and compares what is found with each parent.
    fn commit(&self, commit: &Commit, changed: &BTreeSet<PathBuf>) -> Result<Verdict> {
        let own = self.judged(&commit.files, changed);
        let scan = self.find(&commit.files, own.clone())?;
        let suspects = paths(scan.findings.iter().filter(|finding| finding.standing == Standing::New));
        if suspects.is_empty() {
            return Ok(Verdict { scan, passed_over: 0 });
        }
        // First each file by itself, which mostly suffices.
        let mut known = vec![false; scan.findings.len()];
        for parent in &commit.parents {
            let sources = parent.sources(&|path| suspects.contains(path));
            self.know(&scan, parent, &sources, &|_| false, &mut known)?;
        }
        let mut old = Vec::new();
        let new = split(&scan, &known, &mut old);
        if new.is_empty() {
            return Ok(Verdict { scan: Scan { findings: settled(&scan), ..scan }, passed_over: old.len() });
        }
        // Then all together: what moved within a merged branch is told only by all that it changed.
        let all: BTreeSet<PathBuf> = commit.parents.iter().flat_map(Parent::changed).collect();
        let whole = self.find(&commit.files, self.judged(&commit.files, &all))?;
        let mut known = vec![false; whole.findings.len()];
        for parent in &commit.parents {
            self.know(&whole, parent, &parent.sources(&|_| true), &|_| true, &mut known)?;
        }
        let is_own: BTreeSet<&PathBuf> = own.iter().collect();
        let mut old = Vec::new();
        let mut new = split(&whole, &known, &mut old);
        new.retain(|(path, ..)| is_own.contains(path));
        old.retain(|(path, ..)| is_own.contains(path));
        // How to fix it is asked only of what is new.
        let files: BTreeSet<PathBuf> = new.iter().map(|(path, ..)| path.clone()).collect();
        let mut shown = self.scan(Some(commit.files.clone()), files.into_iter().collect())?;
        shown.findings.retain(|finding| new.contains(&place(finding)));
        shown.problems = scan.problems;
        let baselined = shown.findings.iter().filter(|finding| finding.standing == Standing::Baselined).count();
        Ok(Verdict { scan: shown, passed_over: old.len() + baselined })
    }

    /// Notes which findings a parent has, by the files of it that are compared.
    fn know(
        &self,
        scan: &Scan,
        parent: &Parent,
        sources: &BTreeSet<PathBuf>,
        may_move: &dyn Fn(&Path) -> bool,
        known: &mut [bool],
    ) -> Result<()> {
        let earlier = self.find(&parent.files, self.judged(&parent.files, sources))?;
        let tally = beyond::tally(&earlier, &|path| parent.renamed(path));
        let changed = parent.changed();
        let now = beyond::known(scan, &tally, &|path| changed.contains(path), may_move);
        for (known, now) in known.iter_mut().zip(now) {
            *known |= now;
        }
        Ok(())
    }

    /// The files that this program looks at.
    fn judged(&self, files: &Arc<Tree>, paths: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
        let mut judged = discover::listed(self.config, paths.iter().cloned().collect());
        files.prepare(&judged);
        judged.retain(|path| !files.read(path).is_some_and(|bytes| bytes.starts_with(POINTER)));
        judged
    }

    /// Judges files as they lie in the work tree.
    fn work_tree(&self, paths: &[PathBuf]) -> Result<Scan> {
        self.scan(None, discover::listed(self.config, paths.to_vec()))
    }

    /// Finds, and tells how to fix it.
    fn scan(&self, files: Option<Arc<Tree>>, paths: Vec<PathBuf>) -> Result<Scan> {
        if paths.is_empty() {
            return Ok(Scan::default());
        }
        let options = Options { baseline: self.baseline.clone(), ..self.options(files, paths) };
        Ok(engine::scan(self.config, self.rules, &options, &|| ())?)
    }

    /// Finds.
    fn find(&self, files: &Arc<Tree>, paths: Vec<PathBuf>) -> Result<Scan> {
        if paths.is_empty() {
            return Ok(Scan::default());
        }
        Ok(engine::find(self.config, self.rules, &self.options(Some(Arc::clone(files)), paths))?)
    }

    fn options(&self, files: Option<Arc<Tree>>, paths: Vec<PathBuf>) -> Options {
        let shelf = files.map(|files| -> Arc<dyn Shelf> { files });
        Options { paths, shelf, ..self.session.options(&Selection::default()) }
    }
}

/// Where a finding is.
type Place = (PathBuf, Span, Arc<str>);

fn place(finding: &Finding) -> Place {
    (finding.path.to_path_buf(), finding.span, Arc::clone(&finding.rule))
}

fn paths<'a>(findings: impl Iterator<Item = &'a Finding>) -> BTreeSet<PathBuf> {
    findings.map(|finding| finding.path.to_path_buf()).collect()
}

/// Returns where the findings are that stand and are not known; those that are known go to `old`.
fn split(scan: &Scan, known: &[bool], old: &mut Vec<Place>) -> Vec<Place> {
    let mut new = Vec::new();
    for (finding, known) in scan.findings.iter().zip(known).filter(|(finding, _)| finding.standing == Standing::New) {
        if *known { old.push(place(finding)) } else { new.push(place(finding)) }
    }
    new
}

/// The findings that do not stand.
fn settled(scan: &Scan) -> Vec<Finding> {
    scan.findings.iter().filter(|finding| finding.standing != Standing::New).cloned().collect()
}

fn write(out: &mut dyn Write, verdict: &Verdict, style: &Style) -> std::io::Result<()> {
    let Verdict { scan, passed_over } = verdict;
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
    let findings = if new.len() == 1 { "1 new finding".to_owned() } else { format!("{} new findings", new.len()) };
    writeln!(out, "qmigrate: {findings}{old}.")?;
    let rules: BTreeSet<&str> = new.iter().map(|finding| &*finding.rule).collect();
    let rule = rules.first().copied().unwrap_or_default();
    if new.iter().any(|finding| finding.fix.is_some()) {
        writeln!(out, "hint: `qmigrate fix --staged` rewrites what can be rewritten safely, and stages it")?;
    }
    writeln!(out, "hint: `qmigrate rule explain {rule}` tells why, and what to write instead")?;
    writeln!(
        out,
        "hint: to keep one, write `# qmigrate: ignore[{rule}] reason` above it; to skip the hook once, \
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
