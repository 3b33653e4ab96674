"""Fixing: tests that patch the class where it was used; stale-patch."""
from run import case

SVC = '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI

def go():
    return OpenAI(api_key="k").api_key  #> fix
'''
MOD = '''
--- app/__init__.py
--- app/svc.py
import openai

def go():
    return openai.OpenAI(api_key="k").api_key  #> fix
'''


def patch(name, text, files=SVC, run=("test:tests/test_svc.py",), pre="ok", calls="", **kw):
    """The test passes before (patched) and must pass after, without a call of the real factory."""
    case("patch." + name, files + text, run=list(run), pre=pre, calls=calls, **kw)


patch("decorator", '''
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

@patch("app.svc.OpenAI")
def test_go(*args):
    pass

def test_with():
    with patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
        cls.assert_called_once()
''', has={"tests/test_svc.py": '"app.svc.get_openai_client"'}, hasnt={"tests/test_svc.py": "app.svc.OpenAI"})
patch("mock_patch_module_attribute", '''
--- tests/test_svc.py
from unittest import mock
import unittest.mock
from app import svc

def test_go():
    with mock.patch("app.svc.OpenAI") as cls, unittest.mock.patch('app.svc.OpenAI', autospec=False) as again:
        again.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', hasnt={"tests/test_svc.py": "app.svc.OpenAI"})
patch("quotes_stay", '''
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch('app.svc.OpenAI') as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', has={"tests/test_svc.py": "patch('app.svc.get_openai_client')"})
patch("patch_object", '''
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch.object(svc, "OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', has={"tests/test_svc.py": 'patch.object(svc, "get_openai_client")'})
patch("patch_object_dotted_module", '''
--- tests/test_svc.py
import unittest.mock
import app.svc

def test_go():
    with unittest.mock.patch.object(app.svc, "OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert app.svc.go() == "mock"
''')
patch("mocker", '''
--- tests/test_svc.py
from app import svc

def test_go(mocker):
    cls = mocker.patch("app.svc.OpenAI")
    cls.return_value.api_key = "mock"
    assert svc.go() == "mock"

def test_object(mocker):
    cls = mocker.patch.object(svc, "OpenAI")
    cls.return_value.api_key = "mock"
    assert svc.go() == "mock"
''')
patch("monkeypatch_string", '''
--- tests/test_svc.py
from types import SimpleNamespace
from app import svc

def test_go(monkeypatch):
    monkeypatch.setattr("app.svc.OpenAI", lambda **kw: SimpleNamespace(api_key="mock"))
    assert svc.go() == "mock"
''')
patch("monkeypatch_object", '''
--- tests/test_svc.py
from types import SimpleNamespace
import app.svc

def test_go(monkeypatch):
    monkeypatch.setattr(app.svc, "OpenAI", lambda **kw: SimpleNamespace(api_key="mock"))
    assert app.svc.go() == "mock"
''')
patch("monkeypatch_in_conftest_fixture_and_helpers", '''
--- tests/helpers.py
from types import SimpleNamespace

def fake(monkeypatch):
    monkeypatch.setattr("app.svc.OpenAI", lambda **kw: SimpleNamespace(api_key="mock"))
--- tests/__init__.py
--- tests/test_svc.py
from tests.helpers import fake
from app import svc

def test_go(monkeypatch):
    fake(monkeypatch)
    assert svc.go() == "mock"
''', has={"tests/helpers.py": "app.svc.get_openai_client"})
patch("patch_aliased_class", '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI as Bot

def go():
    return Bot(api_key="k").api_key  #> fix
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.Bot") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', files="", has={"tests/test_svc.py": "app.svc.get_openai_client"})
patch("multi_line_call", '''
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch(
        "app.svc.OpenAI",  # where it is used
        new=lambda **kw: type("C", (), {"api_key": "mock"}),
    ):
        assert svc.go() == "mock"
''', has={"tests/test_svc.py": "# where it is used"})
patch("patch_aliased_import", '''
--- tests/test_svc.py
from unittest.mock import patch as p, MagicMock
from app import svc

def test_go():
    made = MagicMock()
    made.return_value.api_key = "mock"
    with p("app.svc.OpenAI", made):
        assert svc.go() == "mock"
''')
patch("patch_start_stop", '''
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

class TestSvc:
    def test_go(self):
        patcher = patch("app.svc.OpenAI")
        patcher.start().return_value.api_key = "mock"
        try:
            assert svc.go() == "mock"
        finally:
            patcher.stop()
''')
patch("two_classes_two_functions", '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI, AsyncOpenAI

def go():
    return OpenAI(api_key="k").api_key + AsyncOpenAI(api_key="2").api_key  #> fix; fix
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.OpenAI") as a, patch("app.svc.AsyncOpenAI") as b:
        a.return_value.api_key = "a"
        b.return_value.api_key = "b"
        assert svc.go() == "ab"
''', files="", has={"tests/test_svc.py": ["app.svc.get_openai_client", "app.svc.get_async_openai_client"]})
patch("patch_through_module_attribute", '''
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.openai.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', files=MOD, post="any", pre="ok", calls=None, found=False, after=None)
# `patch("app.openai.OpenAI")` replaces openai.OpenAI for everybody. Here only this module constructs, but the factory
# too looks it up; so rewriting is expected "when only that module's rewritten calls could see it".
patch("patch_through_module_attribute_factory_does_not_see_it", '''
--- utils/openai_client_factory.py
import openai
_made = openai._made
def get_openai_client(workspace_id=None, **kwargs):
    return _made("get_openai_client", workspace_id=workspace_id, **kwargs)
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.openai.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', files=MOD, found=False)
patch("patch_object_on_modules_openai", '''
--- utils/openai_client_factory.py
import openai
_made = openai._made
def get_openai_client(workspace_id=None, **kwargs):
    return _made("get_openai_client", workspace_id=workspace_id, **kwargs)
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch.object(svc.openai, "OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', files=MOD, found=False, post="any", calls=None)
patch("patch_for_class_that_stays_for_isinstance", '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI

def go():
    return OpenAI(api_key="k").api_key  #> fix

def check(c): return isinstance(c, OpenAI)
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', files="", post="ok")
patch("patch_where_some_calls_stay", '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI

def go():
    return OpenAI(api_key="k").api_key  #> any

def other():
    return OpenAI(base_url="https://api.x.ai/v1").api_key  #> held
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.other() == "mock"
''', files="", fixrc=None, post="ok", found=False)
patch("local_import_patched_at_the_source", '''
--- app/__init__.py
--- app/svc.py
def go():
    from openai import OpenAI
    return OpenAI(api_key="k").api_key  #> fix
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("openai.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        svc.go()
''', files="", post="any", calls=None, found=False, after=None)
patch("other_names_are_left", '''
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.OpenAI") as cls, patch("app.svc.go") as go, patch("json.dumps"):
        go.return_value = 3
        assert svc.go() == 3
''', has={"tests/test_svc.py": ['patch("app.svc.go")', 'patch("json.dumps")']})
patch("other_modules_class_of_that_name_is_left", '''
--- other.py
class OpenAI:
    pass
--- tests/test_svc.py
from unittest.mock import patch
import other
from app import svc

def test_go():
    with patch("other.OpenAI") as cls, patch.object(other, "OpenAI"), patch("app.svc.OpenAI") as mine:
        mine.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', has={"tests/test_svc.py": ['patch("other.OpenAI")', 'patch.object(other, "OpenAI")']})
patch("text_that_is_no_patch_is_left", '''
--- tests/test_svc.py
from unittest.mock import patch
from app import svc
NAME = "app.svc.OpenAI"

def note(text): return text

def test_go():
    note("app.svc.OpenAI")
    with patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', has={"tests/test_svc.py": ['NAME = "app.svc.OpenAI"', 'note("app.svc.OpenAI")']})
patch("own_function_called_patch_is_left", '''
--- tests/test_svc.py
from unittest import mock
from app import svc
def patch(text): return text

def test_go():
    assert patch("app.svc.OpenAI") == "app.svc." + "OpenAI"
    with mock.patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', has={"tests/test_svc.py": 'patch("app.svc.OpenAI") == '})
patch("relative_test_package", '''
--- app/tests/__init__.py
--- app/tests/test_svc.py
from unittest.mock import patch
import app.svc as target

def test_go():
    with patch.object(target, "OpenAI") as cls, patch(f"{target.__name__}.json", create=True):
        cls.return_value.api_key = "mock"
        assert target.go() == "mock"
''', run=["test:app/tests/test_svc.py"])
patch("unresolvable_target_text_holds_back_or_stays_right", '''
--- tests/test_svc.py
from unittest.mock import patch
from app import svc
MODULE = "app.svc"

def test_go():
    with patch(f"{MODULE}.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        svc.go()
''', post="any", calls=None, found=False, after=None, fixrc=None)
patch("reexporting_package_patched_where_used", '''
--- app/__init__.py
--- app/clients.py
from openai import OpenAI as OpenAI
--- app/svc.py
from app.clients import OpenAI

def go():
    return OpenAI(api_key="k").api_key  #> fix
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', files="")
patch("existing_factory_alias_in_the_module", '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI
from utils.openai_client_factory import get_openai_client as make

def go():
    return OpenAI(api_key="k").api_key  #> fix

def old(): return make()
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', files="", has={"tests/test_svc.py": '"app.svc.make"'})
patch("collision_alias_in_the_module", '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI

def get_openai_client():
    return OpenAI(api_key="k").api_key  #> fix
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.get_openai_client() == "mock"
''', files="")
patch("partial_at_call_time", '''
--- app/__init__.py
--- app/svc.py
from functools import partial
from openai import OpenAI

def go():
    return partial(OpenAI, api_key="k")().api_key  #> fix
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', files="")
patch("context_reaches_the_mock", '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI

def go(workspace_id):
    return OpenAI(api_key="k").api_key  #> fix
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go("w") == "mock"
        assert cls.call_args.kwargs["api_key"] == "k"
''', files="")
patch("test_dirty_unit_lands_whole_or_waits", '''
--- tests/test_svc.py
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''')
patch("crlf_test_file", '''
--- tests/test_svc.py crlf
from unittest.mock import patch
from app import svc

def test_go():
    with patch("app.svc.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', has={"tests/test_svc.py": '"app.svc.get_openai_client") as cls:\r\n'})
patch("patch_dict_and_multiple", '''
--- tests/test_svc.py
from unittest.mock import patch, DEFAULT
from app import svc

def test_go():
    with patch.multiple("app.svc", OpenAI=DEFAULT) as d:
        d["OpenAI"].return_value.api_key = "mock"
        svc.go()
''', post="any", calls=None, found=False, after=None, fixrc=None)

# --- the factory's name must still be patched when the module already did the move -----------------------------------------
case("patch.already_migrated_is_no_finding", '''
--- app/__init__.py
--- app/svc.py
from utils.openai_client_factory import get_openai_client
def go(): return get_openai_client(api_key="k").api_key
--- tests/test_svc.py
from unittest.mock import patch
from app import svc
def test_go():
    with patch("app.svc.get_openai_client") as f:
        f.return_value.api_key = "mock"
        assert svc.go() == "mock"
''', run=["test:tests/test_svc.py"], pre="ok")

# --- stale-patch ----------------------------------------------------------------------------------------------------------
case("stale.name_kept_only_for_annotation", '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI
from utils.openai_client_factory import get_openai_client
def go(): return get_openai_client(api_key="k")
def check(c: OpenAI): return c
--- tests/test_svc.py
from unittest.mock import patch
def test_go():
    with patch("app.svc.OpenAI"):  #> stale-patch
        pass
''')
case("stale.sdk_patched_but_factory_bound_it_at_import", '''
--- utils/openai_client_factory.py
import openai
from openai import OpenAI
def get_openai_client(workspace_id=None, **kwargs):
    return openai._made("get_openai_client", workspace_id=workspace_id, **kwargs) or OpenAI()
--- app/__init__.py
--- app/svc.py
from utils.openai_client_factory import get_openai_client
def go(): return get_openai_client(api_key="k")
--- tests/test_svc.py
from unittest.mock import patch
def test_go():
    with patch("openai.OpenAI"):  #> stale-patch
        pass
''')  # no look-up of openai.OpenAI at call time is left: the factory bound the name when it was imported
case("stale.sdk_patched_and_factory_looks_it_up", '''
--- utils/openai_client_factory.py
import openai
def get_openai_client(workspace_id=None, **kwargs):
    return openai.OpenAI(**kwargs)
--- app/__init__.py
--- app/svc.py
from utils.openai_client_factory import get_openai_client
def go(): return get_openai_client(api_key="k")
--- tests/test_svc.py
from unittest.mock import patch
from app import svc
def test_go():
    with patch("openai.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go().api_key == "mock"
''', run=["test:tests/test_svc.py"], pre="ok")
case("stale.factory_module_name_patched", '''
--- utils/openai_client_factory.py
from openai import OpenAI
def get_openai_client(workspace_id=None, **kwargs):
    return OpenAI(**kwargs)
--- app/__init__.py
--- app/svc.py
from utils.openai_client_factory import get_openai_client
def go(): return get_openai_client(api_key="k")
--- tests/test_svc.py
from unittest.mock import patch
from app import svc
def test_go():
    with patch("utils.openai_client_factory.OpenAI") as cls:
        cls.return_value.api_key = "mock"
        assert svc.go().api_key == "mock"
''', run=["test:tests/test_svc.py"], pre="ok")
case("stale.remaining_construction_sees_it", '''
--- app/__init__.py
--- app/svc.py
import openai
def go(): return openai.OpenAI(base_url="https://api.x.ai/v1")  #> held
--- utils/openai_client_factory.py
import openai
_made = openai._made
def get_openai_client(workspace_id=None, **kwargs): return _made("get_openai_client", **kwargs)
--- tests/test_svc.py
from unittest.mock import patch
from app import svc
def test_go():
    with patch("openai.OpenAI") as cls, patch("app.svc.openai.OpenAI"):
        svc.go()
''', run=["test:tests/test_svc.py"], pre="ok")
case("stale.is_a_warning", '''
--- app/__init__.py
--- app/svc.py
from openai import OpenAI
from utils.openai_client_factory import get_openai_client
def go(): return get_openai_client(api_key="k")
def check(c: OpenAI): return c
--- tests/test_svc.py
from unittest.mock import patch
def test_go():
    with patch("app.svc.OpenAI"):  #> stale-patch
        pass
''', check=lambda p, b, a: p.scan(rc=0), found=False)
