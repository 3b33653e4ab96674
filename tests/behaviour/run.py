#!/usr/bin/env python3
"""Held-out cases for `qmigrate`: programs that are migrated and then really run.

    python3 run.py --bin PATH [-k SUBSTR] [-j N] [-s] [-v] [--keep]
    python3 run.py --selfcheck [-k SUBSTR]      # checks the cases themselves, without the tool

Cases live in cases/*.py. See the docstring of `case` for the format.
"""
import argparse, ast, concurrent.futures, difflib, importlib.util, json, os, re, shutil, subprocess, sys, tempfile, threading, traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
STUB = HERE / "stub"
CASES, DEFAULT_FACTORY = [], '''"""The factory: every client comes from here."""
import openai


def get_openai_client(workspace_id=None, **kwargs):
    return openai._made("get_openai_client", workspace_id=workspace_id, **kwargs)


def get_async_openai_client(workspace_id=None, **kwargs):
    return openai._made("get_async_openai_client", workspace_id=workspace_id, **kwargs)


def get_azure_openai_client(workspace_id=None, **kwargs):
    return openai._made("get_azure_openai_client", workspace_id=workspace_id, **kwargs)


def get_async_azure_openai_client(workspace_id=None, **kwargs):
    return openai._made("get_async_azure_openai_client", workspace_id=workspace_id, **kwargs)


def get_bedrock_openai_client(workspace_id=None, **kwargs):
    return openai._made("get_bedrock_openai_client", workspace_id=workspace_id, **kwargs)


def get_async_bedrock_openai_client(workspace_id=None, **kwargs):
    return openai._made("get_async_bedrock_openai_client", workspace_id=workspace_id, **kwargs)
'''
FACTORY_PATH = "utils/openai_client_factory.py"
MARK = re.compile(r"[ \t]*#>[ \t]*([^\r\n]*?)[ \t]*(?=\r?$)", re.M)


class Case:
    pass


def case(name, text, *, run=None, calls=None, out=None, pre=None, post=None, found=True, ignore=(), after=True,
         factory=DEFAULT_FACTORY, factory_path=FACTORY_PATH, has=None, hasnt=None, same=(), fixrc=0, fixargs=(), cwd=".",
         path=(), problems=(), says=None, lint=True, record=True, check=None, dry=True, undo=True, git=True, tags=""):
    """One case.

    `text` holds the files: a line `--- path [crlf] [bom] [cr] [noeol] [enc=NAME] [novalid]` opens one, `+++ path` holds
    what it must be after the fix, exactly. Lines end with `#> marks` (removed before writing): the findings that start on
    this line, exactly, separated by `;`:
        fix            direct-client with a safe fix         unsafe   direct-client with an unsafe fix
        held           direct-client without a fix           any      direct-client, with or without a fix
        sup            direct-client, standing suppressed    RULE     another rule, no fix
    each may have `@COLUMN` and `:TEXT|TEXT` (one of which held_back, lower-cased, must hold).
    A file without marks has no findings; without any `fix` in the whole project nothing may change.
    run    scripts to run: `main.py` (default if it exists), `mod:pkg.mod`, `test:tests/test_x.py`
    calls  the calls that the factory records in order, one a line: `get_openai_client(api_key='k', workspace_id='w')`
    out    standard output (stripped)
    pre    how it runs before: bypass | ok | any. Default: bypass if anything is fixed
    post   how it runs after: ok | bypass | any | auto. Default: ok if anything is fixed, else it is not run
    """
    c = Case()
    c.__dict__.update({k: v for k, v in locals().items() if k != "c"})
    c.kind = "case"
    frame = sys._getframe(1)
    c.where = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
    c.files, c.expected, c.marks, c.novalid = {}, {}, [], set()
    name_now, how, sign, lines = None, [], None, []

    def flush():
        if name_now is None:
            return
        body = "\n".join(lines)
        while body.startswith("\n"):
            body = body[1:]
        body = body.rstrip("\n") + "\n" if body.strip() else ""
        if "raw" in how:
            body = "\n".join(lines)
        if sign == "-":
            for number, line in enumerate(body.split("\n"), 1):
                m = MARK.search(line)
                if m:
                    for token in m.group(1).split(";"):
                        c.marks.append(parse_mark(name_now, number, token.strip()))
            body = MARK.sub("", body)
        encoding = "utf-8"
        for h in how:
            if h == "crlf": body = body.replace("\n", "\r\n")
            if h == "cr": body = body.replace("\n", "\r")
            if h == "noeol": body = body.rstrip("\r\n")
            if h.startswith("enc="): encoding = h[4:]
            if h == "novalid": c.novalid.add(name_now)
        data = body.encode(encoding)
        if "bom" in how: data = b"\xef\xbb\xbf" + data
        (c.files if sign == "-" else c.expected)[name_now] = data

    for line in text.split("\n"):
        m = re.match(r"(---|\+\+\+) (\S+)(.*)$", line)
        if m:
            flush()
            sign, name_now, how, lines = m.group(1)[0], m.group(2), m.group(3).split(), []
        else:
            lines.append(line)
    flush()
    if factory is not None and factory_path not in c.files:
        c.files[factory_path] = factory.encode()
        first = factory_path.split("/")[0]
        init = str(Path(factory_path).parent / "__init__.py")
        if "/" in factory_path and init not in c.files and factory_path == FACTORY_PATH:
            c.files[init] = b""
    c.fixes = any(m["status"] in ("fix",) or (m["status"] == "unsafe" and "--unsafe" in fixargs) for m in c.marks)
    c.maybe = any(m["status"] == "any" for m in c.marks)
    if c.run is None:
        c.run = ["main.py"] if "main.py" in c.files and "main.py" not in c.novalid else []
    if c.pre is None:
        c.pre = "bypass" if c.fixes else ("any" if c.marks else "ok")
    if c.post is None:
        c.post = "ok" if c.fixes else ("auto" if c.maybe else "none")
    if any(o.name == c.name for o in CASES):
        raise SystemExit(f"two cases are called {c.name}")
    CASES.append(c)
    return c


def special(name):
    """A case as a function that gets a `Project`."""
    def add(function):
        c = Case()
        c.name, c.kind, c.function = name, "special", function
        frame = sys._getframe(1)
        c.where = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
        CASES.append(c)
        return function
    return add


def parse_mark(path, line, token):
    token, _, text = token.partition(":")
    token, _, column = token.partition("@")
    token = token.strip()
    status = {"fix": "fix", "unsafe": "unsafe", "held": "held", "any": "any", "sup": "sup"}.get(token)
    rule = "direct-client" if status else token
    return dict(path=path, line=line, rule=rule, status=status or "held", column=int(column) if column else None,
                text=[t.strip().lower() for t in text.split("|") if t.strip()], token=token)


class Failed(Exception):
    pass


class Project:
    """A temporary project and the tool in it."""
    def __init__(self, bin, top):
        self.bin, self.top = bin, Path(top)
        self.root = self.top / "project"
        self.root.mkdir()
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(self.top), "XDG_STATE_HOME": str(self.top / "state"), "NO_COLOR": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_CEILING_DIRECTORIES": str(self.top),
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
            "LC_ALL": "C.UTF-8",
        }

    def write(self, path, data, root=None):
        p = (root or self.root) / path
        p.parent.mkdir(parents=True, exist_ok=True)
        p.write_bytes(data.encode() if isinstance(data, str) else data)
        return p

    def git(self, *args, cwd=None, input=None, ok=True):
        r = subprocess.run(["git", *args], cwd=cwd or self.root, env=self.env, capture_output=True, input=input)
        if ok and r.returncode:
            raise Failed(f"git {' '.join(args)}: {r.stderr.decode(errors='replace')}")
        return r

    def commit(self):
        if not (self.root / ".git").exists():
            self.git("init", "-q", "--template=")
        self.git("add", "-A", "-f")
        self.git("-c", "core.autocrlf=false", "commit", "-qm", "first", "--allow-empty")

    def tree(self, root=None):
        root = root or self.root
        found = {}
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if not (Path(folder) == root and f == ".git")]
            for n in names:
                p = Path(folder) / n
                if p.is_symlink(): found[str(p.relative_to(root))] = b"-> " + os.readlink(p).encode()
                elif p.is_file(): found[str(p.relative_to(root))] = p.read_bytes()
        return found

    def tool(self, *args, cwd=".", timeout=60, input=None, env=None):
        try:
            r = subprocess.run([self.bin, *args], cwd=self.root / cwd, env={**self.env, **(env or {})}, capture_output=True, timeout=timeout, input=input)
        except subprocess.TimeoutExpired:
            raise Failed(f"`qmigrate {' '.join(args)}` hangs (over {timeout} s)")
        if r.returncode not in (0, 1, 2, 3) or b"panicked at" in r.stderr:
            raise Failed(f"`qmigrate {' '.join(args)}` crashed, exit {r.returncode}\n{r.stderr.decode(errors='replace')}")
        return r

    def scan(self, *args, cwd=".", rc=None):
        r = self.tool("scan", "--format", "json", *args, cwd=cwd)
        try:
            data = json.loads(r.stdout)
        except ValueError as e:
            raise Failed(f"scan --format json is no JSON ({e}), exit {r.returncode}\n{r.stdout[:2000]!r}\n{r.stderr.decode(errors='replace')[:2000]}")
        if rc is not None and r.returncode != rc:
            raise Failed(f"scan: exit {r.returncode}, not {rc}\n{r.stderr.decode(errors='replace')[:2000]}")
        data["rc"] = r.returncode
        return data

    def python(self, what, root=None, cwd=".", record=False, path=()):
        calls = self.top / "calls.json"
        calls.unlink(missing_ok=True)
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(STUB), "PYTHONDONTWRITEBYTECODE": "1", "QM_CALLS": str(calls),
               "QM_PATH": os.pathsep.join(path), "PYTHONIOENCODING": "utf-8", "HOME": str(self.top)}
        if record: env["QM_STUB"] = "record"
        try:
            r = subprocess.run([sys.executable, "-P", "-s", str(STUB / "qm_driver.py"), what], cwd=(root or self.root) / cwd, env=env,
                               capture_output=True, timeout=30)
        except subprocess.TimeoutExpired:
            raise Failed(f"running {what} hangs")
        try:
            recorded = json.loads(calls.read_text())
        except (OSError, ValueError):
            recorded = []
        return r.returncode, r.stdout.decode(errors="replace"), trim(r.stderr.decode(errors="replace")), recorded

    def diff(self, before, after):
        text = []
        for path in sorted(set(before) | set(after)):
            a, b = before.get(path), after.get(path)
            if a != b:
                la, lb = (repr_lines(x) for x in (a, b))
                text += difflib.unified_diff(la, lb, path, path, lineterm="", n=2)
        return "\n".join(text)


def trim(text):
    """A traceback without the frames of the driver."""
    return re.sub(r'(?m)^  File "(?:<frozen runpy>|[^"]*/qm_driver\.py)".*\n(?:    .*\n)*', "", text)


def repr_lines(data):
    if data is None:
        return []
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        lines = data.decode("latin-1").split("\n")
    return [l.replace("\r", "␍").replace("\ufeff", "<BOM>") for l in lines]


def ruff_path():
    p = HERE / "tools" / "bin" / "ruff"
    return str(p) if p.exists() else shutil.which("ruff")


RUFF = ruff_path()


def lint(root, top):
    if not RUFF:
        return []
    r = subprocess.run([RUFF, "check", "--isolated", "--no-cache", "--quiet", "--select", "E9,F401,F821,F404,F811", "--no-respect-gitignore",
                        "--output-format", "json", "."], cwd=root, capture_output=True)
    try:
        found = json.loads(r.stdout or b"[]")
    except ValueError:
        return []
    return sorted((os.path.relpath(d["filename"], root), d["code"] or "syntax", d["message"]) for d in found)


def new_in(before, after):
    rest = list(before)
    extra = []
    for x in after:
        if x in rest: rest.remove(x)
        else: extra.append(x)
    return extra


def compiles(tree, novalid):
    bad = []
    for path, data in tree.items():
        if path.endswith(".py") and path not in novalid:
            try:
                compile(data, path, "exec", dont_inherit=True)
            except (SyntaxError, ValueError) as e:
                bad.append(f"{path} doesn't compile: {e}")
    return bad


def parse_calls(text):
    parsed = []
    for statement in ast.parse("\n".join(l.strip() for l in text.strip().splitlines())).body:
        call = statement.value
        parsed.append((call.func.id, {k.arg: (None if isinstance(k.value, ast.Constant) and k.value.value is ... else ast.literal_eval(k.value)) for k in call.keywords}))
    return parsed


def same_calls(expected, recorded, drop=False):
    if len(expected) != len(recorded):
        return False
    for (name, want), (got_name, got) in zip(expected, recorded):
        if drop: want = {k: v for k, v in want.items() if k != "workspace_id"}
        if name != got_name or set(want) != set(got): return False
        for k, v in want.items():
            if v is None: continue
            if repr(v) != got[k]: return False
    return True


def show_calls(recorded):
    return "\n".join(f"    {n}({', '.join(f'{k}={v}' for k, v in kw.items())})" for n, kw in recorded) or "    (none)"


def status_of(f):
    if f["standing"] == "suppressed": return "sup"
    if f["fix"] is None: return "held"
    return "fix" if f["fix"]["applicability"] == "safe" else "unsafe"


def show(f):
    return f"{f['path']}:{f['line']}:{f['column']} {f['rule']} {status_of(f)}" + (f" ({f['held_back']})" if f["held_back"] else "")


def check_findings(c, found, prefix=""):
    errors, rest = [], [f for f in found if f["rule"] not in c.ignore]
    for m in c.marks:
        if m["rule"] in c.ignore: continue
        hits = [f for f in rest if f["rule"] == m["rule"] and f["path"] == m["path"] and f["line"] == m["line"]
                and (m["column"] is None or f["column"] == m["column"])]
        exact = [f for f in hits if m["status"] in ("any", status_of(f))]
        if exact:
            f = exact[0]
            rest.remove(f)
            if m["text"] and m["status"] == "held" and not any(t in (f["held_back"] or "").lower() for t in m["text"]):
                errors.append(f"held_back of {m['path']}:{m['line']} doesn't say {' or '.join(map(repr, m['text']))}: {f['held_back']!r}")
        elif hits:
            rest.remove(hits[0])
            errors.append(f"wanted {m['token']}, got: {show(hits[0])}")
        else:
            errors.append(f"not found: {m['path']}:{m['line']}{':%d' % m['column'] if m['column'] else ''} {m['rule']} {m['status']}")
    errors += [f"found too much: {show(f)}" for f in rest]
    return errors


def check_shape(data, files, cwd):
    """What contract.md says about each finding."""
    errors = []
    for f in data["findings"]:
        if f["standing"] != "suppressed" and f["fix"] is None and not f["held_back"]:
            errors.append(f"nothing says why: {show(f)}")
        if f["fix"] is not None and f["held_back"]:
            errors.append(f"fix and held_back: {show(f)}")
        raw = files.get(os.path.normpath(os.path.join(cwd, f["path"])))
        if raw is not None and f.get("cell") is None:
            head = raw[:f["start"]]
            line = head.count(b"\n") + 1 if b"\n" in raw else head.count(b"\r") + 1
            if line != f["line"]:
                errors.append(f"line and start differ: {show(f)}")
            elif not raw.startswith(b"\xef\xbb\xbf") and b"\n" in raw:
                try:
                    column = len(head[head.rfind(b"\n") + 1:].decode()) + 1
                    if column != f["column"]: errors.append(f"column {f['column']} and start (column {column}) differ: {show(f)}")
                except UnicodeDecodeError:
                    pass
    keys = [(f["path"], f["start"]) for f in data["findings"]]
    if keys != sorted(keys): errors.append("findings are not sorted")
    if data.get("schema") != 1: errors.append("schema is not 1")
    s = data["summary"]
    if s["findings"] != len(data["findings"]) and s["findings"] != sum(f["standing"] == "new" for f in data["findings"]):
        errors.append(f"summary says {s['findings']} findings, there are {len(data['findings'])}")
    counts = any(f["severity"] == "error" and f["standing"] == "new" for f in data["findings"])
    want = 3 if data["problems"] else 1 if counts else 0
    if data["rc"] != want: errors.append(f"scan: exit {data['rc']}, not {want}")
    return errors


def apply_edits(files, edits, cwd):
    files, by = dict(files), {}
    for e in edits:
        by.setdefault(os.path.normpath(os.path.join(cwd, e["path"])), []).append((e["start"], e["end"], e["text"]))
    for path, parts in by.items():
        data, last = files[path], None
        encoding = "utf-8"
        m = re.match(rb"(?:[^\n]*\n)?[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", data)
        if m: encoding = m.group(1).decode()
        for start, end, text in sorted(set(parts), reverse=True):
            data = data[:start] + text.encode(encoding) + data[end:]
        files[path] = data
    return files


def run_case(c, bin, keep=False):
    top = tempfile.mkdtemp(prefix="qm-case-")
    p = Project(bin, top)
    errors = []
    try:
        if c.kind == "special":
            c.function(p)
            return []
        for path, data in c.files.items(): p.write(path, data)
        if c.git: p.commit()
        before = p.tree()
        lint_before = lint(p.root, top) if c.lint else []
        data = p.scan(cwd=c.cwd)
        if c.found: errors += check_findings(c, data["findings"])
        errors += check_shape(data, before, c.cwd)
        got = sorted((x["path"], x["kind"]) for x in data["problems"])
        want = sorted(tuple(x) for x in c.problems)
        if got != want: errors.append(f"problems: {data['problems']}, not {want}")
        for key, words in (c.says or {}).items():
            hits = [f for f in data["findings"] if f"{f['path']}:{f['line']}" == key]
            text = json.dumps([[f["message"], f["held_back"], f["fix"] and f["fix"]["title"]] for f in hits]).lower()
            for word in [words] if isinstance(words, str) else words:
                if word.lower() not in text: errors.append(f"{key} doesn't say {word!r}: {text}")
        if p.tree() != before: errors.append("scan changed the tree")
        # every fix alone leaves correct code
        fixes = [f for f in data["findings"] if f["fix"] and f["fix"]["applicability"] == "safe" and f["standing"] == "new"]
        if len(fixes) > 1:
            for f in fixes:
                alone = apply_edits(before, f["fix"]["edits"], c.cwd)
                bad = compiles(alone, c.novalid)
                if c.lint and not bad:
                    other = Path(top) / "alone"
                    shutil.rmtree(other, ignore_errors=True)
                    for path, raw in alone.items(): p.write(path, raw, other)
                    bad = [f"{a}: {b} {m}" for a, b, m in new_in(lint_before, lint(other, top))]
                if bad: errors.append(f"the edits of {show(f)}, applied alone, break: " + "; ".join(bad) + "\n" + p.diff(before, alone))
        # the patch
        patch = b""
        if c.dry:
            r = p.tool("fix", "--dry-run", *c.fixargs, cwd=c.cwd)
            patch = r.stdout
            if p.tree() != before: errors.append("fix --dry-run changed the tree")
        # the fix
        r = p.tool("fix", *c.fixargs, cwd=c.cwd)
        if c.fixrc is not None and r.returncode != c.fixrc:
            errors.append(f"fix: exit {r.returncode}, not {c.fixrc}\n{r.stdout.decode(errors='replace')}{r.stderr.decode(errors='replace')}")
        after = p.tree()
        if c.dry and c.factory is not None:
            other = Path(top) / "patched"
            for path, raw in before.items(): p.write(path, raw, other)
            if after != before:
                g = p.git("apply", "-", cwd=other / c.cwd, input=patch, ok=False)
                if g.returncode: errors.append(f"git apply: {g.stderr.decode(errors='replace')}\n{patch.decode(errors='replace')}")
                elif p.tree(other) != after: errors.append("the patch gives another tree than fix:\n" + p.diff(after, p.tree(other)))
            elif patch.strip(): errors.append(f"fix changed nothing, but the patch is not empty:\n{patch.decode(errors='replace')}")
        changed = {k for k in set(before) | set(after) if before.get(k) != after.get(k)}
        if not c.fixes and not c.maybe and changed: errors.append("nothing may change, but:\n" + p.diff(before, after))
        if c.fixes and not changed: errors.append("nothing changed\n" + "\n".join(show(f) for f in data["findings"]) + "\n" + r.stderr.decode(errors="replace"))
        fixed_files = {m["path"] for m in c.marks if m["status"] in ("fix", "any", "unsafe")}
        for path in changed - fixed_files - set(c.expected):
            if path in c.same or (c.factory is not None and path == c.factory_path): errors.append(f"{path} must not change:\n{p.diff(before, after)}")
        for path in set(c.same) & changed: errors.append(f"{path} must not change")
        errors += compiles(after, c.novalid)
        for path, raw in c.expected.items():
            if after.get(path) != raw:
                errors.append(f"{path} is not as expected (-) but (+):\n" + p.diff({path: raw}, {path: after.get(path)}))
        for table, good in ((c.has, True), (c.hasnt, False)):
            for path, texts in (table or {}).items():
                for t in [texts] if isinstance(texts, str) else texts:
                    if (t.encode() in after.get(path, b"")) != good:
                        errors.append(f"{path} {'lacks' if good else 'still has'} {t!r}:\n" + p.diff(before, after))
        if c.lint:
            extra = new_in(lint_before, lint(p.root, top))
            if extra: errors.append("ruff shows what it didn't show before: " + "; ".join(f"{a}: {b} {m}" for a, b, m in extra) + "\n" + p.diff(before, after))
        # it runs
        post = c.post
        if post == "auto" or (c.fixes and not changed): post = "ok" if changed else "none"
        if post != "none":
            recorded, out = [], ""
            for what in c.run:
                rc, o, e, calls = p.python(what, cwd=c.cwd, path=c.path)
                recorded += calls
                out += o
                if post == "ok" and rc: errors.append(f"{what} fails after the fix:\n{e}\n{p.diff(before, after)}")
                if post == "bypass" and "bypass" not in e: errors.append(f"{what} should still bypass:\n{e}")
            if c.calls is not None and post == "ok" and not same_calls(parse_calls(c.calls), recorded):
                errors.append(f"the factory's calls were\n{show_calls(recorded)}\n  not\n    " + "\n    ".join(c.calls.strip().splitlines()) + "\n" + p.diff(before, after))
            if c.out is not None and post == "ok" and out.strip() != c.out.strip(): errors.append(f"it printed {out!r}, not {c.out!r}\n{p.diff(before, after)}")
        # again
        r = p.tool("fix", "--allow-dirty", *c.fixargs, cwd=c.cwd)
        again = p.tree()
        if again != after: errors.append("a second fix changes:\n" + p.diff(after, again))
        rest = p.scan(cwd=c.cwd)
        errors += check_shape(rest, again, c.cwd)
        if c.found and c.after is True:
            want = sorted((m["path"], m["rule"], m["status"]) for m in c.marks if m["rule"] not in c.ignore and m["status"] not in ("fix", "any") and not (m["status"] == "unsafe" and "--unsafe" in c.fixargs))
            got = sorted((f["path"], f["rule"], status_of(f)) for f in rest["findings"] if f["rule"] not in c.ignore)
            if c.maybe: got = [g for g in got if g in want or g[2] == "fix"]
            if got != want: errors.append(f"left after the fix: {got}\n  not {want}\n" + "\n".join(show(f) for f in rest["findings"]))
        elif c.after not in (True, None):
            got = sorted(f"{f['rule']} {f['path']}" for f in rest["findings"] if f["rule"] not in c.ignore)
            if got != sorted(c.after): errors.append(f"left after the fix: {got}, not {sorted(c.after)}")
        if c.check: c.check(p, before, after)
        if changed and c.undo:
            r = p.tool("undo", cwd=c.cwd)
            if r.returncode: errors.append(f"undo: exit {r.returncode}\n{r.stderr.decode(errors='replace')}")
            if p.tree() != before: errors.append("undo doesn't give back the first tree:\n" + p.diff(before, p.tree()))
    except Failed as e:
        errors.append(str(e))
    except AssertionError as e:
        at = traceback.extract_tb(e.__traceback__)[-1]
        errors.append(f"{Path(at.filename).name}:{at.lineno}: {at.line}  {e}")
    except Exception:
        errors.append("runner: " + traceback.format_exc())
    finally:
        if keep: errors and errors.append(f"kept: {top}")
        else: shutil.rmtree(top, ignore_errors=True)
    return errors


def selfcheck(c):
    """Is the case itself right: valid Python, bypassing where it says so, and in record mode giving the calls that it expects."""
    if c.kind == "special": return []
    errors = []
    top = tempfile.mkdtemp(prefix="qm-self-")
    p = Project("false", top)
    try:
        errors += compiles({k: v for k, v in c.files.items()}, c.novalid)
        errors += compiles({k: v for k, v in c.expected.items()}, c.novalid)
        for path, data in c.files.items(): p.write(path, data)
        bypassed, out, recorded, rec_out = False, "", [], ""
        for what in c.run:
            rc, o, e, calls = p.python(what, cwd=c.cwd, path=c.path)
            if rc and "bypass" not in e: errors.append(f"{what} fails before the fix, and not by a bypass:\n{e}")
            if rc: bypassed = True
            if c.record:
                rc, o, e, calls = p.python(what, cwd=c.cwd, path=c.path, record=True)
                if rc: errors.append(f"{what} fails in record mode:\n{e}")
                recorded += calls
                rec_out += o
        if c.run:
            if c.pre == "bypass" and not bypassed: errors.append("it doesn't bypass before the fix")
            if c.pre == "ok" and bypassed: errors.append("it bypasses before the fix")
            if c.record and c.calls is not None and not same_calls(parse_calls(c.calls), recorded, drop=True):
                errors.append(f"in record mode the calls are\n{show_calls(recorded)}\n  not\n{c.calls}")
            if c.record and c.out is not None and rec_out.strip() != c.out.strip(): errors.append(f"in record mode it prints {rec_out!r}, not {c.out!r}")
        if c.expected and c.post == "ok":
            for path, data in c.expected.items(): p.write(path, data)
            recorded, out = [], ""
            for what in c.run:
                rc, o, e, calls = p.python(what, cwd=c.cwd, path=c.path)
                if rc: errors.append(f"{what} fails with the expected files:\n{e}")
                recorded += calls
                out += o
            if c.calls is not None and not same_calls(parse_calls(c.calls), recorded): errors.append(f"the expected files give the calls\n{show_calls(recorded)}")
        if c.fixes and not c.run and not c.expected and not c.has and not c.hasnt and "nobehaviour" not in c.tags: errors.append("a fix, but nothing checks its behaviour")
    except Exception:
        errors.append(traceback.format_exc())
    finally:
        shutil.rmtree(top, ignore_errors=True)
    return errors


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--bin")
    a.add_argument("-k", default="")
    a.add_argument("-j", type=int, default=1)
    a.add_argument("-v", action="store_true", help="name passing cases too")
    a.add_argument("-s", action="store_true", help="one line a failing case")
    a.add_argument("--lines", type=int, default=40, help="lines a failing case")
    a.add_argument("--keep", action="store_true", help="keep the projects of failing cases")
    a.add_argument("--selfcheck", action="store_true")
    a.add_argument("--list", action="store_true")
    o = a.parse_args()
    sys.modules["run"] = sys.modules["__main__"]
    for path in sorted((HERE / "cases").glob("*.py")):
        spec = importlib.util.spec_from_file_location("cases_" + path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    chosen = [c for c in CASES if o.k in c.name]
    if o.list:
        for c in chosen: print(c.name, c.where)
        return print(len(chosen), "cases")
    if not o.selfcheck and not o.bin: a.error("--bin or --selfcheck")
    if o.bin: o.bin = os.path.abspath(o.bin)
    work = selfcheck if o.selfcheck else lambda c: run_case(c, o.bin, o.keep)
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(o.j) as pool:
        for c, errors in zip(chosen, pool.map(work, chosen)):
            if errors:
                failed += 1
                first, *rest = "\n".join(f"- {e}" for e in errors).split("\n")
                print(f"FAIL {c.name} ({c.where}): {first[2:]}")
                if not o.s:
                    for line in rest if o.v else rest[:o.lines]: print("     " + line)
                    if not o.v and len(rest) > o.lines: print(f"     ... {len(rest) - o.lines} more lines (-v)")
                sys.stdout.flush()
            else:
                passed += 1
                if o.v: print(f"ok   {c.name}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
