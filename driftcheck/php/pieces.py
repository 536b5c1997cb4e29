"""A PHP file cut into pieces that can be left out one by one: its top statements, and the rows of its tables.

A table is an array that a statement returns, or assigns to a property ``settings``. Pieces are cut by PHP's brackets, texts and
comments alone, which takes a tenth of the time of a parse; and a file that is like one that was cut before is cut anew
only where it differs.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
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
_QUOTES = b"'\""
_GOES_ON = re.compile(rb"\s*(?:else|catch|finally|while|[^\s\w$/#\\@}])", re.IGNORECASE)
"""What follows the end of a block, or of a statement, and belongs to it."""
_ELSE = re.compile(rb"\s*else", re.IGNORECASE)
_TABLE = re.compile(rb"(?:\breturn(?:\s*\$\w+\s*\+)*|(?:->|\$)settings\s*\+?=)\s*(?:array\s*)?\Z")
_BLOCK = re.compile(
    rb"\s*(?:(?://|\#)[^\n]*\n\s*|/\*(?:[^*]|\*(?!/))*\*/\s*|<\?php\b\s*)*(?:(\}\s*(?:elseif|else))|if)\b", re.DOTALL
)
_LOOK_BACK = 60
_STRETCH = 1 << 16
_LOST = 3
"""After so many pieces that are new, more of the known ones are looked at."""
_NEAR = 256
_BEGINNING = 24
"""Pieces are looked up by so many bytes."""
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


class Hunk(NamedTuple):
    """Pieces of one file, by the numbers of the first and of the one behind the last, and those of another in their place."""

    old: slice
    new: slice


class Cut:
    """A file in pieces, which together are its text; ``ends`` are the places at which they end.

    ``hunks`` are where it differs from the file that it was cut like; None where it was cut by itself.
    """

    def __init__(
        self, text: bytes, pieces: list[Piece], ends: list[int] | None = None, hunks: list[Hunk] | None = None
    ) -> None:
        self.text, self.pieces, self.hunks = text, pieces, hunks
        self.ends = ends if ends is not None else list(accumulate(len(piece.text) for piece in pieces))
        self._beginnings: dict[int, dict[bytes, list[int]]] = {}

    def near(self, text: bytes, start: int, first: int) -> Iterator[int]:
        """The numbers of the pieces, from one on, that a text may have at a place: they begin alike, or are short."""
        beginning = text[start : start + _BEGINNING]
        for part in (first // _NEAR, first // _NEAR + 1):
            if part not in self._beginnings:
                self._beginnings[part] = self._begun(part)
            known = self._beginnings[part]
            numbers = sorted([*known.get(beginning, ()), *known.get(b"", ())])
            yield from (number for number in numbers if first <= number < first + _NEAR)

    def _begun(self, part: int) -> dict[bytes, list[int]]:
        """The numbers of a part of the pieces by what they begin with; those of the shorter ones by nothing."""
        found: dict[bytes, list[int]] = {}
        for number, piece in enumerate(self.pieces[part * _NEAR : (part + 1) * _NEAR], part * _NEAR):
            found.setdefault(piece.text[:_BEGINNING] if len(piece.text) >= _BEGINNING else b"", []).append(number)
        return found


def cut(text: bytes, like: Cut | None = None) -> Cut:
    """The pieces of a file; ``like`` are those of a file that is nearly the same."""
    try:
        if like is not None and len(like.pieces) > 1:
            return _cut_like(text, like)
        return Cut(text, [piece for piece, _ in _pieces(text, 0, b"")])
    except _NotFollowedError:
        return Cut(text, [Piece(text, b"", "frame")])


def _cut_like(text: bytes, like: Cut) -> Cut:
    """The pieces of a file: those that it shares with another are taken from there, those between are cut."""
    known, ends = like.pieces, like.ends
    number = _shared(text, 0, like, 0)
    pieces, made, hunks, begun = known[:number], ends[:number], list[Hunk](), number
    longer, same = len(text) - len(like.text), len(like.text) - _same_end(text, like.text)
    end, around = made[-1] if made else 0, known[number].around
    while end < len(text):
        follows = bisect_left(ends, end - longer, max(0, number - 1)) + 1
        if end - longer >= same and _begins(like, follows, end - longer, around):
            break
        found = _same_as(text, end, around, like, number, look=len(pieces) - begun >= _LOST)
        if found == len(known):
            piece, around = next(_pieces(text, end, around))
            pieces.append(piece)
            made.append(end := end + len(piece.text))
            continue
        if number < found or begun < len(pieces):
            hunks.append(Hunk(slice(number, found), slice(begun, len(pieces))))
        number = max(found + 1, _shared(text, end, like, found))
        moved = end - ends[found] + len(known[found].text)
        pieces += known[found:number]
        made += [place + moved for place in ends[found:number]]
        begun, end = len(pieces), made[-1]
        around = known[number].around if number < len(known) else b""
    else:
        follows = len(known)
    if number < follows or begun < len(pieces):
        hunks.append(Hunk(slice(number, follows), slice(begun, len(pieces))))
    made += [place + longer for place in ends[follows:]]
    return Cut(text, [*pieces, *known[follows:]], made, hunks)


def _begins(cut: Cut, number: int, place: int, around: bytes) -> bool:
    """Whether a piece begins at a place with these brackets open."""
    return number < len(cut.pieces) and cut.ends[number - 1] == place and cut.pieces[number].around == around


def _same_as(text: bytes, end: int, around: bytes, like: Cut, at: int, *, look: bool) -> int:
    """The number of a known piece that is the next one of a text: the one that is expected, or the one behind it.

    The number of all where none is. ``look``: it is worth while to look at more of them.
    """
    for number in like.near(text, end, at) if look else range(at, min(at + 2, len(like.pieces))):
        if _is_next(text, end, around, like, number):
            return number
    return len(like.pieces)


def _is_next(text: bytes, end: int, around: bytes, like: Cut, number: int) -> bool:
    piece = like.pieces[number]
    if piece.around != around or not text.startswith(piece.text, end):
        return False
    end += len(piece.text)
    return end == len(text) if number == len(like.pieces) - 1 else not _goes_on(piece, text, end)


def _shared(text: bytes, start: int, like: Cut, number: int) -> int:
    """The number of the piece behind those, from one on, with which a text goes on at a place.

    What decides where these end is the same too.
    """
    begins = like.ends[number - 1] if number else 0
    most = bisect_right(like.ends, begins + _same_start(text, start, like.text, begins), number)
    most = min(most, len(like.pieces) - 1)
    while most > number and _goes_on(like.pieces[most - 1], text, start + like.ends[most - 1] - begins):
        most -= 1
    return most


def _goes_on(piece: Piece, text: bytes, end: int) -> bool:
    """Whether what follows a piece belongs to it."""
    if piece.kind in ("row", "part"):
        return False
    return (_ELSE if piece.kind == "closing" else _GOES_ON).match(text, end) is not None


def _same_start(one: bytes, start: int, other: bytes, begins: int) -> int:
    """How many bytes two texts go on with alike, each from a place on."""
    most, at = min(len(one) - start, len(other) - begins), 0

    def alike(low: int, high: int) -> bool:
        return one[start + low : start + high] == other[begins + low : begins + high]

    while at < most and alike(at, min(at + _STRETCH, most)):
        at += _STRETCH
    low, high = min(at, most), min(at + _STRETCH, most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if alike(low, middle) else (low, middle - 1)
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
        if len(token) > 1:
            if token[0] not in _QUOTES and _NOT_CUT.match(token):
                raise _NotFollowedError
            continue
        kind: Kind | None = None
        if token == b",":
            if not opened.endswith((b"t", b"s")):
                continue
            kind = "row" if opened.endswith(b"t") else "part"
        elif token in b"[(":
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
        elif token in b"'\"`":
            raise _NotFollowedError
        if kind is not None:
            now = bytes(opened)
            yield Piece(text[start : match.end()], before, kind), now
            start, before = match.end(), now
    if start < len(text):
        yield Piece(text[start:], before, "frame"), b""


def with_rows(pieces: list[Piece], part: slice) -> list[Piece]:
    """A part of a file's pieces, with the whole of each row of which it has a part: a row goes, or stays, with all of it."""
    start, stop = part.start, part.stop
    while start > 1 and pieces[start - 1].kind == "part":
        start -= 1
    while stop < len(pieces) and stop > start and pieces[stop - 1].kind == "part":
        stop += 1
    return pieces[start:stop]


def _is_long(text: bytes, start: int, bracket: re.Match[bytes]) -> bool:
    """Whether an element of a table is long, told by a line that begins as its own does and closes a bracket."""
    indent = _INDENT.match(text, text.rfind(b"\n", start, bracket.start()) + 1 or start)
    assert indent is not None  # it may be empty
    return text.find(b"\n%s]" % indent[0], bracket.end(), bracket.end() + _LONG) < 0
