//! What one folder of a commit holds.

use std::sync::Arc;

use super::Blob;
use super::Mode;

/// A tree object, and where its entries stand in it.
#[derive(Debug)]
pub(super) struct Listing {
    bytes: Arc<[u8]>,
    /// Sorted by name.
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    mode: Mode,
    name: (usize, usize),
    hash: (usize, usize),
}

impl Listing {
    /// A folder that is not there.
    pub(super) fn empty() -> Self {
        Self { bytes: Arc::from([]), entries: Vec::new() }
    }

    /// Reads a tree object whose hashes have so many bytes: `MODE NAME`, a NUL, and a hash, again and again.
    pub(super) fn read(bytes: Arc<[u8]>, hash: usize) -> Option<Self> {
        let mut entries = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let end = at + memchr::memchr(0, bytes.get(at..)?)?;
            let space = at + memchr::memchr(b' ', bytes.get(at..end)?)?;
            let next = end + 1 + hash;
            bytes.get(end + 1..next)?;
            let mode = Mode::parse(bytes.get(at..space)?);
            entries.push(Entry { mode, name: (space + 1, end), hash: (end + 1, next) });
            at = next;
        }
        // git sorts folders as if their names ended with a slash.
        entries.sort_unstable_by(|one, other| slice(&bytes, one.name).cmp(slice(&bytes, other.name)));
        Some(Self { bytes, entries })
    }

    /// What kind of thing a name stands for.
    pub(super) fn mode(&self, name: &[u8]) -> Option<Mode> {
        Some(self.find(name)?.mode)
    }

    /// What a name stands for.
    pub(super) fn get(&self, name: &[u8]) -> Option<Blob> {
        let entry = self.find(name)?;
        let digits = b"0123456789abcdef";
        let digit = |half: u8| char::from(digits.get(usize::from(half)).copied().unwrap_or_default());
        let hash = slice(&self.bytes, entry.hash);
        let id: String = hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        Some(Blob { mode: entry.mode, id: id.into() })
    }

    /// Whether anything is called so, with or without an ending.
    pub(super) fn may_hold(&self, name: &[u8]) -> bool {
        let with_ending = [name, b"."].concat();
        let at = self.entries.partition_point(|entry| slice(&self.bytes, entry.name) < with_ending.as_slice());
        let next = self.entries.get(at).map(|entry| slice(&self.bytes, entry.name));
        next.is_some_and(|next| next.starts_with(&with_ending)) || self.find(name).is_some()
    }

    /// Every name.
    pub(super) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.modes().map(|(name, _)| name)
    }

    /// Every name, and what kind of thing it stands for.
    pub(super) fn modes(&self) -> impl Iterator<Item = (&[u8], Mode)> {
        self.entries.iter().map(|entry| (slice(&self.bytes, entry.name), entry.mode))
    }

    fn find(&self, name: &[u8]) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|entry| slice(&self.bytes, entry.name).cmp(name)).ok()?;
        self.entries.get(at)
    }
}

fn slice(bytes: &[u8], (start, end): (usize, usize)) -> &[u8] {
    bytes.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_in_whatever_order_git_has_them() {
        let mut bytes = Vec::new();
        for (mode, name) in [("100644", "a-b"), ("40000", "a"), ("100755", "a.py"), ("120000", "link")] {
            bytes.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            bytes.extend_from_slice(&[0xab; 20]);
        }
        let listing = Listing::read(bytes.clone().into(), 20).unwrap();
        assert_eq!(listing.mode(b"a"), Some(Mode::Folder));
        assert_eq!(listing.mode(b"link"), Some(Mode::Other));
        assert_eq!(listing.mode(b"b"), None);
        assert_eq!(listing.get(b"a.py").unwrap().id, "ab".repeat(20).into());
        for (name, may_hold) in
            [("a", true), ("a-b", true), ("link", true), ("lin", false), ("a.p", false), ("b", false)]
        {
            assert_eq!(listing.may_hold(name.as_bytes()), may_hold, "{name}");
        }
        assert_eq!(listing.names().count(), 4);
        bytes.pop();
        assert!(Listing::read(bytes.into(), 20).is_none());
    }
}
