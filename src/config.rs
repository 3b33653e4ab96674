#![expect(clippy::disallowed_methods, reason = "the configuration is read from disk here, and nowhere else")]
//! `qmigrate.toml`: where the factory lives, what it is told, and what is looked at.

mod load;
pub mod nearest;
pub mod table;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;

pub use load::ConfigError;
pub(crate) use load::FILES;
pub(crate) use load::hosts;
pub(crate) use load::is_name;
pub(crate) use load::severity;

use crate::finding::Severity;
use crate::source::LanguageId;

/// The configuration in force, with every default filled in.
#[derive(Clone, Debug)]
pub struct Config {
    /// The project: the folder of `qmigrate.toml`, else the git root, else the working directory. Absolute.
    pub root: PathBuf,
    /// The file it came from.
    pub file: Option<PathBuf>,
    /// Globs, relative to `root`, of what is looked at; empty for everything.
    pub include: Vec<String>,
    /// Globs, relative to `root`, of what is not looked at.
    pub exclude: Vec<String>,
    /// Folders with the user's own rules, absolute.
    pub rules: Vec<PathBuf>,
    /// Where absolute Python imports start, absolute; `None` for the project's layout to say.
    pub roots: Option<Vec<PathBuf>>,
    /// Globs, relative to `root`, of files that belong to the factory.
    pub own: Vec<String>,
    /// Files that a `QMIGRATE.lock` at the project's root lists, absolute: they belong to the factory too.
    pub vendored: BTreeSet<PathBuf>,
    /// The factory's module or file, by language.
    pub factory: BTreeMap<LanguageId, String>,
    /// What the factory is told, by language.
    pub context: BTreeMap<LanguageId, Context>,
    /// `[rule.<id>]`.
    pub rule: BTreeMap<String, RuleConfig>,
    /// `[[batch]]`.
    pub batch: Vec<Batch>,
}

impl Config {
    /// What to do where the project has no factory: after `qmigrate init`, its file is to be edited.
    pub fn way_to_factory(&self) -> &'static str {
        match self.file {
            Some(_) => "write that module, or name yours in `[factory]` of `qmigrate.toml`",
            None => "run `qmigrate init`, then name its module in `[factory]` of `qmigrate.toml`",
        }
    }
}

/// What the factory is told, and where it may come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The argument's name.
    pub argument: String,
    /// Expressions, best first: a name, or a name and one attribute.
    pub sources: Vec<String>,
}

/// The settings of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleConfig {
    /// Overrides the rule's own.
    pub severity: Option<Severity>,
    /// Further hosts that are `OpenAI`'s.
    pub openai_hosts: Vec<String>,
    /// Where the table stands in the file, for errors about unknown rules.
    pub line: usize,
}

/// A named part of the work, for `plan` and `monitor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its name.
    pub name: String,
    /// Globs, relative to the project.
    pub paths: Vec<String>,
    /// The day it is due, as `YYYY-MM-DD`.
    pub due: Option<String>,
}
