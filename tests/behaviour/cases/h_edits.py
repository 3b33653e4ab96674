"""Fixing: only callee and imports change; where the factory's import goes; when the old name goes."""
from run import case

K1 = 'get_openai_client(api_key="k")'


def edit(name, text, calls=K1, **kw):
    case("edit." + name, text, calls=calls, **kw)


# --- in place of the import that goes --------------------------------------------------------------------------------
edit("replaces_import_in_place", '''
--- main.py
"""Doc."""
import os
from openai import OpenAI
import sys

client = OpenAI(api_key="k")  #> fix
print(os.sep, sys.byteorder)
+++ main.py
"""Doc."""
import os
from utils.openai_client_factory import get_openai_client
import sys

client = get_openai_client(api_key="k")
print(os.sep, sys.byteorder)
''')
edit("kept_import_stays_as_it_is", '''
--- main.py
from openai import OpenAI

client: OpenAI = OpenAI(api_key="k")  #> fix
''', has={"main.py": ["from openai import OpenAI\n", "client: OpenAI = get_openai_client("]})
edit("name_removed_from_list_others_stay", '''
--- main.py
from openai import APIError, OpenAI, RateLimitError

client = OpenAI(api_key="k")  #> fix
print(APIError.__name__, RateLimitError.__name__)
''', has={"main.py": "from openai import APIError, RateLimitError\n"}, out="APIError RateLimitError")
edit("first_name_removed", '''
--- main.py
from openai import OpenAI, RateLimitError

client = OpenAI(api_key="k")  #> fix
print(RateLimitError.__name__)
''', has={"main.py": "from openai import RateLimitError\n"})
edit("last_name_removed", '''
--- main.py
from openai import APIError, OpenAI

client = OpenAI(api_key="k")  #> fix
print(APIError.__name__)
''', has={"main.py": "from openai import APIError\n"})
edit("import_comment_survives", '''
--- main.py
from openai import OpenAI  # the vendor's SDK

client = OpenAI(api_key="k")  #> fix
''', has={"main.py": "# the vendor's SDK"})
edit("import_comment_above_survives", '''
--- main.py
import os
# third party
from openai import OpenAI
# own
import sys

client = OpenAI(api_key="k")  #> fix
print(os.sep, sys.byteorder)
''', has={"main.py": ["# third party\n", "# own\n"]})
edit("noqa_comment_survives", '''
--- main.py
import openai  # noqa: E402

client = openai.OpenAI(api_key="k")  #> fix
''', has={"main.py": "# noqa: E402"})
edit("two_imports_two_functions_in_place", '''
--- main.py
from openai import OpenAI
from openai import AsyncOpenAI

a = OpenAI(api_key="k")  #> fix
b = AsyncOpenAI(api_key="2")  #> fix
''', calls=K1 + '\nget_async_openai_client(api_key="2")', hasnt={"main.py": "from openai"})
edit("same_class_imported_twice", '''
--- main.py
from openai import OpenAI
from openai import OpenAI

a = OpenAI(api_key="k")  #> fix
''', hasnt={"main.py": "from openai"}, lint=False)
edit("unused_other_import_of_openai_is_left", '''
--- main.py
from openai import OpenAI
import json

client = OpenAI(api_key="k")  #> fix
''', has={"main.py": "import json\n"})

# --- docstring and __future__ ---------------------------------------------------------------------------------------------
edit("never_above_docstring_and_future", '''
--- main.py
#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Doc."""
from __future__ import annotations
import openai

print(openai.__version__)
client = openai.OpenAI(api_key="k")  #> fix
print(__doc__)
''', out="1.99.0\nDoc.")
edit("future_after_import_local_only", '''
--- main.py
"""Doc."""

from __future__ import annotations

def go():
    from openai import OpenAI
    return OpenAI(api_key="k")  #> fix

go()
print(__doc__)
''', out="Doc.")
edit("class_from_star_of_other_module_no_import_to_replace", '''
--- clients.py
from openai import OpenAI
from openai import AsyncOpenAI
X = 1
--- main.py
"""Doc."""
from __future__ import annotations
from clients import *

client = OpenAI(api_key="k")  #> fix
print(__doc__, X)
''', out="Doc. 1", lint=False)
edit("shebang_and_cookie_stay_first", '''
--- main.py
#!/usr/bin/env python3
# -*- coding: utf-8 -*-
import openai
print(openai.__name__)
c = openai.OpenAI(api_key="k")  #> fix
''', check=lambda p, b, a: None, has={"main.py": "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n"})
edit("docstring_in_function_stays_first", '''
--- main.py
def go():
    """Goes."""
    from openai import OpenAI
    return OpenAI(api_key="k")  #> fix
go()
print(go.__doc__)
''', out="Goes.")
edit("docstring_semicolon_import", '''
--- main.py
"""Doc."""; from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
print(__doc__)
''', out="Doc.")

# --- function-local stays local ------------------------------------------------------------------------------------------
edit("local_stays_local", '''
--- main.py
def go():
    import openai
    return openai.OpenAI(api_key="k")  #> fix
go()
''', check=lambda p, b, a: (_ for _ in ()).throw(AssertionError("import left the function:\n" + a["main.py"].decode())) if not a["main.py"].decode().startswith("def go():") else None)
edit("local_with_kept_name_stays_local", '''
--- main.py
def go():
    import openai
    try:
        return openai.OpenAI(api_key="k")  #> fix
    except openai.APIError:
        return None
go()
''', check=lambda p, b, a: (_ for _ in ()).throw(AssertionError("import left the function:\n" + a["main.py"].decode())) if not a["main.py"].decode().startswith("def go():") else None)
edit("two_functions_each_local", '''
--- main.py
def one():
    from openai import OpenAI
    return OpenAI(api_key="k")  #> fix
def two():
    from openai import OpenAI
    return OpenAI(api_key="k")  #> fix
one(); two()
''', calls=K1 + "\n" + K1, hasnt={"main.py": "from openai"})
edit("local_import_used_twice_one_held", '''
--- main.py
def one():
    from openai import OpenAI
    a = OpenAI(api_key="k")  #> fix
    try:
        b = OpenAI(base_url="https://api.deepseek.com")  #> held
    except RuntimeError:
        b = None
    return a, b
one()
''', has={"main.py": "from openai import OpenAI\n"}, calls=None)
edit("module_import_used_in_functions", '''
--- main.py
from openai import OpenAI
def one(): return OpenAI(api_key="k")  #> fix
def two(): return OpenAI(api_key="k")  #> fix
one(); two()
''', calls=K1 + "\n" + K1, has={"main.py": "from utils.openai_client_factory import get_openai_client\ndef one(): return get_openai_client("})
edit("local_lazy_import_avoids_cost_not_hoisted_for_conditional", '''
--- main.py
def go(x):
    if x:
        from openai import OpenAI
        return OpenAI(api_key="k")  #> fix
go(1)
''')
edit("function_body_was_only_the_import_line", '''
--- main.py
def load():
    import openai
    globals()["c"] = openai.OpenAI(api_key="k")  #> fix
load()
''')
edit("class_body_becomes_not_empty", '''
--- main.py
class A:
    from openai import OpenAI
client = A.OpenAI  #> any
''', found=False, calls=None, pre="any", post="none", fixrc=None)

# --- try / except ImportError ------------------------------------------------------------------------------------------
edit("same_try_body_stays_non_empty", '''
--- main.py
try:
    from openai import OpenAI
except ImportError:
    print("no sdk")

client = OpenAI(api_key="k")  #> fix
''', has={"main.py": "try:\n    from utils.openai_client_factory import get_openai_client\nexcept ImportError:"})
edit("same_try_with_module", '''
--- main.py
try:
    import openai
except ImportError:
    raise SystemExit("no sdk")

client = openai.OpenAI(api_key="k")  #> fix
''', check=lambda p, b, a: compile(a["main.py"], "main.py", "exec") and None)
edit("same_try_flag_pattern_with_kept_names", '''
--- main.py
try:
    import openai
    from openai import OpenAI, RateLimitError
    HAVE_OPENAI = True
except ImportError:
    HAVE_OPENAI = False

def go():
    if not HAVE_OPENAI:
        return None
    try:
        return OpenAI(api_key="k")  #> fix
    except (RateLimitError, openai.APIError):
        return None
go()
''')
edit("try_without_factory_importable_keeps_fallback", '''
--- main.py
try:
    from openai import OpenAI
    OK = True
except ImportError:
    OK = False
print(OK)
if OK:
    OpenAI(api_key="k")  #> fix
''', out="True")
edit("try_except_exception_broad", '''
--- main.py
try:
    from openai import OpenAI
except Exception:
    pass
client = OpenAI(api_key="k")  #> fix
''')
edit("try_except_modulenotfound_in_function", '''
--- main.py
def go():
    try:
        from openai import OpenAI
    except ModuleNotFoundError:
        return None
    return OpenAI(api_key="k")  #> fix
go()
''')
edit("only_statement_of_if", '''
--- main.py
import sys
if sys.byteorder:
    from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
''')
edit("type_checking_block_becomes_no_syntax_error", '''
--- main.py
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from openai import OpenAI

def go():
    from openai import OpenAI
    return OpenAI(api_key="k")  #> fix
go()
''')

# --- existing factory imports --------------------------------------------------------------------------------------------
edit("existing_import_reused", '''
--- main.py
from utils.openai_client_factory import get_openai_client
from openai import OpenAI

a = get_openai_client(api_key="k")
b = OpenAI(api_key="k")  #> fix
+++ main.py
from utils.openai_client_factory import get_openai_client

a = get_openai_client(api_key="k")
b = get_openai_client(api_key="k")
''', calls=K1 + "\n" + K1, record=False)
edit("existing_import_extended", '''
--- main.py
from utils.openai_client_factory import get_async_openai_client
from openai import OpenAI

a = get_async_openai_client(api_key="1")
b = OpenAI(api_key="k")  #> fix
''', calls='get_async_openai_client(api_key="1")\n' + K1, record=False, check=lambda p, b, a: one_factory_import(a))
edit("existing_import_aliased_reused", '''
--- main.py
from utils.openai_client_factory import get_openai_client as make
from openai import OpenAI

a = make(api_key="k")
b = OpenAI(api_key="k")  #> fix
''', calls=K1 + "\n" + K1, record=False, has={"main.py": 'b = make(api_key="k")'}, check=lambda p, b, a: one_factory_import(a))
edit("existing_module_import_reused", '''
--- main.py
import utils.openai_client_factory
from openai import OpenAI

a = utils.openai_client_factory.get_openai_client(api_key="k")
b = OpenAI(api_key="k")  #> fix
''', calls=K1 + "\n" + K1, record=False)
edit("existing_module_alias_reused", '''
--- main.py
import utils.openai_client_factory as factory
from openai import OpenAI

a = factory.get_openai_client(api_key="k")
b = OpenAI(api_key="k")  #> fix
''', calls=K1 + "\n" + K1, record=False, has={"main.py": 'b = factory.get_openai_client(api_key="k")'})
edit("existing_from_package_import_module", '''
--- main.py
from utils import openai_client_factory
from openai import OpenAI

a = openai_client_factory.get_openai_client(api_key="k")
b = OpenAI(api_key="k")  #> fix
''', calls=K1 + "\n" + K1, record=False)
edit("existing_multiline_extended", '''
--- main.py
from utils.openai_client_factory import (
    get_async_openai_client,  # for the async side
    get_azure_openai_client,
)
from openai import OpenAI

get_async_openai_client(api_key="1"); get_azure_openai_client(api_key="2")
b = OpenAI(api_key="k")  #> fix
''', calls='get_async_openai_client(api_key="1")\nget_azure_openai_client(api_key="2")\n' + K1, record=False, has={"main.py": "# for the async side"},
     check=lambda p, b, a: one_factory_import(a))
edit("existing_multiline_no_trailing_comma", '''
--- main.py
from utils.openai_client_factory import (
    get_async_openai_client,
    get_azure_openai_client  # last
)
from openai import OpenAI

get_async_openai_client(api_key="1"); get_azure_openai_client(api_key="2")
b = OpenAI(api_key="k")  #> fix
''', calls='get_async_openai_client(api_key="1")\nget_azure_openai_client(api_key="2")\n' + K1, record=False, has={"main.py": "# last"})
edit("existing_backslash_extended", r'''
--- main.py
from utils.openai_client_factory import get_async_openai_client, \
    get_azure_openai_client
from openai import OpenAI

get_async_openai_client(api_key="1"); get_azure_openai_client(api_key="2")
b = OpenAI(api_key="k")  #> fix
''', calls='get_async_openai_client(api_key="1")\nget_azure_openai_client(api_key="2")\n' + K1, record=False)
edit("existing_with_comment_extended", '''
--- main.py
from utils.openai_client_factory import get_async_openai_client  # the only door
from openai import OpenAI

get_async_openai_client(api_key="1")
b = OpenAI(api_key="k")  #> fix
''', calls='get_async_openai_client(api_key="1")\n' + K1, record=False, has={"main.py": "# the only door"})
edit("existing_relative_import_reused", '''
--- utils/svc.py
from .openai_client_factory import get_openai_client
from openai import OpenAI

a = get_openai_client(api_key="k")
b = OpenAI(api_key="k")  #> fix
--- main.py
import utils.svc
''', calls=K1 + "\n" + K1, record=False, hasnt={"utils/svc.py": "from openai import"})
edit("existing_import_in_function_is_not_seen_at_module", '''
--- main.py
from openai import OpenAI

def one():
    from utils.openai_client_factory import get_openai_client
    return get_openai_client(api_key="k")

def two():
    return OpenAI(api_key="k")  #> fix
one(); two()
''', calls=K1 + "\n" + K1, record=False)
edit("existing_import_below_the_call", '''
--- main.py
from openai import OpenAI
b = OpenAI(api_key="k")  #> fix
from utils.openai_client_factory import get_openai_client
a = get_openai_client(api_key="k")
''', calls=K1 + "\n" + K1, record=False, lint=False)
edit("existing_import_in_other_branch", '''
--- main.py
import sys
from openai import OpenAI
if len(sys.argv) > 9:
    from utils.openai_client_factory import get_openai_client
    get_openai_client()
b = OpenAI(api_key="k")  #> fix
''', record=False, pre="bypass")
edit("existing_import_under_type_checking", '''
--- main.py
from typing import TYPE_CHECKING
from openai import OpenAI
if TYPE_CHECKING:
    from utils.openai_client_factory import get_openai_client
b = OpenAI(api_key="k")  #> fix
''', lint=False)
edit("existing_import_in_try", '''
--- main.py
from openai import OpenAI
try:
    from utils.openai_client_factory import get_openai_client
except ImportError:
    get_openai_client = None
a = OpenAI(api_key="k")  #> fix
''', lint=False)
edit("existing_import_shadowed_in_function", '''
--- main.py
from utils.openai_client_factory import get_openai_client
from openai import OpenAI
a = get_openai_client(api_key="k")
def go(get_openai_client):
    return OpenAI(api_key="k")  #> fix
go(print)
''', calls=K1 + "\n" + K1, record=False)

# --- name collisions --------------------------------------------------------------------------------------------------
edit("collision_helper_of_same_name_would_recurse", '''
--- main.py
from openai import OpenAI

def get_openai_client(key):
    return OpenAI(api_key=key)  #> fix

print(get_openai_client("k").api_key)
''', out="k")
edit("collision_helper_in_class_is_no_collision", '''
--- main.py
from openai import OpenAI

class A:
    def get_openai_client(self):
        return OpenAI(api_key="k")  #> fix

print(A().get_openai_client().api_key)
''', out="k", has={"main.py": 'return get_openai_client(api_key="k")'})
edit("collision_async_helper", '''
--- main.py
import asyncio
from openai import AsyncOpenAI

async def get_async_openai_client():
    return AsyncOpenAI(api_key="k")  #> fix

print(asyncio.run(get_async_openai_client()).api_key)
''', calls='get_async_openai_client(api_key="k")', out="k")
edit("collision_helper_imported_elsewhere_keeps_its_name", '''
--- clients.py
from openai import OpenAI

def get_openai_client(key="k"):
    return OpenAI(api_key=key)  #> fix
--- main.py
from clients import get_openai_client
print(get_openai_client().api_key)
''', out="k")
edit("collision_module_variable", '''
--- main.py
from openai import OpenAI
get_openai_client = "a string"
client = OpenAI(api_key="k")  #> fix
print(get_openai_client)
''', out="a string")
edit("collision_import_of_other_module", '''
--- other.py
def get_openai_client(): return "other"
--- main.py
from other import get_openai_client
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
print(get_openai_client())
''', out="other")
edit("collision_parameter", '''
--- main.py
from openai import OpenAI
def go(get_openai_client):
    return OpenAI(api_key="k"), get_openai_client  #> fix
print(go("p")[1])
''', out="p")
edit("collision_local_variable", '''
--- main.py
from openai import OpenAI
def go():
    get_openai_client = 3
    return OpenAI(api_key="k"), get_openai_client  #> fix
print(go()[1])
''', out="3")
edit("collision_local_import_and_local_function", '''
--- main.py
def go():
    from openai import OpenAI
    def get_openai_client():
        return OpenAI(api_key="k")  #> fix
    return get_openai_client()
go()
''')
edit("collision_comprehension_variable", '''
--- main.py
from openai import OpenAI
a = [OpenAI(api_key="k") for get_openai_client in [1]]  #> fix
''')
edit("collision_class_scope", '''
--- main.py
from openai import OpenAI
class A:
    get_openai_client = 3
    client = OpenAI(api_key="k")  #> fix
print(A.get_openai_client)
''', out="3")
edit("collision_global_set_in_function", '''
--- main.py
from openai import OpenAI
def load():
    global get_openai_client
    get_openai_client = "mine"
load()
client = OpenAI(api_key="k")  #> fix
print(get_openai_client)
''', out="mine", lint=False)
edit("collision_star_import_brings_the_name", '''
--- other.py
def get_openai_client(): return "other"
--- main.py
from openai import OpenAI
from other import *
client = OpenAI(api_key="k")  #> fix
print(get_openai_client())
''', out="other", lint=False)
edit("collision_nested_helper_inside_method", '''
--- main.py
from openai import OpenAI
class Pool:
    def one(self):
        def get_openai_client(n):
            return OpenAI(api_key=n)  #> fix
        return [get_openai_client("k")]
Pool().one()
''')
edit("collision_alias_free_name_is_also_taken", '''
--- main.py
from openai import OpenAI
_get_openai_client = 1
factory_get_openai_client = 2
get_openai_client_ = 3
openai_client_factory = 4
make_openai_client = 5
create_openai_client = 6
def get_openai_client():
    return OpenAI(api_key="k")  #> fix
get_openai_client()
print(_get_openai_client, factory_get_openai_client, get_openai_client_, openai_client_factory, make_openai_client, create_openai_client)
''', out="1 2 3 4 5 6")

# --- the old name goes only when nothing needs it ------------------------------------------------------------------------
for n, (use, out) in {
    "annotation": ("def use(c: OpenAI): ...", None), "return_annotation": ("def use() -> OpenAI: ...", None), "variable_annotation": ("x: OpenAI", None),
    "string_annotation": ('def use(c: "OpenAI"): ...', None), "string_annotation_nested": ('from typing import Optional\ndef use(c: Optional["OpenAI"]): ...', None),
    "string_annotation_inside": ('def use(c: "list[OpenAI]"): ...', None), "cast_string": ('from typing import cast\nx = cast("OpenAI", 3)', None),
    "type_hints_evaluated": ('import typing\ndef use(c: "OpenAI"): ...\nprint(typing.get_type_hints(use)["c"].__name__)', "OpenAI"),
    "isinstance": ("print(isinstance(client, OpenAI))", "True"), "issubclass": ("print(issubclass(type(client), OpenAI))", "True"),
    "except": ("try:\n    pass\nexcept OpenAI:\n    pass", None), "all": ('__all__ = ["OpenAI"]', None), "all_tuple": ('__all__ = ("OpenAI", "client")', None),
    "all_extend": ('__all__ = []\n__all__ += ["OpenAI"]', None), "all_append": ('__all__ = []\n__all__.append("OpenAI")', None), "all_extend_call": ('__all__ = ["client"]\n__all__.extend(["OpenAI"])', None),
    "comparison": ("print(type(client) is OpenAI)", "True"), "truth_test": ("print(bool(OpenAI is not None))", "True"), "del": ("del OpenAI", None),
    "type_alias_union": ("Any2 = OpenAI | None", None), "annotated_string_attribute": ("class A:\n    client: 'OpenAI | None' = None", None),
    "match_class": ("match client:\n    case OpenAI(): print('y')", "y"), "global_statement": ("def f():\n    global OpenAI\n    return isinstance(3, OpenAI)\nf()", None),
    "generic_subscript": ("x: dict[str, type[OpenAI]] = {}", None),
}.items():
    edit(f"needed_by.{n}", f'''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
{use}
''', out=out, has={"main.py": "import OpenAI"}, ignore=["client-reference"], lint="string" not in n and n not in ("all_append", "all_extend_call"))  # (ruff doesn't read those two forms)
edit("needed_by.base_class", '''
--- main.py
from openai import OpenAI
class Mine(OpenAI): ...  #> client-subclass
client = OpenAI(api_key="k")  #> fix
''', has={"main.py": "import OpenAI"})
edit("needed_by.held_call", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
def other(): return OpenAI(base_url="https://api.x.ai/v1")  #> held
''', has={"main.py": "import OpenAI"})
edit("needed_by.suppressed_call", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
def other(): return OpenAI()  # qmigrate: ignore[direct-client] measured elsewhere  #> sup
''', has={"main.py": "import OpenAI"})
edit("needed_by.type_comment_is_a_comment", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
x = None  # type: OpenAI
''')
edit("needed_by.module_annotation", '''
--- main.py
import openai
def use(c: "openai.OpenAI") -> openai.types.Completion: ...
client = openai.OpenAI(api_key="k")  #> fix
''', has={"main.py": "import openai\n"})
edit("needed_by.other_module_attribute", '''
--- main.py
import openai
client = openai.OpenAI(api_key="k")  #> fix
print(openai.__version__)
''', has={"main.py": "import openai\n"}, out="1.99.0")
edit("needed_by.docstring_only_goes", '''
--- main.py
"""OpenAI helpers."""
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
text = "OpenAI"
''', hasnt={"main.py": "from openai"})
edit("needed_by.star_import_of_this_module", '''
--- clients.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- main.py
from clients import *
print(OpenAI.__name__)
''', out="OpenAI", lint=False)
edit("needed_by.other_file_imports_it", '''
--- clients.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- main.py
from clients import OpenAI, client
print(isinstance(client, OpenAI))
''', out="True", has={"clients.py": "OpenAI as OpenAI"})  # stays only for other files: an explicit re-export
edit("needed_by.other_file_imports_module_name", '''
--- clients.py
import openai
client = openai.OpenAI(api_key="k")  #> fix
--- main.py
from clients import openai, client
print(isinstance(client, openai.OpenAI))
''', out="True", has={"clients.py": "import openai as openai"})
edit("needed_by.other_file_and_all_names_it", '''
--- clients.py
from openai import OpenAI
__all__ = ["OpenAI", "client"]
client = OpenAI(api_key="k")  #> fix
--- main.py
from clients import OpenAI, client
print(isinstance(client, OpenAI))
''', out="True", hasnt={"clients.py": "OpenAI as OpenAI"}, has={"clients.py": "from openai import OpenAI\n"})
edit("needed_by.attribute_of_module_alias", '''
--- pkg/__init__.py
--- pkg/clients.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- main.py
import pkg.clients as c
print(isinstance(c.client, c.OpenAI))
''', out="True", has={"pkg/clients.py": "OpenAI as OpenAI"})
edit("needed_by.attribute_of_dotted_module", '''
--- pkg/__init__.py
--- pkg/clients.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- main.py
import pkg.clients
print(isinstance(pkg.clients.client, pkg.clients.OpenAI))
''', out="True", has={"pkg/clients.py": "OpenAI as OpenAI"})
edit("needed_by.attribute_through_from_package_import", '''
--- pkg/__init__.py
--- pkg/clients.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- main.py
from pkg import clients
x: clients.OpenAI = clients.client
print(x.api_key)
''', out="k")
edit("needed_by.other_file_calls_it_both_fixed", '''
--- clients.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- main.py
from clients import OpenAI, client
again = OpenAI(api_key="k")  #> fix
print(client.api_key, again.api_key)
''', calls=K1 + "\n" + K1, out="k k")
edit("needed_by.init_reexport_of_the_module", '''
--- pkg/__init__.py
from .clients import OpenAI, client
__all__ = ["OpenAI", "client"]
--- pkg/clients.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- main.py
from pkg import OpenAI, client
print(isinstance(client, OpenAI))
''', out="True")
edit("needed_by.relative_attribute", '''
--- pkg/__init__.py
--- pkg/clients.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- pkg/use.py
from . import clients
print(isinstance(clients.client, clients.OpenAI))
--- main.py
import pkg.use
''', out="True")
edit("needed_by.explicit_reexport_in_init", '''
--- pkg/__init__.py
from openai import OpenAI as OpenAI
client = OpenAI(api_key="k")  #> fix
--- main.py
import pkg
print(pkg.client.api_key)
''', out="k", has={"pkg/__init__.py": "from openai import OpenAI as OpenAI"}, ignore=[])
edit("needed_by.getattr_string_elsewhere", '''
--- clients.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
--- main.py
import clients
print(getattr(clients, "OpenAI", None) is not None)
''', post="any", out=None, ignore=["dynamic-client"], after=None)
edit("needed_by.same_name_in_other_scope_is_no_need", '''
--- main.py
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
def go(OpenAI): return isinstance(3, OpenAI)
go(int)
''', hasnt={"main.py": "from openai"})
edit("needed_by.own_reassignment_same_name", '''
--- main.py
import openai
OpenAI = openai.OpenAI
client = OpenAI(api_key="k")  #> fix
''', ignore=["client-reference"])
edit("needed_by.alias_variable_used_in_isinstance", '''
--- main.py
import openai
Llm = openai.OpenAI
client = Llm(api_key="k")  #> fix
print(isinstance(client, Llm))
''', out="True", ignore=["client-reference"], has={"main.py": "Llm = openai.OpenAI"})
edit("needed_by.alias_variable_imported_elsewhere_in_annotation", '''
--- settings.py
import openai
Llm = openai.OpenAI
--- main.py
from settings import Llm
def use(c: Llm): ...
client = Llm(api_key="k")  #> fix
''', ignore=["client-reference"])
edit("unit.one_file_alias_chain_lands_whole", '''
--- a.py
from openai import OpenAI
--- b.py
from a import OpenAI
one = OpenAI(api_key="k")  #> fix
--- c.py
from b import OpenAI
two = OpenAI(api_key="k")  #> fix
--- main.py
import b, c
''', calls=K1 + "\n" + K1)
edit("unit.same_fix_keeps_everything_else", '''
--- main.py
import  os ,sys
from openai   import   OpenAI
x=1 ;y = 2
client = OpenAI( api_key = "k" , # odd
   timeout=  3)  # layout
def f ( ) :   return( x,y ,os,sys)
'''.replace("# odd", "# odd  #> fix"), calls='get_openai_client(api_key="k", timeout=3)', has={"main.py": ["import  os ,sys\n", "x=1 ;y = 2\n", '( api_key = "k" , # odd\n   timeout=  3)  # layout\n', "def f ( ) :   return( x,y ,os,sys)\n"]})


def one_factory_import(after):
    text = after["main.py"].decode()
    assert text.count("import") and text.count("openai_client_factory") == 1, "two factory imports:\n" + text
