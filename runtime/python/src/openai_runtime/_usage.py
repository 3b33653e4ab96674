"""Reads usage out of answers: whole ones, and single events of a stream."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any, Dict, Mapping, Optional, Tuple, cast

from .types import Usage

FINAL = frozenset({"completed", "incomplete", "failed", "cancelled", "expired", "succeeded"})
WHOLE = 256 * 1024
TAIL = 8192
MOST = 1 << 53
# What `json.loads` comes to in the end; three calls less, in code that runs with cold caches.
_SCAN = cast(Any, json.JSONDecoder()).scan_once


@dataclasses.dataclass
class Answer:
    """What one answer tells about itself."""

    usage: Optional[Usage] = None
    model: Optional[str] = None
    object_id: Optional[str] = None
    tier: Optional[str] = None
    images: Optional[int] = None


def from_body(body: bytes) -> Answer:
    """Returns what a JSON body tells; large bodies are looked at from their end, where usage stands."""
    if len(body) > WHOLE:
        return _from_tail(body) if body[:1] == b"{" else Answer()
    data = decoded(body)
    return Answer() if data is None else from_object(data)


def decoded(body: bytes) -> Optional[Dict[str, Any]]:
    """Returns the JSON object that a body is, without space before it; `None` for any other body."""
    if body[:1] != b"{":
        return None
    try:
        text = body.decode()
        data: Dict[str, Any]
        data, end = _SCAN(text, 0)
    except (ValueError, StopIteration):
        return None
    # A file of JSON lines begins the same way.
    return data if end == len(text) or text[end:].isspace() else None


def from_object(data: Mapping[str, Any]) -> Answer:
    """Returns what a decoded answer, or the object in an event, tells."""
    kind = data.get("object")
    answer = Answer(
        model=_text(data.get("model")),
        object_id=_text(data.get("id")),
        tier=_text(data.get("service_tier")),
    )
    # The usage of a step is a part of its run's; a list has none of its own except for embeddings.
    if kind in ("thread.run.step", "vector_store", "response.input_tokens"):
        return answer
    if kind == "batch":
        answer.tier = "batch"
    status = data.get("status")
    usage = data.get("usage")
    if isinstance(usage, dict) and not (
        isinstance(status, str) and kind in ("thread.run", "batch") and status not in FINAL
    ):
        answer.usage = from_usage(usage, data)
    elif usage is None and "text" in data and _seconds(data.get("duration")) is not None:
        answer.usage = Usage(seconds=_seconds(data["duration"]))
    elif usage is None and "created" in data and isinstance(data.get("data"), list):
        answer.images = len(data["data"])
    return answer


def from_event(data: Mapping[str, Any]) -> Answer:
    """Returns what one event of a stream tells."""
    inner = data.get("response")
    if isinstance(inner, dict):
        answer = from_object(inner)
        if inner.get("status") not in FINAL:
            answer.usage = None
        return answer
    return from_object(data)


def from_usage(usage: Mapping[str, Any], data: Optional[Mapping[str, Any]] = None) -> Usage:
    """Returns a usage object of any endpoint in one form."""
    if usage.get("type") == "duration":
        return Usage(seconds=_seconds(usage.get("seconds")))
    read = _details(usage, "prompt_tokens_details", "input_tokens_details", "input_token_details")
    wrote = _details(usage, "completion_tokens_details", "output_tokens_details", "output_token_details")
    images = data.get("data") if data is not None and "created" in data else None
    result = Usage(_first(usage, "prompt_tokens", "input_tokens"))
    result.output = _first(usage, "completion_tokens", "output_tokens")
    if read:
        result.cached = _optional(read.get("cached_tokens"))
        if len(read) > 1:
            _add_read(result, read)
    if wrote:
        result.reasoning = _optional(wrote.get("reasoning_tokens"))
        result.audio_output, result.image_output = _count(wrote.get("audio_tokens")), _count(wrote.get("image_tokens"))
    result.audio = result.audio_input + result.audio_output or None
    result.images = len(images) if isinstance(images, list) else None
    if result.input is None and result.output is None:
        result.input = _optional(usage.get("total_tokens"))
    if images is not None and not wrote and result.output:
        result.image_output = result.output
    return result


def _add_read(result: Usage, read: Mapping[str, Any]) -> None:
    cached_parts = read.get("cached_tokens_details")
    result.audio_input, result.image_input = _count(read.get("audio_tokens")), _count(read.get("image_tokens"))
    result.audio_cached = _count(cached_parts.get("audio_tokens")) if isinstance(cached_parts, dict) else 0
    result.cache_write = _count(read.get("cache_write_tokens"))


def _from_tail(body: bytes) -> Answer:
    answer = Answer()
    for name, edge in (("model", body[:TAIL] + body[-TAIL:]), ("id", body[:TAIL]), ("service_tier", body[-TAIL:])):
        found = re.search(rb'"' + name.encode() + rb'"\s*:\s*"([^"\\]{1,200})"', edge)
        text = found.group(1).decode("utf-8", "replace") if found else None
        if name == "model":
            answer.model = text
        elif name == "id":
            answer.object_id = text
        else:
            answer.tier = text
    # Quotes inside a JSON string are escaped, so these can only be keys.
    answer.images = body.count(b'"b64_json"') or None
    place = body.rfind(b'"usage"')
    start = body.find(b"{", place, place + 40) if place >= 0 else -1
    if start >= 0:
        try:
            usage, _ = json.JSONDecoder().raw_decode(body[start : start + TAIL].decode("utf-8", "replace"))
        except ValueError:
            return answer
        answer.usage = from_usage(usage)
    return answer


def image_kind(size: Any, quality: Any) -> str:
    """Returns the kind of an image as prices name it; what is not said is standard, and a square of 1,024."""
    return f"{quality or 'standard'} {size or '1024x1024'}"


def error_code(body: bytes) -> Tuple[Optional[str], Optional[str]]:
    """Returns (code, type) of an error's body."""
    try:
        error = json.loads(body).get("error")
    except (ValueError, AttributeError):
        return None, None
    if not isinstance(error, dict):
        return None, None
    return _text(error.get("code")), _text(error.get("type"))


def _details(usage: Mapping[str, Any], *names: str) -> Dict[str, Any]:
    for name in names:
        value = usage.get(name)
        if isinstance(value, dict):
            return value
    return {}


def _first(usage: Mapping[str, Any], *names: str) -> Optional[int]:
    for name in names:
        value = _optional(usage.get(name))
        if value is not None:
            return value
    return None


def _optional(value: Any) -> Optional[int]:
    # No answer uses more than this; what claims to is no count, and no store could hold it.
    if type(value) is int:
        return value if 0 <= value < MOST else None
    return int(value) if isinstance(value, float) and 0 <= value < MOST else None


def _seconds(value: Any) -> Optional[float]:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < MOST else None


def _count(value: Any) -> int:
    return 0 if value is None else _optional(value) or 0


def _text(value: Any) -> Optional[str]:
    return value if isinstance(value, str) else None
