//! Which versions of the SDK and of Python a project uses, and whether the factory works with them.

mod files;
mod range;

use std::path::Path;

use crate::report::relative;

use files::Said;
use range::Range;
use range::Release;

/// The versions of the SDK that the factory works with: from the first, below the second.
const SDK: ([u64; 2], [u64; 1]) = ([1, 40], [4]);

/// The oldest Python that the factory runs on.
const PYTHON: [u64; 2] = [3, 9];

/// Says what the project asks for that the factory does not work with. `folder` is where imports start.
pub(super) fn doubts(folder: &Path, root: &Path, cwd: &Path) -> Vec<String> {
    let folders = || folder.ancestors().take_while(|folder| folder.starts_with(root));
    // The nearest file that says something counts; what is locked counts before what is merely asked for.
    let locked = folders().find_map(files::locked);
    let sdk = locked.or_else(|| folders().find_map(files::asked));
    let python = folders().find_map(files::python);
    let mut doubts = Vec::new();
    for (said, judge) in [(sdk, sdk_doubt as fn(&Range) -> Option<String>), (python, python_doubt)] {
        let Some(Said { file, ranges }) = said else { continue };
        let file = relative(&file, cwd);
        doubts.extend(ranges.iter().filter_map(judge).map(|doubt| format!("`{file}` {doubt}")));
    }
    doubts.dedup();
    doubts
}

fn sdk_doubt(range: &Range) -> Option<String> {
    let (first, end) = (Release::from(SDK.0), Release::from(SDK.1));
    let works = "the factory works with 1.40 and newer, up to 3.x";
    if let Some(version) = range.pinned() {
        let is_supported = *version >= first && *version < end;
        return (!is_supported).then(|| format!("has openai {version}, and {works}"));
    }
    if range.is_below(&first) || range.is_from(&end) {
        return Some(format!("asks for openai {range}, and {works}"));
    }
    range.allows_below(&first).then(|| format!("allows openai {range}, and {works}"))
}

fn python_doubt(range: &Range) -> Option<String> {
    let allows = range.allows_below(&Release::from(PYTHON));
    allows.then(|| format!("allows Python {range}, and the factory needs 3.9 or newer"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Checks what is said of a project with these files, whose imports start at `src`.
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        assert_eq!(doubts(&root.join("src"), root, root), expected, "{files:?}");
    }

    const WORKS: &str = "the factory works with 1.40 and newer, up to 3.x";

    #[test]
    fn a_locked_version_counts_whichever_program_has_locked_it() {
        let package = |version: &str| format!("[[package]]\nname = \"openai\"\nversion = \"{version}\"\n");
        let has = |file: &str, version: &str| format!("`{file}` has openai {version}, and {WORKS}");
        for file in ["uv.lock", "poetry.lock", "pdm.lock"] {
            check(&[(file, &package("1.39.0"))], &[&has(file, "1.39.0")]);
            check(&[(file, &package("1.40.0"))], &[]);
        }
        check(&[("uv.lock", &package("4.0.0"))], &[&has("uv.lock", "4.0.0")]);
        check(&[("uv.lock", &(package("0.28.1") + &package("3.1.0")))], &[&has("uv.lock", "0.28.1")]);
        let pylock = "[[packages]]\nname = \"openai\"\nversion = \"1.2.0\"\n";
        check(&[("pylock.toml", pylock)], &[&has("pylock.toml", "1.2.0")]);
        let pipfile =
            r#"{"default": {"openai": {"version": "==0.27.8"}}, "_meta": {"requires": {"python_version": "3.8"}}}"#;
        let python = "`Pipfile.lock` allows Python 3.8, and the factory needs 3.9 or newer";
        check(&[("Pipfile.lock", pipfile)], &[&has("Pipfile.lock", "0.27.8"), python]);
        let requirements =
            "# pinned\nhttpx==0.27\nopenai[datalib]==1.39.0 ; python_version > '3.8' \\\n    --hash=sha256:00\n";
        check(&[("requirements/base.txt", requirements)], &[&has("requirements/base.txt", "1.39.0")]);
        check(&[("requirements-dev.txt", "openai==2.1.0\nopenai-agents==0.0.1\n")], &[]);
    }

    #[test]
    fn without_a_lock_what_is_asked_for_counts() {
        let asks = |text: &str| format!("[project]\ndependencies = [\"fastapi\", \"{text}\"]\n");
        let pyproject = |text: &str, expected: &[&str]| check(&[("pyproject.toml", &asks(text))], expected);
        pyproject("openai>=1.40", &[]);
        pyproject("OpenAI ~= 1.109", &[]);
        pyproject("openai", &[]);
        pyproject("openai>=1.30,<2", &[&format!("`pyproject.toml` allows openai >=1.30,<2, and {WORKS}")]);
        pyproject("openai<1", &[&format!("`pyproject.toml` asks for openai <1, and {WORKS}")]);
        pyproject("openai>=4", &[&format!("`pyproject.toml` asks for openai >=4, and {WORKS}")]);
        pyproject(
            "openai==1.39.*; extra == 'x'",
            &[&format!("`pyproject.toml` asks for openai ==1.39.*, and {WORKS}")],
        );
        let poetry = "[tool.poetry.dependencies]\npython = '^3.8'\nopenai = {version = '^1.2', extras = ['datalib']}\n";
        let expected = [
            format!("`pyproject.toml` allows openai ^1.2, and {WORKS}"),
            "`pyproject.toml` allows Python ^3.8, and the factory needs 3.9 or newer".to_owned(),
        ];
        check(&[("pyproject.toml", poetry)], &expected.each_ref().map(String::as_str));
        // What is locked says more.
        let locked = "[[package]]\nname = 'openai'\nversion = '1.50.0'\n";
        check(&[("pyproject.toml", &asks("openai>=1")), ("uv.lock", locked)], &[]);
    }

    #[test]
    fn the_nearest_file_counts() {
        let asks = |version: &str| format!("[project]\nrequires-python = '>={version}'\n");
        check(&[("pyproject.toml", &asks("3.8")), ("src/pyproject.toml", &asks("3.11"))], &[]);
        let old = "`pyproject.toml` allows Python >=3.8, and the factory needs 3.9 or newer";
        check(&[("pyproject.toml", &asks("3.8"))], &[old]);
        check(&[("setup.cfg", "[options]\npython_requires = >=3.9\n")], &[]);
        check(&[("uv.lock", "requires-python = '>=3.9, <4'\n")], &[]);
        check(&[("pyproject.toml", "no toml [")], &[]);
    }
}
