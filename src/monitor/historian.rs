//! The thread that reads the history, when somebody wants to see it.
//!
//! It has a channel of its own: reading thousands of commits takes a while, and neither the screen nor the worker waits.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::panic;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;

use crate::config::Config;
use crate::git::GitError;
use crate::git::ObjectId;
use crate::git::Repository;
use crate::history;
use crate::rule::Rule;

use super::burndown::BurnDown;
use super::message::Message;
use super::terminal::Slips;
use super::worker::BEAT;
use super::worker::Order;

/// What the thread is told.
#[derive(Debug)]
pub(super) enum Ask {
    /// Somebody wants to see the history, with this configuration and these rules.
    Read(Box<(Config, Vec<Rule>)>),
    /// Something has changed in git's own folder.
    Look,
}

struct Historian {
    now: fn() -> i64,
    threads: usize,
    outbox: Sender<Message>,
    orders: Sender<Order>,
    /// The repository that was read last, and its commit.
    read: Option<(Repository, Option<ObjectId>)>,
}

/// Starts the thread, which does nothing until it is asked.
pub(super) fn start(
    (now, threads): (fn() -> i64, usize),
    outbox: Sender<Message>,
    orders: Sender<Order>,
    slips: Slips,
) -> Sender<Ask> {
    let (asks, inbox) = mpsc::channel();
    let work = move || {
        let mut historian = Historian { now, threads: spare(threads), outbox, orders, read: None };
        while let Ok(ask) = inbox.recv() {
            // What came meanwhile is answered by one look.
            let mut asked = vec![ask];
            asked.extend(inbox.try_iter());
            let wanted = asked.into_iter().rev().find_map(|ask| match ask {
                Ask::Read(wanted) => Some(wanted),
                Ask::Look => None,
            });
            let answer = AssertUnwindSafe(|| match wanted {
                Some(wanted) => historian.read(&wanted.0, &wanted.1),
                None => historian.look(),
            });
            if panic::catch_unwind(answer).is_err() {
                historian.tell(Message::Remembered(Err(format!("a fault of qmigrate itself: {}", slips.take()))));
            }
        }
    };
    // Without this thread the tab stays as it is.
    drop(thread::Builder::new().name("historian".to_owned()).spawn(work));
    asks
}

/// Half of the threads, as what is saved meanwhile shall be on the screen at once.
fn spare(threads: usize) -> usize {
    let cores = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
    (if threads == 0 { cores() } else { threads } / 2).max(1)
}

impl Historian {
    fn tell(&self, message: Message) {
        // Without a screen there is nobody to tell.
        drop(self.outbox.send(message));
    }

    fn read(&mut self, config: &Config, rules: &[Rule]) {
        super::fault("historian");
        self.read = None;
        let read = self.burndown(config, rules);
        self.tell(Message::Remembered(read.map(Arc::new)));
    }

    fn burndown(&mut self, config: &Config, rules: &[Rule]) -> Result<BurnDown, String> {
        let Some(repository) = Repository::find(&config.root) else {
            return Err("the project is in no git repository".to_owned());
        };
        // What moves from here on is told, and leads to another look.
        let head = repository.commit("HEAD").map_err(|error| error.to_string())?;
        let folders = folders(&repository).map_err(|error| error.to_string())?;
        drop(self.orders.send(Order::Follow(folders)));
        self.read = Some((repository.clone(), head));
        let (count, last) = (AtomicUsize::new(0), Mutex::new(Instant::now()));
        let progress = |of: usize| {
            let done = count.fetch_add(1, Ordering::Relaxed) + 1;
            let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.elapsed() >= BEAT {
                *last = Instant::now();
                self.tell(Message::Remembering { done, of });
            }
        };
        let request = history::Request { config, rules, repository: &repository, every: 1, threads: self.threads };
        let (history, _kept) = history::read(&request, &progress).map_err(|error| error.to_string())?;
        Ok(BurnDown::new(&history, (self.now)()))
    }

    /// Tells if the repository is at another commit than the one that was read.
    fn look(&mut self) {
        let Some((repository, read)) = &mut self.read else { return };
        // What cannot be asked now is asked after the next change.
        let Ok(head) = repository.commit("HEAD") else { return };
        if head != *read {
            *read = head;
            self.tell(Message::Moved);
        }
    }
}

/// Where git writes when it moves to another commit.
fn folders(repository: &Repository) -> Result<BTreeSet<PathBuf>, GitError> {
    let files = [repository.path("HEAD")?, repository.path("logs/HEAD")?];
    Ok(files.iter().filter_map(|file| file.parent()).map(PathBuf::from).collect())
}
