"""What an evaluation asked of a tree: the files that its outcome depends on."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from driftcheck.core.model import Source
    from driftcheck.snapshot import Snapshot


_LISTED = "//"
"""Ends what stands in a trace for the list of the files below a folder; no path does."""


def state(tree: Snapshot, asked: str) -> str | None:
    """What a tree answers to a line of a trace: a file's id, None where there is none; for a folder, a hash of the names in it."""
    if not asked.endswith(_LISTED):
        return tree.blob_id(asked)
    names = "\0".join(tree.names(asked.removesuffix(_LISTED)))
    return hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()


class Traced:
    """A snapshot that remembers what was asked of it.

    ``like`` is another tree that is nearly the same: a file that is the same in both is read as the other tree's, so
    that a parse of it from there can be found again, and its places carry the other tree's revision.
    """

    def __init__(self, snapshot: Snapshot, like: Traced | None = None) -> None:
        self.untraced, self.revision = snapshot, snapshot.revision
        self._like = like.untraced if like is not None else None
        self._known = like.sources if like is not None else {}
        self.sources: dict[str, Source | None] = {}
        """What was read, by path: it is read once."""
        self._asked: set[str] = set()

    def read(self, path: str) -> Source | None:
        """A file's bytes. A link, which raises IncompleteError, is no file that the outcome depends on."""
        if path not in self.sources:
            self.sources[path] = self._read(path)
        self._asked.add(path)
        return self.sources[path]

    def _read(self, path: str) -> Source | None:
        if self._like is not None and (blob := self.untraced.blob_id(path)) and blob == self._like.blob_id(path):
            return self._known[path] if path in self._known else self._like.read(path)
        return self.untraced.read(path)

    def blob_id(self, path: str) -> str | None:
        """A file's id."""
        self._asked.add(path)
        return self.untraced.blob_id(path)

    @contextmanager
    def tracing(self) -> Iterator[Mapping[str, str | None]]:
        """Note what is asked in a ``with`` block: the mapping is as :meth:`asked`, and is filled when the block ends.

        What was asked before the block is part of it, because whoever asked may remember the answer and use it in
        the block. What is asked after the block is not. Where the block raises, the mapping stays empty.
        """
        noted: dict[str, str | None] = {}
        yield noted
        noted.update(self.asked())

    def has(self, files: Mapping[str, str | None]) -> bool:
        """Whether each of these files has this blob id here (None: is not here); stops at the first that differs."""
        self._asked.update(files)
        return all(state(self.untraced, path) == blob for path, blob in files.items())

    def asked(self, known: Container[str] = ()) -> dict[str, str | None]:
        """Each path that was asked for, and each folder, with its :func:`state`; but for those that are ``known``."""
        return {path: state(self.untraced, path) for path in sorted(self._asked) if path not in known}

    def names(self, folder: str) -> list[str]:
        """The files below a folder."""
        self._asked.add(f"{folder}{_LISTED}")
        return self.untraced.names(folder)

    def date(self) -> str | None:
        """The day of the commit."""
        return self.untraced.date()

    def close(self) -> None:
        """Close what is open."""
        self.untraced.close()
