"""Where two values differ, part by part, for values of which some texts count as the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from driftcheck.core import reach
from driftcheck.core.model import MISSING, Unknown, Value, is_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from driftcheck.core.model import Key, Missing, Path, Result

    Same = Callable[[str], str]
    """What a text counts as."""


class Leaf(NamedTuple):
    """A place where two values differ, and what each has there."""

    path: Path
    production: Result | Missing
    beta: Result | Missing

    @property
    def name(self) -> str:
        """The path with dots."""
        return ".".join(map(str, self.path))


def leaves(production: Result | Missing, beta: Result | Missing, counts_as: Same = str) -> list[Leaf]:
    """Every place where two values certainly differ; parts that are not known are left out."""
    return list(_walk((), production, beta, counts_as))


def _walk(path: Path, production: Result | Missing, beta: Result | Missing, counts_as: Same) -> Iterator[Leaf]:
    if production is beta or isinstance(production, Unknown) or isinstance(beta, Unknown):
        return
    if not (reach.is_array(production) and reach.is_array(beta)):
        if not _equal(production, beta) and canonical(production, counts_as) != canonical(beta, counts_as):
            yield Leaf(path, production, beta)
    elif _is_list(production) and _is_list(beta):
        yield from _lists(path, production, beta, counts_as)
    else:
        yield from _maps(path, reach.array(production), reach.array(beta), counts_as)


def _equal(production: Result | Missing, beta: Result | Missing) -> bool:
    """Whether two scalars are the same as they stand, which most are: what they count as need not be asked."""
    if not isinstance(production, Value) or not isinstance(beta, Value):
        return False
    return production.data.__class__ is beta.data.__class__ and production.data == beta.data


def _is_list(value: Value) -> bool:
    return isinstance(value.data, dict) and is_list(value.data)


def _maps(path: Path, production: Mapping[Key, Result], beta: Mapping[Key, Result], counts_as: Same) -> Iterator[Leaf]:
    """Maps meet by their keys, which count as texts do."""
    theirs = {_key(key, counts_as): (key, item) for key, item in beta.items()}
    for key, item in production.items():
        _, other = theirs.pop(_key(key, counts_as), (key, MISSING))
        yield from _walk((*path, key), item, other, counts_as)
    for key, item in theirs.values():
        yield from _walk((*path, key), MISSING, item, counts_as)


def _key(key: Key, counts_as: Same) -> Key:
    return counts_as(key) if isinstance(key, str) else key


def _lists(path: Path, production: Value, beta: Value, counts_as: Same) -> Iterator[Leaf]:
    """Lists of one length meet by place, others by their elements; the same elements in another order are one difference."""
    ours, theirs = (list(reach.array(side).values()) for side in (production, beta))
    if any(isinstance(item, Unknown) for item in (*ours, *theirs)):
        return
    counted = tuple([canonical(item, counts_as) for item in side] for side in (ours, theirs))
    left, right = _rest(ours, *counted), _rest(theirs, *reversed(counted))
    if not left and not right:
        # Lists of other lengths differ by elements that are there more than once, or that count as one.
        once = len(ours) != len(theirs) and not _one_set(ours, theirs)
        if not once and counted[0] != counted[1]:
            yield Leaf(path, production, beta)
    elif len(ours) == len(theirs):
        for number, pair in enumerate(zip(ours, theirs, strict=True)):
            yield from _walk((*path, number), *pair, counts_as)
    else:
        for item in left:
            yield Leaf(path, item, MISSING)
        for item in right:
            yield Leaf(path, MISSING, item)


def _rest(items: Sequence[Result], counted: Sequence[object], others: Sequence[object]) -> list[Result]:
    """The elements that the other list has no equal of; both lists are there as they count, too."""
    known = set(others)
    return [item for item, key in zip(items, counted, strict=True) if key not in known]


def _one_set(*sides: Iterable[Result]) -> bool:
    """Whether lists have the same elements as they stand, however often."""
    one, other = ({canonical(item, str) for item in side} for side in sides)
    return one == other


def canonical(value: Result | Missing, counts_as: Same) -> object:
    """A key that two values share where they count as the same."""
    if not isinstance(value, Value):
        return value if value is MISSING else ("unknown", id(value))
    data = value.data
    if isinstance(data, str):
        return "str", counts_as(data)
    if isinstance(data, dict):
        return "array", frozenset((_key(key, counts_as), canonical(item, counts_as)) for key, item in data.items())
    return data.__class__.__name__, "nan" if data != data else data
