//! What the dashboard shows of one scan, counted and laid out so that drawing and sorting are quick.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::Config;
use crate::discover;
use crate::engine;
use crate::engine::Place;
use crate::engine::session::Survey;
use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Severity;
use crate::finding::Standing;
use crate::report::escape;
use crate::report::relative;

/// How many folders deep the names of directories go.
const DEPTH: usize = 2;

/// One scan, as it is shown.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// What was scanned.
    pub scan: Arc<Scan>,
    /// Where paths are shown from.
    pub cwd: PathBuf,
    /// The sums.
    pub totals: Counts,
    /// Files with sites, sorted by path.
    pub rows: Vec<Row>,
    /// Rules, directories and batches, in this order, each sorted.
    pub groups: Vec<Group>,
}

/// Sites by what has become of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls of the factory.
    pub migrated: usize,
    /// Sites with a fix.
    pub pending: usize,
    /// Sites without one.
    pub held: usize,
    /// Findings that a comment suppresses.
    pub suppressed: usize,
    /// Findings that are merely worth a look.
    pub warnings: usize,
    /// Findings among all these that the baseline knows.
    pub baselined: usize,
}

impl Counts {
    /// Adds a finding.
    fn add(&mut self, finding: &Finding) {
        self.baselined += usize::from(finding.standing == Standing::Baselined);
        match finding.standing {
            Standing::Suppressed { .. } => self.suppressed += 1,
            _ if finding.severity != Severity::Error => self.warnings += 1,
            _ if finding.fix.is_some() => self.pending += 1,
            _ => self.held += 1,
        }
    }

    fn merge(&mut self, other: Self) {
        self.migrated += other.migrated;
        self.pending += other.pending;
        self.held += other.held;
        self.suppressed += other.suppressed;
        self.warnings += other.warnings;
        self.baselined += other.baselined;
    }

    /// Sites that are migrated or shall be; what is suppressed stays as it is.
    pub fn sites(&self) -> usize {
        self.migrated + self.pending + self.held
    }

    /// How many sites in a thousand are migrated; all of them where there are none.
    pub fn permille(&self) -> usize {
        (self.migrated * 1000).checked_div(self.sites()).unwrap_or(1000)
    }

    /// What is left to do.
    pub fn left(&self) -> usize {
        self.pending + self.held
    }
}

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// A fix is waiting.
    Pending,
    /// Only people can go on.
    Held,
    /// There is something to look at.
    Warned,
    /// What is left is suppressed.
    Suppressed,
    /// Nothing is left.
    Done,
}

impl Progress {
    /// The name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Held => "held back",
            Self::Warned => "to look at",
            Self::Suppressed => "suppressed",
            Self::Done => "migrated",
        }
    }

    fn of(counts: Counts) -> Self {
        match counts {
            Counts { pending: 1.., .. } => Self::Pending,
            Counts { held: 1.., .. } => Self::Held,
            Counts { warnings: 1.., .. } => Self::Warned,
            Counts { suppressed: 1.., migrated: 0, .. } => Self::Suppressed,
            _ => Self::Done,
        }
    }
}

/// One file with sites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The file, as an absolute path.
    pub path: Arc<Path>,
    /// Its name on the screen.
    pub name: String,
    /// How far it is.
    pub progress: Progress,
    /// Its sites.
    pub counts: Counts,
    /// Rules that object to something in it, parted by commas.
    pub rules: String,
    /// The batch that it belongs to.
    pub batch: Option<Arc<str>>,
    /// How many of the parsed files import it.
    pub dependents: usize,
    /// The first of its findings in the scan, and how many there are.
    pub findings: (usize, usize),
    /// Whatever a filter may ask for, in lower case.
    pub haystack: String,
}

/// What a group has in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupKind {
    /// The rule.
    Rule,
    /// The folder.
    Directory,
    /// The batch of the configuration.
    Batch,
}

/// Sites that have something in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub kind: GroupKind,
    /// Its name.
    pub name: String,
    /// The sites; of a rule, no migrated ones are known.
    pub counts: Counts,
    /// The day a batch is due.
    pub due: Option<String>,
}

impl Snapshot {
    /// Counts and lays out a survey; names are shown as seen from `cwd`.
    pub fn new(survey: Survey, config: &Config, cwd: &Path) -> Self {
        let batches: Vec<(Arc<str>, globset::GlobSet)> =
            config.batch.iter().map(|batch| (Arc::from(batch.name.as_str()), discover::globs(&batch.paths))).collect();
        let mut snapshot = Self { cwd: cwd.to_path_buf(), ..Self::default() };
        let findings = &survey.scan.findings;
        let mut groups: BTreeMap<(GroupKind, String), Counts> = BTreeMap::new();
        for batch in &config.batch {
            groups.insert((GroupKind::Batch, batch.name.clone()), Counts::default());
        }
        let mut next = 0;
        for file in survey.files {
            let first = next;
            let mut counts = Counts { migrated: file.migrated, ..Counts::default() };
            let mut rules: BTreeSet<&str> = BTreeSet::new();
            while let Some(finding) = findings.get(next).filter(|finding| finding.path == file.path) {
                counts.add(finding);
                groups.entry((GroupKind::Rule, finding.rule.to_string())).or_default().add(finding);
                if !matches!(finding.standing, Standing::Suppressed { .. }) {
                    rules.insert(&finding.rule);
                }
                next += 1;
            }
            let below = file.path.strip_prefix(&config.root).unwrap_or(&file.path);
            let batch = batches.iter().find(|(_, globs)| globs.is_match(below)).map(|(name, _)| Arc::clone(name));
            if let Some(batch) = &batch {
                groups.entry((GroupKind::Batch, batch.to_string())).or_default().merge(counts);
            }
            groups.entry((GroupKind::Directory, directory(&file.path, cwd))).or_default().merge(counts);
            snapshot.totals.merge(counts);
            let name = escape(&relative(&file.path, cwd)).into_owned();
            let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
            let progress = Progress::of(counts);
            let words = [&name, &rules, batch.as_deref().unwrap_or_default(), progress.name()];
            let haystack = words.join("\n").to_lowercase();
            let (findings, dependents) = ((first, next - first), file.dependents);
            snapshot.rows.push(Row {
                path: file.path,
                name,
                progress,
                counts,
                rules,
                batch,
                dependents,
                findings,
                haystack,
            });
        }
        let due = |name: &str| config.batch.iter().find(|batch| batch.name == name).and_then(|batch| batch.due.clone());
        let groups = groups.into_iter().map(|((kind, name), counts)| {
            let due = if kind == GroupKind::Batch { due(&name) } else { None };
            Group { kind, name, counts, due }
        });
        snapshot.groups = groups.collect();
        snapshot.scan = Arc::new(survey.scan);
        snapshot
    }

    /// The findings of a row.
    pub fn findings(&self, row: &Row) -> &[Finding] {
        let (first, count) = row.findings;
        self.scan.findings.get(first..first + count).unwrap_or_default()
    }

    /// The row of a file.
    pub fn row(&self, path: &Path) -> Option<&Row> {
        let found = self.rows.binary_search_by(|row| row.path.as_os_str().cmp(path.as_os_str()));
        found.ok().and_then(|index| self.rows.get(index))
    }

    /// Whether a row belongs to a group.
    pub fn is_in(&self, row: &Row, group: &Group) -> bool {
        match group.kind {
            GroupKind::Rule => self.findings(row).iter().any(|finding| *finding.rule == *group.name),
            GroupKind::Directory => directory(&row.path, &self.cwd) == group.name,
            GroupKind::Batch => row.batch.as_deref() == Some(&group.name),
        }
    }

    /// The places of findings with a fix, in a row, and of one rule only if it is named.
    pub fn places<'a>(&'a self, row: &'a Row, rule: Option<&'a str>) -> impl Iterator<Item = Place> + 'a {
        let findings = self.findings(row).iter();
        let wanted = move |finding: &&Finding| rule.is_none_or(|rule| *finding.rule == *rule) && finding.fix.is_some();
        findings.filter(wanted).map(engine::place)
    }
}

/// The name of the directory that a file is counted in.
fn directory(path: &Path, cwd: &Path) -> String {
    let shown = relative(path, cwd);
    let parts: Vec<&str> = shown.split('/').collect();
    let folders = parts.split_last().map_or(&[][..], |(_, folders)| folders);
    if folders.is_empty() {
        return "./".to_owned();
    }
    let name = folders.iter().take(DEPTH).copied().collect::<Vec<_>>().join("/");
    escape(&format!("{name}/")).into_owned()
}
