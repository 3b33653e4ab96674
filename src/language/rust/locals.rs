//! Local names: which are known where, what they hold, and whether they still hold it.

use std::rc::Rc;

use proc_macro2::TokenStream;
use proc_macro2::TokenTree;
use syn::Expr;
use syn::Pat;
use syn::Type;
use syn::visit;
use syn::visit::Visit;

use crate::outline::Availability;
use crate::outline::Held;
use crate::outline::ReferenceId;
use crate::source::Span;

use super::borrows;
use super::borrows::Lent;
use super::calls::Texts;
use super::paths::stripped;
use super::paths::type_name;
use super::scopes::plain;
use super::text::Edge;
use super::walk::Walk;

/// Macros that only look at their arguments.
const LOOKING: [&str; 18] = [
    "print",
    "println",
    "eprint",
    "eprintln",
    "format",
    "write",
    "writeln",
    "panic",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "assert",
    "assert_eq",
    "assert_ne",
    "anyhow",
    "bail",
];

/// Extractors that hold what their one type argument says.
const WRAPPERS: [&str; 7] = ["Path", "Query", "Extension", "State", "Json", "Form", "Data"];

/// A local name.
#[derive(Debug, Default)]
pub(super) struct Local {
    name: String,
    offset: u32,
    /// Its type, as the text has it.
    kind: Option<String>,
    /// Whether it holds a value since it was declared.
    is_set: bool,
    /// Whether it may be borrowed to be changed.
    is_mutable: bool,
    /// The class of what it holds, for configurations.
    pub(super) class: Option<ReferenceId>,
    /// Literals that say where a client connects to.
    pub(super) endpoints: Vec<(Box<str>, Box<str>)>,
    /// Texts that it may hold.
    pub(super) texts: Vec<Box<str>>,
}

#[derive(Debug, Default)]
struct Block {
    /// The closure or `async` block that it is the body of.
    closure: Option<Span>,
    locals: Vec<Local>,
}

/// One function that is being read.
#[derive(Debug, Default)]
struct Frame {
    blocks: Vec<Block>,
    uses: Rc<Uses>,
}

/// The local names that are known.
#[derive(Debug, Default)]
pub(super) struct Locals {
    frames: Vec<Frame>,
    /// The type that an `impl` is for.
    pub(super) own: Option<String>,
    /// What that type leads to.
    pub(super) class: Option<ReferenceId>,
}

impl Locals {
    pub(super) fn enter_function(&mut self, uses: &Rc<Uses>) {
        self.frames.push(Frame { blocks: vec![Block::default()], uses: Rc::clone(uses) });
    }

    pub(super) fn leave_function(&mut self) {
        self.frames.pop();
    }

    pub(super) fn enter_block(&mut self) {
        self.enter(Block::default());
    }

    pub(super) fn enter_closure(&mut self, span: Span) {
        self.enter(Block { closure: Some(span), ..Block::default() });
    }

    fn enter(&mut self, block: Block) {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.blocks.push(block);
        }
    }

    pub(super) fn leave_block(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.blocks.pop();
        }
    }

    fn add(&mut self, local: Local) {
        if let Some(block) = self.frames.last_mut().and_then(|frame| frame.blocks.last_mut()) {
            block.locals.push(local);
        }
    }

    pub(super) fn knows(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    pub(super) fn find(&self, name: &str) -> Option<&Local> {
        let mut locals = self.frames.last()?.blocks.iter().rev().flat_map(|block| block.locals.iter().rev());
        locals.find(|local| local.name == name)
    }

    pub(super) fn find_mut(&mut self, name: &str) -> Option<&mut Local> {
        let blocks = self.frames.last_mut()?.blocks.iter_mut().rev();
        let mut locals = blocks.flat_map(|block| block.locals.iter_mut().rev());
        locals.find(|local| local.name == name)
    }

    /// Whether a name surely holds a value at a place, and what is known of that.
    fn holds(&self, name: &str, at: Span) -> (Availability, Held) {
        let mut crossed: Vec<Span> = Vec::new();
        let Some(frame) = self.frames.last() else { return (Availability::Never, Held::default()) };
        for block in frame.blocks.iter().rev() {
            if let Some(local) = block.locals.iter().rev().find(|local| local.name == name) {
                return local.holds(&frame.uses, &crossed, at);
            }
            crossed.extend(block.closure);
        }
        (Availability::Never, Held::default())
    }
}

impl Local {
    fn holds(&self, uses: &Uses, crossed: &[Span], at: Span) -> (Availability, Held) {
        let copies = self.kind.as_deref().is_some_and(is_copy);
        let own = || uses.all.iter().filter(|used| used.name == self.name && used.offset > self.offset);
        let captured =
            crossed.iter().all(|closure| own().any(|used| closure.start <= used.offset && used.offset < closure.end));
        // A loop that started after the name was bound runs what follows the call before the call.
        let again: Vec<&Span> =
            uses.loops.iter().filter(|inner| inner.contains(at) && inner.start > self.offset).collect();
        let in_loop = |offset: u32| again.iter().any(|inner| inner.start <= offset && offset < inner.end);
        let may_be_gone = own().any(|used| used.by_value && (used.offset < at.start || in_loop(used.offset)));
        let spare = again.is_empty() && crossed.is_empty() && !own().any(|used| used.offset >= at.start);
        let held = Held { kind: self.kind.as_deref().map(Into::into), spare };
        let is_lent = self.is_mutable && uses.lent.iter().any(|lent| lent.name == self.name && lent.is_live(at.start));
        let sure = self.is_set && captured && (copies || !may_be_gone) && !is_lent;
        (if sure { Availability::Always } else { Availability::Perhaps }, held)
    }
}

/// Whether values of a type are copied, not moved.
pub(super) fn is_copy(kind: &str) -> bool {
    const COPIED: [&str; 16] = [
        "u8",
        "u16",
        "u32",
        "u64",
        "u128",
        "usize",
        "i8",
        "i16",
        "i32",
        "i64",
        "i128",
        "isize",
        "bool",
        "char",
        "Uuid",
        "uuid::Uuid",
    ];
    if let Some(inner) = kind.strip_prefix("Option<").and_then(|kind| kind.strip_suffix('>')) {
        return is_copy(inner);
    }
    COPIED.contains(&kind) || (kind.starts_with('&') && !kind.starts_with("&mut"))
}

/// Where a function reads the names that may hold the context.
#[derive(Debug, Default)]
pub(super) struct Uses {
    all: Vec<Used>,
    loops: Vec<Span>,
    lent: Vec<Lent>,
}

#[derive(Debug)]
struct Used {
    name: String,
    offset: u32,
    by_value: bool,
}

impl Uses {
    pub(super) fn of(walk: &Walk<'_>, block: &syn::Block) -> Rc<Self> {
        let braces = block.brace_token.span;
        let span = Span::new(walk.at(braces.open(), Edge::Start), walk.at(braces.close(), Edge::End));
        let text = walk.source.slice(span);
        let firsts = walk.watch.sources.iter().map(|source| source.split('.').next().unwrap_or(source));
        let names: Vec<&str> = firsts.filter(|name| text.contains(*name)).collect();
        if names.is_empty() {
            return Rc::default();
        }
        let lent = borrows::lent(walk, block, &names);
        let mut reader = Reader { walk, names, uses: Self { lent, ..Self::default() } };
        reader.visit_block(block);
        Rc::new(reader.uses)
    }
}

struct Reader<'r, 'a> {
    walk: &'r Walk<'a>,
    names: Vec<&'r str>,
    uses: Uses,
}

impl Reader<'_, '_> {
    fn note(&mut self, name: &str, span: proc_macro2::Span, by_value: bool) {
        if self.names.contains(&name) {
            let offset = self.walk.at(span, Edge::Start);
            self.uses.all.push(Used { name: name.to_owned(), offset, by_value });
        }
    }

    /// An expression that is only looked at.
    fn look(&mut self, expr: &Expr) {
        match expr {
            Expr::Path(path) => {
                if let Some(ident) = path.path.get_ident() {
                    self.note(&ident.to_string(), ident.span(), false);
                }
            }
            Expr::Field(field) => self.look(&field.base),
            Expr::Paren(inner) => self.look(&inner.expr),
            other => self.visit_expr(other),
        }
    }

    /// The object whose field an expression takes, where a source of the context names that.
    fn taken<'f>(&self, field: &'f syn::ExprField) -> Option<&'f syn::Ident> {
        let (Expr::Path(object), syn::Member::Named(member)) = (&*field.base, &field.member) else { return None };
        let object = object.path.get_ident()?;
        let mut sources = self.walk.watch.sources.iter().filter_map(|source| source.split_once('.'));
        sources.any(|(own, name)| object == own && member == name).then_some(object)
    }

    fn tokens(&mut self, tokens: &TokenStream, by_value: bool) {
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(ident) => self.note(&ident.to_string(), ident.span(), by_value),
                TokenTree::Group(group) => self.tokens(&group.stream(), by_value),
                TokenTree::Literal(literal) => {
                    // `"{name}"` reads the name.
                    let text = literal.to_string();
                    let named: Vec<String> =
                        self.names.iter().filter(|name| text.contains(**name)).map(|name| (*name).to_owned()).collect();
                    for name in named {
                        self.note(&name, literal.span(), false);
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    fn looped(&mut self, start: proc_macro2::Span, body: &syn::Block) {
        let end = self.walk.at(body.brace_token.span.close(), Edge::End);
        self.uses.loops.push(Span::new(self.walk.at(start, Edge::Start), end));
    }
}

impl<'ast> Visit<'ast> for Reader<'_, '_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Reference(inner) => self.look(&inner.expr),
            Expr::MethodCall(call) => {
                self.look(&call.receiver);
                call.args.iter().for_each(|argument| self.visit_expr(argument));
            }
            Expr::Field(field) => match self.taken(field) {
                // Whoever takes a field out of an object leaves the object without it.
                Some(object) => self.note(&object.to_string(), object.span(), true),
                None => self.look(&field.base),
            },
            Expr::Index(index) => {
                self.look(&index.expr);
                self.visit_expr(&index.index);
            }
            Expr::Binary(binary) if is_comparison(&binary.op) => {
                self.look(&binary.left);
                self.look(&binary.right);
            }
            Expr::Path(path) => {
                if let Some(ident) = path.path.get_ident() {
                    self.note(&ident.to_string(), ident.span(), true);
                }
            }
            Expr::While(inner) => {
                self.looped(inner.while_token.span, &inner.body);
                visit::visit_expr(self, expr);
            }
            Expr::ForLoop(inner) => {
                self.looped(inner.for_token.span, &inner.body);
                visit::visit_expr(self, expr);
            }
            Expr::Loop(inner) => {
                self.looped(inner.loop_token.span, &inner.body);
                visit::visit_expr(self, expr);
            }
            Expr::Closure(inner) => {
                // A closure may run again and again.
                let span = self.walk.span_of_expr(expr);
                self.uses.loops.push(span);
                self.visit_expr(&inner.body);
            }
            other => visit::visit_expr(self, other),
        }
    }

    fn visit_field_value(&mut self, field: &'ast syn::FieldValue) {
        self.visit_expr(&field.expr);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let looks = call.path.segments.last().is_some_and(|segment| LOOKING.iter().any(|name| segment.ident == name));
        self.tokens(&call.tokens, !looks);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

fn is_comparison(operator: &syn::BinOp) -> bool {
    use syn::BinOp::{Eq, Ge, Gt, Le, Lt, Ne};
    matches!(operator, Eq(_) | Ne(_) | Lt(_) | Le(_) | Gt(_) | Ge(_))
}

impl Walk<'_> {
    /// What the sources of the context hold at a call.
    pub(super) fn surroundings(&self, at: Span) -> (Box<[Availability]>, Vec<Held>) {
        let all = self.watch.sources.iter().map(|source| match source.split_once('.') {
            None => self.locals.holds(source, at),
            Some((object, field)) => self.field(object, field, at),
        });
        let (context, held): (Vec<Availability>, Vec<Held>) = all.unzip();
        (context.into(), held)
    }

    /// `self.workspace_id`: fields are always there, if the struct has them.
    fn field(&self, object: &str, field: &str, at: Span) -> (Availability, Held) {
        let (availability, _) = self.locals.holds(object, at);
        let never = (Availability::Never, Held::default());
        if availability == Availability::Never || object != "self" {
            return never;
        }
        let own = self.locals.own.as_ref().and_then(|own| self.fields.get(own));
        match own {
            Some(Some(fields)) => match fields.iter().find(|(name, _)| name == field) {
                Some((_, kind)) => (availability, Held { kind: Some(kind.as_str().into()), spare: false }),
                None => never,
            },
            Some(None) => never,
            // The struct is another file's.
            None => match self.locals.class.filter(|_| availability == Availability::Always) {
                Some(class) => (Availability::Declared(class), Held::default()),
                None => never,
            },
        }
    }

    /// Notes the fields of all structs of a file, by their names.
    pub(super) fn collect_fields(&mut self, items: &[syn::Item]) {
        for item in items {
            match item {
                syn::Item::Struct(item) => {
                    let fields = item.fields.iter().filter_map(|field| {
                        Some((plain(&field.ident.as_ref()?.to_string()), self.type_text(&field.ty)))
                    });
                    let fields: Vec<(String, String)> = fields.collect();
                    // Two of a name: which one an `impl` is for is not followed.
                    self.fields.entry(item.ident.to_string()).and_modify(|known| *known = None).or_insert(Some(fields));
                }
                syn::Item::Mod(item) => {
                    if let Some((_, items)) = &item.content {
                        self.collect_fields(items);
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn bind_receiver(&mut self, receiver: &syn::Receiver) {
        let is_mutable = borrows::is_mutable(receiver);
        let kind = match &receiver.kind {
            syn::ReceiverKind::Reference(..) if is_mutable => Some("&mut Self".to_owned()),
            syn::ReceiverKind::Reference(..) => Some("&Self".to_owned()),
            _ => None,
        };
        let offset = self.at(receiver.self_token.span, Edge::Start);
        let name = "self".to_owned();
        self.locals.add(Local { name, offset, kind, is_set: true, is_mutable, ..Local::default() });
    }

    /// Makes the names of a pattern known.
    pub(super) fn bind_pattern(&mut self, pattern: &Pat, ty: Option<&Type>) {
        match pattern {
            Pat::Ident(ident) => {
                let name = plain(&ident.ident.to_string());
                if name.starts_with(char::is_uppercase) {
                    return;
                }
                let offset = self.at(ident.ident.span(), Edge::Start);
                let kind = ty.map(|ty| self.type_text(ty));
                let class = ty.and_then(|ty| self.kind_of_type(ty));
                let is_mutable =
                    ident.mutability.is_some() || kind.as_deref().is_some_and(|kind| kind.starts_with("&mut"));
                self.locals.add(Local { name, offset, kind, is_set: true, is_mutable, class, ..Local::default() });
                if let Some((_, inner)) = &ident.subpat {
                    self.bind_pattern(inner, None);
                }
            }
            Pat::Type(typed) => self.bind_pattern(&typed.pat, Some(&typed.ty)),
            Pat::Paren(inner) => self.bind_pattern(&inner.pat, ty),
            Pat::Reference(inner) => self.bind_pattern(&inner.pat, None),
            Pat::TupleStruct(inner) => {
                let held = ty.and_then(wrapped);
                let held = held.filter(|_| inner.elems.len() == 1);
                inner.elems.iter().for_each(|element| self.bind_pattern(element, held));
            }
            Pat::Tuple(inner) => inner.elems.iter().for_each(|element| self.bind_pattern(element, None)),
            Pat::Slice(inner) => inner.elems.iter().for_each(|element| self.bind_pattern(element, None)),
            Pat::Or(inner) => inner.cases.iter().for_each(|case| self.bind_pattern(case, None)),
            Pat::Guard(inner) => self.bind_pattern(&inner.pat, ty),
            Pat::Struct(inner) => {
                inner.fields.iter().for_each(|field| self.bind_pattern(&field.pat, None));
            }
            _ => {}
        }
    }

    /// Makes the names of `let` without a value known.
    pub(super) fn bind_unset(&mut self, pattern: &Pat, ty: Option<&Type>) {
        self.bind_pattern(pattern, ty);
        if let Pat::Ident(ident) = pattern
            && let Some(local) = self.locals.find_mut(&plain(&ident.ident.to_string()))
        {
            local.is_set = false;
        }
    }

    /// Makes the names of `let` known.
    pub(super) fn bind_let(&mut self, pattern: &Pat, ty: Option<&Type>, init: &Expr) {
        let mut endpoints = Vec::new();
        self.endpoints(init, &mut endpoints);
        let class = self.kind_of(init);
        let mut texts = Texts::default();
        texts.visit_expr(init);
        let told: Vec<Box<str>> = texts.names.iter().flat_map(|name| self.texts_of(name)).collect();
        self.bind_pattern(pattern, ty);
        let Pat::Ident(ident) = pattern else { return };
        let inferred = kind_of_value(init);
        if let Some(local) = self.locals.find_mut(&plain(&ident.ident.to_string())) {
            local.endpoints = endpoints;
            local.class = local.class.or(class);
            local.kind = local.kind.take().or(inferred);
            local.texts = texts.texts.into_iter().chain(told).take(32).collect();
        }
    }

    /// `name = …` adds to what a name may hold.
    pub(super) fn assigned(&mut self, assign: &syn::ExprAssign) {
        let Expr::Path(path) = &*assign.left else { return };
        let Some(name) = path.path.get_ident().map(|ident| plain(&ident.to_string())) else { return };
        let mut endpoints = Vec::new();
        self.endpoints(&assign.right, &mut endpoints);
        let mut texts = Texts::default();
        texts.visit_expr(&assign.right);
        let told: Vec<Box<str>> = texts.names.iter().flat_map(|name| self.texts_of(name)).collect();
        if let Some(local) = self.locals.find_mut(&name) {
            local.endpoints.extend(endpoints);
            local.texts.extend(texts.texts.into_iter().chain(told));
            local.texts.truncate(32);
        }
    }
}

/// The one type argument of an extractor: `String` in `Path<String>`.
fn wrapped(ty: &Type) -> Option<&Type> {
    if !WRAPPERS.contains(&type_name(ty)?.as_str()) {
        return None;
    }
    let Type::Path(path) = stripped(ty) else { return None };
    let syn::PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    match arguments.args.first() {
        Some(syn::GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}

/// The type of a value, where its expression shows it.
fn kind_of_value(expr: &Expr) -> Option<String> {
    let kind = match expr {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(_), .. }) => "&str",
        Expr::MethodCall(call) => match call.method.to_string().as_str() {
            "to_string" => "String",
            "as_str" => "&str",
            "to_owned" if matches!(&*call.receiver, Expr::Lit(_)) => "String",
            _ => return None,
        },
        Expr::Macro(inner) if inner.mac.path.segments.last().is_some_and(|s| s.ident == "format") => "String",
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) if path.path.segments.len() == 2 => {
                let first = path.path.segments.first().map(|segment| segment.ident.to_string());
                match first.as_deref() {
                    Some("String") => "String",
                    Some("Uuid") => "Uuid",
                    _ => return None,
                }
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(kind.to_owned())
}
