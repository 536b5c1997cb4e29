"""PHP's operators and casts, by their spelling.

Every rule is decided by PHP 8.2's answer in ``fixtures/php``. Operands are plain data (arrays are dicts of
results); an operation that PHP refuses, or that is not modelled, raises :class:`NotEvaluated`.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING

from driftcheck.core.sizes import TOO_LONG
from driftcheck.php.values import (
    INT_MAX,
    INT_MIN,
    LONGEST_STRING,
    NotEvaluated,
    compare,
    identical,
    to_array,
    to_bool,
    to_float,
    to_int,
    to_number,
    to_str,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Array, Data

_WORD = 2**64 - 1
_FLOAT_LIMIT = 2.0**63


def fit(number: int | float) -> int | float:  # noqa: PYI041 - which of the two it is decides
    """An integer that overflows PHP's 64 bits becomes a float."""
    if not isinstance(number, int) or INT_MIN <= number <= INT_MAX:
        return number
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def union(left: Array, right: Array) -> Array:
    """``$left + $right``: the left side's keys win, nested arrays are not merged."""
    return {**left, **{key: item for key, item in right.items() if key not in left}}


def concatenated(pieces: list[str]) -> str:
    """The pieces as one string. Raises NotEvaluated where that would be too long."""
    if sum(map(len, pieces)) > LONGEST_STRING:
        raise NotEvaluated(TOO_LONG)
    return "".join(pieces)


def _arithmetic(operation: Callable[[float, float], float]) -> Callable[[Data, Data], Data]:
    def apply(left: Data, right: Data) -> Data:
        a, b = to_number(left), to_number(right)
        result = operation(a, b)
        if not isinstance(result, int) or INT_MIN <= result <= INT_MAX:
            return result
        # PHP computes again in floats, which rounds differently from converting the exact integer.
        return operation(float(a), float(b))

    return apply


_sum = _arithmetic(operator.add)


def _add(left: Data, right: Data) -> Data:
    if isinstance(left, dict) and isinstance(right, dict):
        return union(left, right)
    return _sum(left, right)


def _divide(left: Data, right: Data) -> Data:
    a, b = to_number(left), to_number(right)
    if b == 0:
        raise NotEvaluated("division by zero")
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return fit(a // b)
    return float(a) / float(b)


def _whole(data: Data) -> int:
    """An operand of an operator that works on integers."""
    number = to_number(data)
    if isinstance(number, float):
        if isinstance(data, str) and not -_FLOAT_LIMIT < number < _FLOAT_LIMIT:
            raise NotEvaluated("a number that does not fit into an integer")
        return wrapped(number)
    return number


def _modulo(left: Data, right: Data) -> Data:
    a, b = _whole(left), _whole(right)
    if b == 0:
        raise NotEvaluated("modulo by zero")
    remainder = abs(a) % abs(b)
    return -remainder if a < 0 else remainder


def _power(left: Data, right: Data) -> Data:
    a, b = to_number(left), to_number(right)
    if isinstance(a, int) and isinstance(b, int) and b >= 0:
        return _integer_power(a, b)
    return _float_power(float(a), float(b))


def _integer_power(base: int, exponent: int) -> Data:
    """By squaring, and in floats from the first product that overflows (Zend/zend_operators.c, pow_function_base)."""
    product, square = 1, base
    while exponent > 0:
        if exponent % 2:
            exponent -= 1
            if not INT_MIN <= product * square <= INT_MAX:
                return float(product) * float(square) * _float_power(float(square), float(exponent))
            product *= square
        else:
            exponent //= 2
            if not INT_MIN <= square * square <= INT_MAX:
                return float(product) * _float_power(float(square) * float(square), float(exponent))
            square *= square
    return product


def _float_power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        # C's pow(): a negative base with a fraction is NAN, zero with a negative exponent is an infinity.
        if base != 0:
            return math.nan
        return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf


def _bits(operation: Callable[[int, int], int]) -> Callable[[Data, Data], Data]:
    def apply(left: Data, right: Data) -> Data:
        if isinstance(left, str) and isinstance(right, str):
            raise NotEvaluated("bit operations on strings")
        result = operation(_whole(left), _whole(right)) & _WORD
        return result - 2**64 if result > INT_MAX else result

    return apply


def _shift_left(left: int, right: int) -> int:
    if right < 0:
        raise NotEvaluated("a shift by a negative number")
    return left << right if right < 64 else 0


def _shift_right(left: int, right: int) -> int:
    if right < 0:
        raise NotEvaluated("a shift by a negative number")
    return left >> min(right, 64)


BINARY: dict[str, Callable[[Data, Data], Data]] = {
    "+": _add,
    "-": _arithmetic(operator.sub),
    "*": _arithmetic(operator.mul),
    "/": _divide,
    "%": _modulo,
    "**": _power,
    ".": lambda a, b: concatenated([to_str(a), to_str(b)]),
    "|": _bits(operator.or_),
    "&": _bits(operator.and_),
    "^": _bits(operator.xor),
    "<<": _bits(_shift_left),
    ">>": _bits(_shift_right),
    "==": lambda a, b: compare(a, b) == 0,
    "!=": lambda a, b: compare(a, b) != 0,
    "<>": lambda a, b: compare(a, b) != 0,
    "===": identical,
    "!==": lambda a, b: not identical(a, b),
    "<": lambda a, b: compare(a, b) < 0,
    "<=": lambda a, b: compare(a, b) <= 0,
    # PHP swaps the sides of these two, which matters for what cannot be compared.
    ">": lambda a, b: compare(b, a) < 0,
    ">=": lambda a, b: compare(b, a) <= 0,
    "<=>": compare,
    "xor": lambda a, b: to_bool(a) != to_bool(b),
}

COMPARISONS = {"==", "!=", "<>", "<", "<=", ">", ">="}
"""The operators that compare by PHP's rules for mixed types, with an answer that is true or false."""

CASTS: dict[str, Callable[[Data], Data]] = {
    "int": to_int,
    "integer": to_int,
    "float": to_float,
    "double": to_float,
    "string": to_str,
    "binary": to_str,
    "bool": to_bool,
    "boolean": to_bool,
    "array": to_array,
}
