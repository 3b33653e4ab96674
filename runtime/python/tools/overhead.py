"""Measures what tracking costs a call: tracked and untracked calls in alternation, CPU time of the calling thread.

The server answers from a second process, so that its work is not counted. Run: `python tools/overhead.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, List

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
HELLO = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}


def serve(pipe: Any) -> None:
    from fake_openai import FakeOpenAI

    fake = FakeOpenAI()
    fake.log = _Forgetful()
    pipe.send(fake.url)
    pipe.recv()


class _Forgetful(list):  # type: ignore[type-arg]
    def append(self, _: Any) -> None:
        pass


def paired(plain: Callable[[], Any], tracked: Callable[[], Any], rounds: int) -> List[float]:
    """Returns the differences in microseconds, the order turned around every second time."""
    clock = time.thread_time_ns
    differences = []
    for number in range(rounds):
        first, second = (plain, tracked) if number % 2 else (tracked, plain)
        start = clock()
        first()
        middle = clock()
        second()
        end = clock()
        one, other = middle - start, end - middle
        differences.append(((one - other) if first is tracked else (other - one)) / 1000)
    return differences


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=600)
    parser.add_argument("--limit-us", type=float, default=1000.0, help="fail above this median")
    options = parser.parse_args()
    pipe, other = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(other,), daemon=True)
    server.start()
    url = pipe.recv()

    import openai

    from openai_runtime import OpenAIQuotaTracker, QuotaConfig, get_async_openai_client, get_openai_client
    from openai_runtime._config import Limits

    results = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, config in (
            ("observe", QuotaConfig(database=f"{folder}/a.sqlite3")),
            (
                "enforce",
                QuotaConfig(database=f"{folder}/b.sqlite3", mode="enforce", limits=Limits(10**15, 10**9, 10**9)),
            ),
        ):
            tracker = OpenAIQuotaTracker.create(config=config)
            plain = openai.OpenAI(api_key="k", base_url=url)
            tracked = get_openai_client("ws", tracker=tracker, api_key="k", base_url=url)
            calls = {
                "call": lambda client: client.chat.completions.create(**HELLO),
                "stream": lambda client: list(client.chat.completions.create(**HELLO, stream=True)),
            }
            for kind, call in calls.items():
                for client in (plain, tracked) * 20:
                    call(client)
                gc.collect()
                gc.disable()
                times = paired(lambda: call(plain), lambda: call(tracked), options.rounds)
                gc.enable()
                results[f"{name} {kind}"] = times
            if name == "observe":
                loop = asyncio.new_event_loop()
                aplain = openai.AsyncOpenAI(api_key="k", base_url=url)
                atracked = get_async_openai_client("ws", tracker=tracker, api_key="k", base_url=url)

                def run(client: Any) -> Any:
                    return loop.run_until_complete(client.chat.completions.create(**HELLO))

                for client in (aplain, atracked) * 20:
                    run(client)
                gc.collect()
                gc.disable()
                results["observe async call"] = paired(lambda: run(aplain), lambda: run(atracked), options.rounds)
                gc.enable()
                loop.run_until_complete(aplain.close())
                loop.run_until_complete(atracked.close())
            tracker.runtime.close()
    pipe.send("end")
    server.join(5)
    figures = {
        name: {
            "median_us": round(statistics.median(times), 1),
            "p95_us": round(sorted(times)[int(len(times) * 0.95)], 1),
        }
        for name, times in results.items()
    }
    print(
        json.dumps(
            {"openai": openai.__version__, "python": sys.version.split()[0], "rounds": options.rounds, **figures}
        )
    )
    return int(max(entry["median_us"] for entry in figures.values()) > options.limit_us)


if __name__ == "__main__":
    sys.exit(main())
