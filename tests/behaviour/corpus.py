#!/usr/bin/env python3
"""Acceptance 2 of issue 2, on a copy of the corpus.

    corpus.py [--bin PATH] [--tree DIR] [--work DIR] [--unsafe]      one repository of all wheels
    corpus.py --each                                                 one repository per wheel as well
    corpus.py --only 'mem0*' 'agno*'                                 only these wheels
    corpus.py --only 'mem0*' --each --no-all                         only per-wheel runs

Per repository two copies are made: `one` (fixed for real) and `two` (pristine; later the patch is applied there).
Logs, patch and JSON land in <work>/<name>/log. Exit 1 when a check failed.
"""
import argparse, collections, fnmatch, hashlib, json, multiprocessing, os, re, shutil, subprocess, sys, time, warnings
from pathlib import Path

FUNCTIONS = {
    "get_openai_client": "OpenAI", "get_azure_openai_client": "AzureOpenAI", "get_bedrock_openai_client": "BedrockOpenAI",
    "get_async_openai_client": "AsyncOpenAI", "get_async_azure_openai_client": "AsyncAzureOpenAI",
    "get_async_bedrock_openai_client": "AsyncBedrockOpenAI",
}
FACTORY = '"""The factory."""\n\nimport openai\n' + "".join(
    f"\n\ndef {name}(workspace_id=None, **kwargs):\n    return openai.{cls}(**kwargs)\n" for name, cls in FUNCTIONS.items())
RUFF = ["check", "--isolated", "--no-cache", "--no-respect-gitignore", "--config", "exclude=[]", "--exit-zero",
        "--select", "E9,F401,F821,F404,F811", "--output-format", "json", "."]


def real_program(name):
    beside = Path(sys.executable).parent / name      # not the pyenv shim
    return str(beside) if beside.exists() else shutil.which(name)


class Repo:
    def __init__(self, name, wheels, args, single):
        self.name, self.args, self.failures, self.passes = name, args, [], 0
        self.root = args.work / name
        self.one, self.two, self.log = self.root / "one", self.root / "two", self.root / "log"
        self.wheels, self.single = wheels, single

    # reporting
    def say(self, text): print(text, flush=True)

    def check(self, what, bad, render=str):
        """`bad` is a list of what is wrong; empty means passed."""
        if not bad:
            self.passes += 1
            self.say(f"  PASS  {what}")
            return True
        self.failures.append(f"{what}: {len(bad)}")
        self.say(f"  FAIL  {what}: {len(bad)}")
        for item in bad[:self.args.details]:
            self.say("          " + render(item).replace("\n", "\n          "))
        (self.log / (re.sub(r"\W+", "-", what)[:60] + ".txt")).write_text("\n".join(map(render, bad)) + "\n", errors="backslashreplace")
        return False

    def step(self, what, start):
        self.say(f"  [{time.time() - start:6.1f} s] {what}")

    # running
    def git(self, cwd, *command, **kw):
        return subprocess.run(["git", "-c", "core.autocrlf=false", "-c", "core.safecrlf=false", "-c", "gc.auto=0", "-c", "user.name=a",
                               "-c", "user.email=a@example.invalid", "-c", "core.quotepath=false", *command], cwd=cwd, check=True, stdout=subprocess.PIPE, **kw).stdout

    def q(self, label, cwd, *command, good=(0,)):
        out, err = self.log / f"{label}.out", self.log / f"{label}.err"
        start = time.time()
        with open(out, "wb") as o, open(err, "wb") as e:
            process = subprocess.Popen([self.args.bin, *command], cwd=cwd, stdin=subprocess.DEVNULL, stdout=o, stderr=e)
            _, status, usage = os.wait4(process.pid, 0)
            code = process.returncode = os.waitstatus_to_exitcode(status)
        self.step(f"qmigrate {' '.join(command)}: exit {code}, cpu {usage.ru_utime + usage.ru_stime:.2f} s, "
                  f"out {out.stat().st_size} B, err {err.stat().st_size} B", start)
        errors = err.read_text(errors="replace")
        self.check(f"{label} exits {'/'.join(map(str, good))} without panic",
                   [] if code in good and "panicked" not in errors else [f"exit {code}: {errors[-1500:]}"])
        return out.read_bytes()

    def ruff(self, cwd, label):
        start = time.time()
        out = subprocess.run([real_program("ruff"), *RUFF], cwd=cwd, stdout=subprocess.PIPE, check=True).stdout
        rows = json.loads(out)
        self.step(f"ruff {label}: {len(rows)} diagnostics", start)
        count, where = collections.Counter(), collections.defaultdict(list)
        for row in rows:
            message = re.sub(r"(from|on) line \d+", r"\1 line N", row["message"])
            key = (os.path.relpath(row["filename"], cwd), row["code"] or "syntax", message)
            count[key] += 1
            where[key].append(row["location"]["row"])
        return count, where

    # the steps
    def build(self):
        start = time.time()
        if self.root.exists(): shutil.rmtree(self.root)
        self.log.mkdir(parents=True)
        self.one.mkdir()
        for wheel in self.wheels:
            if self.single: shutil.copytree(wheel, self.one, symlinks=True, dirs_exist_ok=True)
            else: shutil.copytree(wheel, self.one / wheel.name, symlinks=True)
        (self.one / "utils").mkdir(exist_ok=True)
        (self.one / "utils/openai_client_factory.py").write_text(FACTORY)
        self.git(self.one, "init", "-q")
        (self.one / ".git/info").mkdir(exist_ok=True)
        (self.one / ".git/info/attributes").write_text("* -text\n")
        self.git(self.one, "add", "-A", "-f")
        self.git(self.one, "commit", "-q", "-m", "first")
        shutil.copytree(self.one, self.two, symlinks=True)
        for copy in (self.one, self.two):
            self.git(copy, "update-index", "-q", "--refresh")
            dirty = self.git(copy, "status", "--porcelain", "--ignored")
            if dirty: sys.exit(f"not clean to begin with: {dirty[:500]}")
        self.step("copied, committed, copied", start)

    def run(self):
        self.say(f"== {self.name}")
        unsafe = ["--unsafe"] if self.args.unsafe else []
        self.build()
        first = snapshot(self.one)
        ruff_before, _ = self.ruff(self.one, "before")

        scan = json_of(self.q("scan-before", self.one, "scan", "--format", "json", "--exit-zero", good=(0, 3)))
        self.check("scan writes nothing", differ(first, snapshot(self.one)))
        self.check_findings(scan, "scan before", first)
        patch = self.q("dry-run", self.one, "fix", "--dry-run", *unsafe, good=(0, 3))
        self.check("fix --dry-run writes nothing", differ(first, snapshot(self.one)))

        report = json_of(self.q("fix", self.one, "fix", "--format", "json", *unsafe, good=(0, 3)))
        fixed = snapshot(self.one)
        changed = differ(first, fixed)
        self.say(f"  changed files: {len(changed)}; files by status: {dict(collections.Counter(f['status'] for f in (report or {}).get('files', [])))}")
        self.check_report(report, changed, first, fixed)
        self.check_parse(changed)
        ruff_after, where = self.ruff(self.one, "after")
        new = ruff_after - ruff_before
        self.check("ruff shows nothing new", sorted(new.elements()), lambda k: f"{k[0]}:{where[k]} {k[1]} {k[2]}")
        gone = ruff_before - ruff_after
        if gone: self.say(f"  (ruff no longer shows {sum(gone.values())}: {sorted(gone.elements())[:5]})")

        self.check_patch(patch, fixed)
        self.q("second-fix", self.one, "fix", "--allow-dirty", *unsafe, good=(0, 3))
        self.check("second fix (--allow-dirty) changes 0 bytes", differ(fixed, snapshot(self.one)))
        again = self.q("second-dry-run", self.one, "fix", "--dry-run", "--allow-dirty", *unsafe, good=(0, 3))
        self.check("second fix --dry-run prints nothing", [again[:800].decode(errors="replace")] if again.strip() else [])
        self.q("check-after", self.one, "fix", "--check", "--allow-dirty", *unsafe, good=(0, 3))
        after = json_of(self.q("scan-after", self.one, "scan", "--format", "json", "--exit-zero", good=(0, 3)))
        self.check_findings(after, "scan after", fixed, left=True)
        if report is not None and after is not None:
            safe = [f for f in (scan or {}).get("findings", []) if f["fix"] and (f["fix"]["applicability"] == "safe" or self.args.unsafe) and f["standing"] == "new"]
            self.say(f"  findings: {len((scan or {}).get('findings', []))} before, {len(safe)} of them to be fixed; {len(after['findings'])} after; "
                     f"migrated_sites {scan['summary'].get('migrated_sites') if scan else '?'} -> {after['summary'].get('migrated_sites')}")
        self.check_undo(report, first)
        if not self.args.keep and not self.failures:
            shutil.rmtree(self.one); shutil.rmtree(self.two)
        self.say(f"  {self.name}: {self.passes} passed, {len(self.failures)} failed")
        return self.failures

    def check_findings(self, scan, label, files, left=False):
        if scan is None:
            self.check(f"{label}: JSON", ["not JSON"]); return
        findings = scan["findings"]
        place = lambda f: f"{f['path']}:{f['line']}:{f['column']} {f['rule']} {f['symbol']} fix={bool(f['fix'])} {f['held_back']}"
        self.check(f"{label}: fix null says why", [f for f in findings if f["fix"] is None and not (f["held_back"] or "").strip()], place)
        if left:
            self.check(f"{label}: no safe fix is left", [f for f in findings if f["fix"] and f["fix"]["applicability"] == "safe" and f["standing"] == "new"], place)
        order, parts = [[(key(f["path"]), f["start"]) for f in findings] for key in (str, lambda p: p.split("/"))]
        self.check(f"{label}: sorted", [] if order == sorted(order) or parts == sorted(parts) else ["not sorted by path, then position"])
        bad = []
        for f in findings:
            try: source = (self.one / f["path"]).read_bytes()
            except OSError as error: bad.append((f, str(error))); continue
            text = source.removeprefix(b"\xef\xbb\xbf")
            if f.get("cell") is None and text is source:
                head = source[:f["start"]]
                line = head.count(b"\n") + 1 + len(re.findall(rb"\r(?!\n)", head))
                if line != f["line"]: bad.append((f, f"line is {line} by its offset"))
        self.check(f"{label}: lines agree with offsets", bad, lambda b: place(b[0]) + ": " + b[1])
        rules, reasons = collections.Counter(f["rule"] for f in findings), collections.Counter()
        for f in findings:
            kind = f["fix"]["applicability"] if f["fix"] else "held back: " + re.sub(r"`[^`]*`|\d+", "…", f["held_back"] or "")
            reasons[(f["rule"], kind)] += 1
        self.say(f"  {label}: {len(findings)} findings {dict(rules)}, {len(scan['problems'])} problems, "
                 f"{scan['summary'].get('files_scanned')} scanned, {scan['summary'].get('files_parsed')} parsed")
        for (rule, kind), count in reasons.most_common(40): self.say(f"      {count:5} {rule:18} {kind[:150]}")
        for problem in scan["problems"][:self.args.details]:
            self.say(f"      problem {problem['path']}:{problem['line']} {problem['kind']} {problem['message'][:100]}")

    def check_report(self, report, changed, first, fixed):
        if report is None:
            self.check("fix --format json is JSON", ["not JSON"]); return
        said = {f["path"] for f in report.get("files", []) if f["status"] == "changed"}
        self.check("fix names exactly the files it changed", [f"{p}: {'not said' if p in changed else 'not changed'}" for p in sorted(set(changed) ^ said)])
        self.check("held-back and failed files say why", [f for f in report.get("files", []) if f["status"] != "changed" and not f.get("reason")], json.dumps)
        self.check("failed files", [f for f in report.get("files", []) if f["status"] == "failed"], json.dumps)
        self.check("no file came, went or changed mode", [p for p in changed if p not in first or p not in fixed or first[p][1] != fixed[p][1]])
        self.check("line ends, BOM and final newline stay", [p for p in changed if p in first and p in fixed and shape(self.two / p) != shape(self.one / p)])

    def check_parse(self, changed):
        start = time.time()
        python = [p for p in changed if p.endswith((".py", ".pyi"))]
        with multiprocessing.Pool(2) as pool:
            before = pool.map(compiles, [self.two / p for p in python], 20)
            after = pool.map(compiles, [self.one / p for p in python], 20)
        self.step(f"compiled {len(python)} changed files twice; {sum(b is not None for b in before)} did not compile before", start)
        self.check("what compiled still compiles", [f"{p}: {a}" for p, b, a in zip(python, before, after) if b is None and a is not None])
        broken = [(p, b) for p, b in zip(python, before) if b is not None and self.is_broken(p)]   # or only newer than this Python
        self.check("files that did not parse are untouched", [f"{p}: {b}" for p, b in broken])
        self.check("other files are untouched", [p for p in changed if not p.endswith((".py", ".pyi"))])

    def is_broken(self, path):
        """Whether ruff, at its newest Python, sees a syntax error in the file as it was."""
        out = subprocess.run([real_program("ruff"), "check", "--isolated", "--no-cache", "--exit-zero", "--target-version", "py314",
                              "--select", "E9", "--output-format", "json", str(self.two / path)], stdout=subprocess.PIPE, check=True).stdout
        return bool(json.loads(out))

    def check_patch(self, patch, fixed):
        start = time.time()
        file = self.log / "fix.patch"
        file.write_bytes(patch)
        done = subprocess.run(["git", "apply", str(file)], cwd=self.two, capture_output=True, text=True, errors="replace")
        self.step(f"git apply of {len(patch)} bytes", start)
        self.check("git apply takes the patch", [] if done.returncode == 0 else [done.stderr[-1500:]])
        self.check("git apply says no warning", [done.stderr[-800:]] if done.returncode == 0 and done.stderr.strip() else [])
        self.check("dry-run | git apply gives the same tree", differ(fixed, snapshot(self.two)))

    def check_undo(self, report, first):
        self.q("undo", self.one, "undo")
        rest = differ(first, snapshot(self.one))
        if not self.check("undo gives back the first tree", rest) and report and report.get("undo"):
            self.q("undo-id", self.one, "undo", str(report["undo"]))
            self.check("undo ID gives back the first tree", differ(first, snapshot(self.one)))
        status = self.git(self.one, "status", "--porcelain", "--ignored", "--untracked-files=all").decode(errors="replace")
        self.check("git status is clean after undo", status.splitlines())


def snapshot(root):
    """Path -> (hash, mode) of all files outside .git."""
    found = {}
    for folder, folders, names in os.walk(root):
        if folder == str(root): folders[:] = [f for f in folders if f != ".git"]
        for name in names:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            data = os.readlink(path).encode() if os.path.islink(path) else open(path, "rb").read()
            found[os.path.relpath(path, root)] = (hashlib.blake2b(data, digest_size=16).digest(), mode)
    return found


def differ(a, b): return sorted(p for p in a.keys() | b.keys() if a.get(p) != b.get(p))


def shape(path):
    """BOM, which line ends occur, and whether the last line is ended."""
    data = path.read_bytes()
    crlf = data.count(b"\r\n")
    return data.startswith(b"\xef\xbb\xbf"), crlf > 0, data.count(b"\n") > crlf, data.count(b"\r") > crlf, data.endswith(b"\n")


def compiles(path):
    """None if the file compiles, else the error."""
    warnings.simplefilter("ignore")
    try: compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error: return f"{type(error).__name__}: {error}"
    return None


def json_of(data):
    try: return json.loads(data)
    except ValueError as error: print(f"  not JSON: {error}"); return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=Path("target/release/qmigrate"))
    parser.add_argument("--tree", type=Path, default=Path("target/bench-corpus/tree"))
    parser.add_argument("--work", type=Path, default=Path("target/corpus-run"))
    parser.add_argument("--only", nargs="+", default=["*"], metavar="GLOB")
    parser.add_argument("--each", action="store_true", help="one repository per wheel, after the one of all")
    parser.add_argument("--no-all", action="store_true", help="leave out the repository of all")
    parser.add_argument("--unsafe", action="store_true", help="fix with --unsafe")
    parser.add_argument("--details", type=int, default=15)
    parser.add_argument("--keep", action="store_true", help="keep the copies also when all passed")
    args = parser.parse_args()
    args.bin, args.work = args.bin.resolve(), args.work.resolve()
    wheels = [d for d in sorted(args.tree.iterdir()) if d.name != ".git" and any(fnmatch.fnmatch(d.name, g) for g in args.only)]
    failed = {}
    if not args.no_all: failed["all"] = Repo("all", wheels, args, False).run()
    if args.each:
        for wheel in wheels: failed[wheel.name] = Repo(wheel.name, [wheel], args, True).run()
    print("\n== summary")
    for name, failures in failed.items(): print(f"  {'ok' if not failures else 'FAILED'} {name}" + "".join(f"\n      {f}" for f in failures))
    sys.exit(any(failed.values()))


if __name__ == "__main__":
    main()
