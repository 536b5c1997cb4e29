"""The difference of two values, leaf by leaf, with provenance on both sides.

An own walk: it stops at the first difference of kind, keeps places, and treats Unknown as undecided. The property
tests hold it against deepdiff.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcheck.core.model import MISSING, Unknown, Value, has_unknown, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Path, Result, Step


class Kind(enum.Enum):
    """How two sides differ."""

    CHANGED = "changed"
    ONLY_IN_PRODUCTION = "only in production"
    ONLY_IN_BETA = "only in beta"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Drift:
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
        left, right = production.data, beta.data
        assert isinstance(left, dict)
        assert isinstance(right, dict)
        for key in [*left, *(key for key in right if key not in left)]:
            one = _within(left.get(key, MISSING), production)
            other = _within(right.get(key, MISSING), beta)
            yield from _walk((*path, key), one, other, production, beta, depth - 1)
    elif not same(production, beta):
        yield Drift(path, Kind.CHANGED, production, beta, production_around, beta_around)


def _both_maps(production: Value, beta: Value) -> bool:
    """Two maps are entered; a list, or an array that is one, is compared whole: its indexes mean nothing."""
    return all(
        isinstance(side.data, dict) and any(isinstance(key, str) for key in side.data) for side in (production, beta)
    )


def _within(item: Result | Missing, around: Value) -> Result | Missing:
    """An element with the steps of the array around it, so that its own chain tells the whole way."""
    if item is MISSING or not around.steps:
        return item
    steps: tuple[Step, ...] = tuple(step for step in around.steps if step not in item.steps)
    return item.after(*steps) if steps else item
