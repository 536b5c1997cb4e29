"""Expressions that work out only some of their parts: what decides, and what is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Unknown
from driftcheck.php.run.arrays import PhpArray
from driftcheck.php.run.expressions import compiled, decided, lookup, quiet, refused, register, truth
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.objects import Instance
from driftcheck.php.run.operations import SIGNS, operated
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code, Frame


def _coalesce(code: Code, _: Node, left_node: Node, right_node: Node) -> Compiled:
    left, right, harmless = lookup(code, left_node), compiled(code, right_node), quiet(right_node)

    def run(frame: Frame) -> Result:
        held = left(frame)
        if held.__class__ is Unknown:
            if not harmless:
                raise Undecided(held.reason)
            return held
        if held is MISSING or held.data is None:
            return right(frame)  # type: ignore[no-any-return]
        if held.data.__class__ is PhpArray:
            frame.machine.escape(held.data)
        return held  # type: ignore[no-any-return]

    return run


def _both(code: Code, node: Node, left_node: Node, right_node: Node) -> Compiled:
    return _logical(code, node, left_node, right_node, stop=False)


def _either(code: Code, node: Node, left_node: Node, right_node: Node) -> Compiled:
    return _logical(code, node, left_node, right_node, stop=True)


def _logical(code: Code, node: Node, left_node: Node, right_node: Node, *, stop: bool) -> Compiled:
    """``&&`` and ``||``: a side that decides alone decides, whatever the other is."""
    left, right, harmless = compiled(code, left_node), compiled(code, right_node), quiet(right_node)
    stopped, passed = code.value(stop, node), code.value(not stop, node)

    def run(frame: Frame) -> Result:
        held = left(frame)
        answer = truth(held)
        if answer is stop:
            return stopped
        if answer is None and not harmless:
            raise Undecided(held.reason)
        other = right(frame)
        second = truth(other)
        if second is stop:
            return stopped
        if answer is None:
            return held  # type: ignore[no-any-return]
        return other if second is None else passed

    return run


def _instanceof(code: Code, node: Node, left_node: Node, right_node: Node) -> Compiled:
    left = compiled(code, left_node)
    name = code.names.class_name(text(right_node)) if right_node.type in ("name", "qualified_name") else ""

    def run(frame: Frame) -> Result:
        held = left(frame)
        if held.__class__ is Unknown:
            return held
        if not isinstance(held.data, Instance):
            return code.value(False, node)
        if not name:
            raise NotEvaluated("instanceof of something that is not named")
        return code.value(held.data.is_a(name), node)

    return run


def conditional(code: Code, node: Node) -> Compiled:
    """``? :`` and ``?:``."""
    condition_node, body_node, other_node = field(node, "condition"), field(node, "body"), field(node, "alternative")
    if condition_node is None or other_node is None:
        return refused("a syntax error in an expression")
    if condition_node.type == "conditional_expression" and body_node is not None:
        return refused("nested conditions without parentheses")
    condition, other = compiled(code, condition_node), compiled(code, other_node)
    body = None if body_node is None else compiled(code, body_node)
    harmless = quiet(other_node) and (body_node is None or quiet(body_node))

    def run(frame: Frame) -> Result:
        held = condition(frame)
        answer = truth(held)
        if answer is None:
            if not harmless:
                raise Undecided(held.reason)
            return held  # type: ignore[no-any-return]
        if answer:
            return held if body is None else body(frame)  # type: ignore[no-any-return]
        return other(frame)  # type: ignore[no-any-return]

    return run


def match(code: Code, node: Node) -> Compiled:
    """``match``: the arms in order, compared with ``===``."""
    subject_node, body = field(node, "condition"), field(node, "body")
    if subject_node is None or body is None:
        return refused("a syntax error in an expression")
    subject = compiled(code, subject_node)
    arms: list[tuple[list[Compiled] | None, Compiled]] = []
    for arm in children(body):
        conditions, answer = field(arm, "conditional_expressions"), field(arm, "return_expression")
        if answer is None:
            return refused("a syntax error in an expression")
        tests = None if conditions is None else [compiled(code, test) for test in children(conditions)]
        arms.append((tests, compiled(code, answer)))

    def run(frame: Frame) -> Result:
        held = subject(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        default: Compiled | None = None
        for tests, answer in arms:
            if tests is None:
                default = answer
                continue
            for test in tests:
                same = operated(frame, held, test(frame), "===", code, node)
                if decided(same):
                    return answer(frame)  # type: ignore[no-any-return]
        if default is None:
            raise NotEvaluated("no arm of the match fits")
        return default(frame)  # type: ignore[no-any-return]

    return run


register({"conditional_expression": conditional, "match_expression": match})


SIGNS.update({"??": _coalesce, "instanceof": _instanceof, "&&": _both, "and": _both, "||": _either, "or": _either})
