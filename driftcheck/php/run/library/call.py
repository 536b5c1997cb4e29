"""A call of one of the functions that need more than values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Unknown
from driftcheck.php.run.arguments import values
from driftcheck.php.run.arrays import FRESH, UNSURE, PhpArray, is_gapped, plain_array
from driftcheck.php.run.callbacks import call_back, refuse_shared
from driftcheck.php.run.expressions import known_data
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.objects import Closure, Instance
from driftcheck.php.values import NotEvaluated, to_str

if TYPE_CHECKING:
    from tree_sitter import Node

    from driftcheck.core.model import Result, Value
    from driftcheck.php.run.frames import Code, Frame


class Call:
    """A call that is being made: where, by whom, with which arguments, of which object."""

    __slots__ = ("_gapped", "_values", "code", "frame", "given", "name", "node", "this")

    def __init__(
        self, frame: Frame, code: Code, node: Node, name: str, given: list[Any], this: Instance | None = None
    ) -> None:
        self.frame, self.code, self.node, self.name, self.given, self.this = frame, code, node, name, given, this
        self._values: list[Result] | None = None
        self._gapped = False

    @property
    def values(self) -> list[Result]:
        """The arguments, worked out once."""
        if self._values is None:
            self._values = values(self.frame, self.given)
        return self._values

    def data(self, number: int, default: Any = None) -> Any:  # noqa: ANN401 - data of PHP
        """An argument's data. Raises Undecided where it is not known."""
        if number >= len(self.values):
            return default
        held = self.values[number]
        if isinstance(held, Unknown):
            raise Undecided(held.reason)
        return known_data(held) if not isinstance(held.data, (Instance, Closure)) else held.data

    def integer(self, number: int, default: int) -> int:
        """An argument that is an integer. Raises NotEvaluated for any other."""
        data = self.data(number, default)
        if data.__class__ is not int:
            raise NotEvaluated(f"{self.name}() with something that is no integer")
        return data

    def array(self, number: int) -> dict[Any, Any]:
        """An argument that is an array, without references. Raises NotEvaluated for any other."""
        data = self.data(number)
        if not isinstance(data, dict):
            raise NotEvaluated(f"{self.name}() of something that is not an array")
        self.frame.machine.look_at(data)
        self._gapped = self._gapped or (self.name not in FRESH and is_gapped(data))
        return plain_array(self.frame.machine, data)

    def elements(self, number: int) -> dict[Any, Any]:
        """An argument that is an array, of which the call hands elements on. Raises NotEvaluated where some are references."""
        given = self.values[number : number + 1]  # to work them out may make the first reference
        if self.frame.machine.references:
            refuse_shared(self.frame.machine.turn, self.name, given)
        return self.array(number)

    def handed(self, number: int) -> dict[Any, Any]:
        """An argument that is an array, whose elements the call hands on by value. Raises NotEvaluated where references are in one of them."""
        rows = self.array(number)
        if self.frame.machine.references:
            refuse_shared(
                self.frame.machine.turn,
                self.name,
                [self.frame.machine.turn.plain(item) for item in self.data(number).values()],
            )
        return rows

    def text(self, number: int, default: str = "") -> str:
        """An argument as text."""
        return default if number >= len(self.values) else to_str(self.data(number))

    def result(self, data: Any) -> Value:  # noqa: ANN401 - data of PHP
        """What the call gives. What comes next in an array is not known where that is so of an argument."""
        if self._gapped and isinstance(data, dict):
            data = PhpArray(data, UNSURE)
        return self.code.value(data, self.node)

    def target(self, number: int) -> Any:  # noqa: ANN401 - a Target
        """An argument as a place to write to. Raises NotEvaluated where it is none."""
        place_of = self.given[number].place if number < len(self.given) else None
        if place_of is None:
            raise NotEvaluated(f"{self.name}() of something that is no variable")
        return place_of

    def call_back(self, callee: Result, given: list[Any]) -> Result:
        """Call a callback."""
        self.frame.machine.spend(25)
        return call_back(self.frame, callee, given)
