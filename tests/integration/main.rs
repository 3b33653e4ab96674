//! One test binary: linked once.

mod apply;
mod diff;
mod git;
mod killed;
mod layering;
mod report;
mod repository;
mod undo;
