//! A guard against nesting that would overflow a parser's stack.

/// Files that nest brackets deeper than this are a problem, not a source.
pub const MAX_DEPTH: usize = 2_000;

/// The longest run of operators in one statement; each may nest one level deeper.
const MAX_OPERATORS: usize = 40_000;

/// Whether a text may nest too deep to be parsed.
///
/// Counts brackets, and operators between statement ends. Brackets in strings and comments count as well, so the
/// answer errs towards `true`; real code stays two orders of magnitude below the limits.
pub fn is_too_deep(text: &str) -> bool {
    !is_surely_flat(text.as_bytes()) && nests_too_deep(text)
}

/// Whether a few sums over a text tell that it stays below the limits, as they do for nearly every file.
fn is_surely_flat(text: &[u8]) -> bool {
    // A comma starts a new count of operators, and each of them is at least a byte.
    let mut start = 0;
    for comma in memchr::memchr_iter(b',', text).chain([text.len()]) {
        if comma - start > MAX_OPERATORS {
            return false;
        }
        start = comma;
    }
    // What a piece leaves open was open before it, or is opened in it. A piece is short, so that its sums fit a byte.
    let mut depth = 0;
    text.chunks(usize::from(u8::MAX)).all(|piece| {
        let (mut opened, mut closed) = (0_u8, 0_u8);
        for &byte in piece {
            opened += u8::from(matches!(byte, b'(' | b'[' | b'{'));
            closed += u8::from(matches!(byte, b')' | b']' | b'}'));
        }
        let deepest = depth + usize::from(opened);
        depth = deepest.saturating_sub(usize::from(closed)).max(usize::from(opened));
        deepest <= MAX_DEPTH
    })
}

fn nests_too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut operators = 0_usize;
    let mut before = 0_u8;
    for &byte in text.as_bytes() {
        match byte {
            b'(' | b'[' | b'{' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return true;
                }
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'\n' if depth == 0 && before != b'\\' => operators = 0,
            b',' => operators = 0,
            b'+' | b'-' | b'*' | b'/' | b'%' | b'~' | b'.' | b'<' | b'>' | b'=' | b'&' | b'|' | b'^' | b'@' => {
                operators += 1;
            }
            // `not`, `lambda`, `if … else` and their like: a word of a chain is at least a space.
            b' ' if before != b' ' => operators += 1,
            _ => {}
        }
        if operators > MAX_OPERATORS {
            return true;
        }
        before = byte;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_chains_are_counted() {
        assert!(is_too_deep(&"(".repeat(MAX_DEPTH + 1)));
        assert!(is_too_deep(&format!("x = {}1", "-".repeat(MAX_OPERATORS + 1))));
        assert!(is_too_deep(&format!("x = {}1", "not ".repeat(MAX_OPERATORS + 1))));
        assert!(!is_too_deep(&"x = f(a.b, [1, 2])\n".repeat(100_000)));
    }
}
