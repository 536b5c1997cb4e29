"""What git lists of a revision or of the index: each path with its mode and object id, checked for their form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftcheck.core.model import IncompleteError, InputError
from driftcheck.snapshot.git import git, how_to_get, index_file, is_partial
from driftcheck.snapshot.objects import object_id

if TYPE_CHECKING:
    from pathlib import Path

    Entries = dict[str, tuple[str, str]]

SYMLINK, SUBMODULE, UNMERGED = "120000", "160000", "unmerged"
_ID = r"([0-9a-f]{40}|[0-9a-f]{64})"
_IN_TREE = rf"([0-7]{{6}}) (?:blob|commit|tree) +{_ID}\t([^\0]+)"
_IN_INDEX = rf"([0-7]{{6}}) {_ID} ([0-3])\t([^\0]+)"
_EMPTY = {digits: (object_id(b"blob", b"", digits), object_id(b"tree", b"", digits)) for digits in (40, 64)}
"""The ids of an empty file and of an empty tree, by the length of the repository's ids."""


def committed(root: Path, revision: str) -> Entries:
    """The files of a revision. Raises InputError; IncompleteError where a partial clone lacks a folder."""
    try:
        listed = git(root, ["ls-tree", "-r", "-z", "--full-tree", revision])
    except InputError:
        if is_partial(root):
            raise IncompleteError(f"{revision}: {how_to_get(root)}") from None
        raise
    return {path: (mode, name) for mode, name, path in _rows(_IN_TREE, listed, root)}


def staged(root: Path) -> Entries:
    """The files of the index; an unmerged one has the mode UNMERGED. Raises InputError."""
    if git(root, ["rev-parse", "--is-inside-work-tree"]).strip() != b"true":
        raise InputError(f"{root}: a bare repository has no index; name a revision with --rev")
    index = index_file(root)
    listed = git(root, ["ls-files", "--stage", "-z", "--full-name", "--", ":/"], index)
    rows = _rows(_IN_INDEX, listed, root)
    entries = {path: (mode if stage == "0" else UNMERGED, name) for mode, name, stage, path in rows}
    return _without_intended(root, index, entries)


def _without_intended(root: Path, index: str | None, entries: Entries) -> Entries:
    """The entries without those of ``git add --intent-to-add``, which are listed as empty files and are not staged."""
    empty_file, nothing = _EMPTY[len(next(iter(entries.values()), ("", "0" * 40))[1])]
    empty = {path for path, (_, name) in entries.items() if name == empty_file}
    if not empty:
        return entries
    asked = ["diff-index", "--cached", "--ita-invisible-in-index", "--no-renames", "--name-only", "-z", nothing, "--"]
    there = {_text(path) for path in git(root, asked, index).split(b"\0")}
    return {path: entry for path, entry in entries.items() if path not in empty or path in there}


def _rows(form: str, listed: bytes, root: Path) -> list[tuple[str, ...]]:
    """The parts of each line. Raises InputError for one that has not the form."""
    text = _text(listed)
    rows, lines = re.findall(rf"(?<![^\0]){form}", text), [line for line in text.split("\0") if line]
    if len(rows) < len(lines):
        wrong = next(line for line in lines if not re.fullmatch(form, line))
        raise InputError(f"git in {root} listed {wrong[:80]!r}, which is not a mode, an id and a path")
    return rows


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
