"""`qmigrate hook run` beside what git itself takes: 20 staged files in a repository of 30,000.

Without `--repository`, a repository is made, the same each time. Plain git is `git diff --cached --raw`, and then one
`git cat-file --batch` that is asked for the staged files before and after. Runs take turns, so that load falls on both;
the least of each tells most on a machine that does other things too.

    python3 benches/hook.py --bin target/release/qmigrate
    python3 benches/hook.py --bin target/release/qmigrate --bin OLDER --repository PATH --rounds 40
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

FACTORY = "def get_openai_client(*, workspace_id=None, **kwargs):\n    ...\n"

BODY = "".join(
    f"def step_{index}(value, other=None):\n"
    f"    result = compute(value) + {index}\n"
    f"    if result > {index}:\n"
    f"        return [item for item in other or [] if item]\n"
    f"    return result\n\n"
    for index in range(25)
)

OLD = "\n\ndef old(workspace_id):\n    return OpenAI(timeout=3), LLM(timeout=4)\n"

DIFF = ["git", "diff", "--cached", "--raw", "-z", "--no-abbrev", "--find-renames"]

PACKAGES, PARTS, FILES = 30, 20, 49


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    # A commit of so many files would start to tidy up in the background.
    quiet = ["-c", "maintenance.auto=false", "-c", "gc.auto=0"]
    subprocess.run(["git", "-C", folder, *identity, *quiet, *arguments], check=True, stdout=subprocess.DEVNULL)


def module(draw: random.Random, place: str, is_old: bool) -> str:
    """A file of 5 KB that imports from four others; an old one has two bypasses."""
    imports = "import os\nimport json\nimport logging\nfrom typing import Any\nfrom config import settings\n"
    for _ in range(4):
        package, part, number = draw.randrange(PACKAGES), draw.randrange(PARTS), draw.choice([0, 1, 3, 4, 6, 7])
        imports += f"from pkg{package}.sub{part}.mod{number} import step_{draw.randrange(25)}\n"
    if is_old:
        imports += "from openai import OpenAI\nfrom clients import LLM\n"
    return f"{imports}\n\ndef compute(value):\n    return value\n\n\n# {place}\n{BODY}{OLD if is_old else ''}"


def make(folder: Path) -> None:
    """Makes the repository, and stages 20 files, of which half have old bypasses."""
    draw = random.Random(7)

    def write(name: str, text: str) -> None:
        path = folder / "backend" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    git(folder, "init", "--quiet")
    write("utils/__init__.py", "")
    write("utils/openai_client_factory.py", FACTORY)
    write("clients.py", "from openai import OpenAI as LLM\n")
    write("config.py", "class Settings:\n    pass\n\n\nsettings = Settings()\n")
    for package in range(PACKAGES):
        for part in range(PARTS):
            base = f"pkg{package}/sub{part}"
            write(f"{base}/__init__.py", "")
            for number in range(FILES):
                if number % 3 == 2:
                    write(f"{base}/asset{number}.txt", f"text {package} {part} {number}\n" * 40)
                else:
                    write(f"{base}/mod{number}.py", module(draw, f"{base} {number}", number % 10 == 0))
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all")
    git(folder, "gc", "--quiet")
    for index in range(20):
        path = folder / f"backend/pkg{index}/sub{index}/mod{10 if index % 2 else 1}.py"
        path.write_text(path.read_text() + "\n\nlimit = 1\n")
    git(folder, "add", "--all")


def plain(folder: Path) -> Callable[[], None]:
    fields = subprocess.run(DIFF, cwd=folder, check=True, capture_output=True).stdout.split(b"\0")
    entries = [field.split() for field in fields if field.startswith(b":")]
    blobs = [blob for entry in entries for blob in entry[2:4] if blob.strip(b"0")]
    request = b"".join(blob + b"\n" for blob in blobs)
    print(f"{len(entries)} staged files")

    def run() -> None:
        subprocess.run(DIFF, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        command = ["git", "cat-file", "--batch"]
        subprocess.run(command, cwd=folder, check=True, input=request, stdout=subprocess.DEVNULL)

    return run


def hook(folder: Path, binary: Path) -> Callable[[], None]:
    command = [binary, "hook", "run"]
    first = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    print(f"{binary}: exit {first.returncode}, {first.stdout.strip().splitlines()[-1:]}")

    def run() -> None:
        subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return run


def spent() -> float:
    """Seconds of processor time that ended children took, and theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(runs: dict[str, Callable[[], None]], rounds: int) -> None:
    wall: dict[str, list[float]] = {name: [] for name in runs}
    processor: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            before, start = spent(), time.perf_counter()
            run()
            wall[name].append(1000 * (time.perf_counter() - start))
            processor[name].append(1000 * (spent() - before))
    base_wall, base_processor = min(wall["git"]), min(processor["git"])
    for name in runs:
        least, middle, work = min(wall[name]), statistics.median(wall[name]), min(processor[name])
        print(
            f"{name:40} least {least:6.1f} ms ({least / base_wall:.2f} of git), median {middle:6.1f} ms; "
            f"processor {work:6.1f} ms ({work / base_processor:.2f} of git)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, action="append")
    parser.add_argument("--repository", type=Path)
    parser.add_argument("--rounds", type=int, default=40)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.repository or Path(temporary)
        if not arguments.repository:
            make(folder)
        binaries = [binary.resolve() for binary in arguments.bin]
        runs = {"git": plain(folder)} | {str(binary): hook(folder, binary) for binary in binaries}
        measure(runs, arguments.rounds)


if __name__ == "__main__":
    main()
