//! Python, parsed with ruff's parser and resolved by our own reading of its scopes.

mod builtins;
mod calls;
mod chain;
mod classes;
mod comments;
mod context;
mod exprs;
mod flow;
mod imports;
mod locate;
mod names;
mod patches;
mod scopes;
mod sets;
mod sketch;

use std::path::Path;
use std::path::PathBuf;

use ruff_python_ast::PySourceType;
use ruff_python_parser::parse_unchecked_source;

use crate::finding::ProblemKind;
use crate::language::Glance;
use crate::language::ImportChange;
use crate::language::Language;
use crate::language::Watch;
use crate::layout::Layout;
use crate::outline::Outline;
use crate::outline::Trouble;
use crate::source::Encoding;
use crate::source::LanguageId;
use crate::source::MAX_DEPTH;
use crate::source::SourceFile;
use crate::source::Span;
use crate::source::is_too_deep;

pub use sketch::Literals;

/// The language.
#[derive(Debug)]
pub struct Python;

impl Language for Python {
    fn id(&self) -> LanguageId {
        LanguageId::Python
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["py", "pyw"]
    }

    fn glance(&self, text: &[u8], watch: &Watch) -> Glance {
        sketch::glance(text, watch, watch.literals.get_or_init(|| Literals::new(watch)))
    }

    fn requests(&self, text: &[u8]) -> Vec<String> {
        sketch::requests(text)
    }

    fn outline(&self, source: &SourceFile, watch: &Watch) -> Outline {
        let mut problems = encoding_problem(source).into_iter().collect::<Vec<_>>();
        if is_too_deep(source.text()) {
            let message = format!("nests too deep to be parsed (more than {MAX_DEPTH} levels)");
            problems.push(Trouble { offset: 0, kind: ProblemKind::TooDeep, message });
            return Outline { problems, ..Outline::default() };
        }
        let parsed = parse_unchecked_source(source.text(), PySourceType::Python);
        if let Some(error) = parsed.errors().first() {
            let offset = error.location.start().to_u32();
            problems.push(Trouble { offset, kind: ProblemKind::Syntax, message: error.error.to_string() });
        }
        let tables = scopes::collect(parsed.suite(), watch);
        let mut outline = flow::run(source, parsed.suite(), parsed.tokens(), tables, watch);
        outline.suppressions = comments::suppressions(source, parsed.suite(), parsed.tokens());
        outline.problems = problems;
        outline
    }

    fn edit_import(&self, source: &SourceFile, outline: &Outline, change: &ImportChange) -> Vec<(Span, String)> {
        imports::edit(source, outline, change)
    }

    fn argument(&self, name: &str, value: &str) -> String {
        format!("{name}={value}")
    }

    fn locate(&self, from: &Path, request: &str, layout: &Layout) -> Option<PathBuf> {
        locate::locate(from, request, layout)
    }

    fn module_files(&self, module: &Path) -> Vec<PathBuf> {
        let mut file = module.as_os_str().to_owned();
        file.push(".py");
        vec![module.join("__init__.py"), PathBuf::from(file)]
    }

    fn module_of(&self, file: &Path) -> PathBuf {
        if file.file_name().is_some_and(|name| name == "__init__.py") {
            return file.parent().map(Path::to_path_buf).unwrap_or_default();
        }
        file.with_extension("")
    }

    fn module_name(&self, below_root: &Path) -> Option<String> {
        let mut parts = Vec::new();
        for part in below_root {
            parts.push(part.to_str().filter(|part| is_identifier(part))?);
        }
        (!parts.is_empty()).then(|| parts.join("."))
    }
}

/// Whether a name can stand in an import statement.
pub fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && characters.all(|c| c.is_alphanumeric() || c == '_')
}

fn encoding_problem(source: &SourceFile) -> Option<Trouble> {
    let (offset, message) = match source.encoding() {
        Encoding::Utf8 | Encoding::Cookie(_) => return None,
        Encoding::Unknown(label) => (0, format!("its coding cookie names `{label}`, which cannot be decoded here")),
        Encoding::Invalid { at, expected } => (*at, format!("not valid {expected}: an unexpected byte")),
        Encoding::Nul { at } => (*at, "holds a NUL byte".to_owned()),
    };
    Some(Trouble { offset, kind: ProblemKind::Encoding, message })
}
