"""Variables and elements of arrays, read by name and by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Input, Parts, Unknown, Value
from driftcheck.php.run.arrays import PhpArray
from driftcheck.php.run.expressions import NULL, compiled, is_plain, lookup, quiet, reading, refused, register, valued
from driftcheck.php.run.frames import Undecided, name_of
from driftcheck.php.run.objects import Instance, Perhaps
from driftcheck.php.syntax import children, text
from driftcheck.php.values import NotEvaluated, array_key, decoded, encoded, is_numeric, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Result
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code, Frame

SUPERGLOBALS = {"_SERVER", "_GET", "_POST", "_COOKIE", "_FILES", "_ENV", "_REQUEST", "_SESSION"}


def variable(code: Code, node: Node) -> Compiled:
    """``$name``; one that is not set is null."""
    name = name_of(node)
    if name == "this":
        return _this(code, node)
    if name == "GLOBALS":
        return lambda frame: code.value(_globals(frame), node)
    if name in SUPERGLOBALS:
        return lambda frame: or_null(frame.machine.frame.take(name))

    def run(frame: Frame) -> Result:
        held = frame.get(name)
        if held is MISSING:
            return NULL
        if held.__class__ is Value and held.data.__class__ is PhpArray:
            frame.machine.escape(held.data)
        return held

    return run


def _this(code: Code, node: Node) -> Compiled:
    def run(frame: Frame) -> Result:
        if frame.this is None:
            raise NotEvaluated("$this outside an object")
        return code.value(frame.this, node)

    return run


def _globals(frame: Frame) -> PhpArray:
    everything = frame.machine.frame
    return PhpArray({name: everything.take(name) for name in everything.names()}, 0)


def dynamic_variable(code: Code, node: Node) -> Compiled:
    """``$$name`` and ``${expression}``."""
    name = named_dynamically(code, node)

    def run(frame: Frame) -> Result:
        held = frame.take(name(frame))
        return NULL if held is MISSING else held

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
    return valued(_reader(code, node))


def _reader(code: Code, node: Node) -> Compiled:
    """As element_lookup; but a character that is not there is an empty text, and what is in it too."""
    parts = children(node)
    if len(parts) != 2 or text(parts[0]) == "$GLOBALS":
        return element_lookup(code, node)
    if not quiet(node):
        return _keys_first(code, node, reading, element_read)
    base, key = reading(code, parts[0]), compiled(code, parts[1])

    def run(frame: Frame) -> Any:  # noqa: ANN401 - a result or MISSING
        held, at = base(frame), key(frame)
        if held is MISSING or held.__class__ is Unknown:
            return held
        if at.__class__ is Unknown:
            return at
        return element_read(frame, held, at.data, code, node)

    return run


def _keys_first(code: Code, node: Node, read: Callable[[Code, Node], Compiled], find: Callable[..., Any]) -> Compiled:
    """An element by keys that may write: PHP works out all keys before it reads a variable, and with it keys that are variables.

    What is no variable is there before the keys (Zend/zend_compile.c, zend_delayed_compile_dim).
    """
    steps: list[tuple[Compiled, bool, Node]] = []
    base = node
    while base.type == "subscript_expression" and len(parts := children(base)) == 2 and text(parts[0]) != "$GLOBALS":
        steps.insert(0, (compiled(code, parts[1]), is_plain(parts[1]), base))
        base = parts[0]
    late = base.type in _READ_LATE
    if late and not quiet(base):
        return refused("an element by a key that may write, of what may write too")
    start = read(code, base)

    def run(frame: Frame) -> Any:  # noqa: ANN401 - a result or MISSING
        held = None if late else start(frame)
        keys = [None if plain else key(frame) for key, plain, _ in steps]
        held = start(frame) if late else held
        for at, (key, _, place) in zip(keys, steps, strict=True):
            at = key(frame) if at is None else at
            if held is MISSING or held.__class__ is Unknown:
                return held
            if at.__class__ is Unknown:
                return at
            held = find(frame, held, at.data, code, place)
        return held

    return run


_READ_LATE = (
    "variable_name",
    "dynamic_variable_name",
    "member_access_expression",
    "nullsafe_member_access_expression",
    "scoped_property_access_expression",
    "subscript_expression",
)


def element_read(frame: Frame, held: Value, key: Any, code: Code, node: Node) -> Any:  # noqa: ANN401 - a result or MISSING
    """An element that is used: a character that is not there is an empty text. Raises NotEvaluated as element does, and where PHP throws."""
    found = element(frame, held, key, code, node)
    if found is not MISSING or held.data.__class__ is not str:
        return found
    if array_key(key).__class__ is not int:
        raise NotEvaluated("a character of a string by something else than its number")
    return code.value("", node)


def variable_lookup(code: Code, node: Node) -> Compiled:
    """``$name``; MISSING where it is not set."""
    name = name_of(node)
    if name in ("this", "GLOBALS"):
        return variable(code, node)
    if name in SUPERGLOBALS:
        return lambda frame: frame.machine.frame.get(name)

    def run(frame: Frame) -> Any:  # noqa: ANN401 - a result or MISSING
        held = frame.get(name)
        if held.__class__ is Value and held.data.__class__ is Perhaps:
            return code.unknown(node, f"the input {held.data} may not be there")
        return held

    return run


def dynamic_lookup(code: Code, node: Node) -> Compiled:
    """``$$name``; MISSING where it is not set."""
    name = named_dynamically(code, node)
    return lambda frame: frame.get(name(frame))


def element_lookup(code: Code, node: Node) -> Compiled:
    """``$array[key]``; MISSING where there is no such element."""
    parts = children(node)
    if len(parts) != 2:
        return refused("an element without an index")
    if parts[0].type == "variable_name" and text(parts[0]) == "$GLOBALS":
        key_of = compiled(code, parts[1])
        return lambda frame: _global_element(frame, key_of(frame))
    if not quiet(node):
        return _keys_first(code, node, lookup, element)
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
    """One element of an array or a character of a string; MISSING where there is none. Raises NotEvaluated for an object, and for a character by what is no number."""
    data = held.data
    if isinstance(data, dict):
        item = data.get(key if key.__class__ is int else array_key(key), MISSING)
        return frame.machine.turn.plain(item)
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


def or_null(held: Any) -> Result:  # noqa: ANN401 - a result or MISSING
    """What an expression gives for what is not there: null."""
    return NULL if held is MISSING else held


register(
    {"variable_name": variable, "dynamic_variable_name": dynamic_variable, "subscript_expression": subscript},
    {"variable_name": variable_lookup, "dynamic_variable_name": dynamic_lookup, "subscript_expression": element_lookup},
    {"subscript_expression": _reader},
)
