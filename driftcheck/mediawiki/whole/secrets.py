"""private/PrivateSettings.php, which no tree has: each secret stands for itself, by its name."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, IncompleteError, Input, Value
from driftcheck.mediawiki.eras import ROOT
from driftcheck.php.run.frames import Code
from driftcheck.php.run.host import Host
from driftcheck.php.run.machine import Machine
from driftcheck.php.run.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.mediawiki.inputs import Inputs
    from driftcheck.mediawiki.tree import Tree
    from driftcheck.php.run.worlds import Content

_DECLARING = ("private/readme.php", "private/PrivateSettings.php.example", "tests/data/PrivateSettings.php")


_FOLDERS = ("wmf-config", "multiversion", "src")


def _filled(shape: Value, declared: Content) -> Value:
    """A shape with what is declared of it put in its place."""
    if not isinstance(declared, Value) or declared.data is None:
        return shape
    if not isinstance(shape.data, dict) or not isinstance(declared.data, dict):
        return declared
    out = dict(shape.data)
    for key, item in declared.data.items():
        out[key] = _filled(out[key], item) if key in out else item  # type: ignore[arg-type]
    return Value(out)


def _secret(shape: Value, path: str) -> Value:
    """What stands for a secret of a shape: its name in every place that holds a text or nothing."""
    data = shape.data
    if isinstance(data, dict):
        if not data:
            return Value({0: Value(Input(f"private:{path}"))})
        return shape.with_data({key: _secret(item, f"{path}.{key}") for key, item in data.items()})  # type: ignore[arg-type]
    return shape.with_data(Input(f"private:{path}")) if data is None or isinstance(data, str) else shape


def declare(tree: Tree, machine: Machine, inputs: Inputs) -> None:
    """Set every secret that the tree declares or reads, in the world of this turn."""
    shapes = _declared(tree)
    for name in inputs.names("private"):
        held = inputs.get("private", name)
        if isinstance(held, Value) and _mentioned(tree, name):
            shapes[name] = held if inputs.given("private", name) else _filled(held, shapes.get(name, MISSING))
    for name, declared in shapes.items():
        if isinstance(declared, Value):
            machine.frame.set(name, declared if inputs.given("private", name) else _secret(declared, name))


def _declared(tree: Tree) -> dict[str, Content]:
    """The variables of the file that declares secrets, with the shapes that it gives them."""
    file = next(filter(None, map(tree.optional, _DECLARING)), None)
    if file is None:
        return {}
    machine = Machine(Host(), 1)
    machine.host.attach(machine)
    Program(machine).run_code(Code(machine, file, f"{ROOT}/{file.source.path}"))
    return {name: machine.frame.get(name) for name in machine.frame.names()}


def _mentioned(tree: Tree, name: str) -> bool:
    """Whether a file of wmf-config reads a variable."""
    wanted = f"${name}".encode()
    return any(wanted in text for text in _texts(tree, "wmf-config"))


def _texts(tree: Tree, folder: str) -> Iterator[bytes]:
    """The PHP files of a folder; a link is none: PrivateSettings.php led to a file that no tree has."""
    for path in tree.snapshot.names(folder):
        with contextlib.suppress(IncompleteError):
            if path.endswith(".php") and path.count("/") == 1 and (source := tree.snapshot.read(path)) is not None:
                yield source.text


def written(tree: Tree, name: str) -> bool:
    """Whether anything in the tree may set a variable: an assignment, a reference, a loop, or a text that is its name."""
    bare = re.escape(name)
    variable = rf"(?:\${bare}\b|\$GLOBALS\[\s*['\"]{bare}['\"]\s*\])"
    setting = re.compile(
        rf"{variable}(?:\s*\[[^;=]*?\])*\s*[-+.*/%|&^?<>]{{0,2}}=(?![=>])"
        rf"|(?:&|\bas)\s*(?:\$\w+\s*=>\s*)?&?{variable}"
        rf"|(?<!\$GLOBALS\[)(?<!\$GLOBALS\[ )['\"][-+]?{bare}['\"]".encode()
    )
    return any(setting.search(text) for folder in _FOLDERS for text in _texts(tree, folder))
