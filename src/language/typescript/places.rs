//! Files and endings: which file a path without its ending may stand for.

use std::ffi::OsStr;
use std::path::Path;
use std::path::PathBuf;

/// The endings of scripts, best first.
pub(super) const SCRIPTS: [&str; 8] = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];

/// The files that a path without its ending may stand for, best first.
pub(super) fn candidates(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = SCRIPTS.iter().map(|ending| with_ending(path, ending)).collect();
    found.extend(SCRIPTS.iter().map(|ending| path.join("index").with_extension(ending)));
    found
}

/// A path with an ending added to its name, which may have dots of its own.
pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// A path without the ending of a script.
pub(super) fn without_ending(path: &Path) -> PathBuf {
    let is_script = path.extension().and_then(OsStr::to_str).is_some_and(|ending| SCRIPTS.contains(&ending));
    if is_script { path.with_extension("") } else { path.to_path_buf() }
}

/// The endings that the sources of a script with this ending may have.
pub(super) fn sources(ending: &str) -> &'static [&'static str] {
    match ending {
        "js" => &["ts", "tsx", "js", "jsx"],
        "mjs" => &["mts", "mjs"],
        "cjs" => &["cts", "cjs"],
        "jsx" => &["tsx", "jsx"],
        _ => &[],
    }
}

/// Whether a file stands for the folder that it lies in.
pub(super) fn is_index(file: &Path) -> bool {
    without_ending(file).file_name().is_some_and(|name| name == "index")
}

/// A path with `.` and `..` taken out.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => _ = plain.pop(),
            other => plain.push(other),
        }
    }
    plain
}

/// The way from a folder to a file, with `/`, starting with `./` or `../`.
pub(super) fn relative(folder: &Path, file: &Path) -> Option<String> {
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().count() - shared;
    let mut parts: Vec<&str> = if up == 0 { vec!["."] } else { vec![".."; up] };
    for part in file.components().skip(shared) {
        parts.push(part.as_os_str().to_str()?);
    }
    Some(parts.join("/"))
}
