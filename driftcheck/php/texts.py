"""PHP's functions on strings, on plain data. Tests hold each against PHP's answers.

PHP counts bytes. Where a result would cut a character of several bytes in two, the function raises NotEvaluated.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core.model import Value
from driftcheck.core.sizes import TOO_LONG
from driftcheck.php.letters import as_it_is, folded
from driftcheck.php.signatures import MOST_ELEMENTS, Typed
from driftcheck.php.values import INT_MAX, INT_MIN, LONGEST_STRING, NotEvaluated, decoded, encoded, known, to_str

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Array, Data

_SPACE = " \t\n\r\0\v"


_MOST_SCANNED, _MOST_TIMES = 10_000_000, 100_000
"""The characters that the searches of one text may look at together, and the searches in an array of texts."""


def limited(length: int) -> None:
    """Check the length that a string will have. Raises NotEvaluated where it would be too long."""
    if length > LONGEST_STRING:
        raise NotEvaluated(TOO_LONG)


# -- where something is ------------------------------------------------------------------------------------------------


def _first(fold: Callable[[bytes], bytes]) -> Callable[..., Data]:
    def run(haystack: str, needle: str, offset: int = 0) -> Data:
        raw, wanted = fold(encoded(haystack)), fold(encoded(needle))
        if not -len(raw) <= offset <= len(raw):
            raise NotEvaluated("an offset outside the string")
        found = raw.find(wanted, offset if offset >= 0 else len(raw) + offset)
        return False if found < 0 else found

    return run


def _last(fold: Callable[[bytes], bytes]) -> Callable[..., Data]:
    def run(haystack: str, needle: str, offset: int = 0) -> Data:
        raw, wanted = fold(encoded(haystack)), fold(encoded(needle))
        if not -len(raw) <= offset <= len(raw):
            raise NotEvaluated("an offset outside the string")
        end = len(raw) + offset + len(wanted) if offset < 0 else len(raw)
        found = raw.rfind(wanted, max(offset, 0), min(end, len(raw)))
        return False if found < 0 else found

    return run


def _from_first(fold: Callable[[bytes], bytes]) -> Callable[..., Data]:
    def run(haystack: str, needle: str, before: bool = False) -> Data:
        raw = encoded(haystack)
        at = fold(raw).find(fold(encoded(needle)))
        return False if at < 0 else decoded(raw[:at] if before else raw[at:])

    return run


def _from_last(haystack: str, needle: str) -> Data:
    """``strrchr()``, which looks for the first byte of the needle alone."""
    raw = encoded(haystack)
    at = raw.rfind(encoded(needle)[:1] or b"\0")
    return False if at < 0 else decoded(raw[at:])


def _occurrences(text: str, needle: str) -> int:
    if not needle:
        raise NotEvaluated("substr_count() of nothing")
    return text.count(needle)


def _span(inside: bool) -> Callable[[str, str], int]:
    """How many bytes at the beginning are among those given, or are not."""

    def run(text: str, characters: str) -> int:
        raw, wanted = encoded(text), set(encoded(characters))
        if not inside and 0 in raw:
            raise NotEvaluated("strcspn() of a zero byte")
        return next((n for n, byte in enumerate(raw) if (byte in wanted) is not inside), len(raw))

    return run


# -- parts -------------------------------------------------------------------------------------------------------------


def _bounds(size: int, start: int, length: int | None) -> tuple[int, int]:
    """Where a part begins and ends that is told by an offset and a length, as substr() and its kin read them."""
    at = max(size + start, 0) if start < 0 else min(start, size)
    end = size if length is None else size + length if length < 0 else min(at + length, size)
    return at, max(end, at)


def _substr(text: str, start: int, length: int | None = None) -> str:
    raw = encoded(text)
    at, end = _bounds(len(raw), start, length)
    return decoded(raw[at:end])


def _mb_substr(text: str, start: int, length: int | None = None) -> str:
    if INT_MIN in (start, length):
        raise NotEvaluated("mb_substr() of the smallest integer")
    at, end = _bounds(len(text), start, length)
    return text[at:end]


def _substr_replace(text: str, replacement: str, start: int, length: int | None = None) -> str:
    raw = encoded(text)
    at, end = _bounds(len(raw), start, length)
    return decoded(raw[:at] + encoded(replacement) + raw[end:])


def _explode(separator: str, text: str, limit: int = INT_MAX) -> Array:
    if not separator or text.count(separator) > MOST_ELEMENTS:
        raise NotEvaluated("explode() by nothing, or into too many parts")
    parts = text.split(separator) if limit < 0 else text.split(separator, max(limit, 1) - 1)
    return _listed(parts[:limit] if limit < 0 else parts)


def _listed(parts: list[str]) -> Array:
    return dict(enumerate(map(Value, parts)))


def _str_split(text: str, size: int = 1) -> Array:
    raw = encoded(text)
    if size < 1 or not raw or len(raw) // size > MOST_ELEMENTS:
        raise NotEvaluated("str_split() of nothing, or into parts of nothing, or into too many")
    return _listed([decoded(raw[at : at + size]) for at in range(0, len(raw), size)])


def _trimmed(strip: Callable[[str, str], str]) -> Typed:
    def run(text: str, characters: str = _SPACE) -> str:
        if ".." in characters or not characters.isascii():
            raise NotEvaluated("a range of characters to trim")
        return strip(text, characters)

    return Typed("s s=", run)


# -- texts made of texts -----------------------------------------------------------------------------------------------


def _implode(glue: Data, pieces: Array | None = None) -> str:
    if pieces is None:
        glue, pieces = "", glue  # type: ignore[assignment]
    if not isinstance(pieces, dict):
        raise NotEvaluated("implode() of something that is not an array")
    separator, texts = to_str(glue), [to_str(known(item)) for item in pieces.values()]
    limited(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _replacing(once: Callable[[str, str, str], str]) -> Typed:
    """``str_replace()``: one search after the other, each in the result of the one before."""

    def each(search: Data, replace: Data, subject: Data) -> str:
        text = to_str(subject)
        if isinstance(search, dict) and len(search) * len(text) > _MOST_SCANNED:
            raise NotEvaluated("str_replace() of too many texts")
        if not isinstance(search, dict):
            return once(text, to_str(search), to_str(replace))
        fills = [to_str(known(item)) for item in replace.values()] if isinstance(replace, dict) else None
        for number, item in enumerate(search.values()):
            fill = to_str(replace) if fills is None else fills[number] if number < len(fills) else ""
            text = once(text, to_str(known(item)), fill)
        return text

    def run(search: Data, replace: Data, subject: Data) -> Data:
        if isinstance(replace, dict) and not isinstance(search, dict):
            raise NotEvaluated("str_replace() of one text by several")
        if isinstance(subject, dict):
            if len(subject) * (len(search) if isinstance(search, dict) else 1) > _MOST_TIMES:
                raise NotEvaluated("str_replace() of too many texts")
            return {key: Value(each(search, replace, known(item))) for key, item in subject.items()}
        return each(search, replace, subject)

    return Typed("d d d", run)


def _replaced(text: str, search: str, replace: str) -> str:
    if not search:
        return text
    limited(len(text) + text.count(search) * len(replace))
    return text.replace(search, replace)


def _replaced_in_any_case(text: str, search: str, replace: str) -> str:
    if not (text.isascii() and search.isascii()):
        raise NotEvaluated("str_ireplace() of what is not ASCII")
    if not search:
        return text
    limited(len(text) + text.lower().count(search.lower()) * len(replace))
    return re.sub(re.escape(search), lambda _: replace, text, flags=re.IGNORECASE | re.ASCII)


def _strtr(text: str, first: Data, second: str | None = None) -> str:
    if second is None:
        if not isinstance(first, dict):
            raise NotEvaluated("strtr() without what it puts in")
        return _translated(text, {to_str(key): to_str(known(item)) for key, item in first.items()})
    old = to_str(first)
    if not (old + second).isascii():
        raise NotEvaluated("strtr() of what is not ASCII")
    return text.translate({ord(a): b for a, b in zip(old, second, strict=False)})


def _translated(text: str, pairs: dict[str, str]) -> str:
    """At each place the longest key counts, and what is put in is not looked at again."""
    if "" in pairs:
        raise NotEvaluated("strtr() of nothing")
    if not pairs:
        return text
    if len(pairs) * max(len(text), len(pairs)) > _MOST_SCANNED:
        raise NotEvaluated("strtr() of too many texts")
    limited(len(text) * max(1, *map(len, pairs.values())))
    pattern = "|".join(re.escape(key) for key in sorted(pairs, key=lambda key: -len(encoded(key))))
    return re.sub(pattern, lambda match: pairs[match[0]], text)


def _repeat(text: str, times: int) -> str:
    if times < 0:
        raise NotEvaluated("str_repeat() less than never")
    limited(len(text) * times)
    return text * times


def _pad(text: str, size: int, fill: str = " ", side: int = 1) -> str:
    """The sides are STR_PAD_LEFT 0, STR_PAD_RIGHT 1 and STR_PAD_BOTH 2."""
    missing = size - len(encoded(text))
    if not fill or not fill.isascii() or side not in (0, 1, 2):
        raise NotEvaluated("str_pad() with nothing, with what is not ASCII, or on a side that is not known")
    if missing <= 0:
        return text
    limited(size)
    left = (missing, 0, missing // 2)[side]
    return _filled(fill, left) + text + _filled(fill, missing - left)


def _filled(fill: str, size: int) -> str:
    return (fill * (size // len(fill) + 1))[:size]


TEXTS: dict[str, Typed] = {
    "strpos": Typed("s s i=", _first(as_it_is)),
    "stripos": Typed("s s i=", _first(folded)),
    "strrpos": Typed("s s i=", _last(as_it_is)),
    "strripos": Typed("s s i=", _last(folded)),
    "strstr": Typed("s s b=", _from_first(as_it_is)),
    "stristr": Typed("s s b=", _from_first(folded)),
    "strrchr": Typed("s s", _from_last),
    "str_starts_with": Typed("s s", str.startswith),
    "str_ends_with": Typed("s s", str.endswith),
    "str_contains": Typed("s s", lambda text, part: part in text),
    "substr_count": Typed("s s", _occurrences),
    "strspn": Typed("s s", _span(inside=True)),
    "strcspn": Typed("s s", _span(inside=False)),
    "substr": Typed("s i ?i=", _substr),
    "mb_substr": Typed("s i ?i=", _mb_substr),
    "substr_replace": Typed("s s i ?i=", _substr_replace),
    "explode": Typed("s s i=", _explode),
    "str_split": Typed("s i=", _str_split),
    "trim": _trimmed(str.strip),
    "ltrim": _trimmed(str.lstrip),
    "rtrim": _trimmed(str.rstrip),
    "chop": _trimmed(str.rstrip),
    "implode": Typed("d ?a=", _implode),
    "join": Typed("d ?a=", _implode),
    "str_replace": _replacing(_replaced),
    "str_ireplace": _replacing(_replaced_in_any_case),
    "strtr": Typed("s d ?s=", _strtr),
    "str_repeat": Typed("s i", _repeat),
    "str_pad": Typed("s i s= i=", _pad),
    "strrev": Typed("s", lambda text: decoded(encoded(text)[::-1])),
    "strlen": Typed("s", lambda text: len(encoded(text))),
    "mb_strlen": Typed("s", len),
}
"""By lower-case name; arguments and results are plain data."""
