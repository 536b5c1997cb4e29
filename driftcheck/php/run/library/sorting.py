"""Functions that put an array into order."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import MISSING, Unknown, Value
from driftcheck.php.run.arrays import PhpArray, plain_array, shares
from driftcheck.php.run.expressions import known_data
from driftcheck.php.run.frames import Undecided
from driftcheck.php.run.worlds import Slot
from driftcheck.php.values import NotEvaluated, compare

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Result
    from driftcheck.php.run.library.call import Call

_COMPARISON = 4


_MOST_PAIRED = 40


def _compared_by(call: Call, callee: Result, left: Result, right: Result) -> int:
    held = call.call_back(callee, [left, right])
    if isinstance(held, Unknown):
        raise Undecided(held.reason)
    data = held.data
    if isinstance(data, bool):
        raise NotEvaluated("a comparison that answers with true or false")
    return int(data) if isinstance(data, (int, float)) else 0


def _user_sort(*, keep: bool, by_key: bool) -> Callable[[Call], Result]:
    def run(call: Call) -> Result:
        callee = call.given[1].value(call.frame)
        subject = call.target(0).lookup(call.frame)
        if isinstance(subject, Unknown):
            raise Undecided(subject.reason)  # the callback may write anything

        def order(a: tuple[Any, Any], b: tuple[Any, Any]) -> int:
            left, right = (Value(a[0]), Value(b[0])) if by_key else (a[1], b[1])
            return _compared_by(call, callee, left, right)

        return _sorted(call, order, keep=keep)

    return run


def _sorted(call: Call, order: Callable[[Any, Any], int], *, keep: bool, reverse: bool = False) -> Result:
    """Put an array into order, stable as PHP 8 does."""
    place_of = call.target(0)
    held = place_of.lookup(call.frame)
    if isinstance(held, Unknown):
        place_of.set(call.frame, held)
        return call.result(True)
    if held is MISSING or not isinstance(held.data, dict):
        raise NotEvaluated(f"{call.name}() of something that is not an array")
    if any(item.__class__ is Slot for item in held.data.values()) or shares(call.frame.machine.turn, held.data):
        raise NotEvaluated("the order of references")
    rows = list(plain_array(call.frame.machine, held.data).items())
    call.frame.machine.look_at(held.data)
    call.frame.machine.spend(len(rows) * max(1, len(rows).bit_length()) * _COMPARISON)
    compare_rows = (lambda a, b: order(b, a)) if reverse else order
    before = dict(call.frame.machine.turn.writes)
    rows.sort(key=functools.cmp_to_key(compare_rows))
    _check(list(held.data), rows, compare_rows)
    if before != call.frame.machine.turn.writes:
        raise NotEvaluated("a comparison that writes")
    out: dict[Any, Any] = dict(rows) if keep else dict(enumerate(item for _, item in rows))
    if isinstance(held.data, PhpArray) and (keep or not rows):
        out = PhpArray(out, held.data.following, held.data.base)
    place_of.set(call.frame, held.with_data(out))
    return call.result(True)


def _check(keys: list[Any], rows: list[tuple[Any, Any]], order: Callable[[Any, Any], int]) -> None:
    """Raises NotEvaluated where the elements have no one order: then it hangs on how PHP goes about it."""
    if len(rows) > _MOST_PAIRED:
        return
    at = {key: number for number, key in enumerate(keys)}
    for number, later in enumerate(rows):
        for earlier in rows[:number]:
            there, back = _sign(order(earlier, later)), _sign(order(later, earlier))
            if there > 0 or (there == 0 and at[earlier[0]] > at[later[0]]) or back != -there:
                raise NotEvaluated("elements that have no one order")


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _shuffle(call: Call) -> Result:
    """An array of several elements comes out in an order that nobody knows; how many it has is known."""
    place_of = call.target(0)
    held = place_of.lookup(call.frame)
    hole = call.code.unknown(call.node, "shuffle() puts it into an order by chance")
    if (
        not isinstance(held, Value)
        or not isinstance(held.data, dict)
        or (isinstance(held.data, PhpArray) and held.data.base)
    ):
        place_of.set(call.frame, hole)
        return call.result(True)
    elements = list(held.data.values())
    place_of.set(call.frame, held.with_data(dict(enumerate(elements if len(elements) < 2 else [hole] * len(elements)))))
    return call.result(True)


def _plain_sort(*, keep: bool, by_key: bool, reverse: bool) -> Callable[[Call], Result]:
    def run(call: Call) -> Result:
        if len(call.given) > 1:
            raise NotEvaluated(f"{call.name}() with flags")

        def order(a: tuple[Any, Any], b: tuple[Any, Any]) -> int:
            if by_key:
                return compare(a[0], b[0])
            sides = [item if isinstance(item, Value) else None for item in (a[1], b[1])]
            if sides[0] is None or sides[1] is None:
                raise NotEvaluated("the order of elements that are not known")
            return compare(known_data(sides[0]), known_data(sides[1]))

        return _sorted(call, order, keep=keep, reverse=reverse)

    return run


TABLE: dict[str, Callable[[Call], Result]] = {
    "usort": _user_sort(keep=False, by_key=False),
    "uasort": _user_sort(keep=True, by_key=False),
    "uksort": _user_sort(keep=True, by_key=True),
    "sort": _plain_sort(keep=False, by_key=False, reverse=False),
    "rsort": _plain_sort(keep=False, by_key=False, reverse=True),
    "asort": _plain_sort(keep=True, by_key=False, reverse=False),
    "arsort": _plain_sort(keep=True, by_key=False, reverse=True),
    "ksort": _plain_sort(keep=True, by_key=True, reverse=False),
    "krsort": _plain_sort(keep=True, by_key=True, reverse=True),
    "shuffle": _shuffle,
}
"""By the name of the function."""
