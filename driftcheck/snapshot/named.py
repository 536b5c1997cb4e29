"""A tree beside another one: its files are called by the repository that they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Source

if TYPE_CHECKING:
    from driftcheck.snapshot import Snapshot


class Named:
    """A snapshot whose files are called by the repository that they are in, as the user named it."""

    def __init__(self, snapshot: Snapshot, prefix: str) -> None:
        self._snapshot, self._prefix = snapshot, prefix.rstrip("/")
        self.revision = snapshot.revision
        self._read: dict[str, Source | None] = {}

    def read(self, path: str) -> Source | None:
        """A file's bytes, by its path in the repository or by the name that it has here."""
        path = path.removeprefix(f"{self._prefix}/")
        if path not in self._read:
            held = self._snapshot.read(path)
            self._read[path] = held and Source(f"{self._prefix}/{path}", held.text, held.revision)
        return self._read[path]

    def blob_id(self, path: str) -> str | None:
        """A file's id."""
        return self._snapshot.blob_id(path)

    def names(self, folder: str) -> list[str]:
        """The files below a folder, as :meth:`read` takes them."""
        return self._snapshot.names(folder)

    def date(self) -> str | None:
        """The day of the commit."""
        return self._snapshot.date()

    def close(self) -> None:
        """Close what is open."""
        self._snapshot.close()
