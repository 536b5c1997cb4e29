"""Array literals, with keys, spreads and references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown
from driftcheck.php.literals import array_items
from driftcheck.php.run.arrays import PhpArray
from driftcheck.php.run.expressions import compiled, constant, is_plain, known_data, lookup, quiet, refused, register
from driftcheck.php.run.worlds import Slot
from driftcheck.php.syntax import children
from driftcheck.php.values import INT_MAX, NotEvaluated, array_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from driftcheck.core.model import Key, Result, Value
    from driftcheck.php.run.expressions import Compiled
    from driftcheck.php.run.frames import Code, Frame


def array(code: Code, node: Node) -> Compiled:
    """An array literal. One whose parts are all constant is made once."""
    try:
        items = array_items(node)
    except NotEvaluated as error:
        return refused(str(error))
    rows: list[tuple[str, Compiled | Key | None, Compiled | Callable[[Frame], Slot]]] = []
    for key_node, value_node in items:
        key = None if key_node is None else _key(code, key_node)
        if value_node.type == "by_ref":
            rows.append(("reference", key, lookup(code, value_node)))
        elif value_node.type == "variadic_unpacking":
            rows.append(("spread", None, compiled(code, children(value_node)[0])))
        else:
            # A key that is a plain variable PHP reads after the value.
            late = key_node is not None and is_plain(key_node) and not quiet(value_node)
            rows.append(("late" if late else "", key, compiled(code, value_node)))

    def run(frame: Frame) -> Result:
        return _built(frame, rows, code, node)

    if all(not kind and hasattr(value, "held") and not callable(key) for kind, key, value in rows):
        return constant(_built(code.machine.frame, rows, code, node))
    return run


def _key(code: Code, node: Node) -> Compiled | Key:
    """The key itself where it is always the same."""
    made = compiled(code, node)
    held = getattr(made, "held", None)
    try:
        return made if held is None or held.__class__ is Unknown else array_key(known_data(held))
    except NotEvaluated:
        return made


def _built(frame: Frame, rows: list[Any], code: Code, node: Node) -> Result:
    data: dict[Key, Any] = {}
    index: int | None = None
    spread = False
    hole: Unknown | None = None  # what is behind it is worked out all the same: it may write
    for kind, key, value in rows:
        if kind == "spread":
            held = value(frame)
            if held.__class__ is Unknown:
                hole = hole or held
                continue
            index, spread = _spread(frame, data, index, held), True
            continue
        at: Key
        item = value(frame) if kind == "late" else MISSING
        if key is None:
            if index is not None and index > INT_MAX:
                raise NotEvaluated("an element after the largest index")
            at = index or 0
        elif key.__class__ is str or key.__class__ is int:
            at = key
        else:
            held = key(frame)
            if held.__class__ is Unknown:
                hole = hole or held
                if item is MISSING:
                    value(frame)
                continue
            at = held.data if held.data.__class__ is int else array_key(known_data(held))
        data[at] = value(frame) if item is MISSING else item
        if at.__class__ is int and (index is None or at >= index):
            index = at + 1
    if hole is not None:
        return hole
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
    items: dict[Key, Any] = held.data
    frame.machine.look_at(items)
    for key, item in items.items():
        if item.__class__ is Slot:
            raise NotEvaluated("a spread of references")
        if isinstance(key, int):
            index = index or 0
            data[index] = item
            index += 1
        else:
            data[key] = item
    return index


register({"array_creation_expression": array})
