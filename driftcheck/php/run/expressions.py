"""Expressions as functions of a frame: each node is looked at once, however often it runs. One function a node type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Input, Parts, Unknown, Value
from driftcheck.php import operators, strings
from driftcheck.php.evaluator import Evaluator
from driftcheck.php.literals import array_items
from driftcheck.php.run.arrays import PhpArray, place
from driftcheck.php.run.frames import Undecided, name_of
from driftcheck.php.run.objects import Instance
from driftcheck.php.run.worlds import Slot
from driftcheck.php.syntax import children, field, text
from driftcheck.php.values import INT_MAX, LONGEST_STRING, NotEvaluated, array_key, decoded, encoded, is_numeric, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Key, Result
    from driftcheck.php.run.frames import Code, Frame

    Compiled = Callable[[Frame], Any]

_STATIC = {"string", "integer", "float", "boolean", "null", "nowdoc"}
_SHORT = {"&&": False, "and": False, "||": True, "or": True}
NULL = Value(None)
SUPERGLOBALS = {"_SERVER", "_GET", "_POST", "_COOKIE", "_FILES", "_ENV", "_REQUEST", "_SESSION"}


def compiled(code: Code, node: Node) -> Compiled:
    """An expression as a function that answers with its value."""
    made = code.compiled.get(node.id)
    if made is None:
        made = code.compiled[node.id] = _compile(code, node)
    return made


def _compile(code: Code, node: Node) -> Compiled:
    if node.type in _STATIC:
        return constant(Evaluator(code.file).eval(node))
    maker = _MAKERS.get(node.type)
    if maker is None or (node.has_error and node.type != "array_creation_expression"):
        what = (
            "a syntax error in an expression" if node.has_error else f"{node.type.replace('_', ' ')} is not evaluated"
        )
        return refused(what)
    return maker(code, node)


def constant(held: Result) -> Compiled:
    """An expression that is the same wherever it runs."""

    def run(_: Frame) -> Result:
        return held

    run.held = held  # type: ignore[attr-defined]
    return run


def refused(reason: str) -> Compiled:
    """An expression that cannot be run, and that may do anything."""

    def run(_: Frame) -> Result:
        raise Undecided(reason)

    return run


def truth(held: Result) -> bool | None:
    """PHP's truth of a value; None where it is not known. An input that is a text is taken for one that is not empty."""
    if held.__class__ is Unknown:
        return None
    data = held.data  # type: ignore[union-attr]
    if data.__class__ is bool:
        return data  # type: ignore[return-value]
    if isinstance(data, (Input, Parts)):
        return True
    if data.__class__ is str:
        return data not in ("", "0")
    return bool(data) if isinstance(data, (int, float, dict)) or data is None else True


def decided(held: Result) -> bool:
    """The truth of what decides the way. Raises Undecided where it is not known."""
    answer = truth(held)
    if answer is None:
        raise Undecided(held.reason)  # type: ignore[union-attr]
    return answer


def quiet(node: Node) -> bool:
    """Whether an expression surely writes nothing: what is not known of it can stay a hole."""
    pending = [node]
    while pending:
        current = pending.pop()
        if current.type in _LOUD:
            return False
        pending.extend(current.named_children)
    return True


_LOUD = {
    "assignment_expression", "augmented_assignment_expression", "reference_assignment_expression", "update_expression",
    "function_call_expression", "member_call_expression", "scoped_call_expression", "object_creation_expression",
    "nullsafe_member_call_expression", "include_expression", "include_once_expression", "require_expression",
    "require_once_expression", "exit_statement", "throw_expression", "print_intrinsic", "yield_expression",
    "shell_command_expression",
}  # fmt: skip


# -- variables and elements ------------------------------------------------------------------------------------------


def variable(code: Code, node: Node) -> Compiled:
    """``$name``; one that is not set is null."""
    name = name_of(node)
    if name == "this":
        return _this(code, node)
    if name == "GLOBALS":
        return lambda frame: code.value(_globals(frame), node)
    if name in SUPERGLOBALS:
        return lambda frame: _or_null(frame.machine.frame.get(name))

    def run(frame: Frame) -> Result:
        held = frame.get(name)
        if held is MISSING:
            return NULL
        if held.__class__ is Value and held.data.__class__ is PhpArray:
            frame.machine.escape(held.data)
        return held  # type: ignore[no-any-return]

    return run


def _this(code: Code, node: Node) -> Compiled:
    def run(frame: Frame) -> Result:
        if frame.this is None:
            raise NotEvaluated("$this outside an object")
        return code.value(frame.this, node)

    return run


def _globals(frame: Frame) -> PhpArray:
    everything = frame.machine.frame
    return PhpArray({name: everything.get(name) for name in everything.names()}, 0)


def dynamic_variable(code: Code, node: Node) -> Compiled:
    """``$$name`` and ``${expression}``."""
    name = named_dynamically(code, node)

    def run(frame: Frame) -> Result:
        held = frame.get(name(frame))
        return NULL if held is MISSING else held  # type: ignore[no-any-return]

    return run


def named_dynamically(code: Code, node: Node) -> Callable[[Frame], str]:
    """The name of a variable that is worked out. Raises Undecided where it is not known."""
    inner = compiled(code, children(node)[0])

    def run(frame: Frame) -> str:
        held = inner(frame)
        if held.__class__ is Unknown:
            raise Undecided(held.reason)
        return to_str(held.data)

    return run


def subscript(code: Code, node: Node) -> Compiled:
    """``$array[key]``; what is not there is null."""
    look = lookup(code, node)

    def run(frame: Frame) -> Result:
        held = look(frame)
        if held is MISSING:
            return NULL
        if held.__class__ is Value and held.data.__class__ is PhpArray:
            frame.machine.escape(held.data)
        return held  # type: ignore[no-any-return]

    return run


def lookup(code: Code, node: Node) -> Compiled:
    """An expression where absence is an answer (isset, ??, empty): MISSING for what is not there."""
    if node.type == "variable_name" and name_of(node) not in ("this", "GLOBALS"):
        name = name_of(node)
        if name in SUPERGLOBALS:
            return lambda frame: frame.machine.frame.get(name)
        return lambda frame: frame.get(name)
    if node.type == "parenthesized_expression" and len(children(node)) == 1:
        return lookup(code, children(node)[0])
    if node.type == "dynamic_variable_name":
        dynamic = named_dynamically(code, node)
        return lambda frame: frame.get(dynamic(frame))
    if node.type in LOOKUPS:
        return LOOKUPS[node.type](code, node)
    if node.type != "subscript_expression":
        return compiled(code, node)
    parts = children(node)
    if len(parts) != 2:
        return refused("an element without an index")
    if parts[0].type == "variable_name" and text(parts[0]) == "$GLOBALS":
        key_of = compiled(code, parts[1])
        return lambda frame: _global_element(frame, key_of(frame))
    base, key = lookup(code, parts[0]), compiled(code, parts[1])

    def run(frame: Frame) -> Any:  # noqa: ANN401 - a result or MISSING
        held, at = base(frame), key(frame)
        if held is MISSING or held.__class__ is Unknown:
            return held
        if at.__class__ is Unknown:
            return at
        return element(frame, held, at.data, code, node)

    return run


def _global_element(frame: Frame, key: Result) -> Any:  # noqa: ANN401 - a result or MISSING
    if isinstance(key, Unknown):
        return key
    return frame.machine.frame.get(to_str(key.data))


def element(frame: Frame, held: Value, key: Any, code: Code, node: Node) -> Any:  # noqa: ANN401 - a result or MISSING
    """One element of an array or a character of a string; MISSING where there is none."""
    data = held.data
    if isinstance(data, dict):
        item = data.get(key if key.__class__ is int else array_key(key), MISSING)
        return frame.machine.turn.through(item) if item.__class__ is Slot else item
    if data.__class__ is str:
        return _character(data, key, code, node)
    if isinstance(data, (Input, Parts)):
        return code.unknown(node, "a part of an input")
    if isinstance(data, Instance):
        raise NotEvaluated("an object that is used as an array")
    return MISSING


def _character(data: str, key: Any, code: Code, node: Node) -> Value | Any:  # noqa: ANN401 - or MISSING
    index = array_key(key) if isinstance(key, (int, str)) and not isinstance(key, bool) else None
    if index is None or (isinstance(index, str) and (is_numeric(index) or index[:1] in "0123456789 \t\n\r\v\f+-.")):
        raise NotEvaluated("a character of a string by something else than its number")
    raw = encoded(data)
    if isinstance(index, str) or not -len(raw) <= index < len(raw):
        return MISSING
    return code.value(decoded(bytes([raw[index]])), node)


# -- strings ---------------------------------------------------------------------------------------------------------


def interpolated(code: Code, node: Node) -> Compiled:
    """``"..."`` and heredoc: texts and expressions in turn."""
    try:
        pieces = strings.pieces(code.source, node)
    except NotEvaluated as error:
        return refused(str(error))
    made: list[str | Compiled] = [piece if isinstance(piece, str) else _piece(code, piece) for piece in pieces]
    if all(isinstance(piece, str) for piece in made):
        return constant(code.value(decoded(encoded("".join(made))), node))  # type: ignore[arg-type]

    def run(frame: Frame) -> Result:
        texts = [code.value(piece, node) if isinstance(piece, str) else piece(frame) for piece in made]
        return joined(frame, texts, code, node)

    return run


def _piece(code: Code, piece: strings.Piece) -> Compiled:
    if piece.kind == "expression":
        return compiled(code, piece.node)
    if piece.kind == "name":
        return lambda frame: _or_null(frame.get(piece.name))
    key = compiled(code, piece.node) if piece.node is not None else constant(Value(piece.key))

    def run(frame: Frame) -> Result:
        held, at = frame.get(piece.name), key(frame)
        if held is MISSING or held.__class__ is Unknown:
            return _or_null(held)
        return at if at.__class__ is Unknown else _or_null(element(frame, held, at.data, code, piece.whole))

    return run


def _or_null(held: Any) -> Result:  # noqa: ANN401 - a result or MISSING
    return NULL if held is MISSING else held  # type: ignore[no-any-return]


def joined(frame: Frame, operands: list[Result], code: Code, node: Node) -> Result:
    """The operands one after the other, as a string; inputs in them stay parts."""
    pieces: list[str | Input] = []
    inputs = False
    for operand in operands:
        if isinstance(operand, Unknown):
            return operand
        data = operand.data
        if isinstance(data, (Input, Parts)):
            inputs = True
            pieces.extend(data.parts if isinstance(data, Parts) else (data,))
        elif isinstance(data, Instance):
            raise NotEvaluated("an object in a string")
        else:
            pieces.append(to_str(data))
    if inputs:
        return code.value(Parts.of(pieces), node)
    total = "".join(pieces)  # type: ignore[arg-type]
    frame.machine.spend(len(total) >> 6)
    if len(total) > LONGEST_STRING:
        raise NotEvaluated("a string that is too long")
    return code.value(total if total.isascii() else decoded(encoded(total)), node)


# -- operators -------------------------------------------------------------------------------------------------------


def parenthesized(code: Code, node: Node) -> Compiled:
    """``( expression )``."""
    parts = children(node)
    return compiled(code, parts[0]) if len(parts) == 1 else refused("a syntax error in an expression")


def unary(code: Code, node: Node) -> Compiled:
    """A sign, ``!`` or ``~`` in front of an operand."""
    operand = field(node, "argument") or children(node)[0]
    inner, sign = compiled(code, operand), text(field(node, "operator"))
    if sign == "!":

        def negated(frame: Frame) -> Result:
            held = inner(frame)
            answer = truth(held)
            return held if answer is None else code.value(not answer, node)

        return negated

    def run(frame: Frame) -> Result:
        held = inner(frame)
        if held.__class__ is Unknown:
            return held  # type: ignore[no-any-return]
        return code.value(_signed(sign, known_data(held)), node)

    return run


def _signed(sign: str, data: Any) -> Any:  # noqa: ANN401 - data of PHP
    if sign == "-":
        return -data if isinstance(data, float) else operators.BINARY["*"](data, -1)
    if sign == "+":
        return operators.to_number(data)
    if sign == "~" and isinstance(data, int) and not isinstance(data, bool):
        return ~data
    raise NotEvaluated(f"the operator {sign} is not evaluated")


def known_data(held: Value) -> Any:  # noqa: ANN401 - data of PHP
    """The data of an operand. Raises NotEvaluated for an input, of which only the name is known, and for an object."""
    data = held.data
    if isinstance(data, (Input, Parts)):
        raise NotEvaluated(f"it hangs on the input {data}")
    if isinstance(data, Instance):
        raise NotEvaluated("an object as an operand")
    return data


def suppressed(code: Code, node: Node) -> Compiled:
    """``@expression``."""
    return compiled(code, children(node)[0])


def cast(code: Code, node: Node) -> Compiled:
    """``(int)``, ``(array)`` and their like."""
    inner, kind = compiled(code, field(node, "value") or children(node)[-1]), text(field(node, "type")).strip().lower()
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
    if sign == "??":
        return _coalesce(code, left_node, right_node)
    if sign == "instanceof":
        return _instanceof(code, node, left_node, right_node)
    if sign == ".":
        return _concatenation(code, node)
    if sign in _SHORT:
        return _logical(code, node, left_node, right_node, stop=_SHORT[sign])
    if sign == "**" and left_node.type in ("unary_op_expression", "cast_expression", "error_suppression_expression"):
        return refused("a sign before a power")
    return _operation(code, node, compiled(code, left_node), compiled(code, right_node), sign)


def _operation(code: Code, node: Node, left: Compiled, right: Compiled, sign: str) -> Compiled:
    def run(frame: Frame) -> Result:
        return operated(frame, left(frame), right(frame), sign, code, node)

    return run


def operated(frame: Frame, left: Result, right: Result, sign: str, code: Code, node: Node) -> Result:
    """What an operator makes of two values."""
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
        a, b = plain_array(frame, a), plain_array(frame, b)
    elif isinstance(a, _OPAQUE) or isinstance(b, _OPAQUE):
        return code.value(_opaque(a, b, sign), node)
    return code.value(operation(a, b), node)


_OPAQUE = (Input, Parts, Instance)


def _opaque(a: Any, b: Any, sign: str) -> bool:  # noqa: ANN401 - data of PHP
    """Comparisons of which at least one side is an input or an object.

    An input of the surroundings is taken for a text that configuration does not name.
    """
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
    if not a and not isinstance(a, PhpArray):
        return right
    frame.machine.spend(len(a) + len(b))
    out = PhpArray(a, a.following if isinstance(a, PhpArray) else None, getattr(a, "base", ""))
    for key, item in b.items():
        if key not in out:
            place(out, key, item)
    return code.value(out, node)


def plain_array(frame: Frame, data: dict[Key, Any]) -> dict[Key, Any]:
    """An array without references, for what looks at values alone."""
    if not frame.machine.references:
        return data
    changed = {key: new for key, item in data.items() if (new := _plain_item(frame, item)) is not item}
    return {**data, **changed} if changed else data


def _plain_item(frame: Frame, item: Any) -> Any:  # noqa: ANN401 - a result
    if item.__class__ is Slot:
        item = frame.machine.turn.through(item)
    if item.__class__ is Value and isinstance(item.data, dict):
        inner = plain_array(frame, item.data)
        return item if inner is item.data else item.with_data(inner)
    return item


def _concatenation(code: Code, node: Node) -> Compiled:
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
    return lambda frame: joined(frame, [operand(frame) for operand in made], code, node)


def _coalesce(code: Code, left_node: Node, right_node: Node) -> Compiled:
    left, right, harmless = lookup(code, left_node), compiled(code, right_node), quiet(right_node)

    def run(frame: Frame) -> Result:
        held = left(frame)
        if held.__class__ is Unknown:
            if not harmless:
                raise Undecided(held.reason)
            return held  # type: ignore[no-any-return]
        if held is MISSING or held.data is None:
            return right(frame)  # type: ignore[no-any-return]
        if held.data.__class__ is PhpArray:
            frame.machine.escape(held.data)
        return held  # type: ignore[no-any-return]

    return run


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
        return other if second is None else passed  # type: ignore[no-any-return]

    return run


def _instanceof(code: Code, node: Node, left_node: Node, right_node: Node) -> Compiled:
    left = compiled(code, left_node)
    name = code.names.class_name(text(right_node)) if right_node.type in ("name", "qualified_name") else ""

    def run(frame: Frame) -> Result:
        held = left(frame)
        if held.__class__ is Unknown:
            return held  # type: ignore[no-any-return]
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


# -- arrays ----------------------------------------------------------------------------------------------------------


def array(code: Code, node: Node) -> Compiled:
    """An array literal. One whose parts are all constant is made once."""
    try:
        items = array_items(node)
    except NotEvaluated as error:
        return refused(str(error))
    rows: list[tuple[str, Compiled | None, Compiled | Callable[[Frame], Slot]]] = []
    for key_node, value_node in items:
        key = None if key_node is None else compiled(code, key_node)
        if value_node.type == "by_ref":
            rows.append(("reference", key, LOOKUPS["by_ref"](code, children(value_node)[0])))
        elif value_node.type == "variadic_unpacking":
            rows.append(("spread", None, compiled(code, children(value_node)[0])))
        else:
            rows.append(("", key, compiled(code, value_node)))

    def run(frame: Frame) -> Result:
        return _built(frame, rows, code, node)

    if all(not kind and hasattr(value, "held") and (key is None or hasattr(key, "held")) for kind, key, value in rows):
        return constant(_built(code.machine.frame, rows, code, node))
    return run


def _built(frame: Frame, rows: list[Any], code: Code, node: Node) -> Result:
    data: dict[Key, Any] = {}
    index: int | None = None
    spread = False
    for kind, key, value in rows:
        if kind == "spread":
            held = value(frame)
            if held.__class__ is Unknown:
                return held  # type: ignore[no-any-return]
            index, spread = _spread(frame, data, index, held), True
            continue
        at: Key
        if key is None:
            if index is not None and index > INT_MAX:
                raise NotEvaluated("an element after the largest index")
            at = index or 0
        else:
            held = key(frame)
            if held.__class__ is Unknown:
                return held  # type: ignore[no-any-return]
            at = held.data if held.data.__class__ is int else array_key(known_data(held))
        data[at] = value(frame)
        if at.__class__ is int and (index is None or at >= index):  # type: ignore[operator]
            index = at + 1  # type: ignore[operator]
    frame.machine.spend(len(data))
    if index is not None and index < 0:
        if spread:
            raise NotEvaluated("negative keys next to a spread")
        return code.value(PhpArray(data, index), node)
    return code.value(data, node)


def _spread(frame: Frame, data: dict[Key, Any], index: int | None, held: Value) -> int | None:
    if not isinstance(held.data, dict):
        raise NotEvaluated("a spread of something that is not an array")
    if index is not None and index < 0:
        raise NotEvaluated("negative keys next to a spread")
    for key, item in held.data.items():
        plain = frame.machine.turn.through(item) if item.__class__ is Slot else item
        if isinstance(key, int):
            index = index or 0
            data[index] = plain
            index += 1
        else:
            data[key] = plain
    return index


_MAKERS: dict[str, Callable[[Code, Node], Compiled]] = {
    "variable_name": variable,
    "dynamic_variable_name": dynamic_variable,
    "subscript_expression": subscript,
    "encapsed_string": interpolated,
    "heredoc": interpolated,
    "parenthesized_expression": parenthesized,
    "unary_op_expression": unary,
    "error_suppression_expression": suppressed,
    "cast_expression": cast,
    "binary_expression": binary,
    "conditional_expression": conditional,
    "match_expression": match,
    "array_creation_expression": array,
}


LOOKUPS: dict[str, Callable[[Code, Node], Compiled]] = {}
"""How expressions are looked up of which the modules that build on this one know."""


def register(kinds: dict[str, Callable[[Code, Node], Compiled]]) -> None:
    """Take in the makers of the modules that build on this one."""
    _MAKERS.update(kinds)
