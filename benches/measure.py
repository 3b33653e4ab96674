"""What a run of a program takes: CPU time, wall time, peak memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from corpora import BenchError


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


def progress(text: str) -> None:
    """Shows what runs now, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
