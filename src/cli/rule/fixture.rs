//! The fixtures of a rule: small files that say what it finds, and what a fix makes of them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::Result;

use crate::config::Config;
use crate::language;
use crate::language::Language;
use crate::rule::Rule;
use crate::rule::builtin;

/// One fixture.
#[derive(Clone)]
pub(crate) struct Fixture {
    /// What it is called in the answer: `python/alias`.
    pub(crate) name: String,
    /// Whether it came with the program, and so knows only the default configuration.
    pub(crate) is_embedded: bool,
    /// Its language.
    pub(crate) language: &'static dyn Language,
    /// The ending of its files.
    pub(crate) extension: String,
    /// What it says.
    pub(crate) kind: Kind,
}

/// What a fixture says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A fix makes this of that.
    Rewritten { before: String, after: String },
    /// There is nothing to find.
    Clean { text: String },
    /// There is something to find where a comment says so, and nothing to rewrite.
    Found { text: String },
    /// It is not what a fixture must be.
    Broken { reason: String },
}

/// Where a rule's fixtures may lie, best first.
pub(crate) fn folders(rule: &Rule, config: &Config) -> Vec<PathBuf> {
    let mut parents = Vec::new();
    if let Some(folder) = rule.file.as_deref().and_then(|file| file.parent()) {
        parents.push(folder.join("fixtures"));
        parents.extend(folder.parent().map(|above| above.join("fixtures")));
    }
    parents.push(config.root.join("fixtures"));
    parents.dedup();
    parents.into_iter().map(|parent| parent.join(&*rule.id)).collect()
}

/// Returns the fixtures of a rule, by name; what lies on disk goes before what came with the program.
pub(crate) fn of(rule: &Rule, config: &Config) -> Result<Vec<Fixture>> {
    let mut files: BTreeMap<String, (String, bool)> = BTreeMap::new();
    for language in language::all() {
        let name = language.id().name();
        for folder in folders(rule, config).iter().map(|folder| folder.join(name)) {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries {
                let path = entry.with_context(|| format!("cannot read `{}`", folder.display()))?.path();
                let Some(file) = path.file_name().and_then(|file| file.to_str()) else { continue };
                let file_name = format!("{name}/{file}");
                let is_own = language::by_path(&path).is_some_and(|found| found.id() == language.id());
                if !is_own || files.contains_key(&file_name) {
                    continue;
                }
                let text = fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
                let text = String::from_utf8(text);
                let text = text.with_context(|| format!("`{}` is not UTF-8", path.display()))?;
                files.insert(file_name, (text, false));
            }
        }
    }
    let own = builtin::RULES.iter().filter(|builtin| rule.file.is_none() && *builtin.id == *rule.id);
    for embedded in own.flat_map(|builtin| builtin.fixtures) {
        files.entry(embedded.name.to_owned()).or_insert((embedded.text.to_owned(), true));
    }
    Ok(pair(files))
}

/// Joins `before` and `after`, and tells the kinds apart.
fn pair(mut files: BTreeMap<String, (String, bool)>) -> Vec<Fixture> {
    let names: BTreeSet<String> = files.keys().cloned().collect();
    let mut fixtures = Vec::new();
    for file in names {
        let Some((text, is_embedded)) = files.remove(&file) else { continue };
        let Some(language) = language::by_path(Path::new(&file)) else { continue };
        let (folder, name) = file.split_once('/').unwrap_or(("", &file));
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let (base, kind) = stem.rsplit_once('.').unwrap_or(("", stem));
        let other = |kind: &str| {
            if base.is_empty() { format!("{kind}.{extension}") } else { format!("{base}.{kind}.{extension}") }
        };
        let kind = match kind {
            "after" => match files.remove(&format!("{folder}/{}", other("before"))) {
                Some((before, _)) => Kind::Rewritten { before, after: text },
                None => Kind::Broken { reason: format!("there is no `{}`", other("before")) },
            },
            // `after` comes first, and has taken every `before` that belongs to it.
            "before" => Kind::Broken { reason: format!("there is no `{}`", other("after")) },
            "clean" => Kind::Clean { text },
            "found" => Kind::Found { text },
            _ => {
                Kind::Broken { reason: "the end of its name must be `before`, `after`, `clean` or `found`".to_owned() }
            }
        };
        let shown = match kind {
            Kind::Rewritten { .. } if base.is_empty() => "before",
            Kind::Rewritten { .. } => base,
            _ => stem,
        };
        let (name, extension) = (format!("{folder}/{shown}"), extension.to_owned());
        fixtures.push(Fixture { name, is_embedded, language, extension, kind });
    }
    fixtures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_joined_and_strangers_are_named() {
        let names =
            ["after.py", "alias.before.py", "alias.after.py", "before.py", "clean.py", "lone.before.py", "odd.py"];
        let files = names.map(|name| (format!("python/{name}"), (name.to_owned(), false)));
        let fixtures = pair(BTreeMap::from(files));
        let told: Vec<(&str, bool)> = fixtures
            .iter()
            .map(|fixture| (fixture.name.as_str(), matches!(fixture.kind, Kind::Broken { .. })))
            .collect();
        assert_eq!(
            told,
            [
                ("python/before", false),
                ("python/alias", false),
                ("python/clean", false),
                ("python/lone.before", true),
                ("python/odd", true),
            ]
        );
    }
}
