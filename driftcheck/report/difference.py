"""How two nested values differ, in words for people: the leaf that differs, or that only the type or the order does.

Whether two values differ is decided by :func:`driftcheck.core.model.same`. This module is asked only where a pair that
differs is shown. deepdiff finds the leaves and lines up lists that lost an element; it is imported here and nowhere else,
when there is such a pair.

deepdiff compares by Python's rules: 1, 1.0 and True are one element of a list, and NaN differs from itself. So it gets
keys and leaves as texts that name type and value (:func:`_coded`), and the values that are shown are looked up in ours.
"""

from __future__ import annotations

import ast
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from driftcheck.core.model import MISSING, Value, has_unknown, is_list, same
from driftcheck.report.escape import short, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from deepdiff import DeepDiff

    from driftcheck.core.model import Array, Data, Key, Missing, Path, Result

_MOST_NAMED = 3
_MOST_LEAVES = 1500  # half a second, at worst
_DEEPEST = 50
_LONGEST_LINED_UP = 200  # lining up two lists takes time that grows with the square of their length
_LONGEST_PATH, _LONGEST_VALUE = 120, 80
# Keys that begin with two underscores count, and dicts with few keys in common are entered all the same.
_OPTIONS: dict[str, Any] = {"view": "tree", "ignore_private_variables": False, "threshold_to_diff_deeper": 0}
# Repetitions count. Elements are not paired by likeness, which is slow: here it matters only whether any are left over.
_ANY_ORDER: dict[str, Any] = {"ignore_order": True, "report_repetition": True, "cutoff_intersection_for_pairs": 0}
_TYPES = {bool: "boolean", int: "integer", float: "float", str: "string"}


class Leaf(NamedTuple):
    """One place where two values differ: its path from the top of both, and what each side has there."""

    path: Path
    left: Result | Missing
    right: Result | Missing


def difference(
    left: Result | Missing, right: Result | Missing, sides: tuple[str, str] = ("production", "beta")
) -> list[str]:
    """Short lines on how two arrays differ. None where a side is no array, is empty, or is not wholly known."""
    if not (_is_filled(left) and _is_filled(right)) or has_unknown(left) or has_unknown(right):
        return []
    assert isinstance(left, Value)
    assert isinstance(right, Value)
    if any(_size(side) > _MOST_LEAVES or _depth(side) > _DEEPEST for side in (left, right)):
        return ["The values are too large to be compared leaf by leaf here."]
    found = leaves(left, right)
    if found and _size(left) == _size(right) and not _apart(left, right) and only_order(left, right):
        return ["Only the order differs."]
    if found and all(map(_only_type, found)):
        return ["Only the type differs.", *_lines(found, sides, _typed)]
    return _lines(found, sides, _shown)


def leaves(left: Value, right: Value) -> list[Leaf]:
    """Every place where two known values differ, sorted by path; none if they are the same."""
    if _apart(left, right):
        here = [Leaf((key,), item, MISSING) for key, item in _items(left).items()]
        return _sorted([*here, *(Leaf((key,), MISSING, item) for key, item in _items(right).items())])
    long = max(_longest_list(left), _longest_list(right)) > _LONGEST_LINED_UP
    ahead, ours, theirs = _middles(left, right) if long else (0, left, right)
    if ahead or ours is not left:
        return [Leaf((ahead + int(leaf.path[0]), *leaf.path[1:]), *leaf[1:]) for leaf in leaves(ours, theirs)]
    found = _compared(left, right, zip_ordered_iterables=long)
    out = [_leaf(report, level, left, right) for report, levels in found.items() for level in levels]
    return _sorted(out)


def _middles(left: Value, right: Value) -> tuple[int, Value, Value]:
    """Two lists without what they begin and end with alike, and how much they begin with; other values as they are."""
    if not (type(left.data) is type(right.data) is dict and is_list(left.data) and is_list(right.data)):
        return 0, left, right
    ours, theirs = list(left.data.values()), list(right.data.values())
    ahead = sum(1 for _ in takewhile(_same_pair, zip(ours, theirs, strict=False)))
    ends = zip(reversed(ours[ahead:]), reversed(theirs[ahead:]), strict=False)
    behind = sum(1 for _ in takewhile(_same_pair, ends))
    if not ahead + behind:
        return 0, left, right
    here: Array = dict(enumerate(ours[ahead : len(ours) - behind]))
    there: Array = dict(enumerate(theirs[ahead : len(theirs) - behind]))
    return ahead, left.with_data(here), right.with_data(there)


def _same_pair(pair: tuple[Result, Result]) -> bool:
    return same(*pair)


def _sorted(found: Iterable[Leaf]) -> list[Leaf]:
    return sorted(found, key=lambda leaf: [(isinstance(key, str), key) for key in leaf.path])


def _apart(left: Value, right: Value) -> bool:
    """Whether two filled maps have no key in common: nothing is to be lined up, and deepdiff is not loaded for it."""
    filled = _is_filled(left) and _is_filled(right) and type(left.data) is type(right.data)
    return filled and _items(left).keys().isdisjoint(_items(right))


def only_order(left: Value, right: Value) -> bool:
    """Whether two known values would be the same if the order of their lists did not count."""
    return not any(_compared(left, right, **_ANY_ORDER).values())


def _compared(left: Value, right: Value, **options: Any) -> DeepDiff:  # noqa: ANN401 - deepdiff's options
    from deepdiff import DeepDiff

    return DeepDiff(_coded(left, right), _coded(right, left), **_OPTIONS, **options)


def _coded(value: Result | Missing, other: Result | Missing = MISSING) -> object:
    """A value as deepdiff gets it: a list where both sides have a list, else a dict; keys and leaves as texts."""
    assert isinstance(value, Value)
    data, beside = value.data, other.data if isinstance(other, Value) else None
    if not isinstance(data, dict):
        return _coded_leaf(data)
    if not isinstance(beside, dict):
        beside = data
    # A list of YAML is a type of its own, so that an empty one is no empty map.
    both_lists = is_list(data) and is_list(beside) if type(data) is type(beside) else type(data) is not dict
    if both_lists:
        return [_coded(item) for item in data.values()]  # which elements meet is for deepdiff to find
    return {ascii(key): _coded(item, beside.get(key, MISSING)) for key, item in data.items()}


def _coded_leaf(data: Data) -> str:
    """The type and the value in ASCII: no surrogates, and no lines, which deepdiff would compare one by one."""
    if isinstance(data, float):
        data += 0.0  # -0.0 is 0.0
    return f"{data.__class__.__name__} {data!a}"


def _leaf(report: str, level: Any, left: Value, right: Value) -> Leaf:  # noqa: ANN401 - a level of deepdiff
    there = MISSING if report.endswith("_added") else _at(left, level.path(output_format="list"))
    here = MISSING if report.endswith("_removed") else _at(right, level.path(output_format="list", use_t2=True))
    path = level.path(output_format="list", use_t2=there is MISSING)
    return Leaf(tuple(map(_key, path)), there, here)


def _key(coded: int | str) -> Key:
    """A list's index, or the key that was coded."""
    key: Key = coded if isinstance(coded, int) else ast.literal_eval(coded)
    return key


def _at(value: Result, path: Iterable[int | str]) -> Result:
    for coded in path:
        assert isinstance(value, Value)
        assert isinstance(value.data, dict)
        value = value.data[_key(coded)]
    return value


def _is_filled(value: Result | Missing) -> bool:
    return isinstance(value, Value) and isinstance(value.data, dict) and bool(value.data)


def _items(value: Result) -> Array:
    return value.data if isinstance(value, Value) and isinstance(value.data, dict) else {}


def _size(value: Result) -> int:
    return max(1, sum(map(_size, _items(value).values())))


def _depth(value: Result) -> int:
    return 1 + max(map(_depth, _items(value).values()), default=0)


def _longest_list(value: Result) -> int:
    items = _items(value)
    own = len(items) if is_list(items) else 0
    return max([own, *map(_longest_list, items.values())])


# -- words -----------------------------------------------------------------------------------------------------------


def _lines(found: Sequence[Leaf], sides: tuple[str, str], told: Callable[[Result | Missing], str]) -> list[str]:
    """A line for each of the first leaves, and how many more there are."""
    lines = [
        f"{_dotted(leaf.path)}: {told(leaf.left)} in {sides[0]}, {told(leaf.right)} in {sides[1]}"
        for leaf in found[:_MOST_NAMED]
    ]
    more = len(found) - _MOST_NAMED
    return [*lines, f"and {more} more {'difference' if more == 1 else 'differences'}"] if more > 0 else lines


def _dotted(path: Path) -> str:
    return short(".".join(map(str, path)), _LONGEST_PATH) or "the whole value"


def _shown(value: Result | Missing) -> str:
    return "absent" if value is MISSING else shown(value, _LONGEST_VALUE)


def _typed(value: Result | Missing) -> str:
    assert isinstance(value, Value)
    return f"{_shown(value)} ({_TYPES[type(value.data)]})"


def _only_type(leaf: Leaf) -> bool:
    """Whether both sides have a number, boolean or string that is written in the same way, quotes aside."""
    texts = {_written(side) for side in (leaf.left, leaf.right)}
    return len(texts) == 1 and None not in texts


def _written(value: Result | Missing) -> str | None:
    data = value.data if isinstance(value, Value) else None
    if isinstance(data, float) and data.is_integer():
        data = int(data)
    if isinstance(data, bool):
        return str(data).lower()
    return str(data) if type(data) in _TYPES else None
