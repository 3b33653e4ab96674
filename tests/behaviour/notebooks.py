#!/usr/bin/env python3
"""Scans and fixes a folder of real notebooks, and checks the result by other means.

    notebooks.py FOLDER [--bin PATH] [--work DIR] [--rule FILE]

The places found must be those of `resolver.py` in what IPython itself makes of each cell. After a fix, `nbformat` still
validates each notebook, only the code of cells differs, Python sees no new syntax errors, `ruff` no new unused or
undefined names; a second fix changes nothing, `git apply` of the dry run gives the same, and `undo` restores all.

A rule of one's own may join the built-in ones, so that there is more to fix than clients of one SDK.

Needs Python 3.12 or newer with ipython, nbformat and ruff. Exit 1 when a check failed.
"""
import argparse, ast, json, re, shutil, subprocess, sys, warnings
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager
import nbformat

warnings.simplefilter("ignore")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import resolver
from corpus import FACTORY

FAILURES = []


def check(what, bad):
    print(f"{'FAIL' if bad else 'ok  '}  {what}" + (f": {len(bad)}" if bad else ""))
    for item in bad[:12]:
        print("        " + str(item).replace("\n", "\n        "))
    if bad:
        FAILURES.append(what)


def run(command, cwd, codes=(0,), **keywords):
    done = subprocess.run(command, cwd=cwd, capture_output=True, **keywords)
    if done.returncode not in codes or b"panicked" in done.stderr:
        check(f"{' '.join(map(str, command))[:80]} exits {codes}", [f"{done.returncode}: {done.stderr.decode()[-1500:]}"])
    return done.stdout


def load(path):
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except (ValueError, UnicodeDecodeError):
        return None


def cells(document):
    """Number and text of each code cell in Python."""
    if not isinstance(document, dict):
        return
    table = lambda value: value if isinstance(value, dict) else {}
    metadata = table(document.get("metadata"))
    kernel, info = table(metadata.get("kernelspec")), table(metadata.get("language_info"))
    language = kernel.get("language") or info.get("name") or "python"
    if not language.lower().startswith(("python", "ipython")):
        return
    lists = document["cells"] if "cells" in document else sum((w.get("cells", []) for w in document.get("worksheets", [])), [])
    for number, cell in enumerate(lists, 1):
        if cell.get("cell_type") != "code":
            continue
        editor = ((cell.get("metadata") or {}).get("vscode") or {}).get("languageId", "python")
        source = cell.get("source", cell.get("input"))
        source = "".join(source) if isinstance(source, list) else source
        if editor == "python" and cell.get("language", "python") == "python" and isinstance(source, str):
            yield number, source


# `%%time` and the like run their cell as it stands.
TRANSPARENT = re.compile(r"\A\s*%%(time|capture|prun|debug)\b[^\n]*\n?")


def python(source):
    """What IPython makes of a cell, line for line; `None` where it does not compile."""
    stripped = source
    while match := TRANSPARENT.match(stripped):
        stripped = stripped[match.end():]
    stripped = re.sub(r"(?m)^(\s*)%time (?=\S)", r"\1", stripped)
    skipped = source.count("\n") - stripped.count("\n")
    try:
        text = TransformerManager().transform_cell(stripped)
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    # IPython takes empty first lines away; the numbers of lines shall stay.
    lead = re.match(r"(?:[ \t]*\n)*", stripped).group().count("\n")
    return "\n" * (skipped + lead) + text


def convert(path):
    """One module of all cells, and the cell and line of each of its lines."""
    text, table = [], []
    for number, source in cells(load(path)):
        code = python(source)
        for line, content in enumerate((code or "").splitlines(), 1):
            text.append(content)
            table.append((number, line))
        # Nothing that ends one cell reaches into the next.
        text.append("")
        table.append((number, 0))
    return "\n".join(text) + "\n", table


def places(root, notebooks, modules):
    """Where `resolver.py` finds constructions: notebook, cell and line."""
    tables = {}
    for index, notebook in enumerate(notebooks):
        name = f"{re.sub(r'[^0-9A-Za-z]', '_', notebook.stem)}_{index}.py"
        modules.mkdir(parents=True, exist_ok=True)
        text, table = convert(notebook)
        (modules / name).write_text(text, errors="replace")
        tables[name] = str(notebook.relative_to(root)), table
    _, found, broken = resolver.find(modules, "utils.openai_client_factory")
    check("the converted cells compile together", sorted(map(str, broken)))
    back = lambda place: (tables[place[0]][0], *tables[place[0]][1][place[1] - 1])
    return {back(p) for p in found if p[-1] != "soft"}, {back(p) for p in found if p[-1] == "soft"}


def outside(document):
    """A notebook without the code of its cells."""
    document = json.loads(json.dumps(document))
    for cell in document.get("cells", []) + sum((w.get("cells", []) for w in document.get("worksheets", [])), []):
        cell.pop("source", None), cell.pop("input", None)
    return document


def ruff(root):
    select = "E9,F401,F821,F811,F823"
    out = run([str(Path(sys.executable).parent / "ruff"), "check", "--isolated", "--no-cache", "--exit-zero", "--select", select, "--output-format", "json", "."], root)
    # Lines move, and two of a name are no more than one.
    plain = lambda message: re.sub(r"(from )?(cell \d+, )?line \d+", "", message)
    return {(str(Path(row["filename"]).relative_to(root)), row["code"], plain(row["message"])) for row in json.loads(out)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bin", default="target/release/qmigrate")
    parser.add_argument("--work", type=Path, default=Path("/tmp/qmigrate-notebooks"))
    parser.add_argument("--rule", type=Path)
    args = parser.parse_args()
    program = str(Path(args.bin).resolve())
    shutil.rmtree(args.work, ignore_errors=True)
    root, modules, other = args.work / "one", args.work / "modules", args.work / "two"
    for path in sorted(args.folder.rglob("*.ipynb")):
        target = root / path.relative_to(args.folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    (root / "utils").mkdir(parents=True)
    (root / "utils/__init__.py").write_text("")
    (root / "utils/openai_client_factory.py").write_text(FACTORY)
    if args.rule:
        (root / "rules").mkdir()
        shutil.copy(args.rule, root / "rules")
        (root / "qmigrate.toml").write_text('rules = ["rules"]\n')
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "core.autocrlf=false"]
    run([*git, "init", "-q"], root), run([*git, "add", "-A"], root), run([*git, "commit", "-qm", "x"], root)
    shutil.copytree(root, other)
    notebooks = sorted(root.rglob("*.ipynb"))
    before = {path: path.read_bytes() for path in notebooks}
    print(f"{len(notebooks)} notebooks, {sum(map(len, before.values())) / 1e6:.1f} MB")

    report = json.loads(run([program, "scan", "--format", "json", "--exit-zero"], root, (0, 3)))
    kinds = {"direct-client"}
    ours = {(f["path"], f["cell"], f["line"]) for f in report["findings"] if f["rule"] in kinds and f["cell"]}
    theirs, soft = places(root, notebooks, modules)
    print(f"{len(ours)} places in {len({p for p, *_ in ours})} notebooks; {report['summary']['cells_skipped']} cells passed over")
    check("no place is missed", sorted(theirs - ours))
    check("no place is made up", sorted(ours - theirs - soft))
    wrong = []
    for finding in report["findings"]:
        if not finding["cell"]:
            continue
        document = load(root / finding["path"])
        lists = document.get("cells") or sum((w.get("cells", []) for w in document.get("worksheets", [])), [])
        cell = lists[finding["cell"] - 1]
        source = "".join(cell.get("source", cell.get("input"))).encode("utf-8", "replace")
        for offset, line, column in [("start", "line", "column"), ("end", "end_line", "end_column")]:
            lines = source[:finding[offset]].decode().split("\n")
            if (finding[line], finding[column]) != (len(lines), len(lines[-1]) + 1):
                wrong.append((finding["path"], finding[offset], finding[line], finding[column]))
    check("offsets, lines and columns count in the cell", wrong)
    check("only broken notebooks are problems", [p for p in report["problems"] if load(root / p["path"]) is not None])

    names = ruff(root)
    patch = run([program, "fix", "--dry-run"], root, (0, 3))
    out = json.loads(run([program, "fix", "--format", "json"], root, (0, 3)))
    changed = {root / f["path"] for f in out["files"] if f["status"] == "changed"}
    touched = {(e["path"], e["cell"]) for f in out["findings"] if f["fix"] for e in f["fix"]["edits"]}
    fixed = sum(1 for f in out["findings"] if f["fix"])
    print(f"{fixed} of {len(out['findings'])} findings fixed in {len(changed)} notebooks")
    check("what is reported as changed has changed", [p for p in notebooks if (p.read_bytes() != before[p]) != (p in changed)])
    (args.work / "patch").write_bytes(patch)
    if patch:
        run([*git, "apply", str(args.work / "patch")], other)
    check("git apply of the dry run gives the same", [p for p in notebooks if (other / p.relative_to(root)).read_bytes() != p.read_bytes()])
    bad = {"outside": [], "cells": [], "valid": [], "parse": [], "lines": []}
    for path in sorted(changed):
        old, new = json.loads(before[path].decode("utf-8-sig")), load(path)
        relative = str(path.relative_to(root))
        if json.dumps(outside(old)) != json.dumps(outside(new)):
            bad["outside"].append(relative)
        one, two = dict(cells(old)), dict(cells(new))
        differing = {number for number in one if one[number] != two.get(number)}
        if differing != {number for name, number in touched if name == relative}:
            bad["cells"].append((relative, differing))
        bad["parse"] += [(relative, number) for number in differing if python(one[number]) and not python(two[number])]
        try:
            nbformat.validate(old)
            nbformat.validate(new)
        except nbformat.ValidationError as error:
            try:
                nbformat.validate(old)
                bad["valid"].append((relative, str(error)[:200]))
            except nbformat.ValidationError:
                pass
        # Every line of the file that differs is one of a cell's code.
        a, b = before[path].split(b"\n"), path.read_bytes().split(b"\n")
        if len(a) > 1 and all(isinstance(c.get("source"), list) for c in old.get("cells", [])):
            count = sum(abs(len(two[n].splitlines()) - len(one[n].splitlines())) for n in differing)
            if abs(len(a) - len(b)) > count:
                bad["lines"].append((relative, len(a), len(b), count))
            values = [json.loads(f"[{line.strip().rstrip(b',').decode()}]") for line in set(b) - set(a) if line.strip() not in (b'"source": [', b'],', b'"source": [],')]
            code = {line for text in two.values() for line in text.splitlines(True)}
            bad["lines"] += [(relative, v) for v in values if not (len(v) == 1 and v[0] in code)]
    check("only code differs", bad["outside"])
    check("the cells that differ are those of the edits", bad["cells"])
    check("nbformat still validates them", bad["valid"])
    check("what compiled still does", bad["parse"])
    check("only lines of code differ", bad["lines"])
    check("no new names are unused or undefined", sorted(map(str, ruff(root) - names)))
    run([*git, "commit", "-qam", "fixed"], root, (0, 1))
    state = {path: path.read_bytes() for path in notebooks}
    run([program, "fix"], root, (0, 3))
    check("a second fix changes nothing", [p for p in notebooks if p.read_bytes() != state[p]])
    run([program, "undo"], root)
    check("undo restores every byte", [p for p in notebooks if p.read_bytes() != before[p]])
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(main())
