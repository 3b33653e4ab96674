"""A small OpenAI server on loopback, whose request log is what the tests believe.

Every request is logged before it is answered, so the log says what was really sent. What is answered can be
scripted per path; without a script each path gets a plausible answer with usage.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gzip
import itertools
import json
import re
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Callable, Iterator, Optional

USAGE = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 2, "audio_tokens": 0},
}
RESPONSE_USAGE = {
    "input_tokens": 13,
    "input_tokens_details": {"cached_tokens": 5},
    "output_tokens": 9,
    "output_tokens_details": {"reasoning_tokens": 3},
    "total_tokens": 22,
}


@dataclasses.dataclass
class Logged:
    """One request as it arrived."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    at: float
    status: Optional[int] = None

    def json(self) -> Any:
        return json.loads(self.body)


@dataclasses.dataclass
class Reply:
    """What to answer: a status with a body, a stream of events, or a fault."""

    status: int = 200
    json: Any = None
    body: Optional[bytes] = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    events: Optional[list[str]] = None
    event_delay: float = 0.0
    encoding: Optional[str] = None
    fault: Optional[str] = None  # "hang", "drop", "drop-midway"


def rate_limited(retry_after: str = "1", code: str = "rate_limit_exceeded") -> Reply:
    """Returns a 429 as OpenAI sends it."""
    body = {"error": {"message": "slow down", "type": "requests", "param": None, "code": code}}
    return Reply(429, body, headers={"retry-after": retry_after} if retry_after else {})


def quota_exhausted() -> Reply:
    """Returns the 429 of an account without credit."""
    error = {"message": "quota", "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}
    return Reply(429, {"error": error})


def failure(status: int = 500) -> Reply:
    """Returns a server error."""
    return Reply(status, {"error": {"message": "boom", "type": "server_error", "param": None, "code": None}})


class FakeOpenAI:
    """The server, its log and its script."""

    def __init__(self) -> None:
        self.log: list[Logged] = []
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)
        self.queue: list[tuple[Optional[re.Pattern[str]], Reply]] = []
        self.rules: list[tuple[re.Pattern[str], Callable[[Logged], Optional[Reply]]]] = []
        self.released = threading.Event()
        self.headers: dict[str, str] = {}
        self.gzip = False
        self.delay = 0.0
        fake = self

        class Handler(_Handler):
            server_of = fake

        self.http = _Server(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def azure(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def next(self, *replies: Reply, path: Optional[str] = None) -> None:
        """Queues replies; each is used once, for the first request whose path matches."""
        pattern = re.compile(path) if path else None
        with self.lock:
            self.queue.extend((pattern, reply) for reply in replies)

    def rule(self, path: str, answer: Callable[[Logged], Optional[Reply]]) -> None:
        """Answers every request to a path by a function; `None` falls through."""
        self.rules.append((re.compile(path), answer))

    def requests(self, path: str = "") -> list[Logged]:
        with self.lock:
            return [logged for logged in self.log if path in logged.path]

    def clear(self) -> None:
        with self.lock:
            self.log.clear()
            self.queue.clear()
            self.rules.clear()
        self.headers = {}
        self.gzip = False
        self.delay = 0.0

    def close(self) -> None:
        self.released.set()
        self.http.shutdown()
        self.http.server_close()

    def reply(self, logged: Logged) -> Reply:
        with self.lock:
            for place, (pattern, reply) in enumerate(self.queue):
                if pattern is None or pattern.search(logged.path):
                    del self.queue[place]
                    return reply
            rules = list(self.rules)
        for pattern, answer in rules:
            if pattern.search(logged.path):
                scripted = answer(logged)
                if scripted is not None:
                    return scripted
        return usual(logged, next(self.numbers))


@contextlib.contextmanager
def running() -> Iterator[FakeOpenAI]:
    """Runs a server for a block."""
    fake = FakeOpenAI()
    try:
        yield fake
    finally:
        fake.close()


def event(data: Any, name: Optional[str] = None) -> str:
    """Returns one server-sent event."""
    head = f"event: {name}\n" if name else ""
    return head + "data: " + (data if isinstance(data, str) else json.dumps(data)) + "\n\n"


def chat_events(number: int, model: str, include_usage: bool, words: int = 5) -> list[str]:
    """Returns a streamed chat completion, with the usage chunk if it was asked for."""
    base = {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk", "created": 1, "model": model}
    extra = {"usage": None} if include_usage else {}
    events = []
    for word in range(words):
        choice = {"index": 0, "delta": {"role": "assistant", "content": f"w{word} "}, "finish_reason": None}
        events.append(event({**base, "choices": [choice], **extra}))
    events.append(event({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], **extra}))
    if include_usage:
        events.append(event({**base, "choices": [], "usage": USAGE}))
    events.append(event("[DONE]"))
    return events


def usual(logged: Logged, number: int) -> Reply:
    """Returns a plausible answer for a path nobody scripted."""
    path = re.sub(r"^/(openai/)?(v1/)?(deployments/[^/]+/)?", "/", logged.path)
    body: dict[str, Any] = {}
    if logged.body[:1] == b"{":
        body = json.loads(logged.body)
    elif b'name="model"' in logged.body:
        body = {"model": logged.body.split(b'name="model"\r\n\r\n', 1)[1].split(b"\r\n", 1)[0].decode()}
    model = body.get("model") or "gpt-4o-mini"
    streaming = body.get("stream") is True
    if path == "/chat/completions" and logged.method == "POST":
        if streaming:
            options = body.get("stream_options") or {}
            return Reply(events=chat_events(number, model, bool(options.get("include_usage"))))
        message = {"role": "assistant", "content": "hello", "refusal": None}
        if body.get("response_format"):
            message["content"] = json.dumps({"name": "x", "age": 3})
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        answer = {"id": f"chatcmpl-{number}", "object": "chat.completion", "created": 1, "model": model}
        return Reply(json={**answer, "choices": [choice], "usage": USAGE, "service_tier": "default"})
    if path == "/completions" and logged.method == "POST":
        answer = {"id": f"cmpl-{number}", "object": "text_completion", "created": 1, "model": model}
        choice = {"index": 0, "text": "hello", "finish_reason": "stop", "logprobs": None}
        if streaming:
            events = [event({**answer, "choices": [choice]})]
            if (body.get("stream_options") or {}).get("include_usage"):
                events.append(event({**answer, "choices": [], "usage": USAGE}))
            return Reply(events=[*events, event("[DONE]")])
        return Reply(json={**answer, "choices": [choice], "usage": USAGE})
    if path == "/embeddings":
        count = len(body["input"]) if isinstance(body.get("input"), list) else 1
        vector: Any = [0.25] * 8
        if body.get("encoding_format") == "base64":
            vector = "AACAPgAAgD4="
        data = [{"object": "embedding", "index": index, "embedding": vector} for index in range(count)]
        usage = {"prompt_tokens": 6, "total_tokens": 6}
        return Reply(json={"object": "list", "data": data, "model": model, "usage": usage})
    if path == "/responses" and logged.method == "POST":
        return _responses(number, model, body, streaming)
    if path in ("/audio/transcriptions", "/audio/translations"):
        return Reply(json={"text": "hello", "usage": {"type": "duration", "seconds": 3}})
    if path == "/audio/speech":
        return Reply(body=b"\x00" * 64, headers={"content-type": "audio/mpeg"})
    if path.startswith("/images"):
        return Reply(json={"created": 1, "data": [{"url": "http://127.0.0.1/x.png"}]})
    if path.endswith("/content"):
        return Reply(body=b"content", headers={"content-type": "application/octet-stream"})
    if path == "/moderations":
        return Reply(json={"id": f"modr-{number}", "model": "omni-moderation-latest", "results": []})
    return _object(path, logged.method, number, body, streaming)


def _responses(number: int, model: str, body: dict[str, Any], streaming: bool) -> Reply:
    content = {"type": "output_text", "text": "hello", "annotations": []}
    message = {"type": "message", "id": f"msg_{number}", "status": "completed", "role": "assistant"}
    answer = {
        "id": f"resp_{number}",
        "object": "response",
        "created_at": 1,
        "model": model,
        "status": "completed",
        "output": [{**message, "content": [content]}],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": RESPONSE_USAGE,
        "service_tier": "default",
    }
    if body.get("background"):
        return Reply(json={**answer, "status": "queued", "output": [], "usage": None})
    if not streaming:
        return Reply(json=answer)
    started = {**answer, "status": "in_progress", "output": [], "usage": None}
    text = {"item_id": f"msg_{number}", "output_index": 0, "content_index": 0}
    item = {**message, "status": "in_progress", "content": []}
    steps: list[tuple[str, dict[str, Any]]] = [
        ("response.created", {"response": started}),
        ("response.output_item.added", {"output_index": 0, "item": item}),
        ("response.content_part.added", {**text, "part": {**content, "text": ""}}),
        ("response.output_text.delta", {**text, "delta": "hello", "logprobs": []}),
        ("response.output_text.done", {**text, "text": "hello", "logprobs": []}),
        ("response.output_item.done", {"output_index": 0, "item": answer["output"][0]}),  # type: ignore[index]
        ("response.completed", {"response": answer}),
    ]
    return Reply(
        events=[
            event({"type": name, "sequence_number": place, **data}, name) for place, (name, data) in enumerate(steps)
        ]
    )


def _object(path: str, method: str, number: int, body: dict[str, Any], streaming: bool) -> Reply:
    last = path.rstrip("/").rsplit("/", 1)[-1]
    made = {"id": f"obj_{number}", "object": last, "created_at": 1, "status": "completed", "bytes": 1, "filename": "f"}
    if re.search(r"/runs(/[^/]+)?(/submit_tool_outputs|/cancel)?$", path) and path.startswith("/threads"):
        run = {**made, "id": f"run_{number}", "object": "thread.run", "model": "gpt-4o-mini", "thread_id": "thread_1"}
        run["usage"] = {"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9}
        if streaming:
            return Reply(events=[event(run, "thread.run.completed"), event("[DONE]", "done")])
        return Reply(json=run)
    if streaming:
        return Reply(events=[event({"type": "done"}, "done"), event("[DONE]")])
    if method == "DELETE":
        return Reply(json={"id": last, "object": "deleted", "deleted": True})
    return Reply(json={**made, "data": [], "has_more": False})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def server_bind(self) -> None:
        """Binds without asking the name service for our own name, which may take its time."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536
    server_of: FakeOpenAI

    def log_message(self, *_: Any) -> None:
        pass

    def _answer(self) -> None:
        fake = self.server_of
        body = self._read_body()
        path, _, query = self.path.partition("?")
        logged = Logged(self.command, path, query, {k.lower(): v for k, v in self.headers.items()}, body, time.time())
        with fake.lock:
            fake.log.append(logged)
        if fake.delay:
            time.sleep(fake.delay)
        reply = fake.reply(logged)
        logged.status = reply.status
        if reply.fault == "hang":
            fake.released.wait(30)
        if reply.fault in ("hang", "drop"):
            self.close_connection = True
            return
        if reply.events is not None:
            self._stream(reply)
        else:
            self._whole(reply, logged)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _answer

    def _read_body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            parts = []
            while True:
                size = int(self.rfile.readline().strip() or b"0", 16)
                parts.append(self.rfile.read(size))
                self.rfile.readline()
                if size == 0:
                    return b"".join(parts)
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _head(self, reply: Reply, content_type: str, encoding: Optional[str]) -> None:
        self.send_response(reply.status)
        headers = {"content-type": content_type, "x-request-id": f"req_{next(self.server_of.numbers)}"}
        if encoding:
            headers["content-encoding"] = encoding
        for name, value in {**headers, **self.server_of.headers, **reply.headers}.items():
            self.send_header(name, value)

    def _whole(self, reply: Reply, logged: Logged) -> None:
        payload = reply.body if reply.body is not None else json.dumps(reply.json).encode()
        encoding = reply.encoding or ("gzip" if self.server_of.gzip else None)
        if encoding == "gzip":
            payload = gzip.compress(payload)
        self._head(reply, "application/json", encoding)
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        if reply.fault == "drop-midway":
            self.wfile.write(payload[: len(payload) // 2])
            self.close_connection = True
        else:
            self.wfile.write(payload)
        self.wfile.flush()

    def _stream(self, reply: Reply) -> None:
        encoding = reply.encoding or ("gzip" if self.server_of.gzip else None)
        packer = zlib.compressobj(wbits=31) if encoding == "gzip" else None
        self._head(reply, "text/event-stream; charset=utf-8", encoding)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        events = reply.events or []
        for place, text in enumerate(events):
            data = text.encode()
            if packer:
                data = packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)
            self._chunk(data)
            if reply.event_delay:
                time.sleep(reply.event_delay)
            if reply.fault == "drop-midway" and place == len(events) // 2:
                self.close_connection = True
                return
        if packer:
            self._chunk(packer.flush())
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def _chunk(self, data: bytes) -> None:
        if data:
            self.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n")
            self.wfile.flush()
