//! The thread that scans, applies and takes back, one thing after the other.

use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::apply;
use crate::apply::Applied;
use crate::apply::Undone;
use crate::edit::Plan;
use crate::engine;
use crate::engine::Fixing;
use crate::engine::Mode;
use crate::engine::Place;
use crate::engine::session::Changes;
use crate::engine::session::Reach;
use crate::engine::session::Session;
use crate::finding::Scan;
use crate::git::Repository;
use crate::report;
use crate::report::Style;
use crate::store::baseline;
use crate::store::journal::Journal;

use super::Export;
use super::Load;
use super::Setup;
use super::historian;
use super::historian::Ask;
use super::message::Job;
use super::message::Message;
use super::message::Read;
use super::message::Watching;
use super::snapshot::Snapshot;
use super::terminal::Slips;
use super::watch::Watch;
use super::work::Work;

/// Changes that come within this time of each other are taken together.
const QUIET: Duration = Duration::from_millis(12);
/// However many come, a scan starts after this time.
const PATIENCE: Duration = Duration::from_millis(250);
/// A running scan tells of itself this often.
pub(super) const BEAT: Duration = Duration::from_millis(60);

/// What the worker is told.
#[derive(Debug)]
pub(super) enum Order {
    /// Something changed at these paths.
    Changed(Vec<PathBuf>),
    /// More changed than could be told.
    Lost,
    /// Watching does not work any more.
    Trouble(notify::Error),
    /// Changes in these folders are changes of the history.
    Follow(BTreeSet<PathBuf>),
    /// Somebody asks for something.
    Job(Job),
}

struct Worker {
    session: Session,
    load: Load,
    export: Export,
    unsafe_fixes: bool,
    watch: Watch,
    watching: Watching,
    paused: bool,
    changes: Changes,
    /// How far changes reach that were noted before they are shown.
    noted: Reach,
    /// Whether the history may have changed.
    moved: bool,
    scan: Arc<Scan>,
    outbox: Sender<Message>,
    historian: Sender<Ask>,
}

/// Starts the worker, which scans at once; orders go into the channel that is returned.
pub(super) fn start(setup: Setup, outbox: Sender<Message>, slips: Slips) -> Sender<Order> {
    let (orders, inbox) = mpsc::channel();
    let told = orders.clone();
    let clock = (setup.now, setup.options.threads);
    let historian = historian::start(clock, outbox.clone(), orders.clone(), slips.clone());
    let work = move || {
        let watch = Watch::new(told, setup.poll);
        let mut worker = Worker {
            session: Session::new(setup.config, setup.rules, setup.options),
            load: setup.load,
            export: setup.export,
            unsafe_fixes: setup.unsafe_fixes,
            watch,
            watching: Watching::Told,
            paused: false,
            changes: Changes::default(),
            noted: Reach::Nothing,
            moved: false,
            scan: Arc::default(),
            outbox,
            historian,
        };
        worker.guarded(&slips, Worker::begin);
        while let Ok(order) = inbox.recv() {
            worker.guarded(&slips, |worker| worker.serve(order, &inbox));
        }
    };
    // Without this thread the screen says so: nothing is ever scanned.
    drop(thread::Builder::new().name("worker".to_owned()).spawn(work));
    orders
}

impl Worker {
    /// Does something; a fault of this program is told, and costs what the session knew.
    fn guarded(&mut self, slips: &Slips, work: impl FnOnce(&mut Self)) {
        if panic::catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.session.forget();
            self.changes = Changes::default();
            self.tell(Message::Panicked(slips.take()));
        }
    }

    fn tell(&self, message: Message) {
        // Without a screen there is nobody to tell.
        drop(self.outbox.send(message));
    }

    fn begin(&mut self) {
        self.follow(&BTreeSet::new());
        self.scan();
    }

    /// Watches the folders that there are now.
    fn follow(&mut self, moved: &BTreeSet<PathBuf>) {
        self.watch.sync(self.session.config(), self.session.options(), moved);
        self.tell_watching();
    }

    fn tell_watching(&mut self) {
        if self.watching != *self.watch.watching() {
            self.watching = self.watch.watching().clone();
            self.tell(Message::Watching(self.watching.clone()));
        }
    }

    /// Serves an order, and whatever comes right after it.
    fn serve(&mut self, order: Order, inbox: &Receiver<Order>) {
        let mut jobs = VecDeque::new();
        self.take(order, &mut jobs);
        let start = Instant::now();
        while jobs.is_empty() && !self.paused && start.elapsed() < PATIENCE {
            let Ok(order) = inbox.recv_timeout(QUIET) else { break };
            self.take(order, &mut jobs);
        }
        if !self.paused {
            self.catch_up();
        }
        for job in jobs {
            self.work(job);
        }
    }

    fn take(&mut self, order: Order, jobs: &mut VecDeque<Job>) {
        match order {
            Order::Changed(paths) => {
                let (moved, changed) = paths.into_iter().partition::<Vec<_>, _>(|path| self.watch.is_history(path));
                self.moved |= !moved.is_empty();
                self.changes.paths.extend(changed);
            }
            Order::Follow(folders) => {
                self.watch.follow_history(folders);
                self.tell_watching();
                self.moved = true;
            }
            Order::Lost => self.changes.more = true,
            Order::Trouble(error) => {
                self.watch.give_up(&error, self.session.config(), self.session.options());
                self.tell_watching();
                self.changes.more = true;
            }
            Order::Job(job) => jobs.push_back(job),
        }
    }

    /// Scans again if what changed matters.
    fn catch_up(&mut self) {
        if std::mem::take(&mut self.moved) {
            drop(self.historian.send(Ask::Look));
        }
        let changes = std::mem::take(&mut self.changes);
        if changes == Changes::default() {
            return;
        }
        if changes.paths.iter().any(|path| self.is_configuration(path)) {
            self.load_again(&changes.paths);
            return;
        }
        let reach = self.session.note(&changes).max(std::mem::replace(&mut self.noted, Reach::Nothing));
        if reach > Reach::Text {
            self.follow(&changes.paths);
        }
        if reach > Reach::Nothing {
            self.scan();
        }
    }

    fn is_configuration(&self, path: &Path) -> bool {
        let config = self.session.config();
        let named = ["qmigrate.toml", "pyproject.toml", "QMIGRATE.lock", baseline::NAME];
        let is_named = path.file_name().is_some_and(|name| named.iter().any(|named| name == *named));
        is_named || config.file.as_deref() == Some(path) || config.rules.iter().any(|folder| path.starts_with(folder))
    }

    /// Starts anew with the configuration as it is now; folders below `moved` may be others than before.
    fn load_again(&mut self, moved: &BTreeSet<PathBuf>) {
        match (self.load)() {
            Ok((config, rules, options)) => {
                self.session = Session::new(config, rules, options);
                self.tell(Message::Moved);
                self.follow(moved);
                self.scan();
            }
            Err(reason) => {
                self.follow(moved);
                self.tell(Message::Failed(reason));
            }
        }
    }

    fn scan(&mut self) {
        let start = Instant::now();
        let (files, last) = (AtomicU64::new(0), Mutex::new(start));
        let outbox = &self.outbox;
        let progress = || {
            let files = files.fetch_add(1, Ordering::Relaxed) + 1;
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.elapsed() >= BEAT {
                *last = Instant::now();
                drop(outbox.send(Message::Scanning(files)));
            }
        };
        let survey = self.session.scan(&progress);
        match survey {
            Ok(survey) => {
                let snapshot = Snapshot::new(survey, self.session.config(), &self.session.options().cwd);
                self.scan = Arc::clone(&snapshot.scan);
                let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
                let read = Read { files: files.into_inner(), milliseconds };
                self.tell(Message::Surveyed(Arc::new(snapshot), read));
            }
            Err(error) => self.tell(Message::Failed(error.to_string())),
        }
    }

    fn work(&mut self, job: Job) {
        match job {
            Job::Rescan => {
                super::fault("worker");
                self.session.forget();
                let changes = std::mem::take(&mut self.changes);
                self.load_again(&changes.paths);
            }
            Job::Pause(paused) => {
                self.paused = paused;
                if !paused {
                    self.catch_up();
                }
            }
            Job::Plan => {
                self.note_early();
                let cwd = &self.session.options().cwd.clone();
                let planned = self.session.schedule(&|| ()).map(|schedule| Arc::new(Work::new(&schedule, cwd)));
                self.tell(Message::Planned(planned.map_err(|error| error.to_string())));
            }
            Job::Remember => {
                let wanted = (self.session.config().clone(), self.session.rules().to_vec());
                drop(self.historian.send(Ask::Read(Box::new(wanted))));
            }
            Job::Preview(place) => {
                let diff = self.preview(&place);
                self.tell(Message::Previewed(place, diff));
            }
            Job::Apply(places) => {
                let applied = self.apply(&places);
                if let Ok(applied) = &applied {
                    self.changes.paths.extend(applied.files.iter().map(|file| file.path.clone()));
                }
                self.tell(Message::Applied(applied));
                self.unless_paused();
            }
            Job::Undo(id) => {
                let undone = self.undo(&id);
                if let Ok(undone) = &undone {
                    self.changes.paths.extend(undone.files.iter().map(|file| file.path.clone()));
                }
                self.tell(Message::Undone(undone));
                self.unless_paused();
            }
            Job::Export => self.tell(Message::Exported((self.export)(&self.scan))),
        }
    }

    fn unless_paused(&mut self) {
        if !self.paused {
            self.catch_up();
        }
    }

    /// Notes what changed and is not shown yet: it is planned for as it is now.
    fn note_early(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        if changes != Changes::default() {
            self.noted = self.noted.max(self.session.note(&changes));
            self.changes = changes;
        }
    }

    fn plan(&mut self, places: &BTreeSet<Place>, unsafe_fixes: bool) -> Result<Fixing, String> {
        self.note_early();
        let mode = Mode { unsafe_fixes, assume_factory: false };
        let fixing = self.session.fix(mode, places, &|| ()).map_err(|error| error.to_string())?;
        if fixing.is_without_factory() {
            return Err(format!("the project has no factory; {}", self.session.config().way_to_factory()));
        }
        Ok(fixing)
    }

    fn preview(&mut self, place: &Place) -> Result<Vec<String>, String> {
        let fixing = self.plan(&BTreeSet::from([place.clone()]), true)?;
        let root = &self.session.config().root;
        let plan = apply::resolve(fixing.plan, root);
        if plan.changes.is_empty() {
            let held = plan.held.first().map(|held| held.reason.clone());
            let at = |scan: &Scan| {
                let finding = scan.findings.iter().find(|finding| engine::place(finding) == *place);
                finding.and_then(|finding| finding.held_back.clone())
            };
            return Err(held.or_else(|| at(&fixing.scan)).unwrap_or_else(|| "nothing would change".to_owned()));
        }
        diff(&plan, root)
    }

    fn apply(&mut self, places: &BTreeSet<Place>) -> Result<Applied, String> {
        let plan = self.plan(places, self.unsafe_fixes)?.plan;
        let root = &self.session.config().root;
        let plan = apply::guard(plan, root).map_err(|error| chain(&error))?;
        let journal = Journal::at(root).map_err(|error| chain(&error))?;
        apply::apply(&plan, &journal).map_err(|error| chain(&error))
    }

    fn undo(&mut self, id: &str) -> Result<Undone, String> {
        let journal = Journal::at(&self.session.config().root).map_err(|error| chain(&error))?;
        apply::undo(&journal, Some(id)).map_err(|error| chain(&error))
    }
}

/// The lines of a plan's patch.
fn diff(plan: &Plan, root: &Path) -> Result<Vec<String>, String> {
    let base = Repository::find(root).map_or_else(|| root.to_path_buf(), |repository| repository.root().to_path_buf());
    let mut patch = Vec::new();
    report::diff::write(&mut patch, plan, &base, &Style::default()).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&patch).split('\n').map(str::to_owned).collect())
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
