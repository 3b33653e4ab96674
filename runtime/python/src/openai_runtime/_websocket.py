"""Realtime connections: they go past HTTP, so a connection is wrapped to see the usage in its events."""

from __future__ import annotations

import inspect
import time
from typing import Any, Optional

from . import _context, _usage
from ._tracker import OpenAIQuotaTracker
from .types import UsageEvent


def track_websocket(
    connection: Any,
    tracker: Optional[OpenAIQuotaTracker] = None,
    workspace_id: Optional[str] = None,
    model: Optional[str] = None,
) -> Any:
    """Returns a realtime connection of the SDK (sync or async), as it was, whose finished answers leave rows.

    Both ways to read it are seen: iterating, and `recv()`. Each `response.done` with usage is one row, and each
    finished transcription.
    """
    view = tracker or OpenAIQuotaTracker()
    workspace = workspace_id or view.workspace_id
    receive = connection.recv

    def see(event: Any) -> Any:
        try:
            _note(view, workspace, model, event)
        except Exception:
            view._count_failure("websocket")
        return event

    async def arecv(*args: Any, **kwargs: Any) -> Any:
        return see(await receive(*args, **kwargs))

    def recv(*args: Any, **kwargs: Any) -> Any:
        return see(receive(*args, **kwargs))

    # The SDK's iteration calls `self.recv`, so an attribute of the instance is seen by both ways.
    connection.recv = arecv if inspect.iscoroutinefunction(receive) else recv
    return connection


def _note(tracker: OpenAIQuotaTracker, workspace: Optional[str], model: Optional[str], event: Any) -> None:
    kind = getattr(event, "type", None)
    if kind not in ("response.done", "conversation.item.input_audio_transcription.completed"):
        return
    data = event.model_dump() if hasattr(event, "model_dump") else dict(event)
    inner = data.get("response") or data
    if not isinstance(inner.get("usage"), dict):
        return
    runtime, context = tracker.runtime, _context.current()
    row = UsageEvent(
        uid=runtime.uid(),
        ts=time.time(),
        workspace=workspace or (context.workspace if context else None),
        environment=runtime.config.environment,
        operation=context.operation if context else None,
        ctx=_context.capped(context.data) if context else None,
        method=f"realtime.{kind}",
        endpoint="/realtime",
        model=inner.get("model") or model,
        status=101,
        stream=True,
        object_id=inner.get("id") or data.get("item_id"),
        usage_source="websocket",
    )
    runtime.price(row, _usage.from_usage(inner["usage"]), "openai")
    runtime.put(row, context)
