"""Streams: usage is asked for, counted, and its chunk kept from the caller."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import Any, Callable

import pytest

from conftest import HELLO
from fake_openai import FakeOpenAI, Logged, Reply, chat_events, event
from openai_runtime import MemorySink, OpenAIQuotaTracker, get_azure_openai_client
from openai_runtime._sse import EventReader

Make = Callable[..., Any]
STREAM = {**HELLO, "stream": True}


@pytest.mark.parametrize("packed", [False, True])
def test_the_extra_chunk_is_hidden(client: Any, fake: FakeOpenAI, sink: MemorySink, packed: bool) -> None:
    fake.gzip = packed
    chunks = list(client.chat.completions.create(**STREAM))
    assert len(chunks) == 6
    assert all(chunk.choices for chunk in chunks)
    assert fake.requests()[0].json()["stream_options"] == {"include_usage": True}
    client.quota.flush()
    row = sink.events[0]
    assert (row.stream, row.input, row.cached, row.output, row.reasoning, row.usage_source) == (
        True,
        11,
        4,
        7,
        2,
        "stream",
    )


def test_a_caller_who_asks_for_usage_gets_it(client: Any, sink: MemorySink) -> None:
    chunks = list(client.chat.completions.create(**STREAM, stream_options={"include_usage": True}))
    assert chunks[-1].usage.total_tokens == 18
    client.quota.flush()
    assert sink.events[0].input == 11


def test_other_stream_options_are_kept(client: Any, fake: FakeOpenAI) -> None:
    list(client.chat.completions.create(**STREAM, stream_options={"include_obfuscation": False}))
    assert fake.requests()[0].json()["stream_options"] == {"include_obfuscation": False, "include_usage": True}


def test_asis_leaves_the_request_alone(make_client: Make, make_tracker: Make, fake: FakeOpenAI) -> None:
    list(make_client(make_tracker(stream_usage="asis")).chat.completions.create(**STREAM))
    assert "stream_options" not in fake.requests()[0].json()


def test_the_request_is_otherwise_unchanged(client: Any, fake: FakeOpenAI) -> None:
    text = 'ünï "quoted" \\ \n 日本語'
    list(client.chat.completions.create(model="gpt-4o-mini", stream=True, messages=[{"role": "user", "content": text}]))
    sent = fake.requests()[0]
    assert sent.json()["messages"][0]["content"] == text
    assert int(sent.headers["content-length"]) == len(sent.body)


def test_a_server_that_refuses_the_option_is_asked_without_it(client: Any, fake: FakeOpenAI, sink: MemorySink) -> None:
    def strict(logged: Logged) -> Any:
        if "stream_options" in logged.json():
            return Reply(400, {"error": {"message": "Unrecognized request argument: stream_options", "code": None}})
        return None

    fake.rule("chat", strict)
    client.quota.runtime.no_injection.clear()
    assert len(list(client.chat.completions.create(**STREAM))) == 6
    assert len(list(client.chat.completions.create(**STREAM))) == 6
    client.quota.flush()
    assert [event.status for event in sink.events] == [400, 200, 200]
    assert len(sink.events) == len(fake.requests())


def test_old_azure_versions_are_not_asked(fake: FakeOpenAI, tracker: OpenAIQuotaTracker) -> None:
    for version, asked in (("2024-02-01", False), ("2024-10-21", True)):
        fake.clear()
        azure = get_azure_openai_client(tracker=tracker, api_key="k", azure_endpoint=fake.azure, api_version=version)
        list(azure.chat.completions.create(**STREAM))
        assert ("stream_options" in fake.requests()[0].json()) is asked


def test_an_abandoned_stream_is_estimated_and_says_so(client: Any, fake: FakeOpenAI, sink: MemorySink) -> None:
    fake.next(Reply(events=chat_events(1, "gpt-4o-mini", True, words=200), event_delay=0.005))
    stream = client.chat.completions.create(**STREAM)
    for _ in zip(range(3), stream):
        pass
    stream.close()
    client.quota.flush()
    row = sink.events[0]
    assert (row.error, row.usage_source) == ("abandoned", "estimate")
    assert row.output >= 3


def test_a_stream_that_nobody_closes_has_its_row(client: Any, fake: FakeOpenAI, sink: MemorySink) -> None:
    stream = client.chat.completions.create(**STREAM)
    next(iter(stream))
    del stream
    gc.collect()
    client.quota.flush()
    assert len(sink.events) == 1


def test_a_stream_that_breaks_has_its_row(client: Any, fake: FakeOpenAI, sink: MemorySink) -> None:
    fake.next(Reply(events=chat_events(1, "gpt-4o-mini", True), fault="drop-midway"))
    with pytest.raises(Exception):
        list(client.chat.completions.create(**STREAM))
    client.quota.flush()
    assert sink.events[0].error in ("RemoteProtocolError", "ReadError")


def test_an_error_inside_a_stream_is_noted(client: Any, fake: FakeOpenAI, sink: MemorySink) -> None:
    fake.next(Reply(events=[event({"error": {"message": "overloaded", "code": "server_error"}})]))
    with pytest.raises(Exception, match="overloaded"):
        list(client.chat.completions.create(**STREAM))
    client.quota.flush()
    assert sink.events[0].error == "server_error"


def test_responses_tell_usage_in_their_last_event(client: Any, sink: MemorySink) -> None:
    if not hasattr(client, "responses"):
        pytest.skip("this SDK has no responses")
    events = list(client.responses.create(model="gpt-4o-mini", input="hi", stream=True))
    assert events[-1].type == "response.completed"
    client.quota.flush()
    row = sink.events[0]
    assert (row.input, row.cached, row.output, row.reasoning) == (13, 5, 9, 3)
    assert row.object_id == events[-1].response.id


def test_async_streams_are_counted(make_async_client: Make, tracker: OpenAIQuotaTracker, sink: MemorySink) -> None:
    async def run() -> int:
        async with make_async_client(tracker) as client:
            return len([chunk async for chunk in await client.chat.completions.create(**STREAM) if chunk.choices])

    assert asyncio.run(run()) == 6
    tracker.flush()
    assert (sink.events[0].input, sink.events[0].error) == (11, None)


def test_raw_streams_are_counted(client: Any, sink: MemorySink) -> None:
    with client.chat.completions.with_streaming_response.create(**STREAM) as response:
        lines = [line for line in response.iter_lines() if line.startswith("data: {")]
    assert len(lines) == 6
    with client.chat.completions.with_streaming_response.create(**HELLO) as response:
        assert response.parse().choices
    client.quota.flush()
    assert [(event.stream, event.input) for event in sink.events] == [(True, 11), (False, 11)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n", "\r\r"])
def test_events_are_found_however_they_arrive(size: int, end: str) -> None:
    data = "".join(chat_events(1, "gpt-4o-mini", True)).replace("\n\n", end).encode()
    reader = EventReader(hide_usage=True)
    passed = b"".join(reader.feed(data[at : at + size]) for at in range(0, len(data), size)) + reader.rest()
    hidden = [part for part in data.decode().split(end) if '"choices": []' in part]
    assert len(hidden) == 1
    assert passed.decode() == data.decode().replace(hidden[0] + end, "")
    assert reader.finished
    assert reader.answer.usage is not None
    assert json.dumps(reader.answer.usage.input) == "11"


def test_what_is_not_hidden_passes_unchanged() -> None:
    data = b"".join(part.encode() for part in chat_events(1, "m", True)) + b"data: tail without end"
    reader = EventReader()
    assert reader.feed(data) + reader.rest() == data
