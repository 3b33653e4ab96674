//! Finds `qmigrate.toml`, and reads it with every default filled in.

mod context;
mod files;
mod values;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::path::PathBuf;

pub(crate) use files::FILES;
pub(crate) use values::hosts;
pub(crate) use values::is_name;
pub(crate) use values::severity;

use crate::config::Batch;
use crate::config::Config;
use crate::config::RuleConfig;
use crate::config::table::Document;
use crate::config::table::Flaw;
use crate::config::table::Table;
use crate::lock::Lock;
use crate::shelf::Shelf;
use crate::source::LanguageId;

/// What stops a configuration from being read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A `pyproject.toml` was named that says nothing.
    #[error("`{}` has no table `[tool.qmigrate]`", .0.display())]
    NoTable(PathBuf),
    /// The file says something wrong.
    #[error(transparent)]
    Flaw(#[from] Flaw),
}

impl Config {
    /// Reads the configuration that holds at `cwd` (an absolute path), or the file that was named.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is no TOML, or says something that this program does not know.
    pub fn load(cwd: &Path, explicit: Option<&Path>) -> Result<Self, ConfigError> {
        let found = match explicit {
            Some(path) => Some(files::named(cwd, path)?),
            None => files::find(cwd)?,
        };
        Self::read(cwd, found, &files::read, &values::is_folder)
    }

    /// Reads the configuration that holds at `cwd`: as it lies on a shelf, or, where the shelf has none, on the disk.
    ///
    /// # Errors
    ///
    /// As for [`Config::load`].
    pub fn load_from(cwd: &Path, shelf: &dyn Shelf) -> Result<Self, ConfigError> {
        let read = |path: &Path| match shelf.read(path) {
            Some(bytes) => Ok(Some(bytes.to_vec())),
            None => files::read(path),
        };
        let is_folder = |folder: &Path| shelf.has_folder(folder) || values::is_folder(folder);
        Self::read(cwd, files::find_with(cwd, &read)?, &read, &is_folder)
    }

    fn read(
        cwd: &Path,
        found: Option<files::Found>,
        read: &files::Read<'_>,
        is_folder: &values::IsFolder<'_>,
    ) -> Result<Self, ConfigError> {
        let mut config = Self::of(cwd, found, is_folder)?;
        config.vendored = files::lock(&config.root, read)?.files(&config.root).collect();
        Ok(config)
    }

    /// Reads the lock of this project as it lies on the disk; an empty one where there is none.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or says something that this program does not know.
    pub fn lock(&self) -> Result<Lock, ConfigError> {
        files::lock(&self.root, &files::read)
    }

    fn of(cwd: &Path, found: Option<files::Found>, is_folder: &values::IsFolder<'_>) -> Result<Self, ConfigError> {
        let Some(found) = found else { return Ok(Self::defaults(files::project(cwd))) };
        let document = Document::parse(&found.path, &found.text)?;
        let root = found.path.parent().unwrap_or(cwd).to_path_buf();
        let root_table = document.root();
        let table = if found.is_pyproject() { files::tool(&root_table)? } else { Some(root_table) };
        match table {
            Some(table) => Ok(read(root, found.path.clone(), &table, is_folder)?),
            None => Err(ConfigError::NoTable(found.path.clone())),
        }
    }

    /// The configuration of a project that has none.
    pub fn defaults(root: PathBuf) -> Self {
        Self {
            root,
            file: None,
            include: Vec::new(),
            exclude: Vec::new(),
            rules: Vec::new(),
            roots: None,
            own: Vec::new(),
            vendored: BTreeSet::new(),
            factory: BTreeMap::from([
                (LanguageId::Python, "utils.openai_client_factory".to_owned()),
                (LanguageId::Typescript, "lib/ai/openai-client".to_owned()),
                (LanguageId::Rust, "crate::openai_client".to_owned()),
            ]),
            context: context::defaults(),
            rule: BTreeMap::new(),
            batch: Vec::new(),
        }
    }
}

fn read(root: PathBuf, file: PathBuf, table: &Table<'_>, is_folder: &values::IsFolder<'_>) -> Result<Config, Flaw> {
    table.only(&["include", "exclude", "rules", "roots", "factory", "context", "rule", "batch"])?;
    let mut config = Config::defaults(root);
    config.file = Some(file);
    config.include = values::globs(table, "include")?.unwrap_or_default();
    config.exclude = values::globs(table, "exclude")?.unwrap_or_default();
    config.rules = values::folders(table, "rules", &config.root, is_folder)?.unwrap_or_default();
    config.roots = values::folders(table, "roots", &config.root, is_folder)?;
    if let Some(factory) = table.table("factory")? {
        factory.only(&["own", "python", "typescript", "rust"])?;
        config.own = values::globs(&factory, "own")?.unwrap_or_default();
        for language in LanguageId::ALL {
            if let Some(module) = values::factory(&factory, language)? {
                config.factory.insert(language, module);
            }
        }
    }
    if let Some(table) = table.table("context")? {
        config.context = context::read(&table)?;
    }
    if let Some(rules) = table.table("rule")? {
        for (id, rule) in rules.entries()? {
            config.rule.insert(id.text.to_owned(), rule_config(&rule, id.line)?);
        }
    }
    config.batch = batches(table)?;
    Ok(config)
}

fn rule_config(table: &Table<'_>, line: usize) -> Result<RuleConfig, Flaw> {
    table.only(&["severity", "openai-hosts"])?;
    let severity = severity(table)?;
    Ok(RuleConfig { severity, openai_hosts: hosts(table, "openai-hosts")?, line })
}

fn batches(table: &Table<'_>) -> Result<Vec<Batch>, Flaw> {
    let mut batches: Vec<Batch> = Vec::new();
    for table in table.tables("batch")? {
        table.only(&["name", "paths", "due"])?;
        let name = table.required("name")?;
        if batches.iter().any(|batch| batch.name == name.text) {
            return Err(table.flaw(name.line, format!("two batches are called `{}`", name.text)));
        }
        table.required_strings("paths")?;
        let paths = values::globs(&table, "paths")?.unwrap_or_default();
        batches.push(Batch { name: name.text.to_owned(), paths, due: table.date("due")? });
    }
    Ok(batches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    fn load(text: &str) -> Result<Config, Flaw> {
        let file = Path::new("/p/qmigrate.toml");
        let document = Document::parse(file, text)?;
        read(PathBuf::from("/p"), file.to_path_buf(), &document.root(), &values::is_folder)
    }

    fn check(text: &str, message: &str, hint: Option<&str>) {
        match load(text) {
            Ok(_) => assert_eq!(message, "", "accepted: {text}"),
            Err(flaw) => {
                assert_eq!(flaw.to_string().replace("/p/qmigrate.toml:", ""), message);
                assert_eq!(flaw.hint.as_deref(), hint);
            }
        }
    }

    #[test]
    fn unknown_keys_are_named_with_their_line_and_the_nearest_known_one() {
        check("\nincldue = []", "2: unknown key `incldue`", Some("did you mean `include`?"));
        check("[factory]\npyhton = 'a'", "2: unknown key `pyhton` in `[factory]`", Some("did you mean `python`?"));
        check(
            "[rule.x]\nopenai_hosts = []",
            "2: unknown key `openai_hosts` in `[rule.x]`",
            Some("did you mean `openai-hosts`?"),
        );
        check(
            "[[batch]]\nname = 'a'\npath = []",
            "3: unknown key `path` in `[[batch]]`",
            Some("did you mean `paths`?"),
        );
        check(
            "[context.typescript]\narg = ''",
            "2: unknown key `arg` in `[context.typescript]`",
            Some("did you mean `argument`?"),
        );
    }

    #[test]
    fn wrong_values_are_named_with_their_line() {
        check("include = 'a'", "1: `include` must be an array of strings, and here is a string", None);
        check("include = [\n 'a/**',\n 'b[',\n]", "3: `b[` is no glob: unclosed character class; missing ']'", None);
        check("[rule.x]\nseverity = 'warn'", "2: unknown severity `warn`", Some("did you mean `warning`?"));
        check(
            "[[batch]]\nname = 'a'\npaths = ['x']\ndue = 2025-13-01",
            "4: invalid date, expected month between 01 and 12",
            None,
        );
        check(
            "[[batch]]\nname = 'a'\npaths = ['x']\ndue = 'soon'",
            "4: `due` is no date",
            Some("write a day such as `2025-09-06`"),
        );
        check("rule = 3", "1: `rule` must be a table, and here is a number", None);
        check(
            "[factory]\npython = 'utils/factory.py'",
            "2: `utils/factory.py` is no Python module",
            Some("write `utils.factory`"),
        );
    }

    #[test]
    fn every_key_of_the_contract_is_read() {
        let text = r#"
include = ["backend/**"]
exclude = ["vendor/**"]
rules = []

[factory]
own = ["backend/llm/**"]
python = "llm.factory"

[context]
argument = "tenant_id"

[rule.direct-client]
severity = "info"
openai-hosts = ["LLM.example.com"]

[[batch]]
name = "Core AI agents"
paths = ["ai_agents/**"]
due = 2025-09-06
"#;
        let config = load(text).unwrap();
        assert_eq!(config.include, ["backend/**"]);
        assert_eq!(config.factory[&LanguageId::Python], "llm.factory");
        assert_eq!(config.factory[&LanguageId::Rust], "crate::openai_client");
        let context = &config.context[&LanguageId::Python];
        assert_eq!((context.argument.as_str(), context.sources.len()), ("tenant_id", 2));
        assert_eq!(config.context[&LanguageId::Typescript].sources, ["tenantId", "this.tenantId"]);
        let rule = &config.rule["direct-client"];
        assert_eq!((rule.severity, rule.line), (Some(Severity::Info), 13));
        assert_eq!(rule.openai_hosts, ["llm.example.com"]);
        assert_eq!(config.batch[0].due.as_deref(), Some("2025-09-06"));
    }
}
