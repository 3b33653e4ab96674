"""The command line, prices, prompts, structured answers, realtime connections, and the users' test helper."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Callable, List

import openai
import pydantic
import pytest

import openai_runtime
from conftest import HELLO
from fake_openai import FakeOpenAI, Reply
from openai_runtime import (
    MemorySink,
    OpenAIQuotaTracker,
    PriceTable,
    PromptManager,
    QuotaConfig,
    Usage,
    ai_usage_context,
    cli,
    get_openai_client,
    parse_structured,
    track_websocket,
)
from openai_runtime.testing import assert_no_untracked

Make = Callable[..., Any]
ROOT = Path(openai_runtime.__file__).parent.parent


@pytest.fixture
def database(fake: FakeOpenAI, tmp_path: Path) -> str:
    """Returns a store with three calls of two workspaces."""
    path = str(tmp_path / "usage.sqlite3")
    tracker = OpenAIQuotaTracker.create(config=QuotaConfig(database=path))
    for workspace, calls in (("a", 2), ("b", 1)):
        client = get_openai_client(workspace, tracker=tracker, api_key="k", base_url=fake.url)
        with ai_usage_context("op", tracker=tracker):
            for _ in range(calls):
                client.chat.completions.create(**HELLO)
    tracker.runtime.close()
    return path


def test_the_report_adds_up_by_what_is_asked(database: str, capsys: Any) -> None:
    assert cli.main(["report", "--db", database, "--json", "--by", "workspace,model"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [(row["workspace"], row["model"], row["requests"], row["cost_nano"]) for row in rows] == [
        ("a", "gpt-4o-mini", 2, 11100),
        ("b", "gpt-4o-mini", 1, 5550),
    ]
    assert rows[0]["cost_dollars"] == "0.0000111"


def test_the_table_has_a_sum(database: str, capsys: Any) -> None:
    assert cli.main(["report", "--db", database]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:4] == ["workspace", "model", "operation", "day"]
    assert lines[-1].split()[0] == "total"
    assert "0.00001665" in lines[-1]


def test_top_looks_once_where_nobody_watches(database: str, capsys: Any) -> None:
    assert cli.main(["top", "--db", database]) == 0
    assert "gpt-4o-mini" in capsys.readouterr().out


def test_the_module_runs(database: str) -> None:
    command = [sys.executable, "-m", "openai_runtime", "report", "--db", database, "--json"]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, check=True)
    assert len(json.loads(done.stdout)["rows"]) == 2


def test_wrong_arguments_are_told(database: str, capsys: Any) -> None:
    assert cli.main(["report", "--db", database, "--since", "yesterday"]) == 2
    with pytest.raises(SystemExit) as caught:
        cli.main(["report", "--by", "color"])
    assert caught.value.code == 2


def test_looking_makes_no_store(tmp_path: Path, capsys: Any) -> None:
    assert cli.main(["report", "--db", str(tmp_path / "none.db")]) == 0
    seen = capsys.readouterr()
    assert seen.err == f"nothing is stored in {tmp_path / 'none.db'}\n"
    assert seen.out.startswith("workspace")
    assert list(tmp_path.glob("none*")) == []


def test_a_store_that_cannot_be_read_is_named(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "bad.db").write_text("hello, this is no database, and long enough to see that")
    assert cli.main(["report", "--db", str(tmp_path / "bad.db")]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'bad.db'} cannot be read: file is not a database\n"


def test_stored_costs_stand_beside_billed_ones(database: str, fake: FakeOpenAI, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "k")
    monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
    amount = {"object": "organization.costs.result", "amount": {"value": 0.25, "currency": "usd"}}
    page = {"data": [{"start_time": 1_700_000_000, "results": [amount]}], "next_page": None}
    fake.next(Reply(json=page), path="organization/costs")
    assert cli.main(["reconcile", "--db", database, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [(row["stored_nano"], row["billed_nano"]) for row in rows] == [(0, 250_000_000), (16650, 0)]


@pytest.mark.parametrize(
    ("model", "usage", "tier", "nano"),
    [
        ("gpt-4o-mini", Usage(input=11, cached=4, output=7), None, 7 * 150 + 4 * 75 + 7 * 600),
        ("gpt-4o", Usage(input=1000), "batch", 1_250_000),
        ("gpt-5.4", Usage(input=272_000, output=1), None, 272_000 * 2500 + 15_000),
        ("gpt-5.4", Usage(input=272_001, output=1), None, 272_001 * 5000 + 22_500),
        ("text-embedding-3-small", Usage(input=1), None, 20),
        ("whisper-1", Usage(seconds=60), None, 6_000_000),
        ("gpt-4o-mini-2024-07-18", Usage(input=1, output=1), "default", 750),
        ("never-heard-of", Usage(input=1), None, None),
        ("gpt-4o-mini", Usage(input=1), "some-new-tier", None),
        ("gpt-4o-mini", Usage(input=10, audio_input=5), None, None),
    ],
)
def test_prices_are_whole_nano_dollars_or_nothing(model: str, usage: Usage, tier: Any, nano: Any) -> None:
    cost = PriceTable.load().cost(model, usage, tier)
    assert (cost.nano if cost else None) == nano


def test_small_amounts_do_not_vanish() -> None:
    table = PriceTable.load()
    assert sum(table.cost("gpt-4o-mini", Usage(input=200)).nano for _ in range(100)) == 3_000_000  # type: ignore[union-attr]


def test_the_table_says_where_it_comes_from() -> None:
    table = PriceTable.load()
    assert "genai-prices" in table.source
    assert table.version.startswith("genai-prices-")


def test_a_prompt_is_rendered_strictly(tmp_path: Path) -> None:
    (tmp_path / "greet.txt").write_text("Hello {{name}}, {{ name }}!")
    prompts = PromptManager(tmp_path)
    prompt = prompts.get("greet")
    assert prompt.render(name="$& \\1 {{name}}") == "Hello $& \\1 {{name}}, $& \\1 {{name}}!"
    with pytest.raises(KeyError):
        prompt.render()
    with pytest.raises(KeyError):
        prompt.render(name="x", other="y")
    with pytest.raises(KeyError):
        prompts.get("../greet")
    assert len(prompt.version) == 12


class Person(pydantic.BaseModel):
    name: str
    age: int


def test_a_structured_answer_is_asked_for_again(client: Any, fake: FakeOpenAI) -> None:
    def answer(content: str) -> Reply:
        message = {"role": "assistant", "content": content, "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return Reply(
            json={"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini", "choices": [choice]}
        )

    fake.next(answer('{"name": "x"}'), answer('{"name": "x", "age": 3}'))
    found = parse_structured(
        client, model="gpt-4o-mini", messages=HELLO["messages"], response_format=Person, temperature=0
    )
    assert found == Person(name="x", age=3)
    sent = fake.requests()
    assert len(sent) == 2
    assert sent[0].json()["temperature"] == 0
    fake.next(answer("{}"), answer("{}"))
    with pytest.raises(ValueError):
        parse_structured(client, model="gpt-4o-mini", messages=HELLO["messages"], response_format=Person)


class Event:
    """An event as the SDK's realtime connections give it."""

    def __init__(self, **data: Any) -> None:
        self.type = data["type"]
        self.data = data

    def model_dump(self) -> Any:
        return self.data


USAGE = {
    "input_tokens": 10,
    "output_tokens": 6,
    "input_token_details": {"audio_tokens": 4, "text_tokens": 6, "cached_tokens": 0},
    "output_token_details": {"audio_tokens": 5, "text_tokens": 1},
}
EVENTS = [Event(type="session.created"), Event(type="response.done", response={"id": "r", "usage": USAGE})]


def test_realtime_answers_leave_rows(tracker: OpenAIQuotaTracker, sink: MemorySink) -> None:
    class Connection:
        def __init__(self) -> None:
            self.left = list(EVENTS)

        def recv(self) -> Event:
            return self.left.pop(0)

        def __iter__(self) -> Any:
            while self.left:
                yield self.recv()

    connection = Connection()
    assert track_websocket(connection, tracker, "ws", model="gpt-realtime") is connection
    assert len(list(connection)) == 2
    tracker.flush()
    row = sink.events[0]
    assert (row.workspace, row.endpoint, row.audio) == ("ws", "/realtime", 9)
    assert row.cost_nano == 6 * 4000 + 4 * 32000 + 1 * 16000 + 5 * 64000


def test_async_realtime_answers_leave_rows(tracker: OpenAIQuotaTracker, sink: MemorySink) -> None:
    class Connection:
        async def recv(self) -> Event:
            return EVENTS[1]

    asyncio.run(track_websocket(Connection(), tracker, model="gpt-realtime").recv())
    tracker.flush()
    assert len(sink.events) == 1


SESSION = {
    "type": "realtime",
    "model": "gpt-realtime",
    "audio": {"input": {"transcription": {"model": "gpt-4o-transcribe"}}},
}
SPOKEN = {"input_tokens": 20, "output_tokens": 10, "total_tokens": 30, "input_token_details": {"cached_tokens": 5}}
HEARD = {"type": "tokens", "input_tokens": 7, "output_tokens": 2, "total_tokens": 9}


def test_a_real_websocket_leaves_rows_at_the_price_of_each_model(
    tracker: OpenAIQuotaTracker, sink: MemorySink, client: Any
) -> None:
    websockets = pytest.importorskip("websockets.sync.server")
    if not hasattr(client, "realtime"):
        pytest.skip("this SDK has no realtime connections but in beta")
    transcribed = {"type": "conversation.item.input_audio_transcription.completed", "item_id": "i", "usage": HEARD}
    events = [
        {"type": "session.created", "event_id": "1", "session": SESSION},
        {"type": "response.done", "event_id": "2", "response": {"id": "resp_1", "usage": SPOKEN}},
        {**transcribed, "event_id": "3", "content_index": 0, "transcript": "hello"},
    ]

    def serve(connection: Any) -> None:
        for event in events:
            connection.send(json.dumps(event))
        connection.close()

    with websockets.serve(serve, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v1"
        with client.copy(websocket_base_url=address).realtime.connect(model="gpt-realtime") as connection:
            assert len(list(track_websocket(connection, client.quota))) == 3
        server.shutdown()
    tracker.flush()
    assert [(row.model, row.input, row.output) for row in sink.events] == [
        ("gpt-realtime", 20, 10),
        ("gpt-4o-transcribe", 7, 2),
    ]


def test_calls_past_the_factory_are_found(fake: FakeOpenAI, client: Any) -> None:
    with assert_no_untracked():
        client.models.list()
    with pytest.raises(AssertionError, match="past the factory: GET /models by OpenAI"):
        with assert_no_untracked():
            openai.OpenAI(api_key="k", base_url=fake.url).models.list()


def test_prometheus_counts(client: Any) -> None:
    if importlib.util.find_spec("prometheus_client") is None:
        pytest.skip("prometheus_client is not installed")
    import prometheus_client

    from openai_runtime.prometheus import PrometheusExporter

    registry = prometheus_client.CollectorRegistry()
    exporter = PrometheusExporter(client.quota, registry)
    client.chat.completions.create(**HELLO)
    client.quota.flush()
    client.quota.runtime.writer.close()
    text = prometheus_client.generate_latest(registry).decode()
    exporter.close()
    assert (
        'openai_tokens_total{environment="",kind="input",method="chat.completions.create",model="gpt-4o-mini",workspace="ws"} 11.0'
        in text
    )


def test_the_scaffold_imports(tmp_path: Path) -> None:
    scaffold = ROOT.parent / "scaffold"
    code = (
        "from utils.openai_client_factory import *\n"
        "from utils.ai_usage_context import *\n"
        "get_openai_client, get_async_azure_openai_client, QuotaExceededError, OpenAIQuotaTracker, ai_usage_context\n"
    )
    environment = {"PYTHONPATH": f"{ROOT}:{scaffold}", "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


@pytest.mark.skipif(sys.version_info < (3, 10), reason="Python does not list its own modules")
def test_no_further_library_is_imported_by_name() -> None:
    """A project's type checker follows these imports, and would miss what the project does not use."""
    known = {*sys.stdlib_module_names, "openai", "anyio"}
    for path in Path(openai_runtime.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names.append(node.module or "")
            assert {name.partition(".")[0] for name in names} <= known, path.name


def test_stores_are_importable_where_their_library_is() -> None:
    for name, library in (("PostgresSink", "psycopg"), ("RedisBudget", "redis")):
        if importlib.util.find_spec(library):
            assert getattr(openai_runtime, name).__name__ == name
    with pytest.raises(AttributeError):
        openai_runtime.Nonsense


def test_nothing_is_imported_beyond_openai() -> None:
    import ast

    allowed = {"openai", "anyio", "redis", "psycopg", "prometheus_client", "opentelemetry", "typing_extensions"}
    found: List[str] = []
    for path in Path(openai_runtime.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            found += [name.partition(".")[0] for name in names]
    standard = getattr(sys, "stdlib_module_names", None)
    if standard is None:
        pytest.skip("this Python does not list its standard library")
    assert set(found) - set(standard) <= allowed
