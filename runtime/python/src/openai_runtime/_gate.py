"""The gate: while a host is paused all callers wait, and after it they go one by one."""

from __future__ import annotations

import random
import threading
import time
from typing import Callable, Dict, Tuple

from ._log import log_pause_event, log_resume_event

SPACING = 0.02
SPACED_FOR = 5.0
SHARED_FOR = 0.25


class Gate:
    """Knows for each host until when it is paused, in this process and, through the store, in others."""

    def __init__(
        self,
        share: Callable[[str, float], None],
        shared: Callable[[str], float],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._share = share
        self._shared = shared
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forgets all pauses of this process."""
        self._lock = threading.Lock()
        self._until: Dict[str, float] = {}
        self._next: Dict[str, float] = {}
        self._asked: Dict[str, Tuple[float, float]] = {}

    def pause(self, host: str, seconds: float, reason: str) -> None:
        """Makes calls to a host wait; a shorter pause does not cut a longer one."""
        until = self._clock() + seconds
        with self._lock:
            if until <= self._until.get(host, 0.0):
                return
            self._until[host] = until
            self._next[host] = until
        log_pause_event(host, seconds, reason)
        self._share(host, until)

    def resume(self, host: str) -> None:
        """Ends a pause."""
        with self._lock:
            self._until.pop(host, None)
            self._next.pop(host, None)
            self._asked.pop(host, None)
        self._share(host, 0.0)
        log_resume_event(host)

    def paused_until(self, host: str) -> float:
        """Returns when a host's pause ends, or zero; other processes' pauses count too."""
        now = self._clock()
        with self._lock:
            until = self._until.get(host, 0.0)
            asked, known = self._asked.get(host, (0.0, 0.0))
            if now - asked < SHARED_FOR:
                return max(until, known)
        known = self._shared(host)
        with self._lock:
            self._asked[host] = (now, known)
            return max(until, known)

    def wait(self, host: str) -> float:
        """Returns how long the caller must wait, and keeps a place for it; zero if the way is free."""
        until = self.paused_until(host)
        now = self._clock()
        with self._lock:
            if now >= until + SPACED_FOR:
                return 0.0
            place = max(self._next.get(host, 0.0), until, now)
            self._next[host] = place + SPACING * random.uniform(0.8, 1.2)
            return place - now
