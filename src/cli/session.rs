//! What every command needs to know: where it runs, how it speaks, and the project's configuration.

use std::env;
use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use anstream::AutoStream;
use anstream::ColorChoice;
use anyhow::Result;

use crate::cli::args::Color;
use crate::cli::args::Global;
use crate::cli::args::Selection;
use crate::cli::error::Hinted;
use crate::config::Config;
use crate::config::nearest::advice;
use crate::engine::Exports;
use crate::engine::Options;
use crate::finding::Severity;
use crate::git::Repository;
use crate::report::Style;
use crate::report::escape;
use crate::rule;
use crate::rule::Rule;
use crate::schedule::Batch;
use crate::shelf::Shelf;
use crate::store::baseline;
use crate::tally::Tally;

/// Where a command runs, and how it speaks.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) cwd: PathBuf,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    config: Option<PathBuf>,
    color: Color,
    pub(crate) threads: usize,
}

impl Session {
    /// Takes what the command line says for all commands.
    pub(crate) fn new(global: &Global) -> io::Result<Self> {
        Ok(Self {
            cwd: env::current_dir()?,
            quiet: global.quiet,
            verbose: global.verbose,
            config: global.config.clone(),
            color: global.color,
            threads: global.threads.map_or(0, usize::from),
        })
    }

    /// The same, with nothing to say.
    pub(crate) fn silent(&self) -> Self {
        Self { quiet: true, ..self.clone() }
    }

    /// Reads the configuration that holds here.
    pub(crate) fn config(&self) -> Result<Config> {
        Ok(Config::load(&self.cwd, self.config.as_deref())?)
    }

    /// Reads the configuration that holds for a state of the project at `root`.
    pub(crate) fn config_from(&self, root: &Path, shelf: &dyn Shelf) -> Result<Config> {
        match self.config.as_deref() {
            Some(path) => Ok(Config::load(&self.cwd, Some(path))?),
            None => Ok(Config::load_from(root, shelf)?),
        }
    }

    /// The configuration that holds here, whichever file the user named for a new one.
    pub(crate) fn config_or_none(&self) -> Result<Config> {
        Ok(Config::load(&self.cwd, None)?)
    }

    /// Where a new configuration is written.
    pub(crate) fn config_target(&self, config: &Config) -> PathBuf {
        let named = self.config.as_deref().map(|path| self.absolute(path));
        named.unwrap_or_else(|| config.root.join("qmigrate.toml"))
    }

    /// Reads the rules in force, and refuses a selection that names others.
    pub(crate) fn rules(&self, config: &Config, selection: &Selection) -> Result<Vec<Rule>> {
        self.selected(rule::load::every(config)?, selection)
    }

    /// The same for a state of the project.
    pub(crate) fn rules_from(&self, config: &Config, shelf: &dyn Shelf) -> Result<Vec<Rule>> {
        self.selected(rule::load::every_on(config, Some(shelf))?, &Selection::default())
    }

    fn selected(&self, mut rules: Vec<Rule>, selection: &Selection) -> Result<Vec<Rule>> {
        for id in selection.select.iter().chain(&selection.ignore) {
            known(&rules, id)?;
        }
        let off = |id: &&String| rules.iter().any(|rule| *rule.id == ***id && rule.severity == Severity::Off);
        for id in selection.select.iter().filter(off) {
            self.warn(&format!("the rule `{id}` is off in the configuration"));
        }
        rules.retain(|rule| rule.severity != Severity::Off);
        Ok(rules)
    }

    /// What the engine is asked to look at.
    pub(crate) fn options(&self, selection: &Selection) -> Options {
        Options {
            cwd: self.cwd.clone(),
            paths: selection.paths.iter().map(|path| self.absolute(path)).collect(),
            stdin: None,
            shelf: None,
            select: selection.select.clone(),
            ignore: selection.ignore.clone(),
            languages: selection.language.clone(),
            baseline: None,
            threads: self.threads,
            watches: None,
            exports: Exports::Unasked,
            ahead: None,
        }
    }

    /// Where the baseline lies: the named file, else the project's.
    pub(crate) fn baseline_path(&self, config: &Config, named: Option<&Path>) -> PathBuf {
        named.map_or_else(|| config.root.join(baseline::NAME), |path| self.absolute(path))
    }

    /// What is known already: of the named file, else of the project's, if it has one.
    pub(crate) fn baseline(&self, config: &Config, named: Option<&Path>) -> Result<Option<Tally>> {
        let path = self.baseline_path(config, named);
        let found = baseline::read(&path)?;
        if found.is_none() && named.is_some() {
            let error = Hinted::new(format!("there is no baseline `{}`", path.display()));
            return Err(error.hint("`qmigrate baseline --baseline FILE` writes it").into());
        }
        Ok(found.map(|found| found.tally))
    }

    /// What is known already, as it lies on a shelf; where the shelf has no baseline, as on the disk.
    pub(crate) fn baseline_from(&self, config: &Config, shelf: &dyn Shelf) -> Result<Option<Tally>> {
        let path = self.baseline_path(config, None);
        match shelf.read(&path) {
            Some(bytes) => Ok(Some(baseline::from_bytes(&path, &bytes)?.tally)),
            None => self.baseline(config, None),
        }
    }

    /// The path from the root of the file system, without `.` and `..` where that says the same.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        let path: PathBuf = self.cwd.join(path).components().collect();
        if !path.components().any(|component| component == Component::ParentDir) {
            return path;
        }
        // Where a link precedes `..`, only the disk knows what is meant.
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return path.canonicalize().unwrap_or(path);
        };
        folder.canonicalize().map_or_else(|_| path.clone(), |folder| folder.join(name))
    }

    /// How a report on standard output looks.
    pub(crate) fn style(&self, config: &Config) -> Style {
        let stdout = io::stdout();
        Style { color: self.colors(&stdout), terminal: stdout.is_terminal(), ..self.plain_style(config) }
    }

    /// How a report in a file looks.
    pub(crate) fn plain_style(&self, config: &Config) -> Style {
        Style {
            color: self.color == Color::Always,
            cwd: self.cwd.clone(),
            root: config.root.clone(),
            verbose: self.verbose,
            quiet: self.quiet,
            terminal: false,
        }
    }

    /// Whether to colour standard error.
    pub(crate) fn colors_stderr(&self) -> bool {
        self.colors(&io::stderr())
    }

    fn colors<S: anstream::stream::RawStream>(&self, stream: &S) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => AutoStream::choice(stream) != ColorChoice::Never,
        }
    }

    /// Says on standard error what concerns the run as a whole, unless it is to be quiet.
    pub(crate) fn warn(&self, message: &str) {
        if !self.quiet {
            self.tell(message);
        }
    }

    /// Says on standard error what must be said.
    pub(crate) fn tell(&self, message: &str) {
        let yellow =
            if self.colors_stderr() { anstyle::AnsiColor::Yellow.on_default().bold() } else { anstyle::Style::new() };
        let message = self.shorten(message);
        // Nobody is left to be told that standard error is closed.
        let _ = writeln!(io::stderr(), "{yellow}warning{yellow:#}: {}", escape(&message));
    }

    /// A message in which paths below the working directory are as the user would write them.
    pub(crate) fn shorten(&self, message: &str) -> String {
        let cwd = self.cwd.to_string_lossy();
        if cwd.len() < 2 { message.to_owned() } else { message.replace(&format!("{cwd}/"), "") }
    }
}

/// Where paths start for programs that look at a whole repository: its root, else the project's.
pub(crate) fn base(config: &Config) -> PathBuf {
    let Some(repository) = Repository::find(&config.root) else { return config.root.clone() };
    // The same folder by the name under which files were found.
    let is_root = |folder: &&Path| folder.canonicalize().is_ok_and(|folder| folder == repository.root());
    let found = config.root.ancestors().find(is_root);
    found.unwrap_or(repository.root()).to_path_buf()
}

/// Refuses a rule that there is not, with the nearest one.
pub(crate) fn known<'a>(rules: &'a [Rule], id: &str) -> Result<&'a Rule> {
    if let Some(rule) = rules.iter().find(|rule| *rule.id == *id) {
        return Ok(rule);
    }
    let hint = advice(id, "known rules", rules.iter().map(|rule| &*rule.id));
    Err(Hinted::new(format!("unknown rule `{id}`")).hint(hint).into())
}

/// The batch with this name.
pub(crate) fn batch(batches: Vec<Batch>, name: &str) -> Result<Batch> {
    let names: Vec<String> = batches.iter().map(|batch| batch.name.clone()).collect();
    let found = batches.into_iter().find(|batch| batch.name == name);
    let hint = || match names.as_slice() {
        [] => "nothing is left to do".to_owned(),
        names => advice(name, "the batches", names.iter().map(String::as_str)),
    };
    found.ok_or_else(|| Hinted::new(format!("there is no batch `{name}`")).hint(hint()).into())
}
