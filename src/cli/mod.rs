#![expect(
    clippy::disallowed_methods,
    reason = "what the user names on the command line is looked at here: standard input, `--output`, `init`"
)]
//! The command line: reads arguments, calls the library, prints, and says how it ended.

mod args;
mod baseline;
mod completions;
mod error;
mod exit;
mod fix;
mod history;
mod hook;
mod init;
mod monitor;
mod output;
mod past;
mod plan;
mod progress;
mod report;
mod rule;
mod scan;
mod session;
mod undo;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::ColorChoice;
use clap::CommandFactory;
use clap::FromArgMatches;

use args::Cli;
use args::Command;
use args::HookCommand;
use args::RuleCommand;
use error::Hinted;
use exit::Exit;
use session::Session;

/// Runs the program with the arguments of the process, and returns its exit code.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().collect();
    let read = || {
        let command = Cli::command().color(color(&arguments));
        command.try_get_matches_from(&arguments).and_then(|matches| Cli::from_arg_matches(&matches))
    };
    let cli = match args::hook_line(&arguments).map_or_else(read, Ok) {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to standard output, and whoever reads it may leave early.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Success.into() };
        }
    };
    let session = Session::new(&cli.global);
    let ended = session.as_ref().map_or_else(
        |_| Err(Hinted::new("cannot tell the working directory").into()),
        |session| dispatch(session, &cli.command),
    );
    let exit = ended.unwrap_or_else(|error| error::explain(&error, session.ok().as_ref()));
    exit.into()
}

fn dispatch(session: &Session, command: &Command) -> Result<Exit> {
    match command {
        Command::Scan(args) => scan::scan(session, args),
        Command::Fix(args) => fix::fix(session, args),
        Command::Undo(args) => undo::undo(session, args),
        Command::Baseline(args) => baseline::baseline(session, args),
        Command::Rule(RuleCommand::List) => rule::list(session),
        Command::Rule(RuleCommand::Explain { rule }) => rule::explain(session, rule),
        Command::Rule(RuleCommand::Test { rules }) => rule::test(session, rules),
        Command::Init(args) => init::init(session, args),
        Command::Completions(args) => completions::completions(args),
        Command::Hook(HookCommand::Install(args)) => hook::install(session, args),
        Command::Hook(HookCommand::Uninstall) => hook::uninstall(session),
        Command::Hook(HookCommand::Run(args)) => hook::run(session, args),
        Command::Plan(args) => plan::plan(session, args),
        Command::Monitor(args) => monitor::monitor(session, args),
        Command::History(args) => history::history(session, args),
        Command::Report(args) => report::report(session, args),
    }
}

/// The colour that errors of the command line itself are shown in, which come before it is understood.
fn color(arguments: &[OsString]) -> ColorChoice {
    let mut words = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--color") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('='),
            None => continue,
        };
        match value {
            Some("always") => return ColorChoice::Always,
            Some("never") => return ColorChoice::Never,
            _ => {}
        }
    }
    ColorChoice::Auto
}
