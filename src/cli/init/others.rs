//! What a project says about itself in TypeScript and Rust.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use ignore::WalkBuilder;

use crate::cli::init::survey::ARGUMENTS;
use crate::cli::init::survey::count;
use crate::cli::init::survey::is_foreign;
use crate::cli::init::survey::read;
use crate::source::LanguageId;

/// What was found in one language.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Other {
    pub(crate) language: LanguageId,
    /// The factory, as `[factory]` names it.
    pub(crate) factory: Option<String>,
    /// What the factory is told, in Python's manner.
    pub(crate) argument: Option<&'static str>,
    /// The topmost folders with files that speak of the SDK.
    pub(crate) folders: BTreeSet<String>,
}

/// A file that matters.
struct Source {
    path: PathBuf,
    text: String,
}

/// Looks at the files of both languages; gives those that the SDK is used in.
pub(crate) fn look(root: &Path) -> Vec<Other> {
    let mut scripts = Vec::new();
    let mut crates = Vec::new();
    for entry in WalkBuilder::new(root).build().flatten() {
        let path = entry.into_path();
        let Ok(within) = path.strip_prefix(root) else { continue };
        if within.iter().any(|name| name == "node_modules" || name == "target" || is_foreign(name)) {
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let (found, words): (&mut Vec<Source>, [&str; 2]) = match extension {
            "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" | "vue" | "svelte" | "astro" => {
                (&mut scripts, ["'openai", "\"openai"])
            }
            "rs" => (&mut crates, ["async_openai", "async_openai"]),
            _ => continue,
        };
        let Some(text) = read(&path) else { continue };
        if words.iter().any(|word| text.contains(word)) || stem(&path) == "openai-client" {
            found.push(Source { path, text });
        }
    }
    let typescript = (LanguageId::Typescript, &scripts, script_factory(&scripts, root));
    let rust = (LanguageId::Rust, &crates, rust_factory(&crates));
    let used = [typescript, rust].into_iter().filter(|(_, sources, _)| !sources.is_empty());
    let other = used.map(|(language, sources, factory)| Other {
        language,
        argument: argument(factory.as_ref().map(|(source, _)| *source), sources, language),
        factory: factory.map(|(_, name)| name),
        folders: sources.iter().filter_map(|source| top(&source.path, root)).collect(),
    });
    other.collect()
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

fn top(path: &Path, root: &Path) -> Option<String> {
    let mut parts = path.strip_prefix(root).ok()?.components();
    let top = parts.next()?.as_os_str().to_str()?;
    parts.next().map(|_| top.to_owned())
}

/// The script that exports the factory's function, and its path without its ending.
fn script_factory<'s>(sources: &'s [Source], root: &Path) -> Option<(&'s Source, String)> {
    let forms =
        ["export function getOpenAIClient", "export async function getOpenAIClient", "export const getOpenAIClient"];
    let own = sources.iter().filter(|source| forms.iter().any(|form| source.text.contains(form)));
    let source = own.min_by_key(|source| (source.path.components().count(), source.path.clone()))?;
    let path = source.path.strip_prefix(root).ok()?.with_extension("");
    let path = path.to_str()?;
    Some((source, path.strip_suffix("/index").unwrap_or(path).to_owned()))
}

/// The file that has the factory's functions, and its module.
fn rust_factory(sources: &[Source]) -> Option<(&Source, String)> {
    let is_factory = |source: &&Source| {
        source.text.lines().any(|line| {
            let line = line.trim_start();
            let is_function = ["fn client(", "fn client<", "fn client_with_config(", "fn client_with_config<"]
                .iter()
                .any(|form| line.contains(form));
            is_function && line.starts_with("pub")
        })
    };
    let mut own: Vec<&Source> = sources.iter().filter(is_factory).collect();
    own.sort_by_key(|source| (stem(&source.path) != "openai_client", source.path.components().count()));
    own.into_iter().find_map(|source| Some((source, module(&source.path)?)))
}

/// The module that a file is in its package; `None` for the package's own.
fn module(file: &Path) -> Option<String> {
    let package = file.ancestors().skip(1).find(|folder| fs::exists(folder.join("Cargo.toml")).unwrap_or(false))?;
    let within = file.strip_prefix(package.join("src")).ok()?.with_extension("");
    let mut parts: Vec<&str> = within.components().filter_map(|part| part.as_os_str().to_str()).collect();
    if parts.last() == Some(&"mod") {
        parts.pop();
    }
    let is_root = parts.is_empty() || matches!(parts.as_slice(), ["lib" | "main"]);
    (!is_root).then(|| format!("crate::{}", parts.join("::")))
}

/// The name that the factory is told, else the most frequent one.
fn argument(factory: Option<&Source>, sources: &[Source], language: LanguageId) -> Option<&'static str> {
    let uses = |text: &str, name: &str| match language {
        LanguageId::Typescript => count(text, &camel(name)),
        _ => count(text, name),
    };
    if let Some(factory) = factory
        && let Some(name) = ARGUMENTS.into_iter().find(|name| uses(&factory.text, name) > 0)
    {
        return Some(name);
    }
    let counted = ARGUMENTS.into_iter().map(|name| (sources.iter().map(|s| uses(&s.text, name)).sum::<usize>(), name));
    // Of equals, the first.
    let most = counted.rev().max_by_key(|(uses, _)| *uses)?;
    (most.0 > 0).then_some(most.1)
}

fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut characters = part.chars();
        camel.extend(characters.next().into_iter().flat_map(char::to_uppercase));
        camel.extend(characters);
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> Vec<Other> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        look(&root)
    }

    #[test]
    fn a_factory_in_typescript_is_named_by_its_path() {
        let found = project(&[
            ("src/llm/index.ts", "import OpenAI from 'openai'\nexport function getOpenAIClient({ tenantId }) {}\n"),
            ("src/app.ts", "import OpenAI from 'openai'\nconst workspaceId = 1\n"),
            ("node_modules/x/a.js", "require('openai')"),
        ]);
        let folders = BTreeSet::from(["src".to_owned()]);
        let factory = Some("src/llm".to_owned());
        assert_eq!(found, [Other { language: LanguageId::Typescript, factory, argument: Some("tenant_id"), folders }]);
    }

    #[test]
    fn a_factory_in_rust_is_named_by_its_module() {
        let manifest = ("crates/core/Cargo.toml", "[package]\nname = 'core'\n");
        let text = "use async_openai::Client;\npub fn client(org_id: &str) -> Client<C> {}\n";
        let found = project(&[manifest, ("crates/core/src/llm/mod.rs", text)]);
        assert_eq!(found.first().and_then(|rust| rust.factory.as_deref()), Some("crate::llm"));
        assert_eq!(found.first().and_then(|rust| rust.argument), Some("org_id"));
        let found = project(&[manifest, ("crates/core/src/lib.rs", text)]);
        assert_eq!(found.first().map(|rust| rust.factory.as_deref()), Some(None));
    }
}
