//! Expressions: where names are used, and in what role.

use std::sync::Arc;

use ruff_python_ast as ast;
use ruff_python_ast::Expr;
use ruff_python_ast::InterpolatedStringElement;
use ruff_python_ast::visitor::Visitor;
use ruff_text_size::Ranged;

use crate::outline::Role;

use super::flow::Flow;
use super::scopes::ScopeKind;

impl<'a> Flow<'a> {
    /// Evaluates an expression whose value goes somewhere.
    pub(super) fn value(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(_) | Expr::Attribute(_) => {
                self.chain(expr, Role::Value);
            }
            Expr::BoolOp(operation) => self.short_circuit(operation, Self::value),
            Expr::Named(named) => {
                self.assigned(&named.target, &named.value);
                self.store(&named.target);
            }
            Expr::BinOp(operation) if operation.op == ast::Operator::BitOr => {
                self.union_operand(&operation.left);
                self.union_operand(&operation.right);
            }
            Expr::BinOp(operation) => {
                self.value(&operation.left);
                self.value(&operation.right);
            }
            Expr::UnaryOp(operation) => match operation.op {
                ast::UnaryOp::Not => self.test(&operation.operand),
                _ => self.value(&operation.operand),
            },
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    for default in parameters.iter().filter_map(ast::AnyParameterRef::default) {
                        self.value(default);
                    }
                }
                self.leak_if_mentioned(lambda.range);
                self.defer_lambda(lambda);
            }
            Expr::If(conditional) => self.conditional(conditional, Self::value),
            Expr::Dict(dict) => {
                for item in &dict.items {
                    item.key.iter().for_each(|key| self.value(key));
                    self.value(&item.value);
                }
            }
            Expr::Set(set) => set.elts.iter().for_each(|element| self.value(element)),
            Expr::List(list) => list.elts.iter().for_each(|element| self.value(element)),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|element| self.value(element)),
            Expr::ListComp(comp) => self.comprehension(expr, &comp.generators, &[&comp.elt]),
            Expr::SetComp(comp) => self.comprehension(expr, &comp.generators, &[&comp.elt]),
            Expr::Generator(comp) => self.generator(expr, comp),
            Expr::DictComp(comp) => match &comp.key {
                Some(key) => self.comprehension(expr, &comp.generators, &[key, &comp.value]),
                None => self.comprehension(expr, &comp.generators, &[&comp.value]),
            },
            Expr::Await(await_expr) => self.value(&await_expr.value),
            Expr::Yield(yield_expr) => yield_expr.value.iter().for_each(|value| self.value(value)),
            Expr::YieldFrom(yield_from) => self.value(&yield_from.value),
            Expr::Compare(compare) => {
                self.compared(&compare.left);
                // `a < b < c` never gets to `c` unless `a < b`.
                self.left_early(compare.range, &compare.comparators, Self::compared);
            }
            Expr::Call(call) => self.call(call),
            Expr::FString(string) => {
                for element in string.value.elements() {
                    self.interpolated(element);
                }
            }
            Expr::TString(string) => {
                for element in string.value.elements() {
                    self.interpolated(element);
                }
            }
            Expr::Subscript(subscript) => self.subscript(subscript),
            Expr::Starred(starred) => self.used_up(&starred.value),
            Expr::Slice(slice) => {
                for part in [&slice.lower, &slice.upper, &slice.step].into_iter().flatten() {
                    self.value(part);
                }
            }
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::IpyEscapeCommand(_) => {}
        }
    }

    /// Evaluates an expression that is only tested: for truth, by `isinstance`, by `except`.
    pub(super) fn test(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(_) | Expr::Attribute(_) => {
                self.chain(expr, Role::Test);
            }
            Expr::BoolOp(operation) => self.short_circuit(operation, Self::test),
            Expr::If(conditional) => self.conditional(conditional, Self::test),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|element| self.test(element)),
            Expr::BinOp(operation) if operation.op == ast::Operator::BitOr => {
                self.test(&operation.left);
                self.test(&operation.right);
            }
            Expr::Starred(starred) => self.test(&starred.value),
            other => self.value(other),
        }
    }

    /// An operand of a comparison; `type(x) in (A, B)` compares with each.
    fn compared(&mut self, expr: &'a Expr) {
        match expr {
            Expr::List(list) => list.elts.iter().for_each(|element| self.test(element)),
            Expr::Set(set) => set.elts.iter().for_each(|element| self.test(element)),
            other => self.test(other),
        }
    }

    /// `A | B`: a union of types where both are names.
    fn union_operand(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(_) | Expr::Attribute(_) => {
                self.chain(expr, Role::Annotation);
            }
            other => self.value(other),
        }
    }

    /// Evaluates an annotation.
    pub(super) fn annotation(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(_) | Expr::Attribute(_) => {
                self.chain(expr, Role::Annotation);
            }
            Expr::StringLiteral(text) => self.string_annotation(text),
            Expr::Subscript(subscript) => {
                self.annotation(&subscript.value);
                let head = super::chain::parts(&subscript.value);
                let tail = head.map(|(name, attributes)| attributes.last().copied().unwrap_or(name));
                match (tail, &*subscript.slice) {
                    (Some("Literal"), _) => {}
                    (Some("Annotated"), Expr::Tuple(tuple)) => {
                        let mut elements = tuple.elts.iter();
                        elements.next().into_iter().for_each(|first| self.annotation(first));
                        elements.for_each(|metadata| self.value(metadata));
                    }
                    (_, slice) => self.annotation(slice),
                }
            }
            Expr::BinOp(operation) => {
                self.annotation(&operation.left);
                self.annotation(&operation.right);
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|element| self.annotation(element)),
            Expr::List(list) => list.elts.iter().for_each(|element| self.annotation(element)),
            Expr::Starred(starred) => self.annotation(&starred.value),
            other => self.value(other),
        }
    }

    /// The names of an annotation in a string; they are read, and never rewritten.
    fn string_annotation(&mut self, text: &ast::ExprStringLiteral) {
        let value = text.value.to_str();
        if value.len() > 4096 {
            return;
        }
        let Ok(parsed) = ruff_python_parser::parse_expression(value.trim()) else { return };
        let mut names = Names::default();
        names.visit_expr(parsed.expr());
        for name in names.0 {
            self.mention(&name, text.range, Role::Annotation);
        }
    }

    /// A name that stands in a string.
    pub(super) fn mention(&mut self, name: &str, range: ruff_text_size::TextRange, role: Role) {
        let super::flow::Found::Bound(roots) = self.lookup(name) else { return };
        self.counts(&roots);
        let scope = self.frames.last().map_or(0, |frame| frame.scope);
        self.outline.references.push(crate::outline::Reference {
            span: Self::span(range),
            name: self.tables.shared.text(name),
            roots: self.tables.shared.bindings(&roots),
            attributes: Box::default(),
            role,
            scope,
            definition: Arc::clone(&self.definition),
            statement: self.statement,
            typing: self.typing,
            deferred: self.is_deferred(),
            told: None,
        });
    }

    pub(super) fn short_circuit(&mut self, operation: &'a ast::ExprBoolOp, visit: impl FnMut(&mut Self, &'a Expr)) {
        self.left_early(operation.range, &operation.values, visit);
    }

    pub(super) fn conditional(&mut self, conditional: &'a ast::ExprIf, visit: impl FnMut(&mut Self, &'a Expr)) {
        self.either(&conditional.test, conditional.range, &conditional.body, &conditional.orelse, visit);
    }

    fn comprehension(&mut self, expr: &'a Expr, generators: &'a [ast::Comprehension], elements: &[&'a Expr]) {
        if let Some(first) = generators.first() {
            self.value(&first.iter);
        }
        // The element may never be evaluated, and so a walrus in it may not have happened.
        self.perhaps(expr.range(), |flow| flow.iterate(expr, generators, elements));
    }

    /// A generator evaluates its first iterable at once, and all else when it is asked.
    fn generator(&mut self, expr: &'a Expr, comp: &'a ast::ExprGenerator) {
        if let Some(first) = comp.generators.first() {
            self.value(&first.iter);
        }
        self.lazily(comp.range, |flow| flow.iterate(expr, &comp.generators, &[&comp.elt]));
    }

    /// Evaluates an argument of a call that uses up any iterable before it returns.
    pub(super) fn used_up(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Generator(comp) => self.comprehension(expr, &comp.generators, &[&comp.elt]),
            Expr::Starred(starred) => self.used_up(&starred.value),
            other => self.value(other),
        }
    }

    fn iterate(&mut self, expr: &'a Expr, generators: &'a [ast::Comprehension], elements: &[&'a Expr]) {
        let key = (ScopeKind::Comprehension, expr.range().start().to_u32());
        let Some(&scope) = self.tables.by_node.get(&key) else { return };
        let slots = self.tables.scopes.get(scope as usize).map_or(0, |table| table.slots);
        let slots = std::rc::Rc::new(vec![super::scopes::UNBOUND; slots as usize]);
        self.frames.push(super::flow::Frame { scope, slots, since: None });
        for (index, generator) in generators.iter().enumerate() {
            if index > 0 {
                self.value(&generator.iter);
            }
            self.store(&generator.target);
            generator.ifs.iter().for_each(|test| _ = self.go_on_if(test));
        }
        for element in elements {
            self.value(element);
        }
        self.frames.pop();
    }

    fn interpolated(&mut self, element: &'a InterpolatedStringElement) {
        let InterpolatedStringElement::Interpolation(interpolation) = element else { return };
        let outer = self.obstacle;
        if interpolation.debug_text.is_some() {
            self.obstacle = Some("`=` in an f-string prints the expression itself, so the output would change");
        }
        self.value(&interpolation.expression);
        self.obstacle = outer;
        if let Some(spec) = &interpolation.format_spec {
            spec.elements.iter().for_each(|element| self.interpolated(element));
        }
    }

    fn subscript(&mut self, subscript: &'a ast::ExprSubscript) {
        if let Expr::StringLiteral(key) = &*subscript.slice
            && let Expr::Call(call) = &*subscript.value
            && self.is_namespace(call)
        {
            self.outline.named.insert(key.value.to_str().into());
            return;
        }
        self.value(&subscript.value);
        match &*subscript.slice {
            slice @ (Expr::Name(_) | Expr::Attribute(_) | Expr::Tuple(_) | Expr::Subscript(_) | Expr::BinOp(_)) => {
                self.annotation(slice);
            }
            // `List["OpenAI"]` names a class; `settings["OpenAI"]` does not.
            Expr::StringLiteral(text) if is_generic(&subscript.value) => self.string_annotation(text),
            slice => self.value(slice),
        }
    }

    pub(super) fn type_params(&mut self, params: &'a ast::TypeParams) {
        for param in &params.type_params {
            let (bound, default) = match param {
                ast::TypeParam::TypeVar(var) => (var.bound.as_deref(), var.default.as_deref()),
                ast::TypeParam::TypeVarTuple(var) => (None, var.default.as_deref()),
                ast::TypeParam::ParamSpec(var) => (None, var.default.as_deref()),
            };
            bound.into_iter().chain(default).for_each(|expr| self.annotation(expr));
        }
    }
}

/// Whether an expression is a generic type of the standard library, by its usual name.
fn is_generic(expr: &Expr) -> bool {
    let Some((name, attributes)) = super::chain::parts(expr) else { return false };
    let tail = attributes.last().copied().unwrap_or(name);
    matches!(
        tail,
        "Optional"
            | "Union"
            | "List"
            | "Dict"
            | "Type"
            | "Tuple"
            | "Set"
            | "FrozenSet"
            | "Sequence"
            | "Iterable"
            | "Iterator"
            | "Mapping"
            | "Callable"
            | "ClassVar"
            | "Final"
            | "Awaitable"
            | "list"
            | "dict"
            | "type"
            | "tuple"
            | "set"
            | "frozenset"
    )
}

/// The first names of the chains in an expression.
#[derive(Default)]
pub(super) struct Names(pub(super) Vec<String>);

impl<'a> Visitor<'a> for Names {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => self.0.push(name.id.to_string()),
            Expr::StringLiteral(text) if text.value.len() < 256 => {
                if let Ok(parsed) = ruff_python_parser::parse_expression(text.value.to_str()) {
                    let mut inner = Names::default();
                    ruff_python_ast::visitor::walk_expr(&mut inner, parsed.expr());
                    if let Expr::Name(name) = parsed.expr() {
                        inner.0.push(name.id.to_string());
                    }
                    self.0.append(&mut inner.0);
                }
            }
            other => ruff_python_ast::visitor::walk_expr(self, other),
        }
    }
}
