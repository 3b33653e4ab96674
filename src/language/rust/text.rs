//! From a file's text to tokens and syntax, and back to offsets in the file.

use proc_macro2::Span as TokenSpan;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;

use crate::source::Span;

/// A file's tokens, and where they start in it.
#[derive(Debug)]
pub(super) struct Lexed {
    pub(super) tokens: TokenStream,
    pub(super) base: u32,
}

/// Why a text gives no tokens or no syntax, and where.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) offset: u32,
    pub(super) message: String,
}

/// How many bytes stand before the first token may: a byte order mark, and a line that names an interpreter.
fn prologue(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let rest = text.get(mark..).unwrap_or_default();
    // `#![` starts an attribute.
    let is_attribute = rest.strip_prefix("#!").is_some_and(|rest| rest.trim_start().starts_with('['));
    if !rest.starts_with("#!") || is_attribute {
        return mark;
    }
    mark + rest.find('\n').unwrap_or(rest.len())
}

/// The tokens of a text.
pub(super) fn lex(text: &str) -> Result<Lexed, Broken> {
    let start = prologue(text);
    let base = u32::try_from(start).unwrap_or(u32::MAX);
    match text.get(start..).unwrap_or_default().parse::<TokenStream>() {
        Ok(tokens) => Ok(Lexed { tokens, base }),
        Err(error) => Err(Broken { offset: offset(base, error.span(), Edge::Start), message: error.to_string() }),
    }
}

/// The syntax of a file's tokens.
pub(super) fn parse(lexed: &Lexed) -> Result<syn::File, Broken> {
    syn::parse2::<syn::File>(lexed.tokens.clone())
        .map_err(|error| Broken { offset: offset(lexed.base, error.span(), Edge::Start), message: error.to_string() })
}

/// An end of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Start,
    End,
}

/// The offset of a token in its file.
pub(super) fn offset(base: u32, span: TokenSpan, edge: Edge) -> u32 {
    let range = span.byte_range();
    let at = if edge == Edge::Start { range.start } else { range.end };
    u32::try_from(at).unwrap_or(u32::MAX).saturating_add(base)
}

/// The spans of what stands between tokens, in order: white space and comments.
pub(super) fn gaps(lexed: &Lexed, length: u32) -> Vec<Span> {
    let mut gaps = Vec::new();
    let mut end = lexed.base;
    gaps_in(&lexed.tokens, lexed.base, &mut end, &mut gaps);
    gaps.push(Span::new(end, length));
    gaps.retain(|gap| gap.start < gap.end);
    gaps
}

fn gaps_in(tokens: &TokenStream, base: u32, end: &mut u32, gaps: &mut Vec<Span>) {
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => {
                gaps.push(Span::new(*end, offset(base, group.span_open(), Edge::Start)));
                *end = offset(base, group.span_open(), Edge::End);
                gaps_in(&group.stream(), base, end, gaps);
                gaps.push(Span::new(*end, offset(base, group.span_close(), Edge::Start)));
                *end = offset(base, group.span_close(), Edge::End);
            }
            other => {
                gaps.push(Span::new(*end, offset(base, other.span(), Edge::Start)));
                *end = offset(base, other.span(), Edge::End).max(*end);
            }
        }
    }
}
