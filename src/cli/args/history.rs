//! What `qmigrate history` may be told.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::HistoryFormat;

#[derive(Debug, Args)]
#[command(after_long_help = "\
The numbers of a commit are those that `qmigrate scan` would give for a checkout of it, by the configuration and the rules
of today: `qmigrate.toml` of the working directory holds for all commits. Only committed files count. Commits are those
that first parents lead to from HEAD: what a merge brought counts from the merge on.

What was learnt of a commit is kept in git's own folder, so the next run reads only what is new. Weeks are counted back
from now, or from SOURCE_DATE_EPOCH.

Examples:
  qmigrate history                                 the commits at which a number changed, the pace and the forecast
  qmigrate history --format svg --output burn.svg  a chart
  qmigrate history --format csv --every 10         every tenth commit, for a spreadsheet")]
pub(crate) struct HistoryArgs {
    /// The form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = HistoryFormat::Text)]
    pub(crate) format: HistoryFormat,
    /// Write the report to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Take every Nth commit, counted from the first; the last one is always taken
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) every: NonZeroUsize,
}
