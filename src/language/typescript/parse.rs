//! From a text to a syntax tree: which dialect it is in, and what is done where that is not clear.

use std::path::Path;

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::ParseOptions;
use oxc_parser::Parser;
use oxc_span::SourceType;

use crate::finding::ProblemKind;
use crate::outline::Trouble;

/// What parsing gave.
pub(super) struct Parsed<'a> {
    pub(super) program: Program<'a>,
    pub(super) problem: Option<Trouble>,
}

/// Parses a text in the dialect that its file's name stands for; `.js` files may hold any.
pub(super) fn parse<'a>(allocator: &'a Allocator, path: &Path, text: &'a str) -> Parsed<'a> {
    let mut first = None;
    for dialect in dialects(path) {
        let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
        let parsed = Parser::new(allocator, text, dialect).with_options(options).parse();
        let Some(error) = parsed.diagnostics.iter().next() else {
            return Parsed { program: parsed.program, problem: None };
        };
        let offset = error.labels.iter().next().map_or(0, oxc_span::LabeledSpan::offset);
        let trouble = Trouble { offset, kind: ProblemKind::Syntax, message: error.message.to_string() };
        first.get_or_insert(Parsed { program: parsed.program, problem: Some(trouble) });
    }
    first.unwrap_or_else(|| {
        let parsed = Parser::new(allocator, "", SourceType::ts()).parse();
        Parsed { program: parsed.program, problem: None }
    })
}

/// The dialects to try, likeliest first.
fn dialects(path: &Path) -> Vec<SourceType> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let own = SourceType::from_path(path).unwrap_or_else(|_| SourceType::ts());
    match extension {
        "js" | "jsx" | "mjs" => vec![
            SourceType::jsx().with_unambiguous(true),
            SourceType::jsx().with_script(true),
            SourceType::tsx(),
            SourceType::ts(),
        ],
        "cjs" => vec![SourceType::cjs(), SourceType::tsx(), SourceType::ts()],
        "ts" | "mts" | "cts" => vec![own, own.with_module(true), own.with_script(true)],
        "vue" | "svelte" => vec![SourceType::ts(), SourceType::tsx()],
        "astro" => vec![SourceType::tsx(), SourceType::ts()],
        _ => vec![own],
    }
}

/// Whether a file holds declarations of types alone.
pub(super) fn is_declaration(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = [".ts", ".mts", ".cts"].iter().find_map(|end| name.strip_suffix(end));
    // `app.d.ts`, and `style.d.css.ts` of a file that is no script.
    stem.is_some_and(|stem| stem.rsplit('.').take(2).any(|part| part == "d"))
}
