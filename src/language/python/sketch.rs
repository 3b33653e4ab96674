//! What a text says before it is parsed: whether it can matter, and what it imports.

use memchr::memmem;

use crate::language::Glance;
use crate::language::Sketch;
use crate::language::Watch;
use crate::language::Words;
use crate::language::hash_name;

/// Stands for `*` among the names of a statement.
const STAR: &[u8] = b"*";

/// What a literal stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Import,
    /// A word after which a text always matters.
    Decisive,
    /// A word that imports by a string.
    Dynamic,
    /// A word that replaces names.
    Patch,
    Package,
    Class,
}

/// Finds all literals that matter in one pass.
#[derive(Debug)]
pub(super) struct Literals(Words<Kind>);

impl Literals {
    /// The literals of a run.
    pub(super) fn new(watch: &Watch) -> Self {
        let fixed = [("qmigrate:", Kind::Decisive), ("import_module", Kind::Dynamic), ("__import__", Kind::Dynamic)];
        let words = [("import", Kind::Import), ("patch", Kind::Patch), ("setattr", Kind::Patch)];
        let functions = watch.functions.iter().map(|word| (word.as_str(), Kind::Decisive));
        let classes = watch.classes.iter().map(|word| (word.as_str(), Kind::Class));
        let packages = watch.packages.iter().map(|word| (word.as_str(), Kind::Package));
        let all = fixed.into_iter().chain(functions).chain(words).chain(classes).chain(packages);
        Self(Words::new(all, Kind::Decisive))
    }
}

/// Looks at a text once: whether it can hold anything that a rule, the factory or a suppression is about, and what it
/// imports.
pub(super) fn glance(text: &[u8], watch: &Watch, literals: &Literals) -> Glance {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut sketch = Sketch::default();
    let (mut mentioned, mut imported, mut dynamic, mut patches, mut quoted) = (false, false, false, false, false);
    for (kind, start, end) in literals.0.find(text) {
        match kind {
            Kind::Decisive => return Glance { matters: true, sketch: Sketch::default() },
            Kind::Dynamic => dynamic = true,
            Kind::Patch => {
                patches = true;
                let path = patched(text.get(end..).unwrap_or_default()).unwrap_or_default();
                let mut module = None;
                // The name that is replaced may be any but the first: `a.b.Name.method`.
                for part in path.split(|&b| b == b'.') {
                    if let Some(module) = module.replace(part) {
                        sketch.statements.push((hash_name(module), 1));
                        sketch.names.push(hash_name(part));
                    }
                }
            }
            Kind::Import => {
                let Some(statement) = statement(text, start) else { continue };
                imported |= watch.packages.iter().any(|package| statement.begins_with(package.as_bytes()))
                    && statement.may_bring(watch);
                let before = sketch.names.len();
                statement.names(&mut sketch.names);
                let count = u32::try_from(sketch.names.len() - before).unwrap_or(u32::MAX);
                sketch.statements.push((statement.tail(), count));
            }
            Kind::Package | Kind::Class => {
                mentioned |= kind == Kind::Package;
                let (object, word, after) = word_at(text, start, end);
                // `"a.b.Name"`, `"a.b.Name.method"`, `patch.multiple(b, Name=…)`
                let ends = matches!(after, Some(b'"' | b'\'' | b'=')) || (after == Some(b'.') && object.is_some());
                quoted |= kind == Kind::Class && ends;
                if let Some(object) = object {
                    sketch.attributes.push((hash_name(object), hash_name(word)));
                }
            }
        }
    }
    let matters = imported || (mentioned && dynamic) || (quoted && patches);
    Glance { matters, sketch }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The word around a match, the word before its dot, and the byte after it.
fn word_at(text: &[u8], start: usize, end: usize) -> (Option<&[u8]>, &[u8], Option<u8>) {
    let back = |from: usize| {
        let before = text.get(..from).unwrap_or_default();
        from - before.iter().rev().take_while(|&&b| is_word(b)).count()
    };
    let first = back(start);
    let after = text.get(end..).unwrap_or_default();
    let last = end + after.iter().take_while(|&&b| is_word(b)).count();
    let word = text.get(first..last).unwrap_or_default();
    let object = first.checked_sub(1).filter(|&dot| text.get(dot) == Some(&b'.')).and_then(|dot| {
        let object = text.get(back(dot)..dot)?;
        (!object.is_empty()).then_some(object)
    });
    (object, word, text.get(last).copied())
}

/// The path in `patch("a.b.Name"`, given what follows the word.
fn patched(after: &[u8]) -> Option<&[u8]> {
    let after = after.get(..after.len().min(512))?;
    let inner = after.trim_ascii_start().strip_prefix(b"(")?.trim_ascii_start();
    let quote = *inner.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let text = inner.get(1..)?;
    let path = text.get(..memchr::memchr(quote, text)?)?;
    path.iter().all(|&byte| is_word(byte) || byte == b'.').then_some(path)
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

    /// Whether a statement that imports from a package may bring something that a rule names.
    fn may_bring(&self, watch: &Watch) -> bool {
        let Some(module) = self.module else { return true };
        let Ok(module) = std::str::from_utf8(module) else { return true };
        let module: String = module.split_whitespace().collect();
        let mut parents = module.char_indices().filter(|(_, c)| *c == '.').map(|(at, _)| at).chain([module.len()]);
        if parents.any(|end| module.get(..end).is_some_and(|parent| watch.wholes.contains(parent))) {
            return true;
        }
        if !watch.symbols.contains(&module) {
            return false;
        }
        let mut names = self.rest.split(|&b| !is_word(b) && b != b'*').filter(|name| !name.is_empty());
        names.any(|name| match std::str::from_utf8(name) {
            Ok("*") | Err(_) => true,
            Ok(name) => watch.symbols.contains(&format!("{module}.{name}")),
        })
    }

    /// The hash of the module's last part; 0 for a plain import or a package's own folder.
    fn tail(&self) -> u32 {
        let Some(module) = self.module else { return 0 };
        let tail = module.rsplit(|&b| b == b'.').next().unwrap_or_default().trim_ascii();
        if tail.is_empty() { 0 } else { hash_name(tail) }
    }

    /// Hashes of all names after `import`, parts of dotted ones included.
    fn names(&self, names: &mut Vec<u32>) {
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

/// Whether a module's text may bind `name` to what it imports, or to what it makes of that.
pub(super) fn may_hand_on(text: &[u8], name: &str) -> bool {
    let mut imported = statements(text).flat_map(|statement| words(statement.rest));
    if imported.any(|word| word == b"*" || word == name.as_bytes()) {
        return true;
    }
    let mut is_named = false;
    for line in text.split(|&byte| matches!(byte, b'\n' | b'\r')) {
        if memmem::find(line, name.as_bytes()).is_none() {
            continue;
        }
        is_named = true;
        let line = line.strip_prefix(b"async ").unwrap_or(line);
        let defined = line.strip_prefix(b"def ").or_else(|| line.strip_prefix(b"class "));
        if defined.is_some_and(|rest| begins_with(rest.trim_ascii_start(), name.as_bytes())) {
            return false;
        }
    }
    // A module may answer for names that it does not spell out.
    is_named || memmem::find(text, b"__getattr__").is_some()
}

/// The names in the part of an import statement that follows `import`, and its star.
fn words(rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || matches!(byte, b'_' | b'*');
    rest.split(move |byte| !is_of_name(byte)).filter(|word| !word.is_empty())
}

fn begins_with(name: &[u8], package: &[u8]) -> bool {
    name.strip_prefix(package)
        .is_some_and(|rest| rest.first().is_none_or(|&b| !(b.is_ascii_alphanumeric() || b == b'_')))
}

/// Every place that looks like an import statement.
fn statements(text: &[u8]) -> impl Iterator<Item = Statement<'_>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    memmem::find_iter(text, b"import").filter_map(|at| statement(text, at))
}

/// The statement whose `import` stands at an offset, if it looks like one.
fn statement(text: &[u8], at: usize) -> Option<Statement<'_>> {
    let after = text.get(at + 6..)?;
    if !matches!(after.first(), Some(b' ' | b'\t' | b'(' | b'*' | b'\\' | b'\x0c')) {
        return None;
    }
    let before = text.get(..at)?;
    let line = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |end| end + 1);
    let head = before.get(line..)?;
    let module = match head.trim_ascii() {
        // `from a.b \` and `import c` on the next line.
        [] if before.trim_ascii_end().ends_with(b"\\") => {
            let earlier = before.trim_ascii_end();
            let start = memchr::memrchr2(b'\n', b'\r', earlier).map_or(0, |end| end + 1);
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
}

/// The module in `… from module`.
fn from_module(head: &[u8]) -> Option<&[u8]> {
    let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    // Heads are short: looking at each place is quicker than preparing a search.
    let mut candidates = (0..head.len()).rev().filter(|&at| head.get(at..at + 4) == Some(b"from"));
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
        return after.get(..end.unwrap_or(after.len().min(4096))).unwrap_or_default();
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
        let symbols = ["openai", "openai.OpenAI", "openai.lib", "openai.lib.azure", "openai.lib.azure.AzureOpenAI"];
        Watch {
            packages: vec!["openai".into()],
            classes: vec!["OpenAI".into()],
            symbols: symbols.map(String::from).into(),
            wholes: ["openai.error".to_owned()].into(),
            ..Watch::default()
        }
    }

    fn matters(text: &str) -> bool {
        let watch = watch();
        glance(text.as_bytes(), &watch, &Literals::new(&watch)).matters
    }

    #[test]
    fn every_way_of_importing_a_package_is_seen() {
        let texts = [
            "\u{feff}import openai",
            "import openai",
            "import os, openai as o",
            "from openai import OpenAI",
            "try: import openai\n",
            "from openai.lib.azure import *",
            "import os; import openai",
            "from openai \\\n    import OpenAI",
            "from openai.error import X",
            "from openai import(OpenAI)",
            "m = import_module('openai')",
            "from \\\n openai import OpenAI",
            "import os, \\\n    openai",
            "import os, \\\r\n    openai",
            "import os\rimport openai",
        ];
        for text in texts {
            assert!(matters(text), "{text}");
        }
        for text in [
            "from langchain_openai import OpenAI",
            "# openai",
            "from openai import RateLimitError",
            "from openai.types import Chat",
            "x = 'import openais'",
            "import openai_x",
        ] {
            assert!(!matters(text), "{text}");
        }
    }

    #[test]
    fn requests_are_spelled_out() {
        let requests = requests(b"from .a import (\n  b as c, # x\n d)\nfrom . import e\nimport f.g as h, i\n");
        assert_eq!(requests, [".a.b", ".a.d", ".a", ".e", ".", "f.g", "i"]);
    }

    #[test]
    fn a_sketch_holds_tails_and_names() {
        let watch = watch();
        let text = b"from a.clients import (\n    LLM as L,  # note\n    other)\nimport x.y\npatch('p.q.R')\ny.OpenAI";
        let sketch = glance(text, &watch, &Literals::new(&watch)).sketch;
        let (p, q) = (hash_name(b"p"), hash_name(b"q"));
        assert_eq!(sketch.statements, [(hash_name(b"clients"), 4), (0, 2), (p, 1), (q, 1)]);
        assert_eq!(sketch.attributes, [(hash_name(b"y"), hash_name(b"OpenAI"))]);
        assert!(sketch.names.contains(&hash_name(b"LLM")));
        assert!(!sketch.names.contains(&hash_name(b"note")));
    }
}
