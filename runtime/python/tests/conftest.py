"""Fixtures: the fake server, and a tracker of its own for each test."""

from __future__ import annotations

import contextlib
import os
import warnings
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from fake_openai import FakeOpenAI

for name in list(os.environ):
    if name.startswith(("OPENAI_", "QUOTA_", "AZURE_OPENAI_")) or name in ("ENVIRONMENT", "SERVICE_MODE"):
        del os.environ[name]

from openai_runtime import (
    MemoryBudget,
    MemorySink,
    OpenAIQuotaTracker,
    QuotaConfig,
    get_async_openai_client,
    get_openai_client,
)
from openai_runtime._runtime import open_budget, open_sink


@pytest.fixture(scope="session")
def server() -> Iterator[FakeOpenAI]:
    fake = FakeOpenAI()
    yield fake
    fake.close()


@pytest.fixture
def fake(server: FakeOpenAI) -> FakeOpenAI:
    server.clear()
    return server


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


@pytest.fixture
def make_tracker(sink: MemorySink) -> Iterator[Callable[..., OpenAIQuotaTracker]]:
    """Makes trackers over the memory sink; settings are those of `QuotaConfig`."""
    made = []

    def make(workspace: Any = None, **settings: Any) -> OpenAIQuotaTracker:
        tracker = OpenAIQuotaTracker.create(workspace, config=QuotaConfig(**settings), sink=sink)
        made.append(tracker)
        return tracker

    yield make
    for tracker in made:
        tracker.runtime.close()


@pytest.fixture
def tracker(make_tracker: Callable[..., OpenAIQuotaTracker]) -> OpenAIQuotaTracker:
    return make_tracker()


@pytest.fixture
def client(fake: FakeOpenAI, tracker: OpenAIQuotaTracker) -> Iterator[Any]:
    made = get_openai_client("ws", tracker=tracker, api_key="k", base_url=fake.url)
    yield made
    made.close()


@pytest.fixture
def make_client(fake: FakeOpenAI) -> Callable[..., Any]:
    def make(tracker: OpenAIQuotaTracker, **arguments: Any) -> Any:
        return get_openai_client("ws", tracker=tracker, **{"api_key": "k", "base_url": fake.url, **arguments})

    return make


@pytest.fixture
def make_async_client(fake: FakeOpenAI) -> Callable[..., Any]:
    def make(tracker: OpenAIQuotaTracker, **arguments: Any) -> Any:
        return get_async_openai_client("ws", tracker=tracker, **{"api_key": "k", "base_url": fake.url, **arguments})

    return make


HELLO = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture(autouse=True)
def no_tracking_failures() -> Iterator[None]:
    """Fails a test during which tracking itself failed, unless it says that this is its subject."""
    from openai_runtime._runtime import _ALL

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=DeprecationWarning)
        yield
    failed = {name: count for runtime in list(_ALL) for name, count in runtime.tracking_failures.items()}
    for runtime in list(_ALL):
        runtime.tracking_failures.clear()
    assert not failed or "expected" in failed, f"tracking failed: {failed}"


@pytest.fixture(scope="session")
def server_urls() -> Iterator[Callable[[str], str]]:
    """Starts a Redis or PostgreSQL server when it is first asked for."""
    import servers

    urls: dict[str, str] = {}
    with contextlib.ExitStack() as stack:

        def url(kind: str) -> str:
            reason = servers.missing(kind)
            if reason:
                pytest.skip(reason)
            if kind not in urls:
                run = servers.redis_server if kind == "redis" else servers.postgres_server
                urls[kind] = stack.enter_context(run())
            return urls[kind]

        yield url


@pytest.fixture(params=["memory", "sqlite", "redis", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path, server_urls: Callable[[str], str]) -> str:
    """Returns the address of an empty store of each kind."""
    kind = str(request.param)
    if kind == "memory":
        return "memory:"
    if kind == "sqlite":
        return str(tmp_path / "usage.sqlite3")
    url = server_urls(kind)
    if kind == "redis":
        import redis

        redis.Redis.from_url(url).flushall()
    else:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return url


@pytest.fixture
def make_sink(store: str) -> Callable[[], Any]:
    return lambda: open_sink(QuotaConfig(database=store))


@pytest.fixture
def make_budget(store: str) -> Callable[[], Any]:
    memory = MemoryBudget()
    return lambda: memory if store == "memory:" else open_budget(QuotaConfig(budget_url=store), MemorySink())
