"""PHP's ``sprintf()`` and its kin, and the order of versions, on plain data. Tests hold each against PHP's answers."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from driftcheck.php.numbers import rounded
from driftcheck.php.signatures import Typed
from driftcheck.php.texts import limited
from driftcheck.php.values import NotEvaluated, decoded, encoded, known, to_float, to_int, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Array, Data

_DIRECTIVE = r"(?s)%(?:%|(?:(\d{1,3})\$)?((?:[-+ 0]|'[\x00-\x7f])*)(\d{1,6})?(?:\.(\d{1,2}))?([bcdeEfFgGosuxX])?)"
_FLAG = r"(?s)'(.)|([-+ 0])"
_BASES = {"x": "x", "X": "X", "o": "o", "b": "b", "u": "d"}
_MOST_DIGITS = 40


def _sprintf(template: str, *given: Data) -> str:
    places = iter(range(len(given)))
    out: list[str] = []
    size = at = 0
    for match in re.finditer(_DIRECTIVE, template):
        out += (template[at : match.start()], _directive(match, given, places))
        size += len(out[-1]) + len(out[-2])
        limited(size)
        at = match.end()
    return "".join(out) + template[at:]


def _directive(match: re.Match[str], given: tuple[Data, ...], places: object) -> str:
    if match[0] == "%%":
        return "%"
    number, flags, width, precision, kind = match.groups()
    if kind is None:
        raise NotEvaluated("sprintf() with a directive that is not known")
    index = int(number) - 1 if number else next(places, len(given))  # type: ignore[call-overload]
    if not 0 <= index < len(given):
        raise NotEvaluated("sprintf() with too few arguments")
    fill, left, plus = " ", False, False
    for own, flag in re.findall(_FLAG, flags):
        fill = own or (flag if flag in " 0" else fill)
        left, plus = left or flag == "-", plus or flag == "+"
    if left and fill == "0" and kind in "du":
        fill = " "
    text = _formatted(given[index], kind, None if precision is None else int(precision), plus)
    if kind == "c":
        return text
    return _padded(text, int(width or 0), fill, left, signed=kind in "dfF" and text[:1] in ("-", "+"))


def _padded(text: str, width: int, fill: str, left: bool, signed: bool) -> str:
    missing = width - len(encoded(text))
    if missing <= 0:
        return text
    if left:
        return text + fill * missing
    if fill == "0" and signed:
        return text[0] + fill * missing + text[1:]
    return fill * missing + text


def _formatted(data: Data, kind: str, precision: int | None, plus: bool) -> str:
    if isinstance(data, dict):
        raise NotEvaluated("sprintf() of an array")
    if kind == "s":
        text = to_str(data)
        return text if precision is None else decoded(encoded(text)[:precision])
    if kind in "fF":
        return _decimal(to_float(data), 6 if precision is None else precision, plus)
    if precision is not None:
        raise NotEvaluated("sprintf() of an integer with a precision")
    if kind == "d":
        number = to_int(data)
        return f"{number:+d}" if plus and number >= 0 else str(number)
    if kind == "c":
        return decoded(bytes([to_int(data) % 256]))
    if kind in _BASES:
        return format(to_int(data) % 2**64, _BASES[kind])
    raise NotEvaluated(f"sprintf() with %{kind}")


def _decimal(number: float, precision: int, plus: bool) -> str:
    if not math.isfinite(number) or abs(number) >= 1e15 or precision > _MOST_DIGITS:
        raise NotEvaluated("sprintf() of a very large number, or with many digits")
    text = f"{abs(number) if number == 0 else number:.{precision}f}"
    return "+" + text if plus and not text.startswith("-") else text


def _vsprintf(template: str, given: Array) -> str:
    return _sprintf(template, *map(known, given.values()))


def _number_format(number: float, places: int = 0, point: str | None = ".", comma: str | None = ",") -> str:
    digits = max(places, 0)
    if not math.isfinite(number):
        raise NotEvaluated("number_format() of what is not finite")
    text = f"{abs(rounded(number, digits)):,.{digits}f}"
    sign = "-" if rounded(number, digits) < 0 else ""
    whole, _, fraction = text.partition(".")
    whole = whole.replace(",", "," if comma is None else comma)
    return sign + whole + (("." if point is None else point) + fraction if digits else "")


# -- versions ----------------------------------------------------------------------------------------------------------

_NUMBER = "#N#"
_FORMS = (
    ("dev", 0),
    ("alpha", 1),
    ("a", 1),
    ("beta", 2),
    ("b", 2),
    ("RC", 3),
    ("rc", 3),
    ("#", 4),
    ("pl", 5),
    ("p", 5),
)
_TESTS: dict[str, Callable[[int], bool]] = {
    **dict.fromkeys(("<", "lt"), lambda order: order < 0), **dict.fromkeys(("<=", "le"), lambda order: order <= 0),
    **dict.fromkeys((">", "gt"), lambda order: order > 0), **dict.fromkeys((">=", "ge"), lambda order: order >= 0),
    **dict.fromkeys(("==", "eq"), lambda order: order == 0), **dict.fromkeys(("!=", "<>", "ne"), lambda order: order != 0),
}  # fmt: skip


def _version_compare(first: str, second: str, sign: str | None = None) -> Data:
    order = _version_order(first, second)
    if sign is None:
        return order
    if sign not in _TESTS:
        raise NotEvaluated("version_compare() with an operator that is not known")
    return _TESTS[sign](order)


def _version_order(first: str, second: str) -> int:
    """As ext/standard/versioning.c orders them: part by part, numbers as numbers, words by their rank."""
    if not (first and second):
        return bool(first) - bool(second)
    return _parts_order(_version_parts(first), _version_parts(second))


def _parts_order(left: list[str], right: list[str]) -> int:
    """What one side has more is held against a number, which stands for a release: ``1.0-rc1`` comes before ``1.0``."""
    for a, b in zip(left, right, strict=False):
        order = _part_order(a, b)
        if order:
            return order
    if len(left) > len(right):
        rest = left[len(right) :]
        return 1 if rest[0].isdigit() else _parts_order(rest, [_NUMBER])
    return -_parts_order(right, left) if len(right) > len(left) else 0


def _version_parts(text: str) -> list[str]:
    if (
        not re.fullmatch(r"[0-9A-Za-z]+(?:[-+_.]?[0-9A-Za-z])*", text)
        or max(map(len, re.findall(r"\d+", text)), default=0) > 15
    ):
        raise NotEvaluated("version_compare() of what does not look like a version")
    return re.findall(r"\d+|[A-Za-z]+", text)


def _part_order(left: str, right: str) -> int:
    if left.isdigit() and right.isdigit():
        return (int(left) > int(right)) - (int(left) < int(right))
    a, b = (_rank(_NUMBER if part.isdigit() else part) for part in (left, right))
    return (a > b) - (a < b)


def _rank(word: str) -> int:
    return next((rank for form, rank in _FORMS if word.startswith(form)), -1)


FORMATS: dict[str, Typed] = {
    "sprintf": Typed("s d*", _sprintf),
    "vsprintf": Typed("s a", _vsprintf),
    "number_format": Typed("f i= ?s= ?s=", _number_format),
    "version_compare": Typed("s s ?s=", _version_compare),
}
"""By lower-case name; arguments and results are plain data."""
