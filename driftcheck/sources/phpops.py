"""PHP's own rules for keys, conversions, operators and the few functions that configuration calls.

Every rule here is decided by PHP 8's answer in ``fixtures/php``. Operands are plain data (arrays are dicts of
results); an operation that PHP refuses, or that is not modelled, raises :class:`NotEvaluated`.
"""

from __future__ import annotations

import math
import operator
import re
from typing import TYPE_CHECKING

from driftcheck.model import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.model import Array, Data, Key

_INT_KEY = re.compile(r"(?:0|-?[1-9][0-9]{0,18})\Z")
_NUMERIC = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:[0-9]+(\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[ \t\n\r\v\f]*\Z")
_LEADING_NUMBER = re.compile(r"[ \t\n\r\v\f]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
INT_MAX, INT_MIN = 2**63 - 1, -(2**63)
_MAX_REPEAT = 1_000_000


class NotEvaluated(Exception):
    """PHP would fail here, or this project does not model what it does."""


def array_key(data: Data) -> Key:
    """The key that PHP stores for a value used as one: '7' is 7, '07' is not, true is 1, null is ''."""
    if isinstance(data, str):
        if _INT_KEY.match(data):
            number = int(data)
            if INT_MIN <= number <= INT_MAX:
                return number
        return data
    if data is None:
        return ""
    if isinstance(data, float):
        return to_int(data)
    if isinstance(data, (bool, int)):
        return int(data)
    message = "an array cannot be an array key"
    raise NotEvaluated(message)


def next_index(array: Array) -> int:
    """The index that ``[]`` or an element without a key gets."""
    return max((key for key in array if isinstance(key, int)), default=-1) + 1 if array else 0


def to_bool(data: Data) -> bool:
    """PHP's truth: '' and '0' are false, '0.0' is true."""
    if isinstance(data, str):
        return data not in ("", "0")
    return bool(data)


def to_str(data: Data) -> str:
    """A scalar as PHP writes it into a string."""
    if isinstance(data, str):
        return data
    if data is None or data is False:
        return ""
    if data is True:
        return "1"
    if isinstance(data, int):
        return str(data)
    if isinstance(data, float):
        return _float_str(data)
    message = "an array in a string"
    raise NotEvaluated(message)


def _float_str(number: float) -> str:
    if math.isnan(number):
        return "NAN"
    if math.isinf(number):
        return "INF" if number > 0 else "-INF"
    # PHP writes a float into a string with the ini setting `precision`, 14 by default, in C's %G.
    mantissa, _, exponent = f"{number:.14G}".partition("E")
    if not exponent:
        return mantissa
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent):+d}"


def to_number(data: Data) -> int | float:
    """An operand of arithmetic: numeric strings count, others are errors in PHP 8."""
    if isinstance(data, (bool, int)):
        return int(data)
    if isinstance(data, float):
        return data
    if data is None:
        return 0
    if isinstance(data, str) and (match := _NUMERIC.match(data)):
        return _number(match[1])
    message = "arithmetic on something that is not a number"
    raise NotEvaluated(message)


def _number(text: str) -> int | float:
    try:
        return fit(int(text))
    except ValueError:
        return float(text)


def fit(number: float) -> int | float:
    """An integer that overflows PHP's 64 bits becomes a float."""
    return number if isinstance(number, float) or INT_MIN <= number <= INT_MAX else float(number)


def to_int(data: Data) -> int:
    """``(int)``: floats are truncated, strings give their leading number."""
    if isinstance(data, str):
        match = _LEADING_NUMBER.match(data)
        number = _number(match[0].strip()) if match else 0
    elif isinstance(data, dict):
        return int(bool(data))
    else:
        number = to_number(data)
    if isinstance(number, float):
        if not math.isfinite(number):
            return 0
        wrapped = int(number) & (2**64 - 1)
        return wrapped - 2**64 if wrapped > INT_MAX else wrapped
    return number


def to_float(data: Data) -> float:
    """``(float)``."""
    if isinstance(data, str):
        match = _LEADING_NUMBER.match(data)
        return float(match[0]) if match else 0.0
    return float(bool(data)) if isinstance(data, dict) else float(to_number(data))


def to_array(data: Data) -> Array:
    """``(array)``."""
    if isinstance(data, dict):
        return data
    return {} if data is None else {0: Value(data)}


def union(left: Array, right: Array) -> Array:
    """``$left + $right``: the left side's keys win, nested arrays are not merged."""
    return {**left, **{key: item for key, item in right.items() if key not in left}}


def _add(left: Data, right: Data) -> Data:
    if isinstance(left, dict) and isinstance(right, dict):
        return union(left, right)
    return fit(to_number(left) + to_number(right))


def _divide(left: Data, right: Data) -> Data:
    a, b = to_number(left), to_number(right)
    if b == 0:
        message = "division by zero"
        raise NotEvaluated(message)
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return fit(a // b)
    return a / b


def _modulo(left: Data, right: Data) -> Data:
    a, b = to_int(to_number(left)), to_int(to_number(right))
    if b == 0:
        message = "modulo by zero"
        raise NotEvaluated(message)
    return int(math.copysign(1, a)) * (abs(a) % abs(b))


def _power(left: Data, right: Data) -> Data:
    a, b = to_number(left), to_number(right)
    if abs(b) > 1024 or (a == 0 and b < 0):
        message = "an exponent out of range"
        raise NotEvaluated(message)
    if isinstance(a, int) and isinstance(b, int) and b >= 0:
        return fit(a**b)
    result = float(a) ** b
    if isinstance(result, complex):
        return math.nan
    return result


def _bits(operation: Callable[[int, int], int]) -> Callable[[Data, Data], Data]:
    def apply(left: Data, right: Data) -> Data:
        if isinstance(left, str) and isinstance(right, str):
            message = "bit operations on strings"
            raise NotEvaluated(message)
        result = operation(to_int(to_number(left)), to_int(to_number(right))) & (2**64 - 1)
        return result - 2**64 if result > INT_MAX else result

    return apply


def _shift(operation: Callable[[int, int], int]) -> Callable[[int, int], int]:
    def apply(left: int, right: int) -> int:
        if not 0 <= right < 64:
            message = "a shift by more than 63 bits"
            raise NotEvaluated(message)
        return operation(left, right)

    return apply


def identical(left: Data, right: Data) -> bool:
    """``===``: same type and value; arrays also in the same order."""
    if left.__class__ is not right.__class__:
        return False
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(identical(known(left[key]), known(right[key])) for key in left)
    return left == right


def known(item: Value | Unknown) -> Data:
    """The data of an element, where an operation needs all of them."""
    if isinstance(item, Unknown):
        raise NotEvaluated(item.reason)
    return item.data


def compare(left: Data, right: Data) -> int:
    """``<=>`` with PHP 8's rules for mixed types."""
    if left is None and isinstance(right, str):
        left = ""
    elif right is None and isinstance(left, str):
        right = ""
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return to_bool(left) - to_bool(right)
    if isinstance(left, dict) or isinstance(right, dict):
        return _compare_arrays(left, right)
    if isinstance(left, str) and isinstance(right, str):
        if _NUMERIC.match(left) and _NUMERIC.match(right):
            return _order(to_number(left), to_number(right))
        return _order(left.encode("utf-8", "surrogateescape"), right.encode("utf-8", "surrogateescape"))
    if isinstance(left, str) and not _NUMERIC.match(left):
        return _order(left, to_str(right))
    if isinstance(right, str) and not _NUMERIC.match(right):
        return _order(to_str(left), right)
    return _order(to_number(left), to_number(right))


def _order(left: float | str | bytes, right: float | str | bytes) -> int:
    return (left > right) - (left < right)  # type: ignore[operator]


def _compare_arrays(left: Data, right: Data) -> int:
    if not isinstance(left, dict):
        return -1
    if not isinstance(right, dict):
        return 1
    if len(left) != len(right):
        return _order(len(left), len(right))
    for key, item in left.items():
        if key not in right:
            return 1
        if order := compare(known(item), known(right[key])):
            return order
    return 0


BINARY: dict[str, Callable[[Data, Data], Data]] = {
    "+": _add,
    "-": lambda a, b: fit(to_number(a) - to_number(b)),
    "*": lambda a, b: fit(to_number(a) * to_number(b)),
    "/": _divide,
    "%": _modulo,
    "**": _power,
    ".": lambda a, b: to_str(a) + to_str(b),
    "|": _bits(operator.or_),
    "&": _bits(operator.and_),
    "^": _bits(operator.xor),
    "<<": _bits(_shift(operator.lshift)),
    ">>": _bits(_shift(operator.rshift)),
    "==": lambda a, b: compare(a, b) == 0,
    "!=": lambda a, b: compare(a, b) != 0,
    "<>": lambda a, b: compare(a, b) != 0,
    "===": identical,
    "!==": lambda a, b: not identical(a, b),
    "<": lambda a, b: compare(a, b) < 0,
    "<=": lambda a, b: compare(a, b) <= 0,
    ">": lambda a, b: compare(a, b) > 0,
    ">=": lambda a, b: compare(a, b) >= 0,
    "<=>": compare,
    "xor": lambda a, b: to_bool(a) != to_bool(b),
}


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
        message = "an array function on something else"
        raise NotEvaluated(message)
    return data


def _merge_recursive(*arrays: Data) -> Array:
    out: Array = {}
    for array in arrays:
        for key, item in _array(array).items():
            if isinstance(key, int):
                out[next_index(out)] = item
            elif key in out:
                both = [to_array(known(out[key])), to_array(known(item))]
                out[key] = Value(_merge_recursive(*both))
            else:
                out[key] = item
    return out


def _replace(*arrays: Data) -> Array:
    out: Array = {}
    for array in arrays:
        out.update(_array(array))
    return out


def _combine(keys: Data, values: Data) -> Array:
    names, items = _array(keys), _array(values)
    if len(names) != len(items):
        message = "array_combine of arrays of different sizes"
        raise NotEvaluated(message)
    pairs = zip(names.values(), items.values(), strict=True)
    return {array_key(_string_key(known(name))): item for name, item in pairs}


def _string_key(data: Data) -> Data:
    return data if isinstance(data, int) and not isinstance(data, bool) else to_str(data)


def _unique(array: Data) -> Array:
    seen: set[str] = set()
    out: Array = {}
    for key, item in _array(array).items():
        text = to_str(known(item))
        if text not in seen:
            seen.add(text)
            out[key] = item
    return out


def _texts(array: Data) -> set[str]:
    return {to_str(known(item)) for item in _array(array).values()}


def _diff(array: Data, *others: Data) -> Array:
    gone = set().union(*map(_texts, others))
    return {key: item for key, item in _array(array).items() if to_str(known(item)) not in gone}


def _range(start: Data, stop: Data, step: Data = 1) -> Array:
    a, b, by = to_number(start), to_number(stop), abs(to_number(step))
    if not (isinstance(a, int) and isinstance(b, int) and isinstance(by, int)) or isinstance(start, str):
        message = "range() of anything but integers"
        raise NotEvaluated(message)
    if by == 0 or abs(b - a) > _MAX_REPEAT:
        message = "range() too long"
        raise NotEvaluated(message)
    numbers = range(a, b + 1, by) if a <= b else range(a, b - 1, -by)
    return as_list([Value(number) for number in numbers])


def _implode(glue: Data, pieces: Data) -> str:
    return to_str(glue).join(to_str(known(item)) for item in _array(pieces).values())


def _in_array(needle: Data, haystack: Data, strict: Data = False) -> bool:
    equal = identical if to_bool(strict) else (lambda a, b: compare(a, b) == 0)
    return any(equal(needle, known(item)) for item in _array(haystack).values())


def _str_replace(search: Data, replace: Data, subject: Data) -> str:
    if not isinstance(search, str) or not isinstance(replace, str) or not search:
        message = "str_replace() of anything but strings"
        raise NotEvaluated(message)
    return to_str(subject).replace(search, replace)


def _ascii_case(text: Data, change: Callable[[str], str]) -> str:
    return "".join(change(char) if char.isascii() else char for char in to_str(text))


def _ucfirst(text: Data) -> str:
    string = to_str(text)
    return _ascii_case(string[:1], str.upper) + string[1:]


def _dirname(path: Data) -> str:
    head, slash, _ = to_str(path).rstrip("/").rpartition("/")
    if not slash:
        return "/" if to_str(path).startswith("/") else "."
    return head.rstrip("/") or "/"


def _intdiv(left: Data, right: Data) -> int:
    a, b = to_int(left), to_int(right)
    if b == 0:
        message = "division by zero"
        raise NotEvaluated(message)
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


FUNCTIONS: dict[str, Callable[..., Data]] = {
    "array_merge": array_merge,
    "array_merge_recursive": _merge_recursive,
    "array_replace": _replace,
    "array_fill_keys": lambda keys, value: {
        array_key(_string_key(known(key))): Value(value) for key in _array(keys).values()
    },
    "array_combine": _combine,
    "array_keys": lambda array: as_list([Value(key) for key in _array(array)]),
    "array_values": lambda array: as_list(list(_array(array).values())),
    "array_unique": _unique,
    "array_diff": _diff,
    "array_diff_key": lambda array, *others: {
        key: item for key, item in _array(array).items() if not any(key in _array(o) for o in others)
    },
    "array_intersect_key": lambda array, *others: {
        key: item for key, item in _array(array).items() if all(key in _array(o) for o in others)
    },
    "array_flip": lambda array: {array_key(known(item)): Value(key) for key, item in _array(array).items()},
    "array_key_exists": lambda key, array: array_key(key) in _array(array),
    "range": _range,
    "implode": _implode,
    "in_array": _in_array,
    "count": lambda array: len(_array(array)),
    "strtolower": lambda text: _ascii_case(text, str.lower),
    "strtoupper": lambda text: _ascii_case(text, str.upper),
    "ucfirst": _ucfirst,
    "str_replace": _str_replace,
    "dirname": _dirname,
    "intdiv": _intdiv,
    "is_array": lambda data: isinstance(data, dict),
    "is_string": lambda data: isinstance(data, str),
    "is_bool": lambda data: isinstance(data, bool),
    "is_int": lambda data: isinstance(data, int) and not isinstance(data, bool),
    "is_null": lambda data: data is None,
    "strlen": lambda text: len(to_str(text).encode("utf-8", "surrogateescape")),
    "trim": lambda text: to_str(text).strip(" \t\n\r\0\v"),
    "intval": to_int,
}
"""The calls that configuration makes, by lower-case name; arguments and results are plain data."""

CASTS: dict[str, Callable[[Data], Data]] = {
    "int": to_int,
    "integer": to_int,
    "float": to_float,
    "double": to_float,
    "string": to_str,
    "bool": to_bool,
    "boolean": to_bool,
    "array": to_array,
}
