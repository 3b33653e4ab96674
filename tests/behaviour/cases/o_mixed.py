"""Small programs as found in the wild, several clauses at once."""
from run import case

case("wild.service_class", '''
--- app/__init__.py
--- app/config.py
import os
API_KEY = os.environ.get("OPENAI_API_KEY", "k")
--- app/agent.py
"""An agent."""
from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Optional

import openai
from openai import AsyncOpenAI, OpenAI, RateLimitError

from .config import API_KEY

if TYPE_CHECKING:
    from openai import AzureOpenAI

log = logging.getLogger(__name__)


class Agent:
    def __init__(self, workspace_id: str, client: Optional[OpenAI] = None) -> None:
        self.workspace_id = workspace_id
        self._client = client or OpenAI(api_key=API_KEY, timeout=30.0)  #> fix@34
        self._async: AsyncOpenAI | None = None

    @property
    def async_client(self) -> AsyncOpenAI:
        if self._async is None:
            self._async = AsyncOpenAI(api_key=API_KEY)  #> fix@27
        return self._async

    def ask(self, text: str) -> str:
        try:
            return self._client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}])
        except (RateLimitError, openai.APIError) as error:
            log.warning("slow: %s", error)
            raise

    @staticmethod
    def once(workspace_id: str) -> str:
        return OpenAI(api_key=API_KEY).chat.completions.create(model="m")  #> fix@16

    def azure(self) -> AzureOpenAI:
        from openai import AzureOpenAI

        return AzureOpenAI(azure_endpoint="https://x.openai.azure.com", api_version="1")  #> fix@16
--- main.py
from app.agent import Agent

a = Agent("w")
print(a.ask("hi"), type(a.async_client).__name__, Agent.once("w2"), type(a.azure()).__name__)
''', calls='''get_openai_client(api_key="k", timeout=30.0, workspace_id="w")
get_async_openai_client(api_key="k", workspace_id="w")
get_openai_client(api_key="k", workspace_id="w2")
get_azure_openai_client(azure_endpoint="https://x.openai.azure.com", api_version="1", workspace_id="w")''', out="reply AsyncOpenAI reply AzureOpenAI")
case("wild.lazy_singleton", '''
--- main.py
from openai import OpenAI

_client = None


def client():
    global _client
    if _client is None:
        _client = OpenAI()  #> fix
    return _client


client(); client()
''', calls="get_openai_client()")
case("wild.pool_by_workspace", '''
--- main.py
import openai

pool = {}

def client_for(workspace_id):
    if workspace_id not in pool:
        pool[workspace_id] = openai.OpenAI(api_key="k")  #> fix
    return pool[workspace_id]

client_for("a"); client_for("b"); client_for("a")
''', calls='get_openai_client(api_key="k", workspace_id="a")\nget_openai_client(api_key="k", workspace_id="b")')
case("wild.cached_function", '''
--- main.py
from functools import lru_cache
from openai import OpenAI

@lru_cache(maxsize=None)
def get_client(workspace_id: str) -> "OpenAI":
    return OpenAI(max_retries=5)  #> fix

get_client("w"); get_client("w")
''', calls='get_openai_client(max_retries=5, workspace_id="w")')
case("wild.async_service", '''
--- main.py
import asyncio
from openai import AsyncOpenAI

class Service:
    def __init__(self, *, workspace_id):
        self.workspace_id = workspace_id

    async def ask(self, texts):
        async def one(text):
            async with AsyncOpenAI(api_key=text) as c:  #> fix
                return await c.chat.completions.create(model="m")
        return [await one(t) for t in texts]

print(asyncio.run(Service(workspace_id="w").ask(["a", "b"])))
''', calls='get_async_openai_client(api_key="a", workspace_id="w")\nget_async_openai_client(api_key="b", workspace_id="w")', out="['reply', 'reply']")
case("wild.cli_script", '''
#
--- main.py
#!/usr/bin/env python3
"""Asks."""
import argparse
from openai import OpenAI

def main(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("--workspace-id", default="w")
    args = parser.parse_args([])
    workspace_id = args.workspace_id
    client = OpenAI()  #> fix
    print(client.chat.completions.create(model="m"))

if __name__ == "__main__":
    main()
''', calls='get_openai_client(workspace_id="w")', out="reply")
case("wild.fastapi_like_dependency", '''
--- main.py
from openai import AsyncOpenAI

def Depends(f): return f()

def get_client() -> AsyncOpenAI:
    return AsyncOpenAI(api_key="k")  #> fix

def route(client: AsyncOpenAI = Depends(get_client)):
    return client
route()
''', calls='get_async_openai_client(api_key="k")')
case("wild.provider_table", '''
--- main.py
from openai import AzureOpenAI, OpenAI

PROVIDERS = {
    "openai": lambda **kw: OpenAI(**kw),  #> fix
    "azure": lambda **kw: AzureOpenAI(**kw),  #> fix
    "deepseek": lambda **kw: OpenAI(base_url="https://api.deepseek.com", **kw),  #> held
}
PROVIDERS["openai"](api_key="k"); PROVIDERS["azure"](api_version="1")
''', calls='get_openai_client(api_key="k")\nget_azure_openai_client(api_version="1")')
case("wild.branching_constructor", '''
--- main.py
import os
from openai import AzureOpenAI, OpenAI

def make(workspace_id):
    if os.environ.get("AZURE"):
        client = AzureOpenAI(api_version="1")  #> fix
    else:
        client = OpenAI(api_key="k")  #> fix
    return client
make("w")
''', calls='get_openai_client(api_key="k", workspace_id="w")')
case("wild.optional_dependency_module", '''
--- llm.py
try:
    import openai
    from openai import OpenAI
except ImportError:
    openai = None
    OpenAI = None

def available(): return openai is not None

def make(workspace_id):
    if not available():
        raise RuntimeError("install openai")
    return OpenAI(api_key="k")  #> any
--- main.py
import llm
llm.make("w")
''', post="auto", calls='get_openai_client(api_key="k", workspace_id="w")')
case("wild.tests_construct_too", '''
--- tests/test_x.py
from openai import OpenAI
def test_it():
    assert OpenAI(api_key="k").api_key == "k"  #> fix
--- main.py
print(1)
''', run=["test:tests/test_x.py"], calls='get_openai_client(api_key="k")')
case("wild.monorepo_two_services_one_factory", '''
--- services/a/__init__.py
--- services/a/llm.py
from openai import OpenAI
def go(workspace_id): return OpenAI(api_key="a")  #> fix
--- services/b/__init__.py
--- services/b/llm.py
from services.a.llm import OpenAI
def go(workspace_id): return OpenAI(api_key="b")  #> fix
--- services/__init__.py
--- main.py
import services.a.llm, services.b.llm
services.a.llm.go("1"); services.b.llm.go("2")
''', calls='get_openai_client(api_key="a", workspace_id="1")\nget_openai_client(api_key="b", workspace_id="2")')
case("wild.import_inside_try_inside_function", '''
--- main.py
def make(workspace_id=None):
    try:
        from openai import OpenAI
    except ImportError as error:
        raise RuntimeError("pip install openai") from error
    return OpenAI(  #> fix
        api_key="k",
        default_headers={"X-Workspace": str(workspace_id)},
    )
make("w")
''', calls='get_openai_client(api_key="k", default_headers={"X-Workspace": "w"}, workspace_id="w")')
case("wild.dataclass_service", '''
--- main.py
from dataclasses import dataclass, field
from openai import OpenAI

@dataclass
class Service:
    workspace_id: str
    client: OpenAI = field(init=False)

    def __post_init__(self):
        self.client = OpenAI(api_key="k")  #> fix
Service("w")
''', calls='get_openai_client(api_key="k", workspace_id="w")')
case("wild.type_alias_and_new_syntax", '''
--- main.py
from openai import OpenAI

def go(x: int | OpenAI, /, *, y: "OpenAI | None" = None):
    match x:
        case 1 if (z := OpenAI(api_key="k")):  #> fix
            return z
go(1)
''', calls='get_openai_client(api_key="k")')
case("wild.star_args_forwarded", '''
--- main.py
from openai import OpenAI
def make(*args, **kwargs): return OpenAI(*args, **kwargs)  #> any
make(api_key="k")
''', post="auto", calls='get_openai_client(api_key="k")')
case("wild.positional_argument_is_not_the_context", '''
--- main.py
from openai import OpenAI
def make(key): return OpenAI(key)  #> any
''', found=False, post="none", fixrc=None)
case("wild.nested_call_with_context_two_levels", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self, workspace_id):
        self.workspace_id = workspace_id
        self.clients = {k: OpenAI(api_key=k) for k in "ab"}  #> fix
        self.make = lambda: OpenAI(api_key="c")  #> fix
A("w").make()
''', calls='get_openai_client(api_key="a", workspace_id="w")\nget_openai_client(api_key="b", workspace_id="w")\nget_openai_client(api_key="c", workspace_id="w")')
case("wild.module_level_getattr_lazy_import", '''
--- pkg/__init__.py
def __getattr__(name):
    if name == "Client":
        from openai import OpenAI
        return OpenAI  #> client-reference
    raise AttributeError(name)
--- main.py
import pkg
print(pkg.Client.__name__)
''', pre="ok")
case("wild.conditional_context_in_lambda_default", '''
--- main.py
from openai import OpenAI
def go(workspace_id):
    return (lambda c=OpenAI(api_key="k"): c)()  #> fix
go("w")
''', calls='get_openai_client(api_key="k", workspace_id="w")')
