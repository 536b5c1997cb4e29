"""Text from outside, cut to what a page can hold."""

from __future__ import annotations

MAX_LINE, MAX_TEXT = 240, 2000  # characters: of a source line or a name, of anything


def cut(text: object, limit: int = MAX_TEXT) -> str:
    """The beginning of a text that is longer than the limit, and how long it is."""
    text = str(text)
    return text if len(text) <= limit else f"{text[:limit]}... (cut; {len(text)} characters)"
