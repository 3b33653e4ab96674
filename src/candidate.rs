//! What a rule objects to, before anyone has judged or fixed it.

use std::sync::Arc;

use crate::layout::FileId;
use crate::outline::ReferenceId;
use crate::rule::Replacement;
use crate::source::Span;

/// A place that a rule objects to.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The rule, by its place in the list of rules.
    pub rule: usize,
    /// The file.
    pub file: FileId,
    /// The whole construction.
    pub span: Span,
    /// The statement around it.
    pub statement: Span,
    /// The definition around it.
    pub definition: Arc<str>,
    /// The full name behind it.
    pub symbol: String,
    /// What is wrong.
    pub message: String,
    /// What could be done.
    pub remedy: Remedy,
}

/// What could be done about a candidate.
#[derive(Clone, Debug)]
pub enum Remedy {
    /// This reference becomes a call of the factory's function.
    Replace(ReferenceId, Replacement),
    /// Nothing, for this reason.
    Report(String),
}
