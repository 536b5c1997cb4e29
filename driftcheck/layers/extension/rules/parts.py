"""setting-drift of one part of a setting, where beta's own values show that it is wrong.

Such a part has a finding of its own, whatever else differs in the setting: a member that production has, that beta lacks
and that beta names elsewhere; an element made of what is not there; a record without the switch that all others have; a
key that is spelt almost as production's, or as other records have it; an array that is one level too deep; a placeholder
that nothing fills in.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.finding import Draft
from driftcheck.core.model import MISSING, REPLACEMENT, Op, Realm, Value, first_place, is_list
from driftcheck.core.nearest import near
from driftcheck.core.words import listed
from driftcheck.layers.extension.hosts import texts
from driftcheck.layers.extension.pages.drift import SETTING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias, TypeVar

    from driftcheck.core.leaves import Leaf
    from driftcheck.core.model import Missing, Path, Result
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.rules.differences import Difference

    _T = TypeVar("_T")
    _Alike: TypeAlias = Callable[[Result | Missing], list[tuple[Path, str]]]
    """Keys of records that are nearly others, each with what may be meant."""

_FEWEST_OTHERS = 2
_LIKE = 0.88
_SHORTEST = 5
_DIGIT = re.compile(r"[0-9]")
_DOLLAR = re.compile(r"\$[a-z]{3,}")
_FILLED_IN = {"$lang", "$site", "$variant", "$stdlogo", "$docRoot"}
_FILLED = 0.75


def wrong_parts(context: Comparison, found: dict[str, list[Difference]]) -> Iterator[Draft]:
    """The findings about parts; a difference that one of them tells is taken out of ``found``."""
    names, alike = _named(context, found), _once(_by_records)
    for setting in sorted(found, key=_rank):
        left = []
        for one in found[setting]:
            drafts, kept = _of_wiki(context, setting, one, names, alike)
            yield from drafts
            if kept:
                left.append(replace(one, leaves=kept))
        found[setting] = left


def _once(ask: Callable[[Result | Missing], Iterable[_T]]) -> Callable[[Result | Missing], list[_T]]:
    """The same question, asked once of a value that many wikis share."""
    known: dict[int, tuple[Result | Missing, list[_T]]] = {}

    def asked(value: Result | Missing) -> list[_T]:
        if id(value) not in known:
            # The value is kept, so that no other takes its place in memory.
            known[id(value)] = value, list(ask(value))
        return known[id(value)][1]

    return asked


def _of_wiki(
    context: Comparison, setting: str, one: Difference, names: dict[tuple[str, str], str], alike: _Alike
) -> tuple[list[Draft], list[Leaf]]:
    """What is said of a setting on a wiki, and the differences of which nothing is said."""
    nulls = _nulls(one)
    drafts = [
        *_lacking(setting, one, names),
        *(_null(setting, one, path) for path in nulls[:1]),
        *_keys(context, setting, one, alike),
        *_placeholders(context, setting, one),
    ]
    said = {*map(_dotted, nulls), *(draft.path for draft in drafts)}
    deep = {id(leaf): why for leaf in one.leaves if (why := _too_deep(one, leaf))}
    drafts += [
        *_records(setting, one),
        *(_depth(setting, one, leaf, deep[id(leaf)]) for leaf in one.leaves if id(leaf) in deep),
    ]
    return drafts, [leaf for leaf in one.leaves if id(leaf) not in deep and _dotted(leaf.path) not in said]


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def _draft(
    setting: str, one: Difference, path: Path, message: str, production: Result | Missing, beta: Result | Missing
) -> Draft:
    at = first_place(production), first_place(beta, one.beta)
    name = _dotted(path)
    return Draft(SETTING, setting, name, one.dbname, message, production, beta, *at, group=f"{setting}.{name}")


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
            yield _draft(setting, one, leaf.path, message, reach.at(one.production, *leaf.path), MISSING)


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


def _nulls(one: Difference) -> list[Path]:
    """The elements of beta's value that are null, that nothing spells out, and that production does not have so."""
    found = []
    for path in _unwritten(one.beta):
        ours = reach.at(one.production, *path)
        if not (isinstance(ours, Value) and ours.data is None):
            found.append(path)
    return found


def _null(setting: str, one: Difference, path: Path) -> Draft:
    message = f"{setting}.{_dotted(path)} is null in beta: it is made of what is not there"
    return _draft(setting, one, path, message, reach.at(one.production, *path), Value(None))


def _unwritten(value: Result | Missing, path: Path = ()) -> Iterator[Path]:
    for key, item in reach.array(value if value is not MISSING else None).items():
        if isinstance(item, Value) and item.data is None and item.source is None and not item.steps:
            yield (*path, key)
        else:
            yield from _unwritten(item, (*path, key))


# -- records -----------------------------------------------------------------------------------------------------------


def _records(setting: str, one: Difference) -> Iterator[Draft]:
    """A record of beta's list without the one switch that every other record of the list has, in both realms."""
    theirs, ours = _list(one.beta), _list(one.production)
    for number, record in enumerate(theirs):
        others = [other for other in (*theirs, *ours) if other is not record]
        if len(others) < _FEWEST_OTHERS or not reach.is_array(record):
            continue
        common = set.intersection(*(set(reach.array(other)) for other in others)) - set(reach.array(record))
        key = next(iter(common), None)
        if len(common) == 1 and key is not None and all(_is_switch(reach.get(other, key)) for other in others):
            message = f"{setting}.{number} has no {key} in beta, and every other element has"
            yield _draft(setting, one, (number, key), message, MISSING, record)


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
    message = f"{setting}.{_dotted(leaf.path)} has an array one level too deep in beta: {why}"
    return _draft(setting, one, leaf.path, message, leaf.production, leaf.beta)


def _among_texts(one: Difference, leaf: Leaf) -> str:
    """Why an array is no element of a list, whose elements have no places of their own."""
    others = _list(reach.at(one.production, *leaf.path))
    texts_alone = len(others) >= _FEWEST_OTHERS and all(reach.string(other) is not None for other in others)
    return "production's elements are texts" if texts_alone else ""


def _within_itself(one: Difference, leaf: Leaf) -> str:
    """Why an array is no member of a map: all of its names are names of the map."""
    around, names = reach.array(reach.at(one.production, *leaf.path[:-1])), [*reach.array(leaf.beta)]
    name = leaf.path[-1]
    if isinstance(name, int) or name in around or not names or not all(map(around.__contains__, names)):
        return ""
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'} around it in production"


# -- keys and placeholders that are misspelt ---------------------------------------------------------------------------


def _keys(context: Comparison, setting: str, one: Difference, alike: _Alike) -> Iterator[Draft]:
    """A key that beta alone has, nearly as production, or most of the records beside it, have another."""
    seen = set()
    for path, meant in (*_by_production(one), *alike(one.beta)):
        key = str(path[-1])
        if path not in seen and not any(context.has(realm, key) for realm in Realm):
            seen.add(path)
            message = f"{setting}.{_dotted(path)} is in beta alone; did you mean {meant}?"
            yield _draft(setting, one, path, message, MISSING, reach.at(one.beta, *path))


def _by_production(one: Difference) -> Iterator[tuple[Path, str]]:
    """Keys that beta alone has where production alone has one that is like them."""
    missing: dict[Path, list[str]] = {}
    for leaf in one.leaves:
        if leaf.path and leaf.beta is MISSING:
            missing.setdefault(leaf.path[:-1], []).append(str(leaf.path[-1]))
    for leaf in one.leaves:
        if leaf.path and leaf.production is MISSING and reach.at(one.production, *leaf.path) is MISSING:
            yield from ((leaf.path, meant) for meant in _like(str(leaf.path[-1]), missing.get(leaf.path[:-1], ())))


def _by_records(value: Result | Missing, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Keys of one record alone where other records have one that is like them, which this one lacks."""
    elements = reach.array(value if value is not MISSING else None)
    records = {key: reach.array(item) for key, item in elements.items() if reach.is_array(item)}
    counts = Counter(str(key) for record in records.values() for key in record)
    for number, record in records.items() if len(records) > _FEWEST_OTHERS else ():
        common = [key for key, count in counts.items() if count >= _FEWEST_OTHERS and key not in record]
        for key in record:
            if counts[str(key)] == 1:
                yield from (((*path, number, key), meant) for meant in _like(str(key), common))
    for key, item in elements.items():
        yield from _by_records(item, (*path, key))


def _like(key: str, names: Sequence[str]) -> list[str]:
    """The name that a key is nearly; none for a short key, or one with a number, which counts."""
    return near(key, names, _LIKE)[:1] if len(key) >= _SHORTEST and not _DIGIT.search(key) else []


def _placeholders(context: Comparison, setting: str, one: Difference) -> Iterator[Draft]:
    """A text of beta in which a name with a dollar is left that is like those that are filled in, or after others were."""
    number = context.number(context.beta, one.dbname)
    wiki = context.beta.wikis[number] if number is not None else None
    names = {*_FILLED_IN, *(name for name, _ in wiki.replacements)} if wiki is not None else _FILLED_IN
    for path, holder, text in texts(one.beta):
        for name in _DOLLAR.findall(text) if holder.data == text else ():
            if (_is_filled_in(holder) or near(name, names, _FILLED)) and not any(
                name in held for _, _, held in texts(one.production)
            ):
                message = f"nothing fills in {name} in beta's {setting}"
                yield _draft(setting, one, path, message, reach.at(one.production, *path), holder)
                return


def _is_filled_in(text: Value) -> bool:
    """Whether something was put in for its wiki."""
    return any(step.op is Op.COERCE and step.via == REPLACEMENT for step in text.steps)
