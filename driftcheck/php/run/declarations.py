"""Statements that declare: names of global and static variables, constants, functions and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Value
from driftcheck.php.run.expressions import NULL, compiled
from driftcheck.php.run.objects import Function
from driftcheck.php.run.statements import register_statements
from driftcheck.php.run.worlds import Slot
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.frames import Code, Frame
    from driftcheck.php.run.statements import Statement


def globals_imported(code: Code, node: Node) -> Statement:
    """``global $a, $b;``: the names are those of the global variables. Raises NotEvaluated for a name that is worked out."""
    names = [text(child)[1:] for child in children(node)]
    if any(child.type != "variable_name" for child in children(node)):
        raise NotEvaluated("a global by a name that is worked out")
    del code

    def run(frame: Frame) -> None:
        if frame is frame.machine.frame:
            return
        for name in names:
            slot = frame.machine.variable(name)
            if frame.machine.turn.through(slot) is MISSING:
                held = frame.machine.absent(name)
                frame.machine.write(slot, NULL if held is MISSING else held)
            frame.unset(name)
            frame.machine.turn.hold(slot, names=1)
            frame.variables[name] = slot

    return run


def statics(code: Code, node: Node) -> Statement:
    """``static $a = 1;``: variables that a function keeps from call to call."""
    rows = []
    for child in children(node):
        value = field(child, "value")
        rows.append((text(field(child, "name"))[1:], None if value is None else compiled(code, value)))

    def run(frame: Frame) -> None:
        if frame is frame.machine.frame:
            raise NotEvaluated("a static variable outside a function")
        for name, value in rows:
            slot = frame.statics.get(name)
            held = frame.raw(name)
            if held.__class__ is Slot and held is not slot:
                raise NotEvaluated("a static variable by a name that is bound already")
            if slot is None:
                slot = frame.statics[name] = frame.machine.kept_slot()
            if frame.machine.turn.read(slot) is MISSING:
                frame.machine.turn.writes[slot] = NULL if value is None else value(frame)
            frame.bind(name, slot)

    return run


def constants(code: Code, node: Node) -> Statement:
    """``const A = 1;``."""
    rows = [children(element) for element in children(node) if element.type == "const_element"]
    space = code.names.namespace
    made = [(f"{space.lower()}\\{text(row[0])}" if space else text(row[0]), compiled(code, row[1])) for row in rows]

    def run(frame: Frame) -> None:
        for name, value in made:
            define(frame, name, value(frame))

    return run


def define(frame: Frame, name: str, value: Result) -> None:
    """A constant gets its value; one that has one keeps it."""
    slot = frame.machine.constants.setdefault(name, Slot(frame.machine.everyone))
    if frame.machine.turn.read(slot) is MISSING:
        frame.machine.turn.writes[slot] = value


def function(code: Code, node: Node) -> Statement:
    """A function is declared."""
    space = code.names.namespace
    name = text(field(node, "name"))
    full = f"{space}\\{name}" if space else name
    made = Value(Function(code.within("", full), node, full))  # type: ignore[arg-type]

    def run(frame: Frame) -> None:
        slot = frame.machine.functions.setdefault(full.lower(), Slot(frame.machine.everyone))
        held = frame.machine.turn.read(slot)
        if held is not MISSING and held is not made:
            raise NotEvaluated(f"{full}() is declared twice")
        frame.machine.turn.writes[slot] = made

    return run


def class_like(code: Code, node: Node) -> Statement:
    """A class is declared."""
    return lambda frame: frame.machine.classes.declare(code, node)


register_statements(
    {
        "global_declaration": globals_imported,
        "function_static_declaration": statics,
        "const_declaration": constants,
        "function_definition": function,
        "class_declaration": class_like,
    }
)
