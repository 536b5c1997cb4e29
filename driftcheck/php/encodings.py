"""PHP's JSON, HTML, URLs, paths and hashes, on plain data. Tests hold each against PHP's answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from driftcheck.core.model import Value, is_list
from driftcheck.php.signatures import Typed
from driftcheck.php.texts import limited
from driftcheck.php.values import NotEvaluated, array_key, decoded, encoded, known, parsed, to_str

if TYPE_CHECKING:
    from driftcheck.core.model import Array, Data

_ASSOCIATIVE, _SLASHES, _PRETTY, _UNICODE, _FRACTION, _THROW = 1, 64, 128, 256, 1024, 4194304
_DEEPEST = 100
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#039;"})
_QUOTED = r".\+*?[^]$(){}=!<>|:-#"
_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
_URL = (
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?//([A-Za-z0-9._-]+)(?::([1-9][0-9]{0,3}))?(/[^?#\x00-\x20\x7f]*)?"
    r"(?:\?([^#\x00-\x20\x7f]*))?(?:#([^\x00-\x20\x7f]*))?"
)
_URL_PARTS = ("scheme", "host", "port", "path", "query", "fragment")
_URL_COMPONENTS = {0: "scheme", 1: "host", 2: "port", 3: "user", 4: "pass", 5: "path", 6: "query", 7: "fragment"}


# -- JSON --------------------------------------------------------------------------------------------------------------


def _json_encode(data: Data, flags: int = 0) -> str:
    if flags & ~(_SLASHES | _PRETTY | _UNICODE | _FRACTION | _THROW):
        raise NotEvaluated("json_encode() with flags that are not followed")
    import json

    ready = _to_json(data, bool(flags & _FRACTION), 0)
    style: dict[str, Any] = {"indent": 4} if flags & _PRETTY else {"separators": (",", ":")}
    text = json.dumps(ready, ensure_ascii=not flags & _UNICODE, allow_nan=False, **style)
    limited(len(text))
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return text if flags & _SLASHES else text.replace("/", "\\/")


def _to_json(data: Data, fraction: bool, depth: int) -> Any:  # noqa: ANN401 - JSON
    if depth > _DEEPEST:
        raise NotEvaluated("json_encode() of a deep array")
    if isinstance(data, dict):
        items = {key: _to_json(known(item), fraction, depth + 1) for key, item in data.items()}
        return list(items.values()) if is_list(data) else {_checked(str(key)): item for key, item in items.items()}
    if isinstance(data, float):
        if not 1e-4 <= abs(data) < 1e15 and data:
            raise NotEvaluated("json_encode() of a very large or very small float")
        if data == 0 and str(data).startswith("-"):
            raise NotEvaluated("json_encode() of minus zero")
        return int(data) if data.is_integer() and not fraction else data
    if isinstance(data, str):
        return _checked(data)
    if data is None or isinstance(data, (bool, int)):
        return data
    raise NotEvaluated("json_encode() of an input")


def _checked(text: str) -> str:
    """A text that is UTF-8, as JSON must be."""
    return decoded(encoded(text))


def _json_decode(text: str, associative: bool | None = None, depth: int = 512, flags: int = 0) -> Data:
    if not (associative or (associative is None and flags & _ASSOCIATIVE)):
        raise NotEvaluated("json_decode() to objects")
    if flags & ~(_ASSOCIATIVE | _THROW) or depth != 512:
        raise NotEvaluated("json_decode() with flags that are not followed")
    import json

    try:
        return _from_json(json.loads(text, parse_int=_json_integer, parse_constant=_no_constant), 0).data
    except (ValueError, RecursionError):
        raise NotEvaluated("json_decode() of what is no JSON") from None


def _json_integer(digits: str) -> int | float:
    if digits == "-0":
        raise NotEvaluated("json_decode() of minus zero")
    return parsed(digits)


def _no_constant(name: str) -> None:
    raise NotEvaluated(f"json_decode() of {name}")


def _from_json(data: Any, depth: int) -> Value:  # noqa: ANN401 - JSON
    if depth > _DEEPEST:
        raise NotEvaluated("json_decode() of a deep array")
    if isinstance(data, list):
        return Value({n: _from_json(item, depth + 1) for n, item in enumerate(data)})
    if isinstance(data, dict):
        return Value({array_key(_whole(key)): _from_json(item, depth + 1) for key, item in data.items()})
    return Value(_whole(data) if isinstance(data, str) else data)


def _whole(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotEvaluated("json_decode() of half a character") from None
    return text


# -- URLs and paths ----------------------------------------------------------------------------------------------------


def _percent(raw: bytes, plain: bytes) -> str:
    return "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in raw)


def _rawurlencode(text: str) -> str:
    return _percent(encoded(text), _UNRESERVED + b"~")


def _urldecode(text: str) -> str:
    return _rawurldecode(text.replace("+", " "))


def _rawurldecode(text: str) -> str:
    return decoded(re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), encoded(text)))


def urlencode(text: str) -> str:
    """``urlencode()``: a space is a plus, and the tilde is encoded too."""
    return _percent(encoded(text), _UNRESERVED + b" ").replace(" ", "+")


def _build_query(data: Array) -> str:
    return "&".join(_query_rows(data))


def _query_rows(data: Array, within: str | None = None) -> list[str]:
    rows: list[str] = []
    for key, item in data.items():
        held = known(item)
        name = urlencode(str(key)) if within is None else f"{within}%5B{urlencode(str(key))}%5D"
        if isinstance(held, dict):
            rows += _query_rows(held, name)
        elif isinstance(held, float):
            raise NotEvaluated("http_build_query() of a float")
        elif held is not None:
            rows.append(f"{name}={urlencode(str(int(held)) if isinstance(held, bool) else to_str(held))}")
    return rows


def _parse_url(url: str, component: int = -1) -> Data:
    match = re.fullmatch(_URL, url)
    if match is None or not url.isascii() or not (component == -1 or component in _URL_COMPONENTS):
        raise NotEvaluated("parse_url() of what is not a plain URL with a host")
    parts: dict[str, Data] = {
        name: text for name, text in zip(_URL_PARTS, match.groups(), strict=True) if text is not None
    }
    if "port" in parts:
        parts["port"] = int(match[3])
    if component != -1:
        return parts.get(_URL_COMPONENTS[component])
    return {name: Value(part) for name, part in parts.items()}


_MOST_LEVELS = 100


def _dirname(path: str, levels: int = 1) -> str:
    if not 1 <= levels <= _MOST_LEVELS:
        raise NotEvaluated("dirname() of a number of levels that is not known")
    for _ in range(levels):
        path = _parent(path)
    return path


def _parent(path: str) -> str:
    if not path:
        return ""
    head, slash, _ = path.rstrip("/").rpartition("/")
    if not slash:
        return "/" if path.startswith("/") else "."
    return head.rstrip("/") or "/"


def _basename(path: str, suffix: str = "") -> str:
    name = path.rstrip("/").rpartition("/")[2]
    return name[: -len(suffix)] if suffix and name.endswith(suffix) and name != suffix else name


def _pathinfo(path: str) -> Array:
    name = _basename(path)
    stem, dot, extension = name.rpartition(".")
    parts = {"dirname": _dirname(path)} if path else {}
    parts["basename"] = name
    if dot:
        parts["extension"] = extension
    return {key: Value(part) for key, part in (parts | {"filename": stem if dot else name}).items()}


# -- other encodings ---------------------------------------------------------------------------------------------------


def _hashed(name: str, text: str) -> str:
    import hashlib

    return hashlib.new(name, encoded(text), usedforsecurity=False).hexdigest()


def _hash(algorithm: str, text: str) -> str:
    if algorithm not in ("md5", "sha1", "sha256", "sha512"):
        raise NotEvaluated("hash() by an algorithm that is not followed")
    return _hashed(algorithm, text)


def _crc32(text: str) -> int:
    import zlib

    return zlib.crc32(encoded(text))


def _base64(text: str) -> str:
    import base64

    return base64.b64encode(encoded(text)).decode()


def _preg_quote(text: str, delimiter: str | None = None) -> str:
    if "\0" in text:
        raise NotEvaluated("preg_quote() of a zero byte")
    own = (delimiter or "")[:1]
    return "".join("\\" + c if c in _QUOTED or c == own else c for c in text)


ENCODINGS: dict[str, Typed] = {
    "json_encode": Typed("d i=", _json_encode),
    "json_decode": Typed("s b= i= i=", _json_decode),
    "htmlspecialchars": Typed("s", lambda text: text.translate(_HTML)),
    "urlencode": Typed("s", urlencode),
    "rawurlencode": Typed("s", _rawurlencode),
    "urldecode": Typed("s", _urldecode),
    "rawurldecode": Typed("s", _rawurldecode),
    "http_build_query": Typed("a", _build_query),
    "parse_url": Typed("s i=", _parse_url),
    "dirname": Typed("s i=", _dirname),
    "basename": Typed("s s=", _basename),
    "pathinfo": Typed("s", _pathinfo),
    "md5": Typed("s", lambda text: _hashed("md5", text)),
    "sha1": Typed("s", lambda text: _hashed("sha1", text)),
    "hash": Typed("s s", _hash),
    "crc32": Typed("s", _crc32),
    "base64_encode": Typed("s", _base64),
    "bin2hex": Typed("s", lambda text: encoded(text).hex()),
    "preg_quote": Typed("s ?s=", _preg_quote),
}
"""By lower-case name; arguments and results are plain data."""
