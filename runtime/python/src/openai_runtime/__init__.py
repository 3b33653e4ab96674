"""Real OpenAI clients whose every call is counted, priced and, if asked, limited.

Start with `get_openai_client(workspace_id)`; the README says what each part does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._batches import aembed_all, embed_all, split_inputs, track_batch_results
from ._breaker import CircuitBreaker
from ._client import (
    QuotaTrackedAsyncAzureOpenAI,
    QuotaTrackedAsyncOpenAI,
    QuotaTrackedAzureOpenAI,
    QuotaTrackedOpenAI,
    get_async_azure_openai_client,
    get_async_bedrock_openai_client,
    get_async_openai_client,
    get_azure_openai_client,
    get_bedrock_openai_client,
    get_openai_client,
)
from ._config import Limits, QuotaConfig
from ._context import Context, ContextThreadPoolExecutor, ai_usage_context, batch_ai_usage_context
from ._limits import (
    QuotaMonitor,
    calculate_usage_metrics,
    extract_retry_after_header,
    get_enhanced_backoff_delay,
    parse_rate_limit_headers,
    should_pause_processing,
    should_retry_error,
)
from ._log import JsonFormatter, log_concurrency_change, log_pause_event, log_quota_metrics, log_resume_event
from ._memory import MemoryBudget, MemorySink
from ._prices import PriceTable
from ._prompts import Prompt, PromptManager
from ._queue import AdaptiveConcurrencyManager, Outcome, QuotaExecutor
from ._sqlite import SqliteBudget, SqliteSink
from ._structured import parse_structured
from ._tracker import OpenAIQuotaTracker, is_tracked, track_http_client
from ._websocket import track_websocket
from .errors import (
    CircuitOpenError,
    ConfigError,
    QuotaExceededError,
    QuotaPausedError,
    TrackingStorageWarning,
    UnknownModelPriceWarning,
)
from .types import (
    Budget,
    Claim,
    Cost,
    QuotaMetrics,
    QuotaStatus,
    Refusal,
    Reservation,
    Sink,
    Summary,
    Usage,
    UsageEvent,
)

if TYPE_CHECKING:
    from .postgres import PostgresBudget as PostgresBudget
    from .postgres import PostgresSink as PostgresSink
    from .redis import RedisBudget as RedisBudget
    from .redis import RedisSink as RedisSink
else:

    def __getattr__(name: str) -> Any:
        # What needs a further library is imported when it is asked for.
        if name in ("PostgresBudget", "PostgresSink"):
            from . import postgres as stores
        elif name in ("RedisBudget", "RedisSink"):
            from . import redis as stores
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(stores, name)


__version__ = "0.1.0"

__all__ = [
    "AdaptiveConcurrencyManager",
    "Budget",
    "CircuitBreaker",
    "CircuitOpenError",
    "Claim",
    "ConfigError",
    "Context",
    "ContextThreadPoolExecutor",
    "Cost",
    "JsonFormatter",
    "Limits",
    "MemoryBudget",
    "MemorySink",
    "OpenAIQuotaTracker",
    "Outcome",
    "PriceTable",
    "Prompt",
    "PromptManager",
    "QuotaConfig",
    "QuotaExceededError",
    "QuotaExecutor",
    "QuotaMetrics",
    "QuotaMonitor",
    "QuotaPausedError",
    "QuotaStatus",
    "QuotaTrackedAsyncAzureOpenAI",
    "QuotaTrackedAsyncOpenAI",
    "QuotaTrackedAzureOpenAI",
    "QuotaTrackedOpenAI",
    "Refusal",
    "Reservation",
    "Sink",
    "SqliteBudget",
    "SqliteSink",
    "Summary",
    "TrackingStorageWarning",
    "UnknownModelPriceWarning",
    "Usage",
    "UsageEvent",
    "aembed_all",
    "ai_usage_context",
    "batch_ai_usage_context",
    "calculate_usage_metrics",
    "embed_all",
    "extract_retry_after_header",
    "get_async_azure_openai_client",
    "get_async_bedrock_openai_client",
    "get_async_openai_client",
    "get_azure_openai_client",
    "get_bedrock_openai_client",
    "get_enhanced_backoff_delay",
    "get_openai_client",
    "is_tracked",
    "log_concurrency_change",
    "log_pause_event",
    "log_quota_metrics",
    "log_resume_event",
    "parse_rate_limit_headers",
    "parse_structured",
    "should_pause_processing",
    "should_retry_error",
    "split_inputs",
    "track_batch_results",
    "track_http_client",
    "track_websocket",
]
