"""The oracle itself: the server logs what arrives and does what it is told."""

from __future__ import annotations

import http.client
import json

import pytest

from fake_openai import FakeOpenAI, Reply, rate_limited


def post(fake: FakeOpenAI, path: str, body: object) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", fake.port, timeout=5)
    try:
        connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def test_every_request_is_logged_before_its_answer(fake: FakeOpenAI) -> None:
    fake.next(Reply(fault="drop"))
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        post(fake, "/v1/chat/completions", {"model": "gpt-4o-mini"})
    assert [logged.path for logged in fake.requests()] == ["/v1/chat/completions"]


def test_a_script_is_used_up_in_its_order(fake: FakeOpenAI) -> None:
    fake.next(rate_limited("7"), path="chat")
    status, headers, _ = post(fake, "/v1/chat/completions", {"model": "gpt-4o-mini"})
    assert (status, headers["retry-after"]) == (429, "7")
    assert post(fake, "/v1/chat/completions", {"model": "gpt-4o-mini"})[0] == 200


def test_usage_is_streamed_only_when_asked_for(fake: FakeOpenAI) -> None:
    request = {"model": "gpt-4o-mini", "stream": True}
    assert b'"total_tokens"' not in post(fake, "/v1/chat/completions", request)[2]
    asked = {**request, "stream_options": {"include_usage": True}}
    assert b'"total_tokens"' in post(fake, "/v1/chat/completions", asked)[2]


def test_azure_paths_are_answered_alike(fake: FakeOpenAI) -> None:
    path = "/openai/deployments/mine/chat/completions?api-version=2024-10-21"
    assert json.loads(post(fake, path, {"model": "gpt-4o-mini"})[2])["object"] == "chat.completion"
