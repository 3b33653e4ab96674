"""Every public method of the installed SDK, sync and async: as many rows as requests that reached the server."""

from __future__ import annotations

import asyncio
import enum
import functools
import inspect
import io
import typing
from typing import Any, Callable, Dict, Iterator, List, Tuple

import openai
import pytest
from openai._resource import AsyncAPIResource, SyncAPIResource

from fake_openai import FakeOpenAI, Logged, Reply
from openai_runtime import MemorySink, OpenAIQuotaTracker, get_async_openai_client, get_openai_client

SKIPPED_PROPERTIES = {"with_raw_response", "with_streaming_response"}
# They open a websocket, verify a signature or only read a file: nothing goes over HTTP.
NO_REQUEST = {"connect", "unwrap", "verify_signature", "wait"}
MODEL = "gpt-4o-mini"


def methods(client: Any) -> Iterator[Tuple[str, Callable[..., Any]]]:
    """Yields the public methods of all resources of a client."""
    seen = set()

    def walk(owner: Any, path: str) -> Iterator[Tuple[str, Callable[..., Any]]]:
        # Older SDKs set the client's resources as attributes, newer ones make them when asked for.
        for name in sorted({*dir(type(owner)), *vars(owner)}):
            if name.startswith("_") or name in SKIPPED_PROPERTIES:
                continue
            static = inspect.getattr_static(owner, name)
            if isinstance(static, (SyncAPIResource, AsyncAPIResource)):
                yield from walk(static, f"{path}.{name}" if path else name)
                continue
            if isinstance(static, property) or type(static).__name__ == "cached_property":
                try:
                    value = getattr(owner, name)
                except Exception:
                    continue
                if isinstance(value, (SyncAPIResource, AsyncAPIResource)) and (path, name) not in seen:
                    seen.add((path, name))
                    yield from walk(value, f"{path}.{name}" if path else name)
            elif path and callable(static):
                yield f"{path}.{name}", getattr(owner, name)

    yield from walk(client, "")


def argument(name: str, annotation: Any) -> Any:
    """Returns a value that the SDK sends on for a required argument."""
    text = str(annotation)
    if name == "model":
        return MODEL
    if name == "messages":
        return [{"role": "user", "content": "hi"}]
    if name == "file":
        return ("audio.mp3", io.BytesIO(b"data"))
    if name == "files":
        return [("a.txt", b"data")]
    if name in ("image", "data", "audio_sample", "recording", "video"):
        return ("file.png", io.BytesIO(b"data"))
    if name == "response_format":
        return {"type": "json_object"}
    if name in ("text_format",):
        return None
    if name in ("event_handler", "run_tools"):
        return None
    if name == "bytes":
        return 10
    if name == "mime_type":
        return "text/plain"
    if name == "filename":
        return "f"
    origin = typing.get_origin(annotation)
    if annotation is int or text == "int" or text.startswith("typing.Optional[int"):
        return 1
    if annotation is float:
        return 1.0
    if annotation is bool:
        return True
    if "Iterable" in text or "List" in text or "Sequence" in text or origin in (list, tuple):
        return [] if "Iterable" in text else ["x"]
    if "Dict" in text or "Mapping" in text or text.endswith("Param") or "_params" in text:
        return {}
    if inspect.isclass(annotation) and issubclass(annotation, enum.Enum):
        return next(iter(annotation))
    return "x"


# What a method needs although its signature does not say so.
NEEDED: Dict[str, Dict[str, Any]] = {
    "responses.stream": {"model": MODEL, "input": "hi"},
    "uploads.upload_file_chunked": {"file": __file__, "mime_type": "text/plain", "purpose": "batch"},
    "admin.organization.external_keys.create": {
        "external_id": "x",
        "kms_arn": "x",
        "name": "x",
        "role_arn": "x",
        "type": "aws",
    },
    "audio.voices.create": {"audio_sample": ("a.wav", b"data"), "consent": "x", "name": "x"},
    "beta.agents.automations.create": {"expression": "x", "name": "x", "target": {}, "timezone": "UTC", "type": "cron"},
    "beta.agents.environments.files.create": {"file_id": "x", "path": "/workspace/x", "type": "file"},
    "beta.agents.environments.files.upload": {"file": b"data", "path": "/workspace/x"},
    "beta.agents.sessions.stream": {"input": "hi"},
}


def arguments(name: str, method: Callable[..., Any]) -> Dict[str, Any]:
    """Returns the required arguments of a method, and short poll intervals."""
    out: Dict[str, Any] = {**required(method), **NEEDED.get(name, {})}
    return out


def required(method: Callable[..., Any]) -> Dict[str, Any]:
    out: Dict[str, Any] = {}
    target = inspect.unwrap(method)
    for name, parameter in inspect.signature(target).parameters.items():
        if name in ("poll_interval_ms", "poll_interval"):
            out[name] = 1
        if name == "max_wait_seconds":
            out[name] = 3
        if name == "self" or parameter.default is not inspect.Parameter.empty:
            continue
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        out[name] = argument(name, parameter.annotation)
    return out


def answers(logged: Logged) -> Reply | None:
    """Returns finished objects, so that the SDK's polling helpers end."""
    if "/file_batches" in logged.path:
        counts = {"in_progress": 0, "completed": 1, "failed": 0, "cancelled": 0, "total": 1}
        return Reply(
            json={"id": "vsfb_1", "object": "vector_store.file_batch", "status": "completed", "file_counts": counts}
        )
    if logged.method == "GET" and "/files/" in logged.path and not logged.path.endswith("/content"):
        status = "completed" if "vector_stores" in logged.path else "processed"
        return Reply(json={"id": "file_1", "object": "file", "status": status, "bytes": 1, "filename": "f"})
    return None


class Outcome:
    """What one sweep found."""

    def __init__(self) -> None:
        self.called: List[str] = []
        self.reached: List[str] = []
        self.refused: Dict[str, str] = {}
        self.differing: List[str] = []


def _consume(value: Any) -> None:
    if hasattr(value, "__enter__") and not hasattr(value, "choices"):
        with value as opened:
            if hasattr(opened, "__iter__"):
                for _ in opened:
                    pass
    elif hasattr(value, "__next__"):
        for _ in value:
            pass


async def _aconsume(value: Any) -> None:
    if inspect.isawaitable(value):
        value = await value
    if hasattr(value, "__aenter__"):
        async with value as opened:
            if hasattr(opened, "__aiter__"):
                async for _ in opened:
                    pass
    elif hasattr(value, "__anext__"):
        async for _ in value:
            pass


def sweep(
    fake: FakeOpenAI, sink: MemorySink, tracker: OpenAIQuotaTracker, client: Any, run: Callable[[Any], None]
) -> Outcome:
    outcome = Outcome()
    fake.rule(".*", answers)
    for name, method in methods(client):
        if name.rsplit(".", 1)[-1] in NO_REQUEST:
            continue
        outcome.called.append(name)
        sent, rows = len(fake.log), len(sink.events)
        try:
            run(functools.partial(method, **arguments(name, method)))
        except Exception as error:
            outcome.refused[name] = f"{type(error).__name__}: {error}"[:120]
        tracker.flush()
        sent, rows = len(fake.log) - sent, len(sink.events) - rows
        if sent:
            outcome.reached.append(name)
        if sent != rows:
            outcome.differing.append(f"{name}: {sent} requests, {rows} rows")
    return outcome


def report(outcome: Outcome, kind: str) -> None:
    missed = [name for name in outcome.called if name not in outcome.reached]
    print(
        f"\nopenai {openai.__version__} {kind}: {len(outcome.called)} methods, {len(outcome.reached)} reached the server,"
    )
    print(f"  {len(outcome.differing)} with rows other than requests; not reached: {len(missed)}")
    for name in missed:
        print(f"    {name}: {outcome.refused.get(name, 'sent nothing')}")


def check(outcome: Outcome, kind: str) -> None:
    report(outcome, kind)
    assert outcome.differing == []
    assert len(outcome.called) > 50
    assert len(outcome.reached) >= 0.9 * len(outcome.called)


@pytest.mark.filterwarnings("ignore")
def test_sync_methods_all_leave_a_row(fake: FakeOpenAI, sink: MemorySink, tracker: OpenAIQuotaTracker) -> None:
    with get_openai_client("ws", tracker=tracker, **credentials(fake)) as client:
        check(sweep(fake, sink, tracker, client, lambda call: _consume(call())), "sync")


@pytest.mark.filterwarnings("ignore")
def test_async_methods_all_leave_a_row(fake: FakeOpenAI, sink: MemorySink, tracker: OpenAIQuotaTracker) -> None:
    loop = asyncio.new_event_loop()
    try:
        client = get_async_openai_client("ws", tracker=tracker, **credentials(fake))
        check(sweep(fake, sink, tracker, client, lambda call: loop.run_until_complete(_call(call))), "async")
        loop.run_until_complete(client.close())
    finally:
        loop.close()


async def _call(call: Callable[[], Any]) -> None:
    await _aconsume(call())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("view", ["with_raw_response", "with_streaming_response"])
def test_raw_views_all_leave_a_row(fake: FakeOpenAI, sink: MemorySink, tracker: OpenAIQuotaTracker, view: str) -> None:
    """The raw and the streaming view of each resource, taken at the client."""
    with get_openai_client("ws", tracker=tracker, **credentials(fake)) as client:
        plain = dict(methods(client))
        outcome = Outcome()
        for name, method in plain.items():
            owner = method.__self__  # type: ignore[attr-defined]
            wrapped = getattr(getattr(owner, view, None), name.rsplit(".", 1)[-1], None)
            if wrapped is None or name.rsplit(".", 1)[-1] in NO_REQUEST:
                continue
            outcome.called.append(name)
            sent, rows = len(fake.log), len(sink.events)
            try:
                result = wrapped(**arguments(name, method))
                if view == "with_streaming_response":
                    with result as response:
                        response.read()
                elif hasattr(result, "http_response"):
                    # A raw stream that nobody reads has its row when it is closed.
                    result.http_response.close()
            except Exception as error:
                outcome.refused[name] = f"{type(error).__name__}: {error}"[:120]
            tracker.flush()
            sent, rows = len(fake.log) - sent, len(sink.events) - rows
            if sent:
                outcome.reached.append(name)
            if sent != rows:
                outcome.differing.append(f"{name}: {sent} requests, {rows} rows")
        check(outcome, view)


def credentials(fake: FakeOpenAI) -> Dict[str, Any]:
    out: Dict[str, Any] = {"api_key": "k", "base_url": fake.url, "max_retries": 0, "timeout": 5.0}
    if "admin_api_key" in inspect.signature(openai.OpenAI.__init__).parameters:
        out["admin_api_key"] = "admin"
    return out
