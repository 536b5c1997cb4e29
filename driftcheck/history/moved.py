"""Which realm moved, where something began or ended between two trees: by values, not by the files that were edited."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import LOADED, MISSING

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Missing, Result
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective
    from driftcheck.layers.extension.read import Run
    from driftcheck.snapshot.commits import Commit

    Fact = tuple[str, str, str, str]

PRODUCTION, BETA, BOTH, EXTENSION = "production", "beta", "both", "extension"
_OF_THE_DAY = "the first commit after a change of the extension"


def mover(before: Run | None, after: Run | None, *, only_day: bool) -> Callable[[Fact], str]:
    """Answers what stands or stood on a wiki with the side whose values differ: production, beta or both.

    It is the extension where ``only_day`` says that nothing of the tree that the values hang on differs, but the day.
    """
    if before is None or after is None:
        return lambda fact: BOTH
    if only_day:
        return lambda fact: EXTENSION
    olds, news = before.comparison, after.comparison

    @functools.cache
    def anything(number: int, dbname: str) -> bool:
        old, new = olds.sides[number], news.sides[number]
        return old.columns.keys() != new.columns.keys() or any(
            olds.value(old, name, dbname) != news.value(new, name, dbname) for name in old.columns
        )

    def side(fact: Fact) -> str:
        _, setting, path, dbname = fact
        for look in (_at_path, _at_setting, _loading, None):
            moved = [
                name
                for number, name in enumerate((PRODUCTION, BETA))
                if (
                    anything(number, dbname)
                    if look is None
                    else look(olds, olds.sides[number], setting, path, dbname)
                    != look(news, news.sides[number], setting, path, dbname)
                )
            ]
            if moved:
                return moved[0] if len(moved) == 1 else BOTH
        return BOTH

    return side


def is_only_day(before: Run | None, after: Run | None) -> bool:
    """Whether all that a run saw of its tree is the same for another one, of another day."""
    if before is None or after is None or before.date == after.date:
        return False
    return after.snapshot.has(before.snapshot.asked())


def credited(commit: Commit, side: str) -> Commit:
    """A commit with what it says of itself, which counts only where it moved something."""
    return commit._replace(subject=_OF_THE_DAY, tasks=()) if side == EXTENSION else commit


def _at_path(context: Comparison, side: Effective, setting: str, path: str, dbname: str) -> object:
    """What the document has at the path, or the setting itself."""
    document = context.properties.get(setting)
    parts = path.split(".") if path else []
    if document:
        return side.property(dbname, *document, *parts)
    held = context.value(side, setting, dbname)
    for part in parts:
        held = _element(held, part)
    return held


def _element(held: Result | Missing, part: str) -> Result | Missing:
    found = reach.get(held, part)
    return reach.get(held, int(part)) if found is MISSING and part.lstrip("-").isdigit() else found


def _at_setting(context: Comparison, side: Effective, setting: str, _: str, dbname: str) -> object:
    return context.value(side, setting, dbname)


def _loading(context: Comparison, side: Effective, _: str, __: str, dbname: str) -> object:
    return context.has(side.realm, dbname), context.value(side, LOADED.format(context.profile.extension), dbname)
