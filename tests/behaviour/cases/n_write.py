"""contract.md under `fix`, "Writing", PATH, JSON, user rules. Mostly small scripts of commands."""
import json
import os
import stat
from run import case, special, DEFAULT_FACTORY, STUB

SRC = "from openai import OpenAI\nclient = OpenAI(api_key='k')\n"
DONE = "from utils.openai_client_factory import get_openai_client\nclient = get_openai_client(api_key='k')\n"


def base(p, **files):
    p.write("utils/__init__.py", "")
    p.write("utils/openai_client_factory.py", DEFAULT_FACTORY)
    for path, text in files.items(): p.write(path.replace("__init__", "\0").replace("__", "/").replace("\0", "__init__") + ".py", text)
    return p


def text(p, path): return (p.root / path).read_text()


def ran(r, rc=0):
    assert r.returncode == rc, f"exit {r.returncode}, not {rc}\n{r.stdout.decode(errors='replace')[-1500:]}\n{r.stderr.decode(errors='replace')[-1500:]}"
    return r


def w(name):
    return special("write." + name)


@w("dirty_file_is_held_back_rest_is_done")
def _(p):
    base(p, a=SRC, b=SRC).commit()
    p.write("a.py", SRC + "x = 1\n")
    r = ran(p.tool("fix"), 3)
    assert b"a.py" in r.stdout + r.stderr, r
    assert text(p, "a.py") == SRC + "x = 1\n" and text(p, "b.py") == DONE


@w("dirty_file_with_allow_dirty")
def _(p):
    base(p, a=SRC, b=SRC).commit()
    p.write("a.py", SRC + "x = 1\n")
    ran(p.tool("fix", "--allow-dirty"))
    assert text(p, "a.py") == DONE + "x = 1\n" and text(p, "b.py") == DONE
    ran(p.tool("undo"))
    assert text(p, "a.py") == SRC + "x = 1\n" and text(p, "b.py") == SRC


@w("staged_change_is_dirty")
def _(p):
    base(p, a=SRC).commit()
    p.write("a.py", SRC + "x = 1\n")
    p.git("add", "a.py")
    ran(p.tool("fix"), 3)
    assert text(p, "a.py") == SRC + "x = 1\n"


@w("untracked_file_is_held_back")
def _(p):
    base(p, a=SRC).commit()
    p.write("new.py", SRC)
    r = ran(p.tool("fix"), 3)
    assert text(p, "new.py") == SRC and text(p, "a.py") == DONE and b"new.py" in r.stdout + r.stderr


@w("conflicted_file_is_held_back")
def _(p):
    base(p, a=SRC).commit()
    p.git("checkout", "-qb", "other")
    p.write("a.py", SRC + "x = 1\n"); p.commit()
    p.git("checkout", "-q", "-")
    p.write("a.py", SRC + "x = 2\n"); p.commit()
    p.git("merge", "other", ok=False)
    before = p.tree()
    r = p.tool("fix")
    assert r.returncode == 3, r
    assert p.tree() == before


@w("dirty_test_file_holds_back_the_whole_unit")
def _(p):
    base(p, app____init__="", app__svc="from openai import OpenAI\ndef go(): return OpenAI(api_key='k')\n", b=SRC,
         tests__test_svc="from unittest.mock import patch\ndef test():\n    with patch('app.svc.OpenAI'): pass\n").commit()
    p.write("tests/test_svc.py", text(p, "tests/test_svc.py") + "x = 1\n")
    before = p.tree()
    r = ran(p.tool("fix"), 3)
    assert text(p, "app/svc.py") == before["app/svc.py"].decode(), "half of the unit landed"
    assert text(p, "b.py") == DONE and b"tests/test_svc.py" in r.stdout + r.stderr


@w("dirty_unrelated_file_is_no_obstacle")
def _(p):
    base(p, a=SRC, note="x = 1\n").commit()
    p.write("note.py", "x = 2\n")
    ran(p.tool("fix"))
    assert text(p, "a.py") == DONE


@w("outside_git_there_is_no_guard_and_undo_works")
def _(p):
    base(p, a=SRC)
    before = p.tree()
    ran(p.tool("fix"))
    assert text(p, "a.py") == DONE and set(p.tree()) == set(before), "left a file in the tree"
    ran(p.tool("undo"))
    assert p.tree() == before


@w("no_own_file_in_the_work_tree")
def _(p):
    base(p, a=SRC).commit()
    ran(p.tool("scan"), 1); ran(p.tool("fix", "--dry-run")); ran(p.tool("fix"))
    assert p.git("status", "--porcelain").stdout.decode().strip() == "M a.py", p.git("status", "--porcelain").stdout


@w("undo_twice_takes_back_two_fixes")
def _(p):
    base(p, a=SRC, b=SRC).commit()
    first = p.tree()
    ran(p.tool("fix", "a.py"))
    middle = p.tree()
    assert text(p, "a.py") == DONE and text(p, "b.py") == SRC, "PATH limits where fixes start"
    ran(p.tool("fix", "b.py"))
    assert text(p, "b.py") == DONE
    ran(p.tool("undo"))
    assert p.tree() == middle
    ran(p.tool("undo"))
    assert p.tree() == first


@w("undo_list_and_by_id")
def _(p):
    base(p, a=SRC, b=SRC).commit()
    first = p.tree()
    r = ran(p.tool("fix", "a.py", "--format", "json"))
    data = json.loads(r.stdout)
    assert data["undo"], data
    assert [(f["path"], f["status"]) for f in data["files"]] == [("a.py", "changed")], data["files"]
    listed = ran(p.tool("undo", "--list")).stdout.decode()
    assert str(data["undo"]) in listed, listed
    ran(p.tool("undo", str(data["undo"])))
    assert p.tree() == first


@w("undo_refuses_a_file_changed_since")
def _(p):
    base(p, a=SRC).commit()
    ran(p.tool("fix"))
    p.write("a.py", DONE + "x = 1\n")
    r = p.tool("undo")
    assert r.returncode != 0 and text(p, "a.py") == DONE + "x = 1\n", r


@w("undo_with_nothing_to_undo")
def _(p):
    base(p, a="x = 1\n").commit()
    before = p.tree()
    r = p.tool("undo")
    assert r.returncode in (0, 2) and (r.stdout + r.stderr).strip(), r
    assert p.tree() == before


@w("check_writes_nothing")
def _(p):
    base(p, a=SRC).commit()
    before = p.tree()
    ran(p.tool("fix", "--check"), 1)
    assert p.tree() == before
    ran(p.tool("fix"))
    ran(p.tool("fix", "--check"), 0)


@w("mode_is_kept")
def _(p):
    base(p, a="#!/usr/bin/env python3\n" + SRC).commit()
    os.chmod(p.root / "a.py", 0o755)
    p.commit()
    ran(p.tool("fix"))
    assert stat.S_IMODE(os.stat(p.root / "a.py").st_mode) == 0o755
    ran(p.tool("undo"))
    assert stat.S_IMODE(os.stat(p.root / "a.py").st_mode) == 0o755


@w("symlink_is_followed_to_the_file")
def _(p):
    base(p, real=SRC)
    os.symlink("real.py", p.root / "link.py")
    p.commit()
    ran(p.tool("fix"))
    assert (p.root / "link.py").is_symlink() and not (p.root / "real.py").is_symlink() and text(p, "real.py") == DONE
    ran(p.tool("undo"))
    assert text(p, "real.py") == SRC and (p.root / "link.py").is_symlink()


@w("symlink_out_of_the_project_is_never_written")
def _(p):
    outside = p.top / "outside.py"
    outside.write_text(SRC)
    base(p, a=SRC)
    os.symlink(str(outside), p.root / "link.py")
    p.commit()
    p.tool("fix")
    p.tool("fix", "link.py")
    assert outside.read_text() == SRC and text(p, "a.py") == DONE and (p.root / "link.py").is_symlink()


@w("symlinked_folder_out_of_the_project")
def _(p):
    (p.top / "out").mkdir()
    (p.top / "out" / "x.py").write_text(SRC)
    base(p, a=SRC)
    os.symlink(str(p.top / "out"), p.root / "lib")
    p.commit()
    p.tool("fix")
    p.tool("fix", "lib/x.py")
    assert (p.top / "out" / "x.py").read_text() == SRC


@w("read_only_folder_is_a_failure_of_that_file")
def _(p):
    if os.geteuid() == 0: return
    base(p, a=SRC, ro__b=SRC).commit()
    os.chmod(p.root / "ro", 0o555)
    try:
        r = ran(p.tool("fix"), 3)
        assert text(p, "a.py") == DONE
    finally:
        os.chmod(p.root / "ro", 0o755)


@w("dry_run_patch_names_new_and_old")
def _(p):
    base(p, a=SRC).commit()
    r = ran(p.tool("fix", "--dry-run"))
    assert b"a.py" in r.stdout and b"+client = get_openai_client(api_key='k')" in r.stdout and b"-client = OpenAI(api_key='k')" in r.stdout
    assert text(p, "a.py") == SRC


@w("dry_run_patch_applies_from_a_subfolder")
def _(p):
    base(p, app__a=SRC, b=SRC).commit()
    patch = ran(p.tool("fix", "--dry-run", cwd="app")).stdout
    assert b"get_openai_client" in patch
    g = p.git("apply", "-", input=patch, ok=False, cwd=p.root / "app")
    h = g if g.returncode == 0 and text(p, "app/a.py") == DONE else p.git("apply", "-", input=patch, ok=False)
    assert text(p, "app/a.py") == DONE, (g.stderr, h.stderr, patch)


@w("path_argument_limits_findings")
def _(p):
    base(p, app__a=SRC, b=SRC).commit()
    assert [f["path"] for f in p.scan("app")["findings"]] == ["app/a.py"]
    assert [f["path"] for f in p.scan("b.py")["findings"]] == ["b.py"]
    assert [f["path"] for f in p.scan("app", "b.py")["findings"]] == ["app/a.py", "b.py"]


@w("paths_are_relative_to_the_working_directory")
def _(p):
    base(p, app__a=SRC, b=SRC).commit()
    assert [f["path"] for f in p.scan(cwd="app")["findings"]] == ["a.py"]
    assert [f["path"] for f in p.scan("../b.py", cwd="app")["findings"]] == ["../b.py"]
    assert [f["path"] for f in p.scan(".", "./app", "app/")["findings"]] == ["app/a.py", "b.py"], "each file once"


@w("path_follows_imports_outward")
def _(p):
    base(p, clients="from openai import OpenAI as Llm\n", app__a="from clients import Llm\nx = Llm(api_key='k')\n").commit()
    assert [f["path"] for f in p.scan("app/a.py")["findings"]] == ["app/a.py"]


@w("fix_of_a_path_never_judges_an_import_unused_from_a_part")
def _(p):
    base(p, clients=SRC, use="from clients import OpenAI\nprint(isinstance(3, OpenAI))\n").commit()
    ran(p.tool("fix", "clients.py"))
    rc, out, err, calls = p.python("use.py")
    assert rc == 0 and len(calls) == 1, err


@w("fix_of_a_path_edits_tests_outside_and_lists_them")
def _(p):
    base(p, app____init__="", app__svc="from openai import OpenAI\ndef go(): return OpenAI(api_key='k').api_key\n",
         tests__test_svc="from unittest.mock import patch\nfrom app import svc\ndef test_go():\n    with patch('app.svc.OpenAI') as c:\n        c.return_value.api_key = 'mock'\n        assert svc.go() == 'mock'\n").commit()
    r = ran(p.tool("fix", "app"))
    assert "app.svc.get_openai_client" in text(p, "tests/test_svc.py")
    assert b"test_svc.py" in r.stdout + r.stderr
    rc, out, err, calls = p.python("test:tests/test_svc.py")
    assert rc == 0, err


@w("stdin")
def _(p):
    base(p, a="x = 1\n").commit()
    r = p.tool("scan", "--format", "json", "-", "--stdin-filename", "app/a.py", input=SRC.encode())
    data = json.loads(r.stdout)
    assert r.returncode == 1 and [(f["path"], f["line"]) for f in data["findings"]] == [("app/a.py", 2)], data


@w("named_ignored_file_is_read")
def _(p):
    base(p, a=SRC)
    p.write(".gitignore", "skipped.py\n")
    p.write("skipped.py", SRC)
    p.write(".hidden/x.py", SRC)
    p.commit()
    assert [f["path"] for f in p.scan()["findings"]] == ["a.py"]
    assert [f["path"] for f in p.scan("skipped.py")["findings"]] == ["skipped.py"]
    assert [f["path"] for f in p.scan(".hidden/x.py")["findings"]] == [".hidden/x.py"]


@w("path_outside_the_project")
def _(p):
    base(p, a=SRC).commit()
    (p.top / "outside.py").write_text(SRC)
    data = p.scan("../outside.py", rc=1)
    assert [f["path"] for f in data["findings"]] == ["../outside.py"], data


@w("select_and_ignore")
def _(p):
    base(p, a="from openai import OpenAI\nclass M(OpenAI): ...\nclient = OpenAI(api_key='k')\n").commit()
    assert {f["rule"] for f in p.scan("--select", "client-subclass")["findings"]} == {"client-subclass"}
    assert {f["rule"] for f in p.scan("--ignore", "client-subclass")["findings"]} == {"direct-client"}
    ran(p.tool("fix", "--select", "client-subclass"))
    assert "get_openai_client" not in text(p, "a.py")
    ran(p.tool("fix", "--ignore", "direct-client"))
    assert "get_openai_client" not in text(p, "a.py")
    ran(p.tool("fix", "--select", "direct-client,client-subclass"))
    assert "get_openai_client(" in text(p, "a.py")


@w("exit_zero_and_statistics")
def _(p):
    base(p, a=SRC).commit()
    ran(p.tool("scan", "--exit-zero"))
    r = ran(p.tool("scan", "--statistics"), 1)
    assert b"direct-client" in r.stdout


@w("output_file")
def _(p):
    base(p, a=SRC).commit()
    out = p.top / "out.json"
    r = ran(p.tool("scan", "--format", "json", "--output", str(out)), 1)
    assert json.loads(out.read_text())["schema"] == 1 and not r.stdout.strip()


@w("jsonl")
def _(p):
    base(p, a=SRC, b=SRC).commit()
    r = ran(p.tool("scan", "--format", "jsonl"), 1)
    lines = [json.loads(l) for l in r.stdout.decode().splitlines()]
    assert sum("rule" in json.dumps(l) and "direct-client" in json.dumps(l) for l in lines) >= 2, lines


@w("json_shape")
def _(p):
    base(p, a="s = 'äö'; import openai; c = openai.OpenAI(\n    api_key='k')\n", done=DONE).commit()
    r = p.tool("scan", "--format", "json")
    again = p.tool("scan", "--format", "json", "--threads", "1")
    assert r.stdout == again.stdout, "the same input gives the same bytes"
    data = json.loads(r.stdout)
    f, = data["findings"]
    assert (f["rule"], f["severity"], f["language"], f["path"], f["line"], f["end_line"], f["cell"], f["symbol"], f["standing"], f["reason"], f["held_back"]) == \
        ("direct-client", "error", "python", "a.py", 1, 2, None, "openai.OpenAI", "new", None, None), f
    raw = (p.root / "a.py").read_bytes()
    assert raw[f["start"]:f["end"]] == b"openai.OpenAI(\n    api_key='k')", raw[f["start"]:f["end"]]
    assert f["column"] == 30 and f["end_column"] == 17, (f["column"], f["end_column"])
    assert f["fingerprint"] and f["message"] and f["fix"]["title"] and f["fix"]["applicability"] == "safe"
    assert all(set(e) >= {"path", "cell", "start", "end", "text"} for e in f["fix"]["edits"])
    s = data["summary"]
    assert (s["findings"], s["fixable"], s["new"], s["baselined"], s["suppressed"], s["migrated_sites"], s["files_with_findings"], s["by_rule"]) == (1, 1, 1, 0, 0, 1, 1, {"direct-client": 1}), s
    assert data["tool"]["name"] == "qmigrate" and data["problems"] == []


@w("migrated_sites_by_import_name_where_the_module_is_absent")
def _(p):
    p.write("a.py", "from utils.openai_client_factory import get_openai_client as g\nimport functools\ng(); functools.partial(g, x=1)\nimport utils.openai_client_factory as f\nf.get_async_openai_client()\n")
    p.commit()
    s = p.scan(rc=0)["summary"]
    assert s["migrated_sites"] == 3, s


@w("fingerprint_survives_moves")
def _(p):
    base(p, a="from openai import OpenAI\ndef go():\n    return OpenAI(api_key='k')\n").commit()
    one = p.scan()["findings"][0]["fingerprint"]
    p.write("a.py", "# moved\n\nfrom openai import OpenAI\n\n\ndef go():\n    return OpenAI(\n        api_key='k'\n    )\n")
    assert p.scan()["findings"][0]["fingerprint"] == one


@w("fix_reports_what_is_left")
def _(p):
    base(p, a=SRC, b="from openai import OpenAI\ndef go(): return OpenAI(base_url='https://api.x.ai/v1')\n").commit()
    r = ran(p.tool("fix", "--format", "json"))
    data = json.loads(r.stdout)
    assert any(f["path"] == "a.py" and f["status"] == "changed" for f in data["files"]), data["files"]
    assert data["schema"] == 1


@w("unsafe_needs_the_flag")
def _(p):
    base(p, a=SRC)
    p.write("utils/openai_client_factory.py", "import openai\nimport functools\n@functools.cache\ndef get_openai_client(workspace_id=None, **kw): return openai._made('get_openai_client', **kw)\n")
    p.commit()
    before = p.tree()
    ran(p.tool("fix"))
    assert p.tree() == before
    ran(p.tool("fix", "--unsafe"))
    assert text(p, "a.py") == DONE


@w("anthropic_rule_in_ten_lines")
def _(p):
    p.write("qmigrate.toml", 'rules = ["tools/rules"]\n')
    p.write("tools/rules/direct-anthropic.toml", '''summary = "Anthropic client constructed directly"
severity = "error"
why = """
It bypasses the factory.
"""

[python]
[[python.construct]]
symbols = ["anthropic.Anthropic"]
replace = "{factory}.get_anthropic_client"
''')
    p.write("utils/__init__.py", "")
    p.write("utils/openai_client_factory.py", "import anthropic\ndef get_anthropic_client(workspace_id=None, **kw):\n    print('made', workspace_id, kw)\n    return anthropic._Made()\n")
    p.write("main.py", "import anthropic\ndef go(workspace_id):\n    return anthropic.Anthropic(api_key='k')\ngo('w')\n")
    p.commit()
    data = p.scan(rc=1)
    assert [(f["rule"], f["line"], f["fix"] is not None) for f in data["findings"]] == [("direct-anthropic", 3, True)], data["findings"]
    ran(p.tool("fix"))
    rc, out, err, calls = p.python("main.py")
    assert rc == 0 and out.strip() == "made w {'api_key': 'k'}", (out, err)
    ran(p.tool("undo"))


@w("rule_commands")
def _(p):
    base(p, a="x = 1\n").commit()
    out = ran(p.tool("rule", "list")).stdout.decode()
    for rule in ("direct-client", "client-subclass", "client-reference", "dynamic-client", "module-client", "legacy-api", "stale-patch", "unused-suppression"): assert rule in out, (rule, out)
    for rule in ("direct-client", "stale-patch", "unused-suppression"): assert ran(p.tool("rule", "explain", rule)).stdout.strip()


@w("init_writes_a_commented_configuration_once")
def _(p):
    base(p, a=SRC).commit()
    ran(p.tool("init"))
    t = text(p, "qmigrate.toml")
    assert "#" in t and "factory" in t, t
    assert p.scan(rc=1)["findings"], "the written configuration must load"
    p.write("qmigrate.toml", t + "# mine\n")
    p.tool("init")
    assert text(p, "qmigrate.toml") == t + "# mine\n", "init overwrote a configuration"


@w("completions")
def _(p):
    base(p).commit()
    for shell in ("bash", "zsh", "fish"): assert b"qmigrate" in ran(p.tool("completions", shell)).stdout


@w("text_report")
def _(p):
    base(p, a=SRC).commit()
    r = ran(p.tool("scan", "--color", "never"), 1)
    out = r.stdout.decode()
    assert "a.py" in out and "^" in out and "direct-client" in out and "\x1b" not in out, out
    r = ran(p.tool("scan", "--color", "always"), 1)
    assert b"\x1b[" in r.stdout


@w("quiet_and_version_and_help")
def _(p):
    base(p, a=SRC).commit()
    ran(p.tool("scan", "-q"), 1)
    for args in (["--help"], ["-h"], ["scan", "--help"], ["fix", "-h"], ["--version"]): assert ran(p.tool(*args)).stdout


@w("broken_pipe")
def _(p):
    import subprocess
    base(p, **{f"f{i}": SRC for i in range(200)}).commit()
    r = subprocess.run(f"'{p.bin}' scan | head -1", shell=True, cwd=p.root, env=p.env, capture_output=True, timeout=30)
    assert b"panicked" not in r.stderr, r.stderr


@w("second_fix_after_partly_held_back_unit")
def _(p):
    base(p, a=SRC, b=SRC).commit()
    p.write("a.py", SRC + "x = 1\n")
    ran(p.tool("fix"), 3)
    p.commit()
    ran(p.tool("fix"))
    assert text(p, "a.py") == DONE + "x = 1\n"


@w("threads_and_many_files_same_result")
def _(p):
    base(p, **{f"pkg__m{i}": f"from openai import OpenAI\ndef go(workspace_id):\n    return OpenAI(api_key={i})\n" for i in range(120)}).commit()
    one = p.tool("scan", "--format", "json", "--threads", "1").stdout
    assert one == p.tool("scan", "--format", "json", "--threads", "4").stdout
    ran(p.tool("fix"))
    assert all(f"get_openai_client(api_key={i}, workspace_id=workspace_id)" in text(p, f"pkg/m{i}.py") for i in range(120))


@w("interactive_refuses_or_reads_answers_without_a_terminal")
def _(p):
    base(p, a=SRC).commit()
    r = p.tool("fix", "--interactive", input=b"", timeout=15)
    assert r.returncode in (0, 2) and text(p, "a.py") == SRC, r


@w("git_subfolder_project_by_toml")
def _(p):
    p.write("svc/qmigrate.toml", "")
    p.write("svc/utils/openai_client_factory.py", DEFAULT_FACTORY)
    p.write("svc/a.py", SRC)
    p.write("other/b.py", SRC)
    p.commit()
    data = p.scan(cwd="svc")
    assert [f["path"] for f in data["findings"]] == ["a.py"], data["findings"]
    ran(p.tool("fix", cwd="svc"))
    assert text(p, "svc/a.py") == DONE and text(p, "other/b.py") == SRC


@w("ci_checkout_with_autocrlf_attributes_patch_applies")
def _(p):
    base(p)
    p.write(".gitattributes", "*.py text eol=crlf\n")
    p.write("a.py", SRC.replace("\n", "\r\n"))
    p.commit()
    ran(p.tool("fix"))
    assert (p.root / "a.py").read_bytes() == DONE.replace("\n", "\r\n").encode()




def interactive(p, keys):
    """Runs `fix --interactive` on a terminal and types `keys`."""
    import pty, select, subprocess, time
    master, slave = pty.openpty()
    child = subprocess.Popen([p.bin, "fix", "--interactive"], cwd=p.root, env={**p.env, "TERM": "xterm"}, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    end, seen, keys = time.time() + 15, b"", list(keys)
    while time.time() < end:
        ready, _, _ = select.select([master], [], [], 0.3)
        if ready:
            try: data = os.read(master, 65536)
            except OSError: break
            if not data: break
            seen += data
        elif child.poll() is not None: break
        elif keys: os.write(master, keys.pop(0).encode() + b"\n")
    if child.poll() is None:
        try: child.wait(2)
        except subprocess.TimeoutExpired:
            child.kill()
            raise AssertionError(f"it hangs: {seen[-500:]!r}")
    return seen


@w("interactive_yes")
def _(p):
    base(p, a=SRC).commit()
    seen = interactive(p, ["y", "y", "y"])
    assert text(p, "a.py") == DONE, seen
    ran(p.tool("undo"))
    assert text(p, "a.py") == SRC


@w("interactive_no")
def _(p):
    base(p, a=SRC).commit()
    interactive(p, ["n", "n", "n"])
    assert text(p, "a.py") == SRC


@w("interactive_quit_and_some")
def _(p):
    base(p, a=SRC, b=SRC, c=SRC).commit()
    seen = interactive(p, ["q"])
    assert all(text(p, f"{n}.py") == SRC for n in "abc"), seen
    seen = interactive(p, ["a", "q"])
    assert (text(p, "a.py"), text(p, "b.py"), text(p, "c.py")) == (DONE, SRC, SRC), seen


@w("interactive_no_to_one_of_two_leaves_a_right_file")
def _(p):
    base(p, a="from openai import OpenAI\nx = lambda: OpenAI(api_key='1')\n" + "a = 1\n" * 30 + "y = lambda: OpenAI(api_key='2')\nx()\n").commit()
    seen = interactive(p, ["y", "n", "n"])
    t = text(p, "a.py")
    assert ("get_openai_client(api_key='1')" in t) and ("get_openai_client(api_key='2')" not in t), (t, seen)
    rc, out, err, calls = p.python("a.py")
    assert rc == 0 and len(calls) == 1, err
