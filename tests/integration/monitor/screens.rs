//! Snapshots of the screen, and that no size of it is too much.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use qmigrate::monitor::message::Message;
use qmigrate::monitor::message::Read;
use qmigrate::monitor::message::Watching;
use qmigrate::monitor::snapshot::Snapshot;
use qmigrate::monitor::state::State;
use qmigrate::monitor::update::update;
use qmigrate::monitor::view::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;

use super::press;
use super::surveyed;
use crate::support::Project;

const SIZES: [(u16, u16); 4] = [(120, 30), (80, 24), (60, 15), (40, 10)];

/// What a project's dashboard is done to before it is looked at.
type Prepare = fn(&mut State, &Project);

const SCREENS: [(&str, Prepare); 12] = [
    ("files", |_, _| ()),
    ("filtered", |state, _| {
        press(state, "Space Space / d i r e c t Enter s s j");
    }),
    ("detail", |state, _| {
        let effects = press(state, "Enter");
        let [qmigrate::monitor::message::Effect::Work(job)] = effects.as_slice() else { return };
        let qmigrate::monitor::message::Job::Preview(place) = job else { return };
        let diff = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\u{1b}[31m\n+new\n";
        let diff = diff.lines().map(str::to_owned).collect();
        update(state, Message::Previewed(place.clone(), Ok(diff)));
    }),
    ("groups", |state, _| {
        press(state, "3 j");
    }),
    ("burndown", |state, _| {
        press(state, "2");
        update(state, Message::Remembered(Ok(super::burndown(&WEEKS))));
    }),
    ("burndown being read", |state, _| {
        press(state, "2");
        update(state, Message::Remembering { done: 1234, of: 5000 });
    }),
    ("burndown of two weeks", |state, _| {
        press(state, "2");
        update(state, Message::Remembered(Ok(super::burndown(&[(2, 0), (1, 1)]))));
    }),
    ("no burndown", |state, _| {
        press(state, "2");
        update(state, Message::Remembered(Err("the project is in no git repository".to_owned())));
    }),
    ("planning", |state, _| {
        press(state, "4");
    }),
    ("plan", |state, project| {
        press(state, "4");
        update(state, Message::Planned(Ok(super::planned(project))));
        press(state, "j");
    }),
    ("log", |state, _| {
        press(state, "5");
        update(state, Message::Watching(Watching::Polling("the system's limit of watches is reached".to_owned())));
        update(state, Message::Failed("no such file or folder: `gone`".to_owned()));
    }),
    ("help", |state, _| {
        press(state, "?");
    }),
];

/// What was left, and what was migrated, at the end of each week.
const WEEKS: [(usize, usize); 16] = [
    (18, 0),
    (25, 0),
    (31, 0),
    (40, 0),
    (41, 0),
    (40, 4),
    (38, 7),
    (36, 9),
    (36, 9),
    (33, 13),
    (30, 16),
    (22, 24),
    (24, 24),
    (21, 27),
    (19, 29),
    (17, 31),
];

fn draw(state: &State, size: (u16, u16)) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    terminal.draw(|frame| view(state, frame)).unwrap();
    terminal
}

#[test]
fn screens_look_as_they_should() {
    let project = Project::copy_of("demo");
    for size in SIZES {
        let mut shown = String::new();
        let state = State::new(size, Path::new("/code/shop"));
        writeln!(shown, "== starting\n{}", draw(&state, size).backend()).unwrap();
        for (name, prepare) in SCREENS {
            let mut state = surveyed(&project, size);
            prepare(&mut state, &project);
            writeln!(shown, "== {name}\n{}", draw(&state, size).backend()).unwrap();
        }
        insta::with_settings!({ snapshot_path => "../snapshots" }, {
            insta::assert_snapshot!(format!("monitor_{}x{}", size.0, size.1), shown);
        });
    }
}

#[test]
fn a_scan_that_failed_is_not_said_to_go_on() {
    let mut state = State::new((120, 30), Path::new("/code/shop"));
    assert!(draw(&state, (120, 30)).backend().to_string().contains("scanning"));
    update(&mut state, Message::Failed("the factory is found twice".to_owned()));
    let shown = draw(&state, (120, 30)).backend().to_string();
    assert!(shown.contains("the scan failed: the factory is found twice"), "{shown}");
    assert!(!shown.contains("scanning"), "{shown}");
}

#[test]
fn no_size_of_the_screen_is_too_much() {
    let project = Project::copy_of("demo");
    for (_, prepare) in SCREENS {
        let mut state = surveyed(&project, (120, 30));
        prepare(&mut state, &project);
        for size in sizes() {
            update(&mut state, Message::Resize(size.0, size.1));
            press(&mut state, "PgDn k PgUp");
            drop(draw(&state, size));
        }
    }
}

/// Every width and every height up to 200×60, and every pair of those at which the screen is divided in another way.
fn sizes() -> impl Iterator<Item = (u16, u16)> {
    let widths = (0..=200).flat_map(|width| [(width, 15), (width, 40)]);
    let heights = (0..=60).flat_map(|height| [(60, height), (120, height)]);
    let edges = [0, 1, 59, 60, 69, 70, 79, 80, 99, 100, 109, 110, 200];
    let pairs = edges.into_iter().flat_map(|width| [0, 1, 2, 14, 15, 16, 60].map(|height| (width, height)));
    widths.chain(heights).chain(pairs)
}

#[test]
fn without_colours_no_cell_has_one() {
    let project = Project::copy_of("demo");
    for (_, prepare) in SCREENS {
        let mut state = surveyed(&project, (120, 30));
        prepare(&mut state, &project);
        let colors = |terminal: &Terminal<TestBackend>| {
            let cells = terminal.backend().buffer().content().iter();
            cells.filter(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset).count()
        };
        assert_eq!(colors(&draw(&state, (120, 30))), 0);
        state.color = true;
        assert_ne!(colors(&draw(&state, (120, 30))), 0);
    }
}

#[test]
fn names_from_files_are_harmless_on_the_screen() {
    let project = Project::demo();
    project.write("app/\u{1b}[31mred.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    let state = surveyed(&project, (120, 30));
    let shown = draw(&state, (120, 30)).backend().to_string();
    assert!(shown.contains("red.py") && !shown.contains('\u{1b}'), "{shown}");
}

/// A hundred thousand rows cost a frame no more than ten: only what is on the screen is looked at.
#[test]
fn rows_outside_the_screen_are_not_looked_at() {
    let project = Project::copy_of("demo");
    let small = super::snapshot(&project);
    let mut large = Snapshot { scan: Arc::clone(&small.scan), cwd: small.cwd.clone(), ..Snapshot::default() };
    for number in 0..100_000 {
        let mut row = small.rows[number % small.rows.len()].clone();
        row.name = format!("{number:06}/{}", row.name);
        row.path = Path::new(&format!("/{}", row.name)).into();
        large.rows.push(row);
    }
    let mut state = State::new((200, 60), Path::new("/code/shop"));
    update(&mut state, Message::Surveyed(Arc::new(large), Read::default()));
    press(&mut state, "s G");
    let shown = draw(&state, (200, 60)).backend().to_string();
    assert!(shown.contains("099999/") && !shown.contains("000000/"), "{shown}");
}

#[test]
fn batches_show_when_they_are_due_and_what_is_done() {
    let project = Project::demo();
    project.write(
        "qmigrate.toml",
        "[[batch]]\nname = 'app'\npaths = ['app/**']\ndue = 2026-12-24\n[[batch]]\nname = 'jobs'\npaths = ['jobs/**']\n",
    );
    let mut state = surveyed(&project, (80, 24));
    press(&mut state, "4");
    update(&mut state, Message::Planned(Ok(super::planned(&project))));
    let shown = draw(&state, (80, 24)).backend().to_string();
    assert!(shown.contains("  app  due 2026-12-24") && shown.contains("  jobs  done"), "{shown}");
}
