#!/usr/bin/env python3
"""Independent resolver of direct client constructions in Python, written from the specification of what is found only.

    resolver.py TREE                    lists the places
    resolver.py TREE --bin QMIGRATE     compares with `qmigrate scan --format json --exit-zero`, prints what only one has
    resolver.py --test                  its own cases

Needs Python >= 3.12 (true positions inside f-strings). A place is (path, line, column of the construction, in characters).
`strict` places are what that text says plainly; `soft` ones are ambiguous there (either answer is accepted, listed
apart with --soft): other callables that a class is handed to, lib.bedrock, `(A or B)()`, class attributes, inline
`getattr(openai, "OpenAI")()` and `import_module("openai").OpenAI()`, loop variables over literal tuples.
"""
import argparse, ast, bisect, collections, json, os, re, subprocess, sys, tempfile, textwrap, warnings
from pathlib import Path

sys.setrecursionlimit(20000)
assert sys.version_info >= (3, 12), "run me with Python 3.12 or newer"
warnings.simplefilter("ignore")

CLASSES = {"OpenAI", "AsyncOpenAI", "Client", "AsyncClient", "AzureOpenAI", "AsyncAzureOpenAI", "BedrockOpenAI", "AsyncBedrockOpenAI"}
SDK = {   # module -> {name: strict?}
    "openai": {name: True for name in CLASSES},
    "openai.lib": {},
    "openai._client": {"OpenAI": True, "AsyncOpenAI": True, "Client": True, "AsyncClient": True},
    "openai.lib.azure": {"AzureOpenAI": True, "AsyncAzureOpenAI": True, "OpenAI": False, "AsyncOpenAI": False},
    "openai.lib.bedrock": {"BedrockOpenAI": False, "AsyncBedrockOpenAI": False},
}
FUNC = (ast.FunctionDef, ast.AsyncFunctionDef)
COMP = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

# ---------------------------------------------------------------- values
# ("cls", symbol, how)   a client class; how: "" plain, "dyn" through import_module/getattr bound to a name, "soft" ambiguous
# ("sdk", dotted, how)   the SDK or a module of it
# ("file", path)  ("ns", dirs)  ("ext", dotted)  ("pcls", ScopeInfo)


class Binding:
    """One place where a name gets a value; evaluated lazily."""
    __slots__ = ("kind", "data", "scope")
    def __init__(self, kind, data=None, scope=None): self.kind, self.data, self.scope = kind, data, scope


UNBOUND, UNKNOWN = Binding("unbound"), Binding("unknown")
ONLY_UNBOUND = frozenset([UNBOUND])


class Env:
    """What may reach this point: name -> bindings; `default` stands for all names not listed."""
    __slots__ = ("names", "default", "dead", "snapshot")
    def __init__(self, names=None, default=ONLY_UNBOUND, dead=False): self.names, self.default, self.dead, self.snapshot = names or {}, default, dead, None
    def get(self, name): return self.names.get(name, self.default)
    def set(self, name, bindings): self.names[name] = bindings; self.snapshot = None
    def copy(self): return Env(dict(self.names), self.default, self.dead)
    def freeze(self):
        if self.snapshot is None: self.snapshot = Env(dict(self.names), self.default, self.dead)
        return self.snapshot


def join(envs):
    live = [e for e in envs if not e.dead] or list(envs)
    dead = all(e.dead for e in envs)
    if len(live) == 1:
        out = live[0].copy(); out.dead = dead; return out
    out = Env(default=frozenset().union(*(e.default for e in live)), dead=dead)
    keys = set().union(*(e.names for e in live))
    out.names = {k: frozenset().union(*(e.get(k) for e in live)) for k in keys}
    return out


class Scope:
    def __init__(self, kind, module, parent, names=(), globals_=(), nonlocals=()):
        self.kind, self.module, self.parent = kind, module, parent
        self.names, self.globals, self.nonlocals = set(names), set(globals_), set(nonlocals)
        self.captured, self.captured_seq, self.captured_path, self.captured_loop = None, 0, (), False   # the enclosing flow scope at creation
        self.deferred = kind in ("function", "lambda")
        self.log = []            # (seq, name or "*", binding, branch path)
        self.logged = set()
        self.outside = collections.defaultdict(set)   # writes through global / nonlocal from inner functions
        self.end = None          # env at the end of the scope

    def flow(self):
        scope = self
        while scope.kind == "comp": scope = scope.parent
        return scope


def bound_names(node_list):
    """Names that statements bind in their own scope, and those declared global and nonlocal."""
    names, globals_, nonlocals = set(), set(), set()
    def target(node):
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, (ast.Store, ast.Del)): names.add(inner.id)
    def visit(node):
        if isinstance(node, FUNC):
            names.add(node.name)
            for part in [*node.decorator_list, *node.args.defaults, *[d for d in node.args.kw_defaults if d]]: visit(part)
            return
        if isinstance(node, ast.ClassDef):
            names.add(node.name)
            for part in [*node.decorator_list, *node.bases, *[k.value for k in node.keywords]]: visit(part)
            return
        if isinstance(node, ast.Lambda):
            for part in [*node.args.defaults, *[d for d in node.args.kw_defaults if d]]: visit(part)
            return
        if isinstance(node, COMP):
            for inner in comp_parts(node): visit_comp(inner)
            return
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)): names.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if alias.name != "*": names.add(alias.asname or alias.name.split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name: names.add(node.name)
        elif isinstance(node, ast.Global): globals_.update(node.names)
        elif isinstance(node, ast.Nonlocal): nonlocals.update(node.names)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name: names.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest: names.add(node.rest)
        elif isinstance(node, ast.TypeAlias): names.add(node.name.id)
        for child in ast.iter_child_nodes(node): visit(child)
    def visit_comp(node):      # inside comprehensions only a walrus binds outside
        if isinstance(node, ast.Lambda): return
        if isinstance(node, ast.NamedExpr): names.add(node.target.id)
        for child in ast.iter_child_nodes(node): visit_comp(child)
    for node in node_list: visit(node)
    return names - globals_ - nonlocals, globals_, nonlocals


def comp_parts(node):
    return list(ast.iter_child_nodes(node))


class Walker:
    """Walks one scope's statements in order and notes which bindings reach each name that is read."""

    def __init__(self, module):
        self.module = module
        self.namerefs = {}       # id(Name) -> (scope, frozenset of bindings, or None if the name belongs further out)
        self.calls = {}          # id(Call) -> Call
        self.bindings = {}       # (id(node), name) -> Binding
        self.pending = {}        # id(function node) -> (node, scope): bodies still to walk
        self.bound = {}
        self.classes = {}
        self.seq = 0
        self.scope, self.env = None, None
        self.loops, self.accumulators, self.path, self.loop_starts = [], [], (), []

    def run(self, tree):
        scope = Scope("module", self.module, None)
        self.module.scope = scope
        self.walk_scope(scope, tree.body, Env())
        return scope

    def run_bodies(self):
        """Walks the function bodies, which a module that is only imported from doesn't need, unless they write globals."""
        while self.pending:
            _, (node, inner) = self.pending.popitem()
            self.walk_function(node, inner)

    def walk_scope(self, scope, body, env):
        saved = self.scope, self.env, self.loops, self.accumulators, self.path, self.loop_starts
        self.scope, self.env, self.loops, self.accumulators, self.path, self.loop_starts = scope, env, [], [], (), []
        self.block(body)
        scope.end = self.env
        self.scope, self.env, self.loops, self.accumulators, self.path, self.loop_starts = saved

    def walk_function(self, node, scope):
        env = Env()
        for name in argument_names(node.args): env.set(name, frozenset([UNKNOWN]))
        for param in getattr(node, "type_params", []): env.set(param.name, frozenset([UNKNOWN]))
        body = [ast.Expr(node.body)] if isinstance(node, ast.Lambda) else node.body
        self.walk_scope(scope, body, env)

    # binding
    def bind(self, name, binding):
        flow = self.scope.flow()
        self.env.set(name, frozenset([binding]))
        self.note(flow, name, binding)
        if name in flow.globals: self.module.scope.outside[name].add(binding)
        if name in flow.nonlocals:
            owner = flow.parent
            while owner and not (owner.kind in ("function", "lambda") and name in owner.names): owner = owner.parent
            if owner: owner.outside[name].add(binding)

    def note(self, flow, name, binding):
        self.seq += 1
        if (name, id(binding)) not in flow.logged:
            flow.logged.add((name, id(binding)))
            flow.log.append((self.seq, name, binding, self.path))
        for accumulator in self.accumulators: accumulator[0] = join([accumulator[0], alive(self.env)])

    def binding(self, node, name, kind, data):
        key = (id(node), name)
        if key not in self.bindings: self.bindings[key] = Binding(kind, data, self.scope)
        return self.bindings[key]

    def assign(self, target, value, soft=False):
        """Binds a target to an expression (or to something unknown)."""
        if isinstance(target, ast.Name):
            if value is None: self.bind(target.id, UNKNOWN)
            else: self.bind(target.id, self.binding(target, target.id, "soft" if soft else "expr", value))
        elif isinstance(target, (ast.Tuple, ast.List)):
            plain = isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts) and not any(
                isinstance(e, ast.Starred) for e in [*value.elts, *target.elts])
            for index, element in enumerate(target.elts): self.assign(element, value.elts[index] if plain else None, soft)
        elif isinstance(target, ast.Starred): self.assign(target.value, None)
        else: self.expr(target)

    # statements
    def block(self, statements):
        for statement in statements: self.statement(statement)

    def statement(self, node):
        method = getattr(self, "s_" + type(node).__name__, None)
        if method: method(node)
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr): self.expr(child)

    def s_Assign(self, node):
        self.expr(node.value)
        for target in node.targets: self.assign(target, node.value)

    def s_AnnAssign(self, node):
        if node.value: self.expr(node.value)
        self.expr(node.annotation)
        if node.value: self.assign(node.target, node.value)
        elif not isinstance(node.target, ast.Name): self.expr(node.target)

    def s_AugAssign(self, node):
        self.expr(node.value)
        if isinstance(node.target, ast.Name): self.bind(node.target.id, UNKNOWN)
        else: self.expr(node.target)

    def s_TypeAlias(self, node): self.bind(node.name.id, UNKNOWN)

    def s_Import(self, node):
        for alias in node.names:
            if alias.asname: self.bind(alias.asname, self.binding(alias, alias.asname, "import", alias.name))
            else:
                top = alias.name.split(".")[0]
                self.bind(top, self.binding(alias, top, "import", top))

    def s_ImportFrom(self, node):
        request = ("." * node.level) + (node.module or "")
        for alias in node.names:
            if alias.name == "*": self.star(node, request)
            else: self.bind(alias.asname or alias.name, self.binding(alias, alias.asname or alias.name, "from", (request, alias.name)))

    def star(self, node, request):
        flow = self.scope.flow()
        layer = lambda name, before: self.star_binding(node, request, name, before)
        names = {name: layer(name, before) for name, before in self.env.names.items()}
        self.env.names, self.env.default, self.env.snapshot = names, layer("*", self.env.default), None
        self.note(flow, "*", self.binding(node, "*star", "star", (request, ONLY_UNBOUND)))

    def star_binding(self, node, request, name, before):
        key = (id(node), "*" + name)
        old = self.bindings.get(key)
        if old: before = before - {old} | old.data[1]
        self.bindings[key] = binding = old or Binding("star", None, self.scope)
        binding.data = (request, before)
        return frozenset([binding])

    def s_Delete(self, node):
        for target in node.targets:
            for inner in ast.walk(target):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Del): self.bind(inner.id, UNBOUND)
            if not isinstance(target, ast.Name): self.expr(target)

    def s_FunctionDef(self, node):
        for decorator in node.decorator_list: self.expr(decorator)
        self.defaults(node.args)
        for argument in all_arguments(node.args):
            if argument.annotation: self.expr(argument.annotation)
        if node.returns: self.expr(node.returns)
        names, globals_, nonlocals = self.names_of(node)
        names = (names | set(argument_names(node.args)) | {p.name for p in node.type_params})
        self.capture(node, Scope("function", self.module, self.scope, names, globals_, nonlocals))
        self.bind(node.name, UNKNOWN)
    s_AsyncFunctionDef = s_FunctionDef

    def names_of(self, node):
        if id(node) not in self.bound: self.bound[id(node)] = bound_names(node.body)
        return self.bound[id(node)]

    def defaults(self, arguments):
        for default in [*arguments.defaults, *[d for d in arguments.kw_defaults if d]]: self.expr(default)

    def capture(self, node, scope):
        scope.captured = self.env.freeze()
        scope.captured_seq = self.loop_starts[0] if self.loop_starts else self.seq
        scope.captured_path, scope.captured_loop = self.path, bool(self.loop_starts)
        if scope.deferred: self.pending[id(node)] = (node, scope)

    def s_ClassDef(self, node):
        for part in [*node.decorator_list, *node.bases, *[k.value for k in node.keywords]]: self.expr(part)
        names, globals_, nonlocals = self.names_of(node)
        scope = Scope("class", self.module, self.scope, names, globals_, nonlocals)
        self.capture(node, scope)
        self.walk_scope(scope, node.body, Env())
        self.classes[id(node)] = scope
        binding = self.binding(node, node.name, "class", None)
        binding.data = scope
        self.bind(node.name, binding if not node.decorator_list else UNKNOWN)

    def branch(self, node, arm, env, body):
        saved, self.path, self.env = self.path, self.path + ((id(node), arm, len(self.loop_starts)),), env
        body()
        self.path = saved
        return self.env

    def s_If(self, node):
        self.expr(node.test)
        start = self.env
        yes = self.branch(node, 0, start.copy(), lambda: self.block(node.body))
        no = self.branch(node, 1, start.copy(), lambda: self.block(node.orelse))
        self.env = join([yes, no])

    def loop(self, body, orelse, before, always=False):
        """`before` walks what is evaluated and bound on every turn."""
        self.loop_starts.append(self.seq)
        entry = self.env
        for _ in range(3):
            self.loops.append(([], []))
            self.env = entry.copy()
            before()
            condition = self.env.copy()
            self.block(body)
            breaks, continues = self.loops.pop()
            entry = join([entry, self.env, *continues])
        self.loop_starts.pop()
        self.env = condition
        if always: self.env.dead = True
        self.block(orelse)
        self.env = join([self.env, *breaks])

    def s_While(self, node):
        always = isinstance(node.test, ast.Constant) and bool(node.test.value)
        self.loop(node.body, node.orelse, lambda: self.expr(node.test), always)

    def s_For(self, node):
        self.expr(node.iter)
        def turn():
            elements = node.iter.elts if isinstance(node.iter, (ast.Tuple, ast.List)) else []
            if elements and isinstance(node.target, ast.Name):
                self.bind(node.target.id, self.binding(node.target, node.target.id, "loop", elements))
            else: self.assign(node.target, None)
        # the loop may run no time at all: its exit is also the entry, without the target
        start = self.env.copy()
        self.loop(node.body, node.orelse, turn)
        if not node.orelse: self.env = join([self.env, start])
    s_AsyncFor = s_For

    def s_Break(self, node): self.jump(0)
    def s_Continue(self, node): self.jump(1)
    def jump(self, which):
        if self.loops: self.loops[-1][which].append(self.env.copy())
        self.env.dead = True
    def s_Return(self, node):
        if node.value: self.expr(node.value)
        self.env.dead = True
    def s_Raise(self, node):
        for part in (node.exc, node.cause):
            if part: self.expr(part)
        self.env.dead = True

    def s_With(self, node):
        accumulator = [alive(self.env)]
        for item in node.items:
            self.expr(item.context_expr)
            if item.optional_vars: self.assign(item.optional_vars, None)
        self.accumulators.append(accumulator)
        accumulator[0] = join([accumulator[0], alive(self.env)])
        self.block(node.body)
        self.accumulators.pop()
        # an unknown manager may swallow; one that only closes keeps what the body bound
        self.env = self.env if not swallows(node) else join([self.env, accumulator[0]])
    s_AsyncWith = s_With

    def s_Try(self, node):
        accumulator = [alive(self.env)]
        self.accumulators.append(accumulator)
        self.block(node.body)
        self.accumulators.pop()
        body_end = self.env
        all_states = [accumulator[0]]
        self.accumulators.append(everything := [accumulator[0]])
        outs = [self.branch(node, "else", body_end.copy(), lambda: self.block(node.orelse))]
        for number, handler in enumerate(node.handlers):
            def run(handler=handler):
                if handler.type: self.expr(handler.type)
                if handler.name: self.bind(handler.name, UNKNOWN)
                self.block(handler.body)
                if handler.name: self.bind(handler.name, UNBOUND)
            outs.append(self.branch(node, number, accumulator[0].copy(), run))
        self.accumulators.pop()
        all_states.append(everything[0])
        if node.finalbody:
            self.env = join([*outs, *all_states])
            self.block(node.finalbody)           # reached by any way
        self.env = join(outs)
        if node.finalbody: self.block(node.finalbody)
    s_TryStar = s_Try

    def s_Match(self, node):
        self.expr(node.subject)
        start, outs, sure = self.env, [], False
        for number, case in enumerate(node.cases):
            def run(case=case):
                self.pattern(case.pattern)
                if case.guard: self.expr(case.guard)
                self.block(case.body)
            outs.append(self.branch(node, number, start.copy(), run))
            sure |= case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
        self.env = join(outs if sure else [*outs, start])

    def pattern(self, node):
        for inner in ast.walk(node):
            if isinstance(inner, (ast.MatchAs, ast.MatchStar)) and inner.name: self.bind(inner.name, UNKNOWN)
            elif isinstance(inner, ast.MatchMapping) and inner.rest: self.bind(inner.rest, UNKNOWN)
            elif isinstance(inner, ast.MatchValue): self.expr(inner.value)
            elif isinstance(inner, ast.MatchClass): self.expr(inner.cls)

    # expressions
    def expr(self, node):
        method = getattr(self, "e_" + type(node).__name__, None)
        if method: return method(node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.expr, ast.keyword, ast.comprehension)): self.expr(child)

    def e_Name(self, node):
        if not isinstance(node.ctx, ast.Load): return
        scope = self.scope
        while scope.kind == "comp":
            if node.id in scope.names:
                self.refer(node, frozenset([UNKNOWN])); return
            if scope.parent.kind == "class": break
            scope = scope.parent
        mine = scope.kind == "module" or (scope.kind != "comp" and node.id in scope.names | scope.globals | scope.nonlocals)
        self.refer(node, self.env.get(node.id) if mine else None, scope)

    def refer(self, node, bindings, scope=None):
        old = self.namerefs.get(id(node))
        if old and old[1] and bindings: bindings = bindings | old[1]
        self.namerefs[id(node)] = (scope, bindings)

    def e_Call(self, node):
        self.calls[id(node)] = node
        self.expr(node.func)
        for argument in node.args: self.expr(argument)
        for keyword in node.keywords: self.expr(keyword.value)

    def e_NamedExpr(self, node):
        self.expr(node.value)
        self.assign(node.target, node.value)

    def e_Lambda(self, node):
        self.defaults(node.args)
        names, _, _ = bound_names([node.body])
        self.capture(node, Scope("lambda", self.module, self.scope, names | set(argument_names(node.args))))

    def e_comp(self, node):
        first, *others = node.generators
        self.expr(first.iter)
        names = {inner.id for generator in node.generators for inner in ast.walk(generator.target)
                 if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)}
        outer, scope = self.scope, Scope("comp", self.module, self.scope, names)
        if outer.kind == "class": self.capture(node, scope)
        self.scope = scope
        before = self.env.copy()
        for condition in first.ifs: self.expr(condition)
        for generator in others:
            self.expr(generator.iter)
            for condition in generator.ifs: self.expr(condition)
        for part in ("elt", "key", "value"):
            if hasattr(node, part): self.expr(getattr(node, part))
        self.scope = outer
        self.env = join([self.env, before])
    e_ListComp = e_SetComp = e_DictComp = e_GeneratorExp = e_comp

    def e_IfExp(self, node):
        self.expr(node.test)
        start = self.env
        self.env = start.copy(); self.expr(node.body); yes = self.env
        self.env = start.copy(); self.expr(node.orelse)
        self.env = join([yes, self.env])

    def e_BoolOp(self, node):
        self.expr(node.values[0])
        for value in node.values[1:]:
            start = self.env.copy()
            self.expr(value)
            self.env = join([self.env, start])


def alive(env):
    copy = env.copy(); copy.dead = False
    return copy


def swallows(node):
    return any("suppress" in ast.dump(item.context_expr) or "raises" in ast.dump(item.context_expr) for item in node.items)


def all_arguments(arguments):
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *[a for a in (arguments.vararg, arguments.kwarg) if a]]


def argument_names(arguments): return [a.arg for a in all_arguments(arguments)]


def exclusive(a, b):
    """Whether two branch paths can't both run in one execution (arms of one statement, with no loop around it)."""
    arms = {node: arm for node, arm, loops in a if loops == 0}
    return any(loops == 0 and node in arms and arms[node] != arm for node, arm, loops in b)


# ---------------------------------------------------------------- modules

class Module:
    def __init__(self, tree, path):
        self.tree, self.path = tree, path
        self.folder = os.path.dirname(path)
        self.error = None
        try:
            data = (tree.root / path).read_bytes()
            self.ast = ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError, OSError) as error:
            self.error, self.ast = error, ast.Module([], [])
        self.walker = Walker(self)
        self.scope = self.walker.run(self.ast)
        if not self.error and b"global " in data: self.walker.run_bodies()
        self.exports_memo = None

    def all_names(self):
        """(literal names of __all__ or None, whether it has parts that aren't literal)"""
        if self.exports_memo: return self.exports_memo
        found, names, dynamic = False, set(), False
        def take(value):
            nonlocal dynamic
            if isinstance(value, (ast.List, ast.Tuple, ast.Set)):
                for element in value.elts:
                    if isinstance(element, ast.Constant): names.add(element.value)
                    else: dynamic = True
            elif isinstance(value, ast.BinOp): take(value.left); take(value.right)
            else: dynamic = True
        is_all = lambda n: isinstance(n, ast.Name) and n.id == "__all__"
        for node in ast.walk(self.ast):
            if isinstance(node, ast.Assign) and any(map(is_all, node.targets)): found = True; take(node.value)
            elif isinstance(node, (ast.AugAssign, ast.AnnAssign)) and is_all(node.target) and node.value: found = True; take(node.value)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_all(node.func.value) and node.args:
                found = True
                if node.func.attr == "append": take(ast.List(node.args))
                elif node.func.attr == "extend": take(node.args[0])
        self.exports_memo = (names if found else None, dynamic)
        return self.exports_memo

    def star_exports(self, name):
        names, dynamic = self.all_names()
        if names is None: return not name.startswith("_")
        return name in names or (dynamic and not name.startswith("_"))


class Tree:
    def __init__(self, root, factory):
        self.root, self.factory = Path(root), factory.replace(".", "/")
        listed = subprocess.run(["rg", "--files", "--no-messages", "--type-add", "qm:*.{py,pyi}", "-t", "qm", "."], cwd=root, capture_output=True).stdout
        self.listed = sorted(p[2:] for p in listed.decode(errors="surrogateescape").splitlines())
        self.files, self.folders = set(), {""}
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if f != ".git"]
            rel = os.path.relpath(folder, root)
            rel = "" if rel == "." else rel
            python = [n for n in names if n.endswith(".py")]
            self.files.update(os.path.join(rel, n) for n in python)
            while python and rel not in self.folders: self.folders.add(rel); rel = os.path.dirname(rel)
        self.roots = self.find_roots()
        self.tops = collections.defaultdict(set)     # first part of a module's name -> roots that have it
        for root_ in self.roots:
            for path in self.children(root_): self.tops[os.path.basename(path).removesuffix(".py")].add(root_)
        self.modules, self.memo, self.stack, self.cycles = {}, {}, set(), 0

    def children(self, folder):
        if not hasattr(self, "_children"):
            self._children = collections.defaultdict(set)
            for path in [*self.files, *(f for f in self.folders if f)]: self._children[os.path.dirname(path)].add(path)
        return self._children[folder]

    def find_roots(self):
        roots = {""}
        for folder in self.folders:
            name, parent = os.path.basename(folder), os.path.dirname(folder)
            if folder and not name.isidentifier(): roots.add(folder)
            if name == "src": roots.add(folder)
            package = os.path.join(folder, "__init__.py") in self.files
            if package and folder and os.path.join(parent, "__init__.py") not in self.files: roots.add(parent)
            if os.path.join(folder, self.factory + ".py") in self.files: roots.add(folder)
        return roots

    def is_sdk(self, path):
        """Own code of a copy of the SDK: a package `openai` that no other package or namespace holds, or that has the SDK's modules."""
        parts = path.split("/")
        for index, part in enumerate(parts[:-1]):
            if part != "openai": continue
            folder = "/".join(parts[:index + 1])
            if folder + "/__init__.py" not in self.files: continue
            if folder + "/_client.py" in self.files: return True
            if index == 0 or not parts[index - 1].isidentifier(): return True
        return False

    def is_factory(self, path):
        stem = path.removesuffix(".pyi").removesuffix(".py").removesuffix("/__init__")
        return stem == self.factory or stem.endswith("/" + self.factory)

    def module(self, path):
        if path not in self.modules: self.modules[path] = Module(self, path)
        return self.modules[path]

    # finding modules
    def sub(self, folders, name):
        """The module `name` in folders: ("file", path), ("ns", folders) or None."""
        spaces = []
        for folder in folders:
            here = os.path.join(folder, name)
            if here + "/__init__.py" in self.files: return ("file", here + "/__init__.py")
            if here + ".py" in self.files: return ("file", here + ".py")
            if here in self.folders: spaces.append(here)
        return ("ns", tuple(spaces)) if spaces else None

    def walk(self, value, parts):
        for part in parts:
            if value is None: return None
            value = self.submodule(value, part)
        return value

    def submodule(self, value, name):
        if value[0] == "ns": return self.sub(value[1], name)
        if value[0] == "file" and value[1].endswith("/__init__.py") or value[0] == "file" and value[1] == "__init__.py":
            return self.sub([os.path.dirname(value[1])], name)
        return None

    def absolute(self, dotted, path):
        parts = dotted.split(".")
        if parts[0] == "openai": return ("sdk", dotted, "")
        ancestors = []
        folder = os.path.dirname(path)
        while True:
            if folder in self.roots: ancestors.append(folder)
            if not folder: break
            folder = os.path.dirname(folder)
        having = self.tops.get(parts[0], ())
        order = [r for r in ancestors if r in having] + sorted(r for r in having if r not in ancestors)
        spaces = []
        for root in order:
            found = self.walk(("ns", (root,)), parts)
            if found and found[0] == "file": return found
            if found: spaces += found[1]
        return ("ns", tuple(spaces)) if spaces else ("ext", dotted)

    def request(self, request, path):
        """The module that `from REQUEST import …` names in a file."""
        level = len(request) - len(request.lstrip("."))
        if not level: return self.absolute(request, path)
        folder = os.path.dirname(path)
        for _ in range(level - 1): folder = os.path.dirname(folder)
        package = ("file", os.path.join(folder, "__init__.py")) if os.path.join(folder, "__init__.py") in self.files else ("ns", (folder,))
        rest = request.lstrip(".")
        return self.walk(package, rest.split(".") if rest else [])

    # evaluating
    def attribute(self, value, name):
        kind = value[0]
        if kind == "sdk":
            dotted, how = value[1], value[2]
            known = SDK.get(dotted, {})
            if name in known: return {("cls", f"{dotted}.{name}", how or ("" if known[name] else "soft"))}
            return {("sdk", f"{dotted}.{name}", how)} if f"{dotted}.{name}" in SDK or dotted == "openai" and name == "lib" else set()
        if kind == "ext": return {("ext", f"{value[1]}.{name}")}
        if kind == "ns":
            found = self.submodule(value, name)
            return {found} if found else set()
        if kind == "file": return self.member(value[1], name)
        if kind == "pcls":
            scope = value[1]
            if name in scope.names and scope.end:
                return {soft(v) for v in self.evaluate_bindings(name, scope.end.get(name)) if v[0] in ("cls", "sdk")}
        return set()

    def member(self, path, name):
        key = ("member", path, name)
        def compute():
            module = self.module(path)
            bindings = module.scope.end.get(name) | module.scope.outside.get(name, set())
            values = self.evaluate_bindings(name, bindings)
            if not values and not self.exists(name, bindings):
                found = self.submodule(("file", path), name)
                if found: values = {found}
            return values
        return self.guarded(key, compute)

    def exists(self, name, bindings):
        """Whether any of the bindings really gives the name something."""
        for binding in bindings:
            if binding is UNBOUND: continue
            if binding.kind != "star": return True
            request, before = binding.data
            module = self.request(request, binding.scope.module.path)
            if module and module[0] == "file" and self.module(module[1]).star_exports(name):
                inner = self.module(module[1]).scope
                if self.guarded(("exists", module[1], name), lambda: {True} if self.exists(name, inner.end.get(name)) else set()): return True
            if self.exists(name, before): return True
        return False

    def guarded(self, key, compute):
        if key in self.memo: return self.memo[key]
        if key in self.stack:
            self.cycles += 1
            return set()
        self.stack.add(key)
        before = self.cycles
        try: result = compute()
        finally: self.stack.discard(key)
        if self.cycles == before or not self.stack: self.memo[key] = result
        return result

    def evaluate_bindings(self, name, bindings):
        values = set()
        for binding in bindings: values |= self.guarded((id(binding), name), lambda b=binding: self.evaluate_binding(name, b))
        return values

    def evaluate_binding(self, name, binding):
        kind, data = binding.kind, binding.data
        if kind in ("unbound", "unknown"): return set()
        path = binding.scope.module.path
        if kind == "import":
            return {v for v in [self.absolute(data, path)] if v}
        if kind == "from":
            module = self.request(data[0], path)
            if module == ("file", path) and (found := self.submodule(module, data[1])): return {found}    # `from . import x` in __init__
            return self.attribute(module, data[1]) if module else set()
        if kind == "expr": return self.evaluate(data, binding.scope.module, bound=True)
        if kind == "soft": return {soft(v) for v in self.evaluate(data, binding.scope.module)}
        if kind == "loop": return {soft(v) for e in data for v in self.evaluate(e, binding.scope.module)}
        if kind == "class": return {("pcls", data)}
        if kind == "star":
            request, before = data
            module = self.request(request, path)
            values, surely = set(), False
            if module and module[0] == "sdk":
                known = SDK.get(module[1], {})
                if name in known and (known[name] or module[1] != "openai"): values, surely = self.attribute(module, name), True
            elif module and module[0] == "file" and self.module(module[1]).star_exports(name):
                scope = self.module(module[1]).scope
                bindings = scope.end.get(name)
                surely = self.exists(name, bindings) and UNBOUND not in bindings
                names, _ = self.module(module[1]).all_names()
                values = self.member(module[1], name) if names and name in names else self.evaluate_bindings(name, bindings | scope.outside.get(name, set()))
            return values if surely else values | self.evaluate_bindings(name, before)
        raise AssertionError(kind)

    def lookup(self, module, node):
        """(values, bindings) of a name that is read."""
        scope, bindings = module.walker.namerefs.get(id(node), (None, frozenset()))
        if bindings is None: bindings = self.outer(scope, node.id)
        elif scope is not None and bindings:
            bindings = bindings | scope.outside.get(node.id, set()) if scope.kind in ("module", "function", "lambda") else bindings
            if UNBOUND in bindings and (node.id in scope.globals or scope.kind == "class"): bindings = bindings | self.module_view(scope, node.id)
            elif UNBOUND in bindings and node.id in scope.nonlocals: bindings = bindings | self.outer(scope, node.id)
        return self.evaluate_bindings(node.id, bindings), bindings

    def outer(self, scope, name, only_module=False):
        """The bindings of a name that a scope does not own."""
        deferred = False
        while True:
            deferred |= scope.deferred
            came_from_class = scope.kind == "class"
            captured, seq, path = scope.captured, scope.captured_seq, scope.captured_path
            parent = scope.parent
            if parent is None: return frozenset()
            while parent.kind == "comp":                       # a lambda or class inside a comprehension
                if name in parent.names: return frozenset([UNKNOWN])
                if parent.captured is not None:                # a comprehension of a class body: the class is skipped
                    captured, seq, path = parent.captured, parent.captured_seq, parent.captured_path
                parent = parent.parent
            if parent.kind == "class" and not (scope.kind == "class" and False):
                scope = parent; scope_deferred = deferred; deferred = scope_deferred
                continue
            owns = parent.kind == "module" or name in parent.names
            if owns and not (only_module and parent.kind != "module"):
                found = set(captured.get(name)) | parent.outside.get(name, set())
                if deferred:
                    for at, logged, binding, where in parent.log:
                        if at > seq and logged in (name, "*") and not exclusive(path, where): found.add(binding)
                return frozenset(found)
            if name in parent.globals: only_module = True
            scope = parent

    def module_view(self, scope, name): return self.outer(scope, name, only_module=True)

    def evaluate(self, node, module, bound=False):
        """The values of an expression; `bound`: the result goes to a name, so import_module and getattr count."""
        if isinstance(node, ast.Name): return self.lookup(module, node)[0]
        if isinstance(node, ast.Attribute):
            return {v for value in self.evaluate(node.value, module) for v in self.attribute(value, node.attr)}
        if isinstance(node, ast.NamedExpr): return self.evaluate(node.value, module, bound=True)
        if isinstance(node, ast.IfExp):
            values = self.evaluate(node.body, module, bound) | self.evaluate(node.orelse, module, bound)
            return values if bound else {soft(v) for v in values}
        if isinstance(node, ast.BoolOp):
            return {soft(v) for part in node.values for v in self.evaluate(part, module, bound)}
        if isinstance(node, ast.Call):
            how = "dyn" if bound else "soft"
            return {(v[0], v[1], how) for v in self.dynamic(node, module) if v[0] in ("cls", "sdk")}
        return set()

    def dynamic(self, node, module):
        func, args = node.func, node.args
        literal = lambda n: n.value if isinstance(n, ast.Constant) and isinstance(n.value, str) else None
        names = {v[1] for v in self.evaluate(func, module) if v[0] == "ext"}
        builtin = func.id if isinstance(func, ast.Name) and all(b is UNBOUND for b in self.lookup(module, func)[1]) else None
        if builtin == "getattr" and len(args) >= 2 and literal(args[1]):
            return {v for value in self.evaluate(args[0], module, bound=True) for v in self.attribute(value, literal(args[1]))}
        if ("importlib.import_module" in names or builtin == "__import__") and args and literal(args[0]):
            dotted = literal(args[0])
            if builtin: dotted = dotted.split(".")[0]
            if dotted.startswith("."): return set()
            found = self.absolute(dotted, module.path)
            return {found} if found else set()
        return set()

    # places
    def places(self, path):
        """[(line, column, alternatives, symbols, how)] of direct constructions in a file."""
        module = self.module(path)
        if module.error: return []
        module.walker.run_bodies()
        lines = Lines((self.root / path).read_bytes())
        found = []
        for call in module.walker.calls.values():
            classes = {v for v in self.evaluate(call.func, module) if v[0] == "cls"}
            if classes: found.append(self.place(lines, call, [], classes, inline(call.func))); continue
            if isinstance(call.func, ast.Name) and call.func.id in ("isinstance", "issubclass", "hasattr", "getattr", "print", "repr", "id"): continue
            handed = []
            names = {v[1] for v in self.evaluate(call.func, module) if v[0] == "ext"}
            if names & {"typing.cast", "typing_extensions.cast"}: continue
            for index, argument in enumerate(call.args):
                if isinstance(argument, ast.Starred): continue
                sure = index == 0 and names & {"functools.partial", "functools.partialmethod"}
                handed.append((argument, sure))
            handed += [(keyword.value, keyword.arg == "default_factory") for keyword in call.keywords if keyword.arg]
            for argument, sure in handed:
                if not isinstance(argument, (ast.Name, ast.Attribute, ast.NamedExpr)): continue
                classes = {v for v in self.evaluate(argument, module) if v[0] == "cls"}
                if classes: found.append(self.place(lines, argument, [call], classes, not sure))
        return sorted(set(found))

    def place(self, lines, node, others, classes, is_soft):
        how = "soft" if is_soft or all(c[2] == "soft" for c in classes) else "dyn" if any(c[2] == "dyn" for c in classes) else ""
        spots = [lines.spot(n) for n in [node, *others]]
        return (*spots[0], tuple(spots), " | ".join(sorted({c[1] for c in classes})), how)

    def wanted(self):
        """Files that can hold a construction: those that say openai, and those that say a name under which a class or the SDK is exported."""
        own = [p for p in self.listed if not self.is_sdk(p) and not self.is_factory(p)]
        texts = {p: (self.root / p).read_bytes() for p in own}
        wanted = {p for p, text in texts.items() if b"openai" in text.lower()}
        known, done = set(), set()
        while wanted - done:
            for path in sorted(wanted - done):
                done.add(path)
                scope = self.module(path).scope
                for name in [*scope.end.names, *scope.outside]:
                    if any(v[0] in ("cls", "sdk") for v in self.member(path, name)) and "openai" not in name.lower(): known.add(name)
            if known:
                pattern = re.compile(rb"\b(?:" + b"|".join(sorted(n.encode() for n in known)) + rb")\b")
                wanted |= {p for p, text in texts.items() if p not in wanted and pattern.search(text)}
        self.renamed = known
        return sorted(wanted)


def soft(value): return (value[0], value[1], "soft") if value[0] in ("cls", "sdk") else value


def inline(func):
    """Whether the callee is itself dynamic or a choice, not a name or attribute of one."""
    while isinstance(func, ast.Attribute): func = func.value
    return isinstance(func, (ast.Call, ast.IfExp, ast.BoolOp))


class Lines:
    """Turns ast positions (line, byte column) into (line, character column from 1)."""
    def __init__(self, data):
        data = data.removeprefix(b"\xef\xbb\xbf")
        self.lines = re.split(rb"\r\n|\n|\r", data)
    def spot(self, node):
        head = self.lines[node.lineno - 1][:node.col_offset]
        return node.lineno, len(head.decode("utf-8", "replace")) + 1


# ---------------------------------------------------------------- comparing

def compare(root, mine, broken, args):
    run = subprocess.run([args.bin, "scan", "--format", "json", "--exit-zero"], cwd=root, capture_output=True)
    if run.returncode not in (0, 3): sys.exit(f"qmigrate exited {run.returncode}: {run.stderr.decode(errors='replace')[-2000:]}")
    scan = json.loads(run.stdout)
    problems = {p["path"] for p in scan["problems"]}
    theirs = [f for f in scan["findings"] if f["rule"] == "direct-client" and f["path"].endswith((".py", ".pyi"))]
    other = collections.Counter(f["rule"] for f in scan["findings"])
    print(f"qmigrate: {len(theirs)} direct-client places, all rules {dict(other)}, {len(problems)} files with problems")
    used, only_mine, soft_hit, symbol = set(), [], 0, []
    at = collections.defaultdict(list)
    for index, finding in enumerate(theirs): at[finding["path"], finding["line"], finding["column"]].append(index)
    for path, line, column, spots, symbols, how in sorted(mine, key=lambda p: p[5] == "soft"):
        hit = next((i for spot in spots for i in at.get((path, *spot), []) if i not in used), None)
        if hit is not None:
            used.add(hit)
            soft_hit += how == "soft"
            if theirs[hit]["symbol"].rsplit(".", 1)[-1] not in {s.rsplit(".", 1)[-1] for s in symbols.split(" | ")}:
                symbol.append(f"{path}:{line}:{column} mine {symbols}, theirs {theirs[hit]['symbol']}")
        elif how != "soft": only_mine.append((path, line, column, symbols, how))
    excused = broken | problems
    show = lambda p, l: next(iter((root / p).read_bytes().splitlines()[l - 1:l]), b"").decode(errors="replace").strip()[:120]
    only_theirs = [f for i, f in enumerate(theirs) if i not in used]
    print(f"agreed on {len(used)} ({soft_hit} of them ambiguous)")
    bad = 0
    for path, line, column, symbols, how in only_mine:
        note = " [file has a problem]" if path in excused else ""
        bad += not note
        print(f"ONLY MINE   {path}:{line}:{column} {symbols} {how}{note}\n            {show(path, line)}")
    for f in only_theirs:
        note = " [file has a problem]" if f["path"] in excused else ""
        bad += not note
        print(f"ONLY THEIRS {f['path']}:{f['line']}:{f['column']} {f['symbol']} {f['held_back'] or ''}{note}\n            {show(f['path'], f['line'])}")
    for line in symbol: print("SYMBOL     ", line)
    print(f"differences: {bad}, symbols that differ: {len(symbol)}")
    return 1 if bad else 0


def find(root, factory):
    tree = Tree(root, factory)
    mine = [(path, *place) for path in tree.wanted() for place in tree.places(path)]
    broken = {p for p, m in tree.modules.items() if m.error}
    return tree, mine, broken


# ---------------------------------------------------------------- own cases

CASES = r'''
# plain, alias, module alias, paren
from openai import OpenAI, AsyncOpenAI as A
import openai, openai as oa, openai.lib.azure, openai.lib.azure as az
OpenAI()#!
A()#!
openai.OpenAI()#!
oa.AsyncClient()#!
openai.lib.azure.AzureOpenAI()#!
az.AsyncAzureOpenAI()#!
(OpenAI)()#!
oa.Unknown()
openai.chat.completions.create()
=====
# star, and an explicit name after it
from openai import *
AzureOpenAI()#!
OpenAI = object
OpenAI()
=====
from mine import OpenAI
from openai import *
OpenAI()#!
=====
# rebinding kills; later binding unbinds
from openai import OpenAI
def f():
    OpenAI()
    OpenAI = 1
def g(OpenAI): OpenAI()
def h(): OpenAI()#!
lambda OpenAI: OpenAI()
[OpenAI() for OpenAI in x]
[OpenAI() for y in x]#!
class K:
    OpenAI = 3
    OpenAI()
    def m(self): OpenAI()#!
    def d(self, x=OpenAI()): pass
=====
try:
    from openai import OpenAI
except ImportError:
    OpenAI = None
OpenAI()#!
def f(): return OpenAI()#!
=====
if x: from openai import OpenAI as C
else: from openai import AzureOpenAI as C
C()#!
del C
C()
=====
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from openai import OpenAI
def f(): OpenAI()#!
=====
def f():
    global C
    from openai import OpenAI as C
    C()#!
def g(): C()#!
def o():
    x = None
    def i():
        nonlocal x
        import openai
        x = openai.OpenAI
    i()
    x()#!
=====
from openai import OpenAI
print(f"{OpenAI()!r} {f'{OpenAI()}'}")#!#!
with OpenAI() as c: pass#!
match OpenAI():#!
    case OpenAI.x: OpenAI()#!
match y:
    case OpenAI: OpenAI()
=====
from openai import OpenAI
if (C := OpenAI): C()#!
x = given or OpenAI()#!
OpenAI().chat.completions.create(OpenAI())#!#!
x = lambda: OpenAI()#!
def f(a=OpenAI()): pass#!
@dec(OpenAI())#!
def g(): pass
"OpenAI()"
def h() -> "OpenAI()": "OpenAI()"
=====
import importlib
from importlib import import_module as im
m = importlib.import_module("openai")
m.OpenAI()#!
n = im("openai")
n.OpenAI()#!
import openai
G = getattr(openai, "OpenAI")
G()#!
=====
from functools import partial
import functools
from dataclasses import field
from openai import OpenAI
partial(OpenAI, timeout=3)#!
functools.partial(OpenAI)#!
field(default_factory=OpenAI)#!
print(isinstance(x, OpenAI))
=====
from langchain_openai import OpenAI
OpenAI()
import dspy
dspy.OpenAI()
=====
a = b = __import__
import openai
A, B = openai.OpenAI, 3
A()#!
B()
openai = A()#!
openai.OpenAI()
=====
from openai import OpenAI
OpenAI = 3
def f(): OpenAI()
=====
def f(): OpenAI()#!
from openai import OpenAI
=====
while 1:
    if C: C()
    from openai import OpenAI as C
    break
=====
for x in y:
    if z: C()#!
    from openai import OpenAI as C
=====
if a:
    OpenAI = Fake
    def f(): OpenAI()
else:
    from openai import OpenAI
    def f(): OpenAI()#!
=====
class K:
    from openai import OpenAI
    c = OpenAI()#!
    def m(self): OpenAI()
    x = [OpenAI() for _ in y]
    x = [1 for _ in OpenAI()]#!
=====
async def f():
    from openai import AsyncOpenAI
    async with AsyncOpenAI() as c: yield c#!
    def g(): return [lambda: AsyncOpenAI() for _ in x]#!
=====
from contextlib import suppress
C = None
with suppress(ImportError):
    from openai import OpenAI as C
C()#!
try:
    import x
except A:
    from openai import OpenAI as D
except B:
    D()
else:
    D = 1
    D()
finally:
    D()#!
D()#!
=====
from typing import cast
from openai import OpenAI, AsyncOpenAI
cast(OpenAI, x)
def outer():
    class Inner:
        attr = OpenAI()#!
        OpenAI = 3
        attr = OpenAI
        def m(self): return OpenAI()#!
    return Inner
def late():
    def inner(): return Cls()#!
    Cls = OpenAI if x else AsyncOpenAI
    Cls()#!
    return inner
def early(): return Late()#!
Late = OpenAI
async def a():
    return [await OpenAI().x async for q in OpenAI()]#!#!
def deco(f=lambda: OpenAI()): pass#!
@(lambda c: c)(OpenAI)
def z(): pass
x: OpenAI = OpenAI()#!
class G(Base, client=OpenAI()): pass#!
def generic[OpenAI](x): OpenAI()
def kw(*, OpenAI): OpenAI()
def va(*OpenAI): OpenAI()
def nested(OpenAI):
    return lambda: OpenAI()
type(OpenAI())#!
{OpenAI(): OpenAI()}#!#!
x[OpenAI():]#!
del OpenAI
OpenAI()
=====
import openai.lib.azure
openai.AzureOpenAI()#!
import openai as o2
from openai import lib
lib.azure.AsyncAzureOpenAI()#!
from openai.lib import azure
azure.AzureOpenAI()#!
from openai._client import Client
Client()#!
def f():
    openai = 3
    openai.OpenAI()
def g(openai):
    return openai.OpenAI()
for openai in x: openai.OpenAI()
=====
class OpenAI: pass
OpenAI()
from openai import OpenAI as C
class D(C): pass
D()
=====
from openai import OpenAI
try:
    pass
except OpenAI as OpenAI:
    OpenAI()
'''

FILES = {   # a tree of several files
    "pkg/__init__.py": "from .clients import *\nfrom .sub import Renamed as Again\n",
    "pkg/clients.py": "import openai\nfrom openai import OpenAI as Hidden\n__all__ = ['Client', 'Hidden']\nClient = openai.OpenAI\nOther = openai.AsyncOpenAI\n",
    "pkg/sub/__init__.py": "from ..clients import Client as Renamed\nfrom . import deep\n",
    "pkg/sub/deep.py": "from .. import Again, sub\nAgain()#!\nsub.Renamed()#!\nsub.deep.Again()#!\n",
    "pkg/use.py": "from pkg import Client, Again as X\nfrom .clients import Other\nClient()#!\nX()#!\nOther()#!\nimport pkg.clients as c, pkg\nc.Client()#!\npkg.Hidden()#!\npkg.Other()\npkg.clients.Other()#!\n",
    "pkg/star.py": "from pkg.clients import *\nHidden()#!\nOther()\n",
    "pkg/own.py": "class OpenAI: ...\nOpenAI()\n",
    "pkg/useown.py": "from .own import OpenAI\nOpenAI()\n",
    "circle/a.py": "from .b import X\nfrom openai import OpenAI as Y\nX()#!\n",
    "circle/b.py": "from .a import Y as X, Z\nX()#!\nfrom .c import Z\nZ()\n",
    "circle/c.py": "from .b import Z\nZ()\n",
    "utils/openai_client_factory.py": "from openai import OpenAI\nOpenAI()\n",
    "vendor-1.0/openai/__init__.py": "from ._client import OpenAI\nOpenAI()\n",
    "vendor-1.0/openai/_client.py": "class OpenAI: ...\nOpenAI()\n",
    "vendor-1.0/inner/openai/__init__.py": "from openai import OpenAI\nOpenAI()#!\n",
    "vendor-1.0/lib/__init__.py": "",
    "vendor-1.0/lib/x.py": "from openai import OpenAI as Q\n",
    "vendor-1.0/lib/y.py": "from lib.x import Q\nQ()#!\nimport lib.x\nlib.x.Q()#!\n",
}


def self_test():
    failed = 0
    cases = [{"case.py": text} for text in CASES.split("\n=====\n")] + [FILES]
    for files in cases:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
                Path(folder, name).write_text(text)
            _, mine, broken = find(folder, "utils.openai_client_factory")
            got = collections.Counter((p[0], p[1]) for p in mine if p[5] != "soft")
            want = collections.Counter({(n, i + 1): l.count("#!") for n, t in files.items() for i, l in enumerate(t.splitlines()) if "#!" in l})
            for name, line in sorted(set(got) | set(want)):
                if got[name, line] != want[name, line]:
                    failed += 1
                    print(f"case {name}:{line}: found {got[name, line]}, expected {want[name, line]}: {files[name].splitlines()[line - 1]}")
            if broken: print("does not parse:", broken); failed += 1
    print(f"{len(cases)} cases, {failed} failures")
    return bool(failed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", nargs="?", type=Path)
    parser.add_argument("--bin", type=Path, help="qmigrate to compare with; without it the places are listed")
    parser.add_argument("--factory", default="utils.openai_client_factory")
    parser.add_argument("--soft", action="store_true", help="list the ambiguous places too")
    parser.add_argument("--cache", type=Path, help="keep my places of this tree in FILE, or take them from there (delete it when the tree or I change)")
    parser.add_argument("--test", action="store_true")
    args = parser.parse_args()
    if args.test: sys.exit(self_test())
    if not args.tree: parser.error("TREE is missing")
    if args.bin: args.bin = args.bin.resolve()
    if args.cache and args.cache.exists():
        saved = json.loads(args.cache.read_text())
        mine = [tuple(tuple(map(tuple, x)) if isinstance(x, list) else x for x in p) for p in saved["mine"]]
        broken, listed, parsed, renamed, errors = set(saved["broken"]), saved["listed"], saved["parsed"], saved["renamed"], saved["broken"]
    else:
        tree, mine, broken = find(args.tree, args.factory)
        listed, parsed, renamed, errors = len(tree.listed), len(tree.modules), sorted(tree.renamed), {p: str(tree.modules[p].error) for p in sorted(broken)}
        if args.cache: args.cache.write_text(json.dumps({"mine": mine, "broken": errors, "listed": listed, "parsed": parsed, "renamed": renamed}))
    kinds = collections.Counter({"": "strict"}.get(p[5], p[5]) for p in mine)
    print(f"mine: {listed} files listed, {parsed} parsed, places {dict(kinds)}; exported under other names: {renamed}")
    for path in sorted(broken): print(f"does not parse: {path}: {errors[path]}")
    if not args.bin or args.soft:
        for path, line, column, _, symbols, how in mine:
            if not args.bin and how != "soft" or args.soft and how == "soft": print(f"{path}:{line}:{column} {symbols} {how}")
    if args.bin: sys.exit(compare(args.tree, mine, broken, args))


if __name__ == "__main__":
    main()
