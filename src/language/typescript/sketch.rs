//! What a text says before it is parsed: whether it can matter, and what it imports.

use crate::language::Glance;
use crate::language::Sketch;
use crate::language::Watch;
use crate::language::Words;
use crate::language::hash_name;
use crate::language::hash_star;

use super::canonical::canonical;

/// How far back the names of an import are looked for.
const BACK: usize = 4096;

/// What a literal stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A word after which a text always matters.
    Decisive,
    /// A package that rules name.
    Package,
    /// `from` of an import.
    From,
    /// `require(` or `import(`, and what tests have of the kind.
    Call,
}

/// Finds all literals that matter in one pass.
#[derive(Debug)]
pub(super) struct Literals(Words<Kind>);

impl Literals {
    /// The literals of a run.
    pub(super) fn new(watch: &Watch) -> Self {
        let calls = ["require(", "import(", "require (", "import (", "Actual("];
        let fixed = [("qmigrate:", Kind::Decisive), ("from", Kind::From)];
        let fixed = fixed.into_iter().chain(calls.map(|word| (word, Kind::Call)));
        let functions = watch.functions.iter().map(|word| (word.as_str(), Kind::Decisive));
        let packages = watch.packages.iter().map(|word| (word.as_str(), Kind::Package));
        let all = fixed.chain(functions).chain(packages);
        Self(Words::new(all, Kind::Decisive))
    }
}

/// Looks at a text once: whether it can hold anything that a rule, the factory or a suppression is about, and what it
/// imports.
pub(super) fn glance(text: &[u8], watch: &Watch, literals: &Literals) -> Glance {
    let mut sketch = Sketch::default();
    for (kind, start, end) in literals.0.find(text) {
        match kind {
            Kind::Decisive => return Glance { matters: true, sketch: Sketch::default() },
            Kind::Package => {
                let quoted = quoted_around(text, start, end);
                if quoted.is_some_and(|request| canonical(request, &watch.packages).is_some()) {
                    return Glance { matters: true, sketch: Sketch::default() };
                }
            }
            Kind::From => {
                let Some(request) = quoted_after(text.get(end..).unwrap_or_default()) else { continue };
                // What it spells is told when it is parsed.
                if request.contains('\\') {
                    return Glance { matters: true, sketch: Sketch::default() };
                }
                let before = text.get(start.saturating_sub(BACK)..start).unwrap_or_default();
                push(&mut sketch, request, |names| brought(before, names));
            }
            Kind::Call => {
                let Some(request) = quoted_after(text.get(end..).unwrap_or_default()) else { continue };
                // What it spells is told when it is parsed.
                if request.contains('\\') {
                    return Glance { matters: true, sketch: Sketch::default() };
                }
                let before = text.get(start.saturating_sub(BACK)..start).unwrap_or_default();
                push(&mut sketch, request, |names| assigned(before, names));
            }
        }
    }
    Glance { matters: false, sketch }
}

/// Adds a statement to a sketch.
fn push(sketch: &mut Sketch, request: &str, names: impl FnOnce(&mut Vec<u32>)) {
    let before = sketch.names.len();
    names(&mut sketch.names);
    let count = u32::try_from(sketch.names.len() - before).unwrap_or(u32::MAX);
    let tail = tail(request);
    sketch.statements.push((if tail.is_empty() { 0 } else { hash_name(tail.as_bytes()) }, count));
}

/// The last part of a request, without a script's ending; empty where it is a folder's own (`.`, `..`).
pub(super) fn tail(request: &str) -> &str {
    let path = request.split(['?', '#']).find(|part| !part.is_empty()).unwrap_or_default().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    if matches!(last, "." | ".." | "~" | "@") {
        return "";
    }
    let endings = [".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx", ".vue", ".svelte", ".astro"];
    endings.iter().find_map(|ending| last.strip_suffix(ending)).unwrap_or(last)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

/// Adds the names that stand before `from`: `a, { b as c }`, `* as d`.
fn brought(before: &[u8], names: &mut Vec<u32>) {
    let head = before.trim_ascii_end();
    let mut rest = head;
    if head.ends_with(b"}") {
        let Some(open) = memchr::memrchr(b'{', head) else { return names.push(hash_star()) };
        words(head.get(open + 1..head.len() - 1).unwrap_or_default(), names);
        rest = head.get(..open).unwrap_or_default().trim_ascii_end();
        let Some(default) = rest.strip_suffix(b",") else { return };
        rest = default.trim_ascii_end();
    }
    // A default import, or `* as a`, or `export *`.
    let word = rest.iter().rev().take_while(|&&byte| is_word(byte)).count();
    let above = rest.get(..rest.len() - word).unwrap_or_default().trim_ascii_end();
    if above.ends_with(b"as") || rest.ends_with(b"*") {
        names.push(hash_star());
    } else {
        names.push(hash_name(b"default"));
    }
}

/// Adds the names that stand before `require(…)`: those of a pattern, else all.
fn assigned(before: &[u8], names: &mut Vec<u32>) {
    let head = before.trim_ascii_end();
    let head = head.strip_suffix(b"await").map_or(head, <[u8]>::trim_ascii_end);
    let pattern = head.strip_suffix(b"=").map(<[u8]>::trim_ascii_end).filter(|head| head.ends_with(b"}"));
    match pattern.and_then(|head| Some((head, memchr::memrchr(b'{', head)?))) {
        Some((head, open)) => words(head.get(open + 1..head.len() - 1).unwrap_or_default(), names),
        None => names.push(hash_star()),
    }
}

/// Adds all words, names and aliases alike.
fn words(text: &[u8], names: &mut Vec<u32>) {
    for word in text.split(|&byte| !is_word(byte)).filter(|word| !word.is_empty()) {
        names.push(hash_name(word));
    }
}

/// The text in quotes that follows, with or without comments before it.
fn quoted_after(after: &[u8]) -> Option<&str> {
    let mut after = after.get(..after.len().min(1024))?.trim_ascii_start();
    while let Some(comment) = after.strip_prefix(b"/") {
        let end: &[u8] = if comment.starts_with(b"*") { b"*/" } else { b"\n" };
        let length = memchr::memmem::find(comment, end)? + end.len();
        after = comment.get(length..)?.trim_ascii_start();
    }
    let quote = *after.first().filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    let inner = after.get(1..)?;
    std::str::from_utf8(inner.get(..memchr::memchr(quote, inner)?)?).ok()
}

/// The text in quotes around a match.
fn quoted_around(text: &[u8], start: usize, end: usize) -> Option<&str> {
    let is_end = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`');
    let is_stop = |byte: &u8| is_end(byte) || byte.is_ascii_whitespace();
    let before = text.get(start.saturating_sub(256)..start)?;
    let back = before.iter().rev().position(is_stop)?;
    let open = start - back;
    if !text.get(open - 1).is_some_and(is_end) {
        return None;
    }
    let after = text.get(end..text.len().min(end + 256))?;
    let close = end + after.iter().position(is_stop)?;
    if !text.get(close).is_some_and(is_end) {
        return None;
    }
    std::str::from_utf8(text.get(open..close)?).ok()
}

/// The modules that a text may import.
pub(super) fn requests(text: &[u8]) -> Vec<String> {
    let mut requests = Vec::new();
    for word in [&b"from"[..], b"require(", b"import(", b"import"] {
        for at in memchr::memmem::find_iter(text, word) {
            let after = text.get(at + word.len()..).unwrap_or_default();
            requests.extend(quoted_after(after).map(str::to_owned));
        }
    }
    requests.sort();
    requests.dedup();
    requests
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Glance {
        let watch =
            Watch { packages: vec!["openai".into()], functions: vec!["getOpenAIClient".into()], ..Watch::default() };
        glance(text.as_bytes(), &watch, &Literals::new(&watch))
    }

    #[test]
    fn every_request_for_a_package_is_seen_and_its_mere_name_is_not() {
        for text in [
            "import OpenAI from 'openai'",
            "const x = require(\"openai\")",
            "await import(`openai`)",
            "jest.mock('openai')",
            "import x from 'npm:openai@4'",
            "import x from \"https://esm.sh/openai@4.1.0\"",
            "import x from 'openai/index.mjs'",
            "getOpenAIClient()",
            "import x from '\\x6fpenai'",
            "const { y } = require(\"./\\u0063lients\")",
        ] {
            assert!(look(text).matters, "{text}");
        }
        for text in [
            "// openai",
            "import x from '@azure/openai'",
            "import x from 'openai-edge'",
            "const t = 'we use openai here'",
            "x = { openai: 1 }",
        ] {
            assert!(!look(text).matters, "{text}");
        }
    }

    #[test]
    fn a_sketch_holds_tails_and_names() {
        let sketch = look("import D, { a as b } from './clients.js'\nconst { c } = require('../d')\nimport * as e from '.'\nexport * from '@/f'").sketch;
        let tails: Vec<u32> = sketch.statements.iter().map(|statement| statement.0).collect();
        assert_eq!(tails, [hash_name(b"clients"), hash_name(b"d"), 0, hash_name(b"f")]);
        for name in [&b"default"[..], b"a", b"b", b"c"] {
            assert!(sketch.names.contains(&hash_name(name)));
        }
        assert!(sketch.names.contains(&hash_star()));
    }

    #[test]
    fn comments_and_gaps_hide_no_request() {
        let text = "import(/* webpackChunkName: 'x' */ './a')\nrequire (// b\n './b')\nimport c from /* d */ './c'";
        let sketch = look(text).sketch;
        let tails: Vec<u32> = sketch.statements.iter().map(|statement| statement.0).collect();
        assert_eq!(tails, [hash_name(b"a"), hash_name(b"b"), hash_name(b"c")]);
    }

    #[test]
    fn requests_are_listed_once() {
        assert_eq!(
            requests(b"import './a'\nexport { b } from \"./b\"\nrequire('c')\nimport x from './b'"),
            ["./a", "./b", "c"]
        );
    }
}
