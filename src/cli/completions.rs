//! `qmigrate completions`: what a shell can offer.

use anyhow::Result;
use clap::CommandFactory;

use crate::cli::args::Cli;
use crate::cli::args::CompletionsArgs;
use crate::cli::exit::Exit;
use crate::cli::output;

/// Prints the completions for a shell.
pub(crate) fn completions(args: &CompletionsArgs) -> Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "qmigrate", &mut text);
    output::print(|out| out.write_all(&text))?;
    Ok(Exit::Success)
}
