"""Putting a value at the end of a path of keys, and taking one away: arrays are values, so a copy changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.syntax import children
from driftcheck.php.values import NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from driftcheck.core.model import Array, Key, Missing, Result
    from driftcheck.php.state import FileState

_LONGEST_PATH = 100
_COPIES_A_UNIT = 16


class Target(NamedTuple):
    """What an assignment writes to: a node, or an element of a variable by the nodes of its keys, None for ``[]``."""

    root: Node
    keys: tuple[Node | None, ...]


def target_of(node: Node) -> Target:
    """A variable or an element of one, taken apart."""
    keys: list[Node | None] = []
    while node.type == "subscript_expression" and len(keys) < _LONGEST_PATH:
        parts = children(node)
        keys.append(parts[1] if len(parts) > 1 else None)
        node = parts[0]
    return Target(node, tuple(reversed(keys)))


def list_targets(pattern: Node) -> list[tuple[Node | int, Node]]:
    """The parts of ``list( ... )`` or ``[ ... ]`` on a left side: the key's node or the position, and the target."""
    found: list[tuple[Node | int, Node]] = []
    position = 0
    key: Node | None = None
    last: Node | None = None
    for child in pattern.children:
        if child.type == ",":
            if last is not None:
                found.append((position if key is None else key, last))
            position += 1
            key = last = None
        elif child.type == "=>":
            key, last = last, None
        elif child.is_named and child.type != "comment":
            last = child
    if last is not None:
        found.append((position if key is None else key, last))
    return found


def placed(state: FileState, base: Result | Missing, path: Sequence[Key | None], held: Result) -> Result:
    """A copy of an array with one element set; null and false become arrays as in PHP."""
    if not path:
        return held
    if isinstance(base, Unknown):
        return base
    data: Array = {}
    before: Array = data
    if base is not MISSING and base.data is not None and base.data is not False:
        if not isinstance(base.data, dict):
            return Unknown("an element of something that is not an array", base.source, base.where)
        before = base.data
        data = dict(before)
    state.spend(len(data) // _COPIES_A_UNIT)
    key = state.next_index(before) if path[0] is None else path[0]
    data[key] = placed(state, data.get(key, MISSING), path[1:], held)
    data = state.grown(before, data, key)
    return Value(data) if base is MISSING else base.with_data(data)


def without(state: FileState, base: Result | Missing, path: Sequence[Key]) -> Result | Missing:
    """A copy of an array with one element taken away, if it is there.

    Raises NotEvaluated where what holds the element is no array.
    """
    if not isinstance(base, Value) or base.data is None:
        return base
    if not isinstance(base.data, dict):
        raise NotEvaluated("part of something that is not an array is unset")
    if path[0] not in base.data:
        return base
    state.spend(len(base.data) // _COPIES_A_UNIT)
    data = dict(base.data)
    if len(path) == 1:
        del data[path[0]]
        data = state.shrunk(base.data, data)
    else:
        inner = without(state, data[path[0]], path[1:])
        assert inner is not MISSING
        data[path[0]] = inner
        data = state.grown(base.data, data, "")
    return base.with_data(data)
