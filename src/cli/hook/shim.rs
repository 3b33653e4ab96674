//! The file that git runs.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::Path;

/// Its text, with a place for the binary's path and one for what to do where that is gone.
const TEMPLATE: &str = include_str!("../../../hooks/shim.sh");

const BINARY: &str = "@BINARY@";
const MISSING: &str = "@MISSING@";

/// The hooks that are installed.
pub(super) const HOOKS: [&str; 2] = ["pre-commit", "pre-merge-commit"];

/// What a hook that was there before is called as long as it is run by the shim.
pub(super) fn kept(hook: &str) -> String {
    format!("{hook}.before-qmigrate")
}

/// The text of the hook that runs a binary; `strict` refuses the commit where the binary is gone.
pub(super) fn text(binary: &Path, strict: bool) -> Vec<u8> {
    let quoted = quote(binary.as_os_str());
    let text = TEMPLATE.replace(MISSING, if strict { "1" } else { "0" });
    let (before, after) = text.split_once(BINARY).unwrap_or((&text, ""));
    [before.as_bytes(), quoted.as_encoded_bytes(), after.as_bytes()].concat()
}

/// Whether a file is a hook of ours, whatever binary it runs.
pub(super) fn is_ours(text: &[u8]) -> bool {
    [false, true].into_iter().any(|strict| {
        let own = self::text(Path::new(BINARY), strict);
        let place = quote(OsStr::new(BINARY));
        let Some(at) = memchr::memmem::find(&own, place.as_encoded_bytes()) else { return false };
        let (head, tail) = (own.get(..at), own.get(at + place.len()..));
        let (Some(head), Some(tail)) = (head, tail) else { return false };
        text.len() >= head.len() + tail.len() && text.starts_with(head) && text.ends_with(tail)
    })
}

/// Whether a file was a hook of ours before somebody changed it.
pub(super) fn was_ours(text: &[u8]) -> bool {
    let mark = TEMPLATE.lines().nth(1).unwrap_or_default();
    memchr::memmem::find(text, mark.as_bytes()).is_some()
}

/// A word of the shell, whatever it holds.
fn quote(text: &OsStr) -> OsString {
    let mut quoted = vec![b'\''];
    for &byte in text.as_encoded_bytes() {
        match byte {
            b'\'' => quoted.extend_from_slice(b"'\\''"),
            byte => quoted.push(byte),
        }
    }
    quoted.push(b'\'');
    from_bytes(quoted)
}

#[cfg(unix)]
fn from_bytes(bytes: Vec<u8>) -> OsString {
    use std::os::unix::ffi::OsStringExt;

    OsString::from_vec(bytes)
}

#[cfg(not(unix))]
fn from_bytes(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shim_is_known_again_and_a_changed_one_is_told() {
        for strict in [false, true] {
            let shim = text(Path::new("/opt/it's here/qmigrate"), strict);
            assert!(is_ours(&shim) && was_ours(&shim));
            let changed = [shim, b"echo more\n".to_vec()].concat();
            assert!(!is_ours(&changed) && was_ours(&changed));
        }
        assert!(!is_ours(b"#!/bin/sh\nexec qmigrate hook run\n"));
        assert!(!was_ours(b"#!/bin/sh\nexec qmigrate hook run\n"));
    }
}
