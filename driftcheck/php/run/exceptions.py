"""Exceptions of the program: throw, try, catch and finally."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Unknown
from driftcheck.php.run.expressions import compiled, register
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.machine import Ended
from driftcheck.php.run.objects import Instance
from driftcheck.php.run.statements import branch, needed, register_statements
from driftcheck.php.run.targets import target
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.php.run.frames import Code, Frame
    from driftcheck.php.run.statements import Signal, Statement


class Thrown(Exception):  # noqa: N818 - PHP's exception, not Python's
    """An exception of the program."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance.name)
        self.instance = instance


def tried(code: Code, node: Node) -> Statement:
    """``try``, ``catch`` and ``finally``. An error of PHP itself is not followed."""
    body = branch(code, needed(node, "body"))
    catches, last = [], None
    for clause in children(node):
        if clause.type == "catch_clause":
            types = [code.names.class_name(text(name)) for name in children(needed(clause, "type"))]
            variable = field(clause, "name")
            catches.append(
                (types, None if variable is None else target(code, variable), branch(code, field(clause, "body")))
            )
        elif clause.type == "finally_clause":
            last = branch(code, field(clause, "body"))

    def run(frame: Frame) -> Signal | None:
        turn = frame.machine.turn
        before, turn.hole = turn.hole, False
        try:
            signal = body(frame)
        except Thrown as thrown:
            _check(frame, catches)
            signal = _caught(frame, thrown, catches, last, code, node)
        except Ended:
            _check(frame, catches)
            raise
        else:
            _check(frame, catches)
        turn.hole = turn.hole or before
        if last is not None and (final := last(frame)) is not None:
            return final  # type: ignore[no-any-return]
        return signal  # type: ignore[no-any-return]

    return run


def _check(frame: Frame, catches: Any) -> None:  # noqa: ANN401 - parts of a try
    """Raises Undecided where a body used what is not known: PHP may have thrown an error there, which is caught."""
    if catches and frame.machine.turn.hole:
        raise Undecided("an error that may be caught")


def _caught(frame: Frame, thrown: Thrown, catches: Any, last: Any, code: Code, node: Node) -> Any:  # noqa: ANN401 - parts of a try
    for types, variable, body in catches:
        if any(name.lower() in ("exception", "throwable") or thrown.instance.is_a(name) for name in types):
            if variable is not None:
                variable.set(frame, code.value(thrown.instance, node))
            return body(frame)
    if last is not None:
        last(frame)
    raise thrown


def thrown(code: Code, node: Node) -> Any:  # noqa: ANN401 - a statement and an expression
    """``throw``."""
    made = compiled(code, children(node)[0])

    def run(frame: Frame) -> None:
        held = made(frame)
        if held.__class__ is Unknown or not isinstance(held.data, Instance):
            raise NotEvaluated("what is thrown is not known")
        raise Thrown(held.data)

    return run


register_statements({"try_statement": tried})
register({"throw_expression": thrown})
