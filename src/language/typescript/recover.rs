//! What is left of a text that does not parse: regions around its errors are blanked out, the smallest that help.
//!
//! Whatever stays is parsed as it stands, so names still mean what they say. Nothing of it is ever edited.

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::ParserReturn;
use oxc_span::SourceType;

use super::lexical;
use super::parse;

/// How many bytes are parsed at most for one file.
const MAX_WORK: usize = 64 << 20;

/// How many errors are worked around.
const MAX_ERRORS: usize = 12;

/// Parses what can be parsed of a text whose first error is at an offset.
pub(super) fn recover<'a>(
    allocator: &'a Allocator,
    dialect: SourceType,
    text: &str,
    offset: usize,
) -> Option<Program<'a>> {
    let mut work = MAX_WORK / text.len().max(1);
    let mut current = text.to_owned();
    let mut offset = offset;
    for _ in 0..MAX_ERRORS {
        let mut next = None;
        for repair in repairs(&current, offset) {
            work = work.checked_sub(1)?;
            let (attempt, end) = repair.of(&current);
            let parsed = parse::run(allocator, dialect, allocator.alloc_str(&attempt));
            match error_of(&parsed) {
                None => return Some(parsed.program),
                // The next error is another one.
                Some(error) if error > end => {
                    next = Some((attempt, error));
                    break;
                }
                Some(_) => {}
            }
        }
        (current, offset) = next?;
    }
    None
}

fn error_of(parsed: &ParserReturn<'_>) -> Option<usize> {
    let error = parsed.diagnostics.iter().next()?;
    Some(error.labels.iter().next().map_or(0, |label| label.offset() as usize))
}

type Range = std::ops::Range<usize>;

/// What may make a text parse.
#[derive(Debug, PartialEq, Eq)]
enum Repair {
    /// A region becomes blank.
    Blank(Range),
    /// Brackets that are open at the end are closed there.
    Close(String),
}

impl Repair {
    /// The text repaired, and where the repair ends.
    fn of(&self, text: &str) -> (String, usize) {
        match self {
            Self::Close(brackets) => (format!("{text}{brackets}"), text.len()),
            Self::Blank(range) => {
                let kept = |range: Range| text.get(range).unwrap_or_default();
                let blank = kept(range.clone()).bytes().map(|byte| match byte {
                    b'\n' | b'\r' => char::from(byte),
                    _ => ' ',
                });
                let blank: String = blank.collect();
                (format!("{}{blank}{}", kept(0..range.start), kept(range.end..text.len())), range.end)
            }
        }
    }
}

/// What may help around an offset, what costs least first.
fn repairs(text: &str, offset: usize) -> Vec<Repair> {
    let bare = lexical::bare(text).bytes;
    let around = Around::new(&bare, offset.min(bare.len()));
    let mut found = Vec::new();
    if !around.unclosed.is_empty() && text.get(offset..).is_none_or(|rest| rest.trim().is_empty()) {
        found.push(Repair::Close(around.unclosed.clone()));
    }
    let line = line_around(&bare, around.offset);
    let before = line.start.checked_sub(1).map(|end| line_around(&bare, end));
    found.push(Repair::Blank(line.clone()));
    if let Some(before) = before {
        found.push(Repair::Blank(before.clone()));
        found.push(Repair::Blank(before.start..line.end));
    }
    found.extend(around.regions.into_iter().map(Repair::Blank));
    found.retain(|repair| match repair {
        Repair::Blank(range) => text.get(range.clone()).is_some_and(|region| !region.trim().is_empty()),
        Repair::Close(_) => true,
    });
    found.dedup();
    found
}

fn line_around(bare: &[u8], offset: usize) -> Range {
    let before = bare.get(..offset).unwrap_or_default();
    let after = bare.get(offset..).unwrap_or_default();
    let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    start..offset + memchr::memchr(b'\n', after).unwrap_or(after.len())
}

/// The statements around an offset, and the insides of the brackets that hold them, innermost first.
struct Around {
    offset: usize,
    regions: Vec<Range>,
    /// What closes the brackets that are open at the end.
    unclosed: String,
}

impl Around {
    fn new(bare: &[u8], offset: usize) -> Self {
        // For each open bracket: where it is, and where the statement inside it starts.
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut start = 0;
        for (at, &byte) in bare.get(..offset).unwrap_or_default().iter().enumerate() {
            match byte {
                b'(' | b'[' | b'{' => {
                    open.push((at, start));
                    start = at + 1;
                }
                b')' | b']' | b'}' => {
                    start = open.pop().map_or(at + 1, |(_, outer)| outer);
                    if byte == b'}' {
                        start = at + 1;
                    }
                }
                b';' => start = at + 1,
                _ => {}
            }
        }
        let mut regions = Vec::new();
        let mut end = offset;
        while let Some((bracket, outer)) = open.pop() {
            let (statement, close) = ends(bare, end);
            regions.push(start..statement);
            regions.push(bracket + 1..close);
            start = outer;
            end = (close + 1).min(bare.len());
        }
        regions.push(start..ends(bare, end).0);
        regions.push(start..bare.len());
        Self { offset, regions, unclosed: unclosed(bare) }
    }
}

/// Where the statement around an offset ends, and the bracket that holds it.
fn ends(bare: &[u8], offset: usize) -> (usize, usize) {
    let mut depth = 0_usize;
    let mut statement = None;
    for (at, &byte) in bare.iter().enumerate().skip(offset) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => return (statement.unwrap_or(at), at),
            b')' | b']' => depth -= 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    statement.get_or_insert(at + 1);
                }
            }
            b';' if depth == 0 => _ = statement.get_or_insert(at + 1),
            _ => {}
        }
    }
    (statement.unwrap_or(bare.len()), bare.len())
}

fn unclosed(bare: &[u8]) -> String {
    let mut open = Vec::new();
    for &byte in bare {
        match byte {
            b'(' => open.push(')'),
            b'[' => open.push(']'),
            b'{' => open.push('}'),
            b')' | b']' | b'}' => _ = open.pop(),
            _ => {}
        }
    }
    open.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a text, without white space.
    fn check(text: &str, expected: &str) {
        let allocator = Allocator::default();
        let parsed = parse::run(&allocator, SourceType::ts(), text);
        let offset = error_of(&parsed).unwrap();
        let program = recover(&allocator, SourceType::ts(), text, offset);
        let left = program.map(|program| program.source_text.split_whitespace().collect::<Vec<_>>().join(" "));
        assert_eq!(left.unwrap_or_default(), expected, "{text}");
    }

    #[test]
    fn the_smallest_region_goes_that_helps() {
        check("a();\nconst = 3;\nb();", "a(); b();");
        check("a();\nfunction f() {\n  g();\n  const = 3;\n  h();\n}\nb();", "a(); function f() { g(); h(); } b();");
        check("a();\nfunction f() {\n  g();\n", "a(); function f() { g(); }");
        check("a();\nconst x = ;\nconst y = );\nb();", "a(); b();");
        check("a();\nconst x = {\n  y: 1,\n  z: : 2,\n};\nb();", "a(); const x = { y: 1, }; b();");
        check("a();\n<<<<<<< HEAD\nb();\n=======\nc();\n>>>>>>> main\nd();", "a(); b(); c(); d();");
    }
}
