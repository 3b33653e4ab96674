//! A text without what only looks like code: the insides of strings, comments and regular expressions are spaces.
//!
//! This is no tokenizer: whether `/` divides is told by what stands before it, and elements of JSX are not known. So the
//! answer serves where a wrong one costs nothing but a file that is refused.

/// Words after which an expression starts.
const BEFORE_EXPRESSION: [&[u8]; 14] = [
    b"return",
    b"typeof",
    b"case",
    b"in",
    b"of",
    b"new",
    b"delete",
    b"void",
    b"instanceof",
    b"do",
    b"else",
    b"throw",
    b"await",
    b"yield",
];

/// Words of which the parentheses are followed by a statement.
const BEFORE_CONDITION: [&[u8]; 4] = [b"if", b"while", b"for", b"with"];

/// A text with the same length and the same lines.
#[derive(Debug)]
pub(super) struct Bare {
    pub(super) bytes: Vec<u8>,
    /// Whether all brackets are closed in order, and all strings and comments end.
    pub(super) is_balanced: bool,
}

/// Blanks out what is no code.
pub(super) fn bare(text: &str) -> Bare {
    let mut scanner = Scanner {
        text: text.as_bytes(),
        bare: text.as_bytes().to_vec(),
        at: 0,
        open: Vec::new(),
        before: Before::Operator,
        is_balanced: true,
    };
    scanner.run();
    let is_balanced = scanner.is_balanced && scanner.open.is_empty();
    Bare { bytes: scanner.bare, is_balanced }
}

/// What stands before a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Something after which `/` starts a regular expression.
    Operator,
    /// Something after which it divides.
    Value,
    /// A word of which the parentheses hold a condition.
    Condition,
}

/// An open bracket.
struct Open {
    byte: u8,
    /// Whether its parentheses hold a condition.
    is_condition: bool,
    /// Whether it is `${` within a template.
    is_template: bool,
}

struct Scanner<'t> {
    text: &'t [u8],
    bare: Vec<u8>,
    at: usize,
    open: Vec<Open>,
    before: Before,
    is_balanced: bool,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or_default()
    }

    /// Makes spaces of the text from here to an end, and goes there.
    fn blank_to(&mut self, end: usize) {
        let end = end.min(self.text.len());
        for byte in self.bare.get_mut(self.at..end).unwrap_or_default() {
            if !matches!(*byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        self.at = end;
    }

    fn run(&mut self) {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'\'' | b'"' => {
                    let end = self.string_end(byte);
                    self.blank_to(end);
                    self.before = Before::Value;
                }
                b'`' => {
                    self.at += 1;
                    self.template();
                }
                b'/' if self.peek(1) == b'/' => {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    self.blank_to(self.at + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len()));
                }
                b'/' if self.peek(1) == b'*' => {
                    let rest = self.text.get(self.at + 2..).unwrap_or_default();
                    let end = memchr::memmem::find(rest, b"*/");
                    self.is_balanced &= end.is_some();
                    self.blank_to(self.at + 2 + end.map_or(rest.len(), |end| end + 2));
                }
                b'/' if self.before != Before::Value => match self.regex_end() {
                    Some(end) => {
                        self.blank_to(end);
                        self.before = Before::Value;
                    }
                    None => self.at += 1,
                },
                b'(' | b'[' | b'{' => {
                    let is_condition = self.before == Before::Condition;
                    self.open.push(Open { byte, is_condition, is_template: false });
                    self.before = Before::Operator;
                    self.at += 1;
                }
                b')' | b']' | b'}' => self.close(byte),
                byte if is_word(byte) => self.word(),
                byte if byte.is_ascii_whitespace() => self.at += 1,
                b'+' | b'-' if self.peek(1) == byte => {
                    self.before = Before::Value;
                    self.at += 2;
                }
                _ => {
                    self.before = Before::Operator;
                    self.at += 1;
                }
            }
        }
    }

    fn close(&mut self, byte: u8) {
        let wanted = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        self.at += 1;
        let Some(open) = self.open.pop() else {
            self.is_balanced = false;
            return;
        };
        self.is_balanced &= open.byte == wanted;
        if open.is_template {
            self.template();
            return;
        }
        // What follows a block is a statement.
        self.before = if byte == b'}' || open.is_condition { Before::Operator } else { Before::Value };
    }

    fn word(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|&&byte| is_word(byte)).count();
        let word = rest.get(..length).unwrap_or_default();
        let is_member = self.at.checked_sub(1).and_then(|at| self.text.get(at)) == Some(&b'.');
        self.before = match word {
            _ if is_member => Before::Value,
            word if BEFORE_EXPRESSION.contains(&word) => Before::Operator,
            word if BEFORE_CONDITION.contains(&word) => Before::Condition,
            _ => Before::Value,
        };
        self.at += length;
    }

    /// Where a string ends that starts here; at the latest with its line.
    fn string_end(&mut self, quote: u8) -> usize {
        let mut at = self.at + 1;
        while let Some(&byte) = self.text.get(at) {
            match byte {
                b'\\' => at += 1,
                b'\n' => break,
                byte if byte == quote => return at + 1,
                _ => {}
            }
            at += 1;
        }
        self.is_balanced = false;
        at
    }

    /// Where a regular expression ends that starts here, flags aside.
    fn regex_end(&self) -> Option<usize> {
        let mut at = self.at + 1;
        let mut in_class = false;
        loop {
            match *self.text.get(at)? {
                b'\\' => at += 1,
                b'\n' | b'\r' => return None,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
    }

    /// Goes on inside of a template, to its end or to its next expression.
    fn template(&mut self) {
        let mut end = self.at;
        while let Some(&byte) = self.text.get(end) {
            match byte {
                b'\\' => end += 1,
                b'`' => {
                    self.blank_to(end);
                    self.at += 1;
                    self.before = Before::Value;
                    return;
                }
                b'$' if self.text.get(end + 1) == Some(&b'{') => {
                    self.blank_to(end + 1);
                    self.open.push(Open { byte: b'{', is_condition: false, is_template: true });
                    self.before = Before::Operator;
                    self.at += 1;
                    return;
                }
                _ => {}
            }
            end += 1;
        }
        self.is_balanced = false;
        self.blank_to(end);
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let bare = bare(text);
        assert_eq!(bare.bytes.len(), text.len());
        let told: String = String::from_utf8_lossy(&bare.bytes).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(told, expected, "{text}");
        assert!(bare.is_balanced, "{text}");
    }

    #[test]
    fn what_is_no_code_is_blank() {
        check("f('(', \"[\\\"\", /* { */ x) // )", "f( , , x)");
        check("a / b / c; x = /[/(]\\/(/g", "a / b / c; x = g");
        check("if (x) /(/.test(y)", "if (x) .test(y)");
        check("(a) / (b)", "(a) / (b)");
        check("return /(/", "return");
        check("x = `(${f(`[${y}`)}{` + z", "x = ` {f(` {y}`)} ` + z");
        check("a.return / b", "a.return / b");
        check("i++ / 2", "i++ / 2");
        assert!(!bare("f(").is_balanced);
        assert!(!bare("f(]").is_balanced);
        assert!(!bare("'a").is_balanced);
        assert!(!bare("/* a").is_balanced);
        assert!(!bare("`${a`").is_balanced);
    }
}
