//! What the exit codes are called.

use std::process::ExitCode;

/// How a run ended; of two, the later one in this list outranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Nothing to report, nothing went wrong.
    Success,
    /// Findings that count, something would change, or something has.
    Findings,
    /// Usage, configuration or rule error: nothing was done, nothing was written.
    Usage,
    /// The run finished, but a file could not be read, parsed or written.
    Incomplete,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Incomplete => 3,
        })
    }
}
