"""Functions that add to an array or take from it at its ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.run.arguments import values
from driftcheck.php.run.arrays import PhpArray, copied, place
from driftcheck.php.run.callbacks import built_in
from driftcheck.php.run.expressions import NULL
from driftcheck.php.values import INT_MAX, NotEvaluated

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.php.run.library.call import Call


def _changed(call: Call, change: Callable[[PhpArray, list[Result]], tuple[PhpArray, Any]]) -> Result:
    """Change the array that the first argument is the place of; what the call gives."""
    place_of = call.target(0)
    keys = place_of.prepare(call.frame)
    rest = values(call.frame, call.given[1:])
    held = place_of.at(call.frame, keys)
    if isinstance(held, Unknown):
        return held
    if held is MISSING or not isinstance(held.data, dict):
        raise NotEvaluated(f"{call.name}() of something that is not an array")
    if keys and any(_has(item, held.data) for item in rest):
        # An element that is passed by reference is a reference in the array that it is in, and in what is copied from that.
        raise NotEvaluated("an array that may contain itself")
    new, answer = change(copied(call.frame.machine, held.data), rest)
    place_of.assign(call.frame, keys, held.with_data(new))
    return answer if isinstance(answer, (Value, Unknown)) else call.result(answer)


def _has(item: Result, array: object) -> bool:
    """Whether an array is another one, or has it as an element at any depth."""
    if not isinstance(item, Value) or not isinstance(item.data, dict):
        return False
    return item.data is array or any(_has(element, array) for element in item.data.values())


def _array_push(call: Call) -> Result:
    def change(data: PhpArray, rest: list[Result]) -> tuple[PhpArray, int]:
        if data.following + len(rest) - 1 > INT_MAX:
            raise NotEvaluated("an element after the largest index")
        for item in rest:
            place(data, data.following, item)
        return data, len(data)

    return _changed(call, change)


def _renumbered(rows: list[tuple[Any, Any]], base: str) -> PhpArray:
    out = PhpArray(None, 0, base)
    for key, item in rows:
        place(out, out.following if isinstance(key, int) else key, item)
    return out


def _array_unshift(call: Call) -> Result:
    def change(data: PhpArray, rest: list[Result]) -> tuple[PhpArray, int]:
        new = _renumbered([*((0, item) for item in rest), *data.items()], data.base)
        return new, len(new)

    return _changed(call, change)


def _array_shift(call: Call) -> Result:
    def change(data: PhpArray, _: list[Result]) -> tuple[PhpArray, Any]:
        rows = list(data.items())
        if not rows:
            return data, NULL
        return _renumbered(rows[1:], data.base), call.frame.machine.turn.plain(rows[0][1])

    return _changed(call, change)


def _array_pop(call: Call) -> Result:
    def change(data: PhpArray, _: list[Result]) -> tuple[PhpArray, Any]:
        if not data:
            return data, NULL
        key = next(reversed(data))
        item = data.pop(key)
        if key == data.following - 1:
            data.following = key
        return data, call.frame.machine.turn.plain(item)

    return _changed(call, change)


def _current(call: Call) -> Result:
    """The first element of an array that was just made; where a variable's array stands is not followed."""
    if call.given and call.given[0].place is not None:
        raise NotEvaluated("current() of a variable")
    return _end_of(last=False)(call)


def _end_of(last: bool) -> Callable[[Call], Result]:
    def run(call: Call) -> Result:
        given = call.given[0]
        if call.name != "current" and given.place is None and not given.node.type.endswith("call_expression"):
            raise NotEvaluated(f"{call.name}() of what is neither a variable nor what a call gives")
        rows = call.elements(0)
        if not rows:
            return call.result(False)
        return rows[next(reversed(rows)) if last else next(iter(rows))]  # type: ignore[no-any-return]

    return run


def _merged(call: Call) -> Result:
    """``array_merge``: what the first array was put onto, the result is put onto."""
    held = built_in(call.frame, call.name, call.values, call.code, call.node)
    first = call.values[0] if call.values else NULL
    if isinstance(held, Value) and isinstance(first, Value) and isinstance(first.data, PhpArray) and first.data.base:
        following = getattr(held.data, "following", None)
        return held.with_data(PhpArray(held.data, following, first.data.base))  # type: ignore[arg-type]  # it is an array
    return held


TABLE: dict[str, Callable[[Call], Result]] = {
    "array_push": _array_push,
    "array_unshift": _array_unshift,
    "array_shift": _array_shift,
    "array_pop": _array_pop,
    "array_merge": _merged,
    "array_diff": _merged,
    "reset": _end_of(last=False),
    "current": _current,
    "end": _end_of(last=True),
}
"""By the name of the function."""
