//! `qmigrate rule`: what the rules are, why, and whether one's own rules work.

mod fixture;
mod test;
mod trial;

use std::collections::BTreeSet;
use std::io;
use std::io::Write;

use anstyle::AnsiColor;
use anyhow::Result;

pub(crate) use test::test;

use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::Session;
use crate::cli::session::known;
use crate::finding::Severity;
use crate::language;
use crate::language::Language;
use crate::report::Style;
use crate::report::escape;
use crate::report::relative;
use crate::rule::Replacement;
use crate::rule::Rule;
use crate::rule::load::every;
use crate::source::LanguageId;
use crate::symbol;

/// Lists every rule with its severity, one a line.
pub(crate) fn list(session: &Session) -> Result<Exit> {
    let config = session.config()?;
    let rules = every(&config)?;
    let style = session.style(&config);
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    output::print(|out| {
        rules.iter().try_for_each(|rule| {
            let accent = accent(rule.severity, &style);
            let severity = format!("{:7}", rule.severity.name());
            let (id, summary, origin) = (&rule.id, escape(&rule.summary), origin(rule, &style));
            writeln!(out, "{id:width$}  {accent}{severity}{accent:#}  {summary}{origin}")
        })
    })?;
    Ok(Exit::Success)
}

/// Tells why a rule objects, and what to write instead.
pub(crate) fn explain(session: &Session, id: &str) -> Result<Exit> {
    let config = session.config()?;
    let rules = every(&config)?;
    let rule = known(&rules, id)?;
    let style = session.style(&config);
    output::print(|out| write(out, rule, &style))?;
    Ok(Exit::Success)
}

fn write(out: &mut dyn Write, rule: &Rule, style: &Style) -> io::Result<()> {
    let bold = if style.color { anstyle::Style::new().bold() } else { anstyle::Style::new() };
    let accent = accent(rule.severity, style);
    let (id, summary, severity) = (&rule.id, escape(&rule.summary), rule.severity.name());
    writeln!(out, "{bold}{id}{bold:#}: {summary}{}", origin(rule, style))?;
    writeln!(out, "severity: {accent}{severity}{accent:#}\n")?;
    for line in rule.why.lines() {
        writeln!(out, "{}", escape(line))?;
    }
    for (language, matchers) in &rule.languages {
        if matchers.construct.is_empty() {
            continue;
        }
        writeln!(out, "\n{bold}Replacements in {}{bold:#}", language.name())?;
        let mut before = None;
        for construct in &matchers.construct {
            if before.replace(&construct.replace) != Some(&construct.replace) {
                writeln!(out, "  {}", escape(&function(&construct.replace, *language)))?;
            }
            for symbol in &construct.symbols {
                writeln!(out, "    for {}", escape(symbol))?;
            }
        }
    }
    let marks: BTreeSet<&str> =
        rule.languages.keys().filter_map(|language| language::by_id(*language)).map(Language::comment).collect();
    let comments: Vec<String> = marks.iter().map(|mark| format!("`{mark} qmigrate: ignore[{id}] reason`")).collect();
    writeln!(out, "\nTo keep one place as it is, say why: {}", comments.join(" or "))
}

fn function(replace: &Replacement, language: LanguageId) -> String {
    symbol::join(language, replace.module.as_deref().unwrap_or("{factory}"), &replace.function)
}

fn origin(rule: &Rule, style: &Style) -> String {
    let file = rule.file.as_deref().map(|file| relative(file, &style.cwd));
    file.map_or_else(String::new, |file| format!(" ({})", escape(&file)))
}

fn accent(severity: Severity, style: &Style) -> anstyle::Style {
    if !style.color {
        return anstyle::Style::new();
    }
    match severity {
        Severity::Error => AnsiColor::Red.on_default(),
        Severity::Warning => AnsiColor::Yellow.on_default(),
        Severity::Info => AnsiColor::Cyan.on_default(),
        Severity::Off => anstyle::Style::new().dimmed(),
    }
}
