"""Edits of a file's bytes: what they are, and what they make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable


class Change(NamedTuple):
    """The bytes from ``start`` to ``end`` become ``text``."""

    path: str
    start: int
    end: int
    text: bytes = b""


class Removal(NamedTuple):
    """What stands from ``start`` to ``end`` goes, with the comma, line and comment that go with it.

    It is a statement of PHP, an element of an array, or an item of a YAML list. ``around`` says that an array, or a
    block, that is empty afterwards goes too.
    """

    path: str
    start: int
    end: int
    around: bool = False


Edit: TypeAlias = "Change | Removal"


class ConflictError(Exception):
    """Two edits that cannot both be made: they meet at ``where``, an offset."""

    def __init__(self, where: int) -> None:
        super().__init__(f"two edits meet at byte {where}")
        self.where = where


def merged(changes: Iterable[Change]) -> list[Change]:
    """The changes of one file in order; deletions that overlap are one, and what is put into one is gone with it.

    Raises ConflictError for two texts in one place.
    """
    out: list[Change] = []
    for change in sorted(dict.fromkeys(changes), key=lambda change: (change.start, -change.end)):
        last = out[-1] if out else None
        if last is None or change.start > last.end or (change.start == last.end and (last.text or change.text)):
            out.append(change)
        elif not last.text and change.end <= last.end:
            continue
        elif last.text or change.text:
            raise ConflictError(change.start)
        else:
            out[-1] = last._replace(end=max(last.end, change.end))
    return out


def applied(text: bytes, changes: Iterable[Change]) -> bytes:
    """A file's bytes with these changes made, which stand in order and apart."""
    parts: list[bytes] = []
    at = 0
    for change in changes:
        parts += [text[at : change.start], change.text]
        at = change.end
    return b"".join([*parts, text[at:]])


def line_before(text: bytes, changes: Iterable[Change], line: int) -> int:
    """Which line of a file a line was before these changes: the numbers of what stands below an edit move."""
    moved = 0
    for change in changes:
        at = text.count(b"\n", 0, change.start) + 1 - moved
        whole = text[change.start - 1 : change.start] in (b"", b"\n")  # the line itself moves too
        if at > line - (not whole):
            break
        moved += text.count(b"\n", change.start, change.end) - change.text.count(b"\n")
    return line + moved
