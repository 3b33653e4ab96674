//! Who owns a file, by `CODEOWNERS`.

use std::path::Path;

use ignore::gitignore::Gitignore;
use ignore::gitignore::GitignoreBuilder;

/// Where the file may lie, the first place first.
pub const PLACES: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// The lines of a `CODEOWNERS` file.
#[derive(Debug, Default)]
pub struct Owners {
    lines: Vec<(Gitignore, Vec<String>)>,
}

impl Owners {
    /// Reads the text of the file, for the repository at `root`. A line that says nothing is passed over.
    pub fn parse(root: &Path, text: &str) -> Self {
        let lines = text.lines().filter_map(|line| {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with(['#', '[', '^', '!']) {
                return None;
            }
            let end = unescaped_space(line).unwrap_or(line.len());
            let (pattern, owners) = line.split_at_checked(end)?;
            let mut builder = GitignoreBuilder::new(root);
            builder.add_line(None, pattern).ok()?;
            Some((builder.build().ok()?, owners.split_whitespace().map(str::to_owned).collect()))
        });
        Self { lines: lines.collect() }
    }

    /// The owners of a file: those of the last line that speaks of it, which may name none.
    pub fn of(&self, path: &Path) -> &[String] {
        let speaks = |rules: &Gitignore| rules.matched_path_or_any_parents(path, false).is_ignore();
        self.lines.iter().rev().find(|(rules, _)| speaks(rules)).map_or(&[], |(_, owners)| owners)
    }

    /// Whether nobody owns anything.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

fn unescaped_space(line: &str) -> Option<usize> {
    let mut before = ' ';
    line.char_indices().find_map(|(at, character)| {
        let is_end = character.is_whitespace() && before != '\\';
        before = character;
        is_end.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, path: &str, owners: &[&str]) {
        let parsed = Owners::parse(Path::new("/p"), text);
        assert_eq!(parsed.of(&Path::new("/p").join(path)), owners, "{path} in {text:?}");
    }

    #[test]
    fn the_last_line_that_speaks_of_a_file_decides() {
        let text = "# all\n* @org/all\n/app/ @ai a@b.example # why\n*.ts @web\n/app/own.py\n";
        check(text, "x.py", &["@org/all"]);
        check(text, "app/deep/x.py", &["@ai", "a@b.example"]);
        check(text, "app/x.ts", &["@web"]);
        check(text, "app/own.py", &[]);
    }

    #[test]
    fn sections_and_empty_lines_say_nothing() {
        check("\n[Section]\n^[Other] @x\nmy\\ dir/ @a\n", "my dir/x.py", &["@a"]);
        assert!(Owners::parse(Path::new("/p"), "# nothing\n").is_empty());
    }
}
