//! One test binary: linked once.

mod apply;
mod baseline;
mod config;
mod diff;
mod docs;
mod fix;
mod formats;
mod git;
mod history;
mod hook;
mod init;
mod killed;
mod layering;
mod notebooks;
mod plan;
mod projects;
mod readme;
mod report;
mod repository;
mod rule;
mod rust;
mod scan;
mod support;
mod suppressions;
mod typescript;
mod undo;
