"""The corpora that whole runs are measured on: published packages, unpacked.

Each package lies in its own folder below `<corpus>/tree`, which is an empty git repository of its own, so that no ignore
file or configuration from outside reaches it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

WHEELS = """
    openai langchain langchain-classic langchain-core langchain-community langchain-openai llama-index-core
    llama-index-llms-openai litellm instructor dspy autogen autogen-agentchat autogen-ext crewai crewai-tools
    haystack-ai guidance semantic-kernel mem0ai letta gpt-researcher chainlit transformers smolagents openai-agents
    pydantic-ai-slim agno ragas deepeval browser-use camel-ai langfuse graphrag
""".split()

# Packages with sources in TypeScript, then large ones in JavaScript, some of which call OpenAI.
TARBALLS = """
    openai @anthropic-ai/sdk ai @ai-sdk/openai @ai-sdk/provider-utils @ai-sdk/azure @langchain/core @langchain/openai
    @langchain/community @langchain/classic langchain llamaindex @llamaindex/core @llamaindex/openai @mastra/core
    @copilotkit/runtime @openai/agents-core @openai/agents-openai promptfoo flowise-components @n8n/n8n-nodes-langchain
    n8n-nodes-base @instructor-ai/instructor chatgpt openai-edge token.js viem effect rxjs zod hono
    @tanstack/query-core @tanstack/table-core @trpc/server @trpc/client @effect/platform @solana/web3.js ethers wagmi
    @wagmi/core drizzle-orm typeorm @mui/material antd lodash-es three core-js
    date-fns googleapis @aws-sdk/client-ec2 @aws-sdk/client-s3 firebase @fluentui/react @octokit/openapi-types
    @babylonjs/core typescript eslint webpack rollup @angular/core react-dom react-native vue svelte
    monaco-editor ace-builds highlight.js
""".split()


class BenchError(Exception):
    """Stops the bench: something that it cannot do without is missing."""


@dataclass(frozen=True)
class Corpus:
    """A kind of corpus: where its packages come from, and what counts in it."""

    language: str
    folder: str
    packages: list[str]
    suffixes: tuple[str, ...]
    rg_types: tuple[str, ...]

    def build(self, folder: Path, given: Path | None) -> Path:
        """Returns the folder of unpacked packages, downloading and unpacking only what isn't there yet."""
        archives = given or folder / ("wheels" if self.language == "python" else "tarballs")
        if given is None:
            archives.mkdir(parents=True, exist_ok=True)
            download = download_wheels if self.language == "python" else download_tarballs
            download([package for package in self.packages if not find(archives, package)], archives)
        tree = folder / "tree"
        tree.mkdir(parents=True, exist_ok=True)
        for package in self.packages:
            found = find(archives, package)
            if len(found) != 1:
                raise BenchError(f"{archives} holds {len(found)} archives of {package}, expected one")
            unpack(found[0], tree)
        if not (tree / ".git").exists():
            subprocess.run(["git", "init", "--quiet", tree], check=True)
        return tree

    def size(self, tree: Path) -> int:
        """Returns the size in bytes of all files of the language together."""
        return sum(size for path, size in files(tree) if path.suffix in self.suffixes)

    def describe(self, tree: Path) -> str:
        """Returns the corpus in one line; holds no list of it, since that would raise the floor of the peaks."""
        count = total = own = 0
        for path, size in files(tree):
            count += 1
            total += size
            own += path.suffix in self.suffixes
        return f"corpus: {count} files, {total / 1e6:.0f} MB, {own} of them {self.language}"


SCRIPTS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte", ".astro")
CORPORA = {
    "python": Corpus("python", "bench-corpus", WHEELS, (".py", ".pyw"), ("py",)),
    "typescript": Corpus("typescript", "bench-corpus-npm", TARBALLS, SCRIPTS, ("ts", "js")),
}


def download_wheels(missing: list[str], wheels: Path) -> None:
    """Fetches wheels from PyPI."""
    if not missing:
        return
    print(f"downloading {len(missing)} wheels into {wheels}", file=sys.stderr)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*pip, "--dest", wheels, *missing], check=True)


def download_tarballs(missing: list[str], tarballs: Path) -> None:
    """Fetches tarballs from npm."""
    if not missing:
        return
    print(f"downloading {len(missing)} tarballs into {tarballs}", file=sys.stderr)
    npm = ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", str(tarballs)]
    for package in missing:
        subprocess.run([*npm, package], check=True, stdout=subprocess.DEVNULL)


def find(archives: Path, package: str) -> list[Path]:
    """Returns the archives of a package: wheels spell names with underscores, tarballs of scopes without `@` and `/`."""
    wheel = package.replace("-", "_").lower()
    wheels = [path for path in archives.glob("*.whl") if path.name.split("-")[0].lower() == wheel]
    tarball = package.lstrip("@").replace("/", "-")
    versions = [(path, path.name.removeprefix(f"{tarball}-")) for path in archives.glob(f"{tarball}-*.tgz")]
    return sorted(wheels + [path for path, version in versions if version[0].isdigit()])


def unpack(archive: Path, tree: Path) -> None:
    """Unpacks an archive into its own folder, which appears only when it is whole."""
    target = tree / archive.stem
    if target.exists():
        return
    with tempfile.TemporaryDirectory(dir=tree.parent) as scratch:
        half = Path(scratch, archive.stem)
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                wheel.extractall(half)
        else:
            with tarfile.open(archive) as tarball:
                tarball.extractall(half, filter="data")
        half.rename(target)


def files(tree: Path) -> Iterator[tuple[Path, int]]:
    """Yields every file of the tree with its size, in the same order each time."""
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            path = Path(folder, name)
            if not path.is_symlink():
                yield path, path.stat().st_size
