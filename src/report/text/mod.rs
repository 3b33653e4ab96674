//! `--format text`: source frames, sums, and what to do next.

mod entry;
mod sums;

use std::io;
use std::io::Write;

use crate::finding::Finding;
use crate::finding::Scan;
use crate::finding::Standing;

use super::Style;
use super::count;
use super::escape;
use super::frame;
use super::grouped;

/// Writes the findings that stand, the problems, the sums, and a hint what to do next.
///
/// What is suppressed or in the baseline is only counted, unless the style is verbose. Warnings about the run are not
/// written here: they belong on standard error.
///
/// # Errors
///
/// Those of `out`.
pub fn write(out: &mut dyn Write, scan: &Scan, style: &Style) -> io::Result<()> {
    let is_shown = |found: &&Finding| style.verbose || found.standing == Standing::New;
    for found in scan.findings.iter().filter(is_shown) {
        entry::write_finding(out, found, scan.sources.get(&found.path), style)?;
    }
    for found in &scan.problems {
        entry::write_problem(out, found, style)?;
    }
    if let Some(remainder) = scan.baseline.as_ref().filter(|_| style.verbose) {
        entry::write_outdated(out, &remainder.outdated, style)?;
    }
    if style.quiet {
        return Ok(());
    }
    sums::write(out, scan, style)
}
