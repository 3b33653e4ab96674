//! `qmigrate report`: one page for people who don't run the program.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use crate::cli::args::ReportArgs;
use crate::cli::args::ReportFormat;
use crate::cli::args::Selection;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::past;
use crate::cli::progress::Progress;
use crate::cli::session::Session;
use crate::cli::session::base;
use crate::config::Config;
use crate::discover;
use crate::engine;
use crate::engine::Options;
use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Standing;
use crate::git::Repository;
use crate::owners;
use crate::owners::Owners;
use crate::report::history::Page;
use crate::report::page;
use crate::report::page::Facts;
use crate::report::page::Rollback;
use crate::store::journal::Journal;
use crate::store::report::Reports;
use crate::store::report::Told;
use crate::sums::Sums;

/// Writes the report.
pub(crate) fn report(session: &Session, args: &ReportArgs) -> Result<Exit> {
    let config = session.config()?;
    let rules = session.rules(&config, &Selection::default())?;
    let options = Options { paths: vec![config.root.clone()], ..session.options(&Selection::default()) };
    let progress = Progress::new(session);
    let (scan, schedule) = engine::schedule(&config, &rules, &options, &|| progress.tick())?;
    drop(progress);
    for warning in &scan.warnings {
        session.warn(warning);
    }
    let repository = Repository::find(&config.root);
    let past = repository.as_ref().map(|repository| past::read(session, &config, &rules, repository, 1)).transpose()?;
    let now = past::now();
    let today = page::today(now);
    let mut reports = Reports::open(&config.root)?;
    let facts = Facts {
        name: config.root.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        root: &config.root,
        now,
        scan: &scan,
        schedule: &schedule,
        history: past.as_ref().map(|history| Page { points: &history.points, every: 1, now }),
        last: reports.before(&today),
        owners: &owners(&config),
        since: &repository.as_ref().map(|repository| since(repository, &scan)).unwrap_or_default(),
        rollbacks: &rollbacks(&config)?,
    };
    let document = page::document(&facts)?;
    let write = |out: &mut dyn Write| match args.format {
        ReportFormat::Html => page::html(out, &document, &facts),
        ReportFormat::Markdown => page::markdown(out, &document),
        ReportFormat::Json => page::json(out, &document),
    };
    match &args.output {
        Some(path) => output::save(&session.absolute(path), write)?,
        None => output::print(write)?,
    }
    if let Err(error) = reports.add(Told { day: today, sums: Sums::of(&scan) }) {
        session.warn(&format!("what was reported cannot be kept for the next report: {error}"));
    }
    Ok(if scan.problems.is_empty() { Exit::Success } else { Exit::Incomplete })
}

fn owners(config: &Config) -> Owners {
    let base = base(config);
    let text = owners::PLACES.iter().find_map(|place| discover::read_text(&base.join(place)));
    text.map(|text| Owners::parse(&base, &text)).unwrap_or_default()
}

/// Since when suppressed findings have been so: as long as the comment has been as it is.
fn since(repository: &Repository, scan: &Scan) -> BTreeMap<(Arc<Path>, u32), i64> {
    let is_suppressed = |finding: &&Finding| matches!(finding.standing, Standing::Suppressed { .. });
    let mut by_file: BTreeMap<Arc<Path>, Vec<(u32, u32)>> = BTreeMap::new();
    for finding in scan.findings.iter().filter(is_suppressed).filter(|finding| finding.cell.is_none()) {
        let comment = comment(scan, finding).unwrap_or(finding.start.line);
        by_file.entry(Arc::clone(&finding.path)).or_default().push((finding.start.line, comment));
    }
    let mut since = BTreeMap::new();
    for (path, lines) in by_file {
        let comments: Vec<u32> = lines.iter().map(|(_, comment)| *comment).collect();
        // A file that git does not know has no age.
        let times = repository.line_times(&path, &comments).unwrap_or_default();
        for (line, comment) in lines {
            since.extend(times.get(&comment).map(|time| ((Arc::clone(&path), line), *time)));
        }
    }
    since
}

/// The line of the comment that suppresses a finding: the nearest one from its end upwards that speaks to us.
fn comment(scan: &Scan, finding: &Finding) -> Option<u32> {
    let source = scan.sources.get(&finding.path)?;
    let speaks = |line: &u32| source.slice(source.line_span(*line)).contains("qmigrate: ignore");
    (1..=finding.end.line).rev().find(speaks)
}

/// The fixes that can be taken back, newest first.
fn rollbacks(config: &Config) -> Result<Vec<Rollback>> {
    let journal = Journal::at(&config.root)?;
    let listing = journal.list()?;
    let open = listing.entries.into_iter().filter(|entry| !entry.undone);
    let files = |files: Vec<crate::store::journal::Record>| {
        files.into_iter().map(|record| journal.root().join(record.path)).collect()
    };
    let mut rollbacks: Vec<Rollback> = open.map(|entry| Rollback { id: entry.id, files: files(entry.files) }).collect();
    rollbacks.sort_by(|one, other| other.id.cmp(&one.id));
    Ok(rollbacks)
}
