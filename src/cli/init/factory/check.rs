//! `qmigrate init --check`: whether a factory's files are as they were written.

use anyhow::Result;

use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::Session;
use crate::lock::Vendored;
use crate::lock::fingerprint;
use crate::report::escape;
use crate::report::relative;
use crate::scaffold;

use super::known;
use super::read;

/// Names every file that is not what it was, and fails if there is one.
pub(crate) fn check(session: &Session) -> Result<Exit> {
    let config = session.config()?;
    let lock = known(&config)?;
    let mut drifted = Vec::new();
    for (name, expected) in lock.factories.iter().flat_map(|factory| &factory.files) {
        let path = config.root.join(name);
        let what = match read(&path)? {
            None => "missing",
            Some(bytes) if fingerprint(&bytes) != *expected => "changed",
            Some(_) => continue,
        };
        drifted.push((relative(&path, &session.cwd), what));
    }
    let count: usize = lock.factories.iter().map(|factory| factory.files.len()).sum();
    let is_old = |factory: &&Vendored| factory.version != scaffold::VERSION;
    output::print(|out| {
        for (path, what) in &drifted {
            writeln!(out, "{}: {what}", escape(path))?;
        }
        if session.quiet {
            return Ok(());
        }
        match drifted.len() {
            0 => writeln!(out, "All {count} files of the factory are as they were written.")?,
            1 => writeln!(out, "1 of {count} files of the factory is not as it was written.")?,
            drifted => writeln!(out, "{drifted} of {count} files of the factory are not as they were written.")?,
        }
        for factory in lock.factories.iter().filter(is_old) {
            let (dest, version) = (escape(&factory.dest), escape(&factory.version));
            writeln!(out, "The factory in `{dest}` came with qmigrate {version}; this is {}.", scaffold::VERSION)?;
        }
        Ok(())
    })?;
    Ok(if drifted.is_empty() { Exit::Success } else { Exit::Findings })
}
