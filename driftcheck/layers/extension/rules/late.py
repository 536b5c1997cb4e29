"""Statements of beta's own CommonSettings file that come too late: another setting was made of the old value before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Realm
from driftcheck.core.words import some
from driftcheck.layers.extension.pages.drift import OVERRIDE_LATE
from driftcheck.layers.extension.rules.overrides import assigned_at
from driftcheck.mediawiki.eras import loads_beta

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Result, Span
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.mediawiki.whole.overriding import Statement

_COMMON = "wmf-config/CommonSettings.php"


class _Made(NamedTuple):
    """A setting that a statement makes as beta has it in the end, and the wikis that have it so."""

    setting: str
    at: Span
    wikis: set[str]


def late(context: Comparison) -> Iterator[Draft]:
    """override-defeated, as a warning: what CommonSettings.php made of a setting before beta assigns it keeps the old value."""
    outcome = context.beta.outcome
    line = _required_at(context) if outcome is not None else 0
    made = _made(context, line) if line else {}
    for statement in outcome.statements if outcome is not None else ():
        if statement.name in made and not statement.path and not statement.idle:
            if context.profile.wants(statement.name):
                yield from _drafts(context, statement, made[statement.name])


def _required_at(context: Comparison) -> int:
    """The line of CommonSettings.php that runs beta's own file; 0 where none is found."""
    source = context.read(_COMMON)
    at = loads_beta(source.text) if source is not None else None
    return 0 if source is None or at is None else source.text.count(b"\n", 0, at) + 1


def _made(context: Comparison, line: int) -> dict[str, list[_Made]]:
    """What the statements before that line make, by the variables that they make it of."""
    made: dict[Span, _Made] = {}
    for name, column in context.beta.columns.items():
        # The columns keep every value alive.
        places = {id(value): assigned_at(value, name) for value in {id(value): value for value in column}.values()}
        for wiki, value in zip(context.beta.wikis, column, strict=True):
            at = places[id(value)]
            if at is not None and at.path == _COMMON and at.line < line:
                made.setdefault(at, _Made(name, at, set())).wikis.add(wiki.dbname)
    users: dict[str, list[_Made]] = {}
    for one in made.values():
        for used in context.made_of(one.at) - {one.setting}:
            users.setdefault(used, []).append(one)
    return users


def _drafts(context: Comparison, statement: Statement, users: list[_Made]) -> Iterator[Draft]:
    for wiki, left in zip(context.beta.wikis, statement.left, strict=True):
        mine = [one for one in users if wiki.dbname in one.wikis]
        if mine and left is not MISSING:
            yield _draft(statement, wiki.dbname, left, mine)


def _draft(statement: Statement, dbname: str, left: Result | Missing, made: list[_Made]) -> Draft:
    names, places = sorted({one.setting for one in made}), sorted(one.at for one in made)
    verb = "is" if len(names) == 1 else "are"
    message = (
        f"beta assigns {statement.name} too late: {some(names)} {verb} made of its old value before, at {places[0]}"
    )
    draft = Draft.one_sided(Realm.BETA, OVERRIDE_LATE, statement.name, "", dbname, message, left, statement.span)
    return draft._replace(related=tuple(places), group=statement.name)


CHECKS = (late,)
