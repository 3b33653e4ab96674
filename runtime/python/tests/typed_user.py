"""A user's file as type checkers see it: the factory's clients have the SDK's own types. Checked, not run."""

from __future__ import annotations

from openai import AsyncOpenAI, AzureOpenAI, OpenAI, Stream
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from openai_runtime import (
    OpenAIQuotaTracker,
    QuotaTrackedOpenAI,
    ai_usage_context,
    get_async_openai_client,
    get_azure_openai_client,
    get_openai_client,
)


def takes_the_sdks(client: OpenAI) -> ChatCompletion:
    return client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}])


def streams(client: OpenAI) -> Stream[ChatCompletionChunk]:
    return client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}], stream=True
    )


def use() -> None:
    client: QuotaTrackedOpenAI = get_openai_client("ws", timeout=3, max_retries=1)
    copy: QuotaTrackedOpenAI = client.with_options(timeout=5)
    answer: ChatCompletion = takes_the_sdks(copy)
    tracker: OpenAIQuotaTracker = client.quota
    azure: AzureOpenAI = get_azure_openai_client("ws", api_version="2024-10-21")
    with ai_usage_context("op", tracker=tracker) as context:
        calls: int = context.calls
    print(answer, azure, calls)


async def use_async() -> None:
    client: AsyncOpenAI = get_async_openai_client("ws")
    answer: ChatCompletion = await client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": "hi"}]
    )
    print(answer)
