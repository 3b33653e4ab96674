//! Entries that are no plain text files, and repositories that are no plain repositories.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::Guarded;
use super::module;

#[test]
fn links_are_not_followed() {
    let guarded = Guarded::new();
    let outside = guarded.root().with_file_name("outside.py");
    fs::write(&outside, module(&[("connect", "")])).unwrap();
    symlink(&outside, guarded.repository.path("app/link.py")).unwrap();
    symlink("old.py", guarded.repository.path("app/inner.py")).unwrap();
    guarded.commit().passes();
}

#[test]
fn a_link_that_becomes_a_file_and_a_file_that_becomes_a_link_are_told() {
    let guarded = Guarded::new();
    symlink("old.py", guarded.repository.path("app/link.py")).unwrap();
    guarded.commit().passes();
    guarded.remove("app/link.py");
    guarded.write("app/link.py", module(&[("connect", "")]));
    guarded.commit().refuses(&["app/link.py:5"]);
    guarded.done(&["reset", "--quiet", "--hard"]);
    guarded.remove("app/old.py");
    symlink("link.py", guarded.repository.path("app/old.py")).unwrap();
    guarded.commit().passes();
}

#[test]
fn a_bit_that_makes_a_file_executable_is_no_bypass() {
    let guarded = Guarded::new();
    let path = guarded.repository.path("app/old.py");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    guarded.commit().passes();
}

#[test]
fn a_file_that_becomes_a_folder_and_the_reverse_are_judged() {
    let guarded = Guarded::new();
    guarded.remove("app/old.py");
    guarded.write("app/old.py/inner.py", module(&[("new", "")]));
    guarded.commit().refuses(&["app/old.py/inner.py:5"]);
    guarded.write("app/old.py/inner.py", module(&[("old", "timeout=1")]));
    guarded.commit().passes();
}

#[test]
fn what_is_no_text_and_what_lies_elsewhere_is_no_bypass() {
    let guarded = Guarded::new();
    guarded.write("app/binary.py", b"OpenAI\0\xff\xfe\x00");
    guarded.write("app/empty.py", "");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n";
    guarded.write("app/large.py", pointer);
    let said = guarded.commit();
    said.passes();
    assert!(!said.text.contains("large.py` is judged"), "{}", said.text);
}

#[test]
fn an_encoding_of_the_work_tree_is_not_that_of_the_commit() {
    let guarded = Guarded::new();
    guarded.write(".gitattributes", "*.py working-tree-encoding=UTF-16LE\n");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    guarded.write("app/wide.py", wide(&module(&[("connect", "")])));
    guarded.done(&["add", ".gitattributes", "app/wide.py"]);
    guarded.git(&["commit", "--message", "x"]).refuses(&["app/wide.py:5"]);
}

#[test]
fn line_ends_that_git_converts_are_judged_as_they_are_committed() {
    let guarded = Guarded::new();
    guarded.done(&["config", "core.autocrlf", "true"]);
    guarded.write("app/old.py", module(&[("old", "timeout=1")]).replace('\n', "\r\n") + "limit = 1\r\n");
    guarded.commit().passes();
    guarded.write(".gitattributes", "*.py text eol=crlf\n");
    guarded.write("app/old.py", module(&[("old", "timeout=1"), ("new", "")]).replace('\n', "\r\n"));
    guarded.commit().refuses(&["app/old.py:9"]);
}

#[test]
fn a_filter_is_not_run_by_the_hook() {
    let guarded = Guarded::new();
    guarded.write(".gitattributes", "*.py filter=shout\n");
    guarded.done(&["config", "filter.shout.clean", "sed s/Quiet/OpenAI/"]);
    guarded.done(&["config", "filter.shout.smudge", "sed s/OpenAI/Quiet/"]);
    guarded.write("app/llm.py", "from openai import OpenAI\nclient = Quiet()\n");
    guarded.done(&["add", ".gitattributes", "app/llm.py"]);
    guarded.git(&["commit", "--message", "x"]).refuses(&["app/llm.py:2"]);
}

#[test]
fn a_submodule_is_judged_by_its_own_hook() {
    let guarded = Guarded::new();
    let library = guarded.root().with_file_name("library");
    let said = guarded.run(Command::new("git").args(["clone", "--quiet"]).arg(guarded.root()).arg(&library));
    assert_eq!(said.code, 0, "{}", said.text);
    let url = library.to_string_lossy().into_owned();
    guarded.done(&["-c", "protocol.file.allow=always", "submodule", "add", "--quiet", &url, "library"]);
    guarded.commit().passes();
    let inner = guarded.repository.path("library");
    let program = env!("CARGO_BIN_EXE_qmigrate");
    let said = guarded.run(Command::new(program).args(["hook", "install"]).current_dir(&inner));
    said.says("Installed the hook");
    guarded.write("library/llm.py", module(&[("connect", "")]));
    let add = guarded.run(Command::new("git").args(["add", "--all"]).current_dir(&inner));
    assert_eq!(add.code, 0, "{}", add.text);
    guarded.run(Command::new("git").args(["commit", "-m", "x"]).current_dir(&inner)).refuses(&["llm.py:5"]);
    let skip = ["commit", "--no-verify", "-m", "x"];
    assert_eq!(guarded.run(Command::new("git").args(skip).current_dir(&inner)).code, 0);
    guarded.commit().passes();
}

#[test]
fn a_linked_work_tree_is_judged_by_its_own_index() {
    let guarded = Guarded::new();
    guarded.done(&["worktree", "add", "--quiet", "../linked"]);
    let linked = guarded.root().with_file_name("linked");
    fs::write(linked.join("llm.py"), module(&[("connect", "")])).unwrap();
    let git = |arguments: &[&str]| guarded.run(Command::new("git").args(arguments).current_dir(&linked));
    assert_eq!(git(&["add", "--all"]).code, 0);
    git(&["commit", "-m", "x"]).refuses(&["llm.py:5"]);
    guarded.write("app/fine.py", "limit = 1\n");
    guarded.commit().passes();
    fs::remove_file(linked.join("llm.py")).unwrap();
    fs::write(linked.join("notes.txt"), "a\n").unwrap();
    assert_eq!(git(&["add", "--all"]).code, 0);
    git(&["commit", "-m", "x"]).passes();
    guarded.write("app/theirs.py", module(&[("theirs", "")]));
    guarded.done(&["add", "--all"]);
    guarded.done(&["commit", "--no-verify", "--message", "theirs"]);
    let branch = guarded.done(&["branch", "--show-current"]);
    git(&["merge", "--no-edit", branch.trim()]).passes();
}

#[test]
fn a_repository_with_longer_hashes_is_judged() {
    let guarded = Guarded::empty();
    fs::remove_dir_all(guarded.repository.path(".git")).unwrap();
    guarded.done(&["init", "--quiet", "--object-format=sha256"]);
    guarded.install();
    guarded.write("app/clients.py", "from openai import OpenAI as LLM\n");
    guarded.commit().passes();
    guarded.write("app/deep/use.py", "from app.clients import LLM\n\nclient = LLM()\n");
    guarded.commit().refuses(&["app/deep/use.py:3"]);
    guarded.done(&["commit", "--no-verify", "--message", "skipped"]);
    guarded.write("app/deep/use.py", "from app.clients import LLM\n\n\nclient = LLM()\n");
    guarded.commit().passes();
}

#[test]
fn files_that_are_not_checked_out_are_read_all_the_same() {
    let guarded = Guarded::new();
    guarded.write("lib/clients.py", "from openai import OpenAI as LLM\n");
    guarded.commit().passes();
    for cone in ["--sparse-index", "--no-sparse-index"] {
        guarded.done(&["sparse-checkout", "set", "--cone", cone, "app"]);
        assert!(!guarded.repository.path("lib/clients.py").exists());
        guarded.write("app/use.py", "from lib.clients import LLM\n\nclient = LLM()\n");
        guarded.commit().refuses(&["app/use.py:3"]);
        guarded.done(&["reset", "--quiet", "--hard"]);
    }
}

#[test]
fn a_work_tree_whose_repository_lies_elsewhere_is_judged() {
    let guarded = Guarded::without_hook();
    let elsewhere = guarded.root().with_file_name("elsewhere.git");
    fs::rename(guarded.repository.path(".git"), &elsewhere).unwrap();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(&elsewhere).arg("--work-tree").arg(guarded.root()).args(arguments);
        guarded.run(&mut command)
    };
    let program = env!("CARGO_BIN_EXE_qmigrate");
    let mut install = Command::new(program);
    install.args(["hook", "install"]).env("GIT_DIR", &elsewhere).env("GIT_WORK_TREE", guarded.root());
    guarded.run(&mut install).says("Installed the hook");
    guarded.write("app/llm.py", module(&[("connect", "")]));
    assert_eq!(git(&["add", "--all"]).code, 0);
    git(&["commit", "-m", "x"]).refuses(&["app/llm.py:5"]);
}
