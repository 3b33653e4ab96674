//! Suppression comments.

use oxc_ast::ast::Program;
use oxc_span::GetSpan;

use crate::outline::Suppression;
use crate::source::SourceFile;
use crate::source::Span;

/// Reads the comments that speak to qmigrate: `//`, `/* */`, and those of templates.
pub(super) fn suppressions(source: &SourceFile, program: &Program<'_>) -> Vec<Suppression> {
    if !source.text().contains("qmigrate:") {
        return Vec::new();
    }
    let first_directive = program.directives.first().map(|directive| directive.span.start);
    let first_statement = program.body.first().map(|statement| statement.span().start);
    let first_code = first_directive.into_iter().chain(first_statement).min().unwrap_or(u32::MAX);
    let comments = program.comments.iter();
    comments
        .filter_map(|comment| {
            let span = Span::new(comment.span.start, comment.span.end);
            let text = source.slice(span);
            let inner = text.trim_start_matches('/').trim_start_matches('*');
            let inner = if text.starts_with("/*") { inner.trim_end_matches("*/").trim_end() } else { inner };
            let (whole_file, rules, reason) = crate::rule::read_suppression(inner)?;
            let line = source.line_span(source.line(span.start));
            let last = source.line_span(source.line(span.end));
            // `{/* … */}` stands alone between elements.
            let before = source.slice(Span::new(line.start, span.start)).trim().trim_start_matches('\u{feff}');
            let after = source.slice(Span::new(span.end, last.end)).trim();
            let own_line = before.is_empty() && after.is_empty() || (before == "{" && after == "}");
            // A comment before code on its line, as in `/* … */ new X()`, speaks for that line.
            let own_line = own_line || (before.is_empty() && text.starts_with("//"));
            let whole_file = whole_file && span.start < first_code;
            Some(Suppression { span, rules, reason, whole_file, own_line })
        })
        .collect()
}
