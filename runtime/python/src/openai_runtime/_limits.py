"""Rate limits: what servers' headers say, how much of each limit is used, and what follows from it."""

from __future__ import annotations

import datetime
import email.utils
import math
import random
import re
import threading
import time
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

import openai

from ._log import log_quota_metrics
from .types import QuotaMetrics, QuotaStatus

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|d|h|m|s)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(text: Optional[str]) -> Optional[datetime.timedelta]:
    """Returns "6m0s", "120ms", "17" (seconds) as a duration; `None` for anything else."""
    if not text:
        return None
    text = text.strip()
    try:
        seconds = float(text)
    except ValueError:
        parts = _DURATION.findall(text)
        if not parts or "".join(number + unit for number, unit in parts) != text:
            return None
        seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if not math.isfinite(seconds) or seconds < 0 or seconds > 366 * 86400:
        return None
    return datetime.timedelta(seconds=seconds)


def extract_retry_after_header(source: Any, now: Optional[float] = None) -> Optional[float]:
    """Returns the seconds that a server asks to wait: of headers, a response, or an SDK error."""
    headers = _headers(source)
    if headers is None:
        return None
    for name, divisor in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) / divisor
        except ValueError:
            continue
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    value = headers.get("retry-after")
    parsed = email.utils.parsedate_tz(value) if value else None
    if parsed is None:
        return None
    try:
        return max(email.utils.mktime_tz(parsed) - (time.time() if now is None else now), 0.0)
    except (ValueError, OverflowError):
        # A day that no calendar has.
        return None


def parse_rate_limit_headers(source: Any, now: Optional[float] = None) -> QuotaStatus:
    """Returns what the rate-limit headers of a response say.

    Missing, malformed and impossible values are unknown, as are limits of -1 and 0, which Azure sends where it
    does not say.
    """
    headers = _headers(source) or {}
    at = time.time() if now is None else now
    wait = extract_retry_after_header(headers, at)
    limits = {}
    for kind in ("requests", "tokens"):
        limit = _positive(headers.get(f"x-ratelimit-limit-{kind}"))
        remaining = _number(headers.get(f"x-ratelimit-remaining-{kind}"))
        # Nothing is left of a limit that is not known: that is no news.
        if remaining is not None and (remaining < 0 or (remaining == 0 and limit is None)):
            remaining = None
        if limit is not None and remaining is not None and remaining > limit:
            limit = None
        limits[f"limit_{kind}"] = limit
        limits[f"remaining_{kind}"] = remaining
    return QuotaStatus(
        limit_requests=limits["limit_requests"],
        remaining_requests=limits["remaining_requests"],
        reset_requests=_reset(headers, "requests"),
        limit_tokens=limits["limit_tokens"],
        remaining_tokens=limits["remaining_tokens"],
        reset_tokens=_reset(headers, "tokens"),
        retry_after=None if wait is None else datetime.timedelta(seconds=wait),
        at=at,
    )


def _reset(headers: Mapping[str, str], kind: str) -> Optional[datetime.timedelta]:
    return parse_duration(headers.get(f"x-ratelimit-reset-{kind}") or headers.get(f"x-ratelimit-{kind}-reset"))


def _headers(source: Any) -> Optional[Mapping[str, str]]:
    response = getattr(source, "response", None)
    headers = getattr(response if response is not None else source, "headers", source)
    if not hasattr(headers, "get"):
        return None
    if type(headers) is dict:
        return {str(name).lower(): str(value) for name, value in headers.items()}
    return headers  # type: ignore[no-any-return]


def _number(text: Optional[str]) -> Optional[int]:
    try:
        return int(float(text)) if text is not None else None
    except (ValueError, OverflowError):
        return None


def _positive(text: Optional[str]) -> Optional[int]:
    value = _number(text)
    return value if value is not None and value > 0 else None


def calculate_usage_metrics(
    status: Optional[QuotaStatus],
    *,
    daily_requests: Optional[Tuple[int, int]] = None,
    hourly_requests: Optional[Tuple[int, int]] = None,
    daily_cost_nano: Optional[Tuple[int, int]] = None,
) -> QuotaMetrics:
    """Returns the used part of every known limit; the pairs are (used, limit)."""
    return QuotaMetrics(
        requests=_used(status.limit_requests, status.remaining_requests) if status else None,
        tokens=_used(status.limit_tokens, status.remaining_tokens) if status else None,
        daily_requests=_part(daily_requests),
        hourly_requests=_part(hourly_requests),
        daily_cost=_part(daily_cost_nano),
    )


def _used(limit: Optional[int], remaining: Optional[int]) -> Optional[float]:
    return None if limit is None or remaining is None else (limit - remaining) / limit


def _part(pair: Optional[Tuple[int, int]]) -> Optional[float]:
    if pair is None:
        return None
    used, limit = pair
    return used / limit if limit > 0 else 1.0


def should_pause_processing(metrics: QuotaMetrics, threshold: float = 0.8) -> bool:
    """Returns whether any limit is used up to the threshold."""
    return metrics.highest >= threshold


def get_enhanced_backoff_delay(
    attempt: int,
    error: Any = None,
    *,
    base: float = 1.0,
    longest: float = 120.0,
    jitter: float = 0.1,
) -> float:
    """Returns how long to wait before another attempt (the first is 0); what the server says goes first."""
    asked = extract_retry_after_header(error) if error is not None else None
    delay = asked if asked is not None else min(base * 2.0 ** min(attempt, 30), longest)
    return delay * (1.0 + random.uniform(0.0, jitter))


def should_retry_error(error: BaseException) -> bool:
    """Returns whether the same request may succeed later."""
    from .errors import CircuitOpenError, QuotaExceededError, QuotaPausedError

    if isinstance(error, (QuotaPausedError, CircuitOpenError)):
        return True
    if isinstance(error, QuotaExceededError):
        return False
    if isinstance(error, openai.APIStatusError):
        code = getattr(error, "code", None) or getattr(error, "type", None)
        if code == "insufficient_quota" or error.response.headers.get("x-should-retry") == "false":
            return False
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError)


class QuotaMonitor:
    """Knows the state of the limits: per host and model from headers, and of the budgets.

    `load` brings the budgets' state back after a restart; it is asked when metrics are read.
    """

    def __init__(
        self,
        load: Optional[Callable[[], Dict[str, Tuple[int, int]]]] = None,
        threshold: float = 0.8,
    ) -> None:
        self._lock = threading.Lock()
        self._status: Dict[Tuple[str, str], QuotaStatus] = {}
        self._last: Optional[QuotaStatus] = None
        self._load = load
        self.threshold = threshold
        self.requests = 0
        self.rate_limited = 0

    def update(self, source: Any, host: str = "", model: str = "", status_code: Optional[int] = None) -> QuotaStatus:
        """Takes the headers of a response and returns what they say."""
        status = parse_rate_limit_headers(source)
        with self._lock:
            self.requests += 1
            self.rate_limited += status_code == 429
            if status.limit_requests is not None or status.limit_tokens is not None:
                self._status[(host, model)] = status
                self._last = status
        return status

    def status(self, host: Optional[str] = None, model: Optional[str] = None) -> Optional[QuotaStatus]:
        """Returns the newest state, of one host and model if they are given."""
        with self._lock:
            return self._last if host is None else self._status.get((host, model or ""))

    def metrics(self, host: Optional[str] = None, model: Optional[str] = None) -> QuotaMetrics:
        """Returns the used parts of all limits."""
        budgets = self._load() if self._load is not None else {}
        return calculate_usage_metrics(
            self.status(host, model),
            daily_requests=budgets.get("daily_requests"),
            hourly_requests=budgets.get("hourly_requests"),
            daily_cost_nano=budgets.get("daily_cost"),
        )

    def should_pause(self) -> bool:
        """Returns whether work that can wait should wait."""
        return should_pause_processing(self.metrics(), self.threshold)

    def log(self) -> None:
        """Writes the metrics to the log."""
        log_quota_metrics(self.metrics(), requests=self.requests, rate_limited=self.rate_limited)
