"""Ids of production's items and properties that beta inherits: beta has a Wikidata of its own, which gives an id to others.

Equality is the fault here, as it is for the addresses of production.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import Value, first_place, is_loading
from driftcheck.core.severity import Severity
from driftcheck.core.words import some
from driftcheck.layers.extension.pages.drift import SHARED_ENDPOINT
from driftcheck.layers.extension.rules.inherited import is_inherited, own_wikis
from driftcheck.layers.extension.rules.shadowed import shadowed
from driftcheck.layers.extension.rules.told import told
from driftcheck.mediawiki import known

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from driftcheck.core.model import Path, Span
    from driftcheck.layers.extension.comparison import Comparison

INHERITED = SHARED_ENDPOINT._replace(severity=Severity.NOTE)
_ID = re.compile(r"[PQ][1-9][0-9]+")
_REPOSITORY = "wikidatawiki"
_MANY = 5
"""An extension with more settings of the kind is told once."""


class _Id(NamedTuple):
    """The first id of a setting that beta inherits: where in the value, the id, and the part of the value that has it."""

    setting: str
    path: Path
    id: str
    holder: Value


def ids(context: Comparison) -> Iterator[Draft]:
    """shared-endpoint, as a note: an id that beta has from the very line that production has it from."""
    if context.profile.schema or _REPOSITORY not in own_wikis(context).values():
        return
    others = told(context)
    found: dict[str, dict[str, _Id]] = {}
    said = _shadowing(context)
    # A row of the arrays comes before the settings that CommonSettings.php makes of it.
    for name in sorted(context.beta.columns, key=lambda name: (not name.startswith("wmg"), name)):
        if not is_loading(name) and context.profile.policy(name) == "same" and context.profile.covers(name):
            wikis = dict(_inherited(context, name, others))
            new = {dbname: one for dbname, one in wikis.items() if _is_new(said.setdefault(dbname, []), one)}
            if new:
                found[name] = new
    yield from _drafts(context, found)


def _inherited(context: Comparison, name: str, others: Container[tuple[str, str]]) -> Iterator[tuple[str, _Id]]:
    """The wikis of beta on which a setting has such an id, of which no other rule tells."""
    held: dict[int, tuple[Value, list[_Id]]] = {}
    for dbname, ours, beta in context.pairs(name):
        if not isinstance(beta, Value) or (name, dbname) in others:
            continue
        if id(beta) not in held:
            # What an extension's own file has is not the configuration's to change.
            held[id(beta)] = beta, [one for one in _ids(context, name, beta) if not context.defaults.said(one.holder)]
        for one in held[id(beta)][1]:
            if is_inherited(ours, one.path, one.holder):
                yield dbname, one
                break


def _ids(context: Comparison, name: str, value: Value) -> Iterator[_Id]:
    for path, holder, text in context.texts(value):
        if text.startswith(("P", "Q")) and _ID.fullmatch(text):
            yield _Id(name, path, text, holder)


def _shadowing(context: Comparison) -> dict[str, list[Span]]:
    """The lines of production's keys that win over beta's, which override-shadowed tells, by wiki."""
    found: dict[str, list[Span]] = {}
    for draft in context.once(shadowed):
        places = (first_place(held) for held in reach.array(draft.production).values())
        found.setdefault(draft.dbname, []).extend(place for place in places if place is not None)
    return found


def _is_new(said: list[Span], one: _Id) -> bool:
    """Whether nothing has told the line on that wiki; it is told now."""
    place = first_place(one.holder)
    if place is None:
        return True
    new = not any(at.path == place.path and at.line <= place.line <= at.end_line for at in said)
    said.append(place)
    return new


def _drafts(context: Comparison, found: dict[str, dict[str, _Id]]) -> Iterator[Draft]:
    """A draft for each setting and wiki; the settings of an extension that has many are told of the first."""
    by_reader: dict[str, list[str]] = {}
    for name in found:
        readers = known.readers(name, context.date)
        by_reader.setdefault(readers[0] if readers else name, []).append(name)
    for names in by_reader.values():
        more = names[1:] if len(names) > _MANY else []
        for name in names[:1] if more else names:
            yield from _of_setting(found[name], more)


def _of_setting(wikis: dict[str, _Id], more: Sequence[str]) -> Iterator[Draft]:
    for dbname, one in wikis.items():
        message = f"beta uses production's id {one.id}, and beta's Wikidata has ids of its own"
        if more:
            message += f"; the same holds for {some(more, 2)}"
        path = ".".join(map(str, one.path))
        yield Draft(INHERITED, one.setting, path, dbname, message, one.holder, one.holder, group=one.setting)


CHECKS = (ids,)
