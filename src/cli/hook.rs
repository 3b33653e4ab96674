//! `qmigrate hook`: stops new bypasses when they are committed, and only new ones.

mod affected;
mod commit;
mod install;
mod judge;
mod manager;
mod named;
mod run;
mod settings;
mod shim;

pub(crate) use install::install;
pub(crate) use install::uninstall;
pub(crate) use run::run;

use crate::cli::error::Hinted;
use crate::cli::session::Session;
use crate::git::Repository;

/// The repository that a hook is run for.
fn repository(session: &Session) -> Result<Repository, Hinted> {
    Repository::current(&session.cwd).ok_or_else(|| {
        Hinted::new("no git repository here").hint("run this in the work tree that you commit from, or `git init` one")
    })
}
