"""The package's log: the standard library's, with fields in `extra`, and a formatter that writes JSON."""

from __future__ import annotations

import dataclasses
import json
import logging
import warnings
from typing import Any, Optional, Type

from .types import QuotaMetrics

logger = logging.getLogger("openai_runtime")
logger.addHandler(logging.NullHandler())


class JsonFormatter(logging.Formatter):
    """Writes one JSON object a line: time, level, event, and the fields of the event."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line of a record."""
        entry = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, "quota", {}),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def note(event: str, level: int = logging.INFO, exc_info: bool = False, **fields: Any) -> None:
    """Writes an event with its fields."""
    if logger.isEnabledFor(level):
        logger.log(level, event, exc_info=exc_info, extra={"quota": fields})


def warn(text: str, category: Type[Warning]) -> None:
    """Warns; a line of the log where a program makes errors of warnings: no call, and no thread of ours, may fail."""
    try:
        warnings.warn(text, category, stacklevel=3)
    except category:
        logger.warning(text)


def log_quota_metrics(metrics: QuotaMetrics, **fields: Any) -> None:
    """Notes the used parts of the limits."""
    note("quota_metrics", **dataclasses.asdict(metrics), highest=metrics.highest, **fields)


def log_pause_event(host: str, seconds: float, reason: str) -> None:
    """Notes that calls to a host wait."""
    note("paused", logging.WARNING, host=host, seconds=round(seconds, 3), reason=reason)


def log_resume_event(host: str, waited: Optional[float] = None) -> None:
    """Notes that calls to a host go on."""
    note("resumed", host=host, waited=waited)


def log_concurrency_change(before: int, after: int, reason: str) -> None:
    """Notes a change of how many calls run at once."""
    note("concurrency", before=before, after=after, reason=reason)
