//! Conditions: what has happened where they hold, where they do not, and where they were never asked.

use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_python_ast::Expr;
use ruff_text_size::Ranged;
use ruff_text_size::TextRange;

use super::Flow;
use super::Slots;
use super::State;

impl<'a> Flow<'a> {
    pub(super) fn state(&self) -> State {
        self.frames.get(self.owner()..).unwrap_or_default().iter().map(|frame| Rc::clone(&frame.slots)).collect()
    }

    pub(super) fn set_state(&mut self, state: State) {
        let owner = self.owner();
        for (frame, slots) in self.frames.iter_mut().skip(owner).zip(state) {
            frame.slots = slots;
        }
    }

    pub(super) fn join_states(&mut self, a: &State, b: &State) -> State {
        a.iter().zip(b).map(|(a, b)| self.sets.join(a, b)).collect()
    }

    /// Evaluates what may be left at any of several points, as `a and b and c` may be after each operand.
    pub(in crate::language::python) fn left_early<T>(
        &mut self,
        range: TextRange,
        parts: impl IntoIterator<Item = T>,
        mut visit: impl FnMut(&mut Self, T),
    ) {
        let binds = self.binds_in(range);
        let mut left: Option<State> = None;
        for part in parts {
            visit(self, part);
            if binds {
                let here = self.state();
                left = Some(left.map_or_else(|| here.clone(), |left| self.join_states(&left, &here)));
            }
        }
        if let Some(left) = left {
            self.set_state(left);
        }
    }

    /// Evaluates what may not be evaluated at all.
    pub(in crate::language::python) fn perhaps(&mut self, range: TextRange, visit: impl FnOnce(&mut Self)) {
        let before = self.binds_in(range).then(|| self.state());
        visit(self);
        if let Some(before) = before {
            let after = self.state();
            let joined = self.join_states(&before, &after);
            self.set_state(joined);
        }
    }

    /// Evaluates one of two things after a condition.
    pub(in crate::language::python) fn either(
        &mut self,
        condition: &'a Expr,
        range: TextRange,
        body: &'a Expr,
        orelse: &'a Expr,
        mut visit: impl FnMut(&mut Self, &'a Expr),
    ) {
        if !self.binds_in(range) {
            self.test(condition);
            visit(self, body);
            visit(self, orelse);
            return;
        }
        let (held, failed) = self.condition(condition);
        self.set_state(held);
        visit(self, body);
        let after_body = self.state();
        self.set_state(failed);
        visit(self, orelse);
        let after_orelse = self.state();
        let joined = self.join_states(&after_body, &after_orelse);
        self.set_state(joined);
    }

    /// Evaluates a condition; gives the states in which it holds and fails.
    pub(super) fn condition(&mut self, condition: &'a Expr) -> (State, State) {
        match condition {
            Expr::BoolOp(operation) if self.binds_in(operation.range) => {
                let is_and = operation.op == ast::BoolOp::And;
                let mut left: Option<State> = None;
                let mut goes_on = self.state();
                for value in &operation.values {
                    self.set_state(goes_on);
                    let (held, failed) = self.condition(value);
                    let (on, out) = if is_and { (held, failed) } else { (failed, held) };
                    left = Some(left.map_or_else(|| out.clone(), |left| self.join_states(&left, &out)));
                    goes_on = on;
                }
                let left = left.unwrap_or_default();
                if is_and { (goes_on, left) } else { (left, goes_on) }
            }
            Expr::UnaryOp(not) if not.op == ast::UnaryOp::Not => {
                let (held, failed) = self.condition(&not.operand);
                (failed, held)
            }
            other => {
                self.test(other);
                (self.state(), self.state())
            }
        }
    }

    /// Evaluates a condition, and goes on where it holds; gives the state in which it fails.
    pub(in crate::language::python) fn go_on_if(&mut self, condition: &'a Expr) -> State {
        if !self.binds_in(condition.range()) {
            self.test(condition);
            return self.state();
        }
        let (held, failed) = self.condition(condition);
        self.set_state(held);
        failed
    }

    /// As [`Self::go_on_if`], for a statement.
    pub(super) fn branch_if(&mut self, condition: &'a Expr) -> Option<Slots> {
        let live = self.live;
        self.go_on_if(condition).pop().filter(|_| live)
    }

    /// Evaluates what runs later, if at all, and sees what the running scopes bind by then.
    pub(in crate::language::python) fn lazily(&mut self, range: TextRange, visit: impl FnOnce(&mut Self)) {
        let at = self.since(range.start().to_u32());
        let running: Vec<bool> = self.frames.iter().map(|frame| frame.since.is_none()).collect();
        self.frames.iter_mut().for_each(|frame| _ = frame.since.get_or_insert(at));
        visit(self);
        for (frame, was_running) in self.frames.iter_mut().zip(running) {
            if was_running {
                frame.since = None;
            }
        }
        self.seed(range);
    }
}
