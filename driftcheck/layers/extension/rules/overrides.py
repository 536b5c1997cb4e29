"""Overrides of beta that a later assignment overwrites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.diff import certainly_differ
from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Op, Value
from driftcheck.layers.extension.pages.drift import OVERRIDE_DEFEATED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Result, Span
    from driftcheck.layers.extension.comparison import Comparison


def defeated(context: Comparison) -> Iterator[Draft]:
    """override-defeated: the overlay's value is not the one that CommonSettings*.php leaves standing."""
    beta = context.beta
    for name in sorted(beta.arrays):
        if not context.profile.wants(name):
            continue
        known: dict[tuple[int, int], bool] = {}
        for dbname in context.on(beta):
            before = context.value(beta, name, dbname, "arrays")
            after = context.value(beta, name, dbname, "assignments")
            if before is after or not isinstance(before, Value):
                continue
            pair = id(before), id(after)  # many wikis share both
            if pair not in known:
                known[pair] = certainly_differ(before, after)
            if not known[pair]:
                continue
            overridden = any(step.op is Op.OVERRIDE for step in before.steps)
            at = _assigned(after, name)
            if overridden and at is not None and not context.reads(at, name):
                yield _draft(context, name, dbname, before, at)


def _assigned(value: Result | Missing, name: str) -> Span | None:
    """The last statement that assigns a setting as a whole; None where none does."""
    steps = value.steps if isinstance(value, Value) else ()
    return next(
        (step.span for step in reversed(steps) if step.op is Op.ASSIGN and step.via.removeprefix("$") == name), None
    )


def _draft(context: Comparison, name: str, dbname: str, before: Value, at: Span) -> Draft:
    """Production is a side of it where production has its value by the same statement."""
    message = f"beta's override of {name} has no effect: {at} assigns it later"
    production = context.value(context.production, name, dbname)
    shared = production is not MISSING and _assigned(production, name) == at
    value = production if shared else MISSING
    shown = value is not MISSING and value.span is not None and value.span[:3] == at[:3]
    related = () if shown else (at,)
    return Draft(OVERRIDE_DEFEATED, name, "", dbname, message, value, before, related=related)


CHECKS = (defeated,)
