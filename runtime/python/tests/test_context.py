"""Contexts: nested, in threads and tasks, and what is kept of them."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, List

import pytest

from conftest import HELLO
from openai_runtime import (
    ContextThreadPoolExecutor,
    MemorySink,
    OpenAIQuotaTracker,
    ai_usage_context,
    batch_ai_usage_context,
)

Make = Callable[..., Any]


def test_inner_contexts_see_outer_fields(client: Any, sink: MemorySink) -> None:
    with ai_usage_context("outer", tracker=client.quota, user="7", step=1):
        with ai_usage_context("inner", tracker=client.quota, step=2):
            client.chat.completions.create(**HELLO)
        client.chat.completions.create(**HELLO)
    rows = [(event.operation, event.ctx) for event in sink.events]
    assert rows == [("inner", {"user": "7", "step": 2}), ("outer", {"user": "7", "step": 1})]


def test_leaving_a_context_stores_its_rows(client: Any, sink: MemorySink) -> None:
    with ai_usage_context("op", tracker=client.quota):
        client.chat.completions.create(**HELLO)
    assert len(sink.events) == 1


def test_rows_are_stored_also_after_an_error(client: Any, sink: MemorySink) -> None:
    with pytest.raises(KeyError):
        with ai_usage_context("op", tracker=client.quota) as context:
            client.chat.completions.create(**HELLO)
            raise KeyError
    assert len(sink.events) == 1
    assert context.error == "KeyError"


def test_a_workspace_of_the_context_holds_where_the_client_has_none(
    fake: Any, tracker: OpenAIQuotaTracker, sink: MemorySink
) -> None:
    from openai_runtime import get_openai_client

    client = get_openai_client(tracker=tracker, api_key="k", base_url=fake.url)
    with ai_usage_context("op", tracker=tracker, workspace_id="from-context"):
        client.chat.completions.create(**HELLO)
    assert sink.events[0].workspace == "from-context"


def generator(operation: str) -> Any:
    with ai_usage_context(operation):
        yield
        yield


def current() -> Any:
    context = OpenAIQuotaTracker.get_tracker().current_context
    return context.operation if context else None


def test_contexts_may_be_left_in_another_order_than_they_were_entered() -> None:
    first, second = generator("first"), generator("second")
    next(first)
    next(second)
    first.close()
    assert current() == "second"
    second.close()
    assert current() is None


def test_a_task_keeps_the_closed_context_that_it_was_started_in() -> None:
    seen: List[Any] = []

    async def work() -> None:
        await asyncio.sleep(0)
        seen.append(current())
        with ai_usage_context("inner") as context:
            seen.extend((current(), context.parent))
        seen.append(current())

    async def run() -> None:
        async with ai_usage_context("outer"):
            task = asyncio.ensure_future(work())
        await task

    asyncio.run(run())
    assert seen == ["outer", "inner", None, "outer"]


def test_one_context_object_may_be_used_again_and_inside_itself() -> None:
    context = ai_usage_context("op")
    for _ in range(2):
        with context, context:
            assert current() == "op"
        assert current() is None


@pytest.mark.filterwarnings("ignore:set_tracking_context")
def test_the_deprecated_way_ends_with_the_context_around_it() -> None:
    tracker = OpenAIQuotaTracker.get_tracker()
    with ai_usage_context("new"):
        tracker.set_tracking_context("old")
        tracker.set_tracking_context("older")
        assert current() == "older"
    assert current() is None


class Unwritable:
    def __str__(self) -> str:
        raise RuntimeError


def test_fields_that_cannot_be_written_cost_no_row(client: Any, sink: MemorySink) -> None:
    circle: Any = []
    circle.append(circle)
    with ai_usage_context("op", tracker=client.quota, a=Unwritable(), b=circle, c={(1, 2): 3}, d="kept"):
        client.chat.completions.create(**HELLO)
    assert sink.events[0].ctx == {"a": "<Unwritable>", "b": "<list>", "c": "<dict>", "d": "kept"}


def test_batches_know_what_an_item_costs(client: Any, sink: MemorySink) -> None:
    with batch_ai_usage_context("b-1", 3, tracker=client.quota) as context:
        for _ in range(3):
            client.chat.completions.create(**HELLO)
    assert {event.batch_id for event in sink.events} == {"b-1"}
    assert (context.calls, context.per_item_nano) == (3, 5550.0)


def test_batch_prices_are_not_promised() -> None:
    with pytest.warns(UserWarning, match="Batch API"):
        batch_ai_usage_context("b-1", 3, batch_pricing=True)


def test_a_plain_pool_forgets_and_ours_does_not(client: Any, sink: MemorySink) -> None:
    with ai_usage_context("op", tracker=client.quota):
        for kind in (ThreadPoolExecutor, ContextThreadPoolExecutor):
            with kind(2) as pool:
                list(pool.map(lambda _: client.chat.completions.create(**HELLO), range(2)))
    assert [event.operation for event in sink.events] == [None, None, "op", "op"]


def test_tasks_do_not_mix_their_contexts(
    make_async_client: Make, tracker: OpenAIQuotaTracker, sink: MemorySink
) -> None:
    async def one(client: Any, name: str) -> None:
        async with ai_usage_context(name, tracker=tracker):
            await client.chat.completions.create(**HELLO)
            await asyncio.sleep(0)
            await client.chat.completions.create(**HELLO)

    async def run() -> None:
        async with make_async_client(tracker) as client:
            await asyncio.gather(*(one(client, f"t{number}") for number in range(5)))

    asyncio.run(run())
    operations = sorted(event.operation for event in sink.events)
    assert operations == sorted([f"t{number}" for number in range(5)] * 2)


def test_large_contexts_are_cut(client: Any, sink: MemorySink) -> None:
    with ai_usage_context("op", tracker=client.quota, small="x", large="y" * 10_000):
        client.chat.completions.create(**HELLO)
    assert sink.events[0].ctx == {"small": "x", "truncated": True}


def test_the_deprecated_way_still_works(client: Any, sink: MemorySink) -> None:
    def old() -> None:
        with pytest.warns(DeprecationWarning):
            client.quota.set_tracking_context("old", user="7")
        client.chat.completions.create(**HELLO)

    contextvars.copy_context().run(old)
    client.quota.flush()
    assert (sink.events[0].operation, sink.events[0].ctx) == ("old", {"user": "7"})


def test_calls_made_elsewhere_can_be_told(tracker: OpenAIQuotaTracker, sink: MemorySink) -> None:
    with ai_usage_context("op", tracker=tracker):
        tracker.track_request("gpt-4o-mini", {"prompt_tokens": 10, "completion_tokens": 1}, duration_ms=5)
        tracker.track_error(TimeoutError(), model="gpt-4o-mini")
        tracker.track_request("gpt-4o-mini", object())
    rows = [(event.operation, event.cost_nano, event.error) for event in sink.events]
    assert rows == [("op", 2100, None), ("op", None, "TimeoutError")]
    assert tracker.health()["tracking_failures"] == {"track_request": 1}
    tracker.runtime.failed("expected")


def test_rows_can_be_followed(client: Any) -> None:
    async def run() -> Any:
        following = client.quota.subscribe()
        first = asyncio.ensure_future(following.__anext__())
        await asyncio.sleep(0)
        await asyncio.get_running_loop().run_in_executor(None, lambda: client.chat.completions.create(**HELLO))
        row = await asyncio.wait_for(first, 5)
        await following.aclose()
        return row

    assert asyncio.run(run()).method == "chat.completions.create"


def test_closed_contexts_are_stored(fake: Any, tmp_path: Any) -> None:
    import sqlite3

    from openai_runtime import QuotaConfig, get_openai_client

    path = str(tmp_path / "usage.sqlite3")
    tracker = OpenAIQuotaTracker.create(config=QuotaConfig(database=path))
    client = get_openai_client(tracker=tracker, api_key="k", base_url=fake.url)
    with pytest.raises(KeyError):
        with batch_ai_usage_context("b", 2, "op", tracker=tracker):
            client.chat.completions.create(**HELLO)
            raise KeyError
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT operation, batch_id, item_count, calls, cost_nano, error FROM usage_context"
        ).fetchall()
    assert rows == [("op", "b", 2, 1, 5550, "KeyError")]
    tracker.runtime.close()


@pytest.mark.filterwarnings("ignore:usage rows cannot be stored")
def test_only_one_context_waits_for_a_store_that_is_away(client: Any, sink: MemorySink, monkeypatch: Any) -> None:
    write, waited = sink.write, []

    def away(_: Any) -> None:
        raise OSError("away")

    monkeypatch.setattr(sink, "write", away)
    flush = client.quota.runtime.writer.flush
    monkeypatch.setattr(client.quota.runtime.writer, "flush", lambda _: waited.append(1) or flush(0.1))

    def use() -> None:
        with ai_usage_context("op", tracker=client.quota):
            client.chat.completions.create(**HELLO)

    async def use_async() -> None:
        async with ai_usage_context("op", tracker=client.quota):
            client.chat.completions.create(**HELLO)

    use()
    use()
    asyncio.run(use_async())
    assert len(waited) == 1
    monkeypatch.setattr(sink, "write", write)
    assert flush(10)
    use()
    assert (len(waited), len(sink.events)) == (2, 4)


def test_flush_waits_for_a_context_that_another_thread_stores(fake: Any, tmp_path: Any) -> None:
    from openai_runtime import QuotaConfig, get_openai_client

    tracker = OpenAIQuotaTracker.create(config=QuotaConfig(database=str(tmp_path / "usage.sqlite3")))
    client = get_openai_client(tracker=tracker, api_key="k", base_url=fake.url)
    sink: Any = tracker.runtime.sink
    write, stored = sink.write_context, []
    started, go_on = threading.Event(), threading.Event()

    def slow(row: Any) -> None:
        started.set()
        go_on.wait(10)
        write(row)
        stored.append(row)

    sink.write_context = slow
    opened = ai_usage_context("op", tracker=tracker)
    opened.__enter__()
    client.chat.completions.create(**HELLO)
    other = threading.Thread(target=opened.__exit__, args=(None, None, None))
    other.start()
    assert started.wait(10)
    threading.Timer(0.2, go_on.set).start()
    assert tracker.flush()
    assert len(stored) == 1
    other.join(10)
    tracker.runtime.close()
