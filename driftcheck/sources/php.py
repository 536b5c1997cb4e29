"""Expressions of PHP, worked out without PHP: one small function per node type, one dispatch, one fallback.

What is not understood is :class:`~driftcheck.model.Unknown` with its reason and place, and whatever is computed
from it is unknown too. Operators and functions are PHP 8's, in :mod:`driftcheck.sources.phpops`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.model import MISSING, Op, Source, Step, Unknown, Value, pack
from driftcheck.sources import phpops
from driftcheck.sources.syntax import children, field, place, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tree_sitter import Node

    from driftcheck.model import Array, Data, Key, Missing, Result

_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u\{([0-9A-Fa-f]+)\}|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "e": "\x1b", "f": "\f", "\\": "\\", "$": "$"}
_FIXED = {
    "true": True,
    "false": False,
    "null": None,
    "php_int_max": phpops.INT_MAX,
    "php_int_min": phpops.INT_MIN,
    "php_int_size": 8,
    "php_eol": "\n",
    "directory_separator": "/",
    "e_all": 32767,
    "m_pi": 3.141592653589793,
    "inf": float("inf"),
    "nan": float("nan"),
}
_WRITES = {"array_push", "array_pop", "array_shift", "array_unshift", "sort", "ksort", "asort", "usort", "array_splice"}
_MAX_DEPTH = 150


class Lazy:
    """An expression that is evaluated when it is first needed, in the scope that it was written in."""

    __slots__ = ("_evaluator", "_result", "node")

    def __init__(self, evaluator: Evaluator, node: Node) -> None:
        self._evaluator: Evaluator | None = evaluator
        self.node = node
        self._result: Result | None = None

    def force(self) -> Result:
        """The value, worked out once."""
        if self._result is None:
            if self._evaluator is None:
                return Unknown("a value that is defined by itself")
            evaluator, self._evaluator = self._evaluator, None
            self._result = evaluator.eval(self.node)
        return self._result


class Evaluator:
    """Evaluates expression nodes of one file in one scope.

    ``scope`` holds variables by name without ``$``; ``constants`` answers a constant's name with a result or None;
    ``functions`` are the file's own, as a call by name and evaluated arguments; ``unset`` tells of a variable that
    nothing assigns whether that means that it is not set.
    """

    def __init__(
        self,
        source: Source,
        scope: Mapping[str, Result | Lazy] | None = None,
        constants: Callable[[str], Result | None] = lambda name: None,
        functions: Callable[[str, list[Result]], Result | None] = lambda name, args: None,
        unset: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self.source = source
        self.scope: dict[str, Result | Lazy] = dict(scope or {})
        self.constants = constants
        self.functions = functions
        self.unset = unset
        self._depth = 0

    def child(self, scope: Mapping[str, Result | Lazy]) -> Evaluator:
        """The same file and constants in another scope."""
        return Evaluator(self.source, scope, self.constants, self.functions, self.unset)

    def eval(self, node: Node) -> Result:
        """The value of one expression; never raises for any input."""
        handler = _DISPATCH.get(node.type)
        if handler is None:
            return self.unknown(node, f"{node.type.replace('_', ' ')} is not evaluated")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._depth -= 1
            return self.unknown(node, f"nested more than {_MAX_DEPTH} levels deep")
        try:
            return handler(self, node)
        except phpops.NotEvaluated as error:
            return self.unknown(node, str(error))
        finally:
            self._depth -= 1

    def unknown(self, node: Node, reason: str) -> Unknown:
        """A hole at a node."""
        return Unknown(reason, self.source, place(node))

    def literal(self, data: Data, node: Node) -> Value:
        """A value written at a node."""
        return Value(data, self.source, node.start_byte << 32 | node.end_byte)

    def variable(self, name: str) -> Result | Missing:
        """What a variable holds here; MISSING if nothing in sight assigns it."""
        held = self.scope.get(name, MISSING)
        return held.force() if isinstance(held, Lazy) else held

    def lookup(self, node: Node) -> Result | Missing:
        """A variable, element or constant expression where absence is an answer (isset, ??, empty)."""
        if node.type == "variable_name":
            return self.variable(text(node)[1:])
        if node.type == "subscript_expression":
            parts = children(node)
            base = self.lookup(parts[0])
            if base is MISSING or len(parts) < 2:
                return base
            if isinstance(base, Unknown):
                return base
            key = self.eval(parts[1])
            if isinstance(key, Unknown):
                return key
            return self._element(base, key.data, node)
        if node.type == "parenthesized_expression":
            return self.lookup(children(node)[0])
        return self.eval(node)

    def _element(self, base: Value, key: Data, node: Node) -> Result | Missing:
        if isinstance(base.data, dict):
            item = base.data.get(phpops.array_key(key), MISSING)
            if item is MISSING:
                return MISSING
            return item.after(*base.steps, Step(Op.REFERENCE, text(node), self.source.span(place(node))))
        if isinstance(base.data, str):
            index = phpops.to_int(key)
            if -len(base.data) <= index < len(base.data) and base.data.isascii():
                return Value(base.data[index], self.source, place(node))
            return MISSING
        return MISSING

    def is_set(self, node: Node) -> bool | Unknown:
        """PHP's isset: there, and not null. A variable that nothing in sight assigns may be set elsewhere."""
        held = self.lookup(node)
        if isinstance(held, Unknown):
            return held
        if held is MISSING:
            root = node
            while root.type == "subscript_expression":
                root = children(root)[0]
            name = text(root)[1:]
            if self.variable(name) is MISSING and not self.unset(name):
                return self.unknown(root, f"{text(root)} is not assigned in what was read")
            return False
        return held.data is not None


def _string(ev: Evaluator, node: Node) -> Result:
    raw = text(node)
    body = raw[1:-1] if raw[0] == "'" else raw[2:-1]
    if "\\" in body:
        body = re.sub(r"\\([\\'])", r"\1", body)
    return ev.literal(body, node)


def unescape(raw: str, *, quote: str = '"') -> str:
    """The characters of a double-quoted string or heredoc body; an unknown escape stands for itself."""

    def one(match: re.Match[str]) -> str:
        octal, hexadecimal, point, other = match.groups()
        if octal or hexadecimal:
            code = int(octal, 8) & 0xFF if octal else int(hexadecimal, 16)
            return chr(code) if code < 0x80 else bytes([code]).decode("utf-8", "surrogateescape")
        if point:
            return chr(int(point, 16)) if int(point, 16) < 0x110000 else match[0]
        if other == quote:
            return quote
        return _SIMPLE_ESCAPES.get(other, match[0])

    return _ESCAPE.sub(one, raw)


def _pieces(ev: Evaluator, node: Node, indent: int = 0, quote: str = '"') -> str:
    """The text of an interpolated string; the stretches between named parts are taken from the source."""
    out: list[str] = []
    literal = ""
    for part in node.children:
        kind = part.type
        if kind in ("string_content", "escape_sequence"):
            literal += text(part)
        elif kind in ('"', "{", "}", "heredoc_start", "heredoc_end", "<<<", 'b"', 'B"'):
            continue
        else:
            out.append(unescape(_dedent(literal, indent, first=not out), quote=quote))
            literal = ""
            held = _interpolated(ev, part)
            if isinstance(held, Unknown):
                raise phpops.NotEvaluated(held.reason)
            out.append(phpops.to_str(held.data))
    out.append(unescape(_dedent(literal, indent, first=not out), quote=quote))
    joined = "".join(out)
    # Two escapes may be two bytes of one character.
    return joined.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _interpolated(ev: Evaluator, part: Node) -> Result:
    if part.type == "dynamic_variable_name":
        held = ev.variable(text(children(part)[0])) if children(part)[0].type == "name" else MISSING
        return ev.unknown(part, f"{text(part)} is not known") if held is MISSING else held
    if part.type == "subscript_expression" and len(children(part)) > 1 and children(part)[1].type == "name":
        base = ev.lookup(children(part)[0])
        if isinstance(base, Value):
            item = ev._element(base, text(children(part)[1]), part)
            return ev.unknown(part, f"{text(part)} has no such key") if item is MISSING else item
    return ev.eval(part)


def _dedent(body: str, indent: int, *, first: bool) -> str:
    if not indent:
        return body
    lines = body.split("\n")
    start = 0 if first else 1
    return "\n".join(line[indent:] if i >= start else line for i, line in enumerate(lines))


def _encapsed(ev: Evaluator, node: Node) -> Result:
    return ev.literal(_pieces(ev, node), node)


def _heredoc(ev: Evaluator, node: Node) -> Result:
    indent = _marker_indent(ev, node)
    body = next((child for child in node.children if child.type == "heredoc_body"), None)
    return ev.literal("" if body is None else _pieces(ev, body, indent, quote=""), node)


def _nowdoc(ev: Evaluator, node: Node) -> Result:
    body = next((child for child in node.children if child.type == "nowdoc_body"), None)
    return ev.literal("" if body is None else _dedent(text(body), _marker_indent(ev, node), first=True), node)


def _marker_indent(ev: Evaluator, node: Node) -> int:
    """How far the closing marker is indented: PHP takes that much off each line."""
    end = next((child for child in node.children if child.type == "heredoc_end"), node)
    line_start = ev.source.text.rfind(b"\n", 0, end.end_byte) + 1
    line = ev.source.text[line_start : end.end_byte]
    return len(line) - len(line.lstrip())


def _integer(ev: Evaluator, node: Node) -> Result:
    digits = text(node).replace("_", "").lower()
    if digits[:2] in ("0x", "0b", "0o"):
        number = int(digits, 0)
    else:
        number = int(digits, 8 if len(digits) > 1 and digits[0] == "0" else 10)
    return ev.literal(phpops.fit(number), node)


def _float(ev: Evaluator, node: Node) -> Result:
    return ev.literal(float(text(node).replace("_", "")), node)


def _boolean(ev: Evaluator, node: Node) -> Result:
    return ev.literal(text(node).lower() == "true", node)


def _null(ev: Evaluator, node: Node) -> Result:
    return ev.literal(None, node)


def array_items(node: Node) -> list[tuple[Node | None, Node]]:
    """The elements of an array literal as (key, value) nodes; a spread is (None, variadic_unpacking)."""
    items: list[tuple[Node | None, Node]] = []
    for element in node.named_children:
        if element.type != "array_element_initializer":
            if element.type != "comment":
                message = "a syntax error in an array"
                raise phpops.NotEvaluated(message)
            continue
        parts = element.named_children
        if len(parts) > 2 or (len(parts) == 2 and "comment" in (parts[0].type, parts[1].type)):
            parts = [part for part in parts if part.type != "comment"]
        if len(parts) == 2:
            items.append((parts[0], parts[1]))
        elif len(parts) == 1:
            items.append((None, parts[0]))
        else:
            message = "a syntax error in an array"
            raise phpops.NotEvaluated(message)
    return items


def _array(ev: Evaluator, node: Node) -> Result:
    data: Array = {}
    for key_node, value_node in array_items(node):
        if key_node is None:
            if value_node.type == "variadic_unpacking":
                spread = ev.eval(children(value_node)[0])
                if isinstance(spread, Unknown):
                    return spread
                _spread(data, spread)
                continue
            if value_node.type == "by_ref":
                return ev.unknown(value_node, "a reference in an array")
            data[phpops.next_index(data)] = ev.eval(value_node)
            continue
        key = ev.eval(key_node)
        if isinstance(key, Unknown):
            return key
        data[phpops.array_key(key.data)] = ev.eval(value_node)
    return ev.literal(data, node)


def _spread(data: Array, spread: Value) -> None:
    if not isinstance(spread.data, dict):
        message = "a spread of something that is not an array"
        raise phpops.NotEvaluated(message)
    for key, item in spread.data.items():
        data[phpops.next_index(data) if isinstance(key, int) else key] = item.after(*spread.steps)


def _variable(ev: Evaluator, node: Node) -> Result:
    name = text(node)
    held = ev.variable(name[1:])
    if held is MISSING:
        return ev.unknown(node, f"{name} is not known without running PHP")
    return held.after(Step(Op.REFERENCE, name, ev.source.span(place(node))))


def _subscript(ev: Evaluator, node: Node) -> Result:
    parts = children(node)
    if len(parts) != 2:
        return ev.unknown(node, "an element without an index")
    held = ev.lookup(node)
    if held is MISSING:
        return ev.unknown(node, f"{text(node)} is not known without running PHP")
    return held


def _parenthesized(ev: Evaluator, node: Node) -> Result:
    return ev.eval(children(node)[0])


def _unary(ev: Evaluator, node: Node) -> Result:
    sign = text(field(node, "operator"))
    operand = ev.eval(children(node)[-1])
    if isinstance(operand, Unknown):
        return operand
    if sign == "!":
        return ev.literal(not phpops.to_bool(operand.data), node)
    if sign == "~" and isinstance(operand.data, int) and not isinstance(operand.data, bool):
        return ev.literal(~operand.data, node)
    if sign == "-":
        if isinstance(operand.data, float):
            return ev.literal(-operand.data, node)
        return ev.literal(phpops.BINARY["*"](operand.data, -1), node)
    if sign == "+":
        return ev.literal(phpops.to_number(operand.data), node)
    return ev.unknown(node, f"the operator {sign} is not evaluated")


def _binary(ev: Evaluator, node: Node) -> Result:
    left_node, right_node = field(node, "left"), field(node, "right")
    sign = text(field(node, "operator")).lower()
    if left_node is None or right_node is None:
        return ev.unknown(node, "a syntax error in an expression")
    if sign == "??":
        held = ev.lookup(left_node)
        if isinstance(held, Unknown):
            return held
        if held is MISSING:
            set_here = ev.is_set(left_node)
            return set_here if isinstance(set_here, Unknown) else ev.eval(right_node)
        return held if held.data is not None else ev.eval(right_node)
    left = ev.eval(left_node)
    if sign in ("&&", "and", "||", "or"):
        return _logical(ev, node, left, right_node, stop=sign in ("||", "or"))
    if isinstance(left, Unknown):
        return left
    right = ev.eval(right_node)
    if isinstance(right, Unknown):
        return right
    operation = phpops.BINARY.get(sign)
    if operation is None:
        return ev.unknown(node, f"the operator {sign} is not evaluated")
    if sign == "+" and isinstance(left.data, dict) and isinstance(right.data, dict):
        return union(ev, node, left, right)
    return ev.literal(operation(left.data, right.data), node)


def union(ev: Evaluator, node: Node, left: Value, right: Value) -> Value:
    """``$left + $right``; each element keeps the steps of the array that it came from."""
    out: Array = {}
    for side in (left, right):
        assert isinstance(side.data, dict)
        for key, item in side.data.items():
            out.setdefault(key, item.after(*side.steps) if side.steps else item)
    return ev.literal(out, node)


def _logical(ev: Evaluator, node: Node, left: Result, right_node: Node, *, stop: bool) -> Result:
    """``&&`` and ``||`` with three values: a side that decides alone decides, whatever the other is."""
    if isinstance(left, Value) and phpops.to_bool(left.data) is stop:
        return ev.literal(stop, node)
    right = ev.eval(right_node)
    if isinstance(right, Value) and phpops.to_bool(right.data) is stop:
        return ev.literal(stop, node)
    if isinstance(left, Unknown):
        return left
    return right if isinstance(right, Unknown) else ev.literal(not stop, node)


def _conditional(ev: Evaluator, node: Node) -> Result:
    condition_node, alternative = field(node, "condition"), field(node, "alternative")
    if condition_node is None or alternative is None:
        return ev.unknown(node, "a syntax error in an expression")
    body = field(node, "body")
    condition = ev.eval(condition_node)
    if isinstance(condition, Unknown):
        return condition
    if phpops.to_bool(condition.data):
        return condition if body is None else ev.eval(body)
    return ev.eval(alternative)


def _cast(ev: Evaluator, node: Node) -> Result:
    parts = children(node)
    cast = phpops.CASTS.get(text(parts[0]).strip().lower())
    held = ev.eval(parts[1])
    if isinstance(held, Unknown):
        return held
    if cast is None:
        return ev.unknown(node, "a cast that is not evaluated")
    return ev.literal(cast(held.data), node)


def _constant(ev: Evaluator, node: Node) -> Result:
    name = text(node).lstrip("\\")
    if name.lower() in _FIXED:
        return ev.literal(_FIXED[name.lower()], node)
    if name == "__DIR__":
        return ev.literal(ev.source.path.rpartition("/")[0] or ".", node)
    held = ev.constants(name)
    if held is None and "\\" in name:
        held = ev.constants(name.rpartition("\\")[2])
    if held is None:
        return ev.unknown(node, f"the constant {name} is not defined in what was read")
    if isinstance(held, Unknown):
        return held
    return Value(held.data, ev.source, place(node), (Step(Op.REFERENCE, name, held.span),))


def _class_constant(ev: Evaluator, node: Node) -> Result:
    parts = children(node)
    name = text(parts[1]) if len(parts) > 1 else ""
    scope = text(parts[0])
    if name == "class" and scope not in ("self", "static", "parent"):
        return ev.literal(_qualified(ev, node, scope), node)
    held = ev.constants(f"{scope.rpartition(chr(92))[2]}::{name}")
    if held is None:
        return ev.unknown(node, f"the class constant {text(node)} is not defined in what was read")
    return held.after(Step(Op.REFERENCE, text(node), ev.source.span(place(node))))


def _qualified(ev: Evaluator, node: Node, name: str) -> str:
    """The full class name that ``X::class`` means, by the file's namespace and imports."""
    if name.startswith("\\"):
        return name[1:]
    head, _, rest = name.partition("\\")
    root = node
    while root.parent is not None:
        root = root.parent
    namespace = ""
    for statement in root.named_children:
        if statement.type == "namespace_definition":
            namespace = text(field(statement, "name"))
        elif statement.type == "namespace_use_declaration":
            for clause in children(statement):
                names = children(clause)
                target = text(names[0]).lstrip("\\") if names else ""
                alias = text(names[-1]) if len(names) > 1 else target.rpartition("\\")[2]
                if alias.lower() == head.lower():
                    return f"{target}\\{rest}" if rest else target
    return f"{namespace}\\{name}" if namespace else name


def _call(ev: Evaluator, node: Node) -> Result:
    function, arguments = field(node, "function"), field(node, "arguments")
    name = text(function).lstrip("\\").lower()
    nodes = [children(argument)[-1] for argument in children(arguments) if children(argument)] if arguments else []
    if name == "isset":
        return _isset(ev, node, nodes)
    if name == "empty" and nodes:
        held = ev.lookup(nodes[0])
        if held is MISSING:
            known = ev.is_set(nodes[0])
            return known if isinstance(known, Unknown) else ev.literal(True, node)
        return held if isinstance(held, Unknown) else ev.literal(not phpops.to_bool(held.data), node)
    if function is None or function.type not in ("name", "qualified_name") or name in _WRITES:
        return ev.unknown(node, f"the call {text(function)[:60]}() is not evaluated")
    if any(
        child.type == "variadic_unpacking" or len(children(child)) > 1 for child in children(arguments) if arguments
    ):
        return ev.unknown(node, f"the arguments of {name}() are not evaluated")
    results = [ev.eval(argument) for argument in nodes]
    own = ev.functions(name, results)
    if own is not None:
        return own
    builtin = phpops.FUNCTIONS.get(name)
    if builtin is None:
        return ev.unknown(node, f"the call {name}() is not evaluated")
    data: list[Data] = []
    for result in results:
        if isinstance(result, Unknown):
            return result
        data.append(_own_steps(result))
    try:
        return ev.literal(builtin(*data), node)
    except TypeError:
        return ev.unknown(node, f"the arguments of {name}() are not evaluated")


def _own_steps(held: Value) -> Data:
    """An argument's data, its elements carrying the steps of the array they leave."""
    if isinstance(held.data, dict) and held.steps:
        return {key: item.after(*held.steps) for key, item in held.data.items()}
    return held.data


def _isset(ev: Evaluator, node: Node, nodes: list[Node]) -> Result:
    unknown: Unknown | None = None
    for argument in nodes:
        answer = ev.is_set(argument)
        if answer is False:
            return ev.literal(False, node)
        if isinstance(answer, Unknown):
            unknown = unknown or answer
    return unknown if unknown is not None else ev.literal(True, node)


def _match(ev: Evaluator, node: Node) -> Result:
    condition, body = field(node, "condition"), field(node, "body")
    if condition is None or body is None:
        return ev.unknown(node, "a syntax error in an expression")
    subject = ev.eval(condition)
    if isinstance(subject, Unknown):
        return subject
    default: Node | None = None
    for arm in children(body):
        outcome = field(arm, "return_expression")
        conditions = field(arm, "conditional_expressions")
        if conditions is None or outcome is None:
            default = outcome
            continue
        for candidate in children(conditions):
            held = ev.eval(candidate)
            if isinstance(held, Unknown):
                return held
            if phpops.identical(subject.data, held.data):
                return ev.eval(outcome)
    return ev.unknown(node, "no arm of the match fits") if default is None else ev.eval(default)


def _assignment_value(ev: Evaluator, node: Node) -> Result:
    """An assignment used as an expression: ``$a = $b = 1``. The statement executor has stored it already."""
    right = field(node, "right")
    return ev.unknown(node, "an assignment without a value") if right is None else ev.eval(right)


_DISPATCH: dict[str, Callable[[Evaluator, Node], Result]] = {
    "string": _string,
    "encapsed_string": _encapsed,
    "heredoc": _heredoc,
    "nowdoc": _nowdoc,
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
    "null": _null,
    "array_creation_expression": _array,
    "variable_name": _variable,
    "subscript_expression": _subscript,
    "parenthesized_expression": _parenthesized,
    "unary_op_expression": _unary,
    "binary_expression": _binary,
    "conditional_expression": _conditional,
    "cast_expression": _cast,
    "name": _constant,
    "qualified_name": _constant,
    "class_constant_access_expression": _class_constant,
    "function_call_expression": _call,
    "match_expression": _match,
    "assignment_expression": _assignment_value,
    "error_suppression_expression": _parenthesized,
}


def key_of(ev: Evaluator, node: Node) -> Key | Unknown:
    """An array key expression as the key that PHP stores."""
    held = ev.eval(node)
    return held if isinstance(held, Unknown) else phpops.array_key(held.data)


def whole(source: Source) -> int:
    """The packed place of a whole file."""
    return pack(0, len(source.text))
