"""Text from outside on its way to a reader: what could take effect is made visible instead."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

from driftcheck.model import MISSING, Unknown, plain

if TYPE_CHECKING:
    from driftcheck.model import Missing, Result

# Controls, format characters (bidi among them), surrogates, line and paragraph separators, private use.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_MAX_VALUE = 2000


def visible(text: str, *, keep: str = "") -> str:
    """The text with every character that a terminal could obey written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char in keep or unicodedata.category(char) not in _HIDDEN else _escape(char) for char in text
    )


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"


def shown(value: Result | Missing, limit: int = _MAX_VALUE) -> str:
    """A value on one line, as JSON; absent and unknown in words."""
    if value is MISSING:
        return "(absent)"
    if isinstance(value, Unknown):
        return f"(not known: {visible(value.reason)})"
    text = visible(json.dumps(plain(value), ensure_ascii=False, default=lambda u: f"(not known: {u.reason})"))
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
