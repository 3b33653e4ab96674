"""A process of its own for the tests: makes calls, forks, or waits to be killed, as its arguments say."""

from __future__ import annotations

import gc
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from openai_runtime import OpenAIQuotaTracker, QuotaExceededError, get_openai_client

HELLO = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}


def forever(url: str, threads: int) -> None:
    """Calls until killed, and says when the first call is done."""
    client = get_openai_client("killed", api_key="k", base_url=url, max_retries=0)

    def loop(number: int) -> None:
        while True:
            client.chat.completions.create(**HELLO)
            if number == 0:
                print("call", flush=True)

    workers = [threading.Thread(target=loop, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()


def forks(url: str, children: int, calls: int) -> None:
    """Makes a client and calls before forking; every child and the parent call on, while threads run."""
    client = get_openai_client("forked", api_key="k", base_url=url, max_retries=0)
    # The SDK's first call takes locks of the standard library, which a child forked meanwhile would wait for forever.
    client.chat.completions.create(**HELLO)
    busy = ThreadPoolExecutor(2)
    waiting = [busy.submit(client.chat.completions.create, **HELLO) for _ in range(calls)]
    ids = []
    for _ in range(children):
        child = os.fork()
        if child == 0:
            own = get_openai_client("child", api_key="k", base_url=url, max_retries=0)
            for _ in range(calls):
                own.chat.completions.create(**HELLO)
            # As multiprocessing and prefork servers end: without atexit.
            os._exit(0)
        ids.append(child)
    for future in waiting:
        future.result()
    for child in ids:
        _, status = os.waitpid(child, 0)
        assert status == 0


def spend(url: str, threads: int, calls: int, extra: str) -> None:
    """Calls until the budget refuses; prints how many calls were served and refused."""
    client = get_openai_client("spend", api_key="k", base_url=url, max_retries=0)
    arguments = {**HELLO, "max_tokens": int(extra)} if extra != "none" else HELLO

    def one(_: int) -> bool:
        try:
            client.chat.completions.create(**arguments)
        except QuotaExceededError:
            return False
        return True

    with ThreadPoolExecutor(threads) as pool:
        served = sum(pool.map(one, range(calls)))
    OpenAIQuotaTracker.get_tracker().flush()
    print(served, calls - served, flush=True)


def collects(url: str) -> None:
    """Lets the garbage collector find a stream that nobody closed while a row is being written."""
    from openai_runtime._journal import Journal

    client = get_openai_client("collected", api_key="k", base_url=url, max_retries=0)
    gc.disable()
    stream = client.chat.completions.create(**HELLO, stream=True)
    next(iter(stream))
    del stream
    written = Journal.ended

    def ended(*arguments: object) -> None:
        # No other thread comes between: all that the collector calls is called in this one.
        sys.setswitchinterval(30)
        gc.collect()
        sys.setswitchinterval(0.005)
        written(*arguments)

    Journal.ended = ended
    client.chat.completions.create(**HELLO)
    print(OpenAIQuotaTracker.get_tracker().flush(), flush=True)


def inherits(url: str) -> None:
    """Forks with an open stream, which the child closes before the parent reads it to its end."""
    client = get_openai_client("forked", api_key="k", base_url=url, max_retries=0)
    stream = client.chat.completions.create(**HELLO, stream=True)
    next(iter(stream))
    child = os.fork()
    if child == 0:
        stream.response.stream._watcher.done(None)
        OpenAIQuotaTracker.get_tracker().flush()
        os._exit(0)
    os.waitpid(child, 0)
    list(stream)


if __name__ == "__main__":
    import faulthandler

    faulthandler.dump_traceback_later(40, exit=True)
    kind, url = sys.argv[1], sys.argv[2]
    if kind == "forever":
        forever(url, int(sys.argv[3]))
    elif kind == "forks":
        forks(url, int(sys.argv[3]), int(sys.argv[4]))
    elif kind == "collects":
        collects(url)
    elif kind == "inherits":
        inherits(url)
    elif kind == "spend":
        spend(url, int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
