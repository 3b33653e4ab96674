"""A budget store that does not answer is left alone for a moment, so that not every call waits for it anew."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Callable, Iterator

# How long one call may wait for the store, and how long those after it do not even ask.
LONGEST = 5.0
PAUSE = 2.0


class StoreAway(Exception):
    """The store did not answer a moment ago."""


class Away:
    """Remembers when a store last failed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forgets what was."""
        self._lock = threading.Lock()
        self._until = 0.0

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Raises at once while the store is left alone; after that one caller asks it, and the others still do not."""
        if self._until:
            with self._lock:
                now = self._clock()
                if now < self._until:
                    raise StoreAway("the store did not answer a moment ago")
                if self._until:
                    self._until = now + LONGEST + PAUSE
        try:
            yield
        except Exception:
            self._until = self._clock() + PAUSE
            raise
        self._until = 0.0
