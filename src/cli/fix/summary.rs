//! What `fix` says to a person when it is done.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use anstyle::AnsiColor;

use crate::apply::Applied;
use crate::apply::FileStatus;
use crate::cli::args::FixArgs;
use crate::cli::session::Session;
use crate::edit::Applicability;
use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Standing;
use crate::report::Style;
use crate::report::count;
use crate::report::escape;
use crate::report::relative;

/// What was found, and what became of it.
pub(crate) struct Summary<'a> {
    pub(crate) scan: &'a Scan,
    pub(crate) applied: &'a Applied,
    /// Where fixes started; empty for the working directory.
    pub(crate) paths: &'a [PathBuf],
    pub(crate) args: &'a FixArgs,
}

impl Summary<'_> {
    /// Writes what was fixed, what was left and why, and what to do next.
    pub(crate) fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let paint = |wanted: anstyle::Style| if style.color { wanted } else { anstyle::Style::new() };
        let bold = paint(anstyle::Style::new().bold());
        let changed = self.with_status(FileStatus::Changed);
        let left = self.left();
        let fixed = self.standing().count() - left.len();
        if !style.quiet {
            let (verb, findings, files) = (self.verb(), count(fixed, "finding"), count(changed.len(), "file"));
            match changed.len() {
                0 => writeln!(out, "{bold}Nothing to fix{bold:#}.")?,
                _ => writeln!(out, "{bold}{verb} {findings}{bold:#} in {files}.")?,
            }
            let note = if self.args.staged { " (was not staged)" } else { " (outside the given paths)" };
            for path in &changed {
                let note = if self.is_outside(path, &style.cwd) { note } else { "" };
                writeln!(out, "  {}{note}", show(path, style))?;
            }
            write_left(out, &left, style)?;
        }
        self.write_files(out, style)?;
        let is_written = self.applied.id.is_some();
        if is_written && !style.quiet {
            let cyan = paint(AnsiColor::Cyan.on_default().bold());
            let staged = if self.args.staged { " in the work tree; `git add` then stages it" } else { "" };
            writeln!(out, "{cyan}hint{cyan:#}: `qmigrate undo` takes this back{staged}")?;
        }
        Ok(())
    }

    /// Says on standard error what a patch does not show.
    pub(crate) fn warn(&self, session: &Session) {
        for file in self.applied.files.iter().filter(|file| file.status != FileStatus::Changed) {
            let reason = file.reason.as_deref().unwrap_or_default();
            session.tell(&format!("`{}` {reason}, and is left alone", relative(&file.path, &session.cwd)));
        }
        for problem in &self.scan.problems {
            let path = relative(&problem.path, &session.cwd);
            session.tell(&format!("{path}:{}: {}", problem.position.line, problem.message));
        }
    }

    fn verb(&self) -> &'static str {
        if self.args.check || self.args.dry_run { "Would fix" } else { "Fixed" }
    }

    fn with_status(&self, status: FileStatus) -> Vec<&Path> {
        let files = self.applied.files.iter().filter(|file| file.status == status);
        files.map(|file| file.path.as_path()).collect()
    }

    fn is_outside(&self, path: &Path, cwd: &Path) -> bool {
        let mut starts: Vec<&Path> = self.paths.iter().map(PathBuf::as_path).collect();
        if starts.is_empty() {
            starts.push(cwd);
        }
        !starts
            .iter()
            .any(|start| path.starts_with(start) || start.canonicalize().is_ok_and(|start| path.starts_with(start)))
    }

    fn standing(&self) -> impl Iterator<Item = &Finding> {
        let is_standing = |finding: &&Finding| !matches!(finding.standing, Standing::Suppressed { .. });
        self.scan.findings.iter().filter(is_standing)
    }

    /// The findings whose fix did not land, each with why.
    fn left(&self) -> Vec<(&Finding, String)> {
        let changed: BTreeSet<&Path> = self.with_status(FileStatus::Changed).into_iter().collect();
        let mut real: BTreeMap<&Path, PathBuf> = BTreeMap::new();
        let mut left = Vec::new();
        for finding in self.standing() {
            let Some(fix) = &finding.fix else {
                let reason = finding.held_back.as_ref().unwrap_or(&finding.message);
                left.push((finding, reason.clone()));
                continue;
            };
            if fix.applicability == Applicability::Unsafe && !self.args.r#unsafe {
                left.push((finding, "the fix needs a look: `--unsafe` applies it".to_owned()));
                continue;
            }
            let missing = fix.edits.iter().map(|edit| &*edit.path).find(|path| {
                let real =
                    real.entry(path).or_insert_with(|| path.canonicalize().unwrap_or_else(|_| path.to_path_buf()));
                !changed.contains(real.as_path()) && !changed.contains(path)
            });
            if let Some(path) = missing {
                left.push((finding, self.reason(path)));
            }
        }
        left
    }

    /// Why a file of a fix was not changed.
    fn reason(&self, path: &Path) -> String {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let files = &self.applied.files;
        let file = files.iter().find(|file| file.path == path || file.path == real);
        let reason = file.and_then(|file| file.reason.clone());
        reason.map_or_else(|| "not chosen".to_owned(), |reason| format!("the file {reason}"))
    }

    fn write_files(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let files = self.applied.files.iter().filter(|file| file.status != FileStatus::Changed);
        let mut files = files.peekable();
        if files.peek().is_some() || !self.scan.problems.is_empty() {
            writeln!(out, "Left alone:")?;
        }
        let mut is_dirty = false;
        for file in files {
            let reason = file.reason.as_deref().unwrap_or_default();
            is_dirty |= file.status == FileStatus::HeldBack;
            writeln!(out, "  {}: {}", show(&file.path, style), escape(reason))?;
        }
        for problem in &self.scan.problems {
            let (path, position) = (show(&problem.path, style), problem.position);
            let (kind, message) = (problem.kind.name(), escape(&problem.message));
            writeln!(out, "  {path}:{}:{}: {kind}: {message}", position.line, position.column)?;
        }
        if is_dirty && !self.args.allow_dirty && !style.quiet {
            writeln!(out, "hint: commit first, or `--allow-dirty` edits files with uncommitted changes too")?;
        }
        Ok(())
    }
}

/// Writes the findings that are left, a line each.
fn write_left(out: &mut dyn Write, left: &[(&Finding, String)], style: &Style) -> io::Result<()> {
    if !left.is_empty() {
        writeln!(out, "{} left:", count(left.len(), "finding"))?;
    }
    for (finding, reason) in left {
        let (path, start) = (show(&finding.path, style), finding.start);
        let cell = finding.cell.map_or_else(String::new, |cell| format!(":cell {cell}"));
        let (rule, reason) = (escape(&finding.rule), escape(reason));
        writeln!(out, "  {path}{cell}:{}:{}: {rule}: {reason}", start.line, start.column)?;
    }
    Ok(())
}

fn show(path: &Path, style: &Style) -> String {
    escape(&relative(path, &style.cwd)).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::apply::FileOutcome;
    use crate::cli::args::Cli;
    use crate::cli::args::Command;
    use crate::edit::Edit;
    use crate::edit::Fix;
    use crate::finding::Severity;
    use crate::source::LanguageId;
    use crate::source::Position;
    use crate::source::Span;

    fn finding(path: &str, applicability: Option<Applicability>) -> Finding {
        let path: std::sync::Arc<Path> = Path::new(path).into();
        let edit = Edit { path: path.clone(), cell: None, span: Span::at(0), text: String::new() };
        Finding {
            rule: "direct-client".into(),
            severity: Severity::Error,
            language: LanguageId::Python,
            span: Span::at(0),
            start: Position { line: 3, column: 5 },
            end: Position { line: 3, column: 9 },
            cell: None,
            symbol: "openai.OpenAI".to_owned(),
            message: "constructed directly".to_owned(),
            standing: Standing::New,
            fingerprint: String::new(),
            held_back: applicability.is_none().then(|| "it is a base class".to_owned()),
            fix: applicability.map(|applicability| Fix { applicability, title: String::new(), edits: vec![edit] }),
            note: None,
            path,
        }
    }

    fn outcome(path: &str, status: FileStatus, reason: Option<&str>) -> FileOutcome {
        FileOutcome { path: path.into(), status, reason: reason.map(str::to_owned) }
    }

    fn check(arguments: &str, expected: &str) {
        let cli = Cli::try_parse_from(arguments.split(' ')).unwrap();
        let Command::Fix(args) = &cli.command else { panic!("not a fix: {arguments}") };
        let findings = vec![
            finding("/p/app/a.py", Some(Applicability::Safe)),
            finding("/p/app/b.py", Some(Applicability::Safe)),
            finding("/p/app/c.py", Some(Applicability::Unsafe)),
            finding("/p/app/d\u{1b}.py", None),
        ];
        let scan = Scan { findings, ..Scan::default() };
        let files = vec![
            outcome("/p/app/a.py", FileStatus::Changed, None),
            outcome("/p/app/b.py", FileStatus::HeldBack, Some("has uncommitted changes")),
            outcome("/p/tests/a.py", FileStatus::Changed, None),
        ];
        let applied = Applied { id: Some("1".to_owned()), files };
        let paths = [PathBuf::from("/p/app")];
        let style = Style { cwd: "/p".into(), quiet: cli.global.quiet, ..Style::default() };
        let summary = Summary { scan: &scan, applied: &applied, paths: &paths, args };
        let mut out = Vec::new();
        summary.write(&mut out, &style).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn what_was_fixed_and_what_is_left_and_why() {
        check(
            "qmigrate fix app",
            "\
Fixed 1 finding in 2 files.
  app/a.py
  tests/a.py (outside the given paths)
3 findings left:
  app/b.py:3:5: direct-client: the file has uncommitted changes
  app/c.py:3:5: direct-client: the fix needs a look: `--unsafe` applies it
  app/d\\u{1b}.py:3:5: direct-client: it is a base class
Left alone:
  app/b.py: has uncommitted changes
hint: commit first, or `--allow-dirty` edits files with uncommitted changes too
hint: `qmigrate undo` takes this back
",
        );
    }

    #[test]
    fn a_quiet_fix_names_only_what_was_left_alone() {
        check("qmigrate fix app -q", "Left alone:\n  app/b.py: has uncommitted changes\n");
    }
}
