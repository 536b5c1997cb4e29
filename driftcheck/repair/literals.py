"""Values as PHP writes them, on one line and in the style of wmf-config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Value, is_list

if TYPE_CHECKING:
    from driftcheck.core.model import Missing, Result

_WORDS = {True: b"true", False: b"false", None: b"null"}


def literal(value: Result | Missing) -> bytes | None:
    """A value's literal; None for what is not known, what has no literal, and what is absent."""
    if not isinstance(value, Value):
        return None
    data = value.data
    if data is None or isinstance(data, bool):
        return _WORDS[data]
    if isinstance(data, (int, float)):
        return repr(data).encode() if data == data and abs(data) != float("inf") else None
    if isinstance(data, str):
        return quoted(data)
    if not isinstance(data, dict):
        return None
    parts = {key: literal(item) for key, item in data.items()}
    if any(part is None for part in parts.values()):
        return None
    listed = is_list(data)
    rows = [part or b"" if listed else _key(key) + b" => " + (part or b"") for key, part in parts.items()]
    return b"[ " + b", ".join(rows) + b" ]" if rows else b"[]"


def _key(key: int | str) -> bytes:
    return str(key).encode() if isinstance(key, int) else quoted(key)


def quoted(text: str) -> bytes:
    """A string in single quotes."""
    return b"'" + text.encode("utf-8", "surrogateescape").replace(b"\\", b"\\\\").replace(b"'", b"\\'") + b"'"
