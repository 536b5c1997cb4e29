"""PHP's functions that look into arrays and compare them, on plain data. Tests hold each against PHP's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Value
from driftcheck.php.arrays import as_list
from driftcheck.php.signatures import Typed
from driftcheck.php.values import NotEvaluated, array_key, compare, identical, known, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Array, Data, Key, Unknown

_LARGE = 20
_MOST_REMEMBERED = 100
_REMEMBERED: dict[int, tuple[Array, frozenset[str] | None]] = {}
"""By the identity of an array: the array, which keeps its identity from being used again, and its texts."""


def _equality(strict: bool) -> Callable[[Data, Data], bool]:
    return identical if strict else (lambda a, b: compare(a, b) == 0)


def _keys(array: Array, *search: Data) -> Array:
    if not search:
        return as_list(Value(key) for key in array)
    equal = _equality(bool(search[1]) if len(search) > 1 else False)
    return as_list(Value(key) for key, item in array.items() if equal(known(item), search[0]))


def _search(needle: Data, haystack: Array, strict: bool = False) -> Data:
    equal = _equality(strict)
    return next((key for key, item in haystack.items() if equal(needle, known(item))), False)


def _in_array(needle: Data, haystack: Array, strict: bool = False) -> bool:
    texts = _texts_of(haystack) if isinstance(needle, str) and len(haystack) > _LARGE else None
    return _search(needle, haystack, strict) is not False if texts is None else needle in texts


def _texts_of(array: Array) -> frozenset[str] | None:
    """The elements of a large array of texts that begin with a letter, which equal a text only if they are that text.

    None for any other array. A plain dict is not changed once it is a value, so that what is remembered of it holds;
    an array that can be written to in place is of a class of its own.
    """
    if array.__class__ is not dict:
        return None
    held = _REMEMBERED.get(id(array))
    if held is None:
        while len(_REMEMBERED) >= _MOST_REMEMBERED:
            del _REMEMBERED[next(iter(_REMEMBERED))]
        held = _REMEMBERED[id(array)] = array, _plain_texts(array)
    return held[1]


def _plain_texts(array: Array) -> frozenset[str] | None:
    texts = [item.data for item in array.values() if isinstance(item, Value) and isinstance(item.data, str)]
    plain = len(texts) == len(array) and all(text[:1].isalpha() for text in texts)
    return frozenset(texts) if plain else None


def _key_exists(key: Data, array: Array) -> bool:
    if isinstance(key, (bool, float)):
        raise NotEvaluated("array_key_exists() of a key that is neither a string nor an integer")
    return array_key(key) in array


def _unique(array: Array, flags: int = 2) -> Array:
    if flags != 2:
        raise NotEvaluated("array_unique() with flags")
    seen: set[str] = set()
    out: Array = {}
    for key, item in array.items():
        text = to_str(known(item))
        if text not in seen:
            seen.add(text)
            out[key] = item
    return out


def _text(item: Value | Unknown) -> str:
    return to_str(known(item))


def _chosen(within: Callable[[Key, Value | Unknown, Array], bool], tables: Callable[[Array], Array], every: bool,
            keep: bool) -> Callable[..., Data]:  # fmt: skip
    """The elements of the first array that are in every or any of the others, or those that are not."""
    joined = all if every else any

    def run(array: Array, *others: Array) -> Data:
        made = [tables(other) for other in others]
        return {k: item for k, item in array.items() if joined(within(k, item, table) for table in made) is keep}

    return run


def _texts_in(array: Array) -> Array:
    return dict.fromkeys(map(_text, array.values()), Value(None))


def _as_it_is(array: Array) -> Array:
    return array


def _has_text(_: Key, item: Value | Unknown, table: Array) -> bool:
    return _text(item) in table


def _has_key(key: Key, _: Value | Unknown, table: Array) -> bool:
    return key in table


def _has_row(key: Key, item: Value | Unknown, table: Array) -> bool:
    return key in table and _text(item) == _text(table[key])


def _intersect(array: Array, *others: Array) -> Array:
    """PHP copies the array and takes elements out, so that the next index stays what it was."""
    _texts_in(array)
    tables = [_texts_in(other) for other in others]
    kept = {key: item for key, item in array.items() if all(_text(item) in table for table in tables)}
    if len(kept) == len(array):
        return array
    from driftcheck.php.run.arrays import PhpArray, next_index

    return PhpArray(kept, next_index(array))


def _count(array: Array, mode: int = 0) -> int:
    if mode not in (0, 1):
        raise NotEvaluated("count() in a mode that is not known")
    if not mode:
        return len(array)
    inner = [known(item) for item in array.values()]
    return len(array) + sum(_count(data, mode) for data in inner if isinstance(data, dict))


def _end_key(last: bool) -> Callable[[Array], Data]:
    return lambda array: None if not array else next(reversed(array)) if last else next(iter(array))


SEARCHES: dict[str, Typed] = {
    "in_array": Typed("d a b=", _in_array),
    "array_search": Typed("d a b=", _search),
    "array_keys": Typed("a d= b=", _keys),
    "array_key_exists": Typed("d a", _key_exists),
    "key_exists": Typed("d a", _key_exists),
    "array_key_first": Typed("a", _end_key(last=False)),
    "array_key_last": Typed("a", _end_key(last=True)),
    "array_is_list": Typed("a", lambda array: all(key == n for n, key in enumerate(array))),
    "array_unique": Typed("a i=", _unique),
    "array_diff": Typed("a a*", _chosen(_has_text, _texts_in, every=False, keep=False)),
    "array_diff_key": Typed("a a*", _chosen(_has_key, _as_it_is, every=False, keep=False)),
    "array_diff_assoc": Typed("a a*", _chosen(_has_row, _as_it_is, every=False, keep=False)),
    "array_intersect": Typed("a a*", _intersect),
    "array_intersect_key": Typed("a a*", _chosen(_has_key, _as_it_is, every=True, keep=True)),
    "array_intersect_assoc": Typed("a a*", _chosen(_has_row, _as_it_is, every=True, keep=True)),
    "count": Typed("a i=", _count),
    "sizeof": Typed("a i=", _count),
}
"""By lower-case name; arguments and results are plain data."""
