"""The factory's clients: the SDK's own classes, whose HTTP client is tracked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

import openai
from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI

from . import _seam
from ._config import base_url_alias
from ._tracker import OpenAIQuotaTracker
from .errors import CircuitOpenError, ConfigError, QuotaExceededError, QuotaPausedError


class _Tracked:
    """What makes a client of the SDK one of ours.

    The SDK sets `_client` while it is being constructed, also where the user gave none; the property below puts a
    tracked twin in its place, so that nothing the SDK builds on it goes past.
    """

    _quota_tracker: OpenAIQuotaTracker

    if not TYPE_CHECKING:

        @property
        def _client(self):
            try:
                return self.__dict__["_client"]
            except KeyError:
                raise AttributeError("_client") from None

        @_client.setter
        def _client(self, client):
            try:
                client = _seam.instrument(client, self._quota_tracker.binding())
            except TypeError:
                # A stand-in, such as a mock, that comes from no HTTP library: it sends nothing that could be counted.
                self._quota_tracker.runtime.failed("instrument")
            self.__dict__["_client"] = client

    def _quota_bind(self, workspace_id: Optional[str], tracker: Optional[OpenAIQuotaTracker]) -> None:
        known = tracker or OpenAIQuotaTracker()
        own = OpenAIQuotaTracker(workspace_id or known.workspace_id, runtime=known._own)
        own.runtime  # noqa: B018  (a wrong setting is to be told here, not during a call)
        self.__dict__["_quota_tracker"] = own

    @property
    def workspace_id(self) -> Optional[str]:
        """Returns the workspace that this client's calls are counted for."""
        return self._quota_tracker.workspace_id

    @property
    def quota(self) -> OpenAIQuotaTracker:
        """Returns the tracker of this client."""
        return self._quota_tracker

    def _quota_copied(self, kwargs: Dict[str, Any]) -> Dict[str, Any]:
        """Returns the arguments of a copy, which keeps workspace and tracker unless told otherwise."""
        extra = dict(kwargs.pop("_extra_kwargs", None) or {})
        for name in ("workspace_id", "tracker"):
            if name in kwargs:
                extra[name] = kwargs.pop(name)
        extra.setdefault("workspace_id", self.workspace_id)
        extra.setdefault("tracker", self._quota_tracker)
        return {**kwargs, "_extra_kwargs": extra}

    def _make_status_error(self, err_msg: str, *, body: object, response: Any) -> Any:
        code, resume_at = _seam.refused(response)
        if code == "circuit_open":
            return CircuitOpenError(err_msg, request=response.request, retry_at=resume_at)
        data = body.get("error", body) if isinstance(body, Mapping) else body
        if code is not None:
            kind = QuotaPausedError if code in ("paused", "store_error") else QuotaExceededError
            return kind(err_msg, response=response, body=data, resume_at=resume_at)
        return super()._make_status_error(err_msg, body=body, response=response)  # type: ignore[misc]


class _SyncRetries:
    """For SDKs that retry by calling themselves, and do not tell the server which attempt it is."""

    if hasattr(openai._base_client.SyncAPIClient, "_retry_request") and not TYPE_CHECKING:

        def _retry_request(self, *args, **kwargs):
            token = _seam.ATTEMPT.set(_seam.ATTEMPT.get() + 1)
            try:
                return super()._retry_request(*args, **kwargs)
            finally:
                _seam.ATTEMPT.reset(token)


class _AsyncRetries:
    """The same for asynchronous clients."""

    if hasattr(openai._base_client.AsyncAPIClient, "_retry_request") and not TYPE_CHECKING:

        async def _retry_request(self, *args, **kwargs):
            token = _seam.ATTEMPT.set(_seam.ATTEMPT.get() + 1)
            try:
                return await super()._retry_request(*args, **kwargs)
            finally:
                _seam.ATTEMPT.reset(token)


def _with_alias(kwargs: Dict[str, Any]) -> Dict[str, Any]:
    if kwargs.get("base_url") is None and kwargs.get("provider") is None:
        alias = base_url_alias()
        if alias is not None:
            return {**kwargs, "base_url": alias}
    return kwargs


if TYPE_CHECKING:
    # To a type checker the classes are the SDK's, with two attributes more: `copy` and the arguments stay precise.
    class QuotaTrackedOpenAI(OpenAI):
        """An `OpenAI` client whose calls are tracked."""

        workspace_id: Optional[str]
        quota: OpenAIQuotaTracker

    class QuotaTrackedAsyncOpenAI(AsyncOpenAI):
        """An `AsyncOpenAI` client whose calls are tracked."""

        workspace_id: Optional[str]
        quota: OpenAIQuotaTracker

    class QuotaTrackedAzureOpenAI(AzureOpenAI):
        """An `AzureOpenAI` client whose calls are tracked."""

        workspace_id: Optional[str]
        quota: OpenAIQuotaTracker

    class QuotaTrackedAsyncAzureOpenAI(AsyncAzureOpenAI):
        """An `AsyncAzureOpenAI` client whose calls are tracked."""

        workspace_id: Optional[str]
        quota: OpenAIQuotaTracker

else:

    def _tracked(name: str, retries: type, base: type, alias: bool) -> type:
        def __init__(self, *args, workspace_id=None, tracker=None, **kwargs):  # noqa: N807
            self._quota_bind(workspace_id, tracker)
            base.__init__(self, *args, **(_with_alias(kwargs) if alias else kwargs))

        def copy(self, **kwargs):
            return base.copy(self, **self._quota_copied(kwargs))

        body = {
            "__init__": __init__,
            "copy": copy,
            "with_options": copy,
            "__module__": __name__,
            "__qualname__": name,
            "__doc__": f"An `{base.__name__}` client whose calls are tracked.",
        }
        return type(base)(name, (_Tracked, retries, base), body)

    QuotaTrackedOpenAI = _tracked("QuotaTrackedOpenAI", _SyncRetries, OpenAI, True)
    QuotaTrackedAsyncOpenAI = _tracked("QuotaTrackedAsyncOpenAI", _AsyncRetries, AsyncOpenAI, True)
    QuotaTrackedAzureOpenAI = _tracked("QuotaTrackedAzureOpenAI", _SyncRetries, AzureOpenAI, False)
    QuotaTrackedAsyncAzureOpenAI = _tracked("QuotaTrackedAsyncAzureOpenAI", _AsyncRetries, AsyncAzureOpenAI, False)


_BEDROCK: Dict[str, Any] = {}


def _bedrock(name: str) -> Any:
    """Returns the tracked class for Bedrock, where the SDK has one."""
    base = getattr(openai, name, None)
    if base is None:
        raise ConfigError(f"openai {openai.__version__} has no {name}; it came with version 2")
    if name not in _BEDROCK and not TYPE_CHECKING:
        retries = _AsyncRetries if name.startswith("Async") else _SyncRetries
        _BEDROCK[name] = _tracked(f"QuotaTracked{name}", retries, base, False)
    return _BEDROCK[name]


def get_openai_client(
    workspace_id: Optional[str] = None, *, tracker: Optional[OpenAIQuotaTracker] = None, **openai_kwargs: Any
) -> QuotaTrackedOpenAI:
    """Returns an `OpenAI` client whose calls are tracked; further arguments are those of `OpenAI`."""
    return QuotaTrackedOpenAI(**_own(workspace_id, tracker), **openai_kwargs)


def get_async_openai_client(
    workspace_id: Optional[str] = None, *, tracker: Optional[OpenAIQuotaTracker] = None, **openai_kwargs: Any
) -> QuotaTrackedAsyncOpenAI:
    """Returns an `AsyncOpenAI` client whose calls are tracked."""
    return QuotaTrackedAsyncOpenAI(**_own(workspace_id, tracker), **openai_kwargs)


def get_azure_openai_client(
    workspace_id: Optional[str] = None, *, tracker: Optional[OpenAIQuotaTracker] = None, **openai_kwargs: Any
) -> QuotaTrackedAzureOpenAI:
    """Returns an `AzureOpenAI` client whose calls are tracked."""
    return QuotaTrackedAzureOpenAI(**_own(workspace_id, tracker), **openai_kwargs)


def get_async_azure_openai_client(
    workspace_id: Optional[str] = None, *, tracker: Optional[OpenAIQuotaTracker] = None, **openai_kwargs: Any
) -> QuotaTrackedAsyncAzureOpenAI:
    """Returns an `AsyncAzureOpenAI` client whose calls are tracked."""
    return QuotaTrackedAsyncAzureOpenAI(**_own(workspace_id, tracker), **openai_kwargs)


def get_bedrock_openai_client(
    workspace_id: Optional[str] = None, *, tracker: Optional[OpenAIQuotaTracker] = None, **openai_kwargs: Any
) -> Any:
    """Returns a `BedrockOpenAI` client whose calls are tracked; `ConfigError` where the SDK has no such class."""
    return _bedrock("BedrockOpenAI")(**_own(workspace_id, tracker), **openai_kwargs)


def get_async_bedrock_openai_client(
    workspace_id: Optional[str] = None, *, tracker: Optional[OpenAIQuotaTracker] = None, **openai_kwargs: Any
) -> Any:
    """Returns an `AsyncBedrockOpenAI` client whose calls are tracked."""
    return _bedrock("AsyncBedrockOpenAI")(**_own(workspace_id, tracker), **openai_kwargs)


def _own(workspace_id: Optional[str], tracker: Optional[OpenAIQuotaTracker]) -> Dict[str, Any]:
    return {"workspace_id": workspace_id, "tracker": tracker}


__all__: List[str] = [
    "QuotaTrackedAsyncAzureOpenAI",
    "QuotaTrackedAsyncOpenAI",
    "QuotaTrackedAzureOpenAI",
    "QuotaTrackedOpenAI",
    "get_async_azure_openai_client",
    "get_async_bedrock_openai_client",
    "get_async_openai_client",
    "get_azure_openai_client",
    "get_bedrock_openai_client",
    "get_openai_client",
]
