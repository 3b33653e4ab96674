//! TypeScript and JavaScript, parsed with oxc's parser, scoped by its semantic analysis, and followed by our own flow.

mod across;
mod aliases;
mod calls;
mod canonical;
mod cells;
mod chain;
mod classes;
mod comments;
mod edit;
mod endpoints;
mod exports;
mod factory;
mod flow;
mod guard;
mod imports;
mod lexical;
mod locate;
mod names;
mod outward;
mod parse;
mod patches;
mod places;
mod promises;
mod recover;
mod scripts;
mod signatures;
mod sketch;
mod survey;
mod vendored;
mod workspaces;

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use oxc_allocator::Allocator;
use oxc_semantic::SemanticBuilder;

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
use crate::outline::Member;
use crate::outline::Outline;
use crate::outline::Trouble;
use crate::source::Encoding;
use crate::source::LanguageId;
use crate::source::SourceFile;
use crate::source::Span;

use sketch::Literals;

/// The endings of files with scripts.
const EXTENSIONS: [&str; 11] = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue", "svelte", "astro"];

/// The language.
#[derive(Debug)]
pub struct Typescript;

impl Language for Typescript {
    fn id(&self) -> LanguageId {
        LanguageId::Typescript
    }

    fn extensions(&self) -> &'static [&'static str] {
        &EXTENSIONS
    }

    fn glance(&self, text: &[u8], watch: &Watch) -> Glance {
        match watch.literals.get(|| Literals::new(watch)) {
            Some(literals) => sketch::glance(text, watch, literals),
            None => sketch::glance(text, watch, &Literals::new(watch)),
        }
    }

    fn outward(&self, from: &Path, text: &[u8], ground: &Ground<'_>) -> Vec<PathBuf> {
        outward::files(from, text, ground)
    }

    fn roots(&self, _: &Ground<'_>, _: &[Arc<Path>], _: &mut Layout) {}

    fn outline(&self, source: &SourceFile, watch: &Watch) -> Outline {
        let mut problems = encoding_problem(source).into_iter().collect::<Vec<_>>();
        let cells = cells::read(source);
        let text = &cells.text;
        if guard::is_too_deep(text) {
            let message = format!("nests too deep to be parsed (more than {} levels)", guard::MAX_DEPTH);
            problems.push(Trouble { offset: 0, kind: ProblemKind::TooDeep, message });
            return Outline { problems, ..Outline::default() };
        }
        let allocator = Allocator::default();
        let parsed = parse::parse(&allocator, source.path(), text);
        let semantic = SemanticBuilder::new().build(&parsed.program).semantic;
        let mut outline = flow::run(source, text, &parsed.program, semantic.scoping(), watch);
        outline.suppressions = comments::suppressions(source, &parsed.program);
        if parse::is_declaration(source.path()) {
            // Declarations run nothing.
            outline.references.clear();
            outline.dynamic.clear();
            outline.patches.clear();
        }
        problems.extend(parsed.problem);
        outline.problems = problems;
        outline.skipped_cells = cells.skipped;
        cells.count_reads(&mut outline);
        outline
    }

    fn edit_import(&self, source: &SourceFile, outline: &Outline, change: &ImportChange) -> Vec<(Span, String)> {
        edit::edit(source, outline, change)
    }

    fn can_extend(&self, source: &SourceFile, import: &Import) -> bool {
        edit::is_extensible(import, source.slice(import.span))
    }

    fn argument(&self, name: &str, value: &str) -> String {
        if name == value { name.to_owned() } else { format!("{name}: {value}") }
    }

    fn comment(&self) -> &'static str {
        "//"
    }

    fn canonical(&self, _: &Path, request: &str, packages: &[String], _: &Layout) -> Option<String> {
        canonical::canonical(request, packages)
    }

    fn locate(&self, from: &Path, request: &str, layout: &Layout) -> Option<PathBuf> {
        locate::locate(from, request, layout)
    }

    fn requests_of(&self, import: &Import) -> Vec<String> {
        vec![import.module.to_string()]
    }

    fn submodule(&self, _: &Path, _: &str, _: &Layout) -> Option<PathBuf> {
        None
    }

    fn is_starred(&self, name: &str) -> bool {
        name != "default"
    }

    fn module_files(&self, module: &Path) -> Vec<PathBuf> {
        vec![module.to_path_buf()]
    }

    fn module_of(&self, file: &Path) -> PathBuf {
        file.to_path_buf()
    }

    fn module_tails(&self, file: &Path, layout: &Layout) -> Vec<String> {
        let mut tails = Vec::new();
        let text = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        tails.extend(text(file).map(|name| sketch::tail(&name).to_owned()));
        if places::is_index(file) {
            tails.extend(file.parent().and_then(text));
        }
        tails.extend(aliases::tails(file, &tails, layout));
        // A package may hand on any of its files under its name, and under what follows it.
        for folder in file.ancestors().skip(1).take(6) {
            if let Some(name) = workspaces::name(folder, layout) {
                tails.push(sketch::tail(&name).to_owned());
                break;
            }
        }
        tails
    }

    fn star_import(&self) -> &'static str {
        "export *"
    }

    fn is_nameless(&self, export: &str) -> bool {
        matches!(export, "default" | Member::WHOLE | Member::NAMESPACE)
    }

    fn folder_of(&self, file: &Path) -> Option<PathBuf> {
        file.parent().filter(|_| places::is_index(file)).map(Path::to_path_buf)
    }

    fn runs_before(&self, _: &Path, _: &Layout) -> Vec<PathBuf> {
        Vec::new()
    }

    fn copy_of(&self, file: &Path, package: &Vendored<'_>, ground: &Ground<'_>, layout: &Layout) -> Option<PathBuf> {
        vendored::copy_of(file, package, ground, layout)
    }

    fn name_in_copy(&self, package: &str, _: &Path) -> String {
        package.to_owned()
    }

    fn factory_files(&self, module: &str) -> Vec<PathBuf> {
        factory::files(module)
    }

    fn has_many_factories(&self) -> bool {
        true
    }

    fn manifest(&self) -> Option<&'static str> {
        Some("package.json")
    }

    fn package_name(&self, manifest: &str) -> Option<String> {
        workspaces::name_in(manifest)
    }

    fn factory_packages(&self, module: &str, layout: &Layout) -> Vec<(PathBuf, PathBuf)> {
        across::packages(module, layout)
    }

    fn factory_in(&self, module: &str, folder: &Path, ground: &Ground<'_>) -> Vec<PathBuf> {
        across::files(module, folder, ground)
    }

    fn factory_folder(&self, module: &str, file: &Path) -> Option<PathBuf> {
        // A whole package is not the factory because its entry has the functions.
        self.folder_of(file).filter(|_| !across::may_be_package(module))
    }

    fn factory_request(&self, from: &Path, place: &FactoryPlace<'_>, layout: &Layout) -> Result<String, String> {
        factory::request(from, place, layout)
    }

    fn calls_by_path(&self) -> bool {
        false
    }

    fn stub(&self, module: &str, functions: &BTreeSet<String>, _: &str) -> Vec<(PathBuf, String)> {
        vec![factory::stub(module, functions)]
    }

    fn trial_file(&self, extension: &str) -> PathBuf {
        Path::new("fixture").with_extension(extension)
    }
}

/// Whether a file may hold scripts.
fn is_script(path: &Path) -> bool {
    path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| EXTENSIONS.contains(&extension))
}

fn encoding_problem(source: &SourceFile) -> Option<Trouble> {
    let (offset, message) = match source.encoding() {
        Encoding::Utf8 | Encoding::Cookie(_) => return None,
        Encoding::Unknown(label) => (0, format!("it names the encoding `{label}`, which cannot be decoded here")),
        Encoding::Invalid { at, expected } => (*at, format!("not valid {expected}: an unexpected byte")),
        Encoding::Nul { at } => (*at, "holds a NUL byte".to_owned()),
    };
    Some(Trouble { offset, kind: ProblemKind::Encoding, message })
}
