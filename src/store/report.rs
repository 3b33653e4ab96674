#![expect(clippy::disallowed_methods, reason = "what the last report said is kept on disk here")]
//! What earlier reports said, one for each day: JSON lines, in git's own folder.

use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;

use crate::sums::Sums;

use super::StoreError;

const NAME: &str = "reports-1.jsonl";

/// How many days are remembered.
const DAYS_KEPT: usize = 400;

/// What a report said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The day, as `YYYY-MM-DD`.
    pub day: String,
    /// The numbers.
    pub sums: Sums,
}

/// What all of them said, oldest first.
#[derive(Debug)]
pub struct Reports {
    path: PathBuf,
    told: Vec<Told>,
}

impl Reports {
    /// Reads what was said of the project at `root`. What cannot be read was not said.
    ///
    /// # Errors
    ///
    /// When git fails, or no home is known.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let path = super::folder(root)?.join(NAME);
        let text = fs::read_to_string(&path).unwrap_or_default();
        Ok(Self { path, told: text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect() })
    }

    /// The last report of an earlier day than this one.
    pub fn before(&self, day: &str) -> Option<&Told> {
        self.told.iter().rev().find(|told| *told.day < *day)
    }

    /// Adds a report, in place of one of the same day, and writes all of them.
    ///
    /// # Errors
    ///
    /// When the file cannot be written; the old one stays.
    pub fn add(&mut self, told: Told) -> io::Result<()> {
        self.told.retain(|other| other.day != told.day);
        self.told.push(told);
        self.told.sort_by(|one, other| one.day.cmp(&other.day));
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".reports-").tempfile_in(folder)?;
        let first = self.told.len().saturating_sub(DAYS_KEPT);
        for told in self.told.iter().skip(first) {
            let line = serde_json::to_string(told)?;
            writeln!(file, "{line}")?;
        }
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}
