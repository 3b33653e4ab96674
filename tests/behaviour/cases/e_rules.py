"""Reported but never rewritten: client-subclass, client-reference, dynamic-client, module-client, legacy-api."""
from run import case


def rule(name, text, **kw):
    kw.setdefault("lint", False)
    case("rule." + name, text, **kw)


rule("subclass", '''
--- main.py
import openai
from openai import OpenAI

class Mine(OpenAI):  #> client-subclass
    pass

class Other(openai.AsyncOpenAI):  #> client-subclass
    pass
''')
rule("subclass_with_mixin_and_keywords", '''
--- main.py
from openai import AzureOpenAI as Base
class Mixin: ...
class Mine(Mixin, Base):  #> client-subclass
    def __init__(self, **kw): super().__init__(**kw)
''')
rule("subclass_through_project", '''
--- clients.py
from openai import OpenAI
__all__ = ["OpenAI"]
--- main.py
from clients import OpenAI
class Mine(OpenAI):  #> client-subclass
    pass
''')
rule("subclass_keeps_import_beside_a_fix", '''
--- main.py
from openai import OpenAI

class Mine(OpenAI):  #> client-subclass
    pass

client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', has={"main.py": ["class Mine(OpenAI):", "from openai import OpenAI"]})
rule("subclass_instance_is_no_direct_client", '''
--- main.py
from openai import OpenAI
class Mine(OpenAI):  #> client-subclass
    pass
def go(): return Mine(api_key="k")
''')
rule("subclass_generic_argument_is_no_base", '''
--- main.py
from typing import Generic, TypeVar
from openai import OpenAI
T = TypeVar("T")
class Box(Generic[T]): ...
class Mine(Box[OpenAI]): ...
''', ignore=["client-reference"])
rule("typevar_bound_is_no_subclass", '''
--- main.py
from typing import TypeVar
from openai import OpenAI
T = TypeVar("T", bound=OpenAI)
U = TypeVar("U", bound="OpenAI")
''', ignore=["client-reference"])

rule("reference_argument", '''
--- main.py
from openai import OpenAI
def build(cls): return cls
build(OpenAI)  #> client-reference
build(cls=OpenAI)  #> client-reference
''', run=[])
rule("reference_stored", '''
--- main.py
import openai
TABLE = {"sync": openai.OpenAI, "async": openai.AsyncOpenAI}  #> client-reference; client-reference
LIST = [openai.OpenAI]  #> client-reference
class A: cls = openai.AzureOpenAI  #> client-reference
''', run=[])
rule("reference_returned", '''
--- main.py
from openai import OpenAI
def pick(): return OpenAI  #> client-reference
make = lambda: OpenAI  #> client-reference
def default(cls=OpenAI): return cls()  #> client-reference
def gen(): yield OpenAI  #> client-reference
''', run=[])
rule("reference_keeps_import", '''
--- main.py
from openai import OpenAI
TABLE = {"a": OpenAI}  #> client-reference
client = OpenAI(api_key="k")  #> fix
print(TABLE["a"].__name__)
''', calls='get_openai_client(api_key="k")', out="OpenAI")
rule("reference_is_a_warning", '''
--- main.py
from openai import OpenAI
TABLE = {"a": OpenAI}  #> client-reference
''', check=lambda p, b, a: p.scan(rc=0))  # default severity warning: exit 0
rule("reference_fail_on_warning", '''
--- main.py
from openai import OpenAI
TABLE = {"a": OpenAI}  #> client-reference
''', check=lambda p, b, a: p.scan("--fail-on", "warning", rc=1))
rule("no_reference_for_assigned_name_that_is_called", '''
--- main.py
import openai
Client = openai.OpenAI
c = Client(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', after=None)

rule("dynamic_getattr", '''
--- main.py
import openai
def go(): return getattr(openai, "OpenAI")  #> dynamic-client
''')
rule("dynamic_getattr_called", '''
--- main.py
import openai
def go(): return getattr(openai, "OpenAI")(api_key="k")  #> dynamic-client
''', ignore=["direct-client"])  # whether the call itself is a direct-client place too is said only of calls through a name
rule("dynamic_getattr_bound_then_called", '''
--- main.py
import openai
Llm = getattr(openai, "AsyncOpenAI")  #> dynamic-client
def go(): return Llm(api_key="k")  #> held
''')
rule("dynamic_import_module_bound", '''
--- main.py
import importlib
sdk = importlib.import_module("openai")  #> dynamic-client
def go(): return sdk.OpenAI(api_key="k")  #> held@18
''')
rule("dynamic_import_module_from_import", '''
--- main.py
from importlib import import_module as im
def go():
    sdk = im("openai")  #> dynamic-client
    return sdk.AsyncOpenAI(api_key="k")  #> held
''')
rule("dynamic_dunder_import", '''
--- main.py
def go():
    return __import__("openai").OpenAI(api_key="k")  #> held; dynamic-client
''', found=False, post="none", fixrc=None)
rule("dynamic_keeps_the_import", '''
--- main.py
import openai
name = "OpenAI"
def go(): return getattr(openai, name)
client = openai.OpenAI(api_key="k")  #> fix
print(go().__name__)
''', calls='get_openai_client(api_key="k")', ignore=["dynamic-client"], out="OpenAI", after=None)
rule("getattr_of_something_else", '''
--- main.py
import openai
v = getattr(openai, "__version__")
w = getattr(openai, "NOT_GIVEN", None)
x = hasattr(openai, "OpenAI")
class Box: OpenAI = 1
y = getattr(Box, "OpenAI")
import importlib
z = importlib.import_module("json")
''', ignore=["client-reference"])
rule("getattr_shadowed", '''
--- main.py
import openai
def getattr(a, b): return 1
x = getattr(openai, "OpenAI")
''', ignore=["client-reference", "module-client"])
rule("import_module_shadowed", '''
--- main.py
def import_module(name): return name
x = import_module("openai")
''')

rule("module_chat", '''
--- main.py
import openai
print(openai.chat.completions.create(model="m"))  #> module-client
''')
rule("module_alias_and_others", '''
--- main.py
import openai as o
def go():
    o.embeddings.create(input="x")  #> module-client
    o.responses.create(input="x")  #> module-client
    o.models.list()  #> module-client
    o.images.generate(prompt="x")  #> module-client
    o.audio.transcriptions.create(file=None)  #> module-client
''')
rule("module_settings", '''
--- main.py
import openai
openai.api_key = "k"  #> module-client
openai.base_url = "http://x"  #> module-client
''')
rule("module_from_import", '''
--- main.py
from openai import chat
def go(): return chat.completions.create(model="m")  #> module-client
''')
rule("module_settings_keep_import", '''
--- main.py
import openai
openai.api_key = "k"  #> module-client
client = openai.OpenAI()  #> fix
''', calls="get_openai_client()", has={"main.py": ["import openai\n", 'openai.api_key = "k"']})
rule("module_under_star_and_await", '''
--- main.py
import openai
async def go():
    for part in openai.chat.completions.create(model="m", stream=True):  #> module-client
        pass
''')

rule("legacy_create", '''
--- main.py
import openai
def go():
    return openai.ChatCompletion.create(model="m")  #> legacy-api
def go2():
    return openai.Completion.create(model="m"), openai.Embedding.create(input="x")  #> legacy-api; legacy-api
async def go3():
    return await openai.ChatCompletion.acreate(model="m")  #> legacy-api
''')
rule("legacy_error", '''
--- main.py
import openai
def go():
    try:
        pass
    except openai.error.RateLimitError:  #> legacy-api
        pass
''')
rule("legacy_error_import", '''
--- main.py
def go():
    import openai.error  #> legacy-api
def go2():
    from openai.error import RateLimitError  #> legacy-api
''')
rule("legacy_from_import", '''
--- main.py
def go():
    from openai import ChatCompletion
    return ChatCompletion.create(model="m")  #> legacy-api
''', found=False)
rule("legacy_beside_fix", '''
--- main.py
import openai
def old(): return openai.ChatCompletion.create(model="m")  #> legacy-api
client = openai.OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', has={"main.py": "openai.ChatCompletion.create"})
rule("severity_off_by_configuration", '''
--- qmigrate.toml
[rule.client-subclass]
severity = "off"
--- main.py
from openai import OpenAI
class Mine(OpenAI):
    pass
''')
rule("severity_warning_by_configuration", '''
--- qmigrate.toml
[rule.direct-client]
severity = "warning"
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', check=lambda p, b, a: None)

# --- handed over as callables: direct-client, and becomes the factory ---------------------------------------------------
case("callable.partial", '''
--- main.py
import functools
from openai import OpenAI

make = functools.partial(OpenAI, api_key="k")  #> fix
make(); make(timeout=1)
''', calls='get_openai_client(api_key="k")\nget_openai_client(api_key="k", timeout=1)', hasnt={"main.py": "OpenAI,"})
case("callable.partial_from_import", '''
--- main.py
from functools import partial as p
import openai

make = p(openai.AsyncOpenAI, api_key="k")  #> fix
make()
''', calls='get_async_openai_client(api_key="k")')
case("callable.partial_context_in_scope", '''
--- main.py
from functools import partial
from openai import OpenAI

def go(workspace_id):
    return partial(OpenAI, api_key="k")()  #> fix
go("w")
''', calls=None, record=False, has={"main.py": "partial(get_openai_client"})  # whether the context is bound into the partial is left open
case("callable.partial_positional_is_not_context", '''
--- main.py
from functools import partial
from openai import OpenAI
options = {"api_key": "k"}
partial(OpenAI, **options)()  #> fix
''', calls='get_openai_client(api_key="k")')
case("callable.default_factory_dataclass", '''
--- main.py
from dataclasses import dataclass, field
from openai import OpenAI

@dataclass
class A:
    client: OpenAI = field(default_factory=OpenAI)  #> fix

print(A().client)
''', calls="get_openai_client()", out="<OpenAI>", has={"main.py": ["client: OpenAI = field(default_factory=get_openai_client)", "from openai import OpenAI"]})
case("callable.default_factory_pydantic", '''
--- main.py
from pydantic import BaseModel, Field
import openai

class A(BaseModel):
    client: object = Field(default_factory=openai.AsyncOpenAI)  #> fix

print(A().client)
''', calls="get_async_openai_client()", out="<AsyncOpenAI>")
case("callable.default_factory_lambda", '''
--- main.py
from dataclasses import dataclass, field
import openai

@dataclass
class A:
    client: object = field(default_factory=lambda: openai.OpenAI(api_key="k"))  #> fix
A()
''', calls='get_openai_client(api_key="k")')
case("callable.defaultdict", '''
--- main.py
from collections import defaultdict
from openai import OpenAI
clients = defaultdict(OpenAI)  #> any
clients["a"]
''', found=False, pre="bypass", post="any", fixrc=None)
case("callable.partial_two_args_class_second", '''
--- main.py
from functools import partial
from openai import OpenAI
def build(cls): return cls.__name__
make = partial(build, OpenAI)  #> client-reference
print(make())
''', pre="ok")
case("callable.partial_of_own_function", '''
--- main.py
from openai import OpenAI
def partial(cls, **kw): return cls.__name__
print(partial(OpenAI, api_key="k"))  #> client-reference
''', pre="ok")
