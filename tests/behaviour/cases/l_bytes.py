"""Bytes outside the edits stay: line ends, BOM, encoding, final newline. Problems in neighbours."""
import os
from run import case, special, Failed, DEFAULT_FACTORY

K = 'get_openai_client(api_key="k")'
BASIC = '''
"""Doc."""
import os
from openai import OpenAI

client = OpenAI(api_key="k")  #> fix
print(os.sep)
'''
AFTER = '''
"""Doc."""
import os
from utils.openai_client_factory import get_openai_client

client = get_openai_client(api_key="k")
print(os.sep)
'''


def both(name, how, before=BASIC, after=AFTER, **kw):
    kw.setdefault("calls", K)
    case("bytes." + name, f"--- main.py {how}\n{before}\n+++ main.py {how}\n{after}", **kw)


both("crlf", "crlf")
both("bom", "bom")
both("bom_crlf", "bom crlf")
both("no_final_newline", "noeol")
both("crlf_no_final_newline", "crlf noeol")
both("cr_only", "cr", found=False, dry=False)
both("latin1_cookie", "enc=latin-1", '# -*- coding: latin-1 -*-\n# Grüße' + BASIC, '# -*- coding: latin-1 -*-\n# Grüße' + AFTER)
both("utf8_cookie", "", '# -*- coding: utf-8 -*-\n# Grüße' + BASIC, '# -*- coding: utf-8 -*-\n# Grüße' + AFTER)
both("mixed_content_unicode", "", BASIC.replace('"k")', '"k", default_headers={"x": "äöü漢😀"})'), AFTER.replace('"k")', '"k", default_headers={"x": "äöü漢😀"})'),
     calls='get_openai_client(api_key="k", default_headers={"x": "äöü漢😀"})')
both("trailing_blanks_and_tabs", "", BASIC.replace("import os", "import os   \t"), AFTER.replace("import os", "import os   \t"))
both("tab_indentation", "", 'if True:\n\tfrom openai import OpenAI\n\tclient = OpenAI(api_key="k")  #> fix\n', 'if True:\n\tfrom utils.openai_client_factory import get_openai_client\n\tclient = get_openai_client(api_key="k")\n')
both("form_feed_between_sections", "", BASIC.replace("\nclient", "\n\x0c\nclient"), AFTER.replace("\nclient", "\n\x0c\nclient"))
case("bytes.crlf_inserted_import", '''
--- main.py crlf
import openai

try:
    client = openai.OpenAI(api_key="k")  #> fix
except openai.APIError:
    raise
''', calls=K, check=lambda p, b, a: no_bare_lf(a["main.py"]))
case("bytes.crlf_multiline_string_and_patch", '''
--- main.py crlf
import openai
TEXT = """one
two"""
client = openai.OpenAI(  #> fix
    api_key="k",
)
''', calls=K, check=lambda p, b, a: no_bare_lf(a["main.py"]))
case("bytes.crlf_context_in_multiline_call", '''
--- main.py crlf
from openai import OpenAI
def go(workspace_id):
    return OpenAI(  #> fix
        api_key="k",
    )
go("w")
''', calls='get_openai_client(api_key="k", workspace_id="w")', check=lambda p, b, a: no_bare_lf(a["main.py"]))
case("bytes.bom_and_import_on_first_line", '''
--- main.py bom
import openai
client = openai.OpenAI(api_key="k")  #> fix
''', calls=K, check=lambda p, b, a: bom_once(a["main.py"]))


def no_bare_lf(data):
    assert data.count(b"\n") == data.count(b"\r\n"), data


def bom_once(data):
    assert data.startswith(b"\xef\xbb\xbf") and data.count(b"\xef\xbb\xbf") == 1, data


# --- a broken neighbour ---------------------------------------------------------------------------------------------------
case("neighbour.does_not_parse", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- broken.py novalid
from openai import OpenAI
client = OpenAI(api_key="x")  #> held
def oops(:
''', calls=K, fixrc=3, problems=[("broken.py", "syntax")], same=["broken.py"], lint=False)
case("neighbour.does_not_parse_and_nothing_else", '''
--- broken.py novalid
import openai
x = openai.OpenAI(
''', found=False, fixrc=3, problems=[("broken.py", "syntax")], lint=False)
case("neighbour.unknown_encoding", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- odd.py novalid
# -*- coding: klingon -*-
from openai import OpenAI
client = OpenAI(api_key="x")
''', calls=K, fixrc=3, found=False, problems=[("odd.py", "encoding")], same=["odd.py"], lint=False, after=None)
case("neighbour.python2_prints", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- old.py novalid
import openai
print "hello"
x = openai.OpenAI()  #> held
''', calls=K, fixrc=3, problems=[("old.py", "syntax")], same=["old.py"], lint=False)
case("neighbour.broken_without_openai_is_never_read", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- broken.py novalid
def oops(:
''', calls=K, fixrc=0, lint=False)  # files that can't match are never parsed
case("neighbour.ipynb_checkpoint_and_other_files", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- notes.md
from openai import OpenAI; OpenAI()
--- data.json
{"openai": "OpenAI()"}
''', calls=K)


def cookie(name, encoding, head):
    """An encoding cookie is honoured where Rust can decode it, else named."""
    @special("bytes.cookie_" + name)
    def _(p):
        p.write("utils/openai_client_factory.py", DEFAULT_FACTORY)
        source = "\nfrom openai import OpenAI\n\nclient = OpenAI(api_key='k')\n"
        p.write("main.py", (head + source).encode(encoding))
        p.commit()
        data = p.scan()
        r = p.tool("fix")
        after = (p.root / "main.py").read_bytes()
        if data["problems"]:
            assert [(x["path"], x["kind"]) for x in data["problems"]] == [("main.py", "encoding")], data["problems"]
            assert r.returncode == 3 and after == (head + source).encode(encoding)
        else:
            assert after == (head + source.replace("from openai import OpenAI", "from utils.openai_client_factory import get_openai_client").replace("= OpenAI", "= get_openai_client")).encode(encoding), after
            rc, out, err, calls = p.python("main.py")
            assert rc == 0 and len(calls) == 1, err


cookie("cp1252", "cp1252", "# coding=cp1252\n# “Grüße” €")
cookie("iso_8859_15", "iso-8859-15", "#!/usr/bin/env python\n# vim: set fileencoding=iso-8859-15 :\n# 5 €")
cookie("shift_jis", "shift_jis", "# -*- coding: shift_jis -*-\n# 日本語")
cookie("gbk", "gbk", "# -*- coding: gbk -*-\n# 中文")
cookie("koi8_r", "koi8-r", "# -*- coding: koi8-r -*-\n# Привет")
cookie("utf_7", "utf-7", "# -*- coding: utf-7 -*-\n# Gr")
cookie("ascii", "ascii", "# -*- coding: ascii -*-\n# plain")
cookie("latin_1_spelled_Latin_1", "latin-1", "# -*- coding: Latin_1 -*-\n# Grüße")
cookie("utf8_spelled_UTF8", "utf-8", "# -*- coding: UTF8 -*-\n# Grüße")
cookie("third_line_is_no_cookie", "utf-8", "#\n#\n# -*- coding: klingon -*-\n# Grüße")
cookie("no_cookie_in_code", "utf-8", "coding = 'coding: latin-1'\n# Grüße")


def mixed(p):
    p.write("main.py", "from openai import OpenAI\nclient = OpenAI(api_key='k')\n")
    p.write("utils/__init__.py", "")
    from run import DEFAULT_FACTORY
    p.write("utils/openai_client_factory.py", DEFAULT_FACTORY)


def expect_fixed(p, rc=3):
    r = p.tool("fix", timeout=30)
    assert r.returncode == rc, (r.returncode, r.stdout[-800:], r.stderr[-800:])
    assert b"get_openai_client(api_key" in (p.root / "main.py").read_bytes(), "main.py is not fixed: " + r.stderr.decode(errors="replace")
    raw = r.stdout + r.stderr
    assert b"\x1b" not in raw and b"\x07" not in raw, "a raw control character on the terminal"
    return r


@special("bad.non_utf8_bytes")
def _(p):
    mixed(p)
    p.write("odd.py", b"from openai import OpenAI\nx = '\xff\xfe'\nclient = OpenAI()\n")
    p.commit()
    data = p.scan(rc=3)
    assert [(x["path"], x["kind"]) for x in data["problems"]] == [("odd.py", "encoding")], data["problems"]
    expect_fixed(p)
    assert b"\xff\xfe" in (p.root / "odd.py").read_bytes() and b"= OpenAI()" in (p.root / "odd.py").read_bytes()


@special("bad.utf16")
def _(p):
    mixed(p)
    p.write("odd.py", "import openai\nopenai.OpenAI()\n".encode("utf-16"))
    p.commit()
    p.scan()
    expect_fixed(p, rc=p.scan()["problems"] and 3 or 0)


@special("bad.nul_bytes")
def _(p):
    mixed(p)
    p.write("odd.py", b"from openai import OpenAI\nx = '\0'\nclient = OpenAI()\n")
    p.commit()
    before = (p.root / "odd.py").read_bytes()
    data = p.scan(rc=3)
    assert data["problems"][0]["path"] == "odd.py", data["problems"]
    expect_fixed(p)
    assert (p.root / "odd.py").read_bytes() == before


@special("bad.50_megabytes")
def _(p):
    mixed(p)
    p.write("big.py", b"from openai import OpenAI\nclient = OpenAI()\n" + b"# filler filler filler filler filler filler filler filler filler\n" * 800_000)
    p.git("init", "-q")
    p.git("add", "main.py", "utils")
    p.git("commit", "-qm", "x")
    data = p.scan(rc=3)
    assert [(x["path"], x["kind"]) for x in data["problems"]] == [("big.py", "too-large")], data["problems"]


@special("bad.50000_nested_brackets")
def _(p):
    mixed(p)
    p.write("deep.py", b"import openai\nx = " + b"(" * 50_000 + b"1" + b")" * 50_000 + b"\nopenai.OpenAI()\n")
    p.write("deep2.py", b"import openai\nx = " + b"[" * 50_000 + b"\n")
    p.write("deep3.py", b"import openai\nx = " + b"-" * 50_000 + b"1\n")
    p.write("deep4.py", b"import openai\nx = 1" + b"+1" * 50_000 + b"\n")
    p.write("deep5.py", b"import openai\nx = y" + b".a" * 50_000 + b"\n")
    p.write("deep6.py", b"import openai\nx = " + b"not " * 50_000 + b"1\n")
    p.write("deep7.py", b"import openai\nx = " + b"lambda: " * 50_000 + b"1\n")
    p.write("deep8.py", b"import openai\nx = f" + b'"{' * 1 + b"(" * 40_000 + b'"\n')
    p.write("deep9.py", b"import openai\nif 1:\n  pass\n" + b"elif 1:\n  pass\n" * 20_000)
    p.write("deep10.py", b"import openai\nx = " + b"a if b else " * 50_000 + b"1\n")
    p.write("deep11.py", b"import openai\nx = " + b"f(" * 50_000 + b")" * 50_000 + b"\n")
    p.write("deep12.py", b"import openai\nx = y" + b"()" * 50_000 + b"\n")
    p.write("deep13.py", b"import openai\n" + b"".join(b" " * i + b"if 1:\n" for i in range(99)) + b" " * 99 + b"pass\n")
    p.write("deep14.py", b"import openai\nmatch x:\n  case " + b"[" * 50_000 + b"]" * 50_000 + b": pass\n")
    p.commit()
    data = p.scan(rc=3)
    kinds = {x["path"]: x["kind"] for x in data["problems"]}
    assert kinds.get("deep.py") == "too-deep", kinds
    assert set(kinds.values()) <= {"too-deep", "syntax"}, kinds
    expect_fixed(p)


@special("bad.links_in_circles")
def _(p):
    mixed(p)
    os.symlink("..", p.root / "utils" / "up")
    os.symlink("loop.py", p.root / "loop.py")
    os.symlink("b", p.root / "a")
    os.symlink("a", p.root / "b")
    os.symlink("nowhere.py", p.root / "dangling.py")
    p.commit()
    r = p.tool("fix", timeout=30)
    assert r.returncode in (0, 3), r
    assert b"get_openai_client(" in (p.root / "main.py").read_bytes()
    assert (p.root / "loop.py").is_symlink() and (p.root / "utils" / "up").is_symlink()


@special("bad.fifo")
def _(p):
    mixed(p)
    os.mkfifo(p.root / "pipe.py")
    p.git("init", "-q")
    p.git("add", "main.py", "utils")
    p.git("commit", "-qm", "x")
    r = p.tool("scan", "--format", "json", timeout=20)
    r = p.tool("scan", "--format", "json", "pipe.py", timeout=20)
    assert r.returncode == 3, (r.returncode, r.stdout, r.stderr)
    r = p.tool("fix", timeout=20)
    assert b"get_openai_client(" in (p.root / "main.py").read_bytes()


@special("bad.unreadable")
def _(p):
    mixed(p)
    p.write("secret.py", "import openai\nopenai.OpenAI()\n")
    p.commit()
    os.chmod(p.root / "secret.py", 0)
    if os.access(p.root / "secret.py", os.R_OK): return  # root reads everything
    data = p.scan(rc=3)
    assert data["problems"][0]["kind"] == "unreadable", data["problems"]
    expect_fixed(p)


@special("bad.names_not_utf8_and_control_characters")
def _(p):
    mixed(p)
    text = b"from openai import OpenAI\nclient = OpenAI(api_key='n')\n"
    names = [b"bad\xff.py", b"esc\x1b[31mred.py", b"new\nline.py", b"bell\x07.py", b"tab\t.py", 'quote".py'.encode(), b"sp ace.py", "ümlaut.py".encode(), b"-dash.py", b"back\\slash.py"]
    for n in names:
        with open(os.path.join(os.fsencode(p.root), n), "wb") as f: f.write(text)
    p.commit()
    data = p.scan()
    assert len(data["findings"]) == len(names) + 1, [f["path"] for f in data["findings"]]
    for args in (["scan"], ["scan", "--color", "never"], ["fix", "--dry-run"]):
        r = p.tool(*args)
        if args[0] == "scan": assert b"\x1b" not in r.stdout + r.stderr and b"\x07" not in r.stdout + r.stderr, r.stdout
    patch = p.tool("fix", "--dry-run").stdout
    r = p.tool("fix")
    assert r.returncode in (0, 3), r
    assert b"\x1b" not in r.stdout + r.stderr and b"\x07" not in r.stdout + r.stderr
    left = [n for n in names if b"get_openai_client" not in open(os.path.join(os.fsencode(p.root), n), "rb").read()]
    assert not left or r.returncode == 3, (left, r.stderr)
    changed = {os.fsencode(k) for k in p.tree()}
    p.git("stash", "-q")
    g = p.git("apply", "-", input=patch, ok=False)
    assert g.returncode == 0, g.stderr
    p.git("checkout", "-q", ".")


@special("bad.source_lines_with_escapes_on_the_terminal")
def _(p):
    mixed(p)
    p.write("esc.py", b"from openai import OpenAI\nc = OpenAI(api_key='\x1b[31m \x07 \xc2\x9b31m \xe2\x80\xae')\n")
    p.commit()
    r = p.tool("scan", "--color", "never")
    assert b"\x1b" not in r.stdout and b"\x07" not in r.stdout and b"\xc2\x9b" not in r.stdout, r.stdout


@special("bad.directory_named_py")
def _(p):
    mixed(p)
    p.write("pkg.py/inner.py", "from openai import OpenAI\nc = OpenAI()\n")
    p.commit()
    p.scan()
    expect_fixed(p, rc=None or p.tool("fix", "--dry-run").returncode)


@special("bad.empty_and_blank_files")
def _(p):
    mixed(p)
    for n, t in [("e.py", b""), ("n.py", b"\n"), ("b.py", b"\xef\xbb\xbf"), ("s.py", b"   "), ("c.py", b"# openai"), ("o.py", b"openai"), ("z.py", b"import openai\x1a")]: p.write(n, t)
    p.commit()
    p.scan()
    p.tool("fix")
    assert b"get_openai_client(" in (p.root / "main.py").read_bytes()


@special("bad.deep_import_chain")
def _(p):
    mixed(p)
    for i in range(2000): p.write(f"c{i}.py", f"from c{i + 1} import OpenAI as OpenAI\n")
    p.write("c2000.py", "from openai import OpenAI as OpenAI\n")
    p.write("use.py", "from c0 import OpenAI\nx = OpenAI()\n")
    p.commit()
    data = p.scan(rc=1)
    assert any(f["path"] == "use.py" for f in data["findings"]), data["findings"]


# --- usage and configuration: exit 2 with file, line, and the nearest right word -------------------------------------------
def refuse(name, args, needle, files=None):
    @special("refuse." + name)
    def _(p):
        mixed(p)
        for path, text in (files or {}).items(): p.write(path, text)
        p.commit()
        before = p.tree()
        r = p.tool(*args)
        assert r.returncode == 2, f"exit {r.returncode}, not 2\n{r.stdout[-600:]}\n{r.stderr[-600:]}"
        for n in [needle] if isinstance(needle, str) else needle:
            assert n.encode() in r.stderr, f"no {n!r} in: {r.stderr.decode(errors='replace')}"
        assert p.tree() == before, "something was written"


refuse("unknown_flag", ["scan", "--formt", "json"], "--format")
refuse("unknown_command", ["scna"], "scan")
refuse("unknown_format", ["scan", "--format", "jsn"], "json")
refuse("unknown_rule_in_select", ["scan", "--select", "direct-clent"], "direct-client")
refuse("unknown_rule_in_ignore", ["fix", "--ignore", "legacy-apy"], "legacy-api")
refuse("unknown_rule_in_fix_select", ["fix", "--select", "direct-clients"], "direct-client")
refuse("unknown_language", ["scan", "--language", "pyton"], "python")
refuse("missing_path", ["scan", "nowhere/at/all.py"], "nowhere/at/all.py")
refuse("missing_path_fix", ["fix", "mian.py"], "mian.py")
refuse("unknown_key", ["scan"], ["qmigrate.toml", "exclude", "2"], {"qmigrate.toml": 'include = ["**"]\nexclud = ["x"]\n'})
refuse("unknown_nested_key", ["scan"], ["qmigrate.toml", "python", "3"], {"qmigrate.toml": '\n[factory]\npyton = "x"\n'})
refuse("unknown_key_fix", ["fix"], ["qmigrate.toml", "sources"], {"qmigrate.toml": '[context]\nsource = ["x"]\n'})
refuse("unknown_table", ["scan"], ["qmigrate.toml", "factory"], {"qmigrate.toml": '[factry]\n'})
refuse("unknown_rule_in_config", ["scan"], ["qmigrate.toml", "direct-client"], {"qmigrate.toml": '[rule.direct-clientt]\nseverity = "error"\n'})
refuse("unknown_severity", ["scan"], ["qmigrate.toml", "warning"], {"qmigrate.toml": '[rule.direct-client]\nseverity = "warnin"\n'})
refuse("wrong_type", ["scan"], ["qmigrate.toml"], {"qmigrate.toml": 'include = "x"\n'})
refuse("broken_toml", ["scan"], ["qmigrate.toml", "2"], {"qmigrate.toml": 'include = ["a"]\nexclude = [\n'})
refuse("broken_toml_fix", ["fix"], ["qmigrate.toml"], {"qmigrate.toml": '= 3\n'})
refuse("broken_pyproject_section", ["scan"], ["pyproject.toml", "exclude"], {"pyproject.toml": '[tool.qmigrate]\nexclud = []\n'})
refuse("broken_user_rule_toml", ["scan"], ["my-rule.toml"], {"qmigrate.toml": 'rules = ["rules"]\n', "rules/my-rule.toml": 'summary = \n'})
refuse("unknown_key_in_user_rule", ["scan"], ["my-rule.toml", "symbols"], {"qmigrate.toml": 'rules = ["rules"]\n', "rules/my-rule.toml": 'summary = "x"\nseverity = "error"\nwhy = "y"\n[[python.construct]]\nsymbls = ["a.B"]\nreplace = "{factory}.b"\n'})
refuse("missing_rules_folder", ["scan"], ["qmigrate.toml", "nope"], {"qmigrate.toml": 'rules = ["nope"]\n'})
refuse("missing_config_file", ["--config", "other.toml", "scan"], "other.toml")
refuse("rule_explain_unknown", ["rule", "explain", "direct-cliet"], "direct-client")
refuse("color_unknown", ["scan", "--color", "allways"], "always")
refuse("missing_baseline", ["scan", "--baseline", "x.txt"], "baseline")


@special("refuse.no_baseline_works")
def _(p):
    mixed(p)
    p.commit()
    p.scan("--no-baseline", rc=1)
