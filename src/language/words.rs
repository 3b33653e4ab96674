//! Many literals, searched for in one pass.

use aho_corasick::AhoCorasick;
use aho_corasick::MatchKind;
use aho_corasick::packed;

/// Literals, and what each stands for.
#[derive(Debug)]
pub struct Words<K> {
    searcher: Option<packed::Searcher>,
    fallback: Option<AhoCorasick>,
    kinds: Vec<K>,
    /// What everything stands for where there is no way to search.
    unknown: K,
}

impl<K: Copy> Words<K> {
    /// Makes ready for a search. Where two literals start at one place, the earlier is found.
    pub fn new<'w>(words: impl IntoIterator<Item = (&'w str, K)>, unknown: K) -> Self {
        let (patterns, kinds): (Vec<&str>, Vec<K>) = words.into_iter().unzip();
        let searcher = packed::Config::new().builder().extend(&patterns).build();
        let fallback = match searcher {
            Some(_) => None,
            None => AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(&patterns).ok(),
        };
        Self { searcher, fallback, kinds, unknown }
    }

    /// What stands in a text, in order: its kind, and the bytes that it starts and ends at, from 0.
    pub fn find<'t>(&'t self, text: &'t [u8]) -> Box<dyn Iterator<Item = (K, usize, usize)> + 't> {
        let found = move |m: aho_corasick::Match| {
            (self.kinds.get(m.pattern().as_usize()).copied().unwrap_or(self.unknown), m.start(), m.end())
        };
        match (&self.searcher, &self.fallback) {
            (Some(searcher), _) => Box::new(searcher.find_iter(text).map(found)),
            (None, Some(automaton)) => Box::new(automaton.find_iter(text).map(found)),
            (None, None) => Box::new(std::iter::once((self.unknown, 0, 0))),
        }
    }
}
