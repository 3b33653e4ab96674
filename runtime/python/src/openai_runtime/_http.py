"""The HTTP library as the SDK uses it, without naming it: `httpx` up to 2.x, `httpx2` from 3.x, or a user's own.

Whatever is needed of it is taken from the module that a given client, request or response comes from.
"""

from __future__ import annotations

import datetime
import functools
import json
import sys
import weakref
from typing import Any, Callable, Dict, Mapping, Optional


def library(cls: Any) -> Any:
    """Returns the HTTP library that a class belongs to, directly or through a base."""
    return _library(cls)


@functools.lru_cache(maxsize=32)
def _library(cls: Any) -> Any:
    for base in cls.__mro__:
        module = sys.modules.get(base.__module__.partition(".")[0])
        if module is not None and hasattr(module, "AsyncByteStream") and hasattr(module, "Response"):
            return module
    raise TypeError(f"{cls.__module__}.{cls.__qualname__} comes from no HTTP library that this package knows")


def is_async(client: Any) -> bool:
    """Returns whether a client is asynchronous."""
    return isinstance(client, library(type(client)).AsyncClient)


def twin(client: Any, send: Callable[[Any], Callable[..., Any]], binding: object) -> Any:
    """Returns a client of the same type that shares all state with `client` and sends through `send(client)`.

    State is shared, so closing either closes both; the twin keeps the client alive and never closes it by itself.
    """
    copy = object.__new__(_twin_class(type(client)))
    object.__setattr__(copy, "__dict__", client.__dict__)
    copy._quota_original = client
    copy._quota_binding = binding
    copy._quota_send = send(client)
    return copy


def binding_of(client: Any) -> Any:
    """Returns what a twin was made for, or `None` for any other client."""
    return getattr(client, "_quota_binding", None) if hasattr(type(client), "_quota_is_twin") else None


def original(client: Any) -> Any:
    """Returns the client behind a twin, or the client itself."""
    return client._quota_original if binding_of(client) is not None else client


_CLASSES: weakref.WeakKeyDictionary[type, type] = weakref.WeakKeyDictionary()


def _twin_class(cls: Any) -> Any:
    made: Any = _CLASSES.get(cls)
    if made is None:
        library(cls)
        body: Dict[str, Any] = {
            "__slots__": ("_quota_original", "_quota_binding", "_quota_send"),
            "__module__": cls.__module__,
            "__qualname__": cls.__qualname__,
            "__doc__": cls.__doc__,
            "_quota_is_twin": True,
            # A property outranks a `send` that was set on the instance; the original's own is called inside.
            "send": property(lambda self: self._quota_send, lambda self, value: None),
            "__del__": lambda self: None,
            "__reduce__": lambda self: (_unpickled, (self._quota_original,)),
        }
        kind: Any = type(cls)
        made = kind(cls.__name__, (cls,), body)
        _CLASSES[cls] = made
    return made


def _unpickled(client: Any) -> Any:
    return client


def rebuilt(request: Any, body: bytes) -> Any:
    """Returns a request like another with a different body."""
    if "_content" in vars(request) and isinstance(getattr(request, "stream", None), library(type(request)).ByteStream):
        # Constructing one would take every header apart and put it together again.
        copy = object.__new__(type(request))
        vars(copy).update(vars(request))
        copy.headers = request.headers.copy()
        copy.headers["content-length"] = str(len(body))
        copy.stream, copy._content = library(type(request)).ByteStream(body), body
        return copy
    headers = [(name, value) for name, value in request.headers.multi_items() if name.lower() != "content-length"]
    return type(request)(
        method=request.method, url=request.url, headers=headers, content=body, extensions=request.extensions
    )


def answer(request: Any, status: int, body: Mapping[str, Any], headers: Optional[Mapping[str, str]] = None) -> Any:
    """Returns a response that no server sent."""
    return made(request, status, json.dumps(body).encode(), {"content-type": "application/json", **(headers or {})})


def made(request: Any, status: int, content: bytes, headers: Mapping[str, str]) -> Any:
    """Returns a response with this content."""
    response = library(type(request)).Response(status, headers=headers, content=content, request=request)
    response.elapsed = datetime.timedelta(0)
    return response


def body_of(request: Any) -> Optional[bytes]:
    """Returns a request's body where it is in memory; an upload that is read as it goes is left alone."""
    content = getattr(request, "_content", None)
    return content if isinstance(content, bytes) else None


def raw_headers(message: Any) -> Dict[bytes, bytes]:
    """Returns the headers of a message as bytes: asking the library for one costs more than this for all."""
    listed = getattr(message.headers, "_list", None)
    if listed and len(listed[0]) == 3:
        return {lower: value for _, lower, value in listed}
    return {name.lower(): value for name, value in message.headers.raw}


def raw_header(message: Any, wanted: bytes) -> Optional[bytes]:
    """Returns one header of a message as bytes, by its name in lower case."""
    for listed in getattr(message.headers, "_list", ()):
        if len(listed) == 3 and listed[1] == wanted:
            value: bytes = listed[2]
            return value
    return raw_headers(message).get(wanted) if not hasattr(message.headers, "_list") else None


def form_field(request: Any, name: str) -> Optional[str]:
    """Returns a plain field of a multipart request without reading its files."""
    for field in getattr(getattr(request, "stream", None), "fields", ()):
        if getattr(field, "name", None) == name:
            value = getattr(field, "value", None)
            return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return None


def replace_stream(response: Any, wrap: Callable[[Any], Any], decode: bool) -> None:
    """Puts a watcher around a response's stream.

    With `decode` the watcher sees, and the caller then gets, the bytes without their content encoding.
    """
    if not decode or "content-encoding" not in response.headers:
        response.stream = wrap(response.stream)
        return
    inner = library(type(response)).Response(
        response.status_code, headers=response.headers, stream=response.stream, request=response.request
    )
    for name in ("content-encoding", "content-length"):
        if name in response.headers:
            del response.headers[name]
    response.stream = wrap(_Decoded(inner))


class _Decoded:
    """The decoded bytes of a response, as a stream."""

    def __init__(self, response: Any) -> None:
        self.response = response

    def __iter__(self) -> Any:
        return self.response.iter_bytes()

    def __aiter__(self) -> Any:
        return self.response.aiter_bytes()

    def close(self) -> None:
        self.response.close()

    async def aclose(self) -> None:
        await self.response.aclose()


def stream_classes(cls: Any) -> tuple[type, type]:
    """Returns (sync, async) stream classes that belong to the library of a response class."""
    return _stream_classes(cls)


@functools.lru_cache(maxsize=8)
def _stream_classes(cls: Any) -> tuple[type, type]:
    http = library(cls)
    return (
        type("WatchedStream", (_Watched, http.SyncByteStream), {}),
        type("WatchedAsyncStream", (_AsyncWatched, http.AsyncByteStream), {}),
    )


class _Watched:
    """Passes a stream on and tells a watcher: `feed(bytes) -> bytes`, `rest() -> bytes`, `done(error)`, `dropped()`."""

    def __init__(self, stream: Any, watcher: Any) -> None:
        self._stream = stream
        self._watcher = watcher

    def __iter__(self) -> Any:
        watcher = self._watcher
        try:
            for data in self._stream:
                passed = watcher.feed(data)
                if passed:
                    yield passed
            rest = watcher.rest()
            if rest:
                yield rest
        except GeneratorExit:
            raise
        except BaseException as error:
            watcher.done(error)
            raise
        watcher.done(None, True)

    def close(self) -> None:
        # A generator that is not read to its end closes us as it goes, wherever the collector found it.
        is_left = isinstance(sys.exc_info()[1], GeneratorExit)
        try:
            self._stream.close()
        finally:
            if is_left:
                self._watcher.dropped()
            else:
                self._watcher.done(None)

    def __del__(self) -> None:
        self._watcher.dropped()


class _AsyncWatched:
    """The same for asynchronous streams."""

    def __init__(self, stream: Any, watcher: Any) -> None:
        self._stream = stream
        self._watcher = watcher

    async def __aiter__(self) -> Any:
        watcher = self._watcher
        try:
            async for data in self._stream:
                passed = watcher.feed(data)
                if passed:
                    yield passed
            rest = watcher.rest()
            if rest:
                yield rest
        except GeneratorExit:
            raise
        except BaseException as error:
            watcher.done(error)
            raise
        watcher.done(None, True)

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            self._watcher.done(None)

    def __del__(self) -> None:
        self._watcher.dropped()
