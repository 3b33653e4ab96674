//! Goes through a file's syntax and notes what its outline says: paths and their roles, calls, and what is in scope.

use proc_macro2::Span as TokenSpan;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;
use syn::Expr;
use syn::Item;
use syn::Stmt;
use syn::visit;
use syn::visit::Visit;

use crate::language::Watch;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::DefinitionId;
use crate::outline::ImportId;
use crate::outline::Outline;
use crate::outline::Role;
use crate::outline::ScopeId;
use crate::source::SourceFile;
use crate::source::Span;

use super::borrows::Lenders;
use super::expected::Expectations;
use super::expected::Expected;
use super::generics::Parameters;
use super::locals::Locals;
use super::paths;
use super::scopes::Space;
use super::scopes::Table;
use super::scopes::TableKind;
use super::scopes::plain;
use super::templates::Template;
use super::text;
use super::text::Edge;

/// The state of the walk.
pub(super) struct Walk<'a> {
    pub(super) source: &'a SourceFile,
    pub(super) watch: &'a Watch,
    pub(super) base: u32,
    pub(super) outline: Outline,
    /// The regions that are open, innermost last.
    pub(super) tables: Vec<Table>,
    /// The names of the modules inside of the file that are open.
    pub(super) modules: Vec<String>,
    /// Scopes of modules inside of the file, by where their name stands.
    pub(super) inner: FxHashMap<u32, ScopeId>,
    /// `use` statements by where they start.
    pub(super) statements: FxHashMap<u32, ImportId>,
    pub(super) requests: FxHashMap<Box<str>, BindingId>,
    pub(super) firsts: FxHashMap<Vec<BindingId>, BindingId>,
    pub(super) definition: Vec<String>,
    pub(super) statement: u32,
    /// Why calls may not be rewritten here.
    pub(super) obstacle: Option<&'static str>,
    pub(super) locals: Locals,
    /// Whether a `use` statement's paths are being read: its names are not types.
    pub(super) definition_of_use: bool,
    /// Bindings that the callee around reads besides its first name.
    pub(super) gone: Option<Vec<BindingId>>,
    /// Type aliases, which may be read before they are.
    pub(super) aliases: FxHashSet<BindingId>,
    /// Functions of the factory, by where their names stand.
    pub(super) functions: FxHashMap<u32, DefinitionId>,
    /// The fields of the file's structs: name and type.
    pub(super) fields: FxHashMap<String, Option<Vec<(String, String)>>>,
    /// What the file's methods give back.
    pub(super) lenders: Lenders,
    pub(super) expectations: Expectations,
    /// What the macros of the file make of types, by their names.
    pub(super) templates: FxHashMap<String, Vec<Template>>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(source: &'a SourceFile, watch: &'a Watch, base: u32) -> Self {
        Self {
            source,
            watch,
            base,
            outline: Outline::default(),
            tables: Vec::new(),
            modules: Vec::new(),
            inner: FxHashMap::default(),
            statements: FxHashMap::default(),
            requests: FxHashMap::default(),
            firsts: FxHashMap::default(),
            definition: Vec::new(),
            statement: base,
            obstacle: None,
            locals: Locals::default(),
            definition_of_use: false,
            gone: None,
            aliases: FxHashSet::default(),
            functions: FxHashMap::default(),
            fields: FxHashMap::default(),
            lenders: Lenders::default(),
            expectations: Expectations::default(),
            templates: FxHashMap::default(),
        }
    }

    /// Reads a whole file.
    pub(super) fn file(&mut self, file: &syn::File) {
        self.binding("", 0, BindingKind::Unbound);
        self.open(TableKind::Module);
        self.collect_fields(&file.items);
        self.lenders.collect(&file.items);
        self.module_items(&file.items);
        self.close();
    }

    pub(super) fn at(&self, span: TokenSpan, edge: Edge) -> u32 {
        text::offset(self.base, span, edge)
    }

    fn module_items(&mut self, items: &[Item]) {
        self.declare(items.iter());
        self.expect_fields(items.iter());
        self.export();
        for item in items {
            self.visit_item(item);
        }
    }

    /// Does something within a statement.
    fn within(&mut self, start: Option<TokenSpan>, work: impl FnOnce(&mut Self)) {
        let before = self.statement;
        if let Some(start) = start {
            self.statement = self.at(start, Edge::Start);
        }
        work(self);
        self.statement = before;
    }

    fn inside(&mut self, name: &str, work: impl FnOnce(&mut Self)) {
        self.definition.push(name.to_owned());
        work(self);
        self.definition.pop();
    }

    /// A function's body, with its parameters.
    fn body(&mut self, signature: &syn::Signature, block: &syn::Block) {
        self.locals.enter_function(&super::locals::Uses::of(self, block));
        for input in &signature.inputs {
            match input {
                syn::FnArg::Receiver(receiver) => self.bind_receiver(receiver),
                syn::FnArg::Typed(parameter) => {
                    self.visit_type(&parameter.ty);
                    self.bind_pattern(&parameter.pat, Some(&parameter.ty));
                    self.visit_pat(&parameter.pat);
                }
            }
        }
        self.visit_return_type(&signature.output);
        let returned = self.expected_output(&signature.output);
        self.returning(returned, |walk| walk.returned_block(block));
        self.locals.leave_function();
    }

    fn expected_output(&mut self, output: &syn::ReturnType) -> Option<Expected> {
        match output {
            syn::ReturnType::Default => None,
            syn::ReturnType::Type(_, ty) => self.expected(ty),
        }
    }

    /// A closure's parameters and body; what it makes is known from outside, or by its own return type.
    pub(super) fn closure(&mut self, closure: &syn::ExprClosure, expr: &Expr, made: Option<Expected>) {
        self.locals.enter_closure(self.span_of_expr(expr));
        for input in &closure.inputs {
            self.visit_pat(input);
            self.bind_pattern(input, None);
        }
        self.visit_return_type(&closure.output);
        let made = self.expected_output(&closure.output).or(made);
        self.returning(made.clone(), |walk| walk.visit_expecting(&closure.body, made));
        self.locals.leave_block();
    }

    fn generics_of(&mut self, generics: &syn::Generics, work: impl FnOnce(&mut Self)) {
        self.open_generics(generics);
        self.visit_generics(generics);
        work(self);
        self.close();
    }

    /// `derive(Default)` makes what its fields hold.
    fn derived(&mut self, item: &syn::ItemStruct) {
        let derives = item.attrs.iter().any(|attribute| {
            let syn::Meta::List(list) = &attribute.meta else { return false };
            list.path.is_ident("derive") && super::macros::names(&list.tokens, "Default")
        });
        if !derives {
            return;
        }
        for field in &item.fields {
            if let syn::Type::Path(path) = &field.ty {
                self.implied(path, "default", "`derive(Default)` makes the client here; implement `Default` by hand");
            }
        }
    }
}

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let before = self.statement;
        if let Some(start) = paths::start_of_item(item) {
            self.statement = self.at(start, Edge::Start);
        }
        visit::visit_item(self, item);
        self.statement = before;
    }

    fn visit_item_use(&mut self, _: &'ast syn::ItemUse) {}

    fn visit_item_extern_crate(&mut self, _: &'ast syn::ItemExternCrate) {}

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        self.attribute(attribute);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let Some((_, items)) = &item.content else { return };
        let offset = self.at(item.ident.span(), Edge::Start);
        let Some(&scope) = self.inner.get(&offset) else { return };
        let name = plain(&item.ident.to_string());
        self.open_as(TableKind::Module, scope);
        self.modules.push(name.clone());
        let locals = std::mem::take(&mut self.locals);
        self.inside(&name, |walk| walk.module_items(items));
        self.locals = locals;
        self.modules.pop();
        self.close();
    }

    fn visit_foreign_item_fn(&mut self, item: &'ast syn::ForeignItemFn) {
        self.read_signature(&item.sig, &item.vis, &item.attrs);
        visit::visit_signature(self, &item.sig);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.read_signature(&item.sig, &item.vis, &item.attrs);
        self.inside(&item.sig.ident.to_string(), |walk| {
            walk.generics_of(&item.sig.generics, |walk| walk.body(&item.sig, &item.block));
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        let start = self.at(item.sig.ident.span(), Edge::Start);
        let before = std::mem::replace(&mut self.statement, start);
        self.inside(&item.sig.ident.to_string(), |walk| {
            walk.generics_of(&item.sig.generics, |walk| walk.body(&item.sig, &item.block));
        });
        self.statement = before;
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.inside(&item.sig.ident.to_string(), |walk| {
            walk.generics_of(&item.sig.generics, |walk| match &item.default {
                Some(block) => walk.body(&item.sig, block),
                None => visit::visit_signature(walk, &item.sig),
            });
        });
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let name = paths::type_name(&item.self_ty).unwrap_or_default();
        let before = (self.locals.own.replace(name.clone()), self.locals.class.take());
        let outer = self.enter_impl(&item.self_ty);
        self.inside(&name, |walk| {
            walk.generics_of(&item.generics, |walk| {
                walk.bind_self(&item.self_ty);
                if let Some((path, _)) = &item.trait_ {
                    walk.visit_path(path);
                }
                walk.visit_type(&item.self_ty);
                walk.bind_associated(item);
                paths::types_of(item).for_each(|own| walk.visit_impl_item_type(own));
                let rest = item.items.iter().filter(|item| !matches!(item, syn::ImplItem::Type(_)));
                rest.for_each(|item| walk.visit_impl_item(item));
            });
        });
        self.leave_impl(outer);
        (self.locals.own, self.locals.class) = before;
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.inside(&item.ident.to_string(), |walk| {
            walk.generics_of(&item.generics, |walk| {
                item.supertraits.iter().for_each(|bound| walk.visit_type_param_bound(bound));
                item.items.iter().for_each(|item| walk.visit_trait_item(item));
            });
        });
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.inside(&item.ident.to_string(), |walk| {
            walk.generics_of(&item.generics, |walk| {
                item.attrs.iter().for_each(|attribute| walk.visit_attribute(attribute));
                walk.visit_fields(&item.fields);
                walk.derived(item);
            });
        });
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.inside(&item.ident.to_string(), |walk| {
            walk.generics_of(&item.generics, |walk| {
                item.variants.iter().for_each(|variant| walk.visit_variant(variant));
            });
        });
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.generics_of(&item.generics, |walk| walk.alias(&item.ident, &item.ty, &Parameters::of(&item.generics)));
    }

    fn visit_impl_item_type(&mut self, item: &'ast syn::ImplItemType) {
        self.generics_of(&item.generics, |walk| walk.alias(&item.ident, &item.ty, &Parameters::of(&item.generics)));
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.inside(&item.ident.to_string(), |walk| {
            walk.visit_type(&item.ty);
            walk.typed(&item.expr, &item.ty);
        });
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.inside(&item.ident.to_string(), |walk| {
            walk.visit_type(&item.ty);
            walk.typed(&item.expr, &item.ty);
        });
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let expected = self.take_expected();
        let items = block.stmts.iter().filter_map(|stmt| match stmt {
            Stmt::Item(item) => Some(item),
            _ => None,
        });
        let has_items = items.clone().next().is_some();
        if has_items {
            self.open(TableKind::Block);
            self.declare(items.clone());
            self.expect_fields(items);
        }
        self.locals.enter_block();
        let (last, before) = match block.stmts.split_last() {
            Some((Stmt::Expr(last, None), before)) => (Some(last), before),
            _ => (None, block.stmts.as_slice()),
        };
        for stmt in before {
            self.visit_stmt(stmt);
        }
        if let Some(last) = last {
            self.within(paths::start_of(last), |walk| walk.visit_expecting(last, expected));
        }
        self.locals.leave_block();
        if has_items {
            self.close();
        }
    }

    fn visit_stmt(&mut self, stmt: &'ast Stmt) {
        self.within(paths::start_of_stmt(stmt), |walk| visit::visit_stmt(walk, stmt));
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let (pattern, kind) = match &local.pat {
            syn::Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
            other => (other, None),
        };
        if let Some(kind) = kind {
            self.visit_type(kind);
        }
        self.visit_pat(pattern);
        let Some(init) = &local.init else {
            self.bind_unset(pattern, kind);
            return;
        };
        match kind {
            Some(kind) => self.typed(&init.expr, kind),
            None => self.visit_expr(&init.expr),
        }
        if let Some((_, diverge)) = &init.diverge {
            self.visit_expr(diverge);
        }
        self.bind_let(pattern, kind, &init.expr);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let expected = self.take_expected();
        self.locals.enter_block();
        // A guard, which is part of the pattern, sees what the pattern binds.
        self.bind_pattern(&arm.pat, None);
        self.visit_pat(&arm.pat);
        self.visit_expecting(&arm.body, expected);
        self.locals.leave_block();
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let expected = self.take_expected();
        if self.hand_on(expr, expected.as_ref()) {
            return;
        }
        match expr {
            Expr::Call(call) => self.call(call, expected),
            Expr::MethodCall(call) => self.method_call(call, expected.as_ref()),
            Expr::Path(path) => self.value_path(path, expected.as_ref()),
            Expr::Closure(closure) => self.closure(closure, expr, None),
            Expr::Async(inner) => {
                self.locals.enter_closure(self.span_of_expr(expr));
                self.returning(None, |walk| walk.visit_block(&inner.block));
                self.locals.leave_block();
            }
            Expr::If(conditional) => {
                self.locals.enter_block();
                self.visit_expr(&conditional.cond);
                self.visit_block_expecting(&conditional.then_branch, expected.clone());
                self.locals.leave_block();
                if let Some((_, otherwise)) = &conditional.else_branch {
                    self.visit_expecting(otherwise, expected);
                }
            }
            Expr::While(inner) => {
                self.locals.enter_block();
                self.visit_expr(&inner.cond);
                self.visit_block(&inner.body);
                self.locals.leave_block();
            }
            Expr::ForLoop(inner) => {
                self.visit_expr(&inner.expr);
                self.locals.enter_block();
                self.visit_pat(&inner.pat);
                self.bind_pattern(&inner.pat, None);
                self.visit_block(&inner.body);
                self.locals.leave_block();
            }
            Expr::Let(inner) => {
                self.visit_expr(&inner.expr);
                self.visit_pat(&inner.pat);
                self.bind_pattern(&inner.pat, None);
            }
            Expr::Assign(assign) => {
                self.assigned(assign);
                self.visit_expr(&assign.left);
                let expected = self.expected_of_place(&assign.left, &assign.right);
                self.visit_expecting(&assign.right, expected);
            }
            Expr::Struct(literal) => {
                self.type_path(literal.qself.as_ref(), &literal.path, Role::Test);
                let fields = self.expected_fields(&literal.path);
                for field in &literal.fields {
                    let named = |name: &str| matches!(&field.member, syn::Member::Named(ident) if plain(&ident.to_string()) == name);
                    let known = fields.iter().find(|(name, _)| named(name)).map(|(_, expected)| expected.clone());
                    let expected = match &field.member {
                        syn::Member::Named(ident) if fields.is_empty() => {
                            self.expected_elsewhere(&literal.path, &plain(&ident.to_string()), &field.expr)
                        }
                        _ => known,
                    };
                    self.visit_expecting(&field.expr, expected);
                }
                if let Some(rest) = &literal.rest {
                    self.visit_expr(rest);
                }
            }
            other => visit::visit_expr(self, other),
        }
    }

    fn visit_type_path(&mut self, path: &'ast syn::TypePath) {
        self.type_path(path.qself.as_ref(), &path.path, Role::Annotation);
    }

    /// Paths of patterns, bounds and visibility.
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.type_path(None, path, Role::Test);
    }

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.macro_call(call);
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if item.mac.path.is_ident("macro_rules") {
            self.learn_macro(item);
            self.scan(&item.mac.tokens, "the client is made by a macro of this file; call the factory in it");
        } else {
            self.macro_call(&item.mac);
        }
    }
}

impl Walk<'_> {
    /// Looks up a name of a value: a function or constant.
    pub(super) fn value_roots(&mut self, name: &str) -> Vec<BindingId> {
        if self.locals.knows(name) { Vec::new() } else { self.lookup(Space::Values, name, None) }
    }

    pub(super) fn span_of_expr(&self, expr: &Expr) -> Span {
        let start = paths::start_of(expr).map_or(self.statement, |start| self.at(start, Edge::Start));
        let end = paths::end_of(expr).map_or(start, |end| self.at(end, Edge::End));
        Span::new(start, end)
    }
}

impl Walk<'_> {
    /// What can be told of a file that is no Rust, but has its tokens: names that `use` brings, and paths.
    pub(super) fn broken(&mut self, tokens: &proc_macro2::TokenStream) {
        self.binding("", 0, BindingKind::Unbound);
        self.open(TableKind::Module);
        let mut uses: Vec<Item> = Vec::new();
        let mut open: Vec<proc_macro2::TokenTree> = Vec::new();
        for token in tokens.clone() {
            let starts = matches!(&token, proc_macro2::TokenTree::Ident(ident) if ident == "use");
            let ends = matches!(&token, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ';');
            if starts || !open.is_empty() {
                open.push(token);
            }
            if ends && !open.is_empty() {
                let statement = open.drain(..).collect();
                uses.extend(syn::parse2::<syn::ItemUse>(statement).ok().map(Item::Use));
            }
        }
        self.declare(uses.iter());
        self.export();
        self.scan(tokens, "this file is not edited");
        self.close();
    }
}
