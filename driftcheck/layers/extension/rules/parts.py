"""setting-drift of one part of a setting, where beta's own values show that it is wrong.

Such a part has a finding of its own, whatever else differs in the setting: a member that production has, that beta lacks
and that beta names elsewhere; an element made of what is not there; a record without the switch that all others have; a
key that is spelt almost as production's, or as other records have it; an array that is one level too deep; a placeholder
that nothing fills in.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Value, is_list
from driftcheck.core.words import listed
from driftcheck.layers.extension.rules.differences import dotted
from driftcheck.layers.extension.rules.slips import FEWEST_OTHERS, by_records, dollars, keys, placeholders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftcheck.core.finding import Draft
    from driftcheck.core.leaves import Leaf
    from driftcheck.core.model import Missing, Path, Result
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.rules.differences import Difference


def wrong_parts(context: Comparison, found: dict[str, list[Difference]]) -> Iterator[Draft]:
    """The findings about parts; a difference that one of them tells is taken out of ``found``."""
    names = _named(context, found)
    seen: dict[int, _Seen] = {}
    for setting in sorted(found, key=_rank):
        left = []
        for one in found[setting]:
            if id(one.beta) not in seen:
                seen[id(one.beta)] = _Seen.of(one.beta)
            drafts, kept = _of_wiki(context, setting, one, names, seen[id(one.beta)])
            yield from drafts
            if kept:
                left.append(one._replace(leaves=kept))
        found[setting] = left


class _Seen(NamedTuple):
    """What stands out in a value of beta; it is looked for once for all wikis that hold the value."""

    unwritten: list[Path]
    slips: list[tuple[Path, str]]
    dollars: list[tuple[Path, Value, str]]

    @classmethod
    def of(cls, value: Result | Missing) -> _Seen:
        return cls(list(_unwritten(value)), list(by_records(value)), list(dollars(value)))


def _of_wiki(
    context: Comparison, setting: str, one: Difference, names: dict[tuple[str, str], str], seen: _Seen
) -> tuple[list[Draft], list[Leaf]]:
    """What is said of a setting on a wiki, and the differences of which nothing is said."""
    nulls = _nulls(one, seen.unwritten)
    drafts = [
        *_lacking(setting, one, names),
        *(_null(setting, one, path) for path in nulls[:1]),
        *keys(context, setting, one, seen.slips),
        *placeholders(context, setting, one, seen.dollars),
    ]
    said = {*map(dotted, nulls), *(draft.path for draft in drafts)}
    deep = {id(leaf): why for leaf in one.leaves if (why := _too_deep(one, leaf))}
    drafts += [
        *_records(setting, one),
        *(_depth(setting, one, leaf, deep[id(leaf)]) for leaf in one.leaves if id(leaf) in deep),
    ]
    return drafts, [leaf for leaf in one.leaves if id(leaf) not in deep and dotted(leaf.path) not in said]


# -- members that are named --------------------------------------------------------------------------------------------


def _is_member(leaf: Leaf) -> bool:
    """Whether production alone has a member of a map: something that is made of parts, under a name."""
    named = len(leaf.path) == 1 and isinstance(leaf.path[0], str)
    return named and leaf.beta is MISSING and reach.is_array(leaf.production)


def _rank(setting: str) -> tuple[bool, int, str]:
    """A member that several settings have is told of the one that MediaWiki reads, and of the plainest name."""
    return setting.startswith("wmg"), len(setting), setting


def _lacking(setting: str, one: Difference, names: dict[tuple[str, str], str]) -> Iterator[Draft]:
    """The members that production alone has and that beta names; each is told of the first setting that has it."""
    for leaf in filter(_is_member, one.leaves):
        naming = names.pop((one.dbname, leaf.name), None)
        if naming is not None:
            message = f"{setting}.{leaf.name} is in production alone, and {naming} names it in beta"
            yield one.draft(setting, leaf.path, message, reach.at(one.production, *leaf.path), MISSING)


def _named(context: Comparison, found: Mapping[str, list[Difference]]) -> dict[tuple[str, str], str]:
    """By wiki and member: the setting of beta whose value is the name of a member that beta lacks."""
    lacking: dict[str, set[str]] = {}
    for differences in found.values():
        for one in differences:
            for leaf in filter(_is_member, one.leaves):
                lacking.setdefault(leaf.name, set()).add(one.dbname)
    names: dict[tuple[str, str], str] = {}
    for setting, column in context.beta.columns.items() if lacking else ():
        for wiki, value in zip(context.beta.wikis, column, strict=True):
            text = reach.string(value) if value is not MISSING else None
            if text and wiki.dbname in lacking.get(text, ()):
                names.setdefault((wiki.dbname, text), setting)
    return names


# -- elements made of nothing ------------------------------------------------------------------------------------------


def _nulls(one: Difference, unwritten: Iterable[Path]) -> list[Path]:
    """The elements of beta's value that are null, that nothing spells out, and that production does not have so."""
    found = []
    for path in unwritten:
        ours = reach.at(one.production, *path)
        if not (isinstance(ours, Value) and ours.data is None):
            found.append(path)
    return found


def _null(setting: str, one: Difference, path: Path) -> Draft:
    message = f"{setting}.{dotted(path)} is null in beta: what it is made of is not set"
    return one.draft(setting, path, message, reach.at(one.production, *path), Value(None))


def _unwritten(value: Result | Missing, path: Path = ()) -> Iterator[Path]:
    for key, item in reach.array(value if value is not MISSING else None).items():
        if isinstance(item, Value) and item.data is None and item.source is None and not item.steps:
            yield (*path, key)
        else:
            yield from _unwritten(item, (*path, key))


# -- records -----------------------------------------------------------------------------------------------------------


def _records(setting: str, one: Difference) -> Iterator[Draft]:
    """A record of beta's list without the one switch that every other record of the list has, in both realms."""
    theirs = _list(one.beta)
    every = [*theirs, *_list(one.production)]
    counts = Counter(key for record in every for key in reach.array(record))
    common = {key for key, count in counts.items() if count == len(every) - 1}
    for number, record in enumerate(theirs) if common and len(every) > FEWEST_OTHERS else ():
        lacking = common.difference(reach.array(record))
        key = next(iter(lacking), None)
        if len(lacking) != 1 or key is None or not reach.is_array(record):
            continue
        if all(_is_switch(reach.get(other, key)) for other in every if other is not record):
            message = f"{setting}.{number} has no {key} in beta, and every other element has"
            yield one.draft(setting, (number, key), message, MISSING, record)


def _list(value: Result | Missing) -> list[Result]:
    elements = reach.array(value if value is not MISSING else None)
    return list(elements.values()) if is_list(dict(elements)) else []


def _is_switch(value: Result | Missing) -> bool:
    return isinstance(value, Value) and isinstance(value.data, bool)


# -- arrays one level too deep -----------------------------------------------------------------------------------------


def _too_deep(one: Difference, leaf: Leaf) -> str:
    """Why an array that beta alone has stands in the place of its elements; empty where it does not."""
    if not leaf.path or leaf.production is not MISSING or not reach.is_array(leaf.beta):
        return ""
    return _among_texts(one, leaf) or _within_itself(one, leaf)


def _depth(setting: str, one: Difference, leaf: Leaf, why: str) -> Draft:
    message = f"{setting}.{dotted(leaf.path)} has an array one level too deep in beta: {why}"
    return one.draft(setting, leaf.path, message, leaf.production, leaf.beta)


def _among_texts(one: Difference, leaf: Leaf) -> str:
    """Why an array is no element of a list, whose elements have no places of their own."""
    others = _list(reach.at(one.production, *leaf.path))
    texts_alone = len(others) >= FEWEST_OTHERS and all(reach.string(other) is not None for other in others)
    return "production's elements are texts" if texts_alone else ""


def _within_itself(one: Difference, leaf: Leaf) -> str:
    """Why an array is no member of a map: all of its names are names of the map."""
    around, names = reach.array(reach.at(one.production, *leaf.path[:-1])), [*reach.array(leaf.beta)]
    name = leaf.path[-1]
    if isinstance(name, int) or name in around or not names or not all(map(around.__contains__, names)):
        return ""
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'} around it in production"
