//! What a file held in earlier commits.

use std::path::Path;

use super::GitError;
use super::ObjectId;
use super::Repository;

impl Repository {
    /// Returns what a file, whose path is absolute and without links, has held in the commits up to now: newest first.
    ///
    /// # Errors
    ///
    /// When git cannot be run, or fails, as it does where there is no commit.
    pub fn past(&self, path: &Path) -> Result<Vec<ObjectId>, GitError> {
        // In a merge, each parent may have had it differently.
        let arguments =
            ["--literal-pathspecs", "log", "-m", "--raw", "--no-abbrev", "--no-renames", "-z", "--format=", "--"];
        let output = self.run("log", &arguments, &[path.to_path_buf()])?;
        let mut past: Vec<ObjectId> = Vec::new();
        for line in output.split(|&byte| byte == 0) {
            let line = String::from_utf8_lossy(line);
            // `:MODE MODE OBJECT OBJECT LETTER`, before and after; a name follows it by itself.
            let Some((_, line)) = line.split_once(':') else { continue };
            let mut words = line.split(' ').skip(2);
            let (Some(before), Some(after)) = (words.next(), words.next()) else { continue };
            for id in [after, before] {
                let is_object = id.bytes().all(|byte| byte.is_ascii_hexdigit()) && id.bytes().any(|byte| byte != b'0');
                if is_object && !past.iter().any(|known| **known == *id) {
                    past.push(id.into());
                }
            }
        }
        Ok(past)
    }
}
