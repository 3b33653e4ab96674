//! What messages change, as facts.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use qmigrate::apply::Applied;
use qmigrate::monitor::message::Effect;
use qmigrate::monitor::message::Job;
use qmigrate::monitor::message::Message;
use qmigrate::monitor::message::Read;
use qmigrate::monitor::state::Over;
use qmigrate::monitor::state::State;
use qmigrate::monitor::state::Tab;
use qmigrate::monitor::update::update;
use qmigrate::monitor::work::Item;

use super::planned;
use super::press;
use super::snapshot;
use super::surveyed;
use crate::support::Project;

const SIZE: (u16, u16) = (120, 30);

fn demo() -> (Project, State) {
    let project = Project::copy_of("demo");
    let state = surveyed(&project, SIZE);
    (project, state)
}

fn selected(state: &State) -> String {
    state.files.selected(&state.snapshot).map(|row| row.name.clone()).unwrap_or_default()
}

/// The files whose fixes a key would apply.
fn applied(effects: &[Effect]) -> Vec<String> {
    let places = effects.iter().find_map(|effect| match effect {
        Effect::Work(Job::Apply(places)) => Some(places),
        _ => None,
    });
    let names = places.into_iter().flatten().map(|(path, _, _)| path.file_name().unwrap().to_str().unwrap().to_owned());
    names.collect()
}

#[test]
fn the_selection_follows_the_path_and_not_the_row() {
    let (project, mut state) = demo();
    press(&mut state, "j j");
    let before = selected(&state);
    project.write("backend/aaa.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    fs::remove_file(project.path("backend/services/chat.py")).unwrap();
    update(&mut state, Message::Surveyed(snapshot(&project), Read::default()));
    assert_eq!(selected(&state), before);
    press(&mut state, "s");
    assert_eq!(selected(&state), before, "sorting keeps it too");
}

#[test]
fn where_the_selected_file_is_gone_the_row_stays() {
    let (project, mut state) = demo();
    press(&mut state, "j");
    let row = state.files.cursor.selected;
    fs::remove_file(project.path(&selected(&state))).unwrap();
    update(&mut state, Message::Surveyed(snapshot(&project), Read::default()));
    assert_eq!(state.files.cursor.selected, row);
}

#[test]
fn a_filter_takes_words_in_any_order_and_case() {
    let (_project, mut state) = demo();
    press(&mut state, "/ C H A T Space s e r v Enter");
    assert_eq!((state.files.order.len(), selected(&state).as_str()), (1, "backend/services/chat.py"));
    press(&mut state, "Esc");
    assert_eq!(state.files.order.len(), state.snapshot.rows.len());
    press(&mut state, "/ x Esc");
    assert_eq!(state.files.filter, "", "a filter that is not kept leaves no trace");
    press(&mut state, "/ x Backspace Backspace");
    assert_eq!(state.files.editing, None);
}

#[test]
fn keys_are_letters_while_a_filter_is_typed() {
    let (_project, mut state) = demo();
    assert_eq!(press(&mut state, "/ q a u"), []);
    assert_eq!(state.files.filter, "qau");
}

#[test]
fn a_applies_what_is_marked_or_else_what_is_selected() {
    let (_project, mut state) = demo();
    assert_eq!(applied(&press(&mut state, "a")), ["chat.py"]);
    assert_eq!(press(&mut state, "a"), [], "one thing after the other");
    update(&mut state, Message::Applied(Err("no".to_owned())));
    assert_eq!(applied(&press(&mut state, "Space Space a")), ["chat.py", "contracts.py"]);
}

#[test]
fn a_applies_the_finding_that_is_open_or_a_whole_directory() {
    let (_project, mut state) = demo();
    press(&mut state, "j Enter");
    assert!(matches!(state.over, Over::Detail(_)));
    assert_eq!(applied(&press(&mut state, "a")), ["contracts.py"]);
    update(&mut state, Message::Applied(Err("no".to_owned())));
    press(&mut state, "3");
    let workers = state.snapshot.groups.iter().position(|group| group.name == "backend/workers/").unwrap();
    let down = vec!["j"; workers].join(" ");
    assert_eq!(applied(&press(&mut state, &format!("{down} a"))), ["nightly.py"]);
}

/// The dashboard on the tab with the plan.
fn plan() -> (Project, State) {
    let (project, mut state) = demo();
    assert_eq!(press(&mut state, "4"), [Effect::Work(Job::Plan)]);
    update(&mut state, Message::Planned(Ok(planned(&project))));
    (project, state)
}

#[test]
fn the_plan_is_worked_out_only_while_it_is_looked_at() {
    let (project, mut state) = plan();
    let scan = |state: &mut State| update(state, Message::Surveyed(snapshot(&project), Read::default()));
    assert_eq!(press(&mut state, "j k 1 4"), [], "nothing has changed");
    assert_eq!(scan(&mut state), [Effect::Work(Job::Plan)]);
    assert_eq!(scan(&mut state), [], "it is being worked out");
    let planned = planned(&project);
    let again = update(&mut state, Message::Planned(Ok(Arc::clone(&planned))));
    assert_eq!(again, [Effect::Work(Job::Plan)], "something has changed meanwhile");
    assert_eq!(update(&mut state, Message::Planned(Ok(planned))), []);
    press(&mut state, "1");
    assert_eq!(scan(&mut state), [], "nobody looks");
    assert_eq!(press(&mut state, "4"), [Effect::Work(Job::Plan)]);
}

#[test]
fn a_applies_the_file_or_the_batch_of_the_plan() {
    let (_project, mut state) = plan();
    let work = Arc::clone(state.work.as_ref().unwrap());
    press(&mut state, "j");
    let first = state.planned_file().unwrap().path.clone();
    assert_eq!(applied(&press(&mut state, "a")), [first.file_name().unwrap().to_str().unwrap()]);
    update(&mut state, Message::Applied(Err("no".to_owned())));
    let batch = work.items.iter().position(|item| matches!(item, Item::Batch(_))).unwrap();
    press(&mut state, &format!("g {}", vec!["j"; batch].join(" ")));
    let mut all = applied(&press(&mut state, "a"));
    all.sort();
    let files = &work.files[work.batches[0].files.clone()];
    let fixable = files.iter().filter(|file| state.snapshot.row(&file.path).unwrap().counts.pending > 0);
    let mut wanted: Vec<String> =
        fixable.map(|file| file.path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    wanted.sort();
    assert_eq!(all, wanted);
}

#[test]
fn a_file_of_the_plan_is_opened_and_stays_selected() {
    let (project, mut state) = plan();
    press(&mut state, "G");
    let before = state.planned_file().unwrap().path.clone();
    project.write("backend/aaa.py", "from openai import OpenAI\n\nclient = OpenAI()\n");
    update(&mut state, Message::Surveyed(snapshot(&project), Read::default()));
    update(&mut state, Message::Planned(Ok(planned(&project))));
    assert_eq!(state.planned_file().unwrap().path, before);
    press(&mut state, "Enter");
    assert!(matches!(&state.over, Over::Detail(detail) if detail.path == before));
}

#[test]
fn what_has_no_fix_is_not_applied() {
    let (_project, mut state) = demo();
    assert_eq!(press(&mut state, "G a"), []);
    assert!(state.notice.as_ref().unwrap().text.contains("no fix"));
}

#[test]
fn u_takes_back_what_was_applied_last_and_only_that() {
    let (_project, mut state) = demo();
    assert_eq!(press(&mut state, "u"), []);
    for id in ["one", "two"] {
        update(&mut state, Message::Applied(Ok(Applied { id: Some(id.to_owned()), files: Vec::new() })));
    }
    assert_eq!(press(&mut state, "u"), [Effect::Work(Job::Undo("two".to_owned()))]);
}

#[test]
fn the_log_tells_what_changed() {
    let (project, mut state) = demo();
    fs::remove_file(project.path("backend/services/chat.py")).unwrap();
    update(&mut state, Message::Surveyed(snapshot(&project), Read::default()));
    let last = &state.log.back().unwrap().text;
    assert_eq!(last, "backend/services/chat.py: 1 → 0 pending");
}

#[test]
fn a_finding_that_goes_while_it_is_open_closes() {
    let (project, mut state) = demo();
    press(&mut state, "Enter");
    fs::remove_file(project.path(&selected(&state))).unwrap();
    update(&mut state, Message::Surveyed(snapshot(&project), Read::default()));
    assert_eq!(state.over, Over::Nothing);
}

#[test]
fn a_diff_that_comes_too_late_is_dropped() {
    let (_project, mut state) = demo();
    let effects = press(&mut state, "Enter Esc j Enter");
    let [Effect::Work(Job::Preview(first)), Effect::Work(Job::Preview(second))] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    update(&mut state, Message::Previewed(first.clone(), Ok(Vec::new())));
    assert!(matches!(&state.over, Over::Detail(detail) if detail.diff.is_none()));
    update(&mut state, Message::Previewed(second.clone(), Ok(Vec::new())));
    assert!(matches!(&state.over, Over::Detail(detail) if detail.diff.is_some()));
}

#[test]
fn keys_lead_where_the_footer_says() {
    let (_project, mut state) = demo();
    assert_eq!(press(&mut state, "q"), [Effect::Quit]);
    assert_eq!(press(&mut state, "Ctrl-c"), [Effect::Quit]);
    assert_eq!(press(&mut state, "Ctrl-z"), [Effect::Suspend]);
    assert_eq!(press(&mut state, "e"), [Effect::Work(Job::Export)]);
    assert_eq!(press(&mut state, "p p"), [Effect::Work(Job::Pause(true)), Effect::Work(Job::Pause(false))]);
    assert_eq!(press(&mut state, "r"), [Effect::Work(Job::Rescan)]);
    let path = state.snapshot.row(state.files.path.as_ref().unwrap()).unwrap().path.to_path_buf();
    assert_eq!(press(&mut state, "o"), [Effect::Edit(path, 9)]);
    press(&mut state, "Tab Tab");
    assert_eq!(state.tab, Tab::Groups);
    press(&mut state, "Enter");
    assert_eq!((state.tab, state.files.filter.as_str()), (Tab::Files, "client-subclass"));
}

#[test]
fn marks_of_files_that_are_gone_go_too() {
    let (_project, mut state) = demo();
    state.files.marks.insert(Arc::from(Path::new("/gone.py")));
    let snapshot = Arc::clone(&state.snapshot);
    update(&mut state, Message::Surveyed(snapshot, Read::default()));
    assert!(state.files.marks.is_empty());
}

#[test]
fn nothing_is_exported_before_anything_is_known() {
    let mut state = State::new(SIZE, Path::new("/code/shop"));
    assert_eq!(press(&mut state, "e a o Enter G j"), []);
}
