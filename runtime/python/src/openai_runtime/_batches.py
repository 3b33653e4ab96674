"""Many inputs in few requests, and what the results of a batch have cost."""

from __future__ import annotations

import json
from typing import Any, Iterable, Iterator, List, Mapping, Optional, Sequence, Union

from . import _context, _usage
from ._tracker import OpenAIQuotaTracker

# What one request for embeddings takes. A text has at most as many tokens as it has bytes.
MOST_ITEMS = 2048
MOST_TOKENS = 300_000

Input = Union[str, Sequence[int]]


def split_inputs(
    inputs: Iterable[Input], most_items: int = MOST_ITEMS, most_tokens: int = MOST_TOKENS
) -> Iterator[List[Input]]:
    """Returns inputs in lists that fit into one request each, in their order; one that is too long goes alone."""
    part: List[Input] = []
    held = 0
    for one in inputs:
        size = len(one.encode("utf-8", "replace")) if isinstance(one, str) else len(one)
        if part and (len(part) >= most_items or held + size > most_tokens):
            yield part
            part, held = [], 0
        part.append(one)
        held += size
    if part:
        yield part


def embed_all(client: Any, inputs: Iterable[Input], *, model: str, **options: Any) -> List[Any]:
    """Returns the embeddings of any number of inputs, in their order, by as few requests as it takes."""
    found: List[Any] = []
    for part in split_inputs(inputs):
        found += _in_order(client.embeddings.create(model=model, input=part, **options))
    return found


async def aembed_all(client: Any, inputs: Iterable[Input], *, model: str, **options: Any) -> List[Any]:
    """Returns the same by an asynchronous client."""
    found: List[Any] = []
    for part in split_inputs(inputs):
        found += _in_order(await client.embeddings.create(model=model, input=part, **options))
    return found


def _in_order(answer: Any) -> List[Any]:
    return [entry.embedding for entry in sorted(answer.data, key=lambda entry: entry.index)]


def track_batch_results(batch: Any, content: Union[str, bytes], tracker: Optional[OpenAIQuotaTracker] = None) -> int:
    """Counts the results of a batch, which are the text of its output file; returns how many are counted.

    A batch that tells its usage itself was counted when it was retrieved, and is left alone. So is a result that was
    counted before. It never raises.
    """
    tracker = tracker if tracker is not None else OpenAIQuotaTracker.get_tracker()
    counted = 0
    try:
        if getattr(batch, "usage", None) is not None:
            return 0
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        # Not `splitlines`: a string may hold what it takes for the end of a line.
        for line in text.split("\n"):
            result = json.loads(line) if line.strip() else None
            if isinstance(result, dict) and _track(tracker, batch, result):
                counted += 1
    except Exception:
        tracker.runtime.failed("batch")
    return counted


def _track(tracker: OpenAIQuotaTracker, batch: Any, result: Mapping[str, Any]) -> bool:
    runtime = tracker.runtime
    response = result.get("response") or {}
    body = response.get("body") or {}
    answer = _usage.from_object(body) if isinstance(body, dict) else _usage.Answer()
    name = answer.object_id or result.get("id")
    if name is not None and runtime.counted_before(str(name), add=True):
        return False
    custom = result.get("custom_id")
    event = tracker._event("batches.result", str(getattr(batch, "endpoint", "") or ""), None, {"custom_id": custom})
    event.batch_id = event.batch_id or getattr(batch, "id", None)
    event.model, event.object_id, event.tier = answer.model, answer.object_id, "batch"
    event.status, event.request_id = response.get("status_code"), response.get("request_id")
    error = result.get("error") or body.get("error")
    if error or (event.status or 200) >= 400:
        event.error = str(error.get("code") or error.get("type") or "error") if isinstance(error, dict) else "error"
    if answer.usage is not None:
        event.usage_source = "batch"
        runtime.price(event, answer.usage, "openai")
    runtime.put(event, _context.current())
    return True
