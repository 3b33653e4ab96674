//! `[context]`: what the factory is told, in each language's manner.

use std::collections::BTreeMap;

use crate::config::Context;
use crate::config::load::values;
use crate::config::table::Flaw;
use crate::config::table::Table;
use crate::source::LanguageId;

const ARGUMENT: &str = "workspace_id";

/// The context of a project that says nothing about it.
pub(crate) fn defaults() -> BTreeMap<LanguageId, Context> {
    for_all(&Context { argument: ARGUMENT.to_owned(), sources: usual_sources(ARGUMENT) })
}

/// Reads `[context]` and the tables of languages in it.
pub(crate) fn read(table: &Table<'_>) -> Result<BTreeMap<LanguageId, Context>, Flaw> {
    table.only(&["argument", "sources", "typescript", "rust"])?;
    let shared = Context { argument: ARGUMENT.to_owned(), sources: usual_sources(ARGUMENT) };
    let mut contexts = for_all(&fill(table, shared)?);
    for language in [LanguageId::Typescript, LanguageId::Rust] {
        let Some(table) = table.table(language.name())? else { continue };
        table.only(&["argument", "sources"])?;
        if let Some(context) = contexts.remove(&language) {
            contexts.insert(language, fill(&table, context)?);
        }
    }
    Ok(contexts)
}

/// Where an argument is told and no sources are, they are the argument's own name.
fn fill(table: &Table<'_>, mut context: Context) -> Result<Context, Flaw> {
    if let Some(argument) = values::name(table, "argument")? {
        let this = context.sources.iter().any(|source| source.starts_with("this."));
        context.sources = usual_sources(&argument);
        if this {
            context.sources = context.sources.iter().map(|source| camel(source)).collect();
        }
        context.argument = argument;
    }
    if let Some(sources) = values::sources(table, "sources")? {
        context.sources = sources;
    }
    Ok(context)
}

fn usual_sources(argument: &str) -> Vec<String> {
    vec![argument.to_owned(), format!("self.{argument}")]
}

fn for_all(context: &Context) -> BTreeMap<LanguageId, Context> {
    let camel = Context {
        argument: camel(&context.argument),
        sources: context.sources.iter().map(|source| camel(source)).collect(),
    };
    BTreeMap::from([
        (LanguageId::Python, context.clone()),
        (LanguageId::Typescript, camel),
        (LanguageId::Rust, context.clone()),
    ])
}

/// The same expression as it is usual in TypeScript.
fn camel(source: &str) -> String {
    let source = source.strip_prefix("self.").map_or(source.to_owned(), |rest| format!("this.{rest}"));
    let mut camel = String::with_capacity(source.len());
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        let inner = camel.chars().last().is_some_and(char::is_alphanumeric);
        match characters.peek() {
            Some(next) if character == '_' && inner && next.is_alphanumeric() => {
                camel.extend(next.to_uppercase());
                characters.next();
            }
            _ => camel.push(character),
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typescript_speaks_in_camel_case() {
        let typescript = defaults().remove(&LanguageId::Typescript).unwrap();
        assert_eq!(typescript.argument, "workspaceId");
        assert_eq!(typescript.sources, ["workspaceId", "this.workspaceId"]);
        assert_eq!(camel("self._tenant_id"), "this._tenantId");
    }
}
