"""The files of a tree with edits made, and the diff that says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from driftcheck.judging import comments
from driftcheck.repair import patch, removing, sequences
from driftcheck.repair.edited import Edited
from driftcheck.repair.edits import Change, Removal, applied, line_before, merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftcheck.repair.edits import Edit
    from driftcheck.repair.proposals import Files
    from driftcheck.snapshot import Snapshot


_WORD = re.compile(rb"\$?[A-Za-z_]\w*")


class Made(NamedTuple):
    """Edits made: the tree that they make, and the changes of each file."""

    tree: Edited
    changes: Mapping[str, list[Change]]
    base: Snapshot

    def line_before(self, path: str, line: int) -> int:
        """The line that a line of the edited tree was before."""
        source = self.base.read(path) if path in self.changes else None
        return line if source is None else line_before(source.text, self.changes[path], line)

    def names(self) -> set[str]:
        """The words of the edited lines, variables with their dollar too, and the settings that the lines are about."""
        found: set[str] = set()
        for path, changes in self.changes.items():
            source = self.base.read(path)
            assert source is not None
            for change in changes:
                found |= {word.decode() for word in _WORD.findall(source.text[change.start : change.end])}
                found.add(comments.setting(source, source.text.count(b"\n", 0, change.start) + 1))
        return found | {word.removeprefix("$") for word in found}

    def patch(self) -> bytes:
        """The unified diff, file by file."""
        diffs = []
        for path, changes in sorted(self.changes.items()):
            source = self.base.read(path)
            assert source is not None
            diffs.append(patch.diff(path, source.text, changes))
        return b"".join(diffs)


def made(files: Files, edits: Iterable[Edit]) -> Made:
    """The tree with these edits. Raises ConflictError where two of them cannot both be made."""
    by_path: dict[str, list[Edit]] = {}
    for edit in dict.fromkeys(edits):
        by_path.setdefault(edit.path, []).append(edit)
    changes = {path: _changes(files, path, held) for path, held in by_path.items()}
    texts = {path: applied(files.source(path).text, held) for path, held in changes.items()}
    return Made(Edited(files.tree, texts), changes, files.tree)


def _changes(files: Files, path: str, edits: list[Edit]) -> list[Change]:
    removals = [edit for edit in edits if isinstance(edit, Removal)]
    text = files.source(path).text
    if path.endswith(".php"):
        gone = removing.changes(path, text, files.php(path).root, removals)
    else:
        gone = sequences.changes(path, text, removals)
    return merged([*(edit for edit in edits if isinstance(edit, Change)), *gone])
