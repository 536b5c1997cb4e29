"""Waivers in comments of the configuration: where they stand, and which line of code is beside each."""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftcheck.core.model import Source, Span

_COMMENT = re.compile(rb"//|#|/\*")
_INLINE = re.compile(rb"\bdrift[-_ ]?check[ \t]*:?[ \t]*(?P<text>(?:allow\b)?)", re.IGNORECASE)
_MAX_COMMENT = 20
_ROW = re.compile(rb"^[ \t]*(?:['\"][-+]?(w[gm]\w+)['\"]\s*=>|\$(w[gm]\w+))", re.MULTILINE)
_REACH = 200
"""How far above its value the name of a setting stands at most."""


def written(source: Source) -> Iterator[tuple[Span, str, str]]:
    """The waivers in a file's comments: the place, the words behind the name, and how the name should have been written.

    What is nearly a waiver is one that somebody believes in: "driftcheck allow", "Driftcheck: allow".
    """
    small, end = source.text.lower(), 0
    while (found := small.find(b"drift", end)) >= 0:
        start, end = small.rfind(b"\n", end, found) + 1 or end, small.find(b"\n", found)
        end = len(small) if end < 0 else end
        comment = _COMMENT.search(source.text, start, end)
        match = _waiver(source.text, comment.start(), end) if comment is not None else None
        if comment is not None and match is not None:
            text = source.text[match.start("text") : end].decode("utf-8", "replace").removesuffix("*/").rstrip()
            yield source.span(comment.start() << 32 | end), text, "" if _is_exact(match) else "driftcheck: "


def _waiver(text: bytes, start: int, end: int) -> re.Match[bytes] | None:
    """The first waiver of a comment, or what is nearly one."""
    return next((match for match in _INLINE.finditer(text, start, end) if _is_exact(match) or match["text"]), None)


def _is_exact(match: re.Match[bytes]) -> bool:
    return match[0].startswith(b"driftcheck:")


def beside(source: Source, line: int) -> tuple[int, ...]:
    """The line of code that a comment stands beside: its own, or the next one that is not a comment."""
    own = source.line_text(line)
    if not own.lstrip().startswith(("//", "#", "/*")):
        return (line,)
    following = line + 1
    while following <= line + _MAX_COMMENT and source.line_text(following).lstrip().startswith(("//", "#", "/*", "*")):
        following += 1
    return (line, following)


def setting(source: Source, line: int) -> str:
    """The setting whose row, or assignment, holds a line; the glob for all where none is near."""
    lines, names = _rows(source)
    above = bisect_right(lines, line) - 1
    return names[above] if above >= 0 and lines[above] > line - _REACH else "*"


@functools.lru_cache(maxsize=8)
def _rows(source: Source) -> tuple[list[int], list[str]]:
    """The lines of a file that begin a row or an assignment, and the setting of each."""
    found = [(source.span(match.end() << 32 | match.end()).line, match) for match in _ROW.finditer(source.text)]
    return [line for line, _ in found], [(match[1] or match[2]).decode("ascii", "replace") for _, match in found]
