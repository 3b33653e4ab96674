"""Streams that nobody closed: what the garbage collector finds is brought to its end in a thread of its own.

The collector runs anywhere, also in a thread that holds one of our locks just then: there a row can only be handed on.
"""

from __future__ import annotations

import collections
import queue
import threading
from typing import Any, Deque, Optional


class Dropped:
    """The watchers of collected streams, until their rows are written."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Starts over, as in a forked child: what was dropped in the parent is the parent's."""
        self._waiting: Deque[Any] = collections.deque()
        self._wake: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: Optional[threading.Thread] = None

    def expect(self) -> None:
        """Makes ready for streams that may be dropped: in `add` no thread can be started."""
        if self._thread is not None:
            return
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="openai-runtime-dropped", daemon=True)
                thread.start()
                self._thread = thread

    def add(self, watcher: Any) -> None:
        """Takes a watcher whose stream is gone. It takes no lock, so that it may be called anywhere."""
        self._waiting.append(watcher)
        self._wake.put(None)

    def finish(self) -> None:
        """Writes the rows of all that was dropped; none is on its way elsewhere when it returns."""
        with self._lock:
            while self._waiting:
                self._waiting.popleft().done(None)

    def _run(self) -> None:
        wake = self._wake
        while True:
            wake.get()
            self.finish()
