//! Whether a new factory may take the place of one that the project has.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use crate::cli::error::Hinted;
use crate::cli::session::Session;
use crate::git::Repository;
use crate::git::State;
use crate::language;
use crate::language::Watch;
use crate::outline::BindingKind;
use crate::outline::Outline;
use crate::report::relative;
use crate::source::LanguageId;
use crate::source::SourceFile;

/// Refuses unless `new` can do whatever `old`, the text of the file at `path`, is asked for, and git still has `old`.
pub(super) fn check(session: &Session, path: &Path, old: &[u8], new: &str) -> Result<()> {
    let shown = relative(path, &session.cwd);
    let refused = |why: String| {
        let error = Hinted::new(format!("the project has a factory: `{shown}`"));
        let error = error.hint(format!("a new one cannot take its place: {why}"));
        error.hint("move that file away first, or name another module in `[factory]`, or another folder by `--dest`")
    };
    let text = String::from_utf8_lossy(old);
    let (old, new) = (outline(path, old), outline(path, new.as_bytes()));
    if !old.problems.is_empty() {
        return Err(refused("it does not parse".to_owned()).into());
    }
    let names: BTreeSet<&str> = made(&old).chain(assigned(&text)).filter(|name| !name.starts_with('_')).collect();
    let missing = names.into_iter().filter(|name| !new.exports.contains_key(*name));
    let missing: Vec<String> = missing.map(|name| format!("`{name}`")).collect();
    if !missing.is_empty() {
        return Err(refused(format!("it would not have {}", missing.join(", "))).into());
    }
    let Some(repository) = Repository::find(path.parent().unwrap_or(path)) else { return Ok(()) };
    let states = repository.status(&[path.to_path_buf()])?;
    if states.get(path) != Some(&State::Clean) {
        return Err(refused("it has changes that git does not know; commit it first".to_owned()).into());
    }
    Ok(())
}

fn outline(path: &Path, bytes: &[u8]) -> Outline {
    let source = SourceFile::from_bytes(path.to_path_buf(), LanguageId::Python, bytes.to_vec());
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

/// The names that lines of a text may assign to, which an outline keeps only where a client may be behind them. A line of a
/// long string may look like one.
fn assigned(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with([' ', '\t', '#', '@'])).flat_map(|line| {
        let (all, _) = line.rsplit_once('=').unwrap_or_default();
        let targets = all.split('=').map(|target| target.split(':').next().unwrap_or_default());
        let is_target = |target: &&str| target.split(',').all(|name| is_name(name.trim()));
        targets.take_while(is_target).flat_map(|target| target.split(',').map(str::trim))
    })
}

fn is_name(name: &str) -> bool {
    let is_part = |character: char| character == '_' || character.is_alphanumeric();
    !name.is_empty() && name.chars().all(is_part) && !name.starts_with(|first: char| first.is_numeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_of_lines_are_seen() {
        let text =
            "A = 1\nB: int = 2\nC, D = E = f(x=1)\ndef f(g, h=1):\n    i = 2\nif a == b: pass\nF.g = 1\n# H = 1\n";
        assert_eq!(assigned(text).collect::<Vec<_>>(), ["A", "B", "C", "D", "E"]);
    }
}
