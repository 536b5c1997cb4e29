"""Dblists that name other wikis in beta than in production: what the settings that follow from one have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core.finding import Draft
from driftcheck.core.model import Realm, Value, first_place, pack
from driftcheck.core.severity import Severity
from driftcheck.core.words import some
from driftcheck.layers.extension.pages.drift import DBLIST
from driftcheck.layers.extension.rules.loading import loading
from driftcheck.layers.extension.rules.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftcheck.core.model import Source, Span
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.effective import Effective

_MOST_NAMED = 12


def lists(context: Comparison) -> Iterator[Draft]:
    """dblist-drift, once for all that a list decides; and what loading and settings-drift say of the rest.

    What a list decides alone is told as the setting that it is, and an error is told by itself.
    """
    apart = _apart(context)
    by_list: dict[str, list[Draft]] = {}
    for check in (settings, loading):
        for draft in context.once(check):
            is_error = draft.rule.severity is Severity.ERROR
            tag = "" if is_error else _list(context, draft, apart.get(draft.dbname, {}))
            by_list.setdefault(tag, []).append(draft)
    for tag, drafts in by_list.items():
        if tag and len({draft.setting for draft in drafts}) > 1:
            yield from _drafts(context, tag, drafts, apart)
        else:
            yield from drafts


def _apart(context: Comparison) -> dict[str, dict[str, Realm]]:
    """By wiki the dblists that name it in one realm only, with the realm."""
    found: dict[str, dict[str, Realm]] = {}
    for dbname in context.compared:
        ours, theirs = (side.wikis[context.number(side, dbname) or 0].tags for side in context.sides)
        for realm, tags in ((Realm.PRODUCTION, {*ours} - {*theirs}), (Realm.BETA, {*theirs} - {*ours})):
            lists = dict.fromkeys((tag for tag in sorted(tags) if _source(context, tag) is not None), realm)
            if lists:
                found.setdefault(dbname, {}).update(lists)
    return found


def _list(context: Comparison, draft: Draft, apart: Mapping[str, Realm]) -> str:
    """The dblist without which a setting would not differ on a wiki; empty where none, or not one alone, decides."""
    if not apart:
        return ""
    asked = [_selectors(context, side, draft) for side in context.sides]
    deciding = asked[0] ^ asked[1]
    mine = [tag for tag in apart if tag in deciding]
    return mine[0] if len(mine) == 1 and context.profile.judges(_name(mine[0])) else ""


def _selectors(context: Comparison, side: Effective, draft: Draft) -> set[str]:
    """The selectors of a setting that take part on a wiki of a realm."""
    number, setting = context.number(side, draft.dbname), side.setting(draft.setting)
    if number is None or setting is None:
        return set()
    return {selector.removeprefix("+") for selector in side.config.resolver.signature(setting, side.wikis[number])}


def _name(tag: str) -> str:
    return f"dblist:{tag}"


def _source(context: Comparison, name: str) -> Source | None:
    """The file of a list: in a folder since 2015, before in the root."""
    return context.read(f"dblists/{name}.dblist") or context.read(f"{name}.dblist")


def _drafts(
    context: Comparison, tag: str, drafts: Sequence[Draft], apart: Mapping[str, Mapping[str, Realm]]
) -> Iterator[Draft]:
    """A draft for each wiki."""
    names = sorted({draft.setting for draft in drafts})
    message = f"the dblist {tag} names other wikis in beta than in production, and decides {some(names, _MOST_NAMED)}"
    files = _source(context, tag), _source(context, f"{tag}-labs") or _source(context, tag)
    for dbname in sorted({draft.dbname for draft in drafts}):
        sides = [Value(apart[dbname][tag] is side.realm) for side in context.sides]
        places = [
            _line(source, dbname) if held.data and source is not None else None
            for held, source in zip(sides, files, strict=True)
        ]
        mine = (draft for draft in drafts if draft.dbname == dbname)
        related = tuple(dict.fromkeys(at for draft in mine for at in _decided_at(draft)))
        yield Draft(
            DBLIST,
            _name(tag),
            "",
            dbname,
            message,
            sides[0],
            sides[1],
            places[0],
            places[1],
            related=related,
            group=tag,
        )


def _line(source: Source, dbname: str) -> Span | None:
    """Where a list names a wiki."""
    found = re.search(rb"^%b$" % re.escape(dbname.encode()), source.text, re.MULTILINE)
    return None if found is None else source.span(pack(*found.span()))


def _decided_at(draft: Draft) -> Iterator[Span]:
    """The lines of the setting that the list decides between."""
    for value, at in ((draft.production, draft.production_at), (draft.beta, draft.beta_at)):
        place = first_place(value) or at
        if place is not None:
            yield place


CHECKS = (lists,)
