//! One line of a baseline: path, rule, number, fingerprint.

use std::ffi::OsString;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;

use crate::tally::Mark;

/// Reads a line.
pub(super) fn entry(text: &str) -> Option<(Mark, usize)> {
    let mut parts = text.trim_end().rsplitn(4, ' ');
    let (fingerprint, count) = (parts.next()?, parts.next()?);
    let (rule, path) = (parts.next()?, path(parts.next()?)?);
    let count = count.parse().ok().filter(|count| *count > 0)?;
    let is_hash = !fingerprint.is_empty() && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mark = Mark { path, rule: rule.into(), fingerprint: fingerprint.to_owned() };
    (is_hash && !rule.is_empty()).then_some((mark, count))
}

/// Writes a line.
pub(super) fn write(mark: &Mark, count: usize) -> String {
    format!("{} {} {count} {}\n", show(&mark.path), mark.rule, mark.fingerprint)
}

/// Reads a path.
pub(super) fn path(text: &str) -> Option<PathBuf> {
    let bytes: Vec<u8> = percent_decode_str(text.trim_end_matches('\r')).collect();
    if bytes.is_empty() { None } else { os_string(bytes).map(PathBuf::from) }
}

/// Writes a path: with `/`, and with `%` in place of what would not survive in a line of text.
pub(super) fn show(path: &Path) -> String {
    let mut shown = String::new();
    for component in path.components() {
        if !shown.is_empty() && !shown.ends_with('/') {
            shown.push('/');
        }
        match component {
            Component::RootDir => shown.push('/'),
            _ => show_name(component.as_os_str().as_encoded_bytes(), &mut shown),
        }
    }
    shown
}

fn show_name(name: &[u8], shown: &mut String) {
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            // At the start of a line these would make it a comment, or look like git's marks.
            let is_mark = shown.is_empty() && matches!(character, '#' | '<' | '=' | '>' | '|');
            let is_odd = character.is_control() || character == '%' || !is_visible(character);
            if is_mark || is_odd {
                let mut bytes = [0; 4];
                escape(character.encode_utf8(&mut bytes).as_bytes(), shown);
            } else {
                shown.push(character);
            }
        }
        escape(chunk.invalid(), shown);
    }
}

/// Whether a character is seen as itself. Of white space that is only the space between other characters, which is
/// kept as the rest of the line is parted from its end.
fn is_visible(character: char) -> bool {
    let turns = matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !turns && (character == ' ' || !character.is_whitespace())
}

fn escape(bytes: &[u8], shown: &mut String) {
    for byte in bytes {
        shown.push('%');
        shown.extend([byte >> 4, byte & 15].iter().filter_map(|digit| char::from_digit(u32::from(*digit), 16)));
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere, a name has to be UTF-8")]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    use std::os::unix::ffi::OsStringExt;

    Some(OsString::from_vec(bytes))
}

#[cfg(not(unix))]
fn os_string(bytes: Vec<u8>) -> Option<OsString> {
    String::from_utf8(bytes).ok().map(OsString::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, shown: &str) {
        assert_eq!(show(Path::new(name)), shown);
        assert_eq!(path(shown), Some(PathBuf::from(name)));
    }

    #[test]
    fn odd_names_survive_in_a_line() {
        check("app/llm.py", "app/llm.py");
        check("a b/é.py", "a b/é.py");
        check("#a\n\r%.py", "%23a%0a%0d%25.py");
        check("<<<<<<< a.py", "%3c<<<<<< a.py");
        check("a\u{202e}b\u{a0}.py", "a%e2%80%aeb%c2%a0.py");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_survive() {
        use std::os::unix::ffi::OsStrExt;

        let name = Path::new(std::ffi::OsStr::from_bytes(b"caf\xe9.py"));
        assert_eq!(show(name), "caf%e9.py");
        assert_eq!(path("caf%e9.py").as_deref(), Some(name));
    }
}
