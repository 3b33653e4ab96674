//! The text of a JSON string, and where each part of it stands among the file's bytes.

use std::fmt::Write as _;

/// Decodes what stands between the quotes. Half a surrogate pair becomes U+FFFD.
pub(super) fn decode(raw: &str, text: &mut String) {
    for piece in Pieces(raw) {
        match piece.text {
            Text::Plain(plain) => text.push_str(plain),
            Text::Escape(character) => text.push(character),
        }
    }
}

/// The offset in `raw` of an offset in its text; `None` inside of a character or beyond the end.
pub(super) fn offset(raw: &str, wanted: usize) -> Option<usize> {
    let (mut decoded, mut at) = (0, 0);
    for piece in Pieces(raw) {
        if decoded == wanted {
            return Some(at);
        }
        match piece.text {
            Text::Plain(plain) if wanted - decoded < plain.len() => {
                let inner = wanted - decoded;
                return plain.is_char_boundary(inner).then_some(at + inner);
            }
            Text::Plain(plain) => decoded += plain.len(),
            Text::Escape(character) => decoded += character.len_utf8(),
        }
        at += piece.length;
        if decoded > wanted {
            return None;
        }
    }
    (decoded == wanted).then_some(at)
}

/// Writes text as the inside of a JSON string: what is not ASCII as escapes, if `ascii` says so.
pub(super) fn encode(text: &str, ascii: bool, raw: &mut String) {
    for character in text.chars() {
        match character {
            '"' => raw.push_str("\\\""),
            '\\' => raw.push_str("\\\\"),
            '\n' => raw.push_str("\\n"),
            '\r' => raw.push_str("\\r"),
            '\t' => raw.push_str("\\t"),
            '\u{8}' => raw.push_str("\\b"),
            '\u{c}' => raw.push_str("\\f"),
            '\0'..='\u{1f}' => {
                let _ = write!(raw, "\\u{:04x}", u32::from(character));
            }
            _ if ascii && !character.is_ascii() => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(raw, "\\u{unit:04x}");
                }
            }
            _ => raw.push(character),
        }
    }
}

/// Parts a raw string into runs without escapes, and single escapes.
struct Pieces<'r>(&'r str);

struct Piece<'r> {
    text: Text<'r>,
    /// How many bytes it takes in the file.
    length: usize,
}

enum Text<'r> {
    Plain(&'r str),
    Escape(char),
}

impl<'r> Iterator for Pieces<'r> {
    type Item = Piece<'r>;

    fn next(&mut self) -> Option<Piece<'r>> {
        if self.0.is_empty() {
            return None;
        }
        let plain = memchr::memchr(b'\\', self.0.as_bytes()).unwrap_or(self.0.len());
        let (text, length) = match plain {
            0 => escape(self.0),
            _ => (Text::Plain(self.0.get(..plain)?), plain),
        };
        self.0 = self.0.get(length..).unwrap_or_default();
        Some(Piece { text, length })
    }
}

/// The character of an escape, and how many bytes it takes.
fn escape(raw: &str) -> (Text<'_>, usize) {
    let character = match raw.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return unicode(raw),
        Some(&other) => char::from(other),
        None => '\\',
    };
    (Text::Escape(character), raw.len().min(2))
}

fn unicode(raw: &str) -> (Text<'_>, usize) {
    let unit = |at: usize| u16::from_str_radix(raw.get(at..at + 4)?, 16).ok();
    let Some(first) = unit(2) else { return (Text::Escape(char::REPLACEMENT_CHARACTER), raw.len().min(6)) };
    if let Some(character) = char::from_u32(u32::from(first)) {
        return (Text::Escape(character), 6);
    }
    let second = if raw.get(6..8) == Some("\\u") { unit(8) } else { None };
    match second.map(|second| char::decode_utf16([first, second]).next()) {
        Some(Some(Ok(character))) => (Text::Escape(character), 12),
        _ => (Text::Escape(char::REPLACEMENT_CHARACTER), 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(raw: &str) -> String {
        let mut text = String::new();
        decode(raw, &mut text);
        text
    }

    #[test]
    fn escapes_are_decoded_as_json_has_them() {
        for raw in ["plain é", r#"a\"b\\c\/d\b\f\n\r\t"#, r"\u00e9\u0041", r"\ud83e\udd80!", ""] {
            let value: String = serde_json::from_str(&format!("\"{raw}\"")).unwrap();
            assert_eq!(decoded(raw), value);
        }
        assert_eq!(decoded(r"\ud83e x \udd80"), "\u{fffd} x \u{fffd}");
    }

    #[test]
    fn every_offset_of_the_text_is_found_in_the_file() {
        let raw = r"aé\n\u00e9\ud83e\udd80\/z";
        let found: Vec<Option<usize>> = (0..=13).map(|at| offset(raw, at)).collect();
        let expected = [0, 1, 99, 3, 5, 99, 11, 99, 99, 99, 23, 25, 26, 99];
        let expected: Vec<Option<usize>> = expected.iter().map(|&at| (at != 99).then_some(at)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn text_is_written_in_the_manner_of_the_file() {
        let encoded = |ascii| {
            let mut raw = String::new();
            encode("\"\\/\n\té🦀\u{1}", ascii, &mut raw);
            raw
        };
        assert_eq!(encoded(false), r#"\"\\/\n\té🦀\u0001"#);
        assert_eq!(encoded(true), r#"\"\\/\n\t\u00e9\ud83e\udd80\u0001"#);
    }
}
