"""Overrides of beta that a later assignment overwrites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.diff import certainly_differ
from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Op, Value
from driftcheck.layers.extension.pages.drift import OVERRIDE_DEFEATED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Result, Span
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.mediawiki.whole.overriding import Statement


def defeated(context: Comparison) -> Iterator[Draft]:
    """override-defeated: the value of the overlay, or of beta's CommonSettings file, is not the one that is left standing."""
    beta = context.beta
    for name in sorted(beta.arrays):
        if context.profile.wants(name):
            yield from _row(context, name)
    for statement in beta.outcome.statements if beta.outcome is not None else ():
        if context.profile.wants(statement.name) and "[]" not in statement.path:
            yield from _statement(context, statement)


def _row(context: Comparison, name: str) -> Iterator[Draft]:
    """What the overlay says of a setting, where CommonSettings*.php assigns the setting anew."""
    for dbname in context.on(context.beta):
        before = context.value(context.beta, name, dbname, "arrays")
        after = context.value(context.beta, name, dbname, "assignments")
        if before is after or not isinstance(before, Value) or not certainly_differ(before, after):
            continue
        overridden = any(step.op is Op.OVERRIDE for step in before.steps)
        at = assigned_at(after, name)
        if overridden and at is not None and not context.reads(at, name):
            yield _draft(context, name, "", dbname, before, at)


def _statement(context: Comparison, statement: Statement) -> Iterator[Draft]:
    """What a statement of beta's file assigns, where a later one of another file assigns the setting anew."""
    name, path = statement.name, statement.path
    for wiki, left in zip(context.beta.wikis, statement.left, strict=True):
        after = context.value(context.beta, name, wiki.dbname, "assignments")
        at = assigned_at(after, name)
        if left is MISSING or at is None or at.path == statement.span.path or at == assigned_at(left, name):
            continue
        before = reach.at(left, *path)
        if (
            isinstance(before, Value)
            and certainly_differ(before, reach.at(after, *path))
            and not context.reads(at, name)
        ):
            yield _draft(context, name, ".".join(path), wiki.dbname, before, at)


def assigned_at(value: Result | Missing, name: str) -> Span | None:
    """The last statement that assigns a setting as a whole; None where none does."""
    steps = value.steps if isinstance(value, Value) else ()
    return next(
        (step.span for step in reversed(steps) if step.op is Op.ASSIGN and step.via.removeprefix("$") == name), None
    )


def _draft(context: Comparison, name: str, path: str, dbname: str, before: Value, at: Span) -> Draft:
    """Production is a side of it where production has its value by the same statement."""
    message = f"beta's override of {name} has no effect: {at} assigns it later"
    production = context.value(context.production, name, dbname)
    shared = production is not MISSING and assigned_at(production, name) == at
    value = production if shared else MISSING
    shown = value is not MISSING and value.span is not None and value.span[:3] == at[:3]
    related = () if shown else (at,)
    return Draft(OVERRIDE_DEFEATED, name, path, dbname, message, value, before, related=related)


CHECKS = (defeated,)
