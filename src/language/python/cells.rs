//! The cells of a notebook, made into a text that parses: IPython accepts more than Python.
//!
//! What is not Python becomes spaces, so that every offset stays. A statement cannot span cells, and a cell that does
//! not parse must not hide the others: each is tried on its own first.

use std::borrow::Cow;
use std::collections::BTreeSet;

use ruff_python_ast::Expr;
use ruff_python_ast::IpyEscapeKind;
use ruff_python_ast::PySourceType;
use ruff_python_ast::Stmt;
use ruff_python_ast::visitor;
use ruff_python_ast::visitor::Visitor;
use ruff_python_parser::parse_unchecked_source;
use ruff_text_size::Ranged;
use ruff_text_size::TextRange;

use crate::outline::Outline;
use crate::source::SourceFile;
use crate::source::is_too_deep;

/// Magics whose cell is Python that runs with the names of the notebook, and leaves its own there.
const TRANSPARENT: [&str; 4] = ["capture", "debug", "prun", "time"];

/// Magics whose cell never sees the names of the notebook.
const FOREIGN: &[&str] = &[
    "bash",
    "bigquery",
    "cmd",
    "file",
    "html",
    "javascript",
    "js",
    "julia",
    "latex",
    "markdown",
    "perl",
    "powershell",
    "pwsh",
    "pypy",
    "python",
    "python2",
    "python3",
    "r",
    "ruby",
    "script",
    "sh",
    "sql",
    "svg",
    "system",
    "sx",
    "writefile",
];

/// Magics whose arguments are no names: a shell's words, paths, settings.
const WORDS: &[&str] = &[
    "alias",
    "cd",
    "conda",
    "config",
    "env",
    "load",
    "load_ext",
    "ls",
    "mamba",
    "matplotlib",
    "micromamba",
    "mkdir",
    "pip",
    "pushd",
    "pylab",
    "reload_ext",
    "run",
    "sc",
    "set_env",
    "sx",
    "system",
    "uv",
];

/// A text to parse, as long as the source's own.
pub(super) struct Cells<'a> {
    /// The text.
    pub(super) text: Cow<'a, str>,
    /// How many cells are not in it.
    pub(super) skipped: u32,
    /// Names that may be read where the parser sees none: in magics, and in cells that are not in the text.
    names: BTreeSet<String>,
}

/// Reads the cells of a notebook; any other file is taken as it is.
pub(super) fn read(source: &SourceFile) -> Cells<'_> {
    let mut cells = Cells { text: Cow::Borrowed(source.text()), skipped: 0, names: BTreeSet::new() };
    let Some(notebook) = source.notebook() else { return cells };
    cells.skipped = notebook.skipped;
    let mut text = String::with_capacity(source.text().len());
    for cell in &notebook.cells {
        let code = source.slice(cell.span);
        let before = source.text().get(text.len()..cell.span.start as usize).unwrap_or_default();
        text.push_str(before);
        if let Some(python) = cells.python(code) {
            text.push_str(&python);
        } else {
            cells.skipped += 1;
            blank(code, &mut text);
        }
    }
    text.push_str(source.text().get(text.len()..).unwrap_or_default());
    cells.text = Cow::Owned(text);
    cells
}

impl Cells<'_> {
    /// Counts each import of the module as read once more where a hidden name may mean it.
    pub(super) fn count_reads(&self, outline: &mut Outline) {
        for import in outline.imports.iter_mut().filter(|import| import.scope == 0) {
            let form = import.form;
            for member in &mut import.members {
                member.reads += u32::from(self.names.contains(member.bound(form)));
            }
        }
    }

    /// The Python of a cell, as long as the cell; `None` where it is something else, or broken.
    fn python(&mut self, code: &str) -> Option<String> {
        let mut python = dedented(code);
        let mut from = python.len() - python.trim_start().len();
        while let Some(magic) = python.get(from..).and_then(|rest| rest.strip_prefix("%%")) {
            let line = magic.split(['\n', '\r']).next().unwrap_or_default();
            let (name, arguments) = split_name(line);
            let end = from + 2 + line.len();
            self.names.extend(interpolated(arguments));
            if !TRANSPARENT.contains(&name) {
                let is_foreign = FOREIGN.contains(&name.to_ascii_lowercase().as_str());
                if !is_foreign {
                    self.names.extend(words(magic));
                }
                return None;
            }
            self.names.extend(words(arguments));
            let mut masked = python.get(..from)?.to_owned();
            blank(python.get(from..end)?, &mut masked);
            masked.push_str(python.get(end..)?);
            python = masked;
            from = python.len() - python.trim_start().len();
        }
        self.parsed(python).or_else(|| {
            self.names.extend(words(code));
            None
        })
    }

    /// Tries a cell on its own, and notes what its commands name.
    fn parsed(&mut self, python: String) -> Option<String> {
        if is_too_deep(&python) {
            // The whole text is then, and says so.
            return Some(python);
        }
        let parsed = parse_unchecked_source(&python, PySourceType::Ipynb);
        if !parsed.errors().is_empty() || python.trim_end().ends_with('\\') {
            return None;
        }
        let mut commands = Commands::default();
        for stmt in parsed.suite() {
            commands.visit_stmt(stmt);
        }
        let timed = with_timed(&python, &commands.0);
        for command in &commands.0 {
            let is_timed = timed.is_some() && command.is_timed(&python);
            if !is_timed {
                self.names.extend(command.names());
            }
        }
        Some(timed.unwrap_or(python))
    }
}

/// Takes away what the first line is indented by, as IPython does. Form feeds stand for it: they keep the offsets, and
/// count as no indentation.
fn dedented(code: &str) -> String {
    let body = code.trim_start_matches(['\n', '\r', ' ', '\t']);
    let head = code.len() - body.len();
    let start = code.get(..head).and_then(|head| head.rfind(['\n', '\r'])).map_or(0, |end| end + 1);
    let indent = code.get(start..head).unwrap_or_default();
    if indent.is_empty() {
        return code.to_owned();
    }
    let feeds = "\u{c}".repeat(indent.len());
    let lines = code.split_inclusive(['\n', '\r']).map(|line| match line.strip_prefix(indent) {
        Some(rest) => format!("{feeds}{rest}"),
        None => line.to_owned(),
    });
    lines.collect()
}

/// Adds as many spaces as a text has bytes; its lines stay.
fn blank(text: &str, blanked: &mut String) {
    blanked.extend(text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' }));
}

/// The name of a magic, and what follows it.
fn split_name(line: &str) -> (&str, &str) {
    line.trim_start().split_once(char::is_whitespace).unwrap_or((line.trim(), ""))
}

/// All that looks like a name.
fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty()).map(str::to_owned)
}

/// The names that IPython puts values in for: `{name}` and `$name`.
fn interpolated(text: &str) -> impl Iterator<Item = String> {
    let braces = text.split('{').skip(1).filter_map(|part| part.split('}').next());
    let dollars = text.split('$').skip(1);
    let names = dollars.filter_map(|part| part.split(|c: char| !c.is_alphanumeric() && c != '_').next());
    braces.chain(names).flat_map(words)
}

/// A command of IPython: `%magic`, `!shell`, `name?`, `/call`.
struct Command {
    kind: IpyEscapeKind,
    value: String,
    range: TextRange,
    is_stmt: bool,
}

impl Command {
    fn names(&self) -> Vec<String> {
        let (name, arguments) = split_name(&self.value);
        match self.kind {
            IpyEscapeKind::Shell | IpyEscapeKind::ShCap => interpolated(&self.value).collect(),
            IpyEscapeKind::Magic | IpyEscapeKind::Magic2 if WORDS.contains(&name) => interpolated(arguments).collect(),
            _ => words(&self.value).collect(),
        }
    }

    /// Whether it is `%time` and a statement, which runs as if it stood alone.
    fn is_timed(&self, python: &str) -> bool {
        let text = python.get(self.range.to_std_range());
        matches!(self.kind, IpyEscapeKind::Magic) && text.is_some_and(|text| text.starts_with(TIME))
    }
}

/// The magic that runs one statement.
const TIME: &str = "%time ";

/// What stands for it before a statement, and in an assignment.
const TIMED: (&str, &str) = ("pass; ", "      ");

/// Uncovers what `%time` runs, if the cell parses with it.
fn with_timed(python: &str, commands: &[Command]) -> Option<String> {
    let mut text = String::with_capacity(python.len());
    for command in commands.iter().filter(|command| command.is_timed(python)) {
        let start = command.range.start().to_usize();
        text.push_str(python.get(text.len()..start)?);
        text.push_str(if command.is_stmt { TIMED.0 } else { TIMED.1 });
    }
    if text.is_empty() {
        return None;
    }
    text.push_str(python.get(text.len()..)?);
    parse_unchecked_source(&text, PySourceType::Ipynb).errors().is_empty().then_some(text)
}

/// Collects commands, in order.
#[derive(Default)]
struct Commands(Vec<Command>);

impl<'a> Visitor<'a> for Commands {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::IpyEscapeCommand(command) = stmt {
            let (kind, value, range) = (command.kind, command.value.to_string(), command.range());
            self.0.push(Command { kind, value, range, is_stmt: true });
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::IpyEscapeCommand(command) = expr {
            let (kind, value, range) = (command.kind, command.value.to_string(), command.range());
            self.0.push(Command { kind, value, range, is_stmt: false });
        }
        visitor::walk_expr(self, expr);
    }
}
