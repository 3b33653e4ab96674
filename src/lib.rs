//! Moves direct OpenAI client constructions behind one factory.
//!
//! The tour starts here: the groups below are the layers, and a module imports only from groups above its own
//! (`tests/integration/layering.rs` holds it to that). Text goes in, findings go through, diffs come out.

pub mod candidate;
pub mod carry;
pub mod config;
pub mod edit;
pub mod finding;
pub mod layout;
pub mod lock;
pub mod outline;
pub mod owners;
pub mod rule;
pub mod scaffold;
pub mod shelf;
pub mod source;
pub mod sums;
pub mod symbol;
pub mod tally;

pub mod git;

pub mod store;

pub mod language;

pub mod discover;

pub mod project;

pub mod resolve;

pub mod gather;

pub mod find;

pub mod plan;
pub mod schedule;
pub mod triage;

pub mod apply;

pub mod engine;

pub mod history;

pub mod report;

pub mod monitor;

pub mod cli;
