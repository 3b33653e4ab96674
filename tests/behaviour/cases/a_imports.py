"""Issue 2, Finding, first bullet: every spelling of import; and the eight symbols, openai.lib.azure, openai._client."""
from run import case

# --- the eight symbols -------------------------------------------------------------------------------------------
for cls, fn in [("OpenAI", "get_openai_client"), ("AsyncOpenAI", "get_async_openai_client"), ("Client", "get_openai_client"),
                ("AsyncClient", "get_async_openai_client"), ("AzureOpenAI", "get_azure_openai_client"),
                ("AsyncAzureOpenAI", "get_async_azure_openai_client"), ("BedrockOpenAI", "get_bedrock_openai_client"),
                ("AsyncBedrockOpenAI", "get_async_bedrock_openai_client")]:
    case(f"symbol.{cls}", f'''
--- main.py
from openai import {cls}

client = {cls}(api_key="k", timeout=5)  #> fix@10
print(client.api_key)
+++ main.py
from utils.openai_client_factory import {fn}

client = {fn}(api_key="k", timeout=5)
print(client.api_key)
''', calls=f"{fn}(api_key='k', timeout=5)", out="k")

case("symbol.all_in_one", '''
--- main.py
from openai import (
    AsyncAzureOpenAI,
    AsyncOpenAI,
    AzureOpenAI,
    BedrockOpenAI,
    OpenAI,
)

a = OpenAI(max_retries=1)  #> fix
b = AsyncOpenAI(max_retries=2)  #> fix
c = AzureOpenAI(max_retries=3)  #> fix
d = AsyncAzureOpenAI(max_retries=4)  #> fix
e = BedrockOpenAI(max_retries=5)  #> fix
''', calls='''get_openai_client(max_retries=1)
get_async_openai_client(max_retries=2)
get_azure_openai_client(max_retries=3)
get_async_azure_openai_client(max_retries=4)
get_bedrock_openai_client(max_retries=5)''', hasnt={"main.py": ["OpenAI", "from openai"]})

case("symbol.through_lib_azure", '''
--- main.py
from openai.lib.azure import AzureOpenAI, AsyncAzureOpenAI

a = AzureOpenAI(api_version="1")  #> fix
b = AsyncAzureOpenAI(api_version="2")  #> fix
''', calls='''get_azure_openai_client(api_version="1")
get_async_azure_openai_client(api_version="2")''')

case("symbol.through_lib_azure_module", '''
--- main.py
import openai.lib.azure

a = openai.lib.azure.AzureOpenAI(api_version="1")  #> fix@5
''', calls='get_azure_openai_client(api_version="1")')

case("symbol.through_from_lib_import_azure", '''
--- main.py
from openai.lib import azure

a = azure.AsyncAzureOpenAI(api_version="1")  #> fix
''', calls='get_async_azure_openai_client(api_version="1")')

case("symbol.through__client", '''
--- main.py
from openai._client import OpenAI, AsyncOpenAI as Async

a = OpenAI(api_key="1")  #> fix
b = Async(api_key="2")  #> fix
''', calls='''get_openai_client(api_key="1")
get_async_openai_client(api_key="2")''')

# --- spellings ----------------------------------------------------------------------------------------------------
case("import.plain_module", '''
--- main.py
import openai

client = openai.OpenAI(api_key="k")  #> fix@10
print(client.api_key)
''', calls='get_openai_client(api_key="k")', out="k", hasnt={"main.py": ["import openai\n", "openai.OpenAI"]})

case("import.module_alias", '''
--- main.py
import openai as oai

client = oai.AsyncOpenAI(api_key="k")  #> fix
''', calls='get_async_openai_client(api_key="k")', hasnt={"main.py": "oai"})

case("import.module_alias_shadowing_other_module", '''
--- main.py
import openai as json

client = json.OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')

case("import.aliased_class", '''
--- main.py
from openai import OpenAI as Bot

client = Bot(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', hasnt={"main.py": "Bot"})

case("import.two_aliases_of_one_class", '''
--- main.py
from openai import OpenAI as A, OpenAI as B

a = A(api_key="1")  #> fix
b = B(api_key="2")  #> fix
''', calls='get_openai_client(api_key="1")\nget_openai_client(api_key="2")')

case("import.module_and_class", '''
--- main.py
import openai
from openai import OpenAI

a = openai.OpenAI(api_key="1")  #> fix
b = OpenAI(api_key="2")  #> fix
try:
    raise openai.RateLimitError("slow")
except openai.RateLimitError as error:
    print(error)
''', calls='get_openai_client(api_key="1")\nget_openai_client(api_key="2")', out="slow", has={"main.py": "import openai\n"}, hasnt={"main.py": "from openai import OpenAI"})

case("import.several_modules_on_a_line", '''
--- main.py
import json, openai, sys

client = openai.OpenAI(api_key=json.loads('"k"'))  #> fix
print(client.api_key, file=sys.stdout)
''', calls='get_openai_client(api_key="k")', out="k")

case("import.module_last_on_a_line", '''
--- main.py
import json, openai as o
client = o.OpenAI(api_key=json.loads('"k"'))  #> fix
''', calls='get_openai_client(api_key="k")')

case("import.module_first_on_a_line", '''
--- main.py
import openai as o, json
client = o.OpenAI(api_key=json.loads('"k"'))  #> fix
''', calls='get_openai_client(api_key="k")')

case("import.parenthesised_one_line", '''
--- main.py
from openai import (OpenAI, RateLimitError)

client = OpenAI(api_key="k")  #> fix
print(RateLimitError.__name__)
''', calls='get_openai_client(api_key="k")', out="RateLimitError", hasnt={"main.py": "OpenAI,"})

case("import.parenthesised_with_comments", '''
--- main.py
from openai import (  # the SDK
    APIError,
    OpenAI,  # the client we use everywhere
    RateLimitError,  # slow down
)

client = OpenAI(api_key="k")  #> fix
print(RateLimitError.__name__, APIError.__name__)
''', calls='get_openai_client(api_key="k")', out="RateLimitError APIError",
     has={"main.py": ["# the SDK", "# the client we use everywhere", "RateLimitError,  # slow down"]})

case("import.parenthesised_only_name_with_comment", '''
--- main.py
from openai import (
    # one client for all of us
    OpenAI,
)
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', has={"main.py": "# one client for all of us"}, hasnt={"main.py": "import openai\n"})

case("import.backslash_continuation", r'''
--- main.py
from openai import OpenAI, \
    RateLimitError

client = OpenAI(api_key="k")  #> fix
print(RateLimitError.__name__)
''', calls='get_openai_client(api_key="k")', out="RateLimitError")

case("import.backslash_last", r'''
--- main.py
from openai import RateLimitError, \
    APIError, \
    OpenAI

client = OpenAI(api_key="k")  #> fix
print(RateLimitError.__name__, APIError.__name__)
''', calls='get_openai_client(api_key="k")', out="RateLimitError APIError")

case("import.semicolons", '''
--- main.py
import json; from openai import OpenAI; import sys
client = OpenAI(api_key=json.loads('"k"')); print(client.api_key, file=sys.stdout)  #> fix
''', calls='get_openai_client(api_key="k")', out="k")

case("import.semicolon_import_and_use", '''
--- main.py
import openai; client = openai.OpenAI(api_key="k"); print(client.api_key)  #> fix@25
''', calls='get_openai_client(api_key="k")', out="k")

case("import.star", '''
--- main.py
from openai import *

client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', lint=False)

case("import.star_with_other_names_needed", '''
--- main.py
from openai import *

client = OpenAI(api_key="k")  #> fix
print(RateLimitError.__name__)
''', calls='get_openai_client(api_key="k")', out="RateLimitError", lint=False)

case("import.star_shadowed_later", '''
--- fake.py
class OpenAI:
    pass
--- main.py
from openai import *
from fake import OpenAI

client = OpenAI()
''', lint=False)

case("import.star_of_own_module_wins_if_later", '''
--- fake.py
class OpenAI:
    pass
--- main.py
from openai import *
from fake import *

client = OpenAI()
''', lint=False)

case("import.relative", '''
--- app/__init__.py
--- app/clients.py
from openai import OpenAI
__all__ = ["OpenAI"]
--- app/svc.py
from .clients import OpenAI

def go():
    return OpenAI(api_key="k")  #> fix
--- main.py
from app.svc import go
go()
''', calls='get_openai_client(api_key="k")', same=["main.py"])

case("import.relative_two_up", '''
--- app/__init__.py
--- app/clients.py
from openai import AsyncOpenAI as Async
--- app/deep/__init__.py
--- app/deep/svc.py
from ..clients import Async
from .. import clients

a = Async(api_key="1")  #> fix
b = clients.Async(api_key="2")  #> fix
--- main.py
import app.deep.svc
''', calls='get_async_openai_client(api_key="1")\nget_async_openai_client(api_key="2")')

case("import.local_in_function", '''
--- main.py
def make(key):
    from openai import OpenAI
    return OpenAI(api_key=key)  #> fix@12

make("k")
+++ main.py
def make(key):
    from utils.openai_client_factory import get_openai_client
    return get_openai_client(api_key=key)

make("k")
''', calls='get_openai_client(api_key="k")')

case("import.local_module_in_function", '''
--- main.py
def make(key):
    """Makes one."""
    import openai

    return openai.OpenAI(api_key=key)  #> fix

make("k")
''', calls='get_openai_client(api_key="k")', hasnt={"main.py": "import openai\n"})

case("import.local_in_method", '''
--- main.py
class A:
    def make(self, key):
        import openai as o
        return o.OpenAI(api_key=key)  #> fix

A().make("k")
''', calls='get_openai_client(api_key="k")')

case("import.local_used_by_nested_function", '''
--- main.py
def make(key):
    from openai import OpenAI

    def inner():
        return OpenAI(api_key=key)  #> fix
    return inner()

make("k")
''', calls='get_openai_client(api_key="k")')

case("import.local_not_seen_outside", '''
--- fake.py
class OpenAI:
    pass
--- main.py
from fake import OpenAI

def real():
    from openai import OpenAI
    return OpenAI(api_key="k")  #> fix

OpenAI()
real()
''', calls='get_openai_client(api_key="k")')

case("import.in_class_body", '''
--- main.py
class A:
    from openai import OpenAI
    client = OpenAI(api_key="k")  #> fix

print(A.client.api_key)
''', calls='get_openai_client(api_key="k")', out="k")

case("import.in_class_body_reached_by_self", '''
--- main.py
class A:
    from openai import OpenAI as make

    def go(self):
        return self.make(api_key="k")  #> any

A().go()
''', found=False, pre="bypass", post="any", fixrc=None, lint=False)  # whether `self.make` is resolved is left open; it mustn't break

case("import.try_except_none", '''
--- main.py
try:
    from openai import OpenAI
except ImportError:
    OpenAI = None

def make():
    if OpenAI is None:
        return None
    return OpenAI(api_key="k")  #> any

make()
''', post="auto", calls='get_openai_client(api_key="k")')

case("import.try_except_flag", '''
--- main.py
try:
    from openai import OpenAI
    HAVE = True
except ImportError:
    HAVE = False

if HAVE:
    client = OpenAI(api_key="k")  #> fix
    print(client.api_key)
''', calls='get_openai_client(api_key="k")', out="k")

case("import.try_except_other_class_held", '''
--- main.py
try:
    from openai import AzureOpenAI as Llm
except ImportError:
    from openai import OpenAI as Llm

client = Llm(api_key="k")  #> held
''')  # Finding: "held back unless all map to one factory function"

case("import.try_except_same_class", '''
--- main.py
try:
    from openai import OpenAI
except ImportError:
    from openai._client import OpenAI

client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')

case("import.branches_same_function_two_symbols", '''
--- main.py
import sys
if sys.version_info > (3, 0):
    from openai import OpenAI as Llm
else:
    from openai import Client as Llm

client = Llm(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')

case("import.branches_two_classes_held", '''
--- main.py
import sys
if len(sys.argv) > 5:
    from openai import AsyncOpenAI as Llm
else:
    from openai import OpenAI as Llm

client = Llm(api_key="k")  #> held
''')

case("import.branch_openai_or_own", '''
--- fake.py
class OpenAI:
    def __init__(self, **kwargs):
        self.api_key = "fake"
--- main.py
import os
if os.environ.get("FAKE"):
    from fake import OpenAI
else:
    from openai import OpenAI

client = OpenAI(api_key="k")  #> held
''')

case("import.branches_rebind_variable_classes", '''
--- main.py
import openai, os
Llm = openai.OpenAI
if os.environ.get("AZURE"):
    Llm = openai.AzureOpenAI
client = Llm(api_key="k")  #> held
''', ignore=["client-reference"])

case("import.conditional_expression_of_two", '''
--- main.py
import openai, os
Llm = openai.AzureOpenAI if os.environ.get("AZURE") else openai.OpenAI
client = Llm(api_key="k")  #> held
''', ignore=["client-reference"])

case("import.type_checking_only", '''
--- main.py
from __future__ import annotations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai import OpenAI

def use(client: OpenAI) -> OpenAI:
    return client

use(None)
''')

case("import.type_checking_and_local", '''
--- main.py
from __future__ import annotations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai import OpenAI

def make() -> OpenAI:
    from openai import OpenAI
    return OpenAI(api_key="k")  #> fix

make()
''', calls='get_openai_client(api_key="k")', has={"main.py": "if TYPE_CHECKING:\n    from openai import OpenAI\n"})

case("import.type_checking_else", '''
--- main.py
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai import OpenAI
else:
    from openai import OpenAI

client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')

case("import.called_under_type_checking_name_only", '''
--- main.py
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai import OpenAI

def make():
    return OpenAI(api_key="k")  #> any

''', fixrc=None, post="none")  # found: also under TYPE_CHECKING; broken anyway

case("import.one_line_if", '''
--- main.py
x = True
if x: import openai
client = openai.OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')

case("import.one_line_if_from", '''
--- main.py
x = True
if x: from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')

case("import.one_line_try", '''
--- main.py
try: import openai
except ImportError: openai = None

def make():
    return openai.OpenAI(api_key="k")  #> any
make()
''', post="auto", calls='get_openai_client(api_key="k")')

case("import.one_line_def", '''
--- main.py
def make(): import openai; return openai.OpenAI(api_key="k")  #> fix
make()
''', calls='get_openai_client(api_key="k")')

case("import.after_use_in_function_above", '''
--- main.py
def make():
    return OpenAI(api_key="k")  #> fix

from openai import OpenAI
make()
''', calls='get_openai_client(api_key="k")')

case("import.with_block_suppress", '''
--- main.py
import contextlib
with contextlib.suppress(ImportError):
    from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')

case("import.submodule_types_kept", '''
--- main.py
import openai
import openai.types.chat

client = openai.OpenAI(api_key="k")  #> fix
print(openai.types.chat.ChatCompletion.__name__)
''', calls='get_openai_client(api_key="k")', out="ChatCompletion")

case("import.binds_openai_by_submodule", '''
--- main.py
import openai.types

client = openai.OpenAI(api_key="k")  #> fix
print(openai.types.Completion.__name__)
''', calls='get_openai_client(api_key="k")', out="Completion")

case("import.global_in_function", '''
--- main.py
def load():
    global OpenAI
    from openai import OpenAI

load()
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', lint=False)

case("import.global_module_in_function", '''
--- main.py
def load():
    global openai
    import openai

def make():
    load()
    return openai.OpenAI(api_key="k")  #> fix
make()
''', calls='get_openai_client(api_key="k")', lint=False)

case("import.class_used_before_and_after_shadow", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix

class OpenAI:
    pass
other = OpenAI()
''', calls='get_openai_client(api_key="k")', lint=False)
