//! Makes text that came from a file harmless for a terminal.

use std::borrow::Cow;

/// Escapes what a terminal would obey rather than show: control characters, and those that turn the direction of text.
///
/// What is left takes one line.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_obeyed(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Whether a character changes how the rest is shown, instead of being shown.
pub(super) fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escape("a\x1b[31mb\u{9b}c\x7f\r\n\t"), "a\\u{1b}[31mb\\u{9b}c\\u{7f}\\r\\n\\t");
    }

    #[test]
    fn characters_that_turn_text_around_are_escaped() {
        assert_eq!(escape("a\u{202e}b\u{2067}c\u{200f}"), "a\\u{202e}b\\u{2067}c\\u{200f}");
    }

    #[test]
    fn other_text_stays() {
        assert!(matches!(escape("naïve 日本語 🦀 \\ \""), Cow::Borrowed(_)));
    }
}
