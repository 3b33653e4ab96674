//! `qmigrate init`: writes a `qmigrate.toml` that fits the project, or a factory.

mod factory;
mod layout;
mod others;
mod survey;
mod template;

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::Result;

use crate::cli::args::InitArgs;
use crate::cli::error::Hinted;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::session::Session;
use crate::report::escape;
use crate::report::relative;
use crate::rule::load::builtin;
use crate::source::LanguageId;

/// Does what the flags say; without any, looks at the project, writes the file, and prints it.
pub(crate) fn init(session: &Session, args: &InitArgs) -> Result<Exit> {
    if args.factory.is_some() {
        return factory::scaffold(session, args);
    }
    if args.update {
        return factory::update(session, args);
    }
    if args.check {
        return factory::check(session);
    }
    let config = session.config_or_none()?;
    if let Some(file) = &config.file {
        let message = format!("the project has a configuration: `{}`", file.display());
        return Err(Hinted::new(message).hint("edit it, or move it away first").into());
    }
    let survey = survey::survey(&config.root);
    let text = template::fill(&survey);
    let path = session.config_target(&config);
    write_new(&path, &text)?;
    let shown = relative(&path, &session.cwd);
    output::print(|out| {
        if session.quiet {
            return Ok(());
        }
        writeln!(out, "Wrote `{}`:\n", escape(&shown))?;
        for line in text.lines() {
            writeln!(out, "    {}", escape(line))?;
        }
        if survey.factory.is_none() && survey.is_python {
            writeln!(
                out,
                "\nThere is no factory yet. `qmigrate init --factory python` shows one that counts every call; or write a \
                 module\nwith these functions, and name it in `[factory]`:"
            )?;
            for function in functions(LanguageId::Python) {
                writeln!(out, "    {function}(*, {}, **kwargs)", survey.argument)?;
            }
        }
        for other in survey.others.iter().filter(|other| other.factory.is_none()) {
            let (language, example) = match other.language {
                LanguageId::Rust => ("Rust", "pub fn client() -> Client<OpenAIConfig>"),
                _ => ("TypeScript", "export function getOpenAIClient({ …options })"),
            };
            writeln!(
                out,
                "\nThere is no factory in {language} yet. Write one, such as `{example}`, and name it in `[factory]`:"
            )?;
            for function in functions(other.language) {
                writeln!(out, "    {function}")?;
            }
        }
        writeln!(out, "\nhint: `qmigrate scan` shows what bypasses the factory")
    })?;
    Ok(Exit::Success)
}

fn write_new(path: &PathBuf, text: &str) -> Result<()> {
    let file = fs::OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| format!("cannot write `{}`", path.display()))
}

/// The functions that the built-in rules ask of a factory.
fn functions(language: LanguageId) -> Vec<String> {
    let mut functions = Vec::new();
    // The built-in rules are data of this program: they load, or a test fails.
    for rule in builtin().unwrap_or_default() {
        let Some(matchers) = rule.languages.get(&language) else { continue };
        functions.extend(matchers.construct.iter().map(|construct| construct.replace.function.clone()));
    }
    functions.dedup();
    functions
}
