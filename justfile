# Every command that a developer types. `just` lists them.

_default:
    @just --list --unsorted

# what must hold before a commit
ready: fmt-check lint test docs-check

# run all tests
test *ARGS:
    cargo test {{ARGS}}

# migrate a thousand small programs and run them (Python 3.11; ruff, if it is there)
cases *ARGS:
    cargo build --release --quiet
    python3 tests/behaviour/run.py --bin target/release/qmigrate -j 2 {{ARGS}}

# compare findings in small Rust programs with the compiler's, before and after a fix
cases-rust *ARGS:
    cargo build --quiet
    python3 tests/behaviour/rust/check.py {{ARGS}}

# fix a tree of real packages and look at the result, and find the same places with a second resolver
corpus *ARGS:
    cargo build --release --quiet
    python3 tests/behaviour/corpus.py {{ARGS}}

# the same with a folder of real notebooks (Python 3.12 with ipython, nbformat and ruff)
notebooks FOLDER *ARGS:
    cargo build --release --quiet
    python3 tests/behaviour/notebooks.py {{FOLDER}} {{ARGS}}

# the factory in Python against every major version of the SDK, with Redis and PostgreSQL (Debian: redis-server, postgresql)
runtime-matrix *ARGS:
    python3 runtime/python/tools/matrix.py --folder target/tmp/runtime --full {{ARGS}}

# what the factory in Python costs a call (the environment is that of `cargo test`)
runtime-overhead *ARGS:
    python3 runtime/python/tools/matrix.py --folder target/tmp/runtime --sdk 3 --build
    target/tmp/runtime/openai-3/bin/python runtime/python/tools/overhead.py {{ARGS}}

# clippy over everything, warnings refused
lint:
    cargo clippy --all-targets -- -D warnings

# format everything
fmt:
    cargo fmt

fmt-check:
    cargo fmt --check

# write docs/rules.md anew from rules/*.toml
docs:
    QMIGRATE_WRITE_DOCS=1 cargo test --quiet --test integration docs::

# whether docs/rules.md is current, and the documentation of the code has no broken links
docs-check:
    cargo test --quiet --test integration docs::
    RUSTDOCFLAGS='-D warnings' cargo doc --no-deps --quiet

# scan the demo project
demo *ARGS:
    cargo run --release --quiet -- scan fixtures/projects/demo --exit-zero {{ARGS}}

# measure `history` over a long history, and compare some commits with scans of their checkouts
bench-history *ARGS:
    cargo build --release --quiet
    python3 benches/history.py --bin target/release/qmigrate {{ARGS}}

# measure `hook run` beside plain git, in a repository of 30,000 files
bench-hook *ARGS:
    cargo build --release --quiet
    python3 benches/hook.py --bin target/release/qmigrate {{ARGS}}

# measure the stages
bench *ARGS:
    cargo bench --bench stages -- {{ARGS}}

# measure the dashboard: frames, and what a save costs
bench-monitor *ARGS:
    cargo bench --bench monitor -- {{ARGS}}

# measure whole runs beside other tools, on a corpus of published packages
bench-tools *ARGS:
    cargo build --release
    python3 benches/tools.py {{ARGS}}

# check the built-in rules against their fixtures
rules:
    cargo run --quiet -- rule test

# read, and accept or refuse, snapshots that changed (needs `cargo install cargo-insta`)
snapshots:
    cargo insta review

# licences, advisories and spelling (needs `cargo install cargo-deny typos-cli`)
audit:
    cargo deny check
    typos

# what CI runs
ci:
    bash .ci/run

# put the program into cargo's bin folder
install:
    cargo install --path . --locked
