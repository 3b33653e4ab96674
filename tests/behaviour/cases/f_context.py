"""Fixing, second and third bullet: the context argument, where a source holds a value on every path to the call."""
from run import case

HEAD = "--- main.py\nfrom openai import OpenAI\n"


def ctx(name, body, calls, **kw):
    """`calls` as one letter per call: `w` = with workspace_id="w", `-` = without; or full text."""
    if calls is not None and set(calls) <= set("w- "):
        calls = "\n".join('get_openai_client(api_key="k", workspace_id="w")' if c == "w" else 'get_openai_client(api_key="k")' for c in calls if c != " ")
    head = kw.pop("head", HEAD)
    case("context." + name, head + body, calls=calls, **kw)


K = 'OpenAI(api_key="k")'

# --- parameters -----------------------------------------------------------------------------------------------------
ctx("parameter", '''
def go(workspace_id):
    return OpenAI(api_key="k")  #> fix
go("w")
+++ main.py
from utils.openai_client_factory import get_openai_client

def go(workspace_id):
    return get_openai_client(api_key="k", workspace_id=workspace_id)
go("w")
''', "w")
ctx("parameter_no_arguments", '''
def go(workspace_id):
    return OpenAI()  #> fix
go("w")
''', 'get_openai_client(workspace_id="w")', has={"main.py": "get_openai_client(workspace_id=workspace_id)"})
ctx("parameter_annotated_default", '''
def go(x, workspace_id: str = "w", *rest):
    return OpenAI(api_key="k")  #> fix
go(1)
''', "w")
ctx("parameter_keyword_only", '''
def go(*, workspace_id):
    return OpenAI(api_key="k")  #> fix
go(workspace_id="w")
''', "w")
ctx("parameter_positional_only", '''
def go(workspace_id, /):
    return OpenAI(api_key="k")  #> fix
go("w")
''', "w")
ctx("parameter_async", '''
import asyncio
async def go(workspace_id):
    return OpenAI(api_key="k")  #> fix
asyncio.run(go("w"))
''', "w")
ctx("parameter_lambda", '''
go = lambda workspace_id: OpenAI(api_key="k")  #> fix
go("w")
''', "w")
ctx("parameter_default_sees_outside", '''
def go(workspace_id="w", client=OpenAI(api_key="k")):  #> fix
    return client
go()
''', "-")
ctx("parameter_decorator_sees_outside", '''
def deco(c): return lambda f: f
@deco(OpenAI(api_key="k"))  #> fix
def go(workspace_id): ...
''', "-")
ctx("parameter_deleted", '''
def go(workspace_id):
    del workspace_id
    return OpenAI(api_key="k")  #> fix
go("w")
''', "-")
ctx("parameter_maybe_deleted", '''
def go(workspace_id, x):
    if x:
        del workspace_id
    return OpenAI(api_key="k")  #> fix
go("w", True)
''', "-")
ctx("parameter_deleted_after", '''
def go(workspace_id):
    client = OpenAI(api_key="k")  #> fix
    del workspace_id
    return client
go("w")
''', "w")
ctx("parameter_deleted_in_loop", '''
def go(workspace_id):
    for i in range(2):
        try:
            OpenAI(api_key="k")  #> fix
            del workspace_id
        except UnboundLocalError:
            print("unbound")
go("w")
''', "- -", out="unbound")  # second turn: unbound
ctx("parameter_reassigned", '''
def go(workspace_id):
    workspace_id = workspace_id.lower()
    return OpenAI(api_key="k")  #> fix
go("W")
''', "w")
ctx("star_kwargs_named_workspace_id_holds_a_value", '''
def go(other):
    return OpenAI(api_key="k")  #> fix
go("w")
''', "-")

# --- layout of the added argument -------------------------------------------------------------------------------------
ctx("layout_trailing_comma_multiline", '''
def go(workspace_id):
    return OpenAI(  #> fix
        api_key="k",  # the key
        # the last word
    )
go("w")
''', "w", has={"main.py": ['        api_key="k",  # the key\n', "        # the last word\n"]})
ctx("layout_no_trailing_comma_multiline", '''
def go(workspace_id):
    return OpenAI(  #> fix
        api_key="k"  # the key
    )
go("w")
''', "w", has={"main.py": "# the key\n"})
ctx("layout_trailing_comma_one_line", '''
def go(workspace_id):
    return OpenAI(api_key="k",)  #> fix
go("w")
''', "w")
ctx("layout_comment_only_arguments", '''
def go(workspace_id):
    return OpenAI(  #> fix
        # all from the environment
    )
go("w")
''', 'get_openai_client(workspace_id="w")', has={"main.py": "        # all from the environment\n"})
ctx("layout_double_star_last", '''
def go(workspace_id, **kw):
    return OpenAI(**kw)  #> fix
go("w", api_key="k")
''', "w")
ctx("layout_double_star_only_and_comma", '''
def go(workspace_id, **kw):
    return OpenAI(
        **kw,
    )
go("w", api_key="k")
'''.replace("OpenAI(\n", "OpenAI(  #> fix\n"), "w")
ctx("layout_value_with_brackets_and_strings", '''
def go(workspace_id):
    return OpenAI(api_key="k", default_headers={"a": ")", "b": "x,"})  #> fix
go("w")
''', '''get_openai_client(api_key="k", default_headers={"a": ")", "b": "x,"}, workspace_id="w")''')
ctx("layout_generator_value", '''
def go(workspace_id):
    return OpenAI(api_key="".join(c for c in "k"))  #> fix
go("w")
''', "w")
ctx("layout_backslash_in_arguments", r'''
def go(workspace_id):
    return OpenAI(api_key=\
        "k"\
    )  # end
go("w")
'''.replace("api_key=\\\n", "api_key=\\  #> fix\n"), "w", has={"main.py": "# end"})

# --- locals -------------------------------------------------------------------------------------------------------
ctx("local", '''
def go():
    workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go()
''', "w")
ctx("local_after_the_call", '''
def go():
    client = OpenAI(api_key="k")  #> fix
    workspace_id = "w"
    return client, workspace_id
go()
''', "-")
ctx("local_in_one_branch", '''
def go(x):
    if x:
        workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go(False)
''', "-", says={"main.py:6": "workspace_id"})  # "then nothing is added, and the finding says so"
ctx("local_in_both_branches", '''
def go(x):
    if x:
        workspace_id = "w"
    else:
        workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go(False); go(True)
''', "ww")
ctx("local_other_branch_returns", '''
def go(x):
    if x:
        workspace_id = "w"
    else:
        return None
    return OpenAI(api_key="k")  #> fix
go(False); go(True)
''', "w")
ctx("local_other_branch_raises", '''
def go(x):
    if not x:
        raise ValueError
    else:
        workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go(True)
''', "w")
ctx("local_same_branch", '''
def go(x):
    if x:
        workspace_id = "w"
        return OpenAI(api_key="k")  #> fix
go(True)
''', "w")
ctx("local_other_branch_than_call", '''
def go(x):
    if x:
        workspace_id = "w"
    else:
        return OpenAI(api_key="k")  #> fix
go(False)
''', "-")
ctx("local_elif_missing_else", '''
def go(x):
    if x == 1:
        workspace_id = "w"
    elif x == 2:
        workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go(3)
''', "-")
ctx("local_tuple_unpacking", '''
def go():
    workspace_id, other = "w", 1
    return OpenAI(api_key="k")  #> fix
go()
''', "w")
ctx("local_walrus_always_evaluated", '''
def go():
    if (workspace_id := "w"):
        pass
    return OpenAI(api_key="k")  #> fix
go()
''', "w")
ctx("local_walrus_short_circuit", '''
def go(x):
    if x and (workspace_id := "w"):
        pass
    return OpenAI(api_key="k")  #> fix
go(False)
''', "-")
ctx("local_walrus_in_ternary", '''
def go(x):
    y = (workspace_id := "w") if x else 0
    return OpenAI(api_key="k")  #> fix
go(False)
''', "-")
ctx("local_walrus_later_in_same_call_line", '''
def go():
    return (OpenAI(api_key="k"), workspace_id := "w")  #> fix
'''.replace("workspace_id := \"w\"", "(workspace_id := \"w\")") + 'go()\n', "-")
ctx("local_annotation_without_value", '''
def go():
    workspace_id: str
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("local_annotation_with_value", '''
def go():
    workspace_id: str = "w"
    return OpenAI(api_key="k")  #> fix
go()
''', "w")
ctx("local_own_assignment_right_hand_side", '''
def go():
    workspace_id = OpenAI(api_key="k").api_key  #> fix
go()
''', "-")
ctx("local_in_while_body", '''
def go(n):
    while n:
        workspace_id = "w"
        n -= 1
    return OpenAI(api_key="k")  #> fix
go(0)
''', "-")
ctx("local_while_true_break_before", '''
def go(x):
    while True:
        if x:
            break
        workspace_id = "w"
        x = True
    return OpenAI(api_key="k")  #> fix
go(True)
''', "-")
ctx("local_nested_function_assigns", '''
def go():
    def inner():
        workspace_id = "w"
        return workspace_id
    inner()
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("local_nonlocal_set_by_helper", '''
def go():
    workspace_id = "w"
    def change():
        nonlocal workspace_id
        del workspace_id
    change()
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("local_match_all_cases", '''
def go(x):
    match x:
        case 1:
            workspace_id = "w"
        case _:
            workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go(1); go(2)
''', "ww")
ctx("local_match_without_default", '''
def go(x):
    match x:
        case 1:
            workspace_id = "w"
        case 2:
            workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go(3)
''', "-")
ctx("local_match_capture", '''
def go(x):
    match x:
        case {"id": workspace_id}:
            return OpenAI(api_key="k")  #> fix
        case _:
            return OpenAI(api_key="k")  #> fix
go({"id": "w"}); go(3)
''', "w-")
ctx("local_assert_never_is_no_proof", '''
def go(x):
    if x: workspace_id = "w"
    assert not x
    return OpenAI(api_key="k")  #> fix
go(False)
''', "-")

# --- loops -----------------------------------------------------------------------------------------------------------
ctx("loop_variable_inside", '''
def go():
    for workspace_id in ["w"]:
        OpenAI(api_key="k")  #> fix
go()
''', "w")
ctx("loop_variable_after", '''
def go(ids):
    for workspace_id in ids:
        pass
    return OpenAI(api_key="k")  #> fix
go([])
''', "-")
ctx("loop_variable_in_else", '''
def go(ids):
    for workspace_id in ids:
        pass
    else:
        return OpenAI(api_key="k")  #> fix
go([])
''', "-")
ctx("loop_variable_in_iterable", '''
def go():
    for workspace_id in [OpenAI(api_key="k").api_key]:  #> fix
        pass
go()
''', "-")
ctx("loop_tuple_target", '''
def go():
    for i, (workspace_id, x) in enumerate([("w", 1)]):
        OpenAI(api_key="k")  #> fix
go()
''', "w")
ctx("loop_assigned_late_in_body", '''
def go():
    for i in range(2):
        OpenAI(api_key="k")  #> fix
        workspace_id = "w"
go()
''', "--")
ctx("loop_continue_before_assignment", '''
def go():
    for i in range(1):
        if i == 0:
            continue
        workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("comprehension_variable", '''
def go():
    return [OpenAI(api_key="k") for workspace_id in ["w"]]  #> fix
go()
''', "w")
ctx("comprehension_variable_not_in_own_iterable", '''
def go():
    return [1 for workspace_id in [OpenAI(api_key="k")]]  #> fix
go()
''', "-")
ctx("comprehension_variable_not_after", '''
def go():
    x = [workspace_id for workspace_id in "ab"]
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("comprehension_sees_parameter", '''
def go(workspace_id):
    return [OpenAI(api_key=k) for k in "k"]  #> fix
go("w")
''', "w")
ctx("module_loop_variable", '''
for workspace_id in ["w"]:
    OpenAI(api_key="k")  #> fix
''', "w")

# --- closures ------------------------------------------------------------------------------------------------------
ctx("closure_parameter", '''
def outer(workspace_id):
    def inner():
        return OpenAI(api_key="k")  #> fix
    return inner()
outer("w")
''', "w")
ctx("closure_lambda", '''
def outer(workspace_id):
    return (lambda: OpenAI(api_key="k"))()  #> fix
outer("w")
''', "w")
ctx("closure_local_bound_above", '''
def outer():
    workspace_id = "w"
    def inner():
        return OpenAI(api_key="k")  #> fix
    return inner()
outer()
''', "w")
ctx("closure_local_bound_below", '''
def outer():
    def inner():
        return OpenAI(api_key="k")  #> fix
    inner()
    workspace_id = "w"
    return workspace_id
outer()
''', "-")
ctx("closure_local_bound_in_branch", '''
def outer(x):
    if x:
        workspace_id = "w"
    def inner():
        return OpenAI(api_key="k")  #> fix
    return inner()
outer(False)
''', "-")
ctx("closure_deleted_later", '''
def outer(workspace_id):
    def inner():
        return OpenAI(api_key="k")  #> fix
    del workspace_id
    return inner()
outer("w")
''', "-")
ctx("closure_shadowed_by_inner_local", '''
def outer(workspace_id):
    def inner():
        client = OpenAI(api_key="k")  #> fix
        workspace_id = "late"
        return client
    return inner()
outer("w")
''', "-")
ctx("closure_except_name", '''
def outer():
    try:
        raise ValueError("w")
    except ValueError as workspace_id:
        def inner():
            return OpenAI(api_key="k")  #> fix
    return inner()
outer()
''', "-")
ctx("closure_of_class_scope", '''
class A:
    workspace_id = "class"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', 'get_openai_client(api_key="k", workspace_id="class")', record=False, has={"main.py": "workspace_id=self.workspace_id"})
# class-level values count for self.workspace_id, but the bare name of class scope is never used

# --- module level ----------------------------------------------------------------------------------------------------
ctx("module_name", '''
workspace_id = "w"
client = OpenAI(api_key="k")  #> fix
''', "w")
ctx("module_name_below", '''
client = OpenAI(api_key="k")  #> fix
workspace_id = "w"
''', "-")
ctx("module_name_in_branch", '''
import sys
if len(sys.argv) > 9:
    workspace_id = "w"
client = OpenAI(api_key="k")  #> fix
''', "-")
ctx("module_name_above_def", '''
workspace_id = "w"
def go():
    return OpenAI(api_key="k")  #> fix
go()
''', "w")
ctx("module_name_below_def", '''
def go():
    return OpenAI(api_key="k")  #> fix
go()
workspace_id = "w"
''', "-")
ctx("module_name_imported", '''
from settings import workspace_id
def go():
    return OpenAI(api_key="k")  #> fix
go()
--- settings.py
workspace_id = "w"
''', "w")
ctx("module_name_import_in_try", '''
try:
    from settings import workspace_id
except ImportError:
    pass
def go():
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("module_name_deleted_below", '''
workspace_id = "w"
def go():
    return OpenAI(api_key="k")  #> fix
del workspace_id
go()
''', "-")
ctx("module_name_deleted_by_function", '''
workspace_id = "w"
def forget():
    global workspace_id
    del workspace_id
def go():
    return OpenAI(api_key="k")  #> fix
forget(); go()
''', "-")
ctx("module_name_set_by_global_only", '''
def load():
    global workspace_id
    workspace_id = "w"
def go():
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("module_name_in_main_guard", '''
def go():
    return OpenAI(api_key="k")  #> fix
if __name__ == "__main__":
    go()
    workspace_id = "w"
''', "-")
ctx("module_name_main_guard_same_block", '''
if __name__ == "__main__":
    workspace_id = "w"
    OpenAI(api_key="k")  #> fix
''', "w")
ctx("module_loop_then_function", '''
for workspace_id in []:
    pass
def go():
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("module_name_star_import_is_unknown", '''
from settings import *
def go():
    return OpenAI(api_key="k")  #> fix
go()
--- settings.py
other = 1
''', "-", lint=False)
ctx("module_name_type_checking_only", '''
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from settings import workspace_id
def go():
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("module_name_annotated_only", '''
workspace_id: str
def go():
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("global_statement_unbound", '''
def go():
    global workspace_id
    client = OpenAI(api_key="k")  #> fix
    workspace_id = "w"
go()
''', "-", lint=False)
ctx("global_statement_bound_before", '''
def go():
    global workspace_id
    workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go()
''', None, record=False, lint=False)  # it holds a value, but is a module-level name that is not bound above the def: not judged

# --- class scope --------------------------------------------------------------------------------------------------
ctx("class_scope_name_never", '''
class A:
    workspace_id = "w"
    def go():
        return OpenAI(api_key="k")  #> fix
A.go()
''', "-")  # of a class scope: never added; no self either
ctx("class_body_call", '''
class A:
    workspace_id = "w"
    client = OpenAI(api_key="k")  #> fix
''', "-")  # never of a class scope
ctx("class_body_comprehension", '''
class A:
    workspace_id = "w"
    clients = [OpenAI(api_key=k) for k in "k"]  #> fix
''', "-")
ctx("staticmethod_has_no_self", '''
class A:
    workspace_id = "w"
    @staticmethod
    def go():
        return OpenAI(api_key="k")  #> fix
    @staticmethod
    def go2(self):
        return OpenAI(api_key="k")  #> fix
A.go(); A.go2(3)
''', "--")
ctx("classmethod_cls", '''
class A:
    def __init__(self): self.workspace_id = "w"
    @classmethod
    def go(cls):
        return OpenAI(api_key="k")  #> fix
    @classmethod
    def go2(self):
        return OpenAI(api_key="k")  #> fix
A.go(); A.go2()
''', "--")
ctx("self_outside_class", '''
def go(self):
    return OpenAI(api_key="k")  #> fix
go(3)
''', "-")
ctx("self_rebound", '''
class A:
    def __init__(self): self.workspace_id = "w"
    def go(self):
        self = object()
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("first_parameter_not_called_self", '''
class A:
    def __init__(this): this.workspace_id = "w"
    def go(this):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")  # the source is spelled self.workspace_id

# --- exceptions are paths -------------------------------------------------------------------------------------------
ctx("try_bound_used_in_try", '''
def go():
    try:
        workspace_id = "w"
        OpenAI(api_key="k")  #> fix
    except ValueError:
        pass
go()
''', "w")
ctx("try_bound_used_in_handler", '''
def boom(): raise ValueError
def go():
    try:
        workspace_id = boom()
    except ValueError:
        return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("try_bound_used_after_handlers", '''
def boom(): raise ValueError
def go():
    try:
        workspace_id = boom()
    except ValueError:
        pass
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("try_bound_handler_leaves", '''
def boom(): return "w"
def go():
    try:
        workspace_id = boom()
    except ValueError:
        return None
    return OpenAI(api_key="k")  #> fix
go()
''', None, record=False)  # strictly read "unbound in and after its handlers" - adding or not are both right here
ctx("try_bound_used_in_else", '''
def go():
    try:
        workspace_id = "w"
    except ValueError:
        pass
    else:
        return OpenAI(api_key="k")  #> fix
go()
''', None, record=False)
ctx("try_bound_used_in_finally", '''
def boom(): raise ValueError
def go():
    try:
        workspace_id = boom()
    except ValueError:
        pass
    finally:
        OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("try_bound_first_statement_literal_still_a_path", '''
def go(x):
    try:
        x.missing
        workspace_id = "w"
    except AttributeError:
        pass
    return OpenAI(api_key="k")  #> fix
go(3)
''', "-")
ctx("try_finally_without_handler", '''
def go():
    try:
        workspace_id = "w"
    finally:
        pass
    return OpenAI(api_key="k")  #> fix
go()
''', None, record=False)
ctx("finally_binds", '''
def go():
    try:
        pass
    finally:
        workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go()
''', "w")
ctx("bound_before_try", '''
def go():
    workspace_id = "w"
    try:
        raise ValueError
    except ValueError:
        return OpenAI(api_key="k")  #> fix
go()
''', "w")
ctx("with_bound_used_after", '''
import contextlib
def go():
    with contextlib.suppress(ValueError):
        raise ValueError
        workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("with_bound_used_inside", '''
import contextlib
def go():
    with contextlib.suppress(ValueError):
        workspace_id = "w"
        return OpenAI(api_key="k")  #> fix
go()
''', "w")
ctx("with_as_used_inside", '''
import contextlib
def go():
    with contextlib.nullcontext("w") as workspace_id:
        return OpenAI(api_key="k")  #> fix
go()
''', "w")
ctx("with_second_item_suppressed", '''
import contextlib
class Boom:
    def __enter__(self): raise ValueError
    def __exit__(self, *e): ...
def go():
    with contextlib.suppress(ValueError), Boom() as workspace_id:
        pass
    return OpenAI(api_key="k")  #> fix
go()
''', "-")
ctx("with_item_order", '''
import contextlib
def go():
    with contextlib.nullcontext("w") as workspace_id, OpenAI(api_key="k") as c:  #> fix
        return c
go()
''', "w")
ctx("with_own_target", '''
def go():
    with OpenAI(api_key="k") as workspace_id:  #> fix
        return workspace_id
go()
''', "-")
ctx("except_as_inside", '''
def go():
    try:
        raise ValueError("w")
    except ValueError as workspace_id:
        return OpenAI(api_key=str(workspace_id))  #> fix
go()
''', None, record=False)
ctx("except_as_after", '''
def go():
    workspace_id = "w"
    try:
        raise ValueError
    except ValueError as workspace_id:
        pass
    return OpenAI(api_key="k")  #> fix
go()
''', "-")  # an `except ... as` name is unbound after its clause
ctx("except_as_after_not_raised", '''
def go():
    try:
        workspace_id = "w"
    except ValueError as error:
        raise
    return OpenAI(api_key="k")  #> fix
go()
''', None, record=False)
ctx("nested_try_in_loop", '''
def boom(i):
    if i == 0: raise ValueError
    return "w"
def go():
    for i in range(2):
        try:
            workspace_id = boom(i)
        except ValueError:
            pass
        OpenAI(api_key="k")  #> fix
go()
''', "--")

# --- sources and configuration ----------------------------------------------------------------------------------------
ctx("order_bare_name_before_self", '''
class A:
    def __init__(self): self.workspace_id = "no"
    def go(self, workspace_id):
        return OpenAI(api_key="k")  #> fix
A().go("w")
''', "w")
ctx("locals_never", '''
def go(x):
    if x: workspace_id = "w"
    return OpenAI(api_key="k")  #> fix
go(0)
''', "-", hasnt={"main.py": "locals("})
ctx("configured_sources", '''
def go(request, tenant):
    return OpenAI(api_key="k")  #> fix
go(1, "t")
class A:
    def __init__(self, tenant): self.tenant_id = tenant
    def go(self): return OpenAI(api_key="k")  #> fix
A("t2").go()
--- qmigrate.toml
[context]
argument = "workspace_id"
sources = ["tenant", "self.tenant_id"]
''', 'get_openai_client(api_key="k", workspace_id="t")\nget_openai_client(api_key="k", workspace_id="t2")')
ctx("already_passed", '''
kw = {}
def go(workspace_id):
    return OpenAI(api_key="k", **kw)  #> fix
go("w")
''', "w")
ctx("explicit_argument_of_that_name_is_not_doubled", '''
def go(workspace_id):
    return OpenAI(api_key="k", workspace_id=workspace_id)  #> any
if len("x") > 3: go("w")
''', "", post="any", pre="any", fixrc=None)
ctx("unbound_then_bound_two_calls", '''
def go():
    a = OpenAI(api_key="k")  #> fix
    workspace_id = "w"
    b = OpenAI(api_key="k")  #> fix
    return a, b, workspace_id
go()
''', "-w")
ctx("generator_function", '''
def go(workspace_id):
    yield OpenAI(api_key="k")  #> fix
list(go("w"))
''', "w")
ctx("exec_time_of_default_in_method", '''
class A:
    def __init__(self, workspace_id): self.workspace_id = workspace_id
    def go(self, c=OpenAI(api_key="k")):  #> fix
        return c
A("w").go()
''', "-")
ctx("nested_function_in_method_sees_self", '''
class A:
    def __init__(self): self.workspace_id = "w"
    def go(self):
        def inner():
            return OpenAI(api_key="k")  #> fix
        return inner()
A().go()
''', "w")
ctx("nested_function_in_method_shadows_self", '''
class A:
    def __init__(self): self.workspace_id = "w"
    def go(self):
        def inner(self):
            return OpenAI(api_key="k")  #> fix
        return inner(3)
A().go()
''', "-")

# --- self.workspace_id -------------------------------------------------------------------------------------------------
ctx("self_set_in_init", '''
class A:
    def __init__(self, workspace_id):
        self.workspace_id = workspace_id
    def go(self):
        return OpenAI(api_key="k")  #> fix
A("w").go()
+++ main.py
from utils.openai_client_factory import get_openai_client

class A:
    def __init__(self, workspace_id):
        self.workspace_id = workspace_id
    def go(self):
        return get_openai_client(api_key="k", workspace_id=self.workspace_id)
A("w").go()
''', "w")
ctx("self_in_init_after_setting", '''
class A:
    def __init__(self, wid):
        self.workspace_id = wid
        self.client = OpenAI(api_key="k")  #> fix
A("w")
''', "w")
ctx("self_in_init_before_setting", '''
class A:
    def __init__(self, wid):
        self.client = OpenAI(api_key="k")  #> fix
        self.workspace_id = wid
A("w")
''', "-")
ctx("self_set_after_setup_called", '''
class A:
    def __init__(self, wid):
        self.setup()
        self.workspace_id = wid
    def setup(self):
        self.client = OpenAI(api_key="k")  #> fix
A("w")
''', "-")
ctx("self_set_before_setup_called", '''
class A:
    def __init__(self, wid):
        self.workspace_id = wid
        self.setup()
    def setup(self):
        self.client = OpenAI(api_key="k")  #> fix
A("w")
''', "w")
ctx("self_passed_on_before_setting", '''
def prepare(a): a.setup()
class A:
    def __init__(self, wid):
        prepare(self)
        self.workspace_id = wid
    def setup(self):
        self.client = OpenAI(api_key="k")  #> fix
A("w")
''', "-")
ctx("self_stored_elsewhere_before_setting", '''
seen = []
class A:
    def __init__(self, wid):
        seen.append(self)
        seen[0].setup()
        self.workspace_id = wid
    def setup(self):
        self.client = OpenAI(api_key="k")  #> fix
A("w")
''', "-")
ctx("self_aliased_before_setting", '''
class A:
    def __init__(self, wid):
        me = self
        me.setup()
        self.workspace_id = wid
    def setup(self):
        self.client = OpenAI(api_key="k")  #> fix
A("w")
''', "-")
ctx("super_init_calls_method_before_setting", '''
class Base:
    def __init__(self): self.setup()
class A(Base):
    def __init__(self, wid):
        super().__init__()
        self.workspace_id = wid
    def setup(self):
        self.client = OpenAI(api_key="k")  #> fix
A("w")
''', "-")
ctx("base_init_called_by_name_before_setting", '''
class Base:
    def __init__(self): self.setup()
class A(Base):
    def __init__(self, wid):
        Base.__init__(self)
        self.workspace_id = wid
    def setup(self):
        self.client = OpenAI(api_key="k")  #> fix
A("w")
''', "-")
ctx("self_set_in_one_branch_of_init", '''
class A:
    def __init__(self, wid):
        if wid:
            self.workspace_id = wid
    def go(self):
        return OpenAI(api_key="k")  #> fix
A(None).go()
''', "-")
ctx("self_set_in_both_branches_of_init", '''
class A:
    def __init__(self, wid):
        if wid:
            self.workspace_id = wid
        else:
            self.workspace_id = "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A(None).go(); A("w").go()
''', "ww")
ctx("self_init_returns_early", '''
class A:
    def __init__(self, wid):
        if not wid:
            return
        self.workspace_id = wid
    def go(self):
        return OpenAI(api_key="k")  #> fix
A(None).go()
''', "-")
ctx("self_init_raises_early", '''
class A:
    def __init__(self, wid):
        if not wid:
            raise ValueError
        self.workspace_id = wid
    def go(self):
        return OpenAI(api_key="k")  #> fix
A("w").go()
''', "w")
ctx("self_set_in_try_of_init", '''
def boom(): raise ValueError
class A:
    def __init__(self):
        try:
            self.workspace_id = boom()
        except ValueError:
            pass
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("self_set_in_loop_of_init", '''
class A:
    def __init__(self, ids):
        for i in ids:
            self.workspace_id = i
    def go(self):
        return OpenAI(api_key="k")  #> fix
A([]).go()
''', "-")
ctx("self_set_in_other_method_only", '''
class A:
    def load(self): self.workspace_id = "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("self_only_annotated", '''
class A:
    workspace_id: str
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("self_only_annotated_in_init", '''
class A:
    def __init__(self):
        self.workspace_id: str
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("self_annotated_assignment_in_init", '''
class A:
    def __init__(self, w):
        self.workspace_id: str = w
    def go(self):
        return OpenAI(api_key="k")  #> fix
A("w").go()
''', "w")
ctx("self_tuple_assignment_in_init", '''
class A:
    def __init__(self, w):
        self.other, self.workspace_id = 1, w
    def go(self):
        return OpenAI(api_key="k")  #> fix
A("w").go()
''', "w")
ctx("self_augmented_is_no_first_setting", '''
class A:
    def go(self):
        return OpenAI(api_key="k")  #> fix
    def add(self): self.workspace_id += "x"
A().go()
''', "-")
ctx("self_deleted", '''
class A:
    def __init__(self): self.workspace_id = "w"
    def forget(self): del self.workspace_id
    def go(self):
        return OpenAI(api_key="k")  #> fix
a = A(); a.forget(); a.go()
''', "-")
ctx("self_deleted_by_delattr", '''
class A:
    def __init__(self): self.workspace_id = "w"
    def forget(self): delattr(self, "workspace_id")
    def go(self):
        return OpenAI(api_key="k")  #> fix
a = A(); a.forget(); a.go()
''', "-")
ctx("self_deleted_in_subclass", '''
class A:
    def __init__(self): self.workspace_id = "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
class B(A):
    def forget(self): del self.workspace_id
b = B(); b.forget(); b.go()
''', "-")
ctx("self_deleted_from_outside_by_attribute", '''
class A:
    def __init__(self): self.workspace_id = "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
a = A()
del a.workspace_id
a.go()
''', "-")
ctx("subclass_replaces_init_without_super", '''
class A:
    def __init__(self, w): self.workspace_id = w
    def go(self):
        return OpenAI(api_key="k")  #> fix
class B(A):
    def __init__(self): self.x = 1
B().go()
''', "-")
ctx("subclass_replaces_init_with_super", '''
class A:
    def __init__(self, w): self.workspace_id = w
    def go(self):
        return OpenAI(api_key="k")  #> fix
class B(A):
    def __init__(self):
        super().__init__("w")
        self.x = 1
B().go()
''', "w")
ctx("subclass_calls_method_before_super", '''
class A:
    def __init__(self, w): self.workspace_id = w
    def go(self):
        return OpenAI(api_key="k")  #> fix
class B(A):
    def __init__(self):
        self.go()
        super().__init__("w")
B()
''', None, record=False, post="any")  # the letter allows it, the spirit doesn't; not judged
ctx("subclass_super_in_branch", '''
class A:
    def __init__(self, w): self.workspace_id = w
    def go(self):
        return OpenAI(api_key="k")  #> fix
class B(A):
    def __init__(self, x):
        if x:
            super().__init__("w")
B(False).go()
''', "-")
ctx("subclass_in_other_file_replaces_init", '''
from base import A
class B(A):
    def __init__(self): self.x = 1
B().go()
--- base.py
from openai import OpenAI
class A:
    def __init__(self, w): self.workspace_id = w
    def go(self):
        return OpenAI(api_key="k")  #> fix
''', "-", head="--- main.py\n")
ctx("subclass_of_subclass_in_other_file", '''
import mid
class C(mid.B):
    def __init__(self): self.x = 1
C().go()
--- mid.py
from base import A as Renamed
class B(Renamed): pass
--- base.py
from openai import OpenAI
class A:
    def __init__(self, w): self.workspace_id = w
    def go(self):
        return OpenAI(api_key="k")  #> fix
''', "-", head="--- main.py\n")
ctx("inherited_init_sets_it", '''
class Base:
    def __init__(self, w): self.workspace_id = w
class A(Base):
    def go(self):
        return OpenAI(api_key="k")  #> fix
A("w").go()
''', None, record=False)  # whether an inherited __init__ counts is left open; must run
ctx("mixin_without_init", '''
class Mixin:
    def go(self):
        return OpenAI(api_key="k")  #> fix
class A(Mixin): pass
A().go()
''', "-")
ctx("class_level_value", '''
class A:
    workspace_id = "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "w")
ctx("class_level_value_in_branch", '''
import sys
class A:
    if len(sys.argv) > 9:
        workspace_id = "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("class_level_value_deleted_in_class_body", '''
class A:
    workspace_id = "w"
    del workspace_id
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("class_level_loop_variable", '''
class A:
    for workspace_id in []:
        pass
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("property", '''
class A:
    @property
    def workspace_id(self): return "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "w")
ctx("cached_property", '''
from functools import cached_property
class A:
    @cached_property
    def workspace_id(self): return "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "w")
ctx("property_would_call_itself_for_ever", '''
class A:
    @property
    def client(self): return OpenAI(api_key="k")  #> fix
    @property
    def workspace_id(self): return self.client.api_key
print(A().client)
''', None, record=False, post="any")
ctx("call_inside_the_property_itself", '''
class A:
    @property
    def workspace_id(self):
        return OpenAI(api_key="k").api_key  #> fix
print(A().workspace_id)
''', "-", out="k")
ctx("plain_method_of_that_name_is_no_value", '''
class A:
    def workspace_id(self): return "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("dataclass_field", '''
from dataclasses import dataclass
@dataclass
class A:
    workspace_id: str
    def go(self):
        return OpenAI(api_key="k")  #> fix
A("w").go()
''', "w")
ctx("dataclass_field_frozen_call", '''
import dataclasses
@dataclasses.dataclass(frozen=True)
class A:
    workspace_id: str = "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "w")
ctx("dataclass_post_init", '''
from dataclasses import dataclass
@dataclass
class A:
    workspace_id: str
    def __post_init__(self):
        self.client = OpenAI(api_key="k")  #> fix
A("w")
''', "w")
ctx("dataclass_classvar_annotation_only", '''
from dataclasses import dataclass
from typing import ClassVar
@dataclass
class A:
    workspace_id: ClassVar[str]
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("dataclass_initvar", '''
from dataclasses import dataclass, InitVar
@dataclass
class A:
    workspace_id: InitVar[str]
    def go(self):
        return OpenAI(api_key="k")  #> fix
A("w").go()
''', "-")
ctx("dataclass_field_init_false", '''
from dataclasses import dataclass, field
@dataclass
class A:
    workspace_id: str = field(init=False)
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("own_decorator_called_dataclass", '''
def dataclass(cls): return cls
@dataclass
class A:
    workspace_id: str
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("dataclass_with_own_init", '''
from dataclasses import dataclass
@dataclass
class A:
    workspace_id: str
    def __init__(self): pass
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("attrs_define", '''
from attrs import define
@define
class A:
    workspace_id: str
    def go(self):
        return OpenAI(api_key="k")  #> fix
A("w").go()
''', "w")
ctx("attr_s", '''
import attr
@attr.s(auto_attribs=True)
class A:
    workspace_id: str = "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "w")
ctx("pydantic_field", '''
from pydantic import BaseModel
class A(BaseModel):
    workspace_id: str
    def go(self):
        return OpenAI(api_key="k")  #> fix
A(workspace_id="w").go()
''', "w")
ctx("pydantic_field_with_default", '''
import pydantic
class A(pydantic.BaseModel):
    workspace_id: str = pydantic.Field(default="w")
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "w")
ctx("namedtuple_or_protocol_annotation", '''
from typing import Protocol
class A(Protocol):
    workspace_id: str
    def go(self):
        return OpenAI(api_key="k")  #> fix
class B(A): pass
B().go()
''', "-")
ctx("slots_only", '''
class A:
    __slots__ = ("workspace_id",)
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("new_without_init", '''
class A:
    def __init__(self): self.workspace_id = "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "w")
ctx("set_on_other_object_in_init", '''
class A:
    def __init__(self, other):
        other.workspace_id = "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
class X: pass
A(X()).go()
''', "-")
ctx("set_in_nested_function_of_init", '''
class A:
    def __init__(self):
        def later(): self.workspace_id = "w"
        self.later = later
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("init_conditional_definition", '''
import sys
class A:
    if len(sys.argv) > 9:
        def __init__(self): self.workspace_id = "w"
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()
''', "-")
ctx("own_method_sets_before_call_but_not_init", '''
class A:
    def go(self):
        self.workspace_id = "w"
        return OpenAI(api_key="k")  #> fix
A().go()
''', None, record=False)  # assigned on the path in the method itself: adding is fine, not adding too
ctx("lambda_attribute_in_init_before_setting", '''
class A:
    def __init__(self, w):
        self.make = lambda: OpenAI(api_key="k")  #> fix
        self.workspace_id = w
A("w").make()
''', None, record=False)
ctx("init_passes_bound_method_before_setting", '''
def run(f): f()
class A:
    def __init__(self, w):
        run(self.setup)
        self.workspace_id = w
    def setup(self): self.client = OpenAI(api_key="k")  #> fix
A("w")
''', "-")
ctx("init_property_setter_runs_method_before_setting", '''
class A:
    def __init__(self, w):
        self.mode = 1
        self.workspace_id = w
    @property
    def mode(self): return 1
    @mode.setter
    def mode(self, value): self.client = OpenAI(api_key="k")  #> fix
A("w")
''', "-")
