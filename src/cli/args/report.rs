//! What `qmigrate report` may be told.

use std::path::PathBuf;

use clap::Args;

use super::ReportFormat;

#[derive(Debug, Args)]
#[command(after_long_help = "\
The HTML is one file that needs nothing else: no network, no script. It tells how far the migration is, what changed since
the last report of an earlier day, when it may be done, where the work is (by rule, directory and CODEOWNERS), what comes
next, what waits for a person, what is suppressed and since when, and how to take a fix back. Text, chart and Markdown are
made of the data that `--format json` prints.

Days are those of UTC; SOURCE_DATE_EPOCH takes the place of now.

Examples:
  qmigrate report --output report.html              a page to send
  qmigrate report --format markdown                 for an issue or a wiki
  qmigrate report --format json --output report.json")]
pub(crate) struct ReportArgs {
    /// The form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ReportFormat::Html)]
    pub(crate) format: ReportFormat,
    /// Write the report to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
