"""Fixtures: the fake server, and a tracker of its own for each test."""

from __future__ import annotations

import os
from typing import Iterator

import pytest
from fake_openai import FakeOpenAI

for name in list(os.environ):
    if name.startswith(("OPENAI_", "QUOTA_", "AZURE_OPENAI_")) or name in ("ENVIRONMENT", "SERVICE_MODE"):
        del os.environ[name]


@pytest.fixture(scope="session")
def server() -> Iterator[FakeOpenAI]:
    fake = FakeOpenAI()
    yield fake
    fake.close()


@pytest.fixture
def fake(server: FakeOpenAI) -> FakeOpenAI:
    server.clear()
    return server
