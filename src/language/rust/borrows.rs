//! Where something holds on to a name that the context may come from, so that nobody else may look at it.
//!
//! A borrow ends with the last use of whatever holds it. Where that cannot be seen, it is taken to last.

use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use quote::ToTokens;
use rustc_hash::FxHashMap;
use syn::Expr;
use syn::ImplItem;
use syn::Item;
use syn::Pat;
use syn::spanned::Spanned;
use syn::visit;
use syn::visit::Visit;

use crate::source::Span;

use super::scopes::plain;
use super::text::Edge;
use super::walk::Walk;

/// Methods that give back a value of its own, whatever they are asked of.
const OWNING: [&str; 14] = [
    "clone",
    "cloned",
    "copied",
    "to_string",
    "to_owned",
    "len",
    "count",
    "is_empty",
    "is_some",
    "is_none",
    "is_ok",
    "is_err",
    "collect",
    "sum",
];

/// For each method of a file: whether what it gives back may hold on to its object.
#[derive(Debug, Default)]
pub(super) struct Lenders(FxHashMap<String, bool>);

impl Lenders {
    /// The methods that items define.
    pub(super) fn collect(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Impl(item) => {
                    for inner in &item.items {
                        if let ImplItem::Fn(function) = inner {
                            self.define(&function.sig);
                        }
                    }
                }
                Item::Mod(item) => self.collect(item.content.as_ref().map_or(&[][..], |(_, items)| items)),
                _ => {}
            }
        }
    }

    fn define(&mut self, signature: &syn::Signature) {
        let borrows = signature.receiver().is_some_and(is_mutable);
        let held = match &signature.output {
            syn::ReturnType::Type(_, ty) => may_hold(&ty.to_token_stream()),
            syn::ReturnType::Default => false,
        };
        *self.0.entry(plain(&signature.ident.to_string())).or_default() |= borrows && held;
    }

    fn lends(&self, method: &str) -> bool {
        self.0.get(method).copied().unwrap_or(true)
    }
}

/// Whether a method may change its object.
pub(super) fn is_mutable(receiver: &syn::Receiver) -> bool {
    has(&receiver.to_token_stream(), "mut")
}

fn has(tokens: &TokenStream, word: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => has(&group.stream(), word),
        _ => false,
    })
}

/// Whether values of a type may borrow from something else, as far as its text tells.
fn may_hold(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Punct(punct) => matches!(punct.as_char(), '&' | '\''),
        TokenTree::Ident(ident) => {
            let name = ident.to_string();
            let is_open = ["impl", "dyn", "Pin", "Self"].contains(&name.as_str());
            is_open || ["Guard", "Mut", "Ref", "Iter", "Drain", "Entry"].iter().any(|end| name.ends_with(end))
        }
        TokenTree::Group(group) => may_hold(&group.stream()),
        TokenTree::Literal(_) => false,
    })
}

/// From where to where something holds on to a name.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) name: String,
    pub(super) live: Span,
}

impl Lent {
    /// Whether it is held on to at an offset.
    pub(super) fn is_live(&self, offset: u32) -> bool {
        self.live.start <= offset && offset < self.live.end
    }
}

/// The exclusive borrows of these names in a block.
pub(super) fn lent(walk: &Walk<'_>, block: &syn::Block, names: &[&str]) -> Vec<Lent> {
    let mut lending = Lending { walk, names, statements: Vec::new(), found: Vec::new() };
    lending.visit_block(block);
    lending.found
}

struct Lending<'r, 'a> {
    walk: &'r Walk<'a>,
    names: &'r [&'r str],
    /// The statements of the block around the current one.
    statements: Vec<Span>,
    found: Vec<Lent>,
}

impl Lending<'_, '_> {
    fn span(&self, node: &impl Spanned) -> Span {
        let span = node.span();
        Span::new(self.walk.at(span, Edge::Start), self.walk.at(span, Edge::End))
    }

    /// The names that the value of an expression may hold on to.
    fn holds(&self, expr: &Expr) -> Vec<String> {
        match expr {
            Expr::Reference(inner) => match (inner.mutability.is_some(), self.place(&inner.expr)) {
                (true, Some(name)) => vec![name],
                _ => self.holds(&inner.expr),
            },
            Expr::MethodCall(call) => {
                let method = plain(&call.method.to_string());
                if OWNING.contains(&method.as_str()) {
                    return Vec::new();
                }
                let mut names: Vec<String> = call.args.iter().flat_map(|argument| self.holds(argument)).collect();
                match self.place(&call.receiver) {
                    Some(name) => {
                        let is_object = is_name(&call.receiver, "self");
                        let lends = if is_object {
                            self.walk.lenders.lends(&method)
                        } else {
                            method.contains("mut") || method == "drain"
                        };
                        names.extend(lends.then_some(name));
                    }
                    None => names.extend(self.holds(&call.receiver)),
                }
                names
            }
            Expr::Call(call) => call.args.iter().flat_map(|argument| self.holds(argument)).collect(),
            Expr::Paren(inner) => self.holds(&inner.expr),
            Expr::Try(inner) => self.holds(&inner.expr),
            Expr::Await(inner) => self.holds(&inner.base),
            Expr::Field(inner) => self.holds(&inner.base),
            Expr::Index(inner) => self.holds(&inner.expr),
            Expr::Unary(inner) => self.holds(&inner.expr),
            Expr::Cast(inner) => self.holds(&inner.expr),
            Expr::Let(inner) => self.holds(&inner.expr),
            Expr::Tuple(inner) => inner.elems.iter().flat_map(|element| self.holds(element)).collect(),
            _ => Vec::new(),
        }
    }

    /// The name that a place belongs to, where borrowing the place keeps others from the context in it.
    fn place(&self, expr: &Expr) -> Option<String> {
        let known = |name: String| self.names.contains(&name.as_str()).then_some(name);
        match expr {
            Expr::Path(path) => known(plain(&path.path.get_ident()?.to_string())),
            Expr::Paren(inner) => self.place(&inner.expr),
            Expr::Unary(inner) => self.place(&inner.expr),
            Expr::Index(inner) => self.place(&inner.expr),
            Expr::Field(field) => match (&*field.base, &field.member) {
                // Other fields of the object are none of the context's.
                (Expr::Path(object), syn::Member::Named(member)) => {
                    let object = plain(&object.path.get_ident()?.to_string());
                    let own = format!("{object}.{member}");
                    known(object).filter(|_| self.walk.watch.sources.contains(&own))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn add(&mut self, names: Vec<String>, live: Span) {
        self.found.extend(names.into_iter().map(|name| Lent { name, live }));
    }

    /// What one of several parts holds on to, while those after it are evaluated.
    fn in_turn<'e>(&mut self, parts: impl Iterator<Item = &'e Expr>, end: u32) {
        for part in parts {
            let names = self.holds(part);
            if !names.is_empty() {
                let start = self.span(part).end;
                self.add(names, Span::new(start, end));
            }
        }
    }

    /// The end of the last statement of the block that mentions one of these names.
    fn last_mention(&self, names: &[String], from: u32) -> u32 {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mentions = |text: &str, name: &str| {
            text.match_indices(name).any(|(at, _)| {
                let before = text.get(..at).and_then(|text| text.chars().next_back());
                let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
                !before.is_some_and(is_word) && !after.is_some_and(is_word)
            })
        };
        let mut later = self.statements.iter().rev().filter(|statement| statement.start >= from);
        let last = later.find(|statement| {
            let text = self.walk.source.slice(**statement);
            names.iter().any(|name| mentions(text, name))
        });
        last.map_or(from, |statement| statement.end)
    }
}

impl<'ast> Visit<'ast> for Lending<'_, '_> {
    fn visit_block(&mut self, block: &'ast syn::Block) {
        let inner = block.stmts.iter().map(|statement| self.span(statement)).collect();
        let outer = std::mem::replace(&mut self.statements, inner);
        visit::visit_block(self, block);
        self.statements = outer;
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            let names = self.holds(&init.expr);
            if !names.is_empty() {
                let start = self.span(&*init.expr).start;
                let mut bound = Bound::default();
                bound.visit_pat(&local.pat);
                let end = self.last_mention(&bound.0, self.span(local).end);
                self.add(names, Span::new(start, end));
            }
        }
        visit::visit_local(self, local);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let end = self.span(expr).end;
        match expr {
            Expr::ForLoop(inner) => self.in_turn(std::iter::once(&*inner.expr), end),
            Expr::Match(inner) => self.in_turn(std::iter::once(&*inner.expr), end),
            Expr::If(inner) if matches!(&*inner.cond, Expr::Let(_)) => {
                self.in_turn(std::iter::once(&*inner.cond), end);
            }
            Expr::While(inner) if matches!(&*inner.cond, Expr::Let(_)) => {
                self.in_turn(std::iter::once(&*inner.cond), end);
            }
            Expr::Call(inner) => self.in_turn(inner.args.iter(), end),
            Expr::MethodCall(inner) => {
                // The object itself is borrowed only once all arguments are there.
                let receiver = Some(&*inner.receiver).filter(|receiver| self.place(receiver).is_none());
                self.in_turn(receiver.into_iter().chain(&inner.args), end);
            }
            Expr::Tuple(inner) => self.in_turn(inner.elems.iter(), end),
            Expr::Array(inner) => self.in_turn(inner.elems.iter(), end),
            Expr::Struct(inner) => self.in_turn(inner.fields.iter().map(|field| &field.expr), end),
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

fn is_name(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Path(path) if path.path.is_ident(name))
}

/// The names that a pattern binds.
#[derive(Default)]
struct Bound(Vec<String>);

impl<'ast> Visit<'ast> for Bound {
    fn visit_pat(&mut self, pattern: &'ast Pat) {
        if let Pat::Ident(ident) = pattern {
            self.0.push(plain(&ident.ident.to_string()));
        }
        visit::visit_pat(self, pattern);
    }
}
