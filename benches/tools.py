#!/usr/bin/env python3
"""Measures whole runs of qmigrate beside other tools, on a corpus of published Python packages.

    just bench-tools                     builds the corpus once, then prints the table
    python3 benches/tools.py --all       adds semgrep and LibCST, which take minutes
    python3 benches/tools.py --wheels D  takes wheels that are already there, downloads nothing

The corpus is the wheels of `PACKAGES`, each unpacked in its own folder below `<corpus>/tree`, which is an empty
git repository of its own, so that no ignore file or configuration from outside reaches it.

CPU time (user + system) and peak memory are what the kernel reports for the finished child (`wait4`). Every tool runs
once unmeasured, which warms the page cache; then the tools take turns, round by round, so that a slow minute of the
machine meets all of them. The factor is taken against ripgrep in the same round, and each figure is the median of its
rounds. The kernel starts a child's peak at the size of the process that started it: figures at the floor, which is
printed below the table, mean "at most that".

Needs ripgrep (`rg`). Measured too where installed: ruff, ast-grep (`pip install ruff ast-grep-cli`), and with `--all`
semgrep and LibCST (`pip install semgrep libcst`). They are looked for beside this Python first, then on the PATH.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

PACKAGES = """
    openai langchain langchain-classic langchain-core langchain-community langchain-openai llama-index-core
    llama-index-llms-openai litellm instructor dspy autogen autogen-agentchat autogen-ext crewai crewai-tools
    haystack-ai guidance semantic-kernel mem0ai letta gpt-researcher chainlit transformers smolagents openai-agents
    pydantic-ai-slim agno ragas deepeval browser-use camel-ai langfuse graphrag
""".split()

GOAL_FACTOR = 4.0  # times ripgrep's CPU time
GOAL_PEAK_MIB = 64.0
GOAL_START_MS = 10.0

START_RUNS = 30
START_SOURCE = """\
from openai import OpenAI


def ask(workspace_id, prompt):
    client = OpenAI()
    return client.responses.create(model="gpt-4o", input=prompt)
"""

LIBCST_SAMPLE_BYTES = 2_000_000
LIBCST_PROGRAM = """
import sys
import libcst
from libcst.metadata import MetadataWrapper, QualifiedNameProvider

class Calls(libcst.CSTVisitor):
    METADATA_DEPENDENCIES = (QualifiedNameProvider,)
    def visit_Call(self, node):
        self.get_metadata(QualifiedNameProvider, node.func, None)

for path in sys.stdin.read().splitlines():
    with open(path, "rb") as file:
        source = file.read()
    try:
        MetadataWrapper(libcst.parse_module(source), unsafe_skip_copy=True).visit(Calls())
    except (libcst.ParserSyntaxError, RecursionError, UnicodeDecodeError):
        pass
"""


class BenchError(Exception):
    """Stops the bench: something that it cannot do without is missing."""


# The corpus


def build_corpus(corpus: Path, wheels: Path | None) -> Path:
    """Returns the folder of unpacked wheels, downloading and unpacking only what isn't there yet."""
    if wheels is None:
        wheels = corpus / "wheels"
        download(wheels)
    tree = corpus / "tree"
    tree.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        unpack(find_wheel(wheels, package), tree)
    if not (tree / ".git").exists():
        subprocess.run(["git", "init", "--quiet", tree], check=True)
    return tree


def download(wheels: Path) -> None:
    """Fetches the wheels that are not in the folder."""
    wheels.mkdir(parents=True, exist_ok=True)
    missing = [package for package in PACKAGES if not matching_wheels(wheels, package)]
    if not missing:
        return
    print(f"downloading {len(missing)} wheels into {wheels}", file=sys.stderr)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*pip, "--dest", wheels, *missing], check=True)


def matching_wheels(wheels: Path, package: str) -> list[Path]:
    """Returns the wheels of a package, by the name that wheel files spell with underscores."""
    name = package.replace("-", "_").lower()
    return sorted(wheel for wheel in wheels.glob("*.whl") if wheel.name.split("-")[0].lower() == name)


def find_wheel(wheels: Path, package: str) -> Path:
    """Returns the one wheel of a package."""
    found = matching_wheels(wheels, package)
    if len(found) != 1:
        raise BenchError(f"{wheels} holds {len(found)} wheels of {package}, expected one")
    return found[0]


def unpack(wheel: Path, tree: Path) -> None:
    """Unpacks a wheel into its own folder, which appears only when it is whole."""
    target = tree / wheel.stem
    if target.exists():
        return
    with tempfile.TemporaryDirectory(dir=tree.parent) as scratch:
        half = Path(scratch, wheel.stem)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(half)
        half.rename(target)


def corpus_files(tree: Path) -> Iterator[tuple[Path, int]]:
    """Yields every file of the tree with its size, in the same order each time."""
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            path = Path(folder, name)
            yield path, path.stat().st_size


def python_bytes(tree: Path) -> int:
    """Returns the size of all Python files together."""
    return sum(size for path, size in corpus_files(tree) if path.suffix == ".py")


def describe_corpus(tree: Path) -> str:
    """Returns the corpus in one line; holds no list of it, since that would raise the floor of the peaks."""
    count = total = python = 0
    for path, size in corpus_files(tree):
        count += 1
        total += size
        python += path.suffix == ".py"
    return f"corpus: {count} files, {total / 1e6:.0f} MB, {python} of them Python"


# Measuring


@dataclass
class Sample:
    """What one run took."""

    cpu: float
    wall: float
    peak_mib: float


@dataclass
class Tool:
    """A tool to measure: what it runs, and in the end what its runs took."""

    name: str
    command: list[str]
    good_exits: tuple[int, ...] = (0, 1)
    once: bool = False
    stdin: str = ""
    scale: float = 1.0
    samples: list[Sample] = field(default_factory=list)
    factors: list[float] = field(default_factory=list)

    def run(self, cwd: Path) -> Sample:
        """Runs the tool once, output discarded, and returns what it took, scaled up to the whole corpus."""
        sample = measure(self.command, cwd, self.good_exits, self.stdin)
        return Sample(sample.cpu * self.scale, sample.wall * self.scale, sample.peak_mib)


def measure(command: list[str], cwd: Path, good_exits: tuple[int, ...], stdin: str = "") -> Sample:
    """Runs a command and returns its CPU time, wall time and peak memory, those of its children included."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as errors:
        given.write(stdin.encode())
        given.seek(0)
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdin=given, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in good_exits:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip()[-500:]
            raise BenchError(f"`{' '.join(command)[:200]}` exited {process.returncode}: {said}")
    return Sample(usage.ru_utime + usage.ru_stime, wall, peak_mib(usage))


def peak_mib(usage: resource.struct_rusage) -> float:
    """Returns the peak resident size in MiB; the kernel counts KiB, on macOS bytes."""
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def run_rounds(tools: list[Tool], tree: Path, rounds: int) -> None:
    """Runs all tools in turn, `rounds` times; the first tool is what the others are compared with."""
    for tool in tools:
        if not tool.once:
            tool.run(tree)
    for number in range(rounds):
        yardstick = None
        for tool in tools:
            if tool.once and number > 0:
                continue
            progress(f"round {number + 1} of {rounds}: {tool.name}")
            sample = tool.run(tree)
            yardstick = yardstick or sample
            tool.samples.append(sample)
            tool.factors.append(sample.cpu / yardstick.cpu)
    progress("")


def measure_start(binary: Path) -> float:
    """Returns the median wall time in milliseconds of a scan of one small file."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "small.py").write_text(START_SOURCE)
        command = [str(binary), "scan", "--format", "json", "--exit-zero", "small.py"]
        runs = [measure(command, Path(folder), (0,)) for _ in range(START_RUNS + 1)]
    return median(run.wall for run in runs[1:]) * 1000


def progress(text: str) -> None:
    """Shows what runs now, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


# The tools


def find_program(name: str) -> str | None:
    """Returns the path of a program: beside this Python, where no shim slows its start, else on the PATH."""
    beside = Path(sys.executable).parent
    return shutil.which(name, path=str(beside)) or shutil.which(name)


def choose_tools(binary: Path, tree: Path, everything: bool) -> tuple[list[Tool], list[str]]:
    """Returns the tools that can run here, ripgrep first, and a line for each that cannot."""
    rg = find_program("rg")
    if rg is None:
        raise BenchError("ripgrep (`rg`) is not installed, and all else is measured against it")
    tools = [Tool("rg -l -i openai --type py", [rg, "-l", "-i", "openai", "--type", "py", "."])]
    skipped = []

    if binary.is_file():
        scan = [str(binary.resolve()), "scan", "--format", "json", "--exit-zero"]
        tools.append(Tool("qmigrate scan", scan, good_exits=(0, 3)))
    else:
        skipped.append(f"qmigrate: {binary} is not there (`cargo build --release`)")

    others = [
        Tool("ruff check --select F401", ["ruff", "check", "--isolated", "--no-cache", "--select", "F401", "."]),
        Tool("ast-grep OpenAI($$$)", ["ast-grep", "run", "--lang", "python", "--pattern", "OpenAI($$$)", "--json", "."]),
    ]
    if everything:
        semgrep = ["semgrep", "scan", "--quiet", "--metrics=off", "--disable-version-check"]
        others.append(Tool("semgrep OpenAI(...)", [*semgrep, "--lang", "python", "-e", "OpenAI(...)", "."], once=True))
    for tool in others:
        program = find_program(tool.command[0])
        if program is None:
            skipped.append(f"{tool.command[0]}: not installed")
            continue
        tool.command[0] = program
        tools.append(tool)

    if everything and importlib.util.find_spec("libcst") is None:
        skipped.append("LibCST: not installed")
    elif everything:
        tools.append(libcst_tool(tree))
    return tools, skipped


def libcst_tool(tree: Path) -> Tool:
    """Returns LibCST resolving every call's name in a sample, evenly spread, with its times scaled up by size."""
    total = python_bytes(tree)
    stride = max(1, total // LIBCST_SAMPLE_BYTES)
    python_files = (entry for entry in corpus_files(tree) if entry[0].suffix == ".py")
    sample = list(itertools.islice(python_files, 0, None, stride))
    return Tool(
        "LibCST (sample, scaled up)",
        [sys.executable, "-c", LIBCST_PROGRAM],
        once=True,
        stdin="\n".join(str(path.resolve()) for path, _ in sample),
        scale=total / sum(size for _, size in sample),
    )


# The report


def print_table(tools: list[Tool]) -> None:
    """Prints one line for each tool."""
    print(f"{'tool':<30}{'CPU s':>10}{'x rg':>10}{'wall s':>10}{'peak MiB':>10}{'runs':>6}")
    for tool in tools:
        cpu, wall, peak = (median(getattr(s, figure) for s in tool.samples) for figure in ("cpu", "wall", "peak_mib"))
        print(f"{tool.name:<30}{cpu:>10.2f}{median(tool.factors):>10.1f}{wall:>10.2f}{peak:>10.1f}{len(tool.samples):>6}")


def print_goals(qmigrate: Tool, start_ms: float) -> None:
    """Prints each goal with what was reached."""
    reached = [
        ("CPU, times rg", median(qmigrate.factors), GOAL_FACTOR),
        ("peak MiB", max(sample.peak_mib for sample in qmigrate.samples), GOAL_PEAK_MIB),
        (f"start-up ms (median of {START_RUNS})", start_ms, GOAL_START_MS),
    ]
    print(f"\n{'goal of qmigrate scan':<30}{'at most':>10}{'reached':>10}")
    for name, value, limit in reached:
        print(f"{name:<30}{limit:>10.1f}{value:>10.1f}  {'met' if value <= limit else 'MISSED'}")


def parse_arguments() -> argparse.Namespace:
    """Returns the command line, read."""
    summary, _, rest = __doc__.partition("\n")
    parser = argparse.ArgumentParser(description=summary, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=Path("target/release/qmigrate"), help="the qmigrate to measure (default: %(default)s)")
    parser.add_argument("--corpus", type=Path, default=Path("target/bench-corpus"), help="where the corpus is kept (default: %(default)s)")
    parser.add_argument("--wheels", type=Path, help="take the wheels of this folder and download nothing")
    parser.add_argument("--runs", type=int, default=5, help="measured rounds (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="measure semgrep and LibCST too, once each: minutes")
    parser.add_argument("--build-only", action="store_true", help="build the corpus and stop")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    return arguments


def run(arguments: argparse.Namespace) -> None:
    """Builds the corpus, measures the tools on it, and prints the table and the goals."""
    tree = build_corpus(arguments.corpus, arguments.wheels)
    print(describe_corpus(tree))
    if arguments.build_only:
        return

    print()
    tools, skipped = choose_tools(arguments.bin, tree, arguments.all)
    run_rounds(tools, tree, arguments.runs)
    print_table(tools)
    for line in skipped:
        print(f"skipped: {line}")
    floor = peak_mib(resource.getrusage(resource.RUSAGE_SELF))
    print(f"a peak of {floor:.1f} MiB means at most that: it is where a child starts here")
    for tool in tools:
        if tool.name == "qmigrate scan":
            print_goals(tool, measure_start(arguments.bin.resolve()))


def main() -> int:
    """Returns the exit code: 0 when measured, whether or not the goals are met, else 2."""
    arguments = parse_arguments()
    try:
        run(arguments)
    except (BenchError, OSError, subprocess.CalledProcessError, zipfile.BadZipFile) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
