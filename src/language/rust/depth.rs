//! A guard against nesting that would overflow the parser's stack, which needs far more of it a level than others.

/// Files that nest brackets deeper than this are a problem, not a source.
pub(super) const MAX_DEPTH: usize = 2_000;

/// The longest run of operators in one expression, and of `else`: each may nest one level deeper.
const MAX_RUN: usize = 3_000;

/// Whether a text may nest too deep to be parsed. Brackets and operators in strings and comments count as well.
pub(super) fn is_too_deep(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut operators = 0_usize;
    let mut elses = vec![0_usize];
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => {
                elses.push(0);
                operators = 0;
                if elses.len() > MAX_DEPTH {
                    return true;
                }
            }
            b')' | b']' | b'}' => {
                elses.pop();
                if elses.is_empty() {
                    elses.push(0);
                }
            }
            b';' => {
                operators = 0;
                if let Some(last) = elses.last_mut() {
                    *last = 0;
                }
            }
            b',' => operators = 0,
            b'\n' if is_comment(bytes, at + 1) => operators = 0,
            b'+' | b'*' | b'%' | b'.' | b'<' | b'>' | b'&' | b'|' | b'^' | b'!' | b'-' | b'?' | b'=' => operators += 1,
            b'e' if bytes.get(at..at + 4) == Some(b"else") => {
                if let Some(last) = elses.last_mut() {
                    *last += 1;
                    operators = operators.max(*last);
                }
            }
            _ => {}
        }
        if operators > MAX_RUN {
            return true;
        }
    }
    false
}

/// Whether a line is a comment: rows of `=` and `-` in it are no operators.
fn is_comment(bytes: &[u8], start: usize) -> bool {
    let line = bytes.get(start..).unwrap_or_default();
    line.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_operators_and_branches_are_counted() {
        assert!(is_too_deep(&"(".repeat(MAX_DEPTH + 1)));
        assert!(is_too_deep(&format!("const A: i32 = {}1;", "-".repeat(MAX_RUN + 1))));
        assert!(is_too_deep(&"if a { b; } else ".repeat(MAX_RUN + 2)));
        assert!(!is_too_deep(&"fn f() { a.b(c)?; if x { y } else { z } }\n".repeat(10_000)));
    }
}
