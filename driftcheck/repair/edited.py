"""A tree with some files as edits make them; nothing of it is written anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.core.model import Source
from driftcheck.snapshot.objects import object_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftcheck.snapshot import Snapshot


class Edited:
    """A snapshot over another one: these files are as given, the others as they are."""

    def __init__(self, base: Snapshot, files: Mapping[str, bytes]) -> None:
        self.base, self.revision = base, base.revision
        self._files = {path: Source(path, text, base.revision) for path, text in files.items()}

    def read(self, path: str) -> Source | None:
        """A file's bytes."""
        return self._files.get(path) or self.base.read(path)

    def blob_id(self, path: str) -> str | None:
        """A file's id; an edited file's is that of its new content."""
        held = self._files.get(path)
        return self.base.blob_id(path) if held is None else object_id(b"blob", held.text)

    def names(self, folder: str) -> list[str]:
        """The files below a folder: an edit makes none and takes none away."""
        return self.base.names(folder)

    def date(self) -> str | None:
        """The day of the commit that the tree stands on."""
        return self.base.date()

    def close(self) -> None:
        """The tree below is closed by who opened it."""
