//! The plan: which files come next, batch by batch.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::report;
use crate::report::escape;
use crate::report::relative;
use crate::schedule::Confidence;
use crate::schedule::Schedule;
use crate::schedule::Task;

/// How many files come next.
const NEXT: usize = 5;

/// What the tab shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Batches, in the order in which they should be done.
    pub batches: Vec<Batch>,
    /// Files with work left, batch by batch.
    pub files: Vec<File>,
    /// The lines of the tab.
    pub items: Vec<Item>,
}

/// One batch, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its name.
    pub name: String,
    /// The day it is due, as `YYYY-MM-DD`.
    pub due: Option<String>,
    /// Whether nothing is left.
    pub is_done: bool,
    /// Whether something holds, and what.
    pub criteria: [(bool, String); 3],
    /// Its files, as places in [`Work::files`].
    pub files: Range<usize>,
}

/// One file with work left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The file, as an absolute path.
    pub path: Arc<Path>,
    /// Its name on the screen.
    pub name: String,
    /// How many sites are left in it.
    pub sites: usize,
    /// What a fix can do about them.
    pub confidence: Confidence,
    /// How many files import it, directly or through others.
    pub dependents: usize,
    /// Files that should be done before, as they are shown; empty where there are none.
    pub after: String,
}

/// One line of the tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// What follows are the files that come next.
    Next,
    /// One of the files that come next, by its place in [`Work::files`].
    NextFile(usize),
    /// A batch, by its place in [`Work::batches`].
    Batch(usize),
    /// What must hold of a batch, by the batch's place and its own among the batch's criteria.
    Criterion(usize, usize),
    /// A file of a batch, by its place in [`Work::files`].
    File(usize),
}

impl Work {
    /// Lays out a schedule; names are shown as seen from `cwd`.
    pub fn new(schedule: &Schedule, cwd: &Path) -> Self {
        let mut work = Self::default();
        for batch in &schedule.batches {
            let first = work.files.len();
            work.files.extend(batch.tasks.iter().map(|task| file(task, cwd)));
            work.batches.push(Batch {
                name: escape(&batch.name).into_owned(),
                due: batch.due.as_deref().map(|due| escape(due).into_owned()),
                is_done: batch.criteria.are_met(),
                criteria: report::schedule::criteria(batch.criteria),
                files: first..work.files.len(),
            });
        }
        if !work.files.is_empty() {
            work.items.push(Item::Next);
            work.items.extend((0..work.files.len().min(NEXT)).map(Item::NextFile));
        }
        for (index, batch) in work.batches.iter().enumerate() {
            work.items.push(Item::Batch(index));
            work.items.extend((0..batch.criteria.len()).map(|criterion| Item::Criterion(index, criterion)));
            work.items.extend(batch.files.clone().map(Item::File));
        }
        work
    }

    /// The file of a line.
    pub fn file(&self, item: Item) -> Option<&File> {
        match item {
            Item::NextFile(index) | Item::File(index) => self.files.get(index),
            Item::Next | Item::Batch(_) | Item::Criterion(..) => None,
        }
    }

    /// The files that a line speaks of.
    pub fn meant(&self, item: Item) -> &[File] {
        let range = match item {
            Item::Next => 0..self.files.len().min(NEXT),
            Item::NextFile(index) | Item::File(index) => index..index + 1,
            Item::Batch(index) | Item::Criterion(index, _) => {
                self.batches.get(index).map_or(0..0, |batch| batch.files.clone())
            }
        };
        self.files.get(range).unwrap_or_default()
    }

    /// The place of the line that says of this plan what `item` says of an `earlier` one.
    pub fn place_of(&self, earlier: &Self, item: Item) -> Option<usize> {
        let batch = |index: usize| {
            let name = &earlier.batches.get(index)?.name;
            self.batches.iter().position(|batch| batch.name == *name)
        };
        let file = |index: usize| {
            let path = &earlier.files.get(index)?.path;
            self.files.iter().position(|file| file.path == *path)
        };
        let now = match item {
            Item::Next => Some(item),
            Item::NextFile(index) => {
                file(index).map(|index| if index < NEXT { Item::NextFile(index) } else { Item::File(index) })
            }
            Item::File(index) => file(index).map(Item::File),
            Item::Batch(index) => batch(index).map(Item::Batch),
            Item::Criterion(index, criterion) => batch(index).map(|index| Item::Criterion(index, criterion)),
        };
        now.and_then(|now| self.items.iter().position(|item| *item == now))
    }
}

fn file(task: &Task, cwd: &Path) -> File {
    let shown = |path: &Path| escape(&relative(path, cwd)).into_owned();
    let before: Vec<String> = task.waits_for.iter().map(|path| shown(path)).collect();
    File {
        path: Arc::clone(&task.path),
        name: shown(&task.path),
        sites: task.places.len(),
        confidence: task.confidence(),
        dependents: task.dependents,
        after: report::schedule::few(&before),
    }
}
