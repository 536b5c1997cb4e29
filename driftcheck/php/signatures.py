"""What PHP makes of an argument before a built-in function sees it: one conversion for each declared type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Input, Parts
from driftcheck.php.values import INT_MAX, INT_MIN, NotEvaluated, is_numeric, to_bool, to_number, to_str

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftcheck.core.model import Array, Data

MOST_ELEMENTS = 100_000
"""A function that would give an array of more elements is not followed."""


class Typed:
    """A function that is given its arguments as PHP converts them, outside of ``strict_types``.

    A signature is a word for each parameter: ``s`` string, ``i`` integer, ``f`` float, ``n`` integer or float, ``b``
    bool, ``a`` array, ``d`` anything; ``?`` before it allows null, ``=`` behind it makes it optional, ``*`` behind
    it takes any number.
    """

    __slots__ = ("_convert", "_function", "_least", "_rest", "signature")

    def __init__(self, signature: str, function: Callable[..., Data]) -> None:
        words = signature.split()
        self.signature = signature
        self._function = function
        self._convert = [_converter(word) for word in words if not word.endswith("*")]
        self._rest = _converter(words[-1]) if words[-1].endswith("*") else None
        self._least = sum(word[-1] not in "=*" for word in words)

    def __call__(self, *given: Data) -> Data:
        """What the function gives. Raises NotEvaluated where PHP warns or throws: a wrong type, or number of arguments."""
        fixed = len(self._convert)
        if len(given) < self._least or (self._rest is None and len(given) > fixed):
            raise NotEvaluated("a number of arguments that the function does not take")
        ready = [convert(item) for convert, item in zip(self._convert, given, strict=False)]
        if self._rest is not None:
            ready += map(self._rest, given[fixed:])
        return self._function(*ready)

    def takes(self, given: Sequence[Data]) -> bool:
        """Whether the arguments are of the types that are declared, so that none is converted."""
        words = self.signature.split()
        return all(_exact(item, words[min(number, len(words) - 1)]) for number, item in enumerate(given))


def _exact(data: Data, word: str) -> bool:
    kinds = _EXACT[word.strip("?=*")]
    held = dict if isinstance(data, dict) else data.__class__
    return not kinds or held in kinds or (data is None and word.startswith("?"))


def _converter(word: str) -> Callable[[Data], Any]:
    convert = _CONVERTERS[word.strip("?=*")]
    return (lambda data: None if data is None else convert(data)) if word.startswith("?") else convert


def _integer(data: Data) -> int:
    number = _numeric(data)
    if isinstance(number, int):
        return number
    if not (number.is_integer() and INT_MIN <= number < INT_MAX):
        raise NotEvaluated("a float with a fraction, or too large, as an integer argument")
    return int(number)


def _numeric(data: Data) -> int | float:
    if isinstance(data, str) and not is_numeric(data):
        raise NotEvaluated("a text as the argument of a function of numbers")
    return to_number(data)


def _array(data: Data) -> Array:
    if not isinstance(data, dict):
        raise NotEvaluated("an array function on something else")
    return data


def _truth(data: Data) -> bool:
    return to_bool(_scalar(data))


def _scalar(data: Data) -> Data:
    if isinstance(data, dict):
        raise NotEvaluated("an array as the argument of a function of scalars")
    return _anything(data)


def _anything(data: Data) -> Data:
    if isinstance(data, (Input, Parts)):
        raise NotEvaluated("an input as an argument")
    return data


_CONVERTERS: dict[str, Callable[[Data], Any]] = {
    "s": to_str,
    "i": _integer,
    "f": lambda data: float(_numeric(data)),
    "n": _numeric,
    "b": _truth,
    "a": _array,
    "d": _anything,
}
_EXACT: dict[str, tuple[type, ...]] = {
    "s": (str,),
    "i": (int,),
    "f": (int, float),
    "n": (int, float),
    "b": (bool,),
    "a": (dict,),
    "d": (),
}
