"""Headers, pauses, the breaker, alerts and work in bulk."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from typing import Any, Callable, Dict, List

import openai
import pytest

from conftest import HELLO
from fake_openai import FakeOpenAI, Logged, Reply, failure, rate_limited
from openai_runtime import (
    AdaptiveConcurrencyManager,
    CircuitBreaker,
    CircuitOpenError,
    JsonFormatter,
    Limits,
    MemoryBudget,
    QuotaExceededError,
    QuotaExecutor,
    QuotaMonitor,
    QuotaPausedError,
    SqliteBudget,
    calculate_usage_metrics,
    extract_retry_after_header,
    get_enhanced_backoff_delay,
    parse_rate_limit_headers,
    should_pause_processing,
    should_retry_error,
)
from openai_runtime._alerts import Alerts, BurnRate
from openai_runtime._gate import Gate

Make = Callable[..., Any]
GOOD = {
    "X-RateLimit-Limit-Requests": "100",
    "x-ratelimit-remaining-requests": "40",
    "x-ratelimit-reset-requests": "6m0s",
    "x-ratelimit-limit-tokens": "1000",
    "x-ratelimit-remaining-tokens": "100",
    "x-ratelimit-reset-tokens": "120ms",
}


def test_headers_are_read() -> None:
    status = parse_rate_limit_headers(GOOD)
    assert (status.limit_requests, status.remaining_requests, status.remaining_tokens) == (100, 40, 100)
    assert (status.reset_requests, status.reset_tokens) == (timedelta(minutes=6), timedelta(milliseconds=120))
    metrics = calculate_usage_metrics(status)
    assert (metrics.requests, metrics.tokens, metrics.highest) == (0.6, 0.9, 0.9)
    assert should_pause_processing(metrics, 0.9)
    assert not should_pause_processing(metrics, 0.91)


@pytest.mark.parametrize("value", ["-1", "0", "", "many", "nan", "1e999"])
def test_limits_that_say_nothing_are_unknown(value: str) -> None:
    status = parse_rate_limit_headers({"x-ratelimit-limit-requests": value, "x-ratelimit-remaining-requests": value})
    assert (status.limit_requests, status.remaining_requests) == (None, None)
    assert calculate_usage_metrics(status).highest == 0.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h2m3s", 3723.0),
        ("17", 17.0),
        ("1.5s", 1.5),
        ("2d", 172800.0),
        ("soon", None),
        ("5m!", None),
        ("-3", None),
        ("inf", None),
    ],
)
def test_durations(text: str, seconds: Any) -> None:
    reset = parse_rate_limit_headers({"x-ratelimit-reset-tokens": text}).reset_tokens
    assert (reset.total_seconds() if reset else None) == seconds


def test_retry_after_has_three_forms() -> None:
    assert extract_retry_after_header({"Retry-After": "7"}) == 7.0
    assert extract_retry_after_header({"retry-after-ms": "250", "retry-after": "7"}) == 0.25
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    assert extract_retry_after_header({"retry-after": date}, now=1445412470.0) == 10.0
    assert extract_retry_after_header({"retry-after": "later"}) is None
    assert extract_retry_after_header(object()) is None


@pytest.mark.parametrize("value", ["", "soon", "-5", "nan", "inf", "Wed", "Tue, 14 Nov 99999 22:13:30 GMT", "1e999"])
def test_a_wait_that_cannot_be_is_none(value: str) -> None:
    assert extract_retry_after_header({"retry-after": value}) is None


def test_the_servers_wish_goes_before_the_table() -> None:
    assert 1.0 <= get_enhanced_backoff_delay(9, {"retry-after": "1"}) <= 1.1
    assert 4.0 <= get_enhanced_backoff_delay(2) <= 4.4
    assert get_enhanced_backoff_delay(99, longest=60.0) <= 66.0


def test_what_is_worth_another_attempt(client: Any, fake: FakeOpenAI) -> None:
    def error(reply: Reply) -> Exception:
        fake.next(reply)
        with pytest.raises(openai.APIError) as caught:
            client.with_options(max_retries=0).chat.completions.create(**HELLO)
        return caught.value

    from fake_openai import quota_exhausted

    assert should_retry_error(error(rate_limited()))
    assert should_retry_error(error(failure(503)))
    assert not should_retry_error(error(quota_exhausted()))
    assert not should_retry_error(error(failure(400)))
    assert not should_retry_error(ValueError())


def test_the_monitor_reads_what_passes(client: Any, fake: FakeOpenAI) -> None:
    fake.headers = {name.lower(): value for name, value in GOOD.items()}
    client.chat.completions.create(**HELLO)
    assert client.quota.status.remaining_requests == 40
    assert client.quota.metrics.tokens == 0.9
    assert client.quota.monitor.should_pause()


def test_the_monitor_survives_a_restart(tmp_path: Any, make_tracker: Make, make_client: Make) -> None:
    from openai_runtime import OpenAIQuotaTracker, QuotaConfig

    config = QuotaConfig(mode="enforce", limits=Limits(daily_requests=10), database=str(tmp_path / "u.sqlite3"))
    for expected in (0.3, 0.6):
        tracker = OpenAIQuotaTracker.create(config=config)
        client = make_client(tracker)
        for _ in range(3):
            client.models.list()
        tracker.flush()
        assert tracker.metrics.daily_requests == pytest.approx(expected)
        tracker.runtime.close()


def enforcing(make_tracker: Make, **settings: Any) -> Any:
    return make_tracker(mode="enforce", **settings)


def test_a_rate_limit_pauses_all_callers_of_the_host(make_tracker: Make, make_client: Make, fake: FakeOpenAI) -> None:
    tracker = enforcing(make_tracker)
    first, second = make_client(tracker, max_retries=0), make_client(tracker, max_retries=0)
    fake.next(rate_limited("0.4"))
    with pytest.raises(openai.RateLimitError):
        first.chat.completions.create(**HELLO)
    second.embeddings.create(model="text-embedding-3-small", input="x")
    times = [logged.at for logged in fake.requests()]
    assert times[1] - times[0] >= 0.38


def test_a_pause_longer_than_a_call_may_wait_is_an_error(
    make_tracker: Make, make_client: Make, fake: FakeOpenAI
) -> None:
    client = make_client(enforcing(make_tracker, max_wait=0.5), max_retries=0)
    fake.next(rate_limited("100"))
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(**HELLO)
    with pytest.raises(QuotaPausedError) as caught:
        client.chat.completions.create(**HELLO)
    assert 90 < caught.value.resume_at - time.time() <= 101
    assert len(fake.requests()) == 1
    client.quota.resume(f"127.0.0.1:{fake.port}")
    client.chat.completions.create(**HELLO)


def test_a_used_up_limit_pauses_its_model_only(make_tracker: Make, make_client: Make, fake: FakeOpenAI) -> None:
    client = make_client(enforcing(make_tracker, max_wait=0.1))
    used = {
        "x-ratelimit-limit-requests": "10",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "60s",
    }
    fake.next(Reply(json={"id": "1", "object": "chat.completion", "choices": [], "model": "gpt-4o-mini"}, headers=used))
    client.chat.completions.create(**HELLO)
    with pytest.raises(QuotaPausedError):
        client.chat.completions.create(**HELLO)
    client.embeddings.create(model="text-embedding-3-small", input="x")


def test_pauses_reach_other_processes(tmp_path: Any) -> None:
    path = str(tmp_path / "u.sqlite3")
    here, there = SqliteBudget(path), SqliteBudget(path)
    one, other = Gate(here.pause, here.paused_until), Gate(there.pause, there.paused_until)
    one.pause("host", 60.0, "429")
    assert other.wait("host") > 55.0
    assert other.wait("elsewhere") == 0.0


def test_after_a_pause_callers_go_one_by_one() -> None:
    now = [100.0]
    budget = MemoryBudget()
    gate = Gate(budget.pause, budget.paused_until, clock=lambda: now[0])
    gate.pause("host", 10.0, "429")
    waits = [gate.wait("host") for _ in range(5)]
    assert waits[0] >= 10.0
    assert all(later > earlier for earlier, later in zip(waits, waits[1:]))


def test_a_gate_means_fewer_rate_limits(make_tracker: Make, make_client: Make, fake: FakeOpenAI) -> None:
    """Twelve callers of a server that serves five calls in a window of 0.4 s: with and without the gate."""
    counts: Dict[str, int] = {}
    for mode in ("observe", "enforce"):
        fake.clear()
        window: List[float] = []
        lock = threading.Lock()

        def limited(_: Logged, window: List[float] = window, lock: Any = lock) -> Any:
            with lock:
                now = time.time()
                window[:] = [at for at in window if now - at < 0.4]
                if len(window) >= 5:
                    return rate_limited("0.4")
                window.append(now)
                return None

        fake.rule("chat", limited)
        client = make_client(make_tracker(mode=mode), max_retries=20)
        threads = [
            threading.Thread(target=lambda: [client.chat.completions.create(**HELLO) for _ in range(2)])
            for _ in range(12)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts[mode] = sum(logged.status == 429 for logged in fake.requests())
    print(f"\n429s without the gate {counts['observe']}, with it {counts['enforce']}")
    assert counts["enforce"] < counts["observe"]


def test_the_breaker_opens_probes_once_and_closes() -> None:
    now = [0.0]
    breaker = CircuitBreaker(failures=2, seconds=10, clock=lambda: now[0])
    key = ("host", "model")
    breaker.failed(key)
    assert breaker.allow(key) is None
    breaker.failed(key)
    assert breaker.allow(key) == 10.0
    now[0] = 11.0
    assert breaker.allow(key) is None
    assert breaker.allow(key) is not None
    breaker.failed(key)
    assert breaker.allow(key) == 10.0
    now[0] = 22.0
    assert breaker.allow(key) is None
    breaker.succeeded(key)
    assert breaker.allow(key) is None
    assert not breaker.is_open(key)


def test_an_open_circuit_is_a_connection_error(make_tracker: Make, make_client: Make, fake: FakeOpenAI) -> None:
    client = make_client(enforcing(make_tracker, breaker_failures=2), max_retries=0)
    fake.next(failure(500), failure(502), path="chat")
    for _ in range(2):
        with pytest.raises(openai.InternalServerError):
            client.chat.completions.create(**HELLO)
    with pytest.raises(CircuitOpenError) as caught:
        client.chat.completions.create(**HELLO)
    assert isinstance(caught.value, openai.APIConnectionError)
    client.chat.completions.create(**{**HELLO, "model": "gpt-4o"})
    assert len(fake.requests()) == 3


def test_the_probe_of_a_circuit_may_have_to_wait(make_tracker: Make, make_client: Make, fake: FakeOpenAI) -> None:
    tracker = make_tracker(mode="enforce", breaker_failures=1, breaker_seconds=0.0)
    client = make_client(tracker, max_retries=0)
    fake.next(Reply(500, {"error": {"message": "down"}}))
    with pytest.raises(openai.InternalServerError):
        client.models.list()
    tracker.pause(client.base_url.netloc.decode(), 0.05)
    client.models.list()


def test_a_callers_own_errors_open_nothing(make_tracker: Make, make_client: Make, fake: FakeOpenAI) -> None:
    client = make_client(enforcing(make_tracker, breaker_failures=1), max_retries=0)
    fake.next(failure(400), failure(404))
    for _ in range(2):
        with pytest.raises(openai.APIStatusError):
            client.chat.completions.create(**HELLO)
    client.chat.completions.create(**HELLO)


def test_alerts_come_once_and_again_after_a_fall() -> None:
    alerts = Alerts((0.6, 0.8, 0.95))
    got: List[float] = []
    alerts.on(lambda alert: got.append(alert["threshold"]))
    for used in (0.5, 0.61, 0.7, 0.59, 0.62, 0.96, 0.97, 0.5, 0.65):
        alerts.usage("daily_cost", used)
    assert got == [0.6, 0.8, 0.95, 0.6]
    alerts.usage("daily_cost", 0.7, "another day")
    alerts.usage("daily_cost", 0.7, "another day")
    assert got[4:] == [0.6]


def test_each_budget_alerts_once_at_each_threshold(make_tracker: Make, make_client: Make) -> None:
    limits = {"ws": Limits(daily_requests=10), "other": Limits(daily_requests=1)}
    tracker = make_tracker(mode="enforce", limits=Limits(hourly_requests=20), workspace_limits=limits)
    got: List[Any] = []
    tracker.on_alert(lambda alert: got.append((alert["name"], alert.get("workspace"), alert.get("threshold"))))
    client = make_client(tracker)
    for _ in range(10):
        client.models.list()
    tracker.flush()
    with pytest.raises(QuotaExceededError):
        client.models.list()
    tracker.flush()
    thresholds = [alert for alert in got if alert[2]]
    assert thresholds == [("daily_requests", "ws", part) for part in (0.6, 0.8, 0.95)]


def test_an_alert_is_posted_before_the_end_unless_the_server_hangs() -> None:
    posted, alerts = [], Alerts((0.5,), "http://127.0.0.1:9")
    alerts._post = lambda alert: posted.append(alert["name"])  # type: ignore[method-assign]
    alerts.usage("x", 0.9)
    alerts.close()
    assert posted == ["x"]
    hangs = threading.Event()
    alerts._post = lambda _: hangs.wait(10)  # type: ignore[method-assign]
    alerts.usage("y", 0.9)
    alerts.close(0.01)
    assert not hangs.is_set()
    hangs.set()


@pytest.mark.parametrize("error", [ZeroDivisionError, SystemExit])
def test_a_callback_that_fails_harms_nobody(error: Any) -> None:
    alerts = Alerts((0.5,))
    got: List[Any] = []

    def fail(_: Any) -> None:
        raise error

    alerts.on(fail)
    alerts.on(got.append)
    alerts.usage("x", 0.9)
    assert len(got) == 1


def test_alerts_are_posted() -> None:
    received: List[Any] = []
    arrived = threading.Event()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()
            arrived.set()

        def log_message(self, *_: Any) -> None:
            pass

    hook = TCPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, args=(0.02,), daemon=True).start()
    Alerts((0.5,), f"http://127.0.0.1:{hook.server_address[1]}/").usage("daily_cost", 0.7)
    assert arrived.wait(5)
    hook.shutdown()
    hook.server_close()
    assert (received[0]["kind"], received[0]["name"]) == ("threshold", "daily_cost")


def test_the_rate_of_use_tells_when_a_limit_is_reached() -> None:
    rate = BurnRate(half_life=100.0)
    assert rate.seconds_left(10.0) is None
    for second in range(600):
        rate.add(2.0, float(second))
    assert rate.per_second() == pytest.approx(2.0, rel=0.05)
    assert rate.seconds_left(100.0) == pytest.approx(50.0, rel=0.05)


def test_logs_are_json() -> None:
    record = logging.LogRecord("openai_runtime", logging.WARNING, "f", 1, "paused", None, None)
    record.quota = {"host": "h", "seconds": 1.5}
    line = json.loads(JsonFormatter().format(record))
    assert (line["event"], line["host"], line["level"]) == ("paused", "h", "warning")


def test_concurrency_grows_slowly_and_falls_fast() -> None:
    now = [0.0]
    manager = AdaptiveConcurrencyManager(1, 16, start=8, clock=lambda: now[0])

    class Limited(Exception):
        status_code = 429

    for _ in range(3):
        manager.acquire()
    for _ in range(3):
        manager.release(Limited())
    assert manager.limit == 4
    for _ in range(20):
        manager.acquire()
        manager.release()
    assert 6 <= manager.limit <= 8
    before = manager.limit
    for _ in range(20):
        manager.acquire()
        manager.release(used=0.95)
    assert manager.limit == before


def test_bulk_work_is_tried_again_and_the_rest_put_aside(make_client: Make, tracker: Any, fake: FakeOpenAI) -> None:
    client = make_client(tracker, max_retries=0)
    tried: Dict[str, int] = {}

    def unwilling(logged: Logged) -> Any:
        text = logged.json()["input"]
        tried[text] = tried.get(text, 0) + 1
        if text == "bad":
            return failure(400)
        return rate_limited("0.01") if text == "slow" and tried[text] < 3 else None

    fake.rule("embeddings", unwilling)
    dead: List[Any] = []
    with QuotaExecutor(
        4, retries=3, dead_letter=lambda item, error: dead.append((item, type(error).__name__))
    ) as executor:
        call = lambda text: client.embeddings.create(model="text-embedding-3-small", input=text)  # noqa: E731
        outcomes = list(executor.map(call, ["a", "slow", "bad", "b"]))
    assert [outcome.item for outcome in outcomes] == ["a", "slow", "bad", "b"]
    assert [outcome.attempts for outcome in outcomes] == [1, 3, 1, 1]
    assert dead == [("bad", "BadRequestError")]


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
def test_every_item_has_an_outcome_whatever_it_raises(error: Any) -> None:
    finished: List[Any] = []
    done = threading.Event()

    def call(item: int) -> int:
        if item == 1:
            raise error
        return item

    def fail(_: Any) -> None:
        raise ValueError

    with QuotaExecutor(1, retries=0) as executor:
        executor.submit(call, 0, done=fail)
        executor.submit(call, 1, done=finished.append)
        executor.submit(call, 2, done=lambda outcome: (finished.append(outcome), done.set()))
        assert done.wait(10)
    assert [type(outcome.error) for outcome in finished] == [error, type(None)]


def test_urgent_work_goes_first_and_none_starves() -> None:
    order: List[int] = []
    started, go = threading.Event(), threading.Event()
    with QuotaExecutor(1, aging=0.05) as executor:
        executor.submit(lambda _: (started.set(), go.wait()), None, done=lambda _: None)
        started.wait()
        executor.submit(order.append, 9, priority=9, done=lambda _: None)
        executor.submit(order.append, 1, priority=1, done=lambda _: None)
        go.set()
    assert order == [1, 9]


def test_a_monitor_that_says_pause_holds_low_work() -> None:
    monitor = QuotaMonitor()
    monitor.update({"x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "1"})
    done: List[int] = []
    executor = QuotaExecutor(2, monitor=monitor)
    executor.submit(done.append, 1, priority=20, done=lambda _: None)
    urgent = threading.Event()
    executor.submit(lambda _: urgent.set(), 2, priority=1, done=lambda _: None)
    assert urgent.wait(5)
    assert done == []
    monitor.update({"x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "9"})
    executor.close()
    assert done == [1]


def test_async_callers_wait_without_holding_the_loop(
    make_tracker: Make, make_async_client: Make, fake: FakeOpenAI
) -> None:
    tracker = enforcing(make_tracker)
    ticks: List[float] = []

    async def tick() -> None:
        while True:
            ticks.append(time.perf_counter())
            await asyncio.sleep(0.02)

    async def run() -> None:
        async with make_async_client(tracker) as client:
            tracker.pause(f"127.0.0.1:{fake.port}", 0.5)
            ticking = asyncio.ensure_future(tick())
            await client.chat.completions.create(**HELLO)
            ticking.cancel()

    asyncio.run(run())
    assert len(ticks) >= 10
