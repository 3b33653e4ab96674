//! `fix --interactive`: asks before each change.

use std::collections::BTreeSet;
use std::io;
use std::io::BufRead;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::Result;

use crate::edit::Plan;
use crate::report;
use crate::report::Style;

const QUESTION: &str = "Apply this change? [y]es, [n]o, [a]ll in this file, [q]uit: ";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    All,
    Quit,
}

type Show<'a> = Box<dyn FnMut(&Plan) -> io::Result<Answer> + Send + 'a>;

/// Asks about one fix after the other, and remembers what was agreed to for whole files.
pub(crate) struct Asker<'a> {
    show: Show<'a>,
    agreed: BTreeSet<PathBuf>,
    has_quit: bool,
    failure: Option<io::Error>,
}

impl<'a> Asker<'a> {
    /// Shows fixes on standard output and reads answers from standard input.
    pub(crate) fn new(base: &'a Path, style: &'a Style) -> Self {
        Self::with(move |fix| {
            let mut out = io::stdout().lock();
            report::diff::write(&mut out, fix, base, style)?;
            ask(&mut io::stdin().lock(), &mut out)
        })
    }

    fn with(show: impl FnMut(&Plan) -> io::Result<Answer> + Send + 'a) -> Self {
        Self { show: Box::new(show), agreed: BTreeSet::new(), has_quit: false, failure: None }
    }

    /// Whether a fix shall be made. What lands together is one question.
    pub(crate) fn agrees(&mut self, fix: &Plan) -> bool {
        if self.has_quit {
            return false;
        }
        let mut paths = fix.changes.iter().map(|change| &change.path);
        if paths.any(|path| self.agreed.contains(path)) {
            return true;
        }
        match (self.show)(fix) {
            Ok(Answer::Yes) => true,
            Ok(Answer::No) => false,
            Ok(Answer::All) => {
                self.agreed.extend(fix.changes.iter().map(|change| change.path.clone()));
                true
            }
            Ok(Answer::Quit) => {
                self.has_quit = true;
                false
            }
            Err(error) => {
                self.has_quit = true;
                self.failure = Some(error);
                false
            }
        }
    }

    /// What kept it from asking, if anything did.
    pub(crate) fn finish(self) -> Result<()> {
        self.failure.map_or(Ok(()), |error| Err(error).context("cannot ask"))
    }
}

/// Asks until there is an answer; the end of the input is one.
fn ask(input: &mut impl BufRead, out: &mut impl Write) -> io::Result<Answer> {
    loop {
        write!(out, "{QUESTION}")?;
        out.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            writeln!(out)?;
            return Ok(Answer::Quit);
        }
        match line.trim().to_lowercase().as_str() {
            "y" | "yes" => return Ok(Answer::Yes),
            "n" | "no" => return Ok(Answer::No),
            "a" | "all" => return Ok(Answer::All),
            "q" | "quit" => return Ok(Answer::Quit),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Change;

    /// Asks about four fixes: in `a.py`, in `b.py`, in `a.py` and `c.py`, and in `d.py`.
    fn check(answers: &str, agreed: [bool; 4]) {
        let fix = |paths: &[&str]| {
            let change =
                |path: &&str| Change { path: path.into(), before: b"a".to_vec(), after: b"b".to_vec(), unit: 0 };
            Plan { changes: paths.iter().map(change).collect(), held: Vec::new() }
        };
        let (mut input, mut out) = (answers.as_bytes(), Vec::new());
        let mut asker = Asker::with(|_| ask(&mut input, &mut out));
        let fixes = [fix(&["a.py"]), fix(&["b.py"]), fix(&["a.py", "c.py"]), fix(&["d.py"])];
        assert_eq!(fixes.map(|fix| asker.agrees(&fix)), agreed);
    }

    #[test]
    fn each_fix_is_one_question() {
        check("y\nn\ny\nn\n", [true, false, true, false]);
        check("no\nwhat?\nYES\nn\nn\n", [false, true, false, false]);
    }

    #[test]
    fn all_is_for_the_files_of_the_fix() {
        check("a\nn\nn\n", [true, false, true, false]);
    }

    #[test]
    fn quitting_keeps_what_was_agreed_to() {
        check("y\nq\n", [true, false, false, false]);
        check("", [false; 4]);
    }
}
