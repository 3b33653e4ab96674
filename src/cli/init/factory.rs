//! `qmigrate init --factory`: writes a factory into a project, and looks after it later.

mod check;
mod dest;
mod merge;
mod over;
mod sdk;
mod update;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::Result;

use crate::apply;
use crate::cli::args::InitArgs;
use crate::cli::error::Hinted;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::base;
use crate::config::Config;
use crate::discover;
use crate::edit::Whole;
use crate::language;
use crate::lock;
use crate::lock::Lock;
use crate::lock::Vendored;
use crate::lock::fingerprint;
use crate::report;
use crate::report::count;
use crate::report::escape;
use crate::report::relative;
use crate::scaffold;
use crate::scaffold::Piece;
use crate::source::LanguageId;
use crate::store::journal::Journal;

pub(crate) use check::check;
pub(crate) use update::update;

/// Shows what a new factory would be, or writes it.
pub(crate) fn scaffold(session: &Session, args: &InitArgs) -> Result<Exit> {
    let config = session.config()?;
    let Some(module) = config.factory.get(&LanguageId::Python) else {
        return Err(Hinted::new("the configuration names no factory in Python").into());
    };
    let lock = config.lock()?;
    let folder = dest::dest(session, &config, args.dest.as_deref())?;
    let dest = dest::name(&folder, &config)?;
    if lock.factories.iter().any(|factory| factory.dest == dest && factory.language == LanguageId::Python.name()) {
        let error = Hinted::new(format!("`{}` lists a factory in `{dest}` already", lock::NAME));
        let error = error.hint("`qmigrate init --check` compares its files with what was written");
        return Err(error.hint("`qmigrate init --update` brings a newer version of it").into());
    }
    let factory = vendored(&dest, module);
    let old = if args.dest.is_none() { old(session, &config, &factory)? } else { None };
    let mut files = new_files(session, &config, &factory, old)?;
    files.extend(new_packages(&config, &factory));
    files.push(new_lock(&config, lock, factory)?);
    if config.roots.as_ref().is_some_and(|roots| !roots.contains(&folder)) {
        session.warn(&format!("`roots` does not list `{dest}`: imports of the factory are not found from there"));
    }
    for doubt in sdk::doubts(&folder, &config.root, &session.cwd) {
        session.warn(&doubt);
    }
    let changes = Changes { files, done: format!("the factory `{module}`, in `{dest}`") };
    changes.show_or_write(session, &config, args.write)?;
    if args.write && !session.quiet {
        output::print(|out| {
            writeln!(out, "\nhint: commit these files; `qmigrate fix` then moves clients behind the factory")
        })?;
    }
    Ok(Exit::Success)
}

/// Files to be written, and what that would come to.
struct Changes {
    files: Vec<Whole>,
    done: String,
}

impl Changes {
    /// Prints the patch, or writes the files and says so.
    fn show_or_write(mut self, session: &Session, config: &Config, write: bool) -> Result<()> {
        self.files.retain(|whole| whole.before != whole.after);
        // The lock comes last: what it lists is there, also where a run is killed in the middle.
        self.files.sort_by_cached_key(|whole| (whole.path.ends_with(lock::NAME), whole.path.clone()));
        if !write {
            let (base, style) = (base(config), session.style(config));
            output::print(|out| report::diff::write_whole(out, &self.files, &base, &style))?;
            session.warn("nothing was written: `--write` does that");
            return Ok(());
        }
        let id = apply::replace(&self.files, &Journal::at(&config.root)?)?;
        if session.quiet {
            return Ok(());
        }
        let files = count(self.files.len(), "file");
        output::print(|out| {
            writeln!(out, "Wrote {files}: {}.", escape(&self.done))?;
            for whole in self.files.iter().filter(|_| session.verbose) {
                let what = match (&whole.before, &whole.after) {
                    (None, _) => "new",
                    (_, None) => "removed",
                    _ => "changed",
                };
                writeln!(out, "  {}: {what}", escape(&relative(&whole.path, &session.cwd)))?;
            }
            match &id {
                Some(id) => writeln!(out, "`qmigrate undo {id}` takes this back."),
                None => Ok(()),
            }
        })
    }
}

/// What the lock says of a factory as this program has it.
fn vendored(dest: &str, module: &str) -> Vendored {
    let pieces = scaffold::python(module).into_iter();
    let files = pieces.map(|Piece { path, text }| (within(dest, &path), fingerprint(text.as_bytes())));
    Vendored {
        language: LanguageId::Python.name().to_owned(),
        dest: dest.to_owned(),
        module: module.to_owned(),
        version: scaffold::VERSION.to_owned(),
        files: files.collect(),
    }
}

/// The texts of a factory as this program has it, by path from the lock's folder.
fn texts(factory: &Vendored) -> BTreeMap<String, &'static str> {
    let pieces = scaffold::python(&factory.module).into_iter();
    pieces.map(|Piece { path, text }| (within(&factory.dest, &path), text)).collect()
}

fn within(dest: &str, path: &str) -> String {
    if dest == "." { path.to_owned() } else { format!("{dest}/{path}") }
}

/// The factory that the project has, which the new one is put in the place of; refuses to write a second one beside it.
fn old(session: &Session, config: &Config, factory: &Vendored) -> Result<Option<Whole>> {
    let Some(python) = language::by_id(LanguageId::Python) else { return Ok(None) };
    let ends = python.factory_files(&factory.module);
    let walked = discover::walk(config, std::slice::from_ref(&config.root), 0);
    let found = walked.files.iter().find(|file| ends.iter().any(|end| file.ends_with(end)));
    let Some(path) = found.cloned() else { return Ok(None) };
    let Some(before) = read(&path)? else { return Ok(None) };
    let texts = texts(factory);
    let Some(text) = texts.iter().find(|(name, _)| config.root.join(name) == path).map(|(_, text)| *text) else {
        let error = Hinted::new(format!("the project has a factory: `{}`", relative(&path, &session.cwd)));
        let error = error.hint("a new one would lie beside it: move that file away first,");
        return Err(error.hint("or name another module in `[factory]`, or another folder by `--dest`").into());
    };
    if before == text.as_bytes() {
        return Ok(None);
    }
    let whole = Whole { path, before: Some(before), after: Some(text.into()) };
    over::check(session, &whole, &factory.module, &walked.files)?;
    session.warn(&format!("`{}` is replaced by the new factory", relative(&whole.path, &session.cwd)));
    Ok(Some(whole))
}

/// The factory's files that are not there yet, and `old`; nothing else is overwritten.
fn new_files(session: &Session, config: &Config, factory: &Vendored, old: Option<Whole>) -> Result<Vec<Whole>> {
    let mut taken = Vec::new();
    let replaced = old.as_ref().map(|old| old.path.clone());
    let mut files: Vec<Whole> = old.into_iter().collect();
    for (name, text) in texts(factory) {
        let path = config.root.join(&name);
        if replaced.as_ref() == Some(&path) {
            continue;
        }
        match read(&path)? {
            None if fs::symlink_metadata(&path).is_ok() => taken.push(relative(&path, &session.cwd)),
            None => files.push(Whole { path, before: None, after: Some(text.into()) }),
            Some(bytes) if factory.files.get(&name).is_some_and(|known| *known == fingerprint(&bytes)) => {}
            Some(_) => taken.push(relative(&path, &session.cwd)),
        }
    }
    if taken.is_empty() {
        return Ok(files);
    }
    let names: Vec<String> = taken.iter().map(|name| format!("`{name}`")).collect();
    let error = Hinted::new(format!("nothing is overwritten, and there is something already: {}", names.join(", ")));
    Err(error.hint("move it away first, or choose another folder by `--dest`").into())
}

/// An `__init__.py` for each package of the factory's module that is not there yet.
fn new_packages(config: &Config, factory: &Vendored) -> Vec<Whole> {
    let start = config.root.join(&factory.dest);
    let module: Vec<&str> = factory.module.split('.').collect();
    let folders: BTreeSet<PathBuf> =
        (1..module.len()).filter_map(|depth| Some(start.join(module.get(..depth)?.join("/")))).collect();
    let texts = texts(factory).into_iter();
    let texts: BTreeMap<PathBuf, &str> = texts.map(|(name, text)| (config.root.join(name), text)).collect();
    let new = folders.iter().filter(|folder| fs::symlink_metadata(folder).is_err() || is_left_over(folder, &texts));
    new.map(|folder| Whole { path: folder.join("__init__.py"), before: None, after: Some(Vec::new()) }).collect()
}

/// Whether a folder holds nothing but what a killed run has left of the factory.
fn is_left_over(folder: &Path, texts: &BTreeMap<PathBuf, &'static str>) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().all(|entry| {
        let path = entry.path();
        let is_same = |text: &&str| fs::read(&path).is_ok_and(|bytes| bytes == text.as_bytes());
        apply::is_temporary(&path) || is_left_over(&path, texts) || texts.get(&path).is_some_and(is_same)
    })
}

/// The lock with one more factory.
fn new_lock(config: &Config, mut lock: Lock, factory: Vendored) -> Result<Whole> {
    lock.factories.push(factory);
    let path = config.root.join(lock::NAME);
    let before = read(&path)?;
    Ok(Whole { path, before, after: Some(lock.render().into_bytes()) })
}

/// What a regular file holds; `None` where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    if !fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Some(bytes))
}

/// The lock of the project, which must list something.
fn known(config: &Config) -> Result<Lock> {
    let lock = config.lock()?;
    if lock.factories.is_empty() {
        let error = Hinted::new(format!("no `{}` lists files of a factory", lock::NAME));
        return Err(error.hint("`qmigrate init --factory python --write` writes a factory and this file").into());
    }
    Ok(lock)
}
