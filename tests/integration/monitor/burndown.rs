//! When the history is read, and what is said of it.

use std::path::Path;

use qmigrate::history::History;
use qmigrate::history::Point;
use qmigrate::monitor::burndown::BurnDown;
use qmigrate::monitor::message::Effect;
use qmigrate::monitor::message::Job;
use qmigrate::monitor::message::Message;
use qmigrate::monitor::state::State;
use qmigrate::monitor::update::update;
use qmigrate::monitor::view::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::burndown;
use super::press;

const READ: [Effect; 1] = [Effect::Work(Job::Remember)];

/// The dashboard with the tab open, and what it was told.
fn told(burndown: BurnDown) -> State {
    let mut state = State::new((80, 24), Path::new("/code/shop"));
    press(&mut state, "2");
    update(&mut state, Message::Remembered(Ok(burndown.into())));
    state
}

fn shown(state: &State) -> String {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| view(state, frame)).unwrap();
    terminal.backend().to_string()
}

#[test]
fn the_history_is_read_only_while_it_is_looked_at() {
    let mut state = State::new((80, 24), Path::new("/code/shop"));
    assert_eq!(update(&mut state, Message::Moved), [], "nobody looks");
    assert_eq!(press(&mut state, "2"), READ);
    assert_eq!(press(&mut state, "1 2"), [], "it is being read");
    assert_eq!(update(&mut state, Message::Remembered(Ok(burndown(&[(1, 0)])))), []);
    assert_eq!(press(&mut state, "1 2"), [], "nothing has changed");
    assert_eq!(update(&mut state, Message::Moved), READ);
    assert_eq!(update(&mut state, Message::Moved), [], "it is being read");
    let again = update(&mut state, Message::Remembered(Err("no".to_owned())));
    assert_eq!(again, READ, "it has changed meanwhile");
    press(&mut state, "1");
    assert_eq!(update(&mut state, Message::Remembered(Err("no".to_owned()))), []);
    assert_eq!(update(&mut state, Message::Moved), [], "nobody looks");
    assert_eq!(press(&mut state, "2"), READ);
}

#[test]
fn while_the_history_is_read_again_the_last_one_is_shown() {
    let mut state = told(BurnDown::clone(&burndown(&[(7, 0), (5, 2)])));
    update(&mut state, Message::Moved);
    update(&mut state, Message::Remembering { done: 3, of: 4000 });
    let shown = shown(&state);
    assert!(shown.contains("5 left") && shown.contains("Reading commits … 3 of 4,000"), "{shown}");
}

#[test]
fn what_is_to_be_expected_is_said_in_every_case() {
    let cases: [(&[(usize, usize)], &str); 5] = [
        (&[(2, 0), (1, 1), (0, 2)], "Forecast  nothing is left"),
        (&[(2, 0), (1, 1)], "Forecast  not enough data"),
        (&[(2, 1), (4, 1), (6, 1), (8, 1), (10, 1)], "Forecast  at this pace it does not end"),
        (&[(21, 0), (20, 1), (20, 1), (20, 1), (10, 11), (9, 12)], "at the earliest; in slow weeks, never"),
        (&[(50, 0), (40, 10), (30, 20), (20, 30), (10, 40)], "Forecast  done between 2023-12-19 and 2023-12-19"),
    ];
    for (weeks, wanted) in cases {
        let shown = shown(&told(BurnDown::clone(&burndown(weeks))));
        assert!(shown.contains(wanted), "{wanted} is not in\n{shown}");
    }
}

#[test]
fn commits_without_numbers_say_why() {
    let point = |sums| Point { commit: "c0ffee0123456789".into(), time: 1_700_000_000, sums };
    let wrong = || point(Err("two \u{1b}[31mfactories".to_owned()));
    let history = |points| BurnDown::new(&History { points, read: 0 }, 1_800_000_000);
    assert!(shown(&told(history(Vec::new()))).contains("There are no commits yet."));
    let none = shown(&told(history(vec![wrong()])));
    assert!(none.contains("No commit has any numbers.") && none.contains("factories"), "{none}");
    let last = shown(&told(history(vec![point(Ok(qmigrate::sums::Sums::default())), wrong()])));
    assert!(last.contains("0 left") && last.contains("Later commits cannot be scanned: two"), "{last}");
    assert!(!none.contains('\u{1b}') && !last.contains('\u{1b}'));
}
