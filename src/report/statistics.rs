//! Findings by rule, as numbers.

use std::io;
use std::io::Write;

use crate::finding::Scan;

/// Writes a line for each rule that found something: the count and the rule, most first.
///
/// # Errors
///
/// What writing fails with.
pub fn write(out: &mut dyn Write, scan: &Scan) -> io::Result<()> {
    let mut counts: Vec<(&String, &usize)> = scan.summary.by_rule.iter().collect();
    counts.sort_by_key(|(rule, count)| (std::cmp::Reverse(**count), *rule));
    let width = counts.first().map_or(0, |(_, count)| count.to_string().len());
    for (rule, count) in counts {
        writeln!(out, "{count:>width$}  {rule}")?;
    }
    Ok(())
}
