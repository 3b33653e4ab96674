"""Server-sent events as bytes: cut at blank lines, looked into, and passed on, less what only we asked for."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Optional

from . import _usage
from ._usage import Answer

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_NULL_USAGE = re.compile(rb'"usage"\s*:\s*null')
_LIMIT = 16 * 1024 * 1024


class EventReader:
    """Reads a stream of events while it passes.

    With `hide_usage`, the extra chunk that `include_usage` causes is left out of what is passed on.
    """

    def __init__(self, hide_usage: bool = False) -> None:
        self.answer = Answer()
        self.deltas = 0
        self.finished = False
        self.failure: Optional[str] = None
        self._hide = hide_usage
        self._kept = bytearray()
        self._looked = 0

    def feed(self, data: bytes) -> bytes:
        """Takes bytes as they come and returns those to pass on."""
        if not self._hide:
            self._watch(data)
            return data
        return self._take(data)

    def rest(self) -> bytes:
        """Returns what was held back at the end of the stream."""
        rest = bytes(self._kept)
        self._kept.clear()
        if rest and self._look(rest) and self._hide:
            return b""
        return rest if self._hide else b""

    def _watch(self, data: bytes) -> None:
        self._take(data)
        if len(self._kept) > _LIMIT:
            self._kept.clear()

    def _take(self, data: bytes) -> bytes:
        # Servers mostly send one whole event at a time.
        if not self._kept and data.endswith(b"\n\n") and data.find(b"\n\n") == len(data) - 2 and b"\r" not in data:
            return b"" if self._look(data) else data
        self._kept += data
        passed: List[bytes] = []
        start = 0
        # The end mark may lie across two reads, so the search steps back by its length.
        place = max(self._looked - 3, 0)
        while True:
            found = _END.search(self._kept, place)
            if found is None:
                break
            event = bytes(self._kept[start : found.end()])
            if not self._look(event):
                passed.append(event)
            start = place = found.end()
        del self._kept[:start]
        self._looked = len(self._kept)
        return b"".join(passed)

    def _look(self, event: bytes) -> bool:
        """Returns whether the event is the usage chunk that the caller did not ask for."""
        if b"[DONE]" in event and event.strip() == b"data: [DONE]":
            self.finished = True
            return False
        if b'"usage"' not in event or _NULL_USAGE.search(event):
            self._glance(event)
            return False
        data = _data(event)
        if data is None:
            return False
        self._note(_usage.from_event(data))
        self._glance(event)
        return self._hide and data.get("choices") == [] and isinstance(data.get("usage"), dict)

    def _glance(self, event: bytes) -> None:
        if self.answer.model is None or self.answer.object_id is None:
            data = _data(event)
            if data is not None:
                self._note(_usage.from_event(data))
        if b'"delta"' in event:
            self.deltas += 1
        if event.startswith((b"event: error", b"event: response.failed", b'data: {"error"')):
            data = _data(event) or {}
            error = data.get("error") or data.get("response", {}).get("error") or data
            self.failure = (
                str(error.get("code") or error.get("type") or "stream_error")
                if isinstance(error, dict)
                else "stream_error"
            )

    def _note(self, seen: Answer) -> None:
        answer = self.answer
        answer.model = seen.model or answer.model
        answer.object_id = seen.object_id or answer.object_id
        answer.tier = seen.tier or answer.tier
        answer.usage = seen.usage or answer.usage


def _data(event: bytes) -> Optional[Dict[str, Any]]:
    lines = [line[5:].lstrip() for line in event.splitlines() if line.startswith(b"data:")]
    try:
        data = json.loads(b"\n".join(lines))
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
