"""The project's only door to OpenAI: clients whose every call is tracked."""

from openai_runtime import (
    OpenAIQuotaTracker,
    get_async_azure_openai_client,
    get_async_bedrock_openai_client,
    get_async_openai_client,
    get_azure_openai_client,
    get_bedrock_openai_client,
    get_openai_client,
    track_http_client,
    track_websocket,
)

__all__ = [
    "OpenAIQuotaTracker",
    "get_async_azure_openai_client",
    "get_async_bedrock_openai_client",
    "get_async_openai_client",
    "get_azure_openai_client",
    "get_bedrock_openai_client",
    "get_openai_client",
    "track_http_client",
    "track_websocket",
]
