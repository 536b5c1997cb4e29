"""Numbers, arrays and constants of PHP: what a node stands for by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Op, Step, Unknown, Value
from driftcheck.php.syntax import ancestors, children, field, place, text
from driftcheck.php.values import INT_MAX, INT_MIN, NotEvaluated, Numbered, array_key, inherited

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Array, Data, Result
    from driftcheck.php.evaluator import Evaluator

_BASES = {"0x": 16, "0b": 2, "0o": 8}
_MOST_DIGITS = 4000
_MOST_ELEMENTS = 100_000
_COST_OF_AN_ELEMENT = 3
_WORDS: dict[str, Data] = {"true": True, "false": False, "null": None}
BUILT_IN: dict[str, Data] = {
    "PHP_INT_MAX": INT_MAX,
    "PHP_INT_MIN": INT_MIN,
    "PHP_INT_SIZE": 8,
    "PHP_EOL": "\n",
    "DIRECTORY_SEPARATOR": "/",
    "COUNT_RECURSIVE": 1,
    "E_ALL": 32767,
    "E_ERROR": 1,
    "E_WARNING": 2,
    "E_NOTICE": 8,
    "E_STRICT": 2048,
    "E_DEPRECATED": 8192,
    "E_USER_DEPRECATED": 16384,
    "M_PI": 3.141592653589793,
    "INF": float("inf"),
    "NAN": float("nan"),
}
_CLASS_LIKE = {"class_declaration", "interface_declaration", "trait_declaration", "enum_declaration", "anonymous_class"}


def integer(ev: Evaluator, node: Node) -> Result:
    """An integer literal in any base; one that does not fit is a float."""
    digits = text(node).replace("_", "").lower()
    base = _BASES.get(digits[:2], 8 if digits[0] == "0" else 10)
    digits = digits[2:] if digits[:2] in _BASES else digits
    try:
        number = int(digits, base) if len(digits) <= _MOST_DIGITS else INT_MAX + 1
    except ValueError:
        return ev.unknown(node, "a number with a digit that its base does not have")
    if number <= INT_MAX:
        return ev.literal(number, node)
    return ev.literal(float(digits) if base == 10 else _overflowed(digits, base), node)


def _overflowed(digits: str, base: int) -> float:
    """As Zend/zend_strtod.c adds up the digits (zend_hex_strtod): one by one, each time rounded."""
    total = 0.0
    for digit in digits[:_MOST_DIGITS]:
        total = total * base + int(digit, base)
    return total


def floating(ev: Evaluator, node: Node) -> Result:
    """A float literal."""
    return ev.literal(float(text(node).replace("_", "")), node)


def boolean(ev: Evaluator, node: Node) -> Result:
    """``true`` and ``false`` in any case."""
    return ev.literal(text(node).lower() == "true", node)


def null(ev: Evaluator, node: Node) -> Result:
    """``null`` in any case."""
    return ev.literal(None, node)


def array_items(node: Node) -> list[tuple[Node | None, Node]]:
    """The elements of an array literal as (key, value) nodes; a spread is (None, variadic_unpacking).

    Raises NotEvaluated at a syntax error, and where there are too many.
    """
    if node.named_child_count > _MOST_ELEMENTS:
        raise NotEvaluated(f"an array of more than {_MOST_ELEMENTS} elements")
    items: list[tuple[Node | None, Node]] = []
    for element in node.named_children:
        if element.type != "array_element_initializer":
            if element.type != "comment":
                raise NotEvaluated("a syntax error in an array")
            continue
        parts = element.named_children
        if len(parts) > 2 or (len(parts) == 2 and "comment" in (parts[0].type, parts[1].type)):
            parts = [part for part in parts if part.type != "comment"]
        if len(parts) == 2:
            items.append((parts[0], parts[1]))
        elif len(parts) == 1:
            items.append((None, parts[0]))
        else:
            raise NotEvaluated("a syntax error in an array")
    if not items and any(child.type == "," for child in node.children):
        raise NotEvaluated("an array of nothing but a comma, which PHP refuses")
    return items


def array(ev: Evaluator, node: Node) -> Result:
    """An array literal. An element that is not known stays a hole; a key that is not known leaves nothing known."""
    data: Array = {}
    index: int | None = None
    spread = False
    ev.state.spend(node.named_child_count * _COST_OF_AN_ELEMENT)
    for key_node, value_node in array_items(node):
        if key_node is not None:
            key = ev.eval(key_node)
            if isinstance(key, Unknown):
                return key
            at = array_key(key.data)
        elif value_node.type == "variadic_unpacking":
            held = ev.eval(children(value_node)[0])
            if isinstance(held, Unknown):
                return held
            index, spread = _spread(data, index, held), True
            ev.state.spend(len(data))
            continue
        else:
            at = _next(index)
        if value_node.type == "by_ref":
            return ev.unknown(value_node, "a reference in an array")
        data[at] = ev.eval(value_node)
        if at.__class__ is int and (index is None or at >= index):
            index = int(at) + 1
    if index is not None and index < 0:
        # An array that starts below -1 counts on from there, unless it began as an empty one.
        if spread:
            return ev.unknown(node, "negative keys next to a spread")
        data = Numbered(data, index)
    return ev.literal(data, node)


def _next(index: int | None) -> int:
    if index is not None and index > INT_MAX:
        raise NotEvaluated("an element after the largest index")
    return index or 0


def _spread(data: Array, index: int | None, spread: Value) -> int | None:
    if not isinstance(spread.data, dict):
        raise NotEvaluated("a spread of something that is not an array")
    if index is not None and index < 0:
        raise NotEvaluated("negative keys next to a spread")
    for key, item in spread.data.items():
        if isinstance(key, int):
            index = _next(index)
            data[index] = inherited(item, spread.steps)
            index += 1
        else:
            data[key] = inherited(item, spread.steps)
    return index


def constant(ev: Evaluator, node: Node) -> Result:
    """A constant by its name: the file's own, PHP's, or one of those that the caller knows."""
    name = text(node)
    if name.lower().lstrip("\\") in _WORDS:
        return ev.literal(_WORDS[name.lower().lstrip("\\")], node)
    magic = _magic(ev, node, name)
    if magic is not None:
        return magic
    for candidate in ev.file.names.constants(name):
        held = ev.around.constants(candidate)
        if held is None and candidate in BUILT_IN:
            return ev.literal(BUILT_IN[candidate], node)
        if isinstance(held, Unknown):
            return held
        if held is not None:
            step = Step(Op.REFERENCE, name, held.span)
            return ev.state.weighed(Value(held.data, ev.source, place(node), (step,)))
    return ev.unknown(node, f"the constant {name} is not defined in what was read")


def _magic(ev: Evaluator, node: Node, name: str) -> Result | None:
    upper = name.upper()
    if upper in ("__DIR__", "__FILE__"):
        path = f"{ev.around.root}/{ev.source.path}"
        return ev.literal(path if upper == "__FILE__" else path.rpartition("/")[0], node)
    if upper == "__LINE__":
        return ev.literal(node.start_point[0] + 1, node)
    if upper == "__NAMESPACE__":
        return ev.literal(ev.file.names.namespace, node)
    return None


def class_constant(ev: Evaluator, node: Node) -> Result:
    """``X::NAME`` and ``X::class``."""
    parts = children(node)
    if len(parts) != 2 or parts[1].type != "name":
        return ev.unknown(node, f"{text(node)[:60]} is not evaluated")
    scope = _scope(ev, node, parts[0])
    if scope is None:
        return ev.unknown(node, f"the class constant {text(node)[:60]} is not defined in what was read")
    member = text(parts[1])
    if member.lower() == "class":
        return ev.literal(scope, node)
    held = ev.around.constants(f"{scope}::{member}")
    if held is None and "\\" in scope:
        held = ev.around.constants(f"{scope.rpartition(chr(92))[2]}::{member}")
    if held is None:
        return ev.unknown(node, f"the class constant {text(node)} is not defined in what was read")
    if isinstance(held, Unknown):
        return held
    return ev.state.weighed(held.after(Step(Op.REFERENCE, text(node), ev.source.span(place(node)))))


def _scope(ev: Evaluator, node: Node, scope: Node) -> str | None:
    """The full name of the class before the ``::``, or None where it is not known."""
    names = ev.file.names
    if scope.type in ("name", "qualified_name", "relative_name"):
        return names.class_name(text(scope))
    if scope.type != "relative_scope" or text(scope).lower() != "self":
        return None
    around = next((n for n in ancestors(node) if n.type in _CLASS_LIKE), None)
    if around is None or around.type in ("trait_declaration", "anonymous_class"):
        return None
    return names.class_name("namespace\\" + text(field(around, "name")))
