//! `QMIGRATE.lock`: which files `init --factory` wrote into a project, and how each of them looked.

use std::collections::BTreeMap;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

/// The file's name; it lies in the project's folder.
pub const NAME: &str = "QMIGRATE.lock";

/// What `schema` says. A file with another one is not read.
const SCHEMA: u32 = 1;

const HEAD: &str = "\
# What `qmigrate init --factory` wrote here: each file with the SHA-256 of its text (line ends as LF). Commit this file.
# `qmigrate init --check` compares, `qmigrate init --update` brings a newer version.

";

/// Why a text is no lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockFlaw {
    /// Where, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// What the file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    schema: u32,
    /// One for each factory, sorted by folder.
    #[serde(default, rename = "factory", skip_serializing_if = "Vec::is_empty")]
    pub factories: Vec<Vendored>,
}

/// A factory that was written into the project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vendored {
    /// Its language, as the configuration names it.
    pub language: String,
    /// The folder that imports of it start from: from the lock's folder, with `/`; `.` for that folder itself.
    pub dest: String,
    /// The factory's module.
    pub module: String,
    /// The version of qmigrate that it came with.
    pub version: String,
    /// The [`fingerprint`] of each file as it was written, by path from the lock's folder, with `/`.
    pub files: BTreeMap<String, String>,
}

impl Default for Lock {
    fn default() -> Self {
        Self { schema: SCHEMA, factories: Vec::new() }
    }
}

impl Lock {
    /// Reads the text of a lock.
    ///
    /// # Errors
    ///
    /// When it is no TOML, says something unknown, or names a file outside the project.
    pub fn parse(text: &str) -> Result<Self, LockFlaw> {
        let lock: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            let is_marked = text.lines().nth(line - 1).is_some_and(|line| line.starts_with("<<<<<<< "));
            let message = if is_marked { "a merge has left its conflict here" } else { error.message() };
            LockFlaw { line, message: message.to_owned() }
        })?;
        if lock.schema != SCHEMA {
            let message = format!("the schema is {}; this qmigrate knows {SCHEMA}", lock.schema);
            return Err(LockFlaw { line: 1, message });
        }
        for factory in &lock.factories {
            let places = factory.files.keys().chain([&factory.dest]);
            if let Some(place) = places.into_iter().find(|place| !is_within(place)) {
                let line = text.find(place.as_str()).map_or(1, |at| line_of(text, at));
                return Err(LockFlaw { line, message: format!("`{place}` is no path within the project") });
            }
        }
        Ok(lock)
    }

    /// The text of the lock: the same for the same content, and a line for each file, so that branches merge.
    pub fn render(&self) -> String {
        let mut lock = self.clone();
        lock.factories.sort_by(|one, other| (&one.dest, &one.language).cmp(&(&other.dest, &other.language)));
        // Tables of strings can always be written.
        let body = toml::to_string(&lock).unwrap_or_default();
        format!("{HEAD}{body}")
    }

    /// The files that it lists, below `root`.
    pub fn files(&self, root: &Path) -> impl Iterator<Item = PathBuf> {
        self.factories.iter().flat_map(|factory| factory.files.keys()).map(|name| root.join(name))
    }
}

/// What tells one text from another. How lines end does not matter: git may have changed that.
pub fn fingerprint(text: &[u8]) -> String {
    let mut hasher = Sha256::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                hasher.update(line);
                hasher.update(b"\n");
            }
            None => hasher.update(line),
        }
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a path leads down from its folder, or nowhere.
fn is_within(path: &str) -> bool {
    let is_plain = |component: Component<'_>| matches!(component, Component::Normal(_) | Component::CurDir);
    !path.is_empty() && Path::new(path).components().all(is_plain)
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    memchr::memchr_iter(b'\n', before).count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let factory = |dest: &str| Vendored {
            language: "python".to_owned(),
            dest: dest.to_owned(),
            module: "utils.openai_client_factory".to_owned(),
            version: "0.1.0".to_owned(),
            files: BTreeMap::from([
                (format!("{dest}/b \"odd\".py"), fingerprint(b"b")),
                (format!("{dest}/a.py"), fingerprint(b"a")),
            ]),
        };
        Lock { factories: vec![factory("z"), factory("backend")], ..Lock::default() }
    }

    #[test]
    fn what_is_written_is_read_again_and_sorted() {
        let text = lock().render();
        let read = Lock::parse(&text).unwrap();
        assert_eq!(read.factories[0].dest, "backend");
        assert_eq!(read.render(), text);
        let files: Vec<PathBuf> = read.files(Path::new("/p")).collect();
        assert_eq!(files[0], Path::new("/p/backend/a.py"));
        assert_eq!(files.len(), 4);
    }

    #[test]
    fn line_ends_do_not_matter_and_all_else_does() {
        assert_eq!(fingerprint(b"a\r\nb\r\n"), fingerprint(b"a\nb\n"));
        assert_ne!(fingerprint(b"a\rb\n"), fingerprint(b"a\nb\n"));
        assert_ne!(fingerprint(b"a\n"), fingerprint(b"a"));
        // As `sha256sum` has it.
        assert_eq!(fingerprint(b"a"), "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
    }

    fn check(text: &str, line: usize, message: &str) {
        let flaw = Lock::parse(text).unwrap_err();
        assert_eq!(flaw.line, line, "{text}: {}", flaw.message);
        assert!(flaw.message.contains(message), "{text}: {}", flaw.message);
    }

    #[test]
    fn what_is_no_lock_is_named_with_its_line() {
        let text = lock().render();
        check(&text.replace("[[factory]]", "<<<<<<< ours\n[[factory]]"), 6, "");
        check(&text.replace("schema = 1", "schema = 2"), 1, "schema is 2");
        check("schema = 1\nsurprise = 1\n", 2, "surprise");
        check(&text.replace("backend/a.py", "../a.py"), 13, "no path within the project");
        check(&text.replace("backend/a.py", "/etc/a.py"), 13, "no path within the project");
    }
}
