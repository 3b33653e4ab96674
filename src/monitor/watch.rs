//! Notices changes in the folders that a scan enters.
//!
//! Each folder is watched by itself: what is ignored (`node_modules`, build output) costs no watch and wakes nobody.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::time::Duration;

use notify::Config as Settings;
use notify::Event;
use notify::PollWatcher;
use notify::RecommendedWatcher;
use notify::RecursiveMode;
use notify::Watcher;

use crate::config::Config;
use crate::discover;
use crate::engine::Options;

use super::message::Watching;
use super::worker::Order;

/// How often files are looked at where the system does not tell of changes.
const INTERVAL: Duration = Duration::from_secs(2);

/// Watches folders.
pub(super) struct Watch {
    watcher: Option<Box<dyn Watcher + Send>>,
    watched: BTreeSet<PathBuf>,
    /// Where the history is kept, once somebody has asked for it.
    history: BTreeSet<PathBuf>,
    watching: Watching,
    orders: Sender<Order>,
}

impl Watch {
    /// Watches nothing yet. `poll` says to look at the files although the system would tell.
    pub(super) fn new(orders: Sender<Order>, poll: bool) -> Self {
        let mut watch = Self {
            watcher: None,
            watched: BTreeSet::new(),
            history: BTreeSet::new(),
            watching: Watching::Told,
            orders,
        };
        if poll {
            watch.poll("as asked".to_owned());
            return watch;
        }
        match RecommendedWatcher::new(handler(watch.orders.clone()), Settings::default()) {
            Ok(watcher) => watch.watcher = Some(Box::new(watcher)),
            Err(error) => watch.poll(explain(&error)),
        }
        watch
    }

    /// How changes are noticed.
    pub(super) fn watching(&self) -> &Watching {
        &self.watching
    }

    /// Watches the folders that a scan enters, and no others. Those below `moved` may be other folders than before.
    ///
    /// What is made in a folder before it is watched is found by a scan that starts after this returns.
    pub(super) fn sync(&mut self, config: &Config, options: &Options, moved: &BTreeSet<PathBuf>) {
        let is_moved = |folder: &PathBuf| folder.ancestors().any(|folder| moved.contains(folder));
        self.watched.retain(|folder| !is_moved(folder));
        // A folder that was made in another one just before that was watched is seen in the next round.
        for _ in 0..16 {
            let mut folders = folders(config, options);
            folders.extend(self.history.iter().filter(|folder| discover::is_folder(folder)).cloned());
            if !self.follow(&folders) {
                return;
            }
        }
    }

    /// Watches these folders too, and takes what happens in them for changes of the history.
    pub(super) fn follow_history(&mut self, folders: BTreeSet<PathBuf>) {
        if self.history != folders {
            let mut all = &self.watched - &self.history;
            all.extend(folders.iter().filter(|folder| discover::is_folder(folder)).cloned());
            self.history = folders;
            self.follow(&all);
        }
    }

    /// Whether a change at this path may be one of the history.
    pub(super) fn is_history(&self, path: &Path) -> bool {
        path.parent().is_some_and(|folder| self.history.contains(folder)) || self.history.contains(path)
    }

    /// Looks at the files from now on, for this reason.
    pub(super) fn give_up(&mut self, error: &notify::Error, config: &Config, options: &Options) {
        self.fall_back(explain(error));
        self.sync(config, options, &BTreeSet::new());
    }

    /// Watches these folders and no others; `true` where some are new.
    fn follow(&mut self, folders: &BTreeSet<PathBuf>) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        for gone in self.watched.difference(folders) {
            // It is gone, and with it what watched it.
            drop(watcher.unwatch(gone));
        }
        self.watched.retain(|folder| folders.contains(folder));
        let fresh: Vec<PathBuf> = folders.difference(&self.watched).cloned().collect();
        for folder in &fresh {
            match watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(folder.clone());
                }
                // It is gone again; whoever removed it made the folder above say so.
                Err(error) if is_missing(&error) => {}
                Err(error) => {
                    self.fall_back(explain(&error));
                    return true;
                }
            }
        }
        !fresh.is_empty()
    }

    fn fall_back(&mut self, reason: String) {
        if matches!(self.watching, Watching::Told) {
            self.poll(reason);
        } else {
            self.watcher = None;
            self.watching = Watching::Not(reason);
        }
    }

    fn poll(&mut self, reason: String) {
        self.watched.clear();
        let settings = Settings::default().with_poll_interval(INTERVAL);
        match PollWatcher::new(handler(self.orders.clone()), settings) {
            Ok(watcher) => {
                self.watcher = Some(Box::new(watcher));
                self.watching = Watching::Polling(reason);
            }
            Err(error) => {
                self.watcher = None;
                self.watching = Watching::Not(explain(&error));
            }
        }
    }
}

/// The folders that a scan enters, and those with the configuration and its rules.
fn folders(config: &Config, options: &Options) -> BTreeSet<PathBuf> {
    let mut paths = options.paths.clone();
    if paths.is_empty() {
        paths.push(options.cwd.clone());
    }
    // A part is scanned with all that it imports, wherever that lies in the project.
    paths.push(config.root.clone());
    let rules = config.rules.iter().flat_map(|folder| [folder.clone()]);
    let rules = rules.filter(|folder| discover::is_folder(folder));
    discover::folders(config, &paths, options.threads).into_iter().chain(rules).collect()
}

fn handler(orders: Sender<Order>) -> impl FnMut(notify::Result<Event>) + Send + 'static {
    move |event| {
        let order = match event {
            Ok(event) if event.need_rescan() => Order::Lost,
            // Whoever reads a file changes nothing, and we read many.
            Ok(event) if event.kind.is_access() || event.paths.is_empty() => return,
            Ok(event) => Order::Changed(event.paths),
            Err(error) => Order::Trouble(error),
        };
        // Without a worker there is nobody to tell.
        drop(orders.send(order));
    }
}

fn is_missing(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound | notify::ErrorKind::WatchNotFound => true,
        notify::ErrorKind::Io(error) => {
            matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
        }
        _ => false,
    }
}

fn explain(error: &notify::Error) -> String {
    match error.kind {
        notify::ErrorKind::MaxFilesWatch => "the system's limit of watches is reached".to_owned(),
        _ => error.to_string(),
    }
}
