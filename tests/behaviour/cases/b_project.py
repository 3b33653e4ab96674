"""Finding, second bullet: through the project's own files. Also: a copy of the SDK in the tree."""
from run import case

case("project.reexport", '''
--- app/__init__.py
--- app/clients.py
from openai import OpenAI as OpenAI
--- app/svc.py
from app.clients import OpenAI

client = OpenAI(api_key="k")  #> fix
--- main.py
import app.svc
''', calls='get_openai_client(api_key="k")', hasnt={"app/svc.py": "OpenAI("})

case("project.renamed_reexport", '''
--- clients.py
from openai import AsyncAzureOpenAI as Llm
--- main.py
from clients import Llm as Model

client = Model(api_key="k")  #> fix
''', calls='get_async_azure_openai_client(api_key="k")')

case("project.init_reexport", '''
--- app/__init__.py
from .clients import OpenAI
--- app/clients.py
from openai import OpenAI
--- main.py
from app import OpenAI
import app

a = OpenAI(api_key="1")  #> fix
b = app.OpenAI(api_key="2")  #> fix
c = app.clients.OpenAI(api_key="3")  #> fix
''', calls='get_openai_client(api_key="1")\nget_openai_client(api_key="2")\nget_openai_client(api_key="3")', lint=False)

case("project.chain_of_four", '''
--- one.py
from two import Second as First
--- two.py
from three import Third as Second
--- three.py
from four import Fourth as Third
--- four.py
from openai import OpenAI as Fourth
--- main.py
from one import First

client = First(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')

case("project.star_chain", '''
--- one.py
from two import *
--- two.py
from three import *
--- three.py
from openai import OpenAI
--- main.py
from one import OpenAI

client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')

case("project.star_skips_underscore", '''
--- one.py
from openai import OpenAI as _Hidden
class Other: pass
--- main.py
from one import *

_Hidden = Other
_Hidden()
''')

case("project.star_honours_all", '''
--- fake.py
class OpenAI: pass
--- one.py
from openai import OpenAI
__all__ = ["nothing"]
nothing = 1
--- main.py
from fake import OpenAI
from one import *

OpenAI()
print(nothing)
''', lint=False)  # `from one import *` brings only what __all__ names

case("project.all_names_underscore", '''
--- one.py
from openai import OpenAI as _Client
__all__ = ["_Client"]
--- main.py
from one import *

client = _Client(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', lint=False)

case("project.circle", '''
--- app/__init__.py
--- app/a.py
from openai import OpenAI
from app.b import later
def first(): return OpenAI(api_key="1")  #> fix
--- app/b.py
import app.a
def later():
    from app.a import OpenAI
    return OpenAI(api_key="2")  #> fix
--- main.py
import app.a
app.a.first()
app.a.later()
''', calls='get_openai_client(api_key="1")\nget_openai_client(api_key="2")')

case("project.circle_of_reexports_without_end", '''
--- app/__init__.py
--- app/a.py
from app.b import Ghost
--- app/b.py
from app.a import Ghost
--- app/c.py
from app.a import Ghost
def go(): return Ghost()
from openai import OpenAI
client = OpenAI  #> any
''', found=False, post="none", fixrc=None)  # must only not hang; nothing changes

case("project.circle_with_star", '''
--- a.py
from b import *
from openai import OpenAI
--- b.py
from a import *
--- main.py
import b
from a import OpenAI
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', lint=False)

case("project.assigned_name", '''
--- main.py
import openai
Client = openai.OpenAI
client = Client(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', ignore=["client-reference"])

case("project.assigned_name_imported_elsewhere", '''
--- settings.py
import openai
Llm = openai.AsyncOpenAI
--- main.py
from settings import Llm
import settings
a = Llm(api_key="1")  #> fix
b = settings.Llm(api_key="2")  #> fix
''', calls='get_async_openai_client(api_key="1")\nget_async_openai_client(api_key="2")', ignore=["client-reference"])

case("project.assigned_twice", '''
--- main.py
from openai import OpenAI
A = OpenAI
B = A
client = B(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', ignore=["client-reference"])

case("project.annotated_assignment", '''
--- main.py
from openai import OpenAI
A: type[OpenAI] = OpenAI
client = A(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', ignore=["client-reference"])

case("project.assigned_module", '''
--- main.py
import openai
sdk = openai
client = sdk.OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', ignore=["client-reference"])

case("project.assigned_local", '''
--- main.py
from openai import OpenAI
def go():
    make = OpenAI
    return make(api_key="k")  #> fix
go()
''', calls='get_openai_client(api_key="k")', ignore=["client-reference"])

case("project.tuple_assignment", '''
--- main.py
import openai
A, B = openai.OpenAI, openai.AsyncOpenAI
a = A(api_key="1")  #> any
b = B(api_key="2")  #> any
''', found=False, pre="bypass", post="any", fixrc=None, ignore=["client-reference"])

case("project.class_attribute_alias", '''
--- main.py
import openai
class Config:
    client_class = openai.OpenAI  #> client-reference
print(Config.client_class.__name__)
''', pre="ok")  # the class passed around as a value where its use can't be seen

case("project.module_reexported", '''
--- sdk.py
import openai
--- main.py
from sdk import openai
client = openai.OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')

case("project.module_reached_through_module", '''
--- sdk.py
import openai
--- main.py
import sdk
client = sdk.openai.OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', has={"sdk.py": "openai"})

case("project.file_without_literal_openai", '''
--- clients.py
from openai import OpenAI as Llm
--- wrap.py
from clients import Llm
--- deep/__init__.py
--- deep/use.py
import wrap
x = wrap.Llm(api_key="k")  #> fix
--- main.py
import deep.use
''', calls='get_openai_client(api_key="k")', hasnt={"deep/use.py": "wrap.Llm("})

case("project.submodule_shadows_reexport", '''
--- app/__init__.py
from openai import OpenAI
--- app/svc.py
import app
client = app.OpenAI(api_key="k")  #> fix
--- main.py
import app.svc
''', calls='get_openai_client(api_key="k")')

case("project.import_as_dotted", '''
--- app/__init__.py
--- app/clients.py
from openai import OpenAI
__all__ = ["OpenAI"]
--- main.py
import app.clients as c
client = c.OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', hasnt={"main.py": "c.OpenAI"})

case("project.import_dotted_plain", '''
--- app/__init__.py
--- app/clients.py
from openai import OpenAI
__all__ = ["OpenAI"]
--- main.py
import app.clients
client = app.clients.OpenAI(api_key="k")  #> fix@10
''', calls='get_openai_client(api_key="k")')

case("project.src_layout", '''
--- pyproject.toml
[project]
name = "acme"
version = "1"
--- src/acme/__init__.py
--- src/acme/clients.py
from openai import OpenAI
__all__ = ["OpenAI"]
--- src/acme/svc.py
from acme.clients import OpenAI
def go(): return OpenAI(api_key="k")  #> fix
--- src/utils/__init__.py
--- src/main.py
from acme.svc import go
go()
''', factory_path="src/utils/openai_client_factory.py", calls='get_openai_client(api_key="k")', cwd=".", run=["src/main.py"], path=["src"])

case("project.backend_root", '''
--- backend/app/__init__.py
--- backend/app/svc.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> fix
--- backend/main.py
from app.svc import go
go()
''', factory_path="backend/utils/openai_client_factory.py", calls='get_openai_client(api_key="k")', run=["backend/main.py"], path=["backend"],
     has={"backend/app/svc.py": "from utils.openai_client_factory import get_openai_client"})

case("project.backend_root_even_with_init", '''
--- backend/__init__.py
--- backend/app/__init__.py
--- backend/app/svc.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> fix
--- backend/main.py
from app.svc import go
go()
''', factory_path="backend/utils/openai_client_factory.py", calls='get_openai_client(api_key="k")', run=["backend/main.py"], path=["backend"],
     has={"backend/app/svc.py": "from utils.openai_client_factory import get_openai_client"})

case("project.outside_factory_root_held", '''
--- backend/main.py
from openai import OpenAI
client = OpenAI(api_key="1")  #> fix
--- scripts/job.py
from openai import OpenAI
client = OpenAI(api_key="2")  #> held
''', factory_path="backend/utils/openai_client_factory.py", run=["backend/main.py"], path=["backend"], calls='get_openai_client(api_key="1")')
# contract: a file that neither lies under the factory's root nor already imports from it is held back

case("project.outside_factory_root_but_imports_from_it", '''
--- backend/main.py
from openai import OpenAI
client = OpenAI(api_key="1")  #> fix
--- backend/helpers.py
X = 1
--- scripts/job.py
import sys
sys.path.insert(0, "backend")
from helpers import X
from utils.openai_client_factory import get_azure_openai_client
from openai import OpenAI
client = OpenAI(api_key="2", max_retries=X)  #> fix
get_azure_openai_client(api_key="3")
''', factory_path="backend/utils/openai_client_factory.py", run=["backend/main.py", "scripts/job.py"], path=["backend"],
     calls='get_openai_client(api_key="1")\nget_openai_client(api_key="2", max_retries=1)\nget_azure_openai_client(api_key="3")')

case("project.folder_no_identifier_starts_a_root", '''
--- my-service/utils/__init__.py
--- my-service/app/__init__.py
--- my-service/app/clients.py
from openai import OpenAI
__all__ = ["OpenAI"]
--- my-service/main.py
from app.clients import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory_path="my-service/utils/openai_client_factory.py", run=["my-service/main.py"], path=["my-service"], calls='get_openai_client(api_key="k")')

case("project.factory_without_init", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- utils/openai_client_factory.py
import openai
def get_openai_client(workspace_id=None, **kwargs):
    return openai._made("get_openai_client", workspace_id=workspace_id, **kwargs)
''', calls='get_openai_client(api_key="k")')  # namespace package

case("project.configured_factory_module", '''
--- qmigrate.toml
[factory]
python = "acme.llm.factory"
--- acme/__init__.py
--- acme/llm/__init__.py
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory_path="acme/llm/factory.py", calls='get_openai_client(api_key="k")', has={"main.py": "from acme.llm.factory import get_openai_client"})

case("project.pyproject_config", '''
--- pyproject.toml
[tool.qmigrate.factory]
python = "llmfactory"
[tool.qmigrate.context]
argument = "tenant"
sources = ["tenant", "self.tenant"]
--- llmfactory.py
import openai
def get_openai_client(tenant=None, **kwargs):
    return openai._made("get_openai_client", tenant=tenant, **kwargs)
--- main.py
from openai import OpenAI
def go(tenant, workspace_id):
    return OpenAI(api_key="k")  #> fix
go("t", "w")
''', factory=None, calls='get_openai_client(api_key="k", tenant="t")', record=False)

case("project.configured_roots", '''
--- qmigrate.toml
roots = ["lib"]
--- lib/clients.py
from openai import OpenAI
__all__ = ["OpenAI"]
--- lib/main.py
from clients import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory_path="lib/utils/openai_client_factory.py", run=["lib/main.py"], path=["lib"], calls='get_openai_client(api_key="k")')

case("project.factory_own_globs_are_no_findings", '''
--- qmigrate.toml
[factory]
own = ["llm/**"]
--- llm/__init__.py
--- llm/deep.py
from openai import OpenAI
def raw(): return OpenAI(api_key="raw")
class Mine(OpenAI): ...
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', same=["llm/deep.py"])

case("project.factory_own_code_is_no_finding", '''
--- utils/openai_client_factory.py
import openai
from openai import OpenAI

class Tracked(OpenAI):
    pass

def get_openai_client(workspace_id=None, **kwargs):
    return openai._made("get_openai_client", workspace_id=workspace_id, **kwargs)

def raw():
    return OpenAI(api_key="raw")
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')

# --- a copy of the SDK in the tree --------------------------------------------------------------------------------
case("project.sdk_copy_is_the_sdk", '''
--- openai/__init__.py
from ._client import OpenAI, AsyncOpenAI
from . import extra
_calls = []
--- openai/_client.py
class OpenAI:
    def __init__(self, **kwargs): raise RuntimeError("bypass")
    def copy(self): return OpenAI()
class AsyncOpenAI(OpenAI):
    pass
--- openai/extra.py
from . import OpenAI
def module_client(): return OpenAI(api_key="x")
--- utils/openai_client_factory.py
import openai
def get_openai_client(workspace_id=None, **kwargs):
    openai._calls.append(("get_openai_client", kwargs))
--- main.py
from openai import OpenAI
from openai._client import OpenAI as Again
a = OpenAI(api_key="1")  #> fix
b = Again(api_key="2")  #> fix
''', calls='get_openai_client(api_key="1")\nget_openai_client(api_key="2")', same=["openai/__init__.py", "openai/_client.py", "openai/extra.py"], record=False)

case("project.vendored_copy_under_other_name_is_not_matched_by_name", '''
--- vendor/__init__.py
--- vendor/sdk.py
class OpenAI:
    def __init__(self, **kwargs): self.kwargs = kwargs
--- main.py
from vendor.sdk import OpenAI
client = OpenAI(api_key="k")
''')

case("project.own_module_called_openai_client", '''
--- openai_client.py
class OpenAI:
    pass
--- main.py
from openai_client import OpenAI
OpenAI()
''')

case("project.own_package_submodule_called_openai", '''
--- llm/__init__.py
--- llm/openai.py
class OpenAI:
    pass
--- llm/use.py
from .openai import OpenAI
from llm import openai
a = OpenAI()
b = openai.OpenAI()
--- main.py
import llm.use
''')

case("project.own_relative_openai_wrapping_sdk", '''
--- llm/__init__.py
--- llm/openai.py
from openai import OpenAI
__all__ = ["OpenAI"]
--- llm/use.py
from .openai import OpenAI
a = OpenAI(api_key="k")  #> fix
--- main.py
import llm.use
''', calls='get_openai_client(api_key="k")', same=["llm/openai.py"])
