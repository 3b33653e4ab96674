//! From bytes to a text of the same length.

use encoding_rs::BIG5;
use encoding_rs::GB18030;
use encoding_rs::GBK;
use encoding_rs::ISO_2022_JP;
use encoding_rs::REPLACEMENT;
use encoding_rs::SHIFT_JIS;
use encoding_rs::UTF_16BE;
use encoding_rs::UTF_16LE;

/// How a file's bytes are encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// What its coding cookie says; its bytes decode.
    Cookie(String),
    /// Its coding cookie names an encoding that cannot be decoded here.
    Unknown(String),
    /// A byte that its encoding does not allow, at this offset.
    Invalid {
        /// Offset of the first such byte.
        at: u32,
        /// The encoding that was expected.
        expected: String,
    },
    /// It holds a NUL byte at this offset.
    Nul {
        /// Offset of the first NUL byte.
        at: u32,
    },
}

pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) original: Option<Vec<u8>>,
    pub(super) encoding: Encoding,
}

/// Decodes a file. Where its bytes are not UTF-8, every byte that is not ASCII becomes one `_`.
pub(super) fn decode(bytes: Vec<u8>) -> Decoded {
    let nul = memchr::memchr(0, &bytes).map(offset);
    let cookie = cookie(&bytes).filter(|label| !is_utf8(label));
    let declared = cookie.as_deref().map(lookup);
    match String::from_utf8(bytes) {
        Ok(text) => {
            let encoding = match (nul, declared) {
                (Some(at), _) => Encoding::Nul { at },
                (None, None) => Encoding::Utf8,
                (None, Some(Ok(found))) => Encoding::Cookie(found.name().to_owned()),
                (None, Some(Err(label))) => Encoding::Unknown(label),
            };
            Decoded { text, original: None, encoding }
        }
        Err(error) => {
            let at = offset(error.utf8_error().valid_up_to());
            let bytes = error.into_bytes();
            let encoding = match (nul, &declared) {
                (Some(at), _) => Encoding::Nul { at },
                (None, Some(Ok(found))) => check(found, &bytes, at),
                (None, Some(Err(label))) => Encoding::Unknown(label.clone()),
                (None, None) => Encoding::Invalid { at, expected: "UTF-8".to_owned() },
            };
            let two_bytes = declared.is_some_and(|found| found.is_ok_and(has_ascii_trail_bytes));
            Decoded { text: mask(&bytes, two_bytes), original: Some(bytes), encoding }
        }
    }
}

fn check(encoding: &'static encoding_rs::Encoding, bytes: &[u8], at: u32) -> Encoding {
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(_) => Encoding::Cookie(encoding.name().to_owned()),
        None => Encoding::Invalid { at, expected: encoding.name().to_owned() },
    }
}

/// Replaces what is not ASCII. In encodings whose second bytes may look like ASCII, that byte goes with the first.
fn mask(bytes: &[u8], two_bytes: bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut second = false;
    for &byte in bytes {
        let trail = second;
        second = two_bytes && !trail && byte >= 0x80;
        let keep = byte.is_ascii() && !(trail && byte >= 0x30);
        text.push(if keep { char::from(byte) } else { '_' });
    }
    text
}

fn has_ascii_trail_bytes(encoding: &'static encoding_rs::Encoding) -> bool {
    [SHIFT_JIS, GBK, GB18030, BIG5].contains(&encoding)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn is_utf8(label: &str) -> bool {
    let label = label.to_ascii_lowercase().replace('_', "-");
    matches!(label.as_str(), "utf-8" | "utf8" | "utf-8-sig" | "u8" | "ascii" | "us-ascii")
}

/// Finds the encoding of a cookie, or gives back the name that is not known.
fn lookup(label: &str) -> Result<&'static encoding_rs::Encoding, String> {
    let plain = label.to_ascii_lowercase().replace('_', "-");
    let alias = match plain.as_str() {
        "latin-1" | "iso-latin-1" | "8859" | "cp819" | "latin" | "l1" => "iso-8859-1",
        "cp1250" => "windows-1250",
        "cp1251" => "windows-1251",
        "cp1252" => "windows-1252",
        "cp932" | "ms932" => "shift_jis",
        "cp949" => "euc-kr",
        other => other.strip_prefix("iso-latin-").map_or(other, |_| "unknown"),
    };
    let found = encoding_rs::Encoding::for_label(alias.as_bytes());
    let usable = found.filter(|&e| ![UTF_16LE, UTF_16BE, REPLACEMENT, ISO_2022_JP].contains(&e));
    usable.ok_or_else(|| label.to_owned())
}

/// The name in a coding cookie: PEP 263, within the first two lines, and in the second only after a blank or a comment.
fn cookie(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    for line in bytes.split(|&b| b == b'\n' || b == b'\r').take(3).take_while(|l| l.len() < 4096) {
        let text = line.trim_ascii_start();
        if text.is_empty() {
            continue;
        }
        if text.first() != Some(&b'#') {
            return None;
        }
        let Some(at) = memchr::memmem::find(text, b"coding") else { continue };
        let rest = text.get(at + 6..)?;
        let Some(rest) = rest.strip_prefix(b":").or_else(|| rest.strip_prefix(b"=")) else {
            continue;
        };
        let rest = rest.trim_ascii_start();
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"-_.".contains(b);
        let length = rest.iter().position(|b| !is_name(b)).unwrap_or(rest.len());
        let name = rest.get(..length).filter(|name| !name.is_empty())?;
        return String::from_utf8(name.to_vec()).ok();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_honoured_and_the_text_keeps_its_length() {
        let decoded = decode(b"# -*- coding: latin-1 -*-\ns = '\xe9'\n".to_vec());
        assert_eq!(decoded.encoding, Encoding::Cookie("windows-1252".to_owned()));
        assert_eq!(decoded.text, "# -*- coding: latin-1 -*-\ns = '_'\n");
    }

    #[test]
    fn second_bytes_that_look_like_a_backslash_are_masked() {
        let decoded = decode(b"# coding: shift_jis\ns = '\x83\x5c'\n".to_vec());
        assert_eq!(decoded.text, "# coding: shift_jis\ns = '__'\n");
    }

    #[test]
    fn bytes_without_a_cookie_are_invalid_and_unknown_cookies_are_named() {
        let invalid = Encoding::Invalid { at: 5, expected: "UTF-8".to_owned() };
        assert_eq!(decode(b"s = '\xe9'\n".to_vec()).encoding, invalid);
        let unknown = decode(b"# coding: klingon\n".to_vec()).encoding;
        assert_eq!(unknown, Encoding::Unknown("klingon".to_owned()));
    }
}
