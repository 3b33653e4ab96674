"""Realtime connections: they go past HTTP, so a connection is wrapped to see the usage in its events."""

from __future__ import annotations

import inspect
import time
from typing import Any, Optional

from . import _context, _usage
from ._tracker import OpenAIQuotaTracker
from .types import UsageEvent

TRANSCRIBED = "conversation.item.input_audio_transcription.completed"


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
    models = _Models(model)
    workspace = workspace_id or view.workspace_id
    receive = connection.recv

    def see(event: Any) -> Any:
        try:
            _note(view, workspace, models, event)
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


class _Models:
    """The models of a session: the one that answers, and the one that writes down what is said to it."""

    def __init__(self, answering: Optional[str]) -> None:
        self.answering = answering
        self.writing: Optional[str] = None

    def learn(self, session: Any) -> None:
        """Takes what a session says of itself."""
        if not isinstance(session, dict):
            return
        self.answering = session.get("model") or self.answering
        heard = ((session.get("audio") or {}).get("input") or {}).get("transcription")
        written = heard or session.get("input_audio_transcription")
        if isinstance(written, dict):
            self.writing = written.get("model") or self.writing


def _note(tracker: OpenAIQuotaTracker, workspace: Optional[str], models: _Models, event: Any) -> None:
    kind = getattr(event, "type", None)
    if kind not in ("session.created", "session.updated", "response.done", TRANSCRIBED):
        return
    data = event.model_dump() if hasattr(event, "model_dump") else dict(event)
    if kind not in ("response.done", TRANSCRIBED):
        models.learn(data.get("session"))
        return
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
        # A transcript is billed at the price of the model that wrote it, which only the session names.
        model=inner.get("model") or (models.writing if kind == TRANSCRIBED else models.answering),
        status=101,
        stream=True,
        object_id=inner.get("id") or data.get("item_id"),
        usage_source="websocket",
    )
    runtime.price(row, _usage.from_usage(inner["usage"]), "openai")
    runtime.put(row, context)
