"""Characters that a terminal could obey or a reader not see, and how to write them harmlessly in text, JSON and YAML."""

from __future__ import annotations

import functools
import json
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Controls, format characters (bidi among them), surrogates, line and paragraph separators, private use.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
# Letters and marks that show nothing (Unicode: Default_Ignorable_Code_Point, and the empty Braille cell), and the two code
# points of the BMP that XML 1.0 does not allow.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2065\u2800\u3164\uffa0\ufffe\uffff")
_BLANK_RANGES = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF))


@functools.lru_cache(maxsize=4096)
def is_hidden(char: str) -> bool:
    """Whether a terminal could obey the character, or a reader not see it."""
    if unicodedata.category(char) in _HIDDEN or char in _BLANK:
        return True
    return any(first <= ord(char) <= last for first, last in _BLANK_RANGES)


def without_hidden(text: str, write: Callable[[str], str]) -> str:
    """The text with every hidden character written another way."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate({ord(char): write(char) for char in set(text) if is_hidden(char)})


def json_string(text: str) -> str:
    """A JSON string with letters as they are and whatever is hidden as an escape: the same string to a reader of JSON."""
    return _quoted(text, _json_escape)


def yaml_string(text: str) -> str:
    """The same for YAML, which has an escape of its own for what lies beyond the first 65,536 characters."""
    return _quoted(text, lambda char: f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")


def json_text(document: Any, *, indent: int | None = None) -> str:  # noqa: ANN401 - JSON
    """JSON in printable ASCII, without the "##" that a CI runner looks for: JSON has it in strings alone."""
    text = json.dumps(document, indent=indent, ensure_ascii=True, allow_nan=False, default=_named)
    return text.replace("##", "#\\u0023") + "\n"


def _named(part: Any) -> Any:  # noqa: ANN401 - JSON
    """What is no plain data says itself what it is in JSON (inputs of the configuration)."""
    return part.as_json()


def json_with(document: Any, name: str, items: Iterable[Any], *, indent: int | None = None) -> str:  # noqa: ANN401 - JSON
    """A document whose list ``name`` is empty, with the items in it, one a line.

    They are written as they come: a million small objects at once would keep the garbage collector busier than the rest.
    """
    lines = ",\n".join(json_text(item).rstrip() for item in items)
    # No string of JSON has this in it: a quote inside one has a backslash before it.
    return json_text(document, indent=indent).replace(
        f'"{name}": []', f'"{name}": [\n{lines}\n]' if lines else f'"{name}": []', 1
    )


_encode = json.JSONEncoder(ensure_ascii=False, default=_named).encode


def _quoted(text: str, write: Callable[[str], str]) -> str:
    return without_hidden(_encode(text), write).replace("##", "#\\u0023")


def _json_escape(char: str) -> str:
    return json.dumps(char)[1:-1]
