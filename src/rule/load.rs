#![expect(clippy::disallowed_methods, reason = "rules are read from disk here, and nowhere else")]
//! Reads rules: those that are built in, then those in the folders that the configuration names.

mod parse;

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::config::Config;
use crate::config::RuleConfig;
use crate::config::nearest::advice;
use crate::config::table::Flaw;
use crate::finding::Severity;
use crate::rule::Rule;
use crate::rule::builtin;
use crate::shelf::Entry;
use crate::shelf::Shelf;

/// What stops the rules from being read.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// A file or folder cannot be read.
    #[error("cannot read the rule `{}`", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file says something wrong, or the configuration speaks of an unknown rule.
    #[error(transparent)]
    Flaw(#[from] Flaw),
    /// A user's rule has the id of another.
    #[error("`{}`: there is already a rule `{id}`, {of}", file.display())]
    Taken {
        /// The file of the second.
        file: PathBuf,
        /// The id of both.
        id: String,
        /// Where the first comes from.
        of: String,
    },
}

impl RuleError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Read { .. } => None,
            Self::Flaw(flaw) => flaw.hint.clone(),
            Self::Taken { id, .. } => Some(format!(
                "a rule's id is its file's name: rename the file, and set `[rule.{id}] severity = \"off\"` if yours replaces it"
            )),
        }
    }
}

/// Returns the rules in force: built-in and the user's, as the configuration sets them, without those that are off.
///
/// # Errors
///
/// When a rule's file is wrong, or the configuration speaks of a rule that does not exist.
pub fn all(config: &Config) -> Result<Vec<Rule>, RuleError> {
    let mut rules = every(config)?;
    rules.retain(|rule| rule.severity != Severity::Off);
    Ok(rules)
}

/// Returns every rule there is, those that are off too.
///
/// # Errors
///
/// As for [`all`].
pub fn every(config: &Config) -> Result<Vec<Rule>, RuleError> {
    every_on(config, None)
}

/// The same, where a shelf's folders come before those on the disk.
///
/// # Errors
///
/// As for [`all`].
pub fn every_on(config: &Config, shelf: Option<&dyn Shelf>) -> Result<Vec<Rule>, RuleError> {
    let mut rules = builtin()?;
    for folder in &config.rules {
        let shelf = shelf.filter(|shelf| shelf.has_folder(folder));
        for file in shelf.map_or_else(|| files(folder), |shelf| Ok(files_on(shelf, folder)))? {
            let rule = read(&file, shelf)?;
            if let Some(first) = rules.iter().find(|first| first.id == rule.id) {
                let of = match &first.file {
                    Some(file) => format!("in `{}`", file.display()),
                    None => "which is built in".to_owned(),
                };
                return Err(RuleError::Taken { file, id: rule.id.to_string(), of });
            }
            rules.push(rule);
        }
    }
    configure(&mut rules, config)?;
    Ok(rules)
}

/// Returns the built-in rules, as they are without configuration.
///
/// # Errors
///
/// Never, as a test reads them all.
pub fn builtin() -> Result<Vec<Rule>, RuleError> {
    let mut rules = Vec::with_capacity(builtin::RULES.len());
    for builtin in builtin::RULES {
        let file = PathBuf::from(format!("rules/{}.toml", builtin.id));
        rules.push(parse::rule(builtin.id, &file, builtin.text)?);
    }
    Ok(rules)
}

/// Reads one file with a user's rule.
fn read(file: &Path, shelf: Option<&dyn Shelf>) -> Result<Rule, RuleError> {
    let bytes = match shelf {
        Some(shelf) => shelf.read(file).map(|bytes| bytes.to_vec()).ok_or(io::ErrorKind::NotFound.into()),
        None => fs::read(file),
    };
    let bytes = bytes.map_err(|source| RuleError::Read { path: file.into(), source })?;
    let flaw = |message: &str| Flaw { file: file.into(), line: 1, message: message.into(), hint: None };
    let text = String::from_utf8(bytes).map_err(|_| flaw("not UTF-8"))?;
    let id = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if !is_id(id) {
        let flaw = flaw("the file's name is the rule's id, and must be lower-case words joined by `-`");
        return Err(flaw.hint("a good name says what is wrong, such as `direct-client.toml`").into());
    }
    let mut rule = parse::rule(id, file, &text)?;
    if rule.languages.is_empty() {
        let hint = "add a table such as `[[python.construct]]` with `symbols` and `replace`";
        return Err(flaw("the rule looks for nothing").hint(hint).into());
    }
    rule.file = Some(file.to_path_buf());
    Ok(rule)
}

/// The rules' files in a folder, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, RuleError> {
    let unreadable = |source| RuleError::Read { path: folder.to_path_buf(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if may_be_rule(&path) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn files_on(shelf: &dyn Shelf, folder: &Path) -> Vec<PathBuf> {
    let entries = shelf.entries(folder).into_iter();
    let files = entries.filter_map(|entry| if let Entry::File(path) = entry { Some(path) } else { None });
    files.filter(|path| may_be_rule(path)).collect()
}

fn may_be_rule(path: &Path) -> bool {
    let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    path.extension().is_some_and(|extension| extension == "toml") && !is_hidden
}

/// Puts the configuration's words into the rules.
fn configure(rules: &mut [Rule], config: &Config) -> Result<(), Flaw> {
    for (id, wish) in &config.rule {
        let flaw = |message: String, hint: String| Flaw {
            file: config.file.clone().unwrap_or_default(),
            line: wish.line,
            message,
            hint: Some(hint),
        };
        let Some(rule) = rules.iter_mut().find(|rule| *rule.id == **id) else {
            let hint = advice(id, "known rules", rules.iter().map(|rule| &*rule.id));
            return Err(flaw(format!("unknown rule `{id}`"), hint));
        };
        if let Err(hint) = apply(rule, wish) {
            return Err(flaw(format!("`openai-hosts` means nothing to the rule `{id}`"), hint));
        }
    }
    Ok(())
}

fn apply(rule: &mut Rule, wish: &RuleConfig) -> Result<(), String> {
    rule.severity = wish.severity.unwrap_or(rule.severity);
    let mut endpoints: Vec<_> = rule.languages.values_mut().filter_map(|matchers| matchers.endpoint.as_mut()).collect();
    if endpoints.is_empty() && !wish.openai_hosts.is_empty() {
        return Err("it belongs to rules with an endpoint, such as `direct-client`".to_owned());
    }
    for endpoint in &mut endpoints {
        endpoint.hosts.extend(wish.openai_hosts.iter().cloned());
    }
    Ok(())
}

/// Whether a text is lower-case words joined by `-`.
fn is_id(text: &str) -> bool {
    text.split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::ReportRole;
    use crate::source::LanguageId;

    fn config(rules: &[(&str, &str)]) -> (tempfile::TempDir, Config) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in rules {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let mut config = Config::defaults(folder.path().to_path_buf());
        config.rules = vec![folder.path().to_path_buf()];
        config.file = Some("qmigrate.toml".into());
        (folder, config)
    }

    const MINIMAL: &str = "summary = 'Anthropic client constructed directly'\n[python]\n[[python.construct]]\nsymbols = ['anthropic.Anthropic']\nreplace = '{factory}.get_anthropic_client'\n";

    #[test]
    fn the_built_in_rules_have_the_severities_of_the_contract() {
        let rules = builtin().unwrap();
        let warnings: Vec<&str> =
            rules.iter().filter(|rule| rule.severity == Severity::Warning).map(|rule| &*rule.id).collect();
        assert_eq!(warnings, ["client-reference", "stale-patch", "unused-suppression"]);
        assert!(rules.iter().all(|rule| rule.severity >= Severity::Warning && !rule.why.is_empty()));
        let direct = &rules[0].languages[&LanguageId::Python];
        assert_eq!(direct.construct.len(), 6);
        assert!(direct.endpoint.as_ref().unwrap().allows("api.openai.com"));
        let legacy = rules.iter().find(|rule| &*rule.id == "legacy-api").unwrap();
        assert_eq!(legacy.languages[&LanguageId::Python].report[0].role, ReportRole::Any);
    }

    #[test]
    fn a_rule_of_five_lines_loads() {
        let (_folder, config) = config(&[("anthropic-client.toml", MINIMAL), (".hidden.toml", "x")]);
        let rules = all(&config).unwrap();
        let rule = rules.last().unwrap();
        assert_eq!((&*rule.id, rule.severity), ("anthropic-client", Severity::Error));
        let construct = &rule.languages[&LanguageId::Python].construct[0];
        assert_eq!(construct.replace.module, None);
        assert_eq!(construct.replace.function, "get_anthropic_client");
    }

    #[test]
    fn a_users_rule_cannot_take_the_name_of_another() {
        let (folder, config) = config(&[("direct-client.toml", MINIMAL)]);
        let error = all(&config).unwrap_err().to_string().replace(folder.path().to_str().unwrap(), "");
        assert_eq!(error, "`/direct-client.toml`: there is already a rule `direct-client`, which is built in");
    }

    #[test]
    fn the_configuration_sets_severities_and_hosts_and_turns_rules_off() {
        let (_folder, mut config) = config(&[]);
        let wish = |severity| RuleConfig { severity: Some(severity), ..RuleConfig::default() };
        config.rule.insert("legacy-api".to_owned(), wish(Severity::Off));
        let mut direct = wish(Severity::Info);
        direct.openai_hosts = vec!["llm.example.com".to_owned()];
        config.rule.insert("direct-client".to_owned(), direct);
        let rules = all(&config).unwrap();
        assert!(rules.iter().all(|rule| &*rule.id != "legacy-api"));
        assert_eq!(rules[0].severity, Severity::Info);
        let endpoint = rules[0].languages[&LanguageId::Python].endpoint.as_ref().unwrap();
        assert!(endpoint.allows("llm.example.com"));
    }

    #[test]
    fn an_unknown_rule_in_the_configuration_is_refused_with_the_nearest() {
        let (_folder, mut config) = config(&[]);
        config.rule.insert("direct-clients".to_owned(), RuleConfig { line: 7, ..RuleConfig::default() });
        let error = all(&config).unwrap_err();
        assert_eq!(error.to_string(), "qmigrate.toml:7: unknown rule `direct-clients`");
        assert_eq!(error.hint().as_deref(), Some("did you mean `direct-client`?"));
    }
}
