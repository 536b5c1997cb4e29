"""A PHP file cut into pieces that can be left out one by one: its top statements, and the rows of its tables.

A table is an array that a statement returns, or assigns to a property ``settings``. Pieces are cut by PHP's brackets, texts and
comments alone, which takes a tenth of the time of a parse; and a file that is like one that was cut before is cut anew
only where it differs.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    rb"""'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"|//[^\n]*|\#(?!\[)[^\n]*|/\*.*?\*/|[][(){};,]"""
    rb"""|<<<[ \t]*(["']?)(\w+)\1\r?\n(?:.*?\n)??[ \t]*\2\b"""
    rb"""|<<<|\?>|`|['"]|/\*|(?<![$>:\w])(?:end(?:if|for|foreach|while|switch|declare)|__halt_compiler)\b""",
    re.DOTALL,
)
_NOT_CUT = re.compile(rb"""<<<\Z|\?>|`|['"]\Z|/\*\Z|[e_]|(?://|#).*\?>""", re.DOTALL)
"""Tokens that this way of cutting does not follow: a file with one is one piece."""
_GOES_ON = re.compile(rb"\s*(?:else|catch|finally|while|[^\s\w$/#\\@}])", re.IGNORECASE)
"""What follows the end of a block, or of a statement, and belongs to it."""
_ELSE = re.compile(rb"\s*else", re.IGNORECASE)
_TABLE = re.compile(rb"(?:\breturn(?:\s*\$\w+\s*\+)*|(?:->|\$)settings\s*\+?=)\s*(?:array\s*)?\Z")
_BLOCK = re.compile(
    rb"\s*(?:(?://|\#)[^\n]*\n\s*|/\*(?:[^*]|\*(?!/))*\*/\s*|<\?php\b\s*)*(?:(\}\s*(?:elseif|else))|if)\b", re.DOTALL
)
_LOOK_BACK = 60
_STRETCH = 1 << 16
_HEAD = 40
_LONG = 2048
"""An element of a table may be cut in parts where it does not end, on a line of its own, within so many bytes."""
_INDENT = re.compile(rb"[ \t]*")


class _NotFollowedError(Exception):
    """The file has something that cannot be cut."""


Kind = Literal["row", "part", "statement", "opening", "middle", "closing", "frame"]
"""An element of a table with its comma, which ends a long one that begins with parts; a statement; what begins, continues or
ends a block; and the frame of all these."""


class Piece(NamedTuple):
    """A stretch of a file; ``around`` is what is open before it."""

    text: bytes
    around: bytes
    kind: Kind


class Cut:
    """A file in pieces, which together are its text; ``ends`` are the places at which they end.

    ``head`` and ``tail`` count the pieces at both ends that it shares with the file that it was cut like.
    """

    def __init__(self, text: bytes, pieces: list[Piece], ends: list[int] | None = None) -> None:
        self.text, self.pieces = text, pieces
        self.ends = ends if ends is not None else list(accumulate(len(piece.text) for piece in pieces))
        self.head = self.tail = 0
        self._heads: dict[bytes, int] | None = None

    def beginning(self, head: bytes) -> int:
        """The number of a piece that begins so; the number of all where none does."""
        if self._heads is None:
            self._heads = {piece.text[:_HEAD]: number for number, piece in enumerate(self.pieces)}
        return self._heads.get(head, len(self.pieces))


def cut(text: bytes, like: Cut | None = None) -> Cut:
    """The pieces of a file; ``like`` are those of a file that is nearly the same."""
    try:
        if like is not None and len(like.pieces) > 1:
            return _cut_like(text, like)
        return Cut(text, [piece for piece, _ in _pieces(text, 0, b"")])
    except _NotFollowedError:
        return Cut(text, [Piece(text, b"", "frame")])


def _cut_like(text: bytes, like: Cut) -> Cut:
    """The pieces of a file: those before and behind what differs are taken from another, those between are cut."""
    known, ends = like.pieces, like.ends
    head = _head(text, like)
    at = end = ends[head - 1] if head else 0
    longer, same = len(text) - len(like.text), len(like.text) - _same_end(text, like.text)
    middle, number, around = list[Piece](), head, known[head].around
    while end < len(text):
        follows = bisect_left(ends, end - longer, head) + 1
        if end - longer >= same and _begins(like, follows, end - longer, around):
            break
        number = _same_as(text, end, around, like, number, far=same + longer - end > _STRETCH // 4)
        if number < len(known):
            piece = known[number]
            number += 1
            around = known[number].around if number < len(known) else b""
        else:
            piece, around = next(_pieces(text, end, around))
        middle.append(piece)
        end += len(piece.text)
    else:
        follows = len(known)
    between = accumulate((len(piece.text) for piece in middle), initial=at)
    made = Cut(
        text,
        [*known[:head], *middle, *known[follows:]],
        [*ends[:head], *islice(between, 1, None), *(place + longer for place in ends[follows:])],
    )
    made.head, made.tail = head, len(known) - follows
    return made


def _begins(cut: Cut, number: int, place: int, around: bytes) -> bool:
    """Whether a piece begins at a place with these brackets open."""
    return number < len(cut.pieces) and cut.ends[number - 1] == place and cut.pieces[number].around == around


def _same_as(text: bytes, end: int, around: bytes, like: Cut, at: int, *, far: bool) -> int:
    """The number of a known piece that is the next one of a text; the number of all where none is.

    ``far``: what differs reaches far, so that it is worth while to look at all of them.
    """
    for number in (at, at + 1, -1) if far else (at, at + 1):
        if number < 0:
            number = like.beginning(text[end : end + _HEAD])
        if number < len(like.pieces) and _is_next(text, end, around, like, number):
            return number
    return len(like.pieces)


def _is_next(text: bytes, end: int, around: bytes, like: Cut, number: int) -> bool:
    piece = like.pieces[number]
    if piece.around != around or not text.startswith(piece.text, end):
        return False
    end += len(piece.text)
    return end == len(text) if number == len(like.pieces) - 1 else not _goes_on(piece, text, end)


def _head(text: bytes, like: Cut) -> int:
    """How many pieces of a file another one begins with: what decides where they end is the same too."""
    head = bisect_right(like.ends, _same_start(text, like.text))
    head = min(head, len(like.pieces) - 1)
    while head and _goes_on(like.pieces[head - 1], text, like.ends[head - 1]):
        head -= 1
    return head


def _goes_on(piece: Piece, text: bytes, end: int) -> bool:
    """Whether what follows a piece belongs to it."""
    if piece.kind in ("row", "part"):
        return False
    return (_ELSE if piece.kind == "closing" else _GOES_ON).match(text, end) is not None


def _same_start(one: bytes, other: bytes) -> int:
    """How many bytes two texts begin with alike."""
    most, at = min(len(one), len(other)), 0
    while at < most and one[at : at + _STRETCH] == other[at : at + _STRETCH]:
        at += _STRETCH
    low, high = min(at, most), min(at + _STRETCH, most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


def _same_end(one: bytes, other: bytes) -> int:
    """How many bytes two texts end with alike."""
    most, at = min(len(one), len(other)), 0
    first, second = len(one), len(other)
    while at + _STRETCH <= most and (
        one[first - at - _STRETCH : first - at] == other[second - at - _STRETCH : second - at]
    ):
        at += _STRETCH
    low, high = at, min(at + _STRETCH, most)
    while low < high:
        middle = (low + high + 1) // 2
        same = one[first - middle : first - low] == other[second - middle : second - low]
        low, high = (middle, high) if same else (low, middle - 1)
    return low


def _pieces(text: bytes, start: int, around: bytes) -> Iterator[tuple[Piece, bytes]]:
    """The pieces from a place on, where these brackets are open, and what is open behind each.

    ``t`` is the bracket of a table, ``s`` that of a long element of one, ``b`` that of a block whose statements are pieces.
    """
    opened = bytearray(around)
    before = bytes(opened)
    for match in _TOKEN.finditer(text, start):
        token = match[0]
        if len(token) > 1 or token in b"'\"`":
            if _NOT_CUT.match(token):
                raise _NotFollowedError
            continue
        kind: Kind | None = None
        if token in b"[(":
            if (
                b"(" not in opened
                and b"[" not in opened
                and _TABLE.search(text, max(start, match.start() - _LOOK_BACK), match.start())
            ):
                kind, token = "frame", b"t"
            elif opened.endswith(b"t") and _is_long(text, start, match):
                kind, token = "part", b"s"
            opened += token
        elif token == b"{":
            if opened.count(b"b") == len(opened) and (begins := _BLOCK.match(text, start)):
                kind, token = "middle" if begins[1] else "opening", b"b"
            opened += token
        elif token in b"])}":
            closed = opened[-1:]
            del opened[-1:]
            outermost = opened.count(b"b") == len(opened)
            if closed == b"b":
                kind = None if _ELSE.match(text, match.end()) else "closing"
            elif token == b"}" and outermost and not _GOES_ON.match(text, match.end()):
                kind = "statement"
        elif token == b";" and opened.count(b"b") == len(opened) and not _GOES_ON.match(text, match.end()):
            kind = "statement"
        elif token == b"," and opened.endswith((b"t", b"s")):
            kind = "row" if opened.endswith(b"t") else "part"
        if kind is not None:
            now = bytes(opened)
            yield Piece(text[start : match.end()], before, kind), now
            start, before = match.end(), now
    if start < len(text):
        yield Piece(text[start:], before, "frame"), b""


def _is_long(text: bytes, start: int, bracket: re.Match[bytes]) -> bool:
    """Whether an element of a table is long, told by a line that begins as its own does and closes a bracket."""
    indent = _INDENT.match(text, text.rfind(b"\n", start, bracket.start()) + 1 or start)
    assert indent is not None  # it may be empty
    return text.find(b"\n%s]" % indent[0], bracket.end(), bracket.end() + _LONG) < 0
