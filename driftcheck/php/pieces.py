"""A PHP file cut into pieces that can be left out one by one: its top statements, and the rows of its tables.

A table is an array that a statement returns, or assigns to a property ``settings``. Pieces are cut by PHP's brackets, texts and
comments alone, which takes a tenth of the time of a parse; and a file that is like one that was cut before is cut anew
only where it differs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TOKEN = re.compile(
    rb"""'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"|//[^\n]*|\#(?!\[)[^\n]*|/\*.*?\*/|[][(){};,]"""
    rb"""|<<<[ \t]*(["']?)(\w+)\1\r?\n(?:.*?\n)??[ \t]*\2\b"""
    rb"""|<<<|\?>|`|(?<![$>:\w])(?:end(?:if|for|foreach|while|switch|declare)|__halt_compiler)\b""",
    re.DOTALL,
)
_NOT_CUT = re.compile(rb"<<<\Z|\?>|`|[e_]|(?://|#).*\?>", re.DOTALL)
"""Tokens that this way of cutting does not follow: a file with one is one piece."""
_GOES_ON = re.compile(rb"\s*(?:else|catch|finally|while|[^\s\w$/#\\@}])", re.IGNORECASE)
"""What follows the end of a block, or of a statement, and belongs to it."""
_ELSE = re.compile(rb"\s*else", re.IGNORECASE)
_TABLE = re.compile(rb"(?:\breturn(?:\s*\$\w+\s*\+)*|(?:->|\$)settings\s*\+?=)\s*(?:array\s*)?\Z")
_BLOCK = re.compile(rb"\s*(?:(?://|\#)[^\n]*\n\s*|/\*.*?\*/\s*|<\?php\b\s*)*(?:(\}\s*(?:elseif|else))|if)\b", re.DOTALL)
_LOOK_BACK = 60
_HEAD = 40


class _NotFollowedError(Exception):
    """The file has something that cannot be cut."""


Kind = Literal["row", "statement", "opening", "middle", "closing", "frame"]
"""An element of a table with its comma, a statement, what begins, continues or ends a block, and the frame of all these."""


class Piece(NamedTuple):
    """A stretch of a file; ``around`` is what is open before it."""

    text: bytes
    around: bytes
    kind: Kind


class Cut:
    """A file in pieces, which together are its text."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self._heads: dict[bytes, int] | None = None

    def beginning(self, head: bytes) -> int:
        """The number of a piece that begins so; the number of all where none does."""
        if self._heads is None:
            self._heads = {piece.text[:_HEAD]: number for number, piece in enumerate(self.pieces)}
        return self._heads.get(head, len(self.pieces))


def cut(text: bytes, like: Cut | None = None) -> Cut:
    """The pieces of a file; ``like`` are those of a file that is nearly the same."""
    try:
        return Cut([piece for piece, _ in _pieces(text, 0, b"")]) if like is None else _cut_like(text, like)
    except _NotFollowedError:
        return Cut([Piece(text, b"", "frame")])


def _cut_like(text: bytes, like: Cut) -> Cut:
    """The pieces of a file, those that another has too taken from there."""
    known, pieces = like.pieces, list[Piece]()
    at, end, around = 0, 0, b""
    while end < len(text):
        found = _same_as(text, end, around, like, at)
        if found < len(known):
            at = found
            pieces.append(known[at])
            end += len(known[at].text)
            at += 1
            around = known[at].around if at < len(known) else b""
        else:
            piece, around = next(_pieces(text, end, around))
            pieces.append(piece)
            end += len(piece.text)
    return Cut(pieces)


def _same_as(text: bytes, end: int, around: bytes, like: Cut, at: int) -> int:
    """The number of a known piece that is the next one of a text; the number of all where none is."""
    for number in (at, at + 1, -1):
        if number < 0:
            number = like.beginning(text[end : end + _HEAD])
        if number < len(like.pieces) and _is_next(text, end, around, like, number):
            return number
    return len(like.pieces)


def _is_next(text: bytes, end: int, around: bytes, like: Cut, number: int) -> bool:
    piece = like.pieces[number]
    if piece.around != around or not text.startswith(piece.text, end):
        return False
    if number == len(like.pieces) - 1:
        return end + len(piece.text) == len(text)
    goes_on = _ELSE if piece.kind == "closing" else _GOES_ON
    return piece.kind == "row" or not goes_on.match(text, end + len(piece.text))


def _pieces(text: bytes, start: int, around: bytes) -> Iterator[tuple[Piece, bytes]]:
    """The pieces from a place on, where these brackets are open, and what is open behind each.

    ``t`` is the bracket of a table, ``b`` that of a block whose statements are pieces.
    """
    opened = bytearray(around)
    before = bytes(opened)
    for match in _TOKEN.finditer(text, start):
        token = match[0]
        kind: Kind | None = None
        if _NOT_CUT.match(token):
            raise _NotFollowedError
        if token in b"[(":
            if (
                b"(" not in opened
                and b"[" not in opened
                and _TABLE.search(text, max(start, match.start() - _LOOK_BACK), match.start())
            ):
                kind, token = "frame", b"t"
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
        elif token == b"," and opened.endswith(b"t"):
            kind = "row"
        if kind is not None:
            now = bytes(opened)
            yield Piece(text[start : match.end()], before, kind), now
            start, before = match.end(), now
    if start < len(text):
        yield Piece(text[start:], before, "frame"), b""


def joined(pieces: Sequence[Piece]) -> bytes:
    """The text of these pieces."""
    return b"".join(piece.text for piece in pieces)
