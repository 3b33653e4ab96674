//! All that the screen depends on.

use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::engine;
use crate::engine::Place;

use super::burndown::BurnDown;
use super::layout;
use super::message::Read;
use super::message::Watching;
use super::snapshot::Row;
use super::snapshot::Snapshot;
use super::work::File;
use super::work::Item;
use super::work::Work;

/// Entries that the log keeps.
const KEPT: usize = 1000;

/// The state of the dashboard.
#[derive(Debug, Default)]
pub struct State {
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Whether to colour.
    pub color: bool,
    /// The folder that is watched, as it is shown.
    pub place: String,
    /// How long the program has been running; set before each update.
    pub now: Duration,
    /// What was found last.
    pub snapshot: Arc<Snapshot>,
    /// Whether anything was found yet.
    pub is_surveyed: bool,
    /// What the last scan has cost.
    pub read: Read,
    /// Files that a running scan has read so far.
    pub scanning: Option<u64>,
    /// How changes are noticed.
    pub watching: Watching,
    /// Whether changes are left alone.
    pub paused: bool,
    /// What the worker is doing besides scanning, as it is shown.
    pub busy: Option<&'static str>,
    /// The tab.
    pub tab: Tab,
    /// What lies over the tab.
    pub over: Over,
    /// The list of files.
    pub files: Files,
    /// The list of rules and directories.
    pub groups: Cursor,
    /// What is left to do, in batches, once somebody has asked.
    pub work: Option<Arc<Work>>,
    /// How far the plan is: it is only worked out while it is looked at.
    pub planning: Stage,
    /// How far the history is: it is only read while it is looked at.
    pub remembering: Stage,
    /// How many commits were read of how many that must be.
    pub remembered: Option<(usize, usize)>,
    /// What the history tells, or why it cannot be read, once somebody has asked.
    pub burndown: Option<Result<Arc<BurnDown>, String>>,
    /// The list of batches and their files.
    pub plan: Cursor,
    /// The log, oldest first.
    pub log: VecDeque<Entry>,
    /// The first line of the log that is shown, counted from its end.
    pub log_offset: usize,
    /// What was said last.
    pub notice: Option<Notice>,
    /// Ids of fixes that were applied here and not taken back, oldest first.
    pub applied: Vec<String>,
}

/// The tabs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Files with sites.
    #[default]
    Files,
    /// The chart.
    BurnDown,
    /// Rules, directories and batches.
    Groups,
    /// What comes next.
    Plan,
    /// What happened.
    Log,
}

impl Tab {
    /// All tabs, in order.
    pub const ALL: [Self; 5] = [Self::Files, Self::BurnDown, Self::Groups, Self::Plan, Self::Log];

    /// The name, in full and where there is little room.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Files => ("Files", "Files"),
            Self::BurnDown => ("Burn-down", "Burn"),
            Self::Groups => ("Rules & directories", "Rules"),
            Self::Plan => ("Plan", "Plan"),
            Self::Log => ("Log", "Log"),
        }
    }
}

/// How far something is that is worked out only while it is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Something may have changed since it was worked out.
    #[default]
    Stale,
    /// It is being worked out, and whether something has changed since it was asked for.
    Asked {
        /// Whether it is stale already.
        again: bool,
    },
    /// It is up to date.
    Done,
}

impl Stage {
    /// Something has changed.
    #[must_use]
    pub fn outdated(self) -> Self {
        match self {
            Self::Asked { .. } => Self::Asked { again: true },
            Self::Stale | Self::Done => Self::Stale,
        }
    }

    /// What was asked for is there.
    #[must_use]
    pub fn answered(self) -> Self {
        if self == (Self::Asked { again: true }) { Self::Stale } else { Self::Done }
    }
}

/// What lies over a tab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Over {
    /// Nothing.
    #[default]
    Nothing,
    /// The keys.
    Help {
        /// The first line that is shown.
        offset: usize,
    },
    /// A finding.
    Detail(Detail),
}

/// A finding that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Its file.
    pub path: Arc<Path>,
    /// Its place among the file's findings.
    pub index: usize,
    /// The first line that is shown.
    pub offset: usize,
    /// The diff of its fix, once it is known.
    pub diff: Option<(Place, Result<Vec<String>, String>)>,
}

/// A place in a list: what is selected, and what is shown first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The selected row.
    pub selected: usize,
    /// The first row that is shown.
    pub offset: usize,
}

impl Cursor {
    /// Selects a row of `length`, and shows it on a page of `page` rows.
    pub fn select(&mut self, selected: usize, length: usize, page: usize) {
        self.selected = selected.min(length.saturating_sub(1));
        let page = page.max(1);
        self.offset = self.offset.clamp((self.selected + 1).saturating_sub(page), self.selected);
        self.offset = self.offset.min(length.saturating_sub(page));
    }
}

/// The list of files.
#[derive(Debug, Default)]
pub struct Files {
    /// Rows of the snapshot that pass the filter, in the order of the sorting.
    pub order: Vec<u32>,
    /// The place in `order`.
    pub cursor: Cursor,
    /// The selected file.
    pub path: Option<Arc<Path>>,
    /// What the rows are sorted by.
    pub sort: Sort,
    /// Whether the order is turned around.
    pub reversed: bool,
    /// What the rows must hold.
    pub filter: String,
    /// The filter as it was before it was edited, while it is.
    pub editing: Option<String>,
    /// Files that are marked.
    pub marks: BTreeSet<Arc<Path>>,
}

/// What files are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// How far they are.
    #[default]
    Progress,
    /// Their paths.
    Path,
    /// How many sites are left.
    Sites,
    /// The rules that object.
    Rule,
    /// Their batches.
    Batch,
    /// How many files import them.
    Dependents,
}

impl Sort {
    /// The next in the circle.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Progress => Self::Path,
            Self::Path => Self::Sites,
            Self::Sites => Self::Rule,
            Self::Rule => Self::Batch,
            Self::Batch => Self::Dependents,
            Self::Dependents => Self::Progress,
        }
    }

    /// The name on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Progress => "state",
            Self::Path => "path",
            Self::Sites => "sites left",
            Self::Rule => "rule",
            Self::Batch => "batch",
            Self::Dependents => "dependents",
        }
    }
}

impl Files {
    /// Filters and sorts anew, and keeps the selected file selected.
    pub fn arrange(&mut self, snapshot: &Snapshot, page: usize) {
        let words: Vec<String> = self.filter.split_whitespace().map(str::to_lowercase).collect();
        let passes = |row: &Row| words.iter().all(|word| row.haystack.contains(word));
        let rows = (0..).zip(&snapshot.rows);
        // Rows come sorted by path, and sorting keeps that order among equals.
        let mut order: Vec<(u32, &Row)> = rows.filter(|(_, row)| passes(row)).collect();
        match self.sort {
            Sort::Progress => order.sort_by_key(|(_, row)| row.progress),
            Sort::Path => {}
            Sort::Sites => order.sort_by_key(|(_, row)| std::cmp::Reverse(row.counts.left())),
            Sort::Rule => order.sort_by(|(_, one), (_, other)| {
                (one.rules.is_empty(), &one.rules).cmp(&(other.rules.is_empty(), &other.rules))
            }),
            Sort::Batch => order.sort_by(|(_, one), (_, other)| {
                (one.batch.is_none(), &one.batch).cmp(&(other.batch.is_none(), &other.batch))
            }),
            Sort::Dependents => order.sort_by_key(|(_, row)| std::cmp::Reverse(row.dependents)),
        }
        if self.reversed {
            order.reverse();
        }
        self.order = order.into_iter().map(|(index, _)| index).collect();
        let selected = self.path.as_ref().and_then(|path| self.place_of(snapshot, path));
        self.select(selected.unwrap_or(self.cursor.selected), snapshot, page);
    }

    fn place_of(&self, snapshot: &Snapshot, path: &Path) -> Option<usize> {
        let wanted = snapshot.rows.binary_search_by(|row| row.path.as_os_str().cmp(path.as_os_str())).ok()?;
        self.order.iter().position(|&index| index as usize == wanted)
    }

    /// Selects a place in the list.
    pub fn select(&mut self, selected: usize, snapshot: &Snapshot, page: usize) {
        self.cursor.select(selected, self.order.len(), page);
        self.path = self.selected(snapshot).map(|row| Arc::clone(&row.path));
    }

    /// The selected row.
    pub fn selected<'s>(&self, snapshot: &'s Snapshot) -> Option<&'s Row> {
        let index = *self.order.get(self.cursor.selected)?;
        snapshot.rows.get(index as usize)
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was written, since the program started.
    pub at: Duration,
    /// How much it matters.
    pub weight: Weight,
    /// What it says.
    pub text: String,
}

/// How much something matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// It is good to know.
    #[default]
    Plain,
    /// It went well.
    Good,
    /// It did not go well.
    Bad,
}

/// What is said below the list until a key is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub weight: Weight,
    /// What it says.
    pub text: String,
}

impl State {
    /// The state before anything is known.
    pub fn new(size: (u16, u16), root: &Path) -> Self {
        let place = crate::report::escape(&root.to_string_lossy()).into_owned();
        Self { size, place, scanning: Some(0), ..Self::default() }
    }

    /// How many rows of a list are shown.
    pub fn page(&self) -> usize {
        layout::page(self.size)
    }

    /// The selected line of the plan.
    pub fn planned(&self) -> Option<(&Work, Item)> {
        let work = self.work.as_deref()?;
        Some((work, *work.items.get(self.plan.selected)?))
    }

    /// The file of the selected line of the plan.
    pub fn planned_file(&self) -> Option<&File> {
        let (work, item) = self.planned()?;
        work.file(item)
    }

    /// Adds a line to the log.
    pub fn note(&mut self, weight: Weight, text: impl Into<String>) {
        let text = crate::report::escape(&text.into()).into_owned();
        self.log.push_back(Entry { at: self.now, weight, text });
        if self.log.len() > KEPT {
            self.log.pop_front();
        }
    }

    /// Says something below the list, and in the log.
    pub fn say(&mut self, weight: Weight, text: impl Into<String>) {
        let text = crate::report::escape(&text.into()).into_owned();
        self.notice = Some(Notice { weight, text: text.clone() });
        self.note(weight, text);
    }

    /// The file, line and place of the finding that is looked at.
    pub fn looked_at(&self) -> Option<(PathBuf, u32, Place)> {
        let Over::Detail(detail) = &self.over else { return None };
        let row = self.snapshot.row(&detail.path)?;
        let finding = self.snapshot.findings(row).get(detail.index)?;
        Some((finding.path.to_path_buf(), finding.start.line, engine::place(finding)))
    }
}
