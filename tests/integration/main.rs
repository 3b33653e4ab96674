//! One test binary: linked once.

mod apply;
mod diff;
mod git;
mod layering;
mod report;
mod repository;
mod undo;
