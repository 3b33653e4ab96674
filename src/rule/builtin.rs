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
    "direct-client": [],
    "client-subclass": [],
    "client-reference": [],
    "dynamic-client": [],
    "module-client": [],
    "legacy-api": [],
    "stale-patch": [],
    "unused-suppression": [],
}
