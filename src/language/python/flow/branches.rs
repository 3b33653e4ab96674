//! Statements that branch, loop, or catch: how states part and meet.

use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_python_ast::Expr;
use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;
use ruff_text_size::TextRange;

use crate::language::python::scopes::is_not_type_checking;
use crate::language::python::scopes::is_type_checking;

use super::Flow;
use super::Loop;
use super::Slots;

impl<'a> Flow<'a> {
    pub(super) fn if_stmt(&mut self, if_stmt: &'a ast::StmtIf) {
        let outer = self.typing;
        let mut ends = None;
        let mut otherwise = self.branch_if(&if_stmt.test);
        self.typing = outer || is_type_checking(&if_stmt.test);
        self.branch(&if_stmt.body);
        self.end_at(&mut ends);
        let rest = outer || is_not_type_checking(&if_stmt.test);
        let mut exhaustive = false;
        for clause in &if_stmt.elif_else_clauses {
            self.live = otherwise.is_some();
            if let Some(slots) = &otherwise {
                self.set_slots(Rc::clone(slots));
            }
            self.typing = outer;
            if let Some(test) = &clause.test {
                self.statement = Self::span(clause.range);
                otherwise = self.branch_if(test);
            } else {
                exhaustive = true;
            }
            self.typing = rest || clause.test.as_ref().is_some_and(is_type_checking);
            self.branch(&clause.body);
            self.end_at(&mut ends);
        }
        self.typing = outer;
        if !exhaustive {
            ends = self.join_ends(ends, otherwise);
        }
        self.meet([ends]);
    }

    pub(super) fn for_stmt(&mut self, for_stmt: &'a ast::StmtFor) {
        self.value(&for_stmt.iter);
        let body = TextRange::new(for_stmt.target.range().start(), suite_end(&for_stmt.body));
        self.seed(body);
        let head = self.end_state();
        self.enter_loop(body);
        self.store(&for_stmt.target);
        self.branch(&for_stmt.body);
        self.leave_loop(head, &for_stmt.orelse);
    }

    pub(super) fn while_stmt(&mut self, while_stmt: &'a ast::StmtWhile) {
        let body = TextRange::new(while_stmt.test.range().start(), suite_end(&while_stmt.body));
        self.seed(body);
        let failed = self.branch_if(&while_stmt.test);
        let head = failed.filter(|_| !is_true(&while_stmt.test));
        self.enter_loop(body);
        self.branch(&while_stmt.body);
        self.leave_loop(head, &while_stmt.orelse);
    }

    pub(super) fn enter_loop(&mut self, body: TextRange) {
        let start = body.start().to_u32();
        self.loops.push(Loop { breaks: Vec::new(), handlers: self.handlers.len(), start });
    }

    pub(super) fn leave_loop(&mut self, head: Option<Slots>, orelse: &'a [Stmt]) {
        let breaks = self.loops.pop().map(|left| left.breaks).unwrap_or_default();
        self.meet([head]);
        self.branch(orelse);
        let end = self.end_state();
        self.meet(std::iter::once(end).chain(breaks.into_iter().map(Some)));
    }

    pub(super) fn with_stmt(&mut self, with: &'a ast::StmtWith) {
        self.with_items(&with.items, &with.body);
    }

    /// Each item's manager may swallow what the later ones, and the body, throw.
    pub(super) fn with_items(&mut self, items: &'a [ast::WithItem], body: &'a [Stmt]) {
        let Some((item, rest)) = items.split_first() else { return self.branch(body) };
        self.value(&item.context_expr);
        let target = item.optional_vars.as_deref();
        // Unpacking may throw, a plain name cannot.
        let (name, pattern) = if target.is_some_and(Expr::is_name_expr) { (target, None) } else { (None, target) };
        if let Some(name) = name {
            self.store(name);
        }
        let entered = self.live;
        let thrown = self.guarded(|flow| {
            if let Some(pattern) = pattern {
                flow.store(pattern);
            }
            flow.with_items(rest, body);
        });
        let end = self.end_state();
        self.meet([end, entered.then_some(thrown)]);
    }

    pub(super) fn match_stmt(&mut self, match_stmt: &'a ast::StmtMatch) {
        self.value(&match_stmt.subject);
        let mut ends = None;
        let mut exhaustive = false;
        for case in &match_stmt.cases {
            let mut unmatched = vec![self.end_state()];
            self.statement = Self::span(case.pattern.range());
            self.pattern(&case.pattern);
            if let Some(guard) = &case.guard {
                // A guard that fails comes after the pattern has bound its names.
                unmatched.push(self.branch_if(guard));
            }
            self.branch(&case.body);
            self.end_at(&mut ends);
            exhaustive = case.guard.is_none() && case.pattern.is_irrefutable();
            self.meet(unmatched);
        }
        if !exhaustive {
            self.end_at(&mut ends);
        }
        self.meet([ends]);
    }

    pub(super) fn try_stmt(&mut self, try_stmt: &'a ast::StmtTry) {
        let entered = self.live;
        let breaks_before = self.loops.last().map_or(0, |current| current.breaks.len());
        let mut ends = None;
        let anywhere = self.guarded(|flow| {
            let thrown = flow.guarded(|flow| flow.branch(&try_stmt.body));
            flow.branch(&try_stmt.orelse);
            flow.end_at(&mut ends);
            for handler in &try_stmt.handlers {
                let ast::ExceptHandler::ExceptHandler(handler) = handler;
                flow.meet([entered.then(|| Rc::clone(&thrown))]);
                flow.handler(handler);
                flow.end_at(&mut ends);
            }
        });
        self.meet([ends]);
        if try_stmt.finalbody.is_empty() {
            return;
        }
        let normal = self.end_state();
        self.meet([normal.clone(), entered.then_some(anywhere)]);
        self.depth += 1;
        self.run_block(&try_stmt.finalbody);
        self.depth -= 1;
        // Whoever leaves through `finally` has the bindings from before it, but for those that it made itself.
        if let Some(mut current) = self.loops.pop() {
            for slots in current.breaks.iter_mut().skip(breaks_before) {
                self.add_final(slots, &try_stmt.finalbody);
            }
            self.loops.push(current);
        }
        let Some(mut slots) = normal else {
            self.live = false;
            return;
        };
        self.add_final(&mut slots, &try_stmt.finalbody);
        self.set_slots(slots);
    }

    /// Takes over what a `finally` body, which has just run, has bound.
    pub(super) fn add_final(&self, slots: &mut Slots, body: &[Stmt]) {
        let Some(frame) = self.frames.last() else { return };
        let Some(table) = self.tables.scopes.get(frame.scope as usize) else { return };
        let Some(first) = body.first() else { return };
        let start = table.events.partition_point(|event| event.0 < first.range().start().to_u32());
        let end = suite_end(body).to_u32();
        for &(_, slot, _) in table.events.iter().skip(start).take_while(|event| event.0 <= end) {
            let after = frame.slots.get(slot as usize);
            if let (Some(place), Some(&set)) = (Rc::make_mut(slots).get_mut(slot as usize), after) {
                *place = set;
            }
        }
    }

    pub(super) fn handler(&mut self, handler: &'a ast::ExceptHandlerExceptHandler) {
        self.statement = Self::span(handler.range);
        if let Some(type_) = &handler.type_ {
            self.test(type_);
        }
        if let Some(name) = &handler.name {
            self.bind(name.range.start().to_u32());
            self.handlers.push(handler.range.start().to_u32());
        }
        self.branch(&handler.body);
        if handler.name.is_some() {
            self.handlers.pop();
            self.bind(handler.range.start().to_u32());
        }
    }
}

pub(super) fn suite_end(body: &[Stmt]) -> ruff_text_size::TextSize {
    body.last().map(|stmt| stmt.range().end()).unwrap_or_default()
}

pub(super) fn is_true(test: &Expr) -> bool {
    match test {
        Expr::BooleanLiteral(literal) => literal.value,
        Expr::NumberLiteral(number) => {
            matches!(&number.value, ast::Number::Int(int) if int.as_u8().is_some_and(|value| value != 0))
        }
        _ => false,
    }
}
