"""A sink and a budget in memory: for tests, and for processes that keep nothing."""

from __future__ import annotations

import dataclasses
import datetime
import threading
from typing import Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Set, Tuple, Union

from .types import Claim, Refusal, Reservation, Summary, UsageEvent

COUNTED = ("response", "stream", "poll", "websocket")
UNSET = ("input", "cached", "output", "reasoning", "audio", "images", "seconds", "chars", "cost_nano", "price_version")


def without_repeats(event: UsageEvent, counted: Callable[[str], bool]) -> UsageEvent:
    """Returns the row without usage, if an earlier row has counted the same object's."""
    if event.usage_source == "poll" and event.object_id and counted(event.object_id):
        for name in UNSET:
            setattr(event, name, None)
        event.usage_source = "repeat"
    return event


class MemorySink:
    """Keeps rows in `events`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uids: Set[str] = set()
        self._counted: Set[str] = set()
        self.events: List[UsageEvent] = []

    def forked(self) -> None:
        """Makes a lock of its own for a child: the parent's may be held for good."""
        self._lock = threading.Lock()

    def write(self, events: Sequence[UsageEvent]) -> None:
        """Stores rows."""
        with self._lock:
            for event in events:
                if event.uid in self._uids:
                    continue
                self._uids.add(event.uid)
                without_repeats(event, self._counted.__contains__)
                if event.object_id and event.usage_source in COUNTED:
                    self._counted.add(event.object_id)
                self.events.append(event)

    def read(self, since: float = 0.0) -> Iterable[UsageEvent]:
        """Returns stored rows, oldest first."""
        with self._lock:
            return sorted((event for event in self.events if event.ts >= since), key=lambda event: event.ts)

    def summarize(self, by: Sequence[str], since: float = 0.0) -> List[Summary]:
        """Returns totals by columns."""
        return summarized(self.read(since), by)

    def close(self) -> None:
        """Does nothing."""


def summarized(events: Iterable[UsageEvent], by: Sequence[str]) -> List[Summary]:
    """Returns totals of rows by columns."""
    groups: Dict[Tuple[Optional[str], ...], Summary] = {}
    for event in events:
        key = tuple(_value(event, name) for name in by)
        total = groups.setdefault(key, Summary(key))
        total.requests += 1
        total.errors += event.error is not None
        total.unpriced += event.cost_nano is None and event.input is not None
        total.input += event.input or 0
        total.cached += event.cached or 0
        total.output += event.output or 0
        total.reasoning += event.reasoning or 0
        total.cost_nano += event.cost_nano or 0
        total.dur_ms += event.dur_ms or 0.0
    return sorted(groups.values(), key=lambda total: tuple(part or "" for part in total.key))


def _value(event: UsageEvent, name: str) -> Optional[str]:
    if name == "day":
        return datetime.datetime.fromtimestamp(event.ts, datetime.timezone.utc).date().isoformat()
    value = getattr(event, name)
    return None if value is None else str(value)


class MemoryBudget:
    """Counts within one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: Dict[Tuple[str, str], List[int]] = {}
        self._open: Dict[str, Reservation] = {}
        self._pauses: Dict[str, float] = {}
        self._largest: Dict[str, int] = {}

    def forked(self) -> None:
        """Makes a lock of its own for a child: the parent's may be held for good."""
        self._lock = threading.Lock()

    def reserve(self, uid: str, claims: Sequence[Claim], now: float) -> Union[Reservation, Refusal]:
        """Takes all claims or none."""
        with self._lock:
            granted: List[Claim] = []
            for claim in claims:
                spent, reserved = self._windows.get((claim.scope, claim.window), (0, 0))
                amount = claim.granted(spent, reserved)
                if amount is None:
                    return Refusal(claim, spent, reserved)
                granted.append(dataclasses.replace(claim, amount=amount))
            for claim in granted:
                self._windows.setdefault((claim.scope, claim.window), [0, 0])[1] += claim.amount
            self._open[uid] = Reservation(uid, tuple(granted))
            return self._open[uid]

    def settle(self, reservation: Reservation, amounts: Mapping[Tuple[str, str], int]) -> None:
        """Replaces what was reserved by what was spent."""
        with self._lock:
            if self._open.pop(reservation.uid, None) is None:
                return
            for claim in reservation.claims:
                window = self._windows[(claim.scope, claim.window)]
                window[1] -= claim.amount
                window[0] += amounts.get((claim.scope, claim.window), 0)

    def spent(self, scope: str, window: str) -> Tuple[int, int]:
        """Returns (spent, reserved) of a window."""
        with self._lock:
            spent, reserved = self._windows.get((scope, window), (0, 0))
            return spent, reserved

    def largest(self, name: str, amount: int = 0) -> int:
        """Remembers the largest amount seen under a name, and returns it."""
        with self._lock:
            self._largest[name] = max(self._largest.get(name, 0), amount)
            return self._largest[name]

    def pause(self, host: str, until: float) -> None:
        """Notes a pause."""
        with self._lock:
            self._pauses[host] = until

    def paused_until(self, host: str) -> float:
        """Returns when a pause ends."""
        return self._pauses.get(host, 0.0)

    def close(self) -> None:
        """Does nothing."""
