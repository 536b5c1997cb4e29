"""Operators and casts over values that are worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Input, Parts, Unknown, Value
from driftcheck.php import operators
from driftcheck.php.run.arrays import PhpArray, place, plain_array
from driftcheck.php.run.expressions import compiled, is_plain, known_data, loosely, quiet, refused, register, truth
from driftcheck.php.run.interpolation import joined
from driftcheck.php.run.objects import Instance, Perhaps
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import NotEvaluated, to_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code, Frame


def unary(code: Code, node: Node) -> Compiled:
    """A sign, ``!`` or ``~`` in front of an operand."""
    operand = field(node, "argument") or children(node)[0]
    inner, sign = compiled(code, operand), text(field(node, "operator"))
    if sign != "!" and _asks_a_class(operand):
        return refused("a sign before instanceof")
    if sign == "!":

        def negated(frame: Frame) -> Result:
            held = inner(frame)
            answer = truth(held)
            return held if answer is None else code.value(not answer, node)

        return negated

    def run(frame: Frame) -> Result:
        held = inner(frame)
        if held.__class__ is Unknown:
            return held
        return code.value(_signed(sign, known_data(held)), node)

    return run


def _asks_a_class(operand: Node) -> bool:
    """Whether the grammar takes an instanceof into an operand, behind an @ too, which PHP asks of the whole before it."""
    while operand.type == "error_suppression_expression":
        operand = children(operand)[0]
    return loosely(operand, ("instanceof",))


def _signed(sign: str, data: Any) -> Any:  # noqa: ANN401 - data of PHP
    if sign == "-":
        return -data if isinstance(data, float) else operators.BINARY["*"](data, -1)
    if sign == "+":
        return to_number(data)
    if sign == "~" and isinstance(data, int) and not isinstance(data, bool):
        return ~data
    raise NotEvaluated(f"the operator {sign} is not evaluated")


def cast(code: Code, node: Node) -> Compiled:
    """``(int)``, ``(array)`` and their like."""
    operand, kind = field(node, "value") or children(node)[-1], text(field(node, "type")).strip().lower()
    if _asks_a_class(operand):
        return refused("a cast before instanceof")
    inner = compiled(code, operand)
    convert = operators.CASTS.get(kind)

    def run(frame: Frame) -> Result:
        held = inner(frame)
        if held.__class__ is Unknown or (kind == "array" and isinstance(held.data, dict)):
            return held  # type: ignore[no-any-return]
        if kind in ("bool", "boolean"):
            return code.value(truth(held), node)
        if kind == "string" and isinstance(held.data, (Input, Parts)):
            return held  # type: ignore[no-any-return]
        if convert is None or isinstance(held.data, Instance):
            raise NotEvaluated(f"a cast to {kind} is not evaluated")
        if kind == "array":
            return code.value({} if held.data is None else {0: held}, node)
        return code.value(convert(known_data(held)), node)

    return run


def binary(code: Code, node: Node) -> Compiled:
    """Two operands and what stands between them."""
    left_node, right_node, sign = field(node, "left"), field(node, "right"), text(field(node, "operator")).lower()
    if left_node is None or right_node is None:
        return refused("a syntax error in an expression")
    if sign in SIGNS:
        return SIGNS[sign](code, node, left_node, right_node)
    if sign == "**" and left_node.type in ("unary_op_expression", "cast_expression", "error_suppression_expression"):
        return refused("a sign before a power")
    left, right = compiled(code, left_node), compiled(code, right_node)
    if is_plain(left_node) and not quiet(right_node):
        return _read_late(code, node, left, right, sign)
    return _operation(code, node, left, right, sign)


def _read_late(code: Code, node: Node, left: Compiled, right: Compiled, sign: str) -> Compiled:
    """PHP reads a plain variable on the left only when both sides are there."""

    def run(frame: Frame) -> Result:
        after = right(frame)
        return operated(frame, left(frame), after, sign, code, node)

    return run


def _operation(code: Code, node: Node, left: Compiled, right: Compiled, sign: str) -> Compiled:
    def run(frame: Frame) -> Result:
        return operated(frame, left(frame), right(frame), sign, code, node)

    return run


def operated(frame: Frame, left: Result, right: Result, sign: str, code: Code, node: Node) -> Result:
    """What an operator makes of two values. Raises NotEvaluated for an operator that is not modelled."""
    if isinstance(left, Unknown):
        return left
    if isinstance(right, Unknown):
        return right
    a, b = left.data, right.data
    operation = operators.BINARY.get(sign)
    if operation is None:
        raise NotEvaluated(f"the operator {sign} is not evaluated")
    if isinstance(a, dict) and isinstance(b, dict):
        if sign == "+":
            return union(frame, left, right, code, node)
        frame.machine.look_at(a)
        frame.machine.look_at(b)
        a, b = plain_array(frame.machine, a), plain_array(frame.machine, b)
    elif isinstance(a, _OPAQUE) or isinstance(b, _OPAQUE):
        return code.value(_opaque(a, b, sign), node)
    return code.value(operation(a, b), node)


_OPAQUE = (Input, Parts, Instance)


def _opaque(a: Any, b: Any, sign: str) -> bool:  # noqa: ANN401 - data of PHP
    """Comparisons of which at least one side is an input or an object.

    An input of the surroundings is taken for a text that configuration does not name.
    """
    if a.__class__ is Perhaps or b.__class__ is Perhaps:
        raise NotEvaluated(f"it hangs on the input {a if a.__class__ is Perhaps else b}, which may not be there")
    if any(isinstance(side, Input) and side.name.startswith("env:") for side in (a, b)) and a != b:
        if sign in _EQUALITIES:
            return sign[0] == "!"
    if sign in ("===", "!==") and not (isinstance(a, Instance) and isinstance(b, Instance)):
        if a.__class__ is b.__class__ and a == b:
            return sign == "==="
        if not isinstance(a, (str, *_OPAQUE)) or not isinstance(b, (str, *_OPAQUE)) or "" in (a, b):
            return sign == "!=="
    elif sign in ("===", "!=="):
        return (a is b) == (sign == "===")
    elif sign in operators.COMPARISONS and (a is None or b is None or isinstance(a, bool) or isinstance(b, bool)):
        return bool(operators.BINARY[sign](bool(truth(Value(a))), bool(truth(Value(b)))))
    raise NotEvaluated(f"it hangs on the input {a if isinstance(a, (Input, Parts)) else b}")


_EQUALITIES = ("==", "===", "!=", "!==")


def union(frame: Frame, left: Value, right: Value, code: Code, node: Node) -> Value:
    """``$left + $right``: the left side's keys win."""
    a, b = left.data, right.data
    assert isinstance(a, dict)
    assert isinstance(b, dict)
    if not a and not isinstance(a, PhpArray) and getattr(b, "following", 0) >= 0:
        return right
    frame.machine.spend(len(a) + len(b))
    out = PhpArray(a, a.following if isinstance(a, PhpArray) else None, getattr(a, "base", ""))
    for key, item in b.items():
        if key not in out:
            place(out, key, item)
    return code.value(out, node)


def _concatenation(code: Code, node: Node, _: Node, __: Node) -> Compiled:
    """All the dots in a row at once."""
    operands: list[Node] = []
    current: Node | None = node
    while current is not None and current.type == "binary_expression" and text(field(current, "operator")) == ".":
        right = field(current, "right")
        if right is None:
            return refused("a syntax error in an expression")
        operands.append(right)
        current = field(current, "left")
    if current is None:
        return refused("a syntax error in an expression")
    made = [compiled(code, operand) for operand in reversed([*operands, current])]
    if is_plain(current) and not quiet(operands[-1]):
        return lambda frame: joined(frame, _read_first_late(frame, made), code, node)
    return lambda frame: joined(frame, [operand(frame) for operand in made], code, node)


def _read_first_late(frame: Frame, made: list[Compiled]) -> list[Result]:
    """As _read_late: the first of the operands is a plain variable."""
    second = made[1](frame)
    return [made[0](frame), second, *(operand(frame) for operand in made[2:])]


SIGNS: dict[str, Callable[[Code, Node, Node, Node], Compiled]] = {".": _concatenation}
"""Operators that do not simply work out both sides: their makers get the node and its two sides."""
register({"unary_op_expression": unary, "cast_expression": cast, "binary_expression": binary})
