//! From a text to a syntax tree: which dialect it is in, and what is done where that is not clear.

use std::path::Path;

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_parser::ParseOptions;
use oxc_parser::Parser;
use oxc_parser::ParserReturn;
use oxc_span::SourceType;

use crate::finding::ProblemKind;
use crate::outline::Trouble;

use super::recover;

/// What parsing gave.
pub(super) struct Parsed<'a> {
    pub(super) program: Program<'a>,
    pub(super) problem: Option<Trouble>,
}

/// Parses a text in the dialect that its file's name stands for; `.js` files may hold any.
pub(super) fn parse<'a>(allocator: &'a Allocator, path: &Path, text: &'a str) -> Parsed<'a> {
    let mut first = None;
    for dialect in dialects(path) {
        let parsed = run(allocator, dialect, text);
        let Some(error) = parsed.diagnostics.iter().next() else {
            return Parsed { program: parsed.program, problem: None };
        };
        let offset = error.labels.iter().next().map_or(0, oxc_span::LabeledSpan::offset);
        let trouble = Trouble { offset, kind: ProblemKind::Syntax, message: error.message.to_string() };
        first.get_or_insert((dialect, Parsed { program: parsed.program, problem: Some(trouble) }));
    }
    let Some((dialect, parsed)) = first else {
        return Parsed { program: run(allocator, SourceType::ts(), "").program, problem: None };
    };
    if !parsed.program.is_empty() {
        return parsed;
    }
    let offset = parsed.problem.as_ref().map_or(0, |problem| problem.offset as usize);
    let program = recover::recover(allocator, dialect, text, offset).unwrap_or(parsed.program);
    Parsed { program, problem: parsed.problem }
}

/// Parses a text in a dialect.
pub(super) fn run<'a>(allocator: &'a Allocator, dialect: SourceType, text: &'a str) -> ParserReturn<'a> {
    let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
    Parser::new(allocator, text, dialect).with_options(options).parse()
}

/// The dialects to try, likeliest first.
pub(super) fn dialects(path: &Path) -> Vec<SourceType> {
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
    // `app.d.ts`, and `style.d.css.ts` of a file that is no script; but not `d.ts`.
    stem.and_then(|stem| stem.split_once('.')).is_some_and(|(_, ends)| ends.rsplit('.').take(2).any(|part| part == "d"))
}

/// Whether a file may say types in its code, and not only in comments.
pub(super) fn has_types(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    !matches!(extension, Some("js" | "jsx" | "mjs" | "cjs"))
}
