#![expect(clippy::disallowed_methods, reason = "the user's editor is a program of the user's choice")]
//! Opens a file in the user's editor.

use std::env;
use std::path::Path;
use std::process::Command;

/// Editors that take a line as `FILE:LINE`; others take it as `+LINE FILE`.
const COLONS: [&str; 7] = ["code", "code-insiders", "codium", "cursor", "hx", "subl", "zed"];

/// Opens a file at a line, and waits until the editor is closed.
pub(super) fn open(path: &Path, line: u32) -> Result<(), String> {
    let named = ["VISUAL", "EDITOR"].iter().filter_map(|name| env::var(name).ok());
    let editor = named.into_iter().find(|editor| !editor.trim().is_empty()).unwrap_or_else(|| "vi".to_owned());
    let program = editor.split_whitespace().next().unwrap_or("vi");
    let name = Path::new(program).file_stem().and_then(|name| name.to_str()).unwrap_or(program);
    // As git does it: the shell reads the variable, which may hold options and quotes.
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{editor} \"$@\""), &editor]);
    if COLONS.contains(&name) {
        let mut place = path.as_os_str().to_owned();
        place.push(format!(":{line}"));
        command.args(["code", "code-insiders", "codium", "cursor"].contains(&name).then_some("-g")).arg(place);
    } else {
        command.arg(format!("+{line}")).arg(path);
    }
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the editor `{editor}` ended with {status}")),
        Err(error) => Err(format!("cannot run the editor `{editor}`: {error}")),
    }
}
