"""contract.md, Suppression."""
from run import case, special


def sup(name, body, **kw):
    case("suppress." + name, "--- main.py\n" + body, **kw)


sup("same_line", '''
from openai import OpenAI
def go(): return OpenAI()  # qmigrate: ignore[direct-client] needs raw access  #> sup
''', check=lambda p, b, a: reason(p, "needs raw access"))
sup("line_above_statement", '''
from openai import OpenAI
def go():
    # qmigrate: ignore[direct-client] measured elsewhere
    return OpenAI()  #> sup
''', check=lambda p, b, a: reason(p, "measured elsewhere"))
sup("last_line_of_construction", '''
from openai import OpenAI
def go():
    return OpenAI(  #> sup
        api_key="k",
    )  # qmigrate: ignore[direct-client] measured elsewhere
''')
sup("first_line_of_multiline_construction", '''
from openai import OpenAI
def go():
    return OpenAI(  # qmigrate: ignore[direct-client] measured elsewhere  #> sup
        api_key="k",
    )
''')
sup("line_above_multiline_statement_construction_deep", '''
from openai import OpenAI
def go():
    # qmigrate: ignore[direct-client] measured elsewhere
    return dict(
        a=1,
        client=OpenAI(),  #> sup
    )
''')
sup("middle_line_does_not_suppress", '''
from openai import OpenAI
client = OpenAI(  #> fix
    api_key="k",  # qmigrate: ignore[direct-client] not here  #> unused-suppression
    timeout=3,
)
''', calls='get_openai_client(api_key="k", timeout=3)')
sup("line_above_not_alone_does_not_suppress_the_next", '''
from openai import OpenAI
x = 1  # qmigrate: ignore[direct-client] about x  #> unused-suppression
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")')
sup("no_reason", '''
from openai import OpenAI
def go(): return OpenAI()  # qmigrate: ignore[direct-client]  #> any; unused-suppression
''', found=False, post="none", fixrc=None, check=lambda p, b, a: unused(p))
sup("suppresses_nothing", '''
x = 1  # qmigrate: ignore[direct-client] no client here  #> unused-suppression
''', check=lambda p, b, a: p.scan(rc=0))
sup("of_other_rule_does_not_suppress", '''
from openai import OpenAI
client = OpenAI(api_key="k")  # qmigrate: ignore[client-subclass] wrong rule  #> fix; unused-suppression
''', calls='get_openai_client(api_key="k")')
sup("of_other_rules_finding", '''
from openai import OpenAI
class Mine(OpenAI):  # qmigrate: ignore[client-subclass] an adapter
    pass
''', found=False, check=lambda p, b, a: only_suppressed(p))
sup("file_wide", '''
# qmigrate: ignore-file[direct-client] a benchmark of the SDK itself
from openai import OpenAI
def go(): return OpenAI(), OpenAI()  #> sup; sup
''')
sup("file_wide_after_shebang_and_comments", '''
#!/usr/bin/env python3
# -*- coding: utf-8 -*-
# A licence.
# qmigrate: ignore-file[direct-client] a benchmark
"""Doc."""
from openai import OpenAI
def go(): return OpenAI()  #> sup
''')
sup("file_wide_too_late", '''
from openai import OpenAI
client = OpenAI(api_key="k")  #> fix
# qmigrate: ignore-file[direct-client] too late
x = 1
''', found=False, calls='get_openai_client(api_key="k")')
sup("file_wide_other_rule", '''
# qmigrate: ignore-file[client-subclass] only these
from openai import OpenAI
class Mine(OpenAI): ...
client = OpenAI(api_key="k")  #> fix
''', found=False, calls='get_openai_client(api_key="k")')
sup("text_in_string_is_no_suppression", '''
from openai import OpenAI
client = OpenAI(api_key="# qmigrate: ignore[direct-client] in a string")  #> fix
''', calls='get_openai_client(api_key="# qmigrate: ignore[direct-client] in a string")')
sup("two_on_a_line_both", '''
from openai import OpenAI
def go(): return OpenAI(), OpenAI()  # qmigrate: ignore[direct-client] both  #> sup; sup
''')
sup("one_of_two_functions", '''
from openai import OpenAI
def raw(): return OpenAI()  # qmigrate: ignore[direct-client] raw  #> sup
client = OpenAI(api_key="k")  #> fix
''', calls='get_openai_client(api_key="k")', has={"main.py": "def raw(): return OpenAI()  # qmigrate"})
sup("exit_code_0_when_all_suppressed", '''
from openai import OpenAI
def go(): return OpenAI()  # qmigrate: ignore[direct-client] fine  #> sup
''', check=lambda p, b, a: p.scan(rc=0))
sup("decorated_statement_line_above", '''
from openai import OpenAI
def deco(c): return lambda f: f
def outer():
    # qmigrate: ignore[direct-client] a decorator
    @deco(OpenAI())  #> sup
    def f(): ...
''')
sup("blank_line_between_is_not_above", '''
from openai import OpenAI
# qmigrate: ignore[direct-client] far away

client = OpenAI(api_key="k")  #> fix
''', found=False, calls='get_openai_client(api_key="k")')
sup("crlf", '''
from openai import OpenAI
def go(): return OpenAI()  # qmigrate: ignore[direct-client] fine  #> sup
'''.replace("--- main.py", ""), check=lambda p, b, a: None)
case("suppress.crlf_file", '''
--- main.py crlf
from openai import OpenAI
def go(): return OpenAI()  # qmigrate: ignore[direct-client] fine  #> sup
''', check=lambda p, b, a: reason(p, "fine"))
sup("unknown_rule_named", '''
x = 1  # qmigrate: ignore[direct-clinet] typo  #> unused-suppression
''')
sup("summary_counts", '''
from openai import OpenAI
def go(): return OpenAI()  # qmigrate: ignore[direct-client] fine  #> sup
''', check=lambda p, b, a: _count(p))


def _count(p):
    s = p.scan()["summary"]
    assert s["suppressed"] == 1, s
    assert s["new"] == 0, s


def reason(p, text):
    f = [f for f in p.scan()["findings"] if f["standing"] == "suppressed"]
    assert f and f[0]["reason"] == text, f


def unused(p):
    rules = [f["rule"] for f in p.scan()["findings"]]
    assert "unused-suppression" in rules, rules


def only_suppressed(p):
    d = p.scan(rc=0)
    assert d["findings"] and all(f["standing"] == "suppressed" for f in d["findings"]), d["findings"]
