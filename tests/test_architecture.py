"""The folder list is the pipeline: who may import whom, who may print, who may start a process, and how long a file is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "driftcheck"

# From the first to the last: a module imports what stands above it, or beside it in its own group.
PIPELINE: tuple[tuple[str, ...], ...] = (
    ("model", "resources", "characters"),
    ("formula",),
    ("statistics",),
    ("snapshot", "trace"),
    ("merge", "resolve"),
    ("sources.php", "sources.syntax", "sources.dblists", "sources.yamldoc", "sources.yamlvalues", "sources.constants"),
    ("sources.helm", "sources.inference", "sources.liftwing"),
    ("sources.environment", "sources.settings", "sources.tree", "sources.wikis", "sources.mediawiki"),
    ("sources.http",),
    ("sources.answers",),
    ("sources.tables", "sources.service"),
    ("sources.slices", "sources.commonsettings", "sources.extension", "sources.ores"),
    ("profiles",),
    ("normalize", "validation"),
    ("effective",),
    ("diff",),
    ("finding",),
    ("rules",),
    ("causes",),
    ("waivers", "signing"),
    ("engine",),
    ("layers",),
    ("ratchet", "cache"),
    ("report", "explain", "explain_services"),
    ("trend", "thresholds", "coverage"),
    ("cli",),
)  # fmt: skip
RANK = {name: rank for rank, group in enumerate(PIPELINE) for name in group}
PRINTERS = {"cli"}
ENVIRONMENT = {"cli", "snapshot"}
PROCESSES = {"snapshot", "snapshot.git"}
CONNECTIONS = {"sources.http"}
LIMIT = 300
LONGER = {
    "rules.drift": "each rule's page, with its bad and good example, stands in it",
    "sources.phpcalls": "one table of PHP's functions, each a few lines",
    "sources.phpexec": "one file of PHP as something to call: what it returns, its functions, its tables",
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
TREES = {name: ast.parse(path.read_text("utf-8"), str(path)) for name, path in MODULES.items()}


def _group(module: str) -> str | None:
    """The entry of the pipeline that a module belongs to: itself, or the folder that it is in."""
    if module.startswith("sources.php"):
        return "sources.php"  # the modules that read PHP are one group: php, phpexec, phpops and their like
    parts = module.split(".")
    return next((name for cut in range(len(parts), 0, -1) if (name := ".".join(parts[:cut])) in RANK), None)


def _imports(module: str) -> set[str]:
    """The modules of the package that a module imports, anywhere in it, for typing too."""
    found: set[str] = set()
    for node in ast.walk(TREES[module]):
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


EDGES = {module: _imports(module) for module in MODULES}
NAMED = sorted(name for name in MODULES if name not in ("", "sources"))


def test_the_walk_sees_imports_at_all():
    assert "model" in EDGES["diff"]
    assert any("engine" in EDGES[name] for name in MODULES if name.startswith("cli")), "an import inside a function"
    assert "snapshot" in EDGES["engine"], "an import for typing"


@pytest.mark.parametrize("module", NAMED, ids=lambda name: f"{name} has its place in the pipeline")
def test_every_module_has_its_place(module):
    assert _group(module) is not None, f"add {module} to PIPELINE"


def test_the_pipeline_names_nothing_that_is_gone():
    assert {name for name in RANK if name not in MODULES} == set()


@pytest.mark.parametrize("module", NAMED, ids=lambda name: f"{name} imports only what stands above it")
def test_imports_point_one_way(module):
    own = _group(module)
    upward = {name for name in EDGES[module] if _group(name) != own and RANK[_group(name)] > RANK[own]}
    assert upward == set()


def test_no_module_imports_itself_through_others():
    """Imports for typing count: a circle of types is a circle of thoughts."""
    state: dict[str, bool] = {}
    way: list[str] = []
    circles: list[str] = []

    def visit(module: str) -> None:
        state[module] = False
        way.append(module)
        for name in sorted(EDGES[module]):
            if _group(name) == _group(module) == "sources.php":
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


def _calls(module: str) -> set[str]:
    """The dotted names that a module mentions: print, sys.exit, os.environ."""
    out: set[str] = set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            out.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Name):
            out.add(node.id)
        elif isinstance(node, ast.Attribute):
            out.add(f".{node.attr}")
    return out


def _imported(module: str) -> set[str]:
    """The names of everything that a module imports from outside."""
    out: set[str] = set()
    for node in ast.walk(TREES[module]):
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


@pytest.mark.parametrize("module", NAMED, ids=lambda name: f"{name} prints and exits only if it is the command line")
def test_only_the_command_line_prints_and_exits(module):
    if _group(module) not in PRINTERS:
        assert _calls(module) & PRINTING == set()
        assert "click" not in _imported(module)


@pytest.mark.parametrize("module", NAMED, ids=lambda name: f"{name} looks at clock and environment only if it may")
def test_clock_and_environment(module):
    if _group(module) not in ENVIRONMENT:
        assert _calls(module) & SURROUNDINGS == set()
    assert _group(module) == "cli" or not _calls(module) & (SURROUNDINGS - {"os.environ"})


@pytest.mark.parametrize("module", NAMED, ids=lambda name: f"{name} starts no process unless it is the snapshot")
def test_only_the_snapshot_starts_processes(module):
    starting = {"subprocess", "multiprocessing", "pty"}
    if module not in PROCESSES:
        assert _imported(module) & starting == set()
        assert _calls(module) & {"os.system", "os.popen", "os.spawnv", "os.execv", "os.fork"} == set()


@pytest.mark.parametrize("module", NAMED, ids=lambda name: f"{name} opens no connection unless it may")
def test_only_one_module_opens_connections(module):
    connecting = {"socket", "ssl", "urllib.request", "http.client", "asyncio", "ftplib", "smtplib", "socketserver"}
    if module not in CONNECTIONS:
        assert _imported(module) & connecting == set()


@pytest.mark.parametrize("module", NAMED, ids=lambda name: f"{name} runs no text as code")
def test_nothing_runs_text_as_code(module):
    assert _calls(module) & {"eval", "exec", "compile", "__import__"} == set()
    assert _imported(module) & {"pickle", "marshal", "shelve", "ctypes", "runpy"} == set()


@pytest.mark.parametrize("module", NAMED, ids=lambda name: f"{name} is no longer than {LIMIT} lines")
def test_no_module_is_too_long(module):
    lines = len(MODULES[module].read_text("utf-8").splitlines())
    assert lines <= LIMIT or module in LONGER, f"{module} has {lines} lines"


@pytest.mark.parametrize("module", NAMED, ids=lambda name: f"{name} says what it is")
def test_every_module_has_a_docstring(module):
    assert ast.get_docstring(TREES[module])


def test_the_list_of_longer_modules_is_not_longer_than_it_must_be():
    assert {name for name in LONGER if len(MODULES[name].read_text("utf-8").splitlines()) <= LIMIT} == set()
