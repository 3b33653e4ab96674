"""What the code around a call says about it: operation, workspace, batch, and any further fields."""

from __future__ import annotations

import contextvars
import dataclasses
import json
import os
import threading
import time
import types
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Type, TypeVar

if TYPE_CHECKING:
    from ._tracker import OpenAIQuotaTracker

T = TypeVar("T")
LIMIT = 4096
_COUNTING = threading.Lock()


@dataclasses.dataclass
class Context:
    """One open context; inner ones see the fields of outer ones."""

    operation: Optional[str]
    data: Dict[str, Any]
    workspace: Optional[str] = None
    batch_id: Optional[str] = None
    item_count: Optional[int] = None
    parent: Optional[Context] = None
    started: float = dataclasses.field(default_factory=time.time)
    calls: int = 0
    cost_nano: int = 0
    tokens: int = 0
    error: Optional[str] = None
    dur_ms: Optional[float] = None
    opened_by: Optional[object] = dataclasses.field(default=None, repr=False, compare=False)
    # A closed context that this task was started in. As a parent it would keep all contexts of a chain of tasks.
    inherited: Optional[Context] = dataclasses.field(default=None, repr=False, compare=False)

    @property
    def is_closed(self) -> bool:
        """Returns whether the context has been left."""
        return self.dur_ms is not None

    @property
    def per_item_nano(self) -> Optional[float]:
        """Returns the cost of one item of a batch so far, in nano-dollars."""
        return self.cost_nano / self.item_count if self.item_count else None

    def count(self, tokens: int, cost_nano: Optional[int]) -> None:
        """Adds one call to this context and those around it."""
        context: Optional[Context] = self
        with _COUNTING:
            while context is not None:
                context.calls += 1
                context.tokens += tokens
                context.cost_nano += cost_nano or 0
                context = context.parent


_CURRENT: contextvars.ContextVar[Optional[Context]] = contextvars.ContextVar("openai_runtime_context", default=None)


def current() -> Optional[Context]:
    """Returns the innermost open context."""
    return _CURRENT.get()


def capped(data: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """Returns fields as they may be stored: JSON of at most `LIMIT` characters, the last fields dropped."""
    if not data:
        return None
    kept: Dict[str, Any] = {}
    size = 2
    for name, value in data.items():
        try:
            text = json.dumps(value, default=str)
        except Exception:
            # A value that cannot be written must not cost the call its row.
            text = json.dumps(f"<{type(value).__name__}>")
            value = json.loads(text)
        size += len(name) + len(text) + 4
        if size > LIMIT:
            kept["truncated"] = True
            break
        kept[name] = value if isinstance(value, (str, int, float, bool, type(None))) else json.loads(text)
    return kept


class ai_usage_context:  # noqa: N801
    """Names what the calls inside are for: `with ai_usage_context("summarise", user="7"):`, also `async with`.

    `workspace_id` and `batch_id` have columns of their own; other fields are kept as JSON. A thread pool does not
    pass it on by itself: use `ContextThreadPoolExecutor`.
    """

    def __init__(
        self,
        operation: Optional[str] = None,
        *,
        tracker: Optional[OpenAIQuotaTracker] = None,
        workspace_id: Optional[str] = None,
        batch_id: Optional[str] = None,
        **context: Any,
    ) -> None:
        self._operation = operation
        self._tracker = tracker
        self._workspace = workspace_id
        self._batch_id = batch_id
        self._item_count: Optional[int] = None
        self._data = context
        self._opened: List[Context] = []

    def _enter(self) -> Context:
        outer = _CURRENT.get()
        workspace = self._workspace or (self._tracker.workspace_id if self._tracker else None)
        context = Context(
            operation=self._operation or (outer.operation if outer else None),
            data={**(outer.data if outer else {}), **self._data},
            workspace=workspace or (outer.workspace if outer else None),
            batch_id=self._batch_id or (outer.batch_id if outer else None),
            item_count=self._item_count,
            parent=_open(outer),
            opened_by=self,
            inherited=outer if outer is not None and outer.is_closed else None,
        )
        self._opened.append(context)
        _CURRENT.set(context)
        return context

    def _exit(self, kind: Optional[Type[BaseException]]) -> Optional[Context]:
        """Closes the innermost context that this object has opened here, and returns it.

        Generators may leave their contexts in another order than they entered them, or in another task: what is not
        the current context is only marked as closed, and passed over by what is left after it.
        """
        current = context = _CURRENT.get()
        while context is not None and (context.opened_by is not self or context.is_closed):
            context = context.parent
        if context is None:
            context = next((opened for opened in reversed(self._opened) if not opened.is_closed), None)
        if context is None:
            return None
        self._opened = [opened for opened in self._opened if opened is not context]
        context.error = kind.__name__ if kind else None
        context.dur_ms = (time.time() - context.started) * 1000
        while current is not None and current is not context and (current.opened_by is None or current.is_closed):
            current = current.parent
        if context is current:
            _CURRENT.set(context.inherited if context.inherited is not None else _open(context.parent))
        context.inherited = None
        return context

    def _known(self) -> OpenAIQuotaTracker:
        from ._tracker import OpenAIQuotaTracker

        return self._tracker or OpenAIQuotaTracker.get_tracker(self._workspace)

    def __enter__(self) -> Context:
        return self._enter()

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[types.TracebackType],
    ) -> None:
        context = self._exit(kind)
        if context is not None:
            self._known().close_context(context, wait=not in_event_loop())

    async def __aenter__(self) -> Context:
        return self._enter()

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[types.TracebackType],
    ) -> None:
        context = self._exit(kind)
        if context is not None:
            await self._known().aclose_context(context)


class batch_ai_usage_context(ai_usage_context):  # noqa: N801
    """The same for a batch of `item_count` items; `context.per_item_nano` is what one of them cost.

    Calls made one by one inside are not billed at the batch price, and are not priced so: that needs the Batch API.
    """

    def __init__(
        self,
        batch_id: str,
        item_count: int,
        operation: Optional[str] = None,
        *,
        tracker: Optional[OpenAIQuotaTracker] = None,
        workspace_id: Optional[str] = None,
        **context: Any,
    ) -> None:
        if context.pop("batch_pricing", False):
            warnings.warn("batch prices hold only for the Batch API; these calls are priced as billed", stacklevel=2)
        super().__init__(operation, tracker=tracker, workspace_id=workspace_id, batch_id=batch_id, **context)
        self._item_count = item_count


def _open(context: Optional[Context]) -> Optional[Context]:
    while context is not None and context.is_closed:
        context = context.parent
    return context


def set_context(operation: Optional[str], workspace: Optional[str], data: Dict[str, Any]) -> None:
    """Sets a context without an end, for the deprecated `set_tracking_context`."""
    outer = _CURRENT.get()
    while outer is not None and outer.opened_by is None:
        outer = outer.parent
    _CURRENT.set(Context(operation=operation, data=data, workspace=workspace, parent=outer))


class ContextThreadPoolExecutor(ThreadPoolExecutor):
    """A thread pool whose tasks see the context of the code that submitted them."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Runs a call in the pool, in a copy of the current context."""
        return super().submit(contextvars.copy_context().run, fn, *args, **kwargs)


def _forked() -> None:
    global _COUNTING
    _COUNTING = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def in_event_loop() -> bool:
    """Returns whether an event loop runs in this thread, which must not be held up."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
