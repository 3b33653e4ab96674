#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "benchmarks may stop at the first surprise")]
//! The speed of the dashboard: a frame, an order of the rows, and what a save costs.
//!
//! `just bench-monitor` runs all, `just bench-monitor frame` some.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use divan::Bencher;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::KeyCode;
use tempfile::TempDir;

use qmigrate::config::Config;
use qmigrate::engine::Options;
use qmigrate::engine::session::Changes;
use qmigrate::engine::session::Session;
use qmigrate::monitor::message::Message;
use qmigrate::monitor::message::Read;
use qmigrate::monitor::snapshot::Snapshot;
use qmigrate::monitor::state::State;
use qmigrate::monitor::update::update;
use qmigrate::monitor::view::view;
use qmigrate::monitor::work::Work;
use qmigrate::rule::load::builtin;

/// The largest screen that the goal speaks of.
const SIZE: (u16, u16) = (200, 60);

/// Of so many files, one constructs a client.
const SHARE: usize = 20;

fn main() {
    divan::main();
}

/// Drawing each tab, of so many files; the goal is 5 ms for 100,000.
#[divan::bench(args = [100, 100_000], consts = [1, 3, 4, 5])]
fn frame<const TAB: u32>(bencher: Bencher<'_, '_>, rows: usize) {
    let mut state = dashboard(rows);
    press(&mut state, KeyCode::Char(char::from_digit(TAB, 10).unwrap()));
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
    bencher.bench_local(|| terminal.draw(|frame| view(&state, frame)).map(|_| ()).unwrap());
}

/// A key that moves, and the frame after it.
#[divan::bench(args = [100, 100_000])]
fn key_and_frame(bencher: Bencher<'_, '_>, rows: usize) {
    let mut state = dashboard(rows);
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
    bencher.bench_local(|| {
        press(&mut state, KeyCode::PageDown);
        terminal.draw(|frame| view(&state, frame)).map(|_| ()).unwrap();
    });
}

/// Sorting and filtering, as after each scan and each letter of a filter.
#[divan::bench(args = [100, 100_000])]
fn arrange(bencher: Bencher<'_, '_>, rows: usize) {
    let mut state = dashboard(rows);
    let snapshot = Arc::clone(&state.snapshot);
    "service part".clone_into(&mut state.files.filter);
    bencher.bench_local(|| state.files.arrange(&snapshot, 50));
}

/// What the session does about one saved file, among so many.
#[divan::bench(args = [200, 2000, 20_000], sample_count = 20)]
fn save(bencher: Bencher<'_, '_>, files: usize) {
    let tree = tree(files);
    let (config, mut session) = session(&tree);
    session.scan(&|| ()).unwrap();
    let path = tree.path().join("app/part0/service0.py");
    let text = fs::read_to_string(&path).unwrap();
    let mut is_longer = false;
    bencher.bench_local(|| {
        is_longer = !is_longer;
        fs::write(&path, if is_longer { format!("{text}\nclient = OpenAI()\n") } else { text.clone() }).unwrap();
        session.note(&Changes { paths: BTreeSet::from([path.clone()]), more: false });
        Snapshot::new(session.scan(&|| ()).unwrap(), &config, tree.path())
    });
}

/// The plan after one saved file, while its tab is open.
#[divan::bench(args = [200, 2000, 20_000], sample_count = 10)]
fn plan_after_save(bencher: Bencher<'_, '_>, files: usize) {
    let tree = tree(files);
    let (_, mut session) = session(&tree);
    session.schedule(&|| ()).unwrap();
    let path = tree.path().join("app/part0/service0.py");
    bencher.bench_local(|| {
        session.note(&Changes { paths: BTreeSet::from([path.clone()]), more: false });
        session.schedule(&|| ()).unwrap()
    });
}

fn press(state: &mut State, key: KeyCode) {
    update(state, Message::Key(key.into()));
}

/// A dashboard with so many files in its list, and all of them in its plan.
fn dashboard(rows: usize) -> State {
    let tree = tree(SHARE * 4);
    let (config, mut session) = session(&tree);
    let one = Snapshot::new(session.scan(&|| ()).unwrap(), &config, tree.path());
    let plan = Work::new(&session.schedule(&|| ()).unwrap(), tree.path());
    let mut all =
        Snapshot { scan: Arc::clone(&one.scan), cwd: one.cwd.clone(), groups: one.groups, ..Snapshot::default() };
    let mut work = Work { batches: plan.batches, ..Work::default() };
    for (number, row) in (0..rows).zip(one.rows.iter().cycle()) {
        let mut row = row.clone();
        row.name = format!("{number:06}/{}", row.name);
        row.haystack.clone_from(&row.name);
        row.path = Path::new(&format!("/{}", row.name)).into();
        all.rows.push(row);
    }
    for (number, file) in (0..rows).zip(plan.files.iter().cycle()) {
        let mut file = file.clone();
        file.name = format!("{number:06}/{}", file.name);
        work.items.push(qmigrate::monitor::work::Item::File(number));
        work.files.push(file);
    }
    let mut state = State { color: true, ..State::new(SIZE, Path::new("/code/shop")) };
    update(&mut state, Message::Surveyed(Arc::new(all), Read::default()));
    update(&mut state, Message::Planned(Ok(Arc::new(work))));
    state
}

fn session(tree: &TempDir) -> (Config, Session) {
    let root: PathBuf = tree.path().to_path_buf();
    let config = Config::defaults(root.clone());
    let options = Options { cwd: root, threads: 2, ..Options::default() };
    (config.clone(), Session::new(config, builtin().unwrap(), options))
}

/// A project with a factory, in which one of `SHARE` files constructs a client.
fn tree(files: usize) -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = tree.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, text).unwrap();
    };
    write("utils/openai_client_factory.py", "def get_openai_client(*, workspace_id=None, **options): ...\n");
    for number in 0..files {
        let (before, part) = (number.saturating_sub(16), number % 16);
        let import = format!("from app.part{}.service{before} import answer as other\n", before % 16);
        let client = if number % SHARE == 0 { "from openai import OpenAI\n" } else { "from vendor import OpenAI\n" };
        let text = "\n\ndef answer(workspace_id):\n    return OpenAI(timeout=3).responses.create(input=workspace_id)\n";
        write(&format!("app/part{part}/service{number}.py"), &format!("{import}{client}{text}"));
    }
    tree
}
