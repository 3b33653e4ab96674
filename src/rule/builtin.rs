//! The rules that come with the program, as their files were when it was built.

/// One built-in rule.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// Its id.
    pub id: &'static str,
    /// Its file's text.
    pub text: &'static str,
}

macro_rules! builtin {
    ($($id:literal),* $(,)?) => {
        /// Every built-in rule, in the order of reports.
        pub const RULES: &[Builtin] = &[$(Builtin {
            id: $id,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/", $id, ".toml")),
        }),*];
    };
}

builtin![
    "direct-client",
    "client-subclass",
    "client-reference",
    "dynamic-client",
    "module-client",
    "legacy-api",
    "stale-patch",
    "unused-suppression",
];
