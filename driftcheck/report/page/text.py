"""Text from outside, cut to what a page can hold, and values as lines of JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from driftcheck.core.model import Input, Parts, Unknown, Value, plain
from driftcheck.report.escape import in_words, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftcheck.core.model import Missing, Result

MAX_LINE, MAX_TEXT, ONE_LINE = (
    240,
    2000,
    60,
)  # characters: of a source line or a name, of anything, of a value on a line


def cut(text: object, limit: int = MAX_TEXT) -> str:
    """The beginning of a text that is longer than the limit, and how long it is."""
    text = str(text)
    return text if len(text) <= limit else f"{text[:limit]}... (cut; {len(text)} characters)"


def pretty(value: Result | Missing) -> list[str]:
    """A value as the lines of a JSON document, on one line if it is short; absent and unknown in words."""
    if isinstance(value, Unknown):
        return [f"(unknown: {cut(value.words)})"]
    if not isinstance(value, Value):
        return [shown(value)]
    held = plain(value)
    if isinstance(held, (Input, Parts)):
        return [cut(in_words(held))]
    text = json.dumps(held, ensure_ascii=False, default=in_words)
    if len(text) > ONE_LINE and isinstance(value.data, dict):
        text = json.dumps(held, ensure_ascii=False, default=in_words, indent=2)
    return cut(text).split("\n")


def differing(value: Sequence[str], other: Sequence[str]) -> dict[str, list[tuple[str, bool]]]:
    """The lines of a value, each with whether the other side lacks it; of values of one line nothing is marked."""
    told = {line.rstrip(",") for line in other} if len(value) > 1 < len(other) else None
    return {"value": [(line, told is not None and line.rstrip(",") not in told) for line in value]}
