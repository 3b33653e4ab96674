#!/usr/bin/env python3
"""Measures whole runs of qmigrate beside other tools, on corpora of published packages.

    just bench-tools                     builds the corpora once, then prints a table for Python and one for TypeScript
    python3 benches/tools.py --language python
    python3 benches/tools.py --all       adds semgrep and LibCST, which take minutes
    python3 benches/tools.py --archives D  takes wheels or tarballs that are already there, downloads nothing

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
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from statistics import median

import corpora
from corpora import CORPORA, BenchError, Corpus
from measure import Tool, measure, peak_mib, run_rounds

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


# The tools


def measure_start(binary: Path) -> float:
    """Returns the median wall time in milliseconds of a scan of one small file."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "small.py").write_text(START_SOURCE)
        command = [str(binary), "scan", "--format", "json", "--exit-zero", "small.py"]
        runs = [measure(command, Path(folder), (0,)) for _ in range(START_RUNS + 1)]
    return median(run.wall for run in runs[1:]) * 1000


def find_program(name: str) -> str | None:
    """Returns the path of a program: beside this Python, where no shim slows its start, else on the PATH."""
    beside = Path(sys.executable).parent
    return shutil.which(name, path=str(beside)) or shutil.which(name)


def choose_tools(corpus: Corpus, binary: Path, tree: Path, everything: bool) -> tuple[list[Tool], list[str]]:
    """Returns the tools that can run here, ripgrep first, and a line for each that cannot."""
    rg = find_program("rg")
    if rg is None:
        raise BenchError("ripgrep (`rg`) is not installed, and all else is measured against it")
    types = [f"--type={kind}" for kind in corpus.rg_types]
    tools = [Tool(f"rg -l -i openai -t {','.join(corpus.rg_types)}", [rg, "-l", "-i", "openai", *types, "."])]
    skipped = []

    if binary.is_file():
        scan = [str(binary.resolve()), "scan", "--language", corpus.language, "--format", "json", "--exit-zero"]
        tools.append(Tool("qmigrate scan", scan, good_exits=(0, 3)))
    else:
        skipped.append(f"qmigrate: {binary} is not there (`cargo build --release`)")

    pattern = "OpenAI($$$)" if corpus.language == "python" else "new OpenAI($$$)"
    ast_grep = ["ast-grep", "run", "--lang", corpus.language, "--pattern", pattern, "--json", "."]
    others = [Tool(f"ast-grep {pattern}", ast_grep)]
    if corpus.language == "python":
        ruff = ["ruff", "check", "--isolated", "--no-cache", "--select", "F401", "."]
        others.insert(0, Tool("ruff check --select F401", ruff))
    else:
        others.insert(0, Tool("oxlint no-unused-vars", ["oxlint", "-A", "all", "-D", "no-unused-vars", "."]))
    if everything and corpus.language == "python":
        semgrep = ["semgrep", "scan", "--quiet", "--metrics=off", "--disable-version-check"]
        others.append(Tool("semgrep OpenAI(...)", [*semgrep, "--lang", "python", "-e", "OpenAI(...)", "."], once=True))
    for tool in others:
        program = find_program(tool.command[0])
        if program is None:
            skipped.append(f"{tool.command[0]}: not installed")
            continue
        tool.command[0] = program
        tools.append(tool)

    if everything and corpus.language == "python":
        if importlib.util.find_spec("libcst") is None:
            skipped.append("LibCST: not installed")
        else:
            tools.append(libcst_tool(corpus, tree))
    return tools, skipped


def libcst_tool(corpus: Corpus, tree: Path) -> Tool:
    """Returns LibCST resolving every call's name in a sample, evenly spread, with its times scaled up by size."""
    total = corpus.size(tree)
    stride = max(1, total // LIBCST_SAMPLE_BYTES)
    python_files = (entry for entry in corpora.files(tree) if entry[0].suffix == ".py")
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
    parser.add_argument("--language", choices=CORPORA, help="measure this language only")
    parser.add_argument("--corpus", type=Path, help="where the corpus is kept (default: a folder for each in target/)")
    parser.add_argument("--archives", type=Path, help="take the wheels or tarballs of this folder and download nothing")
    parser.add_argument("--runs", type=int, default=5, help="measured rounds (default: %(default)s)")
    parser.add_argument("--all", action="store_true", help="measure semgrep and LibCST too, once each: minutes")
    parser.add_argument("--build-only", action="store_true", help="build the corpus and stop")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    if arguments.language is None and (arguments.corpus or arguments.archives):
        parser.error("--corpus and --archives need --language")
    return arguments


def run(arguments: argparse.Namespace, corpus: Corpus) -> None:
    """Builds a corpus, measures the tools on it, and prints the table and the goals."""
    tree = corpus.build(arguments.corpus or Path("target", corpus.folder), arguments.archives)
    print(corpus.describe(tree))
    if arguments.build_only:
        return

    print()
    tools, skipped = choose_tools(corpus, arguments.bin, tree, arguments.all)
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
        for language in [arguments.language] if arguments.language else CORPORA:
            run(arguments, CORPORA[language])
            print()
    except (BenchError, OSError, subprocess.CalledProcessError, tarfile.TarError, zipfile.BadZipFile) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
