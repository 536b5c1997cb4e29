"""The functions of PHP that configuration calls, on plain data, and what other functions can do to their arguments.

Each is decided by PHP 8.2's answer in ``fixtures/php``; where PHP throws, warns or is not modelled, it raises
:class:`~driftcheck.php.values.NotEvaluated`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftcheck.core.model import Value
from driftcheck.php.texts import TEXTS
from driftcheck.php.values import (
    INT_MIN,
    LONGEST_STRING,
    NotEvaluated,
    array_key,
    compare,
    encoded,
    identical,
    is_numeric,
    known,
    next_index,
    to_array,
    to_bool,
    to_int,
    to_number,
    to_str,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Array, Data, Unknown

_LONGEST_ARRAY = 100_000


def as_list(items: list[Value | Unknown]) -> Array:
    """A PHP list of these elements."""
    return dict(enumerate(items))


def array_merge(*arrays: Data) -> Array:
    """Integer keys are renumbered and appended, string keys are overwritten in place."""
    out: Array = {}
    index = 0
    for array in arrays:
        for key, item in _array(array).items():
            if isinstance(key, int):
                out[index] = item
                index += 1
            else:
                out[key] = item
    return out


def _array(data: Data) -> Array:
    if not isinstance(data, dict):
        raise NotEvaluated("an array function on something else")
    return data


def _merge_recursive(*arrays: Data) -> Array:
    out: Array = {}
    for array in arrays:
        _merge_into(out, _array(array))
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
    if index < 0:
        raise NotEvaluated("an element after negative keys")
    return index


def _replace(*arrays: Data) -> Array:
    out: Array = {}
    for array in arrays:
        out.update(_array(array))
    return out


def _combine(keys: Data, values: Data) -> Array:
    names, items = _array(keys), _array(values)
    if len(names) != len(items):
        raise NotEvaluated("array_combine of arrays of different sizes")
    return dict(zip(map(_text_key, names.values()), items.values(), strict=True))


def _fill_keys(keys: Data, value: Data) -> Array:
    return {_text_key(key): Value(value) for key in _array(keys).values()}


def _text_key(item: Value | Unknown) -> int | str:
    """A key made of a value by way of a string, so that 1.5 is not cut to 1."""
    data = known(item)
    return data if isinstance(data, int) and not isinstance(data, bool) else array_key(to_str(data))


def _flip(array: Data) -> Array:
    out: Array = {}
    for key, item in _array(array).items():
        data = known(item)
        if isinstance(data, bool) or not isinstance(data, (int, str)):
            raise NotEvaluated("array_flip of something that is neither a string nor an integer")
        out[array_key(data)] = Value(key)
    return out


def _keys(array: Data, *search: Data) -> Array:
    if not search:
        return as_list([Value(key) for key in _array(array)])
    equal = _equality(*search[1:])
    return as_list([Value(key) for key, item in _array(array).items() if equal(known(item), search[0])])


def _equality(strict: Data = False) -> Callable[[Data, Data], bool]:
    return identical if to_bool(strict) else (lambda a, b: compare(a, b) == 0)


_PLAIN_TEXTS: dict[int, tuple[Array, frozenset[str] | None]] = {}
_MOST_REMEMBERED = 500


def _texts_of(array: Array) -> frozenset[str] | None:
    """The elements of a large array of texts that no number is equal to, remembered; None for any other array."""
    held = _PLAIN_TEXTS.get(id(array))
    if held is None:
        texts = [item.data for item in array.values() if isinstance(item, Value)]
        plain = len(texts) == len(array) and all(isinstance(text, str) and text[:1].isalpha() for text in texts)
        if len(_PLAIN_TEXTS) > _MOST_REMEMBERED:
            _PLAIN_TEXTS.clear()
        held = _PLAIN_TEXTS[id(array)] = array, frozenset(texts) if plain else None  # type: ignore[arg-type]
    return held[1]


def _in_array(needle: Data, haystack: Data, strict: Data = False) -> bool:
    if isinstance(needle, str) and isinstance(haystack, dict) and len(haystack) > 20 and haystack.__class__ is dict:
        texts = _texts_of(haystack)
        if texts is not None:
            return needle in texts
    equal = _equality(strict)
    return any(equal(needle, known(item)) for item in _array(haystack).values())


def _unique(array: Data) -> Array:
    seen: set[str] = set()
    out: Array = {}
    for key, item in _array(array).items():
        text = to_str(known(item))
        if text not in seen:
            seen.add(text)
            out[key] = item
    return out


def _diff(array: Data, *others: Data) -> Array:
    gone = {to_str(known(item)) for other in others for item in _array(other).values()}
    return {key: item for key, item in _array(array).items() if to_str(known(item)) not in gone}


def _diff_key(array: Data, *others: Data) -> Array:
    gone = set().union(*map(_array, others))
    return {key: item for key, item in _array(array).items() if key not in gone}


def _intersect_key(array: Data, *others: Data) -> Array:
    tables = [_array(other) for other in others]
    return {key: item for key, item in _array(array).items() if all(key in table for table in tables)}


def _count(array: Data, mode: Data = 0) -> int:
    items = _array(array)
    if mode not in (0, 1):
        raise NotEvaluated("count() in a mode that is not known")
    if not mode:
        return len(items)
    inner = [known(item) for item in items.values()]
    return len(items) + sum(_count(data, mode) for data in inner if isinstance(data, dict))


def _range(start: Data, stop: Data, step: Data = 1) -> Array:
    """Of integers, floats or single letters; the other mixtures have rules of their own in each version of PHP."""
    if isinstance(start, str) and isinstance(stop, str):
        if all(len(end) == 1 and end.isascii() and not is_numeric(end) for end in (start, stop)):
            return as_list([Value(chr(code)) for code in _steps(ord(start), ord(stop), step)])
        if all(is_numeric(end) and end.isdigit() for end in (start, stop)):
            start, stop = to_number(start), to_number(stop)
    numbers = [end for end in (start, stop, step) if isinstance(end, (int, float)) and not isinstance(end, bool)]
    if len(numbers) < 3:
        raise NotEvaluated("range() of anything but numbers")
    if any(isinstance(number, float) for number in numbers):
        return as_list([Value(number) for number in _float_steps(*map(float, numbers))])
    return as_list([Value(number) for number in _steps(start, stop, step)])


def _steps(start: Data, stop: Data, step: Data) -> range:
    if not (isinstance(start, int) and isinstance(stop, int) and isinstance(step, int)) or step == 0:
        raise NotEvaluated("range() with a step that is not an integer")
    by, width = abs(step), abs(stop - start)
    if width // by > _LONGEST_ARRAY or (width and by > width):
        raise NotEvaluated("range() too long, or with a step that is longer than the range")
    return range(start, stop + 1, by) if start <= stop else range(start, stop - 1, -by)


def _float_steps(start: float, stop: float, step: float) -> list[float]:
    """As ext/standard/array.c counts them: a number of steps that is rounded, and none beyond the end."""
    by, width = abs(step), abs(stop - start)
    if not (math.isfinite(width) and math.isfinite(by)) or by == 0 or width / by > _LONGEST_ARRAY or by > width > 0:
        raise NotEvaluated("range() too long, or with a step that is longer than the range")
    count = math.floor(width / by + 1.5)
    if start <= stop:
        return [number for number in (start + i * by for i in range(count)) if number <= stop]
    return [number for number in (start - i * by for i in range(count)) if number >= stop]


def _implode(glue: Data, pieces: Data = None) -> str:
    if isinstance(glue, dict) and pieces is None:
        glue, pieces = "", glue
    texts = [to_str(known(item)) for item in _array(pieces).values()]
    separator = to_str(glue)
    if sum(map(len, texts)) + len(separator) * len(texts) > LONGEST_STRING:
        raise NotEvaluated("a string that is too long")
    return separator.join(texts)


def _str_replace(search: Data, replace: Data, subject: Data) -> Data:
    if isinstance(subject, dict):
        return {key: Value(_replaced(search, replace, known(item))) for key, item in subject.items()}
    return _replaced(search, replace, subject)


def _replaced(search: Data, replace: Data, subject: Data) -> str:
    """One search after the other, each in the result of the one before."""
    text = to_str(subject)
    if not isinstance(search, dict):
        return _replaced_once(text, to_str(search), to_str(replace))
    fills = [to_str(known(item)) for item in replace.values()] if isinstance(replace, dict) else None
    for number, item in enumerate(search.values()):
        fill = to_str(replace) if fills is None else fills[number] if number < len(fills) else ""
        text = _replaced_once(text, to_str(known(item)), fill)
    return text


def _replaced_once(text: str, search: str, replace: str) -> str:
    if not search:
        return text
    if len(text) + text.count(search) * len(replace) > LONGEST_STRING:
        raise NotEvaluated("a string that is too long")
    return text.replace(search, replace)


def _ascii_case(text: Data, change: Callable[[str], str]) -> str:
    string = to_str(text)
    return change(string) if string.isascii() else "".join(change(c) if c.isascii() else c for c in string)


def _ucfirst(text: Data) -> str:
    string = to_str(text)
    return _ascii_case(string[:1], str.upper) + string[1:]


def _dirname(path: Data, levels: Data = 1) -> str:
    if not isinstance(levels, int) or levels < 1:
        raise NotEvaluated("dirname() of a number of levels that is not known")
    text = to_str(path)
    for _ in range(min(levels, len(text) + 1)):
        text = _parent(text)
    return text


def _parent(path: str) -> str:
    if not path:
        return ""
    head, slash, _ = path.rstrip("/").rpartition("/")
    if not slash:
        return "/" if path.startswith("/") else "."
    return head.rstrip("/") or "/"


def _intdiv(left: Data, right: Data) -> int:
    if not (isinstance(left, int) and isinstance(right, int)):
        raise NotEvaluated("intdiv() of anything but integers")
    a, b = int(left), int(right)
    if b == 0 or (a == INT_MIN and b == -1):
        raise NotEvaluated("division by zero, or of the smallest integer by -1")
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _repeat(text: Data, times: Data) -> str:
    string = to_str(text)
    if not isinstance(times, int) or times < 0 or len(string) * times > LONGEST_STRING:
        raise NotEvaluated("str_repeat() too long")
    return string * times


def _fill(start: Data, count: Data, value: Data) -> Array:
    if not (isinstance(start, int) and isinstance(count, int)) or start < 0 or not 0 <= count <= _LONGEST_ARRAY:
        raise NotEvaluated("array_fill() too long, or from a negative index")
    return {start + number: Value(value) for number in range(count)}


def _key_at(end: Callable[[list[int | str]], int | str]) -> Callable[[Data], Data]:
    return lambda array: end(list(_array(array))) if _array(array) else None


def _slice(array: Data, offset: Data, length: Data = None, keep: Data = False) -> Array:
    rows = list(_array(array).items())
    start = to_int(offset)
    start = max(len(rows) + start, 0) if start < 0 else start
    end = len(rows) if length is None else start + to_int(length) if to_int(length) >= 0 else len(rows) + to_int(length)
    out: Array = {}
    index = 0
    for key, item in rows[start:end]:
        if isinstance(key, int) and not to_bool(keep):
            out[index] = item
            index += 1
        else:
            out[key] = item
    return out


def _search(needle: Data, haystack: Data, strict: Data = False) -> Data:
    equal = _equality(strict)
    return next((key for key, item in _array(haystack).items() if equal(needle, known(item))), False)


def _reverse(array: Data, keep: Data = False) -> Array:
    out: Array = {}
    index = 0
    for key, item in reversed(list(_array(array).items())):
        if isinstance(key, int) and not to_bool(keep):
            out[index] = item
            index += 1
        else:
            out[key] = item
    return out


def _intersect(array: Data, *others: Data) -> Array:
    tables = [{to_str(known(item)) for item in _array(other).values()} for other in others]
    return {key: item for key, item in _array(array).items() if all(to_str(known(item)) in table for table in tables)}


def _column(array: Data, column: Data, index: Data = None) -> Array:
    out: list[tuple[int | str | None, Value | Unknown]] = []
    for item in _array(array).values():
        row = known(item)
        if not isinstance(row, dict):
            continue
        found = item if column is None else row.get(array_key(column))
        if found is not None:
            at = None if index is None else array_key(known(row[array_key(index)])) if array_key(index) in row else None
            out.append((at, found))
    result: Array = {}
    following = 0
    for key, found in out:
        at = following if key is None else key
        result[at] = found
        if isinstance(at, int) and at >= following:
            following = at + 1
    return result


FUNCTIONS: dict[str, Callable[..., Data]] = {
    **TEXTS,
    "array_key_first": _key_at(lambda keys: keys[0]),
    "array_key_last": _key_at(lambda keys: keys[-1]),
    "array_slice": _slice,
    "array_search": _search,
    "array_reverse": _reverse,
    "array_intersect": _intersect,
    "array_column": _column,
    "array_is_list": lambda array: list(_array(array)) == list(range(len(_array(array)))),
    "array_merge": array_merge,
    "array_merge_recursive": _merge_recursive,
    "array_replace": _replace,
    "array_fill": _fill,
    "array_fill_keys": _fill_keys,
    "array_combine": _combine,
    "array_keys": _keys,
    "array_values": lambda array: as_list(list(_array(array).values())),
    "array_unique": _unique,
    "array_diff": _diff,
    "array_diff_key": _diff_key,
    "array_intersect_key": _intersect_key,
    "array_flip": _flip,
    "array_key_exists": lambda key, array: array_key(key) in _array(array),
    "range": _range,
    "implode": _implode,
    "join": _implode,
    "in_array": _in_array,
    "count": _count,
    "strtolower": lambda text: _ascii_case(text, str.lower),
    "strtoupper": lambda text: _ascii_case(text, str.upper),
    "ucfirst": _ucfirst,
    "str_repeat": _repeat,
    "str_replace": _str_replace,
    "dirname": _dirname,
    "intdiv": _intdiv,
    "is_array": lambda data: isinstance(data, dict),
    "is_string": lambda data: isinstance(data, str),
    "is_bool": lambda data: isinstance(data, bool),
    "is_int": lambda data: isinstance(data, int) and not isinstance(data, bool),
    "is_null": lambda data: data is None,
    "strlen": lambda text: len(encoded(to_str(text))),
    "intval": to_int,
}
"""The calls that configuration makes, by lower-case name; arguments and results are plain data."""
