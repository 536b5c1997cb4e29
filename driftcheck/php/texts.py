"""PHP's functions on strings and numbers that configuration calls, on plain data."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import posixpath
import re
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from driftcheck.core.model import Value
from driftcheck.php.values import (
    LONGEST_STRING,
    NotEvaluated,
    compare,
    decoded,
    encoded,
    is_numeric,
    known,
    to_bool,
    to_float,
    to_int,
    to_number,
    to_str,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftcheck.core.model import Array, Data

_DIRECTIVE = re.compile(r"%(?:(\d+)\$)?([-+ 0]|'.)*(\d+)?(?:\.(\d+))?([a-zA-Z%])")


def _bytes(text: Data) -> bytes:
    return encoded(to_str(text))


def _position(find: Callable[[bytes, bytes, int], int]) -> Callable[..., Data]:
    def run(haystack: Data, needle: Data, offset: Data = 0) -> Data:
        raw, wanted, start = _bytes(haystack), _bytes(needle), to_int(offset)
        if not -len(raw) <= start <= len(raw):
            raise NotEvaluated("an offset outside the string")
        found = find(raw, wanted, start if start >= 0 else len(raw) + start)
        return False if found < 0 else found

    return run


def _last(raw: bytes, wanted: bytes, start: int) -> int:
    if start:
        raise NotEvaluated("strrpos() with an offset")
    return raw.rfind(wanted)


def _substr(text: Data, start: Data, length: Data = None) -> str:
    raw, at = _bytes(text), to_int(start)
    at = max(len(raw) + at, 0) if at < 0 else min(at, len(raw))
    end = len(raw)
    if length is not None:
        count = to_int(length)
        end = len(raw) + count if count < 0 else min(at + count, len(raw))
    return decoded(raw[at:end]) if end > at else ""


def _explode(separator: Data, text: Data, limit: Data = None) -> Array:
    by, whole = to_str(separator), to_str(text)
    if not by:
        raise NotEvaluated("explode() by nothing")
    parts = whole.split(by)
    if limit is not None:
        most = to_int(limit)
        if most > 0:
            parts = whole.split(by, most - 1)
        elif most < 0:
            parts = parts[:most]
        else:
            parts = whole.split(by, 0)
    return dict(enumerate(map(Value, parts)))


def _strtr(text: Data, first: Data, second: Data = None) -> str:
    whole = to_str(text)
    if isinstance(first, dict):
        pairs = {to_str(key): to_str(known(item)) for key, item in first.items()}
        if "" in pairs:
            raise NotEvaluated("strtr() of nothing")
        if not pairs:
            return whole
        pattern = "|".join(re.escape(key) for key in sorted(pairs, key=lambda key: -len(encoded(key))))
        return _limited(re.sub(pattern, lambda match: pairs[match[0]], whole))
    old, new = to_str(first), to_str(second)
    if not (old + new).isascii():
        raise NotEvaluated("strtr() of what is not ASCII")
    return whole.translate({ord(a): b for a, b in zip(old, new, strict=False)})


def _limited(text: str) -> str:
    if len(text) > LONGEST_STRING:
        raise NotEvaluated("a string that is too long")
    return text


def _trimmed(strip: Callable[[str, str], str]) -> Callable[..., Data]:
    def run(text: Data, characters: Data = " \t\n\r\0\v") -> str:
        letters = to_str(characters)
        if ".." in letters or not letters.isascii():
            raise NotEvaluated("a range of characters to trim")
        return strip(to_str(text), letters)

    return run


def _sprintf(template: Data, *given: Data) -> str:
    place = iter(range(len(given)))

    def one(match: re.Match[str]) -> str:
        number, flags, width, precision, kind = match.groups()
        if kind == "%":
            return "%"
        if flags or (width and kind not in "dsf"):
            raise NotEvaluated("sprintf() with a flag")
        index = int(number) - 1 if number else next(place, len(given))
        if index >= len(given):
            raise NotEvaluated("sprintf() with too few arguments")
        return _formatted(given[index], kind, precision).rjust(int(width or 0))

    return _limited(_DIRECTIVE.sub(one, to_str(template)))


def _formatted(data: Data, kind: str, precision: str | None) -> str:
    if kind == "s":
        text = to_str(data)
        return text if precision is None else text[: int(precision)]
    if kind == "d":
        return str(to_int(data))
    if kind == "f":
        return f"{to_float(data):.{int(precision or 6)}f}"
    if kind in "xX":
        return format(to_int(data) & (2**64 - 1), kind)
    raise NotEvaluated(f"sprintf() with %{kind}")


def _number(operation: Callable[[float], float]) -> Callable[..., Data]:
    return lambda data: float(operation(to_number(data)))


def _round(data: Data, places: Data = 0) -> Data:
    number, digits = to_number(data), to_int(places)
    if isinstance(number, int) and digits >= 0:
        return float(number)
    if digits:
        raise NotEvaluated("round() to places")
    return math.floor(abs(number) + 0.5) * math.copysign(1.0, number)


def _extreme(sign: int) -> Callable[..., Data]:
    def run(*given: Data) -> Data:
        items: list[Data] = list(given)
        if len(given) == 1:
            if not isinstance(given[0], dict) or not given[0]:
                raise NotEvaluated("max() or min() of nothing")
            items = [known(item) for item in given[0].values()]
        best = items[0]
        for item in items[1:]:
            if compare(item, best) * sign > 0:
                best = item
        return best

    return run


def _version_compare(first: Data, second: Data, sign: Data = None) -> Data:
    order = _version_order(to_str(first), to_str(second))
    if sign is None:
        return order
    tests: dict[str, bool] = {
        "<": order < 0, "lt": order < 0, "<=": order <= 0, "le": order <= 0, ">": order > 0, "gt": order > 0,
        ">=": order >= 0, "ge": order >= 0, "==": order == 0, "eq": order == 0, "!=": order != 0, "ne": order != 0,
    }  # fmt: skip
    if to_str(sign) not in tests:
        raise NotEvaluated("version_compare() with an operator that is not known")
    return tests[to_str(sign)]


def _version_order(first: str, second: str) -> int:
    sides = [re.findall(r"\d+|[^\d.+_-]+", text) for text in (first, second)]
    if any(not part.isdigit() for side in sides for part in side):
        raise NotEvaluated("version_compare() of versions with words")
    left, right = ([int(part) for part in side] for side in sides)
    return (left > right) - (left < right)


def _json_encode(data: Data, flags: Data = 0) -> str:
    if flags not in (0, 64, 256, 320):
        raise NotEvaluated("json_encode() with flags")
    mask = to_int(flags)
    text = json.dumps(_plain(data), ensure_ascii=not mask & 256, separators=(",", ":"), allow_nan=False)
    return text if mask & 64 else text.replace("/", "\\/")


def _plain(data: Data) -> Any:  # noqa: ANN401 - JSON
    if isinstance(data, float):
        raise NotEvaluated("json_encode() of a float")
    if not isinstance(data, dict):
        return data
    items = {key: _plain(known(item)) for key, item in data.items()}
    return list(items.values()) if list(items) == list(range(len(items))) else {str(k): v for k, v in items.items()}


def _json_decode(text: Data, associative: Data = None) -> Data:
    if not to_bool(associative):
        raise NotEvaluated("json_decode() to objects")
    try:
        return _php(json.loads(to_str(text))).data
    except (ValueError, RecursionError):
        raise NotEvaluated("json_decode() of what is no JSON") from None


def _php(data: Any) -> Value:  # noqa: ANN401 - JSON
    if isinstance(data, list):
        return Value(dict(enumerate(map(_php, data))))
    if isinstance(data, dict):
        from driftcheck.php.values import array_key

        return Value({array_key(key): _php(item) for key, item in data.items()})
    return Value(data)


def _basename(path: Data, suffix: Data = "") -> str:
    text = to_str(path).rstrip("/")
    name, end = posixpath.basename(text), to_str(suffix)
    return name[: -len(end)] if end and name.endswith(end) and name != end else name


def _hashed(name: str) -> Callable[[Data], Data]:
    return lambda text: hashlib.new(name, _bytes(text), usedforsecurity=False).hexdigest()


TEXTS: dict[str, Callable[..., Data]] = {
    "strpos": _position(bytes.find),
    "stripos": _position(lambda raw, wanted, start: raw.lower().find(wanted.lower(), start)),
    "strrpos": _position(_last),
    "substr": _substr,
    "substr_count": lambda text, needle: _bytes(text).count(_bytes(needle)),
    "str_starts_with": lambda text, start: to_str(text).startswith(to_str(start)),
    "str_ends_with": lambda text, end: to_str(text).endswith(to_str(end)),
    "str_contains": lambda text, part: to_str(part) in to_str(text),
    "explode": _explode,
    "strtr": _strtr,
    "ltrim": _trimmed(str.lstrip),
    "rtrim": _trimmed(str.rstrip),
    "trim": _trimmed(str.strip),
    "lcfirst": lambda text: to_str(text)[:1].lower() + to_str(text)[1:] if to_str(text)[:1].isascii() else to_str(text),
    "strrev": lambda text: decoded(_bytes(text)[::-1]),
    "strcmp": lambda a, b: (_bytes(a) > _bytes(b)) - (_bytes(a) < _bytes(b)),
    "sprintf": _sprintf,
    "rawurlencode": lambda text: quote(_bytes(text), safe="-_.~"),
    "urlencode": lambda text: quote_plus(_bytes(text), safe="-_.").replace("~", "%7E"),
    "rawurldecode": lambda text: unquote(to_str(text), errors="strict"),
    "urldecode": lambda text: unquote_plus(to_str(text), errors="strict"),
    "md5": _hashed("md5"),
    "sha1": _hashed("sha1"),
    "crc32": lambda text: zlib.crc32(_bytes(text)),
    "base64_encode": lambda text: base64.b64encode(_bytes(text)).decode(),
    "basename": _basename,
    "version_compare": _version_compare,
    "json_encode": _json_encode,
    "json_decode": _json_decode,
    "floor": _number(math.floor),
    "ceil": _number(math.ceil),
    "round": _round,
    "abs": lambda data: abs(to_number(data)),
    "max": _extreme(1),
    "min": _extreme(-1),
    "is_numeric": lambda data: (
        (isinstance(data, (int, float)) and not isinstance(data, bool)) or (isinstance(data, str) and is_numeric(data))
    ),
    "is_float": lambda data: isinstance(data, float),
    "floatval": to_float,
    "strval": to_str,
    "ord": lambda text: (_bytes(text) or b"\0")[0],
    "chr": lambda number: decoded(bytes([to_int(number) % 256])),
    "mb_strlen": lambda text: len(to_str(text)),
    "preg_quote": lambda text: (
        re.sub(r"([.\\+*?\[^\]$(){}=!<>|:\-#/])", r"\\\1", to_str(text))
        if "/" not in to_str(text)
        else _refused("preg_quote()")
    ),
}
"""By lower-case name; arguments and results are plain data."""


def _refused(name: str) -> Data:
    raise NotEvaluated(f"{name} is not followed here")
