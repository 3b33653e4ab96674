"""Work in bulk: how many calls run at once, which go first, and which are tried again."""

from __future__ import annotations

import contextvars
import dataclasses
import heapq
import itertools
import threading
import time
from typing import Any, Callable, Generic, Iterable, Iterator, List, Optional, Tuple, TypeVar

from ._limits import QuotaMonitor, get_enhanced_backoff_delay, should_retry_error
from ._log import log_concurrency_change, note

T = TypeVar("T")
R = TypeVar("R")


class AdaptiveConcurrencyManager:
    """Says how many calls may run at once: one more after a round without trouble, half after a rate limit."""

    def __init__(
        self, least: int = 1, most: int = 32, start: Optional[int] = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if not 1 <= least <= most:
            raise ValueError("least must be at least 1, and at most `most`")
        self._least, self._most = least, most
        self._limit = float(min(max(start or least, least), most))
        self._clock = clock
        self._changed = threading.Condition()
        self._running = 0
        self._cut_at = -1e9

    @property
    def limit(self) -> int:
        """Returns how many calls may run at once now."""
        return int(self._limit)

    @property
    def running(self) -> int:
        """Returns how many calls run."""
        return self._running

    def acquire(self, timeout: Optional[float] = None) -> bool:
        """Waits for a place."""
        with self._changed:
            free = self._changed.wait_for(lambda: self._running < self.limit, timeout)
            if free:
                self._running += 1
            return free

    def release(self, error: Optional[BaseException] = None, used: float = 0.0) -> None:
        """Gives a place back. `used` is the used part of the server's limits, which stops growth from 0.9 on."""
        status = getattr(error, "status_code", None)
        with self._changed:
            self._running -= 1
            before = self.limit
            now = self._clock()
            if status == 429 or (status is not None and status >= 500):
                # Calls that were sent together fail together: that is one reason, not many.
                if now - self._cut_at > 1.0:
                    self._limit = max(self._limit / 2, self._least)
                    self._cut_at = now
            elif error is None and used < 0.9:
                self._limit = min(self._limit + 1.0 / max(self._limit, 1.0), self._most)
            if self.limit != before:
                log_concurrency_change(before, self.limit, f"status {status}" if status else "success")
            self._changed.notify_all()


@dataclasses.dataclass
class Outcome(Generic[T, R]):
    """What became of one item."""

    item: T
    result: Optional[R] = None
    error: Optional[BaseException] = None
    attempts: int = 0


@dataclasses.dataclass(order=True)
class _Job:
    rank: float
    number: int
    run: Any = dataclasses.field(default=None, compare=False)


class QuotaExecutor:
    """Runs calls in threads: by priority, as many at once as the server bears, failed ones again later.

    Priorities are small for urgent work. Waiting makes work more urgent, so that none starves; work of `low` priority
    and above is held while `monitor` says that the limits are nearly used up.
    """

    def __init__(
        self,
        workers: int = 8,
        *,
        retries: int = 3,
        dead_letter: Optional[Callable[[Any, BaseException], None]] = None,
        concurrency: Optional[AdaptiveConcurrencyManager] = None,
        monitor: Optional[QuotaMonitor] = None,
        low: int = 10,
        aging: float = 30.0,
        sleep: Optional[Callable[[float], None]] = None,
    ) -> None:
        self.concurrency = concurrency or AdaptiveConcurrencyManager(1, workers, workers)
        self._retries = retries
        self._dead_letter = dead_letter
        self._monitor = monitor
        self._low, self._aging = low, aging
        self._sleep = sleep
        self._changed = threading.Condition()
        self._ready: List[_Job] = []
        self._later: List[Tuple[float, _Job]] = []
        self._numbers = itertools.count()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, daemon=True, name=f"quota-executor-{n}") for n in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self, call: Callable[[T], R], item: T, *, priority: int = 5, done: Callable[[Outcome[T, R]], None]
    ) -> None:
        """Takes one item; `done` is called, in a worker's thread, when it has succeeded or finally failed."""
        outcome: Outcome[T, R] = Outcome(item)
        context = contextvars.copy_context()
        # Aging: a job's rank is its priority and its time of arrival together, so older work overtakes at some point.
        rank = priority + time.monotonic() / self._aging
        job = _Job(rank, next(self._numbers))
        job.run = lambda: self._run(job, context, call, outcome, priority, done)
        with self._changed:
            if self._closed:
                raise RuntimeError("the executor is closed")
            heapq.heappush(self._ready, job)
            self._changed.notify()

    def map(self, call: Callable[[T], R], items: Iterable[T], *, priority: int = 5) -> Iterator[Outcome[T, R]]:
        """Runs a call for each item and yields the outcomes in the items' order; a failure is an outcome too."""
        finished = threading.Condition()
        outcomes: List[Optional[Outcome[T, R]]] = []

        def keep(place: int) -> Callable[[Outcome[T, R]], None]:
            def done(outcome: Outcome[T, R]) -> None:
                with finished:
                    outcomes[place] = outcome
                    finished.notify_all()

            return done

        for place, item in enumerate(items):
            with finished:
                outcomes.append(None)
            self.submit(call, item, priority=priority, done=keep(place))
        for place in range(len(outcomes)):
            with finished:
                finished.wait_for(lambda place=place: outcomes[place] is not None)  # type: ignore[misc]
                outcome = outcomes[place]
            if outcome is not None:
                yield outcome

    def close(self) -> None:
        """Ends the threads once what was submitted is done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> QuotaExecutor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self) -> None:
        while True:
            job = self._take()
            if job is None:
                return
            job.run()

    def _take(self) -> Optional[_Job]:
        with self._changed:
            while True:
                now = time.monotonic()
                while self._later and self._later[0][0] <= now:
                    heapq.heappush(self._ready, heapq.heappop(self._later)[1])
                if self._ready:
                    return heapq.heappop(self._ready)
                if self._closed and not self._later and not self.concurrency.running:
                    return None
                self._changed.wait(
                    min(self._later[0][0] - now, 1.0) if self._later else (0.05 if self._closed else None)
                )

    def _run(
        self,
        job: _Job,
        context: contextvars.Context,
        call: Callable[[T], R],
        outcome: Outcome[T, R],
        priority: int,
        done: Callable[[Outcome[T, R]], None],
    ) -> None:
        if priority >= self._low and not self._closed and self._must_wait():
            self._again(job, 0.25)
            return
        self.concurrency.acquire()
        outcome.attempts += 1
        error: Optional[BaseException] = None
        try:
            outcome.result = context.run(call, outcome.item)
        except BaseException as raised:
            # Also what ends a thread or a task: the caller waits for an outcome of every item.
            error = raised
        self.concurrency.release(error, self._used())
        outcome.error = error
        if error is not None and outcome.attempts <= self._retries and should_retry_error(error):
            delay = get_enhanced_backoff_delay(outcome.attempts - 1, error)
            resume = getattr(error, "resume_at", None)
            self._again(job, max(delay, resume - time.time()) if resume else delay)
            return
        if error is not None and self._dead_letter is not None:
            try:
                self._dead_letter(outcome.item, error)
            except Exception:
                note("dead_letter_failed", 40)
        try:
            done(outcome)
        except Exception:
            note("done_failed", 40, exc_info=True)
        with self._changed:
            self._changed.notify_all()

    def _used(self) -> float:
        try:
            return self._monitor.metrics().highest if self._monitor is not None else 0.0
        except Exception:
            # A store that is away says nothing about the server's limits.
            return 0.0

    def _must_wait(self) -> bool:
        return self._monitor is not None and self._used() >= self._monitor.threshold

    def _again(self, job: _Job, delay: float) -> None:
        if self._sleep is not None:
            self._sleep(delay)
            delay = 0.0
        with self._changed:
            heapq.heappush(self._later, (time.monotonic() + delay, job))
            self._changed.notify()
