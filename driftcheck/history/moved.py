"""Which realm moved, where something began or ended between two trees: by values, not by the files that were edited."""

from __future__ import annotations

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


def mover(before: Run | None, after: Run | None) -> Callable[[Fact], str]:
    """Answers what stands or stood on a wiki with the side whose values differ: production, beta or both.

    It is the extension where its own files changed on that day, and nothing of the tree that the values hang on did.
    """
    if before is None or after is None:
        return lambda fact: BOTH
    if before.date != after.date and before.snapshot.asked() == after.snapshot.asked():
        return lambda fact: EXTENSION

    def side(fact: Fact) -> str:
        _, setting, path, dbname = fact
        for look in (_at_path, _at_setting, _loading, _anything):
            moved = [
                name
                for name, old, new in zip(
                    (PRODUCTION, BETA), before.comparison.sides, after.comparison.sides, strict=True
                )
                if look(before.comparison, old, setting, path, dbname)
                != look(after.comparison, new, setting, path, dbname)
            ]
            if moved:
                return moved[0] if len(moved) == 1 else BOTH
        return BOTH

    return side


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


def _anything(context: Comparison, side: Effective, _: str, __: str, dbname: str) -> object:
    return {name: context.value(side, name, dbname) for name in side.columns}
