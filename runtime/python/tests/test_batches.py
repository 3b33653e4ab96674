"""Many inputs in few requests, and the results of batches."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from types import SimpleNamespace
from typing import Any, Callable, Dict, List

import pytest

from conftest import HELLO
from fake_openai import FakeOpenAI, Logged, Reply
from openai_runtime import MemorySink, OpenAIQuotaTracker, aembed_all, embed_all, split_inputs, track_batch_results

Make = Callable[..., Any]


def test_inputs_are_split_by_number_and_by_size() -> None:
    assert list(split_inputs(["a"] * 5, most_items=2)) == [["a", "a"], ["a", "a"], ["a"]]
    assert list(split_inputs(["abc", "d", "ü", "e"], most_tokens=4)) == [["abc", "d"], ["ü", "e"]]
    assert list(split_inputs([[1, 2, 3], "too long", [4]], most_tokens=3)) == [[[1, 2, 3]], ["too long"], [[4]]]
    assert list(split_inputs([])) == []


def embeddings(logged: Logged) -> Reply:
    """Answers with the length of each text, the last text first."""
    texts = logged.json()["input"]
    data = [{"object": "embedding", "index": at, "embedding": [len(text)]} for at, text in enumerate(texts)]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return Reply(json={"object": "list", "model": "text-embedding-3-small", "data": data[::-1], "usage": usage})


def test_embeddings_come_in_the_order_of_their_inputs(
    fake: FakeOpenAI, client: Any, tracker: OpenAIQuotaTracker, sink: MemorySink, make_async_client: Make
) -> None:
    fake.rule("/embeddings$", embeddings)
    texts = ["x" * (number % 7) for number in range(4097)]
    options: Dict[str, Any] = {"model": "text-embedding-3-small", "encoding_format": "float"}
    assert embed_all(client, texts, **options) == [[len(text)] for text in texts]
    assert asyncio.run(aembed_all(make_async_client(tracker), iter(texts[:3]), **options)) == [[0], [1], [2]]
    assert [len(request.json()["input"]) for request in fake.requests("/embeddings")] == [2048, 2048, 1, 3]
    tracker.flush()
    assert [row.input for row in sink.read()] == [2048, 2048, 1, 3]


def line(number: int, **body: Any) -> Dict[str, Any]:
    """Returns a result as the output file of a batch has it."""
    usage = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
    whole = {"id": f"chatcmpl-{number}", "object": "chat.completion", "model": "gpt-4o-mini", "usage": usage, **body}
    response = {"status_code": 200, "request_id": f"req_{number}", "body": whole}
    return {"id": f"batch_req_{number}", "custom_id": f"c{number}", "response": response, "error": None}


def output(*lines: Dict[str, Any]) -> bytes:
    return b"".join(json.dumps(each, ensure_ascii=False).encode() + b"\n" for each in lines)


BATCH = SimpleNamespace(id="batch_1", endpoint="/v1/chat/completions", usage=None)


def test_results_of_a_batch_are_counted_once_at_its_price(tracker: OpenAIQuotaTracker, sink: MemorySink) -> None:
    refused = {"status_code": 429, "request_id": "r", "body": {"error": {"code": "rate_limit_exceeded"}}}
    failed = {"id": "batch_req_8", "custom_id": "c8", "response": refused, "error": None}
    expired = {"id": "batch_req_9", "custom_id": "c9", "response": None, "error": {"code": "batch_expired"}}
    content = output(line(1), line(2, note="a\u2028b"), failed, expired)
    assert track_batch_results(BATCH, content, tracker) == 4
    assert track_batch_results(BATCH, content.decode(), tracker) == 0
    tracker.flush()
    rows: List[Any] = list(sink.read())
    assert [(row.batch_id, row.input, row.tier, row.error) for row in rows] == [
        ("batch_1", 1000, "batch", None),
        ("batch_1", 1000, "batch", None),
        ("batch_1", None, "batch", "rate_limit_exceeded"),
        ("batch_1", None, "batch", "batch_expired"),
    ]
    # Half of what the calls would cost one by one.
    assert [row.cost_nano for row in rows] == [78_000, 78_000, None, None]
    assert rows[0].ctx["custom_id"] == "c1"


def test_a_batch_that_tells_its_usage_is_left_alone(tracker: OpenAIQuotaTracker, sink: MemorySink) -> None:
    batch = SimpleNamespace(**{**vars(BATCH), "usage": {"input_tokens": 1000}})
    assert track_batch_results(batch, output(line(1)), tracker) == 0


def test_a_damaged_file_stops_nothing(tracker: OpenAIQuotaTracker) -> None:
    assert track_batch_results(BATCH, output(line(1)) + b"{not json\n", tracker) == 1
    assert tracker.runtime.tracking_failures.pop("batch") == 1


def test_opentelemetry_counts(client: Any) -> None:
    if importlib.util.find_spec("opentelemetry") is None or importlib.util.find_spec("opentelemetry.sdk") is None:
        pytest.skip("opentelemetry-sdk is not installed")
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader

    from openai_runtime.opentelemetry import OpenTelemetryExporter

    reader = InMemoryMetricReader()
    exporter = OpenTelemetryExporter(client.quota, MeterProvider(metric_readers=[reader]))
    client.chat.completions.create(**HELLO)
    client.quota.flush()
    client.quota.runtime.writer.close()
    data: Any = reader.get_metrics_data()
    exporter.close()
    metrics = {metric.name: metric.data.data_points for metric in data.resource_metrics[0].scope_metrics[0].metrics}
    tokens = {point.attributes["kind"]: point.value for point in metrics["openai.tokens"]}
    assert tokens == {"input": 11, "cached": 4, "output": 7, "reasoning": 2}
    (cost,) = metrics["openai.cost"]
    assert (cost.attributes["workspace"], round(cost.value * 1e9)) == ("ws", 5550)
    assert metrics["openai.request.duration"][0].count == 1
