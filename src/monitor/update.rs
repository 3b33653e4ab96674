//! What a message changes, and what is to be done about it. Pure: no clock, no disk, no terminal.

mod keys;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::apply::Applied;
use crate::apply::FileStatus;
use crate::apply::UndoStatus;
use crate::apply::Undone;
use crate::report::count;
use crate::report::relative;

use super::message::Effect;
use super::message::Job;
use super::message::Message;
use super::message::Read;
use super::message::Watching;
use super::snapshot::Counts;
use super::snapshot::Row;
use super::snapshot::Snapshot;
use super::state::Over;
use super::state::Stage;
use super::state::State;
use super::state::Tab;
use super::state::Weight;
use super::work::Work;

/// Files that one change of the project names in the log.
const NAMED: usize = 20;

/// Takes a message in.
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    let mut effects = take(state, message);
    // The plan costs more than a scan: it is worked out only while it is looked at.
    if state.tab == Tab::Plan && state.is_surveyed && state.planning == Stage::Stale {
        state.planning = Stage::Asked { again: false };
        effects.push(Effect::Work(Job::Plan));
    }
    if state.tab == Tab::BurnDown && state.remembering == Stage::Stale {
        state.remembering = Stage::Asked { again: false };
        effects.push(Effect::Work(Job::Remember));
    }
    effects
}

fn take(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => return keys::press(state, key),
        Message::Wheel(rows) => keys::wheel(state, rows),
        Message::Click(row) => return keys::click(state, row),
        Message::Resize(columns, rows) => resize(state, (columns, rows)),
        Message::Scanning(files) => state.scanning = Some(files),
        Message::Surveyed(snapshot, read) => return surveyed(state, &snapshot, read),
        Message::Failed(reason) => {
            state.scanning = None;
            state.say(Weight::Bad, format!("the scan failed: {reason}"));
        }
        Message::Watching(watching) => watch(state, watching),
        Message::Planned(planned) => {
            state.planning = state.planning.answered();
            match planned {
                Ok(work) => show_plan(state, work),
                Err(reason) => state.say(Weight::Bad, format!("there is no plan: {reason}")),
            }
        }
        Message::Remembering { done, of } => state.remembered = Some((done, of)),
        Message::Remembered(burndown) => {
            (state.remembering, state.remembered) = (state.remembering.answered(), None);
            state.burndown = Some(burndown.map_err(|why| crate::report::escape(&why).into_owned()));
        }
        Message::Moved => state.remembering = state.remembering.outdated(),
        Message::Previewed(place, diff) => {
            let is_shown = state.looked_at().is_some_and(|(_, _, shown)| shown == place);
            if let Over::Detail(detail) = &mut state.over
                && is_shown
            {
                detail.diff = Some((place, diff));
            }
        }
        Message::Applied(applied) => {
            state.busy = None;
            match applied {
                Ok(applied) => after_apply(state, &applied),
                Err(reason) => state.say(Weight::Bad, format!("nothing was applied: {reason}")),
            }
        }
        Message::Undone(undone) => {
            state.busy = None;
            match undone {
                Ok(undone) => after_undo(state, &undone),
                Err(reason) => state.say(Weight::Bad, format!("nothing was taken back: {reason}")),
            }
        }
        Message::Exported(Ok(path)) => {
            let name = relative(&path, &state.snapshot.cwd);
            state.say(Weight::Good, format!("wrote the scan to {name}"));
        }
        Message::Edited(Ok(())) => {}
        Message::Exported(Err(reason)) | Message::Edited(Err(reason)) => state.say(Weight::Bad, reason),
        Message::Panicked(what) => {
            (state.scanning, state.busy, state.planning) = (None, None, Stage::Done);
            state.say(Weight::Bad, format!("a fault of qmigrate itself: {what}; `r` scans again"));
        }
        Message::Suspend => return vec![Effect::Suspend],
        Message::Continued => return vec![Effect::Restore],
        Message::Stop => return vec![Effect::Quit],
    }
    Vec::new()
}

fn resize(state: &mut State, size: (u16, u16)) {
    state.size = size;
    let page = state.page();
    let snapshot = Arc::clone(&state.snapshot);
    let selected = state.files.cursor.selected;
    state.files.select(selected, &snapshot, page);
    let selected = state.groups.selected;
    state.groups.select(selected, snapshot.groups.len(), page);
    let selected = state.plan.selected;
    state.plan.select(selected, state.work.as_ref().map_or(0, |work| work.items.len()), page);
    state.log_offset = state.log_offset.min(state.log.len().saturating_sub(page));
}

fn watch(state: &mut State, watching: Watching) {
    match &watching {
        _ if watching == state.watching => {}
        Watching::Told => state.note(Weight::Plain, "changes are told by the system again"),
        Watching::Polling(reason) => {
            state.say(Weight::Bad, format!("polling every two seconds: {reason}"));
        }
        Watching::Not(reason) => {
            state.say(Weight::Bad, format!("not watching, `r` scans again: {reason}"));
        }
    }
    state.watching = watching;
}

fn surveyed(state: &mut State, snapshot: &Arc<Snapshot>, read: Read) -> Vec<Effect> {
    let page = state.page();
    let before = std::mem::replace(&mut state.snapshot, Arc::clone(snapshot));
    let scan = &snapshot.scan;
    let summary = &scan.summary;
    if state.is_surveyed {
        compare(state, &before, snapshot);
    } else {
        let (files, findings) = (summary.files_scanned, summary.findings);
        state.note(Weight::Plain, format!("{findings} findings in {files} files, in {} ms", read.milliseconds));
        state.files.cursor.selected = 0;
        for warning in &scan.warnings {
            state.note(Weight::Bad, warning.clone());
        }
    }
    for problem in scan.problems.iter().filter(|problem| !before.scan.problems.contains(problem)) {
        let name = relative(&problem.path, &snapshot.cwd);
        state.note(Weight::Bad, format!("{name}:{}: {}", problem.position.line, problem.message));
    }
    state.planning = state.planning.outdated();
    state.is_surveyed = true;
    state.scanning = None;
    state.read = read;
    state.files.marks.retain(|path| snapshot.row(path).is_some());
    state.files.arrange(snapshot, page);
    let selected = state.groups.selected;
    state.groups.select(selected, snapshot.groups.len(), page);
    keys::refresh_detail(state)
}

/// Shows a plan, with the same line selected as before, if it is still there.
fn show_plan(state: &mut State, work: Arc<Work>) {
    let same = state.planned().and_then(|(earlier, item)| work.place_of(earlier, item));
    let selected = same.unwrap_or(state.plan.selected);
    state.plan.select(selected, work.items.len(), state.page());
    state.work = Some(work);
}

/// Notes which files have changed their sums.
fn compare(state: &mut State, before: &Snapshot, after: &Snapshot) {
    let mut old: BTreeMap<&Path, &Row> = BTreeMap::new();
    let is_same = |one: &Row, other: &Row| one.counts == other.counts;
    for row in &before.rows {
        if after.row(&row.path).is_none_or(|now| !is_same(row, now)) {
            old.insert(&row.path, row);
        }
    }
    let fresh = after.rows.iter().filter(|row| before.row(&row.path).is_none_or(|then| !is_same(row, then)));
    let mut changed: BTreeMap<&Path, (&str, Counts, Counts)> = BTreeMap::new();
    for (path, row) in old {
        changed.insert(path, (&row.name, row.counts, Counts::default()));
    }
    for row in fresh {
        let then = changed.get(&*row.path).map_or_else(Counts::default, |(_, then, _)| *then);
        changed.insert(&row.path, (&row.name, then, row.counts));
    }
    for (name, then, now) in changed.values().take(NAMED) {
        let weight = if now.left() > then.left() { Weight::Bad } else { Weight::Good };
        state.note(weight, format!("{name}: {}", difference(*then, *now)));
    }
    if changed.len() > NAMED {
        state.note(Weight::Plain, format!("and {} more files", changed.len() - NAMED));
    }
}

fn difference(then: Counts, now: Counts) -> String {
    let kinds = [
        ("migrated", then.migrated, now.migrated),
        ("pending", then.pending, now.pending),
        ("held back", then.held, now.held),
        ("suppressed", then.suppressed, now.suppressed),
        ("to look at", then.warnings, now.warnings),
    ];
    let changed = kinds.into_iter().filter(|(_, then, now)| then != now);
    changed.map(|(name, then, now)| format!("{then} → {now} {name}")).collect::<Vec<_>>().join(", ")
}

fn after_apply(state: &mut State, applied: &Applied) {
    let changed = applied.files.iter().filter(|file| file.status == FileStatus::Changed).count();
    let left: Vec<_> = applied.files.iter().filter(|file| file.status != FileStatus::Changed).collect();
    for file in &left {
        let name = relative(&file.path, &state.snapshot.cwd);
        state.note(Weight::Bad, format!("{name} {}", file.reason.as_deref().unwrap_or("was left")));
    }
    let Some(id) = &applied.id else {
        let first = left.first().map(|file| {
            let name = relative(&file.path, &state.snapshot.cwd);
            format!("{name} {}", file.reason.as_deref().unwrap_or("was left"))
        });
        let reason = first.unwrap_or_else(|| "there is nothing that can be fixed safely".to_owned());
        state.say(Weight::Bad, format!("nothing was applied: {reason}"));
        return;
    };
    state.applied.push(id.clone());
    state.files.marks.clear();
    let rest = if left.is_empty() { String::new() } else { format!(", {} left (see the log)", left.len()) };
    state.say(Weight::Good, format!("applied to {}{rest}; `u` takes it back", count(changed, "file")));
}

fn after_undo(state: &mut State, undone: &Undone) {
    let restored = undone.files.iter().filter(|file| file.status == UndoStatus::Restored).count();
    let refused: Vec<_> = undone.files.iter().filter(|file| file.reason.is_some()).collect();
    for file in &refused {
        let name = relative(&file.path, &state.snapshot.cwd);
        state.note(Weight::Bad, format!("{name}: {}", file.reason.as_deref().unwrap_or("was left")));
    }
    state.applied.retain(|id| *id != undone.id);
    let rest = if refused.is_empty() { String::new() } else { format!(", {} left (see the log)", refused.len()) };
    let weight = if refused.is_empty() { Weight::Good } else { Weight::Bad };
    state.say(weight, format!("took back {}{rest}", count(restored, "file")));
}

/// Asks the worker for something that takes a while, and says so.
fn ask(state: &mut State, job: Job, busy: &'static str) -> Vec<Effect> {
    state.busy = Some(busy);
    vec![Effect::Work(job)]
}

/// Opens a tab.
fn open(state: &mut State, tab: Tab) {
    state.tab = tab;
    state.over = Over::Nothing;
}
