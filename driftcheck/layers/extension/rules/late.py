"""Statements of beta's own CommonSettings file that come too late: another setting was made of the old value before."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Realm
from driftcheck.core.words import some
from driftcheck.layers.extension.pages.drift import OVERRIDE_LATE
from driftcheck.layers.extension.rules.overrides import assigned_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Missing, Result, Span
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.mediawiki.whole.overriding import Statement

_COMMON = "wmf-config/CommonSettings.php"
_REQUIRED = re.compile(r"^(?!\s*(?:#|//|\*)).*\b(?:require|include)(?:_once)?\b.*CommonSettings-labs")


def late(context: Comparison) -> Iterator[Draft]:
    """override-defeated, as a warning: what CommonSettings.php made of a setting before beta assigns it keeps the old value."""
    outcome = context.beta.outcome
    line = _required_at(context) if outcome is not None else 0
    made = _made(context, line) if line else {}
    for statement in outcome.statements if outcome is not None and made else ():
        if not statement.path and not statement.idle and context.profile.wants(statement.name):
            yield from _drafts(context, statement, _users(context, statement.name, made))


def _required_at(context: Comparison) -> int:
    """The line of CommonSettings.php that runs beta's own file; 0 where none is found."""
    source = context.read(_COMMON)
    lines = source.text.decode("utf-8", "replace").splitlines() if source is not None else []
    return next((number for number, text in enumerate(lines, 1) if _REQUIRED.match(text)), 0)


def _made(context: Comparison, line: int) -> dict[Span, tuple[str, set[str]]]:
    """The statements before that line that make a setting as beta has it in the end, with the wikis that have it so."""
    made: dict[Span, tuple[str, set[str]]] = {}
    for name, column in context.beta.columns.items():
        places = {id(value): assigned_at(value, name) for value in {id(value): value for value in column}.values()}
        for wiki, value in zip(context.beta.wikis, column, strict=True):
            at = places[id(value)]
            if at is not None and at.path == _COMMON and at.line < line:
                made.setdefault(at, (name, set()))[1].add(wiki.dbname)
    return made


def _users(context: Comparison, name: str, made: dict[Span, tuple[str, set[str]]]) -> dict[Span, tuple[str, set[str]]]:
    """Those of the statements whose value is made of a setting."""
    return {at: held for at, held in made.items() if held[0] != name and context.is_made_of(at, name)}


def _drafts(context: Comparison, statement: Statement, users: dict[Span, tuple[str, set[str]]]) -> Iterator[Draft]:
    for wiki, left in zip(context.beta.wikis, statement.left, strict=True):
        mine = {at: name for at, (name, wikis) in users.items() if wiki.dbname in wikis}
        if mine and left is not MISSING:
            yield _draft(statement, wiki.dbname, left, mine)


def _draft(statement: Statement, dbname: str, left: Result | Missing, made: dict[Span, str]) -> Draft:
    first = min(made)
    names = sorted(set(made.values()))
    verb = "is" if len(names) == 1 else "are"
    message = f"beta assigns {statement.name} too late: {some(names)} {verb} made of its old value before, at {first}"
    draft = Draft.one_sided(Realm.BETA, OVERRIDE_LATE, statement.name, "", dbname, message, left, statement.span)
    return replace(draft, related=tuple(sorted(made)), group=statement.name)


CHECKS = (late,)
