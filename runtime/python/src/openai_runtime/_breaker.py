"""The circuit breaker: a server that fails again and again is left alone for a while."""

from __future__ import annotations

import threading
import time
from typing import Callable, Dict, Optional, Tuple

from ._log import note

Key = Tuple[str, str]


class CircuitBreaker:
    """Counts failures of each host and model: 5xx, timeouts and lost connections, never the caller's own errors.

    After `failures` in a row it is open for `seconds`; then a single probe goes through, and its outcome decides.
    """

    def __init__(self, failures: int = 5, seconds: float = 30.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures = failures
        self._seconds = seconds
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Closes all circuits."""
        self._lock = threading.Lock()
        self._counts: Dict[Key, int] = {}
        self._opened: Dict[Key, float] = {}
        self._probing: Dict[Key, float] = {}

    def allow(self, key: Key) -> Optional[float]:
        """Returns `None` if a call may go, else the seconds until the next probe."""
        if self._failures == 0 or key not in self._opened:
            return None
        with self._lock:
            opened = self._opened.get(key)
            if opened is None:
                return None
            now = self._clock()
            left = opened + self._seconds - now
            if left > 0:
                return left
            # A probe whose end nobody reported must not keep the circuit open for good.
            if now - self._probing.get(key, -1e9) < max(self._seconds, 1.0):
                return self._seconds
            self._probing[key] = now
            return None

    def succeeded(self, key: Key) -> None:
        """Notes an answer that was no server error."""
        if not self._counts and not self._opened:
            return
        with self._lock:
            self._counts.pop(key, None)
            self._probing.pop(key, None)
            if self._opened.pop(key, None) is not None:
                note("circuit_closed", host=key[0], model=key[1])

    def failed(self, key: Key) -> None:
        """Notes a server error, a timeout or a lost connection."""
        if self._failures == 0:
            return
        with self._lock:
            count = self._counts.get(key, 0) + 1
            self._counts[key] = count
            probing = self._probing.pop(key, None) is not None
            if probing or (count >= self._failures and key not in self._opened):
                self._opened[key] = self._clock()
                note("circuit_opened", host=key[0], model=key[1], failures=count)

    def abandoned(self, key: Key) -> None:
        """Notes that a call ended by the caller's will, which says nothing about the server."""
        with self._lock:
            self._probing.pop(key, None)

    def is_open(self, key: Key) -> bool:
        """Returns whether a circuit is open."""
        return key in self._opened
