"""The one way into a value: its elements, its texts, its switches.

``get`` and ``at`` answer with Unknown where what is on the way is not known, and with MISSING only where the element
is certainly absent; an element comes with the steps of the arrays around it behind its own, each step once. ``array``,
``items``, ``fields`` and ``strings`` are for walking: they are empty where there is nothing to walk, which is so for
Unknown too. Whether something is absent is therefore a question for ``get``, never for them. Where None is accepted it is as
MISSING: what ``dict.get`` answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from driftcheck.core.model import MISSING, Input, Items, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.core.model import Array, Key, Missing, Result, Step

    Maybe: TypeAlias = "Result | Missing | None"

_NOTHING: Array = {}


def is_array(value: Maybe) -> TypeGuard[Value]:
    """Whether a value is certainly an array: a PHP array, or a list or map of YAML."""
    return isinstance(value, Value) and isinstance(value.data, dict)


def is_map(value: Maybe) -> TypeGuard[Value]:
    """Whether a value is certainly an array and not a list of YAML."""
    return is_array(value) and not isinstance(value.data, Items)


def is_true(value: Maybe) -> bool | Unknown:
    """Whether a value is exactly true, which an absent one is not; Unknown where that is not known, as of an input."""
    if isinstance(value, Value) and isinstance(value.data, Input):
        return Unknown(f"{value.data} stands outside the tree", value.source, value.where, value.steps)
    return value if isinstance(value, Unknown) else isinstance(value, Value) and value.data is True


def array(value: Maybe) -> Mapping[Key, Result]:
    """The elements of an array as they stand in it."""
    return value.data if isinstance(value, Value) and isinstance(value.data, dict) else _NOTHING


def fields(value: Maybe) -> Mapping[Key, Result]:
    """The elements of a map as they stand in it; a list of YAML has none."""
    return array(value) if is_map(value) else _NOTHING


def items(value: Maybe) -> dict[Key, Result]:
    """The elements of an array, each with the steps of the array behind its own."""
    steps = value.steps if isinstance(value, Value) else ()
    return {key: _within(steps, item) for key, item in array(value).items()}


def strings(value: Maybe) -> dict[Key, str]:
    """The elements of an array that are strings."""
    return {key: text for key, item in array(value).items() if (text := string(item)) is not None}


def string(value: Maybe) -> str | None:
    """What a string says; None for any other value, and where it is not known."""
    return value.data if isinstance(value, Value) and isinstance(value.data, str) else None


def text(value: Maybe) -> str:
    """A scalar as it is printed; empty for any other value, and where it is not known."""
    return str(value.data) if isinstance(value, Value) and not isinstance(value.data, dict) else ""


def get(around: Result | Missing, key: Key) -> Result | Missing:
    """One element of an array."""
    if not isinstance(around, Value):
        return around
    item = around.data.get(key) if isinstance(around.data, dict) else None
    return MISSING if item is None else _within(around.steps, item)


def at(around: Result | Missing, *path: Key) -> Result | Missing:
    """What stands at the end of a path; with an empty path the value itself."""
    for key in path:
        around = get(around, key)
    return around


def put(around: Value, key: Key, item: Result) -> Value:
    """The array with another element under a key; what is no array stays as it is."""
    return around.with_data({**array(around), key: item}) if is_array(around) else around


def _within(steps: tuple[Step, ...], item: Result) -> Result:
    """An element after the steps of the array around it that it does not have yet."""
    if not steps or steps == item.steps:
        return item
    new = tuple(step for step in steps if step not in item.steps)
    return item.after(*new) if new else item
