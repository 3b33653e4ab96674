//! `qmigrate init --update`: brings a factory's files to the version that this program has.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use crate::cli::args::InitArgs;
use crate::cli::error::Hinted;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::Session;
use crate::config::Config;
use crate::edit::Whole;
use crate::lock;
use crate::lock::Vendored;
use crate::report::relative;
use crate::scaffold;
use crate::source::LanguageId;

use super::Changes;
use super::known;
use super::merge::Fate;
use super::merge::Versions;
use super::merge::like;
use super::new_packages;
use super::read;
use super::sdk;
use super::texts;
use super::vendored;

/// Shows what an update would change, or writes it. Changes that the project has made are merged if that is asked for.
pub(crate) fn update(session: &Session, args: &InitArgs) -> Result<Exit> {
    let config = session.config()?;
    let mut lock = known(&config)?;
    let mut work = Work { config: &config, session, files: Vec::new(), edited: Vec::new(), stuck: Vec::new() };
    for factory in &mut lock.factories {
        refuse_newer(factory)?;
        let new = vendored(&factory.dest, &factory.module);
        work.compare(factory, &new, args.force)?;
        // A folder that is there without an `__init__.py` may be so on purpose.
        let is_gone = |whole: &Whole| !whole.path.parent().is_some_and(Path::exists);
        work.files.extend(new_packages(&config, &new).into_iter().filter(is_gone));
        *factory = new;
    }
    work.refuse(args.force)?;
    for factory in &lock.factories {
        for doubt in sdk::doubts(&config.root.join(&factory.dest), &config.root, &session.cwd) {
            session.warn(&doubt);
        }
    }
    let path = config.root.join(lock::NAME);
    let before = read(&path)?;
    let after = lock.render().into_bytes();
    let after = before.as_ref().map_or_else(|| after.clone(), |before| like(before, &after));
    work.files.push(Whole { path, before, after: Some(after) });
    if work.files.iter().all(|whole| whole.before == whole.after) {
        output::print(|out| {
            if session.quiet { Ok(()) } else { writeln!(out, "The factory is that of qmigrate {}.", scaffold::VERSION) }
        })?;
        return Ok(Exit::Success);
    }
    let done = format!("the factory is that of qmigrate {}", scaffold::VERSION);
    Changes { files: work.files, done }.show_or_write(session, &config, args.write)?;
    Ok(Exit::Success)
}

/// What was found while comparing.
struct Work<'a> {
    config: &'a Config,
    session: &'a Session,
    files: Vec<Whole>,
    /// Files that the project has changed.
    edited: Vec<String>,
    /// Files that cannot be updated, and why.
    stuck: Vec<(String, &'static str)>,
}

impl Work<'_> {
    fn compare(&mut self, old: &Vendored, new: &Vendored, force: bool) -> Result<()> {
        let texts = texts(new);
        let names: BTreeSet<&String> = old.files.keys().chain(texts.keys()).collect();
        for name in names {
            let path = self.config.root.join(name);
            let ours = read(&path)?;
            let versions = Versions {
                recorded: old.files.get(name).map(String::as_str),
                ours: ours.as_deref(),
                theirs: texts.get(name).copied(),
            };
            let after = match versions.fate() {
                Fate::Stays => continue,
                Fate::Becomes(after) => after,
                Fate::Edited => {
                    self.edited.push(self.shown(&path));
                    continue;
                }
                Fate::Taken => {
                    self.stuck.push((self.shown(&path), "is new in this version, and there is something already"));
                    continue;
                }
                Fate::Diverged => {
                    self.edited.push(self.shown(&path));
                    match if force { versions.merge(&path) } else { continue } {
                        Ok(merged) => Some(merged),
                        Err(reason) => {
                            self.stuck.push((self.shown(&path), reason));
                            continue;
                        }
                    }
                }
            };
            self.files.push(Whole { path, before: ours, after });
        }
        Ok(())
    }

    fn shown(&self, path: &Path) -> String {
        relative(path, &self.session.cwd)
    }

    /// Nothing is written where a file would have to be left behind: the parts of a factory belong together.
    fn refuse(&self, force: bool) -> Result<()> {
        if !force && !self.edited.is_empty() {
            let names: Vec<String> = self.edited.iter().map(|name| format!("`{name}`")).collect();
            let error = Hinted::new(format!("these files have changes of your own: {}", names.join(", ")));
            return Err(error.hint("`--force` keeps them, and merges the new version into these files").into());
        }
        if self.stuck.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = self.stuck.iter().map(|(name, reason)| format!("`{name}` {reason}")).collect();
        let error = Hinted::new(format!("nothing is updated: {}", names.join("; ")));
        let error = error.hint("move such a file away, update, and make your changes to the new one");
        Err(error.into())
    }
}

/// Refuses a factory that a later version has written.
fn refuse_newer(factory: &Vendored) -> Result<()> {
    if factory.language != LanguageId::Python.name() {
        return Err(Hinted::new(format!("this qmigrate has no factory in `{}`", factory.language)).into());
    }
    if numbers(&factory.version) <= numbers(scaffold::VERSION) {
        return Ok(());
    }
    let (theirs, ours) = (&factory.version, scaffold::VERSION);
    let error =
        Hinted::new(format!("the factory in `{}` is newer: of qmigrate {theirs}, and this is {ours}", factory.dest));
    Err(error.hint("update qmigrate itself first").into())
}

/// The numbers of a version, for comparison; what follows them counts for nothing.
fn numbers(version: &str) -> Vec<u64> {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    plain.split('.').map_while(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(numbers("0.10.0") > numbers("0.9.9"));
        assert!(numbers("1.0.0-rc.1") == numbers("1.0.0"));
        assert!(numbers("0.1.0") < numbers("0.1.1"));
    }
}
