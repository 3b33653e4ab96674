//! The binary: hands over to the library and turns its answer into an exit code.

use std::process::ExitCode;

#[cfg(all(feature = "jemalloc", target_os = "linux", target_arch = "x86_64"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    qmigrate::cli::run()
}
