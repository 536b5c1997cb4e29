"""Loops, switch, break and continue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.run.expressions import compiled, decided
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.operations import operated
from driftcheck.php.run.statements import Signal, block, branch, needed, register_statements
from driftcheck.php.run.targets import target
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.php.run.frames import Code, Frame
    from driftcheck.php.run.statements import Statement


_MOST_COMPARED = 200


def _leap(kind: str) -> Callable[[Code, Node], Statement]:
    def make(_: Code, node: Node) -> Statement:
        parts = children(node)
        signal = Signal(kind, None, int(text(parts[0])) if parts else 1)
        return lambda _: signal

    return make


def _after(signal: Signal | None) -> tuple[bool, Signal | None]:
    """Whether a loop goes on after its body, and what goes on outwards if it does not."""
    if signal is None:
        return True, None
    if signal.kind == "return":
        return False, signal
    if signal.levels > 1:
        return False, signal._replace(levels=signal.levels - 1)
    return signal.kind == "continue", None


def while_loop(code: Code, node: Node) -> Statement:
    """``while``."""
    condition, body = compiled(code, needed(node, "condition")), _bodies(code, node)

    def run(frame: Frame) -> Signal | None:
        while decided(condition(frame)):
            frame.machine.spend(5)
            on, outwards = _after(body(frame))
            if not on:
                return outwards
        return None

    return run


def do_loop(code: Code, node: Node) -> Statement:
    """``do ... while``."""
    condition, body = compiled(code, needed(node, "condition")), _bodies(code, node)

    def run(frame: Frame) -> Signal | None:
        while True:
            frame.machine.spend(5)
            on, outwards = _after(body(frame))
            if not on:
                return outwards
            if not decided(condition(frame)):
                return None

    return run


def for_loop(code: Code, node: Node) -> Statement:
    """``for``."""
    parts: list[list[Node]] = [[], [], []]
    at, inside = 0, False
    for child in node.children:
        if child.type == "(" and not inside:
            inside = True
        elif child.type == ";":
            at += 1
        elif child.type == ")":
            break
        elif inside and child.is_named and child.type != "comment":
            parts[min(at, 2)].extend(children(child) if child.type == "sequence_expression" else [child])
    before, tests, after = ([compiled(code, part) for part in group] for group in parts)
    body = _bodies(code, node)

    def run(frame: Frame) -> Signal | None:
        for part in before:
            part(frame)
        while True:
            frame.machine.spend(5)
            going = True
            for test in tests:
                going = decided(test(frame))
            if not going:
                return None
            on, outwards = _after(body(frame))
            if not on:
                return outwards
            for part in after:
                part(frame)

    return run


def _bodies(code: Code, node: Node) -> Statement:
    bodies = node.children_by_field_name("body")
    if len(bodies) == 1:
        return branch(code, bodies[0])
    return block(code, [body for body in bodies if body.is_named])


def foreach_loop(code: Code, node: Node) -> Statement:
    """``foreach``, by value and by reference. Raises NotEvaluated for a syntax error."""
    body_ids = {body.id for body in node.children_by_field_name("body")}
    header = [child for child in children(node) if child.id not in body_ids]
    if len(header) != 2:
        raise NotEvaluated("a syntax error")
    subject, aim = header
    key_node, value_node = (children(aim)[0], children(aim)[-1]) if aim.type == "pair" else (None, aim)
    key = None if key_node is None else target(code, key_node)
    body = _bodies(code, node)
    if value_node.type == "by_ref":
        return _by_reference(code, subject, key, target(code, children(value_node)[0]), body)
    items, value = compiled(code, subject), target(code, value_node)

    def run(frame: Frame) -> Signal | None:
        held = items(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        for name, item in _iterated(held.data):
            frame.machine.spend(5)
            plain = frame.machine.turn.plain(item)
            if plain.__class__ is Value:
                frame.machine.escape(plain.data)
            value.set(frame, plain)
            if key is not None:
                key.set(frame, code.value(name, key_node))  # type: ignore[arg-type]
            on, outwards = _after(body(frame))
            if not on:
                return outwards
        return None

    return run


def _iterated(data: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - data of PHP
    if isinstance(data, dict):
        return list(data.items())
    if data is None or isinstance(data, (bool, int, float, str)):
        return []  # PHP warns, and goes on
    raise NotEvaluated("a foreach over an object or an input")


def _by_reference(code: Code, subject: Node, key: Any, value: Any, body: Statement) -> Statement:  # noqa: ANN401 - targets
    place = target(code, subject)

    def run(frame: Frame) -> Signal | None:
        held = place.lookup(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        if held is MISSING or not isinstance(held.data, dict):
            raise NotEvaluated("a foreach by reference over something that is not an array")
        names = list(held.data)
        for name in names:
            frame.machine.spend(5)
            now = place.lookup(frame)
            if not isinstance(now, Value) or not isinstance(now.data, dict) or name not in now.data:
                raise NotEvaluated("an array that changes while it is walked by reference")
            value.bind(frame, place.element_slot(frame, [*place.prepare(frame), name]))
            if key is not None:
                key.set(frame, code.value(name, subject))
            on, outwards = _after(body(frame))
            if not on:
                return outwards
            now = place.lookup(frame)
            if not isinstance(now, Value) or not isinstance(now.data, dict) or not _same_keys(now.data, names):
                raise NotEvaluated("an array that changes while it is walked by reference")
        return None

    return run


def _same_keys(data: dict[Any, Any], names: list[Any]) -> bool:
    """Whether an array has these keys still: what is added stands at its end. Of a long one not every key is looked at."""
    if len(data) != len(names):
        return False
    return next(reversed(data)) == names[-1] if len(names) > _MOST_COMPARED else list(data) == names


def switch(code: Code, node: Node) -> Statement:
    """``switch``: the first case that is equal (``==``), and on from there."""
    subject, cases = compiled(code, needed(node, "condition")), children(needed(node, "body"))
    tests = [None if (value := field(case, "value")) is None else compiled(code, value) for case in cases]
    bodies = [
        block(code, [child for child in children(case) if child.id != (field(case, "value") or case).id])
        for case in cases
    ]

    def run(frame: Frame) -> Signal | None:
        held = subject(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        start = next((n for n, test in enumerate(tests) if test is None), len(bodies))
        for number, test in enumerate(tests):
            if test is not None and decided(operated(frame, held, test(frame), "==", code, node)):
                start = number
                break
        for body in bodies[start:]:
            signal = body(frame)
            if signal is not None:
                # A continue is a break here.
                return None if signal.kind != "return" and signal.levels == 1 else _after(signal)[1]
        return None

    return run


register_statements(
    {
        "while_statement": while_loop,
        "do_statement": do_loop,
        "for_statement": for_loop,
        "foreach_statement": foreach_loop,
        "switch_statement": switch,
        "break_statement": _leap("break"),
        "continue_statement": _leap("continue"),
    }
)
