"""The only errors that this package raises into a call, all of them kinds of the SDK's own."""

from __future__ import annotations

from typing import Any, Optional

import openai


class ConfigError(ValueError):
    """A setting is wrong; raised when a client is made, never during a call."""


class QuotaExceededError(openai.RateLimitError):
    """A limit of this project would be passed. `code` is budget_exceeded, hourly_limit or daily_limit."""

    resume_at: Optional[float] = None

    def __init__(self, message: str, *, response: Any, body: object, resume_at: Optional[float] = None) -> None:
        super().__init__(message, response=response, body=body)
        self.resume_at = resume_at


class QuotaPausedError(QuotaExceededError):
    """The host is paused for longer than a call may wait; `resume_at` is the time it ends."""


class CircuitOpenError(openai.APIConnectionError):
    """The circuit breaker of this host and model is open."""

    def __init__(self, message: str, *, request: Any, retry_at: Optional[float] = None) -> None:
        super().__init__(message=message, request=request)
        self.retry_at = retry_at


class UnknownModelPriceWarning(UserWarning):
    """A model has no price in the table, so its calls are counted without cost."""


class TrackingStorageWarning(RuntimeWarning):
    """Rows could not be stored; calls go on."""
