//! The rules that come with the program, as their files were when it was built.

/// One built-in rule.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// Its id.
    pub id: &'static str,
    /// Its file's text.
    pub text: &'static str,
    /// Its fixtures.
    pub fixtures: &'static [Fixture],
}

/// One file of a rule's fixtures.
#[derive(Clone, Copy, Debug)]
pub struct Fixture {
    /// The file's name, in the folder of its language: `python/before.py`.
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
                    env!("CARGO_MANIFEST_DIR"), "/fixtures/", $id, "/", $name
                )),
            }),*],
        }),*];
    };
}

builtin! {
    "direct-client": [
        "python/after.py",
        "python/alias.after.py",
        "python/alias.before.py",
        "python/asynchronous.after.py",
        "python/asynchronous.before.py",
        "python/attribute.after.py",
        "python/attribute.before.py",
        "python/azure.after.py",
        "python/azure.before.py",
        "python/bedrock.after.py",
        "python/bedrock.before.py",
        "python/before.py",
        "python/branches.found.py",
        "python/cells.found.ipynb",
        "python/clean.py",
        "python/deleted.after.py",
        "python/deleted.before.py",
        "python/dynamic.found.py",
        "python/endpoint.found.py",
        "python/every-path.after.py",
        "python/every-path.before.py",
        "python/global.after.py",
        "python/global.before.py",
        "python/handed-over.after.py",
        "python/handed-over.before.py",
        "python/initialiser.after.py",
        "python/initialiser.before.py",
        "python/local.after.py",
        "python/local.before.py",
        "python/magics.after.ipynb",
        "python/magics.before.ipynb",
        "python/module-alias.after.py",
        "python/module-alias.before.py",
        "python/module.after.py",
        "python/module.before.py",
        "python/multi-line.after.py",
        "python/multi-line.before.py",
        "python/notebook.after.ipynb",
        "python/notebook.before.ipynb",
        "python/patched.after.py",
        "python/patched.before.py",
        "python/patchers.after.py",
        "python/patchers.before.py",
        "python/reused.after.py",
        "python/reused.before.py",
        "python/suppressed.clean.py",
        "python/try-except.after.py",
        "python/try-except.before.py",
        "python/type-parameter.clean.py",
        "rust/after.rs",
        "rust/attribute.found.rs",
        "rust/before.rs",
        "rust/block.after.rs",
        "rust/block.before.rs",
        "rust/clean.rs",
        "rust/configured.after.rs",
        "rust/configured.before.rs",
        "rust/configured.found.rs",
        "rust/default.found.rs",
        "rust/endpoint.found.rs",
        "rust/groups.after.rs",
        "rust/groups.before.rs",
        "rust/handed-over.after.rs",
        "rust/handed-over.before.rs",
        "rust/macros.after.rs",
        "rust/macros.before.rs",
        "rust/macros.found.rs",
        "rust/paths.after.rs",
        "rust/paths.before.rs",
        "rust/suppressed.clean.rs",
        "typescript/after.ts",
        "typescript/await.after.mjs",
        "typescript/await.before.mjs",
        "typescript/before.ts",
        "typescript/branches.found.ts",
        "typescript/clean.ts",
        "typescript/named.after.ts",
        "typescript/named.before.ts",
        "typescript/namespace.after.tsx",
        "typescript/namespace.before.tsx",
        "typescript/options.after.ts",
        "typescript/options.before.ts",
        "typescript/passing.found.mjs",
        "typescript/require.after.js",
        "typescript/require.before.js",
        "typescript/script.after.vue",
        "typescript/script.before.vue",
        "typescript/suppressed.clean.tsx",
        "typescript/types.after.ts",
        "typescript/types.before.ts",
    ],
    "client-subclass": [
        "python/clean.py",
        "python/found.py",
        "typescript/clean.ts",
        "typescript/found.ts",
    ],
    "client-reference": [
        "python/attribute.found.py",
        "python/clean.py",
        "python/found.py",
        "typescript/clean.ts",
        "typescript/found.ts",
    ],
    "dynamic-client": [
        "python/clean.py",
        "python/found.py",
        "python/renamed.found.py",
        "typescript/clean.ts",
        "typescript/found.ts",
    ],
    "module-client": [
        "python/clean.py",
        "python/found.py",
    ],
    "legacy-api": [
        "python/clean.py",
        "python/found.py",
        "typescript/clean.ts",
        "typescript/found.ts",
    ],
    "stale-patch": [
        "python/clean.py",
        "python/found.py",
        "typescript/clean.ts",
        "typescript/found.ts",
    ],
    "unused-suppression": [
        "python/clean.py",
        "python/found.py",
        "typescript/clean.ts",
        "typescript/found.ts",
    ],
}
