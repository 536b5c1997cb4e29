"""The compound expressions of PHP: variables, elements, operators, calls. One function a node type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Op, Step, Unknown, Value
from driftcheck.php import operators
from driftcheck.php.functions import FUNCTIONS
from driftcheck.php.syntax import children, field, place, text
from driftcheck.php.values import NotEvaluated, identical, inherited, to_bool, to_number, to_str

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Array, Data, Result
    from driftcheck.php.evaluator import Evaluator

_PREFIXES = {"unary_op_expression", "cast_expression", "error_suppression_expression"}
_NOT_ASSOCIATIVE = ({"==", "!=", "<>", "===", "!==", "<=>"}, {"<", "<=", ">", ">="})
_SHORT_CIRCUIT = {"&&": False, "and": False, "||": True, "or": True}


def variable(ev: Evaluator, node: Node) -> Result:
    """``$name``."""
    name = text(node)
    held = ev.variable(name[1:])
    if held is MISSING:
        return ev.unknown(node, f"{name} is not known without running PHP")
    if isinstance(held, Value):
        held = ev.state.weighed(held)
    return inherited(held, (Step(Op.REFERENCE, name, ev.source.span(place(node))),))


def subscript(ev: Evaluator, node: Node) -> Result:
    """``$array[key]``."""
    held = ev.lookup(node)
    return ev.unknown(node, f"{text(node)[:60]} is not known without running PHP") if held is MISSING else held


def parenthesized(ev: Evaluator, node: Node) -> Result:
    """``( expression )``."""
    return ev.eval(_only(node))


def _only(node: Node) -> Node:
    parts = children(node)
    if len(parts) != 1:
        raise NotEvaluated("a syntax error in an expression")
    return parts[0]


def prefixed(ev: Evaluator, node: Node) -> Result:
    """A sign, ``!``, ``~``, ``@`` or a cast in front of an operand."""
    return _prefix(ev, node, ev.eval(_operand(node)))


def _operand(node: Node) -> Node:
    operand = field(node, "argument") or field(node, "value")
    return operand if operand is not None else _only(node)


def _prefix(ev: Evaluator, node: Node, operand: Result) -> Result:
    if isinstance(operand, Unknown) or node.type == "error_suppression_expression":
        return operand
    if node.type == "cast_expression":
        return _cast(ev, node, operand)
    data = operand.data
    sign = text(field(node, "operator"))
    if sign == "!":
        return ev.literal(not to_bool(data), node)
    if sign == "~" and isinstance(data, int) and not isinstance(data, bool):
        return ev.literal(~data, node)
    if sign == "-":
        # PHP multiplies by -1, so that -'5' is a number and -0 an integer; a float only changes its sign.
        return ev.literal(-data if isinstance(data, float) else operators.BINARY["*"](data, -1), node)
    if sign == "+":
        return ev.literal(to_number(data), node)
    return ev.unknown(node, f"the operator {sign} is not evaluated")


def _cast(ev: Evaluator, node: Node, operand: Value) -> Result:
    kind = text(field(node, "type")).strip().lower()
    if kind == "array" and isinstance(operand.data, dict):
        return operand
    cast = operators.CASTS.get(kind)
    return (
        ev.unknown(node, f"a cast to {kind} is not evaluated") if cast is None else ev.literal(cast(operand.data), node)
    )


def binary(ev: Evaluator, node: Node) -> Result:
    """A chain of binary operators, from its innermost left operand to the right: thousands of them are no recursion.

    Raises NotEvaluated where PHP refuses the chain.
    """
    chain = [node]
    left = _side(node, "left")
    while left.type == "binary_expression" and _sign(chain[-1]) != "??":
        if any(_sign(chain[-1]) in group and _sign(left) in group for group in _NOT_ASSOCIATIVE):
            raise NotEvaluated("comparisons in a row without parentheses, which PHP refuses")
        chain.append(left)
        left = _side(left, "left")
    if _sign(chain[-1]) == "**" and left.type in _PREFIXES:
        held = _power(ev, chain.pop(), left)
    elif _sign(chain[-1]) == "??":
        held = _coalesced(ev, chain.pop(), left)
    else:
        held = ev.eval(left)
    while chain:
        held = _concatenated(ev, chain, held) if _sign(chain[-1]) == "." else _operated(ev, chain.pop(), held)
    return held


def _side(node: Node, side: str) -> Node:
    found = field(node, side)
    if found is None:
        raise NotEvaluated("a syntax error in an expression")
    return found


def _sign(node: Node) -> str:
    return text(field(node, "operator")).lower()


def _coalesced(ev: Evaluator, node: Node, left: Node) -> Result:
    held = ev.lookup(left)
    if isinstance(held, Unknown):
        return held
    return ev.eval(_side(node, "right")) if held is MISSING or held.data is None else held


def _power(ev: Evaluator, node: Node, left: Node) -> Result:
    """``-2 ** 2`` is -(2 ** 2): PHP binds ``**`` tighter than what stands before its left side, the grammar does not."""
    prefixes = []
    while left.type in _PREFIXES:
        prefixes.append(left)
        left = _operand(left)
    held = _operated(ev, node, ev.eval(left))
    for prefix in reversed(prefixes):
        held = _prefix(ev, prefix, held)
    return held


def _concatenated(ev: Evaluator, chain: list[Node], left: Result) -> Result:
    """All the dots in a row at once, so that a long chain does not copy its beginning each time."""
    operands, last = [left], chain[-1]
    while chain and _sign(chain[-1]) == ".":
        last = chain.pop()
        operands.append(ev.eval(_side(last, "right")))
    pieces: list[str] = []
    for operand in operands:
        if isinstance(operand, Unknown):
            return operand
        pieces.append(to_str(operand.data))
    return ev.literal(ev.state.joined(pieces), last)


def _operated(ev: Evaluator, node: Node, left: Result) -> Result:
    sign, right_node = _sign(node), _side(node, "right")
    if sign in _SHORT_CIRCUIT:
        return _logical(ev, node, left, right_node, stop=_SHORT_CIRCUIT[sign])
    operation = operators.BINARY.get(sign)
    if operation is None:
        return ev.unknown(node, f"the operator {sign} is not evaluated")
    if isinstance(left, Unknown):
        return left
    right = ev.eval(right_node)
    if isinstance(right, Unknown):
        return right
    if sign == "+" and isinstance(left.data, dict) and isinstance(right.data, dict):
        return union(ev, node, left, right)
    ev.state.visit(left.data)
    return ev.literal(operation(left.data, right.data), node)


def union(ev: Evaluator, node: Node, left: Value, right: Value) -> Value:
    """``$left + $right``; each element keeps the steps of the array that it came from."""
    out: Array = {}
    for side in (left, right):
        assert isinstance(side.data, dict)
        ev.state.spend(len(side.data))
        for key, item in side.data.items():
            out.setdefault(key, inherited(item, side.steps))
    return ev.literal(out, node)


def _logical(ev: Evaluator, node: Node, left: Result, right_node: Node, *, stop: bool) -> Result:
    """``&&`` and ``||`` with three values: a side that decides alone decides, whatever the other is."""
    if isinstance(left, Value) and to_bool(left.data) is stop:
        return ev.literal(stop, node)
    right = ev.eval(right_node)
    if isinstance(right, Value) and to_bool(right.data) is stop:
        return ev.literal(stop, node)
    if isinstance(left, Unknown):
        return left
    return right if isinstance(right, Unknown) else ev.literal(not stop, node)


def conditional(ev: Evaluator, node: Node) -> Result:
    """``? :`` and ``?:``. Raises NotEvaluated where PHP wants parentheses around one in another."""
    body, inner = field(node, "body"), _side(node, "condition")
    if inner.type == "conditional_expression" and not body is field(inner, "body") is None:
        raise NotEvaluated("a ? : in a row without parentheses, which PHP refuses")
    condition = ev.eval(inner)
    if isinstance(condition, Unknown):
        return condition
    if to_bool(condition.data):
        return condition if body is None else ev.eval(body)
    return ev.eval(_side(node, "alternative"))


def match(ev: Evaluator, node: Node) -> Result:
    """``match``: the arms in order, compared with ``===``."""
    subject = ev.eval(_side(node, "condition"))
    if isinstance(subject, Unknown):
        return subject
    default: Node | None = None
    for arm in children(_side(node, "body")):
        conditions = field(arm, "conditional_expressions")
        if conditions is None:
            default = _side(arm, "return_expression")
            continue
        for candidate in children(conditions):
            held = ev.eval(candidate)
            if isinstance(held, Unknown):
                return held
            if identical(subject.data, held.data):
                return ev.eval(_side(arm, "return_expression"))
    return ev.unknown(node, "no arm of the match fits") if default is None else ev.eval(default)


def call(ev: Evaluator, node: Node) -> Result:
    """A call of a function by its name: isset and empty, the file's own functions, and some of PHP's."""
    function = _side(node, "function")
    arguments = children(_side(node, "arguments"))
    if function.type not in ("name", "qualified_name", "relative_name"):
        return ev.unknown(node, f"the call {text(function)[:60]}() is not evaluated")
    name = text(function).lower()
    if name == "isset":
        return _isset(ev, node, [_only(argument) for argument in arguments])
    if name == "empty":
        held = ev.lookup(_only(_only(_side(node, "arguments"))))
        return held if isinstance(held, Unknown) else ev.literal(held is MISSING or not to_bool(held.data), node)
    if name.lstrip("\\") == "defined" and len(arguments) == 1:
        return _defined(ev, node, ev.eval(_only(arguments[0])))
    results = [result for argument in arguments for result in _passed(ev, argument)]
    for candidate in ev.file.names.functions(name):
        own = ev.around.functions(candidate, results)
        if own is not None:
            return own
        if candidate in FUNCTIONS:
            return _built_in(ev, node, candidate, results)
    return ev.unknown(node, f"the call {name}() is not evaluated")


_OF_OTHER_ENGINES = {"HHVM_VERSION"}
"""Constants that PHP does not have."""


def _defined(ev: Evaluator, node: Node, name: Result) -> Result:
    """``defined( 'NAME' )``: true for a constant that is known, false for one of another engine."""
    if isinstance(name, Unknown) or not isinstance(name.data, str):
        return ev.unknown(node, "the call defined() is not evaluated")
    constant = name.data.lstrip("\\")
    if constant in _OF_OTHER_ENGINES:
        return ev.literal(False, node)
    if isinstance(ev.around.constants(constant), Value):
        return ev.literal(True, node)
    return ev.unknown(node, "the call defined() is not evaluated")


def _passed(ev: Evaluator, argument: Node) -> list[Result]:
    """What one argument passes: a spread passes the elements of a list."""
    parts = children(argument)
    if argument.type != "argument" or len(parts) != 1:
        raise NotEvaluated("arguments that are named")
    if parts[0].type != "variadic_unpacking":
        return [ev.eval(parts[0])]
    held = ev.eval(_only(parts[0]))
    if isinstance(held, Unknown):
        raise NotEvaluated(held.reason)
    if not isinstance(held.data, dict) or any(isinstance(key, str) for key in held.data):
        raise NotEvaluated("a spread of something that is not a list")
    ev.state.spend(len(held.data))
    return [inherited(item, held.steps) for item in held.data.values()]


def _built_in(ev: Evaluator, node: Node, name: str, results: list[Result]) -> Result:
    data: list[Data] = []
    for result in results:
        if isinstance(result, Unknown):
            return result
        data.append(_own_steps(ev, result))
    ev.state.spend(1)
    for argument in data:
        ev.state.visit(argument)
    try:
        answer = FUNCTIONS[name](*data)
    except TypeError:
        return ev.unknown(node, f"the arguments of {name}() are not evaluated")
    size = len(answer) if isinstance(answer, dict) else len(answer) // 64 if isinstance(answer, str) else 0
    ev.state.spend(size)
    return ev.state.weighed(ev.literal(answer, node))


def _own_steps(ev: Evaluator, held: Value) -> Data:
    """An argument's data, its elements carrying the steps of the array they leave."""
    if isinstance(held.data, dict) and held.steps:
        ev.state.spend(len(held.data))
        return {key: inherited(item, held.steps) for key, item in held.data.items()}
    return held.data


def _isset(ev: Evaluator, node: Node, nodes: list[Node]) -> Result:
    if not nodes:
        raise NotEvaluated("isset() of nothing, which PHP refuses")
    unknown: Unknown | None = None
    for argument in nodes:
        answer = ev.is_set(argument)
        if answer is False:
            return ev.literal(False, node)
        if isinstance(answer, Unknown):
            unknown = unknown or answer
    return unknown if unknown is not None else ev.literal(True, node)


def required(ev: Evaluator, node: Node) -> Result:
    """``require 'x.php'`` as a value: what the file returns."""
    path = ev.eval(children(node)[0])
    if isinstance(path, Unknown):
        return path
    held = ev.around.required(path.data)
    return ev.unknown(node, f"what {text(node)[:80]} returns is not known") if held is None else held
