//! Where modules lie, and which crate a file belongs to.
//!
//! A request is the first part of a path: `crate`, `self`, `super` (joined by `::`), a crate's name; or a declaration,
//! `mod a::b` and `path x.rs`.

use std::path::Path;
use std::path::PathBuf;

use crate::language::FactoryPlace;
use crate::layout::Layout;

use super::externs;
use super::manifest;
use super::manifest::Package;
use super::manifest::identifier;

/// The files that a module's path may stand for.
pub(super) fn module_files(module: &Path) -> Vec<PathBuf> {
    let mut file = module.as_os_str().to_owned();
    file.push(".rs");
    vec![PathBuf::from(file), module.join("mod.rs")]
}

/// The path of the module that a file is, without its ending.
pub(super) fn module_of(file: &Path) -> PathBuf {
    if is_named(file, "mod.rs") {
        return file.parent().map(Path::to_path_buf).unwrap_or_default();
    }
    file.with_extension("")
}

pub(super) fn is_named(file: &Path, name: &str) -> bool {
    file.file_name().is_some_and(|own| own == name)
}

/// The folder in which the modules that a file declares lie.
pub(super) fn children(file: &Path, layout: &Layout) -> PathBuf {
    let own_folder = is_named(file, "mod.rs") || root_of(file, layout).as_deref() == Some(file);
    if own_folder { file.parent().map(Path::to_path_buf).unwrap_or_default() } else { file.with_extension("") }
}

/// The file at the root of the crate that a file belongs to.
pub(super) fn root_of(file: &Path, layout: &Layout) -> Option<PathBuf> {
    let Some(package) = manifest::around(file, layout) else { return root_without_manifest(file, layout) };
    let library = package.library_file(layout);
    if library.as_deref() == Some(file) || package.targets.iter().any(|target| target == file) {
        return Some(file.to_path_buf());
    }
    let within = file.strip_prefix(&package.folder).ok()?;
    let parts: Vec<&str> = within.iter().filter_map(|part| part.to_str()).collect();
    let target = match parts.as_slice() {
        ["build.rs" | "main.rs"] | ["src", "main.rs"] => return Some(file.to_path_buf()),
        ["src", "bin", rest @ ..] => Some((package.folder.join("src/bin"), rest)),
        [folder @ ("tests" | "examples" | "benches"), rest @ ..] => Some((package.folder.join(folder), rest)),
        _ => None,
    };
    if let Some((folder, rest)) = target {
        return match rest {
            [_] => Some(file.to_path_buf()),
            [first, ..] => {
                let main = folder.join(first).join("main.rs");
                // A module that several tests share belongs to each of them.
                layout.has_file(&main).then_some(main)
            }
            [] => None,
        };
    }
    let main = Some(package.folder.join("src/main.rs")).filter(|main| layout.has_file(main));
    match (library, main) {
        (Some(library), Some(main)) => {
            let first = within.iter().nth(1).map(Path::new).map(|first| first.with_extension(""));
            let first = first.as_deref().and_then(Path::to_str).unwrap_or_default();
            let is_of_main = !declares(&library, first, layout) && declares(&main, first, layout);
            Some(if is_of_main { main } else { library })
        }
        (library, main) => library.or(main),
    }
}

fn root_without_manifest(file: &Path, layout: &Layout) -> Option<PathBuf> {
    if is_named(file, "lib.rs") || is_named(file, "main.rs") {
        return Some(file.to_path_buf());
    }
    file.ancestors().skip(1).find_map(|folder| {
        let roots = [folder.join("lib.rs"), folder.join("main.rs")];
        roots.into_iter().find(|root| layout.has_file(root))
    })
}

/// Whether a file declares a module of this name.
fn declares(file: &Path, name: &str, layout: &Layout) -> bool {
    declaration(file, name, layout).is_some()
}

/// What stands before `mod name;` in its statement, in a file that has it.
fn declaration(file: &Path, name: &str, layout: &Layout) -> Option<String> {
    let text = layout.text(file)?;
    text.match_indices("mod ").find_map(|(at, word)| {
        let (before, after) = (text.get(..at)?, text.get(at + word.len()..)?);
        let line = before.rsplit(['\n', ';', '{', '}']).next().unwrap_or_default();
        let rest = after.trim_start().strip_prefix(name)?.trim_start();
        let is_whole = rest.starts_with([';', '{']);
        let is_start = line.is_empty() || line.ends_with([' ', '\t', ')', ']']);
        (is_whole && is_start && !line.contains("//")).then(|| line.trim().to_owned())
    })
}

/// Finds the module that a request means.
pub(super) fn locate(from: &Path, request: &str, layout: &Layout) -> Option<PathBuf> {
    if let Some(path) = request.strip_prefix("path ") {
        let folder = from.parent()?;
        let file = tidy(&folder.join(path));
        return layout.has_file(&file).then(|| module_of(&file));
    }
    if let Some(module) = request.strip_prefix("mod ") {
        let below = children(from, layout).join(module.split("::").collect::<PathBuf>());
        return exists(&below, layout).then_some(below);
    }
    match request {
        "crate" => root_of(from, layout).map(|root| module_of(&root)),
        "self" => Some(module_of(from)),
        supers if supers.split("::").all(|part| part == "super") => {
            let root = root_of(from, layout);
            let mut module = module_of(from);
            for _ in supers.split("::") {
                module = parent(&module, root.as_deref())?;
            }
            Some(module)
        }
        name => named(from, name, layout),
    }
}

/// The module around another one. It has no file of its own where it stands inside of its parent's.
fn parent(module: &Path, root: Option<&Path>) -> Option<PathBuf> {
    if root.is_some_and(|root| module_of(root) == module) {
        return None;
    }
    let folder = module.parent()?;
    let root = root.filter(|root| root.parent() == Some(folder));
    Some(root.map_or_else(|| folder.to_path_buf(), module_of))
}

/// The crate of this name, if it is one of the project's: the package's own library, or what it depends on.
fn named(from: &Path, name: &str, layout: &Layout) -> Option<PathBuf> {
    let package = manifest::around(from, layout)?;
    let library = package.library_file(layout);
    if name == package.library && library.is_some() {
        return library.map(|library| module_of(&library));
    }
    let dependency = package.dependency(name, layout).or_else(|| {
        let known = externs::renamed(from, name, layout)?;
        package.dependency(&known, layout)
    });
    if let Some(dependency) = dependency {
        let file = sibling(&package, &dependency.package, layout)?;
        return Some(module_of(&file));
    }
    // In the first edition, paths of `use` start at the crate's root.
    if package.is_of_2015 {
        let module = root_of(from, layout)?.parent()?.join(name);
        return exists(&module, layout).then_some(module);
    }
    None
}

/// The library of another package of the project.
fn sibling(package: &Package, name: &str, layout: &Layout) -> Option<PathBuf> {
    let others = layout.packages_of(name).iter().filter(|folder| **folder != package.folder);
    others.filter_map(|folder| manifest::at(folder, layout)).find_map(|other| other.library_file(layout))
}

pub(super) fn exists(module: &Path, layout: &Layout) -> bool {
    module_files(module).iter().any(|file| layout.has_file(file))
}

/// A path without `.` and `..`.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                tidy.pop();
            }
            std::path::Component::CurDir => {}
            part => tidy.push(part),
        }
    }
    tidy
}

/// How a file names the factory's module.
pub(super) fn factory(from: &Path, place: &FactoryPlace<'_>, layout: &Layout) -> Option<String> {
    let Some(file) = place.file else { return Some(place.module.to_owned()) };
    let (first, rest) = place.module.split_once("::").unwrap_or((place.module, ""));
    let below = |name: &str| if rest.is_empty() { name.to_owned() } else { format!("{name}::{rest}") };
    let top = rest.split("::").next().unwrap_or(rest);
    let own = manifest::around(from, layout);
    let theirs = manifest::around(file, layout);
    let same_package = own.as_ref().map(|own| &own.folder) == theirs.as_ref().map(|theirs| &theirs.folder);
    let is_named = first == "crate" || theirs.as_ref().is_some_and(|package| package.library == first);
    if !is_named {
        return None;
    }
    let root = root_of(from, layout)?;
    if same_package && if rest.is_empty() { root == file } else { declares(&root, top, layout) } {
        return Some(below("crate"));
    }
    let library = theirs.as_ref()?.library_file(layout)?;
    let is_reached = if rest.is_empty() { library == file } else { is_public(&library, rest, layout) };
    if !is_reached {
        return None;
    }
    if same_package {
        return Some(below(&theirs?.library));
    }
    let theirs = theirs?;
    let package = identifier(&theirs.name);
    let name = own?.name_of(&package, layout)?;
    // The library may have another name than its package, unless the manifest renames it.
    let name = if name == package { theirs.library.clone() } else { name };
    Some(below(&name))
}

/// Whether each module on a path from a crate's root is public.
fn is_public(root: &Path, path: &str, layout: &Layout) -> bool {
    let mut file = root.to_path_buf();
    path.split("::").all(|name| {
        let is_public =
            declaration(&file, name, layout).is_some_and(|before| before == "pub" || before.ends_with("] pub"));
        let inner = module_files(&children(&file, layout).join(name));
        if let Some(next) = inner.into_iter().find(|next| layout.has_file(next)) {
            file = next;
        }
        is_public
    })
}
