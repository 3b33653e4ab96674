#!/usr/bin/env python3
"""Compares what qmigrate finds in small Rust programs with what the compiler says, before and after a fix.

Each file in `cases/` is a module of one crate. The SDK's stand-in warns at each use of a constructor, so the compiler is an
independent resolver: every place that it names must be found, and nothing else. (A trait's function cannot be deprecated
in an `impl`, so `default` is left out of that comparison.) After `fix`, the crate must compile without new
warnings, the places left must be those held back, and a second fix must change nothing.

Each folder in `workspaces/` is a project of its own, checked in the same way. There the places that stay are those whose line
ends with `// held`, and a line that ends with `// gives TEXT` holds the text after the fix.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FACTORY = """\
use async_openai::{config::{Config, OpenAIConfig}, Client};

pub fn client() -> Client<OpenAIConfig> {
    #[allow(deprecated)]
    Client::new()
}

pub fn client_with_config<C: Config>(config: C) -> Client<C> {
    #[allow(deprecated)]
    Client::with_config(config)
}

pub fn client_build<C: Config>(http: u8, config: C, backoff: u8) -> Client<C> {
    #[allow(deprecated)]
    Client::build(http, config, backoff)
}
"""


def compiled(root, target):
    """The compiler's messages: errors, places of deprecated uses, and all other warnings."""
    command = ["cargo", "check", "--quiet", "--tests", "--workspace", "--offline", "--message-format=json", "--target-dir", str(target)]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True)
    errors, uses, warnings = [], set(), set()
    for line in run.stdout.splitlines():
        message = json.loads(line)
        if message.get("reason") != "compiler-message" or "stub" in message.get("manifest_path", ""):
            continue
        inner = message["message"]
        code = (inner.get("code") or {}).get("code", "")
        spans = [span for span in inner["spans"] if span["is_primary"]]
        if inner["level"] == "error":
            errors.append(inner["rendered"])
        for span in spans:
            place = outermost(span)
            if code == "deprecated":
                uses.add((place["file_name"], place["line_start"]))
            elif inner["level"] == "warning":
                warnings.add((place["file_name"], code, inner["message"]))
    return errors, uses, warnings


def is_star(warning):
    """What else a star import brings is not known to qmigrate, so it stays."""
    return warning[1] == "unused_imports" and warning[2].endswith("::*`")


def outermost(span):
    """The place in a case, where the span lies within a macro's expansion."""
    while span.get("expansion") and not span["file_name"].startswith("src/"):
        span = span["expansion"]["span"]
    return span


def qmigrate(binary, root, *arguments):
    return subprocess.run([binary, *arguments], cwd=root, capture_output=True, text=True)


def found(binary, root):
    scan = json.loads(qmigrate(binary, root, "scan", "--format", "json", "--exit-zero").stdout)
    if scan["problems"]:
        sys.exit(f"problems: {scan['problems']}")
    return scan["findings"]


def place(finding, root):
    text = (root / finding["path"]).read_bytes()[finding["start"]:finding["end"]].decode()
    # The compiler points at the constructor's name.
    name = finding["symbol"].rsplit("::", 1)[1]
    head = text.split("(")[0] if "(" in text else text
    return (finding["path"], finding["line"] + head.count("\n")), name


def check(binary, root, target):
    """Compares before and after a fix; gives back what is wrong, the places by the compiler, the findings, and what is left."""
    before = sources(root)
    failures = []
    errors, uses, warnings = compiled(root, target)
    failures += errors
    findings = found(binary, root)
    places = {where for where, name in (place(finding, root) for finding in findings) if name != "default"}
    failures += [f"missed: {where}" for where in sorted(uses - places)]
    failures += [f"extra: {where}" for where in sorted(places - uses)]

    run = qmigrate(binary, root, "fix")
    if run.returncode != 0:
        failures.append(f"fix: {run.stdout}{run.stderr}")
    errors, left, new = compiled(root, target)
    failures += errors
    failures += [f"new warning: {warning}" for warning in sorted(new - warnings) if not is_star(warning)]
    all_held = {place(finding, root) for finding in found(binary, root)}
    held = {where for where, name in all_held if name != "default"}
    failures += [f"left, and not held back: {where}" for where in sorted(left ^ held)]
    fixed = sources(root)
    marks = marked(before)
    qmigrate(binary, root, "fix")
    if sources(root) != fixed:
        failures.append("a second fix changes something")
    qmigrate(binary, root, "undo")
    if sources(root) != before:
        failures.append("undo does not give back what was there")
    return failures, uses, findings, {where for where, _ in all_held}, marks, fixed


def sources(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.rs")}


def marked(files):
    """The lines with a mark: which file, the code before the mark, and the mark."""
    found = []
    for path, text in files.items():
        for line in text.decode().splitlines():
            code, _, mark = line.partition(" // ")
            if mark == "held" or mark.startswith("gives "):
                found.append((path, code, mark))
    return found


def against_marks(marks, findings, held, fixed):
    """Whether each line became what its mark says."""
    failures = []
    for path, code, mark in marks:
        lines = [line for line in fixed[path].decode().splitlines() if line.endswith(f" // {mark}")]
        wanted = code.strip() if mark == "held" else mark.removeprefix("gives ")
        if not any(wanted in line.partition(" // ")[0] for line in lines):
            failures.append(f"{path}: {code.strip()} // {mark}")
    stay = sum(mark == "held" for _, _, mark in marks)
    if len(held) != stay:
        failures.append(f"{len(held)} lines are held back, and {stay} are marked: {sorted(held)}")
    return failures


def workspaces(binary, folder, only):
    """Checks each project of `workspaces/`; gives back how many of them failed."""
    failed = 0
    for case in sorted((HERE / "workspaces").iterdir()):
        if only and only not in case.name:
            continue
        root = folder / "workspaces" / case.name
        # What cargo keeps of an earlier run would count as fresh.
        for old in (root, folder / "targets" / case.name):
            shutil.rmtree(old, ignore_errors=True)
        shutil.copytree(case, root)
        (root / "qmigrate.toml").touch()
        for manifest in root.rglob("Cargo.toml"):
            manifest.write_text(manifest.read_text().replace("STUB", str(folder / "stub")))
        failures, _, findings, held, marks, fixed = check(binary, root, folder / "targets" / case.name)
        failures += against_marks(marks, findings, held, fixed)
        failed += bool(failures)
        for failure in failures:
            print(f"{case.name}: {failure}")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", default="target/debug/qmigrate")
    parser.add_argument("--keep", help="a folder to work in, for a look afterwards")
    parser.add_argument("--only", help="only workspaces whose name holds this")
    options = parser.parse_args()
    binary = str(pathlib.Path(options.bin).resolve())
    folder = pathlib.Path(options.keep) if options.keep else pathlib.Path(tempfile.mkdtemp(prefix="qmigrate-rust-"))
    root = folder / "project"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(HERE / "stub", folder / "stub", dirs_exist_ok=True)
    (root / "src").mkdir(parents=True)
    (root / "qmigrate.toml").write_text("")
    manifest = '[package]\nname = "cases"\nedition = "2021"\n[dependencies]\nasync-openai = { path = "../stub" }\n'
    (root / "Cargo.toml").write_text(manifest + "[workspace]\n")
    modules = ["pub mod openai_client;"]
    for case in sorted((HERE / "cases").rglob("*.rs")):
        name = case.relative_to(HERE / "cases")
        (root / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(case, root / "src" / name)
        if len(name.parts) == 1:
            modules.append(f"pub mod {case.stem};")
    (root / "src/lib.rs").write_text("#![allow(dead_code)]\n" + "\n".join(modules) + "\n")
    (root / "src/openai_client.rs").write_text(FACTORY)
    failures, uses, findings, held, _, _ = check(binary, root, folder / "target")
    print("\n".join(failures))
    fixed_count = len(findings) - len(held)
    print(f"{len(uses)} places by the compiler, {len(findings)} findings, {fixed_count} fixed, {len(failures)} failures")
    failed = workspaces(binary, folder, options.only)
    print(f"{failed} workspaces with failures")
    sys.exit(bool(failures or failed))


if __name__ == "__main__":
    main()
