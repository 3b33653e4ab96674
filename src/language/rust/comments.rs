//! Suppression comments.

use crate::outline::Suppression;
use crate::source::SourceFile;
use crate::source::Span;

use super::text;
use super::text::Lexed;

/// Reads the comments that speak to qmigrate. Comments of documentation speak to others.
pub(super) fn suppressions(source: &SourceFile, lexed: &Lexed) -> Vec<Suppression> {
    if !source.text().contains("qmigrate:") {
        return Vec::new();
    }
    let length = u32::try_from(source.text().len()).unwrap_or(u32::MAX);
    let gaps = text::gaps(lexed, length);
    let mut found = Vec::new();
    for gap in &gaps {
        for span in comments(source, *gap) {
            let text = source.slice(span);
            let Some((whole_file, rules, reason)) = crate::rule::read_suppression(text.trim_start_matches('/')) else {
                continue;
            };
            let line = source.line_span(source.line(span.start));
            let own_line = source.slice(Span::new(line.start, span.start)).trim().is_empty();
            let is_first = gaps.first().is_some_and(|first| first.contains(span));
            found.push(Suppression { span, rules, reason, whole_file: whole_file && is_first, own_line });
        }
    }
    found
}

/// The line comments in a gap between tokens.
fn comments(source: &SourceFile, gap: Span) -> Vec<Span> {
    let text = source.slice(gap);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let line = rest.find("//");
        let block = rest.find("/*");
        match (line, block) {
            (Some(line), block) if block.is_none_or(|block| line < block) => {
                let start = at + line;
                let end =
                    text.get(start..).and_then(|rest| rest.find(['\n', '\r'])).map_or(text.len(), |end| start + end);
                let place = |at: usize| gap.start + u32::try_from(at).unwrap_or(0);
                found.push(Span::new(place(start), place(end)));
                at = end;
            }
            (_, Some(block)) => at = after_block(text, at + block),
            _ => break,
        }
    }
    found
}

/// Where a block comment ends that starts at `at`; they nest.
fn after_block(text: &str, at: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = at;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let Some(next) = memchr::memchr2(b'/', b'*', rest.as_bytes()) else { return text.len() };
        let here = rest.get(next..).unwrap_or_default();
        if here.starts_with("/*") {
            depth += 1;
            at += next + 2;
        } else if here.starts_with("*/") {
            depth = depth.saturating_sub(1);
            at += next + 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += next + 1;
        }
    }
}
