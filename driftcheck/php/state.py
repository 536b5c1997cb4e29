"""What all scopes of a file share while it is evaluated: the work that is left, its constants.

A few lines of PHP can ask for more than any machine has (``$a = [$a, $a];`` forty times over). No configuration
comes near these limits; beyond them a value is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Unknown, Value
from driftcheck.core.sizes import MAX_NESTING, TOO_LARGE, TOO_LONG
from driftcheck.php.values import INT_MAX, LONGEST_STRING, NotEvaluated, Numbered, next_index

if TYPE_CHECKING:
    from driftcheck.core.model import Array, Data, Result

MAX_DEPTH = 120
"""Levels of expressions and statements in each other; Python's own stack takes about eight times that."""

MAX_ELEMENTS = 1_000_000
WORK = 300_000
"""About so many elements can be copied by functions and assignments; half a second of work. The largest file of ten years takes a third."""

_CHARACTERS_A_UNIT = 64
_VISITS_A_UNIT = 8
_LOOKS_A_UNIT = 2


class FileState:
    """The state of one file under evaluation.

    ``depth`` is how deep evaluation is in expressions and statements, ``defined`` are the constants that ran
    statements defined, by full name, ``left`` is how much work may still be done.
    """

    __slots__ = ("_removed", "_weights", "defined", "depth", "left")

    def __init__(self, work: int = WORK) -> None:
        self.depth = 0
        self.defined: dict[str, Result] = {}
        self.left = work
        self._weights: dict[int, tuple[Array, int, int]] = {}
        self._removed = False

    def spend(self, work: int) -> None:
        """Take note of work that does not come from the length of the file.

        Raises NotEvaluated when the file has used up its budget.
        """
        self.left -= work
        if self.left < 0:
            raise NotEvaluated("too much work for one file")

    def joined(self, pieces: list[str]) -> str:
        """The pieces as one string. Raises NotEvaluated where that would be too long."""
        length = sum(map(len, pieces))
        if length > LONGEST_STRING:
            raise NotEvaluated(TOO_LONG)
        self.spend(length // _CHARACTERS_A_UNIT)
        return "".join(pieces)

    def visit(self, data: Data) -> None:
        """Take note that all of a value is about to be looked at. Raises NotEvaluated as spend does."""
        if isinstance(data, dict):
            self.spend(self._weigh(data)[0] // _LOOKS_A_UNIT)
        elif isinstance(data, str):
            self.spend(len(data) // _CHARACTERS_A_UNIT)

    def weighed(self, held: Value) -> Result:
        """The value, or a hole where it is an array that is too large. Ask where a value is used a second time."""
        if isinstance(held.data, dict):
            elements, nesting = self._weigh(held.data)
            if elements > MAX_ELEMENTS or nesting > MAX_NESTING:
                return Unknown(TOO_LARGE, held.source, held.where)
            self.spend(elements // _VISITS_A_UNIT)
        return held

    def _weigh(self, array: Array) -> tuple[int, int]:
        noted = self._weights.get(id(array))
        if noted is not None:
            return noted[1], noted[2]
        self.spend(len(array) // _VISITS_A_UNIT)
        elements, nesting = len(array), 0
        for item in array.values():
            if isinstance(item, Value) and isinstance(item.data, dict):
                inner, depth = self._weigh(item.data)
                elements += inner
                nesting = max(nesting, depth)
        # The array itself is kept, so that its identity stays its own.
        self._weights[id(array)] = array, elements, nesting + 1
        return elements, nesting + 1

    # PHP remembers for each array the next index, which is not always the largest key and one: removing the last
    # element does not lower it.

    def shrunk(self, before: Array, after: Array) -> Array:
        """What is left after an element was taken out: what comes next does not change by that."""
        index = _noted(before)
        if index is None:
            index = next_index(before)
        if index == next_index(after):
            return after
        self._removed = True
        return Numbered(after, index)

    def grown(self, before: Array, after: Array, key: int | str) -> Array:
        """A copy in which an element was set."""
        index = _noted(before)
        if index is None:
            return after
        return Numbered(after, max(index, key + 1) if isinstance(key, int) else index)

    def next_index(self, array: Array) -> int:
        """The index that ``[]`` gets.

        Raises NotEvaluated where PHP's versions differ about it, or PHP has none left.
        """
        index = _noted(array)
        if index is not None:
            return index
        if self._removed:
            # Copies made by functions may or may not inherit what the array remembers.
            raise NotEvaluated("an element appended after others were removed")
        index = next_index(array)
        if not 0 <= index <= INT_MAX:
            raise NotEvaluated("an element appended after negative keys, or after the largest index")
        return index


def _noted(array: Array) -> int | None:
    return getattr(array, "following", None)
