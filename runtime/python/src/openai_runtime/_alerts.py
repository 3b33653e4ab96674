"""Alerts: once when a threshold is passed, again only after use has fallen below it; and what comes soon."""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
import urllib.request
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from ._log import note

Alert = Dict[str, Any]
HYSTERESIS = 0.05


class Alerts:
    """Calls the callbacks, and the webhook in a thread of its own."""

    def __init__(self, thresholds: Sequence[float], webhook: Optional[str] = None) -> None:
        self.thresholds = tuple(sorted(thresholds))
        self._webhook = webhook
        self.reset()

    def reset(self) -> None:
        """Starts over, as in a forked child; callbacks stay."""
        self._lock = threading.Lock()
        self._level: Dict[Tuple[Any, ...], Tuple[str, int]] = {}
        self._once: Dict[str, float] = {}
        self._callbacks: List[Callable[[Alert], None]] = getattr(self, "_callbacks", [])
        self._posts: queue.Queue[Alert] = queue.Queue(maxsize=1000)
        self._thread: Optional[threading.Thread] = None
        self.webhook_failures = 0

    def on(self, callback: Callable[[Alert], None]) -> None:
        """Adds a callback; what it raises is noted and goes no further."""
        self._callbacks.append(callback)

    def usage(self, name: str, part: float, window: str = "", **fields: Any) -> None:
        """Takes the used part of a limit; each threshold that it has passed is told once in a window."""
        level = sum(part >= threshold for threshold in self.thresholds)
        key = (name, *fields.values())
        with self._lock:
            known, before = self._level.get(key, (window, 0))
            before = before if known == window else 0
            if level < before and part > self.thresholds[before - 1] - HYSTERESIS:
                return
            self._level[key] = (window, level)
        for threshold in self.thresholds[before:level]:
            self.send({"kind": "threshold", "name": name, "threshold": threshold, "used": round(part, 4), **fields})

    def once(self, kind: str, name: str, every: float = 3600.0, **fields: Any) -> None:
        """Sends an alert, but the same one only once in a while."""
        now = time.time()
        with self._lock:
            if now - self._once.get(f"{kind}:{name}", 0.0) < every:
                return
            self._once[f"{kind}:{name}"] = now
        self.send({"kind": kind, "name": name, **fields})

    def send(self, alert: Alert) -> None:
        """Sends an alert to the log, the callbacks and the webhook."""
        alert = {"at": time.time(), **alert}
        note("alert", logging.WARNING, **alert)
        for callback in list(self._callbacks):
            try:
                callback(alert)
            except (Exception, SystemExit):
                note("alert_callback_failed", logging.ERROR, alert=alert["kind"])
        if self._webhook:
            self._post_later(alert)

    def close(self, timeout: float = 2.0) -> None:
        """Waits for what is to be posted, but not for a server that hangs."""
        with self._posts.all_tasks_done:
            self._posts.all_tasks_done.wait_for(lambda: not self._posts.unfinished_tasks, timeout)

    def _post_later(self, alert: Alert) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._post_all, name="openai-runtime-alerts", daemon=True)
                self._thread.start()
        try:
            self._posts.put_nowait(alert)
        except queue.Full:
            self.webhook_failures += 1

    def _post_all(self) -> None:
        posts = self._posts
        while True:
            alert = posts.get()
            try:
                self._post(alert)
            except Exception:
                self.webhook_failures += 1
            finally:
                posts.task_done()

    def _post(self, alert: Alert) -> None:
        body = json.dumps(alert, default=str).encode()
        request = urllib.request.Request(str(self._webhook), body, {"content-type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=10):
            pass


class BurnRate:
    """How fast something is used up: an average that forgets with a half-life."""

    def __init__(self, half_life: float = 300.0) -> None:
        self._half_life = half_life
        self._lock = threading.Lock()
        self._weight = 0.0
        self._span = 0.0
        self._last: Optional[float] = None

    def add(self, amount: float, now: float) -> None:
        """Takes an amount used at a time."""
        with self._lock:
            if self._last is not None:
                passed = max(now - self._last, 0.0)
                keep = 0.5 ** (passed / self._half_life)
                self._weight *= keep
                self._span = self._span * keep + passed * (1 + keep) / 2
            self._last = now
            self._weight += amount

    def per_second(self) -> float:
        """Returns the rate, or zero before two points are known."""
        with self._lock:
            return self._weight / self._span if self._span > 0 else 0.0

    def seconds_left(self, left: float) -> Optional[float]:
        """Returns when what is left will be used up at this rate."""
        rate = self.per_second()
        return left / rate if rate > 0 else None


def soonest(parts: Dict[str, Tuple[BurnRate, float]]) -> Optional[Tuple[str, float]]:
    """Returns the limit that is used up first, and in how many seconds."""
    known = [(name, rate.seconds_left(left)) for name, (rate, left) in parts.items()]
    times = [(seconds, name) for name, seconds in known if seconds is not None]
    if not times:
        return None
    seconds, name = min(times)
    return name, seconds
