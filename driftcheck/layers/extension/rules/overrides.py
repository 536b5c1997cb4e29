"""Overrides of beta that a later assignment overwrites."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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


class _Lost(NamedTuple):
    """A wiki on which a statement overwrites an override, the override's value, and whether the other value differs."""

    dbname: str
    before: Value
    at: Span
    differs: bool


def defeated(context: Comparison) -> Iterator[Draft]:
    """override-defeated: the value of the overlay, or of beta's CommonSettings file, is not the one that is left standing."""
    beta = context.beta
    overlaid = {name.removeprefix("+") for name, setting in beta.config.settings.items() if setting.is_overlaid}
    for name in sorted(overlaid & beta.arrays.keys()):
        if context.profile.wants(name):
            yield from _row(context, name)
    for statement in beta.outcome.statements if beta.outcome is not None else ():
        if context.profile.wants(statement.name) and "[]" not in statement.path:
            yield from _statement(context, statement)


def _row(context: Comparison, name: str) -> Iterator[Draft]:
    """What the overlay says of a setting, where CommonSettings*.php assigns the setting anew."""
    lost: list[_Lost] = []
    for dbname in context.on(context.beta):
        before = context.value(context.beta, name, dbname, "arrays")
        after = context.value(context.beta, name, dbname, "assignments")
        if before is after or not isinstance(before, Value) or not any(s.op is Op.OVERRIDE for s in before.steps):
            continue
        at = assigned_at(after, name)
        if at is not None and not _is_asked(context, at, name):
            lost.append(_Lost(dbname, before, at, certainly_differ(before, after)))
    return _drafts(context, name, "", lost)


def _is_asked(context: Comparison, at: Span, name: str) -> bool:
    """Whether a statement that assigns a setting depends on what it was: in its value, or in a condition around it."""
    return context.reads(at, name) or name in context.guards(at)


def _statement(context: Comparison, statement: Statement) -> Iterator[Draft]:
    """What a statement of beta's file assigns, where a later one of another file assigns the setting anew."""
    name, path = statement.name, statement.path
    lost: list[_Lost] = []
    for wiki, left in zip(context.beta.wikis, statement.left, strict=True):
        after = context.value(context.beta, name, wiki.dbname, "assignments")
        at = assigned_at(after, name)
        if left is MISSING or at is None or at.path == statement.span.path or at == assigned_at(left, name):
            continue
        before = reach.at(left, *path)
        if isinstance(before, Value) and not _is_asked(context, at, name):
            lost.append(_Lost(wiki.dbname, before, at, certainly_differ(before, reach.at(after, *path))))
    return _drafts(context, name, ".".join(path), lost)


def _drafts(context: Comparison, name: str, path: str, lost: list[_Lost]) -> Iterator[Draft]:
    """The override has no effect on any of these wikis; where that makes no difference on one of them, nobody would act."""
    for at in dict.fromkeys(one.at for one in lost if one.differs):
        mine = [one for one in lost if one.at == at]
        first = next(one for one in mine if one.differs)
        for one in mine:
            yield _draft(context, name, path, one, first.dbname)


def assigned_at(value: Result | Missing, name: str) -> Span | None:
    """The last statement that assigns a setting as a whole; None where none does."""
    steps = value.steps if isinstance(value, Value) else ()
    return next(
        (step.span for step in reversed(steps) if step.op is Op.ASSIGN and step.via.removeprefix("$") == name), None
    )


def _draft(context: Comparison, name: str, path: str, lost: _Lost, like: str) -> Draft:
    """Production is a side of it where production has its value by the same statement: that of the wiki ``like``."""
    message = f"beta's override of {name} has no effect: {lost.at} assigns it later"
    production = context.value(context.production, name, like)
    shared = production is not MISSING and assigned_at(production, name) == lost.at
    value = production if shared else MISSING
    shown = value is not MISSING and value.span is not None and value.span[:3] == lost.at[:3]
    related = () if shown else (lost.at,)
    return Draft(OVERRIDE_DEFEATED, name, path, lost.dbname, message, value, lost.before, related=related)


CHECKS = (defeated,)
