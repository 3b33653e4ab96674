"""Finding, third and fourth bullet: scopes as Python has them; everywhere an expression can stand."""
from run import case

FAKE = '''
--- fake.py
class OpenAI:
    def __init__(self, *args, **kwargs): self.api_key = "fake"
class module:
    OpenAI = OpenAI
'''


def shadowed(name, body, **kw):
    kw.setdefault("lint", False)
    case("scope." + name, FAKE + "--- main.py\nimport fake, openai\nfrom openai import OpenAI\n" + body + "\nprint('ran')\n", out=kw.pop("out", "ran"), **kw)


shadowed("parameter", '''
def go(OpenAI):
    return OpenAI()
go(fake.OpenAI)''')
shadowed("parameter_module", '''
def go(openai):
    return openai.OpenAI()
go(fake.module)''')
shadowed("kwonly_and_star_parameters", '''
def go(*OpenAI, **openai):
    return OpenAI[0](), openai["x"]
def kw(*, OpenAI): return OpenAI()
go(fake.OpenAI, x=1); kw(OpenAI=fake.OpenAI)''')
shadowed("lambda_parameter", '''
go = lambda OpenAI: OpenAI()
go(fake.OpenAI)''')
shadowed("local_assignment", '''
def go():
    OpenAI = fake.OpenAI
    return OpenAI()
go()''')
shadowed("local_assigned_later_is_still_local", '''
def go():
    try:
        return OpenAI()
    except UnboundLocalError:
        pass
    OpenAI = fake.OpenAI
go()''')
shadowed("for_target", '''
for OpenAI in [fake.OpenAI]:
    OpenAI()''')
shadowed("with_target", '''
import contextlib
def go():
    with contextlib.nullcontext(fake.OpenAI) as OpenAI:
        return OpenAI()
go()''')
shadowed("except_target", '''
def go():
    try:
        raise ValueError
    except ValueError as openai:
        openai.OpenAI = fake.OpenAI
        return openai.OpenAI()
go()''')
shadowed("walrus_target", '''
def go():
    if (OpenAI := fake.OpenAI):
        return OpenAI()
go()''')
shadowed("match_capture", '''
def go(x):
    match x:
        case {"cls": OpenAI}:
            return OpenAI()
        case [*openai]:
            return openai
go({"cls": fake.OpenAI})''')
shadowed("class_definition", '''
def go():
    class OpenAI:
        pass
    return OpenAI()
go()''')
shadowed("function_definition", '''
def go():
    def OpenAI(): return 1
    return OpenAI()
go()''')
shadowed("nested_import", '''
def go():
    from fake import OpenAI
    import fake as openai
    return OpenAI(), openai.OpenAI()
go()''')
shadowed("comprehension_target", '''
a = [OpenAI() for OpenAI in [fake.OpenAI]]
b = {OpenAI(): 1 for OpenAI in [fake.OpenAI]}
c = list(openai.OpenAI() for openai in [fake.module])''')
shadowed("closure_of_shadowing_local", '''
def go():
    OpenAI = fake.OpenAI
    def inner():
        return OpenAI()
    return inner()
go()''')
shadowed("nonlocal_rebinding", '''
def go():
    OpenAI = None
    def load():
        nonlocal OpenAI
        OpenAI = fake.OpenAI
    load()
    return OpenAI()
go()''')
shadowed("deleted_local", '''
def go():
    OpenAI = 1
    del OpenAI
    try:
        OpenAI()
    except UnboundLocalError:
        pass
go()''')
shadowed("module_rebinding", '''
OpenAI = fake.OpenAI
OpenAI()''')
shadowed("type_parameterless_alias_function", '''
def OpenAI(): return 1
OpenAI()''')
shadowed("class_scope_own_name", '''
class A:
    OpenAI = fake.OpenAI
    x = OpenAI()''')
shadowed("instance_called_openai", '''
class Holder:
    OpenAI = fake.OpenAI
def go():
    openai = Holder()
    return openai.OpenAI()
go()''')
shadowed("self_attribute_called_openai", '''
class A:
    def __init__(self): self.openai = fake.module
    def go(self): return self.openai.OpenAI()
A().go()''')
shadowed("augmented_assignment_makes_local", '''
def go():
    OpenAI = [fake.OpenAI]
    OpenAI += []
    return OpenAI[0]()
go()''')
shadowed("global_rebinding_to_other", '''
def load():
    global OpenAI
    OpenAI = fake.OpenAI
load()
def use():
    return OpenAI()  #> held
use()''')  # one name, two classes: found and held back

shadowed("class_scope_not_seen_from_method", '''
class A:
    OpenAI = fake.OpenAI
    def go(self):
        return OpenAI(api_key="k")  #> fix
A().go()''', calls='get_openai_client(api_key="k")')
shadowed("class_scope_not_seen_from_comprehension", '''
class A:
    OpenAI = fake.OpenAI
    made = [OpenAI(api_key=k) for k in ("a", "b")]  #> fix
''', calls='get_openai_client(api_key="a")\nget_openai_client(api_key="b")')
shadowed("class_scope_seen_by_first_iterable", '''
class A:
    OpenAI = fake.OpenAI
    made = [x for x in (OpenAI(),)]''')
shadowed("class_scope_seen_by_default", '''
class A:
    OpenAI = fake.OpenAI
    def go(self, x=OpenAI()): return x''')
shadowed("class_scope_seen_by_lambda_default_not_body", '''
class A:
    OpenAI = fake.OpenAI
    go = lambda self, x=OpenAI(): OpenAI(api_key="k")  #> fix@35
A().go()''', calls='get_openai_client(api_key="k")')
shadowed("class_scope_falls_to_global_before_binding", '''
class A:
    first = OpenAI(api_key="k")  #> fix
    OpenAI = fake.OpenAI
    second = OpenAI()''', calls='get_openai_client(api_key="k")')
shadowed("default_evaluated_outside", '''
def go(OpenAI=fake.OpenAI, client=OpenAI(api_key="k")):  #> fix@35
    return OpenAI()
go()''', calls='get_openai_client(api_key="k")')
shadowed("decorator_evaluated_outside", '''
def deco(client):
    return lambda f: f
class A:
    @deco(OpenAI(api_key="1"))  #> fix@11
    def go(self, OpenAI=None):
        OpenAI = fake.OpenAI
        return OpenAI()
@deco(OpenAI(api_key="2"))  #> fix
class B:
    OpenAI = fake.OpenAI
A().go()''', calls='get_openai_client(api_key="1")\nget_openai_client(api_key="2")')
shadowed("comprehension_first_iterable_outside", '''
made = [OpenAI for OpenAI in [OpenAI(api_key="k")]]  #> fix@31
''', calls='get_openai_client(api_key="k")')
shadowed("comprehension_second_iterable_inside", '''
made = [b for OpenAI in [fake.OpenAI] for b in [OpenAI()]]
''')
shadowed("comprehension_target_does_not_leak", '''
made = [1 for OpenAI in [2]]
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')
shadowed("walrus_in_comprehension_leaks", '''
def go():
    made = [(OpenAI := fake.OpenAI) for x in [1]]
    return OpenAI()
go()''')
shadowed("global_skips_enclosing", '''
def outer():
    OpenAI = fake.OpenAI
    def inner():
        global OpenAI
        return OpenAI(api_key="k")  #> fix
    OpenAI()
    return inner()
outer()''', calls='get_openai_client(api_key="k")')
shadowed("nonlocal_import", '''
def outer():
    OpenAI = None
    def load():
        nonlocal OpenAI
        from openai import OpenAI
    load()
    return OpenAI(api_key="k")  #> any
outer()''', pre="bypass", post="any", found=False, fixrc=None)
shadowed("sibling_function_local_does_not_leak", '''
def a():
    OpenAI = fake.OpenAI
    return OpenAI()
def b():
    return OpenAI(api_key="k")  #> fix
a(); b()''', calls='get_openai_client(api_key="k")')
shadowed("base_class_evaluated_outside_class_scope", '''
class A(fake.OpenAI if False else object, metaclass=type(OpenAI(api_key="k")) if False else type):  #> fix
    OpenAI = fake.OpenAI
''', pre="ok", has={"main.py": 'type(get_openai_client(api_key="k"))'}, calls="")
shadowed("annotation_call_is_a_place", '''
def go(x: OpenAI(api_key="k") = None):  #> fix
    return x
''', calls='get_openai_client(api_key="k")')
shadowed("except_as_unbinds_then_module_name_stays_other", '''
class openai2: OpenAI = fake.OpenAI
try:
    raise ValueError
except ValueError as e:
    e = openai2
    e.OpenAI()
''')
shadowed("rebound_after_call", '''
client = OpenAI(api_key="k")  #> fix
OpenAI = fake.OpenAI
OpenAI()''', calls='get_openai_client(api_key="k")')
shadowed("conditional_function_shadow", '''
if len("x") > 5:
    def OpenAI(**kw): return fake.OpenAI()
def use(): return OpenAI(api_key="k")  #> held
''', pre="any")
shadowed("type_parameter_shadow", '''
class Box:
    def go(self, openai: object) -> str:
        return openai.OpenAI()
Box().go(fake.module)''')


# --- everywhere an expression can stand ----------------------------------------------------------------------------
def expr(name, body, calls='get_openai_client(api_key="k")', head="from openai import OpenAI\n", **kw):
    case("expr." + name, "--- main.py\n" + head + body, calls=calls, **kw)


expr("fstring", '''print(f"{OpenAI(api_key='k')}")  #> fix@10\n''', out="<OpenAI>")
expr("fstring_double_in_single", """print(f'{OpenAI(api_key="k").api_key!r:>5}')  #> fix\n""", out="'k'".rjust(5))
expr("fstring_nested_format_spec", '''print(f"{1:{len(OpenAI(api_key='k').api_key)}}")  #> fix\n''', out="1")
expr("fstring_nested", '''print(f"{f'{OpenAI(api_key=str(1))}'}")  #> fix@13\n''', out="<OpenAI>", calls='get_openai_client(api_key="1")')
expr("fstring_triple", '''print(f"""a
{OpenAI(api_key="k")}  #> fix@2
{{OpenAI()}}""")
''', out="a\n<OpenAI>\n{OpenAI()}")
expr("fstring_braces_are_text", '''print(f"{{OpenAI()}}")\n''', calls="", out="{OpenAI()}")
expr("fstring_implicit_concatenation", '''print("OpenAI() " f"{OpenAI(api_key='k')}" " openai.OpenAI()")  #> fix@22\n''', out="OpenAI() <OpenAI> openai.OpenAI()")
expr("fstring_raw", r'''print(rf"\d{OpenAI(api_key='k')}")  #> fix''' + "\n", out=r"\d<OpenAI>")
expr("fstring_module", '''print(f"{openai.OpenAI(api_key='k').api_key}")  #> fix\n''', head="import openai\n", out="k")
# `f"{x=}"` prints the source of x: rewriting would change what is printed, so it is held back (or not safe).
expr("fstring_debug", '''print(f"{OpenAI(api_key='k')=}")  #> any\n''', calls=None, fixrc=None, out="OpenAI(api_key='k')=<OpenAI>")
expr("fstring_debug_bare", '''def go(): return f"{OpenAI()=}"  #> any\nprint(go())\n''', calls=None, fixrc=None, out="OpenAI()=<OpenAI>")
expr("lambda_body", '''make = lambda: OpenAI(api_key="k")  #> fix\nmake()\n''')
expr("lambda_default", '''make = lambda c=OpenAI(api_key="k"): c  #> fix\n''')
expr("function_default", '''def go(c=OpenAI(api_key="k")):  #> fix\n    return c\n''')
expr("kwonly_default", '''def go(*, c=OpenAI(api_key="k")):  #> fix\n    return c\n''')
expr("list_comprehension", '''a = [OpenAI(api_key=k) for k in "ab"]  #> fix\n''', calls='get_openai_client(api_key="a")\nget_openai_client(api_key="b")')
expr("dict_comprehension", '''a = {k: OpenAI(api_key=k) for k in "ab"}  #> fix\n''', calls='get_openai_client(api_key="a")\nget_openai_client(api_key="b")')
expr("generator", '''a = list(OpenAI(api_key=k) for k in "a")  #> fix\n''', calls='get_openai_client(api_key="a")')
expr("comprehension_condition", '''a = [k for k in "a" if OpenAI(api_key=k)]  #> fix\n''', calls='get_openai_client(api_key="a")')
expr("with_item", '''with OpenAI(api_key="k") as c:  #> fix\n    print(c.api_key)\n''', out="k")
expr("with_parenthesised", '''with (
    open("main.py") as f,
    OpenAI(api_key="k") as c,  #> fix@5
):
    print(c.api_key)
''', out="k")
expr("async_with", '''import asyncio
async def go():
    async with AsyncOpenAI(api_key="k") as c:  #> fix
        print(await c.chat.completions.create(model="m"))
asyncio.run(go())
''', head="from openai import AsyncOpenAI\n", calls='get_async_openai_client(api_key="k")', out="reply")
expr("await_chain", '''import asyncio
async def go():
    print(await AsyncOpenAI(api_key="k").chat.completions.create(model="m"))  #> fix@17
asyncio.run(go())
''', head="from openai import AsyncOpenAI\n", calls='get_async_openai_client(api_key="k")', out="reply")
expr("match_subject", '''match OpenAI(api_key="k"):  #> fix
    case None:
        print("none")
    case c:
        print(c.api_key)
''', out="k")
expr("match_guard_and_body", '''match 1:
    case x if OpenAI(api_key="g"):  #> fix
        OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="g")\nget_openai_client(api_key="k")')
expr("match_class_pattern_keeps_import", '''client = OpenAI(api_key="k")  #> fix
match client:
    case OpenAI():
        print("is")
''', out="is", has={"main.py": "    case OpenAI():"})
expr("match_class_pattern_only", '''match 3:
    case OpenAI():
        print("is")
    case _:
        print("no")
''', calls="", out="no")
expr("walrus", '''if (c := OpenAI(api_key="k")):  #> fix@10\n    print(c.api_key)\n''', out="k")
expr("chained_call", '''print(OpenAI(api_key="k").chat.completions.create(model="m"))  #> fix@7\n''', out="reply")
expr("chained_multiline", '''print(
    OpenAI(  #> fix@5
        # who we are
        api_key="k",
    )
    .with_options(timeout=3)
    .chat.completions.create(model="m")
)
''', out="reply", has={"main.py": "        # who we are\n        api_key=\"k\",\n"})
expr("argument_of_other_call", '''print(len([OpenAI(api_key="k")]))  #> fix\n''', out="1")
expr("keyword_argument", '''print(dict(c=OpenAI(api_key="k"))["c"])  #> fix\n''', out="<OpenAI>")
expr("starred_argument", '''print(*[OpenAI(api_key="k")])  #> fix\n''', out="<OpenAI>")
expr("argument_of_itself", '''c = OpenAI(api_key=OpenAI(api_key="k").api_key)  #> fix@5; fix@20\n''', calls='get_openai_client(api_key="k")\nget_openai_client(api_key="k")')
expr("ternary", '''c = OpenAI(api_key="k") if True else None  #> fix\n''')
expr("or_stays_lazy", '''given = "given"
c = given or OpenAI(api_key="no")  #> fix@14
given = None
c = given or OpenAI(api_key="k")  #> fix
''')
expr("subscript_and_slice", '''print([1, 2][len([OpenAI(api_key="k")]):])  #> fix\n''', out="[2]")
expr("return_yield", '''def gen():
    yield OpenAI(api_key="k")  #> fix
list(gen())
''')
expr("raise_assert", '''assert OpenAI(api_key="k"), "text"  #> fix\n''')
expr("del_target", '''d = {"k": 1}
del d[OpenAI(api_key="k").api_key]  #> fix
''')
expr("augmented", '''a = []
a += [OpenAI(api_key="k")]  #> fix
''')
expr("annotated", '''a: object = OpenAI(api_key="k")  #> fix\n''')
expr("dict_and_set_literals", '''a = {"a": OpenAI(api_key="1"), **{"b": OpenAI(api_key="2")}}  #> fix; fix\nb = {OpenAI(api_key="3")}  #> fix\n''',
     calls='get_openai_client(api_key="1")\nget_openai_client(api_key="2")\nget_openai_client(api_key="3")')
expr("while_for_headers", '''for c in (OpenAI(api_key="k"),):  #> fix
    pass
else:
    OpenAI(api_key="e")  #> fix
''', calls='get_openai_client(api_key="k")\nget_openai_client(api_key="e")')
expr("bare_statement", '''OpenAI(api_key="k")  #> fix@1\n''')
expr("parenthesised_callee", '''c = (OpenAI)(api_key="k")  #> fix\n''')
expr("parenthesised_callee_multiline", '''c = (openai  #> fix
    .OpenAI)(api_key="k")
''', head="import openai\n")
expr("space_before_arguments", '''c = OpenAI (api_key="k")  #> fix\n''', has={"main.py": 'get_openai_client (api_key="k")'})
expr("attribute_with_spaces", '''c = openai . OpenAI(api_key="k")  #> fix\n''', head="import openai\n")
expr("backslash_in_callee", '''c = openai. \\  #> fix
    OpenAI(api_key="k")
''', head="import openai\n")
expr("no_arguments_and_layout", '''c = OpenAI(  #> fix
)  # trailing
''', calls="get_openai_client()", has={"main.py": "get_openai_client(\n)  # trailing\n"})
expr("double_star_arguments", '''kw = {"api_key": "k"}
c = OpenAI(**kw)  #> fix
''', has={"main.py": "get_openai_client(**kw)"})
expr("decorator_expression", '''def deco(c): return lambda f: f
@deco(OpenAI(api_key="k"))  #> fix@7
def go(): pass
''')
expr("class_keyword", '''class Meta(type):
    def __new__(m, n, b, d, client): return super().__new__(m, n, b, d)
class A(metaclass=Meta, client=OpenAI(api_key="k")): pass  #> fix
''')
expr("try_finally_bodies", '''try:
    raise ValueError
except* ValueError:
    OpenAI(api_key="1")  #> fix
else:
    OpenAI(api_key="no")  #> fix
finally:
    OpenAI(api_key="2")  #> fix
''', calls='get_openai_client(api_key="1")\nget_openai_client(api_key="2")')
expr("global_statement_function", '''def load():
    global client
    client = OpenAI(api_key="k")  #> fix
load()
''')
expr("unicode_before_column", '''s = "äöü漢😀"; c = OpenAI(api_key="k")  #> fix@18\n''')
expr("tabs_before_column", '''if True:\n\tc = OpenAI(api_key="k")  #> fix@6\n''')
expr("form_feed", '''\x0c\nc = OpenAI(api_key="k")  #> fix\n''', has={"main.py": "\x0c"})
expr("two_on_one_line", '''a, b = OpenAI(api_key="1"), OpenAI(api_key="2")  #> fix@8; fix@29\n''', calls='get_openai_client(api_key="1")\nget_openai_client(api_key="2")')
expr("in_main_guard", '''if __name__ == "__main__":
    c = OpenAI(api_key="k")  #> fix
''')
expr("dunder_call", '''c = OpenAI.__call__(api_key="k") if False else OpenAI(api_key="k")  #> fix\n''', found=False, pre="bypass", post="ok", after=None)
