//! The work that is left, in batches, critical path first.
//!
//! A file waits for another one with work left if it imports it, directly or through files without work. Files that wait
//! for nothing come first; among them, those on which most entry points depend.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::discover;
use crate::edit::Applicability;
use crate::finding::Finding;
use crate::finding::Severity;
use crate::finding::Standing;
use crate::gather::Imports;
use crate::layout::FileId;
use crate::project::Project;
use crate::source::LanguageId;

/// How many files a batch holds at most, where the configuration names none.
pub const BATCH_FILES: usize = 20;

/// The work that is left.
#[derive(Debug, Default)]
pub struct Schedule {
    /// In the order in which they should be done.
    pub batches: Vec<Batch>,
    /// Calls of the factory, by file; absolute.
    pub migrated: BTreeMap<Arc<Path>, usize>,
}

/// Files that are done together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Its name.
    pub name: String,
    /// The day it is due, as `YYYY-MM-DD`.
    pub due: Option<String>,
    /// The files with work left, critical path first.
    pub tasks: Vec<Task>,
    /// What is measured, for the batch to be done.
    pub criteria: Criteria,
}

/// What is measured of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Criteria {
    /// Calls that go through the factory.
    pub migrated: usize,
    /// Places that do not, and that `fix` can rewrite.
    pub fixable: usize,
    /// Places that do not, and that wait for a person.
    pub held_back: usize,
    /// Tests' patches that replace the factory's function in a file of the batch.
    pub patches_migrated: usize,
    /// Tests' patches that replace the client's class in a file of the batch.
    pub patches_left: usize,
}

impl Criteria {
    /// Whether nothing is left.
    pub fn are_met(&self) -> bool {
        self.fixable == 0 && self.held_back == 0 && self.patches_left == 0
    }
}

/// A file with work left.
#[derive(Clone, Debug)]
pub struct Task {
    /// The file, absolute.
    pub path: Arc<Path>,
    /// Its language.
    pub language: LanguageId,
    /// Its places, in order.
    pub places: Vec<Place>,
    /// How many files import it, directly or through others.
    pub dependents: usize,
    /// How many of those nobody imports.
    pub entry_points: usize,
    /// Files with work left that should be done before, absolute.
    pub waits_for: Vec<Arc<Path>>,
}

impl Task {
    /// How far the file can be migrated by `fix`: as far as its least certain place.
    pub fn confidence(&self) -> Confidence {
        self.places.iter().map(|place| place.confidence).max().unwrap_or(Confidence::Safe)
    }
}

/// A place that bypasses the factory.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its line, from 1.
    pub line: u32,
    /// The rule.
    pub rule: Arc<str>,
    /// What `fix` can do about it.
    pub confidence: Confidence,
    /// Why it is held back, or what a reader of its fix should know.
    pub reason: Option<String>,
}

/// What `fix` can do about a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// `fix` rewrites it.
    Safe,
    /// `fix --unsafe` rewrites it, and somebody should look.
    Unsafe,
    /// A person rewrites it.
    Manual,
}

impl Confidence {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::Manual => "manual",
        }
    }
}

/// What is known of the files of a project.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The project.
    pub project: &'a Project,
    /// Its findings.
    pub findings: &'a [Finding],
    /// Who imports whom.
    pub imports: &'a Imports,
    /// Calls that are migrated, by file.
    pub migrated: &'a BTreeMap<FileId, usize>,
    /// Patches of tests by the file whose name they replace: those of the factory's functions, and those of classes.
    pub patches: &'a BTreeMap<FileId, (usize, usize)>,
}

/// Puts the work that is left into batches: those that `batches` name, or else batches along the imports.
pub fn schedule(facts: &Facts<'_>, batches: &[crate::config::Batch]) -> Schedule {
    let tasks = tasks(facts);
    let batches = if batches.is_empty() { by_imports(facts, tasks) } else { by_name(facts, tasks, batches) };
    let path = |id: &FileId| facts.project.file(*id).map(|file| Arc::clone(&file.path));
    let migrated = facts.migrated.iter().filter_map(|(id, count)| Some((path(id)?, *count))).collect();
    Schedule { batches, migrated }
}

/// The files with work left, each with its level: 0 for those that wait for nothing.
fn tasks(facts: &Facts<'_>) -> Vec<(FileId, usize, Task)> {
    let mut places: BTreeMap<FileId, Vec<Place>> = BTreeMap::new();
    let counts = |finding: &&Finding| {
        !matches!(finding.standing, Standing::Suppressed { .. }) && finding.severity == Severity::Error
    };
    for finding in facts.findings.iter().filter(counts) {
        let Some(id) = facts.project.layout.file(&finding.path) else { continue };
        let confidence = match finding.fix.as_ref().map(|fix| fix.applicability) {
            Some(Applicability::Safe) => Confidence::Safe,
            Some(Applicability::Unsafe) => Confidence::Unsafe,
            None => Confidence::Manual,
        };
        let reason = finding.held_back.clone().or_else(|| finding.note.clone());
        let (line, rule) = (finding.start.line, Arc::clone(&finding.rule));
        places.entry(id).or_default().push(Place { line, rule, confidence, reason });
    }
    let open: BTreeSet<FileId> = places.keys().copied().collect();
    let waits: BTreeMap<FileId, Waits> = open.iter().map(|&id| (id, Waits::of(id, &open, facts.imports))).collect();
    let levels = levels(&waits);
    let tasks = places.into_iter().filter_map(|(id, places)| {
        let file = facts.project.file(id)?;
        let dependents = reach(id, |id| facts.imports.importers_of(id));
        let entry_points = dependents.iter().filter(|id| facts.imports.importers_of(**id).is_empty()).count();
        let own = waits.get(&id)?;
        let waits_for = own.nearest.iter().filter(|other| !is_mutual(id, **other, &waits));
        let path = |id: &FileId| facts.project.file(*id).map(|file| Arc::clone(&file.path));
        let task = Task {
            path: Arc::clone(&file.path),
            language: file.language,
            places,
            dependents: dependents.len(),
            entry_points,
            waits_for: waits_for.filter_map(path).collect(),
        };
        Some((id, levels.get(&id).copied().unwrap_or(0), task))
    });
    let mut tasks: Vec<_> = tasks.collect();
    tasks.sort_by(|(_, a_level, a), (_, b_level, b)| {
        let key = |task: &Task| std::cmp::Reverse((task.entry_points, task.dependents));
        (a_level, key(a), &a.path).cmp(&(b_level, key(b), &b.path))
    });
    tasks
}

/// What a file with work left imports of other such files.
#[derive(Debug, Default)]
struct Waits {
    /// Through files without work only.
    nearest: BTreeSet<FileId>,
    /// Through any files.
    all: BTreeSet<FileId>,
}

impl Waits {
    fn of(id: FileId, open: &BTreeSet<FileId>, imports: &Imports) -> Self {
        let all = reach(id, |id| imports.of(id)).intersection(open).copied().collect();
        let step = |other: FileId| if other != id && open.contains(&other) { &[][..] } else { imports.of(other) };
        let nearest = reach(id, step).intersection(open).copied().collect();
        Self { nearest, all }
    }
}

/// Whether two files wait for each other.
fn is_mutual(one: FileId, other: FileId, waits: &BTreeMap<FileId, Waits>) -> bool {
    let reaches = |from: FileId, to: FileId| waits.get(&from).is_some_and(|waits| waits.all.contains(&to));
    reaches(one, other) && reaches(other, one)
}

/// How many files with work left must be done one after the other before each.
fn levels(waits: &BTreeMap<FileId, Waits>) -> BTreeMap<FileId, usize> {
    let mut order: Vec<FileId> = waits.keys().copied().collect();
    // Whoever waits for a file waits for all that the file waits for: fewer come first.
    order.sort_by_key(|id| waits.get(id).map_or(0, |waits| waits.all.len()));
    let mut levels: BTreeMap<FileId, usize> = BTreeMap::new();
    for id in order {
        let before = waits.get(&id).into_iter().flat_map(|waits| &waits.all);
        let before = before.filter(|other| !is_mutual(id, **other, waits));
        let level = before.filter_map(|other| levels.get(other)).max().map_or(0, |level| level + 1);
        levels.insert(id, level);
    }
    levels
}

/// All that a file leads to, itself left out.
fn reach<'i>(from: FileId, step: impl Fn(FileId) -> &'i [FileId]) -> BTreeSet<FileId> {
    let mut found = BTreeSet::new();
    let mut open = step(from).to_vec();
    while let Some(id) = open.pop() {
        if id != from && found.insert(id) {
            open.extend(step(id));
        }
    }
    found
}

fn by_imports(facts: &Facts<'_>, tasks: Vec<(FileId, usize, Task)>) -> Vec<Batch> {
    let mut batches: Vec<(usize, Vec<FileId>, Batch)> = Vec::new();
    for (id, level, task) in tasks {
        let fits =
            |(last, _, batch): &&mut (usize, Vec<FileId>, Batch)| *last == level && batch.tasks.len() < BATCH_FILES;
        if let Some((_, files, batch)) = batches.last_mut().filter(|last| fits(last)) {
            files.push(id);
            batch.tasks.push(task);
        } else {
            let name = format!("batch-{}", batches.len() + 1);
            batches.push((level, vec![id], Batch { name, tasks: vec![task], ..Batch::default() }));
        }
    }
    let finished = batches.into_iter().map(|(_, files, batch)| measured(batch, files.into_iter(), facts));
    finished.collect()
}

fn by_name(facts: &Facts<'_>, tasks: Vec<(FileId, usize, Task)>, named: &[crate::config::Batch]) -> Vec<Batch> {
    let globs: Vec<_> = named.iter().map(|batch| discover::globs(&batch.paths)).collect();
    let place = |path: &Path| {
        let below = path.strip_prefix(&facts.project.root).unwrap_or(path);
        globs.iter().position(|globs| globs.is_match(below))
    };
    let mut batches: Vec<Batch> = named
        .iter()
        .map(|batch| Batch { name: batch.name.clone(), due: batch.due.clone(), ..Batch::default() })
        .collect();
    let mut rest = Batch { name: "rest".to_owned(), ..Batch::default() };
    for (_, _, task) in tasks {
        let batch = place(&task.path).and_then(|index| batches.get_mut(index)).unwrap_or(&mut rest);
        batch.tasks.push(task);
    }
    let mut files: Vec<Vec<FileId>> = vec![Vec::new(); named.len() + 1];
    for (id, file) in (0..).zip(&facts.project.files) {
        if let Some(files) = files.get_mut(place(&file.path).unwrap_or(named.len())) {
            files.push(id);
        }
    }
    let has_rest = !rest.tasks.is_empty();
    let all = batches.into_iter().chain(has_rest.then_some(rest)).zip(files);
    all.map(|(batch, files)| measured(batch, files.into_iter(), facts)).collect()
}

/// Measures a batch over its files.
fn measured(mut batch: Batch, files: impl Iterator<Item = FileId>, facts: &Facts<'_>) -> Batch {
    let places = || batch.tasks.iter().flat_map(|task| &task.places);
    let held_back = places().filter(|place| place.confidence == Confidence::Manual).count();
    let mut criteria = Criteria { held_back, fixable: places().count() - held_back, ..Criteria::default() };
    for id in files {
        criteria.migrated += facts.migrated.get(&id).copied().unwrap_or(0);
        let (migrated, left) = facts.patches.get(&id).copied().unwrap_or_default();
        criteria.patches_migrated += migrated;
        criteria.patches_left += left;
    }
    batch.criteria = criteria;
    batch
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Levels of the files in `open`, by what each file imports.
    fn check(imports: &[&[FileId]], open: &[FileId], expected: &[(FileId, usize)]) {
        let imports = Imports::new(imports.iter().map(|own| own.to_vec()).collect());
        let open: BTreeSet<FileId> = open.iter().copied().collect();
        let waits = open.iter().map(|&id| (id, Waits::of(id, &open, &imports))).collect();
        assert_eq!(levels(&waits).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_file_comes_after_all_that_it_imports_through_others_too() {
        check(&[&[1], &[2], &[3], &[]], &[0, 2, 3], &[(0, 2), (2, 1), (3, 0)]);
    }

    #[test]
    fn files_that_import_each_other_come_together() {
        check(&[&[1], &[0, 2], &[]], &[0, 1, 2], &[(0, 1), (1, 1), (2, 0)]);
        check(&[&[1], &[0]], &[0, 1], &[(0, 0), (1, 0)]);
    }
}
