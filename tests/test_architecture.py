"""The folder list is the pipeline: who may import whom, who may print, who may start a process, and how long a file is."""

from __future__ import annotations

import ast
import functools
import itertools
import re
from typing import TYPE_CHECKING

import pytest
from support import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.unmeasured

PACKAGE = ROOT / "driftcheck"

PIPELINE = (
    "core",
    "snapshot",
    "php",
    "yaml",
    "mediawiki",
    "statistics",
    "judging",
    "layers",
    "engine",
    "history",
    "repair",
    "report",
    "cli",
)
"""From the first to the last: a package imports what stands before it, or what is in itself."""
RANK = {name: rank for rank, name in enumerate(PIPELINE)}
ENVIRONMENT = {"cli", "snapshot"}
PROCESSES = {"snapshot", "snapshot.git", "snapshot.hook", "history.helper"}
CONNECTIONS = {"statistics.http"}
OPENING = {
    "core.files": "the one that does",
    "core.kept": "the folder of a cache, and the files that it writes",
    "core.resources": "what comes with driftcheck",
    "report.page.template": "the same",
    "layers.extension.profiles": "the same",
    "layers.extension.cache": "driftcheck's own modules",
    "cli.streams": "the output",
    "repair.writing": "the files that fix --apply writes",
    "snapshot.hook": "the command lines of running processes, in /proc",
    "cli.check": "the summary of a step of GitHub Actions, which is written",
    "statistics.http": "a connection",
}
"""Modules that open files, each with what it opens."""
LIMIT = 300
LONGER = {
    "core.model": "the types that everything is made of",
    "php.expressions": "one small function a kind of expression",
    "php.program": "one file of PHP as something to call: what it returns, its functions, its tables",
}
"""Modules over the limit, each with its reason."""


def _modules() -> dict[str, Path]:
    """Every module by its dotted name below the package; a package is named by its folder."""
    out: dict[str, Path] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        out[".".join(parts)] = path
    return out


MODULES = _modules()


@functools.cache
def _tree(module: str) -> ast.Module:
    """A module's syntax."""
    return ast.parse(MODULES[module].read_text("utf-8"), module)


@functools.cache
def _nodes(module: str) -> tuple[ast.AST, ...]:
    """All that a module's syntax is made of."""
    return tuple(ast.walk(_tree(module)))


def _group(module: str) -> str:
    """The entry of the pipeline that a module belongs to."""
    return "cli" if module == "__main__" else module.partition(".")[0]


@functools.cache
def _imports(module: str) -> set[str]:
    """The modules of the package that a module imports, anywhere in it, for typing too."""
    found: set[str] = set()
    for node in _nodes(module):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative imports hide the direction"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name == "driftcheck" or not name.startswith("driftcheck."):
                continue
            dotted = name.removeprefix("driftcheck.")
            while dotted and dotted not in MODULES:
                dotted = dotted.rpartition(".")[0]
            if dotted:
                found.add(dotted)
    return found - {module}


NAMED = sorted(name for name in MODULES if name)


def test_the_walk_sees_imports_at_all():
    assert "core.model" in _imports("core.diff")
    assert any("engine" in _imports(name) for name in MODULES if name.startswith("cli")), "an import inside a function"
    assert "snapshot" in _imports("engine"), "an import for typing"


def test_the_pipeline_names_every_package_and_nothing_that_is_gone():
    assert {_group(name) for name in NAMED} == set(PIPELINE)


def test_imports_point_one_way():
    upward = [
        f"{module} imports {name}"
        for module in NAMED
        for name in sorted(_imports(module))
        if name and RANK[_group(name)] > RANK[_group(module)]
    ]
    assert upward == []


def test_contributing_shows_the_pipeline():
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text("utf-8")
    assert f"    {' -> '.join(PIPELINE)}\n" in text


def test_no_module_imports_itself_through_others():
    """Imports for typing count: a circle of types is a circle of thoughts."""
    state: dict[str, bool] = {}
    way: list[str] = []
    circles: list[str] = []

    def visit(module: str) -> None:
        state[module] = False
        way.append(module)
        for name in sorted(_imports(module)):
            if _group(name) == _group(module) == "php":
                continue  # an evaluator and its parts: each node type's function takes the evaluator
            if name in state and not state[name]:
                circles.append(" -> ".join([*way[way.index(name) :], name]))
            elif name not in state:
                visit(name)
        way.pop()
        state[module] = True

    for module in MODULES:
        if module not in state:
            visit(module)
    assert circles == []


@functools.cache
def _calls(module: str) -> set[str]:
    """The dotted names that a module mentions: print, sys.exit, os.environ."""
    out: set[str] = set()
    for node in _nodes(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            out.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Name):
            out.add(node.id)
        elif isinstance(node, ast.Attribute):
            out.add(f".{node.attr}")
    return out


@functools.cache
def _imported(module: str) -> set[str]:
    """The names of everything that a module imports from outside."""
    out: set[str] = set()
    for node in _nodes(module):
        if isinstance(node, ast.Import):
            out |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            out |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return out


PRINTING = {
    "print",
    "sys.stdout",
    "sys.stderr",
    "sys.exit",
    "exit",
    "quit",
    "os._exit",
    "click.echo",
    "input",
    "breakpoint",
}
SURROUNDINGS = {
    "os.environ",
    "os.getenv",
    "environ",
    "getenv",
    "time.time",
    "date.today",
    "datetime.now",
    "dt.now",
    "sys.argv",
    ".today",
    ".now",
    "Path.cwd",
    "Path.home",
    "os.getcwd",
}


def _offending(allowed: set[str], found: Callable[[str], set[str]]) -> dict[str, set[str]]:
    """The modules outside ``allowed`` (packages or modules) in which something is found that must not be there."""
    return {module: names for module in NAMED if not {module, _group(module)} & allowed and (names := found(module))}


def test_only_the_command_line_prints_and_exits():
    assert _offending({"cli"}, lambda module: _calls(module) & PRINTING | _imported(module) & {"click"}) == {}


def test_clock_and_environment():
    assert _offending(ENVIRONMENT, lambda module: _calls(module) & SURROUNDINGS) == {}
    assert _offending({"cli"}, lambda module: _calls(module) & (SURROUNDINGS - {"os.environ"})) == {}


def test_only_the_snapshot_starts_processes():
    starting = {"subprocess", "multiprocessing", "pty"}
    calling = {"os.system", "os.popen", "os.spawnv", "os.execv", "os.fork"}
    assert _offending(PROCESSES, lambda module: _imported(module) & starting | _calls(module) & calling) == {}


def test_only_one_module_opens_connections():
    connecting = {"socket", "ssl", "urllib.request", "http.client", "asyncio", "ftplib", "smtplib", "socketserver"}
    assert _offending(CONNECTIONS, lambda module: _imported(module) & connecting) == {}


def test_only_one_module_opens_files_that_somebody_named():
    opening = {"open", "os.open", ".open", ".read_bytes", ".read_text"}
    assert _offending(set(OPENING), lambda module: _calls(module) & opening) == {}


def test_php_knows_nothing_of_mediawiki():
    names = re.compile(r"\bw[fg][A-Z]|wm[fg]|labs|wfload|LOADED|dblist", re.ASCII)
    modules = [name for name in NAMED if _group(name) == "php"]
    assert [name for name in modules if names.search(MODULES[name].read_text("utf-8"))] == []


def test_nothing_runs_text_as_code():
    running = {"eval", "exec", "compile", "__import__"}
    loading = {"pickle", "marshal", "shelve", "ctypes", "runpy"}
    assert _offending(set(), lambda module: _calls(module) & running | _imported(module) & loading) == {}


def test_no_module_is_too_long_without_a_reason():
    long = {name for name in NAMED if len(MODULES[name].read_text("utf-8").splitlines()) > LIMIT}
    assert long == set(LONGER)


def test_every_module_says_what_it_is():
    assert [name for name in NAMED if not ast.get_docstring(_tree(name))] == []


def _raised(function: ast.FunctionDef) -> set[str]:
    """The names of what a function raises itself; an error that it hands on has none."""
    found: set[str] = set()
    inside: list[ast.AST] = list(function.body)
    while inside:
        node = inside.pop()
        if isinstance(node, ast.Raise) and node.exc is not None:
            made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            found.add(ast.unparse(made))
        if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            inside.extend(ast.iter_child_nodes(node))
    return found


def _public(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """The functions of a module and the methods of its classes that others may call; commands are for people."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    for body in (tree.body, *(held.body for held in classes)):
        for node in body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                if not any("command(" in ast.unparse(decorator) for decorator in node.decorator_list):
                    yield node


def test_who_raises_says_so():
    """By name, where the error is a class; a function that makes the error has a name of its own."""
    silent = []
    for module in NAMED:
        for function in _public(_tree(module)):
            raised = _raised(function)
            said = re.findall(r"Raises [^.]*", ast.get_docstring(function) or "")
            if (raised and not all(any(name in text for text in said) for name in raised if name[0].isupper())) or (
                raised and not said
            ):
                silent.append(f"{module}.{function.name}: {', '.join(sorted(raised))}")
    assert silent == []


def test_errors_are_raised_where_they_are_worded():
    """``message = ...`` and then ``raise X(message)`` is two lines for one."""
    apart = []
    for module in NAMED:
        for node in _nodes(module):
            for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
                if not isinstance(body, list):
                    continue
                for before, after in itertools.pairwise(body):
                    if (
                        isinstance(before, ast.Assign)
                        and isinstance(after, ast.Raise)
                        and isinstance(after.exc, ast.Call)
                    ):
                        names = {ast.unparse(target) for target in before.targets}
                        if names & {ast.unparse(argument) for argument in after.exc.args}:
                            apart.append(f"{module}:{after.lineno}")
    assert apart == []
