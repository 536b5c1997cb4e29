"""A tree without the parts of its files that a profile does not ask for: what is left tells whether a commit matters.

Of the files in wmf-config only those rows and statements stay that spell a setting in scope, a variable that the
evaluation uses, or something that can reach any variable. What is left of two commits is equal where the evaluation of
both is; and it is evaluated in a fraction of the time. Line numbers are not those of the whole file: lives have none.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from driftcheck.core.model import Source
from driftcheck.php.pieces import Cut, cut
from driftcheck.php.syntax import parse
from driftcheck.php.writes import leaves

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftcheck.php.pieces import Piece

_FOLDER = "wmf-config"
INDEX = "dblists-index.php"
_WORD = re.compile(rb"[\w-]+")
_LINE = re.compile(rb"^('[\w-]+' => \[)((?: '[\w-]+',?)* ?)(?=\],$)", re.MULTILINE)
_COMMON = (f"{_FOLDER}/CommonSettings.php", f"{_FOLDER}/CommonSettings-labs.php")
# What decides how a file is read, whatever settings are asked for: the generator's own words, and names that are worked out.
_ALWAYS = (
    rb"""\$\$|\$\{|\$GLOBALS\s*\[\s*[^'"\s]|\b(?:extract|parse_str|eval)\b|\A\s*(?:declare|namespace|use)\b"""
    rb"""|wikiTags|\$wgConf\b|\$globals\b|'lang'|siteFromDB|CommonSettings-|\bwm[fg](?:Udp2logDest|Hostnames)\b"""
)
_REACHING = rb"|\b(?:include|require|function|class|const|define|return|exit|die|goto|throw)\b"
"""In other files than CommonSettings.php, whose inclusions and functions are not followed: its slice runs by itself."""
_LEAVING = re.compile(rb"\b(?:return|exit|die|goto|throw|halt)", re.IGNORECASE)
_EFFECT = re.compile(rb"[\w$\])]\s*(?:\.|\+|-|\*|/|\?\?)?=(?![=>])|&|\+\+|--|(?<!array)(?<!\w)\s?\(", re.IGNORECASE)
_KEY = re.compile(
    rb"""\s*(?:(?://|\#)[^\n]*\n\s*|/\*.*?\*/\s*)*['"][-+]?(?:wg|wm[a-z]*|eg|smg)[A-Z0-9]\w*['"]\s*=>""", re.DOTALL
)
_LITERAL = re.compile(rb"\w+")


class Whole(Protocol):
    """A tree of which all is there."""

    revision: str

    def read(self, path: str) -> Source | None:
        """A file."""

    def blob_id(self, path: str) -> str | None:
        """Its id."""

    def names(self, folder: str) -> list[str]:
        """The files below a folder."""

    def date(self) -> str | None:
        """The day."""


class _Known(NamedTuple):
    """A file as it was cut, and what is left of it."""

    cut: Cut
    left: bytes
    id: str


class Narrow:
    """What is left of files; one for a whole walk. It knows ever more names, and forgets none."""

    def __init__(self, mentions: re.Pattern[bytes], names: Iterable[str]) -> None:
        """``mentions`` finds the settings in scope; ``names`` are other texts that matter."""
        self._mentions, self.names = mentions, set(names)
        # A text without any of these is not searched; the empty one is in every text.
        parts = mentions.pattern.split(b"|")
        self._literals = parts if all(map(_LITERAL.fullmatch, parts)) else [b""]
        self._files: dict[str, dict[str, _Known]] = {}
        self._kept: dict[tuple[bool, Piece], bool] = {}
        self.parsed: set[str] = set()
        self._whole = False
        self._referred: set[bytes] = set()
        self._index: tuple[tuple[str, ...], _Known] | None = None
        self._spelling: dict[bytes, bool] = {}
        self._compile()

    def learn(self, names: Iterable[str], parsed: Iterable[str], *, whole: bool) -> bool:
        """Keep more names, more of files that are parsed, or all of CommonSettings.php; whether there was a new one."""
        new = set(names) - self.names
        files = {path for path in parsed if is_cut(path) and path != INDEX} - self.parsed
        if whole:
            grown = not self._whole
            self._whole, self._files = True, {}
            return grown
        self.names |= new
        self.parsed |= files
        if new:
            self._compile()
        if new or files:
            self._files = {}
        return bool(new or files)

    def _compile(self) -> None:
        self._kept.clear()
        self._spelling.clear()
        self._words = [*self._literals, *(name.encode() for name in self.names)]
        spelled = b"|".join(
            [self._mentions.pattern, *(rb"(?<!\w)%s(?!\w)" % re.escape(name.encode()) for name in sorted(self.names))]
        )
        self._spelled = re.compile(spelled)
        self._common = re.compile(_ALWAYS + b"|" + spelled)
        self._other = re.compile(_ALWAYS + _REACHING + b"|" + spelled)

    def left(self, path: str, name: str, tree: Whole) -> _Known:
        """What is left of a file with this blob id."""
        held = self._files.setdefault(path, {})
        if name not in held:
            source = tree.read(path)
            like = next(reversed(held.values())).cut if held else None
            while len(held) > 3:
                del held[next(iter(held))]
            held[name] = self._made(path, source.text if source is not None else b"", like)
        return held[name]

    def _made(self, path: str, text: bytes, like: Cut | None) -> _Known:
        if self._whole:
            return _Known(Cut([]), text, _digest(text))
        if path not in self.parsed:
            return self._searched(text, like)
        pieces = cut(text, like)
        left = b"".join(self._kept_of(pieces.pieces, common=path in _COMMON))
        return _Known(pieces, left, _digest(left))

    def _searched(self, text: bytes, like: Cut | None) -> _Known:
        """Of a file that is only searched: what has a name that is looked for, and how it begins and ends."""
        pieces = cut(text, like) if any(word in text for word in self._words) else Cut([])
        found = [piece.text for piece in pieces.pieces if self._spells(piece)]
        left = b"".join([b"<?php " * text.startswith(b"<?php"), *found, b"];" * text.rstrip().endswith(b"];")])
        return _Known(pieces if pieces.pieces else like or pieces, left, _digest(left))

    def _kept_of(self, pieces: Sequence[Piece], *, common: bool) -> list[bytes]:
        """The texts that stay. A block of which nothing stays, and whose conditions say nothing, goes as a whole."""
        out: list[bytes] = []
        blocks: list[tuple[int, int]] = []
        for number, piece in enumerate(pieces):
            keeps = self._keeps(piece, common=common) or not number
            if piece.kind == "opening":
                blocks.append((len(out), len(out) + 1 if not keeps else -1))
            elif piece.kind == "middle" and blocks:
                start, bare = blocks[-1]
                blocks[-1] = start, bare + 1 if bare == len(out) and not keeps else -1
            elif piece.kind == "closing" and blocks:
                start, bare = blocks.pop()
                if bare == len(out):
                    del out[start:]
                    continue
            elif not keeps:
                continue
            out.append(piece.text)
        return out

    def index(self, name: str, tree: Whole) -> _Known:
        """The index of dblists without the tags that nothing that is left spells: no selector of a setting in scope."""
        left = [self.left(path, blob, tree) for path in sorted(self.parsed) if (blob := tree.blob_id(path)) is not None]
        key = (name, *(known.id for known in left))
        if self._index is None or self._index[0] != key:
            source = tree.read(INDEX)
            words = {word for known in left for word in _WORD.findall(known.left)}
            text = _LINE.sub(lambda line: _tagged(line, words), source.text if source is not None else b"")
            self._index = key, _Known(Cut([]), text, _digest(text))
        return self._index[1]

    def _spells(self, piece: Piece) -> bool:
        """Whether a piece of a file that is only searched has what is looked for."""
        kept = self._spelling.get(piece.text)
        if kept is None:
            kept = self._spelling[piece.text] = self._spelled.search(piece.text) is not None
        return kept

    def _keeps(self, piece: Piece, *, common: bool) -> bool:
        key = common, piece
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = self._matters(piece, common=common)
        return kept

    def _matters(self, piece: Piece, *, common: bool) -> bool:
        if piece.kind == "frame" or (piece.kind != "row" and (not common or piece.around.strip(b"b"))):
            return True  # it opens or closes a table, or a row may use what it assigns
        if piece.kind == "row":
            return (
                not _KEY.match(piece.text) or self._effective(piece.text) or self._other.search(piece.text) is not None
            )
        return self._common.search(piece.text) is not None or (piece.kind == "statement" and _leaves(piece.text))

    def _effective(self, text: bytes) -> bool:
        """Whether a row may do something besides having a value."""
        return _EFFECT.search(_TEXTS.sub(b"''", text)) is not None


_TEXTS = re.compile(rb"""'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\$]*(?:\\.[^"\\$]*)*"|//[^\n]*|\#[^\n]*|/\*.*?\*/""", re.DOTALL)


def _digest(text: bytes) -> str:
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()


def _tagged(line: re.Match[bytes], words: set[bytes]) -> bytes:
    """A wiki's line of the index with those of its tags that are among these words."""
    tags = [tag for tag in line[2].split() if tag.strip(b"',") in words]
    return line[1] + b"".join(b" %s," % tag.rstrip(b",") for tag in tags)


def _leaves(text: bytes) -> bool:
    """Whether a statement may end the file that it stands in."""
    return _LEAVING.search(text) is not None and leaves(parse(b"<?php " + text))


class Narrowed:
    """A tree of which only what matters is left, as a snapshot. It notes the folders that are listed."""

    def __init__(self, tree: Whole, narrow: Narrow | None) -> None:
        """Without ``narrow`` all is left."""
        self.revision, self._tree, self._narrow = tree.revision, tree, narrow
        self.listed: set[str] = set()

    def read(self, path: str) -> Source | None:
        """What is left of a file."""
        name = self._tree.blob_id(path)
        if name is None or self._narrow is None or not is_cut(path):
            return self._tree.read(path)
        return Source(path, self._left(path, name, self._narrow).left, self.revision)

    def blob_id(self, path: str) -> str | None:
        """An id of what is left of a file."""
        name = self._tree.blob_id(path)
        if name is None or self._narrow is None or not is_cut(path):
            return name
        return self._left(path, name, self._narrow).id

    def _left(self, path: str, name: str, narrow: Narrow) -> _Known:
        return narrow.index(name, self._tree) if path == INDEX else narrow.left(path, name, self._tree)

    def names(self, folder: str) -> list[str]:
        """The files below a folder."""
        self.listed.add(folder)
        return self._tree.names(folder)

    def date(self) -> str | None:
        """The day of the tree."""
        return self._tree.date()

    def close(self) -> None:
        """Nothing is this tree's own."""


def is_cut(path: str) -> bool:
    """Whether only a part of a file is left."""
    return path == INDEX or (path.endswith(".php") and posixpath.dirname(path) == _FOLDER)
