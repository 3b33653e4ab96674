//! Constructions and calls: what is called, and with which arguments.

use std::sync::Arc;

use oxc_ast::ast::Argument;
use oxc_ast::ast::BindingPattern;
use oxc_ast::ast::CallExpression;
use oxc_ast::ast::Expression;
use oxc_ast::ast::NewExpression;
use oxc_ast::ast::ObjectExpression;
use oxc_ast::ast::ObjectPropertyKind;
use oxc_ast_visit::Visit;
use oxc_span::GetSpan;

use crate::outline::Call;
use crate::outline::Dynamic;
use crate::outline::DynamicTarget;
use crate::outline::Role;
use crate::source::Span;

use super::chain;
use super::chain::Root;
use super::flow::Flow;
use super::imports::IN_PASSING;
use super::promises;

/// How many names of objects are looked through for where a client connects to.
const MAX_SPREADS: u32 = 8;

/// Functions of test tools that look at a class, and do not use it.
const LOOKERS: [&str; 8] = [
    "jest.mocked",
    "vi.mocked",
    "expect",
    "assert",
    "console.log",
    "jest.isMockFunction",
    "vi.isMockFunction",
    "mocked",
];

/// Methods that compare with a class.
const LOOKING_METHODS: [&str; 7] =
    ["toBeInstanceOf", "instanceOf", "isInstanceOf", "toBe", "toEqual", "toStrictEqual", "isPrototypeOf"];

impl<'a> Flow<'a, '_> {
    /// `new Name(…)`
    pub(super) fn construction(&mut self, new: &NewExpression<'a>) {
        new.type_arguments.iter().for_each(|types| self.visit_ts_type_parameter_instantiation(types));
        let callee = chain::plain(&new.callee);
        let span = Self::span(new.span);
        if matches!(callee, Expression::ConditionalExpression(_) | Expression::LogicalExpression(_)) {
            self.outcomes(callee, span);
            self.visit_arguments(&new.arguments);
            return;
        }
        let is_named = matches!(self.parts(&new.callee), Some((Root::Name(_) | Root::Request(..), _)));
        if !is_named {
            // What an inner `new` gives is constructed from: a plain call would bind otherwise.
            let outer = self.obstacle.replace("it stands in what another `new` constructs");
            self.value(&new.callee);
            self.obstacle = outer;
            self.visit_arguments(&new.arguments);
            return;
        }
        let id = self.reference(&new.callee, Role::Value);
        let Some(id) = id else {
            self.visit_arguments(&new.arguments);
            return;
        };
        let shape = self.construction_shape(new);
        if let Some(reference) = self.outline.references.get_mut(id as usize) {
            reference.role = Role::Called(Box::new(shape));
        }
        self.visit_arguments(&new.arguments);
    }

    /// `new (a ? A : B)()`: each outcome is constructed.
    fn outcomes(&mut self, callee: &Expression<'a>, call: Span) {
        match chain::plain(callee) {
            Expression::ConditionalExpression(conditional) => {
                self.test(&conditional.test);
                self.perhaps(|flow| flow.outcomes(&conditional.consequent, call));
                self.perhaps(|flow| flow.outcomes(&conditional.alternate, call));
            }
            Expression::LogicalExpression(logical) => {
                if chain::keeps_left(logical.operator) {
                    self.outcomes(&logical.left, call);
                } else {
                    self.test(&logical.left);
                }
                self.perhaps(|flow| flow.outcomes(&logical.right, call));
            }
            other if self.parts(other).is_some() => self.chain(other, Role::CalledInExpression(call)),
            other => self.value(other),
        }
    }

    fn construction_shape(&mut self, new: &NewExpression<'a>) -> Call {
        let span = Self::span(new.span);
        let types_end = new.type_arguments.as_ref().map_or(0, |types| types.span.end);
        let end = types_end.max(new.callee.span().end);
        let callee = Span::new(span.start, end);
        let rest = self.text.get(end as usize..span.end as usize).unwrap_or_default();
        let mut shape = self.shape(span, &new.arguments, end);
        self.told_later(new.span.start, &mut shape);
        if rest.trim().is_empty() {
            // `new Name` has no parentheses, and gets them here.
            shape.detail_mut().mend = vec![(Span::at(end), "()".to_owned())];
            shape.append = vec![(Span::at(end), "({ {} })".to_owned())];
        }
        shape.detail_mut().callee = Some(callee);
        if self.has_comment(callee) {
            shape.obstacle.get_or_insert("a comment stands inside the name of the class");
        }
        shape
    }

    /// The shape of a call, whose arguments stand after `end`.
    fn shape(&mut self, span: Span, arguments: &[Argument<'a>], end: u32) -> Call {
        let mut shape = Call { span, obstacle: self.obstacle, ..Call::default() };
        let mut others = arguments.iter();
        match others.next() {
            None => shape.append = self.append_first(end, span.end),
            Some(Argument::SpreadElement(_)) => shape.starred = true,
            Some(first) => {
                if let Some(first) = first.as_expression() {
                    self.options(first, &mut shape);
                }
            }
        }
        shape.starred |= others.clone().any(Argument::is_spread);
        shape.positional = u32::try_from(others.count()).unwrap_or(u32::MAX);
        let mut attributes = 0;
        let mut context = Vec::with_capacity(self.watch.sources.len());
        for source in &self.watch.sources {
            context.push(self.availability(source, attributes));
            attributes += usize::from(source.contains('.'));
        }
        shape.context = context.into();
        for (name, symbol) in self.near.clone() {
            if self.find(name) == Some(symbol)
                && let Some(roots) = self.roots_of(symbol)
            {
                shape.detail_mut().visible.push((name.into(), roots.into()));
            }
        }
        shape
    }

    /// The object of options: its names are what other languages give by keyword.
    fn options(&self, first: &Expression<'a>, shape: &mut Call) {
        let inner = match first {
            Expression::ParenthesizedExpression(inner) => &inner.expression,
            other => other,
        };
        let object = match inner {
            Expression::ObjectExpression(object) => object,
            Expression::TSAsExpression(typed) if matches!(typed.expression, Expression::ObjectExpression(_)) => {
                let Expression::ObjectExpression(object) = &typed.expression else { return };
                object
            }
            Expression::TSSatisfiesExpression(typed) if matches!(typed.expression, Expression::ObjectExpression(_)) => {
                let Expression::ObjectExpression(object) = &typed.expression else { return };
                object
            }
            _ => {
                let span = Self::span(first.span());
                shape.double_starred = true;
                shape.append =
                    vec![(Span::at(span.start), "{ ...".to_owned()), (Span::at(span.end), ", {} }".to_owned())];
                self.spread_literals(inner, shape, MAX_SPREADS);
                return;
            }
        };
        shape.keywords = self.keywords(object, shape, MAX_SPREADS).into();
        shape.append = self.append_last(object);
    }

    /// The names of the properties, also of those that a literal brings.
    fn keywords(&self, object: &ObjectExpression<'a>, shape: &mut Call, left: u32) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        for property in &object.properties {
            match property {
                ObjectPropertyKind::SpreadProperty(spread) => {
                    // What a literal brings is seen.
                    match chain::plain(&spread.argument) {
                        Expression::ObjectExpression(inner) => names.extend(self.keywords(inner, shape, left)),
                        other => {
                            shape.double_starred = true;
                            self.spread_literals(other, shape, left);
                        }
                    }
                }
                ObjectPropertyKind::ObjectProperty(property) => {
                    let Some(name) = property.key.static_name() else {
                        shape.double_starred = true;
                        continue;
                    };
                    if self.watch.endpoints.iter().any(|endpoint| **endpoint == *name) {
                        let literals = self.literals(&property.value);
                        shape.detail_mut().literals.extend(literals.into_iter().map(|text| (Box::from(&*name), text)));
                    }
                    names.push((&*name).into());
                }
            }
        }
        names
    }

    /// `...(condition && { baseURL: "…" })`, and names of such objects.
    fn spread_literals(&self, value: &Expression<'a>, shape: &mut Call, left: u32) {
        if let Expression::Identifier(identifier) = chain::plain(value) {
            self.told_of(identifier.name.as_str(), shape);
        }
        let mut hold = |object: &ObjectExpression<'a>, left: u32| {
            let mut inner = Call::default();
            self.keywords(object, &mut inner, left);
            shape.detail_mut().literals.append(&mut inner.detail_mut().literals);
        };
        match chain::plain(value) {
            Expression::ObjectExpression(object) => hold(object, left),
            Expression::Identifier(identifier) => {
                let object = self.symbol(identifier).and_then(|symbol| self.survey.objects.get(&symbol));
                if let (Some(object), Some(left)) = (object, left.checked_sub(1)) {
                    hold(object, left);
                }
            }
            Expression::LogicalExpression(logical) => {
                self.spread_literals(&logical.left, shape, left);
                self.spread_literals(&logical.right, shape, left);
            }
            Expression::ConditionalExpression(conditional) => {
                self.spread_literals(&conditional.consequent, shape, left);
                self.spread_literals(&conditional.alternate, shape, left);
            }
            _ => {}
        }
    }

    pub(super) fn has_comment(&self, span: Span) -> bool {
        let first = self.comments.partition_point(|comment| comment.0 < span.start);
        self.comments.get(first).is_some_and(|comment| comment.0 < span.end)
    }

    /// Where an object of options goes in `()`.
    fn append_first(&self, end: u32, close: u32) -> Vec<(Span, String)> {
        let rest = self.text.get(end as usize..close as usize).unwrap_or_default();
        let Some(open) = rest.find('(').and_then(|open| u32::try_from(open).ok()) else { return Vec::new() };
        let inside = end + open + 1;
        vec![(Span::at(inside), "{ {} }".to_owned())]
    }

    /// Where, and with what around it, a further property goes.
    fn append_last(&self, object: &ObjectExpression<'a>) -> Vec<(Span, String)> {
        let (start, close) = (object.span.start, object.span.end.saturating_sub(1));
        let Some(last) = object.properties.last().map(|last| Self::span(last.span())) else {
            let inside = self.source.slice(Span::new(start + 1, close));
            if inside.trim().is_empty() {
                return vec![(Span::new(start + 1, close), " {} ".to_owned())];
            }
            return vec![(Span::at(start + 1), " {},".to_owned())];
        };
        let mut comma = None;
        let mut at = last.end;
        let mut comment = None;
        // Comments between the last property and the brace are skipped.
        while at < close {
            let rest = self.text.get(at as usize..close as usize).unwrap_or_default();
            if let Some(&(from, to)) = self.comments.get(self.comments.partition_point(|comment| comment.0 < at))
                && from == at
            {
                let same_line = self.source.line(from) == self.source.line(comma.unwrap_or(last.end));
                if same_line && comment.is_none() {
                    comment = Some(to);
                }
                at = to;
                continue;
            }
            let Some(next) = rest.chars().next() else { break };
            at += u32::try_from(next.len_utf8()).unwrap_or(1);
            if next == ',' && comma.is_none() {
                comma = Some(at);
            }
        }
        let line = self.source.line_span(self.source.line(last.start));
        let indent = self.source.slice(Span::new(line.start, last.start));
        let own_line =
            indent.chars().all(char::is_whitespace) && self.source.line(start) != self.source.line(last.start);
        let newline = self.source.newline();
        match (comma, own_line, comment) {
            (Some(comma), true, comment) => {
                vec![(Span::at(comment.unwrap_or(comma)), format!("{newline}{indent}{{}},"))]
            }
            (Some(comma), false, _) => vec![(Span::at(comma), " {},".to_owned())],
            (None, true, Some(comment)) => {
                vec![(Span::at(last.end), ",".to_owned()), (Span::at(comment), format!("{newline}{indent}{{}}"))]
            }
            (None, true, None) => vec![(Span::at(last.end), format!(",{newline}{indent}{{}}"))],
            (None, false, _) => vec![(Span::at(last.end), ", {}".to_owned())],
        }
    }

    /// `name(…)`
    pub(super) fn call(&mut self, call: &CallExpression<'a>) {
        call.type_arguments.iter().for_each(|types| self.visit_ts_type_parameter_instantiation(types));
        if self.exports_by_call(call) || self.patches(call) || self.looks_up(call) {
            return;
        }
        if let (Some(promise), Some(parameter)) = (promises::then_promise(call), promises::then_parameter(call))
            && let Some(module) = self.survey.promises.module(promise, self.scoping)
        {
            self.in_callback(call, |flow| {
                let obstacle = (!promises::is_direct(call)).then_some(IN_PASSING);
                flow.then_import(module, Self::span(call.callee.span()), parameter, obstacle);
            });
        }
        if let (Some(values), Some(BindingPattern::ArrayPattern(names))) =
            (promises::then_together(call), promises::then_parameter(call))
        {
            self.in_callback(call, |flow| flow.import_together(names, values));
        }
        let span = Self::span(call.span);
        if let Some(object) = chain::adjusted(&call.callee) {
            // `Name.bind(…)` hands the class itself on.
            self.value(object);
            self.visit_arguments(&call.arguments);
            return;
        }
        match self.parts(&call.callee) {
            Some((Root::Name(_) | Root::Request(..), attributes)) => {
                if attributes.last().is_some_and(|last| last == "then") {
                    self.visit_arguments(&call.arguments);
                    return;
                }
                if let Some(id) = self.reference(&call.callee, Role::Test) {
                    let end =
                        call.type_arguments.as_ref().map_or(0, |types| types.span.end).max(call.callee.span().end);
                    let mut shape = self.shape(span, &call.arguments, end);
                    shape.bare = true;
                    if self.has_comment(Self::span(call.callee.span())) {
                        shape.obstacle.get_or_insert("a comment stands inside the name");
                    }
                    if let Some(reference) = self.outline.references.get_mut(id as usize) {
                        reference.role = Role::Called(Box::new(shape));
                    }
                }
            }
            Some((Root::This, attributes)) => self.read_this(&attributes, &Role::Called(Box::default())),
            None => self.value(&call.callee),
        }
        if self.is_looker(&call.callee) {
            for argument in &call.arguments {
                match argument.as_expression() {
                    Some(expression) => self.test(expression),
                    None => self.visit_argument(argument),
                }
            }
        } else {
            self.visit_arguments(&call.arguments);
        }
    }

    /// Does something in the scope of the function that is handed to `then`.
    fn in_callback(&mut self, call: &CallExpression<'a>, work: impl FnOnce(&mut Self)) {
        let scope = match call.arguments.first().and_then(|first| first.as_expression()).map(chain::plain) {
            Some(Expression::ArrowFunctionExpression(arrow)) => arrow.scope_id.get(),
            Some(Expression::FunctionExpression(function)) => function.scope_id.get(),
            _ => None,
        };
        let Some(scope) = scope else { return };
        self.scopes.push(scope);
        work(self);
        self.scopes.pop();
    }

    /// `Reflect.get(module, "Name")`: a name that a string looks up. Gives whether it was that.
    fn looks_up(&mut self, call: &CallExpression<'a>) -> bool {
        let Some((Root::Name(root), attributes)) = self.parts(&call.callee) else { return false };
        let is_get = root.name == "Reflect"
            && self.symbol(root).is_none()
            && attributes.len() == 1
            && attributes.first().is_some_and(|attribute| attribute == "get");
        let [object, name] = call.arguments.as_slice() else { return false };
        let (true, Some(object), Some(name)) =
            (is_get, object.as_expression(), name.as_expression().and_then(chain::text))
        else {
            return false;
        };
        if let Some(object) = self.reference(object, Role::Test) {
            self.outline.dynamic.push(Dynamic {
                span: Self::span(call.span),
                target: DynamicTarget::Attribute(object, name.into()),
                definition: self.definition_name().into(),
                statement: self.statement,
            });
        }
        true
    }

    fn is_looker(&self, callee: &Expression<'a>) -> bool {
        if let Expression::StaticMemberExpression(member) = callee
            && LOOKING_METHODS.contains(&member.property.name.as_str())
        {
            return true;
        }
        let span = callee.span();
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        LOOKERS.contains(&text)
    }
}
