//! Macros: arguments that are expressions or statements are read as such; the rest is searched for paths.

use proc_macro2::Delimiter;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use syn::Block;
use syn::Expr;
use syn::Token;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit::Visit;

use crate::outline::Call;
use crate::outline::Places;
use crate::outline::Role;
use crate::source::Span;

use super::scopes::plain;
use super::text::Edge;
use super::walk::Walk;

/// Macros whose arguments are written into other code.
const QUOTING: [&str; 4] = ["quote", "quote_spanned", "parse_quote", "parse_quote_spanned"];

const WITHIN: &str = "the client is made inside of a macro that cannot be followed; call the factory there";

const ATTRIBUTE: &str = "the client is made by an attribute's macro; call the factory there";

/// The paths in an expression.
#[derive(Default)]
struct Paths(Vec<syn::ExprPath>);

impl<'ast> Visit<'ast> for Paths {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        self.0.push(path.clone());
    }
}

impl Walk<'_> {
    pub(super) fn macro_call(&mut self, call: &syn::Macro) {
        let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if name == "stringify" {
            return;
        }
        self.fill(&name, &call.tokens);
        if QUOTING.contains(&name.as_str()) {
            self.scan(&call.tokens, WITHIN);
            return;
        }
        let tokens = if name == "lazy_static" { without_ref(&call.tokens) } else { call.tokens.clone() };
        self.tokens(&tokens);
    }

    /// An attribute whose macro may write its tokens, or the code in its texts, into what it generates.
    pub(super) fn attribute(&mut self, attribute: &syn::Attribute) {
        const SILENT: [&str; 7] = ["doc", "cfg", "cfg_attr", "derive", "allow", "deprecated", "path"];
        let syn::Meta::List(list) = &attribute.meta else { return };
        if list.path.get_ident().is_some_and(|name| SILENT.iter().any(|silent| name == silent)) {
            return;
        }
        self.scan(&list.tokens, ATTRIBUTE);
        self.texts(&list.tokens);
    }

    /// Code in the texts of an attribute: `default = "Client::new()"`.
    fn texts(&mut self, tokens: &TokenStream) {
        for token in tokens.clone() {
            match token {
                TokenTree::Group(group) => self.texts(&group.stream()),
                TokenTree::Literal(literal) => {
                    let Ok(text) = syn::parse2::<syn::LitStr>(TokenTree::Literal(literal.clone()).into()) else {
                        continue;
                    };
                    let span = Span::new(self.at(literal.span(), Edge::Start), self.at(literal.span(), Edge::End));
                    let Ok(expr) = syn::parse_str::<Expr>(&text.value()) else { continue };
                    let mut paths = Paths::default();
                    paths.visit_expr(&expr);
                    for path in paths.0 {
                        let Some((parts, leading)) = Self::parts(path.qself.as_ref(), &path.path) else { continue };
                        let call = Call { span, obstacle: Some(ATTRIBUTE), ..Call::default() };
                        self.path(&parts, leading, span, Role::Called(Box::new(call)), None);
                    }
                }
                _ => {}
            }
        }
    }

    /// Tokens that may be expressions or statements.
    fn tokens(&mut self, tokens: &TokenStream) {
        if tokens.is_empty() {
            return;
        }
        if let Ok(arguments) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            arguments.iter().for_each(|argument| self.visit_expr(argument));
            return;
        }
        if let Ok(stmts) = Block::parse_within.parse2(tokens.clone()) {
            self.visit_block(&Block { brace_token: syn::token::Brace::default(), stmts });
            return;
        }
        self.pieces(tokens, None);
    }

    /// Searches tokens for paths; what they lead to is only reported.
    pub(super) fn scan(&mut self, tokens: &TokenStream, obstacle: &'static str) {
        self.pieces(tokens, Some(obstacle));
    }

    /// Reads groups of tokens as expressions where they are, unless there is an obstacle; and paths between them.
    fn pieces(&mut self, tokens: &TokenStream, obstacle: Option<&'static str>) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Ident(_) => at = self.piece(&tokens, at, obstacle),
                TokenTree::Group(group) => {
                    match obstacle {
                        Some(_) => self.pieces(&group.stream(), obstacle),
                        None => self.tokens(&group.stream()),
                    }
                    at += 1;
                }
                TokenTree::Punct(punct) if punct.as_char() == '.' => {
                    // A field or a method is no path.
                    at += 1;
                    at += usize::from(matches!(tokens.get(at), Some(TokenTree::Ident(_))));
                }
                _ => at += 1,
            }
        }
    }

    /// One path in tokens, and whether it is called; gives back where to go on.
    fn piece(&mut self, tokens: &[TokenTree], start: usize, obstacle: Option<&'static str>) -> usize {
        let mut parts = Vec::new();
        let mut at = start;
        let mut end = None;
        while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
            parts.push(plain(&ident.to_string()));
            end = Some(ident.span());
            at += 1;
            let mut next = at;
            // `Client::<Config>::new`
            if is_joint(tokens, next) && is_punct(tokens, next + 2, '<') {
                let mut depth = 0_usize;
                next += 2;
                while let Some(token) = tokens.get(next) {
                    match token {
                        TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
                        TokenTree::Punct(punct) if punct.as_char() == '>' => depth = depth.saturating_sub(1),
                        TokenTree::Ident(ident) => {
                            let name = plain(&ident.to_string());
                            let span = Span::at(self.at(ident.span(), Edge::Start));
                            self.path(&[name], false, span, Role::Test, None);
                        }
                        _ => {}
                    }
                    next += 1;
                    if depth == 0 {
                        break;
                    }
                }
                at = next;
            }
            if !(is_joint(tokens, next) && matches!(tokens.get(next + 2), Some(TokenTree::Ident(_)))) {
                break;
            }
            at = next + 2;
        }
        let first = tokens.get(start).map(TokenTree::span);
        let (Some(first), Some(end)) = (first, end) else { return at.max(start + 1) };
        let span = Span::new(self.at(first, Edge::Start), self.at(end, Edge::End));
        let called = match tokens.get(at) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => Some(group),
            _ => None,
        };
        let reason = obstacle.unwrap_or(WITHIN);
        let role = match called {
            Some(group) if parts.len() > 1 => {
                let span = Span::new(span.start, self.at(group.span_close(), Edge::End));
                Role::Called(Box::new(Call { span, obstacle: Some(reason), ..Call::default() }))
            }
            _ if parts.len() > 1 => {
                let mut call = Call { span, obstacle: Some(reason), ..Call::default() };
                call.detail_mut().places = Some(Places::default());
                Role::HandedOver(Box::new(call))
            }
            _ => Role::Test,
        };
        self.path(&parts, false, span, role, None);
        at.max(start + 1)
    }
}

fn is_punct(tokens: &[TokenTree], at: usize, character: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

fn is_joint(tokens: &[TokenTree], at: usize) -> bool {
    is_punct(tokens, at, ':') && is_punct(tokens, at + 1, ':')
}

/// `static ref X: T = …` without `ref`.
fn without_ref(tokens: &TokenStream) -> TokenStream {
    tokens.clone().into_iter().filter(|token| !matches!(token, TokenTree::Ident(ident) if ident == "ref")).collect()
}

/// Whether tokens name something.
pub(super) fn names(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => names(&group.stream(), name),
        _ => false,
    })
}
