//! What the user is told when a command cannot do its work.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Path;

use anstyle::AnsiColor;
use anyhow::Error;

use crate::apply::ApplyError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::config::ConfigError;
use crate::config::nearest::nearest;
use crate::engine::EngineError;
use crate::report::escape;
use crate::rule::load::RuleError;
use crate::store::baseline::BaselineError;

/// An error of the command line itself, with advice.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Hinted {
    message: String,
    hints: Vec<String>,
}

impl Hinted {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new() }
    }

    /// The same, with one more piece of advice.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// Prints an error with its causes and advice, and returns how the run ended.
///
/// A reader of standard output who leaves early is no error.
pub(crate) fn explain(error: &Error, session: Option<&Session>) -> Exit {
    if is_broken_pipe(error) {
        return Exit::Success;
    }
    let color = session.is_some_and(Session::colors_stderr);
    let paint = |style: anstyle::Style| if color { style } else { anstyle::Style::new() };
    let (red, cyan) = (paint(AnsiColor::Red.on_default().bold()), paint(AnsiColor::Cyan.on_default().bold()));
    let show = |text: &str| {
        let text = session.map_or_else(|| text.to_owned(), |session| session.shorten(text));
        escape(&text).into_owned()
    };
    let mut text = format!("{red}error{red:#}: {}\n", show(&error.to_string()));
    for cause in error.chain().skip(1) {
        let _ = writeln!(text, "  cause: {}", show(&cause.to_string()));
    }
    for hint in error.chain().flat_map(hints) {
        let _ = writeln!(text, "{cyan}hint{cyan:#}: {}", show(&hint));
    }
    // Nobody is left to be told that standard error is closed.
    let _ = io::stderr().write_all(text.as_bytes());
    Exit::Usage
}

fn is_broken_pipe(error: &Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>();
        io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// The advice that belongs to an error.
fn hints(error: &(dyn std::error::Error + 'static)) -> Vec<String> {
    if let Some(Hinted { hints, .. }) = error.downcast_ref() {
        return hints.clone();
    }
    if let Some(BaselineError::Broken { advice, .. }) = error.downcast_ref() {
        return vec![(*advice).to_owned()];
    }
    if let Some(ConfigError::Flaw(flaw)) = error.downcast_ref() {
        return flaw.hint.iter().cloned().collect();
    }
    if let Some(rule) = error.downcast_ref::<RuleError>() {
        return rule.hint().into_iter().collect();
    }
    match error.downcast_ref() {
        Some(EngineError::Missing(path)) => return neighbour(path).into_iter().collect(),
        Some(EngineError::AmbiguousFactory { .. }) => {
            return vec!["say where absolute imports start: `roots = [\"…\"]` in `qmigrate.toml`".to_owned()];
        }
        _ => {}
    }
    match error.downcast_ref() {
        Some(ApplyError::UnknownId(_) | ApplyError::DamagedEntry { .. }) => {
            vec!["`qmigrate undo --list` shows what can be taken back".to_owned()]
        }
        _ => Vec::new(),
    }
}

/// The name in the same folder that is most like a missing one.
fn neighbour(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let entries = fs::read_dir(path.parent()?).ok()?;
    let names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let found = nearest(name, names.iter().map(String::as_str))?;
    Some(format!("did you mean `{}`?", path.with_file_name(found).display()))
}
