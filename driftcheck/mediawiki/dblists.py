"""dblists: which wikis a list names, expressions included.

A list is one dbname a line, ``#`` (before 2016 also ``//``) begins a comment. Until 2020 a list could hold one
expression instead: ``%% all.dblist - closed.dblist + x.dblist & y.dblist``, evaluated left to right and sorted
(mediawiki-config multiversion/MWWikiversions.php, evalDbListExpression).
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from driftcheck.core.model import IncompleteError

if TYPE_CHECKING:
    from driftcheck.snapshot import Snapshot

_COMMENT = re.compile(r"(?:#|//).*")
_OPERATOR = re.compile(r" +([-+&]) +")
_DBNAME = re.compile(r"[A-Za-z0-9_-]+\Z")


class DbLists:
    """The lists of one snapshot, read once each.

    ``variants`` are the endings to try for a name, most specific first (realm files of 2012 to 2015).
    """

    def __init__(self, snapshot: Snapshot, folder: str, variants: tuple[str, ...] = ("",)) -> None:
        self._snapshot, self._folder, self._variants = snapshot, folder, variants
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
        self._open.append(name)
        try:
            self._lists[name] = self._parse(path)
        finally:
            self._open.pop()
        return self._lists[name]

    def _parse(self, path: str) -> tuple[str, ...]:
        source = self._snapshot.read(path)
        assert source is not None
        dbnames: list[str] = []
        for number, raw in enumerate(source.text.decode("utf-8", "replace").splitlines(), 1):
            line = _COMMENT.sub("", raw).strip()
            if line.startswith("%%"):
                return self._expression(line.strip("% "))
            if line and not _DBNAME.match(line):
                raise IncompleteError(
                    f"{path}:{number}: {line[:40]!r} is not a dbname; one name a line, # begins a comment"
                )
            if line:
                dbnames.append(line)
        return tuple(dbnames)

    def _expression(self, expression: str) -> tuple[str, ...]:
        first, *rest = _OPERATOR.split(expression)
        result = list(self.read(_list_name(first)))
        for sign, term in zip(rest[::2], rest[1::2], strict=True):
            names = self.read(_list_name(term))
            if sign == "+":
                result = list(dict.fromkeys([*result, *names]))
            else:
                held = set(names)
                result = [name for name in result if (name in held) == (sign == "&")]
        return tuple(sorted(result))


def _list_name(term: str) -> str:
    return posixpath.basename(term.strip()).removesuffix(".dblist")
