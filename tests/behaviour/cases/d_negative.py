"""Finding: "and nothing else, decided by resolution and never by a list of names"."""
from run import case


def none(name, text, **kw):
    case("nothing." + name, text, **kw)


for module, cls in [("langchain_openai", "OpenAI"), ("langchain_openai", "ChatOpenAI"), ("langchain_openai", "AzureOpenAI"), ("langchain.llms", "OpenAI"),
                    ("llama_index.llms.openai", "OpenAI"), ("dspy", "OpenAI"), ("litellm", "AsyncOpenAI"), ("langfuse.openai", "OpenAI"), ("langfuse.openai", "Client")]:
    none(f"{module}.{cls}", f"--- main.py\nfrom {module} import {cls}\nimport {module}\n{cls}(api_key='k')\n{module}.{cls}()\n")

none("langfuse_drop_in_module", '''
--- main.py
from langfuse import openai
openai.OpenAI(api_key="k")
''')
none("own_class", '''
--- main.py
class OpenAI:
    def clone(self): return OpenAI()
class AzureOpenAI(OpenAI): ...
OpenAI().clone(); AzureOpenAI()
''')
none("own_class_in_other_file", '''
--- clients.py
class AsyncOpenAI: ...
--- main.py
from clients import AsyncOpenAI
import clients
AsyncOpenAI(); clients.AsyncOpenAI()
''')
none("undefined_name", '''
--- main.py
try:
    OpenAI()
except NameError:
    pass
''')
none("missing_project_module", '''
--- main.py
def go():
    from nowhere.clients import OpenAI
    return OpenAI()
''')
none("relative_missing", '''
--- app/__init__.py
--- app/svc.py
def go():
    from .nowhere import OpenAI
    return OpenAI()
--- main.py
import app.svc
''')
none("both_in_one_file", '''
--- main.py
from langchain_openai import OpenAI
from openai import OpenAI as Real
OpenAI(api_key="no")
client = Real(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', has={"main.py": 'OpenAI(api_key="no")'})
none("text_in_strings_docstrings_comments", '''
--- main.py
"""Use it so:

    from openai import OpenAI
    client = OpenAI()
"""
# client = openai.OpenAI()
import json
TEXT = "openai.OpenAI()"
CODE = """
import openai
openai.OpenAI()
"""
def go():
    """OpenAI() is never called; openai.OpenAI()"""
    return r'OpenAI()', b"openai.OpenAI()", f"{{openai.OpenAI()}}"
print(json.dumps(TEXT))
''')
none("text_beside_real", '''
--- main.py
"""client = OpenAI()"""
from openai import OpenAI
# OpenAI(api_key="k") makes one
client = OpenAI(api_key="OpenAI()")  #> fix
doc = "OpenAI() from openai import OpenAI"
''', calls='get_openai_client(api_key="OpenAI()")', has={"main.py": ['"""client = OpenAI()"""', '# OpenAI(api_key="k") makes one', 'api_key="OpenAI()"', '"OpenAI() from openai import OpenAI"']})
none("instance_called_openai", '''
--- main.py
class Box:
    def OpenAI(self, **kw): return 1
openai = Box()
openai.OpenAI(api_key="k")
def go(openai): return openai.OpenAI(), openai.chat.completions, openai.ChatCompletion
''')
none("imported_instance_called_openai", '''
--- box.py
class Box:
    def OpenAI(self, **kw): return 1
    class ChatCompletion:
        create = print
openai = Box()
--- main.py
from box import openai
openai.OpenAI(api_key="k")
openai.ChatCompletion.create()
''')
none("client_instance_called_openai_from_factory", '''
--- main.py
from utils.openai_client_factory import get_openai_client
openai = get_openai_client()
openai.chat.completions.create(model="m")
openai.api_key = "x"
''')
none("parameter_called_client", '''
--- main.py
def go(client): return client.OpenAI(), client.Client()
''')
none("other_names_of_the_sdk", '''
--- main.py
import openai
from openai import RateLimitError, types
from openai.types.chat import ChatCompletion
try:
    raise RateLimitError("x")
except openai.APIError:
    pass
x = openai.Stream()
y = ChatCompletion()
z = openai.types.Completion()
print(openai.__version__, openai.NOT_GIVEN)
''')
none("annotations", '''
--- main.py
from typing import Optional, Union, cast, List
import openai
from openai import OpenAI, AsyncOpenAI
def a(c: OpenAI, d: "OpenAI", e: Optional[OpenAI] = None, *f: AsyncOpenAI, **g: openai.OpenAI) -> "List[OpenAI]": ...
x: OpenAI
y: "Union[openai.OpenAI, AsyncOpenAI]" = None
class A:
    client: OpenAI | None = None
    def go(self) -> type[OpenAI]: ...
z = cast("OpenAI", None)
Alias = Optional[OpenAI]
''', ignore=["client-reference"])
none("typing_cast_and_alias_no_reference", '''
--- main.py
from typing import cast, Union
from openai import OpenAI, AsyncOpenAI
AnyClient = Union[OpenAI, AsyncOpenAI]
Pipe = OpenAI | AsyncOpenAI
w = cast(OpenAI, None)
def go(c: AnyClient, d: Pipe): ...
''', ignore=["client-reference"])
none("isinstance_issubclass_except", '''
--- main.py
import openai
from openai import OpenAI, AsyncOpenAI
isinstance(3, OpenAI); isinstance(3, (OpenAI, AsyncOpenAI)); issubclass(int, OpenAI); isinstance(3, OpenAI | int); isinstance(3, openai.OpenAI)
try:
    pass
except OpenAI:
    pass
except (openai.AsyncOpenAI, ValueError):
    pass
''')
none("comparisons_and_truth_tests", '''
--- main.py
try:
    from openai import OpenAI
except ImportError:
    OpenAI = None
import openai
if OpenAI is None or not OpenAI: pass
if OpenAI: pass
a = type(3) is OpenAI
b = type(3) == openai.OpenAI
c = type(3) in (int,) and OpenAI is not None
while not OpenAI: pass
d = 1 if OpenAI else 2
assert OpenAI is not None
assert OpenAI
''')
none("all_and_reexports", '''
--- app/__init__.py
from openai import OpenAI, AsyncOpenAI as Async
from .more import AzureOpenAI
__all__ = ["OpenAI", "Async", "AzureOpenAI"]
--- app/more.py
from openai import AzureOpenAI as AzureOpenAI
__all__ = ["AzureOpenAI"]
__all__ += ["AzureOpenAI"]
--- main.py
import app
from app import OpenAI
from app import *
''')
none("factory_calls", '''
--- main.py
from utils.openai_client_factory import get_openai_client
print(get_openai_client(api_key="k"))
''', calls='get_openai_client(api_key="k")', record=False, pre="ok")
none("typescript_in_tree_is_left", '''
--- web/llm.txt
import OpenAI from "openai"; new OpenAI()
--- main.py
print(1)
''')
none("class_reference_as_attribute_read", '''
--- main.py
import openai
print(openai.OpenAI.__name__, openai.__version__)
''', ignore=["client-reference"])
none("method_named_like_class_on_client", '''
--- main.py
import openai
def go(client: openai.OpenAI):
    return client.with_options(timeout=1)
class X:
    def OpenAI(self): return 1
    def go(self): return self.OpenAI()
X().go()
''')
none("empty_project", '''
--- readme.md
nothing
''', factory=None)
none("no_factory_nothing_to_fix", '''
--- main.py
print(1)
''', factory=None)  # contract: nothing to fix is exit 0
none("ignored_files", '''
--- .gitignore
build/
--- build/x.py
import openai
openai.OpenAI()
--- .hidden/x.py
import openai
openai.OpenAI()
--- main.py
print(1)
''')  # .gitignore and hidden-file rules hold as in ripgrep
none("excluded_by_configuration", '''
--- qmigrate.toml
exclude = ["vendor/**"]
--- vendor/x.py
import openai
client = openai.OpenAI(api_key="no")
--- main.py
import openai
client = openai.OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')
none("included_by_configuration", '''
--- qmigrate.toml
include = ["backend/**", "utils/**"]
--- other/x.py
import openai
client = openai.OpenAI(api_key="no")
--- backend/x.py
import openai
client = openai.OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', run=["backend/x.py"])
none("python_stub_files", '''
--- clients.pyi
from openai import OpenAI
def make() -> OpenAI: ...
--- main.py
print(1)
''')
