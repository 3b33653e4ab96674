"""Runs a script (`main.py`), a module (`mod:app.svc`) or a test file (`test:tests/test_x.py`), then writes the calls."""
import contextlib, importlib.util, inspect, json, os, runpy, sys, traceback, unittest.mock


class MonkeyPatch:
    def __init__(self): self.stack = contextlib.ExitStack()

    def setattr(self, target, name, *value, raising=True):
        if not value:
            path, value = target, name
            module, _, name = path.rpartition(".")
            patcher = unittest.mock.patch(path, value)
            return self.stack.enter_context(patcher)
        return self.stack.enter_context(unittest.mock.patch.object(target, name, value[0]))

    def setenv(self, name, value): self.stack.enter_context(unittest.mock.patch.dict(os.environ, {name: value}))


class Mocker:
    MagicMock = unittest.mock.MagicMock
    Mock = unittest.mock.Mock

    def __init__(self):
        self.stack = contextlib.ExitStack()
        stack = self.stack

        class Patch:
            def __call__(self, *a, **k): return stack.enter_context(unittest.mock.patch(*a, **k))
            def object(self, *a, **k): return stack.enter_context(unittest.mock.patch.object(*a, **k))
        self.patch = Patch()


def tests(path):
    spec = importlib.util.spec_from_file_location(os.path.splitext(os.path.basename(path))[0], path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    count = 0
    todo = [(n, f) for n, f in list(vars(module).items()) if n.startswith("test") and callable(f)]
    for n, c in list(vars(module).items()):
        if n.startswith("Test") and inspect.isclass(c):
            todo += [(m, getattr(c(), m)) for m in vars(c) if m.startswith("test")]
    for name, function in todo:
        made, kwargs = [], {}
        for p in inspect.signature(function).parameters:
            if p == "monkeypatch": made.append(MonkeyPatch()); kwargs[p] = made[-1]
            elif p == "mocker": made.append(Mocker()); kwargs[p] = made[-1]
        try:
            function(**kwargs)
            count += 1
        finally:
            for m in made: m.stack.close()
    assert count, "no test found"


what = sys.argv[1]
sys.path.insert(0, os.getcwd())
for extra in reversed(os.environ.get("QM_PATH", "").split(os.pathsep)):
    if extra: sys.path.insert(0, os.path.abspath(extra))
sys.argv = [what]
code = 0
try:
    if what.startswith("mod:"): runpy.run_module(what[4:], run_name="__main__", alter_sys=True)
    elif what.startswith("test:"): tests(what[5:])
    else: runpy.run_path(what, run_name="__main__")
except SystemExit as e:
    code = e.code or 0
except BaseException:
    traceback.print_exc()
    code = 1
out = []
if "openai" in sys.modules and hasattr(sys.modules["openai"], "_calls"):
    out = [[n, {k: repr(v) for k, v in kw.items()}] for n, kw in sys.modules["openai"]._calls]
with open(os.environ["QM_CALLS"], "w") as f: json.dump(out, f)
sys.stdout.flush()
os._exit(code if isinstance(code, int) else 1)
