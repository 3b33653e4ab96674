//! The values of `qmigrate.toml` that have a form: globs, folders, hosts, modules, names.

use std::fs;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use globset::Glob;

use crate::config::nearest::advice;
use crate::config::table::Flaw;
use crate::config::table::Table;
use crate::finding::Severity;
use crate::source::LanguageId;

const SEVERITIES: [Severity; 4] = [Severity::Error, Severity::Warning, Severity::Info, Severity::Off];

/// Globs, each of which must be one.
pub(crate) fn globs(table: &Table<'_>, key: &str) -> Result<Option<Vec<String>>, Flaw> {
    let Some(texts) = table.strings(key)? else { return Ok(None) };
    let mut globs = Vec::with_capacity(texts.len());
    for text in texts {
        if let Err(error) = Glob::new(text.text) {
            let message = format!("`{}` is no glob: {}", text.text, error.kind());
            return Err(table.flaw(text.line, message));
        }
        globs.push(text.text.trim_start_matches("./").to_owned());
    }
    Ok(Some(globs))
}

/// Tells whether there is such a folder.
pub(crate) type IsFolder<'a> = dyn Fn(&Path) -> bool + 'a;

/// Folders that exist, as absolute paths.
pub(crate) fn folders(
    table: &Table<'_>,
    key: &str,
    root: &Path,
    is_folder: &IsFolder<'_>,
) -> Result<Option<Vec<PathBuf>>, Flaw> {
    let Some(texts) = table.strings(key)? else { return Ok(None) };
    let mut folders = Vec::with_capacity(texts.len());
    for text in texts {
        let folder = tidy(root.join(text.text));
        if !is_folder(&folder) {
            let message = format!("no such folder: `{}`", text.text);
            let hint = format!("paths in `{key}` are relative to the file that they stand in");
            return Err(table.flaw(text.line, message).hint(hint));
        }
        folders.push(folder);
    }
    Ok(Some(folders))
}

/// The same of the work tree.
pub(crate) fn is_folder(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|metadata| metadata.is_dir())
}

/// The factory of one language.
pub(crate) fn factory(table: &Table<'_>, language: LanguageId) -> Result<Option<String>, Flaw> {
    let Some(text) = table.string(language.name())? else { return Ok(None) };
    let module = text.text;
    let refuse = |what: &str, better: String| {
        let flaw = table.flaw(text.line, format!("`{module}` is no {what}"));
        Err(flaw.hint(format!("write `{better}`")))
    };
    match language {
        LanguageId::Python if is_python_path(module) => {
            let better = module.trim_start_matches("./").trim_end_matches(".py");
            refuse("Python module", better.trim_matches('/').replace('/', "."))
        }
        LanguageId::Typescript if module.trim().is_empty() || has_script_extension(module) => {
            let better = module.rsplit_once('.').map_or("lib/ai/openai-client", |(stem, _)| stem);
            refuse("TypeScript module without extension", better.to_owned())
        }
        LanguageId::Rust if !module.split("::").all(is_name) => {
            refuse("Rust module", "crate::openai_client".to_owned())
        }
        _ => Ok(Some(module.trim_start_matches("./").to_owned())),
    }
}

/// The severity of a rule.
pub(crate) fn severity(table: &Table<'_>) -> Result<Option<Severity>, Flaw> {
    let Some(text) = table.string("severity")? else { return Ok(None) };
    let known = SEVERITIES.into_iter().find(|severity| severity.name() == text.text);
    if known.is_some() {
        return Ok(known);
    }
    let names = SEVERITIES.map(Severity::name);
    let flaw = table.flaw(text.line, format!("unknown severity `{}`", text.text));
    Err(flaw.hint(advice(text.text, "known severities", names)))
}

/// Names of hosts, in lower case; the first part may be `*`.
pub(crate) fn hosts(table: &Table<'_>, key: &str) -> Result<Vec<String>, Flaw> {
    let mut hosts = Vec::new();
    for text in table.strings(key)?.unwrap_or_default() {
        let name = text.text.strip_prefix("*.").unwrap_or(text.text);
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || !name.chars().all(plain) {
            let flaw = table.flaw(text.line, format!("`{}` is no host", text.text));
            let hint = "write only the name, such as `llm-gateway.example.com` or `*.example.com`";
            return Err(flaw.hint(hint));
        }
        hosts.push(text.text.to_lowercase());
    }
    Ok(hosts)
}

/// A name as code has it.
pub(crate) fn name(table: &Table<'_>, key: &str) -> Result<Option<String>, Flaw> {
    let Some(text) = table.string(key)? else { return Ok(None) };
    if !is_name(text.text) {
        return Err(table.flaw(text.line, format!("`{}` is no name of an argument", text.text)));
    }
    Ok(Some(text.text.to_owned()))
}

/// Names, each with at most one attribute.
pub(crate) fn sources(table: &Table<'_>, key: &str) -> Result<Option<Vec<String>>, Flaw> {
    let Some(texts) = table.strings(key)? else { return Ok(None) };
    for text in &texts {
        if !text.text.split('.').all(is_name) || text.text.split('.').count() > 2 {
            let flaw = table.flaw(text.line, format!("`{}` is no source", text.text));
            return Err(flaw.hint("write a name such as `workspace_id`, or one attribute of a name"));
        }
    }
    Ok(Some(texts.iter().map(|text| text.text.to_owned()).collect()))
}

/// Whether a text is one name, as Python, TypeScript and Rust have them.
pub(crate) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && characters.all(|c| c.is_alphanumeric() || c == '_')
}

fn is_python_path(module: &str) -> bool {
    let is_file = module.rsplit_once('.').is_some_and(|(_, extension)| extension == "py");
    is_file || !module.split('.').all(is_name)
}

fn has_script_extension(module: &str) -> bool {
    let extension = Path::new(module).extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"].contains(&extension))
}

/// The path without `.`, and without `..` where the disk can say what it means.
fn tidy(folder: PathBuf) -> PathBuf {
    if folder.components().any(|component| component == Component::ParentDir) {
        return fs::canonicalize(&folder).unwrap_or(folder);
    }
    folder.components().collect()
}
