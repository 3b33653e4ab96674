//! The TOML of one rule.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::hosts;
use crate::config::is_name;
use crate::config::nearest::advice;
use crate::config::severity;
use crate::config::table::Document;
use crate::config::table::Flaw;
use crate::config::table::Table;
use crate::config::table::Text;
use crate::finding::Severity;
use crate::rule::Construct;
use crate::rule::Endpoint;
use crate::rule::Matchers;
use crate::rule::Replacement;
use crate::rule::Report;
use crate::rule::ReportRole;
use crate::rule::Rule;
use crate::source::LanguageId;
use crate::symbol;

const FACTORY: &str = "{factory}";

/// Reads the text of a rule's file.
pub(crate) fn rule(id: &str, file: &Path, text: &str) -> Result<Rule, Flaw> {
    let document = Document::parse(file, text)?;
    let table = document.root();
    table.only(&["summary", "severity", "why", "python", "typescript", "rust"])?;
    let summary = table.required("summary")?.text.trim().to_owned();
    let severity = severity(&table)?.unwrap_or(Severity::Error);
    let why = table.string("why")?.map_or(String::new(), |why| why.text.trim().to_owned());
    let mut languages = BTreeMap::new();
    for language in LanguageId::ALL {
        if let Some(table) = table.table(language.name())? {
            languages.insert(language, matchers(&table, language)?);
        }
    }
    Ok(Rule { id: id.into(), summary, severity, why, file: None, languages })
}

fn matchers(table: &Table<'_>, language: LanguageId) -> Result<Matchers, Flaw> {
    table.only(&["construct", "report", "endpoint"])?;
    let mut matchers = Matchers::default();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for table in table.tables("construct")? {
        let construct = construct(&table, language)?;
        for text in table.required_strings("symbols")? {
            if let Some(line) = seen.insert(text.text.to_owned(), text.line) {
                let message = format!("`{}` is already constructed on line {line}", text.text);
                return Err(table.flaw(text.line, message));
            }
        }
        matchers.construct.push(construct);
    }
    for table in table.tables("report")? {
        matchers.report.push(report(&table, language)?);
    }
    if let Some(table) = table.table("endpoint")? {
        matchers.endpoint = Some(endpoint(&table, language)?);
    }
    if matchers.construct.is_empty() && matchers.report.is_empty() {
        let name = language.name();
        let flaw = table.flaw(table.line(), format!("`[{name}]` looks for nothing"));
        return Err(flaw.hint(format!("add `[[{name}.construct]]` or `[[{name}.report]]`")));
    }
    Ok(matchers)
}

fn construct(table: &Table<'_>, language: LanguageId) -> Result<Construct, Flaw> {
    table.only(&["symbols", "replace", "classes", "inferred"])?;
    let mut symbols = Vec::new();
    for text in table.required_strings("symbols")? {
        if text.text.ends_with('*') {
            let flaw = table.flaw(text.line, format!("`{}` stands for many classes", text.text));
            return Err(flaw.hint("a construct names each class in full"));
        }
        symbols.push(symbol(table, text, language)?);
    }
    let classes = table.strings("classes")?.unwrap_or_default();
    let classes = classes.into_iter().map(|text| symbol(table, text, language)).collect::<Result<_, _>>()?;
    let replace = Replacement { classes, ..replacement(table, table.required("replace")?, language)? };
    let inferred = table.boolean("inferred")?.unwrap_or_default();
    Ok(Construct { symbols, replace, inferred })
}

fn report(table: &Table<'_>, language: LanguageId) -> Result<Report, Flaw> {
    table.only(&["role", "symbols"])?;
    let name = table.required("role")?;
    let Some((_, role)) = ReportRole::NAMES.into_iter().find(|(known, _)| *known == name.text) else {
        let hint = advice(name.text, "known roles", ReportRole::NAMES.map(|(known, _)| known));
        return Err(table.flaw(name.line, format!("unknown role `{}`", name.text)).hint(hint));
    };
    let texts = table.required_strings("symbols")?;
    let symbols = texts.into_iter().map(|text| symbol(table, text, language));
    Ok(Report { role, symbols: symbols.collect::<Result<_, _>>()? })
}

fn endpoint(table: &Table<'_>, language: LanguageId) -> Result<Endpoint, Flaw> {
    table.only(&["argument", "hosts", "classes"])?;
    let argument = table.required("argument")?.text.to_owned();
    table.required_strings("hosts")?;
    let classes = table.strings("classes")?.unwrap_or_default();
    let classes = classes.into_iter().map(|text| symbol(table, text, language)).collect::<Result<_, _>>()?;
    Ok(Endpoint { argument, hosts: hosts(table, "hosts")?, classes })
}

/// A full name, in its language's manner.
fn symbol(table: &Table<'_>, text: Text<'_>, language: LanguageId) -> Result<String, Flaw> {
    let whole = symbol::whole(language, text.text);
    let (valid, example) = match language {
        LanguageId::Python => {
            let name = whole.unwrap_or(text.text);
            (name.split('.').all(is_name) && text.text.contains('.'), "openai.OpenAI")
        }
        LanguageId::Typescript => {
            let parts = text.text.split_once('#');
            let valid = parts.is_some_and(|(module, name)| !module.is_empty() && !name.is_empty());
            (valid, "openai#OpenAI")
        }
        LanguageId::Rust => {
            let name = whole.unwrap_or(text.text);
            (name.split("::").all(is_name) && text.text.contains("::"), "async_openai::Client::new")
        }
    };
    if valid {
        return Ok(text.text.to_owned());
    }
    let flaw = table.flaw(text.line, format!("`{}` is no full name", text.text));
    Err(flaw.hint(format!("write module and name, such as `{example}`")))
}

/// A module, or `{factory}`, and a function in it.
fn replacement(table: &Table<'_>, text: Text<'_>, language: LanguageId) -> Result<Replacement, Flaw> {
    let joint = symbol::joint(language);
    let example = match language {
        LanguageId::Python => "{factory}.get_openai_client",
        LanguageId::Typescript => "{factory}#getOpenAIClient",
        LanguageId::Rust => "{factory}::client",
    };
    let refuse = || {
        let flaw = table.flaw(text.line, format!("`{}` names no function of a module", text.text));
        Err(flaw.hint(format!("write a module or `{FACTORY}`, and the function: `{example}`")))
    };
    let Some((module, function)) = text.text.rsplit_once(joint) else { return refuse() };
    let is_module = match language {
        LanguageId::Typescript => !module.is_empty() && !module.contains(['{', '}']),
        LanguageId::Python | LanguageId::Rust => module.split(joint).all(is_name),
    };
    if !is_name(function) || (module != FACTORY && !is_module) {
        return refuse();
    }
    let module = (module != FACTORY).then(|| module.to_owned());
    Ok(Replacement { module, function: function.to_owned(), classes: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, message: &str, hint: &str) {
        let text = format!("summary = 's'\n{text}");
        match rule("a", Path::new("a.toml"), &text) {
            Ok(_) => assert_eq!(message, "", "accepted: {text}"),
            Err(flaw) => {
                let hinted = flaw.hint.clone().unwrap_or_default();
                assert_eq!((flaw.to_string().as_str(), hinted.as_str()), (message, hint));
            }
        }
    }

    #[test]
    fn what_a_rule_says_wrong_is_named_with_its_line_and_the_nearest_right_word() {
        check("[pyhton]", "a.toml:2: unknown key `pyhton`", "did you mean `python`?");
        check("severity = 'err'", "a.toml:2: unknown severity `err`", "did you mean `error`?");
        check(
            "[[python.report]]\nrole = 'baseclass'",
            "a.toml:3: unknown role `baseclass`",
            "did you mean `base-class`?",
        );
        check(
            "[[python.construct]]\nsymbols = ['a.B']\nreplce = 'c.d'",
            "a.toml:4: unknown key `replce` in `[[python.construct]]`",
            "did you mean `replace`?",
        );
        check(
            "[[python.construct]]\nsymbols = ['a.B']\nreplace = '{factroy}.d'",
            "a.toml:4: `{factroy}.d` names no function of a module",
            "write a module or `{factory}`, and the function: `{factory}.get_openai_client`",
        );
        check(
            "[[python.construct]]\nsymbols = ['OpenAI']\nreplace = 'a.b'",
            "a.toml:3: `OpenAI` is no full name",
            "write module and name, such as `openai.OpenAI`",
        );
    }

    #[test]
    fn a_replacement_may_name_its_own_module_in_each_language() {
        let text = "summary = 's'\n\
            [[python.construct]]\nsymbols = ['a.B']\nreplace = 'c.d.e'\n\
            [[typescript.construct]]\nsymbols = ['a#default']\nreplace = 'lib/x#make'\n\
            [[rust.construct]]\nsymbols = ['a::B::new']\nreplace = '{factory}::make'\n";
        let rule = rule("a", Path::new("a.toml"), text).unwrap();
        let replace = |language| rule.languages[&language].construct[0].replace.clone();
        assert_eq!(replace(LanguageId::Python).module.as_deref(), Some("c.d"));
        assert_eq!(replace(LanguageId::Typescript).module.as_deref(), Some("lib/x"));
        assert_eq!(replace(LanguageId::Rust).module, None);
    }
}
