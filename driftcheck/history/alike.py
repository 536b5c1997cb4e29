"""Whether two values, of one tree and of another, are the same for PHP: the order of an array's keys counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Input, Unknown, Value

if TYPE_CHECKING:
    from driftcheck.core.model import Missing, Result


def alike(before: Result | Missing, after: Result | Missing) -> bool:
    """Whether two values are certainly the same; closures are where their code is the same, wherever it stands."""
    if before is MISSING or after is MISSING:
        return before is after
    if isinstance(before, Unknown) or isinstance(after, Unknown):
        return False
    one, other = before.data, after.data
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(one[key] is other[key] or alike(one[key], other[key]) for key in one)
    if isinstance(one, Input) and isinstance(other, Input) and _is_closure(one):
        return _is_closure(other) and _code(before) == _code(after)
    return before == after


def _is_closure(held: Input) -> bool:
    return held.name.startswith("closure:")


def _code(closure: Value) -> bytes:
    start, end = closure.where >> 32, closure.where & 0xFFFFFFFF
    return closure.source.text[start:end] if closure.source is not None else b""


def settled(before: Result, after: Result) -> Result:
    """A value with each part that is the same as before taken from there: a closure that only stands on another line is no change.

    A closure with other code says so in its name.
    """
    if not isinstance(before, Value) or not isinstance(after, Value):
        return after
    if alike(before, after):
        return before
    one, other = before.data, after.data
    if isinstance(one, dict) and isinstance(other, dict):
        return after.with_data({key: settled(one[key], item) if key in one else item for key, item in other.items()})
    if isinstance(one, Input) and isinstance(other, Input) and _is_closure(one) and _is_closure(other):
        return after.with_data(Input(f"{other.name} (other code)"))
    return after
