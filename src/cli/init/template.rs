//! The text of a new `qmigrate.toml`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::cli::init::survey::Survey;
use crate::source::LanguageId;

const FACTORY: &str = "utils.openai_client_factory";
const TYPESCRIPT: &str = "lib/ai/openai-client";
const RUST: &str = "crate::openai_client";

/// Fills the text with what the survey found; what is a default stands in a comment.
pub(crate) fn fill(survey: &Survey) -> String {
    let include = list(survey.folders.iter().map(|folder| format!("{folder}/**")));
    let include = if survey.folders.is_empty() { "[\"backend/**\"]".to_owned() } else { include };
    let exclude = match globs(&survey.foreign) {
        Some(globs) => format!("exclude = {globs}"),
        None => "# exclude = [\"vendor/**\"]".to_owned(),
    };
    let roots = if survey.roots.is_empty() { "[\"src\"]".to_owned() } else { list(survey.roots.iter().cloned()) };
    let factory = match &survey.factory {
        Some(module) => format!("python = {}", quoted(module)),
        None => format!("# python = {}   # not found in the project yet", quoted(FACTORY)),
    };
    let mut factories: Vec<String> = survey.is_python.then_some(factory).into_iter().collect();
    for other in &survey.others {
        let language = other.language.name();
        factories.push(match (&other.factory, other.language) {
            (Some(name), _) => format!("{language} = {}", quoted(name)),
            (None, LanguageId::Rust) => format!("# {language} = {}   # not found in the project yet", quoted(RUST)),
            (None, _) => format!("# {language} = {}   # not found in the project yet", quoted(TYPESCRIPT)),
        });
    }
    let factories = factories.join("\n");
    let roots = format!(
        "# Where absolute Python imports start; without this, the project's layout says so.\n# roots = {roots}\n\n"
    );
    let roots = if survey.is_python { roots.as_str() } else { "" };
    let argument = &survey.argument;
    format!(
        "\
# What qmigrate looks at, and where the factory is. Paths and globs are relative to this file.

# What to look at; without this, everything that git does not ignore.
# include = {include}
{exclude}

# Folders with your own rules: one TOML file a rule.
# rules = [\"tools/qmigrate-rules\"]

{roots}[factory]
# The module that makes the clients; its own code is never a finding.
{factories}
# Further files that belong to the factory.
# own = [\"backend/llm/**\"]

[context]
# What the factory is told, and the names that hold it where clients are made, best first.
argument = {}
sources = [{}, {}]

# Each rule can be an error, a warning, info, or off; `qmigrate rule list` shows them.
[rule.direct-client]
severity = \"error\"
# Further hosts that are OpenAI's, for clients with a literal base URL.
# openai-hosts = [\"llm-gateway.example.com\"]
",
        quoted(argument),
        quoted(argument),
        quoted(&format!("self.{argument}")),
    )
}

fn globs(folders: &BTreeSet<String>) -> Option<String> {
    // A folder whose name would mean something in a glob is left to the user.
    let plain = folders.iter().filter(|folder| !folder.contains(['*', '?', '[', ']', '{', '}', '\\']));
    let globs: Vec<String> = plain.map(|folder| format!("{folder}/**")).collect();
    (!globs.is_empty()).then(|| list(globs))
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| quoted(&item)).collect();
    format!("[{}]", items.join(", "))
}

/// A string as TOML has it, on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_toml_even_with_odd_names() {
        let survey = Survey {
            factory: Some("app.factory".to_owned()),
            argument: "tenant_id".to_owned(),
            roots: vec!["a\"b".to_owned()],
            folders: BTreeSet::from(["new\nline".to_owned()]),
            foreign: BTreeSet::from(["vendor".to_owned(), "odd[/vendor".to_owned()]),
            is_python: true,
            others: Vec::new(),
        };
        let table: toml::Table = fill(&survey).parse().unwrap();
        assert_eq!(table["exclude"].as_array().unwrap().len(), 1);
        assert_eq!(table["factory"]["python"].as_str(), Some("app.factory"));
        assert_eq!(table["context"]["sources"][1].as_str(), Some("self.tenant_id"));
    }
}
