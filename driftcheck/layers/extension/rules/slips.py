"""Keys and placeholders of beta that are misspelt: nearly what production, or the records beside them, have."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from driftcheck.core import reach
from driftcheck.core.model import MISSING, REPLACEMENT, Op, Realm
from driftcheck.core.nearest import near
from driftcheck.layers.extension.hosts import texts
from driftcheck.layers.extension.rules.differences import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftcheck.core.finding import Draft
    from driftcheck.core.model import Key, Missing, Path, Result, Value
    from driftcheck.layers.extension.comparison import Comparison
    from driftcheck.layers.extension.rules.differences import Difference

FEWEST_OTHERS = 2
"""So many records or elements beside one tell what such a one looks like."""
_LIKE = 0.88
_SHORTEST = 5
_DIGIT = re.compile(r"[0-9]")
_DOLLAR = re.compile(r"\$[a-z]{3,}")
_FILLED_IN = {"$lang", "$site", "$variant", "$stdlogo", "$docRoot"}
_FILLED = 0.75
_MOST_PAIRS = 10_000
"""Where so many keys differ that there are more pairs of them, none is taken for a slip of another."""


def keys(context: Comparison, setting: str, one: Difference, slips: Iterable[tuple[Path, str]]) -> Iterator[Draft]:
    """A key that beta alone has, nearly as production, or most of the records beside it, have another."""
    seen = set()
    for path, meant in (*_by_production(one), *slips):
        key = str(path[-1])
        if path not in seen and not any(context.has(realm, key) for realm in Realm):
            seen.add(path)
            message = f"{setting}.{dotted(path)} is in beta alone; did you mean {meant}?"
            yield one.draft(setting, path, message, MISSING, reach.at(one.beta, *path))


def _by_production(one: Difference) -> Iterator[tuple[Path, str]]:
    """Keys that beta alone has where production alone has one that is like them."""
    missing: dict[Path, list[str]] = {}
    added: dict[Path, list[Key]] = {}
    for leaf in one.leaves:
        if leaf.path and leaf.beta is MISSING:
            missing.setdefault(leaf.path[:-1], []).append(str(leaf.path[-1]))
        elif leaf.path and leaf.production is MISSING and reach.at(one.production, *leaf.path) is MISSING:
            added.setdefault(leaf.path[:-1], []).append(leaf.path[-1])
    for path, new in added.items():
        gone = missing.get(path, ())
        if len(new) * len(gone) <= _MOST_PAIRS:
            yield from (((*path, key), meant) for key in new for meant in _like(str(key), gone))


def by_records(value: Result | Missing, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Keys of one record alone where other records have one that is like them, which this one lacks."""
    elements = reach.array(value if value is not MISSING else None)
    records = {key: reach.array(item) for key, item in elements.items() if reach.is_array(item)}
    counts = Counter(str(key) for record in records.values() for key in record)
    alone = [(number, key) for number, record in records.items() for key in record if counts[str(key)] == 1]
    compared = len(records) > FEWEST_OTHERS and len(alone) * (len(counts) - len(alone)) <= _MOST_PAIRS
    for number, key in alone if compared else ():
        common = [name for name, count in counts.items() if count >= FEWEST_OTHERS and name not in records[number]]
        yield from (((*path, number, key), meant) for meant in _like(str(key), common))
    for key, item in elements.items():
        yield from by_records(item, (*path, key))


def _like(key: str, names: Sequence[str]) -> list[str]:
    """The name that a key is nearly; none for a short key, or one with a number, which counts."""
    return near(key, names, _LIKE)[:1] if len(key) >= _SHORTEST and not _DIGIT.search(key) else []


def dollars(value: Result | Missing) -> Iterator[tuple[Path, Value, str]]:
    """The names with a dollar in the texts of a value, each once, with the path of its text and what holds it."""
    known: set[str] = set()
    for path, holder, text in texts(value):
        for name in _DOLLAR.findall(text) if holder.data == text else ():
            if name not in known or _is_filled_in(holder):
                known.add(name)
                yield path, holder, name


def placeholders(
    context: Comparison, setting: str, one: Difference, dollars: Iterable[tuple[Path, Value, str]]
) -> Iterator[Draft]:
    """A text of beta in which a name with a dollar is left that is like those that are filled in, or after others were."""
    number = context.number(context.beta, one.dbname)
    wiki = context.beta.wikis[number] if number is not None else None
    names = {*_FILLED_IN, *(name for name, _ in wiki.replacements)} if wiki is not None else _FILLED_IN
    of_production: str | None = None
    for path, holder, name in dollars:
        if _is_filled_in(holder) or near(name, names, _FILLED):
            if of_production is None:
                of_production = "\n".join(held for _, _, held in texts(one.production))
            if name not in of_production:
                message = f"nothing fills in {name} in beta's {setting}"
                yield one.draft(setting, path, message, reach.at(one.production, *path), holder)
                return


def _is_filled_in(text: Value) -> bool:
    """Whether something was put in for its wiki."""
    return any(step.op is Op.COERCE and step.via == REPLACEMENT for step in text.steps)
