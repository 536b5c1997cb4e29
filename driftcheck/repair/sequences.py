"""How the items of a YAML list, and the keys of a map, go: their lines, with the comment lines that are theirs alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftcheck.repair.edits import Change
from driftcheck.repair.removing import Lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftcheck.repair.edits import Removal


def changes(path: str, text: bytes, removals: Iterable[Removal]) -> list[Change]:
    """The removals of one file as changes: whole lines, from the first line of an item to the last."""
    lines = Lines(text)
    return [
        Change(path, lines.begin(removal.start), lines.end(max(removal.start, removal.end - 1))) for removal in removals
    ]
