//! Paths: what their first name may mean, and where expressions start and end.

use proc_macro2::Span as TokenSpan;
use syn::Expr;
use syn::Item;
use syn::PathArguments;
use syn::Stmt;
use syn::Type;
use syn::spanned::Spanned;
use syn::visit::Visit;

use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::ImportId;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::source::Span;

use super::generics::Parameters;
use super::scopes::Space;
use super::scopes::plain;
use super::text::Edge;
use super::walk::Walk;

impl Walk<'_> {
    /// The names of a path, with `<T>::x` read as `T::x`; `None` where there are none to follow.
    pub(super) fn parts(qself: Option<&syn::QSelf>, path: &syn::Path) -> Option<(Vec<String>, bool)> {
        let names = |path: &syn::Path| path.segments.iter().map(|s| plain(&s.ident.to_string())).collect::<Vec<_>>();
        let Some(qself) = qself else { return Some((names(path), path.leading_colon.is_some())) };
        let Type::Path(inner) = stripped(&qself.ty) else { return None };
        let (mut parts, leading) = Self::parts(inner.qself.as_ref(), &inner.path)?;
        let own = names(path);
        let by = own.get(qself.position.wrapping_sub(1)).filter(|_| qself.position > 0);
        if let Some(by) = by.filter(|name| *name != "Default") {
            // Another trait's function of that name makes something else; its type may be a class.
            let rest = own.get(qself.position..).filter(|rest| rest.len() > 1 && parts.len() == 1)?;
            let first = associated(parts.first()?, by);
            return Some((std::iter::once(first).chain(rest.iter().cloned()).collect(), leading));
        }
        parts.extend(own.get(qself.position..)?.iter().cloned());
        Some((parts, leading))
    }

    /// What the generic arguments of a path name.
    fn generics_in(&mut self, qself: Option<&syn::QSelf>, path: &syn::Path) {
        if let Some(qself) = qself {
            match stripped(&qself.ty) {
                Type::Path(inner) => self.generics_in(inner.qself.as_ref(), &inner.path),
                other => self.visit_type(other),
            }
            // `<T as Trait>` reads the trait.
            if qself.position > 0 {
                let names: Vec<String> =
                    path.segments.iter().take(qself.position).map(|s| plain(&s.ident.to_string())).collect();
                let span = self.span_of_path(path);
                self.path(&names, path.leading_colon.is_some(), span, Role::Test, None);
            }
        }
        for segment in &path.segments {
            match &segment.arguments {
                PathArguments::None => {}
                arguments => self.visit_path_arguments(arguments),
            }
        }
    }

    /// A path in a type's place.
    pub(super) fn type_path(
        &mut self,
        qself: Option<&syn::QSelf>,
        path: &syn::Path,
        role: Role,
    ) -> Option<ReferenceId> {
        self.generics_in(qself, path);
        let (parts, leading) = Self::parts(qself, path)?;
        let span = self.span_of_path(path);
        self.path(&parts, leading, span, role, None)
    }

    /// A path in a value's place; gives back what it refers to, and what else it reads.
    pub(super) fn expression_path(
        &mut self,
        path: &syn::ExprPath,
        role: Role,
    ) -> (Option<ReferenceId>, Vec<BindingId>) {
        let before = self.gone.replace(Vec::new());
        self.generics_in(path.qself.as_ref(), &path.path);
        let gone = std::mem::replace(&mut self.gone, before).unwrap_or_default();
        if let Some(around) = &mut self.gone {
            around.extend(&gone);
        }
        let Some((parts, leading)) = Self::parts(path.qself.as_ref(), &path.path) else { return (None, gone) };
        let span = self.span_of_expr_path(path);
        (self.path(&parts, leading, span, role, None), gone)
    }

    /// Notes a path; `None` where it leads to nothing that matters.
    pub(super) fn path(
        &mut self,
        parts: &[String],
        leading: bool,
        span: Span,
        role: Role,
        except: Option<ImportId>,
    ) -> Option<ReferenceId> {
        let (name, attributes, roots) = self.roots(parts, leading, &role, except)?;
        self.count(&roots);
        if !self.matters(&roots, &role) {
            return None;
        }
        let id = ReferenceId::try_from(self.outline.references.len()).unwrap_or(ReferenceId::MAX);
        self.outline.references.push(Reference {
            span,
            name: name.into(),
            roots: roots.into(),
            attributes: attributes.iter().map(|part| part.as_str().into()).collect(),
            role,
            scope: self.scope(),
            definition: self.definition.join("::").into(),
            statement: Span::new(self.statement, span.end.max(self.statement)),
            typing: false,
            deferred: true,
            told: None,
        });
        Some(id)
    }

    /// The first name of a path, the names after it, and what the first may be bound to.
    fn roots<'p>(
        &mut self,
        parts: &'p [String],
        leading: bool,
        role: &Role,
        except: Option<ImportId>,
    ) -> Option<(String, &'p [String], Vec<BindingId>)> {
        let (first, rest) = parts.split_first()?;
        if leading {
            return Some((first.clone(), rest, vec![self.module(first)]));
        }
        let found = match first.as_str() {
            "crate" | "$crate" => vec![self.module("crate")],
            "self" if !rest.is_empty() || self.definition_of_use => vec![self.module_up(0)],
            "super" => {
                let levels = parts.iter().take_while(|part| *part == "super").count();
                let rest = parts.get(levels..)?;
                return Some((first.clone(), rest, vec![self.module_up(levels)]));
            }
            name if let Some(found) = self.associated_roots(name, rest) => {
                return Some((first.clone(), rest.get(1..)?, found));
            }
            name => {
                let is_value = rest.is_empty() && matches!(role, Role::Called(_) | Role::HandedOver(_) | Role::Value);
                if is_value { self.value_roots(name) } else { self.lookup(Space::Types, name, except) }
            }
        };
        if found.is_empty() {
            let is_type = first.starts_with(char::is_uppercase) && first != "Self";
            // What a value's class is called is read where the value stands, if it is a name at all: `None` is none.
            let is_value = matches!(role, Role::Called(_) | Role::HandedOver(_) | Role::Value);
            if is_type && !matches!(role, Role::Kind) && !(rest.is_empty() && is_value) {
                self.outline.unbound.insert(first.as_str().into());
            }
            return None;
        }
        Some((first.clone(), rest, found))
    }

    /// What `Self::Client` is, or `<Mine as Make>::Client`.
    fn associated_roots(&mut self, first: &str, rest: &[String]) -> Option<Vec<BindingId>> {
        if first != "Self" && !first.starts_with('<') {
            return None;
        }
        let found = self.lookup(Space::Types, &format!("{first}::{}", rest.first()?), None);
        (!found.is_empty()).then_some(found)
    }

    /// The module that many levels up from here.
    fn module_up(&mut self, levels: usize) -> BindingId {
        let inside = self.modules.len();
        if let Some(scope) = self.module_above(levels) {
            return self.binding("", 0, BindingKind::Inner(scope));
        }
        match levels.saturating_sub(inside) {
            0 => self.module("self"),
            above => self.module(&vec!["super"; above].join("::")),
        }
    }

    /// Counts a reading of imports, and notes it where a callee around asks.
    pub(super) fn count(&mut self, roots: &[BindingId]) {
        for &root in roots {
            for layer in self.outline.layers(root) {
                if let Some((import, member)) = self.outline.member(layer)
                    && let Some(import) = self.outline.imports.get_mut(import as usize)
                    && let Some(member) = import.members.get_mut(member as usize)
                {
                    member.reads += 1;
                }
            }
            if let Some(gone) = &mut self.gone {
                gone.push(root);
            }
        }
    }

    fn matters(&self, roots: &[BindingId], role: &Role) -> bool {
        roots.iter().flat_map(|&root| self.outline.layers(root)).any(|root| {
            match self.outline.bindings.get(root as usize).map(|binding| &binding.kind) {
                Some(BindingKind::Definition(_)) => matches!(role, Role::Kind | Role::Called(_) | Role::Imported(..)),
                Some(BindingKind::Value) => {
                    // An alias that stands further down is not read yet.
                    self.aliases.contains(&root)
                }
                Some(BindingKind::Unbound | BindingKind::Nothing | BindingKind::Text(_)) | None => false,
                Some(_) => true,
            }
        })
    }

    /// The request that a reference's first name is.
    pub(super) fn request_behind(&self, reference: Option<ReferenceId>) -> Option<String> {
        let reference = self.outline.references.get(reference? as usize)?;
        let [root] = &*reference.roots else { return None };
        match &self.outline.bindings.get(*root as usize)?.kind {
            BindingKind::Module(request) => Some(request.to_string()),
            _ => None,
        }
    }

    /// Follows a type alias.
    pub(super) fn alias(&mut self, ident: &syn::Ident, ty: &Type, parameters: &Parameters<'_>) {
        let target = match stripped(ty) {
            Type::Path(path) => {
                let target = self.type_path(path.qself.as_ref(), &path.path, Role::Aliased);
                let told = target.map(|_| self.told_as_type(&path.path, parameters));
                if let Some(target) = target {
                    self.tell(target, told);
                }
                target
            }
            other => {
                self.visit_type(other);
                None
            }
        };
        let offset = self.at(ident.span(), Edge::Start);
        let Some(target) = target else { return };
        // A trait's type in an `impl` has several names.
        for binding in self.outline.bindings.iter_mut().filter(|binding| binding.offset == offset) {
            binding.kind = BindingKind::Alias { references: vec![target], or_value: false };
        }
    }

    /// Makes the types of an `impl` known as `Self::Client`, before its functions are read.
    pub(super) fn bind_associated(&mut self, item: &syn::ItemImpl) {
        for ident in types_of(item).map(|own| &own.ident) {
            let offset = self.at(ident.span(), Edge::Start);
            let name = plain(&ident.to_string());
            let binding = self.bind(&[Space::Types], &format!("Self::{name}"), offset, BindingKind::Value);
            self.aliases.insert(binding);
            let by = item.trait_.as_ref().and_then(|(path, _)| path.segments.last());
            if let Some(by) = by.map(|segment| plain(&segment.ident.to_string())) {
                let name = format!("{}::{name}", associated("Self", &by));
                let binding = self.bind(&[Space::Types], &name, offset, BindingKind::Value);
                self.aliases.insert(binding);
            }
        }
    }

    /// Makes `Self` known in an `impl`.
    pub(super) fn bind_self(&mut self, ty: &Type) {
        let Type::Path(path) = stripped(ty) else { return };
        let Some((parts, leading)) = Self::parts(path.qself.as_ref(), &path.path) else { return };
        let span = self.span_of_path(&path.path);
        // It is read where the `impl` names it; this is no reading of its own.
        let reads = self.reads();
        let target = self.path(&parts, leading, span, Role::Aliased, None);
        self.restore_reads(&reads);
        if let Some(target) = target {
            let told = self.told_as_type(&path.path, &Parameters::default());
            self.tell(target, Some(told));
        }
        self.locals.class = target;
        let kind = match target {
            Some(target) => BindingKind::Alias { references: vec![target], or_value: false },
            None => BindingKind::Value,
        };
        self.bind(&[Space::Types], "Self", span.start, kind);
    }

    fn reads(&self) -> Vec<Vec<u32>> {
        self.outline.imports.iter().map(|import| import.members.iter().map(|member| member.reads).collect()).collect()
    }

    fn restore_reads(&mut self, reads: &[Vec<u32>]) {
        for (import, reads) in self.outline.imports.iter_mut().zip(reads) {
            for (member, reads) in import.members.iter_mut().zip(reads) {
                member.reads = *reads;
            }
        }
    }

    pub(super) fn span_of_path(&self, path: &syn::Path) -> Span {
        let start = path.leading_colon.map(|colon| colon.spans[0]);
        let start = start.or_else(|| path.segments.first().map(|segment| segment.ident.span()));
        let end = path.segments.last().map(end_of_segment);
        let place = |span: Option<TokenSpan>, edge| span.map_or(self.statement, |span| self.at(span, edge));
        Span::new(place(start, Edge::Start), place(end, Edge::End))
    }

    pub(super) fn span_of_expr_path(&self, path: &syn::ExprPath) -> Span {
        let mut span = self.span_of_path(&path.path);
        if let Some(qself) = &path.qself {
            span.start = self.at(qself.lt_token.span, Edge::Start);
        }
        span
    }
}

fn end_of_segment(segment: &syn::PathSegment) -> TokenSpan {
    match &segment.arguments {
        PathArguments::None => segment.ident.span(),
        PathArguments::AngleBracketed(arguments) => arguments.gt_token.span,
        PathArguments::Parenthesized(arguments) => arguments.paren_token.span.close(),
    }
}

/// A type without parentheses.
pub(super) fn stripped(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => stripped(&inner.elem),
        Type::Group(inner) => stripped(&inner.elem),
        other => other,
    }
}

/// The last name of a type's path.
pub(super) fn type_name(ty: &Type) -> Option<String> {
    match stripped(ty) {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        Type::Reference(inner) => type_name(&inner.elem),
        _ => None,
    }
}

/// The first token of an expression, found without writing the expression out.
pub(super) fn start_of(expr: &Expr) -> Option<TokenSpan> {
    let attributes = attributes(expr);
    if let Some(first) = attributes.first() {
        return Some(first.pound_token.span);
    }
    match expr {
        Expr::Assign(inner) => start_of(&inner.left),
        Expr::Await(inner) => start_of(&inner.base),
        Expr::Binary(inner) => start_of(&inner.left),
        Expr::Call(inner) => start_of(&inner.func),
        Expr::Cast(inner) => start_of(&inner.expr),
        Expr::Field(inner) => start_of(&inner.base),
        Expr::Index(inner) => start_of(&inner.expr),
        Expr::MethodCall(inner) => start_of(&inner.receiver),
        Expr::Range(inner) => inner.start.as_deref().and_then(start_of),
        Expr::Try(inner) => start_of(&inner.expr),
        Expr::Path(inner) => match &inner.qself {
            Some(qself) => Some(qself.lt_token.span),
            None => start_of_path(&inner.path),
        },
        Expr::Struct(inner) => start_of_path(&inner.path),
        Expr::Macro(inner) => start_of_path(&inner.mac.path),
        Expr::Array(inner) => Some(inner.bracket_token.span.open()),
        Expr::Async(inner) => Some(inner.async_token.span),
        Expr::Block(inner) => match &inner.label {
            Some(label) => Some(label.name.apostrophe),
            None => Some(inner.block.brace_token.span.open()),
        },
        Expr::Break(inner) => Some(inner.break_token.span),
        Expr::Closure(inner) => {
            let first = inner.constness.map(|token| token.span).or(inner.asyncness.map(|token| token.span));
            first.or(inner.capture.map(|token| token.span)).or(Some(inner.inputs_begin.spans[0]))
        }
        Expr::ForLoop(inner) => inner.label.as_ref().map(|label| label.name.apostrophe).or(Some(inner.for_token.span)),
        Expr::If(inner) => Some(inner.if_token.span),
        Expr::Let(inner) => Some(inner.let_token.span),
        Expr::Lit(inner) => Some(inner.lit.span()),
        Expr::Loop(inner) => inner.label.as_ref().map(|label| label.name.apostrophe).or(Some(inner.loop_token.span)),
        Expr::Match(inner) => Some(inner.match_token.span),
        Expr::Paren(inner) => Some(inner.paren_token.span.open()),
        Expr::Reference(inner) => Some(inner.and_token.spans[0]),
        Expr::Return(inner) => Some(inner.return_token.span),
        Expr::Tuple(inner) => Some(inner.paren_token.span.open()),
        Expr::Unary(inner) => Some(match &inner.op {
            syn::UnOp::Deref(token) => token.spans[0],
            syn::UnOp::Not(token) => token.spans[0],
            syn::UnOp::Neg(token) => token.spans[0],
            _ => return start_of(&inner.expr),
        }),
        Expr::Unsafe(inner) => Some(inner.unsafe_token.span),
        Expr::While(inner) => inner.label.as_ref().map(|label| label.name.apostrophe).or(Some(inner.while_token.span)),
        _ => None,
    }
}

/// The last token of an expression, where it is found without writing the expression out.
pub(super) fn end_of(expr: &Expr) -> Option<TokenSpan> {
    match expr {
        Expr::Call(inner) => Some(inner.paren_token.span.close()),
        Expr::MethodCall(inner) => Some(inner.paren_token.span.close()),
        Expr::Closure(inner) => end_of(&inner.body),
        Expr::Async(inner) => Some(inner.block.brace_token.span.close()),
        Expr::Block(inner) => Some(inner.block.brace_token.span.close()),
        Expr::Path(inner) => inner.path.segments.last().map(end_of_segment),
        Expr::Try(inner) => Some(inner.question_token.spans[0]),
        Expr::Await(inner) => Some(inner.await_token.span),
        Expr::Struct(inner) => Some(inner.brace_token.span.close()),
        Expr::Macro(inner) => Some(match &inner.mac.delimiter {
            syn::MacroDelimiter::Paren(token) => token.span.close(),
            syn::MacroDelimiter::Brace(token) => token.span.close(),
            syn::MacroDelimiter::Bracket(token) => token.span.close(),
        }),
        other => Some(other.span()),
    }
}

fn start_of_path(path: &syn::Path) -> Option<TokenSpan> {
    match path.leading_colon {
        Some(colon) => Some(colon.spans[0]),
        None => path.segments.first().map(|segment| segment.ident.span()),
    }
}

fn attributes(expr: &Expr) -> &[syn::Attribute] {
    match expr {
        Expr::Block(inner) => &inner.attrs,
        Expr::Call(inner) => &inner.attrs,
        Expr::If(inner) => &inner.attrs,
        Expr::Macro(inner) => &inner.attrs,
        Expr::Match(inner) => &inner.attrs,
        Expr::MethodCall(inner) => &inner.attrs,
        Expr::Return(inner) => &inner.attrs,
        Expr::Struct(inner) => &inner.attrs,
        _ => &[],
    }
}

/// The first token of a statement.
pub(super) fn start_of_stmt(stmt: &Stmt) -> Option<TokenSpan> {
    match stmt {
        Stmt::Local(local) => {
            local.attrs.first().map(|attribute| attribute.pound_token.span).or(Some(local.let_token.span))
        }
        Stmt::Item(item) => start_of_item(item),
        Stmt::Expr(expr, _) => start_of(expr),
        Stmt::Macro(inner) => {
            let first = inner.attrs.first().map(|attribute| attribute.pound_token.span);
            first.or_else(|| start_of_path(&inner.mac.path))
        }
    }
}

/// The first token of an item that may hold constructions by itself.
pub(super) fn start_of_item(item: &Item) -> Option<TokenSpan> {
    let (attributes, visibility, keyword) = match item {
        Item::Const(item) => (&item.attrs, &item.vis, item.const_token.span),
        Item::Static(item) => (&item.attrs, &item.vis, item.static_token.span),
        Item::Struct(item) => (&item.attrs, &item.vis, item.struct_token.span),
        Item::Fn(item) => (&item.attrs, &item.vis, item.sig.fn_token.span),
        Item::Macro(item) => {
            let first = item.attrs.first().map(|attribute| attribute.pound_token.span);
            return first.or_else(|| start_of_path(&item.mac.path));
        }
        _ => return None,
    };
    let visibility = match visibility {
        syn::Visibility::Public(token) => Some(token.span),
        syn::Visibility::Restricted(inner) => Some(inner.pub_token.span),
        syn::Visibility::Inherited => None,
    };
    attributes.first().map(|attribute| attribute.pound_token.span).or(visibility).or(Some(keyword))
}

/// The types that an `impl` gives to a trait.
pub(super) fn types_of(item: &syn::ItemImpl) -> impl Iterator<Item = &syn::ImplItemType> {
    item.items.iter().filter_map(|item| match item {
        syn::ImplItem::Type(own) => Some(own),
        _ => None,
    })
}

/// The name under which the types of a trait's `impl` are known: `<Mine as Make>`.
pub(super) fn associated(class: &str, by: &str) -> String {
    format!("<{class} as {by}>")
}
