//! `fix --staged`: the index, and the work tree with it.

use std::fs;

use super::Guarded;
use super::module;

const FIXED: &str = "from utils.openai_client_factory import get_openai_client\n\n\ndef connect(workspace_id):\n    \
                     return get_openai_client(timeout=30, workspace_id=workspace_id)\n";

fn bad() -> String {
    module(&[("connect", "timeout=30")])
}

fn fix(guarded: &Guarded, code: i32) -> String {
    let said = guarded.qmigrate(&["fix", "--staged"]);
    assert_eq!(said.code, code, "{}", said.text);
    said.text
}

fn staged(guarded: &Guarded, name: &str) -> String {
    guarded.done(&["show", &format!(":{name}")])
}

fn on_disk(guarded: &Guarded, name: &str) -> String {
    String::from_utf8_lossy(&guarded.repository.read(name)).into_owned()
}

#[test]
fn what_is_staged_is_fixed_in_the_index_and_in_the_work_tree() {
    let guarded = Guarded::new();
    guarded.write("app/llm.py", bad());
    guarded.commit().refuses(&["app/llm.py:5"]);
    assert!(fix(&guarded, 0).contains("Fixed 1 finding in 1 file"));
    assert_eq!((staged(&guarded, "app/llm.py"), on_disk(&guarded, "app/llm.py")), (FIXED.into(), FIXED.into()));
    assert_eq!(guarded.done(&["diff", "--name-only"]), "");
    guarded.git(&["commit", "--message", "fixed"]).passes();
    assert_eq!(on_disk(&guarded, "app/old.py"), module(&[("old", "timeout=1")]), "it was not staged");
}

#[test]
fn an_executable_file_stays_one_and_a_dry_run_writes_nothing() {
    use std::os::unix::fs::PermissionsExt as _;

    let guarded = Guarded::new();
    let path = guarded.write("app/llm.py", bad());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    guarded.done(&["add", "--all"]);
    let index = guarded.done(&["ls-files", "--stage"]);
    let said = guarded.qmigrate(&["fix", "--staged", "--dry-run"]);
    assert!(said.text.contains("+    return get_openai_client("), "{}", said.text);
    assert_eq!(guarded.qmigrate(&["fix", "--staged", "--check"]).code, 1);
    assert_eq!(guarded.done(&["ls-files", "--stage"]), index);
    fix(&guarded, 0);
    assert!(guarded.done(&["ls-files", "--stage", "app/llm.py"]).starts_with("100755"));
    assert_eq!(guarded.done(&["diff", "--name-only"]), "");
}

#[test]
fn a_file_that_is_not_in_the_work_tree_is_fixed_in_the_index() {
    let guarded = Guarded::new();
    guarded.write("app/llm.py", bad());
    guarded.done(&["add", "--all"]);
    guarded.remove("app/llm.py");
    fix(&guarded, 0);
    assert_eq!(staged(&guarded, "app/llm.py"), FIXED);
    assert!(!guarded.repository.path("app/llm.py").exists());
}

#[test]
fn a_half_staged_file_is_fixed_where_the_same_edits_apply_to_both() {
    let guarded = Guarded::new();
    guarded.write("app/llm.py", bad() + "\n\nlimit = 1\n");
    guarded.done(&["add", "--all"]);
    guarded.write("app/llm.py", bad() + "\n\nlimit = 2\n");
    fix(&guarded, 0);
    assert_eq!(staged(&guarded, "app/llm.py"), format!("{FIXED}\n\nlimit = 1\n"));
    assert_eq!(on_disk(&guarded, "app/llm.py"), format!("{FIXED}\n\nlimit = 2\n"));
}

#[test]
fn a_half_staged_file_is_left_alone_where_they_do_not() {
    let different = [
        // The same line is another one.
        module(&[("connect", "timeout=31")]),
        // The import is still needed by what is not staged, which would be fixed too.
        module(&[("connect", "timeout=30"), ("more", "")]),
        // The import is still needed, and not fixed.
        bad() + "\n\nkinds = [OpenAI]\n",
    ];
    for text in different {
        let guarded = Guarded::new();
        guarded.write("app/llm.py", bad());
        guarded.done(&["add", "--all"]);
        guarded.write("app/llm.py", &text);
        let said = fix(&guarded, 3);
        assert!(said.contains("changes that are not staged"), "{said}");
        assert_eq!((staged(&guarded, "app/llm.py"), on_disk(&guarded, "app/llm.py")), (bad(), text));
    }
}

#[test]
fn line_ends_and_encodings_of_the_work_tree_stay_its_own() {
    let guarded = Guarded::new();
    guarded.write(".gitattributes", "crlf.py text eol=crlf\nwide.py working-tree-encoding=UTF-16LE\n");
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    guarded.write("app/crlf.py", crlf(&bad()));
    guarded.write("app/wide.py", wide(&bad()));
    guarded.done(&["add", "--all"]);
    fix(&guarded, 0);
    for name in ["app/crlf.py", "app/wide.py"] {
        assert_eq!(staged(&guarded, name), FIXED, "{name}");
    }
    assert_eq!(on_disk(&guarded, "app/crlf.py"), crlf(FIXED));
    assert_eq!(guarded.repository.read("app/wide.py"), wide(FIXED));
    assert_eq!(guarded.done(&["diff", "--name-only"]), "");
}

#[test]
fn a_test_that_patches_the_name_is_fixed_and_staged_with_it() {
    let guarded = Guarded::new();
    let test = "from unittest.mock import patch\n\nfrom app import llm\n\n\n@patch('app.llm.OpenAI')\ndef test_connect(client):\n    \
                llm.connect('w')\n";
    guarded.write("tests/test_llm.py", test);
    guarded.write("app/llm.py", "def connect(workspace_id):\n    return None\n");
    guarded.commit().passes();
    guarded.write("app/llm.py", bad());
    guarded.done(&["add", "app/llm.py"]);
    fix(&guarded, 0);
    assert!(staged(&guarded, "tests/test_llm.py").contains("app.llm.get_openai_client"));
    assert_eq!(staged(&guarded, "app/llm.py"), FIXED);
    assert_eq!(guarded.done(&["diff", "--name-only"]), "");
}

#[test]
fn while_somebody_else_writes_the_index_nothing_is_fixed() {
    let guarded = Guarded::new();
    guarded.write("app/llm.py", bad());
    guarded.done(&["add", "--all"]);
    guarded.write(".git/index.lock", "");
    let said = fix(&guarded, 2);
    assert!(said.contains("cannot write the index"), "{said}");
    assert_eq!(on_disk(&guarded, "app/llm.py"), bad());
}

#[test]
fn with_nothing_staged_there_is_nothing_to_fix() {
    let guarded = Guarded::new();
    guarded.write("app/llm.py", bad());
    assert!(fix(&guarded, 0).contains("nothing is staged"));
    assert_eq!(on_disk(&guarded, "app/llm.py"), bad());
}
