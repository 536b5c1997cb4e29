"""PHP's functions on numbers, and those that ask for types, on plain data. Tests hold each against PHP's answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftcheck.core.model import Value
from driftcheck.php import operators
from driftcheck.php.arrays import as_list
from driftcheck.php.signatures import MOST_ELEMENTS, Typed
from driftcheck.php.values import (
    INT_MIN,
    NotEvaluated,
    compare,
    is_numeric,
    known,
    parsed,
    to_bool,
    to_float,
    to_int,
    to_number,
    to_str,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Array, Data

_MOST_PLACES = 10
_EXACT = 1e15
_WORD = 2**64


def _whole(operation: Callable[[float], int]) -> Callable[[float], float]:
    """``floor()`` or ``ceil()``: a float, which keeps its sign where it is zero."""
    return lambda number: math.copysign(operation(number), number) if math.isfinite(number) else number


def rounded(number: float, places: int = 0) -> float:
    """``round()`` half away from zero.

    PHP 8.2 rounds twice, first to 15 digits, so that what is very near a half is not decided here.
    Raises NotEvaluated for that and for numbers or places that are out of reach.
    """
    from decimal import ROUND_HALF_UP, Decimal

    value = float(number)
    if not math.isfinite(value) or value == 0:
        return value
    if abs(value) >= _EXACT or abs(places) > _MOST_PLACES:
        raise NotEvaluated("round() of a very large number, or to many places")
    exact = Decimal(value).scaleb(places)
    half = abs(exact) % 1 - Decimal("0.5")
    if half and abs(half) < Decimal("1e-12") * (abs(exact) + 1):
        raise NotEvaluated("round() of a number that is very near a half")
    whole = exact.quantize(Decimal(1), ROUND_HALF_UP)
    return math.copysign(float(whole.scaleb(-places)), value)


def _extreme(sign: int) -> Callable[..., Data]:
    def run(*given: Data) -> Data:
        items: list[Data] = list(given)
        if len(given) == 1:
            if not isinstance(given[0], dict) or not given[0]:
                raise NotEvaluated("max() or min() of nothing")
            items = [known(item) for item in given[0].values()]
        best = items[0]
        for item in items[1:]:
            if compare(item, best) != -compare(best, item):
                raise NotEvaluated("max() or min() of what cannot be compared")
            if compare(item, best) * sign > 0:
                best = item
        return best

    return run


def _intdiv(left: int, right: int) -> int:
    if right == 0 or (left == INT_MIN and right == -1):
        raise NotEvaluated("division by zero, or of the smallest integer by -1")
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _fmod(left: float, right: float) -> float:
    if not (math.isfinite(left) and math.isfinite(right)) or right == 0:
        raise NotEvaluated("fmod() of what is not finite")
    return math.fmod(left, right)


def _sqrt(number: float) -> float:
    return math.sqrt(number) if number >= 0 else math.nan


def _folded(sign: str, first: int) -> Callable[[Array], Data]:
    """The sum or the product of an array of numbers."""

    def run(array: Array) -> Data:
        total: Data = first
        for item in array.values():
            data = known(item)
            if isinstance(data, dict) or (isinstance(data, str) and not is_numeric(data)):
                raise NotEvaluated("the sum or the product of what are no numbers")
            total = operators.BINARY[sign](total, to_number(data))
        return total

    return run


def _range(start: Data, stop: Data, step: Data = 1) -> Array:
    """Of integers, floats or single letters; the other mixtures have rules of their own in each version of PHP."""
    if isinstance(start, str) and isinstance(stop, str):
        if all(len(end) == 1 and end.isascii() and not is_numeric(end) for end in (start, stop)):
            return as_list(Value(chr(code)) for code in _steps(ord(start), ord(stop), step))
        if all(end.isascii() and end.isdigit() for end in (start, stop)):
            start, stop = parsed(start), parsed(stop)
    numbers = [end for end in (start, stop, step) if isinstance(end, (int, float)) and not isinstance(end, bool)]
    if len(numbers) < 3:
        raise NotEvaluated("range() of anything but numbers")
    if any(isinstance(number, float) for number in numbers):
        return as_list(Value(number) for number in _float_steps(*map(float, numbers)))
    return as_list(Value(number) for number in _steps(start, stop, step))


def _steps(start: Data, stop: Data, step: Data) -> range:
    if not (isinstance(start, int) and isinstance(stop, int) and isinstance(step, int)) or step == 0:
        raise NotEvaluated("range() with a step that is not an integer")
    by, width = abs(step), abs(stop - start)
    if width // by > MOST_ELEMENTS or (width and by > width):
        raise NotEvaluated("range() too long, or with a step that is longer than the range")
    return range(start, stop + 1, by) if start <= stop else range(start, stop - 1, -by)


def _float_steps(start: float, stop: float, step: float) -> list[float]:
    """As ext/standard/array.c counts them: a number of steps that is rounded, and none beyond the end."""
    by, width = abs(step), abs(stop - start)
    if not (math.isfinite(width) and math.isfinite(by)) or by == 0 or width / by > MOST_ELEMENTS or by > width > 0:
        raise NotEvaluated("range() too long, or with a step that is longer than the range")
    count = math.floor(width / by + 1.5)
    if start <= stop:
        return [start, *(number for number in (start + i * by for i in range(1, count)) if number <= stop)]
    return [start, *(number for number in (start - i * by for i in range(1, count)) if number >= stop)]


def _intval(data: Data, base: int = 10) -> int:
    if base != 10 and isinstance(data, str):
        raise NotEvaluated("intval() to another base than ten")
    return to_int(data)


def _of_digits(base: int) -> Callable[[str], int]:
    digits = "0123456789abcdef"[:base]

    def run(text: str) -> int:
        if not text or len(text) > 15 or not set(text.lower()) <= set(digits):
            raise NotEvaluated("a number with a digit that its base does not have, or with many")
        return int(text, base)

    return run


def _type(data: Data) -> str:
    names = {bool: "boolean", int: "integer", float: "double", str: "string", type(None): "NULL"}
    return "array" if isinstance(data, dict) else names[type(data)]


def _is(*types: type) -> Typed:
    return Typed("d", lambda data: data.__class__ in types or (dict in types and isinstance(data, dict)))


def _numeric(data: Data) -> bool:
    return is_numeric(data) if isinstance(data, str) else data.__class__ in (int, float)


NUMBERS: dict[str, Typed] = {
    "floor": Typed("n", _whole(math.floor)),
    "ceil": Typed("n", _whole(math.ceil)),
    "round": Typed("n i=", rounded),
    "abs": Typed("n", lambda number: operators.fit(abs(number))),
    "max": Typed("d d*", _extreme(1)),
    "min": Typed("d d*", _extreme(-1)),
    "intdiv": Typed("i i", _intdiv),
    "fmod": Typed("f f", _fmod),
    "sqrt": Typed("f", _sqrt),
    "pow": Typed("n n", operators.BINARY["**"]),
    "array_sum": Typed("a", _folded("+", 0)),
    "array_product": Typed("a", _folded("*", 1)),
    "range": Typed("d d d=", _range),
    "dechex": Typed("i", lambda number: f"{number % _WORD:x}"),
    "decbin": Typed("i", lambda number: f"{number % _WORD:b}"),
    "decoct": Typed("i", lambda number: f"{number % _WORD:o}"),
    "hexdec": Typed("s", _of_digits(16)),
    "bindec": Typed("s", _of_digits(2)),
    "octdec": Typed("s", _of_digits(8)),
    "is_nan": Typed("f", math.isnan),
    "is_finite": Typed("f", math.isfinite),
    "is_infinite": Typed("f", math.isinf),
    "intval": Typed("d i=", _intval),
    "floatval": Typed("d", to_float),
    "doubleval": Typed("d", to_float),
    "boolval": Typed("d", to_bool),
    "strval": Typed("d", to_str),
    "gettype": Typed("d", _type),
    "is_array": _is(dict),
    "is_string": _is(str),
    "is_bool": _is(bool),
    "is_int": _is(int),
    "is_integer": _is(int),
    "is_long": _is(int),
    "is_float": _is(float),
    "is_double": _is(float),
    "is_null": _is(type(None)),
    "is_scalar": _is(bool, int, float, str),
    "is_numeric": Typed("d", _numeric),
}
"""By lower-case name; arguments and results are plain data."""
