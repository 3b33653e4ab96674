"""A third layer: holes that a first run of the tool suggested, and clauses combined."""
from run import case, special, DEFAULT_FACTORY

K = 'get_openai_client(api_key="k")'
W = 'get_openai_client(api_key="k", workspace_id="w")'


def deep(name, text, calls=K, **kw):
    case("deep." + name, text, calls=calls, **kw)


# --- star imports ---------------------------------------------------------------------------------------------------------
deep("star_of_own_module_before_real_import", '''
--- other.py
X = 1
--- main.py
from other import *
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
print(X)
''', out="1", lint=False)
deep("real_import_before_star_of_module_without_the_name", '''
--- other.py
X = 1
--- main.py
from openai import OpenAI
from other import *
client = OpenAI(api_key="k")  #> fix
print(X)
''', out="1", lint=False)
deep("real_import_before_star_of_module_with_the_name", '''
--- other.py
class OpenAI: ...
--- main.py
from openai import OpenAI
from other import *
client = OpenAI()
''', calls="", lint=False)
deep("real_import_before_star_of_unknown_package", '''
--- main.py
from openai import OpenAI
from os.path import *
client = OpenAI(api_key="k")  #> any
''', lint=False, fixrc=None, post="auto")
deep("star_in_function_of_class_is_invalid_but_try_is_fine", '''
--- main.py
try:
    from openai import *
except ImportError:
    pass
client = OpenAI(api_key="k")  #> fix
''', lint=False)
deep("star_reexport_package", '''
--- sdk/__init__.py
from .real import *
--- sdk/real.py
from openai import *
--- main.py
from sdk import AsyncOpenAI
client = AsyncOpenAI(api_key="k")  #> fix
''', calls='get_async_openai_client(api_key="k")', lint=False)

# --- first line, first byte -------------------------------------------------------------------------------------------------
for how in ("bom", "bom crlf", "crlf", "noeol", "bom noeol"):
    n = how.replace(" ", "_")
    deep("first_line_from_" + n, f'''
--- main.py {how}
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
+++ main.py {how}
from utils.openai_client_factory import get_openai_client
client = get_openai_client(api_key="k")
''')
    deep("first_line_module_" + n, f'''
--- main.py {how}
import openai
client = openai.OpenAI(api_key="k")  #> fix
''')
    deep("one_line_" + n, f'''
--- main.py {how}
import openai; client = openai.OpenAI(api_key="k")  #> fix
''')

# --- unbinding in odd places ---------------------------------------------------------------------------------------------------
deep("ternary_walrus_both", '''
--- main.py
from openai import OpenAI
def go(x):
    y = (workspace_id := "w") if x else (workspace_id := "w")
    return OpenAI(api_key="k")  #> fix
go(1); go(0)
''', calls=None, record=False)
deep("ternary_walrus_in_test", '''
--- main.py
from openai import OpenAI
def go(x):
    y = 1 if (workspace_id := x) else 2
    return OpenAI(api_key="k")  #> fix
go("w")
''', calls=W)
deep("chained_comparison_walrus", '''
--- main.py
from openai import OpenAI
def go():
    1 > 2 > (workspace_id := 3)
    return OpenAI(api_key="k")  #> fix
go()
''')
deep("or_walrus", '''
--- main.py
from openai import OpenAI
def go(x):
    x or (workspace_id := "w")
    return OpenAI(api_key="k")  #> fix
go(1)
''')
deep("assert_message_walrus", '''
--- main.py
from openai import OpenAI
def go(x):
    assert x, (workspace_id := "w")
    return OpenAI(api_key="k")  #> fix
go(1)
''')
deep("assert_test_walrus_may_be_optimised_away", '''
--- main.py
from openai import OpenAI
def go():
    assert (workspace_id := "w")
    return OpenAI(api_key="k")  #> fix
go()
''', calls=None, record=False)
deep("comprehension_walrus_maybe_never_runs", '''
--- main.py
from openai import OpenAI
def go(ids):
    [workspace_id := i for i in ids]
    return OpenAI(api_key="k")  #> fix
go([])
''')
deep("lambda_walrus_is_its_own", '''
--- main.py
from openai import OpenAI
def go():
    (lambda: (workspace_id := "w"))()
    return OpenAI(api_key="k")  #> fix
go()
''')
deep("while_condition_walrus", '''
--- main.py
from openai import OpenAI
def go():
    while (workspace_id := ""):
        pass
    return OpenAI(api_key="k")  #> fix
go()
''', calls='get_openai_client(api_key="k", workspace_id="")')
deep("elif_condition_walrus", '''
--- main.py
from openai import OpenAI
def go(x):
    if x:
        pass
    elif (workspace_id := "w"):
        pass
    return OpenAI(api_key="k")  #> fix
go(1)
''')
deep("with_body_never_reached_by_suppressing_later_item", '''
--- main.py
import contextlib
from openai import OpenAI
def boom(): raise KeyError
def go():
    with contextlib.suppress(KeyError) as workspace_id, boom():
        pass
    return OpenAI(api_key="k")  #> fix
go()
''', calls=None, record=False)
deep("async_with_suppressing", '''
--- main.py
import asyncio
from openai import OpenAI
class Quiet:
    async def __aenter__(self): ...
    async def __aexit__(self, *e): return True
async def go():
    async with Quiet():
        raise KeyError
        workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
asyncio.run(go())
''')
deep("tuple_delete", '''
--- main.py
from openai import OpenAI
def go(workspace_id, x):
    del (x, workspace_id)
    return OpenAI(api_key="k")  #> fix
go("w", 1)
''')
deep("delete_in_finally", '''
--- main.py
from openai import OpenAI
def go(workspace_id):
    try:
        pass
    finally:
        del workspace_id
    return OpenAI(api_key="k")  #> fix
go("w")
''')
deep("delete_by_for_else", '''
--- main.py
from openai import OpenAI
def go(workspace_id):
    for i in []:
        break
    else:
        del workspace_id
    return OpenAI(api_key="k")  #> fix
go("w")
''')
deep("except_as_in_loop", '''
--- main.py
from openai import OpenAI
def go():
    workspace_id = "w"
    for i in range(2):
        if i: OpenAI(api_key="k")  #> fix
        try:
            raise KeyError
        except KeyError as workspace_id:
            pass
go()
''')
deep("except_as_then_bound_again", '''
--- main.py
from openai import OpenAI
def go():
    try:
        raise KeyError
    except KeyError as workspace_id:
        pass
    workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go()
''', calls=W)
deep("closure_over_loop_variable_of_outer_after_loop", '''
--- main.py
from openai import OpenAI
def go(ids):
    for workspace_id in ids:
        pass
    def inner(): return OpenAI(api_key="k")  #> fix
    return inner()
go([])
''')
deep("closure_over_name_bound_in_try", '''
--- main.py
from openai import OpenAI
def boom(): raise KeyError
def go():
    try:
        workspace_id = boom()
    except KeyError:
        pass
    def inner(): return OpenAI(api_key="k")  #> fix
    return inner()
go()
''')
deep("class_body_sees_function_parameter_through_two_levels", '''
--- main.py
from openai import OpenAI
def outer(workspace_id):
    def mid():
        class A:
            def go(self): return OpenAI(api_key="k")  #> fix
        return A().go()
    return mid()
outer("w")
''', calls=W)
deep("generator_expression_in_loop_of_module", '''
--- main.py
from openai import OpenAI
made = [(lambda: OpenAI(api_key="k")) for workspace_id in ["w"]]  #> fix
made[0]()
''', calls=None, record=False)
deep("module_name_rebound_to_nothing_by_del_in_function_of_other_file", '''
--- state.py
from openai import OpenAI
workspace_id = "w"
def go(): return OpenAI(api_key="k")  #> fix
--- main.py
import state
del state.workspace_id
state.go()
''', calls=None, post="any", record=False)
deep("self_of_staticmethod_inside_class_with_value", '''
--- main.py
from openai import OpenAI
class A:
    workspace_id = "w"
    def go(self):
        def helper(): return OpenAI(api_key="k")  #> fix
        return [helper() for _ in "x"]
A().go()
''', calls=W)
deep("self_conditional_delete_in_init", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self):
        self.workspace_id = "w"
        del self.workspace_id
    def go(self): return OpenAI(api_key="k")  #> fix
A().go()
''')
deep("self_set_then_return_before_for_other_path", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self, x):
        try:
            if x: raise KeyError
        except KeyError:
            return
        self.workspace_id = "w"
    def go(self): return OpenAI(api_key="k")  #> fix
A(1).go()
''')
deep("self_class_value_deleted_from_outside", '''
--- main.py
from openai import OpenAI
class A:
    workspace_id = "w"
    def go(self): return OpenAI(api_key="k")  #> fix
del A.workspace_id
A().go()
''')
deep("self_class_value_annotated_only_in_subclass", '''
--- main.py
from openai import OpenAI
class Base:
    def go(self): return OpenAI(api_key="k")  #> fix
class A(Base):
    workspace_id = "w"
Base().go()
''')
deep("self_class_value_in_base", '''
--- main.py
from openai import OpenAI
class Base:
    workspace_id = "w"
class A(Base):
    def go(self): return OpenAI(api_key="k")  #> fix
A().go()
''', calls=None, record=False)
deep("self_init_defined_twice_last_wins", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self): self.workspace_id = "w"
    def __init__(self): pass
    def go(self): return OpenAI(api_key="k")  #> fix
A().go()
''', lint=False)
deep("self_init_replaced_by_assignment", '''
--- main.py
from openai import OpenAI
def other(self): pass
class A:
    def __init__(self): self.workspace_id = "w"
    __init__ = other
    def go(self): return OpenAI(api_key="k")  #> fix
A().go()
''')
deep("self_init_decorated", '''
--- main.py
from openai import OpenAI
def skip(f): return lambda self: None
class A:
    @skip
    def __init__(self): self.workspace_id = "w"
    def go(self): return OpenAI(api_key="k")  #> fix
A().go()
''')
deep("subclass_dataclass_replaces_init", '''
--- main.py
from dataclasses import dataclass
from openai import OpenAI
class A:
    def __init__(self): self.workspace_id = "w"
    def go(self): return OpenAI(api_key="k")  #> fix
@dataclass
class B(A):
    x: int = 1
B().go()
''')
deep("subclass_assigns_init", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self): self.workspace_id = "w"
    def go(self): return OpenAI(api_key="k")  #> fix
class B(A):
    __init__ = lambda self: None
B().go()
''')
deep("subclass_second_base_init_wins", '''
--- main.py
from openai import OpenAI
class Other:
    def __init__(self): pass
class A:
    def __init__(self): self.workspace_id = "w"
    def go(self): return OpenAI(api_key="k")  #> fix
class B(Other, A): pass
B().go()
''')
deep("subclass_super_after_own_method", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self): self.workspace_id = "w"
class B(A):
    def __init__(self):
        self.go()
        super().__init__()
    def go(self): return OpenAI(api_key="k")  #> fix
B()
''')
deep("subclass_own_method_with_inherited_init_and_replaced_in_third", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self): self.workspace_id = "w"
class B(A):
    def go(self): return OpenAI(api_key="k")  #> fix
class C(B):
    def __init__(self): pass
C().go()
''')
deep("slot_descriptor_assigned_value", '''
--- main.py
from openai import OpenAI
class A:
    __slots__ = ("workspace_id",)
    def __init__(self): self.workspace_id = "w"
    def go(self): return OpenAI(api_key="k")  #> fix
A().go()
''', calls=W)
deep("enum_and_namedtuple_fields", '''
--- main.py
from typing import NamedTuple
from openai import OpenAI
class A(NamedTuple):
    workspace_id: str
    def go(self): return OpenAI(api_key="k")  #> fix
A("w").go()
''', calls=None, record=False)
deep("pydantic_private_annotation_of_other_name", '''
--- main.py
from pydantic import BaseModel
from openai import OpenAI
class A(BaseModel):
    name: str = "x"
    def go(self): return OpenAI(api_key="k")  #> fix
A().go()
''')
deep("pydantic_through_project_base", '''
--- models.py
from pydantic import BaseModel
class Base(BaseModel):
    pass
--- main.py
from models import Base
from openai import OpenAI
class A(Base):
    workspace_id: str
    def go(self): return OpenAI(api_key="k")  #> fix
A(workspace_id="w").go()
''', calls=None, record=False)

# --- names that the fix brings in -------------------------------------------------------------------------------------------------
deep("new_name_in_nested_scope_shadowed_by_loop", '''
--- main.py
from openai import OpenAI
def go(xs):
    for get_openai_client in xs:
        pass
    return OpenAI(api_key="k")  #> fix
go([3])
''')
deep("new_name_deleted_by_module", '''
--- main.py
from openai import OpenAI
get_openai_client = 3
del get_openai_client
client = OpenAI(api_key="k")  #> fix
''')
deep("new_name_imported_from_here_by_other_file", '''
--- llm.py
from openai import OpenAI
def get_openai_client(): return OpenAI(api_key="k")  #> fix
def get_openai_client_2(): return get_openai_client()
--- main.py
from llm import get_openai_client, get_openai_client_2
get_openai_client(); get_openai_client_2()
''', calls=K + "\n" + K)
deep("new_name_in_all_of_star_importer", '''
--- llm.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- main.py
def get_openai_client(): return "mine"
from llm import *
print(get_openai_client() if get_openai_client.__module__ != "utils.openai_client_factory" else "leaked")
''', lint=False, post="any")
deep("helper_method_and_module_function_same_name", '''
--- main.py
from openai import OpenAI
class Box:
    def get_openai_client(self):
        def get_openai_client(): return OpenAI(api_key="k")  #> fix
        return get_openai_client()
Box().get_openai_client()
''')
deep("recursion_through_wrapper_of_factory_alias", '''
--- main.py
from utils.openai_client_factory import get_openai_client as _factory
from openai import OpenAI
def get_openai_client(): return OpenAI(api_key="k")  #> fix
get_openai_client(); _factory(api_key="k")
''', calls=K + "\n" + K, record=False, has={"main.py": 'return _factory(api_key="k")'})
deep("async_helper_of_sync_name", '''
--- main.py
import asyncio
from openai import OpenAI
async def get_openai_client(): return OpenAI(api_key="k")  #> fix
asyncio.run(get_openai_client())
''')
deep("utils_name_taken_by_variable_with_module_import", '''
--- main.py
import utils.openai_client_factory
from openai import OpenAI
def go(utils): return OpenAI(api_key="k")  #> fix
go(3); utils.openai_client_factory.get_openai_client(api_key="k")
''', calls=K + "\n" + K, record=False)

# --- deletion of names ------------------------------------------------------------------------------------------------------------
deep("del_of_module_name", '''
--- main.py
import openai
client = openai.OpenAI(api_key="k")  #> fix
del openai
''')
deep("del_in_function_scope", '''
--- main.py
def go():
    from openai import OpenAI
    c = OpenAI(api_key="k")  #> fix
    del OpenAI
    return c
go()
''')
deep("assigned_default_at_handler_and_used_in_annotation", '''
--- main.py
from __future__ import annotations
try:
    from openai import OpenAI
except ImportError:
    OpenAI = object
def go(c: OpenAI) -> OpenAI: return c
go(1)
''', calls="", ignore=["client-reference"])
deep("reload_style_rebinding", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
OpenAI = None
''')
deep("try_import_then_none_check_only", '''
--- main.py
try:
    import openai
except ImportError:
    openai = None
HAVE = openai is not None
def go():
    if openai is None: raise SystemExit(1)
    return openai.OpenAI(api_key="k")  #> any
go()
print(HAVE)
''', post="auto", out="True")
deep("used_in_dunder_all_computed", '''
--- main.py
from openai import OpenAI, AsyncOpenAI
__all__ = ["client"] + ["OpenAI"]
client = OpenAI(api_key="k")  #> fix
''', has={"main.py": "OpenAI"}, lint=False)
deep("used_in_type_comment_of_other_import", '''
--- main.py
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI
else:
    from openai import OpenAI
x: "AsyncOpenAI"
client = OpenAI(api_key="k")  #> fix
''')
deep("string_annotation_with_quotes_and_module", '''
--- main.py
import openai as oai
from typing import Optional
x: Optional["oai.OpenAI"] = None
y: 'dict[str, "oai.AsyncOpenAI"]' = {}
client = oai.OpenAI(api_key="k")  #> fix
''', has={"main.py": "import openai as oai"}, lint=False)
deep("literal_string_annotation_is_no_need", '''
--- main.py
from typing import Literal
from openai import OpenAI
x: Literal["OpenAI"] = "OpenAI"
client = OpenAI(api_key="k")  #> fix
''', hasnt={"main.py": "from openai"})
deep("annotated_metadata_string_is_no_need_but_keeping_is_harmless", '''
--- main.py
from typing import Annotated
from openai import OpenAI
x: Annotated[str, "OpenAI"] = ""
client = OpenAI(api_key="k")  #> fix
''', lint=False)
deep("typevar_bound_string_and_newtype", '''
--- main.py
from typing import TypeVar, NewType, cast
from openai import OpenAI, AsyncOpenAI
T = TypeVar("T", bound="OpenAI")
a = cast("AsyncOpenAI | None", None)
client = OpenAI(api_key="k")  #> fix
other = AsyncOpenAI(api_key="k")  #> fix
''', calls=K + '\nget_async_openai_client(api_key="k")', has={"main.py": "openai import"}, ignore=["client-reference"])

# --- factory imports at odd places ------------------------------------------------------------------------------------------------
deep("factory_relative_import_from_sibling_package", '''
--- utils/__init__.py
--- utils/svc.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> fix
--- main.py
import utils.svc
utils.svc.go()
''')
deep("factory_import_star", '''
--- main.py
from utils.openai_client_factory import *
from openai import OpenAI
a = get_openai_client(api_key="k")
b = OpenAI(api_key="k")  #> fix
''', calls=K + "\n" + K, record=False, lint=False)
deep("factory_reexported_by_package_is_imported_there", '''
--- utils/__init__.py
from .openai_client_factory import get_openai_client
__all__ = ["get_openai_client"]
--- main.py
from utils import get_openai_client
from openai import OpenAI
a = get_openai_client(api_key="k")
b = OpenAI(api_key="k")  #> fix
''', calls=K + "\n" + K, record=False, hasnt={"main.py": "from openai import"})
deep("factory_under_if_false", '''
--- main.py
from openai import OpenAI
if False:
    from utils.openai_client_factory import get_openai_client
b = OpenAI(api_key="k")  #> fix
''', lint=False)
deep("two_functions_needed_one_import_line", '''
--- main.py
from openai import OpenAI, AsyncOpenAI, AzureOpenAI
a = OpenAI(api_key="k")  #> fix
b = AsyncOpenAI(api_key="k")  #> fix
c = AzureOpenAI(api_key="k")  #> fix
''', calls=K + '\nget_async_openai_client(api_key="k")\nget_azure_openai_client(api_key="k")', hasnt={"main.py": "from openai"})
deep("local_and_module_use_of_same_class", '''
--- main.py
from openai import OpenAI
a = OpenAI(api_key="k")  #> fix
def go():
    from openai import OpenAI
    return OpenAI(api_key="k")  #> fix
go()
''', calls=K + "\n" + K, lint=False)
deep("class_in_module_and_module_in_function", '''
--- main.py
from openai import OpenAI
def go():
    import openai
    return openai.OpenAI(api_key="k"), OpenAI(api_key="k")  #> fix; fix
go()
''', calls=K + "\n" + K)
deep("conditional_local_imports_in_branches", '''
--- main.py
def go(x):
    if x:
        from openai import OpenAI
    else:
        from openai import OpenAI
    return OpenAI(api_key="k")  #> fix
go(0); go(1)
''', calls=K + "\n" + K)
deep("conditional_local_imports_different_functions_held", '''
--- main.py
def go(x):
    if x:
        from openai import OpenAI as Llm
    else:
        from openai import AzureOpenAI as Llm
    return Llm(api_key="k")  #> held
''', calls=None)
deep("import_in_loop_and_with", '''
--- main.py
for i in range(1):
    with open("main.py"):
        import openai
        openai.OpenAI(api_key="k")  #> fix
''')
deep("import_in_match_case", '''
--- main.py
match 1:
    case 1:
        from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''')
deep("import_in_except_and_finally", '''
--- main.py
try:
    raise ImportError
except ImportError:
    from openai import OpenAI
finally:
    pass
client = OpenAI(api_key="k")  #> fix
''')
deep("import_only_in_else_of_try", '''
--- main.py
try:
    import json
except ImportError:
    raise
else:
    from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
print(json.__name__)
''', out="json")
deep("import_line_with_tabs_and_parentheses", '''
--- main.py
if True:
\tfrom openai import (
\t\tOpenAI,\t# tabbed
\t\tRateLimitError
\t)
\tclient = OpenAI(api_key="k")  #> fix
print(RateLimitError.__name__)
''', out="RateLimitError", has={"main.py": "# tabbed"})
deep("import_comment_lines_between_names", '''
--- main.py
from openai import (
    # errors
    APIError,
    # clients
    OpenAI,
    # more
    RateLimitError,
)
client = OpenAI(api_key="k")  #> fix
print(APIError.__name__, RateLimitError.__name__)
''', out="APIError RateLimitError", has={"main.py": ["# errors", "# clients", "# more"]})
deep("import_names_several_on_lines", '''
--- main.py
from openai import (APIError, OpenAI,
                    RateLimitError, AsyncOpenAI)
a = OpenAI(api_key="k")  #> fix
b = AsyncOpenAI(api_key="k")  #> fix
print(APIError.__name__, RateLimitError.__name__)
''', calls=K + '\nget_async_openai_client(api_key="k")', out="APIError RateLimitError")
deep("import_star_parenthesis_closing_comment", '''
--- main.py
from openai import (OpenAI
)  # closing words
client = OpenAI(api_key="k")  #> fix
''', has={"main.py": "# closing words"})

# --- tests that patch ---------------------------------------------------------------------------------------------------------------
SVC = '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI
def go(): return OpenAI(api_key="k").api_key  #> fix
'''
for n, (head, call) in {
    "import_mock_as": ("import unittest.mock as um", "um.patch('app.svc.OpenAI')"),
    "import_unittest_from": ("from unittest import mock as m", "m.patch('app.svc.OpenAI')"),
    "patch_object_alias": ("from unittest.mock import patch as p\nimport app.svc as s", "p.object(s, 'OpenAI')"),
    "target_keyword": ("from unittest.mock import patch", "patch(target='app.svc.OpenAI')"),
    "attribute_keyword": ("from unittest.mock import patch\nimport app.svc", "patch.object(target=app.svc, attribute='OpenAI')"),
    "triple_quotes_and_raw": ("from unittest.mock import patch", 'patch(r"""app.svc.OpenAI""")'),
    "concatenated": ("from unittest.mock import patch", 'patch("app.svc." "OpenAI")'),
}.items():
    deep("patch_" + n, SVC + f'''
--- tests/test_svc.py
{head}
from app import svc
def test_go():
    with {call} as c:
        c.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', calls="", run=["test:tests/test_svc.py"], pre="ok")
deep("patch_src_root", '''
--- src/utils/__init__.py
--- src/app/__init__.py
--- src/app/svc.py
from openai import OpenAI
def go(): return OpenAI(api_key="k").api_key  #> fix
--- tests/test_svc.py
from unittest.mock import patch
from app import svc
def test_go():
    with patch("app.svc.OpenAI") as c:
        c.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', calls="", run=["test:tests/test_svc.py"], pre="ok", path=["src"], factory_path="src/utils/openai_client_factory.py")
deep("patch_of_reexport_where_nothing_constructs", '''
--- app/__init__.py
from app.svc import OpenAI as OpenAI
--- app/svc.py
from openai import OpenAI
def go(): return OpenAI(api_key="k").api_key  #> fix
--- tests/test_svc.py
from unittest.mock import patch
from app import svc
def test_go():
    with patch("app.svc.OpenAI") as c:
        c.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', calls="", run=["test:tests/test_svc.py"], pre="ok")
deep("patch_async_class", '''
--- app/__init__.py
--- app/svc.py
import asyncio
from openai import AsyncOpenAI
async def go(): return AsyncOpenAI(api_key="k").api_key  #> fix
--- tests/test_svc.py
import asyncio
from unittest.mock import patch
from app import svc
@patch("app.svc.AsyncOpenAI")
def check(c):
    c.return_value.api_key = "mock"
    return asyncio.run(svc.go())
def test_go():
    assert check() == "mock"
''', calls="", run=["test:tests/test_svc.py"], pre="ok")
deep("patch_instance_assertions_stay", SVC + '''
--- tests/test_svc.py
from unittest.mock import patch, sentinel
from app import svc
def test_go():
    with patch("app.svc.OpenAI", return_value=sentinel) as OpenAI:
        sentinel.api_key = "mock"
        assert svc.go() == "mock"
        OpenAI.assert_called_once_with(api_key="k")
''', calls="", run=["test:tests/test_svc.py"], pre="ok")
deep("patch_direct_assignment_of_attribute", SVC + '''
--- tests/test_svc.py
from types import SimpleNamespace
from app import svc
def test_go():
    svc.OpenAI = lambda **kw: SimpleNamespace(api_key="mock")
    svc.go()
''', calls=None, run=["test:tests/test_svc.py"], pre="ok", found=False, post="any", after=None, fixrc=None)
deep("local_import_module_patched_in_module_is_untouched", '''
--- app/__init__.py
--- app/svc.py
def go():
    from openai import OpenAI
    return OpenAI(api_key="k").api_key  #> fix
def get_openai_client(): return 1
--- tests/test_svc.py
from unittest.mock import patch
from app import svc
def test_go():
    with patch("app.svc.get_openai_client") as c:
        assert svc.go() == "k"
''', run=["test:tests/test_svc.py"])
deep("patch_one_module_of_two", '''
--- app/__init__.py
--- app/a.py
from openai import OpenAI
def go(): return OpenAI(api_key="k").api_key  #> fix
--- app/b.py
from openai import OpenAI
def go(): return OpenAI(api_key="k").api_key  #> fix
--- tests/test_a.py
from unittest.mock import patch
from app import a, b
def test_go():
    with patch("app.a.OpenAI") as c:
        c.return_value.api_key = "mock"
        assert (a.go(), b.go()) == ("mock", "k")
''', run=["test:tests/test_a.py"])
deep("patch_where_name_reexported_from_other_module", '''
--- app/__init__.py
--- app/base.py
from openai import OpenAI
def make(): return OpenAI(api_key="k").api_key  #> fix
--- app/svc.py
from app.base import OpenAI
def go(): return OpenAI(api_key="k").api_key  #> fix
--- tests/test_svc.py
from unittest.mock import patch
from app import base, svc
def test_go():
    with patch("app.base.OpenAI") as c:
        c.return_value.api_key = "mock"
        assert (base.make(), svc.go()) == ("mock", "k")
''', run=["test:tests/test_svc.py"])

# --- signatures ------------------------------------------------------------------------------------------------------------------
F = "import openai\n\n"
deep("factory_overloads", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> any
''', factory=F + "from typing import overload\n@overload\ndef get_openai_client(workspace_id: str) -> object: ...\n@overload\ndef get_openai_client(workspace_id: None = None, **kw) -> object: ...\ndef get_openai_client(workspace_id=None, **kw):\n    return openai._made('get_openai_client', workspace_id=workspace_id, **kw)\n", post="auto")
deep("factory_defined_twice_last_wins", '''
--- main.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> held:api_key
''', calls=None, factory=F + "def get_openai_client(workspace_id=None, **kw): ...\ndef get_openai_client(workspace_id=None): ...\n", lint=False)
deep("factory_star_args_only", '''
--- main.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> held:api_key
''', calls=None, factory=F + "def get_openai_client(workspace_id=None, *args): ...\n")
deep("factory_function_deleted", '''
--- main.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> held
''', calls=None, factory=F + "def get_openai_client(workspace_id=None, **kw): ...\ndel get_openai_client\n", fixrc=None)
deep("factory_reexport_of_missing_name", '''
--- main.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> held
--- utils/impl.py
x = 1
''', calls=None, factory="from utils.impl import get_openai_client\n__all__ = ['get_openai_client']\n", fixrc=None)
deep("factory_star_reexport", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- utils/impl.py
import openai
def get_openai_client(workspace_id=None, **kw): return openai._made("get_openai_client", workspace_id=workspace_id, **kw)
''', factory="from utils.impl import *\n", lint=False)
deep("factory_as_package", '''
--- utils/openai_client_factory/__init__.py
from .impl import get_openai_client
__all__ = ["get_openai_client"]
--- utils/openai_client_factory/impl.py
import openai
def get_openai_client(workspace_id=None, **kw): return openai._made("get_openai_client", workspace_id=workspace_id, **kw)
--- utils/__init__.py
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''', factory=None)
deep("signature_context_named_like_argument_given_positionally", '''
--- qmigrate.toml
[context]
argument = "tenant"
sources = ["tenant"]
--- main.py
from openai import OpenAI
def go(tenant): return OpenAI(api_key="k")  #> fix
go("t")
''', calls='get_openai_client(api_key="k", tenant="t")', record=False, factory=F + "def get_openai_client(*, tenant=None, **kw): return openai._made('get_openai_client', tenant=tenant, **kw)\n")
# --- SDK look-alikes -----------------------------------------------------------------------------------------------------------------
deep("local_package_named_openai_utils_inside_relative", '''
--- llm/__init__.py
--- llm/openai/__init__.py
class OpenAI: ...
--- llm/use.py
from .openai import OpenAI
from . import openai as o
x = OpenAI(), o.OpenAI()
--- main.py
import llm.use
''', calls="")
deep("absolute_openai_inside_package_with_openai_submodule", '''
--- llm/__init__.py
--- llm/openai.py
from openai import OpenAI
def go(): return OpenAI(api_key="k")  #> fix
--- main.py
import llm.openai
llm.openai.go()
''')
deep("other_package_reexports_under_same_dotted_tail", '''
--- main.py
import langfuse.openai
from langfuse.openai import openai as o2, OpenAI
OpenAI(); langfuse.openai.OpenAI()
''', calls="", run=[], pre="ok")
deep("class_attribute_of_instance", '''
--- main.py
class Holder:
    def __init__(self):
        import langchain_openai
        self.OpenAI = langchain_openai.OpenAI
h = Holder()
h.OpenAI(api_key="x")
''', calls="")
deep("dict_of_modules", '''
--- main.py
import openai
mods = {"o": openai}
mods["o"].__name__
''', calls="", ignore=["client-reference", "dynamic-client", "module-client"])
