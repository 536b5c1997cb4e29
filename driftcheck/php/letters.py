"""PHP's functions on letters: their case, their kinds and their order. Tests hold each against PHP's answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.php.signatures import Typed
from driftcheck.php.values import NotEvaluated, decoded, encoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Data

_WORDS = " \t\r\n\f\v"


def folded(raw: bytes) -> bytes:
    """Bytes with their ASCII letters in lower case."""
    return raw.lower()


def as_it_is(raw: bytes) -> bytes:
    """Bytes as they are."""
    return raw


def _ascii_case(text: str, change: Callable[[str], str]) -> str:
    """The text with its ASCII letters in another case."""
    return change(text) if text.isascii() else "".join(change(c) if c.isascii() else c for c in text)


def _ucfirst(text: str) -> str:
    return _ascii_case(text[:1], str.upper) + text[1:]


def _lcfirst(text: str) -> str:
    return _ascii_case(text[:1], str.lower) + text[1:]


def _ucwords(text: str, delimiters: str = _WORDS) -> str:
    if not delimiters.isascii() or ".." in delimiters:
        raise NotEvaluated("ucwords() by what is not ASCII, or by a range")
    out = [_ascii_case(text[:1], str.upper)]
    for letter in text[1:]:
        out.append(_ascii_case(letter, str.upper) if out[-1] in delimiters else letter)
    return "".join(out)


def _mb_case(change: Callable[[str], str]) -> Typed:
    def run(text: str) -> str:
        if not text.isascii():
            raise NotEvaluated("the case of letters that are not ASCII")
        return change(text)

    return Typed("s", run)


def _ordered(left: bytes, right: bytes) -> int:
    """The difference of the first bytes that differ, or the order of the lengths."""
    for a, b in zip(left, right, strict=False):
        if a != b:
            return a - b
    return (len(left) > len(right)) - (len(left) < len(right))


def _compared(fold: Callable[[bytes], bytes]) -> Typed:
    return Typed("s s", lambda a, b: _ordered(fold(encoded(a)), fold(encoded(b))))


def _compared_start(fold: Callable[[bytes], bytes]) -> Typed:
    def run(left: str, right: str, size: int) -> int:
        if size < 0:
            raise NotEvaluated("a comparison of fewer bytes than none")
        return _ordered(fold(encoded(left))[:size], fold(encoded(right))[:size])

    return Typed("s s i", run)


def _ctype(characters: str) -> Typed:
    """Whether a string is of ASCII characters of a class alone, and not empty."""

    def run(data: Data) -> bool:
        if not isinstance(data, str):
            raise NotEvaluated("a ctype function of something that is not a string")
        return re.fullmatch(f"[{characters}]+", data) is not None

    return Typed("d", run)


LETTERS: dict[str, Typed] = {
    "strtolower": Typed("s", lambda text: _ascii_case(text, str.lower)),
    "strtoupper": Typed("s", lambda text: _ascii_case(text, str.upper)),
    "mb_strtolower": _mb_case(str.lower),
    "mb_strtoupper": _mb_case(str.upper),
    "ucfirst": Typed("s", _ucfirst),
    "lcfirst": Typed("s", _lcfirst),
    "ucwords": Typed("s s=", _ucwords),
    "strcmp": _compared(as_it_is),
    "strcasecmp": _compared(folded),
    "strncmp": _compared_start(as_it_is),
    "strncasecmp": _compared_start(folded),
    "ord": Typed("s", lambda text: (encoded(text) or b"\0")[0]),
    "chr": Typed("i", lambda number: decoded(bytes([number % 256]))),
    "ctype_digit": _ctype("0-9"),
    "ctype_xdigit": _ctype("0-9A-Fa-f"),
    "ctype_alpha": _ctype("A-Za-z"),
    "ctype_alnum": _ctype("0-9A-Za-z"),
    "ctype_upper": _ctype("A-Z"),
    "ctype_lower": _ctype("a-z"),
    "ctype_space": _ctype(r" \t\n\r\v\f"),
}
"""By lower-case name; arguments and results are plain data."""
