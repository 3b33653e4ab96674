//! Commands that are named already and do their work in a later release.

use std::ffi::OsString;

use clap::Args;

/// Arguments of a command that comes later: whatever they are, the answer is the same.
#[derive(Debug, Args)]
pub(crate) struct Rest {
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) rest: Vec<OsString>,
}
