//! Ranges of versions, as far as it takes to tell what lies below a version: of PEP 440 and of Poetry.

use std::cmp::Ordering;
use std::fmt;

/// The numbers of a version. What follows them (`rc1`, `.post2`) is left out.
#[derive(Clone, Debug)]
pub(super) struct Release(Vec<u64>);

impl<const N: usize> From<[u64; N]> for Release {
    fn from(numbers: [u64; N]) -> Self {
        Self(numbers.to_vec())
    }
}

impl Release {
    /// Reads the numbers that a text starts with.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let numbers = text.get(..end)?.split('.').map_while(|number| number.parse().ok());
        let numbers: Vec<u64> = numbers.collect();
        (!numbers.is_empty()).then_some(Self(numbers))
    }

    /// The first version after all that start with the first `count` numbers of this one.
    fn after(&self, count: usize) -> Self {
        let mut numbers: Vec<u64> = self.0.iter().copied().take(count.max(1)).collect();
        if let Some(last) = numbers.last_mut() {
            *last += 1;
        }
        Self(numbers)
    }
}

impl PartialEq for Release {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Release {}

impl PartialOrd for Release {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Release {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.0.len().max(other.0.len());
        let padded =
            |release: &Self| release.0.iter().copied().chain(std::iter::repeat(0)).take(length).collect::<Vec<_>>();
        padded(self).cmp(&padded(other))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u64::to_string).collect();
        formatter.write_str(&numbers.join("."))
    }
}

/// The versions that somebody asks for.
#[derive(Clone, Debug)]
pub(super) struct Range {
    text: String,
    /// From this one.
    low: Option<Release>,
    /// Below this one.
    high: Option<Release>,
    pinned: Option<Release>,
}

impl fmt::Display for Range {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Range {
    /// The one version that a lock has.
    pub(super) fn of_lock(version: &str) -> Option<Self> {
        let pinned = Some(Release::read(version.trim_start_matches('='))?);
        Some(Self { text: version.to_owned(), low: pinned.clone(), high: None, pinned })
    }

    /// What follows a name in a requirement, such as `>=1.40,<2`; `None` where it cannot be read.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut range = Self { text: text.trim().to_owned(), low: None, high: None, pinned: None };
        for clause in text.split(',').map(str::trim).filter(|clause| !clause.is_empty() && *clause != "*") {
            let end = clause.find(|c: char| !"<>=!~^".contains(c))?;
            let (operator, version) = clause.split_at_checked(end)?;
            range.narrow(operator, version)?;
        }
        Some(range)
    }

    fn narrow(&mut self, operator: &str, version: &str) -> Option<()> {
        // `^1 || ^2` of Poetry, or a version and more that is not known here.
        let release = Release::read(version).filter(|_| !version.trim().contains(['|', ' ']))?;
        let length = release.0.len();
        let (low, high) = match operator {
            "" | "=" | "==" | "===" if version.contains('*') => (Some(release.clone()), Some(release.after(length))),
            "" | "=" | "==" | "===" => {
                self.pinned = Some(release.clone());
                (Some(release), None)
            }
            ">=" | ">" => (Some(release), None),
            "<" => (None, Some(release)),
            // All that the version stands for; whether it is among them itself decides nothing here.
            "<=" => (None, Some(release.after(length))),
            "~=" => (Some(release.clone()), Some(release.after(length.saturating_sub(1)))),
            "~" => (Some(release.clone()), Some(release.after(2.min(length)))),
            "^" => {
                let zeros = release.0.iter().take_while(|number| **number == 0).count();
                (Some(release.clone()), Some(release.after((zeros + 1).min(length))))
            }
            "!=" => (None, None),
            _ => return None,
        };
        self.low = self.low.take().max(low);
        self.high = match (self.high.take(), high) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Some(())
    }

    /// The only version that it allows.
    pub(super) fn pinned(&self) -> Option<&Release> {
        self.pinned.as_ref()
    }

    /// Whether all that it allows lies below a version.
    pub(super) fn is_below(&self, version: &Release) -> bool {
        self.high.as_ref().is_some_and(|high| high <= version)
    }

    /// Whether nothing that it allows lies below a version.
    pub(super) fn is_from(&self, version: &Release) -> bool {
        self.low.as_ref().is_some_and(|low| low >= version)
    }

    /// Whether it speaks for something below a version. Who asks for nothing gets the newest.
    pub(super) fn allows_below(&self, version: &Release) -> bool {
        let says_something = self.low.is_some() || self.high.is_some();
        says_something && self.low.as_ref().is_none_or(|low| low < version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, low: Option<&str>, high: Option<&str>) {
        let range = Range::read(text).unwrap();
        let shown = |release: Option<Release>| release.map(|release| release.to_string());
        assert_eq!((shown(range.low).as_deref(), shown(range.high).as_deref()), (low, high), "{text}");
    }

    #[test]
    fn both_ways_of_asking_are_read() {
        check("", None, None);
        check("*", None, None);
        check(">=1.40, <3 , !=2.1", Some("1.40"), Some("3"));
        check("==1.40.*", Some("1.40"), Some("1.41"));
        check("~=1.40.2", Some("1.40.2"), Some("1.41"));
        check("^1.40.2", Some("1.40.2"), Some("2"));
        check("^0.28.1", Some("0.28.1"), Some("0.29"));
        check("~1.40.2", Some("1.40.2"), Some("1.41"));
        check("~1", Some("1"), Some("2"));
        check("<=3.8", None, Some("3.9"));
        check("1.40.2rc1", Some("1.40.2"), None);
        assert!(Range::read("^1 || ^2").is_none() && Range::read("@ file:///x").is_none());
    }

    #[test]
    fn versions_are_compared_by_number() {
        let release = |text: &str| Release::read(text).unwrap();
        assert!(release("1.100") > release("1.40.9"));
        assert!(release("1.40.0") == release("1.40"));
        assert_eq!(release("v2.0rc1").to_string(), "2.0");
    }
}
