"""dblists: which wikis a list names, expressions included.

A list is one dbname a line, ``#`` (before 2016 also ``//``) begins a comment. Until 2020 a list could hold one
expression instead: ``%% all.dblist - closed.dblist + x.dblist & y.dblist``, evaluated left to right and sorted
(mediawiki-config multiversion/MWWikiversions.php, evalDbListExpression). Since then a comment is a line of its own.
"""

from __future__ import annotations

import functools
import posixpath
import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from driftcheck.core.model import IncompleteError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftcheck.snapshot import Snapshot

_COMMENT = re.compile(r"(?:#|//).*")
_OPERATOR = re.compile(r" +([-+&]) +")
_DBNAME = re.compile(r"[A-Za-z0-9_-]+\Z")
_INDEX_LINE = re.compile(r"'([A-Za-z0-9_-]+)' => \[((?: '[\w-]+',?)* ?)\],$")
_INDEX_FRAME = {"", "<?php", "return [", "];"}
_PLAIN = re.compile(rb"(?:[A-Za-z0-9_-]+\n|\#[^\n]*\n)*\Z")
"""A list of names, one a line, with comments on lines of their own: nothing about it changed with the years."""


_MOST_TERMS = 100
"""Ten times as many as any list of Wikimedia's had."""
_DEEPEST = 50
_LISTS = 256
"""More than twice as many as a tree has."""


class DbLists:
    """The lists of one snapshot, read once each.

    ``variants`` are the endings to try for a name, most specific first (realm files of 2012 to 2015). ``trimmed``
    says that blanks around a name, and a comment behind it, are not part of it; ``computed``, that a list may be an expression.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        folder: str,
        variants: tuple[str, ...] = ("",),
        *,
        trimmed: bool = True,
        computed: bool = True,
    ) -> None:
        self._snapshot, self._folder, self._variants = snapshot, folder, variants
        self._trimmed, self._computed = trimmed, computed
        self._lists: dict[str, tuple[str, ...]] = {}
        self._open: list[str] = []

    def exists(self, name: str) -> bool:
        """Whether there is such a list."""
        return self._path(name) is not None

    def _path(self, name: str) -> str | None:
        for variant in self._variants:
            path = posixpath.join(self._folder, f"{name}{variant}.dblist")
            if self._snapshot.read(path) is not None:
                return path
        return None

    def read(self, name: str) -> tuple[str, ...]:
        """The dbnames of a list in its order. Raises IncompleteError for a list that is missing or holds itself."""
        if name in self._lists:
            return self._lists[name]
        path = self._path(name)
        if path is None:
            wanted = posixpath.join(self._folder, f"{name}.dblist")
            raise IncompleteError(f"{wanted}: no such dblist; restore the file or correct the name that asks for it")
        if name in self._open:
            circle = " -> ".join([*self._open, name])
            raise IncompleteError(f"{path}: the dblist includes itself ({circle}); break the circle")
        if len(self._open) == _DEEPEST:
            raise IncompleteError(f"{path}: more than {_DEEPEST} dblists in one another; use fewer")
        self._open.append(name)
        try:
            self._lists[name] = self._parse(path)
        finally:
            self._open.pop()
        return self._lists[name]

    def tags(self, tags: Sequence[str], files: Mapping[str, str] = MappingProxyType({})) -> dict[str, list[str]]:
        """The tags of each wiki that a list names, in the order of the tags; ``files`` are lists of another name than the tag's."""
        index: dict[str, list[str]] = {}
        for tag in tags:
            for dbname in dict.fromkeys(self.read(files.get(tag, tag))):
                index.setdefault(dbname, []).append(tag)
        return index

    def _parse(self, path: str) -> tuple[str, ...]:
        source = self._snapshot.read(path)
        assert source is not None
        if (names := _plain(source.text)) is not None:
            return names
        dbnames: list[str] = []
        for number, raw in enumerate(source.text.decode("utf-8", "replace").split("\n"), 1):
            line = self._content(raw)
            if self._computed and line.startswith("%%"):
                return self._expression(path, line.strip("% "))
            if line and not _DBNAME.match(line):
                raise IncompleteError(
                    f"{path}:{number}: {line[:40]!r} is not a dbname; one name a line, # begins a comment"
                )
            if line:
                dbnames.append(line)
        return tuple(dbnames)

    def _content(self, line: str) -> str:
        if self._trimmed:
            return _COMMENT.sub("", line).strip()
        return "" if line.startswith("#") else line.removesuffix("\r")

    def _expression(self, path: str, expression: str) -> tuple[str, ...]:
        first, *rest = _OPERATOR.split(expression)
        if len(rest) > _MOST_TERMS:
            raise IncompleteError(f"{path}: more than {_MOST_TERMS} terms in an expression; write fewer")
        result = set(self.read(_list_name(first)))
        for sign, term in zip(rest[::2], rest[1::2], strict=True):
            names = self.read(_list_name(term))
            if sign == "+":
                result.update(names)
            elif sign == "-":
                result.difference_update(names)
            else:
                result.intersection_update(names)
        return tuple(sorted(result))


@functools.lru_cache(maxsize=_LISTS)
def _plain(text: bytes) -> tuple[str, ...] | None:
    """The names of a list in which there is nothing to be careful about; trees that follow one another share most lists."""
    if _PLAIN.match(text) is None:
        return None
    return tuple(line for line in text.decode("utf-8", "replace").split("\n") if line and not line.startswith("#"))


def _list_name(term: str) -> str:
    return posixpath.basename(term.strip()).removesuffix(".dblist")


@functools.lru_cache(maxsize=2)
def index_of(text: bytes) -> Mapping[str, list[str]] | None:
    """What dblists-index.php says, where it is as the generator writes it. Both realms ask, and trees that follow one another."""
    lines = text.decode("utf-8", "replace").rstrip("\n").split("\n")
    index: dict[str, list[str]] = {}
    for line in lines:
        match = _INDEX_LINE.match(line)
        if match:
            index[match[1]] = match[2].strip(" ',").split("', '") if match[2].strip() else []
        elif line not in _INDEX_FRAME and not line.startswith("//"):
            return None
    return index if lines.count("return [") == 1 and lines.count("];") == 1 and lines[-1] == "];" else None
