"""`qmigrate history` over a long history: how long it takes beside `git log --raw`, and whether it is right.

Without `--repository`, a repository of 5,000 commits and 20,000 blobs is made, the same each time. With `--check N`, N
commits are checked out one by one and scanned, and the numbers compared.

    python3 benches/history.py --bin target/release/qmigrate
    python3 benches/history.py --bin target/release/qmigrate --repository PATH --check 20
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FACTORY = """\
def get_openai_client(*, workspace_id=None, **kwargs):
    ...


def get_async_openai_client(*, workspace_id=None, **kwargs):
    ...
"""

BODY = '''

class Service{number}:
    """Handles one kind of job, revision {revision}."""

    def __init__(self, settings):
        self.settings = settings
        self.jobs = []

    def run(self, job, retries={revision}):
        for attempt in range(retries):
            try:
                self.jobs.append(job.prepare(attempt))
            except ValueError as error:
                logger.warning("attempt %s of %s: %s", attempt, job, error)
        return [job.result for job in self.jobs if job.result is not None]
'''


class Maker:
    """Writes a history as a stream for `git fast-import`."""

    def __init__(self, commits: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.commits = commits
        self.files: dict[str, dict] = {}
        self.stream: list[bytes] = []
        self.made = 0

    def text(self, name: str) -> str:
        """The text of a file as it is now."""
        file = self.files[name]
        lines = ["import logging", "import os"]
        lines += [f"from {other} import Service{number}" for other, number in file["imports"]]
        if file["kind"] == "client":
            lines.append("from openai import OpenAI")
        if file["kind"] == "reader":
            lines.append("from app.clients import LLM")
        if file["kind"] == "migrated":
            lines.append("from utils.openai_client_factory import get_openai_client")
        text = "\n".join(lines) + "\n\nlogger = logging.getLogger(__name__)\n"
        text += BODY.format(number=file["number"], revision=file["revision"]) * file["size"]
        call = {"client": "OpenAI(timeout=30)", "reader": "LLM()", "migrated": "get_openai_client(workspace_id=workspace_id)"}
        if file["kind"] in call:
            text += f"\n\ndef connect(workspace_id):\n    return {call[file['kind']]}\n"
        return text

    def add(self) -> str:
        """Adds a file."""
        number = self.made
        self.made += 1
        folder = f"app/area{number % 40:02}/part{number % 7}"
        draw = self.random.random()
        kind = "client" if draw < 0.06 else "reader" if draw < 0.08 else "plain"
        known = [name for name in self.files if name.endswith(".py") and self.files[name]["kind"] != "fixed"]
        others = self.random.sample(known, min(3, len(known)))
        imports = [(name[:-3].replace("/", "."), self.files[name]["number"]) for name in others]
        name = f"{folder}/module{number}.py"
        self.files[name] = {"number": number, "revision": 1, "size": self.random.randint(2, 12), "kind": kind, "imports": imports}
        return name

    def change(self, name: str, migrates: bool) -> None:
        """Changes a file: mostly its body, now and then its imports, its clients once the migration is on."""
        file = self.files[name]
        file["revision"] += 1
        if file["imports"] and self.random.random() < 0.1:
            file["imports"].pop()
        if migrates and file["kind"] in ("client", "reader"):
            file["kind"] = "migrated"

    def write(self, name: str, text: str) -> None:
        data = text.encode()
        self.stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(data), data))

    def commit(self, index: int, mark: int, parents: list[int]) -> None:
        when = 1_600_000_000 + index * 6 * 3600
        self.stream.append(b"commit refs/heads/main\nmark :%d\n" % mark)
        self.stream.append(b"committer bench <bench@example.com> %d +0000\ndata 6\nchange\n" % when)
        if parents:
            self.stream.append(b"from :%d\n" % parents[0])
        self.stream += [b"merge :%d\n" % parent for parent in parents[1:]]

    def history(self) -> bytes:
        self.commit(0, 1, [])
        self.write("app/clients.py", "from openai import OpenAI as LLM\n")
        self.write("app/__init__.py", "")
        self.write("README.md", "A service.\n")
        for _ in range(200):
            name = self.add()
            self.write(name, self.text(name))
        for index in range(1, self.commits):
            # One commit in ten joins a branch, which git finds among the parents.
            self.commit(index, index + 1, [index] + ([index - 1] if index > 2 and index % 10 == 0 else []))
            if index == self.commits // 2:
                self.write("utils/__init__.py", "")
                self.write("utils/openai_client_factory.py", FACTORY)
            names = list(self.files)
            for name in self.random.sample(names, 3):
                self.change(name, migrates=index > self.commits // 2 and self.random.random() < 0.4)
                self.write(name, self.text(name))
            draw = self.random.random()
            if draw < 0.35:
                name = self.add()
                self.write(name, self.text(name))
            elif draw < 0.45:
                name = self.random.choice(names)
                del self.files[name]
                self.stream.append(b"D %s\n" % name.encode())
            else:
                self.write("README.md", f"A service, revision {index}.\n")
        return b"".join(self.stream) + b"done\n"


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> bytes:
    run = subprocess.run(["git", "-C", str(folder), *arguments], input=stdin, stdout=subprocess.PIPE, check=True)
    return run.stdout


def make(folder: Path, commits: int) -> None:
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "fast-import", "--quiet", "--done", stdin=Maker(commits, seed=1).history())
    git(folder, "repack", "-adq")
    git(folder, "checkout", "--quiet", "--force", "main")


def timed(what: str, command: list[str], folder: Path) -> bytes:
    start = time.monotonic()
    run = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True)
    print(f"{time.monotonic() - start:8.2f} s  {what}", flush=True)
    return run.stdout


def sums(scan: dict) -> dict:
    """The numbers of a history in what `scan --format json` says."""
    numbers = {"migrated": scan["summary"]["migrated_sites"], "pending": 0, "held_back": 0, "suppressed": 0, "warnings": 0}
    for finding in scan["findings"]:
        if finding["standing"] == "suppressed":
            numbers["suppressed"] += 1
        elif finding["severity"] != "error":
            numbers["warnings"] += 1
        else:
            numbers["pending" if finding["fix"] else "held_back"] += 1
    return numbers | {"problems": len(scan["problems"]), "by_rule": scan["summary"]["by_rule"]}


def check(binary: Path, folder: Path, history: dict, count: int) -> int:
    """Scans checkouts of some commits; returns how many differ."""
    config = folder / "qmigrate.toml"
    wrong = 0
    commits = history["commits"]
    with tempfile.TemporaryDirectory() as temporary:
        checkout = Path(temporary) / "checkout"
        subprocess.run(["git", "clone", "--quiet", "--shared", "--no-checkout", folder, checkout], check=True)
        for commit in random.Random(7).sample(commits, min(count, len(commits))):
            git(checkout, "checkout", "--quiet", "--force", commit["commit"])
            git(checkout, "clean", "-qffdx")
            if config.exists():
                shutil.copy(config, checkout / "qmigrate.toml")
            command = [binary, "scan", "--format", "json", "--no-baseline", "--exit-zero", "--quiet"]
            run = subprocess.run(command, cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if run.returncode == 2:
                wrong += "error" not in commit
                continue
            expected = sums(json.loads(run.stdout))
            found = {name: commit.get(name) for name in expected}
            if found != expected:
                wrong += 1
                print(f"{commit['commit']}: {found}, but a scan says {expected}")
    print(f"{min(count, len(commits))} commits checked out and scanned, {wrong} differ")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--repository", type=Path)
    parser.add_argument("--commits", type=int, default=5000)
    parser.add_argument("--check", type=int, default=0, metavar="N")
    arguments = parser.parse_args()
    binary = arguments.bin.resolve()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "repository"
        if arguments.repository:
            subprocess.run(["git", "clone", "--quiet", arguments.repository, folder], check=True)
        else:
            folder.mkdir()
            make(folder, arguments.commits)
        count = git(folder, "rev-list", "--count", "--first-parent", "HEAD").decode().strip()
        objects = git(folder, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").decode()
        files = git(folder, "ls-tree", "-r", "--name-only", "HEAD").count(b"\n")
        print(f"{count} commits, {objects.count('blob')} blobs, {files} files at the end")
        timed("git log --raw", ["git", "log", "--first-parent", "--raw", "--no-renames", "HEAD"], folder)
        command = [str(binary), "history", "--format", "json"]
        first = timed("qmigrate history, the first run", command, folder)
        second = timed("qmigrate history, again", command, folder)
        (folder / "one_more.py").write_text("from openai import OpenAI\n\nclient = OpenAI()\n")
        git(folder, "add", "one_more.py")
        git(folder, "-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "--quiet", "--message", "more")
        timed("qmigrate history, one commit later", command, folder)
        if json.loads(first)["commits"] != json.loads(second)["commits"]:
            sys.exit("the second run says something else")
        return check(binary, folder, json.loads(first), arguments.check) if arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
