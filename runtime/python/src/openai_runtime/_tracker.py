"""The tracker: what a program asks about its calls, and what it tells about calls made elsewhere."""

from __future__ import annotations

import asyncio
import time
import warnings
from typing import Any, AsyncIterator, Callable, Dict, List, Mapping, Optional, Tuple

from . import _context, _http, _usage
from ._alerts import Alert
from ._config import QuotaConfig
from ._context import Context
from ._limits import QuotaMonitor
from ._runtime import Runtime, default_runtime, set_default
from ._seam import Binding, instrument
from .types import Budget, QuotaMetrics, QuotaStatus, Sink, Summary, Usage, UsageEvent


class OpenAIQuotaTracker:
    """A view of this process's tracking for one workspace; as `client.quota` and from `get_tracker`."""

    def __init__(self, workspace_id: Optional[str] = None, *, runtime: Optional[Runtime] = None) -> None:
        self.workspace_id = workspace_id
        self._own = runtime

    @classmethod
    def get_tracker(cls, workspace_id: Optional[str] = None) -> OpenAIQuotaTracker:
        """Returns the tracker of a workspace; all share one store."""
        return cls(workspace_id)

    @classmethod
    def create(
        cls,
        workspace_id: Optional[str] = None,
        *,
        config: Optional[QuotaConfig] = None,
        sink: Optional[Sink] = None,
        budget: Optional[Budget] = None,
    ) -> OpenAIQuotaTracker:
        """Returns a tracker with storage or settings of its own, for tests and unusual programs."""
        return cls(workspace_id, runtime=Runtime(config, sink, budget))

    @classmethod
    def configure(
        cls, config: Optional[QuotaConfig] = None, sink: Optional[Sink] = None, budget: Optional[Budget] = None
    ) -> OpenAIQuotaTracker:
        """Replaces the settings and storage of this process for all clients, also those already made."""
        former = set_default(Runtime(config, sink, budget))
        if former is not None:
            former.close()
        return cls()

    @property
    def runtime(self) -> Runtime:
        """Returns the parts behind this view."""
        return self._own if self._own is not None else default_runtime()

    def binding(self, workspace_id: Optional[str] = None) -> Binding:
        """Returns what a client's calls are counted under."""
        return Binding(workspace_id or self.workspace_id, self._own)

    # Told from outside

    def track_request(
        self,
        model: Optional[str] = None,
        usage: Any = None,
        *,
        operation: Optional[str] = None,
        endpoint: str = "",
        method: str = "manual",
        status: Optional[int] = 200,
        duration_ms: Optional[float] = None,
        tier: Optional[str] = None,
        object_id: Optional[str] = None,
        **context: Any,
    ) -> None:
        """Notes a call that did not pass through a client of ours. It never raises."""
        try:
            event = self._event(method, endpoint, operation, context)
            event.model, event.status, event.dur_ms, event.tier = model, status, duration_ms, tier
            event.object_id = object_id
            amounts = _amounts(usage)
            if amounts is not None:
                event.usage_source = "manual"
                self.runtime.price(event, amounts, "openai")
            self.runtime.put(event, _context.current())
        except Exception:
            self._count_failure("track_request")

    def track_error(
        self,
        error: object,
        *,
        model: Optional[str] = None,
        operation: Optional[str] = None,
        endpoint: str = "",
        method: str = "manual",
        **context: Any,
    ) -> None:
        """Notes a failed call that did not pass through a client of ours. It never raises."""
        try:
            event = self._event(method, endpoint, operation, context)
            event.model = model
            event.status = getattr(error, "status_code", None)
            event.request_id = getattr(error, "request_id", None)
            code = getattr(error, "code", None)
            event.error = code or (error if isinstance(error, str) else type(error).__name__)
            self.runtime.put(event, _context.current())
        except Exception:
            self._count_failure("track_error")

    def _event(self, method: str, endpoint: str, operation: Optional[str], data: Dict[str, Any]) -> UsageEvent:
        runtime, context = self.runtime, _context.current()
        outer = context.data if context else {}
        return UsageEvent(
            uid=runtime.uid(),
            ts=time.time(),
            workspace=self.workspace_id or (context.workspace if context else None),
            environment=runtime.config.environment,
            operation=operation or (context.operation if context else None),
            batch_id=context.batch_id if context else None,
            ctx=_context.capped({**outer, **data}),
            method=method,
            endpoint=endpoint,
        )

    def _count_failure(self, where: str) -> None:
        try:
            self.runtime.failed(where)
        except Exception:
            pass

    def set_tracking_context(self, operation: Optional[str] = None, **context: Any) -> None:
        """Sets the context of the calls that follow. Deprecated: `ai_usage_context` ends by itself."""
        warnings.warn("set_tracking_context has no end; use ai_usage_context", DeprecationWarning, stacklevel=2)
        workspace = context.pop("workspace_id", None) or self.workspace_id
        _context.set_context(operation, workspace, context)

    def track_openai_completion(self, response: Any, operation: Optional[str] = None, **context: Any) -> None:
        """Notes an answer of a client that is not ours. Deprecated: calls of the factory's clients are counted."""
        warnings.warn("calls are counted by the factory's clients", DeprecationWarning, stacklevel=2)
        kind = getattr(response, "object", "") or ""
        self.track_request(
            getattr(response, "model", None),
            getattr(response, "usage", None),
            operation=operation,
            method="manual",
            endpoint=str(kind),
            tier=getattr(response, "service_tier", None),
            object_id=getattr(response, "id", None),
            **context,
        )

    # Asked from outside

    def flush(self, timeout: float = 5.0) -> bool:
        """Waits until all rows are stored, at most `timeout` seconds; returns whether they are."""
        try:
            runtime = self.runtime
            runtime.dropped.finish()
            if not runtime.writer.flush(timeout):
                return False
            runtime.settle_waiting()
            runtime.store_contexts()
            return True
        except Exception:
            self._count_failure("flush")
            return False

    async def aflush(self, timeout: float = 5.0) -> bool:
        """Waits until all rows are stored, without holding up the event loop."""
        import anyio.to_thread

        return await anyio.to_thread.run_sync(self.flush, timeout)

    def close_context(self, context: Context, wait: bool) -> None:
        """Stores what a closed context amounts to."""
        try:
            runtime = self.runtime
            runtime.close_context(context)
            if wait:
                self._flush_context()
            else:
                runtime.writer.kick()
        except Exception:
            self._count_failure("context")

    async def aclose_context(self, context: Context) -> None:
        """Stores what a closed context amounts to, without holding up the event loop."""
        import anyio.to_thread

        self.close_context(context, wait=False)
        await anyio.to_thread.run_sync(self._flush_context)

    def _flush_context(self) -> None:
        # Where a store is away, one context waits for it in vain, and the next ones need not.
        writer = self.runtime.writer
        if not writer.behind:
            writer.behind = not self.flush()

    @property
    def current_context(self) -> Optional[Context]:
        """Returns the innermost open context of this task or thread."""
        return _context.current()

    @property
    def pending_metrics(self) -> List[UsageEvent]:
        """Returns rows that are not stored yet."""
        return self.runtime.writer.pending

    @property
    def sink(self) -> Sink:
        """Returns where rows are stored."""
        return self.runtime.sink

    @property
    def monitor(self) -> QuotaMonitor:
        """Returns the state of the limits."""
        return self.runtime.monitor

    @property
    def status(self) -> Optional[QuotaStatus]:
        """Returns the newest rate-limit headers."""
        return self.runtime.monitor.status()

    @property
    def metrics(self) -> QuotaMetrics:
        """Returns the used parts of all limits."""
        return self.runtime.monitor.metrics()

    def summarize(self, *by: str, since: float = 0.0) -> List[Summary]:
        """Returns totals of the stored rows, by columns such as "workspace" and "model"."""
        self.flush()
        return self.runtime.sink.summarize(by, since)

    def health(self) -> Mapping[str, Any]:
        """Returns how tracking and the calls are doing; it sends nothing."""
        return self.runtime.health()

    def time_to_limit(self) -> Optional[Tuple[str, float]]:
        """Returns the budget that is used up first at the present rate, and in how many seconds."""
        return self.runtime.time_to_limit()

    def on_alert(self, callback: Callable[[Alert], None]) -> None:
        """Calls back for every alert."""
        self.runtime.alerts.on(callback)

    def pause(self, host: str, seconds: float) -> None:
        """Makes calls to a host (with its port, if unusual) wait, in enforce mode."""
        self.runtime.gate.pause(host, seconds, "asked")

    def resume(self, host: str) -> None:
        """Ends a pause."""
        self.runtime.gate.resume(host)

    def on_event(self, callback: Callable[[UsageEvent], None]) -> Callable[[], None]:
        """Calls back, from another thread, for every stored row; returns what ends it."""
        return self.runtime.subscribe(callback)

    async def subscribe(self, most_waiting: int = 1000) -> AsyncIterator[UsageEvent]:
        """Yields rows as they are stored; the oldest waiting one is dropped where the reader is too slow."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[UsageEvent] = asyncio.Queue(most_waiting)

        def add(event: UsageEvent) -> None:
            if waiting.full():
                waiting.get_nowait()
            waiting.put_nowait(event)

        end = self.runtime.subscribe(lambda event: _soon(loop, add, event))
        try:
            while True:
                yield await waiting.get()
        finally:
            end()


def _soon(loop: asyncio.AbstractEventLoop, add: Callable[[UsageEvent], None], event: UsageEvent) -> None:
    try:
        loop.call_soon_threadsafe(add, event)
    except RuntimeError:
        # The loop has ended; so has its reader.
        pass


def _amounts(usage: Any) -> Optional[Usage]:
    if usage is None or isinstance(usage, Usage):
        return usage
    data = usage if isinstance(usage, Mapping) else usage.model_dump()
    return _usage.from_usage(data)


def track_http_client(
    client: Any, tracker: Optional[OpenAIQuotaTracker] = None, workspace_id: Optional[str] = None
) -> Any:
    """Returns a twin of an HTTP client whose OpenAI calls are tracked, for libraries that take `http_client=`."""
    bound = (tracker or OpenAIQuotaTracker()).binding(workspace_id)
    return instrument(client, bound)


def is_tracked(http_client: Any) -> bool:
    """Returns whether an HTTP client's calls are tracked."""
    return _http.binding_of(http_client) is not None
