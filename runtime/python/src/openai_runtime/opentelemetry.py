"""Metrics for OpenTelemetry (extra `opentelemetry`), and so for whatever takes them: Grafana, Datadog and others."""

from __future__ import annotations

import importlib
from typing import Any, Dict, Optional

from ._tracker import OpenAIQuotaTracker
from .types import NANO, UsageEvent

ATTRIBUTES = ("workspace", "model", "method", "environment")


class OpenTelemetryExporter:
    """Follows a tracker's rows. Metrics go to a meter of the given provider, or of the global one."""

    def __init__(self, tracker: Optional[OpenAIQuotaTracker] = None, provider: Any = None) -> None:
        # By name: a project's type checker need not know a library that the project does not use.
        metrics: Any = importlib.import_module("opentelemetry.metrics")
        meter = metrics.get_meter("openai_runtime", meter_provider=provider)
        self._requests = meter.create_counter("openai.requests", unit="{request}", description="HTTP attempts")
        self._tokens = meter.create_counter("openai.tokens", unit="{token}", description="Tokens")
        self._cost = meter.create_counter("openai.cost", unit="USD", description="Known cost")
        self._unpriced = meter.create_counter(
            "openai.unpriced", unit="{request}", description="Calls without a known price"
        )
        self._seconds = meter.create_histogram("openai.request.duration", unit="s", description="Duration")
        self.close = (tracker or OpenAIQuotaTracker()).on_event(self.add)

    def add(self, event: UsageEvent) -> None:
        """Counts one row. A context is never an attribute: it may have any number of values."""
        common: Dict[str, str] = {name: str(getattr(event, name) or "") for name in ATTRIBUTES}
        self._requests.add(1, {**common, "status": str(event.status or event.error or "")})
        for kind in ("input", "cached", "output", "reasoning"):
            amount = getattr(event, kind)
            if amount:
                self._tokens.add(amount, {**common, "kind": kind})
        if event.cost_nano is not None:
            self._cost.add(event.cost_nano / NANO, common)
        elif event.input is not None:
            self._unpriced.add(1, common)
        if event.dur_ms is not None:
            self._seconds.record(event.dur_ms / 1000, common)
