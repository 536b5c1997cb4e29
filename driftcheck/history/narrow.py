"""A tree without the parts of its files that a profile does not ask for: what is left tells whether a commit matters.

Of the files in wmf-config only those rows and statements stay that spell a setting in scope, a variable that the
evaluation uses, or something that can reach any variable. What is left of two commits is equal where the evaluation of
both is; and it is evaluated in a fraction of the time. Line numbers are not those of the whole file: lives have none.
"""

from __future__ import annotations

import hashlib
import posixpath
from typing import TYPE_CHECKING, NamedTuple, Protocol

from driftcheck.core.model import IncompleteError, Source
from driftcheck.history import lists
from driftcheck.history.lists import INDEX, Lists
from driftcheck.history.mattering import Mattering, bare, used
from driftcheck.mediawiki.commonsettings import SECRETS_LIST
from driftcheck.php.pieces import Cut, cut, with_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from driftcheck.php.pieces import Piece

_FOLDER = "wmf-config"
_MOST_KEPT = 3
"""So many versions of a file are kept, and one more: those that neighbouring commits have."""
_SILENT = "nothing is left"
"""The id of every list of wikis that does not matter."""
_GOING = ("row", "part", "statement")
_ALONE = ("row", "statement")
"""Pieces that go by themselves; but a row may be the end of a long one."""
_COMMON = (f"{_FOLDER}/CommonSettings.php", f"{_FOLDER}/CommonSettings-labs.php")


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
    """A file as it was cut, what is left of it, and the words in that; ``silent``: nothing that is looked for is in it."""

    cut: Cut
    left: bytes
    id: str
    words: frozenset[bytes] = frozenset()
    silent: bool = False


class Narrow:
    """What is left of files; one for a whole walk. It knows ever more names, and forgets none."""

    def __init__(self, spellings: Sequence[bytes], names: Iterable[str], elements: Sequence[tuple[str, str]]) -> None:
        """As for :class:`Mattering`."""
        self._mattering = Mattering(spellings, names, elements)
        self._files: dict[str, dict[str, _Known]] = {}
        self.parsed: set[str] = set()
        self.whole = False
        """Whether all of each file stays, because CommonSettings.php runs whole."""
        self._spelled: tuple[tuple[str, ...], frozenset[bytes]] = ((), frozenset())
        self._indexes: dict[tuple[str, frozenset[bytes]], _Known] = {}
        self.lists = Lists()

    def learn(self, names: Iterable[str], parsed: Iterable[str], *, whole: bool) -> bool:
        """Keep more names, more of files that are parsed, or all of CommonSettings.php; whether there was a new one."""
        files = {path for path in parsed if is_cut(path) and path != INDEX} - self.parsed
        if whole:
            grown = not self.whole
            self.whole, self._files, self._indexes = True, {}, {}
            return grown
        self.parsed |= files
        if self._mattering.learn(names) or files:
            self._files = {}
            return True
        return False

    def left(self, path: str, name: str, tree: Whole) -> _Known:
        """What is left of a file with this blob id."""
        held = self._files.setdefault(path, {})
        if name not in held:
            source = tree.read(path)
            like = next(reversed(held.values())) if held else None
            while len(held) > _MOST_KEPT:
                del held[next(iter(held))]
            held[name] = self._made(path, source.text if source is not None else b"", like)
        return held[name]

    def _made(self, path: str, text: bytes, like: _Known | None) -> _Known:
        if self.whole or not is_cut(path):
            return _Known(Cut(text, []), text, _digest(self._mattering.plain(text)), lists.spelled([text]))
        if path not in self.parsed:
            return self._searched(text, like)
        common = path in _COMMON
        pieces = cut(text, like.cut if like is not None else None)
        if like is not None and self._is_quiet(like.cut, pieces, common=common):
            return like._replace(cut=pieces)
        left = used(self._kept_of(pieces.pieces, common=common))
        plain = _digest(b"".join(map(self._mattering.plain, left)))
        return _Known(pieces, b"".join(left), plain, lists.spelled(left))

    def _searched(self, text: bytes, like: _Known | None) -> _Known:
        """Of a file that is only searched: what has a name that is looked for, and what is around that.

        Without any it is how the file begins and ends.
        """
        known = like.cut if like is not None else Cut(b"", [])
        if self._mattering.has(text):
            known = cut(text, known)
            new = (
                [piece for hunk in known.hunks for piece in known.pieces[hunk.new]]
                if like is not None and like.silent and known.hunks is not None
                else known.pieces
            )
            if any(self._mattering.spells(piece.text) for piece in new):
                left = used(self._kept_of(known.pieces, common=True))
                return _Known(known, b"".join(left), _digest(b"".join(map(self._mattering.plain, left))))
        elif like is not None and not like.silent:
            known = Cut(b"", [])  # what a silent file is cut like is silent too
        ends = b"<?php " * text.startswith(b"<?php") + b"];" * text.rstrip().endswith(b"];")
        return _Known(known, ends, _digest(ends), silent=True)

    def _is_quiet(self, old: Cut, new: Cut, *, common: bool) -> bool:
        """Whether two versions of a file differ in nothing that is left: in rows and statements that go, as a whole."""
        return new.hunks is not None and all(
            part.start and self._goes(with_rows(held, part), common=common)
            for hunk in new.hunks
            for held, part in ((old.pieces, hunk.old), (new.pieces, hunk.new))
        )

    def _goes(self, pieces: Sequence[Piece], *, common: bool) -> bool:
        """Whether none of these pieces stays."""
        return all(piece.kind in _GOING for piece in pieces) and not any(self._mattering.keeps(pieces, common=common))

    def _kept_of(self, pieces: Sequence[Piece], *, common: bool) -> list[bytes]:
        """The texts that stay. A block of which nothing stays, and whose conditions say nothing, goes as a whole."""
        out: list[bytes] = []
        blocks: list[tuple[int, int]] = []
        parts, stays = 0, False
        kept = [True, *self._mattering.keeps(pieces, common=common)[1:]]  # how a file begins stays
        for piece, keeps in zip(pieces, kept, strict=False):
            if not keeps and not parts and piece.kind in _ALONE:
                continue
            if piece.kind == "part":
                parts, stays = parts + 1, stays or keeps
            elif parts:
                # The last part of a row; or the end of the table, of which the last row is left as it is.
                keeps = keeps or stays
                if not keeps:
                    del out[len(out) - parts :]
                parts, stays = 0, False
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
            elif not keeps and not parts:
                continue
            out.append(piece.text)
        return out

    def words(self, tree: Whole) -> frozenset[bytes]:
        """The words of what is left of the files that are parsed."""
        left = [self.left(path, blob, tree) for path in sorted(self.parsed) if (blob := tree.blob_id(path)) is not None]
        key = tuple(known.id for known in left)
        if self._spelled[0] != key:
            self._spelled = key, frozenset().union(*(known.words for known in left))
        return self._spelled[1]

    def texts(self, tree: Whole, *, without: AbstractSet[str]) -> list[bytes]:
        """What is left of the files that are parsed, but for some, without comments."""
        paths = ((path, tree.blob_id(path)) for path in sorted(self.parsed - without))
        return [bare(self.left(path, blob, tree).left) for path, blob in paths if blob is not None]

    def spells_the_same(self, path: str, old: Whole, new: Whole) -> bool:
        """Whether the lines of a file that spell what is looked for are the same in two trees; a folder has none."""
        texts = [
            source.text for tree in (old, new) if path.endswith(".php") and (source := tree.read(path)) is not None
        ]
        lines = [list(filter(self._mattering.spells, text.split(b"\n"))) for text in texts]
        return not any(lines) if len(lines) < 2 else lines[0] == lines[1]

    def differs_in_tags(self, path: str, old: Whole, new: Whole) -> bool:
        """Whether two trees' CommonSettings.php differ in the list of tags alone."""
        sources = [tree.read(path) for tree in (old, new)] if path in _COMMON else []
        texts = {lists.without_tags(self._mattering.plain(source.text)) if source else b"" for source in sources}
        return len(texts) == 1

    def index(self, name: str, tree: Whole) -> _Known:
        """The index of dblists without the tags that nothing that is left spells."""
        key = name, frozenset() if self.whole else self.words(tree)
        if key not in self._indexes:
            source = tree.read(INDEX)
            text = source.text if source is not None else b""
            text = text if self.whole else self.lists.index(text, key[1])
            while len(self._indexes) > _MOST_KEPT:
                del self._indexes[next(iter(self._indexes))]
            self._indexes[key] = _Known(Cut(text, []), text, _digest(text))
        return self._indexes[key]


def _digest(text: bytes) -> str:
    return hashlib.sha1(text, usedforsecurity=False).hexdigest()


class Narrowed:
    """A tree of which only what matters is left, as a snapshot. It notes the folders that are listed."""

    def __init__(self, tree: Whole, narrow: Narrow | None) -> None:
        """Without ``narrow`` all is left."""
        self.revision, self._tree, self._narrow = tree.revision, tree, narrow
        self.listed: set[str] = set()
        self._named: dict[str, list[str]] = {}
        self._lists: set[str] | None = None

    def read(self, path: str) -> Source | None:
        """What is left of a file."""
        name = self._tree.blob_id(path)
        if name is None or self._narrow is None or not (is_cut(path) or lists.is_list(path)):
            return self._tree.read(path)
        if not lists.is_list(path):
            return Source(path, self._left(path, name, self._narrow).left, self.revision)
        return self._tree.read(path) if self._wants(path, self._narrow) else Source(path, b"", self.revision)

    def blob_id(self, path: str) -> str | None:
        """An id of what is left of a file."""
        name = self._tree.blob_id(path)
        if name is None or self._narrow is None:
            return name
        if lists.is_list(path):
            return name if self._wants(path, self._narrow) else _SILENT
        return self._left(path, name, self._narrow).id if path.endswith(".php") else name

    def _wants(self, path: str, narrow: Narrow) -> bool:
        """Whether a list of wikis matters."""
        if narrow.whole:
            return True
        if self._lists is None:
            self._lists = narrow.lists.wanted(narrow.words(self._tree), self._tree)
        return lists.matters(path, self._lists)

    def _left(self, path: str, name: str, narrow: Narrow) -> _Known:
        return narrow.index(name, self._tree) if path == INDEX else narrow.left(path, name, self._tree)

    def names(self, folder: str) -> list[str]:
        """The files below a folder, but for those in which nothing is that is looked for."""
        self.listed.add(folder)
        if folder not in self._named:
            names = self._tree.names(folder)
            self._named[folder] = [name for name in names if self.lists(name)]
        return self._named[folder]

    def lists(self, path: str) -> bool:
        """Whether a file of the tree is one of those that :meth:`names` has."""
        if self._narrow is None or self._narrow.whole:
            return True
        if not is_cut(path) or path == INDEX:
            return path.endswith(".php") or not path.startswith(f"{_FOLDER}/")
        try:
            name = self._tree.blob_id(path)
        except IncompleteError:
            return True
        return name is None or not self._narrow.left(path, name, self._tree).silent

    def date(self) -> str | None:
        """The day of the tree."""
        return self._tree.date()

    def close(self) -> None:
        """Nothing is this tree's own."""


def is_cut(path: str) -> bool:
    """Whether only a part of a file is left."""
    return path in (INDEX, SECRETS_LIST) or (path.endswith(".php") and posixpath.dirname(path) == _FOLDER)
