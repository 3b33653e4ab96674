//! One file of a factory, of which the project, the lock and this program each have a version.

use std::path::Path;

use crate::git::Repository;
use crate::lock::fingerprint;

/// A version that somebody has, as its text and what the lock would say of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Versions<'a> {
    /// What the lock says was written.
    pub(super) recorded: Option<&'a str>,
    /// What lies in the project.
    pub(super) ours: Option<&'a [u8]>,
    /// What this program would write.
    pub(super) theirs: Option<&'a str>,
}

/// What is to become of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays.
    Stays,
    /// It is written, or removed.
    Becomes(Option<Vec<u8>>),
    /// The project has changed it, and this program has nothing new.
    Edited,
    /// Both have changed it.
    Diverged,
    /// It is not among what was written, and something else is there.
    Taken,
}

impl Versions<'_> {
    /// Compares the three.
    pub(super) fn fate(&self) -> Fate {
        let ours = self.ours.map(fingerprint);
        let theirs = self.theirs.map(|text| fingerprint(text.as_bytes()));
        let (ours, theirs) = (ours.as_deref(), theirs.as_deref());
        if ours == theirs {
            return Fate::Stays;
        }
        // A file that somebody deleted comes back: the factory is not whole without it.
        if ours.is_none() || ours == self.recorded {
            let written = |text: &str| self.ours.map_or_else(|| text.into(), |ours| like(ours, text.as_bytes()));
            return Fate::Becomes(self.theirs.map(written));
        }
        match self.recorded {
            None => Fate::Taken,
            recorded if recorded == theirs => Fate::Edited,
            Some(_) => Fate::Diverged,
        }
    }

    /// Brings both changes together; `Err` says why that cannot be done.
    pub(super) fn merge(&self, path: &Path) -> Result<Vec<u8>, &'static str> {
        let (Some(recorded), Some(ours)) = (self.recorded, self.ours) else { return Err("is not there") };
        let Some(theirs) = self.theirs else { return Err("is changed here, and no longer part of the factory") };
        let base = base(path, recorded).ok_or("is changed here, and no commit has it as it was written")?;
        let (base, theirs) = (like(ours, &base), like(ours, theirs.as_bytes()));
        diffy::merge_bytes(&base, ours, &theirs).map_err(|_| "is changed here where the new version changes it too")
    }
}

/// The text that was written, from the commits that had it.
fn base(path: &Path, recorded: &str) -> Option<Vec<u8>> {
    let path = path.canonicalize().ok()?;
    let repository = Repository::find(path.parent()?)?;
    let (past, objects) = (repository.past(&path).ok()?, repository.objects().ok()?);
    let texts = past.iter().filter_map(|id| objects.get(id).ok().flatten());
    let is_base = |bytes: &[u8]| fingerprint(bytes) == recorded;
    texts.map(|object| object.bytes).find(|bytes| is_base(bytes)).map(|bytes| bytes.to_vec())
}

/// A text with its lines ended as those of another.
pub(super) fn like(other: &[u8], text: &[u8]) -> Vec<u8> {
    let has_returns = memchr::memmem::find(other, b"\r\n").is_some();
    let mut alike = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let plain = line.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        alike.extend_from_slice(plain.unwrap_or(line));
        if plain.is_some() {
            alike.extend_from_slice(if has_returns { b"\r\n" } else { b"\n" });
        }
    }
    alike
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(recorded: Option<&str>, ours: Option<&str>, theirs: Option<&str>, expected: &Fate) {
        let recorded = recorded.map(|text| fingerprint(text.as_bytes()));
        let ours = ours.map(str::as_bytes);
        assert_eq!(Versions { recorded: recorded.as_deref(), ours, theirs }.fate(), *expected);
    }

    #[test]
    fn each_way_that_three_versions_can_stand() {
        let becomes = |text: &str| Fate::Becomes(Some(text.into()));
        check(Some("a"), Some("a"), Some("a"), &Fate::Stays);
        check(Some("a"), Some("a"), Some("b"), &becomes("b"));
        check(Some("a"), Some("a"), None, &Fate::Becomes(None));
        check(Some("a"), Some("b"), Some("b"), &Fate::Stays);
        check(Some("a"), Some("c"), Some("a"), &Fate::Edited);
        check(Some("a"), Some("c"), Some("b"), &Fate::Diverged);
        check(Some("a"), Some("c"), None, &Fate::Diverged);
        check(Some("a"), None, Some("b"), &becomes("b"));
        check(Some("a"), None, None, &Fate::Stays);
        check(None, None, Some("b"), &becomes("b"));
        check(None, Some("c"), Some("b"), &Fate::Taken);
        check(Some("a\nb"), Some("a\r\nb"), Some("c\n"), &becomes("c\r\n"));
    }

    #[test]
    fn lines_end_as_those_around_them_do() {
        assert_eq!(like(b"x\r\n", b"a\nb\r\nc"), b"a\r\nb\r\nc");
        assert_eq!(like(b"x\n", b"a\nb\r\n"), b"a\nb\n");
    }
}
