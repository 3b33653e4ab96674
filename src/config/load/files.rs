//! Which file holds the configuration, and which folder is the project.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::config::load::ConfigError;
use crate::config::table::Document;
use crate::config::table::Flaw;
use crate::config::table::Table;
use crate::lock;
use crate::lock::Lock;
use crate::lock::LockFlaw;

const OWN: &str = "qmigrate.toml";
const PYPROJECT: &str = "pyproject.toml";

/// The names of files that may hold a configuration.
pub(crate) const FILES: [&str; 2] = [OWN, PYPROJECT];

/// A file that holds a configuration, and its text.
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Found {
    pub(crate) fn is_pyproject(&self) -> bool {
        self.path.file_name().is_some_and(|name| name == PYPROJECT)
    }
}

/// Gives the bytes of a file, if there is one.
pub(crate) type Read<'a> = dyn Fn(&Path) -> Result<Option<Vec<u8>>, ConfigError> + 'a;

/// Reads the file that the user named.
pub(crate) fn named(cwd: &Path, path: &Path) -> Result<Found, ConfigError> {
    let path = cwd.join(path);
    let read = |source| ConfigError::Read { path: path.clone(), source };
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(read(io::Error::from(io::ErrorKind::IsADirectory)));
    };
    let bytes = fs::read(&path).map_err(read)?;
    let folder = fs::canonicalize(folder).map_err(read)?;
    let path = folder.join(name);
    let text = text(&path, bytes)?;
    Ok(Found { path, text })
}

/// Walks up from `cwd` to the first folder that holds a configuration.
pub(crate) fn find(cwd: &Path) -> Result<Option<Found>, ConfigError> {
    find_with(cwd, &read)
}

/// The same in whatever state `read` shows.
pub(crate) fn find_with(cwd: &Path, read: &Read<'_>) -> Result<Option<Found>, ConfigError> {
    for folder in cwd.ancestors() {
        let path = folder.join(OWN);
        if let Some(bytes) = read(&path)? {
            let text = text(&path, bytes)?;
            return Ok(Some(Found { path, text }));
        }
        let path = folder.join(PYPROJECT);
        let Some(bytes) = read(&path)? else { continue };
        // Most such files say nothing of this program, and need no parsing for that.
        if memchr::memmem::find(&bytes, b"qmigrate").is_none() {
            continue;
        }
        let text = text(&path, bytes)?;
        let document = Document::parse(&path, &text)?;
        if tool(&document.root())?.is_some() {
            return Ok(Some(Found { path, text }));
        }
    }
    Ok(None)
}

/// The table `[tool.qmigrate]`.
pub(crate) fn tool<'a>(root: &Table<'a>) -> Result<Option<Table<'a>>, Flaw> {
    let Some(tool) = root.table("tool")? else { return Ok(None) };
    tool.table("qmigrate")
}

/// What lies in a folder's `QMIGRATE.lock`, if it has one.
pub(crate) fn lock(root: &Path, read: &Read<'_>) -> Result<Lock, ConfigError> {
    let path = root.join(lock::NAME);
    let Some(bytes) = read(&path)? else { return Ok(Lock::default()) };
    let text = text(&path, bytes)?;
    let lock = Lock::parse(&text).map_err(|LockFlaw { line, message }| {
        let hint = Some("take it from the last commit that had it right, then run `qmigrate init --check`".to_owned());
        Flaw { file: path, line, message, hint }
    });
    Ok(lock?)
}

/// The nearest folder with a `.git`, else `cwd` itself.
pub(crate) fn project(cwd: &Path) -> PathBuf {
    let root = cwd.ancestors().find(|folder| fs::symlink_metadata(folder.join(".git")).is_ok());
    root.unwrap_or(cwd).to_path_buf()
}

pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, ConfigError> {
    // A folder or a FIFO of that name is no configuration, and opening the latter would wait for ever.
    if !fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Read { path: path.to_path_buf(), source }),
    }
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Flaw> {
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        Flaw { file: path.to_path_buf(), line, message: "not UTF-8".to_owned(), hint: None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn write(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn the_nearest_configuration_holds_and_its_folder_is_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        write(&root, "qmigrate.toml", "exclude = ['a']");
        write(&root, "pyproject.toml", "[tool.qmigrate]\nexclude = ['b']");
        write(&root, "in/pyproject.toml", "[tool.qmigrate]\nexclude = ['c']");
        write(&root, "in/er/pyproject.toml", "[project]\nname = 'qmigrate-user'");
        let load = |cwd: &str| Config::load(&root.join(cwd), None).unwrap();
        assert_eq!((load("").exclude, load("").root), (vec!["a".to_owned()], root.clone()));
        assert_eq!(load("in/er").exclude, ["c"]);
        assert_eq!(load("in/er").root, root.join("in"));
        let named = Config::load(&root.join("in/er"), Some(Path::new("../../pyproject.toml")));
        let named = named.unwrap();
        assert_eq!((named.exclude, named.root), (vec!["b".to_owned()], root.clone()));
    }

    #[test]
    fn without_a_configuration_the_repository_is_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        write(&root, ".git", "gitdir: elsewhere");
        write(&root, "in/er/x.py", "");
        assert_eq!(project(&root.join("in/er")), root);
    }
}
