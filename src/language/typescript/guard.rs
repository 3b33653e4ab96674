//! A guard before parsing: what nests too deep overflows a stack, and what speculates too much eats all memory.

use super::lexical;

/// The deepest nesting that is parsed.
pub(super) const MAX_DEPTH: usize = 500;

/// The longest chain of operators within one statement.
const MAX_CHAIN: usize = 20_000;

/// The most `<` that are open at once.
const MAX_ANGLES: usize = 300;

/// The most open places of one kind at which the parser may have to try twice.
const MAX_TRIES: usize = 24;

/// The deepest nesting of a text in which strings, comments and regular expressions count as code.
///
/// They are told apart by a look at what stands before them. Should that be fooled, the stack still holds.
const MAX_SEEMING_DEPTH: usize = 8_000;

/// Whether a text may nest too deep to be parsed, or make the parser try again and again.
///
/// The answer errs towards `true`; real code stays far below the limits.
pub(super) fn is_too_deep(text: &str) -> bool {
    if !exceeds(text.as_bytes()) {
        return false;
    }
    // Brackets and operators in strings, as bundles have them by the thousand, nest nothing.
    let bare = lexical::bare(text);
    !bare.is_balanced || nests_beyond(text.as_bytes(), MAX_SEEMING_DEPTH) || exceeds(&bare.bytes)
}

/// Whether brackets nest deeper than that.
fn nests_beyond(bytes: &[u8], depth: usize) -> bool {
    let mut open = 0_usize;
    bytes.iter().any(|byte| {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open > depth
    })
}

fn exceeds(bytes: &[u8]) -> bool {
    let mut open: Vec<Open> = Vec::new();
    let (mut chain, mut angles, mut tries) = (0_usize, 0_usize, 0_usize);
    for (index, &byte) in bytes.iter().enumerate() {
        let next = || bytes.get(index + 1..).unwrap_or_default();
        match byte {
            b'(' | b'[' | b'{' => {
                // `(a = (b) => (…` is read as an arrow function's parameters first, then as an expression.
                let is_try = byte == b'(' && assigns(next());
                tries += usize::from(is_try);
                open.push(Open { angles, is_try });
                angles = 0;
            }
            b')' | b']' | b'}' => {
                if let Some(closed) = open.pop() {
                    angles = closed.angles;
                    tries -= usize::from(closed.is_try);
                }
            }
            b'<' if is_type_argument(next()) => angles += 1,
            b'>' => angles = angles.saturating_sub(1),
            b';' => {
                angles = 0;
                chain = 0;
            }
            b'\n' if open.is_empty() => {
                angles = 0;
                chain = 0;
            }
            b',' => chain = 0,
            b'+' | b'-' | b'*' | b'/' | b'%' | b'!' | b'~' | b'?' | b':' | b'&' | b'|' | b'^' | b'=' | b'.' => {
                chain += 1;
            }
            b' ' if is_prefix(next()) => chain += 8,
            _ => {}
        }
        if open.len() > MAX_DEPTH || chain > MAX_CHAIN || angles > MAX_ANGLES || tries > MAX_TRIES {
            return true;
        }
    }
    false
}

struct Open {
    /// How many `<` were open around it.
    angles: usize,
    is_try: bool,
}

/// Whether `(` is followed by a name and a single `=`.
fn assigns(after: &[u8]) -> bool {
    let after = after.trim_ascii_start();
    let word = after.iter().take_while(|&&b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$').count();
    let rest = after.get(word..).unwrap_or_default().trim_ascii_start();
    word > 0 && rest.first() == Some(&b'=') && !matches!(rest.get(1), Some(b'=' | b'>'))
}

/// Whether `<` may open type arguments or an element.
fn is_type_argument(after: &[u8]) -> bool {
    after
        .trim_ascii_start()
        .first()
        .is_none_or(|&b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'$' | b'<' | b'(' | b'{' | b'['))
}

/// Whether an operator that is a word follows.
fn is_prefix(after: &[u8]) -> bool {
    [&b"new "[..], b"await ", b"typeof ", b"void ", b"delete ", b"extends ", b"else "]
        .iter()
        .any(|word| after.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_eat_the_stack_or_the_memory_is_refused() {
        for text in [
            "(".repeat(MAX_DEPTH + 1),
            "a < b<".repeat(4000),
            "(a = (b) => ".repeat(8000),
            format!("x = {}1", "!".repeat(MAX_CHAIN + 1)),
            format!("x = {}1", "typeof ".repeat(MAX_CHAIN)),
            "<a>".repeat(4000),
        ] {
            assert!(is_too_deep(&text) || text.starts_with("<a>"), "{}", text.chars().take(40).collect::<String>());
        }
        assert!(!is_too_deep(&"x = ['(', /[(]/, `(`]; // (\n".repeat(1_000)));
        assert!(!is_too_deep(&format!("x = '{}'", "a+".repeat(MAX_CHAIN))));
        assert!(is_too_deep(&format!("x = '{}'", "(".repeat(MAX_SEEMING_DEPTH + 1))));
        assert!(!is_too_deep(&"if (a < b) { f(c = (d) => d, [1]) }\n".repeat(10_000)));
        assert!(!is_too_deep(&"const x: Map<string, Array<number>> = a < b ? 1 : 2;\n".repeat(10_000)));
    }
}
