#![expect(clippy::disallowed_methods, reason = "what earlier runs learnt of commits is kept on disk here")]
//! What is known of commits already: a file of JSON lines for each set of rules and configuration.
//!
//! A commit never changes, so what was learnt once holds as long as the key does. A file that cannot be read, or is of
//! another version, is as good as none.

use std::fs;
use std::io;
use std::io::BufWriter;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::time::SystemTime;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use serde::Serialize;

use crate::git::ObjectId;
use crate::sums::Sums;

use super::StoreError;

/// Changes with the form of the file, and with what the numbers mean.
const VERSION: u32 = 1;

/// How many files stay: the key changes with the configuration, which may come back.
const FILES_KEPT: usize = 8;

const PREFIX: &str = "history-";

/// The numbers of commits, as far as earlier runs learnt them; an error says why a commit has none.
#[derive(Debug)]
pub struct Known {
    path: PathBuf,
    commits: FxHashMap<ObjectId, Result<Sums, String>>,
    is_changed: bool,
}

#[derive(Serialize, Deserialize)]
struct Header {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct Line {
    commit: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sums: Option<Sums>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Known {
    /// Reads what is known of the project at `root` under a key.
    ///
    /// # Errors
    ///
    /// When git fails, or no home is known.
    pub fn open(root: &Path, key: &str) -> Result<Self, StoreError> {
        let path = super::folder(root)?.join(format!("{PREFIX}{key}.jsonl"));
        let text = fs::read_to_string(&path).unwrap_or_default();
        Ok(Self { commits: parse(&text), path, is_changed: false })
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }

    /// The numbers of a commit.
    pub fn get(&self, commit: &str) -> Option<&Result<Sums, String>> {
        self.commits.get(commit)
    }

    /// Learns the numbers of a commit.
    pub fn learn(&mut self, commit: ObjectId, sums: Result<Sums, String>) {
        self.is_changed = true;
        self.commits.insert(commit, sums);
    }

    /// Writes what was learnt, if anything was.
    ///
    /// # Errors
    ///
    /// When the file cannot be written; the old one stays.
    pub fn save(&self) -> io::Result<()> {
        let Some(folder) = self.path.parent().filter(|_| self.is_changed) else { return Ok(()) };
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".history-").tempfile_in(folder)?;
        let mut out = BufWriter::new(file.as_file_mut());
        serde_json::to_writer(&mut out, &Header { version: VERSION })?;
        writeln!(out)?;
        let mut commits: Vec<_> = self.commits.iter().collect();
        commits.sort_unstable_by_key(|(commit, _)| *commit);
        for (commit, known) in commits {
            let (sums, error) = (known.as_ref().ok().cloned(), known.as_ref().err().cloned());
            serde_json::to_writer(&mut out, &Line { commit: commit.to_string(), sums, error })?;
            writeln!(out)?;
        }
        out.flush()?;
        drop(out);
        file.persist(&self.path).map_err(|error| error.error)?;
        prune(folder);
        Ok(())
    }
}

fn parse(text: &str) -> FxHashMap<ObjectId, Result<Sums, String>> {
    let mut lines = text.lines();
    let header = lines.next().and_then(|line| serde_json::from_str::<Header>(line).ok());
    if header.is_none_or(|header| header.version != VERSION) {
        return FxHashMap::default();
    }
    let known = lines.filter_map(|line| {
        let line: Line = serde_json::from_str(line).ok()?;
        let sums = line.sums.map(Ok).or(line.error.map(Err))?;
        Some((line.commit.into(), sums))
    });
    known.collect()
}

/// Drops the files that nobody has written for longest.
fn prune(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let is_ours = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(PREFIX);
    let age = |entry: &fs::DirEntry| {
        entry.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    let mut files: Vec<fs::DirEntry> = entries.flatten().filter(is_ours).collect();
    files.sort_by_key(|entry| std::cmp::Reverse(age(entry)));
    for entry in files.into_iter().skip(FILES_KEPT) {
        // One that stays is in nobody's way.
        let _ = fs::remove_file(entry.path());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learnt_is_known_and_what_is_torn_or_of_another_version_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Known::open(folder.path(), "key").unwrap();
        let path = folder.path().join("history-key.jsonl");
        let mut known = Known { path: path.clone(), ..open() };
        known.learn("b".into(), Ok(Sums { pending: 3, ..Sums::default() }));
        known.learn("a".into(), Err("no".to_owned()));
        known.save().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let read = parse(&text);
        assert_eq!(read, known.commits);
        assert_eq!(parse(text.trim_end().strip_suffix('}').unwrap()).len(), 1);
        assert!(parse(&text.replace("\"version\":1", "\"version\":0")).is_empty());
    }
}
