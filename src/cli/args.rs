//! What the command line may say.

mod history;
mod hook;
mod report;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ArgGroup;
use clap::Args;
use clap::Parser;
use clap::Subcommand;

pub(crate) use history::HistoryArgs;
pub(crate) use hook::HookCommand;
pub(crate) use hook::InstallArgs;
pub(crate) use hook::RunArgs;
pub(crate) use report::ReportArgs;
pub(crate) use values::Color;
pub(crate) use values::FailOn;
pub(crate) use values::FixFormat;
pub(crate) use values::HistoryFormat;
pub(crate) use values::PlanFormat;
pub(crate) use values::ReportFormat;
pub(crate) use values::ScanFormat;
pub(crate) use values::language;

use crate::source::LanguageId;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "qmigrate",
    version,
    about = "Moves direct OpenAI client constructions behind one factory, and keeps them there",
    long_about = None,
    max_term_width = 100,
    after_long_help = EXAMPLES
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The command lines of the hook, which git runs at each commit: to read one, the other commands need not be made known.
/// Whatever is no such line, help included, is for [`Cli`].
#[derive(Debug, Parser)]
#[command(name = "qmigrate")]
struct HookLine {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: HookOnly,
}

#[derive(Debug, Subcommand)]
enum HookOnly {
    #[command(subcommand)]
    Hook(HookCommand),
}

/// Reads a command line of the hook.
pub(crate) fn hook_line(arguments: &[OsString]) -> Option<Cli> {
    arguments.iter().any(|argument| argument == "hook").then_some(())?;
    let HookLine { global, command: HookOnly::Hook(command) } = HookLine::try_parse_from(arguments).ok()?;
    Some(Cli { global, command: Command::Hook(command) })
}

const EXAMPLES: &str = "\
Examples:
  qmigrate scan                    report what bypasses the factory
  qmigrate fix --dry-run           show the patch and write nothing
  qmigrate fix                     rewrite what can be rewritten safely
  qmigrate undo                    take the last fix back
  qmigrate rule explain direct-client

Exit codes:
  0  nothing to report, nothing went wrong
  1  scan: findings that count; fix --check: something would change; init --check: a file was changed
  2  usage, configuration or rule error: nothing was written
  3  the run finished, but a file could not be read, parsed or written";

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Read the configuration from FILE instead of looking for `qmigrate.toml`
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    pub(crate) config: Option<PathBuf>,
    /// When to use colour; `NO_COLOR` is respected
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value_t = Color::Auto,
        help_heading = "Global options"
    )]
    pub(crate) color: Color,
    /// Say only what must be said
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Say more, such as which findings are suppressed and why
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) verbose: bool,
    /// Use N threads instead of one for each core
    #[arg(
        long,
        global = true,
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=1024),
        help_heading = "Global options"
    )]
    pub(crate) threads: Option<u16>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Report what bypasses the factory
    Scan(ScanArgs),
    /// Rewrite what can be rewritten safely
    Fix(FixArgs),
    /// Take back the last fix, or the named one
    Undo(UndoArgs),
    /// The git pre-commit hook
    #[command(subcommand)]
    Hook(HookCommand),
    /// Record today's findings, so that only new ones fail
    Baseline(BaselineArgs),
    /// Batch the remaining work, critical path first
    Plan(PlanArgs),
    /// The live terminal dashboard
    Monitor(MonitorArgs),
    /// Burn-down through the git history
    History(HistoryArgs),
    /// One page for people who don't run the tool
    Report(ReportArgs),
    /// What the rules are, why, and whether your own work
    #[command(subcommand)]
    Rule(RuleCommand),
    /// Write a `qmigrate.toml` that fits the project, or a factory where there is none
    Init(InitArgs),
    /// Print shell completions
    Completions(CompletionsArgs),
}

/// What is looked at, and for what.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Selection {
    /// Files and folders; `-` reads one file from standard input
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Look only for these rules
    #[arg(long, value_name = "RULE,…", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Do not look for these rules
    #[arg(long, value_name = "RULE,…", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Look only at these languages
    #[arg(long, value_name = "LANG,…", value_delimiter = ',', value_parser = language())]
    pub(crate) language: Vec<LanguageId>,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qmigrate scan                              everything below the working directory
  qmigrate scan backend/ --fail-on warning   one folder; warnings count too
  qmigrate scan --select direct-client --format json --output findings.json
  qmigrate scan --format sarif --output qmigrate.sarif
  qmigrate scan --add-suppressions --reason \"moves with the new gateway\"
  git show HEAD:app/llm.py | qmigrate scan - --stdin-filename app/llm.py")]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// The name of the file that standard input holds
    #[arg(long, value_name = "NAME")]
    pub(crate) stdin_filename: Option<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = ScanFormat::Text)]
    pub(crate) format: ScanFormat,
    /// Write the report to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The least severity that counts for the exit code
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Error)]
    pub(crate) fail_on: FailOn,
    /// Exit with 0 even if there are findings
    #[arg(long)]
    pub(crate) exit_zero: bool,
    /// Print the number of findings by rule instead of the findings
    #[arg(long)]
    pub(crate) statistics: bool,
    /// Take the known findings from FILE [default: `qmigrate-baseline.txt` of the project, if it is there]
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    pub(crate) baseline: Option<PathBuf>,
    /// Take no finding for known
    #[arg(long)]
    pub(crate) no_baseline: bool,
    /// Report only findings that the commit REV does not have
    #[arg(long, value_name = "REV", conflicts_with = "add_suppressions")]
    pub(crate) since: Option<String>,
    /// Write a comment that suppresses it to each finding that stands as new, and no report
    #[arg(long, requires = "reason")]
    pub(crate) add_suppressions: bool,
    /// Why the findings may stay, for `--add-suppressions`
    #[arg(long, value_name = "TEXT", requires = "add_suppressions")]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qmigrate baseline                 record what is found today; later: check, and drop what is gone
  qmigrate baseline --prune         drop what is gone, and add nothing
  qmigrate baseline --accept-new    record new findings too

Commit the file. From then on, `qmigrate scan` fails only on findings beyond it. Without a flag, a baseline never grows:
new findings are refused with exit code 2.")]
pub(crate) struct BaselineArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Write FILE instead of `qmigrate-baseline.txt` of the project
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Drop findings that are gone, and add none
    #[arg(long)]
    pub(crate) prune: bool,
    /// Record findings too that are new
    #[arg(long)]
    pub(crate) accept_new: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qmigrate fix --dry-run                  show the patch and write nothing
  qmigrate fix --dry-run | git apply      what `fix` does, by hand
  qmigrate fix backend/                   start from one folder; its tests elsewhere follow
  qmigrate fix --interactive              ask before each change
  qmigrate fix --check                    in CI: exit 1 if something would change

`qmigrate undo` takes the last fix back.")]
pub(crate) struct FixArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Print the patch and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write nothing, and exit with 1 if something would change
    #[arg(long)]
    pub(crate) check: bool,
    /// Apply fixes too that are likely right but need a look
    #[arg(long)]
    pub(crate) r#unsafe: bool,
    /// Ask before each change: yes, no, all in this file, quit
    #[arg(long, conflicts_with_all = ["dry_run", "check"])]
    pub(crate) interactive: bool,
    /// Fix only the files of one batch, as `qmigrate plan` names it
    #[arg(long, value_name = "NAME")]
    pub(crate) batch: Option<String>,
    /// Fix what git has staged, and the work tree with it where that is the same
    #[arg(long, conflicts_with_all = ["allow_dirty", "batch"])]
    pub(crate) staged: bool,
    /// Edit files too that have changes git does not know
    #[arg(long)]
    pub(crate) allow_dirty: bool,
    /// The form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = FixFormat::Text)]
    pub(crate) format: FixFormat,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Batches are those of `[[batch]]` in `qmigrate.toml`; where there are none, files are put into batches along the
project's imports: first those that wait for no other file, and of them those that most entry points depend on.

Examples:
  qmigrate plan                      every batch, with its criteria and first files
  qmigrate plan --next 5             the next five files
  qmigrate plan --batch batch-1    one batch
  qmigrate plan --format markdown    a page for an issue or a wiki
  qmigrate fix --batch batch-1     do one")]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// The form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = PlanFormat::Text)]
    pub(crate) format: PlanFormat,
    /// Show only the next N files
    #[arg(long, value_name = "N")]
    pub(crate) next: Option<u16>,
    /// Show only this batch
    #[arg(long, value_name = "NAME")]
    pub(crate) batch: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qmigrate undo          take the last fix back
  qmigrate undo --list   what can be taken back
  qmigrate undo ID       take one of them back")]
pub(crate) struct UndoArgs {
    /// The fix to take back, as `--list` names it; the last one by default
    #[arg(value_name = "ID", conflicts_with = "list")]
    pub(crate) id: Option<String>,
    /// List the fixes that can be taken back
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qmigrate monitor                      the whole project, live; `?` lists the keys
  qmigrate monitor backend/             one folder
  qmigrate monitor --once               the same numbers as text
  qmigrate monitor --once --format json")]
pub(crate) struct MonitorArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Print the numbers and end, with no dashboard
    #[arg(long)]
    pub(crate) once: bool,
    /// The form of the numbers
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = FixFormat::Text, requires = "once")]
    pub(crate) format: FixFormat,
    /// Apply fixes too that are likely right but need a look
    #[arg(long)]
    pub(crate) r#unsafe: bool,
    /// Where the key `e` writes what `scan --format json` says
    #[arg(long, value_name = "FILE", default_value = "qmigrate-scan.json")]
    pub(crate) export: PathBuf,
    /// Take the mouse: the wheel scrolls, the button selects
    #[arg(long)]
    pub(crate) mouse: bool,
    /// Look at the files every two seconds instead of being told of changes, as some network mounts need
    #[arg(long)]
    pub(crate) poll: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuleCommand {
    /// List the rules, with their severities
    List,
    /// Tell why a rule objects, and what to write instead
    Explain {
        /// The rule's id, such as `direct-client`
        #[arg(value_name = "RULE")]
        rule: String,
    },
    /// Check rules against their fixtures
    #[command(after_long_help = "\
The fixtures of a rule are small files in `fixtures/RULE/LANGUAGE/` of the rules' folder, of the folder above it, or of the
project:

  before.py + after.py, or NAME.before.py + NAME.after.py   what `fix` makes of a file
  clean.py, or NAME.clean.py                                 nothing to find
  found.py, or NAME.found.py                                 found where a line ends with `# finding: RULE`

and with the endings of other languages in `typescript` and `rust`.

Examples:
  qmigrate rule test                     every rule
  qmigrate rule test anthropic-client    one of yours")]
    Test {
        /// The rules to check; all by default
        #[arg(value_name = "RULE")]
        rules: Vec<String>,
    },
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("writing").args(["factory", "update"]))]
#[command(after_long_help = "\
Examples:
  qmigrate init                              write `qmigrate.toml` into the project's folder
  qmigrate init --factory python             show the factory that the project would get
  qmigrate init --factory python --write     write it, and `QMIGRATE.lock` with a hash of each file
  qmigrate init --check                      in CI: exit 1 if a file of the factory was changed
  qmigrate init --update --write             bring it to this program's version

`qmigrate undo` takes back what `--write` wrote.")]
pub(crate) struct InitArgs {
    /// Show a factory that counts, prices and limits every call
    ///
    /// For a project that has none, or in the place of one that is committed and offers nothing besides.
    #[arg(long, value_name = "LANGUAGE", value_parser = ["python"])]
    pub(crate) factory: Option<String>,
    /// The folder that imports of the factory start from [default: as the project's layout has it]
    #[arg(long, value_name = "DIR", requires = "factory")]
    pub(crate) dest: Option<PathBuf>,
    /// Compare the factory's files with `QMIGRATE.lock`, and exit with 1 if any differs
    #[arg(long, conflicts_with = "writing")]
    pub(crate) check: bool,
    /// Show how the factory differs from the one that this program has
    #[arg(long)]
    pub(crate) update: bool,
    /// Merge the update into files that were changed here
    #[arg(long, requires = "update")]
    pub(crate) force: bool,
    /// Write what is shown otherwise
    #[arg(long, requires = "writing")]
    pub(crate) write: bool,
}

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qmigrate completions bash > ~/.local/share/bash-completion/completions/qmigrate
  qmigrate completions zsh > ~/.zfunc/_qmigrate
  qmigrate completions fish > ~/.config/fish/completions/qmigrate.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell to print completions for
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
