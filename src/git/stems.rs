#![expect(clippy::disallowed_methods, reason = "a process costs more than a look at git's index")]
//! Which names files and folders have anywhere in the index, as far as one look at its bytes tells.
//!
//! Versions 2 and 3 of the format spell out every path, so that each name but the first of a path stands between a slash
//! and a slash or a NUL (<https://git-scm.com/docs/index-format>). Other bytes may look like that too: then there seems to
//! be a name that there is not, and nothing worse.

use std::env;
use std::fs;
use std::hash::BuildHasher;
use std::io;
use std::io::Read;
use std::path::PathBuf;

use rustc_hash::FxBuildHasher;

use super::Repository;

/// What an index begins with, before its version.
const SIGNATURE: &[u8] = b"DIRC";

/// How much is read at once; no name is as long.
const CHUNK: usize = 64 * 1024;

/// Bits of the table: some thirty for each name of a large repository.
const BITS: u64 = 1 << 20;

/// The names up to their first dot: two bits for each, by its hash. A name that is not there has both set now and then, in
/// a large repository one of three hundred.
#[derive(Debug)]
pub(super) struct Stems(Vec<u64>);

impl Stems {
    /// Reads the index; `None` where its bytes do not tell all names.
    pub(super) fn read(repository: &Repository) -> Option<Self> {
        let folder = repository.folder()?;
        // Of a split index, and of one without the folders that are not checked out, another file has a part.
        let common = fs::read_to_string(folder.join("commondir")).ok();
        let common = common.map_or_else(|| folder.clone(), |path| folder.join(path.trim_end()));
        let is_split = |folder: &PathBuf| {
            let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
            names.into_iter().any(|name| name.as_encoded_bytes().starts_with(b"sharedindex."))
        };
        let is_sparse = |folder: &PathBuf| folder.join("info").join("sparse-checkout").exists();
        if [&folder, &common].into_iter().any(|folder| is_split(folder) || is_sparse(folder)) {
            return None;
        }
        let named = env::var_os("GIT_INDEX_FILE").map(|path| repository.root().join(path));
        Self::of(fs::File::open(named.unwrap_or_else(|| folder.join("index"))).ok()?, CHUNK)
    }

    fn of(mut index: impl Read, chunk: usize) -> Option<Self> {
        let mut start = [0; SIGNATURE.len() + 4];
        index.read_exact(&mut start).ok()?;
        let version = start.strip_prefix(SIGNATURE)?.first_chunk::<4>()?;
        if !matches!(u32::from_be_bytes(*version), 2 | 3) {
            return None;
        }
        let mut stems = Self(vec![0; usize::try_from(BITS / 64).ok()?]);
        let mut buffer = vec![0; chunk];
        let mut kept = 0;
        loop {
            match index.read(buffer.get_mut(kept..)?) {
                Ok(0) => return Some(stems),
                Ok(read) => {
                    let filled = kept + read;
                    let taken = stems.add(buffer.get(..filled)?)?;
                    buffer.copy_within(taken..filled, 0);
                    kept = filled - taken;
                    if kept == chunk {
                        return None;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
    }

    /// Adds the names in a part of an index; gives back where the last path starts if its end is not there yet.
    fn add(&mut self, part: &[u8]) -> Option<usize> {
        // From the first slash to the last one, in the path before: what lies in one folder stands together.
        let mut folders: &[u8] = &[];
        let mut at = 0;
        while let Some(first) = memchr::memchr(b'/', part.get(at..)?).map(|slash| at + slash) {
            let is_known = !folders.is_empty() && part.get(first..)?.starts_with(folders);
            let mut slash = if is_known { first + folders.len() - 1 } else { first };
            loop {
                let rest = part.get(slash + 1..)?;
                let Some(end) = memchr::memchr2(b'/', 0, rest) else { return Some(first) };
                for (word, bit) in places(stem(rest.get(..end)?)) {
                    *self.0.get_mut(word)? |= bit;
                }
                at = slash + 1 + end;
                if part.get(at) != Some(&b'/') {
                    break;
                }
                slash = at;
            }
            folders = part.get(first..=slash)?;
        }
        Some(part.len())
    }

    /// Whether anything that lies in a folder may be called so, with or without an ending.
    pub(super) fn may_hold(&self, name: &str) -> bool {
        places(stem(name.as_bytes()))
            .into_iter()
            .all(|(word, bit)| self.0.get(word).is_some_and(|word| word & bit != 0))
    }
}

/// A name up to its first dot.
pub(super) fn stem(name: &[u8]) -> &[u8] {
    memchr::memchr(b'.', name).and_then(|dot| name.get(..dot)).unwrap_or(name)
}

/// Where the bits of a name stand: in which word, and which they are.
fn places(stem: &[u8]) -> [(usize, u64); 2] {
    let hash = FxBuildHasher.hash_one(stem);
    [hash, hash >> 32].map(|hash| {
        let bit = hash % BITS;
        (usize::try_from(bit / 64).unwrap_or(0), 1 << (bit % 64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(version: u8, paths: &[&str]) -> Vec<u8> {
        let mut bytes = [SIGNATURE, &[0, 0, 0, version], &[0, 0, 0, 1]].concat();
        for path in paths {
            bytes.extend([0xab; 62]);
            bytes.extend(path.as_bytes());
            bytes.push(0);
        }
        bytes
    }

    #[test]
    fn names_below_folders_are_known_without_their_endings() {
        let bytes =
            index(2, &["a.py", "b/c.d.py", "b/e/__init__.py", "b/e/g.py", "b/e/h/i.py", "b/eh/j", "b/.hidden/f"]);
        for chunk in [16, 17, 64, CHUNK] {
            let stems = Stems::of(bytes.as_slice(), chunk).unwrap();
            for name in ["c", "c.py", "e", "__init__", "g", "h", "i", "eh", "j", "f"] {
                assert!(stems.may_hold(name), "{name}, {chunk} bytes at once");
            }
            for name in ["d", "a", "py", "hidden"] {
                assert!(!stems.may_hold(name), "{name}, {chunk} bytes at once");
            }
        }
        assert!(Stems::of(bytes.as_slice(), 8).is_none(), "a name is longer than what is read at once");
        assert!(Stems::of(index(4, &["b/c.py"]).as_slice(), CHUNK).is_none());
        assert!(Stems::of([].as_slice(), CHUNK).is_none());
    }
}
