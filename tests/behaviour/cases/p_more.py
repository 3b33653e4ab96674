"""More: newer syntax (not runnable on 3.11, so by text), odd layouts, more context and scope traps."""
from run import case


def new(name, text, **kw):
    """Python 3.12+: checked by text only."""
    case("py312." + name, text.replace("--- main.py", "--- main.py novalid"), run=[], **kw)


new("fstring_same_quotes", '''
--- main.py
from openai import OpenAI
print(f"{OpenAI(api_key="k")}")  #> fix@10
''', has={"main.py": 'f"{get_openai_client(api_key="k")}"'})
new("fstring_nested_deep_with_comment", '''
--- main.py
from openai import OpenAI
print(f"{f"{OpenAI(  # why  #> fix
    api_key="k")}"}")
''', has={"main.py": ['{get_openai_client(  # why\n', '    api_key="k")}"}")']})
new("type_statement", '''
--- main.py
from openai import OpenAI
type Llm = OpenAI | None
client: Llm = OpenAI(api_key="k")  #> fix
''', has={"main.py": ["type Llm = OpenAI | None", "get_openai_client("]})
new("type_parameters", '''
--- main.py
from openai import OpenAI
def go[T: OpenAI](x: T) -> T: return x
class Box[T: OpenAI = OpenAI]: ...
client = OpenAI(api_key="k")  #> fix
''', has={"main.py": ["[T: OpenAI]", "import OpenAI", "get_openai_client("]}, ignore=["client-reference"])
new("type_parameter_shadows", '''
--- main.py
from openai import OpenAI
def go[OpenAI](x: OpenAI):
    return OpenAI()
client = OpenAI(api_key="k")  #> fix
''', hasnt={"main.py": "from openai"}, ignore=["client-reference"])
new("except_without_parentheses_and_tstring", '''
--- main.py
import openai
def go():
    try:
        pass
    except* openai.APIError:
        pass
client = openai.OpenAI(api_key="k")  #> fix
''', has={"main.py": "import openai\n"})


def more(name, text, calls='get_openai_client(api_key="k")', **kw):
    case("more." + name, text, calls=calls, **kw)


W = 'get_openai_client(api_key="k", workspace_id="w")'
more("class_and_alias_in_one_import", '''
--- main.py
from openai import OpenAI, OpenAI as Bot
a = OpenAI(api_key="k")  #> fix
print(Bot.__name__)
''', out="OpenAI", ignore=["client-reference"])
more("module_and_submodule_in_one_import", '''
--- main.py
import openai, openai.types
a = openai.OpenAI(api_key="k")  #> fix
print(openai.types.Completion.__name__)
''', out="Completion")
more("namespace_package_without_init", '''
--- app/deep/clients.py
from openai import OpenAI
__all__ = ["OpenAI"]
--- app/deep/svc.py
from app.deep.clients import OpenAI
from . import clients
a = OpenAI(api_key="k")  #> fix
b = clients.OpenAI(api_key="k")  #> fix
--- main.py
import app.deep.svc
''', calls='get_openai_client(api_key="k")\nget_openai_client(api_key="k")')
more("package_shadowed_by_module_of_that_name", '''
--- clients/__init__.py
from openai import OpenAI
__all__ = ["OpenAI"]
--- clients.py
class OpenAI: ...
--- main.py
from clients import OpenAI
a = OpenAI(api_key="k")  #> fix
''')  # a package wins over a module
more("name_of_submodule_and_reexport", '''
--- pkg/__init__.py
from .openai import OpenAI as Client
--- pkg/openai.py
import openai
OpenAI = openai.OpenAI
--- main.py
from pkg import Client
a = Client(api_key="k")  #> fix
''', ignore=["client-reference"])
more("conditional_reexport_in_other_file", '''
--- compat.py
import os
if os.environ.get("X"):
    from openai import AzureOpenAI as Llm
else:
    from openai import OpenAI as Llm
--- main.py
from compat import Llm
def go(): return Llm(api_key="k")  #> held
''', calls=None)
more("reexport_rebound_in_other_file", '''
--- compat.py
from openai import OpenAI
class OpenAI: ...
--- main.py
from compat import OpenAI
OpenAI()
''', calls=None, lint=False)
more("dunder_getattr_module", '''
--- lazy.py
def __getattr__(name): raise AttributeError(name)
from openai import OpenAI as OpenAI
--- main.py
from lazy import OpenAI
a = OpenAI(api_key="k")  #> fix
''')
more("context_async_for_and_with", '''
--- main.py
import asyncio, contextlib
from openai import OpenAI
async def ids():
    yield "w"
async def go():
    async for workspace_id in ids():
        OpenAI(api_key="k")  #> fix
async def go2():
    async with contextlib.nullcontext("w") as workspace_id:
        OpenAI(api_key="k")  #> fix
asyncio.run(go()); asyncio.run(go2())
''', calls=W + "\n" + W)
more("context_class_nested_in_function", '''
--- main.py
from openai import OpenAI
def outer(workspace_id):
    class A:
        client = OpenAI(api_key="k")  #> fix
        def go(self): return OpenAI(api_key="k")  #> fix
    return A().go()
outer("w")
''', calls=W + "\n" + W)
more("context_class_scope_hides_closure", '''
--- main.py
from openai import OpenAI
def outer(workspace_id):
    class A:
        if not workspace_id: workspace_id = "class"
        client = OpenAI(api_key="k")  #> fix
    return A()
''', calls=None, post="ok", pre="any", has={"main.py": "get_openai_client(api_key"})
more("context_class_deleted_name_in_class_scope", '''
--- main.py
from openai import OpenAI
def outer(workspace_id):
    class A:
        workspace_id = 1
        del workspace_id
        client = OpenAI(api_key="k")  #> fix
    return A()
outer("w")
''', calls=None, record=False)
more("context_nested_class_self", '''
--- main.py
from openai import OpenAI
class Outer:
    def __init__(self): self.workspace_id = "w"
    class Inner:
        def go(self): return OpenAI(api_key="k")  #> fix
Outer.Inner().go()
''')
more("context_method_added_outside_class", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self): self.workspace_id = "w"
def go(self): return OpenAI(api_key="k")  #> fix
A.go = go
A().go(); go(3)
''', calls='get_openai_client(api_key="k")\nget_openai_client(api_key="k")')
more("context_generator_expression_lazy", '''
--- main.py
from openai import OpenAI
def go(workspace_id):
    made = (OpenAI(api_key=k) for k in "k")  #> fix
    del workspace_id
    return list(made)
go("w")
''')  # evaluated after the name is gone
more("context_lambda_called_after_del", '''
--- main.py
from openai import OpenAI
def go(workspace_id):
    make = lambda: OpenAI(api_key="k")  #> fix
    del workspace_id
    return make()
go("w")
''')
more("context_loop_closure_before_loop", '''
--- main.py
from openai import OpenAI
def go(ids):
    make = lambda: OpenAI(api_key="k")  #> fix
    for workspace_id in ids:
        pass
    return make()
go([])
''')
more("context_loop_closure_inside_loop", '''
--- main.py
from openai import OpenAI
def go():
    for workspace_id in ["w"]:
        make = lambda: OpenAI(api_key="k")  #> fix
        make()
go()
''', calls=None, record=False)
more("context_while_else_and_break", '''
--- main.py
from openai import OpenAI
def go(n):
    while n:
        workspace_id = "w"
        break
    else:
        workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go(0); go(1)
''', calls=None, record=False)
more("context_for_else_binds_break_does_not", '''
--- main.py
from openai import OpenAI
def go():
    for i in [1]:
        break
    else:
        workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go()
''')
more("context_try_else_and_handler_both_bind", '''
--- main.py
from openai import OpenAI
def go(x):
    try:
        int(x)
    except ValueError:
        workspace_id = "w"
    else:
        workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go("1"); go("a")
''', calls=None, record=False)
more("context_try_star_handler", '''
--- main.py
from openai import OpenAI
def go():
    try:
        raise ExceptionGroup("g", [ValueError()])
        workspace_id = "w"
    except* ValueError:
        pass
    return OpenAI(api_key="k")  #> fix
go()
''')
more("context_finally_overrides_return", '''
--- main.py
from openai import OpenAI
def go():
    try:
        return None
        workspace_id = "w"
    finally:
        OpenAI(api_key="k")  #> fix
go()
''')
more("context_return_in_handler_of_outer_try", '''
--- main.py
from openai import OpenAI
def boom(): raise KeyError
def go():
    try:
        try:
            workspace_id = boom()
        except ValueError:
            return None
    except KeyError:
        pass
    return OpenAI(api_key="k")  #> fix
go()
''')
more("context_suppressed_by_with_around_try", '''
--- main.py
import contextlib
from openai import OpenAI
def go():
    with contextlib.suppress(KeyError):
        if {}["x"]: pass
        workspace_id = "w"
    OpenAI(api_key="k")  #> fix
go()
''')
more("context_with_bound_before_keeps", '''
--- main.py
import contextlib
from openai import OpenAI
def go(workspace_id):
    with contextlib.suppress(KeyError):
        workspace_id = {}["x"]
    return OpenAI(api_key="k")  #> fix
go("w")
''', calls=W)
more("context_match_guard_fails", '''
--- main.py
from openai import OpenAI
def go(x):
    match x:
        case workspace_id if workspace_id == "no":
            pass
        case 3:
            return OpenAI(api_key="k")  #> fix
go(3)
''', calls=None, record=False)
more("context_match_or_pattern_without_capture", '''
--- main.py
from openai import OpenAI
def go(x):
    match x:
        case [workspace_id]:
            pass
    return OpenAI(api_key="k")  #> fix
go(3)
''')
more("context_conditional_import_in_function", '''
--- main.py
from openai import OpenAI
def go(x):
    if x:
        from settings import workspace_id
    return OpenAI(api_key="k")  #> fix
go(0)
--- settings.py
workspace_id = "w"
''')
more("context_assert_false_and_sys_exit", '''
--- main.py
import sys
from openai import OpenAI
def go(x):
    if x:
        workspace_id = "w"
    else:
        sys.exit(0)
    return OpenAI(api_key="k")  #> fix
go(1)
''', calls=None, record=False)
more("context_del_in_other_branch_only", '''
--- main.py
from openai import OpenAI
def go(workspace_id, x):
    if x:
        del workspace_id
        return None
    return OpenAI(api_key="k")  #> fix
go("w", 0)
''', calls=W)
more("context_default_of_nested_function", '''
--- main.py
from openai import OpenAI
def go(workspace_id):
    def inner(c=OpenAI(api_key="k")):  #> fix
        return c
    return inner()
go("w")
''', calls=W)
more("context_exec_order_in_arguments", '''
--- main.py
from openai import OpenAI
def use(*a, **k): return a
def go():
    use(OpenAI(api_key="k"), (workspace_id := "w"))  #> fix
go()
''')
more("context_walrus_earlier_in_same_expression", '''
--- main.py
from openai import OpenAI
def use(*a, **k): return a
def go():
    use((workspace_id := "w"), OpenAI(api_key="k"))  #> fix
go()
''', calls=None, record=False)
more("context_walrus_inside_own_arguments", '''
--- main.py
from openai import OpenAI
def go():
    OpenAI(api_key=(workspace_id := "k"))  #> fix
go()
''', calls=None, record=False)
more("self_attribute_set_by_setattr", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self, **kw):
        for k, v in kw.items(): setattr(self, k, v)
    def go(self): return OpenAI(api_key="k")  #> fix
A().go()
''')
more("self_attribute_getattr_dunder", '''
--- main.py
from openai import OpenAI
class A:
    def __getattr__(self, name): raise AttributeError(name)
    def go(self): return OpenAI(api_key="k")  #> fix
A().go()
''')
more("self_set_in_init_subclass_calls_super_late_in_other_file", '''
--- base.py
from openai import OpenAI
class A:
    def __init__(self, w): self.workspace_id = w
    def go(self): return OpenAI(api_key="k")  #> fix
--- main.py
import base
class B(base.A):
    def __init__(self):
        base.A.__init__(self, "w")
B().go()
''', calls=None, record=False)  # by name instead of super(): not judged, but must run
more("self_two_classes_same_name_in_branches", '''
--- main.py
import sys
from openai import OpenAI
if len(sys.argv) > 9:
    class A:
        def __init__(self): self.workspace_id = "w"
        def go(self): return OpenAI(api_key="k")  #> fix
else:
    class A:
        def go(self): return OpenAI(api_key="k")  #> fix
A().go()
''')
more("self_init_is_generator_of_exceptions", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self):
        with open("main.py") as f:
            self.workspace_id = f.readline()[:0] + "w"
    def go(self): return OpenAI(api_key="k")  #> fix
A().go()
''', calls=None, record=False)
more("self_in_init_between_try", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self):
        try:
            raise ValueError
            self.workspace_id = "w"
        except ValueError:
            self.client = OpenAI(api_key="k")  #> fix
A()
''')
more("self_method_called_through_class_before_setting", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self):
        A.setup(self)
        self.workspace_id = "w"
    def setup(self): self.client = OpenAI(api_key="k")  #> fix
A()
''')
more("self_used_in_fstring_repr_before_setting", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self):
        f"{self}"
        self.workspace_id = "w"
    def __repr__(self):
        OpenAI(api_key="k")  #> fix
        return "A"
A()
''')
more("self_used_as_context_manager_before_setting", '''
--- main.py
from openai import OpenAI
class A:
    def __enter__(self): self.client = OpenAI(api_key="k")  #> fix
    def __exit__(self, *e): ...
    def __init__(self):
        with self:
            self.workspace_id = "w"
A()
''')
more("self_operator_before_setting", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self):
        self[0]
        self.workspace_id = "w"
    def __getitem__(self, i): return OpenAI(api_key="k")  #> fix
A()
''')
more("self_property_read_before_setting", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self):
        self.client
        self.workspace_id = "w"
    @property
    def client(self): return OpenAI(api_key="k")  #> fix
A()
''')
more("self_inner_function_of_init_called_before_setting", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self):
        def now(): return self.setup()
        now()
        self.workspace_id = "w"
    def setup(self): return OpenAI(api_key="k")  #> fix
A()
''')
more("self_value_of_setting_calls_method", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self):
        self.workspace_id = self.find()
    def find(self): return OpenAI(api_key="k").api_key  #> fix
A()
''')
more("self_super_new_calls_method", '''
--- main.py
from openai import OpenAI
class A:
    def __new__(cls):
        made = super().__new__(cls)
        made.setup()
        return made
    def __init__(self): self.workspace_id = "w"
    def setup(self): return OpenAI(api_key="k")  #> fix
A()
''')
more("self_outside_creates_without_init", '''
--- main.py
from openai import OpenAI
class A:
    def __init__(self): self.workspace_id = "w"
    def go(self): return OpenAI(api_key="k")  #> fix
A().go()
x: "A" = A
''', calls=W)
more("patched_module_still_needs_name_for_autospec", '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI
def go(): return OpenAI(api_key="k").api_key  #> fix
--- tests/test_svc.py
from unittest.mock import patch
from app import svc
def test_go():
    with patch("app.svc.OpenAI", autospec=True) as c:
        c.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', calls="", run=["test:tests/test_svc.py"], pre="ok")
more("layout_comment_after_last_argument_without_comma", '''
--- main.py
from openai import OpenAI
def go(workspace_id):
    return OpenAI(
        api_key="k"  # (no comma), here
    )
go("w")
'''.replace("OpenAI(\n", "OpenAI(  #> fix\n"), calls=W, has={"main.py": "# (no comma), here"})
more("layout_parenthesis_on_last_line", '''
--- main.py
from openai import OpenAI
def go(workspace_id):
    return OpenAI(api_key="k",  #> fix
                  timeout=3)
go("w")
''', calls='get_openai_client(api_key="k", timeout=3, workspace_id="w")', has={"main.py": "                  timeout=3"})
more("layout_lambda_argument_needs_no_brackets", '''
--- main.py
from openai import OpenAI
def go(workspace_id):
    return OpenAI(api_key=lambda: "k")  #> fix
go("w")
''', calls='get_openai_client(api_key=..., workspace_id="w")')
more("layout_conditional_and_string_continuation", '''
--- main.py
from openai import OpenAI
def go(workspace_id):
    return OpenAI(api_key="k" if 1 else
                  "z" "y")  #> any
go("w")
''', calls=W, found=False, pre="bypass", post="auto")
more("keyword_glued_callee", '''
--- main.py
from openai import OpenAI
x = 1 if 0else OpenAI(api_key="k")  #> fix
''')
more("callee_glued_to_keyword", '''
--- main.py
from openai import OpenAI
def go():
    return(OpenAI)(api_key="k")  #> fix
go()
''')
more("attribute_callee_parenthesised_module", '''
--- main.py
import openai
c = (openai).OpenAI(api_key="k")  #> fix
''')
more("many_semicolons_and_local", '''
--- main.py
def go(workspace_id): x = 1; from openai import OpenAI; y = 2; return OpenAI(api_key="k")  #> fix
go("w")
''', calls=W)
more("import_at_end_without_newline", '''
--- main.py noeol
def go(): return openai.OpenAI(api_key="k")  #> fix
def main(): go()
if __name__ == "__main__":
    import openai; main()
''', lint=False)
more("docstring_only_above_and_call_by_reexport", '''
--- clients.py
import openai as sdk
--- main.py noeol
"""Doc."""
import clients
print(clients.sdk.OpenAI(api_key="k"), __doc__)  #> fix
''', out="<OpenAI> Doc.")
more("only_comment_above_and_call_by_reexport", '''
--- clients.py
from openai import OpenAI as OpenAI
--- main.py
# A comment that belongs to the file.

# About x.
x = 1
import clients
print(clients.OpenAI(api_key="k"))  #> fix
''', out="<OpenAI>")
more("factory_import_name_not_above_future", '''
--- clients.py
from openai import OpenAI as OpenAI
--- main.py
from __future__ import annotations; import clients
def go(): return clients.OpenAI(api_key="k")  #> fix
go()
''')
more("factory_import_in_function_with_local_module", '''
--- clients.py
from openai import OpenAI as OpenAI
--- main.py
def go():
    import clients
    return clients.OpenAI(api_key="k")  #> fix
go()
''')
