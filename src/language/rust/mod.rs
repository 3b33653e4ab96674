//! Rust, parsed with syn; what macros hold is read from their tokens.

mod borrows;
mod calls;
mod comments;
mod depth;
mod expected;
mod externs;
mod generics;
mod hand_over;
mod locals;
mod locate;
mod macros;
mod manifest;
mod outward;
mod paths;
mod scopes;
mod signature;
mod sketch;
mod templates;
mod text;
mod uses;
mod walk;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::finding::ProblemKind;
use crate::language::FactoryPlace;
use crate::language::Glance;
use crate::language::Ground;
use crate::language::ImportChange;
use crate::language::Language;
use crate::language::Vendored;
use crate::language::Watch;
use crate::layout::Layout;
use crate::outline::Held;
use crate::outline::Import;
use crate::outline::Outline;
use crate::outline::Parameter;
use crate::outline::Trouble;
use crate::source::Encoding;
use crate::source::LanguageId;
use crate::source::SourceFile;
use crate::source::Span;

use quote::quote;
use rustc_hash::FxHashSet;

use manifest::Package;
use sketch::Literals;
use walk::Walk;

/// The language.
#[derive(Debug)]
pub struct Rust;

impl Language for Rust {
    fn id(&self) -> LanguageId {
        LanguageId::Rust
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["rs"]
    }

    fn glance(&self, text: &[u8], watch: &Watch) -> Glance {
        match watch.literals.get(|| Literals::new(watch)) {
            Some(literals) => sketch::glance(text, literals),
            None => sketch::glance(text, &Literals::new(watch)),
        }
    }

    fn outward(&self, from: &Path, text: &[u8], ground: &Ground<'_>) -> Vec<PathBuf> {
        let mut files = outward::files(from, text, ground);
        proc_macro2::extra::invalidate_current_thread_spans();
        for folder in from.ancestors().skip(1).take_while(|folder| folder.starts_with(ground.root)) {
            files.extend(["lib.rs", "main.rs", "mod.rs", "src/lib.rs", "src/main.rs"].map(|name| folder.join(name)));
            files.extend(locate::module_files(folder));
        }
        files
    }

    fn roots(&self, _: &Ground<'_>, _: &[Arc<Path>], _: &mut Layout) {}

    fn packages(&self, ground: &Ground<'_>, files: &[Arc<Path>], layout: &mut Layout) {
        for package in packages(ground, files) {
            layout.insert_package(manifest::identifier(&package.name), package.folder);
        }
    }

    fn outline(&self, source: &SourceFile, watch: &Watch) -> Outline {
        let outline = outline(source, watch);
        // The parser keeps every text that it ever read, for its spans.
        proc_macro2::extra::invalidate_current_thread_spans();
        outline
    }

    fn edit_import(&self, source: &SourceFile, outline: &Outline, change: &ImportChange) -> Vec<(Span, String)> {
        let edits = uses::edit(source, outline, change);
        proc_macro2::extra::invalidate_current_thread_spans();
        edits
    }

    fn argument(&self, _: &str, value: &str) -> String {
        value.to_owned()
    }

    fn pass(&self, source: &str, held: &Held, parameter: &Parameter) -> Result<String, String> {
        hand_over::pass(source, held, parameter)
    }

    fn nothing(&self) -> &'static str {
        "None"
    }

    fn comment(&self) -> &'static str {
        "//"
    }

    fn canonical(&self, from: &Path, request: &str, packages: &[String], layout: &Layout) -> Option<String> {
        if packages.iter().any(|known| known == request) {
            return Some(request.to_owned());
        }
        let is_name = request.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_name || matches!(request, "crate" | "self" | "super") {
            return None;
        }
        let package = manifest::around(from, layout)?;
        let dependency = package.dependency(request, layout).or_else(|| {
            let known = externs::renamed(from, request, layout)?;
            package.dependency(&known, layout)
        })?;
        packages.iter().find(|known| **known == dependency.package).cloned()
    }

    fn locate(&self, from: &Path, request: &str, layout: &Layout) -> Option<PathBuf> {
        locate::locate(from, request, layout)
    }

    fn requests_of(&self, _: &Import) -> Vec<String> {
        Vec::new()
    }

    fn submodule(&self, module: &Path, name: &str, layout: &Layout) -> Option<PathBuf> {
        let file = locate::module_files(module).into_iter().find(|file| layout.has_file(file))?;
        let inner = locate::children(&file, layout).join(name);
        locate::exists(&inner, layout).then_some(inner)
    }

    fn module_files(&self, module: &Path) -> Vec<PathBuf> {
        locate::module_files(module)
    }

    fn module_of(&self, file: &Path) -> PathBuf {
        locate::module_of(file)
    }

    fn module_tails(&self, file: &Path, layout: &Layout) -> Vec<String> {
        let module = locate::module_of(file);
        let own = module.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let package = manifest::around(file, layout);
        let library = package.filter(|package| package.library_file(layout).as_deref() == Some(file));
        let names = library.into_iter().flat_map(|package| {
            let renamed = manifest::names_of(&package.name, layout);
            std::iter::once(package.library.clone()).chain(renamed)
        });
        own.into_iter().chain(names).chain(externs::given(file, layout)).collect()
    }

    fn can_extend(&self, _: &SourceFile, _: &Import) -> bool {
        // Calls name the factory by its path.
        false
    }

    fn is_starred(&self, _: &str) -> bool {
        true
    }

    fn name_in_copy(&self, package: &str, within: &Path) -> String {
        let parts = within.iter().map(|part| part.to_string_lossy());
        std::iter::once(package.into()).chain(parts).collect::<Vec<_>>().join("::")
    }

    fn star_import(&self) -> &'static str {
        "::*"
    }

    fn outer_module(&self) -> Option<&'static str> {
        Some("super::")
    }

    fn folder_of(&self, file: &Path) -> Option<PathBuf> {
        let is_own = ["mod.rs", "lib.rs", "main.rs"].iter().any(|name| locate::is_named(file, name));
        Some(if is_own { file.parent()?.to_path_buf() } else { file.with_extension("") })
    }

    fn aliases(&self, ground: &Ground<'_>, files: &[Arc<Path>], names: &[String]) -> Vec<String> {
        let dependencies = packages(ground, files).into_iter().flat_map(Package::named);
        let renamed = dependencies.filter(|dependency| names.contains(&dependency.package));
        let renamed: BTreeSet<String> =
            renamed.map(|dependency| dependency.name).filter(|name| !names.contains(name)).collect();
        renamed.into_iter().collect()
    }

    fn runs_before(&self, _: &Path, _: &Layout) -> Vec<PathBuf> {
        Vec::new()
    }

    fn copy_of(&self, file: &Path, vendored: &Vendored<'_>, ground: &Ground<'_>, _: &Layout) -> Option<PathBuf> {
        if !locate::is_named(file, "lib.rs") {
            return None;
        }
        let folder = file.parent()?;
        let package = folder.ancestors().take(2).find_map(|folder| {
            let text = (ground.read)(&folder.join("Cargo.toml"))?;
            Package::read(folder, &text)
        })?;
        (package.library == vendored.package).then(|| folder.to_path_buf())
    }

    fn factory_files(&self, module: &str) -> Vec<PathBuf> {
        let Some((_, inner)) = module.split_once("::") else {
            let is_own = module == "crate";
            return ["src/lib.rs", "src/main.rs"]
                .into_iter()
                .take(1 + usize::from(is_own))
                .map(PathBuf::from)
                .collect();
        };
        locate::module_files(&Path::new("src").join(inner.split("::").collect::<PathBuf>()))
    }

    fn factory_in(&self, module: &str, folder: &Path, ground: &Ground<'_>) -> Vec<PathBuf> {
        let Some(text) = (ground.read)(&folder.join("Cargo.toml")) else { return Vec::new() };
        Package::read(folder, &text).map_or_else(Vec::new, |package| package.files_of(module))
    }

    fn factory_folder(&self, _: &str, file: &Path) -> Option<PathBuf> {
        // A whole crate is not the factory because its root has the functions.
        let is_root = ["lib.rs", "main.rs"].iter().any(|name| locate::is_named(file, name));
        self.folder_of(file).filter(|_| !is_root)
    }

    fn has_many_factories(&self) -> bool {
        true
    }

    fn factory_request(&self, from: &Path, place: &FactoryPlace<'_>, layout: &Layout) -> Result<String, String> {
        locate::factory(from, place, layout).ok_or_else(|| format!("`{}` cannot be named from this file", place.module))
    }

    fn calls_by_path(&self) -> bool {
        true
    }

    fn path(&self, module: &str, name: &str) -> String {
        let parts = module.split("::").chain([name]).map(ident).collect::<Vec<_>>();
        // Written out, tokens stand apart.
        quote!(#(#parts)::*).to_string().replace(' ', "")
    }

    fn is_outside(&self, request: &str) -> bool {
        request.split("::").next() != Some("crate")
    }

    fn stub(&self, module: &str, functions: &BTreeSet<String>, _: &str) -> Vec<(PathBuf, String)> {
        let parts: Vec<&str> = module.split("::").skip(1).collect();
        let Some((last, folders)) = parts.split_last() else { return Vec::new() };
        let mut files =
            vec![(PathBuf::from("Cargo.toml"), "[package]\nname = \"fixture\"\nedition = \"2024\"\n".to_owned())];
        let mut text = String::from("mod fixture;\n");
        let mut folder = PathBuf::from("src");
        let mut file = folder.join("lib.rs");
        for name in folders {
            let _ = writeln!(text, "pub mod {name};");
            files.push((file, std::mem::take(&mut text)));
            folder.push(name);
            file = folder.join("mod.rs");
        }
        let _ = writeln!(text, "pub mod {last};");
        files.push((file, text));
        // Nothing else in Rust takes whatever it is given.
        let functions: String = functions.iter().map(|name| format!("    pub safe fn {name}(...);\n")).collect();
        files.push((folder.join(last).with_extension("rs"), format!("unsafe extern \"C\" {{\n{functions}}}\n")));
        files
    }

    fn trial_file(&self, extension: &str) -> PathBuf {
        Path::new("src/fixture").with_extension(extension)
    }
}

/// A name as paths have it: `r#try` where it is a keyword that may be a name.
fn ident(name: &str) -> proc_macro2::Ident {
    let span = proc_macro2::Span::call_site();
    match syn::parse_str::<proc_macro2::Ident>(name) {
        Err(_) if !matches!(name, "crate" | "self" | "super" | "Self" | "_") => proc_macro2::Ident::new_raw(name, span),
        _ => proc_macro2::Ident::new(name, span),
    }
}

/// The packages around files, and the workspaces around those.
fn packages(ground: &Ground<'_>, files: &[Arc<Path>]) -> Vec<Package> {
    // Compared as bytes, and each once: paths are compared part by part, and there are many.
    let mut seen: FxHashSet<&OsStr> = FxHashSet::default();
    let mut folders: Vec<&Path> = Vec::new();
    for file in files {
        let around = file.ancestors().skip(1).take_while(|folder| seen.insert(folder.as_os_str()));
        folders.extend(around.filter(|folder| folder.starts_with(ground.root)));
    }
    folders.sort_unstable_by_key(|folder| folder.as_os_str());
    let read = |folder: &Path| {
        let text = (ground.read)(&folder.join("Cargo.toml"))?;
        Package::read(folder, &text)
    };
    folders.into_iter().filter_map(read).collect()
}

fn outline(source: &SourceFile, watch: &Watch) -> Outline {
    let mut problems: Vec<Trouble> = encoding_problem(source).into_iter().collect();
    if depth::is_too_deep(source.text()) {
        let message = format!("nests too deep to be parsed (more than {} levels)", depth::MAX_DEPTH);
        problems.push(Trouble { offset: 0, kind: ProblemKind::TooDeep, message });
        return Outline { problems, ..Outline::default() };
    }
    let broken = |text::Broken { offset, message }| Trouble { offset, kind: ProblemKind::Syntax, message };
    let lexed = match text::lex(source.text()) {
        Ok(lexed) => lexed,
        Err(error) => {
            problems.push(broken(error));
            return Outline { problems, ..Outline::default() };
        }
    };
    let mut walk = Walk::new(source, watch, lexed.base);
    match text::parse(&lexed) {
        Ok(file) => walk.file(&file),
        Err(error) => {
            problems.push(broken(error));
            walk.broken(&lexed.tokens);
        }
    }
    let mut outline = walk.outline;
    outline.suppressions = comments::suppressions(source, &lexed);
    outline.problems = problems;
    outline
}

fn encoding_problem(source: &SourceFile) -> Option<Trouble> {
    let (offset, message) = match source.encoding() {
        // Rust knows no coding cookies; bytes that need one are no Rust.
        Encoding::Utf8 | Encoding::Cookie(_) | Encoding::Unknown(_) if source.bytes() == source.text().as_bytes() => {
            return None;
        }
        Encoding::Invalid { at, .. } => (*at, "not valid UTF-8: an unexpected byte".to_owned()),
        Encoding::Nul { at } => (*at, "holds a NUL byte".to_owned()),
        _ => (0, "not valid UTF-8".to_owned()),
    };
    Some(Trouble { offset, kind: ProblemKind::Encoding, message })
}
