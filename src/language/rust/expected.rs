//! Which type an expression must have, where the text around it says so: a `let`, a return type, a field.
//!
//! `Client::default()` makes what is asked for, so what is asked for tells which client it is.

use rustc_hash::FxHashMap;
use syn::Expr;
use syn::GenericArgument;
use syn::Item;
use syn::PathArguments;
use syn::Type;
use syn::visit::Visit;

use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Class;
use crate::outline::Definition;
use crate::outline::DefinitionKind;
use crate::outline::Field;
use crate::outline::ReferenceId;

use super::calls::is_default;
use super::paths::stripped;
use super::scopes::Space;
use super::scopes::plain;
use super::walk::Walk;

/// Functions and variants that make a type of what they are given.
const WRAPPERS: [(&str, &str, &str); 11] = [
    ("Option", "", "Some"),
    ("Result", "", "Ok"),
    ("Arc", "Arc", "new"),
    ("Rc", "Rc", "new"),
    ("Box", "Box", "new"),
    ("Mutex", "Mutex", "new"),
    ("RwLock", "RwLock", "new"),
    ("RefCell", "RefCell", "new"),
    ("LazyLock", "LazyLock", "new"),
    ("LazyCell", "LazyCell", "new"),
    ("Lazy", "Lazy", "new"),
];

/// Those that are given a function which makes it.
const LAZY: [&str; 3] = ["LazyLock", "LazyCell", "Lazy"];

/// A type that something must have.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    /// The last name of its path.
    name: String,
    /// What the path leads to.
    pub(super) class: Option<ReferenceId>,
    /// Its first type argument.
    inner: Option<Box<Expected>>,
}

/// The types that expressions must have.
#[derive(Debug, Default)]
pub(super) struct Expectations {
    /// That of the expression which is visited next.
    next: Option<Expected>,
    /// What the function around gives.
    returned: Option<Expected>,
    /// The fields of structs, by what binds their names.
    fields: FxHashMap<BindingId, Vec<(String, Expected)>>,
    /// The struct that an `impl` is for.
    own: Option<BindingId>,
}

impl Walk<'_> {
    /// A type as something that is expected, read where it stands.
    pub(super) fn expected(&mut self, ty: &Type) -> Option<Expected> {
        let Type::Path(path) = stripped(ty) else { return None };
        let last = path.path.segments.last()?;
        let inner = match &last.arguments {
            PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(inner) => Some(inner),
                _ => None,
            }),
            _ => None,
        };
        let inner = inner.and_then(|inner| self.expected(inner)).map(Box::new);
        Some(Expected { name: plain(&last.ident.to_string()), class: self.kind_of_type(ty), inner })
    }

    /// Visits an expression that must have a type.
    pub(super) fn visit_expecting(&mut self, expr: &Expr, expected: Option<Expected>) {
        self.expectations.next = expected;
        self.visit_expr(expr);
    }

    /// What the expression must have that is now visited.
    pub(super) fn take_expected(&mut self) -> Option<Expected> {
        self.expectations.next.take()
    }

    /// Visits a block of which the last expression must have a type.
    pub(super) fn visit_block_expecting(&mut self, block: &syn::Block, expected: Option<Expected>) {
        self.expectations.next = expected;
        self.visit_block(block);
    }

    /// Does something inside of a function that gives a type.
    pub(super) fn returning(&mut self, expected: Option<Expected>, work: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.expectations.returned, expected);
        work(self);
        self.expectations.returned = before;
    }

    /// A function's body, of which the last expression is what it gives.
    pub(super) fn returned_block(&mut self, block: &syn::Block) {
        let returned = self.expectations.returned.clone();
        self.visit_block_expecting(block, returned);
    }

    /// An expression that hands its own expectation on, or has one for a part of it; `false` for all others.
    pub(super) fn hand_on(&mut self, expr: &Expr, expected: Option<&Expected>) -> bool {
        match expr {
            Expr::Paren(inner) => self.visit_expecting(&inner.expr, expected.cloned()),
            Expr::Group(inner) => self.visit_expecting(&inner.expr, expected.cloned()),
            Expr::Block(inner) if inner.label.is_none() => {
                inner.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
                self.visit_block_expecting(&inner.block, expected.cloned());
            }
            Expr::Unsafe(inner) => self.visit_block_expecting(&inner.block, expected.cloned()),
            Expr::Return(inner) => {
                let Some(value) = &inner.expr else { return false };
                let returned = self.expectations.returned.clone();
                self.visit_expecting(value, returned);
            }
            Expr::Match(inner) => {
                inner.attrs.iter().for_each(|attribute| self.visit_attribute(attribute));
                self.visit_expr(&inner.expr);
                for arm in &inner.arms {
                    self.expectations.next = expected.cloned();
                    self.visit_arm(arm);
                }
            }
            _ => return false,
        }
        true
    }

    /// What the argument of a call must be, at each place, where the call tells.
    pub(super) fn expected_arguments(
        &mut self,
        call: &syn::ExprCall,
        callee: &syn::ExprPath,
        expected: Option<&Expected>,
    ) -> Vec<Argument> {
        let arguments = &call.args;
        let segments = &callee.path.segments;
        let name = |index: usize| segments.iter().rev().nth(index).map(|segment| plain(&segment.ident.to_string()));
        let (last, before) = (name(0).unwrap_or_default(), name(1).unwrap_or_default());
        if let Some(expected) = expected
            && let Some(inner) = &expected.inner
            && let Some((wrapper, ..)) = WRAPPERS.iter().find(|(wrapper, class, function)| {
                *wrapper == expected.name && *function == last && (class.is_empty() || *class == before)
            })
        {
            let inner = Expected::clone(inner);
            return vec![if LAZY.contains(wrapper) { Argument::Made(inner) } else { Argument::Itself(inner) }];
        }
        let own = callee.path.get_ident().map(|ident| plain(&ident.to_string()));
        let roots = match own.as_deref() {
            Some("Self") => self.own_struct(),
            Some(name) => self.lookup(Space::Values, name, None),
            None => Vec::new(),
        };
        let known = match roots.as_slice() {
            [root] => self.expectations.fields.get(root).cloned(),
            _ => None,
        };
        let Some(fields) = known else {
            if callee.qself.is_some() || !last.starts_with(char::is_uppercase) {
                return Vec::new();
            }
            let nothing = || Expected { name: String::new(), class: None, inner: None };
            let found = arguments.iter().enumerate().map(|(index, argument)| {
                let elsewhere = self.expected_elsewhere(&callee.path, &index.to_string(), argument);
                Argument::Itself(elsewhere.unwrap_or_else(nothing))
            });
            return found.collect();
        };
        fields.into_iter().map(|(_, expected)| Argument::Itself(expected)).collect()
    }

    /// Visits an argument of a call of which something is expected.
    pub(super) fn visit_argument(&mut self, argument: &Expr, expected: Option<Argument>) {
        match (argument, expected) {
            (Expr::Closure(closure), Some(Argument::Made(made))) => self.closure(closure, argument, Some(made)),
            (Expr::Path(_), Some(Argument::Made(expected))) | (_, Some(Argument::Itself(expected))) => {
                self.visit_expecting(argument, Some(expected));
            }
            _ => self.visit_expr(argument),
        }
    }

    /// The fields of a struct that a literal names.
    pub(super) fn expected_fields(&mut self, path: &syn::Path) -> Vec<(String, Expected)> {
        let Some(ident) = path.get_ident() else { return Vec::new() };
        let name = plain(&ident.to_string());
        let roots = if name == "Self" { self.own_struct() } else { self.lookup(Space::Types, &name, None) };
        match roots.as_slice() {
            [root] => self.expectations.fields.get(root).cloned().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// What `self.field` must hold.
    pub(super) fn expected_of_place(&mut self, place: &Expr, value: &Expr) -> Option<Expected> {
        let Expr::Field(field) = place else { return None };
        let Expr::Path(object) = &*field.base else { return None };
        if !object.path.is_ident("self") {
            return None;
        }
        let name = match &field.member {
            syn::Member::Named(ident) => plain(&ident.to_string()),
            syn::Member::Unnamed(index) => index.index.to_string(),
        };
        let own = self.expectations.own.and_then(|own| self.expectations.fields.get(&own));
        let Some(fields) = own else {
            let class = syn::Path::from(syn::Ident::new("Self", proc_macro2::Span::call_site()));
            return self.expected_elsewhere(&class, &name, value);
        };
        fields.iter().find(|(own, _)| *own == name).map(|(_, expected)| expected.clone())
    }

    fn own_struct(&self) -> Vec<BindingId> {
        self.expectations.own.into_iter().collect()
    }

    /// Notes what the struct is that an `impl` is for; gives back what it was before.
    pub(super) fn enter_impl(&mut self, ty: &Type) -> Option<BindingId> {
        let own = match stripped(ty) {
            Type::Path(path) if path.qself.is_none() => path.path.get_ident().map(|ident| plain(&ident.to_string())),
            _ => None,
        };
        let roots = own.map(|own| self.lookup(Space::Types, &own, None)).unwrap_or_default();
        let own = if let [root] = roots.as_slice() { Some(*root) } else { None };
        std::mem::replace(&mut self.expectations.own, own)
    }

    pub(super) fn leave_impl(&mut self, before: Option<BindingId>) {
        self.expectations.own = before;
    }

    /// Notes what the fields of structs must hold, where their region has just been declared.
    pub(super) fn expect_fields<'i>(&mut self, items: impl Iterator<Item = &'i Item>) {
        for item in items {
            let Item::Struct(item) = item else { continue };
            // What a parameter of the struct stands for is not followed.
            if item.generics.type_params().next().is_some() {
                continue;
            }
            let roots = self.lookup(Space::Types, &plain(&item.ident.to_string()), None);
            let [root] = roots.as_slice() else { continue };
            let mut fields = Vec::new();
            for (index, field) in item.fields.iter().enumerate() {
                let name = field.ident.as_ref().map_or_else(|| index.to_string(), |ident| plain(&ident.to_string()));
                let nothing = || Expected { name: String::new(), class: None, inner: None };
                fields.push((name, self.expected(&field.ty).unwrap_or_else(nothing)));
            }
            self.declare_fields(*root, item, &fields);
            self.expectations.fields.insert(*root, fields);
        }
    }
}

impl Walk<'_> {
    /// Tells other files of the fields that may matter to them.
    fn declare_fields(&mut self, root: BindingId, item: &syn::ItemStruct, fields: &[(String, Expected)]) {
        let Some(BindingKind::Definition(id)) = self.outline.bindings.get(root as usize).map(|b| &b.kind) else {
            return;
        };
        let id = *id;
        let is_source =
            |name: &str| self.watch.sources.iter().any(|source| source.split_once('.') == Some(("self", name)));
        let mut found = Vec::new();
        for (field, (name, expected)) in item.fields.iter().zip(fields) {
            if expected.class.is_some() || is_source(name) {
                let kind = self.type_text(&field.ty).into();
                found.push(Field { name: name.as_str().into(), kind, class: expected.class });
            }
        }
        if let Some(Definition { kind: DefinitionKind::Class(class), .. }) =
            self.outline.definitions.get_mut(id as usize)
        {
            class.fields = found;
        }
    }

    /// What a field of a struct in another file must hold, where what it gets is told by that alone.
    pub(super) fn expected_elsewhere(&mut self, class: &syn::Path, field: &str, value: &Expr) -> Option<Expected> {
        let Expr::Call(call) = value else { return None };
        let Expr::Path(callee) = &*call.func else { return None };
        let is_default = callee.path.segments.last().is_some_and(|last| last.ident == "default");
        if !is_default || !call.args.is_empty() {
            return None;
        }
        let (mut parts, leading) = Self::parts(None, class)?;
        parts.push(format!("{}{field}", Class::FIELD));
        let class = self.kind(&parts, leading, self.span_of_path(class))?;
        Some(Expected { name: String::new(), class: Some(class), inner: None })
    }
}

/// What is expected of an argument.
#[derive(Clone, Debug)]
pub(super) enum Argument {
    /// To be of a type.
    Itself(Expected),
    /// To be a function that makes one.
    Made(Expected),
}

/// Whether an expression is `Default::default()`.
pub(super) fn makes_default(call: &syn::ExprCall) -> bool {
    call.args.is_empty() && matches!(&*call.func, Expr::Path(path) if path.qself.is_none() && is_default(&path.path))
}
