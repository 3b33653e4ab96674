//! `fix --interactive`: asks before each change.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::io::BufRead;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::Result;

use crate::edit::Change;
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

/// Shows each unit of the plan and asks; returns the plan of those that were agreed to.
///
/// Changes that land together are one question.
pub(crate) fn choose(plan: Plan, base: &Path, style: &Style) -> Result<Plan> {
    let mut input = io::stdin().lock();
    let mut out = io::stdout().lock();
    select(plan, |unit| {
        report::diff::write(&mut out, unit, base, style)?;
        ask(&mut input, &mut out)
    })
    .context("cannot ask")
}

fn select(plan: Plan, mut ask: impl FnMut(&Plan) -> io::Result<Answer>) -> io::Result<Plan> {
    let Plan { changes, held } = plan;
    let mut units: BTreeMap<(PathBuf, usize), Vec<Change>> = BTreeMap::new();
    let mut first: BTreeMap<usize, PathBuf> = BTreeMap::new();
    for change in changes {
        let path = first.entry(change.unit).or_insert_with(|| change.path.clone());
        units.entry((path.clone(), change.unit)).or_default().push(change);
    }
    let mut agreed: BTreeSet<PathBuf> = BTreeSet::new();
    let mut chosen = Plan { changes: Vec::new(), held };
    for changes in units.into_values() {
        let unit = Plan { changes, held: Vec::new() };
        let is_agreed = unit.changes.iter().any(|change| agreed.contains(&change.path));
        let answer = if is_agreed { Answer::Yes } else { ask(&unit)? };
        match answer {
            Answer::Quit => break,
            Answer::No => continue,
            Answer::All => agreed.extend(unit.changes.iter().map(|change| change.path.clone())),
            Answer::Yes => {}
        }
        chosen.changes.extend(unit.changes);
    }
    chosen.changes.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(chosen)
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

    fn change(path: &str, unit: usize) -> Change {
        Change { path: path.into(), before: b"a".to_vec(), after: b"b".to_vec(), unit }
    }

    fn check(answers: &str, chosen: &[&str]) {
        let changes = vec![change("a.py", 1), change("b.py", 2), change("c.py", 1), change("d.py", 3)];
        let (mut input, mut out) = (answers.as_bytes(), Vec::new());
        let plan = Plan { changes, held: Vec::new() };
        let plan = select(plan, |_| ask(&mut input, &mut out)).unwrap();
        let paths: Vec<_> = plan.changes.iter().map(|change| change.path.to_str().unwrap()).collect();
        assert_eq!(paths, chosen);
    }

    #[test]
    fn what_lands_together_is_one_question() {
        check("y\nn\ny\n", &["a.py", "c.py", "d.py"]);
        check("no\nwhat?\nYES\nn\n", &["b.py"]);
    }

    #[test]
    fn quitting_keeps_what_was_agreed_to() {
        check("y\nq\n", &["a.py", "c.py"]);
        check("", &[]);
    }
}
