"""Files that are included, and what they declare before they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.run.expressions import NULL, compiled, register
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.statements import block, statement
from driftcheck.php.run.worlds import Slot
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated, to_str

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code, Frame
    from driftcheck.php.run.machine import Machine

INCLUSIONS = ("require_expression", "require_once_expression", "include_expression", "include_once_expression")


DECLARATIONS = ("function_definition", "class_declaration")


def hoist(machine: Machine, code: Code, nodes: list[Node]) -> None:
    """Declare the functions and classes that stand at the top of a file, before it runs."""
    for node in nodes:
        if node.type in DECLARATIONS and (node.id in early(code) or node.parent != code.file.root):
            statement(code, node)(machine.frame)
        elif node.type == "namespace_definition" and (body := field(node, "body")) is not None:
            hoist(machine, code, children(body))


def early(code: Code) -> set[int]:
    """The ids of the declarations at the top of a file that are there before it runs.

    A class is not that has an interface, or a parent that stands behind it (Zend/zend_compile.c, zend_compile_class_decl).
    """
    root = code.file.root
    if root.id not in code.compiled:
        code.compiled[root.id] = _early(children(root))
    return code.compiled[root.id]  # type: ignore[no-any-return]


def _early(nodes: list[Node]) -> set[int]:
    classes = [node for node in nodes if node.type == "class_declaration"]
    late = {text(field(node, "name")).lower() for node in classes}
    found = {node.id for node in nodes if node.type == "function_definition"}
    for node in classes:
        bases = [child for child in children(node) if child.type in ("base_clause", "class_interface_clause")]
        parents = [text(base.named_children[0]).rpartition("\\")[2].lower() for base in bases if base.named_children]
        if not bases or (bases[-1].type == "base_clause" and late.isdisjoint(parents)):
            found.add(node.id)
            late.discard(text(field(node, "name")).lower())
    return found


def resolved(frame: Frame, code: Code, path: Compiled, node: Node) -> str | None:
    """The file of the tree that is to be run; None where nothing more is to be done.

    Raises Undecided where its path is not known, and NotEvaluated where a required file could not be read.
    """
    held = path(frame)
    if held.__class__ is Unknown:
        raise Undecided(held.reason)
    name = full_path(frame, code, to_str(held.data))
    machine = frame.machine
    if "once" in node.type:
        machine.doubt(f"@once {name}")
        slot = machine.included.setdefault(name, Slot(machine.everyone))
        if machine.turn.read(slot) is not MISSING:
            return None
        machine.turn.writes[slot] = NULL
    else:
        machine.turn.writes[machine.included.setdefault(name, Slot(machine.everyone))] = NULL
    if machine.code(name) is not None:
        return name
    if machine.host.included(name, machine, code.value(True, node)) is None and machine.host.returned(name) is None:
        if node.type.startswith("require"):
            raise NotEvaluated(f"{name} could not be read")
    return None


def full_path(frame: Frame, code: Code, path: str) -> str:
    """A path as an inclusion means it."""
    full = path if path.startswith("/") else f"{code.path.rpartition('/')[0]}/{path}"
    return frame.machine.host.normalised(full)


def inclusion(code: Code, node: Node) -> Compiled:
    """``require`` and its like inside an expression or a function: the file runs in the scope that it stands in."""
    path = compiled(code, children(node)[0])

    def run(frame: Frame) -> Result:
        machine = frame.machine
        name = resolved(frame, code, path, node)
        if name is None:
            full = full_path(frame, code, to_str(path(frame).data))
            held = machine.host.returned(full)
            if held is not None:
                return held
            return Value(
                "once" in node.type or machine.host.included(full, machine, code.value(True, node)) is not None
            )
        inner = machine.code(name)
        assert inner is not None
        if inner.file.root.has_error:
            raise Undecided("a syntax error")
        machine.deeper()
        try:
            nodes = children(inner.file.root)
            hoist(machine, inner, nodes)
            left = [child for child in nodes if child.id not in early(inner)]
            signal = block(inner, left)(frame)
        finally:
            machine.shallower()
        return signal.value if signal is not None and signal.kind == "return" else Value(1)

    return run


def constant_path(frame: Frame, code: Code, node: Node) -> str | None:
    """The path of an inclusion where it is the same whenever it runs; None where it is not."""
    if b"$" in (node.text or b""):
        return None
    try:
        held = compiled(code, node)(frame)
    except (NotEvaluated, Undecided):
        return None
    return full_path(frame, code, held.data) if isinstance(held, Value) and isinstance(held.data, str) else None


register(dict.fromkeys(INCLUSIONS, inclusion))
