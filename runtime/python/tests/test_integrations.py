"""Libraries that take the factory's clients, where they are installed: instructor, LangChain, the Agents SDK."""

from __future__ import annotations

import asyncio
import importlib.util
import json
from typing import Any, Callable

import openai
import pydantic
import pytest

from fake_openai import FakeOpenAI, Logged, Reply
from openai_runtime import MemorySink, OpenAIQuotaTracker, get_async_openai_client, track_http_client

Make = Callable[..., Any]


def needs(module: str) -> Any:
    missing = importlib.util.find_spec(module) is None
    return pytest.mark.skipif(missing, reason=f"{module} is not installed")


class Person(pydantic.BaseModel):
    name: str
    age: int


def tool_answer(logged: Logged) -> Any:
    """Answers a forced tool call with a person."""
    tools = logged.json().get("tools")
    if not tools:
        return None
    call = {"name": tools[0]["function"]["name"], "arguments": json.dumps({"name": "Ada", "age": 36})}
    message = {"role": "assistant", "content": None, "tool_calls": [{"id": "t", "type": "function", "function": call}]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls", "logprobs": None}
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    head = {"id": "chatcmpl-t", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini"}
    return Reply(json={**head, "choices": [choice], "usage": usage})


@needs("instructor")
def test_instructor(fake: FakeOpenAI, client: Any, sink: MemorySink) -> None:
    import instructor

    fake.rule("chat", tool_answer)
    found = instructor.from_openai(client).chat.completions.create(
        model="gpt-4o-mini", response_model=Person, messages=[{"role": "user", "content": "who?"}]
    )
    assert (found.name, found.age) == ("Ada", 36)
    client.quota.flush()
    assert [(event.workspace, event.input) for event in sink.events] == [("ws", 11)]


@needs("langchain_openai")
def test_langchain(fake: FakeOpenAI, tracker: OpenAIQuotaTracker, sink: MemorySink) -> None:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(
        model="gpt-4o-mini",
        api_key="k",
        base_url=fake.url,
        http_client=track_http_client(openai.DefaultHttpxClient(), tracker, "lc"),
        http_async_client=track_http_client(openai.DefaultAsyncHttpxClient(), tracker, "lc"),
    )
    assert model.invoke("hi").content == "hello"
    assert "".join(chunk.content for chunk in model.stream("hi")).startswith("w0")
    assert asyncio.run(model.ainvoke("hi")).content == "hello"
    tracker.flush()
    assert len(sink.events) == len(fake.requests()) == 3
    assert [event.input for event in sink.events] == [11, 11, 11]


@needs("agents")
def test_agents_sdk(fake: FakeOpenAI, tracker: OpenAIQuotaTracker, sink: MemorySink) -> None:
    from agents import Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, set_tracing_disabled

    set_tracing_disabled(True)

    async def run() -> None:
        async with get_async_openai_client("agents", tracker=tracker, api_key="k", base_url=fake.url) as client:
            for model in (OpenAIChatCompletionsModel, OpenAIResponsesModel):
                agent = Agent(name="a", instructions="x", model=model(model="gpt-4o-mini", openai_client=client))
                result = await Runner.run(agent, "hi")
                assert result.final_output == "hello"
                streamed = Runner.run_streamed(agent, "hi")
                async for _ in streamed.stream_events():
                    pass

    asyncio.run(run())
    tracker.flush()
    assert len(sink.events) == len(fake.requests()) == 4
    assert all(event.input and event.error is None for event in sink.events)
