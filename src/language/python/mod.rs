//! Python, parsed with ruff's parser and resolved by our own reading of its scopes.

mod builtins;
mod calls;
mod cells;
mod chain;
mod classes;
mod comments;
mod context;
mod exprs;
mod flow;
mod imports;
mod locate;
mod names;
mod outward;
mod patches;
mod roots;
mod scopes;
mod shared;
mod sketch;
mod vendored;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use ruff_python_ast::PySourceType;
use ruff_python_parser::parse_unchecked_source;

use crate::finding::ProblemKind;
use crate::language::FactoryPlace;
use crate::language::Glance;
use crate::language::Ground;
use crate::language::ImportChange;
use crate::language::Language;
use crate::language::Vendored;
use crate::language::Watch;
use crate::layout::Layout;
use crate::outline::Import;
use crate::outline::ImportForm;
use crate::outline::Outline;
use crate::outline::Trouble;
use crate::source::Encoding;
use crate::source::LanguageId;
use crate::source::MAX_DEPTH;
use crate::source::SourceFile;
use crate::source::Span;
use crate::source::is_notebook;
use crate::source::is_too_deep;

use sketch::Literals;

/// The language.
#[derive(Debug)]
pub struct Python;

impl Language for Python {
    fn id(&self) -> LanguageId {
        LanguageId::Python
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["py", "pyw"]
    }

    fn glance(&self, text: &[u8], watch: &Watch) -> Glance {
        match watch.literals.get(|| Literals::new(watch)) {
            Some(literals) => sketch::glance(text, watch, literals),
            None => sketch::glance(text, watch, &Literals::new(watch)),
        }
    }

    fn may_hand_on(&self, text: &[u8], name: &str) -> bool {
        sketch::may_hand_on(text, name)
    }

    fn outward(&self, from: &Path, text: &[u8], ground: &Ground<'_>) -> Vec<PathBuf> {
        outward::files(from, text, ground)
    }

    fn heeds_asks(&self) -> bool {
        true
    }

    fn roots(&self, ground: &Ground<'_>, files: &[Arc<Path>], layout: &mut Layout) {
        roots::find(ground, files, layout);
    }

    fn outline(&self, source: &SourceFile, watch: &Watch) -> Outline {
        let mut problems = encoding_problem(source).into_iter().collect::<Vec<_>>();
        let cells = cells::read(source);
        if is_too_deep(&cells.text) {
            let message = format!("nests too deep to be parsed (more than {MAX_DEPTH} levels)");
            problems.push(Trouble { offset: 0, kind: ProblemKind::TooDeep, message });
            return Outline { problems, ..Outline::default() };
        }
        let dialect = if source.notebook().is_some() { PySourceType::Ipynb } else { PySourceType::Python };
        let parsed = parse_unchecked_source(&cells.text, dialect);
        if let Some(error) = parsed.errors().first() {
            let offset = error.location.start().to_u32();
            problems.push(Trouble { offset, kind: ProblemKind::Syntax, message: error.error.to_string() });
        }
        let tables = scopes::collect(parsed.suite(), watch);
        let mut outline = flow::run(source, parsed.suite(), parsed.tokens(), tables, watch);
        outline.suppressions = comments::suppressions(source, parsed.suite(), parsed.tokens());
        outline.problems = problems;
        outline.skipped_cells = cells.skipped;
        cells.count_reads(&mut outline);
        outline
    }

    fn edit_import(&self, source: &SourceFile, outline: &Outline, change: &ImportChange) -> Vec<(Span, String)> {
        imports::edit(source, outline, change)
    }

    fn can_extend(&self, _: &SourceFile, _: &Import) -> bool {
        true
    }

    fn argument(&self, name: &str, value: &str) -> String {
        format!("{name}={value}")
    }

    fn takes_comment(&self, source: &SourceFile, offset: u32) -> bool {
        comments::is_outside_strings(source, offset)
    }

    fn comment(&self) -> &'static str {
        "#"
    }

    fn canonical(&self, _: &Path, request: &str, packages: &[String], _: &Layout) -> Option<String> {
        let package = request.split('.').next().unwrap_or_default();
        packages.iter().any(|known| known == package).then(|| request.to_owned())
    }

    fn locate(&self, from: &Path, request: &str, layout: &Layout) -> Option<PathBuf> {
        locate::locate(from, request, layout)
    }

    fn requests_of(&self, import: &Import) -> Vec<String> {
        let mut requests = Vec::new();
        for member in &import.members {
            let request = match import.form {
                ImportForm::Module => member.name.to_string(),
                ImportForm::From | ImportForm::Star | ImportForm::Path => {
                    let dot = if import.module.ends_with('.') { "" } else { "." };
                    format!("{}{dot}{}", import.module, member.name)
                }
            };
            // `import a.b.c` runs `a` and `a.b` too.
            let dots = request.match_indices('.').filter_map(|(at, _)| request.get(..at));
            let above = dots.filter(|above| !above.is_empty() && !above.ends_with('.')).map(str::to_owned);
            requests.extend(above);
            requests.push(request);
        }
        if import.form != ImportForm::Module {
            requests.push(import.module.to_string());
        }
        requests
    }

    fn submodule(&self, module: &Path, name: &str, layout: &Layout) -> Option<PathBuf> {
        if !layout.has_name(name) {
            return None;
        }
        let inner = module.join(name);
        locate::exists(&inner, layout).then_some(inner)
    }

    fn module_files(&self, module: &Path) -> Vec<PathBuf> {
        module_files(module).to_vec()
    }

    fn module_of(&self, file: &Path) -> PathBuf {
        module_of(file)
    }

    fn is_starred(&self, name: &str) -> bool {
        !name.starts_with('_')
    }

    fn module_tails(&self, file: &Path, _: &Layout) -> Vec<String> {
        // Nothing imports a notebook.
        let module = if is_notebook(file) { PathBuf::new() } else { module_of(file) };
        module.file_name().and_then(|name| name.to_str()).map(str::to_owned).into_iter().collect()
    }

    fn star_import(&self) -> &'static str {
        "import *"
    }

    fn folder_of(&self, file: &Path) -> Option<PathBuf> {
        file.parent().filter(|_| is_package(file)).map(Path::to_path_buf)
    }

    fn runs_before(&self, file: &Path, layout: &Layout) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for folder in file.ancestors().skip(1) {
            let init = folder.join("__init__.py");
            if !layout.has_file(&init) {
                break;
            }
            if init != file {
                found.push(init);
            }
        }
        found
    }

    fn copy_of(&self, file: &Path, package: &Vendored<'_>, ground: &Ground<'_>, layout: &Layout) -> Option<PathBuf> {
        vendored::copy_of(file, package, ground, layout)
    }

    fn name_in_copy(&self, package: &str, within: &Path) -> String {
        let parts = within.iter().map(|part| part.to_string_lossy());
        std::iter::once(package.into()).chain(parts).collect::<Vec<_>>().join(".")
    }

    fn factory_files(&self, module: &str) -> Vec<PathBuf> {
        module_files(&module.split('.').collect::<PathBuf>()).to_vec()
    }

    fn has_many_factories(&self) -> bool {
        false
    }

    fn factory_request(&self, _: &Path, place: &FactoryPlace<'_>, _: &Layout) -> Result<String, String> {
        Ok(place.module.to_owned())
    }

    fn calls_by_path(&self) -> bool {
        false
    }

    fn stub(&self, module: &str, functions: &BTreeSet<String>, argument: &str) -> Vec<(PathBuf, String)> {
        let module: PathBuf = module.split('.').collect();
        let packages = module.ancestors().skip(1).filter(|folder| *folder != Path::new(""));
        let mut files: Vec<_> = packages.map(|folder| (folder.join("__init__.py"), String::new())).collect();
        let mut text = String::new();
        for function in functions {
            let _ = write!(text, "def {function}(*args, {argument}=None, **kwargs):\n    ...\n\n\n");
        }
        files.push((module.with_extension("py"), text));
        files
    }

    fn trial_file(&self, extension: &str) -> PathBuf {
        Path::new("fixture").with_extension(extension)
    }
}

/// The files that a module's path may stand for, best first.
fn module_files(module: &Path) -> [PathBuf; 2] {
    let mut file = module.as_os_str().to_owned();
    file.push(".py");
    [module.join("__init__.py"), PathBuf::from(file)]
}

/// The path of the module that a file is, without its ending; a notebook keeps it, as it is none.
fn module_of(file: &Path) -> PathBuf {
    if is_notebook(file) {
        return file.to_path_buf();
    }
    if is_package(file) {
        return file.parent().map(Path::to_path_buf).unwrap_or_default();
    }
    file.with_extension("")
}

fn is_package(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == "__init__.py")
}

/// Whether a name can stand in an import statement.
fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && characters.all(|c| c.is_alphanumeric() || c == '_')
}

fn encoding_problem(source: &SourceFile) -> Option<Trouble> {
    let (offset, message) = match source.encoding() {
        Encoding::Utf8 | Encoding::Cookie(_) => return None,
        Encoding::Unknown(label) => (0, format!("its coding cookie names `{label}`, which cannot be decoded here")),
        Encoding::Invalid { at, expected } => (*at, format!("not valid {expected}: an unexpected byte")),
        Encoding::Nul { at } => (*at, "holds a NUL byte".to_owned()),
    };
    Some(Trouble { offset, kind: ProblemKind::Encoding, message })
}
