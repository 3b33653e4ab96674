//! The files that a text may take names from, told by the paths in it.

use std::path::Path;
use std::path::PathBuf;

use proc_macro2::Delimiter;
use proc_macro2::TokenStream;
use proc_macro2::TokenTree;

use crate::language::Ground;

use super::depth;
use super::locate;
use super::scopes::plain;
use super::text;

/// Every place where a module may lie that `text`, the text of `from`, names.
pub(super) fn files(from: &Path, text: &[u8], ground: &Ground<'_>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let above: Vec<&Path> = from.ancestors().skip(1).take_while(|above| above.starts_with(ground.root)).collect();
    let shallow = std::str::from_utf8(text).ok().filter(|text| !depth::is_too_deep(text));
    let Some(lexed) = shallow.and_then(|text| text::lex(text).ok()) else { return files };
    let mut paths = Vec::new();
    collect(&lexed.tokens, &[], &mut paths);
    paths.sort();
    paths.dedup();
    for path in &paths {
        let Some((first, rest)) = path.split_first() else { continue };
        let module = locate::module_of(from);
        match first.as_str() {
            "crate" => {
                let sources = above.iter().filter(|folder| locate::is_named(folder, "src"));
                sources.for_each(|folder| below(folder, rest, &mut files));
            }
            "self" => below(&module, rest, &mut files),
            "super" => {
                let levels = path.iter().take_while(|part| *part == "super").count();
                let base = module.ancestors().nth(levels).unwrap_or(&module);
                below(base, path.get(levels..).unwrap_or_default(), &mut files);
            }
            name => {
                // A module that the file declares, or a package of the workspace.
                below(&module, path, &mut files);
                from.parent().into_iter().for_each(|folder| below(folder, path, &mut files));
                for folder in &above {
                    for package in [name.to_owned(), name.replace('_', "-")] {
                        for package in [folder.join(&package), folder.join("crates").join(&package)] {
                            files.push(package.join("src/lib.rs"));
                            below(&package.join("src"), rest, &mut files);
                        }
                    }
                }
            }
        }
    }
    files
}

/// The files of a module, and of those on the way to it.
fn below(base: &Path, path: &[String], files: &mut Vec<PathBuf>) {
    let mut module = base.to_path_buf();
    files.extend(locate::module_files(&module));
    for part in path {
        module.push(part);
        files.extend(locate::module_files(&module));
    }
}

/// The paths in tokens: `a::b`, each of `a::{b, c::d}`, and the modules that are declared.
fn collect(tokens: &TokenStream, before: &[String], found: &mut Vec<Vec<String>>) {
    let mut tokens = tokens.clone().into_iter().peekable();
    let mut path = before.to_vec();
    let mut colons = usize::from(!before.is_empty()) * 2;
    let end = |path: &mut Vec<String>, found: &mut Vec<Vec<String>>| {
        if path.len() > 1.max(before.len()) {
            found.push(std::mem::take(path));
        }
        *path = before.to_vec();
    };
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) => {
                let name = plain(&ident.to_string());
                if colons != 2 {
                    end(&mut path, found);
                }
                if name == "mod"
                    && let Some(TokenTree::Ident(module)) = tokens.peek()
                {
                    found.push(vec![plain(&module.to_string())]);
                }
                path.push(name);
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && colons == 2 => {
                collect(&group.stream(), &path, found);
                end(&mut path, found);
                colons = 0;
            }
            TokenTree::Group(group) => {
                end(&mut path, found);
                collect(&group.stream(), &[], found);
                colons = 0;
            }
            other => {
                end(&mut path, found);
                let separates = matches!(&other, TokenTree::Punct(punct) if punct.as_char() == ',');
                colons = usize::from(separates && !before.is_empty()) * 2;
            }
        }
    }
    end(&mut path, found);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_from_groups_calls_and_declarations() {
        let text = "use self::{llm::{self, Own}, again::*}; mod inner; fn f() { g(super::x::Y::new()) }";
        let mut paths = Vec::new();
        collect(&text.parse().unwrap(), &[], &mut paths);
        let told: Vec<String> = paths.iter().map(|path| path.join("::")).collect();
        for expected in ["self::llm::Own", "self::again", "inner", "super::x::Y::new"] {
            assert!(told.iter().any(|path| path == expected), "{expected}: {told:?}");
        }
    }
}
