//! How many findings of each kind a state of the project has, and which of another state's findings lie beyond them.
//!
//! A finding is known by its path, rule and fingerprint. Equal paths match first; what they leave over may match
//! elsewhere, so that what moved is not new.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// By what a finding is known again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The file. Two tallies that are compared name their files in the same manner.
    pub path: PathBuf,
    /// The rule's id.
    pub rule: Arc<str>,
    /// See [`crate::finding::fingerprint`].
    pub fingerprint: String,
}

/// A multiset of marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<Mark, usize>,
}

/// What a comparison with a tally gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// For each mark, in the order given, whether the tally knows it.
    pub known: Vec<bool>,
    /// What the tally has, and no mark claimed.
    pub left: Tally,
}

impl Tally {
    /// Adds a mark so many times.
    pub fn add(&mut self, mark: Mark, count: usize) {
        if count > 0 {
            *self.counts.entry(mark).or_default() += count;
        }
    }

    /// How often it has a mark.
    pub fn count(&self, mark: &Mark) -> usize {
        self.counts.get(mark).copied().unwrap_or_default()
    }

    /// How many marks it has, equal ones counted each.
    pub fn total(&self) -> usize {
        self.counts.values().sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Its marks and how often it has each, sorted by path, rule and fingerprint.
    pub fn iter(&self) -> impl Iterator<Item = (&Mark, usize)> {
        self.counts.iter().map(|(mark, count)| (mark, *count))
    }

    /// Tells which marks this tally knows. Each of its entries vouches for one mark: of the same path if there is
    /// one, else, where `may_move` says so of the entry's path, of any other path.
    ///
    /// Of equal marks the first ones count as known.
    pub fn compare<'m>(&self, marks: impl IntoIterator<Item = &'m Mark>, may_move: impl Fn(&Path) -> bool) -> Compared {
        let mut left = self.clone();
        let marks: Vec<&Mark> = marks.into_iter().collect();
        let mut known: Vec<bool> = marks.iter().map(|mark| left.take(mark)).collect();
        let mut movable: BTreeMap<(Arc<str>, String), Vec<PathBuf>> = BTreeMap::new();
        for (mark, count) in left.iter().filter(|(mark, _)| may_move(&mark.path)) {
            let paths = movable.entry((Arc::clone(&mark.rule), mark.fingerprint.clone())).or_default();
            paths.extend(std::iter::repeat_n(mark.path.clone(), count));
        }
        for (mark, is_known) in marks.iter().zip(&mut known).filter(|(_, is_known)| !**is_known) {
            let paths = movable.get_mut(&(Arc::clone(&mark.rule), mark.fingerprint.clone()));
            if let Some(path) = paths.and_then(Vec::pop) {
                *is_known = left.take(&Mark { path, ..(*mark).clone() });
            }
        }
        Compared { known, left }
    }

    /// Takes one of a mark away; `false` where there is none.
    fn take(&mut self, mark: &Mark) -> bool {
        match self.counts.get_mut(mark) {
            Some(1) => self.counts.remove(mark).is_some(),
            Some(count) => {
                *count -= 1;
                true
            }
            None => false,
        }
    }
}

impl Extend<Mark> for Tally {
    fn extend<T: IntoIterator<Item = Mark>>(&mut self, marks: T) {
        for mark in marks {
            self.add(mark, 1);
        }
    }
}

impl FromIterator<Mark> for Tally {
    fn from_iter<T: IntoIterator<Item = Mark>>(marks: T) -> Self {
        let mut tally = Self::default();
        tally.extend(marks);
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Marks as `path:fingerprint`, parted by spaces.
    fn marks(text: &str) -> Vec<Mark> {
        let mark = |(path, fingerprint): (&str, &str)| Mark {
            path: path.into(),
            rule: "direct-client".into(),
            fingerprint: fingerprint.to_owned(),
        };
        text.split_whitespace().filter_map(|mark| mark.split_once(':')).map(mark).collect()
    }

    fn show(marks: impl IntoIterator<Item = Mark>) -> String {
        let shown = marks.into_iter().map(|mark| format!("{}:{}", mark.path.display(), mark.fingerprint));
        shown.collect::<Vec<_>>().join(" ")
    }

    /// Compares, and shows what is beyond the base and what of the base is left.
    fn beyond(found: &str, base: &str, may_move: impl Fn(&Path) -> bool) -> (String, String) {
        let found = marks(found);
        let compared = marks(base).into_iter().collect::<Tally>().compare(&found, may_move);
        let new = found.into_iter().zip(compared.known).filter(|(_, known)| !known).map(|(mark, _)| mark);
        let left = compared.left.iter().flat_map(|(mark, count)| std::iter::repeat_n(mark.clone(), count));
        (show(new), show(left))
    }

    fn check(found: &str, base: &str, new: &str, left: &str) {
        assert_eq!(beyond(found, base, |_| true), (new.to_owned(), left.to_owned()), "{found} beyond {base}");
    }

    #[test]
    fn a_second_equal_one_is_new() {
        check("a:x a:x", "a:x", "a:x", "");
        check("a:x", "a:x a:x", "", "a:x");
        check("a:x a:x a:x", "a:x a:x", "a:x", "");
    }

    #[test]
    fn a_swap_is_new_though_the_number_is_the_same() {
        check("a:y", "a:x", "a:y", "a:x");
    }

    #[test]
    fn what_moved_to_another_file_is_not_new() {
        check("b:x", "a:x", "", "");
        check("b:x c:x", "a:x", "c:x", "");
    }

    #[test]
    fn equal_paths_match_before_others() {
        check("a:x b:x", "b:x", "a:x", "");
        check("a:x b:x c:x", "b:x c:x", "a:x", "");
        check("a:x b:x", "b:x b:x", "", "");
    }

    #[test]
    fn an_entry_stays_where_it_is_unless_it_may_move() {
        let gone = |path: &Path| path == Path::new("gone");
        assert_eq!(beyond("b:x", "a:x", gone), ("b:x".to_owned(), "a:x".to_owned()));
        assert_eq!(beyond("b:x", "gone:x", gone), (String::new(), String::new()));
        assert_eq!(beyond("b:x c:x", "a:x gone:x", gone), ("c:x".to_owned(), "a:x".to_owned()));
    }

    #[test]
    fn rules_are_told_apart() {
        let found = marks("a:x");
        let base: Tally = marks("a:x").into_iter().map(|mark| Mark { rule: "legacy-api".into(), ..mark }).collect();
        let compared = base.compare(&found, |_| true);
        assert_eq!(compared.known, [false]);
        assert_eq!((base.total(), compared.left.total(), base.count(&found[0])), (1, 1, 0));
    }
}
