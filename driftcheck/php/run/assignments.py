"""The expressions that assign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.run.arrays import PhpArray
from driftcheck.php.run.expressions import NULL, compiled, or_refused, refused, register
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.interpolation import joined
from driftcheck.php.run.operations import operated
from driftcheck.php.run.targets import target
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import INT_MAX, NotEvaluated

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code, Frame
    from driftcheck.php.run.targets import Target
    from driftcheck.php.run.worlds import Slot


def assignment(code: Code, node: Node) -> Compiled:
    """``target = value``."""
    left, right = field(node, "left"), field(node, "right")
    if left is None or right is None:
        return refused("a syntax error in an expression")
    place, value = target(code, left), compiled(code, right)
    if b"$GLOBALS" in (left.text or b"") and right.type == "variable_name":
        if text(right)[1:] in text(left):
            return refused("an array that may be put into itself")

    def run(frame: Frame) -> Result:
        keys = place.prepare_early(frame)
        held = value(frame)
        place.assign(frame, place.prepare_late(frame, keys), held)
        return held  # type: ignore[no-any-return]

    return run


def reference(code: Code, node: Node) -> Compiled:
    """``target =& other``."""
    left, right = field(node, "left"), field(node, "right")
    if left is None or right is None:
        return refused("a syntax error in an expression")
    if right.type.endswith("call_expression"):
        return assignment(code, node)  # what a function returns is a value of its own, unless it is declared otherwise
    place, other = target(code, left), target(code, right)

    def run(frame: Frame) -> Result:
        slot = other.slot(frame)
        place.bind(frame, slot)
        held = frame.machine.turn.through(slot)
        return NULL if held is MISSING else held

    return run


def augmented(code: Code, node: Node) -> Compiled:
    """``target .= value`` and its like."""
    left, right, sign = field(node, "left"), field(node, "right"), text(field(node, "operator")).lower()[:-1]
    if left is None or right is None:
        return refused("a syntax error in an expression")
    place, value = target(code, left), compiled(code, right)
    if sign == "??":
        return _defaulted(place, value)

    def run(frame: Frame) -> Result:
        keys = place.prepare_early(frame)
        held = value(frame)
        keys = place.prepare_late(frame, keys)
        before = place.at(frame, keys)
        if isinstance(before, Value) and before.data.__class__ is PhpArray:
            frame.machine.escape(before.data)
        if before is MISSING:
            before = NULL
        made = _combined(frame, before, held, sign, code, node)
        place.assign(frame, keys, made)
        return made

    return run


def _combined(frame: Frame, before: Result, held: Result, sign: str, code: Code, node: Node) -> Result:
    if sign == ".":
        return joined(frame, [before, held], code, node)
    return operated(frame, before, held, sign, code, node)


def _defaulted(place: Target, value: Compiled) -> Compiled:
    def run(frame: Frame) -> Result:
        keys = place.prepare(frame)
        before = place.at(frame, keys, quiet=True)
        if before.__class__ is Unknown:
            raise Undecided(before.reason)
        if before is not MISSING and before.data is not None:
            if before.data.__class__ is PhpArray:
                frame.machine.escape(before.data)
            return before  # type: ignore[no-any-return]
        held = value(frame)
        place.assign(frame, place.prepare_late(frame, keys), held)
        return held  # type: ignore[no-any-return]

    return run


def update(code: Code, node: Node) -> Compiled:
    """``++`` and ``--`` before or behind a target."""
    operand = field(node, "argument") or children(node)[0]
    place = target(code, operand)
    up, before_it = "++" in text(node).replace(text(operand), "", 1), node.children[0].type in ("++", "--")

    def run(frame: Frame) -> Result:
        keys = place.prepare(frame)
        held = place.at(frame, keys)
        held = NULL if held is MISSING else held
        if held.__class__ is Unknown:
            place.assign(frame, keys, held)
            return held
        made = code.value(_counted(held.data, up=up), node)
        place.assign(frame, keys, made)
        return made if before_it else held

    return run


def _counted(data: Any, *, up: bool) -> Any:  # noqa: ANN401 - data of PHP
    if data is None:
        return 1 if up else None
    if isinstance(data, bool):
        return data
    if isinstance(data, (int, float)):
        if data in (INT_MAX, -INT_MAX - 1) and isinstance(data, int):
            return float(data) + (1 if up else -1)
        return data + (1 if up else -1)
    raise NotEvaluated("++ or -- of something that is not a number")


def _referenced(code: Code, node: Node) -> Compiled:
    """The slot of what stands behind an ``&`` in an array."""
    place = target(code, children(node)[0])

    def run(frame: Frame) -> Slot:
        slot: Slot = place.slot(frame)
        frame.machine.put_in(slot)
        return slot

    return run


register(
    {
        "assignment_expression": or_refused(assignment),
        "reference_assignment_expression": or_refused(reference),
        "augmented_assignment_expression": or_refused(augmented),
        "update_expression": or_refused(update),
    },
    {"by_ref": or_refused(_referenced)},
)
