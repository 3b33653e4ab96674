//! What a project says about itself: where its factory is, what it is told, and where clients are used.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use ignore::WalkBuilder;
use memchr::memmem;

use crate::cli::init::layout;
use crate::cli::init::others;
use crate::cli::init::others::Other;
use crate::source::MAX_BYTES;

/// Names that a factory is told whose work it is.
pub(crate) const ARGUMENTS: [&str; 7] =
    ["workspace_id", "tenant_id", "org_id", "organization_id", "account_id", "team_id", "customer_id"];

/// Folders with the code of others.
const FOREIGN: [&str; 4] = ["vendor", "_vendor", "third_party", "third-party"];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// The factory's module in Python.
    pub(crate) factory: Option<String>,
    /// What the factory is told.
    pub(crate) argument: String,
    /// Where absolute imports start, if not at the project.
    pub(crate) roots: Vec<String>,
    /// The topmost folders with files that speak of the SDK.
    pub(crate) folders: BTreeSet<String>,
    /// Folders with the code of others.
    pub(crate) foreign: BTreeSet<String>,
    /// Whether Python is spoken, or nothing else.
    pub(crate) is_python: bool,
    /// What other languages say.
    pub(crate) others: Vec<Other>,
}

/// A Python file that matters.
struct Source {
    path: PathBuf,
    text: String,
}

/// Reads the project's Python files, and says what they have in common.
pub(crate) fn survey(root: &Path) -> Survey {
    let mut survey = Survey { roots: layout::roots(root), ..Survey::default() };
    let mut users: Vec<Source> = Vec::new();
    for entry in WalkBuilder::new(root).build().flatten() {
        let path = entry.into_path();
        let Ok(within) = path.strip_prefix(root) else { continue };
        if let Some(name) = within.file_name().and_then(|name| name.to_str())
            && FOREIGN.contains(&name)
            && path.is_dir()
            && let Some(within) = within.to_str()
        {
            survey.foreign.insert(within.to_owned());
        }
        if path.extension().is_none_or(|extension| extension != "py") {
            continue;
        }
        let Some(text) = read(&path) else { continue };
        if memmem::find(text.as_bytes(), b"openai").is_some() || is_factory_name(&path) {
            users.push(Source { path, text });
        }
    }
    for source in &users {
        let top = source.path.strip_prefix(root).ok().and_then(|within| {
            let mut parts = within.components();
            let top = parts.next()?.as_os_str().to_str()?;
            parts.next().map(|_| top.to_owned())
        });
        survey.folders.extend(top.filter(|top| !survey.foreign.contains(top)));
    }
    let factory = factory(&users);
    survey.factory = factory.and_then(|source| module(source, &users, root, &survey.roots));
    argument(factory, &users).clone_into(&mut survey.argument);
    survey.others = others::look(root);
    survey.is_python = !users.is_empty() || survey.others.is_empty();
    survey.folders.extend(survey.others.iter().flat_map(|other| other.folders.clone()));
    if users.is_empty()
        && let Some(argument) = survey.others.iter().find_map(|other| other.argument)
    {
        argument.clone_into(&mut survey.argument);
    }
    survey
}

/// The folder that the absolute names of all files start from that speak of the SDK, tests apart, if there is one.
pub(crate) fn start(root: &Path) -> Option<PathBuf> {
    let mut starts = BTreeSet::new();
    for entry in WalkBuilder::new(root).build().flatten() {
        let path = entry.into_path();
        let Ok(within) = path.strip_prefix(root) else { continue };
        let is_aside = |name: &str| FOREIGN.contains(&name) || name == "test" || name == "tests";
        let is_python = path.extension().is_some_and(|extension| extension == "py");
        if !is_python || within.iter().any(|name| name.to_str().is_none_or(is_aside)) {
            continue;
        }
        if read(&path).is_some_and(|text| memmem::find(text.as_bytes(), b"openai").is_some()) {
            starts.insert(layout::start(&path, root, &[]));
        }
    }
    let mut starts = starts.into_iter();
    starts.next().filter(|_| starts.next().is_none())
}

/// Whether a folder of this name holds the code of others.
pub(crate) fn is_foreign(name: &std::ffi::OsStr) -> bool {
    FOREIGN.iter().any(|foreign| name == *foreign)
}

pub(crate) fn read(path: &Path) -> Option<String> {
    let is_small = fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_BYTES);
    let bytes = if is_small { fs::read(path).ok()? } else { return None };
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_factory_name(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "openai_client_factory.py")
}

/// The file that defines the factory's function, or has the factory's usual name.
fn factory(sources: &[Source]) -> Option<&Source> {
    let rank = |source: &&Source| {
        let is_defined = definition(&source.text).is_some();
        (is_defined, is_factory_name(&source.path), std::cmp::Reverse(source.path.components().count()))
    };
    let candidates =
        sources.iter().filter(|source| definition(&source.text).is_some() || is_factory_name(&source.path));
    candidates.max_by_key(rank)
}

/// The signature of the factory's function, and what follows.
fn definition(text: &str) -> Option<&str> {
    let start = "def get_openai_client(";
    let at = if text.starts_with(start) { 0 } else { text.find(&format!("\n{start}"))? };
    text.get(at..)
}

/// The name under which the factory is imported: as others do it, else as the layout has it.
fn module(factory: &Source, sources: &[Source], root: &Path, roots: &[String]) -> Option<String> {
    let within = factory.path.strip_prefix(root).ok()?.with_extension("");
    let parts: Vec<&str> = within.components().filter_map(|part| part.as_os_str().to_str()).collect();
    let mut wishes: BTreeMap<String, usize> = BTreeMap::new();
    for start in 0..parts.len() {
        let module = parts.get(start..)?.join(".");
        let import = format!("from {module} import ");
        let users =
            sources.iter().filter(|source| source.text.lines().any(|line| line.trim_start().starts_with(&import)));
        wishes.insert(module, users.count());
    }
    let (most, users) = wishes.into_iter().max_by_key(|(_, users)| *users)?;
    if users > 0 {
        return Some(most);
    }
    if within.ends_with("utils/openai_client_factory") {
        return Some("utils.openai_client_factory".to_owned());
    }
    let start = layout::start(&factory.path, root, roots);
    let parts = factory.path.strip_prefix(start).ok()?.with_extension("");
    let parts: Option<Vec<&str>> = parts.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("."))
}

/// The name that the factory is told, as its signature has it, else the most frequent one.
fn argument(factory: Option<&Source>, sources: &[Source]) -> &'static str {
    let signature = factory.and_then(|source| definition(&source.text));
    let signature = signature.and_then(|text| text.split_once(')')).map_or("", |(head, _)| head);
    let mut best = (0, ARGUMENTS[0]);
    for name in ARGUMENTS {
        if count(signature, name) > 0 {
            return name;
        }
        let uses: usize = sources.iter().map(|source| count(&source.text, name)).sum();
        if uses > best.0 {
            best = (uses, name);
        }
    }
    best.1
}

/// How often a name stands in a text as a whole word.
pub(crate) fn count(text: &str, name: &str) -> usize {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let is_whole = |at: &usize| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
        !is_word(before) && !is_word(after)
    };
    memmem::find_iter(text.as_bytes(), name).filter(is_whole).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> Survey {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        survey(&root)
    }

    #[test]
    fn the_factory_is_named_as_its_users_import_it() {
        let survey = project(&[
            ("backend/llm/clients.py", "import openai\n\ndef get_openai_client(*, tenant_id=None):\n    ...\n"),
            ("backend/app.py", "from llm.clients import get_openai_client  # openai\nworkspace_id = 1\n"),
        ]);
        assert_eq!(survey.factory.as_deref(), Some("llm.clients"));
        assert_eq!(survey.argument, "tenant_id");
        assert_eq!(survey.folders, BTreeSet::from(["backend".to_owned()]));
    }

    #[test]
    fn without_users_the_layout_names_the_factory() {
        let factory = "import openai\ndef get_openai_client(**kwargs):\n    ...\n";
        let survey = project(&[("src/app/__init__.py", ""), ("src/app/factory.py", factory)]);
        assert_eq!(survey.factory.as_deref(), Some("app.factory"));
        let survey = project(&[("backend/utils/openai_client_factory.py", "")]);
        assert_eq!(survey.factory.as_deref(), Some("utils.openai_client_factory"));
    }

    #[test]
    fn the_most_frequent_context_is_taken() {
        let survey = project(&[
            ("a.py", "import openai\norg_id = 1\nuse(org_id)\n"),
            ("vendor/b.py", "import openai\nmy_workspace_id_2 = 1\n"),
        ]);
        assert_eq!((survey.factory, survey.argument.as_str()), (None, "org_id"));
        assert_eq!(survey.foreign, BTreeSet::from(["vendor".to_owned()]));
    }
}
