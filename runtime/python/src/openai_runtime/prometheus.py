"""Counters for Prometheus (extra `prometheus`). Labels are of few values; contexts are never labels."""

from __future__ import annotations

import importlib
from typing import Any, Optional

from ._tracker import OpenAIQuotaTracker
from .types import NANO, UsageEvent

LABELS = ("workspace", "model", "method", "environment")


class PrometheusExporter:
    """Follows a tracker's rows. Metrics go into the given registry, or the default one."""

    def __init__(self, tracker: Optional[OpenAIQuotaTracker] = None, registry: Any = None) -> None:
        # By name: a project's type checker need not know a library that the project does not use.
        prometheus: Any = importlib.import_module("prometheus_client")
        target = registry if registry is not None else prometheus.REGISTRY
        self._requests = prometheus.Counter("openai_requests", "HTTP attempts", (*LABELS, "status"), registry=target)
        self._tokens = prometheus.Counter("openai_tokens", "Tokens", (*LABELS, "kind"), registry=target)
        self._cost = prometheus.Counter("openai_cost_dollars", "Known cost", LABELS, registry=target)
        self._unpriced = prometheus.Counter("openai_unpriced", "Calls without a known price", LABELS, registry=target)
        self._seconds = prometheus.Histogram("openai_request_seconds", "Duration", LABELS, registry=target)
        self.close = (tracker or OpenAIQuotaTracker()).on_event(self.add)

    def add(self, event: UsageEvent) -> None:
        """Counts one row."""
        labels = [str(getattr(event, name) or "") for name in LABELS]
        self._requests.labels(*labels, str(event.status or event.error or "")).inc()
        for kind in ("input", "cached", "output", "reasoning"):
            amount = getattr(event, kind)
            if amount:
                self._tokens.labels(*labels, kind).inc(amount)
        if event.cost_nano is not None:
            self._cost.labels(*labels).inc(event.cost_nano / NANO)
        elif event.input is not None:
            self._unpriced.labels(*labels).inc()
        if event.dur_ms is not None:
            self._seconds.labels(*labels).observe(event.dur_ms / 1000)
