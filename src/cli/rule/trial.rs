//! Tries one fixture with the real engine, in a small project of its own.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::Result;
use tempfile::TempDir;

use crate::cli::rule::fixture::Fixture;
use crate::cli::rule::fixture::Kind;
use crate::config::Config;
use crate::edit::Change;
use crate::edit::Plan;
use crate::engine;
use crate::engine::Fixing;
use crate::engine::Options;
use crate::finding::Scan;
use crate::finding::Standing;
use crate::language::Language;
use crate::report::Style;
use crate::report::diff;
use crate::rule::Rule;
use crate::source::LanguageId;
use crate::source::SourceFile;

const MARK: &str = " finding:";

/// Says what is wrong with a fixture, if anything is.
pub(crate) fn run(rule: &Rule, rules: &[Rule], fixture: &Fixture, config: &Config) -> Result<Option<String>> {
    if let Kind::Broken { reason } = &fixture.kind {
        return Ok(Some(reason.clone()));
    }
    let trial = Trial::new(rule, rules, fixture, config)?;
    match &fixture.kind {
        Kind::Rewritten { before, after } => trial.rewritten(before, after),
        Kind::Clean { text } => trial.found(text, &[]),
        Kind::Found { text } => trial.found(text, &trial.marked(text)),
        Kind::Broken { reason } => Ok(Some(reason.clone())),
    }
}

/// A line of a file, or of a notebook's cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    cell: Option<u32>,
    line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cell {
            Some(cell) => write!(formatter, "cell {cell} line {}", self.line),
            None => write!(formatter, "line {}", self.line),
        }
    }
}

/// A project that holds a factory, and one file beside it.
struct Trial<'a> {
    rule: &'a Rule,
    rules: &'a [Rule],
    language: &'static dyn Language,
    config: Config,
    /// The fixture's place, relative to the project.
    file: PathBuf,
    folder: TempDir,
}

impl<'a> Trial<'a> {
    fn new(rule: &'a Rule, rules: &'a [Rule], fixture: &Fixture, config: &Config) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("qmigrate-").tempdir();
        let folder = folder.context("cannot make a folder for the fixture")?;
        let root = folder.path().canonicalize().context("cannot find the fixture's folder")?;
        let mut own = Config::defaults(root.clone());
        if !fixture.is_embedded {
            own.factory.clone_from(&config.factory);
            own.context.clone_from(&config.context);
        }
        own.roots = Some(vec![root.clone()]);
        let language = fixture.language;
        let argument = own.context.get(&language.id()).map(|context| context.argument.as_str());
        for (module, functions) in modules(rule, &own, language.id()) {
            for (file, text) in language.stub(&module, &functions, argument.unwrap_or("workspace_id")) {
                write(&root.join(file), &text)?;
            }
        }
        let file = language.trial_file(&fixture.extension);
        Ok(Self { rule, rules, language, config: own, file, folder })
    }

    /// A fix makes `after` of `before`; then nothing is left to find or to do.
    fn rewritten(&self, before: &str, after: &str) -> Result<Option<String>> {
        self.put(before)?;
        let Fixing { scan, plan, .. } = self.fix()?;
        if let Some(problem) = self.problem(&scan) {
            return Ok(Some(format!("before: {problem}")));
        }
        if self.places(&scan).is_empty() {
            return Ok(Some("before: nothing is found".to_owned()));
        }
        if let Some(held) = plan.held.first() {
            return Ok(Some(format!("the fix is not made: the file {}", held.reason)));
        }
        let path = self.path();
        let change = plan.changes.iter().find(|change| change.path == path);
        let result = change.map_or(before.as_bytes(), |change| change.after.as_slice());
        if result != after.as_bytes() {
            let reasons = scan.findings.iter().filter_map(|finding| finding.held_back.as_deref());
            let mut lines = vec!["the fix differs from `after`".to_owned()];
            lines.extend(reasons.map(|reason| format!("held back: {reason}")));
            lines.push(self.difference(after.as_bytes(), result)?);
            return Ok(Some(lines.join("\n")));
        }
        self.put(after)?;
        let Fixing { scan, plan, .. } = self.fix()?;
        if let Some(problem) = self.problem(&scan) {
            return Ok(Some(format!("after: {problem}")));
        }
        if let Some(place) = self.places(&scan).first() {
            return Ok(Some(format!("after: {place} is still found")));
        }
        if !plan.changes.is_empty() {
            return Ok(Some("a second fix changes something".to_owned()));
        }
        Ok(None)
    }

    /// Exactly the marked lines are found, and nothing is rewritten.
    fn found(&self, text: &str, expected: &[Place]) -> Result<Option<String>> {
        self.put(text)?;
        let Fixing { scan, plan, .. } = self.fix()?;
        if let Some(problem) = self.problem(&scan) {
            return Ok(Some(problem));
        }
        let places = self.places(&scan);
        if places != expected {
            return Ok(Some(format!("found: {}; expected: {}", shown(&places), shown(expected))));
        }
        if !plan.changes.is_empty() {
            return Ok(Some("a fix changes it".to_owned()));
        }
        Ok(None)
    }

    fn path(&self) -> PathBuf {
        self.config.root.join(&self.file)
    }

    fn put(&self, text: &str) -> Result<()> {
        write(&self.folder.path().join(&self.file), text)
    }

    fn fix(&self) -> Result<Fixing> {
        // A suppression can only be judged while the rules that it names are looked for.
        let select = if self.rule.languages.is_empty() { vec![] } else { vec![self.rule.id.to_string()] };
        let options = Options { cwd: self.config.root.clone(), select, threads: 1, ..Options::default() };
        Ok(engine::fix(&self.config, self.rules, &options, engine::Mode::default(), None, &|| {})?)
    }

    fn problem(&self, scan: &Scan) -> Option<String> {
        let path = self.path();
        let problem = scan.problems.iter().find(|problem| problem.path == path)?;
        Some(format!("line {}: {}", problem.position.line, problem.message))
    }

    /// The places that comments mark with the rule.
    fn marked(&self, text: &str) -> Vec<Place> {
        let source = SourceFile::from_bytes(self.path(), self.language.id(), text.as_bytes().to_vec());
        let place = |line: u32| {
            let start = source.line_span(line).start;
            Place { cell: source.cell(start).map(|cell| cell.number), line: source.position(start).line }
        };
        marked(source.text(), self.language.comment(), &self.rule.id).into_iter().map(place).collect()
    }

    /// The places at which the rule finds something that is not suppressed.
    fn places(&self, scan: &Scan) -> Vec<Place> {
        let path = self.path();
        let own = scan.findings.iter().filter(|finding| {
            finding.rule == self.rule.id && *finding.path == *path && finding.standing == Standing::New
        });
        own.map(|finding| Place { cell: finding.cell, line: finding.start.line }).collect()
    }

    fn difference(&self, expected: &[u8], result: &[u8]) -> Result<String> {
        let change = Change { path: self.path(), before: expected.to_vec(), after: result.to_vec(), unit: 0 };
        let plan = Plan { changes: vec![change], held: Vec::new() };
        let mut text = Vec::new();
        diff::write(&mut text, &plan, &self.config.root, &Style::default())?;
        let text = String::from_utf8_lossy(&text);
        // The first lines name the file twice.
        Ok(text.lines().skip(3).collect::<Vec<_>>().join("\n"))
    }
}

/// The modules that the rule's replacements live in, with their functions.
fn modules(rule: &Rule, config: &Config, language: LanguageId) -> BTreeMap<String, BTreeSet<String>> {
    let mut modules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let Some(factory) = config.factory.get(&language) else { return modules };
    modules.insert(factory.clone(), BTreeSet::new());
    for construct in rule.languages.get(&language).iter().flat_map(|matchers| &matchers.construct) {
        let module = construct.replace.module.as_ref().unwrap_or(factory);
        modules.entry(module.clone()).or_default().insert(construct.replace.function.clone());
    }
    modules
}

fn write(file: &Path, text: &str) -> Result<()> {
    let folder = file.parent().unwrap_or(file);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(file, text));
    written.with_context(|| format!("cannot write `{}`", file.display()))
}

fn shown(places: &[Place]) -> String {
    let places: Vec<String> = places.iter().map(Place::to_string).collect();
    if places.is_empty() { "nothing".to_owned() } else { places.join(", ") }
}

/// The lines that a comment at their end, or alone on the line above, marks with this rule.
fn marked(text: &str, comment: &str, rule: &str) -> Vec<u32> {
    let mark = format!("{comment}{MARK}");
    let mut lines = Vec::new();
    for (number, line) in (1u32..).zip(text.lines()) {
        let Some((code, rules)) = line.split_once(&mark) else { continue };
        let times = rules.split(',').filter(|id| id.trim() == rule).count();
        let marked = if code.trim().is_empty() { number + 1 } else { number };
        lines.extend(std::iter::repeat_n(marked, times));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_stands_at_the_end_of_a_line_or_alone_above_it() {
        let text = "a  # finding: x\n# finding: x, x\nb\nc  # finding: y\n";
        assert_eq!(marked(text, "#", "x"), [1, 3, 3]);
    }
}
