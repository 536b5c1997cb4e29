"""PHP's keys, conversions and comparisons, on plain data: an array is a dict of results.

Every rule is decided by PHP 8.2's answer in ``fixtures/php``. What PHP refuses, or what is not modelled, raises
:class:`NotEvaluated`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from driftcheck.core.model import Unknown, Value

if TYPE_CHECKING:
    from driftcheck.core.model import Array, Data, Key, Result, Step

_INT_KEY = re.compile(r"(?:0|-?[1-9][0-9]{0,18})\Z")
_NUMERIC = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:[0-9]+(\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[ \t\n\r\v\f]*\Z")
_LEADING_NUMBER = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_LONGEST_NUMBER = 4000
"""Python refuses to convert more than 4300 digits to an integer."""

INT_MAX, INT_MIN = 2**63 - 1, -(2**63)
_MOST_STEPS = 64
NOT_UTF8 = "a string that is not UTF-8"
LONGEST_STRING = 16_000_000
"""A string that grows beyond this many characters is not followed further."""


class NotEvaluated(Exception):  # noqa: N818 - it is no error of the program: it becomes an Unknown
    """PHP would fail here, or this project does not model what it does."""


_CONDITION = "it depends on a condition: "


def conditional(reason: str) -> str:
    """Why something is not known that a condition decides, which is not known for this reason; said once, however deep it nests."""
    return _CONDITION + reason.removeprefix(_CONDITION)


def array_key(data: Data) -> Key:
    """The key that PHP stores for a value used as one: '7' is 7, '07' is not, true is 1, null is ''.

    Raises NotEvaluated for an array.
    """
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
    raise NotEvaluated("an array cannot be an array key")


def next_index(array: Array) -> int:
    """The index that ``[]`` or an element without a key gets, in an array that nothing was removed from."""
    return max((key for key in array if isinstance(key, int)), default=-1) + 1 if array else 0


class Numbered(dict):  # type: ignore[type-arg]
    """An array whose next index is not what its keys say (Zend/zend_hash.c, nNextFreeElement): an element was taken away."""

    __slots__ = ("following",)

    def __init__(self, items: Array, following: int) -> None:
        super().__init__(items)
        self.following = following


def known(item: Value | Unknown) -> Data:
    """The data of an element, where an operation needs all of them. Raises NotEvaluated where it is not known."""
    if isinstance(item, Unknown):
        raise NotEvaluated(item.reason)
    return item.data


def inherited(item: Result, steps: tuple[Step, ...]) -> Result:
    """An element of an array with the array's steps behind its own. A history that is long already is long enough."""
    return item.after(*steps) if steps and len(item.steps) < _MOST_STEPS else item


def to_bool(data: Data) -> bool:
    """PHP's truth: '' and '0' are false, '0.0' is true."""
    if isinstance(data, str):
        return data not in ("", "0")
    return bool(data)


def to_str(data: Data) -> str:
    """A scalar as PHP writes it into a string. Raises NotEvaluated for an array."""
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
    raise NotEvaluated("an array in a string")


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
    """An operand of arithmetic: numeric strings count, others are errors in PHP 8.

    Raises NotEvaluated for what is no number.
    """
    if isinstance(data, (bool, int)):
        return int(data)
    if isinstance(data, float):
        return data
    if data is None:
        return 0
    if isinstance(data, str) and (match := _NUMERIC.match(data)):
        return parsed(match[1])
    raise NotEvaluated("arithmetic on something that is not a number")


def parsed(text: str) -> int | float:
    """A decimal number by its look: an integer that fits, else a float.

    Raises NotEvaluated where it has thousands of digits.
    """
    if len(text) > _LONGEST_NUMBER:
        raise NotEvaluated("a number of thousands of digits")
    try:
        number = int(text)
    except ValueError:
        return float(text)
    return number if INT_MIN <= number <= INT_MAX else float(text)


def to_int(data: Data) -> int:
    """``(int)``: floats are truncated, strings give their leading number."""
    if isinstance(data, str):
        match = _LEADING_NUMBER.match(data)
        number = parsed(match[1]) if match else 0
        if isinstance(number, float) and math.isfinite(number):
            # A string stops at the limits where a float wraps around (Zend/zend_operators.c, zval_get_long).
            return min(max(int(number), INT_MIN), INT_MAX)
    elif isinstance(data, dict):
        return int(bool(data))
    else:
        number = to_number(data)
    return wrapped(number) if isinstance(number, float) else number


def wrapped(number: float) -> int:
    """A float as an int: truncated, modulo 2**64, 0 for INF and NAN (Zend/zend_operators.c, zend_dval_to_lval)."""
    if not math.isfinite(number):
        return 0
    bits = int(number) & (2**64 - 1)
    return bits - 2**64 if bits > INT_MAX else bits


def to_float(data: Data) -> float:
    """``(float)``."""
    if isinstance(data, str):
        match = _LEADING_NUMBER.match(data)
        return float(match[1]) if match else 0.0
    return float(bool(data)) if isinstance(data, dict) else float(to_number(data))


def to_array(data: Data) -> Array:
    """``(array)``."""
    if isinstance(data, dict):
        return data
    return {} if data is None else {0: Value(data)}


def encoded(text: str) -> bytes:
    """The bytes that PHP has for a string."""
    return text.encode("utf-8", "surrogateescape")


def decoded(raw: bytes) -> str:
    """A string of PHP's bytes. Raises NotEvaluated for what is not UTF-8: no report could hold it."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise NotEvaluated(NOT_UTF8) from None


def is_numeric(text: str) -> bool:
    """Whether PHP takes a string for a number."""
    return _NUMERIC.match(text) is not None


def identical(left: Data, right: Data) -> bool:
    """``===``: same type and value; arrays also in the same order."""
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(identical(known(left[key]), known(right[key])) for key in left)
    return left.__class__ is right.__class__ and left == right


def compare(left: Data, right: Data) -> int:
    """``<=>`` with PHP 8's rules for mixed types; 1 where the sides cannot be compared."""
    if left is None and isinstance(right, str):
        left = ""
    elif right is None and isinstance(left, str):
        right = ""
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return to_bool(left) - to_bool(right)
    if isinstance(left, dict) or isinstance(right, dict):
        return _compare_arrays(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return _compare_strings(left, right)
    if left != left or right != right:
        return 1
    if isinstance(left, str) and not is_numeric(left):
        return _order(encoded(left), encoded(to_str(right)))
    if isinstance(right, str) and not is_numeric(right):
        return _order(encoded(to_str(left)), encoded(right))
    return _compare_numbers(to_number(left), to_number(right))


def _compare_strings(left: str, right: str) -> int:
    if not (is_numeric(left) and is_numeric(right)):
        return _order(encoded(left), encoded(right))
    a, b = to_number(left), to_number(right)
    for number, text in ((a, left), (b, right)):
        # Integers that overflow follow rules of their own (Zend/zend_operators.c, zendi_smart_strcmp).
        if isinstance(number, float) and (not math.isfinite(number) or text.strip().lstrip("+-").isdigit()):
            raise NotEvaluated("a comparison of numbers as strings that do not fit")
    return _compare_numbers(a, b)


def _compare_numbers(left: float, right: float) -> int:
    if isinstance(left, int) and isinstance(right, int):
        return _order(left, right)
    a, b = float(left), float(right)
    return 0 if a == b else -1 if a < b else 1


def _order(left: int | bytes, right: int | bytes) -> int:
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
