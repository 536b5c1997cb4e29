"""How large values are when they are written out: a part that stands in several places counts in each.

Sixteen lines like ``$x = [ $x, $x ];`` make an array of 131,000 elements out of sixteen arrays. Whatever looks at a value,
or prints it, goes through it element by element; so what is much larger than its parts is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from driftcheck.core.model import Unknown, Value

if TYPE_CHECKING:
    from driftcheck.core.model import Array, Data

Held = TypeVar("Held")
TOO_LARGE = "an array that is too large"
TOO_LONG = "a string that is too long"
MAX_NESTING = 100
_TIMES, _FREE = 4, 50_000
"""So many times its parts a value may be, and so many elements more. All settings of production are 1.3 times their parts."""
_CHARACTERS = 64
"""So many characters of a text count as an element."""


class _TooDeepError(Exception):
    """Arrays are nested too deep."""


class Sizes:
    """The sizes of the values that are shown to it, one after the other: together they are held to one limit."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Data, int, int]] = {}
        self._parts = self._whole = 0

    def bounded(self, value: Held) -> Held | Unknown:
        """The value; Unknown where it and those before it are much larger, written out, than what they are made of."""
        if not isinstance(value, Value):
            return value
        data = value.data
        try:
            size = (
                self._array(data, 1)[0] if isinstance(data, dict) else self._text(data) if isinstance(data, str) else 0
            )
        except _TooDeepError:
            return Unknown(TOO_LARGE, value.source, value.where, value.steps)
        if self._whole + size > self._parts * _TIMES + _FREE:
            reason = TOO_LONG if isinstance(data, str) else TOO_LARGE
            return Unknown(reason, value.source, value.where, value.steps)
        self._whole += size
        return value

    def _array(self, array: Array, around: int) -> tuple[int, int]:
        """How many elements, and elements of elements, and how deep they are nested. Raises _TooDeepError."""
        _, size, nesting = self._known.get(id(array), (None, len(array), 0))
        if around + max(nesting - 1, 0) > MAX_NESTING:
            raise _TooDeepError
        if not nesting:
            self._parts += size
            for item in array.values():
                data = item.data if item.__class__ is Value else None
                if data.__class__ is str:
                    size += len(data) >= _CHARACTERS and self._text(data)
                elif isinstance(data, dict):
                    inner, deep = self._array(data, around + 1)
                    size, nesting = size + inner, max(nesting, deep)
            nesting += 1
            # The array itself is kept, so that its identity stays its own.
            self._known[id(array)] = array, size, nesting
        return size, nesting

    def _text(self, text: str) -> int:
        """As how many elements a text counts."""
        if len(text) < _CHARACTERS:
            return 0
        if id(text) not in self._known:
            self._known[id(text)] = text, 0, 0
            self._parts += len(text) // _CHARACTERS
        return len(text) // _CHARACTERS
