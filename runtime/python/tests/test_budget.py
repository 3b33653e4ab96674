"""Budgets: no call more than allowed, however many ask at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, List

import openai
import pytest

from conftest import HELLO
from fake_openai import FakeOpenAI
from openai_runtime import (
    Claim,
    Limits,
    MemoryBudget,
    MemorySink,
    OpenAIQuotaTracker,
    QuotaConfig,
    QuotaExceededError,
    Refusal,
    Reservation,
    SqliteBudget,
    _runtime,
    get_async_openai_client,
    get_openai_client,
)
from openai_runtime._away import PAUSE, Away, StoreAway
from openai_runtime._budget import windows
from openai_runtime._config import dollars
from openai_runtime._runtime import open_budget

Make = Callable[..., Any]
WORKER = str(Path(__file__).with_name("worker.py"))
WINDOW = "cost:day:2026-01-01"
CALL = 5550


def claim(amount: int, limit: int = 100, least: Any = None) -> Claim:
    return Claim("all", WINDOW, limit, amount, "budget_exceeded", least)


def test_a_claim_that_does_not_fit_is_refused(make_budget: Make) -> None:
    budget = make_budget()
    first = budget.reserve("a", [claim(60)], 1.0)
    assert isinstance(first, Reservation)
    refused = budget.reserve("b", [claim(60)], 1.0)
    assert isinstance(refused, Refusal)
    assert (refused.spent, refused.reserved, refused.may_pass) == (0, 60, True)
    budget.settle(first, {("all", WINDOW): 10})
    assert budget.spent("all", WINDOW) == (10, 0)
    assert isinstance(budget.reserve("b", [claim(60)], 1.0), Reservation)


def test_all_claims_are_taken_or_none(make_budget: Make) -> None:
    budget = make_budget()
    other = Claim("all", "requests:day:2026-01-01", 0, 1, "daily_limit")
    assert isinstance(budget.reserve("a", [claim(60), other], 1.0), Refusal)
    assert budget.spent("all", WINDOW) == (0, 0)


def test_a_call_without_bound_gets_what_is_left_if_it_is_alone(make_budget: Make) -> None:
    budget = make_budget()
    first = budget.reserve("a", [claim(1000, least=10)], 1.0)
    assert isinstance(first, Reservation)
    assert first.claims[0].amount == 100
    assert isinstance(budget.reserve("b", [claim(1000, least=10)], 1.0), Refusal)
    budget.settle(first, {("all", WINDOW): 95})
    assert isinstance(budget.reserve("c", [claim(1000, least=10)], 1.0), Refusal)
    assert isinstance(budget.reserve("d", [claim(1000, least=5)], 1.0), Reservation)


def test_settling_twice_counts_once(make_budget: Make) -> None:
    budget = make_budget()
    first = budget.reserve("a", [claim(60)], 1.0)
    budget.settle(first, {("all", WINDOW): 10})
    budget.settle(first, {("all", WINDOW): 10})
    assert budget.spent("all", WINDOW) == (10, 0)


def test_the_largest_cost_is_remembered(make_budget: Make) -> None:
    budget = make_budget()
    assert budget.largest("m") == 0
    assert [budget.largest("m", amount) for amount in (5, 3, 8)] == [5, 5, 8]
    assert make_budget().largest("m") == 8


def test_pauses_are_shared(make_budget: Make) -> None:
    until = time.time() + 100
    make_budget().pause("host", until)
    assert make_budget().paused_until("host") == pytest.approx(until)
    make_budget().pause("host", 0.0)
    assert make_budget().paused_until("host") < time.time()


def test_what_a_dead_process_reserved_is_spent(tmp_path: Path) -> None:
    path = str(tmp_path / "usage.sqlite3")
    code = (
        "from openai_runtime import *\n"
        f"SqliteBudget({path!r}).reserve('a', [Claim('all', {WINDOW!r}, 100, 60, 'budget_exceeded')], 1.0)"
    )
    source = str(Path(WORKER).parent.parent / "src")
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": source}, check=True)
    budget = SqliteBudget(path)
    assert budget.spent("all", WINDOW) == (0, 60)
    assert budget.expire(2.0) == 1
    assert budget.spent("all", WINDOW) == (60, 0)


@pytest.mark.parametrize("bound", ["7", "none"], ids=["bounded", "unbounded"])
def test_four_processes_with_eight_threads_do_not_overspend(
    fake: FakeOpenAI, store: str, tmp_path: Path, bound: str
) -> None:
    if store == "memory:":
        pytest.skip("one process only")
    if bound == "none" and not store.endswith("sqlite3"):
        pytest.skip("the same as with a bound")
    if "://" in store and not os.environ.get("RUNTIME_TEST_FULL"):
        pytest.skip("RUNTIME_TEST_FULL is not set")
    limit = 60 * CALL + 100
    environment = {
        **os.environ,
        "QUOTA_DB": str(tmp_path / "rows.sqlite3"),
        "QUOTA_BUDGET_URL": store,
        "DAILY_COST_LIMIT_OPENAI": f"{limit / 1e9:.9f}",
    }
    command = [sys.executable, WORKER, "spend", fake.url, "8", "40", bound]
    processes = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(4)]
    served = sum(int(process.communicate(timeout=100)[0].split()[0]) for process in processes)
    budget = open_budget(QuotaConfig(budget_url=store), MemorySink())
    _, day = windows(time.time(), __import__("datetime").timezone.utc)
    spent, reserved = budget.spent("all", f"cost:day:{day}")
    budget.close()
    print(f"\n{store.split(':')[0][-12:]} {bound}: served {served}, spent {spent} of {limit}, reserved {reserved}")
    assert len(fake.requests()) == served
    assert spent == served * CALL
    assert spent <= limit
    # With a bound the worst case must fit, so a little may be left over; without one, calls go singly to the end.
    assert served == 60 if bound == "none" else served >= 55


def enforcing(**limits: Any) -> QuotaConfig:
    return QuotaConfig(mode="enforce", limits=Limits(**limits), max_wait=5.0)


@pytest.fixture
def limited(fake: FakeOpenAI, sink: MemorySink) -> Any:
    """Makes clients under limits, with a budget in memory."""
    from openai_runtime import OpenAIQuotaTracker, get_openai_client

    made: List[Any] = []

    def make(config: QuotaConfig, workspace: str = "ws") -> Any:
        tracker = OpenAIQuotaTracker.create(config=config, sink=sink, budget=MemoryBudget())
        made.append(tracker)
        return get_openai_client(workspace, tracker=tracker, api_key="k", base_url=fake.url)

    yield make
    for tracker in made:
        tracker.runtime.close()


def test_a_refused_call_is_an_error_of_the_sdk(limited: Any, fake: FakeOpenAI, sink: MemorySink) -> None:
    client = limited(enforcing(hourly_requests=2))
    for _ in range(2):
        client.chat.completions.create(**HELLO)
    with pytest.raises(QuotaExceededError) as caught:
        client.chat.completions.create(**HELLO)
    assert isinstance(caught.value, openai.RateLimitError)
    assert caught.value.code == "hourly_limit"
    assert time.time() < caught.value.resume_at <= time.time() + 3600
    assert len(fake.requests()) == 2
    client.quota.flush()
    assert [event.error for event in sink.events] == [None, None, "refused:hourly_limit"]


def test_async_calls_are_refused_alike(fake: FakeOpenAI, sink: MemorySink) -> None:
    from openai_runtime import OpenAIQuotaTracker, get_async_openai_client

    tracker = OpenAIQuotaTracker.create(config=enforcing(daily_requests=1), sink=sink, budget=MemoryBudget())

    async def run() -> None:
        async with get_async_openai_client(tracker=tracker, api_key="k", base_url=fake.url) as client:
            outcomes = await asyncio.gather(
                *(client.chat.completions.create(**HELLO) for _ in range(4)), return_exceptions=True
            )
            assert sum(isinstance(outcome, QuotaExceededError) for outcome in outcomes) == 3

    asyncio.run(run())
    tracker.runtime.close()


def test_a_money_limit_is_used_up_and_not_passed(limited: Any, fake: FakeOpenAI) -> None:
    client = limited(enforcing(daily_cost_nano=10 * CALL))
    for _ in range(10):
        client.chat.completions.create(**HELLO)
    with pytest.raises(QuotaExceededError) as caught:
        client.chat.completions.create(**HELLO)
    assert caught.value.code == "budget_exceeded"
    assert len(fake.requests()) == 10


@pytest.mark.parametrize("call", ["generate", "edit"])
def test_images_are_reserved_by_the_piece(limited: Any, fake: FakeOpenAI, call: str) -> None:
    client = limited(enforcing(daily_cost_nano=dollars("0.1")))
    asked = {"model": "dall-e-2", "n": 6, "prompt": "a cat", **({"image": b"png"} if call == "edit" else {})}
    with pytest.raises(QuotaExceededError):
        getattr(client.images, call)(**asked)
    assert fake.requests() == []


def test_a_call_too_dear_for_what_is_left_is_not_sent(limited: Any, fake: FakeOpenAI) -> None:
    client = limited(enforcing(daily_cost_nano=dollars("0.001")))
    with pytest.raises(QuotaExceededError):
        client.chat.completions.create(**HELLO, max_tokens=10_000)
    assert fake.requests() == []


def test_workspaces_have_limits_of_their_own(limited: Any) -> None:
    config = QuotaConfig(mode="enforce", workspace_limits={"small": Limits(daily_requests=0)})
    with pytest.raises(QuotaExceededError):
        limited(config, "small").models.list()
    limited(config, "large").models.list()


def test_observing_counts_but_refuses_nothing(limited: Any) -> None:
    client = limited(QuotaConfig(mode="observe", limits=Limits(daily_requests=1)))
    for _ in range(3):
        client.models.list()
    client.quota.flush()
    assert client.quota.metrics.daily_requests == 3.0


def test_a_cheaper_model_is_taken_where_the_settings_name_one(limited: Any, fake: FakeOpenAI, sink: MemorySink) -> None:
    config = QuotaConfig(
        mode="enforce", limits=Limits(daily_cost_nano=200_000), fallback_models={"gpt-4o": "gpt-4o-mini"}, max_wait=0.5
    )
    client = limited(config)
    raw = client.chat.completions.with_raw_response.create(**{**HELLO, "model": "gpt-4o"}, max_tokens=100)
    assert raw.headers["x-openai-runtime-fallback-model"] == "gpt-4o-mini"
    assert fake.requests()[0].json()["model"] == "gpt-4o-mini"
    client.quota.flush()
    assert sink.events[0].ctx == {"fallback_from": "gpt-4o"}


def test_limits_in_the_environment_are_enforced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert QuotaConfig.from_env({}).mode == "observe"
    config = QuotaConfig.from_env({"DAILY_COST_LIMIT_OPENAI": "12.50", "HOURLY_RATE_LIMIT_OPENAI": "100"})
    assert (config.mode, config.limits.daily_cost_nano, config.limits.hourly_requests) == (
        "enforce",
        12_500_000_000,
        100,
    )
    assert QuotaConfig.from_env({"DAILY_COST_LIMIT_OPENAI": "1", "QUOTA_MODE": "observe"}).mode == "observe"
    assert QuotaConfig.from_env({"COST_TRACKING_ENABLED": "false"}).mode == "off"


def test_threads_of_one_process_wait_for_each_other(limited: Any, fake: FakeOpenAI) -> None:
    client = limited(enforcing(daily_cost_nano=20 * CALL))
    outcomes: List[bool] = []

    def one() -> None:
        try:
            client.chat.completions.create(**HELLO)
            outcomes.append(True)
        except QuotaExceededError:
            outcomes.append(False)

    threads = [threading.Thread(target=one) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count(True), len(fake.requests())) == (20, 20)


def test_a_store_that_is_away_is_left_alone_for_a_moment() -> None:
    now, asked = [0.0], []
    away = Away(lambda: now[0])

    def ask(answers: bool) -> None:
        with away.watched():
            asked.append(now[0])
            if not answers:
                raise OSError("away")

    for at, answers, error in ((0.0, True, None), (1.0, False, OSError), (1.1, True, StoreAway)):
        now[0] = at
        with pytest.raises(error) if error else contextlib.nullcontext():
            ask(answers)
    # One caller asks again; the others do not wait with it.
    now[0] = 1.0 + PAUSE
    with away.watched(), pytest.raises(StoreAway):
        ask(True)
    ask(True)
    assert asked == [0.0, 1.0, 1.0 + PAUSE]


def test_what_waits_for_a_store_that_is_away_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_runtime, "MOST_IN_MEMORY", 2)
    runtime = OpenAIQuotaTracker.create(config=enforcing(daily_requests=100), sink=MemorySink()).runtime
    told: List[int] = []
    for number in range(4):
        runtime._tell(lambda number=number: told.append(number))
    assert runtime.tracking_failures.pop("budget_full") == 2
    runtime.settle_waiting()
    assert told == [0, 1]


def test_calls_pass_a_locked_store_and_are_counted_later(fake: FakeOpenAI, tmp_path: Path) -> None:
    database = str(tmp_path / "usage.sqlite3")
    config = enforcing(daily_requests=100)
    tracker = OpenAIQuotaTracker.create(config=config, sink=MemorySink(), budget=SqliteBudget(database, wait=0.05))
    client = get_openai_client(tracker=tracker, api_key="k", base_url=fake.url)
    client.models.list()
    lock = sqlite3.connect(database, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    for _ in range(3):
        client.models.list()
    assert tracker.runtime.tracking_failures["admit"] == 3
    lock.execute("ROLLBACK")
    lock.close()
    tracker.runtime.budget._away.reset()
    assert tracker.flush(10)
    assert client.quota.metrics.daily_requests == 0.04
    tracker.runtime.tracking_failures["expected"] = 1
    tracker.runtime.close()


class FlakyBudget(MemoryBudget):
    """A budget that forgets nothing, but fails every other time."""

    tried = 0

    def settle(self, reservation: Reservation, amounts: Any) -> None:
        self.tried += 1
        if self.tried % 2:
            raise OSError("away")
        super().settle(reservation, amounts)


def test_what_a_store_did_not_take_is_told_again(fake: FakeOpenAI) -> None:
    budget = FlakyBudget()
    config = enforcing(daily_cost_nano=10 * CALL)
    tracker = OpenAIQuotaTracker.create(config=config, sink=MemorySink(), budget=budget)
    client = get_openai_client(tracker=tracker, api_key="k", base_url=fake.url)
    for _ in range(3):
        client.chat.completions.create(**HELLO, max_tokens=7)
    for _ in range(8):
        tracker.flush()
    (spent,) = [value for (_, window), value in budget._windows.items() if window.startswith("cost:")]
    assert spent == [3 * CALL, 0]
    tracker.runtime.tracking_failures["expected"] = 1
    tracker.runtime.close()


class HeldBudget(MemoryBudget):
    """A budget whose writes last until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.released = threading.Event(), threading.Event()
        self.order: List[str] = []

    def settle(self, reservation: Reservation, amounts: Any) -> None:
        self.entered.set()
        self.released.wait(10)
        super().settle(reservation, amounts)
        self.order.append("settled")


class SlowToReserve(MemoryBudget):
    """A budget that grants only when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.released = threading.Event(), threading.Event()

    def reserve(self, uid: str, claims: Any, now: float) -> Any:
        self.entered.set()
        self.released.wait(10)
        return super().reserve(uid, claims, now)


def test_a_call_cancelled_while_it_is_admitted_keeps_nothing(fake: FakeOpenAI) -> None:
    budget = SlowToReserve()
    tracker = OpenAIQuotaTracker.create(config=enforcing(daily_requests=5), sink=MemorySink(), budget=budget)

    async def run() -> None:
        async with get_async_openai_client(tracker=tracker, api_key="k", base_url=fake.url) as client:
            call = asyncio.ensure_future(client.models.list())
            await asyncio.get_running_loop().run_in_executor(None, budget.entered.wait, 10)
            call.cancel()
            budget.released.set()
            with pytest.raises(asyncio.CancelledError):
                await call

    asyncio.run(run())
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and "anyio" in thread.name.lower():
            thread.join(10)
    tracker.flush()
    assert list(budget._windows.values()) == [[0, 0]]
    assert fake.requests() == []
    tracker.runtime.close()


@pytest.mark.parametrize("mode", ["observe", "enforce"])
def test_an_event_loop_does_not_wait_for_what_a_call_has_cost(fake: FakeOpenAI, mode: str) -> None:
    budget = HeldBudget()
    config = QuotaConfig(mode=mode, limits=Limits(daily_cost_nano=20 * CALL), database="memory:")
    tracker = OpenAIQuotaTracker.create(config=config, budget=budget)

    async def call() -> None:
        async with get_async_openai_client(tracker=tracker, api_key="k", base_url=fake.url) as client:
            await client.chat.completions.create(**HELLO)

    asyncio.run(call())
    assert budget.order == []
    budget.released.set()
    assert tracker.flush(10)
    (spent,) = [value for (_, window), value in budget._windows.items() if window.startswith("cost:")]
    assert spent == [CALL, 0]
    tracker.runtime.close()


def test_flush_waits_for_what_another_thread_is_settling() -> None:
    budget = HeldBudget()
    tracker = OpenAIQuotaTracker.create(config=QuotaConfig(database="memory:"), budget=budget)
    reservation = budget.reserve("a", [claim(60)], 1.0)
    assert isinstance(reservation, Reservation)
    tracker.runtime.settle(reservation, 10, sent=True)
    writer = threading.Thread(target=tracker.runtime.settle_waiting)
    writer.start()
    assert budget.entered.wait(10)
    reader = threading.Thread(target=lambda: (tracker.flush(), budget.order.append("flushed")))
    reader.start()
    reader.join(0.2)
    budget.released.set()
    writer.join(10)
    reader.join(10)
    assert budget.order == ["settled", "flushed"]
    assert budget.spent("all", WINDOW) == (10, 0)
    tracker.runtime.close()
