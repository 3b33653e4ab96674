//! `fix --dry-run` and `init`: a patch that `git apply` takes.
//!
//! Lines end at `\n` alone, as git has it; a lone carriage return is text like any other, and so is a byte that is
//! not UTF-8.

use std::fmt::Write as _;
use std::io;
use std::io::Write;
use std::path::Component;
use std::path::Path;

use anstyle::AnsiColor;
use similar::Algorithm;
use similar::DiffOp;
use similar::DiffTag;

use crate::edit::Change;
use crate::edit::Plan;
use crate::edit::Whole;

use super::Style;
use super::escape;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// Writes what the plan changes, with names as seen from `root`: git's, where there is one, so that `git apply` run
/// there gives byte for byte what `fix` writes.
///
/// Paths are taken as they are: [`crate::apply::resolve`] has links followed. On a terminal, text is escaped.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, plan: &Plan, root: &Path, style: &Style) -> io::Result<()> {
    for Change { path, before, after, .. } in &plan.changes {
        Sides { path, before: Some(before), after: Some(after) }.write(out, root, style)?;
    }
    Ok(())
}

/// The same for files that are made, replaced or removed as a whole.
///
/// # Errors
///
/// Those of `out`.
pub fn write_whole(out: &mut dyn Write, files: &[Whole], root: &Path, style: &Style) -> io::Result<()> {
    for Whole { path, before, after } in files {
        Sides { path, before: before.as_deref(), after: after.as_deref() }.write(out, root, style)?;
    }
    Ok(())
}

/// A file before and after; `None` where there is none.
struct Sides<'a> {
    path: &'a Path,
    before: Option<&'a [u8]>,
    after: Option<&'a [u8]>,
}

impl Sides<'_> {
    fn write(&self, out: &mut dyn Write, root: &Path, style: &Style) -> io::Result<()> {
        if self.before == self.after {
            return Ok(());
        }
        let bold = style.paint(anstyle::Style::new().bold());
        let name = name(self.path, root);
        let (old, new) = (quoted("a/", &name), quoted("b/", &name));
        writeln!(out, "{bold}diff --git {old} {new}{bold:#}")?;
        match (self.before, self.after) {
            (None, _) => writeln!(out, "{bold}new file mode 100644{bold:#}")?,
            (_, None) => writeln!(out, "{bold}deleted file mode 100644{bold:#}")?,
            _ => {}
        }
        let (before, after) = (lines(self.before.unwrap_or_default()), lines(self.after.unwrap_or_default()));
        if before.is_empty() && after.is_empty() {
            return Ok(());
        }
        // As git does it: without the tab, `patch` takes what follows a space for a date.
        let end = if name.contains(&b' ') { "\t" } else { "" };
        let head = |side: Option<&[u8]>, name: String| match side {
            Some(_) => format!("{name}{end}"),
            None => "/dev/null".to_owned(),
        };
        writeln!(out, "{bold}--- {}{bold:#}", head(self.before, old))?;
        writeln!(out, "{bold}+++ {}{bold:#}", head(self.after, new))?;
        write_hunks(out, &before, &after, style)
    }
}

fn write_hunks(out: &mut dyn Write, before: &[&[u8]], after: &[&[u8]], style: &Style) -> io::Result<()> {
    let ops = placed(similar::capture_diff_slices(Algorithm::Myers, before, after));
    for hunk in similar::group_diff_ops(ops, CONTEXT) {
        Hunk { ops: &hunk, before, after }.write(out, style)?;
    }
    Ok(())
}

/// A file's lines, each with its `\n`.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|&byte| byte == b'\n').collect()
}

/// Counts the places of operations anew: where one takes no line of a side, its place there may be out of date.
fn placed(ops: Vec<DiffOp>) -> Vec<DiffOp> {
    let (mut old_index, mut new_index) = (0, 0);
    let mut place = |op: DiffOp| {
        let (old_len, new_len) = (op.old_range().len(), op.new_range().len());
        let placed = match op.tag() {
            DiffTag::Equal => DiffOp::Equal { old_index, new_index, len: old_len },
            DiffTag::Delete => DiffOp::Delete { old_index, old_len, new_index },
            DiffTag::Insert => DiffOp::Insert { old_index, new_index, new_len },
            DiffTag::Replace => DiffOp::Replace { old_index, old_len, new_index, new_len },
        };
        (old_index, new_index) = (old_index + old_len, new_index + new_len);
        placed
    };
    ops.into_iter().map(&mut place).collect()
}

struct Hunk<'a> {
    ops: &'a [DiffOp],
    before: &'a [&'a [u8]],
    after: &'a [&'a [u8]],
}

impl Hunk<'_> {
    fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let (Some(first), Some(last)) = (self.ops.first(), self.ops.last()) else { return Ok(()) };
        let cyan = style.paint(AnsiColor::Cyan.on_default());
        let old = range(first.old_range().start, last.old_range().end);
        let new = range(first.new_range().start, last.new_range().end);
        writeln!(out, "{cyan}@@ -{old} +{new} @@{cyan:#}")?;
        let plain = anstyle::Style::new();
        let (red, green) = (AnsiColor::Red.on_default(), AnsiColor::Green.on_default());
        for op in self.ops {
            let old = self.before.get(op.old_range()).unwrap_or_default();
            let new = self.after.get(op.new_range()).unwrap_or_default();
            if op.tag() == DiffTag::Equal {
                write_lines(out, b' ', old, plain, style)?;
                continue;
            }
            write_lines(out, b'-', old, red, style)?;
            write_lines(out, b'+', new, green, style)?;
        }
        Ok(())
    }
}

/// A range of lines as a hunk's head has it: from 1, and before the next line where it is empty.
fn range(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        length => format!("{},{length}", start + 1),
    }
}

fn write_lines(out: &mut dyn Write, sign: u8, lines: &[&[u8]], color: anstyle::Style, style: &Style) -> io::Result<()> {
    let color = style.paint(color);
    for line in lines {
        let text = line.strip_suffix(b"\n");
        write!(out, "{color}")?;
        out.write_all(&[sign])?;
        write_text(out, text.unwrap_or(line), style)?;
        writeln!(out, "{color:#}")?;
        if text.is_none() {
            writeln!(out, "\\ No newline at end of file")?;
        }
    }
    Ok(())
}

/// Writes the text of a line: exactly, or escaped where a terminal reads it.
fn write_text(out: &mut dyn Write, text: &[u8], style: &Style) -> io::Result<()> {
    if !style.terminal {
        return out.write_all(text);
    }
    for (index, part) in String::from_utf8_lossy(text).split('\t').enumerate() {
        let tab = if index > 0 { "\t" } else { "" };
        write!(out, "{tab}{}", escape(part))?;
    }
    Ok(())
}

/// A file's name in a patch: its bytes, from `root`, with `/`.
fn name(path: &Path, root: &Path) -> Vec<u8> {
    let within = path.strip_prefix(root).unwrap_or(path);
    let parts = within.components().filter_map(|component| match component {
        Component::Normal(part) => Some(part.as_encoded_bytes()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join(&b'/')
}

/// Quotes a name as git does, where it has to be.
fn quoted(prefix: &str, name: &[u8]) -> String {
    let mut quoted = String::from(prefix);
    let mut is_plain = true;
    for &byte in name {
        let escape = match byte {
            b'"' | b'\\' => char::from(byte),
            0x07 => 'a',
            0x08 => 'b',
            b'\t' => 't',
            b'\n' => 'n',
            0x0b => 'v',
            0x0c => 'f',
            b'\r' => 'r',
            0x20..=0x7e => {
                quoted.push(char::from(byte));
                continue;
            }
            _ => {
                is_plain = false;
                let _ = write!(quoted, "\\{byte:03o}");
                continue;
            }
        };
        is_plain = false;
        quoted.push('\\');
        quoted.push(escape);
    }
    if is_plain { quoted } else { format!("\"{quoted}\"") }
}
