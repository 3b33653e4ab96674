//! Paths as URIs.

use std::path::Component;
use std::path::Path;

use percent_encoding::AsciiSet;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::percent_encode;

/// All that a URI's path may not hold as it is, and what could be read as something else there.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path below `base` as a relative URI; `None` for any other path.
pub(super) fn below(path: &Path, base: &Path) -> Option<String> {
    let below = path.strip_prefix(base).ok()?;
    let is_plain = below.components().all(|component| matches!(component, Component::Normal(_)));
    is_plain.then(|| segments(below).join("/"))
}

/// A path from the root of the file system as a URI.
pub(super) fn absolute(path: &Path) -> String {
    let segments = segments(path).join("/");
    format!("file:///{segments}")
}

/// The same for a folder, as a base: it ends with `/`.
pub(super) fn folder(path: &Path) -> String {
    let uri = absolute(path);
    if uri.ends_with('/') { uri } else { format!("{uri}/") }
}

/// The parts of a path, byte for byte: a name need not be UTF-8.
fn segments(path: &Path) -> Vec<String> {
    let parts = path.components().filter_map(|component| match component {
        Component::RootDir | Component::CurDir => None,
        // A drive: its colon stays.
        Component::Prefix(prefix) => Some(prefix.as_os_str().to_string_lossy().replace('\\', "/")),
        Component::ParentDir => Some("..".to_owned()),
        Component::Normal(name) => Some(percent_encode(name.as_encoded_bytes(), ESCAPED).to_string()),
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_percent_encoded() {
        let below = |path: &str| below(Path::new(path), Path::new("/srv")).unwrap_or_default();
        assert_eq!(below("/srv/app/llm.py"), "app/llm.py");
        assert_eq!(below("/srv/a b/100%#?:é\n.py"), "a%20b/100%25%23%3F%3A%C3%A9%0A.py");
        assert_eq!(below("/elsewhere/a.py"), "");
        assert_eq!(absolute(Path::new("/else where/a.py")), "file:///else%20where/a.py");
        assert_eq!(folder(Path::new("/srv")), "file:///srv/");
        assert_eq!(folder(Path::new("/")), "file:///");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_keep_their_bytes() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        let path = Path::new("/srv").join(OsStr::from_bytes(b"caf\xe9.py"));
        assert_eq!(below(&path, Path::new("/srv")).as_deref(), Some("caf%E9.py"));
    }
}
