//! `extern crate x as y;` in a crate's root, which makes `y` a crate's name in all of its modules.

use std::path::Path;

use crate::layout::Layout;

use super::locate;

/// The crate that a name stands for, by what the root of the crate around a file says.
pub(super) fn renamed(from: &Path, name: &str, layout: &Layout) -> Option<String> {
    let root = locate::root_of(from, layout)?;
    let known = layout.read_as(&root, |text| Some(names(text)))?;
    known.iter().find(|(_, own)| own == name).map(|(known, _)| known.clone())
}

/// The names that a root gives to crates; none for a file that is no root.
pub(super) fn given(file: &Path, layout: &Layout) -> Vec<String> {
    if locate::root_of(file, layout).as_deref() != Some(file) {
        return Vec::new();
    }
    let known = layout.read_as(file, |text| Some(names(text)));
    known.iter().flat_map(|known| known.iter().map(|(_, name)| name.clone())).collect()
}

/// Crates and their other names. Only what stands at the start of a line is at the root.
fn names(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| line.contains("extern crate")) {
        let item = line.strip_prefix("#[macro_use]").unwrap_or(line);
        let words: Vec<&str> = item.split_whitespace().skip_while(|word| word.starts_with("pub")).collect();
        if item.starts_with([' ', '\t']) && item.len() == line.len() {
            continue;
        }
        if let ["extern", "crate", known, "as", name] = words.as_slice()
            && let Some(name) = name.strip_suffix(';')
        {
            found.push(((*known).to_owned(), name.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn crates_that_a_root_renames_are_known() {
        let text = "#[macro_use] extern crate a as b;\npub extern crate c as d;\nextern crate e;\n// extern crate f as g;\n\
                    mod inner {\n    extern crate h as i;\n}\n";
        let known = super::names(text);
        let known: Vec<_> = known.iter().map(|(known, name)| (known.as_str(), name.as_str())).collect();
        assert_eq!(known, [("a", "b"), ("c", "d")]);
    }
}
