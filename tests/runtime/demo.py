"""Calls every service of the demo once or more, against a server on this machine.

The last line says what the server was asked: a JSON object of counts by workspace and model. The workspace is known
here alone: each service is called for one that nobody else uses, and the log tells what it asked.
"""

import asyncio
import collections
import json
import os
import sys

sys.path.append(sys.argv[1])

from fake_openai import FakeOpenAI, Reply

fake = FakeOpenAI()
harmless = {"id": "modr-1", "model": "omni-moderation-latest", "results": [{"flagged": False}]}
fake.rule("/moderations$", lambda _: Reply(json=harmless))
os.environ.update(OPENAI_API_KEY="k", AZURE_OPENAI_API_KEY="k", OPENAI_BASE_URL=fake.url)

from health import key_works
from services import chat, contracts, extraction, moderation, search, summaries
from workers import nightly


def at_home(make):
    """Sends an Azure client, whose endpoint stands in the code, to the server on this machine."""
    return lambda **arguments: make(**{**arguments, "azure_endpoint": fake.azure})


contracts.get_azure_openai_client = at_home(contracts.get_azure_openai_client)
contracts.get_async_azure_openai_client = at_home(contracts.get_async_azure_openai_client)

asked = collections.Counter()


def during(workspace, call):
    """Makes a call, and counts what the server was asked meanwhile."""
    before = len(fake.log)
    call()
    for logged in fake.log[before:]:
        asked[f"{workspace or '-'} {logged.json()['model']}"] += 1


during("w-chat", lambda: asyncio.run(chat.answer("w-chat", "why?")))
during("w-short", lambda: [summaries.SummaryService("w-short").summarise("a long text") for _ in range(3)])
during("w-search", lambda: search.embed(["one", "two"], "w-search"))
during("w-law", lambda: contracts.review("w-law", "eu", "a contract"))
during(None, lambda: asyncio.run(contracts.review_all("eu", ["one", "two"])))
during("w-figures", lambda: extraction.figures("a document", "w-figures"))
during("w-mild", lambda: moderation.is_harmless("w-mild", "hello"))
during("w-night-1", lambda: nightly.digest({"w-night-1": ["a", "b"]}))
during("w-night-2", lambda: nightly.digest({"w-night-2": ["c"]}))

# It stays as it is: its client is suppressed, so its call is in the server's log and not in the report.
assert key_works()
assert fake.log[-1].path == "/v1/models"
print(json.dumps(asked))
