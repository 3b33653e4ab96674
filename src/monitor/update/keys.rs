//! What keys do.

use std::collections::BTreeSet;
use std::sync::Arc;

use ratatui::crossterm::event::KeyCode;
use ratatui::crossterm::event::KeyEvent;
use ratatui::crossterm::event::KeyEventKind;
use ratatui::crossterm::event::KeyModifiers;

use crate::engine::Place;

use super::ask;
use super::open;
use crate::monitor::layout;
use crate::monitor::message::Effect;
use crate::monitor::message::Job;
use crate::monitor::snapshot::GroupKind;
use crate::monitor::state::Detail;
use crate::monitor::state::Over;
use crate::monitor::state::State;
use crate::monitor::state::Tab;
use crate::monitor::state::Weight;

/// What a key does.
pub(super) fn press(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c') => vec![Effect::Quit],
            KeyCode::Char('z') => vec![Effect::Suspend],
            KeyCode::Char('u') if state.files.editing.is_some() => {
                state.files.filter.clear();
                filter(state);
                Vec::new()
            }
            KeyCode::Char('d') => scroll(state, half(state)),
            KeyCode::Char('u') => scroll(state, -half(state)),
            _ => Vec::new(),
        };
    }
    if state.files.editing.is_some() {
        edit_filter(state, key.code);
        return Vec::new();
    }
    state.notice = None;
    let page = isize::try_from(state.page().max(2) - 1).unwrap_or(1);
    match key.code {
        KeyCode::Char('q') => vec![Effect::Quit],
        KeyCode::Char('?') | KeyCode::F(1) => {
            state.over = if matches!(state.over, Over::Help { .. }) { Over::Nothing } else { Over::Help { offset: 0 } };
            Vec::new()
        }
        KeyCode::Char('j') | KeyCode::Down => scroll(state, 1),
        KeyCode::Char('k') | KeyCode::Up => scroll(state, -1),
        KeyCode::PageDown => scroll(state, page),
        KeyCode::PageUp => scroll(state, -page),
        KeyCode::Char('g') | KeyCode::Home => scroll(state, isize::MIN / 2),
        KeyCode::Char('G') | KeyCode::End => scroll(state, isize::MAX / 2),
        KeyCode::Char(digit @ '1'..='5') => {
            let index = digit.to_digit(10).map_or(0, |digit| digit as usize - 1);
            open(state, Tab::ALL.get(index).copied().unwrap_or_default());
            Vec::new()
        }
        KeyCode::Tab => turn(state, 1),
        KeyCode::BackTab => turn(state, Tab::ALL.len() - 1),
        KeyCode::Esc | KeyCode::Backspace => {
            back(state);
            Vec::new()
        }
        KeyCode::Enter => enter(state),
        KeyCode::Right | KeyCode::Char('l') => neighbour(state, true),
        KeyCode::Left | KeyCode::Char('h') => neighbour(state, false),
        KeyCode::Char('a') => apply(state),
        KeyCode::Char('u') => undo(state),
        KeyCode::Char('p') => {
            state.paused = !state.paused;
            vec![Effect::Work(Job::Pause(state.paused))]
        }
        KeyCode::Char('r') => {
            state.scanning = Some(0);
            vec![Effect::Work(Job::Rescan)]
        }
        KeyCode::Char('o') => edit(state),
        KeyCode::Char('e') if state.is_surveyed => vec![Effect::Work(Job::Export)],
        KeyCode::Char('/') => {
            open(state, Tab::Files);
            state.files.editing = Some(state.files.filter.clone());
            Vec::new()
        }
        KeyCode::Char('s') if is_on_files(state) => {
            state.files.sort = state.files.sort.next();
            filter(state);
            Vec::new()
        }
        KeyCode::Char('S') if is_on_files(state) => {
            state.files.reversed = !state.files.reversed;
            filter(state);
            Vec::new()
        }
        KeyCode::Char(' ') if is_on_files(state) => mark(state),
        _ => Vec::new(),
    }
}

/// What the wheel does.
pub(super) fn wheel(state: &mut State, rows: isize) {
    scroll(state, rows);
}

/// What the button does in a row of the screen: it selects, and opens what is selected already.
pub(super) fn click(state: &mut State, row: u16) -> Vec<Effect> {
    let body = layout::areas(state.size).body;
    let Some(line) = row.checked_sub(body.y).filter(|line| *line < body.height).map(usize::from) else {
        return Vec::new();
    };
    let (cursor, length) = match state.tab {
        Tab::Files => (state.files.cursor, state.files.order.len()),
        Tab::Groups => (state.groups, state.snapshot.groups.len()),
        Tab::Plan => (state.plan, state.work.as_ref().map_or(0, |work| work.items.len())),
        _ => return Vec::new(),
    };
    let index = cursor.offset + line;
    if state.over != Over::Nothing || index >= length {
        return Vec::new();
    }
    if index == cursor.selected {
        return enter(state);
    }
    select(state, index);
    Vec::new()
}

fn is_on_files(state: &State) -> bool {
    state.tab == Tab::Files && state.over == Over::Nothing
}

fn half(state: &State) -> isize {
    isize::try_from(state.page() / 2).unwrap_or(1).max(1)
}

fn turn(state: &mut State, by: usize) -> Vec<Effect> {
    let index = Tab::ALL.iter().position(|tab| *tab == state.tab).unwrap_or(0);
    let tab = Tab::ALL.get((index + by) % Tab::ALL.len()).copied().unwrap_or_default();
    open(state, tab);
    Vec::new()
}

fn filter(state: &mut State) {
    let (snapshot, page) = (Arc::clone(&state.snapshot), state.page());
    state.files.arrange(&snapshot, page);
}

fn edit_filter(state: &mut State, code: KeyCode) {
    match code {
        KeyCode::Enter => state.files.editing = None,
        KeyCode::Esc => state.files.filter = state.files.editing.take().unwrap_or_default(),
        KeyCode::Backspace if state.files.filter.is_empty() => state.files.editing = None,
        KeyCode::Backspace => {
            state.files.filter.pop();
        }
        KeyCode::Char(character) => state.files.filter.push(character),
        KeyCode::Down | KeyCode::Up => {
            scroll(state, if code == KeyCode::Down { 1 } else { -1 });
            return;
        }
        _ => return,
    }
    filter(state);
}

fn scroll(state: &mut State, by: isize) -> Vec<Effect> {
    let moved = |from: usize, last: usize| from.saturating_add_signed(by.max(-isize::MAX / 2)).min(last);
    match &mut state.over {
        Over::Help { offset } => *offset = moved(*offset, crate::monitor::view::help::LINES),
        Over::Detail(detail) => {
            // How long the text is depends on the diff; drawing stops at its end.
            detail.offset = moved(detail.offset, u16::MAX.into());
            let last = crate::monitor::view::detail::last(state);
            if let Over::Detail(detail) = &mut state.over {
                detail.offset = detail.offset.min(last);
            }
        }
        Over::Nothing => match state.tab {
            Tab::Files => {
                let selected = moved(state.files.cursor.selected, state.files.order.len().saturating_sub(1));
                select(state, selected);
            }
            Tab::Groups => {
                let selected = moved(state.groups.selected, state.snapshot.groups.len().saturating_sub(1));
                select(state, selected);
            }
            Tab::Log => {
                let last = state.log.len().saturating_sub(state.page());
                let up = by.checked_neg().unwrap_or(isize::MAX / 2);
                state.log_offset = state.log_offset.saturating_add_signed(up).min(last);
            }
            Tab::Plan => {
                let last = state.work.as_ref().map_or(0, |work| work.items.len().saturating_sub(1));
                let selected = moved(state.plan.selected, last);
                select(state, selected);
            }
            Tab::BurnDown => {}
        },
    }
    Vec::new()
}

fn select(state: &mut State, index: usize) {
    let (snapshot, page) = (Arc::clone(&state.snapshot), state.page());
    match state.tab {
        Tab::Files => state.files.select(index, &snapshot, page),
        Tab::Plan => state.plan.select(index, state.work.as_ref().map_or(0, |work| work.items.len()), page),
        _ => state.groups.select(index, snapshot.groups.len(), page),
    }
}

fn back(state: &mut State) {
    if state.over != Over::Nothing {
        state.over = Over::Nothing;
    } else if !state.files.filter.is_empty() {
        state.files.filter.clear();
        filter(state);
    } else if !state.files.marks.is_empty() {
        state.files.marks.clear();
    }
}

fn mark(state: &mut State) -> Vec<Effect> {
    if let Some(path) = state.files.path.clone()
        && !state.files.marks.remove(&path)
    {
        state.files.marks.insert(path);
    }
    scroll(state, 1)
}

fn enter(state: &mut State) -> Vec<Effect> {
    match (&state.over, state.tab) {
        (Over::Nothing, Tab::Files) => match state.files.path.clone() {
            Some(path) => detail(state, Detail { path, index: 0, offset: 0, diff: None }),
            None => Vec::new(),
        },
        (Over::Nothing, Tab::Groups) => {
            if let Some(group) = state.snapshot.groups.get(state.groups.selected) {
                state.files.filter = group.name.trim_start_matches("./").to_lowercase();
                open(state, Tab::Files);
                filter(state);
            }
            Vec::new()
        }
        (Over::Nothing, Tab::Plan) => match state.planned_file().map(|file| Arc::clone(&file.path)) {
            Some(path) if state.snapshot.row(&path).is_some() => {
                detail(state, Detail { path, index: 0, offset: 0, diff: None })
            }
            _ => Vec::new(),
        },
        (Over::Help { .. }, _) => {
            state.over = Over::Nothing;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Opens a finding, and asks for the diff of its fix.
fn detail(state: &mut State, detail: Detail) -> Vec<Effect> {
    state.over = Over::Detail(detail);
    preview(state)
}

fn preview(state: &State) -> Vec<Effect> {
    let Some((_, _, place)) = state.looked_at() else { return Vec::new() };
    let row = state.snapshot.row(&place.0);
    let has_fix = row.is_some_and(|row| state.snapshot.places(row, None).any(|fixed| fixed == place));
    if has_fix { vec![Effect::Work(Job::Preview(place))] } else { Vec::new() }
}

/// After a scan: the finding that is looked at may have moved or gone, and its diff is another.
pub(super) fn refresh_detail(state: &mut State) -> Vec<Effect> {
    let Over::Detail(mut detail) = state.over.clone() else { return Vec::new() };
    let Some(row) = state.snapshot.row(&detail.path) else {
        state.over = Over::Nothing;
        return Vec::new();
    };
    detail.index = detail.index.min(row.findings.1.saturating_sub(1));
    state.over = Over::Detail(detail);
    preview(state)
}

/// Shows the finding before or after the one that is looked at.
fn neighbour(state: &mut State, forward: bool) -> Vec<Effect> {
    let Over::Detail(shown) = &state.over else { return Vec::new() };
    let count = state.snapshot.row(&shown.path).map_or(0, |row| row.findings.1);
    let index = if forward { shown.index + 1 } else { shown.index.wrapping_sub(1) };
    if index >= count {
        return Vec::new();
    }
    let path = Arc::clone(&shown.path);
    detail(state, Detail { path, index, offset: 0, diff: None })
}

/// The places of fixes that are meant: of the finding that is looked at, the marked files, the group or the file.
fn meant(state: &State) -> BTreeSet<Place> {
    let snapshot = &state.snapshot;
    if let Some((_, _, place)) = state.looked_at() {
        return BTreeSet::from([place]);
    }
    match state.tab {
        Tab::Files if !state.files.marks.is_empty() => {
            let rows = state.files.marks.iter().filter_map(|path| snapshot.row(path));
            rows.flat_map(|row| snapshot.places(row, None)).collect()
        }
        Tab::Files => {
            let row = state.files.selected(snapshot);
            row.into_iter().flat_map(|row| snapshot.places(row, None)).collect()
        }
        Tab::Groups => {
            let Some(group) = snapshot.groups.get(state.groups.selected) else { return BTreeSet::new() };
            let rule = (group.kind == GroupKind::Rule).then_some(group.name.as_str());
            let rows = snapshot.rows.iter().filter(|row| snapshot.is_in(row, group));
            rows.flat_map(|row| snapshot.places(row, rule)).collect()
        }
        Tab::Plan => {
            let files = state.planned().map(|(work, item)| work.meant(item)).unwrap_or_default();
            let rows = files.iter().filter_map(|file| snapshot.row(&file.path));
            rows.flat_map(|row| snapshot.places(row, None)).collect()
        }
        Tab::BurnDown | Tab::Log => BTreeSet::new(),
    }
}

fn apply(state: &mut State) -> Vec<Effect> {
    if matches!(state.over, Over::Help { .. }) || state.busy.is_some() {
        return Vec::new();
    }
    let places = meant(state);
    if places.is_empty() {
        state.say(Weight::Bad, "there is no fix to apply here");
        return Vec::new();
    }
    ask(state, Job::Apply(places), "applying")
}

fn undo(state: &mut State) -> Vec<Effect> {
    if state.busy.is_some() {
        return Vec::new();
    }
    let Some(id) = state.applied.last().cloned() else {
        state.say(Weight::Bad, "nothing was applied here; `qmigrate undo` takes back earlier fixes");
        return Vec::new();
    };
    ask(state, Job::Undo(id), "taking back")
}

fn edit(state: &State) -> Vec<Effect> {
    if let Some((path, line, _)) = state.looked_at() {
        return vec![Effect::Edit(path, line)];
    }
    let row = match state.tab {
        Tab::Files => state.files.selected(&state.snapshot),
        Tab::Plan => state.planned_file().and_then(|file| state.snapshot.row(&file.path)),
        Tab::BurnDown | Tab::Groups | Tab::Log => None,
    };
    let Some(row) = row else { return Vec::new() };
    let line = state.snapshot.findings(row).first().map_or(1, |finding| finding.start.line);
    vec![Effect::Edit(row.path.to_path_buf(), line)]
}
