"""PHP's functions that make arrays of arrays, on plain data. Tests hold each against PHP's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Unknown, Value
from driftcheck.php.signatures import MOST_ELEMENTS, Typed
from driftcheck.php.values import INT_MAX, NotEvaluated, array_key, known, next_index, to_array, to_str

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from driftcheck.core.model import Array, Data, Key

    Item = Value | Unknown
    Row = tuple[Key, Item]


def as_list(items: Iterable[Item]) -> Array:
    """A PHP list of these elements."""
    return dict(enumerate(items))


def renumbered(rows: Iterable[Row], *, keep: bool = False) -> Array:
    """The rows with their integer keys counted from 0, unless they are kept."""
    out: Array = {}
    index = 0
    for key, item in rows:
        if isinstance(key, int) and not keep:
            out[index] = item
            index += 1
        else:
            out[key] = item
    return out


def array_merge(*arrays: Array) -> Array:
    """Integer keys are renumbered and appended, string keys are overwritten in place."""
    return renumbered(row for array in arrays for row in array.items())


def _merge_recursive(*arrays: Array) -> Array:
    out: Array = {}
    for array in arrays:
        _merge_into(out, array)
    return out


def _merge_into(out: Array, array: Array) -> None:
    """As ext/standard/array.c does it (php_array_merge_recursive): what is already there keeps its keys."""
    for key, item in array.items():
        if isinstance(key, int):
            out[_appended(out)] = item
        elif key in out:
            held, new = known(out[key]), known(item)
            # null on the left side counts as an element here, unlike in a cast.
            both: Array = {0: out[key]} if held is None else dict(to_array(held))
            if isinstance(new, dict):
                _merge_into(both, new)
            else:
                both[_appended(both)] = item
            out[key] = Value(both)
        else:
            out[key] = item


def _appended(array: Array) -> int:
    index = next_index(array)
    if not 0 <= index <= INT_MAX:
        raise NotEvaluated("an element after negative keys, or after the largest")
    return index


def _replace(*arrays: Array) -> Array:
    out: Array = {}
    for array in arrays:
        out.update(array)
    return out


def _replace_recursive(*arrays: Array) -> Array:
    out: Array = {}
    for array in arrays:
        for key, item in array.items():
            held = out.get(key)
            old, new = None if held is None else known(held), known(item)
            both = isinstance(old, dict) and isinstance(new, dict)
            out[key] = Value(_replace_recursive(old, new)) if both else item  # type: ignore[arg-type]
    return out


def _combine(names: Array, items: Array) -> Array:
    if len(names) != len(items):
        raise NotEvaluated("array_combine of arrays of different sizes")
    return dict(zip(map(_text_key, names.values()), items.values(), strict=True))


def _fill_keys(keys: Array, value: Data) -> Array:
    return {_text_key(key): Value(value) for key in keys.values()}


def _text_key(item: Item) -> Key:
    """A key made of a value by way of a string, so that 1.5 is not cut to 1."""
    data = known(item)
    return data if isinstance(data, int) and not isinstance(data, bool) else array_key(to_str(data))


def _flip(array: Array) -> Array:
    return {_countable(item, "array_flip()"): Value(key) for key, item in array.items()}


def _count_values(array: Array) -> Array:
    counts: dict[Key, int] = {}
    for item in array.values():
        key = _countable(item, "array_count_values()")
        counts[key] = counts.get(key, 0) + 1
    return {key: Value(count) for key, count in counts.items()}


def _countable(item: Item, name: str) -> Key:
    data = known(item)
    if isinstance(data, bool) or not isinstance(data, (int, str)):
        raise NotEvaluated(f"{name} of something that is neither a string nor an integer")
    return array_key(data)


def _slice(array: Array, offset: int, length: int | None = None, keep: bool = False) -> Array:
    rows = list(array.items())
    start = max(len(rows) + offset, 0) if offset < 0 else offset
    end = len(rows) if length is None else start + length if length >= 0 else len(rows) + length
    return renumbered(rows[start : max(end, start)], keep=keep)


def _reverse(array: Array, keep: bool = False) -> Array:
    return renumbered(reversed(array.items()), keep=keep)


def _chunk(array: Array, size: int, keep: bool = False) -> Array:
    if size < 1:
        raise NotEvaluated("array_chunk() into parts of nothing")
    rows = list(array.items())
    parts = [rows[at : at + size] for at in range(0, len(rows), min(size, len(rows) or 1))]
    return as_list(Value(dict(part) if keep else as_list(item for _, item in part)) for part in parts)


def _pad(array: Array, size: int, value: Data) -> Array:
    missing = abs(size) - len(array)
    if missing > MOST_ELEMENTS:
        raise NotEvaluated("array_pad() too long")
    if missing <= 0:
        return array
    fill: list[Row] = [(0, Value(value))] * missing
    return renumbered([*array.items(), *fill] if size > 0 else [*fill, *array.items()])


def _fill(start: int, count: int, value: Data) -> Array:
    if start < 0 or start > INT_MAX - MOST_ELEMENTS or not 0 <= count <= MOST_ELEMENTS:
        raise NotEvaluated("array_fill() too long, or from a negative index")
    return {start + number: Value(value) for number in range(count)}


def _column(array: Array, column: Data, index: Data = None) -> Array:
    name, by = _column_key(column), _column_key(index)
    out: Array = {}
    for item in array.values():
        row = known(item)
        found = item if name is None else row.get(name) if isinstance(row, dict) else None
        if found is not None:
            out[_column_index(row, by, out)] = found
    return out


def _column_index(row: Data, by: Key | None, out: Array) -> Key:
    if by is None or not isinstance(row, dict) or by not in row:
        return _appended(out)
    data = known(row[by])
    if isinstance(data, (dict, float)):
        raise NotEvaluated("array_column() by floats or arrays")
    return array_key(data)


def _column_key(data: Data) -> Key | None:
    if data is None or (isinstance(data, (int, str)) and not isinstance(data, bool)):
        return None if data is None else array_key(data)
    raise NotEvaluated("array_column() of a name that is neither a string nor an integer")


def _key_case(array: Array, case: int = 0) -> Array:
    if case not in (0, 1) or not all(key.isascii() for key in array if isinstance(key, str)):
        raise NotEvaluated("array_change_key_case() of keys that are not ASCII")
    change: Callable[[str], str] = str.upper if case else str.lower
    return {change(key) if isinstance(key, str) else key: item for key, item in array.items()}


ARRAYS: dict[str, Typed] = {
    "array_merge": Typed("a*", array_merge),
    "array_merge_recursive": Typed("a*", _merge_recursive),
    "array_replace": Typed("a a*", _replace),
    "array_replace_recursive": Typed("a a*", _replace_recursive),
    "array_combine": Typed("a a", _combine),
    "array_fill": Typed("i i d", _fill),
    "array_fill_keys": Typed("a d", _fill_keys),
    "array_flip": Typed("a", _flip),
    "array_count_values": Typed("a", _count_values),
    "array_values": Typed("a", lambda array: as_list(array.values())),
    "array_slice": Typed("a i ?i= b=", _slice),
    "array_reverse": Typed("a b=", _reverse),
    "array_chunk": Typed("a i b=", _chunk),
    "array_pad": Typed("a i d", _pad),
    "array_column": Typed("a d d=", _column),
    "array_change_key_case": Typed("a i=", _key_case),
}
"""By lower-case name; arguments and results are plain data."""
