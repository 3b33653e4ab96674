//! Statements that branch, loop, or catch: how states part and meet.

use oxc_ast::ast::DoWhileStatement;
use oxc_ast::ast::Expression;
use oxc_ast::ast::ForInStatement;
use oxc_ast::ast::ForOfStatement;
use oxc_ast::ast::ForStatement;
use oxc_ast::ast::ForStatementLeft;
use oxc_ast::ast::IfStatement;
use oxc_ast::ast::Statement;
use oxc_ast::ast::SwitchStatement;
use oxc_ast::ast::TryStatement;
use oxc_ast::ast::WhileStatement;
use oxc_ast_visit::Visit;
use oxc_span::GetSpan;
use oxc_syntax::scope::ScopeFlags;

use crate::source::Span;

use super::Breakable;
use super::Flow;
use super::Slots;

impl<'a> Flow<'a, '_> {
    pub(in crate::language::typescript) fn run_statement(&mut self, statement: &Statement<'a>) {
        self.enter_statement(statement);
        match statement {
            Statement::IfStatement(statement) => self.if_statement(statement),
            Statement::ForStatement(statement) => self.for_statement(statement),
            Statement::ForInStatement(statement) => self.for_in_statement(statement),
            Statement::ForOfStatement(statement) => self.for_of_statement(statement),
            Statement::WhileStatement(statement) => self.while_statement(statement),
            Statement::DoWhileStatement(statement) => self.do_while_statement(statement),
            Statement::SwitchStatement(statement) => self.switch_statement(statement),
            Statement::TryStatement(statement) => self.try_statement(statement),
            Statement::BlockStatement(block) => {
                self.enter_scope(ScopeFlags::empty(), &block.scope_id);
                self.run_statements(&block.body);
                self.leave_scope();
            }
            Statement::LabeledStatement(labeled) => {
                self.labels.push(self.label_text(labeled.label.span));
                let is_loop = matches!(
                    labeled.body,
                    Statement::ForStatement(_)
                        | Statement::ForInStatement(_)
                        | Statement::ForOfStatement(_)
                        | Statement::WhileStatement(_)
                        | Statement::DoWhileStatement(_)
                        | Statement::SwitchStatement(_)
                        | Statement::LabeledStatement(_)
                );
                if is_loop {
                    self.run_statement(&labeled.body);
                } else {
                    self.breakable(false, |flow| flow.run_statement(&labeled.body));
                }
                self.labels.clear();
            }
            Statement::ReturnStatement(statement) => {
                if let Some(argument) = &statement.argument {
                    self.value(argument);
                    self.leave_init(true);
                } else {
                    self.leave_init(false);
                }
                self.live = false;
            }
            Statement::ThrowStatement(statement) => {
                self.value(&statement.argument);
                self.live = false;
            }
            Statement::BreakStatement(statement) => {
                let label = statement.label.as_ref().map(|label| self.label_text(label.span));
                let slots = self.end_state();
                let mut targets = self.breakables.iter_mut().rev();
                let target = match label {
                    Some(label) => targets.find(|target| target.labels.contains(&label)),
                    None => targets.find(|target| target.is_plain),
                };
                if let (Some(target), Some(slots)) = (target, slots) {
                    target.breaks.push(slots);
                }
                self.live = false;
            }
            Statement::ContinueStatement(_) => self.live = false,
            Statement::ExpressionStatement(statement) => self.effect(&statement.expression),
            other => self.visit_statement(other),
        }
    }

    fn label_text(&self, span: oxc_span::Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The statement's span: for a compound one, up to its body.
    fn enter_statement(&mut self, statement: &Statement<'a>) {
        let body = match statement {
            Statement::BlockStatement(block) => block.body.first().map(GetSpan::span),
            Statement::IfStatement(statement) => Some(statement.consequent.span()),
            Statement::ForStatement(statement) => Some(statement.body.span()),
            Statement::ForInStatement(statement) => Some(statement.body.span()),
            Statement::ForOfStatement(statement) => Some(statement.body.span()),
            Statement::WhileStatement(statement) => Some(statement.body.span()),
            Statement::TryStatement(statement) => Some(statement.block.span),
            Statement::SwitchStatement(statement) => statement.cases.first().map(|case| case.span),
            _ => None,
        };
        let span = Self::span(statement.span());
        self.statement = Span::new(span.start, body.map_or(span.end, |body| body.start));
    }

    fn branch(&mut self, statement: &Statement<'a>) {
        self.depth += 1;
        self.run_statement(statement);
        self.depth -= 1;
    }

    fn if_statement(&mut self, statement: &IfStatement<'a>) {
        let (held, failed) = self.condition(&statement.test);
        let live = self.live;
        self.set_slots(held);
        self.branch(&statement.consequent);
        let end = self.end_state();
        self.live = live;
        self.set_slots(failed);
        if let Some(alternate) = &statement.alternate {
            self.branch(alternate);
        }
        let other = self.end_state();
        self.meet([end, other]);
    }

    /// Evaluates a condition; gives the states in which it holds and fails.
    fn condition(&mut self, condition: &Expression<'a>) -> (Slots, Slots) {
        self.test(condition);
        (self.slots(), self.slots())
    }

    fn breakable(&mut self, is_plain: bool, body: impl FnOnce(&mut Self)) {
        let labels = std::mem::take(&mut self.labels);
        self.breakables.push(Breakable { labels, is_plain, breaks: Vec::new() });
        body(self);
        let breaks = self.breakables.pop().map(|left| left.breaks).unwrap_or_default();
        let end = self.end_state();
        self.meet(std::iter::once(end).chain(breaks.into_iter().map(Some)));
    }

    fn in_loop(&mut self, span: oxc_span::Span, body: impl FnOnce(&mut Self)) {
        self.loops.push(span.start);
        self.seed(span.start, span.end);
        self.breakable(true, |flow| {
            flow.depth += 1;
            body(flow);
            flow.depth -= 1;
        });
        self.loops.pop();
    }

    fn for_statement(&mut self, statement: &ForStatement<'a>) {
        self.enter_scope(ScopeFlags::empty(), &statement.scope_id);
        if let Some(init) = &statement.init {
            self.visit_for_statement_init(init);
        }
        let is_endless = statement.test.as_ref().is_none_or(is_true);
        self.in_loop(statement.span, |flow| {
            statement.test.iter().for_each(|test| flow.test(test));
            let head = flow.slots();
            flow.run_statement(&statement.body);
            statement.update.iter().for_each(|update| flow.effect(update));
            flow.leave_loop((!is_endless).then_some(head));
        });
        self.leave_scope();
    }

    /// A loop ends where its test fails; what its body did is in every state before the test.
    fn leave_loop(&mut self, head: Option<Slots>) {
        self.meet([head]);
    }

    fn for_in_statement(&mut self, statement: &ForInStatement<'a>) {
        self.value(&statement.right);
        self.enter_scope(ScopeFlags::empty(), &statement.scope_id);
        self.in_loop(statement.span, |flow| flow.for_each(&statement.left, &statement.body));
        self.leave_scope();
    }

    fn for_of_statement(&mut self, statement: &ForOfStatement<'a>) {
        self.value(&statement.right);
        self.enter_scope(ScopeFlags::empty(), &statement.scope_id);
        self.in_loop(statement.span, |flow| flow.for_each(&statement.left, &statement.body));
        self.leave_scope();
    }

    fn for_each(&mut self, left: &ForStatementLeft<'a>, body: &Statement<'a>) {
        let head = self.slots();
        match left {
            ForStatementLeft::VariableDeclaration(declaration) => {
                for declarator in &declaration.declarations {
                    self.visit_binding_pattern(&declarator.id);
                }
            }
            other => self.visit_for_statement_left(other),
        }
        self.run_statement(body);
        self.leave_loop(Some(head));
    }

    fn while_statement(&mut self, statement: &WhileStatement<'a>) {
        let is_endless = is_true(&statement.test);
        self.in_loop(statement.span, |flow| {
            flow.test(&statement.test);
            let head = flow.slots();
            flow.run_statement(&statement.body);
            flow.leave_loop((!is_endless).then_some(head));
        });
    }

    fn do_while_statement(&mut self, statement: &DoWhileStatement<'a>) {
        let is_endless = is_true(&statement.test);
        let depth = self.depth;
        self.in_loop(statement.span, |flow| {
            flow.run_statement(&statement.body);
            // `continue` leads to the test with any of the body's states.
            flow.live = true;
            flow.test(&statement.test);
            if is_endless {
                flow.live = false;
            }
        });
        self.depth = depth;
    }

    fn switch_statement(&mut self, statement: &SwitchStatement<'a>) {
        self.value(&statement.discriminant);
        self.enter_scope(ScopeFlags::empty(), &statement.scope_id);
        self.breakable(true, |flow| {
            flow.depth += 1;
            let mut fallen: Option<Slots> = None;
            let mut has_default = false;
            for case in &statement.cases {
                has_default |= case.test.is_none();
                flow.live = true;
                case.test.iter().for_each(|test| flow.test(test));
                let unmatched = flow.slots();
                flow.meet([Some(unmatched.clone()), fallen.take()]);
                flow.run_statements(&case.consequent);
                fallen = flow.end_state();
                flow.live = true;
                flow.set_slots(unmatched);
            }
            let unmatched = (!has_default).then(|| flow.slots());
            flow.meet([fallen, unmatched]);
            flow.depth -= 1;
        });
        self.leave_scope();
    }

    fn try_statement(&mut self, statement: &TryStatement<'a>) {
        let entered = self.live;
        let mut ends = Vec::new();
        let anywhere = self.guarded(|flow| {
            let thrown = flow.guarded(|flow| flow.block_statement(&statement.block));
            ends.push(flow.end_state());
            if let Some(handler) = &statement.handler {
                flow.meet([entered.then_some(thrown)]);
                flow.enter_scope(ScopeFlags::empty(), &handler.scope_id);
                if let Some(parameter) = &handler.param {
                    flow.visit_binding_pattern(&parameter.pattern);
                }
                flow.block_statement(&handler.body);
                flow.leave_scope();
                ends.push(flow.end_state());
            }
        });
        self.meet(ends);
        let Some(finalizer) = &statement.finalizer else { return };
        let normal = self.end_state();
        self.meet([normal.clone(), entered.then_some(anywhere)]);
        self.block_statement(finalizer);
        // Whoever leaves through `finally` normally has the bindings from before it, and those that it made itself.
        let Some(mut slots) = normal else {
            self.live = false;
            return;
        };
        let after = self.slots();
        let (start, end) = (finalizer.span.start, finalizer.span.end);
        let first = self.events.partition_point(|event| event.0 < start);
        for &(_, slot, _, _) in self.events.iter().skip(first).take_while(|event| event.0 < end) {
            let set = after.get(slot as usize).copied();
            if let (Some(place), Some(set)) = (std::rc::Rc::make_mut(&mut slots).get_mut(slot as usize), set) {
                *place = set;
            }
        }
        if self.live {
            self.set_slots(slots);
        }
    }

    fn block_statement(&mut self, block: &oxc_ast::ast::BlockStatement<'a>) {
        self.depth += 1;
        self.enter_scope(ScopeFlags::empty(), &block.scope_id);
        self.run_statements(&block.body);
        self.leave_scope();
        self.depth -= 1;
    }
}

fn is_true(test: &Expression<'_>) -> bool {
    match test {
        Expression::BooleanLiteral(literal) => literal.value,
        Expression::NumericLiteral(literal) => literal.value != 0.0,
        _ => false,
    }
}
