#![expect(clippy::disallowed_methods, reason = "what is ignored outside of the project is read here")]
//! Which files of a state that lies on no disk a walk of the disk would come to.
//!
//! The rules are those of the walk: what is hidden or ignored is passed over, and so is all below it. A file that git
//! knows is passed over as well where the project's own files say so.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use ignore::Match;
use ignore::gitignore::Gitignore;
use ignore::gitignore::GitignoreBuilder;
use rustc_hash::FxHashMap;

use crate::config::Config;
use crate::language;

use super::Filter;
use super::is_hidden;

/// Names of files that say what is passed over, the strongest first.
const NAMES: [&str; 2] = [".ignore", ".gitignore"];

/// Whether a file says what is passed over.
pub fn is_ignore_file(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| NAMES.contains(&name))
}

/// What is looked at, and what is passed over.
#[derive(Debug)]
pub struct Sieve {
    filter: Filter,
    root: PathBuf,
    /// What files of the project say: by kind, then by folder.
    own: [FxHashMap<PathBuf, Gitignore>; 2],
    /// What git is told of this repository, and of all of the user's.
    excluded: Gitignore,
    global: Gitignore,
}

impl Sieve {
    /// A sieve for a project in which no file says anything yet. `top` is the repository's folder, `exclude` git's own
    /// list for it.
    pub fn new(config: &Config, top: &Path, exclude: &Path) -> Self {
        let mut excluded = GitignoreBuilder::new(top);
        // What of it cannot be read says nothing, as in a walk.
        let _ = excluded.add(exclude);
        let (global, _) = GitignoreBuilder::new(top).build_global();
        let excluded = excluded.build().unwrap_or_else(|_| Gitignore::empty());
        Self { filter: Filter::new(config), root: config.root.clone(), own: Default::default(), excluded, global }
    }

    /// What is said outside of the project's files: in git's own folder and for all of the user's repositories.
    pub fn said_outside(exclude: &Path) -> Vec<u8> {
        let global = ignore::gitignore::gitconfig_excludes_path();
        let files = [Some(exclude.to_path_buf()), global];
        let texts = files.into_iter().flatten().map(|path| fs::read(path).unwrap_or_default());
        texts.collect::<Vec<_>>().join(&0)
    }

    /// Learns what a file of the project says; `None` where it is gone.
    pub fn learn(&mut self, path: &Path, text: Option<&[u8]>) {
        let name = path.file_name().and_then(|name| name.to_str());
        let kind = NAMES.iter().position(|known| name == Some(known));
        let (Some(own), Some(folder)) = (kind.and_then(|kind| self.own.get_mut(kind)), path.parent()) else { return };
        let Some(text) = text else {
            own.remove(folder);
            return;
        };
        let mut builder = GitignoreBuilder::new(folder);
        for line in String::from_utf8_lossy(text).trim_start_matches('\u{feff}').lines() {
            // A line that is no pattern says nothing.
            let _ = builder.add_line(Some(path.to_path_buf()), line);
        }
        own.insert(folder.to_path_buf(), builder.build().unwrap_or_else(|_| Gitignore::empty()));
    }

    /// Whether a file is looked at.
    pub fn passes(&self, path: &Path) -> bool {
        if language::by_path(path).is_none() || !self.filter.includes(path) {
            return false;
        }
        let mut is_file = true;
        for place in path.ancestors() {
            if place == self.root {
                return true;
            }
            if self.is_passed_over(place, !is_file) {
                return false;
            }
            is_file = false;
        }
        false
    }

    fn is_passed_over(&self, path: &Path, is_folder: bool) -> bool {
        if self.filter.excludes(path) {
            return true;
        }
        let mut said = Match::None;
        for own in &self.own {
            for folder in path.ancestors().skip(1) {
                if said.is_none()
                    && let Some(rules) = own.get(folder)
                {
                    said = rules.matched(path, is_folder);
                }
            }
        }
        for rules in [&self.excluded, &self.global] {
            if said.is_none() {
                said = rules.matched(path, is_folder);
            }
        }
        // What is asked for by name is not hidden.
        said.is_ignore() || (said.is_none() && is_hidden(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sieve(files: &[(&str, &str)]) -> Sieve {
        let config = Config::load(Path::new("/"), None).unwrap();
        let mut sieve = Sieve::new(&Config { root: "/p".into(), ..config }, Path::new("/p"), Path::new("/p/none"));
        for (path, text) in files {
            sieve.learn(&Path::new("/p").join(path), Some(text.as_bytes()));
        }
        sieve
    }

    fn check(files: &[(&str, &str)], seen: &[&str], unseen: &[&str]) {
        let sieve = sieve(files);
        let passes = |path: &str| sieve.passes(&Path::new("/p").join(path));
        for path in seen {
            assert!(passes(path), "{path} is looked at");
        }
        for path in unseen {
            assert!(!passes(path), "{path} is passed over");
        }
    }

    #[test]
    fn hidden_files_and_other_languages_are_passed_over() {
        check(&[], &["a.py", "b/c.ts"], &[".a.py", ".b/c.py", "a.txt"]);
    }

    #[test]
    fn the_nearest_file_decides_and_nothing_below_an_ignored_folder_comes_back() {
        check(
            &[(".gitignore", "gen/\n*_pb.py\n"), ("a/.gitignore", "!keep_pb.py\n"), ("gen/.gitignore", "!x.py\n")],
            &["a/keep_pb.py", "a/b.py"],
            &["a/b_pb.py", "gen/x.py"],
        );
    }

    #[test]
    fn an_ignore_file_is_stronger_than_gits_and_shows_what_is_hidden() {
        check(&[(".gitignore", "a.py\n"), (".ignore", "!a.py\nb.py\n!.tools\n")], &["a.py", ".tools/c.py"], &["b.py"]);
    }
}
