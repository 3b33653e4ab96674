"""The factory's clients are the SDK's own, in every way that a program can ask."""

from __future__ import annotations

import asyncio
import sys
import time
import types
from pathlib import Path
from typing import Any, Callable

import openai
import pytest

import openai_runtime
from conftest import HELLO
from fake_openai import FakeOpenAI, Reply, failure, quota_exhausted, rate_limited
from openai_runtime import (
    ConfigError,
    MemorySink,
    OpenAIQuotaTracker,
    QuotaConfig,
    get_async_azure_openai_client,
    get_azure_openai_client,
    get_openai_client,
    is_tracked,
    track_http_client,
)
from openai_runtime._config import read_dotenv

Make = Callable[..., Any]


def http() -> Any:
    """Returns the HTTP library of the installed SDK."""
    return sys.modules[openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0]]


def test_clients_are_instances_of_the_sdks_classes(client: Any, fake: FakeOpenAI, tracker: OpenAIQuotaTracker) -> None:
    azure = get_azure_openai_client(tracker=tracker, api_key="k", azure_endpoint=fake.azure, api_version="2024-10-21")
    assert isinstance(client, openai.OpenAI)
    assert isinstance(azure, openai.AzureOpenAI)
    assert client.workspace_id == "ws"


def test_copies_keep_workspace_and_tracker(client: Any, sink: MemorySink) -> None:
    client.with_options(timeout=3).copy(max_retries=1).chat.completions.create(**HELLO)
    client.copy(workspace_id="other").chat.completions.create(**HELLO)
    client.quota.flush()
    assert [event.workspace for event in sink.events] == ["ws", "other"]


def test_a_copy_shares_the_http_client(client: Any) -> None:
    assert client.with_options(timeout=3)._client is client._client


def test_azure_calls_are_named_like_others(fake: FakeOpenAI, sink: MemorySink, tracker: OpenAIQuotaTracker) -> None:
    arguments = {"tracker": tracker, "api_key": "k", "azure_endpoint": fake.azure, "api_version": "2024-10-21"}
    get_azure_openai_client("ws", **arguments).chat.completions.create(**{**HELLO, "model": "gpt-4o"})

    async def call() -> None:
        async with get_async_azure_openai_client("ws", **arguments) as azure:
            await azure.embeddings.create(model="text-embedding-3-small", input="x")

    asyncio.run(call())
    tracker.flush()
    assert [event.method for event in sink.events] == ["chat.completions.create", "embeddings.create"]
    assert fake.requests()[0].path == "/openai/deployments/gpt-4o/chat/completions"


def test_bedrock_is_made_where_the_sdk_has_it(fake: FakeOpenAI, sink: MemorySink, tracker: OpenAIQuotaTracker) -> None:
    if not hasattr(openai, "BedrockOpenAI"):
        with pytest.raises(ConfigError, match="no BedrockOpenAI"):
            openai_runtime.get_bedrock_openai_client(tracker=tracker)
        return
    client = openai_runtime.get_bedrock_openai_client("ws", tracker=tracker, api_key="k", base_url=fake.url)
    assert isinstance(client, openai.BedrockOpenAI)
    client.with_options(timeout=3).chat.completions.create(**HELLO)
    tracker.flush()
    assert [event.workspace for event in sink.events] == ["ws"]


def test_a_users_http_client_is_used_and_left_alone(
    fake: FakeOpenAI, sink: MemorySink, tracker: OpenAIQuotaTracker
) -> None:
    seen = []
    mine = http().Client(headers={"x-mine": "1"}, event_hooks={"request": [lambda request: seen.append(request.url)]})
    client = get_openai_client(tracker=tracker, api_key="k", base_url=fake.url, http_client=mine)
    assert isinstance(client._client, type(mine))
    client.chat.completions.create(**HELLO)
    assert len(seen) == 1
    assert fake.requests()[0].headers["x-mine"] == "1"
    assert not is_tracked(mine)
    mine.get(fake.url + "/models")
    tracker.flush()
    assert len(sink.events) == 1
    client.close()
    assert mine.is_closed


def test_a_users_http_client_outlives_ours(fake: FakeOpenAI, tracker: OpenAIQuotaTracker) -> None:
    mine = openai.DefaultHttpxClient()
    get_openai_client(tracker=tracker, api_key="k", base_url=fake.url, http_client=mine)
    assert not mine.is_closed


def test_a_send_set_on_the_instance_is_still_called(
    fake: FakeOpenAI, sink: MemorySink, tracker: OpenAIQuotaTracker
) -> None:
    mine = http().Client()
    called = []
    plain = mine.send

    def send(self: Any, request: Any, **options: Any) -> Any:
        called.append(request)
        return plain(request, **options)

    mine.send = types.MethodType(send, mine)
    get_openai_client(tracker=tracker, api_key="k", base_url=fake.url, http_client=mine).models.list()
    tracker.flush()
    assert (len(called), len(sink.events)) == (1, 1)


def test_a_client_of_another_maker_is_tracked_by_its_http_client(
    fake: FakeOpenAI, sink: MemorySink, tracker: OpenAIQuotaTracker
) -> None:
    tracked = track_http_client(http().Client(), tracker, "langchain")
    openai.OpenAI(api_key="k", base_url=fake.url, http_client=tracked).chat.completions.create(**HELLO)
    tracker.flush()
    assert [event.workspace for event in sink.events] == ["langchain"]


def test_each_attempt_has_its_row(fake: FakeOpenAI, sink: MemorySink, client: Any) -> None:
    fake.next(rate_limited("0.01"), failure(503))
    client.chat.completions.create(**HELLO)
    client.quota.flush()
    rows = [(event.attempt, event.status, event.error) for event in sink.events]
    assert rows == [(1, 429, "rate_limit_exceeded"), (2, 503, "server_error"), (3, 200, None)]


def test_an_exhausted_account_is_not_asked_again(fake: FakeOpenAI, client: Any) -> None:
    fake.next(quota_exhausted(), quota_exhausted(), quota_exhausted())
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(**HELLO)
    assert len(fake.requests()) == 1


@pytest.mark.parametrize("fault", ["drop", "hang", "drop-midway"])
def test_lost_answers_have_rows(
    fake: FakeOpenAI, sink: MemorySink, make_client: Make, tracker: OpenAIQuotaTracker, fault: str
) -> None:
    fake.next(Reply(json={"id": "x" * 200}, fault=fault))
    with pytest.raises(openai.APIConnectionError):
        make_client(tracker, max_retries=0, timeout=0.3).chat.completions.create(**HELLO)
    tracker.flush()
    assert len(sink.events) == len(fake.requests()) == 1
    assert sink.events[0].error in ("RemoteProtocolError", "ReadTimeout", "ReadError")


def test_a_cancelled_call_has_its_row(
    fake: FakeOpenAI, sink: MemorySink, make_async_client: Make, tracker: OpenAIQuotaTracker
) -> None:
    fake.next(Reply(json={}, fault="hang"))

    async def run() -> None:
        client = make_async_client(tracker)
        task = asyncio.ensure_future(client.chat.completions.create(**HELLO))
        while not fake.requests():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.close()

    asyncio.run(run())
    tracker.flush()
    assert [event.error for event in sink.events] == ["cancelled"]


def test_disabling_is_asked_for_every_call(
    client: Any, sink: MemorySink, fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISABLE_QUOTA_TRACKING", "true")
    client.chat.completions.create(**HELLO)
    monkeypatch.setenv("DISABLE_QUOTA_TRACKING", "false")
    client.chat.completions.create(**HELLO)
    client.quota.flush()
    assert (len(fake.requests()), len(sink.events)) == (2, 1)


def test_mode_off_tracks_nothing(make_client: Make, make_tracker: Make, sink: MemorySink) -> None:
    tracker = make_tracker(mode="off")
    make_client(tracker).chat.completions.create(**HELLO)
    tracker.flush()
    assert sink.events == []


def test_a_store_that_fails_never_reaches_a_call(fake: FakeOpenAI, recwarn: Any) -> None:
    class Broken(MemorySink):
        def write(self, events: Any) -> None:
            raise OSError("disk full")

    tracker = OpenAIQuotaTracker.create(config=QuotaConfig(), sink=Broken())
    client = get_openai_client(tracker=tracker, api_key="k", base_url=fake.url)
    assert client.chat.completions.create(**HELLO).choices
    assert tracker.flush(0.3) is False
    health = tracker.health()
    assert health["tracking"] == "degraded"
    assert health["waiting"] == 1
    tracker.runtime.writer._closing = True


def test_tracking_that_fails_never_reaches_a_call(
    client: Any, tracker: OpenAIQuotaTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("bug")

    monkeypatch.setattr(tracker.runtime.writer, "put", broken)
    monkeypatch.setattr(tracker.runtime.writer, "began", broken)
    assert client.chat.completions.create(**HELLO).choices
    assert list(client.chat.completions.create(**HELLO, stream=True))
    assert tracker.health()["tracking_failures"] == {"journal": 2, "put": 2}
    tracker.runtime.failed("expected")


def test_uploads_are_not_read_by_us(client: Any, sink: MemorySink, fake: FakeOpenAI) -> None:
    client.audio.transcriptions.create(model="whisper-1", file=("a.mp3", b"x" * 1000))
    client.quota.flush()
    event = sink.events[0]
    assert (event.model, event.seconds, event.cost_nano) == ("whisper-1", 3.0, 300_000)


@pytest.mark.parametrize(
    ("usage", "read", "wrote"),
    [
        ("NaN", None, 5),
        ("Infinity", None, 5),
        ("1e300", None, 5),
        (str(10**30), None, 5),
        ("-3", None, 5),
        ("true", None, 5),
        ('"9"', None, 5),
        ("9.0", 9, 5),
    ],
)
def test_counts_that_cannot_be_are_unknown(
    client: Any, fake: FakeOpenAI, sink: MemorySink, usage: str, read: Any, wrote: Any
) -> None:
    text = f'{{"id": "x", "choices": [], "usage": {{"prompt_tokens": {usage}, "completion_tokens": 5}}}}'
    fake.next(Reply(body=text.encode(), headers={"content-type": "application/json"}))
    client.chat.completions.with_raw_response.create(**HELLO)
    client.quota.flush()
    assert (sink.events[0].input, sink.events[0].output) == (read, wrote)


def test_speech_is_priced_by_characters(client: Any, sink: MemorySink) -> None:
    client.audio.speech.create(model="tts-1", voice="alloy", input="hello")
    client.quota.flush()
    assert (sink.events[0].chars, sink.events[0].cost_nano) == (5, 75_000)


@pytest.mark.parametrize(
    ("asked", "kind", "images", "nano"),
    [
        ({"model": "dall-e-3"}, "url", 1, 40_000_000),
        ({"model": "dall-e-3", "quality": "hd", "size": "1024x1792"}, "url", 1, 120_000_000),
        ({"model": "dall-e-2", "n": 3, "size": "256x256"}, "b64_json", 3, 48_000_000),
        ({"model": "dall-e-3", "size": "auto"}, "url", 1, None),
    ],
)
@pytest.mark.filterwarnings("ignore:no price is known")
def test_images_are_billed_by_the_piece(
    client: Any, fake: FakeOpenAI, sink: MemorySink, asked: Any, kind: str, images: int, nano: Any
) -> None:
    data = [{kind: "x" * (100 if kind == "url" else 200_000)} for _ in range(images)]
    fake.next(Reply(json={"created": 1, "data": data}))
    client.images.generate(prompt="a cat", **asked)
    client.quota.flush()
    assert (sink.events[0].images, sink.events[0].cost_nano) == (images, nano)


def test_edited_images_are_billed_by_what_their_form_says(client: Any, fake: FakeOpenAI, sink: MemorySink) -> None:
    fake.next(Reply(json={"created": 1, "data": [{"url": "x"}, {"url": "y"}]}))
    client.images.edit(image=b"png", prompt="a cat", model="dall-e-2", n=2, size="512x512")
    client.quota.flush()
    assert (sink.events[0].images, sink.events[0].cost_nano) == (2, 36_000_000)


def test_background_answers_count_once(client: Any, sink: MemorySink, fake: FakeOpenAI) -> None:
    if not hasattr(client, "responses"):
        pytest.skip("this SDK has no responses")
    made = client.responses.create(model="gpt-4o-mini", input="hi", background=True)
    usage = {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30}
    done = {
        "id": made.id,
        "object": "response",
        "model": "gpt-4o-mini",
        "status": "completed",
        "output": [],
        "usage": usage,
    }
    fake.rule(f"/responses/{made.id}", lambda _: Reply(json=done))
    for _ in range(3):
        client.responses.retrieve(made.id)
    client.quota.flush()
    assert len(sink.events) == 4
    assert [event.output for event in sink.events] == [None, 20, None, None]


@pytest.mark.parametrize(
    "name, value",
    [
        *[
            (name, value)
            for name in ("QUOTA_MAX_WAIT_S", "QUOTA_BREAKER_SECONDS")
            for value in ("nan", "inf", "-1", "x")
        ],
        ("QUOTA_PAUSE_THRESHOLD", "80"),
        ("QUOTA_ALERT_THRESHOLDS", ".6,nan"),
        ("COST_TRACKING_ENABLED", "perhaps"),
        ("DISABLE_QUOTA_TRACKING", "perhaps"),
        ("QUOTA_ALERT_WEBHOOK", "file:///etc/passwd"),
        ("QUOTA_ALERT_WEBHOOK", "hooks.example"),
        ("QUOTA_FALLBACK_MODELS", "a="),
        ("QUOTA_DB", "mysql://host/db"),
        ("QUOTA_BUDGET_URL", "http://host"),
        ("QUOTA_LIMITS", "list"),
    ],
)
def test_each_wrong_setting_is_named(name: str, value: str, tmp_path: Path) -> None:
    if value == "list":
        (tmp_path / "limits.json").write_text('{"ws": 3}')
        value = str(tmp_path / "limits.json")
    with pytest.raises(ConfigError, match=name):
        QuotaConfig.from_env({name: value, "QUOTA_MODE": "observe", "HOME": str(tmp_path)})


def test_a_setting_without_a_value_is_not_set(tmp_path: Path) -> None:
    names = ("QUOTA_DB", "QUOTA_LIMITS", "QUOTA_DOTENV", "QUOTA_PRICES", "QUOTA_MODE", "DAILY_COST_LIMIT_OPENAI")
    home = {"HOME": str(tmp_path)}
    assert QuotaConfig.from_env({**home, **dict.fromkeys(names, " ")}) == QuotaConfig.from_env(home)


def test_a_database_stays_where_it_is_when_the_folder_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for text, path in (("a.db", "a.db"), ("~/b.db", "b.db"), ("sqlite:///c.db", "c.db")):
        assert QuotaConfig.from_env({"QUOTA_DB": text}).database == str(tmp_path / path)
    assert QuotaConfig.from_env({"QUOTA_DB": ":memory:"}).database == "memory:"


def test_a_file_of_settings_is_read_as_such_files_are_written(tmp_path: Path) -> None:
    lines = [
        "\ufeffQUOTA_MODE=off # why",
        "export ENVIRONMENT='staging'",
        "# X=1",
        'QUOTA_DB = "a # b.db"  # c',
        "no setting",
        "A='b'c",
    ]
    (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
    found = read_dotenv(tmp_path / ".env")
    assert found == {"QUOTA_MODE": "off", "ENVIRONMENT": "staging", "QUOTA_DB": "a # b.db", "A": "'b'c"}


def test_an_unknown_model_costs_nothing_and_says_so(client: Any, sink: MemorySink) -> None:
    alerts: list = []
    client.quota.on_alert(alerts.append)
    with pytest.warns(openai_runtime.UnknownModelPriceWarning):
        client.chat.completions.create(**{**HELLO, "model": "house-model"})
    client.quota.flush()
    assert (sink.events[0].input, sink.events[0].cost_nano) == (11, None)
    assert [alert["kind"] for alert in alerts] == ["unknown_price"]


def test_the_old_name_of_the_base_url_is_taken(
    fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch, tracker: OpenAIQuotaTracker
) -> None:
    monkeypatch.setenv("OPENAI_API_URL", fake.url)
    with pytest.warns(UserWarning, match="OPENAI_BASE_URL"):
        client = get_openai_client(tracker=tracker, api_key="k")
    assert str(client.base_url).startswith(fake.url)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QUOTA_MODE", "enforec"),
        ("ENVIRONMENT", "prod"),
        ("QUOTA_PAUSE_THRESHOLD", "80"),
        ("DAILY_COST_LIMIT_OPENAI", "-1"),
    ],
)
def test_a_wrong_setting_is_told_when_the_client_is_made(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    from openai_runtime._runtime import set_default

    set_default(None)
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError):
        get_openai_client(api_key="k")


def test_mocks_answer_under_the_real_sdk(
    make_tracker: Make, make_client: Make, fake: FakeOpenAI, sink: MemorySink
) -> None:
    tracker = make_tracker(service_mode="MOCK")
    client = make_client(tracker)
    assert client.chat.completions.create(**HELLO).choices[0].message.content == "mock"
    assert [chunk.choices[0].delta.content for chunk in client.chat.completions.create(**HELLO, stream=True)] == [
        "mock",
        None,
    ]
    assert len(client.embeddings.create(model="text-embedding-3-small", input=["a", "b"]).data) == 2
    tracker.flush()
    assert fake.requests() == []
    assert {event.usage_source for event in sink.events} == {"mock"}


def test_hybrid_mocks_only_what_is_listed(make_tracker: Make, make_client: Make, fake: FakeOpenAI) -> None:
    client = make_client(make_tracker(service_mode="HYBRID", mock_paths=("embeddings",)))
    client.embeddings.create(model="text-embedding-3-small", input="a")
    assert client.chat.completions.create(**HELLO).choices[0].message.content == "hello"
    assert [logged.path for logged in fake.requests()] == ["/v1/chat/completions"]


def test_production_has_no_mocks() -> None:
    with pytest.raises(ConfigError, match="production"):
        QuotaConfig(service_mode="MOCK", environment="production")


def test_no_http_library_is_imported_by_name() -> None:
    from pathlib import Path

    root = Path(openai_runtime.__file__).parent
    for path in root.glob("*.py"):
        for line in path.read_text().splitlines():
            assert not line.strip().startswith(("import httpx", "from httpx")), path


def test_a_correlation_id_is_sent(client: Any, fake: FakeOpenAI) -> None:
    with openai_runtime.ai_usage_context("op", tracker=client.quota, correlation_id="c-1"):
        client.chat.completions.create(**HELLO)
    assert fake.requests()[0].headers["x-client-request-id"] == "c-1"


def test_large_embeddings_are_read_from_their_end(client: Any, fake: FakeOpenAI, sink: MemorySink) -> None:
    vector = [0.123456789] * 40_000
    body = {
        "object": "list",
        "data": [{"object": "embedding", "index": 0, "embedding": vector}],
        "model": "text-embedding-3-large",
    }
    fake.next(Reply(json={**body, "usage": {"prompt_tokens": 77, "total_tokens": 77}}))
    started = time.perf_counter()
    client.embeddings.create(model="text-embedding-3-large", input="x", encoding_format="float")
    assert time.perf_counter() - started < 10
    client.quota.flush()
    assert (sink.events[0].input, sink.events[0].cost_nano) == (77, 77 * 130)
