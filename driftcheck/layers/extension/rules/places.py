"""Where a difference of two arrays was made, when they began as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.diff import first_difference
from driftcheck.core.model import MISSING, Value, first_place, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.diff import Drift
    from driftcheck.core.model import Missing, Result, Span


def at_own_parts(left: Result | Missing, right: Result | Missing) -> tuple[Result | Missing, Result | Missing]:
    """Two arrays of one literal, each at the place of the first part that the other does not have.

    Later statements made them different; where the literal stands, both realms have the same.
    """
    if not (reach.is_array(left) and reach.is_array(right)) or left.span is None or left.span != right.span:
        return left, right
    return _placed(left, _own_part(left, right)), _placed(right, _own_part(right, left))


def _own_part(value: Value, other: Value) -> Value | None:
    for key, item in reach.array(value).items():
        there = reach.array(other).get(key)
        if not isinstance(item, Value) or (there is not None and same(item, there)):
            continue
        inner = _own_part(item, there) if reach.is_array(item) and reach.is_array(there) else item
        if inner is not None:
            return inner
    return None


def _placed(value: Value, part: Value | None) -> Value:
    return value if part is None or part.source is None else Value(value.data, part.source, part.where, value.steps)


def decided_elsewhere(drift: Drift) -> Iterator[Span]:
    """The statements in other files than the array's own that made the first part in which two arrays differ."""
    sides = (drift.production, drift.beta)
    files = {value.span.path for value in sides if value is not MISSING and value.span is not None}
    part = first_difference(*sides)
    if part is not None:
        for value in (part.production, part.beta):
            at = first_place(value)
            if at is not None and at.path not in files:
                yield at
