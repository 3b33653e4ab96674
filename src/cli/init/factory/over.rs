//! Whether a new factory may take the place of one that the project has.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Result;
use memchr::memmem;

use crate::cli::error::Hinted;
use crate::cli::session::Session;
use crate::edit::Whole;
use crate::git::Repository;
use crate::git::State;
use crate::language;
use crate::language::Watch;
use crate::outline::BindingKind;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::Outline;
use crate::report::relative;
use crate::source::LanguageId;
use crate::source::SourceFile;

/// Refuses unless the new text has every function and class of the old one and whatever other `files` of the project
/// take from `module`, and git still has the old text.
pub(super) fn check(session: &Session, whole: &Whole, module: &str, files: &[PathBuf]) -> Result<()> {
    let path = &whole.path;
    let refused = |why: String| {
        let error = Hinted::new(format!("the project has a factory: `{}`", relative(path, &session.cwd)));
        let error = error.hint(format!("a new one cannot take its place: {why}"));
        error.hint("move that file away first, or name another module in `[factory]`, or another folder by `--dest`")
    };
    let (old, new) = (outline(path, whole.before.as_deref()), outline(path, whole.after.as_deref()));
    if !old.problems.is_empty() {
        return Err(refused("it does not parse".to_owned()).into());
    }
    let missing = made(&old).find(|name| !name.starts_with('_') && !new.exports.contains_key(*name));
    if let Some(name) = missing {
        return Err(refused(format!("it would not have `{name}`")).into());
    }
    let tail = module.rsplit('.').next().unwrap_or(module);
    for file in files.iter().filter(|file| *file != path) {
        let missing = taken(file, tail).into_iter().find(|name| !new.exports.contains_key(&**name));
        if let Some(name) = missing {
            let user = relative(file, &session.cwd);
            return Err(refused(format!("it would not have `{name}`, which `{user}` takes from it")).into());
        }
    }
    let Some(repository) = Repository::find(path.parent().unwrap_or(path)) else { return Ok(()) };
    let states = repository.status(std::slice::from_ref(path))?;
    if states.get(path) != Some(&State::Clean) {
        return Err(refused("it has changes that git does not know; commit it first".to_owned()).into());
    }
    Ok(())
}

fn outline(path: &Path, bytes: Option<&[u8]>) -> Outline {
    let source = SourceFile::from_bytes(path.to_path_buf(), LanguageId::Python, bytes.unwrap_or_default().to_vec());
    let python = language::by_id(LanguageId::Python);
    python.map_or_else(Outline::default, |python| language::outline(python, &source, &Watch::default()))
}

/// The classes and functions that a module makes itself.
fn made(outline: &Outline) -> impl Iterator<Item = &str> {
    let is_made = |binding: &u32| {
        let kind = outline.bindings.get(*binding as usize).map(|binding| &binding.kind);
        matches!(kind, Some(BindingKind::Definition(_)))
    };
    outline.exports.iter().filter(move |(_, bindings)| bindings.iter().any(is_made)).map(|(name, _)| &**name)
}

/// The names that a file takes from a module whose own name is `tail`, also by patching them; `*` for whatever there is.
///
/// Only the last part of the module's name is compared: a name too many keeps a factory, one too few would break the file.
fn taken(file: &Path, tail: &str) -> BTreeSet<String> {
    let Ok(Some(bytes)) = super::read(file) else { return BTreeSet::new() };
    if language::by_path(file).is_none_or(|language| language.id() != LanguageId::Python)
        || memmem::find(&bytes, tail.as_bytes()).is_none()
    {
        return BTreeSet::new();
    }
    let outline = outline(file, Some(&bytes));
    let mut names: BTreeSet<String> = patched(&bytes, tail).into_iter().collect();
    let is_module = |name: &str| name.rsplit('.').next() == Some(tail);
    for import in &outline.imports {
        match import.form {
            ImportForm::Star if is_module(&import.module) => names.extend(["*".to_owned()]),
            ImportForm::From if is_module(&import.module) => {
                names.extend(import.members.iter().map(|member| member.name.to_string()));
            }
            _ => names.extend(read_from(&outline, import, tail)),
        }
    }
    names
}

/// The attributes that are read from a module that an import brings as a whole.
fn read_from(outline: &Outline, import: &Import, tail: &str) -> Vec<String> {
    let members = import.members.iter().filter(|member| member.name.rsplit('.').next() == Some(tail));
    let bindings: BTreeSet<u32> = members.map(|member| member.binding).collect();
    let references =
        outline.references.iter().filter(|reference| reference.roots.iter().any(|root| bindings.contains(root)));
    let attribute = references.filter_map(|reference| {
        // `import a.factory` is read as `a.factory.name`, and `import a.factory as f` as `f.name`.
        let at = reference.attributes.iter().position(|attribute| **attribute == *tail).map_or(0, |at| at + 1);
        reference.attributes.get(at).map(ToString::to_string)
    });
    attribute.collect()
}

/// The names that stand in a string after `tail` and a dot: `patch("app.factory.name")`.
fn patched(bytes: &[u8], tail: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut names = Vec::new();
    for (at, _) in text.match_indices(tail) {
        let rest = text.get(at + tail.len()..).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
        let end = rest.find(|character: char| !character.is_alphanumeric() && character != '_');
        let (name, quote) = rest.split_at(end.unwrap_or(rest.len()));
        if !name.is_empty() && quote.starts_with(['"', '\'']) {
            names.push(name.to_owned());
        }
    }
    names
}
