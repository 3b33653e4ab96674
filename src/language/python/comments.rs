//! Suppression comments.

use ruff_python_ast::PySourceType;
use ruff_python_ast::Stmt;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::token::Tokens;
use ruff_python_parser::parse_unchecked_source;
use ruff_text_size::Ranged;

use crate::outline::Suppression;
use crate::source::SourceFile;
use crate::source::Span;

/// Reads the comments that speak to qmigrate.
pub(super) fn suppressions(source: &SourceFile, suite: &[Stmt], tokens: &Tokens) -> Vec<Suppression> {
    if !source.text().contains("qmigrate:") {
        return Vec::new();
    }
    let is_docstring = |stmt: &Stmt| matches!(stmt, Stmt::Expr(expr) if expr.value.is_string_literal_expr());
    let docstring = suite.first().is_some_and(is_docstring);
    let first_code = suite.get(usize::from(docstring)).map_or(u32::MAX, |stmt| stmt.range().start().to_u32());
    let comments = tokens.iter().filter(|token| token.kind() == TokenKind::Comment);
    comments
        .filter_map(|token| {
            let span = Span::new(token.range().start().to_u32(), token.range().end().to_u32());
            let (whole_file, rules, reason) =
                crate::rule::read_suppression(source.slice(span).trim_start_matches('#'))?;
            let line = source.line_span(source.line(span.start));
            let before = source.slice(Span::new(line.start, span.start));
            let own_line = before.trim_start_matches('\u{feff}').trim().is_empty();
            let whole_file = whole_file && span.start < first_code;
            Some(Suppression { span, rules, reason, whole_file, own_line })
        })
        .collect()
}

/// Whether an offset lies outside every string that holds expressions: before Python 3.12 they take no comments.
pub(super) fn is_outside_strings(source: &SourceFile, offset: u32) -> bool {
    let dialect = if source.notebook().is_some() { PySourceType::Ipynb } else { PySourceType::Python };
    let parsed = parse_unchecked_source(source.text(), dialect);
    let mut depth = 0_usize;
    for token in parsed.tokens().iter().take_while(|token| token.range().start().to_u32() < offset) {
        match token.kind() {
            TokenKind::FStringStart | TokenKind::TStringStart => depth += 1,
            TokenKind::FStringEnd | TokenKind::TStringEnd => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth == 0
}
