"""What an evaluation asked of a tree: the files that its outcome depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftcheck.core.model import Source
    from driftcheck.snapshot import Snapshot


class Traced:
    """A snapshot that remembers what was asked of it.

    ``like`` is another tree that is nearly the same: a file that both have is read as that one's, so that what was
    made of it there still stands for it, under that one's name.
    """

    def __init__(self, snapshot: Snapshot, like: Snapshot | None = None) -> None:
        self.untraced, self._like = snapshot, like
        self.revision = snapshot.revision
        self._asked: set[str] = set()

    def read(self, path: str) -> Source | None:
        """A file's bytes."""
        self._asked.add(path)
        if self._like is not None and (blob := self.untraced.blob_id(path)) and blob == self._like.blob_id(path):
            return self._like.read(path)
        return self.untraced.read(path)

    def blob_id(self, path: str) -> str | None:
        """A file's id."""
        self._asked.add(path)
        return self.untraced.blob_id(path)

    def asked(self) -> dict[str, str | None]:
        """Each path that was asked for, with its blob id, or None where there is no such file."""
        return {path: self.untraced.blob_id(path) for path in sorted(self._asked)}

    def names(self, folder: str) -> list[str]:
        """The files below a folder. The trace does not keep them: what lists a folder is not answered from a cache."""
        return self.untraced.names(folder)

    def date(self) -> str | None:
        """The day of the commit."""
        return self.untraced.date()

    def close(self) -> None:
        """Give up what is held."""
        self.untraced.close()
