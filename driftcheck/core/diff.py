"""The difference of two values, leaf by leaf, with provenance on both sides.

An own walk: it stops at the first difference of kind, keeps places, and treats Unknown as undecided. The property
tests hold it against deepdiff.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Unknown, Value, has_unknown, same
from driftcheck.core.sizes import MAX_NESTING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Path, Result


class Kind(enum.Enum):
    """How two sides differ."""

    CHANGED = "changed"
    ONLY_IN_PRODUCTION = "only in production"
    ONLY_IN_BETA = "only in beta"
    UNDECIDED = "undecided"


class Drift(NamedTuple):
    """One place where the realms differ; a side that is absent has the value around it in ``*_around``."""

    path: Path
    kind: Kind
    production: Result | Missing
    beta: Result | Missing
    production_around: Result | Missing = MISSING
    beta_around: Result | Missing = MISSING


def diff(production: Result | Missing, beta: Result | Missing, depth: int = -1) -> tuple[Drift, ...]:
    """Every difference of two values, in the order of production's keys, then beta's own.

    ``depth`` is how many levels of arrays are entered; below that an array counts as one value.
    """
    return tuple(_walk((), production, beta, MISSING, MISSING, depth))


def first_difference(production: Result | Missing, beta: Result | Missing) -> Drift | None:
    """The first difference of two values, in the same order; None where there is none."""
    return next(_walk((), production, beta, MISSING, MISSING, -1), None)


def _walk(
    path: Path,
    production: Result | Missing,
    beta: Result | Missing,
    production_around: Result | Missing,
    beta_around: Result | Missing,
    depth: int,
) -> Iterator[Drift]:
    if production is beta and not has_unknown(production):
        return
    if isinstance(production, Unknown) or isinstance(beta, Unknown):
        yield Drift(path, Kind.UNDECIDED, production, beta, production_around, beta_around)
    elif production is MISSING or beta is MISSING:
        if production is not beta:
            kind = Kind.ONLY_IN_BETA if production is MISSING else Kind.ONLY_IN_PRODUCTION
            yield Drift(path, kind, production, beta, production_around, beta_around)
    elif depth != 0 and _both_maps(production, beta):
        for key in dict.fromkeys((*reach.array(production), *reach.array(beta))):
            one, other = reach.get(production, key), reach.get(beta, key)
            yield from _walk((*path, key), one, other, production, beta, depth - 1)
    elif not same(production, beta):
        kind = Kind.CHANGED if certainly_differ(production, beta) else Kind.UNDECIDED
        yield Drift(path, kind, production, beta, production_around, beta_around)


def certainly_differ(production: Result | Missing, beta: Result | Missing) -> bool:
    """Whether two values differ whatever the parts of them are that are not known."""
    if isinstance(production, Unknown) or isinstance(beta, Unknown):
        return False
    ours, theirs = reach.array(production), reach.array(beta)
    if type(ours) is not type(theirs) or not (reach.is_array(production) and reach.is_array(beta)):
        return production is not beta and not same(production, beta)
    return ours.keys() != theirs.keys() or any(certainly_differ(item, theirs[key]) for key, item in ours.items())


def identical(left: Result | Missing, right: Result | Missing) -> bool:
    """Whether two values are one to PHP's ``===``, the order of keys too; what is not known is so where its place is.

    The values of a program that runs have no bounds: a pair of arrays is looked at once, wherever it stands, and arrays
    that are nested too deep count as different.
    """
    pending: list[tuple[Result | Missing, Result | Missing, int]] = [(left, right, 0)]
    seen: set[tuple[int, int]] = set()
    while pending:
        one, other, depth = pending.pop()
        if one is other:
            continue
        ours, theirs = (side.data if isinstance(side, Value) else None for side in (one, other))
        if not isinstance(ours, dict) or not isinstance(theirs, dict):
            if not _is_one(one, other):
                return False
        elif ours is not theirs and (id(ours), id(theirs)) not in seen:
            if depth == MAX_NESTING or list(ours) != list(theirs):
                return False
            seen.add((id(ours), id(theirs)))
            pending.extend((item, theirs[key], depth + 1) for key, item in ours.items())
    return True


def _is_one(left: Result | Missing, right: Result | Missing) -> bool:
    """The same of two of which one at least is no array."""
    if isinstance(left, Unknown) and isinstance(right, Unknown):
        return (left.reason, left.source, left.where) == (right.reason, right.source, right.where)
    return same(left, right)


def _both_maps(production: Value, beta: Value) -> bool:
    """Two maps are entered; a list, or an array that is one, is compared whole: its indexes mean nothing."""
    return all(any(isinstance(key, str) for key in reach.array(side)) for side in (production, beta))
