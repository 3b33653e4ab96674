"""The parts of tracking put together: one `Runtime` for a process, shared by all clients."""

from __future__ import annotations

import atexit
import collections
import dataclasses
import functools
import itertools
import os
import secrets
import threading
import time
import weakref
from pathlib import Path
from typing import Any, Callable, Deque, Dict, Iterator, List, Mapping, Optional, Set, Tuple, Union, cast

from . import _budget
from ._alerts import Alerts, BurnRate, soonest
from ._away import LONGEST
from ._breaker import CircuitBreaker
from ._config import Limits, QuotaConfig, zone
from ._context import Context, capped, in_event_loop
from ._dropped import Dropped
from ._gate import Gate
from ._limits import QuotaMonitor, calculate_usage_metrics
from ._log import note, warn
from ._memory import MemoryBudget, MemorySink
from ._prices import PriceTable
from ._sqlite import SqliteBudget, SqliteSink
from ._writer import MOST_IN_MEMORY, Writer, journal_folder
from .errors import UnknownModelPriceWarning
from .types import Budget, Claim, Refusal, Reservation, Sink, Usage, UsageEvent, storable

REMEMBERED = 50_000
EXPIRE_EVERY = 60.0
_ALL: weakref.WeakSet[Runtime] = weakref.WeakSet()


class Runtime:
    """Everything that calls share: settings, prices, storage, limits."""

    def __init__(
        self, config: Optional[QuotaConfig] = None, sink: Optional[Sink] = None, budget: Optional[Budget] = None
    ) -> None:
        self.config = config or QuotaConfig.from_env()
        self.prices = PriceTable.load(self.config.prices)
        self.zone = zone(self.config.timezone)
        self.sink: Sink = sink if sink is not None else open_sink(self.config)
        self.budget: Budget = budget if budget is not None else open_budget(self.config, self.sink)
        journals: Optional[Path] = None
        if not isinstance(self.sink, MemorySink):
            journals = journal_folder(getattr(self.sink, "path", None) or self.config.database)
        self.writer = Writer(self.sink, journals, self.config.durability == "power", self._stored)
        self.alerts = Alerts(self.config.alert_thresholds, self.config.alert_webhook)
        self.monitor = QuotaMonitor(self._budgets_used, self.config.pause_threshold)
        self.gate = Gate(self._share_pause, self._shared_pause)
        self.breaker = CircuitBreaker(self.config.breaker_failures, self.config.breaker_seconds)
        self.dropped = Dropped()
        self.no_injection: Set[str] = set()
        self.has_limits = bool(self.config.limits or self.config.workspace_limits)
        self.tracking_failures: Dict[str, int] = {}
        self._subscribers: List[Callable[[UsageEvent], None]] = []
        self._warned: Set[str] = set()
        self._largest: Dict[str, int] = {}
        self._reset()
        _ALL.add(self)
        self._at_exit = weakref.WeakMethod(self.close)
        atexit.register(_close_at_exit, self._at_exit)

    def _reset(self) -> None:
        self._prefix = f"{os.getpid():x}-{secrets.token_hex(6)}-"
        self._numbers = itertools.count(1)
        self._counted: collections.OrderedDict[str, None] = collections.OrderedDict()
        self._counted_lock = threading.Lock()
        # What is still to be told to the budgets, in its order.
        self._untold: Deque[Callable[[], Any]] = collections.deque()
        self._contexts: Deque[Context] = collections.deque()
        self._contexts_lock = threading.RLock()
        self._settling = threading.RLock()
        self._settled = 0
        self._recent: Deque[UsageEvent] = collections.deque(maxlen=500)
        self._rates = {"cost": BurnRate(), "requests": BurnRate()}
        self._seen = 0
        self._expired_at = 0.0
        self._pausable_until = 0.0

    def forked(self) -> None:
        """Makes a forked child start over with what must not be shared with its parent."""
        self.writer.forked()
        for part in (self.budget,):
            forked = getattr(part, "forked", None)
            if forked is not None:
                forked()
        self.dropped.reset()
        self.gate.reset()
        self.breaker.reset()
        self.alerts.reset()
        self.monitor._lock = threading.Lock()
        self._reset()

    def uid(self) -> str:
        """Returns a name for a row that no other process gives."""
        return f"{self._prefix}{next(self._numbers):x}"

    def owns(self, event: UsageEvent) -> bool:
        """Returns whether a row is this process's; a forked child has its parent's streams too, and leaves them."""
        return event.uid.startswith(self._prefix)

    def failed(self, where: str) -> None:
        """Counts a failure of tracking itself; no call ever sees it."""
        self.tracking_failures[where] = self.tracking_failures.get(where, 0) + 1
        note("tracking_failed", 10, where=where, exc_info=True)

    # Money and counts

    def reserve(self, event: UsageEvent, provider: str, body: bytes, now: float) -> Union[Reservation, Refusal, None]:
        """Takes what a call may need from the budgets that hold for it; `None` where none does."""
        config = self.config
        if not self._limited(event.workspace):
            return None
        most, bounded = 0, True
        if event.method.endswith(("create", "compact", "generate", "edit", "create_variation")):
            known, bounded = _budget.most_cost(self.prices, provider, event.model, body, event.endpoint)
            most = known or 0
        least = None
        if not bounded and event.model:
            least = self._largest_cost(f"{provider}:{event.model}")
        claims = _budget.claims(config, self.zone, event.workspace, most, now, least)
        before = self._settled
        result = self.budget.reserve(event.uid, claims, now)
        if isinstance(result, Refusal):
            self.settle_waiting()
            if self._settled != before:
                result = self.budget.reserve(event.uid, claims, now)
        return result

    def _limited(self, workspace: Optional[str]) -> bool:
        return bool(self.config.limits or (workspace and self.config.workspace_limits.get(workspace)))

    def _largest_cost(self, name: str) -> int:
        """Returns the most that a call of a model has cost so far, in any process; one where nothing is known."""
        self._largest[name] = max(self._largest.get(name, 0), self.budget.largest(name))
        return max(self._largest[name], 1)

    def _note_largest(self, name: str, cost_nano: int) -> None:
        if cost_nano > self._largest.get(name, 0):
            self._largest[name] = cost_nano
            self._tell(functools.partial(self.budget.largest, name, cost_nano))

    def settle(self, reservation: Reservation, cost_nano: int, sent: bool) -> None:
        """Notes what a call really took. It is written soon, or at once where others wait for it."""
        amounts = _budget.settled(reservation.claims, cost_nano, sent)
        self._tell(functools.partial(self.budget.settle, reservation, amounts))
        # An event loop never waits for the store: there the writer's thread does it.
        if any(claim.least is not None for claim in reservation.claims) and not in_event_loop():
            self.settle_waiting()

    def _tell(self, call: Callable[[], Any]) -> None:
        """Notes what a budget is to be told. While its store is away, no more is kept than of rows."""
        if len(self._untold) >= MOST_IN_MEMORY:
            self.failed("budget_full")
        else:
            self._untold.append(call)

    def settle_waiting(self) -> None:
        """Tells the budgets what was noted; nothing is on its way elsewhere when it returns.

        What the store does not take is told again by the next.
        """
        with self._settling:
            while self._untold:
                self._untold[0]()
                self._untold.popleft()
                self._settled += 1

    def price(self, event: UsageEvent, usage: Usage, provider: str) -> None:
        """Puts usage and its cost into a row. An unknown price leaves the cost empty, and says so once."""
        event.input, event.cached, event.output = usage.input, usage.cached, usage.output
        event.reasoning, event.audio, event.images = usage.reasoning, usage.audio, usage.images
        event.seconds, event.chars = usage.seconds, usage.chars
        nano = self.prices.nano(event.model, usage, event.tier, event.ts, provider)
        if nano is not None:
            event.cost_nano, event.price_version = nano, self.prices.version
            if self.config.mode == "enforce":
                self._note_largest(f"{provider}:{event.model}", nano)
            return
        name = f"{provider}:{event.model}:{event.tier or 'default'}"
        if event.model and name not in self._warned:
            self._warned.add(name)
            warn(f"no price is known for {name}; it is counted without cost", UnknownModelPriceWarning)
            self.alerts.once("unknown_price", name)

    def counted_before(self, object_id: str, add: bool) -> bool:
        """Returns whether this process has seen the usage of an object, and remembers it."""
        with self._counted_lock:
            known = object_id in self._counted
            if add and not known:
                self._counted[object_id] = None
                if len(self._counted) > REMEMBERED:
                    self._counted.popitem(last=False)
            return known

    def put(self, event: UsageEvent, context: Optional[Context]) -> None:
        """Takes a finished row."""
        if context is not None:
            context.count((event.input or 0) + (event.output or 0), event.cost_nano)
        self.writer.put(event)

    # What the writer's thread does with stored rows

    def _stored(self, events: List[UsageEvent]) -> bool:
        self._try("budget", self.settle_waiting)
        self._try("contexts", self.store_contexts)
        self._seen_by_others(events)
        self._try("alerts", lambda: self._check_alerts({event.workspace for event in events}))
        expire, now = getattr(self.budget, "expire", None), time.time()
        if expire is not None and self.config.mode == "enforce" and now - self._expired_at > EXPIRE_EVERY:
            self._expired_at = now
            self._try("budget", lambda: expire(now))
        return bool(self._untold or self._contexts)

    def _try(self, name: str, part: Callable[[], Any]) -> None:
        try:
            part()
        except Exception:
            self.failed(name)

    def _seen_by_others(self, events: List[UsageEvent]) -> None:
        for event in events:
            self._recent.append(event)
            self._rates["requests"].add(1, event.ts)
            self._rates["cost"].add(event.cost_nano or 0, event.ts)
            for subscriber in list(self._subscribers):
                try:
                    subscriber(event)
                except (Exception, SystemExit):
                    self.failed("subscriber")
        self._seen += len(events)
        interval = self.config.log_interval
        if interval and self._seen // interval != (self._seen - len(events)) // interval:
            self.monitor.log()

    def _check_alerts(self, workspaces: Set[Optional[str]]) -> None:
        status = calculate_usage_metrics(self.monitor.status())
        for name, part in (("requests", status.requests), ("tokens", status.tokens)):
            if part is not None:
                self.alerts.usage(name, part)
        for name, window, used, limit in self._used("all", self.config.limits):
            self.alerts.usage(name, _part(used, limit), window)
        for workspace, limits in self.config.workspace_limits.items():
            if workspace not in workspaces:
                continue
            for name, window, used, limit in self._used(f"workspace:{workspace}", limits):
                self.alerts.usage(name, _part(used, limit), window, workspace=workspace)
        first = soonest(self._left())
        if first is not None and first[1] < self.config.alert_horizon:
            self.alerts.once("burn_rate", first[0], seconds_left=round(first[1]))

    def _left(self) -> Dict[str, Tuple[BurnRate, float]]:
        used = self._budgets_used()
        out: Dict[str, Tuple[BurnRate, float]] = {}
        for name, (spent, limit) in used.items():
            rate = self._rates["cost" if name == "daily_cost" else "requests"]
            out[name] = (rate, float(max(limit - spent, 0)))
        return out

    def time_to_limit(self) -> Optional[Tuple[str, float]]:
        """Returns the budget that is used up first at the present rate, and in how many seconds."""
        return soonest(self._left())

    def _budgets_used(self) -> Dict[str, Tuple[int, int]]:
        return {name: (used, limit) for name, _, used, limit in self._used("all", self.config.limits)}

    def _used(self, scope: str, limits: Limits) -> Iterator[Tuple[str, str, int, int]]:
        hour, day = _budget.windows(time.time(), self.zone)
        for name, window, limit in (
            ("hourly_requests", f"requests:hour:{hour}", limits.hourly_requests),
            ("daily_requests", f"requests:day:{day}", limits.daily_requests),
            ("daily_cost", f"cost:day:{day}", limits.daily_cost_nano),
        ):
            if limit is not None:
                try:
                    spent, reserved = self.budget.spent(scope, window)
                except Exception:
                    self.failed("budget")
                    continue
                yield name, window, spent + reserved, limit

    def observe_spending(self, event: UsageEvent) -> None:
        """Counts a call in the budgets that reserved nothing: none is enforced, or the store was away."""
        if self._limited(event.workspace):
            self._tell(functools.partial(self._observe, event))

    def _observe(self, event: UsageEvent) -> None:
        granted = _budget.claims(self.config, self.zone, event.workspace, 0, event.ts)
        unlimited = [dataclasses.replace(claim, limit=2**62, amount=0) for claim in granted]
        reservation = self.budget.reserve(event.uid, unlimited, event.ts)
        if isinstance(reservation, Reservation):
            self.budget.settle(reservation, _budget.settled(granted, event.cost_nano or 0, True))

    def window_end(self, claim: Claim) -> float:
        """Returns when the window of a claim ends."""
        return _budget.window_end(claim.window, self.zone)

    # Pauses that other processes see

    def _share_pause(self, host: str, until: float) -> None:
        try:
            self.budget.pause(host, until)
        except Exception:
            self.failed("pause")

    def _shared_pause(self, host: str) -> float:
        try:
            return self.budget.paused_until(host)
        except Exception:
            self.failed("pause")
            return 0.0

    # Looking in from outside

    def subscribe(self, callback: Callable[[UsageEvent], None]) -> Callable[[], None]:
        """Calls back for every stored row, in the writer's thread; returns what ends it."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback) if callback in self._subscribers else None

    def close_context(self, context: Context) -> None:
        """Takes a closed context; it is stored with the next rows, or when `flush` is called."""
        if context.calls and hasattr(self.sink, "write_context"):
            self._contexts.append(context)

    def store_contexts(self) -> None:
        """Stores what closed contexts amount to; none is on its way elsewhere when it returns."""
        with self._contexts_lock:
            while self._contexts:
                self._store_context(self._contexts[0])
                self._contexts.popleft()

    def _store_context(self, context: Context) -> None:
        import json

        fields = json.dumps(capped(context.data), default=str)
        names = (storable(name, True) for name in (context.workspace, context.operation, context.batch_id))
        row = (self.uid(), context.started, *names, storable(context.item_count, False))
        totals = (context.calls, context.tokens, context.cost_nano, context.error)
        write: Any = getattr(self.sink, "write_context", None)
        write((*row, *totals, context.dur_ms, fields))

    def health(self) -> Mapping[str, Any]:
        """Returns how tracking and the calls are doing, from the last calls; it sends nothing."""
        recent = list(self._recent)
        failed = [event for event in recent if event.error is not None]
        durations = sorted(event.dur_ms for event in recent if event.dur_ms is not None)
        writer = self.writer
        first = self.time_to_limit()
        return {
            "tracking": "degraded" if writer.failures or writer.dropped or self.tracking_failures else "ok",
            "mode": self.config.mode,
            "stored": writer.stored,
            "waiting": len(writer.pending),
            "dropped": writer.dropped,
            "store_failures": writer.failures,
            "journal_error": writer.journal_error,
            "tracking_failures": dict(self.tracking_failures),
            "calls": len(recent),
            "error_rate": len(failed) / len(recent) if recent else 0.0,
            "median_ms": durations[len(durations) // 2] if durations else None,
            "unpriced": sum(event.cost_nano is None and event.input is not None for event in recent),
            "webhook_failures": self.alerts.webhook_failures,
            "time_to_limit": {"limit": first[0], "seconds": first[1]} if first else None,
        }

    def close(self) -> None:
        """Stores what is left, and closes the store."""
        self.dropped.finish()
        # A store that is away keeps nobody from ending.
        if self.writer.close():
            self._try("close", self.settle_waiting)
            self._try("close", self.store_contexts)
        self.alerts.close()
        self.sink.close()
        self.budget.close()


def _part(used: int, limit: int) -> float:
    return used / limit if limit > 0 else 1.0


def open_sink(config: QuotaConfig) -> Sink:
    """Returns the sink that a setting names: a file, `memory:`, or a server by its URL."""
    database = config.database
    if not database or database == "memory:":
        return MemorySink()
    if database.startswith(("redis://", "rediss://", "unix://")):
        from .redis import RedisSink

        return cast(Sink, RedisSink(database))
    if database.startswith(("postgres://", "postgresql://")):
        from .postgres import PostgresSink

        return cast(Sink, PostgresSink(database))
    return SqliteSink(database.removeprefix("sqlite:///"), config.durability == "power")


def open_budget(config: QuotaConfig, sink: Sink) -> Budget:
    """Returns the budget store: that of `QUOTA_BUDGET_URL`, else one at the place of the rows."""
    target = config.budget_url or getattr(sink, "path", None) or getattr(sink, "url", None)
    if not target:
        return MemoryBudget()
    if target.startswith(("redis://", "rediss://", "unix://")):
        from .redis import RedisBudget

        return cast(Budget, RedisBudget(target))
    if target.startswith(("postgres://", "postgresql://")):
        from .postgres import PostgresBudget

        return cast(Budget, PostgresBudget(target, config.reservation_ttl))
    path, power = target.removeprefix("sqlite:///"), config.durability == "power"
    # A lock that others hold for a moment is no failure, however short a call is to wait.
    return SqliteBudget(path, power, config.reservation_ttl, min(max(config.max_wait, 0.5), LONGEST))


_default: Optional[Runtime] = None
_default_lock = threading.Lock()


def default_runtime() -> Runtime:
    """Returns the runtime of this process; the first call reads the environment."""
    global _default
    if _default is None:
        with _default_lock:
            if _default is None:
                _default = Runtime()
    return _default


def set_default(runtime: Optional[Runtime]) -> Optional[Runtime]:
    """Replaces the runtime of this process and returns the former one."""
    global _default
    with _default_lock:
        former, _default = _default, runtime
    return former


def _close_at_exit(method: weakref.WeakMethod[Callable[[], None]]) -> None:
    close = method()
    if close is not None:
        close()


def _forked() -> None:
    global _default_lock
    _default_lock = threading.Lock()
    for runtime in list(_ALL):
        try:
            runtime.forked()
        except Exception:
            runtime.failed("fork")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
