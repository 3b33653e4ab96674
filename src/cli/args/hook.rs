//! What `qmigrate hook` may be told.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Install the hook
    Install(InstallArgs),
    /// Take the hook out, and put back what was there before
    Uninstall,
    /// Judge what will be committed; what the hook runs
    Run(RunArgs),
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qmigrate hook install            from now on, `git commit` refuses new bypasses
  qmigrate hook install --strict   refuse commits too where qmigrate itself is gone
  git commit --no-verify           skip the hook once")]
pub(crate) struct InstallArgs {
    /// Let the hook refuse commits where qmigrate is not found, instead of warning
    #[arg(long)]
    pub(crate) strict: bool,
    /// Install even where another program manages the hooks, or where they are shared by all repositories
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Judges the files that are staged, as they are staged. A finding is new if the current commit (in a merge: every parent)
does not have it. Files that are named limit what is reported; those of them that are not staged are judged as they lie
in the work tree.

Examples:
  qmigrate hook run                            what will be committed
  PRE_COMMIT_FROM_REF=main PRE_COMMIT_TO_REF=HEAD qmigrate hook run    what a branch adds")]
pub(crate) struct RunArgs {
    /// Files to report on
    #[arg(value_name = "FILE", allow_hyphen_values = true)]
    pub(crate) files: Vec<PathBuf>,
}
