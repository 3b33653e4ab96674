//! The virtual environment that the tests run in: below `target/`, and kept.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// The major version of the SDK that is installed, and the oldest Python that it runs on.
const SDK: (&str, (u32, u32)) = ("3", (3, 10));

/// What is asked of a Python before anything is built.
const QUESTION: &str = "import ensurepip, venv, sys; print(*sys.version_info[:2])";

/// A Python with the SDK and what the tests need.
pub(crate) struct Environment {
    folder: PathBuf,
    python: PathBuf,
}

impl Environment {
    /// Builds what is missing, or says what stands in the way.
    pub(crate) fn build() -> Result<Self, String> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("runtime");
        fs::create_dir_all(&folder).map_err(|error| format!("cannot make `{}`: {error}", folder.display()))?;
        let answer = Command::new("python3").args(["-c", QUESTION]).output();
        let answer = answer.map_err(|error| format!("cannot run python3: {error}"))?;
        if !answer.status.success() {
            return Err("python3 lacks venv or ensurepip (Debian's python3-venv)".to_owned());
        }
        let version = String::from_utf8_lossy(&answer.stdout).into_owned();
        let mut numbers = version.split_whitespace().map(|number| number.parse().unwrap_or(0));
        let (sdk, oldest) = SDK;
        if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < oldest {
            return Err(format!("python3 is {}, and openai {sdk} needs {}.{}", version.trim(), oldest.0, oldest.1));
        }
        // Two runs at once build one after the other.
        let lock = File::create(folder.join("lock")).and_then(|file| file.lock().map(|()| file));
        let mut command = Command::new("python3");
        let matrix = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime/python/tools/matrix.py");
        command.arg(matrix).args(["--build", "--sdk", sdk, "--folder"]).arg(&folder);
        let built = command.env("PIP_RETRIES", "2").output().map_err(|error| format!("cannot run python3: {error}"))?;
        drop(lock);
        if !built.status.success() {
            let said = String::from_utf8_lossy(&built.stderr).into_owned();
            let error = said.lines().rev().find(|line| line.starts_with("ERROR")).unwrap_or_default();
            return Err(format!("openai {sdk} cannot be installed: {error}"));
        }
        let python = PathBuf::from(String::from_utf8_lossy(&built.stdout).trim());
        Ok(Self { folder, python })
    }

    /// The Python, which leaves no compiled files behind and sees none of our settings.
    pub(crate) fn python(&self) -> Command {
        let mut command = Command::new(&self.python);
        command.env("PYTHONDONTWRITEBYTECODE", "1").env_remove("PYTHONPATH");
        command
    }

    /// Where tests may keep what they need again.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}
