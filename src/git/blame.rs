//! Since when lines have been as they are.

use std::collections::BTreeMap;
use std::path::Path;

use super::GitError;
use super::Repository;

impl Repository {
    /// Returns when lines of a file (from 1) were committed as they are, in seconds since 1970; those that are not committed
    /// are left out.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or does not know the file.
    pub fn line_times(&self, path: &Path, lines: &[u32]) -> Result<BTreeMap<u32, i64>, GitError> {
        let ranges: Vec<String> = lines.iter().map(|line| format!("-L{line},{line}")).collect();
        let mut arguments = vec!["blame", "--line-porcelain", "--no-progress"];
        arguments.extend(ranges.iter().map(String::as_str));
        arguments.push("--");
        let output = self.run("blame", &arguments, &[path.to_path_buf()])?;
        let mut times = BTreeMap::new();
        let mut current = None;
        for line in output.split(|&byte| byte == b'\n') {
            let Ok(line) = std::str::from_utf8(line) else { continue };
            // `HASH LINE-BEFORE LINE [COUNT]`, lines of facts, and a line of the file after a tabulator.
            let words: Vec<&str> = line.split(' ').collect();
            match words.as_slice() {
                [hash, _, line, ..] if hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                    let is_committed = hash.bytes().any(|byte| byte != b'0');
                    current = line.parse().ok().filter(|_: &u32| is_committed);
                }
                ["committer-time", time] => {
                    times.extend(current.zip(time.parse().ok()));
                }
                _ => {}
            }
        }
        Ok(times)
    }
}
