//! Calls: the name that is called, its arguments, and what they say of where a client connects to.

use syn::Expr;
use syn::ExprCall;
use syn::ExprMethodCall;
use syn::Type;
use syn::visit;
use syn::visit::Visit;

use crate::outline::Argument;
use crate::outline::BindingId;
use crate::outline::BindingKind;
use crate::outline::Call;
use crate::outline::Detail;
use crate::outline::Places;
use crate::outline::Reference;
use crate::outline::ReferenceId;
use crate::outline::Role;
use crate::source::Span;

use super::expected::Argument as Given;
use super::expected::Expected;
use super::expected::makes_default;
use super::generics::Parameters;
use super::paths;
use super::paths::stripped;
use super::text::Edge;
use super::walk::Walk;

impl Walk<'_> {
    pub(super) fn call(&mut self, call: &ExprCall, expected: Option<Expected>) {
        let Some(callee) = callee(&call.func) else {
            visit::visit_expr_call(self, call);
            return;
        };
        if let Some(class) = expected.as_ref().and_then(|expected| expected.class).filter(|_| makes_default(call)) {
            self.implied_default(class, self.span_of_call(call));
            return;
        }
        let (reference, gone) = self.expression_path(callee, Role::Called(Box::default()));
        let mut inner = self.expected_arguments(call, callee, expected.as_ref()).into_iter();
        call.args.iter().for_each(|argument| self.visit_argument(argument, inner.next()));
        let Some(reference) = reference else { return };
        let told = self.told_as_callee(callee);
        self.tell(reference, told);
        let mut shape = self.shape(self.span_of_call(call), gone);
        shape.detail_mut().expected = expected.and_then(|expected| expected.class);
        let arguments = call.args.iter();
        let arguments =
            arguments.map(|argument| Argument { kind: self.kind_of(argument), inferred: is_inferred(argument) });
        shape.detail_mut().places = Some(Places { arguments: Some(arguments.collect()), slots: self.slots(call) });
        for argument in &call.args {
            self.endpoints(argument, &mut shape.detail_mut().literals);
        }
        let name = self.span_of_expr_path(callee);
        if shape.obstacle.is_none() && has_comment(self.source.slice(name)) {
            shape.obstacle = Some("a comment stands inside the name of the class");
        }
        shape.obstacle = shape.obstacle.or(function_generics(callee)).or(by_trait(callee));
        if let Some(reference) = self.outline.references.get_mut(reference as usize) {
            reference.role = Role::Called(Box::new(shape));
        }
    }

    fn span_of_call(&self, call: &ExprCall) -> Span {
        let start = paths::start_of(&call.func).map_or(self.statement, |start| self.at(start, Edge::Start));
        Span::new(start, self.at(call.paren_token.span.close(), Edge::End))
    }

    pub(super) fn method_call(&mut self, call: &ExprMethodCall, expected: Option<&Expected>) {
        self.configured(call);
        // What takes the place of nothing is of the same type.
        if !matches!(call.method.to_string().as_str(), "unwrap_or" | "unwrap_or_else") {
            visit::visit_expr_method_call(self, call);
            return;
        }
        self.visit_expr(&call.receiver);
        for argument in &call.args {
            let closure = matches!(argument, Expr::Closure(_));
            let expected = expected.cloned().map(if closure { Given::Made } else { Given::Itself });
            self.visit_argument(argument, expected);
        }
    }

    /// A path as a value: a function that somebody else calls.
    pub(super) fn value_path(&mut self, path: &syn::ExprPath, expected: Option<&Expected>) {
        let is_local =
            path.qself.is_none() && path.path.get_ident().is_some_and(|name| self.locals.knows(&name.to_string()));
        if is_local {
            return;
        }
        let (reference, gone) = self.expression_path(path, Role::HandedOver(Box::default()));
        let Some(reference) = reference else { return };
        let told = self.told_as_callee(path);
        self.tell(reference, told);
        let mut shape = self.shape(self.span_of_expr_path(path), gone);
        shape.obstacle = shape.obstacle.or(function_generics(path)).or(by_trait(path));
        shape.detail_mut().expected = expected.and_then(|expected| expected.class);
        shape.detail_mut().places = Some(Places::default());
        if let Some(reference) = self.outline.references.get_mut(reference as usize) {
            reference.role = Role::HandedOver(Box::new(shape));
        }
    }

    /// An expression of which the type is written beside it.
    pub(super) fn typed(&mut self, expr: &Expr, ty: &Type) {
        let expected = self.expected(ty);
        self.visit_expecting(expr, expected);
    }

    /// `Default::default()` makes what is expected.
    fn implied_default(&mut self, class: ReferenceId, span: Span) {
        let Some(class) = self.outline.references.get(class as usize).cloned() else { return };
        let mut shape = self.shape(span, Vec::new());
        shape.obstacle = Some("the class is named by a type alone; call the factory instead");
        let attributes = class.attributes.iter().cloned().chain(["default".into()]).collect();
        let role = Role::Called(Box::new(shape));
        let statement = Span::new(self.statement, span.end.max(self.statement));
        self.outline.references.push(Reference { span, attributes, role, statement, ..class });
    }

    /// A construction that a type implies.
    pub(super) fn implied(&mut self, path: &syn::TypePath, function: &str, obstacle: &'static str) {
        let span = self.span_of_path(&path.path);
        self.implied_at(path, function, obstacle, span);
    }

    fn implied_at(&mut self, path: &syn::TypePath, function: &str, obstacle: &'static str, span: Span) {
        let Some((mut parts, leading)) = Self::parts(path.qself.as_ref(), &path.path) else { return };
        parts.push(function.to_owned());
        let mut shape = self.shape(span, Vec::new());
        shape.obstacle = Some(obstacle);
        self.path(&parts, leading, span, Role::Called(Box::new(shape)), None);
    }

    fn shape(&mut self, span: Span, gone: Vec<BindingId>) -> Call {
        let (context, held) = self.surroundings(span);
        let mut shape = Call { span, context: context.into(), obstacle: self.obstacle, ..Call::default() };
        *shape.detail_mut() = Detail { gone, held, ..Detail::default() };
        shape
    }

    /// The name of an argument's class, where the argument says it or a local name's value does.
    pub(super) fn kind_of(&mut self, expr: &Expr) -> Option<ReferenceId> {
        match expr {
            Expr::Paren(inner) => self.kind_of(&inner.expr),
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                let keeps = name.starts_with("with_") || matches!(name.as_str(), "clone" | "to_owned");
                if keeps { self.kind_of(&call.receiver) } else { None }
            }
            Expr::Call(call) => {
                let callee = callee(&call.func)?;
                let (mut parts, leading) = Self::parts(callee.qself.as_ref(), &callee.path)?;
                let function = parts.pop()?;
                let makes = matches!(function.as_str(), "new" | "default" | "from");
                if !makes || parts.is_empty() {
                    return None;
                }
                self.kind(&parts, leading, self.span_of_path(&callee.path))
            }
            Expr::Struct(literal) => {
                let (parts, leading) = Self::parts(literal.qself.as_ref(), &literal.path)?;
                self.kind(&parts, leading, self.span_of_path(&literal.path))
            }
            Expr::Path(path) => {
                if let Some(name) = path.path.get_ident().map(ToString::to_string)
                    && let Some(local) = self.locals.find(&name)
                {
                    return local.class;
                }
                // A struct without fields is a value by its name.
                let (parts, leading) = Self::parts(path.qself.as_ref(), &path.path)?;
                let is_class = parts
                    .last()
                    .is_some_and(|name| name.contains(char::is_lowercase) && name.starts_with(char::is_uppercase));
                if is_class { self.kind(&parts, leading, self.span_of_path(&path.path)) } else { None }
            }
            _ => None,
        }
    }

    /// The class that a type names.
    pub(super) fn kind_of_type(&mut self, ty: &Type) -> Option<ReferenceId> {
        let Type::Path(path) = stripped(ty) else { return None };
        let (parts, leading) = Self::parts(path.qself.as_ref(), &path.path)?;
        let kind = self.kind(&parts, leading, self.span_of_path(&path.path))?;
        let told = self.told_as_type(&path.path, &Parameters::default());
        self.tell(kind, Some(told));
        Some(kind)
    }

    /// Notes a class without counting it as read: it is read where it stands.
    pub(super) fn kind(&mut self, parts: &[String], leading: bool, span: Span) -> Option<ReferenceId> {
        let gone = self.gone.take();
        let reads: Vec<(BindingId, u32)> = self.reads_of(parts);
        let kind = self.path(parts, leading, span, Role::Kind, None);
        self.put_reads(&reads);
        self.gone = gone;
        kind
    }

    fn reads_of(&mut self, parts: &[String]) -> Vec<(BindingId, u32)> {
        let Some(first) = parts.first() else { return Vec::new() };
        let roots = self.lookup(super::scopes::Space::Types, first, None);
        let layers = roots.into_iter().flat_map(|root| self.outline.layers(root));
        let reads = layers.filter_map(|root| {
            let (import, member) = self.outline.member(root)?;
            Some((root, self.outline.imports.get(import as usize)?.members.get(member as usize)?.reads))
        });
        reads.collect()
    }

    fn put_reads(&mut self, reads: &[(BindingId, u32)]) {
        for &(root, count) in reads {
            let Some((import, member)) = self.outline.member(root) else { continue };
            let import = self.outline.imports.get_mut(import as usize);
            if let Some(member) = import.and_then(|import| import.members.get_mut(member as usize)) {
                member.reads = count;
            }
        }
    }

    /// The literals in arguments of methods that say where a client connects to: `with_api_base("https://…")`.
    pub(super) fn endpoints(&mut self, expr: &Expr, found: &mut Vec<(Box<str>, Box<str>)>) {
        let mut calls = Endpoints { watched: &self.watch.endpoints, found: Vec::new(), names: Vec::new() };
        calls.visit_expr(expr);
        let Endpoints { found: literals, names, .. } = calls;
        for (argument, name) in names {
            found.extend(self.texts_of(&name).into_iter().map(|text| (argument.clone(), text)));
        }
        found.extend(literals);
        // What a local name holds may have been told before.
        let mut locals = Names::default();
        locals.visit_expr(expr);
        for name in locals.0 {
            found.extend(self.locals.find(&name).into_iter().flat_map(|local| local.endpoints.clone()));
        }
    }

    /// The texts that a name may stand for.
    pub(super) fn texts_of(&mut self, name: &str) -> Vec<Box<str>> {
        if let Some(local) = self.locals.find(name) {
            return local.texts.clone();
        }
        let roots = self.lookup(super::scopes::Space::Values, name, None);
        let texts = roots.into_iter().filter_map(|root| match &self.outline.bindings.get(root as usize)?.kind {
            BindingKind::Text(text) => Some(text.clone()),
            _ => None,
        });
        texts.collect()
    }

    /// `config.with_api_base("…")` on a local name tells what the name holds from now on.
    fn configured(&mut self, call: &ExprMethodCall) {
        if !self.watch.endpoints.iter().any(|endpoint| call.method == endpoint) {
            return;
        }
        let Some(name) = receiver(&call.receiver) else { return };
        let mut found = Vec::new();
        self.endpoints(&Expr::MethodCall(call.clone()), &mut found);
        if let Some(local) = self.locals.find_mut(&name) {
            local.endpoints.extend(found);
        }
    }

    /// Where a further argument goes.
    fn slots(&self, call: &ExprCall) -> Vec<(Span, String)> {
        let open = self.at(call.paren_token.span.open(), Edge::End);
        let Some(last) = call.args.last() else { return vec![(Span::at(open), "{}".to_owned())] };
        let starts: Vec<u32> = call
            .args
            .iter()
            .map(|argument| paths::start_of(argument).map_or(open, |start| self.at(start, Edge::Start)))
            .collect();
        let indent = |start: u32| {
            let line = self.source.line_span(self.source.line(start));
            let before = self.source.slice(Span::new(line.start, start));
            before.trim().is_empty().then(|| format!("{}{before}", self.source.newline()))
        };
        let mut slots: Vec<(Span, String)> = starts
            .iter()
            .map(|&start| (Span::at(start), format!("{{}},{}", indent(start).unwrap_or_else(|| " ".to_owned()))))
            .collect();
        let end = paths::end_of(last).map_or(open, |end| self.at(end, Edge::End));
        let before = starts.last().and_then(|&start| indent(start)).unwrap_or_else(|| " ".to_owned());
        slots.push((Span::at(end), format!(",{before}{{}}")));
        slots
    }
}

/// The path that is called.
fn callee(func: &Expr) -> Option<&syn::ExprPath> {
    match func {
        Expr::Path(path) => Some(path),
        Expr::Paren(inner) => callee(&inner.expr),
        _ => None,
    }
}

/// Whether a path is `Default::default`.
pub(super) fn is_default(path: &syn::Path) -> bool {
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    matches!(names.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), [.., "Default", "default"])
}

/// Why a function that is told types by itself stays as it is.
fn function_generics(callee: &syn::ExprPath) -> Option<&'static str> {
    let last = callee.path.segments.last()?;
    (!last.arguments.is_none()).then_some("the function is told types, which the factory would not be told")
}

/// Why a class that a trait's `impl` names is left alone: the trait's import, which its functions may need, would go.
fn by_trait(callee: &syn::ExprPath) -> Option<&'static str> {
    let position = callee.qself.as_ref()?.position;
    let is_type = position > 0 && callee.path.segments.len() > position + 1;
    is_type.then_some("the class is named as a type of a trait; call the factory instead")
}

/// Whether an expression's type may follow from where it stands.
fn is_inferred(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(inner) => is_inferred(&inner.expr),
        Expr::Await(inner) => is_inferred(&inner.base),
        Expr::Try(inner) => is_inferred(&inner.expr),
        Expr::Reference(inner) => is_inferred(&inner.expr),
        Expr::MethodCall(call) => {
            let chooses = ["into", "try_into", "parse", "collect", "sum", "product"];
            chooses.iter().any(|name| call.method == name) || is_inferred(&call.receiver)
        }
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => {
                let chooses = ["from_str", "from_slice", "from_reader", "from_value", "deserialize", "try_deserialize"];
                let last = path.path.segments.last();
                is_default(&path.path)
                    || last
                        .is_some_and(|last| last.arguments.is_none() && chooses.iter().any(|name| last.ident == name))
            }
            _ => false,
        },
        Expr::Path(_) | Expr::Struct(_) | Expr::Field(_) | Expr::Lit(_) | Expr::Macro(_) | Expr::Index(_) => false,
        _ => true,
    }
}

/// The name at the start of a chain of method calls.
fn receiver(expr: &Expr) -> Option<String> {
    match expr {
        Expr::MethodCall(call) => receiver(&call.receiver),
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    }
}

fn has_comment(text: &str) -> bool {
    text.contains("//") || text.contains("/*")
}

/// The texts in arguments of watched methods, and the names that may stand for one.
struct Endpoints<'w> {
    watched: &'w [String],
    found: Vec<(Box<str>, Box<str>)>,
    names: Vec<(Box<str>, String)>,
}

impl<'ast> Visit<'ast> for Endpoints<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if let Some(argument) = self.watched.iter().find(|watched| call.method == **watched) {
            let mut texts = Texts::default();
            call.args.iter().for_each(|value| texts.visit_expr(value));
            self.found.extend(texts.texts.into_iter().map(|text| (argument.as_str().into(), text)));
            self.names.extend(texts.names.into_iter().map(|name| (argument.as_str().into(), name)));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// The texts in an expression, and the names that may stand for one.
#[derive(Default)]
pub(super) struct Texts {
    pub(super) texts: Vec<Box<str>>,
    pub(super) names: Vec<String>,
}

impl<'ast> Visit<'ast> for Texts {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => self.texts.push(text.value().into()),
            Expr::Path(path) => self.names.extend(path.path.segments.last().map(|segment| segment.ident.to_string())),
            Expr::Macro(inner) if inner.mac.path.segments.last().is_some_and(|s| s.ident == "format") => {
                let parser = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
                let Ok(arguments) = inner.mac.parse_body_with(parser) else { return };
                if let Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) = arguments.first() {
                    self.texts.push(holes(&text.value()).into());
                }
            }
            other => visit::visit_expr(self, other),
        }
    }
}

/// A format string with a mark for each hole.
fn holes(text: &str) -> String {
    let mut told = String::new();
    let mut inside = false;
    for character in text.chars() {
        match character {
            '{' if !inside => {
                inside = true;
                told.push('\u{fffd}');
            }
            '}' if inside => inside = false,
            character if !inside => told.push(character),
            _ => {}
        }
    }
    told
}

/// The names of values in an expression.
#[derive(Default)]
struct Names(Vec<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        self.0.extend(path.path.get_ident().map(ToString::to_string));
    }
}
