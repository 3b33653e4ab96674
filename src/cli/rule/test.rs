//! `qmigrate rule test`: checks rules against their fixtures.

use std::io;
use std::io::Write;

use anstyle::AnsiColor;
use anyhow::Result;

use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::rule::fixture;
use crate::cli::rule::trial;
use crate::cli::session::Session;
use crate::cli::session::known;
use crate::report::Style;
use crate::report::escape;
use crate::report::relative;
use crate::rule::Rule;
use crate::rule::load::every;

/// What was tried, and what came of it.
struct Outcome {
    rule: String,
    fixture: String,
    failure: Option<String>,
}

/// Tries the fixtures of the named rules, or of all, and says which hold.
pub(crate) fn test(session: &Session, ids: &[String]) -> Result<Exit> {
    let config = session.config()?;
    let rules = every(&config)?;
    let chosen: Vec<&Rule> = match ids {
        [] => rules.iter().collect(),
        _ => ids.iter().map(|id| known(&rules, id)).collect::<Result<_>>()?,
    };
    let mut outcomes = Vec::new();
    let mut is_lacking = false;
    for rule in chosen {
        let fixtures = fixture::of(rule, &config)?;
        if fixtures.is_empty() {
            let languages = || rule.languages.keys().map(|language| language.name());
            let folders = fixture::folders(rule, &config);
            let folders = folders.iter().flat_map(|folder| languages().map(|language| folder.join(language)));
            let folders: Vec<String> = folders.map(|folder| format!("`{}`", relative(&folder, &session.cwd))).collect();
            session.warn(&format!("the rule `{}` has no fixtures; looked in {}", rule.id, folders.join(", ")));
            is_lacking = true;
        }
        for fixture in fixtures {
            let failure = trial::run(rule, &rules, &fixture, &config)?;
            outcomes.push(Outcome { rule: rule.id.to_string(), fixture: fixture.name, failure });
        }
    }
    let style = session.style(&config);
    output::print(|out| write(out, &outcomes, &style))?;
    let has_failed = outcomes.iter().any(|outcome| outcome.failure.is_some());
    let is_named = !ids.is_empty();
    Ok(if has_failed || (is_lacking && is_named) { Exit::Findings } else { Exit::Success })
}

fn write(out: &mut dyn Write, outcomes: &[Outcome], style: &Style) -> io::Result<()> {
    let paint = |color: AnsiColor| if style.color { color.on_default() } else { anstyle::Style::new() };
    let (green, red) = (paint(AnsiColor::Green), paint(AnsiColor::Red));
    for Outcome { rule, fixture, failure } in outcomes {
        let fixture = escape(fixture);
        let Some(failure) = failure else {
            if !style.quiet {
                writeln!(out, "{green}ok{green:#}    {rule} {fixture}")?;
            }
            continue;
        };
        let mut lines = failure.lines();
        let first = lines.next().unwrap_or_default();
        writeln!(out, "{red}FAIL{red:#}  {rule} {fixture}: {}", escape(first))?;
        for line in lines {
            writeln!(out, "      {}", escape(line))?;
        }
    }
    let failed = outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
    writeln!(out, "{} passed, {failed} failed", outcomes.len() - failed)
}
