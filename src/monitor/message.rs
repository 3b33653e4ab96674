//! What the dashboard is told, and what it asks for.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use ratatui::crossterm::event::KeyEvent;

use crate::apply::Applied;
use crate::apply::Undone;
use crate::engine::Place;

use super::burndown::BurnDown;
use super::snapshot::Snapshot;
use super::work::Work;

/// Something that happened.
#[derive(Debug)]
pub enum Message {
    /// A key was pressed.
    Key(KeyEvent),
    /// The wheel was turned by this many rows, or the button pressed on one.
    Wheel(isize),
    /// The button was pressed in this row of the screen.
    Click(u16),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// A scan has read this many files.
    Scanning(u64),
    /// A scan is done.
    Surveyed(Arc<Snapshot>, Read),
    /// A scan could not be done.
    Failed(String),
    /// Changes are noticed in this way.
    Watching(Watching),
    /// The plan of what is left, or why there is none.
    Planned(Result<Arc<Work>, String>),
    /// So many of all commits that must be read were read.
    Remembering {
        /// How many.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// What the history tells, or why it cannot be read.
    Remembered(Result<Arc<BurnDown>, String>),
    /// The history is another than the one that was read.
    Moved,
    /// The diff of the fix at a place, line by line, or why there is none.
    Previewed(Place, Result<Vec<String>, String>),
    /// Fixes were applied, or not.
    Applied(Result<Applied, String>),
    /// A fix was taken back, or not.
    Undone(Result<Undone, String>),
    /// The scan was written to a file, or not.
    Exported(Result<PathBuf, String>),
    /// The editor is closed, or could not be opened.
    Edited(Result<(), String>),
    /// A thread stopped at a fault of this program.
    Panicked(String),
    /// The program shall stop until the shell continues it.
    Suspend,
    /// The program was stopped, and runs again.
    Continued,
    /// The program shall end.
    Stop,
}

/// What a scan has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Files that were read.
    pub files: u64,
    /// How long it took.
    pub milliseconds: u64,
}

/// How changes are noticed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Watching {
    /// The system tells.
    #[default]
    Told,
    /// The files are looked at again and again, for this reason.
    Polling(String),
    /// Not at all, for this reason.
    Not(String),
}

/// Something that the loop shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// End the program.
    Quit,
    /// Stop the program until the shell continues it.
    Suspend,
    /// Take the terminal again, in whatever state it is.
    Restore,
    /// Open a file in the editor, at a line.
    Edit(PathBuf, u32),
    /// Let the worker do this.
    Work(Job),
}

/// Something that the worker shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Scan everything again.
    Rescan,
    /// Leave changes alone until told otherwise, or not.
    Pause(bool),
    /// Put what is left into batches.
    Plan,
    /// Read the history.
    Remember,
    /// Work out the diff of the fix at a place.
    Preview(Place),
    /// Apply the fixes at these places.
    Apply(BTreeSet<Place>),
    /// Take back the fix with this id.
    Undo(String),
    /// Write the scan to a file.
    Export,
}
