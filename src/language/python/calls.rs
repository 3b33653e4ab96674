//! Calls: their shape, what is handed over in them, and what they replace or look up by a string.

use std::sync::Arc;

use ruff_python_ast as ast;
use ruff_python_ast::Expr;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor;
use ruff_python_ast::visitor::Visitor;
use ruff_text_size::Ranged;
use ruff_text_size::TextRange;

use crate::outline::BindingKind;
use crate::outline::Call;
use crate::outline::DefinitionKind;
use crate::outline::Dynamic;
use crate::outline::DynamicTarget;
use crate::outline::Role;
use crate::source::Span;

use super::chain::Chain;
use super::chain::parts;
use super::flow::Flow;
use super::flow::Found;

/// Callables that call their first argument with the others.
const CALLERS: [&str; 6] = [
    "functools.partial",
    "functools.partialmethod",
    "asyncio.to_thread",
    "collections.defaultdict",
    "anyio.to_thread.run_sync",
    "starlette.concurrency.run_in_threadpool",
];

/// Builtins that use up their iterables before they return.
const CONSUMERS: [&str; 12] =
    ["list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "any", "all", "bytes"];

impl<'a> Flow<'a> {
    pub(super) fn call(&mut self, call: &'a ast::ExprCall) {
        let arguments = &call.arguments;
        if self.runs_base_init(call) || self.reads_dynamically(call) || self.reads_namespace(call) {
            return;
        }
        let full = self.imported_name(&call.func);
        let tail = match &*call.func {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => "",
        };
        if let Some(patcher) = self.patcher(&call.func, full.as_deref(), tail) {
            self.patch(call, patcher);
        }
        self.callee(call);
        let is_caller = full.as_deref().is_some_and(|full| CALLERS.contains(&full));
        let special = if matches!(&*call.func, Expr::Name(name) if self.is_free(name.id.as_str())) {
            tail
        } else {
            match full.as_deref() {
                Some("typing.cast" | "typing_extensions.cast") => "cast",
                Some("typing.TypeVar" | "typing_extensions.TypeVar" | "typing.NewType") => "TypeVar",
                _ => "",
            }
        };
        let uses_up = CONSUMERS.contains(&special) || (tail == "join" && arguments.args.len() == 1);
        self.deletes_attribute(call, special, tail);
        for (index, argument) in arguments.args.iter().enumerate() {
            match (special, index) {
                _ if uses_up => self.used_up(argument),
                ("isinstance" | "issubclass", 1) | ("hasattr" | "callable" | "id", 0) => self.test(argument),
                ("cast", 0) | ("TypeVar", 1..) => self.annotation(argument),
                (_, 0) if is_caller => {
                    let shape = self.shape(call, 1);
                    self.chain_or_value(argument, Role::HandedOver(Box::new(shape)));
                }
                (_, 0) if tail == "object" && arguments.args.len() > 1 => self.test(argument),
                _ => self.value(argument),
            }
        }
        for keyword in &arguments.keywords {
            let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
            match (special, name) {
                ("TypeVar", "bound") => self.annotation(&keyword.value),
                _ if matches!(name, "default_factory" | "factory") => {
                    let shape = self.handed_over(keyword.value.range());
                    self.chain_or_value(&keyword.value, Role::HandedOver(Box::new(shape)));
                }
                _ if matches!(name, "spec" | "spec_set" | "response_model") => self.test(&keyword.value),
                _ => self.value(&keyword.value),
            }
        }
    }

    /// Notes what `delattr(object, "name")`, `object.__delattr__("name")` and `object.__dict__.pop("name")` take away.
    fn deletes_attribute(&mut self, call: &ast::ExprCall, special: &str, tail: &str) {
        let arguments = &call.arguments.args;
        let object = match &*call.func {
            Expr::Name(_) if special == "delattr" => arguments.first(),
            Expr::Attribute(method) => match tail {
                "__delattr__" => Some(&*method.value),
                "pop" | "popitem" | "clear" | "__delitem__" => self.dictionary_owner(&method.value),
                _ => None,
            },
            _ => None,
        };
        let Some(object) = object else { return };
        let mut texts = arguments.iter().filter_map(Expr::as_string_literal_expr).peekable();
        if texts.peek().is_none() {
            self.may_lose_anything(object);
        }
        self.outline.deleted.extend(texts.map(|text| Box::from(text.value.to_str())));
    }

    /// The object whose attributes `object.__dict__` and `vars(object)` are.
    pub(super) fn dictionary_owner<'e>(&self, expr: &'e Expr) -> Option<&'e Expr> {
        match expr {
            Expr::Attribute(attribute) if attribute.attr.as_str() == "__dict__" => Some(&attribute.value),
            Expr::Call(call) if self.is_namespace(call) => call.arguments.args.first(),
            _ => None,
        }
    }

    /// Notes that an object, or a class, may be without any attribute that its initialiser sets.
    pub(super) fn may_lose_anything(&mut self, object: &Expr) {
        let Expr::Name(name) = object else { return };
        let Found::Bound(roots) = self.lookup(name.id.as_str()) else { return };
        for root in roots {
            let kind = self.tables.bindings.get(root as usize).map(|binding| &binding.kind);
            if let Some(BindingKind::Receiver(class) | BindingKind::Definition(class)) = kind
                && let Some(definition) = self.outline.definitions.get_mut(*class as usize)
                && let DefinitionKind::Class(class) = &mut definition.kind
            {
                class.intercepts = true;
            }
        }
    }

    fn callee(&mut self, call: &'a ast::ExprCall) {
        match &*call.func {
            callee @ (Expr::Name(_) | Expr::Attribute(_)) => {
                if parts(callee).is_none() {
                    self.value(callee);
                    return;
                }
                let id = self.chain(callee, Role::Called(Box::default()));
                if let Chain::Reference(id) = id {
                    let mut shape = self.shape(call, 0);
                    if shape.obstacle.is_none() && self.has_comment(callee.range()) {
                        shape.obstacle = Some("a comment stands inside the name of the class");
                    }
                    if let Some(reference) = self.outline.references.get_mut(id as usize) {
                        reference.role = Role::Called(Box::new(shape));
                    }
                }
                if let Expr::Attribute(attribute) = callee
                    && matches!(attribute.attr.as_str(), "append" | "extend")
                    && matches!(&*attribute.value, Expr::Name(name) if name.id.as_str() == "__all__")
                {
                    call.arguments.args.iter().for_each(|value| self.extend_public(value));
                }
            }
            callee @ (Expr::If(_) | Expr::BoolOp(_)) => self.outcomes(callee, Self::span(call.range())),
            Expr::Named(named) => {
                self.assigned(&named.target, &named.value);
                self.store(&named.target);
                if let Expr::Name(_) = &*named.target {
                    self.chain(&named.target, Role::CalledInExpression(Self::span(call.range())));
                }
            }
            other => self.value(other),
        }
    }

    /// `(A if x else B)()`: each outcome is called.
    fn outcomes(&mut self, callee: &'a Expr, call: Span) {
        match callee {
            Expr::Name(_) | Expr::Attribute(_) => {
                self.chain(callee, Role::CalledInExpression(call));
            }
            Expr::If(conditional) => self.conditional(conditional, |flow, outcome| flow.outcomes(outcome, call)),
            Expr::BoolOp(operation) => self.short_circuit(operation, |flow, outcome| flow.outcomes(outcome, call)),
            other => self.value(other),
        }
    }

    /// A call's shape, without its first `skip` positional arguments.
    fn shape(&mut self, call: &'a ast::ExprCall, skip: usize) -> Call {
        let arguments = &call.arguments;
        let positional = arguments.args.iter().skip(skip);
        let mut shape = Call {
            span: Self::span(call.range()),
            starred: positional.clone().any(Expr::is_starred_expr),
            positional: u32::try_from(positional.filter(|a| !a.is_starred_expr()).count()).unwrap_or(u32::MAX),
            double_starred: arguments.keywords.iter().any(|keyword| keyword.arg.is_none()),
            keywords: self.keywords(arguments),
            obstacle: self.obstacle,
            ..Call::default()
        };
        let literals: Vec<_> = arguments.keywords.iter().flat_map(|keyword| self.endpoint(keyword)).collect();
        if !literals.is_empty() {
            shape.detail_mut().literals = literals;
        }
        if skip == 0 {
            shape.append = self.append(call);
        }
        self.surroundings(&mut shape);
        shape
    }

    fn keywords(&mut self, arguments: &ast::Arguments) -> Arc<[Arc<str>]> {
        let names = arguments.keywords.iter().filter_map(|keyword| keyword.arg.as_ref());
        let names: Vec<_> = names.map(|name| self.tables.shared.text(name.as_str())).collect();
        self.tables.shared.keywords(&names)
    }

    /// The shape of a call that somebody else makes, without arguments.
    fn handed_over(&mut self, range: TextRange) -> Call {
        let mut shape = Call { span: Self::span(range), obstacle: self.obstacle, ..Call::default() };
        self.surroundings(&mut shape);
        shape
    }

    /// What is in scope where the call stands.
    fn surroundings(&mut self, shape: &mut Call) {
        let context: Vec<_> = self.watch.sources.iter().map(|source| self.availability(source)).collect();
        shape.context = self.tables.shared.context(&context);
        for name in &self.tables.near {
            if let Found::Bound(roots) = self.lookup(name) {
                shape.detail_mut().visible.push(((*name).into(), roots.as_slice().into()));
            }
        }
    }

    /// The literals in an argument that says where a client connects to.
    fn endpoint(&self, keyword: &'a ast::Keyword) -> Vec<(Box<str>, Box<str>)> {
        let watched = |name: &str| self.watch.endpoints.iter().any(|endpoint| endpoint == name);
        let mut found: Vec<(Box<str>, Box<str>)> = Vec::new();
        match (&keyword.arg, &keyword.value) {
            (Some(name), value) if watched(name.as_str()) => {
                found.extend(self.literals(value).into_iter().map(|text| (name.as_str().into(), text)));
            }
            (None, Expr::Dict(dict)) => {
                for item in &dict.items {
                    if let Some(Expr::StringLiteral(key)) = &item.key
                        && watched(key.value.to_str())
                    {
                        let texts = self.literals(&item.value).into_iter();
                        found.extend(texts.map(|text| (key.value.to_str().into(), text)));
                    }
                }
            }
            _ => {}
        }
        found
    }

    fn literals(&self, value: &'a Expr) -> Vec<Box<str>> {
        let mut literals = Literals { texts: Vec::new(), names: Vec::new() };
        literals.visit_expr(value);
        let mut texts = literals.texts;
        for name in literals.names {
            let Found::Bound(roots) = self.lookup(name) else { continue };
            for root in roots {
                let binding = self.tables.bindings.get(root as usize);
                if let Some(BindingKind::Text(text)) = binding.map(|binding| &binding.kind) {
                    texts.push(text.clone());
                }
            }
        }
        texts
    }

    fn has_comment(&self, range: TextRange) -> bool {
        self.tokens.in_range(range).iter().any(|token| token.kind() == TokenKind::Comment)
    }

    /// Where, and with what around it, a further argument goes.
    fn append(&self, call: &ast::ExprCall) -> Vec<(Span, String)> {
        let range = call.arguments.range();
        let close = range.end().to_u32().saturating_sub(1);
        let starts = call.arguments.args.iter().map(Ranged::range);
        let last = starts.chain(call.arguments.keywords.iter().map(Ranged::range)).max_by_key(Ranged::end);
        let Some(last) = last else { return vec![(Span::at(range.start().to_u32() + 1), "{}".to_owned())] };
        let mut end = last.end().to_u32();
        let mut comma = None;
        let mut comment = None;
        for token in self.tokens.in_range(TextRange::new(last.end(), range.end())) {
            let token_end = token.range().end().to_u32();
            match token.kind() {
                TokenKind::Rpar if token_end <= close => end = token_end,
                TokenKind::Comma => comma = Some(token_end),
                TokenKind::Comment => {
                    let same_line = self.source.line_start(token_end) == self.source.line_start(comma.unwrap_or(end));
                    if same_line && comment.is_none() {
                        comment = Some(token_end);
                    }
                }
                _ => {}
            }
        }
        let start = last.start().to_u32();
        let indent = self.source.slice(Span::new(self.source.line_start(start), start));
        let own_line = indent.chars().all(char::is_whitespace);
        let newline = self.source.newline();
        match (comma, own_line, comment) {
            (Some(comma), true, comment) => {
                vec![(Span::at(comment.unwrap_or(comma)), format!("{newline}{indent}{{}},"))]
            }
            (Some(comma), false, _) => vec![(Span::at(comma), " {},".to_owned())],
            (None, true, Some(comment)) => {
                vec![(Span::at(end), ",".to_owned()), (Span::at(comment), format!("{newline}{indent}{{}}"))]
            }
            (None, true, None) => vec![(Span::at(end), format!(",{newline}{indent}{{}}"))],
            (None, false, _) => vec![(Span::at(end), ", {}".to_owned())],
        }
    }

    /// `import_module("x")`, `__import__("x")`, `getattr(x, "Name")`.
    fn reads_dynamically(&mut self, call: &'a ast::ExprCall) -> bool {
        if !super::scopes::is_dynamic(call, &self.tables.lookups) {
            return false;
        }
        let arguments = &call.arguments.args;
        let text = |index: usize| match arguments.get(index) {
            Some(Expr::StringLiteral(text)) => Some(text.value.to_str()),
            _ => None,
        };
        let full = self.imported_name(&call.func);
        let free = match &*call.func {
            Expr::Name(name) if self.is_free(name.id.as_str()) => name.id.as_str(),
            _ => "",
        };
        let target = match (free, full.as_deref()) {
            ("__import__", _) | (_, Some("importlib.import_module")) => {
                let Some(module) = text(0) else { return false };
                // `__import__("a.b")` gives `a`.
                let module = if free.is_empty() { module } else { module.split('.').next().unwrap_or(module) };
                DynamicTarget::Module(module.into())
            }
            ("getattr", _) => {
                let (Some(object), Some(name)) = (arguments.first(), text(1)) else { return false };
                let dynamic_before = self.outline.dynamic.len();
                let chain = self.chain_or_value(object, Role::Test);
                let object = match chain {
                    Chain::Reference(id) => id,
                    _ if self.outline.dynamic.len() > dynamic_before => return true,
                    Chain::Other => {
                        arguments.iter().skip(2).for_each(|argument| self.value(argument));
                        return true;
                    }
                };
                DynamicTarget::Attribute(object, name.into())
            }
            _ => return false,
        };
        if free.is_empty() {
            self.chain_or_value(&call.func, Role::Test);
        }
        self.outline.dynamic.push(Dynamic {
            span: Self::span(call.range()),
            target,
            definition: Arc::clone(&self.definition),
            statement: self.statement,
        });
        arguments.iter().skip(2).for_each(|argument| self.value(argument));
        call.arguments.keywords.iter().for_each(|keyword| self.value(&keyword.value));
        true
    }

    /// Whether a call gives the module's names as a dictionary.
    pub(super) fn is_namespace(&self, call: &ast::ExprCall) -> bool {
        matches!(&*call.func, Expr::Name(name)
            if matches!(name.id.as_str(), "globals" | "locals" | "vars") && self.is_free(name.id.as_str()))
    }

    /// `globals().get("Name")`, `eval("Name()")`: names that a string looks up.
    fn reads_namespace(&mut self, call: &'a ast::ExprCall) -> bool {
        let Some(Expr::StringLiteral(text)) = call.arguments.args.first() else { return false };
        match &*call.func {
            Expr::Attribute(attribute) => {
                let Expr::Call(inner) = &*attribute.value else { return false };
                if !self.is_namespace(inner) {
                    return false;
                }
                self.outline.named.insert(text.value.to_str().into());
                call.arguments.args.iter().skip(1).for_each(|argument| self.value(argument));
                true
            }
            Expr::Name(name) if matches!(name.id.as_str(), "eval" | "exec") && self.is_free(name.id.as_str()) => {
                if let Ok(parsed) = ruff_python_parser::parse_module(text.value.to_str()) {
                    let mut names = super::exprs::Names::default();
                    visitor::walk_body(&mut names, parsed.suite());
                    self.outline.named.extend(names.0.into_iter().map(String::into_boxed_str));
                }
                call.arguments.args.iter().skip(1).for_each(|argument| self.value(argument));
                true
            }
            _ => false,
        }
    }
}

/// The texts in an expression, and the names that may stand for one.
struct Literals<'a> {
    texts: Vec<Box<str>>,
    names: Vec<&'a str>,
}

impl<'a> Visitor<'a> for Literals<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::StringLiteral(text) => self.texts.push(text.value.to_str().into()),
            Expr::FString(string) => {
                let mut text = String::new();
                for part in &string.value {
                    match part {
                        ast::FStringPart::Literal(literal) => text.push_str(literal.as_str()),
                        ast::FStringPart::FString(string) => {
                            for element in &string.elements {
                                match element.as_literal() {
                                    Some(literal) => text.push_str(&literal.value),
                                    None => text.push('\u{fffd}'),
                                }
                            }
                        }
                    }
                }
                self.texts.push(text.into());
            }
            Expr::Name(name) => self.names.push(name.id.as_str()),
            other => visitor::walk_expr(self, other),
        }
    }
}
