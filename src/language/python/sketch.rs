//! What a text says before it is parsed: whether it can matter, and what it imports.

use memchr::memmem;

use crate::language::Sketch;
use crate::language::Watch;
use crate::language::hash_name;

/// Stands for `*` among the names of a statement.
const STAR: &[u8] = b"*";

/// Whether a text can hold anything that a rule, the factory or a suppression is about.
pub(super) fn can_match(text: &[u8], watch: &Watch) -> bool {
    if memmem::find(text, b"qmigrate:").is_some() || any(text, &watch.functions) {
        return true;
    }
    let mentioned: Vec<&String> = watch.packages.iter().filter(|package| has(text, package)).collect();
    if !mentioned.is_empty() {
        let imported =
            statements(text).any(|statement| mentioned.iter().any(|package| statement.begins_with(package.as_bytes())));
        if imported || has(text, "import_module") || has(text, "__import__") {
            return true;
        }
    }
    any(text, &watch.classes) && (has(text, "patch") || has(text, "setattr"))
}

fn has(text: &[u8], word: &str) -> bool {
    memmem::find(text, word.as_bytes()).is_some()
}

fn any(text: &[u8], words: &[String]) -> bool {
    words.iter().any(|word| has(text, word))
}

/// Hashes what a text imports.
pub(super) fn sketch(text: &[u8]) -> Sketch {
    let mut sketch = Sketch::default();
    for statement in statements(text) {
        let before = sketch.names.len();
        statement.names(&mut sketch.names);
        let count = u32::try_from(sketch.names.len() - before).unwrap_or(u32::MAX);
        sketch.statements.push((statement.tail(), count));
    }
    // `patch("a.b.Name")` needs `Name` as `from a.b import Name` does.
    for path in patched(text) {
        let parts: Vec<&[u8]> = path.split(|&b| b == b'.').collect();
        for pair in parts.windows(2) {
            let [module, name] = pair else { continue };
            sketch.names.push(hash_name(name));
            sketch.statements.push((hash_name(module), 1));
        }
    }
    sketch
}

/// The dotted paths that a text may hand to `patch` and `setattr`.
fn patched(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let calls = ["patch(", "setattr("].into_iter();
    let calls = calls.flat_map(move |call| memmem::find_iter(text, call.as_bytes()).map(move |at| at + call.len()));
    calls.filter_map(move |at| {
        let argument = text.get(at..)?.trim_ascii_start();
        let quote = *argument.first().filter(|b| matches!(b, b'"' | b'\''))?;
        let path = argument.get(1..)?;
        let path = path.get(..memchr::memchr(quote, path.get(..path.len().min(512))?)?)?;
        let is_dotted = path.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.') || b >= 0x80);
        (is_dotted && path.contains(&b'.')).then_some(path)
    })
}

/// What looks like an import statement, in code or anywhere else.
struct Statement<'a> {
    /// Between `from` and `import`; `None` for a plain `import`.
    module: Option<&'a [u8]>,
    /// After `import`.
    rest: &'a [u8],
}

impl Statement<'_> {
    fn begins_with(&self, package: &[u8]) -> bool {
        match self.module {
            Some(module) => begins_with(module, package),
            None => self.rest.split(|&b| b == b',').any(|part| {
                let space = part.iter().take_while(|&&b| b.is_ascii_whitespace() || b == b'\\').count();
                part.get(space..).is_some_and(|part| begins_with(part, package))
            }),
        }
    }

    /// The hash of the module's last part; 0 for a plain import or a package's own folder.
    fn tail(&self) -> u32 {
        let Some(module) = self.module else { return 0 };
        let tail = module.rsplit(|&b| b == b'.').next().unwrap_or_default().trim_ascii();
        if tail.is_empty() { 0 } else { hash_name(tail) }
    }

    /// Hashes of all names after `import`, parts of dotted ones included.
    fn names(&self, names: &mut Vec<u32>) {
        let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80;
        let mut comment = false;
        let mut start = None;
        for (at, &byte) in self.rest.iter().chain(b"\n").enumerate() {
            if comment {
                comment = !is_line_end(byte);
                continue;
            }
            match (is_word(byte), start) {
                (true, None) => start = Some(at),
                (false, Some(from)) => {
                    names.push(hash_name(self.rest.get(from..at).unwrap_or_default()));
                    start = None;
                }
                _ => {}
            }
            if byte == b'*' {
                names.push(hash_name(STAR));
            }
            comment = byte == b'#';
        }
    }
}

/// The modules that a text may import: `a.b`, `.c`, and for `from a import b` also `a.b`.
pub(super) fn requests(text: &[u8]) -> Vec<String> {
    let mut requests = Vec::new();
    for statement in statements(text) {
        let Ok(rest) = std::str::from_utf8(statement.rest) else { continue };
        let lines = rest.lines().map(|line| line.split('#').next().unwrap_or_default());
        let rest = lines.collect::<Vec<_>>().join(" ").replace(['(', ')', '\\'], " ");
        let names = rest.split(',').filter_map(|name| name.split_whitespace().next());
        match statement.module.map(std::str::from_utf8) {
            None => requests.extend(names.map(str::to_owned)),
            Some(Ok(module)) => {
                let module: String = module.split_whitespace().collect();
                let dot = if module.ends_with('.') { "" } else { "." };
                requests.extend(names.filter(|name| *name != "*").map(|name| format!("{module}{dot}{name}")));
                requests.push(module);
            }
            Some(Err(_)) => {}
        }
    }
    requests
}

fn begins_with(name: &[u8], package: &[u8]) -> bool {
    name.strip_prefix(package)
        .is_some_and(|rest| rest.first().is_none_or(|&b| !(b.is_ascii_alphanumeric() || b == b'_')))
}

/// Every place that looks like an import statement.
fn statements(text: &[u8]) -> impl Iterator<Item = Statement<'_>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    memmem::find_iter(text, b"import").filter_map(|at| {
        let after = text.get(at + 6..)?;
        if !matches!(after.first(), Some(b' ' | b'\t' | b'(' | b'*' | b'\\' | b'\x0c')) {
            return None;
        }
        let before = text.get(..at)?;
        let line = before.len() - before.iter().rev().take_while(|&&b| !is_line_end(b)).count();
        let head = before.get(line..)?;
        let module = match head.trim_ascii() {
            // `from a.b \` and `import c` on the next line.
            [] if before.trim_ascii_end().ends_with(b"\\") => {
                let earlier = before.trim_ascii_end();
                let start = earlier.len() - earlier.iter().rev().take_while(|&&b| !is_line_end(b)).count();
                from_module(earlier.get(start..earlier.len() - 1)?)
            }
            [] => None,
            head => match from_module(head) {
                Some(module) => Some(module),
                None if matches!(head.last(), Some(b';' | b':')) => None,
                // `from \` and `a.b import c` on the next line.
                None if before.get(..line)?.trim_ascii_end().ends_with(b"\\") => Some(head),
                None => return None,
            },
        };
        Some(Statement { module, rest: rest(after) })
    })
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The module in `… from module`.
fn from_module(head: &[u8]) -> Option<&[u8]> {
    let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let mut candidates = memmem::rfind_iter(head, b"from");
    let at = candidates.find(|&at| {
        let before = at.checked_sub(1).and_then(|before| head.get(before));
        !is_word(before) && !is_word(head.get(at + 4))
    })?;
    let module = head.get(at + 4..)?.trim_ascii();
    let module = module.strip_prefix(b"\\").unwrap_or(module).trim_ascii();
    Some(module)
}

/// What follows `import`, up to the end of the statement.
fn rest(after: &[u8]) -> &[u8] {
    let open = after.trim_ascii_start().first() == Some(&b'(');
    if open {
        let mut comment = false;
        let end = after.iter().position(|&byte| {
            comment = if comment { !is_line_end(byte) } else { byte == b'#' };
            byte == b')' && !comment
        });
        let end = end.unwrap_or(after.len().min(4096));
        return after.get(..end).unwrap_or_default();
    }
    let mut end = 0;
    loop {
        let tail = after.get(end..).unwrap_or_default();
        let Some(line) = memchr::memchr3(b'\n', b'\r', b';', tail) else { return after };
        end += line;
        let line = after.get(..end).unwrap_or_default();
        let continues = line.strip_suffix(b"\r").unwrap_or(line).ends_with(b"\\");
        if !continues {
            return line;
        }
        end += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch() -> Watch {
        Watch { packages: vec!["openai".into()], classes: vec!["OpenAI".into()], ..Watch::default() }
    }

    #[test]
    fn every_way_of_importing_a_package_is_seen() {
        let texts = [
            "import openai",
            "import os, openai as o",
            "from openai import OpenAI",
            "try: import openai\n",
            "from openai.lib.azure import *",
            "import os; import openai",
            "from openai \\\n    import OpenAI",
            "from openai import(OpenAI)",
            "m = import_module('openai')",
            "from \\\n openai import OpenAI",
            "import os, \\\n    openai",
            "\u{feff}import openai",
            "import os\rimport openai",
            "import os, \\\r\n    openai",
        ];
        for text in texts {
            assert!(can_match(text.as_bytes(), &watch()), "{text}");
        }
        for text in ["from langchain_openai import OpenAI", "# openai", "x = 'import openais'", "import openai_x"] {
            assert!(!can_match(text.as_bytes(), &watch()), "{text}");
        }
    }

    #[test]
    fn requests_are_spelled_out() {
        let requests = requests(b"from .a import (\n  b as c, # x\n d)\nfrom . import e\nimport f.g as h, i\n");
        assert_eq!(requests, [".a.b", ".a.d", ".a", ".e", ".", "f.g", "i"]);
    }

    #[test]
    fn a_sketch_holds_tails_and_names() {
        let sketch = sketch(b"from a.clients import (\n    LLM as L,  # note\n    other)\nimport x.y\n");
        assert_eq!(sketch.statements, [(hash_name(b"clients"), 4), (0, 2)]);
        assert!(sketch.names.contains(&hash_name(b"LLM")));
        assert!(!sketch.names.contains(&hash_name(b"note")));
    }

    #[test]
    fn a_sketch_holds_what_tests_patch() {
        let sketch = sketch(b"@patch(\n    'app.svc.LLM')\ndef f(): patch(x); setattr(x, 'a.b')");
        assert_eq!(sketch.statements, [(hash_name(b"app"), 1), (hash_name(b"svc"), 1)]);
        assert_eq!(sketch.names, [hash_name(b"svc"), hash_name(b"LLM")]);
    }
}
