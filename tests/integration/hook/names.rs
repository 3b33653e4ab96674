//! Names that shells, parsers and git itself find hard.

use std::process::Command;

use super::Guarded;
use super::module;
use super::os;

#[test]
fn names_are_taken_as_they_are() {
    let names: [&[u8]; 9] = [
        b"a b.py",
        b"\"q\".py",
        b"it's.py",
        b"new\nline.py",
        b"-x.py",
        b"tab\t.py",
        b"esc\x1b[31m.py",
        b"caf\xe9.py",
        b":(top)x.py",
    ];
    for name in names {
        let guarded = Guarded::new();
        guarded.write(name, "import os\n");
        guarded.commit().passes();
        guarded.write(name, module(&[("connect", "")]));
        let said = guarded.commit();
        assert_eq!(said.code, 1, "{name:?}: {}", said.text);
        said.says("1 new finding");
        assert!(!said.text.contains('\x1b'), "{:?}", said.text);
        guarded.done(&["commit", "--no-verify", "--message", "skipped"]);
        guarded.write(name, module(&[("connect", "")]) + "limit = 1\n");
        guarded.commit().passes();
    }
}

#[test]
fn imports_are_followed_from_folders_with_odd_names() {
    let guarded = Guarded::new();
    for folder in [&b"new\nline"[..], b"caf\xe9", b" "] {
        let path = |name: &str| [folder, b"/", name.as_bytes()].concat();
        guarded.write(path("clients.py"), "from openai import OpenAI as LLM\n");
        guarded.write(path("use.py"), "from clients import LLM\n\nclient = LLM()\n");
    }
    let said = guarded.commit();
    assert_eq!(said.code, 1, "{}", said.text);
    said.says("3 new findings");
}

#[test]
fn a_file_that_is_named_like_an_option_is_a_file() {
    let guarded = Guarded::without_hook();
    guarded.write("-v.py", module(&[("connect", "")]));
    guarded.write("--quiet.py", module(&[("connect", "")]));
    guarded.done(&["add", "--all"]);
    let program = env!("CARGO_BIN_EXE_qmigrate");
    let said = guarded.run(Command::new(program).args(["hook", "run", "--", "-v.py", "--quiet.py"]));
    said.refuses(&["--quiet.py:5", "-v.py:5"]);
}

#[test]
fn a_named_file_limits_what_is_reported() {
    let guarded = Guarded::without_hook();
    guarded.write("one.py", module(&[("connect", "")]));
    guarded.write(b"caf\xe9.py", module(&[("connect", "")]));
    guarded.done(&["add", "--all"]);
    guarded.qmigrate(&["hook", "run", "one.py"]).refuses(&["one.py:5"]);
    let program = env!("CARGO_BIN_EXE_qmigrate");
    let said = guarded.run(Command::new(program).args(["hook", "run"]).arg(os(b"caf\xe9.py")));
    said.refuses(&["caf\u{fffd}.py:5"]);
}
