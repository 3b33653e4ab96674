"""Moves rows to the sink in the background. Rows lie in the crash journal until the sink has them."""

from __future__ import annotations

import collections
import hashlib
import math
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Callable, Deque, List, Optional, Tuple

from . import _journal
from ._journal import Journal, JournalFull
from ._log import warn
from .errors import TrackingStorageWarning
from .types import Sink, UsageEvent

MOST_IN_MEMORY = 100_000
BATCH = 1_000
PACE = 0.02
# A disk that is full may have room again.
JOURNAL_EVERY = 30.0
AGAIN = 1.0
Queued = Tuple[UsageEvent, Optional[Journal], int]


class Writer:
    """The queue, its thread and the journal of one process."""

    def __init__(
        self, sink: Sink, journals: Optional[Path], power: bool, after: Callable[[List[UsageEvent]], bool]
    ) -> None:
        self._sink = sink
        self._journals = journals
        self._power = power
        self._after = after
        self.dropped = 0
        self.failures = 0
        self.stored = 0
        self.journal_error: Optional[str] = None
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._queue: Deque[Queued] = collections.deque()
        self._pending = 0
        self._thread: Optional[threading.Thread] = None
        self._journal: Optional[Journal] = None
        self._journal_due = 0.0
        self._retired: List[Journal] = []
        self._closing = False
        self._hurry = 0
        # Whether a flush has waited in vain since the last row was stored. Another one need not.
        self.behind = False
        # Whether what follows the storing of rows is to be tried again.
        self._left = False

    def forked(self) -> None:
        """Makes a child start over: the parent stores what was queued before the fork."""
        for journal in [*self._retired, self._journal]:
            if journal is not None:
                journal.abandon()
        forked = getattr(self._sink, "forked", None)
        if forked is not None:
            forked()
        self._reset()

    def began(self, event: UsageEvent) -> None:
        """Notes in the journal that a call is about to be sent."""
        payload = event.begun_record()
        with self._lock:
            journal = self._opened()
            if journal is not None:
                try:
                    journal.began(event.uid, payload)
                except (JournalFull, OSError, ValueError) as error:
                    self._unjournaled(error)

    def put(self, event: UsageEvent) -> None:
        """Takes a finished row."""
        payload = event.to_record()
        with self._lock:
            is_late = self._closing and not (self._thread is not None and self._thread.is_alive())
            if not is_late:
                self._enqueue(event, payload)
        if is_late:
            self._write_late(event)

    def _enqueue(self, event: UsageEvent, payload: bytes) -> None:
        journal = self._opened()
        position = 0
        if journal is not None:
            try:
                journal.ended(event.uid, payload)
            except (JournalFull, OSError, ValueError) as error:
                self._unjournaled(error)
            position = journal.at
        if len(self._queue) >= MOST_IN_MEMORY:
            self.dropped += 1
            return
        self._queue.append((event, journal, position))
        self._pending += 1
        if self._thread is None and not self._closing:
            thread = threading.Thread(target=self._run, name="openai-runtime-writer", daemon=True)
            thread.start()
            self._thread = thread
        elif self._pending == 1:
            self._changed.notify_all()

    def _write_late(self, event: UsageEvent) -> None:
        """Stores a row of a call that was made after the end, as by what a program does at its exit."""
        try:
            self._write([event])
            self.stored += 1
        except Exception:
            self.dropped += 1

    def flush(self, timeout: float = 5.0) -> bool:
        """Waits until the sink has all rows that were put so far; returns whether it has."""
        deadline = time.monotonic() + timeout
        with self._lock:
            self._hurry += 1
            self._changed.notify_all()
            try:
                while self._pending:
                    left = deadline - time.monotonic()
                    if left <= 0 or self._thread is None:
                        break
                    self._changed.wait(left)
                return self._pending == 0
            finally:
                self._hurry -= 1

    def kick(self) -> None:
        """Asks for what is queued to be stored soon, without waiting."""
        with self._lock:
            self._left = True
            self._changed.notify_all()

    @property
    def pending(self) -> List[UsageEvent]:
        """Returns rows that the sink does not have yet."""
        with self._lock:
            return [event for event, _, _ in self._queue]

    def close(self, timeout: float = 5.0) -> bool:
        """Stores what is left, in one try, and ends the thread; returns whether all is stored.

        What the sink does not take stays in the journal.
        """
        with self._lock:
            self._closing = True
            thread = self._thread
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
        with self._lock:
            for journal in [*self._retired, self._journal]:
                if journal is not None:
                    journal.close()
            self._retired, self._journal = [], None
            self._journal_due = math.inf
            return not self._pending

    def recover(self) -> int:
        """Stores the rows that dead processes left in their journals; returns how many."""
        if self._journals is None:
            return 0
        found = _journal.orphans(self._journals)
        events = _journal.unstored(found)
        stored = False
        try:
            if events:
                self._write(events)
            stored = True
        finally:
            for orphan in found:
                orphan.settle(stored)
        return len(events)

    def _opened(self) -> Optional[Journal]:
        if self._journal is None and self._journals is not None and time.monotonic() >= self._journal_due:
            self._journal_due = time.monotonic() + JOURNAL_EVERY
            try:
                self._journal = Journal(self._journals, self._power)
                self.journal_error = None
            except (OSError, ValueError) as error:
                self.journal_error = str(error)
        elif self._journal is not None and self._journal.at > _journal.ROTATE:
            self._rotate(self._journal)
        return self._journal

    def _rotate(self, full: Journal) -> None:
        try:
            fresh = Journal(full.path.parent, self._power)
            for uid, payload in full.open_calls.items():
                fresh.began(uid, payload)
        except (JournalFull, OSError, ValueError) as error:
            self.journal_error = str(error)
            return
        self._retired.append(full)
        self._journal = fresh

    def _unjournaled(self, error: Exception) -> None:
        self.journal_error = str(error)
        self.dropped += isinstance(error, JournalFull)

    def _run(self) -> None:
        me = threading.current_thread()
        try:
            self.recover()
        except Exception:
            self.failures += 1
        delay = 0.1
        while True:
            with self._lock:
                waits = True
                while waits and not self._queue and not self._closing:
                    waits = self._changed.wait(AGAIN if self._left else None)
                if self._thread is not me or (self._closing and not self._queue):
                    return
                if len(self._queue) < BATCH and not self._hurry and not self._closing:
                    self._changed.wait(PACE)
                taken = [self._queue[place] for place in range(min(len(self._queue), BATCH))]
            events = [event for event, _, _ in taken]
            try:
                if events:
                    self._write(events)
            except Exception as error:
                self._failed(error)
                with self._lock:
                    if self._closing:
                        return
                    self._changed.wait(delay)
                delay = min(delay * 2, 5.0)
                continue
            delay = 0.1
            if taken:
                self._done(taken)
            self._left = False
            try:
                if self._after(events):
                    self._left = True
            except Exception:
                self.failures += 1

    def _write(self, events: List[UsageEvent]) -> None:
        """Stores rows; one that no store takes must not keep all others waiting for good."""
        try:
            self._sink.write(events)
        except Exception:
            plain = [event.storable() for event in events]
            if plain == events:
                raise
            self._sink.write(plain)

    def _done(self, taken: List[Queued]) -> None:
        with self._lock:
            for _ in taken:
                self._queue.popleft()
            self._pending -= len(taken)
            self.stored += len(taken)
            self.behind = False
            self._mark(taken[-1])
            self._changed.notify_all()

    def _mark(self, last: Queued) -> None:
        """Notes in the journals that all rows up to this one are stored."""
        try:
            if not self._queue:
                if self._journal is not None:
                    self._journal.stored(self._journal.at)
            elif last[1] is not None:
                last[1].stored(last[2])
            needed = self._queue[0][1] if self._queue else self._journal
            while self._retired and self._retired[0] is not needed:
                self._retired.pop(0).discard()
        except (JournalFull, OSError, ValueError) as error:
            self.journal_error = str(error)

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        if self.failures == 1:
            warn(f"usage rows cannot be stored: {error}; calls go on", TrackingStorageWarning)


def journal_folder(database: str) -> Path:
    """Returns where the journals of a store lie: beside a file, else in the temporary folder."""
    if "://" in database:
        name = hashlib.sha256(database.encode()).hexdigest()[:16]
        owner = os.getuid() if hasattr(os, "getuid") else 0
        return Path(tempfile.gettempdir()) / f"openai_runtime-{owner}" / f"{name}-journals"
    return Path(f"{database}-journals")
