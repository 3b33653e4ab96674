//! Macros of the file that make what they are given: `macro_rules! make { ($t:ty) => { <$t>::new() } }`.

use proc_macro2::Delimiter;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;

use crate::outline::Call;
use crate::outline::Role;
use crate::source::Span;

use super::scopes::plain;
use super::text::Edge;
use super::walk::Walk;

/// A function in a macro's body that is called on a type which the macro is given.
#[derive(Clone, Debug)]
pub(super) struct Template {
    function: String,
    span: Span,
}

const WITHIN: &str = "the client is made by a macro of this file, which is given the class; call the factory instead";

impl Walk<'_> {
    /// Notes what the body of a macro makes of its parameters.
    pub(super) fn learn_macro(&mut self, item: &syn::ItemMacro) {
        let Some(name) = &item.ident else { return };
        let mut found = Vec::new();
        self.templates_in(&item.mac.tokens, &mut found);
        self.templates.insert(plain(&name.to_string()), found);
    }

    fn templates_in(&self, tokens: &TokenStream, found: &mut Vec<Template>) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            if let TokenTree::Group(group) = token {
                self.templates_in(&group.stream(), found);
            }
            let is_parameter = is_punct(token, '$') && matches!(tokens.get(at + 1), Some(TokenTree::Ident(_)));
            if !is_parameter {
                continue;
            }
            let is_wrapped = at.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|t| is_punct(t, '<'));
            let mut next = at + 2;
            if is_wrapped {
                if !tokens.get(next).is_some_and(|token| is_punct(token, '>')) {
                    continue;
                }
                next += 1;
            }
            let is_path = [next, next + 1].iter().all(|&at| tokens.get(at).is_some_and(|token| is_punct(token, ':')));
            let Some(TokenTree::Ident(function)) = tokens.get(next + 2).filter(|_| is_path) else { continue };
            let start = if is_wrapped { at - 1 } else { at };
            let Some(start) = tokens.get(start).map(|token| self.at(token.span(), Edge::Start)) else { continue };
            let end = match tokens.get(next + 3) {
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => group.span_close(),
                _ => function.span(),
            };
            let span = Span::new(start, self.at(end, Edge::End));
            found.push(Template { function: plain(&function.to_string()), span });
        }
    }

    /// Notes what a macro of the file makes of the types that it is given here.
    pub(super) fn fill(&mut self, name: &str, tokens: &TokenStream) {
        let Some(templates) = self.templates.get(name).filter(|templates| !templates.is_empty()).cloned() else {
            return;
        };
        for (leading, parts) in paths_in(tokens) {
            for Template { function, span } in &templates {
                let parts: Vec<String> = parts.iter().cloned().chain([function.clone()]).collect();
                let call = Call { span: *span, obstacle: Some(WITHIN), ..Call::default() };
                self.path(&parts, leading, *span, Role::Called(Box::new(call)), None);
            }
        }
    }
}

/// The paths in tokens, each with whether it starts with `::`; not those in angle brackets.
fn paths_in(tokens: &TokenStream) -> Vec<(bool, Vec<String>)> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut at = 0;
    let joint = |at: usize| [at, at + 1].iter().all(|&at| tokens.get(at).is_some_and(|token| is_punct(token, ':')));
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Group(group) => found.extend(paths_in(&group.stream())),
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => depth = depth.saturating_sub(1),
            TokenTree::Ident(first) if depth == 0 => {
                let leading = at >= 2 && joint(at - 2);
                let mut parts = vec![plain(&first.to_string())];
                while joint(at + 1)
                    && let Some(TokenTree::Ident(next)) = tokens.get(at + 3)
                {
                    parts.push(plain(&next.to_string()));
                    at += 3;
                }
                found.push((leading, parts));
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
