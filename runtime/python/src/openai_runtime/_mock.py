"""Answers without a server, for `SERVICE_MODE=MOCK` and the listed paths of `HYBRID`.

The real SDK runs above them. Each has the header `x-openai-runtime-mock`, and its row says `usage_source=mock`.
"""

from __future__ import annotations

import itertools
import json
from typing import Any, Dict, List, Tuple

from . import _http
from ._routes import Route

_NUMBERS = itertools.count(1)
HEADER = {"x-openai-runtime-mock": "true"}
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


def listed(route: Route, paths: Tuple[str, ...]) -> bool:
    """Returns whether a request goes to one of the paths that are to be mocked."""
    return any(route.endpoint.strip("/") == path or route.method == path for path in paths)


def answer(request: Any, route: Route, body: bytes, stream: bool) -> Any:
    """Returns a fixed answer of the right shape."""
    data = json.loads(body) if body[:1] == b"{" else {}
    model = data.get("model") or "mock"
    number = next(_NUMBERS)
    if stream:
        return _events(request, _stream(route, number, model))
    return _http.answer(request, 200, _whole(route, number, model, data), HEADER)


def _whole(route: Route, number: int, model: str, data: Dict[str, Any]) -> Dict[str, Any]:
    if route.method == "chat.completions.create":
        message = {"role": "assistant", "content": "mock", "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        head = {"id": f"chatcmpl-mock-{number}", "object": "chat.completion", "created": 0, "model": model}
        return {**head, "choices": [choice], "usage": USAGE}
    if route.method == "responses.create":
        return _response(number, model)
    if route.method == "embeddings.create":
        inputs = data.get("input")
        count = len(inputs) if isinstance(inputs, list) and inputs and not isinstance(inputs[0], int) else 1
        vector: Any = [0.0] * int(data.get("dimensions") or 8)
        if data.get("encoding_format") == "base64":
            import base64

            vector = base64.b64encode(bytes(4 * len(vector))).decode()
        items = [{"object": "embedding", "index": place, "embedding": vector} for place in range(count)]
        return {"object": "list", "data": items, "model": model, "usage": {"prompt_tokens": 1, "total_tokens": 1}}
    return {
        "id": f"mock_{number}",
        "object": "list",
        "data": [],
        "has_more": False,
        "text": "mock",
        "status": "completed",
    }


def _response(number: int, model: str) -> Dict[str, Any]:
    text = {"type": "output_text", "text": "mock", "annotations": []}
    message = {
        "type": "message",
        "id": f"msg_mock_{number}",
        "status": "completed",
        "role": "assistant",
        "content": [text],
    }
    head = {"id": f"resp_mock_{number}", "object": "response", "created_at": 0, "model": model, "status": "completed"}
    rest = {"parallel_tool_calls": True, "tool_choice": "auto", "tools": []}
    usage = {
        "input_tokens": 1,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": 1,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 2,
    }
    return {**head, **rest, "output": [message], "usage": usage}


def _stream(route: Route, number: int, model: str) -> List[Tuple[str, Dict[str, Any]]]:
    if route.method == "responses.create":
        whole = _response(number, model)
        started = {**whole, "status": "in_progress", "output": [], "usage": None}
        place = {"item_id": f"msg_mock_{number}", "output_index": 0, "content_index": 0}
        return [
            ("response.created", {"type": "response.created", "sequence_number": 0, "response": started}),
            (
                "response.output_text.delta",
                {"type": "response.output_text.delta", "sequence_number": 1, "delta": "mock", "logprobs": [], **place},
            ),
            ("response.completed", {"type": "response.completed", "sequence_number": 2, "response": whole}),
        ]
    head = {"id": f"chatcmpl-mock-{number}", "object": "chat.completion.chunk", "created": 0, "model": model}
    delta = {"role": "assistant", "content": "mock"}
    return [
        ("", {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None, "text": "mock"}]}),
        ("", {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "text": ""}]}),
    ]


def _events(request: Any, events: List[Tuple[str, Dict[str, Any]]]) -> Any:
    lines = [(f"event: {name}\n" if name else "") + f"data: {json.dumps(data)}\n\n" for name, data in events]
    if not events[0][0]:
        lines.append("data: [DONE]\n\n")
    return _http.made(request, 200, "".join(lines).encode(), {"content-type": "text/event-stream", **HEADER})
