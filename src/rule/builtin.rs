//! The rules that come with the program, as their files were when it was built.

/// One built-in rule.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// Its id.
    pub id: &'static str,
    /// Its file's text.
    pub text: &'static str,
    /// Its fixtures in Python.
    pub fixtures: &'static [Fixture],
}

/// One file of a rule's fixtures.
#[derive(Clone, Copy, Debug)]
pub struct Fixture {
    /// The file's name.
    pub name: &'static str,
    /// The file's text.
    pub text: &'static str,
}

macro_rules! builtin {
    ($($id:literal: [$($name:literal),* $(,)?],)*) => {
        /// Every built-in rule, in the order of reports.
        pub const RULES: &[Builtin] = &[$(Builtin {
            id: $id,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/", $id, ".toml")),
            fixtures: &[$(Fixture {
                name: $name,
                text: include_str!(concat!(
                    env!("CARGO_MANIFEST_DIR"), "/fixtures/", $id, "/python/", $name
                )),
            }),*],
        }),*];
    };
}

builtin! {
    "direct-client": [
        "after.py",
        "alias.after.py",
        "alias.before.py",
        "asynchronous.after.py",
        "asynchronous.before.py",
        "attribute.after.py",
        "attribute.before.py",
        "azure.after.py",
        "azure.before.py",
        "bedrock.after.py",
        "bedrock.before.py",
        "before.py",
        "branches.found.py",
        "clean.py",
        "deleted.after.py",
        "deleted.before.py",
        "dynamic.found.py",
        "endpoint.found.py",
        "every-path.after.py",
        "every-path.before.py",
        "global.after.py",
        "global.before.py",
        "handed-over.after.py",
        "handed-over.before.py",
        "initialiser.after.py",
        "initialiser.before.py",
        "local.after.py",
        "local.before.py",
        "module-alias.after.py",
        "module-alias.before.py",
        "module.after.py",
        "module.before.py",
        "multi-line.after.py",
        "multi-line.before.py",
        "patched.after.py",
        "patched.before.py",
        "patchers.after.py",
        "patchers.before.py",
        "reused.after.py",
        "reused.before.py",
        "suppressed.clean.py",
        "try-except.after.py",
        "try-except.before.py",
        "type-parameter.clean.py",
    ],
    "client-subclass": ["clean.py", "found.py"],
    "client-reference": ["attribute.found.py", "clean.py", "found.py"],
    "dynamic-client": ["clean.py", "found.py", "renamed.found.py"],
    "module-client": ["clean.py", "found.py"],
    "legacy-api": ["clean.py", "found.py"],
    "stale-patch": ["clean.py", "found.py"],
    "unused-suppression": ["clean.py", "found.py"],
}
