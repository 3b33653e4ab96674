//! Rules: what to look for, why, and what to write instead. They come from TOML alone.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::finding::Severity;
use crate::source::LanguageId;

pub mod builtin;
pub mod load;

/// One rule; its file's name is its id.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What findings, suppressions and configuration call it.
    pub id: Arc<str>,
    /// One line: what is wrong.
    pub summary: String,
    /// The severity in force: the rule's own, unless the configuration says otherwise.
    pub severity: Severity,
    /// Why it matters and what to do, in Markdown.
    pub why: String,
    /// The file of a user's rule; `None` for a built-in one.
    pub file: Option<PathBuf>,
    /// What to look for, by language.
    pub languages: BTreeMap<LanguageId, Matchers>,
}

/// What a rule looks for in one language.
#[derive(Clone, Debug, Default)]
pub struct Matchers {
    /// Constructions that have a replacement.
    pub construct: Vec<Construct>,
    /// Uses that are only reported.
    pub report: Vec<Report>,
    /// The argument that says where a client connects to.
    pub endpoint: Option<Endpoint>,
}

/// Classes whose construction is replaced by a call of the factory.
#[derive(Clone, Debug)]
pub struct Construct {
    /// Full names, such as `openai.OpenAI`.
    pub symbols: Vec<String>,
    /// What is called instead.
    pub replace: Replacement,
    /// Whether what the class is told by its type may be inferred, so that it must be seen to be what `replace` makes.
    pub inferred: bool,
}

/// A function of a factory module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Replacement {
    /// Its module; `None` for `{factory}`, the module of the configuration's `[factory]`.
    pub module: Option<String>,
    /// The function's name.
    pub function: String,
    /// What the class that it makes is told by its type; empty where anything may be.
    pub classes: Vec<String>,
}

/// A kind of use that is reported and never rewritten.
#[derive(Clone, Debug)]
pub struct Report {
    /// How the name is used.
    pub role: ReportRole,
    /// Full names; `openai.chat.*` stands for everything below `openai.chat`.
    pub symbols: Vec<String>,
}

/// How a name is used where it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReportRole {
    /// As a base of a class.
    BaseClass,
    /// As a value whose use cannot be seen.
    Value,
    /// Reached by a dynamic import or attribute look-up.
    Dynamic,
    /// Called.
    Call,
    /// Assigned to.
    Assign,
    /// In any way, imports included.
    Any,
    /// Replaced by a test, where nothing looks the name up any more.
    StalePatch,
}

impl ReportRole {
    /// The names in TOML, in the order above.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("base-class", Self::BaseClass),
        ("value", Self::Value),
        ("dynamic", Self::Dynamic),
        ("call", Self::Call),
        ("assign", Self::Assign),
        ("any", Self::Any),
        ("stale-patch", Self::StalePatch),
    ];
}

/// The argument that says where a client connects to, and the hosts it may name.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The argument's name, such as `base_url`.
    pub argument: String,
    /// Hosts that are the vendor's own; `*.openai.azure.com` stands for every host below `openai.azure.com`.
    pub hosts: Vec<String>,
    /// Classes of configurations that are the vendor's own; empty where no class tells.
    pub classes: Vec<String>,
}

impl Endpoint {
    /// Whether `host` (lower case, without port) is one of the vendor's own.
    pub fn allows(&self, host: &str) -> bool {
        self.hosts.iter().any(|allowed| match allowed.strip_prefix("*.") {
            Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            None => allowed == host,
        })
    }
}

/// Reads the text of a comment: whether it speaks for the whole file, the rules it names, and its reason.
///
/// The form is `qmigrate: ignore[rule, rule] reason`, or `ignore-file[…]`. Anything else is no suppression.
pub fn read_suppression(comment: &str) -> Option<(bool, Vec<String>, String)> {
    let rest = comment.trim_start().strip_prefix("qmigrate:")?.trim_start();
    let (whole_file, rest) = match rest.strip_prefix("ignore-file") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix("ignore")?),
    };
    let (rules, reason) = match rest.trim_start().strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => ("", rest),
    };
    let rules = rules.split(',').map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty());
    Some((whole_file, rules.collect(), reason.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_allowed_by_name_or_by_a_parent() {
        let hosts = vec!["api.openai.com".to_owned(), "*.openai.azure.com".to_owned()];
        let endpoint = Endpoint { argument: "base_url".to_owned(), hosts, classes: Vec::new() };
        assert!(endpoint.allows("api.openai.com"));
        assert!(endpoint.allows("east.openai.azure.com"));
        assert!(!endpoint.allows("openai.azure.com"));
        assert!(!endpoint.allows("evilopenai.azure.com"));
        assert!(!endpoint.allows("api.openai.com.example.org"));
    }
}
