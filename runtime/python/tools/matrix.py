"""Runs the tests against each major version of the SDK, in environments of its own under a folder.

`python tools/matrix.py --folder DIR` builds what is missing; Redis and PostgreSQL are tested where their servers and
Python packages are there, and the log says what was skipped.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SDKS = {"1.40": "openai==1.40.*", "1.109": "openai==1.109.*", "2": "openai==2.*", "3": "openai==3.*"}
# 1.40 hands arguments to httpx that later versions of it no longer take.
WITH = {"1.40": ["httpx<0.28"]}
# Libraries on top of the SDK. Those of today do not take the newest 3.x, and finding one that they take lasts minutes.
INTEGRATIONS = {"2": ["instructor", "langchain-openai", "openai-agents"]}
EXTRAS = ["pytest", "mypy", "redis>=5", "psycopg[binary]>=3.1", "prometheus-client>=0.20", "opentelemetry-sdk"]


def environment(folder: Path, sdk: str, python: str, full: bool = False) -> Path:
    """Returns the Python of an environment with one SDK, made where it is missing or was made for something else."""
    home = folder / f"openai-{sdk}"
    program = home / "bin" / "python"
    wanted = [SDKS[sdk], *WITH.get(sdk, []), *EXTRAS, *(INTEGRATIONS.get(sdk, []) if full else [])]
    ready, content = home / "ready", "\n".join([os.path.realpath(python), *wanted])
    if not ready.exists() or ready.read_text() != content:
        subprocess.run([python, "-m", "venv", "--clear", str(home)], check=True)
        install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted]
        subprocess.run([str(program), *install], check=True)
        ready.write_text(content)
    return program


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--sdk", action="append", choices=list(SDKS), help="default: all")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument(
        "--full",
        action="store_true",
        help="more kills, overspending on Redis and PostgreSQL, and libraries on top of the SDK",
    )
    parser.add_argument("--build", action="store_true", help="only build, and print the Python of each environment")
    options = parser.parse_args()
    if options.build:
        for sdk in options.sdk or SDKS:
            print(environment(options.folder, sdk, options.python))
        return 0
    variables = dict(os.environ)
    if options.full:
        variables.update(RUNTIME_TEST_FULL="1", RUNTIME_TEST_KILLS="20")
    failed = []
    for sdk in options.sdk or SDKS:
        program = environment(options.folder, sdk, options.python, options.full)
        print(f"openai {sdk}", flush=True)
        command = [str(program), "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", str(ROOT / "tests")]
        if subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode:
            failed.append(sdk)
    print("failed: " + ", ".join(failed) if failed else "all passed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
