"""setting-drift of settings without a schema: one finding for what one line decides, at the part that differs.

What a row of the profile expects is left out, and so is what another rule tells: an extension that one realm alone
loads has its own finding, and its settings follow from it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, Unknown, Value, first_place, is_loading, same
from driftcheck.core.words import listed
from driftcheck.layers.extension.pages.drift import SETTING
from driftcheck.layers.extension.rules.told import told
from driftcheck.mediawiki import known, registration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftcheck.core.leaves import Leaf
    from driftcheck.core.model import Array, Missing, Path, Result, Span
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective


@dataclass(frozen=True)
class _Difference:
    """A wiki on which a setting differs: the values of both realms, and the parts that no row explains."""

    dbname: str
    production: Result | Missing
    beta: Result | Missing
    leaves: Sequence[Leaf]
    removed: tuple[Span | None, Span | None]

    def places(self) -> tuple[Span | None, Span | None]:
        """Where each realm's part stands."""
        first = self.leaves[0]
        return (
            first_place(first.production, self.production) or self.removed[0],
            first_place(first.beta, self.beta) or self.removed[1],
        )


def settings(context: Comparison) -> Iterator[Draft]:
    """setting-drift, by the lines that decide."""
    if context.profile.schema:
        return
    others = told(context)
    by_lines: dict[object, dict[str, list[_Difference]]] = {}
    for name in sorted({*context.production.columns, *context.beta.columns}):
        if is_loading(name) or context.profile.policy(name) != "same" or not context.profile.covers(name):
            continue
        found = [one for one in _differences(context, name) if (name, one.dbname) not in others]
        if found:
            by_lines.setdefault(_lines(name, found), {})[name] = found
    for names in by_lines.values():
        yield from _drafts(context, names)


def _lines(name: str, found: Sequence[_Difference]) -> object:
    """What is one cause: the same lines in both realms; the setting alone where a place is not known."""
    places = frozenset(one.places() for one in found)
    return name if any(place is None for pair in places for place in pair) else places


def _drafts(context: Comparison, names: dict[str, list[_Difference]]) -> Iterator[Draft]:
    """A draft for each wiki; of several settings that the lines decide the one that the arrays have comes first."""
    first, *rest = sorted(names, key=lambda name: (context.beta.setting(name) is None, name))
    found = names[first]
    path = _common([leaf.path for one in found for leaf in one.leaves])
    name = ".".join(map(str, path))
    message = f"{first}{'.' + name if name else ''} differs"
    if rest:
        message += f", and so {'does' if len(rest) == 1 else 'do'} {listed(rest[:5])}, which the same lines decide"
    for one in found:
        production, beta = (_part(one, side, path) for side in ("production", "beta"))
        yield Draft(SETTING, first, name, one.dbname, message, production, beta, *one.places(), group=first)


def _common(paths: Sequence[Path]) -> Path:
    """The place that all differences share."""
    shortest = min(paths, key=len)
    for depth, key in enumerate(shortest):
        if any(path[depth] != key for path in paths):
            return shortest[:depth]
    return shortest


def _part(one: _Difference, side: str, path: Path) -> Result | Missing:
    """What a realm has at the place: the value there, or, of a large array, only the parts that differ, by their paths."""
    whole = reach.at(getattr(one, side), *path)
    parts: Array = {}
    for leaf in one.leaves:
        held = getattr(leaf, side)
        if leaf.path == path:
            if len(one.leaves) == 1:
                return held if isinstance(held, Value | Unknown) or held is MISSING else whole
            return whole
        if held is not MISSING:
            parts[".".join(map(str, leaf.path[len(path) :]))] = held
    if not isinstance(whole, Value):
        return whole
    return Value(parts, steps=whole.provenance) if parts else MISSING


def _differences(context: Comparison, name: str) -> Iterator[_Difference]:
    """The wikis on which a setting differs beyond what the profile's rows expect."""
    owners = _owners(name, context.date)
    for dbname in context.compared:
        if owners and not _matters(context, owners, dbname):
            continue
        ours, theirs = (_value(context, side, name, dbname, owners) for side in context.sides)
        if same(ours, theirs):
            continue
        left = context.expectations.left(name, ours, theirs)
        if left:
            removed = context.removed(context.production, name, dbname), context.removed(context.beta, name, dbname)
            yield _Difference(dbname, ours, theirs, left, removed)


def _value(
    context: Comparison, side: Effective, name: str, dbname: str, owners: tuple[str, ...]
) -> Result | Missing:
    """A setting on a wiki; where nothing sets it, what its extension has for it."""
    held = context.profile.implied(name, context.value(side, name, dbname))
    if held is not MISSING:
        return held
    for owner in owners:
        if owner != known.CORE and (entry := _defaults(owner, context.date).entries.get(name)) is not None:
            return MISSING if entry.value.data is None else entry.value
    return held


@functools.cache
def _defaults(owner: str, date: str) -> registration.ExtensionDefaults:
    return registration.bundled(owner, date)


def _owners(name: str, date: str) -> tuple[str, ...]:
    """The extensions, or core, that read a setting on a day."""
    return tuple(life.reader for life in known.lives(name) if life.since <= date < life.until)


def _matters(context: Comparison, owners: Sequence[str], dbname: str) -> bool:
    """Whether one that reads a setting may run on a wiki in both realms: where none does, nothing shows the difference."""
    return any(owner == known.CORE or _in_both(context, owner, dbname) for owner in owners)


def _in_both(context: Comparison, owner: str, dbname: str) -> bool:
    return all(context.may_load(side, owner, dbname) for side in context.sides)


CHECKS = (settings,)
