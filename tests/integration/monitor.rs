#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "tests may stop at the first surprise"
)]
//! The dashboard: what it draws, what keys do, and how it behaves in a terminal.

mod burndown;
mod facts;
mod screens;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod tty;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use qmigrate::config::Config;
use qmigrate::engine::Options;
use qmigrate::engine::session::Session;
use qmigrate::history::History;
use qmigrate::history::Point;
use qmigrate::monitor::burndown::BurnDown;
use qmigrate::monitor::message::Message;
use qmigrate::monitor::message::Read;
use qmigrate::monitor::snapshot::Snapshot;
use qmigrate::monitor::state::State;
use qmigrate::monitor::update::update;
use qmigrate::monitor::work::Work;
use qmigrate::rule;
use qmigrate::sums::Sums;

use crate::support::Project;

/// What the dashboard would know of a project.
fn snapshot(project: &Project) -> Arc<Snapshot> {
    let cwd: PathBuf = project.path("").components().collect();
    let config = Config::load(&cwd, None).unwrap();
    let rules = rule::load::every(&config).unwrap();
    let options = Options { cwd: cwd.clone(), threads: 2, ..Options::default() };
    let mut session = Session::new(config.clone(), rules, options);
    Arc::new(Snapshot::new(session.scan(&|| ()).unwrap(), &config, &cwd))
}

/// The plan of a project, as the dashboard would have it.
fn planned(project: &Project) -> Arc<Work> {
    let cwd: PathBuf = project.path("").components().collect();
    let config = Config::load(&cwd, None).unwrap();
    let rules = rule::load::every(&config).unwrap();
    let options = Options { cwd: cwd.clone(), threads: 2, ..Options::default() };
    let schedule = Session::new(config, rules, options).schedule(&|| ()).unwrap();
    Arc::new(Work::new(&schedule, &cwd))
}

/// What the dashboard tells of a history of weeks: how many sites were left at the end of each, and migrated by then.
fn burndown(weeks: &[(usize, usize)]) -> Arc<BurnDown> {
    let point = |(week, &(pending, migrated)): (i64, &(usize, usize))| Point {
        commit: format!("{week:02}c0ffee0123456789").into(),
        time: 1_700_000_000 + week * 604_800,
        sums: Ok(Sums { pending, migrated, ..Sums::default() }),
    };
    let history = History { points: (0..).zip(weeks).map(point).collect(), read: weeks.len() };
    let now = history.points.last().map_or(0, |point| point.time + 3600);
    Arc::new(BurnDown::new(&history, now))
}

/// The dashboard of a project, as it is once the first scan is done.
fn surveyed(project: &Project, size: (u16, u16)) -> State {
    let mut state = State::new(size, Path::new("/code/shop"));
    update(&mut state, Message::Surveyed(snapshot(project), Read { files: 17, milliseconds: 40 }));
    state
}

/// Presses keys, written as in a manual: `j`, `Enter`, `Ctrl-c`; returns what is to be done.
fn press(state: &mut State, keys: &str) -> Vec<qmigrate::monitor::message::Effect> {
    use ratatui::crossterm::event::KeyCode;
    use ratatui::crossterm::event::KeyEvent;
    use ratatui::crossterm::event::KeyModifiers;

    let mut effects = Vec::new();
    for key in keys.split(' ') {
        let (modifiers, name) = match key.strip_prefix("Ctrl-") {
            Some(name) => (KeyModifiers::CONTROL, name),
            None => (KeyModifiers::NONE, key),
        };
        let code = match name {
            "Enter" => KeyCode::Enter,
            "Esc" => KeyCode::Esc,
            "Tab" => KeyCode::Tab,
            "Space" => KeyCode::Char(' '),
            "PgDn" => KeyCode::PageDown,
            "PgUp" => KeyCode::PageUp,
            "Right" => KeyCode::Right,
            "Backspace" => KeyCode::Backspace,
            _ => KeyCode::Char(name.chars().next().unwrap()),
        };
        effects.extend(update(state, Message::Key(KeyEvent::new(code, modifiers))));
    }
    effects
}
