"""The seam: every HTTP attempt of a client passes through `send`, is admitted, counted, and passed on."""

from __future__ import annotations

import contextvars
import json
import re
import time
from typing import Any, Callable, Dict, Optional, Tuple

from . import _context, _http, _mock, _routes, _usage
from ._config import tracking_disabled
from ._limits import extract_retry_after_header
from ._routes import Route
from ._runtime import Runtime, default_runtime
from ._sse import EventReader
from .types import Refusal, Reservation, Usage, UsageEvent

# Set by clients of SDKs that do not send a retry count.
ATTEMPT: contextvars.ContextVar[int] = contextvars.ContextVar("openai_runtime_attempt", default=1)
STREAMED = ("chat.completions.create", "completions.create")
SMALL = 16 * 1024
POLL = 0.03
_MODEL = re.compile(rb'"model"\s*:\s*"([^"\\]+)"')
_STREAM = re.compile(rb'"stream"\s*:\s*true')
_ASKED = re.compile(rb'"include_usage"\s*:\s*true')
REFUSED = "x-openai-runtime-refused"
RESUME_AT = "x-openai-runtime-resume-at"
FALLBACK = "x-openai-runtime-fallback-model"


class Binding:
    """Whom a client's calls are counted for."""

    def __init__(self, workspace: Optional[str], runtime: Optional[Runtime]) -> None:
        self.workspace = workspace
        self._runtime = runtime

    @property
    def runtime(self) -> Runtime:
        """Returns the runtime: the process's own unless another was given."""
        return self._runtime if self._runtime is not None else default_runtime()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Binding):
            return NotImplemented
        return self.workspace == other.workspace and self._runtime is other._runtime

    def __hash__(self) -> int:
        return hash((self.workspace, id(self._runtime)))


def instrument(client: Any, binding: Binding) -> Any:
    """Returns a twin of an HTTP client that tracks what it sends; a twin of the same binding is left as it is."""
    known = _http.binding_of(client)
    if known is not None and known == binding:
        return client
    inner = _http.original(client)
    make = _async_send if _http.is_async(inner) else _sync_send
    return _http.twin(inner, lambda original: make(original, binding), binding)


def _sync_send(client: Any, binding: Binding) -> Callable[..., Any]:
    def send(request: Any, **options: Any) -> Any:
        attempt = _begin(binding, request, options)
        if attempt is None:
            return client.send(request, **options)
        if attempt.is_gated:
            try:
                while (wait := attempt.admit()) > 0:
                    time.sleep(wait)
            except BaseException:
                attempt.given_up()
                raise
            if attempt.answer is not None:
                return attempt.answer
        attempt.sending()
        try:
            response = client.send(attempt.request, **options)
        except BaseException as error:
            attempt.raised(error)
            raise
        if response.status_code >= 400:
            # Only an error's body tells what it is.
            _read(response)
            if attempt.must_repeat(response):
                return send(request, **options)
        return attempt.received(response)

    return send


def _async_send(client: Any, binding: Binding) -> Callable[..., Any]:
    async def send(request: Any, **options: Any) -> Any:
        attempt = _begin(binding, request, options)
        if attempt is None:
            return await client.send(request, **options)
        if attempt.is_gated:
            try:
                while (wait := await _off_loop(attempt.admit) if attempt.limited else attempt.admit()) > 0:
                    await _sleep(wait)
            except BaseException:
                attempt.given_up()
                raise
            if attempt.answer is not None:
                return attempt.answer
        attempt.sending()
        try:
            response = await client.send(attempt.request, **options)
        except BaseException as error:
            attempt.raised(error)
            raise
        if response.status_code >= 400:
            await _aread(response)
            if attempt.must_repeat(response):
                return await send(request, **options)
        return attempt.received(response)

    return send


async def _off_loop(call: Callable[[], float]) -> float:
    import anyio.to_thread

    return await anyio.to_thread.run_sync(call)


async def _sleep(seconds: float) -> None:
    import anyio

    await anyio.sleep(seconds)


def _read(response: Any) -> None:
    try:
        if not response.is_closed:
            response.read()
    except Exception:
        # The SDK reads it again and reports what it finds.
        pass


async def _aread(response: Any) -> None:
    try:
        if not response.is_closed:
            await response.aread()
    except Exception:
        pass


def _begin(binding: Binding, request: Any, options: Dict[str, Any]) -> Optional[Attempt]:
    if tracking_disabled():
        return None
    try:
        runtime = binding.runtime
    except Exception:
        return None
    try:
        attempt = Attempt(runtime, binding, request, bool(options.get("stream")))
        return None if attempt.mode == "off" else attempt
    except Exception:
        runtime.failed("begin")
        return None


class Attempt:
    """One HTTP attempt, from its admission to its row."""

    def __init__(self, runtime: Runtime, binding: Binding, request: Any, streaming: bool) -> None:
        self.runtime = runtime
        self.request = request
        self.answer: Any = None
        self.raw: Dict[bytes, bytes] = {}
        self.context = context = _context.current()
        workspace = binding.workspace or (context.workspace if context else None)
        self.mode = runtime.config.mode_of(workspace)
        if self.mode == "off":
            return
        url = request.url
        self.route: Route = _routes.route(request.method, url.path)
        host = url.host
        self.host = _routes.host_key(host, url.port)
        self.provider = _routes.provider(host)
        self.body = _http.body_of(request)
        self.fields = _fields(self.body)
        model = self.fields.get("model") or self.route.deployment or self._form_model()
        self.event = UsageEvent(
            uid=runtime.uid(),
            ts=time.time(),
            workspace=workspace,
            environment=runtime.config.environment,
            method=self.route.method,
            endpoint=self.route.endpoint,
            host=self.host,
            model=model,
            attempt=_attempt_number(request),
            stream=streaming and self._streams(),
        )
        if context is not None:
            self._add_context(context)
        self.hides_usage = self.event.stream and self._inject_usage()
        self.started = time.perf_counter()
        self.reservation: Optional[Reservation] = None
        self.done = False
        # Whether budgets and pauses hold for it, so that the store may have to be asked.
        self.limited = self.mode == "enforce"
        self.is_gated = self.limited or runtime.config.service_mode != "REAL"
        self.may_try = False
        self.is_given_up = False
        self.deadline = self.started + runtime.config.max_wait
        self.key = (self.host, model or "")

    # Before the request

    def admit(self) -> float:
        """Returns zero if the call may go, or has its answer already; else how long to wait and ask again."""
        try:
            if self.runtime.config.service_mode != "REAL" and self._mocked():
                return 0.0
            return self._admit() if self.limited else 0.0
        except Exception:
            self.runtime.failed("admit")
            if self.limited and self.runtime.config.store_error == "closed":
                self._refuse("store_error", 503, "the budget store cannot be asked", None)
            return 0.0

    def _admit(self) -> float:
        runtime = self.runtime
        # Asked once: who is let through as the probe must not be told, after a pause, that there is one already.
        if not self.may_try:
            left = runtime.breaker.allow(self.key)
            if left is not None:
                self._refuse("circuit_open", 503, f"the circuit of {self.key} is open", time.time() + left)
                return 0.0
            self.may_try = True
        now = time.perf_counter()
        for gated in (self.host, "|".join(self.key)):
            wait = runtime.gate.wait(gated)
            if wait > 0 and now + wait > self.deadline:
                self._refuse("paused", 429, f"{gated} is paused", time.time() + wait)
                return 0.0
            if wait > 0:
                return wait
        return self._reserve(now)

    def _reserve(self, now: float) -> float:
        runtime, config = self.runtime, self.runtime.config
        priced = self.event.model is None or runtime.prices.knows(self.event.model, self.provider)
        if config.unknown_price == "refuse" and self.route.creates and not priced:
            self._refuse("unknown_price", 429, f"{self.event.model} has no known price", None)
            return 0.0
        granted = runtime.reserve(self.event, self.provider, self.body or b"", time.time())
        if isinstance(granted, Refusal):
            if granted.may_pass and now < self.deadline:
                return POLL
            if granted.claim.code == "budget_exceeded" and self._fall_back():
                return 0.001
            end = runtime.window_end(granted.claim)
            message = (
                f"{granted.claim.scope} has used {granted.spent} of {granted.claim.limit} in {granted.claim.window}"
            )
            self._refuse(granted.claim.code, 429, message, end)
            return 0.0
        self.reservation = granted
        if self.is_given_up:
            self.given_up()
        return 0.0

    def given_up(self) -> None:
        """Gives back what was reserved for a call that is not made. Admission may still run in a thread of its own."""
        self.is_given_up = True
        if self.done:
            return
        try:
            self.runtime.breaker.abandoned(self.key)
            if self.reservation is not None:
                self.runtime.settle(self.reservation, 0, False)
                self.runtime.writer.kick()
        except Exception:
            self.runtime.failed("given_up")

    def _fall_back(self) -> bool:
        """Puts the cheaper model that the settings name into the request."""
        cheaper = self.runtime.config.fallback_models.get(self.event.model or "")
        if cheaper is None or self.body is None or cheaper == self.event.model:
            return False
        data = json.loads(self.body)
        data["model"] = cheaper
        self.body = json.dumps(data, separators=(",", ":")).encode()
        self.request = _http.rebuilt(self.request, self.body)
        self.event.ctx = {**(self.event.ctx or {}), "fallback_from": self.event.model}
        self.event.model = cheaper
        self.key = (self.host, cheaper)
        return True

    def _refuse(self, code: str, status: int, message: str, resume_at: Optional[float]) -> None:
        headers = {"x-should-retry": "false", REFUSED: code}
        if resume_at is not None:
            headers[RESUME_AT] = f"{resume_at:.3f}"
            headers["retry-after"] = f"{max(resume_at - time.time(), 0.0):.3f}"
        error = {"message": message, "type": "quota", "param": None, "code": code}
        self.answer = _http.answer(self.request, status, {"error": error}, headers)
        if self.may_try:
            self.runtime.breaker.abandoned(self.key)
        self.event.error = f"refused:{code}"
        self._close(sent=False)

    def _mocked(self) -> bool:
        config = self.runtime.config
        if config.service_mode == "HYBRID" and not _mock.listed(self.route, config.mock_paths):
            return False
        self.answer = _mock.answer(self.request, self.route, self.body or b"", self.event.stream)
        self.event.status, self.event.usage_source = 200, "mock"
        self._close(sent=False)
        return True

    def sending(self) -> None:
        """Notes that the request is about to go out."""
        self.started = time.perf_counter()
        try:
            self.runtime.writer.began(self.event)
        except Exception:
            self.runtime.failed("journal")

    # After it

    def raised(self, error: BaseException) -> None:
        """Takes a request that ended without an answer."""
        try:
            http = _http.library(type(self.request))
            name = type(error).__name__
            ours = isinstance(error, Exception) and isinstance(error, http.TransportError)
            unsent = isinstance(error, (http.ConnectError, http.ConnectTimeout, http.PoolTimeout))
            self.event.error = name if ours else ("cancelled" if not isinstance(error, Exception) else name)
            if self.limited and ours:
                self.runtime.breaker.failed(self.key)
            elif self.limited:
                self.runtime.breaker.abandoned(self.key)
            self._close(sent=not unsent, charge_estimate=not unsent)
        except Exception:
            self.runtime.failed("raised")

    def must_repeat(self, response: Any) -> bool:
        """Returns whether the server refused only what we had added; the request then goes again without it."""
        if not self.hides_usage or response.status_code not in (400, 422):
            return False
        try:
            if b"stream_options" not in response.content and b"include_usage" not in response.content:
                return False
            self.runtime.no_injection.add(self.host)
            self._heads(response)
            self.event.error = "stream_options_refused"
            self._close(sent=True)
            return True
        except Exception:
            self.runtime.failed("repeat")
            return False

    def received(self, response: Any) -> Any:
        """Takes the answer and returns it to the caller, watched if it is a stream."""
        try:
            self._heads(response)
            self._limits(response)
            if "fallback_from" in (self.event.ctx or {}):
                response.headers[FALLBACK] = self.event.model or ""
            if response.is_closed:
                self._body(getattr(response, "_content", b""))
            else:
                self._watch(response)
        except Exception:
            self.runtime.failed("received")
            self._close(sent=True)
        return response

    def _heads(self, response: Any) -> None:
        event = self.event
        event.ttfb_ms = (time.perf_counter() - self.started) * 1000
        event.status = response.status_code
        self.raw = raw = _http.raw_headers(response)
        request_id = raw.get(b"x-request-id") or raw.get(b"apim-request-id")
        event.request_id = request_id.decode("ascii", "replace") if request_id else None

    def _limits(self, response: Any) -> None:
        runtime, code, raw = self.runtime, response.status_code, self.raw
        status = None
        if code == 429 or b"x-ratelimit-limit-requests" in raw or b"x-ratelimit-limit-tokens" in raw:
            status = runtime.monitor.update(response, self.host, self.event.model or "", code)
        else:
            runtime.monitor.requests += 1
        if code == 429:
            self._rate_limited(response)
        elif self.limited and status is not None:
            for remaining, reset in (
                (status.remaining_requests, status.reset_requests),
                (status.remaining_tokens, status.reset_tokens),
            ):
                if remaining == 0 and reset is not None and reset.total_seconds() > 0:
                    runtime.gate.pause("|".join(self.key), reset.total_seconds(), "limit_used_up")
        if not self.limited:
            return
        if code >= 500:
            runtime.breaker.failed(self.key)
        else:
            runtime.breaker.succeeded(self.key)

    def _rate_limited(self, response: Any) -> None:
        code, kind = _usage.error_code(response.content)
        if "insufficient_quota" in (code, kind):
            # Waiting does not bring back credit; the SDK would try again all the same.
            response.headers["x-should-retry"] = "false"
            self.runtime.alerts.once("insufficient_quota", self.host)
            return
        if self.limited:
            asked = extract_retry_after_header(response.headers)
            self.runtime.gate.pause(self.host, self.runtime.config.pause_backoff if asked is None else asked, "429")

    def _body(self, body: bytes) -> None:
        event = self.event
        if event.status is not None and event.status >= 400:
            code, kind = _usage.error_code(body)
            event.error = code or kind or f"http_{event.status}"
            self._close(sent=True)
            return
        self._answered(_usage.from_body(body), "response")

    def _watch(self, response: Any) -> None:
        kind = response.headers.get("content-type", "")
        watcher = Watcher(self, "event-stream" in kind, "json" in kind)
        self.runtime.dropped.expect()
        sync_class, async_class = _http.stream_classes(type(response))
        http = _http.library(type(response))
        cls: Any = (
            async_class
            if isinstance(response.stream, http.AsyncByteStream) and not _is_both(response, http)
            else sync_class
        )
        _http.replace_stream(response, lambda stream: cls(stream, watcher), decode=watcher.looks)

    def _answered(self, answer: _usage.Answer, source: str) -> None:
        event = self.event
        event.model = answer.model or event.model
        event.object_id = answer.object_id
        event.tier = answer.tier
        usage = answer.usage or self._usage_by_request(answer.images)
        if usage is None:
            pending = self.route.creates and self.fields.get("background") is True
            self._close(sent=True, charge_estimate=pending)
            return
        event.usage_source = source if self.route.creates else "poll"
        known = answer.object_id is not None and self.runtime.counted_before(answer.object_id, add=True)
        if known and not self.route.creates:
            event.usage_source = "repeat"
            usage = Usage()
        if event.usage_source != "repeat":
            self.runtime.price(event, usage, self.provider)
        self._close(sent=True)

    def _field(self, name: str) -> Any:
        return self.fields.get(name) or _http.form_field(self.request, name)

    def _usage_by_request(self, images: Optional[int]) -> Optional[Usage]:
        """Returns what is billed by what was asked for, where the answer has no usage."""
        if images is not None and self.route.endpoint.startswith("/images/"):
            size, quality = (
                self.fields.get(name) or _http.form_field(self.request, name) for name in ("size", "quality")
            )
            return Usage(images=images, image_kind=_usage.image_kind(size, quality))
        if self.route.endpoint == "/audio/speech":
            text = self.fields.get("input")
            model = self.event.model or ""
            return Usage(chars=len(text)) if isinstance(text, str) and model.startswith("tts-") else None
        return None

    def _close(self, sent: bool, charge_estimate: bool = False) -> None:
        """Writes the row and settles the reservation, once."""
        if self.done:
            return
        self.done = True
        event, runtime = self.event, self.runtime
        event.dur_ms = (time.perf_counter() - self.started) * 1000
        try:
            if self.reservation is not None:
                cost = event.cost_nano
                if cost is None:
                    cost = _reserved_cost(self.reservation) if charge_estimate else 0
                runtime.settle(self.reservation, cost, sent)
            elif sent and runtime.has_limits:
                runtime.observe_spending(event)
        except Exception:
            runtime.failed("settle")
        try:
            runtime.put(event, self.context)
        except Exception:
            runtime.failed("put")

    # What the request says

    def _streams(self) -> bool:
        return self.body is None or _STREAM.search(self.body) is not None

    def _form_model(self) -> Optional[str]:
        return _http.form_field(self.request, "model") if self.body is None else None

    def _add_context(self, context: _context.Context) -> None:
        event = self.event
        event.operation, event.batch_id = context.operation, context.batch_id
        event.ctx = _context.capped(context.data)
        correlation = context.data.get("correlation_id")
        if correlation is not None and "x-client-request-id" not in self.request.headers:
            self.request.headers["X-Client-Request-Id"] = str(correlation)

    def _inject_usage(self) -> bool:
        """Asks for usage in a stream that would not tell it; returns whether its chunk must be hidden."""
        runtime, request, body = self.runtime, self.request, self.body
        if runtime.config.stream_usage != "inject" or body is None or self.route.method not in STREAMED:
            return False
        if self.host in runtime.no_injection or _ASKED.search(body) or self.provider == "bedrock":
            return False
        # A signature covers the body, so a signed request must stay as it is.
        if request.headers.get("authorization", "").startswith("AWS4-"):
            return False
        if not _routes.azure_streams_usage(request.url.path, request.url.query.decode("ascii", "replace")):
            return False
        if b'"stream_options"' not in body:
            changed = b'{"stream_options":{"include_usage":true},' + body[1:]
        else:
            data = json.loads(body)
            data["stream_options"] = {**(data.get("stream_options") or {}), "include_usage": True}
            changed = json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
        self.request = _http.rebuilt(request, changed)
        return True


class Watcher:
    """Sees a stream pass and closes its attempt when it ends, however it ends."""

    LARGEST = 8 * 1024 * 1024

    def __init__(self, attempt: Attempt, events: bool, whole: bool) -> None:
        self._attempt = attempt
        self._reader = EventReader(attempt.hides_usage) if events else None
        self._parts: Optional[bytearray] = bytearray() if whole and not events else None
        self._first = True

    @property
    def looks(self) -> bool:
        """Returns whether the stream's content is looked at, so that it must be decoded."""
        return self._reader is not None or self._parts is not None

    def feed(self, data: bytes) -> bytes:
        """Takes bytes and returns those to pass on."""
        try:
            if self._reader is not None:
                passed = self._reader.feed(data)
                # Older SDKs do not close a stream in which they found an error.
                if self._reader.finished or self._reader.failure is not None:
                    self.done(None, self._reader.finished)
                return passed
            if self._parts is not None and len(self._parts) < self.LARGEST:
                self._parts += data
        except Exception:
            self._attempt.runtime.failed("stream")
        return data

    def rest(self) -> bytes:
        """Returns what was held back."""
        try:
            return self._reader.rest() if self._reader is not None else b""
        except Exception:
            self._attempt.runtime.failed("stream")
            return b""

    def done(self, error: Optional[BaseException], complete: bool = False) -> None:
        """Takes the end of the stream."""
        attempt = self._attempt
        if attempt.done or not attempt.runtime.owns(attempt.event):
            return
        try:
            if error is not None:
                attempt.event.error = type(error).__name__
            if self._parts is not None:
                attempt._body(bytes(self._parts))
            elif self._reader is not None:
                self._end(self._reader, complete and error is None)
            else:
                attempt._answered(_usage.Answer(), "response")
        except Exception:
            attempt.runtime.failed("stream")
            attempt._close(sent=True)

    def dropped(self) -> None:
        """Takes the end of a stream that nobody has closed, wherever the garbage collector found it."""
        if not self._attempt.done:
            self._attempt.runtime.dropped.add(self)

    def _end(self, reader: EventReader, complete: bool) -> None:
        attempt, answer = self._attempt, reader.answer
        source = "stream"
        if reader.failure is not None:
            attempt.event.error = reader.failure
        if answer.usage is None and not complete and not reader.finished and attempt.route.creates:
            attempt.event.error = attempt.event.error or "abandoned"
            if reader.deltas:
                answer.usage = Usage(input=len(attempt.body or b"") // 4, output=reader.deltas)
                source = "estimate"
        attempt._answered(answer, source)


def _is_both(response: Any, http: Any) -> bool:
    """A body in memory is a stream of both kinds; whoever reads it does so synchronously."""
    return isinstance(response.stream, http.SyncByteStream)


def _reserved_cost(reservation: Reservation) -> int:
    return max((claim.amount for claim in reservation.claims if claim.window.startswith("cost:")), default=0)


def _fields(body: Optional[bytes]) -> Dict[str, Any]:
    """Returns the fields of a request's body; of a large one only the model."""
    if body is None:
        return {}
    if len(body) <= SMALL:
        return _usage.decoded(body) or {}
    found = _MODEL.search(body) if body[:1] == b"{" else None
    return {"model": found.group(1).decode("utf-8", "replace")} if found else {}


def _attempt_number(request: Any) -> int:
    text = _http.raw_header(request, b"x-stainless-retry-count")
    return int(text) + 1 if text is not None and text.isdigit() else ATTEMPT.get()


def refused(response: Any) -> Tuple[Optional[str], Optional[float]]:
    """Returns why this package itself gave an answer, and when to come back."""
    text = response.headers.get(RESUME_AT)
    return response.headers.get(REFUSED), float(text) if text else None
