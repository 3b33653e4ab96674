#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may stop at the first surprise")]
//! A temporary project, and the program run in it as a user would.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use tempfile::TempDir;
use walkdir::WalkDir;

/// A factory with the default name and functions.
pub(crate) const FACTORY: &str = "\
def get_openai_client(*, workspace_id=None, **kwargs):
    ...


def get_async_openai_client(*, workspace_id=None, **kwargs):
    ...
";

/// A folder that is thrown away at the end.
pub(crate) struct Project {
    folder: TempDir,
    root: PathBuf,
}

/// What a run of a program came to.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    /// An empty project outside git.
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("qmigrate-test-").tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("project");
        fs::create_dir(&root).unwrap();
        Self { folder, root }
    }

    /// An empty git repository.
    pub(crate) fn git() -> Self {
        let project = Self::new();
        project.run_git(&["init", "--quiet"]);
        project
    }

    /// A git repository with a factory and one file that bypasses it, committed.
    pub(crate) fn demo() -> Self {
        let project = Self::git();
        project.write("utils/__init__.py", "");
        project.write("utils/openai_client_factory.py", FACTORY);
        project.write(
            "app/llm.py",
            "from openai import OpenAI\n\n\ndef connect(workspace_id):\n    return OpenAI(timeout=30)\n",
        );
        project.write("app/__init__.py", "");
        project.commit();
        project
    }

    /// A git repository that holds a copy of `fixtures/projects/NAME`, committed.
    pub(crate) fn copy_of(name: &str) -> Self {
        let project = Self::git();
        copy(&fixture(name), &project.root);
        project.commit();
        project
    }

    /// A git repository like a clone of qmigrate's own, as far as the README needs it.
    pub(crate) fn clone_with_demo() -> Self {
        let project = Self::git();
        copy(&fixture("demo"), &project.root.join("fixtures/projects/demo"));
        project.commit();
        project
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn read_bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn commit(&self) {
        self.run_git(&["add", "--all"]);
        self.run_git(&["commit", "--quiet", "--message", "test"]);
    }

    pub(crate) fn run_git(&self, arguments: &[&str]) -> Run {
        self.run_git_with(arguments, "")
    }

    /// The same, with something on standard input.
    pub(crate) fn run_git_with(&self, arguments: &[&str], input: &str) -> Run {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=test", "-c", "user.email=test@example.com"]);
        let run = self.finish(command.args(arguments), input);
        assert_eq!(run.code, 0, "git {arguments:?}: {}", run.err);
        run
    }

    /// Runs qmigrate in the project's folder; the arguments are parted by spaces.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.run_with(arguments, "")
    }

    /// The same, with something on standard input.
    pub(crate) fn run_with(&self, arguments: &str, input: &str) -> Run {
        self.finish(self.command().args(arguments.split_whitespace()), input)
    }

    /// Runs a line of shell in the project's folder, as a person would type it: `qmigrate` is on the path.
    pub(crate) fn shell(&self, line: &str) -> Run {
        let folder = Path::new(env!("CARGO_BIN_EXE_qmigrate")).parent().unwrap().to_path_buf();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(folder).chain(std::env::split_paths(&path));
        let mut command = Command::new("bash");
        command.args(["-c", line]).env("PATH", std::env::join_paths(folders).unwrap());
        self.finish(self.in_quiet(&mut command), "")
    }

    /// The program, in the project's folder and in an environment that says nothing.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qmigrate"));
        self.in_quiet(&mut command);
        command
    }

    fn in_quiet<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "XDG_STATE_HOME"] {
            command.env_remove(variable);
        }
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "test").env(format!("GIT_{role}_EMAIL"), "test@example.com");
        }
        command.env("HOME", self.folder.path()).env("COLUMNS", "100").current_dir(&self.root)
    }

    /// Runs a program to its end; paths of the project come out as `[PROJECT]`.
    pub(crate) fn finish(&self, command: &mut Command, input: &str) -> Run {
        let command = command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        if command.get_current_dir().is_none() {
            command.current_dir(&self.root);
        }
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        // A program that reads nothing may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let scrub = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&*self.root.to_string_lossy(), "[PROJECT]");
        Run { code: output.status.code().unwrap_or(-1), out: scrub(&output.stdout), err: scrub(&output.stderr) }
    }

    /// Checks that a command is refused with this message, and that nothing is printed or written.
    pub(crate) fn refuses(&self, arguments: &str, message: &str) {
        let run = self.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments}: {}", run.err);
        assert!(run.err.contains(message), "{arguments}\nexpected: {message}\nfound: {}", run.err);
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects").join(name)
}

fn copy(from: &Path, to: &Path) {
    for entry in WalkDir::new(from).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file()) {
        let path = to.join(entry.path().strip_prefix(from).unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(entry.path(), path).unwrap();
    }
}
