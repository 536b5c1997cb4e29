"""Which of production's values of an extension's settings no beta wiki has."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core.leaves import canonical
from driftcheck.core.model import MISSING, Value, has_unknown, is_loading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftcheck.layers.extension.comparison import Comparison


class Untried(NamedTuple):
    """A value of a setting that wikis of production have and no wiki of beta."""

    setting: str
    value: Value
    wikis: tuple[str, ...]


class Survey(NamedTuple):
    """The values, those of most wikis first, and how many wikis of each realm have the extension."""

    values: list[Untried]
    production: int
    beta: int


def untried(context: Comparison, wikis: Sequence[str] = ()) -> Survey:
    """What no beta wiki has of all of production, or of these wikis."""
    found = [
        one for name in sorted(context.production.columns) if not is_loading(name) for one in _of(context, name, wikis)
    ]
    return Survey(
        sorted(found, key=lambda one: (-len(one.wikis), one.setting)),
        len(context.on(context.production)),
        len(context.on(context.beta)),
    )


def _of(context: Comparison, name: str, wikis: Sequence[str]) -> Iterator[Untried]:
    counts_as = context.expectations.counts_as(name)
    theirs = [context.value(context.beta, name, dbname) for dbname in context.on(context.beta)]
    if any(not isinstance(value, Value) and value is not MISSING for value in theirs):
        return  # what a beta wiki has is not known
    tried = {canonical(value, counts_as) for value in theirs}
    values: dict[object, tuple[Value, list[str]]] = {}
    for dbname in wikis or context.on(context.production):
        value = context.value(context.production, name, dbname)
        if isinstance(value, Value) and not has_unknown(value) and (key := canonical(value, counts_as)) not in tried:
            values.setdefault(key, (value, []))[1].append(dbname)
    for value, dbnames in values.values():
        yield Untried(name, value, tuple(sorted(dbnames)))
