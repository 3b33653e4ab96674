"""Fixing, fifth and sixth bullet: the factory is found and read; circular imports; literal base URLs."""
from run import case, special, Failed

HEAD = "import openai\n\n"


def sync(signature="workspace_id=None, **kwargs", body='return openai._made("get_openai_client", workspace_id=workspace_id, **kwargs)', name="get_openai_client", pre="def"):
    return f"{pre} {name}({signature}):\n    {body}\n"


# --- functions that it has, or hasn't -----------------------------------------------------------------------------------
case("factory.lacks_function_held", '''
--- main.py
from openai import OpenAI, AzureOpenAI
client = OpenAI(api_key="k")  #> fix
def azure(): return AzureOpenAI(api_key="a")  #> held:get_azure_openai_client
''', factory=HEAD + sync(), calls='get_openai_client(api_key="k")', has={"main.py": 'AzureOpenAI(api_key="a")'})
case("factory.lacks_all_functions_needed", '''
--- main.py
from openai import AsyncOpenAI
def go(): return AsyncOpenAI(api_key="a")  #> held:get_async_openai_client
''', factory=HEAD + sync(), fixrc=None)
case("factory.reexports_function", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- utils/impl.py
import openai
def get_openai_client(workspace_id=None, **kwargs):
    return openai._made("get_openai_client", workspace_id=workspace_id, **kwargs)
''', factory="from utils.impl import get_openai_client\n__all__ = ['get_openai_client']\n", calls='get_openai_client(api_key="k")')
case("factory.reexports_renamed", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- utils/impl.py
import openai
def make(workspace_id=None, **kwargs):
    return openai._made("get_openai_client", workspace_id=workspace_id, **kwargs)
''', factory="from .impl import make as get_openai_client\n__all__ = ['get_openai_client']\n", calls='get_openai_client(api_key="k")')
case("factory.reexported_impl_signature_is_read", '''
--- main.py
from openai import OpenAI
def go(): return OpenAI(api_key="k", timeout=3)  #> held:timeout
--- utils/impl.py
import openai
def get_openai_client(workspace_id=None, api_key=None):
    return openai._made("get_openai_client", workspace_id=workspace_id, api_key=api_key)
''', factory="from utils.impl import get_openai_client\n__all__ = ['get_openai_client']\n")
case("factory.async_def_held", '''
--- main.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> held:async
''', factory=HEAD + sync(pre="async def"))
case("factory.async_def_of_async_function_held", '''
--- main.py
from openai import AsyncOpenAI
def go(): return AsyncOpenAI(api_key="k")  #> held:async
''', factory=HEAD + sync(name="get_async_openai_client", pre="async def") + sync())
case("factory.name_imported_from_elsewhere_is_no_function", '''
--- main.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> held:get_openai_client
''', factory="def get_openai(): ...\n", fixrc=None)
case("factory.function_under_if_and_try", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> any
''', factory="try:\n    import openai\nexcept ImportError:\n    openai = None\nif openai:\n    " + sync().replace("\n    ", "\n        "), fixrc=None, post="auto", calls='get_openai_client(api_key="k")')
case("factory.nested_function_does_not_count", '''
--- main.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> held:get_openai_client
''', factory="class Factory:\n    def get_openai_client(self, **kw): ...\n", fixrc=None)

# --- signatures ----------------------------------------------------------------------------------------------------------
case("signature.argument_not_accepted", '''
--- main.py
from openai import OpenAI
a = OpenAI(api_key="k")  #> fix
def b(): return OpenAI(api_key="k", organization="o")  #> held:organization
''', factory=HEAD + sync("workspace_id=None, *, api_key=None, timeout=None", 'return openai._made("get_openai_client", workspace_id=workspace_id, api_key=api_key)'),
     calls='get_openai_client(api_key="k")')
case("signature.positional_only_parameter_is_no_keyword", '''
--- main.py
from openai import OpenAI
def b(): return OpenAI(api_key="k")  #> held:api_key
''', factory=HEAD + sync("api_key=None, /, workspace_id=None", 'return openai._made("get_openai_client", workspace_id=workspace_id)'))
case("signature.double_star_unpacking_needs_kwargs", '''
--- main.py
from openai import OpenAI
kw = {"timeout": 3}
def b(): return OpenAI(**kw)  #> any
''', factory=HEAD + sync("workspace_id=None, api_key=None", 'return openai._made("get_openai_client", workspace_id=workspace_id)'), fixrc=None, post="any", check=None)
# (what **kw holds can't be known: held back or unsafe would be wise; not judged)
case("signature.required_parameter_not_given", '''
--- main.py
from openai import OpenAI
def b(): return OpenAI(api_key="k")  #> held
''', factory=HEAD + sync("tenant, **kwargs", 'return openai._made("get_openai_client", **kwargs)'))
case("signature.required_context_without_a_source", '''
--- main.py
from openai import OpenAI
def b(): return OpenAI(api_key="k")  #> held:workspace_id
def c(workspace_id): return OpenAI(api_key="k")  #> fix
c("w")
''', factory=HEAD + sync("workspace_id, **kwargs"), calls='get_openai_client(api_key="k", workspace_id="w")', pre="bypass")
case("signature.context_not_accepted", '''
--- main.py
from openai import OpenAI
def c(workspace_id): return OpenAI(api_key="k")  #> any
c("w")
''', factory=HEAD + sync("api_key=None", 'return openai._made("get_openai_client", api_key=api_key)'), calls='get_openai_client(api_key="k")', post="auto")
case("signature.context_goes_into_kwargs", '''
--- main.py
from openai import OpenAI
def c(workspace_id): return OpenAI(api_key="k")  #> fix
c("w")
''', factory=HEAD + sync("**kwargs", 'return openai._made("get_openai_client", **kwargs)'), calls='get_openai_client(api_key="k", workspace_id="w")')
case("signature.context_keyword_only", '''
--- main.py
from openai import OpenAI
def c(workspace_id): return OpenAI(api_key="k")  #> fix
c("w")
''', factory=HEAD + sync("*, workspace_id=None, **kwargs"), calls='get_openai_client(api_key="k", workspace_id="w")')
case("signature.context_positional_only_held_or_left_out", '''
--- main.py
from openai import OpenAI
def c(workspace_id): return OpenAI(api_key="k")  #> any
c("w")
''', factory=HEAD + sync("workspace_id=None, /, *, api_key=None", 'return openai._made("get_openai_client", workspace_id=workspace_id, api_key=api_key)'), calls=None, post="auto")
case("signature.decorated_is_unsafe", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> unsafe
''', factory=HEAD + "import functools\n@functools.lru_cache\n" + sync())
case("signature.decorated_with_unsafe_flag", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> unsafe
''', factory=HEAD + "import functools\n@functools.lru_cache\n" + sync(), fixargs=["--unsafe"], calls='get_openai_client(api_key="k")', pre="bypass", post="ok")
case("signature.assigned_is_unsafe", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> unsafe
''', factory=HEAD + sync(name="_make") + "get_openai_client = _make\n", fixargs=["--unsafe"], calls='get_openai_client(api_key="k")', pre="bypass", post="ok")
case("signature.assigned_lambda_is_unsafe", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> unsafe
''', factory=HEAD + "get_openai_client = lambda workspace_id=None, **kw: openai._made('get_openai_client', **kw)\n")
case("signature.imported_from_outside_the_project", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> any; 
'''.replace("; ", ""), factory="from thirdparty import get_openai_client\n__all__ = ['get_openai_client']\n", found=False, post="none", pre="any", fixrc=None, record=False)
case("signature.partial_checks_function_too", '''
--- main.py
import functools
from openai import AsyncOpenAI
def go(): return functools.partial(AsyncOpenAI, api_key="k")  #> held:get_async_openai_client
''', factory=HEAD + sync(), fixrc=None)

# --- no factory -------------------------------------------------------------------------------------------------------
@special("factory.absent_scan_computes_fix_hint_and_fix_exits_2")
def _(p):
    # contract: held back with the advice to run `qmigrate init`; exit 2 when nothing could be fixed for this reason;
    # scan and --dry-run compute fixes as if the factory had the default functions, and warn once.
    p.write("main.py", "from openai import OpenAI\nc = OpenAI(api_key='k')\nd = OpenAI()\n")
    p.commit()
    before = p.tree()
    data = p.scan(rc=1)
    assert len(data["findings"]) == 2 and all(f["fix"] for f in data["findings"]), data["findings"]
    r = p.tool("fix", "--dry-run")
    assert b"get_openai_client" in r.stdout, r
    assert r.stderr.count(b"init") <= 1, r.stderr
    r = p.tool("fix")
    assert r.returncode == 2, (r.returncode, r.stderr)
    assert b"init" in r.stderr + r.stdout, r.stderr
    assert p.tree() == before


@special("factory.absent_nothing_found_is_exit_0")
def _(p):
    p.write("main.py", "print(1)\n")
    p.commit()
    r = p.tool("fix")
    assert r.returncode == 0, (r.returncode, r.stderr)
    assert p.scan(rc=0)["findings"] == []


@special("factory.two_matches_ask_for_roots")
def _(p):
    # contract: Two matches: exit 2 asks for `roots`
    f = "def get_openai_client(workspace_id=None, **kw): ...\n"
    p.write("a/utils/openai_client_factory.py", f)
    p.write("b/utils/openai_client_factory.py", f)
    p.write("a/main.py", "from openai import OpenAI\nc = OpenAI()\n")
    p.commit()
    before = p.tree()
    r = p.tool("fix")
    assert r.returncode == 2 and b"roots" in r.stderr, (r.returncode, r.stderr)
    assert p.tree() == before


# --- circular -------------------------------------------------------------------------------------------------------
case("circular.module_that_factory_imports", '''
--- settings.py
from openai import OpenAI
KEY = "k"
def probe(): return OpenAI(api_key=KEY)  #> held:circular|import
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory=HEAD + "from settings import KEY\n" + sync().replace("**kwargs)\n", "**kwargs)\n", 1) + "print(KEY)\n", calls='get_openai_client(api_key="k")', same=["settings.py"])
case("circular.indirect", '''
--- a.py
import b
--- b.py
import c
--- c.py
from openai import OpenAI
def probe(): return OpenAI(api_key="c")  #> held:circular|import
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory=HEAD + "import a\n" + sync(), calls='get_openai_client(api_key="k")')
case("circular.inside_a_function_of_the_factory", '''
--- late.py
from openai import OpenAI
def probe(): return OpenAI(api_key="c")  #> held:circular|import
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory=HEAD + "def other():\n    import late\n    return late\n" + sync(), calls='get_openai_client(api_key="k")')
case("circular.through_init_of_package_on_the_way", '''
--- core/__init__.py
from openai import OpenAI
def probe(): return OpenAI(api_key="c")  #> held:circular|import
--- core/deep/__init__.py
from openai import OpenAI
def probe(): return OpenAI(api_key="c")  #> held:circular|import
--- core/deep/settings.py
KEY = 1
--- core/deep/sibling.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> fix
--- main.py
import core.deep.sibling
core.deep.sibling.go()
''', factory=HEAD + "from core.deep.settings import KEY\n" + sync() + "print(KEY)\n", calls='get_openai_client(api_key="k")')
case("circular.init_of_the_factorys_own_package", '''
--- utils/__init__.py
from openai import OpenAI
def probe(): return OpenAI(api_key="c")  #> held:circular|import
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')
case("circular.imported_by_init_of_the_factorys_package", '''
--- utils/__init__.py
from utils.helper import probe
__all__ = ["probe"]
--- utils/helper.py
from openai import OpenAI
def probe(): return OpenAI(api_key="c")  #> held:circular|import
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')
case("circular.relative_import_in_factory", '''
--- utils/config.py
from openai import OpenAI
def probe(): return OpenAI(api_key="c")  #> held:circular|import
--- utils/free.py
from openai import OpenAI
def probe(): return OpenAI(api_key="k")  #> fix
--- main.py
import utils.free
utils.free.probe()
''', factory=HEAD + "from . import config\nfrom .config import probe\n" + sync() + "print(config, probe)\n", calls='get_openai_client(api_key="k")')
case("circular.submodule_by_from_package_import", '''
--- core/__init__.py
--- core/conf.py
from openai import OpenAI
def probe(): return OpenAI(api_key="c")  #> held:circular|import
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory=HEAD + "from core import conf\n" + sync() + "print(conf)\n", calls='get_openai_client(api_key="k")')
case("circular.not_under_type_checking", '''
--- types_only.py
from openai import OpenAI
def probe(): return OpenAI(api_key="k")  #> fix
--- main.py
import types_only
types_only.probe()
''', factory=HEAD + "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from types_only import probe\n" + sync(), calls='get_openai_client(api_key="k")')
case("circular.not_under_typing_dot_type_checking", '''
--- types_only.py
from openai import OpenAI
def probe(): return OpenAI(api_key="k")  #> fix
--- main.py
import types_only
types_only.probe()
''', factory=HEAD + "import typing as t\nif t.TYPE_CHECKING:\n    from types_only import probe\n" + sync(), calls='get_openai_client(api_key="k")')
case("circular.else_of_type_checking_counts", '''
--- runtime.py
from openai import OpenAI
def probe(): return OpenAI(api_key="c")  #> held:circular|import
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory=HEAD + "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    import runtime\n" + sync(), calls='get_openai_client(api_key="k")')
case("circular.in_try_of_factory", '''
--- maybe.py
from openai import OpenAI
def probe(): return OpenAI(api_key="c")  #> held:circular|import
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory=HEAD + "try:\n    import maybe\nexcept ImportError:\n    maybe = None\n" + sync(), calls='get_openai_client(api_key="k")')
case("circular.reexported_implementation_imports", '''
--- utils/impl.py
import openai
import deepconf
def get_openai_client(workspace_id=None, **kwargs):
    return openai._made("get_openai_client", workspace_id=workspace_id, **kwargs)
--- deepconf.py
from openai import OpenAI
def probe(): return OpenAI(api_key="c")  #> held:circular|import
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory="from utils.impl import get_openai_client\n__all__ = ['get_openai_client']\n", calls='get_openai_client(api_key="k")')
case("circular.local_import_in_held_module_stays", '''
--- settings.py
def probe():
    from openai import OpenAI
    return OpenAI(api_key="c")  #> held:circular|import
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory=HEAD + "import settings\n" + sync(), calls='get_openai_client(api_key="k")')
case("circular.module_that_imports_factorys_importer_is_free", '''
--- svc.py
from utils.openai_client_factory import get_async_openai_client
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> fix
print(get_async_openai_client.__name__)
--- main.py
import svc
svc.go()
''', calls='get_openai_client(api_key="k")')

# --- literal base URLs --------------------------------------------------------------------------------------------------
for n, url in enumerate(["https://api.openai.com/v1", "https://eu.api.openai.com/v1", "https://us.api.openai.com/v1/", "https://API.OpenAI.com/v1", "https://api.openai.com:443/v1",
                         "https://x.openai.azure.com/", "https://x.cognitiveservices.azure.com/openai", "https://x.services.ai.azure.com/models"]):
    case(f"base_url.own_host_{n}", f'''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k", base_url="{url}")  #> fix
''', calls=f'get_openai_client(api_key="k", base_url="{url}")')
for n, url in enumerate(["https://api.deepseek.com", "https://openrouter.ai/api/v1", "https://api.groq.com/openai/v1", "http://localhost:11434/v1", "https://api.openai.com.evil.example/v1",
                         "https://notapi.openai.com.cn/v1", "https://fakeopenai.azure.com/", "https://generativelanguage.googleapis.com/v1beta/openai/", "https://user@api.x.ai/v1",
                         "http://127.0.0.1:8000/v1", "https://api.openai.com@evil.example/v1"]):
    case(f"base_url.other_vendor_{n}", f'''
--- main.py
from openai import OpenAI
def go(): return OpenAI(api_key="k", base_url="{url}")  #> held:{url.split("//")[1].split("/")[0].split("@")[-1].split(":")[0]}|base_url|base url|vendor|host
''')
case("base_url.not_literal_is_fixed", '''
--- main.py
import os
from openai import OpenAI
client = OpenAI(api_key="k", base_url=os.environ.get("URL"))  #> fix
''', calls='get_openai_client(api_key="k", base_url=...)')
case("base_url.none_literal", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k", base_url=None)  #> fix
''', calls='get_openai_client(api_key="k", base_url=None)')
case("base_url.configured_hosts", '''
--- qmigrate.toml
[rule.direct-client]
openai-hosts = ["llm-gateway.example.com"]
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k", base_url="https://llm-gateway.example.com/v1")  #> fix
def other(): return OpenAI(base_url="https://llm-gateway.example.org/v1")  #> held
''', calls='get_openai_client(api_key="k", base_url="https://llm-gateway.example.com/v1")')
case("base_url.implicit_concatenation_and_prefix", '''
--- main.py
from openai import OpenAI
def a(): return OpenAI(base_url="https://api." "deepseek.com")  #> held
def b(): return OpenAI(base_url=r"https://api.deepseek.com")  #> held
''')
case("base_url.in_partial", '''
--- main.py
from functools import partial
from openai import OpenAI
make = partial(OpenAI, base_url="https://api.deepseek.com")  #> held
''')
case("base_url.async_and_module_spelling", '''
--- main.py
import openai
def a(): return openai.AsyncOpenAI(api_key="x", base_url="https://api.mistral.ai/v1")  #> held
client = openai.AsyncOpenAI(api_key="k")  #> fix
''', calls='get_async_openai_client(api_key="k")')
case("base_url.fstring_with_literal_host", '''
--- main.py
from openai import OpenAI
port = 1
def a(): return OpenAI(base_url=f"http://localhost:{port}/v1")  #> any
''', fixrc=None, post="any")
