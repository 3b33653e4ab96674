//! What a text says before it is parsed: whether it can matter, and which paths it names.

use memchr::memmem;

use crate::language::Glance;
use crate::language::Sketch;
use crate::language::Watch;
use crate::language::Words;
use crate::language::hash_name;
use crate::language::hash_star;

/// The literals of a run, ready to be searched for.
#[derive(Debug)]
pub(super) struct Literals(Words<()>);

impl Literals {
    pub(super) fn new(watch: &Watch) -> Self {
        // A function's own name may be any word; whoever calls it names its module.
        let modules = watch.modules.iter().filter_map(|module| module.rsplit("::").next());
        let decisive = ["qmigrate:", "#[path"].into_iter().chain(modules);
        let packages = watch.packages.iter().chain(&watch.aliases).map(String::as_str);
        let mut words: Vec<&str> = decisive.chain(packages).collect();
        // Of two words that start at one place, the longer one must be seen.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        Self(Words::new(words.into_iter().map(|word| (word, ())), ()))
    }
}

/// Looks at a text: whether it can hold anything that a rule, the factory or a suppression is about, and the paths that it names.
pub(super) fn glance(text: &[u8], literals: &Literals) -> Glance {
    if literals.0.find(text).any(|((), start, end)| stands_alone(text, start, end)) {
        return Glance { matters: true, sketch: Sketch::default() };
    }
    Glance { matters: false, sketch: sketch(text) }
}

/// Whether what stands here is no part of a longer word.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|&byte| is_word(byte));
    let is_bounded = word(Some(start)) && word(end.checked_sub(1));
    !is_bounded || (!word(start.checked_sub(1)) && !word(Some(end)))
}

/// Pairs of a path's name and the name after it, as hashes.
#[derive(Default)]
struct Pairs(Vec<(u32, u32)>);

impl Pairs {
    fn insert(&mut self, pair: (u32, u32)) {
        // Many paths stand in a file again and again.
        if self.0.last() != Some(&pair) {
            self.0.push(pair);
        }
    }
}

/// Every `a::b` of a text, and what the groups of its `use` statements bring.
fn sketch(text: &[u8]) -> Sketch {
    let mut pairs = Pairs::default();
    // The name that was read last: where it ends, and its hash.
    let mut last = (0, 0);
    for at in memmem::find_iter(text, b"::") {
        let tail = if last.0 == at { last.1 } else { head_before(text, at) };
        let after = text.get(at + 2..).unwrap_or_default();
        let start = after.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        match after.get(start) {
            Some(b'*') => pairs.insert((tail, hash_star())),
            Some(b'{') => group(after.get(start..).unwrap_or_default(), tail, &mut pairs),
            _ => {
                let length = after.iter().skip(start).take_while(|&&byte| is_word(byte)).count();
                if let Some(name) = after.get(start..start + length).filter(|name| !name.is_empty()) {
                    last = (at + 2 + start + length, tail_of(name));
                    pairs.insert((tail, hash_name(name)));
                }
            }
        }
    }
    let mut pairs = pairs.0;
    pairs.sort_unstable();
    pairs.dedup();
    let mut sketch = Sketch::default();
    for (tail, name) in pairs {
        match sketch.statements.last_mut() {
            Some((last, count)) if *last == tail => *count += 1,
            _ => sketch.statements.push((tail, 1)),
        }
        sketch.names.push(name);
    }
    sketch
}

/// The hash of the name before a place.
fn head_before(text: &[u8], at: usize) -> u32 {
    let before = text.get(..at).unwrap_or_default();
    let length = before.iter().rev().take_while(|&&byte| is_word(byte)).count();
    tail_of(before.get(at - length..).unwrap_or_default())
}

/// The hash of a name in front of others; nothing is known of what it leads to where it is a word of the language.
fn tail_of(name: &[u8]) -> u32 {
    match name {
        b"crate" | b"self" | b"super" => 0,
        name => hash_name(name),
    }
}

/// The names directly in a group: `{b::C, d, e as f}` brings `b` and `d`.
fn group(text: &[u8], tail: u32, pairs: &mut Pairs) {
    let mut depth = 0_usize;
    let mut fresh = false;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'{' => {
                depth += 1;
                fresh = depth == 1;
            }
            b'}' if depth <= 1 => return,
            b'}' => depth -= 1,
            b',' => fresh = depth == 1,
            b'*' if fresh => pairs.insert((tail, hash_star())),
            b';' => return,
            byte if is_word(byte) => {
                let length = text.iter().skip(at).take_while(|&&byte| is_word(byte)).count();
                if fresh && let Some(name) = text.get(at..at + length) {
                    pairs.insert((tail, hash_name(name)));
                    fresh = false;
                }
                at += length;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch() -> Watch {
        Watch {
            packages: vec!["async_openai".to_owned()],
            aliases: vec!["sdk".to_owned(), "sdk_core".to_owned()],
            modules: vec!["crate::openai_client".to_owned()],
            ..Watch::default()
        }
    }

    #[test]
    fn a_word_counts_by_itself() {
        let literals = Literals::new(&watch());
        assert!(glance(b"use async_openai::Client;", &literals).matters);
        assert!(!glance(b"use my_async_openai_types::X; let clients = 1;", &literals).matters);
        assert!(glance(b"crate::openai_client::client()", &literals).matters);
        assert!(glance(b"sdk_core::Client::new()", &literals).matters);
        assert!(!glance(b"sdk_corex::Client::new()", &literals).matters);
    }

    #[test]
    fn paths_and_groups_are_noted() {
        let text = [b"use ".as_slice(), b"crate::{llm::{self, Make as M}, other};\n", b"use super::*;"].concat();
        let sketch = glance(&text, &Literals::new(&watch())).sketch;
        let mut names = sketch.names.as_slice();
        let mut pairs = Vec::new();
        for &(tail, count) in &sketch.statements {
            let (own, rest) = names.split_at(count as usize);
            pairs.extend(own.iter().map(|&name| (tail, name)));
            names = rest;
        }
        for pair in [(0, "llm"), (0, "other"), (hash_name(b"llm"), "Make"), (0, "*")] {
            assert!(pairs.contains(&(pair.0, hash_name(pair.1.as_bytes()))), "{pair:?}");
        }
    }
}
